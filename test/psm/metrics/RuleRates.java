package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;

import psm.support.Command;
import psm.trend.MadeUpSeries;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Asks a real Prometheus over which made-up series the alerts of share/prometheus fire. The series
 * are written into its blocks, the recording rules are evaluated over them, and then the
 * expressions of the alerts.
 */
final class RuleRates {
    private static final int STEP_MINUTES = 5;

    /** How much is asked for at once: an answer must come within the time of a request. */
    private static final int HOURS_AT_ONCE = 2;

    /** For less than 5 minutes, a sample counts as the present one. */
    private static final int LOOK_BACK_MINUTES = 4;

    private static final double MB = 1 << 20;

    private final Path folder;
    private final Path rules;
    private final int each;
    private final List<RuleKind> kinds;
    private final Instant begin;

    /** The first time at which the alert fires, in minutes after {@link RuleKind#FROM}, by name. */
    private final Map<String, Integer> alarms = new TreeMap<>();

    private final Map<String, Integer> lines = new TreeMap<>();

    private RuleRates(Path folder, Path rules, int each, List<RuleKind> kinds) {
        this.folder = folder;
        this.rules = rules;
        this.each = each;
        this.kinds = kinds;
        begin =
                Instant.now()
                        .truncatedTo(ChronoUnit.DAYS) // each run has the same blocks of 2 hours
                        .minus(RuleKind.MINUTES + 240, ChronoUnit.MINUTES);
    }

    /**
     * Finds what fires.
     *
     * @param folder an empty folder for the samples
     * @param each how many series of each kind
     */
    static RuleRates of(Path folder, Path rules, int each, List<RuleKind> kinds)
            throws IOException {
        RuleRates rates = new RuleRates(folder, rules, each, kinds);
        rates.writeBlocks();
        rates.record("psm:(used_bytes:|cgroup_used:ratio_)min1h");
        rates.record("psm:used_bytes:fall8h");
        rates.ask();
        return rates;
    }

    /** Writes the series as a text with timestamps, and makes blocks of it. */
    private void writeBlocks() throws IOException {
        Path text = folder.resolve("series.om");
        try (Writer out = Files.newBufferedWriter(text)) {
            for (int kind = 0; kind < kinds.size(); kind++) {
                for (int i = 0; i < each; i++) {
                    write(out, kind, i);
                }
            }
            out.write("# EOF\n");
        }
        promtool(
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                "--max-block-duration=54h",
                "-q",
                text.toString(),
                data().toString());
        Files.delete(text);
    }

    private void write(Writer out, int kind, int seed) throws IOException {
        RuleKind made = kinds.get(kind);
        MadeUpSeries series = made.make(seed);
        String labels =
                "{%s=\"%d.%d\",instance=\"m\",job=\"n\"} "
                        .formatted(made.fills() ? "cgroup" : "program", kind, seed);
        String name = (made.fills() ? "psm:cgroup_used:ratio" : "psm:used_bytes") + labels;
        long first = begin.getEpochSecond();
        for (int i = 0; i < series.samples(); i++) {
            out.write(name);
            out.write(
                    made.fills()
                            ? Double.toString(series.bytes(i) / RuleKind.LIMIT / MB)
                            : Long.toString(series.bytes(i)));
            out.write(' ');
            out.write(Long.toString(first + 60L * i));
            out.write('\n');
        }
        if (!made.fills()) {
            writeStarts(out, made, labels);
        }
    }

    /** Writes when a program started last. */
    private void writeStarts(Writer out, RuleKind made, String labels) throws IOException {
        for (int minute = 0; minute < RuleKind.MINUTES; minute += LOOK_BACK_MINUTES) {
            long value = made.restart() == 0 ? 0 : lastStart(made.restart(), minute);
            out.write("psm_oldest_start_time_seconds" + labels + value);
            out.write(' ' + Long.toString(minute(minute).getEpochSecond()) + '\n');
        }
    }

    private long lastStart(int every, int minute) {
        int first = RuleKind.START % every;
        return minute < first
                ? 0
                : minute(first + (minute - first) / every * every).getEpochSecond();
    }

