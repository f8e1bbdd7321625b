package psm.growth;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * The first of very many things in an order, as far as they fit into the memory. Those of one
 * machine have a share of it, so that no machine displaces all others. Not for sharing between
 * threads.
 */
final class Kept<T> {
    /** The share of one machine of many is so much; of fewer, each has the same. */
    private static final int MOST_SHARES = 16;

    private final Comparator<T> order;
    private final ToLongFunction<T> size;
    private final long maxBytes;
    private final long shareBytes;
    private final List<T> kept = new ArrayList<>();
    private long bytes;

    /**
     * Starts without anything.
     *
     * @param size returns how many bytes something takes
     * @param machines the number of machines; one alone may take any memory
     * @param maxBytes how many bytes all may take
     */
    Kept(Comparator<T> order, ToLongFunction<T> size, int machines, long maxBytes) {
        this.order = order;
        this.size = size;
        this.maxBytes = machines == 1 ? Long.MAX_VALUE : maxBytes;
        this.shareBytes = this.maxBytes / Math.min(machines, MOST_SHARES);
    }

    /** Adds what is of one machine. */
    void addAll(List<T> more) {
        List<T> sorted = new ArrayList<>(more);
        sorted.sort(order);
        long before = bytes;
        for (T each : sorted) {
            long its = size.applyAsLong(each);
            if (bytes - before + its > shareBytes) {
                break;
            }
            kept.add(each);
            bytes += its;
        }
        if (bytes > maxBytes) {
            dropLast();
        }
    }

    /** Drops the last half, so that this is not needed again for each machine. */
    private void dropLast() {
        kept.sort(order);
        while (bytes > maxBytes / 2) {
            bytes -= size.applyAsLong(kept.remove(kept.size() - 1));
        }
    }

    /** Returns what was kept, in order. */
    List<T> sorted() {
        kept.sort(order);
        return kept;
    }
}
