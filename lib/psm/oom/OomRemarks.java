package psm.oom;

import psm.Psm;
import psm.proc.Pressure;
import psm.report.LeftOut;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;

import java.util.ArrayList;
import java.util.List;

/** The lines about what {@code psm oom} needs and the kernel does not report. */
public final class OomRemarks {
    private static final String OOM = "oom: ";

    private OomRemarks() {}

    /**
     * Returns one line for each thing that the user should know about a report.
     *
     * @param all the snapshot of the report, with all processes
     */
    public static List<String> of(Snapshot all, Psm.Report report) {
        List<String> remarks = of(all, true);
        remarks.addAll(waits(report));
        return remarks;
    }

    /**
     * Returns the lines about a machine.
     *
     * @param isOnly whether the report has no other machine
     */
    public static List<String> of(Snapshot all, boolean isOnly) {
        List<String> remarks = new ArrayList<>();
        Pressure pressure = all.host().pressure();
        if (pressure == null || pressure.percent(Pressure.Who.SOME, 10) == null) {
            remarks.add(
                    OOM
                            + "memory pressure is not available: needs Linux 4.20 with CONFIG_PSI,"
                            + " and on some hosts psi=1 at boot");
        }
        scores(all, isOnly, remarks);
        if (all.run().hidden()) {
            remarks.add(OOM + "processes that /proc hides may die earlier than those shown");
        }
        if (all.scope().filtered()) {
            remarks.add(
                    OOM
                            + "this snapshot contains only some of the processes; others may die"
                            + " earlier");
        }
        if (all.cgroups().isEmpty() && !all.processes().isEmpty()) {
            remarks.add(
                    OOM
                            + "limits of control groups are not known: no memory controller was"
                            + " found in /sys/fs/cgroup");
        }
        return remarks;
    }

    /** Adds lines about processes whose place in the order is not known. */
    private static void scores(Snapshot all, boolean isOnly, List<String> remarks) {
        OomVictims victims = new OomVictims(all);
        if (!victims.isAnyScored() && !victims.inOrder().isEmpty()) {
            remarks.add(
                    OOM
                            + "oom_score is not available: "
                            + (isOnly
                                    ? "processes are in the order of RSS, swap and page tables"
                                    : "processes there come after those of other machines"));
        }
        int unknown = all.unmeasured().size() - all.count(Unmeasured.Reason.VANISHED);
        for (OomVictim victim : victims.inOrder()) {
            unknown += victims.isRanked(victim) ? 0 : 1;
        }
        if (unknown > 0) {
            remarks.add(
                    OOM
                            + LeftOut.processes(unknown)
                            + " may die earlier than this shows, since the oom_score is not known");
        }
    }

    /** Returns a line for each full group, of any machine, where the kernel kills no process. */
    static List<String> waits(Psm.Report report) {
        List<String> remarks = new ArrayList<>();
        for (Psm.Account account : report.accounts()) {
            int atLimit = account.columns().indexOf(OomCgroups.AT_LIMIT);
            int path = account.columns().indexOf(OomCgroups.FULL_PATH);
            for (Psm.Row row : atLimit < 0 ? List.<Psm.Row>of() : account.rows()) {
                if (OomCgroups.WAIT.equals(row.values().get(atLimit))) {
                    String host = path == 0 ? "" : row.values().get(0) + ": ";
                    remarks.add(
                            OOM
                                    + host
                                    + row.values().get(path)
                                    + ": no process dies at the limit, since oom_kill_disable is 1"
                                    + " in memory.oom_control: processes wait there for memory");
                }
            }
        }
        return remarks;
    }
}
