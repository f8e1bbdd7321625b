package psm.picture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.fleet.FleetSystem;
import psm.fleet.Machine;
import psm.proc.ProcFs;
import psm.report.Labels;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotFormatException;
import psm.support.Fixtures;
import psm.support.MadeUpHost;
import psm.support.Views;
import psm.system.MemoryAccount;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;

/** The areas of the treemap of a machine's memory add up, and have the names of columns. */
class MemoryTreemapTest {
    private static final long MB = 1 << 20;

    /** Free: 400 MB; in processes: 500 MB; slab: 40 MB; the rest is not explained. */
    private static final String MEMINFO =
            """
            MemTotal:        1024000 kB
            MemFree:          409600 kB
            MemAvailable:     409600 kB
            Cached:                0 kB
            AnonPages:        512000 kB
            Mapped:                0 kB
            Slab:              40960 kB
            SReclaimable:          0 kB
            SUnreclaim:        40960 kB
            """;

    @TempDir Path root;

    private Snapshot scan(Path folder) throws IOException {
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .with(
                                EnumSet.of(
                                        Detail.SYSTEM,
                                        Detail.DEVICE_MAPPINGS,
                                        Detail.STATUS,
                                        Detail.CGROUP));
        return new Scanner(new ProcFs(folder.resolve("proc").toString()), request).scan(1);
    }

    private static Psm.Treemap treemap(Snapshot snapshot) {
        Psm.Report report = Views.report(snapshot, Views.withHost(View.DEFAULT));
        for (Psm.Account account : report.accounts()) {
            if (account.key().equals(MemoryAccount.KEY)) {
                Labels labels = new Labels(snapshot.userNames(), null);
                return MemoryTreemap.of(account, snapshot, labels, null, 1);
            }
        }
        throw new AssertionError(report.accounts());
    }

    private Psm.Treemap treemap() throws IOException {
        return treemap(scan(root));
    }

    /**
     * Requires that an area has as many bytes as its parts, the largest of which is first. A table
     * leaves single processes out, so nothing else is beside them.
     */
    private static void assertAddsUp(Psm.Area area, String where) {
        assertTrue(area.bytes() >= 0, where);
        long sum = 0;
        long last = Long.MAX_VALUE;
        int processes = 0;
        for (Psm.Area part : area.parts()) {
            assertAddsUp(part, where);
            assertTrue(part.bytes() <= last, where + ": " + part.name());
            last = part.bytes();
            sum += part.bytes();
            processes += part.kind().equals("process") ? 1 : 0;
        }
        assertTrue(processes == 0 || processes == area.parts().size(), names(area).toString());
        if (!area.parts().isEmpty()) {
            assertEquals(area.bytes(), sum, where + ": " + area.name());
        }
    }

    private static Psm.Area part(Psm.Area area, String name) {
        for (Psm.Area part : area.parts()) {
            if (part.name().equals(name)) {
                return part;
            }
        }
        throw new AssertionError(name + " is not in " + names(area));
    }

    private static List<String> names(Psm.Area area) {
        List<String> names = new ArrayList<>();
        for (Psm.Area part : area.parts()) {
            names.add(part.kind() + ' ' + part.name() + ' ' + part.bytes() / MB);
        }
        return names;
    }

    @Test
    void processesAreInProgramsAndUnits() throws IOException {
        new MadeUpHost(root)
                .write("proc/meminfo", MEMINFO)
                .process(5, 300, 0, 700, "0::/system.slice/web.service")
                .process(6, 80, 0, 700, "0::/system.slice/web.service")
                .process(7, 120, 0, 700, "0::/");
        Psm.Area whole = treemap().whole();
        assertAddsUp(whole, "made up");
        assertEquals(1024000L * 1024, whole.bytes());
        assertEquals(MemoryAccount.TOTAL, whole.key());
        assertEquals(
                List.of(
                        "memory processes 500",
                        "memory free 400",
                        "memory unexplained 60",
                        "memory unreclaimable slab 40"),
                names(whole));
        assertTrue(part(whole, "free").free());
        Psm.Area processes = part(whole, "processes");
        assertEquals(List.of("unit web.service 380", "unit no unit 120"), names(processes));
        Psm.Area web = part(processes, "web.service");
        assertEquals(List.of("program program5 300", "program program6 80"), names(web));
        assertEquals(List.of("process pid 5 300"), names(part(web, "program5")));
    }

    @Test
    void machineWithoutUnitsHasPrograms() throws IOException {
        new MadeUpHost(root).write("proc/meminfo", MEMINFO).process(5, 500, 0, 700, "0::/");
        Psm.Area processes = part(treemap().whole(), "processes");
        assertEquals(List.of("program program5 500"), names(processes));
    }

    /** Makes a process that can be measured, and three of which only the status can be read. */
    private void makeEstimatedProcesses(String status) throws IOException {
        MadeUpHost host =
                new MadeUpHost(root)
                        .write("proc/meminfo", MEMINFO)
                        .process(5, 300, 0, 700, "0::/system.slice/web.service");
        for (int pid = 6; pid < 9; pid++) {
            host.process(pid, 150, 0, 700, "0::/system.slice/db.service");
            host.write("proc/" + pid + "/smaps_rollup", "garbage\n");
            host.write("proc/" + pid + "/smaps", "garbage\n");
            host.write("proc/" + pid + "/status", status);
        }
    }

