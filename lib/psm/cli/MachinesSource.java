package psm.cli;

import psm.Psm;
import psm.fleet.Fleet;
import psm.fleet.FleetOom;
import psm.fleet.FleetReport;
import psm.fleet.FleetSystem;
import psm.fleet.Machine;
import psm.probe.ProbeScript;
import psm.probe.Recorded;
import psm.remote.Answer;
import psm.report.View;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Text;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Makes the report of several machines. */
final class MachinesSource implements HostSource.AnswerReader {
    private final Options options;
    private final SnapshotSource source;
    private final Consumer<String> problems;
    private List<String> remarks = List.of();

    MachinesSource(Options options, SnapshotSource source, Consumer<String> problems) {
        this.problems = problems;
        this.options = options;
        this.source = source;
    }

    /**
     * Returns a report of the machines that can be read.
     *
     * @param memory see {@link FleetReport}
     * @throws Failure if there is none
     */
    Psm.Report report(Map<Object, Map<Object, Long>> memory) throws Failure {
        View view = options.what().view();
        Fleet fleet =
                options.what().topic() == Topic.OOM
                        ? new FleetOom(view.maxRows())
                        : view.system() ? new FleetSystem(view) : new FleetReport(view, memory);
        HostSource hosts = new HostSource(options, problems, script(), this);
        hosts.addTo(fleet);
        remarks = hosts.remarks();
        return fleet.report();
    }

    /** Returns what the user should know about the last report. */
    List<String> remarks() {
        return remarks;
    }

    @Override
    public Machine read(Answer answer, String name) throws IOException, Failure {
        Snapshot shown = source.of(Recorded.read(answer.open()));
        Snapshot all = source.all() == null ? shown : source.all();
        return new Machine(name, all, answer.at(), answer.isProbe()).showing(shown);
    }

    private static byte[] script() {
        return Text.encode(ProbeScript.TEXT);
    }
}
