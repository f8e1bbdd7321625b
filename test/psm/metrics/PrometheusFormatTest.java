package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;
import psm.support.Fixtures;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tests what {@code psm -o prometheus} prints, as Prometheus reads it. */
class PrometheusFormatTest {
    @TempDir Path folder;

    private static String psm(Path proc, String options) {
        Command.Result result =
                Command.psm((options + " --proc " + proc).strip().split(" +")).run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    private static Exposition exposition(Path proc, String options) {
        return Exposition.parse(psm(proc, options + " -o prometheus"));
    }

    private void lint(String text) throws IOException {
        assumeTrue(Command.exists("promtool"), "there is no promtool here");
        Path file = Files.writeString(folder.resolve("psm.prom"), text);
        Command.Result result = Command.of("promtool", "check", "metrics").from(file).run();
        assertEquals("", result.out() + result.err());
        assertEquals(0, result.exitCode());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--by unit",
                "--by container,user -n 3",
                "--by cgroup --spread --heap",
                "-c pss%,used%,rate,age,oom_adj",
                "maps",
                "maps --by kind"
            })
    void promtoolFindsNothing(String options) throws IOException {
        String text = psm(Fixtures.CONTAINERS, options + " -o prometheus");
        Exposition.parse(text);
        lint(text);
    }

    /** A snapshot that lacks a figure is worth a remark only if the user has asked for it. */
    @Test
    void columnsThatNobodyNamedGetNoRemark() {
        String old = Fixtures.HOST.resolveSibling("host-0.1.0.psm").toString();
        String[] args = {"--from", old, "-o", "prometheus"};
        assertEquals("", Command.psm(args).run().err());
        String[] asked = {"--from", old, "-o", "prometheus", "-c", "+anonymous"};
        String remark = Command.psm(asked).run().err();
        assertTrue(remark.startsWith("psm: -c anonymous: not available"), remark);
    }

    @Test
    void figuresAreThoseOfJson() throws IOException {
        String same = "-e --scripts --system -c pss,swap,anonymous,largest";
        JsonNode json = new ObjectMapper().readTree(psm(Fixtures.CONTAINERS, same + " -o json"));
        Exposition metrics = exposition(Fixtures.CONTAINERS, "");
        assertTrue(json.get("rows").size() > 3);
        for (JsonNode row : json.get("rows")) {
            String program = row.get("program").asText();
            for (String key : new String[] {"pss_bytes", "swap_bytes", "largest_process_bytes"}) {
                BigDecimal value = metrics.value("psm_" + key, "program", program);
                assertEquals(row.get(key).decimalValue(), value, program + ' ' + key);
            }
            assertEquals(
                    row.get("count").decimalValue(),
                    metrics.value("psm_processes", "program", program));
        }
        assertEquals(
                json.get("totals").get("pss_bytes").decimalValue(),
                metrics.sum("psm_pss_bytes").add(metrics.value("psm_other_pss_bytes")));
        assertEquals(
                json.get("host_memory").get("page_cache_bytes").decimalValue(),
                metrics.value("psm_host_memory_bytes", "part", "page_cache"));
    }

    @Test
    void partsOfTheHostAreAllItsMemory() {
        for (Path proc : new Path[] {Fixtures.HOST, Fixtures.CONTAINERS, Path.of("/proc")}) {
            Exposition metrics = exposition(proc, "");
            assertEquals(
                    metrics.value("psm_mem_total_bytes"), metrics.sum("psm_host_memory_bytes"));
        }
        assertTrue(
                exposition(Fixtures.HOST, "--user root").sum("psm_host_memory_bytes").signum()
                        == 0);
    }

    @Test
    void rowsLeftOutAreInOthers() {
        Exposition all = exposition(Fixtures.CONTAINERS, "");
        Exposition one = exposition(Fixtures.CONTAINERS, "-n 1");
        for (String key : new String[] {"pss_bytes", "swap_bytes", "processes"}) {
            assertEquals(
                    all.sum("psm_" + key).add(all.value("psm_other_" + key)),
                    one.sum("psm_" + key).add(one.value("psm_other_" + key)));
        }
        assertTrue(one.value("psm_other_processes").signum() > 0);
    }

    @Test
    void startsStayTheSame() {
        String first = psm(Path.of("/proc"), "--pid 1 -o prometheus");
        String later = psm(Path.of("/proc"), "--pid 1 -o prometheus");
        assertEquals(start(first), start(later));
    }

    private static Object start(String text) {
        return Exposition.parse(text).sum("psm_oldest_start_time_seconds");
    }

    @Test
    void openMetricsHasATimeForEachSample() {
        String text = psm(Fixtures.HOST, "-n 2 -o openmetrics");
        assertTrue(text.endsWith("\n# EOF\n"), text);
        for (String line : text.lines().toList()) {
            assertTrue(line.startsWith("# ") || line.matches(".* [0-9.E-]+ [0-9]+"), line);
        }
    }
}
