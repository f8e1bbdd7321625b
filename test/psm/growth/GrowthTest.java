package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.name.UserNames;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.UnlistedMemory;
import psm.report.Grouping;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.support.MadeUpSnapshot;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Feeds made-up samples to the report, one a minute. */
class GrowthTest {
    private static final long MB = 1 << 20;
    private static final String BOOT = "a";
    private static final Instant START = Instant.parse("2026-11-23T08:00:00Z");

    /** The uptime of the first sample: no process is young then. */
    private static final long UPTIME_MILLIS = 100_000_000;

    private static final long MINUTE_MILLIS = 60_000;
    private static final GrowthReport.Chosen ALL =
            new GrowthReport.Chosen(0, Missing.VALUE, null, false, false, false);
    private static final UserNames NOBODY = UserNames.of(Map.of(), Map.of());

    /** The memory of a process in kB, as smaps_rollup shows it. */
    private static ProcessMemory process(
            int pid, long start, String name, double anonymousMb, double pssMb) {
        long[] sums = new long[Usage.Field.values().length];
        sums[Usage.Field.ANONYMOUS.ordinal()] = (long) (anonymousMb * MB);
        sums[Usage.Field.RSS.ordinal()] = (long) (anonymousMb * MB);
        sums[Usage.Field.PSS.ordinal()] = (long) (pssMb * MB);
        sums[Usage.Field.PSS_ANON.ordinal()] = (long) (pssMb * MB);
        Usage usage = new Usage(sums, 0, 0, 0, 0);
        Program program = new Program(name, Program.File.CURRENT);
        return new ProcessMemory(pid, start, program, true, usage, ProcessDetails.NONE);
    }

    private static ProcessMemory child(int pid, int parent, String name, double mb) {
        ProcessDetails none = ProcessDetails.NONE;
        ProcessDetails details =
                new ProcessDetails(
                        parent,
                        none.threads(),
                        none.status(),
                        none.oomScore(),
                        none.oomScoreAdj(),
                        none.mappings(),
                        null,
                        null,
                        none.devices());
        ProcessMemory like = process(pid, name, mb);
        return new ProcessMemory(pid, pid, like.program(), true, like.usage(), details);
    }

    private static ProcessMemory process(int pid, String name, double mb) {
        return process(pid, pid, name, mb, mb);
    }

    private static ProcessMemory estimated(int pid, String name, double anonymousMb, double rss) {
        return ProcessMemory.estimated(
                pid,
                pid,
                new Program(name, Program.File.CURRENT),
                Usage.estimated((long) (rss * MB), (long) (anonymousMb * MB), 0, 0),
                ProcessDetails.NONE,
                new ProcessMemory.Estimate(Unmeasured.Reason.LARGE, null));
    }

    private static Snapshot sample(String boot, long minute, List<ProcessMemory> processes) {
        return sample(boot, minute, processes, List.of(), "", Map.of());
    }

    private static Snapshot sample(
            String boot,
            long minute,
            List<ProcessMemory> processes,
            List<Unmeasured> unmeasured,
            String meminfo,
            Map<String, CgroupMemory> cgroups) {
        Snapshot made = MadeUpSnapshot.of(processes, unmeasured);
        Snapshot.Run run = made.run();
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        long uptime = UPTIME_MILLIS + minute * MINUTE_MILLIS;
        return new Snapshot(
                made.scope(),
                new Snapshot.Run(
                        START.plusMillis(minute * MINUTE_MILLIS),
                        1,
                        processes.size(),
                        false,
                        1,
                        1,
                        List.of(),
                        run.psmVersion(),
                        null),
                new Host("box1", "6.1", boot, uptime, memory, null),
                processes,
                unmeasured,
                Map.of(),
                Map.of(),
                cgroups,
                null);
    }

    private static Growth growth(Grouping by) {
        return new Growth(List.of(by), null, false);
    }

    private static Psm.Report report(Growth growth) throws IOException {
        return new GrowthReport(growth, ALL).report("1");
    }

    private static Object value(Psm.Report report, int row, String key) {
        return value(report.columns(), report.rows().get(row), key);
    }

