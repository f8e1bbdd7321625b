package psm.fleet;

import psm.Psm;
import psm.report.Grouping;
import psm.report.ReportHead;
import psm.text.Text;
import psm.text.Version;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * The head of a report of several machines: when and how they were measured, what is left out of
 * each, and the list of them. Not for sharing between threads.
 */
final class FleetHead {
    private static final String MIXED = "mixed";

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    Grouping.HOST.column.at(2),
                    column("state", "STATE", Psm.Kind.TEXT, 3),
                    column("reason", "REASON", Psm.Kind.TEXT, 6),
                    column("kernel", "KERNEL", Psm.Kind.TEXT, 4),
                    column("taken_at", "TAKEN AT", Psm.Kind.TEXT, 5),
                    column("read_by", "READ BY", Psm.Kind.TEXT, 0),
                    column("source", "SOURCE", Psm.Kind.TEXT, 0),
                    column("measured", "PROCESSES", Psm.Kind.NUMBER, 1),
                    column("estimated", "ESTIMATED", Psm.Kind.NUMBER, 0),
                    column("denied", "DENIED", Psm.Kind.NUMBER, 0),
                    column("vanished", "VANISHED", Psm.Kind.NUMBER, 0),
                    column("stuck", "STUCK", Psm.Kind.NUMBER, 0),
                    column("failed", "FAILED", Psm.Kind.NUMBER, 0));

    private final List<Psm.Row> hosts = new ArrayList<>();
    private int missing;

    /** The sums over the machines; {@code null} without any. */
    private Psm.Processes processes;

    /** What the machines have in common; {@code null} without any. */
    private Psm.Origin origin;

    private static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    /**
     * Adds a machine.
     *
     * @param own the machine's own report, or one with the same head
     */
    void add(Machine machine, Psm.Report own) {
        add(machine, own.origin(), own.processes());
    }

    void add(Machine machine, Psm.Origin its, Psm.Processes counts) {
        processes = processes == null ? counts : sum(processes, counts);
        Psm.Origin unnamed =
                new Psm.Origin(
                        its.psmVersion(),
                        null,
                        its.kernel(),
                        its.takenAt(),
                        its.scanNanos(),
                        its.source());
        origin = origin == null ? unnamed : common(origin, unnamed);
        hosts.add(
                row(
                        machine.name(),
                        counts.complete() ? "complete" : "incomplete",
                        null,
                        its.kernel(),
                        Text.utc(its.takenAt()),
                        machine.isProbed() ? "probe" : "psm " + its.psmVersion(),
                        its.source(),
                        (long) counts.measured(),
                        (long) counts.estimated(),
                        (long) counts.denied(),
                        (long) counts.vanished(),
                        (long) counts.stuck(),
                        (long) counts.failed()));
    }

    /** Adds a machine that could not be read. */
    void addMissing(String name, String reason) {
        missing++;
        Object[] values = new Object[COLUMNS.size()];
        values[0] = name;
        values[1] = "missing";
        values[2] = reason;
        hosts.add(row(values));
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    private static Psm.Processes sum(Psm.Processes a, Psm.Processes b) {
        return new Psm.Processes(
                a.measured() + b.measured(),
                a.estimated() + b.estimated(),
                a.denied() + b.denied(),
                a.vanished() + b.vanished(),
                a.stuck() + b.stuck(),
                a.failed() + b.failed(),
                a.hidden() || b.hidden(),
                sum(a.estimates(), b.estimates()));
    }

    private static Psm.Estimates sum(Psm.Estimates a, Psm.Estimates b) {
        return new Psm.Estimates(
                a.denied() + b.denied(),
                a.stuck() + b.stuck(),
                a.failed() + b.failed(),
                a.large() + b.large(),
                a.unsupported() + b.unsupported(),
                a.doubtful() + b.doubtful(),
                a.tooHigh() || b.tooHigh(),
                a.tooLow() || b.tooLow());
    }

    /** Returns what two machines have in common, the earlier time, and the longer scan. */
    private static Psm.Origin common(Psm.Origin a, Psm.Origin b) {
        return new Psm.Origin(
                a.psmVersion().equals(b.psmVersion()) ? a.psmVersion() : Version.CURRENT,
                null,
                a.kernel() != null && a.kernel().equals(b.kernel()) ? a.kernel() : null,
                a.takenAt().isBefore(b.takenAt()) ? a.takenAt() : b.takenAt(),
                Math.max(a.scanNanos(), b.scanNanos()),
                source(a.source(), b.source()));
    }

    /** Returns which file the figures come from, see {@link Psm.Origin}. */
    private static String source(String a, String b) {
        if (a == null || b == null || a.equals(b)) {
            return a == null ? b : a;
        }
        boolean isEstimate = a.equals("status") || b.equals("status");
        return isEstimate ? a.equals("status") ? b : a : MIXED;
    }

    /**
     * Returns when and how the machines were measured, and the name if there is one alone; else
     * their names are in {@link #hosts}.
     */
    Psm.Origin origin() {
        if (origin == null) {
            return new Psm.Origin(Version.CURRENT, null, null, Instant.EPOCH, 0, null);
        }
        String only = hosts.size() == 1 ? (String) hosts.get(0).values().get(0) : null;
        return new Psm.Origin(
                origin.psmVersion(),
                only,
                origin.kernel(),
                origin.takenAt(),
                origin.scanNanos(),
                origin.source());
    }

    /** Returns the sums of what the machines measured and left out. */
    Psm.Processes processes() {
        Psm.Processes all =
                processes == null
                        ? new Psm.Processes(0, 0, 0, 0, 0, 0, false, Psm.Estimates.NONE)
                        : processes;
        return all.withMissingHosts(missing);
    }

    /** Returns the list of machines, from A to Z. */
    Psm.Account hosts() {
        hosts.sort(BY_NAME);
        return new Psm.Account(
                        ReportHead.MACHINES,
                        null,
                        List.of(),
                        false,
                        COLUMNS,
                        Collections.unmodifiableList(hosts))
                .titled("machines");
    }

    private static final Comparator<Psm.Row> BY_NAME =
            new Comparator<>() {
                @Override
                public int compare(Psm.Row a, Psm.Row b) {
                    return ((String) a.values().get(0)).compareTo((String) b.values().get(0));
                }
            };
}
