package psm.growth;

import psm.text.Missing;
import psm.trend.Hours;
import psm.trend.LowWater;
import psm.trend.Series;

/**
 * Keeps what recycled workers show: how many are born and end in an hour, and with which size they
 * are born. Where that size rises, it is the parent that grows. Not for sharing between threads.
 */
final class Births {
    /** Fewer births make no trend of sizes. */
    private static final int LEAST_BIRTHS = 4;

    /** How many points the trend is made of at most: a thousand slopes cost next to nothing. */
    private static final int POINTS = 48;

    /** The sizes at birth, or the least of births close to one another. */
    private final Series sizes = new Series();

    private long born;
    private long ended;

    /**
     * Adds a process that started after the sample before.
     *
     * @param millis the uptime of the first sample that contains it
     * @param bytes its size there, {@link Missing#VALUE} if it is not known
     */
    void born(long millis, long bytes) {
        born++;
        if (bytes != Missing.VALUE) {
            sizes.add(millis, bytes);
        }
    }

    /** Counts a process that ended after the sample before. */
    void ended() {
        ended++;
    }

    /** Returns the number of births. */
    long born() {
        return born;
    }

    /** Returns the number of ends. */
    long ends() {
        return ended;
    }

    /** Returns the size of the first births by the line through all, or {@link Missing#VALUE}. */
    long firstBytes() {
        return at(false);
    }

    /** Returns the size of the last births by the line through all, or {@link Missing#VALUE}. */
    long lastBytes() {
        return at(true);
    }

    /** Returns the sizes at birth, or the least of births close to one another. */
    Series sizes() {
        return sizes;
    }

    private long at(boolean isLast) {
        if (sizes.samples() < LEAST_BIRTHS) {
            return Missing.VALUE;
        }
        long from = sizes.firstMillis();
        LowWater low = LowWater.of(sizes, from, sizes.lastMillis(), POINTS);
        return Math.max(
                0,
                Math.round(
                        low.slopes(low.size())
                                .at(isLast ? Hours.of(sizes.lastMillis() - from) : 0)));
    }
}
