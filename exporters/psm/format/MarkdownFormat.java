package psm.format;

import psm.Psm;
import psm.report.LeftOut;
import psm.text.Sizes;
import psm.text.Text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Tables in Markdown, as GitHub and GitLab take it, to be pasted into a ticket: the columns of
 * {@link TableFormat}, with its names, numbers first; the totals; a table for each account; and
 * when and where it was taken, and what it leaves out. Names are code, in which nothing is markup,
 * HTML, a link or a mention; {@code `} and {@code |}, which would end that, are {@code \x60} and
 * {@code \x7c}. The source is laid out, so that it can be read as it is.
 */
final class MarkdownFormat {
    /** A ticket is no place for longer ones. */
    private static final int MAX_NAME_CHARS = 64;

    private final Psm.Report report;
    private final StringBuilder out = new StringBuilder();

    /** The columns that are cells, from left to right: numbers, then texts. */
    private final List<Psm.Column> cells = new ArrayList<>();

    /** Their places in a row's values. */
    private final List<Integer> places = new ArrayList<>();

    /** The first text, if there is any: the name of the row. */
    private final int name;

    /** The places of the columns that are marks after the name. */
    private final List<Integer> marks = new ArrayList<>();

    private final Sizes sizes;

    private final List<Psm.Column> columns;
    private final List<Psm.Row> listed;

    /** The columns and rows are the report's, or those of a list beside them. */
    private MarkdownFormat(
            Psm.Report report, List<Psm.Column> columns, List<Psm.Row> rows, Psm.Layout layout) {
        this.report = report;
        this.columns = columns;
        this.listed = rows;
        this.sizes = new Sizes(layout.unit(), layout.si());
        int[] shown = TableColumns.shown(columns.toArray(new Psm.Column[0]));
        addCells(shown, false);
        name = cells.size();
        addCells(shown, true);
    }

    private void addCells(int[] shown, boolean texts) {
        for (int place : shown) {
            Psm.Column column = columns.get(place);
            if ((column.kind() == Psm.Kind.TEXT) == texts) {
                if (column.kind() == Psm.Kind.COUNT && column.sparse()) {
                    marks.add(place);
                } else {
                    cells.add(column);
                    places.add(place);
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
            if (!account.above()) {
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
        boolean isUnitTold = false;
        for (int i = 0; i < head.length; i++) {
            Psm.Column column = cells.get(i);
            boolean isFirstSize = column.kind() == Psm.Kind.BYTES && !isUnitTold;
            isUnitTold |= isFirstSize;
            head[i] = plain(isFirstSize ? sizes.titled(column.title()) : column.title());
            right[i] = column.kind() != Psm.Kind.TEXT;
        }
        lines.add(head);
        for (Psm.Row row : listed) {
            lines.add(row(row));
        }
        if (isReport && report.more() != null) {
            lines.add(report.more().first() ? 1 : lines.size(), more());
        }
        if (isReport && TableFormat.isSummed(report)) {
            lines.add(totals());
        }
        table(lines, right);
    }

    private String[] row(Psm.Row row) {
        String[] line = new String[cells.size()];
        long count = 0;
        for (int i = 0; i < line.length; i++) {
            Psm.Column column = cells.get(i);
            Object value = row.values().get(places.get(i));
            boolean blank = column.sparse() && CellText.isZero(value);
            line[i] = value == null || blank ? "" : cell(column, value);
            count = column.kind() == Psm.Kind.COUNT && value != null ? (Long) value : count;
        }
        if (name < line.length) {
            line[name] += marks(row, count);
        }
        return line;
    }

    private String[] more() {
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object sum = report.more().sums().values().get(places.get(i));
            line[i] = sum == null ? "" : cell(cells.get(i), sum);
        }
        if (name < line.length) {
            line[name] = "(" + report.more().rows() + " more)";
        }
        return line;
    }

    private String marks(Psm.Row row, long count) {
        StringBuilder out = new StringBuilder();
        for (int place : marks) {
            String title = plain(columns.get(place).title());
            CellText.mark(out, title, (Long) row.values().get(place), count);
        }
        return out.toString();
    }

    private String cell(Psm.Column column, Object value) {
        return switch (column.kind()) {
            case TEXT -> code((String) value, column.chars());
            case COUNT, PID, DEPTH -> value.toString();
            case PIDS -> CellText.pids((List<?>) value);
            case BYTES, NUMBER, PERCENT -> CellText.figure(column.kind(), value, sizes);
        };
    }

    /** What the totals are to the truth stands before each of them. */
    private String[] totals() {
        String mark = CellText.totalsMark(report.processes(), true).substring(1);
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object total = report.totals().values().get(places.get(i));
            String text = total == null ? "" : cell(cells.get(i), total);
            line[i] = text.isEmpty() ? "" : bold(mark.isEmpty() ? text : mark + ' ' + text);
        }
        if (name < line.length) {
            line[name] = bold(TableFormat.TOTALS);
        }
        return line;
    }

    /** An account of nothing is left out, as in the table. */
    private void account(Psm.Account account, Psm.Layout layout, String before, String after) {
        if (account.isList() && !account.rows().isEmpty()) {
            MarkdownFormat list =
                    new MarkdownFormat(report, account.columns(), account.rows(), layout);
            list.rows(false);
            out.append(before).append(list.out).append(after);
        }
        List<String[]> lines = new ArrayList<>();
        boolean isAny = false;
        boolean areBytes = true;
        for (Psm.Entry entry : account.entries()) {
            areBytes &= entry.kind() == Psm.Kind.BYTES;
        }
        String unit = sizes.titled("").strip();
        lines.add(new String[] {areBytes ? unit : "", plain(account.key().replace('_', ' '))});
        for (Psm.Entry entry : account.entries()) {
            String figure = CellText.figure(entry.kind(), entry.value(), sizes);
            if (!figure.isEmpty()) {
                figure +=
                        entry.kind() == Psm.Kind.BYTES && !areBytes && !unit.isEmpty()
                                ? " " + unit
                                : "";
                String title = plain(entry.title());
                lines.add(
                        entry.sum()
                                ? new String[] {bold(figure), bold(title)}
                                : new String[] {figure, title});
                isAny |= !CellText.isZero(entry.value());
            }
        }
        if (isAny) {
            out.append(before);
            table(lines, new boolean[] {true, false});
            out.append(after);
        }
    }

    /** The first line is the head. The last column has the names, and is as long as they are. */
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
        if (report.host() != null) {
            out.append(" on ").append(code(report.host(), 0));
        }
        if (report.kernel() != null) {
            out.append(" (Linux ").append(code(report.kernel(), 0)).append(')');
        }
        out.append(", ").append(Text.utc(report.takenAt())).append(", scanned in ");
        out.append(CellText.milliseconds(report.scanNanos())).append(" ms by psm ");
        out.append(plain(report.psmVersion())).append(". ").append(sizes.inWords()).append(".\n");
        if (!processes.complete()) {
            String leftOut = LeftOut.inWords(processes, LeftOut.Details.NONE);
            out.append("Not included: ").append(leftOut).append(".\n");
        }
        if (processes.estimated() > 0) {
            String estimated = LeftOut.processes(processes.estimated());
            out.append("Possibly too high: ").append(estimated).append(", marked as estimated.\n");
        }
    }

    /** A name from strangers. */
    private static String code(String name, int chars) {
        String shown =
                CellText.name(name, chars > 0 ? chars : MAX_NAME_CHARS)
                        .replace("`", "\\x60")
                        .replace("|", "\\x7c");
        return shown.isEmpty() ? "" : '`' + shown + '`';
    }

    /** A title of psm's own or a plugin's: words, in which a sign may be meant to be markup. */
    private static String plain(String title) {
        return Text.printable(title).replaceAll("[\\\\`*_~|<>&\\[\\]@#$]", "\\\\$0");
    }

    private static String bold(String text) {
        return "**" + text + "**";
    }
}
