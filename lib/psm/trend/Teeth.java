package psm.trend;

import java.util.Arrays;

/**
 * Finds saw-teeth: how high a series rises above its trend between two of its lows. What is shorter
 * than a slot of the series counts by the slot's least and greatest size.
 */
final class Teeth {
    /** Smallest rise and fall, as a part of the usual range: less is noise within a tooth. */
    private static final double LEAST_TURN = 0.5;

    /** One of so many sizes at each end is outside of the usual range: rare peaks are no teeth. */
    private static final int OUTLIERS = 10;

    private final Series series;
    private final long from;
    private final double rate;
    private final double turn;

    private final double[] heights;
    private int size;
    private final int[] troughs;
    private int lows;

    private boolean isRising;
    private int trough;
    private double peak;

    /**
     * Finds the teeth in the part of a series between two uptimes, both included.
     *
     * @param rate the trend, in bytes per hour, which does not count as height
     */
    Teeth(Series series, long from, long until, double rate) {
        this.series = series;
        this.from = from;
        this.rate = rate;
        heights = new double[series.slots()];
        troughs = new int[series.slots()];
        int first = 0;
        while (first < series.slots() && series.millis(first) < from) {
            first++;
        }
        int end = series.slots();
        while (end > first && series.millis(end - 1) > until) {
            end--;
        }
        turn = LEAST_TURN * usualRange(first, end);
        if (turn > 0) {
            find(first, end);
        }
        Arrays.sort(heights, 0, size);
    }

    private double low(int slot) {
        return series.least(slot) - rate * Hours.of(series.millis(slot) - from);
    }

    private double high(int slot) {
        return series.greatest(slot) - rate * Hours.of(series.millis(slot) - from);
    }

    private double usualRange(int first, int end) {
        double[] low = new double[end - first];
        double[] high = new double[end - first];
        if (low.length == 0) {
            return 0;
        }
        for (int i = 0; i < low.length; i++) {
            low[i] = low(first + i);
            high[i] = high(first + i);
        }
        Arrays.sort(low);
        Arrays.sort(high);
        int outliers = low.length / OUTLIERS;
        return high[high.length - 1 - outliers] - low[outliers];
    }

    private void find(int first, int end) {
        trough = first;
        for (int slot = first; slot < end; slot++) {
            if (isRising) {
                peak = Math.max(peak, high(slot));
                if (peak - low(slot) >= turn) {
                    heights[size++] = peak - low(trough);
                    trough = slot;
                    isRising = false;
                }
            }
            if (!isRising) {
                trough = low(slot) < low(trough) ? slot : trough;
                if (high(slot) - low(trough) >= turn) {
                    addTrough();
                    peak = high(slot);
                    isRising = true;
                }
            }
        }
        if (!isRising) {
            addTrough();
        }
    }

    /** Keeps a low after a tooth. The begin of the series may be in the middle of one. */
    private void addTrough() {
        if (size > 0) {
            troughs[lows++] = trough;
        }
    }

    /** Returns the median height of the teeth in bytes, 0 if there are none. */
    double height() {
        return TheilSen.median(Arrays.copyOf(heights, size));
    }

    /** Returns the slots of the lows between the teeth. */
    int[] troughs() {
        return Arrays.copyOf(troughs, lows);
    }
}
