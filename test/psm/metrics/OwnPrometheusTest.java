package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;

/** The servers that the tests of metrics start. */
@Tag("endtoend")
class OwnPrometheusTest {
    @TempDir private Path folder;

    @Test
    void scrapesWhatAnExporterServes() throws IOException {
        Files.writeString(folder.resolve("x.prom"), "x{y=\"1\"} 5\nx{y=\"2\"} 6\n");
        try (OwnNodeExporter exporter = new OwnNodeExporter(folder);
                OwnPrometheus prometheus = OwnPrometheus.scraping(exporter.address())) {
            assertTrue(exporter.metrics().contains("node_textfile_scrape_error 0"));
            assertEquals("5", only(prometheus.await("x{y='1'}")));
            assertEquals("11", only(prometheus.query("sum by () (x)")));
            assertTrue(prometheus.samples("x{y='2'}[1m]", Instant.now()).size() == 1);
        }
    }

    private static String only(Map<Map<String, String>, String> result) {
        assertEquals(1, result.size(), result.toString());
        return result.values().iterator().next();
    }
}
