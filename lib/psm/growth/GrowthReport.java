package psm.growth;

import psm.Psm;
import psm.report.ReportHead;
import psm.report.View;
import psm.scan.Snapshot;
import psm.text.Filter;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Makes the report of growth: a row for each group of processes, the one that grows fastest first,
 * and above them when the machine and each limited control group will be full.
 */
public final class GrowthReport {
    /** The key of the list of limits. */
    public static final String FULL = "full";

    /** The key of the column with a verdict. */
    public static final String VERDICT = "verdict";

    /** The outlook of a limit that steady growth reaches late; no verdict is longer. */
    private static final String FAR_AWAY = "not within 30 days";

    private static final String RATE = "rate_bytes_per_hour";
    private static final String LOW = "rate_low_bytes_per_hour";
    private static final String HIGH = "rate_high_bytes_per_hour";

    /** The position of the names in a table, behind all figures. */
    private static final int NAMES_AT = 20;

    private static final Psm.Column VERDICT_COLUMN =
            new Psm.Column(
                    VERDICT,
                    "VERDICT",
                    Psm.Kind.TEXT,
                    NAMES_AT - 1,
                    false,
                    false,
                    Verdict.MAX_CHARS);

    private static final Psm.Column PID =
            new Psm.Column("pid", "PID", Psm.Kind.PID, NAMES_AT - 2, false, false);
    private static final Psm.Column COUNT = column("count", "COUNT", Psm.Kind.COUNT, NAMES_AT + 10);

    private static final Psm.Column ENDS = column("ends_per_hour", "ENDS/h", Psm.Kind.NUMBER, 6);
    private static final Psm.Column STARTS_AT =
            column("starts_at_first_bytes", "STARTS AT", Psm.Kind.BYTES, 7);
    private static final Psm.Column THEN =
            column("starts_at_last_bytes", "THEN", Psm.Kind.BYTES, 8);
    private static final Psm.Column COPIED = column("copied_bytes", "COPIED", Psm.Kind.BYTES, 9);

    /** The columns behind the names. */
    private static final List<Psm.Column> FIGURES =
            List.of(
                    column(RATE, "RATE", Psm.Kind.RATE, 1),
                    column(LOW, "LOW", Psm.Kind.RATE, 2),
                    column(HIGH, "HIGH", Psm.Kind.RATE, 3),
                    VERDICT_COLUMN,
                    column("now_bytes", "NOW", Psm.Kind.BYTES, 4),
                    new Psm.Column(
                            "change_bytes", "CHANGE", Psm.Kind.BYTES, 5, false, false, 0, true),
                    column("started", "started", Psm.Kind.NUMBER, 0),
                    column("ended", "ended", Psm.Kind.NUMBER, 0),
                    ENDS,
                    STARTS_AT,
                    THEN,
                    COPIED,
                    new Psm.Column(
                            "estimated", "estimated", Psm.Kind.COUNT, NAMES_AT + 11, true, false));

    /** Those that a table shows only where a row has something. */
    private static final List<Psm.Column> OPTIONAL = List.of(ENDS, STARTS_AT, THEN, COPIED);

