package psm.proc;

import psm.text.Text;

import java.io.IOException;
import java.util.zip.CRC32;

/**
 * The fields that psm needs of {@code /proc/PID/stat}, which every user may read.
 *
 * @param comm field 2, the name of the main thread: 15 bytes at most for processes
 * @param state field 3, one letter
 * @param parent field 4, the pid of the parent; 0 if the parent is not visible
 * @param flags field 9, the kernel's PF_ flags
 * @param threads field 20, the number of threads; the main thread counts even after its exit
 * @param startTime field 22, clock ticks since boot; no two processes have the same pid and start
 *     time
 * @param residentPages field 24, from counters that lag a little
 * @param startStack field 28, the address at which the stack started; 0 without permission to trace
 *     the process
 * @param addresses a hash of fields 26 to 28 and 45 to 51 (3.5), the addresses of code, stack,
 *     data, heap, arguments and environment. exec(2) sets them, and little else changes them; if
 *     addresses are randomized, each exec sets others. Processes with different hashes have
 *     different memory. A fork has the same hash as its parent, but its own memory. 0 without
 *     permission to trace the process
 */
public record ProcStat(
        String comm,
        char state,
        int parent,
        long flags,
        long threads,
        long startTime,
        long residentPages,
        long startStack,
        long addresses) {
    /**
     * A limit for the arguments and the environment on top of the stack, which take at most 6 MB,
     * see execve(2). If it is too low, a stack at a fixed address is taken for a random one; if it
     * is too high, more forks are read twice.
     */
    private static final long MAX_ARGUMENT_BYTES = 16 << 20;

    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits, set before its memory is freed (linux/sched.h). */
    private static final long PF_EXITING = 0x0000_0004;

    /** The flag of a process that was forked and has not called exec(2) (linux/sched.h). */
    private static final long PF_FORKNOEXEC = 0x0000_0040;

    private static final int STATE = 3;
    private static final int PARENT = 4;
    private static final int FLAGS = 9;
    private static final int THREADS = 20;
    private static final int START_TIME = 22;
    private static final int RESIDENT_PAGES = 24;
    private static final int START_CODE = 26;
    private static final int START_STACK = 28;
    private static final int START_DATA = 45;
    private static final int END_OF_ENVIRONMENT = 51;

    /** Returns the size of the pages in RAM. */
    public long residentBytes(long pageBytes) {
        return residentPages > Long.MAX_VALUE / pageBytes
                ? Long.MAX_VALUE
                : residentPages * pageBytes;
    }

    /** Returns whether this is a kernel thread. */
    public boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Returns whether the thread is exiting: its memory may already be free. */
    public boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /**
     * Returns whether the thread has exited. The process has exited too, unless {@link
     * #isDeadLeader}.
     */
    public boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Returns whether the main thread has exited or is exiting while other threads run. Then only
     * the folders of those threads, in {@code task}, show the memory.
     */
    public boolean isDeadLeader() {
        return (isZombie() || isExiting()) && threads > 1;
    }

    /** Returns whether it still runs the program of the process that it was forked from. */
    public boolean isForkWithoutExec() {
        return (flags & PF_FORKNOEXEC) != 0;
    }

    /**
     * Reads the file of a process, unless that may block, see {@link ProcFs#mayBlock}.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param buffer an array of 2 kB or more; its content changes
     * @return {@code null} if it cannot be read
     */
    public static ProcStat readIfInstant(ProcFs proc, String folder, byte[] buffer) {
        String file = folder + "/stat";
        try {
            return proc.mayBlock(file) ? null : parse(buffer, proc.read(file, buffer));
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Parses the content of the file, {@code bytes[0..length)}.
     *
     * @return {@code null} if the content is malformed
     */
    public static ProcStat parse(byte[] bytes, int length) {
        int open = indexOf((byte) '(', bytes, length);
        // The kernel does not escape the name: it may contain parentheses, blanks and newlines.
        int close = lastIndexOf((byte) ')', bytes, length);
        if (open < 0 || close < open || close + 2 >= length) {
            return null;
        }
        int[] from = new int[END_OF_ENVIRONMENT + 2];
        int fields = fields(bytes, close + 2, length, from);
        if (fields < START_TIME) {
            return null;
        }
        boolean isWhole = from[START_STACK + 1] > 0;
        long startStack = isWhole ? number(bytes, from[START_STACK], length) : 0;
        return new ProcStat(
                Text.decode(bytes, open + 1, close),
                (char) bytes[close + 2],
                pid(number(bytes, from[PARENT], length)),
                number(bytes, from[FLAGS], length),
                Math.min(Integer.MAX_VALUE, number(bytes, from[THREADS], length)),
                number(bytes, from[START_TIME], length),
                number(bytes, from[RESIDENT_PAGES], length),
                startStack,
                // Without permission the fields are 0 or 1.
                startStack == 0 ? 0 : hash(bytes, from));
    }

    /**
     * Finds the start of each field.
     *
     * @param from receives the start of each field, by its number; 0 for a missing field
     * @return the number of the last field
     */
    private static int fields(byte[] bytes, int start, int length, int[] from) {
        int field = STATE;
        from[field] = start;
        for (int i = start; i < length; i++) {
            if (bytes[i] == ' ') {
                from[++field] = i + 1;
                if (field > END_OF_ENVIRONMENT) {
                    break;
                }
            }
        }
        return Math.min(field, END_OF_ENVIRONMENT);
    }

    /**
     * Returns two checksums: that of fields 26 to 28 in the upper half, and that of all in the
     * lower half. The JVM contains CRC32 as compiled code, so it is fast for the first process too.
     */
    private static long hash(byte[] bytes, int[] from) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, from[START_CODE], from[START_STACK + 1] - from[START_CODE]);
        long program = checksum.getValue();
        if (from[END_OF_ENVIRONMENT + 1] > 0) {
            checksum.update(
                    bytes, from[START_DATA], from[END_OF_ENVIRONMENT + 1] - from[START_DATA]);
        }
        return program << 32 | checksum.getValue();
    }

    /** Returns the pid that a number is; 0 if it is larger than any. */
    static int pid(long number) {
        return number > Integer.MAX_VALUE ? 0 : (int) number;
    }

    /**
     * Returns the number at the start of a field; 0 if the field is missing. A number that is too
     * large, as in a made-up file, becomes {@link Long#MAX_VALUE}.
     */
    private static long number(byte[] bytes, int from, int length) {
        if (from == 0) {
            return 0;
        }
        long value = 0;
        for (int i = from; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            if (value > (Long.MAX_VALUE - 9) / 10) {
                return Long.MAX_VALUE;
            }
            value = value * 10 + (bytes[i] - '0');
        }
        return value;
    }

    private static int indexOf(byte wanted, byte[] bytes, int length) {
        int i = 0;
        while (i < length && bytes[i] != wanted) {
            i++;
        }
        return i < length ? i : -1;
    }

    private static int lastIndexOf(byte wanted, byte[] bytes, int length) {
        int i = length - 1;
        while (i >= 0 && bytes[i] != wanted) {
            i--;
        }
        return i;
    }

    /** Returns whether the process has exited since this was read. */
    public boolean hasExited(ProcStat now) {
        return now == null
                || now.startTime != startTime
                || (!now.isDeadLeader() && (now.isZombie() || now.isExiting()));
    }

    /** Returns whether the process still runs the program that it ran when this was read. */
    public boolean isUnchanged(ProcStat now) {
        return !hasExited(now)
                && now.isDeadLeader() == isDeadLeader()
                && now.addresses == addresses;
    }

    /**
     * Returns whether the stack of this process is at a random address, see {@link #isAtRandom}.
     */
    public boolean isStackAtRandom() {
        return isAtRandom(startStack());
    }

    /**
     * Returns whether a stack is at a random address, where the kernel puts it unless that is
     * switched off (randomize_va_space, personality(2)). Otherwise it is right below the end of all
     * addresses, which is a power of two with 64 bits. One in a thousand random stacks is there
     * too.
     *
     * @param startStack field 28 of {@code stat}
     */
    public static boolean isAtRandom(long startStack) {
        long end = Long.highestOneBit(startStack) << 1;
        return end > 1L << 32 && end - startStack > MAX_ARGUMENT_BYTES;
    }
}
