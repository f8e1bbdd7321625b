package psm.format;

import psm.Psm;
import psm.cell.Percent;
import psm.cell.PlaceAndTime;
import psm.text.Text;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Makes the fields of a row for spreadsheets, whatever separates them: sizes are whole bytes, a
 * missing figure is {@code null}, pids are separated by spaces, and no name is a formula.
 */
final class SpreadsheetFields {
    /** The first characters of formulas, also in full width as on Japanese keyboards. */
    private static final String FORMULA = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /** The first characters of numbers and dates, which a spreadsheet would reformat. */
    private static final String NUMBER = "0123456789(.$%";

    /** A date that begins with an English month. */
    private static final Pattern MONTH =
            Pattern.compile(
                    "(?i)(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
                            + "|sep(t(ember)?)?|oct(ober)?|nov(ember)?|dec(ember)?)"
                            + "[ ,./-]*[0-9].*");

    /** The characters that some spreadsheets take for the end of a field, even in quotes. */
    private static final String SEPARATORS = ",;|";

    private static final String QUOTES = "\"'`\u2018\u2019\u201C\u201D";

    /** The key of the host, which is the last field but one, even if it is a column. */
    private static final String HOST = PlaceAndTime.HOST;

    private SpreadsheetFields() {}

    /** Returns the titles of the fields: the keys of the columns, the host, and the time. */
    static List<Object> titles(Psm.Report report) {
        List<Object> titles = new ArrayList<>();
        for (Psm.Column column : report.columns()) {
            if (!column.key().equals(HOST)) {
                titles.add(column.key());
            }
        }
        titles.addAll(List.of(HOST, PlaceAndTime.TAKEN_AT));
        return titles;
    }

    /**
     * Returns the fields of a row: texts, numbers and {@code null}. The last two are the host, that
     * of the row if it has one, and the time of the scan, so that the rows of several files can be
     * put together.
     *
     * @param names the function that makes a text harmless
     */
    static List<Object> of(Psm.Report report, Psm.Row row, UnaryOperator<String> names) {
        List<Psm.Column> columns = report.columns();
        List<Object> fields = new ArrayList<>(columns.size() + 2);
        String host = report.host();
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            if (columns.get(i).key().equals(HOST)) {
                host = (String) value;
            } else {
                fields.add(value == null ? null : field(columns.get(i), value, names));
            }
        }
        fields.add(host == null ? null : names.apply(host));
        fields.add(Text.utc(report.takenAt()));
        return fields;
    }

    private static Object field(Psm.Column column, Object value, UnaryOperator<String> names) {
        return switch (column.kind()) {
            case TEXT -> names.apply((String) value);
            case COUNT, BYTES, NUMBER, PID, DEPTH, SECONDS, RATE -> value;
            case TIME -> Text.utc((Instant) value);
            case PERCENT -> Percent.rounded((Double) value);
            case PIDS -> joined((List<?>) value);
        };
    }

    /**
     * Puts an apostrophe before everything that begins like a formula, even after blanks or quotes,
     * as OWASP advises (CSV Injection). A formula after a separator gets an apostrophe too: some
     * spreadsheets begin a new field there, even in quotes.
     *
     * @param printable a name whose tabs and line breaks are escaped
     */
    static String neutralised(String printable) {
        StringBuilder out = new StringBuilder(printable.length() + 1);
        if (isTakenForNumber(printable)) {
            out.append('\'');
        }
        boolean isStart = out.length() == 0;
        for (int i = 0; i < printable.length(); i++) {
            if (isStart && isFormula(printable, i)) {
                out.append('\'');
            }
            out.append(printable.charAt(i));
            isStart = SEPARATORS.indexOf(printable.charAt(i)) >= 0;
        }
        return out.toString();
    }

    private static boolean isFormula(String name, int from) {
        int start = skipped(name, from);
        return start < name.length() && FORMULA.indexOf(name.charAt(start)) >= 0;
    }

    private static boolean isTakenForNumber(String name) {
        String value = name.substring(skipped(name, 0));
        return (!value.isEmpty() && NUMBER.indexOf(value.charAt(0)) >= 0)
                || value.equalsIgnoreCase("true")
                || value.equalsIgnoreCase("false")
                || MONTH.matcher(value).matches();
    }

    private static int skipped(String name, int from) {
        int start = from;
        while (start < name.length() && isSkipped(name.charAt(start))) {
            start++;
        }
        return start;
    }

    private static boolean isSkipped(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || QUOTES.indexOf(c) >= 0;
    }

    private static String joined(List<?> pids) {
        StringBuilder joined = new StringBuilder();
        for (Object pid : pids) {
            joined.append(joined.length() == 0 ? "" : " ").append(pid);
        }
        return joined.toString();
    }
}
