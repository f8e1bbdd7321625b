package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.cell.CellText;
import psm.report.Figure;
import psm.report.Grouping;
import psm.text.Sizes;
import psm.text.Width;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class TableFormatTest {
    private static final long MB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "0, 0.0",
        "1, 0.0",
        "52428, 0.0",
        "52429, 0.1",
        // exact ties go to the even digit
        "262144, 0.2",
        "786432, 0.8",
        "1310720, 1.2",
        "1835008, 1.8",
        "262145, 0.3",
        "786431, 0.7",
        "1048575, 1.0",
        "1048576, 1.0",
        "10433331, 9.9",
        "10433332, 10.0",
        "9223372036854775807, 8796093022208.0"
    })
    void megabytesAreRoundedAsByPrintf(long bytes, String text) {
        assertEquals(text, new Sizes(Psm.Unit.M, false).of(bytes));
    }

    @Test
    void everySizeIsRoundedHalfEven() {
        Random random = new Random(4711);
        for (int i = 0; i < 100_000; i++) {
            long bytes = random.nextLong() >>> (1 + random.nextInt(60));
            BigDecimal exact = new BigDecimal(bytes).divide(new BigDecimal(MB));
            assertEquals(
                    exact.setScale(1, RoundingMode.HALF_EVEN).toPlainString(),
                    new Sizes(Psm.Unit.M, false).of(bytes));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "12345678901234567890123456789012, 12345678901234567890123456789012",
        "123456789012345678901234567890123, 12345678901234567890123456789012",
        "[celeryd@notifications:MainProcess] -active- (worker),"
                + " [celeryd@notifications:MainProcess]",
        "[short] and within the limit, [short] and within the limit",
        "[no closing bracket in a name that is too long, [no closing bracket in a name th",
        "[]34567890123456789012345678901234567890, []",
        "日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語, 日本語日本語日本語日本語日本語日本語日本語日本語日本語日本語日本",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀,"
                + " 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"
    })
    void longNamesAreCut(String name, String shown) throws IOException {
        assertEquals("       1.0       0.0          \t" + shown + " (1)", row(name, 0L));
    }

    @Test
    void controlCharactersAreEscaped() throws IOException {
        assertEquals(
                "       1.0       0.0          \ta\\x1b]52;c\\x07\\nb\\xff (1)",
                row("a\u001b]52;c\u0007\nb\uDCFF", 0L));
    }

    @Test
    void swapOfZeroOrMissingIsBlank() throws IOException {
        assertEquals("       1.0       0.0          \tx (1)", row("x", 0L));
        assertEquals("       1.0       0.0          \tx (1)", row("x", null));
        assertEquals("       1.0       0.0       1.0\tx (1)", row("x", MB));
    }

    @Test
    void markCountsItsProcesses() throws IOException {
        assertEquals("x (3)", marked(3, 0, 0));
        assertEquals("x (3) [2 deleted]", marked(3, 2, 0));
        assertEquals("x (3) [updated]", marked(3, 0, 3));
        assertEquals("x (3) [1 deleted] [2 updated]", marked(3, 1, 2));
    }

    private static String marked(long count, long deleted, long updated) throws IOException {
        List<Psm.Column> columns =
                List.of(
                        Grouping.PROGRAM.column.at(10),
                        new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false),
                        new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 12, true, false),
                        new Psm.Column("updated", "updated", Psm.Kind.COUNT, 13, true, false));
        Psm.Row row = new Psm.Row(List.of("x", count, deleted, updated));
        String table = table(columns, row, new Psm.Row(Arrays.asList(null, null, null, null)));
        assertTrue(table.startsWith("\tPROCESS (COUNT)\n\t"), table);
        return table.split("\n", -1)[1].substring(1);
    }

    @Test
    void numbersAndPercentagesHaveColumns() throws IOException {
        List<Psm.Column> columns =
                List.of(
                        new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false),
                        new Psm.Column("score", "SCORE", Psm.Kind.NUMBER, 8, false, false),
                        new Psm.Column("share_percent", "SHARE", Psm.Kind.PERCENT, 9, true, true));
        Psm.Row totals = new Psm.Row(Arrays.asList(null, null, 0.0));
        String[] table =
                table(columns, new Psm.Row(List.of("x", -998L, 12.34)), totals).split("\n", -1);
        assertEquals("     SCORE     SHARE\tPROCESS", table[0]);
        assertEquals("      -998     12.3%\tx", table[1]);
        assertEquals("#               0.0%\tTOTAL USED BY PROCESSES", table[2]);
        Psm.Row blank = new Psm.Row(List.of("x", 0L, Double.NaN));
        assertEquals("         0          \tx", table(columns, blank, totals).split("\n", -1)[1]);
    }

    /** What rounds to zero is no change to look at, in whichever direction it went. */
    @ParameterizedTest
    @CsvSource({
        "1258291, '      +1.2', '#     +1.2'",
        "-314573, '      -0.3', '#     -0.3'",
        "1000, '          ', '#      0.0'",
        "-1000, '          ', '#      0.0'",
        "0, '          ', '#      0.0'"
    })
    void changesHaveASign(long change, String shown, String total) throws IOException {
        List<Psm.Column> columns =
                List.of(Grouping.PROGRAM.column.at(10), Figure.CHANGE.column.at(1));
        Psm.Row totals = new Psm.Row(Arrays.asList(null, change));
        String[] lines = table(columns, new Psm.Row(List.of("x", change)), totals).split("\n", -1);
        assertEquals(shown + "\tx", lines[1]);
        assertEquals(total + "\tTOTAL USED BY PROCESSES", lines[2]);
    }

    /** A character of East Asia takes two columns, a combining mark none. */
    @Test
    void wideNamesKeepColumnsAligned() {
        assertEquals(4, Width.of("\u65e5\u672c"));
        assertEquals(2, Width.of("\ud83d\ude00"));
        assertEquals(4, Width.of("cafe\u0301"));
        assertEquals("\u65e5", Width.cut("\u65e5\u672c", 3));
        assertEquals("e\u0301", Width.cut("e\u0301x", 1));
        assertEquals("\u672c", Width.end("\u65e5\u672c", 3));
        assertEquals(
                "\u65e5\u2026",
                CellText.fitted("\u65e5\u672c\u8a9e", 4, Grouping.PROGRAM.column, true));
    }

    @ParameterizedTest
    @CsvSource({
        "a-program-with-a-long-name, true, a-program-wi\u2026",
        "nginx: worker process is here, true, nginx: worke\u2026",
        "/usr/lib/x86/libc.so.6, false, /u\u2026/libc.so.6",
        "/a/libraryofgreatname.so, false, librar\u2026ame.so",
        "short, true, short"
    })
    void cutNamesEndInAnEllipsis(String name, boolean isTitle, String shown) {
        Psm.Column column = isTitle ? Grouping.PROGRAM.column : Grouping.CGROUP.column;
        assertEquals(shown, CellText.fitted(name, 13, column, true));
        String ascii = CellText.fitted(name, 13, column, false);
        assertTrue(ascii.length() <= 13 && ascii.matches("[ -~]*"), ascii);
    }

    @ParameterizedTest
    @CsvSource({
        "/usr/lib/x86_64-linux-gnu/libc.so.6, /usr/lib/x…/libc.so.6 (120)",
        "java -jar /srv/application.jar, java -jar …cation.jar (120)",
        "/a/path/that/fits, /a/path/that/fits (120)",
        "/a/path/fits, /a/path/fits (120)"
    })
    void narrowWindowShortensNames(String name, String shown) throws IOException {
        assertEquals("    1.0  " + shown, narrow("mapping", name, 36).split("\n", -1)[1]);
    }

    @ParameterizedTest
    @CsvSource({
        // 21 columns are left for the name
        "mapping, /usr/lib/x86/gconv-modules.cachefil, gconv-modu…s.cachefil",
        "mapping, /usr/lib/x86/gconv-modules.cachefi, gconv-modules.cachefi",
        "mapping, /usr/lib/x86/gconv-modules.cachef, gconv-modules.cachef",
        "mapping, /usr/lib/x86/gconv-modules.cachd, …/gconv-modules.cachd",
        "mapping, /tmp/My App Suite/lib/long-executable-names, long-executable-names",
        "mapping, /tmp/My App Suite/lib/executable-of-a-long-name, executable…-long-name",
        "cgroup, /a/folder with blanks/and.one, /a/folder wi…/and.one",
        "command, /usr/bin/java -Xmx1g Main, /us…/java -Xmx1g Main",
        "container, docker 9d381fb97f0e4b34a0c, docker 9d3…f0e4b34a0c"
    })
    void pathsKeepTheirLastPart(String key, String name, String shown) throws IOException {
        assertEquals("    1.0  " + shown + " (120)", narrow(key, name, 36).split("\n", -1)[1]);
    }

    /** A tab would be up to eight characters wide there, which names need. */
    @Test
    void windowHasTwoBlanksInsteadOfATab() throws IOException {
        String[] lines = narrow("mapping", "x", 36).split("\n", -1);
        assertEquals(" MB RSS  MAPPING (PROCESSES)", lines[0]);
        assertEquals("    1.0  x (120)", lines[1]);
    }

    @Test
    void linesFitIntoTheWindow() throws IOException {
        for (int width = 24; width < 60; width++) {
            String table = narrow("mapping", "/usr/lib/x86_64-linux-gnu/libc.so.6", width);
            assertFalse(table.contains("\t"), table);
            for (String line : table.split("\n", -1)) {
                assertTrue(line.length() <= width, width + ": " + table);
            }
            assertTrue(table.contains("1970-01-01T00:00:00Z"), table);
        }
    }

    private static String narrow(String key, String name, int width) throws IOException {
        Psm.Column mapping = new Psm.Column(key, "MAPPING", Psm.Kind.TEXT, 10, false, false);
        Psm.Column processes = new Psm.Column("n", "PROCESSES", Psm.Kind.COUNT, 11, false, false);
        return table(
                List.of(mapping, processes, Figure.RSS.column.at(1)),
                new Psm.Row(List.of(name, 120L, MB)),
                new Psm.Row(Arrays.asList(null, null, null)),
                width);
    }

    @Test
    void longNamesAreCutOnlyForOthers() throws IOException {
        String container = "docker 9d381fb97f0e4b34";
        Psm.Column containers = Grouping.CONTAINER.column.at(10);
        Psm.Column programs = Grouping.PROGRAM.column.at(11);
        Psm.Row totals = new Psm.Row(Arrays.asList(null, null, null));
        List<Psm.Column> columns = List.of(containers, programs, Figure.PSS.column.at(1));
        Psm.Row row = new Psm.Row(List.of(container, "short", MB));
        assertTrue(table(columns, row, totals, 50).contains(container + " short\n"));
        Psm.Row both = new Psm.Row(List.of(container, "program-with-a-long-name", MB));
        assertTrue(
                table(columns, both, totals, 50)
                        .contains("  docker …7f0e4b34 program-with-a-long-name\n"),
                table(columns, both, totals, 50));
    }

    /** Such as "steady growth", of which "ste...owth" would say less than a figure. */
    @Test
    void shortNamesAreNotCutForOthers() throws IOException {
        Psm.Column verdict =
                new Psm.Column("verdict", "VERDICT", Psm.Kind.TEXT, 10, false, false, 13);
        List<Psm.Column> columns =
                List.of(
                        verdict,
                        Grouping.PROGRAM.column.at(11),
                        Figure.PSS.column.at(1),
                        Figure.SWAP.column.at(2));
        Psm.Row totals = new Psm.Row(Arrays.asList(null, null, null, null));
        Psm.Row row = new Psm.Row(List.of("steady growth", "program-with-a-long-name", MB, MB));
        String table = table(columns, row, totals, 44);
        assertTrue(table.startsWith(" MB RAM  VERDICT       PROCESS\n"), table);
        assertTrue(table.contains("  steady growth program-with-a-long-…\n"), table);
    }

    /** A verdict is not what is estimated. */
    @Test
    void marksFollowNoShortName() throws IOException {
        Psm.Column verdict =
                new Psm.Column("verdict", "VERDICT", Psm.Kind.TEXT, 9, false, false, 13);
        for (Grouping grouping : List.of(Grouping.PROGRAM, Grouping.USER)) {
            List<Psm.Column> columns =
                    List.of(
                            verdict,
                            grouping.column.at(10),
                            Figure.ESTIMATED.column.at(12),
                            Figure.PSS.column.at(1));
            Psm.Row totals = new Psm.Row(Arrays.asList(null, null, null, MB));
            Psm.Row row = new Psm.Row(List.of("flat", "web", 1L, MB));
            String table = table(columns, row, totals, 60);
            assertTrue(table.contains("  flat    web [estimated]\n"), table);
        }
    }

    @Test
    void figuresThatAListLeavesOutAreNamed() throws IOException {
        Psm.Column name = Grouping.CGROUP.column.at(9);
        Psm.Column pss = Figure.PSS.column.at(1);
        List<Psm.Column> ofList = List.of(name, pss, Figure.SWAP.column.at(2));
        Psm.Row listed = new Psm.Row(List.of("/a/group/with/a/name", MB, MB));
        Psm.Account list = new Psm.Account("x", null, List.of(), true, ofList, List.of(listed));
        Psm.Row row = new Psm.Row(List.of("/a/group/with/a/name", MB));
        Psm.Row totals = new Psm.Row(Arrays.asList(null, MB));
        String table = table(List.of(name, pss), row, totals, 27, list);
        assertTrue(table.startsWith(" MB RAM  CGROUP\n"), table);
        assertTrue(table.endsWith(" too narrow for SWAPPED\n"), table);
    }

    @Test
    void marksFollowTheNameOfTheProgram() throws IOException {
        List<Psm.Column> columns =
                List.of(
                        Grouping.USER.column.at(9),
                        Grouping.PROGRAM.column.at(10),
                        Grouping.COMMAND.column.at(11),
                        new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 12, false, false),
                        new Psm.Column("updated", "updated", Psm.Kind.COUNT, 13, true, false));
        Psm.Row row = new Psm.Row(List.of("root", "sleep", "sleep 9", 2L, 1L));
        Psm.Row totals = new Psm.Row(Arrays.asList(null, null, null, null, null));
        assertEquals(
                "\troot sleep [1 updated] sleep 9 (2)",
                table(columns, row, totals).split("\n", -1)[1]);
    }

    @Test
    void footerIsShortenedToFit() throws IOException {
        Psm.Entry part = new Psm.Entry("c", "of it also in RAM", Psm.Kind.BYTES, MB, false, true);
        Psm.Account swap = account("swap", "pss_bytes", entry("swap used", MB, false), part);
        List<Psm.Column> columns = List.of(Grouping.USER.column.at(10), Figure.PSS.column.at(1));
        for (int width = 24; width < 70; width++) {
            Psm.Row row = new Psm.Row(List.of("a-user-with-a-long-name-".repeat(3), MB));
            Psm.Row totals = new Psm.Row(Arrays.asList(null, MB));
            String[] lines = table(columns, row, totals, width, swap).split("\n", -1);
            String parts = width < 41 ? "" : ", 1.0 of it also in RAM";
            assertEquals("1.0  swap used" + parts, lines[3].strip());
            String time = "h, 1970-01-01T00:00:00Z" + (width < 43 ? "" : ", scanned in 12.3 ms");
            assertEquals(time, lines[4].strip());
        }
    }

    @Test
    void hostAccountsAreBelowTheirColumns() throws IOException {
        String table = table("x", 0L, 0L);
        assertTrue(
                table.endsWith(
                        """
                        #      1.0                 0.0\tTOTAL USED BY PROCESSES
                                                   2.0\tof it
                               1.0                    \tone
                              -0.5                    \tother
                        #      0.5                    \tboth
                                                      \th, 1970-01-01T00:00:00Z, scanned in 12.3 ms
                        """),
                table);
    }

    @Test
    void missingTotalIsBlank() throws IOException {
        String[] lines = table("x", null, null).split("\n", -1);
        assertEquals("#      1.0                    \tTOTAL USED BY PROCESSES", lines[2]);
    }

    @Test
    void totalOfZeroIsShown() throws IOException {
        String[] lines = table("x", 0L, 0L).split("\n", -1);
        assertEquals("#      1.0                 0.0\tTOTAL USED BY PROCESSES", lines[2]);
    }

    @Test
    void wideTotalKeepsItsFirstDigit() throws IOException {
        String[] lines = table("x", 0L, 0L, 10_000_000 * MB).split("\n", -1);
        assertEquals("#10000000.0                 0.0\tTOTAL USED BY PROCESSES", lines[2]);
    }

    private static String table(String name, Long swap, Long swapTotal) throws IOException {
        return table(name, swap, swapTotal, MB);
    }

    private static String row(String name, Long swap) throws IOException {
        return table(name, swap, swap).split("\n", -1)[1];
    }

    private static String table(String name, Long swap, Long swapTotal, Long total)
            throws IOException {
        List<Psm.Column> columns =
                List.of(
                        Grouping.PROGRAM.column.at(10),
                        new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false),
                        Figure.PSS.column.at(1),
                        Figure.SHARED.column.at(2),
                        Figure.SWAP.column.at(5));
        return table(
                columns,
                new Psm.Row(Arrays.asList(name, 1L, MB, 0L, swap)),
                new Psm.Row(Arrays.asList(null, null, total, null, swapTotal)));
    }

    private static String table(List<Psm.Column> columns, Psm.Row row, Psm.Row totals)
            throws IOException {
        return table(columns, row, totals, 0);
    }

    private static String table(List<Psm.Column> columns, Psm.Row row, Psm.Row totals, int width)
            throws IOException {
        return table(
                columns,
                row,
                totals,
                width,
                account("swap", "swap_bytes", entry("of it", 2 * MB, false)),
                account("none", "swap_bytes", entry("nothing", 0L, false)),
                account(
                        "memory",
                        "pss_bytes",
                        entry("one", MB, false),
                        entry("unknown", null, false),
                        entry("other", -MB / 2, false),
                        entry("both", MB / 2, true)));
    }

    private static String table(
            List<Psm.Column> columns,
            Psm.Row row,
            Psm.Row totals,
            int width,
            Psm.Account... accounts)
            throws IOException {
        Psm.Report report =
                new Psm.Report(
                        "1",
                        "h",
                        "k",
                        Instant.EPOCH,
                        12_345_678,
                        "smaps",
                        new Psm.Processes(1, 0, 0, 0, 0, 0, false),
                        columns,
                        List.of(row),
                        totals,
                        List.of(accounts));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Psm.Layout layout = new Psm.Layout(Psm.Unit.M, false, true, false, false, false, width);
        TableFormat.write(report, new Psm.Output(out, false, true, false, layout));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Psm.Account account(String key, String column, Psm.Entry... entries) {
        return new Psm.Account(key, column, List.of(entries));
    }

    private static Psm.Entry entry(String title, Long bytes, boolean sum) {
        return new Psm.Entry(title + "_bytes", title, bytes, sum);
    }
}
