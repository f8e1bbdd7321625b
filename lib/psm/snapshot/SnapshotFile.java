package psm.snapshot;

import psm.scan.Snapshot;

import java.io.IOException;
import java.io.InputStream;

/** Reads snapshots that were written to a file. */
public final class SnapshotFile {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private SnapshotFile() {}

    /** Returns whether a stream starts like a snapshot; it can be read from there again. */
    public static boolean isStart(InputStream in) throws IOException {
        int length = SnapshotFormat.MAGIC.length();
        in.mark(length);
        byte[] start = in.readNBytes(length);
        in.reset();
        return start.length == length && SnapshotReader.isStart(start, length);
    }

    /**
     * Reads a snapshot from a stream. If the stream starts like no snapshot, the rest is not read.
     */
    public static Snapshot read(InputStream in) throws IOException {
        return SnapshotReader.read(in);
    }
}
