package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.Psm;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.UnlistedMemory;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFormatException;
import psm.support.MadeUpFleet;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

/** Leaves out machines whose figures are so large that the sums over machines would be wrong. */
class FleetSumsTest {
    private static final long MB = 1 << 20;

    /** Returns a machine with a size of RAM, and the same processes each time. */
    private static Machine machine(String name, String field, long bytes) {
        Snapshot made = MadeUpFleet.machine(name, 7, 30);
        String meminfo = field + ": " + (bytes >> 10) + " kB\n";
        HostMemory memory = new HostMemory(meminfo, UnlistedMemory.UNKNOWN);
        Snapshot snapshot =
                new Snapshot(
                        made.scope(),
                        made.run(),
                        new Host(name, null, null, Missing.VALUE, memory, null),
                        made.processes(),
                        made.unmeasured(),
                        made.users(),
                        made.groups(),
                        made.cgroups(),
                        null);
        return new Machine(name, snapshot, null, false);
    }

    @ParameterizedTest
    @CsvSource({"report, MemTotal", "report, SwapTotal", "report, SwapCached", "system, MemTotal"})
    void machinesWithTooMuchAreLeftOut(String topic, String field)
            throws Failure, SnapshotFormatException {
        Fleet fleet =
                topic.equals("system")
                        ? new FleetSystem(Views.withHost(Views.of()))
                        : new FleetReport(Views.of(), null);
        fleet.add(machine("web1", field, 100 * MB));
        for (int i = 0; i < 5; i++) {
            Machine large = machine("evil" + i, field, 1L << 61);
            Exception refused = assertThrows(SnapshotFormatException.class, () -> fleet.add(large));
            assertEquals("is left out: its ", refused.getMessage().substring(0, 17));
        }
        fleet.add(machine("web2", field, 100 * MB));
        Psm.Report report = fleet.report();
        assertEquals(2, report.accounts().get(report.accounts().size() - 1).rows().size());
    }

    /** However many machines have as much as they may, others find room. */
    @ParameterizedTest
    @CsvSource({"report", "system"})
    void noMachineKeepsAnotherOneOut(String topic) throws Failure, SnapshotFormatException {
        Fleet fleet =
                topic.equals("system")
                        ? new FleetSystem(Views.withHost(Views.of()))
                        : new FleetReport(Views.of(), null);
        for (int i = 0, bits = 60; i < 20; i++) {
            while (!isAdded(fleet, machine("evil" + i, "MemTotal", 1L << bits))) {
                bits--;
            }
        }
        fleet.add(machine("web1", "MemTotal", (64 * MB) << 20));
    }

    private static boolean isAdded(Fleet fleet, Machine machine) throws Failure {
        try {
            fleet.add(machine);
            return true;
        } catch (SnapshotFormatException e) {
            return false;
        }
    }
}
