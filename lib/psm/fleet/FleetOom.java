package psm.fleet;

import psm.Psm;
import psm.oom.OomReport;
import psm.report.ReportHead;
import psm.report.View;

import java.util.List;

/**
 * One list of the processes of several machines, in the order in which the OOM killer ends them.
 */
public final class FleetOom implements Fleet {
    private final FleetHead head = new FleetHead();
    private final OomReport report;

    /**
     * Starts the list.
     *
     * @param maxRows how many rows to show, those that die first; 0 for all
     */
    public FleetOom(int maxRows) {
        this.report = OomReport.ofSeveral(maxRows);
    }

    @Override
    public Psm.Processes add(Machine machine) {
        ReportHead own = new ReportHead(machine.shown().run().psmVersion(), machine.shown());
        Psm.Processes counts = own.processes(View.DEFAULT);
        head.add(machine, own.origin(), counts);
        report.add(machine.name(), machine.all(), machine.shown());
        return counts;
    }

    @Override
    public void addMissing(String name, String reason) {
        head.addMissing(name, reason);
    }

    /** Returns the lines about the report, besides those about each machine. */
    public List<String> remarks(Psm.Report made) {
        return report.remarks(made);
    }

    @Override
    public Psm.Report report() {
        return report.report(head.origin(), head.processes(), List.of(head.hosts()));
    }
}
