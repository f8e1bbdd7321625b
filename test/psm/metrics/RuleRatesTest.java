package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Holds the alerts of share/prometheus to how often they are right. {@code bench/rules} runs it
 * with more series, and writes the table.
 */
@Tag("endtoend")
class RuleRatesTest {
    private static final String SERIES = System.getenv().getOrDefault("PSM_TEST_SERIES", "3");
    private static final String TABLE = System.getenv("PSM_TEST_TABLE");

    private static final String HEAD =
            """
            How many of 100 series fire at least once in 24 hours, and after how many hours, the median.
            %s series of each kind, a sample each minute. LINE is what alerts usually look at: for programs
            deriv(...[6h]) above 64 MB in 6 hours, for control groups more than 80 %% and
            predict_linear(...[6h]) above 100 %% within a day, for 1h. PSM is psm.rules.yml. Programs have
            500 to 1500 MB at first, steps 50 to 500 MB, saw-teeth and caches 200 to 2000 MB, what wanders
            a standard deviation of 100 MB, a random walk 5 MB each minute; the load of a day is 500 MB.
            Growth begins with the 24 hours.

            SERIES                                                                        LINE    PSM   AFTER h
            """;

    @TempDir private Path folder;

    private static String row(RuleKind kind, RuleRates rates, int number) {
        double alarms = rates.alarms(number);
        return String.format(
                        Locale.ROOT,
                        "%-76s %5.1f %6.1f %s\n",
                        kind.name(),
                        rates.alarmsOfLine(number),
                        alarms,
                        alarms == 0
                                ? ""
                                : String.format(Locale.ROOT, "%8.1f", rates.median(number) / 60.0))
                .replaceAll(" +\n", "\n");
    }

    @Test
    void eachKindFiresAsOftenAsItMay() throws IOException {
        assumeTrue(Command.exists("promtool"), "there is no promtool here");
        List<RuleKind> kinds = RuleKind.all();
        Path rules = Command.root().resolve("share/prometheus/psm.rules.yml");
        RuleRates rates = RuleRates.of(folder, rules, Integer.parseInt(SERIES), kinds);
        StringBuilder table = new StringBuilder(HEAD.formatted(SERIES));
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < kinds.size(); i++) {
            String row = row(kinds.get(i), rates, i);
            table.append(row);
            double alarms = rates.alarms(i);
            if (alarms < kinds.get(i).least() || alarms > kinds.get(i).most()) {
                wrong.add(row);
            }
        }
        if (TABLE != null) {
            Files.writeString(Path.of(TABLE), table);
        }
        assertEquals(List.of(), wrong);
    }
}
