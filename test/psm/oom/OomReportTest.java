package psm.oom;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.format.Formats;
import psm.proc.ProcFs;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotWriter;
import psm.support.MadeUpHost;
import psm.support.MadeUpSnapshot;
import psm.text.Version;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

class OomReportTest {
    private static final long MB = 1 << 20;
    private static final String ROOT = "0::/";

    @TempDir Path root;

    private MadeUpHost host;

    @BeforeEach
    void makeUp() throws IOException {
        host = new MadeUpHost(root);
    }

    private static Object value(Psm.Report report, Psm.Row row, String key) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals(key)) {
                return row.values().get(i);
            }
        }
        throw new IllegalArgumentException(key);
    }

    /** Returns the values of a column from the top of a table to its end, where the first dies. */
    private static List<Object> values(Psm.Report report, String key) {
        List<Object> values = new ArrayList<>();
        for (Psm.Row row : report.ranking().inTable()) {
            values.add(value(report, row, key));
        }
        return values;
    }

    /** Returns the first pid of each row. */
    private List<Integer> order() throws IOException {
        List<Integer> order = new ArrayList<>();
        for (Object pids : values(host.report(), "pids")) {
            order.add((Integer) ((List<?>) pids).get(0));
        }
        return order;
    }

    private static List<Psm.Row> fullCgroups(Psm.Report report) {
        return cgroups(report, 2, "full_cgroups");
    }

    private static List<Psm.Row> slowedCgroups(Psm.Report report) {
        return cgroups(report, 1, "slowed_cgroups");
    }

    private static List<Psm.Row> cgroups(Psm.Report report, int index, String key) {
        Psm.Account account = report.accounts().get(index);
        assertEquals(key, account.key());
        assertTrue(account.above() && account.isList());
        return account.rows();
    }

    private static Object figure(Psm.Report report, String key) {
        Psm.Account account = report.accounts().get(0);
        assertEquals("pressure", account.key());
        assertTrue(account.above());
        for (Psm.Entry entry : account.entries()) {
            if (entry.key().equals(key)) {
                return entry.value();
            }
        }
        throw new IllegalArgumentException(key);
    }

    @Test
    void highestScoreDiesFirstAndIsLast() throws IOException {
        host.process(5, 10, 0, 700, ROOT)
                .process(6, 90, 0, 667, ROOT)
                .process(7, 1, 300, 866, ROOT);
        assertEquals(List.of(6, 5, 7), order());
    }

    /** A score is in thousandths of all memory; here each is 1 MB. */
    @Test
    void memoryAndAdjustmentBreakTies() throws IOException {
        host.process(5, 10, 3, 0, 670, ROOT)
                .process(6, 12, 0, 670, ROOT)
                .process(7, 10, 2, 670, ROOT)
                .process(8, 9, 0, 670, ROOT)
                .write("proc/8/status", "VmPTE:\t    6144 kB\n");
        assertEquals(List.of(6, 7, 5, 8), order());
        List<Object> badness = new ArrayList<>();
        for (OomVictim victim : new OomVictims(host.scan()).inOrder()) {
            badness.add(victim.badness(1000 * MB) / MB);
        }
        assertEquals(List.of(12.0, 12.0, 13.0, 15.0), badness);
    }

    @Test
    void latestOfEqualProcessesDiesFirst() throws IOException {
        for (int pid = 5; pid <= 7; pid++) {
            String rest = " (x) S 1 2 3 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 ";
            host.process(pid, 1, 0, 667, ROOT)
                    .write("proc/" + pid + "/stat", pid + rest + (pid == 6 ? 900 : 100) + " 0 0\n");
        }
        assertEquals(List.of(5, 7, 6), order());
    }

    @Test
    void unkillableProcessesAreLeftOut() throws IOException {
        host.process(1, 50, 0, 0, ROOT).process(5, 50, -1000, 0, ROOT).process(6, 1, -999, 0, ROOT);
        assertEquals(List.of(6), order());
    }

    /** The kernel gives it a score as to any other process. */
    @Test
    void firstProcessOfAContainerIsIncluded() throws IOException {
        host.process(1, 50, 0, 700, ROOT).process(5, 1, 0, 667, ROOT);
        assertEquals(List.of(5, 1), order());
    }

    @Test
    void deathFreesPrivateMemoryAndSwap() throws IOException {
        host.process(5, 10, 3, 0, 670, ROOT)
                .write(
                        "proc/6/smaps_rollup",
                        """
                        1000-2000 ---p 00000000 00:00 0    [rollup]
                        Rss: 9 kB
                        Pss: 5 kB
                        Private_Clean: 1 kB
                        Private_Dirty: 2 kB
                        """)
                .write("proc/6/oom_score", "667\n")
                .write("proc/7/smaps_rollup", "1000-2000 ---p 0 0 0 [rollup]\nRss: 9 kB\n")
                .write("proc/7/oom_score", "668\n");
        Psm.Report report = host.report();
        assertEquals(Arrays.asList(3L * 1024, null, 13 * MB), values(report, "frees_bytes"));
        assertEquals(Arrays.asList(null, null, 3 * MB), values(report, "swap_bytes"));
        assertEquals(Arrays.asList(null, null, 0L), values(report, "oom_score_adj"));
    }

    @Test
    void oneAddressSpaceIsOneRow() throws IOException {
        host.process(5, 10, 0, 670, ROOT).process(6, 10, 0, 670, ROOT);
        Snapshot scanned = host.scan();
        List<ProcessMemory> processes = new ArrayList<>(scanned.processes());
        processes.set(1, processes.get(1).countedUnder(5));
        Psm.Report report = MadeUpHost.report(with(scanned, processes), 0);
        assertEquals(List.of(List.of(5, 6)), values(report, "pids"));
        assertEquals(List.of(10 * MB), values(report, "frees_bytes"));
        assertEquals(List.of(2L), values(report, "count"));
    }

    private static Snapshot with(Snapshot other, List<ProcessMemory> processes) {
        return other.withProcesses(processes, other.unmeasured(), other.scope().filtered());
    }

    @Test
    void uppermostOomGroupDiesAsAWhole() throws IOException {
        host.process(5, 10, 0, 670, "0::/a/b")
                .process(6, 20, 0, 680, "0::/a/c")
                .process(7, 40, -1000, 0, "0::/a/b")
                .process(8, 80, 0, 740, "0::/d")
                .v2("/a", "memory.oom.group", "1")
                .v2("/a", "memory.max", "max")
                .v2("/a/b", "memory.oom.group", "1")
                .v2("/a/b", "memory.max", "max")
                .v2("/d", "memory.max", "max")
                .v2("/d", "memory.oom.group", "0");
        Psm.Report report = host.report();
        assertEquals(Arrays.asList("/a", "/a", null), values(report, "cgroup"));
        assertEquals(Arrays.asList(2L, 2L, 1L), values(report, "count"));
        assertEquals(List.of(30 * MB, 30 * MB, 80 * MB), values(report, "frees_bytes"));
    }

    @Test
    void nearlyFullCgroupsAreShown() throws IOException {
        host.process(5, 1, 0, 667, "0::/a/b")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.current", "901")
                .v2("/a", "memory.events", "oom_kill 4")
                .v2("/a/b", "memory.max", "1000")
                .v2("/a/b", "memory.current", "900");
        List<Psm.Row> rows = fullCgroups(host.report());
        assertEquals(1, rows.size());
        assertEquals(
                List.of("/a", 1000L, 901L, 4L, List.of(5), "program5", 1L, 901L, "kill"),
                rows.get(0).values());
        host.v2("/a", "memory.max", "max");
        assertTrue(fullCgroups(host.report()).isEmpty());
    }

    @Test
    void cgroupsInheritLimitsFromAbove() throws IOException {
        host.process(5, 1, 0, 667, "0::/a/b/c")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.current", "990")
                .v2("/a/b", "memory.max", "max")
                .v2("/a/b", "memory.current", "980")
                .v2("/a/b/c", "memory.max", "max")
                .v2("/a/b/c", "memory.current", "970");
        List<Psm.Row> rows = fullCgroups(host.report());
        assertEquals(2, rows.size());
        assertEquals(
                Arrays.asList(
                        "/a/b/c", 1000L, 970L, null, List.of(5), "program5", 1L, 970L, "kill"),
                rows.get(1).values());
        assertEquals("/a", rows.get(0).values().get(0));
    }

    @Test
    void cgroupsNearMemoryHighAreShown() throws IOException {
        host.process(5, 1, 0, 667, "0::/a/b")
                .v2("/a", "memory.high", "1000")
                .v2("/a", "memory.current", "901")
                .v2("/a", "memory.swap.current", "77")
                .v2("/a/b", "memory.high", "1000")
                .v2("/a/b", "memory.current", "900");
        List<Psm.Row> rows = slowedCgroups(host.report());
        assertEquals(1, rows.size());
        assertEquals(List.of("/a", 1000L, 901L, 77L, 901L), rows.get(0).values());
        assertTrue(fullCgroups(host.report()).isEmpty());
        host.v2("/a/b", "memory.current", "1100");
        assertEquals("/a/b", slowedCgroups(host.report()).get(0).values().get(0));
        host.v2("/a", "memory.high", "max").v2("/a/b", "memory.high", "max");
        assertTrue(slowedCgroups(host.report()).isEmpty());
    }

    @Test
    void cgroupsV1AreShownToo() throws IOException {
        host.process(5, 1, 0, 667, "4:memory:/docker/abc")
                .v1("/docker/abc", "memory.limit_in_bytes", "1000")
                .v1("/docker/abc", "memory.usage_in_bytes", "1000")
                .v1("/docker/abc", "memory.oom_control", "oom_kill 1");
        assertEquals(
                List.of("/docker/abc", 1000L, 1000L, 1L, List.of(5), "program5", 1L, 1000L, "kill"),
                fullCgroups(host.report()).get(0).values());
    }

    /** An adjustment of 300 is 300 MB of the host, and 30 MB of the cgroup. */
    @Test
    void adjustmentsAreThousandthsOfTheCgroupLimit() throws IOException {
        host.process(5, 60, 0, 706, "0::/a")
                .process(6, 20, 300, 880, "0::/a/b")
                .process(7, 90, 0, 726, "0::/ab")
                .v2("/a", "memory.max", "" + 100 * MB)
                .v2("/a", "memory.current", "" + 95 * MB);
        assertEquals(List.of(5, 7, 6), order());
        assertEquals(List.of(5), fullCgroups(host.report()).get(0).values().get(4));
    }

    /** Processes above the cgroup with the limit die only if the host runs out of memory. */
    @Test
    void oomGroupsAboveLimitDoNotCount() throws IOException {
        host.process(5, 60, 0, 706, "0::/a/b/c")
                .process(6, 20, 0, 680, "0::/a/b/d")
                .process(7, 10, -1000, 0, "0::/a/b/c")
                .process(8, 10, 0, 670, "0::/a/e")
                .v2("/a", "memory.max", "max")
                .v2("/a", "memory.oom.group", "1")
                .v2("/a/b", "memory.max", "" + 100 * MB)
                .v2("/a/b", "memory.current", "" + 95 * MB)
                .v2("/a/b/c", "memory.max", "max");
        assertEquals(List.of(3L, 3L, 3L), values(host.report(), "count"));
        assertEquals(1L, fullCgroups(host.report()).get(0).values().get(6));
        host.v2("/a/b", "memory.oom.group", "1");
        assertEquals(2L, fullCgroups(host.report()).get(0).values().get(6));
    }

    @Test
    void cgroupOfUnkillableProcessesNamesNone() throws IOException {
        host.process(5, 60, -1000, 0, "0::/a")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.current", "1000");
        Psm.Row row = fullCgroups(host.report()).get(0);
        assertNull(row.values().get(4));
        assertNull(row.values().get(5));
        assertEquals(0L, row.values().get(6));
    }

    /** A limit that is full of page cache is not near a kill. */
    @Test
    void reclaimableCacheDoesNotFillCgroup() throws IOException {
        host.process(5, 1, 0, 667, "0::/a")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.high", "1000")
                .v2("/a", "memory.current", "1000")
                .v2("/a", "memory.stat", "file 150\ninactive_file 100");
        assertTrue(fullCgroups(host.report()).isEmpty());
        assertTrue(slowedCgroups(host.report()).isEmpty());
        host.v2("/a", "memory.stat", "inactive_file 99");
        assertEquals(
                List.of("/a", 1000L, 1000L, 901L),
                pick(fullCgroups(host.report()).get(0), 0, 1, 2, 7));
        assertEquals(
                List.of("/a", 1000L, 1000L, 901L),
                pick(slowedCgroups(host.report()).get(0), 0, 1, 2, 4));
        String table = table(host.report());
        assertTrue(table.contains("USED  WITH CACHE  KILLED  "), table);
    }

    private static List<Object> pick(Psm.Row row, int... indexes) {
        List<Object> values = new ArrayList<>();
        for (int index : indexes) {
            values.add(row.values().get(index));
        }
        return values;
    }

    @Test
    void cacheOfGroupsBelowIsReclaimableWithV1() throws IOException {
        host.process(5, 1, 0, 667, "4:memory:/a")
                .v1("/a", "memory.limit_in_bytes", "1000")
                .v1("/a", "memory.usage_in_bytes", "1000")
                .v1("/a", "memory.stat", "inactive_file 5\ntotal_inactive_file 100");
        assertTrue(fullCgroups(host.report()).isEmpty());
        host.v1("/a", "memory.stat", "inactive_file 5");
        assertEquals(995L, fullCgroups(host.report()).get(0).values().get(7));
    }

    @Test
    void limitWithoutHierarchyDoesNotFillGroupsBelow() throws IOException {
        host.process(5, 1, 0, 667, "4:memory:/batch/night")
                .v1("/batch", "memory.limit_in_bytes", "1000")
                .v1("/batch", "memory.usage_in_bytes", "950")
                .v1("/batch", "memory.use_hierarchy", "0")
                .v1("/batch/night", "memory.limit_in_bytes", "9223372036854771712")
                .v1("/batch/night", "memory.usage_in_bytes", "5000");
        List<Psm.Row> rows = fullCgroups(host.report());
        assertEquals(1, rows.size());
        assertEquals(Arrays.asList("/batch", null, 0L), pick(rows.get(0), 0, 4, 6));
    }

    @Test
    void noProcessDiesWhereKillsAreDisabled() throws IOException {
        host.process(5, 1, 0, 667, "4:memory:/a/b")
                .v1("/a", "memory.limit_in_bytes", "1000")
                .v1("/a", "memory.usage_in_bytes", "1000")
                .v1("/a", "memory.oom_control", "oom_kill_disable 1\nunder_oom 0\noom_kill 0")
                .v1("/a/b", "memory.limit_in_bytes", "9223372036854771712")
                .v1("/a/b", "memory.usage_in_bytes", "1000");
        Psm.Report report = host.report();
        for (Psm.Row row : fullCgroups(report)) {
            assertEquals(Arrays.asList(null, null, 0L, "wait"), pick(row, 4, 5, 6, 8));
        }
        String remarks = OomRemarks.of(host.scan(), report).toString();
        assertTrue(remarks.contains("oom: /a: no process dies at the limit"), remarks);
        assertTrue(remarks.contains("oom: /a/b: no process dies at the limit"), remarks);
    }

    /** Returns the process that dies first in the cgroup /a, which is of 100 MB and nearly full. */
    private Object firstInA() throws IOException {
        host.v1("/a", "memory.limit_in_bytes", "" + 100 * MB)
                .v1("/a", "memory.usage_in_bytes", "" + 95 * MB);
        return fullCgroups(host.report()).get(0).values().get(4);
    }

    private void status(int pid, int mb, int fileMb, int lockedMb, int swapMb) throws IOException {
        String figures =
                String.format(
                        "VmLck: %d kB\nVmRSS: %d kB\nRssFile: %d kB\nVmSwap: %d kB\n",
                        lockedMb << 10, mb << 10, fileMb << 10, swapMb << 10);
        host.write("proc/" + pid + "/status", figures);
    }

    /** What smaps calls Swap contains shared memory, which the kernel does not count. */
    @Test
    void swappedSharedMemoryDoesNotCount() throws IOException {
        host.process(5, 20, 0, 700, "4:memory:/a").process(6, 5, 60, 0, 700, "4:memory:/a");
        assertEquals(List.of(6), firstInA(), "without VmSwap");
        status(5, 20, 0, 0, 0);
        status(6, 5, 0, 0, 1);
        assertEquals(List.of(5), firstInA());
        status(6, 5, 0, 0, 17);
        assertEquals(List.of(6), firstInA());
    }

    @Test
    void pagesOfFilesAreReclaimedFirst() throws IOException {
        host.process(5, 20, 0, 700, "4:memory:/a").process(6, 60, 0, 700, "4:memory:/a");
        status(5, 20, 1, 0, 0);
        status(6, 60, 45, 0, 0);
        assertEquals(List.of(5), firstInA());
        status(6, 60, 45, 60, 0);
        assertEquals(List.of(6), firstInA(), "they are locked");
        status(6, 60, 45, 15, 0);
        assertEquals(List.of(5), firstInA(), "others are locked");
    }

    /** An adjustment of 300 is 30 MB of the cgroup's RAM, and 60 MB with as much swap. */
    @Test
    void swapCountsForLimitOnlyIfItIsUsed() throws IOException {
        host.write("proc/meminfo", "MemTotal: 1024000 kB\nSwapTotal: 102400 kB\n")
                .process(5, 20, 300, 800, "4:memory:/a")
                .process(6, 60, 0, 700, "4:memory:/a");
        assertEquals(List.of(5), firstInA());
        host.v1("/a", "memory.memsw.limit_in_bytes", "" + 100 * MB);
        assertEquals(List.of(6), firstInA());
        host.v1("/a", "memory.memsw.limit_in_bytes", "" + 500 * MB);
        assertEquals(List.of(5), firstInA());
        host.v1("/a", "memory.swappiness", "0");
        assertEquals(List.of(6), firstInA());
        host.v1("/a", "memory.swappiness", "").write("proc/sys/vm/swappiness", "0\n");
        assertEquals(List.of(6), firstInA());
        host.v1("/a", "memory.swappiness", "1");
        assertEquals(List.of(5), firstInA());
    }

    @Test
    void cgroupsWithoutControllerAreNotKnown() throws IOException {
        host.process(5, 1, 0, 667, "4:memory:/a")
                .write("cgroup/memory/a/memory.limit_in_bytes", "1000\n");
        JsonNode json = json(host.report());
        assertTrue(json.get("full_cgroups").isNull());
        assertTrue(json.get("slowed_cgroups").isNull());
        String remarks = OomRemarks.of(host.scan(), host.report()).toString();
        assertTrue(remarks.contains("no memory controller was found"), remarks);
        host.v1("/a", "memory.limit_in_bytes", "9223372036854771712");
        assertEquals(0, json(host.report()).get("full_cgroups").size());
        remarks = OomRemarks.of(host.scan(), host.report()).toString();
        assertFalse(remarks.contains("no memory controller was found"), remarks);
    }

    /** With hidepid, no group of a process is known, and the controller may well be there. */
    @Test
    void controllerIsNotMissedWithoutProcesses() throws IOException {
        Snapshot none = MadeUpSnapshot.of(List.of(), List.of());
        Psm.Report report = OomReport.of(none, none, Version.CURRENT, 0);
        assertEquals(-1, OomRemarks.of(none, report).toString().indexOf("memory controller"));
    }

    /** Choosing processes changes what is shown, and not who dies first. */
    @Test
    void ranksDoNotDependOnWhatIsShown() throws IOException {
        host.process(5, 10, 0, 700, "0::/a")
                .process(6, 5, 0, 680, "0::/a")
                .process(7, 1, 0, 670, "0::/b")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.current", "1000")
                .v2("/a", "memory.oom.group", "1")
                .v2("/b", "memory.max", "1000")
                .v2("/b", "memory.current", "1000");
        Snapshot all = host.scan();
        assertEquals(List.of(3L, 2L, 1L), values(MadeUpHost.report(all, 0), "rank"));
        assertFalse(table(MadeUpHost.report(all, 0)).contains("RANK"));
        Snapshot some = all.withProcesses(all.processes().subList(1, 2), List.of(), true);
        Psm.Report report = OomReport.of(all, some, "1", 0);
        assertEquals(List.of(2L), values(report, "rank"));
        assertEquals(List.of(15 * MB), values(report, "frees_bytes"));
        assertEquals(List.of(2L), values(report, "count"));
        assertEquals(1, report.processes().measured());
        List<Psm.Row> full = fullCgroups(report);
        assertEquals(1, full.size());
        assertEquals(List.of("/a", List.of(5), 2L), pick(full.get(0), 0, 4, 6));
        assertTrue(table(report).contains("RANK"), table(report));
    }

    /** The kernel converted it in the same way from 2.6.36 to 3.6, when there were both files. */
    @Test
    void oldAdjustmentIsConverted() throws IOException {
        int[] old = {-17, -16, 0, 5, 15};
        for (int i = 0; i < old.length; i++) {
            int pid = 5 + i;
            host.process(pid, 1, 0, 100 + i, ROOT).write("proc/" + pid + "/oom_adj", old[i] + "\n");
            Files.delete(root.resolve("proc/" + pid + "/oom_score_adj"));
        }
        assertEquals(List.of(-941L, 0L, 294L, 1000L), values(host.report(), "oom_score_adj"));
    }

    /** Such files are not the kernel's, but in a copy. */
    @Test
    void impossibleAdjustmentsAreMissing() throws IOException {
        host.process(5, 1, 0, 1, ROOT).process(6, 1, 0, 2, ROOT).process(7, 1, 1000, 3, ROOT);
        host.write("proc/5/oom_score_adj", "2147483647").write("proc/5/oom_adj", "2147483647");
        host.write("proc/6/oom_score_adj", "-1001");
        assertEquals(Arrays.asList(null, null, 1000L), values(host.report(), "oom_score_adj"));
    }

    /** Before 2.6.36, a score was in pages, and the adjustment shifted it by 15 bits at most. */
    @Test
    void scoresOfOldKernelsAreOrdered() throws IOException {
        host.process(5, 1, 0, 0, ROOT).process(6, 1, 0, 5000, ROOT).process(7, 1, 0, 0, ROOT);
        host.write("proc/5/oom_score", (1_000_000L << 15) + "\n");
        host.write("proc/7/oom_score", (900_000L << 15) + "\n");
        assertEquals(List.of(6, 7, 5), order());
        byte[] file = SnapshotWriter.write(host.scan());
        Snapshot read = SnapshotFile.read(new ByteArrayInputStream(file));
        Psm.Report report = OomReport.of(read, read, Version.CURRENT, 0);
        assertEquals(List.of(5000L, 900_000L << 15, 1_000_000L << 15), values(report, "oom_score"));
    }

    @Test
    void unknownScoreHasNoRank() throws IOException {
        host.process(5, 10, 0, 700, ROOT).process(6, 50, 0, 0, ROOT).process(7, 1, 0, 667, ROOT);
        Files.delete(root.resolve("proc/6/oom_score"));
        assertEquals(Arrays.asList(null, 2L, 1L), values(host.report(), "rank"));
        String remarks = OomRemarks.of(host.scan(), host.report()).toString();
        assertTrue(remarks.contains("oom: 1 process may die earlier than this shows"), remarks);
        Files.delete(root.resolve("proc/5/oom_score"));
        Files.delete(root.resolve("proc/7/oom_score"));
        assertEquals(List.of(3L, 2L, 1L), values(host.report(), "rank"));
        assertEquals(List.of(7, 5, 6), order());
        remarks = OomRemarks.of(host.scan(), host.report()).toString();
        assertFalse(remarks.contains("may die earlier"), remarks);
        assertTrue(remarks.contains("in the order of RSS"), remarks);
        remarks = OomRemarks.of(host.scan(), false).toString();
        assertFalse(remarks.contains("in the order of RSS"), remarks);
        assertTrue(remarks.contains("come after those of other machines"), remarks);
    }

    @Test
    void freeMemoryAndPressureAreShown() throws IOException {
        host.process(5, 1, 0, 667, ROOT)
                .write("proc/meminfo", "MemTotal: 9 kB\nMemAvailable: 5 kB\nSwapFree: 0 kB\n")
                .write(
                        "proc/pressure/memory",
                        """
                        some avg10=1.25 avg60=2.00 avg300=0.00 total=1
                        full avg10=0.00 avg60=0.50 avg300=0.00 total=1
                        """);
        Psm.Report report = host.report();
        assertEquals(5120L, figure(report, "mem_available_bytes"));
        assertEquals(0L, figure(report, "swap_free_bytes"));
        assertEquals(1.25, figure(report, "some_avg10_percent"));
        assertEquals(2.0, figure(report, "some_avg60_percent"));
        assertEquals(0.0, figure(report, "full_avg10_percent"));
        assertEquals(0.5, figure(report, "full_avg60_percent"));
    }

    @Test
    void missingKernelFiguresAreShownAsMissing() throws IOException {
        host.process(5, 1, 0, 667, ROOT).write("proc/meminfo", "MemTotal: 9 kB\n");
        Psm.Report report = host.report();
        assertNull(figure(report, "mem_available_bytes"));
        assertNull(figure(report, "some_avg10_percent"));
        assertTrue(table(report).startsWith("         -  MB of RAM left, MemAvailable\n"));
        assertTrue(json(report).get("pressure").get("full_avg60_percent").isNull());
    }

    @Test
    void maxRowsKeepsThoseThatDieFirst() throws IOException {
        host.process(5, 1, 0, 667, ROOT).process(6, 2, 0, 668, ROOT).process(7, 3, 0, 669, ROOT);
        Psm.Report report = MadeUpHost.report(host.scan(), 2);
        assertEquals(List.of(List.of(6), List.of(7)), values(report, "pids"));
        assertEquals(List.of(7), value(report, report.rows().get(0), "pids"), "in documents");
        assertTrue(table(report).contains("  (1 more)\n"), "as in psm's other tables");
        assertEquals(1, json(report).get("more").get("rows").asInt());
        assertNull(MadeUpHost.report(host.scan(), 3).more());
    }

    private static String table(Psm.Report report) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Psm.Layout window = Psm.Layout.DEFAULT.on(80, false);
        new Formats.Table().export(report, new Psm.Output(out, false, true, false, window));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static JsonNode json(Psm.Report report) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Formats.Json().export(report, new Psm.Output(out, false, true, false));
        return new ObjectMapper().readTree(out.toByteArray());
    }

    private MadeUpHost boxInTrouble() throws IOException {
        String pod = "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice";
        return host.write("proc/meminfo", "MemTotal: 1024000 kB\nMemAvailable: 51200 kB\n")
                .write("proc/pressure/memory", "some avg10=31.04 avg60=9.96 avg300=0 total=1\n")
                .process(4194301, 10, 0, 670, "0::/user.slice")
                .process(812, 200, 20, 0, 800, "0::" + pod)
                .process(813, 5, 100, 733, "0::" + pod)
                .v2(pod, "memory.max", "" + 256 * MB)
                .v2(pod, "memory.current", "" + 250 * MB)
                .v2(pod, "memory.events", "oom_kill 12")
                .v2(pod, "memory.oom.group", "1");
    }

    @Test
    void tableShowsPressureBeforeVictims() throws IOException {
        String table = table(boxInTrouble().report());
        assertEquals(
                """
                      50.0  MB of RAM left, MemAvailable
                         -  MB of swap left
                     31.0%  of the last 10 s some tasks waited for memory
                     10.0%  of the last 60 s some tasks waited for memory
                         -  of the last 10 s all tasks waited for memory
                         -  of the last 60 s all tasks waited for memory

                 MB LIMIT   USED  KILLED  DIE  PID DIES NEXT  IN CGROUP OVER 90% OF LIMIT
                    256.0  250.0      12    2  812 program812 /ku\u2026/kubepods-burstable-pod1.slice

                 OOM  ADJ  MB RAM  SWAPPED  FREES  DIE      PID PROCESS        CGROUP
                 670    0    10.0            10.0    1  4194301 program4194301 -
                 733  100     5.0           225.0    2      813 program813     kubepods\u2026d1.slice
                 800    0   200.0     20.0  225.0    2      812 program812     kubepods\u2026d1.slice
                """,
                table.substring(0, table.lastIndexOf('\n', table.length() - 2) + 1));
        assertFitsInto80Columns(table);
    }

    private static void assertFitsInto80Columns(String table) {
        for (String line : table.split("\n", -1)) {
            assertTrue(line.length() <= 80, line);
        }
    }

    @Test
    void jsonContainsEachFullCgroup() throws IOException {
        JsonNode json = json(boxInTrouble().report());
        assertEquals(50 * MB, json.get("pressure").get("mem_available_bytes").asLong());
        assertEquals(31.04, json.get("pressure").get("some_avg10_percent").asDouble());
        JsonNode cgroup = json.get("full_cgroups").get(0);
        assertTrue(cgroup.get("cgroup").asText().endsWith("-pod1.slice"));
        assertEquals(256 * MB, cgroup.get("limit_bytes").asLong());
        assertEquals(250 * MB, cgroup.get("usage_bytes").asLong());
        assertEquals(12, cgroup.get("oom_kills").asLong());
        assertEquals(812, cgroup.get("next_pids").get(0).asInt());
        assertEquals(2, cgroup.get("next_count").asInt());
        assertEquals(3, json.get("rows").size());
        assertTrue(json.get("totals").isEmpty());
    }

    @Test
    void csvContainsOnlyTheRows() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Formats.Csv().export(boxInTrouble().report(), new Psm.Output(out, false, true, false));
        String[] lines = out.toString(StandardCharsets.UTF_8).split("\r\n", -1);
        assertEquals(5, lines.length);
        assertEquals(
                "\"program\",\"pids\",\"oom_score\",\"oom_score_adj\",\"pss_bytes\",\"swap_bytes\","
                    + "\"frees_bytes\",\"count\",\"cgroup\",\"rank\",\"estimated\",\"host\",\"taken_at\"",
                lines[0]);
        assertTrue(lines[1].startsWith("\"program812\",\"812\",800,0,209715200,20971520,"));
    }

    /** Any user who may create a cgroup chooses its name. */
    @Test
    void hostileCgroupNamesDoNoHarm() throws IOException {
        String name = "/a\u001b[2J\t\u202e" + "y".repeat(4000);
        Path processes = Files.createDirectories(root.resolve("sys/fs/cgroup/a\u001b[2J"));
        assumeTrue(Files.exists(processes), "this file system has no such names");
        host.process(5, 1, 0, 667, "0::/a\u001b[2J")
                .v2("/a\u001b[2J", "memory.max", "1000")
                .v2("/a\u001b[2J", "memory.current", "1000")
                .v2("/a\u001b[2J", "memory.oom.group", "1")
                .process(6, 1, 0, 667, "0::" + name)
                .process(7, 1, 0, 667, "0::/../..")
                .process(8, 1, 0, 667, "0::/b\n1:x:/\n\n::\n0:\n");
        String table = table(host.report());
        assertFalse(table.contains("\u001b"), table);
        assertTrue(table.contains("/a\\x1b[2J"), table);
        assertEquals(
                "/a\u001b[2J",
                json(host.report()).get("full_cgroups").get(0).get("cgroup").asText());
        assertEquals(4, host.report().rows().size());
    }

    /** Compares processes whose scores were the same before and after, since scores change. */
    @Test
    void orderFollowsTheScoresOfThisHost() throws IOException {
        Map<Integer, String> before = scores();
        Snapshot snapshot =
                new Scanner(
                                new ProcFs("/proc"),
                                ScanRequest.of(Source.AUTO).with(OomReport.DETAILS))
                        .scan(0);
        Map<Integer, String> after = scores();
        Psm.Report report = MadeUpHost.report(snapshot, 0);
        Map<Integer, Long> shown = new HashMap<>();
        long last = -1;
        for (Psm.Row row : report.ranking().inTable()) {
            long score = (Long) value(report, row, "oom_score");
            assertTrue(last <= score, "the scores do not ascend: " + last + ", " + score);
            last = score;
            for (Object pid : (List<?>) value(report, row, "pids")) {
                shown.put((Integer) pid, score);
            }
        }
        before.remove((int) ProcessHandle.current().pid()); // psm itself
        int compared = 0;
        before.remove((int) ProcessHandle.current().pid()); // psm leaves itself out
        for (Unmeasured process : snapshot.unmeasured()) {
            before.remove(process.pid());
        }
        for (Map.Entry<Integer, String> score : before.entrySet()) {
            if (score.getValue().equals(after.get(score.getKey()))) {
                assertEquals(
                        score.getValue(), "" + shown.get(score.getKey()), "of " + score.getKey());
                compared++;
            }
        }
        assertTrue(compared > 0, "not one score stayed the same");
    }

    /** Returns the scores of processes that have memory and can be killed. */
    private static Map<Integer, String> scores() throws IOException {
        Map<Integer, String> scores = new HashMap<>();
        for (int pid : new ProcFs("/proc").pids()) {
            try {
                Path folder = Path.of("/proc/" + pid);
                String score = Files.readString(folder.resolve("oom_score")).strip();
                String adj = Files.readString(folder.resolve("oom_score_adj")).strip();
                boolean hasMemory = Files.readString(folder.resolve("status")).contains("VmRSS:");
                if (hasMemory && !score.equals("0") && !adj.equals("-1000")) {
                    scores.put(pid, score);
                }
            } catch (IOException e) {
                scores.remove(pid); // it has exited
            }
        }
        return scores;
    }
}
