package psm.metrics;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Reads the text format of Prometheus, version 0.0.4, and refuses whatever a reader may drop a file
 * for: what the format does not allow, control characters, metrics in several places, and samples
 * with the same labels. It shares nothing with the code that it checks.
 */
public final class Exposition {
    private static final String NAME = "[a-zA-Z_][a-zA-Z0-9_]*";
    private static final Set<String> TYPES = Set.of("gauge", "counter");

    /** The values by their metric and labels, as {@code metric{label="value",...}}, unescaped. */
    public final Map<Series, BigDecimal> samples = new LinkedHashMap<>();

    public final Map<String, String> types = new LinkedHashMap<>();

    /** A metric and its labels, by name. */
    public record Series(String metric, Map<String, String> labels) {}

    private Exposition() {}

    /** Reads a whole file; throws {@link AssertionError} with the line that is wrong. */
    public static Exposition parse(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        require(new String(bytes, StandardCharsets.UTF_8).equals(text), "not UTF-8", text);
        require(text.endsWith("\n"), "no newline at the end", text);
        Exposition exposition = new Exposition();
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        Set<String> ended = new HashSet<>();
        String metric = null;
        for (int i = 0; i < lines.length; i++) {
            String line = lines[i];
            require(line.chars().noneMatch(Exposition::isControl), "a control character", line);
            if (line.startsWith("# HELP ")) {
                ended.add(metric);
                metric = line.split(" ", 4)[2];
                require(metric.matches(NAME) && !ended.contains(metric), "metric twice", line);
                require(line.split(" ", 4).length == 4, "no help", line);
                String type = i + 1 < lines.length ? lines[i + 1] : "";
                require(type.startsWith("# TYPE " + metric + ' '), "no type", line);
            } else if (line.startsWith("# TYPE ")) {
                String[] words = line.split(" ", -1);
                require(words.length == 4 && TYPES.contains(words[3]), "type", line);
                require(words[2].equals(metric), "another metric", line);
                require(exposition.types.put(metric, words[3]) == null, "type twice", line);
            } else {
                exposition.sample(metric, line);
            }
        }
        return exposition;
    }

    private void sample(String metric, String line) {
        require(metric != null && line.startsWith(metric), "not of the metric above", line);
        Map<String, String> labels = new LinkedHashMap<>();
        int at = metric.length();
        if (line.startsWith("{", at)) {
            at++;
            while (!line.startsWith("}", at)) {
                at = label(line, at, labels);
            }
            at++;
        }
        require(line.startsWith(" ", at), "no blank before the value", line);
        String value = line.substring(at + 1);
        require(value.matches("-?[0-9]+([.][0-9]+)?(E-?[0-9]+)?"), "value", line);
        boolean isNew = samples.put(new Series(metric, labels), new BigDecimal(value)) == null;
        require(isNew, "labels twice", line);
    }

    /** Reads a label and the comma after it; returns where it ends. */
    private static int label(String line, int from, Map<String, String> labels) {
        int equals = line.indexOf("=\"", from);
        require(equals > 0, "label", line);
        String name = line.substring(from, equals);
        require(name.matches(NAME) && !name.startsWith("__"), "name of a label", line);
        StringBuilder value = new StringBuilder();
        int at = equals + 2;
        for (; !line.startsWith("\"", at); at++) {
            require(at < line.length(), "no end of a label", line);
            char c = line.charAt(at);
            if (c == '\\') {
                c = line.charAt(++at);
                require(c == '\\' || c == '"', "escape", line); // \n is a control character
            }
            value.append(c);
        }
        require(value.length() > 0, "a label without a value is none", line);
        require(labels.put(name, value.toString()) == null, "label twice", line);
        at++;
        require(line.startsWith(",", at) || line.startsWith("}", at), "after a label", line);
        return line.startsWith(",", at) ? at + 1 : at;
    }

    private static boolean isControl(int c) {
        return Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
    }

    private static void require(boolean isTrue, String problem, String line) {
        if (!isTrue) {
            throw new AssertionError(problem + ": " + line);
        }
    }

    /** Returns the value of a metric with one label, or without any; {@code null} for none. */
    public BigDecimal value(String metric, String... label) {
        return samples.get(
                new Series(metric, label.length == 0 ? Map.of() : Map.of(label[0], label[1])));
    }

    /** Returns the sum of all samples of a metric. */
    public BigDecimal sum(String metric) {
        return samples.entrySet().stream()
                .filter(sample -> sample.getKey().metric().equals(metric))
                .map(Map.Entry::getValue)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
