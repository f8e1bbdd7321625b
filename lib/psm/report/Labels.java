package psm.report;

import psm.cgroup.Cgroup;
import psm.name.UserNames;
import psm.scan.ProcessDetails;

import java.util.HashMap;
import java.util.Map;

/**
 * The data in which {@link Grouping#label} looks up names: those of users and of the machine, and
 * the parsed control groups of processes. Not for sharing between threads.
 */
public final class Labels {
    /** More control groups than most machines have at once. */
    private static final int MAX_CGROUPS = 4096;

    final UserNames users;
    final String host;

    /**
     * The parsed control groups by the content of the file, which is the same for many processes.
     */
    private final Map<String, Cgroup> cgroups = new HashMap<>();

    /**
     * Makes the data.
     *
     * @param host the name of the machine; {@code null} if it is not known
     */
    public Labels(UserNames users, String host) {
        this.users = users;
        this.host = host;
    }

    /** Returns whether so many control groups were parsed that a new object is better. */
    public boolean isFull() {
        return cgroups.size() > MAX_CGROUPS;
    }

    /** Returns the control group of a process. Each content is parsed once. */
    Cgroup cgroup(ProcessDetails details) {
        Cgroup cgroup = cgroups.get(details.cgroup());
        if (cgroup == null) {
            cgroup = Cgroup.parse(details.cgroup());
            cgroups.put(details.cgroup(), cgroup);
        }
        return cgroup;
    }
}
