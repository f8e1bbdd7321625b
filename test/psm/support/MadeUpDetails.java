package psm.support;

import psm.scan.ProcessDetails;

/** Makes up what {@code /proc/PID} contains of a process beside its memory. */
public final class MadeUpDetails {
    private MadeUpDetails() {}

    /** Returns the details of a process whose figures are 0, but for one thread. */
    public static ProcessDetails of(int parent, long user, String cgroup, String command) {
        return new ProcessDetails(
                parent, 1, new ProcessDetails.Status(user, 0, 0, 0), 0, 0, 0, cgroup, command);
    }
}
