package psm.metrics;

import psm.Psm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes OpenMetrics 1.0, with the time of the scan as the timestamp of each sample, so that
 * Prometheus can be filled with the past: {@code promtool tsdb create-blocks-from openmetrics}.
 */
public final class OpenMetricsFormat {
    /** The last line, without which a reader takes the text for cut. */
    static final String END = "# EOF\n";

    private OpenMetricsFormat() {}

    /** Writes the families of a report. */
    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        StringBuilder out = new StringBuilder();
        String at = Families.seconds(report.takenAt());
        for (Family family : Families.of(report)) {
            appendHead(out, family);
            for (Family.Sample sample : family.samples()) {
                appendSample(out, family, sample, at);
            }
        }
        output.stream().write(out.append(END).toString().getBytes(StandardCharsets.UTF_8));
    }

    /** Adds what a family is; of a counter, the name of the family lacks the end. */
    static void appendHead(StringBuilder out, Family family) {
        String name = family.name();
        boolean isCounter = family.type() == Family.Type.COUNTER;
        PrometheusFormat.appendHead(
                out,
                family,
                isCounter ? name.substring(0, name.length() - Family.TOTAL.length()) : name);
    }

    /**
     * Adds a sample.
     *
     * @param at the time, in seconds since 1970
     */
    static void appendSample(StringBuilder out, Family family, Family.Sample sample, String at) {
        out.append(family.name()).append(sample.labels()).append(' ').append(sample.value());
        out.append(' ').append(at).append('\n');
    }
}
