package psm.report;

import psm.Psm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * A report of processes with the rows that a {@link View} requests, whether they are of one machine
 * or of several.
 *
 * @param <T> a row
 */
abstract class ProcessTable<T extends ProcessRow> extends RowChoice<T> {
    final ProcessColumns columns;

    ProcessTable(View view) {
        super(view);
        this.columns = new ProcessColumns(view);
    }

    /**
     * Adds up the values of rows in a column. The total of a report without rows is 0. If no value
     * is known, the sum is {@code null}.
     *
     * @param isAll whether these are all rows of the report
     */
    abstract Object sum(Figure figure, List<T> rows, boolean isAll);

    /** Returns the accounts of a report with these totals. */
    abstract List<Psm.Account> accounts(Psm.Row totals);

    /**
     * Makes the report.
     *
     * @param all the rows that the view's filter finds, in any order
     */
    final Psm.Report table(Psm.Origin origin, Psm.Processes processes, List<T> all) {
        List<T> rows = arranged(sorted(all));
        Psm.Row totals = sums(rows, true);
        List<T> shown = shown(rows);
        List<Psm.Row> made = new ArrayList<>(shown.size());
        for (T row : shown) {
            made.add(columns.row(row));
        }
        return new Psm.Report(
                origin,
                processes,
                columns.of(rows),
                Collections.unmodifiableList(made),
                totals,
                accounts(totals),
                more(rows, shown),
                ranking(shown, made, arranged(inTable(shown))));
    }

    /** Returns rows in this order, or if they are a tree, siblings in this order. */
    private List<T> arranged(List<T> rows) {
        return isBy(Grouping.TREE) ? new ProcessTree<T>().of(rows) : rows;
    }

    final boolean isBy(Grouping grouping) {
        return view.by().contains(grouping);
    }

    @Override
    protected final Object value(Figure figure, T row) {
        return row.value(figure);
    }

    @Override
    protected final String name(T row) {
        StringBuilder name = new StringBuilder();
        for (Grouping grouping : view.by()) {
            String label = row.label(grouping);
            name.append(name.length() == 0 ? "" : " ").append(label == null ? "-" : label);
        }
        return name.toString();
    }

    @Override
    protected final int compareNames(T a, T b) {
        for (Grouping grouping : view.by()) {
            int byName = compareValues(a.label(grouping), b.label(grouping));
            if (byName != 0) {
                return byName;
            }
        }
        int byMachine = compareValues(a.value(Figure.HOST), b.value(Figure.HOST));
        return byMachine != 0 ? byMachine : Integer.compare(a.pid(), b.pid());
    }

    @Override
    protected final Psm.Row sums(List<T> hidden) {
        return sums(hidden, false);
    }

    /** Returns the sums of rows; {@code null} in columns whose sum has no meaning. */
    final Psm.Row sums(List<T> rows, boolean isAll) {
        List<Object> sums = columns.noIdentity();
        for (Figure figure : columns.figures) {
            sums.add(figure.column.summed() ? sum(figure, rows, isAll) : null);
        }
        return new Psm.Row(Collections.unmodifiableList(sums));
    }
}
