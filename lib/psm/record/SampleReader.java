package psm.record;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;

import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Makes snapshots of the contents of frames, each of which may be the difference to the last one. */
final class SampleReader {
    /** The limit of an inflated frame: that of a snapshot. */
    private static final int MAX_BYTES = 16 << 20;

    private static final int START_BYTES = 1 << 16;

    private final Inflater inflater = new Inflater(true);
    private byte[] inflated = new byte[START_BYTES];

    /** The last sample; {@code null} if differences to it cannot be read. */
    private Snapshot last;

    /** Forgets the last sample, so that the next one that can be read is that of a key frame. */
    void reset() {
        last = null;
    }

    /**
     * Reads a sample.
     *
     * @return {@code null} if it is a difference to one that could not be read
     * @throws SnapshotFormatException if the content makes no sense
     */
    Snapshot read(Frame frame, FrameReader reader) throws IOException {
        if (frame.type() != RecordingFormat.KEY) {
            return null;
        }
        last = null;
        int length = inflate(reader.content(), reader.contentAt(), reader.contentLength());
        last = SnapshotReader.read(inflated, length);
        return last;
    }

    private int inflate(byte[] from, int at, int length) throws SnapshotFormatException {
        inflater.reset();
        inflater.setInput(from, at, length);
        int size = 0;
        try {
            while (true) {
                size += inflater.inflate(inflated, size, inflated.length - size);
                if (inflater.finished()) {
                    return size;
                }
                if (size < inflated.length || size >= MAX_BYTES) {
                    throw new SnapshotFormatException("a frame is cut or too large");
                }
                inflated =
                        java.util.Arrays.copyOf(inflated, Math.min(2 * inflated.length, MAX_BYTES));
            }
        } catch (DataFormatException e) {
            throw new SnapshotFormatException("a frame cannot be inflated");
        }
    }
}
