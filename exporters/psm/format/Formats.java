package psm.format;

import org.kohsuke.MetaInfServices;

import psm.Psm;
import psm.html.HtmlFormat;
import psm.metrics.OpenMetricsFormat;
import psm.metrics.PrometheusFormat;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * psm's own formats. To add one, write a file like {@link CsvFormat}, add a class here, and add it
 * to {@link #all}. The classes are public, since ServiceLoader accepts no others. Each refers to
 * its format only when it writes, so that a run does not load the libraries of other formats.
 */
public final class Formats {
    /** The name of the default. */
    public static final String TABLE = "table";

    /** The name of the page. */
    public static final String HTML = "html";

    /** The name of the text format of Prometheus. */
    public static final String PROMETHEUS = "prometheus";

    /** The name of the format of OpenMetrics. */
    public static final String OPENMETRICS = "openmetrics";

    private Formats() {}

    /** Returns all formats in the order of help, the default first. */
    public static List<Format> all() {
        return List.of(
                new Table(),
                new Json(),
                new Csv(),
                new Markdown(),
                new Html(),
                new Tsv(),
                new Ndjson(),
                new Prometheus(),
                new OpenMetrics());
    }

    /** Returns the description of each format for the man page, by its name for {@code -o}. */
    public static Map<String, String> descriptions() {
        Map<String, String> formats = new LinkedHashMap<>();
        for (Format format : all()) {
            formats.put(format.name(), format.description);
        }
        formats.put(
                Exporters.SNAPSHOT, "all that psm has read, for --from on this or another machine");
        return formats;
    }

    /** Returns the names of all formats, separated by commas. */
    public static String names() {
        StringBuilder names = new StringBuilder();
        for (Format format : all()) {
            names.append(names.length() == 0 ? "" : ", ").append(format.name());
        }
        return names.toString();
    }

    /** The name and the description of one of psm's own formats. */
    public abstract static class Format implements Psm.Exporter {
        private final String name;
        private final String description;

        Format(String name, String description) {
            this.name = name;
            this.description = description;
        }

        @Override
        public final String name() {
            return name;
        }
    }

    /** {@code -o table}, see {@link TableFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Table extends Format {
        public Table() {
            super(TABLE, "a table for people (default)");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TableFormat.write(report, output);
        }
    }

    /** {@code -o json}, see {@link JsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Json extends Format {
        public Json() {
            super("json", "one JSON document with all that a report contains (schema psm/1)");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            JsonFormat.write(report, output);
        }
    }

    /** {@code -o csv}, see {@link CsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Csv extends Format {
        public Csv() {
            super(
                    "csv",
                    "comma-separated values with a header, for spreadsheets (RFC 4180); without"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            CsvFormat.write(report, output);
        }
    }

    /** {@code -o tsv}, see {@link TsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Tsv extends Format {
        public Tsv() {
            super(
                    "tsv",
                    "tab-separated values with a header, for cut, awk and databases; without"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TsvFormat.write(report, output);
        }
    }

    /** {@code -o ndjson}, see {@link NdjsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Ndjson extends Format {
        public Ndjson() {
            super(
                    "ndjson",
                    "JSON lines: an object for each row, then the figures of the host, then the"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            NdjsonFormat.write(report, output);
        }
    }

    /** {@code -o markdown}, see {@link MarkdownFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Markdown extends Format {
        public Markdown() {
            super("markdown", "tables in Markdown, for a ticket");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            MarkdownFormat.write(report, output);
        }
    }

    /** {@code -o html}, see {@link HtmlFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Html extends Format {
        public Html() {
            super(HTML, "one page with pictures, for a ticket or a chat");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            HtmlFormat.write(report, output);
        }

        @Override
        public boolean showsNotes() {
            return true;
        }
    }

    /** {@code -o prometheus}, see {@link PrometheusFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Prometheus extends Format {
        public Prometheus() {
            super(PROMETHEUS, "metrics for Prometheus, such as node_exporter reads from a file");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            PrometheusFormat.write(report, output);
        }
    }

    /** {@code -o openmetrics}, see {@link OpenMetricsFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class OpenMetrics extends Format {
        public OpenMetrics() {
            super(
                    OPENMETRICS,
                    "metrics with the time of each scan, which fill Prometheus with the past"
                            + " (OpenMetrics 1.0)");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            OpenMetricsFormat.write(report, output);
        }
    }
}
