package psm.snapshot;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The tables and texts of a snapshot. They may be changed to those of a later one, within the
 * limits of {@link SnapshotFormat}.
 */
public final class SnapshotTables {
    private final List<String> texts;
    private final Map<Integer, SnapshotTable> tables = new TreeMap<>();
    private long chars;

    SnapshotTables(String[] texts) {
        this.texts = new ArrayList<>(Arrays.asList(texts));
        for (String text : texts) {
            chars += text.length();
        }
    }

    void put(int tag, SnapshotTable table) {
        tables.put(tag, table);
    }

    /** Returns the tags of all tables. */
    public Iterable<Integer> tags() {
        return tables.keySet();
    }

    /** Returns a table, or {@code null} if there is none. */
    public SnapshotTable table(int tag) {
        return tables.get(tag);
    }

    /** Returns the table of a section; if there is none, an empty one. */
    public SnapshotTable changeable(int tag) {
        return tables.computeIfAbsent(tag, key -> new SnapshotTable(0));
    }

    /** Returns the text with a code; {@code null} for 0. */
    public String text(long code) {
        return code == 0 ? null : texts.get((int) code - 1);
    }

    /** Returns the number of texts, which is the largest code of one. */
    public int textCount() {
        return texts.size();
    }

    /** Adds a text. */
    public void addText(String text, NumberInput at) throws SnapshotFormatException {
        chars += text.length();
        if (texts.size() >= SnapshotFormat.MAX_TEXTS || chars > SnapshotFormat.MAX_CHARS) {
            throw at.damaged("it has more text than a snapshot may have");
        }
        texts.add(text);
    }

    /** Changes a value, which need not be in its range. */
    public void set(SnapshotTable table, int slot, int row, long code, NumberInput at)
            throws SnapshotFormatException {
        long max = SnapshotSlots.isText(slot) ? texts.size() : SnapshotSlots.max(slot);
        if (code < SnapshotSlots.min(slot) || code > max) {
            throw at.damaged("a column has " + code);
        }
        table.set(slot, row, code);
    }

    /** Moves the rows of a table, see {@link SnapshotTable#rearrange}. */
    public void rearrange(int tag, int[] from, NumberInput at) throws SnapshotFormatException {
        if (from.length > SnapshotFormat.maxRows(tag)) {
            throw at.damaged(from.length + " rows");
        }
        changeable(tag).rearrange(from);
    }
}
