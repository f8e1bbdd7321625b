package psm.record;

import psm.proc.Host;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Missing;
import psm.text.Sizes;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Takes samples and writes them, until it is ended. It belongs to one thread; other threads may
 * {@link #end} it.
 */
public final class Recorder {
    /** Takes a sample. */
    public interface Source {
        /**
         * Reads all processes.
         *
         * @param isExact whether to read the large ones, too, instead of estimating them
         */
        Snapshot take(boolean isExact) throws IOException;
    }

    /**
     * What to record, and how much of it to keep.
     *
     * @param intervalMillis the time from one sample to the next
     * @param maxCpu the share of one CPU that samples may take
     * @param keep the age from which on samples are deleted
     * @param maxBytes the size from which on the oldest samples are deleted
     * @param isQuiet whether to report errors only
     */
    public record Plan(
            long intervalMillis, double maxCpu, Duration keep, long maxBytes, boolean isQuiet) {
        /** Returns the first line of a recorder. */
        public String inWords() {
            return "records every "
                    + seconds(intervalMillis)
                    + " s, and keeps "
                    + span(keep)
                    + ", at most "
                    + maxBytes / BYTES_PER_MB
                    + " MB; Ctrl-C ends it";
        }

        private static String span(Duration time) {
            return time.toSecondsPart() > 0
                    ? time.toSeconds() + " s"
                    : time.toMinutesPart() > 0
                            ? time.toMinutes() + " min"
                            : time.toHoursPart() > 0
                                    ? time.toHours() + " h"
                                    : time.toDays() + (time.toDays() == 1 ? " day" : " days");
        }
    }

    /** Formats a time in seconds, without decimals if there are none. */
    private static String seconds(long millis) {
        long tenths = Math.round(10.0 * millis / MILLIS_PER_SECOND);
        return tenths % 10 == 0 ? Long.toString(tenths / 10) : Sizes.tenths(tenths);
    }

    /** The time from one sample to the next unless the user asks for another. */
    public static final int USUAL_SECONDS = 60;

    /**
     * How often large processes are read. If it is short, a process of hundreds of GB is disturbed
     * often; if it is long, its figures are old.
     */
    private static final long EXACT_MILLIS = TimeUnit.MINUTES.toMillis(10);

    private static final long BYTES_PER_MB = 1 << 20;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MILLIS_PER_SECOND = 1e3;
    private static final int PERCENT = 100;

    private final RecordingFolder folder;
    private final RecordingWriter writer;
    private final Source source;
    private final Plan plan;
    private final ProcFs proc;
    private final OwnProcess self;
    private final Schedule schedule;
    private final Consumer<String> messages;
    private final Thread thread = Thread.currentThread();

    private volatile boolean isEnded;

    /** The uptime of the last sample with all processes; -1 for none. */
    private long exactMillis = -1;

    /** The CPU time that was used up to the end of the last sample. */
    private long usedNanos;

    /** The number of samples that are missing since the last one that was written. */
    private int missing;

    private boolean isCostShown;

    /**
     * Makes a recorder.
     *
     * @param messages receives a line for each thing that the user should know meanwhile
     */
    public Recorder(
            RecordingWriter writer,
            Source source,
            Plan plan,
            ProcFs proc,
            Consumer<String> messages) {
        this.folder = writer.folder();
        this.writer = writer;
        this.source = source;
        this.plan = plan;
        this.proc = proc;
        this.self = new OwnProcess(proc);
        this.schedule = new Schedule(plan.intervalMillis(), plan.maxCpu());
        this.messages = messages;
    }

    /**
     * Takes samples until {@link #end} is called.
     *
     * @throws Failure if the folder is no longer there
     */
    public void run() throws Failure {
        usedNanos = self.cpuNanos();
        remark(folder.asked() + ": " + plan.inWords());
        mark(Mark.STARTED);
        while (!isEnded) {
            long now = now();
            schedule.look(now, ShortMemory.isNow(proc));
            if (schedule.isDue(now)) {
                sample(now);
            } else {
                park(schedule.waitMillis(now));
            }
        }
        mark(Mark.STOPPED);
    }

    /**
     * Takes one sample, for a recording whose other samples other runs of psm take.
     *
     * @throws Failure if it cannot be taken or written
     */
    public void once() throws Failure {
        long now = now();
        long before = now - plan.intervalMillis();
        writer.interval(plan.intervalMillis());
        try {
            Snapshot sample = source.take(now / EXACT_MILLIS > before / EXACT_MILLIS);
            writer.prune(plan.keep(), plan.maxBytes());
            writer.append(sample);
        } catch (IOException e) {
            throw Failure.of(folder.asked() + ": " + Failure.reason(e), e);
        }
    }

    /** Ends the recording after the sample that is being taken. */
    public void end() {
        isEnded = true;
        LockSupport.unpark(thread);
    }

    /** Returns the time since the host was started, in milliseconds, also while it is suspended. */
    private long now() {
        long uptime = Host.uptimeMillis(proc);
        return Missing.is(uptime) ? TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) : uptime;
    }

    private void park(long millis) {
        if (!isEnded) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
        }
    }

    private void mark(Mark mark) {
        try {
            writer.mark(mark);
        } catch (IOException e) {
            // The next sample, if there is one, is not written either, and says why.
        }
    }

    private void sample(long now) throws Failure {
        if (schedule.isChanged()) {
            mark(Mark.INTERVAL_CHANGED);
        }
        writer.interval(schedule.interval());
        boolean isExact = exactMillis < 0 || now - exactMillis >= EXACT_MILLIS;
        exactMillis = isExact ? now : exactMillis;
        requireFolder();
        try {
            write(source.take(isExact));
        } catch (IOException e) {
            miss(folder.asked() + ": " + Failure.reason(e));
        } catch (OutOfMemoryError e) {
            miss("Java has run out of memory");
        } catch (RuntimeException e) {
            miss(Failure.DEFECT + e);
        }
        schedule.sampled(now);
        // Java gives memory back only then, and would collect only when it has taken all it may.
        System.gc();
        long used = self.cpuNanos();
        if (schedule.cost(used - usedNanos)) {
            showCost(used - usedNanos);
        }
        usedNanos = used;
    }

    private void requireFolder() throws Failure {
        if (!folder.isInPlace()) {
            throw Failure.of(
                    folder.asked()
                            + ": was removed or replaced, so psm has ended; start it once more",
                    null);
        }
    }

    private void write(Snapshot sample) throws IOException {
        writer.prune(plan.keep(), plan.maxBytes());
        writer.append(sample);
        if (missing > 0) {
            String count = missing == 1 ? "one is missing" : missing + " are missing";
            remark(folder.asked() + ": samples are written again; " + count);
            missing = 0;
        }
    }

    /** Goes on without a sample; only the first of several in a row gets a line. */
    private void miss(String why) {
        mark(Mark.DROPPED);
        if (missing++ == 0) {
            messages.accept(why + "; samples are missing from now on");
        }
    }

    private void showCost(long nanos) {
        if (!isCostShown && schedule.usual() > plan.intervalMillis()) {
            isCostShown = true;
            remark(
                    "a sample takes about "
                            + Math.round(nanos / NANOS_PER_MILLI)
                            + " ms of CPU time, more than "
                            + Math.round(PERCENT * plan.maxCpu())
                            + " % of one CPU; samples are taken every "
                            + seconds(schedule.usual())
                            + " s instead of every "
                            + seconds(plan.intervalMillis())
                            + " s");
        }
    }

    private void remark(String line) {
        if (!plan.isQuiet()) {
            messages.accept(line);
        }
    }
}
