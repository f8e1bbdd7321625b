package psm.growth;

import psm.name.UserNames;
import psm.report.Ancestors;
import psm.report.Grouping;
import psm.report.Labels;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;

import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Names the rows of processes over many snapshots of one machine, one after the other. Not for
 * sharing between threads.
 */
final class GroupLabels {
    private final List<Grouping> by;

    /** What the machine is called; {@code null} for the name that it has itself. */
    private final String host;

    private final boolean areStable;

    private Map<Long, String> users;
    private Map<Long, String> groups;
    private Labels labels;

    /** The parents of the current snapshot's processes; {@code null} if no row is of parents. */
    private Ancestors ancestors;

    /**
     * Names rows.
     *
     * @param host what the machine is called; {@code null} for the name that it has itself
     * @param areStable whether names are cut that change from one start to the next
     */
    GroupLabels(List<Grouping> by, String host, boolean areStable) {
        this.by = by;
        this.host = host;
        this.areStable = areStable;
    }

    /**
     * Goes on with another snapshot.
     *
     * @param names the names of users and groups on its machine
     */
    void begin(Snapshot snapshot, UserNames names) {
        // Names and control groups that are gone would fill the memory.
        if (!snapshot.users().equals(users) || !snapshot.groups().equals(groups)) {
            users = snapshot.users();
            groups = snapshot.groups();
            labels = null;
        }
        if (labels == null || labels.isFull()) {
            labels = new Labels(names, host == null ? snapshot.host().name() : host, areStable);
        }
        ancestors =
                by.contains(Grouping.PARENT) ? new Ancestors(snapshot.processes(), labels) : null;
    }

    /** Returns whether the row of a process may change although the process did not. */
    boolean areOfOthers() {
        return ancestors != null;
    }

    /** Returns whether two states of a process are certain to belong to the same row. */
    @SuppressWarnings("ReferenceEquality") // the same object did not change
    static boolean areSame(ProcessMemory a, ProcessMemory b) {
        return a.program() == b.program()
                && a.details().cgroup() == b.details().cgroup()
                && a.details().command() == b.details().command()
                && a.details().status().user() == b.details().status().user()
                && a.details().status().group() == b.details().status().group();
    }

    /**
     * Returns the names of a process's row, one for each way to group; {@code null} where it has
     * none.
     *
     * @param program the name of its program
     */
    List<String> of(ProcessMemory process, String program) {
        String[] row = new String[by.size()];
        for (int i = 0; i < row.length; i++) {
            Grouping grouping = by.get(i);
            if (grouping == Grouping.PARENT) {
                row[i] = ancestors.topmost(process).program().name();
            } else if (grouping.isNamedByProgram()) {
                row[i] = program;
            } else {
                row[i] = grouping.label(process, labels);
            }
        }
        return Arrays.asList(row);
    }

    /** Returns the ways to group. */
    List<Grouping> by() {
        return by;
    }
}
