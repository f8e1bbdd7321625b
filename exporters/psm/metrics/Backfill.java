package psm.metrics;

import psm.Psm;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes many reports of one machine as one OpenMetrics text, for {@code promtool tsdb
 * create-blocks-from openmetrics}. There, all samples of a metric stand together, in the order of
 * time, so a report's figures are spread over the whole text. Those that do not fit into memory are
 * read again: there are as many passes over the reports as it takes, mostly one. Each writes the
 * metrics that come next, in the order of their names and labels.
 */
public final class Backfill {
    /** The most samples: their times are in memory. A recorder of each minute takes two years. */
    public static final int MAX_SAMPLES = 1_000_000;

    /**
     * The memory for figures of one pass. If this is too low, there are many passes; if it is too
     * high, a report of many processes does not fit beside it.
     */
    private static final int MAX_BYTES = 16 << 20;

    /** What a metric takes beside its labels and figures: six small objects. */
    private static final int METRIC_BYTES = 160;

    private static final int START_TIMES = 1 << 10;

    /** The text is written in parts of so many characters. */
    private static final int PART_CHARS = 1 << 14;

    private final int maxBytes;
    private final OutputStream out;

    /** The times of all samples in milliseconds, in the order in which they were taken. */
    private long[] times = new long[START_TIMES];

    private int count;

    /** The samples that are written; {@code null} in the first pass. */
    private BitSet kept;

    /** Where to look for the next sample of a later pass. */
    private int next;

    private final TreeMap<Metric, Points> metrics = new TreeMap<>();

    /** The families by name, without samples. */
    private final Map<String, Family> families = new HashMap<>();

    private long bytes;

    /** The first metric of this pass; {@code null} for the first of all. */
    private Metric from;

    /** The first metric of the next pass; {@code null} if this is the last pass. */
    private Metric to;

    /** The family whose head was written last. */
    private String head = "";

    /** A metric: the family and the labels. */
    private record Metric(String family, String labels) implements Comparable<Metric> {
        @Override
        public int compareTo(Metric other) {
            int order = family.compareTo(other.family);
            return order == 0 ? labels.compareTo(other.labels) : order;
        }

        int bytes() {
            return METRIC_BYTES + 2 * labels.length();
        }
    }

    /** Creates an empty text. */
    public Backfill(OutputStream out) {
        this(out, MAX_BYTES);
    }

    Backfill(OutputStream out, int maxBytes) {
        this.out = out;
        this.maxBytes = maxBytes;
    }

    /**
     * Begins with a sample.
     *
     * @return its number for {@link #add}; negative if its report is not needed
     */
    public int begin(Instant takenAt) {
        long time = takenAt.toEpochMilli();
        if (kept == null) {
            if (count == times.length) {
                times = Arrays.copyOf(times, count + count / 2);
            }
            times[count] = time;
            return count++;
        }
        // The recorder may have added samples meanwhile, and deleted old ones.
        for (int i = next; i < count; i++) {
            if (times[i] == time) {
                next = i + 1;
                return kept.get(i) ? i : -1;
            }
        }
        return -1;
    }

    /** Returns the number of samples, with those that are left out. */
    public int samples() {
        return count;
    }

    /**
     * Returns the number of samples that are left out, since the clock was set back: another sample
     * that was taken later has the same time, or an earlier one. That is the one that a report of
     * that time shows as well.
     */
    public int leftOut() {
        return count - kept.cardinality();
    }

    /** Adds the report of a sample that was begun. */
    public void add(int sample, Psm.Report report) throws IOException {
        for (Family family : Families.of(report)) {
            for (Family.Sample figure : family.samples()) {
                Metric metric = new Metric(family.name(), figure.labels());
                boolean isOfPass =
                        (from == null || metric.compareTo(from) >= 0)
                                && (to == null || metric.compareTo(to) < 0);
                if (isOfPass) {
                    families.computeIfAbsent(family.name(), name -> family.withoutSamples());
                    add(sample, metric, figure.value());
                }
            }
        }
        while (bytes > maxBytes && metrics.size() > 1) {
            Map.Entry<Metric, Points> last = metrics.pollLastEntry();
            to = last.getKey();
            bytes -= to.bytes() + last.getValue().capacity();
        }
    }

    private void add(int sample, Metric metric, String value) throws IOException {
        Points points = metrics.get(metric);
        int before = 0;
        if (points == null) {
            points = new Points();
            metrics.put(metric, points);
            bytes += metric.bytes();
        } else {
            before = points.capacity();
        }
        points.add(sample, value);
        bytes += points.capacity() - before;
    }

    /**
     * Ends a pass over the reports, and writes what fitted into memory.
     *
     * @return whether another pass is needed
     */
    public boolean endPass() throws IOException {
        if (kept == null) {
            kept = kept();
        }
        StringBuilder text = new StringBuilder();
        for (Map.Entry<Metric, Points> metric = metrics.pollFirstEntry();
                metric != null;
                metric = metrics.pollFirstEntry()) {
            write(metric.getKey(), metric.getValue(), text);
        }
        write(text);
        families.clear();
        bytes = 0;
        next = 0;
        from = to;
        to = null;
        return from != null;
    }

    /** Ends the text, which a reader takes for cut otherwise. */
    public void end() throws IOException {
        write(new StringBuilder(OpenMetricsFormat.END));
    }

    /** Returns the samples whose time is before that of each sample that was taken later. */
    private BitSet kept() {
        BitSet rising = new BitSet(count);
        long first = Long.MAX_VALUE;
        for (int i = count - 1; i >= 0; i--) {
            if (times[i] < first) {
                rising.set(i);
                first = times[i];
            }
        }
        return rising;
    }

    private void write(Metric metric, Points points, StringBuilder text) throws IOException {
        Family family = families.get(metric.family());
        points.forEach(
                (sample, value) -> {
                    if (!kept.get(sample)) {
                        return;
                    }
                    if (!head.equals(metric.family())) {
                        OpenMetricsFormat.appendHead(text, family);
                        head = metric.family();
                    }
                    OpenMetricsFormat.appendSample(
                            text,
                            family,
                            new Family.Sample(metric.labels(), value),
                            Families.seconds(Instant.ofEpochMilli(times[sample])));
                    if (text.length() >= PART_CHARS) {
                        write(text);
                    }
                });
    }

    private void write(StringBuilder text) throws IOException {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        text.setLength(0);
    }
}