    private static Object value(List<Psm.Column> columns, Psm.Row row, String key) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).key().equals(key)) {
                return row.values().get(i);
            }
        }
        throw new IllegalArgumentException(key);
    }

    private static Psm.Account limits(Psm.Report report) {
        return report.accounts().get(0);
    }

    // Processes

    @Test
    void theFastestSteadyGrowthIsFirst() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            growth.add(
                    sample(
                            BOOT,
                            i,
                            List.of(
                                    process(5, "slow", 50 + i),
                                    process(6, "flat", 500),
                                    process(7, "fast", 20 + 3 * i),
                                    process(8, "step", i < 30 ? 10 : 900))),
                    NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("fast", value(report, 0, "program"));
        assertEquals("slow", value(report, 1, "program"));
        assertNear(180 * MB, (Long) value(report, 0, "rate_bytes_per_hour"), MB);
        assertEquals("steady growth", value(report, 0, "verdict"));
        assertEquals(197 * MB, value(report, 0, "now_bytes"));
        assertEquals(1L, value(report, 0, "count"));
    }

    @Test
    void flatRowsAreNotForPeople() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> both =
                    List.of(process(5, "grows", 50 + i), process(6, "flat", 500));
            growth.add(sample(BOOT, i, both), NOBODY);
        }
        GrowthReport.Chosen some =
                new GrowthReport.Chosen(0, Missing.VALUE, null, true, false, false);
        Psm.Report report = new GrowthReport(growth, some).report("1");
        assertEquals(1, report.rows().size());
        assertEquals(1, report.more().rows());
        assertEquals(2, report(growth).rows().size());
        GrowthReport.Chosen grown = new GrowthReport.Chosen(0, 10 * MB, null, false, false, false);
        assertEquals(1, new GrowthReport(growth, grown).report("1").rows().size());
    }

    /** It grows for the 10 minutes after its start, and not in the 50 minutes after that. */
    @Test
    void theStartOfAProcessIsLeftOut() throws IOException {
        for (Grouping by : List.of(Grouping.PROGRAM, Grouping.PID)) {
            Growth growth = growth(by);
            long start = (UPTIME_MILLIS - 600_000) / 10;
            for (int i = -10; i < 90; i++) {
                double mb = 50 + 10 * Math.min(0, i);
                growth.add(
                        sample(BOOT, i, List.of(process(5, start, "x", 200 + mb, 200 + mb))),
                        NOBODY);
            }
            assertEquals("flat", value(report(growth), 0, "verdict"), by.toString());
            assertEquals(0L, value(report(growth), 0, "change_bytes"), by.toString());
        }
    }

    @Test
    void aChildIsInTheRowOfItsParent() throws IOException {
        Growth growth = growth(Grouping.PARENT);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> both =
                    List.of(child(5, 1, "parent", 10), child(6, 5, "child", 10 + i));
            growth.add(sample(BOOT, i, both), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals(1, report.rows().size());
        assertEquals("parent", value(report, 0, "parent"));
        assertEquals(2L, value(report, 0, "count"));
        assertEquals(79 * MB, value(report, 0, "now_bytes"));
    }

    /** Pss of a fork grows when its sibling writes; its own memory does not. */
    @Test
    void aSiblingThatWritesMakesNoProcessGrow() throws IOException {
        Growth growth = growth(Grouping.PID);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> forks =
                    List.of(process(5, 5, "x", 200, 100 + i), process(6, 6, "x", 200 + i, 100 + i));
            growth.add(sample(BOOT, i, forks), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals(6L, value(report, 0, "pid"));
        assertNear(60 * MB, (Long) value(report, 0, "rate_bytes_per_hour"), MB);
        assertEquals(5L, value(report, 1, "pid"));
        assertEquals("flat", value(report, 1, "verdict"));
    }

    @Test
    void whatForksCopyIsNotGrowthOfAny() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> forks =
                    List.of(
                            process(5, 5, "x", 200, 100 + i / 2.0),
                            process(6, 6, "x", 200, 100 + i / 2.0));
            growth.add(sample(BOOT, i, forks), NOBODY);
        }
        Psm.Report report = report(growth);
        assertNear(59 * MB, (Long) value(report, 0, "copied_bytes"), MB);
        assertEquals(259 * MB, value(report, 0, "now_bytes"));
    }

    @Test
    void littleThatIsCopiedIsNoise() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> forks =
                    List.of(
                            process(5, 5, "x", 200, 100 + i / 150.0),
                            process(6, 6, "x", 200, 100 + i / 150.0),
                            process(7, 7, "y", 200, 100 + i / 100.0),
                            process(8, 8, "y", 200, 100 + i / 100.0));
            growth.add(sample(BOOT, i, forks), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("y", value(report, 0, "program"));
        assertNear(59 * MB / 50, (Long) value(report, 0, "copied_bytes"), MB / 100);
        assertEquals("x", value(report, 1, "program"));
        assertNull(value(report, 1, "copied_bytes"));
    }

    @Test
    void sizesAtBirthCountAsMemory() {
        GrowthRow row = new GrowthRow(List.of("x"), 0);
        for (int i = 0; i < 100; i++) {
            row.births.born(i, MB);
        }
        assertTrue(row.capacity() >= 100, "" + row.capacity());
    }

    @Test
    void aPidIsUsedAgainByAnotherProcess() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            int start = i / 5;
            ProcessMemory worker = process(6, start, "w", 60 + start, 60 + start);
            growth.add(sample(BOOT, i, List.of(process(5, "other", 1), worker)), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("w", value(report, 0, "program"));
        assertEquals(11L, value(report, 0, "started"));
        assertEquals(11L, value(report, 0, "ended"));
        assertEquals(11L, value(report, 0, "ends_per_hour"));
        assertNear(61 * MB, (Long) value(report, 0, "starts_at_first_bytes"), MB);
        assertNear(71 * MB, (Long) value(report, 0, "starts_at_last_bytes"), MB);
        assertNull(value(report, 1, "ends_per_hour"));
    }

    /** Of a huge process, most samples are estimates, in which all of its RAM is Rss. */
    @Test
    void estimatesInBetweenAreNoSawTooth() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            ProcessMemory huge =
                    i % 10 == 0
                            ? process(5, 5, "huge", 1000 + 3 * i, 1500 + 3 * i)
                            : estimated(5, "huge", 1000 + 3 * i, 9000 + 3 * i);
            growth.add(sample(BOOT, i, List.of(huge)), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("steady growth", value(report, 0, "verdict"));
        assertNear(180 * MB, (Long) value(report, 0, "rate_bytes_per_hour"), MB);
        assertEquals(1L, value(report, 0, "estimated"));
    }

    @Test
    void aProcessThatIsNotReadOnceStaysAsItIs() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        Unmeasured stuck = new Unmeasured(5, "x", Unmeasured.Reason.STUCK, null, null);
        for (int i = 0; i < 60; i++) {
            boolean isStuck = i % 7 == 3;
            growth.add(
                    sample(
                            BOOT,
                            i,
                            isStuck ? List.of() : List.of(process(5, "x", 100 + i)),
                            isStuck ? List.of(stuck) : List.of(),
                            "",
                            Map.of()),
                    NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("steady growth", value(report, 0, "verdict"));
        assertEquals(0L, value(report, 0, "started"));
        assertEquals(0L, value(report, 0, "ended"));
    }

    @Test
    void anotherProgramInAProcessIsAnotherRow() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 20; i++) {
            String name = i < 10 ? "sh" : "worker";
            growth.add(sample(BOOT, i, List.of(process(5, 5, name, 10, 10))), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals(1, report.rows().size());
        assertEquals("worker", value(report, 0, "program"));
        assertEquals(1L, value(report, 0, "started"));
    }

    @Test
    void aProcessThatGrewUntilItsEndIsShown() throws IOException {
        Growth growth = growth(Grouping.PID);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> processes = new ArrayList<>(List.of(process(5, "flat", 10)));
            if (i < 50) {
                processes.add(process(6, "killed", 10 + i));
                processes.add(process(7, "ended", 10));
            }
            growth.add(sample(BOOT, i, processes), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals(2, report.rows().size());
        assertEquals(6L, value(report, 0, "pid"));
        assertEquals(0L, value(report, 0, "now_bytes"));
    }

    @Test
    void aRebootEndsAllProcesses() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            growth.add(sample(i < 40 ? BOOT : "b", i, List.of(process(5, "x", 10 + i))), NOBODY);
        }
        assertTrue(growth.isRebooted());
        assertEquals(20, growth.samples());
        assertEquals(19 * MINUTE_MILLIS, growth.millis());
        assertEquals(0L, value(report(growth), 0, "started"));
    }

    @Test
    void manyShortLivesTakeLittleMemory() throws IOException {
        Growth growth = growth(Grouping.PID);
        int pid = 1;
        for (int i = 0; i < 40; i++) {
            List<ProcessMemory> processes = new ArrayList<>();
            for (int j = 0; j < 8192; j++) {
                processes.add(process(pid, "x", 1));
                pid++;
            }
            growth.add(sample(BOOT, i, processes), NOBODY);
        }
        assertEquals(8192, report(growth).rows().size());
        assertTrue(growth.size() < 20_000, "" + growth.size());
    }

    /** All are followed, in less memory each. */
    @Test
    void manyLongLivesTakeLittleMemory() throws IOException {
        Growth growth = growth(Grouping.PID);
        List<ProcessMemory> processes = new ArrayList<>();
        for (int i = 0; i < 3000; i++) {
            processes.add(process(i + 1, "x", 1));
        }
        for (int i = 0; i < 450; i++) {
            processes.set(7, process(8, "x", 10 + i));
            growth.add(sample(BOOT, i, processes), NOBODY);
        }
        assertEquals(0, growth.dropped());
        assertTrue(growth.slots() <= 1_200_000, "" + growth.slots());
        Psm.Report report = report(growth);
        assertEquals(3000, report.rows().size());
        assertEquals(8L, value(report, 0, "pid"));
        assertEquals("steady growth", value(report, 0, "verdict"));
        assertNear(60 * MB, (Long) value(report, 0, "rate_bytes_per_hour"), MB);
    }

    @Test
    void theSmallestOfVeryManyAreLeftOut() throws IOException {
        Growth growth = growth(Grouping.PID);
        List<ProcessMemory> processes = new ArrayList<>();
        for (int i = 0; i < 40_002; i++) {
            processes.add(process(i + 1, "x", i == 7 ? 10 : 1));
        }
        growth.add(sample(BOOT, 0, processes), NOBODY);
        growth.add(sample(BOOT, 1, processes), NOBODY);
        assertEquals(20_001, growth.dropped());
        Psm.Report report = report(growth);
        assertEquals(20_001, report.rows().size());
        assertEquals(8L, value(report, 0, "pid"));
    }

    /** As where a scan meets a fork, and counts pages too low that the processes share. */
    @Test
    void oneLowSampleOfAGroupIsLeftOut() throws IOException {
        for (Grouping by : new Grouping[] {Grouping.PROGRAM, Grouping.PID}) {
            Growth growth = growth(by);
            for (int i = 0; i < 60; i++) {
                int size = i == 57 ? 20 : 100 + i;
                growth.add(sample(BOOT, i, List.of(process(5, "x", size))), NOBODY);
            }
            boolean isGroup = by == Grouping.PROGRAM;
            Psm.Report report = report(growth);
            assertEquals(isGroup, "steady growth".equals(value(report, 0, "verdict")));
            assertEquals(159 * MB, value(report, 0, "now_bytes"));
        }
    }

    @Test
    void whatHasEndedComesBehindWhatGrows() throws IOException {
        Growth growth = growth(Grouping.PID);
        for (int i = 0; i < 60; i++) {
            List<ProcessMemory> processes = new ArrayList<>();
            processes.add(process(5, "x", 100 + i));
            if (i < 50) {
                processes.add(process(6, "x", 100 + 3 * i));
            }
            growth.add(sample(BOOT, i, processes), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals(List.of(5L, 6L), List.of(value(report, 0, "pid"), value(report, 1, "pid")));
        assertEquals("steady growth", value(report, 1, "verdict"));
        assertEquals(0L, value(report, 1, "now_bytes"));
    }

    // Limits

    /** Returns an hour of a machine with 100 MB of swap, of which less is available each minute. */
    private static Growth ofMachine(int totalMb, int usedMb, int growthMb) throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            String meminfo =
                    "MemTotal: "
                            + totalMb * 1024L
                            + " kB\nMemAvailable: "
                            + (totalMb - usedMb - i * growthMb) * 1024L
                            + " kB\nSwapTotal: 102400 kB\nSwapFree: 102400 kB\n";
            growth.add(
                    sample(BOOT, i, List.of(process(5, "x", 1)), List.of(), meminfo, Map.of()),
                    NOBODY);
        }
        return growth;
    }

    @Test
    void aMachineThatIsNotSoonFullHasNoTime() throws IOException {
        for (String[] expected :
                new String[][] {{"flat", "1024", "0"}, {"not within 30 days", "1048576", "1"}}) {
            int growthMb = Integer.parseInt(expected[2]);
            Growth growth = ofMachine(Integer.parseInt(expected[1]), 524, growthMb);
            Psm.Account limits = limits(report(growth));
            Psm.Row host = limits.rows().get(0);
            assertEquals(expected[0], value(limits.columns(), host, "outlook"));
            assertEquals(null, value(limits.columns(), host, "full_at"));
        }
    }

    @Test
    void aMachineIsFullWithItsSwap() throws IOException {
        Growth growth = ofMachine(1024, 524, 1);
        Psm.Account limits = limits(report(growth));
        Psm.Row host = limits.rows().get(0);
        assertEquals("host", value(limits.columns(), host, "limit_of"));
        assertEquals(583 * MB, value(limits.columns(), host, "used_bytes"));
        assertEquals(1124 * MB, value(limits.columns(), host, "limit_bytes"));
        assertNear(541 * 60, (Long) value(limits.columns(), host, "full_in_seconds"), 2);
        assertNear(
                START.plusSeconds(600 * 60).getEpochSecond(),
                ((Instant) value(limits.columns(), host, "full_at")).getEpochSecond(),
                2);
        assertEquals("steady growth", value(limits.columns(), host, "outlook"));
        // The rate is exact, but no moment is known better than to a minute.
        Instant full = (Instant) value(limits.columns(), host, "full_at");
        assertEquals(full.minusSeconds(60), value(limits.columns(), host, "earliest_at"));
        assertEquals(full.plusSeconds(60), value(limits.columns(), host, "latest_at"));
        for (String key : List.of("rate", "rate_low", "rate_high")) {
            Object rate = value(limits.columns(), host, key + "_bytes_per_hour");
            assertEquals(60 * MB, rate, key);
        }
    }

    @Test
    void whatDoesNotGoOnHasNoRate() throws IOException {
        Psm.Account limits = limits(report(ofMachine(1024, 524, 0)));
        for (String key : List.of("rate", "rate_low", "rate_high")) {
            assertNull(value(limits.columns(), limits.rows().get(0), key + "_bytes_per_hour"));
        }
    }

    private static CgroupMemory cgroup(long limitMb, long currentMb, double heldMb) {
        return cgroup(limitMb, 0, 60, currentMb, heldMb);
    }

    private static CgroupMemory cgroup(
            long limitMb, long swapMb, long swappiness, long currentMb, double heldMb) {
        return new CgroupMemory(
                new CgroupMemory.Limits(
                        limitMb == 0 ? Long.MAX_VALUE : limitMb * MB,
                        Missing.VALUE,
                        Missing.VALUE,
                        swapMb == Missing.VALUE ? swapMb : swapMb * MB,
                        swappiness,
                        true,
                        true),
                new CgroupMemory.InUse(currentMb * MB, 0, 0, (long) (heldMb * MB)),
                0,
                false);
    }

    @Test
    void pageCacheFillsNoControlGroup() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 60; i++) {
            Map<String, CgroupMemory> cgroups = new HashMap<>();
            cgroups.put("/", cgroup(0, 900, 900));
            cgroups.put("/cache", cgroup(100, 10 + i, 10));
            cgroups.put("/leak", cgroup(100, 100, 10 + i));
            cgroups.put("/leak/below", cgroup(0, 100, 10 + i));
            growth.add(
                    sample(BOOT, i, List.of(process(5, "x", 1)), List.of(), "", cgroups), NOBODY);
        }
        List<Forecast> forecasts = new GrowthReport(growth, ALL).forecasts();
        assertEquals(2, forecasts.size());
        assertEquals("/leak", forecasts.get(0).name());
        assertNear(31 * 60, forecasts.get(0).time().millis() / 1000, 2);
        assertEquals("/cache", forecasts.get(1).name());
        assertFalse(forecasts.get(1).time().isForeseeable());
    }

    @Test
    void aControlGroupIsFullWithTheSwapThatItCanHave() throws IOException {
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        cgroups.put("/some", cgroup(100, 50, 60, 10, 10));
        cgroups.put("/more-than-there-is", cgroup(100, 5000, 60, 10, 10));
        cgroups.put("/any", cgroup(100, Missing.VALUE, 60, 10, 10));
        cgroups.put("/never", cgroup(100, 50, 0, 10, 10));
        String meminfo = "SwapTotal: 204800 kB\nSwapFree: 204800 kB\n";
        Growth growth = growth(Grouping.PROGRAM);
        growth.add(
                sample(BOOT, 0, List.of(process(5, "x", 1)), List.of(), meminfo, cgroups), NOBODY);
        Map<String, Long> limits = new HashMap<>();
        for (Forecast forecast : new GrowthReport(growth, ALL).forecasts()) {
            limits.put(forecast.name(), forecast.limit() / MB);
        }
        Map<String, Long> expected =
                Map.of("/some", 150L, "/more-than-there-is", 300L, "/any", 300L, "/never", 100L);
        assertEquals(expected, limits);
    }

    @Test
    void ofTooManyControlGroupsSomeAreCounted() throws IOException {
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        for (int i = 0; i < 2003; i++) {
            cgroups.put("/" + i, cgroup(100, 10, 10));
        }
        Growth growth = growth(Grouping.PROGRAM);
        growth.add(sample(BOOT, 0, List.of(process(5, "x", 1)), List.of(), "", cgroups), NOBODY);
        assertEquals(3, growth.droppedLimits());
    }

    @Test
    void samplesThatAreNotSpreadAreTooFew() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 10; i++) {
            growth.add(
                    sample(BOOT, i < 8 ? i : 52 + i, List.of(process(5, "x", 10 + 9 * i))), NOBODY);
        }
        GrowthReport report = new GrowthReport(growth, ALL);
        assertEquals("too short", value(report.report("1"), 0, "verdict"));
        assertTrue(report.isTooShort());
    }

    @Test
    void fewSamplesMakeNoFigures() throws IOException {
        Growth growth = growth(Grouping.PROGRAM);
        for (int i = 0; i < 5; i++) {
            growth.add(sample(BOOT, i, List.of(process(5, "x", 10 + 9 * i))), NOBODY);
        }
        Psm.Report report = report(growth);
        assertEquals("too short", value(report, 0, "verdict"));
        assertNull(value(report, 0, "rate_bytes_per_hour"));
        assertNull(value(report, 0, "change_bytes"));
    }

    @Test
    void titlesOfTheRowsAreByTheirGroups() throws IOException {
        Growth growth = new Growth(List.of(Grouping.PROGRAM, Grouping.CGROUP), null, false);
        growth.add(sample(BOOT, 0, List.of(process(5, "x", 1))), NOBODY);
        Psm.Report report = report(growth);
        assertEquals("x", value(report, 0, "program"));
        assertNull(value(report, 0, "cgroup"));
        Set<String> keys = new HashSet<>();
        report.columns().forEach(column -> keys.add(column.key()));
        assertEquals(report.columns().size(), keys.size());
    }

    private static void assertNear(long expected, long actual, long most) {
        assertTrue(Math.abs(expected - actual) <= most, actual + " instead of " + expected);
    }
}
