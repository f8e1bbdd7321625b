package psm.cli;

import psm.collect.Collector;
import psm.collect.CollectorClient;
import psm.name.UserNames;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.OomReport;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/**
 * Gets the snapshot that a report is made of: from a file, from a {@link Collector} where this user
 * has a way to one that sees what is asked for, else by a scan with the user's own rights.
 */
public final class SnapshotSource {
    private final Options options;

    /** Whether a way to a collector was found, and is to be used. */
    private final boolean isForCollector;

    private boolean isCollected;

    /** Whether what is chosen by name was there at first; later it may come and go. */
    private boolean areNamesChecked;

    /** Why there was no answer from the collector, or {@code null}. */
    private String problem;

    public SnapshotSource(Options options) {
        this.options = options;
        this.isForCollector = CollectorClient.way() != null && options.isForCollector();
    }

    /** Has a collector begin, where there is one: its work and what comes next take their time. */
    public void begin() {
        if (isForCollector) {
            CollectorClient.begin();
        }
    }

    /**
     * What is to be reported: all of it, and nothing else.
     *
     * @throws Failure where there is nothing, or not what was asked for
     */
    public Snapshot get() throws Failure {
        Snapshot snapshot = options.from() == null ? collectOrScan() : read();
        areNamesChecked = true;
        boolean isHost = options.view().host();
        if (isHost && snapshot.host().memory().bytes("MemTotal") == Missing.VALUE) {
            throw Failure.of(
                    "--host: "
                            + (options.from() == null
                                    ? options.proc() + "/meminfo told nothing"
                                    : "this snapshot has no meminfo")
                            + "; without --host, psm tells of the processes",
                    null);
        }
        return snapshot;
    }

    /** Whether the last snapshot is a collector's. */
    boolean isCollected() {
        return isCollected;
    }

    /** What went wrong with the last one, a line that tells what would help; or {@code null}. */
    public String problem() {
        return problem;
    }

    /** The names of users: those of the host of a file's snapshot, or of this one. */
    public UserNames users(Snapshot snapshot) {
        return options.from() == null ? UserNames.ofThisHost() : snapshot.userNames();
    }

    private Snapshot read() throws Failure {
        if (options.from().equals(SnapshotFile.STANDARD_INPUT)
                && StandardOutput.isTerminal(StandardOutput.target(0))) {
            throw Failure.usage(
                    "--from -: takes a snapshot from standard input, which is a terminal; pipe one"
                            + " into it: ssh host1 sudo psm -o snapshot | psm --from -",
                    null);
        }
        Snapshot snapshot = SnapshotFile.read(options.from());
        if (options.view().uses(Figure.HEAP) && !snapshot.scope().heap()) {
            throw Failure.usage(
                    "--heap: this snapshot was written without; write it with 'psm --heap -o"
                            + " snapshot'",
                    null);
        }
        if (options.topic() == Topic.OOM && !snapshot.scope().details().containsAll(OomReport.DETAILS)) {
            throw Failure.usage(
                    "oom: this snapshot was written by a psm that did not ask for scores; write it"
                            + " with 'psm -o snapshot' of this one",
                    null);
        }
        if (!options.selection().isAll()) {
            ChosenNames.requireWritten(options.selection(), snapshot);
        }
        return asAsked(snapshot);
    }

    private Snapshot collectOrScan() throws Failure {
        isCollected = false;
        problem = null;
        if (isForCollector) {
            try {
                Snapshot all = CollectorClient.read(options.isSnapshot() ? all() : needs());
                isCollected = true;
                requireNames(all, new ProcFs(ProcFs.DEFAULT_ROOT));
                return asAsked(all);
            } catch (IOException e) {
                problem =
                        "no snapshot from the collector ("
                                + CollectorClient.way()
                                + "); run 'sudo psm doctor'";
            }
        }
        return scan();
    }

    /** As a scan with these options would have seen it. */
    private Snapshot asAsked(Snapshot snapshot) {
        Snapshot named = snapshot.named(options.byTitle(), options.scripts());
        Snapshot chosen =
                options.selection().isAll()
                        ? named
                        : named.chosen(options.selection(), users(snapshot));
        return options.filter() == null ? chosen : chosen.filtered(options.filter());
    }

    private Snapshot scan() throws Failure {
        ScanRequest asked =
                ScanRequest.of(options.source())
                        .withHeap(options.view().uses(Figure.HEAP))
                        .named(options.byTitle(), options.scripts())
                        .with(options.isSnapshot() ? all() : needs())
                        .within(options.timeoutNanos(), options.maxCostNanos())
                        .of(options.selection())
                        .filtered(options.filter());
        ScanRequest request = options.topic().isOfMappings() ? asked.withMappings() : asked;
        ProcFs proc = new ProcFs(options.proc());
        Snapshot snapshot;
        try {
            snapshot = new Scanner(proc, request).scan(options.workers());
        } catch (IOException e) {
            throw Failure.of(
                    "cannot list the processes in " + options.proc() + ": " + Failure.reason(e), e);
        }
        if (snapshot.run().listed() == 0) {
            throw Failure.usage(
                    "--proc "
                            + options.proc()
                            + ": has no processes in it, so it looks like no /proc",
                    null);
        }
        requireNames(snapshot, proc);
        return options.isSnapshot() ? fitting(snapshot) : snapshot;
    }

    private void requireNames(Snapshot snapshot, ProcFs proc) throws Failure {
        if (!areNamesChecked && options.selection().needs(Detail.CGROUP)) {
            ChosenNames.require(options.selection(), snapshot, proc);
        }
    }

    private Set<Detail> needs() {
        return options.topic() == Topic.OOM ? OomReport.DETAILS : options.view().needs();
    }

    /** What a snapshot is to have: all that costs next to nothing. */
    private static Set<Detail> all() {
        return EnumSet.complementOf(EnumSet.of(Detail.MAPPINGS));
    }

    private static Snapshot fitting(Snapshot snapshot) throws Failure {
        try {
            return SnapshotBudget.fit(snapshot);
        } catch (SnapshotFormatException e) {
            throw Failure.of("-o snapshot: " + e.getMessage(), e);
        }
    }
}
