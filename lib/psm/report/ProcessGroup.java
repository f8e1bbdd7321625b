package psm.report;

import psm.scan.ProcessMemory;
import psm.text.Missing;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The processes of one row of a {@link ProcessReport}, by ascending pid, and their figures: {@link
 * Missing#VALUE} if a figure is known for none of them. Not for sharing between threads.
 */
final class ProcessGroup extends ProcessRow {
    private static final int FIGURES = Figure.values().length;

    /** The key that all of these processes have, and no other process. */
    final Object key;

    /** The topmost ancestor of the processes; {@code null} if the rows are not by parents. */
    final ProcessMemory ancestor;

    final List<ProcessMemory> members = new ArrayList<>(2);

    /** The figures that {@link GroupFigures} has computed, by {@link Figure#ordinal}. */
    final Object[] values = new Object[FIGURES];

    /** Whether a figure has been computed, by {@link Figure#ordinal}. */
    final boolean[] isKnown = new boolean[FIGURES];

    private final GroupFigures figures;

    /** The RAM of each process, ascending; {@code null} until a column shows it. */
    private long[] spread;

    ProcessGroup(Object key, ProcessMemory ancestor, GroupFigures figures) {
        this.key = key;
        this.ancestor = ancestor;
        this.figures = figures;
    }

    /** Returns the process of a row that is one process, or else the one with the lowest pid. */
    private ProcessMemory first() {
        return members.get(0);
    }

    @Override
    int machine() {
        return 0;
    }

    @Override
    int pid() {
        return first().pid();
    }

    @Override
    int parent() {
        return first().details().parent();
    }

    @Override
    int ancestor() {
        return ancestor.pid();
    }

    @Override
    String label(Grouping grouping) {
        return figures.label(grouping, grouping == Grouping.PARENT ? ancestor : first());
    }

    @Override
    long count() {
        return members.size();
    }

    @Override
    Object value(Figure figure) {
        return figures.value(figure, this);
    }

    /**
     * Returns a list of the pids that makes their objects only when it is read: tables do not show
     * them.
     */
    @Override
    List<Integer> pids() {
        return new Pids(members);
    }

    private static final class Pids extends AbstractList<Integer> {
        private final List<ProcessMemory> members;

        Pids(List<ProcessMemory> members) {
            this.members = members;
        }

        @Override
        public Integer get(int index) {
            return members.get(index).pid();
        }

        @Override
        public int size() {
            return members.size();
        }
    }

    /**
     * Adds up a figure over the processes for which it is known. Memory that is counted under
     * another process with the same address space is not added.
     */
    long sum(Figure figure) {
        long sum = Missing.VALUE;
        for (int i = 0; i < members.size(); i++) {
            ProcessMemory process = members.get(i);
            long value = figure.of(process);
            if (value != Missing.VALUE) {
                boolean isHere = process.isCounted() || !figure.isOfMemory();
                sum = Missing.plus(sum, isHere ? value : 0);
            }
        }
        return sum;
    }

    /** Counts the processes with a mark; {@link Missing#VALUE} if it is not known of any. */
    long marked(Figure mark) {
        long marked = Missing.VALUE;
        for (int i = 0; i < members.size(); i++) {
            marked = Missing.plus(marked, mark.of(members.get(i)));
        }
        return marked;
    }

    /** Returns the largest figure of a process. */
    long max(Figure figure) {
        long max = Missing.VALUE;
        for (ProcessMemory process : members) {
            max = Math.max(max, figure.of(process));
        }
        return max;
    }

    /** Returns the figure that all processes have in common; none if they differ. */
    long same(Figure figure) {
        long same = figure.of(members.get(0));
        for (ProcessMemory process : members) {
            if (figure.of(process) != same) {
                return Missing.VALUE;
            }
        }
        return same;
    }

    /** Returns the RAM of the smallest process. */
    long smallest() {
        return spread()[0];
    }

    /** Returns the RAM of the median process, or the mean of the two in the middle. */
    long median() {
        return median(spread());
    }

    /** Returns the median of sorted sizes, or the mean of the two in the middle. */
    static long median(long... sorted) {
        long low = sorted[(sorted.length - 1) / 2];
        long high = sorted[sorted.length / 2];
        return low == Missing.VALUE ? Missing.VALUE : low + (high - low) / 2;
    }

    /** Returns the RAM of the largest process. */
    long largest() {
        return spread()[members.size() - 1];
    }

    long largestPid() {
        ProcessMemory largest = members.get(0);
        for (ProcessMemory process : members) {
            if (Figure.PSS.of(process) > Figure.PSS.of(largest)) {
                largest = process;
            }
        }
        return largest.pid();
    }

    /** Returns the RAM of each process, ascending. */
    long[] sortedSizes() {
        return spread().clone();
    }

    private long[] spread() {
        if (spread == null) {
            spread = new long[members.size()];
            for (int i = 0; i < spread.length; i++) {
                spread[i] = Figure.PSS.of(members.get(i));
            }
            Arrays.sort(spread);
        }
        return spread;
    }
}
