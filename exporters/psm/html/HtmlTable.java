package psm.html;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.HostNames;
import psm.cell.HtmlText;
import psm.text.Text;

import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Writes the rows of a report, or those of a list in an account, as a table: the name of the row,
 * other names, numbers of processes, figures, then long texts, with the columns of the table for
 * people.
 *
 * <p>The script sorts by the text of the cells. Figures that it cannot compare by their text, since
 * they are rounded or have units of their own, contain their rank.
 */
final class HtmlTable {
    static final String MISSING = "<i role=\"img\" aria-label=\"not known\">\u2013</i>";

    /** The depth of a row in a tree from which on rows are indented alike. */
    static final int MAX_DEPTH = 16;

    /** The length from which on the rest of a command line is hidden, so that rows stay low. */
    private static final int LONG_CHARS = 240;

    /** The length above which texts are behind the figures, which they would push out of sight. */
    private static final int WIDE_CHARS = 40;

    private final Psm.Report report;
    private final List<Psm.Column> columns;
    private final List<Psm.Row> rows;
    private final Figures figures;
    private final boolean isReport;
    private final boolean isAuto;
    private final boolean isTotalAlone;

    /** The indexes of the columns that have cells of their own, from left to right. */
    private final List<Integer> cells = new ArrayList<>();

    /** The indexes of the columns that are shown as marks after the name. */
    private final List<Integer> marks = new ArrayList<>();

    /** The indexes of the columns with long texts, such as command lines. They come last. */
    private final Set<Integer> wide = new HashSet<>();

    /** The index of the column with the name of a row, -1 if rows have none. */
    private int name = -1;

    /** The index of the column with the row's depth in a tree, -1 if there is none. */
    private int depth = -1;

    /** By the index of a column and of a row: the rank of its figure, see {@link #ranks}. */
    private final int[][] ranks;

    /**
     * Prepares the rows of a report, or of a list.
     *
     * @param isReport whether they are the rows of the report, so that its totals follow them
     */
    HtmlTable(
            Psm.Report report,
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Layout layout,
            boolean isReport) {
        this.report = report;
        this.isReport = isReport;
        this.columns = columns;
        this.rows = rows;
        this.figures = new Figures(report, layout, false, columns, rows);
        this.isAuto = layout.unit() == Psm.Unit.AUTO;
        this.isTotalAlone = isReport && layout.totalsAlone() && report.totals() != null;
        place(Figures.shown(columns.toArray(new Psm.Column[0])));
        this.ranks = new int[columns.size()][];
        for (int index : cells) {
            ranks[index] = needsRanks(columns.get(index).kind()) ? ranks(index) : null;
        }
    }

    private void place(int... shown) {
        List<Integer> names = new ArrayList<>();
        List<Integer> counts = new ArrayList<>();
        for (int index : shown) {
            Psm.Column column = columns.get(index);
            switch (column.kind()) {
                case TEXT -> {
                    names.add(index);
                    name = name >= 0 && isName(columns.get(name)) ? name : index;
                }
                case PID, PIDS -> names.add(index);
                case COUNT -> (column.sparse() ? marks : counts).add(index);
                case DEPTH -> depth = index;
                default -> cells.add(index);
            }
        }
        cells.addAll(0, counts);
        names.remove((Integer) name);
        for (int index : names) {
            if (isWide(index)) {
                wide.add(index);
                cells.add(index);
            }
        }
        names.removeAll(cells);
        cells.addAll(0, names);
        if (isTotalAlone) {
            cells.removeIf(index -> value(report.totals(), index) == null);
        }
        if (name >= 0) {
            cells.add(0, name);
        }
    }

    /** Returns whether a column has the names of rows, whatever columns follow it. */
    private boolean isName(Psm.Column column) {
        return isReport ? CellText.isOfPrograms(column) : column.key().equals(HostNames.KEY);
    }

    /** Returns whether a column has a long text. */
    private boolean isWide(int index) {
        for (Psm.Row row : rows) {
            if (value(row, index) instanceof String text && text.length() > WIDE_CHARS) {
                return true;
            }
        }
        return false;
    }

    // Order

    private static boolean needsRanks(Psm.Kind kind) {
        return switch (kind) {
            case BYTES, PERCENT, SECONDS, TIME, RATE -> true;
            case TEXT, COUNT, PIDS, NUMBER, PID, DEPTH -> false;
        };
    }

    /** Returns whether the texts of a column begin with numbers that are in one unit. */
    private boolean isInOneUnit(Psm.Kind kind) {
        return switch (kind) {
            case BYTES, RATE -> !isAuto;
            case SECONDS, TIME, TEXT -> false;
            case PERCENT, COUNT, PIDS, NUMBER, PID, DEPTH -> true;
        };
    }

