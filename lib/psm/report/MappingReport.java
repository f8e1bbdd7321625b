package psm.report;

import psm.Psm;
import psm.scan.Snapshot;
import psm.smaps.MappingKind;
import psm.smaps.Mappings;
import psm.smaps.Usage;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Missing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * Makes a report of a snapshot's mappings: one row for all mappings of a name, or of a kind, the
 * smallest first, so that the biggest is last.
 *
 * <p>The totals of RAM, private memory and swap are those of the snapshot's processes, to the byte,
 * unless some of the rows are chosen.
 */
public final class MappingReport {
    /** The row of the names that there was no room for; the kernel names nothing so. */
    static final String OTHERS = "(others)";

    private static final Psm.Column MAPPING =
            new Psm.Column("mapping", "MAPPING", Psm.Kind.TEXT, 10, false, false);
    private static final Psm.Column KIND =
            new Psm.Column("kind", "KIND", Psm.Kind.TEXT, 10, false, false);

    /** By {@link Mappings.Figure#ordinal}. */
    private static final Psm.Column[] COLUMNS = columns();

    private static final Mappings.Figure[] FIGURES = Mappings.Figure.values();

    private MappingReport() {}

    /**
     * Makes the report of a snapshot's mappings.
     *
     * @param snapshot of a scan that was asked for mappings
     * @param byKind whether one row is to be a kind of mappings, else a name
     * @param view which rows, in what order, and how many of them
     * @throws Failure where the rows have not what they are to be sorted by, or the view's filter
     *     is too slow for a name
     */
    public static Psm.Report of(Snapshot snapshot, String psmVersion, boolean byKind, View view)
            throws Failure {
        List<Psm.Row> rows = byKind ? kinds(snapshot.mappings()) : names(snapshot.mappings());
        if (view.filter() != null) {
            keepNamed(view.filter(), rows);
        }
        Comparator<Psm.Row> order = order(view.sort());
        rows.sort(view.largestFirst() ? order.reversed() : order);
        List<Psm.Row> shown = chosen(rows, view);
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(byKind ? KIND : MAPPING);
        for (Mappings.Figure figure : FIGURES) {
            columns.add(column(figure, rows));
        }
        return ProcessReport.report(
                psmVersion,
                snapshot,
                ProcessReport.processes(snapshot),
                Collections.unmodifiableList(columns),
                Collections.unmodifiableList(shown),
                totals(rows),
                Collections.emptyList(),
                shown.size() == rows.size() || view.totalsAlone() ? null : more(rows, shown, view),
                view.ranking(shown, shown, order(view.ranking())));
    }

    /** Those that are left out are in no total either. */
    private static void keepNamed(Filter filter, List<Psm.Row> rows) throws Failure {
        List<Psm.Row> kept = new ArrayList<>();
        for (Psm.Row row : rows) {
            String name = (String) row.values().get(0);
            try {
                if (filter.finds(name)) {
                    kept.add(row);
                }
            } catch (IOException e) {
                throw Failure.of(e.getMessage() + ": " + name, e);
            }
        }
        rows.clear();
        rows.addAll(kept);
    }

    private static List<Psm.Row> chosen(List<Psm.Row> rows, View view) throws Failure {
        if (view.totalsAlone()) {
            return List.of();
        }
        int sized = place(view.sized());
        List<Psm.Row> large = new ArrayList<>();
        for (Psm.Row row : rows) {
            if (view.least() == Figure.NONE || figure(row, sized) >= view.least()) {
                large.add(row);
            }
        }
        return view.largest(large, order(view.ranking()));
    }

    private static Psm.More more(List<Psm.Row> rows, List<Psm.Row> shown, View view) {
        Set<Psm.Row> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        seen.addAll(shown);
        List<Psm.Row> hidden = new ArrayList<>(rows);
        hidden.removeIf(seen::contains);
        return new Psm.More(hidden.size(), !view.largestFirst(), totals(hidden));
    }

    private static List<Psm.Row> kinds(Mappings mappings) {
        List<Psm.Row> rows = new ArrayList<>();
        for (MappingKind kind : MappingKind.values()) {
            if (mappings.ofKind(kind, Mappings.Figure.MAPPINGS) > 0) {
                Object[] values = new Object[1 + FIGURES.length];
                values[0] = kind.inWords;
                for (Mappings.Figure figure : FIGURES) {
                    values[1 + figure.ordinal()] = value(mappings.ofKind(kind, figure));
                }
                rows.add(row(values));
            }
        }
        return rows;
    }

