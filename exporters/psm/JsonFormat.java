package psm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;

import java.io.IOException;
import java.util.List;

/**
 * A JSON document for programs, schema {@code psm/1}: sizes are whole bytes, what the kernel did
 * not give is {@code null}. One line, but on a terminal; a newline at the end either way. What
 * could do harm to a terminal is written by its number, which is the same to a program.
 *
 * <p>A name that is not UTF-8 has {@code \xff} for such a byte and two backslashes for one, and
 * beside it a member {@code program_escaped} that says so.
 */
final class JsonFormat {
    private static final String SCHEMA = "psm/1";

    private JsonFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = new JsonFactory().createGenerator(output.stream());
        json.setCharacterEscapes(new HarmfulEscapes());
        json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
        if (output.terminal()) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
        }
        json.writeStartObject();
        origin(json, report);
        json.writeArrayFieldStart("rows");
        for (Psm.Row row : report.rows()) {
            json.writeStartObject();
            fields(json, report, row, false);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("totals");
        fields(json, report, report.totals(), true);
        json.writeEndObject();
        for (Psm.Account account : report.accounts()) {
            account(json, account);
        }
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }

    private static void origin(JsonGenerator json, Psm.Report report) throws IOException {
        json.writeStringField("schema", SCHEMA);
        json.writeStringField("psm_version", report.psmVersion());
        text(json, "host", report.host());
        text(json, "kernel", report.kernel());
        json.writeStringField("taken_at", Text.utc(report.takenAt()));
        json.writeNumberField("scan_ms", Math.round(report.scanNanos() / 1e3) / 1e3);
        text(json, "source", report.source());
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
            json.writeNullField("hidden"); // nobody can tell how many
        } else {
            json.writeNumberField("hidden", 0);
        }
        json.writeEndObject();
    }

    private static void account(JsonGenerator json, Psm.Account account) throws IOException {
        json.writeObjectFieldStart(account.key());
        for (Psm.Entry entry : account.entries()) {
            if (entry.value() == null) {
                json.writeNullField(entry.key());
            } else if (entry.kind() == Psm.Kind.PERCENT) {
                json.writeNumberField(entry.key(), (Double) entry.value());
            } else {
                json.writeNumberField(entry.key(), (Long) entry.value());
            }
        }
        json.writeEndObject();
    }

    private static void fields(JsonGenerator json, Psm.Report report, Psm.Row row, boolean totals)
            throws IOException {
        List<Psm.Column> columns = report.columns();
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            if (!totals || columns.get(i).summed()) {
                field(json, columns.get(i), value);
            }
        }
    }

    private static void field(JsonGenerator json, Psm.Column column, Object value)
            throws IOException {
        if (value == null) {
            json.writeNullField(column.key());
            return;
        }
        switch (column.kind()) {
            case TEXT -> text(json, column.key(), (String) value);
            case COUNT, BYTES, NUMBER -> json.writeNumberField(column.key(), (Long) value);
            case PERCENT -> json.writeNumberField(column.key(), (Double) value);
            case PIDS -> {
                json.writeArrayFieldStart(column.key());
                for (Object pid : (List<?>) value) {
                    json.writeNumber((Integer) pid);
                }
                json.writeEndArray();
            }
        }
    }

    private static void text(JsonGenerator json, String key, String value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
        } else if (Text.isUtf8(value)) {
            json.writeStringField(key, value);
        } else {
            json.writeStringField(key, Text.escapedBytes(value));
            json.writeBooleanField(key + "_escaped", true);
        }
    }

    /** Jackson escapes control characters below 0x20 by itself, and all beyond 0xFFFF. */
    private static final class HarmfulEscapes extends CharacterEscapes {
        private static final long serialVersionUID = 1;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[0x7F] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return Text.isHarmful(c) ? new SerializedString(String.format("\\u%04x", c)) : null;
        }
    }
}
