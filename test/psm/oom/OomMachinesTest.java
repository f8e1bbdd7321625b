package psm.oom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.scan.Snapshot;
import psm.support.MadeUpHost;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Tests the list of several machines' processes in the order in which they die. */
class OomMachinesTest {
    private static final String ROOT = "0::/";
    private static final Psm.Origin ORIGIN =
            new Psm.Origin("1", null, null, Instant.EPOCH, 0, null);
    private static final Psm.Processes PROCESSES = new Psm.Processes(0, 0, 0, 0, 0, 0, false);

    @TempDir Path root;

    /** By name, so in the order of names. */
    private final Map<String, MadeUpHost> hosts = new TreeMap<>();

    private MadeUpHost host(String name) throws IOException {
        MadeUpHost host = new MadeUpHost(root.resolve(name));
        hosts.put(name, host);
        return host;
    }

    private Psm.Report report(int maxRows) throws IOException {
        return all(maxRows).report(ORIGIN, PROCESSES, List.of());
    }

    private OomReport all(int maxRows) throws IOException {
        OomReport report = OomReport.ofSeveral(maxRows);
        for (Map.Entry<String, MadeUpHost> host : hosts.entrySet()) {
            Snapshot scanned = host.getValue().scan();
            report.add(host.getKey(), scanned, scanned);
        }
        return report;
    }

    private String remarks() throws IOException {
        return all(0).remarks(report(0)).toString();
    }

