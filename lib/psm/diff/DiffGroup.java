package psm.diff;

import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The processes of one row of a {@link DiffReport}, before and after. Not for sharing between
 * threads.
 *
 * <p>The RAM of a process that is estimated is its Rss, which is more than its share of shared
 * memory. If the exact figure of one snapshot were compared with the estimate of the other, that
 * would look like growth. So in such a row all processes count with their Rss, before and after.
 */
final class DiffGroup {
    /** The names of the row. */
    String[] labels;

    final List<ProcessMemory> before = new ArrayList<>(2);
    final List<ProcessMemory> after = new ArrayList<>(2);

    /** The processes of {@link #before} that are not in {@link #after}. */
    private final List<ProcessMemory> ended = new ArrayList<>();

    /** The processes of {@link #after} that are not in {@link #before}. */
    private final List<ProcessMemory> started = new ArrayList<>();

    /** The processes that are in both, as they were before and as they are after. */
    private final List<ProcessMemory[]> stayed = new ArrayList<>();

    private boolean isByRss;

    /**
     * Returns the row.
     *
     * @param isPaired whether processes can be compared one by one
     */
    DiffRow row(boolean isPaired) {
        pair(isPaired);
        isByRss = isMixed();
        DiffRow row = new DiffRow(labels, after.isEmpty() ? before.get(0) : after.get(0));
        row.set(DiffColumn.COUNT_BEFORE, before.size());
        row.set(DiffColumn.COUNT_AFTER, after.size());
        row.set(DiffColumn.BEFORE, ram(before));
        row.set(DiffColumn.AFTER, ram(after));
        row.set(DiffColumn.CHANGE, minus(ram(after), ram(before)));
        row.set(DiffColumn.SWAP_BEFORE, swap(before));
        row.set(DiffColumn.SWAP_AFTER, swap(after));
        row.set(DiffColumn.SWAP_CHANGE, minus(swap(after), swap(before)));
        row.set(DiffColumn.ESTIMATED, Math.max(estimated(before), estimated(after)));
        if (isPaired) {
            row.set(DiffColumn.COUNT_NEW, started.size());
            row.set(DiffColumn.COUNT_ENDED, ended.size());
            row.set(DiffColumn.NEW, ram(started));
            row.set(DiffColumn.ENDED, ram(ended));
            row.set(DiffColumn.GROWN, grown());
        }
        return row;
    }

    /** Returns whether the last row is of Rss. */
    boolean isByRss() {
        return isByRss;
    }

    private void pair(boolean isPaired) {
        Map<List<Long>, ProcessMemory> known = new HashMap<>();
        for (ProcessMemory process : isPaired ? before : List.<ProcessMemory>of()) {
            known.put(identity(process), process);
        }
        for (ProcessMemory process : after) {
            ProcessMemory last = known.remove(identity(process));
            if (last == null) {
                started.add(process);
            } else {
                stayed.add(new ProcessMemory[] {last, process});
            }
        }
        for (ProcessMemory process : before) {
            if (!isPaired || known.containsKey(identity(process))) {
                ended.add(process);
            }
        }
    }

    /** Returns what no other process of one boot has. */
    static List<Long> identity(ProcessMemory process) {
        return List.of((long) process.pid(), process.startTime());
    }

    /** Returns whether exact figures would be compared with estimates. */
    private boolean isMixed() {
        for (ProcessMemory[] process : stayed) {
            if (isEstimate(process[0]) != isEstimate(process[1])) {
                return true;
            }
        }
        boolean isAnyExact = false;
        boolean isAnyEstimated = false;
        for (List<ProcessMemory> some : List.of(started, ended)) {
            for (ProcessMemory process : some) {
                isAnyEstimated |= isEstimate(process);
                isAnyExact |= !isEstimate(process);
            }
        }
        return isAnyExact && isAnyEstimated;
    }

    private static boolean isEstimate(ProcessMemory process) {
        return process.usage().isEstimated();
    }

    private long estimated(List<ProcessMemory> processes) {
        long estimated = 0;
        for (ProcessMemory process : processes) {
            estimated += isByRss || process.isEstimated() ? 1 : 0;
        }
        return estimated;
    }

    private long ram(List<ProcessMemory> processes) {
        long sum = processes.isEmpty() ? 0 : Missing.VALUE;
        for (ProcessMemory process : processes) {
            sum = Missing.plus(sum, ram(process));
        }
        return sum;
    }

    /** Returns the RAM of a process that is not counted under another one. */
    private long ram(ProcessMemory process) {
        if (!process.isCounted()) {
            return 0;
        }
        long rss = process.usage().bytes(Usage.Field.RSS);
        return isByRss && !Missing.is(rss) ? rss : process.usage().ram();
    }

    private long swap(List<ProcessMemory> processes) {
        long sum = processes.isEmpty() ? 0 : Missing.VALUE;
        for (ProcessMemory process : processes) {
            sum = Missing.plus(sum, swap(process));
        }
        return sum;
    }

    private long swap(ProcessMemory process) {
        if (!process.isCounted()) {
            return 0;
        }
        long swapped = process.details().status().swap(); // all that is known of an estimate
        return isByRss && !Missing.is(swapped) ? swapped : process.usage().swapped();
    }

    private long grown() {
        long grown = 0;
        for (ProcessMemory[] process : stayed) {
            long change = minus(ram(process[1]), ram(process[0]));
            if (Missing.is(change)) {
                return Missing.VALUE;
            }
            grown += change;
        }
        return grown;
    }

    /** Returns a difference, which is not known if one of the figures is not. */
    static long minus(long bytes, long less) {
        return Missing.is(bytes) || Missing.is(less) ? Missing.VALUE : bytes - less;
    }
}
