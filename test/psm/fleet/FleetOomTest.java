package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.scan.Snapshot;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

class FleetOomTest {
    @TempDir Path root;

    private Machine machine(String name, int score) throws IOException {
        MadeUpHost host = new MadeUpHost(root.resolve(name));
        host.process(5, 10, 0, score, "0::/").write("proc/sys/kernel/osrelease", "6.1.0\n");
        return new Machine(name, host.scan(), null, false);
    }

    private static Psm.Account hosts(Psm.Report report) {
        Psm.Account last = report.accounts().get(report.accounts().size() - 1);
        assertEquals("hosts", last.key());
        return last;
    }

    private static Object value(Psm.Account account, int row, String key) {
        for (int i = 0; i < account.columns().size(); i++) {
            if (account.columns().get(i).key().equals(key)) {
                return account.rows().get(row).values().get(i);
            }
        }
        throw new IllegalArgumentException(key);
    }

    @Test
    void oneListOfAllMachinesIsMade() throws IOException {
        FleetOom fleet = new FleetOom(0);
        fleet.add(machine("web2", 700));
        fleet.add(machine("web1", 800));
        Psm.Report report = fleet.report();
        assertEquals("web1", report.rows().get(0).values().get(0));
        assertEquals("web2", report.rows().get(1).values().get(0));
        assertEquals(2, report.processes().measured());
        assertTrue(report.processes().complete());
        assertNull(report.host());
        assertEquals("6.1.0", report.kernel());
        assertEquals("smaps_rollup", report.source());
    }

    @Test
    void machinesAreListedWithThoseThatAreMissing() throws IOException {
        FleetOom fleet = new FleetOom(0);
        fleet.add(machine("web2", 700));
        fleet.addMissing("web1", "ssh: connect to host web1 port 22: Connection refused");
        Psm.Report report = fleet.report();
        assertFalse(report.processes().complete());
        Psm.Account hosts = hosts(report);
        assertEquals("web1", value(hosts, 0, "host"));
        assertEquals("missing", value(hosts, 0, "state"));
        assertEquals(
                "ssh: connect to host web1 port 22: Connection refused", value(hosts, 0, "reason"));
        assertNull(value(hosts, 0, "measured"));
        assertEquals("complete", value(hosts, 1, "state"));
        assertEquals(1L, value(hosts, 1, "measured"));
        assertEquals("6.1.0", value(hosts, 1, "kernel"));
    }

    @Test
    void noMachineIsNoRow() {
        FleetOom fleet = new FleetOom(0);
        fleet.addMissing("web1", "no answer within 30 s");
        Psm.Report report = fleet.report();
        assertEquals(List.of(), report.rows());
        assertFalse(report.processes().complete());
    }

    @Test
    void lastLineCountsMachines() throws IOException {
        FleetOom fleet = new FleetOom(0);
        fleet.add(machine("web1", 700));
        fleet.addMissing("web2", "no answer within 30 s");
        Psm.Report report = fleet.report();
        String table = MadeUpHost.written(report, "table");
        assertTrue(table.contains(" 1 of 2 machines, 20"), table);
        assertFalse(table.contains(" to "), table);
        String markdown = MadeUpHost.written(report, "markdown");
        assertTrue(markdown.contains("1 process on 1 of 2 machines (Linux"), markdown);
        assertTrue(markdown.contains("Not included: 1 machine.\n"), markdown);
        assertTrue(markdown.contains("`no answer within 30 s`"), markdown);
    }

    @Test
    void lastLineHasFirstAndLastTime() throws IOException {
        FleetOom fleet = new FleetOom(0);
        fleet.add(machine("web1", 700));
        Machine web2 = machine("web2", 700);
        fleet.add(new Machine("web2", takenLater(web2.all(), 3600), null, false));
        String table = MadeUpHost.written(fleet.report(), "table");
        assertTrue(table.matches("(?s).* 2 machines, 20[^ ]+Z to 20[^ ]+Z, scanned in .*"), table);
    }

    private static Snapshot takenLater(Snapshot snapshot, long seconds) {
        Snapshot.Run run = snapshot.run();
        Snapshot.Run later =
                new Snapshot.Run(
                        run.takenAt().plusSeconds(seconds),
                        run.nanos(),
                        run.listed(),
                        run.hidden(),
                        run.bytesRead(),
                        run.workers(),
                        run.slowest(),
                        run.psmVersion(),
                        run.own());
        return new Snapshot(
                snapshot.scope(),
                later,
                snapshot.host(),
                snapshot.processes(),
                snapshot.unmeasured(),
                snapshot.users(),
                snapshot.groups(),
                snapshot.cgroups(),
                snapshot.mappings());
    }
}
