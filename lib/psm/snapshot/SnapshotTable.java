package psm.snapshot;

import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Arrays;

/**
 * The known columns of a table, see {@link SnapshotFormat}. They may be changed, to those of a
 * later snapshot. Each row keeps the object that was made of it, so that only what changed is made
 * again.
 */
public final class SnapshotTable {
    private static final SnapshotColumn[] COLUMNS = SnapshotColumn.values();
    private static final Usage.Field[] FIELDS = Usage.Field.values();

    /** The object of the row is no longer right. */
    private static final byte STALE = 1;

    /** The sums of the row are not those that its object has. */
    private static final byte OWN_SUMS = 2;

    /** The program of the row's object may no longer be right. */
    static final byte OTHER_PROGRAM = 4;

    /** The details of the row's object may no longer be right. */
    static final byte OTHER_DETAILS = 8;

    /** The usage of the row's object may no longer be right. */
    static final byte OTHER_USAGE = 16;

    private static final byte OTHER = OTHER_PROGRAM | OTHER_DETAILS | OTHER_USAGE;

    private int rows;

    /** The values of columns that fit into an {@code int}; {@code null} for an absent column. */
    private final int[][] narrow = new int[COLUMNS.length][];

    /** The values of all other columns; {@code null} for an absent column. */
    private final long[][] wide = new long[COLUMNS.length][];

    /** The sums of each row by {@link Usage.Field}; {@code null} if no column contains sums. */
    private long[][] sums;

    /** The {@link Usage.Field} whose columns have been read, by ordinal. */
    private final boolean[] fields = new boolean[FIELDS.length];

    /** What was made of each row; {@code null} before anything was. */
    private Object[] made;

    /** Whether rows changed since then, as bits; {@code null} before anything was made. */
    private byte[] states;

    private boolean isChanged = true;

    SnapshotTable(int rows) {
        this.rows = rows;
    }

    /** Returns the number of rows. */
    public int rows() {
        return rows;
    }

    long get(SnapshotColumn column, int row) {
        int[] ints = narrow[column.ordinal()];
        long[] longs = wide[column.ordinal()];
        if (ints == null && longs == null) {
            return column.decode(column.missing);
        }
        return column.decode(ints == null ? longs[row] : ints[row]);
    }

    /** Returns whether the table contains a column. */
    public boolean has(int slot) {
        return slot < SnapshotSlots.FIRST_FIELD
                ? narrow[slot] != null || wide[slot] != null
                : fields[slot - SnapshotSlots.FIRST_FIELD];
    }

    /** Returns the code of a value. */
    public long code(int slot, int row) {
        if (slot >= SnapshotSlots.FIRST_FIELD) {
            return SnapshotSlots.encodeField(
                    sums == null ? Missing.VALUE : sums[row][slot - SnapshotSlots.FIRST_FIELD]);
        }
        if (!has(slot)) {
            return SnapshotSlots.missing(slot);
        }
        return narrow[slot] == null ? wide[slot][row] : narrow[slot][row];
    }

    /** Stores a column; returns whether it is the first of that kind. */
    boolean put(int slot, long[] values) {
        boolean isFirst = !has(slot);
        if (slot >= SnapshotSlots.FIRST_FIELD) {
            putSums(slot - SnapshotSlots.FIRST_FIELD, values);
        } else if (SnapshotSlots.isNarrow(slot)) {
            narrow[slot] = new int[values.length];
            for (int row = 0; row < values.length; row++) {
                narrow[slot][row] = (int) values[row];
            }
        } else {
            wide[slot] = values;
        }
        return isFirst;
    }

    private void putSums(int field, long[] values) {
        makeSums();
        for (int i = 0; i < rows; i++) {
            sums[i][field] = SnapshotSlots.decodeField(values[i]);
        }
        fields[field] = true;
    }

    private void makeSums() {
        if (sums == null) {
            sums = new long[rows][];
            for (int i = 0; i < rows; i++) {
                sums[i] = missing();
            }
        }
    }

    private static long[] missing() {
        long[] missing = new long[FIELDS.length];
        Arrays.fill(missing, Missing.VALUE);
        return missing;
    }

    /** Returns the array with the sums of a row. */
    long[] sums(int row) {
        return sums == null ? missing() : sums[row];
    }

    /** Returns the row of a pid; a negative number if there is none. */
    int indexOfPid(long pid) {
        int[] pids = narrow[SnapshotColumn.PID.ordinal()];
        return pids == null || pid != (int) pid ? -1 : Arrays.binarySearch(pids, (int) pid);
    }

