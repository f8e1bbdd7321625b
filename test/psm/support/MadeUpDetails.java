package psm.support;

import psm.scan.ProcessDetails;

/** Makes up details of processes. */
public final class MadeUpDetails {
    private MadeUpDetails() {}

    /** Returns the details of a process whose figures are 0, except for one thread. */
    public static ProcessDetails of(int parent, long user, String cgroup, String command) {
        ProcessDetails.Status status = new ProcessDetails.Status(user, 0, 0, 0, 0, 0);
        return new ProcessDetails(
                parent, 1, status, 0, 0, 0, cgroup, command, ProcessDetails.Devices.UNKNOWN);
    }
}
