package psm.smaps;

import psm.text.Missing;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The mappings of all processes of a scan, by name and by kind. Their figures are those of {@link
 * Usage}, half kilobytes included, so that they sum up to what the processes have.
 *
 * <p>Filled while its scan goes on, by whoever holds the scan's lock; only read afterwards, and
 * then it may be shared between threads.
 */
public final class Mappings {
    /** The numbers of a row: sums of bytes, or {@link Missing#VALUE}, but for the first two. */
    public enum Figure {
        MAPPINGS,
        /** How many processes have such mappings; those with one address space are one. */
        PROCESSES,
        /** {@link Usage#ram}. */
        PSS,
        /** {@link Usage#unique}. */
        PRIVATE,
        /** {@link Usage#shared}, of the mappings of one name in each process. */
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
     * What all tables of a scan may grow by: that of all processes, and one for each thread, of
     * which there can be dozens where processes are stuck. Too low, and names are not told apart;
     * too high, and nothing is left of a heap of 64 MB for the report.
     */
    private static final long ROOM_BYTES = 24L << 20;

    private static final int BYTES_PER_KB = 1024;

    /** The bytes that the tables may still grow by. */
    final AtomicLong room = new AtomicLong(ROOM_BYTES);

    private final MappingTable names = new MappingTable(FIGURES.length, room);

    /** Row by row, a row for each kind by ordinal. */
    private final long[] kinds = new long[KINDS.length * FIGURES.length];

    /**
     * Adds the mappings of a process.
     *
     * @param usage the sums over them
     */
    public void add(ProcessMappings process, Usage usage) {
        MappingTable theirs = process.names();
        for (int row = 0; row < theirs.rows(); row++) {
            if (theirs.cells()[theirs.cell(row) + ProcessMappings.MAPPINGS] > 0) {
                int own = names.row(theirs, row);
                add(names.cells(), names.cell(own), theirs.cells(), theirs.cell(row), usage);
            }
        }
        for (int i = 0; i < KINDS.length; i++) {
            int from = i * ProcessMappings.COLUMNS;
            add(kinds, i * FIGURES.length, process.kinds(), from, usage);
        }
    }

    /** Which fields the kernel told is a matter of the process, not of each of its mappings. */
    private static void add(long[] cells, int to, long[] theirs, int from, Usage process) {
        int mappings = (int) theirs[from + ProcessMappings.MAPPINGS];
        if (mappings == 0) {
            return;
        }
        long[] sums = new long[SmapsParser.FIELDS.length];
        for (int i = 0; i < sums.length; i++) {
            boolean isAbsent = process.sums[i] == Missing.VALUE;
            sums[i] = isAbsent ? Missing.VALUE : theirs[from + i] * BYTES_PER_KB;
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

    /** How many rows by name there are; some of them may be empty. */
    public int names() {
        return names.rows();
    }

    /** The name of a row; {@code null} for that of the names that there was no room for. */
    public String name(int row) {
        return row == MappingTable.OTHERS ? null : names.name(row);
    }

    /** A figure of all mappings of one name. */
    public long ofName(int row, Figure figure) {
        return names.cells()[names.cell(row) + figure.ordinal()];
    }

    /** A figure of all mappings of one kind. */
    public long ofKind(MappingKind kind, Figure figure) {
        return kinds[kind.ordinal() * FIGURES.length + figure.ordinal()];
    }
}
