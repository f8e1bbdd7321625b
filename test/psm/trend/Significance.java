package psm.trend;

/** Finds trends as other tools do, for comparison: with an error of 1 in 100, they say. */
final class Significance {
    /** Normal deviate of a two-sided test at 1 %. */
    private static final double DEVIATE = 2.576;

    private Significance() {}

    /** Returns whether Mann-Kendall finds a rise: more pairs of samples rise than fall. */
    static boolean ofMannKendall(double[] values) {
        double n = values.length;
        double score = 0;
        for (int i = 0; i < values.length; i++) {
            for (int j = i + 1; j < values.length; j++) {
                score += Math.signum(values[j] - values[i]);
            }
        }
        return (score - 1) / Math.sqrt(n * (n - 1) * (2 * n + 5) / 18) > DEVIATE;
    }

    /** Returns whether the slope of least squares is positive, by its t-test. */
    static boolean ofLeastSquares(double[] values) {
        int n = values.length;
        double middle = (n - 1) / 2.0;
        double mean = 0;
        for (double value : values) {
            mean += value / n;
        }
        double times = 0;
        double both = 0;
        double all = 0;
        for (int i = 0; i < n; i++) {
            times += (i - middle) * (i - middle);
            both += (i - middle) * (values[i] - mean);
            all += (values[i] - mean) * (values[i] - mean);
        }
        double slope = both / times;
        double rest = Math.max(0, all - slope * both);
        return slope > DEVIATE * Math.sqrt(rest / (n - 2) / times);
    }
}
