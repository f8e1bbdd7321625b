package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;
import psm.cell.PlaceAndTime;

import java.io.IOException;
import java.util.ArrayList;
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
            start(json, document, "row", keysOf(report.columns()));
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
            start(json, document, account.key(), keysOf(account));
            document.account(account);
            json.writeEndObject();
        }
        for (Psm.Row row : account.rows()) {
            start(json, document, account.key(), keysOf(account.columns()));
            document.row(account.columns(), row);
            json.writeEndObject();
        }
    }

    /** Starts a line; what follows may have a time or a host of its own, as its keys say. */
    private static void start(
            JsonGenerator json, JsonDocument document, String kind, List<String> keys)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", kind);
        if (!keys.contains(PlaceAndTime.TAKEN_AT)) {
            document.takenAt();
        }
        if (!keys.contains(PlaceAndTime.HOST)) {
            document.host();
        }
    }

    private static List<String> keysOf(List<Psm.Column> columns) {
        List<String> keys = new ArrayList<>();
        for (Psm.Column column : columns) {
            keys.add(column.key());
        }
        return keys;
    }

    private static List<String> keysOf(Psm.Account account) {
        List<String> keys = new ArrayList<>();
        for (Psm.Entry entry : account.entries()) {
            keys.add(entry.key());
        }
        return keys;
    }
}
