package psm;

/**
 * What psm needs of {@code /proc/PID/stat}; anybody may read that file.
 *
 * @param comm the name of the main thread, as the kernel has it: 15 bytes at most for processes
 * @param state one letter, field 3
 * @param flags the kernel's PF_ flags, field 9
 * @param startTime field 22, clock ticks since boot; with the pid it tells a process from any other
 */
record ProcStat(String comm, char state, long flags, long startTime) {
    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits; set before its memory is given back (linux/sched.h). */
    private static final long PF_EXITING = 0x0000_0004;

    private static final int STATE = 3;
    private static final int FLAGS = 9;
    private static final int START_TIME = 22;

    boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Whether the process is on its way out: its memory may be gone already. */
    boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Whether the process has ended, and its memory with it. */
    boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
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
        char state = (char) bytes[close + 2];
        long flags = 0;
        int i = close + 2;
        for (int field = STATE; i < length; field++) {
            if (field == FLAGS) {
                flags = number(bytes, i, length);
            } else if (field == START_TIME) {
                String comm = Text.decode(bytes, open + 1, close);
                return new ProcStat(comm, state, flags, number(bytes, i, length));
            }
            while (i < length && bytes[i] != ' ') {
                i++;
            }
            i++;
        }
        return null;
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