    /**
     * Returns the rank of each row's figure: among those that are rounded to the same number where
     * all are in one unit, else among all.
     */
    private int[] ranks(int index) {
        Psm.Column column = columns.get(index);
        Integer[] known = known(index);
        int[] ranks = new int[rows.size()];
        Object before = null;
        String textBefore = null;
        int rank = 0;
        for (int row : known) {
            Object value = value(rows.get(row), index);
            String text = isInOneUnit(column.kind()) ? figures.of(column, value) : "";
            boolean isAnother = !text.equals(textBefore);
            rank = isAnother ? 0 : value.equals(before) ? rank : rank + 1;
            ranks[row] = rank;
            before = value;
            textBefore = text;
        }
        return ranks;
    }

    /** Returns the indexes of the rows whose figure is known, in ascending order of the figure. */
    private Integer[] known(int index) {
        List<Integer> known = new ArrayList<>(rows.size());
        for (int row = 0; row < rows.size(); row++) {
            if (value(rows.get(row), index) != null) {
                known.add(row);
            }
        }
        Integer[] sorted = known.toArray(new Integer[0]);
        Arrays.sort(
                sorted, (a, b) -> compare(value(rows.get(a), index), value(rows.get(b), index)));
        return sorted;
    }

    private static int compare(Object a, Object b) {
        if (a instanceof Instant time) {
            return time.compareTo((Instant) b);
        }
        return a instanceof Double percent
                ? percent.compareTo((Double) b)
                : Long.compare((Long) a, (Long) b);
    }

    private static Object value(Psm.Row row, int index) {
        return row.values().get(index);
    }

    // Parts

    /**
     * Writes the table, unless no column is for people.
     *
     * @param title what it shows, for people who do not see where it stands
     */
    void write(Writer out, String title) throws IOException {
        if (cells.isEmpty()) {
            return;
        }
        String words = HtmlText.words(title);
        out.write("<section class=\"wide\" tabindex=\"0\" aria-label=\"" + words + "\">");
        out.write("<table class=\"s\"" + (isReport ? " id=\"rows\"" : "") + ">");
        out.write("<caption class=\"h\">" + words + "</caption><thead><tr>");
        StringBuilder line = new StringBuilder();
        for (int index : cells) {
            title(line, columns.get(index), wide.contains(index));
        }
        out.write(line.append("</tr></thead>\n<tbody>").toString());
        for (int i = 0; i < rows.size(); i++) {
            line.setLength(0);
            row(line, i);
            out.append(line);
        }
        out.write("</tbody>");
        if (isReport) {
            foot(out);
        }
        out.write("</table></section>\n");
    }

    private void title(StringBuilder out, Psm.Column column, boolean isWide) {
        Psm.Kind kind = column.kind();
        boolean isText = kind == Psm.Kind.TEXT;
        out.append("<th scope=\"col\" data-s=\"");
        out.append(isText ? 't' : isInOneUnit(kind) ? 'n' : 'r').append('"');
        out.append(isText ? " class=\"n" + (isWide ? " w\">" : "\">") : ">");
        out.append(HtmlText.words(column.title()));
        String unit = figures.titled(kind, "").strip();
        out.append(unit.isEmpty() ? "" : " <small>" + unit + "</small>").append("</th>");
    }

    private void row(StringBuilder out, int index) {
        Psm.Row row = rows.get(index);
        out.append("<tr");
        if (depth >= 0 && value(row, depth) instanceof Long level && level > 0) {
            out.append(" data-d=\"").append(level).append('"');
        }
        out.append('>');
        for (int cell : cells) {
            if (columns.get(cell).kind() == Psm.Kind.TEXT) {
                name(out, row, cell);
            } else {
                figure(out, row, cell, ranks[cell] == null ? 0 : ranks[cell][index]);
            }
        }
        out.append("</tr>\n");
    }

    private void name(StringBuilder out, Psm.Row row, int index) {
        boolean isName = index == name;
        String text = (String) value(row, index);
        String type = text == null ? "n x" : "n";
        out.append(isName ? "<th scope=\"row\"" : "<td class=\"" + type + '"');
        out.append(isName && text == null ? " class=\"x\">" : ">");
        if (text == null) {
            out.append(MISSING);
        } else {
            name(out, CellText.name(text, 0), isName);
        }
        if (isName) {
            marks(out, row);
        }
        out.append(isName ? "</th>" : "</td>");
    }

