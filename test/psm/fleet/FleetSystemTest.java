package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Source;
import psm.snapshot.SnapshotFormatException;
import psm.support.MadeUpHost;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

class FleetSystemTest {

    @TempDir Path root;

    /** Scans a machine with a process of 100 MB. */
    private Machine machine(String name, String meminfo) throws IOException {
        Path folder = root.resolve(name);
        new MadeUpHost(folder).process(5, 100, 0, 700, "0::/").write("proc/meminfo", meminfo);
        ScanRequest request =
                ScanRequest.of(Source.AUTO).with(EnumSet.of(Detail.SYSTEM, Detail.DEVICE_MAPPINGS));
        ProcFs proc = new ProcFs(folder.resolve("proc").toString());
        return new Machine(name, new Scanner(proc, request).scan(1), null, false);
    }

    private static String meminfo(int totalMb, int freeMb, int availableMb, int slabMb) {
        return String.format(
                """
                MemTotal: %d kB
                MemFree: %d kB
                MemAvailable: %d kB
                SReclaimable: 0 kB
                SUnreclaim: %d kB
                Slab: %4$d kB
                """,
                totalMb << 10, freeMb << 10, availableMb << 10, slabMb << 10);
    }

    private static View view(Figure sort, boolean reversed, int maxRows) {
        View all = Views.withHost(View.DEFAULT);
        return new View(
                all.by(),
                all.columns(),
                sort,
                reversed,
                maxRows,
                Missing.VALUE,
                false,
                View.Extent.SYSTEM,
                null);
    }

    private static Psm.Report report(View view, Machine... machines)
            throws Failure, SnapshotFormatException {
        FleetSystem fleet = new FleetSystem(view);
        for (Machine machine : machines) {
            fleet.add(machine);
        }
        return fleet.report();
    }

