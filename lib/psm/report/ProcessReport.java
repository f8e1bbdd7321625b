package psm.report;

import psm.Psm;
import psm.name.UserNames;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.system.MemoryAccount;
import psm.text.Failure;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a report of a snapshot's processes: one row for each group of them. The largest row is
 * first, unless the view reverses the order.
 */
public final class ProcessReport extends RowChoice<ProcessGroup> {
    private final Snapshot snapshot;
    private final Labels labels;
    private final GroupFigures values;
    private final ProcessColumns columns;

    /** The parents of processes; {@code null} if the view does not group by them. */
    private final Ancestors ancestors;

    private ProcessReport(Snapshot snapshot, View view, Labels labels, GroupFigures values) {
        super(view);
        this.snapshot = snapshot;
        this.labels = labels;
        this.values = values;
        this.columns = new ProcessColumns(view, labels, values);
        this.ancestors =
                isBy(Grouping.PARENT) || isBy(Grouping.TREE)
                        ? new Ancestors(snapshot.processes(), labels)
                        : null;
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param users the names of the users and groups in the snapshot
     * @param memory the RAM of each row in the last report, which the call replaces by those of
     *     this report; {@code null} if no changes are shown
     * @throws Failure if the view's filter is too slow for a name
     */
    public static Psm.Report of(
            Snapshot snapshot,
            String psmVersion,
            View view,
            UserNames users,
            Map<Object, Long> memory)
            throws Failure {
        Labels labels = new Labels(users);
        GroupFigures values = new GroupFigures(snapshot, view, labels, memory);
        return new ProcessReport(snapshot, view, labels, values)
                .report(new ReportHead(psmVersion, snapshot));
    }

    private Psm.Report report(ReportHead head) throws Failure {
        List<ProcessGroup> groups = arranged(matching(groups()));
        Psm.Row totals = columns.sums(groups, true);
        List<ProcessGroup> shown = shown(groups);
        List<Psm.Row> rows = new ArrayList<>(shown.size());
        for (ProcessGroup group : shown) {
            rows.add(columns.row(group));
        }
        Psm.More more = more(groups, shown);
        values.remember(groups); // all changes have been computed by now
        return head.report(
                processes(head, groups),
                columns.of(groups),
                Collections.unmodifiableList(rows),
                totals,
                accounts(totals),
                more,
                ranking(shown, rows, arranged(inTable(shown))));
    }

    /** Returns rows in this order, or if they are a tree, siblings in this order. */
    private List<ProcessGroup> arranged(List<ProcessGroup> groups) {
        return isBy(Grouping.TREE) ? new ProcessTree(ancestors).of(groups) : groups;
    }

    private List<ProcessGroup> groups() {
        Map<Object, ProcessGroup> byKey = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            Object key = key(process);
            ProcessGroup group = byKey.get(key);
            if (group == null) {
                boolean isByParent = isBy(Grouping.PARENT);
                group = new ProcessGroup(key, isByParent ? ancestors.topmost(process) : null);
                byKey.put(key, group);
            }
            group.members.add(process);
        }
        return new ArrayList<>(byKey.values());
    }

    private boolean isBy(Grouping grouping) {
        return view.by().contains(grouping);
    }

    /** Returns the key that all processes of a row have, and no other process. */
    private Object key(ProcessMemory process) {
        if (view.by().size() == 1) {
            return key(view.by().get(0), process);
        }
        List<Object> keys = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            keys.add(key(grouping, process));
        }
        return keys;
    }

    private Object key(Grouping grouping, ProcessMemory process) {
        if (grouping.isSingleProcess()) {
            return identity(process);
        }
        if (grouping == Grouping.PARENT) {
            return identity(ancestors.topmost(process));
        }
        String label = grouping.label(process, labels);
        return label == null ? Missing.VALUE : label;
    }

    /** Returns what no other process has: in the next report, another one may have the same pid. */
    private Object identity(ProcessMemory process) {
        return values.areCompared()
                ? List.of(process.pid(), process.startTime())
                : (Object) process.pid();
    }

    @Override
    protected Object value(Figure figure, ProcessGroup group) {
        return values.value(figure, group);
    }

    @Override
    protected String name(ProcessGroup group) {
        StringBuilder name = new StringBuilder();
        for (Grouping grouping : view.by()) {
            String label = group.label(grouping, labels);
            name.append(name.length() == 0 ? "" : " ").append(label == null ? "-" : label);
        }
        return name.toString();
    }

    @Override
    protected int compareNames(ProcessGroup a, ProcessGroup b) {
        for (Grouping grouping : view.by()) {
            int byName = compareValues(a.label(grouping, labels), b.label(grouping, labels));
            if (byName != 0) {
                return byName;
            }
        }
        return Integer.compare(a.first().pid(), b.first().pid());
    }

    @Override
    protected Psm.Row sums(List<ProcessGroup> hidden) {
        return columns.sums(hidden, false);
    }

    private Psm.Processes processes(ReportHead head, List<ProcessGroup> groups) {
        int measured = 0;
        EstimateCount estimates = new EstimateCount(view);
        for (ProcessGroup group : groups) {
            measured += group.members.size();
            for (int i = 0; i < group.members.size(); i++) {
                estimates.add(group.members.get(i));
            }
        }
        return head.processes(measured, estimates);
    }

    private List<Psm.Account> accounts(Psm.Row totals) {
        List<Psm.Account> accounts = new ArrayList<>();
        boolean isAll = !snapshot.scope().filtered() && view.filter() == null;
        long swapped = columns.total(Figure.SWAP, totals);
        accounts.add(SwapAccount.of(snapshot.host().memory(), isAll, swapped));
        if (view.system() && columns.contains(Figure.PSS)) {
            accounts.add(
                    MemoryAccount.of(
                            snapshot, columns.total(Figure.PSS, totals), Figure.PSS.column.key()));
        }
        return Collections.unmodifiableList(accounts);
    }
}
