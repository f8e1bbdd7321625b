package psm.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.support.Command;
import psm.support.Shapes;
import psm.text.Failure;
import psm.text.Text;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares snapshots of real processes before and after they grow, end, start and run another
 * program; and holds the figures to those that psm shows of each snapshot alone.
 */
@Tag("endtoend")
class DiffRunTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final long MB = 1 << 20;

    /** Up to so much the page tables' rounding and pages of libraries may change by. */
    private static final long NOISE = MB / 2;

    @TempDir static Path folder;

    private static final List<Process> PROCESSES = new ArrayList<>();
    private static Path a;
    private static Path b;
    private static Path probe;
    private static Path probeOfNobody;

    @BeforeAll
    static void takeSnapshots() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.createFile(folder.resolve("cgroup.procs"));
        Path holds = Shapes.compile("holds.c", folder, "dd-grows");
        Path leaves = Files.copy(holds, folder.resolve("dd-leaves"));
        Path pool = Files.copy(holds, folder.resolve("dd-pool"));
        Path shell = Files.copy(Path.of("/bin/sh").toRealPath(), folder.resolve("dd-shell"));
        Path sleep = Files.copy(Path.of("/bin/sleep").toRealPath(), folder.resolve("dd-sleep"));
        Process grows = holder(holds);
        anon(grows, 10);
        Process leaving = holder(leaves);
        anon(leaving, 20);
        Process worker = holder(pool);
        anon(worker, 5);
        Process ending = holder(pool);
        anon(ending, 6);
        Process changing = start(shell.toString(), "-c", "read x; exec " + sleep + " 1000");
        a = snapshot("a.psm");
        probe = probe("probe.psm", "sh");
        anon(grows, 30);
        end(leaving);
        end(ending);
        anon(worker, 1);
        anon(holder(pool), 9);
        changing.getOutputStream().write('\n');
        changing.getOutputStream().flush();
        Path exe = Path.of("/proc/" + changing.pid() + "/exe");
        while (!Files.readSymbolicLink(exe).equals(sleep)) {
            Thread.sleep(20);
        }
        b = snapshot("b.psm");
        if (new OwnProcess().isRoot() && Command.exists("setpriv")) {
            String asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups sh";
            probeOfNobody = probe("nobody.psm", asNobody);
        }
    }

    @AfterAll
    static void endAll() {
        PROCESSES.forEach(Process::destroyForcibly);
    }

    private static Process start(String... words) throws IOException {
        Process process = new ProcessBuilder(words).start();
        PROCESSES.add(process);
        return process;
    }

    private static Process holder(Path program) throws IOException {
        return start(program.toString(), folder.toString(), "0");
    }

    private static void anon(Process holder, int megabytes) throws IOException {
        holder.getOutputStream().write(Text.encode("anon " + megabytes + "\n"));
        holder.getOutputStream().flush();
        BufferedReader answers = holder.inputReader();
        assertEquals("ok", answers.readLine());
    }

    private static void end(Process holder) throws Exception {
        holder.getOutputStream().close();
        holder.waitFor();
    }

    private static Path snapshot(String name) {
        Path file = folder.resolve(name);
        Command.Result result = Command.psm("-o", "snapshot").to(file).run();
        assertEquals(0, result.exitCode(), result.err());
        return file;
    }

    private static Path probe(String name, String shell) {
        Path script = folder.resolve("probe.sh");
        assertEquals(0, Command.psm("probe").to(script).run().exitCode());
        Path file = folder.resolve(name);
        Command probe = Command.of("sh", "-c", shell + " < " + script).to(file);
        assertEquals(0, probe.run().exitCode());
        return file;
    }

    private static Command.Result run(String... args) {
        return Command.psm(args).in(folder).run();
    }

    private static JsonNode json(String... args) throws IOException {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("-o", "json"));
        Command.Result result = run(words.toArray(new String[0]));
        assertEquals(0, result.exitCode(), result.err());
        return MAPPER.readTree(result.out());
    }

    private static JsonNode row(JsonNode report, String program) {
        for (JsonNode row : report.get("rows")) {
            if (row.get("program").asText().startsWith(program)) {
                return row;
            }
        }
        throw new AssertionError(program + " is not in " + report);
    }

    private static void assertSizes(JsonNode row, long fresh, long ended, long grown) {
        String text = row.toString();
        assertEquals((double) fresh, row.get("new_bytes").asDouble() / MB, 0.9, text);
        assertEquals((double) ended, row.get("ended_bytes").asDouble() / MB, 0.9, text);
        assertEquals((double) grown, row.get("grown_bytes").asDouble() / MB, 0.5, text);
        assertEquals(
                row.get("after_bytes").asLong() - row.get("before_bytes").asLong(),
                row.get("change_bytes").asLong(),
                text);
        assertEquals(
                row.get("new_bytes").asLong()
                        - row.get("ended_bytes").asLong()
                        + row.get("grown_bytes").asLong(),
                row.get("change_bytes").asLong(),
                text);
    }

    private static void assertCounts(JsonNode row, int... counts) {
        String[] keys = {"count_before", "count_after", "count_new", "count_ended"};
        for (int i = 0; i < counts.length; i++) {
            assertEquals(counts[i], row.get(keys[i]).asInt(), row.toString());
        }
    }

    @Test
    void changesAreOfWhatProcessesDid() throws IOException {
        JsonNode report = json("diff", "a.psm", "b.psm");
        assertSizes(row(report, "dd-grows"), 0, 0, 30);
        assertCounts(row(report, "dd-grows"), 1, 1, 0, 0);
        assertSizes(row(report, "dd-leaves"), 0, 20, 0);
        assertCounts(row(report, "dd-leaves"), 1, 0, 0, 1);
        assertSizes(row(report, "dd-pool"), 9, 6, 1);
        assertCounts(row(report, "dd-pool"), 2, 2, 1, 1);
        assertCounts(row(report, "dd-shell"), 1, 0, 0, 1);
        assertCounts(row(report, "dd-sleep"), 0, 1, 1, 0);
    }

    @Test
    void aProcessThatRunsAnotherProgramIsOneRowByPid() throws IOException {
        JsonNode report = json("diff", "a.psm", "b.psm", "--by", "pid", "-f", "dd-s");
        assertEquals(1, report.get("rows").size(), report.toString());
        assertCounts(row(report, "dd-sleep"), 1, 1, 0, 0);
    }

    /** Each figure is that of psm --from, and totals are the sums. */
    @ParameterizedTest
    @ValueSource(strings = {"program", "user", "command", "user,program", "unit", "parent"})
    void figuresAreThoseOfEachSnapshot(String by) throws IOException {
        // Of others, one of the snapshots may contain processes that the other could not read.
        String own = "--children-of=" + ProcessHandle.current().pid();
        JsonNode diff = json("diff", "a.psm", "b.psm", "--by", by, own);
        Map<String, JsonNode> before = rows(json("--from", "a.psm", "--by", by, own), by);
        Map<String, JsonNode> after = rows(json("--from", "b.psm", "--by", by, own), by);
        for (Map.Entry<String, JsonNode> row : rows(diff, by).entrySet()) {
            JsonNode was = before.remove(row.getKey());
            JsonNode is = after.remove(row.getKey());
            if (row.getValue().get("estimated").asInt() == 0) {
                assertFigures(row.getValue(), "before", was);
                assertFigures(row.getValue(), "after", is);
            }
        }
        assertEquals(List.of(), List.copyOf(before.keySet()));
        assertEquals(List.of(), List.copyOf(after.keySet()));
    }

    private static void assertFigures(JsonNode row, String when, JsonNode other) {
        String text = row + " " + other;
        long pss = other == null ? 0 : other.get("pss_bytes").asLong();
        long swap = other == null ? 0 : other.get("swap_bytes").asLong();
        int count = other == null ? 0 : other.get("count").asInt();
        assertEquals(pss, row.get(when + "_bytes").asLong(), text);
        assertEquals(swap, row.get("swap_" + when + "_bytes").asLong(), text);
        assertEquals(count, row.get("count_" + when).asInt(), text);
    }

    private static Map<String, JsonNode> rows(JsonNode report, String by) {
        Map<String, JsonNode> rows = new HashMap<>();
        for (JsonNode row : report.get("rows")) {
            StringBuilder key = new StringBuilder();
            for (String name : by.split(",", -1)) {
                key.append(row.get(name)).append(' ');
            }
            assertEquals(null, rows.put(key.toString(), row), key.toString());
        }
        return rows;
    }

    @Test
    void snapshotsAndProbesAreCompared() throws IOException {
        for (String name : List.of("probe.psm", "probe.gz")) {
            if (name.endsWith("gz")) {
                String packed = "gzip -c " + probe + " > " + folder.resolve(name);
                assertEquals(0, Command.of("sh", "-c", packed).run().exitCode());
            }
            JsonNode report = json("diff", name, "b.psm");
            assertSizes(row(report, "dd-grows"), 0, 0, 30);
            assertSizes(row(report, "dd-pool"), 9, 6, 1);
        }
    }

    /** Without root, nothing but Rss is known of others, which would look like growth. */
    @Test
    @Tag("user")
    void estimatesDoNotLookLikeGrowth() throws IOException {
        assumeTrue(probeOfNobody != null, "needs root and setpriv");
        JsonNode report = json("diff", "b.psm", "nobody.psm", "-f", "^dd-");
        for (JsonNode row : report.get("rows")) {
            assertTrue(Math.abs(row.get("change_bytes").asLong()) < NOISE, row.toString());
            assertTrue(row.get("estimated").asInt() > 0, row.toString());
        }
        String remarks = run("diff", "b.psm", "nobody.psm").err();
        assertTrue(remarks.contains("compared by Rss, before and after"), remarks);
        assertTrue(remarks.contains("nobody.psm: estimated by Rss: "), remarks);
        assertEquals(3, run("diff", "b.psm", "nobody.psm", "--strict").exitCode());
    }

    @Test
    void groupsAloneAreComparedAfterARestart() throws IOException {
        String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        String other = "0" + boot.substring(1).replace('7', '3');
        String text = Files.readString(probe, StandardCharsets.ISO_8859_1);
        assertTrue(text.contains(boot), "the probe sends the boot's id");
        Files.writeString(
                folder.resolve("restarted.psm"),
                text.replace(boot, other),
                StandardCharsets.ISO_8859_1);
        JsonNode row = row(json("diff", "restarted.psm", "b.psm"), "dd-grows");
        assertEquals(30.0, row.get("change_bytes").asDouble() / MB, 0.5, row.toString());
        assertTrue(row.get("grown_bytes").isNull(), row.toString());
        assertTrue(
                run("diff", "restarted.psm", "b.psm")
                        .err()
                        .contains("was restarted between them, so no process is the same; groups"));
        for (String option : List.of("--by=pid", "-p=1", "--children-of=1")) {
            Command.Result refused = run("diff", "restarted.psm", "b.psm", option);
            assertEquals(2, refused.exitCode(), refused.out());
            assertTrue(refused.err().contains("compare groups"), refused.err());
        }
    }

    @Test
    void samplesOfARecordingAreCompared() throws IOException, Failure {
        Path recording = folder.resolve("recording");
        Instant first = null;
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("x", recording), 0)) {
            for (Path file : List.of(a, b)) {
                try (InputStream in = Files.newInputStream(file)) {
                    Snapshot snapshot = SnapshotFile.read(in);
                    first = first == null ? snapshot.run().takenAt() : first;
                    writer.append(snapshot);
                }
            }
        }
        JsonNode files = json("diff", "a.psm", "b.psm");
        JsonNode times = json("diff", "--from", "recording", "--since", first.toString());
        assertEquals(files.get("rows"), times.get("rows"));
        assertEquals(files.get("rows"), json("diff", "a.psm", "recording").get("rows"));
        Command.Result early = run("diff", "--from", "recording", "--since", "2001-01-01");
        assertEquals(2, early.exitCode());
        assertTrue(early.err().contains("samples from "), early.err());
        Command.Result same = run("diff", "--from", "recording", "--since", "now");
        assertEquals(2, same.exitCode());
        assertTrue(same.err().contains("is the same sample"), same.err());
    }

    @Test
    void theSystemIsComparedInAllFormats() throws IOException {
        String table = run("diff", "a.psm", "b.psm", "--system", "-n", "3").out();
        assertTrue(table.contains("\tMEMORY OF THE SYSTEM\n"), table);
        assertTrue(table.contains("\tfree\n"), table);
        assertTrue(table.contains("Z to 2"), table);
        JsonNode parts = json("diff", "a.psm", "b.psm", "--system").get("host_memory_change");
        for (JsonNode part : parts) {
            assertEquals(
                    part.get("after_bytes").asLong() - part.get("before_bytes").asLong(),
                    part.get("change_bytes").asLong(),
                    part.toString());
        }
        String markdown = run("diff", "a.psm", "b.psm", "--system", "-o", "markdown").out();
        assertTrue(markdown.contains("| MEMORY OF THE SYSTEM |"), markdown);
        String lines = run("diff", "a.psm", "b.psm", "--system", "-o", "ndjson").out();
        assertTrue(lines.contains("{\"kind\":\"host_memory_change\","), lines);
    }

    @Test
    void aSnapshotOfSomeProcessesIsComparedWithThese() throws IOException {
        String pid = Long.toString(PROCESSES.get(0).pid());
        Path some = folder.resolve("some.psm");
        assertEquals(0, Command.psm("-p", pid, "-o", "snapshot").to(some).run().exitCode());
        for (String[] order : new String[][] {{"some.psm", "b.psm"}, {"b.psm", "some.psm"}}) {
            JsonNode report = json("diff", order[0], order[1]);
            assertEquals(1, report.get("rows").size(), report.toString());
            assertCounts(row(report, "dd-grows"), 1, 1, 0, 0);
            String remarks = run("diff", order[0], order[1]).err();
            assertTrue(remarks.contains("some.psm: contains only some processes"), remarks);
            assertTrue(remarks.contains("not compared: "), remarks);
        }
    }

    @Test
    void aSnapshotWithoutTitlesIsComparedByExecutables() throws Exception {
        Process titled = start("bash", "-c", "exec -a dd-title sleep 1000");
        while (!Files.readString(Path.of("/proc/" + titled.pid() + "/cmdline")).startsWith("dd-")) {
            Thread.sleep(20);
        }
        snapshot("titles.psm");
        Path plain = folder.resolve("plain.psm");
        Command.psm("--no-commands", "-o", "snapshot").to(plain).run();
        JsonNode report = json("diff", "plain.psm", "titles.psm");
        assertEquals(-1, report.toString().indexOf("dd-title"));
        String remarks = run("diff", "plain.psm", "titles.psm").err();
        assertTrue(
                remarks.contains("plain.psm contains no command lines and no titles: "), remarks);
        assertRefused("leave it out", "diff", "plain.psm", "titles.psm", "--by", "command");
    }

    /** As bash makes one for {@code <(ssh host1 sudo psm -o snapshot)}. */
    @Test
    void aPipeIsReadAsAFile() {
        String psm = String.join("' '", Command.psm("diff", "a.psm", "pipe", "-q").words());
        String script = "mkfifo pipe; cat b.psm > pipe & '" + psm + "'";
        Command.Result result = Command.of("sh", "-c", script).in(folder).run();
        assertEquals("", result.err());
        assertEquals(run("diff", "a.psm", "b.psm", "-q").out(), result.out());
    }

    @Test
    void numbersOfProcessesAreBothShown() {
        String table = run("diff", "a.psm", "b.psm", "-f", "^dd-").out();
        assertTrue(table.contains("\tdd-leaves (1 > 0)\n"), table);
        assertTrue(table.contains("\tdd-grows (1)\n"), table);
        assertTrue(table.contains("\tPROCESS (COUNT)\n"), table);
        List<String> lines = table.lines().toList();
        assertTrue(lines.get(lines.size() - 3).endsWith("\tdd-grows (1)"), table);
    }

    @Test
    void theOrderOfFilesIsNoticed() {
        String remarks = run("diff", "b.psm", "a.psm").err();
        assertTrue(remarks.contains("b.psm is newer than a.psm: "), remarks);
        assertEquals("", run("diff", "b.psm", "a.psm", "-q").err());
    }

    @Test
    void filesThatCannotBeComparedAreRefused() throws IOException {
        Path several = Files.createDirectory(folder.resolve("several"));
        Files.copy(a, several.resolve("a.psm"));
        Files.copy(b, several.resolve("b.psm"));
        Files.copy(a, folder.resolve("-dash.psm"));
        Files.writeString(folder.resolve("text"), "no snapshot\n");
        assertRefused("compares two files, and none is named", "diff");
        assertRefused("compares two files, and 1 is named", "diff", "a.psm");
        assertRefused("compares two files, and 3 are named", "diff", "a.psm", "b.psm", "a.psm");
        assertRefused("is named twice", "diff", "a.psm", "a.psm");
        assertRefused("are the same file", "diff", "a.psm", "./a.psm");
        assertRefused("diff nothing: cannot be read: no such file", "diff", "a.psm", "nothing");
        assertRefused("diff text: ", "diff", "text", "b.psm");
        assertRefused("contains 2 files", "diff", "several", "b.psm");
        assertRefused("is no recording", "diff", "--from", "a.psm", "--since", "1h ago");
        assertRefused("contains 2 machines", "diff", "--from", "several", "--since", "1h ago");
        assertRefused("--from: compares nothing without --since", "diff", "--from", "a.psm");
        assertRefused("files are named too", "diff", "a.psm", "b.psm", "--since", "1h ago");
        assertRefused("--sort pss: no such column", "diff", "a.psm", "b.psm", "--sort", "pss");
        assertRefused("--by tree: psm diff has no tree", "diff", "a.psm", "b.psm", "--by=tree");
        assertRefused("'-dash.psm': no such option", "diff", "-dash.psm", "b.psm");
        assertEquals(0, run("diff", "--", "-dash.psm", "b.psm").exitCode());
        assertEquals(0, run("diff", "./-dash.psm", "b.psm").exitCode());
        assertRefused("csv contains only rows", "diff", "a.psm", "b.psm", "--system", "-ocsv");
    }

    @Test
    @Tag("user")
    void readersOfARecordingAreNamed() throws IOException {
        assumeTrue(probeOfNobody != null, "needs root and setpriv");
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setAttribute(closed, "unix:gid", 1);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-x---"));
        Command.Result result =
                Command.psmAsNobody(folder, "diff", "--from", closed.toString(), "--since", "1h")
                        .run();
        assertEquals(
                "psm: --from "
                        + closed
                        + ": cannot be read: permission denied; members of group daemon may read"
                        + " it\n",
                result.err());
    }

    private static void assertRefused(String words, String... args) {
        Command.Result result = run(args);
        assertEquals(2, result.exitCode(), result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains(words), result.err());
    }

    @Test
    void filesOfAUserAreNotReadBySudo() {
        assumeTrue(new OwnProcess().isRoot(), "needs root");
        Command.Result result =
                Command.psm("diff", "a.psm", "b.psm").in(folder).with("SUDO_UID", "65534").run();
        assertEquals(2, result.exitCode(), result.out());
        assertTrue(result.err().contains("run with sudo"), result.err());
    }
}
