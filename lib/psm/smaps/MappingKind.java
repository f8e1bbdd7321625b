package psm.smaps;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a mapping is used for. It follows from the mapping's line in {@code /proc/PID/smaps}
 * (permissions and name), and from whether it has pages of hugetlbfs.
 *
 * <p>For a program that can execute all that it can read (personality READ_IMPLIES_EXEC, old 32-bit
 * programs), all anonymous memory is {@link #JIT}.
 */
public enum MappingKind {
    /** {@code [heap]}, whose end brk(2) moves; malloc also uses anonymous memory. */
    HEAP("heap"),
    /** The main thread's stack, and named stacks of others: {@code [stack:TID]}, 3.4 to 4.4. */
    STACK("stacks"),
    /** Private memory that belongs to no file, with or without a name. */
    ANONYMOUS("anonymous"),
    /** Executable memory that belongs to no file, and memory that is named after JIT code. */
    JIT("JIT code"),
    /** Executable parts of files. */
    FILE_TEXT("file text"),
    /** All other parts of files. */
    FILE_DATA("file data"),
    /** memfd, System V, shared anonymous memory and {@code /dev/shm}. */
    SHARED_MEMORY("shared memory"),
    /** Pages of hugetlbfs, mapped in any way. */
    HUGETLB("huge pages"),
    /** Memory of devices, and of kernel interfaces such as io_uring, perf and packet sockets. */
    DEVICE("devices"),
    /** Mappings that the kernel makes in each process: vdso, vvar, vsyscall. */
    VDSO("vdso"),
    /** Mappings named in brackets that psm does not know. */
    OTHER("other");

    private static final byte[] HEAP_NAME = ascii("[heap]");
    static final byte[] STACK_NAME = ascii("[stack]");
    private static final byte[] THREAD_STACK = ascii("[stack:");

    private static final byte[] NAMED = ascii("[anon:");
    private static final byte[] NAMED_SHARED = ascii("[anon_shmem:");

    /** The names that bionic and glibc give to stacks. */
    private static final byte[][] NAMED_STACKS = {
        ascii("[anon:stack_and_tls:"), ascii("[anon: glibc: pthread")
    };

    private static final byte[][] NAMED_JITS = {ascii("JIT"), ascii("jit-"), ascii("jit_")};

    private static final byte[] MEMFD = ascii("/memfd:");

    /** The name that .NET gives to JIT code; other names of it contain "jit" in any case. */
    private static final byte[] DOUBLE_MAPPER = ascii("/memfd:doublemapper");

    /** The kernel's name of shared anonymous memory. */
    private static final byte[] ZERO_DELETED = ascii("/dev/zero (deleted)");

    private static final byte[] ZERO = ascii("/dev/zero");
    private static final byte[] DEVICES = ascii("/dev/");

    private static final byte[][] SHARED_FILES = {
        ascii("/SYSV"), ascii("/dev/shm/"), ascii("/run/shm/"), ascii("/dev/ashmem")
    };

    private static final byte[][] HUGE_PAGES = {ascii("/anon_hugepage"), ascii("/dev/hugepages/")};

    /** The names of buffers for asynchronous I/O and graphics, which are not files. */
    private static final byte[][] DEVICE_FILES = {
        ascii("/[aio]"), ascii("/drm mm object"), ascii("/i915"), ascii("/dmabuf:")
    };

    private static final byte[][] KERNELS = {
        ascii("[vdso"), ascii("[vvar"), ascii("[vsyscall"), ascii("[vectors"), ascii("[sigpage")
    };

    /** Its name in reports; it never changes once released. */
    public final String inWords;

    MappingKind(String inWords) {
        this.inWords = inWords;
    }

    /**
     * Returns the kind of a mapping without pages of hugetlbfs.
     *
     * @param isExecutable whether its permissions contain an {@code x}
     * @param name bytes that contain the name of the mapping
     * @param from the index of the name's first byte
     * @param to the index after its last byte; {@code from} if the mapping has no name
     */
    static MappingKind of(boolean isExecutable, byte[] name, int from, int to) {
        if (from == to) {
            return isExecutable ? JIT : ANONYMOUS;
        }
        return switch (name[from]) {
            case '/' -> ofFile(isExecutable, name, from, to);
            case '[' -> ofBracket(isExecutable, name, from, to);
            default -> DEVICE; // anon_inode:[perf], socket:[4711]
        };
    }

    private static MappingKind ofFile(boolean isExecutable, byte[] name, int from, int to) {
        if (startsWith(MEMFD, name, from, to)) {
            boolean isJit =
                    isExecutable
                            || startsWith(DOUBLE_MAPPER, name, from, to)
                            || hasJit(name, from, to);
            return isJit ? JIT : SHARED_MEMORY;
        }
        if (Arrays.equals(ZERO_DELETED, 0, ZERO_DELETED.length, name, from, to)) {
            return isExecutable ? JIT : SHARED_MEMORY;
        }
        if (startsWithAny(SHARED_FILES, name, from, to)) {
            return SHARED_MEMORY;
        }
        if (startsWithAny(HUGE_PAGES, name, from, to)) {
            return HUGETLB;
        }
        if (Arrays.equals(ZERO, 0, ZERO.length, name, from, to)) {
            return isExecutable ? JIT : ANONYMOUS; // private, of the device
        }
        if (startsWith(DEVICES, name, from, to) || startsWithAny(DEVICE_FILES, name, from, to)) {
            return DEVICE;
        }
        return isExecutable ? FILE_TEXT : FILE_DATA;
    }

    private static MappingKind ofBracket(boolean isExecutable, byte[] name, int from, int to) {
        if (startsWith(NAMED, name, from, to)) {
            if (startsWithAny(NAMED_STACKS, name, from, to)) {
                return STACK;
            }
            return isExecutable || hasAny(NAMED_JITS, name, from, to) ? JIT : ANONYMOUS;
        }
        if (startsWith(NAMED_SHARED, name, from, to)) {
            return isExecutable || hasAny(NAMED_JITS, name, from, to) ? JIT : SHARED_MEMORY;
        }
        if (Arrays.equals(HEAP_NAME, 0, HEAP_NAME.length, name, from, to)) {
            return HEAP;
        }
        if (Arrays.equals(STACK_NAME, 0, STACK_NAME.length, name, from, to)
                || isThreadStack(name, from, to)) {
            return STACK;
        }
        return startsWithAny(KERNELS, name, from, to) ? VDSO : OTHER;
    }

    /** Returns whether a name is that of a thread's stack, such as {@code [stack:4711]}. */
    static boolean isThreadStack(byte[] name, int from, int to) {
        int i = from + THREAD_STACK.length;
        if (to - 1 <= i || name[to - 1] != ']' || !startsWith(THREAD_STACK, name, from, to)) {
            return false;
        }
        while (SmapsParser.isDigit(name[i])) {
            i++;
        }
        return i == to - 1;
    }

    private static boolean startsWith(byte[] start, byte[] name, int from, int to) {
        int end = from + start.length;
        return end <= to && Arrays.equals(start, 0, start.length, name, from, end);
    }

    private static boolean startsWithAny(byte[][] starts, byte[] name, int from, int to) {
        for (byte[] start : starts) {
            if (startsWith(start, name, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAny(byte[][] parts, byte[] name, int from, int to) {
        for (int i = from; i < to; i++) {
            if (startsWithAny(parts, name, i, to)) {
                return true;
            }
        }
        return false;
    }

    /** The bit by which small letters of ASCII differ from capitals. */
    private static final int SMALL = 0x20;

    private static boolean hasJit(byte[] name, int from, int to) {
        for (int i = from; i + 2 < to; i++) {
            if ((name[i] | SMALL) == 'j'
                    && (name[i + 1] | SMALL) == 'i'
                    && (name[i + 2] | SMALL) == 't') {
                return true;
            }
        }
        return false;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
