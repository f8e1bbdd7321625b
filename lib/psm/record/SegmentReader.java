package psm.record;

import psm.delta.SampleReader;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.text.Text;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Reads the samples of one segment in their order, and counts those that cannot be read. */
final class SegmentReader implements Closeable {
    private final FrameReader frames;
    private final SampleReader samples;

    /** The number of samples that the next frame should have before it. */
    private long expected;

    /** Whether no sample since the last key frame is missing. */
    private boolean isChained;

    /** The last key frame, and its offset; {@code null} before the first. */
    private Frame key;

    private long keyStart;
    private long lastEnd;
    private long unreadable;
    private Mark mark;

    /** What is wrong with the first sample that makes no sense; {@code null} for none. */
    private String problem;

    SegmentReader(Path file, SampleReader samples) throws IOException {
        this(FrameReader.open(file), samples);
    }

    SegmentReader(FrameReader frames, SampleReader samples) {
        this.frames = frames;
        this.samples = samples;
        samples.reset();
    }

    /** Returns what happened before the next sample. */
    Mark takeMark() {
        Mark taken = mark;
        mark = null;
        return taken;
    }

    /** Returns the number of samples so far that cannot be read. */
    long unreadable() {
        return unreadable;
    }

    /** Says which psm can read the segment if it has another format; else {@code null}. */
    String newer() {
        return frames.newer();
    }

    /**
     * Returns the next frame with a sample that can be read; {@code null} at the end. Its content
     * is not read.
     */
    Frame next() throws IOException {
        while (true) {
            Frame frame = frames.next();
            boolean isDamaged = frames.isDamaged();
            if (frame == null) {
                unreadable += isDamaged && frames.isTorn() ? 1 : 0;
                return null;
            }
            if (frame.number() != expected) {
                skip(Math.max(0, frame.number() - expected));
            }
            expected = frame.number();
            lastEnd = frames.position();
            if (frame.type() == RecordingFormat.MARK) {
                frames.waste(0);
                mark(frames.content()[frames.contentAt()]);
            } else {
                expected++;
                if (frame.type() == RecordingFormat.KEY) {
                    isChained = true;
                    key = frame;
                    keyStart = frames.start();
                }
                if (isChained) {
                    return frame;
                }
                frames.waste(0);
                skip(1);
            }
        }
    }

    private void skip(long count) {
        unreadable = Math.min(unreadable + count, RecordingFormat.MAX_SAMPLES);
        isChained = false;
        samples.reset();
        mark = Mark.stronger(mark, Mark.UNREADABLE);
    }

    private void mark(byte code) {
        if (code >= 1 && code <= RecordingFormat.MARKS.size()) {
            mark = Mark.stronger(mark, RecordingFormat.MARKS.get(code - 1));
        }
    }

    /** Returns the last key frame, to which {@link #seek} goes back; {@code null} for none. */
    Frame key() {
        return key;
    }

    /** Returns the offset of {@link #key}. */
    long keyStart() {
        return keyStart;
    }

    /** Returns the offset behind the last frame, a mark or a sample, that is not damaged. */
    long lastEnd() {
        return lastEnd;
    }

    /** Returns the number of samples before that offset. */
    int samples() {
        return (int) expected;
    }

    /** Returns whether this version of psm wrote the segment. */
    boolean isOwn() {
        return frames.isOwn();
    }

    /** Goes back to a key frame at an offset. */
    void seek(long start, Frame key) {
        frames.seek(start);
        rewind(key.number());
    }

    /** Goes back to the start. */
    void rewind() {
        frames.seek(0);
        rewind(0);
    }

    private void rewind(int number) {
        expected = number;
        isChained = false;
        unreadable = 0;
        mark = null;
        samples.reset();
    }

    /** Reads the last frame; returns whether its sample, or the one before, makes sense. */
    boolean apply(Frame frame) {
        try {
            if (samples.apply(
                    frame.type() == RecordingFormat.KEY,
                    frames.content(),
                    frames.contentAt(),
                    frames.contentLength())) {
                return true;
            }
            skip(1);
        } catch (SnapshotFormatException | RuntimeException e) {
            fail(e);
        }
        return false;
    }

    /** Reads the sample of the last frame; returns {@code null} if it makes no sense. */
    Snapshot sample(Frame frame) {
        if (!apply(frame)) {
            return null;
        }
        try {
            return samples.snapshot();
        } catch (SnapshotFormatException | RuntimeException e) {
            fail(e);
            return null;
        }
    }

    /**
     * Counts the last frame as a sample that cannot be read: no bytes may keep the others, or the
     * recorder, from going on, whatever psm overlooks.
     */
    private void fail(Exception e) {
        if (problem == null) {
            problem =
                    Text.printable(
                            e instanceof SnapshotFormatException ? e.getMessage() : e.toString());
        }
        waste();
        skip(1);
    }

    /** Counts the last frame as one that was read in vain. */
    void waste() {
        frames.waste(samples.inflatedBytes());
    }

    /** Returns what is wrong with the first sample that makes no sense; {@code null} for none. */
    String problem() {
        return problem;
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }
}
