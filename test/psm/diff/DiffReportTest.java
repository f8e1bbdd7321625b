package psm.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.UnlistedMemory;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class DiffReportTest {
    private static final String BOOT = "b0071d00-0000-4000-8000-000000000001";
    private static final String OTHER_BOOT = "b0071d00-0000-4000-8000-000000000002";

    private static final View BY_PROGRAM = view(List.of(Grouping.PROGRAM), 0, Missing.VALUE, false);

    private final List<ProcessMemory> before = new ArrayList<>();
    private final List<ProcessMemory> after = new ArrayList<>();

    private static View view(List<Grouping> by, int rows, long least, boolean system) {
        return new View(
                by,
                View.columns(false),
                Figure.CHANGE,
                false,
                rows,
                least,
                false,
                system ? View.Extent.SYSTEM : View.Extent.ROWS,
                null);
    }

    private static Usage usage(long pss, long rss, long swap) {
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.PSS.ordinal()] = pss;
        sums[Usage.Field.RSS.ordinal()] = rss;
        sums[Usage.Field.SWAP_PSS.ordinal()] = swap;
        return new Usage(sums, Missing.VALUE, 0, 0, 0);
    }

    /** Makes a process of user 7 whose Rss is ten times its Pss, a child of init. */
    private static ProcessMemory process(int pid, long start, String program, long pss) {
        return child(1, pid, start, program, pss);
    }

    private static ProcessMemory child(int parent, int pid, long start, String program, long pss) {
        return new ProcessMemory(
                pid,
                start,
                new Program(program, Program.File.CURRENT),
                true,
                usage(pss, 10 * pss, 0),
                MadeUpDetails.of(parent, 7, "0::/\n", program));
    }

    private static ProcessMemory estimated(int pid, long start, String program, long rss) {
        return ProcessMemory.estimated(
                pid,
                start,
                new Program(program, Program.File.CURRENT),
                Usage.estimated(rss, 0, 0, 0),
                ProcessDetails.NONE,
                new ProcessMemory.Estimate(Unmeasured.Reason.DENIED, null));
    }

    private static Side side(String name, String boot, List<ProcessMemory> processes) {
        return side(name, boot, HostMemory.NONE, processes);
    }

    private static Side side(
            String name, String boot, HostMemory memory, List<ProcessMemory> processes) {
        Snapshot made = MadeUpSnapshot.of(memory, processes, List.of());
        return new Side(
                name,
                new Snapshot(
                        made.scope(),
                        made.run(),
                        new Host("host1", "6.1", boot, Missing.VALUE, memory, null),
                        processes,
                        made.unmeasured(),
                        made.users(),
                        made.groups(),
                        made.cgroups(),
                        null));
    }

    private Psm.Report report(View view) {
        return report(BOOT, BOOT, view, DiffColumn.CHANGE);
    }

    private Psm.Report report(String boot, String otherBoot, View view, DiffColumn sort) {
        try {
            Side a = side("a.psm", boot, before);
            return new DiffReport(a, side("b.psm", otherBoot, after), view, sort).report();
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    /** Returns a figure of a row, the total for {@code null}. */
    private static Object of(Psm.Report report, String name, String key) {
        Psm.Row found = name == null ? report.totals() : null;
        for (Psm.Row row : name == null ? List.<Psm.Row>of() : report.rows()) {
            found = row.values().contains(name) ? row : found;
        }
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals(key)) {
                return found.values().get(i);
            }
        }
        throw new AssertionError(key);
    }

    private static List<Object> sizes(Psm.Report report, String name) {
        List<Object> sizes = new ArrayList<>();
        for (String key : List.of("before", "after", "change", "new", "ended", "grown")) {
            sizes.add(of(report, name, key + "_bytes"));
        }
        return sizes;
    }

    private static List<Object> counts(Psm.Report report, String name) {
        List<Object> counts = new ArrayList<>();
        for (String key : List.of("count_before", "count_after", "count_new", "count_ended")) {
            counts.add(of(report, name, key));
        }
        return counts;
    }

    private static List<Object> names(List<Psm.Row> rows) {
        List<Object> names = new ArrayList<>();
        for (Psm.Row row : rows) {
            names.add(row.values().get(0));
        }
        return names;
    }

    @Test
    void changesAreOfNewAndEndedAndGrownProcesses() {
        before.add(process(1, 10, "web", 100));
        before.add(process(2, 10, "web", 50));
        before.add(process(3, 10, "db", 30));
        after.add(process(1, 10, "web", 120));
        after.add(process(4, 20, "web", 70));
        after.add(process(3, 10, "db", 20));
        Psm.Report report = report(BY_PROGRAM);
        assertEquals(List.of(150L, 190L, 40L, 70L, 50L, 20L), sizes(report, "web"));
        assertEquals(List.of(2L, 2L, 1L, 1L), counts(report, "web"));
        assertEquals(List.of(30L, 20L, -10L, 0L, 0L, -10L), sizes(report, "db"));
        assertEquals(List.of(180L, 210L, 30L, 70L, 50L, 10L), sizes(report, null));
        assertEquals(List.of("web", "db"), names(report.rows()));
        assertEquals(List.of("db", "web"), names(report.ranking().inTable()));
    }

    @Test
    void aPidThatIsUsedAgainIsAnotherProcess() {
        before.add(process(5, 10, "web", 100));
        after.add(process(5, 99, "web", 130));
        assertEquals(List.of(100L, 130L, 30L, 130L, 100L, 0L), sizes(report(BY_PROGRAM), "web"));
    }

    @Test
    void anotherProgramOfAProcessIsAnotherRow() {
        before.add(process(5, 10, "sh", 10));
        after.add(process(5, 10, "java", 400));
        Psm.Report report = report(BY_PROGRAM);
        assertEquals(List.of(10L, 0L, -10L, 0L, 10L, 0L), sizes(report, "sh"));
        assertEquals(List.of(0L, 400L, 400L, 400L, 0L, 0L), sizes(report, "java"));
        Psm.Report byPid = report(view(List.of(Grouping.PID), 0, Missing.VALUE, false));
        assertEquals(List.of(10L, 400L, 390L, 0L, 0L, 390L), sizes(byPid, "java"));
        assertEquals(1, byPid.rows().size());
    }

    @Test
    void rowsMayBeOfTopmostAncestors() {
        before.add(process(10, 10, "celery", 5));
        before.add(child(10, 11, 10, "python3", 100));
        before.add(process(20, 10, "launcher", 7));
        before.add(child(20, 21, 10, "java", 400));
        after.add(process(30, 90, "celery", 6)); // restarted
        after.add(child(30, 31, 90, "python3", 110));
        after.add(child(1, 21, 10, "java", 400)); // its parent has ended
        Psm.Report report = report(view(List.of(Grouping.PARENT), 0, Missing.VALUE, false));
        assertEquals(List.of(105L, 116L, 11L, 116L, 105L, 0L), sizes(report, "celery"));
        assertEquals(List.of(407L, 0L, -407L, 0L, 407L, 0L), sizes(report, "launcher"));
        assertEquals(List.of(0L, 400L, 400L, 400L, 0L, 0L), sizes(report, "java"));
        assertEquals(List.of("java", "celery", "launcher"), names(report.rows()));
        assertEquals("parent", report.columns().get(0).key());
    }

    /** Else a row would end under one name, and be new under the other. */
    @Test
    void ancestorsThatOneCouldNotReadNameNoRow() throws Failure {
        ProcessMemory child = child(7, 8, 600, "child", 20);
        ProcessMemory parent = process(7, 500, "parent", 10);
        View byParent = view(List.of(Grouping.PARENT), 0, Missing.VALUE, false);
        Side first = upFor(10, false, List.of(child), 7);
        Side second = upFor(30, false, List.of(parent, child));
        Psm.Report report = new DiffReport(first, second, byParent, DiffColumn.CHANGE).report();
        assertEquals(List.of("child"), names(report.rows()));
        assertEquals(List.of(20L, 20L, 0L, 0L, 0L, 0L), sizes(report, "child"));
    }

    @Test
    void groupsAloneAreComparedAcrossBoots() {
        before.add(process(1, 10, "web", 100));
        after.add(process(1, 10, "web", 130));
        after.add(process(2, 10, "db", 5));
        for (String boot : new String[] {OTHER_BOOT, null}) {
            Psm.Report report = report(BOOT, boot, BY_PROGRAM, DiffColumn.CHANGE);
            assertEquals(Arrays.asList(100L, 130L, 30L, null, null, null), sizes(report, "web"));
            assertEquals(Arrays.asList(1L, 1L, null, null), counts(report, "web"));
            assertEquals(Arrays.asList(0L, 5L, 5L, null, null, null), sizes(report, "db"));
            assertEquals(Arrays.asList(100L, 135L, 35L, null, null, null), sizes(report, null));
        }
    }

    @Test
    void anEstimateIsComparedByRss() {
        before.add(process(1, 10, "web", 100));
        before.add(process(2, 10, "web", 10));
        before.add(process(3, 10, "db", 7));
        after.add(estimated(1, 10, "web", 1000));
        after.add(process(2, 10, "web", 10));
        after.add(process(3, 10, "db", 7));
        Psm.Report report = report(BY_PROGRAM);
        assertEquals(List.of(1100L, 1100L, 0L, 0L, 0L, 0L), sizes(report, "web"));
        assertEquals(2L, of(report, "web", "estimated"));
        assertEquals(List.of(7L, 7L, 0L, 0L, 0L, 0L), sizes(report, "db"));
        assertEquals(0L, of(report, "db", "estimated"));
        assertEquals(1, report.processes().estimates().denied());
        assertEquals(1, report.processes().estimated());
    }

    @Test
    void recycledProcessesAreComparedByRssToo() {
        before.add(process(1, 10, "web", 100));
        after.add(estimated(2, 20, "web", 1000));
        assertEquals(List.of(1000L, 1000L, 0L, 1000L, 1000L, 0L), sizes(report(BY_PROGRAM), "web"));
    }

    @Test
    void estimatesOfBothTimesRemain() {
        before.add(estimated(1, 10, "web", 1000));
        before.add(process(2, 10, "web", 10));
        after.add(estimated(1, 10, "web", 1200));
        after.add(process(2, 10, "web", 11));
        Psm.Report report = report(BY_PROGRAM);
        assertEquals(List.of(1010L, 1211L, 201L, 0L, 0L, 201L), sizes(report, "web"));
        assertEquals(1L, of(report, "web", "estimated"));
    }

    @Test
    void swapIsShownIfThereIsAny() {
        ProcessMemory swapped =
                new ProcessMemory(
                        1,
                        10,
                        new Program("web", Program.File.CURRENT),
                        true,
                        usage(60, 60, 40),
                        ProcessDetails.NONE);
        before.add(process(1, 10, "web", 100));
        after.add(process(1, 10, "web", 100));
        assertEquals(0, display(report(BY_PROGRAM), "swap_after_bytes"));
        after.set(0, swapped);
        Psm.Report report = report(BY_PROGRAM);
        assertEquals(40L, of(report, "web", "swap_after_bytes"));
        assertEquals(40L, of(report, "web", "swap_change_bytes"));
        assertEquals(-40L, of(report, "web", "change_bytes"));
        assertEquals(11, display(report, "swap_before_bytes"));
        assertEquals(12, display(report, "swap_after_bytes"));
        assertEquals("SWAP BEFORE", column(report, "swap_before_bytes").title());
        assertEquals("SWAP AFTER", column(report, "swap_after_bytes").title());
    }

    private static int display(Psm.Report report, String key) {
        return column(report, key).display();
    }

    private static Psm.Column column(Psm.Report report, String key) {
        for (Psm.Column column : report.columns()) {
            if (column.key().equals(key)) {
                return column;
            }
        }
        throw new AssertionError(key);
    }

    @Test
    void rowsThatChangedMostAreShown() {
        before.add(process(1, 10, "shrinks", 900));
        before.add(process(2, 10, "same", 5000));
        before.add(process(3, 10, "grows", 10));
        after.add(process(1, 10, "shrinks", 100));
        after.add(process(2, 10, "same", 5000));
        after.add(process(3, 10, "grows", 40));
        Psm.Report report = report(view(List.of(Grouping.PROGRAM), 1, Missing.VALUE, false));
        assertEquals(List.of("shrinks"), names(report.rows()));
        assertEquals(2, report.more().rows());
        assertEquals(
                List.of("grows", "shrinks"),
                names(report(view(List.of(Grouping.PROGRAM), 0, 30, false)).rows()));
        Psm.Report byAfter = report(BOOT, BOOT, BY_PROGRAM, DiffColumn.AFTER);
        assertEquals(List.of("same", "shrinks", "grows"), names(byAfter.rows()));
    }

    /** Returns a side whose host has been up for some seconds. */
    private static Side upFor(
            int seconds, boolean isHidden, List<ProcessMemory> processes, int... unread) {
        List<Unmeasured> unmeasured = new ArrayList<>();
        for (int pid : unread) {
            unmeasured.add(new Unmeasured(pid, null, Unmeasured.Reason.DENIED, null));
        }
        Snapshot made = side("x", BOOT, processes).snapshot();
        Snapshot.Run run = made.run();
        return new Side(
                "x",
                new Snapshot(
                        made.scope(),
                        new Snapshot.Run(
                                run.takenAt(),
                                run.nanos(),
                                run.listed(),
                                isHidden,
                                run.bytesRead(),
                                run.workers(),
                                run.slowest(),
                                run.psmVersion(),
                                null),
                        made.host().up(seconds * 1_000L),
                        processes,
                        unmeasured,
                        made.users(),
                        made.groups(),
                        made.cgroups(),
                        null));
    }

    private static String compared(Side a, Side b) throws Failure {
        DiffReport made = new DiffReport(a, b, BY_PROGRAM, DiffColumn.CHANGE);
        Psm.Report report = made.report();
        return names(report.rows()) + " without " + made.uncompared();
    }

    @Test
    void processesThatOneCouldNotReadAreNotNew() throws Failure {
        ProcessMemory old = process(7, 500, "old", 10); // started after five seconds
        ProcessMemory fresh = process(8, 2_000, "fresh", 20);
        List<ProcessMemory> both = List.of(old, fresh);
        List<ProcessMemory> none = List.of();
        assertEquals(
                "[fresh, old] without 0", compared(upFor(10, false, none), upFor(30, false, both)));
        assertEquals(
                "[fresh] without 1", compared(upFor(10, false, none, 7), upFor(30, false, both)));
        assertEquals("[fresh] without 1", compared(upFor(10, true, none), upFor(30, false, both)));
        assertEquals(
                "[fresh] without 1", compared(upFor(30, false, both), upFor(40, false, none, 7)));
        assertEquals("[] without 2", compared(upFor(30, false, both), upFor(40, true, none)));
        // The pid that could not be read was another process.
        assertEquals(
                "[fresh, old] without 0",
                compared(upFor(4, false, none, 7), upFor(30, false, both)));
    }

    @Test
    void processesOfOneAddressSpaceCountOnce() {
        before.add(process(1, 10, "web", 100));
        after.add(process(1, 10, "web", 100));
        after.add(process(2, 20, "web", 100).countedUnder(1));
        assertEquals(List.of(100L, 100L, 0L, 0L, 0L, 0L), sizes(report(BY_PROGRAM), "web"));
    }

    @Test
    void aReportWithoutRowsHasTotals() {
        assertEquals(List.of(0L, 0L, 0L, 0L, 0L, 0L), sizes(report(BY_PROGRAM), null));
        Psm.Report report = report(BOOT, OTHER_BOOT, BY_PROGRAM, DiffColumn.CHANGE);
        assertNull(of(report, null, "grown_bytes"));
    }

    @Test
    void partsOfTheSystemAreCompared() throws Failure {
        String meminfo =
                """
                MemTotal: 1000 kB
                MemFree: %d kB
                MemAvailable: 500 kB
                Buffers: 0 kB
                Cached: %d kB
                AnonPages: 100 kB
                Mapped: 0 kB
                Shmem: 0 kB
                Slab: 10 kB
                SReclaimable: 5 kB
                SUnreclaim: 5 kB
                """;
        Psm.Report report =
                new DiffReport(
                                side("a", BOOT, memory(meminfo.formatted(500, 100)), before),
                                side("b", BOOT, memory(meminfo.formatted(200, 400)), after),
                                view(List.of(Grouping.PROGRAM), 0, Missing.VALUE, true),
                                DiffColumn.CHANGE)
                        .report();
        Psm.Account system = report.accounts().get(2);
        assertEquals("host_memory_change", system.key());
        assertEquals("page_cache", system.rows().get(0).values().get(0));
        assertEquals(300L * 1024, system.rows().get(0).values().get(4));
        Psm.Row last = system.rows().get(system.rows().size() - 1);
        assertEquals(List.of("free", "free"), last.values().subList(0, 2));
        assertEquals(-300L * 1024, last.values().get(4));
    }

    private static HostMemory memory(String meminfo) {
        return new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
    }
}
