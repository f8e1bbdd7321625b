package psm.report;

import psm.cgroup.Cgroup;
import psm.name.UserNames;
import psm.scan.ProcessDetails;

import java.util.HashMap;
import java.util.Map;

/**
 * What {@link Grouping#label} looks names up in: the names of users, and the parsed control groups
 * of processes. Not for sharing between threads.
 */
final class Labels {
    final UserNames users;

    /** Parsed control groups by the contents of the file, which many processes have in common. */
    private final Map<String, Cgroup> cgroups = new HashMap<>();

    Labels(UserNames users) {
        this.users = users;
    }

    /** Parses the control group of a process, unless another process has the same. */
    Cgroup cgroup(ProcessDetails details) {
        Cgroup cgroup = cgroups.get(details.cgroup());
        if (cgroup == null) {
            cgroup = Cgroup.parse(details.cgroup());
            cgroups.put(details.cgroup(), cgroup);
        }
        return cgroup;
    }
}
