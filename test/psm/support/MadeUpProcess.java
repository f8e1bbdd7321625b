package psm.support;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A process made up from a seed: the exact figures of its pages, and its smaps and smaps_rollup as
 * a kernel of a random version prints them. The same seed makes the same process.
 *
 * <p>Figures are kept as the kernel keeps them, in fractions of a byte: of a page that several
 * processes map, each has an equal part. They are cut to whole kB when they are printed, in smaps
 * for each mapping, in smaps_rollup once.
 */
public final class MadeUpProcess {
    /** The number of bits of a figure that are fractions of a byte (fs/proc/task_mmu.c). */
    private static final int PSS_SHIFT = 12;

    private static final int KB_SHIFT = PSS_SHIFT + 10;
    private static final int HUGE_PAGE_BYTES = 2 << 20;
    private static final long VSYSCALL = 0xffffffffff600000L;

    private static final String CLEAN_AND_DIRTY =
            "Shared_Clean Shared_Dirty Private_Clean Private_Dirty ";

    /** The lines that a kernel prints, in its order. */
    private enum Kernel {
        V2_6_14("Size Rss " + CLEAN_AND_DIRTY),
        V2_6_25("Size Rss Pss " + CLEAN_AND_DIRTY + "Referenced"),
        V2_6_26("Size Rss Pss " + CLEAN_AND_DIRTY + "Referenced Swap"),
        V3_8(
                "Size Rss Pss "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous AnonHugePages Swap KernelPageSize MMUPageSize"
                        + " Locked VmFlags"),
        V4_3(
                "Size Rss Pss "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous AnonHugePages Swap SwapPss KernelPageSize"
                        + " MMUPageSize Locked VmFlags"),
        V4_4(
                "Size Rss Pss "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous AnonHugePages Shared_Hugetlb Private_Hugetlb Swap"
                        + " SwapPss KernelPageSize MMUPageSize Locked VmFlags"),
        V4_14(
                "Rss Pss "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous LazyFree AnonHugePages ShmemPmdMapped"
                        + " Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked",
                "ProtectionKey VmFlags"),
        V5_4(
                "Rss Pss Pss_Anon Pss_File Pss_Shmem "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous LazyFree AnonHugePages ShmemPmdMapped"
                        + " FilePmdMapped Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked",
                "THPeligible ProtectionKey VmFlags"),
        V6_7(
                "Rss Pss Pss_Dirty Pss_Anon Pss_File Pss_Shmem "
                        + CLEAN_AND_DIRTY
                        + "Referenced Anonymous KSM LazyFree AnonHugePages ShmemPmdMapped"
                        + " FilePmdMapped Shared_Hugetlb Private_Hugetlb Swap SwapPss Locked",
                "THPeligible ProtectionKey VmFlags");

        private final List<String> smaps = new ArrayList<>();

        /** The lines of smaps_rollup, none before 4.14. */
        private final List<String> rollup = new ArrayList<>();

        /** Makes a kernel without smaps_rollup. */
        Kernel(String lines) {
            smaps.addAll(List.of(lines.split(" ")));
        }

        /**
         * Makes a kernel with smaps_rollup.
         *
         * @param lines of smaps_rollup; smaps contains sizes before them, and no Pss by kind
         * @param after the lines that only smaps contains, at its end
         */
        Kernel(String lines, String after) {
            this(lines);
            rollup.addAll(smaps);
            smaps.removeAll(List.of("Pss_Anon", "Pss_File", "Pss_Shmem"));
            smaps.addAll(0, List.of("Size", "KernelPageSize", "MMUPageSize"));
            smaps.addAll(List.of(after.split(" ")));
        }
    }

