package psm.command;

import psm.Psm;
import psm.cli.Options;
import psm.fleet.FleetGrowth;
import psm.fleet.FleetRemarks;
import psm.fleet.Machine;
import psm.fleet.MachineFiles;
import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.record.Lookup;
import psm.remote.Answer;
import psm.remote.RecordingAnswer;
import psm.remote.RecordingQuestion;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;
import psm.text.Moment;
import psm.text.Times;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Makes the report of growth on machines: by the recordings that they have, or by files. */
final class GrowthMachines implements HostSource.AnswerReader {
    /** The difference between two clocks that a remark mentions. */
    private static final Duration MAX_DIFFERENCE = Duration.ofSeconds(30);

    /** The age of a last sample that a remark mentions: the recorder may have ended. */
    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    private final Options options;

    /** The files to read; {@code null} to ask machines. */
    private final List<MachineFiles.Entry> files;

    private final Consumer<String> problems;
    private final GrowthReport growth;
    private final FleetGrowth fleet;
    private final SnapshotSource source;
    private final List<String> remarks = new ArrayList<>();

    /** What is read, and what to know about it. */
    private RecordedGrowth current;

    private List<String> notes = List.of();

    /**
     * Creates the source.
     *
     * @param files the files to read; {@code null} to ask machines
     * @param problems receives a line for each machine if none can be read
     */
    GrowthMachines(Options options, List<MachineFiles.Entry> files, Consumer<String> problems) {
        this.options = options;
        this.files = files;
        this.problems = problems;
        this.growth =
                GrowthReport.ofMachines(
                        options.what().view().by(), GrowthCommand.chosen(options), count());
        this.fleet = new FleetGrowth(options.which().filter(), growth);
        this.source = SnapshotSource.ofSeveral(options);
    }

    private int count() {
        return files == null ? options.hosts().names().size() : files.size();
    }

    /** Returns the limits of all machines. */
    GrowthReport growth() {
        return growth;
    }

    /** Returns what the user should know about the report. */
    List<String> remarks() {
        return remarks;
    }

    /**
     * Returns a report of the machines that can be read.
     *
     * @throws Failure if there is none
     */
    Psm.Report report() throws Failure {
        MachinesSource.requireNoPids(options, count());
        boolean isOfSsh = files == null && options.hosts().transport().isSsh();
        FleetRemarks all = new FleetRemarks(fleet, isOfSsh, this::about);
        if (files == null) {
            Options.Period period = options.where().period();
            RecordingQuestion question =
                    new RecordingQuestion(
                            period == null ? null : timeOf(period.since()),
                            period == null ? null : timeOf(period.until()));
            HostSource hosts = new HostSource(options, problems, question, this);
            hosts.addTo(all);
            remark(hosts.remarks());
        } else {
            readFiles(all);
        }
        Psm.Report report = all.report();
        remark(Remarks.nothing(options, report));
        remark(all.remarks(report.processes()));
        remarks.addAll(all.lines());
        if (growth.limitsLeftOut() > 0) {
            remark(List.of(growth.limitsLeftOut() + " limits that are less urgent are left out"));
        }
        return report;
    }

    private static Instant timeOf(Moment moment) {
        return moment == null ? null : moment.time();
    }

    private void remark(List<String> lines) {
        if (!options.about().quiet()) {
            remarks.addAll(lines);
        }
    }

    private List<String> about(Machine machine) {
        List<String> lines = new ArrayList<>();
        if (!options.about().quiet()) {
            lines.addAll(notes);
            lines.addAll(current.notes());
            lines.addAll(
                    new GrowthRemarks(current.growth(), growth.isTooShort(), true)
                            .all(current.gaps()));
        }
        lines.addAll(
                new Remarks(options, machine.shown(), null)
                        .ofMachine(machine.all(), List.of(), count() == 1));
        return lines;
    }

