package psm.format;

import psm.Psm;
import psm.text.Text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Writes tab-separated values in UTF-8, for cut, awk and databases, and for copying into a
 * spreadsheet: the columns, fields and rows of {@link CsvFormat}. No field contains a tab or a line
 * break: names are escaped as by psql's COPY and mysql, {@code \t}, {@code \n}, {@code \r}, and
 * {@code \\} for a backslash. It leaves out the same things as CSV.
 */
final class TsvFormat {
    private TsvFormat() {}

    /** Writes the rows of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        StringBuilder out = new StringBuilder();
        if (output.layout().header()) {
            line(out, SpreadsheetFields.titles(report));
        }
        UnaryOperator<String> names = output.raw() ? TsvFormat::raw : TsvFormat::neutralised;
        for (Psm.Row row : report.rows()) {
            line(out, SpreadsheetFields.of(report, row, names));
            output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
            out.setLength(0);
        }
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void line(StringBuilder out, List<?> fields) {
        String separator = "";
        for (Object field : fields) {
            out.append(separator).append(field == null ? "" : field);
            separator = "\t";
        }
        out.append('\n');
    }

    private static String raw(String name) {
        return Text.escapedBytes(name)
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    /** Makes a name harmless: one that starts with a quote would merge fields into one cell. */
    private static String neutralised(String name) {
        String field = SpreadsheetFields.neutralised(Text.escaped(name));
        return field.startsWith("\"") ? '\'' + field : field;
    }
}
