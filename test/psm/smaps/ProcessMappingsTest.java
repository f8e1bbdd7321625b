package psm.smaps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import psm.support.Fixtures;
import psm.support.MadeUpProcess;
import psm.text.Missing;
import psm.text.Text;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Tests the mappings that the parser passes to its receiver, and their sums. */
class ProcessMappingsTest {
    private static final String ADDRESSES = "7f31ca602000-7f31ca604000 ";
    private static final int KB = 1024;

    private final Mappings mappings = new Mappings();
    private final ProcessMappings process = new ProcessMappings(mappings);
    private final SmapsParser parser = new SmapsParser(process);

    /** Feeds a file in pieces of a size; returns the parser's sums. */
    private Usage parse(byte[] bytes, int pieceBytes) throws SmapsFormatException {
        parser.start(false);
        for (int i = 0; i < bytes.length; i += pieceBytes) {
            parser.feed(bytes, i, Math.min(bytes.length, i + pieceBytes));
        }
        return parser.finish();
    }

    private Usage add(String smaps) throws SmapsFormatException {
        byte[] bytes = smaps.getBytes(ISO_8859_1);
        Usage usage = parse(bytes, bytes.length);
        mappings.add(process, usage, false);
        return usage;
    }

    /** Returns all figures, by name and by kind. */
    static Map<String, List<Long>> allFigures(Mappings mappings) {
        Map<String, List<Long>> all = new TreeMap<>();
        for (int row = 0; row < mappings.names(); row++) {
            List<Long> figures = new ArrayList<>();
            for (Mappings.Figure figure : Mappings.Figure.values()) {
                figures.add(mappings.ofName(row)[figure.ordinal()]);
            }
            all.put("name " + mappings.name(row), figures);
        }
        for (MappingKind kind : MappingKind.values()) {
            List<Long> figures = new ArrayList<>();
            for (Mappings.Figure figure : Mappings.Figure.values()) {
                figures.add(mappings.ofKind(kind)[figure.ordinal()]);
            }
            all.put("kind " + kind, figures);
        }
        return all;
    }

    private Map<String, List<Long>> figuresOfOne(Usage usage) {
        Mappings one = new Mappings();
        one.add(process, usage, false);
        return allFigures(one);
    }

    private long ofName(String name, Mappings.Figure figure) {
        for (int row = 1; row < mappings.names(); row++) {
            if (mappings.name(row).equals(name)) {
                return mappings.ofName(row)[figure.ordinal()];
            }
        }
        throw new AssertionError("no " + name + " in " + allFigures(mappings).keySet());
    }

    /** Checks that the rows, by name or by kind, add up to the parser's figures of the process. */
    private static void assertSumsUpTo(Usage usage, Map<String, List<Long>> all, String what) {
        Map<Mappings.Figure, Long> expected = new HashMap<>();
        expected.put(Mappings.Figure.MAPPINGS, (long) usage.mappings);
        expected.put(Mappings.Figure.PSS, usage.ram());
        expected.put(Mappings.Figure.PRIVATE, usage.unique());
        expected.put(Mappings.Figure.SWAP, usage.swapped());
        expected.put(Mappings.Figure.SWAP_WITH_SHARED, usage.bytes(Usage.Field.SWAP));
        expected.put(Mappings.Figure.SHARED_HUGETLB, usage.bytes(Usage.Field.SHARED_HUGETLB));
        expected.put(Mappings.Figure.RSS, usage.bytes(Usage.Field.RSS));
        for (String way : new String[] {"name ", "kind "}) {
            expected.forEach(
                    (figure, bytes) -> {
                        long sum = Missing.VALUE;
                        for (Map.Entry<String, List<Long>> row : all.entrySet()) {
                            boolean isAny = row.getValue().get(0) > 0;
                            if (row.getKey().startsWith(way) && isAny) {
                                long more = row.getValue().get(figure.ordinal());
                                sum = Missing.plus(sum, more);
                            }
                        }
                        boolean isNothing = usage.mappings == 0;
                        assertEquals(bytes, isNothing ? bytes : sum, what + " " + way + figure);
                    });
        }
    }

    static Object[] files() {
        return Fixtures.smapsFiles().stream().filter(file -> file.endsWith("smaps")).toArray();
    }

