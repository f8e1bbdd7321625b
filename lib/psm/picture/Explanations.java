package psm.picture;

import psm.Psm;
import psm.oom.OomReport;
import psm.report.MappingReport;
import psm.report.ReportHead;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How each figure is made: a sentence for each key, with the file that it is from. The methods are
 * thread-safe.
 */
public final class Explanations {
    private static final String OF_ANY =
            """
            program: The name of the program, from its title, its executable or its command line \
            (exe and cmdline in /proc/PID).
            command: The command line, from /proc/PID/cmdline.
            user: The effective user, from Uid in /proc/PID/status.
            group: The effective group of users, from Gid in /proc/PID/status.
            cgroup: The control group, from /proc/PID/cgroup.
            unit: The systemd unit or session, from the path of the control group.
            container: The container with its runtime, from the path of the control group.
            parent: The topmost ancestor below init: what started these processes.
            host: The machine.
            hosts: The number of machines that the processes are on.
            count: The number of processes.
            pids: The ids of the processes.
            pid: The id of the process, if it is one.
            ancestor_pid: The id of the topmost ancestor.
            parent_pid: The id of the process that started it, from /proc/PID/stat.
            depth: How many ancestors the process has below init.
            pss_bytes: RAM: pages that only this process maps, and its share of those that \
            several map; Pss in /proc/PID/smaps_rollup or smaps, with private huge pages.
            uss_bytes: Pages that only this process maps; Private_Clean and Private_Dirty in \
            smaps_rollup or smaps, with private huge pages.
            shared_bytes: The part of RAM that is a share of pages which several processes map; \
            Pss without private pages.
            rss_bytes: All pages in RAM; shared pages count in full for each process; Rss in \
            smaps_rollup or smaps.
            swap_bytes: Swap, divided among the processes that share it; SwapPss in \
            smaps_rollup or smaps, or Swap before Linux 4.3.
            swappss_bytes: Swap, divided among the processes that share it; SwapPss alone.
            swap_with_shared_bytes: Swap with shared memory, which counts in full for each \
            process; Swap in smaps_rollup or smaps.
            ram_and_swap_bytes: The sum of RAM and swap: what it would need without swap.
            pss_percent: RAM in percent of MemTotal in /proc/meminfo.
            uss_percent: Private RAM in percent of MemTotal in /proc/meminfo.
            rss_percent: Rss in percent of MemTotal in /proc/meminfo.
            swap_percent: Swap in percent of SwapTotal in /proc/meminfo.
            pss_anon_bytes: The part of RAM that belongs to no file; Pss_Anon in smaps_rollup, \
            since Linux 5.3.
            pss_file_bytes: The part of RAM that is pages of files; Pss_File in smaps_rollup, \
            since Linux 5.3.
            pss_shmem_bytes: The part of RAM that is shared memory and tmpfs; Pss_Shmem in \
            smaps_rollup, since Linux 5.3.
            anonymous_bytes: Pages that belong to no file, in full for each process; Anonymous \
            in smaps_rollup or smaps.
            private_hugetlb_bytes: Private huge pages of hugetlbfs, a part of RAM; \
            Private_Hugetlb in smaps_rollup or smaps, since Linux 4.4.
            shared_hugetlb_bytes: Shared huge pages of hugetlbfs, in full for each process, and \
            in no total; Shared_Hugetlb in smaps_rollup or smaps, since Linux 4.4.
            heap_bytes: RAM of the mappings that are named [heap]; Pss in smaps.
            ksm_bytes: Identical pages that the kernel has merged, a part of Rss; KSM in \
            smaps_rollup or smaps, since Linux 6.7.
            locked_bytes: Memory that is locked into RAM, a part of it; Locked in smaps_rollup \
            or smaps.
            pagetables_bytes: Page tables, which are not in RAM of the process; VmPTE in \
            /proc/PID/status.
            gpu_bytes: Memory of GPUs, in RAM or on the card, once for each client; drm-resident \
            and drm-memory in /proc/PID/fdinfo.
            peak_bytes: The largest Rss that one of the processes has had; VmHWM in \
            /proc/PID/status.
            limit_bytes: The smallest memory limit of the control group and those above it; \
            memory.max in /sys/fs/cgroup.
            used_percent: How much of that limit is used; memory.current in /sys/fs/cgroup.
            threads: The number of threads, from /proc/PID/stat.
            mappings: The number of mappings: the lines of /proc/PID/maps.
            age_seconds: How long the oldest of the processes has run; the start in \
            /proc/PID/stat and /proc/uptime.
            oldest_start_time: When the oldest of the processes was started, from \
            /proc/PID/stat.
            newest_start_time: When the newest of the processes was started, from \
            /proc/PID/stat.
            rate_bytes_per_hour: RAM per hour of age, of all processes that are older than a \
            minute.
            oom_score: The highest score for the kernel's OOM killer, which ends the process \
            with the highest; /proc/PID/oom_score.
            oom_score_adj: The highest adjustment of the score, from -1000 (never) to 1000; \
            /proc/PID/oom_score_adj.
            smallest_process_bytes: RAM of the smallest process of the row.
            median_process_bytes: RAM of the median process of the row.
            largest_process_bytes: RAM of the largest process of the row.
            largest_pid: The id of the largest process of the row.
            change_bytes: How much RAM has changed since the previous report.
            since_start_bytes: How much RAM has changed since the first report.
            since_start_bytes_per_hour: How much RAM has changed per hour since the first \
            report.
            deleted: The number of processes whose program is no longer on the disk; the link \
            /proc/PID/exe.
            updated: The number of processes whose program was replaced since they started; the \
            link /proc/PID/exe.
            estimated: The number of processes with a figure that is not exact: it is from \
            /proc/PID/status, or may be counted twice.
            used_bytes: Swap that is in use; SwapTotal - SwapFree in /proc/meminfo.
            cached_bytes: The part of that swap that is in RAM too; SwapCached in /proc/meminfo.
            total_bytes: All swap; SwapTotal in /proc/meminfo.
            unowned_bytes: Swap that is of no process, such as that of tmpfs.
            processes_bytes: RAM of the processes of this report: the sum of their Pss.
            other_processes_bytes: RAM of processes that are not in this report; AnonPages and \
            Mapped in /proc/meminfo, without the processes of this report.
            page_cache_bytes: Pages of files that no process maps; Cached and Buffers without \
            Mapped in /proc/meminfo.
            shmem_bytes: Shared memory and tmpfs that no process maps; Shmem in /proc/meminfo \
            without Pss_Shmem of the processes.
            swap_cache_bytes: Pages that are in swap and still in RAM, and that no process maps; \
            SwapCached and the lists of anonymous pages in /proc/meminfo.
            slab_reclaimable_bytes: The kernel's caches of objects that it frees if memory is \
            short; SReclaimable in /proc/meminfo.
            slab_unreclaimable_bytes: The kernel's objects that are in use; SUnreclaim in \
            /proc/meminfo.
            page_tables_bytes: Page tables of all processes and virtual machines; PageTables and \
            SecPageTables in /proc/meminfo.
            kernel_stacks_bytes: The kernel's stacks, one for each thread; KernelStack in \
            /proc/meminfo.
            vmalloc_bytes: Larger memory of the kernel and its drivers, without stacks; \
            VmallocUsed in /proc/meminfo.
            percpu_bytes: What the kernel keeps for each processor; Percpu in /proc/meminfo.
            other_reclaimable_bytes: Pools of drivers that they free if memory is short; \
            KReclaimable without SReclaimable in /proc/meminfo.
            arc_bytes: The cache of ZFS; size in /proc/spl/kstat/zfs/arcstats.
            gpu_active_bytes: RAM in use by GPUs; GPUActive in /proc/meminfo.
            gpu_reclaim_bytes: RAM that is kept for GPUs, and freed if memory is short; \
            GPUReclaim in /proc/meminfo.
            nvmap_bytes: RAM in use by the GPU; NvMapMemUsed in /proc/meminfo.
            balloon_bytes: RAM that the machine has returned to its hypervisor; Balloon in \
            /proc/meminfo.
            writeback_tmp_bytes: Pages that are being written to file systems of FUSE; \
            WritebackTmp in /proc/meminfo.
            bounce_bytes: Buffers for devices that do not reach all RAM; Bounce in \
            /proc/meminfo.
            hardware_corrupted_bytes: RAM that is not used since it is defective; \
            HardwareCorrupted in /proc/meminfo.
            hugetlb_bytes: The pool of huge pages without private ones of processes; Hugetlb in \
            /proc/meminfo, or /sys/kernel/mm/hugepages.
            compressed_swap_bytes: RAM in which compressed pages are kept instead of swap; \
            mm_stat of /sys/block/zram*, and Zswap in /proc/meminfo.
            free_bytes: RAM that nothing uses; MemFree in /proc/meminfo.
            per_cpu_free_bytes: Free pages on the lists of processors, which MemFree leaves \
            out; /proc/zoneinfo.
            unexplained_bytes: What is left of MemTotal: memory of drivers that no file lists.
            mem_total_bytes: All RAM that the kernel can use; MemTotal in /proc/meminfo.
            mem_used_bytes: RAM that is not available to programs; MemTotal - MemAvailable in \
            /proc/meminfo.
            mem_available_bytes: RAM that programs can get, free or easily freed; MemAvailable \
            in /proc/meminfo.
            swap_used_bytes: Swap that is in use; SwapTotal - SwapFree in /proc/meminfo.
            sockets_bytes: Buffers of sockets, which are in other parts too; /proc/net/sockstat.
            contradictory_bytes: Counters that psm leaves out, since other figures contradict \
            them.
            state: Whether the machine is in the report.
            reason: Why the machine is not in the report.
            kernel: The kernel's release, from /proc/sys/kernel/osrelease.
            taken_at: When the scan began.
            read_by: Whether the machine was read by psm or by its probe.
            source: The file in /proc/PID that the figures are from.
            measured: The number of processes in the figures.
            denied: The number of processes that psm had no permission to read.
            vanished: The number of processes that exited during the scan.
            stuck: The number of processes that were skipped after the timeout.
            failed: The number of processes that could not be read for another reason.
            """;

