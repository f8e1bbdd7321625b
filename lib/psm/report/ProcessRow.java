package psm.report;

import java.util.List;

/** One row of a report of processes, before it becomes a {@link psm.Psm.Row}. */
abstract class ProcessRow {
    /** The number of ancestors in a tree. */
    int depth;

    /** Returns the number of the row's machine: the same pid on two machines is two processes. */
    abstract int machine();

    /** Returns the pid of a row that is one process, or else the lowest. */
    abstract int pid();

    /** Returns the pid of the parent of that process. */
    abstract int parent();

    /** Returns the pid of the topmost ancestor, if the rows are by parents. */
    abstract int ancestor();

    /** Returns the name of the row for one of the report's ways to group. */
    abstract String label(Grouping grouping);

    /** Returns the number of processes. */
    abstract long count();

    /** Returns the pids of the processes; {@code null} if they are not of one machine. */
    abstract List<Integer> pids();

    /** Returns the row's value in a column; {@code null} if it is not known. */
    abstract Object value(Figure figure);
}
