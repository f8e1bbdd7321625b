package psm.growth;

/** Converts durations between milliseconds and hours, in which rates are. */
final class Hours {
    private static final double MILLIS = 3_600_000;

    private Hours() {}

    static double of(long millis) {
        return millis / MILLIS;
    }

    static double toMillis(double hours) {
        return hours * MILLIS;
    }
}
