package psm.fleet;

import psm.Psm;
import psm.report.Earlier;
import psm.report.MergedReport;
import psm.report.ReportHead;
import psm.report.View;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;

import java.util.List;
import java.util.Map;

/** The processes of several machines: rows with the same names become one. */
public final class FleetReport implements Fleet {
    private final FleetHead head = new FleetHead();
    private final FleetSums sums = new FleetSums();
    private final MergedReport report;

    /**
     * Starts the report.
     *
     * @param earlier the earlier reports of each machine, see {@link MergedReport}; {@code null} if
     *     no changes are shown
     */
    public FleetReport(View view, Map<Object, Earlier> earlier) {
        this.report = new MergedReport(view, earlier);
    }

    @Override
    public Psm.Processes add(Machine machine) throws Failure, SnapshotFormatException {
        sums.add(FleetSums.of(machine.shown()));
        ReportHead own = new ReportHead(machine.shown().run().psmVersion(), machine.shown());
        Psm.Processes counts = report.add(machine.name(), machine.shown(), machine.users());
        head.add(machine, own.origin(), counts);
        return counts;
    }

    @Override
    public void addMissing(String name, String reason) {
        head.addMissing(name, reason);
    }

    @Override
    public Psm.Report report() {
        return report.report(head.origin(), head.processes(), List.of(head.hosts()));
    }
}
