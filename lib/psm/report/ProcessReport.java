package psm.report;

import psm.Psm;
import psm.name.UserNames;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.text.Failure;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a report of a snapshot: rows of processes, by whatever they are grouped, in the order that
 * was asked for: the smallest first, so that the biggest is last, unless that is reversed.
 */
public final class ProcessReport {
    private static final Psm.Column PIDS =
            new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false);
    private static final Psm.Column PID =
            new Psm.Column("pid", "PID", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column PARENT_PID =
            new Psm.Column("parent_pid", "PARENT", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column DEPTH =
            new Psm.Column("depth", "DEPTH", Psm.Kind.DEPTH, 0, false, false);

    private static final Figure[] MARKS = {Figure.DELETED, Figure.UPDATED, Figure.ESTIMATED};

    private final Snapshot snapshot;
    private final View view;
    private final Labels labels;

    /** The columns of figures, in a document's order: those of the view, and marks. */
    private final Figure[] figures;

    /** {@code null} until somebody asks. */
    private GroupLimits limits;

    /** The RAM of each group in the report before this one, or {@code null}. */
    private final Map<Object, Long> before;

    private ProcessReport(Snapshot snapshot, View view, Labels labels, Map<Object, Long> before) {
        this.snapshot = snapshot;
        this.view = view;
        this.labels = labels;
        this.before = before;
        this.figures = figures(view);
    }

    /**
     * The report of a snapshot.
     *
     * @param users names those that the view is of
     * @param memory what each row had in the report before, and then in this one; {@code null}
     *     where nobody asks for changes
     * @throws Failure where the view's filter is too slow for a name
     */
    public static Psm.Report of(
            Snapshot snapshot,
            String psmVersion,
            View view,
            UserNames users,
            Map<Object, Long> memory)
            throws Failure {
        return new ProcessReport(snapshot, view, new Labels(users), memory).make(psmVersion);
    }

    /** Those of the view, in the order of their constants, without COUNT; then the marks. */
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

    /** Whether the rows are of it anyway. */
    private static boolean isIdentity(Figure figure, View view) {
        for (Grouping grouping : view.by()) {
            if ((figure.names != null && figure.names.equals(grouping))
                    || (figure == Figure.PID && grouping.isOfProcesses())) {
                return true;
            }
        }
        return false;
    }

    private Psm.Report make(String psmVersion) throws Failure {
        List<ProcessGroup> groups = groups();
        List<Object> totals = sums(groups, true);
        int rows = groups.size();
        List<ProcessGroup> shown = chosen(groups);
        List<Psm.Row> list = new ArrayList<>(shown.size());
        for (ProcessGroup group : shown) {
            list.add(row(group));
        }
        Psm.More more = rows == shown.size() ? null : more(groups, shown);
        if (before != null) {
            remember(groups); // from here on, nothing has changed
        }
        return report(
                psmVersion,
                snapshot,
                processes(groups),
                columns(groups),
                Collections.unmodifiableList(list),
                new Psm.Row(totals),
                accounts(totals),
                more,
                view.ranking(shown, list, new Order(view.ranking())));
    }

    // Rows

    private List<ProcessGroup> groups() throws Failure {
        Map<Object, ProcessGroup> byKey = new HashMap<>();
        Ancestors ancestors =
                isBy(Grouping.PARENT) || isBy(Grouping.TREE)
                        ? new Ancestors(snapshot.processes(), labels)
                        : null;
        for (ProcessMemory process : snapshot.processes()) {
            Object key = key(process, ancestors);
            ProcessGroup group = byKey.get(key);
            if (group == null) {
                group = new ProcessGroup(key, representative(process, ancestors));
                byKey.put(key, group);
            }
            group.members.add(process);
        }
        List<ProcessGroup> groups = new ArrayList<>(byKey.values());
        if (view.filter() != null) {
            keepNamed(groups);
        }
        Comparator<ProcessGroup> order = new Order(view.sort());
        groups.sort(view.largestFirst() ? Collections.reverseOrder(order) : order);
        return isBy(Grouping.TREE) ? new ProcessTree(ancestors).of(groups) : groups;
    }

    private boolean isBy(Grouping grouping) {
        return view.by().contains(grouping);
    }

    /** What tells one row's processes from another's. */
    private Object key(ProcessMemory process, Ancestors ancestors) {
        if (view.by().size() == 1) {
            return key(view.by().get(0), process, ancestors);
        }
        List<Object> keys = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            keys.add(key(grouping, process, ancestors));
        }
        return keys;
    }

    private Object key(Grouping grouping, ProcessMemory process, Ancestors ancestors) {
        return switch (grouping) {
            case PID, TREE -> process.pid();
            case PARENT -> ancestors.topmost(process).pid();
            default -> {
                String label = labels.of(grouping, process);
                yield label == null ? Figure.NONE : label;
            }
        };
    }

    /** The process that a row is named after. */
    private ProcessMemory representative(ProcessMemory process, Ancestors ancestors) {
        return isBy(Grouping.PARENT) ? ancestors.topmost(process) : process;
    }

    private String label(Grouping grouping, ProcessGroup group) {
        ProcessMemory named =
                grouping == Grouping.PARENT ? group.representative : group.members.get(0);
        return labels.of(grouping, named);
    }

    private void keepNamed(List<ProcessGroup> groups) throws Failure {
        List<ProcessGroup> kept = new ArrayList<>();
        for (ProcessGroup group : groups) {
            StringBuilder name = new StringBuilder();
            for (Grouping grouping : view.by()) {
                String label = label(grouping, group);
                name.append(name.length() == 0 ? "" : " ").append(label == null ? "-" : label);
            }
            try {
                if (view.filter().finds(name.toString())) {
                    kept.add(group);
                }
            } catch (IOException e) {
                throw Failure.of(e.getMessage() + ": " + name, e);
            }
        }
        groups.clear();
        groups.addAll(kept);
    }

    /** Those that are large enough, or among the largest. */
    private List<ProcessGroup> chosen(List<ProcessGroup> groups) {
        if (view.totalsAlone()) {
            return List.of();
        }
        List<ProcessGroup> chosen = groups;
        if (view.least() != Figure.NONE) {
            chosen = new ArrayList<>();
            for (ProcessGroup group : groups) {
                if (value(view.sized(), group) instanceof Long size && size >= view.least()) {
                    chosen.add(group);
                }
            }
        }
        return view.largest(chosen, new Order(view.ranking()));
    }

    private Psm.More more(List<ProcessGroup> groups, List<ProcessGroup> shown) {
        if (view.totalsAlone()) {
            return null;
        }
        Set<ProcessGroup> seen = new HashSet<>(shown);
        List<ProcessGroup> hidden = new ArrayList<>(groups);
        hidden.removeIf(seen::contains);
        return new Psm.More(hidden.size(), !view.largestFirst(), new Psm.Row(sums(hidden, false)));
    }

    private void remember(List<ProcessGroup> groups) {
        before.clear();
        for (ProcessGroup group : groups) {
            if (value(Figure.PSS, group) instanceof Long ram) {
                before.put(group.key, ram);
            }
        }
    }

    // Columns

    /** Whether a process is told by its pid: names alone may be those of several. */
    private static boolean hasPid(Grouping grouping) {
        return grouping == Grouping.PID || grouping == Grouping.TREE || grouping == Grouping.PARENT;
    }

    private List<Psm.Column> identity() {
        List<Psm.Column> columns = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            if (hasPid(grouping)) {
                columns.add(PID);
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

    private void identify(ProcessGroup group, List<Object> values) {
        for (Grouping grouping : view.by()) {
            if (hasPid(grouping)) {
                values.add((long) group.representative.pid());
            }
            if (grouping == Grouping.TREE) {
                values.add((long) group.representative.details().parent());
                values.add((long) group.depth);
            }
            values.add(label(grouping, group));
        }
        values.add((long) group.members.size());
        values.add(group.pids());
    }

    private Psm.Row row(ProcessGroup group) {
        List<Object> values = new ArrayList<>(figures.length + 6);
        identify(group, values);
        for (Figure figure : figures) {
            values.add(value(figure, group));
        }
        return new Psm.Row(Collections.unmodifiableList(values));
    }

    private List<Psm.Column> columns(List<ProcessGroup> groups) {
        List<Psm.Column> columns = new ArrayList<>();
        int sizes = view.columns().size();
        int place = sizes; // names come after sizes
        for (Psm.Column column : identity()) {
            columns.add(column.at(isShown(column, groups) ? ++place : 0));
        }
        for (Figure figure : figures) {
            boolean isMark = figure.fold == Figure.Fold.MARK;
            columns.add(figure.column.at(isMark ? ++place : place(figure, groups)));
        }
        return Collections.unmodifiableList(columns);
    }

    /** Whether a table has a column of what its rows are of. */
    private boolean isShown(Psm.Column column, List<ProcessGroup> groups) {
        return switch (column.kind()) {
            case COUNT -> place(Figure.COUNT, groups) > 0 && !isOfProcesses();
            case PIDS -> false;
            // By its key: the first comparison of two records takes longer than the whole report.
            case PID -> !column.key().equals(PARENT_PID.key());
            default -> true;
        };
    }

    private boolean isOfProcesses() {
        for (Grouping grouping : view.by()) {
            if (grouping.isOfProcesses()) {
                return true;
            }
        }
        return false;
    }

    /** Where a table has it: 0 for nowhere. */
    private int place(Figure figure, List<ProcessGroup> groups) {
        int index = View.indexOf(figure, view.columns());
        if (index < 0) {
            return 0;
        }
        boolean isShown =
                switch (view.columns().get(index).inTables()) {
                    case ALWAYS -> true;
                    case ANY -> isAnywhere(figure, groups);
                    case NEVER -> false;
                };
        return isShown ? 1 + index : 0;
    }

    private boolean isAnywhere(Figure figure, List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            if (value(figure, group) instanceof Long size && size > 0) {
                return true;
            }
        }
        return false;
    }

    // Figures

    /** A row's value in a column; {@code null} where nobody told. */
    private Object value(Figure figure, ProcessGroup group) {
        int i = figure.ordinal();
        if (!group.isKnown[i]) {
            group.values[i] = fold(figure, group);
            group.isKnown[i] = true;
        }
        return group.values[i];
    }

    private Object fold(Figure figure, ProcessGroup group) {
        if (figure.names != null) {
            return sameName(figure.names, group);
        }
        if (figure == Figure.LIMIT) {
            return limits().limit(group);
        }
        if (figure == Figure.USED) {
            return limits().used(group);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, value(figure.part(), group));
        }
        long value =
                switch (figure.fold) {
                    case SUM -> group.sum(figure);
                    case MARK -> group.marked(figure);
                    case COUNT -> group.members.size();
                    case MAX -> group.most(figure);
                    case SAME -> group.same(figure);
                    case SMALLEST -> group.smallest();
                    case MEDIAN -> group.median();
                    case LARGEST -> group.largest();
                    case LARGEST_PID -> group.largestPid();
                    case CHANGE -> change(group);
                    case SHARE -> Figure.NONE;
                };
        return value == Figure.NONE ? null : (Long) value;
    }

    private GroupLimits limits() {
        if (limits == null) {
            limits = new GroupLimits(snapshot.cgroups(), labels);
        }
        return limits;
    }

    /** Of all that the host has; {@code null} where it has none, or does not tell. */
    private Double percent(Figure figure, Object part) {
        boolean isSwap = figure == Figure.SWAP_PERCENT;
        long whole = snapshot.memory().bytes(isSwap ? "SwapTotal" : "MemTotal");
        return part instanceof Long bytes && whole > 0 ? (Double) (100.0 * bytes / whole) : null;
    }

    private String sameName(Grouping names, ProcessGroup group) {
        String same = labels.of(names, group.members.get(0));
        for (ProcessMemory process : group.members) {
            if (same == null || !same.equals(labels.of(names, process))) {
                return null;
            }
        }
        return same;
    }

    private long change(ProcessGroup group) {
        long now = group.sum(Figure.PSS);
        if (before == null || before.isEmpty() || now == Figure.NONE) {
            return Figure.NONE;
        }
        return now - before.getOrDefault(group.key, 0L);
    }

    /**
     * What the totals have in each column. No processes use no memory; processes of whom the kernel
     * told nothing use nobody knows how much.
     */
    private List<Object> sums(List<ProcessGroup> groups, boolean isAll) {
        List<Object> sums = new ArrayList<>(figures.length + 6);
        for (int i = identity().size(); i > 0; i--) {
            sums.add(null);
        }
        for (Figure figure : figures) {
            sums.add(figure.column.summed() ? sum(figure, groups, isAll) : null);
        }
        return Collections.unmodifiableList(sums);
    }

    /** With what is gone since the last report, and has no row. */
    private Long totalChange(List<ProcessGroup> groups) {
        Long now = total(Figure.PSS, groups, true);
        if (before == null || before.isEmpty() || now == null) {
            return null;
        }
        long change = now;
        for (long ram : before.values()) {
            change -= ram;
        }
        return change;
    }

    private Object sum(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        if (isAll && figure.fold == Figure.Fold.CHANGE) {
            return totalChange(groups);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, total(figure.part(), groups, isAll));
        }
        return total(figure, groups, isAll);
    }

    private Long total(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        Long total = groups.isEmpty() && isAll ? (Long) 0L : null;
        for (ProcessGroup group : groups) {
            if (value(figure, group) instanceof Long value) {
                total = plus(total, value);
            }
        }
        return total;
    }

    private static Long plus(Long total, long value) {
        if (total == null) {
            return value;
        }
        return total < 0 || value < 0 ? total + value : Usage.plus(total, value);
    }

    // What else a report tells

    /** A report of a snapshot, with what all of them tell of it. */
    static Psm.Report report(
            String psmVersion,
            Snapshot snapshot,
            Psm.Processes processes,
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Row totals,
            List<Psm.Account> accounts,
            Psm.More more,
            Psm.Ranking ranking) {
        return new Psm.Report(
                new Psm.Origin(
                        psmVersion,
                        snapshot.host(),
                        snapshot.kernel(),
                        Instant.ofEpochSecond(snapshot.takenAt().getEpochSecond()),
                        snapshot.nanos(),
                        source(snapshot.processes())),
                processes,
                columns,
                rows,
                totals,
                accounts,
                more,
                ranking);
    }

    /** Of all processes. */
    static Psm.Processes processes(Snapshot snapshot) {
        return processes(snapshot, snapshot.processes().size(), snapshot.estimated());
    }

    private Psm.Processes processes(List<ProcessGroup> groups) {
        int measured = 0;
        int estimated = 0;
        for (ProcessGroup group : groups) {
            measured += group.members.size();
            estimated += (int) group.marked(Figure.ESTIMATED);
        }
        return processes(snapshot, measured, estimated);
    }

    private static Psm.Processes processes(Snapshot snapshot, int measured, int estimated) {
        return new Psm.Processes(
                measured,
                estimated,
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.STUCK),
                snapshot.count(Unmeasured.Reason.FAILED),
                snapshot.hidden());
    }

    private List<Psm.Account> accounts(List<Object> totals) {
        List<Psm.Account> accounts = new ArrayList<>();
        boolean isAll = !snapshot.filtered() && view.filter() == null;
        long swapped = isAll ? total(Figure.SWAP, totals) : Missing.VALUE;
        accounts.add(HostAccount.swap(snapshot.memory(), swapped));
        if (view.host() && isShown(Figure.PSS)) {
            accounts.add(HostAccount.memory(snapshot, total(Figure.PSS, totals)));
        }
        return Collections.unmodifiableList(accounts);
    }

    private boolean isShown(Figure figure) {
        return Arrays.asList(figures).contains(figure);
    }

    private long total(Figure figure, List<Object> totals) {
        int at = Arrays.asList(figures).indexOf(figure);
        Object total = at < 0 ? null : totals.get(totals.size() - figures.length + at);
        return total == null ? Missing.VALUE : (Long) total;
    }

    static String source(List<ProcessMemory> processes) {
        int rollups = 0;
        for (ProcessMemory process : processes) {
            if (process.rollup()) {
                rollups++;
            }
        }
        if (processes.isEmpty()) {
            return null;
        }
        if (rollups == 0) {
            return "smaps";
        }
        return rollups == processes.size() ? "smaps_rollup" : "mixed";
    }

    /**
     * The smallest first, or by name. Names decide between equals, so that two runs show the same
     * order.
     */
    private final class Order implements Comparator<ProcessGroup> {
        private final Figure figure;

        /**
         * Orders rows by a figure.
         *
         * @param figure {@code null} for names alone
         */
        Order(Figure figure) {
            this.figure = figure;
        }

        @Override
        public int compare(ProcessGroup a, ProcessGroup b) {
            int bySize = figure == null ? 0 : compareValues(value(figure, a), value(figure, b));
            return bySize != 0 ? bySize : compareNames(a, b);
        }
    }

    /** What nobody told is less than anything. */
    private static int compareValues(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (a instanceof Double x && b instanceof Double y) {
            return Double.compare(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        return Boolean.compare(a != null, b != null);
    }

    private int compareNames(ProcessGroup a, ProcessGroup b) {
        for (Grouping grouping : view.by()) {
            int byName = compareValues(label(grouping, a), label(grouping, b));
            if (byName != 0) {
                return byName;
            }
        }
        return Integer.compare(a.representative.pid(), b.representative.pid());
    }
}
