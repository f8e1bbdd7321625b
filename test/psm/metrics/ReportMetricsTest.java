package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.record.MadeUpRecording;
import psm.report.Figure;
import psm.snapshot.SnapshotFile;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpHost;
import psm.text.Failure;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Compares the metrics of each report with its JSON: each figure of a row is one sample, and no two
 * columns have one name.
 */
class ReportMetricsTest {
    private static final Set<String> MARKS = Set.of("deleted", "updated", "estimated");

    private static final String COLUMNS = " -c pss,swap,anonymous,count,largest,oldest,newest";

    @TempDir static Path folder;

    @BeforeAll
    static void makeSnapshots() throws IOException, Failure {
        snapshot("containers.psm", Fixtures.CONTAINERS, "-q");
        snapshot("host.psm", Fixtures.HOST, "-q");
        snapshot("heap.psm", Fixtures.HOST, "--heap");
        snapshot("before.psm", login("before", 3), "-q");
        snapshot("after.psm", login("after", 12), "-q");
        recording("recording", "containers.psm");
        recording("logins", "before.psm");
    }

    /** Makes a host with a login, whose number is a part of the name of its unit. */
    private static Path login(String name, int number) throws IOException {
        Path root = Files.createDirectories(folder.resolve("host-" + name));
        String session = "0::/user.slice/user-1000.slice/session-" + number + ".scope";
        new MadeUpHost(root)
                .process(100, number, 0, 0, session)
                .process(101, 7, 0, 0, "0::/system.slice/nginx.service")
                .write("proc/101/cmdline", "title " + number + '\0')
                .write("proc/sys/kernel/random/boot_id", "5e7a1d0c-0000-4000-8000-000000000001\n")
                .write("proc/uptime", 1000 * number + ".00 1.00\n");
        for (int pid = 100; pid <= 101; pid++) {
            Path exe = root.resolve("proc/" + pid + "/exe");
            Files.createSymbolicLink(exe, Path.of("/usr/bin/tool" + pid));
        }
        return root.resolve("proc");
    }

    private static void snapshot(String name, Path proc, String option) {
        Command.Result result =
                Command.psm("--proc", proc.toString(), "-o", "snapshot", option)
                        .to(folder.resolve(name))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
    }

    private static void recording(String name, String snapshot) throws IOException, Failure {
        try (InputStream in = Files.newInputStream(folder.resolve(snapshot))) {
            Path to = folder.resolve(name);
            MadeUpRecording.write(to, SnapshotFile.read(in), 144, Duration.ofMinutes(10));
        }
    }

