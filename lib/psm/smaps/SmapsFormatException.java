package psm.smaps;

import java.io.IOException;

/**
 * Reports a malformed smaps or smaps_rollup: a known field without a number, a number that does not
 * fit into a {@code long}, or a line that is too long.
 */
public final class SmapsFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception for a place in a file.
     *
     * @param problem what is wrong, printable
     * @param offset the start of the line, in bytes from the start of the file
     */
    SmapsFormatException(String problem, long offset) {
        super(problem + " (at byte " + offset + ")");
    }

    /**
     * Adds the name of the file to a problem.
     *
     * @param file smaps or smaps_rollup
     */
    public SmapsFormatException(String file, SmapsFormatException problem) {
        super(file + ": " + problem.getMessage(), problem);
    }
}
