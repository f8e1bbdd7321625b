package psm;

/**
 * What psm needs of {@code /proc/PID/stat}; anybody may read that file.
 *
 * @param comm the name of the main thread, as the kernel has it: 15 bytes at most for processes
 * @param state one letter, field 3
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
record ProcStat(
        String comm,
        char state,
        long flags,
        long threads,
        long startTime,
        long residentPages,
        long startStack,
        long addresses) {
    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits; set before its memory is given back (linux/sched.h). */
    private static final long PF_EXITING = 0x0000_0004;

    /** The flag of a process that was forked and has not called exec(2) (linux/sched.h). */
    private static final long PF_FORKNOEXEC = 0x0000_0040;

    private static final int STATE = 3;
    private static final int FLAGS = 9;
    private static final int THREADS = 20;
    private static final int START_TIME = 22;
    private static final int RESIDENT_PAGES = 24;
    private static final int START_CODE = 26;
    private static final int START_STACK = 28;
    private static final int START_DATA = 45;
    private static final int END_OF_ENVIRONMENT = 51;

    boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Whether the process is on its way out: its memory may be gone already. */
    boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Whether the thread has ended; the process with it, unless {@link #isDeadLeader}. */
    boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Whether the main thread has ended, or is about to, while others are there: their folders in
     * {@code task} have the memory.
     */
    boolean isDeadLeader() {
        return (isZombie() || isExiting()) && threads > 1;
    }

    /** Whether it runs the program of the process that it was forked from. */
    boolean isForkWithoutExec() {
        return (flags & PF_FORKNOEXEC) != 0;
    }

    /**
     * Reads the file's content, {@code bytes[0..length)}.
     *
     * @return {@code null} where that is no content of stat
     */
    static ProcStat parse(byte[] bytes, int length) {
        int open = indexOf((byte) '(', bytes, length);
        // The name is raw: it can have parentheses, blanks and newlines of its own.
        int close = lastIndexOf((byte) ')', bytes, length);
        if (open < 0 || close < open || close + 2 >= length) {
            return null;
        }
        long flags = 0;
        long threads = 0;
        long startTime = -1;
        long residentPages = 0;
        long startStack = 0;
        long addresses = 0;
        int from = close + 2;
        for (int field = STATE; from < length && field <= END_OF_ENVIRONMENT; field++) {
            int to = from;
            while (to < length && bytes[to] != ' ') {
                to++;
            }
            switch (field) {
                case FLAGS -> flags = number(bytes, from, to);
                case THREADS -> threads = number(bytes, from, to);
                case START_TIME -> startTime = number(bytes, from, to);
                case RESIDENT_PAGES -> residentPages = number(bytes, from, to);
                case START_STACK -> startStack = number(bytes, from, to);
                default -> {}
            }
            if (field >= START_DATA || (field >= START_CODE && field <= START_STACK)) {
                addresses = addresses * 31 + number(bytes, from, to);
            }
            from = to + 1;
        }
        if (startTime < 0) {
            return null;
        }
        if (startStack == 0) {
            addresses = 0; // the fields before it are 1 then
        }
        String comm = Text.decode(bytes, open + 1, close);
        char state = (char) bytes[close + 2];
        return new ProcStat(
                comm, state, flags, threads, startTime, residentPages, startStack, addresses);
    }

    private static long number(byte[] bytes, int from, int to) {
        long value = 0;
        for (int i = from; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
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
}
