package psm.smaps;

import psm.text.Missing;

import java.util.Arrays;

/**
 * The memory of one process, from smaps or smaps_rollup: the sum of each field over all mappings,
 * in bytes. May be shared between threads.
 */
public final class Usage {
    /** The fields of smaps that psm adds up. Each comment starts with the first kernel. */
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
        /** 2.6.26; includes shared memory that is swapped out. */
        SWAP("Swap"),
        /** 4.3; leaves out shared memory that is swapped out. */
        SWAP_PSS("SwapPss"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is anonymous. */
        PSS_ANON("Pss_Anon"),
        /** 5.3, in smaps_rollup alone: the part of Pss that belongs to files. */
        PSS_FILE("Pss_File"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is shared memory and tmpfs. */
        PSS_SHMEM("Pss_Shmem"),
        /** 6.7: merged by the kernel's same-page merging, a part of Rss. */
        KSM("KSM"),
        /** About 2.6.37; equal to Pss on 4.14 to 4.18, by a kernel bug. */
        LOCKED("Locked"),
        /**
         * About 2.6.36: the part of Rss that belongs to no file, in full for each process that maps
         * it. Unlike the private figures and Pss, it does not change with other processes.
         */
        ANONYMOUS("Anonymous");

        public final String kernelName;

        Field(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    /** The average that the kernel cuts off a figure with a fraction: it prints whole kB. */
    private static final long HALF_KB_BYTES = 512;

    /** The sums by {@link Field#ordinal}, in bytes or {@link Missing#VALUE}. */
    public final long[] sums;

    /**
     * Pss of the mappings named {@code [heap]}, in bytes; 0 without such a mapping, {@link
     * Missing#VALUE} without Pss.
     */
    public final long heap;

    public final int mappings;

    /**
     * The number of mappings whose Pss was cut to whole kB. 0 for a rollup, since the kernel adds
     * up the exact figures first.
     */
    public final int cutPss;

    /** The number of mappings whose SwapPss was cut to whole kB; 0 for a rollup. */
    public final int cutSwapPss;

    /** Makes figures from sums by {@link Field}; the array is kept. */
    public Usage(long[] sums, long heap, int mappings, int cutPss, int cutSwapPss) {
        this.sums = sums;
        this.heap = heap;
        this.mappings = mappings;
        this.cutPss = cutPss;
        this.cutSwapPss = cutSwapPss;
    }

    /**
     * Makes the figures of a process of which only these are known, in bytes or {@link
     * Missing#VALUE}.
     */
    public static Usage estimated(long resident, long anonymous, long swapped, long hugetlb) {
        long[] sums = new long[Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Field.RSS.ordinal()] = resident;
        sums[Field.ANONYMOUS.ordinal()] = anonymous;
        sums[Field.SWAP_PSS.ordinal()] = swapped;
        sums[Field.SHARED_HUGETLB.ordinal()] = hugetlb;
        return new Usage(sums, Missing.VALUE, 0, 0, 0);
    }

    /** Returns the sum of a field as the kernel printed it, in bytes or {@link Missing#VALUE}. */
    public long bytes(Field field) {
        return sums[field.ordinal()];
    }

    /** Returns the same figures with the heap, which a rollup does not contain. */
    public Usage withHeap(long bytes) {
        return new Usage(sums, bytes, mappings, cutPss, cutSwapPss);
    }

    /** Returns the same figures with all private huge pages among the shared ones. */
    public Usage withSharedHugePages() {
        long[] others = sums.clone();
        shareHugePages(others);
        return new Usage(others, heap, mappings, cutPss, cutSwapPss);
    }

    /** Moves private huge pages to the shared ones, in sums by {@link Field}. */
    static void shareHugePages(long[] sums) {
        int shared = Field.SHARED_HUGETLB.ordinal();
        int unshared = Field.PRIVATE_HUGETLB.ordinal();
        sums[shared] = Missing.plus(sums[shared], sums[unshared]);
        sums[unshared] = Missing.is(sums[unshared]) ? Missing.VALUE : 0;
    }

    /**
     * Returns whether {@link #ram} is Rss, since Pss is missing. Rss is more than the process's
     * share: it includes all of each page that other processes map too.
     */
    public boolean isEstimated() {
        return bytes(Field.PSS) == Missing.VALUE && bytes(Field.RSS) != Missing.VALUE;
    }

    /**
     * Returns the proportional set size in bytes, or {@link Missing#VALUE}: private pages, the
     * process's share of shared pages, and private huge pages of hugetlbfs, which the kernel leaves
     * out of Pss. In a sum over processes, no page counts twice. It is Rss if the kernel has no
     * Pss, see {@link #isEstimated}.
     *
     * <p>smaps cuts each Pss to whole kB, which loses half a kB on average if it has a fraction.
     * Only a mapping with shared pages can have one, so half a kB is added for each of these.
     */
    public long ram() {
        long pss = isEstimated() ? bytes(Field.RSS) : bytes(Field.PSS);
        return pss == Missing.VALUE
                ? Missing.VALUE
                : Missing.plus(
                        Missing.plus(pss, cutPss * HALF_KB_BYTES), bytes(Field.PRIVATE_HUGETLB));
    }

    /** Returns the pages that only this process maps, with huge pages, or {@link Missing#VALUE}. */
    public long unique() {
        long clean = bytes(Field.PRIVATE_CLEAN);
        long dirty = bytes(Field.PRIVATE_DIRTY);
        long small = Missing.plus(clean, dirty);
        return Missing.is(small) ? small : Missing.plus(small, bytes(Field.PRIVATE_HUGETLB));
    }

    /**
     * Returns the process's share of pages that other processes map too, in bytes, or {@link
     * Missing#VALUE}. It is a part of {@link #ram}.
     */
    public long shared() {
        long ram = ram();
        long unique = unique();
        return ram == Missing.VALUE || unique == Missing.VALUE
                ? Missing.VALUE
                : Math.max(0, ram - unique);
    }

    /**
     * Returns swap in bytes, or {@link Missing#VALUE}: SwapPss, which divides swap entries among
     * forks, or if the kernel has no SwapPss, Swap, which counts them for each process.
     */
    public long swapped() {
        long swapPss = bytes(Field.SWAP_PSS);
        return Missing.is(swapPss)
                ? bytes(Field.SWAP)
                : Missing.plus(swapPss, cutSwapPss * HALF_KB_BYTES);
    }

    /**
     * Returns a number of bytes that is not less than any figure or any sum of figures; at most
     * {@link Long#MAX_VALUE}.
     */
    public long upperBound() {
        long sum = Missing.orZero(heap) + ((long) cutPss + cutSwapPss) * HALF_KB_BYTES;
        for (int i = 0; i < sums.length && sum >= 0; i++) {
            sum += Missing.orZero(sums[i]);
        }
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}
