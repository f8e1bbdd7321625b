package psm.smaps;

import psm.text.Missing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The mappings of one process, by name and by kind. {@link SmapsParser} calls {@link #start} for
 * each mapping, and {@link #end} when its fields are read. Figures are in kB, as the kernel prints
 * them.
 *
 * <p>One object serves many processes, one after the other. Not for sharing between threads.
 */
public final class ProcessMappings {
    /** The limit for the bytes before a mapping's name; the kernel prints fewer than 100. */
    private static final int HEADER_BYTES = 256;

    /**
     * The limit for a header: one byte more than the longest name, so that a longer name is
     * noticed.
     */
    static final int MAX_HEADER_BYTES = HEADER_BYTES + MappingTable.MAX_NAME_BYTES + 1;

    // The indexes in a row after those of the fields, which are their ordinals.
    public static final int MAPPINGS = SmapsParser.FIELDS.length;
    static final int CUT_PSS = MAPPINGS + 1;
    static final int CUT_SWAP_PSS = MAPPINGS + 2;
    public static final int COLUMNS = MAPPINGS + 3;

    /** The number of words before a name: addresses, permissions, offset, device and inode. */
    private static final int WORDS_BEFORE_NAME = 5;

    private static final byte[] ANONYMOUS = "[anonymous]".getBytes(StandardCharsets.US_ASCII);

    private static final MappingKind[] KINDS = MappingKind.values();

    private final MappingTable names;

    /** The names in each kind, see {@link Mappings}; {@code null} if they were not requested. */
    private final MappingTable parts;

    /** Room for the kind and the name of a mapping; {@code null} without {@link #parts}. */
    private final byte[] part;

    /** The length of the name in {@link #part}. */
    private int partLength;

    /** The numbers of the kinds: a row for each, by ordinal. */
    private final long[] kinds = new long[KINDS.length * COLUMNS];

    // The row and the kind of the mapping that was started last.
    private int row;
    private MappingKind kind;

    /**
     * Makes an empty table of one process's mappings.
     *
     * @param scan the owner of the budget of bytes
     */
    public ProcessMappings(Mappings scan) {
        names = new MappingTable(COLUMNS, scan.budget);
        parts = scan.hasParts() ? new MappingTable(COLUMNS, scan.budget) : null;
        part = parts == null ? null : new byte[1 + MappingTable.MAX_NAME_BYTES + 1];
    }

    /** Starts another process. */
    void clear() {
        names.clear();
        if (parts != null) {
            parts.clear();
        }
        Arrays.fill(kinds, 0);
    }

    public MappingTable names() {
        return names;
    }

    MappingTable parts() {
        return parts;
    }

    public long[] kinds() {
        return kinds;
    }

    /**
     * Starts a mapping.
     *
     * @param bytes the array with its line in {@code [from..to)}, up to {@link #MAX_HEADER_BYTES}
     *     and without the newline; it is not kept
     */
    void start(byte[] bytes, int from, int to) {
        int permissions = from;
        int name = from;
        for (int word = 0; word < WORDS_BEFORE_NAME; word++) {
            while (name < to && bytes[name] != ' ') {
                name++;
            }
            while (name < to && bytes[name] == ' ') {
                name++;
            }
            permissions = word == 0 ? name : permissions;
        }
        boolean isExecutable = permissions + 2 < to && bytes[permissions + 2] == 'x';
        int end = Math.min(to, name + MappingTable.MAX_NAME_BYTES + 1);
        kind = MappingKind.of(isExecutable, bytes, name, end);
        row = row(bytes, name, end);
    }

    private int row(byte[] bytes, int name, int end) {
        if (name == end) {
            return named(ANONYMOUS, 0, ANONYMOUS.length);
        }
        if (MappingKind.isThreadStack(bytes, name, end)) {
            return named(MappingKind.STACK_NAME, 0, MappingKind.STACK_NAME.length);
        }
        return named(bytes, name, end);
    }

    private int named(byte[] bytes, int from, int to) {
        if (part != null) {
            partLength = to - from;
            System.arraycopy(bytes, from, part, 1, partLength);
        }
        return names.row(bytes, from, to);
    }

    /**
     * Adds the figures of the mapping that was started last.
     *
     * @param kilobytes by {@link Usage.Field#ordinal}, or {@link Missing#VALUE}
     * @param cutPss 1 if a fraction of its Pss was cut off, else 0
     * @param cutSwapPss 1 if a fraction of its SwapPss was cut off, else 0
     */
    void end(long[] kilobytes, int cutPss, int cutSwapPss) {
        boolean isHuge =
                kilobytes[Usage.Field.PRIVATE_HUGETLB.ordinal()] > 0
                        || kilobytes[Usage.Field.SHARED_HUGETLB.ordinal()] > 0;
        int kindRow = (isHuge ? MappingKind.HUGETLB : kind).ordinal();
        add(names.cells(), names.cell(row), kilobytes, cutPss, cutSwapPss);
        add(kinds, kindRow * COLUMNS, kilobytes, cutPss, cutSwapPss);
        if (part != null) {
            part[0] = (byte) kindRow;
            int partRow = parts.row(part, 0, 1 + partLength);
            add(parts.cells(), parts.cell(partRow), kilobytes, cutPss, cutSwapPss);
        }
    }

    private static void add(long[] cells, int cell, long[] kilobytes, int cutPss, int cutSwapPss) {
        for (int i = 0; i < kilobytes.length; i++) {
            // No overflow: the parser checks the sums over all mappings.
            cells[cell + i] += Math.max(0, kilobytes[i]);
        }
        cells[cell + MAPPINGS]++;
        cells[cell + CUT_PSS] += cutPss;
        cells[cell + CUT_SWAP_PSS] += cutSwapPss;
    }
}
