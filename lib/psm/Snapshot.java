package psm;

import java.time.Instant;
import java.util.List;

/**
 * Everything that one scan saw. Plain data; may be shared between threads.
 *
 * @param takenAt when the scan began
 * @param nanos how long it took
 * @param host {@code /proc/sys/kernel/hostname}, or {@code null}
 * @param kernel {@code /proc/sys/kernel/osrelease}, or {@code null}
 * @param listed how many processes there were, kernel threads and zombies too
 * @param processes those that were measured, by ascending pid
 * @param unmeasured those that were seen and could not be measured, by ascending pid
 * @param hidden whether there are processes that psm does not get to see (hidepid)
 * @param filtered whether processes were left out that have other names than those asked for
 * @param memory the host's own account
 * @param bytesRead of smaps, smaps_rollup and maps
 * @param workers how many threads scanned
 * @param slowest the processes that took longest to read, the longest first
 */
record Snapshot(
        Instant takenAt,
        long nanos,
        String host,
        String kernel,
        int listed,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        boolean hidden,
        boolean filtered,
        HostMemory memory,
        long bytesRead,
        int workers,
        List<Slow> slowest) {

    /** How long it took to read a process: for as long, its memory map was held. */
    record Slow(int pid, String program, long nanos) {}

    int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }

    /** How many processes have RAM that may be too much. */
    int estimated() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.isEstimated()) {
                count++;
            }
        }
        return count;
    }

    /** How many of those may have their memory in common with others. */
    int doubtful() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.doubtful()) {
                count++;
            }
        }
        return count;
    }
}
