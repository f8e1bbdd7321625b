package psm.metrics;

import psm.Psm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes the text format of Prometheus, version 0.0.4, which node_exporter's textfile collector
 * reads. It has no timestamps: the collector drops a file with one. Time of the scan is a metric.
 */
public final class PrometheusFormat {
    private PrometheusFormat() {}

    /** Writes the families of a report. */
    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        StringBuilder out = new StringBuilder();
        for (Family family : Families.of(report)) {
            appendHead(out, family, family.name());
            for (Family.Sample sample : family.samples()) {
                out.append(family.name()).append(sample.labels()).append(' ');
                out.append(sample.value()).append('\n');
            }
        }
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Adds what a family is, in two lines that both text formats have. */
    static void appendHead(StringBuilder out, Family family, String name) {
        out.append("# HELP ").append(name).append(' ').append(family.help());
        out.append("\n# TYPE ").append(name).append(' ').append(family.type().text).append('\n');
    }
}
