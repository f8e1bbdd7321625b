package psm.svg;

import psm.Psm;
import psm.cell.Figures;
import psm.cell.HtmlText;
import psm.cell.SizeText;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.DoubleSummaryStatistics;
import java.util.List;

/** Writes rows as points: one figure across, another one upwards. */
final class PointsFigure {
    private static final double WIDTH = 720;
    private static final double HEIGHT = 400;
    private static final double LEFT = 90;
    private static final double RIGHT = 20;
    private static final double TOP = 20;
    private static final double BOTTOM = 44;

    /** The number of points and of rows of the table; all rows are in the table of the page. */
    private static final int MOST = 200;

    /** The number of points that have their name beside them, if there is room. */
    private static final int NAMED = 12;

    private static final int LINES = 5;
    private static final double ROOM = 1.06;
    private static final double RADIUS = 4.5;

    /** The height of the font, as in the style sheet. */
    private static final double FONT = 12;

    /** The same on a phone, which shows no other name than the first. */
    private static final double NARROW_FONT = 20;

    /** The classes of names to the right of a point, to its left, above and below it. */
    private static final String[] ANCHORS = {"", " te", " tx", " tx"};

    private static final int NAME_EMS = 16;

    /** A point: the row it is of, and where it is. */
    private record Dot(Psm.Row row, boolean isFirst, double across, double up) {}

    private final StringBuilder out;
    private final SizeText sizes;
    private final boolean si;
    private final Psm.Points points;
    private final Psm.Report report;
    private final Figures figures;
    private final List<Dot> dots = new ArrayList<>();
    private final int pid;
    private int without;

    PointsFigure(
            StringBuilder out,
            SizeText sizes,
            Psm.Layout layout,
            Psm.Points points,
            Psm.Report report) {
        this.out = out;
        this.sizes = sizes;
        this.si = layout.si();
        this.points = points;
        this.report = report;
        this.figures = new Figures(report, layout, false, report.columns(), report.rows());
        this.pid = pid(report.columns());
        boolean isFirst = true;
        for (Psm.Row row : report.rows()) {
            Object across = row.values().get(points.across());
            Object up = row.values().get(points.up());
            if (across instanceof Number right && up instanceof Number high) {
                dots.add(new Dot(row, isFirst, right.doubleValue(), high.doubleValue()));
                isFirst = false;
            } else {
                without++;
            }
        }
        dots.removeIf(dot -> !Double.isFinite(dot.across + dot.up));
    }

    private static int pid(List<Psm.Column> columns) {
        int i = columns.size() - 1;
        while (i >= 0
                && columns.get(i).kind() != Psm.Kind.PID
                && columns.get(i).kind() != Psm.Kind.PIDS) {
            i--;
        }
        return i;
    }

    void append(String id) {
        String title = HtmlText.words(points.title());
        out.append("<figure class=\"pic\" id=\"").append(id).append("\"><figcaption><b>");
        out.append(title).append("</b> ");
        String words = words();
        out.append(words).append("</figcaption>");
        if (!dots.isEmpty()) {
            dots.sort(Comparator.comparingDouble(dot -> dot.isFirst ? -1 / 0.0 : -dot.up));
            picture(title + ". " + words);
            table(title);
        }
        out.append("</figure>");
    }

    private String words() {
        if (dots.isEmpty()) {
            return "No row has both figures.";
        }
        Dot first = dots.get(0);
        String words =
                markup(first)
                        + " is the first: "
                        + title(points.across())
                        + ' '
                        + value(points.across(), first)
                        + ", "
                        + title(points.up())
                        + ' '
                        + value(points.up(), first)
                        + '.';
        return without == 0 ? words : words + " Rows without both figures: " + without + '.';
    }

    private String name(Dot dot) {
        return dot.row.values().get(points.name()) instanceof String name
                ? TreemapSvg.shown(name)
                : "?";
    }

