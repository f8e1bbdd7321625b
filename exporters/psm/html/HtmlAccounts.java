package psm.html;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.HtmlText;

import java.io.IOException;
import java.io.Writer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes the kernel's own figures of a report, and its lists. */
final class HtmlAccounts {
    private final Psm.Report report;
    private final Psm.Layout layout;
    private final Figures figures;

    /** By key: the titles of what has been written. */
    private final Map<String, String> titles = new LinkedHashMap<>();

    HtmlAccounts(Psm.Report report, Psm.Layout layout) {
        this.report = report;
        this.layout = layout;
        this.figures = new Figures(report, layout, false, List.of(), List.of());
    }

    /** Returns the titles of what has been written, by their keys. */
    Map<String, String> titles() {
        return titles;
    }

    /**
     * Writes the accounts that a table shows above its rows, or all others. Those that are zero, or
     * are for programs alone, are left out.
     */
    void write(Writer out, boolean isAbove) throws IOException {
        boolean isAny = false;
        for (Psm.Account account : report.accounts()) {
            boolean isForPeople = account.above() || account.column() != null || account.isList();
            boolean isList = account.isList() && !account.rows().isEmpty();
            boolean hasEntries =
                    CellText.isAny(account) || (isAbove && !account.entries().isEmpty());
            if (account.above() == isAbove && isForPeople && (isList || hasEntries)) {
                out.write(isAny ? "" : "<div class=\"g\">");
                isAny = true;
                if (isList) {
                    list(out, account);
                }
                if (hasEntries) {
                    entries(out, account);
                }
            }
        }
        out.write(isAny ? "</div>\n" : "");
    }

    private static String title(Psm.Account account) {
        String words = account.title() == null ? account.key().replace('_', ' ') : account.title();
        return words.isEmpty() ? "" : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void list(Writer out, Psm.Account account) throws IOException {
        String words = title(account);
        out.write("<section class=\"l\"><h2>" + HtmlText.words(words) + "</h2>");
        HtmlTable table = new HtmlTable(report, account.columns(), account.rows(), layout, false);
        table.write(out, words);
        table.addTitles(titles);
        out.write("</section>");
    }

    private void entries(Writer out, Psm.Account account) throws IOException {
        boolean areBytes = true;
        for (Psm.Entry entry : account.entries()) {
            areBytes &= entry.kind() == Psm.Kind.BYTES;
        }
        String title = HtmlText.words(title(account));
        String unit = areBytes ? figures.titled(Psm.Kind.BYTES, "").strip() : "";
        out.write("<section><h2>" + title);
        out.write(unit.isEmpty() ? "</h2>" : " <small>" + unit + "</small></h2>");
        out.write("<table class=\"e\"><caption class=\"h\">" + title + "</caption><tbody>");
        for (Psm.Entry entry : account.entries()) {
            entry(out, entry, areBytes, account.above());
        }
        out.write("</tbody></table></section>\n");
    }

    private void entry(Writer out, Psm.Entry entry, boolean areBytes, boolean isAbove)
            throws IOException {
        String figure = figures.of(entry.kind(), entry.value());
        boolean isNone = figure.isEmpty() || (CellText.isZero(entry.value()) && !entry.sum());
        if (entry.title() == null || (isNone && !isAbove)) {
            return;
        }
        titles.putIfAbsent(entry.key(), entry.title());
        String unit = areBytes ? "" : figures.titled(entry.kind(), "").strip();
        String type = entry.sum() ? " class=\"t\"" : entry.part() ? " class=\"p\"" : "";
        out.write("<tr" + type + "><td>" + (figure.isEmpty() ? HtmlTable.MISSING : figure));
        out.write(figure.isEmpty() || unit.isEmpty() ? "" : " <small>" + unit + "</small>");
        out.write("</td><th scope=\"row\">" + HtmlText.words(entry.title()) + "</th></tr>\n");
    }
}
