package psm.snapshot;

import java.io.IOException;

/** Tells of a file that is no snapshot, or of one that this psm cannot read. */
public final class SnapshotFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * @param problem what is wrong with the file, to stand after its name
     */
    SnapshotFormatException(String problem) {
        super(problem);
    }

    /** Of a file with the right start and end, that makes no sense in between. */
    static SnapshotFormatException damaged(String problem, int offset) {
        return new SnapshotFormatException(
                "makes no sense: " + problem + " (at byte " + offset + ")");
    }
}
