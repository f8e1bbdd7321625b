package psm.record;

import java.util.Arrays;

/**
 * Decides when to take a sample. All times are in milliseconds since the host was started, with the
 * time in which it was suspended: the clock on the wall may step. Belongs to one thread.
 *
 * <p>Samples have a fixed rate, which has two exceptions. While memory is short, they are taken
 * more often, for some minutes an hour; and they are taken less often if they cost too much CPU
 * time.
 */
final class Schedule {
    /**
     * The time from one look at the host's memory to the next. It may become short at any time, so
     * a longer time would miss peaks; a look reads two small files.
     */
    static final long LOOK_MILLIS = 5_000;

    /** The interval while memory is short. */
    static final long SHORT_MILLIS = 5_000;

    /** The number of samples in an hour that are taken more often: ten minutes of them. */
    static final int MAX_SHORT = 120;

    /**
     * How long memory must be sufficient before samples have their usual rate again. If it is too
     * low, the rate changes each few seconds; if it is too high, the samples of the hour are used
     * up afterwards.
     */
    static final long CALM_MILLIS = 60_000;

    /** The number of samples whose median decides what one costs: a single one may be disturbed. */
    static final int COSTS = 5;

    /** The number of samples whose cost does not count: Java has not compiled anything yet. */
    static final int WARM_UP = 5;

    private static final long HOUR_MILLIS = 3_600_000;
    private static final long SECOND_MILLIS = 1_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** The part of an interval that is added to it, so that it stays the same for a while. */
    private static final int SPARE_DIVISOR = 4;

    /** The unit of an interval below a second. */
    private static final long STEP_MILLIS = 100;

    private final long asked;
    private final double maxCpu;

    /** The shortest interval that the costs of samples allow. */
    private long affordable;

    /** The interval while memory is not short. */
    private long usual;

    /** The CPU time of the last samples, in nanoseconds. */
    private final long[] costs = new long[COSTS];

    private int costCount;

    /**
     * The times of the last samples that were taken more often; it is full of old ones at first.
     */
    private final long[] shortSamples = new long[MAX_SHORT];

    private int nextShort;

    /** Whether memory was short at the last look or within {@link #CALM_MILLIS} before it. */
    private boolean isShort;

    private long lastShort;

    /** When the next sample is due; the first one is at once. */
    private long due = Long.MIN_VALUE;

    /** When the last sample was due. */
    private long last;

    /** The interval before the next sample. */
    private long planned;

    /** The interval before the last sample. */
    private long before;

    /**
     * Makes a schedule.
     *
     * @param interval the time from one sample to the next
     * @param maxCpu the share of one CPU that samples may take
     */
    Schedule(long interval, double maxCpu) {
        this.asked = interval;
        this.usual = interval;
        this.planned = interval;
        this.before = interval;
        this.maxCpu = maxCpu;
        Arrays.fill(shortSamples, -HOUR_MILLIS);
    }

    /** Returns whether to take a sample now. */
    boolean isDue(long now) {
        return now >= due;
    }

    /** Returns how long to wait, for a sample or for a look at the host's memory. */
    long waitMillis(long now) {
        return Math.max(0, Math.min(due - now, LOOK_MILLIS));
    }

    /** Takes into account whether the host's memory is short now. */
    void look(long now, boolean isMemoryShort) {
        if (isMemoryShort) {
            lastShort = now;
        }
        isShort = isMemoryShort || (isShort && now - lastShort < CALM_MILLIS);
        plan(now);
    }

    private void plan(long now) {
        boolean isLeft = now - shortSamples[nextShort] >= HOUR_MILLIS;
        planned = isShort && isLeft ? Math.min(usual, Math.max(SHORT_MILLIS, affordable)) : usual;
        due = due == Long.MIN_VALUE ? due : last + planned;
    }

    /** Returns the interval before the next sample. */
    long interval() {
        return planned;
    }

    /** Returns whether the interval before the next sample is another than before the last one. */
    boolean isChanged() {
        return planned != before;
    }

    /**
     * Takes into account a sample, and decides when the next one is due: as if none had been late
     * or missed, but never shortly after this one.
     *
     * @param now when it was begun
     */
    void sampled(long now) {
        if (planned < usual) {
            shortSamples[nextShort] = now;
            nextShort = (nextShort + 1) % MAX_SHORT;
        }
        last = due == Long.MIN_VALUE ? now : due + (now - due + planned / 2) / planned * planned;
        due = last;
        before = planned;
        plan(now);
    }

    /**
     * Takes into account what the last sample has cost.
     *
     * @return whether samples become rarer or more frequent for that
     */
    boolean cost(long cpuNanos) {
        costs[costCount++ % COSTS] = cpuNanos;
        if (costCount < WARM_UP + COSTS) {
            return false;
        }
        long[] sorted = costs.clone();
        Arrays.sort(sorted);
        long needed = rounded((long) (sorted[COSTS / 2] / maxCpu) / NANOS_PER_MILLI);
        if (needed <= affordable && needed >= affordable / 2) {
            return false; // between the two limits, the interval would change with each sample
        }
        affordable = needed + needed / SPARE_DIVISOR;
        long other = Math.max(asked, affordable);
        boolean isChanged = other != usual;
        usual = other;
        plan(last);
        return isChanged;
    }

    private static long rounded(long millis) {
        long unit = millis > SECOND_MILLIS ? SECOND_MILLIS : STEP_MILLIS;
        return (millis + unit - 1) / unit * unit;
    }

    /** Returns the interval while memory is not short. */
    long usual() {
        return usual;
    }
}