    /** Evaluates recording rules over the whole time; what they read must have been recorded. */
    private void record(String names) throws IOException {
        try (OwnPrometheus server = OwnPrometheus.over(data(), rules)) {
            StringBuilder text = new StringBuilder("groups: [{name: x, interval: 5m, rules: [");
            for (JsonNode rule : rules(server)) {
                if (rule.path("name").asText().matches(names)) {
                    text.append("{record: '")
                            .append(rule.path("name").asText())
                            .append("', expr: '")
                            .append(rule.path("query").asText())
                            .append("'}, ");
                }
            }
            // Within the 5 minutes, rules are evaluated at a time that depends on this name.
            String file = "recording.yml";
            Files.writeString(folder.resolve(file), text.append("]}]\n"));
            promtool(
                    "tsdb",
                    "create-blocks-from",
                    "rules",
                    "-q",
                    "--url=http://" + server.address(),
                    "--start=" + begin,
                    "--end=" + minute(RuleKind.MINUTES),
                    "--eval-interval=" + STEP_MINUTES + "m",
                    "--output-dir=" + data(),
                    file);
        }
    }

    private void ask() throws IOException {
        try (OwnPrometheus server = OwnPrometheus.over(data(), rules)) {
            Map<String, String> rises = new TreeMap<>();
            for (JsonNode rule : rules(server)) {
                String query = rule.path("query").asText();
                String name = rule.path("name").asText();
                if (name.endsWith("rise6h")) {
                    rises.put(name, query);
                } else if (name.matches("PsmMemoryGrows|PsmCgroupFillsUp")) {
                    for (Map.Entry<String, String> rise : rises.entrySet()) {
                        query = query.replace(rise.getKey(), '(' + rise.getValue() + ')');
                    }
                    fires(server, query, rule.path("duration").asInt() / 60, alarms);
                }
            }
            fires(server, "deriv(psm:used_bytes[6h]) * 6 * 3600 > 64 * 1024 * 1024", 60, lines);
            fires(
                    server,
                    "psm:cgroup_used:ratio > 0.8 and"
                            + " predict_linear(psm:cgroup_used:ratio[6h], 24 * 3600) > 1",
                    60,
                    lines);
        }
    }

    /** Notes for which series a condition holds for some minutes without a gap, and when first. */
    private void fires(
            OwnPrometheus server, String expression, int minutes, Map<String, Integer> first)
            throws IOException {
        Map<String, NavigableMap<Instant, String>> all = new TreeMap<>();
        Duration step = Duration.ofMinutes(STEP_MINUTES);
        for (int from = RuleKind.FROM - minutes;
                from < RuleKind.MINUTES;
                from += 60 * HOURS_AT_ONCE) {
            int until = Math.min(from + 60 * HOURS_AT_ONCE, RuleKind.MINUTES) - STEP_MINUTES;
            server.queryRange(expression, minute(from), minute(until), step)
                    .forEach(
                            (labels, values) ->
                                    all.computeIfAbsent(name(labels), name -> new TreeMap<>())
                                            .putAll(values));
        }
        all.forEach(
                (name, values) -> {
                    Instant since = null;
                    Instant last = null;
                    for (Instant time : values.keySet()) {
                        since = last == null || !last.plus(step).equals(time) ? time : since;
                        last = time;
                        int after = (int) Duration.between(minute(RuleKind.FROM), time).toMinutes();
                        if (!since.plus(minutes, ChronoUnit.MINUTES).isAfter(time) && after >= 0) {
                            first.putIfAbsent(name, after);
                        }
                    }
                });
    }

    private static String name(Map<String, String> labels) {
        return labels.getOrDefault("program", labels.get("cgroup"));
    }

    private Instant minute(int minute) {
        return begin.plus(minute, ChronoUnit.MINUTES);
    }

    private static Iterable<JsonNode> rules(OwnPrometheus server) throws IOException {
        List<JsonNode> rules = new ArrayList<>();
        for (JsonNode group : server.api("rules").path("groups")) {
            group.path("rules").forEach(rules::add);
        }
        return rules;
    }

    private Path data() {
        return folder.resolve("data");
    }

    private void promtool(String... words) {
        Command.Result result = Command.of(words).behind("promtool").in(folder).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    /** Returns for how many of 100 series of a kind the alert fires. */
    double alarms(int kind) {
        return 100.0 * times(alarms, kind).size() / each;
    }

    /** Returns for how many of 100 it would, if it looked at the line through the samples alone. */
    double alarmsOfLine(int kind) {
        return 100.0 * times(lines, kind).size() / each;
    }

    /** Returns the median of the times after which the alert fires, in minutes. */
    int median(int kind) {
        List<Integer> times = times(alarms, kind);
        return times.get(times.size() / 2);
    }

    private List<Integer> times(Map<String, Integer> first, int kind) {
        List<Integer> times = new ArrayList<>();
        first.forEach(
                (name, time) -> {
                    if (name.startsWith(kind + ".")) {
                        times.add(time);
                    }
                });
        Collections.sort(times);
        return times;
    }
}