    private static final String OF_MAPS =
            """
            mapping: The name of the mapping in /proc/PID/smaps: a file, or what the kernel \
            calls it.
            kind: What the mapping is used for, by its name and permissions in /proc/PID/smaps.
            processes: The number of processes that have such a mapping.
            mappings: The number of such mappings: their entries in /proc/PID/smaps.
            """;

    private static final String OF_OOM =
            """
            rank: The place in the order of death, 1 for the first.
            count: The number of processes that end together: all of a control group if \
            memory.oom.group is set.
            frees_bytes: What becomes free by the end: RAM and swap that no other process uses, \
            of all that end together.
            cgroup: The control group whose processes end together, or the one that is near its \
            limit.
            limit_bytes: The limit of the control group, above which the kernel ends a process; \
            memory.max in /sys/fs/cgroup.
            high_bytes: The limit above which the kernel slows the control group down; \
            memory.high in /sys/fs/cgroup.
            working_set_bytes: What the control group uses, without the page cache that the \
            kernel frees first; memory.current without inactive_file of memory.stat.
            swap_bytes: Swap of the processes that end together, SwapPss in smaps_rollup or \
            smaps; or that of the control group, memory.swap.current in /sys/fs/cgroup.
            usage_bytes: What the control group uses, with page cache; memory.current in \
            /sys/fs/cgroup.
            oom_kills: How many processes of the control group the kernel has ended; oom_kill in \
            memory.events.
            next_pids: The ids of the processes of the control group that would end first.
            next_program: The program of the control group that would end first.
            next_count: The number of processes of the control group that would end together.
            at_limit: What happens at the limit: a kill, or processes wait.
            left_percent: RAM and swap that are left, in percent of all; MemAvailable and \
            SwapFree in /proc/meminfo.
            swap_free_bytes: Swap that is left; SwapFree in /proc/meminfo.
            some_avg10_percent: The part of the last 10 seconds in which some task waited for \
            memory; /proc/pressure/memory.
            some_avg60_percent: The part of the last 60 seconds in which some task waited for \
            memory; /proc/pressure/memory.
            full_avg10_percent: The part of the last 10 seconds in which all tasks waited for \
            memory; /proc/pressure/memory.
            full_avg60_percent: The part of the last 60 seconds in which all tasks waited for \
            memory; /proc/pressure/memory.
            """;

