package psm.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.format.Formats;
import psm.report.Figure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

final class FiguresTest {
    private static final long MB = 1 << 20;
    private static final Instant NOW = Instant.parse("2026-11-29T13:00:00Z");

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 9, false, false),
                    new Psm.Column("age_seconds", "AGE", Psm.Kind.SECONDS, 1, false, false),
                    new Psm.Column("full_at", "FULL", Psm.Kind.TIME, 2, false, false),
                    new Psm.Column(
                            "grown_bytes_per_hour", "GROWN", Psm.Kind.RATE, 3, true, true, 0, true),
                    new Psm.Column("most_bytes_per_hour", "MOST", Psm.Kind.RATE, 4, false, false));

    private static Psm.Report report(Psm.Row... rows) {
        return new Psm.Report(
                "1.0.0",
                "host1",
                "6.1",
                NOW,
                1_000_000,
                null,
                new Psm.Processes(1, 0, 0, 0, 0, 0, false),
                COLUMNS,
                List.of(rows),
                new Psm.Row(Collections.nCopies(COLUMNS.size(), null)),
                List.of());
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Arrays.asList(values));
    }

    private static String written(String format, Psm.Unit unit, Psm.Report report)
            throws IOException {
        Psm.Layout layout = new Psm.Layout(unit, false, true, false, false, false, 0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Psm.Exporter exporter : Formats.all()) {
            if (exporter.name().equals(format)) {
                exporter.export(report, new Psm.Output(out, false, true, false, layout));
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static String table(Psm.Unit unit, Psm.Row... rows) throws IOException {
        String[] lines = written("table", unit, report(rows)).split("\n", -1);
        return String.join("\n", Arrays.asList(lines).subList(0, rows.length + 1));
    }

    private static final Psm.Row SLOW =
            row("a", 273_600L, NOW.plusSeconds(43_200), 3 * MB / 2, 2 * MB);

    private static final Psm.Row FAST = row("b", 59L, NOW.plusSeconds(90), 7_200 * MB, null);

    @Test
    void tableHasDurationsMomentsAndRates() throws IOException {
        assertEquals(
                "       AGE           FULL  MB/h GROWN      MOST\tPROCESS\n"
                        + "     3d 4h  Nov 30 01:00Z        +1.5       2.0\ta",
                table(Psm.Unit.M, SLOW));
    }

    @Test
    void ratesOfAllColumnsHaveTheUnitOfTheFastest() throws IOException {
        String[] lines = table(Psm.Unit.M, FAST, SLOW).split("\n", -1);
        assertTrue(lines[0].contains(" MB/s GROWN "), lines[0]);
        assertTrue(lines[1].matches(" +3d 4h Nov 30 01:00Z +0.0\ta| +3d.* 0\\.0\ta"), lines[1]);
        assertTrue(lines[2].matches(" +59s +13:01:30Z +\\+2\\.0 +\tb"), lines[2]);
        assertTrue(table(Psm.Unit.G, FAST).contains("GB/h GROWN"), "0.002 GB/s");
        assertTrue(table(Psm.Unit.AUTO, FAST).contains(" +2.0M/s "), "each has its own unit");
        assertTrue(table(Psm.Unit.AUTO, SLOW).contains(" +1.5M/h "), "each has its own unit");
        assertTrue(table(Psm.Unit.B, SLOW).contains("B/h GROWN"), "bytes");
    }

    @Test
    void documentsHaveWholeNumbersAndTimes() throws IOException {
        String json = written("json", Psm.Unit.M, report(SLOW));
        assertTrue(
                json.contains(
                        "\"age_seconds\":273600,\"full_at\":\"2026-11-30T01:00:00Z\","
                                + "\"grown_bytes_per_hour\":1572864,"
                                + "\"most_bytes_per_hour\":2097152"),
                json);
        assertTrue(
                written("csv", Psm.Unit.M, report(SLOW))
                        .contains("273600,\"2026-11-30T01:00:00Z\",1572864,2097152,"));
        assertTrue(
                written("tsv", Psm.Unit.M, report(SLOW))
                        .contains("273600\t2026-11-30T01:00:00Z\t1572864\t2097152\t"));
        String markdown = written("markdown", Psm.Unit.M, report(SLOW));
        assertTrue(markdown.contains("| MB/h GROWN | MOST | PROCESS |"), markdown);
        assertTrue(
                markdown.contains("| 3d 4h | Nov 30 01:00Z |       +1.5 |  2.0 | `a`"), markdown);
    }

    @Test
    void missingValuesAreNullOrEmpty() throws IOException {
        Psm.Row none = row("a", null, null, null, null);
        assertTrue(table(Psm.Unit.M, none).endsWith(" \ta"));
        assertTrue(written("json", Psm.Unit.M, report(none)).contains("\"full_at\":null"));
    }

    @ParameterizedTest
    @CsvSource({"0, 0.0", "9, 0.0", "-9, 0.0", "-99999, -0.1", "99999, +0.1"})
    void changesThatRoundToZeroHaveNoSign(long change, String shown) {
        Figures figures = new Figures(report(), Psm.Layout.DEFAULT, false, List.of(), List.of());
        assertEquals(shown, figures.of(Figure.CHANGE.column, change));
    }
}