    /**
     * Changes a value.
     *
     * @param code within the range of the column
     */
    void set(int slot, int row, long code) {
        change(row, SnapshotSlots.part(slot));
        if (slot >= SnapshotSlots.FIRST_FIELD) {
            makeSums();
            fields[slot - SnapshotSlots.FIRST_FIELD] = true;
            if ((states[row] & OWN_SUMS) == 0) {
                sums[row] = sums[row].clone();
                states[row] |= OWN_SUMS;
            }
            sums[row][slot - SnapshotSlots.FIRST_FIELD] = SnapshotSlots.decodeField(code);
            return;
        }
        if (!has(slot)) {
            long[] values = new long[rows];
            Arrays.fill(values, SnapshotSlots.missing(slot));
            put(slot, values);
        }
        if (narrow[slot] != null) {
            narrow[slot][row] = (int) code;
        } else {
            wide[slot][row] = code;
        }
    }

    private void change(int row, byte part) {
        isChanged = true;
        if (states == null) {
            states = new byte[rows];
        }
        states[row] = (byte) (states[row] | STALE | part);
    }

    /**
     * Moves rows.
     *
     * @param from the row that each row was before; -1 for a new one, whose values are missing
     */
    void rearrange(int[] from) {
        isChanged = true;
        int[] runs = runs(from);
        for (int slot = 0; slot < COLUMNS.length; slot++) {
            if (narrow[slot] != null) {
                int[] moved = new int[from.length];
                Arrays.fill(moved, (int) SnapshotSlots.missing(slot));
                copy(narrow[slot], moved, runs);
                narrow[slot] = moved;
            } else if (wide[slot] != null) {
                long[] moved = new long[from.length];
                Arrays.fill(moved, SnapshotSlots.missing(slot));
                copy(wide[slot], moved, runs);
                wide[slot] = moved;
            }
        }
        rearrangeObjects(from);
        rows = from.length;
    }

    /** Returns the rows that stay together: their place before, their place now, their number. */
    private static int[] runs(int[] from) {
        int[] runs = new int[3 * from.length];
        int size = 0;
        for (int i = 0; i < from.length; i++) {
            if (from[i] >= 0) {
                int length = 1;
                while (i + length < from.length && from[i + length] == from[i] + length) {
                    length++;
                }
                runs[size++] = from[i];
                runs[size++] = i;
                runs[size++] = length;
                i += length - 1;
            }
        }
        return Arrays.copyOf(runs, size);
    }

    private static void copy(Object before, Object moved, int[] runs) {
        for (int i = 0; i < runs.length; i += 3) {
            System.arraycopy(before, runs[i], moved, runs[i + 1], runs[i + 2]);
        }
    }

    private void rearrangeObjects(int[] from) {
        Object[] objects = new Object[from.length];
        byte[] bits = new byte[from.length];
        long[][] figures = sums == null ? null : new long[from.length][];
        for (int i = 0; i < from.length; i++) {
            boolean isNew = from[i] < 0;
            objects[i] = isNew || made == null ? null : made[from[i]];
            bits[i] = isNew ? STALE | OWN_SUMS | OTHER : states == null ? 0 : states[from[i]];
            if (figures != null) {
                figures[i] = isNew ? missing() : sums[from[i]];
            }
        }
        made = objects;
        states = bits;
        sums = figures;
    }

    /** Returns whether anything changed since {@link #accept}, or nothing was made so far. */
    boolean isChanged() {
        return isChanged;
    }

    /** Returns what was made of a row when it last was made; {@code null} if it is new. */
    Object made(int row) {
        return made == null ? null : made[row];
    }

    /** Returns whether what was made of a row is what would be made again. */
    boolean isFresh(int row) {
        return made(row) != null && (states == null || states[row] == 0);
    }

    /** Returns whether a part of what was made of a row may no longer be right. */
    boolean isOther(int row, byte part) {
        return made(row) == null || (states[row] & part) != 0;
    }

    /** Keeps what was made of a row of another table with the same key. */
    void makeStale(int row, Object object) {
        make(row, object);
        change(row, OTHER);
    }

    /** Keeps what was made of a row. */
    void make(int row, Object object) {
        if (made == null) {
            made = new Object[rows];
        }
        made[row] = object;
    }

    /** Notes that all rows have been made. */
    void accept() {
        isChanged = false;
        if (states != null) {
            Arrays.fill(states, (byte) 0);
        }
    }
}
