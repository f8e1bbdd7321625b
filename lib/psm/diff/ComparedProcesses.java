package psm.diff;

import psm.proc.ClockTicks;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Finds the processes of two snapshots of one boot that can be compared. A process is not new if it
 * ran already when the first snapshot was taken, which could not read it: its owner was another
 * user, or the writer of the snapshot chose other processes. It has not ended either if the second
 * one could not read it.
 */
final class ComparedProcesses {
    private final Side before;
    private final Side after;

    ComparedProcesses(Side before, Side after) {
        this.before = before;
        this.after = after;
    }

    /** Returns the processes of the first snapshot. */
    List<ProcessMemory> before() {
        Set<Integer> unread = unmeasured(after.snapshot());
        boolean isAnyHidden = after.isPartial() || after.snapshot().run().hidden();
        List<ProcessMemory> compared = new ArrayList<>();
        for (ProcessMemory process : before.snapshot().processes()) {
            boolean isRead = after.pids().contains(process.pid());
            if (isRead || !(isAnyHidden || unread.contains(process.pid()))) {
                compared.add(process);
            }
        }
        return compared;
    }

    /** Returns the processes of the second snapshot. */
    List<ProcessMemory> after() {
        long uptime = before.snapshot().uptimeOfProcesses();
        Set<Integer> unread = unmeasured(before.snapshot());
        boolean isAnyHidden = before.isPartial() || before.snapshot().run().hidden();
        List<ProcessMemory> compared = new ArrayList<>();
        for (ProcessMemory process : after.snapshot().processes()) {
            boolean isRead = before.pids().contains(process.pid());
            boolean isLater =
                    !Missing.is(uptime) && process.startTime() * ClockTicks.MILLIS >= uptime;
            if (isRead || isLater || !(isAnyHidden || unread.contains(process.pid()))) {
                compared.add(process);
            }
        }
        return compared;
    }

    private static Set<Integer> unmeasured(Snapshot snapshot) {
        Set<Integer> pids = new HashSet<>();
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() != Unmeasured.Reason.VANISHED) {
                pids.add(process.pid());
            }
        }
        return pids;
    }
}
