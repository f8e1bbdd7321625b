package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.report.Figure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

class TsvFormatTest {
    private static final String HEAD =
            "program\tpids\tpss_bytes\tscore\tshare_percent\thost\ttaken_at\n";

    private static final String ORIGIN = "\th\t1970-01-01T00:00:00Z\n";

    @Test
    void tabsAndLineBreaksAreEscaped() throws IOException {
        assertEquals("a\\tb\\nc\\rd\\\\n", name("a\tb\nc\rd\\n", false));
        assertEquals("a\\tb\\nc\\rd\\\\n", name("a\tb\nc\rd\\n", true));
        assertEquals("\\xff\\\\xff", name("\uDCFF\\xff", true));
    }

    @Test
    void namesAreFormulasOnRequestOnly() throws IOException {
        assertEquals("'=1+1", name("=1+1", false));
        assertEquals("'\"a", name("\"a", false));
        assertEquals("\\x1b[31m", name("\u001b[31m", false));
        assertEquals("=1+1", name("=1+1", true));
        assertEquals("\"a", name("\"a", true));
        assertEquals("\u001b[31m", name("\u001b[31m", true));
    }

    @Test
    void missingFiguresAreEmptyFields() throws IOException {
        assertEquals(
                HEAD + "x\t1 2\t1024\t-5\t12.346" + ORIGIN,
                tsv(false, "x", List.of(1, 2), 1024L, -5L, 12.3456));
        assertEquals(HEAD + "\t\t\t\t" + ORIGIN, tsv(false, null, null, null, null, Double.NaN));
    }

    private static String name(String name, boolean raw) throws IOException {
        String line = tsv(raw, name, List.of(), 0L, 0L, 0.0).substring(HEAD.length());
        return line.substring(0, line.indexOf('\t'));
    }

    private static String tsv(boolean raw, Object... values) throws IOException {
        List<Psm.Column> columns =
                List.of(
                        new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false),
                        new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false),
                        Figure.PSS.column,
                        new Psm.Column("score", "SCORE", Psm.Kind.NUMBER, 8, false, false),
                        new Psm.Column("share_percent", "SHARE", Psm.Kind.PERCENT, 9, true, false));
        Psm.Report report =
                new Psm.Report(
                        "1",
                        "h",
                        "k",
                        Instant.EPOCH,
                        0,
                        "smaps",
                        new Psm.Processes(1, 0, 0, 0, 0, 0, false),
                        columns,
                        List.of(new Psm.Row(Arrays.asList(values))),
                        new Psm.Row(Arrays.asList(null, null, null, null, null)),
                        List.of());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TsvFormat.write(report, new Psm.Output(out, false, false, raw));
        return out.toString(StandardCharsets.UTF_8);
    }
}
