package psm.format;

/**
 * How formats write percentages ({@code Psm.Kind.PERCENT}). One that is no number, or infinite, is
 * told by nobody, as if the kernel had not.
 */
final class Percent {
    /** Beyond it a double has no decimals to round; no percentage that means something is. */
    private static final double MOST_WITH_DECIMALS = 1e12;

    private Percent() {}

    /** For documents: to three decimals; {@code null} for what is absent. */
    static Double rounded(Double percent) {
        return isAbsent(percent) ? null : (Double) rounded(percent, 1_000);
    }

    /** For people: with one decimal, and empty for what is absent. */
    static String text(Double percent) {
        if (isAbsent(percent)) {
            return "";
        }
        double rounded = rounded(percent, 10);
        if (Math.abs(rounded) >= MOST_WITH_DECIMALS) {
            return rounded + "%";
        }
        long tenths = Math.round(Math.abs(rounded) * 10);
        return (rounded < 0 ? "-" : "") + tenths / 10 + '.' + tenths % 10 + '%';
    }

    private static boolean isAbsent(Double percent) {
        return percent == null || percent.isNaN() || percent.isInfinite();
    }

    /** Half to even, as sizes are; what rounds to zero has no sign. */
    private static double rounded(double percent, int parts) {
        return Math.abs(percent) >= MOST_WITH_DECIMALS
                ? percent
                : Math.rint(percent * parts) / parts + 0.0;
    }
}
