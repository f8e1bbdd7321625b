package psm.format;

import org.kohsuke.MetaInfServices;

import psm.Psm;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Registers psm's own formats with ServiceLoader, which takes no class that is not public: hence
 * nested ones. Each refers to its format only when it writes, so that a run loads the library of
 * one format and no other.
 */
public final class Formats {
    private Formats() {}

    /** All of them, without the search for them. */
    public static List<Psm.Exporter> all() {
        return List.of(new Csv(), new Json(), new Markdown(), new Ndjson(), new Table(), new Tsv());
    }

    /** Describes each format for the man page, by its name for {@code -o}. */
    public static Map<String, String> descriptions() {
        Map<String, String> formats = new LinkedHashMap<>();
        formats.put("table", "a table for people (default)");
        formats.put("json", "one JSON document with all that a report contains (schema psm/1)");
        formats.put(
                "ndjson",
                "JSON lines: an object for each row, then the figures of the host, then the"
                    + " totals");
        formats.put(
                "csv",
                "comma-separated values with a header, for spreadsheets (RFC 4180); without"
                    + " totals");
        formats.put(
                "tsv",
                "tab-separated values with a header, for cut, awk and databases; without totals");
        formats.put("markdown", "tables in Markdown, for a ticket");
        formats.put(
                Exporters.SNAPSHOT, "all that psm has read, for --from on this or another machine");
        return formats;
    }

    /** {@code -o table}, see {@link TableFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Table implements Psm.Exporter {
        @Override
        public String name() {
            return "table";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TableFormat.write(report, output);
        }
    }

    /** {@code -o json}, see {@link JsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Json implements Psm.Exporter {
        @Override
        public String name() {
            return "json";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            JsonFormat.write(report, output);
        }
    }

    /** {@code -o csv}, see {@link CsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Csv implements Psm.Exporter {
        @Override
        public String name() {
            return "csv";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            CsvFormat.write(report, output);
        }
    }

    /** {@code -o tsv}, see {@link TsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Tsv implements Psm.Exporter {
        @Override
        public String name() {
            return "tsv";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TsvFormat.write(report, output);
        }
    }

    /** {@code -o ndjson}, see {@link NdjsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Ndjson implements Psm.Exporter {
        @Override
        public String name() {
            return "ndjson";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            NdjsonFormat.write(report, output);
        }
    }

    /** {@code -o markdown}, see {@link MarkdownFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Markdown implements Psm.Exporter {
        @Override
        public String name() {
            return "markdown";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            MarkdownFormat.write(report, output);
        }
    }
}
