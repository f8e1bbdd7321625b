package psm.smaps;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Fixtures;
import psm.support.PlainSums;
import psm.text.Missing;

import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

class SmapsParserTest {
    private static final String HEADER = "00400000-00452000 r-xp 00000000 08:02 173521      ";
    private static final int KB = 1024;

    private final SmapsParser parser = new SmapsParser();

    private Usage smaps(String text) throws SmapsFormatException {
        return parse(text.getBytes(ISO_8859_1), false);
    }

    private Usage parse(byte[] bytes, boolean rollup) throws SmapsFormatException {
        parser.start(rollup);
        parser.feed(bytes, 0, bytes.length);
        return parser.finish();
    }

    private static void assertSame(Usage expected, Usage actual, String what) {
        assertArrayEquals(expected.sums, actual.sums, what);
        assertEquals(expected.heap, actual.heap, what);
        assertEquals(expected.mappings, actual.mappings, what);
        assertEquals(expected.ram(), actual.ram(), what);
        assertEquals(expected.swapped(), actual.swapped(), what);
    }

    static Object[] files() {
        return Fixtures.smapsFiles().toArray();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everySplitGivesTheSameSums(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        boolean rollup = file.endsWith("smaps_rollup");
        Usage whole = parse(bytes, rollup);
        for (int split = 0; split <= bytes.length; split++) {
            parser.start(rollup);
            parser.feed(bytes, 0, split);
            parser.feed(bytes, split, bytes.length);
            assertSame(whole, parser.finish(), "split at " + split);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void singleBytesGiveTheSameSums(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        boolean rollup = file.endsWith("smaps_rollup");
        Usage whole = parse(bytes, rollup);
        parser.start(rollup);
        for (int i = 0; i < bytes.length; i++) {
            parser.feed(bytes, i, i + 1);
        }
        assertSame(whole, parser.finish(), file.toString());
    }

    @ParameterizedTest
    @MethodSource("files")
    void sumsEqualALineByLineReading(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        Usage usage = parse(bytes, file.endsWith("smaps_rollup"));
        for (Usage.Field field : Usage.Field.values()) {
            long expected = PlainSums.bytes(new String(bytes, ISO_8859_1), field.kernelName);
            assertEquals(expected, usage.bytes(field), field.kernelName);
        }
    }

    @Test
    void mappingsAreAddedFieldByField() throws Exception {
        Usage usage =
                smaps(
                        HEADER
                                + "/usr/bin/dbus\n"
                                + "Size: 328 kB\n"
                                + "Rss: 100 kB\n"
                                + "Pss:   40 kB\n"
                                + "Private_Clean: 8 kB\n"
                                + HEADER
                                + "[heap]\n"
                                + "Rss:\t7 kB\n"
                                + "Pss: 7 kB\n"
                                + "Private_Dirty: 7 kB\n"
                                + "Swap: 3 kB\n"
                                + "SwapPss: 2 kB\n");
        assertEquals(2, usage.mappings);
        assertEquals(107 * KB, usage.bytes(Usage.Field.RSS));
        assertEquals(47 * KB, usage.bytes(Usage.Field.PSS));
        assertEquals(8 * KB, usage.bytes(Usage.Field.PRIVATE_CLEAN));
        assertEquals(7 * KB, usage.bytes(Usage.Field.PRIVATE_DIRTY));
        assertEquals(3 * KB, usage.bytes(Usage.Field.SWAP));
        assertEquals(2 * KB, usage.bytes(Usage.Field.SWAP_PSS));
        assertEquals(7 * KB, usage.heap);
    }

    @Test
    void fieldIsIdentifiedByItsWholeName() throws Exception {
        Usage usage =
                smaps(
                        HEADER
                                + "\n"
                                + "Pss: 1 kB\n"
                                + "Pss_Dirty: 10 kB\n"
                                + "Pss_Anon: 10 kB\n"
                                + "PSS: 10 kB\n"
                                + "Ps: 10 kB\n"
                                + " pss: 10 kB\n"
                                + "Swap: 2 kB\n"
                                + "SwapPss: 3 kB\n"
                                + "SwapCached: 10 kB\n"
                                + "RssAnon: 10 kB\n"
                                + "AnonHugePages: 10 kB\n"
                                + "Anonymous: 4 kB\n"
                                + "KSM: 10 kB\n");
        assertEquals(1 * KB, usage.bytes(Usage.Field.PSS));
        assertEquals(2 * KB, usage.bytes(Usage.Field.SWAP));
        assertEquals(3 * KB, usage.bytes(Usage.Field.SWAP_PSS));
        assertEquals(4 * KB, usage.bytes(Usage.Field.ANONYMOUS));
        assertEquals(Missing.VALUE, usage.bytes(Usage.Field.RSS));
    }

    @Test
    void unknownLinesAreSkipped() throws Exception {
        Usage usage =
                smaps(
                        HEADER
                                + "\n"
                                + "Pss: 1 kB\n"
                                + "THPeligible:\t\t0\n"
                                + "ProtectionKey:         0\n"
                                + "VmFlags: rd ex mr \n"
                                + "VmFlags:\n"
                                + "Name:           [anon:x y]\n"
                                + "FromTheFuture: many kB\n"
                                + "no colon at all\n\n"
                                + "Rss: 2 kB\n");
        assertEquals(1 * KB, usage.bytes(Usage.Field.PSS));
        assertEquals(2 * KB, usage.bytes(Usage.Field.RSS));
    }

    @Test
    void missingFieldIsNotZero() throws Exception {
        Usage usage = smaps(HEADER + "\nRss: 0 kB\n");
        assertEquals(0, usage.bytes(Usage.Field.RSS));
        assertEquals(Missing.VALUE, usage.bytes(Usage.Field.PSS));
        assertEquals(Missing.VALUE, usage.heap);
    }

    @Test
    void emptyFileHasNoMappingsOrFigures() throws Exception {
        Usage usage = smaps("");
        assertEquals(0, usage.mappings);
        for (Usage.Field field : Usage.Field.values()) {
            assertEquals(Missing.VALUE, usage.bytes(field));
        }
    }

    @Test
    void fieldsBeforeTheFirstMappingAreSkipped() throws Exception {
        assertEquals(Missing.VALUE, smaps("Pss: 5 kB\n").bytes(Usage.Field.PSS));
    }

    @Test
    void lastLineNeedsNoNewline() throws Exception {
        assertEquals(5 * KB, smaps(HEADER + "\nRss: 9 kB\nPss: 5 kB").bytes(Usage.Field.PSS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                 "
                        + " [vsyscall]",
                "08048000-0804c000 r-xp 00000000 fd:00 95",
                "7f31ca610000-7f31ca613000 rw-p 00000000 00:00 0 ",
                "7f31ca610000-7f31ca613000 rw-p 00000000 00:00 0                          /x kB",
                "7f31ca610000-7f31ca613000 rw-s 00000000 00:01 3                          Pss:"
                        + " 999999 kB"
            })
    void mappingStartsWithTwoAddresses(String header) throws Exception {
        Usage usage = smaps(header + "\nPss: 1 kB\n");
        assertEquals(1, usage.mappings);
        assertEquals(1 * KB, usage.bytes(Usage.Field.PSS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "16ec0000000-16efa600000",
                "cafe",
                "cafe-",
                "cafe- x",
                "-cafe x",
                "Cafe-beef x"
            })
    void nothingElseStartsAMapping(String line) throws Exception {
        assertEquals(0, smaps(line + "\nPss: 1 kB\n").mappings);
    }

    @Test
    void nameOfAnyLengthIsSkipped() throws Exception {
        String name = "/" + "x".repeat(20_000) + " kB";
        Usage usage = smaps(HEADER + name + "\nPss: 1 kB\n" + HEADER + "\nPss: 2 kB\n");
        assertEquals(2, usage.mappings);
        assertEquals(3 * KB, usage.bytes(Usage.Field.PSS));
    }

    @Test
    void onlyTheKernelsHeapIsTheHeap() throws Exception {
        Usage usage =
                smaps(
                        HEADER
                                + "[heap]\nPss: 1 kB\n"
                                + HEADER
                                + "/tmp/my [heap]\nPss: 10 kB\n"
                                + HEADER
                                + "[heap]x\nPss: 10 kB\n"
                                + HEADER
                                + "[anon:heap]\nPss: 10 kB\n"
                                + HEADER
                                + "[heap]\nPss: 2 kB\n");
        assertEquals(3 * KB, usage.heap);
    }

    @Test
    void processWithoutHeapHasZeroHeap() throws Exception {
        assertEquals(0, smaps(HEADER + "\nPss: 1 kB\n").heap);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Pss: 99999999999999999999 kB",
                "Pss: 9007199254740992 kB", // 2^63 bytes
                "Pss: -1 kB",
                "Pss: 1 MB",
                "Pss: 1",
                "Pss: 1 kB ",
                "Pss: kB",
                "Pss:",
                "Pss: 1x kB",
                "Pss: 0x10 kB"
            })
    void knownFieldMustHaveSizeInKb(String line) {
        String before = HEADER + "\nRss: 1 kB\n";
        SmapsFormatException e =
                assertThrows(SmapsFormatException.class, () -> smaps(before + line + "\n"));
        assertTrue(e.getMessage().contains("(at byte " + before.length() + ")"), e.getMessage());
        assertTrue(e.getMessage().contains(line), e.getMessage());
    }

    @Test
    void largestSizeThatFitsIsRead() throws Exception {
        Usage usage = smaps(HEADER + "\nRss: 9007199254740991 kB\n");
        assertEquals(9007199254740991L * KB, usage.bytes(Usage.Field.RSS));
    }

    @Test
    void overflowingSumIsAnError() {
        String most = HEADER + "\nRss: 9007199254740991 kB\n";
        assertThrows(SmapsFormatException.class, () -> smaps(most + HEADER + "\nRss: 1 kB\n"));
    }

    private static final String FIELDS =
            """
            Size:                328 kB
            Rss:                   8 kB
            Pss:                   4 kB
            Shared_Clean:          4 kB
            Private_Dirty:         4 kB
            Swap:                  2 kB
            THPeligible:           0
            VmFlags: rd ex mr
            """;

    /** Fields of an entry that do not fit the layout of {@link #FIELDS}. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "   4 kB=>  14 kB",
                "   4 kB=>    4 kB",
                "   4 kB=>400000004 kB",
                "   4 kB=>  4  kB",
                "   4 kB=>   4 KB",
                "   4 kB=>\t\t\t4 kB",
                "    4 kB=>3.5e0 kB",
                "Pss:                   4 kB=>Pss: 9223372036854775807 kB",
                "Pss: =>Rss: ",
                "Pss: =>PSS: ",
                "Pss: =>Pss:\n",
                "Size: =>Pss:  ",
                "Swap:                  2 kB\n=>",
                "THPeligible:           0\n=>",
                "THPeligible:           0=>Pss: 9 kB",
                "VmFlags: rd ex mr=>Pss: 9 kB",
                "VmFlags: rd ex mr=>VmFlags: rd ex mr 00400000-00452000 r-xp",
                "Size:                328 kB=>00400000-00452000 r-xp",
                "Size:                328 kB=>abc:                 328 kB"
            })
    void otherLayoutsAreReadLineByLine(String change) {
        String[] words = change.split("=>", -1);
        String changed = FIELDS.replace(words[0], words[1]);
        assertFalse(changed.equals(FIELDS), "nothing was changed");
        String more = FIELDS.replace("   8 kB", "  16 kB");
        String text = HEADER + "\n" + FIELDS + HEADER + "\n" + changed + HEADER + "\n" + more;
        assertEquals(result(1, text), result(text.length(), text));
        assertEquals(result(1, text), result(50, text));
    }

    /** Returns the result of a new parser, in pieces of that many bytes. */
    private static String result(int pieceBytes, String text) {
        byte[] bytes = text.getBytes(ISO_8859_1);
        SmapsParser parser = new SmapsParser();
        try {
            for (int i = 0; i < bytes.length; i += pieceBytes) {
                parser.feed(bytes, i, Math.min(bytes.length, i + pieceBytes));
            }
            Usage usage = parser.finish();
            return Arrays.toString(usage.sums) + usage.mappings + " " + usage.ram();
        } catch (SmapsFormatException e) {
            return e.getMessage();
        }
    }

    /** Reading line by line is slow, so almost nothing of a large file is read that way. */
    @Test
    void layoutIsKeptAcrossEntriesAndFiles() {
        byte[] fields = FIELDS.getBytes(ISO_8859_1);
        int end = FIELDS.indexOf("VmFlags");
        EntryLayout layout = new EntryLayout();
        assertEquals(0, layout.read(fields, 0, fields.length));
        assertEquals(end, layout.learn(fields, 0, fields.length));
        byte[] next = FIELDS.replace("  4 kB", " 64 kB").getBytes(ISO_8859_1);
        assertEquals(end, layout.read(next, 0, next.length));
        assertEquals(64, layout.kilobytes[Usage.Field.PSS.ordinal()]);
        assertEquals(2, layout.kilobytes[Usage.Field.SWAP.ordinal()]);
        assertEquals(Missing.VALUE, layout.kilobytes[Usage.Field.LOCKED.ordinal()]);
    }

    @Test
    void errorOffsetCountsFromTheFilesStart() throws Exception {
        byte[] text = (HEADER + "\nRss: 1 kB\nPss: nothing\n").getBytes(ISO_8859_1);
        parser.start(false);
        SmapsFormatException e =
                assertThrows(
                        SmapsFormatException.class,
                        () -> {
                            for (int i = 0; i < text.length; i++) {
                                parser.feed(text, i, i + 1);
                            }
                        });
        int offset = HEADER.length() + "\nRss: 1 kB\n".length();
        assertTrue(e.getMessage().contains("(at byte " + offset + ")"), e.getMessage());
    }

    @Test
    void onlySharedMappingsGetHalfKb() throws Exception {
        String shared = HEADER + "\nPss: 3 kB\nShared_Clean: 8 kB\nShared_Dirty: 0 kB\n";
        String dirty = HEADER + "\nPss: 3 kB\nShared_Clean: 0 kB\nShared_Dirty: 8 kB\n";
        String unshared = HEADER + "\nPss: 3 kB\nShared_Clean: 0 kB\nShared_Dirty: 0 kB\n";
        assertEquals(9 * KB + 2 * KB / 2, smaps(shared + dirty + unshared).ram());
    }

    @Test
    void nothingIsAddedToRollup() throws Exception {
        String rollup = HEADER + "\nPss: 3 kB\nShared_Clean: 8 kB\nSwap: 3 kB\nSwapPss: 1 kB\n";
        Usage usage = parse(rollup.getBytes(ISO_8859_1), true);
        assertEquals(3 * KB, usage.ram());
        assertEquals(1 * KB, usage.swapped());
    }

    @Test
    void halfKbIsAddedForSharedSwap() throws Exception {
        String anonymous = HEADER + "\nSwap: 5 kB\nSwapPss: 2 kB\n";
        String own = HEADER + "\nSwap: 5 kB\nSwapPss: 5 kB\n";
        String sharedMemory = HEADER + "\nSwap: 5 kB\nSwapPss: 0 kB\n";
        assertEquals(7 * KB + KB / 2, smaps(anonymous + own + sharedMemory).swapped());
    }

    @Test
    void readingAFileAllocatesNothing() throws Exception {
        byte[] bytes = Files.readAllBytes(Fixtures.HOST.resolve("101/smaps"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        parser.start(false);
        parser.feed(bytes, 0, bytes.length);
        long before = threads.getThreadAllocatedBytes(id);
        for (int i = 0; i < 1000; i++) {
            parser.start(false);
            parser.feed(bytes, 0, bytes.length);
        }
        // The bean's own call may allocate; a thousand files do not.
        assertTrue(threads.getThreadAllocatedBytes(id) - before < 1000);
    }

    @Test
    void heapMappingsAreCountedInBothFiles() throws SmapsFormatException {
        String heap = "55d0c0ffe000-55d0c1000000 rw-p 00000000 00:00 0 ";
        String maps =
                "55d0c0000000-55d0c0001000 r--p 00000000 fe:00 7                          /bin/x\n"
                        + (heap + "                       [heap]\n").repeat(2)
                        + "7f0000000000-7f0000001000 rw-p 00000000 00:00 0 \n"
                        + "7f0000002000-7f0000003000 r--p 00000000 fe:00 8           /a [heap]\n";
        byte[] bytes = maps.getBytes(ISO_8859_1);
        for (int cut = 0; cut <= bytes.length; cut++) {
            SmapsParser parser = new SmapsParser();
            parser.startMaps();
            parser.feed(bytes, 0, cut);
            parser.feed(bytes, cut, bytes.length);
            assertEquals(5, parser.finish().mappings);
            assertEquals(2, parser.heaps());
        }
    }

    @Test
    void heapEndsWhereTheNextMappingStarts() throws SmapsFormatException {
        SmapsParser parser = new SmapsParser();
        parser.start(false);
        byte[] heap =
                "1000-2000 rw-p 00000000 00:00 0          [heap]\nPss: 3 kB\n".getBytes(ISO_8859_1);
        parser.feed(heap, 0, heap.length);
        assertEquals(0, parser.heaps());
        byte[] next = "3000-4000 rw-p 00000000 00:00 0 \n".getBytes(ISO_8859_1);
        parser.feed(next, 0, next.length);
        assertEquals(1, parser.heaps());
        assertEquals(3 * KB, parser.finish().heap);
    }
}
