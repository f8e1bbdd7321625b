package psm.diff;

import psm.Psm;
import psm.report.Ancestors;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.Labels;
import psm.report.ReportHead;
import psm.report.RowChoice;
import psm.report.View;
import psm.scan.ProcessMemory;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Compares two snapshots: a row for each group of processes that is in one of them. The row that
 * grew most is first, unless the view requests another order. Not for sharing between threads.
 */
public final class DiffReport extends RowChoice<DiffRow> {
    /** The key of the account of the second snapshot. */
    private static final String AFTER = "after";

    private static final Psm.Column PID =
            new Psm.Column("pid", "PID", Psm.Kind.PID, 0, false, false);

    private final Side before;
    private final Side after;
    private final DiffColumn sort;
    private final boolean isPaired;

    /** How many rows are compared by Rss. */
    private int rowsByRss;

    /** How many processes are in no row. */
    private int uncompared;

    /**
     * Prepares a report.
     *
     * @param view its sort figure is that of changes, or {@code null} to sort by names; rows are
     *     never trees
     * @param sort the column to sort by, if it is not names
     */
    public DiffReport(Side before, Side after, View view, DiffColumn sort) {
        super(view);
        this.before = before;
        this.after = after;
        this.sort = sort;
        this.isPaired = Pairing.of(before.snapshot(), after.snapshot()) == Pairing.BY_PROCESS;
    }

    /**
     * Returns how many processes are left out, since one of the snapshots did not read them
     * although they ran.
     */
    public int uncompared() {
        return uncompared;
    }

    /** Returns how many rows are compared by Rss, since one of the snapshots has no other. */
    public int rowsByRss() {
        return rowsByRss;
    }

    /**
     * Makes the report.
     *
     * @throws Failure if the view's filter is too slow for a name
     */
    public Psm.Report report() throws Failure {
        List<DiffRow> rows = matching(rows());
        List<DiffRow> shown = shown(rows);
        List<Psm.Row> made = new ArrayList<>(shown.size());
        for (DiffRow row : shown) {
            made.add(made(row));
        }
        Psm.Processes processes = DiffProcesses.of(before, after, view);
        List<Psm.Account> accounts = new ArrayList<>();
        accounts.add(DiffProcesses.account(ReportHead.BEFORE, before, view));
        accounts.add(DiffProcesses.account(AFTER, after, view));
        if (view.system()) {
            accounts.add(SystemDiff.of(before.snapshot(), after.snapshot(), !isExact(processes)));
        }
        return new ReportHead(after.snapshot().run().psmVersion(), after.snapshot())
                .report(
                        processes,
                        columns(rows),
                        Collections.unmodifiableList(made),
                        sums(rows),
                        Collections.unmodifiableList(accounts),
                        more(rows, shown),
                        ranking(shown, made, inTable(shown)));
    }

    private static boolean isExact(Psm.Processes processes) {
        return processes.complete() && processes.estimated() == 0;
    }

    // Rows

    private List<DiffRow> rows() {
        Map<Object, DiffGroup> groups = new HashMap<>();
        List<ProcessMemory> first = before.snapshot().processes();
        List<ProcessMemory> second = after.snapshot().processes();
        if (isPaired) {
            ComparedProcesses compared = new ComparedProcesses(before, after);
            uncompared = first.size() + second.size();
            first = compared.before();
            second = compared.after();
            uncompared -= first.size() + second.size();
        }
        add(before, first, false, groups);
        add(after, second, true, groups);
        List<DiffRow> rows = new ArrayList<>(groups.size());
        for (DiffGroup group : groups.values()) {
            rows.add(group.row(isPaired));
            rowsByRss += group.isByRss() ? 1 : 0;
        }
        return rows;
    }

    private void add(
            Side side,
            List<ProcessMemory> processes,
            boolean isAfter,
            Map<Object, DiffGroup> groups) {
        Labels labels = new Labels(side.snapshot().userNames(), side.host(), view.isOfMetrics());
        Ancestors ancestors =
                view.by().contains(Grouping.PARENT) ? new Ancestors(processes, labels) : null;
        for (ProcessMemory process : processes) {
            List<Object> key = new ArrayList<>(view.by().size());
            String[] names = new String[view.by().size()];
            for (int i = 0; i < names.length; i++) {
                Grouping grouping = view.by().get(i);
                boolean isParent = grouping == Grouping.PARENT;
                names[i] = grouping.label(isParent ? ancestors.topmost(process) : process, labels);
                key.add(
                        grouping.isSingleProcess()
                                ? DiffGroup.identity(process)
                                : names[i] == null ? Missing.VALUE : names[i]);
            }
            DiffGroup group = groups.computeIfAbsent(key, unused -> new DiffGroup());
            (isAfter ? group.after : group.before).add(process);
            group.labels = names; // of one process, the program that it runs after
        }
    }

