package psm.compatibility;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Finds what a report no longer contains that an older psm wrote: what is new is no loss. */
final class Losses {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Whether figures and names count, else only keys, columns, labels and types do. */
    private final boolean ofValues;

    private final List<String> found = new ArrayList<>();

    private Losses(boolean ofValues) {
        this.ofValues = ofValues;
    }

    /**
     * Compares two reports.
     *
     * @param format the format of both, as the end of a file's name
     * @param values whether figures and names must be the same, too
     * @return one line for each loss
     */
    static List<String> between(String format, String before, String now, boolean values)
            throws IOException {
        Losses losses = new Losses(values);
        switch (format) {
            case "json" -> losses.compare("", MAPPER.readTree(before), MAPPER.readTree(now));
            case "ndjson" -> losses.compareLines(before, now);
            case "csv", "tsv" -> losses.compareRecords(before, now, format.equals("csv"));
            case "prom", "om" -> losses.compareMetrics(before, now);
            default -> throw new IllegalArgumentException(format);
        }
        return losses.found;
    }

    private void compare(String path, JsonNode before, JsonNode now) {
        if (before.isObject() && now.isObject()) {
            for (Map.Entry<String, JsonNode> field : before.properties()) {
                String key = path + '.' + field.getKey();
                if (now.has(field.getKey())) {
                    compare(key, field.getValue(), now.get(field.getKey()));
                } else {
                    found.add(key + " is gone");
                }
            }
        } else if (before.isArray() && now.isArray()) {
            if (ofValues && before.size() != now.size()) {
                found.add(path + " had " + before.size() + " items, and has " + now.size());
            }
            for (int i = 0; i < Math.min(before.size(), now.size()); i++) {
                compare(path + '[' + i + ']', before.get(i), now.get(i));
            }
        } else if (before.getNodeType() != now.getNodeType()) {
            boolean isMissing = before.isNull() || now.isNull();
            if (ofValues || !isMissing) {
                found.add(path + " was " + typed(before) + ", and is " + typed(now));
            }
        } else if (ofValues && !before.equals(now) && !isOfTheReader(path)) {
            found.add(path + " was " + before + ", and is " + now);
        }
    }

    /**
     * Returns whether a figure may be that of the psm which reads the file: the psm that reads the
     * output of a probe scans it.
     */
    private static boolean isOfTheReader(String path) {
        return path.endsWith(".scan_ms") || path.endsWith(".psm_version");
    }

    private static String typed(JsonNode node) {
        JsonNodeType type = node.getNodeType();
        return node.isContainerNode() || node.isNull() ? type.name() : type + " " + node;
    }

    /** Readers skip lines of kinds that they do not know, and stop at the last line. */
    private void compareLines(String before, String now) throws IOException {
        List<JsonNode> were = lines(before);
        List<JsonNode> are = lines(now);
        String end = were.isEmpty() ? "" : kind(were.get(were.size() - 1));
        String ends = are.isEmpty() ? "" : kind(are.get(are.size() - 1));
        if (!ends.equals(end)) {
            found.add("the last line was of kind '" + end + "', and is of '" + ends + "'");
        }
        Set<String> kinds = new TreeSet<>();
        were.forEach(line -> kinds.add(kind(line)));
        are.removeIf(line -> !kinds.contains(kind(line)));
        if (were.size() != are.size()) {
            found.add("there were " + were.size() + " lines, and are " + are.size());
        }
        for (int i = 0; i < Math.min(were.size(), are.size()); i++) {
            compare("line " + (i + 1) + ' ', were.get(i), are.get(i));
        }
    }

    private static List<JsonNode> lines(String text) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : text.lines().toList()) {
            lines.add(MAPPER.readTree(line));
        }
        return lines;
    }

    private static String kind(JsonNode line) {
        return line.path("kind").asText();
    }

    /** New columns come behind those of before. */
    private void compareRecords(String before, String now, boolean hasCommas) {
        String end = hasCommas ? "\r\n" : "\n";
        String[] were = before.split(end, -1);
        String[] are = now.split(end, -1);
        if (ofValues && were.length != are.length) {
            found.add("there were " + were.length + " records, and are " + are.length);
        }
        String separator = hasCommas ? "," : "\t";
        for (int i = 0; i < (ofValues ? Math.min(were.length, are.length) : 1); i++) {
            if (!are[i].equals(were[i]) && !are[i].startsWith(were[i] + separator)) {
                found.add("a record was\n" + were[i] + "\nand is\n" + are[i]);
            }
        }
    }

    private void compareMetrics(String before, String now) {
        Set<String> gone = metrics(before);
        gone.removeAll(metrics(now));
        for (String metric : gone) {
            found.add(metric + " is gone");
        }
    }

    /** Returns types and samples; the help of a metric, and what is of the reader may change. */
    private Set<String> metrics(String text) {
        Set<String> metrics = new TreeSet<>();
        for (String line : text.lines().toList()) {
            if (line.startsWith("psm_build_info{") || line.startsWith("psm_scan_seconds ")) {
                metrics.add(withoutValues(line));
            } else if (!line.startsWith("# HELP ")) {
                metrics.add(ofValues || line.startsWith("#") ? line : withoutValues(line));
            }
        }
        return metrics;
    }

    private static String withoutValues(String sample) {
        return sample.replaceAll("=\"(\\\\.|[^\"\\\\])*+\"", "=").replaceFirst(" .*", "");
    }
}
