package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

class ProgramReportTest {
    private final List<ProcessMemory> processes = new ArrayList<>();

    /** Adds a process; its sizes in bytes, or ABSENT. */
    private ProgramReportTest with(int pid, String program, boolean rollup, long pss, long swap) {
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Usage.ABSENT);
        sums[Usage.Field.PSS.ordinal()] = pss;
        sums[Usage.Field.SWAP.ordinal()] = swap;
        Usage usage = new Usage(sums, Usage.ABSENT, 1, 0, 0);
        Program runs = new Program(program, Program.File.CURRENT);
        processes.add(new ProcessMemory(pid, 1, runs, rollup, usage, ProcessDetails.NONE));
        return this;
    }

    private Psm.Report report() {
        return ProgramReport.of(snapshot(), "1", false, Figure.PSS, Figure.SWAP);
    }

    private Snapshot snapshot() {
        Instant takenAt = Instant.parse("2026-11-23T06:20:11.987Z");
        Unmeasured denied = new Unmeasured(9, "x", Unmeasured.Reason.DENIED, null);
        return new Snapshot(
                takenAt,
                1_500_000,
                "box1",
                "6.1",
                1,
                processes,
                List.of(denied),
                false,
                false,
                HostMemory.read(new ProcFs("/nowhere")),
                1,
                1,
                List.of());
    }

    /** Without the marks, the last three. */
    private static List<Object> values(Psm.Row row) {
        return row.values().subList(0, row.values().size() - 3);
    }

    @Test
    void processesOfOneNameAreOneRow() {
        with(1, "b", true, 10, 1).with(2, "a", true, 100, 0).with(3, "b", true, 20, 2);
        Psm.Report report = report();
        assertEquals(2, report.rows().size());
        assertEquals(Arrays.asList("b", 2L, List.of(1, 3), 30L, 3L), values(report.rows().get(0)));
        assertEquals(Arrays.asList("a", 1L, List.of(2), 100L, 0L), values(report.rows().get(1)));
        assertEquals(Arrays.asList(null, null, null, 130L, 3L), values(report.totals()));
    }

    @Test
    void rowsOfOneSizeAreInTheOrderOfTheirNames() {
        // These two have the same hash.
        with(1, "BB", true, 10, 0).with(2, "c", true, 10, 0).with(3, "Aa", true, 10, 0);
        List<Object> names = new ArrayList<>();
        for (Psm.Row row : report().rows()) {
            names.add(row.values().get(0));
        }
        assertEquals(List.of("Aa", "BB", "c"), names);
    }

    @Test
    void whatTheKernelDidNotTellIsNullInRowsAndTotals() {
        with(1, "a", true, 10, Usage.ABSENT).with(2, "b", true, 20, Usage.ABSENT);
        assertNull(report().rows().get(0).values().get(4));
        assertNull(report().totals().values().get(4));
    }

    @Test
    void noProcessesUseNoMemory() {
        assertEquals(Arrays.asList(null, null, null, 0L, 0L), values(report().totals()));
        assertNull(report().source());
    }

    @Test
    void theSourceIsThatOfAllProcesses() {
        assertEquals("smaps_rollup", with(1, "a", true, 1, 0).report().source());
        assertEquals("mixed", with(2, "a", false, 1, 0).report().source());
        processes.remove(0);
        assertEquals("smaps", report().source());
    }

    @Test
    void whatTwoProcessesShareIsCountedOnceAndBothAreInTheRow() {
        with(1, "a", true, 100, 5).with(2, "a", true, 100, 5).with(3, "b", true, 100, 5);
        processes.set(1, processes.get(1).countedUnder(1));
        processes.set(2, processes.get(2).countedUnder(1));
        Psm.Report report = report();
        assertEquals(Arrays.asList("b", 1L, List.of(3), 0L, 0L), values(report.rows().get(0)));
        assertEquals(Arrays.asList("a", 2L, List.of(1, 2), 100L, 5L), values(report.rows().get(1)));
        assertEquals(Arrays.asList(null, null, null, 100L, 5L), values(report.totals()));
    }

    @Test
    void theMarksSayHowManyOfTheRowsProcessesHaveThem() {
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
    void aFigureThatIsRareIsInTablesWhereSomebodyHasSome() {
        with(1, "a", true, 1, 0);
        assertEquals(0, sharedHugetlb(0).display());
        assertEquals(Figure.SHARED_HUGETLB.column, sharedHugetlb(4096));
    }

    private Psm.Column sharedHugetlb(long bytes) {
        processes.get(0).usage().sums[Usage.Field.SHARED_HUGETLB.ordinal()] = bytes;
        return ProgramReport.of(snapshot(), "1", false, Figure.PSS, Figure.SHARED_HUGETLB)
                .columns()
                .get(4);
    }

    @Test
    void theTimeIsToTheSecond() {
        assertEquals("2026-11-23T06:20:11Z", report().takenAt().toString());
    }

    @Test
    void whatIsNotInTheFiguresIsCounted() {
        assertEquals(
                new Psm.Processes(1, 0, 1, 0, 0, 0, false),
                with(1, "a", true, 1, 0).report().processes());
    }
}
