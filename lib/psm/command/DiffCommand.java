package psm.command;

import psm.Psm;
import psm.cli.Option;
import psm.cli.Options;
import psm.diff.DiffReport;
import psm.diff.Pairing;
import psm.diff.Side;
import psm.fleet.MachineFiles;
import psm.picture.ReportPictures;
import psm.proc.FileName;
import psm.proc.HostMemory;
import psm.record.Lookup;
import psm.report.Grouping;
import psm.report.LeftOut;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.terminal.ReportOutput;
import psm.text.Failure;
import psm.text.Missing;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** Reports what changed between two snapshots. */
public final class DiffCommand {
    private final Options options;
    private final ReportOutput output;
    private final Consumer<String> remarks;

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public DiffCommand(Options options, ReportOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
    }

    /** Makes the report and writes it. */
    public void run() throws Failure {
        ReportWriter writer = new ReportWriter(options.looks(), output, remarks);
        Psm.Exporter exporter = writer.exporter(true);
        SideSource source = new SideSource(options);
        List<String> lines = new ArrayList<>();
        List<SideSource.Read> read = read(source, lines);
        Options asked = named(read.get(0), read.get(1), lines);
        Side before = source.side(read.get(0), asked);
        Side after = source.side(read.get(1), asked);
        Pairing pairing = Pairing.of(before.snapshot(), after.snapshot());
        requireNames(source.names(), before, after);
        refuseProcesses(pairing, before, after);
        requireSystem(before);
        requireSystem(after);
        DiffReport made = new DiffReport(before, after, options.what().view(), options.diffSort());
        Psm.Report report = made.report();
        lines.addAll(about(pairing, before, after));
        lines.addAll(source.remarks());
        lines.addAll(about(made));
        lines.addAll(nothing(report));
        if (options.about().quiet()) {
            lines.clear();
        }
        if (writer.showsNotes(exporter)) {
            report = new Noted(options, lines).of(report, ReportPictures.ofDiff(report));
        }
        boolean isNothing = report.rows().isEmpty() && report.more() == null;
        if (!isNothing || !options.looks().isTable() || options.what().view().system()) {
            writer.write(report, exporter);
        } else {
            output.end();
        }
        lines.forEach(remarks);
        writer.requireStrict(report.processes());
    }

    // What to compare

    /**
     * Reads what to compare.
     *
     * @param lines receives a line for each thing to know about the times of a recording
     */
    private List<SideSource.Read> read(SideSource source, List<String> lines) throws Failure {
        List<String> from = options.where().from();
        Options.Period period = options.where().period();
        if (period == null) {
            refuseSame(from.get(0), from.get(1));
            return List.of(source.file(from.get(0)), source.file(from.get(1)));
        }
        Lookup recording = recording(from.get(0));
        SideSource.Read before = source.sample(recording, period.since());
        SideSource.Read after = source.sample(recording, period.until());
        lines.addAll(recording.remarks());
        Snapshot first = before.recorded().snapshot();
        Snapshot last = after.recorded().snapshot();
        boolean isOne =
                first.run().takenAt().equals(last.run().takenAt())
                        && Objects.equals(first.host().bootId(), last.host().bootId());
        if (isOne) {
            throw Failure.usage(
                    before.name()
                            + ": "
                            + after.name()
                            + " is the same sample, of "
                            + Text.local(first.run().takenAt())
                            + "; name an earlier time",
                    null);
        }
        return List.of(before, after);
    }

    /**
     * Names programs after their executables if one of the two does not contain their titles: else
     * each of them would have another name in the other one.
     */
    private Options named(SideSource.Read before, SideSource.Read after, List<String> lines)
            throws Failure {
        if (before.isWithoutCommands() == after.isWithoutCommands()) {
            return options;
        }
        String problem =
                (before.isWithoutCommands() ? before : after).name()
                        + " contains no command lines and no titles";
        // Metrics have names after scripts although the user has not asked for that.
        boolean areScriptsAsked = options.what().scripts() && !options.what().view().isOfMetrics();
        if (options.what().view().by().contains(Grouping.COMMAND) || areScriptsAsked) {
            String asked = areScriptsAsked ? Option.SCRIPTS.toString() : Option.BY + " command";
            throw Failure.usage(asked + ": " + problem + "; leave it out", null);
        }
        if (options.what().byExecutable() && !options.what().scripts()) {
            return options;
        }
        lines.add(problem + ": programs are named after their executables");
        return options.byExecutable();
    }

    private static String bootOf(Side side) {
        return side.snapshot().host().bootId();
    }

    private Lookup recording(String from) throws Failure {
        RecordedFiles.requireUsual(
                options.where().from(),
                options.where().period().since().asked(),
                "'psm record' writes one, and " + Option.FROM + " DIR names another");
        List<MachineFiles.Entry> files =
                MachineFiles.of(Option.FROM.toString(), List.of(from)).files();
        MachineFiles.Entry file = files.get(0);
        String asked = Option.FROM + " " + from;
        if (files.size() > 1) {
            throw Failure.usage(
                    asked
                            + ": this folder contains "
                            + files.size()
                            + " machines, and one is compared; name one of them, such as "
                            + file.name(),
                    null);
        }
        if (!file.isRecording()) {
            boolean isThere = file.path() == null || Files.exists(file.path());
            throw Failure.usage(
                    asked
                            + (isThere ? ": is no recording" : ": no such file or folder")
                            + "; 'psm record' writes one; two snapshots are compared by 'psm diff"
                            + " BEFORE AFTER'",
                    null);
        }
        return RecordedFiles.lookup(file);
    }

