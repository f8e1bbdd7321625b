package psm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Reads what a part of bench/run or bench/scale has measured, as bench/lib/times.jq does. */
final class BenchResults {
    private static final Path FOLDER = Command.root().resolve("bench/results");

    /** The files that were read, by their names without the extension. */
    private static final Map<String, JsonNode> FILES = new ConcurrentHashMap<>();

    private final JsonNode part;

    private BenchResults(JsonNode part) {
        this.part = part;
    }

    /** Reads a part of bench/run. */
    static BenchResults of(String part) throws IOException {
        return new BenchResults(read(part));
    }

    /** Reads the parts of bench/scale. */
    static List<BenchResults> ofScale() throws IOException {
        List<BenchResults> parts = new ArrayList<>();
        read("scale").get("parts").forEach(part -> parts.add(new BenchResults(part)));
        return parts;
    }

    private static JsonNode read(String name) throws IOException {
        JsonNode known = FILES.get(name);
        if (known == null) {
            known = new ObjectMapper().readTree(FOLDER.resolve(name + ".json").toFile());
            FILES.put(name, known);
        }
        return known;
    }

    /** Reads the description of the machine. */
    static String machine() throws IOException {
        return Files.readString(FOLDER.resolve("machine.txt"));
    }

    /** Returns the name of the part. */
    String name() {
        return part.get("part").asText();
    }

    /** Returns a fact about the part, or "" if it was not recorded. */
    String about(String key) {
        return part.get("about").path(key).asText();
    }

    /** Returns the median wall time of a command in milliseconds, NaN if it was not measured. */
    double wall(String command) {
        return median(milliseconds("times", command));
    }

    /** Returns the median time of a scan alone in milliseconds. */
    double scan(String command) {
        return median(milliseconds("scan", command));
    }

    /** Returns the median of the rounds' CPU times in milliseconds, NaN if it was not measured. */
    double cpu(String command) {
        List<Double> rounds = new ArrayList<>();
        for (JsonNode round : of("times", command)) {
            rounds.add((round.get("user").asDouble() + round.get("system").asDouble()) * 1000);
        }
        return median(rounds);
    }

    /** Returns the median peak of memory in MB, NaN if it was not measured. */
    double peak(String command) {
        return median(values("peaks", command, "kilobytes")) / 1024;
    }

    /** Returns the median of a figure of first runs. */
    double first(String command, String key) {
        return median(values("first", command, key));
    }

    /** Returns the size of what a first run downloads, in MB. */
    double downloads() {
        for (JsonNode result : part.get("results")) {
            if (result.get("table").asText().equals("downloads")) {
                return result.get("bytes").asDouble() / 1_000_000;
            }
        }
        return Double.NaN;
    }

    private List<Double> milliseconds(String table, String command) {
        List<Double> all = values(table, command, "milliseconds");
        values(table, command, "times").forEach(seconds -> all.add(seconds * 1000));
        return all;
    }

    private List<Double> values(String table, String command, String key) {
        List<Double> values = new ArrayList<>();
        for (JsonNode result : of(table, command)) {
            result.path(key).forEach(value -> values.add(value.asDouble()));
        }
        return values;
    }

    private List<JsonNode> of(String table, String command) {
        List<JsonNode> results = new ArrayList<>();
        for (JsonNode result : part.get("results")) {
            if (result.get("table").asText().equals(table)
                    && result.path("command").asText().equals(command)) {
                results.add(result);
            }
        }
        return results;
    }

    private static double median(List<Double> values) {
        if (values.isEmpty()) {
            return Double.NaN;
        }
        Collections.sort(values);
        int size = values.size();
        return (values.get((size - 1) / 2) + values.get(size / 2)) / 2;
    }

    /** Shows three digits, and nothing for what was not measured. */
    static String figure(double value) {
        return Double.isNaN(value) ? "" : fixed(value, value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2);
    }

    /** Shows that many decimals, and groups the digits before them. */
    static String fixed(double value, int digits) {
        double power = Math.pow(10, digits);
        return String.format(Locale.ROOT, "%,." + digits + 'f', Math.round(value * power) / power);
    }
}
