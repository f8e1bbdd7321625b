package psm.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.Psm;
import psm.support.MadeUpHost;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

class TableHeightTest {
    private static final long MB = 1 << 20;

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    new Psm.Column("x", "NAME", Psm.Kind.TEXT, 10, false, false),
                    new Psm.Column("pss_bytes", "RAM", Psm.Kind.BYTES, 1, false, true),
                    new Psm.Column("percent", "SHARE", Psm.Kind.PERCENT, 2, false, true));

    private static Psm.Row row(String name, int megabytes) {
        return new Psm.Row(List.of(name, megabytes * MB, 1.0 * megabytes));
    }

    private static String table(List<Psm.Row> rows, Psm.More more, Psm.Ranking ranking, int height)
            throws IOException {
        Psm.Report report =
                new Psm.Report(
                        new Psm.Origin("1", "h", "k", Instant.EPOCH, 1_000_000, "smaps"),
                        new Psm.Processes(9, 0, 0, 0, 0, 0, false),
                        COLUMNS,
                        rows,
                        new Psm.Row(Arrays.asList(null, 100 * MB, 100.0)),
                        List.of(),
                        more,
                        ranking);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Psm.Layout layout = Psm.Layout.DEFAULT.within(height);
        TableFormat.write(report, new Psm.Output(out, false, true, false, layout));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void smallestRowsAreSummedUp() throws IOException {
        List<Psm.Row> rows = List.of(row("a", 1), row("b", 2), row("c", 3), row("d", 4));
        Psm.Ranking ranking = new Psm.Ranking(rows, false);
        String rest =
                """
                       3.0      3.0%\tc
                       4.0      4.0%\td
                #    100.0    100.0%\tTOTAL USED BY PROCESSES
                                    \th, 1970-01-01T00:00:00Z, scanned in 1.0 ms
                """;
        String titles = "    MB RAM     SHARE\tNAME\n";
        assertEquals(
                titles + "       3.0      3.0%\t(2 more)\n" + rest, table(rows, null, ranking, 6));
        Psm.More more = new Psm.More(5, false, row("", 10));
        assertEquals(
                titles + "      13.0     13.0%\t(7 more)\n" + rest, table(rows, more, ranking, 6));
        assertEquals(7, table(rows, null, ranking, 7).lines().count());
        assertTrue(!table(rows, null, ranking, 7).contains("more"), "all of them fit");
    }

    @Test
    void rowsKeepTheirOrder() throws IOException {
        List<Psm.Row> byName = List.of(row("a", 4), row("b", 1), row("c", 3), row("d", 2));
        List<Psm.Row> bySize = List.of(byName.get(1), byName.get(3), byName.get(2), byName.get(0));
        List<String> lines =
                table(byName, null, new Psm.Ranking(bySize, true, byName), 6).lines().toList();
        assertTrue(lines.get(1).endsWith("\ta"), lines.toString());
        assertTrue(lines.get(2).endsWith("\tc"), lines.toString());
        assertTrue(lines.get(3).endsWith("3.0%\t(2 more)"), lines.toString());
    }

    @Test
    void thousandsOfRowsFit() throws IOException {
        List<Psm.Row> rows = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            rows.add(row("equal", 1));
        }
        List<Psm.Row> all = Collections.unmodifiableList(rows);
        for (int height = 5; height < 60; height++) {
            String table = table(all, null, new Psm.Ranking(all, false), height);
            assertEquals(height, table.lines().count(), table);
            assertTrue(table.contains("\t(" + (10_000 - height + 4) + " more)\n"), table);
        }
    }

    @Test
    void smallWindowKeepsTitlesAndEnd() {
        String table = "titles\n1\n2\n3\n4\n5\ntotal\n";
        assertEquals("titles\n3\n4\n5\ntotal\n", TableHeight.cut(table, 1, 5));
        assertEquals("titles\n5\ntotal\n", TableHeight.cut(table, 1, 3));
        assertEquals(table, TableHeight.cut(table, 1, 7));
        assertEquals("titles\n1\n2\n5\ntotal\n", TableHeight.cut(table, 3, 5));
        assertEquals("titles\n3\n4\n5\ntotal\n", TableHeight.cut(table, 5, 5));
    }

    /** Of lists above the rows, the most urgent are kept, so that rows fit too. */
    @Test
    void longListsLeaveHalfOfTheWindow() throws IOException {
        List<Psm.Row> rows = List.of(row("a", 1), row("b", 2), row("c", 3), row("d", 4));
        List<Psm.Row> listed = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            listed.add(row("list" + i, i));
        }
        Psm.Account list = new Psm.Account("x", null, List.of(), true, COLUMNS, listed);
        Psm.Report report =
                new Psm.Report(
                        new Psm.Origin("1", "h", "k", Instant.EPOCH, 1_000_000, "smaps"),
                        new Psm.Processes(9, 0, 0, 0, 0, 0, false),
                        COLUMNS,
                        rows,
                        new Psm.Row(Arrays.asList(null, 10 * MB, 100.0)),
                        List.of(list, list),
                        null,
                        new Psm.Ranking(rows, false));
        List<String> lines =
                MadeUpHost.written(report, "table", Psm.Layout.DEFAULT.within(16)).lines().toList();
        assertEquals(15, lines.size(), lines.toString());
        assertTrue(lines.get(1).endsWith("\t(99 more)"), lines.toString());
        assertTrue(lines.get(2).endsWith("\tlist1"), lines.toString());
        assertTrue(lines.get(5).endsWith("\t(99 more)"), lines.toString());
        assertTrue(lines.get(9).endsWith("\ta"), lines.toString());
        String all = MadeUpHost.written(report, "table", Psm.Layout.DEFAULT);
        assertTrue(all.contains("list100"), all);
    }
}
