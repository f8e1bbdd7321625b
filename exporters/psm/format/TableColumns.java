package psm.format;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.HostNames;
import psm.text.Width;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The columns that a table shows, from left to right, and the width of each, so that lines fit into
 * the layout's width. Figures come first, then a gap, then names. If too little of a line is left
 * for names, figures become narrower, and then the last ones are left out.
 *
 * <p>A place is the position of a column in the table, an index its position in the report.
 */
final class TableColumns {
    /** The width of a figure, unless it has more digits or the window is narrow. */
    static final int FIGURE_CHARS = 10;

    /**
     * The number of characters to keep for the last name, if that is as long: figures for which
     * fewer are left are left out, after the names before it were cut.
     */
    static final int MIN_NAME_CHARS = 16;

    /** The number of characters of the words about up to 9,999 rows that are left out. */
    private static final int MORE_CHARS = "(9999 more)".length();

    /** The number of characters to keep for names before it. */
    private static final int LEAST_NAME_CHARS = 8;

    /** The number of characters for names below which figures become as narrow as possible. */
    private static final int AMPLE_NAME_CHARS = 40;

    /** The maximum length of a name that another name follows. */
    static final int MAX_NAME_CHARS = 32;

    /** What separates figures from names on a terminal. */
    static final String GAP = "  ";

    private final Psm.Column[] columns;
    private final List<Psm.Row> rows;

    /** The report whose totals and accounts use these columns, or {@code null}. */
    private final Psm.Report summed;

    private final HostNames hosts;
    private final Psm.Layout layout;
    private final Figures formatted;
    private final boolean isUnicode;

    /** The index of the column at each place. */
    private int[] places;

    /** The number of figures, which stand before the names. */
    private int figures;

    /** The place of the last name; only counts and marks come after it. */
    private int last;

    /** The place of the name that marks follow: the program's, or else the last one. */
    private int marked;

    /** The width of the column at each place; 0 for the last name, which is not padded. */
    private int[] widths;

    private boolean isTight;

    /** The maximum length of a name that another name follows, in this window. */
    private int maxNameChars = MAX_NAME_CHARS;

    /** The titles of figures that do not fit into the width. */
    private final List<String> leftOut = new ArrayList<>();

    /**
     * Lays out the columns.
     *
     * @param summed the report whose totals and accounts use these columns too; {@code null} for a
     *     list, which has none
     * @param hosts shortens the names of machines; {@code null} to show them as they are
     * @param formatted formats the figures of these columns
     */
    TableColumns(
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Report summed,
            HostNames hosts,
            Figures formatted,
            Psm.Output output) {
        this.columns = columns.toArray(new Psm.Column[0]);
        this.rows = rows;
        this.summed = summed;
        this.hosts = hosts;
        this.formatted = formatted;
        this.layout = output.layout();
        this.isUnicode = output.unicode();
        place(Figures.shown(this.columns));
        int least = MIN_NAME_CHARS;
        if (layout.width() > 0 && nameChars() < AMPLE_NAME_CHARS) {
            isTight = true;
            place(places);
        }
        if (layout.width() > 0 && nameChars() < AMPLE_NAME_CHARS) {
            int wanted = lastNameChars();
            least = Math.min(MIN_NAME_CHARS, Math.max(MORE_CHARS, wanted));
            cutNames(MIN_NAME_CHARS, Math.min(AMPLE_NAME_CHARS, Math.max(least, wanted)));
            cutNames(LEAST_NAME_CHARS, least);
        }
        while (layout.width() > 0 && figures > 1 && nameChars() < least) {
            leftOut.add(0, at(figures - 1).title());
            place(without(places, figures - 1));
        }
    }

    /** Cuts names that another name follows, until enough is left for the last one. */
    private void cutNames(int least, int enough) {
        while (maxNameChars > least && nameChars() < enough) {
            maxNameChars -= 2;
            place(places);
        }
    }

    /** Returns how many characters the longest last name takes, with what follows it. */
    private int lastNameChars() {
        int widest = last < 0 ? 0 : at(last).title().length();
        for (Psm.Row row : rows) {
            int indent = 0;
            for (int i = figures; i < places.length; i++) {
                if (at(i).kind() == Psm.Kind.DEPTH) {
                    indent = indent((Long) value(row, i));
                }
            }
            int chars = last < 0 ? 0 : Width.of(name(last, row));
            widest = Math.max(widest, indent + chars + after(row).length());
        }
        return widest;
    }

