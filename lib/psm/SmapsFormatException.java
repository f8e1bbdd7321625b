package psm;

import java.io.IOException;

/**
 * Tells of a known field in smaps or smaps_rollup whose figure is none, or does not fit a {@code
 * long}.
 */
final class SmapsFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * @param problem what is wrong, printable
     * @param offset where the offending line starts, in bytes from the start of the file
     */
    SmapsFormatException(String problem, long offset) {
        super(problem + " (at byte " + offset + ")");
    }
}
