package psm.scan;

import psm.cgroup.Cgroup;
import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.name.UserNames;
import psm.proc.ClockTicks;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.smaps.Mappings;
import psm.smaps.Usage;
import psm.text.Filter;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * The result of one scan. Plain data; may be shared between threads. {@code SnapshotWriter} writes
 * it to a file, which {@code SnapshotReader} reads.
 *
 * @param scope what was requested
 * @param run how the scan went
 * @param host the host's own figures
 * @param processes the processes that were measured, by ascending pid
 * @param unmeasured the processes that could not be measured, by ascending pid
 * @param users the names of the processes' users by id, if they were requested
 * @param groups the names of the processes' groups by id, if they were requested
 * @param cgroups the control groups of the processes and all groups above, by {@link
 *     Cgroup#memoryPath}; none if {@link Detail#CGROUP_MEMORY} was not requested
 * @param mappings the mappings of {@link #processes}; {@code null} if they were not requested
 */
public record Snapshot(
        Scope scope,
        Run run,
        Host host,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        Map<Long, String> users,
        Map<Long, String> groups,
        Map<String, CgroupMemory> cgroups,
        Mappings mappings) {
    /**
     * How much later than the uptime a process may have been started, besides the time of the scan,
     * since the uptime is read first. If it is too low, probes of slow machines show no ages; if it
     * is too high, young processes of a container have the age 0.
     */
    private static final long MAX_LATE_MILLIS = TimeUnit.MINUTES.toMillis(1);

    private static final int HALF_SECOND_MILLIS = 500;

    /**
     * What was requested from a scan.
     *
     * @param filtered whether processes were left out by name, pid or another option
     * @param heap whether heaps were requested; otherwise {@link Usage#heap} has no meaning
     * @param details the details that were requested for each process
     * @param timeoutNanos how long one process may block before it is skipped
     */
    public record Scope(boolean filtered, boolean heap, Set<Detail> details, long timeoutNanos) {}

    /**
     * How a scan went.
     *
     * @param takenAt when it began
     * @param nanos how long it took
     * @param listed the number of processes, with kernel threads and zombies
     * @param hidden whether there are processes that psm cannot see (hidepid)
     * @param bytesRead bytes of smaps, smaps_rollup and maps
     * @param workers the number of threads
     * @param slowest the processes that took longest to read, the longest first
     * @param psmVersion the version of the psm that scanned
     * @param own psm's own process, which no report shows unless it is asked for by its pid; {@code
     *     null} if it was not read, or is one of the others
     */
    public record Run(
            Instant takenAt,
            long nanos,
            int listed,
            boolean hidden,
            long bytesRead,
            int workers,
            List<Slow> slowest,
            String psmVersion,
            ProcessMemory own) {

        private Run withSlowest(List<Slow> others) {
            return with(others, own);
        }

        private Run with(List<Slow> others, ProcessMemory psm) {
            return new Run(
                    takenAt, nanos, listed, hidden, bytesRead, workers, others, psmVersion, psm);
        }
    }

    /** A process and how long it took to read it; its memory map was locked for as long. */
    public record Slow(int pid, String program, long nanos) {}

    /** Returns the same snapshot of a host with another name. */
    public Snapshot ofHost(String name) {
        return new Snapshot(
                scope,
                run,
                host.named(name),
                processes,
                unmeasured,
                users,
                groups,
                cgroups,
                mappings);
    }

    /** Returns all processes that were measured, psm's own too, by ascending pid. */
    public List<ProcessMemory> processesAndOwn() {
        if (run.own == null) {
            return processes;
        }
        List<ProcessMemory> all = new ArrayList<>(processes);
        int at = 0;
        while (at < all.size() && all.get(at).pid() < run.own.pid()) {
            at++;
        }
        all.add(at, run.own);
        return all;
    }

    /**
     * Returns the same snapshot with one process as psm's own.
     *
     * @param pid the pid; any other number to change nothing
     */
    public Snapshot without(long pid) {
        List<ProcessMemory> others = new ArrayList<>(processes.size());
        ProcessMemory own = null;
        for (ProcessMemory process : processes) {
            if (process.pid() == pid) {
                own = process;
            } else {
                others.add(process);
            }
        }
        return own == null ? this : withOwn(others, own);
    }

    private Snapshot withOwn(List<ProcessMemory> measured, ProcessMemory own) {
        return new Snapshot(
                scope,
                run.with(run.slowest, own),
                host,
                measured,
                unmeasured,
                users,
                groups,
                cgroups,
                mappings);
    }

    /** Returns the same snapshot with psm's own process as one of the others. */
    public Snapshot withOwn() {
        List<ProcessMemory> all = new ArrayList<>(processesAndOwn());
        for (int i = 0; i < all.size(); i++) {
            if (run.own != null && all.get(i).pid() == run.own.pid()) {
                all.set(i, run.own.named(ProcessReader.OWN)); // a collector takes it for a java
            }
        }
        return withOwn(all, null);
    }

    /** Counts the processes that were not measured for a reason. */
    public int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }

    /** Counts the processes whose RAM may be too high. */
    public int estimated() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.isEstimated()) {
                count++;
            }
        }
        return count;
    }

    /** Counts the processes whose memory may be counted twice. */
    public int doubtful() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.doubtful()) {
                count++;
            }
        }
        return count;
    }

    /**
     * Returns the host's uptime in milliseconds if ages of processes can be computed from it, see
     * {@link ProcessMemory#ageMillis}; else {@link Missing#VALUE}. In a container, lxcfs can show
     * the uptime of the container, beside start times that are those of the host: then processes
     * were started later than now.
     */
    public long uptimeOfProcesses() {
        long uptime = host.uptimeMillis();
        long latest = uptime + TimeUnit.NANOSECONDS.toMillis(run.nanos) + MAX_LATE_MILLIS;
        for (ProcessMemory process : processes) {
            if (process.startTime() > latest / ClockTicks.MILLIS) {
                return Missing.VALUE;
            }
        }
        return uptime;
    }

    /**
     * Returns when a process was started; {@code null} if that is not known.
     *
     * @param boot see {@link #bootSeconds}
     */
    public static Instant startedAt(ProcessMemory process, long boot) {
        long ticks = process.startTime();
        boolean isKnown = !Missing.is(boot) && !Missing.is(ticks);
        return !isKnown || ticks > Host.MAX_UPTIME_MILLIS / ClockTicks.MILLIS
                ? null
                : Instant.ofEpochSecond(boot).plusMillis(ticks * ClockTicks.MILLIS);
    }

    /**
     * Returns when the host was started, in seconds since 1970, which is the same in each snapshot.
     * Without {@link Host#bootSeconds}, it looks at all processes.
     */
    public long bootSeconds() {
        if (!Missing.is(host.bootSeconds())) {
            return host.bootSeconds();
        }
        long uptime = uptimeOfProcesses();
        return Missing.is(uptime)
                ? uptime
                : Math.floorDiv(
                        run.takenAt.toEpochMilli() - uptime + HALF_SECOND_MILLIS,
                        2 * HALF_SECOND_MILLIS);
    }

    /** Returns the pids of all processes, measured or not. */
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

    /**
     * Returns the same snapshot with names by another rule. Processes whose other names are not
     * known keep theirs.
     */
    public Snapshot named(boolean byTitle, boolean scripts) {
        List<ProcessMemory> named = new ArrayList<>(processes.size());
        for (ProcessMemory process : processes) {
            named.add(process.named(process.program().named(byTitle, scripts)));
        }
        List<Unmeasured> others = new ArrayList<>(unmeasured.size());
        for (Unmeasured process : unmeasured) {
            others.add(process.named(byTitle, scripts));
        }
        return withProcesses(named, others, scope.filtered);
    }

    /**
     * Returns what a scan of the selected processes would have seen. A process that was not
     * measured is left out only if its pid rules it out, since nothing else is known about it.
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
        return withProcesses(measured, others, true);
    }

    private static boolean isChosen(int pid, Selection selection, Set<Integer> descendants) {
        return selection.takesPid(pid) && (descendants == null || descendants.contains(pid));
    }

    /** Returns the names of users and groups on the scanned host that this snapshot contains. */
    public UserNames userNames() {
        return UserNames.of(users, groups);
    }

    /** Returns the same snapshot with the names of its processes' users and groups. */
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
        return new Snapshot(
                scope, run, host, processes, unmeasured, userNames, groupNames, cgroups, mappings);
    }

    /**
     * Returns what a scan with that filter would have seen: processes that are known to have other
     * names are in no figure and in no count.
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
                boolean isExact = process.estimate() == null;
                if (!isExact && !isNameKnown(process.program().names())) {
                    others.add(process.unmeasured());
                } else if (filter.finds(process.program().name())) {
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
        return withProcesses(measured, others, true);
    }

    /**
     * Returns whether the name of a process that was not measured is known by each rule. Otherwise
     * it has the kernel's name, which may be another one.
     *
     * @param names its names; {@code null} if they are not known or were not requested
     */
    private boolean isNameKnown(Program.Names names) {
        return names != null || !scope.details.contains(Detail.NAMES);
    }

    private void addIfFound(Unmeasured process, Filter filter, List<Unmeasured> found) {
        try {
            if (process.program() == null
                    || !isNameKnown(process.names())
                    || filter.finds(process.program())) {
                found.add(process);
            }
        } catch (IOException e) {
            found.add(failed(process.pid(), process.program(), process.names(), e));
        }
    }

    private static Unmeasured failed(int pid, String name, Program.Names names, IOException e) {
        return new Unmeasured(pid, name, Unmeasured.Reason.FAILED, e.getMessage(), names);
    }

    /** Returns the same snapshot with other figures of its processes and of the host's memory. */
    public Snapshot with(List<ProcessMemory> measured, HostMemory memory) {
        Host other = host.with(memory);
        return new Snapshot(
                scope, run, other, measured, unmeasured, users, groups, cgroups, mappings);
    }

    /** Returns the same snapshot with the figures of the memory controller. */
    public Snapshot withCgroups(Map<String, CgroupMemory> memoryOfCgroups) {
        Set<Detail> details = EnumSet.of(Detail.CGROUP_MEMORY);
        details.addAll(scope.details);
        Scope other = new Scope(scope.filtered, scope.heap, details, scope.timeoutNanos);
        return new Snapshot(
                other, run, host, processes, unmeasured, users, groups, memoryOfCgroups, mappings);
    }

    /**
     * Returns the same snapshot with other processes. Its list of the slowest processes contains
     * only these processes, with their new names.
     */
    public Snapshot withProcesses(
            List<ProcessMemory> measured, List<Unmeasured> others, boolean isFiltered) {
        Map<Integer, String> names = new HashMap<>();
        for (ProcessMemory process : measured) {
            names.put(process.pid(), process.program().name());
        }
        List<Slow> slow = new ArrayList<>();
        for (Slow process : run.slowest) {
            String name = names.get(process.pid());
            if (name != null) {
                slow.add(new Slow(process.pid(), name, process.nanos()));
            }
        }
        Scope other = new Scope(isFiltered, scope.heap, scope.details, scope.timeoutNanos);
        Run renamed = run.withSlowest(slow);
        return new Snapshot(
                other, renamed, host, measured, others, users, groups, cgroups, mappings);
    }
}
