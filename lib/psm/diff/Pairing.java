package psm.diff;

import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.Objects;

/**
 * Whether the processes of two snapshots can be compared one by one. A process is the same in both
 * if the boot, its pid and its start time are. Otherwise groups alone are compared, and nobody
 * knows what of a change is new.
 */
public enum Pairing {
    BY_PROCESS,
    /** The host was restarted, or these are two hosts. */
    OTHER_BOOT,
    /** One of the snapshots does not say from which boot it is. */
    UNKNOWN_BOOT,
    /** One of the snapshots does not say when a process started. */
    UNKNOWN_STARTS;

    /** Returns how to compare two snapshots. */
    public static Pairing of(Snapshot before, Snapshot after) {
        String boot = before.host().bootId();
        if (boot == null || after.host().bootId() == null) {
            return UNKNOWN_BOOT;
        }
        if (!Objects.equals(boot, after.host().bootId())) {
            return OTHER_BOOT;
        }
        return hasStarts(before) && hasStarts(after) ? BY_PROCESS : UNKNOWN_STARTS;
    }

    private static boolean hasStarts(Snapshot snapshot) {
        for (ProcessMemory process : snapshot.processes()) {
            if (Missing.is(process.startTime())) {
                return false;
            }
        }
        return true;
    }
}
