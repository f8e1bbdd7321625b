package psm.record;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;

/** Reads the samples of one segment in their order, and counts those that cannot be read. */
final class SegmentReader implements Closeable {
    private final FrameReader frames;
    private final SampleReader samples;

    /** The number of samples that the next frame should have before it. */
    private long expected;

    private boolean isChained;
    private long unreadable;
    private Mark mark;

    SegmentReader(Path file, SampleReader samples) throws IOException {
        this.frames = FrameReader.open(file);
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

    /** Returns the version of psm that wrote the segment if it is of another format. */
    String newer() {
        return frames.newer();
    }

    /**
     * Returns the next frame with a sample that can be read; {@code null} at the end. Its content is
     * not read.
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
            if (frame.type() == RecordingFormat.MARK) {
                mark(frames.content()[frames.contentAt()]);
            } else {
                expected++;
                if (frame.type() == RecordingFormat.KEY) {
                    isChained = true;
                }
                if (isChained) {
                    return frame;
                }
                skip(1);
            }
        }
    }

    private void skip(long count) {
        unreadable += count;
        isChained = false;
        samples.reset();
        mark = Mark.stronger(mark, Mark.UNREADABLE);
    }

    private void mark(byte code) {
        if (code >= 1 && code <= RecordingFormat.MARKS.size()) {
            mark = Mark.stronger(mark, RecordingFormat.MARKS.get(code - 1));
        }
    }

    /** Reads the sample of the last frame; returns {@code null} if it makes no sense. */
    Snapshot sample(Frame frame) throws IOException {
        try {
            Snapshot snapshot = samples.read(frame, frames);
            if (snapshot != null) {
                return snapshot;
            }
        } catch (SnapshotFormatException e) {
            // It is counted as one of those that cannot be read.
        }
        skip(1);
        return null;
    }

    @Override
    public void close() throws IOException {
        frames.close();
    }
}
