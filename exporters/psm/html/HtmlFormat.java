package psm.html;

import psm.Psm;
import psm.cell.Figures;
import psm.cell.HtmlText;
import psm.svg.Pictures;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a report as a page: one file that opens anywhere and asks for nothing. From the top come
 * what was measured and what is left out, the pictures, all rows, the kernel's own figures, and how
 * each figure is made. Without its script it shows all of this too; the script sorts and filters.
 */
public final class HtmlFormat {
    private HtmlFormat() {}

    /** Writes a report. */
    public static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer out =
                new BufferedWriter(new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8));
        PageHead head = new PageHead(report);
        head.write(out);
        out.write("<main>");
        head.remarks(out);
        Pictures.append(out, report, output);
        HtmlAccounts accounts = new HtmlAccounts(report, output.layout());
        accounts.write(out, true);
        Map<String, String> titles = rows(out, report, output.layout(), head.title());
        accounts.write(out, false);
        accounts.titles().forEach(titles::putIfAbsent);
        explanations(out, report, titles);
        out.write("</main>\n<footer><p>" + units(report, output.layout()) + "</p></footer>");
        out.write("<script>" + PageScript.TEXT + "</script></body></html>\n");
        out.flush();
    }

    /** Writes the rows, and returns the titles of their columns by their keys. */
    private static Map<String, String> rows(
            Writer out, Psm.Report report, Psm.Layout layout, String title) throws IOException {
        int rows = report.rows().size();
        int all = rows + (report.more() == null ? 0 : report.more().rows());
        String words = (rows == all ? "" : rows + " of ") + all + (all == 1 ? " row" : " rows");
        boolean isTotal = layout.totalsAlone();
        String which = rows < all || all == 1 ? words : all == 0 ? "No rows" : "All " + words;
        out.write("<h2>" + (isTotal ? "Total" : which) + "</h2>");
        HtmlTable table = new HtmlTable(report, report.columns(), report.rows(), layout, true);
        table.write(out, title + (isTotal ? ", total" : ", " + words));
        String mark = HtmlTable.meaningOfMark(report);
        out.write(mark.isEmpty() ? "" : "<p class=\"soft\">" + mark + "</p>\n");
        Map<String, String> titles = new LinkedHashMap<>();
        table.addTitles(titles);
        return titles;
    }

    /** Writes how the figures are made that the page shows. */
    private static void explanations(Writer out, Psm.Report report, Map<String, String> titles)
            throws IOException {
        titles.keySet().retainAll(report.notes().explanations().keySet());
        if (titles.isEmpty()) {
            return;
        }
        out.write("<section><h2>How each figure is made</h2><dl>");
        for (Map.Entry<String, String> title : titles.entrySet()) {
            String words = report.notes().explanations().get(title.getKey());
            out.write("<div><dt>" + HtmlText.words(title.getValue()) + "</dt>");
            out.write("<dd>" + HtmlText.words(words) + "</dd></div>\n");
        }
        out.write("</dl></section>\n");
    }

    private static String units(Psm.Report report, Psm.Layout layout) {
        Figures figures = new Figures(report, layout, false, List.of(), List.of());
        String version = HtmlText.words(report.psmVersion());
        return figures.unitInWords() + ". Times are in UTC. Made by psm " + version + ".";
    }
}
