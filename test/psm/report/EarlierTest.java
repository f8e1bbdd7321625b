package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class EarlierTest {
    private static final long HOUR = 3_600_000;

    private final Earlier earlier = new Earlier();
    private final List<ProcessMemory> processes = new ArrayList<>();

    private EarlierTest with(int pid, long start, String program, long ram) {
        long[] sums = new long[Usage.Field.values().length];
        sums[Usage.Field.PSS.ordinal()] = ram;
        Usage usage = new Usage(sums, Missing.VALUE, 1, 0, 0);
        Program its = new Program(program, Program.File.CURRENT);
        processes.add(new ProcessMemory(pid, start, its, true, usage, ProcessDetails.NONE));
        return this;
    }

    private Psm.Report report(Grouping by, String boot, long uptime) throws Failure {
        View view =
                Views.of(
                        List.of(by),
                        Figure.PSS,
                        Figure.CHANGE,
                        Figure.SINCE_START,
                        Figure.SINCE_START_RATE);
        Host host = new Host("host1", "6.1", boot, uptime, HostMemory.NONE, null);
        Snapshot snapshot = MadeUpSnapshot.of(host, List.copyOf(processes), List.of());
        processes.clear();
        return ProcessReport.of(snapshot, "1", view, snapshot.userNames(), earlier);
    }

    private static Map<Object, Object> values(Psm.Report report, Psm.Row row) {
        Map<Object, Object> values = new HashMap<>();
        for (int i = 0; i < report.columns().size(); i++) {
            values.put(report.columns().get(i).key(), row.values().get(i));
        }
        return values;
    }

    /** Returns change, change since the start, and its rate of the row with that much RAM. */
    private static List<Object> changes(Psm.Report report, long ram) {
        List<Psm.Row> all = new ArrayList<>(report.rows());
        all.add(report.totals());
        for (Psm.Row row : all) {
            Map<Object, Object> values = values(report, row);
            if (values.get("pss_bytes").equals(ram)) {
                List<Object> changes = new ArrayList<>();
                changes.add(values.get("change_bytes"));
                changes.add(values.get("since_start_bytes"));
                changes.add(values.get("since_start_bytes_per_hour"));
                return changes;
            }
        }
        throw new AssertionError(report.rows());
    }

    @Test
    void changesAreSinceTheLastAndTheFirstReport() throws Failure {
        Psm.Report first =
                with(1, 1, "a", 100).with(2, 1, "gone", 50).report(Grouping.PROGRAM, "b", HOUR);
        assertNull(changes(first, 100).get(1));
        assertNull(changes(first, 150).get(2));
        with(1, 1, "a", 130).with(3, 2, "new", 7).report(Grouping.PROGRAM, "b", 2 * HOUR);
        Psm.Report third =
                with(1, 1, "a", 180).with(3, 2, "new", 9).report(Grouping.PROGRAM, "b", 5 * HOUR);
        assertEquals(List.of(50L, 80L, 20L), changes(third, 180));
        assertEquals(List.of(2L, 9L, 2L), changes(third, 9), "a new row counts from 0");
        assertEquals(List.of(52L, 39L, 10L), changes(third, 189), "with the row that is gone");
    }

    @Test
    void processWithAnOldPidIsNew() throws Failure {
        with(7, 1, "a", 100).with(8, 1, "b", 10).report(Grouping.PID, "b", HOUR);
        Psm.Report second =
                with(7, 2, "a", 130).with(8, 1, "b", 30).report(Grouping.PID, "b", 2 * HOUR);
        assertEquals(List.of(130L, 130L, 130L), changes(second, 130));
        assertEquals(List.of(20L, 20L, 20L), changes(second, 30));
        assertEquals(List.of(50L, 50L, 50L), changes(second, 160));
        Psm.Report rebooted = with(8, 1, "b", 31).report(Grouping.PID, "c", 3 * HOUR);
        assertEquals(List.of(31L, 31L), changes(rebooted, 31).subList(0, 2));
    }

    /** The clock of made-up snapshots stands still: without an uptime, no time has passed. */
    @Test
    void ratesNeedTimeThatHasPassed() throws Failure {
        with(1, 1, "a", 100).report(Grouping.PROGRAM, "b", HOUR);
        assertNull(changes(with(1, 1, "a", 130).report(Grouping.PROGRAM, "b", HOUR), 130).get(2));
        assertNull(
                changes(with(1, 1, "a", 130).report(Grouping.PROGRAM, "c", 2 * HOUR), 130).get(2),
                "after a restart");
        Psm.Report unknown = with(1, 1, "a", 130).report(Grouping.PROGRAM, "b", Missing.VALUE);
        assertEquals(30L, changes(unknown, 130).get(1));
        assertNull(changes(unknown, 130).get(2));
    }
}
