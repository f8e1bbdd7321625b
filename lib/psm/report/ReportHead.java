package psm.report;

import psm.Psm;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;

import java.time.Instant;
import java.util.List;

/**
 * The head of a report: what all reports contain about their snapshot. May be shared between
 * threads.
 */
public final class ReportHead {
    /** The key of the account that lists the machines of a report of several. */
    public static final String MACHINES = "hosts";

    /** The key of the account of the first snapshot in a report that compares two. */
    public static final String BEFORE = "before";

    /** The key of the account of the samples in a report of growth. */
    public static final String WINDOW = "window";

    /** The key of the time of the first of them. */
    public static final String SINCE = "since_at";

    /** The key of the number of samples in it. */
    public static final String SAMPLES = "samples";

    /** The key of the time from the first to the last of them. */
    public static final String DURATION = "duration_seconds";

    private final String psmVersion;
    private final Snapshot snapshot;

    public ReportHead(String psmVersion, Snapshot snapshot) {
        this.psmVersion = psmVersion;
        this.snapshot = snapshot;
    }

    /** Returns the account of the first of two snapshots; {@code null} in a report of one. */
    public static Psm.Account before(Psm.Report report) {
        return account(report, BEFORE);
    }

    /** Returns the account of the samples; {@code null} if the report is not of growth. */
    public static Psm.Account window(Psm.Report report) {
        return account(report, WINDOW);
    }

    private static Psm.Account account(Psm.Report report, String key) {
        for (int i = 0; i < report.accounts().size(); i++) {
            if (report.accounts().get(i).key().equals(key)) {
                return report.accounts().get(i);
            }
        }
        return null;
    }

    /** Makes a report with this head. */
    public Psm.Report report(
            Psm.Processes processes,
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Row totals,
            List<Psm.Account> accounts,
            Psm.More more,
            Psm.Ranking ranking) {
        return new Psm.Report(origin(), processes, columns, rows, totals, accounts, more, ranking);
    }

    /** Returns when, where and how the snapshot was taken. */
    public Psm.Origin origin() {
        return new Psm.Origin(
                psmVersion,
                snapshot.host().name(),
                snapshot.host().kernel(),
                Instant.ofEpochSecond(snapshot.run().takenAt().getEpochSecond()),
                snapshot.run().nanos(),
                source(snapshot.processes()));
    }

    /** Returns the numbers of processes for a report that includes all of them. */
    public Psm.Processes processes(View view) {
        EstimateCount estimates = new EstimateCount(view);
        for (ProcessMemory process : snapshot.processes()) {
            estimates.add(process);
        }
        return processes(snapshot.processes().size(), estimates);
    }

    /** Returns the numbers of processes: those in the figures, and those that are left out. */
    Psm.Processes processes(int measured, EstimateCount estimates) {
        return new Psm.Processes(
                measured,
                estimates.count(),
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.STUCK),
                snapshot.count(Unmeasured.Reason.FAILED),
                snapshot.run().hidden(),
                estimates.byReason());
    }

    /**
     * Returns the name of the {@code /proc} file of the exact figures, or if there are none, of the
     * estimates; {@code null} without processes.
     */
    private static String source(List<ProcessMemory> processes) {
        int rollups = 0;
        int others = 0;
        for (ProcessMemory process : processes) {
            if (process.rollup()) {
                rollups++;
            } else if (process.estimate() == null) {
                others++;
            }
        }
        if (rollups > 0) {
            return others == 0 ? "smaps_rollup" : "mixed";
        }
        return others > 0 ? "smaps" : processes.isEmpty() ? null : "status";
    }
}
