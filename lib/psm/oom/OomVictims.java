package psm.oom;

import psm.cgroup.Cgroup;
import psm.cgroup.CgroupMemory;
import psm.proc.HostMemory;
import psm.proc.KernelVersion;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The processes that the kernel's OOM killer would kill, in its order (mm/oom_kill.c).
 *
 * <p>It kills the process with the highest badness: its pages in RAM, in swap and in page tables,
 * plus oom_score_adj thousandths of all RAM and swap. If several have the same badness, it kills
 * the one that started last. {@code oom_score} is the badness in thousandths of all memory (since
 * 5.9 two thirds of that plus 1000), so many processes have the same score; psm sorts those by
 * {@link OomVictim#badness}.
 *
 * <p>It never kills kernel threads, the host's init, and processes with an adjustment of -1000. All
 * processes with the same address space die together. If a cgroup (v2) sets {@code
 * memory.oom.group} (4.19), all processes in the uppermost such cgroup die together, except those
 * that are never killed.
 *
 * <p>When a cgroup reaches its limit, the kernel kills a process in that cgroup or below it.
 * Adjustments are then thousandths of that limit, so the order may differ. Before that, it reclaims
 * what it can, above all the pages of files, see {@link OomVictim#badnessAtLimit}.
 */
final class OomVictims {
    private static final int INIT = 1;

    /** The adjustment of processes that are never killed, OOM_SCORE_ADJ_MIN. */
    private static final int NEVER = -1000;

    /** The kernel's version from which on scores are two thirds of 1000 plus what they were. */
    private static final int[] RAISED = {5, 9};

    /** The number of high scores that cannot be a coincidence. */
    private static final int ENOUGH = 10;

    /** The score that stands for all memory. */
    private static final int PARTS = 1000;

    private final Snapshot snapshot;

    /** Values of {@link Cgroup#memoryPath} by the contents of {@code /proc/PID/cgroup}. */
    private final Map<String, String> memoryPaths = new HashMap<>();

    /** Values of {@link OomVictim#oomGroup} by cgroup; a path may be 2,000 groups deep. */
    private final Map<String, String> oomGroups = new HashMap<>();

    /** The victims; the first to die is last. */
    private final List<OomVictim> inOrder;

    private final boolean isAnyScored;

    /** Whether scores are two thirds of what they were before 5.9 plus 1000. */
    private final boolean areRaised;

    /** All RAM and swap of the machine. */
    private final long hostBytes;

    /** By {@link OomVictim#oomGroup}. */
    private final Map<String, GroupKills> groupKills;

    OomVictims(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.inOrder = victims();
        this.hostBytes = hostBytes(snapshot.host().memory());
        inOrder.sort(new Order(null, hostBytes));
        // A score is higher than a missing one.
        this.isAnyScored = !inOrder.isEmpty() && isScored(inOrder.get(inOrder.size() - 1));
        this.areRaised = findRaised();
        this.groupKills = sumGroupKills();
    }

    /** Returns all victims when the host runs out of memory; the first to die is last. */
    List<OomVictim> inOrder() {
        return inOrder;
    }

    /** Returns the paths of the cgroups of processes. */
    Set<String> cgroups(List<ProcessMemory> processes) {
        Set<String> cgroups = new HashSet<>();
        for (ProcessMemory process : processes) {
            cgroups.add(memoryPath(process));
        }
        cgroups.remove(null);
        return cgroups;
    }

    /** Returns whether scores are two thirds of what they were before 5.9 plus 1000. */
    boolean areRaised() {
        return areRaised;
    }

    /** Returns whether the kernel reports the score of any process. */
    boolean isAnyScored() {
        return isAnyScored;
    }

    /** Returns whether the place of a victim is known: if it has a score, or none has. */
    boolean isRanked(OomVictim victim) {
        return isScored(victim) || !isAnyScored;
    }

    private static boolean isScored(OomVictim victim) {
        return victim.main().details().oomScore() != Missing.VALUE;
    }

    /**
     * Returns the score in thousandths of the machine's memory, as kernels before 5.9 print it, so
     * that those of several machines can be compared.
     */
    double thousandths(OomVictim victim) {
        long score = victim.main().details().oomScore();
        if (score == Missing.VALUE) {
            return Double.NEGATIVE_INFINITY;
        }
        return areRaised ? score * 1.5 - PARTS : score;
    }

    /** Returns the badness as a part of the machine's memory; 0 if that is not known. */
    double part(OomVictim victim) {
        return hostBytes > 0 ? victim.badness(hostBytes) / hostBytes : 0;
    }

    /**
     * Returns whether scores are two thirds of what they were before 5.9 plus 1000. Vendors have
     * added this to older kernels: then all scores are as high as that makes them.
     */
    private boolean findRaised() {
        String kernel = snapshot.host().kernel();
        if (kernel == null || KernelVersion.isSince(kernel, RAISED)) {
            return true;
        }
        for (OomVictim victim : inOrder) {
            long adj = Missing.orZero(victim.main().details().oomScoreAdj());
            long least = (PARTS + adj) * 2 / 3;
            if (isScored(victim) && victim.main().details().oomScore() < least - 1) {
                return false;
            }
        }
        return inOrder.size() >= ENOUGH;
    }

    /**
     * Returns the first to die when a cgroup reaches its limit; {@code null} for none.
     *
     * @param limiting the cgroup that sets the limit
     */
    OomVictim firstIn(String limiting) {
        CgroupMemory memory = snapshot.cgroups().get(limiting);
        if (!memory.limits().killing()) {
            return null;
        }
        Order order = new Order(limiting, bytes(memory.limits()));
        Map<String, Boolean> isIn = new HashMap<>();
        OomVictim first = null;
        for (OomVictim victim : inOrder) {
            Boolean isCharged = isIn.get(victim.cgroup());
            if (isCharged == null) {
                isCharged = CgroupMemory.isCharged(victim.cgroup(), limiting, snapshot.cgroups());
                isIn.put(victim.cgroup(), isCharged);
            }
            if (isCharged && (first == null || order.compare(victim, first) > 0)) {
                first = victim;
            }
        }
        return first;
    }

    /**
     * Returns the cgroup that is killed as a whole if the victim is killed, or {@code null}.
     *
     * @param limiting the cgroup that reaches its limit; cgroups above it are not killed
     */
    String oomGroup(OomVictim victim, String limiting) {
        return uppermostOomGroup(victim.cgroup(), limiting);
    }

    /** Counts the processes that die when a cgroup dies as a whole. */
    long killableIn(String cgroup) {
        long count = 0;
        for (ProcessMemory process : snapshot.processes()) {
            if (CgroupMemory.isWithin(memoryPath(process), cgroup) && isKillable(process)) {
                count++;
            }
        }
        return count;
    }

    /** The sums over the processes of a cgroup that die together. */
    static final class GroupKills {
        /** The number of processes. */
        long count;

        /** The bytes that their death frees, see {@link OomVictim#frees}. */
        long bytes = Missing.VALUE;

        void add(ProcessMemory process) {
            long frees = process.isCounted() ? OomVictim.frees(process.usage()) : 0;
            count++;
            bytes = Missing.plus(bytes, frees);
        }
    }

    /** Returns what dies with each {@link OomVictim#oomGroup}. */
    Map<String, GroupKills> groupKills() {
        return groupKills;
    }

    private Map<String, GroupKills> sumGroupKills() {
        Map<String, GroupKills> sums = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            String group = oomGroup(memoryPath(process));
            if (group != null && isKillable(process)) {
                GroupKills kills = sums.get(group);
                if (kills == null) {
                    kills = new GroupKills();
                    sums.put(group, kills);
                }
                kills.add(process);
            }
        }
        return sums;
    }

    private List<OomVictim> victims() {
        Map<Integer, List<ProcessMemory>> byAddressSpace = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            List<ProcessMemory> sharers = byAddressSpace.get(process.addressSpace());
            if (sharers == null) {
                sharers = new ArrayList<>(1);
                byAddressSpace.put(process.addressSpace(), sharers);
            }
            sharers.add(process);
        }
        List<OomVictim> victims = new ArrayList<>(byAddressSpace.size());
        for (Collection<ProcessMemory> sharers : byAddressSpace.values()) {
            addTo(victims, sharers);
        }
        return victims;
    }

    /**
     * Adds the processes of one address space. A process that is never killed by itself dies if the
     * kernel kills another one with the same address space, unless it is init.
     */
    private void addTo(List<OomVictim> victims, Collection<ProcessMemory> sharers) {
        List<Integer> pids = new ArrayList<>(sharers.size());
        ProcessMemory main = null;
        for (ProcessMemory process : sharers) {
            if (!isInit(process)) {
                pids.add(process.pid());
            }
            if (isKillable(process)
                    && (main == null || process.details().oomScore() > main.details().oomScore())) {
                main = process;
            }
        }
        if (main != null) {
            String cgroup = memoryPath(main);
            victims.add(new OomVictim(main, List.copyOf(pids), cgroup, oomGroup(cgroup)));
        }
    }

    private static boolean isKillable(ProcessMemory process) {
        return process.details().oomScoreAdj() != NEVER && !isInit(process);
    }

    /** Returns whether a process is the host's init. The init of a container has a score. */
    private static boolean isInit(ProcessMemory process) {
        return process.pid() == INIT && process.details().oomScore() <= 0;
    }

    private String memoryPath(ProcessMemory process) {
        String content = process.details().cgroup();
        if (content == null) {
            return null;
        }
        if (!memoryPaths.containsKey(content)) {
            memoryPaths.put(content, Cgroup.parse(content).memoryPath());
        }
        return memoryPaths.get(content);
    }

    private String oomGroup(String cgroup) {
        if (!oomGroups.containsKey(cgroup)) {
            oomGroups.put(cgroup, uppermostOomGroup(cgroup, null));
        }
        return oomGroups.get(cgroup);
    }

    /**
     * Returns the uppermost cgroup, from a cgroup up, that has {@code memory.oom.group} set.
     *
     * @param top the cgroup at which to stop; {@code null} for the root
     */
    private String uppermostOomGroup(String cgroup, String top) {
        String group = null;
        for (String above = cgroup; above != null; above = CgroupMemory.parent(above)) {
            CgroupMemory memory = snapshot.cgroups().get(above);
            if (memory != null && memory.oomGroup()) {
                group = above;
            }
            if (above.equals(top)) {
                return group;
            }
        }
        return group;
    }

    private static long hostBytes(HostMemory memory) {
        return Missing.plus(Missing.orZero(memory.bytes("MemTotal")), memory.bytes("SwapTotal"));
    }

    /**
     * Returns the RAM and swap that a cgroup may use, like mem_cgroup_get_max (mm/memcontrol.c).
     * The kernel swaps out nothing of a cgroup whose swappiness is 0.
     */
    private long bytes(CgroupMemory.Limits limits) {
        if (limits.swappiness() == 0) {
            return limits.least();
        }
        long swap = Missing.orZero(snapshot.host().memory().bytes("SwapTotal"));
        return Missing.plus(
                limits.least(),
                limits.swap() == Missing.VALUE ? swap : Math.min(swap, limits.swap()));
    }

    /**
     * The order of death: the first to die is the greatest.
     *
     * @param limiting the cgroup that reaches its limit; {@code null} if the host runs out of
     *     memory, then scores decide
     * @param all the RAM and swap that may be used
     */
    private record Order(String limiting, long all) implements Comparator<OomVictim> {
        @Override
        public int compare(OomVictim a, OomVictim b) {
            int order = limiting == null ? Long.compare(score(a), score(b)) : 0;
            if (order == 0) {
                order = Double.compare(badness(a), badness(b));
            }
            if (order == 0) {
                order = Long.compare(a.main().startTime(), b.main().startTime());
            }
            return order == 0 ? Integer.compare(a.main().pid(), b.main().pid()) : order;
        }

        private double badness(OomVictim victim) {
            return limiting == null ? victim.badness(all) : victim.badnessAtLimit(all);
        }

        private static long score(OomVictim victim) {
            return victim.main().details().oomScore();
        }
    }
}
