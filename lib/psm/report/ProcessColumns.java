package psm.report;

import psm.Psm;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The columns of a {@link ProcessReport}, in the order of JSON and CSV: the names of a row, the
 * number of its processes, their pids, the figures, and marks. Not for sharing between threads.
 */
final class ProcessColumns {
    private static final Psm.Column PIDS =
            new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false);
    private static final Psm.Column PID =
            new Psm.Column("pid", "PID", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column ANCESTOR_PID =
            new Psm.Column("ancestor_pid", "ANCESTOR", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column PARENT_PID =
            new Psm.Column("parent_pid", "PARENT", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column DEPTH =
            new Psm.Column("depth", "DEPTH", Psm.Kind.DEPTH, 0, false, false);

    private static final Figure[] MARKS = {Figure.DELETED, Figure.UPDATED, Figure.ESTIMATED};

    private final View view;

    /** The columns before the figures, which identify a row. */
    private final List<Psm.Column> identity;

    /** The figures of the view in the order of their constants, then the marks. */
    final Figure[] figures;

    ProcessColumns(View view) {
        this.view = view;
        this.identity = identity(view);
        this.figures = figures(view);
    }

    private static List<Psm.Column> identity(View view) {
        List<Psm.Column> columns = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            if (grouping.isSingleProcess()) {
                columns.add(PID);
            }
            if (grouping == Grouping.PARENT) {
                columns.add(ANCESTOR_PID);
            }
            if (grouping == Grouping.TREE) {
                columns.add(PARENT_PID);
                columns.add(DEPTH);
            }
            columns.add(grouping.column);
        }
        columns.add(Figure.COUNT.column);
        columns.add(PIDS);
        return columns;
    }

    private static Figure[] figures(View view) {
        List<Figure> shown = new ArrayList<>();
        for (View.Shown column : view.columns()) {
            boolean isMark = column.figure().fold == Figure.Fold.MARK;
            if (column.figure() != Figure.COUNT && !isMark && !isIdentity(column.figure(), view)) {
                shown.add(column.figure());
            }
        }
        Figure[] figures = shown.toArray(new Figure[shown.size() + MARKS.length]);
        Arrays.sort(figures, 0, shown.size());
        System.arraycopy(MARKS, 0, figures, shown.size(), MARKS.length);
        return figures;
    }

    /** Returns whether a figure is already one of the columns before the figures. */
    private static boolean isIdentity(Figure figure, View view) {
        for (Grouping grouping : view.by()) {
            if (figure.names == grouping || (figure == Figure.PID && grouping.isSingleProcess())) {
                return true;
            }
        }
        return false;
    }

    /** Returns the values of a row. */
    Psm.Row row(ProcessRow group) {
        List<Object> row = new ArrayList<>(identity.size() + figures.length);
        for (Grouping grouping : view.by()) {
            if (grouping.isSingleProcess()) {
                row.add((long) group.pid());
            }
            if (grouping == Grouping.PARENT) {
                row.add((long) group.ancestor());
            }
            if (grouping == Grouping.TREE) {
                row.add((long) group.parent());
                row.add((long) group.depth);
            }
            row.add(group.label(grouping));
        }
        row.add(group.count());
        row.add(group.pids());
        for (Figure figure : figures) {
            row.add(group.value(figure));
        }
        return new Psm.Row(Collections.unmodifiableList(row));
    }

    /** Returns a list with {@code null} for each column before the figures, to which to add. */
    List<Object> noIdentity() {
        List<Object> values = new ArrayList<>(identity.size() + figures.length);
        for (int i = identity.size(); i > 0; i--) {
            values.add(null);
        }
        return values;
    }

    /** Returns the total of a figure; {@link Missing#VALUE} if there is no such column. */
    long total(Figure figure, Psm.Row totals) {
        int at = Arrays.asList(figures).indexOf(figure);
        Object total = at < 0 ? null : totals.values().get(identity.size() + at);
        return Missing.ofNullable((Long) total);
    }

    boolean contains(Figure figure) {
        return Arrays.asList(figures).contains(figure);
    }

    /** Returns the columns, each with its place in a table, which shows names after sizes. */
    List<Psm.Column> of(List<? extends ProcessRow> groups) {
        List<Psm.Column> columns = new ArrayList<>();
        int place = view.columns().size();
        for (Psm.Column column : identity) {
            place += 2; // between a pid and the name of its program there may be its user
            columns.add(column.at(isShown(column, groups) ? place : 0));
        }
        for (Figure figure : figures) {
            boolean isMark = figure.fold == Figure.Fold.MARK;
            place++;
            columns.add(figure.column.at(isMark ? place : place(figure, groups)));
        }
        return Collections.unmodifiableList(columns);
    }

    /** Returns whether a table shows one of the columns before the figures. */
    private boolean isShown(Psm.Column column, List<? extends ProcessRow> groups) {
        if (column.kind() == Psm.Kind.COUNT) {
            return place(Figure.COUNT, groups) > 0 && !view.isOfSingleProcesses();
        }
        // Compared by keys: the first comparison of two records takes longer than the whole report.
        String key = column.key();
        return !key.equals(PIDS.key()) && !key.equals(PARENT_PID.key());
    }

    /** Returns the place of a figure in a table; 0 if it is not shown. */
    private int place(Figure figure, List<? extends ProcessRow> groups) {
        int index = View.indexOf(figure, view.columns());
        View.When when = index < 0 ? View.When.NEVER : view.columns().get(index).inTables();
        // No switch, for which the compiler makes a class that takes time to load.
        boolean isShown =
                when == View.When.ALWAYS
                        || (when == View.When.ANY && isAnyMoreThan(0, figure, groups))
                        || (when == View.When.SEVERAL && isAnyMoreThan(1, figure, groups));
        if (!isShown || !view.isOfSingleProcesses()) {
            return isShown ? 1 + index : 0;
        }
        int names = view.columns().size();
        if (figure == Figure.USER) {
            return names + 2 * (1 + placeOfPid()) + 1;
        }
        boolean isLast = figure == Figure.COMMAND; // it may be long
        return 1 + index + (isLast ? names + 2 * identity.size() : 0);
    }

    private int placeOfPid() {
        for (int i = 0; i < identity.size(); i++) {
            if (identity.get(i).key().equals(PID.key())) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isAnyMoreThan(
            long least, Figure figure, List<? extends ProcessRow> groups) {
        for (ProcessRow group : groups) {
            if (group.value(figure) instanceof Long size && size > least) {
                return true;
            }
        }
        return false;
    }
}
