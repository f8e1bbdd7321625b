package psm.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.support.Command;
import psm.support.Machines;
import psm.support.Shapes;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Asks machines by real ssh of which some are broken, each in another way: each of these gets its
 * one line, and the figures of the others are not harmed.
 */
@Tag("endtoend")
class HostileMachinesTest {
    /** A name of this run, so that two runs at the same time do not see each other's processes. */
    private static final String NAME = "hostile-" + ProcessHandle.current().pid();

    private static final long MB = 1 << 20;

    /** The size of the load of each machine. */
    private static final int LOAD_MB = 8;

    /** The time for each machine; ssh itself waits for 10 s until a silent port speaks. */
    private static final int TIMEOUT_SECONDS = 60;

    /** The file of psm's own launcher contains such a line. */
    private static final String LAUNCHER =
            "#!/bin/sh\n# psm " + Version.CURRENT + ", written by 'psm install'.\n";

    /** Machines that answer, and what is strange about them. */
    private static final Map<String, String> ANSWERING = new TreeMap<>();

    /** Machines that do not, and why. */
    private static final Map<String, String> MISSING = new TreeMap<>();

    private static final List<String> WITHOUT_SUDO = new ArrayList<>();

    @TempDir static Path folder;

    private static final List<Shapes> SHAPES = new ArrayList<>();
    private static Machines machines;

