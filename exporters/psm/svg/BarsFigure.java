package psm.svg;

import psm.Psm;
import psm.cell.HtmlText;
import psm.cell.SizeText;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Writes changes as bars, to the right for what grew and to the left for what shrank. It is a table
 * with a bar in each row, so its texts are as large on a phone, and it needs no other table.
 */
final class BarsFigure {
    /** The number of bars; all rows are in the table of the page. */
    private static final int MOST = 30;

    /** The width of a drawing with bars. */
    private static final double WIDTH = 200;

    private static final String NONE = "\u2013";

    private final StringBuilder out;
    private final SizeText sizes;
    private final Psm.Bars bars;
    private final List<Psm.Row> rows = new ArrayList<>();

    /** Whether the report leaves out no row. */
    private final boolean isWhole;

    /** The number of bytes that the whole width is, and those to the left of zero. */
    private double range;

    private double below;

    BarsFigure(StringBuilder out, SizeText sizes, Psm.Bars bars, Psm.Report report) {
        this.out = out;
        this.sizes = sizes;
        this.bars = bars;
        this.isWhole = report.more() == null;
        for (Psm.Row row : report.rows()) {
            if (change(row) != 0) {
                rows.add(row);
            }
        }
        rows.sort(Comparator.comparingDouble(row -> -Math.abs((double) change(row))));
    }

    private long change(Psm.Row row) {
        return row.values().get(bars.change()) instanceof Long bytes ? bytes : 0;
    }

    void append(String id) {
        String title = HtmlText.words(bars.title());
        out.append("<figure class=\"pic\" id=\"").append(id).append("\"><figcaption><b>");
        out.append(title).append("</b> ").append(words()).append("</figcaption>");
        if (!rows.isEmpty()) {
            out.append("<section class=\"wide\" tabindex=\"0\" aria-label=\"");
            out.append(title).append("\"><table class=\"brs\"><thead><tr><th scope=\"col\">Name");
            out.append("</th><td></td><th scope=\"col\">Change</th>");
            if (bars.before() >= 0 && bars.after() >= 0) {
                out.append("<th scope=\"col\">Before</th><th scope=\"col\">After</th>");
            }
            out.append("</tr></thead><tbody>");
            body();
            out.append("</tbody></table></section>");
        }
        out.append("</figure>");
    }

    private String words() {
        if (rows.isEmpty()) {
            return "Nothing changed.";
        }
        double grown = 0;
        double shrunk = 0;
        for (Psm.Row row : rows) {
            grown += Math.max(0, change(row));
            shrunk += Math.min(0, change(row));
        }
        Psm.Row first = rows.get(0);
        return "The largest change: <bdi>"
                + HtmlText.name(name(first))
                + "</bdi>, "
                + sizes.change(change(first))
                + (isWhole ? ". In all " : ". In these rows ")
                + sizes.change((long) grown)
                + " and "
                + sizes.change((long) shrunk)
                + '.';
    }

    private String name(Psm.Row row) {
        return row.values().get(bars.name()) instanceof String name ? TreemapSvg.shown(name) : NONE;
    }

    private void body() {
        int shown = rows.size() > MOST + 1 ? MOST : rows.size();
        long others = 0;
        for (int i = shown; i < rows.size(); i++) {
            others += change(rows.get(i));
        }
        double above = 0;
        for (int i = 0; i <= shown; i++) {
            double change = i < shown ? change(rows.get(i)) : others;
            above = Math.max(above, change);
            below = Math.max(below, -change);
        }
        range = above + below;
        for (int i = 0; i < shown; i++) {
            Psm.Row row = rows.get(i);
            out.append("<tr><th scope=\"row\"><bdi>").append(HtmlText.name(name(row)));
            out.append("</bdi></th>");
            bar(change(row));
            sizes(row);
            out.append("</tr>");
        }
        if (shown < rows.size()) {
            out.append("<tr><th scope=\"row\">").append(rows.size() - shown);
            out.append(" others</th>");
            bar(others);
            if (bars.before() >= 0 && bars.after() >= 0) {
                out.append("<td></td><td></td>");
            }
            out.append("</tr>");
        }
    }

    private void bar(long change) {
        double zero = WIDTH * below / range;
        double length = WIDTH * Math.abs((double) change) / range;
        out.append("<td><svg viewBox=\"0 0 ");
        Decimals.append(out, WIDTH);
        out.append(" 12\" width=\"100%\" height=\"14\" preserveAspectRatio=\"none\"");
        out.append(" aria-hidden=\"true\"><rect class=\"");
        out.append(change < 0 ? "dn" : "gr").append('"');
        Decimals.attribute(out, "x", change < 0 ? zero - length : zero);
        out.append(" y=\"1\"");
        Decimals.attribute(out, "width", length);
        out.append(" height=\"10\"/><path class=\"ax\" d=\"M");
        Decimals.append(out, zero);
        out.append(" 0V12\"/></svg></td><td>").append(sizes.change(change)).append("</td>");
    }

    private void sizes(Psm.Row row) {
        if (bars.before() < 0 || bars.after() < 0) {
            return;
        }
        Object before = row.values().get(bars.before());
        Object after = row.values().get(bars.after());
        size(before, isNone(row, bars.countBefore()) ? "new" : null);
        size(after, isNone(row, bars.countAfter()) ? "ended" : null);
    }

    private static boolean isNone(Psm.Row row, int count) {
        return count >= 0 && row.values().get(count) instanceof Long number && number == 0;
    }

    private void size(Object size, String none) {
        String shown = size instanceof Long bytes ? sizes.of(bytes) : NONE;
        out.append("<td>").append(none == null ? shown : none).append("</td>");
    }
}
