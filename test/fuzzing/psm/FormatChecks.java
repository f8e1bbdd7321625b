package psm;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Each format is valid and has the report's figures, whatever the names are. */
final class FormatChecks {
    private static final ObjectMapper STRICT =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** The end of a member's name that says of another that it is escaped. */
    private static final String ESCAPED = "_escaped";

    private FormatChecks() {}

    static void json(Psm.Report report) throws IOException {
        String lines = written(new Formats.Json(), report, true, false);
        String line = written(new Formats.Json(), report, false, false);
        FuzzTarget.require(line.indexOf('\n') == line.length() - 1, "not one line");
        NameChecks.requirePrintable(lines.replace("\n", ""));
        JsonNode json = STRICT.readTree(line);
        FuzzTarget.require(json.equals(STRICT.readTree(lines)), "another document in lines");
        requireText(report.host(), json, "host");
        requireText(report.kernel(), json, "kernel");
        requireText(report.source(), json, "source");
        FuzzTarget.require(json.get("scan_ms").isNumber(), "scan_ms");
        FuzzTarget.require(
                json.get("complete").asBoolean() == report.processes().complete(), "complete");
        FuzzTarget.require(json.get("rows").size() == report.rows().size(), "rows");
        for (int i = 0; i < report.rows().size(); i++) {
            requireRow(report, report.rows().get(i), json.get("rows").get(i), false);
        }
        requireRow(report, report.totals(), json.get("totals"), true);
        for (Psm.Account account : report.accounts()) {
            for (Psm.Entry entry : account.entries()) {
                requireNumber(entry.bytes(), json.get(account.key()).get(entry.key()));
            }
        }
    }

    private static void requireRow(
            Psm.Report report, Psm.Row row, JsonNode json, boolean isTotals) {
        int fields = 0;
        for (int i = 0; i < report.columns().size(); i++) {
            Psm.Column column = report.columns().get(i);
            if (!isTotals || column.summed()) {
                fields++;
                requireValue(column, row.values().get(i), json);
                fields += json.has(column.key() + ESCAPED) ? 1 : 0;
            }
        }
        FuzzTarget.require(json.size() == fields, "fields of a row");
    }

    private static void requireValue(Psm.Column column, Object value, JsonNode row) {
        JsonNode json = row.get(column.key());
        switch (column.kind()) {
            case TEXT -> requireText((String) value, row, column.key());
            case COUNT, BYTES, NUMBER, PERCENT -> requireNumber((Long) value, json);
            case PIDS -> {
                List<?> pids = (List<?>) value;
                FuzzTarget.require(
                        pids == null ? json.isNull() : pids.size() == json.size(), "pids");
                for (int i = 0; i < json.size(); i++) {
                    FuzzTarget.require(pids.get(i).equals(json.get(i).asInt()), "pid");
                }
            }
        }
    }

    /** A reader gets every byte back. */
    private static void requireText(String text, JsonNode object, String key) {
        JsonNode json = object.get(key);
        boolean isEscaped = object.has(key + ESCAPED);
        if (text == null) {
            FuzzTarget.require(json.isNull() && !isEscaped, "null is not null");
        } else {
            FuzzTarget.require(json.isTextual(), "no text");
            FuzzTarget.require(
                    json.asText().equals(isEscaped ? Text.escapedBytes(text) : text),
                    "another text");
        }
    }

    private static void requireNumber(Long number, JsonNode json) {
        FuzzTarget.require(
                number == null
                        ? json.isNull()
                        : json.isIntegralNumber()
                                && json.canConvertToLong()
                                && json.asLong() == number,
                "number");
    }

    static void csv(Psm.Report report) throws IOException {
        csv(report, true);
        NameChecks.requirePrintable(csv(report, false).replace("\r\n", ""));
    }

    private static String csv(Psm.Report report, boolean raw) throws IOException {
        String text = written(new Formats.Csv(), report, false, raw);
        FuzzTarget.require(text.endsWith("\r\n"), "no end of line");
        List<CSVRecord> records = CSVFormat.RFC4180.parse(new StringReader(text)).getRecords();
        FuzzTarget.require(records.size() == report.rows().size() + 1, "records");
        for (CSVRecord csv : records) {
            FuzzTarget.require(csv.size() == report.columns().size(), "fields of a record");
        }
        for (int i = 0; i < report.columns().size(); i++) {
            Psm.Column column = report.columns().get(i);
            FuzzTarget.require(records.get(0).get(i).equals(column.key()), "header");
            for (int row = 0; row < report.rows().size(); row++) {
                requireField(
                        column,
                        report.rows().get(row).values().get(i),
                        records.get(row + 1).get(i),
                        raw);
            }
        }
        return text;
    }

    private static void requireField(Psm.Column column, Object value, String field, boolean raw) {
        if (value == null) {
            FuzzTarget.require(field.isEmpty(), "null is not empty");
        } else if (column.kind() == Psm.Kind.TEXT) {
            FuzzTarget.require(!isPlain((String) value) || field.equals(value), "plain field");
            FuzzTarget.require(
                    !raw || field.equals(Text.encodable((String) value)), "raw is not raw");
            FuzzTarget.require(
                    raw || !field.matches("[\\s\"']*[=+@-].*") || field.startsWith("'"),
                    "a formula");
        } else {
            String expected = value.toString();
            if (column.kind() == Psm.Kind.PIDS) {
                expected = expected.replaceAll("[\\[\\],]", "");
            }
            FuzzTarget.require(field.equals(expected), "another figure");
        }
    }

    static void table(Psm.Report report) throws IOException {
        for (boolean unicode : new boolean[] {false, true}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            new Formats.Table().export(report, new Psm.Output(bytes, true, unicode, false));
            String text = decoded(bytes);
            NameChecks.requirePrintable(text.replace("\n", "").replace("\t", ""));
            FuzzTarget.require(text.endsWith("\n"), "no end of line");
            String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
            FuzzTarget.require(lines.length == lines(report), "lines");
            for (String line : lines) {
                int tab = line.indexOf('\t');
                FuzzTarget.require(tab >= 0 && tab == line.lastIndexOf('\t'), "not one tab");
            }
            for (int i = 0; i < report.rows().size(); i++) {
                String sizes = lines[i + 1].substring(0, lines[i + 1].indexOf('\t'));
                FuzzTarget.require(sizes.matches("[-0-9. ]*"), "sizes");
                Object name = report.rows().get(i).values().get(0);
                FuzzTarget.require(
                        !isPlain((String) name) || lines[i + 1].contains("\t" + name), "name");
            }
        }
    }

    /** The head, the rows, the totals, the accounts that have any, and the time. */
    private static int lines(Psm.Report report) {
        int lines = report.rows().size() + 3;
        for (Psm.Account account : report.accounts()) {
            long told = account.entries().stream().filter(entry -> entry.bytes() != null).count();
            boolean isAny =
                    account.entries().stream()
                            .anyMatch(entry -> entry.bytes() != null && entry.bytes() != 0);
            lines += isAny ? (int) told : 0;
        }
        return lines;
    }

    /** Short, and of letters: no format has to change anything in it. */
    private static boolean isPlain(String text) {
        return text != null && text.matches("[a-zA-Z]{1,32}");
    }

    private static String written(
            Psm.Exporter exporter, Psm.Report report, boolean terminal, boolean raw)
            throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        exporter.export(report, new Psm.Output(bytes, terminal, true, raw));
        return decoded(bytes);
    }

    /** Throws where it is not UTF-8. */
    private static String decoded(ByteArrayOutputStream bytes) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes.toByteArray()))
                .toString();
    }
}
