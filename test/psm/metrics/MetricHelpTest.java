package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

class MetricHelpTest {
    private static final Pattern METRIC = Pattern.compile("`(psm_\\w*[a-z])`");

    /** Each metric that docs/metrics.md lists has a sentence, and no other has the same. */
    @Test
    void eachMetricOfTheDocsHasItsOwnHelp() throws IOException {
        Map<String, String> names = new HashMap<>();
        for (String line : Files.readAllLines(Command.root().resolve("docs/metrics.md"))) {
            Matcher metric = METRIC.matcher(line.startsWith("| `psm_") ? line : "");
            while (metric.find()) {
                String name = metric.group(1);
                assertTrue(MetricHelp.isKnown(name), name);
                String other = names.put(MetricHelp.of(name, ""), name);
                assertTrue(other == null || other.equals(name), name + " and " + other);
            }
        }
        assertTrue(names.size() > 25, names.toString());
    }

    @Test
    void otherMetricsHaveASentenceToo() {
        assertEquals(
                "Pages of a kind.", MetricHelp.of("psm_x", "pages of a kind (4.4); reads maps"));
        assertEquals("In no row: Pages.", MetricHelp.ofOthers("psm_other_x", "pages (-w)"));
    }
}
