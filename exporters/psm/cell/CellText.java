package psm.cell;

import psm.Psm;
import psm.report.LeftOut;
import psm.report.ReportHead;
import psm.text.Sizes;
import psm.text.Text;
import psm.text.Width;

import java.util.ArrayList;
import java.util.List;

/** Formats the single values of a table for people: figures, pids, names and marks. */
public final class CellText {
    /** The word beside the totals where there is no room for more. */
    public static final String TOTALS_IN_SHORT = "TOTAL";

    private static final String TOTALS = "TOTAL USED BY PROCESSES";

    private static final String ELLIPSIS = "...";

    /** The percentage of a limit from which on it is red, since the limit is nearly reached. */
    private static final double ALARMING = 90;

    private static final double ALL = 100;

    /** The key of the column of what is left, which is alarming if it is low. */
    private static final String LEFT = "left_percent";

    /** The width below which only the start of a command is shown, and not its end too. */
    private static final int MIN_BOTH_ENDS = 20;

    /** The key of the column of command lines. */
    private static final String COMMAND = "command";

    private static final String PROGRAM = "program";

    /** A bracket that closes later than this does not belong to a process title. */
    private static final int MAX_BRACKET_CHARS = 64;

    private CellText() {}

    public static boolean isZero(Object value) {
        return value instanceof Number number && number.doubleValue() == 0;
    }

