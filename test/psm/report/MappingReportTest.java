package psm.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.Psm;
import psm.cli.Arguments;
import psm.format.Formats;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Shapes;
import psm.support.Views;
import psm.text.Filter;
import psm.text.Missing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tests reports by mapping, and that their totals equal those of reports by program. */
class MappingReportTest {
    private static final long MB = 1 << 20;
    private static final String MAPPING = "00400000-00452000 r-xp 00000000 08:02 173521     ";

    /** A name with the pid, so that two test runs at one time do not see each other's processes. */
    private static final String NAME = "maps-" + ProcessHandle.current().pid();

    @TempDir static Path folder;

    @TempDir Path root;

    private static Path program;

    @BeforeAll
    static void compile() {
        program = Command.exists("cc") ? Shapes.compile(folder, NAME) : null;
    }

    private static Snapshot scan(String proc, ScanRequest request) throws IOException {
        return new Scanner(new ProcFs(proc), request.withMappings()).scan(2);
    }

    private static Object value(Psm.Report report, String row, String key) {
        for (Psm.Row other : report.rows()) {
            if (other.values().get(0).equals(row)) {
                return value(report, other, key);
            }
        }
        throw new AssertionError("no " + row + " in " + report.rows());
    }

    private static Object value(Psm.Report report, Psm.Row row, String key) {
        for (int i = 0; i < report.columns().size(); i++) {
            if (report.columns().get(i).key().equals(key)) {
                return row.values().get(i);
            }
        }
        throw new AssertionError("no " + key + " in " + report.columns());
    }

    private static void assertHasTheTotals(Snapshot ofMappings, Snapshot ofProcesses) {
        Psm.Report programs =
                Views.report(ofProcesses, Views.of(Figure.PSS, Figure.SWAP, Figure.SHARED));
        long unique = Missing.VALUE;
        for (ProcessMemory process : ofProcesses.processes()) {
            unique = process.isCounted() ? Missing.plus(unique, process.usage().unique()) : unique;
        }
        for (boolean byKind : new boolean[] {false, true}) {
            Psm.Report report = Views.maps(ofMappings, byKind);
            for (String key : new String[] {"pss_bytes", "swap_bytes"}) {
                Object expected = value(programs, programs.totals(), key);
                assertEquals(expected, value(report, report.totals(), key), key);
            }
            Long expected = unique == Missing.VALUE ? null : (Long) unique;
            assertEquals(expected, value(report, report.totals(), "uss_bytes"));
            assertNull(value(report, report.totals(), "rss_bytes"));
        }
    }

    @Test
    void totalsEqualThoseOfProcesses() throws IOException {
        String host = Fixtures.HOST.toString();
        Snapshot mappings = scan(host, ScanRequest.of(Source.AUTO));
        Snapshot smaps = new Scanner(new ProcFs(host), ScanRequest.of(Source.SMAPS)).scan(1);
        assertHasTheTotals(mappings, smaps);
        assertEquals(smaps.processes().size(), mappings.processes().size());
        assertEquals("smaps", Views.maps(mappings, false).source());
    }

    @Test
    void totalsOfCapturesEqualThoseOfProcesses() throws IOException {
        assumeTrue(Files.exists(Fixtures.CAPTURES), "there are no captures beside the checkout");
        List<Path> captures;
        try (Stream<Path> files = Files.walk(Fixtures.CAPTURES)) {
            captures = files.filter(file -> file.endsWith("smaps")).sorted().toList();
        }
        for (int i = 0; i < captures.size(); i++) {
            Path process = Files.createDirectories(root.resolve("" + (1 + i)));
            Files.copy(captures.get(i), process.resolve("smaps"));
        }
        Snapshot mappings = scan(root.toString(), ScanRequest.of(Source.AUTO));
        assertTrue(mappings.processes().size() > 40, mappings.processes().size() + " captures");
        ScanRequest smaps = ScanRequest.of(Source.SMAPS);
        assertHasTheTotals(mappings, new Scanner(new ProcFs(root.toString()), smaps).scan(1));
    }

    /** One snapshot contains both, so nothing changes between two readings. */
    @Test
    void totalsOfLiveProcessesEqualTheirScan() throws IOException {
        Snapshot snapshot = scan("/proc", ScanRequest.of(Source.AUTO));
        assertHasTheTotals(snapshot, snapshot);
    }

