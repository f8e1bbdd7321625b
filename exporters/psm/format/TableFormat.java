package psm.format;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.HostNames;
import psm.cell.PlaceAndTime;
import psm.report.ReportHead;
import psm.text.Text;
import psm.text.Width;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Writes the table for people, with the layout of Go's psm: figures in columns of ten characters,
 * sizes in MB (2^20 bytes) unless another unit is requested, a tab (two blanks on a terminal), and
 * the names with the number of their processes. Below the totals come the host's own figures and
 * the time of the scan. A table contains no lists of pids, and no names longer than 32 characters
 * unless they are the last in a line.
 */
final class TableFormat {
    // ECMA-48, Select Graphic Rendition.
    private static final String BOLD = "\u001b[1m";
    private static final String FAINT = "\u001b[2m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    /** The number of characters to write at once: most tables have fewer. */
    private static final int PIECE_CHARS = 1 << 13;

    private final Psm.Report report;
    private final Psm.Output output;
    private final Psm.Layout layout;
    private final Figures figures;
    private final TableColumns columns;

    /** The bars of the rows; {@code null} if none are requested. */
    private final TableBar bar;

    /** Shortens the names of machines; {@code null} in a report of one whose name is known. */
    private final HostNames hosts;

    /** How many rows of a list above the rows to show, the most urgent; 0 for all. */
    private final int maxListed;

    /** The titles of figures that do not fit, of lists and of the rows. */
    private final Set<String> leftOut = new LinkedHashSet<>();

    private final StringBuilder out = new StringBuilder();
    private int linesAboveRows;

    /** Makes the table of a report, of any height. */
    TableFormat(Psm.Report report, Psm.Output output) {
        this(report, output, 0);
    }

    /**
     * Makes the table of a report.
     *
     * @param maxListed how many rows of a list above the rows to show, the most urgent; 0 for all
     */
    TableFormat(Psm.Report report, Psm.Output output, int maxListed) {
        this.report = report;
        this.output = output;
        this.layout = output.layout();
        this.hosts = report.host() == null ? new HostNames(report) : null;
        this.maxListed = maxListed;
        this.figures = figures(report.columns(), report.rows());
        this.columns = columns(report.columns(), report.rows(), report);
        this.bar = bar(report.ranking().inTable());
        if (layout.totalsAlone() && layout.unit() == Psm.Unit.B) {
            bareTotal();
        } else {
            table();
        }
    }

    /** Lays out a list that stands above the rows of a report's table, without any of its lines. */
    private TableFormat(TableFormat table, List<Psm.Column> ofList, List<Psm.Row> rows) {
        this.report = table.report;
        this.output = table.output;
        this.layout = table.layout;
        this.hosts = table.hosts;
        this.maxListed = table.maxListed;
        this.figures = figures(ofList, rows);
        this.columns = columns(ofList, rows, null);
        this.bar = bar(rows);
    }

    private Figures figures(List<Psm.Column> shown, List<Psm.Row> rows) {
        return new Figures(report, layout, output.terminal(), shown, rows);
    }

    private TableColumns columns(List<Psm.Column> shown, List<Psm.Row> rows, Psm.Report summed) {
        return new TableColumns(shown, rows, summed, hosts, figures, output);
    }

    private TableBar bar(List<Psm.Row> rows) {
        return layout.bars() ? new TableBar(columns, rows, output.unicode()) : null;
    }

    /** Writes a report as a table that fits into the width and the height of its layout. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        if (output.layout().height() > 0) {
            write(TableHeight.fit(report, output), output);
        } else {
            write(new TableFormat(report, output).out, output);
        }
    }

    /** Writes a table in pieces, since a large one would be in memory three times. */
    private static void write(CharSequence table, Psm.Output output) throws IOException {
        int start = 0;
        while (start < table.length()) {
            int end = Math.min(table.length(), start + PIECE_CHARS);
            if (end < table.length() && Character.isHighSurrogate(table.charAt(end - 1))) {
                end++;
            }
            String piece = table.subSequence(start, end).toString();
            output.stream().write(piece.getBytes(StandardCharsets.UTF_8));
            start = end;
        }
    }

    String text() {
        return out.toString();
    }

    /** Returns how many lines come before the rows: the accounts and the titles. */
    int linesAboveRows() {
        return linesAboveRows;
    }

    int lines() {
        return newlines(out);
    }