    private static final List<Psm.Column> LIMITS =
            List.of(
                    column("limit_of", "LIMIT OF", Psm.Kind.TEXT, 8),
                    column("used_bytes", "USED", Psm.Kind.BYTES, 1),
                    column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 2),
                    column(RATE, "RATE", Psm.Kind.RATE, 3),
                    column(LOW, "LOW", Psm.Kind.RATE, 0),
                    column(HIGH, "HIGH", Psm.Kind.RATE, 0),
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
                    column(VERDICT, "VERDICT", Psm.Kind.TEXT, 0));

    private static final int MILLIS_PER_SECOND = 1_000;

    /** Fewer births and ends are no pool that recycles its workers. */
    private static final int LEAST_RECYCLED = 4;

    /** What was copied is noise below this. */
    private static final long LEAST_COPIED_BYTES = 1 << 20;

    /**
     * Which rows the report contains.
     *
     * @param maxRows the number of rows, those that grow fastest; 0 for any number
     * @param leastBytes how much a row has grown at least, or {@link Missing#VALUE}
     * @param filter the filter for the names of rows; {@code null} for all
     * @param forPeople whether to leave out rows that do not change, unless their number is named
     */
    public record Chosen(int maxRows, long leastBytes, Filter filter, boolean forPeople) {}

    /** A row and its trend. */
    private record Entry(GrowthRow row, Trend trend, boolean isThere) {
        boolean isSteady() {
            return trend.verdict() == Verdict.STEADY;
        }

        /** Returns whether it grows and may go on, as what has ended does not. */
        boolean goesOn() {
            return isSteady() && isThere;
        }
    }

    /**
     * A limit and when it is reached.
     *
     * @param now the time of the last sample
     * @param gapMillis the time between two samples: no moment is known more exactly
     */
    public record Forecast(
            String name,
            long used,
            long limit,
            Trend trend,
            TimeToFull time,
            Instant now,
            long gapMillis) {
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

    private final Growth growth;
    private final Chosen chosen;
    private final Snapshot last;
    private final List<Forecast> forecasts = new ArrayList<>();

    /** Whether no row of the report has a verdict, and there is one. */
    private boolean isNoneKnown;

    /** Prepares the report of at least one sample. */
    public GrowthReport(Growth growth, Chosen chosen) {
        this.growth = growth;
        this.chosen = chosen;
        this.last = growth.last();
        for (Capacities.Capacity capacity : growth.capacities().all()) {
            Trend trend = capacity.trend();
            forecasts.add(
                    new Forecast(
                            capacity.name,
                            capacity.used(),
                            capacity.limit(),
                            trend,
                            TimeToFull.of(trend, capacity.limit()),
                            last.run().takenAt(),
                            growth.millis() / Math.max(1, growth.samples() - 1)));
        }
        forecasts.sort(GrowthReport::compareUrgency);
    }

    private static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    private static int compareUrgency(Forecast a, Forecast b) {
        int byTime = Long.compare(a.time().millis(), b.time().millis());
        if (byTime != 0) {
            return byTime;
        }
        int byFill = Double.compare((double) b.used() / b.limit(), (double) a.used() / a.limit());
        return byFill != 0 ? byFill : a.name().compareTo(b.name());
    }

    /** Returns the limits, the most urgent first. */
    public List<Forecast> forecasts() {
        return Collections.unmodifiableList(forecasts);
    }

    /**
     * Returns whether the samples are too few, or too unevenly spread, to say anything about the
     * machine or about any row that was reported.
     */
    public boolean isTooShort() {
        boolean isHostUnknown = false;
        for (Forecast forecast : forecasts) {
            isHostUnknown |= forecast.isOfHost() && forecast.isTooShort();
        }
        return isHostUnknown || isNoneKnown;
    }

    /**
     * Makes the report.
     *
     * @throws IOException if the filter is too slow for a name
     */
    public Psm.Report report(String psmVersion) throws IOException {
        List<Entry> found = found();
        List<Entry> shown = shown(found);
        List<Psm.Column> columns = new ArrayList<>(growth.labels().columns(NAMES_AT));
        int names = columns.size();
        if (growth.isByPid()) {
            columns.add(PID);
        } else {
            columns.add(COUNT);
        }
        columns.addAll(FIGURES);
        List<Psm.Row> rows = new ArrayList<>();
        for (Entry entry : shown) {
            rows.add(row(entry, names));
        }
        for (Psm.Column optional : OPTIONAL) {
            hideIfEmpty(columns, columns.indexOf(optional), rows);
        }
        int more = found.size() - shown.size();
        Psm.Row none = new Psm.Row(Collections.nCopies(columns.size(), null));
        List<Psm.Row> slowestFirst = new ArrayList<>(rows);
        Collections.reverse(slowestFirst);
        ReportHead head = new ReportHead(psmVersion, last);
        return head.report(
                head.processes(View.DEFAULT),
                Collections.unmodifiableList(columns),
                Collections.unmodifiableList(rows),
                none,
                List.of(limits(), window()),
                more == 0 ? null : new Psm.More(more, false, none),
                new Psm.Ranking(Collections.unmodifiableList(slowestFirst), false));
    }

    // Rows

    private List<Entry> found() throws IOException {
        List<Entry> found = new ArrayList<>();
        for (GrowthRow row : growth.rows()) {
            if (chosen.filter() == null || chosen.filter().finds(name(row))) {
                Trend trend = row.trend();
                if (chosen.leastBytes() == Missing.VALUE || trend.change() >= chosen.leastBytes()) {
                    found.add(new Entry(row, trend, growth.isThere(row)));
                }
            }
        }
        found.sort(ORDER);
        // Rows with a verdict come before those without.
        isNoneKnown = !found.isEmpty() && found.get(0).trend().verdict() == Verdict.TOO_SHORT;
        return found;
    }

    private static String name(GrowthRow row) {
        StringBuilder name = new StringBuilder();
        for (String part : row.names) {
            name.append(name.length() == 0 ? "" : " ").append(part == null ? "-" : part);
        }
        return name.toString();
    }

    /** Orders rows: steady growth first, then that of what has ended, then others by their rate. */
    private static final Comparator<Entry> ORDER =
            Comparator.comparing(Entry::goesOn)
                    .thenComparing(Entry::isSteady)
                    .thenComparingLong(entry -> entry.trend().rate())
                    .thenComparingLong(entry -> entry.row().now())
                    .reversed()
                    .thenComparingInt(entry -> entry.row().pid)
                    .thenComparing(entry -> name(entry.row()));

    private List<Entry> shown(List<Entry> found) {
        List<Entry> shown = found;
        if (chosen.forPeople() && chosen.maxRows() == 0) {
            shown = new ArrayList<>();
            for (Entry entry : found) {
                if (entry.trend().verdict() != Verdict.FLAT
                        && entry.trend().verdict() != Verdict.TOO_SHORT) {
                    shown.add(entry);
                }
            }
        }
        return chosen.maxRows() > 0 && shown.size() > chosen.maxRows()
                ? shown.subList(0, chosen.maxRows())
                : shown;
    }

    private Psm.Row row(Entry entry, int names) {
        GrowthRow row = entry.row();
        Trend trend = entry.trend();
        boolean isThere = entry.isThere();
        List<Object> values = new ArrayList<>(row.names.subList(0, names));
        values.add(growth.isByPid() ? (Long) (long) row.pid : (Long) (isThere ? row.count() : 0L));
        values.add(Missing.orNull(trend.rate()));
        values.add(Missing.orNull(trend.lower()));
        values.add(Missing.orNull(trend.upper()));
        values.add(trend.verdict().toString());
        values.add(isThere ? row.now() : 0L);
        values.add(Missing.orNull(trend.change()));
        addPool(row, values);
        values.add(isThere ? (long) row.estimated() : 0L);
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    /** Adds what a pool that recycles its workers shows, and what forks copied. */
    private void addPool(GrowthRow row, List<Object> values) {
        if (growth.isByPid()) {
            values.addAll(Collections.nCopies(6, null));
            return;
        }
        Births births = row.births;
        values.add(births.born());
        values.add(births.ends());
        boolean isPool = births.born() >= LEAST_RECYCLED && births.ends() >= LEAST_RECYCLED;
        long millis = Math.max(1, growth.millis());
        values.add(
                isPool ? (Long) Math.round((double) births.ends() * Hours.MILLIS / millis) : null);
        values.add(isPool ? Missing.orNull(births.firstBytes()) : null);
        values.add(isPool ? Missing.orNull(births.lastBytes()) : null);
        boolean isCopied = row.copied.isKnown() && row.copied.bytes() >= LEAST_COPIED_BYTES;
        values.add(isCopied ? (Long) row.copied.bytes() : null);
    }

    private static void hideIfEmpty(List<Psm.Column> columns, int index, List<Psm.Row> rows) {
        for (Psm.Row row : rows) {
            if (row.values().get(index) != null) {
                return;
            }
        }
        columns.set(index, columns.get(index).at(0));
    }

    // Limits and samples

    private Psm.Account limits() {
        List<Psm.Row> rows = new ArrayList<>();
        for (Forecast forecast : forecasts) {
            List<Object> values = new ArrayList<>();
            values.add(forecast.name());
            values.add(forecast.used());
            values.add(forecast.limit());
            values.addAll(rates(forecast.trend()));
            values.add(forecast.fullAt());
            values.add(forecast.fullAt() == null ? null : forecast.earliest());
            values.add(forecast.fullAt() == null ? null : forecast.latest());
            values.add(
                    forecast.fullAt() == null
                            ? null
                            : (Long) (forecast.time().millis() / MILLIS_PER_SECOND));
            values.add(forecast.outlook());
            values.add(forecast.trend().verdict().toString());
            rows.add(new Psm.Row(Collections.unmodifiableList(values)));
        }
        return new Psm.Account(
                FULL,
                null,
                List.of(),
                true,
                LIMITS,
                Collections.unmodifiableList(rows),
                !forecasts.isEmpty());
    }

    /** Returns a rate with its interval; none where it goes up and down, and so is of no use. */
    private static List<Object> rates(Trend trend) {
        boolean goesOn = trend.verdict() == Verdict.STEADY || trend.verdict() == Verdict.SHRINKS;
        return goesOn
                ? List.of(trend.rate(), trend.lower(), trend.upper())
                : Collections.nCopies(3, null);
    }

    private Psm.Account window() {
        Instant until = last.run().takenAt();
        return new Psm.Account(
                ReportHead.WINDOW,
                null,
                List.of(
                        entry("since_at", Psm.Kind.TIME, until.minusMillis(growth.millis())),
                        entry("until_at", Psm.Kind.TIME, until),
                        entry(ReportHead.SAMPLES, Psm.Kind.NUMBER, growth.samples()),
                        entry(
                                ReportHead.DURATION,
                                Psm.Kind.SECONDS,
                                Math.round((double) growth.millis() / MILLIS_PER_SECOND))));
    }

    private static Psm.Entry entry(String key, Psm.Kind kind, Object value) {
        return new Psm.Entry(key, null, kind, value, false);
    }
}
