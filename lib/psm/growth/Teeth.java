package psm.growth;

import java.util.Arrays;

/**
 * Finds saw-teeth: how high a series rises above its trend between two of its lows. What is shorter
 * than a slot of the series counts by the slot's least and greatest size.
 */
final class Teeth {
    /** Smallest rise and fall, as a part of the usual range: less is noise within a tooth. */
    private static final double LEAST_TURN = 0.5;

    /** Part of the sizes at each end that the usual range leaves out: rare peaks are no teeth. */
    private static final int OUTLIERS = 10;

    private final double turn;
    private final double[] heights;
    private int size;

    private boolean isRising;
    private double trough;
    private double peak;

    private Teeth(double turn, int slots) {
        this.turn = turn;
        heights = new double[slots];
    }

    /**
     * Returns the heights of all teeth in the part of a series between two uptimes, sorted.
     *
     * @param rate the trend, in bytes per hour, that does not count as height
     */
    static double[] heights(Series series, long from, long until, double rate) {
        double[] low = new double[series.slots()];
        double[] high = new double[series.slots()];
        int slots = 0;
        for (int slot = 0; slot < low.length; slot++) {
            long millis = series.millis(slot);
            if (millis >= from && millis <= until) {
                double trend = rate * Hours.of(millis - from);
                low[slots] = series.least(slot) - trend;
                high[slots++] = series.greatest(slot) - trend;
            }
        }
        double range = usualRange(Arrays.copyOf(low, slots), Arrays.copyOf(high, slots));
        if (range <= 0) {
            return new double[0];
        }
        Teeth teeth = new Teeth(range * LEAST_TURN, slots);
        teeth.trough = low[0];
        for (int slot = 0; slot < slots; slot++) {
            teeth.add(low[slot], high[slot]);
        }
        double[] heights = Arrays.copyOf(teeth.heights, teeth.size);
        Arrays.sort(heights);
        return heights;
    }

    private static double usualRange(double[] low, double[] high) {
        if (low.length == 0) {
            return 0;
        }
        Arrays.sort(low);
        Arrays.sort(high);
        int outliers = low.length / OUTLIERS;
        return high[high.length - 1 - outliers] - low[outliers];
    }

    private void add(double low, double high) {
        if (isRising) {
            peak = Math.max(peak, high);
            if (peak - low >= turn) {
                heights[size++] = peak - trough;
                trough = low;
                isRising = false;
            }
        }
        if (!isRising) {
            trough = Math.min(trough, low);
            if (high - trough >= turn) {
                peak = high;
                isRising = true;
            }
        }
    }
}
