package psm;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record a row, no totals.
 * Sizes are whole bytes, what the kernel did not give is an empty field, pids are separated by
 * spaces. It cannot carry when and where it was taken, nor what could not be measured, nor accounts
 * of the host.
 */
final class CsvFormat {
    private CsvFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, CSVFormat.RFC4180);
        for (Psm.Column column : report.columns()) {
            csv.print(column.key());
        }
        csv.println();
        for (Psm.Row row : report.rows()) {
            csv.printRecord(fields(report.columns(), row));
        }
        csv.flush();
    }

    private static List<Object> fields(List<Psm.Column> columns, Psm.Row row) {
        List<Object> fields = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            fields.add(value == null ? null : field(columns.get(i), value));
        }
        return fields;
    }

    private static Object field(Psm.Column column, Object value) {
        return switch (column.kind()) {
            case TEXT -> Text.encodable((String) value);
            case COUNT, BYTES -> value;
            case PIDS -> joined((List<?>) value);
        };
    }

    private static String joined(List<?> pids) {
        StringBuilder joined = new StringBuilder();
        for (Object pid : pids) {
            joined.append(joined.length() == 0 ? "" : " ").append(pid);
        }
        return joined.toString();
    }
}
