package psm.proc;

import psm.text.Missing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The unit of the times in {@code /proc/PID/stat}: the kernel's USER_HZ. */
public final class ClockTicks {
    /**
     * The number of ticks in a second on all architectures but alpha and ia64, which have 1,024.
     */
    public static final int PER_SECOND = 100;

    /** The length of such a tick. */
    public static final int MILLIS = 1_000 / PER_SECOND;

    /** AT_CLKTCK (linux/auxvec.h): the entry of the auxiliary vector with the number of ticks. */
    private static final int AT_CLKTCK = 17;

    /** The maximum number of ticks: none is shorter than a nanosecond. */
    private static final long MAX_PER_SECOND = 1_000_000_000;

    /** The size of a buffer for the auxiliary vector, which has some twenty entries. */
    private static final int BUFFER_BYTES = 4096;

    private ClockTicks() {}

    /**
     * Returns the number of ticks in a second. It is that of this machine, by {@code
     * /proc/self/auxv}; files from elsewhere do not say theirs, and count as {@link #PER_SECOND}.
     */
    public static long perSecond(ProcFs proc) {
        if (!proc.isLive()) {
            return PER_SECOND;
        }
        try {
            byte[] buffer = new byte[BUFFER_BYTES];
            int length = proc.read("self/auxv", buffer);
            return parse(buffer, length, Integer.getInteger("sun.arch.data.model", Long.SIZE));
        } catch (IOException e) {
            return PER_SECOND;
        }
    }

    /**
     * Converts a number of ticks to those of {@link #PER_SECOND}.
     *
     * @param ticks may be {@link Missing#VALUE}, which stays as it is
     * @param perSecond how many of them a second has
     */
    public static long common(long ticks, long perSecond) {
        return Missing.is(ticks)
                ? ticks
                : ticks / perSecond * PER_SECOND + ticks % perSecond * PER_SECOND / perSecond;
    }

    /**
     * Finds the number of ticks in an auxiliary vector: pairs of a type and a value.
     *
     * @param bits the size of each, which is that of a pointer
     */
    static long parse(byte[] bytes, int length, int bits) {
        ByteBuffer vector = ByteBuffer.wrap(bytes, 0, length).order(ByteOrder.nativeOrder());
        while (vector.remaining() >= 2 * bits / Byte.SIZE) {
            long type = bits == Integer.SIZE ? vector.getInt() : vector.getLong();
            long value = bits == Integer.SIZE ? vector.getInt() : vector.getLong();
            if (type == AT_CLKTCK) {
                return value > 0 && value <= MAX_PER_SECOND ? value : PER_SECOND;
            }
        }
        return PER_SECOND;
    }
}
