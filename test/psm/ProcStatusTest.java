package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

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
    void theEffectiveUserIsTheSecond() {
        assertEquals(0, ProcStatus.effectiveUid(STATUS));
        assertEquals(-1, ProcStatus.effectiveUid(""));
    }
}