    /** Returns whether a figure of an account for people is known and not zero. */
    public static boolean isAny(Psm.Account account) {
        for (Psm.Entry entry : account.entries()) {
            if (entry.title() != null && !isNothing(entry)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNothing(Psm.Entry entry) {
        return entry.value() == null
                || isZero(entry.value())
                || (entry.value() instanceof Double percent && !Double.isFinite(percent));
    }

    /** Returns the first pid and how many others there are: {@code 812+3}. */
    public static String pids(List<?> pids) {
        if (pids.isEmpty()) {
            return "-";
        }
        return pids.size() == 1 ? pids.get(0).toString() : pids.get(0) + "+" + (pids.size() - 1);
    }

    /**
     * Appends a mark such as {@code [2 deleted]}. It has no number if it applies to all processes
     * of the row.
     */
    public static void mark(StringBuilder out, String title, Long marked, long count) {
        if (marked != null && marked > 0) {
            out.append(" [");
            if (marked < count) {
                out.append(marked).append(' ');
            }
            out.append(title).append(']');
        }
    }

    /** Returns the sign before the totals of a report, see {@link #totalMark}. */
    public static String totalsMark(Psm.Report report, boolean unicode) {
        if (!isOfMachines(report)) {
            return totalsMark(report.processes(), unicode);
        }
        return report.processes().missingHosts() == 0 ? "#" : unicode ? "#\u2265" : "#>=";
    }

    /**
     * Returns the sign before one total, empty if it is exact: figures of machines are exact unless
     * machines are missing.
     */
    public static String totalMark(Psm.Report report, Psm.Column column, boolean unicode) {
        String mark =
                column.ofMachines()
                        ? totalsMark(report, unicode)
                        : totalsMark(report.processes(), unicode);
        return mark.substring(1);
    }

    /** Returns the sign before one total; empty if the sign before all of them is the same. */
    public static String ownMark(Psm.Report report, Psm.Column column, boolean unicode) {
        String mark = totalMark(report, column, unicode);
        return totalsMark(report, unicode).endsWith('#' + mark) ? "" : mark;
    }

    /** Returns whether a report has totals. */
    public static boolean isSummed(Psm.Report report) {
        for (Psm.Column column : report.columns()) {
            if (column.summed()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the words beside the totals. */
    public static String totalsTitle(Psm.Report report) {
        if (!isOfMachines(report)) {
            return TOTALS;
        }
        int machines = new PlaceAndTime(report).count();
        return TOTALS_IN_SHORT + " OF " + machines + (machines == 1 ? " MACHINE" : " MACHINES");
    }

    /** Returns whether a figure says that a limit is nearly reached. */
    public static boolean isAlarming(Psm.Column column, Object value) {
        if (column.key().equals(LEFT)) {
            return value instanceof Double percent && percent <= ALL - ALARMING;
        }
        return value instanceof Double percent && percent >= ALARMING;
    }

    /** Returns whether the rows of a report are figures of whole machines. */
    public static boolean isOfMachines(Psm.Report report) {
        for (Psm.Column column : report.columns()) {
            if (column.ofMachines()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the sign before the total: exact, at least, at most or approximately. */
    public static String totalsMark(Psm.Processes processes, boolean unicode) {
        boolean mayBeTooHigh = processes.estimates().tooHigh();
        if (processes.complete() && !processes.estimates().tooLow()) {
            return mayBeTooHigh ? unicode ? "#\u2264" : "#<=" : "#";
        }
        return mayBeTooHigh ? "#~" : unicode ? "#\u2265" : "#>=";
    }

    /**
     * Returns a name that is safe to print on a terminal.
     *
     * @param maxChars the maximum length before characters are escaped, 0 for any length
     */
    public static String name(String name, int maxChars) {
        return withBlanksShown(Text.printable(maxChars == 0 ? name : cut(name, maxChars)));
    }

    /** Returns what stands for the text that is cut. */
    public static String ellipsis(boolean isUnicode) {
        return isUnicode ? "\u2026" : ELLIPSIS;
    }

    /**
     * Returns the name, or if it is too long, its start and its end: paths, containers of a pod and
     * commands may differ at either end. A single word is returned whole; the caller cuts its end.
     */
    public static String elided(String name, int maxChars) {
        boolean isWord = !name.startsWith("/") && name.indexOf(' ') < 0;
        boolean isCut = !isWord && Width.of(name) > maxChars && maxChars > ELLIPSIS.length();
        return isCut ? middleCut(name, maxChars, ELLIPSIS) : name;
    }

    private static String middleCut(String name, int maxChars, String ellipsis) {
        int kept = maxChars - ellipsis.length();
        return Width.cut(name, kept / 2) + ellipsis + Width.end(name, kept - kept / 2);
    }

    /** Returns whether a column contains names of programs, of which the start matters. */
    public static boolean isOfPrograms(Psm.Column column) {
        return column.key().equals(PROGRAM);
    }

    /**
     * Returns a name for a window: the whole name if it fits, else its most important part. A path
     * keeps its last part, a command loses the folder of its program first.
     *
     * @param name a name that is safe to print
     * @param column the column that contains it: only a command line has blanks that end a path
     */
    public static String fitted(String name, int columns, Psm.Column column, boolean isUnicode) {
        if (Width.of(name) <= columns) {
            return name;
        }
        String ellipsis = ellipsis(isUnicode);
        int kept = columns - ellipsis.length();
        if (kept <= 0) {
            return Width.cut(ellipsis, Math.max(0, columns));
        }
        boolean isProgram = isOfPrograms(column);
        int blank = column.key().equals(COMMAND) ? name.indexOf(' ') : -1;
        boolean hasFolder = !isProgram && name.startsWith("/");
        int slash = blank < 0 ? name.lastIndexOf('/') : name.lastIndexOf('/', blank);
        String shown = hasFolder ? withoutFolder(name, slash, columns, ellipsis) : name;
        if (Width.of(shown) <= columns) {
            return shown;
        }
        if (hasFolder && blank < 0) {
            String last = name.substring(slash + 1);
            return Width.of(last) <= columns ? last : middleCut(last, columns, ellipsis);
        }
        // Containers of a kind, and machines, differ at their end.
        boolean isOfWords = shown.indexOf(' ') >= 0 || column.key().equals(HostNames.KEY);
        boolean isForBothEnds = !isProgram && isOfWords && (blank < 0 || columns >= MIN_BOTH_ENDS);
        return isForBothEnds
                ? middleCut(shown, columns, ellipsis)
                : Width.cut(shown, kept) + ellipsis;
    }

    /**
     * Leaves out as much of the folder of a path, or of a command's program, as is needed.
     *
     * @param slash the index at which the folder ends
     */
    private static String withoutFolder(String name, int slash, int columns, String ellipsis) {
        String last = name.substring(slash);
        int kept = columns - ellipsis.length() - Width.of(last);
        return (kept > 0 ? Width.cut(name, kept) : "") + ellipsis + last;
    }

    /**
     * Escapes all spaces except single ones between words. A run of spaces could push the words
     * after it to the start of the terminal's next line, where they would look like another row.
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

    /**
     * Cuts a name that is too long. If it begins with a title in brackets, only that is kept: the
     * text after it is what the process is doing.
     */
    private static String cut(String name, int maxChars) {
        int bracket = name.startsWith("[") ? name.indexOf(']') : -1;
        boolean isTitle = bracket > 0 && bracket < MAX_BRACKET_CHARS;
        String start = Text.cut(name, maxChars);
        return isTitle && !start.equals(name) ? name.substring(0, bracket + 1) : start;
    }

    /** Returns how the figures were measured: in one scan, or in some samples. */
    public static String measured(Psm.Report report) {
        Psm.Account window = ReportHead.window(report);
        if (window == null) {
            return "scanned in " + Sizes.tenths(report.scanNanos() / 100_000) + " ms";
        }
        long samples = (Long) PlaceAndTime.value(window, ReportHead.SAMPLES);
        long seconds = (Long) PlaceAndTime.value(window, ReportHead.DURATION);
        return samples + (samples == 1 ? " sample" : " samples in " + TimeText.span(seconds));
    }

    /**
     * Returns a sentence about what the figures of a report do not include, and one about what is
     * estimated; none if they are complete and exact.
     */
    public static List<String> doubts(Psm.Processes processes) {
        List<String> doubts = new ArrayList<>();
        if (!processes.complete()) {
            String leftOut = LeftOut.inWords(processes, LeftOut.Details.NONE);
            int missing = processes.missingHosts();
            String machines = missing == 1 ? "1 machine" : missing + " machines";
            String comma = missing > 0 && !leftOut.isEmpty() ? ", " : "";
            String both = (missing == 0 ? "" : machines + comma) + leftOut;
            doubts.add("Not included: " + both + '.');
        }
        if (processes.estimated() > 0) {
            String estimated = LeftOut.estimated(processes.estimates(), LeftOut.Details.NONE);
            doubts.add("Estimated, so possibly too high: " + estimated + '.');
        }
        return doubts;
    }
}
