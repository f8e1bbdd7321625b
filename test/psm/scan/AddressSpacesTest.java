package psm.scan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.name.Program;
import psm.proc.PageMap;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.smaps.Usage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Uses a made-up tree; KnownProcessesTest uses real processes that share memory. */
class AddressSpacesTest {
    private static final long STACK = 0x7ffd_1234_5678L;
    private static final int PAGE_BYTES = 4096;

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;
    private static final long EXCLUSIVE = 1L << 56;

    @TempDir Path root;

    private AddressSpaces spaces;
    private PageMap pages;

    /** Whether the measured processes share written pages with another one. */
    private boolean isSharedDirty;

    @BeforeEach
    void forget() {
        ProcFs proc = new ProcFs(root.toString());
        spaces = new AddressSpaces(proc);
        pages = new PageMap(proc);
    }

    /** Writes the entries of a process's stack, from its start downwards. */
    private void pages(int pid, long... entries) throws IOException {
        pagesAt(STACK, pid, entries);
    }

    private void pagesAt(long stack, int pid, long... entries) throws IOException {
        Path folder = Files.createDirectories(root.resolve("" + pid));
        try (RandomAccessFile file = new RandomAccessFile(folder + "/pagemap", "rw")) {
            for (int i = 0; i < entries.length; i++) {
                file.seek((stack / PAGE_BYTES - i) * 8);
                ByteBuffer entry = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
                file.write(entry.putLong(entries[i]).array());
            }
        }
    }

    private void execed(int pid, long addresses) {
        register(pid, addresses, 0x400000);
    }

    private void forked(int pid, long addresses) {
        register(pid, addresses, 0x400040);
    }

    private void register(int pid, long addresses, long flags) {
        register(pid, addresses, flags, 1);
    }

    private void register(int pid, long addresses, long flags, int parent) {
        register(pid, new ProcStat("x", 'S', parent, flags, 1, 1, 0, STACK, addresses));
    }

    private void register(int pid, ProcStat stat) {
        spaces.register(pid, "" + pid, stat, false, pages);
    }

    /** Writes the stat of a process that called exec, and returns it. */
    private ProcStat parent(int pid, int parent) throws IOException {
        byte[] stat =
                (pid
                                + " (x) S "
                                + parent
                                + " 2 3 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 1 0 0 0 0 0 "
                                + STACK
                                + " 0 0\n")
                        .getBytes(StandardCharsets.US_ASCII);
        Files.write(Files.createDirectories(root.resolve("" + pid)).resolve("stat"), stat);
        return ProcStat.parse(stat, stat.length);
    }

    /** Returns the pid under which each measured process is counted; negative if it is doubtful. */
    private List<Integer> counted(int... pids) {
        List<ProcessMemory> measured = new ArrayList<>();
        for (int pid : pids) {
            long[] sums = new long[Usage.Field.values().length];
            sums[Usage.Field.RSS.ordinal()] = pid / 10;
            sums[Usage.Field.SHARED_DIRTY.ordinal()] = isSharedDirty ? 1 : 0;
            Usage usage = new Usage(sums, 0, 1, 0, 0);
            Program program = new Program("x", Program.File.CURRENT);
            measured.add(new ProcessMemory(pid, 1, program, true, usage, ProcessDetails.NONE));
        }
        spaces.countOnce(measured);
        List<Integer> counted = new ArrayList<>();
        for (ProcessMemory process : measured) {
            counted.add(process.doubtful() ? -process.addressSpace() : process.addressSpace());
        }
        return counted;
    }