    private static final String OF_DIFF =
            """
            count_before: The number of processes in the row before.
            count_after: The number of processes in the row after.
            count_new: The number of processes that were not in the row before.
            count_ended: The number of processes that are not in the row any more.
            before_bytes: The size before: of processes the sum of Pss, of the host that in \
            /proc/meminfo.
            after_bytes: The size after: of processes the sum of Pss, of the host that in \
            /proc/meminfo.
            change_bytes: How much the size has changed: after - before.
            new_bytes: RAM of the processes that were not in the row before.
            ended_bytes: RAM that the processes had that are not in the row any more.
            grown_bytes: How much the processes have changed that are in the row before and \
            after.
            swap_before_bytes: Swap before: the sum of SwapPss.
            swap_after_bytes: Swap after: the sum of SwapPss.
            swap_change_bytes: How much swap has changed: after - before.
            estimated: The number of processes whose figures are not exact, before or after.
            part: The part of MemTotal, from /proc/meminfo.
            title: The part of MemTotal, from /proc/meminfo.
            """;

    private static final String OF_GROWTH =
            """
            rate_bytes_per_hour: The growth per hour: the median of the slopes between all pairs \
            of low waters (Theil-Sen).
            rate_low_bytes_per_hour: The lower end of the interval that contains the true rate \
            in 95 of 100 cases.
            rate_high_bytes_per_hour: The upper end of the interval that contains the true rate \
            in 95 of 100 cases.
            verdict: Whether it grows, and how: steadily, in steps, or as much as chance would \
            explain.
            now_bytes: The size in the last sample.
            change_bytes: How much the size has changed by the rate.
            started: The number of processes that were started meanwhile.
            ended: The number of processes that have ended meanwhile.
            ends_per_hour: How many processes of the row end per hour.
            starts_at_first_bytes: The size of new processes at the begin.
            starts_at_last_bytes: The size of new processes at the end.
            copied_bytes: Pages that processes shared with the one that started them, and have \
            copied since.
            limit_of: What has the limit: the machine, or a control group.
            used_bytes: What is in use of the limit, without what the kernel frees easily.
            limit_bytes: The limit: MemTotal of the machine, or memory.max of the control group.
            full_at: When the limit is reached, if it goes on by the rate.
            earliest_at: When the limit is reached by the upper end of the interval.
            latest_at: When the limit is reached by the lower end of the interval.
            full_in_seconds: How long it takes until the limit is reached.
            outlook: When the limit is reached, in words.
            since_at: The time of the first sample.
            until_at: The time of the last sample.
            samples: The number of samples.
            duration_seconds: The time from the first sample to the last.
            """;

