package psm.metrics;

import java.util.HashMap;
import java.util.Map;

/**
 * The help text of each metric: a sentence that stands alone, since a user of Prometheus sees it
 * without the table or the options that it is about.
 */
final class MetricHelp {
    private static final Map<String, String> BY_NAME = new HashMap<>();

    /** The name and the sentence of each metric, one a line. */
    private static final String TABLE =
            """
            psm_build_info The version of psm that measured, as a label; the value is always 1.
            psm_taken_at_seconds When the scan began, in seconds since 1970: if it does not advance, the figures are old.
            psm_scan_seconds How many seconds the scan took.
            psm_complete 1 if the figures include all processes, 0 if some could not be read.
            psm_missing_hosts The number of machines that could not be read.
            psm_unmeasured_processes The number of processes that no figure includes, by the reason.
            psm_estimated_processes The number of processes with a figure that is an estimate, by the reason.
            psm_marked_processes The number of processes of which the label "mark" is true: their program is deleted or updated, or their figures are estimated.
            psm_processes The number of the row's processes.
            psm_pss_bytes RAM of the row's processes in bytes: own pages, and a share of the shared ones (Pss of /proc/PID/smaps_rollup or smaps).
            psm_swap_bytes Swap of the row's processes in bytes, shared pages divided among those that map them (SwapPss of /proc/PID/smaps_rollup or smaps).
            psm_anonymous_bytes Pages in RAM that belong to no file, in bytes, in full for each of the row's processes (Anonymous of /proc/PID/smaps_rollup or smaps).
            psm_largest_process_bytes RAM of the largest of the row's processes in bytes (Pss of /proc/PID/smaps_rollup or smaps).
            psm_oldest_start_time_seconds When the oldest of the row's processes was started, in seconds since 1970 (/proc/PID/stat).
            psm_newest_start_time_seconds When the newest of the row's processes was started, in seconds since 1970 (/proc/PID/stat).
            psm_hosts The number of machines on which the row has processes.
            psm_other_processes The number of processes that are in no row.
            psm_other_pss_bytes RAM of the processes that are in no row, in bytes: with all rows, it is the RAM of all processes.
            psm_other_swap_bytes Swap of the processes that are in no row, in bytes: with all rows, it is the swap of all processes.
            psm_swap_used_bytes Swap in use, in bytes (SwapTotal - SwapFree of /proc/meminfo).
            psm_swap_cached_bytes The part of the swap in use that is also in RAM, in bytes (SwapCached of /proc/meminfo).
            psm_swap_total_bytes All swap of the machine, in use or free, in bytes (SwapTotal of /proc/meminfo).
            psm_swap_unowned_bytes Swap in use that belongs to no process, such as that of tmpfs, in bytes.
            psm_host_memory_bytes What all RAM of the machine is used for, in bytes: the parts add up to psm_mem_total_bytes.
            psm_mem_total_bytes All RAM of the machine that the kernel manages, in bytes (MemTotal of /proc/meminfo).
            psm_mem_available_bytes RAM that programs can still get without swap, in bytes (MemAvailable of /proc/meminfo).
            psm_sockets_bytes RAM of the buffers of sockets in bytes, a part of slab or of what is unexplained (/proc/net/sockstat).
            psm_contradictory_bytes Kernel counters in bytes that are not counted, since others contradict them.
            psm_cgroup_unreclaimable_bytes Memory of a control group with a limit that the kernel cannot drop, in bytes: it is what fills the group (memory.stat).
            psm_cgroup_limit_bytes The memory limit of a control group in bytes (memory.max, or memory.limit_in_bytes).
            psm_cgroup_oom_kills_total How many processes of a control group the OOM killer has killed (memory.events, or memory.oom_control).
            psm_machine_measured The number of processes of a machine that the figures include.
            psm_machine_estimated The number of processes of a machine with a figure that is an estimate.
            psm_machine_denied The number of processes of a machine that psm had no permission to read.
            psm_machine_vanished The number of processes of a machine that exited during the scan.
            psm_machine_stuck The number of processes of a machine that were skipped after the timeout.
            psm_machine_failed The number of processes of a machine that could not be read for another reason.
            psm_maps_processes The number of processes that have a mapping of the row.
            psm_growth_processes The number of the row's processes in the last sample.
            psm_growth_marked_processes The number of processes of which the label "mark" is true.
            psm_growth_rate_bytes_per_hour How fast RAM and swap of the row rise, in bytes per hour, by a line through their low water.
            psm_growth_rate_low_bytes_per_hour The lower end of the confidence interval of the rate, in bytes per hour.
            psm_growth_rate_high_bytes_per_hour The upper end of the confidence interval of the rate, in bytes per hour.
            psm_growth_now_bytes RAM and swap of the row in the last sample, in bytes.
            psm_growth_change_bytes How much RAM and swap of the row changed during the samples, in bytes.
            psm_growth_started The number of processes that came to the row during the samples.
            psm_growth_ended The number of processes that left the row during the samples.
            psm_full_used_bytes Memory in use that counts towards a limit, in bytes.
            psm_full_limit_bytes The limit, in bytes: the RAM and swap of the machine, or that of a control group.
            psm_full_rate_bytes_per_hour How fast the memory that counts towards a limit rises, in bytes per hour.
            psm_full_full_at_seconds When the limit is reached at the present rate, in seconds since 1970.
            psm_window_since_at_seconds When the first sample was taken, in seconds since 1970.
            psm_window_until_at_seconds When the last sample was taken, in seconds since 1970.
            psm_window_samples The number of samples.
            psm_window_duration_seconds The time from the first sample to the last, in seconds.
            psm_diff_processes_before The number of the row's processes in the first snapshot.
            psm_diff_processes_after The number of the row's processes in the second snapshot.
            psm_diff_processes_new The number of the row's processes that are in the second snapshot alone.
            psm_diff_processes_ended The number of the row's processes that are in the first snapshot alone.
            psm_diff_before_bytes RAM of the row in the first snapshot, in bytes.
            psm_diff_after_bytes RAM of the row in the second snapshot, in bytes.
            psm_diff_change_bytes How much the RAM of the row changed from the first snapshot to the second, in bytes.
            psm_diff_new_bytes RAM of the row's processes that are in the second snapshot alone, in bytes.
            psm_diff_ended_bytes RAM of the row's processes that are in the first snapshot alone, in bytes.
            psm_diff_grown_bytes How much the RAM of the row's processes changed that are in both snapshots, in bytes.
            psm_diff_swap_before_bytes Swap of the row in the first snapshot, in bytes.
            psm_diff_swap_after_bytes Swap of the row in the second snapshot, in bytes.
            psm_diff_swap_change_bytes How much the swap of the row changed from the first snapshot to the second, in bytes.
            """;

    static {
        for (String line : TABLE.strip().split("\n", -1)) {
            int blank = line.indexOf(' ');
            BY_NAME.put(line.substring(0, blank), line.substring(blank + 1));
        }
    }

    private MetricHelp() {}

    /** Returns whether a metric has a sentence of its own. */
    static boolean isKnown(String name) {
        return BY_NAME.containsKey(name);
    }

    /**
     * Returns the help of a metric.
     *
     * @param words what it is by other sources, for those that have no sentence of their own
     */
    static String of(String name, String words) {
        String help = BY_NAME.get(name);
        return help == null ? sentence(words) : help;
    }

    /** Returns the help of a sum over what no row contains. */
    static String ofOthers(String name, String words) {
        return isKnown(name) ? of(name, words) : "In no row: " + sentence(words);
    }

    /** Makes words for a table or for a list of options a sentence, without what is behind it. */
    private static String sentence(String words) {
        int end = words.indexOf(';');
        String first = (end < 0 ? words : words.substring(0, end)).replaceAll(" [(][^)]*[)]", "");
        return first.isEmpty()
                ? "."
                : Character.toUpperCase(first.charAt(0)) + first.substring(1) + '.';
    }
}
