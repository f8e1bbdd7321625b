package psm.fuzzing;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;

import psm.Psm;
import psm.format.Formats;
import psm.metrics.Exposition;
import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Checks that each format is valid and has the report's figures, whatever the names are. */
final class FormatChecks {
    private static final ObjectMapper STRICT =
            new ObjectMapper()
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    /** The suffix of a member that says that another member is escaped. */
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
                requireFigure(
                        entry.kind(), entry.value(), json.get(account.key()).get(entry.key()));
            }
        }
    }

    /** Checks for metrics that a strict reader takes, with a sample for each name. */
    static void prometheus(Psm.Report report) throws IOException {
        String text = written(new Formats.Prometheus(), report, false, false);
        Exposition metrics = Exposition.parse(text);
        Set<Object> names = new HashSet<>();
        for (Psm.Row row : report.rows()) {
            if (row.values().get(1) != null) {
                names.add(row.values().get(0));
            }
        }
        long samples =
                metrics.samples.keySet().stream()
                        .filter(series -> series.metric().equals("psm_processes"))
                        .count();
        FuzzTarget.require(samples == names.size(), "two names are one, or one is two");
        String open = written(new Formats.OpenMetrics(), report, false, false);
        FuzzTarget.require(open.endsWith("\n# EOF\n"), "no end");
    }

    /**
     * Checks for a line for each row, each account and the totals, with the figures of the
     * document.
     */
    static void ndjson(Psm.Report report) throws IOException {
        String text = written(new Formats.Ndjson(), report, false, false);
        NameChecks.requirePrintable(text.replace("\n", ""));
        FuzzTarget.require(
                text.equals(written(new Formats.Ndjson(), report, true, true)), "another text");
        FuzzTarget.require(text.endsWith("}\n"), "no end of line");
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        int accounts = report.accounts().size();
        FuzzTarget.require(lines.length == report.rows().size() + accounts + 1, "lines");
        JsonNode document = STRICT.readTree(written(new Formats.Json(), report, false, false));
        List<String> beside = List.of("kind", "taken_at", "host", "host" + ESCAPED);
        for (int i = 0; i < lines.length - 1; i++) {
            ObjectNode line = (ObjectNode) STRICT.readTree(lines[i]);
            boolean isRow = i < report.rows().size();
            String kind = isRow ? "row" : report.accounts().get(i - report.rows().size()).key();
            FuzzTarget.require(line.get("kind").asText().equals(kind), "kind");
            FuzzTarget.require(line.get("taken_at").equals(document.get("taken_at")), "time");
            FuzzTarget.require(line.get("host").equals(document.get("host")), "host");
            line.remove(beside);
            JsonNode figures = isRow ? document.get("rows").get(i) : document.get(kind);
            FuzzTarget.require(line.equals(figures), "another row or account");
        }
        ObjectNode last = (ObjectNode) STRICT.readTree(lines[lines.length - 1]);
        FuzzTarget.require(last.remove("kind").asText().equals("totals"), "no totals");
        ObjectNode origin = (ObjectNode) document;
        JsonNode totals = origin.get("totals");
        origin.remove(List.of("rows", "totals", "swap", "memory"));
        origin.setAll((ObjectNode) totals);
        FuzzTarget.require(last.equals(origin), "other totals");
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
            case COUNT, BYTES, NUMBER, PERCENT, PID, DEPTH, SECONDS, RATE ->
                    requireFigure(column.kind(), value, json);
            case TIME ->
                    FuzzTarget.require(
                            value == null
                                    ? json.isNull()
                                    : Instant.parse(json.asText()).equals(value),
                            "time");
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

    /** Checks that a reader gets every byte back. */
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

    private static void requireFigure(Psm.Kind kind, Object value, JsonNode json) {
        if (kind == Psm.Kind.PERCENT) {
            FuzzTarget.require(
                    isAbsent(value) ? json.isNull() : isNear((Double) value, json.asDouble()),
                    "percentage");
        } else {
            requireNumber((Long) value, json);
        }
    }

    private static boolean isAbsent(Object value) {
        return value == null || (value instanceof Double percent && !Double.isFinite(percent));
    }

    /** Rounds to three decimals. */
    private static boolean isNear(double percent, double written) {
        return Math.abs(percent - written) <= Math.max(0.000_501, Math.ulp(percent));
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
            FuzzTarget.require(csv.size() == places(report).size() + 2, "fields of a record");
        }
        for (int i = 0; i < report.columns().size(); i++) {
            Psm.Column column = report.columns().get(i);
            int place = places(report).indexOf(i);
            if (place < 0) {
                continue;
            }
            FuzzTarget.require(records.get(0).get(place).equals(column.key()), "header");
            for (int row = 0; row < report.rows().size(); row++) {
                requireField(
                        column,
                        report.rows().get(row).values().get(i),
                        records.get(row + 1).get(place),
                        raw);
            }
        }
        return text;
    }

    /** Returns the columns in their order, without that of the host, which is at the end. */
    private static List<Integer> places(Psm.Report report) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < report.columns().size(); i++) {
            if (!report.columns().get(i).key().equals("host")) {
                places.add(i);
            }
        }
        return places;
    }

    private static void requireField(Psm.Column column, Object value, String field, boolean raw) {
        if (isAbsent(value)) {
            FuzzTarget.require(field.isEmpty(), "null is not empty");
        } else if (column.kind() == Psm.Kind.PERCENT) {
            FuzzTarget.require(
                    isNear((Double) value, Double.parseDouble(field)), "another percentage");
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
                String figures = lines[i + 1].substring(0, lines[i + 1].indexOf('\t'));
                FuzzTarget.require(figures.matches("[-0-9. %E:A-Za-z]*"), "figures");
                Object name = report.ranking().inTable().get(i).values().get(0);
                FuzzTarget.require(
                        !isPlain((String) name)
                                || lines[i + 1].substring(figures.length()).contains(" " + name)
                                || lines[i + 1].contains("\t" + name),
                        "name");
            }
        }
    }

    /**
     * Checks the number of lines: the head, the rows, the totals, the accounts with figures, and
     * the time.
     */
    private static int lines(Psm.Report report) {
        int lines = report.rows().size() + 3;
        for (Psm.Account account : report.accounts()) {
            boolean isShown = account.column() != null && isAny(account);
            lines += isShown ? (int) linesOf(account) : 0;
        }
        return lines;
    }

    private static long linesOf(Psm.Account account) {
        return account.entries().stream()
                .filter(entry -> !entry.part() && entry.title() != null)
                .filter(entry -> !isAbsent(entry.value()))
                .filter(entry -> entry.sum() || ((Number) entry.value()).doubleValue() != 0)
                .count();
    }

    private static boolean isAny(Psm.Account account) {
        return account.entries().stream()
                .filter(entry -> entry.title() != null)
                .map(Psm.Entry::value)
                .anyMatch(value -> !isAbsent(value) && ((Number) value).doubleValue() != 0);
    }

    /** Checks that the fields have the figures of CSV, and that no name ends a line or a field. */
    static void tsv(Psm.Report report) throws IOException {
        NameChecks.requirePrintable(tsv(report, false).replace("\n", "").replace("\t", ""));
        tsv(report, true);
    }

    private static String tsv(Psm.Report report, boolean raw) throws IOException {
        String text = written(new Formats.Tsv(), report, false, raw);
        FuzzTarget.require(text.endsWith("\n") && text.indexOf('\r') < 0, "no end of line");
        String[] lines = text.substring(0, text.length() - 1).split("\n", -1);
        FuzzTarget.require(lines.length == report.rows().size() + 1, "lines");
        for (int line = 0; line < lines.length; line++) {
            String[] fields = lines[line].split("\t", -1);
            FuzzTarget.require(fields.length == report.columns().size() + 2, "fields of a line");
            for (int i = 0; i < fields.length - 2; i++) {
                Psm.Column column = report.columns().get(i);
                if (line == 0) {
                    FuzzTarget.require(fields[i].equals(column.key()), "header");
                    continue;
                }
                Object value = report.rows().get(line - 1).values().get(i);
                if (value == null || column.kind() != Psm.Kind.TEXT) {
                    requireField(column, value, fields[i], raw);
                } else {
                    requireTsvName((String) value, fields[i], raw);
                }
            }
        }
        return text;
    }

    private static void requireTsvName(String name, String field, boolean raw) {
        FuzzTarget.require(!isPlain(name) || field.equals(name), "plain field");
        FuzzTarget.require(
                raw || !field.matches("[\\s\"']*[=+@-].*") || field.startsWith("'"), "a formula");
        FuzzTarget.require(raw || !field.startsWith("\""), "a quote that takes the next fields");
        if (raw && Text.isUtf8(name)) {
            FuzzTarget.require(unescaped(field).equals(name), "another name");
        }
    }

    /** Unescapes a field as psql's COPY does. */
    private static String unescaped(String field) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\') {
                c = field.charAt(++i);
                c = c == 't' ? '\t' : c == 'n' ? '\n' : c == 'r' ? '\r' : c;
            }
            out.append(c);
        }
        return out.toString();
    }

    /** Checks that all rows have as many cells as their head, and that names are only code. */
    static void markdown(Psm.Report report) throws IOException {
        String text = written(new Formats.Markdown(), report, false, false);
        NameChecks.requirePrintable(text.replace("\n", ""));
        FuzzTarget.require(text.endsWith("\n"), "no end of line");
        String[] blocks = text.split("\n\n", -1);
        long accounts =
                report.accounts().stream()
                        .filter(account -> account.column() != null && isAny(account))
                        .count();
        FuzzTarget.require(blocks.length == accounts + 2, "blocks");
        for (int i = 0; i < blocks.length - 1; i++) {
            requireTable(blocks[i].split("\n", -1));
        }
        String[] lines = blocks[0].split("\n", -1);
        FuzzTarget.require(lines.length == report.rows().size() + 3, "rows");
        for (int i = 0; i < report.rows().size(); i++) {
            String name = (String) report.rows().get(i).values().get(0);
            String[] cells = lines[i + 2].split("[|]", -1);
            String last = cells[cells.length - 2].strip();
            FuzzTarget.require(last.matches("(`[^`]+`)?( ?\\[[0-9 ]*deleted\\])?"), "name");
            FuzzTarget.require(!isPlain(name) || last.startsWith('`' + name + '`'), "plain");
        }
        String ownWords = "hidden processes (/proc is mounted with hidepid)";
        String around = blocks[blocks.length - 1].replaceAll("`[^`\n]+`", "").replace(ownWords, "");
        FuzzTarget.require(around.matches("[-A-Za-z0-9 (),:.^\n]*"), "a name that is no code");
    }

    private static void requireTable(String[] lines) {
        long cells = lines[0].chars().filter(c -> c == '|').count();
        FuzzTarget.require(lines[1].matches("([|] -+[-:] )+[|]"), "no head");
        for (String line : lines) {
            FuzzTarget.require(line.startsWith("| ") && line.endsWith(" |"), "no line of a table");
            FuzzTarget.require(line.chars().filter(c -> c == '|').count() == cells, "cells");
        }
    }

    /** Returns whether a name is short and consists of letters, so that no format changes it. */
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

    /** Decodes bytes; throws if they are not UTF-8. */
    private static String decoded(ByteArrayOutputStream bytes) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes.toByteArray()))
                .toString();
    }
}
