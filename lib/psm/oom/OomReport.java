package psm.oom;

import psm.Psm;
import psm.report.Grouping;
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

    private static final Psm.Column HOST = Grouping.HOST.column.at(1);
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
    private static final List<Psm.Column> COLUMNS =
            List.of(
                    HOST, PROGRAM, PIDS, SCORE, ADJ, PSS, SWAP, FREES, COUNT, CGROUP, RANK,
                    ESTIMATED);

    /**
     * The maximum number of rows of several machines, since they are all in memory at once: as many
     * as one machine may have.
     */
    private static final int MAX_ROWS = 1 << 15;

    private final boolean isOfSeveral;

    /** How many rows to keep; 0 for all. */
    private final int maxRows;

    /** The rows to show; the first to die is last. */
    private List<OomRow> rows = new ArrayList<>();

    /** The number of rows that are not shown. */
    private int more;

    /** Whether there are processes that are not shown, except for {@link #more}. */
    private boolean isFiltered;

    private final OomPressure pressure;
    private final OomCgroups cgroups;

    /** A machine whose scores are as before Linux 5.9, and one whose scores are not. */
    private String oldScale;

    private String newScale;

    private OomReport(int maxRows, boolean isOfSeveral) {
        this.isOfSeveral = isOfSeveral;
        this.maxRows = maxRows;
        this.pressure = new OomPressure(isOfSeveral);
        this.cgroups = new OomCgroups(isOfSeveral);
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
        OomReport report = new OomReport(maxRows, false);
        report.add(null, all, shown);
        ReportHead head = new ReportHead(psmVersion, shown);
        return report.report(head.origin(), head.processes(View.DEFAULT), List.of());
    }

    /**
     * Makes a report of several machines, which has none yet: one list of their processes.
     *
     * @param maxRows how many rows to show, those that die first; 0 for all, or the first {@link
     *     #MAX_ROWS}
     */
    public static OomReport ofSeveral(int maxRows) {
        return new OomReport(maxRows == 0 ? MAX_ROWS : Math.min(maxRows, MAX_ROWS), true);
    }

    /** Returns whether a report is of the order in which the OOM killer ends processes. */
    public static boolean isOf(Psm.Report report) {
        for (Psm.Column column : report.columns()) {
            if (column.key().equals(FREES.key())) {
                return true;
            }
        }
        return false;
    }

    static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    static Psm.Column notInTables(Psm.Column column) {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    /** Returns the columns; the first is the machine, which a report of one machine leaves out. */
    static List<Psm.Column> columns(List<Psm.Column> columns, boolean isOfSeveral) {
        return Collections.unmodifiableList(
                isOfSeveral ? columns : columns.subList(1, columns.size()));
    }

    /** Returns a row, which begins with its machine unless that is {@code null}. */
    static Psm.Row row(String host, Object... values) {
        List<Object> row = new ArrayList<>(values.length + 1);
        if (host != null) {
            row.add(host);
        }
        row.addAll(Arrays.asList(values));
        return new Psm.Row(Collections.unmodifiableList(row));
    }

    /**
     * Adds a machine.
     *
     * @param host its name; {@code null} in a report of one machine
     * @param all the result of a scan of all processes, see {@link #of}
     * @param shown the same scan with the processes to show
     */
    public void add(String host, Snapshot all, Snapshot shown) {
        OomVictims victims = new OomVictims(all);
        if (victims.isAnyScored()) {
            oldScale = victims.areRaised() ? oldScale : host;
            newScale = victims.areRaised() ? host : newScale;
        }
        pressure.add(host, all.host());
        cgroups.add(host, all, shown, victims);
        Set<Integer> pids = new HashSet<>();
        for (ProcessMemory process : shown.processes()) {
            pids.add(process.pid());
        }
        List<OomVictim> inOrder = victims.inOrder();
        int chosen = 0;
        List<OomRow> kept = new ArrayList<>();
        for (int i = inOrder.size() - 1; i >= 0; i--) {
            OomVictim victim = inOrder.get(i);
            if (!Collections.disjoint(pids, victim.pids())) {
                chosen++;
                if (maxRows == 0 || kept.size() < maxRows) {
                    kept.add(row(host, victim, i, victims));
                }
            }
        }
        isFiltered |= chosen < inOrder.size();
        more += chosen - kept.size();
        Collections.reverse(kept);
        rows.addAll(kept);
        if (isOfSeveral) {
            keepFirst();
        }
    }

    /** Keeps the rows of all machines that die first, and none of the others. */
    private void keepFirst() {
        Collections.sort(rows);
        int from = Math.max(0, rows.size() - maxRows);
        more += from;
        rows = new ArrayList<>(rows.subList(from, rows.size()));
    }

    private static OomRow row(String host, OomVictim victim, int place, OomVictims victims) {
        ProcessMemory main = victim.main();
        OomVictims.GroupKills group = victims.groupKills().get(victim.oomGroup());
        long frees = group == null ? OomVictim.frees(main.usage()) : group.bytes;
        long rank =
                victims.isRanked(victim) ? victims.inOrder().size() - (long) place : Missing.VALUE;
        Psm.Row row =
                row(
                        host,
                        main.program().name(),
                        victim.pids(),
                        Missing.orNull(main.details().oomScore()),
                        Missing.orNull(main.details().oomScoreAdj()),
                        Missing.orNull(main.usage().ram()),
                        Missing.orNull(main.usage().swapped()),
                        Missing.orNull(frees),
                        group == null ? (long) victim.pids().size() : group.count,
                        victim.oomGroup(),
                        Missing.orNull(rank),
                        main.isEstimated() ? 1L : 0L);
        return new OomRow(row, host, place, victims.thousandths(victim), victims.part(victim));
    }

    /**
     * Returns the lines about several machines, besides those about each of them, see {@link
     * OomRemarks#of(Snapshot, boolean)}.
     */
    public List<String> remarks(Psm.Report report) {
        List<String> remarks = new ArrayList<>(OomRemarks.waits(report));
        if (oldScale != null && newScale != null) {
            remarks.add(
                    "oom: the oom_score of "
                            + oldScale
                            + " has the scale of Linux before 5.9, and that of "
                            + newScale
                            + " has not; rows are in the order of what the scores mean");
        }
        return remarks;
    }

    /**
     * Returns the report of what was added.
     *
     * @param others accounts that follow those of this report
     */
    public Psm.Report report(Psm.Origin origin, Psm.Processes processes, List<Psm.Account> others) {
        List<Psm.Row> lastToDieFirst = new ArrayList<>(rows.size());
        for (OomRow row : rows) {
            lastToDieFirst.add(row.row());
        }
        List<Psm.Row> firstToDieFirst = new ArrayList<>(lastToDieFirst);
        Collections.reverse(firstToDieFirst);
        List<Psm.Column> columns = columns(shownColumns(lastToDieFirst), isOfSeveral);
        Psm.Row none = new Psm.Row(Collections.nCopies(columns.size(), null));
        List<Psm.Account> accounts = new ArrayList<>();
        Collections.addAll(accounts, pressure.account(), cgroups.slowed(), cgroups.full());
        accounts.addAll(others);
        return new Psm.Report(
                origin,
                processes,
                columns,
                Collections.unmodifiableList(firstToDieFirst),
                none,
                Collections.unmodifiableList(accounts),
                more == 0 ? null : new Psm.More(more, false, none),
                new Psm.Ranking(Collections.unmodifiableList(lastToDieFirst), false));
    }

    /**
     * Returns the columns. Tables show those of swap, deaths and cgroups only if a row has some,
     * and the rank only if it cannot be counted, since some processes are not shown.
     */
    private List<Psm.Column> shownColumns(List<Psm.Row> shown) {
        boolean isAnySwapped = false;
        boolean isAnyGroup = false;
        int offset = isOfSeveral ? 0 : 1;
        for (Psm.Row row : shown) {
            Object swapped = row.values().get(COLUMNS.indexOf(SWAP) - offset);
            isAnySwapped |= swapped != null && (Long) swapped > 0;
            isAnyGroup |= row.values().get(COLUMNS.indexOf(CGROUP) - offset) != null;
        }
        List<Psm.Column> columns = new ArrayList<>(COLUMNS);
        hide(SWAP, !isAnySwapped, columns);
        hide(COUNT, !isAnyGroup, columns);
        hide(CGROUP, !isAnyGroup, columns);
        hide(RANK, !isFiltered, columns);
        return columns;
    }

    /** Leaves a column out of tables if a condition is true. */
    static void hide(Psm.Column column, boolean isHidden, List<Psm.Column> columns) {
        if (isHidden && columns.contains(column)) {
            columns.set(columns.indexOf(column), notInTables(column));
        }
    }
}
