package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpHost;
import psm.text.Text;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Follows figures from psm through node_exporter into Prometheus, whose API must return what JSON
 * contains of the same snapshot.
 */
@Tag("endtoend")
class ScrapedFiguresTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** What ends the key of a figure that is a time in JSON. */
    private static final String TIME = "_time";

    /** The keys of marks, which are figures only of rows that have them. */
    private static final Set<String> MARKS = Set.of("deleted", "updated", "estimated");

    /** Part of the names of this run's processes. */
    private static final String OURS = "psm" + ProcessHandle.current().pid();

    /** The options with which JSON has the rows and columns that metrics have without options. */
    private static final String[] DEFAULT_VIEW = {
        "-e",
        "--scripts",
        "--system",
        "-n",
        "30",
        "-c",
        "pss,swap,anonymous,count,largest,oldest,newest"
    };

    /** Names of files in ISO 8859-1; some differ only where they are escaped. */
    private static final List<String> HOSTILE =
            List.of(
                    "\u001b[31mred" + OURS,
                    "\\x1b[31mred" + OURS,
                    "\\\\x1b[31mred" + OURS,
                    "line\nbreak" + OURS,
                    "line\\nbreak" + OURS,
                    "\"quoted\" 'name' " + OURS,
                    "\\\"quoted\\\" 'name' " + OURS,
                    "end\\" + OURS + "\\",
                    "\"} 1\npsm_complete 0\n" + OURS,
                    "{a=\"b\",c=~\".*\"} # {}" + OURS,
                    // The rest is UTF-8, but for the bytes that are no UTF-8.
                    bytes("right\u202eto-left\u2066" + OURS),
                    bytes("\\u202eleft" + OURS),
                    bytes("C1 \u009b31m" + OURS),
                    bytes("\u65e5".repeat(70) + OURS),
                    "invalid \u00ff\u00c3( " + OURS,
                    "invalid \\xff\\xc3( " + OURS,
                    bytes("\udbff\udfff noncharacter" + OURS),
                    "blank " + OURS + ' ',
                    "x".repeat(240) + OURS);

    @TempDir static Path folder;
    private static Path textfiles;
    private static OwnNodeExporter exporter;
    private static OwnPrometheus prometheus;

    private static String bytes(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    @BeforeAll
    static void startServers() throws IOException {
        textfiles = Files.createDirectory(folder.resolve("textfiles"));
        exporter = new OwnNodeExporter(textfiles);
        prometheus = OwnPrometheus.scraping(exporter.address());
    }

    @AfterAll
    static void endServers() throws IOException {
        if (prometheus != null) {
            prometheus.close();
        }
        if (exporter != null) {
            exporter.close();
        }
    }

    @AfterEach
    void removeFile() throws IOException {
        Files.deleteIfExists(textfiles.resolve("psm.prom"));
    }

    private static String psm(String... args) {
        Command.Result result = Command.psm(args).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    /** Takes a snapshot of a machine whose processes do not end meanwhile. */
    private static Path snapshot(String... args) throws IOException {
        Path file = folder.resolve("snapshot.psm");
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-o", "snapshot"));
        Command.Result result = Command.psm(all.toArray(new String[0])).to(file).run();
        assertEquals(0, result.exitCode(), result.err());
        return file;
    }

    private static String report(Path snapshot, String format, String... view) {
        List<String> args = new ArrayList<>(List.of("--from", snapshot.toString(), "-o", format));
        args.addAll(List.of(view));
        return psm(args.toArray(new String[0]));
    }

    /** Has a text scraped, and returns the value of each of psm's series in the server. */
    private static Map<String, BigDecimal> scraped(String text) throws IOException {
        Path part = Files.writeString(textfiles.resolve(".psm.part"), text);
        Files.move(part, textfiles.resolve("psm.prom"), StandardCopyOption.ATOMIC_MOVE);
        Map<String, BigDecimal> series = new TreeMap<>();
        String taken = line(text, "psm_taken_at_seconds ");
        prometheus.await(taken.replace(" ", " == "));
        for (Map.Entry<Map<String, String>, String> one :
                prometheus.query("{__name__=~'psm_.*'}").entrySet()) {
            Map<String, String> labels = new TreeMap<>(one.getKey());
            labels.remove("instance");
            labels.remove("job");
            String name = labels.remove("__name__");
            series.put(name + labels, new BigDecimal(one.getValue()));
        }
        assertEquals("0", only(prometheus.query("node_textfile_scrape_error")), exporter.log());
        return series;
    }

    private static String line(String text, String start) {
        return text.lines().filter(line -> line.startsWith(start)).findFirst().orElseThrow();
    }

    private static String only(Map<Map<String, String>, String> result) {
        assertEquals(1, result.size(), result.toString());
        return result.values().iterator().next();
    }

    /** Checks that promtool has nothing to say about a text. */
    private static void assertClean(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("checked"), text);
        Command.Result result = Command.of("promtool", "check", "metrics").from(file).run();
        assertEquals("", result.out() + result.err());
        assertEquals(0, result.exitCode());
    }

    // What JSON says

    /** Returns the series that a JSON report has as metrics, by the rules of docs/metrics.md. */
    private static Map<String, BigDecimal> expected(String json) throws IOException {
        JsonNode report = MAPPER.readTree(json);
        Map<String, BigDecimal> series = new TreeMap<>();
        series.put(
                "psm_build_info{version=" + report.path("psm_version").asText() + '}',
                BigDecimal.ONE);
        series.put(
                "psm_complete{}",
                report.path("complete").asBoolean() ? BigDecimal.ONE : BigDecimal.ZERO);
        Instant at = Instant.parse(report.path("taken_at").asText());
        series.put("psm_taken_at_seconds{}", BigDecimal.valueOf(at.getEpochSecond()));
        JsonNode processes = report.path("processes");
        for (String reason : new String[] {"denied", "vanished", "stuck", "failed"}) {
            put(series, "psm_unmeasured_processes{reason=" + reason + '}', processes.path(reason));
        }
        processes
                .path("estimates")
                .properties()
                .forEach(e -> put(series, "psm_estimated_processes{reason=" + e.getKey() + '}', e));
        for (JsonNode row : report.path("rows")) {
            putRow(series, "psm_", row);
        }
        putOthers(series, report);
        putAccounts(series, report);
        return series;
    }

    private static void put(
            Map<String, BigDecimal> series, String name, Map.Entry<String, JsonNode> value) {
        put(series, name, value.getValue());
    }

    /** Adds a figure; what is missing has no series. */
    private static void put(Map<String, BigDecimal> series, String name, JsonNode value) {
        if (value.isNumber()) {
            series.put(name, value.decimalValue());
        }
    }

    private static void putRow(Map<String, BigDecimal> series, String start, JsonNode row) {
        Map<String, String> labels = new TreeMap<>();
        row.properties().stream()
                .filter(e -> e.getValue().isTextual() && !e.getKey().endsWith(TIME))
                .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        for (Map.Entry<String, JsonNode> figure : row.properties()) {
            String key = figure.getKey();
            if (key.equals("count")) {
                put(series, start + "processes" + labels, figure);
            } else if (MARKS.contains(key)) {
                putMark(series, labels, key, figure.getValue());
            } else if (key.endsWith(TIME) && figure.getValue().isTextual()) {
                Instant at = Instant.parse(figure.getValue().asText());
                series.put(
                        start + key + "_seconds" + labels, BigDecimal.valueOf(at.getEpochSecond()));
            } else {
                put(series, start + key + labels, figure);
            }
        }
    }

    private static void putMark(
            Map<String, BigDecimal> series, Map<String, String> of, String mark, JsonNode count) {
        if (count.asLong() > 0) {
            Map<String, String> labels = new TreeMap<>(of);
            labels.put("mark", mark);
            put(series, "psm_marked_processes" + labels, count);
        }
    }

    /** Adds the sums of the rows that are left out; without such rows they are 0. */
    private static void putOthers(Map<String, BigDecimal> series, JsonNode report) {
        for (Map.Entry<String, JsonNode> total : report.path("totals").properties()) {
            String name = "psm_other_" + total.getKey() + "{}";
            series.put(name, BigDecimal.ZERO);
            put(series, name, report.path("more").path(total.getKey()));
        }
        long others = report.path("processes").path("measured").asLong();
        for (JsonNode row : report.path("rows")) {
            others -= row.path("count").asLong();
        }
        series.put("psm_other_processes{}", BigDecimal.valueOf(others));
    }

    private static void putAccounts(Map<String, BigDecimal> series, JsonNode report) {
        for (Map.Entry<String, JsonNode> entry : report.path("swap").properties()) {
            put(series, "psm_swap_" + entry.getKey() + "{}", entry);
        }
        boolean isPart = true;
        for (Map.Entry<String, JsonNode> entry : report.path("host_memory").properties()) {
            isPart &= !entry.getKey().equals("mem_total_bytes");
            String part = entry.getKey().replaceFirst("_bytes$", "");
            put(
                    series,
                    isPart
                            ? "psm_host_memory_bytes{part=" + part + '}'
                            : "psm_" + entry.getKey() + "{}",
                    entry);
        }
    }

    private static void assertSame(Map<String, BigDecimal> expected, Map<String, BigDecimal> real) {
        assertEquals(differences(expected, real), differences(real, expected));
    }

    /**
     * Returns the series that others lack or have with another value, without names that are
     * escaped: other tests may start processes with such names meanwhile. JSON has no control
     * groups, and the time of a scan in ms.
     */
    private static Map<String, Double> differences(
            Map<String, BigDecimal> series, Map<String, BigDecimal> others) {
        Map<String, Double> differences = new TreeMap<>();
        for (Map.Entry<String, BigDecimal> one : series.entrySet()) {
            BigDecimal other = others.get(one.getKey());
            double value = one.getValue().doubleValue();
            boolean isSame = other != null && other.doubleValue() == value;
            if (other != null && one.getKey().matches("psm_\\w+_time_seconds\\{.*")) {
                isSame = Math.floor(other.doubleValue()) == Math.floor(value); // as JSON has it
            }
            boolean isPlain = one.getKey().matches("[ -\\[\\]-~]*");
            boolean isInJson = !one.getKey().matches("psm_(scan_seconds|cgroup_).*");
            if (isPlain && isInJson && !isSame) {
                differences.put(one.getKey(), value);
            }
        }
        return differences;
    }

    // Figures

    @ParameterizedTest
    @ValueSource(strings = {"exe", "unit", "container", "user", "cgroup", "container,exe"})
    void theServerHasTheFiguresOfJson(String by) throws IOException {
        Path snapshot = snapshot("--proc", Fixtures.CONTAINERS.toString());
        String[] view = {"--by", by, "-n", "5", "--system", "-c", "pss,swap,anonymous,count"};
        String text = report(snapshot, "prometheus", view);
        assertClean(text);
        assertSame(expected(report(snapshot, "json", view)), scraped(text));
    }

    @Test
    void theServerHasTheFiguresOfThisMachine() throws IOException {
        Path snapshot = snapshot();
        String text = report(snapshot, "prometheus");
        assertClean(text);
        assertSame(expected(report(snapshot, "json", DEFAULT_VIEW)), scraped(text));
    }

    // Names

    @Test
    void eachHostileNameIsOneSeries() throws Exception {
        List<Process> processes = new ArrayList<>();
        try {
            for (String name : HOSTILE) {
                processes.add(start(name));
            }
            Path snapshot = snapshot();
            int count = HOSTILE.size();
            assertEachRowIsOneSeries(snapshot, count, "-f", OURS, "-n", "100");
            assertEachRowIsOneSeries(snapshot, count, "-f", OURS, "-n", "100", "--by", "exe");
        } finally {
            for (Process process : processes) {
                process.outputWriter().close();
                process.waitFor();
            }
        }
    }

    /** Starts a shell from a file of a hostile name, and waits until it runs. */
    private static Process start(String name) throws IOException {
        // In ISO 8859-1, since a file name of Java depends on the settings of the user.
        byte[] script =
                ("cp /bin/sh \"$1\"/" + quoted(name) + " && exec \"$1\"/" + quoted(name))
                        .concat(" -c 'echo; read x'")
                        .getBytes(StandardCharsets.ISO_8859_1);
        Path file = Files.write(folder.resolve("start"), script);
        Process process =
                new ProcessBuilder("bash", file.toString(), folder.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        assertEquals('\n', process.getInputStream().read());
        return process;
    }

    private static String quoted(String name) {
        StringBuilder quoted = new StringBuilder("$'");
        for (byte b : name.getBytes(StandardCharsets.ISO_8859_1)) {
            quoted.append(String.format("\\x%02x", b));
        }
        return quoted.append('\'').toString();
    }

    /** Checks that each row of JSON is one series, by the figures of both. */
    private static void assertEachRowIsOneSeries(Path snapshot, int least, String... view)
            throws IOException {
        String text = report(snapshot, "prometheus", view);
        assertClean(text);
        Map<String, BigDecimal> series = scraped(text);
        List<Long> real = new ArrayList<>();
        for (Map.Entry<String, BigDecimal> one : series.entrySet()) {
            assertHarmless(one.getKey());
            if (one.getKey().startsWith("psm_pss_bytes{")) {
                real.add(one.getValue().longValueExact());
            }
        }
        List<Long> expected = new ArrayList<>();
        for (JsonNode row : MAPPER.readTree(report(snapshot, "json", view)).path("rows")) {
            expected.add(row.path("pss_bytes").asLong());
        }
        expected.sort(null);
        real.sort(null);
        assertEquals(expected, real);
        assertTrue(expected.size() >= least, expected.size() + " rows");
        assertEquals(BigDecimal.ONE, series.get("psm_complete{}"));
    }

    private static void assertHarmless(String text) {
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            assertFalse(Text.isHarmful(text.codePointAt(i)), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"user", "unit", "cgroup"})
    void hostileNamesOfOtherThingsAreSeriesToo(String by) throws IOException {
        Path root = Files.createDirectories(folder.resolve("hostile-" + by));
        MadeUpHost host = new MadeUpHost(root);
        StringBuilder users = new StringBuilder();
        List<String> names = new ArrayList<>(HOSTILE);
        names.add(bytes("\u65e5".repeat(256) + OURS)); // longer than the name of a file can be
        names.add("\u001b".repeat(4096) + OURS);
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).replace('\n', ' ').replace(':', ' ');
            int pid = 100 + i;
            users.append(name).append(":x:").append(pid).append(":0:::\n");
            host.process(pid, i + 1, 0, 0, "");
            host.write("proc/" + pid + "/status", "Uid:" + ("\t" + pid).repeat(4) + '\n');
            latin1(
                    root.resolve("proc/" + pid + "/cgroup"),
                    "0::/system.slice/" + name.replace("/", "") + ".service\n");
        }
        host.write("etc/passwd", "");
        latin1(root.resolve("etc/passwd"), users.toString());
        Path snapshot = snapshot("--proc", root.resolve("proc").toString());
        // A unit has one name, with and without its escapes.
        int count = by.equals("unit") ? names.size() - 2 : names.size();
        assertEachRowIsOneSeries(snapshot, count, "--by", by, "-n", "100");
    }

    private static void latin1(Path file, String text) throws IOException {
        Files.write(file, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    // Time

    /** node_exporter serves an old file for ever; what psm says of its own time shows that. */
    @Test
    void anOldFileShowsItsTime() throws IOException {
        Path snapshot = folder.resolve("old.psm");
        Files.copy(Command.root().resolve("test/fixtures/host-0.1.0.psm"), snapshot);
        scraped(report(snapshot, "prometheus"));
        assertEquals(1, prometheus.query("time() - psm_taken_at_seconds > 300").size());
        assertEquals(1, prometheus.query("up == 1").size());
    }

    @Test
    void noSeriesIsLeftOfARemovedFile() throws IOException {
        scraped(psm("-o", "prometheus"));
        removeFile();
        prometheus.await("absent(psm_taken_at_seconds)");
        assertEquals(Map.of(), prometheus.query("{__name__=~'psm_.*'}"));
    }
}