    private static String psm(String options) {
        String[] args = options.replace("@", folder + "/").split(" +");
        Command.Result result = Command.psm(args).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    private static Exposition metrics(String options) throws IOException {
        String text = psm(options + " -o prometheus");
        if (Command.exists("promtool")) {
            Path file = Files.writeString(folder.resolve("checked.prom"), text);
            Command.Result result = Command.of("promtool", "check", "metrics").from(file).run();
            assertEquals("", result.out() + result.err());
        }
        Set<String> helps = new HashSet<>();
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("# HELP ")) {
                String help = line.split(" ", 4)[3];
                assertTrue(help.matches("[A-Z1].*[^ .;][.]") && helps.add(help), line);
                assertFalse(help.contains("(-") || help.matches(".*[(][0-9.]+[)].*"), line);
            }
        }
        return Exposition.parse(text);
    }

    /** Each kind of report, the start of its metrics, and options that give JSON the same rows. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--from @containers.psm | psm_ | ' -n 30 -e --scripts'",
                "--from @containers.psm --by container,user --spread | psm_ | ' -n 30'",
                "--from @heap.psm --heap | psm_ | ,heap -n 30 -e --scripts",
                "--from @containers.psm --from @host.psm | psm_ | ' -n 30 -e --scripts'",
                "--from @containers.psm --from @host.psm --by host | psm_ | ' -n 30'",
                "maps --proc @@CONTAINERS | psm_maps_ | ' -n 30'",
                "maps --by kind --proc @@CONTAINERS | psm_maps_ | ' -n 30'",
                "diff @host.psm @containers.psm | psm_diff_ | ' -n 30 -e --scripts'",
                "diff @before.psm @after.psm | psm_diff_ | ' -n 30 -e --scripts'",
                "growth --from @recording | psm_growth_ | ' -n 30'",
                "growth --from @recording --by container,user | psm_growth_ | ' -n 30'",
            })
    void figuresAreThoseOfJson(String report, String start, String same) throws IOException {
        String options = report.replace("@@CONTAINERS", Fixtures.CONTAINERS.toString());
        boolean isOfProcesses = start.equals("psm_");
        String columns = isOfProcesses ? COLUMNS : "";
        String all = options + columns + same;
        assertRows(json(all), metrics(options), start);
    }

    @Test
    void eachColumnHasItsOwnName() throws IOException {
        List<String> columns = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            boolean isElsewhere =
                    figure.fold == Figure.Fold.MARK
                            || figure.fold == Figure.Fold.CHANGE // of two reports
                            || figure == Figure.HOSTS; // of several machines
            switch (figure.column.kind()) {
                case TEXT, PID -> {}
                default -> {
                    if (!isElsewhere) {
                        columns.add(figure.option);
                    }
                }
            }
        }
        String all = "--from @heap.psm -e --scripts -n 500 -c " + String.join(",", columns);
        assertTrue(columns.size() > 25, all);
        assertRows(json(all), metrics(all), "psm_");
    }

    private static JsonNode json(String options) throws IOException {
        return new ObjectMapper().readTree(psm(options + " -o json"));
    }

    /** Checks that the metrics of rows are the figures of the rows of JSON, all of them. */
    private static void assertRows(JsonNode json, Exposition metrics, String start) {
        Map<String, Double> expected = new TreeMap<>();
        for (JsonNode row : json.path("rows")) {
            Map<String, String> labels = labels(row);
            for (Map.Entry<String, JsonNode> figure : row.properties()) {
                JsonNode value = figure.getValue();
                String key = figure.getKey();
                if (MARKS.contains(key)) {
                    if (value.asLong() > 0) {
                        Map<String, String> marked = new TreeMap<>(labels);
                        marked.put("mark", key);
                        expected.put(start + "marked_processes" + marked, value.asDouble());
                    }
                } else if (key.endsWith("_time") && value.isTextual()) {
                    long at = Instant.parse(value.asText()).getEpochSecond();
                    expected.put(start + key + "_seconds" + labels, (double) at);
                } else if (value.isNumber() && !key.contains("pid")) {
                    String name = key.replaceFirst("^count", "processes");
                    Double other = expected.put(start + name + labels, value.asDouble());
                    assertEquals(null, other, name + labels);
                }
            }
        }
        assertFalse(expected.isEmpty(), json.toString());
        Map<String, Double> real = new TreeMap<>();
        Set<String> names = new HashSet<>();
        json.path("rows").forEach(row -> names.addAll(labels(row).keySet()));
        metrics.samples.forEach(
                (series, value) -> {
                    boolean isOfRow =
                            !series.labels().isEmpty() && series.metric().startsWith(start);
                    Set<String> others = new HashSet<>(series.labels().keySet());
                    others.removeAll(names);
                    others.remove("mark");
                    boolean isOfList = series.metric().matches("psm_(machine|cgroup)_.*");
                    if (isOfRow && others.isEmpty() && !isOfList) {
                        real.put(
                                series.metric() + new TreeMap<>(series.labels()),
                                figure(series.metric(), value));
                    }
                });
        Map<String, Double> missing = new TreeMap<>(expected);
        missing.entrySet().removeAll(real.entrySet());
        real.entrySet().removeAll(expected.entrySet());
        assertEquals(missing, real);
    }

    private static double figure(String metric, BigDecimal value) {
        double figure = value.doubleValue();
        if (metric.endsWith("_percent")) {
            return Math.round(figure * 1_000) / 1_000.0; // as in JSON
        }
        return metric.endsWith("_time_seconds") ? Math.floor(figure) : figure;
    }

    /** Returns the texts before the first figure of a row. */
    private static Map<String, String> labels(JsonNode row) {
        Map<String, String> labels = new TreeMap<>();
        for (Map.Entry<String, JsonNode> name : row.properties()) {
            if (name.getValue().isNumber() && !name.getKey().equals("pid")) {
                break;
            }
            if (name.getValue().isTextual()) {
                labels.put(name.getKey(), LabelText.of(name.getValue().asText()));
            }
        }
        return labels;
    }

    @Test
    void namesOfDiffAreStable() throws IOException {
        Exposition units = metrics("diff @before.psm @after.psm --by unit");
        assertEquals(3 << 20, before(units, "unit", "session-*.scope"));
        assertEquals(12 << 20, after(units, "unit", "session-*.scope"));
        assertEquals(
                1, units.value("psm_diff_processes_before", "unit", "nginx.service").intValue());
        Exposition programs = metrics("diff @before.psm @after.psm");
        assertEquals(7 << 20, before(programs, "program", "tool101"));
        assertEquals(7 << 20, after(programs, "program", "tool101"));
    }

    private static int before(Exposition metrics, String... label) {
        return metrics.value("psm_diff_before_bytes", label).intValueExact();
    }

    private static int after(Exposition metrics, String... label) {
        return metrics.value("psm_diff_after_bytes", label).intValueExact();
    }

    /** Without command lines on one side, both are named after executables. */
    @Test
    void diffOfTwoKindsOfSnapshotsHasNamesOfBoth() throws IOException {
        String proc = " --proc " + folder.resolve("host-after/proc");
        psm("--no-commands -o snapshot --to @bare.psm" + proc);
        Exposition programs = metrics("diff @before.psm @bare.psm");
        assertEquals(7 << 20, before(programs, "program", "tool101"));
        assertEquals(7 << 20, after(programs, "program", "tool101"));
    }

    @Test
    void namesOfGrowthAreStable() throws IOException {
        Exposition one = metrics("growth --from @logins --by unit");
        assertTrue(one.value("psm_growth_now_bytes", "unit", "session-*.scope") != null);
        Exposition several = metrics("growth --from @logins --from @recording --by unit");
        assertTrue(
                several.samples.keySet().stream()
                        .anyMatch(series -> "session-*.scope".equals(series.labels().get("unit"))));
    }
}
