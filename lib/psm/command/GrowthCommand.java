package psm.command;

import psm.Psm;
import psm.cell.TimeText;
import psm.cgroup.CgroupMemoryReader;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.fleet.MachineFiles;
import psm.growth.Forecast;
import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.proc.ProcFs;
import psm.scan.Snapshot;
import psm.terminal.ProgressLine;
import psm.terminal.ReportOutput;
import psm.terminal.Signals;
import psm.text.Failure;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Reports which programs grow, how fast, and when memory will be full. */
public final class GrowthCommand {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    /** The options; with pictures if the format shows them. */
    private Options options;

    private final ReportOutput output;
    private final Consumer<String> remarks;
    private final Growth growth;
    private final SnapshotSource source;
    private final RecordedGrowth samples;

    /** Whether the user does not want to wait for the end. */
    private volatile boolean isEnough;

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public GrowthCommand(Options options, ReportOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
        this.growth =
                new Growth(
                        options.what().view().by(),
                        options.which().filter(),
                        options.what().view().isOfMetrics());
        this.source =
                options.where().isFile()
                        ? SnapshotSource.ofSeveral(options)
                        : new SnapshotSource(options, null);
        this.samples = new RecordedGrowth(options, source, growth);
    }

    /** Makes the report and writes it. */
    public void run() throws Failure {
        ReportWriter writer = new ReportWriter(options.looks(), output, remarks);
        Psm.Exporter exporter = writer.exporter(true);
        if (writer.showsNotes(exporter)) {
            drawCurves();
        }
        List<MachineFiles.Entry> files = options.where().isFile() ? files() : null;
        if (options.hosts() != null || (files != null && files.size() > 1)) {
            runForMachines(files, writer, exporter);
            return;
        }
        options.beginFilters();
        if (files != null) {
            read(files.get(0));
        } else {
            measure(options.window());
        }
        options.requireFastFilters();
        GrowthReport made = new GrowthReport(growth, chosen(options));
        Psm.Report report = report(made);
        List<String> lines = remarks(made, report);
        writer.write(noted(report, lines, made), exporter);
        lines.forEach(remarks);
        requireRoom(made);
    }

