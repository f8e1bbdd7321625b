package psm.command;

import psm.cli.Conflicts;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.collect.Collector;
import psm.collect.CollectorClient;
import psm.fleet.MachineFiles;
import psm.name.UserNames;
import psm.oom.OomReport;
import psm.picture.MemoryTreemap;
import psm.probe.ProbeFiles;
import psm.probe.ProbeScript;
import psm.probe.Recorded;
import psm.proc.InvokingUser;
import psm.proc.ProcFs;
import psm.record.Lookup;
import psm.record.Sample;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotFormatException;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Gets the snapshot for a report: from a file, or from what a probe has printed; from a {@link
 * Collector}, if this user may use one and it can answer; else by a scan with the user's own
 * rights.
 */
final class SnapshotSource {
    private final Options options;

    /** Whether this user may use a collector, and the options allow it. */
    private final boolean isForCollector;

    /** The file to read; {@code null} for none. */
    private final MachineFiles.Entry file;

    /** Whether it reads several machines, not all of which have each unit or user. */
    private final boolean isOfSeveral;

    private boolean isCollected;

    /** All processes of the last snapshot; for {@code psm oom} only, else {@code null}. */
    private Snapshot all;

    /**
     * Whether chosen names have been checked: after the first report they may disappear and come
     * back.
     */
    private boolean areNamesChecked;

    private String problem;

    /** What to report instead of reading the file; {@code null} to read it. */
    private Recorded replayed;

    /** What to know about the sample of a recording. */
    private final List<String> notes = new ArrayList<>();

    /** The probe that the last snapshot is from, or {@code null}. */
    private ProbeFiles probe;

    /**
     * Creates the source of one machine's report.
     *
     * @param file the file to read; {@code null} to read {@code /proc}
     */
    SnapshotSource(Options options, MachineFiles.Entry file) {
        this(options, file, false);
    }

    private SnapshotSource(Options options, MachineFiles.Entry file, boolean isOfSeveral) {
        this.options = options;
        this.file = file;
        this.isOfSeveral = isOfSeveral;
        this.areNamesChecked = isOfSeveral;
        this.isForCollector = CollectorClient.way() != null && options.isForCollector();
    }

    /** Returns what reads single machines of several. */
    static SnapshotSource ofSeveral(Options options) {
        return new SnapshotSource(options, null, true);
    }

    /**
     * Returns a snapshot of the processes to report.
     *
     * @throws Failure if no process or none of the requested data can be read
     */
    Snapshot get() throws Failure {
        Snapshot snapshot = file == null ? collectOrScan() : read();
        areNamesChecked = true;
        boolean isSystem = options.what().view().extent() == View.Extent.SYSTEM;
        if (isSystem && snapshot.host().memory().bytes("MemTotal") == Missing.VALUE) {
            throw Failure.of(
                    Option.SYSTEM
                            + ": "
                            + (options.isOfProc()
                                    ? options.where().proc() + "/meminfo shows no MemTotal"
                                    : "this snapshot contains no meminfo")
                            + "; leave it out to see the processes",
                    null);
        }
        return snapshot;
    }

    /**
     * Returns the last snapshot with all of its processes, since the order in which the OOM killer
     * would end them does not depend on which of them are shown.
     */
    Snapshot all() {
        return all;
    }

    /** Returns whether the last snapshot is from a collector. */
    boolean isCollected() {
        return isCollected;
    }

    /**
     * Returns why the collector failed, with a remedy, in one line; {@code null} if it did not
     * fail.
     */
    String problem() {
        return problem;
    }

    /** Returns a line for each thing to know about the sample of a recording. */
    List<String> notes() {
        return notes;
    }

    /**
     * Reports a sample of a recording.
     *
     * @param lines a line for each thing to know about it
     */
    void replay(Sample sample, List<String> lines) {
        replayed = new Recorded(sample.snapshot(), null);
        notes.clear();
        notes.addAll(lines);
    }

    /** Returns the names of users on the host of the snapshot. */
    UserNames users(Snapshot snapshot) {
        return options.isOfProc()
                ? UserNames.of(new ProcFs(options.where().proc()))
                : snapshot.userNames();
    }

    /**
     * Reads a file that the user named, or a recording.
     *
     * @param period the times of recordings, see {@link Options.Where}
     * @param notes receives a line for each thing to know about the sample of a recording
     */
    static Recorded recorded(MachineFiles.Entry file, Options.Period period, List<String> notes)
            throws Failure {
        if (file.isRecording()) {
            Lookup lookup = RecordedFiles.lookup(file);
            Sample sample = period == null ? lookup.last() : lookup.at(period.at());
            notes.addAll(RecordedFiles.notes(lookup));
            return new Recorded(sample.snapshot(), null);
        }
        if (file.path() == null && StandardOutput.isTerminal(StandardOutput.target(0))) {
            throw Failure.usage(
                    Option.FROM
                            + " -: reads a snapshot from standard input, which is a terminal; pipe"
                            + " one into it: ssh host1 sudo psm -o snapshot | psm --from -",
                    null);
        }
        return Recorded.read(Option.FROM + " " + file.name(), file.path());
    }