    private void place(int... shown) {
        places = shown;
        figures = 0;
        while (figures < places.length && Figures.isFigure(at(figures))) {
            figures++;
        }
        last = -1;
        for (int i = figures; i < places.length; i++) {
            last = isName(i) ? i : last;
        }
        marked = markedPlace();
        widths = widths();
    }

    private int markedPlace() {
        for (int i = figures; i < last; i++) {
            if (CellText.isOfPrograms(at(i))) {
                return i;
            }
        }
        return last;
    }

    private static int[] without(int[] all, int place) {
        int[] others = Arrays.copyOf(all, all.length - 1);
        System.arraycopy(all, place + 1, others, place, others.length - place);
        return others;
    }

    // Contents

    int figures() {
        return figures;
    }

    /** Returns the number of figures and names together. */
    int count() {
        return places.length;
    }

    Psm.Column at(int place) {
        return columns[places[place]];
    }

    Object value(Psm.Row row, int place) {
        return row.values().get(places[place]);
    }

    int width(int place) {
        return widths[place];
    }

    boolean isLast(int place) {
        return place == last;
    }

    List<String> leftOut() {
        return leftOut;
    }

    /** Returns the place of the figure with a key; -1 if the table does not show it. */
    int placeOf(String key) {
        for (int i = 0; i < figures; i++) {
            if (at(i).key().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the title of a figure: the first of a kind names the unit of all of that kind. */
    String title(int place) {
        Psm.Kind kind = at(place).kind();
        boolean isFirst = true;
        for (int i = 0; i < place; i++) {
            isFirst &= at(i).kind() != kind;
        }
        return isFirst ? formatted.titled(kind, at(place).title()) : at(place).title();
    }

    int figuresWidth() {
        int width = 0;
        for (int i = 0; i < figures; i++) {
            width += widths[i];
        }
        return width;
    }

    /** Returns how many characters of a line are to the right of the figures and the bar. */
    int charsBesideFigures() {
        int bar = layout.bars() ? TableBar.CHARS + 1 : 0;
        return layout.width() - figuresWidth() - GAP.length() - bar;
    }

    /** Returns how many characters of a line are left for the last name and what follows it. */
    int nameChars() {
        int chars = charsBesideFigures();
        for (int i = figures; i < last; i++) {
            chars -= isName(i) ? widths[i] + 1 : 0;
        }
        return chars;
    }

    /** Returns how far the names of a tree's row are to the right. */
    static int indent(long depth) {
        return (int) Math.min(2 * depth, MAX_NAME_CHARS);
    }

    /** Returns what comes after a row's last name: the number of processes, and marks. */
    String after(Psm.Row row) {
        String count = counts(row);
        String after = count == null ? "" : " (" + count + ')';
        return marked == last ? after + marks(row) : after;
    }

    /**
     * Returns the number of processes, or both numbers if it has changed; {@code null} for none.
     */
    private String counts(Psm.Row row) {
        String counts = null;
        for (int i = figures; i < places.length; i++) {
            Object value = isCount(i) ? value(row, i) : null;
            if (value != null && counts != null && !counts.equals(value.toString())) {
                counts += " > " + value;
            } else if (value != null) {
                counts = value.toString();
            }
        }
        return counts;
    }

    private boolean isCount(int place) {
        return at(place).kind() == Psm.Kind.COUNT && !at(place).sparse();
    }

    /** Returns whether a place is that of the last number of processes. */
    boolean isLastCount(int place) {
        for (int i = place + 1; i < places.length; i++) {
            if (isCount(i)) {
                return false;
            }
        }
        return isCount(place);
    }

    private Long count(Psm.Row row) {
        Long count = null;
        for (int i = figures; i < places.length; i++) {
            if (isCount(i)) {
                count = (Long) value(row, i);
            }
        }
        return count;
    }

    private String marks(Psm.Row row) {
        StringBuilder marks = null;
        for (int i = figures; i < places.length; i++) {
            boolean isMark = at(i).kind() == Psm.Kind.COUNT && at(i).sparse();
            if (isMark && value(row, i) != null && (Long) value(row, i) > 0) {
                Long all = count(row);
                marks = marks == null ? new StringBuilder() : marks;
                CellText.mark(marks, at(i).title(), (Long) value(row, i), all == null ? 0 : all);
            }
        }
        return marks == null ? "" : marks.toString();
    }

    /** Returns the text of a name, a pid or pids, with the marks if they follow it. */
    String name(int place, Psm.Row row) {
        String marks = place == marked && place != last ? marks(row) : "";
        return bareName(place, row, marks.length()) + marks;
    }

    private String bareName(int place, Psm.Row row, int charsAfter) {
        Object value = value(row, place);
        if (value == null) {
            return "-";
        }
        if (value instanceof List<?> pids) {
            return CellText.pids(pids);
        }
        if (value instanceof Long pid) {
            return pid.toString();
        }
        int chars = at(place).chars();
        boolean isHost = at(place).key().equals(HostNames.KEY);
        if (layout.width() > 0) {
            String full = (String) value;
            String shown = isHost && hosts != null ? hosts.shortened(full) : full;
            String name = CellText.name(shown, 0);
            return isLast(place) ? name : fitted(name, place, maxChars(place) - charsAfter);
        }
        if (chars > 0 || isLast(place) || isHost) {
            return CellText.name((String) value, isHost ? HostNames.MAX_CHARS : chars);
        }
        return CellText.name(CellText.elided((String) value, MAX_NAME_CHARS), MAX_NAME_CHARS);
    }

    /** Returns the maximum length of a name that another name follows: a short one is not cut. */
    private int maxChars(int place) {
        int chars = at(place).chars();
        return chars < MAX_NAME_CHARS ? Math.max(chars, maxNameChars) : maxNameChars;
    }

    /** Returns a name for a place that has that many columns. */
    String fitted(String name, int place, int chars) {
        return CellText.fitted(name, chars, at(place), isUnicode);
    }

    // Order and widths

    private boolean isName(int place) {
        Psm.Kind kind = at(place).kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID || kind == Psm.Kind.PIDS;
    }

    private int[] widths() {
        int[] widest = new int[places.length];
        for (int i = 0; i < figures; i++) {
            widest[i] = figureWidth(i);
        }
        for (int i = figures; i < last; i++) {
            if (isName(i)) {
                widest[i] = Math.min(at(i).title().length(), maxChars(i));
                for (Psm.Row row : rows) {
                    String text = name(i, row);
                    widest[i] = Math.max(widest[i], Width.of(text));
                }
            }
        }
        return widest;
    }

    /** Returns the width of a figure with a blank before it; the sign precedes the first total. */
    private int figureWidth(int place) {
        int blanks = place == 0 ? 1 : 2;
        int width = Math.max(isTight ? 0 : FIGURE_CHARS, title(place).length() + blanks);
        for (Psm.Row row : rows) {
            width = Math.max(width, chars(place, value(row, place)) + blanks);
        }
        if (summed != null) {
            int mark = CellText.totalsMark(summed, isUnicode).length();
            int total = total(place, summed.totals()).length();
            width = Math.max(width, total + (place == 0 ? mark : 1));
            width = Math.max(width, widestEntry(at(place).key()) + 1);
        }
        return width;
    }

    /** Returns the total of a figure, after a sign if it needs one of its own. */
    String total(int place, Psm.Row totals) {
        String total = formatted.of(at(place), value(totals, place));
        return total.isEmpty() ? "" : CellText.ownMark(summed, at(place), isUnicode) + total;
    }

    private int chars(int place, Object value) {
        return formatted.of(at(place), value).length();
    }

    /** Returns the length of the longest figure that explains a column's total; -1 for none. */
    private int widestEntry(String key) {
        int widest = -1;
        for (Psm.Account account : summed.accounts()) {
            for (Psm.Entry entry : account.entries()) {
                if (key.equals(account.column())) {
                    String text = formatted.of(entry.kind(), entry.value());
                    widest = Math.max(widest, text.length());
                }
            }
        }
        return widest;
    }
}
