package psm.format;

import psm.Psm;
import psm.text.Sizes;
import psm.text.Text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The table for people, laid out as Go's psm does it: figures in columns ten wide, sizes in MB
 * (2^20 bytes) unless another unit is asked for, a tab, and the names with the number of their
 * processes. Under the total come the host's own figures, and when it was. It cannot carry lists of
 * pids, nor names longer than 32 characters unless they are the last of a line.
 */
public final class TableFormat {
    /** Of a figure, unless it has more digits. */
    private static final int WIDTH = 10;

    /** Of names in a window: figures that leave less to them are not shown. */
    private static final int LEAST_NAME_CHARS = 16;

    /** With less room for names, figures are no wider than they are. */
    private static final int ROOMY_NAME_CHARS = 40;

    /** Of a name that others come after. */
    private static final int MAX_NAME_CHARS = 32;

    private static final int MAX_BRACKET_CHARS = 64;

    static final String TOTALS = "TOTAL USED BY PROCESSES";
    private static final String TOTALS_IN_SHORT = "TOTAL";

    /** For what is left out within a name. */
    private static final String ELLIPSIS = "...";

    /** What the tab after the figures comes to at most. */
    private static final int TAB_CHARS = 8;

    private static final int BAR_CHARS = 10;

    // ECMA-48, Select Graphic Rendition.
    private static final String BOLD = "\u001b[1m";
    private static final String FAINT = "\u001b[2m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    /** Of a limit, in percent: what is nearly used up is red. */
    private static final double ALARMING = 90;

    private final Psm.Report report;
    private final List<Psm.Row> rows;
    private final Psm.Output output;
    private final Psm.Column[] columns;

    /** The indexes of the columns that a table shows, from left to right: figures, then names. */
    private int[] places;

    /** How many of these are figures. */
    private int figures;

    /** Where the last name is: nothing but counts and marks comes after it. */
    private int last;

    /** How wide each column is, by its place; 0 for the last name, which is as long as it is. */
    private int[] widths;

    /** Whether figures are as narrow as they can be. */
    private boolean isTight;

    /** The titles of figures that the window has no room for. */
    private final List<String> leftOut = new ArrayList<>();

    private final Psm.Layout layout;
    private final Sizes sizes;
    private final boolean isUnicode;
    private final StringBuilder out = new StringBuilder();

    /** The columns and rows are the report's, or those of a list beside them. */
    private TableFormat(
            Psm.Report report, List<Psm.Column> columns, List<Psm.Row> rows, Psm.Output output) {
        this.report = report;
        this.rows = rows;
        this.output = output;
        this.columns = columns.toArray(new Psm.Column[0]);
        this.layout = output.layout();
        this.sizes = new Sizes(layout.unit(), layout.si());
        this.isUnicode = output.unicode();
        place(places(this.columns));
        if (layout.width() > 0 && room() < ROOMY_NAME_CHARS) {
            isTight = true;
            place(places);
        }
        while (layout.width() > 0 && figures > 1 && room() < LEAST_NAME_CHARS) {
            leftOut.add(0, this.columns[places[figures - 1]].title());
            place(without(places, figures - 1));
        }
    }

    private void place(int... shown) {
        places = shown;
        figures = figures();
        last = last();
        widths = widths();
    }

    private static int[] without(int[] all, int place) {
        int[] others = Arrays.copyOf(all, all.length - 1);
        System.arraycopy(all, place + 1, others, place, others.length - place);
        return others;
    }

    /** How many characters of a line are left for the last name and what comes after it. */
    private int room() {
        int taken = namesAt() + (layout.bars() ? BAR_CHARS + 1 : 0);
        for (int i = figures; i < last; i++) {
            taken += isName(i) ? widths[i] + 1 : 0;
        }
        return layout.width() - taken;
    }

