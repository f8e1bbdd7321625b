package psm.format;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;

import psm.Psm;
import psm.text.Text;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/**
 * Writes comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record for each
 * row, no totals. Sizes are whole bytes, a missing figure is an empty field, pids are separated by
 * spaces, and the last two fields are the host and the time of the scan. In names, control
 * characters and bytes that are not UTF-8 are escaped, and an apostrophe precedes names that a
 * spreadsheet would take for formulas or numbers. The format cannot contain the processes that
 * could not be measured, accounts of the host, or the rows that {@code -n} and {@code --min} leave
 * out.
 */
final class CsvFormat {
    /**
     * The format with quotes around all names, since some spreadsheets take semicolons for
     * separators.
     */
    private static final CSVFormat QUOTED =
            CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.NON_NUMERIC).get();

    private CsvFormat() {}

    /** Writes the rows of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, QUOTED);
        if (output.layout().header()) {
            csv.printRecord(SpreadsheetFields.titles(report));
        }
        UnaryOperator<String> names =
                output.raw()
                        ? Text::encodable
                        : name -> SpreadsheetFields.neutralised(Text.printable(name));
        for (Psm.Row row : report.rows()) {
            csv.printRecord(SpreadsheetFields.of(report, row, names));
        }
        csv.flush();
    }
}
