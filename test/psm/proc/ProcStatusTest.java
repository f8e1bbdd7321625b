package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.smaps.Usage;
import psm.text.Missing;

class ProcStatusTest {
    private static final String STATUS =
            "Name:\tVmHWM:\\t1 kB\nUmask:\t0022\nUid:\t1000\t0\t1000\t0\nVmHWM:\t   45320 kB\n";

    @Test
    void aLineIsFoundByItsWholeName() {
        assertEquals("45320 kB", ProcStatus.value(STATUS, "VmHWM"));
        assertNull(ProcStatus.value(STATUS, "VmH"));
        assertNull(ProcStatus.value("", "VmHWM"));
    }

    @Test
    void theRealUserIsTheFirstAndTheEffectiveOneTheSecond() {
        assertEquals(new ProcStatus.Ids(1000, 0), ProcStatus.userIds(STATUS));
        assertEquals(new ProcStatus.Ids(-1, -1), ProcStatus.userIds(""));
    }

    /** 8,212 kB of page tables: 14.8 ms. */
    @Test
    void aProcessThatWouldTakeLongerIsEstimated() {
        String status = "VmRSS:\t 4194304 kB\nVmPTE:\t    8212 kB\nVmSwap:\t    1024 kB\n";
        assertNull(ProcStatus.estimate(status, 15_000_000));
        Usage usage = ProcStatus.estimate(status, 14_000_000);
        assertEquals(4194304L * 1024, usage.ram());
        assertEquals(1024 * 1024, usage.swapped());
        assertEquals(Missing.VALUE, usage.shared());
        assertTrue(usage.isEstimated());
    }

    @Test
    void whatHasNoPageTablesIsNotEstimated() {
        assertNull(ProcStatus.estimate("", 1));
        assertNull(ProcStatus.estimate("VmPTE:\t x kB\n", 1));
        assertNull(ProcStatus.estimate("VmPTE:\t 8212 kB\n", 1_000_000));
        String huge = "VmPTE:\t 8212 kB\nVmRSS:\t 9007199254740993 kB\n";
        assertNull(ProcStatus.estimate(huge, 1_000_000));
        String negative = "VmPTE:\t 8212 kB\nVmRSS:\t 4 kB\nVmSwap:\t -5 kB\n";
        assertEquals(Missing.VALUE, ProcStatus.estimate(negative, 1_000_000).swapped());
    }
}
