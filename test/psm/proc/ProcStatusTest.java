package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.smaps.Usage;
import psm.text.Missing;

class ProcStatusTest {
    private static final ProcFs PROC = new ProcFs(ProcFs.DEFAULT_ROOT);

    private static final String TEXT =
            "Name:\tVmHWM:\\t1 kB\nUmask:\t0022\nUid:\t1000\t0\t1000\t0\nVmHWM:\t   45320 kB\n";

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

    @Test
    void statusEstimatesWhatItShows() {
        String text =
                """
                VmRSS:\t 4194304 kB
                RssAnon:\t 3072 kB
                VmSwap:\t    1024 kB
                HugetlbPages:\t    2048 kB
                """;
        Usage usage = new ProcStatus(text).estimate(null, PROC);
        assertEquals(4194304L * 1024, usage.ram());
        assertEquals(3072 * 1024, usage.bytes(Usage.Field.ANONYMOUS));
        assertEquals(1024 * 1024, usage.swapped());
        assertEquals(2048 * 1024, usage.bytes(Usage.Field.SHARED_HUGETLB));
        assertEquals(Missing.VALUE, usage.shared());
        assertEquals(Missing.VALUE, usage.unique());
        assertTrue(usage.isEstimated());
    }

    @Test
    void statServesWhereStatusShowsNoRss() {
        ProcStat stat = new ProcStat("a", 'S', 1, 0, 1, 7, 10, 0, 0);
        for (String text : new String[] {"", "Name:\ta\nState:\tS (sleeping)\n"}) {
            assertEquals(10L * 4096, new ProcStatus(text).estimate(stat, PROC).ram());
        }
        ProcStat withoutMemory = new ProcStat("a", 'S', 1, 0, 1, 7, 0, 0, 0);
        assertNull(new ProcStatus("Name:\ta\n").estimate(withoutMemory, PROC));
    }

    @Test
    void figuresThatAreNotSizesAreMissing() {
        assertNull(new ProcStatus("").estimate(null, PROC));
        assertNull(new ProcStatus("VmRSS:\t x kB\n").estimate(null, PROC));
        assertNull(new ProcStatus("VmRSS:\t 9007199254740993 kB\n").estimate(null, PROC));
        ProcStatus negative = new ProcStatus("VmRSS:\t 4 kB\nVmSwap:\t -5 kB\n");
        assertEquals(Missing.VALUE, negative.estimate(null, PROC).swapped());
    }
}
