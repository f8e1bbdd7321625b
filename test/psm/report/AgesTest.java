package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

final class AgesTest {
    private static final long HOUR = 3_600;
    private static final long UPTIME = 10 * HOUR;

    private final List<ProcessMemory> processes = new ArrayList<>();

    private static Host host(long uptimeMillis) {
        return new Host("host1", "6.1", "boot", uptimeMillis, HostMemory.NONE, null);
    }

    /** Adds a process by its age in seconds. */
    private AgesTest with(int pid, String program, double age, long ram) {
        return started(pid, program, Math.round((UPTIME - age) * 100), ram);
    }

    private AgesTest started(int pid, String program, long ticks, long ram) {
        long[] sums = new long[Usage.Field.values().length];
        sums[Usage.Field.PSS.ordinal()] = ram;
        Usage usage = new Usage(sums, Missing.VALUE, 1, 0, 0);
        Program its = new Program(program, Program.File.CURRENT);
        processes.add(new ProcessMemory(pid, ticks, its, true, usage, ProcessDetails.NONE));
        return this;
    }

    private Snapshot snapshot(long uptime) {
        return MadeUpSnapshot.of(host(uptime), processes, List.of());
    }

    private Psm.Report report(long uptime, Grouping by) {
        return Views.report(snapshot(uptime), Views.of(List.of(by), Figure.AGE, Figure.RATE));
    }

    /** Returns the last two figures of each row: age and rate. */
    private List<List<Object>> rows(long uptime, Grouping by) {
        List<List<Object>> rows = new ArrayList<>();
        for (Psm.Row row : report(uptime, by).rows()) {
            int marks = row.values().size() - 3;
            rows.add(row.values().subList(marks - 2, marks));
        }
        return rows;
    }

    @Test
    void rateIsRamPerHourOfAge() {
        with(1, "a", 2 * HOUR, 1_000).with(2, "b", HOUR / 2, 300);
        assertEquals(
                List.of(List.of(2 * HOUR, 500L), List.of(HOUR / 2, 600L)),
                rows(UPTIME * 1000, Grouping.PID));
    }

    @Test
    void rowHasTheAgeOfItsOldestAndTheSumOfRates() {
        with(1, "a", 2 * HOUR, 1_000).with(2, "a", HOUR / 2, 300).with(3, "a", 10, 99);
        assertEquals(List.of(List.of(2 * HOUR, 1_100L)), rows(UPTIME * 1000, Grouping.PROGRAM));
        assertEquals(
                Arrays.asList(null, null),
                report(UPTIME * 1000, Grouping.PROGRAM).totals().values().subList(3, 5),
                "what a young and an old one have gained is no total");
    }

    @Test
    void processesYoungerThanAMinuteHaveNoRate() {
        with(1, "a", 60, 100).with(2, "b", 59.99, 90).with(3, "c", 0, 80);
        assertEquals(
                List.of(List.of(60L, 6_000L), Arrays.asList(59L, null), Arrays.asList(0L, null)),
                rows(UPTIME * 1000, Grouping.PID));
    }

    /** The uptime is read before the processes. */
    @Test
    void noAgeIsBelowZero() {
        with(1, "a", -1, 100).with(2, "b", -59, 90);
        assertEquals(
                List.of(Arrays.asList(0L, null), Arrays.asList(0L, null)),
                rows(UPTIME * 1000, Grouping.PID));
    }

    /** In a container, lxcfs shows the time since its start, and the kernel that of the host. */
    @Test
    void agesAreUnknownWithAnotherUptime() {
        with(1, "a", HOUR, 100).with(2, "b", 100, 90);
        List<Object> none = Arrays.asList(null, null);
        assertEquals(List.of(none, none), rows(UPTIME * 500, Grouping.PID));
        assertEquals(List.of(none, none), rows(Missing.VALUE, Grouping.PID));
    }

    @Test
    void startsThatAreNoneHaveNoAge() {
        started(1, "a", Missing.VALUE, 100).with(2, "b", HOUR, 90);
        assertEquals(
                List.of(Arrays.asList(null, null), List.of(HOUR, 90L)),
                rows(UPTIME * 1000, Grouping.PID));
        started(3, "c", Long.MAX_VALUE, 80);
        assertEquals(Arrays.asList(null, null), rows(UPTIME * 1000, Grouping.PID).get(1));
        processes.clear();
        started(1, "a", 0, 100);
        assertEquals(List.of(UPTIME, 10L), rows(UPTIME * 1000, Grouping.PID).get(0));
        assertEquals(
                Host.MAX_UPTIME_MILLIS / 1000,
                rows(Host.MAX_UPTIME_MILLIS, Grouping.PID).get(0).get(0));
    }

    /** Two processes with one address space have its memory once. */
    @Test
    void sharedAddressSpaceHasOneRate() {
        with(1, "a", HOUR, 100).with(2, "a", HOUR, 100);
        processes.set(1, processes.get(1).countedUnder(1));
        assertEquals(List.of(List.of(HOUR, 100L)), rows(UPTIME * 1000, Grouping.PROGRAM));
    }
}
