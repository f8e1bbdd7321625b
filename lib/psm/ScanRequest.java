package psm;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * What a scan is to look at.
 *
 * @param source where the figures are to come from
 * @param heap whether the memory of the heap is wanted, which smaps alone tells
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether to tell interpreters apart by what they run, see {@link ScriptName}
 * @param details what to find out about each process beside its memory
 * @param timeoutNanos how long one process may take, before it is given up as stuck
 * @param maxCostNanos how long the kernel may be expected to walk the page tables of a process;
 *     what costs more is estimated. 0 for any time
 * @param filter finds something in the names of the programs that are wanted; {@code null} for all
 */
record ScanRequest(
        Source source,
        boolean heap,
        boolean byTitle,
        boolean scripts,
        Set<Detail> details,
        long timeoutNanos,
        long maxCostNanos,
        Filter filter) {
    /**
     * Too low, and a large process is left out; too high, and one that is stuck keeps the report
     * waiting. 100 GB of 4 kB pages take about half a second.
     */
    static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** All processes, named as they want to be. */
    static ScanRequest of(Source source) {
        return of(source, null);
    }

    static ScanRequest of(Source source, Pattern filter) {
        Filter names = filter == null ? null : new Filter(filter);
        return new ScanRequest(
                source,
                false,
                true,
                false,
                Collections.emptySet(),
                DEFAULT_TIMEOUT_NANOS,
                0,
                names);
    }

    /** The same, with the memory of the heap. */
    ScanRequest withHeap() {
        return new ScanRequest(
                source, true, byTitle, scripts, details, timeoutNanos, maxCostNanos, filter);
    }

    /** The same, but for how processes are named. */
    ScanRequest named(boolean byTitles, boolean byScripts) {
        return new ScanRequest(
                source, heap, byTitles, byScripts, details, timeoutNanos, maxCostNanos, filter);
    }

    /** The same, with other limits of time. */
    ScanRequest within(long timeout, long maxCost) {
        return new ScanRequest(source, heap, byTitle, scripts, details, timeout, maxCost, filter);
    }

    /** The same, with details. */
    ScanRequest with(Set<Detail> wanted) {
        return new ScanRequest(
                source, heap, byTitle, scripts, wanted, timeoutNanos, maxCostNanos, filter);
    }
}
