package psm.growth;

import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

/**
 * One process from its first sample to its last, by its pid and its start time. Not for sharing
 * between threads.
 */
final class Life {
    final int pid;
    final long startTime;

    /** The row to which it belongs; {@code null} if it is in none. */
    GrowthRow row;

    /** Whether it is in none since there are too many rows. */
    boolean isLeftOut;

    /** The process as of the last sample; {@code null} if it is not kept. */
    private ProcessMemory process;

    /** Whether its figures in the last sample are estimates. */
    private boolean isEstimated;

    /** Its share of anonymous memory and swap. */
    private long anonymousShare = Missing.VALUE;

    /** Its anonymous memory with swap, which no other process changes, in bytes. */
    private long own = Missing.VALUE;

    /** The change of {@link #own} since the sample before. */
    private long change;

    /** Its share of memory and swap, in bytes. */
    private long share;

    /** {@link #share} and {@link #own} when they were last known exactly. */
    private long exactShare = Missing.VALUE;

    private long exactOwn;

    Life(ProcessMemory process) {
        this.pid = process.pid();
        this.startTime = process.startTime();
    }

    /** Returns whether a process of another sample is this one. */
    boolean is(ProcessMemory other) {
        return other.pid() == pid && other.startTime() == startTime;
    }

    /** Returns the process as of the last sample; {@code null} if it is not kept. */
    ProcessMemory process() {
        return process;
    }

    /** Goes on with the next sample; in a recording, a process that did not change is the same. */
    @SuppressWarnings("ReferenceEquality")
    void update(ProcessMemory next) {
        change = 0;
        if (next == process) {
            return;
        }
        process = next;
        Usage usage = next.usage();
        isEstimated = next.estimate() != null;
        anonymousShare = next.isCounted() ? anonymousShare(usage) : 0;
        long now = next.isCounted() ? own(next) : 0;
        change = own == Missing.VALUE ? 0 : now - own;
        own = now;
        long shareNow = Missing.plus(usage.ram(), Missing.orZero(usage.swapped()));
        if (!next.isCounted()) {
            share = 0;
        } else if (next.estimate() == null && !usage.isEstimated()) {
            share = Missing.orZero(shareNow);
            exactShare = share;
            exactOwn = now;
        } else if (exactShare != Missing.VALUE) {
            // Of a huge process, few samples are exact: in between, what it added is its own.
            share = Math.max(0, exactShare + now - exactOwn);
        } else {
            share = Missing.orZero(shareNow);
        }
    }

    /** Keeps the figures of the last sample alone. */
    void forget() {
        process = null;
    }

    /** Stays as it is in a sample that could not read it. */
    void skip() {
        change = 0;
    }

    private static long own(ProcessMemory process) {
        Usage usage = process.usage();
        long swapped = process.details().status().swap(); // without shared memory
        if (swapped == Missing.VALUE) {
            swapped = usage.bytes(Usage.Field.SWAP);
        }
        if (swapped == Missing.VALUE) {
            swapped = usage.bytes(Usage.Field.SWAP_PSS); // of an estimate
        }
        long anonymous = usage.bytes(Usage.Field.ANONYMOUS);
        return anonymous == Missing.VALUE // before about 2.6.36
                ? Missing.orZero(usage.ram()) + Missing.orZero(swapped)
                : anonymous + Missing.orZero(swapped);
    }

    long own() {
        return own;
    }

    long change() {
        return change;
    }

    long share() {
        return share;
    }

    /**
     * Returns the share of anonymous memory and swap; {@link Missing#VALUE} if the kernel does not
     * report it.
     */
    long anonymousShare() {
        return anonymousShare;
    }

    private static long anonymousShare(Usage usage) {
        long pss = usage.bytes(Usage.Field.PSS_ANON);
        return pss == Missing.VALUE ? pss : pss + Missing.orZero(usage.bytes(Usage.Field.SWAP_PSS));
    }

    /** Returns whether its figures in the last sample are estimates. */
    boolean isEstimated() {
        return isEstimated;
    }
}
