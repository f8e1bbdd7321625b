package psm.system;

import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.KernelVersion;
import psm.text.Missing;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The kernel's counters of memory, as far as they can be believed. A counter that is there does not
 * vouch for another: kernels lack some, vendors add some to old kernels, and containers (lxcfs,
 * OpenVZ) show some of their own beside some of the host. A counter is missing, never 0, if one of
 * these rules says so:
 *
 * <ul>
 *   <li>The kernel prints no such line.
 *   <li>It is more than all that is not free, MemTotal - MemFree; or it is MemFree or MemAvailable,
 *       and more than MemTotal.
 *   <li>It is 0 and no running kernel has none: Slab, PageTables, KernelStack, Percpu.
 *   <li>SReclaimable and SUnreclaim do not add up to Slab; the kernel adds them up for it.
 *   <li>KReclaimable is less than SReclaimable, which is a part of it.
 *   <li>VmallocUsed counts addresses (before 4.4, when VmallocChunk is not 0), or always reads 0
 *       (4.4 to 5.2). Without the kernel's version and VmallocChunk it could be either.
 *   <li>The parts of MemTotal are more than MemTotal, and {@link MemoryAccount} has found that this
 *       counter is the reason.
 * </ul>
 *
 * Not for sharing between threads.
 */
final class Counters {
    /**
     * The share of MemTotal by which counters that are right may disagree: the kernel updates them
     * for each processor, and changes them while psm reads. If it is too low, a right counter is
     * dropped on a busy host; if it is too high, a wrong one is kept.
     */
    private static final int NOISE_DIVISOR = 100;

    static final String FREE = "MemFree";
    static final String RECLAIMABLE = "SReclaimable";
    static final String UNRECLAIMABLE = "SUnreclaim";

    /** The kernel's version from which on VmallocUsed does not count addresses. */
    private static final int[] WITHOUT_ADDRESSES = {4, 4};

    /** The kernel's version from which on VmallocUsed counts pages. */
    private static final int[] WITH_PAGES = {5, 3};

    private final HostMemory memory;
    private final String kernel;
    private final long total;

    /** The counters that contradict others, with their sizes. */
    private final Map<String, Long> dropped = new LinkedHashMap<>();

    Counters(Host host) {
        this.memory = host.memory();
        this.kernel = host.kernel();
        this.total = memory.bytes("MemTotal");
    }

    /** Returns MemFree if it can be believed. */
    long free() {
        return atMostTotal(FREE);
    }

    /** Returns MemAvailable if it can be believed. */
    long available() {
        return atMostTotal("MemAvailable");
    }

    private long atMostTotal(String name) {
        long bytes = raw(name);
        if (bytes > Missing.plus(total, noise())) {
            drop(name, bytes);
        }
        return isDropped(name) ? Missing.VALUE : bytes;
    }

    /** Returns the largest size that a part of the host's memory can have. */
    private long limit() {
        long free = Math.min(total, Missing.orZero(free()));
        return Missing.plus(total - free, noise());
    }

    /** Returns the difference up to which counters do not contradict each other. */
    long noise() {
        return total / NOISE_DIVISOR;
    }

    /** Returns what the kernel prints, or {@link Missing#VALUE}. */
    long raw(String name) {
        return memory.bytes(name);
    }

    /** Returns a counter if it can be believed, else {@link Missing#VALUE}. */
    long of(String name) {
        return believed(name, raw(name));
    }

    /** Returns a counter that is never 0 if it can be believed. */
    private long positive(String name) {
        long bytes = of(name);
        return bytes == 0 ? Missing.VALUE : bytes;
    }

    /** Returns a figure from another file if it can be believed. */
    long believed(String name, long bytes) {
        if (isDropped(name)) {
            return Missing.VALUE;
        }
        if (bytes > limit()) {
            drop(name, bytes);
            return Missing.VALUE;
        }
        return bytes;
    }

    /** Believes a counter no more, nor what it says of the others if it is MemFree. */
    void drop(String name, long bytes) {
        if (name.equals(FREE) && !isDropped(name)) {
            dropped.clear();
        }
        dropped.put(name, bytes);
    }

    boolean isDropped(String name) {
        return dropped.containsKey(name);
    }

    /** Returns the counters that contradict others, with their sizes. */
    Map<String, Long> dropped() {
        return dropped;
    }

    /** Returns whether the kernel does not say what of Slab can be reclaimed. */
    boolean isWholeSlab() {
        return Missing.is(raw(RECLAIMABLE)) && Missing.is(raw(UNRECLAIMABLE));
    }

    /** Returns SReclaimable, or SUnreclaim, which is the rest of Slab if the kernel lacks it. */
    long slab(String name) {
        long slab = raw("Slab");
        long reclaimable = raw(RECLAIMABLE);
        long rest = slab - Missing.orZero(reclaimable);
        if (Missing.is(raw(UNRECLAIMABLE)) && slab > 0 && rest >= 0) {
            return believed(name, name.equals(UNRECLAIMABLE) ? rest : reclaimable);
        }
        long sum = Missing.plus(reclaimable, raw(UNRECLAIMABLE));
        boolean isSum = Missing.is(slab) || (slab > 0 && Math.abs(slab - sum) <= noise());
        if (!isSum && raw(name) > 0) {
            drop(name, raw(name));
        }
        return isSum ? of(name) : Missing.VALUE;
    }

    /**
     * Returns what drivers keep and give back if memory is short: KReclaimable (4.20) less slab.
     */
    long otherReclaimable() {
        long all = of("KReclaimable");
        long slab = slab(RECLAIMABLE);
        return Missing.is(all) || Missing.is(slab) || all < slab ? Missing.VALUE : all - slab;
    }

    /** Returns page tables, with those of devices and virtual machines. */
    long pageTables() {
        return Missing.plus(positive("PageTables"), of("SecPageTables"));
    }

    long kernelStacks() {
        return positive("KernelStack");
    }

    long perCpu() {
        return positive("Percpu");
    }

    /**
     * Returns the pages of vmalloc without kernel stacks. Stacks come from it where it has as much
     * (CONFIG_VMAP_STACK, since 4.9 on x86-64, and now on all major architectures).
     */
    long vmalloc() {
        long used = ofPages() ? of("VmallocUsed") : Missing.VALUE;
        long stacks = Missing.orZero(kernelStacks());
        return used >= stacks ? used - stacks : used;
    }

    private boolean ofPages() {
        long chunk = raw("VmallocChunk");
        boolean isOfAddresses =
                chunk > 0
                        || (kernel == null
                                ? Missing.is(chunk)
                                : !KernelVersion.isSince(kernel, WITHOUT_ADDRESSES));
        boolean isCounted =
                raw("VmallocUsed") > 0
                        || (kernel != null && KernelVersion.isSince(kernel, WITH_PAGES));
        return !isOfAddresses && isCounted;
    }
}
