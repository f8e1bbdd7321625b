package psm.cgroup;

import psm.text.Missing;

import java.util.Map;

/**
 * The limits and the usage of one control group, from the files of the memory controller: with
 * cgroup v2 (4.5) in the group's folder below {@code /sys/fs/cgroup}, with v1 below {@code
 * /sys/fs/cgroup/memory}. Every user may read them. They do not exist in kernels without the
 * controller; the root group of v2 has only {@code memory.stat}. Sizes are in bytes; each number is
 * {@link Missing#VALUE} if it is not known. May be shared between threads.
 *
 * @param oomGroup {@code memory.oom.group} (4.19): whether the OOM killer kills the whole group at
 *     once; false with v1 and older kernels
 */
public record CgroupMemory(Limits limits, InUse inUse, long oomKills, boolean oomGroup) {
    /**
     * What a group may use.
     *
     * @param max the limit of memory, {@code memory.max} or {@code memory.limit_in_bytes}, or
     *     {@link #NO_LIMIT}
     * @param hierarchical with v1 the least limit of the group and of those above it that bind it,
     *     also above psm's mount: {@code hierarchical_memory_limit} of {@code memory.stat}; missing
     *     with v2
     * @param high the size above which the group is slowed down, {@code memory.high}, or {@link
     *     #NO_LIMIT}; v1 has no such file
     * @param swap the limit of swap, {@code memory.swap.max}; with v1 the difference between {@code
     *     memory.memsw.limit_in_bytes} and the limit of memory
     * @param swappiness 0 if the kernel swaps out none of its memory: {@code memory.swappiness}
     *     with v1, the host's {@code vm.swappiness} with v2
     * @param binding whether the limit binds the groups below too; false with v1 if {@code
     *     memory.use_hierarchy} is 0, which was the default until 5.11
     * @param killing whether the kernel kills at the limit; false with v1 if {@code
     *     memory.oom_control} disables that, so that processes wait for memory instead
     */
    public record Limits(
            long max,
            long hierarchical,
            long high,
            long swap,
            long swappiness,
            boolean binding,
            boolean killing) {
        /** Returns the least limit that is known to apply to the group, or {@link #NO_LIMIT}. */
        public long least() {
            boolean isAbove = hierarchical != Missing.VALUE;
            return isAbove && (max == Missing.VALUE || hierarchical < max) ? hierarchical : max;
        }
    }

    /**
     * What a group uses.
     *
     * @param memory the memory, including page cache and the kernel's memory: {@code
     *     memory.current} or {@code memory.usage_in_bytes}
     * @param inactiveFile the page cache that the kernel reclaims before it kills: {@code
     *     inactive_file} of {@code memory.stat}, with the groups below ({@code total_inactive_file}
     *     with v1)
     * @param swap the swap, {@code memory.swap.current}; with v1 from {@code
     *     memory.memsw.usage_in_bytes}
     * @param unreclaimable the memory that the kernel cannot drop, but only swap out if at all:
     *     anonymous and shared memory and the kernel's own, with the groups below. Page cache fills
     *     a group up to its limit without harm; this does not. With v1 it contains all of the
     *     kernel's memory, of which some can be dropped
     */
    public record InUse(long memory, long inactiveFile, long swap, long unreclaimable) {
        /**
         * Returns the memory without {@link #inactiveFile}: what cannot be reclaimed easily. A
         * group whose limit is full of page cache is not near a kill.
         */
        public long needed() {
            return memory == Missing.VALUE
                    ? Missing.VALUE
                    : Math.max(0, memory - Missing.orZero(inactiveFile));
        }
    }

    /** Stands for no limit. */
    static final long NO_LIMIT = Long.MAX_VALUE;

    private static final String ROOT = "/";

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
     * it that bind it, the one with the smallest limit; of several such, the uppermost. If a limit
     * is set above psm's mount, it is the uppermost group that psm sees below it.
     *
     * @return {@code null} if none of them has a limit
     */
    public static String limiting(String path, Map<String, CgroupMemory> cgroups) {
        String limiting = null;
        long least = NO_LIMIT;
        for (String at = path; at != null; at = chargedAbove(at, cgroups)) {
            CgroupMemory memory = cgroups.get(at);
            if (memory != null
                    && isLimit(memory.limits.least())
                    && memory.limits.least() <= least) {
                limiting = at;
                least = memory.limits.least();
            }
        }
        return limiting;
    }

    /**
     * Returns whether the memory of a group counts against the limit of another group: if it is
     * that group, or below it and bound by it.
     *
     * @param path {@code null} if the group is not known
     */
    public static boolean isCharged(String path, String above, Map<String, CgroupMemory> cgroups) {
        String at = isWithin(path, above) ? path : null;
        while (at != null && !at.equals(above)) {
            at = chargedAbove(at, cgroups);
        }
        return at != null;
    }

    /**
     * Returns the path of the group above, or {@code null} if its limit does not bind the group: if
     * it says so itself, or if the group knows that no limit above is as small. A group that is not
     * below psm's mount is that of the mount: a container sees its own group as the root, whatever
     * its path is outside.
     */
    private static String chargedAbove(String path, Map<String, CgroupMemory> cgroups) {
        String parent = parent(path);
        CgroupMemory above = parent == null ? null : cgroups.get(parent);
        CgroupMemory memory = cgroups.get(path);
        if (above == null || memory == null) {
            return parent;
        }
        boolean isApart =
                memory.limits.hierarchical != Missing.VALUE
                        && isLimit(above.limits.least())
                        && above.limits.least() < memory.limits.least();
        return above.limits.binding && !isApart ? parent : null;
    }

    private static boolean isLimit(long bytes) {
        return bytes != Missing.VALUE && bytes != NO_LIMIT;
    }

    /** Returns whether there is a size above which the group is slowed down. */
    public boolean hasHigh() {
        return isLimit(limits.high);
    }

    /** Returns whether the group has a limit of memory of its own. */
    public boolean isLimited() {
        return isLimit(limits.max);
    }
}
