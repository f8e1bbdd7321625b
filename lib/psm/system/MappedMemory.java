package psm.system;

import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.List;

/**
 * The pages that processes map, and those of files and shared memory that none maps.
 *
 * <ul>
 *   <li>AnonPages and Mapped are the pages that processes map, so they are the sum of Pss. If that
 *       sum is lower, the rest belongs to processes that were not measured, or that are not in this
 *       {@code /proc} (outside of a container).
 *   <li>Mapped is part of Cached and Buffers, Shmem is part of Cached. Pss_Shmem (5.3) says how
 *       much of Shmem is mapped. Memory of drivers that processes map (rings of packet sockets) is
 *       in Mapped, but in no cache. Without Pss_Shmem, or if other processes map much of it,
 *       unmapped shared memory cannot be distinguished from page cache.
 *   <li>Without Mapped (OpenVZ), Pss_Anon (5.3) says how much of the cache the processes map.
 *       Without that too, page cache and the pages of processes that are not in the figures are
 *       what AnonPages and Cached have more than these processes.
 *   <li>Without any of these, nothing shows how much of the cache the processes map: only what it
 *       has more than all processes is certain to be unmapped.
 *   <li>The part of SwapCached that is mapped again is included in AnonPages. The rest is what the
 *       lists of anonymous pages, Active(anon) and Inactive(anon), contain besides AnonPages and
 *       Shmem.
 * </ul>
 */
final class MappedMemory {
    static final String ANON = "AnonPages";
    private static final String MAPPED = "Mapped";
    static final String CACHED = "Cached";
    static final String CACHE = "page_cache_bytes";
    private static final String SHMEM = "shmem_bytes";
    private static final String SWAP_CACHE = "swap_cache_bytes";

    private static final String OTHERS_TITLE = "in processes that are not in these figures";
    private static final String SHMEM_TITLE = "shared memory and tmpfs that no process maps";

    private final Snapshot snapshot;
    private final Counters counters;

    /** The RAM of the processes of the report. */
    private final long ram;

    private final long anon;
    private final long mapped;

    /** The part of {@link #mapped} that is in no cache: memory of drivers. */
    private final long devices;

    /** Page cache, with shared memory. */
    private final long cache;

    MappedMemory(Snapshot snapshot, Counters counters, long ram) {
        this.snapshot = snapshot;
        this.counters = counters;
        boolean areOfOthers = isOfOthers(ANON) || isOfOthers(MAPPED);
        this.anon = areOfOthers ? Missing.VALUE : counters.of(ANON);
        this.mapped = areOfOthers ? Missing.VALUE : counters.of(MAPPED);
        long files = counters.of(CACHED);
        this.cache = Missing.is(files) ? files : Missing.plus(files, counters.of("Buffers"));
        this.devices = devices(snapshot);
        this.ram = ram;
    }

    /** Returns whether a counter includes processes of others, so that the other one does too. */
    private boolean isOfOthers(String counter) {
        counters.of(counter);
        return counters.isDropped(counter);
    }

    /** Returns what all processes have; the largest number if it is not known. */
    long all() {
        return Missing.is(anon) || Missing.is(mapped)
                ? Long.MAX_VALUE
                : Missing.plus(Missing.plus(anon, mapped), hugePages(snapshot));
    }

    /** Returns how much more the processes have than the kernel had mapped when it was read. */
    long grown() {
        return Missing.is(anon) || Missing.is(mapped)
                ? 0
                : Math.max(0, small() - Missing.plus(anon, mapped));
    }

    /** Returns the RAM of the processes without huge pages. */
    private long small() {
        return Missing.orZero(ram) - hugePages(snapshot);
    }

