package psm.cgroup;

import psm.proc.KeyedLines;
import psm.proc.ProcFs;
import psm.text.Missing;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Reads the {@link CgroupMemory} of control groups, each once. Not for sharing between threads.
 *
 * <p>A limit that is set above psm's mount of the controller is known with v1 only, see {@link
 * CgroupMemory.Limits#hierarchical}.
 */
public final class CgroupMemoryReader {
    /** The word that v2 prints for no limit. */
    private static final String NO_LIMIT_TEXT = "max";

    /** The smallest size that means no limit in v1, which prints 2^63 minus the size of a page. */
    private static final long LEAST_NO_LIMIT = 1L << 62;

    private static final String MOUNT = ProcFs.SYS + "/fs/cgroup";

    private static final String V1_MOUNT = MOUNT + "/memory";

    /** The folder where a host that uses both versions mounts v2. */
    private static final String HYBRID_MOUNT = MOUNT + "/unified";

    private static final String ROOT = "/";

    /** The limit for a file; the longest, memory.stat, has some 70 lines of 30 characters. */
    private static final int BUFFER_BYTES = 8192;

    /**
     * The largest number of groups to read; each takes 0.1 ms for eight files. If it is too low,
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

    private final Map<String, CgroupMemory> cgroups = new HashMap<>();
    private final ProcFs proc;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final Set<String> readPaths = new HashSet<>();

    /** The number of characters that is left for further paths. */
    private int charsLeft = MAX_PATH_CHARS;

    /** The host's {@code vm.swappiness}, once it was read. */
    private long swappiness;

    private boolean isSwappinessRead;

