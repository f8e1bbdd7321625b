package psm.report;

import psm.cgroup.Cgroup;
import psm.cgroup.CgroupMemory;
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
 * Whom the kernel's OOM killer would take, and in what order (mm/oom_kill.c).
 *
 * <p>It takes the process whose badness is the highest: the pages that it has in RAM, in swap and
 * in page tables, and oom_score_adj thousandths of all RAM and swap. Of equals it takes the one
 * that started last. {@code oom_score} is the badness in thousandths of all (since 5.9 two thirds
 * of that plus 1000), so many have the same; those are in the order of {@link OomVictim#badness}.
 *
 * <p>Never taken are kernel threads, the host's init, and those with an adjustment of -1000. Those
 * that have the memory of the one that is taken die with it, and where a cgroup (v2) has {@code
 * memory.oom.group} (4.19), so do all in the uppermost such cgroup, but for those that are never
 * taken.
 *
 * <p>Where it is a cgroup's limit that is hit, the kernel takes one in that cgroup and those below;
 * adjustments are thousandths of that limit then, so that the order may be another.
 */
final class OomVictims {
    private static final int INIT = 1;

    /** OOM_SCORE_ADJ_MIN. */
    private static final int NEVER = -1000;

    private final Snapshot snapshot;

    /** {@link Cgroup#memoryPath} by what {@code /proc/PID/cgroup} says, which many have alike. */
    private final Map<String, String> memoryPaths = new HashMap<>();

    /** {@link OomVictim#oomGroup} by cgroup; a path may be of 2,000 groups. */
    private final Map<String, String> oomGroups = new HashMap<>();

    /** Who dies first is last. */
    private final List<OomVictim> inOrder;

    OomVictims(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.inOrder = victims();
        inOrder.sort(new Order(true, hostBytes()));
    }

    /** All that can be killed; who dies first, where the host has no memory left, is last. */
    List<OomVictim> inOrder() {
        return inOrder;
    }

    /** The cgroups that have processes. */
    Set<String> cgroups() {
        return new HashSet<>(memoryPaths.values());
    }

    /** Who dies first where a cgroup's limit is hit; {@code null} where nobody can be. */
    OomVictim firstIn(String cgroup) {
        Order order = new Order(false, bytes(snapshot.cgroups().get(cgroup)));
        OomVictim first = null;
        for (OomVictim victim : inOrder) {
            boolean isIn = CgroupMemory.isWithin(victim.cgroup(), cgroup);
            if (isIn && (first == null || order.compare(victim, first) > 0)) {
                first = victim;
            }
        }
        return first;
    }

    /**
     * The cgroup that dies with a process where the limit of a cgroup is hit: those above that one
     * are not asked. {@code null} where none does.
     */
    String oomGroup(OomVictim victim, String limiting) {
        return uppermostOomGroup(victim.cgroup(), limiting);
    }

    /** How many die where a cgroup dies as a whole. */
    long killableIn(String cgroup) {
        long count = 0;
        for (ProcessMemory process : snapshot.processes()) {
            if (CgroupMemory.isWithin(memoryPath(process), cgroup) && isKillable(process)) {
                count++;
            }
        }
        return count;
    }

    /** What dies at once. */
    static final class GroupKills {
        /** Of processes. */
        long count;

        /**
         * What that frees, see {@link OomVictim#frees}; {@link Missing#VALUE} where that is not
         * known of any.
         */
        long bytes = Missing.VALUE;

        void add(ProcessMemory process) {
            long frees = process.isCounted() ? OomVictim.frees(process.usage()) : 0;
            count++;
            bytes = Missing.plus(bytes, frees);
        }
    }

    /** By {@link OomVictim#oomGroup}. */
    Map<String, GroupKills> groupKills() {
        Map<String, GroupKills> groupKills = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            String group = oomGroup(memoryPath(process));
            if (group != null && isKillable(process)) {
                GroupKills kills = groupKills.get(group);
                if (kills == null) {
                    kills = new GroupKills();
                    groupKills.put(group, kills);
                }
                kills.add(process);
            }
        }
        return groupKills;
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
     * One that is never taken dies all the same where another has its memory, unless it is init.
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

    /** In a container, the first process is none: the kernel gives it a score. */
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
     * @param top where to end; {@code null} for the root
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

    private long hostBytes() {
        long ram = snapshot.host().memory().bytes("MemTotal");
        return Missing.plus(Missing.orZero(ram), snapshot.host().memory().bytes("SwapTotal"));
    }

    /** As mem_cgroup_get_max (mm/memcontrol.c) has it: its limit, and what it may have of swap. */
    private long bytes(CgroupMemory memory) {
        long swap = Missing.orZero(snapshot.host().memory().bytes("SwapTotal"));
        long swapMax = memory.swapMax() == Missing.VALUE ? swap : memory.swapMax();
        return Missing.plus(memory.max(), Math.min(swap, swapMax));
    }

    /** Who dies first is the greatest. */
    private record Order(boolean byScore, long all) implements Comparator<OomVictim> {
        @Override
        public int compare(OomVictim a, OomVictim b) {
            int order = byScore ? Long.compare(score(a), score(b)) : 0;
            if (order == 0) {
                order = Double.compare(a.badness(all), b.badness(all));
            }
            if (order == 0) {
                order = Long.compare(a.main().startTime(), b.main().startTime());
            }
            return order == 0 ? Integer.compare(a.main().pid(), b.main().pid()) : order;
        }

        private static long score(OomVictim victim) {
            return victim.main().details().oomScore();
        }
    }
}
