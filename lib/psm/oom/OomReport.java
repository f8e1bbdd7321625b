package psm.oom;

import psm.Psm;
import psm.proc.Pressure;
import psm.report.ReportHead;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
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

    private static final Psm.Column PROGRAM = column("program", "PROCESS", Psm.Kind.TEXT, 10);
    private static final Psm.Column PIDS = column("pids", "PID", Psm.Kind.PIDS, 1);
    private static final Psm.Column RANK = column("rank", "RANK", Psm.Kind.NUMBER, 2);
    private static final Psm.Column SCORE = column("oom_score", "OOM", Psm.Kind.NUMBER, 3);
    private static final Psm.Column ADJ = column("oom_score_adj", "ADJ", Psm.Kind.NUMBER, 4);
    private static final Psm.Column PSS = column("pss_bytes", "RAM", Psm.Kind.BYTES, 5);
    private static final Psm.Column SWAP =
            new Psm.Column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 6, true, false);
    private static final Psm.Column FREES = column("frees_bytes", "FREES", Psm.Kind.BYTES, 7);
    private static final Psm.Column COUNT = column("count", "DIE", Psm.Kind.NUMBER, 8);
    private static final Psm.Column CGROUP = column("cgroup", "CGROUP", Psm.Kind.TEXT, 12);
    private static final Psm.Column ESTIMATED =
            new Psm.Column("estimated", "estimated", Psm.Kind.COUNT, 13, true, false);
    private static final int COLUMNS = 11;

    /** All processes, shown or not. */
    private final Snapshot all;

    /** The processes to show, and what the scan left out. */
    private final Snapshot shown;

    private final OomVictims victims;

    private OomReport(Snapshot all, Snapshot shown) {
        this.all = all;
        this.shown = shown;
        this.victims = new OomVictims(all);
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param all the result of a scan of all processes with {@link #DETAILS}: the order of death
     *     does not depend on what is shown
     * @param shown the same scan with the processes to show
     * @param maxRows how many rows to show, those that die first; 0 for all
     */
    public static Psm.Report of(Snapshot all, Snapshot shown, String psmVersion, int maxRows) {
        return new OomReport(all, shown).report(psmVersion, maxRows);
    }

    static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    private Psm.Report report(String psmVersion, int maxRows) {
        List<Ranked> chosen = chosen();
        int from = maxRows == 0 ? 0 : Math.max(0, chosen.size() - maxRows);
        List<Ranked> last = chosen.subList(from, chosen.size());
        List<Psm.Row> lastToDieFirst = rows(last);
        List<Psm.Row> rows = new ArrayList<>(lastToDieFirst);
        Collections.reverse(rows);
        ReportHead head = new ReportHead(psmVersion, shown);
        return head.report(
                head.processes(View.DEFAULT),
                columns(last, chosen.size() < victims.inOrder().size()),
                Collections.unmodifiableList(rows),
                row(new Object[COLUMNS]),
                accounts(),
                from == 0 ? null : new Psm.More(from, false, row(new Object[COLUMNS])),
                new Psm.Ranking(lastToDieFirst, false));
    }

    /**
     * A victim and its place in the order of death.
     *
     * @param rank 1 for the first to die; {@link Missing#VALUE} if it is not known
     */
    private record Ranked(OomVictim victim, long rank) {}

    /** Returns the victims to show; the first to die is last. */
    private List<Ranked> chosen() {
        Set<Integer> pids = new HashSet<>();
        for (ProcessMemory process : shown.processes()) {
            pids.add(process.pid());
        }
        List<OomVictim> inOrder = victims.inOrder();
        List<Ranked> chosen = new ArrayList<>();
        for (int i = 0; i < inOrder.size(); i++) {
            OomVictim victim = inOrder.get(i);
            if (!Collections.disjoint(pids, victim.pids())) {
                long rank = victims.isRanked(victim) ? inOrder.size() - i : Missing.VALUE;
                chosen.add(new Ranked(victim, rank));
            }
        }
        return chosen;
    }

    private List<Psm.Account> accounts() {
        OomCgroups cgroups = new OomCgroups(all, shown, victims);
        return List.of(pressure(), cgroups.slowed(), cgroups.full());
    }

    /**
     * Returns the columns. Tables show those of swap, deaths and cgroups only if a row has some,
     * and the rank only if it cannot be counted, since some processes are not shown.
     */
    private static List<Psm.Column> columns(List<Ranked> rows, boolean isFiltered) {
        boolean isAnySwapped = false;
        boolean isAnyGroup = false;
        for (Ranked row : rows) {
            isAnySwapped |= row.victim.main().usage().swapped() > 0;
            isAnyGroup |= row.victim.oomGroup() != null;
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
                isAnyGroup ? CGROUP : notInTables(CGROUP),
                isFiltered ? RANK : notInTables(RANK),
                ESTIMATED);
    }

    static Psm.Column notInTables(Psm.Column column) {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    private List<Psm.Row> rows(List<Ranked> ranked) {
        Map<String, OomVictims.GroupKills> groupKills = victims.groupKills();
        List<Psm.Row> rows = new ArrayList<>(ranked.size());
        for (Ranked each : ranked) {
            OomVictim victim = each.victim;
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
                            victim.oomGroup(),
                            Missing.orNull(each.rank),
                            main.isEstimated() ? 1L : 0L));
        }
        return Collections.unmodifiableList(rows);
    }

    private Psm.Account pressure() {
        return new Psm.Account(
                "pressure",
                null,
                List.of(
                        left("mem_available_bytes", "of RAM left, MemAvailable", "MemAvailable"),
                        left("swap_free_bytes", "of swap left", "SwapFree"),
                        waited(Pressure.Who.SOME, 10, "some tasks waited for memory"),
                        waited(Pressure.Who.SOME, 60, "some tasks waited for memory"),
                        waited(Pressure.Who.FULL, 10, "all tasks waited for memory"),
                        waited(Pressure.Who.FULL, 60, "all tasks waited for memory")),
                true,
                List.of(),
                List.of());
    }

    private Psm.Entry left(String key, String title, String field) {
        return new Psm.Entry(key, title, Missing.orNull(all.host().memory().bytes(field)), false);
    }

    private Psm.Entry waited(Pressure.Who who, int seconds, String what) {
        Pressure pressure = all.host().pressure();
        return new Psm.Entry(
                who.kernelName + "_avg" + seconds + "_percent",
                "of the last " + seconds + " s " + what,
                Psm.Kind.PERCENT,
                pressure == null ? null : pressure.percent(who, seconds),
                false);
    }

    static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }
}
