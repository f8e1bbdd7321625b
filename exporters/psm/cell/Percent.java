package psm.cell;

/**
 * Formats percentages ({@link psm.Psm.Kind#PERCENT}) for all formats. A percentage that is infinite
 * or not a number counts as missing.
 */
public final class Percent {
    /** The limit above which a percentage is not rounded; no meaningful percentage is as high. */
    private static final double MAX_WITH_DECIMALS = 1e12;

    private Percent() {}

    /** Rounds to three decimals, for JSON and CSV; returns {@code null} if it is missing. */
    public static Double rounded(Double percent) {
        return isMissing(percent) ? null : (Double) rounded(percent, 1_000);
    }

    /** Returns a text with one decimal, for people; an empty text if the percentage is missing. */
    public static String text(Double percent) {
        if (isMissing(percent)) {
            return "";
        }
        double rounded = rounded(percent, 10);
        if (Math.abs(rounded) >= MAX_WITH_DECIMALS) {
            return rounded + "%";
        }
        long tenths = Math.round(Math.abs(rounded) * 10);
        return (rounded < 0 ? "-" : "") + tenths / 10 + '.' + tenths % 10 + '%';
    }

    private static boolean isMissing(Double percent) {
        return percent == null || percent.isNaN() || percent.isInfinite();
    }

    /** Rounds half to even, as sizes are rounded; zero has no sign. */
    private static double rounded(double percent, int parts) {
        return Math.abs(percent) >= MAX_WITH_DECIMALS
                ? percent
                : Math.rint(percent * parts) / parts + 0.0;
    }
}