    private Explanations() {}

    /** Returns the sentences for the figures of a report, by their keys. */
    public static Map<String, String> of(Psm.Report report) {
        Map<String, String> known = new HashMap<>();
        add(OF_ANY, known);
        add(special(report), known);
        Map<String, String> explanations = new LinkedHashMap<>();
        for (Psm.Column column : report.columns()) {
            copy(column.key(), known, explanations);
        }
        for (Psm.Account account : report.accounts()) {
            for (Psm.Entry entry : account.entries()) {
                copy(entry.key(), known, explanations);
            }
            for (Psm.Column column : account.columns()) {
                copy(column.key(), known, explanations);
            }
        }
        return explanations;
    }

    /** Returns the sentences that are of one kind of report alone. */
    private static String special(Psm.Report report) {
        if (ReportHead.before(report) != null) {
            return OF_DIFF;
        }
        if (ReportHead.window(report) != null) {
            return OF_GROWTH;
        }
        return MappingReport.isOf(report) ? OF_MAPS : OomReport.isOf(report) ? OF_OOM : "";
    }

    private static void copy(String key, Map<String, String> from, Map<String, String> to) {
        String sentence = from.get(key);
        if (sentence != null) {
            to.put(key, sentence);
        }
    }

    private static void add(String lines, Map<String, String> known) {
        for (int from = 0; from < lines.length(); ) {
            int end = lines.indexOf('\n', from);
            int colon = lines.indexOf(": ", from);
            known.put(lines.substring(from, colon), lines.substring(colon + 2, end));
            from = end + 1;
        }
    }
}
