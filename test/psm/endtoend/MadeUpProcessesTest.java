package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.ProcFs;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Source;
import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.support.MadeUpProcess;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/**
 * Compares both ways to measure a process with the sums of its pages, for processes made up from
 * seeds. A failure names its seed: {@code new MadeUpProcess(seed)} makes the same process.
 */
@Tag("endtoend")
class MadeUpProcessesTest {
    private static final int PROCESSES = 3000;
    private static final int PROCESSES_IN_FILES = 200;
    private static final int LONGEST_PIECE = 5000;
    private static final long KB = 1024;
    private static final long HALF_KB = 512;

    private final SmapsParser parser = new SmapsParser();

    @Test
    void smapsGivesSumsOfPrintedFigures() throws IOException {
        for (long seed = 0; seed < PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            assertSmaps(process, parse(process.smaps(), false, seed), "seed " + seed);
        }
    }

    @Test
    void rollupGivesTheKernelsSums() throws IOException {
        for (long seed = 0; seed < PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            if (process.hasRollup()) {
                assertRollup(process, parse(process.rollup(), true, seed), "seed " + seed);
            }
        }
    }

    /**
     * The two differ by at most half a kB for each mapping with shared pages.
     *
     * <p>The kernel cuts less than a kB off the Pss of such a mapping, and nothing off that of any
     * other, whose pages are whole kB. So n such mappings lose c whole kB and a fraction, where c
     * is at most n - 1. The rollup, which is cut once, is these c kB more than the sum of the
     * printed figures; psm adds n / 2 for them. The difference is n / 2 - c, which is from 1 - n /
     * 2 to n / 2. Private huge pages are whole kB in both.
     */
    @Test
    void smapsAndRollupDifferByCutFractions() throws IOException {
        for (long seed = 0; seed < PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            if (process.hasRollup()) {
                long smaps = parse(process.smaps(), false, seed).ram();
                long rollup = parse(process.rollup(), true, seed).ram();
                long cut = count(process, MadeUpProcess.Mapping::sharesPages);
                assertWithin(cut, cut, smaps - rollup, "seed " + seed);
            }
        }
    }

    /**
     * The same holds for swap, but smaps does not show for certain which SwapPss was cut: a mapping
     * whose share is less than a kB is not recognized, and a mapping with shared memory in swap
     * beside its own entries is taken for one with shared entries.
     */
    @Test
    void swapDiffersByCutFractions() throws IOException {
        for (long seed = 0; seed < PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            if (process.hasRollup()) {
                long smaps = parse(process.smaps(), false, seed).swapped();
                long rollup = parse(process.rollup(), true, seed).swapped();
                long cut = count(process, MadeUpProcess.Mapping::sharesSwap);
                long takenForCut = count(process, MadeUpProcessesTest::seemsToShareSwap);
                assertWithin(cut, takenForCut, smaps - rollup, "seed " + seed);
            }
        }
    }

    @Test
    void piecesOfAnyLengthGiveEqualSums() throws IOException {
        for (long seed = 0; seed < PROCESSES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            SplittableRandom random = new SplittableRandom(seed);
            int longest = Math.min(LONGEST_PIECE, 1 << random.nextInt(14));
            String what = "seed " + seed + " in pieces of up to " + longest + " bytes";
            assertSmaps(process, parse(process.smaps(), false, random, longest, what), what);
            if (process.hasRollup()) {
                assertRollup(process, parse(process.rollup(), true, random, longest, what), what);
            }
        }
    }

    @Test
    void scannerGivesTheSameSums(@TempDir Path proc) throws IOException {
        Map<Integer, MadeUpProcess> processes = new HashMap<>();
        Set<Integer> withRollup = new HashSet<>();
        for (int seed = 1; seed <= PROCESSES_IN_FILES; seed++) {
            MadeUpProcess process = new MadeUpProcess(seed);
            write(process, seed, proc);
            processes.put(seed, process);
            if (process.hasRollup()) {
                withRollup.add(seed);
            }
        }
        Map<Integer, Usage> smaps = scan(proc, Source.SMAPS);
        Map<Integer, Usage> rollup = scan(proc, Source.ROLLUP);
        assertEquals(processes.keySet(), smaps.keySet());
        assertEquals(withRollup, rollup.keySet());
        smaps.forEach((pid, usage) -> assertSmaps(processes.get(pid), usage, "seed " + pid));
        rollup.forEach((pid, usage) -> assertRollup(processes.get(pid), usage, "seed " + pid));
    }

    private static Map<Integer, Usage> scan(Path proc, Source source) throws IOException {
        Map<Integer, Usage> usages = new HashMap<>();
        Scanner scanner = new Scanner(new ProcFs(proc.toString()), ScanRequest.of(source));
        for (ProcessMemory process : scanner.scan(2).processes()) {
            usages.put(process.pid(), process.usage());
        }
        return usages;
    }

