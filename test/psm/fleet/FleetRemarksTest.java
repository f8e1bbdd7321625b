package psm.fleet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.report.Figure;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.snapshot.SnapshotFormatException;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Failure;
import psm.text.Missing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

class FleetRemarksTest {
    private FleetRemarks fleet;

    @BeforeEach
    void ofSsh() {
        of(true, List.of());
    }

    private void of(boolean areOfSsh, List<String> lines) {
        FleetReport report = new FleetReport(Views.of(Figure.PSS), null);
        fleet = new FleetRemarks(report, areOfSsh, machine -> lines);
    }

    private static Snapshot snapshot(String host, String boot, Unmeasured... unmeasured) {
        Snapshot made = MadeUpSnapshot.of(List.of(), List.of(unmeasured));
        return new Snapshot(
                made.scope(),
                made.run(),
                new Host(host, null, boot, Missing.VALUE, HostMemory.NONE, null),
                made.processes(),
                made.unmeasured(),
                Map.of(),
                Map.of(),
                Map.of(),
                null);
    }

    private FleetRemarksTest with(String name, Snapshot snapshot) {
        return with(name, snapshot, null);
    }

    private FleetRemarksTest with(String name, Snapshot snapshot, Instant answered) {
        try {
            fleet.add(new Machine(name, snapshot, answered, false));
        } catch (Failure | SnapshotFormatException e) {
            throw new AssertionError(e);
        }
        return this;
    }

    private List<String> remarks() {
        try {
            List<String> remarks = new ArrayList<>(fleet.remarks(fleet.report().processes()));
            remarks.addAll(fleet.lines());
            return remarks;
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    private static Unmeasured left(int pid, Unmeasured.Reason reason, String detail) {
        return new Unmeasured(pid, "x", reason, detail);
    }

    @Test
    void nothingUnusualIsNoRemark() {
        with("web1", snapshot("web1", "a")).with("web2", snapshot("web2.example.com", "b"));
        assertEquals(List.of(), remarks());
    }

    @Test
    void whatIsLeftOutIsOneLine() {
        Unmeasured denied = left(1, Unmeasured.Reason.DENIED, null);
        for (int i = 1; i <= 9; i++) {
            with("web" + i, snapshot("web" + i, null, denied, left(2, denied.reason(), null)));
        }
        with("db1", snapshot("db1", null, left(7, Unmeasured.Reason.FAILED, "bad line")));
        assertEquals(
                List.of(
                        "not included: 18 processes (permission denied; on web1, web2, web3 and 6"
                                + " more), 1 process (could not be read; on db1; first: db1 pid 7"
                                + " (x): bad line)"),
                remarks());
    }

    @Test
    void allMachinesAreNotNamed() {
        Unmeasured denied = left(1, Unmeasured.Reason.DENIED, null);
        for (int i = 1; i <= 100; i++) {
            with("web" + i, snapshot("web" + i, null, denied));
        }
        assertEquals(
                List.of("not included: 100 processes (permission denied; on all 100 machines)"),
                remarks());
    }

    @Test
    void commonDomainIsNotRepeated() {
        Unmeasured denied = left(1, Unmeasured.Reason.DENIED, null);
        with("web1.prod.example.com", snapshot("web1", null, denied));
        with("web2.prod.example.com", snapshot("web2", null, denied));
        with("db1.prod.example.com", snapshot("db1", null));
        assertEquals(
                List.of("not included: 2 processes (permission denied; on web1, web2)"), remarks());
    }

    @ParameterizedTest
    @CsvSource({
        "true, 'psm on that machine, run as root, may resolve it'",
        "false, a snapshot that root writes may resolve it"
    })
    void doubtsComeWithARemedy(boolean isProbed, String remedy)
            throws Failure, SnapshotFormatException {
        Program program = new Program("x", Program.File.CURRENT);
        Usage usage = new Usage(new long[Usage.Field.values().length], 0, 1, 0, 0);
        ProcessMemory doubted =
                new ProcessMemory(5, 5, program, true, usage, ProcessDetails.NONE).doubted();
        Snapshot snapshot = MadeUpSnapshot.of(List.of(doubted), List.of());
        fleet.add(new Machine("web1", snapshot, null, isProbed));
        assertEquals(
                List.of("possibly too high: 1 process may be counted twice; on web1; " + remedy),
                remarks());
    }

    @Test
    void machineThatAnswersTwiceIsNamed() {
        with("web1", snapshot("box", "a")).with("web2", snapshot("box", "a"));
        assertTrue(
                remarks()
                        .contains(
                                "web1, web2 are the same machine (box), so its processes are"
                                        + " counted 2 times"),
                () -> remarks().toString());
    }

    @Test
    void otherMachinesOfOneKernelAreNotTheSame() {
        of(false, List.of());
        with("c1", snapshot("c1", "a"))
                .with("c2", snapshot("c2", "a"))
                .with("x", snapshot("y", "b"));
        assertEquals(List.of(), remarks());
    }

    @Test
    void severalSnapshotsOfOneMachineAreNamed() {
        with("web1", snapshot("web1", "a")).with("web1", snapshot("web1", "b"));
        with("web2", snapshot("web2", null)).with("web2", snapshot("web2", null));
        assertEquals(
                List.of("web1, web2: each read 2 times, so their processes are counted 2 times"),
                remarks());
    }

    @ParameterizedTest
    @CsvSource({
        "web1, web1, false",
        "web1, WEB1.example.com, false",
        "web1.example.com, web1, false",
        "web1, web2, true",
        "web1, web10, true",
        "web1.a, web1.b, true",
        "10.0.0.1, web1, false",
        "::1, web1, false",
        "localhost, web1, false"
    })
    void otherNameThanAskedForIsNamed(String name, String own, boolean isNamed) {
        with(name, snapshot(own, null));
        List<String> expected =
                List.of(
                        name
                                + " calls itself "
                                + own
                                + ": another name than you typed, as with an alias of ssh");
        assertEquals(isNamed ? expected : List.of(), remarks());
    }

    @ParameterizedTest
    @CsvSource({"-29, ''", "31, 31 s behind", "-31, 30 s ahead", "29, ''"})
    void clockThatIsOffIsNamed(long seconds, String expected) {
        Snapshot snapshot = snapshot("web1", null);
        Instant end = snapshot.run().takenAt().plusNanos(snapshot.run().nanos());
        with("web1", snapshot, end.plusSeconds(seconds));
        assertEquals(
                expected.isEmpty()
                        ? List.of()
                        : List.of(
                                "web1 ("
                                        + expected
                                        + "): the clock there differs from the one here"),
                remarks());
    }

    @Test
    void sameLineOfSeveralMachinesIsOne() {
        of(true, List.of("-c ksm: not available on Linux 4.9"));
        with("a", snapshot("a", null)).with("b", snapshot("b", null));
        assertEquals(List.of("a, b: -c ksm: not available on Linux 4.9"), remarks());
        assertFalse(remarks().isEmpty());
    }
}