    private static int newlines(CharSequence text) {
        int lines = 0;
        for (int i = 0; i < text.length(); i++) {
            lines += text.charAt(i) == '\n' ? 1 : 0;
        }
        return lines;
    }

    // The parts of a table, from its top to its end

    private void table() {
        if (!layout.totalsAlone()) {
            for (Psm.Account account : report.accounts()) {
                if (account.above()) {
                    accountAbove(account);
                }
            }
        }
        if (layout.header()) {
            coloured(FAINT, header());
        }
        linesAboveRows = lines();
        Psm.More more = report.more();
        if (more != null && !more.first()) {
            more(more);
        }
        rows(report.ranking().inTable());
        if (more != null && more.first()) {
            more(more);
        }
        if (CellText.isSummed(report)) {
            coloured(BOLD, totals());
        }
        if (!layout.totalsAlone()) {
            for (Psm.Account account : report.accounts()) {
                if (!account.above()) {
                    account(account);
                }
            }
            time();
        }
    }

    /** Appends the first figure that has a total, and nothing else, for scripts. */
    private void bareTotal() {
        for (int i = 0; i < columns.figures(); i++) {
            Object total = columns.value(report.totals(), i);
            if (columns.at(i).summed()) {
                out.append(total == null ? "" : total).append('\n');
                return;
            }
        }
    }

    /** Appends an account above the rows, and an empty line. An empty list is left out. */
    private void accountAbove(Psm.Account account) {
        if (account.isList() && account.rows().isEmpty()) {
            return;
        }
        if (account.isList()) {
            list(account);
        }
        for (Psm.Entry entry : account.entries()) {
            if (entry.title() != null) {
                String figure = figures.of(entry.kind(), entry.value());
                padded(out, figure.isEmpty() ? "-" : figure, TableColumns.FIGURE_CHARS);
                out.append(gap()).append(figures.titled(entry.kind(), entry.title()));
                out.append('\n');
            }
        }
        out.append('\n');
    }

    /** Appends a list; if it is limited, its first line is how many rows are left out. */
    private void list(Psm.Account account) {
        int all = account.rows().size();
        boolean isCut = maxListed > 0 && all > maxListed;
        int shown = isCut ? maxListed - 1 : all;
        List<Psm.Row> rows = new ArrayList<>(account.rows().subList(0, shown));
        TableFormat list = new TableFormat(this, account.columns(), rows);
        coloured(FAINT, list.header());
        if (isCut) {
            Object[] none = new Object[account.columns().size()];
            Psm.Row sums = new Psm.Row(Arrays.asList(none));
            list.more(new Psm.More(all - shown, false, sums));
        }
        Collections.reverse(rows);
        list.rows(rows);
        out.append(list.out);
        leftOut.addAll(list.columns.leftOut());
    }

