package psm.text;

/** Spells a number that is not known, and calculates with numbers that may not be. */
public final class Missing {
    /** Stands for a number that is not known: no size, count, score or difference is this low. */
    public static final long VALUE = Long.MIN_VALUE;

    private Missing() {}

    /** Returns whether a number is not known. */
    public static boolean is(long number) {
        return number == VALUE;
    }

    /** Returns a number, or 0 where it is not known. */
    public static long orZero(long number) {
        return number == VALUE ? 0 : number;
    }

    /** Returns a number, or {@code null} where it is not known. */
    public static Long orNull(long number) {
        return number == VALUE ? null : (Long) number;
    }

    /** Returns a number, or {@link #VALUE} for {@code null}. */
    public static long ofNullable(Long number) {
        return number == null ? VALUE : number;
    }

    /**
     * Adds two sizes. One that is missing adds nothing, and the sum is missing where both are. A
     * sum that does not fit is the largest {@code long}.
     */
    public static long plus(long size, long more) {
        if (more == VALUE) {
            return size;
        }
        if (size == VALUE) {
            return more;
        }
        long sum = size + more;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
