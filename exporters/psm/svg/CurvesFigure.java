package psm.svg;

import psm.Psm;
import psm.cell.HtmlText;
import psm.cell.SizeText;
import psm.cell.TimeText;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes sizes over time: small curves with one axis of time, and their table. */
final class CurvesFigure {
    /** The number of rows of the table. */
    private static final int ROWS = 24;

    /** In a longer window, times have a date and no seconds. */
    private static final int SHORT_SECONDS = 2 * 3_600;

    /** A distance at which times have a date. */
    private static final int FAR_SECONDS = 2 * 86_400;

    private static final String NONE = "\u2013";

    private final StringBuilder out;
    private final SizeText sizes;
    private final boolean si;
    private final Psm.Curves curves;

    CurvesFigure(StringBuilder out, SizeText sizes, boolean si, Psm.Curves curves) {
        this.out = out;
        this.sizes = sizes;
        this.si = si;
        this.curves = curves;
    }

    void append(String id) {
        out.append("<figure class=\"pic\" id=\"").append(id).append("\"><figcaption><b>");
        String title = HtmlText.words(curves.title());
        String host = curves.host() == null ? "" : HtmlText.name(curves.host());
        out.append(host.isEmpty() ? "" : "<bdi>" + host + "</bdi>: ").append(title);
        out.append("</b> ").append(words()).append("</figcaption>");
        if (!curves.curves().isEmpty()) {
            Instant end = end();
            out.append("<div class=\"cvs\">");
            for (Psm.Curve curve : curves.curves()) {
                append(curve, end);
            }
            out.append("</div>");
            table(host.isEmpty() ? title : host + ": " + title);
        }
        out.append("</figure>");
    }

    private String words() {
        if (curves.curves().isEmpty()) {
            return "Nothing grows.";
        }
        StringBuilder words = new StringBuilder();
        Psm.Curve first = curves.curves().get(0);
        words.append("<bdi>").append(HtmlText.name(TreemapSvg.shown(first.name())));
        words.append("</bdi>: ").append(state(first)).append(". From ");
        words.append(moment(curves.from())).append(" to ").append(moment(curves.until()));
        return words.append("; the band is from the least to the greatest size, dots are the")
                .append(" levels that decide whether it grows, and the dashed line how it")
                .append(" goes on.")
                .toString();
    }

    private String moment(Instant at) {
        Instant last = curves.until();
        boolean isShort = last.isBefore(curves.from().plusSeconds(SHORT_SECONDS));
        return TimeText.moment(at, isShort ? last : last.plusSeconds(FAR_SECONDS), false);
    }

    /** Returns the end of the axis: as far ahead as predictions go, but no more than a window. */
    private Instant end() {
        Instant last = curves.until();
        long window = last.getEpochSecond() - curves.from().getEpochSecond();
        long ahead = 0;
        for (Psm.Curve curve : curves.curves()) {
            if (curve.prediction() != null) {
                Instant full = last(curve.prediction());
                long seconds = full == null ? window / 4 : full.getEpochSecond() - last.getEpochSecond();
                ahead = Math.max(ahead, Math.min(window, seconds + seconds / 10));
            }
        }
        return last.plusSeconds(ahead);
    }

    /** Returns the latest time at which a prediction says that it is full. */
    private static Instant last(Psm.Prediction prediction) {
        return prediction.latest() != null
                ? prediction.latest()
                : prediction.at() != null ? prediction.at() : prediction.earliest();
    }

    private void append(Psm.Curve curve, Instant end) {
        String name = HtmlText.name(TreemapSvg.shown(curve.name()));
        String state = state(curve);
        out.append("<div class=\"cv\"><p><b><bdi>").append(name).append("</bdi></b> ");
        out.append(state).append("</p>");
        new CurveSvg(out, curves, curve, end, si, sizes).append(name + ": " + state);
        out.append("</div>");
    }

    /** Says how large a curve is, how it changes, and when it is full. */
    private String state(Psm.Curve curve) {
        StringBuilder words = new StringBuilder(HtmlText.words(curve.verdict()));
        if (!curve.buckets().isEmpty()) {
            Psm.Bucket last = curve.buckets().get(curve.buckets().size() - 1);
            words.append(words.isEmpty() ? "" : ", ").append(range(last.least(), last.greatest()));
        }
        if (curve.limit() != null) {
            words.append(" of ").append(sizes.of(curve.limit()));
        }
        Psm.Prediction next = curve.prediction();
        if (next != null) {
            words.append(", ").append(sizes.change(next.rate())).append("/h");
            if (next.at() != null) {
                words.append(", full ").append(moment(next.at()));
            }
        }
        return words.toString();
    }

    private String range(long least, long greatest) {
        String from = sizes.of(least);
        String to = sizes.of(greatest);
        return from.equals(to) ? to : from + " to " + to;
    }

    private void table(String title) {
        List<String> titles = new ArrayList<>();
        titles.add("Until");
        for (Psm.Curve curve : curves.curves()) {
            titles.add("<bdi>" + HtmlText.name(TreemapSvg.shown(curve.name())) + "</bdi>");
        }
        titles.add("Events");
        PictureTable table = new PictureTable(out, title, titles.toArray(new String[0]));
        long first = curves.from().getEpochSecond();
        long window = curves.until().getEpochSecond() - first;
        Instant from = Instant.MIN;
        for (int i = 1; i <= ROWS; i++) {
            Instant to = i == ROWS ? curves.until() : Instant.ofEpochSecond(first + window * i / ROWS);
            String[] cells = new String[titles.size() - 1];
            for (int k = 0; k < cells.length - 1; k++) {
                cells[k] = extremes(curves.curves().get(k), from, to);
            }
            cells[cells.length - 1] = events(from, to);
            table.row(0, moment(to), cells);
            from = to;
        }
        table.end();
    }

    private String extremes(Psm.Curve curve, Instant from, Instant to) {
        long least = Long.MAX_VALUE;
        long greatest = Long.MIN_VALUE;
        for (Psm.Bucket bucket : curve.buckets()) {
            if (bucket.at().isAfter(from) && !bucket.at().isAfter(to)) {
                least = Math.min(least, bucket.least());
                greatest = Math.max(greatest, bucket.greatest());
            }
        }
        return least > greatest ? NONE : range(least, greatest);
    }

    private String events(Instant from, Instant to) {
        StringBuilder events = new StringBuilder();
        for (Psm.Mark mark : curves.marks()) {
            if (mark.at().isAfter(from) && !mark.at().isAfter(to)) {
                events.append(events.isEmpty() ? "" : "; ").append(moment(mark.at())).append(' ');
                events.append(HtmlText.name(TreemapSvg.shown(mark.what())));
            }
        }
        for (Psm.Gap gap : curves.gaps()) {
            if (gap.from().isAfter(from) && !gap.from().isAfter(to)) {
                events.append(events.isEmpty() ? "" : "; ").append("no samples from ");
                events.append(moment(gap.from())).append(" to ").append(moment(gap.until()));
            }
        }
        return events.toString();
    }
}
