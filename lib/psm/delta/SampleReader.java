package psm.delta;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotBuilder;
import psm.snapshot.SnapshotFormatException;
import psm.snapshot.SnapshotReader;
import psm.snapshot.SnapshotTables;

import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads samples, each of which may be the difference to the last one. What did not change from one
 * to the next are the same objects. The bytes need not be trusted. Belongs to one thread.
 */
public final class SampleReader {
    /** The limit of an inflated frame: that of a snapshot. */
    private static final int MAX_BYTES = 16 << 20;

    private static final int START_BYTES = 1 << 16;

    private final Inflater inflater = new Inflater(true);
    private byte[] inflated = new byte[START_BYTES];

    /** Makes the samples since a key frame; {@code null} before the first. */
    private SnapshotBuilder builder;

    private int[][] slots;

    /** Whether differences to the last sample can be read. */
    private boolean isChained;

    /** Forgets the last sample, so that the next one that can be read is that of a key frame. */
    public void reset() {
        isChained = false;
    }

    /**
     * Reads what {@link SampleWriter} wrote, in {@code bytes[at..at + length)}.
     *
     * @param isKey whether it is a whole sample
     * @return false if it is a difference to one that could not be read
     * @throws SnapshotFormatException if the content makes no sense
     */
    public boolean apply(boolean isKey, byte[] bytes, int at, int length)
            throws SnapshotFormatException {
        if (!isKey && !isChained) {
            return false;
        }
        isChained = false;
        int size = inflate(bytes, at, length);
        if (isKey) {
            builder = new SnapshotBuilder(SnapshotReader.tables(inflated, size), builder);
            slots = DeltaReader.newSlots();
        } else {
            DeltaReader.apply(inflated, size, builder.tables(), slots);
        }
        isChained = true;
        return true;
    }

    /**
     * Returns the sample that was read last.
     *
     * @throws SnapshotFormatException if no scan could see that
     */
    public Snapshot snapshot() throws SnapshotFormatException {
        return builder.snapshot();
    }

    /** Returns the tables of the sample that was read last. */
    public SnapshotTables tables() {
        return builder.tables();
    }

    /** Returns how many bytes the last content was inflated to, as far as it was. */
    public long inflatedBytes() {
        return inflater.getBytesWritten();
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
                inflated = Arrays.copyOf(inflated, Math.min(2 * inflated.length, MAX_BYTES));
            }
        } catch (DataFormatException e) {
            throw new SnapshotFormatException("a frame cannot be inflated");
        }
    }
}
