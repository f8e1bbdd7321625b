package psm.report;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.proc.Pressure;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes a report of the processes in the order in which the OOM killer would take them, see {@link
 * OomVictims}. The first to die is the first row of documents, and the last one of tables, next to
 * the prompt, like the largest row of psm's other reports. Above the rows a table shows how close
 * that is: how much memory is left, how long tasks waited for memory, and which control groups are
 * slowed down or nearly full.
 *
 * <p>It shows what the kernel does by default, and ignores {@code vm.panic_on_oom}, {@code
 * vm.oom_kill_allocating_task}, and programs that kill before the kernel does (systemd-oomd,
 * earlyoom).
 */
public final class OomReport {
    /** The details that the scan must have read. */
    public static final Set<Detail> DETAILS =
            Collections.unmodifiableSet(
                    EnumSet.of(Detail.STATUS, Detail.CGROUP, Detail.CGROUP_MEMORY, Detail.OOM));

    /** A cgroup is shown if less than this part of its limit is left: a tenth. */
    private static final int SPARE_PART = 10;

    private static final Psm.Column PROGRAM = column("program", "PROCESS", Psm.Kind.TEXT, 10);
    private static final Psm.Column PIDS = column("pids", "PID", Psm.Kind.PIDS, 1);
    private static final Psm.Column SCORE = column("oom_score", "OOM", Psm.Kind.NUMBER, 2);
    private static final Psm.Column ADJ = column("oom_score_adj", "ADJ", Psm.Kind.NUMBER, 3);
    private static final Psm.Column PSS = column("pss_bytes", "RAM", Psm.Kind.BYTES, 4);
    private static final Psm.Column SWAP =
            new Psm.Column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 5, true, false);
    private static final Psm.Column FREES = column("frees_bytes", "FREES", Psm.Kind.BYTES, 6);
    private static final Psm.Column COUNT = column("count", "DIE", Psm.Kind.NUMBER, 7);
    private static final Psm.Column CGROUP = column("cgroup", "CGROUP", Psm.Kind.TEXT, 12);
    private static final int COLUMNS = 9;

    private static final Psm.Column NEXT_COUNT = column("next_count", "DIE", Psm.Kind.NUMBER, 4);
    private static final List<Psm.Column> PRESSED =
            List.of(
                    column("cgroup", "IN CGROUP OVER 90% OF LIMIT", Psm.Kind.TEXT, 7),
                    column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 1),
                    column("usage_bytes", "USED", Psm.Kind.BYTES, 2),
                    column("oom_kills", "KILLED", Psm.Kind.NUMBER, 3),
                    column("next_pids", "PID", Psm.Kind.PIDS, 5),
                    column("next_program", "DIES NEXT", Psm.Kind.TEXT, 6));

    private static final List<Psm.Column> SLOWED =
            List.of(
                    column("cgroup", "CGROUP OVER 90% OF HIGH", Psm.Kind.TEXT, 4),
                    column("high_bytes", "HIGH", Psm.Kind.BYTES, 1),
                    column("usage_bytes", "USED", Psm.Kind.BYTES, 2),
                    column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 3));

    private final Snapshot snapshot;
    private final OomVictims victims;

    private OomReport(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.victims = new OomVictims(snapshot);
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param snapshot the result of a scan with {@link #DETAILS}
     * @param maxRows how many rows to show, those that die first; 0 for all
     */
    public static Psm.Report of(Snapshot snapshot, String psmVersion, int maxRows) {
        return new OomReport(snapshot).report(psmVersion, maxRows);
    }

    private List<Psm.Account> accounts() {
        return List.of(pressure(), slowedCgroups(), pressedCgroups());
    }

    private static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    private Psm.Report report(String psmVersion, int maxRows) {
        List<OomVictim> all = victims.inOrder();
        int from = maxRows == 0 ? 0 : Math.max(0, all.size() - maxRows);
        List<OomVictim> shown = all.subList(from, all.size());
        List<Psm.Row> lastToDieFirst = rows(shown);
        List<Psm.Row> rows = new ArrayList<>(lastToDieFirst);
        Collections.reverse(rows);
        ReportHead head = new ReportHead(psmVersion, snapshot);
        return head.report(
                head.processes(View.DEFAULT),
                columns(shown),
                Collections.unmodifiableList(rows),
                row(new Object[COLUMNS]),
                accounts(),
                from == 0 ? null : new Psm.More(from, false, row(new Object[COLUMNS])),
                new Psm.Ranking(lastToDieFirst, false));
    }

    /**
     * Returns the columns. Tables show those of swap, deaths and cgroups only if a row has some.
     */
    private static List<Psm.Column> columns(List<OomVictim> shown) {
        boolean isAnySwapped = false;
        boolean isAnyGroup = false;
        for (OomVictim victim : shown) {
            isAnySwapped |= victim.main().usage().swapped() > 0;
            isAnyGroup |= victim.oomGroup() != null;
        }
        return List.of(
                PROGRAM,
                PIDS,
                SCORE,
                ADJ,
                PSS,
                isAnySwapped ? SWAP : notInTables(SWAP),
                FREES,
                isAnyGroup ? COUNT : notInTables(COUNT),
                isAnyGroup ? CGROUP : notInTables(CGROUP));
    }

    private static Psm.Column notInTables(Psm.Column column) {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    private List<Psm.Row> rows(List<OomVictim> shown) {
        Map<String, OomVictims.GroupKills> groupKills = victims.groupKills();
        List<Psm.Row> rows = new ArrayList<>(shown.size());
        for (OomVictim victim : shown) {
            ProcessMemory main = victim.main();
            OomVictims.GroupKills group = groupKills.get(victim.oomGroup());
            long frees = group == null ? OomVictim.frees(main.usage()) : group.bytes;
            rows.add(
                    row(
                            main.program().name(),
                            victim.pids(),
                            Missing.orNull(main.details().oomScore()),
                            Missing.orNull(main.details().oomScoreAdj()),
                            Missing.orNull(main.usage().ram()),
                            Missing.orNull(main.usage().swapped()),
                            Missing.orNull(frees),
                            group == null ? (long) victim.pids().size() : group.count,
                            victim.oomGroup()));
        }
        return Collections.unmodifiableList(rows);
    }

    private Psm.Account pressure() {
        return above(
                "pressure",
                List.of(
                        left("mem_available_bytes", "of RAM left, MemAvailable", "MemAvailable"),
                        left("swap_free_bytes", "of swap left", "SwapFree"),
                        waited(Pressure.Who.SOME, 10, "some tasks waited for memory"),
                        waited(Pressure.Who.SOME, 60, "some tasks waited for memory"),
                        waited(Pressure.Who.FULL, 10, "all tasks waited for memory"),
                        waited(Pressure.Who.FULL, 60, "all tasks waited for memory")),
                List.of(),
                List.of());
    }

    private static Psm.Account above(
            String key, List<Psm.Entry> entries, List<Psm.Column> columns, List<Psm.Row> rows) {
        return new Psm.Account(key, null, entries, true, columns, rows);
    }

    private Psm.Entry left(String key, String title, String field) {
        return new Psm.Entry(
                key, title, Missing.orNull(snapshot.host().memory().bytes(field)), false);
    }

    private Psm.Entry waited(Pressure.Who who, int seconds, String what) {
        Pressure pressure = snapshot.host().pressure();
        return new Psm.Entry(
                who.kernelName + "_avg" + seconds + "_percent",
                "of the last " + seconds + " s " + what,
                Psm.Kind.PERCENT,
                pressure == null ? null : pressure.percent(who, seconds),
                false);
    }

    /**
     * Lists the cgroups near or above their {@code memory.high}, the fullest first. The kernel slows
     * these down and kills no process. If a process waits for memory on a host with free memory, it
     * may be in one of them.
     */
    private Psm.Account slowedCgroups() {
        List<Pressed> slowed = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : snapshot.cgroups().entrySet()) {
            CgroupMemory memory = cgroup.getValue();
            if (memory.hasHigh() && isOver(memory.current(), memory.high())) {
                slowed.add(new Pressed(cgroup.getKey(), null, memory.high(), memory));
            }
        }
        slowed.sort(FULLEST_FIRST);
        List<Psm.Row> rows = new ArrayList<>(slowed.size());
        for (Pressed cgroup : slowed) {
            rows.add(cgroup.slowedRow());
        }
        return above("slowed_cgroups", List.of(), SLOWED, Collections.unmodifiableList(rows));
    }

    private static boolean isOver(long current, long limit) {
        return current > limit - limit / SPARE_PART;
    }

    /**
     * Lists the cgroups that use nearly all of their limit, the fullest first. These are cgroups
     * with a limit of their own, and cgroups with processes to which the limit of a cgroup above
     * applies.
     */
    private Psm.Account pressedCgroups() {
        Set<String> withProcesses = victims.cgroups();
        List<Pressed> pressed = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : snapshot.cgroups().entrySet()) {
            String path = cgroup.getKey();
            String limiting = CgroupMemory.limiting(path, snapshot.cgroups());
            if (limiting != null
                    && (cgroup.getValue().isLimited() || withProcesses.contains(path))) {
                long limit = snapshot.cgroups().get(limiting).max();
                if (isOver(cgroup.getValue().current(), limit)) {
                    pressed.add(new Pressed(path, limiting, limit, cgroup.getValue()));
                }
            }
        }
        pressed.sort(FULLEST_FIRST);
        Map<String, Next> nexts = new HashMap<>();
        boolean isAnyGroup = false;
        List<Psm.Row> rows = new ArrayList<>(pressed.size());
        for (Pressed cgroup : pressed) {
            Next next = nexts.get(cgroup.limiting);
            if (next == null) {
                next = next(cgroup.limiting);
                nexts.put(cgroup.limiting, next);
            }
            isAnyGroup |= next.isGroup;
            rows.add(cgroup.row(next));
        }
        return above(
                "full_cgroups", List.of(), pressed(isAnyGroup), Collections.unmodifiableList(rows));
    }

    private static List<Psm.Column> pressed(boolean isAnyGroup) {
        List<Psm.Column> columns = new ArrayList<>(PRESSED);
        columns.add(isAnyGroup ? NEXT_COUNT : notInTables(NEXT_COUNT));
        return Collections.unmodifiableList(columns);
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
            return (double) memory.current() / limit;
        }

        Psm.Row slowedRow() {
            return OomReport.row(
                    path, limit, memory.current(), Missing.orNull(memory.swapCurrent()));
        }

        Psm.Row row(Next next) {
            OomVictim first = next.first;
            return OomReport.row(
                    path,
                    limit,
                    memory.current(),
                    Missing.orNull(memory.oomKills()),
                    first == null ? null : first.pids(),
                    first == null ? null : first.main().program().name(),
                    first == null ? null : (Long) next.count);
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

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }
}
