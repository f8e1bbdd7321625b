package psm.report;

import psm.Psm;
import psm.scan.Detail;
import psm.text.Filter;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What a report of processes is to show.
 *
 * @param by what its rows are of
 * @param columns its figures, in the order of a table
 * @param sort the figure that the rows are sorted by, whether it is shown or not; {@code null} for
 *     their names
 * @param largestFirst whether the order is reversed: else the largest is last
 * @param most how many rows to show, the largest, see {@link #rankedBy}; 0 for all
 * @param least rows that have less, see {@link #sized}, are not shown; {@link Missing#VALUE} for all
 * @param totalsAlone whether to show no rows
 * @param host whether to tell where all of the host's memory is
 * @param filter finds something in the names of the rows that are wanted, {@code null} for all
 *     (names of programs are chosen by the scan)
 */
public record View(
        List<Grouping> by,
        List<Shown> columns,
        Figure sort,
        boolean largestFirst,
        int most,
        long least,
        boolean totalsAlone,
        boolean host,
        Filter filter) {
    /** When a table has a column. */
    public enum When {
        ALWAYS,
        /** Where somebody has some of it. */
        ANY,
        /** Documents alone have it. */
        NEVER
    }

    /** A column of figures. */
    public record Shown(Figure figure, When inTables) {}

    /** One row a program, with the figures that psm is for. */
    public static final View DEFAULT = new View(List.of(Grouping.PROGRAM), columns(false));

    private View(List<Grouping> by, List<Shown> columns) {
        this(by, columns, Figure.PSS, false, 0, Missing.VALUE, false, false, null);
    }

    /** What is shown unless others are asked for. */
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

    /** Whether a figure is shown, or sorts the rows. */
    public boolean uses(Figure figure) {
        return sort == figure || shows(figure);
    }

    public boolean shows(Figure figure) {
        return indexOf(figure, columns) >= 0;
    }

    /** Where a figure is among columns; -1 for nowhere. */
    public static int indexOf(Figure figure, List<Shown> columns) {
        // Of a record, equals is made when it is first called, which takes longer than a scan.
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).figure() == figure) {
                return i;
            }
        }
        return -1;
    }

    /** The figure that is held to {@link #least}: the one that sorts, where it is of sizes. */
    Figure sized() {
        return sort != null && sort.column.kind() == Psm.Kind.BYTES ? sort : Figure.PSS;
    }

    /** What a scan has to find out for it beside the memory. */
    public Set<Detail> needs() {
        Set<Detail> needs = EnumSet.noneOf(Detail.class);
        for (Grouping grouping : by) {
            add(grouping.detail, needs);
        }
        for (Shown shown : columns) {
            add(shown.figure().needs(), needs);
        }
        if (sort != null) {
            add(sort.needs(), needs);
        }
        return needs;
    }

    private static void add(Detail detail, Set<Detail> needs) {
        if (detail != null) {
            needs.add(detail);
        }
    }

    /** The figure of which {@link #most} have the most: the one that sorts, unless it is a name. */
    Figure rankedBy() {
        Psm.Kind kind = sort == null ? Psm.Kind.TEXT : sort.column.kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID ? Figure.PSS : sort;
    }
}
