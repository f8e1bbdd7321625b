package psm.command;

import psm.Psm;
import psm.cli.Conflicts;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.fleet.MachineFiles;
import psm.fleet.SnapshotFolder;
import psm.oom.OomReport;
import psm.record.Lookup;
import psm.record.Mark;
import psm.record.Sample;
import psm.report.Earlier;
import psm.report.MappingReport;
import psm.report.ProcessReport;
import psm.report.View;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotWriter;
import psm.terminal.ReportFile;
import psm.terminal.ReportOutput;
import psm.terminal.Terminal;
import psm.terminal.Watch;
import psm.text.Failure;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the requested report, once or repeatedly, and writes it. */
public final class ReportCommand {
    private Options options;
    private final ReportOutput output;
    private final Consumer<String> remarks;
    private final ReportWriter writer;

    /** What to report, if it is one machine, else {@code null}. */
    private SnapshotSource source;

    /** The files with machines; {@code null} if none is read. */
    private MachineFiles files;

    /** The earlier reports of each machine; {@code null} if no changes are shown. */
    private Map<Object, Earlier> ofMachines;

    /** The sample to report, and what to know about it; {@code null} if there is no replay. */
    private Sample sample;

    private List<String> notes = List.of();

    /** The last report, for a window that changes its size; {@code null} at first. */
    private Shown last;

    /** The remarks about the last report. */
    private List<String> printed = List.of();

    /** Why the last report is not in its file; {@code null} if it is. */
    private Failure unwritten;

    /** A report, what writes it, and the lines below it. */
    private record Shown(Psm.Report report, Psm.Exporter exporter, List<String> remarks) {}

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public ReportCommand(Options options, ReportOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
        this.writer = new ReportWriter(options.looks(), output, remarks);
    }

    /** Makes the reports, and records the run in files if that is requested. */
    public void run() throws Failure {
        String timeFile = options.about().cpuProfile();
        String allocationsFile = options.about().memProfile();
        FlightRecording time =
                timeFile == null ? null : FlightRecording.start(FlightRecording.Of.TIME, timeFile);
        FlightRecording allocations =
                allocationsFile == null
                        ? null
                        : FlightRecording.start(FlightRecording.Of.ALLOCATIONS, allocationsFile);
        try {
            findFiles();
            MachineFiles.Entry recording =
                    files == null ? null : BackfillCommand.file(options, files);
            if (recording != null) {
                new BackfillCommand(options, recording, output, remarks).run();
            } else if (options.looks().watchNanos() == 0) {
                report(true, null);
            } else {
                watch();
            }
        } finally {
            if (time != null) {
                time.write();
            }
            if (allocations != null) {
                allocations.write();
            }
        }
    }

    private void findFiles() throws Failure {
        if (options.where().isFile()) {
            files = RecordedFiles.of(options);
            if (files.remark() != null && !options.about().quiet()) {
                remarks.accept(files.remark());
            }
        }
        open();
    }

    private void open() throws Failure {
        if (files != null && files.files().size() == 1) {
            source = new SnapshotSource(options, files.files().get(0));
            if (sample != null) {
                source.replay(sample, notes);
            }
        } else {
            source = options.isOfProc() ? new SnapshotSource(options, null) : null;
        }
        if (source != null && options.what().view().system()) {
            Conflicts.refuseForRowsOnly(Option.SYSTEM.toString(), options.looks().format());
        }
    }

    private void watch() throws Failure {
        Options.Looks looks = options.looks();
        Earlier earlier = new Earlier();
        ofMachines = new HashMap<>();
        Watch watch =
                new Watch(looks.watchNanos(), looks.count(), output.isTerminal(), isInPlace());
        Watch.Round round =
                new Watch.Round() {
                    @Override
                    public boolean report(boolean isFirst) throws Failure {
                        return reportInWatch(isFirst, earlier);
                    }

                    @Override
                    public void redraw() throws Failure {
                        if (last != null) {
                            show(last, false);
                        }
                    }
                };
        if (options.where().period() == null) {
            watch.run(round);
        } else {
            replay(watch, round, earlier);
        }
        if (unwritten != null) {
            throw unwritten;
        }
    }

    /** Makes one report of several: a later one may fit onto a disk that is full now. */
    private boolean reportInWatch(boolean isFirst, Earlier earlier) throws Failure {
        try {
            boolean goesOn = report(isFirst, earlier);
            unwritten = null;
            return goesOn;
        } catch (Failure e) {
            if (isFirst || !output.isReplaced() || output.failure() == null) {
                throw e;
            }
            output.discard();
            if (unwritten == null) {
                remarks.accept(e.getMessage());
            }
            unwritten = e;
            return true;
        }
    }

