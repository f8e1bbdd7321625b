package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import psm.Psm;
import psm.name.Program;
import psm.name.UserNames;
import psm.proc.HostMemory;
import psm.proc.ProcFs;
import psm.proc.UnlistedMemory;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class ProcessReportTest {
    private static final long KB = 1024;

    private final List<ProcessMemory> processes = new ArrayList<>();

    /** Adds a process with sizes in bytes, or {@link Missing#VALUE}. */
    private ProcessReportTest with(int pid, String program, boolean rollup, long pss, long swap) {
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.PSS.ordinal()] = pss;
        sums[Usage.Field.SWAP.ordinal()] = swap;
        Usage usage = new Usage(sums, Missing.VALUE, 1, 0, 0);
        Program runs = new Program(program, Program.File.CURRENT);
        processes.add(new ProcessMemory(pid, 1, runs, rollup, usage, ProcessDetails.NONE));
        return this;
    }

    /** Adds a process of another user, of which status alone can be read. */
    private ProcessReportTest estimated(int pid, String program, long resident, long swapped) {
        Program runs = new Program(program, Program.File.UNKNOWN);
        processes.add(
                ProcessMemory.estimated(
                        pid,
                        1,
                        runs,
                        Usage.estimated(resident, Missing.VALUE, swapped, 0),
                        ProcessDetails.NONE,
                        new ProcessMemory.Estimate(Unmeasured.Reason.DENIED, null)));
        return this;
    }

    /** Returns the report of a host of 100 kB of RAM, of which 70 are in use. */
    private Psm.Report ofSmallHost(Figure... figures) {
        String meminfo = "MemTotal: 100 kB\nMemFree: 30 kB\nSwapTotal: 20 kB\nSwapFree: 15 kB\n";
        return Views.report(
                MadeUpSnapshot.of(
                        new HostMemory(meminfo, UnlistedMemory.UNKNOWN), processes, List.of()),
                Views.of(figures));
    }

    private Psm.Report report() {
        return Views.report(snapshot(), Views.of(Figure.PSS, Figure.SWAP));
    }

    private Snapshot snapshot() {
        return snapshot(HostMemory.read(new ProcFs("/nowhere"), false));
    }

    private Snapshot snapshot(HostMemory memory) {
        Unmeasured denied = new Unmeasured(9, "x", Unmeasured.Reason.DENIED, null);
        return MadeUpSnapshot.of(memory, processes, List.of(denied));
    }

    /** Returns the values of a row without the marks, which are the last three. */
    private static List<Object> values(Psm.Row row) {
        return row.values().subList(0, row.values().size() - 3);
    }

    @Test
    void processesOfOneNameAreOneRow() {
        with(1, "b", true, 10, 1).with(2, "a", true, 100, 0).with(3, "b", true, 20, 2);
        Psm.Report report = report();
        assertEquals(2, report.rows().size());
        assertEquals(Arrays.asList("b", 2L, List.of(1, 3), 30L, 3L), values(report.rows().get(1)));
        assertEquals(Arrays.asList("a", 1L, List.of(2), 100L, 0L), values(report.rows().get(0)));
        assertEquals(
                List.of(report.rows().get(1), report.rows().get(0)), report.ranking().inTable());
        assertEquals(Arrays.asList(null, null, null, 130L, 3L), values(report.totals()));
    }

    @Test
    void namesBreakTiesOfSize() {
        // These two have the same hash.
        with(1, "BB", true, 10, 0).with(2, "c", true, 10, 0).with(3, "Aa", true, 10, 0);
        List<Object> names = new ArrayList<>();
        for (Psm.Row row : report().rows()) {
            names.add(row.values().get(0));
        }
        assertEquals(List.of("Aa", "BB", "c"), names);
    }

    @Test
    void missingFiguresAreNull() {
        with(1, "a", true, 10, Missing.VALUE).with(2, "b", true, 20, Missing.VALUE);
        assertNull(report().rows().get(0).values().get(4));
        assertNull(report().totals().values().get(4));
    }

    @Test
    void percentagesAreOfTheWholeHost() {
        with(1, "a", true, 256 << 10, 10 << 10).with(2, "b", true, 512 << 10, Missing.VALUE);
        HostMemory memory =
                new HostMemory("MemTotal: 1024 kB\nSwapTotal: 40 kB\n", UnlistedMemory.UNKNOWN);
        View view = Views.of(Figure.PSS_PERCENT, Figure.RSS_PERCENT, Figure.SWAP_PERCENT);
        Psm.Report report = Views.report(snapshot(memory), view);
        assertEquals(
                Arrays.asList("a", 1L, List.of(1), 25.0, null, 25.0), values(report.rows().get(1)));
        assertEquals(
                Arrays.asList("b", 1L, List.of(2), 50.0, null, null), values(report.rows().get(0)));
        assertEquals(Arrays.asList(null, null, null, 75.0, null, 25.0), values(report.totals()));
    }

    @Test
    void percentagesOfNothingAreMissing() {
        with(1, "a", true, 10, 0);
        View view = Views.of(Figure.PSS_PERCENT, Figure.SWAP_PERCENT);
        HostMemory memory = new HostMemory("SwapTotal: 0 kB\n", UnlistedMemory.UNKNOWN);
        Psm.Report report = Views.report(snapshot(memory), view);
        assertEquals(Arrays.asList("a", 1L, List.of(1), null, null), values(report.rows().get(0)));
        assertEquals(Arrays.asList(null, null, null, null, null), values(report.totals()));
    }

    @Test
    void noProcessesUseNoMemory() {
        assertEquals(Arrays.asList(null, null, null, 0L, 0L), values(report().totals()));
        assertNull(report().source());
    }

    @Test
    void sourceCoversAllProcesses() {
        assertEquals("smaps_rollup", with(1, "a", true, 1, 0).report().source());
        assertEquals("mixed", with(2, "a", false, 1, 0).report().source());
        processes.remove(0);
        assertEquals("smaps", report().source());
    }

    @Test
    void sharedAddressSpaceCountsOncePerRow() {
        with(1, "a", true, 100, 5).with(2, "a", true, 100, 5).with(3, "b", true, 100, 5);
        processes.set(1, processes.get(1).countedUnder(1));
        processes.set(2, processes.get(2).countedUnder(1));
        Psm.Report report = report();
        assertEquals(Arrays.asList("b", 1L, List.of(3), 0L, 0L), values(report.rows().get(1)));
        assertEquals(Arrays.asList("a", 2L, List.of(1, 2), 100L, 5L), values(report.rows().get(0)));
        assertEquals(Arrays.asList(null, null, null, 100L, 5L), values(report.totals()));
    }

    @Test
    void marksCountTheProcessesOfARow() {
        with(1, "a", true, 1, 0).with(2, "a", true, 1, 0).with(3, "a", true, 1, 0);
        for (int i = 0; i < 3; i++) {
            Program.File file = i < 2 ? Program.File.UPDATED : Program.File.DELETED;
            ProcessMemory p = processes.get(i);
            Program program = new Program("a", file);
            processes.set(
                    i,
                    new ProcessMemory(
                            p.pid(), 1, program, p.rollup(), p.usage(), ProcessDetails.NONE));
        }
        List<Object> row = report().rows().get(0).values();
        assertEquals(List.of(1L, 2L, 0L), row.subList(row.size() - 3, row.size()));
    }

    @Test
    void rareFiguresAreHiddenWhenZero() {
        with(1, "a", true, 1, 0);
        assertEquals(0, sharedHugetlb(0).display());
        assertEquals(Figure.SHARED_HUGETLB.column.at(2), sharedHugetlb(4096));
    }

    private Psm.Column sharedHugetlb(long bytes) {
        processes.get(0).usage().sums[Usage.Field.SHARED_HUGETLB.ordinal()] = bytes;
        return Views.report(snapshot(), Views.of(Figure.PSS, Figure.SHARED_HUGETLB))
                .columns()
                .get(4);
    }

    /** Adds a process with a parent. */
    private void child(int pid, int parent) {
        with(pid, "p" + pid, true, pid, 0);
        ProcessMemory process = processes.remove(processes.size() - 1);
        ProcessDetails details = MadeUpDetails.of(parent, 0, "0::/\n", null);
        processes.add(new ProcessMemory(pid, 1, process.program(), true, process.usage(), details));
    }

    private Psm.Report by(Grouping grouping) {
        return Views.report(snapshot(), Views.of(List.of(grouping), Figure.PSS));
    }

    @Test
    void deepTreeIsMadeInTime() {
        int count = 30_000;
        for (int pid = 2; pid <= count; pid++) {
            child(pid, pid - 1);
        }
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    List<Psm.Row> tree = by(Grouping.TREE).rows();
                    assertEquals(count - 1, tree.size());
                    assertEquals(List.of(2L, 1L, 0L), tree.get(0).values().subList(0, 3));
                    assertEquals(
                            List.of(30_000L, 29_999L, 29_998L),
                            tree.get(count - 2).values().subList(0, 3));
                    assertEquals(1, by(Grouping.PARENT).rows().size());
                });
    }

    @Test
    void circlesOfParentsAreShownOnce() {
        for (int pid = 2; pid <= 30_000; pid++) {
            child(pid, pid == 2 ? 30_000 : pid - 1);
        }
        child(40_000, 7);
        child(40_001, 40_001);
        assertTimeoutPreemptively(
                Duration.ofSeconds(30),
                () -> {
                    Set<Object> pids = new HashSet<>();
                    for (Psm.Row row : by(Grouping.TREE).rows()) {
                        assertTrue(pids.add(row.values().get(0)), row.toString());
                    }
                    assertEquals(30_001, pids.size());
                    assertEquals(2, by(Grouping.PARENT).rows().size());
                });
    }

    @Test
    void hiddenRowsAreSummedInOneLine() {
        with(1, "a", true, 10, 1).with(2, "b", true, 20, 2).with(3, "c", true, 30, 0);
        View all = Views.of(Figure.PSS, Figure.SWAP);
        for (boolean reversed : new boolean[] {true, false}) {
            View two = view(all, reversed, 2, Missing.VALUE);
            Psm.Report report = Views.report(snapshot(), two);
            assertEquals(2, report.rows().size());
            assertEquals("c", report.rows().get(reversed ? 1 : 0).values().get(0));
            assertEquals(1, report.more().rows());
            assertEquals(reversed, report.more().first());
            assertEquals(Arrays.asList(null, null, null, 10L, 1L), values(report.more().sums()));
            assertEquals(Arrays.asList(null, null, null, 60L, 3L), values(report.totals()));
        }
        assertNull(Views.report(snapshot(), view(all, false, 3, 10)).more());
        assertEquals(3, Views.report(snapshot(), view(all, false, 0, 31)).more().rows());
    }

    private static View view(View all, boolean reversed, int most, long least) {
        return new View(
                all.by(),
                all.columns(),
                all.sort(),
                reversed,
                most,
                least,
                false,
                View.Extent.ROWS,
                null);
    }

    @Test
    void spreadCoversTheProcessesOfARow() {
        with(1, "a", true, 30, 0).with(2, "a", true, 10, 0).with(3, "a", true, 25, 0);
        with(4, "b", true, 7, 0).with(5, "b", true, 10, 0);
        with(6, "c", true, Missing.VALUE, 0);
        List<Psm.Row> rows =
                Views.report(
                                snapshot(),
                                Views.of(
                                        Figure.SMALLEST,
                                        Figure.MEDIAN,
                                        Figure.LARGEST,
                                        Figure.LARGEST_PID))
                        .rows();
        assertEquals(List.of(10L, 25L, 30L, 1L), rows.get(0).values().subList(3, 7));
        assertEquals(List.of(7L, 8L, 10L, 5L), rows.get(1).values().subList(3, 7));
        assertEquals(Arrays.asList(null, null, null), rows.get(2).values().subList(3, 6));
    }

    @Test
    void totalChangeIncludesExitedProcesses() throws Failure {
        Earlier earlier = new Earlier();
        View view = Views.of(Figure.PSS, Figure.CHANGE);
        UserNames users = snapshot().userNames();
        with(1, "a", true, 100, 0).with(2, "gone", true, 50, 0);
        Psm.Report first = ProcessReport.of(snapshot(), "1", view, users, earlier);
        assertNull(first.rows().get(0).values().get(4));
        assertNull(first.totals().values().get(4));
        processes.clear();
        with(1, "a", true, 90, 0).with(3, "new", true, 7, 0);
        Psm.Report second = ProcessReport.of(snapshot(), "1", view, users, earlier);
        assertEquals(7L, second.rows().get(1).values().get(4));
        assertEquals(-10L, second.rows().get(0).values().get(4));
        assertEquals(-53L, second.totals().values().get(4));
    }

    /** A watch takes so long that pids come round again. */
    @ParameterizedTest
    @EnumSource(names = {"PID", "TREE", "PARENT"})
    void changeIsOfOneProcessNotOfAPid(Grouping by) throws Failure {
        Earlier earlier = new Earlier();
        View view = Views.of(List.of(by), Figure.PSS, Figure.CHANGE);
        UserNames users = snapshot().userNames();
        with(7, "a", true, 100, 0).with(8, "b", true, 10, 0);
        ProcessReport.of(snapshot(), "1", view, users, earlier);
        processes.clear();
        with(7, "other", true, 130, 0).with(8, "b", true, 30, 0);
        ProcessMemory other = processes.get(0);
        processes.set(
                0,
                new ProcessMemory(7, 2, other.program(), true, other.usage(), ProcessDetails.NONE));
        Psm.Report report = ProcessReport.of(snapshot(), "1", view, users, earlier);
        int change = 0;
        while (!report.columns().get(change).key().equals("change_bytes")) {
            change++;
        }
        List<Object> changes = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            changes.add(row.values().get(change));
        }
        assertEquals(List.of(130L, 20L), changes);
        assertEquals(50L, report.totals().values().get(change));
    }

    /** Two processes have one list of mappings, and each its own threads. */
    @Test
    void mappingsOfOneAddressSpaceCountOnce() {
        with(1, "a", true, 100, 0).with(2, "a", true, 100, 0);
        for (int i = 0; i < 2; i++) {
            ProcessMemory process = processes.get(i);
            ProcessDetails details =
                    new ProcessDetails(
                            0,
                            3,
                            ProcessDetails.Status.UNKNOWN,
                            0,
                            0,
                            40,
                            null,
                            null,
                            ProcessDetails.Devices.UNKNOWN);
            processes.set(
                    i,
                    new ProcessMemory(
                                    process.pid(),
                                    1,
                                    process.program(),
                                    true,
                                    process.usage(),
                                    details)
                            .countedUnder(1));
        }
        Psm.Report report =
                Views.report(snapshot(), Views.of(Figure.PSS, Figure.THREADS, Figure.MAPPINGS));
        assertEquals(List.of(100L, 6L, 40L), report.rows().get(0).values().subList(3, 6));
        assertEquals(List.of(100L, 6L, 40L), report.totals().values().subList(3, 6));
    }

    @Test
    void changesOfHiddenRowsAreSummedUp() throws Failure {
        with(1, "a", true, 9, 0).with(2, "b", true, 20, 0).with(3, "c", true, 70, 0);
        Earlier earlier = new Earlier();
        View all = Views.of(Figure.PSS, Figure.CHANGE);
        View one = view(all, false, 1, Missing.VALUE);
        UserNames users = UserNames.ofThisHost();
        ProcessReport.of(snapshot(), "VERSION", one, users, earlier);
        processes.clear();
        with(1, "a", true, 10, 0).with(2, "b", true, 25, 0).with(3, "c", true, 70, 0);
        Psm.Report report = ProcessReport.of(snapshot(), "VERSION", one, users, earlier);
        assertEquals(Arrays.asList(null, null, null, 35L, 6L), values(report.more().sums()));
    }

    @Test
    void changesUpAndDownAreSummedUp() throws Failure {
        with(1, "a", true, 30, 0).with(2, "b", true, 20, 0);
        Earlier earlier = new Earlier();
        View view = Views.of(Figure.PSS, Figure.CHANGE);
        UserNames users = UserNames.ofThisHost();
        ProcessReport.of(snapshot(), "VERSION", view, users, earlier);
        processes.clear();
        with(1, "a", true, 10, 0).with(2, "b", true, 25, 0);
        Psm.Report report = ProcessReport.of(snapshot(), "VERSION", view, users, earlier);
        assertEquals(Arrays.asList(null, null, null, 35L, -15L), values(report.totals()));
        Psm.Report same = ProcessReport.of(snapshot(), "VERSION", view, users, earlier);
        assertEquals(Arrays.asList(null, null, null, 35L, 0L), values(same.totals()));
    }

    @Test
    void sumsWithEstimatesAreWithinWhatTheHostHas() {
        for (int pid = 1; pid <= 3; pid++) {
            estimated(pid, "postgres", 60 * KB, 4 * KB);
        }
        with(4, "a", true, 5 * KB, 0);
        Psm.Report report = ofSmallHost(Figure.PSS, Figure.SWAP, Figure.RAM_AND_SWAP);
        Psm.Row row = report.rows().get(0);
        assertEquals(
                Arrays.asList("postgres", 3L, List.of(1, 2, 3), 70 * KB, 5 * KB, 75 * KB),
                values(row));
        assertEquals(
                Arrays.asList(null, null, null, 70 * KB, 5 * KB, 75 * KB), values(report.totals()));
        assertEquals(new Psm.Estimates(3, 0, 0, 0, 0, 0, true, false), estimates(report));
    }

    @Test
    void limitedFiguresDoNotChangeByThemselves() throws Failure {
        for (int pid = 1; pid <= 3; pid++) {
            estimated(pid, "postgres", 60 * KB, 0).estimated(pid + 3, "java", 60 * KB, 0);
        }
        String meminfo = "MemTotal: 100 kB\nMemFree: 30 kB\n";
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        Snapshot snapshot = MadeUpSnapshot.of(memory, processes, List.of());
        View view = Views.of(Figure.CHANGE);
        Earlier earlier = new Earlier();
        ProcessReport.of(snapshot, "1", view, snapshot.userNames(), earlier);
        Psm.Report report = ProcessReport.of(snapshot, "1", view, snapshot.userNames(), earlier);
        assertEquals(0L, report.rows().get(0).values().get(3));
        assertEquals(0L, report.rows().get(1).values().get(3));
        assertEquals(0L, report.totals().values().get(3));
    }

    /** A row, the total and the first line of the account are one figure here. */
    @Test
    void estimatesAreWithinWhatIsMapped() {
        estimated(1, "postgres", 60 * KB, 0).estimated(2, "postgres", 60 * KB, 0);
        String meminfo = "MemTotal: 100 kB\nMemFree: 30 kB\nAnonPages: 20 kB\nMapped: 10 kB\n";
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        View view = Views.withHost(Views.of(Figure.PSS, Figure.PSS_PERCENT));
        Psm.Report report = Views.report(MadeUpSnapshot.of(memory, processes, List.of()), view);
        assertEquals(30 * KB, report.rows().get(0).values().get(3));
        assertEquals(30 * KB, report.totals().values().get(3));
        assertEquals(30.0, report.totals().values().get(4));
        assertEquals(30 * KB, report.accounts().get(1).entries().get(0).bytes());
    }

    @Test
    void exactFiguresAreNeverCut() {
        with(1, "a", true, 90 * KB, 6 * KB).with(2, "a", true, 30 * KB, 0);
        assertEquals(120 * KB, ofSmallHost(Figure.PSS).totals().values().get(3));
        estimated(3, "a", KB, 0);
        assertEquals(120 * KB, ofSmallHost(Figure.PSS).totals().values().get(3));
        assertEquals(120 * KB, ofSmallHost(Figure.PSS).rows().get(0).values().get(3));
    }

    private static Psm.Estimates estimates(Psm.Report report) {
        return report.processes().estimates();
    }

    /** Rss is not estimated, and swap is not if there is none. */
    @Test
    void onlyWhatAnEstimateChangesIsMarked() {
        estimated(1, "a", KB, 0).with(2, "b", true, KB, 0);
        Psm.Report report = ofSmallHost(Figure.RSS, Figure.SWAP, Figure.COUNT);
        assertEquals(0, report.processes().estimated());
        assertEquals(Psm.Estimates.NONE, estimates(report));
        for (Psm.Row row : report.rows()) {
            assertEquals(0L, row.values().get(row.values().size() - 1));
        }
    }

    /** They may be private, and status does not say so. */
    @Test
    void hugePagesOfEstimatesMakeTotalsTooLow() {
        estimated(1, "a", KB, 0);
        ProcessMemory process = processes.get(0);
        processes.set(
                0,
                ProcessMemory.estimated(
                        1,
                        1,
                        process.program(),
                        Usage.estimated(KB, KB, 0, 2 * KB),
                        ProcessDetails.NONE,
                        process.estimate()));
        assertEquals(
                new Psm.Estimates(1, 0, 0, 0, 0, 0, true, true),
                estimates(ofSmallHost(Figure.PSS)));
    }

    /** A total without their private memory is too low, and not too high. */
    @Test
    void missingFiguresMakeTotalsTooLow() {
        estimated(1, "a", KB, 0);
        Psm.Report report = ofSmallHost(Figure.USS, Figure.RSS);
        assertNull(report.rows().get(0).values().get(3));
        assertEquals(new Psm.Estimates(1, 0, 0, 0, 0, 0, false, true), estimates(report));
        assertEquals(
                new Psm.Estimates(1, 0, 0, 0, 0, 0, true, true),
                estimates(ofSmallHost(Figure.PSS, Figure.USS)));
    }

    @Test
    void timeIsInWholeSeconds() {
        assertEquals("2026-11-23T06:20:11Z", report().takenAt().toString());
    }

    @Test
    void unmeasuredProcessesAreCounted() {
        assertEquals(
                new Psm.Processes(1, 0, 1, 0, 0, 0, false),
                with(1, "a", true, 1, 0).report().processes());
    }
}
