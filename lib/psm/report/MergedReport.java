package psm.report;

import psm.Psm;
import psm.name.UserNames;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.system.SwapAccount;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A report of the processes of several machines. Each machine's rows are those of a {@link
 * ProcessReport}; rows with the same names become one. Nothing else is kept of a machine, so that
 * many fit into memory. Not for sharing between threads.
 */
public final class MergedReport extends ProcessTable<MergedReport.Row> {
    private static final Figure[] FIGURES = Figure.values();

    /**
     * How many rows of processes to keep before those that will not be shown are dropped. With
     * fewer, they are sorted too often; more take memory.
     */
    private static final int MAX_ROWS = 1 << 12;

    /**
     * The memory for the rows of all machines. If it is too low, machines with many programs are
     * left out; if it is too high, the next machine cannot be read beside them.
     */
    private static final long MAX_BYTES = 40L << 20;

    /** A machine may take this part of what the others have left, so that each finds some. */
    private static final int PART = 4;

    /** What a row takes in memory, besides its names. */
    private static final int ROW_BYTES = 300;

    /** Whether each row is one process, or begins with one, so that no two rows become one. */
    private final boolean isOfProcesses;

    /** The figures that rows keep. */
    private final List<Figure> kept = new ArrayList<>();

    /** The index of a figure in {@link #kept}, by {@link Figure#ordinal}; -1 for none. */
    private final int[] indexes = new int[FIGURES.length];

    /** The totals of the machines so far, by {@link Figure#ordinal}. */
    private final Long[] totals = new Long[FIGURES.length];

    /**
     * What percentages are parts of: the sums over the machines so far, by {@link Figure#ordinal};
     * {@link Missing#VALUE} if a machine does not report it.
     */
    private final long[] wholes = new long[FIGURES.length];

    private final Map<Object, Row> byKey = new HashMap<>();
    private List<Row> rows = new ArrayList<>();

    /** What these rows take in memory. */
    private long bytes;

    /** How many rows were dropped, since enough others are larger. */
    private int dropped;

    /** The sums of those rows, by {@link Figure#ordinal}. */
    private final Long[] droppedSums = new Long[FIGURES.length];

    /** One object for equal names, since most programs run on many machines. */
    private final Map<String, String> names = new HashMap<>();

    /** The earlier reports of each machine, by its name; {@code null} if no changes are shown. */
    private final Map<Object, Earlier> earlier;

    /** The machines so far, as {@link #earlier} names them. */
    private final Set<Object> machines = new HashSet<>();

    /** The changes by groups of an earlier report that have exited, by their keys. */
    private final Map<Figure, Map<Object, Long>> exited = new EnumMap<>(Figure.class);

    private final List<Psm.Account> accounts = new ArrayList<>();

    /**
     * Makes a report that has no machine yet.
     *
     * @param earlier the earlier reports of each machine, to which the machines that are added add
     *     theirs; {@code null} if no changes are shown
     */
    public MergedReport(View view, Map<Object, Earlier> earlier) {
        super(view.ofSeveral());
        this.earlier = earlier;
        this.isOfProcesses = view.isOfProcesses();
        Arrays.fill(indexes, -1);
        for (Figure figure : columns.figures) {
            keep(figure);
        }
        keep(view.rankedBy());
        keep(view.sized());
        if (view.sort() != null) {
            keep(view.sort());
        }
    }

    /** Keeps a figure, or what it is computed from. */
    private void keep(Figure figure) {
        if (figure.fold == Figure.Fold.SHARE) {
            keep(figure.part);
        } else if (indexes[figure.ordinal()] < 0) {
            indexes[figure.ordinal()] = kept.size();
            kept.add(figure);
        }
    }

    private boolean isKept(Figure figure) {
        return indexes[figure.ordinal()] >= 0;
    }

    /**
     * Adds a machine.
     *
     * @param name what the user calls it; {@code null} if that is not known
     * @param users the names of the users and groups in the snapshot
     * @return the numbers of its processes
     * @throws Failure if the view's filter is too slow for a name
     * @throws SnapshotFormatException if there is no room for its rows; then it is not added
     */
    public Psm.Processes add(String name, Snapshot snapshot, UserNames users)
            throws Failure, SnapshotFormatException {
        Labels labels = new Labels(users, name, view.isOfMetrics());
        ProcessReport one = new ProcessReport(snapshot, view, labels, earlierOf(name));
        List<ProcessGroup> groups = one.filtered(one.groups());
        charge(groups);
        for (ProcessGroup group : groups) {
            add(group);
        }
        for (Figure figure : FIGURES) {
            addTotal(figure, one, groups);
            if (figure.whole != null) {
                long whole = snapshot.host().memory().bytes(figure.whole);
                int i = figure.ordinal();
                boolean isKnown = !Missing.is(wholes[i]) && !Missing.is(whole);
                wholes[i] = isKnown ? wholes[i] + whole : Missing.VALUE;
            }
        }
        addSwap(one, groups);
        for (Figure figure : kept) {
            if (figure.fold == Figure.Fold.CHANGE) {
                addExited(figure, one.values.exited(figure, groups));
            }
        }
        one.values.remember(groups);
        if (isOfProcesses && rows.size() > MAX_ROWS) {
            drop();
        }
        return one.processes(new ReportHead("", snapshot), groups);
    }

