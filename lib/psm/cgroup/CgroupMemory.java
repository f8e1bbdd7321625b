package psm.cgroup;

import psm.proc.ProcFs;
import psm.text.Missing;
import psm.text.Text;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What the memory controller says of one control group, in bytes or {@link Missing#VALUE}: with
 * cgroup v2 (4.5) the files of its folder below {@code /sys/fs/cgroup}, with v1 below {@code
 * /sys/fs/cgroup/memory}. Anybody may read them. A kernel without the controller, and the root of a
 * host's v2, have none of these files. May be shared between threads.
 *
 * @param max what it may take up, {@code memory.max} or {@code memory.limit_in_bytes}; {@link
 *     #NO_LIMIT} where it may take up all
 * @param high from where on it is slowed down, {@code memory.high}; v1 has no such thing
 * @param current what it takes up, page cache and the kernel's own memory too: {@code
 *     memory.current} or {@code memory.usage_in_bytes}
 * @param swapMax of swap, {@code memory.swap.max}; with v1 what {@code memory.memsw.limit_in_bytes}
 *     is above max
 * @param swapCurrent of swap, {@code memory.swap.current}; with v1 from {@code
 *     memory.memsw.usage_in_bytes}
 * @param oomKills how many of its processes, and of the groups below, the OOM killer has taken:
 *     {@code oom_kill} of {@code memory.events}, where with oomGroup the one that was chosen may
 *     count twice; with v1 of {@code memory.oom_control} (4.13), without the groups below
 * @param oomGroup {@code memory.oom.group} (4.19): whether all of it dies together. v1 has no such
 *     thing, and neither have older kernels
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

    /** What v1 prints where there is none is a little below 2^63, by the size of a page. */
    private static final long LEAST_NO_LIMIT = 1L << 62;

    /** As {@link ProcFs} names it: {@code sys} is where {@code proc} is. */
    private static final String MOUNT = "../sys/fs/cgroup";

    private static final String V1_MOUNT = MOUNT + "/memory";

    /** Where a hybrid box has v2. */
    private static final String HYBRID_MOUNT = MOUNT + "/unified";

    private static final String ROOT = "/";

    /** Some dozen lines, of which memory.events has the longest. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * A cgroup costs seven files to open, 0.1 ms. Lower, and a box of many containers is not told
     * of whole; higher, and who makes cgroups without end holds up the report.
     */
    private static final int MAX_CGROUPS = 10_000;

    /** Of all paths that are kept; the longest have 4,096. */
    private static final int MAX_PATH_CHARS = 2 << 20;

    /**
     * Of groups in one another. With cgroup.max.depth there is no bound, and a path of 4,096
     * characters has 2,048 of them.
     */
    private static final int MAX_DEPTH = 100;

    /**
     * Reads the control groups that processes are in and all those above, each once.
     *
     * @param contents what {@code /proc/PID/cgroup} of the processes contains
     * @return those that the controller tells of, by {@link Cgroup#memoryPath}; an arbitrary part
     *     where there are more than 10,000, or they are named at great length or nested deeply
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
        private final Set<String> seen = new HashSet<>();
        private int room = MAX_PATH_CHARS;

        Reader(ProcFs proc) {
            this.proc = proc;
        }

        /** From above: without those, whoever comes to a bound knows nothing. */
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
            boolean isRoom = seen.size() < MAX_CGROUPS && path.length() <= room;
            if (isRoom && seen.add(path)) {
                room -= path.length();
                CgroupMemory memory = CgroupMemory.read(proc, path, isV2, buffer);
                if (memory != null) {
                    cgroups.put(path, memory);
                }
            }
        }
    }

    /** The path of the group above; {@code null} for the root. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        if (path.equals(ROOT) || slash < 0) {
            return null;
        }
        return slash == 0 ? ROOT : path.substring(0, slash);
    }

    /** Whether a group is that one or below it. */
    public static boolean isWithin(String path, String above) {
        return path != null
                && path.startsWith(above)
                && (path.length() == above.length()
                        || above.equals(ROOT)
                        || path.charAt(above.length()) == '/');
    }

    /**
     * The group whose limit is what limits another: the one with the smallest, of that group and
     * those above; of equals, the uppermost.
     *
     * @return {@code null} where none of them has a limit
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

    /** Whether there is a size from which on it is slowed down. */
    public boolean hasHigh() {
        return high != Missing.VALUE && high != NO_LIMIT;
    }

    public boolean isLimited() {
        return max != Missing.VALUE && max != NO_LIMIT;
    }

    /** {@code null} where the controller does not tell of it. */
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
     * Names are any bytes. One that the locale's encoding does not have must not become that of
     * another group.
     */
    private static boolean isNameable(String path) {
        try {
            return Path.of(path).toString().equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /** A group may be named {@code unified}, but cgroup.controllers is v2's own at its mount. */
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
                beyond(folder.bytes("memory.memsw.limit_in_bytes"), max),
                beyond(folder.bytes("memory.memsw.usage_in_bytes"), current),
                folder.value("memory.oom_control", "oom_kill"),
                false);
    }

    private static long beyond(long both, long memory) {
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

        /** A file that has one number, or {@code max}. */
        long bytes(String file) {
            return number(text(file).strip());
        }

        /** The number after a name, of lines of both. */
        long value(String file, String key) {
            String lines = '\n' + text(file);
            String start = '\n' + key + ' ';
            int line = lines.indexOf(start);
            if (line < 0) {
                return Missing.VALUE;
            }
            int newline = lines.indexOf('\n', line + 1);
            return number(
                    lines.substring(line + start.length(), newline < 0 ? lines.length() : newline));
        }

        private String text(String file) {
            try {
                return Text.decode(buffer, 0, proc.read(name + '/' + file, buffer));
            } catch (IOException e) {
                return ""; // no such file, or the group has just been removed
            }
        }

        private static long number(String text) {
            if (text.equals("max")) {
                return NO_LIMIT;
            }
            try {
                long value = Long.parseLong(text);
                return value < 0 ? Missing.VALUE : value >= LEAST_NO_LIMIT ? NO_LIMIT : value;
            } catch (NumberFormatException e) {
                return Missing.VALUE;
            }
        }
    }
}
