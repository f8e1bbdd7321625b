package psm.proc;

import psm.text.Missing;

/**
 * Predicts how long the kernel takes to add up the memory of a process: it walks the page tables,
 * so the time grows with their size. How fast it is differs between machines tenfold, so this
 * learns from the processes that are read. May be shared between threads.
 */
public final class WalkCost {
    /**
     * The time for 1 kB of page tables until a process of some size was read, as measured on one
     * x86-64: 15 ms for 8 MB, which map 4 GB in pages of 4 kB. Huge pages need almost no page
     * tables, so they take almost no time.
     */
    private static final double ASSUMED_NANOS_PER_KB = 1_800;

    /**
     * The size of the page tables whose time is assumed. Processes with less hardly change the
     * prediction: most of their time is spent on opening files. Processes with more decide it.
     */
    private static final double ASSUMED_KB = 4096;

    // The line through the origin with the least squares of errors: its slope is the sum of
    // products divided by the sum of squares, so large processes count most.
    private double products = ASSUMED_KB * ASSUMED_KB * ASSUMED_NANOS_PER_KB;
    private double squares = ASSUMED_KB * ASSUMED_KB;

    /**
     * Takes into account how long a process took.
     *
     * @param pageTables the size of its page tables in bytes, or {@link Missing#VALUE}
     */
    public synchronized void learn(long pageTables, long nanos) {
        if (!Missing.is(pageTables)) {
            double kilobytes = (double) pageTables / KeyedLines.BYTES_PER_KB;
            products += kilobytes * nanos;
            squares += kilobytes * kilobytes;
        }
    }

    /** Returns whether page tables of this size take longer; never if the size is missing. */
    public synchronized boolean isAbove(long maxNanos, long pageTables) {
        double kilobytes = (double) pageTables / KeyedLines.BYTES_PER_KB;
        return !Missing.is(pageTables) && kilobytes * products / squares > maxNanos;
    }
}
