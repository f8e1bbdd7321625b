package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import psm.Psm;
import psm.format.Formats;
import psm.name.Program;
import psm.proc.Host;
import psm.report.Earlier;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.snapshot.SnapshotFormatException;
import psm.support.MadeUpFleet;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

class FleetReportTest {
    private static final int RUNS = 40;

    private static Machine machine(Snapshot snapshot) {
        return new Machine(snapshot.host().name(), snapshot, null, false);
    }

    private static List<Snapshot> fleet(long seed) {
        List<Snapshot> machines = new ArrayList<>();
        for (int i = 0; i < 1 + seed % 5; i++) {
            machines.add(MadeUpFleet.machine("web" + i, 100 * seed + i, 30));
        }
        return machines;
    }

    private static Psm.Report report(List<Snapshot> machines, View view) {
        return report(machines, view, null);
    }

    private static Psm.Report report(
            List<Snapshot> machines, View view, Map<Object, Earlier> earlier) {
        FleetReport fleet = new FleetReport(view, earlier);
        try {
            for (Snapshot snapshot : machines) {
                fleet.add(machine(snapshot));
            }
            return fleet.report();
        } catch (Failure | SnapshotFormatException e) {
            throw new AssertionError(e);
        }
    }

    /** Returns a view with all figures. */
    private static View all(Grouping... by) {
        List<Figure> figures = new ArrayList<>(List.of(Figure.values()));
        figures.removeIf(figure -> figure.fold == Figure.Fold.MARK);
        return Views.of(List.of(by), figures.toArray(new Figure[0]));
    }

