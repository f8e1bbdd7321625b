package psm.cell;

import psm.Psm;
import psm.text.Sizes;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** Formats the figures of a table for people. */
public final class Figures {
    private static final int SECONDS_PER_HOUR = 3_600;

    /**
     * The rate above which rates are in seconds, in bytes, unless a unit is larger: 0.5 MB/s is
     * 1800 MB/h. If it is too low, slow rates lose their digits; if too high, fast ones have many.
     */
    private static final long FAST_BYTES_PER_SECOND = 1 << 19;

    private final Sizes sizes;

    /** The time of the report: of times on the same day, the date is left out. */
    private final Instant now;

    private final boolean isLocal;

    /** Whether rates are in seconds, else in hours. */
    private final boolean isFast;

    /**
     * Prepares the figures of a report's rows, or of a list's.
     *
     * @param isLocal whether times are in the user's time zone, else in UTC
     */
    public Figures(
            Psm.Report report,
            Psm.Layout layout,
            boolean isLocal,
            List<Psm.Column> columns,
            List<Psm.Row> rows) {
        this.sizes = new Sizes(layout.unit(), layout.si());
        this.now = report.takenAt();
        this.isLocal = isLocal;
        boolean isAnyFast = false;
        for (int i = 0; i < columns.size(); i++) {
            isAnyFast |= columns.get(i).kind() == Psm.Kind.RATE && isFast(rows, i);
        }
        this.isFast = isAnyFast;
    }

    private boolean isFast(List<Psm.Row> rows, int column) {
        long most = Math.max(FAST_BYTES_PER_SECOND, sizes.unitBytes() / 2);
        for (Psm.Row row : rows) {
            Object value = row.values().get(column);
            if (value instanceof Long rate && Math.abs(rate / SECONDS_PER_HOUR) >= most) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a figure; an empty text where it is missing. A change has a sign, unless it rounds to
     * zero, whatever its direction was.
     */
    public String of(Psm.Column column, Object value) {
        String figure = of(column.kind(), value);
        boolean isUp = column.signed() && value instanceof Long change && change > 0;
        return isUp && !showsZero(figure) ? '+' + figure : figure;
    }

    /** Returns a figure without the sign of a change; an empty text where it is missing. */
    public String of(Psm.Kind kind, Object value) {
        if (value == null) {
            return "";
        }
        // With a switch, Java would load one more class in each run.
        if (kind == Psm.Kind.BYTES) {
            return sizes.of((Long) value);
        }
        if (kind == Psm.Kind.PERCENT) {
            return Percent.text((Double) value);
        }
        if (kind == Psm.Kind.RATE) {
            return rate((Long) value);
        }
        if (kind == Psm.Kind.SECONDS) {
            return TimeText.span((Long) value);
        }
        return kind == Psm.Kind.TIME
                ? TimeText.moment((Instant) value, now, isLocal)
                : value.toString();
    }

    private String rate(long bytesPerHour) {
        String number =
                sizes.of(
                        isFast
                                ? Math.round((double) bytesPerHour / SECONDS_PER_HOUR)
                                : bytesPerHour);
        return sizes.titled("").isEmpty() ? number + perTime() : number;
    }

    private String perTime() {
        return isFast ? "/s" : "/h";
    }

    /**
     * Returns the indexes of the columns that a table shows, from left to right: figures, then
     * names.
     */
    public static int[] shown(Psm.Column... columns) {
        int[] places = new int[columns.length];
        int shown = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].display() > 0) {
                int place = shown++;
                while (place > 0 && isAfter(columns[places[place - 1]], columns[i])) {
                    places[place] = places[place - 1];
                    place--;
                }
                places[place] = i;
            }
        }
        return Arrays.copyOf(places, shown);
    }

    private static boolean isAfter(Psm.Column a, Psm.Column b) {
        boolean isFigure = isFigure(a);
        return isFigure == isFigure(b) ? a.display() > b.display() : isFigure(b);
    }

    /** Returns whether a column contains figures, not names or numbers of processes. */
    public static boolean isFigure(Psm.Column column) {
        Psm.Kind kind = column.kind();
        return kind == Psm.Kind.BYTES
                || kind == Psm.Kind.NUMBER
                || kind == Psm.Kind.PERCENT
                || kind == Psm.Kind.SECONDS
                || kind == Psm.Kind.TIME
                || kind == Psm.Kind.RATE;
    }

    /** Returns whether a figure shows no other digit than zero. */
    public static boolean showsZero(String figure) {
        for (int i = 0; i < figure.length(); i++) {
            if (figure.charAt(i) >= '1' && figure.charAt(i) <= '9') {
                return false;
            }
        }
        return true;
    }

    /** Returns a title together with the unit of a kind, if it has one for all its figures. */
    public String titled(Psm.Kind kind, String title) {
        if (kind == Psm.Kind.BYTES) {
            return sizes.titled(title);
        }
        String unit = kind == Psm.Kind.RATE ? sizes.titled("").strip() : "";
        return unit.isEmpty() ? title : unit + perTime() + ' ' + title;
    }

    /** Explains the unit of sizes in words. */
    public String unitInWords() {
        return sizes.inWords();
    }
}
