package psm.trend;

/** Converts durations between milliseconds and hours, in which rates are. */
public final class Hours {
    public static final long MILLIS = 3_600_000;

    private Hours() {}

    public static double of(long millis) {
        return (double) millis / MILLIS;
    }

    public static double toMillis(double hours) {
        return hours * MILLIS;
    }
}
