package psm.trend;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Holds the rule for steady growth to its alarm rates, in 300 series of each kind. */
class AlarmRatesTest {
    private static final double MB = 1 << 20;
    private static final Path DOCS = Command.root().resolve("docs/growth.md");
    private static final String HEAD =
            "| series of 6 hours, a sample each minute | Mann-Kendall | least squares | psm |"
                    + " error of the rate | interval holds it |\n"
                    + "|---|---:|---:|---:|---:|---:|\n";

    /** What was found in all series of a kind, in parts of 1, and of 100 for the verdict. */
    private record Found(
            double steady, double mannKendall, double leastSquares, double error, double held) {}

    private static Found find(SeriesKind kind) {
        List<Double> errors = new ArrayList<>();
        double steady = 0;
        double mannKendall = 0;
        double leastSquares = 0;
        double held = 0;
        List<MadeUpSeries> all = kind.all();
        for (MadeUpSeries series : all) {
            double[] values = new double[series.samples()];
            for (int i = 0; i < values.length; i++) {
                values[i] = series.bytes(i);
            }
            Trend trend = Trend.of(TrendTest.series(series));
            steady += trend.verdict() == Verdict.STEADY ? 1 : 0;
            mannKendall += Significance.ofMannKendall(values) ? 1 : 0;
            leastSquares += Significance.ofLeastSquares(values) ? 1 : 0;
            errors.add(Math.abs(trend.rate() / MB - kind.rate()) / kind.rate());
            held += trend.lower() <= kind.rate() * MB && kind.rate() * MB <= trend.upper() ? 1 : 0;
        }
        Collections.sort(errors);
        int n = all.size();
        double error = errors.get(n / 2);
        return new Found(100 * steady / n, mannKendall / n, leastSquares / n, error, held / n);
    }

    private static String row(SeriesKind kind, Found found) {
        String row =
                String.format(
                        Locale.ROOT,
                        "| %s | %.0f %% | %.0f %% | %.0f %% |",
                        kind.name(),
                        100 * found.mannKendall,
                        100 * found.leastSquares,
                        found.steady);
        return kind.rate() == 0
                ? row + " | |\n"
                : String.format(
                        Locale.ROOT,
                        "%s %.1f %% | %.0f %% |\n",
                        row,
                        100 * found.error,
                        100 * found.held);
    }

    @TestFactory
    Stream<DynamicTest> eachKindIsCalledGrowthAsOftenAsItMay() {
        return SeriesKind.shown().stream()
                .map(kind -> DynamicTest.dynamicTest(kind.name(), () -> check(kind)));
    }

    private static void check(SeriesKind kind) {
        double steady = find(kind).steady;
        assertTrue(steady >= kind.least() && steady <= kind.most(), steady + " of 100");
    }

    @Test
    void theRateIsRightToFivePercentAndItsIntervalHoldsIt() {
        SeriesKind kind =
                SeriesKind.shown().stream().filter(each -> each.rate() == 5).findFirst().get();
        Found found = find(kind);
        assertAll(
                () -> assertTrue(found.error <= 0.05, "error " + found.error),
                () -> assertTrue(found.held >= 0.93, "held " + found.held));
    }

    /** With PSM_TEST_REWRITE=1, writes the table; read its difference. */
    @Test
    void theDocsShowTheseRates() throws IOException {
        StringBuilder table = new StringBuilder(HEAD);
        for (SeriesKind kind : SeriesKind.shown()) {
            table.append(row(kind, find(kind)));
        }
        String docs = Files.readString(DOCS);
        int begin = docs.indexOf(HEAD);
        assertTrue(begin >= 0, "docs/growth.md contains no table of these rates");
        int end = docs.indexOf("\n\n", begin) + 1; // the table ends at the first empty line
        if (System.getenv("PSM_TEST_REWRITE") != null) {
            Files.writeString(DOCS, docs.substring(0, begin) + table + docs.substring(end));
            return;
        }
        assertEquals(table.toString(), docs.substring(begin, end));
    }
}
