package psm.growth;

/**
 * Adds up the memory that a family of forks no longer shares, since one of them wrote to it: the
 * growth of the proportional sizes that is not growth of any process. Not for sharing between
 * threads.
 */
final class Copied {
    /**
     * A process that gives back more makes the shares of others grow, and hides what was copied.
     */
    private static final long MOST_GIVEN_BACK_BYTES = 1L << 20;

    private long bytes;
    private boolean isKnown;

    private long proportional;
    private boolean isComparable;
    private long growth;

    /**
     * Begins a sample of the group.
     *
     * @param isSameMembers whether no process of the group was born or ended since the sample
     *     before
     */
    void begin(boolean isSameMembers) {
        isComparable = isSameMembers;
        growth = 0;
    }

    /**
     * Adds a process.
     *
     * @param change of its anonymous memory with swap since the sample before, in bytes
     */
    void add(long change) {
        growth += change;
        isComparable &= change >= -MOST_GIVEN_BACK_BYTES;
    }

    /**
     * Ends a sample.
     *
     * @param sum that of Pss_Anon and SwapPss over the group, in bytes
     */
    void end(long sum) {
        if (isComparable) {
            bytes += sum - proportional - growth;
            isKnown = true;
        }
        proportional = sum;
    }

    /** Returns what was copied, in bytes. */
    long bytes() {
        return Math.max(0, bytes);
    }

    /** Returns whether any two samples could be compared. */
    boolean isKnown() {
        return isKnown;
    }
}
