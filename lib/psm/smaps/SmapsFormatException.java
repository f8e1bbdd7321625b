package psm.smaps;

import java.io.IOException;

/**
 * Tells of a known field in smaps or smaps_rollup whose figure is none, or does not fit a {@code
 * long}, and of a line that is too long to be one.
 */
public final class SmapsFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * @param problem what is wrong, printable
     * @param offset where the offending line starts, in bytes from the start of the file
     */
    SmapsFormatException(String problem, long offset) {
        super(problem + " (at byte " + offset + ")");
    }

    /**
     * Adds the name of the file to a problem.
     *
     * @param file the one that it is in: smaps or smaps_rollup
     */
    public SmapsFormatException(String file, SmapsFormatException problem) {
        super(file + ": " + problem.getMessage(), problem);
    }
}