    @ParameterizedTest
    @MethodSource("files")
    void everySplitGivesTheSameMappings(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        Usage whole = parse(bytes, Math.max(1, bytes.length));
        Map<String, List<Long>> expected = figuresOfOne(whole);
        assertSumsUpTo(whole, expected, file.toString());
        int step = Math.max(1, bytes.length / 3000);
        for (int split = 0; split <= bytes.length; split += step) {
            parser.start(false);
            parser.feed(bytes, 0, split);
            parser.feed(bytes, split, bytes.length);
            assertEquals(expected, figuresOfOne(parser.finish()), "split at " + split);
        }
        assertEquals(expected, figuresOfOne(parse(bytes, Math.max(1, bytes.length))));
        assertEquals(expected, figuresOfOne(parse(bytes, 1)));
    }

    @Test
    void processFiguresAreThoseOfTheirMappings() throws Exception {
        for (long seed = 0; seed < 500; seed++) {
            MadeUpProcess made = new MadeUpProcess(seed);
            byte[] smaps = made.smaps();
            Usage usage = parse(smaps, 4096);
            Map<String, List<Long>> all = figuresOfOne(usage);
            assertSumsUpTo(usage, all, "seed " + seed);
            assertEquals(all, figuresOfOne(parse(smaps, 61)), "seed " + seed);
            // The same sums as without a receiver.
            SmapsParser plain = new SmapsParser();
            plain.feed(smaps, 0, smaps.length);
            assertEquals(plain.finish().ram(), usage.ram(), "seed " + seed);
        }
    }

