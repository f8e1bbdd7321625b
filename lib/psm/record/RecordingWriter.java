package psm.record;

import psm.delta.SampleWriter;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Missing;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Writes a recording. It goes on in the last segment if that is of this version of psm, this boot
 * and this day, and starts a new one otherwise. Belongs to one thread.
 */
public final class RecordingWriter implements Closeable {
    /** How much the difference between the clocks changes without a mark: they drift. */
    public static final long MAX_DRIFT_MILLIS = 2_000;

    /** How many times the usual interval may pass without a mark, in halves. */
    private static final int MAX_INTERVAL_HALVES = 5;

    private final RecordingFolder folder;
    private final FolderLock lock;
    private final SampleWriter samples = new SampleWriter();

    /** The segment that is written; {@code null} before the first sample. */
    private SegmentWriter segment;

    /** The last sample that was written, or was the last in the folder; {@code null} if none. */
    private Frame last;

    private Mark mark;
    private long intervalMillis;

    /** The time between the last samples, and between those before them; 0 if it is not known. */
    private long passedMillis;

    private long passedBefore;
    private final Retention retention;

    private RecordingWriter(RecordingFolder folder, FolderLock lock) {
        this.folder = folder;
        this.lock = lock;
        this.retention = new Retention(folder.path());
    }

    /**
     * Locks a folder, which is made if it does not exist, and continues the recording in it.
     *
     * @param waitMillis how long to wait while another recorder writes there
     * @throws Failure if it is not possible, or another recorder writes there
     */
    public static RecordingWriter open(RecordingFolder folder, long waitMillis) throws Failure {
        try {
            folder.make();
            FolderLock lock = FolderLock.take(folder.asked(), folder.path(), waitMillis);
            try {
                RecordingWriter writer = new RecordingWriter(folder, lock);
                writer.openLast();
                return writer;
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw Failure.of(folder.asked() + ": cannot be written: " + Failure.reason(e), e);
        }
    }

    /** Returns the folder of the recording. */
    RecordingFolder folder() {
        return folder;
    }

    private void openLast() throws IOException {
        Segments segments = Segments.in(folder.path());
        SegmentFile.path(folder.path(), segments.last() + 1); // which there must be
        int count = segments.files().size();
        if (count > 0) {
            Path path = segments.files().get(count - 1);
            segment = SegmentWriter.open(path, samples);
            for (Frame frame : segment == null ? List.<Frame>of() : segment.lastFrames()) {
                remember(frame);
            }
            retention.currentIs(segment == null ? null : path);
        }
    }

    private void remember(Frame frame) {
        if (last != null && !Missing.is(last.uptimeMillis()) && !Missing.is(frame.uptimeMillis())) {
            passedBefore = passedMillis;
            passedMillis = Math.max(0, frame.uptimeMillis() - last.uptimeMillis());
        }
        last = frame;
    }

    /**
     * Sets the usual time between two samples: after a much longer one there is a mark.
     *
     * @param millis 0 if it is not known
     */
    public void interval(long millis) {
        intervalMillis = millis;
    }

    /**
     * Writes a sample.
     *
     * @throws IOException if it could not be written, for instance since the disk is full; the next
     *     sample can be tried nevertheless
     */
    public void append(Snapshot snapshot) throws IOException {
        Frame frame = Frame.of(snapshot);
        mark = Mark.stronger(mark, between(last, frame));
        boolean isWritten = false;
        try {
            write(snapshot, frame);
            isWritten = true;
            remember(frame);
            mark = null;
        } finally {
            if (!isWritten) { // the next sample must not be a difference to this one
                samples.forget();
                mark = Mark.stronger(mark, Mark.DROPPED);
            }
        }
    }

    private void write(Snapshot snapshot, Frame frame) throws IOException {
        if (segment == null || !segment.continues(frame, retention)) {
            if (segment != null) {
                segment.close();
                segment = null;
            }
            samples.forget();
            requireFolder();
            segment = SegmentWriter.create(folder.path(), Segments.in(folder.path()).last() + 1);
            retention.currentIs(segment.path());
        }
        byte type = samples.write(snapshot) ? RecordingFormat.KEY : RecordingFormat.DELTA;
        try {
            segment.append(frame.as(type, 0), mark, samples);
        } finally {
            if (!segment.isStarted()) { // the disk is full: each try would leave an empty file
                segment.abandon();
                segment = null;
            }
        }
    }

    private Mark between(Frame before, Frame frame) {
        if (before == null) {
            return null;
        }
        if (!before.boot().equals(frame.boot())) {
            return Mark.REBOOTED;
        }
        if (Missing.is(before.uptimeMillis()) || Missing.is(frame.uptimeMillis())) {
            return null;
        }
        long passed = frame.uptimeMillis() - before.uptimeMillis();
        long usual = Math.max(intervalMillis, usualMillis());
        if (usual > 0 && passed / MAX_INTERVAL_HALVES > usual / 2) {
            return Mark.GAP;
        }
        long step = frame.clockMillis() - before.clockMillis();
        return Math.abs(step) > MAX_DRIFT_MILLIS ? Mark.CLOCK_STEPPED : null;
    }

    /**
     * Returns the shorter of the last two times between samples: one of them may be a gap. A job
     * that takes one sample may run less often than a recorder would.
     */
    private long usualMillis() {
        return Math.min(passedMillis, passedBefore);
    }

    /**
     * Marks that no line is drawn from the last sample to the next. {@link Mark#STOPPED} is written
     * at once, all others with the next sample.
     */
    public void mark(Mark mark) throws IOException {
        this.mark = Mark.stronger(this.mark, mark);
        if (mark == Mark.STOPPED && segment != null && last != null) {
            segment.append(last, mark);
        }
    }

    /**
     * Deletes the oldest segments, but never the one that is written.
     *
     * @param keep how old a sample may be, as of the last sample
     * @param maxBytes how much all segments may take
     */
    public void prune(Duration keep, long maxBytes) throws IOException {
        requireFolder();
        retention.prune(keep, maxBytes, last);
    }

    private void requireFolder() throws IOException {
        if (!folder.isInPlace()) {
            throw new IOException("the folder was replaced");
        }
    }

    @Override
    public void close() throws IOException {
        try (lock) {
            if (segment != null) {
                segment.close();
            }
        }
    }
}
