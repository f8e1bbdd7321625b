package psm.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;
import psm.collect.Collector;
import psm.format.Formats;
import psm.format.FormatsTest;
import psm.name.Program;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Text;
import psm.text.Version;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * Writes snapshots and reads them back: the reports are the same, and a damaged file gives an error
 * in one line.
 */
class SnapshotFormatTest {
    private static final Unmeasured.Reason FAILED = Unmeasured.Reason.FAILED;

    @TempDir Path folder;

    private static Snapshot scan(Path proc, ScanRequest request) throws IOException {
        return new Scanner(new ProcFs(proc.toString()), request.with(EnumSet.allOf(Detail.class)))
                .scan(2);
    }

    private static Snapshot host() throws IOException {
        return scan(Fixtures.HOST, ScanRequest.of(Source.AUTO).withHeap(true));
    }

    private static Snapshot copy(Snapshot snapshot) throws IOException {
        byte[] bytes = SnapshotWriter.write(snapshot);
        return SnapshotReader.read(bytes, bytes.length);
    }

    private static String described(ProcessMemory process) {
        Usage usage = process.usage();
        return process.toString().replaceFirst("usage=[^,]*", "")
                + Arrays.toString(usage.sums)
                + usage.heap
                + ' '
                + usage.mappings
                + ' '
                + usage.cutPss
                + ' '
                + usage.cutSwapPss;
    }

    /** Describes a snapshot with the figures that records do not compare. */
    private static String described(Snapshot snapshot) {
        StringBuilder all = new StringBuilder();
        for (ProcessMemory process : snapshot.processes()) {
            all.append(described(process)).append('\n');
        }
        return all.append(snapshot.run().takenAt())
                .append(snapshot.run().nanos())
                .append(snapshot.host().name())
                .append(snapshot.host().kernel())
                .append(snapshot.host().bootId())
                .append(snapshot.host().uptimeMillis())
                .append(snapshot.run().listed())
                .append(snapshot.unmeasured())
                .append(snapshot.run().hidden())
                .append(snapshot.scope().filtered())
                .append(snapshot.host().memory().meminfo())
                .append(snapshot.host().memory().unlisted())
                .append(snapshot.run().bytesRead())
                .append(snapshot.run().workers())
                .append(snapshot.run().slowest())
                .append(snapshot.run().psmVersion())
                .append(snapshot.scope().timeoutNanos())
                .append(snapshot.scope().heap())
                .append(snapshot.scope().details())
                .toString();
    }

    private static void assertSameReports(Snapshot expected, Snapshot actual) throws IOException {
        for (Psm.Exporter format : Formats.all()) {
            for (boolean host : new boolean[] {false, true}) {
                assertEquals(
                        written(format, expected, host),
                        written(format, actual, host),
                        format.name());
            }
        }
    }

    private static String written(Psm.Exporter format, Snapshot snapshot, boolean host)
            throws IOException {
        Psm.Report report = Views.report(snapshot, host ? Views.withHost(Views.ALL) : Views.ALL);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        format.export(report, new Psm.Output(out, false, true, false));
        return out.toString(ISO_8859_1);
    }

    @Test
    void wholeScanIsReadBack() throws IOException {
        Snapshot seen = host();
        Snapshot read = copy(seen);
        assertEquals(described(seen), described(read));
        assertSameReports(seen, read);
        assertEquals(11, read.processes().size());
        assertEquals("4f3a1c1e-8d0e-4f60-9c0f-0d6a6f0e2b11", read.host().bootId());
        assertEquals(8_000_000, read.host().uptimeMillis());
        assertEquals(EnumSet.allOf(Detail.class), read.scope().details());
    }

