package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

import psm.Psm;
import psm.format.Formats;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.smaps.Usage;
import psm.support.Command;
import psm.support.PlainSums;
import psm.support.Views;
import psm.text.Filter;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Measures real processes that have filled their memory and stopped. */
@Isolated("others would share pages with the processes")
@Tag("endtoend")
@Tag("user")
class LiveProcessesTest {
    private static final double MB = 1 << 20;
    private static final Pattern HEAP =
            Pattern.compile("^.* \\[heap]$\n(?:\\w+:.*\n)+", Pattern.MULTILINE);

    @TempDir static Path folder;

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String SELF = Long.toString(ProcessHandle.current().pid());

    private static final String FIVE = "psm-5-" + SELF;
    private static final String THIRTY = "psm-30-" + SELF;

    private static final List<Process> CHILDREN = new ArrayList<>();

    /** The pids by program: three processes of 5 MB, and one of 30 MB. */
    private static final TreeMap<String, List<Long>> PIDS = new TreeMap<>();

    @BeforeAll
    static void startProcesses() throws Exception {
        start(FIVE, 5, 3);
        start(THIRTY, 30, 1);
    }

    @AfterAll
    static void endProcesses() throws InterruptedException {
        for (Process child : CHILDREN) {
            child.destroyForcibly().waitFor();
        }
    }

    /** Starts a shell under another name, which fills a variable and stops itself. */
    private static void start(String name, int megabytes, int count) throws Exception {
        Path program = Files.copy(Path.of("/bin/sh").toRealPath(), folder.resolve(name));
        String fill = "x=$(head -c " + megabytes + "000000 /dev/zero | tr '\\0' x); kill -STOP $$";
        for (int i = 0; i < count; i++) {
            Process child = new ProcessBuilder(program.toString(), "-c", fill).start();
            CHILDREN.add(child);
            PIDS.computeIfAbsent(name, any -> new ArrayList<>()).add(child.pid());
        }
        for (long pid : PIDS.get(name)) {
            while (!read(pid, "stat").contains(") T ")) {
                assertTrue(ProcessHandle.of(pid).isPresent(), name + " has ended");
                Thread.sleep(5);
            }
        }
    }

    private static String read(long pid, String file) throws IOException {
        return Files.readString(Path.of("/proc", "" + pid, file), ISO_8859_1);
    }

    private static double sum(String program, String file, String field) throws IOException {
        double sum = 0;
        for (long pid : PIDS.get(program)) {
            sum += PlainSums.bytes(read(pid, file), field);
        }
        return sum;
    }

    private static double heap(String program) throws IOException {
        double sum = 0;
        for (long pid : PIDS.get(program)) {
            for (Matcher heap = HEAP.matcher(read(pid, "smaps")); heap.find(); ) {
                sum += PlainSums.bytes(heap.group(), "Pss");
            }
        }
        return sum;
    }

    /**
     * The scan runs in this JVM: another one would share libc with the processes, and change the
     * figures that are compared.
     */
    @Test
    void tableAgreesWithRollups() throws IOException {
        Pattern ours = Pattern.compile("^psm.*-" + SELF + "$");
        Snapshot snapshot =
                new Scanner(
                                new ProcFs("/proc"),
                                ScanRequest.of(Source.AUTO).filtered(new Filter("--filter", ours)))
                        .scan(0);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Psm.Report report =
                Views.report(snapshot, Views.of(Figure.PSS, Figure.SHARED, Figure.SWAP));
        new Formats.Table().export(report, new Psm.Output(out, false, true, false));
        String table = out.toString(StandardCharsets.UTF_8);
        List<String> rows = table.lines().toList();
        assertTrue(rows.size() >= 5, table);
        assertTrue(rows.get(1).endsWith("\t" + FIVE + " (3)"), table);
        assertTrue(rows.get(2).endsWith("\t" + THIRTY + " (1)"), table);
        for (String row : rows.subList(1, 3)) {
            String program = row.substring(row.indexOf('\t') + 1, row.indexOf(" ("));
            double ram = Double.parseDouble(row.substring(0, 10));
            double shared = Double.parseDouble(row.substring(10, 20));
            double pss = sum(program, "smaps_rollup", "Pss");
            double unique =
                    sum(program, "smaps_rollup", "Private_Clean")
                            + sum(program, "smaps_rollup", "Private_Dirty");
            assertEquals(pss / MB, ram, 0.1, row);
            assertEquals((pss - unique) / MB, shared, 0.1, row);
        }
    }

    @Test
    void bothSourcesAgree() throws Exception {
        for (String program : PIDS.keySet()) {
            double rollup = json("--source", "rollup", "-f", program).get("pss_bytes").asLong();
            double smaps = json("--source", "smaps", "-f", program).get("pss_bytes").asLong();
            assertEquals(rollup / MB, smaps / MB, 0.1);
        }
    }

    @Test
    void heapIsSummedOverTheGroup() throws Exception {
        for (String program : PIDS.keySet()) {
            JsonNode row = json("--heap", "-f", program);
            assertEquals(heap(program) / MB, row.get("heap_bytes").asLong() / MB, 0.1);
            assertTrue(row.get("heap_bytes").asLong() <= row.get("pss_bytes").asLong());
        }
    }

    @Test
    void rowContainsItsPids() throws Exception {
        for (String program : PIDS.keySet()) {
            List<Long> pids = new ArrayList<>();
            json("-f", program).get("pids").forEach(pid -> pids.add(pid.asLong()));
            assertEquals(PIDS.get(program).stream().sorted().toList(), pids);
        }
    }

    /**
     * The scan runs in this JVM: another one would share pages with it, and change the figures that
     * are compared.
     */
    @Test
    void jvmIsMeasuredLikeItsSmaps() throws Exception {
        Snapshot snapshot =
                new Scanner(
                                new ProcFs("/proc"),
                                ScanRequest.of(Source.SMAPS).with(Set.of(Detail.SYSTEM)))
                        .scan(2);
        long self = ProcessHandle.current().pid();
        for (ProcessMemory process : snapshot.processesAndOwn()) {
            if (process.pid() == self) {
                String smaps = read(self, "smaps");
                double private_ = process.usage().bytes(Usage.Field.PRIVATE_DIRTY);
                assertEquals(PlainSums.bytes(smaps, "Private_Dirty") / MB, private_ / MB, 5);
                assertEquals(PlainSums.bytes(smaps, "Pss") / MB, process.usage().ram() / MB, 5);
                return;
            }
        }
        throw new AssertionError("this process is missing");
    }

    private static JsonNode json(String... args) throws Exception {
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("-o", "json"));
        String json = Command.psm(all.toArray(new String[0])).run().out();
        JsonNode rows = new ObjectMapper().readTree(json).get("rows");
        assertEquals(1, rows.size(), json);
        return rows.get(0);
    }
}