    /** Refuses two names of one file. */
    private static void refuseSame(String first, String second) throws Failure {
        try {
            boolean areFiles =
                    !first.equals(SnapshotFile.STANDARD_INPUT)
                            && !second.equals(SnapshotFile.STANDARD_INPUT);
            if (areFiles && Files.isSameFile(FileName.path(first), FileName.path(second))) {
                throw Failure.usage(
                        "diff " + first + " " + second + ": are the same file; name two", null);
            }
        } catch (IOException | InvalidPathException e) {
            return; // reading them says why
        }
    }

    private void requireNames(ChosenNames names, Side before, Side after) throws Failure {
        Selection selection = options.which().selection();
        String where = "in " + before.name() + " or " + after.name();
        names.requireAnywhere(where);
        Set<String> pids = new HashSet<>();
        for (Side side : List.of(before, after)) {
            for (int pid : side.snapshot().pids()) {
                pids.add(Integer.toString(pid));
            }
        }
        ChosenNames.requirePids(selection, pids::contains, " " + where);
    }

    /** Refuses to compare single processes that are not known to be the same. */
    private void refuseProcesses(Pairing pairing, Side before, Side after) throws Failure {
        if (pairing == Pairing.BY_PROCESS) {
            return;
        }
        String asked =
                options.what().view().by().contains(Grouping.PID) ? Option.BY + " pid" : null;
        for (Selection.Rule rule : options.which().selection().rules()) {
            boolean isOfPids = rule.by() == Selection.By.PID || rule.by() == Selection.By.ANCESTOR;
            asked = isOfPids ? Option.choosing(rule.by()).toString() : asked;
        }
        if (asked != null) {
            throw Failure.usage(
                    asked
                            + ": "
                            + unpaired(pairing, before, after)
                            + "; compare groups, such as with "
                            + Option.BY
                            + " program",
                    null);
        }
    }

    private void requireSystem(Side side) throws Failure {
        HostMemory memory = side.snapshot().host().memory();
        if (options.what().view().system() && Missing.is(memory.bytes("MemTotal"))) {
            throw Failure.of(
                    Option.SYSTEM
                            + ": "
                            + side.name()
                            + " contains no meminfo; leave it out to see the processes",
                    null);
        }
    }

    // What to say

    private List<String> about(Pairing pairing, Side before, Side after) {
        List<String> lines = new ArrayList<>();
        if (isNewer(before.snapshot(), after.snapshot())) {
            lines.add(
                    before.name()
                            + " is newer than "
                            + after.name()
                            + ": what grew is shown as if it shrank");
        }
        if (pairing != Pairing.BY_PROCESS) {
            lines.add(unpaired(pairing, before, after) + "; groups alone are compared");
        }
        return lines;
    }

    private static List<String> about(DiffReport made) {
        List<String> lines = new ArrayList<>();
        if (made.rowsByRss() > 0) {
            lines.add(byRss(made.rowsByRss()));
        }
        if (made.uncompared() > 0) {
            lines.add(uncompared(made.uncompared()));
        }
        return lines;
    }

    /** Returns whether a snapshot was taken after another one, by a clock that nobody sets. */
    private static boolean isNewer(Snapshot a, Snapshot b) {
        boolean isOfUptime =
                a.host().bootId() != null
                        && a.host().bootId().equals(b.host().bootId())
                        && !Missing.is(a.host().uptimeMillis())
                        && !Missing.is(b.host().uptimeMillis());
        return isOfUptime
                ? a.host().uptimeMillis() > b.host().uptimeMillis()
                : a.run().takenAt().isAfter(b.run().takenAt());
    }

    /** Returns why processes cannot be compared one by one. */
    private static String unpaired(Pairing pairing, Side before, Side after) {
        String host = before.snapshot().host().name();
        String other = after.snapshot().host().name();
        if (!Objects.equals(host, other)) {
            return "these are two machines, "
                    + host
                    + " and "
                    + other
                    + ", so no process is the same";
        }
        return switch (pairing) {
            case UNKNOWN_BOOT ->
                    (bootOf(before) == null ? before : after).name()
                            + " does not say since when its machine is up, so it is not known which"
                            + " processes are the same";
            case UNKNOWN_STARTS ->
                    "it is not known when the processes started, and so not which are the same";
            default ->
                    (host == null ? "the machine" : host)
                            + " was restarted between them, so no process is the same";
        };
    }

    private static String uncompared(int processes) {
        return "not compared: "
                + LeftOut.processes(processes)
                + " of one of them, which ran then too, but were not read for the other one";
    }

    private static String byRss(int rows) {
        return (rows == 1 ? "1 row is" : rows + " rows are")
                + " compared by Rss, before and after: one of the two has only estimates there";
    }

    private List<String> nothing(Psm.Report report) {
        List<String> lines = Remarks.nothing(options, report);
        boolean isNothing = report.rows().isEmpty() && report.more() == null;
        return lines.isEmpty() && isNothing ? List.of("no process in either of them") : lines;
    }
}
