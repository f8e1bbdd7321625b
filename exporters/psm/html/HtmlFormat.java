package psm.html;

import psm.Psm;

import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Writes a report as a page: one file that opens anywhere and asks nobody for anything. */
public final class HtmlFormat {
    private HtmlFormat() {}

    /** Writes a report. */
    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer out = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        out.write("<!DOCTYPE html>\n");
        out.flush();
    }
}
