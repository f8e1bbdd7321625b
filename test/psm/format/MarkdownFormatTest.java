package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.report.Figure;
import psm.report.Grouping;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

class MarkdownFormatTest {
    private static final long MB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "a|b, `a\\x7cb`",
        "\\|, `\\\\x7c`",
        "`rm`, `\\x60rm\\x60`",
        "a\\, `a\\`",
        "<b>&amp;<img src=x>, `<b>&amp;<img src=x>`",
        "@admins, `@admins`",
        "#1 GH-1 https://x.example, `#1 GH-1 https://x.example`",
        "[x](javascript:1), `[x](javascript:1)`",
        "**b** _i_ $m$ :+1:, `**b** _i_ $m$ :+1:`"
    })
    void nameIsCodeWithoutMarkup(String name, String shown) throws IOException {
        assertTrue(
                markdown(name, complete()).contains("|     2 | " + shown + " [1 deleted] |\n"),
                markdown(name, complete()));
    }

    @Test
    void nameIsOnOneLine() throws IOException {
        String text = markdown("a\n\n# b\u001b[31m\r\uDCFF", complete());
        assertTrue(text.contains("| `a\\n\\n# b\\x1b[31m\\r\\xff` [1 deleted] |\n"), text);
    }

    @Test
    void rowWithoutNameIsShown() throws IOException {
        String text = markdown(null, complete());
        assertTrue(text.contains("|     2 |  [1 deleted] |\n"), text);
    }

    @Test
    void eachKindOfFigureHasAColumn() throws IOException {
        assertEquals(
                """
                |  MB RAM |   SCORE |     SHARE | COUNT | PROCESS |
                | ------: | ------: | --------: | ----: | --- |
                |     1.0 |    -998 |     12.3% |     2 | `x` [1 deleted] |
                | **1.0** | **-17** | **99.0%** |       | **TOTAL USED BY PROCESSES** |

                |            | pressure |
                | ---------: | --- |
                |          3 | waits |
                |       4.5% | of the time |
                | **2.0 MB** | **waited for** |

                7 processes on `h` (Linux `k`), 1970-01-01T00:00:00Z, scanned in 12.3 ms by psm 1. \
                MB are 2^20 bytes.
                """,
                markdown("x", complete()));
    }

    @Test
    void leftOutProcessesAreCountedBelow() throws IOException {
        Psm.Processes processes = new Psm.Processes(7, 1, 61, 5, 1, 2, true);
        String text = markdown("x", processes);
        assertTrue(text.contains("| **~ 1.0** |"), text);
        assertTrue(
                text.endsWith(
                        """
                        Not included: 61 processes (permission denied), hidden processes (/proc is \
                        mounted with hidepid), 1 process (skipped after the timeout), 2 processes \
                        (could not be read).
                        Estimated, so possibly too high: 1 process (may be counted twice).
                        """),
                text);
        assertTrue(
                markdown("x", new Psm.Processes(7, 0, 1, 0, 0, 0, false)).contains("| **≥ 1.0** |"),
                "more");
    }

    @Test
    void marksFollowTheNameOfTheProgram() throws IOException {
        List<Psm.Column> columns =
                List.of(
                        Grouping.USER.column.at(9),
                        Grouping.PROGRAM.column.at(10),
                        new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 12, true, false));
        Psm.Report report =
                new Psm.Report(
                        "1",
                        "h",
                        "k",
                        Instant.EPOCH,
                        0,
                        "smaps",
                        complete(),
                        columns,
                        List.of(new Psm.Row(List.of("root", "sleep", 1L))),
                        new Psm.Row(Arrays.asList(null, null, null)),
                        List.of());
        String text = written(report);
        assertTrue(text.contains("| `root` | `sleep` [deleted] |"), text);
    }

    private static Psm.Processes complete() {
        return new Psm.Processes(7, 0, 0, 5, 0, 0, false);
    }

    private static String markdown(String name, Psm.Processes processes) throws IOException {
        List<Psm.Column> columns =
                List.of(
                        new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false),
                        new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false),
                        Figure.PSS.column.at(1),
                        new Psm.Column("score", "SCORE", Psm.Kind.NUMBER, 8, false, true),
                        new Psm.Column("share_percent", "SHARE", Psm.Kind.PERCENT, 9, false, true),
                        new Psm.Column("deleted", "deleted", Psm.Kind.COUNT, 12, true, false));
        Psm.Report report =
                new Psm.Report(
                        "1",
                        "h",
                        "k",
                        Instant.EPOCH,
                        12_345_678,
                        "smaps",
                        processes,
                        columns,
                        List.of(new Psm.Row(Arrays.asList(name, 2L, MB, -998L, 12.34, 1L))),
                        new Psm.Row(Arrays.asList(null, null, MB, -17L, 99.0, null)),
                        List.of(
                                new Psm.Account(
                                        "pressure",
                                        "pss_bytes",
                                        List.of(
                                                number("waits", 3L, Psm.Kind.NUMBER),
                                                number("of the time", 4.5, Psm.Kind.PERCENT),
                                                number("no figure", Double.NaN, Psm.Kind.PERCENT),
                                                new Psm.Entry(
                                                        "sum", "waited for", 2 * MB, true)))));
        return written(report);
    }

    private static String written(Psm.Report report) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        MarkdownFormat.write(report, new Psm.Output(out, false, false, false));
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Psm.Entry number(String title, Object value, Psm.Kind kind) {
        return new Psm.Entry("key", title, kind, value, false);
    }
}
