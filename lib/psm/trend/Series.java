package psm.trend;

import java.util.Arrays;

/**
 * Keeps what is needed of the sizes of one process, group or machine over time, in bounded memory:
 * at most {@link #MAX_SLOTS} slots with the least and the greatest size in each. A slot begins as
 * one sample; when there are too many, slots become twice as long and neighbours are merged. So a
 * short life costs little, and a month of samples at most 6 kB.
 *
 * <p>Times are uptimes in milliseconds, of one boot: a reboot ends the series. Gaps between samples
 * need no mark, since the low water of a series takes no sample for more than what it is.
 *
 * <p>Sizes are kept as {@code float}: exact for kilobytes up to 16 GB, and to 0.000006 % beyond.
 * Not for sharing between threads.
 */
public final class Series {
    /**
     * Greatest number of slots. Fewer would blur the {@link LowWater#BUCKETS} buckets of a window,
     * which has at least half as many slots; more would cost memory for each process.
     */
    static final int MAX_SLOTS = 480;

    /** Fewer slots would make buckets of a window empty. */
    static final int LEAST_SLOTS = 3 * LowWater.BUCKETS;

    private static final int FIRST_CAPACITY = 4;
    private static final int[] NO_TIMES = {};
    private static final float[] NO_SIZES = {};

    /** How many slots it may have, see {@link #narrow}. */
    private int maxSlots = MAX_SLOTS;

    /** Time of the first sample. */
    private long start;

    /** Length of each slot in milliseconds. */
    private long width = 1;

    /** End of the last slot, after the start. */
    private long end;

    /** The times since the start are shifted right by this, so that they fit into an int. */
    private int shift;

    /** The time of the first least size in each slot, after the start. */
    private int[] times = NO_TIMES;

    private float[] least = NO_SIZES;
    private float[] greatest = NO_SIZES;
    private int slots;

    private int samples;
    private long firstBytes;
    private long lastMillis;
    private long lastBytes;

    /**
     * Adds a sample. A sample that is earlier than the one before is ignored.
     *
     * @param millis the uptime
     * @param bytes the size; must be known
     */
    public void add(long millis, long bytes) {
        if (samples == 0) {
            start = millis;
            firstBytes = bytes;
        } else if (millis < lastMillis) {
            return;
        }
        samples++;
        lastMillis = millis;
        lastBytes = bytes;
        long time = millis - start;
        if (time >= end && slots == maxSlots) {
            merge();
        }
        if (time >= end) {
            open(time, bytes);
            return;
        }
        int last = slots - 1;
        if (bytes < least[last]) {
            least[last] = bytes;
            times[last] = (int) (time >> shift);
        }
        greatest[last] = Math.max(greatest[last], (float) bytes);
    }

    /** Begins a slot with its first sample. */
    private void open(long time, long bytes) {
        while (time >> shift > Integer.MAX_VALUE) {
            shift++;
            for (int i = 0; i < slots; i++) {
                times[i] >>= 1;
            }
        }
        if (slots == times.length) {
            // Where there are very many series, twice as many would not fit into the memory.
            allocate(Math.min(maxSlots, Math.max(FIRST_CAPACITY, slots + slots / 2)));
        }
        times[slots] = (int) (time >> shift);
        least[slots] = bytes;
        greatest[slots] = bytes;
        slots++;
        end = (time / width + 1) * width;
    }

    private void allocate(int capacity) {
        times = Arrays.copyOf(times, capacity);
        least = Arrays.copyOf(least, capacity);
        greatest = Arrays.copyOf(greatest, capacity);
    }

    /**
     * Makes do with fewer slots from now on.
     *
     * @param most how many it may have; {@link #LEAST_SLOTS} are always allowed
     */
    public void narrow(int most) {
        maxSlots = Math.min(maxSlots, Math.max(LEAST_SLOTS, most));
        if (slots > maxSlots) {
            merge();
        }
        if (times.length > maxSlots) {
            allocate(maxSlots);
        }
    }

    /** Doubles the length of slots until half of them suffice. */
    private void merge() {
        while (slots > maxSlots / 2) {
            width *= 2;
            int kept = 0;
            long slot = time(0) / width;
            for (int i = 1; i < slots; i++) {
                long next = time(i) / width;
                if (next != slot) {
                    slot = next;
                    kept++;
                    move(i, kept);
                } else {
                    merge(i, kept);
                }
            }
            slots = kept + 1;
        }
        end = (time(slots - 1) / width + 1) * width;
    }

    private void move(int from, int to) {
        times[to] = times[from];
        least[to] = least[from];
        greatest[to] = greatest[from];
    }

    private void merge(int from, int to) {
        if (least[from] < least[to]) {
            least[to] = least[from];
            times[to] = times[from];
        }
        greatest[to] = Math.max(greatest[to], greatest[from]);
    }

    private long time(int slot) {
        return (long) times[slot] << shift;
    }

    /** Returns the number of samples. */
    public int samples() {
        return samples;
    }

    /** Returns the uptime of the first sample. There must be one. */
    public long firstMillis() {
        return start;
    }

    /** Returns the uptime of the last sample. */
    public long lastMillis() {
        return lastMillis;
    }

    /** Returns the size in the first sample. */
    public long firstBytes() {
        return firstBytes;
    }

    /** Returns the size in the last sample. */
    public long lastBytes() {
        return lastBytes;
    }

    /** Returns for how many slots it has memory. */
    public int capacity() {
        return times.length;
    }

    /** Returns the number of slots, which are in the order of time. */
    public int slots() {
        return slots;
    }

    /** Returns the uptime of the least size in a slot. */
    public long millis(int slot) {
        return start + time(slot);
    }

    /** Returns the least size in a slot, in bytes. */
    public float least(int slot) {
        return least[slot];
    }

    /** Returns the greatest size in a slot, in bytes. */
    public float greatest(int slot) {
        return greatest[slot];
    }
}
