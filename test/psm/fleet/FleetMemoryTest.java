package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.probe.Recorded;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.support.MadeUpHost;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Adds up a hundred machines in the heap that psm has. */
@Tag("endtoend")
class FleetMemoryTest {
    private static final int MACHINES = 100;
    private static final int PROCESSES = 1000;

    @TempDir static Path root;

    /** Writes the snapshot of a machine with many processes once. */
    private static synchronized Path file() throws IOException {
        Path file = root.resolve("host.psm");
        if (!Files.exists(file)) {
            MadeUpHost host = new MadeUpHost(root);
            for (int pid = 1; pid <= PROCESSES; pid++) {
                host.process(pid, 1 + pid % 7, 0, 667 + pid % 9, "0::/system.slice/a.service");
            }
            Files.write(file, SnapshotWriter.write(host.scan()));
        }
        return file;
    }

    /** Reads the file as often as there are machines, each time anew, and writes the report. */
    public static void main(String[] args) throws IOException, Failure {
        int maxRows = Integer.parseInt(args[2]);
        Fleet fleet =
                switch (args[1]) {
                    case "oom" -> new FleetOom(maxRows);
                    case "system" -> new FleetSystem(Views.withHost(Views.of()));
                    default -> {
                        View view =
                                new View(
                                        List.of(Grouping.named(args[1])),
                                        View.columns(false),
                                        Figure.PSS,
                                        false,
                                        maxRows,
                                        Missing.VALUE,
                                        false,
                                        View.Extent.ROWS,
                                        null);
                        yield new FleetReport(view, null);
                    }
                };
        for (int i = 0; i < MACHINES; i++) {
            Snapshot snapshot = Recorded.read("--from", Path.of(args[0])).snapshot();
            fleet.add(new Machine("web" + i, snapshot, null, false));
        }
        Psm.Report report = fleet.report();
        System.out.print(MadeUpHost.written(report, args[3]));
    }

    @ParameterizedTest
    @CsvSource({
        "oom, 0, 32768",
        "oom, 5, 5",
        "system, 0, 100",
        "program, 0, 1000",
        "host, 0, 100",
        "pid, 20, 20"
    })
    void hundredMachinesFit(String topic, String maxRows, int rows) throws IOException {
        Command.Result result =
                Command.java(
                                FleetMemoryTest.class.getName(),
                                file().toString(),
                                topic,
                                maxRows,
                                "json")
                        .to(root.resolve("out"))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        JsonNode report = new ObjectMapper().readTree(root.resolve("out").toFile());
        assertEquals(rows, report.get("rows").size());
        assertEquals(MACHINES, report.get("hosts").size());
        assertEquals(MACHINES * PROCESSES, report.get("processes").get("measured").asInt());
        if (topic.equals("pid")) {
            assertEquals(MACHINES * PROCESSES - rows, report.get("more").get("rows").asInt());
        }
        if (topic.equals("oom")) {
            int more = report.get("more").get("rows").asInt();
            assertTrue(more + rows >= MACHINES * (PROCESSES - 1), "" + more);
        }
    }
}
