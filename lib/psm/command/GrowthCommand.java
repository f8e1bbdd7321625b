package psm.command;

import psm.Psm;
import psm.cgroup.CgroupMemoryReader;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.fleet.MachineFiles;
import psm.format.TimeText;
import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.proc.ProcFs;
import psm.record.Lookup;
import psm.record.Mark;
import psm.record.Sample;
import psm.scan.Snapshot;
import psm.terminal.ProgressLine;
import psm.terminal.Signals;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Moment;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Reports which programs grow, how fast, and when memory will be full. */
public final class GrowthCommand {
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Options options;
    private final StandardOutput output;
    private final Consumer<String> remarks;
    private final Growth growth;
    private final SnapshotSource source;

    /** How often no line is drawn from one sample of a recording to the next. */
    private int gaps;

    /** Whether the user does not want to wait for the end. */
    private volatile boolean isEnough;

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public GrowthCommand(Options options, StandardOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
        this.growth = new Growth(options.what().view().by(), options.which().filter());
        this.source =
                options.where().isFile()
                        ? SnapshotSource.ofSeveral(options)
                        : new SnapshotSource(options, null);
    }

    /** Makes the report and writes it. */
    public void run() throws Failure {
        ReportWriter writer = new ReportWriter(options.looks(), output, remarks);
        Psm.Exporter exporter = writer.exporter(true);
        for (Filter filter : options.filters()) {
            filter.begin();
        }
        if (options.where().isFile()) {
            read();
        } else {
            measure(options.window());
        }
        for (Filter filter : options.filters()) {
            filter.requireFast();
        }
        GrowthReport made = new GrowthReport(growth, chosen());
        Psm.Report report = report(made);
        writer.write(report, exporter);
        if (!options.about().quiet()) {
            new GrowthRemarks(growth, made, options.where().isFile()).all(gaps).forEach(remarks);
        }
        new Remarks(options, growth.last(), source).all(report).forEach(remarks);
        requireRoom(made);
    }

    private Psm.Report report(GrowthReport made) throws Failure {
        try {
            return made.report(growth.last().run().psmVersion());
        } catch (IOException e) {
            throw tooSlow(e);
        }
    }

    private GrowthReport.Chosen chosen() {
        boolean isForPeople =
                options.looks().isTable() || options.looks().format().equals("markdown");
        return new GrowthReport.Chosen(
                options.what().view().maxRows(),
                options.what().view().minBytes(),
                options.what().view().filter(),
                isForPeople);
    }

    private static Failure tooSlow(IOException e) {
        return Failure.of(Option.FILTER + ": " + e.getMessage(), e);
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
            add(withAllCgroups(source.get()));
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

    private void add(Snapshot snapshot) throws Failure {
        try {
            growth.add(snapshot, source.users(snapshot));
        } catch (IOException e) {
            throw tooSlow(e);
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

    private void read() throws Failure {
        Options.Period period = options.where().period();
        if (period == null) {
            requireUsual();
        }
        List<MachineFiles.Entry> files = RecordedFiles.of(options).files();
        MachineFiles.Entry file = files.get(0);
        String asked = Option.FROM + " " + file.name();
        if (files.size() > 1) {
            throw Failure.usage(
                    Option.FROM
                            + ": there are "
                            + files.size()
                            + " machines, and growth is of one; name one recording",
                    null);
        }
        if (!file.isRecording()) {
            boolean isThere = file.path() == null || Files.exists(file.path());
            throw Failure.usage(
                    asked
                            + (isThere
                                    ? ": is of one moment; growth takes a recording, which 'psm"
                                            + " record' writes"
                                    : ": no such file or folder"),
                    null);
        }
        Lookup recording = RecordedFiles.lookup(file);
        Moment since = RecordedFiles.since(recording, period, asked);
        recording.replay(since, period == null ? null : period.until(), this::add);
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

    private boolean add(Sample sample) throws Failure {
        Mark mark = sample.mark();
        gaps += mark != null && mark.isGap() && growth.last() != null ? 1 : 0;
        add(source.chosenOf(sample.snapshot()));
        return true;
    }

    // Limits

    /** Fails if memory will be full too soon, and the user wants that to be a failure. */
    private void requireRoom(GrowthReport made) throws Failure {
        Duration within = options.window().within();
        if (within == null) {
            return;
        }
        for (GrowthReport.Forecast forecast : made.forecasts()) {
            if (forecast.time().isForeseeable() && forecast.time().millis() <= within.toMillis()) {
                throw Failure.incomplete(
                        Option.STRICT
                                + ": "
                                + GrowthRemarks.full(forecast)
                                + ", within "
                                + TimeText.span(within.toSeconds()));
            }
        }
        if (made.forecasts().isEmpty()) {
            throw Failure.incomplete(
                    Option.STRICT + ": nothing here says how much memory is available");
        }
        for (GrowthReport.Forecast forecast : made.forecasts()) {
            if (forecast.isTooShort()) {
                throw Failure.incomplete(
                        Option.STRICT
                                + ": too few samples to say when "
                                + GrowthRemarks.memory(forecast)
                                + " will be full; "
                                + GrowthRemarks.remedy(options.where().isFile()));
            }
        }
    }
}
