package psm.trend;

import java.util.Arrays;

/**
 * Estimates a slope from few points: the median of the slopes between all pairs of points, which up
 * to 29 % of wrong points do not spoil (P. K. Sen, Estimates of the regression coefficient based on
 * Kendall's tau, Journal of the American Statistical Association 63, 1968).
 */
public final class TheilSen {
    /** Normal deviate for an interval that contains the truth in 95 of 100 cases. */
    static final double IN_95_OF_100 = 1.96;

    /** Normal deviate for an interval that contains the truth in 99 of 100 cases. */
    static final double IN_99_OF_100 = 2.576;

    private final double[] times;
    private final double[] values;

    /** All slopes, sorted. */
    private final double[] slopes;

    /**
     * Calculates the slopes between all points. There are about half as many as the number of
     * points squared.
     *
     * @param times in ascending order; points of the same time have no slope
     */
    TheilSen(double[] times, double[] values) {
        this.times = times;
        this.values = values;
        double[] found = new double[times.length * (times.length - 1) / 2];
        int size = 0;
        for (int i = 0; i < times.length; i++) {
            for (int j = i + 1; j < times.length; j++) {
                if (times[j] > times[i]) {
                    found[size++] = (values[j] - values[i]) / (times[j] - times[i]);
                }
            }
        }
        slopes = Arrays.copyOf(found, size);
        Arrays.sort(slopes);
    }

    /** Returns the median of all slopes, 0 if there are none. */
    double slope() {
        return median(slopes);
    }

    /** Returns the lower end of the interval of the slope. */
    double lower(double deviate) {
        return rank((slopes.length - reach(deviate)) / 2);
    }

    /** Returns the upper end of the interval of the slope. */
    double upper(double deviate) {
        return rank((slopes.length + reach(deviate)) / 2 + 1);
    }

    /**
     * Returns the value of the line at a time: through the median of what it leaves unexplained.
     */
    public double at(double time) {
        double slope = slope();
        double[] rest = new double[times.length];
        for (int i = 0; i < rest.length; i++) {
            rest[i] = values[i] - slope * (times[i] - time);
        }
        Arrays.sort(rest);
        return median(rest);
    }

    /**
     * Returns how many of the sorted slopes the interval contains (R. O. Gilbert, Statistical
     * Methods for Environmental Pollution Monitoring, 1987, section 16.5). It takes points as
     * independent of one another. Where they are not, it is too narrow.
     */
    private double reach(double deviate) {
        double n = times.length;
        return deviate * Math.sqrt(n * (n - 1) * (2 * n + 5) / 18);
    }

    /** Returns the slope of a rank that counts from 1, between two ranks the part between them. */
    private double rank(double rank) {
        if (slopes.length == 0) {
            return 0;
        }
        double index = Math.min(Math.max(rank - 1, 0), slopes.length - 1);
        int below = (int) index;
        int above = Math.min(below + 1, slopes.length - 1);
        return slopes[below] + (index - below) * (slopes[above] - slopes[below]);
    }

    /** Returns the median of sorted values, 0 if there are none. */
    static double median(double[] sorted) {
        int middle = sorted.length / 2;
        if (sorted.length == 0) {
            return 0;
        }
        return sorted.length % 2 == 1
                ? sorted[middle]
                : sorted[middle - 1] + (sorted[middle] - sorted[middle - 1]) / 2;
    }
}