    private void addExited(Figure figure, Map<Object, Long> changes) {
        Map<Object, Long> all = exited.computeIfAbsent(figure, unused -> new HashMap<>());
        for (Map.Entry<Object, Long> change : changes.entrySet()) {
            all.merge(change.getKey(), change.getValue(), GroupFigures::plus);
        }
    }

    /** Returns the earlier reports of a machine; {@code null} without changes. */
    private Earlier earlierOf(String name) {
        Object known = name == null ? Missing.VALUE : name;
        Object key = known;
        for (int again = 2; !machines.add(key); again++) {
            key = List.of(known, again);
        }
        return earlier == null ? null : earlier.computeIfAbsent(key, unused -> new Earlier());
    }

    private void add(ProcessGroup group) {
        Row row = isOfProcesses ? null : byKey.get(group.key);
        if (row != null) {
            row.add(group);
            return;
        }
        row = new Row(group);
        rows.add(row);
        if (!isOfProcesses) {
            byKey.put(group.key, row);
        }
    }

    /** Leaves room for other machines, whichever comes first; one alone is always shown. */
    private void charge(List<ProcessGroup> groups) throws SnapshotFormatException {
        if (isOfProcesses && view.maxRows() > 0 && view.maxRows() <= MAX_ROWS) {
            return; // rows are dropped
        }
        long more = 0;
        int added = 0;
        for (ProcessGroup group : groups) {
            if (isOfProcesses || !byKey.containsKey(group.key)) {
                added++;
                more += ROW_BYTES;
                for (Grouping grouping : view.by()) {
                    String label = group.label(grouping);
                    more += label == null ? 0 : 2L * label.length();
                }
            }
        }
        boolean isFirst = accounts.isEmpty();
        if (!isFirst && more > (MAX_BYTES - bytes) / PART) {
            throw new SnapshotFormatException(
                    "has " + added + " rows that no other has, too many beside them; ask it alone");
        }
        bytes += isFirst ? Math.min(more, MAX_BYTES / 2) : more;
    }

    /** Drops the rows that will not be shown, whatever other machines add. */
    private void drop() {
        List<Row> shown = shown(rows);
        if (shown.size() == rows.size()) {
            return;
        }
        List<Row> hidden = hidden(rows, shown);
        for (Figure figure : kept) {
            if (figure.column.summed()) {
                droppedSums[figure.ordinal()] = (Long) sum(figure, hidden, false);
            }
        }
        dropped += hidden.size();
        rows = new ArrayList<>(shown);
    }

    @Override
    int dropped() {
        return dropped;
    }

    private void addTotal(Figure figure, ProcessReport one, List<ProcessGroup> groups) {
        boolean isTotal = isKept(figure) && figure.column.summed();
        if (isTotal && (!groups.isEmpty() || figure.fold == Figure.Fold.CHANGE)) {
            int i = figure.ordinal();
            totals[i] = GroupFigures.plus(totals[i], one.values.sum(figure, groups, true));
        }
    }

    private void addSwap(ProcessReport one, List<ProcessGroup> groups) {
        boolean isShown = columns.contains(Figure.SWAP);
        Long swapped = isShown ? (Long) one.values.sum(Figure.SWAP, groups, true) : null;
        Psm.Account swap = one.swap(Missing.ofNullable(swapped));
        if (accounts.isEmpty()) {
            accounts.add(swap);
        } else {
            accounts.set(0, SwapAccount.sum(accounts.get(0), swap));
        }
    }

    /**
     * Returns the report of the machines so far. It may be called once.
     *
     * @param others accounts that follow that of swap
     */
    public Psm.Report report(Psm.Origin origin, Psm.Processes processes, List<Psm.Account> others) {
        accounts.addAll(others);
        if (earlier != null) {
            for (Map.Entry<Object, Earlier> machine : earlier.entrySet()) {
                if (!machines.contains(machine.getKey())) {
                    machine.getValue().forgetLast();
                }
            }
        }
        exited.forEach(this::addExitedToRows);
        return table(origin, processes, rows);
    }

    private void addExitedToRows(Figure figure, Map<Object, Long> changes) {
        for (Map.Entry<Object, Long> change : changes.entrySet()) {
            Row row = byKey.get(change.getKey());
            if (row != null) {
                row.addExited(figure, change.getValue());
            }
        }
    }

    @Override
    List<Psm.Account> accounts(Psm.Row sums) {
        return List.copyOf(accounts);
    }

