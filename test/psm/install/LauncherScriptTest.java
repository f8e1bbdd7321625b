package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Undo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Runs the launcher of an installed psm where Java does not start, crashes, or is replaced. */
@Tag("endtoend")
@Tag("jdk")
class LauncherScriptTest {
    private static final String JAVA = System.getProperty("java.home");

    private static final String LIMITS =
            "psm: Java does not start within the limits here; it needs 'ulimit -v 1000000', 'ulimit"
                    + " -d 200000' and 64 processes, or more\n";

    /** The folder of an installation that no test changes. */
    @TempDir static Path shared;

    @TempDir Path folder;

    @BeforeEach
    void install() throws IOException {
        for (Path open : List.of(shared, folder)) {
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (!Files.exists(Path.of(launcher()))) {
            Command.Result result =
                    Command.psmAlone("install", "--prefix", shared + "/p", "--java", JAVA).run();
            assertEquals(0, result.exitCode(), result.err());
        }
    }

    private static String launcher() {
        return shared.resolve("p/bin/psm").toString();
    }

    /** Makes a command that runs a script, in which {@code $psm} is the launcher. */
    private Command script(String shell, String script) {
        return Command.of(shell, "-c", script).with("psm", shell + " " + launcher()).in(folder);
    }

    /** Makes such a command of another user than root, whose processes the kernel counts. */
    private Command scriptOfUser(String shell, String script) {
        assumeTrue(new OwnProcess().isRoot(), "only root can become another user");
        // No other test and no service has processes of this user.
        String uid = Long.toString(2_000_000 + ProcessHandle.current().pid());
        return Command.of("setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups", shell)
                .append(List.of("-c", script))
                .with("psm", shell + " " + launcher())
                .in(folder);
    }

    private static void assertIsReport(Command.Result result) {
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().startsWith("\"program\","), result.out());
        assertTrue(result.err().matches("(psm: (not included|estimated).*\n)?"), result.err());
    }

    private static void assertFails(String message, Command.Result result) {
        assertEquals(message, result.err());
        assertEquals("", result.out());
        assertEquals(1, result.exitCode());
    }

    private static String absolute(String program) {
        return Command.of("sh", "-c", "command -v " + program).run().out().strip();
    }

    @ParameterizedTest
    @CsvSource({
        "dash, -d 200000",
        "dash, -v 1000000",
        "dash, -v 1500000",
        "dash, -n 16",
        "bash, -v 1000000",
        "bash, -n 16"
    })
    void psmRunsWithinLimits(String shell, String limit) {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        assertIsReport(script(shell, "ulimit " + limit + "; exec $psm -o csv").run());
    }

    @ParameterizedTest
    @CsvSource({
        "dash, -d 20000",
        "dash, -d 80000",
        "dash, -v 20000",
        "dash, -v 100000",
        "dash, -v 250000",
        "bash, -d 20000",
        "bash, -v 100000"
    })
    void aLimitIsReportedInOneLine(String shell, String limit) {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        assertFails(LIMITS, script(shell, "ulimit " + limit + "; exec $psm -o csv").run());
    }

