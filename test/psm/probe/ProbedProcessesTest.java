package psm.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.opentest4j.TestAbortedException;

import psm.cgroup.Cgroup;
import psm.name.Program;
import psm.name.UserNames;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Selection;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.smaps.Usage;
import psm.support.Command;
import psm.support.Shapes;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Compares what a probe shows of real processes with what psm shows that runs there as the same
 * user: each figure, each detail, and the reports. The processes are stopped, and no other process
 * shares a page with them: nothing changes meanwhile.
 */
@Tag("endtoend")
@Tag("user")
class ProbedProcessesTest {
    private static final String NAME = "probed-" + ProcessHandle.current().pid();

    /** The names that rows of other processes, and the machine itself, never have. */
    private static final String ODD = "odd\n#end 9 1\n42/cmdline:root";

    @TempDir static Path folder;

    private static final List<Shapes> SHAPES = new ArrayList<>();
    private static final List<Process> OTHERS = new ArrayList<>();
    private static final List<Long> PIDS = new ArrayList<>();
    private static final String AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups sh";

    private static Path probe;
    private static Path probeOfNobody;

    @BeforeAll
    static void startStopAndProbe() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path program = Shapes.compileStatic(folder, NAME, "WITHOUT_VDSO");
        for (String shape : List.of("memfd", "dead-leader", "swapped", "fork")) {
            start(program.toString(), shape);
        }
        start(program.toString(), "mappings", "200");
        assertTrue(start(program.toString(), "sleep", "100"));
        if (new OwnProcess().isRoot() && Command.exists("setpriv")) {
            String shape = program.toString();
            start(
                    "setpriv",
                    "--reuid=65534",
                    "--regid=65534",
                    "--clear-groups",
                    shape,
                    "sleep",
                    "7");
        }
        Path odd = Files.copy(program, folder.resolve("odd\nname"));
        program(odd.toString(), "sleep", "100");
        program("bash", "-c", "exec -a \"$0\" \"$@\"", ODD, program.toString(), "sleep", "3");
        Path deleted = Files.copy(program, folder.resolve("deleted"));
        program(deleted.toString(), "sleep", "100");
        Files.delete(deleted);
        for (Shapes shape : SHAPES) {
            PIDS.addAll(shape.pids());
        }
        for (Process other : OTHERS) {
            PIDS.add(other.pid());
            other.descendants().forEach(child -> PIDS.add(child.pid()));
        }
        signal("STOP");
        for (long pid : PIDS) {
            while (!Shapes.read(pid, "stat").matches("(?s).*\\) [TZ] .*")) {
                Thread.sleep(5);
            }
        }
        probe = probe("probe", "sh");
        if (new OwnProcess().isRoot()) {
            probeOfNobody = probe("nobody", AS_NOBODY);
        }
    }

    private static Path probe(String name, String shell) throws IOException {
        Path script = Files.writeString(folder.resolve(name + ".sh"), ProbeScript.TEXT);
        Path file = folder.resolve(name + ".psm");
        String command = shell + " < " + script + " > " + file;
        assertEquals(0, Command.of("sh", "-c", command).run().exitCode());
        return file;
    }

    private static boolean start(String program, String... arguments) throws Exception {
        try {
            SHAPES.add(Shapes.start(Path.of(program), arguments));
            return true;
        } catch (TestAbortedException e) {
            return false; // this machine cannot make that shape
        }
    }

    /** Starts a process, and waits until it sleeps as the program that it becomes. */
    private static void program(String... words) throws Exception {
        Process process = new ProcessBuilder(words).start();
        OTHERS.add(process);
        assertTrue(process.inputReader().readLine().startsWith("ready"));
    }

    @AfterAll
    static void endProcesses() throws IOException {
        signal("CONT");
        for (Process other : OTHERS) {
            other.outputWriter().close();
        }
        for (Shapes shape : SHAPES) {
            shape.close();
        }
    }

    private static void signal(String name) {
        for (long pid : PIDS) {
            Command.of("sh", "-c", "kill -" + name + ' ' + pid).run();
        }
    }

    private static String pids() {
        return String.join(",", PIDS.stream().map(String::valueOf).toList());
    }

    private static Snapshot scan(ProcFs proc) throws IOException {
        Set<String> pids = new LinkedHashSet<>(Arrays.asList(pids().split(",")));
        Set<Detail> details =
                EnumSet.complementOf(
                        EnumSet.of(Detail.MAPPINGS, Detail.GPU, Detail.DEVICE_MAPPINGS));
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .with(details)
                        .of(
                                new Selection(
                                        List.of(
                                                new Selection.Rule(
                                                        Selection.By.PID, pids, false))));
        return new Scanner(proc, request).scan(1).withNames(UserNames.of(proc));
    }

    private static ProbeFiles read(Path file) throws IOException {
        return Recorded.read(Files.newInputStream(file)).probe();
    }

    private static String described(ProcessMemory process) {
        long[] sent = process.usage().sums.clone();
        sent[Usage.Field.ANONYMOUS.ordinal()] = Missing.VALUE; // the script leaves this one out
        // The kernel may write a page meanwhile, which is clean then.
        sent[Usage.Field.PRIVATE_DIRTY.ordinal()] += sent[Usage.Field.PRIVATE_CLEAN.ordinal()];
        sent[Usage.Field.PRIVATE_CLEAN.ordinal()] = 0;
        return process.toString().replaceFirst("usage=[^,]*", "")
                + Arrays.toString(sent)
                + process.usage().cutPss;
    }

    // What is compared

    /** Probes with the tools of a program that has many, as the only ones on the PATH. */
    private static Path probeBy(String tools) throws IOException {
        if (tools.equals("gnu")) {
            return probe;
        }
        assumeTrue(Command.exists(tools), "there is no " + tools);
        Path bin = Files.createDirectory(folder.resolve("bin-" + tools));
        String all = "date find grep head id ls renice sed sleep xargs";
        String link =
                "for t in "
                        + all
                        + "; do ln -s \"$(command -v "
                        + tools
                        + ")\" "
                        + bin
                        + "/$t; done";
        assertEquals("", Command.of("sh", "-c", link).run().err());
        Files.createSymbolicLink(bin.resolve("sh"), Path.of("/bin/sh"));
        return probe(tools, "env -i PATH=" + bin + " sh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gnu", "busybox", "toybox"})
    void figuresAndDetailsAreThoseOfPsmThere(String tools) throws IOException {
        ProbeFiles probed = read(probeBy(tools));
        Snapshot there = scan(new ProcFs(ProcFs.DEFAULT_ROOT));
        Snapshot here = scan(probed);
        assertTrue(here.processes().size() >= 10, here.toString());
        for (int i = 0; i < there.processes().size(); i++) {
            ProcessMemory expected = there.processes().get(i);
            ProcessMemory process = here.processes().get(i);
            if (process.program().file() == Program.File.UNKNOWN) {
                // The links of BusyBox are ambiguous where a name has a newline.
                assertTrue(expected.program().names().executable().contains("\n"));
                assertEquals("busybox", tools);
                process = process.named(expected.program());
            }
            assertEquals(described(expected), described(process));
        }
        assertEquals(there.processes().size(), here.processes().size());
        assertEquals(there.unmeasured(), here.unmeasured());
        assertEquals(there.users(), here.users());
        assertEquals(there.groups(), here.groups());
        assertEquals(there.host().name(), here.host().name());
        assertEquals(there.host().kernel(), here.host().kernel());
        assertEquals(there.host().bootId(), here.host().bootId());
        assertEquals(there.cgroups().keySet(), here.cgroups().keySet());
        there.cgroups()
                .forEach(
                        (path, memory) ->
                                assertEquals(memory.limits(), here.cgroups().get(path).limits()));
        assertEquals(there.run().hidden(), here.run().hidden());
    }

    /** The names of the fields of documents that depend on the time, or on other processes. */
    private static final List<String> OF_THE_TIME =
            List.of("taken_at", "scan_ms", "swap", "host_memory", "pressure");

    private static JsonNode report(Command command) throws IOException {
        Command.Result result = command.run();
        assertEquals(0, result.exitCode(), result.err());
        ObjectNode report = (ObjectNode) new ObjectMapper().readTree(result.out());
        report.remove(OF_THE_TIME);
        report.get("rows").forEach(row -> ((ObjectNode) row).remove("rank")); // among all
        return report;
    }

    private static String[] with(List<String> first, String... others) {
        List<String> all = new ArrayList<>(first);
        all.addAll(List.of(others));
        return all.toArray(new String[0]);
    }

    /** Returns the columns that a probe knows, and that no other process of the machine changes. */
    private static String columns() {
        List<String> columns = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            boolean isProbed =
                    figure != Figure.HEAP
                            && figure != Figure.ANONYMOUS
                            && figure.needs() != Detail.BOOT // it is older than a moment ago
                            && figure.needs() != Detail.MAPPINGS
                            && figure.needs() != Detail.GPU
                            && figure.needs() != Detail.CGROUP_MEMORY;
            if (isProbed && figure.fold != Figure.Fold.MARK && figure.fold != Figure.Fold.CHANGE) {
                columns.add(figure.option);
            }
        }
        return String.join(",", columns);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--by pid",
                "--by program,user",
                "--by exe",
                "--by command",
                "--by cgroup,group",
                "--by unit,container",
                "--by parent",
                "--by tree",
                "--by host",
                "--scripts",
                "--spread --sort count",
                "oom",
            })
    void reportsAreThoseOfPsmThere(String words) throws IOException {
        List<String> args = new ArrayList<>(List.of(words.split(" ")));
        boolean isOom = words.equals("oom");
        args.addAll(List.of("-p", pids(), "-o", "json"));
        if (!isOom && !words.startsWith("--spread")) {
            args.addAll(List.of("-c", columns()));
        }
        assertLikePsmThere(
                Command.psm(with(args, "--proc", "/proc")), args, () -> probe("again", "sh"));
    }

    /** Makes the output of a probe. */
    private interface Probing {
        Path probe() throws IOException;
    }

    /** Compares a report of a new probe with that of psm. */
    private static JsonNode assertLikePsmThere(Command psm, List<String> args, Probing probing)
            throws IOException {
        JsonNode there = report(psm);
        Path file = probing.probe();
        JsonNode here = report(Command.psm(with(args, "--from", file.toString())));
        assertEquals(there.toPrettyString(), here.toPrettyString());
        return there;
    }

    @Test
    void nobodyIsShownWhatNobodySees() throws IOException {
        assumeTrue(probeOfNobody != null, "only root can become nobody");
        List<String> args = List.of("-d", "-p", pids(), "-o", "json", "-c", columns());
        Path home = Files.createDirectory(folder.resolve("home"));
        JsonNode there =
                assertLikePsmThere(
                        Command.psmAsNobody(home, with(args, "--proc", "/proc")),
                        args,
                        () -> probe("again", AS_NOBODY));
        assertTrue(there.get("processes").get("estimates").get("denied").asInt() > 5);
    }

    @Test
    void snapshotOfAProbeGivesTheSameReports() throws IOException {
        Path snapshot = folder.resolve("snapshot.psm");
        String[] write = {"--from", probe.toString(), "-o", "snapshot"};
        assertEquals(0, Command.psm(write).to(snapshot).run().exitCode());
        assertNull(Recorded.read(Files.newInputStream(snapshot)).probe());
        List<String> args = List.of("-d", "-p", pids(), "-o", "json", "-c", columns());
        JsonNode probed = report(Command.psm(with(args, "--from", probe.toString())));
        JsonNode written = report(Command.psm(with(args, "--from", snapshot.toString())));
        assertEquals(probed.toPrettyString(), written.toPrettyString());
    }

    @Test
    void memoryOfTheSystemIsAccountedFor() throws IOException {
        JsonNode report =
                new ObjectMapper()
                        .readTree(
                                Command.psm("--system", "--from", probe.toString(), "-o", "json")
                                        .run()
                                        .out());
        JsonNode live =
                new ObjectMapper().readTree(Command.psm("--system", "-o", "json").run().out());
        Set<String> keys = new LinkedHashSet<>();
        live.get("host_memory").fieldNames().forEachRemaining(keys::add);
        Set<String> probed = new LinkedHashSet<>();
        report.get("host_memory").fieldNames().forEachRemaining(probed::add);
        assertEquals(keys, probed);
        assertEquals(
                live.get("host_memory").get("mem_total_bytes"),
                report.get("host_memory").get("mem_total_bytes"));
    }

    @Test
    void remarksSayWhoRanTheProbe() throws IOException {
        String text = Files.readString(probe, ISO_8859_1);
        Path lacking = folder.resolve("lacking.psm");
        String lacks = text.replaceFirst("(#uid .*\n)", "$1#lacks find\n#lacks grep-z\n");
        Files.writeString(lacking, lacks, ISO_8859_1);
        Command.Result result = Command.psm("--from", lacking.toString()).run();
        String remark = "no find, grep-z there, so the probe has read less: see docs/probe.md\n";
        assertTrue(result.err().startsWith("psm: " + remark), result.err());
        if (probeOfNobody != null) {
            String err = Command.psm("--from", probeOfNobody.toString()).run().err();
            assertTrue(err.contains("(permission denied to the user who ran the probe)"), err);
        }
    }

    @Test
    void whatAProbeDoesNotReadIsRefused() {
        for (String column : List.of("mappings", "gpu", "heap")) {
            Command.Result result = Command.psm("--from", probe.toString(), "-c", column).run();
            assertEquals(
                    "psm: column "
                            + column
                            + ": a probe does not read it; leave it out, or run psm on that"
                            + " machine\n",
                    result.err());
            assertEquals(2, result.exitCode());
        }
    }

    @Test
    void selectionsOfAProbeAreChecked() throws IOException {
        String file = probe.toString();
        Command.Result user = Command.psm("--from", file, "--user", "x").run();
        assertTrue(user.err().startsWith("psm: --user x: no process in this"), user.err());
        Command.Result pid = Command.psm("--from", file, "-p", "999999999").run();
        assertEquals("psm: --pid 999999999: no such process\n", pid.err());
        Command.Result unit = Command.psm("--from", file, "--unit", "x").run();
        assertTrue(unit.err().startsWith("psm: --unit x: no process"), unit.err());
        assertEquals(2, unit.exitCode());
        String cgroup = Cgroup.parse(Shapes.read(PIDS.get(0), "cgroup")).path();
        assertEquals(0, Command.psm("--from", file, "--cgroup", cgroup).run().exitCode());
    }
}