    /** Returns the id of a process after its name: many have the same one. */
    private String pid(Dot dot) {
        Object id = pid < 0 ? null : dot.row.values().get(pid);
        if (id instanceof List<?> ids && ids.size() == 1) {
            id = ids.get(0);
        }
        return id instanceof Number ? " " + id : "";
    }

    private String markup(Dot dot) {
        return HtmlText.apart(HtmlText.name(name(dot))) + pid(dot);
    }

    private String title(int column) {
        return HtmlText.words(report.columns().get(column).title());
    }

    private String value(int column, Dot dot) {
        Object value = dot.row.values().get(column);
        Psm.Column kind = report.columns().get(column);
        return HtmlText.words(
                kind.kind() == Psm.Kind.BYTES && value instanceof Long bytes
                        ? sizes.of(bytes)
                        : figures.of(kind, value));
    }

    /**
     * Returns an axis. Scores are often so near to each other that they would be one point on an
     * axis from zero; sizes have one, so that a distance is a size.
     */
    private Axis axis(int column, double least, double most) {
        double end = Math.max(1, most + (ROOM - 1) * Math.abs(most));
        if (report.columns().get(column).kind() == Psm.Kind.BYTES) {
            return Axis.ofBytes(end, LINES, si, sizes);
        }
        double room = Math.max(LINES, (most - least) / LINES);
        boolean isNear = least > 0 && most - least < most / 2;
        return isNear || least < 0
                ? Axis.ofNumbers(least - room, most + room, LINES)
                : Axis.ofNumbers(0, end, LINES);
    }

    private void picture(String label) {
        DoubleSummaryStatistics right = new DoubleSummaryStatistics();
        DoubleSummaryStatistics high = new DoubleSummaryStatistics();
        for (Dot dot : dots) {
            right.accept(dot.across);
            high.accept(dot.up);
        }
        Axis across = axis(points.across(), right.getMin(), right.getMax());
        Axis up = axis(points.up(), high.getMin(), high.getMax());
        out.append("<svg class=\"sc\" viewBox=\"0 0 ");
        Decimals.append(out, WIDTH);
        out.append(' ');
        Decimals.append(out, HEIGHT);
        out.append("\" width=\"100%\" role=\"img\"");
        out.append(" aria-label=\"").append(label).append("\">");
        axes(across, up);
        List<double[]> taken = new ArrayList<>();
        int shown = Math.min(dots.size(), MOST);
        for (int i = shown - 1; i >= 0; i--) {
            Dot dot = dots.get(i);
            double x = x(dot, across);
            double y = y(dot, up);
            out.append("<circle class=\"").append(dot.isFirst ? "pf" : "pn").append("\" r=\"");
            Decimals.append(out, dot.isFirst ? RADIUS * 1.5 : RADIUS);
            out.append('"');
            Decimals.attribute(out, "cx", x);
            Decimals.attribute(out, "cy", y);
            out.append("><title>").append(markup(dot)).append(", ");
            out.append(value(points.across(), dot)).append(", ");
            out.append(value(points.up(), dot)).append("</title></circle>");
            taken.add(new double[] {x - RADIUS, y - RADIUS, x + RADIUS, y + RADIUS});
        }
        for (int i = 0; i < Math.min(shown, NAMED); i++) {
            name(dots.get(i), x(dots.get(i), across), y(dots.get(i), up), taken);
        }
        out.append("</svg>");
    }

    private static double x(Dot dot, Axis axis) {
        return LEFT + axis.share(dot.across) * (WIDTH - LEFT - RIGHT);
    }

    private static double y(Dot dot, Axis axis) {
        return HEIGHT - BOTTOM - axis.share(dot.up) * (HEIGHT - TOP - BOTTOM);
    }