    private enum Kind {
        ANON(
                "Pss_Anon",
                "",
                "",
                "[heap]",
                "[heap]",
                "[stack]",
                "[stack:4711]",
                "[anon:x y]",
                "[anon: kB]",
                "[anon:Pss: 4 kB]"),
        FILE(
                "Pss_File",
                "/usr/lib/x86_64-linux-gnu/libc-2.31.so",
                "/usr/lib/libssl.so.3 (deleted)",
                "/tmp/ kB",
                "/tmp/1 kB",
                "/tmp/Pss: 4 kB",
                "Pss: 4 kB", // names from drivers contain no slash
                "/tmp/x\\012y",
                "/tmp/x\\012Pss:                   4 kB",
                "/tmp/Rss:",
                "Rss:",
                "/tmp/my [heap]",
                "/tmp/[heap]",
                "/[heap] [heap]",
                "/tmp/" + "x".repeat(3995),
                "/tmp/" + " 4 kB".repeat(799),
                "/tmp/\377\376\303(\200",
                "/tmp/\033[31mred\033]0;title\007",
                "/tmp/x 55d0c0ffe000-55d0c1000000 r-xp 00000000 00:00 0",
                "/tmp/\t blanks at the end  "),
        SHMEM(
                "Pss_Shmem",
                "/dev/zero (deleted)",
                "/SYSV00000000 (deleted)",
                "/memfd:Swap: 4 kB (deleted)",
                "/dev/shm/55d0c0ffe000-55d0c1000000 "),
        HUGETLB("", "", "/anon_hugepage (deleted)", "/dev/hugepages/x kB");

        private final String pss;

        /** The possible names, a char for each byte. */
        private final String[] names;

        Kind(String pss, String... names) {
            this.pss = pss;
            this.names = names;
        }
    }

    /** A mapping, with the sums of its pages and swap entries. */
    public static final class Mapping {
        private final Kind kind;
        private final String name;
        private final long pageBytes;

        /** The figures by the name of their line, in fractions of a byte. */
        private final Map<String, Long> figures = new HashMap<>();

        private boolean sharesPages;
        private boolean sharesSwap;
        private long start;
        private long end;

        private Mapping(Kind kind, String name, long pageBytes) {
            this.kind = kind;
            this.name = name;
            this.pageBytes = pageBytes;
            add("KernelPageSize", pageBytes << PSS_SHIFT);
            add("MMUPageSize", pageBytes << PSS_SHIFT);
        }

        /** Returns a figure as smaps prints it, cut to whole kB. */
        public long kb(String line) {
            return exact(line) >> KB_SHIFT;
        }

        public boolean isHeap() {
            return name.equals("[heap]");
        }

        /** Returns whether another process maps one of the pages, those of hugetlbfs aside. */
        public boolean sharesPages() {
            return sharesPages;
        }

        /** Returns whether another process uses one of the swap entries, shared memory aside. */
        public boolean sharesSwap() {
            return sharesSwap;
        }

        /** Moves the mapping to the first page that starts at an address or later. */
        private void moveTo(long address) {
            start = (address + pageBytes - 1) & -pageBytes;
            end = start + (exact("Size") >> PSS_SHIFT);
        }

        private long exact(String line) {
            return figures.getOrDefault(line, 0L);
        }

        private void add(String line, long figure) {
            figures.merge(line, figure, Long::sum);
        }

        private long all(int pages) {
            return pages * (pageBytes << PSS_SHIFT);
        }

        /** Returns the part of one process; the kernel divides, and loses a rest, page by page. */
        private long part(int pages, int sharers) {
            return pages * ((pageBytes << PSS_SHIFT) / sharers);
        }

        private void addPages(int pages, int sharers, boolean dirty, Kind pageKind) {
            add("Rss", all(pages));
            add("Pss", part(pages, sharers));
            add(pageKind.pss, part(pages, sharers));
            add((sharers > 1 ? "Shared" : "Private") + (dirty ? "_Dirty" : "_Clean"), all(pages));
            if (dirty) {
                add("Pss_Dirty", part(pages, sharers));
            }
            if (pageKind == Kind.ANON) {
                add("Anonymous", all(pages));
            }
            sharesPages |= sharers > 1;
        }

