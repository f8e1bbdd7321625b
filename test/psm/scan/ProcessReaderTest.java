package psm.scan;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.endtoend.KnownProcessesTest;
import psm.proc.ProcFs;
import psm.smaps.Usage;
import psm.support.Command;
import psm.support.Shapes;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Tests a reader with many processes, one after the other, and with processes that change while it
 * reads them.
 */
class ProcessReaderTest {
    private static final long KB = 1024;
    private static final long MB = KB * KB;

    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "reader-" + ProcessHandle.current().pid();

    /** Enough processes to notice a missing check. */
    private static final int READS = 6_000;

    /** The number of real processes to start. */
    private static final int STARTED = 4_000;

    private static final Pattern STARTS_ALONE = Pattern.compile("^starts$");

    private static final ProcFs PROC = new ProcFs("/proc");

    @TempDir Path root;

    private void process(int pid, String file, String content) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        Files.writeString(folder.resolve("cmdline"), "program" + pid + "\0");
        Files.writeString(folder.resolve(file), content);
    }

    /** Each letter is a process, by pid: e for estimated, m for measured. */
    @ParameterizedTest
    @ValueSource(strings = {"em", "me", "eee", "eemm", "mmee", "emem", "meme"})
    void figuresOfProcessesAreNotMixedUp(String kinds) throws IOException {
        for (int pid = 1; pid <= kinds.length(); pid++) {
            if (kinds.charAt(pid - 1) == 'e') {
                toBeEstimated(pid);
            } else {
                toBeMeasured(pid);
            }
        }
        ScanRequest request = ScanRequest.of(Source.AUTO).within(60_000_000_000L, 1);
        Snapshot snapshot = new Scanner(new ProcFs(root.toString()), request).scan(1);
        assertEquals(List.of(), snapshot.unmeasured());
        assertEquals(kinds.length(), snapshot.processes().size());
        for (ProcessMemory process : snapshot.processes()) {
            assertEquals("program" + process.pid(), process.program().name());
            if (kinds.charAt(process.pid() - 1) == 'e') {
                assertEstimated(process);
            } else {
                assertMeasured(process);
            }
        }
    }

    /**
     * Adds a process whose smaps must not be read. Every second one has a line of swap, after so
     * many groups that the status of the others is shorter, or that it is not in the first piece.
     */
    private void toBeEstimated(int pid) throws IOException {
        process(pid, "smaps", "not to be read: Pss: x\n");
        boolean hasSwap = pid % 2 == 0;
        process(
                pid,
                "status",
                (hasSwap ? "Groups:\t" + "65534 ".repeat(pid == 2 ? 400 : 1_000) + "\n" : "")
                        + ("VmRSS:\t" + pid + "000 kB\nVmPTE:\t" + pid + " kB\n")
                        + (hasSwap ? "VmSwap:\t" + pid + "00 kB\n" : ""));
    }

    private static void assertEstimated(ProcessMemory process) {
        int pid = process.pid();
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.RSS.ordinal()] = 1_000 * KB * pid;
        sums[Usage.Field.SWAP_PSS.ordinal()] = pid % 2 == 0 ? 100 * KB * pid : Missing.VALUE;
        assertUsage(sums, Missing.VALUE, 0, process);
        assertTrue(process.isEstimated());
        assertEquals(1_000 * KB * pid, process.usage().ram());
    }

    /** Adds a process. Every second one has more lines, two more mappings, and a status. */
    private void toBeMeasured(int pid) throws IOException {
        String mapping = "00400000-00452000 r-xp 00000000 08:02 173521     \n";
        String smaps = mapping + "Pss: " + pid + " kB\n";
        if (pid % 2 == 0) {
            process(pid, "status", "VmRSS:\t7 kB\nVmPTE:\t0 kB\nVmSwap:\t7 kB\n");
            smaps += "Rss: " + 2 * pid + " kB\nShared_Clean: 5 kB\nSwap: 9 kB\nSwapPss: 8 kB\n";
            smaps += mapping.replace("     \n", " [heap]\n") + "Pss: " + pid + " kB\n" + mapping;
        }
        process(pid, "smaps", smaps);
    }

    private static void assertMeasured(ProcessMemory process) {
        int pid = process.pid();
        boolean hasMore = pid % 2 == 0;
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.PSS.ordinal()] = (hasMore ? 2 : 1) * KB * pid;
        if (hasMore) {
            sums[Usage.Field.RSS.ordinal()] = 2 * KB * pid;
            sums[Usage.Field.SHARED_CLEAN.ordinal()] = 5 * KB;
            sums[Usage.Field.SWAP.ordinal()] = 9 * KB;
            sums[Usage.Field.SWAP_PSS.ordinal()] = 8 * KB;
        }
        assertUsage(sums, hasMore ? pid * KB : 0, hasMore ? 3 : 1, process);
        assertFalse(process.isEstimated());
    }

    private static void assertUsage(long[] sums, long heap, int mappings, ProcessMemory process) {
        Usage usage = process.usage();
        String what = "pid " + process.pid();
        assertArrayEquals(sums, usage.sums, what);
        assertEquals(heap, usage.heap, what);
        assertEquals(mappings, usage.mappings, what);
        assertFalse(process.rollup(), what);
    }

    /** The process that was started first usually has the lower pid, and is read first. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void realProcessesAreEstimatedOrMeasured(boolean isLargeFirst) throws Exception {
        Path program = Shapes.compile(root, NAME);
        try (Shapes first = Shapes.start(program, "sleep", isLargeFirst ? "100" : "8");
                Shapes second = Shapes.start(program, "sleep", isLargeFirst ? "8" : "100")) {
            // 100 MB have at least 200 kB of page tables, which take 360 microseconds.
            Pattern ours = Pattern.compile("^" + NAME + "$");
            ScanRequest request =
                    ScanRequest.of(Source.AUTO)
                            .filtered(new Filter("--filter", ours))
                            .within(60_000_000_000L, 200_000);
            Snapshot snapshot = new Scanner(new ProcFs("/proc"), request).scan(1);
            long large = (isLargeFirst ? first : second).fact("pid");
            long small = (isLargeFirst ? second : first).fact("pid");
            assertEquals(4, snapshot.processes().size(), "two and their controllers");
            for (ProcessMemory process : snapshot.processes()) {
                Usage usage = process.usage();
                assertEquals(process.pid() == large, usage.isEstimated());
                assertEquals(process.pid() == large, usage.shared() == Missing.VALUE);
                long mb = process.pid() == large ? 100 : process.pid() == small ? 8 : 0;
                assertTrue(mb * MB <= usage.ram() && usage.ram() < (mb + 4) * MB, mb + " MB");
            }
        }
    }

    static List<ScanRequest> requests() {
        ScanRequest auto = ScanRequest.of(Source.AUTO);
        return List.of(
                auto,
                auto.named(false, false),
                auto.withHeap(true),
                ScanRequest.of(Source.AUTO)
                        .filtered(new Filter("--filter", Pattern.compile("^(little|much)$"))),
                ScanRequest.of(Source.ROLLUP),
                ScanRequest.of(Source.SMAPS));
    }

    /**
     * The process becomes the other program thousands of times a second, and so during many looks.
     * (If another program reads the same process at the same moment, a mixture is possible: a
     * second reader caused one in ten thousand looks.)
     */
    @Tag("endtoend")
    @ParameterizedTest
    @MethodSource("requests")
    void nameAndMemoryBelongToOneProgram(ScanRequest request) throws Exception {
        Path little = Shapes.compile("execs.c", root, "little");
        Path much = Files.copy(little, root.resolve("much"), StandardCopyOption.COPY_ATTRIBUTES);
        String path = little.toString();
        Process process = new ProcessBuilder(path, path, much.toString()).start();
        try {
            ProcFs proc = new ProcFs("/proc");
            AddressSpaces addressSpaces = new AddressSpaces(proc);
            ProcessReader reader =
                    new ProcessReader(proc, request, addressSpaces, null, null, 0, null);
            Map<String, Integer> seen = new TreeMap<>();
            for (int i = 0; i < READS; i++) {
                seen.merge(inWords(reader.read((int) process.pid())), 1, Integer::sum);
            }
            assertTrue(process.isAlive(), () -> "it exited with " + process.exitValue());
            List<String> right = List.of("little has little", "much has much");
            assertTrue(seen.keySet().containsAll(right), seen.toString());
            seen.keySet().removeAll(right);
            // The result after too many looks.
            seen.remove("it was another program each time psm read it");
            assertEquals(Map.of(), seen);
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    /**
     * Until it calls exec, a process has the memory of its parent, which must not be counted a
     * second time under the name of the process.
     */
    @Tag("endtoend")
    @ParameterizedTest
    @ValueSource(strings = {"", "setarch -R "})
    void startingProcessHasNoMemoryOfParent(String wrapper) throws Exception {
        KnownProcessesTest.assumeFramesAreVisible();
        ScanRequest request = ScanRequest.of(Source.AUTO);
        lookAtStarted(
                wrapper,
                "vfork",
                (parent, child) -> {
                    AddressSpaces addressSpaces = new AddressSpaces(PROC);
                    ProcessReader reader = reader(request, addressSpaces);
                    List<ProcessMemory> measured = new ArrayList<>();
                    for (int pid : new int[] {parent, child}) {
                        if (reader.read(pid) instanceof ProcessMemory memory) {
                            measured.add(memory);
                        }
                    }
                    addressSpaces.countOnce(measured);
                    for (ProcessMemory memory : measured) {
                        boolean isOwn = memory.addressSpace() == memory.pid();
                        boolean isMuch = memory.usage().ram() >= 16 * MB;
                        assertTrue(memory.pid() == parent || !isOwn || !isMuch, memory.toString());
                    }
                });
    }

    /** The child may have the lower pid, and call exec before its parent is read. */
    @Tag("endtoend")
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void childReadBeforeItsParentCountsOnce(boolean isCountedNow) throws Exception {
        KnownProcessesTest.assumeFramesAreVisible();
        lookAtStarted(
                "",
                "vfork",
                (parent, child) -> {
                    AddressSpaces addressSpaces = new AddressSpaces(PROC);
                    ProcessReader reader = reader(ScanRequest.of(Source.AUTO), addressSpaces);
                    List<ProcessMemory> measured = new ArrayList<>();
                    for (int pid : new int[] {child, parent}) {
                        if (reader.read(pid) instanceof ProcessMemory memory) {
                            int space = isCountedNow ? addressSpaces.countNow(pid) : pid;
                            measured.add(memory.countedUnder(space));
                        }
                    }
                    if (!isCountedNow) {
                        addressSpaces.countOnce(measured);
                    }
                    long ram = 0;
                    for (ProcessMemory memory : measured) {
                        ram += memory.isCounted() ? memory.usage().ram() : 0;
                    }
                    assertTrue(16 * MB <= ram && ram < 24 * MB, measured.toString());
                });
    }

    static List<ScanRequest> requestsForNames() {
        ScanRequest auto = ScanRequest.of(Source.AUTO);
        return List.of(
                auto,
                auto.named(false, false),
                auto.filtered(new Filter("--filter", STARTS_ALONE)));
    }

    /** A process that called exec during a look was a fork before, and looked like its parent. */
    @Tag("endtoend")
    @ParameterizedTest
    @MethodSource("requestsForNames")
    void forkIsNotNamedAfterAnother(ScanRequest request) throws Exception {
        AddressSpaces addressSpaces = new AddressSpaces(PROC);
        ProcessReader reader = reader(request, addressSpaces);
        int own = (int) ProcessHandle.current().pid();
        lookAtStarted(
                "",
                "fork",
                (parent, child) -> {
                    reader.read(own); // what it knows is of neither
                    reader.read(child);
                    ReadResult seen = reader.read(parent);
                    assertTrue(seen instanceof ProcessMemory, seen.toString());
                    assertEquals("starts", ((ProcessMemory) seen).program().name());
                });
    }

    private static ProcessReader reader(ScanRequest request, AddressSpaces addressSpaces) {
        return new ProcessReader(PROC, request, addressSpaces, null, null, 0, null);
    }

    private interface Look {
        void at(int parent, int child) throws Exception;
    }

    /** Looks at each of many processes that a parent starts. */
    private void lookAtStarted(String wrapper, String by, Look look) throws Exception {
        assumeTrue(
                wrapper.isEmpty() || Command.of("sh", "-c", wrapper + "true").run().exitCode() == 0,
                "there is no setarch -R, or it is not permitted");
        String path = Shapes.compile("starts.c", root, "starts").toString();
        String command = wrapper + path + " " + root.resolve("other") + " 16 " + by;
        Files.copy(Path.of(path), root.resolve("other"), StandardCopyOption.COPY_ATTRIBUTES);
        Process process = new ProcessBuilder(command.split(" ", -1)).start();
        try {
            int parent = Integer.parseInt(process.inputReader().readLine());
            String children = parent + "/task/" + parent + "/children";
            assumeTrue(PROC.exists(children), "the kernel has no /proc/PID/task/TID/children");
            byte[] buffer = new byte[100];
            int looks = 0;
            while (looks < STARTED) {
                assertTrue(process.isAlive(), "it has ended");
                String child = Text.decode(buffer, 0, PROC.read(children, buffer)).strip();
                if (child.matches("[0-9]+")) {
                    looks++;
                    look.at(parent, Integer.parseInt(child));
                }
            }
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private static String inWords(ReadResult seen) {
        if (seen instanceof ProcessMemory measured) {
            boolean isMuch = measured.usage().bytes(Usage.Field.PRIVATE_DIRTY) >= MB;
            return measured.program().name() + " has " + (isMuch ? "much" : "little");
        }
        return seen instanceof Unmeasured unmeasured ? unmeasured.detail() : seen.toString();
    }
}
