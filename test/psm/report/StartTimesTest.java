package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Missing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

final class StartTimesTest {
    private static final long BOOT = 1_795_000_000;
    private static final long USER = 7;

    private final List<ProcessMemory> processes = new ArrayList<>();

    private StartTimesTest with(int pid, long ticks, String cgroup, long ram) {
        long[] sums = new long[Usage.Field.values().length];
        sums[Usage.Field.PSS.ordinal()] = ram;
        processes.add(
                new ProcessMemory(
                        pid,
                        ticks,
                        new Program("a", Program.File.CURRENT),
                        true,
                        new Usage(sums, Missing.VALUE, 1, 0, 0),
                        MadeUpDetails.of(1, USER, "0::" + cgroup, null)));
        return this;
    }

    private Snapshot snapshot(long uptimeMillis, long bootSeconds) {
        Host host = new Host("h", "6.1", "boot", uptimeMillis, bootSeconds, HostMemory.NONE, null);
        return MadeUpSnapshot.of(host, processes, List.of());
    }

    private static Map<String, Object> only(Psm.Report report) {
        assertEquals(1, report.rows().size());
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < report.columns().size(); i++) {
            values.put(report.columns().get(i).key(), report.rows().get(0).values().get(i));
        }
        return values;
    }

    private List<Object> starts(long uptimeMillis, long bootSeconds) {
        View view = Views.of(Figure.OLDEST, Figure.NEWEST);
        Map<String, Object> row = only(Views.report(snapshot(uptimeMillis, bootSeconds), view));
        return Arrays.asList(row.get("oldest_start_time"), row.get("newest_start_time"));
    }

    @Test
    void startsAreCountedFromTheStartOfTheHost() {
        with(1, 7_000, "/", 1).with(2, 512, "/", 1).with(3, 9_001, "/", 1);
        List<Object> expected =
                List.of(
                        Instant.ofEpochMilli(BOOT * 1000 + 5_120),
                        Instant.ofEpochMilli(BOOT * 1000 + 90_010));
        assertEquals(expected, starts(Missing.VALUE, BOOT));
        assertEquals(expected, starts(100_000, BOOT), "the uptime is not needed");
    }

    /** The uptime is read a moment before or after the time, and to ten milliseconds. */
    @Test
    void withoutItTheyAreTheSameInEachScan() {
        with(1, 100, "/", 1);
        Instant taken = snapshot(0, BOOT).run().takenAt();
        long uptime = 86_400_000 + taken.toEpochMilli() % 1000;
        Object first = starts(uptime, Missing.VALUE).get(0);
        assertEquals(taken.minusMillis(uptime).plusMillis(1_000), first);
        for (int late = -100; late <= 100; late += 10) {
            assertEquals(first, starts(uptime + late, Missing.VALUE).get(0));
        }
    }

    @Test
    void startsThatAreNotKnownAreMissing() {
        with(1, Missing.VALUE, "/", 1);
        assertNull(starts(100_000, BOOT).get(0));
        with(2, Long.MAX_VALUE, "/", 1);
        assertNull(starts(100_000, BOOT).get(1));
        with(3, 100, "/", 1);
        assertEquals(Instant.ofEpochSecond(BOOT + 1), starts(100_000, BOOT).get(0));
        assertNull(starts(Missing.VALUE, Missing.VALUE).get(0));
    }

    @Test
    void sessionsAreOneRowOfMetrics() {
        with(1, 1, "/user.slice/user-7.slice/session-1.scope", 10)
                .with(2, 2, "/user.slice/user-7.slice/session-22.scope", 30);
        View view = Views.of(List.of(Grouping.UNIT), Figure.PSS, Figure.LARGEST);
        assertEquals(2, Views.report(snapshot(0, BOOT), view).rows().size());
        View ofMetrics =
                new View(
                        view.by(),
                        view.columns(),
                        view.sort(),
                        false,
                        30,
                        Missing.VALUE,
                        false,
                        View.Extent.ROWS_OF_METRICS,
                        null);
        Map<String, Object> row = only(Views.report(snapshot(0, BOOT), ofMetrics));
        assertEquals("session-*.scope", row.get("unit"));
        assertEquals(2L, row.get("count"));
        assertEquals(40L, row.get("pss_bytes"));
        assertEquals(30L, row.get("largest_process_bytes"));
    }
}
