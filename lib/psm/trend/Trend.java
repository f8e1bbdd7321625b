package psm.trend;

import psm.text.Missing;

/**
 * Says how fast a series grows and of which shape it is, by the low water in {@link
 * LowWater#BUCKETS} buckets of the window. Growth is called steady only if it goes on through the
 * whole window, since most programs grow when they start, when they have more to do, and until
 * their caches are full.
 *
 * <p>Where there is no verdict, there are no figures: all of them are {@link Missing#VALUE}.
 *
 * @param verdict the shape
 * @param rate bytes per hour: the median of the slopes between all pairs of low waters
 * @param lower the lower end of the interval that contains the rate in about 95 of 100 cases
 * @param upper the upper end of it
 * @param level the low water at the last sample, by the line through all low waters, in bytes
 * @param tooth the median height of the saw-teeth above the low water, in bytes
 * @param change the change over the window by that line, in bytes
 */
public record Trend(
        Verdict verdict, long rate, long lower, long upper, long level, long tooth, long change) {
    /** Smallest change over a window that counts as one. */
    public static final long LEAST_CHANGE_BYTES = 5L << 20;

    /** Smallest change as a part of the first low water. */
    static final double LEAST_CHANGE = 0.05;

    /** Fewer buckets with samples make no verdict. */
    public static final int LEAST_BUCKETS = 8;

    /**
     * Fewer lows between saw-teeth that are longer than a bucket make no growth: of four in any
     * order, one of 24 rises.
     */
    private static final int LEAST_TROUGHS = 5;

    /** Longest time at the begin of a life that is left out. */
    private static final long WARM_UP_MILLIS = 600_000;

    /** Part of a life at its begin that is left out, if that is shorter. */
    private static final int WARM_UP_PART = 10;

    /**
     * A trend and why it is one.
     *
     * @param low the points that decide it; none if there are too few
     * @param from the uptime at which the times of these points begin
     */
    public record Decision(Trend trend, LowWater low, long from) {}

    /** Returns the trend of a series without a known begin. */
    public static Trend of(Series series) {
        return of(series, Long.MIN_VALUE);
    }

    /**
     * Returns the trend of a series whose first samples are left out as far as they are warm-up:
     * the first 10 minutes after the birth, or the first tenth if that is less.
     *
     * @param bornMillis the uptime at the start of the process, or at that of the first of a group;
     *     may lie before the first sample
     */
    public static Trend of(Series series, long bornMillis) {
        return decide(series, bornMillis).trend();
    }

    /** Returns the same trend with the points that decide it. */
    public static Decision decide(Series series, long bornMillis) {
        if (series.samples() == 0) {
            return tooShort();
        }
        long from = series.firstMillis();
        if (bornMillis != Long.MIN_VALUE) {
            long age = series.lastMillis() - bornMillis;
            from = Math.max(from, bornMillis + Math.min(WARM_UP_MILLIS, age / WARM_UP_PART));
        }
        return decide(series, from, series.lastMillis());
    }

    /** Returns the trend of the part of a series between two uptimes, both included. */
    static Trend within(Series series, long from, long until) {
        return decide(series, from, until).trend();
    }

    private static Decision decide(Series series, long from, long until) {
        LowWater low = LowWater.of(series, from, until);
        if (low.size() < LEAST_BUCKETS) {
            return tooShort();
        }
        Shape shape = new Shape(low);
        Verdict verdict = shape.steady();
        Teeth teeth = new Teeth(series, from, until, shape.slopes().slope());
        LowWater troughs = LowWater.of(series, from, teeth.troughs());
        if (verdict == null && troughs.size() >= LEAST_TROUGHS && troughs.size() < low.size()) {
            shape = new Shape(troughs);
            verdict = shape.steady();
        }
        verdict = verdict == null ? shape.unsteady(teeth.height(), troughs) : verdict;
        Trend trend = of(verdict, shape.slopes(), Hours.of(until - from), teeth.height());
        return new Decision(trend, shape.low(), from);
    }

    private static Trend of(Verdict verdict, TheilSen slopes, double hours, double tooth) {
        double rate = slopes.slope();
        return new Trend(
                verdict,
                Math.round(rate),
                Math.round(slopes.lower(TheilSen.IN_95_OF_100)),
                Math.round(slopes.upper(TheilSen.IN_95_OF_100)),
                Math.round(slopes.at(hours)),
                Math.round(tooth),
                Math.round(rate * hours));
    }

    private static Decision tooShort() {
        long none = Missing.VALUE;
        Trend trend = new Trend(Verdict.TOO_SHORT, none, none, none, none, none, none);
        return new Decision(trend, LowWater.NONE, 0);
    }
}