    /** Counting mappings reads another file as well, which must not change the figures. */
    @Tag("endtoend")
    @Test
    void figuresDoNotDependOnTheOrder() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "600").start();
        try {
            String pid = "" + sleep.pid();
            // Pages become private or shared when other processes start and exit.
            String some = ".*\"totals\":[{]\"mappings\":[1-9][0-9]*,\"pss_bytes\":[1-9].*";
            for (String column : List.of("pss", "rss", "mappings", "name")) {
                String[] args = {"maps", "-p", pid, "-o", "json", "--sort", column};
                Command.Result result = Command.psm(args).run();
                assertEquals("", result.err());
                assertTrue(result.out().strip().matches(some), result.out());
            }
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    private void process(int pid, String smaps) throws IOException {
        Path process = Files.createDirectories(root.resolve("" + pid));
        Files.writeString(process.resolve("smaps"), smaps);
        Files.writeString(process.resolve("cmdline"), "program" + pid + "\0");
    }

    private static List<Object> names(Psm.Report report) {
        List<Object> names = new ArrayList<>();
        for (Psm.Row row : report.rows()) {
            names.add(row.values().get(0));
        }
        return names;
    }

    @Test
    void largestIsFirstAndNamesBreakTies() throws IOException {
        process(
                5,
                MAPPING
                        + "/b\nPss: 3 kB\n"
                        + MAPPING.replace("r-x", "rw-")
                        + "[heap]\nPss: 9 kB\n"
                        + MAPPING
                        + "/a\nPss: 3 kB\n");
        process(6, MAPPING + "/c\nPss: 2 kB\nShared_Clean: 4 kB\n" + MAPPING + "\nPss: 1 kB\n");
        Snapshot snapshot = scan(root.toString(), ScanRequest.of(Source.AUTO));
        Psm.Report report = Views.maps(snapshot, false);
        assertEquals(List.of("[heap]", "/a", "/b", "/c", "[anonymous]"), names(report));
        List<String> inTable = new ArrayList<>();
        for (Psm.Row row : report.ranking().inTable()) {
            inTable.add((String) row.values().get(0));
        }
        assertEquals(List.of("[anonymous]", "/c", "/a", "/b", "[heap]"), inTable);
        assertEquals(2560L, value(report, "/c", "pss_bytes"));
        assertEquals(1L, value(report, "/c", "processes"));
        assertNull(value(report, "/c", "swap_bytes"));
        Psm.Report kinds = Views.maps(snapshot, true);
        assertEquals(List.of("heap", "file text", "JIT code"), names(kinds));
        assertEquals(3L, value(kinds, "file text", "mappings"));
        assertEquals(2L, value(kinds, "file text", "processes"));
    }

    @Test
    void filteredMappingsAreInNoTotal() throws Exception {
        process(
                5,
                MAPPING
                        + "/b\nPss: 3 kB\n"
                        + MAPPING.replace("r-x", "rw-")
                        + "[heap]\nPss: 9 kB\n"
                        + MAPPING
                        + "/a\nPss: 2 kB\n");
        Snapshot snapshot = scan(root.toString(), ScanRequest.of(Source.AUTO));
        View names = Arguments.parse("maps", "--map", "^/").what().view();
        Psm.Report files = MappingReport.of(snapshot, "VERSION", false, names);
        assertEquals(List.of("/b", "/a"), names(files));
        assertEquals(5120L, value(files, files.totals(), "pss_bytes"));
        assertNull(files.more());
        View largest = Arguments.parse("maps", "--map", "^/", "-n", "1").what().view();
        assertEquals(1, MappingReport.of(snapshot, "VERSION", false, largest).more().rows());
        View kinds = Arguments.parse("maps", "--by", "kind", "--map", "heap").what().view();
        assertEquals(List.of("heap"), names(MappingReport.of(snapshot, "VERSION", true, kinds)));
    }

    @Test
    void totalsOfNothingAreZero() throws IOException {
        process(5, MAPPING + "/b\nPss: 3 kB\n");
        ScanRequest none =
                ScanRequest.of(Source.AUTO)
                        .filtered(new Filter("--filter", Pattern.compile("nobody")));
        Psm.Report report = Views.maps(scan(root.toString(), none), false);
        assertEquals(List.of(), report.rows());
        assertEquals(0L, value(report, report.totals(), "pss_bytes"));
        assertNull(report.source());
    }

    @Test
    void onlyChosenProcessesAreRead() throws IOException {
        for (int pid = 5; pid < 9; pid++) {
            process(pid, MAPPING + "/" + pid + "\nPss: 3 kB\n");
        }
        ScanRequest chosen = ScanRequest.of(Source.AUTO).of(pids("4", "5", "7", "99"));
        Snapshot snapshot = scan(root.toString(), chosen);
        assertEquals(List.of("/5", "/7"), names(Views.maps(snapshot, false)));
        assertTrue(snapshot.scope().filtered());
        assertEquals(Set.of("4", "99"), pids("4", "5", "7", "99").missing(snapshot.pids()));
        ScanRequest both =
                ScanRequest.of(Source.AUTO)
                        .filtered(new Filter("--filter", Pattern.compile("7")))
                        .of(pids("5", "7"));
        assertEquals(List.of("/7"), names(Views.maps(scan(root.toString(), both), false)));
    }

    private static Selection pids(String... pids) {
        Selection.Rule rule = new Selection.Rule(Selection.By.PID, Set.of(pids), false);
        return new Selection(List.of(rule));
    }

    /** A process that could not be read completely adds none of its mappings. */
    @Test
    void malformedFileAddsNothing() throws IOException {
        process(5, MAPPING + "/b\nPss: 3 kB\n" + MAPPING + "/a\nPss: x kB\n");
        process(6, MAPPING + "/b\nPss: 3 kB\n");
        Snapshot snapshot = scan(root.toString(), ScanRequest.of(Source.AUTO));
        assertEquals(1, snapshot.count(Unmeasured.Reason.FAILED));
        Psm.Report report = Views.maps(snapshot, false);
        assertEquals(List.of("/b"), names(report));
        assertEquals(3072L, value(report, "/b", "pss_bytes"));
        assertEquals(1L, value(report, "/b", "processes"));
    }

    @Test
    void overflowingFileAddsNothing() throws IOException {
        long most = Long.MAX_VALUE / 1024;
        process(5, MAPPING + "/b\nPss: " + most + " kB\n");
        process(6, MAPPING + "/b\nPss: 3 kB\n");
        Snapshot snapshot =
                new Scanner(
                                new ProcFs(root.toString()),
                                ScanRequest.of(Source.SMAPS).withMappings())
                        .scan(1);
        Psm.Report report = Views.maps(snapshot, false);
        assertEquals(1, snapshot.count(Unmeasured.Reason.FAILED));
        assertEquals(most * 1024, value(report, report.totals(), "pss_bytes"));
        assertHasTheTotals(snapshot, snapshot);
    }

    private static Psm.Report live(boolean byKind) throws IOException {
        Snapshot snapshot =
                scan(
                        "/proc",
                        ScanRequest.of(Source.AUTO)
                                .filtered(
                                        new Filter("--filter", Pattern.compile("^" + NAME + "$"))));
        assertHasTheTotals(snapshot, snapshot);
        return Views.maps(snapshot, byKind);
    }

    private static void assertAbout(long bytes, Object actual) {
        long found = (Long) actual;
        assertTrue(bytes <= found && found <= bytes + MB / 4, bytes + " are not " + found);
    }

    @Test
    void memfdOfTwoProcessesIsOneRow() throws Exception {
        try (Shapes pair = Shapes.start(program, "memfd")) {
            Psm.Report report = live(false);
            String name = "/memfd:shapes (deleted)";
            assertAbout(pair.fact("bytes"), value(report, name, "pss_bytes"));
            assertEquals(2L, value(report, name, "processes"));
            assertAbout(2 * pair.fact("bytes"), value(report, name, "rss_bytes"));
            assertEquals(0L, value(report, name, "uss_bytes"));
            Psm.Report kinds = live(true);
            assertAbout(pair.fact("bytes"), value(kinds, "shared memory", "pss_bytes"));
        }
    }

    @Test
    void tmpfsIsSharedMemory() throws Exception {
        try (Shapes pair = Shapes.start(program, "tmpfs")) {
            assertAbout(pair.fact("bytes"), value(live(true), "shared memory", "pss_bytes"));
        }
    }

    @Test
    void hugePagesAreAKind() throws Exception {
        try (Shapes pair = Shapes.start(program, "hugetlb")) {
            Psm.Report kinds = live(true);
            assertEquals(pair.fact("private"), value(kinds, "huge pages", "pss_bytes"));
            assertEquals(
                    2 * pair.fact("shared"), value(kinds, "huge pages", "shared_hugetlb_bytes"));
        }
    }

    @Test
    void sharedAddressSpaceCountsOnce() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can read page frames");
        for (String shape : new String[] {"clone-vm", "vfork"}) {
            try (Shapes pair = Shapes.start(program, shape)) {
                assertEquals(100 * MB, pair.fact("bytes"));
                Psm.Report kinds = live(true);
                assumeTrue(
                        (Long) value(kinds, "anonymous", "processes") == 2,
                        "this host does not show page frames, not even to root");
                assertAbout(100 * MB, value(kinds, "anonymous", "pss_bytes"));
            }
        }
    }

    @Test
    void mappingsOfOneNameAreOneRow() throws Exception {
        try (Shapes process = Shapes.start(program, "mappings", "20000")) {
            Psm.Report report = live(false);
            long mappings = (Long) value(report, "[anonymous]", "mappings");
            assertTrue(mappings >= 20_000, mappings + " mappings");
            assertAbout(process.fact("bytes"), value(report, "[anonymous]", "pss_bytes"));
        }
    }

    @Test
    void everyFormatWritesMappings() throws IOException {
        process(5, MAPPING + "/b\nPss: 3 kB\n");
        Psm.Report report = Views.maps(scan(root.toString(), ScanRequest.of(Source.AUTO)), false);
        for (Psm.Row row : report.rows()) {
            assertEquals(report.columns().size(), row.values().size());
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Formats.Table().export(report, new Psm.Output(out, false, true, false));
        new Formats.Json().export(report, new Psm.Output(out, false, true, false));
        new Formats.Csv().export(report, new Psm.Output(out, false, true, false));
        assertTrue(out.toString(StandardCharsets.UTF_8).contains("/b (1)"));
    }
}
