package psm.command;

import psm.Psm;
import psm.cli.Conflicts;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.fleet.Fleet;
import psm.fleet.FleetOom;
import psm.fleet.FleetRemarks;
import psm.fleet.FleetReport;
import psm.fleet.FleetSystem;
import psm.fleet.Machine;
import psm.fleet.MachineFiles;
import psm.fleet.SnapshotFolder;
import psm.probe.ProbeScript;
import psm.probe.Recorded;
import psm.remote.Answer;
import psm.remote.ProbeQuestion;
import psm.report.Earlier;
import psm.report.View;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;
import psm.text.Text;

import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the report of several machines: of those that answer, or of those in files. */
final class MachinesSource implements HostSource.AnswerReader {
    /** Says that there is no memory for reading one more machine. */
    static final String TOO_LARGE =
            "does not fit into psm's memory beside the others; ask it alone";

    /** The largest number of machines of which each has its own line about its sample. */
    private static final int MAX_NOTES = 3;

    private final Options options;

    /** The files to read; {@code null} to ask machines. */
    private final MachineFiles files;

    private final Consumer<String> problems;
    private List<String> remarks = List.of();

    /** The report of all of their memory; {@code null} if it is another one. */
    private FleetSystem system;

    /** What to know about the samples of recordings, a line for each. */
    private final List<String> notes = new ArrayList<>();

    /** The chosen names that no machine has so far. */
    private final ChosenNames names;

    /**
     * Creates the source.
     *
     * @param files the files to read; {@code null} to ask machines
     * @param problems receives a line for each machine if none can be read
     */
    MachinesSource(Options options, MachineFiles files, Consumer<String> problems) {
        this.options = options;
        this.files = files;
        this.problems = problems;
        this.names = new ChosenNames(options.which().selection());
    }

    /**
     * Returns a report of the machines that can be read.
     *
     * @param earlier see {@link FleetReport}
     * @param isFirst whether this is the first report: later, chosen names may be gone
     * @throws Failure if there is none, or none of them has a chosen name
     */
    Psm.Report report(Map<Object, Earlier> earlier, boolean isFirst) throws Failure {
        requireNoPids(options, count());
        boolean isOfSsh = files == null && options.hosts().transport().isSsh();
        Fleet fleet = fleet(earlier);
        FleetRemarks notes = new FleetRemarks(fleet, isOfSsh, this::about);
        remarks = new ArrayList<>();
        if (files == null) {
            HostSource hosts =
                    new HostSource(
                            options,
                            problems,
                            new ProbeQuestion(Text.encode(ProbeScript.TEXT)),
                            this);
            hosts.addTo(notes);
            addRemarks(hosts.remarks());
        } else {
            readFiles(notes);
        }
        Psm.Report report = notes.report();
        if (isFirst) {
            requireNames(report);
        }
        addRemarks(Remarks.nothing(options, report));
        if (fleet instanceof FleetOom oom) {
            addRemarks(oom.remarks(report));
        }
        addRemarks(notes.remarks(report.processes()));
        remarks.addAll(notes.lines());
        if (options.about().timing()) {
            remarks.add(Remarks.run());
        }
        return report;
    }

    private Fleet fleet(Map<Object, Earlier> earlier) throws Failure {
        View view = options.what().view();
        if (options.what().topic() == Topic.OOM) {
            return new FleetOom(view.maxRows());
        }
        if (view.extent() == View.Extent.SYSTEM) {
            Conflicts.refuseSystemOfSeveral(view); // a folder may contain several machines
            system = new FleetSystem(view, options.what().pictured() ? count() : 0);
            return system;
        }
        if (options.looks().isSnapshot()) {
            // Only the remarks about the report are shown.
            Fleet report = new FleetReport(view.withMaxRows(1), earlier);
            return SnapshotFolder.of(Option.TO.toString(), options.looks().to(), report);
        }
        return new FleetReport(view, earlier);
    }

    /** Returns how many machines are asked or read. */
    private int count() {
        return files == null ? options.hosts().names().size() : files.files().size();
    }

    private void requireNames(Psm.Report report) throws Failure {
        int all = count();
        int missing = report.processes().missingHosts();
        String some = "the machines that could be read (" + (all - missing) + " of " + all + ")";
        String each = report.host() == null ? "these machines" : report.host();
        names.requireAnywhere("on " + (missing == 0 ? each : some));
    }

