package psm.oom;

import psm.cgroup.Cgroup;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.List;

/**
 * Processes that the OOM killer would kill together, since they share an address space; usually a
 * single process.
 *
 * @param main the process with the highest score
 * @param pids the pids of all of them, ascending
 * @param cgroup the cgroup that their memory is charged to, see {@link Cgroup#memoryPath}; {@code
 *     null} if it is not known
 * @param oomGroup the uppermost cgroup that dies with them because of {@code memory.oom.group};
 *     {@code null} for none
 */
record OomVictim(ProcessMemory main, List<Integer> pids, String cgroup, String oomGroup) {
    private static final int PARTS = 1000;

    /**
     * Computes oom_badness (mm/oom_kill.c) in bytes: Rss, swap and page tables, plus oom_score_adj
     * thousandths of all memory. It may be below zero. The kernel's counters lag a little, and
     * these figures were read at another moment, so this is used only for equal scores, or if there
     * are no scores.
     *
     * @param all the RAM and swap of the host, or the limit of a cgroup
     */
    double badness(long all) {
        ProcessDetails.Status status = main.details().status();
        Usage usage = main.usage();
        long rss = usage.bytes(Usage.Field.RSS);
        double bytes = Missing.orZero(rss == Missing.VALUE ? usage.ram() : rss);
        bytes += Missing.orZero(status.swap() == Missing.VALUE ? usage.swapped() : status.swap());
        bytes += Missing.orZero(status.pageTables());
        long adj = main.details().oomScoreAdj();
        return Missing.is(adj) ? bytes : bytes + (double) all / PARTS * adj;
    }

    /**
     * Computes what {@link #badness} will be when a cgroup has reached its limit. The kernel kills
     * only if it finds nothing more to reclaim, so the pages of files are not in RAM any more.
     */
    double badnessAtLimit(long all) {
        return badness(all) - Missing.orZero(main.details().status().reclaimable());
    }

    /**
     * Returns the bytes that the death of one process certainly frees: its private memory and its
     * share of swap. It may free more: memory that only dying processes share, page cache, and
     * memory of the kernel itself, which the kernel does not report for each process.
     */
    static long frees(Usage usage) {
        long unique = usage.unique();
        return unique == Missing.VALUE ? Missing.VALUE : Missing.plus(unique, usage.swapped());
    }
}
