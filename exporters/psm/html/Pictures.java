package psm.html;

import psm.Psm;

import java.io.IOException;
import java.io.Writer;

/** Draws the pictures of a report. */
final class Pictures {
    private Pictures() {}

    /** Appends a figure for each picture of a report, with its table. */
    static void append(Writer out, Psm.Report report, Psm.Output output) throws IOException {
        out.write("");
    }
}