    private void axes(Axis across, Axis up) {
        double bottom = HEIGHT - BOTTOM;
        out.append("<path class=\"ax\" d=\"M");
        point(LEFT, TOP);
        out.append('V');
        Decimals.append(out, bottom);
        out.append('H');
        Decimals.append(out, WIDTH - RIGHT);
        for (int i = 0; i < up.lines; i++) {
            out.append('M');
            point(LEFT, bottom - up.share(up.at(i)) * (bottom - TOP));
            out.append('H');
            Decimals.append(out, WIDTH - RIGHT);
        }
        out.append("\"/>");
        for (int i = 0; i < up.lines; i++) {
            double y = bottom - up.share(up.at(i)) * (bottom - TOP);
            text("ty", LEFT - 6, y + FONT / 3, up.label(i));
        }
        if (up.isFromZero()) {
            text("ty", LEFT - 6, bottom + FONT / 3, "0");
        }
        for (int i = 0; i < across.lines; i++) {
            double x = LEFT + across.share(across.at(i)) * (WIDTH - LEFT - RIGHT);
            text("tx", x, bottom + FONT * 1.4, across.label(i));
        }
        text("te", WIDTH - RIGHT, HEIGHT - 5, title(points.across()) + " \u2192");
        text("", 4, NARROW_FONT * 0.8, "\u2191 " + title(points.up()));
    }

    private void point(double x, double y) {
        Decimals.append(out, x);
        out.append(' ');
        Decimals.append(out, y);
    }

    private void text(String className, double x, double y, String words) {
        out.append("<text");
        if (!className.isEmpty()) {
            out.append(" class=\"").append(className).append('"');
        }
        Decimals.attribute(out, "x", x);
        Decimals.attribute(out, "y", y);
        out.append('>').append(words).append("</text>");
    }

    /** Appends a name at a side of its point where it covers nothing. */
    private void name(Dot dot, double x, double y, List<double[]> taken) {
        String whole = LabelWidth.withFewMarks(name(dot));
        String cut = LabelWidth.cut(whole, NAME_EMS, 1);
        if (cut == null || !LabelWidth.isSure(cut)) {
            return;
        }
        String name = cut + pid(dot);
        double width = LabelWidth.of(name) * (dot.isFirst ? NARROW_FONT : FONT);
        double gap = RADIUS * (dot.isFirst ? 2.7 : 2);
        double[] begins = {x + gap, x - gap - width, x - width / 2, x - width / 2};
        double[] anchors = {x + gap, x - gap, x, x};
        double[] lines = {y + FONT / 3, y + FONT / 3, y - gap, y + gap + FONT};
        for (int i = 0; i < begins.length; i++) {
            double[] place = {begins[i], lines[i] - FONT, begins[i] + width, lines[i] + 3};
            if (isFree(place, taken)) {
                taken.add(place);
                StringBuilder escaped = new StringBuilder();
                HtmlText.escape(escaped, name);
                text(
                        (dot.isFirst ? "nf" : "nm") + ANCHORS[i],
                        anchors[i],
                        lines[i],
                        escaped.toString());
                return;
            }
        }
    }

    private static boolean isFree(double[] place, List<double[]> taken) {
        boolean isInside =
                place[0] >= LEFT
                        && place[1] >= FONT
                        && place[2] <= WIDTH
                        && place[3] <= HEIGHT - BOTTOM;
        for (double[] other : taken) {
            isInside &=
                    place[0] >= other[2]
                            || place[2] <= other[0]
                            || place[1] >= other[3]
                            || place[3] <= other[1];
        }
        return isInside;
    }

    private void table(String title) {
        PictureTable table =
                new PictureTable(out, title, "Name", title(points.across()), title(points.up()));
        for (int i = 0; i < Math.min(dots.size(), MOST); i++) {
            Dot dot = dots.get(i);
            table.row(
                    0, name(dot) + pid(dot), value(points.across(), dot), value(points.up(), dot));
        }
        if (dots.size() > MOST) {
            table.row(0, dots.size() - MOST + " others", "", "");
        }
        table.end();
    }
}
