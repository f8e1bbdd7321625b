package psm.scan;

import psm.proc.ProcFs;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds huge pages that smaps reports as private although processes share them. Processes that map
 * the same gigabyte of hugetlbfs share its page tables, and then the kernel (4.4 to 6.1) reports
 * its pages as private to each of them. They cannot be private if all processes together have more
 * of them than is in use in the pools.
 */
final class SharedHugePages {
    /**
     * The share of the pools' use by which private huge pages may be more: the pools are read
     * later. If it is too low, a process that has returned pages until then makes others look as if
     * they shared theirs; if it is too high, small shared memory in large pools counts twice.
     */
    private static final int NOISE_DIVISOR = 100;

    private SharedHugePages() {}

    /** Returns whether processes have huge pages, as on few hosts. */
    static boolean areIn(List<ProcessMemory> processes) {
        return has(processes, Usage.Field.SHARED_HUGETLB) || arePrivate(processes);
    }

    /** Returns whether processes have huge pages that smaps reports as private. */
    static boolean arePrivate(List<ProcessMemory> processes) {
        return has(processes, Usage.Field.PRIVATE_HUGETLB);
    }

    private static boolean has(List<ProcessMemory> processes, Usage.Field field) {
        for (ProcessMemory process : processes) {
            if (process.usage().bytes(field) > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the pids of the processes whose private huge pages are shared: the largest, until the
     * rest fits into the pools beside the largest, and all that have as much as the last of them.
     *
     * @param all all processes, not only those of the report
     * @param inUse what is in use in the pools after these processes were read
     */
    static Set<Integer> pids(ProcFs proc, List<ProcessMemory> all, long inUse) {
        long[] sizes = new long[all.size()];
        long sum = 0;
        for (int i = 0; i < sizes.length; i++) {
            ProcessMemory process = all.get(i);
            boolean isThere = proc.exists(Integer.toString(process.pid()));
            sizes[i] = process.isCounted() && isThere ? bytes(process) : 0;
            sum = Missing.plus(sum, sizes[i]);
        }
        long limit = Missing.plus(inUse, inUse / NOISE_DIVISOR);
        return Missing.is(inUse) || sum <= limit
                ? Collections.emptySet()
                : atLeast(smallestShared(sizes, sum, limit), all);
    }

    private static long smallestShared(long[] sizes, long sum, long limit) {
        Arrays.sort(sizes);
        long largest = sizes[sizes.length - 1];
        long rest = sum;
        int at = sizes.length;
        do {
            at--;
            rest -= sizes[at];
        } while (at > 0 && sizes[at - 1] > 0 && rest + largest > limit);
        return sizes[at];
    }

    private static Set<Integer> atLeast(long bytes, List<ProcessMemory> processes) {
        Set<Integer> pids = new HashSet<>();
        for (ProcessMemory process : processes) {
            if (bytes(process) >= bytes) {
                pids.add(process.pid());
            }
        }
        return pids;
    }

    private static long bytes(ProcessMemory process) {
        return Missing.orZero(process.usage().bytes(Usage.Field.PRIVATE_HUGETLB));
    }

    /** Replaces the figures of processes whose private huge pages are shared. */
    static void share(List<ProcessMemory> processes, Set<Integer> pids) {
        for (int i = 0; i < processes.size(); i++) {
            ProcessMemory process = processes.get(i);
            if (pids.contains(process.pid())) {
                processes.set(i, process.with(process.usage().withSharedHugePages()));
            }
        }
    }
}
