package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
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
}
