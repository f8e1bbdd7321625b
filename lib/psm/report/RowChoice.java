package psm.report;

import psm.Psm;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sorts the rows of a report and chooses those to show, as a {@link View} requests.
 *
 * @param <T> a row before it becomes a {@link Psm.Row}
 */
public abstract class RowChoice<T> {
    protected final View view;

    protected RowChoice(View view) {
        this.view = view;
    }

    /** Returns the row's value in a column, {@code null} if it is not known. */
    protected abstract Object value(Figure figure, T row);

    /** Returns what makes a row large, by which to choose the rows to show. */
    protected Object size(Figure figure, T row) {
        return value(figure, row);
    }

    /** Returns the size of a row that {@link View#minBytes} limits. */
    protected Object measured(T row) {
        return value(view.sized(), row);
    }

    /** Returns the name that the view's filter searches. */
    protected abstract String name(T row);

    /** Compares rows by their names, so that rows of the same size always have the same order. */
    protected abstract int compareNames(T a, T b);

    /** Returns the sums of rows that are not shown. */
    protected abstract Psm.Row sums(List<T> hidden);

    /**
     * Keeps the rows that the view's filter finds, in the order of documents. The totals do not
     * include the others.
     *
     * @throws Failure if the filter is too slow for a name
     */
    protected final List<T> matching(List<T> rows) throws Failure {
        return sorted(filtered(rows));
    }

    /** Sorts rows into the order of documents, in the same list, and returns it. */
    final List<T> sorted(List<T> rows) {
        rows.sort(order(true));
        return rows;
    }

    /**
     * Returns the rows in the order of a table. It has the largest last, next to the prompt, and
     * names from A to Z.
     */
    protected final List<T> inTable(List<T> rows) {
        List<T> sorted = new ArrayList<>(rows);
        sorted.sort(order(false));
        return sorted;
    }

    /** Returns the view's order: in documents the largest is first. */
    private Comparator<T> order(boolean isDocument) {
        boolean isByName = view.rankedBy() != view.sort();
        return new Order(view.sort(), (isDocument && !isByName) != view.reversed(), false);
    }

    /** Keeps the rows that the view's filter finds; see {@link #matching}. */
    final List<T> filtered(List<T> rows) throws Failure {
        if (view.filter() == null) {
            return rows;
        }
        List<T> filtered = new ArrayList<>();
        for (T row : rows) {
            String name = name(row);
            try {
                if (view.filter().finds(name)) {
                    filtered.add(row);
                }
            } catch (IOException e) {
                view.filter().requireFast();
                throw Failure.of(e.getMessage() + ": " + name, e);
            }
        }
        return filtered;
    }

    /** Keeps the rows to show: the largest of those that are large enough. */
    protected final List<T> shown(List<T> rows) {
        if (view.totalsAlone()) {
            return List.of();
        }
        List<T> large = rows;
        if (view.minBytes() != Missing.VALUE) {
            large = new ArrayList<>();
            for (T row : rows) {
                if (measured(row) instanceof Long size && size >= view.minBytes()) {
                    large.add(row);
                }
            }
        }
        return largest(large);
    }

    private List<T> largest(List<T> rows) {
        int end = rows.size();
        if (view.maxRows() == 0 || view.maxRows() >= end) {
            return rows;
        }
        return in(identities(ranked(rows).subList(end - view.maxRows(), end)), true, rows);
    }

    /**
     * Returns the number and sums of the rows that are not shown; {@code null} if all rows are
     * shown, or if only totals are wanted.
     */
    protected final Psm.More more(List<T> rows, List<T> shown) {
        int count = rows.size() - shown.size() + dropped();
        if (count == 0 || view.totalsAlone()) {
            return null;
        }
        return new Psm.More(count, view.reversed(), sums(hidden(rows, shown)));
    }

    /** Returns the rows that are not shown. */
    final List<T> hidden(List<T> rows, List<T> shown) {
        return in(identities(shown), false, rows);
    }

    /** Returns how many rows were dropped before, since they will not be shown. */
    int dropped() {
        return 0;
    }

    /**
     * Ranks the rows that are shown, for tables.
     *
     * @param shown the rows that are shown, in the order of documents
     * @param rows the {@link Psm.Row} of each of them
     * @param inTable the rows that are shown, in the order of a table
     */
    protected final Psm.Ranking ranking(List<T> shown, List<Psm.Row> rows, List<T> inTable) {
        IdentityHashMap<T, Psm.Row> rowOf = new IdentityHashMap<>();
        for (int i = 0; i < shown.size(); i++) {
            rowOf.put(shown.get(i), rows.get(i));
        }
        return new Psm.Ranking(rows(ranked(shown), rowOf), view.reversed(), rows(inTable, rowOf));
    }

    private static <T> List<Psm.Row> rows(List<T> order, Map<T, Psm.Row> rowOf) {
        List<Psm.Row> rows = new ArrayList<>(order.size());
        for (T row : order) {
            rows.add(rowOf.get(row));
        }
        return Collections.unmodifiableList(rows);
    }

    /** Returns the rows by size, the smallest first. */
    private List<T> ranked(List<T> rows) {
        List<T> ranked = new ArrayList<>(rows);
        ranked.sort(new Order(view.rankedBy(), false, true));
        return ranked;
    }

    private static <T> Set<T> identities(List<T> rows) {
        Set<T> identities = Collections.newSetFromMap(new IdentityHashMap<>());
        identities.addAll(rows);
        return identities;
    }

    /** Keeps the rows that are in a set, or those that are not. */
    private static <T> List<T> in(Set<T> set, boolean isIn, List<T> rows) {
        List<T> kept = new ArrayList<>();
        for (T row : rows) {
            if (set.contains(row) == isIn) {
                kept.add(row);
            }
        }
        return kept;
    }

    /**
     * The order of rows. It is a class, since the comparators that {@link Comparator} makes of
     * functions are serializable, and Java archives no such classes; that would cost a tenth of a
     * run.
     */
    private final class Order implements Comparator<T> {
        private final Figure figure;
        private final boolean isLargestFirst;
        private final boolean isBySize;

        /**
         * Makes an order by a figure, with rows of the same size from A to Z, or by names.
         *
         * @param figure {@code null} for names
         * @param isLargestFirst whether the largest row is first; for names, whether Z is
         * @param isBySize whether rows are compared by {@link RowChoice#size}
         */
        Order(Figure figure, boolean isLargestFirst, boolean isBySize) {
            this.figure = figure;
            this.isLargestFirst = isLargestFirst;
            this.isBySize = isBySize;
        }

        @Override
        public int compare(T a, T b) {
            if (figure == null) {
                return isLargestFirst ? compareNames(b, a) : compareNames(a, b);
            }
            Object sizeA = isBySize ? size(figure, a) : value(figure, a);
            Object sizeB = isBySize ? size(figure, b) : value(figure, b);
            int order = isLargestFirst ? compareValues(sizeB, sizeA) : compareValues(sizeA, sizeB);
            return order != 0 ? order : compareNames(a, b);
        }
    }

    /** Compares two values of a column. A value that is not known is less than any other. */
    protected static int compareValues(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (a instanceof Double x && b instanceof Double y) {
            return Double.compare(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        if (a instanceof Instant x && b instanceof Instant y) {
            return x.compareTo(y);
        }
        return Boolean.compare(a != null, b != null);
    }
}