    /** Reads a recording; what is wrong with it is why the machine is missing. */
    private Machine read(Lookup recording, String asked, String name)
            throws Failure, HostSource.MissingException {
        options.beginFilters();
        current = new RecordedGrowth(options, source, fleet.begin(name));
        try {
            current.read(recording, asked);
        } catch (Failure e) {
            if (current.tooSlow() != null) {
                throw e;
            }
            throw new HostSource.MissingException(e.getMessage(), e);
        }
        options.requireFastFilters();
        Growth read = current.growth();
        Snapshot last = read.last();
        String own = last.host().name();
        return new Machine(name == null && own != null ? own : asked, last, null, false);
    }

    // Files

    private void readFiles(FleetRemarks all) throws Failure {
        List<String> missing = new ArrayList<>();
        for (MachineFiles.Entry file : files) {
            String problem = add(file, all);
            if (problem != null) {
                all.addMissing(file.fileName(), problem);
                missing.add(file.name() + ": " + problem);
            }
        }
        if (missing.size() == files.size()) {
            missing.forEach(problems);
            throw Failure.of("none of " + missing.size() + " recordings can be read", null);
        }
        remark(missing);
    }

    /** Adds the machine in a file; returns why it cannot be read, or {@code null}. */
    private String add(MachineFiles.Entry file, FleetRemarks all) throws Failure {
        String problem = RecordedFiles.problemOf(file);
        if (problem != null) {
            return problem;
        }
        try {
            all.add(read(RecordedFiles.lookup(file), file.fileName(), null));
            return null;
        } catch (HostSource.MissingException | SnapshotFormatException e) {
            return e.getMessage();
        } catch (OutOfMemoryError e) {
            return MachinesSource.TOO_LARGE;
        }
    }

    // Machines

    @Override
    public String done() {
        return "has a recording that can be read";
    }

    @Override
    public Machine read(Answer answer, String name, String lacksRoot)
            throws HostSource.MissingException, Failure {
        RecordingAnswer sent = (RecordingAnswer) answer;
        if (sent.lack() != null) {
            throw new HostSource.MissingException(lack(sent.lack(), lacksRoot), null);
        }
        if (sent.problem() != null) {
            throw new HostSource.MissingException("its answer " + sent.problem(), null);
        }
        Machine machine;
        try {
            Lookup recording = new Lookup("what was sent of", "its recording", sent.folder());
            machine = read(recording, name, name);
        } catch (Failure e) {
            if (current != null && current.tooSlow() != null) {
                throw e;
            }
            throw new HostSource.MissingException(e.getMessage(), e);
        }
        notes = notes(sent, machine.shown().run().takenAt());
        return machine;
    }

    private static String lack(RecordingAnswer.Lack lack, String lacksRoot) {
        return switch (lack) {
            case RECORDING -> "it records nothing; as root there: psm install --record";
            case PERMISSION ->
                    "its recording may be read by root there, and by members of a group"
                            + (lacksRoot == null ? "" : " (" + lacksRoot + ")")
                            + "; as root there: psm install --record --group GROUP";
            case STAT -> "it has no stat, which is needed to find its recording; there: psm growth";
        };
    }

    private List<String> notes(RecordingAnswer sent, Instant last) {
        List<String> lines = new ArrayList<>();
        Instant now = Instant.now();
        if (sent.clock() != null) {
            Duration ahead = Duration.between(sent.clockAt(), sent.clock());
            now = sent.clock();
            if (ahead.abs().compareTo(MAX_DIFFERENCE) > 0) {
                lines.add(
                        "the clock there is "
                                + ahead.abs().toSeconds()
                                + (ahead.isNegative() ? " s behind" : " s ahead of")
                                + " the one here");
            }
        }
        Options.Period period = options.where().period();
        boolean isToTheEnd = period == null || period.until() == null;
        Duration age = Duration.between(last, now);
        if (isToTheEnd && age.compareTo(MAX_AGE) > 0) {
            lines.add("the last sample is " + Times.inWords(age) + " old; there: sudo psm doctor");
        }
        return lines;
    }
}