    private Psm.Row made(DiffRow row) {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < row.labels.length; i++) {
            if (view.by().get(i).isSingleProcess()) {
                values.add((long) row.pid);
            }
            values.add(row.labels[i]);
        }
        for (DiffColumn column : DiffColumn.values()) {
            values.add(row.value(column));
        }
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    @Override
    protected Psm.Row sums(List<DiffRow> some) {
        List<Object> sums = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            if (grouping.isSingleProcess()) {
                sums.add(null);
            }
            sums.add(null);
        }
        for (DiffColumn column : DiffColumn.values()) {
            sums.add(column.column.summed() ? sum(column, some) : null);
        }
        return new Psm.Row(Collections.unmodifiableList(sums));
    }

    /** Adds up what is known. Without any row, it is 0, unless no row could have the figure. */
    private Long sum(DiffColumn column, List<DiffRow> some) {
        boolean isKnown = isPaired || !isOfProcesses(column);
        Long sum = some.isEmpty() && isKnown ? (Long) 0L : null;
        for (DiffRow row : some) {
            Long value = row.value(column);
            sum = sum == null || value == null ? (sum == null ? value : sum) : (Long) (sum + value);
        }
        return sum;
    }

    /** Returns whether a column is about processes that were compared one by one. */
    private static boolean isOfProcesses(DiffColumn column) {
        return column == DiffColumn.NEW || column == DiffColumn.ENDED || column == DiffColumn.GROWN;
    }

    // Columns

    /** Returns the columns, each with its place in a table, which shows names after sizes. */
    private List<Psm.Column> columns(List<DiffRow> rows) {
        List<Psm.Column> columns = new ArrayList<>();
        int place = DiffColumn.values().length;
        for (Grouping grouping : view.by()) {
            if (grouping.isSingleProcess()) {
                columns.add(PID.at(++place));
            }
            columns.add(grouping.column.at(++place));
        }
        boolean isOfOne = columns.get(0).kind() == Psm.Kind.PID;
        for (DiffColumn column : DiffColumn.values()) {
            boolean isCount = column.column.kind() == Psm.Kind.COUNT;
            int display = place + 1 + column.ordinal();
            if (!isCount) {
                display = isShown(column, rows) ? 1 + column.ordinal() : 0;
            } else if (column == DiffColumn.COUNT_NEW || column == DiffColumn.COUNT_ENDED) {
                display = 0;
            } else if (isOfOne && column != DiffColumn.ESTIMATED) {
                display = 0;
            }
            columns.add(column.column.at(display));
        }
        return Collections.unmodifiableList(columns);
    }

    private boolean isShown(DiffColumn column, List<DiffRow> rows) {
        return switch (column) {
            case NEW, ENDED, GROWN -> isPaired;
            case SWAP_BEFORE, SWAP_AFTER ->
                    isAny(DiffColumn.SWAP_BEFORE, rows) || isAny(DiffColumn.SWAP_AFTER, rows);
            case SWAP_CHANGE -> false;
            default -> true;
        };
    }

    private static boolean isAny(DiffColumn column, List<DiffRow> rows) {
        for (DiffRow row : rows) {
            Long value = row.value(column);
            if (value != null && value != 0) {
                return true;
            }
        }
        return false;
    }

    // Order

    @Override
    protected Object value(Figure figure, DiffRow row) {
        return row.value(figure == view.sort() ? sort : DiffColumn.CHANGE);
    }

    /** A row that shrinks is as remarkable as one that grows. */
    @Override
    protected Object size(Figure figure, DiffRow row) {
        return value(figure, row) instanceof Long size ? (Object) Math.abs(size) : null;
    }

    @Override
    protected Object measured(DiffRow row) {
        Long change = row.value(DiffColumn.CHANGE);
        return change == null ? null : (Object) Math.abs(change);
    }

    @Override
    protected String name(DiffRow row) {
        StringBuilder name = new StringBuilder();
        for (String label : row.labels) {
            name.append(name.length() == 0 ? "" : " ").append(label == null ? "-" : label);
        }
        return name.toString();
    }

    @Override
    protected int compareNames(DiffRow a, DiffRow b) {
        for (int i = 0; i < a.labels.length; i++) {
            int byName = compareValues(a.labels[i], b.labels[i]);
            if (byName != 0) {
                return byName;
            }
        }
        return Integer.compare(a.pid, b.pid);
    }
}
