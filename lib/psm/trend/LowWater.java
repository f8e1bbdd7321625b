package psm.trend;

import java.util.Arrays;

/**
 * The low water of a series: what garbage collectors and recycled workers do not return. It
 * consists of the least size in each bucket of a window, or of the lows between saw-teeth.
 */
public final class LowWater {
    /**
     * Number of buckets of a window. With fewer, the interval of the slope becomes wide; with more,
     * a saw-tooth is more often longer than a bucket.
     */
    static final int BUCKETS = 12;

    /** No points. */
    static final LowWater NONE = new LowWater(new double[0], new double[0]);

    /** The times of the points in hours since the begin of the window. */
    private final double[] times;

    private final double[] bytes;

    LowWater(double[] times, double[] bytes) {
        this.times = times;
        this.bytes = bytes;
    }

    /** Returns the low water between two uptimes, both included. */
    static LowWater of(Series series, long from, long until) {
        return of(series, from, until, BUCKETS);
    }

    /** Returns the low water in some number of buckets. Those without samples are left out. */
    public static LowWater of(Series series, long from, long until, int buckets) {
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

    /** Returns the least sizes in some slots of a series. */
    static LowWater of(Series series, long from, int[] slots) {
        double[] times = new double[slots.length];
        double[] least = new double[slots.length];
        for (int i = 0; i < slots.length; i++) {
            times[i] = Hours.of(series.millis(slots[i]) - from);
            least[i] = series.least(slots[i]);
        }
        return new LowWater(times, least);
    }

    public int size() {
        return bytes.length;
    }

    /** Returns the time of a point in milliseconds since the begin of the window. */
    public long millis(int point) {
        return Math.round(Hours.toMillis(times[point]));
    }

    /** Returns the size at a point in bytes. */
    public long bytes(int point) {
        return Math.round(bytes[point]);
    }

    double first() {
        return bytes[0];
    }

    /**
     * Returns the rise over the last points, as many as are asked for, from the one before them.
     */
    double rise(int points) {
        return bytes[bytes.length - 1] - bytes[bytes.length - 1 - points];
    }

    /** Returns the time that {@link #rise} took. */
    double hours(int points) {
        return times[times.length - 1] - times[times.length - 1 - points];
    }

    /** Returns the difference between the highest point and the lowest, 0 without points. */
    double range() {
        double[] sorted = bytes.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? 0 : sorted[sorted.length - 1] - sorted[0];
    }

    /** Returns the median of one third of the points: 0, 1 or 2. */
    double third(int third) {
        return median(third * size() / 3, (third + 1) * size() / 3);
    }

    private double median(int from, int until) {
        double[] part = Arrays.copyOfRange(bytes, from, until);
        Arrays.sort(part);
        return TheilSen.median(part);
    }

    /** Returns the slopes between the last points. */
    public TheilSen slopes(int points) {
        int from = size() - points;
        return new TheilSen(
                Arrays.copyOfRange(times, from, size()), Arrays.copyOfRange(bytes, from, size()));
    }

    /**
     * Returns the standard deviation of the noise from point to point: third differences leave
     * nothing of a smooth curve, and make noise larger by the square root of 20.
     */
    double noise() {
        double[] differences = new double[Math.max(0, size() - 3)];
        for (int i = 0; i < differences.length; i++) {
            double third = bytes[i + 3] - 3 * bytes[i + 2] + 3 * bytes[i + 1] - bytes[i];
            differences[i] = Math.abs(third);
        }
        Arrays.sort(differences);
        return TheilSen.median(differences) / 0.6745 / Math.sqrt(20); // 0.6745: of a normal one
    }

    /** Returns the mean distance of the points from a line. Its two figures cost two points. */
    double distanceFrom(TheilSen line) {
        double begin = line.at(0);
        double slope = line.slope();
        double sum = 0;
        for (int i = 0; i < size(); i++) {
            sum += Math.abs(bytes[i] - begin - slope * times[i]);
        }
        return sum / (size() - 2);
    }

    /** Returns the mean distance from the best two steps. Their five figures cost five points. */
    double distanceFromSteps() {
        return besideSteps() / (size() - 5);
    }

    /** Returns which part of the distances from the median the best two steps do not explain. */
    double partBesideSteps() {
        double all = fromMedian(0, size());
        return all > 0 ? besideSteps() / all : 1;
    }

    private double besideSteps() {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 1; i < size() - 1; i++) {
            for (int j = i + 1; j < size(); j++) {
                double sum = fromMedian(0, i) + fromMedian(i, j) + fromMedian(j, size());
                least = Math.min(least, sum);
            }
        }
        return least;
    }

    private double fromMedian(int from, int until) {
        double median = median(from, until);
        double sum = 0;
        for (int i = from; i < until; i++) {
            sum += Math.abs(bytes[i] - median);
        }
        return sum;
    }

    /** Returns all changes between neighbours, negated if the sign is negative. */
    double[] changes(double sign) {
        double[] changes = new double[size() - 1];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = sign * (bytes[i + 1] - bytes[i]);
        }
        return changes;
    }
}
