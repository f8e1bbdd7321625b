package psm.html;

import psm.Psm;
import psm.cell.HtmlText;
import psm.svg.Pictures;

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
        out.write("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        out.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        out.write("<title>" + HtmlText.words(report.notes().title()) + "</title>");
        out.write("<style>" + PageStyle.TEXT + "</style></head><body><main>");
        out.write("<h1>" + HtmlText.words(report.notes().title()) + "</h1>");
        Pictures.append(out, report, output);
        out.write("</main><script>" + PageScript.TEXT + "</script></body></html>\n");
        out.flush();
    }
}