    @TestFactory
    List<DynamicTest> capturesOfAllKernelsSumUp() throws IOException {
        assumeTrue(Files.exists(Fixtures.CAPTURES), "there are no captures beside the checkout");
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(Fixtures.CAPTURES)) {
            for (Path file : files.filter(file -> file.endsWith("smaps")).sorted().toList()) {
                if (!file.toString().contains("malformed")) {
                    tests.add(DynamicTest.dynamicTest(file.toString(), () -> checkCapture(file)));
                }
            }
        }
        return tests;
    }

    private void checkCapture(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Usage usage = parse(bytes, 4096);
        Map<String, List<Long>> all = figuresOfOne(usage);
        assertSumsUpTo(usage, all, file.toString());
        assertEquals(all, figuresOfOne(parse(bytes, 1)));
        // The names are those of the lines, read in another way.
        Map<String, Long> counts = new HashMap<>();
        for (String line : new String(bytes, ISO_8859_1).split("\n", -1)) {
            if (line.matches("(?s)[0-9a-f]+-[0-9a-f]+ .*")) {
                String[] words = line.split(" +", 6);
                String name = words.length < 6 || words[5].isEmpty() ? "[anonymous]" : words[5];
                name = name.matches("\\[stack:\\d+]") ? "[stack]" : name;
                byte[] raw = name.getBytes(ISO_8859_1);
                counts.merge("name " + Text.decode(raw, 0, raw.length), 1L, Long::sum);
            }
        }
        all.forEach(
                (row, figures) -> {
                    if (row.startsWith("name ")) {
                        assertEquals(counts.getOrDefault(row, 0L), figures.get(0), row);
                        counts.remove(row);
                    }
                });
        assertEquals(Map.of(), counts);
    }

    @Test
    void namesAreBytesWithTheKernelsSuffix() throws Exception {
        String[] names = {
            "/srv/my file (deleted)",
            "/srv/new\\012line",
            "/srv/trailing ",
            "/srv/\033[31m\t",
            "/srv/\377",
            "/srv/caf\303\251",
            "[anon:a name]",
            "/tmp/x 55d0c0ffe000-55d0c1000000 r-xp 00000000 00:00 0"
        };
        for (String name : names) {
            add(
                    ADDRESSES
                            + "rw-s 00000000 fe:00 2245707 "
                            + " ".repeat(19)
                            + name
                            + "\nPss: 4 kB\n");
        }
        for (String name : names) {
            byte[] raw = name.getBytes(ISO_8859_1);
            assertEquals(4 * KB, ofName(Text.decode(raw, 0, raw.length), Mappings.Figure.PSS));
        }
    }

    @Test
    void nameOf4096BytesIsCompleteWhereverCut() throws Exception {
        String name = "/" + "long name/".repeat(409) + "12345";
        assertEquals(4096, name.length());
        String header = ADDRESSES + "r-xp 00000000 fe:00 2245707                    ";
        byte[] bytes = (header + name + "\nPss: 4 kB\n").getBytes(ISO_8859_1);
        for (int cut = 0; cut <= bytes.length; cut += 13) {
            parser.start(false);
            parser.feed(bytes, 0, cut);
            parser.feed(bytes, cut, bytes.length);
            mappings.add(process, parser.finish(), false);
        }
        assertEquals(2, mappings.names());
        assertEquals(name, mappings.name(1));
        assertEquals(0, mappings.ofName(MappingTable.OTHERS)[Mappings.Figure.MAPPINGS.ordinal()]);
    }

    @Test
    void longerNameIsMarkedAsCut() throws Exception {
        String header = ADDRESSES + "r-xp 00000000 fe:00 2245707                    ";
        for (int length : new int[] {4097, 5000, 12_000}) {
            byte[] bytes = (header + "x".repeat(length) + "\nPss: 4 kB\n").getBytes(ISO_8859_1);
            mappings.add(process, parse(bytes, 100), false);
        }
        assertEquals("x".repeat(4096) + "\u2026 (cut)", mappings.name(1));
        assertEquals(3, mappings.ofName(1)[Mappings.Figure.MAPPINGS.ordinal()]);
    }

    @Test
    void stacksOfThreadsAreOneName() throws Exception {
        for (String name : new String[] {"[stack]", "[stack:4711]", "[stack:1]"}) {
            add(ADDRESSES + "rw-p 00000000 00:00 0     " + name + "\nPss: 4 kB\n");
        }
        assertEquals(12 * KB, ofName("[stack]", Mappings.Figure.PSS));
        add(ADDRESSES + "rw-p 00000000 00:00 0     [stack:]\nPss: 4 kB\n");
        add(ADDRESSES + "rw-p 00000000 00:00 0     [stack:1x]\nPss: 4 kB\n");
        assertEquals(12 * KB, ofName("[stack]", Mappings.Figure.PSS));
        assertEquals(3, mappings.ofKind(MappingKind.STACK)[Mappings.Figure.MAPPINGS.ordinal()]);
    }

    @Test
    void processIsCountedOncePerName() throws Exception {
        String libc = ADDRESSES + "r-xp 00000000 fe:00 7     /lib/libc.so\nPss: 4 kB\n";
        String heap = ADDRESSES + "rw-p 00000000 00:00 0     [heap]\nPss: 8 kB\n";
        add(libc + heap + libc);
        add(libc + libc.replace("r-x", "r--"));
        assertEquals(4, ofName("/lib/libc.so", Mappings.Figure.MAPPINGS));
        assertEquals(2, ofName("/lib/libc.so", Mappings.Figure.PROCESSES));
        assertEquals(1, ofName("[heap]", Mappings.Figure.PROCESSES));
        assertEquals(1, mappings.ofKind(MappingKind.FILE_DATA)[Mappings.Figure.MAPPINGS.ordinal()]);
        assertEquals(
                2, mappings.ofKind(MappingKind.FILE_TEXT)[Mappings.Figure.PROCESSES.ordinal()]);
        assertEquals(
                12 * KB, mappings.ofKind(MappingKind.FILE_TEXT)[Mappings.Figure.PSS.ordinal()]);
    }

    /** A field that one process lacks is missing only in that process's part. */
    @Test
    void figuresWithoutFieldsAreMissing() throws Exception {
        String header = ADDRESSES + "r-xp 00000000 fe:00 7     /lib/libc.so\n";
        add(header + "Rss: 8 kB\nPrivate_Clean: 4 kB\n");
        assertEquals(8 * KB, ofName("/lib/libc.so", Mappings.Figure.PSS));
        assertEquals(Missing.VALUE, ofName("/lib/libc.so", Mappings.Figure.SWAP));
        add(header + "Rss: 8 kB\nPss: 4 kB\nSwap: 4 kB\nSwapPss: 1 kB\n");
        assertEquals(12 * KB, ofName("/lib/libc.so", Mappings.Figure.PSS));
        assertEquals(KB + KB / 2, ofName("/lib/libc.so", Mappings.Figure.SWAP));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rw-p|[heap]|HEAP",
                "rw-p|[stack]|STACK",
                "rw-p|[stack:4711]|STACK",
                "rw-p|[anon:stack_and_tls:4711]|STACK",
                "rw-p|[anon: glibc: pthread stack: 4711]|STACK",
                "rw-p||ANONYMOUS",
                "---p||ANONYMOUS",
                "rwxp||JIT",
                "r-xp||JIT",
                "rw-p|[anon:dalvik-main space]|ANONYMOUS",
                "r-xp|[anon:v8]|JIT",
                "rw-p|[anon:PCRE2 JIT]|JIT",
                "r--p|[anon:dalvik-zygote-jit-code-cache]|JIT",
                "rw-s|[anon_shmem:a b]|SHARED_MEMORY",
                "rw-s|/memfd:pulseaudio (deleted)|SHARED_MEMORY",
                "r-xs|/memfd:x (deleted)|JIT",
                "rw-s|/memfd:/jit-cache (deleted)|JIT",
                "rw-s|/memfd:JITCode:QtQml (deleted)|JIT",
                "rw-s|/memfd:doublemapper (deleted)|JIT",
                "rw-s|/SYSV1234abcd (deleted)|SHARED_MEMORY",
                "rw-s|/dev/zero (deleted)|SHARED_MEMORY",
                "rw-p|/dev/zero|ANONYMOUS",
                "rw-s|/dev/shm/pulse-shm-1|SHARED_MEMORY",
                "rw-s|/dev/shm/gone (deleted)|SHARED_MEMORY",
                "rw-s|/dev/ashmem/x (deleted)|SHARED_MEMORY",
                "rw-p|/anon_hugepage (deleted)|HUGETLB",
                "rw-s|/dev/hugepages/x|HUGETLB",
                "rw-s|/dev/nvidia0|DEVICE",
                "rw-s|/dev/dri/card0|DEVICE",
                "rw-s|anon_inode:[io_uring]|DEVICE",
                "rw-s|socket:[4711]|DEVICE",
                "rw-s|/[aio] (deleted)|DEVICE",
                "r-xp|/usr/lib/libc.so.6|FILE_TEXT",
                "r--p|/usr/lib/libc.so.6|FILE_DATA",
                "rw-p|/usr/lib/libc.so.6 (deleted)|FILE_DATA",
                "rw-p|/srv/[heap]|FILE_DATA",
                "r-xp|[vdso]|VDSO",
                "r--p|[vvar_vclock]|VDSO",
                "--xp|[vsyscall]|VDSO",
                "rw-p|[something new]|OTHER",
            })
    void kindDependsOnPermissionsAndName(String permissions, String name, MappingKind kind)
            throws Exception {
        String line = ADDRESSES + permissions + " 00000000 00:01 7     ";
        add(line + (name == null ? "" : name) + "\nPss: 4 kB\n");
        for (MappingKind other : MappingKind.values()) {
            long expected = other == kind ? 4 * KB : 0;
            assertEquals(
                    expected, mappings.ofKind(other)[Mappings.Figure.PSS.ordinal()], other.inWords);
        }
    }

    @Test
    void hugetlbfsPagesAreHugeInAnyMapping() throws Exception {
        String line = ADDRESSES + "rw-s 00000000 00:01 7     /SYSV00000000 (deleted)\n";
        add(
                line
                        + "Pss: 0 kB\n"
                        + "Private_Dirty: 0 kB\n"
                        + "Shared_Hugetlb: 0 kB\n"
                        + "Private_Hugetlb: 2048 kB\n");
        assertEquals(2 << 20, mappings.ofKind(MappingKind.HUGETLB)[Mappings.Figure.PSS.ordinal()]);
        assertEquals(
                0, mappings.ofKind(MappingKind.SHARED_MEMORY)[Mappings.Figure.MAPPINGS.ordinal()]);
        assertEquals(2 << 20, ofName("/SYSV00000000 (deleted)", Mappings.Figure.PRIVATE));
    }

    /** An smaps with many mappings of different files, generated while it is read. */
    private static final class Generated extends InputStream {
        private final int mappings;
        private int made;
        private byte[] entry = new byte[0];
        private int at;

        Generated(int mappings) {
            this.mappings = mappings;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] into, int from, int length) {
            if (at == entry.length) {
                if (made == mappings) {
                    return -1;
                }
                String lines =
                        ADDRESSES
                                + "r--s 00000000 fe:00 2245707                    /srv/data/"
                                + made++
                                + "\nRss: 4 kB\nPss: 3 kB\nShared_Clean: 4 kB\nSwap: 0 kB\n";
                entry = lines.getBytes(ISO_8859_1);
                at = 0;
            }
            int count = Math.min(length, entry.length - at);
            System.arraycopy(entry, at, into, from, count);
            at += count;
            return count;
        }
    }

    private Usage parse(InputStream in) throws IOException {
        byte[] buffer = new byte[4096];
        parser.start(false);
        for (int n = in.read(buffer, 0, 4096); n >= 0; n = in.read(buffer, 0, 4096)) {
            parser.feed(buffer, 0, n);
        }
        return parser.finish();
    }

    @Test
    void mostOfAMillionNamesAreOthers() throws Exception {
        int count = 1_000_000;
        Usage usage = parse(new Generated(count));
        mappings.add(process, usage, false);
        assertEquals(MappingTable.MAX_ROWS, mappings.names());
        assertSumsUpTo(usage, allFigures(mappings), "a million");
        long others = mappings.ofName(MappingTable.OTHERS)[Mappings.Figure.MAPPINGS.ordinal()];
        assertEquals(count - MappingTable.MAX_ROWS + 1, others);
        assertEquals(1, mappings.ofName(MappingTable.OTHERS)[Mappings.Figure.PROCESSES.ordinal()]);
        assertEquals("/srv/data/0", mappings.name(1));
        assertEquals(3 * KB + KB / 2, mappings.ofName(1)[Mappings.Figure.PSS.ordinal()]);
    }

    /** The tables of many stuck threads fit into a heap of 64 MB. */
    @Test
    void allTablesShareOneBudget() throws Exception {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        byte[] smaps = new Generated(0).readAllBytes();
        assertEquals(0, smaps.length);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2 * MappingTable.MAX_ROWS; i++) {
            text.append(ADDRESSES).append("r--s 00000000 fe:00 2245707     /srv/").append(i);
            text.append("\nPss: 3 kB\n");
        }
        byte[] bytes = text.toString().getBytes(ISO_8859_1);
        List<ProcessMappings> all = new ArrayList<>();
        long before = threads.getThreadAllocatedBytes(id);
        for (int i = 0; i < 36; i++) {
            all.add(new ProcessMappings(mappings));
            SmapsParser other = new SmapsParser(all.get(i));
            other.feed(bytes, 0, bytes.length);
            other.finish();
        }
        // Arrays that were replaced are free; all arrays together have less than twice the size of
        // the last ones.
        long allocated = threads.getThreadAllocatedBytes(id) - before;
        assertTrue(allocated < 64 << 20, allocated + " bytes");
        assertTrue(mappings.budget.get() >= 0);
        assertEquals(MappingTable.MAX_ROWS, all.get(0).names().rows());
        assertTrue(all.get(35).names().rows() < MappingTable.MAX_ROWS);
        long others = all.get(35).names().cells()[ProcessMappings.MAPPINGS];
        assertEquals(2 * MappingTable.MAX_ROWS, others + all.get(35).names().rows() - 1);
    }

    @Test
    void nextProcessAllocatesNothing() throws Exception {
        byte[] bytes = Files.readAllBytes(Fixtures.HOST.resolve("101/smaps"));
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long id = Thread.currentThread().getId();
        parser.start(false);
        parser.feed(bytes, 0, bytes.length);
        assertFalse(process.names().rows() < 2);
        long before = threads.getThreadAllocatedBytes(id);
        for (int i = 0; i < 1000; i++) {
            parser.start(false);
            parser.feed(bytes, 0, bytes.length);
        }
        assertTrue(threads.getThreadAllocatedBytes(id) - before < 1000);
    }
}