    /** Makes a report of each sample of a recording. */
    private void replay(Watch watch, Watch.Round round, Earlier earlier) throws Failure {
        Options.Period period = options.where().period();
        Lookup lookup = RecordedFiles.lookup(files.files().get(0));
        watch.begin();
        lookup.replay(
                period.since(),
                period.until(),
                next -> {
                    if (next.mark() == Mark.REBOOTED) {
                        earlier.forgetLast(); // its processes are other ones
                    }
                    sample = next;
                    notes = RecordedFiles.notes(lookup);
                    source.replay(sample, notes);
                    return watch.next(round);
                });
        if (!options.about().quiet()) {
            lookup.remarks().forEach(remarks);
        }
    }

    /** Returns whether each report replaces the previous one. */
    private boolean isInPlace() {
        return options.looks().watchNanos() > 0
                && isTable()
                && output.isTerminal()
                && Terminal.hasEscapes();
    }

    /**
     * Returns whether a table is as high as the window, so that what is above its rows stays
     * visible: of the order in which processes die, that is more urgent than the end.
     */
    private boolean isOneScreen() {
        return options.what().topic() == Topic.OOM
                && options.what().view().maxRows() == 0
                && isTable()
                && output.isTerminal();
    }

    private boolean isTable() {
        return options.looks().isTable();
    }

    /**
     * Makes one report.
     *
     * @param isFirst whether this is the first report: some messages are printed only once
     * @param earlier see {@link ProcessReport#of}
     * @return whether it could be written; if not, its reader has closed the pipe
     */
    private boolean report(boolean isFirst, Earlier earlier) throws Failure {
        while (true) {
            try {
                return reportOnce(isFirst, earlier);
            } catch (OutOfMemoryError e) {
                last = null;
                leaveOutDetails(e);
            }
        }
    }

    /** Leaves out details for the next report, which takes less memory. */
    private void leaveOutDetails(OutOfMemoryError error) throws Failure {
        boolean isOnceOnly = options.where().from().contains(SnapshotFile.STANDARD_INPUT);
        Options fewer = isOnceOnly || !output.discard() ? null : options.withFewerDetails();
        if (fewer == null) {
            throw error;
        }
        boolean isOfCommands = fewer.what().noCommands() != options.what().noCommands();
        remarks.accept(
                "so many processes do not fit into Java's memory: "
                        + (isOfCommands
                                ? "command lines and the titles that programs set are left out"
                                : "rows are by program, not by process or command line, without the"
                                        + " columns user and command")
                        + "; choose fewer "
                        + (source == null ? "rows or processes" : "processes")
                        + " to see more of them, such as with "
                        + (source == null ? Option.ROWS.brief() + " 100 or " : "")
                        + Option.choosing(Selection.By.USER));
        options = fewer;
        open();
    }

    private boolean reportOnce(boolean isFirst, Earlier earlier) throws Failure {
        Psm.Exporter exporter = isSnapshotWanted() ? null : writer.exporter(isFirst);
        if (exporter != null && !options.what().pictured() && writer.showsNotes(exporter)) {
            options = options.withPictures();
            open();
        }
        if (source == null) {
            return reportMachines(exporter, isFirst);
        }
        options.beginFilters();
        Snapshot snapshot = source.get();
        options.requireFastFilters();
        Psm.Report report = report(snapshot, earlier);
        List<String> lines = new Remarks(options, snapshot, source).all(report);
        Psm.Processes processes = report.processes();
        if (options.what().pictured()) {
            report = noted(lines).of(report, snapshot, source.users(snapshot));
        }
        if (exporter == null) {
            write(snapshot);
            remark(lines);
        } else {
            last = new Shown(report, exporter, lines);
            show(last, isFirst);
        }
        requireComplete(snapshot.processes().isEmpty(), processes);
        return output.failure() == null;
    }

    /** Returns what adds notes to a report with these remarks and those about its files. */
    private Noted noted(List<String> lines) {
        List<String> all = new ArrayList<>();
        if (files != null && files.remark() != null && !options.about().quiet()) {
            all.add(files.remark());
        }
        all.addAll(lines);
        return new Noted(options, all);
    }

    /** Makes one report of several machines. */
    private boolean reportMachines(Psm.Exporter exporter, boolean isFirst) throws Failure {
        if (exporter == null && options.looks().to() == null) {
            throw Failure.usage(
                    Option.OUTPUT.brief()
                            + " snapshot: each machine has a file of its own; add "
                            + Option.TO
                            + " DIR",
                    null);
        }
        MachinesSource machines = new MachinesSource(options, files, remarks);
        Psm.Report report;
        try {
            report = machines.report(ofMachines, isFirst);
        } catch (Failure e) {
            if (isFirst || e.exit != Failure.Exit.FAILED) {
                throw e;
            }
            remarks.accept(e.getMessage()); // a later report may be of some again
            return true;
        }
        if (options.what().pictured()) {
            report = noted(machines.remarks()).of(report, machines.pictures());
        }
        if (exporter == null) {
            remark(machines.remarks());
        } else {
            last = new Shown(report, exporter, machines.remarks());
            show(last, isFirst);
        }
        requireComplete(report.processes().measured() == 0, report.processes());
        return output.failure() == null;
    }

