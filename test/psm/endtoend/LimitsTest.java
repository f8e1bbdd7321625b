package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.OwnProcess;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.support.Shapes;
import psm.text.Text;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** Gives psm input of any size and kind, with the heap that its directives set. */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
class LimitsTest {
    private static final long KB = 1024;

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "limits-" + ProcessHandle.current().pid();

    private static final String MAPPING = "00400000-00452000 r-xp 00000000 08:02 173521     \n";
    private static final String FIGURES = MAPPING + "Rss: 5 kB\nPss: 3 kB\nSwap: 2 kB\n";

    private static final int TWO_MILLION = 2_000_000;

    /** The default of {@code kernel.pid_max}. */
    private static final int PROCESSES = 32_768;

    /** So many processes with four names each do not exceed the number of texts. */
    private static final int MANY = 30_000;

    private static final int FOLDERS = 256;

    /** The last pid of processes that are stuck. */
    private static final int STUCK = 81;

    /** The id of a user who runs nothing else, as the limit is for all threads of a user. */
    private static final int USER_WITHOUT_PROCESSES = 54_099;

    /** So many processes that long titles do not fit into a snapshot. */
    private static final int TITLES = 8192;

    /** The folder of a file that no test changes. */
    @TempDir static Path shared;

    /** The folder of many processes; {@code null} until a test needs it. */
    private static Path many;

    private static int manyCount;

    @TempDir Path root;

