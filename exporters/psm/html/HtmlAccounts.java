package psm.html;

import psm.Psm;
import psm.cell.CellText;
import psm.cell.Figures;
import psm.cell.HtmlText;

import java.io.IOException;
import java.io.Writer;
import java.util.List;

/** Writes the kernel's own figures of a report, and its lists. */
final class HtmlAccounts {
    private final Psm.Report report;
    private final Psm.Layout layout;
    private final Figures figures;

    HtmlAccounts(Psm.Report report, Psm.Layout layout) {
        this.report = report;
        this.layout = layout;
        this.figures = new Figures(report, layout, false, List.of(), List.of());
    }

    /**
     * Writes the accounts that a table shows above its rows, or all others. Those that are zero, or
     * are for programs alone, are left out.
     */
    void write(Writer out, boolean isAbove) throws IOException {
        for (Psm.Account account : report.accounts()) {
            boolean isForPeople = account.above() || account.column() != null || account.isList();
            if (account.above() == isAbove && isForPeople) {
                boolean isList = account.isList() && !account.rows().isEmpty();
                if (isList) {
                    list(out, account);
                }
                if (CellText.isAny(account) || (isAbove && !account.entries().isEmpty())) {
                    entries(out, account, isList);
                }
            }
        }
    }

    private static String title(Psm.Account account) {
        String words = account.key().replace('_', ' ');
        return words.isEmpty()
                ? ""
                : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }

    private void list(Writer out, Psm.Account account) throws IOException {
        heading(out, account);
        new HtmlTable(report, account.columns(), account.rows(), layout)
                .write(out, title(account), false);
    }

    private static void heading(Writer out, Psm.Account account) throws IOException {
        out.write("<h2>" + HtmlText.words(title(account)) + "</h2>");
    }

    private void entries(Writer out, Psm.Account account, boolean hasHeading) throws IOException {
        boolean areBytes = true;
        for (Psm.Entry entry : account.entries()) {
            areBytes &= entry.kind() == Psm.Kind.BYTES;
        }
        if (!hasHeading) {
            heading(out, account);
        }
        String unit = areBytes ? figures.titled(Psm.Kind.BYTES, "").strip() : "";
        String words = title(account) + (unit.isEmpty() ? "" : ", in " + unit);
        out.write("<table class=\"e\"><caption>" + HtmlText.words(words) + "</caption><tbody>");
        for (Psm.Entry entry : account.entries()) {
            entry(out, entry, areBytes, account.above());
        }
        out.write("</tbody></table>\n");
    }

    private void entry(Writer out, Psm.Entry entry, boolean areBytes, boolean isAbove)
            throws IOException {
        String figure = figures.of(entry.kind(), entry.value());
        boolean isNone = figure.isEmpty() || (CellText.isZero(entry.value()) && !entry.sum());
        if (entry.title() == null || (isNone && !isAbove)) {
            return;
        }
        String unit = areBytes ? "" : figures.titled(entry.kind(), "").strip();
        String type = entry.sum() ? " class=\"t\"" : entry.part() ? " class=\"p\"" : "";
        out.write("<tr" + type + "><td>" + (figure.isEmpty() ? HtmlTable.MISSING : figure));
        out.write(figure.isEmpty() || unit.isEmpty() ? "" : " <small>" + unit + "</small>");
        out.write("</td><th scope=\"row\">" + HtmlText.words(entry.title()) + "</th></tr>\n");
    }
}
