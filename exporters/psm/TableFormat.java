package psm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The table for people, laid out as Go's psm does it: sizes in MB (2^20 bytes) in columns ten wide,
 * a tab, and the name with the number of its processes. Under the total come the host's own
 * figures, and when it was. It cannot carry pids, nor names longer than 32 characters.
 */
final class TableFormat {
    private static final int WIDTH = 10;
    private static final int MAX_NAME_CHARS = 32;
    private static final int MAX_BRACKET_CHARS = 64;
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
        marked(out, mark(report.processes(), output.unicode()), totals);
        out.append("\tTOTAL USED BY PROCESSES\n");
        for (Psm.Account account : report.accounts()) {
            account(out, account, columns, places);
        }
        padded(out, "", sizeColumns(columns, places) * WIDTH);
        out.append('\t').append(Text.utc(report.takenAt())).append(", scanned in ");
        out.append(milliseconds(report.scanNanos())).append(" ms\n");
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What the totals are to the truth: more than they say, less, or nobody knows. */
    private static String mark(Psm.Processes processes, boolean unicode) {
        boolean over = processes.estimated() > 0;
        if (processes.complete()) {
            return over ? unicode ? "#\u2264" : "#<=" : "#";
        }
        return over ? "#~" : unicode ? "#\u2265" : "#>=";
    }

    /** The mark takes the place of blanks, never of a digit. */
    private static void marked(StringBuilder out, String mark, CharSequence line) {
        int blanks = 0;
        while (blanks < mark.length() && blanks < line.length() && line.charAt(blanks) == ' ') {
            blanks++;
        }
        out.append(mark).append(line, blanks, line.length());
    }

    /** An account of nothing is left out. */
    private static void account(
            StringBuilder out, Psm.Account account, Psm.Column[] columns, int[] places) {
        boolean isAny = false;
        for (Psm.Entry entry : account.entries()) {
            isAny |= entry.bytes() != null && entry.bytes() != 0;
        }
        for (Psm.Entry entry : account.entries()) {
            if (isAny && entry.bytes() != null) {
                StringBuilder line = new StringBuilder();
                for (int i : places) {
                    if (columns[i].kind() == Psm.Kind.BYTES) {
                        boolean isHere = columns[i].key().equals(account.column());
                        padded(line, isHere ? megabytes(entry.bytes()) : "", WIDTH);
                    }
                }
                marked(out, entry.sum() ? "#" : "", line);
                out.append('\t').append(entry.title()).append('\n');
            }
        }
    }

    private static int sizeColumns(Psm.Column[] columns, int[] places) {
        int count = 0;
        for (int i : places) {
            count += columns[i].kind() == Psm.Kind.BYTES ? 1 : 0;
        }
        return count;
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
                padded(out, columns[i].title(), WIDTH);
            }
        }
        out.append('\t');
        for (int i : places) {
            switch (columns[i].kind()) {
                case TEXT -> out.append(columns[i].title());
                case COUNT -> {
                    if (!columns[i].sparse()) {
                        out.append(" (").append(columns[i].title()).append(')');
                    }
                }
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
                padded(out, blank ? "" : megabytes(bytes), WIDTH);
            }
        }
    }

    private static void labels(StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row) {
        long count = 0;
        for (int i : places) {
            Object value = row.values().get(i);
            switch (columns[i].kind()) {
                case TEXT -> out.append(value == null ? "" : name((String) value));
                case COUNT -> {
                    if (columns[i].sparse()) {
                        mark(out, columns[i].title(), (Long) value, count);
                    } else if (value != null) {
                        count = (Long) value;
                        out.append(" (").append(value).append(')');
                    }
                }
                default -> {}
            }
        }
    }

    /** In how many of the row's processes: without a number, in all of them. */
    private static void mark(StringBuilder out, String title, Long marked, long count) {
        if (marked != null && marked > 0) {
            out.append(" [");
            if (marked < count) {
                out.append(marked).append(' ');
            }
            out.append(title).append(']');
        }
    }

    private static void padded(StringBuilder out, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    private static String name(String name) {
        return withBlanksShown(Text.printable(cut(name)));
    }

    /**
     * One blank between words stays. More of them could push words to the start of a terminal's
     * next line, where they would look like another row.
     */
    private static String withBlanksShown(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            boolean isBetween = i > 0 && i < name.length() - 1 && name.charAt(i - 1) != ' ';
            if (name.charAt(i) == ' ' && !isBetween) {
                out.append("\\x20");
            } else {
                out.append(name.charAt(i));
            }
        }
        return out.toString();
    }

    /** A title in brackets says who it is within them, and what it is doing after them. */
    private static String cut(String name) {
        int bracket = name.startsWith("[") ? name.indexOf(']') : -1;
        boolean isTitle = bracket > 0 && bracket < MAX_BRACKET_CHARS;
        String start = Text.cut(name, MAX_NAME_CHARS);
        return isTitle && !start.equals(name) ? name.substring(0, bracket + 1) : start;
    }

    /**
     * MB with one decimal, as C's and Go's {@code %.1f} have it: rounded to the nearest, and to the
     * even digit where two are equally near. {@link String#format} rounds ties up, and uses the
     * locale's digits.
     */
    static String megabytes(long bytes) {
        if (bytes < 0) {
            String size = megabytes(bytes == Long.MIN_VALUE ? Long.MAX_VALUE : -bytes);
            return size.equals("0.0") ? size : '-' + size;
        }
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

    private static String milliseconds(long nanos) {
        long tenths = nanos / 100_000;
        return tenths / 10 + "." + tenths % 10;
    }
}