    /** Writes the files of a process. */
    private static void write(MadeUpProcess process, int pid, Path proc) throws IOException {
        Path folder = Files.createDirectory(proc.resolve("" + pid));
        String stat = " (a) Z (b) S 1 1 1 0 -1 4194304 58 0 0 0 0 0 0 0 20 0 1 0 " + pid + " 0 0\n";
        Files.writeString(folder.resolve("stat"), pid + stat);
        Files.write(folder.resolve("cmdline"), "/usr/bin/\377\0Pss: 4 kB\0".getBytes(ISO_8859_1));
        Files.write(folder.resolve("smaps"), process.smaps());
        if (process.hasRollup()) {
            Files.write(folder.resolve("smaps_rollup"), process.rollup());
        }
    }

    private Usage parse(byte[] bytes, boolean rollup, long seed) throws IOException {
        parser.start(rollup);
        try {
            parser.feed(bytes, 0, bytes.length);
            return parser.finish();
        } catch (SmapsFormatException e) {
            throw new IOException("seed " + seed, e);
        }
    }

    private Usage parse(
            byte[] bytes, boolean rollup, SplittableRandom random, int longest, String what)
            throws IOException {
        parser.start(rollup);
        try {
            feedInPieces(bytes, random, longest);
            return parser.finish();
        } catch (SmapsFormatException e) {
            throw new IOException(what, e);
        }
    }

    /** Each piece overwrites the one before, as when a file is read. */
    private void feedInPieces(byte[] bytes, SplittableRandom random, int longest)
            throws SmapsFormatException {
        byte[] buffer = new byte[2 * LONGEST_PIECE];
        int length;
        for (int done = 0; done < bytes.length; done += length) {
            length = Math.min(random.nextInt(1, longest + 1), bytes.length - done);
            int from = random.nextInt(LONGEST_PIECE);
            System.arraycopy(bytes, done, buffer, from, length);
            parser.feed(buffer, from, from + length);
            Arrays.fill(buffer, from, from + length, (byte) '9');
        }
    }

    private static void assertSmaps(MadeUpProcess process, Usage usage, String seed) {
        String what = seed + ", smaps of " + process;
        for (Usage.Field field : Usage.Field.values()) {
            String line = field.kernelName;
            long expected = process.smapsContains(line) ? printed(process, line) : Missing.VALUE;
            assertEquals(expected, usage.bytes(field), () -> line + ", " + what);
        }
        assertEquals(process.mappings().size(), usage.mappings, what);
        assertEquals(heap(process), usage.heap, what);
        // Kernels before 2.6.25 print no Pss.
        boolean hasPss = process.smapsContains("Pss");
        long ram = printed(process, hasPss ? "Pss" : "Rss") + hugePages(process);
        ram += hasPss ? HALF_KB * count(process, MadeUpProcess.Mapping::sharesPages) : 0;
        assertEquals(ram, usage.ram(), what);
        assertEquals(!hasPss, usage.isEstimated(), what);
        assertEquals(swapped(process), usage.swapped(), what);
    }

    private static void assertRollup(MadeUpProcess process, Usage usage, String seed) {
        String what = seed + ", smaps_rollup of " + process;
        for (Usage.Field field : Usage.Field.values()) {
            String line = field.kernelName;
            long expected =
                    process.rollupContains(line) ? process.rollupKb(line) * KB : Missing.VALUE;
            assertEquals(expected, usage.bytes(field), () -> line + ", " + what);
        }
        assertEquals(1, usage.mappings, what);
        long ram = process.rollupKb("Pss") + process.rollupKb("Private_Hugetlb");
        assertEquals(ram * KB, usage.ram(), what);
        assertEquals(process.rollupKb("SwapPss") * KB, usage.swapped(), what);
    }

    /**
     * Checks a difference in kB.
     *
     * @param cut the largest number of summed figures that were cut
     * @param added the number of figures for which psm has added half a kB
     */
    private static void assertWithin(long cut, long added, long apart, String what) {
        long most = added * HALF_KB;
        long least = most - Math.max(0, cut - 1) * KB;
        assertTrue(
                least <= apart && apart <= most,
                () -> what + ": " + apart + " bytes apart, not " + least + " to " + most);
    }

    private static long heap(MadeUpProcess process) {
        return process.smapsContains("Pss")
                ? printed(process, "Pss", MadeUpProcess.Mapping::isHeap)
                : Missing.VALUE;
    }

    private static long hugePages(MadeUpProcess process) {
        return process.smapsContains("Private_Hugetlb") ? printed(process, "Private_Hugetlb") : 0;
    }

    private static long swapped(MadeUpProcess process) {
        if (process.smapsContains("SwapPss")) {
            return printed(process, "SwapPss")
                    + HALF_KB * count(process, MadeUpProcessesTest::seemsToShareSwap);
        }
        return process.smapsContains("Swap") ? printed(process, "Swap") : Missing.VALUE;
    }

    private static boolean seemsToShareSwap(MadeUpProcess.Mapping mapping) {
        return mapping.kb("SwapPss") > 0 && mapping.kb("Swap") > mapping.kb("SwapPss");
    }

    private static long printed(MadeUpProcess process, String line) {
        return printed(process, line, mapping -> true);
    }

    private static long printed(
            MadeUpProcess process, String line, Predicate<MadeUpProcess.Mapping> which) {
        return process.mappings().stream().filter(which).mapToLong(m -> m.kb(line)).sum() * KB;
    }

    private static long count(MadeUpProcess process, Predicate<MadeUpProcess.Mapping> which) {
        return process.mappings().stream().filter(which).count();
    }
}
