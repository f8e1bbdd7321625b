package psm.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.text.Missing;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class CgroupAccountTest {
    private final Map<String, CgroupMemory> cgroups = new HashMap<>();

    private void add(String path, long limit, long held, long kills) {
        cgroups.put(
                path,
                new CgroupMemory(
                        new CgroupMemory.Limits(
                                limit, Missing.VALUE, Long.MAX_VALUE, 0, 60, true, true),
                        new CgroupMemory.InUse(limit / 2, 0, 0, held),
                        kills,
                        false));
    }

    private List<Psm.Row> rows() {
        Psm.Account account = CgroupAccount.of(cgroups);
        assertTrue(account.isList());
        return account.rows();
    }

    @Test
    void theFullestAreFirst() {
        add("/half", 1000, 500, 0);
        add("/full", 10, 10, 3);
        add("/free", Long.MAX_VALUE, 1 << 30, 0);
        add("/unknown", Missing.VALUE, 1 << 30, 0);
        assertEquals(
                List.of(
                        Arrays.asList("/full", 10L, 10L, 3L),
                        Arrays.asList("/half", 500L, 1000L, 0L)),
                rows().stream().map(Psm.Row::values).toList());
    }

    @Test
    void whatIsMissingStaysSo() {
        add("/old", 1000, Missing.VALUE, Missing.VALUE);
        add("/less", 1000, 400, 0);
        assertEquals("/old", rows().get(0).values().get(0));
        assertNull(rows().get(0).values().get(1));
        assertNull(rows().get(0).values().get(3));
    }

    @Test
    void twentyAreEnough() {
        for (int i = 0; i < 100; i++) {
            add("/pod" + i, 1000, i, 0);
        }
        assertEquals(20, rows().size());
        assertEquals("/pod80", rows().get(19).values().get(0));
    }

    @Test
    void oneOfEachStableName() {
        add("/system.slice/run-u1.service", 100, 10, 0);
        add("/system.slice/run-u2.service", 200, 90, 1);
        add("/none", 0, 0, 0);
        assertEquals(
                List.of("/none", "/system.slice/run-*.service"),
                rows().stream().map(row -> row.values().get(0)).toList());
        assertEquals(200L, rows().get(1).values().get(2));
    }

    /** Of two groups with one name, one has been killed in long ago, and becomes the fullest. */
    @Test
    void noKillIsCountedWhereAnotherGroupIsTheFullest() {
        add("/system.slice/run-u1.service", 100, 90, 0);
        add("/system.slice/run-u2.service", 100, 10, 7);
        add("/system.slice/run-u3.service", 100, 1, 1);
        add("/system.slice/web.service", 100, 50, 2);
        Map<Object, Object> before = kills();
        add("/system.slice/run-u2.service", 100, 95, 7);
        assertEquals(before, kills());
        assertNull(before.get("/system.slice/run-*.service"));
        assertEquals(2L, before.get("/system.slice/web.service"));
    }

    /** Returns the kills of each row by its name. */
    private Map<Object, Object> kills() {
        Map<Object, Object> kills = new HashMap<>();
        rows().forEach(row -> kills.put(row.values().get(0), row.values().get(3)));
        return kills;
    }
}