    /** Returns a row as a map from the keys of its columns. */
    private static Map<String, Object> map(Psm.Report report, Psm.Row row) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (int i = 0; i < report.columns().size(); i++) {
            values.put(report.columns().get(i).key(), row.values().get(i));
        }
        return values;
    }

    // The same sums, made in the simplest way from the machines' own reports

    /** Returns the rows of each machine's own report, in no order. */
    private static List<Map<String, Object>> ownRows(List<Snapshot> machines, View view) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 0; i < machines.size(); i++) {
            Psm.Report own = Views.report(machines.get(i), view);
            for (Psm.Row row : own.rows()) {
                Map<String, Object> values = map(own, row);
                values.put("machine", i);
                rows.add(values);
            }
        }
        return rows;
    }

    /** Returns what rows that become one have in common, and no other row. */
    private static List<Object> key(Map<String, Object> row, View view) {
        List<Object> key = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            key.add(row.get(grouping.column.key()));
            if (grouping.isSingleProcess()) {
                key.addAll(Arrays.asList(row.get("machine"), row.get("pid")));
            } else if (grouping == Grouping.PARENT) {
                key.addAll(Arrays.asList(row.get("machine"), row.get("ancestor_pid")));
            }
        }
        return key;
    }

    private static Map<List<Object>, List<Map<String, Object>>> grouped(
            List<Map<String, Object>> rows, View view) {
        Map<List<Object>, List<Map<String, Object>>> grouped = new HashMap<>();
        for (Map<String, Object> row : rows) {
            grouped.computeIfAbsent(key(row, view), unused -> new ArrayList<>()).add(row);
        }
        return grouped;
    }

    private static Object sum(List<Object> values) {
        Long sum = null;
        for (Object value : values) {
            sum = value == null ? sum : (Long) ((sum == null ? 0 : sum) + (Long) value);
        }
        return sum;
    }

    private static Object same(List<Object> values) {
        return new HashSet<>(values).size() == 1 ? values.get(0) : null;
    }

    private static Object percent(Object part, String whole, List<Snapshot> machines) {
        long all = machines.stream().mapToLong(m -> m.host().memory().bytes(whole)).sum();
        return part == null || all == 0 ? null : (Object) (100.0 * (Long) part / all);
    }

    private static final Comparator<Object> NULL_FIRST =
            Comparator.nullsFirst(
                    Comparator.comparing(
                            value ->
                                    value instanceof Instant at
                                            ? at.toEpochMilli()
                                            : (Long) value));

    private static final Map<Figure, Figure> PARTS =
            Map.of(
                    Figure.PSS_PERCENT, Figure.PSS,
                    Figure.USS_PERCENT, Figure.USS,
                    Figure.RSS_PERCENT, Figure.RSS,
                    Figure.SWAP_PERCENT, Figure.SWAP);

    /**
     * Returns the expected value of a column.
     *
     * @param rows the machines' own rows that become one
     * @param sizes the RAM of all of their processes, ascending
     */
    private static Object expected(
            Figure figure,
            List<Map<String, Object>> rows,
            List<Object> sizes,
            List<Snapshot> machines) {
        String key = figure.column.key();
        List<Object> values = new ArrayList<>();
        rows.forEach(row -> values.add(row.get(key)));
        return switch (figure.fold) {
            case SUM, MARK, COUNT, CHANGE, HOSTS -> sum(values);
            case MAX, LARGEST, NEWEST -> Collections.max(values, NULL_FIRST);
            case OLDEST -> oldest(values);
            case SMALLEST -> Collections.min(values, NULL_FIRST);
            case SAME -> figure == Figure.PID && rows.size() > 1 ? null : same(values);
            case SHARE -> {
                List<Object> parts = new ArrayList<>();
                rows.forEach(row -> parts.add(row.get(PARTS.get(figure).column.key())));
                yield percent(sum(parts), figure.whole, machines);
            }
            case MEDIAN -> {
                Long low = (Long) sizes.get((sizes.size() - 1) / 2);
                Long high = (Long) sizes.get(sizes.size() / 2);
                yield low == null ? null : (Object) (low + (high - low) / 2);
            }
            case LARGEST_PID -> rows.size() > 1 ? null : values.get(0);
        };
    }

    private static Object oldest(List<Object> values) {
        return values.stream().filter(Objects::nonNull).min(NULL_FIRST).orElse(null);
    }

    /** Requires that each row of a fleet is what its machines' own rows add up to. */
    private static void requireSums(List<Snapshot> machines, View view, String message) {
        Psm.Report merged = report(machines, view);
        Map<List<Object>, List<Map<String, Object>>> own = grouped(ownRows(machines, view), view);
        List<Grouping> deep = new ArrayList<>(view.by());
        deep.add(Grouping.PID);
        boolean isTree = view.by().contains(Grouping.TREE);
        View byProcess = isTree ? view : all(deep.toArray(Grouping[]::new));
        Map<List<Object>, List<Map<String, Object>>> processes =
                grouped(ownRows(machines, byProcess), view);
        assertEquals(own.size(), merged.rows().size(), message);
        for (Psm.Row row : merged.rows()) {
            Map<String, Object> values = map(merged, row);
            List<Map<String, Object>> parts = partsOf(values, own, view);
            List<Object> sizes = new ArrayList<>();
            processes
                    .get(key(parts.get(0), view))
                    .forEach(p -> sizes.add(p.get("median_process_bytes")));
            sizes.sort(NULL_FIRST);
            for (Figure figure : Figure.values()) {
                if (values.containsKey(figure.column.key())) {
                    assertEquals(
                            expected(figure, parts, sizes, machines),
                            values.get(figure.column.key()),
                            message + " " + figure + " " + values);
                }
            }
            Object pids = parts.size() == 1 ? parts.get(0).get("pids") : null;
            assertEquals(pids, values.get("pids"), message);
        }
    }

    /** Returns the rows of the machines that a row consists of. */
    private static List<Map<String, Object>> partsOf(
            Map<String, Object> row, Map<List<Object>, List<Map<String, Object>>> own, View view) {
        Map<String, Object> located = new HashMap<>(row);
        Object host = row.get("host");
        located.put("machine", host == null ? null : ((String) host).charAt(3) - '0');
        return Objects.requireNonNull(own.remove(key(located, view)), row::toString);
    }

    @ParameterizedTest
    @EnumSource(Grouping.class)
    void eachFigureIsThatOfTheMachinesTogether(Grouping grouping) {
        for (long seed = 0; seed < RUNS; seed++) {
            requireSums(fleet(seed), all(grouping), grouping + " " + seed);
        }
    }

    @Test
    void severalWaysToGroupGoTogether() {
        for (long seed = 0; seed < RUNS; seed++) {
            requireSums(fleet(seed), all(Grouping.HOST, Grouping.PROGRAM), "host,program " + seed);
            requireSums(fleet(seed), all(Grouping.USER, Grouping.UNIT), "user,unit " + seed);
            requireSums(fleet(seed), all(Grouping.PID, Grouping.HOST), "pid,host " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource(Grouping.class)
    void totalsAreThoseOfTheMachines(Grouping grouping) {
        View view = all(grouping);
        for (long seed = 0; seed < RUNS; seed++) {
            List<Snapshot> machines = fleet(seed);
            Psm.Report merged = report(machines, view);
            List<Map<String, Object>> own = new ArrayList<>();
            for (Snapshot machine : machines) {
                Psm.Report one = Views.report(machine, view);
                own.add(map(one, one.totals()));
            }
            Map<String, Object> totals = map(merged, merged.totals());
            for (Figure figure : Figure.values()) {
                String key = figure.column.key();
                if (figure.column.summed() && totals.containsKey(key)) {
                    Object expected = expected(figure, own, List.of(), machines);
                    assertEquals(expected, totals.get(key), seed + " " + figure);
                }
            }
        }
    }

    @Test
    void orderOfArrivalDoesNotMatter() {
        for (long seed = 0; seed < RUNS; seed++) {
            for (Grouping grouping : Grouping.values()) {
                List<Snapshot> machines = fleet(seed);
                Psm.Report there = report(machines, all(grouping));
                Collections.reverse(machines);
                Psm.Report back = report(machines, all(grouping));
                assertEquals(there.rows(), back.rows(), grouping + " " + seed);
                assertEquals(there.totals(), back.totals());
                assertEquals(there.accounts(), back.accounts());
                assertEquals(there.processes(), back.processes());
                assertEquals(there.ranking().inTable(), back.ranking().inTable());
            }
        }
    }

    @Test
    void oneMachineTwiceIsTwice() {
        View view = Views.of(Figure.PSS, Figure.SWAP, Figure.COUNT, Figure.HOSTS);
        for (long seed = 0; seed < RUNS; seed++) {
            Snapshot one = MadeUpFleet.machine("web1", seed, 30);
            Psm.Report once = report(List.of(one), view);
            Psm.Report twice = report(List.of(one, one), view);
            assertEquals(once.rows().size(), twice.rows().size());
            for (int i = 0; i < once.rows().size(); i++) {
                Map<String, Object> expected = map(once, once.rows().get(i));
                Map<String, Object> found = map(twice, twice.rows().get(i));
                for (String key : Set.of("pss_bytes", "swap_bytes", "count", "hosts")) {
                    assertEquals(2 * (Long) expected.get(key), found.get(key), key);
                }
                assertNull(found.get("pids"));
            }
        }
    }

    @Test
    void rowsThatAreNotShownAreSummed() {
        for (long seed = 0; seed < RUNS; seed++) {
            Psm.Report whole = report(fleet(seed), Views.of(Figure.PSS));
            View few = Views.of(Figure.PSS).withMaxRows(1);
            Psm.Report cut = report(fleet(seed), few);
            if (whole.rows().size() > 1) {
                assertEquals(whole.rows().subList(0, 1), cut.rows());
                assertEquals(whole.rows().size() - 1, cut.more().rows());
                assertEquals(whole.totals(), cut.totals());
            }
        }
    }

    @Test
    void rowsThatAreDroppedAreSummed() {
        List<Snapshot> machines = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            machines.add(MadeUpFleet.machine("web" + i, i, 60));
        }
        View view = all(Grouping.PID);
        Psm.Report whole = report(machines, view);
        for (int rows : new int[] {1, 20}) {
            Psm.Report cut = report(machines, view.withMaxRows(rows));
            assertEquals(whole.rows().subList(0, rows), cut.rows());
            assertEquals(whole.rows().size() - rows, cut.more().rows());
            Map<String, Object> sums = map(cut, cut.more().sums());
            for (Figure figure : List.of(Figure.USS, Figure.THREADS, Figure.PAGE_TABLES)) {
                String key = figure.column.key();
                List<Object> hidden = new ArrayList<>();
                for (Psm.Row row : whole.rows().subList(rows, whole.rows().size())) {
                    hidden.add(map(whole, row).get(key));
                }
                assertEquals(sum(hidden), sums.get(key), key);
            }
            assertEquals(whole.totals(), cut.totals());
        }
    }

    @ParameterizedTest
    @EnumSource(Grouping.class)
    void everyFormatWritesIt(Grouping grouping) throws IOException {
        for (long seed = 0; seed < RUNS; seed++) {
            Psm.Report report = report(fleet(seed), all(grouping));
            for (Psm.Exporter format : Formats.all()) {
                for (int width : new int[] {0, 40, 120}) {
                    Psm.Layout layout = Psm.Layout.DEFAULT.on(width, width > 0);
                    ByteArrayOutputStream out = new ByteArrayOutputStream();
                    format.export(report, new Psm.Output(out, width > 0, true, false, layout));
                    for (String line : out.toString(StandardCharsets.UTF_8).split("\n", -1)) {
                        boolean isTable = format.name().equals("table") && width > 0;
                        assertTrue(!isTable || line.length() <= width + 20, line);
                    }
                }
            }
        }
    }

    // Changes

    private static Object change(Psm.Report report, String program) {
        for (Psm.Row row : report.rows()) {
            Map<String, Object> values = map(report, row);
            if (values.get("program").equals(program)) {
                return values.get("change_bytes");
            }
        }
        throw new IllegalArgumentException(program);
    }

    private static Snapshot machine(String name, Object... programsAndSizes) {
        return at(Missing.VALUE, name, programsAndSizes);
    }

    private static Snapshot at(long uptime, String name, Object... programsAndSizes) {
        List<ProcessMemory> processes = new ArrayList<>();
        for (int i = 0; i < programsAndSizes.length; i += 2) {
            long[] sums = new long[Usage.Field.values().length];
            sums[Usage.Field.PSS.ordinal()] = (Integer) programsAndSizes[i + 1];
            Program program = new Program((String) programsAndSizes[i], Program.File.CURRENT);
            Usage usage = new Usage(sums, Missing.VALUE, 1, 0, 0);
            processes.add(new ProcessMemory(i, 1, program, true, usage, ProcessDetails.NONE));
        }
        Snapshot made = MadeUpSnapshot.of(processes, List.of());
        return new Snapshot(
                made.scope(),
                made.run(),
                new Host(name, null, "boot", uptime, made.host().memory(), null),
                processes,
                List.of(),
                Map.of(),
                Map.of(),
                Map.of(),
                null);
    }

    @Test
    void changesAreOfMachinesThatWereInTheLastReport() {
        View view = Views.of(Figure.PSS, Figure.CHANGE);
        Map<Object, Earlier> earlier = new HashMap<>();
        Snapshot web1 = machine("web1", "a", 100, "b", 10);
        Snapshot web2 = machine("web2", "a", 1000, "b", 20);
        assertNull(change(report(List.of(web1, web2), view, earlier), "a"));

        // web2 is missing, and web3 is new: of what is the same, a grew by 5, and c is new.
        Snapshot later1 = machine("web1", "a", 105, "b", 10, "c", 7);
        Snapshot web3 = machine("web3", "a", 5000, "d", 1);
        Psm.Report second = report(List.of(web3, later1), view, earlier);
        assertEquals(5L, change(second, "a"));
        assertEquals(0L, change(second, "b"));
        assertEquals(7L, change(second, "c"));
        assertNull(change(second, "d"));
        assertEquals(12L, map(second, second.totals()).get("change_bytes"));

        // It is back: its last report is too old. On web1, a has exited, and on web3 it shrank.
        Snapshot last1 = machine("web1", "b", 10);
        Snapshot last3 = machine("web3", "a", 4000, "d", 1);
        Psm.Report third = report(List.of(web2, last1, last3), view, earlier);
        assertEquals(-1105L, change(third, "a"));
        assertEquals(-1112L, map(third, third.totals()).get("change_bytes"));
    }

    @Test
    void changesOfProcessesAreOfTheSameMachine() {
        View view = Views.of(List.of(Grouping.PID), Figure.PSS, Figure.CHANGE);
        Map<Object, Earlier> earlier = new HashMap<>();
        report(List.of(machine("web1", "a", 100), machine("web2", "b", 10)), view, earlier);
        Psm.Report second =
                report(List.of(machine("web2", "b", 11), machine("web1", "a", 102)), view, earlier);
        assertEquals(2L, change(second, "a"));
        assertEquals(1L, change(second, "b"));
    }

    private static List<Object> sinceStart(Psm.Report report, Psm.Row row) {
        Map<String, Object> values = map(report, row);
        return Arrays.asList(
                values.get("since_start_bytes"), values.get("since_start_bytes_per_hour"));
    }

    /** Each machine has a clock and a first report of its own. */
    @Test
    void changesSinceTheStartAreOfEachMachine() {
        View view =
                Views.of(
                        Figure.PSS,
                        Figure.CHANGE,
                        Figure.SINCE_START,
                        Figure.SINCE_START_RATE,
                        Figure.COUNT);
        long hour = TimeUnit.HOURS.toMillis(1);
        Map<Object, Earlier> earlier = new HashMap<>();
        Snapshot web1 = at(hour, "web1", "a", 100, "b", 10);
        Snapshot web2 = at(7 * hour, "web2", "a", 1000, "c", 20);
        Psm.Report first = report(List.of(web1, web2), view, earlier);
        assertEquals(Arrays.asList(null, null), sinceStart(first, first.rows().get(0)));
        report(List.of(web1), view, earlier); // web2 does not answer

        // After 2 hours of web1 and 4 of web2: a grew by 20 and by 40, and of web2, c has exited.
        Snapshot later1 = at(3 * hour, "web1", "a", 120, "b", 10);
        Snapshot later2 = at(11 * hour, "web2", "a", 1040);
        Psm.Report third = report(List.of(later2, later1), view, earlier);
        assertEquals(List.of(60L, 20L), sinceStart(third, third.rows().get(0)));
        assertEquals(List.of(0L, 0L), sinceStart(third, third.rows().get(1)));
        assertEquals(List.of(40L, 15L), sinceStart(third, third.totals()));
        assertEquals(20L, change(third, "a"), "of web1, which was in the last report");

        // On web1, a has exited.
        Snapshot last1 = at(5 * hour, "web1", "b", 10);
        Psm.Report fourth = report(List.of(later2, last1), view, earlier);
        assertEquals(List.of(-60L, -15L), sinceStart(fourth, fourth.rows().get(0)));
    }
}
