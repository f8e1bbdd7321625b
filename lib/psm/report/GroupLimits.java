package psm.report;

import psm.cgroup.CgroupMemory;
import psm.scan.ProcessMemory;
import psm.text.Missing;

import java.util.HashMap;
import java.util.Map;

/** The memory limits that control groups set. Not for sharing between threads. */
final class GroupLimits {
    private final Map<String, CgroupMemory> cgroups;
    private final Labels labels;

    /**
     * For the path of each control group with processes, the path of the group whose limit applies
     * to it. This is a cache, since a path may be 2,000 groups deep.
     */
    private final Map<String, String> limiting = new HashMap<>();

    /**
     * Makes an object that looks up limits in a snapshot's control groups.
     *
     * @param cgroups the figures of the memory controller, by path
     */
    GroupLimits(Map<String, CgroupMemory> cgroups, Labels labels) {
        this.cgroups = cgroups;
        this.labels = labels;
    }

    /** Returns the limit in bytes; {@code null} if the processes do not have the same one. */
    Long limit(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        return cgroup == null ? null : (Long) cgroup.limits().least();
    }

    /**
     * Returns the percentage of its limit that the control group needs, see {@link
     * CgroupMemory.InUse#needed}; {@code null} if it is not known, or if the processes do not have
     * the same limit.
     */
    Double used(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        long needed = cgroup == null ? Missing.VALUE : cgroup.inUse().needed();
        boolean isKnown = needed != Missing.VALUE && cgroup.limits().least() > 0;
        return isKnown ? (Double) (100.0 * needed / cgroup.limits().least()) : null;
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
