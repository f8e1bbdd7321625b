package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;

import java.io.IOException;
import java.util.List;

/**
 * Writes JSON lines for jq and log collectors: each line is an object with its {@code kind}, and
 * the time and the host of the scan. The rows come first ({@code "kind":"row"}), then the accounts,
 * whose keys are their kinds, and last the totals ({@code "kind":"totals"}) with the other members
 * of a {@link JsonDocument}. Rows of several machines have the host of their own. The members have
 * the same names and meanings as there.
 */
final class NdjsonFormat {
    private NdjsonFormat() {}

    /** Writes the lines of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonFactory lines = new JsonFactory().setRootValueSeparator("\n");
        JsonGenerator json = JsonFormat.generator(lines, output);
        JsonDocument document = new JsonDocument(json, report, false);
        for (Psm.Row row : report.rows()) {
            start(json, document, "row", report.columns());
            document.row(row);
            json.writeEndObject();
        }
        for (Psm.Account account : report.accounts()) {
            account(json, document, account);
        }
        json.writeStartObject();
        json.writeStringField("kind", "totals");
        document.origin();
        document.totals();
        if (report.more() != null) {
            document.more();
        }
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }

    /** Writes an account as one line, or if it is a list, each of its rows as one line. */
    private static void account(JsonGenerator json, JsonDocument document, Psm.Account account)
            throws IOException {
        if (!account.isList()) {
            start(json, document, account.key(), List.of());
            document.account(account);
            json.writeEndObject();
        }
        for (Psm.Row row : account.rows()) {
            start(json, document, account.key(), account.columns());
            document.row(account.columns(), row);
            json.writeEndObject();
        }
    }

    /** Starts a line; a row that has a time or a host of its own follows. */
    private static void start(
            JsonGenerator json, JsonDocument document, String kind, List<Psm.Column> columns)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", kind);
        if (!contain(columns, JsonDocument.TAKEN_AT)) {
            document.takenAt();
        }
        if (!contain(columns, JsonDocument.HOST)) {
            document.host();
        }
    }

    private static boolean contain(List<Psm.Column> columns, String key) {
        for (Psm.Column column : columns) {
            if (column.key().equals(key)) {
                return true;
            }
        }
        return false;
    }
}
