package psm.report;

import psm.Psm;
import psm.proc.HostMemory;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Compares the kernel's own figures ({@code /proc/meminfo}) with those of the processes: how much
 * of the swap and RAM belongs to processes, and what uses the rest. Each line is one call of {@link
 * #add}.
 */
public final class HostAccount {
    private final List<Psm.Entry> entries = new ArrayList<>();

    /** The sum of the entries so far. */
    private long sum;

    private HostAccount() {}

    /**
     * Returns the swap in use, SwapTotal - SwapFree - SwapCached, and the part that belongs to no
     * process, such as shared memory and tmpfs.
     *
     * @param owned the sum over all processes, {@link Missing#VALUE} if it is not known
     */
    public static Psm.Account swap(HostMemory memory, long owned) {
        long used = used(memory);
        long cached = memory.bytes("SwapCached");
        long unowned =
                used == Missing.VALUE || owned == Missing.VALUE
                        ? Missing.VALUE
                        : Math.max(0, used - owned);
        return new HostAccount()
                .add("used_bytes", "of swap in use, by the kernel's count", used)
                .add("cached_bytes", "more in swap, but also in RAM", cached)
                .add("unowned_bytes", "of swap in use by none of the processes above", unowned)
                .as("swap", Figure.SWAP);
    }

    private static long used(HostMemory memory) {
        long total = memory.bytes("SwapTotal");
        long free = memory.bytes("SwapFree");
        return total == Missing.VALUE || free == Missing.VALUE
                ? Missing.VALUE
                : minus(minus(total, free), memory.bytes("SwapCached"));
    }

    /**
     * Returns what MemTotal is used for. No part is included in another one, for these reasons:
     *
     * <ul>
     *   <li>AnonPages and Mapped are the pages that processes map, so they are the sum of Pss. If
     *       that sum is lower, the rest belongs to processes that were not measured, or that are
     *       not in this {@code /proc} (outside of a container).
     *   <li>Mapped is part of Cached and Buffers, Shmem is part of Cached. Pss_Shmem (5.3) says how
     *       much of Shmem is mapped. Without it, or if other processes map much of it, unmapped
     *       shared memory cannot be distinguished from page cache.
     *   <li>Kernel stacks come from vmalloc (CONFIG_VMAP_STACK, since 4.9 on x86-64, and now on all
     *       major architectures), so they are subtracted from VmallocUsed, which counts pages since
     *       5.3 (until 4.4 it counted addresses).
     *   <li>Private huge pages are included in the RAM of processes, so they are subtracted from
     *       the pool.
     *   <li>The part of SwapCached that is mapped again is included in AnonPages. The rest is what
     *       the lists of anonymous pages, Active(anon) and Inactive(anon), contain besides
     *       AnonPages and Shmem.
     * </ul>
     *
     * @param ram the sum over the processes of the report
     */
    public static Psm.Account memory(Snapshot snapshot, long ram) {
        HostMemory memory = snapshot.host().memory();
        long hugetlb = sum(snapshot, Usage.Field.PRIVATE_HUGETLB);
        HostAccount account = new HostAccount();
        account.addPages(snapshot, ram, hugetlb);
        account.addKernel(memory);
        return account.add(
                        "hugetlb_bytes",
                        "pool of huge pages, without those in the processes above",
                        minus(hugetlbPool(memory), hugetlb))
                .add(
                        "compressed_swap_bytes",
                        "zram and zswap",
                        Missing.plus(memory.unlisted().zram(), memory.bytes("Zswap")))
                .add("free_bytes", "free", memory.bytes("MemFree"))
                .rest("unexplained_bytes", "unexplained", memory.bytes("MemTotal"))
                .as("host_memory", Figure.PSS);
    }

    /** Adds the pages of processes, files and shared memory. */
    private void addPages(Snapshot snapshot, long ram, long hugetlb) {
        HostMemory memory = snapshot.host().memory();
        long mapped = memory.bytes("Mapped");
        long cache = Missing.plus(memory.bytes("Cached"), memory.bytes("Buffers"));
        long unmapped = minus(cache, mapped);
        long others =
                minus(
                        Missing.plus(memory.bytes("AnonPages"), mapped),
                        Missing.orZero(ram) - hugetlb);
        ProcessMemory own = snapshot.run().own(); // it is known, although no row shows it
        long known = own == null ? 0 : Missing.orZero(own.usage().ram());
        boolean nearlyAll = others - known < memory.bytes("MemTotal") / 100;
        long shmem = nearlyAll ? unmappedShmem(snapshot, unmapped) : Missing.VALUE;
        String cacheTitle =
                shmem == Missing.VALUE
                        ? "page cache, shared memory and tmpfs that no process maps"
                        : "page cache that no process maps";
        add("processes_bytes", "in the processes above", ram);
        add("other_processes_bytes", "in processes that are not in these figures", others);
        add("page_cache_bytes", cacheTitle, minus(unmapped, Missing.orZero(shmem)));
        add("shmem_bytes", "shared memory and tmpfs that no process maps", shmem);
        add("swap_cache_bytes", "swap cache that no process maps", unmappedSwapCache(memory));
    }

    /** Adds the memory of the kernel itself. */
    private void addKernel(HostMemory memory) {
        long stacks = memory.bytes("KernelStack");
        long pageTables = Missing.plus(memory.bytes("PageTables"), memory.bytes("SecPageTables"));
        add("slab_reclaimable_bytes", "slab, reclaimable", memory.bytes("SReclaimable"));
        add("slab_unreclaimable_bytes", "slab, unreclaimable", memory.bytes("SUnreclaim"));
        add("page_tables_bytes", "page tables", pageTables);
        add("kernel_stacks_bytes", "kernel stacks", stacks);
        add("vmalloc_bytes", "vmalloc, without kernel stacks", minus(vmalloc(memory), stacks));
        add("percpu_bytes", "per-CPU", memory.bytes("Percpu"));
    }

    /** Returns the part of Shmem that no process maps; {@link Missing#VALUE} if not known. */
    private static long unmappedShmem(Snapshot snapshot, long unmappedCache) {
        long mapped = sum(snapshot, Usage.Field.PSS_SHMEM);
        return mapped == Missing.VALUE
                ? Missing.VALUE
                : Math.min(unmappedCache, minus(snapshot.host().memory().bytes("Shmem"), mapped));
    }

    private static long unmappedSwapCache(HostMemory memory) {
        long cached = memory.bytes("SwapCached");
        long active = memory.bytes("Active(anon)");
        long inactive = memory.bytes("Inactive(anon)");
        if (cached == Missing.VALUE || active == Missing.VALUE || inactive == Missing.VALUE) {
            return Missing.VALUE;
        }
        long others = Missing.plus(memory.bytes("AnonPages"), memory.bytes("Shmem"));
        return Math.min(cached, minus(Missing.plus(active, inactive), others));
    }

    /**
     * Returns VmallocUsed if it counts pages. Kernels in which it may not have no Percpu (4.20).
     */
    private static long vmalloc(HostMemory memory) {
        boolean isOfPages = memory.bytes("Percpu") != Missing.VALUE;
        return isOfPages ? memory.bytes("VmallocUsed") : Missing.VALUE;
    }

    /**
     * Adds up a field over all processes; {@link Missing#VALUE} if a process lacks it. Huge pages
     * may be missing, since older kernels lack the field.
     */
    private static long sum(Snapshot snapshot, Usage.Field field) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(field);
            if (bytes == Missing.VALUE && field != Usage.Field.PRIVATE_HUGETLB) {
                return Missing.VALUE;
            }
            sum = process.isCounted() ? Missing.plus(sum, bytes) : sum;
        }
        return sum;
    }

    /** Returns the bytes of all huge pages (4.16), else of those of the default size. */
    private static long hugetlbPool(HostMemory memory) {
        long all = memory.bytes("Hugetlb");
        long pages = memory.count("HugePages_Total");
        long pageBytes = memory.bytes("Hugepagesize");
        if (all != Missing.VALUE || pages == Missing.VALUE || pageBytes == Missing.VALUE) {
            return all;
        }
        return pages > 0 && pageBytes > Long.MAX_VALUE / pages ? Long.MAX_VALUE : pages * pageBytes;
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    private static long minus(long bytes, long less) {
        return bytes == Missing.VALUE ? Missing.VALUE : Math.max(0, bytes - Missing.orZero(less));
    }

    /** Adds a line. */
    private HostAccount add(String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, Missing.orNull(bytes), false));
        sum = Missing.plus(sum, bytes);
        return this;
    }

    /**
     * Adds two lines: what the other lines leave of the whole, which may be below 0, and the whole.
     */
    private HostAccount rest(String key, String title, long whole) {
        entries.add(new Psm.Entry(key, title, whole - sum, false));
        entries.add(new Psm.Entry("mem_total_bytes", "MemTotal", whole, true));
        return this;
    }

    private Psm.Account as(String key, Figure figure) {
        return new Psm.Account(key, figure.column.key(), Collections.unmodifiableList(entries));
    }
}
