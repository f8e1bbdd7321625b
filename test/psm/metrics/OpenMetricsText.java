package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a text as strictly as OpenMetrics 1.0 allows: a family stands together below what it is,
 * all samples of a metric stand together with rising timestamps, and the text ends with {@code
 * EOF}. Beyond that, labels contain no control characters.
 */
public final class OpenMetricsText {
    private static final Pattern HEAD =
            Pattern.compile("# (HELP|TYPE|UNIT) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.*)");

    private static final Pattern HELP = Pattern.compile("([^\\\\\n]|\\\\[\\\\n\"])+");

    private static final Pattern SAMPLE =
            Pattern.compile(
                    "([a-zA-Z_:][a-zA-Z0-9_:]*)((?:[{].*[}])?) (-?[0-9]+(?:[.][0-9]+)?"
                            + "(?:[eE][-+]?[0-9]+)?)(?: (-?[0-9]+(?:[.][0-9]+)?))?");

    private static final Pattern LABEL =
            Pattern.compile(
                    "[{,]([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\\\\\"\\p{Cc}]|\\\\[\\\\n\"])*)\"");

    private static final int MILLIS_DIGITS = 3;

    /** The values of each series by their time in milliseconds. */
    private final Map<String, NavigableMap<Long, String>> series = new LinkedHashMap<>();

    private final Set<String> families = new HashSet<>();
    private final Set<String> heads = new HashSet<>();
    private String family;
    private String type;
    private String last;

    private OpenMetricsText() {}

    /** Reads a text. */
    public static OpenMetricsText of(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        assertTrue(text.endsWith("\n"), "the last line is cut");
        OpenMetricsText read = new OpenMetricsText();
        String[] lines = text.split("\n", -1);
        assertEquals("# EOF", lines[lines.length - 2]);
        for (int i = 0; i < lines.length - 2; i++) {
            read.line(lines[i]);
        }
        return read;
    }

    /** Returns the values of each series by their time in milliseconds. */
    public Map<String, NavigableMap<Long, String>> series() {
        return series;
    }

    /** Returns the values of a series. */
    public NavigableMap<Long, String> of(String metric) {
        return series.getOrDefault(metric, new TreeMap<>());
    }

    private void line(String line) {
        if (line.startsWith("#")) {
            Matcher head = HEAD.matcher(line);
            assertTrue(head.matches(), line);
            head(line, head.group(1), head.group(2), head.group(3));
        } else {
            Matcher sample = SAMPLE.matcher(line);
            assertTrue(sample.matches(), line);
            sample(line, sample);
        }
    }

    private void head(String line, String kind, String name, String rest) {
        if (!name.equals(family)) {
            assertTrue(families.add(name), "a family in two places: " + line);
            family = name;
            type = null;
            last = null;
        }
        assertNull(last, "metadata behind a sample: " + line);
        assertTrue(heads.add(kind + name), "twice: " + line);
        if (kind.equals("TYPE")) {
            type = rest;
            assertTrue(type.equals("gauge") || type.equals("counter"), line);
        } else if (kind.equals("HELP")) {
            assertTrue(HELP.matcher(rest).matches(), line);
        } else {
            assertTrue(name.endsWith('_' + rest), line);
        }
    }

    private void sample(String line, Matcher sample) {
        String end = "counter".equals(type) ? "_total" : "";
        assertEquals(family + end, sample.group(1), line);
        labels(line, sample.group(2));
        String metric = sample.group(1) + sample.group(2);
        if (!metric.equals(last)) {
            assertNull(series.put(metric, new TreeMap<>()), "a metric in two places: " + line);
            last = metric;
        }
        assertTrue(!"counter".equals(type) || !sample.group(3).startsWith("-"), line);
        long time =
                sample.group(4) == null
                        ? 0
                        : new BigDecimal(sample.group(4)).movePointRight(MILLIS_DIGITS).longValue();
        NavigableMap<Long, String> values = series.get(metric);
        assertTrue(values.isEmpty() || values.lastKey() < time, "not later: " + line);
        values.put(time, sample.group(3));
    }

    private static void labels(String line, String labels) {
        Set<String> names = new HashSet<>();
        Matcher label = LABEL.matcher(labels);
        int at = 0;
        while (label.find()) {
            assertEquals(at, label.start(), line);
            assertEquals(at == 0, labels.charAt(at) == '{', line);
            assertTrue(names.add(label.group(1)), line);
            at = label.end();
        }
        assertEquals(labels.isEmpty() ? 0 : labels.length() - 1, at, line);
    }
}
