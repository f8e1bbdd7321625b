package psm.diff;

import psm.scan.ProcessMemory;
import psm.scan.Snapshot;

import java.util.HashSet;
import java.util.Set;

/**
 * One of the two snapshots of a {@link DiffReport}.
 *
 * @param name what the user calls it, for messages
 * @param snapshot its processes to compare, with the names of their users
 * @param pids all pids that were read when it was taken, shown or not
 * @param isPartial whether only some processes were read, which its writer chose
 */
public record Side(String name, Snapshot snapshot, Set<Integer> pids, boolean isPartial) {
    /** Makes a side of which all processes are compared. */
    Side(String name, Snapshot snapshot) {
        this(name, snapshot, pids(snapshot), false);
    }

    /** Returns the pids of the processes that were measured, psm's own too. */
    public static Set<Integer> pids(Snapshot snapshot) {
        Set<Integer> pids = new HashSet<>();
        for (ProcessMemory process : snapshot.processesAndOwn()) {
            pids.add(process.pid());
        }
        return pids;
    }

    /** Returns the name of its host; {@code null} if it is not known. */
    String host() {
        return snapshot.host().name();
    }
}