    /** Rss counts shared pages for each process, so it is more than there can be. */
    @Test
    void estimatedProcessesAreOneArea() throws IOException {
        makeEstimatedProcesses("VmRSS: 153600 kB\nRssAnon: 153600 kB\nVmSwap: 0 kB\n");
        Psm.Treemap treemap = treemap();
        assertEquals("Where the RAM is", treemap.title());
        Psm.Area whole = treemap.whole();
        assertAddsUp(whole, "estimates");
        assertEquals(
                List.of("unit web.service 300", "memory 3 estimated processes 200"),
                names(part(whole, "processes")));
    }

    /** What is of no file is nearly always of one process. */
    @Test
    void estimatedProcessesAreDrawnWithoutFiles() throws IOException {
        makeEstimatedProcesses("VmRSS: 153600 kB\nRssAnon: 51200 kB\nRssFile: 102400 kB\n");
        Psm.Treemap treemap = treemap();
        assertTrue(treemap.title().contains("without pages of files"), treemap.title());
        Psm.Area whole = treemap.whole();
        assertAddsUp(whole, "estimates");
        assertEquals(
                List.of(
                        "unit web.service 300",
                        "unit db.service 150",
                        "memory files of 3 estimated processes 50"),
                names(part(whole, "processes")));
    }

    /** The host's processes in a container's memory: nothing fits. */
    @Test
    void contradictoryPartsFitIntoTheWhole() throws IOException {
        new MadeUpHost(root)
                .write("proc/meminfo", "MemTotal: 102400 kB\nMemFree: 51200 kB\n")
                .process(5, 90, 0, 700, "0::/a.service")
                .process(6, 70, 0, 700, "0::/b.service");
        Psm.Area whole = treemap().whole();
        assertAddsUp(whole, "contradiction");
        assertEquals(100 * MB, whole.bytes());
    }

    @Test
    void smallAreasAreMerged() throws IOException {
        MadeUpHost host =
                new MadeUpHost(root).write("proc/meminfo", MEMINFO.replace("1024000", "102400000"));
        for (int pid = 5; pid < 45; pid++) {
            host.process(pid, pid < 7 ? 20 : 1, 0, 700, "0::/system.slice/web.service");
        }
        Psm.Area web = part(part(treemap().whole(), "processes"), "web.service");
        assertEquals(
                List.of("program 38 others 38", "program program5 20", "program program6 20"),
                names(web));
    }

    @Test
    void memoryWithoutTotalIsNotDrawn() throws IOException {
        new MadeUpHost(root).write("proc/meminfo", "MemFree: 5 kB\n").process(5, 1, 0, 7, "0::/");
        assertNull(treemap());
    }

    @Test
    void eachMachineHasItsOwn() throws IOException, Failure, SnapshotFormatException {
        FleetSystem fleet = new FleetSystem(Views.withHost(View.DEFAULT), 2);
        for (String name : List.of("small", "large")) {
            new MadeUpHost(root.resolve(name))
                    .write("proc/meminfo", MEMINFO)
                    .process(5, name.equals("small") ? 100 : 300, 0, 700, "0::/a.service");
            fleet.add(new Machine(name, scan(root.resolve(name)), null, false));
        }
        fleet.report();
        List<Psm.Picture> pictures = fleet.pictures();
        assertEquals(2, pictures.size());
        for (Psm.Picture picture : pictures) {
            Psm.Treemap treemap = (Psm.Treemap) picture;
            assertAddsUp(treemap.whole(), treemap.host());
            long mb = treemap.host().equals("small") ? 100 : 300;
            assertEquals(
                    List.of("unit a.service " + mb), names(part(treemap.whole(), "processes")));
        }
    }

    /** Counters of real kernels, with processes that may not be theirs. */
    @Test
    void captures() throws IOException {
        List<Path> captures = new ArrayList<>();
        for (Path folder : List.of(Fixtures.HOST.getParent(), Fixtures.CAPTURES)) {
            if (Files.exists(folder)) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.filter(file -> Files.isRegularFile(file))
                            .filter(file -> file.toString().contains("meminfo"))
                            .forEach(captures::add);
                }
            }
        }
        int drawn = 0;
        for (Path capture : captures) {
            Path folder = root.resolve("h" + drawn);
            MadeUpHost host = new MadeUpHost(folder).process(5, 90, 0, 700, "0::/a.service");
            host.process(6, 7, 0, 700, "0::/b.service");
            Files.copy(
                    capture, folder.resolve("proc/meminfo"), StandardCopyOption.REPLACE_EXISTING);
            Psm.Treemap treemap = treemap(scan(folder));
            if (treemap != null) {
                drawn++;
                assertAddsUp(treemap.whole(), capture.toString());
            }
        }
        assertTrue(drawn >= 3, captures.toString());
    }
}