    private static Object value(Psm.Report report, Psm.Row row, String key) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals(key)) {
                return row.values().get(i);
            }
        }
        throw new IllegalArgumentException(key);
    }

    private static List<Object> values(Psm.Report report, String key) {
        List<Object> values = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            values.add(value(report, row, key));
        }
        return values;
    }

    @Test
    void eachMachineIsARow() throws IOException, Failure {
        Machine web1 = machine("web1", meminfo(1000, 500, 600, 300));
        Machine web2 = machine("web2", meminfo(2000, 100, 200, 50));
        Psm.Report report = report(view(Figure.PSS, false, 0), web1, web2);
        assertEquals(List.of("web2", "web1"), values(report, "host"));
        assertEquals(List.of(1800L << 20, 400L << 20), values(report, "mem_used_bytes"));
        assertEquals(List.of(2000L << 20, 1000L << 20), values(report, "mem_total_bytes"));
        assertEquals(3000L << 20, value(report, report.totals(), "mem_total_bytes"));
        for (Machine machine : new Machine[] {web1, web2}) {
            Psm.Report own = Views.report(machine.shown(), Views.withHost(View.DEFAULT));
            Psm.Row row = report.rows().get(machine.equals(web2) ? 0 : 1);
            for (Psm.Entry entry : own.accounts().get(1).entries()) {
                assertEquals(entry.value(), value(report, row, entry.key()), entry.key());
            }
        }
    }

    @Test
    void whatIsNotKnownStaysNull() throws IOException, Failure {
        Psm.Report report =
                report(
                        view(Figure.PSS, false, 0),
                        machine("a", meminfo(1000, 500, 600, 300)),
                        machine("none", ""));
        assertEquals(List.of("a", "none"), values(report, "host"));
        assertEquals(Arrays.asList(1000L << 20, null), values(report, "mem_total_bytes"));
        assertEquals(Arrays.asList(null, null), values(report, "swap_used_bytes"));
        assertEquals(List.of(100L << 20, 100L << 20), values(report, "processes_bytes"));
        assertNull(value(report, report.rows().get(1), "unexplained_bytes"));
        assertNull(value(report, report.totals(), "swap_used_bytes"));
        assertNull(value(report, report.totals(), "mem_available_bytes"));
        assertNull(value(report, report.totals(), "mem_total_bytes"));
        assertEquals(200L << 20, value(report, report.totals(), "processes_bytes"));
    }

    @Test
    void usedIsNotKnownWithoutMemAvailable() throws IOException, Failure {
        Psm.Report report =
                report(
                        view(Figure.PSS, false, 0),
                        machine("a", "MemTotal: 1024 kB\nMemFree: 24 kB\n"));
        assertEquals(Arrays.asList((Object) null), values(report, "mem_used_bytes"));
        assertNull(value(report, report.totals(), "mem_used_bytes"));
    }

    @Test
    void rowsAreSortedAndChosen() throws IOException, Failure {
        Machine[] machines = {
            machine("b", meminfo(1000, 500, 600, 300)),
            machine("c", meminfo(1000, 500, 300, 300)),
            machine("a", meminfo(1000, 500, 500, 300))
        };
        assertEquals(
                List.of("c", "a", "b"),
                values(report(view(Figure.PSS, false, 0), machines), "host"));
        assertEquals(
                List.of("a", "b", "c"), values(report(view(null, false, 0), machines), "host"));
        Psm.Report first = report(view(Figure.PSS, false, 1), machines);
        assertEquals(List.of("c"), values(first, "host"));
        assertEquals(2, first.more().rows());
        assertEquals(2000L << 20, value(first, first.more().sums(), "mem_total_bytes"));
        assertEquals(3000L << 20, value(first, first.totals(), "mem_total_bytes"));
    }

    @Test
    void tableShowsLargePartsFirst() throws IOException, Failure {
        Psm.Report report =
                report(
                        view(Figure.PSS, false, 0),
                        machine("web1", meminfo(1000, 500, 600, 300)),
                        machine("web2", meminfo(2000, 100, 200, 50)));
        String table = MadeUpHost.written(report, "table");
        assertTrue(
                table.startsWith(" MB TOTAL    USED  UNEXPLAINED   FREE   SLAB  PROCESSES  HOST\n"),
                table);
        assertTrue(
                table.contains("   1000.0   400.0        100.0  500.0  300.0      100.0  web1\n"));
        assertTrue(table.contains("  TOTAL OF 2 MACHINES\n"), table);
        assertFalse(table.contains("TOTAL USED BY PROCESSES"), table);
        String markdown = MadeUpHost.written(report, "markdown");
        assertTrue(markdown.contains("**TOTAL OF 2 MACHINES**"), markdown);
    }

    private static Psm.Report withProcesses(Psm.Report report, Psm.Processes processes) {
        return new Psm.Report(
                report.origin(),
                processes,
                report.columns(),
                report.rows(),
                report.totals(),
                report.accounts(),
                report.more(),
                report.ranking());
    }

    private static String totals(Psm.Report report, String format) throws IOException {
        return MadeUpHost.written(report, format)
                .lines()
                .filter(line -> line.contains("TOTAL OF "))
                .findFirst()
                .orElseThrow();
    }

    /** The kernel's own figures do not depend on how well processes can be read. */
    @Test
    void estimatesMarkTheTotalOfProcessesAlone() throws IOException, Failure {
        Psm.Report exact =
                report(
                        view(Figure.PSS, false, 0),
                        machine("web1", meminfo(1000, 500, 600, 300)),
                        machine("web2", meminfo(2000, 100, 200, 50)));
        Psm.Estimates tooHigh = new Psm.Estimates(1, 0, 0, 0, 0, 0, true, false);
        Psm.Processes estimated = new Psm.Processes(2, 1, 0, 0, 0, 0, false, tooHigh);
        Psm.Report report = withProcesses(exact, estimated);
        String table = totals(report, "table");
        assertTrue(table.startsWith("#  "), table);
        assertTrue(table.contains(" \u2264200.0 "), table);
        assertEquals(table.indexOf("\u2264"), table.lastIndexOf("\u2264"), table);
        String markdown = totals(report, "markdown");
        assertTrue(markdown.contains("**3000.0**"), markdown);
        assertTrue(markdown.contains("**\u2264 200.0**"), markdown);
        String missing = totals(withProcesses(exact, estimated.withMissingHosts(1)), "table");
        assertTrue(missing.startsWith("#\u2265"), missing);
        assertTrue(missing.contains(" ~200.0 "), missing);
        Psm.Processes denied = new Psm.Processes(2, 0, 1, 0, 0, 0, false, Psm.Estimates.NONE);
        String leftOut = totals(withProcesses(exact, denied), "table");
        assertTrue(leftOut.startsWith("#  "), leftOut);
        assertTrue(leftOut.contains(" \u2265200.0 "), leftOut);
    }

    /** A text in the totals is data. */
    @Test
    void totalsHaveNoNameInDocuments() throws IOException, Failure {
        Psm.Report report =
                report(view(Figure.PSS, false, 0), machine("web1", meminfo(1000, 500, 600, 300)));
        assertNull(value(report, report.totals(), "host"));
        assertTrue(totals(report, "table").endsWith("TOTAL OF 1 MACHINE"));
    }

    @Test
    void documentsNameTheHostOnce() throws IOException, Failure {
        Psm.Report report =
                report(
                        view(Figure.PSS, false, 0),
                        machine("web1", meminfo(1000, 500, 600, 300)),
                        machine("web2", meminfo(2000, 100, 200, 50)));
        String json = MadeUpHost.written(report, "json");
        JsonNode document = new ObjectMapper().readTree(json);
        assertTrue(document.get("host").isNull());
        assertEquals("web2", document.get("rows").get(0).get("host").asText());
        assertEquals(2, document.get("hosts").size());
        assertNull(document.get("totals").get("host"));
        String first = MadeUpHost.written(report, "ndjson").lines().findFirst().orElseThrow();
        assertEquals(first.indexOf("\"host\""), first.lastIndexOf("\"host\""), first);
        List<String> csv = MadeUpHost.written(report, "csv").lines().toList();
        assertTrue(csv.get(0).startsWith("\"mem_used_bytes\","), csv.get(0));
        assertTrue(csv.get(0).endsWith(",\"host\",\"taken_at\""), csv.get(0));
        assertTrue(csv.get(1).contains(",\"web2\",\""), csv.get(1));
        assertEquals(csv.get(0).split(",").length, csv.get(1).split(",", -1).length);
    }
}
