package psm.svg;

import psm.Psm;
import psm.cell.HtmlText;
import psm.cell.SizeText;

import java.time.Instant;
import java.util.List;

/** Draws one curve: its band, its low water, its limit and how it goes on. */
final class CurveSvg {
    private static final double WIDTH = 360;
    private static final double HEIGHT = 150;
    private static final double LEFT = 50;
    private static final double RIGHT = 6;
    private static final double TOP = 16;
    private static final double BOTTOM = 20;

    /** The number of lines above zero. */
    private static final int LINES = 5;

    /** The part of the axis above the largest size. */
    private static final double ROOM = 1.08;

    /** A limit so many times the largest size is left out: below it, the curve would be flat. */
    private static final int FAR_LIMIT = 3;

    /** The heights of the words of marks, in which they are placed so that none covers another. */
    private static final double MARK_FONT = 9;

    private static final int MARK_CHARS = 18;
    private static final double SECONDS_PER_HOUR = 3_600;

    private final StringBuilder out;
    private final SizeText sizes;
    private final boolean si;
    private final Psm.Curves all;
    private final Psm.Curve curve;
    private final Instant end;
    private final TimeAxis time;
    private final Axis axis;

    /** The limit, 0 if the picture does not show it. */
    private final double limit;

    /**
     * Prepares a curve.
     *
     * @param end the end of the axis of time, behind the last sample where there are predictions
     */
    CurveSvg(
            StringBuilder out,
            Psm.Curves all,
            Psm.Curve curve,
            Instant end,
            boolean si,
            SizeText sizes) {
        this.out = out;
        this.sizes = sizes;
        this.si = si;
        this.all = all;
        this.curve = curve;
        this.end = end;
        this.time = new TimeAxis(all.from(), end, LEFT, WIDTH - LEFT - RIGHT);
        double most = most(curve);
        Psm.Prediction next = curve.prediction();
        double ahead = next == null ? 0 : next.bytes() + Math.max(0, next.high()) * hours(end);
        double wanted = Math.max(most, Math.min(ahead, FAR_LIMIT * most));
        boolean isNear = curve.limit() != null && curve.limit() <= FAR_LIMIT * most;
        this.limit = isNear ? curve.limit() : 0;
        double top = isNear ? Math.max(most, limit) : wanted;
        this.axis = Axis.ofBytes(Math.max(1, top * ROOM), LINES, si, sizes);
    }

    private static double most(Psm.Curve curve) {
        double most = curve.prediction() == null ? 0 : curve.prediction().bytes();
        for (Psm.Bucket bucket : curve.buckets()) {
            most = Math.max(most, (double) bucket.greatest());
        }
        for (Psm.Level level : curve.lowWater()) {
            most = Math.max(most, (double) level.bytes());
        }
        return most;
    }

    /** Returns how many hours a time is behind the last sample. */
    private double hours(Instant at) {
        return (at.getEpochSecond() - all.until().getEpochSecond()) / SECONDS_PER_HOUR;
    }

    private double y(double bytes) {
        return HEIGHT - BOTTOM - axis.share(bytes) * (HEIGHT - TOP - BOTTOM);
    }

    /**
     * Appends the curve.
     *
     * @param label what it shows, in words; it is markup already
     */
    void append(String label) {
        out.append("<svg class=\"cu\" viewBox=\"0 0 ");
        Decimals.append(out, WIDTH);
        out.append(' ');
        Decimals.append(out, HEIGHT);
        out.append("\" width=\"100%\" data-t=\"");
        out.append(all.from().getEpochSecond()).append(' ').append(end.getEpochSecond());
        out.append(' ').append((long) axis.most).append(si ? " 1000" : " 1024");
        for (double edge : new double[] {LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM}) {
            out.append(' ');
            Decimals.append(out, edge);
        }
        out.append("\" role=\"img\" aria-label=\"").append(label).append("\">");
        gaps();
        axes();
        band();
        lowWater();
        prediction();
        limit();
        marks();
        out.append("</svg>");
    }

    private void gaps() {
        if (all.gaps().isEmpty()) {
            return;
        }
        out.append("<path class=\"gp\" d=\"");
        for (Psm.Gap gap : all.gaps()) {
            move(time.x(gap.from()), TOP);
            out.append('V');
            Decimals.appendTenths(out, HEIGHT - BOTTOM);
            out.append('H');
            Decimals.appendTenths(out, time.x(gap.until()));
            out.append('V');
            Decimals.appendTenths(out, TOP);
            out.append('Z');
        }
        out.append("\"><title>no samples</title></path>");
    }

    private void axes() {
        out.append("<path class=\"ax\" d=\"");
        horizontal(HEIGHT - BOTTOM);
        for (int i = 0; i < axis.lines; i++) {
            horizontal(y(axis.at(i)));
        }
        List<Instant> lines = time.lines();
        for (Instant at : lines) {
            move(time.x(at), HEIGHT - BOTTOM);
            out.append("v4");
        }
        out.append("\"/>");
        for (int i = 0; i < axis.lines; i++) {
            text("ty", LEFT - 5, y(axis.at(i)) + 3.5, axis.label(i));
        }
        for (Instant at : lines) {
            double x = time.x(at);
            String words = time.label(at);
            double half = LabelWidth.of(words) * MARK_FONT / 2;
            if (x - half > LEFT - 20 && x + half < WIDTH) {
                text("tx", x, HEIGHT - 5, words);
            }
        }
    }

    private void horizontal(double y) {
        move(LEFT, y);
        out.append('H');
        Decimals.appendTenths(out, WIDTH - RIGHT);
    }