    private void process(int pid, String file, String content) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        Files.writeString(folder.resolve("stat"), stat(pid));
        Files.writeString(folder.resolve("cmdline"), "program" + pid + "\0");
        Files.writeString(folder.resolve(file), content, ISO_8859_1);
    }

    private static String stat(int pid) {
        return pid
                + " (comm) S 1 2 3 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 100 0 0"
                + " 18446744073709551615 94815856795648 94815856799709 "
                + (140726150384384L + pid * 4096L)
                + " 0 0\n";
    }

    private Command.Result psm(String... args) {
        List<String> all = new ArrayList<>(List.of("--proc", root.toString(), "-o", "json"));
        Collections.addAll(all, args);
        return reported(Command.psm(all.toArray(new String[0])).run());
    }

    /** Checks that psm has written a report and had enough memory. */
    private static Command.Result reported(Command.Result result) {
        assertEquals(0, result.exitCode(), result.err());
        assertFalse(result.err().contains("OutOfMemoryError"), result.err());
        return result;
    }

    private static JsonNode json(Command.Result result) throws IOException {
        return new ObjectMapper().readTree(result.out());
    }

    /** Checks the valid process beside the malformed ones. */
    private static void assertOthersAreMeasured(JsonNode report) {
        assertEquals(1, report.get("processes").get("measured").asInt());
        assertEquals(3 * KB, report.get("totals").get("pss_bytes").asLong());
        assertEquals("program1", report.get("rows").get(0).get("program").asText());
    }

    @ParameterizedTest
    @ValueSource(strings = {"smaps", "auto"})
    void processWithMaximumMappingsIsMeasured(String source) throws Exception {
        try (Shapes shape = Shapes.start(Shapes.compile(root, NAME), "mappings")) {
            String[] args = {"--source", source, "-f", "^" + NAME + "$", "-o", "json"};
            JsonNode row = json(reported(Command.psm(args).run())).get("rows").get(0);
            assertTrue(shape.fact("mappings") > 1, "one mapping is not many");
            long known = shape.fact("bytes");
            long actual = row.get("pss_bytes").asLong();
            assertTrue(known <= actual && actual <= known + KB * KB, known + " are in " + row);
        }
    }

    @Test
    void twoMillionMappingsAreSummed() throws IOException {
        process(1, "smaps", "");
        byte[] mapping = "7f0000000000-7f0000001000 r--p \nPss: 1 kB\n".getBytes(ISO_8859_1);
        try (OutputStream out = buffered(root.resolve("1/smaps"))) {
            for (int i = 0; i < TWO_MILLION; i++) {
                out.write(mapping);
            }
        }
        JsonNode totals = json(psm("--timeout", "60")).get("totals");
        assertEquals(TWO_MILLION * KB, totals.get("pss_bytes").asLong());
    }

    private static OutputStream buffered(Path file) throws IOException {
        return new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    @Test
    void commandLineOfTwoMbIsRead() throws Exception {
        Path script = Files.writeString(root.resolve(NAME), "echo started; read line");
        List<String> words = new ArrayList<>(List.of("sh", script.toString()));
        for (int i = 0; i < 16; i++) {
            words.add(
                    "x".repeat(120_000)); // the kernel's limits are 128 kB an argument, 2 MB in all
        }
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().clear();
        Process process = builder.start();
        try (BufferedReader out = process.inputReader(ISO_8859_1)) {
            assertEquals("started", out.readLine());
            String[] args = {"--scripts", "-f", "^sh " + NAME + "$", "-o", "json"};
            JsonNode row = json(reported(Command.psm(args).run())).get("rows").get(0);
            assertEquals(process.pid(), row.get("pids").get(0).asLong());
        } finally {
            process.destroy();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "\u00e9"})
    void titleOfTwoMbIsCut(String letter) throws IOException {
        process(1, "smaps_rollup", FIGURES);
        Files.writeString(root.resolve("1/cmdline"), letter.repeat(2 << 20));
        String program = json(psm("--scripts")).get("rows").get(0).get("program").asText();
        assertEquals(letter.repeat(Text.MAX_NAME_CHARS), program);
    }

    /**
     * The titles are of bytes that are not UTF-8, which take the most memory. Links to some folders
     * are made, and deleted, in a fraction of the time of so many folders.
     */
    @Test
    void maximumProcessesFitWithLongTitles(@TempDir(factory = InMemory.class) Path memory)
            throws IOException {
        for (int folder = 0; folder < FOLDERS; folder++) {
            Path target = Files.createDirectory(memory.resolve("folder" + folder));
            Files.writeString(target.resolve("smaps_rollup"), FIGURES);
            Files.writeString(target.resolve("stat"), stat(folder + 1));
            String title = "title " + folder + "\u00ff".repeat(4096);
            Files.writeString(target.resolve("cmdline"), title, ISO_8859_1);
        }
        for (int pid = 1; pid <= PROCESSES; pid++) {
            Files.createSymbolicLink(
                    memory.resolve("" + pid), memory.resolve("folder" + pid % FOLDERS));
        }
        Path out = memory.resolve("out");
        for (String format : new String[] {"json", "table"}) {
            String[] args = {"--proc", memory.toString(), "-o", format};
            reported(Command.psm(args).to(out).run());
            if (format.equals("json")) {
                JsonNode report = new ObjectMapper().readTree(out.toFile());
                assertEquals(PROCESSES, report.get("processes").get("measured").asInt());
                assertEquals(FOLDERS, report.get("rows").size());
                assertEquals(PROCESSES * 3 * KB, report.get("totals").get("pss_bytes").asLong());
            }
        }
        for (int pid = 1; pid <= PROCESSES; pid++) {
            Files.delete(memory.resolve("" + pid)); // JUnit would take half a minute
        }
    }

    /** The command lines are of letters that take two bytes each, in files and in the heap. */
    @Test
    void maximumProcessesFitIntoSnapshot(@TempDir(factory = InMemory.class) Path memory)
            throws IOException {
        for (int folder = 0; folder < TITLES; folder++) {
            Path target = Files.createDirectory(memory.resolve("folder" + folder));
            Files.writeString(target.resolve("smaps_rollup"), FIGURES);
            Files.writeString(target.resolve("stat"), stat(folder + 1));
            Files.writeString(target.resolve("cmdline"), "title " + folder + "\u0142".repeat(1500));
        }
        for (int pid = 1; pid <= PROCESSES; pid++) {
            Files.createSymbolicLink(
                    memory.resolve("" + pid), memory.resolve("folder" + pid % TITLES));
        }
        Path out = Files.createTempFile("psm", ".snapshot");
        String[] args = {"--proc", memory.toString(), "-o", "snapshot"};
        Command.Result result = Command.psm(args).to(out).run();
        for (int pid = 1; pid <= PROCESSES; pid++) {
            Files.delete(memory.resolve("" + pid));
        }
        assertEquals(0, result.exitCode(), result.err());
        try (InputStream in = Files.newInputStream(out)) {
            assertEquals(PROCESSES, SnapshotFile.read(in).processes().size());
        }
        Files.delete(out);
    }

    /** The user has 40 threads, of which Java takes half. Each stuck process takes one for ever. */
    @Tag("user")
    @Test
    void scanEndsWhereNoThreadCanBeStarted() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "root alone can become a user of its own");
        process(1, "smaps_rollup", FIGURES);
        for (int pid = 2; pid <= STUCK; pid++) {
            process(pid, "stat", stat(pid));
            Command.of("mkfifo", root.resolve(pid + "/smaps").toString()).run();
        }
        String[] args = {"--proc", root.toString(), "-o", "json", "--debug", "--timeout", "0.5"};
        List<String> words = new ArrayList<>(List.of("timeout", "90", "prlimit", "--nproc=40"));
        for (String word : Command.psmAsNobody(root, args).words()) {
            words.add(word.equals("--reuid=65534") ? "--reuid=" + USER_WITHOUT_PROCESSES : word);
        }
        Command.Result result = Command.of(words.toArray(new String[0])).in(root).run();
        JsonNode processes = json(reported(result)).get("processes");
        assertEquals(1, processes.get("measured").asInt());
        int stuck = processes.get("stuck").asInt();
        assertTrue(stuck > 1, processes.toString());
        assertEquals(STUCK - 1, stuck + processes.get("failed").asInt());
        assertReported(
                "pid "
                        + STUCK
                        + " (comm): could not be read: no thread could be started to read it",
                result);
    }

    /** A file may have as many processes, texts and characters as its format allows. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o table",
                "-o json",
                "-o ndjson -s -f . -r --spread",
                "-o snapshot",
                "--by user,cgroup,command -o csv",
                "oom -n 100"
            })
    void theLargestSnapshotIsReported(String options) throws IOException {
        List<String> args = new ArrayList<>(List.of(options.split(" ", -1)));
        args.addAll(List.of("--from", largestFile().toString()));
        Path out = root.resolve("out");
        Command.Result result = Command.psm(args.toArray(new String[0])).to(out).run();
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(Files.size(out) > 0);
    }

    /** There is room for more columns: neither the file nor a report is in memory beside it. */
    @Test
    void theLargestSnapshotIsCopiedInLessMemory() throws IOException {
        Path out = root.resolve("out");
        Command psm = Command.psm("-o", "snapshot", "--from", largestFile().toString());
        psm.words().set(psm.words().indexOf("-Xmx64m"), "-Xmx50m");
        Command.Result result = psm.to(out).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(-1, Files.mismatch(largestFile(), out));
    }

    /** Rows of single processes would not fit: a tree keeps all of them in memory twice. */
    @Test
    void tooLargeReportIsByProgram() throws IOException {
        Path out = root.resolve("out");
        Command psm = Command.psm("--by", "tree", "-o", "json", "--from", largestFile().toString());
        psm.words().set(psm.words().indexOf("-Xmx64m"), "-Xmx58m");
        Command.Result result = psm.to(out).run();
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.err().contains("rows are by program, not by process"), result.err());
        assertTrue(Files.size(out) > 0);
    }

    /** Even without details, all cells of this one are in memory at once. */
    @Test
    void tooLargeReportFailsInOneLine() throws IOException {
        String[] args = {"-o", "markdown", "-d", "--from", largestFile().toString()};
        Command.Result result = Command.psm(args).to(root.resolve("out")).run();
        assertEquals(1, result.exitCode(), result.err());
        assertTrue(result.err().contains("psm: Java has run out of memory"), result.err());
        assertFalse(result.err().contains("defect"), result.err());
    }

    /** What was written of it is dropped, twice: of the report with fewer details, too. */
    @Test
    void tooLargeReportLeavesTheOldFile() throws IOException {
        Path folder = Files.createDirectory(root.resolve("reports"));
        Path file = Files.writeString(folder.resolve("report"), "old");
        Command psm = Command.psm("-o", "markdown", "-d", "--to", file.toString());
        Command.Result result = psm.append(List.of("--from", largestFile().toString())).run();
        assertEquals(1, result.exitCode(), result.err());
        assertTrue(result.err().contains("rows are by program, not by process"), result.err());
        assertTrue(result.err().contains("psm: Java has run out of memory"), result.err());
        assertEquals("old", Files.readString(file));
        assertArrayEquals(new String[] {"report"}, folder.toFile().list());
    }

    /** Command lines and titles are left out first, then rows of single processes. */
    @ParameterizedTest
    @CsvSource({
        "40000, -d -o json, comm, 40000",
        "50000, -o json, title, 8192",
        "120000, -d -o json, comm, 1"
    })
    void manyProcessesAreReportedWithFewerDetails(
            int processes, String options, String name, int rows) throws IOException {
        Path out = root.resolve("out");
        // A processor that others need too must not make processes late.
        List<String> args = new ArrayList<>(List.of("--timeout", "600"));
        args.addAll(List.of("--proc", manyProcesses(processes).toString()));
        args.addAll(List.of(options.split(" ", -1)));
        Command.Result result = Command.psm(args.toArray(new String[0])).to(out).run();
        assertEquals(0, result.exitCode(), result.err());
        JsonNode report = new ObjectMapper().readTree(out.toFile());
        assertEquals(processes, report.get("processes").get("measured").asInt());
        assertEquals(processes * 3L * KB, report.get("totals").get("pss_bytes").asLong());
        assertTrue(report.get("rows").get(0).get("program").asText().startsWith(name));
        assertEquals(rows, report.get("rows").size());
        assertEquals(name.equals("comm"), result.err().contains("titles that programs set"));
    }

    /** Returns a folder with so many processes; their number only grows. */
    private static Path manyProcesses(int processes) throws IOException {
        if (many == null) {
            many = new InMemory().createTempDirectory(null, null);
            for (int folder = 0; folder < TITLES; folder++) {
                Path target = Files.createDirectory(many.resolve("folder" + folder));
                Files.writeString(target.resolve("smaps_rollup"), FIGURES);
                Files.writeString(target.resolve("stat"), stat(folder + 1));
                String title = "title " + folder + "x".repeat(200) + "\0";
                Files.writeString(target.resolve("cmdline"), title + "\u0142".repeat(1000));
            }
        }
        for (; manyCount < processes; manyCount++) {
            Files.createSymbolicLink(
                    many.resolve("" + (manyCount + 1)),
                    many.resolve("folder" + (manyCount + 1) % TITLES));
        }
        return many;
    }

    @AfterAll
    static void removeManyProcesses() {
        if (many != null) {
            Command.of("rm", "-r", many.toString()).run(); // JUnit would take half a minute
        }
    }

    /** Writes the file once, in a JVM of its own: that of the tests has no memory for it. */
    private static synchronized Path largestFile() {
        Path file = shared.resolve("largest.psm");
        if (!Files.exists(file)) {
            Command.Result result =
                    Command.java("-Xmx256m", LimitsTest.class.getName(), file.toString()).run();
            assertEquals(0, result.exitCode(), result.err());
        }
        return file;
    }

    public static void main(String[] args) throws IOException {
        Files.write(Path.of(args[0]), SnapshotWriter.write(largest()));
    }

    private static Snapshot largest() {
        List<ProcessMemory> processes = new ArrayList<>();
        List<Unmeasured> unmeasured = new ArrayList<>();
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        Map<Long, String> users = new HashMap<>();
        for (int i = 0; i < PROCESSES; i++) {
            String id = "\u4e2d".repeat(18) + i % MANY;
            Program.Names names = new Program.Names("t" + id, "e" + id, "s" + id);
            long[] sums = new long[Usage.Field.values().length];
            Arrays.fill(sums, 1L << 40);
            processes.add(
                    new ProcessMemory(
                            i + 1,
                            1L << 60,
                            new Program(names.title(), Program.File.UPDATED, names),
                            true,
                            new Usage(sums, 1L << 40, 1 << 30, 1 << 10, 1 << 10),
                            MadeUpDetails.of(i, 1L << 31, "0::/" + i % 1000, "c" + id)));
            for (int j = 1; j <= 2; j++) {
                unmeasured.add(
                        new Unmeasured(
                                j * 100_000 + i,
                                names.title(),
                                Unmeasured.Reason.FAILED,
                                names.script(),
                                names));
            }
        }
        for (int i = 0; i < PROCESSES / 2; i++) {
            cgroups.put(
                    processes.get(i).program().name(),
                    new CgroupMemory(
                            new CgroupMemory.Limits(1, 2, 3, 4, 5, true, true),
                            new CgroupMemory.InUse(6, 7, 8, 9),
                            9,
                            true));
            users.put((long) i, processes.get(i).program().name());
        }
        unmeasured.sort(Comparator.comparingInt(Unmeasured::pid));
        Snapshot made = MadeUpSnapshot.of(processes, unmeasured);
        return new Snapshot(
                new Snapshot.Scope(false, true, EnumSet.allOf(Detail.class), 1),
                made.run(),
                made.host(),
                processes,
                unmeasured,
                users,
                users,
                cgroups,
                null);
    }

    /** Makes temporary folders in /dev/shm, if it exists. */
    static final class InMemory implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
                throws IOException {
            Path memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "psm-test")
                    : Files.createTempDirectory("psm-test");
        }
    }

    /** The file is a hole, which reads as zeros: a line without an end. */
    @Test
    void smapsWithoutLinesFailsAtItsStart() throws IOException {
        process(1, "smaps", FIGURES);
        process(2, "smaps", FIGURES);
        makeTenGb(root.resolve("2/smaps"));
        Command.Result result = psm("--debug");
        assertOthersAreMeasured(json(result));
        assertReported(
                "pid 2 (program2): could not be read: smaps: a line of more than 65536 bytes (at"
                        + " byte "
                        + FIGURES.length()
                        + ")",
                result);
    }

    private static void makeTenGb(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(10L << 30);
        }
    }

    private static void assertReported(String line, Command.Result result) {
        assertTrue(result.err().lines().anyMatch(("psm: " + line)::equals), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {FIGURES, "00400000-00452000 r-xp ", "neither a mapping nor a field\n"})
    void endlessFileCostsNoOtherProcess(String text) throws Exception {
        boolean isOfLines = text.endsWith("\n");
        process(1, "smaps_rollup", FIGURES);
        process(2, "stat", stat(2));
        Path pipe = root.resolve("2/smaps");
        assertEquals(0, Command.of("mkfifo", pipe.toString()).run().exitCode());
        AtomicLong written = new AtomicLong();
        Thread writer = new Thread(() -> writeForEver(pipe, text, written), "writer");
        writer.setDaemon(true);
        writer.start();
        JsonNode report = json(psm());
        assertOthersAreMeasured(report);
        assertEquals(1, report.get("processes").get(isOfLines ? "stuck" : "failed").asInt());
        assertTrue(written.get() > 0, "nothing was read");
        writer.join();
    }

    /** Writes a text again and again until the reader closes the pipe. */
    private static void writeForEver(Path pipe, String text, AtomicLong written) {
        byte[] bytes = text.repeat(1 << 10).getBytes(ISO_8859_1);
        try (OutputStream out = Files.newOutputStream(pipe)) {
            while (true) {
                out.write(bytes);
                written.addAndGet(bytes.length);
            }
        } catch (IOException e) {
            // the reader has closed the pipe, as it should
        }
    }

    /** A pipe in place of any file delays the report by the timeout, and costs no other file. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-j 1 --system -d -c pss,limit,used%,user,oom_score,cgroup,peak,mappings,heap",
                "-j 1 --children-of 1 --cgroup /a/b --user u1 --by tree -c +unit,+user",
                "oom"
            })
    void pipeInPlaceOfAFileBlocksNothing(String options) throws Exception {
        List<String> files = new ArrayList<>(treeOfPipes().keySet());
        files.removeIf(file -> file.startsWith("proc/1/") || file.startsWith("proc/3/"));
        for (String file : files) {
            Path base = Files.createDirectories(root.resolve("tree"));
            for (Map.Entry<String, String> plain : treeOfPipes().entrySet()) {
                Path path = base.resolve(plain.getKey());
                Files.createDirectories(path.getParent());
                Files.deleteIfExists(path);
                Files.writeString(path, plain.getValue());
            }
            Files.delete(base.resolve(file));
            Command.of("mkfifo", base.resolve(file).toString()).run();
            List<String> words = new ArrayList<>(List.of(options.split(" ", -1)));
            words.addAll(List.of("--proc", base.resolve("proc").toString(), "--timeout", "0.5"));
            List<String> psm = Command.psm(words.toArray(new String[0])).words();
            Command.Result result = Command.of("timeout", "-s", "KILL", "30").append(psm).run();
            boolean isAsked = isAskedFor(file, options);
            assertTrue(isAsked || result.exitCode() == 0, file + ": " + result.err());
            assertTrue(isAsked || result.out().contains("p3"), file + ": " + result.out());
            assertTrue(result.exitCode() <= 2, file + ": " + result.exitCode() + result.err());
        }
    }

    /** Returns whether nothing can be reported without the file. */
    private static boolean isAskedFor(String file, String options) {
        return (file.equals("proc/meminfo") && options.contains("--system"))
                || (file.equals("etc/passwd") && options.contains("--user u1"))
                || (file.endsWith("/stat") && options.contains("--children-of"));
    }

    /** Returns the files of a host with three processes, each the parent of the next. */
    private static Map<String, String> treeOfPipes() {
        Map<String, String> files = new TreeMap<>();
        for (int pid : new int[] {1, 2, 3}) {
            String folder = "proc/" + pid + "/";
            files.put(folder + "stat", stat(pid).replaceFirst(" S 1 ", " S " + (pid - 1) + " "));
            files.put(folder + "cmdline", "p" + pid + "\0");
            files.put(folder + "smaps_rollup", FIGURES);
            files.put(folder + "smaps", FIGURES);
            files.put(folder + "maps", MAPPING);
            files.put(folder + "status", "Name:\tx\nUid:\t1\t1\t1\t1\nVmRSS: 5 kB\nVmPTE: 5 kB\n");
            files.put(folder + "cgroup", "0::/a/b\n");
            files.put(folder + "comm", "p" + pid + "\n");
            files.put(folder + "oom_score", "7\n");
            files.put(folder + "oom_score_adj", "0\n");
        }
        files.put("proc/meminfo", "MemTotal: 9000 kB\nMemFree: 10 kB\n");
        for (String file :
                new String[] {
                    "uptime",
                    "zoneinfo",
                    "pressure/memory",
                    "net/sockstat",
                    "self/mountinfo",
                    "sys/kernel/hostname",
                    "sys/kernel/osrelease",
                    "sys/vm/swappiness"
                }) {
            files.put("proc/" + file, "1 1\n");
        }
        for (String folder : new String[] {"sys/fs/cgroup/", "sys/fs/cgroup/a/"}) {
            files.put(folder + "memory.max", "1000000\n");
            files.put(folder + "memory.current", "500000\n");
            files.put(folder + "memory.stat", "anon 1\n");
            files.put(folder + "memory.events", "oom 0\n");
        }
        files.put("sys/fs/cgroup/cgroup.controllers", "memory\n");
        files.put("etc/passwd", "u1:x:1:1::/:/bin/sh\n");
        files.put("etc/group", "g1:x:1:\n");
        return files;
    }

    @ParameterizedTest
    @CsvSource({
        "smaps_rollup, Pss: 99999999999999999999 kB",
        "smaps_rollup, Pss: 18446744073709551615 kB",
        "smaps_rollup, Pss: 9007199254740992 kB",
        "smaps_rollup, Pss: -1 kB",
        "smaps_rollup, Swap: - kB",
        "smaps, Rss: 99999999999999999999 kB",
        "smaps, SwapPss: -9223372036854775808 kB"
    })
    void overflowingNumberIsReportedWithOffset(String file, String line) throws IOException {
        process(1, "smaps_rollup", FIGURES);
        process(2, file, FIGURES + line + "\nLocked: 0 kB\n");
        Command.Result result = psm("--debug");
        assertOthersAreMeasured(json(result));
        assertReported(
                "pid 2 (program2): could not be read: "
                        + file
                        + ": not a size in kB: '"
                        + line
                        + "' (at byte "
                        + FIGURES.length()
                        + ")",
                result);
    }

    @Test
    void overflowingSumIsReportedWithOffset() throws IOException {
        process(1, "smaps_rollup", FIGURES);
        String mappings = MAPPING + "Pss: 9007199254740991 kB\n" + MAPPING + "Pss: 1 kB\n";
        process(2, "smaps", mappings);
        Command.Result result = psm("--debug");
        assertOthersAreMeasured(json(result));
        assertReported(
                "pid 2 (program2): could not be read: smaps: the sum of Pss overflows (at byte "
                        + mappings.length()
                        + ")",
                result);
    }

    /** Each figure fits, and their sum does not. */
    @Test
    void processThatOverflowsTotalIsLeftOut() throws IOException {
        process(1, "smaps_rollup", FIGURES);
        process(2, "smaps_rollup", MAPPING + "Pss: 6000000000000000 kB\n");
        process(3, "smaps_rollup", MAPPING + "Pss: 6000000000000000 kB\n");
        process(4, "smaps_rollup", MAPPING + "Pss: 1 kB\nPrivate_Hugetlb: 9007199254740991 kB\n");
        Command.Result result = psm("--debug");
        JsonNode report = json(result);
        assertEquals(2, report.get("processes").get("measured").asInt());
        assertEquals(2, report.get("processes").get("failed").asInt());
        assertEquals(
                (6_000_000_000_000_000L + 3) * KB, report.get("totals").get("pss_bytes").asLong());
        for (int pid : new int[] {3, 4}) {
            assertReported(
                    "pid "
                            + pid
                            + " (program"
                            + pid
                            + "): could not be read: its figures make the sums overflow",
                    result);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"smaps", "smaps_rollup"})
    void endlessLineIsReportedWithOffset(String file) throws IOException {
        process(1, "smaps_rollup", FIGURES);
        process(2, file, FIGURES + "x".repeat(1 << 20));
        Command.Result result = psm("--debug");
        assertOthersAreMeasured(json(result));
        assertReported(
                "pid 2 (program2): could not be read: "
                        + file
                        + ": a line of more than 65536 bytes (at byte "
                        + FIGURES.length()
                        + ")",
                result);
    }

    @Test
    void otherHugeFilesAreReadToLimit() throws IOException {
        process(1, "smaps_rollup", FIGURES);
        for (String file : new String[] {"1/cmdline", "1/stat", "meminfo"}) {
            makeTenGb(Files.writeString(root.resolve(file), ""));
        }
        assertEquals(3 * KB, json(psm("--scripts")).get("totals").get("pss_bytes").asLong());
    }
}