    private Snapshot read() throws Failure {
        if (replayed == null) {
            notes.clear();
        }
        Recorded recorded =
                replayed == null ? recorded(file, options.where().period(), notes) : replayed;
        try {
            return of(recorded);
        } catch (SnapshotFormatException e) {
            throw Failure.usage(e.getMessage(), e);
        }
    }

    /**
     * Returns the processes to report of a machine that was recorded.
     *
     * @throws SnapshotFormatException if it lacks what any such report needs
     */
    Snapshot of(Recorded recorded) throws Failure, SnapshotFormatException {
        probe = recorded.probe();
        return probe == null ? asked(recorded.snapshot()) : ofProbe(recorded.files());
    }

    /** Returns the probe that the last snapshot is from, or {@code null}. */
    ProbeFiles probe() {
        return probe;
    }

    private Snapshot ofProbe(ProcFs files) throws Failure {
        Conflicts.refuseUnread(options.what().view(), null);
        UserNames names = UserNames.of(files);
        if (!options.which().selection().isAll() && !isOfSeveral) {
            ChosenNames.requireUsers(options.which().selection(), names);
        }
        Set<Detail> details = EnumSet.of(Detail.BOOT);
        details.addAll(options.looks().isSnapshot() ? Detail.ofSnapshots() : needs());
        details.removeAll(ProbeScript.UNREAD);
        Snapshot snapshot;
        try {
            Scanner scanner = new Scanner(files, request(details));
            snapshot = scanner.scan(options.where().workers()).withNames(names);
        } catch (IOException e) {
            throw new IllegalStateException(e); // it is in memory
        }
        return checked(snapshot, files);
    }

    /** Returns the processes to show of a snapshot that another psm has made. */
    private Snapshot asked(Snapshot snapshot) throws Failure, SnapshotFormatException {
        if (options.what().view().uses(Figure.HEAP) && !snapshot.scope().heap()) {
            boolean isRecording = file != null && file.isRecording();
            throw Failure.usage(
                    Option.HEAP
                            + (isRecording
                                    ? ": recordings do not contain it; leave it out"
                                    : ": this snapshot was written without it; write it with 'psm"
                                            + " --heap -o snapshot'"),
                    null);
        }
        if (options.what().topic() == Topic.OOM
                && !snapshot.scope().details().containsAll(OomReport.DETAILS)) {
            throw new SnapshotFormatException(
                    "oom: this snapshot contains no OOM scores, since an older psm wrote it; write"
                            + " it with 'psm -o snapshot' of this version");
        }
        if (!options.which().selection().isAll() && !areNamesChecked) {
            ChosenNames.requireWritten(options.which().selection(), snapshot);
        }
        return asAsked(snapshot);
    }

    private Snapshot collectOrScan() throws Failure {
        isCollected = false;
        problem = null;
        if (isForCollector) {
            try {
                Snapshot all =
                        CollectorClient.read(
                                options.looks().isSnapshot() ? Detail.ofSnapshots() : needs());
                isCollected = true;
                requireNames(all, new ProcFs(ProcFs.DEFAULT_ROOT));
                requirePids(all, null);
                return asAsked(all);
            } catch (CollectorClient.BusyException e) {
                problem =
                        "the collector is busy ("
                                + CollectorClient.way()
                                + "), so psm reads with your own rights; it takes "
                                + CollectorClient.SLOTS_OF_A_USER
                                + " calls of a user at a time, and "
                                + CollectorClient.SLOTS
                                + " in all; run psm again";
            } catch (CollectorClient.LimitedException e) {
                problem =
                        "your limits are too low for the collector ("
                                + CollectorClient.way()
                                + "), and root cannot raise them here, so psm reads with your own"
                                + " rights; see 'ulimit -Ha', or use sudo";
            } catch (IOException e) {
                problem =
                        "no snapshot from the collector ("
                                + CollectorClient.way()
                                + "); run 'sudo psm doctor'";
            }
        }
        return scan();
    }

    /** Returns a snapshot as a scan with these options would have made it. */
    private Snapshot asAsked(Snapshot snapshot) {
        ProcessMemory own = snapshot.run().own();
        boolean isOwnShown = own != null && options.which().selection().names(own.pid());
        Snapshot shown = isOwnShown ? snapshot.withOwn() : snapshot;
        Snapshot named = shown.named(!options.what().byExecutable(), options.what().scripts());
        return chosen(named);
    }

