package psm.oom;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.report.Grouping;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The control groups of one or several machines that are near a limit. What counts is {@link
 * CgroupMemory.InUse#needed}: a group full of page cache is not near a kill.
 */
final class OomCgroups {
    /** A cgroup is shown if less than this part of its limit is left: a tenth. */
    private static final int SPARE_PART = 10;

    /** The word for a limit at which the kernel kills. */
    private static final String KILL = "kill";

    /** The word for a limit at which processes wait for memory, since kills are disabled. */
    static final String WAIT = "wait";

    private static final Psm.Column NEEDED =
            OomReport.column("working_set_bytes", "USED", Psm.Kind.BYTES, 2);
    private static final Psm.Column IN_USE =
            OomReport.column("usage_bytes", "WITH CACHE", Psm.Kind.BYTES, 3);
    static final Psm.Column AT_LIMIT = OomReport.column("at_limit", "AT LIMIT", Psm.Kind.TEXT, 0);
    private static final Psm.Column NEXT_COUNT =
            OomReport.column("next_count", "DIE", Psm.Kind.NUMBER, 5);

    static final Psm.Column FULL_PATH =
            OomReport.column("cgroup", "IN CGROUP OVER 90% OF LIMIT", Psm.Kind.TEXT, 8);

    private static final List<Psm.Column> FULL =
            List.of(
                    Grouping.HOST.column.at(8),
                    FULL_PATH,
                    OomReport.column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 1),
                    IN_USE,
                    OomReport.column("oom_kills", "KILLED", Psm.Kind.NUMBER, 4),
                    OomReport.column("next_pids", "PID", Psm.Kind.PIDS, 6),
                    OomReport.column("next_program", "DIES NEXT", Psm.Kind.TEXT, 7),
                    NEXT_COUNT,
                    NEEDED,
                    AT_LIMIT);

    private static final List<Psm.Column> SLOWED =
            List.of(
                    Grouping.HOST.column.at(5),
                    OomReport.column("cgroup", "CGROUP OVER 90% OF HIGH", Psm.Kind.TEXT, 5),
                    OomReport.column("high_bytes", "HIGH", Psm.Kind.BYTES, 1),
                    IN_USE,
                    OomReport.column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 4),
                    NEEDED);

    private final boolean isOfSeveral;
    private final List<Listed> slowed = new ArrayList<>();
    private final List<Listed> full = new ArrayList<>();

    /** Whether the memory controller of any machine could be read. */
    private boolean isKnown;

    /**
     * Makes empty lists.
     *
     * @param isOfSeveral whether rows name their machine
     */
    OomCgroups(boolean isOfSeveral) {
        this.isOfSeveral = isOfSeveral;
    }

    /**
     * Adds the control groups of a machine.
     *
     * @param all all processes
     * @param shown the processes that are shown; groups with none of them are left out
     */
    void add(String host, Snapshot all, Snapshot shown, OomVictims victims) {
        isKnown |= !all.cgroups().isEmpty();
        OfMachine machine = new OfMachine(host, all.cgroups(), victims);
        machine.add(victims.cgroups(all.processes()), victims.cgroups(shown.processes()));
    }

    /**
     * Lists the cgroups near or above their {@code memory.high}, the fullest first. The kernel
     * slows these down and kills no process. If a process waits for memory on a host with free
     * memory, it may be in one of them.
     */
    Psm.Account slowed() {
        return list("slowed_cgroups", SLOWED, slowed)
                .titled("control groups that memory.high slows down");
    }

    /**
     * Lists the cgroups that use nearly all of their limit, the fullest first. These are cgroups
     * with a limit of their own, and cgroups with processes to which the limit of a cgroup above
     * applies.
     */
    Psm.Account full() {
        return list("full_cgroups", FULL, full).titled("control groups near their limits");
    }

    /**
     * Returns a list. A table shows the column of cache only if a group has some, and the number of
     * deaths only if a group dies as a whole.
     */
    private Psm.Account list(String key, List<Psm.Column> columns, List<Listed> listed) {
        listed.sort(FULLEST_FIRST);
        boolean isAnyCached = false;
        boolean isAnyGroup = false;
        List<Psm.Row> rows = new ArrayList<>(listed.size());
        for (Listed each : listed) {
            isAnyCached |= each.isCached;
            isAnyGroup |= each.isGroup;
            rows.add(each.row);
        }
        List<Psm.Column> shown = new ArrayList<>(columns);
        OomReport.hide(IN_USE, !isAnyCached, shown);
        OomReport.hide(NEXT_COUNT, !isAnyGroup, shown);
        return new Psm.Account(
                key,
                null,
                List.of(),
                true,
                OomReport.columns(shown, isOfSeveral),
                Collections.unmodifiableList(rows),
                isKnown);
    }

    /**
     * A row of a list.
     *
     * @param used how much of the limit is in use; 1 is all
     * @param isCached whether the group has cache that can be reclaimed
     * @param isGroup whether the whole group dies
     */
    private record Listed(
            double used,
            String host,
            String path,
            boolean isCached,
            boolean isGroup,
            Psm.Row row) {}

    private static final Comparator<Listed> FULLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Listed a, Listed b) {
                    int order = Double.compare(b.used, a.used);
                    if (order == 0 && a.host != null) {
                        order = a.host.compareTo(b.host);
                    }
                    return order == 0 ? a.path.compareTo(b.path) : order;
                }
            };

    /**
     * The next processes to die when a cgroup reaches its limit.
     *
     * @param first the one that the kernel chooses; {@code null} if it cannot kill any
     * @param isGroup whether its whole cgroup dies with it
     * @param count how many processes die
     */
    private record Next(OomVictim first, boolean isGroup, long count) {}

    /** Finds the control groups of one machine that the lists contain. */
    private final class OfMachine {
        private final String host;
        private final Map<String, CgroupMemory> cgroups;
        private final OomVictims victims;

        /** By the cgroup that sets the limit. */
        private final Map<String, Next> nexts = new HashMap<>();

        OfMachine(String host, Map<String, CgroupMemory> cgroups, OomVictims victims) {
            this.host = host;
            this.cgroups = cgroups;
            this.victims = victims;
        }

        /**
         * Adds the machine's groups.
         *
         * @param withProcesses the groups of all processes
         * @param shown the groups of the processes that are shown
         */
        void add(Set<String> withProcesses, Set<String> shown) {
            for (Map.Entry<String, CgroupMemory> cgroup : cgroups.entrySet()) {
                String path = cgroup.getKey();
                CgroupMemory memory = cgroup.getValue();
                long high = memory.limits().high();
                if (memory.hasHigh() && isOver(memory, high) && isShown(path, shown)) {
                    slowed.add(slowed(path, high, memory.inUse()));
                }
                String limiting = CgroupMemory.limiting(path, cgroups);
                boolean isListed =
                        path.equals(limiting) || memory.isLimited() || withProcesses.contains(path);
                if (limiting != null && isListed) {
                    long limit = cgroups.get(limiting).limits().least();
                    if (isOver(memory, limit) && isShown(path, shown)) {
                        full.add(full(path, limiting, limit, memory));
                    }
                }
            }
        }

        private static boolean isOver(CgroupMemory memory, long limit) {
            return memory.inUse().needed() > limit - limit / SPARE_PART;
        }

        private static boolean isShown(String path, Set<String> shown) {
            for (String cgroup : shown) {
                if (CgroupMemory.isWithin(cgroup, path)) {
                    return true;
                }
            }
            return false;
        }

        private Listed slowed(String path, long high, CgroupMemory.InUse inUse) {
            Psm.Row row =
                    OomReport.row(
                            host,
                            path,
                            high,
                            inUse.memory(),
                            Missing.orNull(inUse.swap()),
                            inUse.needed());
            return listed(path, high, inUse, false, row);
        }

        private Listed full(String path, String limiting, long limit, CgroupMemory memory) {
            Next next = nexts.get(limiting);
            if (next == null) {
                next = next(limiting);
                nexts.put(limiting, next);
            }
            OomVictim first = next.first;
            Psm.Row row =
                    OomReport.row(
                            host,
                            path,
                            limit,
                            memory.inUse().memory(),
                            Missing.orNull(memory.oomKills()),
                            first == null ? null : first.pids(),
                            first == null ? null : first.main().program().name(),
                            next.count,
                            memory.inUse().needed(),
                            cgroups.get(limiting).limits().killing() ? KILL : WAIT);
            return listed(path, limit, memory.inUse(), next.isGroup, row);
        }

        private Listed listed(
                String path, long limit, CgroupMemory.InUse inUse, boolean isGroup, Psm.Row row) {
            double used = (double) inUse.needed() / limit;
            boolean isCached = Missing.orZero(inUse.inactiveFile()) > 0;
            return new Listed(used, host, path, isCached, isGroup, row);
        }

        private Next next(String limiting) {
            OomVictim first = victims.firstIn(limiting);
            String group = first == null ? null : victims.oomGroup(first, limiting);
            if (group != null) {
                return new Next(first, true, victims.killableIn(group));
            }
            return new Next(first, false, first == null ? 0 : first.pids().size());
        }
    }
}