    /** Returns the machine and the first pid of each row, those that die first at the start. */
    private static List<String> order(Psm.Report report) {
        List<String> order = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            order.add(row.values().get(0) + " " + ((List<?>) row.values().get(2)).get(0));
        }
        return order;
    }

    private static List<Object> column(Psm.Account account, String key) {
        List<Object> values = new ArrayList<>();
        for (Psm.Row row : account.rows()) {
            for (int i = 0; i < account.columns().size(); i++) {
                if (account.columns().get(i).key().equals(key)) {
                    values.add(row.values().get(i));
                }
            }
        }
        return values;
    }

    @Test
    void highestScoreOfAllMachinesDiesFirst() throws IOException {
        host("a").process(5, 10, 0, 700, ROOT).process(6, 10, 0, 900, ROOT);
        host("b").process(5, 10, 0, 800, ROOT).process(7, 10, 0, 670, ROOT);
        Psm.Report report = report(0);
        assertEquals(List.of("a 6", "b 5", "a 5", "b 7"), order(report));
        assertEquals("host", report.columns().get(0).key());
        List<Psm.Row> table = report.ranking().inTable();
        assertEquals(report.rows().get(0), table.get(table.size() - 1));
    }

    @Test
    void rowsOfAMachineEqualItsOwn() throws IOException {
        host("a").process(5, 10, 3, 0, 700, ROOT).process(6, 10, 0, 700, "0::/x");
        hosts.get("a").v2("/x", "memory.oom.group", "1").v2("/x", "memory.max", "max");
        host("b").process(5, 10, 0, 700, ROOT).process(6, 90, -999, 0, ROOT);
        Psm.Report report = report(0);
        for (String name : hosts.keySet()) {
            List<List<Object>> rows = new ArrayList<>();
            for (Psm.Row row : report.rows()) {
                if (row.values().get(0).equals(name)) {
                    rows.add(row.values().subList(1, row.values().size()));
                }
            }
            List<List<Object>> own = new ArrayList<>();
            for (Psm.Row row : hosts.get(name).report().rows()) {
                own.add(row.values());
            }
            assertEquals(own, rows, name);
        }
    }

    /** Each has 10 MB; of a smaller machine they are a larger part. */
    @Test
    void partOfTheMachineBreaksTies() throws IOException {
        host("a").process(5, 10, 0, 670, ROOT);
        host("b").process(5, 10, 0, 670, ROOT);
        host("c").process(5, 10, 0, 670, ROOT).write("proc/meminfo", "MemTotal: 900000 kB\n");
        host("d").process(5, 10, 0, 670, ROOT).write("proc/meminfo", "");
        assertEquals(List.of("c 5", "a 5", "b 5", "d 5"), order(report(0)));
    }

    /** Before 5.9, a score of 500 was half of all memory; now it is less than nothing. */
    @Test
    void scoresOfOldKernelsAreCompared() throws IOException {
        String release = "proc/sys/kernel/osrelease";
        host("new").process(5, 1, 0, 700, ROOT).write(release, "6.1.0-18-amd64\n");
        host("old")
                .process(5, 500, 0, 500, ROOT)
                .process(6, 9, 0, 9, ROOT)
                .write(release, "3.10.0-1160.el7\n");
        assertEquals(List.of("old 5", "new 5", "old 6"), order(report(0)));
        assertTrue(remarks().contains("oom: the oom_score of old has the scale of"), remarks());
        hosts.get("old").write(release, "6.1.0\n");
        assertEquals("[]", remarks());
        hosts.get("old").write(release, "3.10.0-1160.el7\n");
        MadeUpHost vendor = host("vendor").write(release, "4.18.0-553.el8\n");
        for (int pid = 1; pid <= 12; pid++) {
            vendor.process(pid, 1, 0, 667 + pid, ROOT);
        }
        assertEquals(List.of("old 5", "new 5", "vendor 12"), order(report(3)));
    }

    @Test
    void firstOfAllMachinesAreKept() throws IOException {
        for (String name : new String[] {"a", "b", "c"}) {
            host(name).process(5, 1, 0, 700, ROOT).process(6, 2, 0, 800, ROOT);
        }
        Psm.Report report = report(2);
        assertEquals(List.of("a 6", "b 6"), order(report));
        assertEquals(4, report.more().rows());
        assertNull(report(0).more());
    }

    @Test
    void machineWithLeastLeftIsMostUrgent() throws IOException {
        host("full").write("proc/meminfo", "MemTotal: 1000 kB\nMemAvailable: 50 kB\n");
        host("old").write("proc/meminfo", "MemTotal: 1000 kB\nMemFree: 1 kB\n");
        host("swaps").write("proc/pressure/memory", "some avg10=1.25 avg60=0.50 total=1\n");
        hosts.get("swaps")
                .write(
                        "proc/meminfo",
                        """
                        MemTotal: 1000 kB
                        MemAvailable: 10 kB
                        SwapTotal: 1000 kB
                        SwapFree: 990 kB
                        """);
        Psm.Account pressure = report(0).accounts().get(0);
        assertEquals("pressure", pressure.key());
        assertTrue(pressure.above() && pressure.isList());
        assertEquals(List.of("full", "swaps", "old"), column(pressure, "host"));
        assertEquals(Arrays.asList(5.0, 50.0, null), column(pressure, "left_percent"));
        assertEquals(Arrays.asList(null, 1.25, null), column(pressure, "some_avg10_percent"));
        assertEquals(
                Arrays.asList(50 * 1024L, 10 * 1024L, null),
                column(pressure, "mem_available_bytes"));
    }

    @Test
    void fullCgroupsOfAllMachinesAreShown() throws IOException {
        host("a").process(5, 1, 0, 667, "0::/x").v2("/x", "memory.max", "1000");
        hosts.get("a").v2("/x", "memory.current", "950").v2("/x", "memory.high", "1000");
        host("b").process(5, 1, 0, 667, "0::/x").v2("/x", "memory.max", "1000");
        hosts.get("b").v2("/x", "memory.current", "990").v2("/x", "memory.stat", "");
        host("c").process(5, 1, 0, 667, ROOT);
        Psm.Account full = report(0).accounts().get(2);
        assertEquals(List.of("b", "a"), column(full, "host"));
        assertEquals(List.of("program5", "program5"), column(full, "next_program"));
        assertEquals(List.of("a"), column(report(0).accounts().get(1), "host"));
    }

    @Test
    void machinesWhereProcessesWaitAreNamed() throws IOException {
        host("a")
                .process(5, 1, 0, 667, "4:memory:/x")
                .v1("/x", "memory.limit_in_bytes", "1000")
                .v1("/x", "memory.usage_in_bytes", "1000")
                .v1("/x", "memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 0");
        assertTrue(remarks().contains("oom: a: /x: no process dies at the limit"), remarks());
    }

    /** Makes up a machine; many of its scores are the same. */
    private Snapshot random(SplittableRandom random, String name) throws IOException {
        MadeUpHost host = new MadeUpHost(root.resolve(name));
        for (int pid = random.nextInt(1, 3); pid < 20; pid += random.nextInt(1, 4)) {
            int adj = random.nextInt(4) == 0 ? random.nextInt(-1000, 1001) : 0;
            int score = random.nextInt(5) == 0 ? 0 : 667 + random.nextInt(4);
            host.process(pid, random.nextInt(1, 4), random.nextInt(3), adj, score, ROOT);
        }
        String kernel = random.nextBoolean() ? "6.1.0" : "4.4.0";
        host.write("proc/sys/kernel/osrelease", kernel + "\n");
        if (random.nextInt(3) == 0) {
            host.write("proc/meminfo", random.nextBoolean() ? "" : "MemTotal: 300000 kB\n");
        }
        return host.scan();
    }

    private static List<List<Object>> rows(Psm.Report report, String host) {
        List<List<Object>> rows = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            if (host == null) {
                rows.add(row.values());
            } else if (row.values().get(0).equals(host)) {
                rows.add(row.values().subList(1, row.values().size()));
            }
        }
        return rows;
    }

    private static Psm.Report report(Map<String, Snapshot> machines, int maxRows) {
        OomReport report = OomReport.ofSeveral(maxRows);
        machines.forEach((name, snapshot) -> report.add(name, snapshot, snapshot));
        return report.report(ORIGIN, PROCESSES, List.of());
    }

    @Test
    void orderOfArrivalDoesNotMatter() throws IOException {
        for (int seed = 0; seed < 30; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Map<String, Snapshot> machines = new TreeMap<>();
            for (int i = 0; i < 4; i++) {
                machines.put("web" + i, random(random, seed + "/" + i));
            }
            Psm.Report report = report(machines, 0);
            for (Map.Entry<String, Snapshot> machine : machines.entrySet()) {
                List<List<Object>> own = rows(MadeUpHost.report(machine.getValue(), 0), null);
                assertEquals(own, rows(report, machine.getKey()), "seed " + seed);
            }
            Map<String, Snapshot> reversed = new TreeMap<>(Collections.reverseOrder());
            reversed.putAll(machines);
            assertEquals(rows(report, null), rows(report(reversed, 0), null), "seed " + seed);
            int few = random.nextInt(1, 9);
            assertEquals(
                    rows(report, null).subList(0, few),
                    rows(report(reversed, few), null),
                    "seed " + seed);
        }
    }
}
