package psm.format;

import com.fasterxml.jackson.core.JsonGenerator;

import psm.Psm;
import psm.cell.Percent;
import psm.cell.PlaceAndTime;
import psm.text.Text;

import java.io.IOException;
import java.time.Instant;
import java.util.List;

/**
 * Writes the document for programs, schema {@code psm/1}, with any generator of Jackson: as JSON or
 * in another format. Sizes are whole bytes, a missing figure is {@code null}, percentages have up
 * to three decimals.
 *
 * <p>In a name that is not UTF-8, {@code \xff} stands for such a byte and two backslashes for one
 * backslash. The next member says so: {@code program_escaped} for {@code program}.
 */
final class JsonDocument {
    private static final String SCHEMA = "psm/1";

    private final JsonGenerator json;
    private final Psm.Report report;
    private final boolean shown;

    /**
     * Prepares a document.
     *
     * @param json where to write it; the caller closes it
     * @param shown whether the text goes to a terminal unchanged; then characters that could harm
     *     it, and bytes that are not UTF-8, are escaped
     */
    JsonDocument(JsonGenerator json, Psm.Report report, boolean shown) {
        this.json = json;
        this.report = report;
        this.shown = shown;
    }

    /** Writes the whole document. */
    void write() throws IOException {
        json.writeStartObject();
        origin();
        rows("rows", report.columns(), report.rows());
        json.writeObjectFieldStart("totals");
        totals();
        json.writeEndObject();
        if (report.more() != null) {
            more();
        }
        for (Psm.Account account : report.accounts()) {
            if (account.isList() && !account.known()) {
                json.writeNullField(account.key());
            } else if (account.isList()) {
                rows(account.key(), account.columns(), account.rows());
            } else {
                json.writeObjectFieldStart(account.key());
                account(account);
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private void rows(String key, List<Psm.Column> columns, List<Psm.Row> rows) throws IOException {
        json.writeArrayFieldStart(key);
        for (Psm.Row row : rows) {
            json.writeStartObject();
            row(columns, row);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes when, where and how the report was measured, and what it leaves out. */
    void origin() throws IOException {
        json.writeStringField("schema", SCHEMA);
        json.writeStringField("psm_version", report.psmVersion());
        host();
        text("kernel", report.kernel());
        takenAt();
        json.writeNumberField("scan_ms", Math.round(report.scanNanos() / 1e3) / 1e3);
        text("source", report.source());
        json.writeBooleanField("complete", report.processes().complete());
        Psm.Processes processes = report.processes();
        json.writeObjectFieldStart("processes");
        json.writeNumberField("measured", processes.measured());
        json.writeNumberField("estimated", processes.estimated());
        json.writeNumberField("denied", processes.denied());
        json.writeNumberField("vanished", processes.vanished());
        json.writeNumberField("stuck", processes.stuck());
        json.writeNumberField("failed", processes.failed());
        if (processes.hidden()) {
            json.writeNullField("hidden"); // their number is not known
        } else {
            json.writeNumberField("hidden", 0);
        }
        estimates(processes.estimates());
        json.writeEndObject();
    }

    private void estimates(Psm.Estimates estimates) throws IOException {
        json.writeObjectFieldStart("estimates");
        json.writeNumberField("denied", estimates.denied());
        json.writeNumberField("stuck", estimates.stuck());
        json.writeNumberField("failed", estimates.failed());
        json.writeNumberField("large", estimates.large());
        json.writeNumberField("unsupported", estimates.unsupported());
        json.writeNumberField("doubtful", estimates.doubtful());
        json.writeEndObject();
    }

    void takenAt() throws IOException {
        json.writeStringField(PlaceAndTime.TAKEN_AT, Text.utc(report.takenAt()));
    }

    void host() throws IOException {
        text(PlaceAndTime.HOST, report.host());
    }

    /** Writes the columns of a row as members. */
    void row(Psm.Row row) throws IOException {
        row(report.columns(), row);
    }

    /** Writes the columns of a list's row as members. */
    void row(List<Psm.Column> columns, Psm.Row row) throws IOException {
        for (int i = 0; i < columns.size(); i++) {
            member(columns.get(i).key(), columns.get(i).kind(), row.values().get(i));
        }
    }

    /** Writes the number and the sums of the rows that {@code -n} and {@code --min} leave out. */
    void more() throws IOException {
        json.writeObjectFieldStart("more");
        json.writeNumberField("rows", report.more().rows());
        sums(report.more().sums());
        json.writeEndObject();
    }

    /** Writes the columns that have a total as members. */
    void totals() throws IOException {
        sums(report.totals());
    }

    private void sums(Psm.Row sums) throws IOException {
        List<Psm.Column> columns = report.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).summed()) {
                Object total = sums.values().get(i);
                member(columns.get(i).key(), columns.get(i).kind(), total);
            }
        }
    }

    /** Writes the entries of an account as members. */
    void account(Psm.Account account) throws IOException {
        for (Psm.Entry entry : account.entries()) {
            member(entry.key(), entry.kind(), entry.value());
        }
    }

    private void member(String key, Psm.Kind kind, Object value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
            return;
        }
        switch (kind) {
            case TEXT -> text(key, (String) value);
            case COUNT, BYTES, NUMBER, PID, DEPTH, SECONDS, RATE ->
                    json.writeNumberField(key, (Long) value);
            case TIME -> json.writeStringField(key, Text.utc((Instant) value));
            case PERCENT -> percent(key, Percent.rounded((Double) value));
            case PIDS -> {
                json.writeArrayFieldStart(key);
                for (Object pid : (List<?>) value) {
                    json.writeNumber((Integer) pid);
                }
                json.writeEndArray();
            }
        }
    }

    private void percent(String key, Double percent) throws IOException {
        if (percent == null) {
            json.writeNullField(key);
        } else {
            json.writeNumberField(key, percent);
        }
    }

    private void text(String key, String value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
        } else if (shown ? Text.printable(value).equals(value) : Text.isUtf8(value)) {
            json.writeStringField(key, value);
        } else {
            json.writeStringField(key, shown ? Text.escaped(value) : Text.escapedBytes(value));
            json.writeBooleanField(key + "_escaped", true);
        }
    }
}
