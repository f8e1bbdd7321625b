package psm.scan;

import psm.cgroup.Cgroup;
import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.name.UserNames;
import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.smaps.Mappings;
import psm.smaps.Usage;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Version;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Everything that one scan saw. Plain data; may be shared between threads. {@code SnapshotWriter}
 * writes it to a file, {@code SnapshotReader} reads that.
 *
 * @param takenAt when the scan began
 * @param nanos how long it took
 * @param host {@code /proc/sys/kernel/hostname}, or {@code null}
 * @param kernel {@code /proc/sys/kernel/osrelease}, or {@code null}
 * @param listed how many processes there were, kernel threads and zombies too
 * @param processes those that were measured, by ascending pid
 * @param unmeasured those that were seen and could not be measured, by ascending pid
 * @param hidden whether there are processes that psm does not get to see (hidepid)
 * @param filtered whether processes were left out that nobody asked for, by name or pid
 * @param memory the host's own account
 * @param bytesRead of smaps, smaps_rollup and maps
 * @param workers how many threads scanned
 * @param slowest the processes that took longest to read, the longest first
 * @param psmVersion of the psm that scanned
 * @param timeoutNanos how long it took for a process that does not answer
 * @param heap whether the memory of heaps was asked for; else {@link Usage#heap} tells nothing
 * @param details what was asked for of each process beside its memory
 * @param users the names of the users that its processes have, by their ids, where they were asked
 *     for
 * @param groups likewise, of groups
 * @param pressure how long was waited for memory; {@code null} where {@link Detail#OOM} was not
 *     asked for
 * @param cgroups the groups of the processes and all above, by {@link Cgroup#memoryPath}; none
 *     where {@link Detail#CGROUP_MEMORY} was not asked for
 * @param mappings those of {@link #processes}; {@code null} where nobody asked for them
 */
public record Snapshot(
        Instant takenAt,
        long nanos,
        String host,
        String kernel,
        int listed,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        boolean hidden,
        boolean filtered,
        HostMemory memory,
        long bytesRead,
        int workers,
        List<Slow> slowest,
        String psmVersion,
        long timeoutNanos,
        boolean heap,
        Set<Detail> details,
        Map<Long, String> users,
        Map<Long, String> groups,
        Pressure pressure,
        Map<String, CgroupMemory> cgroups,
        Mappings mappings) {

    /** Of a scan that was asked for memory alone, by this psm. */
    public Snapshot(
            Instant takenAt,
            long nanos,
            String host,
            String kernel,
            int listed,
            List<ProcessMemory> processes,
            List<Unmeasured> unmeasured,
            boolean hidden,
            boolean filtered,
            HostMemory memory,
            long bytesRead,
            int workers,
            List<Slow> slowest) {
        this(
                takenAt,
                nanos,
                host,
                kernel,
                listed,
                processes,
                unmeasured,
                hidden,
                filtered,
                memory,
                bytesRead,
                workers,
                slowest,
                Version.CURRENT,
                ScanRequest.DEFAULT_TIMEOUT_NANOS,
                false,
                Collections.emptySet(),
                Collections.emptyMap(),
                Collections.emptyMap(),
                null,
                Collections.emptyMap(),
                null);
    }

    /** How long it took to read a process: for as long, its memory map was held. */
    public record Slow(int pid, String program, long nanos) {}

    public int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }

    /** How many processes have RAM that may be too much. */
    public int estimated() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.isEstimated()) {
                count++;
            }
        }
        return count;
    }

    /** How many of those may have their memory in common with others. */
    public int doubtful() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.doubtful()) {
                count++;
            }
        }
        return count;
    }

    /** Of all that were seen. */
    public int[] pids() {
        int[] pids = new int[processes.size() + unmeasured.size()];
        int count = 0;
        for (ProcessMemory process : processes) {
            pids[count++] = process.pid();
        }
        for (Unmeasured process : unmeasured) {
            pids[count++] = process.pid();
        }
        return pids;
    }

    /** The same, with processes named by another rule, as far as their names are known. */
    public Snapshot named(boolean byTitle, boolean scripts) {
        List<ProcessMemory> named = new ArrayList<>(processes.size());
        for (ProcessMemory process : processes) {
            named.add(process.named(process.program().named(byTitle, scripts)));
        }
        List<Unmeasured> others = new ArrayList<>(unmeasured.size());
        for (Unmeasured process : unmeasured) {
            others.add(process.named(byTitle, scripts));
        }
        return with(named, others, filtered);
    }

    /**
     * What a scan of those processes would have seen. Those that were not measured are left out
     * where their pids tell that they are not wanted: more is not known of them.
     */
    public Snapshot chosen(Selection selection, UserNames users) {
        Set<Integer> descendants =
                selection.needs(Detail.STAT)
                        ? selection.takenDescendants(pids(), Selection.parents(processes))
                        : null;
        List<ProcessMemory> measured = new ArrayList<>();
        for (ProcessMemory process : processes) {
            if (isChosen(process.pid(), selection, descendants)
                    && selection.takes(process.details(), users)) {
                measured.add(process);
            }
        }
        List<Unmeasured> others = new ArrayList<>();
        for (Unmeasured process : unmeasured) {
            if (isChosen(process.pid(), selection, descendants)) {
                others.add(process);
            }
        }
        AddressSpaces.countOnceAmong(measured);
        return with(measured, others, true);
    }

    private static boolean isChosen(int pid, Selection selection, Set<Integer> descendants) {
        return selection.takesPid(pid) && (descendants == null || descendants.contains(pid));
    }

    /** The names of the users and groups of the scanned host, as far as they were kept. */
    public UserNames userNames() {
        return UserNames.of(users, groups);
    }

    /** The same with the names of those users and groups that its processes have. */
    public Snapshot withNames(UserNames names) {
        Map<Long, String> userNames = new TreeMap<>();
        Map<Long, String> groupNames = new TreeMap<>();
        for (ProcessMemory process : processes) {
            ProcessDetails.Status status = process.details().status();
            if (!Missing.is(status.user())) {
                userNames.put(status.user(), names.user(status.user()));
            }
            if (!Missing.is(status.group())) {
                groupNames.put(status.group(), names.group(status.group()));
            }
        }
        return copy(
                processes,
                unmeasured,
                filtered,
                memory,
                slowest,
                details,
                userNames,
                groupNames,
                cgroups);
    }

    /**
     * What a scan with that filter would have seen: processes that are known to have other names
     * are in none of the figures and numbers.
     */
    public Snapshot filtered(Filter filter) {
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> others = new ArrayList<>();
        int next = 0;
        for (ProcessMemory process : processes) {
            for (; next < unmeasured.size() && unmeasured.get(next).pid() < process.pid(); next++) {
                addIfFound(unmeasured.get(next), filter, others);
            }
            try {
                if (filter.finds(process.program().name())) {
                    measured.add(process);
                }
            } catch (IOException e) {
                Program program = process.program();
                others.add(failed(process.pid(), program.name(), program.names(), e));
            }
        }
        for (; next < unmeasured.size(); next++) {
            addIfFound(unmeasured.get(next), filter, others);
        }
        AddressSpaces.countOnceAmong(measured);
        return with(measured, others, true);
    }

    private static void addIfFound(Unmeasured process, Filter filter, List<Unmeasured> found) {
        try {
            if (process.program() == null || filter.finds(process.program())) {
                found.add(process);
            }
        } catch (IOException e) {
            found.add(failed(process.pid(), process.program(), process.names(), e));
        }
    }

    private static Unmeasured failed(int pid, String name, Program.Names names, IOException e) {
        return new Unmeasured(pid, name, Unmeasured.Reason.FAILED, e.getMessage(), names);
    }

    /** The same scan with another account of the host's memory, and of the processes. */
    public Snapshot with(List<ProcessMemory> measured, HostMemory other) {
        return copy(
                measured, unmeasured, filtered, other, slowest, details, users, groups, cgroups);
    }

    /** The same scan with what the memory controller says. */
    public Snapshot with(Map<String, CgroupMemory> memoryOfCgroups) {
        Set<Detail> more = EnumSet.of(Detail.CGROUP_MEMORY);
        more.addAll(details);
        return copy(
                processes,
                unmeasured,
                filtered,
                memory,
                slowest,
                more,
                users,
                groups,
                memoryOfCgroups);
    }

    /** The same scan with other lists of processes, which the slowest are named after. */
    public Snapshot with(
            List<ProcessMemory> measured, List<Unmeasured> others, boolean isFiltered) {
        Map<Integer, String> names = new HashMap<>();
        for (ProcessMemory process : measured) {
            names.put(process.pid(), process.program().name());
        }
        List<Slow> slow = new ArrayList<>();
        for (Slow process : slowest) {
            String name = names.get(process.pid());
            if (name != null) {
                slow.add(new Slow(process.pid(), name, process.nanos()));
            }
        }
        return copy(measured, others, isFiltered, memory, slow, details, users, groups, cgroups);
    }

    /** The same scan, but for what is not of the scan's making alone. */
    private Snapshot copy(
            List<ProcessMemory> measured,
            List<Unmeasured> others,
            boolean isFiltered,
            HostMemory hostMemory,
            List<Slow> slow,
            Set<Detail> known,
            Map<Long, String> userNames,
            Map<Long, String> groupNames,
            Map<String, CgroupMemory> memoryOfCgroups) {
        return new Snapshot(
                takenAt,
                nanos,
                host,
                kernel,
                listed,
                measured,
                others,
                hidden,
                isFiltered,
                hostMemory,
                bytesRead,
                workers,
                slow,
                psmVersion,
                timeoutNanos,
                heap,
                known,
                userNames,
                groupNames,
                pressure,
                memoryOfCgroups,
                mappings);
    }
}