    /** Writes a report, and then the remarks about it. */
    private void show(Shown shown, boolean isFirst) throws Failure {
        if (isInPlace()) {
            output.write(Watch.HOME_AND_CLEAR);
        } else if (!isFirst && isTable() && !output.isReplaced()) {
            output.write("\n");
        }
        Terminal window = writer.window(!isFirst);
        boolean isHeightLimited = (isInPlace() || isOneScreen()) && window.rows() > 0;
        int height = isHeightLimited ? window.linesAbove(shown.remarks) : 0;
        boolean isTitled = isFirst || output.isReplaced() || !options.looks().isOfRowsOnly();
        Psm.Layout layout = writer.layout(window, height);
        if (!isEmpty(shown.report)) {
            writer.export(shown.report, shown.exporter, isTitled ? layout : layout.withoutHeader());
        }
        output.end();
        remark(shown.remarks);
    }

    /** Prints the remarks about a report; of a list of reports, only those that are new. */
    private void remark(List<String> lines) {
        for (String line : lines) {
            if (isInPlace() || !printed.contains(line)) {
                remarks.accept(line);
            }
        }
        printed = lines;
    }

    /** Returns whether a table would show nothing but zeros; then a remark says why. */
    private boolean isEmpty(Psm.Report report) {
        View view = options.what().view();
        boolean isOfRows =
                isTable()
                        && options.looks().watchNanos() == 0
                        && options.what().topic() != Topic.OOM
                        && !view.totalsAlone()
                        && !view.system();
        return isOfRows && report.rows().isEmpty() && report.more() == null;
    }

    private void requireComplete(boolean isNothing, Psm.Processes processes) throws Failure {
        if (ReportWriter.isExact(processes)) {
            return;
        }
        int unmeasured = processes.denied() + processes.stuck() + processes.failed();
        if (isNothing && unmeasured > 0) {
            throw Failure.of(
                    "no process could be measured; " + Option.DEBUG + " lists the reasons", null);
        }
        writer.requireStrict(processes);
    }

    private Psm.Report report(Snapshot snapshot, Earlier earlier) throws Failure {
        View asked = options.what().view();
        // Of a report that is not written, only the remarks are: its rows would take memory.
        View view = options.looks().isSnapshot() ? asked.withMaxRows(1) : asked;
        String version = snapshot.run().psmVersion();
        return switch (options.what().topic()) {
            case PROCESSES ->
                    ProcessReport.of(snapshot, version, view, source.users(snapshot), earlier);
            case MAPS -> MappingReport.of(snapshot, version, false, view);
            case KINDS -> MappingReport.of(snapshot, version, true, view);
            case OOM -> OomReport.of(source.all(), snapshot, version, view.maxRows());
            case GROWTH, DIFF -> throw new IllegalStateException(); // they have commands
        };
    }

    // Output

    private boolean isSnapshotWanted() throws Failure {
        boolean isWanted = options.looks().isSnapshot();
        if (isWanted && output.isTerminal() && options.looks().to() == null) {
            throw Failure.usage(
                    Option.OUTPUT.brief()
                            + " snapshot: cannot be shown on a terminal; write it to a file: psm -o"
                            + " snapshot > host1.psm",
                    null);
        }
        return isWanted;
    }

    private void write(Snapshot unnamed) throws Failure {
        // A snapshot from a file contains the names of its host.
        Snapshot snapshot = options.isOfProc() ? unnamed.withNames(source.users(unnamed)) : unnamed;
        if (isToFolder()) {
            String host = snapshot.host().name();
            String other = files == null ? "host" : files.files().get(0).fileName();
            String name = host == null ? other : host;
            SnapshotFolder.of(Option.TO.toString(), options.looks().to(), null)
                    .write(name, snapshot);
            return;
        }
        String file = options.looks().to();
        ReportOutput to =
                file == null ? output : ReportFile.of(Option.TO.toString(), file, "rw-------");
        try {
            to.makePrivate(); // it contains command lines
            SnapshotWriter.write(snapshot, to);
            to.end();
        } catch (IOException e) {
            to.failed(e);
        } finally {
            to.discard();
        }
    }

    /**
     * Returns whether the snapshot goes into a folder: if there is one, or what was read is one,
     * which could contain several machines.
     */
    private boolean isToFolder() {
        String to = options.looks().to();
        boolean isOfFolder = files != null && !files.files().get(0).isNamed();
        return to != null && (isOfFolder || ReportFile.isFolder(to));
    }
}
