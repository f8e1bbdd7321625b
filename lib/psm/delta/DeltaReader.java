package psm.delta;

import psm.snapshot.NumberInput;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotSlots;
import psm.snapshot.SnapshotTable;
import psm.snapshot.SnapshotTables;
import psm.text.Text;

import java.util.Arrays;

/**
 * Changes the tables of a sample to those of the next one, see {@link DeltaWriter}. The bytes need
 * not be trusted: tables stay within the limits of a snapshot.
 */
final class DeltaReader extends NumberInput {
    private static final int MAX_ROWS = 1 << 16;
    private static final int UNKNOWN = -1;

    private final SnapshotTables tables;

    /** The slot of each text that is a name of a column, by table; 0 if it was not looked up. */
    private final int[][] slots;

    private DeltaReader(byte[] bytes, int length, SnapshotTables tables, int[][] slots) {
        super(bytes, length);
        this.tables = tables;
        this.slots = slots;
    }

    /** Returns an empty cache of names, for all differences to the same key frame. */
    static int[][] newSlots() {
        return new int[SnapshotFormat.TABLES.size()][0];
    }

    /** Changes tables. If that fails, they make no sense any more. */
    static void apply(byte[] bytes, int length, SnapshotTables tables, int[][] slots)
            throws SnapshotFormatException {
        DeltaReader reader = new DeltaReader(bytes, length, tables, slots);
        reader.texts();
        while (!reader.isAtEnd()) {
            reader.table();
        }
    }

    private void texts() throws SnapshotFormatException {
        int count = readCount(Integer.MAX_VALUE, "texts");
        for (int i = 0; i < count; i++) {
            long base = readNumber();
            if (base < 0 || base > tables.textCount()) {
                throw damaged("a text is like another one, which is missing");
            }
            tables.addText(base == 0 ? text() : similar(tables.text(base)), this);
        }
    }

    private String text() throws SnapshotFormatException {
        int length = readCount(SnapshotFormat.MAX_TEXT_BYTES, "bytes in a text");
        at += length;
        return Text.decode(bytes, at - length, at);
    }

    private String similar(String base) throws SnapshotFormatException {
        if (base.length() > 2 * TextPatch.MAX_CHARS) {
            throw damaged("a text is like another one, which is too long");
        }
        long[] numbers = TextPatch.numbers(base);
        if (numbers.length == 0) {
            throw damaged("a text is like another one, which has no numbers");
        }
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] += readSigned();
            if (numbers[i] < 0) {
                throw damaged("a number in a text is negative");
            }
        }
        return TextPatch.apply(base, numbers);
    }

    private void table() throws SnapshotFormatException {
        long place = readNumber();
        int length = readCount(Integer.MAX_VALUE, "bytes");
        int end = limit;
        int next = at + length;
        if (place >= 0 && place < SnapshotFormat.TABLES.size()) {
            limit = next;
            int tag = SnapshotFormat.TABLES.get((int) place);
            moves(tag);
            SnapshotTable table = tables.changeable(tag);
            while (!isAtEnd()) {
                column((int) place, tag, table);
            }
        }
        at = next;
        limit = end;
    }

    private void moves(int tag) throws SnapshotFormatException {
        int count = readCount(MAX_ROWS, "moves");
        if (count == 0) {
            return;
        }
        int oldRows = tables.changeable(tag).rows();
        int[] from = new int[oldRows];
        int size = 0;
        int old = 0;
        for (int i = 0; i <= count; i++) {
            int stay = i == count ? oldRows - old : rows(oldRows - old);
            int go = i == count ? 0 : rows(oldRows - old - stay);
            int come = i == count ? 0 : rows(MAX_ROWS - size - stay);
            if (size + stay + come > from.length) {
                from = Arrays.copyOf(from, Math.max(2 * from.length, size + stay + come));
            }
            for (int j = 0; j < stay; j++) {
                from[size++] = old++;
            }
            old += go;
            Arrays.fill(from, size, size + come, -1);
            size += come;
        }
        tables.rearrange(tag, Arrays.copyOf(from, size), this);
    }

    private int rows(int max) throws SnapshotFormatException {
        long rows = readNumber();
        if (rows < 0 || rows > max) {
            throw damaged(Long.toUnsignedString(rows) + " rows");
        }
        return (int) rows;
    }

    private void column(int place, int tag, SnapshotTable table) throws SnapshotFormatException {
        long name = readNumber();
        int length = readCount(Integer.MAX_VALUE, "bytes");
        int end = limit;
        int next = at + length;
        int slot = slot(place, tag, name);
        if (slot != UNKNOWN) {
            limit = next;
            values(table, slot);
            if (!isAtEnd()) {
                throw damaged("a column is too long");
            }
        }
        at = next;
        limit = end;
    }

    private int slot(int place, int tag, long name) throws SnapshotFormatException {
        if (name <= 0 || name > tables.textCount()) {
            throw damaged("a column has no name");
        }
        int code = (int) name;
        if (code >= slots[place].length) {
            slots[place] = Arrays.copyOf(slots[place], Math.max(2 * slots[place].length, code + 1));
        }
        if (slots[place][code] == 0) {
            slots[place][code] = SnapshotSlots.slot(tag, tables.text(code)) + 2;
        }
        return slots[place][code] - 2;
    }

    private void values(SnapshotTable table, int slot) throws SnapshotFormatException {
        int count = readCount(table.rows(), "values");
        int shift = rows(Long.SIZE - 1);
        int[] changed = new int[count];
        int row = 0;
        for (int i = 0; i < count; i++) {
            row += rows(table.rows() - row - 1);
            changed[i] = row++;
        }
        for (int i = 0; i < count; i++) {
            long code = table.code(slot, changed[i]) + (readSigned() << shift);
            tables.set(table, slot, changed[i], code, this);
        }
    }
}
