package psm.format;

import psm.Psm;

import java.util.List;

/** Makes the bars of a table. A bar shows the first size of a row as a share of the largest one. */
final class TableBar {
    static final int CHARS = 10;

    private final boolean isUnicode;

    /** The place of the first size, -1 if the table shows none. */
    private final int place;

    /** The size that a full bar stands for, {@code null} without sizes. */
    private final Object whole;

    TableBar(TableColumns columns, List<Psm.Row> rows, boolean isUnicode) {
        this.isUnicode = isUnicode;
        int first = 0;
        while (first < columns.figures() && columns.at(first).kind() != Psm.Kind.BYTES) {
            first++;
        }
        place = first < columns.figures() ? first : -1;
        whole = place < 0 ? null : (Object) largest(columns, rows);
    }

    private long largest(TableColumns columns, List<Psm.Row> rows) {
        long largest = 0;
        for (Psm.Row row : rows) {
            largest = columns.value(row, place) instanceof Long n ? Math.max(largest, n) : largest;
        }
        return largest;
    }

    /** Appends a row's bar, and blanks so that all bars have the same width. */
    void append(StringBuilder out, TableColumns columns, Psm.Row row) {
        int filled = place < 0 ? 0 : eighths(columns.value(row, place));
        int start = out.length();
        for (int i = 0; i < filled / 8; i++) {
            out.append(isUnicode ? '\u2588' : '#');
        }
        if (isUnicode && filled % 8 > 0) {
            out.append((char) ('\u2590' - filled % 8));
        } else if (!isUnicode && filled % 8 >= 4) {
            out.append('-');
        }
        while (out.length() - start <= CHARS) {
            out.append(' ');
        }
    }

    private int eighths(Object part) {
        if (part instanceof Long some && whole instanceof Long total && total > 0) {
            double share = Math.max(0, Math.min(1, (double) some / total));
            return (int) Math.round(share * CHARS * 8);
        }
        return 0;
    }
}
