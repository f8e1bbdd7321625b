package psm.report;

import psm.Psm;
import psm.scan.ProcessMemory;
import psm.scan.Unmeasured;
import psm.smaps.Usage;

/**
 * Counts the processes that are estimated in a report, and why. A process is estimated if that
 * changes a figure that the report shows: Rss is the same for everybody who may read it. Not for
 * sharing between threads.
 */
final class EstimateCount {
    private static final int REASONS = Unmeasured.Reason.values().length;

    private final View view;
    private final int[] byReason = new int[REASONS];
    private int withoutPss;
    private int doubtful;
    private int count;
    private boolean isTooHigh;
    private boolean isTooLow;

    EstimateCount(View view) {
        this.view = view;
    }

    /** Counts a process of the report. */
    void add(ProcessMemory process) {
        if (!view.isAffected(process)) {
            return;
        }
        count++;
        if (process.estimate() != null) {
            byReason[process.estimate().reason().ordinal()]++;
        } else if (process.usage().isEstimated()) {
            withoutPss++;
        } else {
            doubtful++;
        }
        for (View.Shown column : view.columns()) {
            Figure figure = column.figure();
            boolean isAffected = figure.column.summed() && figure.isAffected(process);
            isTooHigh |= isAffected && !figure.isMissing(process);
            isTooLow |= isAffected && (figure.isMissing(process) || hasHugePages(process));
        }
    }

    /** Returns whether it has huge pages, which may be private and are not in its Rss. */
    private static boolean hasHugePages(ProcessMemory process) {
        return process.estimate() != null && process.usage().bytes(Usage.Field.SHARED_HUGETLB) > 0;
    }

    int count() {
        return count;
    }

    Psm.Estimates byReason() {
        if (count == 0) {
            return Psm.Estimates.NONE;
        }
        return new Psm.Estimates(
                byReason[Unmeasured.Reason.DENIED.ordinal()],
                byReason[Unmeasured.Reason.STUCK.ordinal()],
                byReason[Unmeasured.Reason.FAILED.ordinal()],
                byReason[Unmeasured.Reason.LARGE.ordinal()],
                byReason[Unmeasured.Reason.ABSENT.ordinal()] + withoutPss,
                doubtful,
                isTooHigh,
                isTooLow);
    }
}