    @Test
    void scanOfThisHostIsReadBack() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/self/smaps")), "there is no /proc here");
        Snapshot seen = scan(Path.of("/proc"), ScanRequest.of(Source.AUTO).withHeap(true));
        Snapshot read = copy(seen);
        assertEquals(described(seen), described(read));
        assertSameReports(seen, read);
        assertSameReports(seen.named(false, true), read.named(false, true));
        Filter java = new Filter("--filter", Pattern.compile("java|sh"));
        assertSameReports(seen.filtered(java), read.filtered(java));
    }

    /** The codes of missing numbers in files do not depend on how psm represents them. */
    @ParameterizedTest
    @ValueSource(strings = {"host", "containers"})
    void fileOfFirstVersionStaysTheSame(String name) throws IOException {
        byte[] first = Files.readAllBytes(Fixtures.HOST.resolveSibling(name + "-0.1.0.psm"));
        Snapshot read = read(first);
        assertTrue(read.processes().size() > 10, read.processes().toString());
        for (ProcessMemory process : read.processes()) {
            assertTrue(process.startTime() > 0, process.toString());
            assertTrue(process.details().threads() > 0, process.toString());
            assertNotEquals(-1, process.details().mappings());
            assertNotEquals(-1, process.usage().heap);
            assertNotEquals(-1, process.details().oomScore());
        }
        assertArrayEquals(content(first), content(SnapshotWriter.write(read)));
    }

    /** Returns all but the first line, which names the writer, and the checksum. */
    private static byte[] content(byte[] file) {
        int start = new String(file, ISO_8859_1).indexOf('\n') + 1;
        assertTrue(start > 0, "it has no lines");
        return Arrays.copyOfRange(file, start, file.length - SnapshotFormat.END_BYTES);
    }

    @Test
    void missingNumbersStayMissing() throws IOException {
        List<ProcessMemory> processes = List.of(process(7, "x", new long[] {0}));
        List<Unmeasured> unmeasured =
                List.of(new Unmeasured(9, null, Unmeasured.Reason.DENIED, null));
        Snapshot read = copy(MadeUpSnapshot.of(processes, unmeasured));
        ProcessMemory process = read.processes().get(0);
        assertEquals(0, process.usage().bytes(Usage.Field.RSS));
        assertEquals(Missing.VALUE, process.usage().bytes(Usage.Field.PSS));
        assertEquals(Missing.VALUE, process.usage().heap);
        assertEquals(ProcessDetails.NONE, process.details());
        assertNull(process.program().names());
        assertEquals(unmeasured, read.unmeasured());
        assertNull(read.host().name());
        assertEquals(Missing.VALUE, read.host().memory().bytes("MemTotal"));
        assertEquals(Missing.VALUE, read.host().memory().unlisted().zram());
    }

    @Test
    void reasonsOfEstimatesStay() throws IOException {
        List<ProcessMemory> processes = new ArrayList<>();
        for (Unmeasured.Reason reason : Unmeasured.Reason.values()) {
            processes.add(
                    ProcessMemory.estimated(
                            reason.ordinal(),
                            1,
                            new Program("x", Program.File.UNKNOWN),
                            Usage.estimated(4096, Missing.VALUE, Missing.VALUE, 0),
                            ProcessDetails.NONE,
                            new ProcessMemory.Estimate(reason, "why")));
        }
        processes.add(process(99, "exact", new long[] {1}));
        Snapshot read = copy(MadeUpSnapshot.of(processes, List.of()));
        for (int i = 0; i < processes.size(); i++) {
            assertEquals(processes.get(i).estimate(), read.processes().get(i).estimate());
            assertEquals(processes.get(i).isEstimated(), read.processes().get(i).isEstimated());
        }
    }

    /** A process may have another title than the kernel's name, so that the filter finds it. */
    @Test
    void estimatesWithoutTitlesAreLeftOutOfFilters() throws IOException {
        Program comm = new Program("worker", Program.File.UNKNOWN);
        Program.Names names = new Program.Names("celeryd", "python3", null);
        Program titled = new Program("celeryd", Program.File.UNKNOWN, names);
        List<ProcessMemory> processes = new ArrayList<>();
        for (Program program : List.of(comm, titled)) {
            processes.add(
                    ProcessMemory.estimated(
                            processes.size() + 1,
                            1,
                            program,
                            Usage.estimated(4096, 4096, 0, 0),
                            ProcessDetails.NONE,
                            new ProcessMemory.Estimate(Unmeasured.Reason.STUCK, null)));
        }
        Snapshot bare = MadeUpSnapshot.of(processes, List.of());
        Snapshot.Scope scope = new Snapshot.Scope(false, false, Set.of(Detail.NAMES), 1);
        Snapshot snapshot =
                new Snapshot(
                        scope,
                        bare.run(),
                        bare.host(),
                        processes,
                        List.of(),
                        Map.of(),
                        Map.of(),
                        Map.of(),
                        null);
        Snapshot found = snapshot.filtered(new Filter("-f", Pattern.compile("celery")));
        assertEquals(List.of(2), found.processes().stream().map(ProcessMemory::pid).toList());
        assertEquals(
                List.of(new Unmeasured(1, "worker", Unmeasured.Reason.STUCK, null)),
                found.unmeasured());
    }

    @Test
    void namesMayHaveAnyBytes() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) (255 - i);
        }
        String name = Text.decode(all, 0, all.length);
        String beyond = "caf\u00e9 \u65e5\u672c \ud83d\ude00 \n\u001b[31m";
        Snapshot seen =
                MadeUpSnapshot.of(
                        List.of(
                                process(1, name, new long[] {1}),
                                process(2, beyond, new long[] {2})),
                        List.of(new Unmeasured(3, "", FAILED, name)));
        assertEquals(described(seen), described(copy(seen)));
    }

    @Test
    void readSnapshotFiltersLikeALiveOne() throws IOException {
        Snapshot read = copy(host());
        for (boolean byTitle : new boolean[] {true, false}) {
            for (boolean scripts : new boolean[] {true, false}) {
                for (String regex : List.of("celery", "nginx|bash", "^x$", ".")) {
                    ScanRequest request =
                            ScanRequest.of(Source.AUTO)
                                    .filtered(new Filter("--filter", Pattern.compile(regex)))
                                    .named(byTitle, scripts)
                                    .with(Collector.DETAILS)
                                    .withHeap(true);
                    Snapshot live =
                            new Scanner(new ProcFs(Fixtures.HOST.toString()), request).scan(1);
                    Filter filter = new Filter("--filter", Pattern.compile(regex));
                    Snapshot later = read.named(byTitle, scripts).filtered(filter);
                    assertEquals(
                            stable(written(new Formats.Json(), live, false)),
                            stable(written(new Formats.Json(), later, false)),
                            regex + byTitle + scripts);
                }
            }
        }
    }

    private static String stable(String json) {
        return FormatsTest.stable(json);
    }

    /** A process that could not be measured may or may not have the requested name. */
    @Test
    void filterChecksRequestedNamesOfUnmeasuredProcesses() throws IOException {
        Program.Names names = new Program.Names("python3", "python3.11", "python3 manage.py");
        Snapshot read =
                copy(
                        MadeUpSnapshot.of(
                                List.of(),
                                List.of(
                                        new Unmeasured(1, null, FAILED, "x"),
                                        new Unmeasured(2, "python3", FAILED, "x", names),
                                        new Unmeasured(3, "nginx", FAILED, "x"))));
        Filter manage = new Filter("--filter", Pattern.compile("manage"));
        assertEquals(1, read.filtered(manage).count(FAILED));
        Snapshot scripts = read.named(true, true).filtered(manage);
        assertEquals(2, scripts.count(FAILED));
        assertEquals("python3 manage.py", scripts.unmeasured().get(1).program());
        assertTrue(scripts.scope().filtered());
    }

    @Test
    void nameTooSlowForTheFilterFails() throws IOException {
        String name = "a".repeat(200);
        Snapshot seen =
                MadeUpSnapshot.of(
                        List.of(process(2, name, new long[] {1})),
                        List.of(new Unmeasured(3, "b", Unmeasured.Reason.DENIED, null)));
        Snapshot filtered = seen.filtered(new Filter("--filter", Pattern.compile("(a+)+\\1b|b")));
        assertEquals(List.of(), filtered.processes());
        assertEquals(2, filtered.unmeasured().size());
        assertEquals(FAILED, filtered.unmeasured().get(0).reason());
    }

    /** The result is that of a scan with the filter. */
    @Test
    void sharedMemoryCountsUnderFirstFilteredProcess() throws IOException {
        Snapshot read =
                copy(
                        MadeUpSnapshot.of(
                                List.of(
                                        process(1, "a", new long[] {5}),
                                        process(2, "b", new long[] {5}).countedUnder(1),
                                        process(3, "b", new long[] {5}).countedUnder(1),
                                        process(4, "b", new long[] {7}),
                                        process(5, "a", new long[] {8}),
                                        process(6, "b", new long[] {8}).doubted(),
                                        process(7, "b", new long[] {8}).doubted()),
                                List.of()));
        assertEquals(1, read.processes().get(2).addressSpace());
        List<ProcessMemory> some =
                read.filtered(new Filter("--filter", Pattern.compile("b"))).processes();
        List<Integer> spaces = new ArrayList<>();
        List<Boolean> doubts = new ArrayList<>();
        for (ProcessMemory process : some) {
            spaces.add(process.addressSpace());
            doubts.add(process.doubtful());
        }
        assertEquals(List.of(2, 2, 4, 6, 7), spaces);
        assertEquals(List.of(false, false, false, false, true), doubts);
    }

    @Test
    void newerColumnsAndSectionsAreSkipped() throws IOException {
        byte[] written = SnapshotWriter.write(host());
        byte[] renamed =
                new String(written, ISO_8859_1).replace("SwapPss", "SwapNew").getBytes(ISO_8859_1);
        byte[] section = "newr\0\0\0\5hello".getBytes(ISO_8859_1);
        byte[] more =
                Arrays.copyOf(renamed, renamed.length - SnapshotFormat.END_BYTES + section.length);
        System.arraycopy(section, 0, more, more.length - section.length, section.length);
        Snapshot read = read(ended(more));
        assertEquals(Missing.VALUE, read.processes().get(0).usage().bytes(Usage.Field.SWAP_PSS));
        assertNotEquals(Missing.VALUE, read.processes().get(0).usage().bytes(Usage.Field.SWAP));
        assertEquals(11, read.processes().size());
    }

    @Test
    void everyCutFileIsReported() throws IOException {
        byte[] written = SnapshotWriter.write(host());
        for (int length = 1; length < written.length; length++) {
            byte[] cut = Arrays.copyOf(written, length);
            String problem = problem(cut);
            assertTrue(problem.startsWith("is cut: "), length + " bytes: " + problem);
        }
    }

    @Test
    void everyDamagedByteIsReported() throws IOException {
        byte[] written = SnapshotWriter.write(host());
        for (int i = 0; i < written.length; i++) {
            byte[] damaged = written.clone();
            damaged[i] ^= 0x20;
            problem(damaged);
        }
    }

    /** Corrects the checksum, so that only the reader can find the error. */
    @Test
    void everyForgedByteIsReadOrReported() throws IOException {
        byte[] written = SnapshotWriter.write(host());
        byte[] body = Arrays.copyOf(written, written.length - SnapshotFormat.END_BYTES);
        int reported = 0;
        for (int i = 0; i < body.length; i++) {
            for (byte with : new byte[] {0, 1, 0x7F, (byte) 0x80, -1}) {
                byte[] changed = body.clone();
                changed[i] = with;
                try {
                    written(new Formats.Table(), read(ended(changed)), true);
                } catch (SnapshotFormatException e) {
                    reported++;
                }
            }
        }
        assertTrue(reported > body.length, reported + " are reported");
    }

    @Test
    void newerVersionNamesItsPsm() {
        byte[] newer = "psm snapshot 2 by psm 7.5.0\nanything".getBytes(ISO_8859_1);
        assertEquals(
                "was written by psm 7.5.0 in version 2 of its format, and this psm "
                        + Version.CURRENT
                        + " knows version 1; read it with that psm",
                problem(newer));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "psm snapshot",
                "psm snapshot 1",
                "psm snapshot 1 by psm 1",
                "psm snapshot \n",
                "psm snapshots are fine\n",
                "PSM snapshot 1 by psm 1\n",
                "{\"schema\":\"psm/1\"}\n",
                "\0\0\0\0",
                ""
            })
    void otherFilesAreReported(String start) {
        assertFalse(problem(start.getBytes(ISO_8859_1)).isEmpty());
    }

    @Test
    void pidsAreUniqueAndAscending() {
        assertRefused(
                List.of(process(2, "a", 1), process(1, "b", 1)), List.of(), "pid 1 comes after");
        assertRefused(
                List.of(process(2, "a", 1), process(2, "b", 1)), List.of(), "pid 2 comes after");
        assertRefused(
                List.of(process(2, "a", 1)),
                List.of(new Unmeasured(2, null, FAILED, null)),
                "pid 2 is both measured and unmeasured");
    }

    @Test
    void memoryIsSharedWithAnEarlierProcess() {
        ProcessMemory first = process(1, "a", 1);
        ProcessMemory second = process(2, "b", 1);
        assertRefused(
                List.of(first, second.countedUnder(9)), List.of(), "shares its memory with pid 9");
        assertRefused(
                List.of(first.countedUnder(2), second), List.of(), "shares its memory with pid 2");
        assertRefused(
                List.of(first, second.countedUnder(1), process(3, "c", 1).countedUnder(2)),
                List.of(),
                "shares its memory with pid 2");
    }

    @Test
    void noSumOverflows() {
        long half = 1L << 62;
        assertRefused(
                List.of(process(1, "a", half), process(2, "b", half)),
                List.of(),
                "pid 2 make the sums");
        assertRefused(List.of(process(1, "a", -2)), List.of(), "a column has -2");
    }

    @Test
    void namesAreLimitedLikeThoseOfScans() {
        assertRefused(List.of(process(1, "a".repeat(257), 1)), List.of(), "a name is too long");
    }

    private static void assertRefused(
            List<ProcessMemory> processes, List<Unmeasured> unmeasured, String problem) {
        String message = problem(SnapshotWriter.write(MadeUpSnapshot.of(processes, unmeasured)));
        assertTrue(message.contains(problem), message);
    }

    @Test
    void forgedCountTakesNoMemory() throws IOException {
        String start = "psm snapshot 1 by psm 1\n";
        for (String text :
                List.of(
                        "\u00ff\u00ff\u00ff\u00ff\u0007",
                        "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u0001")) {
            byte[] section = ("text\0\0\0" + (char) text.length() + text).getBytes(ISO_8859_1);
            ByteArrayOutputStream file = new ByteArrayOutputStream();
            file.writeBytes(start.getBytes(ISO_8859_1));
            file.writeBytes(section);
            assertTrue(problem(ended(file.toByteArray())).contains("texts"));
        }
    }

    @Test
    void snapshotThatFitsIsUnchanged() throws IOException {
        Snapshot seen = host();
        assertSame(seen, SnapshotBudget.fit(seen));
    }

    @Test
    void commandLinesAreLeftOutFirst() throws IOException {
        List<ProcessMemory> processes = new ArrayList<>();
        for (int pid = 1; pid <= 4000; pid++) {
            processes.add(withCommand(process(pid, "name" + pid, 1), (pid + " x").repeat(200)));
        }
        Snapshot fitting = SnapshotBudget.fit(MadeUpSnapshot.of(processes, List.of()));
        assertEquals(4000, fitting.processes().size());
        assertEquals(processes.get(0), fitting.processes().get(0));
        assertNull(fitting.processes().get(3999).details().command());
        Snapshot read = copy(fitting); // one process at a time: all descriptions need much memory
        assertEquals(4000, read.processes().size());
        for (int i = 0; i < 4000; i++) {
            assertEquals(described(fitting.processes().get(i)), described(read.processes().get(i)));
        }
    }

    @Test
    void tooManyProcessesAreCountedAsFailed() throws IOException {
        List<ProcessMemory> processes = new ArrayList<>();
        for (int pid = 1; pid <= 40_000; pid++) {
            processes.add(process(pid, "name" + pid, 1));
        }
        List<Unmeasured> denied =
                List.of(new Unmeasured(50_000, "x", Unmeasured.Reason.DENIED, null));
        Snapshot read = copy(SnapshotBudget.fit(MadeUpSnapshot.of(processes, denied)));
        assertEquals(SnapshotFormat.MAX_PROCESSES, read.processes().size());
        assertEquals(40_000 - SnapshotFormat.MAX_PROCESSES, read.count(FAILED));
        assertEquals(1, read.count(Unmeasured.Reason.DENIED));
    }

    @Test
    void moreThanTheLimitIsAnError() {
        List<ProcessMemory> processes = Collections.nCopies(200_000, process(1, "x", 1));
        assertThrows(
                SnapshotFormatException.class,
                () -> SnapshotBudget.fit(MadeUpSnapshot.of(processes, List.of())));
    }

    private static ProcessMemory withCommand(ProcessMemory process, String command) {
        return new ProcessMemory(
                process.pid(),
                process.startTime(),
                process.program(),
                process.rollup(),
                process.usage(),
                MadeUpDetails.of(0, 0, null, command));
    }

    /** Returns sums by {@link Usage.Field}; the others are missing. */
    private static ProcessMemory process(int pid, String name, long... figures) {
        long[] sums = Arrays.copyOf(figures, Usage.Field.values().length);
        Arrays.fill(sums, figures.length, sums.length, Missing.VALUE);
        return new ProcessMemory(
                pid,
                1,
                new Program(name, Program.File.CURRENT),
                true,
                new Usage(sums, Missing.VALUE, 1, 0, 0),
                ProcessDetails.NONE);
    }

    private static Snapshot read(byte[] bytes) throws IOException {
        return SnapshotReader.read(bytes, bytes.length);
    }

    private static String problem(byte[] bytes) {
        String problem =
                assertThrows(SnapshotFormatException.class, () -> read(bytes)).getMessage();
        assertFalse(problem.contains("\n"), problem);
        return problem;
    }

    /** Returns the same bytes with the right checksum. */
    static byte[] ended(byte[] body) {
        CRC32 sum = new CRC32();
        sum.update(body);
        return ByteBuffer.allocate(body.length + SnapshotFormat.END_BYTES)
                .put(body)
                .putInt(SnapshotFormat.END)
                .putInt(Integer.BYTES)
                .putInt((int) sum.getValue())
                .array();
    }

    // The tests below use the command line.

    private static Command.Result psm(String... args) {
        return Command.psm(args).run();
    }

    private static Path written(Path file, String... options) {
        List<String> args = new ArrayList<>(List.of("--proc", Fixtures.HOST.toString()));
        args.addAll(List.of("-o", "snapshot"));
        args.addAll(List.of(options));
        Command.Result result = Command.psm(args.toArray(new String[0])).to(file).run();
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        return file;
    }

    @Tag("endtoend")
    @Test
    void noCommandsLeavesOutTitlesToo() throws IOException {
        Path full = written(folder.resolve("full.psm"));
        assertTrue(Files.readString(full, ISO_8859_1).contains("celeryd@"), "it has titles");
        Path file = written(folder.resolve("x.psm"), "--no-commands");
        assertFalse(Files.readString(file, ISO_8859_1).contains("celeryd@"), "a title is left");
        Snapshot read = SnapshotFile.read(Files.newInputStream(file));
        assertFalse(read.scope().details().contains(Detail.COMMAND));
        for (ProcessMemory process : read.processes()) {
            assertNull(process.details().command());
            Program.Names names = process.program().names();
            assertEquals(names.executable(), names.title());
            assertNull(names.script());
        }
    }

    @Tag("endtoend")
    @ParameterizedTest
    @CsvSource({
        "'', -o table, host.table",
        "--heap, -o table --heap, host-heap.table",
        "'', -o json, host.json",
        "--heap, -o json --heap, host-heap.json",
        "--source smaps, -o json, host-smaps.json",
        "--heap, -o csv, host.csv",
        "--heap, -o csv --heap, host-heap.csv",
        "'', -o table --system, host-host.table",
        "--heap, -o json --system, host-host.json",
        "'', -o csv --by exe, host-by-executable.csv",
        "'', -f celery, host-celery.table"
    })
    void fileAndHostGiveEqualReports(String writing, String reading, String expected)
            throws IOException {
        Path file = written(folder.resolve("x.psm"), words(writing));
        List<String> args = new ArrayList<>(List.of("--from", file.toString()));
        args.addAll(List.of(words(reading)));
        Command.Result result = psm(args.toArray(new String[0]));
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        assertEquals(
                Files.readString(Fixtures.HOST.resolveSibling(expected)),
                FormatsTest.stable(result.out()));
        args.set(1, "-");
        assertEquals(result.out(), Command.psm(args.toArray(new String[0])).from(file).run().out());
    }

    private static String[] words(String line) {
        return line.isEmpty() ? new String[0] : line.split(" ", -1);
    }

    @Test
    void unreadableFileGivesExitCodeTwo() throws IOException {
        Path json = Files.writeString(folder.resolve("x.json"), "{\"schema\":\"psm/1\"}\n");
        Path empty = Files.createFile(folder.resolve("empty"));
        assertProblem(
                folder.toString(),
                "this folder contains no snapshot, no recording and no output of a probe");
        assertProblem("/nowhere", "cannot be read: no such file or folder");
        assertProblem(json.toString(), NEITHER);
        assertProblem("/dev/zero", NEITHER);
        assertProblem(empty.toString(), "is empty: neither a snapshot nor a probe's output");
        assertProblem("-", "is empty: neither a snapshot nor a probe's output");
    }

    private static final String NEITHER =
            "is neither a snapshot nor a probe's output; 'psm -o snapshot' and 'psm probe | ssh"
                    + " HOST sudo sh' write one";

    private static void assertProblem(String file, String problem) {
        Command.Result result = psm("--from", file);
        assertEquals("psm: --from " + file + ": " + problem + "\n", result.err());
        assertEquals("", result.out());
        assertEquals(2, result.exitCode());
    }

    @Tag("endtoend")
    @Test
    void shortFifoAndEndlessStreamAreReported() throws IOException {
        Path file = written(folder.resolve("x.psm"));
        String psm = "'" + String.join("' '", Command.psm("--from", "-").words()) + "'";
        Command.Result cut = Command.of("sh", "-c", "head -c 1000 " + file + " | " + psm).run();
        assertEquals(2, cut.exitCode());
        assertTrue(cut.err().startsWith("psm: --from -: is cut: "), cut.err());
        Command.Result endless =
                Command.of("sh", "-c", "cat " + file + " /dev/zero | " + psm).run();
        assertEquals(
                "psm: --from -: has more than 16 MB, so it is not a snapshot\n", endless.err());
        assertEquals(2, endless.exitCode());
    }

    @Tag("endtoend")
    @Test
    void terminalIsNeitherReadNorWritten() throws IOException {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        for (String[] args : new String[][] {{"--from", "-"}, {"-o", "snapshot"}}) {
            String psm = "'" + String.join("' '", Command.psm(args).words()) + "'";
            Command.Result result = Command.of("script", "-qec", psm, "/dev/null").run();
            assertEquals(2, result.exitCode());
            assertTrue(
                    result.out().startsWith("psm: " + String.join(" ", args) + ": "), result.out());
        }
    }

    @Tag("endtoend")
    @Test
    void heapMissingInSnapshotIsRefused() throws IOException {
        Path file = written(folder.resolve("x.psm"));
        Command.Result result = psm("--from", file.toString(), "--heap");
        assertEquals(
                "psm: --heap: this snapshot was written without it; write it with 'psm --heap -o"
                        + " snapshot'\n",
                result.err());
        assertEquals(2, result.exitCode());
    }

    @Tag("endtoend")
    @Test
    void underSudoOnlyStandardInputIsRead() throws IOException {
        Path file = written(folder.resolve("x.psm"));
        Command.Result refused =
                Command.psm("--from", file.toString()).with("SUDO_UID", "65534").run();
        assertEquals(2, refused.exitCode());
        assertTrue(
                refused.err().startsWith("psm: --from " + file + ": run with sudo"), refused.err());
        Command.Result read = Command.psm("--from", "-").from(file).with("SUDO_UID", "65534").run();
        assertEquals("", read.err());
        assertEquals(0, read.exitCode());
    }

    /** Tests a file at the limits of a snapshot, and a report with as many names. */
    @Tag("endtoend")
    @Test
    void largestSnapshotFitsIntoTheHeap() throws IOException {
        List<ProcessMemory> processes = new ArrayList<>();
        for (int pid = 1; pid <= SnapshotFormat.MAX_PROCESSES; pid++) {
            long[] figures = new long[Usage.Field.values().length];
            Arrays.fill(figures, (1L << 42) + pid);
            ProcessMemory process = process(pid, pid + " \u65e5" + "x".repeat(20), figures);
            processes.add(withCommand(process, pid + "\u65e5" + "y".repeat(58)));
        }
        List<Unmeasured> unmeasured = new ArrayList<>();
        for (int i = 1; i <= SnapshotFormat.MAX_UNMEASURED; i++) {
            unmeasured.add(new Unmeasured(100_000 + i, null, FAILED, null));
        }
        Snapshot large = MadeUpSnapshot.of(processes, unmeasured);
        Path file = Files.write(folder.resolve("large.psm"), SnapshotWriter.write(large));
        assertTrue(Files.size(file) < SnapshotFormat.MAX_BYTES, Files.size(file) + " bytes");
        for (String format : List.of("table", "json", "csv", "snapshot")) {
            Path out = folder.resolve("out");
            Command.Result result =
                    Command.psm("--from", file.toString(), "-o", format).to(out).run();
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(result.err().startsWith("psm: not included: 65536 "), result.err());
        }
        assertEquals(-1, Files.mismatch(file, folder.resolve("out")));
    }
}
