package psm.text;

/** Represents a number that is not known, and calculates with numbers that may be missing. */
public final class Missing {
    /** Stands for a number that is not known: no size, count, score or difference is this low. */
    public static final long VALUE = Long.MIN_VALUE;

    private Missing() {}

    /** Returns whether a number is not known. */
    public static boolean is(long number) {
        return number == VALUE;
    }

    /** Returns a number, or 0 if it is not known. */
    public static long orZero(long number) {
        return number == VALUE ? 0 : number;
    }

    /** Returns a number, or {@code null} if it is not known. */
    public static Long orNull(long number) {
        return number == VALUE ? null : (Long) number;
    }

    /** Returns a number, or {@link #VALUE} for {@code null}. */
    public static long ofNullable(Long number) {
        return number == null ? VALUE : number;
    }

    /**
     * Adds two sizes. A missing size counts as 0, and the sum is missing if both are. A sum that is
     * too large becomes {@link Long#MAX_VALUE}.
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
