package psm.svg;

import psm.Psm;
import psm.cell.HtmlText;
import psm.cell.SizeText;
import psm.cell.TimeText;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes sizes over time: small curves with one axis of time, and their table. */
final class CurvesFigure {
    /** The number of rows of the table. */
    private static final int ROWS = 24;

    /** The number of events in words below the curves; the table has all. */
    private static final int EVENTS = 12;

    /** In a longer window, times have a date and no seconds. */
    private static final int SHORT_SECONDS = 2 * 3_600;

    /** The number of windows ahead in which a line is drawn up to its limit. */
    private static final int FULL_WINDOWS = 3;

    /** A distance at which times have a date. */
    private static final int FAR_SECONDS = 2 * 86_400;

    /** The characters of a name above a curve; the table has all. */
    private static final int HEADING_CHARS = 60;

    private static final String NONE = "\u2013";

    private final StringBuilder out;
    private final SizeText sizes;
    private final boolean si;
    private final Psm.Curves curves;
    private final List<Event> events;

    /** What happened at a time, or from that time on, as markup. */
    private record Event(Instant at, String words) {}

    CurvesFigure(StringBuilder out, SizeText sizes, boolean si, Psm.Curves curves) {
        this.out = out;
        this.sizes = sizes;
        this.si = si;
        this.curves = curves;
        this.events = events();
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
            appendEvents();
            table(host.isEmpty() ? title : HtmlText.apart(host) + ": " + title);
        }
        out.append("</figure>");
    }

    private String words() {
        boolean isLevel = false;
        boolean isPredicted = false;
        for (Psm.Curve curve : curves.curves()) {
            isLevel |= !curve.lowWater().isEmpty();
            isPredicted |= CurveSvg.isPredicted(curve);
        }
        return "From "
                + moment(curves.from())
                + " to "
                + moment(curves.until())
                + "; the band is from the least to the greatest size"
                + (isLevel ? ", dots are the levels that decide whether it grows" : "")
                + (isPredicted ? ", the dashed line is how it goes on" : "")
                + '.';
    }

    private String moment(Instant at) {
        Instant last = curves.until();
        boolean isShort = last.isBefore(curves.from().plusSeconds(SHORT_SECONDS));
        long distance = Math.abs(at.getEpochSecond() - last.getEpochSecond());
        boolean isFar = isShort || distance >= FAR_SECONDS;
        return TimeText.moment(at, isFar ? last : at.plusSeconds(FAR_SECONDS), false);
    }

    /**
     * Returns the end of the axis: as far ahead as predictions go, but no more than a window, or a
     * few where a line reaches its limit.
     */
    private Instant end() {
        Instant last = curves.until();
        long window = last.getEpochSecond() - curves.from().getEpochSecond();
        long ahead = 0;
        for (Psm.Curve curve : curves.curves()) {
            Psm.Prediction next = curve.prediction();
            if (next != null) {
                ahead = Math.max(ahead, ahead(last(next), window, window));
                ahead = Math.max(ahead, ahead(next.at(), window, FULL_WINDOWS * window));
            }
        }
        return last.plusSeconds(ahead);
    }

    /** Returns how many seconds ahead an axis shows when it is full, as far as there is room. */
    private long ahead(Instant full, long window, long most) {
        if (full == null) {
            return window / 4;
        }
        long seconds = full.getEpochSecond() - curves.until().getEpochSecond();
        return Math.min(most, seconds + seconds / 10);
    }

    /** Returns the latest time at which a prediction says that it is full. */
    private static Instant last(Psm.Prediction prediction) {
        return prediction.latest() != null
                ? prediction.latest()
                : prediction.at() != null ? prediction.at() : prediction.earliest();
    }

    private void append(Psm.Curve curve, Instant end) {
        String name = HtmlText.name(TreemapSvg.shown(curve.name(), HEADING_CHARS));
        String state = state(curve);
        out.append("<div class=\"cv\"><p><b><bdi>").append(name).append("</bdi></b> ");
        out.append(state).append("</p>");
        new CurveSvg(out, curves, curve, end, si, sizes)
                .append(HtmlText.apart(name) + ": " + state);
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
            Instant to =
                    i == ROWS ? curves.until() : Instant.ofEpochSecond(first + window * i / ROWS);
            String[] cells = new String[titles.size() - 1];
            for (int k = 0; k < cells.length - 1; k++) {
                cells[k] = extremes(curves.curves().get(k), from, to);
            }
            cells[cells.length - 1] = inWords(events(from, to));
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

    /** Returns what happened and where samples are missing, in order of time. */
    private List<Event> events() {
        List<Event> found = new ArrayList<>();
        for (Psm.Mark mark : curves.marks()) {
            found.add(new Event(mark.at(), HtmlText.name(TreemapSvg.shown(mark.what()))));
        }
        for (Psm.Gap gap : curves.gaps()) {
            found.add(new Event(gap.from(), "no samples until " + moment(gap.until())));
        }
        found.sort(Comparator.comparing(Event::at));
        return found;
    }

    /** Appends the events in words: not all of them have room in a curve. */
    private void appendEvents() {
        if (events.isEmpty()) {
            return;
        }
        out.append("<p class=\"ev\">");
        int shown = Math.min(EVENTS, events.size());
        out.append(inWords(events.subList(0, shown)));
        if (shown < events.size()) {
            out.append("; and ").append(events.size() - shown).append(" more, in the table");
        }
        out.append("</p>");
    }

    private List<Event> events(Instant from, Instant to) {
        List<Event> within = new ArrayList<>(events);
        within.removeIf(event -> !event.at().isAfter(from) || event.at().isAfter(to));
        return within;
    }

    private String inWords(List<Event> some) {
        StringBuilder words = new StringBuilder();
        for (Event event : some) {
            words.append(words.isEmpty() ? "" : "; ").append(moment(event.at()));
            words.append(" <bdi>").append(event.words()).append("</bdi>");
        }
        return words.toString();
    }
}
