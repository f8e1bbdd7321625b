package psm.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.diff.DiffColumn;
import psm.diff.DiffReport;
import psm.diff.Side;
import psm.fleet.FleetOom;
import psm.fleet.FleetReport;
import psm.fleet.FleetSystem;
import psm.fleet.Machine;
import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotFormatException;
import psm.support.Fixtures;
import psm.support.MadeUpHost;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Each figure that a report can show is explained in one sentence. */
class ExplanationsTest {
    @TempDir Path root;

    private static final View ALL =
            Views.withHost(Views.of(List.of(Grouping.values()), Figure.values()));

    private static void assertExplained(Psm.Report report) {
        Set<String> keys = new TreeSet<>();
        report.columns().forEach(column -> keys.add(column.key()));
        for (Psm.Account account : report.accounts()) {
            account.entries().forEach(entry -> keys.add(entry.key()));
            account.columns().forEach(column -> keys.add(column.key()));
        }
        Map<String, String> explanations = Explanations.of(report);
        keys.removeAll(explanations.keySet());
        assertEquals(Set.of(), keys, "without an explanation");
        for (Map.Entry<String, String> explanation : explanations.entrySet()) {
            String sentence = explanation.getValue();
            boolean isSentence = sentence.matches("[A-Z](?!.*[,;:][,;:.])[^\n]{10,300}[.]");
            assertTrue(isSentence, explanation.toString());
        }
    }

    private static Snapshot host() throws IOException {
        ScanRequest request = ScanRequest.of(Source.SMAPS).withMappings();
        return new Scanner(new ProcFs(Fixtures.HOST.toString()), request).scan(1);
    }

    private Machine machine(String name) throws IOException {
        MadeUpHost host = new MadeUpHost(root.resolve(name)).process(5, 10, 0, 700, "0::/a");
        return new Machine(name, host.scan(), null, false);
    }

    @Test
    void processesAreExplained() throws IOException {
        assertExplained(Views.report(host(), ALL));
    }

    @Test
    void mappingsAreExplained() throws IOException {
        assertExplained(Views.maps(host(), false));
        assertExplained(Views.maps(host(), true));
    }

    @Test
    void deathsAreExplained() throws IOException {
        assertExplained(MadeUpHost.report(machine("b").all(), 0));
        FleetOom fleet = new FleetOom(0);
        fleet.add(machine("c"));
        fleet.addMissing("d", "no answer");
        assertExplained(fleet.report());
    }

    @Test
    void changesAreExplained() throws IOException, Failure {
        List<Grouping> by = new ArrayList<>(List.of(Grouping.values()));
        by.remove(Grouping.TREE);
        View view =
                new View(
                        by,
                        View.columns(false),
                        Figure.CHANGE,
                        false,
                        0,
                        Missing.VALUE,
                        false,
                        View.Extent.SYSTEM,
                        null);
        Snapshot snapshot = host();
        Side side = new Side("a", snapshot, Side.pids(snapshot), false);
        assertExplained(new DiffReport(side, side, view, DiffColumn.CHANGE).report());
    }

    @Test
    void growthIsExplained() throws IOException {
        List<Grouping> by = new ArrayList<>(List.of(Grouping.values()));
        by.remove(Grouping.TREE);
        Growth growth = new Growth(by, null, false);
        GrowthReport.Chosen all =
                new GrowthReport.Chosen(0, Missing.VALUE, null, false, false, false);
        Snapshot snapshot = host();
        growth.add(snapshot, snapshot.userNames());
        assertExplained(new GrowthReport(growth, all).report("1"));
    }

    @Test
    void machinesAreExplained() throws IOException, Failure, SnapshotFormatException {
        FleetSystem system = new FleetSystem(Views.withHost(View.DEFAULT));
        system.add(machine("a"));
        assertExplained(system.report());
        FleetReport report = new FleetReport(Views.of(Figure.PSS), null);
        report.add(machine("b"));
        assertExplained(report.report());
    }

    /** The change of -w is since the previous report, and that of a diff is not. */
    @Test
    void oneKeyHasTheSentenceOfItsReport() throws IOException, Failure {
        Snapshot snapshot = host();
        Side side = new Side("a", snapshot, Side.pids(snapshot), false);
        View view = Views.of(Figure.CHANGE);
        DiffReport diff = new DiffReport(side, side, view, DiffColumn.CHANGE);
        assertTrue(Explanations.of(diff.report()).get("change_bytes").contains("after - before"));
        String watched = Explanations.of(Views.report(host(), view)).get("change_bytes");
        assertTrue(watched.contains("previous report"), watched);
    }

    /** A list of control groups, or of the host's memory, has keys that the rows have too. */
    @Test
    void oneKeyMayBeOfTwoThings() throws IOException, Failure {
        String swap = Explanations.of(MadeUpHost.report(machine("e").all(), 0)).get("swap_bytes");
        assertTrue(swap.contains("SwapPss") && swap.contains("memory.swap.current"), swap);
        Snapshot snapshot = host();
        Side side = new Side("a", snapshot, Side.pids(snapshot), false);
        DiffReport diff = new DiffReport(side, side, View.DEFAULT, DiffColumn.CHANGE);
        for (String key : List.of("before_bytes", "after_bytes")) {
            String size = Explanations.of(diff.report()).get(key);
            assertTrue(size.contains("Pss") && size.contains("/proc/meminfo"), size);
        }
    }
}
