package psm.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.proc.HostMemory;
import psm.proc.UnlistedMemory;
import psm.text.Missing;

class SwapAccountTest {
    private static final long KB = 1024;

    private static final String MEMINFO =
            "SwapTotal: 9000 kB\nSwapFree: 5000 kB\nSwapCached: 300 kB\n";

    private static Psm.Account account(String meminfo, long ownedKb) {
        long owned = Missing.is(ownedKb) ? ownedKb : ownedKb * KB;
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        return SwapAccount.of(memory, "swap_bytes", owned);
    }

    private static Long kb(Psm.Account account, String key) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry.bytes() == null ? null : (Long) (entry.bytes() / KB);
            }
        }
        throw new AssertionError("no " + key);
    }

    @Test
    void swapInUseIsThatOfFree() {
        Psm.Account account = account(MEMINFO, 700);
        assertEquals("swap", account.key());
        assertEquals("swap_bytes", account.column());
        assertEquals(9000 - 5000, kb(account, "used_bytes"));
        assertEquals(300, kb(account, "cached_bytes"));
        assertEquals(9000 - 5000 - 300 - 700, kb(account, "unowned_bytes"));
    }

    @Test
    void laterFiguresNeverGoBelowZero() {
        Psm.Account account = account("SwapTotal: 900 kB\nSwapFree: 800 kB\n", 700);
        assertEquals(0, kb(account, "unowned_bytes"));
        assertEquals(100, kb(account(MEMINFO.replace("5000", "8900"), 0), "cached_bytes"));
    }

    @Test
    void whatIsMissingIsNotZero() {
        assertNull(kb(account(MEMINFO, Missing.VALUE), "unowned_bytes"));
        assertNull(kb(account("", 700), "used_bytes"));
        assertNull(kb(account("", 700), "unowned_bytes"));
    }
}