    @BeforeAll
    static void start() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        addAnswering();
        addMissing();
        List<String> specs = new ArrayList<>();
        ANSWERING.forEach((name, words) -> specs.add(name + words));
        MISSING.forEach((name, words) -> specs.add(name + words));
        machines = Machines.start(folder, specs);
        String program = Shapes.compileStatic(folder, NAME).toString();
        for (String name : ANSWERING.keySet()) {
            SHAPES.add(machines.start(name, program, "sleep", String.valueOf(LOAD_MB)));
        }
    }

    private static void addAnswering() throws IOException {
        Path profile = folder.resolve("profile");
        Files.writeString(profile, "seq 1 160000\nprintf 'psm-probe\\n#end 1 1\\n'\necho x >&2\n");
        ANSWERING.put("plain1", "");
        ANSWERING.put("plain2", "");
        ANSWERING.put("noisy", ",shell=/bin/bash,profile=" + profile);
        ANSWERING.put("rbash", ",shell=/bin/rbash");
        ANSWERING.put("full", ",disk=full");
        ANSWERING.put("asks", ",sudo=password");
        ANSWERING.put("hidden", ",proc=hidepid=2");
        ANSWERING.put("asks2", ",sudo=password,proc=hidepid=2");
        ANSWERING.put("endmark", "");
        ANSWERING.put("churn", "");
        ANSWERING.put("foreign", ",psm=" + program("foreign", "echo '# psm is here'; sleep 1000"));
        String gone = LAUNCHER + "exec /no/such/java psm.Main \"$@\"";
        ANSWERING.put("nojava", ",psm=" + program("nojava", gone));
        addShell("fish");
        addShell("csh");
        addShell("zsh");
        addTools("busybox");
        addTools("toybox");
    }

    private static void addShell(String shell) {
        if (Command.exists(shell)) {
            ANSWERING.put(shell, ",shell=" + path(shell));
        }
    }

    private static void addTools(String tools) {
        boolean hasShell = tools.equals("busybox");
        if (Command.exists(tools) && (hasShell || Command.exists("mksh"))) {
            WITHOUT_SUDO.add(tools);
            ANSWERING.put(tools, ",tools=" + path(tools) + (hasShell ? "" : ",sh=" + path("mksh")));
        }
    }

    private static String path(String program) {
        return Command.of("sh", "-c", "command -v " + program).run().out().strip();
    }

    private static void addMissing() throws IOException {
        MISSING.put("unknown", ",key=unknown");
        MISSING.put("changed", ",key=changed");
        MISSING.put("nokey", ",keys=none");
        MISSING.put("nologin", ",shell=/usr/sbin/nologin");
        MISSING.put("false", ",shell=/bin/false");
        MISSING.put("refused", ",sshd=none");
        MISSING.put("silent", ",sshd=stopped");
        MISSING.put("hangs", ",force=" + program("hangs", "exec sleep 1000"));
        MISSING.put("quiet", ",force=" + program("quiet", "exit 0"));
        MISSING.put("menu", ",force=" + program("menu", "echo 'Choose: 1) mail 2) quit'"));
        String half = "sh -c \"$SSH_ORIGINAL_COMMAND\" | head -c 5000; kill -9 $PPID";
        MISSING.put("half", ",force=" + program("half", half));
        ANSWERING.put("stuck", ",psm=" + program("stuck", LAUNCHER + "exec sleep 1000"));
        MISSING.put("garbage", ",psm=" + program("garbage", LAUNCHER + "echo Welcome"));
    }

    private static Path program(String name, String commands) throws IOException {
        Path file = folder.resolve(name + ".sh");
        boolean isWhole = commands.startsWith("#!");
        Files.writeString(file, (isWhole ? "" : "#!/bin/sh\n") + commands + '\n');
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterAll
    static void end() throws IOException {
        for (Shapes shapes : SHAPES) {
            shapes.close();
        }
        if (machines != null) {
            machines.close();
        }
    }

    private static Command.Result psm(String... args) {
        return machines.desk(Command.psm(args)).run();
    }

    /** Returns the remark on each machine; of those that a remark has in common, on the first. */
    private static Map<String, String> remarks(Command.Result result) {
        Map<String, String> remarks = new TreeMap<>();
        for (String line : result.err().lines().toList()) {
            String[] parts = line.split(": ", 3);
            assertEquals("psm", parts[0], line);
            assertEquals(null, remarks.put(parts[1], parts[2]), result.err());
        }
        return remarks;
    }

    @Test
    void brokenMachinesHaveOneLineEach() throws Exception {
        List<String> names = new ArrayList<>(ANSWERING.keySet());
        names.addAll(MISSING.keySet());
        names.add("nowhere");
        List<Process> others = List.of(startEndMark(), startChurn());
        String hosts = String.join(",", names);
        String seconds = String.valueOf(TIMEOUT_SECONDS);
        Command.Result result =
                psm(
                        "--hosts",
                        hosts,
                        "--host-timeout",
                        seconds,
                        "--by",
                        "host,program",
                        "-o",
                        "json");
        others.forEach(Process::destroy);
        assertEquals(0, result.exitCode(), result.err());
        Map<String, String> remarks = remarks(result);
        expectedLines().forEach((name, line) -> assertMatches(line, remarks.remove(name), result));
        assertEquals(Map.of(), remarks);
        Set<String> seen = new TreeSet<>(ANSWERING.keySet());
        seen.remove("asks2");
        assertFigures(new ObjectMapper().readTree(result.out()), seen);
    }

    /** Returns the line of each machine, as a regular expression where it depends on libraries. */
    private static Map<String, String> expectedLines() {
        Map<String, String> lines = new TreeMap<>();
        lines.put(
                "unknown",
                "its host key is not known here; run 'ssh unknown' once to check and accept it");
        lines.put(
                "changed",
                "its host key has changed: it was set up anew, or another machine answers;"
                        + " run 'ssh changed' to see which key is wrong");
        lines.put("refused", "ssh: connect to host refused port 22: Connection refused");
        lines.put("nokey", "ops@nokey: Permission denied \\(publickey\\)\\.");
        lines.put(
                "nologin", "answered without a probe: This account is currently not available\\.");
        lines.put("false", "no answer; ssh ended with code 1");
        lines.put("silent", "Connection .*timed out.*");
        lines.put("hangs", "no answer within " + TIMEOUT_SECONDS + " s");
        lines.put("quiet", "no answer; ssh ended with code 0");
        lines.put("garbage", "answered without a probe: Welcome");
        lines.put("menu", "answered without a probe: Choose: 1\\) mail 2\\) quit");
        lines.put("half", "its answer was cut off after 5 kB.*");
        lines.put("nowhere", "ssh: Could not resolve hostname nowhere: .*");
        lines.put("asks, asks2", "without root there: sudo asks for a password");
        if (!WITHOUT_SUDO.isEmpty()) {
            lines.put(String.join(", ", WITHOUT_SUDO), "without root there: there is no sudo");
        }
        lines.put("not included", ".*hidden.* on asks2.* may be counted twice; on churn; .*");
        return lines;
    }

    /** Starts a process whose arguments look like a whole probe. */
    private static Process startEndMark() throws IOException {
        String arguments = "psm-probe 1\n#section stat\n1/stat:1 (init)\n#end 9 1\n";
        Command exec = Command.of("bash", "-c", "exec -a '" + arguments + "' sleep 1000");
        return new ProcessBuilder(machines.on("endmark", exec).words()).start();
    }

    /**
     * Starts a thousand processes, and replaces one in fifty each second: psm leaves a machine out
     * of which half has ended before it is read, and busy processors need over 6 s for that.
     */
    private static Process startChurn() throws IOException {
        String churn = folder.resolve("churn").toString();
        String source = Command.root().resolve("bench/churn.c").toString();
        Command.Result built = Command.of("cc", "-O1", "-static", "-o", churn, source).run();
        assertEquals(0, built.exitCode(), built.err());
        Command command = machines.on("churn", Command.of(churn, "1000", "20"));
        Process process = new ProcessBuilder(command.words()).start();
        assertTrue(process.inputReader().readLine().startsWith("ready"));
        return process;
    }

    private static void assertMatches(String pattern, String actual, Command.Result result) {
        assertTrue(
                String.valueOf(actual).matches(pattern),
                () -> pattern + " but " + actual + " of " + result.err());
    }

    /** Each machine has its load; where there is no root, it is estimated, and marked. */
    private static void assertFigures(JsonNode report, Set<String> names) {
        Set<String> found = new TreeSet<>();
        for (JsonNode row : report.get("rows")) {
            if (!row.get("program").asText().equals(NAME)) {
                continue;
            }
            String name = row.get("host").asText();
            found.add(name);
            boolean isRoot = !name.equals("asks") && !WITHOUT_SUDO.contains(name);
            long megabytes = row.get("pss_bytes").asLong() / MB;
            assertEquals(2, row.get("count").asInt(), row.toString());
            assertEquals(isRoot ? 0 : 2, row.get("estimated").asInt(), row.toString());
            assertTrue(megabytes >= LOAD_MB, row.toString());
            assertTrue(megabytes < LOAD_MB + (isRoot ? 1 : 3), row.toString());
        }
        assertEquals(names, found);
    }
}
