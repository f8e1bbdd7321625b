package psm.proc;

import psm.text.Text;

import java.util.zip.CRC32;

/**
 * What psm needs of {@code /proc/PID/stat}; anybody may read that file.
 *
 * @param comm the name of the main thread, as the kernel has it: 15 bytes at most for processes
 * @param state one letter, field 3
 * @param parent field 4: the pid of the parent, 0 for none that is seen here
 * @param flags the kernel's PF_ flags, field 9
 * @param threads field 20, the main one too, even where it has exited
 * @param startTime field 22, clock ticks since boot; with the pid it tells a process from any other
 * @param residentPages field 24, by counters that lag a little
 * @param startStack field 28, the address at which the stack started; 0 for those who may not trace
 *     the process
 * @param addresses a hash of the fields that are set by exec(2), and mostly by nothing else, and
 *     that differ with each exec where addresses are randomized: 26 to 28 and 45 to 51 (those since
 *     3.5), where code, stack, data, heap, arguments and environment are. Processes with different
 *     hashes have different memory; forks have the same hash, though their memory is not the same.
 *     0 for those who may not trace the process
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
     * More than arguments and environment may take on top of the stack (6 MB, see execve(2)). Too
     * low, and a stack at no random place is taken for one that is; too high, and more forks are
     * looked at twice.
     */
    private static final long MAX_ARGUMENT_BYTES = 16 << 20;

    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits; set before its memory is given back (linux/sched.h). */
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

    public boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Whether the process is on its way out: its memory may be gone already. */
    public boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Whether the thread has ended; the process with it, unless {@link #isDeadLeader}. */
    public boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Whether the main thread has ended, or is about to, while others are there: their folders in
     * {@code task} have the memory.
     */
    public boolean isDeadLeader() {
        return (isZombie() || isExiting()) && threads > 1;
    }

    /** Whether it runs the program of the process that it was forked from. */
    public boolean isForkWithoutExec() {
        return (flags & PF_FORKNOEXEC) != 0;
    }

    /**
     * Reads the file's content, {@code bytes[0..length)}.
     *
     * @return {@code null} where that is no content of stat
     */
    public static ProcStat parse(byte[] bytes, int length) {
        int open = indexOf((byte) '(', bytes, length);
        // The name is raw: it can have parentheses, blanks and newlines of its own.
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
                (int) number(bytes, from[PARENT], length),
                number(bytes, from[FLAGS], length),
                number(bytes, from[THREADS], length),
                number(bytes, from[START_TIME], length),
                number(bytes, from[RESIDENT_PAGES], length),
                startStack,
                // Without permission the fields are 0 or 1.
                startStack == 0 ? 0 : hash(bytes, from));
    }

    /**
     * Finds where each field starts, by its number; {@code from} has 0 for those that are missing.
     *
     * @return the number of the last one
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
     * Checksums of the first run of fields, and of both. (Its code is there before any is
     * compiled.)
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

    /** The number at a field's start; 0 where the field is missing. */
    private static long number(byte[] bytes, int from, int length) {
        if (from == 0) {
            return 0;
        }
        long value = 0;
        for (int i = from; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
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

    /** Returns {@link #isAtRandom} of this process's stack. */
    public boolean isStackAtRandom() {
        return isAtRandom(startStack());
    }

    /**
     * Returns whether the kernel has put the stack at a random place, as it does unless it was told
     * not to (randomize_va_space, personality(2)). Else the stack is right below the end of all
     * addresses, which is a power of two where addresses have 64 bits; a random stack is there once
     * in a thousand times.
     *
     * @param startStack field 28 of {@code stat}
     */
    public static boolean isAtRandom(long startStack) {
        long end = Long.highestOneBit(startStack) << 1;
        return end > 1L << 32 && end - startStack > MAX_ARGUMENT_BYTES;
    }
}
