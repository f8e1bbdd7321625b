package psm.html;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.cell.CellText;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads pages strictly: what they show of a report of any shape, with any names. */
public class HtmlFormatTest {
    private static final long MB = 1 << 20;
    private static final String MISSING = "\u2013";

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false),
                    new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, true),
                    new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 12, true, false),
                    new Psm.Column("hidden", "HIDDEN", Psm.Kind.BYTES, 0, false, true),
                    new Psm.Column("pss_bytes", "RAM", Psm.Kind.BYTES, 1, false, true),
                    new Psm.Column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 2, true, true),
                    new Psm.Column("started", "STARTED", Psm.Kind.TIME, 3, false, false));

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Arrays.asList(values));
    }

    private static Psm.Row named(String name) {
        return row(name, 3L, 0L, 1L, MB, 0L, Instant.EPOCH);
    }

    private static Psm.Report report(List<Psm.Column> columns, List<Psm.Row> rows, Psm.Row totals) {
        return new Psm.Report(
                "1.0.0",
                null,
                null,
                Instant.ofEpochSecond(1_700_000_000),
                1_000_000,
                null,
                new Psm.Processes(3, 0, 2, 0, 0, 0, false),
                columns,
                rows,
                totals,
                List.of());
    }

    private static Psm.Report report(Psm.Row... rows) {
        return report(COLUMNS, List.of(rows), row(null, 9L, null, 3L, 5 * MB, 0L, null));
    }

    private static HtmlPage page(Psm.Report report) throws IOException {
        return page(report, Psm.Layout.DEFAULT);
    }

    private static HtmlPage page(Psm.Report report, Psm.Layout layout) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        HtmlFormat.write(report, new Psm.Output(bytes, false, true, false, layout));
        return HtmlPage.parse(bytes.toString(StandardCharsets.UTF_8));
    }

    @Test
    void columnsAreThoseOfATable() throws IOException {
        HtmlPage page =
                page(
                        report(
                                row("java", 3L, 1L, 1L, 3 * MB, 2 * MB, Instant.EPOCH),
                                row(null, 1L, 1L, 1L, null, 0L, null)));
        assertEquals(
                List.of(
                        List.of("PROCESS", "COUNT", "RAM MB", "SWAPPED MB", "STARTED"),
                        List.of("java [1 deleted]", "3", "3.0", "2.0", "1970-01-01"),
                        List.of(MISSING + " [deleted]", "1", MISSING, "", MISSING),
                        List.of(
                                "Total used by processes",
                                "\u2265\u00a09",
                                "\u2265\u00a05.0",
                                "\u2265\u00a00.0",
                                "")),
                page.rows());
        assertTrue(page.text().contains("\u2265 means at least"), page.text());
    }

    @Test
    void namesCannotChangeThePage() throws IOException {
        StringBuilder wide = new StringBuilder();
        for (int i = 0; i < 256; i++) {
            wide.append('\u6f22');
        }
        List<String> names =
                List.of(
                        "</script><script>alert(1)</script>",
                        "<img src=x onerror=alert(1)>",
                        "\"'><b onclick=\"x\">",
                        "&lt;&amp;&#60;",
                        "]]><!--",
                        "a\u202eb\u2066c\u200f",
                        "\0\u001b[31m\r\n\t",
                        "\udcff\udc80",
                        "  two  blanks ",
                        wide.toString(),
                        "");
        Psm.Row[] plain = new Psm.Row[names.size()];
        Arrays.fill(plain, named("plain"));
        Psm.Row[] hostile = new Psm.Row[names.size()];
        for (int i = 0; i < hostile.length; i++) {
            hostile[i] = named(names.get(i));
        }
        HtmlPage page = page(report(hostile));
        assertEquals(page(report(plain)).tags(), page.tags());
        assertEquals(page(report(plain)).attributes(), page.attributes());
        for (int i = 0; i < names.size(); i++) {
            assertEquals(CellText.name(names.get(i), 0), page.rows().get(i + 1).get(0));
        }
    }

    @Test
    void wordsCannotChangeThePage() throws IOException {
        String hostile = "<script>\"'&\u202e\udcff";
        Map<String, String> explanations = Map.of("pss_bytes", hostile);
        Psm.Picture unknown = () -> hostile;
        Psm.Notes notes =
                new Psm.Notes(hostile, List.of(hostile, hostile), explanations, List.of(unknown));
        HtmlPage page = page(report(named("a")).with(notes));
        String shown = "<script>\"'&\\u{202e}\\xff";
        assertEquals(6, page.text().split(java.util.regex.Pattern.quote(shown), -1).length - 1);
        assertFalse(page.tags().contains("figure"), page.tags());
    }

    @Test
    void policyAllowsItsOwnStyleAndScriptAlone() throws IOException {
        HtmlPage page = page(report(named("a")));
        String policy =
                "content=default-src 'none'; style-src '"
                        + PageHead.hash(page.raw("style"))
                        + "'; script-src '"
                        + PageHead.hash(page.raw("script"))
                        + "'; base-uri 'none'; form-action 'none'";
        assertTrue(page.attributes().contains(policy), page.attributes().toString());
        assertEquals(page.raw("script"), page(report()).raw("script"));
        assertEquals(page.raw("style"), page(report()).raw("style"));
        assertEquals("sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", PageHead.hash("abc"));
    }

    @Test
    void styleAndScriptAreSmallAndAskForNothing() throws IOException {
        for (String part : List.of(PageStyle.TEXT, PageScript.TEXT)) {
            int bytes = part.getBytes(StandardCharsets.UTF_8).length;
            assertTrue(bytes < 8_000, bytes + " bytes");
            assertFalse(
                    part.matches("(?s).*(url\\((?!#)|@import|https?:|fetch|import\\(|</s).*"),
                    part);
        }
    }

    @Test
    void figuresThatAreRoundedAlikeHaveRanks() throws IOException {
        HtmlPage page =
                page(
                        report(
                                row("a", 1L, 0L, 1L, 5 * MB, 0L, null),
                                row("b", 1L, 0L, 1L, MB + 2, 0L, null),
                                row("c", 1L, 0L, 1L, MB, 0L, null),
                                row("d", 1L, 0L, 1L, MB + 1, 0L, Instant.EPOCH)));
        assertEquals(List.of("data-v=2", "data-v=1"), ranks(page));
    }

    @Test
    void figuresWithUnitsOfTheirOwnHaveRanks() throws IOException {
        Psm.Layout auto = new Psm.Layout(Psm.Unit.AUTO, false, true, false, false, false, 0);
        HtmlPage page =
                page(
                        report(
                                row("a", 1L, 0L, 1L, 5 * MB, 0L, null),
                                row("b", 1L, 0L, 1L, 7L, 0L, null),
                                row("c", 1L, 0L, 1L, 5 * MB, 0L, null),
                                row("d", 1L, 0L, 1L, 900L, 0L, null)),
                        auto);
        assertEquals(List.of("data-v=2", "data-v=2", "data-v=1"), ranks(page));
        assertEquals("5.0M", page.rows().get(1).get(2));
    }

    private static List<String> ranks(HtmlPage page) {
        return page.attributes().stream().filter(a -> a.startsWith("data-v=")).toList();
    }

    @Test
    void treesAreIndented() throws IOException {
        List<Psm.Column> columns = new ArrayList<>(COLUMNS.subList(0, 1));
        columns.add(new Psm.Column("depth", "DEPTH", Psm.Kind.DEPTH, 9, false, false));
        HtmlPage page =
                page(report(columns, List.of(row("a", 0L), row("b", 1L), row("c", 99L)), null));
        assertEquals(List.of("PROCESS"), page.rows().get(0));
        List<String> depths =
                page.attributes().stream().filter(a -> a.startsWith("data-d=")).toList();
        assertEquals(List.of("data-d=1", "data-d=99"), depths);
    }

    @Test
    void reportWithoutAnythingIsAPage() throws IOException {
        HtmlPage page = page(report(List.of(), List.of(), null));
        assertTrue(page.text().contains("No rows"), page.text());
        assertEquals(List.of(), page.rows());
        Psm.Column size = new Psm.Column("x_bytes", "X", Psm.Kind.BYTES, 1, false, true);
        assertEquals(
                List.of(List.of("X MB"), List.of("1.0"), List.of("")),
                page(report(List.of(size), List.of(row(MB)), null)).rows());
    }

    @Test
    void whatIsLeftOutIsInWords() throws IOException {
        String words = "Not included: 2 processes (permission denied).";
        assertTrue(page(report(named("a"))).text().contains(words));
        Psm.Notes notes = new Psm.Notes("", List.of("Use sudo."), Map.of(), List.of());
        HtmlPage page = page(report(named("a")).with(notes));
        assertTrue(page.text().contains("Use sudo."), page.text());
        assertFalse(page.text().contains(words), page.text());
    }

    @Test
    void rowsThatAreLeftOutAreAboveTheTotals() throws IOException {
        Psm.Report some = report(named("a"));
        Psm.Report report =
                new Psm.Report(
                        some.origin(),
                        some.processes(),
                        COLUMNS,
                        some.rows(),
                        some.totals(),
                        List.of(),
                        new Psm.More(12, false, row(null, 6L, null, 2L, 4 * MB, 0L, null)),
                        some.ranking());
        HtmlPage page = page(report);
        assertEquals(List.of("12 more", "6", "4.0", "0.0", ""), page.rows().get(2));
        assertTrue(page.text().contains("1 of 13 rows"), page.text());
    }

    @Test
    void totalAloneHasNoTitlesWithoutFigures() throws IOException {
        Psm.Layout total = new Psm.Layout(Psm.Unit.M, false, true, true, false, false, 0);
        Psm.Row totals = row(null, null, null, null, 5 * MB, 0L, null);
        HtmlPage page = page(report(COLUMNS, List.of(), totals), total);
        assertEquals(List.of("PROCESS", "RAM MB", "SWAPPED MB"), page.rows().get(0));
        assertFalse(page.text().contains("No rows"), page.text());
        assertFalse(page.text().contains("0 rows"), page.text());
    }

    @Test
    void figuresAreExplainedThatThePageShows() throws IOException {
        Psm.Account swap =
                new Psm.Account(
                        "swap",
                        "swap_bytes",
                        List.of(
                                entry("used_bytes", "swap used", Psm.Kind.BYTES, MB),
                                entry("cached_bytes", "of it also in RAM", Psm.Kind.BYTES, 0L),
                                entry("total_bytes", null, Psm.Kind.BYTES, MB)));
        Map<String, String> explanations =
                Map.of(
                        "used_bytes", "Used.",
                        "cached_bytes", "Cached.",
                        "total_bytes", "All.",
                        "pss_bytes", "RAM.",
                        "deleted", "Deleted.",
                        "hidden", "Hidden.");
        Psm.Notes notes = new Psm.Notes("", List.of(), explanations, List.of());
        HtmlPage page = page(with(report(named("a")), swap).with(notes));
        String text = page.text();
        assertTrue(text.contains("How each figure is madeRAMRAM.\nswap usedUsed.\n\n"), text);
    }

    private static Psm.Entry entry(String key, String title, Psm.Kind kind, Object value) {
        return new Psm.Entry(key, title, kind, value, false);
    }

    private static Psm.Report with(Psm.Report report, Psm.Account account) {
        return new Psm.Report(
                report.origin(),
                report.processes(),
                report.columns(),
                report.rows(),
                report.totals(),
                List.of(account),
                report.more(),
                report.ranking());
    }

    @Test
    void headOfSamplesIsTheirWindow() throws IOException {
        Psm.Account window =
                new Psm.Account(
                        "window",
                        null,
                        List.of(
                                entry("since_at", null, Psm.Kind.TIME, Instant.EPOCH),
                                entry("samples", null, Psm.Kind.NUMBER, 9L),
                                entry("duration_seconds", null, Psm.Kind.SECONDS, 60L)));
        String text = page(with(report(named("a")), window)).text();
        assertTrue(text.contains("1970-01-01T00:00:00Z to 2023-11-14T22:13:20Z"), text);
    }

    @Test
    void namesFromRightToLeftChangeNoFigureBesideThem() throws IOException {
        String name = "\u05d0\u05d1\u05b0 \u05d2";
        String words = "83.0 " + name + " 5 MB, " + name;
        Psm.Notes notes = new Psm.Notes(words, List.of(words), Map.of(), List.of());
        HtmlPage page = page(report(named(name)).with(notes));
        String isolated = "\u2068" + name + "\u2069";
        String shown = "83.0 " + isolated + " 5 MB, " + isolated;
        assertEquals(4, page.text().split(shown, -1).length - 1, page.text());
        assertEquals(name, page.rows().get(1).get(0));
    }

    @Test
    void longCommandLinesAreWhole() throws IOException {
        List<Psm.Column> columns =
                List.of(
                        COLUMNS.get(0),
                        new Psm.Column("command", "COMMAND", Psm.Kind.TEXT, 11, false, false));
        String command = "java " + "<\ud83d\ude00>".repeat(200);
        HtmlPage page = page(report(columns, List.of(row("java", command)), null));
        assertEquals(List.of("java", command), page.rows().get(1));
        assertTrue(page.tags().contains("summary"), page.tags());
        assertFalse(page(report(named(command))).tags().contains("summary"));
    }
}