    /** A shell that is the user's only process can start none. */
    @ParameterizedTest
    @CsvSource({"dash, 1", "dash, 8", "bash, 8"})
    void aLimitOfProcessesIsReportedInOneLine(String shell, int processes) {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        String script = "exec prlimit --nproc=" + processes + " $psm -o csv";
        assertFails(LIMITS, scriptOfUser(shell, script).run());
        script = "exec prlimit --nproc=64 $psm -o csv";
        assertIsReport(scriptOfUser(shell, script).run());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void closedDescriptorsAreNoFilesOfJava(String shell) {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        String closed = "psm: standard output is closed, so there is nowhere to write to\n";
        assertFails(closed, script(shell, "exec $psm -o csv >&-").run());
        assertFails(closed, script(shell, "exec $psm -o csv <&- >&-").run());
        assertFails("", script(shell, "exec $psm -o csv <&- >&- 2>&-").run());
        assertIsReport(script(shell, "exec $psm -o csv 2>&-").run());
        assertIsReport(script(shell, "exec $psm -o csv <&- 2>&-").run());
        Command.Result result = script(shell, "exec $psm --from - <&-").run();
        assertEquals(
                "psm: --from -: is empty: neither a snapshot nor a probe's output\n", result.err());
        assertEquals(2, result.exitCode());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void aMissingProcIsReported(String shell) {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        String mount = "mount -t tmpfs none /proc && ";
        Command.Result possible = Command.of("unshare", "-m", "sh", "-c", mount + "true").run();
        assumeTrue(possible.exitCode() == 0, "cannot mount: " + possible.err());
        String script = "exec unshare -m sh -c '" + mount + "exec $psm -o csv'";
        assertFails(
                "psm: there is no /proc here, which Java needs to start; run 'mount -t proc proc"
                        + " /proc'\n",
                script(shell, script).run());
    }

    /** The shell itself may print a line about it, before it reads the launcher. */
    @ParameterizedTest
    @ValueSource(strings = {"", "unset PWD;", "mkdir ../gone;"})
    void psmRunsInADeletedFolder(String then) throws IOException {
        for (String shell : List.of("dash", "bash")) {
            assumeTrue(Command.exists(shell), "there is no " + shell);
            String script = "mkdir gone; cd gone; rmdir ../gone; " + then + " exec $psm -o csv";
            Command.Result result = script(shell, script).run();
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(result.out().startsWith("\"program\","), result.out());
            assertFalse(result.err().contains("java.lang"), result.err());
            Files.deleteIfExists(folder.resolve("gone"));
        }
    }

    /** The path of such a folder leads nowhere for this user, but its files can be opened. */
    @Test
    void psmStaysInAFolderBelowAClosedOne() {
        String script =
                "rm -rf closed; mkdir -m 700 closed; mkdir closed/open; cd closed/open;"
                        + " $psm -o snapshot 2>/dev/null | cat >x;";
        String become = "exec setpriv --reuid=65534 --regid=65534 --clear-groups ";
        assumeTrue(new OwnProcess().isRoot(), "only root can become another user");
        for (String shell : List.of("dash", "bash")) {
            assumeTrue(Command.exists(shell), "there is no " + shell);
            Command.Result result = script(shell, script + become + "$psm --from x -o csv").run();
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(result.out().startsWith("\"program\","), result.out());
        }
    }

    /** A core would be written even if the limit of the caller allows it. */
    @ParameterizedTest
    @ValueSource(strings = {"SEGV", "BUS", "ABRT"})
    void aCrashWritesNoFile(String signal) throws Exception {
        assertLeavesNothing(signal, launcher());
    }

    @Test
    void aCrashUnderJbangWritesNoFile() throws Exception {
        assertLeavesNothing("SEGV", Command.psm().words().toArray(new String[0]));
    }

    private void assertLeavesNothing(String signal, String... psm) throws Exception {
        Path target = folder.resolve("target");
        Path current = Files.createDirectory(folder.resolve("current"));
        // A file of that name would be written through a link, which another user could have made.
        String script =
                "ulimit -c unlimited; ln -s \"$0\" hs_err_pid$$.log; exec \"$@\" --watch 600";
        List<String> words = new ArrayList<>(List.of("sh", "-c", script, target.toString()));
        words.addAll(List.of(psm));
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                new ProcessBuilder(words)
                        .directory(current.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        while (!Files.readString(out).contains("TOTAL") && process.isAlive()) {
            Thread.sleep(10);
        }
        String report = Files.readString(out);
        Command.of("kill", "-" + signal, Long.toString(process.pid())).run();
        assertTrue(process.waitFor(1, TimeUnit.MINUTES));
        assertNotEquals(0, process.exitValue());
        assertEquals(report, Files.readString(out), "Java printed to standard output");
        assertTrue(Files.readString(err).matches("(psm: (not included|estimated).*\n)?"));
        assertFalse(Files.exists(target), "Java wrote through a link");
        try (Stream<Path> files = Files.list(current)) {
            assertEquals(1, files.count(), "only the link is there");
        }
    }

    /** Otherwise the addresses of a process of root could be known before it starts. */
    @Test
    void archivesHaveAnotherAddressInEachRun() throws Exception {
        assertNotEquals(addressOfArchive(), addressOfArchive());
    }

    private String addressOfArchive() throws Exception {
        String maps = inFirstReport(new ProcessBuilder(launcher(), "--watch", "600"), "maps");
        Matcher archive = Pattern.compile("(?m)^(\\w+)-.*\\.(aot|jsa)$").matcher(maps);
        assertTrue(archive.find(), maps);
        return archive.group(1);
    }

    /** Reads a file of the process from {@code /proc} when it has printed a report. */
    private String inFirstReport(ProcessBuilder psm, String file) throws Exception {
        Path out = folder.resolve("out");
        Process process =
                psm.redirectOutput(out.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        try {
            while (!Files.readString(out).contains("TOTAL") && process.isAlive()) {
                Thread.sleep(10);
            }
            return Files.readString(Path.of("/proc/" + process.pid() + "/" + file));
        } finally {
            process.destroyForcibly();
            process.waitFor();
            Files.delete(out);
        }
    }

    /** Each process takes a millisecond or more. */
    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void theLauncherStartsNoProcess(String shell) throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace to see what it starts");
        assumeTrue(Command.exists(shell), "there is no " + shell);
        Path trace = folder.resolve("trace");
        Command.Result result =
                script(shell, "exec strace -s 999 -o " + trace + " -e trace=process $psm").run();
        assertEquals(0, result.exitCode(), result.err());
        List<String> calls = Files.readAllLines(trace);
        calls.removeIf(call -> !call.matches("(execve|clone|fork|vfork|clone3)\\(.*"));
        assertTrue(calls.get(0).contains(launcher()), calls.get(0));
        // Before Java, root starts env in the place of the shell.
        calls.removeIf(call -> call.matches("execve\\(\"[^\"]*/env\".*"));
        assertTrue(calls.get(1).matches("execve.*/bin/java.*"), calls.get(1));
    }

    /**
     * Some of these make root's Java load a library, and read a file or connect to a display, which
     * the caller names.
     */
    @ParameterizedTest
    @ValueSource(strings = {"sudo", "root", "user"})
    void javaGetsNoVariableThatChangesIt(String caller) throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can become another user");
        Set<String> bad =
                Set.of(
                        "_JAVA_SPLASH_FILE",
                        "_JAVA_SPLASH_JAR",
                        "_JAVA_VERSION_SET",
                        "_JAVA_SR_SIGNUM",
                        "_JAVA_OPTIONS",
                        "JDK_ALTERNATE_VM",
                        "GLIBC_TUNABLES",
                        "MALLOC_TOP_PAD_",
                        "MALLOC_PERTURB_",
                        "LOCPATH");
        Set<String> kept = Set.of("HOME", "PATH", "TERM", "LANG", "NO_COLOR");
        List<String> words = new ArrayList<>();
        if (caller.equals("user")) {
            words.addAll(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
        }
        words.addAll(List.of(launcher(), "--watch", "600"));
        ProcessBuilder psm = new ProcessBuilder(words);
        Map<String, String> environment = psm.environment();
        environment.remove("SUDO_UID");
        for (String variable : bad) {
            environment.put(variable, "0");
        }
        for (String variable : kept) {
            environment.putIfAbsent(variable, "C");
        }
        environment.put("PLUGIN_TOKEN", "x");
        environment.put("DISPLAY", ":77");
        if (caller.equals("sudo")) {
            environment.put("SUDO_UID", "65534");
        }
        Set<String> names = new TreeSet<>();
        for (String variable : inFirstReport(psm, "environ").split("\0", -1)) {
            names.add(variable.replaceFirst("=.*", ""));
        }
        assertTrue(names.containsAll(kept), names.toString());
        assertTrue(Collections.disjoint(names, bad), names.toString());
        boolean isUser = caller.equals("user");
        assertEquals(isUser, names.contains("PLUGIN_TOKEN"), names.toString());
        assertEquals(isUser, names.contains("DISPLAY"), names.toString());
        assertEquals(caller.equals("sudo"), names.contains("SUDO_UID"), names.toString());
    }

    /** Java looks for these two, and prints a line if they are there. */
    @Test
    void filesOfTheCurrentFolderMakeJavaPrintNothing() throws IOException {
        Files.writeString(folder.resolve(".hotspotrc"), "+PrintFlagsFinal\n");
        Files.writeString(folder.resolve(".hotspot_compiler"), "print\n");
        Command.Result result = script("sh", "exec $psm --version").run();
        assertEquals("", result.err());
        assertEquals(1, result.out().lines().count(), result.out());
    }

    /** The programs that psm starts get nothing from its environment or its folder. */
    @Test
    void otherProgramsGetNoEnvironment() throws IOException {
        for (String program : List.of("strace", "script", "getent", "stty", "setpriv")) {
            assumeTrue(Command.exists(program), "there is no " + program);
        }
        assumeTrue(new OwnProcess().isRoot(), "only root can run a process of an unknown user");
        Path trace = folder.resolve("trace");
        // A terminal makes psm start stty, and a user without a name makes it start getent.
        String script =
                "setpriv --reuid=1999999 sleep 1000 & pid=$!; trap 'kill $pid' EXIT; exec 3>&1;"
                        + " script -qec \"strace -f -v -s 9999 -o "
                        + trace
                        + " -e trace=execve,chdir $psm --by user\" /dev/null";
        String psm = String.join(" ", Command.psm().words());
        Command.Result result =
                Command.of("sh", "-c", script).with("psm", psm).with("SECRET", "x").run();
        assertEquals(0, result.exitCode(), result.err());
        List<String> lines = Files.readAllLines(trace);
        for (String program : List.of("/stty\"", "/getent\"")) {
            int at = 0;
            String call = ".*execve\\([^,]*" + program + ".*";
            while (at < lines.size() && !lines.get(at).matches(call)) {
                at++;
            }
            assertTrue(at < lines.size(), "psm has not started " + program + result.out());
            assertTrue(lines.get(at).contains("], [])"), lines.get(at));
            String chdir = lines.get(at).replaceFirst(" .*", "") + " chdir(\"/\")";
            String before = String.join("\n", lines.subList(0, at)).replaceAll(" +", " ");
            assertTrue(before.contains(chdir), before);
        }
    }

    /** A user who may run psm alone as root, with sudo's safe settings for the PATH turned off. */
    @ResourceLock("sudoers")
    @ParameterizedTest
    @ValueSource(strings = {"Java is there", "Java is missing"})
    void sudoRunsNoProgramOfTheCaller(String java) throws IOException {
        for (String program : List.of("sudo", "visudo", "script", "useradd", "setpriv")) {
            assumeTrue(Command.exists(program), "there is no " + program);
        }
        assumeTrue(new OwnProcess().isRoot(), "only root can make another user");
        Path launcher = Path.of(launcher());
        String script = Files.readString(launcher);
        if (java.endsWith("missing")) {
            assumeTrue(Files.isExecutable(Path.of("/usr/bin/java")), "psm would not run");
            launcher = folder.resolve("psm");
            Files.writeString(launcher, script.replaceFirst("(?m)^java=.*", "java=/nowhere"));
            Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Path trap = Files.createDirectory(folder.resolve("trap"));
        Path sprung = folder.resolve("sprung");
        for (String name : List.of("stty", "java", "sudo", "env", "getent", "sh", "id", "true")) {
            Path file = trap.resolve(name);
            Files.writeString(file, "#!/bin/sh\necho " + name + " >>" + sprung + "\n");
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        try (Sudoer sudoer = new Sudoer(launcher)) {
            String sudo = absolute("sudo") + " -n " + launcher;
            Command.Result result =
                    sudoer.command(absolute("script"), "-qec", sudo, "/dev/null")
                            .with("PATH", trap.toString())
                            .run();
            assertFalse(Files.exists(sprung), "root ran a program of the user's PATH");
            assertTrue(result.out().contains("TOTAL"), result.out() + result.err());
        }
    }

    /** One of these variables names the folder from which Java loads its own library. */
    @ResourceLock("sudoers")
    @ParameterizedTest
    @ValueSource(strings = {"JDK_ALTERNATE_VM", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "CLASSPATH"})
    void sudoPassesNoVariableToJava(String variable) throws IOException {
        for (String program : List.of("sudo", "visudo", "useradd", "setpriv")) {
            assumeTrue(Command.exists(program), "there is no " + program);
        }
        assumeTrue(new OwnProcess().isRoot(), "only root can make another user");
        String value = variable.endsWith("OPTIONS") ? "-javaagent:/nowhere.jar" : "/nowhere";
        try (Sudoer sudoer = new Sudoer(Path.of(launcher()))) {
            Command.Result result =
                    sudoer.command(absolute("sudo"), "-n", launcher(), "-o", "csv")
                            .with(variable, value)
                            .run();
            assertIsReport(result);
        }
    }

    /** A user who may run one program as root. All of it is removed after the test. */
    private static final class Sudoer implements AutoCloseable {
        private final String user = "psmlauncher" + ProcessHandle.current().pid();
        private final Undo undo = new Undo();

        Sudoer(Path program) throws IOException {
            Undo.run("useradd", "-M", "-N", "-d", "/", "-s", "/bin/sh", user);
            undo.push(() -> Undo.run("userdel", "-f", user));
            Path rule = SudoRule.FOLDER.resolve(user);
            Path part = SudoRule.FOLDER.resolve(user + ".part"); // sudo ignores names with a dot
            undo.push(() -> Undo.run("rm", "-f", rule.toString(), part.toString()));
            Files.writeString(
                    part,
                    """
                    Defaults:%1$s !secure_path, !env_reset, !requiretty
                    %1$s ALL = NOPASSWD: %2$s
                    """
                            .formatted(user, program));
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r-----"));
            Undo.run("visudo", "-c", "-q", "-f", part.toString());
            Files.move(part, rule);
        }

        Command command(String... words) {
            return Command.of("/usr/bin/env", "-u", "SUDO_UID")
                    .append(List.of(absolute("setpriv"), "--reuid=" + user, "--regid=65534"))
                    .append(List.of("--clear-groups", "--"))
                    .append(List.of(words))
                    .in(Path.of("/"));
        }

        @Override
        public void close() {
            undo.close();
        }
    }
}
