package psm;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record a row, no totals.
 * Sizes are whole bytes, what the kernel did not give is an empty field, pids are separated by
 * spaces. In names, control characters and bytes that are not UTF-8 are escaped, and an apostrophe
 * stands before those that a spreadsheet would take for formulas or numbers. It cannot carry when
 * and where it was taken, nor what could not be measured, nor accounts of the host.
 */
final class CsvFormat {
    /** What formulas begin with; in full width too, as Japanese keyboards have them. */
    private static final String FORMULA = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /** What numbers and dates begin with, which are no formulas, but no names either. */
    private static final String NUMBER = "0123456789(.$%";

    /** What a date may begin with, in English. */
    private static final Pattern MONTH =
            Pattern.compile(
                    "(?i)(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
                            + "|sep(t(ember)?)?|oct(ober)?|nov(ember)?|dec(ember)?)"
                            + "[ ,./-]*[0-9].*");

    /** What spreadsheets take for the end of a field, even where it is in quotes. */
    private static final String SEPARATORS = ",;|";

    /** Names in quotes, whatever is in them: some spreadsheets take semicolons for separators. */
    private static final CSVFormat QUOTED =
            CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.NON_NUMERIC).get();

    private static final String QUOTES = "\"'`\u2018\u2019\u201C\u201D";

    private CsvFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, QUOTED);
        for (Psm.Column column : report.columns()) {
            csv.print(column.key());
        }
        csv.println();
        for (Psm.Row row : report.rows()) {
            csv.printRecord(fields(report.columns(), row, output.raw()));
        }
        csv.flush();
    }

    private static List<Object> fields(List<Psm.Column> columns, Psm.Row row, boolean raw) {
        List<Object> fields = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            fields.add(value == null ? null : field(columns.get(i), value, raw));
        }
        return fields;
    }

    private static Object field(Psm.Column column, Object value, boolean raw) {
        return switch (column.kind()) {
            case TEXT -> raw ? Text.encodable((String) value) : neutralised((String) value);
            case COUNT, BYTES, NUMBER, PERCENT -> value;
            case PIDS -> joined((List<?>) value);
        };
    }

    /**
     * What begins as a formula does, maybe after blanks or quotes, gets an apostrophe before it, as
     * OWASP advises (CSV Injection); so does what comes after a separator, since a spreadsheet that
     * takes another one for its own does not heed the quotes. Tabs and line breaks are escaped
     * already.
     */
    private static String neutralised(String name) {
        String printable = Text.printable(name);
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
