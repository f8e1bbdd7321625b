package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProcStatTest {
    private static ProcStat parse(String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        return ProcStat.parse(bytes, bytes.length);
    }

    private static String stat(String comm, char state, long flags) {
        return "7641 ("
                + comm
                + ") "
                + state
                + " 1 2 3 0 -1 "
                + flags
                + " 58 0 0 0 0 0 0 0 20 0 1 0 289588 2535424 312 18446744073709551615 0\n";
    }

    @Test
    void theFieldsAreFound() {
        ProcStat stat = parse(stat("bash", 'S', 4194304));
        assertEquals("bash", stat.comm());
        assertEquals('S', stat.state());
        assertEquals(4194304, stat.flags());
        assertEquals(289588, stat.startTime());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a) (b\nx\\", ") R 1 2 3", "", " ", "(((", ")))"})
    void aNameMayHaveAnythingInIt(String comm) {
        ProcStat stat = parse(stat(comm, 'R', 4194304));
        assertEquals(comm, stat.comm());
        assertEquals('R', stat.state());
        assertEquals(289588, stat.startTime());
    }

    @Test
    void kernelThreadsAreKnownByTheirFlag() {
        assertTrue(parse(stat("kworker/0:1", 'I', 0x04208060)).isKernelThread());
        assertFalse(parse(stat("kworker/0:1", 'S', 0x00400100)).isKernelThread());
    }

    @Test
    void processesThatEndAreKnown() {
        assertTrue(parse(stat("x", 'Z', 0x40010c)).isZombie());
        assertTrue(parse(stat("x", 'R', 0x400104)).isExiting());
        assertFalse(parse(stat("x", 'R', 0x400100)).isExiting());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1 (a", "1 (a)", "1 (a) S", "1 (a) S 1 2 3", ")("})
    void whatIsNoStatIsNone(String text) {
        assertNull(parse(text));
    }
}
