package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules in share/prometheus, as the program that comes with Prometheus reads them. */
class RulesTest {
    private static final Path RULES =
            Command.root().resolve("share/prometheus/psm.rules.yml").normalize();
    private static final Path CASES = RULES.resolveSibling("psm.rules.test.yml");

    @BeforeEach
    void promtoolIsHere() {
        assumeTrue(Command.exists("promtool"), "there is no promtool here");
    }

    private static void succeeds(String... words) {
        Command.Result result = Command.of(words).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
    }

    /** Returns the first group of each match. */
    private static Set<String> found(String pattern, String text) {
        Set<String> all = new TreeSet<>();
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            all.add(matcher.group(1));
        }
        return all;
    }

    @Test
    void promtoolAcceptsThem() {
        succeeds("promtool", "check", "rules", RULES.toString());
    }

    @Test
    @Tag("endtoend")
    void alertsFireWhereTheyMustAndNowhereElse() {
        succeeds("promtool", "test", "rules", CASES.toString());
    }

    @Test
    void eachAlertHasCasesOfBothKinds() throws IOException {
        Set<String> alerts = found("- alert: (\\w+)", Files.readString(RULES));
        String cases = Files.readString(CASES) + "end";
        assertEquals(alerts, found("alertname: (\\w+)\n +exp_alerts:", cases));
        assertEquals(alerts, found("alertname: (\\w+)\\s+(?!exp_alerts:)[-\\w]", cases));
    }

    /** Returns the metrics of psm that the rules read. */
    private static Set<String> metrics() throws IOException {
        String rules = Files.readString(RULES).replaceAll("(?m)^ *#.*| *- name:.*", "");
        Set<String> metrics = found("\\b(psm_\\w+)", rules);
        assertTrue(metrics.contains("psm_pss_bytes"), metrics.toString());
        return metrics;
    }

    @Test
    void theDocsHaveEachMetric() throws IOException {
        Set<String> documented =
                found("`(psm_\\w+)`", Files.readString(Command.root().resolve("docs/metrics.md")));
        assertEquals(Set.of(), without(metrics(), documented));
    }

    @Test
    @Tag("endtoend")
    void psmWritesEachMetric() throws IOException {
        String text = Command.psm("-o", "prometheus", "-q").run().out();
        Set<String> missing = without(metrics(), found("(?m)^(psm_\\w+)", text));
        missing.removeIf(name -> name.startsWith("psm_cgroup_")); // there may be no limit here
        assertEquals(Set.of(), missing);
    }

    private static Set<String> without(Set<String> all, Set<String> some) {
        Set<String> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    @Test
    void eachAlertSaysWhatToTypeNext() throws IOException {
        String cases = Files.readString(CASES).replaceAll("\n {16}", " ");
        Set<String> commands = found("description: .*: ((?:ssh|psm) .*)\n", cases);
        assertEquals(
                List.of(
                        "psm growth --hosts fd00::1 --since 6h",
                        "psm growth --hosts web1 --since 6h",
                        "psm oom --hosts web1",
                        "ssh web1 psm doctor"),
                List.copyOf(commands));
    }

    /** A machine that cannot be reached is another error than one in the words. */
    @Test
    @Tag("endtoend")
    void psmTakesTheseCommands() {
        for (String command : List.of("growth --hosts fd00::1 --since 6h", "oom --hosts web1")) {
            Command.Result result =
                    Command.psm(command.split(" ")).append(List.of("--via", "false")).run();
            assertEquals(1, result.exitCode(), result.err());
            assertTrue(result.err().contains("false"), result.err());
        }
    }
}
