package psm.growth;

/** Converts durations between milliseconds and hours, in which rates are. */
final class Hours {
    static final long MILLIS = 3_600_000;

    private Hours() {}

    static double of(long millis) {
        return (double) millis / MILLIS;
    }

    static double toMillis(double hours) {
        return hours * MILLIS;
    }
}
