package psm.html;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.HtmlText;
import psm.cell.PlaceAndTime;
import psm.report.LeftOut;
import psm.report.ReportHead;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Objects;

/** Writes the start of a page: what browsers need, what was measured, and what is left out. */
final class PageHead {
    private final Psm.Report report;
    private final PlaceAndTime measured;

    PageHead(Psm.Report report) {
        this.report = report;
        this.measured = new PlaceAndTime(report);
    }

    /** Returns what the page shows, in a few words. */
    String title() {
        String title = report.notes().title();
        return title.isEmpty() ? "Memory" : title;
    }

    /**
     * Writes the head of the document, and that of the page. Its policy allows this style sheet and
     * this script, and nothing else: no request, and no code that a name could contain.
     */
    void write(Writer out) throws IOException {
        out.write("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        out.write("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
        out.write("style-src '" + hash(PageStyle.TEXT) + "'; ");
        out.write("script-src '" + hash(PageScript.TEXT) + "'; ");
        out.write("base-uri 'none'; form-action 'none'\">");
        out.write("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        out.write("<title>" + HtmlText.words(title() + " \u2013 " + where()) + "</title>");
        out.write("<style>" + PageStyle.TEXT + "</style></head>\n<body><header>");
        out.write("<h1>" + HtmlText.words(title()) + "</h1>");
        out.write("<p>" + facts() + "</p></header>\n");
    }

    /** Returns the hash of a style sheet or a script as a policy contains it. */
    static String hash(String text) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            byte[] digest = sha256.digest(text.getBytes(StandardCharsets.UTF_8));
            return "sha256-" + Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }

    /** Returns the machine or the machines, and the time; not the machine if the title has it. */
    private String where() {
        String machines = measured.machines();
        String host = machines == null ? report.host() : machines;
        boolean isInTitle = host == null || title().contains(host);
        Psm.Account before = ReportHead.before(report);
        if (before != null) {
            boolean isOne = Objects.equals(PlaceAndTime.value(before, PlaceAndTime.HOST), host);
            return isOne && isInTitle ? measured.firstToLast(false) : measured.since(before, false);
        }
        return (isInTitle ? "" : CellText.name(host, 0) + ", ") + measured.firstToLast(false);
    }

    /** Returns what was measured, and how, as markup. */
    private String facts() {
        StringBuilder facts = new StringBuilder();
        facts.append("<b>").append(HtmlText.words(where())).append("</b><br>");
        facts.append(LeftOut.processes(report.processes().measured())).append(", ");
        facts.append(CellText.measured(report));
        facts.append(report.source() == null ? "" : " from " + HtmlText.words(report.source()));
        if (report.kernel() != null) {
            facts.append(", Linux <bdi>").append(HtmlText.name(report.kernel())).append("</bdi>");
        }
        return facts.append('.').toString();
    }

    /** Writes what the report leaves out: what psm has said about it, or else in short. */
    void remarks(Writer out) throws IOException {
        List<String> remarks = report.notes().remarks();
        List<String> shown = remarks.isEmpty() ? CellText.doubts(report.processes()) : remarks;
        if (shown.isEmpty()) {
            return;
        }
        out.write("<section class=\"r\"><h2>Remarks</h2><ul>");
        for (String remark : shown) {
            out.write("<li>" + HtmlText.words(remark) + "</li>");
        }
        out.write("</ul></section>\n");
    }
}
