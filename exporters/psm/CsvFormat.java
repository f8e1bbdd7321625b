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
            case COUNT, BYTES -> value;
            case PIDS -> joined((List<?>) value);
        };
    }

    /**
     * What begins as a formula does, maybe after blanks or quotes, gets an apostrophe before it, as
     * OWASP advises (CSV Injection). Tabs and line breaks are escaped already.
     */
    private static String neutralised(String name) {
        String printable = Text.printable(name);
        int start = 0;
        while (start < printable.length() && isSkipped(printable.charAt(start))) {
            start++;
        }
        boolean isText = start == printable.length() || isText(printable.substring(start));
        return isText ? printable : '\'' + printable;
    }

    private static boolean isText(String name) {
        char first = name.charAt(0);
        return FORMULA.indexOf(first) < 0
                && NUMBER.indexOf(first) < 0
                && !name.equalsIgnoreCase("true")
                && !name.equalsIgnoreCase("false");
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
