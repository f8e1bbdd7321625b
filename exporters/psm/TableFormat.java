package psm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The table for people, laid out as Go's psm does it: sizes in MB (2^20 bytes) in columns ten wide,
 * a tab, and the name with the number of its processes. It cannot carry pids, nor names longer than
 * 32 characters.
 */
final class TableFormat {
    private static final int WIDTH = 10;
    private static final int MAX_NAME_CHARS = 32;
    private static final int MB_BITS = 20;

    private TableFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Psm.Column[] columns = report.columns().toArray(new Psm.Column[0]);
        int[] places = places(columns);
        StringBuilder out = new StringBuilder();
        header(out, columns, places);
        for (Psm.Row row : report.rows()) {
            sizes(out, columns, places, row, true);
            out.append('\t');
            labels(out, columns, places, row);
            out.append('\n');
        }
        StringBuilder totals = new StringBuilder();
        sizes(totals, columns, places, report.totals(), false);
        // The mark takes the place of a blank, never of a digit.
        out.append('#')
                .append(
                        totals,
                        totals.length() > 0 && totals.charAt(0) == ' ' ? 1 : 0,
                        totals.length());
        out.append("\tTOTAL USED BY PROCESSES\n");
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The indexes of the columns that a table shows, from left to right. */
    private static int[] places(Psm.Column[] columns) {
        int[] places = new int[columns.length];
        int shown = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].display() > 0) {
                int place = shown++;
                while (place > 0 && columns[places[place - 1]].display() > columns[i].display()) {
                    places[place] = places[place - 1];
                    place--;
                }
                places[place] = i;
            }
        }
        return Arrays.copyOf(places, shown);
    }

    private static void header(StringBuilder out, Psm.Column[] columns, int[] places) {
        for (int i : places) {
            if (columns[i].kind() == Psm.Kind.BYTES) {
                padded(out, columns[i].title());
            }
        }
        out.append('\t');
        for (int i : places) {
            switch (columns[i].kind()) {
                case TEXT -> out.append(columns[i].title());
                case COUNT -> out.append(" (").append(columns[i].title()).append(')');
                default -> {}
            }
        }
        out.append('\n');
    }

    private static void sizes(
            StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row, boolean isGroup) {
        for (int i : places) {
            if (columns[i].kind() == Psm.Kind.BYTES) {
                Long bytes = (Long) row.values().get(i);
                boolean blank = bytes == null || (isGroup && columns[i].sparse() && bytes == 0);
                padded(out, blank ? "" : megabytes(bytes));
            }
        }
    }

    private static void labels(StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row) {
        for (int i : places) {
            Object value = row.values().get(i);
            switch (columns[i].kind()) {
                case TEXT -> out.append(Text.printable(cut((String) value)));
                case COUNT -> out.append(" (").append(value).append(')');
                default -> {}
            }
        }
    }

    private static void padded(StringBuilder out, String text) {
        for (int i = text.length(); i < WIDTH; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    /** A title in brackets says who it is within them, and what it is doing after them. */
    private static String cut(String name) {
        if (name.codePointCount(0, name.length()) <= MAX_NAME_CHARS) {
            return name;
        }
        int bracket = name.charAt(0) == '[' ? name.indexOf(']') : -1;
        return name.substring(
                0, bracket > 0 ? bracket + 1 : name.offsetByCodePoints(0, MAX_NAME_CHARS));
    }

    /**
     * MB with one decimal, as C's and Go's {@code %.1f} have it: rounded to the nearest, and to the
     * even digit where two are equally near. {@link String#format} rounds ties up, and uses the
     * locale's digits.
     */
    static String megabytes(long bytes) {
        long mask = (1L << MB_BITS) - 1;
        long scaled = (bytes & mask) * 10;
        long tenths = scaled >> MB_BITS;
        long rest = scaled & mask;
        long half = 1L << (MB_BITS - 1);
        if (rest > half || (rest == half && (tenths & 1) == 1)) {
            tenths++;
        }
        long whole = (bytes >> MB_BITS) + tenths / 10;
        return whole + "." + tenths % 10;
    }
}
