package psm.smaps;

import psm.text.Missing;

/**
 * The memory of one process, as smaps or smaps_rollup told it: sums over all of its mappings, in
 * bytes, by the kernel's own field names.
 *
 * <p>Filled once by {@link SmapsParser#finish}, only read afterwards; then it may be shared between
 * threads.
 */
public final class Usage {
    /**
     * The fields of smaps that psm sums up, each under the kernel's name and with its first kernel.
     */
    public enum Field {
        /** 2.6.14. */
        RSS("Rss"),
        /** 2.6.25. */
        PSS("Pss"),
        /** 2.6.14. */
        SHARED_CLEAN("Shared_Clean"),
        /** 2.6.14. */
        SHARED_DIRTY("Shared_Dirty"),
        /** 2.6.14. */
        PRIVATE_CLEAN("Private_Clean"),
        /** 2.6.14. */
        PRIVATE_DIRTY("Private_Dirty"),
        /** 4.4; these pages are in neither Rss nor Pss. */
        SHARED_HUGETLB("Shared_Hugetlb"),
        /** 4.4; these pages are in neither Rss nor Pss. */
        PRIVATE_HUGETLB("Private_Hugetlb"),
        /** 2.6.26; with shared memory that is swapped out. */
        SWAP("Swap"),
        /** 4.3; without shared memory that is swapped out. */
        SWAP_PSS("SwapPss"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is anonymous. */
        PSS_ANON("Pss_Anon"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is of files. */
        PSS_FILE("Pss_File"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is shared memory and tmpfs. */
        PSS_SHMEM("Pss_Shmem"),
        /** 6.7: merged by the kernel's same-page merging, a part of Rss. */
        KSM("KSM"),
        /** About 2.6.37; equal to Pss on 4.14 to 4.18, by a kernel bug. */
        LOCKED("Locked");

        public final String kernelName;

        Field(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    /** Half of what the kernel cuts off a printed figure at most: it prints whole kB. */
    private static final long HALF_KB_BYTES = 512;

    /** By {@link Field#ordinal}: bytes, or {@link Missing#VALUE}. */
    public final long[] sums;

    /**
     * Pss of the mappings named {@code [heap]}, in bytes; 0 without such a mapping, {@link
     * Missing#VALUE} without Pss.
     */
    public final long heap;

    public final int mappings;

    /**
     * How many of the summed Pss figures had a fraction of a kB cut off; 0 for a rollup, summed
     * before.
     */
    public final int cutPss;

    /** How many of the summed SwapPss figures had a fraction of a kB cut off; 0 for a rollup. */
    public final int cutSwapPss;

    /** Takes over {@code sums}. */
    public Usage(long[] sums, long heap, int mappings, int cutPss, int cutSwapPss) {
        this.sums = sums;
        this.heap = heap;
        this.mappings = mappings;
        this.cutPss = cutPss;
        this.cutSwapPss = cutSwapPss;
    }

    /**
     * The kernel's figure, summed over the mappings as it was printed, in bytes or {@link
     * Missing#VALUE}.
     */
    public long bytes(Field field) {
        return sums[field.ordinal()];
    }

    /**
     * The same figures with a heap that a rollup does not tell, in bytes or {@link Missing#VALUE}.
     */
    public Usage withHeap(long bytes) {
        return new Usage(sums, bytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * Whether {@link #ram} is Rss, for want of Pss: more than the process's share, since it has the
     * pages that others map too in full.
     */
    public boolean isEstimated() {
        return bytes(Field.PSS) == Missing.VALUE && bytes(Field.RSS) != Missing.VALUE;
    }

    /**
     * The proportional set size, in bytes or Missing.VALUE: private pages, the process's share of
     * the shared ones, and private huge pages of hugetlbfs, which the kernel leaves out of Pss.
     * Summed over processes, no page counts twice. Rss where the kernel has no Pss, see {@link
     * #isEstimated}.
     *
     * <p>Each Pss of smaps is cut to whole kB, which loses half a kB on average where it has a
     * fraction. Only a mapping with shared pages can have one.
     */
    public long ram() {
        long pss = isEstimated() ? bytes(Field.RSS) : bytes(Field.PSS);
        return pss == Missing.VALUE
                ? Missing.VALUE
                : Missing.plus(
                        Missing.plus(pss, cutPss * HALF_KB_BYTES), bytes(Field.PRIVATE_HUGETLB));
    }

    /** Pages that this process alone maps, huge ones too, in bytes or {@link Missing#VALUE}. */
    public long unique() {
        long clean = bytes(Field.PRIVATE_CLEAN);
        long dirty = bytes(Field.PRIVATE_DIRTY);
        long small = Missing.plus(clean, dirty);
        return Missing.is(small) ? small : Missing.plus(small, bytes(Field.PRIVATE_HUGETLB));
    }

    /**
     * The part of {@link #ram} that is a share of pages which others map too, in bytes or {@link
     * Missing#VALUE}.
     */
    public long shared() {
        long ram = ram();
        long unique = unique();
        return ram == Missing.VALUE || unique == Missing.VALUE
                ? Missing.VALUE
                : Math.max(0, ram - unique);
    }

    /**
     * Swap in bytes or Missing.VALUE: SwapPss, which shares swap entries out over forks, where the
     * kernel has it, else Swap, which counts them for each process.
     */
    public long swapped() {
        long swapPss = bytes(Field.SWAP_PSS);
        return Missing.is(swapPss)
                ? bytes(Field.SWAP)
                : Missing.plus(swapPss, cutSwapPss * HALF_KB_BYTES);
    }

    /**
     * No figure is more than this, nor is a sum of figures: bytes, at most {@link Long#MAX_VALUE}.
     */
    public long most() {
        long most = Missing.orZero(heap) + ((long) cutPss + cutSwapPss) * HALF_KB_BYTES;
        for (int i = 0; i < sums.length && most >= 0; i++) {
            most += Missing.orZero(sums[i]);
        }
        return most < 0 ? Long.MAX_VALUE : most;
    }
}
