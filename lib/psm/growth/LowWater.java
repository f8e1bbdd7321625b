package psm.growth;

import java.util.Arrays;

/**
 * Divides a window into buckets and keeps the least size in each: what garbage collectors and
 * recycled workers do not return. Buckets without samples are left out.
 */
final class LowWater {
    /**
     * Number of buckets of a window. With fewer, the interval of the slope becomes wide; with more,
     * a saw-tooth is more often longer than a bucket.
     */
    static final int BUCKETS = 12;

    /** The times of the low waters in hours since the begin of the window. */
    private final double[] times;

    /** The low waters in bytes. */
    private final double[] bytes;

    private LowWater(double[] times, double[] bytes) {
        this.times = times;
        this.bytes = bytes;
    }

    /** Returns the low water of the part of a series between two uptimes, both included. */
    static LowWater of(Series series, long from, long until) {
        return of(series, from, until, BUCKETS);
    }

    static LowWater of(Series series, long from, long until, int buckets) {
        double[] times = new double[buckets];
        double[] least = new double[buckets];
        int size = 0;
        int last = -1;
        double span = Math.max(1, until - from);
        for (int slot = 0; slot < series.slots(); slot++) {
            long millis = series.millis(slot);
            if (millis < from || millis > until) {
                continue;
            }
            int bucket = (int) Math.min(buckets - 1L, (long) ((millis - from) * buckets / span));
            if (bucket != last || series.least(slot) < least[size - 1]) {
                size += bucket != last ? 1 : 0;
                times[size - 1] = Hours.of(millis - from);
                least[size - 1] = series.least(slot);
                last = bucket;
            }
        }
        return new LowWater(Arrays.copyOf(times, size), Arrays.copyOf(least, size));
    }

    int size() {
        return bytes.length;
    }

    /** Returns the time between the first low water and the last. */
    double hours() {
        return times[times.length - 1] - times[0];
    }

    double first() {
        return bytes[0];
    }

    double last() {
        return bytes[bytes.length - 1];
    }

    /** Returns the range of the low waters. */
    double range() {
        double[] sorted = bytes.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - 1] - sorted[0];
    }

    /** Returns the median of the low waters in one third of the buckets: 0, 1 or 2. */
    double third(int third) {
        double[] part = Arrays.copyOfRange(bytes, third * size() / 3, (third + 1) * size() / 3);
        Arrays.sort(part);
        return TheilSen.median(part);
    }

    /** Returns the slopes of all buckets from an index on. */
    TheilSen slopes(int from) {
        return new TheilSen(
                Arrays.copyOfRange(times, from, size()), Arrays.copyOfRange(bytes, from, size()));
    }

    /** Returns the largest change between neighbours, in the direction of the sign. */
    double largestStep(double sign) {
        double largest = 0;
        for (int i = 1; i < size(); i++) {
            largest = Math.max(largest, sign * (bytes[i] - bytes[i - 1]));
        }
        return largest;
    }
}
