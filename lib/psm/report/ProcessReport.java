package psm.report;

import psm.Psm;
import psm.name.UserNames;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.system.CgroupAccount;
import psm.system.MemoryAccount;
import psm.system.SwapAccount;
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
public final class ProcessReport extends ProcessTable<ProcessGroup> {
    private final Snapshot snapshot;
    private final Labels labels;
    final GroupFigures values;

    /** The parents of processes; {@code null} if the view does not group by them. */
    private final Ancestors ancestors;

    ProcessReport(Snapshot snapshot, View view, Labels labels, Earlier earlier) {
        super(view);
        this.snapshot = snapshot;
        this.labels = labels;
        this.values = new GroupFigures(snapshot, view, labels, earlier);
        this.ancestors = isBy(Grouping.PARENT) ? new Ancestors(snapshot.processes(), labels) : null;
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param users the names of the users and groups in the snapshot
     * @param earlier the reports before, to which the call adds this one; {@code null} if no
     *     changes are shown
     * @throws Failure if the view's filter is too slow for a name
     */
    public static Psm.Report of(
            Snapshot snapshot, String psmVersion, View view, UserNames users, Earlier earlier)
            throws Failure {
        Labels labels = new Labels(users, snapshot.host().name(), view.isOfMetrics());
        ProcessReport made = new ProcessReport(snapshot, view, labels, earlier);
        List<ProcessGroup> groups = made.filtered(made.groups());
        ReportHead head = new ReportHead(psmVersion, snapshot);
        Psm.Report report = made.table(head.origin(), made.processes(head, groups), groups);
        made.values.remember(groups); // all changes have been computed by now
        return report;
    }

    /** Returns the rows of all processes, in any order, whether the view's filter finds them. */
    List<ProcessGroup> groups() {
        Map<Object, ProcessGroup> byKey = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            Object key = key(process);
            ProcessGroup group = byKey.get(key);
            if (group == null) {
                ProcessMemory ancestor = ancestors == null ? null : ancestors.topmost(process);
                group = new ProcessGroup(key, ancestor, values);
                byKey.put(key, group);
            }
            group.members.add(process);
        }
        return new ArrayList<>(byKey.values());
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
                ? List.of(
                        process.pid(),
                        process.startTime(),
                        String.valueOf(snapshot.host().bootId()))
                : (Object) process.pid();
    }

    @Override
    Object sum(Figure figure, List<ProcessGroup> rows, boolean isAll) {
        return values.sum(figure, rows, isAll);
    }

    /** Returns the numbers of processes in some rows, and of those that are left out. */
    Psm.Processes processes(ReportHead head, List<ProcessGroup> groups) {
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

    /**
     * Returns the host's own figures of swap.
     *
     * @param swapped the total of all rows; {@link Missing#VALUE} if it is not known
     */
    Psm.Account swap(long swapped) {
        boolean isAll = !snapshot.scope().filtered() && view.filter() == null;
        String column = isAll ? Figure.SWAP.column.key() : null;
        return SwapAccount.of(snapshot.host().memory(), column, swapped);
    }

    @Override
    List<Psm.Account> accounts(Psm.Row totals) {
        List<Psm.Account> accounts = new ArrayList<>();
        accounts.add(swap(columns.total(Figure.SWAP, totals)));
        if (view.system() && columns.contains(Figure.PSS)) {
            accounts.add(
                    MemoryAccount.of(
                            snapshot, columns.total(Figure.PSS, totals), Figure.PSS.column.key()));
        }
        if (view.isOfMetrics()) {
            accounts.add(CgroupAccount.of(snapshot.cgroups()));
        }
        return Collections.unmodifiableList(accounts);
    }
}
