package psm.growth;

import psm.Psm;
import psm.trend.TimeToFull;
import psm.trend.Trend;
import psm.trend.Verdict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * A limit and when it is reached.
 *
 * @param host the machine; {@code null} in a report of one
 * @param name the path of a control group, or {@link Capacities#HOST} for the machine
 * @param now the time of the last sample
 * @param gapMillis the time between two samples: no moment is known more exactly
 */
public record Forecast(
        String host,
        String name,
        long used,
        long limit,
        Trend trend,
        TimeToFull time,
        Instant now,
        long gapMillis) {
    /** The outlook of a limit that steady growth reaches late; no verdict is longer. */
    private static final String FAR_AWAY = "not within 30 days";

    private static final int MILLIS_PER_SECOND = 1_000;

    /** The position of the names in a table, behind all figures. */
    private static final int NAMES_AT = 8;

    /** The columns of a list of limits, behind the machine. */
    private static final List<Psm.Column> COLUMNS =
            List.of(
                    column("limit_of", "LIMIT OF", Psm.Kind.TEXT, NAMES_AT + 1),
                    column("used_bytes", "USED", Psm.Kind.BYTES, 1),
                    column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 2),
                    column(GrowthReport.RATE, "RATE", Psm.Kind.RATE, 3),
                    column(GrowthReport.LOW, "LOW", Psm.Kind.RATE, 0),
                    column(GrowthReport.HIGH, "HIGH", Psm.Kind.RATE, 0),
                    column("full_at", "FULL AT", Psm.Kind.TIME, 4),
                    column("earliest_at", "EARLIEST", Psm.Kind.TIME, 5),
                    column("latest_at", "LATEST", Psm.Kind.TIME, 6),
                    column("full_in_seconds", "FULL IN", Psm.Kind.SECONDS, 0),
                    new Psm.Column(
                            "outlook",
                            "OUTLOOK",
                            Psm.Kind.TEXT,
                            7,
                            false,
                            false,
                            FAR_AWAY.length()),
                    column(GrowthReport.VERDICT, "VERDICT", Psm.Kind.TEXT, 0));

    static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    /**
     * Returns the columns of a list of limits.
     *
     * @param host the column with the machine; {@code null} in a report of one
     */
    static List<Psm.Column> columns(Psm.Column host) {
        if (host == null) {
            return COLUMNS;
        }
        List<Psm.Column> columns = new ArrayList<>(COLUMNS);
        columns.add(0, host.at(NAMES_AT));
        return Collections.unmodifiableList(columns);
    }

    /** Returns the forecast as a row of {@link #columns}. */
    Psm.Row row() {
        boolean goesOn = trend.verdict() == Verdict.STEADY || trend.verdict() == Verdict.SHRINKS;
        List<Object> values = new ArrayList<>();
        if (host != null) {
            values.add(host);
        }
        values.add(name);
        values.add(used);
        values.add(limit);
        // A rate is of no use where it goes up and down.
        values.add(goesOn ? (Long) trend.rate() : null);
        values.add(goesOn ? (Long) trend.lower() : null);
        values.add(goesOn ? (Long) trend.upper() : null);
        if (fullAt() == null) {
            values.addAll(Collections.nCopies(4, null));
        } else {
            Long seconds = time.millis() / MILLIS_PER_SECOND;
            values.addAll(Arrays.asList(fullAt(), earliest(), latest(), seconds));
        }
        values.add(outlook());
        values.add(trend.verdict().toString());
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    /** Orders limits: the most urgent first. */
    static int compareUrgency(Forecast a, Forecast b) {
        int byTime = Long.compare(a.time().millis(), b.time().millis());
        if (byTime != 0) {
            return byTime;
        }
        int byFill = Double.compare((double) b.used() / b.limit(), (double) a.used() / a.limit());
        if (byFill != 0) {
            return byFill;
        }
        int byName = a.name().compareTo(b.name());
        return byName != 0 || a.host() == null ? byName : a.host().compareTo(b.host());
    }

    /** Returns a moment, or {@code null} if it is not foreseeable. */
    private Instant at(long millis) {
        return millis == TimeToFull.NEVER ? null : now.plusMillis(millis);
    }

    /** Returns whether it is the machine, else it is a control group. */
    public boolean isOfHost() {
        return name.equals(Capacities.HOST);
    }

    /** Returns whether there are too few samples to say when it is full. */
    public boolean isTooShort() {
        return trend.verdict() == Verdict.TOO_SHORT;
    }

    /** Returns when it is full; {@code null} if that is not foreseeable. */
    public Instant fullAt() {
        return at(time.millis());
    }

    /** Returns when it is full at the earliest. */
    public Instant earliest() {
        return at(Math.max(0, time.earliest() - gapMillis));
    }

    /** Returns when it is full at the latest; {@code null} if perhaps never. */
    public Instant latest() {
        boolean isNever = time.latest() == TimeToFull.NEVER;
        return isNever ? null : at(time.latest() + gapMillis);
    }

    /** Returns the shape of what is used, or that its steady growth does not matter soon. */
    private String outlook() {
        boolean isFarAway = trend.verdict() == Verdict.STEADY && !time.isForeseeable();
        return isFarAway ? FAR_AWAY : trend.verdict().toString();
    }
}