    private static List<Psm.Row> names(Mappings mappings) {
        List<Psm.Row> rows = new ArrayList<>(mappings.names());
        for (int name = 0; name < mappings.names(); name++) {
            if (mappings.ofName(name, Mappings.Figure.MAPPINGS) > 0) {
                Object[] values = new Object[1 + FIGURES.length];
                values[0] = mappings.name(name) == null ? OTHERS : mappings.name(name);
                for (Mappings.Figure figure : FIGURES) {
                    values[1 + figure.ordinal()] = value(mappings.ofName(name, figure));
                }
                rows.add(row(values));
            }
        }
        return rows;
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    private static Long value(long figure) {
        return figure == Missing.VALUE ? null : (Long) figure;
    }

    /** Without rows, there is nothing, and it uses no memory. */
    private static Psm.Row totals(List<Psm.Row> rows) {
        Object[] totals = new Object[1 + FIGURES.length];
        for (int i = 1; i < totals.length; i++) {
            if (COLUMNS[i - 1].summed()) {
                long sum = rows.isEmpty() ? 0 : Missing.VALUE;
                for (Psm.Row row : rows) {
                    Long more = (Long) row.values().get(i);
                    sum = more == null ? sum : Usage.sum(sum, more);
                }
                totals[i] = value(sum);
            }
        }
        return row(totals);
    }

    private static Psm.Column[] columns() {
        Psm.Column[] columns = new Psm.Column[Mappings.Figure.values().length];
        for (Mappings.Figure figure : Mappings.Figure.values()) {
            columns[figure.ordinal()] = column(figure);
        }
        return columns;
    }

    private static Psm.Column column(Mappings.Figure figure) {
        return switch (figure) {
            case MAPPINGS ->
                    new Psm.Column("mappings", "MAPPINGS", Psm.Kind.NUMBER, 7, false, true);
            case PROCESSES ->
                    new Psm.Column("processes", "PROCESSES", Psm.Kind.COUNT, 11, false, false);
            case PSS -> Figure.PSS.column.at(1);
            case PRIVATE -> Figure.USS.column.at(2);
            case SHARED ->
                    bytes(Figure.SHARED.column.key(), Figure.SHARED.column.title(), 3, false);
            case SWAP_WITH_SHARED -> Figure.SWAP_WITH_SHARED.column.at(0);
            case SHARED_HUGETLB -> Figure.SHARED_HUGETLB.column.at(4);
            case SWAP -> Figure.SWAP.column.at(5);
            case RSS -> bytes("rss_bytes", "RSS", 6, false);
        };
    }

    private static Psm.Column bytes(String key, String title, int display, boolean summed) {
        return new Psm.Column(key, title, Psm.Kind.BYTES, display, false, summed);
    }

    /** A table has shared huge pages only where there are some. */
    private static Psm.Column column(Mappings.Figure figure, List<Psm.Row> rows) {
        if (figure == Mappings.Figure.SHARED_HUGETLB) {
            for (Psm.Row row : rows) {
                Long bytes = (Long) row.values().get(1 + figure.ordinal());
                if (bytes != null && bytes > 0) {
                    return COLUMNS[figure.ordinal()];
                }
            }
            return Figure.SHARED_HUGETLB.column.at(0);
        }
        return COLUMNS[figure.ordinal()];
    }

    /**
     * By a figure; names decide between equals, so that two runs show the same order. (What
     * Comparator makes of functions can be serialized, and so is in no archive of Java's: that
     * costs a tenth of a run.)
     */
    private static Comparator<Psm.Row> order(Figure sort) throws Failure {
        if (sort == null) {
            return (a, b) -> name(a).compareTo(name(b));
        }
        int at = place(sort);
        return (a, b) -> {
            int byFigure = Long.compare(figure(a, at), figure(b, at));
            return byFigure != 0 ? byFigure : name(a).compareTo(name(b));
        };
    }

    private static String name(Psm.Row row) {
        return (String) row.values().get(0);
    }

    /** Where a row has a figure. */
    private static int place(Figure figure) throws Failure {
        for (int i = 0; i < COLUMNS.length; i++) {
            if (COLUMNS[i].key().equals(figure.column.key())) {
                return 1 + i;
            }
        }
        throw Failure.usage(
                "--sort "
                        + figure.option
                        + ": maps are sorted by pss, uss, shared, rss, swap, mappings or name",
                null);
    }

    private static long figure(Psm.Row row, int at) {
        Long value = (Long) row.values().get(at);
        return value == null ? Missing.VALUE : value;
    }
}
