package psm.command;

import psm.Psm;
import psm.cli.Option;
import psm.cli.Options;
import psm.fleet.MachineFiles;
import psm.metrics.Backfill;
import psm.probe.Recorded;
import psm.record.Lookup;
import psm.record.Sample;
import psm.report.ProcessReport;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.terminal.ReportOutput;
import psm.text.Failure;
import psm.text.Moment;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Writes the samples of a recording as metrics with timestamps. */
final class BackfillCommand {
    private final Options options;
    private final MachineFiles.Entry file;
    private final ReportOutput output;
    private final Consumer<String> remarks;
    private final SnapshotSource source;
    private final Backfill backfill;

    /** What to know about the times that were asked for. */
    private final List<String> notes = new ArrayList<>();

    /** The last sample with a report, with all its processes. */
    private Snapshot last;

    /** Whether a report had a process. */
    private boolean hasProcesses;

    /** The number of samples that leave processes out or estimate them. */
    private int incomplete;

    private boolean isFirstPass = true;

    /**
     * Creates the command.
     *
     * @param file the recording
     * @param remarks receives a line for each thing that the user should know
     */
    BackfillCommand(
            Options options,
            MachineFiles.Entry file,
            ReportOutput output,
            Consumer<String> remarks) {
        this.options = options;
        this.file = file;
        this.output = output;
        this.remarks = remarks;
        this.source = SnapshotSource.ofSeveral(options); // the last sample need not have all names
        this.backfill = new Backfill(output);
    }

    /**
     * Returns the recording to write; {@code null} if something else is reported.
     *
     * @throws Failure if there are several
     */
    static MachineFiles.Entry file(Options options, MachineFiles files) throws Failure {
        boolean isAny = false;
        for (int i = 0; options.isBackfill() && i < files.files().size(); i++) {
            isAny |= files.files().get(i).isRecording();
        }
        boolean isOfMoment =
                options.where().period() != null && options.where().period().at() != null;
        if (isAny && files.files().size() > 1 && !isOfMoment) {
            throw Failure.usage(
                    Option.OUTPUT.brief()
                            + " openmetrics: is about one recording, and there are "
                            + files.files().size()
                            + " machines; name one of them, or a moment with "
                            + Option.AT,
                    null);
        }
        return isAny && files.files().size() == 1 ? files.files().get(0) : null;
    }

    /** Writes the samples. */
    void run() throws Failure {
        Options.Period period = options.where().period();
        boolean isOfMoment = period != null && period.at() != null;
        Moment since = isOfMoment ? null : since(period);
        Lookup lookup;
        boolean isMore;
        do {
            lookup = RecordedFiles.lookup(file);
            if (isOfMoment) {
                add(lookup.at(period.at()), lookup);
            } else {
                Lookup passing = lookup;
                lookup.replay(since, period == null ? null : period.until(), s -> add(s, passing));
            }
            requireNames();
            isFirstPass = false;
            isMore = endPass();
        } while (isMore);
        end(lookup);
    }

    private Moment since(Options.Period period) throws Failure {
        return RecordedFiles.since(
                RecordedFiles.lookup(file), period, Option.FROM + " " + file.name());
    }

    private boolean add(Sample sample, Lookup lookup) throws Failure {
        Snapshot snapshot = sample.snapshot();
        if (last == null) {
            notes.addAll(lookup.remarks()); // about the times that were asked for
        }
        int number = backfill.begin(snapshot.run().takenAt());
        if (backfill.samples() > Backfill.MAX_SAMPLES) {
            throw Failure.usage(
                    Option.FROM
                            + " "
                            + file.name()
                            + ": contains more than "
                            + Backfill.MAX_SAMPLES
                            + " samples of that time; name a shorter one with "
                            + Option.SINCE
                            + " and "
                            + Option.UNTIL,
                    null);
        }
        if (number >= 0) {
            last = snapshot;
            try {
                backfill.add(number, report(snapshot));
            } catch (IOException e) {
                throw new IllegalStateException(e); // it is in memory
            }
        }
        return true;
    }

    private Psm.Report report(Snapshot snapshot) throws Failure {
        options.beginFilters();
        Snapshot chosen;
        try {
            chosen = source.of(new Recorded(snapshot, null));
        } catch (SnapshotFormatException e) {
            throw Failure.usage(e.getMessage(), e);
        }
        options.requireFastFilters();
        Psm.Report report =
                ProcessReport.of(
                        chosen,
                        snapshot.run().psmVersion(),
                        options.what().view(),
                        source.users(chosen),
                        null);
        Psm.Processes processes = report.processes();
        hasProcesses |= processes.measured() > 0;
        boolean isExact = ReportWriter.isExact(processes);
        incomplete += isFirstPass && !isExact ? 1 : 0;
        return report;
    }

    /** Fails if a chosen name is in no sample, and the last one does not know it either. */
    private void requireNames() throws Failure {
        Selection selection = options.which().selection();
        if (!hasProcesses && !selection.isAll()) {
            ChosenNames.requireWritten(selection, last);
        }
    }

    private boolean endPass() throws Failure {
        try {
            return backfill.endPass();
        } catch (IOException e) {
            output.failed(e);
            return false;
        }
    }

    private void end(Lookup lookup) throws Failure {
        try {
            backfill.end();
        } catch (IOException e) {
            output.failed(e);
        }
        output.end();
        if (!options.about().quiet()) {
            if (isOfLastDay()) {
                int count = backfill.samples();
                remarks.accept(
                        "one day of "
                                + file.name()
                                + (count == 1 ? ": 1 sample" : ": " + count + " samples")
                                + "; for more, add "
                                + Option.SINCE
                                + " TIME");
            }
            notes.forEach(remarks);
            for (String note : RecordedFiles.notes(lookup)) {
                if (!notes.contains(note)) {
                    remarks.accept(note);
                }
            }
            if (incomplete > 0 && !options.looks().strict()) {
                remarks.accept(incompleteText());
            }
            remarkLeftOut();
        }
        if (incomplete > 0 && options.looks().strict()) {
            throw Failure.incomplete(Option.STRICT + ": " + incompleteText());
        }
    }

    /** Returns whether the user has not said what to write. */
    private boolean isOfLastDay() {
        Options.Period period = options.where().period();
        return period == null || (period.at() == null && period.since() == null);
    }

    private String incompleteText() {
        return incomplete
                + " of "
                + backfill.samples()
                + " samples leave processes out, or contain estimates";
    }

    private void remarkLeftOut() {
        int count = backfill.leftOut();
        if (count > 0) {
            remarks.accept(
                    (count == 1 ? "1 sample is" : count + " samples are")
                            + " left out, since the clock was set back: later samples have the"
                            + " same times");
        }
    }
}