    private CgroupMemoryReader(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Reads the control groups of processes and all groups above them, each once.
     *
     * @param contents the texts of {@code /proc/PID/cgroup} of the processes
     * @return the groups that have a memory controller, by {@link Cgroup#memoryPath}; only some of
     *     them if there are more than 10,000, or if their paths are very long or deep
     */
    public static Map<String, CgroupMemory> readAll(ProcFs proc, Set<String> contents) {
        CgroupMemoryReader reader = new CgroupMemoryReader(proc);
        for (String content : contents) {
            reader.readDownTo(Cgroup.parse(content));
        }
        return reader.cgroups;
    }

    /**
     * Reads the control groups of all processes, and all groups above them.
     *
     * @throws IOException if the processes cannot be listed
     */
    public static Map<String, CgroupMemory> readAll(ProcFs proc) throws IOException {
        CgroupMemoryReader reader = new CgroupMemoryReader(proc);
        byte[] large = new byte[Cgroup.MAX_FILE_BYTES];
        String before = null;
        for (int pid : proc.pids()) {
            try {
                String content = proc.unblockedText(pid + "/cgroup", large);
                if (!content.equals(before)) { // children are in the group of their parent
                    reader.readDownTo(Cgroup.parse(content));
                }
                before = content;
            } catch (IOException e) {
                before = null; // it has ended
            }
        }
        return reader.cgroups;
    }

    /**
     * Reads a group and those above it, from the root down, so that the upper groups are known if a
     * limit is reached.
     */
    private void readDownTo(Cgroup cgroup) {
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
            CgroupMemory memory = readOne(path, isV2);
            if (memory != null) {
                cgroups.put(path, memory);
            }
        }
    }

    /** Reads one group; returns {@code null} if it has no memory controller. */
    private CgroupMemory readOne(String path, boolean isV2) {
        String mount = isV2 ? v2Mount() : V1_MOUNT;
        Folder folder = new Folder(path.equals(ROOT) ? mount : mount + path);
        String stat = folder.text("memory.stat");
        CgroupMemory memory =
                isV2 ? v2(folder, new KeyedLines(stat)) : v1(folder, new KeyedLines(stat));
        boolean isKnown =
                !stat.isEmpty()
                        || memory.limits().max() != Missing.VALUE
                        || memory.inUse().memory() != Missing.VALUE;
        return isKnown ? memory : null;
    }

    /**
     * Returns the folder where v2 is mounted. A group may be named {@code unified} too, but only a
     * mount of v2 contains cgroup.controllers.
     */
    private String v2Mount() {
        return proc.exists(MOUNT + "/cgroup.controllers") || !proc.exists(HYBRID_MOUNT)
                ? MOUNT
                : HYBRID_MOUNT;
    }

    private CgroupMemory v2(Folder folder, KeyedLines stat) {
        return new CgroupMemory(
                new CgroupMemory.Limits(
                        folder.bytes("memory.max"),
                        Missing.VALUE,
                        folder.bytes("memory.high"),
                        folder.bytes("memory.swap.max"),
                        hostSwappiness(),
                        true,
                        true),
                new CgroupMemory.InUse(
                        folder.bytes("memory.current"),
                        stat.number("inactive_file"),
                        folder.bytes("memory.swap.current"),
                        unreclaimable(stat)),
                folder.lines("memory.events").number("oom_kill"),
                folder.bytes("memory.oom.group") == 1);
    }

    private CgroupMemory v1(Folder folder, KeyedLines stat) {
        long max = folder.bytes("memory.limit_in_bytes");
        long memory = folder.bytes("memory.usage_in_bytes");
        long hierarchical = size(stat.value("hierarchical_memory_limit"));
        boolean isAbove = hierarchical != Missing.VALUE && hierarchical < max;
        long swap =
                isAbove
                        ? swapOf(size(stat.value("hierarchical_memsw_limit")), hierarchical)
                        : swapOf(folder.bytes("memory.memsw.limit_in_bytes"), max);
        long swappiness = folder.bytes("memory.swappiness");
        KeyedLines oom = folder.lines("memory.oom_control");
        long inactive = stat.number("total_inactive_file");
        return new CgroupMemory(
                new CgroupMemory.Limits(
                        max,
                        hierarchical,
                        Missing.VALUE,
                        swap,
                        swappiness == Missing.VALUE ? hostSwappiness() : swappiness,
                        folder.bytes("memory.use_hierarchy") != 0,
                        oom.number("oom_kill_disable") != 1),
                new CgroupMemory.InUse(
                        memory,
                        inactive == Missing.VALUE ? stat.number("inactive_file") : inactive,
                        swapOf(folder.bytes("memory.memsw.usage_in_bytes"), memory),
                        unreclaimable(stat, folder.bytes("memory.kmem.usage_in_bytes"))),
                oom.number("oom_kill"),
                false);
    }

    /** Returns {@link CgroupMemory.InUse#unreclaimable} by a memory.stat of v2. */
    private static long unreclaimable(KeyedLines stat) {
        long anon = stat.number("anon");
        if (anon == Missing.VALUE) {
            return Missing.VALUE;
        }
        long held = anon + sum(stat, "shmem", "sock");
        long kernel = stat.number("kernel"); // 5.18
        return kernel == Missing.VALUE
                ? held + sum(stat, "kernel_stack", "pagetables", "percpu", "slab_unreclaimable")
                : held + Math.max(0, kernel - Missing.orZero(stat.number("slab_reclaimable")));
    }

    /** Returns {@link CgroupMemory.InUse#unreclaimable} by a memory.stat of v1. */
    private static long unreclaimable(KeyedLines stat, long kernel) {
        long anon = stat.number("total_rss");
        return anon == Missing.VALUE
                ? Missing.VALUE
                : anon + sum(stat, "total_shmem") + Missing.orZero(kernel);
    }

    private static long sum(KeyedLines stat, String... keys) {
        long sum = 0;
        for (String key : keys) {
            sum += Missing.orZero(stat.number(key));
        }
        return sum;
    }

    /** Returns the swap in a figure of v1 that includes memory and swap. */
    private static long swapOf(long both, long memory) {
        if (both == Missing.VALUE || memory == Missing.VALUE || both == CgroupMemory.NO_LIMIT) {
            return both;
        }
        return Math.max(0, both - memory);
    }

    private long hostSwappiness() {
        if (!isSwappinessRead) {
            isSwappinessRead = true;
            swappiness = size(text("sys/vm/swappiness").strip());
        }
        return swappiness;
    }

    /** Returns a size, or the number that stands for no limit. */
    private static long size(String text) {
        if (NO_LIMIT_TEXT.equals(text)) {
            return CgroupMemory.NO_LIMIT;
        }
        long value = KeyedLines.parse(text);
        return value >= LEAST_NO_LIMIT ? CgroupMemory.NO_LIMIT : value;
    }

    private String text(String file) {
        try {
            return proc.unblockedText(file, buffer);
        } catch (IOException e) {
            return ""; // no such file, or the group has just been removed
        }
    }

    /** The files of one group. */
    private final class Folder {
        private final String name;

        Folder(String name) {
            this.name = name;
        }

        /** Returns the content of a file that is one number, or {@code max}. */
        long bytes(String file) {
            return size(text(file).strip());
        }

        KeyedLines lines(String file) {
            return new KeyedLines(text(file));
        }

        String text(String file) {
            return CgroupMemoryReader.this.text(name + '/' + file);
        }
    }
}
