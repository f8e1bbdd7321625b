package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.smaps.MappingTable;
import psm.smaps.Mappings;
import psm.support.Command;
import psm.text.Filter;
import psm.text.Missing;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

class ScannerTest {
    private static final long KB = 1024;
    private static final String MAPPING = "00400000-00452000 r-xp 00000000 08:02 173521     \n";

    /** The rest of stat, as it is once the process has called exec. */
    private static final String EXECED =
            " 0 0 18446744073709551615 94815856795648 94815856799709 140726150384384 0 0\n";

    @TempDir Path root;

    private Snapshot scan(Source source) throws IOException {
        return new Scanner(new ProcFs(root.toString()), ScanRequest.of(source)).scan(1);
    }

    private Path process(int pid, String file, String content) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        return Files.writeString(folder.resolve(file), content);
    }

    private void alive(int pid) throws IOException {
        process(pid, "stat", stat(pid, 'S', 100));
        process(pid, "cmdline", "program" + pid + "\0argument\0");
    }

    private static String stat(int pid, char state, int startTime) {
        return pid
                + " (comm) "
                + state
                + " 1 2 3 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 "
                + startTime
                + " 0 0\n";
    }

    @Test
    void smapsIsReadWithoutRollup() throws IOException {
        alive(5);
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        ProcessMemory process = scan(Source.AUTO).processes().get(0);
        assertEquals(3 * KB, process.usage().ram());
        assertEquals("program5", process.program().name());
        assertEquals(100, process.startTime());
        assertFalse(process.rollup());
    }

    @Test
    void smapsIsReadIfRollupIsEmpty() throws IOException {
        alive(5);
        process(5, "smaps_rollup", "");
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        assertEquals(3 * KB, scan(Source.AUTO).processes().get(0).usage().ram());
    }

    @Test
    void requestedSourceIsRead() throws IOException {
        alive(5);
        process(5, "smaps_rollup", MAPPING + "Pss: 4 kB\n");
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        assertEquals(4 * KB, scan(Source.AUTO).processes().get(0).usage().ram());
        assertEquals(4 * KB, scan(Source.ROLLUP).processes().get(0).usage().ram());
        assertEquals(3 * KB, scan(Source.SMAPS).processes().get(0).usage().ram());
    }

    @Test
    void processWithoutRequestedSourceFails() throws IOException {
        alive(5);
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        Unmeasured process = scan(Source.ROLLUP).unmeasured().get(0);
        assertEquals(Unmeasured.Reason.FAILED, process.reason());
        assertEquals("it has no smaps_rollup", process.detail());
    }

    @Test
    void malformedFileAffectsNoOtherProcess() throws IOException {
        alive(5);
        process(5, "smaps_rollup", MAPPING + "Pss: 99999999999999999999 kB\n");
        alive(6);
        process(6, "smaps_rollup", MAPPING + "Pss: 4 kB\n");
        Snapshot snapshot = scan(Source.AUTO);
        assertEquals(6, snapshot.processes().get(0).pid());
        Unmeasured failed = snapshot.unmeasured().get(0);
        assertEquals(5, failed.pid());
        assertEquals("program5", failed.program());
        assertTrue(
                failed.detail().contains("'Pss: 99999999999999999999 kB' (at byte 50)"),
                failed.detail());
    }

    /** An error inside of psm affects the process that it was reading, and no other. */
    @Test
    void internalErrorAffectsOneProcessOnly() throws IOException {
        alive(7);
        process(7, "smaps", MAPPING + "Pss: 3 kB\n");
        ProcFs proc = new ProcFs(root.toString());
        // Without AddressSpaces, reading a process with a stat fails.
        ProcessReader broken =
                new ProcessReader(proc, ScanRequest.of(Source.AUTO), null, null, null, 0, null);
        Unmeasured failed = (Unmeasured) broken.read(7);
        assertEquals(Unmeasured.Reason.FAILED, failed.reason());
        assertTrue(failed.detail().contains("NullPointerException"), failed.detail());
        Files.delete(root.resolve("7/stat"));
        assertTrue(broken.read(7) instanceof ProcessMemory);
    }

    @Test
    void treeWithoutStatIsMeasured() throws IOException {
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        ProcessMemory process = scan(Source.AUTO).processes().get(0);
        assertEquals(Missing.VALUE, process.startTime());
        assertEquals("?", process.program().name());
    }

    @Test
    void kernelThreadsAndZombiesAreNotCounted() throws IOException {
        process(5, "stat", "5 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 1 0 0\n");
        process(6, "stat", stat(6, 'Z', 100));
        Snapshot snapshot = scan(Source.AUTO);
        assertEquals(List.of(), snapshot.processes());
        assertEquals(List.of(), snapshot.unmeasured());
    }

    @Test
    void onlyProgramsFoundByFilterAreRead() throws IOException {
        alive(5);
        process(5, "smaps_rollup", "not to be read: Pss: x\n");
        alive(6);
        process(6, "smaps_rollup", MAPPING + "Pss: 4 kB\n");
        Scanner scanner =
                new Scanner(
                        new ProcFs(root.toString()),
                        ScanRequest.of(Source.AUTO)
                                .filtered(new Filter("--filter", Pattern.compile("m6$"))));
        Snapshot snapshot = scanner.scan(1);
        assertEquals(1, snapshot.processes().size());
        assertEquals(List.of(), snapshot.unmeasured());
    }

    @Test
    void processWithoutPermissionIsDenied() throws IOException {
        assumeFalse(new OwnProcess().isRoot(), "root may read everything");
        alive(5);
        for (String file : new String[] {"smaps", "smaps_rollup"}) {
            Path path = process(5, file, MAPPING);
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
        }
        assertEquals(Unmeasured.Reason.DENIED, scan(Source.AUTO).unmeasured().get(0).reason());
    }

    /** The process exits while the scan waits for a name in a pipe. */
    @Test
    void processExitingWhileReadHasVanished() throws Exception {
        Snapshot snapshot =
                whileItIsRead(
                        () -> {
                            for (String file : new String[] {"smaps_rollup", "stat", "cmdline"}) {
                                Files.delete(root.resolve("5").resolve(file));
                            }
                            Files.delete(root.resolve("5"));
                        });
        assertVanished(snapshot);
    }

    @Test
    void reusedPidIsNotMixedUp() throws Exception {
        Snapshot snapshot =
                whileItIsRead(
                        () -> {
                            Files.delete(root.resolve("5/smaps_rollup"));
                            process(5, "smaps", MAPPING + "Pss: 3 kB\n");
                            process(5, "stat", stat(5, 'S', 101));
                        });
        assertVanished(snapshot);
    }

    @Test
    void shortSmapsOfZombieIsNotUsed() throws Exception {
        Snapshot snapshot =
                whileItIsRead(
                        () -> {
                            Files.delete(root.resolve("5/smaps_rollup"));
                            process(5, "smaps", MAPPING + "Pss: 3 kB\n");
                            process(5, "stat", stat(5, 'Z', 100));
                        });
        assertVanished(snapshot);
    }

    @Test
    void smapsOfExitingProcessIsNotUsed() throws Exception {
        Snapshot snapshot =
                whileItIsRead(
                        () -> {
                            Files.delete(root.resolve("5/smaps_rollup"));
                            process(5, "smaps", MAPPING + "Pss: 3 kB\n");
                            process(5, "stat", stat(5, 'R', 100).replace(" 4194304 ", " 4194308 "));
                        });
        assertVanished(snapshot);
    }

    /** A process that becomes another program while it is read has the figures of the new one. */
    @Test
    void processIsReadAgainAfterExec() throws Exception {
        Snapshot snapshot =
                whileItIsRead(
                        () -> {
                            process(5, "stat", stat(5, 'S', 100).replace(" 0 0\n", EXECED));
                            process(5, "smaps_rollup", MAPPING + "Pss: 7 kB\n");
                            Files.delete(root.resolve("5/cmdline"));
                            process(5, "cmdline", "another\0");
                        });
        assertEquals("another", snapshot.processes().get(0).program().name());
        assertEquals(7 * KB, snapshot.processes().get(0).usage().ram());
        assertEquals(List.of(), snapshot.unmeasured());
    }

    /** The sums include nothing of the first program, and the second one only once. */
    @Test
    void mappingsAfterExecAreReadAgain() throws Exception {
        alive(5);
        CompletableFuture<Snapshot> scan = scanOfMappings(5, 10);
        Path smaps = root.resolve("5/smaps");
        try (OutputStream first = Files.newOutputStream(smaps)) { // waits for the reader
            first.write(ascii(mapping("/old") + "Pss: 9 kB\n" + mapping("/older")));
            process(5, "stat", stat(5, 'S', 100).replace(" 0 0\n", EXECED));
            Files.delete(smaps);
            Files.writeString(smaps, mapping("/new") + "Pss: 7 kB\n");
        }
        Snapshot snapshot = scan.get();
        assertEquals(7 * KB, snapshot.processes().get(0).usage().ram());
        assertHasOnly("/new", 7 * KB, snapshot.mappings());
    }

    /** The part that was read before the timeout is in no sum. */
    @Test
    void mappingsOfStuckProcessAreLeftOut() throws Exception {
        alive(5);
        alive(6);
        process(6, "smaps", mapping("/a") + "Pss: 7 kB\n");
        CompletableFuture<Snapshot> scan = scanOfMappings(5, 1);
        try (OutputStream pipe = Files.newOutputStream(root.resolve("5/smaps"))) {
            pipe.write(ascii(mapping("/b") + "Pss: 9 kB\n" + mapping("/c")));
            Snapshot snapshot = scan.get();
            assertEquals(Unmeasured.Reason.STUCK, snapshot.unmeasured().get(0).reason());
            assertHasOnly("/a", 7 * KB, snapshot.mappings());
        }
    }

    /** A million mappings take longer than the timeout, but reading makes progress. */
    @Test
    void smapsInProgressIsNotStuck() throws Exception {
        alive(5);
        CompletableFuture<Snapshot> scan = scanOfMappings(5, 1);
        try (OutputStream pipe = Files.newOutputStream(root.resolve("5/smaps"))) {
            for (int i = 0; i < 6; i++) {
                pipe.write(ascii(mapping("/a") + "Pss: 1 kB\n"));
                Thread.sleep(300);
            }
        }
        Snapshot snapshot = scan.get();
        assertEquals(List.of(), snapshot.unmeasured());
        assertHasOnly("/a", 6 * KB, snapshot.mappings());
    }

    private static void assertHasOnly(String name, long ram, Mappings mappings) {
        assertEquals(2, mappings.names());
        assertEquals(name, mappings.name(1));
        assertEquals(ram, mappings.ofName(1)[Mappings.Figure.PSS.ordinal()]);
        assertEquals(0, mappings.ofName(MappingTable.OTHERS)[Mappings.Figure.MAPPINGS.ordinal()]);
    }

    private static String mapping(String name) {
        return MAPPING.replace("  \n", name + "\n");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The smaps of the process is a pipe, for which the scan waits. */
    private CompletableFuture<Snapshot> scanOfMappings(int pid, int seconds) throws IOException {
        Path smaps = root.resolve(pid + "/smaps");
        assertEquals(0, Command.of("mkfifo", smaps.toString()).run().exitCode());
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .withMappings()
                        .within(TimeUnit.SECONDS.toNanos(seconds), 0);
        CompletableFuture<Snapshot> snapshot = new CompletableFuture<>();
        Thread scan =
                new Thread(
                        () -> {
                            try {
                                ProcFs proc = new ProcFs(root.toString());
                                snapshot.complete(new Scanner(proc, request).scan(2));
                            } catch (IOException e) {
                                snapshot.completeExceptionally(e);
                            }
                        });
        scan.start();
        return snapshot;
    }

    @Test
    void withoutMainThreadAnotherIsRead() throws IOException {
        process(5, "stat", stat(5, 'Z', 100).replace(" 20 0 1 0 ", " 20 0 4 0 "));
        process(5, "smaps", "");
        thread(5, 5, 'Z', 1);
        thread(5, 6, 'Z', 2);
        thread(5, 7, 'S', 3);
        Snapshot snapshot = scan(Source.AUTO);
        ProcessMemory process = snapshot.processes().get(0);
        assertEquals(3 * KB, process.usage().ram());
        assertEquals("thread7", process.program().name());
        assertEquals(100, process.startTime());
        assertEquals(1, snapshot.processes().size());
    }

    @Test
    void exitingThreadIsNotReadAt() throws IOException {
        process(5, "stat", stat(5, 'Z', 100).replace(" 20 0 1 0 ", " 20 0 3 0 "));
        thread(5, 6, 'R', 2);
        Path exiting = root.resolve("5/task/6/stat");
        Files.writeString(exiting, Files.readString(exiting).replace(" 4194304 ", " 4194308 "));
        thread(5, 7, 'S', 3);
        assertEquals(3 * KB, scan(Source.AUTO).processes().get(0).usage().ram());
    }

    /** The process may start new threads at any time; it has not exited and is not a zombie. */
    @Test
    void processWithoutReadableThreadFails() throws IOException {
        process(5, "stat", stat(5, 'Z', 100).replace(" 20 0 1 0 ", " 20 0 2 0 "));
        Files.createDirectories(root.resolve("5/task/6"));
        Unmeasured process = scan(Source.AUTO).unmeasured().get(0);
        assertEquals(Unmeasured.Reason.FAILED, process.reason());
        assertEquals("it was another program each time psm read it", process.detail());
    }

    @Test
    void smapsReplacesAnUnreadableRollup() throws IOException {
        alive(5);
        Files.createDirectories(root.resolve("5/smaps_rollup"));
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        assertEquals(3 * KB, scan(Source.AUTO).processes().get(0).usage().ram());
    }

    @Test
    void runningProcessWithoutMemoryFails() throws IOException {
        alive(5);
        process(5, "smaps_rollup", "");
        process(5, "smaps", "");
        Unmeasured process = scan(Source.AUTO).unmeasured().get(0);
        assertEquals(Unmeasured.Reason.FAILED, process.reason());
        assertEquals("its smaps is empty", process.detail());
    }

    @Test
    void hostIsSkippedTooIfItBlocks() throws IOException {
        alive(5);
        process(5, "smaps", MAPPING + "Pss: 3 kB\n");
        Command.of("mkfifo", root.resolve("meminfo").toString()).run();
        Snapshot snapshot = scan(Source.AUTO);
        assertEquals(1, snapshot.processes().size());
        assertEquals(Missing.VALUE, snapshot.host().memory().bytes("MemTotal"));
    }

    @Test
    void processWithoutLivingThreadsIsAZombie() throws IOException {
        process(5, "stat", stat(5, 'Z', 100).replace(" 20 0 1 0 ", " 20 0 2 0 "));
        thread(5, 5, 'Z', 1);
        thread(5, 6, 'Z', 2);
        Snapshot snapshot = scan(Source.AUTO);
        assertEquals(List.of(), snapshot.processes());
        assertEquals(List.of(), snapshot.unmeasured());
    }

    private void thread(int pid, int tid, char state, int kb) throws IOException {
        Path folder = Files.createDirectories(root.resolve(pid + "/task/" + tid));
        Files.writeString(folder.resolve("stat"), stat(tid, state, 200 + tid));
        Files.writeString(folder.resolve("cmdline"), "thread" + tid + "\0");
        Files.writeString(folder.resolve("smaps_rollup"), MAPPING + "Pss: " + kb + " kB\n");
    }

    @Test
    void onlyTheHeapIsFromSmaps() throws IOException {
        alive(5);
        process(5, "smaps_rollup", MAPPING + "Pss: 9 kB\n");
        process(5, "smaps", MAPPING.replace("     \n", " [heap]\n") + "Pss: 4 kB\n");
        ScanRequest heap = ScanRequest.of(Source.AUTO).withHeap(true);
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), heap).scan(1);
        assertEquals(9 * KB, snapshot.processes().get(0).usage().ram());
        assertEquals(4 * KB, snapshot.processes().get(0).usage().heap);
        assertTrue(snapshot.processes().get(0).rollup());
    }

    /** smaps is read only up to the heap, and the piece with the heap may end anywhere. */
    @Test
    void heapMaySpanTwoPieces() throws IOException {
        String heap = MAPPING.replace("     \n", " [heap]\n");
        String entry = heap + "Pss:                   4 kB\nPrivate_Clean:         4 kB\n";
        alive(5);
        process(5, "smaps_rollup", MAPPING + "Pss: 9 kB\n");
        ScanRequest request = ScanRequest.of(Source.AUTO).withHeap(true);
        for (int length = 3_700; length < 4_096; length++) {
            String first = MAPPING.replace("     \n", " /" + "x".repeat(length) + "\n");
            String more = MAPPING + "Pss:                   1 kB\nPrivate_Clean:         1 kB\n";
            process(5, "maps", first + heap + heap + MAPPING);
            process(5, "smaps", first + "Pss:  1 kB\n" + entry + entry + more.repeat(4));
            Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
            assertEquals(List.of(), snapshot.unmeasured(), "" + length);
            assertEquals(8 * KB, snapshot.processes().get(0).usage().heap, "" + length);
        }
        process(5, "maps", "");
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
        assertEquals(8 * KB, snapshot.processes().get(0).usage().heap);
    }

    /** Reading a pipe without a writer blocks, as reading a stuck process does. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void blockedReadIsSkippedAfterTheTimeout(int workers) throws IOException {
        for (int pid = 1; pid <= 9; pid++) {
            alive(pid);
            process(pid, "smaps_rollup", MAPPING + "Pss: 3 kB\n");
        }
        for (int pid : new int[] {2, 7}) {
            Path pipe = root.resolve(pid + "/smaps_rollup");
            Files.delete(pipe);
            assertEquals(0, Command.of("mkfifo", pipe.toString()).run().exitCode());
        }
        Snapshot snapshot =
                new Scanner(new ProcFs(root.toString()), ScanRequest.of(Source.AUTO)).scan(workers);
        assertEquals(7, snapshot.processes().size());
        assertEquals(
                List.of(
                        new Unmeasured(2, "program2", Unmeasured.Reason.STUCK, null),
                        new Unmeasured(7, "program7", Unmeasured.Reason.STUCK, null)),
                snapshot.unmeasured());
    }

    @Test
    void copyOfProcWithoutPid1HidesNothing() throws IOException {
        alive(5);
        assertFalse(scan(Source.AUTO).run().hidden());
    }

    private static void assertVanished(Snapshot snapshot) {
        assertEquals(List.of(), snapshot.processes());
        assertEquals(1, snapshot.unmeasured().size());
        assertEquals(Unmeasured.Reason.VANISHED, snapshot.unmeasured().get(0).reason());
        assertNull(snapshot.unmeasured().get(0).detail());
    }

    private interface Change {
        void happen() throws IOException;
    }

    private Snapshot whileItIsRead(Change change) throws Exception {
        alive(5);
        process(5, "smaps_rollup", MAPPING + "Pss: 3 kB\n");
        Path pipe = root.resolve("5/cmdline");
        Files.delete(pipe);
        assertEquals(0, Command.of("mkfifo", pipe.toString()).run().exitCode());
        CompletableFuture<Snapshot> snapshot = new CompletableFuture<>();
        Thread scan =
                new Thread(
                        () -> {
                            try {
                                snapshot.complete(scan(Source.AUTO));
                            } catch (IOException e) {
                                snapshot.completeExceptionally(e);
                            }
                        });
        scan.start();
        try (OutputStream name = Files.newOutputStream(pipe)) { // waits for the reader
            change.happen();
            name.write("program5".getBytes(StandardCharsets.US_ASCII));
        }
        return snapshot.get();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 50})
    void anyNumberOfWorkersReadsTheSame(int workers) throws IOException {
        for (int pid = 1; pid <= 40; pid++) {
            alive(pid);
            process(pid, "smaps_rollup", MAPPING + "Pss: " + pid + " kB\n");
        }
        Snapshot snapshot =
                new Scanner(new ProcFs(root.toString()), ScanRequest.of(Source.AUTO)).scan(workers);
        assertEquals(40, snapshot.processes().size());
        for (int i = 0; i < 40; i++) {
            assertEquals(i + 1, snapshot.processes().get(i).pid());
            assertEquals((i + 1) * KB, snapshot.processes().get(i).usage().ram());
        }
        if (workers > 0) {
            assertEquals(Math.min(workers, 40), snapshot.run().workers());
        }
    }
}
