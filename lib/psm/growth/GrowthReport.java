package psm.growth;

import psm.Psm;
import psm.report.Grouping;
import psm.report.ReportHead;
import psm.report.View;
import psm.text.Filter;
import psm.text.Missing;
import psm.trend.TimeToFull;
import psm.trend.Trend;
import psm.trend.Verdict;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
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

    static final String RATE = "rate_bytes_per_hour";
    static final String LOW = "rate_low_bytes_per_hour";
    static final String HIGH = "rate_high_bytes_per_hour";

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
    private static final Psm.Column COUNT =
            Forecast.column("count", "COUNT", Psm.Kind.COUNT, NAMES_AT + 10);

    private static final Psm.Column ENDS =
            Forecast.column("ends_per_hour", "ENDS/h", Psm.Kind.NUMBER, 6);
    private static final Psm.Column STARTS_AT =
            Forecast.column("starts_at_first_bytes", "STARTS AT", Psm.Kind.BYTES, 7);
    private static final Psm.Column THEN =
            Forecast.column("starts_at_last_bytes", "THEN", Psm.Kind.BYTES, 8);
    private static final Psm.Column COPIED =
            Forecast.column("copied_bytes", "COPIED", Psm.Kind.BYTES, 9);

    /** The columns behind the names. */
    private static final List<Psm.Column> FIGURES =
            List.of(
                    Forecast.column(RATE, "RATE", Psm.Kind.RATE, 1),
                    Forecast.column(LOW, "LOW", Psm.Kind.RATE, 2),
                    Forecast.column(HIGH, "HIGH", Psm.Kind.RATE, 3),
                    VERDICT_COLUMN,
                    Forecast.column("now_bytes", "NOW", Psm.Kind.BYTES, 4),
                    new Psm.Column(
                            "change_bytes", "CHANGE", Psm.Kind.BYTES, 5, false, false, 0, true),
                    Forecast.column("started", "started", Psm.Kind.NUMBER, 0),
                    Forecast.column("ended", "ended", Psm.Kind.NUMBER, 0),
                    ENDS,
                    STARTS_AT,
                    THEN,
                    COPIED,
                    new Psm.Column(
                            "estimated", "estimated", Psm.Kind.COUNT, NAMES_AT + 11, true, false));

    /** Those that a table shows only where a row has something. */
    private static final List<Psm.Column> OPTIONAL = List.of(ENDS, STARTS_AT, THEN, COPIED);

    private static final int MILLIS_PER_SECOND = 1_000;

    /**
     * What the rows of several machines may take: some 20,000 of them. If there are more, those
     * that grow least are only counted.
     */
    private static final long MAX_ROW_BYTES = 10 << 20;

    /** What the limits of several machines may take. */
    private static final long MAX_LIMIT_BYTES = 3 << 20;

    private static final int LIMIT_BYTES = 200;

    /** How many limits of several machines people see, unless they want to see more rows. */
    private static final int LIMITS_FOR_PEOPLE = 20;

    /**
     * Which rows the report contains.
     *
     * @param maxRows the number of rows, those that grow fastest; 0 for any number
     * @param leastBytes how much a row has grown at least, or {@link Missing#VALUE}
     * @param filter the filter for the names of rows; {@code null} for all
     * @param forPeople whether to leave out rows that do not change, unless their number is named
     * @param forMetrics whether names of machines that are {@link #add added} are stable, as {@link
     *     Growth} says
     * @param forPictures whether to draw {@link #pictures}
     */
    public record Chosen(
            int maxRows,
            long leastBytes,
            Filter filter,
            boolean forPeople,
            boolean forMetrics,
            boolean forPictures) {}

    private final List<Grouping> by;
    private final Chosen chosen;

    /** The column with the machine; {@code null} in a report of one. */
    private final Psm.Column host;

    /** The number of names of a row before those that the filter is for. */
    private final int unfiltered;

    /** The growth of the only machine; {@code null} in a report of several. */
    private final Growth only;

    private final Kept<Forecast> forecasts;
    private final Kept<GrowthLine> lines;

    /** {@code null} if nothing is drawn. */
    private final GrowthPictures pictures;

    /** The number of rows, of which {@link #lines} may contain fewer. */
    private int found;

    /** The number of limits, of which {@link #forecasts} may contain fewer. */
    private int limits;

    /** The first limit of several machines with too few samples; {@code null} if there is none. */
    private Forecast firstTooShort;

    /** The first machine without a limit; {@code null} if there is none. */
    private String firstWithoutLimit;

    private boolean isTooShort;
    private Instant since;
    private Instant until;
    private long samples;
    private long millis;

    /**
     * Prepares the report of one machine, with at least one sample. If something is to be drawn,
     * its timeline was kept.
     */
    public GrowthReport(Growth growth, Chosen chosen) {
        this(growth.labels().by(), chosen, 1, 0, growth);
        if (pictures != null) {
            pictures.begin(null, growth);
        }
        addForecasts(null, growth);
        addWindow(growth);
    }

    private GrowthReport(
            List<Grouping> by, Chosen chosen, int machines, int unfiltered, Growth only) {
        this.by = by;
        this.chosen = chosen;
        this.host = machines > 1 ? Grouping.HOST.column : null;
        this.unfiltered = unfiltered;
        this.only = only;
        this.pictures = chosen.forPictures() ? new GrowthPictures(chosen.maxRows()) : null;
        this.lines = new Kept<>(GrowthLine.ORDER, GrowthLine::bytes, machines, MAX_ROW_BYTES);
        this.forecasts =
                new Kept<>(
                        Forecast::compareUrgency, GrowthReport::bytes, machines, MAX_LIMIT_BYTES);
    }

    private static long bytes(Forecast forecast) {
        return LIMIT_BYTES + forecast.name().length() * 2L;
    }

    /**
     * Prepares the report of machines that are {@link #add added}.
     *
     * @param machines how many there may be; of several, each row names its machine, whatever the
     *     ways to group are
     */
    public static GrowthReport ofMachines(List<Grouping> by, Chosen chosen, int machines) {
        if (machines == 1 || by.contains(Grouping.HOST)) {
            return new GrowthReport(by, chosen, machines, 0, null);
        }
        List<Grouping> all = new ArrayList<>(by);
        all.add(0, Grouping.HOST);
        return new GrowthReport(all, chosen, machines, 1, null);
    }

    /**
     * Returns what takes the samples of a machine, and is added then.
     *
     * @param filter the filter for names of programs; {@code null} for all
     * @param machine what the machine is called; {@code null} for the name that it has itself
     */
    public Growth begin(Filter filter, String machine) {
        Growth growth = new Growth(by, filter, machine, chosen.forMetrics());
        if (chosen.forPictures()) {
            growth.keepTimeline(0);
        }
        return growth;
    }

    /**
     * Adds a machine, with at least one sample. Nothing of its growth is kept.
     *
     * @throws IOException if the filter is too slow for a name; then it is not added
     */
    public void add(String machine, Growth growth) throws IOException {
        isTooShort = false;
        if (pictures != null) {
            pictures.begin(host == null ? null : machine, growth);
        }
        addRows(growth);
        addForecasts(host == null ? null : machine, growth);
        if (pictures != null) {
            pictures.end();
        }
        addWindow(growth);
        if (growth.capacities().all().isEmpty() && firstWithoutLimit == null) {
            firstWithoutLimit = machine;
        }
    }

    private void addForecasts(String machine, Growth growth) {
        Instant now = growth.last().run().takenAt();
        long gapMillis = growth.millis() / Math.max(1, growth.samples() - 1);
        List<Forecast> added = new ArrayList<>();
        for (Capacities.Capacity capacity : growth.capacities().all()) {
            Trend trend = capacity.decision().trend();
            TimeToFull time = TimeToFull.of(trend, capacity.limit());
            Forecast forecast =
                    new Forecast(
                            machine,
                            capacity.name,
                            capacity.used(),
                            capacity.limit(),
                            trend,
                            time,
                            now,
                            gapMillis);
            added.add(forecast);
            if (pictures != null) {
                pictures.add(forecast, capacity);
            }
            if (forecast.isTooShort()) {
                firstTooShort = firstTooShort == null ? forecast : firstTooShort;
                isTooShort |= forecast.isOfHost();
            }
        }
        limits += added.size();
        forecasts.addAll(added);
    }

    private void addWindow(Growth growth) {
        Instant end = growth.last().run().takenAt();
        Instant start = end.minusMillis(growth.millis());
        since = since == null || start.isBefore(since) ? start : since;
        until = until == null || end.isAfter(until) ? end : until;
        samples += growth.samples();
        millis = Math.max(millis, growth.millis());
    }

    /** Returns the limits, the most urgent first; of very many, the most urgent ones. */
    public List<Forecast> forecasts() {
        return Collections.unmodifiableList(forecasts.sorted());
    }

    /** Returns a limit with too few samples to say when it is reached, or {@code null}. */
    public Forecast tooShort() {
        return firstTooShort;
    }

    /** Returns the first of several machines that has no limit, or {@code null}. */
    public String withoutLimit() {
        return firstWithoutLimit;
    }

    /**
     * Returns whether the samples of the machine that was added last are too few, or too unevenly
     * spread, to say anything about it or about any row that was reported.
     */
    public boolean isTooShort() {
        return isTooShort;
    }

    /** Returns the number of limits that the report does not contain. */
    public int limitsLeftOut() {
        return limits - shownLimits();
    }

    private int shownLimits() {
        int all = forecasts.sorted().size();
        boolean isCut = host != null && chosen.forPeople();
        return isCut ? Math.min(all, Math.max(LIMITS_FOR_PEOPLE, chosen.maxRows())) : all;
    }

    /**
     * Makes the report of one machine.
     *
     * @throws IOException if the filter is too slow for a name
     */
    public Psm.Report report(String psmVersion) throws IOException {
        addRows(only);
        ReportHead head = new ReportHead(psmVersion, only.last());
        return report(head.origin(), head.processes(View.DEFAULT), List.of());
    }

    /** Returns the curves of what was added; none unless they were chosen. */
    public List<Psm.Picture> pictures() {
        return pictures == null ? List.of() : pictures.pictures();
    }

    /**
     * Makes the report.
     *
     * @param more the accounts behind those of the report
     */
    public Psm.Report report(Psm.Origin origin, Psm.Processes processes, List<Psm.Account> more) {
        List<GrowthLine> all = lines.sorted();
        int most = chosen.maxRows() > 0 ? chosen.maxRows() : all.size();
        List<Psm.Row> rows = new ArrayList<>();
        for (GrowthLine line : all.subList(0, Math.min(most, all.size()))) {
            rows.add(line.row());
        }
        List<Psm.Column> columns = columns();
        for (Psm.Column optional : OPTIONAL) {
            hideIfEmpty(columns, columns.indexOf(optional), rows);
        }
        int left = found - rows.size();
        Psm.Row none = new Psm.Row(Collections.nCopies(columns.size(), null));
        List<Psm.Row> slowestFirst = new ArrayList<>(rows);
        Collections.reverse(slowestFirst);
        List<Psm.Account> accounts = new ArrayList<>(List.of(limits(), window()));
        accounts.addAll(more);
        return new Psm.Report(
                origin,
                processes,
                Collections.unmodifiableList(columns),
                Collections.unmodifiableList(rows),
                none,
                Collections.unmodifiableList(accounts),
                left == 0 ? null : new Psm.More(left, false, none),
                new Psm.Ranking(Collections.unmodifiableList(slowestFirst), false));
    }

    private List<Psm.Column> columns() {
        List<Psm.Column> columns = new ArrayList<>();
        for (Grouping grouping : by) {
            columns.add(grouping.column.at(NAMES_AT + columns.size()));
        }
        columns.add(by.contains(Grouping.PID) ? PID : COUNT);
        columns.addAll(FIGURES);
        return columns;
    }

    // Rows

    private void addRows(Growth growth) throws IOException {
        List<GrowthLine> added = new ArrayList<>();
        int count = 0;
        boolean isAnyKnown = false;
        for (GrowthRow row : growth.rows()) {
            if (chosen.filter() != null
                    && !chosen.filter().finds(GrowthLine.name(row.names, unfiltered))) {
                continue;
            }
            Trend trend = row.trend();
            if (chosen.leastBytes() != Missing.VALUE && trend.change() < chosen.leastBytes()) {
                continue;
            }
            count++;
            isAnyKnown |= trend.verdict() != Verdict.TOO_SHORT;
            if (!isLeftOut(trend)) {
                GrowthLine line = GrowthLine.of(growth, row, trend);
                added.add(line);
                if (pictures != null) {
                    pictures.add(line, row, trend, unfiltered);
                }
            }
        }
        isTooShort |= count > 0 && !isAnyKnown;
        found += count;
        lines.addAll(added);
    }

    private boolean isLeftOut(Trend trend) {
        boolean isOfLittle =
                trend.verdict() == Verdict.FLAT || trend.verdict() == Verdict.TOO_SHORT;
        return isOfLittle && chosen.forPeople() && chosen.maxRows() == 0;
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
        for (Forecast forecast : forecasts().subList(0, shownLimits())) {
            rows.add(forecast.row());
        }
        return new Psm.Account(
                FULL,
                null,
                List.of(),
                true,
                Forecast.columns(host),
                Collections.unmodifiableList(rows),
                !rows.isEmpty(),
                "when limits are reached");
    }

    private Psm.Account window() {
        return new Psm.Account(
                ReportHead.WINDOW,
                null,
                List.of(
                        entry(ReportHead.SINCE, Psm.Kind.TIME, since),
                        entry("until_at", Psm.Kind.TIME, until),
                        entry(ReportHead.SAMPLES, Psm.Kind.NUMBER, samples),
                        entry(
                                ReportHead.DURATION,
                                Psm.Kind.SECONDS,
                                Math.round((double) millis / MILLIS_PER_SECOND))));
    }

    private static Psm.Entry entry(String key, Psm.Kind kind, Object value) {
        return new Psm.Entry(key, null, kind, value, false);
    }
}