    private StringBuilder header() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < columns.figures(); i++) {
            padded(line, columns.title(i), columns.width(i));
        }
        line.append(gap());
        int start = line.length();
        noBar(line);
        for (int i = columns.figures(); i < columns.count(); i++) {
            Psm.Column column = columns.at(i);
            switch (column.kind()) {
                case TEXT, PID, PIDS -> cell(line, column.title(), i);
                case COUNT -> {
                    if (columns.isLastCount(i)) {
                        line.append(" (").append(column.title()).append(')');
                    }
                }
                default -> {}
            }
        }
        cutNames(line, start, 0);
        return line;
    }

    private void rows(List<Psm.Row> rows) {
        for (Psm.Row row : rows) {
            row(row);
        }
    }

    private void row(Psm.Row row) {
        figures(out, row, true);
        out.append(gap());
        if (bar != null) {
            bar.append(out, columns, row);
        }
        int start = out.length();
        String after = columns.after(row);
        long depth = 0;
        for (int i = columns.figures(); i < columns.count(); i++) {
            switch (columns.at(i).kind()) {
                case DEPTH -> depth = (Long) columns.value(row, i);
                case TEXT -> {
                    int indent = TableColumns.indent(depth);
                    padded(out, "", indent);
                    cell(out, elided(columns.name(i, row), i, indent + after.length()), i);
                }
                case PID, PIDS -> cell(out, columns.name(i, row), i);
                default -> {}
            }
        }
        cutNames(out, start, after.length());
        out.append(after).append('\n');
    }

    private void more(Psm.More more) {
        StringBuilder line = new StringBuilder();
        figures(line, more.sums(), false);
        line.append(gap());
        noBar(line);
        int start = line.length();
        line.append('(').append(more.rows()).append(" more)");
        cutNames(line, start, 0);
        coloured(FAINT, line);
    }

    private StringBuilder totals() {
        StringBuilder sums = new StringBuilder();
        for (int i = 0; i < columns.figures(); i++) {
            String total = columns.total(i, report.totals());
            padded(sums, total, columns.width(i));
        }
        StringBuilder line = new StringBuilder();
        marked(line, CellText.totalsMark(report, output.unicode()), sums);
        line.append(gap());
        noBar(line);
        String words = CellText.totalsTitle(report);
        boolean isNarrow = layout.width() > 0 && columns.charsBesideFigures() < words.length();
        return line.append(isNarrow ? CellText.TOTALS_IN_SHORT : words);
    }

    /**
     * Appends an account, unless all of it is zero or the table does not show its column. A list
     * follows an empty line.
     */
    private void account(Psm.Account account) {
        int place = columns.placeOf(account.column());
        if (place >= 0 && account.isList() && !account.rows().isEmpty()) {
            out.append('\n');
            list(account);
        }
        if (place < 0 || !CellText.isAny(account)) {
            return;
        }
        List<Psm.Entry> entries = account.entries();
        for (int i = 0; i < entries.size(); i++) {
            Psm.Entry entry = entries.get(i);
            String figure = figures.of(entry.kind(), entry.value());
            boolean isZero = CellText.isZero(entry.value()) && !entry.sum();
            boolean isLine = entry.title() != null && !entry.part();
            if (isLine && !isZero && !figure.isEmpty()) {
                StringBuilder line = new StringBuilder();
                for (int j = 0; j < columns.figures(); j++) {
                    padded(line, j == place ? figure : "", columns.width(j));
                }
                StringBuilder marked = new StringBuilder();
                marked(marked, entry.sum() ? "#" : "", line);
                String words = entry.title() + parts(entries, i + 1);
                boolean isShort = layout.width() > 0 && words.length() > charsOfWords();
                beside(marked.toString(), isShort ? entry.title() : words);
            }
        }
    }

    /** Returns the parts of an entry that are not zero, for the same line. */
    private String parts(List<Psm.Entry> entries, int from) {
        StringBuilder parts = new StringBuilder();
        for (int i = from; i < entries.size() && entries.get(i).part(); i++) {
            Psm.Entry part = entries.get(i);
            if (part.value() != null && !CellText.isZero(part.value())) {
                parts.append(", ").append(figures.of(part.kind(), part.value()));
                parts.append(' ').append(part.title());
            }
        }
        return parts.toString();
    }

    /** Appends the host or the machines, the time, and how long the scan took if that fits. */
    private void time() {
        boolean isLocal = output.terminal();
        Psm.Account before = ReportHead.before(report);
        if (before != null) {
            alone(new PlaceAndTime(report).since(before, isLocal));
            leftOut();
            return;
        }
        // It is not needed for one machine whose name is known.
        PlaceAndTime measured = report.host() == null ? new PlaceAndTime(report) : null;
        String time = isLocal ? Text.local(report.takenAt()) : Text.utc(report.takenAt());
        if (report.host() != null) {
            String host = Text.printable(Text.cut(report.host(), HostNames.MAX_CHARS));
            int maxChars = layout.width() - time.length() - 2;
            boolean isLong = layout.width() > 0 && host.length() > maxChars;
            time = (isLong ? cut(host, maxChars) : host) + ", " + time;
        } else if (measured != null && measured.machines() != null) {
            String both = measured.machines() + ", " + measured.firstToLast(isLocal);
            boolean isLong = layout.width() > 0 && both.length() > layout.width();
            time = isLong ? measured.machines() + ", " + time : both;
        }
        String scan = ", " + CellText.measured(report);
        boolean isLong = layout.width() > 0 && time.length() + scan.length() > layout.width();
        alone(isLong ? time : time + scan);
        leftOut();
    }

    private void leftOut() {
        leftOut.addAll(columns.leftOut());
        if (!leftOut.isEmpty()) {
            alone("too narrow for " + String.join(", ", leftOut));
        }
    }

    // Lines

    private void coloured(String colour, CharSequence line) {
        if (layout.colour()) {
            out.append(colour).append(line).append(PLAIN).append('\n');
        } else {
            out.append(line).append('\n');
        }
    }

    /** Appends a line without figures: below the names, or further left if it is too long. */
    private void alone(String words) {
        if (layout.width() == 0 || words.length() <= columns.charsBesideFigures()) {
            beside("", words);
        } else {
            String shown = words.length() <= layout.width() ? words : cut(words, layout.width());
            padded(out, "", layout.width() - shown.length());
            out.append(shown).append('\n');
        }
    }

    /** Shortens words that are too long. */
    private String cut(String words, int maxChars) {
        String ellipsis = CellText.ellipsis(output.unicode());
        return Text.cut(words, Math.max(0, maxChars - ellipsis.length())) + ellipsis;
    }

    /** Returns how many characters of a line are for words beside figures. */
    private int charsOfWords() {
        return Math.max(columns.charsBesideFigures(), TableColumns.MIN_NAME_CHARS);
    }

    /**
     * Appends figures and the words that explain them; words that do not fit continue on the next
     * line.
     */
    private void beside(String figures, String words) {
        int maxChars = charsOfWords();
        StringBuilder left = new StringBuilder(figures);
        String rest = words;
        while (true) {
            padded(left, "", columns.figuresWidth() - left.length());
            left.append(gap());
            noBar(left);
            boolean isLong = layout.width() > 0 && rest.length() > maxChars;
            int end = isLong ? rest.lastIndexOf(' ', maxChars) : -1;
            if (end <= 0) {
                break;
            }
            out.append(left).append(rest, 0, end).append('\n');
            rest = rest.substring(end + 1);
            left.setLength(0);
        }
        out.append(left).append(rest).append('\n');
    }

    private void figures(StringBuilder line, Psm.Row row, boolean isGroup) {
        for (int i = 0; i < columns.figures(); i++) {
            Psm.Column column = columns.at(i);
            Object value = columns.value(row, i);
            String figure = figures.of(column, value);
            boolean isZero = column.signed() ? Figures.showsZero(figure) : CellText.isZero(value);
            String text = isGroup && column.sparse() && isZero ? "" : figure;
            boolean isRed = layout.colour() && CellText.isAlarming(column, value);
            line.append(isRed ? RED : "");
            padded(line, text, columns.width(i));
            line.append(isRed ? PLAIN : "");
        }
    }

    /** Appends a line with a sign at its start, which replaces blanks but never a digit. */
    private static void marked(StringBuilder out, String mark, CharSequence line) {
        int blanks = 0;
        while (blanks < mark.length() && blanks < line.length() && line.charAt(blanks) == ' ') {
            blanks++;
        }
        out.append(mark).append(line, blanks, line.length());
    }

    /** Appends blanks as wide as the bar of a row. */
    private void noBar(StringBuilder line) {
        padded(line, "", layout.bars() ? TableBar.CHARS + 1 : 0);
    }

    /** Appends a name or a pid; pids are aligned to the right, and the last name is not padded. */
    private void cell(StringBuilder line, String text, int place) {
        int width = columns.width(place);
        int blanks = width - Width.of(text);
        boolean isPid = columns.at(place).kind() != Psm.Kind.TEXT;
        if (isPid) {
            padded(line, "", blanks);
        }
        line.append(text);
        if (!isPid) {
            padded(line, "", blanks);
        }
        if (width > 0) {
            line.append(' ');
        }
    }

    /** Shortens the last name if it is too long for the window. */
    private String elided(String name, int place, int charsAfter) {
        return layout.width() > 0 && columns.isLast(place)
                ? columns.fitted(name, place, columns.nameChars() - charsAfter)
                : name;
    }

    /**
     * Cuts names that are too long for the window.
     *
     * @param start the index in the line at which they start
     * @param charsAfter the number of characters after them, which must fit too
     */
    private void cutNames(StringBuilder line, int start, int charsAfter) {
        if (layout.width() > 0) {
            String names = line.substring(start);
            line.setLength(start);
            int maxChars = columns.charsBesideFigures() - charsAfter;
            line.append(Width.cut(names, Math.max(0, maxChars)));
        }
    }

    /** Returns what separates figures from names: a tab, which may be wide, only in a pipe. */
    private String gap() {
        return layout.width() > 0 ? TableColumns.GAP : "\t";
    }

    private static void padded(StringBuilder out, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        out.append(text);
    }
}
