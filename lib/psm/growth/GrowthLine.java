package psm.growth;

import psm.Psm;
import psm.text.Missing;
import psm.trend.Hours;
import psm.trend.Trend;
import psm.trend.Verdict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * A row of the report, and what it is sorted by.
 *
 * @param isThere whether it has processes, so that it may go on
 */
record GrowthLine(
        boolean isSteady,
        boolean isThere,
        long rate,
        long now,
        int pid,
        List<String> names,
        Psm.Row row) {
    /** Orders rows: steady growth first, then that of what has ended, then others by their rate. */
    static final Comparator<GrowthLine> ORDER =
            Comparator.comparing(GrowthLine::goesOn)
                    .thenComparing(GrowthLine::isSteady)
                    .thenComparingLong(GrowthLine::rate)
                    .thenComparingLong(GrowthLine::now)
                    .reversed()
                    .thenComparingInt(GrowthLine::pid)
                    .thenComparing(line -> name(line.names(), 0));

    private static final int ROW_BYTES = 450;

    /** Fewer births and ends are no pool that recycles its workers. */
    private static final int LEAST_RECYCLED = 4;

    /** What was copied is noise below this. */
    private static final long LEAST_COPIED_BYTES = 1 << 20;

    /** Returns a row of a machine's growth, with the values of all columns. */
    static GrowthLine of(Growth growth, GrowthRow row, Trend trend) {
        boolean isThere = growth.isThere(row);
        List<Object> values = new ArrayList<>(row.names);
        values.add(growth.isByPid() ? (Long) (long) row.pid : (Long) (isThere ? row.count() : 0L));
        values.add(Missing.orNull(trend.rate()));
        values.add(Missing.orNull(trend.lower()));
        values.add(Missing.orNull(trend.upper()));
        values.add(trend.verdict().toString());
        values.add(isThere ? row.now() : 0L);
        values.add(Missing.orNull(trend.change()));
        addPool(growth, row, values);
        values.add(isThere ? (long) row.estimated() : 0L);
        return new GrowthLine(
                trend.verdict() == Verdict.STEADY,
                isThere,
                trend.rate(),
                row.now(),
                row.pid,
                row.names,
                new Psm.Row(Collections.unmodifiableList(values)));
    }

    /** Adds what a pool that recycles its workers shows, and what forks copied. */
    private static void addPool(Growth growth, GrowthRow row, List<Object> values) {
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

    boolean goesOn() {
        return isSteady && isThere;
    }

    /** Returns how much memory it takes: names are of processes, and can be long. */
    long bytes() {
        long bytes = ROW_BYTES;
        for (String name : names) {
            bytes += name == null ? 0 : name.length() * 2L;
        }
        return bytes;
    }

    /**
     * Returns the names of a row as one.
     *
     * @param from the number of names to leave out
     */
    static String name(List<String> names, int from) {
        StringBuilder name = new StringBuilder();
        for (int i = from; i < names.size(); i++) {
            String part = names.get(i);
            name.append(i == from ? "" : " ").append(part == null ? "-" : part);
        }
        return name.toString();
    }
}
