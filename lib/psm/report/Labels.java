package psm.report;

import psm.cgroup.Cgroup;
import psm.cgroup.StableName;
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

    /** The {@link StableName} of each name that was asked for; {@code null} to keep all names. */
    private final Map<String, String> stable;

    /**
     * Makes the data.
     *
     * @param host the name of the machine; {@code null} if it is not known
     */
    public Labels(UserNames users, String host) {
        this(users, host, false);
    }

    /**
     * Makes the data.
     *
     * @param host the name of the machine; {@code null} if it is not known
     * @param areStable whether units and control groups have their {@link StableName}
     */
    public Labels(UserNames users, String host, boolean areStable) {
        this.users = users;
        this.host = host;
        this.stable = areStable ? new HashMap<>() : null;
    }

    /** Returns the name of a unit or a control group as rows have it; {@code null} for none. */
    String shown(String name) {
        if (stable == null || name == null) {
            return name;
        }
        String shown = stable.get(name);
        if (shown == null) {
            shown = StableName.of(name);
            stable.put(name, shown);
        }
        return shown;
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
