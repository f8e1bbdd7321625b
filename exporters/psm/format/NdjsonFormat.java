package psm.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;

import java.io.IOException;

/**
 * JSON lines for jq and log collectors: an object a line, each of which says by itself what it is
 * ({@code kind}), and when and where it was taken. First the rows ({@code "kind":"row"}), then the
 * accounts, by their keys, and last the totals ({@code "kind":"totals"}) with what {@link
 * JsonDocument} has beside its rows. The members have the names and meanings that they have there.
 */
final class NdjsonFormat {
    private NdjsonFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonFactory lines = new JsonFactory().setRootValueSeparator("\n");
        JsonGenerator json = JsonFormat.generator(lines, output);
        JsonDocument document = new JsonDocument(json, report, false);
        for (Psm.Row row : report.rows()) {
            start(json, document, "row");
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

    /** A list has a line for each of its rows. */
    private static void account(JsonGenerator json, JsonDocument document, Psm.Account account)
            throws IOException {
        if (!account.isList()) {
            start(json, document, account.key());
            document.account(account);
            json.writeEndObject();
        }
        for (Psm.Row row : account.rows()) {
            start(json, document, account.key());
            document.row(account.columns(), row);
            json.writeEndObject();
        }
    }

    private static void start(JsonGenerator json, JsonDocument document, String kind)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", kind);
        document.takenAt();
        document.host();
    }
}