    private void text(String className, double x, double y, String words) {
        out.append("<text class=\"").append(className).append('"');
        Decimals.attribute(out, "x", x);
        Decimals.attribute(out, "y", y);
        out.append('>');
        HtmlText.escape(out, words);
        out.append("</text>");
    }

    private void move(double x, double y) {
        point('M', x, y);
    }

    private void point(char command, double x, double y) {
        out.append(command);
        Decimals.appendTenths(out, x);
        out.append(' ');
        Decimals.appendTenths(out, y);
    }

    /** Appends the area between the least and the greatest sizes, and a line along the greatest. */
    private void band() {
        List<Psm.Bucket> buckets = curve.buckets();
        StringBuilder line = new StringBuilder();
        out.append("<path class=\"bd\" d=\"");
        int from = 0;
        while (from < buckets.size()) {
            int to = from + 1;
            while (to < buckets.size() && !isGap(buckets.get(to - 1).at(), buckets.get(to).at())) {
                to++;
            }
            int start = out.length();
            for (int i = from; i < to; i++) {
                Psm.Bucket bucket = buckets.get(i);
                point(i == from ? 'M' : 'L', time.x(bucket.at()), y((double) bucket.greatest()));
            }
            line.append(out, start, out.length()).append(to - from == 1 ? "h.1" : "");
            for (int i = to - 1; i >= from; i--) {
                point('L', time.x(buckets.get(i).at()), y((double) buckets.get(i).least()));
            }
            out.append('Z');
            from = to;
        }
        out.append("\"/><path class=\"ln\" d=\"").append(line).append("\"/>");
    }

    private boolean isGap(Instant before, Instant after) {
        for (Psm.Gap gap : all.gaps()) {
            if (gap.until().isAfter(before) && gap.from().isBefore(after)) {
                return true;
            }
        }
        return false;
    }

    private void lowWater() {
        if (curve.lowWater().isEmpty()) {
            return;
        }
        out.append("<path class=\"lw\" d=\"");
        for (Psm.Level level : curve.lowWater()) {
            move(time.x(level.at()), y((double) level.bytes()));
            out.append("h0");
        }
        out.append("\"/>");
    }

    /** Returns whether it says how a curve goes on: what is full does not. */
    static boolean isPredicted(Psm.Curve curve) {
        Psm.Prediction next = curve.prediction();
        return next != null && (curve.limit() == null || next.bytes() < curve.limit());
    }

    /** Appends a wedge between the slowest and the fastest that is likely, up to the limit. */
    private void prediction() {
        Psm.Prediction next = curve.prediction();
        double hours = hours(end);
        if (!isPredicted(curve) || hours <= 0) {
            return;
        }
        out.append("<path class=\"wd\" d=\"");
        double bytes = (double) next.bytes();
        move(time.x(all.until()), y(bytes));
        ray(bytes, (double) next.high(), hours);
        double corner = reached(bytes, (double) next.low(), hours);
        point('L', time.x(end), y(level(bytes, (double) next.low(), hours)));
        if (corner < hours) {
            point('L', time.x(after(corner)), y(level(bytes, (double) next.low(), corner)));
        }
        out.append("Z\"/><path class=\"ex\" d=\"");
        move(time.x(all.until()), y(bytes));
        double stop = reached(bytes, (double) next.rate(), hours);
        point('L', time.x(after(stop)), y(level(bytes, (double) next.rate(), stop)));
        out.append("\"/>");
    }

    /** Appends a line to where it is full, or empty, and from there to the end of the axis. */
    private void ray(double bytes, double rate, double hours) {
        double stop = reached(bytes, rate, hours);
        point('L', time.x(after(stop)), y(level(bytes, rate, stop)));
        if (stop < hours) {
            point('L', time.x(end), y(level(bytes, rate, hours)));
        }
    }

    private Instant after(double hours) {
        return all.until().plusSeconds(Math.round(hours * SECONDS_PER_HOUR));
    }

    /** Returns when a line reaches the limit, the top of the picture or zero, in hours. */
    private double reached(double bytes, double rate, double hours) {
        double to = rate > 0 ? ceiling() - bytes : -bytes;
        double reached = rate == 0 ? hours : to / rate;
        return Math.max(0, Math.min(hours, reached));
    }

    private double level(double bytes, double rate, double hours) {
        return Math.max(0, Math.min(ceiling(), bytes + rate * hours));
    }

    private double ceiling() {
        return limit > 0 ? limit : axis.most;
    }

    private void limit() {
        if (limit > 0) {
            out.append("<path class=\"li\" d=\"");
            horizontal(y(limit));
            out.append("\"/>");
            text("tl", LEFT + 3, y(limit) - 3, "limit " + sizes.of((long) limit));
        }
    }

    private void marks() {
        if (all.marks().isEmpty()) {
            return;
        }
        out.append("<path class=\"mk\" d=\"");
        for (Psm.Mark mark : all.marks()) {
            move(time.x(mark.at()), TOP - 4);
            out.append('V');
            Decimals.appendTenths(out, HEIGHT - BOTTOM);
        }
        out.append("\"/>");
        double free = LEFT;
        for (Psm.Mark mark : all.marks()) {
            double x = time.x(mark.at());
            String words = LabelWidth.withFewMarks(TreemapSvg.shown(mark.what()));
            String cut = LabelWidth.cut(words, MARK_CHARS / 1.5, 1);
            double width = cut == null ? WIDTH : LabelWidth.of(cut) * MARK_FONT;
            double begin = Math.min(x, WIDTH - width);
            if (begin >= free && LabelWidth.isSure(words)) {
                text("tm1", begin, TOP - 7, cut);
                free = begin + width + MARK_FONT;
            }
        }
    }
}
