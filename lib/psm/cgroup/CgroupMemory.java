package psm.cgroup;

import psm.proc.KeyedLines;
import psm.proc.ProcFs;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The limits and the usage of one control group, from the files of the memory controller: with
 * cgroup v2 (4.5) in the group's folder below {@code /sys/fs/cgroup}, with v1 below {@code
 * /sys/fs/cgroup/memory}. Every user may read them. They do not exist in kernels without the
 * controller, nor in the root group of v2. Sizes are in bytes; each number is {@link Missing#VALUE}
 * if it is not known. May be shared between threads.
 *
 * @param max the limit of memory, {@code memory.max} or {@code memory.limit_in_bytes}, or {@link
 *     #NO_LIMIT}
 * @param high the size above which the group is slowed down, {@code memory.high}, or {@link
 *     #NO_LIMIT}; v1 has no such file
 * @param current the memory in use, including page cache and the kernel's memory: {@code
 *     memory.current} or {@code memory.usage_in_bytes}
 * @param swapMax the limit of swap, {@code memory.swap.max}; with v1 the difference between {@code
 *     memory.memsw.limit_in_bytes} and max
 * @param swapCurrent the swap in use, {@code memory.swap.current}; with v1 from {@code
 *     memory.memsw.usage_in_bytes}
 * @param oomKills the number of processes that the OOM killer has killed in this group and those
 *     below: {@code oom_kill} of {@code memory.events}, in which a victim may count twice if
 *     oomGroup is set; with v1 of {@code memory.oom_control} (4.13), without the groups below
 * @param oomGroup {@code memory.oom.group} (4.19): whether the OOM killer kills the whole group at
 *     once; false with v1 and older kernels
 */
public record CgroupMemory(
        long max,
        long high,
        long current,
        long swapMax,
        long swapCurrent,
        long oomKills,
        boolean oomGroup) {
    /** Stands for no limit. */
    static final long NO_LIMIT = Long.MAX_VALUE;

    /** The word that v2 prints for no limit. */
    private static final String NO_LIMIT_TEXT = "max";

    /** The smallest size that means no limit in v1, which prints 2^63 minus the size of a page. */
    private static final long LEAST_NO_LIMIT = 1L << 62;

    /** The path as {@link ProcFs} takes it: {@code sys} is beside {@code proc}. */
    private static final String MOUNT = "../sys/fs/cgroup";

    private static final String V1_MOUNT = MOUNT + "/memory";

    /** The folder where a host that uses both versions mounts v2. */
    private static final String HYBRID_MOUNT = MOUNT + "/unified";

    private static final String ROOT = "/";

    /** The limit for a file; the longest, memory.events, has some dozen lines. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * The largest number of groups to read; each takes 0.1 ms for seven files. If it is too low,
     * groups are missing on a host with many containers; if it is too high, a user who creates very
     * many groups delays the report.
     */
    private static final int MAX_CGROUPS = 10_000;

    /** The limit for the length of all paths together; the longest path has 4,096 characters. */
    private static final int MAX_PATH_CHARS = 2 << 20;

    /**
     * The deepest level to read. The kernel has no limit unless cgroup.max.depth is set, and a path
     * of 4,096 characters can have 2,048 levels.
     */
    private static final int MAX_DEPTH = 100;

    /**
     * Reads the control groups of processes and all groups above them, each once.
     *
     * @param contents the texts of {@code /proc/PID/cgroup} of the processes
     * @return the groups that have a memory controller, by {@link Cgroup#memoryPath}; only some of
     *     them if there are more than 10,000, or if their paths are very long or deep
     */
    public static Map<String, CgroupMemory> readAll(ProcFs proc, Set<String> contents) {
        Reader reader = new Reader(proc);
        for (String content : contents) {
            reader.readDownTo(Cgroup.parse(content));
        }
        return reader.cgroups;
    }

    private static final class Reader {
        final Map<String, CgroupMemory> cgroups = new HashMap<>();
        private final ProcFs proc;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private final Set<String> readPaths = new HashSet<>();

        /** The number of characters that is left for further paths. */
        private int charsLeft = MAX_PATH_CHARS;

        Reader(ProcFs proc) {
            this.proc = proc;
        }

        /**
         * Reads a group and those above it, from the root down, so that the upper groups are known
         * if a limit is reached.
         */
        void readDownTo(Cgroup cgroup) {
            String path = cgroup.memoryPath();
            if (path == null) {
                return;
            }
            read(ROOT, cgroup.isMemoryV2());
            int slash = path.length() > 1 ? 0 : -1;
            for (int depth = 0; slash >= 0 && depth < MAX_DEPTH; depth++) {
                slash = path.indexOf('/', slash + 1);
                read(slash < 0 ? path : path.substring(0, slash), cgroup.isMemoryV2());
            }
        }

        private void read(String path, boolean isV2) {
            boolean fits = readPaths.size() < MAX_CGROUPS && path.length() <= charsLeft;
            if (fits && readPaths.add(path)) {
                charsLeft -= path.length();
                CgroupMemory memory = CgroupMemory.read(proc, path, isV2, buffer);
                if (memory != null) {
                    cgroups.put(path, memory);
                }
            }
        }
    }

    /** Returns the path of the group above; {@code null} for the root. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        if (path.equals(ROOT) || slash < 0) {
            return null;
        }
        return slash == 0 ? ROOT : path.substring(0, slash);
    }

    /** Returns whether a group is another group or below it. */
    public static boolean isWithin(String path, String above) {
        return path != null
                && path.startsWith(above)
                && (path.length() == above.length()
                        || above.equals(ROOT)
                        || path.charAt(above.length()) == '/');
    }

    /**
     * Returns the path of the group whose limit applies to a group: of that group and those above
     * it, the one with the smallest limit; of several such, the uppermost.
     *
     * @return {@code null} if none of them has a limit
     */
    public static String limiting(String path, Map<String, CgroupMemory> cgroups) {
        String limiting = null;
        long least = NO_LIMIT;
        for (String above = path; above != null; above = parent(above)) {
            CgroupMemory memory = cgroups.get(above);
            if (memory != null && memory.isLimited() && memory.max <= least) {
                limiting = above;
                least = memory.max;
            }
        }
        return limiting;
    }

    /** Returns whether there is a size above which the group is slowed down. */
    public boolean hasHigh() {
        return high != Missing.VALUE && high != NO_LIMIT;
    }

    /** Returns whether the group has a limit of memory. */
    public boolean isLimited() {
        return max != Missing.VALUE && max != NO_LIMIT;
    }

    /** Reads one group; returns {@code null} if it has no memory controller. */
    private static CgroupMemory read(ProcFs proc, String path, boolean isV2, byte[] buffer) {
        if (!isNameable(path)) {
            return null;
        }
        String mount = isV2 ? v2Mount(proc) : V1_MOUNT;
        Folder folder = new Folder(proc, path.equals(ROOT) ? mount : mount + path, buffer);
        CgroupMemory memory = isV2 ? v2(folder) : v1(folder);
        return memory.max == Missing.VALUE && memory.current == Missing.VALUE ? null : memory;
    }

    /**
     * Returns whether the locale's encoding can represent a path, which may contain any bytes. If
     * not, Java would open the file of another group.
     */
    private static boolean isNameable(String path) {
        try {
            return Path.of(path).toString().equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Returns the folder where v2 is mounted. A group may be named {@code unified} too, but only a
     * mount of v2 contains cgroup.controllers.
     */
    private static String v2Mount(ProcFs proc) {
        return proc.exists(MOUNT + "/cgroup.controllers") || !proc.exists(HYBRID_MOUNT)
                ? MOUNT
                : HYBRID_MOUNT;
    }

    private static CgroupMemory v2(Folder folder) {
        return new CgroupMemory(
                folder.bytes("memory.max"),
                folder.bytes("memory.high"),
                folder.bytes("memory.current"),
                folder.bytes("memory.swap.max"),
                folder.bytes("memory.swap.current"),
                folder.value("memory.events", "oom_kill"),
                folder.bytes("memory.oom.group") == 1);
    }

    private static CgroupMemory v1(Folder folder) {
        long max = folder.bytes("memory.limit_in_bytes");
        long current = folder.bytes("memory.usage_in_bytes");
        return new CgroupMemory(
                max,
                Missing.VALUE,
                current,
                swapOf(folder.bytes("memory.memsw.limit_in_bytes"), max),
                swapOf(folder.bytes("memory.memsw.usage_in_bytes"), current),
                folder.value("memory.oom_control", "oom_kill"),
                false);
    }

    /** Returns the swap in a figure of v1 that includes memory and swap. */
    private static long swapOf(long both, long memory) {
        if (both == Missing.VALUE || memory == Missing.VALUE || both == NO_LIMIT) {
            return both;
        }
        return Math.max(0, both - memory);
    }

    /** The files of one group. */
    private static final class Folder {
        private final ProcFs proc;
        private final String name;
        private final byte[] buffer;

        Folder(ProcFs proc, String name, byte[] buffer) {
            this.proc = proc;
            this.name = name;
            this.buffer = buffer;
        }

        /** Returns the content of a file that is one number, or {@code max}. */
        long bytes(String file) {
            return number(text(file).strip());
        }

        /** Returns the number in the line that starts with a key. */
        long value(String file, String key) {
            return number(new KeyedLines(text(file)).value(key));
        }

        private String text(String file) {
            try {
                String path = name + '/' + file;
                return proc.mayBlock(path) ? "" : proc.text(path, buffer);
            } catch (IOException e) {
                return ""; // no such file, or the group has just been removed
            }
        }

        private static long number(String text) {
            if (NO_LIMIT_TEXT.equals(text)) {
                return NO_LIMIT;
            }
            long value = KeyedLines.parse(text);
            return value >= LEAST_NO_LIMIT ? NO_LIMIT : value;
        }
    }
}