    /**
     * Returns a sample of a recording with the chosen processes, under the names they have there.
     */
    Snapshot chosenOf(Snapshot sample) {
        return options.which().selection().isAll()
                ? sample
                : sample.chosen(options.which().selection(), users(sample));
    }

    /** Returns the snapshot with the processes that these options choose. */
    private Snapshot chosen(Snapshot named) {
        all = options.what().topic() == Topic.OOM ? named : null;
        Snapshot chosen =
                options.which().selection().isAll()
                        ? named
                        : named.chosen(options.which().selection(), users(named));
        return options.which().filter() == null
                ? chosen
                : chosen.filtered(options.which().filter());
    }

    private Snapshot scan() throws Failure {
        ProcFs proc = new ProcFs(options.where().proc());
        Snapshot snapshot =
                scan(request(options.looks().isSnapshot() ? Detail.ofSnapshots() : needs()), proc);
        if (snapshot.run().listed() == 0) {
            throw Failure.usage(
                    Option.PROC
                            + " "
                            + options.where().proc()
                            + ": contains no processes, so it does not look like /proc",
                    null);
        }
        return checked(snapshot, proc);
    }

    private ScanRequest request(Set<Detail> details) {
        ScanRequest asked =
                ScanRequest.of(options.where().source())
                        .withHeap(options.what().view().uses(Figure.HEAP))
                        .named(!options.what().byExecutable(), options.what().scripts())
                        .with(details)
                        .within(
                                options.where().timeoutNanos(),
                                options.where().estimateAboveNanos());
        ScanRequest named = options.what().noCommands() ? asked.withoutCommands() : asked;
        ScanRequest some =
                options.what().topic() == Topic.OOM
                        ? named.showing(options.which().selection())
                        : named.of(options.which().selection()).filtered(options.which().filter());
        if (!options.what().topic().isOfMappings()) {
            return some;
        }
        return options.what().pictured() ? some.withMappingParts() : some.withMappings();
    }

    /** Returns what a scan has read, with what of it is to be reported. */
    private Snapshot checked(Snapshot snapshot, ProcFs proc) throws Failure {
        requireNames(snapshot, proc);
        requirePids(snapshot, proc);
        if (options.what().topic() == Topic.OOM) {
            return chosen(snapshot);
        }
        return options.looks().isSnapshot() ? fitting(snapshot) : snapshot;
    }

    private Snapshot scan(ScanRequest request, ProcFs proc) throws Failure {
        int workers = options.where().workers();
        try {
            if (InvokingUser.hasFewerRights()) {
                // Marks of replaced programs would show that user which files exist.
                Snapshot confined = new Scanner(ProcFs.confined(), request).scan(workers);
                return confined.with(confined.processes(), confined.host().memory().withSys(proc));
            }
            Scanner scanner = new Scanner(proc, request);
            boolean hasAll = !options.what().noCommands() && options.withFewerDetails() != null;
            return (hasAll ? scanner.withinMemory() : scanner).scan(workers);
        } catch (IOException e) {
            throw Failure.of(
                    "cannot list the processes in "
                            + options.where().proc()
                            + ": "
                            + Failure.reason(e),
                    e);
        }
    }

    private void requireNames(Snapshot snapshot, ProcFs proc) throws Failure {
        if (!areNamesChecked && options.which().selection().needs(Detail.CGROUP)) {
            ChosenNames.require(options.which().selection(), snapshot, proc);
        }
    }

    /** Requires the chosen pids, see {@link #areNamesChecked}, in a folder or in a snapshot. */
    private void requirePids(Snapshot snapshot, ProcFs proc) throws Failure {
        Selection selection = options.which().selection();
        String where = snapshot.run().hidden() ? " that you can see" : "";
        if (areNamesChecked || selection.isAll()) {
            return;
        }
        if (proc == null) {
            ChosenNames.requirePids(selection, snapshot, where);
        } else {
            ChosenNames.requirePids(selection, proc::exists, where);
        }
    }

    private Set<Detail> needs() {
        Set<Detail> ofView = options.what().view().needs();
        if (options.what().topic() == Topic.GROWTH) {
            ofView.add(Detail.BOOT);
            ofView.add(Detail.CGROUP_MEMORY);
        }
        if (options.what().isSystemPictured()) {
            ofView.addAll(MemoryTreemap.DETAILS);
        }
        return options.what().topic() == Topic.OOM ? OomReport.DETAILS : ofView;
    }

    private static Snapshot fitting(Snapshot snapshot) throws Failure {
        try {
            return SnapshotBudget.fit(snapshot);
        } catch (SnapshotFormatException e) {
            throw Failure.of(Option.OUTPUT.brief() + " snapshot: " + e.getMessage(), e);
        }
    }
}
