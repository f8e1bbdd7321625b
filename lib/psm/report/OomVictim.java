package psm.report;

import psm.cgroup.Cgroup;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.List;

/**
 * Processes that the OOM killer would kill together, since they have one address space. Mostly it
 * is one process.
 *
 * @param main the process with the highest score
 * @param pids the pids of all of them, ascending
 * @param cgroup the cgroup that their memory is charged to, see {@link Cgroup#memoryPath}; {@code
 *     null} where that is not known
 * @param oomGroup the uppermost cgroup that {@code memory.oom.group} makes die with it; {@code
 *     null} for none
 */
record OomVictim(ProcessMemory main, List<Integer> pids, String cgroup, String oomGroup) {
    private static final int PARTS = 1000;

    /**
     * Computes what oom_badness (mm/oom_kill.c) does, in bytes: Rss, swap and page tables, plus
     * oom_score_adj thousandths of all memory; it may be below zero. The kernel's counters lag a
     * little, and these figures were read at another moment, so this decides only between equal
     * scores, and where there are no scores.
     *
     * @param all the RAM and swap of the host, or the limit of a cgroup
     */
    double badness(long all) {
        Usage usage = main.usage();
        long rss = usage.bytes(Usage.Field.RSS);
        long swap = usage.bytes(Usage.Field.SWAP);
        double bytes = Missing.orZero(rss == Missing.VALUE ? usage.ram() : rss);
        bytes += Missing.orZero(swap == Missing.VALUE ? usage.swapped() : swap);
        bytes += Missing.orZero(main.details().status().pageTables());
        long adj = main.details().oomScoreAdj();
        return Missing.is(adj) ? bytes : bytes + (double) all / PARTS * adj;
    }

    /**
     * Returns the bytes that the death of one process frees for sure: its private memory and its
     * share of swap. It may free more: memory that only dying processes share, page cache, and the
     * kernel's own memory, which the kernel does not report by process.
     */
    static long frees(Usage usage) {
        long unique = usage.unique();
        return unique == Missing.VALUE ? Missing.VALUE : Missing.plus(unique, usage.swapped());
    }
}