    /** Appends a name. The rest of a long command line appears on a click. */
    private static void name(StringBuilder out, String shown, boolean isName) {
        if (isName || shown.length() < LONG_CHARS) {
            bdi(out, shown);
            return;
        }
        String start = Text.cut(shown, LONG_CHARS / 2);
        out.append("<details><summary>");
        bdi(out, start);
        out.append("</summary>");
        bdi(out, shown.substring(start.length()));
        out.append("</details>");
    }

    private static void bdi(StringBuilder out, String shown) {
        out.append("<bdi>");
        HtmlText.escape(out, shown);
        out.append("</bdi>");
    }

    private void marks(StringBuilder out, Psm.Row row) {
        Long count = null;
        for (int cell : cells) {
            count = columns.get(cell).kind() == Psm.Kind.COUNT ? (Long) value(row, cell) : count;
        }
        StringBuilder words = new StringBuilder();
        for (int mark : marks) {
            Long marked = (Long) value(row, mark);
            CellText.mark(words, columns.get(mark).title(), marked, count == null ? 0 : count);
        }
        if (words.length() > 0) {
            out.append(" <small>").append(HtmlText.words(words.substring(1))).append("</small>");
        }
    }

    private void figure(StringBuilder out, Psm.Row row, int index, int rank) {
        Psm.Column column = columns.get(index);
        Object value = value(row, index);
        String text = text(column, value);
        boolean isZero = column.signed() ? Figures.showsZero(text) : CellText.isZero(value);
        out.append("<td");
        if (text.isEmpty()) {
            out.append(" class=\"x\">").append(MISSING).append("</td>");
            return;
        }
        if (CellText.isAlarming(column, value)) {
            out.append(" class=\"a\"");
        }
        if (rank > 0) {
            out.append(" data-v=\"").append(rank).append('"');
        }
        out.append('>').append(column.sparse() && isZero ? "" : text).append("</td>");
    }

    private String text(Psm.Column column, Object value) {
        if (value instanceof List<?> pids) {
            return pids.isEmpty() ? "" : CellText.pids(pids);
        }
        return figures.of(column, value);
    }

    /** Adds the titles of the columns and marks that the table shows, by their keys. */
    void addTitles(Map<String, String> titles) {
        for (int cell : cells) {
            titles.putIfAbsent(columns.get(cell).key(), columns.get(cell).title());
        }
        for (int mark : marks) {
            boolean isShown = false;
            for (Psm.Row row : rows) {
                isShown |= value(row, mark) instanceof Long marked && marked > 0;
            }
            if (isShown) {
                titles.putIfAbsent(columns.get(mark).key(), columns.get(mark).title());
            }
        }
    }

    // What follows the rows

    private void foot(Writer out) throws IOException {
        Psm.More more = report.more();
        boolean isSummed = CellText.isSummed(report);
        if (more == null && !isSummed) {
            return;
        }
        StringBuilder foot = new StringBuilder("<tfoot>");
        if (more != null) {
            sums(foot, "<tr class=\"m\">", more.rows() + " more", more.sums(), false);
        }
        if (isSummed) {
            sums(foot, "<tr>", sentence(CellText.totalsTitle(report)), report.totals(), true);
        }
        out.append(foot.append("</tfoot>"));
    }

    private void sums(
            StringBuilder out, String start, String title, Psm.Row sums, boolean isMarked) {
        out.append(start);
        if (name >= 0) {
            out.append("<th scope=\"row\">").append(HtmlText.words(title)).append("</th>");
        }
        for (int index : cells) {
            Psm.Column column = columns.get(index);
            Object sum = sums == null ? null : value(sums, index);
            if (index != name) {
                String mark = isMarked ? CellText.totalMark(report, column, true) : "";
                boolean isKnown = sum != null && column.kind() != Psm.Kind.TEXT;
                String text = isKnown ? text(column, sum) : "";
                out.append("<td>").append(text.isEmpty() || mark.isEmpty() ? "" : mark + '\u00a0');
                out.append(text).append("</td>");
            }
        }
        out.append("</tr>\n");
    }

    private static String sentence(String title) {
        return title.charAt(0) + title.substring(1).toLowerCase(Locale.ROOT);
    }

    /** Returns what the sign before the totals means, an empty text if they have none. */
    static String meaningOfMark(Psm.Report report) {
        if (!CellText.isSummed(report)) {
            return "";
        }
        return switch (CellText.totalsMark(report, true)) {
            case "#\u2265" -> "\u2265 means at least: what is left out is not known.";
            case "#\u2264" -> "\u2264 means at most: what is estimated may be less.";
            case "#~" -> "~ means about: something is left out, and something is estimated.";
            default -> "";
        };
    }
}
