package psm.proc;

import psm.text.Missing;

/**
 * The pools of huge pages of hugetlbfs: {@code /sys/kernel/mm/hugepages} (2.6.27) for each size,
 * else {@code /proc/meminfo}. May be shared between threads.
 *
 * @param bytes the size of all pools, used and free; {@link Missing#VALUE} if it is not known
 * @param inUse the part that is not free
 */
public record HugePages(long bytes, long inUse) {
    /** Stands for what was not read. */
    public static final HugePages UNKNOWN = new HugePages(Missing.VALUE, Missing.VALUE);

    private static final String POOLS = ProcFs.SYS + "/kernel/mm/hugepages";
    private static final String PREFIX = "hugepages-";
    private static final String KB = "kB";

    /** Returns the size of shared huge pages of which several processes may have the same. */
    public long atMostInUse(long bytes) {
        return Missing.is(inUse) ? bytes : Math.min(bytes, inUse);
    }

    /** Reads the pools in {@code /sys}. */
    static HugePages read(ProcFs proc) {
        long bytes = Missing.VALUE;
        long free = Missing.VALUE;
        if (!proc.isConfined()) {
            for (String pool : proc.names(POOLS)) {
                long pageBytes = pageBytes(pool);
                String folder = POOLS + '/' + pool;
                bytes = Missing.plus(bytes, pages(proc, folder + "/nr_hugepages", pageBytes));
                free = Missing.plus(free, pages(proc, folder + "/free_hugepages", pageBytes));
            }
        }
        return of(bytes, free);
    }

    /** Reads the pools, from meminfo if {@code /sys} does not contain them. */
    public static HugePages readAny(ProcFs proc) {
        HugePages pools = read(proc);
        return Missing.is(pools.inUse) ? listed(HostMemory.read(proc, false)) : pools;
    }

    /**
     * Returns the pools that meminfo lists: all (4.16), or those of the default size. Free pages
     * are always of the default size, so what is in use is at most what this returns.
     */
    public static HugePages listed(HostMemory memory) {
        long pageBytes = memory.bytes("Hugepagesize");
        long all = memory.bytes("Hugetlb");
        long pool = UnlistedMemory.times(memory.count("HugePages_Total"), pageBytes);
        long free = UnlistedMemory.times(memory.count("HugePages_Free"), pageBytes);
        return of(Missing.is(all) ? pool : all, free);
    }

    private static HugePages of(long bytes, long free) {
        boolean isKnown = !Missing.is(bytes) && !Missing.is(free);
        return new HugePages(bytes, isKnown ? Math.max(0, bytes - free) : Missing.VALUE);
    }

    private static long pages(ProcFs proc, String file, long pageBytes) {
        return UnlistedMemory.times(UnlistedMemory.number(proc, file), pageBytes);
    }

    /** Returns the size in a name such as {@code hugepages-2048kB}. */
    private static long pageBytes(String pool) {
        if (!pool.startsWith(PREFIX) || !pool.endsWith(KB)) {
            return Missing.VALUE;
        }
        long kb = KeyedLines.parse(pool.substring(PREFIX.length(), pool.length() - KB.length()));
        return UnlistedMemory.times(kb, KeyedLines.BYTES_PER_KB);
    }
}
