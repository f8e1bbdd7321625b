package psm.report;

import psm.Psm;
import psm.proc.HugePages;
import psm.scan.Snapshot;
import psm.smaps.MappingKind;
import psm.smaps.Mappings;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Makes a report of a snapshot's mappings: one row for all mappings of a name, or of a kind, the
 * largest first.
 *
 * <p>The totals of RAM, private memory and swap are those of the snapshot's processes, to the byte,
 * unless the view has a filter.
 */
public final class MappingReport extends RowChoice<Psm.Row> {
    /**
     * The name of the row for all names that did not fit into the table. The kernel gives no
     * mapping this name.
     */
    public static final String OTHERS = "(others)";

    private static final Psm.Column MAPPING =
            new Psm.Column("mapping", "MAPPING", Psm.Kind.TEXT, 10, false, false);
    private static final Psm.Column KIND =
            new Psm.Column("kind", "KIND", Psm.Kind.TEXT, 10, false, false);

    private static final Psm.Column PROCESSES =
            new Psm.Column("processes", "PROCESSES", Psm.Kind.COUNT, 11, false, false);

    private static final Mappings.Figure[] FIGURES = Mappings.Figure.values();

    /** The columns of the figures, by {@link Mappings.Figure#ordinal}. */
    private static final Psm.Column[] COLUMNS = columns();

    private MappingReport(View view) {
        super(view);
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param snapshot the result of a scan with mappings
     * @param byKind whether each row is a kind of mappings, instead of a name
     * @param view which rows to show, in what order, and how many; it sorts by names or by a figure
     *     that {@link #contains}
     * @throws Failure if the view's filter is too slow for a name
     */
    public static Psm.Report of(Snapshot snapshot, String psmVersion, boolean byKind, View view)
            throws Failure {
        MappingReport report = new MappingReport(view);
        Mappings mappings = snapshot.mappings();
        HugePages pools = snapshot.host().memory().unlisted().hugePages();
        List<Psm.Row> rows =
                report.matching(byKind ? kinds(mappings, pools) : names(mappings, pools));
        List<Psm.Row> shown = report.shown(rows);
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(byKind ? KIND : MAPPING);
        for (Mappings.Figure figure : FIGURES) {
            columns.add(column(figure, rows));
        }
        ReportHead head = new ReportHead(psmVersion, snapshot);
        return head.report(
                head.processes(View.DEFAULT),
                Collections.unmodifiableList(columns),
                Collections.unmodifiableList(shown),
                totals(rows),
                Collections.emptyList(),
                report.more(rows, shown),
                report.ranking(shown, shown, report.inTable(shown)));
    }

    /** Returns whether a report is of mappings. */
    public static boolean isOf(Psm.Report report) {
        String first = report.columns().get(0).key();
        return first.equals(MAPPING.key()) || first.equals(KIND.key());
    }

    /** Returns whether a figure is one of the columns. */
    public static boolean contains(Figure figure) {
        return place(figure) > 0;
    }

    @Override
    protected Object value(Figure figure, Psm.Row row) {
        return row.values().get(place(figure));
    }

    @Override
    protected String name(Psm.Row row) {
        return (String) row.values().get(0);
    }

    @Override
    protected int compareNames(Psm.Row a, Psm.Row b) {
        return name(a).compareTo(name(b));
    }

    @Override
    protected Psm.Row sums(List<Psm.Row> hidden) {
        return totals(hidden);
    }

    private static List<Psm.Row> kinds(Mappings mappings, HugePages pools) {
        List<Psm.Row> rows = new ArrayList<>();
        for (MappingKind kind : MappingKind.values()) {
            add(kind.inWords, mappings.ofKind(kind), pools, rows);
        }
        return rows;
    }

    private static List<Psm.Row> names(Mappings mappings, HugePages pools) {
        List<Psm.Row> rows = new ArrayList<>(mappings.names());
        for (int name = 0; name < mappings.names(); name++) {
            String title = mappings.name(name) == null ? OTHERS : mappings.name(name);
            add(title, mappings.ofName(name), pools, rows);
        }
        return rows;
    }

    /** Adds a row, unless no mapping is counted in it. */
    private static void add(String title, long[] figures, HugePages pools, List<Psm.Row> rows) {
        int huge = Mappings.Figure.SHARED_HUGETLB.ordinal();
        figures[huge] = pools.atMostInUse(figures[huge]);
        if (figures[Mappings.Figure.MAPPINGS.ordinal()] > 0) {
            Object[] values = new Object[1 + FIGURES.length];
            values[0] = title;
            for (int i = 0; i < FIGURES.length; i++) {
                values[1 + i] = Missing.orNull(figures[i]);
            }
            rows.add(row(values));
        }
    }

    /** Adds up the rows in each column. The sum of no rows is 0. */
    private static Psm.Row totals(List<Psm.Row> rows) {
        Object[] totals = new Object[1 + FIGURES.length];
        for (int i = 1; i < totals.length; i++) {
            if (COLUMNS[i - 1].summed()) {
                long sum = rows.isEmpty() ? 0 : Missing.VALUE;
                for (Psm.Row row : rows) {
                    Long more = (Long) row.values().get(i);
                    sum = more == null ? sum : Missing.plus(sum, more);
                }
                totals[i] = Missing.orNull(sum);
            }
        }
        return row(totals);
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    private static Psm.Column[] columns() {
        Psm.Column[] columns = new Psm.Column[FIGURES.length];
        for (Mappings.Figure figure : FIGURES) {
            columns[figure.ordinal()] = column(figure);
        }
        return columns;
    }

    private static Psm.Column column(Mappings.Figure figure) {
        return switch (figure) {
            case PSS -> Figure.PSS.column.at(1);
            case PRIVATE -> Figure.USS.column.at(2);
            case SHARED -> Figure.SHARED.column.at(3);
            case SHARED_HUGETLB -> Figure.SHARED_HUGETLB.column.at(4);
            case SWAP -> Figure.SWAP.column.at(5);
            case SWAP_WITH_SHARED -> Figure.SWAP_WITH_SHARED.column.at(0);
            case RSS -> Figure.RSS.column.at(6);
            case MAPPINGS -> Figure.MAPPINGS.column.at(7);
            case PROCESSES -> PROCESSES;
        };
    }

    /** Returns a column. Tables show that of shared huge pages only if a row has some. */
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

    /** Returns the place of a figure in a row; -1 if it is not a column. */
    private static int place(Figure figure) {
        for (int i = 0; i < COLUMNS.length; i++) {
            if (COLUMNS[i].key().equals(figure.column.key())) {
                return 1 + i;
            }
        }
        return -1;
    }
}
