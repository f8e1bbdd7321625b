package psm.command;

import psm.cli.Option;
import psm.cli.Options;
import psm.cli.RecordArguments;
import psm.name.UserNames;
import psm.proc.FileName;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.proc.WalkCost;
import psm.record.Recorder;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotBudget;
import psm.terminal.Signals;
import psm.terminal.StandardOutput;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Runs {@code psm record}.
 *
 * @param asked what the command line requests
 * @param messages receives a line for each thing that the user should know meanwhile
 */
public record RecordCommand(
        RecordArguments asked, StandardOutput output, Consumer<String> messages) {
    /**
     * How long the kernel may take to add up the memory of a process, most of the time. Meanwhile
     * the process cannot map memory. If it is too low, many processes are estimated; if it is too
     * high, the recorder disturbs large processes.
     */
    private static final long MAX_WALK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /**
     * How long one sample may take; what is not read by then is estimated. systemd(1) kills a
     * recorder that has not ended after twice as long.
     */
    private static final long MAX_SAMPLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long one sample waits for another one that cron has started. */
    private static final long MAX_WAIT_MILLIS = TimeUnit.SECONDS.toMillis(10);

    /** The signals that end a recording. */
    private static final List<String> ENDS = List.of("TERM", "INT", "HUP");

    /** The number of threads: a sample may take its time, and should take no memory for more. */
    private static final int WORKERS = 1;

    /** Takes samples until a signal ends psm, or one. */
    public void run() throws Failure {
        if (asked.text() != null) {
            output.print(asked.text());
            return;
        }
        long wait = asked.once() ? MAX_WAIT_MILLIS : 0;
        RecordingFolder folder = folder();
        try (RecordingWriter writer = RecordingWriter.open(folder, wait)) {
            ProcFs proc = new ProcFs(Options.proc(null));
            Recorder recorder = new Recorder(writer, new Samples(proc), plan(), proc, messages);
            if (asked.once()) {
                recorder.once();
            } else {
                for (String signal : ENDS) {
                    Signals.handleOnce(signal, recorder::end);
                }
                recorder.run();
            }
        } catch (IOException e) {
            throw Failure.of(folder.asked() + ": " + Failure.reason(e), e);
        }
    }

    private RecordingFolder folder() throws Failure {
        if (asked.dir() != null) {
            Path path = FileName.path(asked.dir());
            return RecordingFolder.of(Option.DIR + " " + asked.dir(), path);
        }
        Path usual = Path.of(Options.RECORDINGS);
        if (!new OwnProcess().isRoot() && !Files.isWritable(usual)) {
            throw Failure.usage(
                    RecordArguments.RECORD
                            + ": only root can record into "
                            + usual
                            + "; add "
                            + Option.DIR
                            + " DIR for a folder of your own, or run it with sudo",
                    null);
        }
        return RecordingFolder.ofSystem(usual);
    }

    private Recorder.Plan plan() {
        return new Recorder.Plan(
                asked.intervalMillis(),
                asked.maxCpu(),
                asked.keep(),
                asked.maxBytes(),
                asked.quiet());
    }

    /** Takes samples with all details that reports of a snapshot may need. */
    private final class Samples implements Recorder.Source {
        private final ProcFs proc;
        private final ScanRequest all;
        private final WalkCost cost = new WalkCost();

        Samples(ProcFs proc) {
            this.proc = proc;
            ScanRequest request =
                    ScanRequest.of(Source.AUTO)
                            .with(Detail.ofSnapshots())
                            .learning(cost)
                            .within(MAX_SAMPLE_NANOS);
            this.all = asked.noCommands() ? request.withoutCommands() : request;
        }

        @Override
        public Snapshot take(boolean isExact) throws IOException {
            long estimateAbove = isExact ? 0 : MAX_WALK_NANOS;
            ScanRequest request = all.within(ScanRequest.DEFAULT_TIMEOUT_NANOS, estimateAbove);
            Snapshot sample = new Scanner(proc, request).scan(WORKERS);
            if (isExact) {
                learn(sample);
            }
            return SnapshotBudget.fit(sample.withNames(UserNames.of(proc)));
        }

        /** Learns from the largest processes, which other samples estimate. */
        private void learn(Snapshot sample) {
            for (Snapshot.Slow slow : sample.run().slowest()) {
                for (ProcessMemory process : sample.processes()) {
                    if (process.pid() == slow.pid() && process.estimate() == null) {
                        cost.learn(process.details().status().pageTables(), slow.nanos());
                    }
                }
            }
        }
    }
}