    private void drawCurves() {
        options = options.withPictures();
        boolean isRecorded = options.where().isFile(); // then marks say where samples are missing
        long nanos = isRecorded ? 0 : options.window().intervalNanos();
        growth.keepTimeline(TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    private void runForMachines(
            List<MachineFiles.Entry> files, ReportWriter writer, Psm.Exporter exporter)
            throws Failure {
        GrowthMachines machines = new GrowthMachines(options, files, remarks);
        Psm.Report report = machines.report();
        List<String> lines = machines.remarks();
        writer.write(noted(report, lines, machines.growth()), exporter);
        lines.forEach(remarks);
        requireRoom(machines.growth());
        writer.requireStrict(report.processes().missingHosts() > 0, "is incomplete");
    }

    /** Returns what the user should know about the report of one machine. */
    private List<String> remarks(GrowthReport made, Psm.Report report) {
        List<String> lines = new ArrayList<>();
        if (!options.about().quiet()) {
            boolean isRecorded = options.where().isFile();
            lines.addAll(samples.notes());
            lines.addAll(
                    new GrowthRemarks(growth, made.isTooShort(), isRecorded).all(samples.gaps()));
        }
        lines.addAll(new Remarks(options, growth.last(), source).all(report));
        return lines;
    }

    /** Returns a report with its notes, if the format shows them. */
    private Psm.Report noted(Psm.Report report, List<String> lines, GrowthReport made) {
        return options.what().pictured()
                ? new Noted(options, lines).of(report, made.pictures())
                : report;
    }

    private Psm.Report report(GrowthReport made) throws Failure {
        try {
            return made.report(growth.last().run().psmVersion());
        } catch (IOException e) {
            throw RecordedGrowth.tooSlow(e);
        }
    }

    /** Returns which rows the options choose. */
    static GrowthReport.Chosen chosen(Options options) {
        boolean isForPeople =
                options.looks().isTable() || options.looks().format().equals("markdown");
        return new GrowthReport.Chosen(
                options.what().view().maxRows(),
                options.what().view().minBytes(),
                options.what().view().filter(),
                isForPeople,
                options.what().view().isOfMetrics(),
                options.what().pictured());
    }

    // Here and now

    private void measure(Options.Window window) throws Failure {
        ProgressLine progress = new ProgressLine(!options.about().quiet());
        Thread waiting = Thread.currentThread();
        Runnable restore =
                Signals.handleOnce(
                        "INT",
                        () -> {
                            isEnough = true;
                            LockSupport.unpark(waiting);
                        });
        long start = System.nanoTime();
        long due = start;
        boolean isLast = false;
        while (!isLast) {
            isLast = isEnough || due - start >= window.nanos();
            samples.add(withAllCgroups(source.get()), null);
            due = Math.max(due + window.intervalNanos(), System.nanoTime());
            if (!isLast) {
                growth.forget();
                await(Math.min(due, start + window.nanos()), start, progress);
            }
        }
        progress.clear();
        restore.run();
    }

    /**
     * Returns a sample of the chosen processes with the control groups of all, whose limits matter
     * as well.
     */
    private Snapshot withAllCgroups(Snapshot snapshot) throws Failure {
        if (!snapshot.scope().filtered() || source.isCollected()) {
            return snapshot; // it has them
        }
        try {
            ProcFs proc = new ProcFs(options.where().proc());
            return snapshot.withCgroups(CgroupMemoryReader.readAll(proc));
        } catch (IOException e) {
            throw Failure.of(options.where().proc() + ": " + Failure.reason(e), e);
        }
    }

    private void await(long due, long start, ProgressLine progress) {
        long end = start + options.window().nanos();
        for (long left; !isEnough && (left = due - System.nanoTime()) > 0; ) {
            long seconds = (end - System.nanoTime()) / NANOS_PER_SECOND;
            progress.show(
                    "psm growth: "
                            + growth.samples()
                            + (growth.samples() == 1 ? " sample, " : " samples, ")
                            + seconds
                            + " s left; Ctrl-C reports what there is");
            LockSupport.parkNanos(Math.min(left, NANOS_PER_SECOND));
        }
    }

    // Recordings

    private List<MachineFiles.Entry> files() throws Failure {
        if (options.where().period() == null) {
            requireUsual();
        }
        return RecordedFiles.of(options).files();
    }

    private void read(MachineFiles.Entry file) throws Failure {
        String asked = Option.FROM + " " + file.name();
        String problem = RecordedFiles.problemOf(file);
        if (problem != null) {
            throw Failure.usage(asked + ": " + problem, null);
        }
        samples.read(RecordedFiles.lookup(file), asked);
    }

    private void requireUsual() throws Failure {
        RecordedFiles.requireUsual(
                options.where().from(),
                Topic.GROWTH.command,
                "add "
                        + Option.FOR
                        + " 5m to measure here and now, or name a recording with "
                        + Option.FROM);
    }

    // Limits

    /** Fails if memory will be full too soon, and the user wants that to be a failure. */
    private void requireRoom(GrowthReport made) throws Failure {
        Duration within = options.window().within();
        if (within == null) {
            return;
        }
        for (Forecast forecast : made.forecasts()) {
            if (forecast.time().isForeseeable() && forecast.time().millis() <= within.toMillis()) {
                throw Failure.incomplete(
                        Option.STRICT
                                + ": "
                                + GrowthRemarks.full(forecast)
                                + ", within "
                                + TimeText.span(within.toSeconds()));
            }
        }
        if (made.forecasts().isEmpty() || made.withoutLimit() != null) {
            throw Failure.incomplete(
                    Option.STRICT
                            + ": nothing "
                            + (made.withoutLimit() == null ? "here" : "of " + made.withoutLimit())
                            + " says how much memory is available");
        }
        if (made.tooShort() != null) {
            throw Failure.incomplete(
                    Option.STRICT
                            + ": too few samples to say when "
                            + GrowthRemarks.memory(made.tooShort())
                            + " will be full; "
                            + GrowthRemarks.remedy(options.isOfProc()));
        }
    }
}
