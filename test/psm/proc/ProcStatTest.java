package psm.proc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
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

    /** The stat of an ordinary process, as its owner sees it. */
    private static final String WHOLE =
            "8243 (mk) S 8196 8190 16059 0 -1 4194304 2110 0 0 0 0 0 0 0 20 0 1 0 293652 11972608"
                    + " 2413 18446744073709551615 94815856795648 94815856799709 140726150384384 0 0"
                    + " 0 0 0 0 1 0 0 17 1 0 0 0 0 0 94815856807376 94815856808208 94816613638144"
                    + " 140726150392099 140726150392119 140726150392119 140726150393836 0\n";

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
    void fieldsAreParsed() {
        ProcStat stat = parse(stat("bash", 'S', 4194304));
        assertEquals("bash", stat.comm());
        assertEquals('S', stat.state());
        assertEquals(4194304, stat.flags());
        assertEquals(289588, stat.startTime());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a) (b\nx\\", ") R 1 2 3", "", " ", "(((", ")))"})
    void nameMayContainAnyCharacter(String comm) {
        ProcStat stat = parse(stat(comm, 'R', 4194304));
        assertEquals(comm, stat.comm());
        assertEquals('R', stat.state());
        assertEquals(289588, stat.startTime());
    }

    @Test
    void kernelThreadsHaveAFlag() {
        assertTrue(parse(stat("kworker/0:1", 'I', 0x04208060)).isKernelThread());
        assertFalse(parse(stat("kworker/0:1", 'S', 0x00400100)).isKernelThread());
    }

    @Test
    void exitingProcessesAreRecognized() {
        assertTrue(parse(stat("x", 'Z', 0x40010c)).isZombie());
        assertTrue(parse(stat("x", 'R', 0x400104)).isExiting());
        assertFalse(parse(stat("x", 'R', 0x400100)).isExiting());
    }

    @Test
    void deadLeaderHasOtherThreads() {
        String zombie = stat("x", 'Z', 0x40010c);
        assertFalse(parse(zombie).isDeadLeader());
        assertTrue(parse(zombie.replace(" 20 0 1 0 ", " 20 0 2 0 ")).isDeadLeader());
        String running = stat("x", 'R', 0x400100).replace(" 20 0 1 0 ", " 20 0 2 0 ");
        assertFalse(parse(running).isDeadLeader());
    }

    @Test
    void forkWithoutExecHasAFlag() {
        assertFalse(parse(WHOLE).isForkWithoutExec());
        assertTrue(parse(WHOLE.replace("4194304", "4194368")).isForkWithoutExec());
    }

    @Test
    void fieldsSetByExecDistinguishAddressSpaces() {
        ProcStat stat = parse(WHOLE);
        assertEquals(140726150384384L, stat.startStack());
        assertEquals(2413, stat.residentPages());
        // These fields change all the time.
        String later = WHOLE.replace("2110", "9999").replace("11972608 2413", "99 99");
        assertEquals(stat.addresses(), parse(later).addresses());
        for (String address :
                new String[] {
                    "94815856795648",
                    "94815856799709",
                    "140726150384384",
                    "94815856807376",
                    "94815856808208",
                    "94816613638144",
                    "140726150392099",
                    "140726150393836"
                }) {
            String other = WHOLE.replace(address, "" + (Long.parseLong(address) + 4096));
            assertNotEquals(stat.addresses(), parse(other).addresses(), address);
        }
    }

    @Test
    void addressesNeedPermissionToTrace() {
        assertEquals(0, parse(stat("bash", 'S', 4194304)).addresses());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "1 (a", "1 (a)", "1 (a) S", "1 (a) S 1 2 3", ")("})
    void invalidContentIsNoStat(String text) {
        assertNull(parse(text));
    }

    @Test
    void longestWorkerNameIsParsed() {
        String name = ")".repeat(63);
        assertEquals(name, parse(stat(name, 'I', 0x04208060)).comm());
    }

    /** Kernels before 3.5 print 44 fields; a copy of stat may be cut anywhere. */
    @Test
    void fieldsCutOffAreMissing() {
        ProcStat whole = parse(WHOLE);
        for (int length = WHOLE.indexOf(" 11972608"); length < WHOLE.length(); length++) {
            ProcStat stat = parse(WHOLE.substring(0, length));
            assertEquals(whole.startTime(), stat.startTime());
            assertTrue(stat.startStack() == 0 || stat.startStack() == whole.startStack());
        }
        String old = WHOLE.substring(0, WHOLE.indexOf(" 94815856807376"));
        assertNotEquals(0, parse(old + "\n").addresses());
    }
}
