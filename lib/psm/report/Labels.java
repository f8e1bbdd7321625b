package psm.report;

import psm.cgroup.Cgroup;
import psm.name.UserNames;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.text.Text;

import java.util.HashMap;
import java.util.Map;

/**
 * What processes are called by each way to group them. Not for sharing between threads.
 *
 * <p>All of it is bytes that strangers chose, as {@link Text} has them.
 */
final class Labels {
    private final UserNames users;

    /** By what the files say: many processes are in one group. */
    private final Map<String, Cgroup> cgroups = new HashMap<>();

    Labels(UserNames users) {
        this.users = users;
    }

    /** The name of the group that the process is in; {@code null} for none, or where not known. */
    String of(Grouping grouping, ProcessMemory process) {
        ProcessDetails details = process.details();
        return switch (grouping) {
            case PROGRAM, PID, PARENT, TREE -> process.program().name();
            case COMMAND ->
                    details.command() == null
                            ? '[' + process.program().name() + ']'
                            : details.command();
            case USER -> users.user(details.user());
            case GROUP -> users.group(details.group());
            case CGROUP -> cgroup(details).path();
            case UNIT -> cgroup(details).unit();
            case CONTAINER -> cgroup(details).container();
        };
    }

    /** What the process's file of control groups says. */
    Cgroup cgroup(ProcessDetails details) {
        Cgroup cgroup = cgroups.get(details.cgroup());
        if (cgroup == null) {
            cgroup = Cgroup.parse(details.cgroup());
            cgroups.put(details.cgroup(), cgroup);
        }
        return cgroup;
    }
}
