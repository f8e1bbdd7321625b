package psm.system;

import psm.Psm;
import psm.proc.HostMemory;
import psm.proc.HugePages;
import psm.proc.UnlistedMemory;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Shows what MemTotal is used for. {@link Counters} says which of the kernel's counters are
 * believed, {@link MappedMemory} how the pages of processes and files are divided. No part is
 * included in another one, for these further reasons:
 *
 * <ul>
 *   <li>Private huge pages are included in the RAM of processes, so they are subtracted from the
 *       pool.
 *   <li>The kernel takes pages for ZFS, balloons, GPUs, drivers, FUSE and bounce buffers, and pages
 *       with hardware errors, directly from its allocator, which counts them nowhere else. Of ZFS'
 *       cache, a part is in slab caches, and some drivers let processes map what they have from
 *       vmalloc; this is left out once if the parts would be more than the whole.
 *   <li>MemFree leaves out free pages on the lists of processors.
 * </ul>
 *
 * <p>If the parts are more than MemTotal, figures contradict each other. Then the first counter of
 * {@link #SUSPECTS} is dropped that resolves it, or if no single one does, the largest, and so on.
 * If all of them do not resolve it, the title of what is left says so.
 *
 * <p>Buffers of sockets are partly in slab caches, and MemAvailable consists of other parts; so
 * both come after the sum.
 */
public final class MemoryAccount {
    /** The key of the account. */
    public static final String KEY = "host_memory";

    /** The key of MemTotal. */
    public static final String TOTAL = "mem_total_bytes";

    /** The key of what the processes of the report have. */
    public static final String PROCESSES = "processes_bytes";

    /** The key of what other processes have. */
    public static final String OTHER_PROCESSES = "other_processes_bytes";

    /** The key of MemAvailable; it and those after it are no parts of MemTotal. */
    public static final String AVAILABLE = "mem_available_bytes";

    private static final String ARC = "arcstats";
    private static final String ZRAM = "zram";
    private static final String ZSWAP = "Zswap";
    private static final String HUGETLB = "Hugetlb";

    private static final String VMALLOC_KEY = "vmalloc_bytes";
    private static final String ARC_KEY = "arc_bytes";

    /**
     * The counters that may be wrong, the most likely first: a balloon may have left MemTotal too;
     * a container sees the host's ZFS, zram and kernel. MemFree is last, since it decides which of
     * the others fit beside it.
     */
    private static final List<String> SUSPECTS =
            List.of(
                    "Balloon",
                    ARC,
                    ZRAM,
                    ZSWAP,
                    "VmallocUsed",
                    "GPUActive",
                    "GPUReclaim",
                    "NvMapMemUsed",
                    "KReclaimable",
                    "HardwareCorrupted",
                    "WritebackTmp",
                    "Bounce",
                    HUGETLB,
                    "Percpu",
                    "KernelStack",
                    "PageTables",
                    Counters.UNRECLAIMABLE,
                    Counters.RECLAIMABLE,
                    MappedMemory.ANON,
                    MappedMemory.CACHED,
                    Counters.FREE);

    private final Snapshot snapshot;
    private final HostMemory memory;
    private final UnlistedMemory unlisted;
    private final Counters counters;
    private final long total;
    private final long ram;
    private final List<MemoryPart> parts = new ArrayList<>();

    /** How much the processes have grown since the counters were read. */
    private long grown;

    private MemoryAccount(Snapshot snapshot, long ram) {
        this.snapshot = snapshot;
        this.memory = snapshot.host().memory();
        this.unlisted = memory.unlisted();
        this.counters = new Counters(snapshot.host());
        this.total = memory.bytes("MemTotal");
        this.ram = ram;
    }

    /**
     * Returns what MemTotal is used for.
     *
     * @param ram the sum over the processes of the report
     * @param column the key of the column with that sum
     */
    public static Psm.Account of(Snapshot snapshot, long ram, String column) {
        return new MemoryAccount(snapshot, ram).account(column);
    }

    /**
     * Returns what all processes of the host have, as far as the kernel's counters can be believed,
     * or the largest number.
     */
    public static long ofProcesses(Snapshot snapshot) {
        return new MappedMemory(snapshot, new Counters(snapshot.host()), Missing.VALUE).all();
    }

    private Psm.Account account(String column) {
        addParts();
        boolean isTotalKnown = !Missing.is(total);
        if (isTotalKnown) {
            settle();
        }
        List<Psm.Entry> entries = new ArrayList<>();
        for (MemoryPart part : parts) {
            add(entries, part.key(), part.title(), part.bytes());
        }
        Long rest = isTotalKnown ? rest() : null;
        boolean isTooMuch = isTotalKnown && rest < 0;
        String title = isTooMuch ? "unexplained: figures contradict each other" : "unexplained";
        entries.add(new Psm.Entry("unexplained_bytes", title, rest, false));
        entries.add(new Psm.Entry(TOTAL, "MemTotal", Missing.orNull(total), true));
        addBesides(entries);
        return new Psm.Account(KEY, column, Collections.unmodifiableList(entries))
                .titled("memory of the host");
    }

    /** Makes the parts no more than the whole. */
    private void settle() {
        while (dropSuspect()) {
            parts.clear();
            addParts();
        }
        deduct(ARC_KEY, Math.min(-rest(), inSlab()));
        deduct(VMALLOC_KEY, Math.min(-rest(), MappedMemory.devices(snapshot)));
        deductNoise();
    }

    private void addParts() {
        MappedMemory mapped = new MappedMemory(snapshot, counters, ram);
        grown = mapped.grown();
        mapped.addTo(parts);
        addKernel();
        addDrivers();
        addPools();
        add("free_bytes", "free", counters.free(), Counters.FREE);
        add("per_cpu_free_bytes", "free, on lists of processors", unlisted.perCpuFree());
    }

    /** Adds the memory of the kernel itself. */
    private void addKernel() {
        add(
                "slab_reclaimable_bytes",
                "slab, reclaimable",
                counters.slab(Counters.RECLAIMABLE),
                Counters.RECLAIMABLE);
        add(
                "slab_unreclaimable_bytes",
                counters.isWholeSlab() ? "slab" : "slab, unreclaimable",
                counters.slab(Counters.UNRECLAIMABLE),
                Counters.UNRECLAIMABLE);
        boolean isSum = counters.raw("SecPageTables") > 0;
        String[] tables =
                isSum ? new String[] {"PageTables", "SecPageTables"} : new String[] {"PageTables"};
        add("page_tables_bytes", "page tables", counters.pageTables(), tables);
        add("kernel_stacks_bytes", "kernel stacks", counters.kernelStacks(), "KernelStack");
        add(VMALLOC_KEY, "vmalloc, without kernel stacks", counters.vmalloc(), "VmallocUsed");
        add("percpu_bytes", "per-CPU", counters.perCpu(), "Percpu");
    }

    /** Adds the memory of drivers and file systems. */
    private void addDrivers() {
        add(
                "other_reclaimable_bytes",
                "reclaimable pools of drivers",
                counters.otherReclaimable(),
                "KReclaimable");
        add(ARC_KEY, "cache of ZFS (ARC)", counters.believed(ARC, unlisted.arc()), ARC);
        addCounter("gpu_active_bytes", "in use by GPUs", "GPUActive");
        addCounter("gpu_reclaim_bytes", "kept for GPUs, reclaimable", "GPUReclaim");
        addCounter("nvmap_bytes", "in use by the GPU (NvMap)", "NvMapMemUsed");
        addCounter("balloon_bytes", "balloon, returned to the hypervisor", "Balloon");
        addCounter("writeback_tmp_bytes", "being written to FUSE", "WritebackTmp");
        addCounter("bounce_bytes", "bounce buffers", "Bounce");
        addCounter(
                "hardware_corrupted_bytes",
                "unused because of hardware errors",
                "HardwareCorrupted");
    }

    private void addPools() {
        long all = unlisted.hugePages().bytes();
        long pool = Missing.is(all) ? HugePages.listed(memory).bytes() : all;
        add(
                "hugetlb_bytes",
                "pool of huge pages, without those in the processes above",
                MappedMemory.less(
                        counters.believed(HUGETLB, pool), MappedMemory.hugePages(snapshot)),
                HUGETLB);
        long zram = counters.believed(ZRAM, unlisted.zram());
        long listed = counters.of(ZSWAP);
        long zswap = Missing.is(listed) ? counters.believed(ZSWAP, unlisted.zswap()) : listed;
        boolean isKnown = !Missing.is(zram) && !Missing.is(zswap);
        long sum = Missing.plus(zram, zswap);
        add(
                "compressed_swap_bytes",
                zram > 0 && zswap > 0 ? "zram and zswap" : zram > 0 ? "zram" : "zswap",
                isKnown || sum > 0 ? sum : Missing.VALUE, // 0 of one does not make both 0
                ZRAM,
                ZSWAP);
    }

    private void addCounter(String key, String title, String counter) {
        add(key, title, counters.of(counter), counter);
    }

    private void add(String key, String title, long bytes, String... ofCounters) {
        parts.add(new MemoryPart(key, title, bytes, ofCounters));
    }

    /** Returns what the parts leave of the whole. */
    private long rest() {
        long sum = 0;
        for (MemoryPart part : parts) {
            sum = Missing.plus(sum, part.bytes());
        }
        return total - sum;
    }

    /**
     * Drops a counter if the parts are more than the whole.
     *
     * @return whether it has found one
     */
    private boolean dropSuspect() {
        long twice = inSlab() + MappedMemory.devices(snapshot);
        long excess = -rest() - grown - twice;
        if (excess <= counters.noise()) {
            return false;
        }
        MemoryPart largest = null;
        long all = 0;
        for (MemoryPart part : suspects()) {
            if (part.bytes() >= excess - counters.noise()) {
                drop(part);
                return true;
            }
            largest = largest == null || part.bytes() > largest.bytes() ? part : largest;
            all = Missing.plus(all, part.bytes());
        }
        // If all of them are not enough, the reason is none of them.
        boolean isFound = largest != null && all >= excess - counters.noise();
        if (isFound) {
            drop(largest);
        }
        return isFound;
    }

    /** Returns the part of ZFS' cache that is in slab caches too. */
    private long inSlab() {
        for (MemoryPart part : parts) {
            if (part.key().equals(ARC_KEY)) {
                return Math.min(Missing.orZero(unlisted.arcInSlab()), Missing.orZero(part.bytes()));
            }
        }
        return 0;
    }

    /** Returns the parts whose counters may be wrong, the most likely first. */
    private List<MemoryPart> suspects() {
        List<MemoryPart> suspects = new ArrayList<>();
        for (String suspect : SUSPECTS) {
            for (MemoryPart part : parts) {
                boolean isOf = part.counters().indexOf(suspect) == 0;
                if (isOf && part.bytes() > 0 && !counters.isDropped(suspect)) {
                    suspects.add(part);
                }
            }
        }
        return suspects;
    }

    private void drop(MemoryPart part) {
        long bytes = part.bytes();
        for (String counter : part.counters()) {
            counters.drop(counter, bytes);
            bytes = 0; // it is their sum
        }
    }

    /**
     * Takes what is too much from the page cache, or else from processes that are not in the
     * figures: these are differences of other figures, which were not read at the same moment.
     */
    private void deductNoise() {
        deduct(MappedMemory.CACHE, Math.min(-rest(), Missing.plus(counters.noise(), grown)));
        deduct(OTHER_PROCESSES, Math.min(-rest(), counters.noise()));
    }

    private void deduct(String key, long bytes) {
        for (int i = 0; i < parts.size(); i++) {
            MemoryPart part = parts.get(i);
            if (bytes > 0 && part.key().equals(key) && part.bytes() > 0) {
                parts.set(i, part.with(MappedMemory.less(part.bytes(), bytes)));
            }
        }
    }

    /** Adds figures that are not parts of the sum. */
    private void addBesides(List<Psm.Entry> entries) {
        add(
                entries,
                AVAILABLE,
                "available to programs: free, or easily reclaimed",
                counters.available());
        add(
                entries,
                "sockets_bytes",
                "buffers of sockets: in slab, or unexplained",
                unlisted.sockets());
        long contradictory = Missing.VALUE;
        for (long bytes : counters.dropped().values()) {
            contradictory = Missing.plus(contradictory, bytes);
        }
        String names = String.join(", ", counters.dropped().keySet());
        add(
                entries,
                "contradictory_bytes",
                "not counted, as other figures contradict it: " + names,
                contradictory);
    }

    private static void add(List<Psm.Entry> entries, String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, Missing.orNull(bytes), false));
    }
}
