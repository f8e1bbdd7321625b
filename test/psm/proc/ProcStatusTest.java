package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.smaps.Usage;
import psm.text.Missing;

class ProcStatusTest {
    private static final String TEXT =
            "Name:\tVmHWM:\\t1 kB\nUmask:\t0022\nUid:\t1000\t0\t1000\t0\nVmHWM:\t   45320 kB\n";

    private static Usage estimate(String text, long maxNanos) {
        return new ProcStatus(text).estimate(maxNanos);
    }

    @Test
    void realAndEffectiveUserAreDistinguished() {
        ProcStatus status = new ProcStatus(TEXT);
        assertEquals(1000, status.realUserId());
        assertEquals(0, status.effectiveUserId());
    }

    @Test
    void missingLinesGiveMissingValues() {
        ProcStatus status = new ProcStatus("");
        assertEquals(Missing.VALUE, status.realUserId());
        assertEquals(Missing.VALUE, status.effectiveUserId());
        assertEquals(Missing.VALUE, status.effectiveGroupId());
        assertEquals(Missing.VALUE, status.peakResident());
    }

    @Test
    void peakResidentIsInBytes() {
        assertEquals(45320 * 1024, new ProcStatus(TEXT).peakResident());
    }

    /** The page tables of 8,212 kB take 14.8 ms. */
    @Test
    void expensiveProcessesAreEstimated() {
        String text = "VmRSS:\t 4194304 kB\nVmPTE:\t    8212 kB\nVmSwap:\t    1024 kB\n";
        assertNull(estimate(text, 15_000_000));
        Usage usage = estimate(text, 14_000_000);
        assertEquals(4194304L * 1024, usage.ram());
        assertEquals(1024 * 1024, usage.swapped());
        assertEquals(Missing.VALUE, usage.shared());
        assertTrue(usage.isEstimated());
    }

    @Test
    void processesWithoutPageTablesAreNotEstimated() {
        assertNull(estimate("", 1));
        assertNull(estimate("VmPTE:\t x kB\n", 1));
        assertNull(estimate("VmPTE:\t 8212 kB\n", 1_000_000));
        String huge = "VmPTE:\t 8212 kB\nVmRSS:\t 9007199254740993 kB\n";
        assertNull(estimate(huge, 1_000_000));
        String negative = "VmPTE:\t 8212 kB\nVmRSS:\t 4 kB\nVmSwap:\t -5 kB\n";
        assertEquals(Missing.VALUE, estimate(negative, 1_000_000).swapped());
    }
}
