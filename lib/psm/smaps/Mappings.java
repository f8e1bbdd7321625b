package psm.smaps;

import psm.text.Missing;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The mappings of all processes of a scan, by name and by kind. Their figures are those of {@link
 * Usage}, half kilobytes included, so that they add up to the figures of the processes.
 *
 * <p>During a scan, the scan's lock guards it; afterwards it is only read, and may be shared
 * between threads.
 */
public final class Mappings {
    /** The numbers of a row: two counts, and then sums of bytes, or {@link Missing#VALUE}. */
    public enum Figure {
        MAPPINGS,
        /**
         * The number of processes with such mappings; processes that share an address space count
         * once.
         */
        PROCESSES,
        /** {@link Usage#ram}. */
        PSS,
        /** {@link Usage#unique}. */
        PRIVATE,
        /** {@link Usage#shared}, computed for each process. */
        SHARED,
        /** The kernel's Swap. */
        SWAP_WITH_SHARED,
        SHARED_HUGETLB,
        /** {@link Usage#swapped}. */
        SWAP,
        RSS;

        private long of(Usage usage) {
            return switch (this) {
                case MAPPINGS -> usage.mappings;
                case PROCESSES -> 1;
                case PSS -> usage.ram();
                case PRIVATE -> usage.unique();
                case SHARED -> usage.shared();
                case SWAP_WITH_SHARED -> usage.bytes(Usage.Field.SWAP);
                case SHARED_HUGETLB -> usage.bytes(Usage.Field.SHARED_HUGETLB);
                case SWAP -> usage.swapped();
                case RSS -> usage.bytes(Usage.Field.RSS);
            };
        }
    }

    private static final Figure[] FIGURES = Figure.values();
    private static final MappingKind[] KINDS = MappingKind.values();

    /**
     * The number of bytes by which all tables of a scan may grow: one for all processes, and one
     * for each thread. (There can be dozens of threads if processes are stuck.) If it is too low,
     * names are missing; if it is too high, nothing of the 64 MB heap is left for the report.
     */
    private static final long MAX_GROWTH_BYTES = 24L << 20;

    private static final int BYTES_PER_KB = 1024;

    /** The number of bytes by which the tables may still grow. */
    final AtomicLong budget = new AtomicLong(MAX_GROWTH_BYTES);

    private final MappingTable names = new MappingTable(FIGURES.length, budget);

    /**
     * The numbers of the names in each kind: a row for each kind, whose ordinal is the first byte,
     * and name; {@code null} if they were not requested.
     */
    private final MappingTable parts;

    /** The numbers of the kinds: a row for each, by ordinal. */
    private final long[] kinds = new long[KINDS.length * FIGURES.length];

    /** Makes empty tables of names and of kinds. */
    public Mappings() {
        this(false);
    }

    /**
     * Makes empty tables of names and of kinds.
     *
     * @param withParts whether to make one of the names in each kind, too
     */
    public Mappings(boolean withParts) {
        parts = withParts ? new MappingTable(FIGURES.length, budget) : null;
    }

    /** Returns whether there is a table of the names in each kind. */
    boolean hasParts() {
        return parts != null;
    }

    /**
     * Adds the mappings of a process.
     *
     * @param usage the sums over them
     * @param isHugeShared whether its private huge pages are shared, see {@link
     *     Usage#withSharedHugePages}
     */
    public void add(ProcessMappings process, Usage usage, boolean isHugeShared) {
        add(names, process.names(), usage, isHugeShared);
        if (parts != null) {
            add(parts, process.parts(), usage, isHugeShared);
        }
        for (int i = 0; i < KINDS.length; i++) {
            int from = i * ProcessMappings.COLUMNS;
            long[] sums = sums(process.kinds(), from, usage, isHugeShared);
            add(kinds, i * FIGURES.length, process.kinds(), from, sums);
        }
    }

    private static void add(
            MappingTable ours, MappingTable theirs, Usage usage, boolean isHugeShared) {
        for (int row = 0; row < theirs.rows(); row++) {
            if (theirs.cells()[theirs.cell(row) + ProcessMappings.MAPPINGS] > 0) {
                int own = ours.row(theirs, row);
                long[] sums = sums(theirs.cells(), theirs.cell(row), usage, isHugeShared);
                add(ours.cells(), ours.cell(own), theirs.cells(), theirs.cell(row), sums);
            }
        }
    }

    /**
     * Returns the sums in a row of a process. A field is missing only if it is missing for the
     * whole process.
     */
    private static long[] sums(long[] theirs, int from, Usage process, boolean isHugeShared) {
        long[] sums = new long[SmapsParser.FIELDS.length];
        for (int i = 0; i < sums.length; i++) {
            boolean isAbsent = process.sums[i] == Missing.VALUE;
            sums[i] = isAbsent ? Missing.VALUE : theirs[from + i] * BYTES_PER_KB;
        }
        if (isHugeShared) {
            Usage.shareHugePages(sums);
        }
        return sums;
    }

    /** Adds a row of a process. */
    private static void add(long[] cells, int to, long[] theirs, int from, long... sums) {
        int mappings = (int) theirs[from + ProcessMappings.MAPPINGS];
        if (mappings == 0) {
            return;
        }
        int cutPss = (int) theirs[from + ProcessMappings.CUT_PSS];
        int cutSwapPss = (int) theirs[from + ProcessMappings.CUT_SWAP_PSS];
        Usage usage = new Usage(sums, Missing.VALUE, mappings, cutPss, cutSwapPss);
        if (cells[to + Figure.PROCESSES.ordinal()] == 0) {
            Arrays.fill(cells, to, to + FIGURES.length, Missing.VALUE);
        }
        for (Figure figure : FIGURES) {
            int cell = to + figure.ordinal();
            cells[cell] = Missing.plus(cells[cell], figure.of(usage));
        }
    }

    /** Returns the number of rows by name; some of them may be empty. */
    public int names() {
        return names.rows();
    }

    /** Returns the name of a row; {@code null} for the row of the names that do not fit. */
    public String name(int row) {
        return row == MappingTable.OTHERS ? null : names.name(row);
    }

    /** Returns the figures of a row of {@link #names}, by {@link Figure#ordinal}. */
    public long[] ofName(int row) {
        return figures(names.cells(), names.cell(row));
    }

    /** Returns the figures of all mappings of one kind, by {@link Figure#ordinal}. */
    public long[] ofKind(MappingKind kind) {
        return figures(kinds, kind.ordinal() * FIGURES.length);
    }

    /**
     * Returns the RAM of the names of one kind, which may be 0. It is less than that of the kind if
     * some names do not fit. It is empty if these parts were not requested.
     */
    public Map<String, Long> ramByName(MappingKind kind) {
        Map<String, Long> ram = new HashMap<>();
        for (int row = MappingTable.OTHERS + 1; parts != null && row < parts.rows(); row++) {
            if (parts.firstByte(row) == kind.ordinal()) {
                long bytes = figures(parts.cells(), parts.cell(row))[Figure.PSS.ordinal()];
                ram.merge(parts.name(row, 1), Missing.orZero(bytes), Missing::plus);
            }
        }
        return ram;
    }

    private static long[] figures(long[] cells, int first) {
        return Arrays.copyOfRange(cells, first, first + FIGURES.length);
    }
}