        private void addHugePages(int pages, int sharers) {
            add(sharers > 1 ? "Shared_Hugetlb" : "Private_Hugetlb", all(pages));
        }

        private void addSwap(int entries, int sharers) {
            add("Swap", all(entries));
            add("SwapPss", part(entries, sharers));
            sharesSwap |= sharers > 1;
        }
    }

    private final SplittableRandom random;
    private final Kernel kernel;
    private final int pageBytes;
    private final List<Mapping> mappings = new ArrayList<>();
    private final StringBuilder smaps = new StringBuilder();
    private final StringBuilder rollup = new StringBuilder();

    public MadeUpProcess(long seed) {
        random = new SplittableRandom(seed);
        kernel = oneOf(Kernel.values());
        pageBytes = oneOf(4, 16, 64) << 10;
        int count = oneIn(150) ? 1000 : random.nextInt(1, 13);
        long end = oneOf(0x400000L, 0x8050000L, 0x55d0c0ff0000L);
        while (mappings.size() < count) {
            Mapping mapping = mapping();
            mapping.moveTo(end + random.nextInt(10 * pageBytes));
            end = mapping.end;
            mappings.add(mapping);
        }
        if (oneIn(4)) {
            mappings.add(vsyscall());
        }
        print(end);
    }

    public byte[] smaps() {
        return smaps.toString().getBytes(ISO_8859_1);
    }

    public byte[] rollup() {
        return rollup.toString().getBytes(ISO_8859_1);
    }

    /** Returns whether the kernel has smaps_rollup. */
    public boolean hasRollup() {
        return !kernel.rollup.isEmpty();
    }

    public boolean smapsContains(String line) {
        return kernel.smaps.contains(line);
    }

    public boolean rollupContains(String line) {
        return kernel.rollup.contains(line);
    }

    public List<Mapping> mappings() {
        return mappings;
    }

    /** Returns a sum over all mappings as smaps_rollup prints it, cut to whole kB once. */
    public long rollupKb(String line) {
        return mappings.stream().mapToLong(mapping -> mapping.exact(line)).sum() >> KB_SHIFT;
    }

    @Override
    public String toString() {
        return kernel + " with pages of " + pageBytes + " bytes, mappings: " + mappings.size();
    }

    private Mapping mapping() {
        Kind kind = oneOf(Kind.ANON, Kind.ANON, Kind.FILE, Kind.FILE, Kind.SHMEM, Kind.HUGETLB);
        boolean huge = kind == Kind.HUGETLB;
        Mapping mapping = new Mapping(kind, oneOf(kind.names), huge ? HUGE_PAGE_BYTES : pageBytes);
        for (int runs = random.nextInt(4); runs > 0; runs--) {
            if (huge) {
                mapping.addHugePages(pages(), sharers());
            } else {
                mapping.addPages(pages(), sharers(), random.nextBoolean(), kindOfPage(kind));
            }
        }
        if (!huge && oneIn(3)) {
            swapOut(mapping);
        }
        addLinesThatPsmIgnores(mapping);
        long inUse = mapping.exact("Rss") + mapping.exact("Swap");
        inUse += mapping.exact("Shared_Hugetlb") + mapping.exact("Private_Hugetlb");
        mapping.add("Size", inUse + mapping.all(random.nextInt(1, 100)));
        return mapping;
    }

    /** Makes the page of the kernel, whose address is negative as a signed number. */
    private static Mapping vsyscall() {
        Mapping mapping = new Mapping(Kind.ANON, "[vsyscall]", 4096);
        mapping.add("Size", mapping.all(1));
        mapping.moveTo(VSYSCALL);
        return mapping;
    }

    /** Returns the kind of some pages; written pages of a private file mapping are anonymous. */
    private Kind kindOfPage(Kind mapped) {
        return oneIn(4) ? Kind.ANON : mapped;
    }