    /** Returns the private huge pages of the processes, which are in their RAM. */
    static long hugePages(Snapshot snapshot) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(Usage.Field.PRIVATE_HUGETLB);
            sum = process.isCounted() ? Missing.plus(sum, bytes) : sum;
        }
        return sum;
    }

    /** Adds the parts. */
    void addTo(List<MemoryPart> parts) {
        parts.add(new MemoryPart(MemoryAccount.PROCESSES, "in the processes above", ram));
        if (!Missing.is(mapped)) {
            addMapped(parts);
        } else if (!Missing.is(sum(Usage.Field.PSS_ANON))) {
            addByTheirFiles(parts);
        } else {
            addTogether(parts);
        }
        parts.add(
                new MemoryPart(SWAP_CACHE, "swap cache that no process maps", unmappedSwapCache()));
    }

    /** Adds the parts without Mapped, by what the processes say of their own pages of files. */
    private void addByTheirFiles(List<MemoryPart> parts) {
        long theirAnon = sum(Usage.Field.PSS_ANON);
        long others = less(anon, theirAnon);
        parts.add(new MemoryPart(MemoryAccount.OTHER_PROCESSES, OTHERS_TITLE, others, ANON));
        parts.add(
                new MemoryPart(
                        CACHE,
                        "page cache, shared memory and tmpfs that these processes do not map",
                        less(cache, less(small(), theirAnon)),
                        CACHED));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, Missing.VALUE));
    }

    private void addTogether(List<MemoryPart> parts) {
        String title =
                Missing.is(anon)
                        ? "page cache, shared memory and tmpfs that no process maps, at least"
                        : "page cache, shared memory, and processes that are not in these figures";
        long all = Missing.is(cache) ? cache : Missing.plus(cache, anon);
        long rest = less(all, small());
        boolean isKnown = rest > 0 || !Missing.is(anon);
        parts.add(new MemoryPart(MemoryAccount.OTHER_PROCESSES, OTHERS_TITLE, Missing.VALUE));
        parts.add(
                new MemoryPart(
                        CACHE,
                        title,
                        isKnown ? rest : Missing.VALUE,
                        Missing.is(anon) ? CACHED : ANON));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, Missing.VALUE));
    }

    private void addMapped(List<MemoryPart> parts) {
        long others = Missing.is(anon) ? anon : less(Missing.plus(anon, mapped), small());
        long shmem = counters.of("Shmem");
        long mappedShmem = sum(Usage.Field.PSS_SHMEM);
        ProcessMemory own = snapshot.run().own(); // it is known, although no row shows it
        long known = own == null ? 0 : Missing.orZero(own.usage().ram());
        boolean isKnown = !Missing.is(shmem) && !Missing.is(mappedShmem) && !Missing.is(cache);
        long mappedFiles = less(mapped, devices);
        if (isKnown && !Missing.is(others) && others - known < counters.noise()) {
            // Further memory that is mapped and in no cache must not hide shared memory.
            long unmappedShmem = less(Math.min(shmem, cache), mappedShmem);
            long withoutShmem = less(mappedFiles, mappedShmem);
            add(parts, others, less(less(cache, shmem), withoutShmem), unmappedShmem);
        } else {
            add(parts, others, less(cache, mappedFiles), Missing.VALUE);
        }
    }

    private static void add(List<MemoryPart> parts, long others, long cache, long shmem) {
        String cacheTitle =
                Missing.is(shmem)
                        ? "page cache, shared memory and tmpfs that no process maps"
                        : "page cache that no process maps";
        parts.add(
                new MemoryPart(MemoryAccount.OTHER_PROCESSES, OTHERS_TITLE, others, ANON, MAPPED));
        parts.add(new MemoryPart(CACHE, cacheTitle, cache, CACHED));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, shmem, CACHED));
    }

    private long unmappedSwapCache() {
        long cached = counters.of("SwapCached");
        if (cached == 0) {
            return cached;
        }
        long active = counters.of("Active(anon)");
        long inactive = counters.of("Inactive(anon)");
        if (Missing.is(cached) || Missing.is(active) || Missing.is(inactive)) {
            return Missing.VALUE;
        }
        long others = Missing.plus(anon, counters.of("Shmem"));
        return Math.min(cached, less(Missing.plus(active, inactive), others));
    }

    /** Returns the memory of drivers that the processes map. */
    static long devices(Snapshot snapshot) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.details().devices().mapped();
            sum = process.isCounted() ? Missing.plus(sum, bytes) : sum;
        }
        return sum;
    }

    /**
     * Adds up a field over all processes; {@link Missing#VALUE} if all processes lack it, or some
     * with more than a little RAM.
     */
    private long sum(Usage.Field field) {
        long sum = snapshot.processes().isEmpty() ? 0 : Missing.VALUE;
        long unknown = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(field);
            if (process.isCounted() && Missing.is(bytes)) {
                unknown = Missing.plus(unknown, process.usage().ram());
            } else if (process.isCounted()) {
                sum = Missing.plus(sum, bytes);
            }
        }
        return unknown > counters.noise() ? Missing.VALUE : sum;
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    static long less(long bytes, long part) {
        return Missing.is(bytes) ? bytes : Math.max(0, bytes - Missing.orZero(part));
    }
}