    @Test
    void exclusiveFrameIdentifiesAnAddressSpace() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        pages(7, PRESENT | EXCLUSIVE | 77);
        execed(5, 1);
        forked(6, 1);
        forked(7, 1);
        assertEquals(List.of(5, 5, 5), counted(5, 6, 7));
        forget();
        forked(7, 1);
        forked(6, 1);
        execed(5, 1);
        assertEquals(List.of(5, 5, 5), counted(5, 6, 7));
    }

    /** A process that was stuck or has exited still has the memory of the others. */
    @Test
    void memoryIsCountedUnderAMeasuredProcess() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        pages(7, PRESENT | EXCLUSIVE | 77);
        forked(5, 1);
        forked(6, 1);
        forked(7, 1);
        assertEquals(List.of(6, 6), counted(6, 7));
    }

    @Test
    void processAfterExecIsRegisteredAgain() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        execed(5, 1);
        forked(6, 1);
        pages(6, PRESENT | EXCLUSIVE | 78);
        execed(6, 2);
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    @Test
    void differentFramesAreDifferentAddressSpaces() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        execed(5, 1);
        forked(6, 1);
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    @Test
    void sharedFrameProvesNothing() throws IOException {
        pages(5, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 78);
        pages(6, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 79);
        pages(7, PRESENT | 77, SWAPPED | 3, 0, PRESENT | EXCLUSIVE | 79);
        execed(5, 1);
        forked(6, 1);
        forked(7, 1);
        assertEquals(List.of(5, 6, 6), counted(5, 6, 7));
    }

    /** Without a proof, equal figures only make a process doubtful. */
    @Test
    void eachProcessIsCountedWithoutFrames() throws IOException {
        pages(5, PRESENT | EXCLUSIVE);
        pages(6, PRESENT | EXCLUSIVE);
        execed(5, 1);
        forked(6, 1);
        forked(7, 1); // it has no pagemap
        forked(17, 1); // nor this one, and its figures are others
        forked(8, 2);
        execed(9, 3);
        execed(4, 3);
        isSharedDirty = true;
        assertEquals(List.of(4, 5, -6, -7, 8, 9, 17), counted(4, 5, 6, 7, 8, 9, 17));
        isSharedDirty = false;
        assertEquals(
                List.of(4, 5, -6, -7, 8, 9, -17),
                counted(4, 5, 6, 7, 8, 9, 17),
                "a fork shares written pages, so it is the same memory at another time");
    }

    /** The parent of a vforked process may have the higher pid, and be measured later. */
    @Test
    void forkIsComparedWithItsParentAtOnce() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        register(5, parent(6, 1).addresses(), 0x400040, 6);
        pages(5, PRESENT | EXCLUSIVE | 99); // it calls exec
        pages(6, PRESENT | EXCLUSIVE | 78); // and the page is copied or moves
        register(6, parent(6, 1));
        assertEquals(List.of(5, 5), counted(5, 6));
        assertEquals(5, spaces.countNow(5));
        assertEquals(5, spaces.countNow(6));
    }

    @Test
    void parentAfterExecIsAnotherProcess() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        register(5, parent(6, 1).addresses(), 0x400040, 6);
        pages(6, PRESENT | EXCLUSIVE | 78);
        execed(6, 2);
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    @Test
    void forkIsComparedWithAllItsAncestors() throws IOException {
        for (int pid : new int[] {5, 6, 7}) {
            pages(pid, PRESENT | EXCLUSIVE | 77);
        }
        ProcStat top = parent(7, 1);
        register(5, parent(6, 7).addresses(), 0x400040, 6);
        pages(7, PRESENT | EXCLUSIVE | 78);
        register(7, top);
        assertEquals(List.of(5, 5), counted(5, 7));
    }

    /** It had the page alone before, and exits; its parent forks again, and gets that page. */
    @Test
    void frameOfForkIsReusedByItsParent() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        register(5, parent(6, 1).addresses(), 0x400040, 6);
        pages(5, 0);
        pages(6, PRESENT | EXCLUSIVE | 77);
        register(6, parent(6, 1));
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    /** Whether they shared that page, or one got it after the other, is unknown. */
    @Test
    void sameFrameAtDifferentTimesIsDoubtful() throws IOException {
        isSharedDirty = true;
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(16, PRESENT | EXCLUSIVE | 77);
        forked(5, 1);
        pages(5, PRESENT | EXCLUSIVE | 78);
        execed(16, 1);
        assertEquals(List.of(-5, 16), counted(5, 16));
    }

    /**
     * Forks share places in swap too; then SwapPss is less than Swap. Large ones do not show it.
     */
    @ParameterizedTest
    @CsvSource({"8, 8, false, 5", "8, 4, false, -6", "8, 8, true, -6"})
    void placeInSwapThatOneMappingUsesIsProof(int swap, int swapPss, boolean isLarge, int counted)
            throws IOException {
        String stack = "%x-%x rw-p 00000000 00:00 0 %s%nRss: 4 kB%nSwap: %d kB%nSwapPss: %d kB%n";
        long start = STACK / PAGE_BYTES * PAGE_BYTES;
        String smaps =
                stack.formatted(start - 8192, start, "", 4, 4)
                        + stack.formatted(start, start + 8192, "[stack]", swap, swapPss);
        for (int pid : new int[] {5, 6}) {
            pages(pid, SWAPPED | 77, 0, SWAPPED | 78, PRESENT | 3);
            Files.writeString(root.resolve(pid + "/smaps"), smaps);
        }
        execed(5, 1);
        ProcStat fork = new ProcStat("x", 'S', 1, 0x400040, 1, 1, 0, STACK, 1);
        spaces.register(6, "6", fork, isLarge, pages);
        assertEquals(List.of(5, counted), counted(5, 6));
    }

    @Test
    void differentPlacesInSwapAreDifferentAddressSpaces() throws IOException {
        pages(1, SWAPPED | 77, SWAPPED | 76);
        pages(5, SWAPPED | 77, SWAPPED | 78);
        forked(5, 1);
        execed(6, 1);
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    /** With CAP_PERFMON alone, stat shows no addresses. */
    @Test
    void equalFiguresWithoutAddressesAreDoubtful() {
        for (int pid : new int[] {5, 6, 17}) {
            forked(pid, 0);
        }
        for (int pid : new int[] {7, 18, 19}) {
            execed(pid, 0);
        }
        assertEquals(List.of(5, -6, -7, 17, -18), counted(5, 6, 7, 17, 18), "same figures");
        assertEquals(List.of(18, 19), counted(18, 19), "two runs of a program");
        isSharedDirty = true;
        assertEquals(List.of(5, 6, 7), counted(5, 6, 7), "forks of one process");
    }

    /** They have the same frame: between two looks, one may free it and another may get it. */
    @Test
    void differentAddressesAreDifferentAddressSpaces() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        execed(5, 1);
        forked(6, 2);
        assertEquals(List.of(5, 6), counted(5, 6));
        forked(6, 0); // permission denied
        assertEquals(List.of(5, 6), counted(5, 6));
    }

    /** Without randomized addresses, two runs of a program have the same addresses. */
    @Test
    void processAfterExecIsFoundAmongSeveral() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        pages(7, PRESENT | EXCLUSIVE | 78);
        execed(5, 1);
        execed(6, 1);
        forked(7, 1);
        assertEquals(List.of(5, 6, 6), counted(5, 6, 7));
    }

    /** Processes are measured again, in any order, until a fork has their addresses. */
    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void processRegisteredAgainWaitsOnce() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 78);
        pages(7, PRESENT | EXCLUSIVE | 78);
        execed(5, 1);
        execed(6, 1);
        execed(5, 1);
        forked(7, 1);
        assertEquals(List.of(5, 6, 6), counted(5, 6, 7));
    }

    /** The process that is counted first may have any pid, and may have been read at any time. */
    @Test
    void firstProcessIsCountedWithoutWaiting() throws IOException {
        for (int pid : new int[] {5, 6, 7}) {
            pages(pid, PRESENT | EXCLUSIVE | 77);
        }
        pages(8, PRESENT | EXCLUSIVE | 78);
        execed(5, 1);
        forked(6, 1);
        forked(7, 1);
        forked(8, 1);
        assertEquals(6, spaces.countNow(6));
        assertEquals(6, spaces.countNow(5));
        assertEquals(6, spaces.countNow(7));
        assertEquals(8, spaces.countNow(8));
        assertEquals(9, spaces.countNow(9), "it was not noted");
    }

    @Test
    void processCountedBeforeForksCountsOnce() throws IOException {
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | EXCLUSIVE | 77);
        pages(7, PRESENT | EXCLUSIVE | 78);
        execed(5, 1);
        execed(4, 1);
        assertEquals(5, spaces.countNow(5));
        assertEquals(4, spaces.countNow(4));
        forked(6, 1);
        forked(7, 1);
        assertEquals(5, spaces.countNow(6));
        assertEquals(7, spaces.countNow(7));
    }

    @Test
    void withoutProofEachProcessIsCounted() throws IOException {
        execed(5, 1);
        forked(6, 1);
        forked(7, 1);
        for (int pid : new int[] {5, 6, 7}) {
            assertEquals(pid, spaces.countNow(pid));
        }
    }

    /**
     * An exec moves the stack, unless it is at the fixed address that programs without arguments
     * have.
     */
    @Test
    void forkWithUnmovedStackNeedsOneLook() throws IOException {
        pages(1, PRESENT | EXCLUSIVE | 76);
        pages(5, PRESENT | EXCLUSIVE | 77);
        pages(6, PRESENT | 78);
        assertTrue(isEnough(5, STACK));
        assertFalse(isEnough(6, STACK), "there is no page that it alone has");
        assertFalse(isEnough(7, STACK), "there is nothing to be read");
        assertFalse(isEnough(5, STACK + 1000 * PAGE_BYTES), "the page is not there");
        Files.delete(root.resolve("1/pagemap"));
        assertFalse(isEnough(5, STACK), "its parent may have had that page");
    }

    @Test
    void stackAtFixedPlaceProvesNothing() throws IOException {
        long stack = 0x7fff_ffff_e000L;
        pagesAt(stack, 5, PRESENT | EXCLUSIVE | 77);
        assertFalse(isEnough(5, stack));
    }

    private boolean isEnough(int pid, long stack) {
        ProcStat stat = new ProcStat("x", 'S', 1, 0x400040, 1, 1, 0, stack, 1);
        return spaces.register(pid, "" + pid, stat, false, pages);
    }
}
