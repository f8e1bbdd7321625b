package psm.trend;

/**
 * Leaves out of a series of a group each sample that is lower than both of its neighbours. A scan
 * reads one process after the other: if one of them forks or ends meanwhile, the pages that they
 * share are counted too low, and low water would come from such samples alone. What is low for
 * longer stays. Not for sharing between threads.
 */
public final class Dips {
    private final Series series;

    /** The last sample, which is not in the series yet. */
    private long millis;

    private long bytes;

    /** The larger one of the last sample and the one before, -1 if there is no sample yet. */
    private long larger = -1;

    public Dips(Series series) {
        this.series = series;
    }

    /** Adds a sample, and the one before to the series. */
    public void add(long millisNow, long bytesNow) {
        long next = Math.max(bytes, bytesNow);
        if (larger >= 0) {
            series.add(millis, Math.min(larger, next));
        }
        larger = larger < 0 ? bytesNow : next;
        millis = millisNow;
        bytes = bytesNow;
    }
}
