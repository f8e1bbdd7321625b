package psm.report;

import psm.Psm;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The processes of one row of a {@link ProcessReport}, by ascending pid, and what they come to: a
 * figure that none of them tells is {@link Figure#NONE}.
 */
final class ProcessGroup {
    private static final int FIGURES = Figure.values().length;

    /** What tells it from other groups. */
    final Object key;

    /** The process that the row is named after. */
    final ProcessMemory representative;

    final List<ProcessMemory> members = new ArrayList<>(2);

    /** What the report has found out, by figure, as far as somebody asked. */
    final Object[] values = new Object[FIGURES];

    final boolean[] isKnown = new boolean[FIGURES];

    /** How many ancestors it has in a tree. */
    int depth;

    /** The RAM of each, ascending. */
    private long[] spread;

    ProcessGroup(Object key, ProcessMemory representative) {
        this.key = key;
        this.representative = representative;
    }

    /**
     * The pids of the processes: a table has none, so nothing is made of them until somebody asks.
     */
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
     * A sum leaves out what is absent; it is absent itself where there is nothing to sum. What is
     * counted under another process is nothing more here.
     */
    long sum(Figure figure) {
        long sum = Figure.NONE;
        for (int i = 0; i < members.size(); i++) {
            ProcessMemory process = members.get(i);
            long value = figure.of(process);
            if (value != Figure.NONE) {
                boolean isHere = process.isCounted() || figure.column.kind() != Psm.Kind.BYTES;
                sum = Usage.plus(Math.max(0, sum), isHere ? value : 0);
            }
        }
        return sum;
    }

    /** How many have a mark. */
    long marked(Figure mark) {
        long marked = 0;
        for (int i = 0; i < members.size(); i++) {
            marked += mark.of(members.get(i));
        }
        return marked;
    }

    /** The largest that one of them has. */
    long most(Figure figure) {
        long most = Figure.NONE;
        for (ProcessMemory process : members) {
            most = Math.max(most, figure.of(process));
        }
        return most;
    }

    /** What all of them have; none where they differ. */
    long same(Figure figure) {
        long same = figure.of(members.get(0));
        for (ProcessMemory process : members) {
            if (figure.of(process) != same) {
                return Figure.NONE;
            }
        }
        return same;
    }

    /** The RAM of the smallest. */
    long smallest() {
        return spread()[0];
    }

    /** The RAM of the one in the middle, or between the two that are. */
    long median() {
        long[] sorted = spread();
        long low = sorted[(sorted.length - 1) / 2];
        long high = sorted[sorted.length / 2];
        return low == Figure.NONE ? Figure.NONE : low + (high - low) / 2;
    }

    /** The RAM of the largest. */
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
