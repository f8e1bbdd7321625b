package psm.delta;

import psm.snapshot.NumberOutput;
import psm.snapshot.SnapshotFormat;
import psm.snapshot.SnapshotSlots;
import psm.snapshot.SnapshotWriter;
import psm.snapshot.TextNumbers;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes the difference between two samples, deflated as the content of a frame. Numbers are
 * written as in a snapshot, see {@link SnapshotFormat}. There are
 *
 * <ol>
 *   <li>the number of new texts, and for each the code of another text, or 0. Behind 0 are its
 *       length and its bytes. Otherwise it is that text with other numbers, see {@link TextPatch},
 *       and the difference of each follows. Codes of texts go on from those of the samples before,
 *       down to the last key frame.
 *   <li>tables, each with its place in {@link SnapshotFormat#TABLES}, the length of its content,
 *       and the content: the number of places where rows come and go, and for each the number of
 *       rows that stay before it, of those that go, and of those that come. Columns follow, each
 *       with the code of its name, the length of its content, and the content.
 * </ol>
 *
 * <p>A column consists of the number of values that changed, the number of bits that are zero at
 * the end of all differences, the number of rows before each value that did not change, and all
 * differences without these bits. All values of new rows are missing at first.
 */
final class DeltaWriter {
    private final SampleTables before;
    private final SampleTables now;
    private final TextNumbers texts;
    private final int knownTexts;

    /** The code of a similar text by that of a new one. */
    private final Map<Long, Long> bases = new HashMap<>();

    private final Bytes column = new Bytes();
    private final Bytes table = new Bytes();

    /**
     * Makes a writer.
     *
     * @param texts numbers the texts of both samples
     * @param knownTexts how many of the texts the frames before contain
     */
    DeltaWriter(SampleTables before, SampleTables now, TextNumbers texts, int knownTexts) {
        this.before = before;
        this.now = now;
        this.texts = texts;
        this.knownTexts = knownTexts;
    }

    /** Writes the difference. */
    void to(Bytes out) throws IOException {
        Bytes tables = new Bytes();
        for (int place = 0; place < SnapshotFormat.TABLES.size(); place++) {
            table.clear();
            table(place);
            if (table.size() > 1) {
                tables.append(place);
                tables.append(table.size());
                tables.append(table.array(), table.size());
            }
        }
        texts(out);
        out.append(tables.array(), tables.size());
    }

    private void texts(Bytes out) throws IOException {
        int count = texts.texts().size();
        out.append(count - knownTexts);
        for (int i = knownTexts; i < count; i++) {
            String text = texts.texts().get(i);
            long base = bases.getOrDefault(i + 1L, 0L);
            String similar = base == 0 ? null : texts.texts().get((int) base - 1);
            long[] numbers = similar == null ? null : TextPatch.of(similar, text);
            if (numbers == null) {
                byte[] encoded = SnapshotWriter.encoded(text);
                out.append(0);
                out.append(encoded.length);
                out.append(encoded);
            } else {
                out.append(base);
                long[] others = TextPatch.numbers(similar);
                for (int j = 0; j < numbers.length; j++) {
                    out.append(NumberOutput.signed(numbers[j] - others[j]));
                }
            }
        }
    }

    private void table(int place) throws IOException {
        SampleTables.Table old = before.table(place);
        SampleTables.Table current = now.table(place);
        int[] from = RowMatch.of(SnapshotFormat.TABLES.get(place), old, current);
        moves(from, old.rows);
        for (int slot = 0; slot < SnapshotSlots.COUNT; slot++) {
            if (old.columns[slot] != null || current.columns[slot] != null) {
                column(slot, old, current, from);
            }
        }
    }

    /** Writes which rows come and go. */
    private void moves(int[] from, int oldRows) throws IOException {
        Bytes moves = column;
        moves.clear();
        int count = 0;
        int old = 0;
        int row = 0;
        while (row < from.length || old < oldRows) {
            int stay = 0;
            while (row < from.length && from[row] == old) {
                stay++;
                row++;
                old++;
            }
            int come = 0;
            while (row < from.length && from[row] < 0) {
                come++;
                row++;
            }
            int go = (row < from.length ? from[row] : oldRows) - old;
            old += go;
            if (come + go > 0) {
                moves.append(stay);
                moves.append(go);
                moves.append(come);
                count++;
            }
        }
        table.append(count);
        table.append(moves.array(), moves.size());
    }

    private void column(int slot, SampleTables.Table old, SampleTables.Table current, int[] from)
            throws IOException {
        long missing = SnapshotSlots.missing(slot);
        boolean isText = SnapshotSlots.isText(slot);
        int count = 0;
        long bits = 0;
        for (int row = 0; row < from.length; row++) {
            long code = from[row] < 0 ? missing : old.code(slot, from[row]);
            long difference = current.code(slot, row) - code;
            count += difference == 0 ? 0 : 1;
            bits |= difference;
            if (isText && difference != 0 && code != 0 && current.code(slot, row) > knownTexts) {
                bases.putIfAbsent(current.code(slot, row), code);
            }
        }
        if (count == 0) {
            return;
        }
        int shift = Long.numberOfTrailingZeros(bits);
        column.clear();
        column.append(count);
        column.append(shift);
        int last = 0;
        for (int row = 0; row < from.length; row++) {
            if (difference(slot, old, current, from, row) != 0) {
                column.append(row - last);
                last = row + 1;
            }
        }
        for (int row = 0; row < from.length; row++) {
            long difference = difference(slot, old, current, from, row);
            if (difference != 0) {
                column.append(NumberOutput.signed(difference >> shift));
            }
        }
        table.append(texts.number(SnapshotSlots.key(slot)));
        table.append(column.size());
        table.append(column.array(), column.size());
    }

    private static long difference(
            int slot, SampleTables.Table old, SampleTables.Table current, int[] from, int row) {
        long code = from[row] < 0 ? SnapshotSlots.missing(slot) : old.code(slot, from[row]);
        return current.code(slot, row) - code;
    }
}
