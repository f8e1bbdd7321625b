package psm.diff;

import psm.Psm;
import psm.report.ReportHead;
import psm.report.View;

import java.time.Instant;
import java.util.List;

/** Counts the processes that a {@link DiffReport} compares, and those that it leaves out. */
final class DiffProcesses {
    private DiffProcesses() {}

    /**
     * Returns the numbers of both snapshots: of those that are left out or estimated, the larger
     * one, since most of them are the same processes.
     */
    static Psm.Processes of(Side before, Side after, View view) {
        Psm.Processes a = of(before, view);
        Psm.Processes b = of(after, view);
        Psm.Estimates estimates = larger(a.estimates(), b.estimates());
        int estimated = estimates.unread() + estimates.large();
        return new Psm.Processes(
                b.measured(),
                estimated + estimates.unsupported() + estimates.doubtful(),
                Math.max(a.denied(), b.denied()),
                Math.max(a.vanished(), b.vanished()),
                Math.max(a.stuck(), b.stuck()),
                Math.max(a.failed(), b.failed()),
                a.hidden() || b.hidden(),
                isExact(a) && isExact(b) ? estimates : doubted(estimates));
    }

    private static boolean isExact(Psm.Processes processes) {
        return processes.complete() && processes.estimated() == 0;
    }

    /** Returns estimates because of which a change may be larger or smaller than it is shown. */
    private static Psm.Estimates doubted(Psm.Estimates of) {
        return new Psm.Estimates(
                of.denied(),
                of.stuck(),
                of.failed(),
                of.large(),
                of.unsupported(),
                of.doubtful(),
                true,
                true);
    }

    private static Psm.Estimates larger(Psm.Estimates a, Psm.Estimates b) {
        return new Psm.Estimates(
                Math.max(a.denied(), b.denied()),
                Math.max(a.stuck(), b.stuck()),
                Math.max(a.failed(), b.failed()),
                Math.max(a.large(), b.large()),
                Math.max(a.unsupported(), b.unsupported()),
                Math.max(a.doubtful(), b.doubtful()),
                a.tooHigh() || b.tooHigh(),
                a.tooLow() || b.tooLow());
    }

    private static Psm.Processes of(Side side, View view) {
        return new ReportHead("", side.snapshot()).processes(view);
    }

    /** Returns what is known of a snapshot. */
    static Psm.Account account(String key, Side side, View view) {
        Psm.Processes processes = of(side, view);
        Instant takenAt = new ReportHead("", side.snapshot()).origin().takenAt();
        return new Psm.Account(
                key,
                null,
                List.of(
                        new Psm.Entry("host", null, Psm.Kind.TEXT, side.host(), false),
                        new Psm.Entry(
                                "kernel",
                                null,
                                Psm.Kind.TEXT,
                                side.snapshot().host().kernel(),
                                false),
                        new Psm.Entry("taken_at", null, Psm.Kind.TIME, takenAt, false),
                        count("measured", processes.measured()),
                        count("estimated", processes.estimated()),
                        count("denied", processes.denied()),
                        count("stuck", processes.stuck()),
                        count("failed", processes.failed())));
    }

    private static Psm.Entry count(String key, int count) {
        return new Psm.Entry(key, null, Psm.Kind.COUNT, (long) count, false);
    }
}
