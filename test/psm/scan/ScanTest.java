package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.Host;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.support.Command;
import psm.text.Filter;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Tests a scan of processes that block for a while: their files are pipes. The tests run in threads
 * of their own with a timeout, since no interrupt ends the opening of a pipe.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ScanTest {
    private static final long KB = 1024;

    @TempDir Path root;

    private Set<Thread> others;

    @BeforeEach
    void rememberThreadsOfOtherTests() {
        others = workers();
    }

    /** Returns all living workers, including those that are stuck forever. */
    private static Set<Thread> workers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("psm-worker"))
                .collect(Collectors.toSet());
    }

    private List<Thread> ownWorkers() {
        List<Thread> own = new ArrayList<>(workers());
        own.removeAll(others);
        return own;
    }

    private void process(int pid) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        Files.writeString(folder.resolve("cmdline"), "program" + pid + "\0");
        Files.writeString(folder.resolve("smaps"), smaps(pid));
    }

    private static String smaps(int pid) {
        return "00400000-00452000 r-xp 00000000 08:02 173521     \nPss: " + pid + " kB\n";
    }

    private Path pipe(String file) throws IOException {
        Path pipe = root.resolve(file);
        Files.deleteIfExists(pipe);
        assertEquals(0, Command.of("mkfifo", pipe.toString()).run().exitCode());
        return pipe;
    }

    private Scan scan(int... pids) {
        return new Scan(new ProcFs(root.toString()), ScanRequest.of(Source.AUTO), pids, 0);
    }

    private static CompletableFuture<Integer> start(Scan scan, int workers) {
        CompletableFuture<Integer> running = new CompletableFuture<>();
        Thread thread = new Thread(() -> running.complete(scan.readAll(workers)), "scan");
        thread.setDaemon(true);
        thread.start();
        return running;
    }

    /**
     * A thread that gets its answer too late must not set the result again, since the scan would
     * then not wait for another process; and it must not take another job, since its results are
     * ignored.
     */
    @Test
    void lateResultOfSkippedProcessChangesNothing() throws Exception {
        for (int pid = 1; pid <= 5; pid++) {
            process(pid);
        }
        Path first = pipe("1/smaps");
        Path second = pipe("2/smaps");
        Path third = pipe("3/smaps");
        Scan scan = scan(1, 2, 3, 4, 5);
        CompletableFuture<Integer> end = start(scan, 1);
        awaitWorkers(1);
        Thread lost = ownWorkers().get(0);
        // Each pipe waits for its reader; the others have one only if the first process was
        // skipped.
        try (OutputStream last = Files.newOutputStream(third)) {
            try (OutputStream next = Files.newOutputStream(second)) {
                try (OutputStream late = Files.newOutputStream(first)) {
                    late.write(smaps(1).getBytes(US_ASCII));
                }
                lost.join();
                next.write(smaps(2).getBytes(US_ASCII));
            }
            awaitWorkers(1);
            TimeUnit.NANOSECONDS.sleep(2 * Scan.TICK_NANOS);
            assertFalse(end.isDone(), "one process has not answered yet");
            last.write(smaps(3).getBytes(US_ASCII));
        }
        assertEquals(1, end.get());
        assertSaw(scan, List.of(1), List.of(2, 3, 4, 5));
    }

    /** Waits until a number of workers live. */
    private void awaitWorkers(int count) throws InterruptedException {
        while (ownWorkers().size() != count) {
            Thread.sleep(1);
        }
    }

    private static void assertSaw(Scan scan, List<Integer> stuck, List<Integer> pids) {
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        List<Unmeasured> expected = new ArrayList<>();
        for (int pid : stuck) {
            expected.add(new Unmeasured(pid, "program" + pid, Unmeasured.Reason.STUCK, null));
        }
        assertEquals(expected, unmeasured);
        assertEquals(pids, measured.stream().map(ProcessMemory::pid).toList());
        for (ProcessMemory process : measured) {
            assertEquals(process.pid() * KB, process.usage().ram());
        }
        assertEquals(pids.size(), scan.slowest(pids.size() + stuck.size(), 0).size());
    }

    /** A late result must not change a report that is being made. */
    @Test
    void resultAfterTheScanIsIgnored() throws Exception {
        process(1);
        process(2);
        Path smaps = pipe("1/smaps");
        pipe("meminfo"); // which is not read, since it may block
        Scan scan = scan(1, 2);
        CompletableFuture<Integer> end = start(scan, 2);
        try (OutputStream process = Files.newOutputStream(smaps)) {
            assertEquals(2, end.get());
            assertSaw(scan, List.of(1), List.of(2));
            process.write(smaps(1).getBytes(US_ASCII));
        }
        awaitWorkers(0);
        assertSaw(scan, List.of(1), List.of(2));
        assertEquals(Host.UNKNOWN, scan.host());
    }

    @Test
    void withoutThreadsProcessesAreNamed() throws IOException {
        process(1);
        process(2);
        Files.writeString(root.resolve("2/stat"), stat(2, "worker", 0x400000));
        process(3);
        pipe("3/stat");
        process(4);
        Files.writeString(root.resolve("4/stat"), stat(4, "kthreadd", 0x200000));
        ScanRequest request = ScanRequest.of(Source.AUTO).within(Scan.TICK_NANOS, 0);
        Scan scan =
                new Scan(new ProcFs(root.toString()), request, new int[] {1, 2, 3, 4}, 0) {
                    @Override
                    boolean start(Thread thread) {
                        return false;
                    }
                };
        assertEquals(0, scan.readAll(2));
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(new ArrayList<>(), unmeasured);
        assertEquals(List.of(1, 2, 3), unmeasured.stream().map(Unmeasured::pid).toList());
        assertEquals("worker", unmeasured.get(1).program());
        for (Unmeasured process : unmeasured) {
            assertEquals("no thread could be started to read it", process.detail());
        }
    }

    private static String stat(int pid, String comm, int flags) {
        return pid
                + " ("
                + comm
                + ") S 1 2 3 0 -1 "
                + flags
                + " 58 0 0 0 0 0 0 0 20 0 1 0 100 0 0\n";
    }

    /** The thread that only waits must not read them: it would wait for ever. */
    @Test
    void pipesBlockNotTheWaitingThread() throws IOException {
        process(1);
        Files.writeString(root.resolve("1/stat"), stat(1, "program1", 0x400000));
        process(2);
        pipe("2/stat");
        Selection.Rule rule = new Selection.Rule(Selection.By.ANCESTOR, Set.of("1"), false);
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .within(Scan.TICK_NANOS, 0)
                        .of(new Selection(List.of(rule)));
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
        assertEquals(1, snapshot.processes().size());
    }

    /** Each process is within its timeout, but all of them together take too long. */
    @Test
    void unreadProcessesFailAtTheTimeLimit() throws Exception {
        process(1);
        Files.writeString(root.resolve("meminfo"), "MemTotal: 5 kB\n");
        List<Path> pipes = new ArrayList<>();
        for (int pid = 2; pid <= 5; pid++) {
            process(pid);
            pipes.add(pipe(pid + "/smaps"));
        }
        ScanRequest request =
                ScanRequest.of(Source.AUTO).within(Long.MAX_VALUE, 0).within(5 * Scan.TICK_NANOS);
        Scan scan = new Scan(new ProcFs(root.toString()), request, new int[] {1, 2, 3, 4, 5}, 0);
        assertEquals(2, scan.readAll(2));
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        assertEquals(List.of(1), measured.stream().map(ProcessMemory::pid).toList());
        assertEquals(List.of(2, 3, 4, 5), unmeasured.stream().map(Unmeasured::pid).toList());
        for (Unmeasured process : unmeasured) {
            assertEquals(Unmeasured.Reason.FAILED, process.reason());
            assertEquals("the time limit of the scan was reached", process.detail());
        }
        assertEquals("program2", unmeasured.get(0).program(), "it had begun");
        assertEquals(5 * KB, scan.host().memory().bytes("MemTotal"), "the host comes first");
        for (Path pipe : pipes) {
            Files.newOutputStream(pipe).close(); // lets its reader go
        }
    }

    /** Makes processes that block until {@link #answer} is called. */
    private void stuckProcesses(int from, int to) throws IOException {
        Path pipe = pipe("pipe");
        for (int pid = from; pid <= to; pid++) {
            process(pid);
            Path smaps = root.resolve(pid + "/smaps");
            Files.delete(smaps);
            Files.createSymbolicLink(smaps, pipe);
        }
    }

    private void answer() throws IOException {
        Files.newOutputStream(root.resolve("pipe")).close();
    }

    private List<Integer> measuredIn(int ticks, int... pids) throws Exception {
        ScanRequest request = ScanRequest.of(Source.AUTO).within(ticks * Scan.TICK_NANOS);
        Scan scan = new Scan(new ProcFs(root.toString()), request, pids, 0);
        scan.readAll(1);
        List<ProcessMemory> measured = new ArrayList<>();
        scan.collect(measured, new ArrayList<>());
        answer();
        return measured.stream().map(ProcessMemory::pid).toList();
    }

    /** One after the other, they would take more than a minute. */
    @Test
    void stuckProcessesTakeNoTimeOfTheOthers() throws Exception {
        stuckProcesses(1, 40);
        process(41);
        assertEquals(List.of(41), measuredIn(30, IntStream.rangeClosed(1, 41).toArray()));
    }

    /** There are too many to begin them all within the time limit. */
    @Test
    void stuckProcessesOfOneUserHideNoneOfOthers() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can make files of other users");
        stuckProcesses(1, 600);
        for (int pid = 1; pid <= 600; pid++) {
            Files.setAttribute(root.resolve("" + pid), "unix:uid", 65534);
        }
        process(601);
        assertEquals(List.of(601), measuredIn(30, IntStream.rangeClosed(1, 601).toArray()));
    }

    /** The arguments of a process are in its memory, so that reading them may block too. */
    @Test
    void stuckProcessHasTheKernelsName() throws Exception {
        process(1);
        Files.writeString(root.resolve("1/stat"), stat(1, "worker", 0x400000));
        Path cmdline = pipe("1/cmdline");
        ScanRequest request =
                ScanRequest.of(Source.AUTO).within(Scan.TICK_NANOS, 0).with(Set.of(Detail.NAMES));
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
        assertEquals(1, snapshot.unmeasured().size());
        assertEquals("worker", snapshot.unmeasured().get(0).program());
        Filter filter = new Filter("-f", Pattern.compile("celery"));
        assertEquals(1, snapshot.filtered(filter).unmeasured().size(), "its title may match");
        Files.newOutputStream(cmdline).close();
    }
}
