package psm.metrics;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Assertions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A Prometheus for the tests, on a free port of the loopback device. Its queries return values by
 * labels; the name of a metric is the label {@code __name__}. Values are as the server prints them.
 */
public final class OwnPrometheus implements AutoCloseable {
    /** The time in which a target is scraped, or an alert fires, on a busy machine too. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final Path folder;
    private final OwnServer server;

    private OwnPrometheus(String configuration, Path data) throws IOException {
        folder = Files.createTempDirectory("psm-prometheus");
        Path file = Files.writeString(folder.resolve("prometheus.yml"), configuration);
        Path blocks = data == null ? folder.resolve("data") : data;
        server =
                OwnServer.start(
                        folder.resolve("log"),
                        "/-/ready",
                        List.of(
                                "prometheus",
                                "--config.file=" + file,
                                "--storage.tsdb.path=" + blocks,
                                // Blocks of old samples stay.
                                "--storage.tsdb.retention.time=100y"));
    }

    /** Starts a server with a configuration; skips the tests where none is installed. */
    public static OwnPrometheus of(String configuration) throws IOException {
        return new OwnPrometheus(configuration, null);
    }

    /** Starts a server that scrapes targets, which are {@code HOST:PORT}, each second. */
    public static OwnPrometheus scraping(String... targets) throws IOException {
        return of(
                "global: {scrape_interval: 1s, evaluation_interval: 1s}\n"
                        + "scrape_configs:\n- job_name: node\n  static_configs:\n  - targets: "
                        + MAPPER.writeValueAsString(targets)
                        + '\n');
    }

    /** Starts a server on the blocks of a folder; it scrapes nothing. */
    public static OwnPrometheus over(Path data) throws IOException {
        return new OwnPrometheus("global: {}\n", data);
    }

    /** Starts such a server that has rules, too. */
    static OwnPrometheus over(Path data, Path rules) throws IOException {
        return new OwnPrometheus("rule_files: [" + rules + "]\n", data);
    }

    public String address() {
        return server.address();
    }

    public long pid() {
        return server.process().pid();
    }

    /** Returns the present value of each series. */
    public Map<Map<String, String>, String> query(String expression) throws IOException {
        return vector("query?query=" + OwnServer.encoded(expression));
    }

    /** Returns the value of each series at a time. */
    public Map<Map<String, String>, String> query(String expression, Instant at)
            throws IOException {
        return vector("query?query=" + OwnServer.encoded(expression) + "&time=" + at);
    }

    /**
     * Repeats a query until it has a result.
     *
     * @throws AssertionError where it has none in a minute
     */
    public Map<Map<String, String>, String> await(String expression) throws IOException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        Map<Map<String, String>, String> result = query(expression);
        while (result.isEmpty()) {
            if (System.nanoTime() > end) {
                Assertions.fail(expression + " has no result: " + api("targets"));
            }
            OwnServer.pause();
            result = query(expression);
        }
        return result;
    }

    /** Returns the values of each series between two times, by their time. */
    public Map<Map<String, String>, NavigableMap<Instant, String>> queryRange(
            String expression, Instant from, Instant to, Duration step) throws IOException {
        String path =
                "query_range?query=%s&start=%s&end=%s&step=%d"
                        .formatted(OwnServer.encoded(expression), from, to, step.toSeconds());
        return matrix(api(path).path("result"));
    }

    /**
     * Returns the samples of each series as they are stored.
     *
     * @param selector a selector with a range, such as {@code psm_pss_bytes[1d]}
     */
    public Map<Map<String, String>, NavigableMap<Instant, String>> samples(
            String selector, Instant at) throws IOException {
        String path = "query?query=" + OwnServer.encoded(selector) + "&time=" + at;
        return matrix(api(path).path("result"));
    }

    /** Returns the labels of each alert that fires. */
    public List<Map<String, String>> firing() throws IOException {
        List<Map<String, String>> alerts = new ArrayList<>();
        for (JsonNode alert : api("alerts").path("alerts")) {
            if (alert.path("state").asText().equals("firing")) {
                alerts.add(labels(alert.path("labels")));
            }
        }
        return alerts;
    }

    /** Returns the data of an answer of its API, which must be a success. */
    public JsonNode api(String path) throws IOException {
        JsonNode answer = MAPPER.readTree(server.page("/api/v1/" + path));
        Assertions.assertEquals("success", answer.path("status").asText(), answer.toString());
        return answer.path("data");
    }

    private Map<Map<String, String>, String> vector(String path) throws IOException {
        Map<Map<String, String>, String> values = new LinkedHashMap<>();
        for (JsonNode series : api(path).path("result")) {
            values.put(labels(series.path("metric")), series.path("value").path(1).asText());
        }
        return values;
    }

    private static Map<Map<String, String>, NavigableMap<Instant, String>> matrix(JsonNode result) {
        Map<Map<String, String>, NavigableMap<Instant, String>> all = new LinkedHashMap<>();
        for (JsonNode series : result) {
            NavigableMap<Instant, String> values = new TreeMap<>();
            for (JsonNode value : series.path("values")) {
                long millis = value.path(0).decimalValue().movePointRight(3).longValue();
                values.put(Instant.ofEpochMilli(millis), value.path(1).asText());
            }
            all.put(labels(series.path("metric")), values);
        }
        return all;
    }

    private static Map<String, String> labels(JsonNode object) {
        Map<String, String> labels = new TreeMap<>();
        object.properties().forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
        return labels;
    }

    @Override
    public void close() throws IOException {
        server.close();
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = new ArrayList<>(all.toList());
        }
        for (int i = files.size() - 1; i >= 0; i--) {
            Files.delete(files.get(i)); // a folder after what is in it
        }
    }
}
