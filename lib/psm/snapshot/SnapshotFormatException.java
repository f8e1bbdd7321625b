package psm.snapshot;

import java.io.IOException;

/** Reports a file that is not a snapshot, or one that this psm cannot read. */
public final class SnapshotFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param problem what is wrong with the file; messages show it after the file's name
     */
    public SnapshotFormatException(String problem) {
        super(problem);
    }

    /** Returns an exception for a file with the right start and end, and an error between them. */
    static SnapshotFormatException damaged(String problem, int offset) {
        return new SnapshotFormatException(
                "makes no sense: " + problem + " (at byte " + offset + ")");
    }

    /** Returns an exception for tables that no scan could see. */
    static SnapshotFormatException damaged(String problem) {
        return new SnapshotFormatException("makes no sense: " + problem);
    }
}
