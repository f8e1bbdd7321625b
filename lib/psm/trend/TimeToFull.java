package psm.trend;

/**
 * Predicts when steady growth reaches a limit: its peaks do so first, the height of a saw-tooth
 * before its low water. Times are in milliseconds after the last sample.
 *
 * @param millis the most likely time, 0 if the limit is reached at each peak already
 * @param earliest the time if it grows as fast as the interval of the rate allows
 * @param latest the time if it grows as slowly as that, {@link #NEVER} if it may not grow at all
 */
public record TimeToFull(long millis, long earliest, long latest) {
    /** Stands for a time that is not foreseeable: later than {@link #HORIZON_MILLIS}. */
    public static final long NEVER = Long.MAX_VALUE;

    /** How far predictions reach: what grows this slowly meets many other changes before. */
    public static final long HORIZON_MILLIS = 30 * 24 * Hours.MILLIS;

    /** Stands for what does not grow steadily. */
    private static final TimeToFull NOT_FORESEEABLE = new TimeToFull(NEVER, NEVER, NEVER);

    /**
     * Returns the times.
     *
     * @param capacity the limit in bytes
     */
    public static TimeToFull of(Trend trend, long capacity) {
        if (trend.verdict() != Verdict.STEADY) {
            return NOT_FORESEEABLE;
        }
        double room = Math.max(0, (double) capacity - trend.tooth() - trend.level());
        return new TimeToFull(
                after(room, trend.rate()), after(room, trend.upper()), after(room, trend.lower()));
    }

    private static long after(double room, long rate) {
        if (rate <= 0) {
            return NEVER;
        }
        double millis = Hours.toMillis(room / rate);
        return millis > HORIZON_MILLIS ? NEVER : Math.round(millis);
    }

    /** Returns whether the most likely time is within {@link #HORIZON_MILLIS}. */
    public boolean isForeseeable() {
        return millis != NEVER;
    }
}
