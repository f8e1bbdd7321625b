package psm.smaps;

import psm.text.Text;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Rows of numbers by the names of mappings, which are bytes: a hash table that makes no object for
 * a name or a row.
 *
 * <p>It has a bounded number of rows, and so many bytes as are left of what all tables of a scan
 * have in common. What is there no room for is in {@link #OTHERS}; so the row of a name may lack
 * what came while there was none. Not for sharing between threads.
 */
public final class MappingTable {
    /** The row of all names that there is no room for. */
    public static final int OTHERS = 0;

    /**
     * Too low, and a box of many programs has a large part of its memory in {@link #OTHERS}; too
     * high, and one process with a file for each of its mappings fills the heap with names that
     * nobody reads.
     */
    static final int MAX_ROWS = 1 << 14;

    /** PATH_MAX: longer names are rare, and are told apart by so much of them alone. */
    static final int MAX_NAME_BYTES = 4096;

    private static final int FIRST_ROWS = 256;
    private static final int FIRST_NAME_BYTES = 16 << 10;

    /** Of all names in a table. */
    private static final int MAX_NAMES_BYTES = 2 << 20;

    /** Of a row beside its numbers: where its name ends, its hash, and two places to find it by. */
    private static final int ROW_BYTES = 16;

    /**
     * Another one in each run, so that nobody can choose names that are all found in one place.
     * Odd, so that no bit is lost.
     */
    private static final int MULTIPLIER = (int) System.nanoTime() << 4 | 0x2b;

    private final int columns;

    /** The bytes that this table and others may still grow by. */
    private final AtomicLong room;

    /** Row by row, {@link #columns} of them each. */
    private long[] cells;

    private int rows;
    private byte[] names = new byte[FIRST_NAME_BYTES];

    /**
     * By row: where its name ends in {@link #names}; it starts where that of the row before does.
     */
    private int[] nameEnds = new int[FIRST_ROWS];

    private int[] hashes = new int[FIRST_ROWS];

    /** By a name's hash, or later: its row, or {@link #OTHERS} where there is none. */
    private int[] places = new int[2 * FIRST_ROWS];

    /** Neighbours have one name, mostly. */
    private int last;

    MappingTable(int columns, AtomicLong room) {
        this.columns = columns;
        this.room = room;
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

    /** How many rows there are, {@link #OTHERS} among them. */
    public int rows() {
        return rows;
    }

    /** The numbers, row by row; another array once a row has been added. */
    public long[] cells() {
        return cells;
    }

    /** Where the numbers of a row start. */
    int cell(int row) {
        return row * columns;
    }

    /** The row of the name that is in {@code bytes[from..to)}; a new one is all zeros. */
    int row(byte[] bytes, int from, int to) {
        if (last == OTHERS || !isNamed(last, bytes, from, to)) {
            last = row(hash(bytes, from, to), bytes, from, to);
        }
        return last;
    }

    /** The row of the name that another table has in a row of its own. */
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
        return hasRoom(to - from) ? added(hash, bytes, from, to) : OTHERS;
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

    private boolean hasRoom(int nameBytes) {
        int used = nameEnds[rows - 1];
        while (used + nameBytes > names.length) {
            if (names.length >= MAX_NAMES_BYTES || !takeRoom(names.length)) {
                return false;
            }
            names = Arrays.copyOf(names, 2 * names.length);
        }
        return rows < nameEnds.length || growRows();
    }

    private boolean growRows() {
        int most = nameEnds.length;
        if (most >= MAX_ROWS || !takeRoom((long) most * (columns * Long.BYTES + ROW_BYTES))) {
            return false;
        }
        cells = Arrays.copyOf(cells, 2 * cells.length);
        nameEnds = Arrays.copyOf(nameEnds, 2 * most);
        hashes = Arrays.copyOf(hashes, 2 * most);
        places = new int[2 * places.length];
        for (int row = 1; row < rows; row++) {
            place(row);
        }
        return true;
    }

    private boolean takeRoom(long bytes) {
        if (room.addAndGet(-bytes) >= 0) {
            return true;
        }
        room.addAndGet(bytes);
        return false;
    }

    /** The name of a row; one that was cut ends in words that say so. */
    String name(int row) {
        int from = nameStart(row);
        int to = nameEnds[row];
        return to - from > MAX_NAME_BYTES
                ? Text.decode(names, from, from + MAX_NAME_BYTES) + "\u2026 (cut)"
                : Text.decode(names, from, to);
    }
}