    private void swapOut(Mapping mapping) {
        for (int runs = random.nextInt(3); runs > 0; runs--) {
            mapping.addSwap(pages(), sharers());
        }
        // Since 4.5, Swap contains shared memory; SwapPss never does.
        if (mapping.kind == Kind.SHMEM && kernel.compareTo(Kernel.V4_14) >= 0) {
            mapping.add("Swap", mapping.all(pages()));
        }
    }

    private void addLinesThatPsmIgnores(Mapping mapping) {
        addSomeOf(mapping, "Rss", "Referenced");
        addSomeOf(mapping, "Anonymous", "KSM");
        addSomeOf(mapping, "Anonymous", "LazyFree");
        addSomeOf(mapping, "Anonymous", "AnonHugePages");
        addSomeOf(mapping, "Rss", mapping.kind == Kind.FILE ? "FilePmdMapped" : "ShmemPmdMapped");
        // Linux 4.14 to 4.18 reports all memory as locked.
        if (kernel == Kernel.V4_14 || oneIn(8)) {
            mapping.add("Locked", mapping.exact("Pss"));
        }
    }

    private void addSomeOf(Mapping mapping, String whole, String part) {
        long pages = mapping.exact(whole) / mapping.all(1);
        mapping.add(part, mapping.all(random.nextInt((int) pages + 1)));
    }

    private int pages() {
        return random.nextInt(1, oneIn(50) ? 1 << 20 : 20);
    }

    private int sharers() {
        return random.nextBoolean() ? 1 : random.nextInt(2, 41);
    }

    private void print(long end) {
        Mapping last = mappings.get(mappings.size() - 1);
        int nameColumn = last.end >>> 32 == 0 && random.nextBoolean() ? 49 : 73;
        boolean hasProtectionKeys = random.nextBoolean();
        for (Mapping mapping : mappings) {
            String access = oneOf("r--p ", "r-xp ", "rw-p ", "rw-s ", "---p ");
            String file =
                    mapping.kind == Kind.ANON
                            ? "00000000 00:00 0"
                            : oneOf("00002000 08:02 173521", "7ffff000 103:05 9223372036854775807");
            printHeader(
                    smaps,
                    hex(mapping.start) + '-' + hex(mapping.end) + ' ' + access + file,
                    mapping.name,
                    nameColumn);
            for (String line : kernel.smaps) {
                switch (line) {
                    case "THPeligible" -> smaps.append(line).append(oneOf(":\t\t0\n", ":    0\n"));
                    case "ProtectionKey" ->
                            smaps.append(hasProtectionKeys ? line + ":         0\n" : "");
                    case "VmFlags" ->
                            smaps.append(line).append(oneOf(": rd wr mr me ac \n", ": \n", ":\n"));
                    default -> printLine(smaps, line, mapping.kb(line));
                }
            }
        }
        if (hasRollup()) {
            String header = hex(mappings.get(0).start) + '-' + hex(end) + " ---p 00000000 00:00 0";
            printHeader(rollup, header, "[rollup]", nameColumn);
            for (String line : kernel.rollup) {
                printLine(rollup, line, rollupKb(line));
            }
        }
    }

    private void printHeader(StringBuilder out, String start, String name, int nameColumn) {
        out.append(start);
        if (name.isEmpty()) {
            out.append(oneOf(" ", ""));
        } else {
            out.append(" ".repeat(Math.max(1, nameColumn - start.length()))).append(name);
        }
        out.append('\n');
    }

    private void printLine(StringBuilder out, String line, long kb) {
        out.append(line).append(": ");
        // The first kernels with this line print it one column narrower.
        int width = kernel == Kernel.V5_4 && line.equals("FilePmdMapped") ? 23 : 24;
        String digits = Long.toString(kb);
        out.append(" ".repeat(Math.max(0, width - line.length() - 2 - digits.length())));
        out.append(digits).append(" kB\n");
    }

    /** Formats an address with at least eight digits. */
    private static String hex(long address) {
        String digits = Long.toHexString(address);
        return "0".repeat(Math.max(0, 8 - digits.length())) + digits;
    }

    private boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    @SafeVarargs
    private <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }
}
