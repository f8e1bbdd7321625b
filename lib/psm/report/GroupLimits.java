package psm.report;

import psm.cgroup.CgroupMemory;
import psm.scan.ProcessMemory;
import psm.text.Missing;

import java.util.HashMap;
import java.util.Map;

/** The memory limits that processes have by their control groups. Not for sharing. */
final class GroupLimits {
    private final Map<String, CgroupMemory> cgroups;
    private final Labels labels;

    /** By a control group's path: the one whose limit it has. A path may be of 2,000 groups. */
    private final Map<String, String> limiting = new HashMap<>();

    /**
     * Looks up limits in a snapshot's cgroups.
     *
     * @param cgroups what the memory controller says, by path
     */
    GroupLimits(Map<String, CgroupMemory> cgroups, Labels labels) {
        this.cgroups = cgroups;
        this.labels = labels;
    }

    /** The limit in bytes; {@code null} where none limits all of them, or several do. */
    Long limit(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        return cgroup == null ? null : (Long) cgroup.max();
    }

    /** How much of it the control group uses, in percent; {@code null} likewise. */
    Double used(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        boolean isKnown = cgroup != null && cgroup.current() != Missing.VALUE && cgroup.max() > 0;
        return isKnown ? (Double) (100.0 * cgroup.current() / cgroup.max()) : null;
    }

    private CgroupMemory of(ProcessGroup group) {
        String first = limiting(group.members.get(0));
        for (ProcessMemory process : group.members) {
            if (first == null || !first.equals(limiting(process))) {
                return null;
            }
        }
        return cgroups.get(first);
    }

    private String limiting(ProcessMemory process) {
        String path = labels.cgroup(process.details()).memoryPath();
        if (path == null) {
            return null;
        }
        if (!limiting.containsKey(path)) {
            limiting.put(path, CgroupMemory.limiting(path, cgroups));
        }
        return limiting.get(path);
    }
}