    /** Where names start: at the tab after the figures. */
    private int namesAt() {
        int taken = figuresWidth();
        return taken + TAB_CHARS - taken % TAB_CHARS;
    }

    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        TableFormat table = new TableFormat(report, report.columns(), report.rows(), output);
        table.write();
        output.stream().write(table.out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void write() {
        if (layout.totalsAlone() && layout.unit() == Psm.Unit.B) {
            bareTotal();
            return;
        }
        for (Psm.Account account : report.accounts()) {
            if (account.above() && !layout.totalsAlone()) {
                above(account);
            }
        }
        if (layout.header()) {
            coloured(FAINT, header());
        }
        Psm.More more = report.more();
        if (more != null && more.first()) {
            more(more);
        }
        rows();
        if (more != null && !more.first()) {
            more(more);
        }
        if (isSummed(report)) {
            coloured(BOLD, totals());
        }
        if (!layout.totalsAlone()) {
            for (Psm.Account account : report.accounts()) {
                account(account);
            }
            StringBuilder time = new StringBuilder(Text.utc(report.takenAt()));
            time.append(", scanned in ").append(milliseconds(report.scanNanos())).append(" ms");
            alone(time.toString());
            if (!leftOut.isEmpty()) {
                alone("too narrow for " + String.join(", ", leftOut));
            }
        }
    }

    /** A line without figures: below the names, or further to the left where that is too narrow. */
    private void alone(String words) {
        int most = layout.width() - (layout.bars() ? BAR_CHARS + 1 : 0);
        if (layout.width() == 0 || namesAt() + words.length() <= most) {
            beside("", words);
        } else {
            String shown = Text.cut(words, layout.width());
            padded(out, "", layout.width() - shown.length());
            out.append(shown).append('\n');
        }
    }

    /** A line about what stands left of the names; where the window ends, it goes on below. */
    private void beside(String figures, String words) {
        StringBuilder line = new StringBuilder(figures);
        padded(line, "", figuresWidth() - figures.length());
        line.append('\t');
        padded(line, "", layout.bars() ? BAR_CHARS + 1 : 0);
        int room = layout.width() - namesAt() - (layout.bars() ? BAR_CHARS + 1 : 0);
        String rest = words;
        while (layout.width() > 0 && rest.length() > Math.max(room, LEAST_NAME_CHARS)) {
            int end = rest.lastIndexOf(' ', Math.max(room, LEAST_NAME_CHARS));
            if (end <= 0) {
                break;
            }
            out.append(line).append(rest, 0, end).append('\n');
            rest = rest.substring(end + 1);
            line.setLength(0);
            padded(line, "", figuresWidth());
            line.append('\t');
            padded(line, "", layout.bars() ? BAR_CHARS + 1 : 0);
        }
        out.append(line).append(rest).append('\n');
    }

    private int figuresWidth() {
        int width = 0;
        for (int i = 0; i < figures; i++) {
            width += widths[i];
        }
        return width;
    }

    /** Whether a report has totals. */
    static boolean isSummed(Psm.Report report) {
        for (Psm.Column column : report.columns()) {
            if (column.summed()) {
                return true;
            }
        }
        return false;
    }

    private void rows() {
        for (Psm.Row row : rows) {
            row(row);
        }
    }

    /** What stands above the rows, and an empty line; a list of nothing is left out. */
    private void above(Psm.Account account) {
        if (account.isList() && account.rows().isEmpty()) {
            return;
        }
        if (account.isList()) {
            TableFormat list = new TableFormat(report, account.columns(), account.rows(), output);
            coloured(FAINT, list.header());
            list.rows();
            out.append(list.out);
        }
        for (Psm.Entry entry : account.entries()) {
            boolean isSize = entry.kind() == Psm.Kind.BYTES;
            String figure = figure(entry.kind(), entry.value(), sizes);
            padded(out, figure.isEmpty() ? "-" : figure, WIDTH);
            out.append('\t').append(isSize ? sizes.titled(entry.title()) : entry.title());
            out.append('\n');
        }
        out.append('\n');
    }

    /** The first figure that has a total, for scripts. */
    private void bareTotal() {
        for (int i = 0; i < figures; i++) {
            Object total = report.totals().values().get(places[i]);
            if (columns[places[i]].summed()) {
                out.append(total == null ? "" : total).append('\n');
                return;
            }
        }
    }

    private void coloured(String colour, CharSequence line) {
        if (layout.colour()) {
            out.append(colour).append(line).append(PLAIN).append('\n');
        } else {
            out.append(line).append('\n');
        }
    }

    // Lines

    private StringBuilder header() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < figures; i++) {
            padded(line, title(i), widths[i]);
        }
        line.append('\t');
        int start = line.length();
        if (layout.bars()) {
            padded(line, "", BAR_CHARS + 1);
        }
        for (int i = figures; i < places.length; i++) {
            Psm.Column column = columns[places[i]];
            switch (column.kind()) {
                case TEXT, PID, PIDS -> cell(line, column.title(), i);
                case COUNT -> {
                    if (!column.sparse()) {
                        line.append(" (").append(column.title()).append(')');
                    }
                }
                default -> {}
            }
        }
        fit(line, start, "");
        return line;
    }

    /** Of a figure: the first size tells the unit of all. */
    private String title(int place) {
        Psm.Column column = columns[places[place]];
        boolean isFirstSize = column.kind() == Psm.Kind.BYTES;
        for (int i = 0; i < place; i++) {
            isFirstSize &= columns[places[i]].kind() != Psm.Kind.BYTES;
        }
        return isFirstSize ? sizes.titled(column.title()) : column.title();
    }

    private void row(Psm.Row row) {
        figures(out, row, true);
        out.append('\t');
        if (layout.bars()) {
            bar(row);
        }
        int start = out.length();
        StringBuilder after = after(row);
        long depth = 0;
        for (int i = figures; i < places.length; i++) {
            switch (columns[places[i]].kind()) {
                case DEPTH -> depth = (Long) row.values().get(places[i]);
                case TEXT -> {
                    padded(out, "", (int) Math.min(2 * depth, MAX_NAME_CHARS));
                    cell(out, fitting(nameAt(i, row), i, after.length()), i);
                }
                case PID, PIDS -> cell(out, nameAt(i, row), i);
                default -> {}
            }
        }
        fit(out, start, after);
        out.append(after).append('\n');
    }

    /** What comes after the names: how many processes, and their marks. */
    private StringBuilder after(Psm.Row row) {
        StringBuilder after = new StringBuilder();
        long count = 0;
        for (int i = figures; i < places.length; i++) {
            Psm.Column column = columns[places[i]];
            if (column.kind() == Psm.Kind.COUNT) {
                Long value = (Long) row.values().get(places[i]);
                if (column.sparse()) {
                    mark(after, column.title(), value, count);
                } else if (value != null) {
                    count = value;
                    after.append(" (").append(value).append(')');
                }
            }
        }
        return after;
    }

    private void more(Psm.More more) {
        StringBuilder line = new StringBuilder();
        figures(line, more.sums(), false);
        line.append('\t');
        padded(line, "", layout.bars() ? BAR_CHARS + 1 : 0);
        int start = line.length();
        line.append('(').append(more.rows()).append(" more)");
        fit(line, start, "");
        coloured(FAINT, line);
    }

    private StringBuilder totals() {
        StringBuilder sums = new StringBuilder();
        figures(sums, report.totals(), false);
        StringBuilder line = new StringBuilder();
        marked(line, mark(report.processes(), isUnicode), sums);
        line.append('\t');
        padded(line, "", layout.bars() ? BAR_CHARS + 1 : 0);
        int room = layout.width() - namesAt() - (layout.bars() ? BAR_CHARS + 1 : 0);
        boolean isNarrow = layout.width() > 0 && room < TOTALS.length();
        return line.append(isNarrow ? TOTALS_IN_SHORT : TOTALS);
    }

    /** An account of nothing is left out, and one that explains what is not shown. */
    private void account(Psm.Account account) {
        if (account.above()) {
            return;
        }
        boolean isAny = false;
        boolean isShown = false;
        for (int i = 0; i < figures; i++) {
            isShown |= columns[places[i]].key().equals(account.column());
        }
        if (!isShown) {
            return;
        }
        for (Psm.Entry entry : account.entries()) {
            isAny |= entry.value() != null && !isZero(entry.value());
        }
        for (Psm.Entry entry : account.entries()) {
            String figure = figure(entry.kind(), entry.value(), sizes);
            if (isAny && !figure.isEmpty()) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < figures; i++) {
                    boolean isHere = columns[places[i]].key().equals(account.column());
                    padded(line, isHere ? figure : "", widths[i]);
                }
                StringBuilder marked = new StringBuilder();
                marked(marked, entry.sum() ? "#" : "", line);
                beside(marked.toString(), entry.title());
            }
        }
    }

    // Figures

    private void figures(StringBuilder line, Psm.Row row, boolean isGroup) {
        for (int i = 0; i < figures; i++) {
            Psm.Column column = columns[places[i]];
            Object value = row.values().get(places[i]);
            boolean isNone = isGroup && column.sparse() && isZero(value);
            String text = isNone ? "" : figure(column.kind(), value, sizes);
            boolean isAlarming =
                    layout.colour() && value instanceof Double percent && percent >= ALARMING;
            line.append(isAlarming ? RED : "");
            padded(line, text, widths[i]);
            line.append(isAlarming ? PLAIN : "");
        }
    }

    /** A size, a number, or a percentage; empty for what is absent. */
    static String figure(Psm.Kind kind, Object value, Sizes sizes) {
        if (value == null) {
            return "";
        }
        return switch (kind) {
            case BYTES -> sizes.of((Long) value);
            case PERCENT -> Percent.text((Double) value);
            default -> value.toString();
        };
    }

    static boolean isZero(Object value) {
        return value instanceof Number number && number.doubleValue() == 0;
    }

    /** The first size's share of its total, or of the largest where sizes are not summed up. */
    private void bar(Psm.Row row) {
        int filled = 0;
        for (int i = 0; i < figures; i++) {
            if (columns[places[i]].kind() == Psm.Kind.BYTES) {
                filled = eighths(row.values().get(places[i]), whole(places[i]));
                break;
            }
        }
        int start = out.length();
        for (int i = 0; i < filled / 8; i++) {
            out.append(isUnicode ? '\u2588' : '#');
        }
        if (isUnicode && filled % 8 > 0) {
            out.append((char) ('\u2590' - filled % 8));
        } else if (!isUnicode && filled % 8 >= 4) {
            out.append('-');
        }
        padded(out, "", BAR_CHARS + 1 - (out.length() - start));
    }

    private Object whole(int column) {
        if (columns[column].summed()) {
            return report.totals().values().get(column);
        }
        long largest = 0;
        for (Psm.Row row : rows) {
            largest = row.values().get(column) instanceof Long n ? Math.max(largest, n) : largest;
        }
        return largest;
    }

    private static int eighths(Object part, Object all) {
        if (part instanceof Long some && all instanceof Long total && total > 0) {
            double share = Math.max(0, Math.min(1, (double) some / total));
            return (int) Math.round(share * BAR_CHARS * 8);
        }
        return 0;
    }

    /** What the totals are to the truth: more than they say, less, or nobody knows. */
    static String mark(Psm.Processes processes, boolean unicode) {
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

    // Names

    /** The indexes of the columns that a table shows, from left to right. */
    static int[] places(Psm.Column[] columns) {
        int[] places = new int[columns.length];
        int shown = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].display() > 0) {
                int place = shown++;
                while (place > 0 && isAfter(columns[places[place - 1]], columns[i])) {
                    places[place] = places[place - 1];
                    place--;
                }
                places[place] = i;
            }
        }
        return Arrays.copyOf(places, shown);
    }

    private static boolean isAfter(Psm.Column a, Psm.Column b) {
        boolean isFigure = isFigure(a);
        return isFigure == isFigure(b) ? a.display() > b.display() : isFigure(b);
    }

    private static boolean isFigure(Psm.Column column) {
        return switch (column.kind()) {
            case BYTES, NUMBER, PERCENT -> true;
            case TEXT, COUNT, PIDS, PID, DEPTH -> false;
        };
    }

    private int figures() {
        int count = 0;
        while (count < places.length && isFigure(columns[places[count]])) {
            count++;
        }
        return count;
    }

    private int last() {
        int place = -1;
        for (int i = figures; i < places.length; i++) {
            place = isName(i) ? i : place;
        }
        return place;
    }

    private boolean isName(int place) {
        Psm.Kind kind = columns[places[place]].kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID || kind == Psm.Kind.PIDS;
    }

    private int[] widths() {
        int[] widest = new int[places.length];
        for (int i = 0; i < figures; i++) {
            widest[i] = width(i);
        }
        for (int i = figures; i < last; i++) {
            if (isName(i)) {
                widest[i] = columns[places[i]].title().length();
                for (Psm.Row row : rows) {
                    String text = nameAt(i, row);
                    widest[i] = Math.max(widest[i], text.codePointCount(0, text.length()));
                }
            }
        }
        return widest;
    }

    /** A blank is before each figure but the first, which may have a mark before its total. */
    private int width(int place) {
        int most = Math.max(isTight ? 0 : WIDTH, title(place).length() + (place == 0 ? 1 : 2));
        Psm.Column column = columns[places[place]];
        for (Psm.Row row : rows) {
            String text = figure(column.kind(), row.values().get(places[place]), sizes);
            most = Math.max(most, text.length() + (place == 0 ? 1 : 2));
        }
        boolean isReports = rows == report.rows();
        for (Psm.Account account : report.accounts()) {
            for (Psm.Entry entry : account.entries()) {
                if (isReports && column.key().equals(account.column())) {
                    String text = figure(entry.kind(), entry.value(), sizes);
                    most = Math.max(most, text.length() + 1);
                }
            }
        }
        if (isReports) {
            Object total = report.totals().values().get(places[place]);
            int mark = place == 0 ? mark(report.processes(), isUnicode).length() : 1;
            most = Math.max(most, figure(column.kind(), total, sizes).length() + mark);
        }
        return most;
    }

    private String nameAt(int place, Psm.Row row) {
        Object value = row.values().get(places[place]);
        if (value instanceof List<?> pids) {
            return pids(pids);
        }
        return value instanceof Long pid ? pid.toString() : text(value, place);
    }

    /** The first of several pids, and how many others there are. */
    static String pids(List<?> pids) {
        if (pids.isEmpty()) {
            return "-";
        }
        return pids.size() == 1 ? pids.get(0).toString() : pids.get(0) + "+" + (pids.size() - 1);
    }

    /** Numbers are aligned to the right; the last name is as long as it is. */
    private void cell(StringBuilder line, String text, int place) {
        int width = widths[place];
        int blanks = width - text.codePointCount(0, text.length());
        boolean isPid = columns[places[place]].kind() != Psm.Kind.TEXT;
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

    private String text(Object value, int place) {
        if (value == null) {
            return "-";
        }
        int chars = columns[places[place]].chars();
        if (chars > 0 || place == last) {
            return name((String) value, chars);
        }
        return name(elided((String) value, MAX_NAME_CHARS), MAX_NAME_CHARS);
    }

    /** A name that is long for the window. */
    private String fitting(String name, int place, int after) {
        boolean isLong = layout.width() > 0 && place == last;
        return isLong && columns[places[place]].chars() == 0 ? elided(name, room() - after) : name;
    }

    /**
     * The same name, or its start and its end: what tells a path, a pod's container or a command
     * from others is at their ends. A single word is told by its start.
     */
    private static String elided(String name, int most) {
        int chars = name.codePointCount(0, name.length());
        int kept = most - ELLIPSIS.length();
        boolean isWord = !name.startsWith("/") && name.indexOf(' ') < 0;
        if (isWord || chars <= most || kept <= 0) {
            return name;
        }
        int end = name.offsetByCodePoints(0, chars - (kept - kept / 2));
        return Text.cut(name, kept / 2) + ELLIPSIS + name.substring(end);
    }

    /** In how many of the row's processes: without a number, in all of them. */
    static void mark(StringBuilder out, String title, Long marked, long count) {
        if (marked != null && marked > 0) {
            out.append(" [");
            if (marked < count) {
                out.append(marked).append(' ');
            }
            out.append(title).append(']');
        }
    }

    /**
     * Cuts names that are too long for the window.
     *
     * @param start where they start
     * @param after what is to come after them, and be seen
     */
    private void fit(StringBuilder line, int start, CharSequence after) {
        if (layout.width() == 0) {
            return;
        }
        int room = layout.width() - namesAt() - (layout.bars() ? BAR_CHARS + 1 : 0);
        String names = line.substring(start);
        line.setLength(start);
        line.append(Text.cut(names, Math.max(0, room - after.length())));
    }

    private static void padded(StringBuilder out, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    static String name(String name, int most) {
        return withBlanksShown(Text.printable(most == 0 ? name : cut(name, most)));
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
    private static String cut(String name, int most) {
        int bracket = name.startsWith("[") ? name.indexOf(']') : -1;
        boolean isTitle = bracket > 0 && bracket < MAX_BRACKET_CHARS;
        String start = Text.cut(name, most);
        return isTitle && !start.equals(name) ? name.substring(0, bracket + 1) : start;
    }

    static String milliseconds(long nanos) {
        return Sizes.tenths(nanos / 100_000);
    }
}
