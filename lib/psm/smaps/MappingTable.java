package psm.smaps;

import psm.text.Text;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A hash table from the names of mappings, which are bytes, to rows of numbers. It makes no object
 * for a name or a row.
 *
 * <p>The number of rows is limited, and all tables of a scan share a budget of bytes. The row
 * {@link #OTHERS} takes the numbers of names that do not fit. If such a name fits later, its row
 * lacks the numbers before that. Not for sharing between threads.
 */
public final class MappingTable {
    /** The row of all names that do not fit. */
    public static final int OTHERS = 0;

    /**
     * The largest number of rows. If it is too low, {@link #OTHERS} contains much of the memory of
     * a host with many programs; if it is too high, one process that maps very many files fills the
     * heap with useless names.
     */
    static final int MAX_ROWS = 1 << 14;

    /** PATH_MAX. Longer names are rare, and are the same if they start with the same bytes. */
    static final int MAX_NAME_BYTES = 4096;

    private static final int FIRST_ROWS = 256;
    private static final int FIRST_NAME_BYTES = 16 << 10;

    /** The largest total size of the names in a table. */
    private static final int MAX_NAMES_BYTES = 2 << 20;

    /** The size of a row without its numbers: the end of its name, its hash, and two places. */
    private static final int ROW_BYTES = 16;

    /**
     * The multiplier of hashes. It differs in each run, so that no user can choose names whose
     * hashes collide, and it is odd, so that no bit is lost.
     */
    private static final int MULTIPLIER = (int) System.nanoTime() << 4 | 0x2b;

    private final int columns;

    /** The number of bytes by which all tables of the scan may still grow. */
    private final AtomicLong budget;

    /** The numbers, row by row, {@link #columns} in each. */
    private long[] cells;

    private int rows;
    private byte[] names = new byte[FIRST_NAME_BYTES];

    /** The end of each row's name in {@link #names}, by row; the next name starts there. */
    private int[] nameEnds = new int[FIRST_ROWS];

    private int[] hashes = new int[FIRST_ROWS];

    /**
     * The rows, each at the place of its name's hash or after it; {@link #OTHERS} in free places.
     */
    private int[] places = new int[2 * FIRST_ROWS];

    /** The row that was found last: consecutive mappings often have the same name. */
    private int last;

    MappingTable(int columns, AtomicLong budget) {
        this.columns = columns;
        this.budget = budget;
        this.cells = new long[FIRST_ROWS * columns];
        clear();
    }

    /** Forgets all rows, and keeps its arrays. */
    void clear() {
        rows = 1;
        last = OTHERS;
        Arrays.fill(cells, 0, columns, 0);
        Arrays.fill(places, OTHERS);
    }

    /** Returns the number of rows, including {@link #OTHERS}. */
    public int rows() {
        return rows;
    }

    /** Returns the numbers, row by row. Adding a row may replace the array. */
    public long[] cells() {
        return cells;
    }

    /** Returns the index of a row's first number. */
    int cell(int row) {
        return row * columns;
    }

    /**
     * Returns the row of the name in {@code bytes[from..to)}; adds a row of zeros for a new one.
     */
    int row(byte[] bytes, int from, int to) {
        if (last == OTHERS || !isNamed(last, bytes, from, to)) {
            last = row(hash(bytes, from, to), bytes, from, to);
        }
        return last;
    }

    /** Returns the row for the name of a row of another table. */
    int row(MappingTable other, int row) {
        if (row == OTHERS) {
            return OTHERS;
        }
        return row(other.hashes[row], other.names, other.nameStart(row), other.nameEnds[row]);
    }

    private int row(int hash, byte[] bytes, int from, int to) {
        int place = hash & (places.length - 1);
        while (places[place] != OTHERS) {
            int row = places[place];
            if (hashes[row] == hash && isNamed(row, bytes, from, to)) {
                return row;
            }
            place = (place + 1) & (places.length - 1);
        }
        return fits(to - from) ? added(hash, bytes, from, to) : OTHERS;
    }

    private boolean isNamed(int row, byte[] bytes, int from, int to) {
        return Arrays.equals(names, nameStart(row), nameEnds[row], bytes, from, to);
    }

    private int nameStart(int row) {
        return nameEnds[row - 1];
    }

    private int added(int hash, byte[] bytes, int from, int to) {
        int row = rows++;
        int start = nameStart(row);
        System.arraycopy(bytes, from, names, start, to - from);
        nameEnds[row] = start + to - from;
        hashes[row] = hash;
        place(row);
        Arrays.fill(cells, cell(row), cell(row + 1), 0);
        return row;
    }

    private void place(int row) {
        int place = hashes[row] & (places.length - 1);
        while (places[place] != OTHERS) {
            place = (place + 1) & (places.length - 1);
        }
        places[place] = row;
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = (hash ^ bytes[i]) * MULTIPLIER;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    /** Returns whether one more row fits, after growing the arrays if needed. */
    private boolean fits(int nameBytes) {
        int used = nameEnds[rows - 1];
        while (used + nameBytes > names.length) {
            if (names.length >= MAX_NAMES_BYTES || !takeBytes(names.length)) {
                return false;
            }
            names = Arrays.copyOf(names, 2 * names.length);
        }
        return rows < nameEnds.length || growRows();
    }

    private boolean growRows() {
        int capacity = nameEnds.length;
        if (capacity >= MAX_ROWS
                || !takeBytes((long) capacity * (columns * Long.BYTES + ROW_BYTES))) {
            return false;
        }
        cells = Arrays.copyOf(cells, 2 * cells.length);
        nameEnds = Arrays.copyOf(nameEnds, 2 * capacity);
        hashes = Arrays.copyOf(hashes, 2 * capacity);
        places = new int[2 * places.length];
        for (int row = 1; row < rows; row++) {
            place(row);
        }
        return true;
    }

    private boolean takeBytes(long bytes) {
        if (budget.addAndGet(-bytes) >= 0) {
            return true;
        }
        budget.addAndGet(bytes);
        return false;
    }

    /** Returns the first byte of a row's name. */
    byte firstByte(int row) {
        return names[nameStart(row)];
    }

    /** Returns the name of a row; one that was cut ends in {@code (cut)}. */
    String name(int row) {
        return name(row, 0);
    }

    /**
     * Returns the name of a row without its first bytes.
     *
     * @param skipped the number of these bytes
     */
    String name(int row, int skipped) {
        int from = nameStart(row) + skipped;
        int to = nameEnds[row];
        return to - from > MAX_NAME_BYTES
                ? Text.decode(names, from, from + MAX_NAME_BYTES) + "\u2026 (cut)"
                : Text.decode(names, from, to);
    }
}
