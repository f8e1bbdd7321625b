package psm.svg;

import psm.Psm;

import java.io.IOException;
import java.io.Writer;

/** Draws the pictures of a report. */
public final class Pictures {
    private Pictures() {}

    /** Appends a figure for each picture of a report, with its table. */
    public static void append(Writer out, Psm.Report report, Psm.Output output) throws IOException {
        out.write("");
    }
}
