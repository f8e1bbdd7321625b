package psm.report;

import psm.cgroup.Cgroup;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.List;

/**
 * Processes that the OOM killer would take at once, since they have the same memory; one, mostly.
 *
 * @param main the one of them with the highest score
 * @param pids of all of them, ascending
 * @param cgroup that its memory is charged to, see {@link Cgroup#memoryPath}; {@code null} where
 *     that is not known
 * @param oomGroup the uppermost cgroup that {@code memory.oom.group} makes die with it; {@code
 *     null} where none does
 */
record OomVictim(ProcessMemory main, List<Integer> pids, String cgroup, String oomGroup) {
    private static final int PARTS = 1000;

    /**
     * What oom_badness (mm/oom_kill.c) counts, in bytes: Rss, swap and page tables, and so many
     * thousandths of all as oom_score_adj says; it may be below zero. The kernel's counters lag a
     * little, and these figures are of another moment, so it decides only between equal scores, and
     * where there are no scores.
     *
     * @param all what there is to be had: RAM and swap of the host, or what a cgroup may have
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
     * What the end of one process is sure to free, in bytes or {@link Missing#VALUE}: its private
     * memory and its share of swap. What it shares with others stays as long as those live, and
     * page cache and the kernel's own memory are not told by process, so that it may be more.
     */
    static long frees(Usage usage) {
        long unique = usage.unique();
        return unique == Missing.VALUE ? Missing.VALUE : Missing.plus(unique, usage.swapped());
    }
}