    /** Refuses process ids: the same one is another process on each machine. */
    static void requireNoPids(Options options, int machines) throws Failure {
        for (Selection.Rule rule : options.which().selection().rules()) {
            boolean isOfPids = rule.by() == Selection.By.PID || rule.by() == Selection.By.ANCESTOR;
            if (isOfPids && machines > 1) {
                throw Failure.usage(
                        Option.choosing(rule.by())
                                + ": a process id is of one machine, and there are "
                                + machines
                                + "; name one machine, or choose processes by "
                                + Option.FILTER.brief()
                                + ", "
                                + Option.choosing(Selection.By.USER)
                                + " or "
                                + Option.choosing(Selection.By.UNIT),
                        null);
            }
        }
    }

    private List<String> about(Machine machine) {
        return new Remarks(options, machine.shown(), null)
                .ofMachine(machine.all(), machine.remarks(), count() == 1);
    }

    private void addRemarks(List<String> lines) {
        if (!options.about().quiet()) {
            remarks.addAll(lines);
        }
    }

    /** Returns what the user should know about the last report. */
    List<String> remarks() {
        return remarks;
    }

    /** Returns the pictures of the last report. */
    List<Psm.Picture> pictures() {
        return system == null ? List.of() : system.pictures();
    }

    // Files

    private void readFiles(Fleet fleet) throws Failure {
        List<String> missing = new ArrayList<>();
        for (MachineFiles.Entry file : files.files()) {
            String problem = add(file, fleet);
            if (problem != null) {
                fleet.addMissing(file.fileName(), problem);
                missing.add(file.name() + ": " + problem);
            }
        }
        addNotes();
        addRemarks(missing);
        if (missing.size() == files.files().size()) {
            remarks.forEach(problems);
            throw Failure.of("none of " + missing.size() + " files can be read", null);
        }
    }

    /** Adds the machine in a file; returns why it cannot be read, or {@code null}. */
    private String add(MachineFiles.Entry file, Fleet fleet) throws Failure {
        try {
            fleet.add(machine(recorded(file), file.fileName(), null));
        } catch (SnapshotFormatException e) {
            return e.getMessage();
        } catch (IOException e) {
            return "cannot be read: " + Failure.reason(e);
        } catch (OutOfMemoryError e) {
            return TOO_LARGE;
        }
        return null;
    }

    private Recorded recorded(MachineFiles.Entry file) throws IOException, Failure {
        if (file.isRecording()) {
            return sample(file);
        }
        if (file.isNamed()) {
            return SnapshotSource.recorded(file, null, List.of());
        }
        try (InputStream in = file.open()) {
            return Recorded.read(in);
        }
    }

    /** Adds what there is to know about samples, unless it is about too many machines. */
    private void addNotes() {
        Options.Period period = options.where().period();
        if (period == null) {
            return; // the list of machines shows how old their samples are
        }
        addRemarks(
                notes.size() <= MAX_NOTES
                        ? notes
                        : List.of(
                                period.at().asked()
                                        + ": the samples of "
                                        + notes.size()
                                        + " machines are not quite of that time; the list of"
                                        + " machines shows when each was taken"));
        notes.clear();
    }

    /** Reads a sample. A machine without one of that time is missing in the report. */
    private Recorded sample(MachineFiles.Entry file) throws SnapshotFormatException {
        try {
            List<String> lines = new ArrayList<>();
            Recorded recorded = SnapshotSource.recorded(file, options.where().period(), lines);
            for (String line : lines) {
                notes.add(file.fileName() + ": " + line);
            }
            return recorded;
        } catch (Failure e) {
            throw new SnapshotFormatException(e.getMessage());
        }
    }

    // Machines

    @Override
    public Machine read(Answer answer, String name, String lacksRoot) throws IOException, Failure {
        return machine(Recorded.read(answer.open()), name, answer.at());
    }

    /**
     * Returns a machine with what is asked for.
     *
     * @param name its name, if it was asked; else the name of its file
     * @param at when it answered; {@code null} for a file
     */
    private Machine machine(Recorded recorded, String name, Instant at)
            throws Failure, SnapshotFormatException {
        options.beginFilters();
        if (!options.which().selection().isAll()) {
            names.meet(recorded);
        }
        SnapshotSource source = SnapshotSource.ofSeveral(options);
        Snapshot asked = source.of(recorded);
        Snapshot shown = options.looks().isSnapshot() ? SnapshotBudget.fit(asked) : asked;
        options.requireFastFilters();
        Snapshot all = source.all() == null ? shown : source.all();
        String own = shown.host().name();
        String called = at == null && own != null ? own : name;
        boolean isProbed = recorded.probe() != null;
        return new Machine(
                called,
                all,
                shown,
                at,
                isProbed,
                isProbed && recorded.probe().isOfRoot(),
                isProbed ? recorded.probe().remarks() : List.of());
    }
}
