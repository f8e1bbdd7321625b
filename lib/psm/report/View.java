package psm.report;

import psm.Psm;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.text.Filter;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a report shows, and in what order.
 *
 * @param by the ways to group processes
 * @param columns the figures, in the order of a table
 * @param sort the figure to sort rows by, whether it is shown or not; {@code null} for their names
 * @param reversed whether the order of rows is turned around, in documents and in tables
 * @param maxRows how many rows to show, the largest by {@link #rankedBy}; 0 for all
 * @param minBytes the minimum of {@link #sized} for a row to be shown; {@link Missing#VALUE} for
 *     all rows
 * @param totalsAlone whether to show no rows
 * @param extent what to show besides the rows
 * @param filter the filter for the names of rows; {@code null} keeps all. It is {@code null} for
 *     rows named after programs, which the scan has already filtered
 */
public record View(
        List<Grouping> by,
        List<Shown> columns,
        Figure sort,
        boolean reversed,
        int maxRows,
        long minBytes,
        boolean totalsAlone,
        Extent extent,
        Filter filter) {
    /**
     * Returns the same view with rows by programs instead of single processes or command lines, and
     * without the columns of users and command lines; {@code null} if it has no such rows.
     */
    public View byPrograms() {
        List<Grouping> fewer = new ArrayList<>(by);
        fewer.removeIf(grouping -> grouping.isSingleProcess() || grouping == Grouping.COMMAND);
        if (fewer.size() == by.size()) {
            return null;
        }
        if (fewer.isEmpty()) {
            fewer.add(Grouping.PROGRAM);
        }
        List<Shown> figures = new ArrayList<>(columns);
        figures.removeIf(
                shown -> shown.figure() == Figure.USER || shown.figure() == Figure.COMMAND);
        return with(List.copyOf(fewer), List.copyOf(figures));
    }

    private View with(List<Grouping> groupings, List<Shown> figures) {
        return new View(
                groupings, figures, sort, reversed, maxRows, minBytes, totalsAlone, extent, filter);
    }

    /** Returns the same view with another limit for the number of rows. */
    public View withMaxRows(int rows) {
        return new View(by, columns, sort, reversed, rows, minBytes, totalsAlone, extent, filter);
    }

    /** What a report shows besides its rows. */
    public enum Extent {
        /** The swap in use. */
        ROWS,
        /** What all of the host's memory is used for, too. */
        SYSTEM,
        /**
         * The same and the fullest control groups, as metrics: names that change from one run of a
         * program to the next are cut, so that they mean the same at each time.
         */
        METRICS,
        /** Rows with such names, without the host's memory. */
        ROWS_OF_METRICS
    }

    /** Returns whether to show what all of the host's memory is used for. */
    public boolean system() {
        return extent == Extent.SYSTEM || extent == Extent.METRICS;
    }

    /** Returns whether the rows become metrics. */
    public boolean isOfMetrics() {
        return extent == Extent.METRICS || extent == Extent.ROWS_OF_METRICS;
    }

    /** The condition for a table to show a column. JSON and CSV always contain it. */
    public enum When {
        ALWAYS,
        /** A table shows the column if a row contains more than 0. */
        ANY,
        /** A table shows the column if a row contains more than 1. */
        SEVERAL,
        NEVER
    }

    /** A column of figures. */
    public record Shown(Figure figure, When inTables) {}

    private static final Figure[] METRICS = {
        Figure.PSS,
        Figure.SWAP,
        Figure.ANONYMOUS,
        Figure.COUNT,
        Figure.LARGEST,
        Figure.OLDEST,
        Figure.NEWEST
    };

    /** The view without options: one row for each program, with the default figures. */
    public static final View DEFAULT = new View(List.of(Grouping.PROGRAM), columns(false));

    private View(List<Grouping> by, List<Shown> columns) {
        this(by, columns, Figure.PSS, false, 0, Missing.VALUE, false, Extent.ROWS, null);
    }

    /** Returns the columns that psm shows without {@code -c}. */
    public static List<Shown> columns(boolean heap) {
        List<Shown> columns = new ArrayList<>();
        columns.add(new Shown(Figure.PSS, When.ALWAYS));
        columns.add(new Shown(Figure.SHARED, When.ALWAYS));
        if (heap) {
            columns.add(new Shown(Figure.HEAP, When.ALWAYS));
        }
        columns.add(new Shown(Figure.SHARED_HUGETLB, When.ANY));
        columns.add(new Shown(Figure.SWAP, When.ALWAYS));
        columns.add(new Shown(Figure.SWAP_WITH_SHARED, When.NEVER));
        columns.add(new Shown(Figure.COUNT, When.ALWAYS));
        return columns;
    }

    /** Returns the columns of metrics without {@code -c}. */
    public static List<Shown> columnsOfMetrics(boolean heap) {
        List<Shown> columns = new ArrayList<>();
        for (Figure figure : METRICS) {
            columns.add(new Shown(figure, When.NEVER));
        }
        if (heap) {
            columns.add(new Shown(Figure.HEAP, When.ALWAYS));
        }
        return columns;
    }

    /** Returns whether the report needs a figure: as a column, or to sort the rows. */
    public boolean uses(Figure figure) {
        return sort == figure || shows(figure);
    }

    public boolean shows(Figure figure) {
        return indexOf(figure, columns) >= 0;
    }

    /** Returns whether tables can show a figure. */
    public boolean isInTables(Figure figure) {
        int index = indexOf(figure, columns);
        return index >= 0 && columns.get(index).inTables() != When.NEVER;
    }

    /** Returns the index of a figure among columns; -1 if it is not one of them. */
    public static int indexOf(Figure figure, List<Shown> columns) {
        // The first call of a record's equals takes longer than a scan: Java generates it then.
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).figure() == figure) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Returns the same view with the columns that a report of several machines always contains: on
     * how many a row is, and on which one. A table shows them where that is not clear without them.
     */
    View ofSeveral() {
        List<Shown> more = new ArrayList<>(columns);
        if (!shows(Figure.HOSTS)) {
            int count = indexOf(Figure.COUNT, columns);
            boolean isCounted = count >= 0 && columns.get(count).inTables() != When.NEVER;
            more.add(new Shown(Figure.HOSTS, isCounted ? When.SEVERAL : When.NEVER));
        }
        if (!shows(Figure.HOST)) {
            more.add(new Shown(Figure.HOST, isOfProcesses() ? When.ALWAYS : When.NEVER));
        }
        return with(by, List.copyOf(more));
    }

    /** Returns whether each row is one process, or begins with one. */
    boolean isOfProcesses() {
        return isOfSingleProcesses() || by.contains(Grouping.PARENT);
    }

    /** Returns whether each row is one process. */
    boolean isOfSingleProcesses() {
        for (Grouping grouping : by) {
            if (grouping.isSingleProcess()) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether the report shows a figure of a process that is not exact. */
    boolean isAffected(ProcessMemory process) {
        for (int i = 0; i < columns.size() && process.isEstimated(); i++) {
            if (columns.get(i).figure().isAffected(process)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the figure that {@link #minBytes} limits: the sort figure if it is a size. */
    Figure sized() {
        return sort != null && sort.column.kind() == Psm.Kind.BYTES ? sort : Figure.PSS;
    }

    /** Returns the details that a scan must read besides the memory. */
    public Set<Detail> needs() {
        Set<Detail> needs = Detail.none();
        for (Grouping grouping : by) {
            add(grouping.detail, needs);
        }
        for (Shown shown : columns) {
            add(shown.figure().needs(), needs);
        }
        if (sort != null) {
            add(sort.needs(), needs);
        }
        if (system()) {
            needs.add(Detail.SYSTEM);
            needs.add(Detail.DEVICE_MAPPINGS);
        }
        if (isOfMetrics()) {
            needs.add(Detail.CGROUP_MEMORY);
        }
        return needs;
    }

    private static void add(Detail detail, Set<Detail> needs) {
        if (detail != null) {
            needs.add(detail);
        }
    }

    /** Returns the figure that makes a row large: the sort figure, unless it is a name. */
    Figure rankedBy() {
        Psm.Kind kind = sort == null ? Psm.Kind.TEXT : sort.column.kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID ? Figure.PSS : sort;
    }
}
