package psm.oom;

import psm.Psm;
import psm.cgroup.CgroupMemory;
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
 * The control groups that are near a limit. What counts is {@link CgroupMemory.InUse#needed}: a
 * group full of page cache is not near a kill.
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

    private static final List<Psm.Column> FULL =
            List.of(
                    OomReport.column("cgroup", "IN CGROUP OVER 90% OF LIMIT", Psm.Kind.TEXT, 8),
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
                    OomReport.column("cgroup", "CGROUP OVER 90% OF HIGH", Psm.Kind.TEXT, 5),
                    OomReport.column("high_bytes", "HIGH", Psm.Kind.BYTES, 1),
                    IN_USE,
                    OomReport.column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 4),
                    NEEDED);

    private final Map<String, CgroupMemory> cgroups;
    private final OomVictims victims;

    /** The cgroups of all processes. */
    private final Set<String> withProcesses;

    /** The cgroups of the processes that are shown. */
    private final Set<String> shown;

    /**
     * Makes the lists of a snapshot.
     *
     * @param all all processes
     * @param shown the processes that are shown; groups with none of them are left out
     */
    OomCgroups(Snapshot all, Snapshot shown, OomVictims victims) {
        this.cgroups = all.cgroups();
        this.victims = victims;
        this.withProcesses = victims.cgroups(all.processes());
        this.shown = victims.cgroups(shown.processes());
    }

    /**
     * Lists the cgroups near or above their {@code memory.high}, the fullest first. The kernel
     * slows these down and kills no process. If a process waits for memory on a host with free
     * memory, it may be in one of them.
     */
    Psm.Account slowed() {
        List<Pressed> slowed = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : cgroups.entrySet()) {
            CgroupMemory memory = cgroup.getValue();
            long high = memory.limits().high();
            if (memory.hasHigh() && isOver(memory, high) && isShown(cgroup.getKey())) {
                slowed.add(new Pressed(cgroup.getKey(), null, high, memory));
            }
        }
        slowed.sort(FULLEST_FIRST);
        List<Psm.Row> rows = new ArrayList<>(slowed.size());
        for (Pressed cgroup : slowed) {
            rows.add(cgroup.slowedRow());
        }
        return list("slowed_cgroups", columns(SLOWED, slowed), rows);
    }

    private static boolean isOver(CgroupMemory memory, long limit) {
        return memory.inUse().needed() > limit - limit / SPARE_PART;
    }

    private boolean isShown(String path) {
        for (String cgroup : shown) {
            if (CgroupMemory.isWithin(cgroup, path)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Lists the cgroups that use nearly all of their limit, the fullest first. These are cgroups
     * with a limit of their own, and cgroups with processes to which the limit of a cgroup above
     * applies.
     */
    Psm.Account full() {
        List<Pressed> full = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : cgroups.entrySet()) {
            String path = cgroup.getKey();
            CgroupMemory memory = cgroup.getValue();
            String limiting = CgroupMemory.limiting(path, cgroups);
            boolean isListed =
                    path.equals(limiting) || memory.isLimited() || withProcesses.contains(path);
            if (limiting != null && isListed) {
                long limit = cgroups.get(limiting).limits().least();
                if (isOver(memory, limit) && isShown(path)) {
                    full.add(new Pressed(path, limiting, limit, memory));
                }
            }
        }
        full.sort(FULLEST_FIRST);
        Map<String, Next> nexts = new HashMap<>();
        boolean isAnyGroup = false;
        List<Psm.Row> rows = new ArrayList<>(full.size());
        for (Pressed cgroup : full) {
            Next next = nexts.get(cgroup.limiting);
            if (next == null) {
                next = next(cgroup.limiting);
                nexts.put(cgroup.limiting, next);
            }
            isAnyGroup |= next.isGroup;
            rows.add(cgroup.row(next, cgroups.get(cgroup.limiting).limits().killing()));
        }
        List<Psm.Column> columns = columns(FULL, full);
        return list("full_cgroups", isAnyGroup ? columns : without(columns, NEXT_COUNT), rows);
    }

    /** Returns the columns; tables show that of cache only if a group has some. */
    private static List<Psm.Column> columns(List<Psm.Column> columns, List<Pressed> pressed) {
        for (Pressed cgroup : pressed) {
            if (Missing.orZero(cgroup.memory.inUse().inactiveFile()) > 0) {
                return columns;
            }
        }
        return without(columns, IN_USE);
    }

    private static List<Psm.Column> without(List<Psm.Column> columns, Psm.Column column) {
        List<Psm.Column> others = new ArrayList<>(columns);
        others.set(columns.indexOf(column), OomReport.notInTables(column));
        return Collections.unmodifiableList(others);
    }

    private Psm.Account list(String key, List<Psm.Column> columns, List<Psm.Row> rows) {
        return new Psm.Account(
                key,
                null,
                List.of(),
                true,
                columns,
                Collections.unmodifiableList(rows),
                !cgroups.isEmpty());
    }

    /**
     * The next processes to die when a cgroup reaches its limit.
     *
     * @param first the one that the kernel chooses; {@code null} if it cannot kill any
     * @param isGroup whether its whole cgroup dies with it
     * @param count how many processes die
     */
    private record Next(OomVictim first, boolean isGroup, long count) {}

    private Next next(String limiting) {
        OomVictim first = victims.firstIn(limiting);
        String group = first == null ? null : victims.oomGroup(first, limiting);
        if (group != null) {
            return new Next(first, true, victims.killableIn(group));
        }
        return new Next(first, false, first == null ? 0 : first.pids().size());
    }

    /**
     * A cgroup that is nearly full.
     *
     * @param limiting the path of the cgroup that sets the limit
     */
    private record Pressed(String path, String limiting, long limit, CgroupMemory memory) {
        double used() {
            return (double) memory.inUse().needed() / limit;
        }

        Psm.Row slowedRow() {
            CgroupMemory.InUse inUse = memory.inUse();
            return OomReport.row(
                    path, limit, inUse.memory(), Missing.orNull(inUse.swap()), inUse.needed());
        }

        Psm.Row row(Next next, boolean isKilling) {
            OomVictim first = next.first;
            return OomReport.row(
                    path,
                    limit,
                    memory.inUse().memory(),
                    Missing.orNull(memory.oomKills()),
                    first == null ? null : first.pids(),
                    first == null ? null : first.main().program().name(),
                    next.count,
                    memory.inUse().needed(),
                    isKilling ? KILL : WAIT);
        }
    }

    private static final Comparator<Pressed> FULLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Pressed a, Pressed b) {
                    int order = Double.compare(b.used(), a.used());
                    return order == 0 ? a.path.compareTo(b.path) : order;
                }
            };
}