    /**
     * Adds up the values of rows, and of those that were dropped. If some are estimates, the sum
     * may be more than the machines have, to which their total is limited.
     */
    @Override
    Object sum(Figure figure, List<Row> some, boolean isAll) {
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, sum(figure.part, some, isAll));
        }
        Long total = totals[figure.ordinal()];
        if (isAll) {
            return rows.isEmpty() && figure.fold != Figure.Fold.CHANGE ? (Long) 0L : total;
        }
        Long sum = droppedSums[figure.ordinal()];
        for (Row row : some) {
            sum = GroupFigures.plus(sum, row.value(figure));
        }
        boolean isTooMuch = sum != null && total != null && sum > total;
        return isTooMuch && figure.fold == Figure.Fold.SUM ? total : sum;
    }

    /** Returns the percentage of what all machines have; {@code null} if that is not known. */
    private Double percent(Figure figure, Object part) {
        long whole = wholes[figure.ordinal()];
        return part instanceof Long bytes && whole > 0 ? (Double) (100.0 * bytes / whole) : null;
    }

    /** One row: what is kept of one group of processes, or of several with the same names. */
    final class Row extends ProcessRow {
        /** The place of the machine; -1 if the row is on several. */
        private int machine = machines.size();

        private final int pid;
        private final int parent;
        private final int ancestor;
        private final String[] labels = new String[view.by().size()];
        private long count;

        /** The pids on the one machine; {@code null} if they are {@link #pid} alone, or unused. */
        private int[] pids;

        /** The values of the figures in {@link #kept}; {@code null} if one is not known. */
        private final Object[] values = new Object[kept.size()];

        /** The RAM of each process; {@code null} unless a column shows the median. */
        private long[] spread;

        private Row(ProcessGroup group) {
            pid = group.pid();
            parent = isBy(Grouping.TREE) ? group.parent() : 0;
            ancestor = isBy(Grouping.PARENT) ? group.ancestor() : 0;
            count = group.count();
            pids = count > 1 ? group.pids().stream().mapToInt(Integer::intValue).toArray() : null;
            spread = isKept(Figure.MEDIAN) ? group.sortedSizes() : null;
            for (int i = 0; i < labels.length; i++) {
                labels[i] = unique(group.label(view.by().get(i)));
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = group.value(kept.get(i));
            }
        }

        private String unique(String name) {
            String known = names.putIfAbsent(name, name);
            return known == null ? name : known;
        }

        /** Adds a group of another machine. */
        private void add(ProcessGroup group) {
            machine = -1;
            pids = null;
            count += group.count();
            if (isKept(Figure.MEDIAN)) {
                long[] more = group.sortedSizes();
                long[] all = Arrays.copyOf(spread, spread.length + more.length);
                System.arraycopy(more, 0, all, spread.length, more.length);
                Arrays.sort(all);
                spread = all;
            }
            for (Figure figure : kept) {
                set(figure, both(figure, value(figure), group.value(figure)));
            }
        }

        private void set(Figure figure, Object value) {
            values[indexes[figure.ordinal()]] = value;
        }

        /** Returns the value of two groups together. */
        private Object both(Figure figure, Object a, Object b) {
            return switch (figure.fold) {
                case SUM, COUNT, HOSTS, MARK, CHANGE -> GroupFigures.plus((Long) a, b);
                case MAX, LARGEST, NEWEST -> compareValues(a, b) > 0 ? a : b;
                case OLDEST -> a == null || (b != null && compareValues(a, b) > 0) ? b : a;
                case SMALLEST -> compareValues(a, b) < 0 ? a : b;
                case SAME -> figure != Figure.PID && a != null && a.equals(b) ? a : null;
                case SHARE, MEDIAN -> null; // of these, something else is kept
                case LARGEST_PID -> null; // a pid is of one machine
            };
        }

        /** Adds the change on a machine where it has exited. */
        private void addExited(Figure figure, Long change) {
            set(figure, GroupFigures.plus((Long) value(figure), change));
        }

        @Override
        int machine() {
            return machine;
        }

        @Override
        int pid() {
            return pid;
        }

        @Override
        int parent() {
            return parent;
        }

        @Override
        int ancestor() {
            return ancestor;
        }

        @Override
        String label(Grouping grouping) {
            return labels[view.by().indexOf(grouping)];
        }

        @Override
        long count() {
            return count;
        }

        @Override
        List<Integer> pids() {
            if (machine < 0) {
                return null;
            }
            return pids == null ? List.of(pid) : Arrays.stream(pids).boxed().toList();
        }

        @Override
        Object value(Figure figure) {
            if (figure.fold == Figure.Fold.SHARE) {
                return percent(figure, value(figure.part));
            }
            if (figure == Figure.MEDIAN) {
                return Missing.orNull(ProcessGroup.median(spread));
            }
            return isKept(figure) ? values[indexes[figure.ordinal()]] : null;
        }
    }
}
