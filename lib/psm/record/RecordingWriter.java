package psm.record;

import psm.delta.SampleWriter;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Missing;
import psm.trust.AtomicFile;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Writes a recording. It goes on in the last segment if that is of this version of psm, this boot
 * and this day, and starts a new one otherwise. Belongs to one thread.
 */
public final class RecordingWriter implements Closeable {
    /** How much the difference between the clocks changes without a mark: they drift. */
    private static final long MAX_DRIFT_MILLIS = 2_000;

    /** How many times the usual interval may pass without a mark, in halves. */
    private static final int MAX_INTERVAL_HALVES = 5;

    private final Path folder;
    private final FolderLock lock;
    private final SampleWriter samples = new SampleWriter();

    /** The segment that is written; {@code null} before the first sample. */
    private SegmentWriter segment;

    /** The last sample that was written, or was the last in the folder; {@code null} if none. */
    private Frame last;

    private Mark mark;
    private long intervalMillis;

    private RecordingWriter(Path folder, FolderLock lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Locks a folder, which is made if it does not exist, and continues the recording in it.
     *
     * @param asked the option and the folder, for messages
     * @param waitMillis how long to wait while another recorder writes there
     * @throws Failure if it is not possible, or another recorder writes there
     */
    public static RecordingWriter open(String asked, Path folder, long waitMillis) throws Failure {
        try {
            makeFolder(folder);
            FolderLock lock = FolderLock.take(asked, folder, waitMillis);
            RecordingWriter writer = new RecordingWriter(folder, lock);
            try {
                writer.openLast();
                return writer;
            } catch (IOException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw Failure.of(asked + ": cannot be written: " + Failure.reason(e), e);
        }
    }

    private static void makeFolder(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(folder, AtomicFile.atMost("rwxr-x---"));
            SegmentWriter.permit(folder, "rwxr-x---");
        }
    }

    private void openLast() throws IOException {
        Segments segments = Segments.in(folder);
        int count = segments.files().size();
        if (count > 0) {
            segment = SegmentWriter.open(segments.files().get(count - 1), samples);
            last = segment == null ? null : segment.last();
        }
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
        try {
            write(snapshot, frame);
            last = frame;
            mark = null;
        } catch (IOException e) {
            samples.forget();
            mark = Mark.stronger(mark, Mark.DROPPED);
            throw e;
        }
    }

    private void write(Snapshot snapshot, Frame frame) throws IOException {
        if (segment == null || !segment.continues(frame)) {
            if (segment != null) {
                segment.close();
                segment = null;
            }
            samples.forget();
            segment = SegmentWriter.create(folder, Segments.in(folder).last() + 1);
        }
        byte type = samples.write(snapshot) ? RecordingFormat.KEY : RecordingFormat.DELTA;
        segment.append(frame.as(type, 0), mark, samples);
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
        if (intervalMillis > 0 && passed > intervalMillis * MAX_INTERVAL_HALVES / 2) {
            return Mark.GAP;
        }
        long step = frame.clockMillis() - before.clockMillis();
        return Math.abs(step) > MAX_DRIFT_MILLIS ? Mark.CLOCK_STEPPED : null;
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
     * Deletes the oldest segments.
     *
     * @param keep how old a segment may be
     * @param maxBytes how much all segments may take; the one that is written stays
     */
    public void prune(Duration keep, long maxBytes) throws IOException {
        // Segments are few, and each has a known end.
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
