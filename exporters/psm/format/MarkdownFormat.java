package psm.format;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.PlaceAndTime;
import psm.report.LeftOut;
import psm.text.Text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Writes tables in the Markdown of GitHub and GitLab, to paste into a ticket: the columns and names
 * of {@link TableFormat}, numbers first; the totals; a table for each account; the time and the
 * host of the scan, and what it leaves out. Names are code, in which nothing is markup, HTML, a
 * link or a mention; {@code `} and {@code |}, which would end it, are written as {@code \x60} and
 * {@code \x7c}. The columns are aligned, so that the source is readable too.
 */
final class MarkdownFormat {
    /** The maximum length of a name. */
    private static final int MAX_NAME_CHARS = 64;

    private final Psm.Report report;
    private final StringBuilder out = new StringBuilder();

    /** The columns that have cells of their own, from left to right: numbers, then texts. */
    private final List<Psm.Column> cells = new ArrayList<>();

    /** The index of each of the {@link #cells} in the values of a row. */
    private final List<Integer> indexes = new ArrayList<>();

    /** The position of the row's name among the {@link #cells}: the first text. */
    private final int name;

    /** The indexes of the columns that are shown as marks after the name. */
    private final List<Integer> marks = new ArrayList<>();

    private final Figures figures;

    private final List<Psm.Column> columns;
    private final List<Psm.Row> listed;

    /** Prepares the table of a report, or of a list in an account. */
    private MarkdownFormat(
            Psm.Report report, List<Psm.Column> columns, List<Psm.Row> rows, Psm.Layout layout) {
        this.report = report;
        this.columns = columns;
        this.listed = rows;
        this.figures = new Figures(report, layout, false, columns, rows);
        int[] shown = Figures.shown(columns.toArray(new Psm.Column[0]));
        addCells(shown, false);
        name = cells.size();
        addCells(shown, true);
    }

    private void addCells(int[] shown, boolean texts) {
        for (int index : shown) {
            Psm.Column column = columns.get(index);
            if ((column.kind() == Psm.Kind.TEXT) == texts) {
                if (column.kind() == Psm.Kind.COUNT && column.sparse()) {
                    marks.add(index);
                } else {
                    cells.add(column);
                    indexes.add(index);
                }
            }
        }
    }

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Psm.Layout layout = output.layout();
        MarkdownFormat markdown =
                new MarkdownFormat(report, report.columns(), report.rows(), layout);
        for (Psm.Account account : report.accounts()) {
            if (account.above()) {
                markdown.account(account, layout, "", "\n");
            }
        }
        markdown.rows(true);
        for (Psm.Account account : report.accounts()) {
            if (!account.above() && (account.column() != null || account.isList())) {
                markdown.account(account, layout, "\n", "");
            }
        }
        markdown.origin();
        output.stream().write(markdown.out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void rows(boolean isReport) {
        List<String[]> lines = new ArrayList<>();
        boolean[] right = new boolean[cells.size()];
        String[] head = new String[cells.size()];
        Set<Psm.Kind> shown = EnumSet.noneOf(Psm.Kind.class);
        for (int i = 0; i < head.length; i++) {
            Psm.Column column = cells.get(i);
            boolean isFirst = shown.add(column.kind());
            head[i] =
                    plain(isFirst ? figures.titled(column.kind(), column.title()) : column.title());
            right[i] = column.kind() != Psm.Kind.TEXT;
        }
        lines.add(head);
        for (Psm.Row row : listed) {
            lines.add(row(row));
        }
        if (isReport && report.more() != null) {
            lines.add(report.more().first() ? 1 : lines.size(), more());
        }
        if (isReport && CellText.isSummed(report)) {
            lines.add(totals());
        }
        table(lines, right);
    }

    private String[] row(Psm.Row row) {
        String[] line = new String[cells.size()];
        long count = 0;
        for (int i = 0; i < line.length; i++) {
            Psm.Column column = cells.get(i);
            Object value = row.values().get(indexes.get(i));
            boolean blank = column.sparse() && CellText.isZero(value);
            line[i] = value == null || blank ? "" : cell(column, value);
            count = column.kind() == Psm.Kind.COUNT && value != null ? (Long) value : count;
        }
        int program = program();
        if (program < line.length) {
            line[program] += marks(row, count);
        }
        return line;
    }

    /** Returns the index of the cell with the program's name, or else with the first name. */
    private int program() {
        for (int i = name; i < cells.size(); i++) {
            if (CellText.isOfPrograms(cells.get(i))) {
                return i;
            }
        }
        return name;
    }

    private String[] more() {
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object sum = report.more().sums().values().get(indexes.get(i));
            line[i] = sum == null ? "" : cell(cells.get(i), sum);
        }
        if (name < line.length) {
            line[name] = "(" + report.more().rows() + " more)";
        }
        return line;
    }

    private String marks(Psm.Row row, long count) {
        StringBuilder out = new StringBuilder();
        for (int index : marks) {
            String title = plain(columns.get(index).title());
            CellText.mark(out, title, (Long) row.values().get(index), count);
        }
        return out.toString();
    }

    private String cell(Psm.Column column, Object value) {
        return switch (column.kind()) {
            case TEXT -> code((String) value, column.chars());
            case COUNT, PID, DEPTH -> value.toString();
            case PIDS -> CellText.pids((List<?>) value);
            case BYTES, NUMBER, PERCENT, SECONDS, TIME, RATE -> figures.of(column, value);
        };
    }

    /** Returns the totals, each after a mark that says how exact it is. */
    private String[] totals() {
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object total = report.totals().values().get(indexes.get(i));
            String text = total == null ? "" : cell(cells.get(i), total);
            String mark = CellText.totalMark(report, cells.get(i), true);
            line[i] = text.isEmpty() ? "" : bold(mark.isEmpty() ? text : mark + ' ' + text);
        }
        if (name < line.length) {
            line[name] = bold(plain(CellText.totalsTitle(report)));
        }
        return line;
    }

    /** Appends the table of an account, unless all of it is zero. */
    private void account(Psm.Account account, Psm.Layout layout, String before, String after) {
        if (account.isList() && !account.rows().isEmpty()) {
            MarkdownFormat list =
                    new MarkdownFormat(report, account.columns(), account.rows(), layout);
            list.rows(false);
            out.append(before).append(list.out).append(after);
        }
        List<String[]> lines = new ArrayList<>();
        boolean areBytes = true;
        for (Psm.Entry entry : account.entries()) {
            areBytes &= entry.kind() == Psm.Kind.BYTES;
        }
        String unit = figures.titled(Psm.Kind.BYTES, "").strip();
        lines.add(new String[] {areBytes ? unit : "", plain(account.key().replace('_', ' '))});
        for (Psm.Entry entry : account.entries()) {
            String figure = figures.of(entry.kind(), entry.value());
            boolean isNone = CellText.isZero(entry.value()) && !entry.sum() && !account.above();
            if (entry.title() != null && !isNone && !figure.isEmpty()) {
                String own = areBytes ? "" : figures.titled(entry.kind(), "").strip();
                figure += own.isEmpty() ? "" : " " + own;
                String title = plain(entry.title());
                lines.add(
                        entry.sum()
                                ? new String[] {bold(figure), bold(title)}
                                : new String[] {figure, title});
            }
        }
        if (CellText.isAny(account)) {
            out.append(before);
            table(lines, new boolean[] {true, false});
            out.append(after);
        }
    }

    /** Appends a table: the first line is its header, the last column is not padded. */
    private void table(List<String[]> lines, boolean[] right) {
        int[] widths = new int[right.length];
        for (String[] line : lines) {
            for (int i = 0; i < widths.length - 1; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        line(lines.get(0), widths, right);
        for (int i = 0; i < widths.length; i++) {
            out.append("| ").append("-".repeat(Math.max(3, widths[i]) - 1));
            out.append(right[i] ? ": " : "- ");
        }
        out.append("|\n");
        for (String[] line : lines.subList(1, lines.size())) {
            line(line, widths, right);
        }
    }

    private void line(String[] cells, int[] widths, boolean[] right) {
        for (int i = 0; i < cells.length; i++) {
            String blanks = " ".repeat(Math.max(0, Math.max(3, widths[i]) - cells[i].length()));
            boolean isLast = i == cells.length - 1;
            out.append("| ").append(right[i] ? blanks : "").append(cells[i]);
            out.append(right[i] || isLast ? "" : blanks).append(' ');
        }
        out.append("|\n");
    }

    private void origin() {
        Psm.Processes processes = report.processes();
        out.append('\n').append(LeftOut.processes(processes.measured()));
        PlaceAndTime measured = new PlaceAndTime(report);
        if (measured.machines() != null) {
            out.append(" on ").append(measured.machines());
        } else if (report.host() != null) {
            out.append(" on ").append(code(report.host(), 0));
        }
        if (report.kernel() != null) {
            out.append(" (Linux ").append(code(report.kernel(), 0)).append(')');
        }
        out.append(", ").append(measured.firstToLast(false)).append(", ");
        out.append(CellText.measured(report)).append(" by psm ");
        out.append(plain(report.psmVersion()))
                .append(". ")
                .append(figures.unitInWords())
                .append(".\n");
        for (String doubt : CellText.doubts(processes)) {
            out.append(doubt).append('\n');
        }
    }

    /** Returns a name as code, so that no part of it is markup. */
    private static String code(String name, int chars) {
        String shown =
                CellText.name(name, chars > 0 ? chars : MAX_NAME_CHARS)
                        .replace("`", "\\x60")
                        .replace("|", "\\x7c");
        return shown.isEmpty() ? "" : '`' + shown + '`';
    }

    /** Escapes the characters of a title that would be markup. */
    private static String plain(String title) {
        return Text.printable(title).replaceAll("[\\\\`*_~|<>&\\[\\]@#$]", "\\\\$0");
    }

    private static String bold(String text) {
        return "**" + text + "**";
    }
}
