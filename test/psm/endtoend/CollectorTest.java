package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.name.Program;
import psm.proc.KeyedLines;
import psm.scan.ProcessMemory;
import psm.support.Command;
import psm.support.GroupInstallation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Uses the collector as a member of the group, and attacks it as one. */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ResourceLock("sudoers")
class CollectorTest {
    /** A limit for waiting; a collector whose output is not read ends earlier. */
    private static final long MAX_SECONDS = 40;

    /** The signals of a terminal's keys, which would end or stop the collector. */
    private static final List<Integer> KEYS = List.of(1, 2, 3, 15, 20, 21, 22);

    /** The folder of what the tests compile once. */
    @TempDir static Path folder;

    private GroupInstallation installation;

    @BeforeAll
    void install() throws IOException {
        installation = new GroupInstallation("c");
    }

    @AfterAll
    void uninstall() {
        if (installation != null) {
            installation.close();
        }
    }

    /** Lays programs of the member's that leave a file when root runs them. */
    @BeforeEach
    void setTraps() throws IOException {
        Path traps = Files.createDirectory(installation.stage.resolve("traps"));
        for (String name : List.of("java", "env", "flock", "sh", "psm", "sudo", "profile")) {
            Path trap = traps.resolve(name);
            Files.writeString(trap, "#!/bin/sh\n[ -w /etc/shadow ] && : >" + caught() + "\n");
            Files.setPosixFilePermissions(trap, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    @AfterEach
    void noTrapHasCaughtAnything() throws Exception {
        boolean isCaught = Files.exists(caught());
        List<Path> ofRoot = new ArrayList<>();
        try (Stream<Path> all = Files.walk(installation.stage)) {
            for (Path path : all.sorted().toList()) {
                boolean isOwn = path.startsWith(traps()) || path.equals(installation.stage);
                if (!isOwn && Files.getAttribute(path, "unix:uid").equals(0)) {
                    ofRoot.add(path);
                }
            }
        }
        for (String name : installation.stage.toFile().list()) {
            GroupInstallation.delete(installation.stage.resolve(name));
        }
        assertFalse(isCaught, "root ran a program of the member's");
        assertEquals(List.of(), ofRoot, "files that root has left behind");
        List<Integer> left = installation.running();
        for (int i = 0; i < 100 && !left.isEmpty(); i++) {
            Thread.sleep(100);
            left = installation.running();
        }
        assertEquals(List.of(), left, "processes that still run as root");
    }

    private Path traps() {
        return installation.stage.resolve("traps");
    }

    private Path caught() {
        return installation.stage.resolve("caught");
    }

    private static JsonNode json(Command.Result result) throws IOException {
        assertEquals(0, result.exitCode(), result.err());
        return new ObjectMapper().readTree(result.out());
    }

    private static Set<Integer> pids(JsonNode report) {
        Set<Integer> pids = new TreeSet<>();
        for (JsonNode row : report.get("rows")) {
            row.get("pids").forEach(pid -> pids.add(pid.asInt()));
        }
        return pids;
    }

    /** Checks a report with a user's own rights: root's processes are in it as estimates. */
    private static void assertEstimatesOthers(JsonNode report) {
        assertTrue(pids(report).contains(ownPid()), "root's own processes are there");
        JsonNode processes = report.get("processes");
        assertTrue(processes.get("estimates").get("denied").asInt() > 0, processes.toString());
    }

    private static int ownPid() {
        return (int) ProcessHandle.current().pid();
    }

    @Test
    void aMemberSeesWhatRootSees() throws IOException {
        JsonNode ofRoot = json(Command.of(installation.launcher(), "-o", "json").run());
        String[] args = {"-o", "json", "-c", "+age"};
        JsonNode ofMember = json(installation.psm(installation.member, args).run());
        assertTrue(pids(ofMember).contains(ownPid()), "root's own processes are there");
        for (String field : List.of("denied", "hidden")) {
            JsonNode expected = ofRoot.get("processes").get(field);
            assertEquals(expected, ofMember.get("processes").get(field), field);
        }
        assertEquals(ofRoot.get("host"), ofMember.get("host"));
        assertEquals(ofRoot.get("source"), ofMember.get("source"));
        assertTrue(ofMember.get("rows").get(0).get("age_seconds").isNumber(), ofMember.toString());
    }

    @Test
    void psmAndItsCollectorAreLeftOut() throws IOException {
        // By their commands, since other tests run psm at the same time. The command of the
        // collector, which scans, is "psm".
        String filter = "^psm psm$|^psm .*" + installation.prefix + "/";
        String[] args = {"-o", "json", "--by", "program,command", "-f", filter};
        JsonNode report = json(installation.psm(installation.member, args).run());
        assertEquals(0, report.get("rows").size(), report.toString());
    }

    @Test
    void aMembersOwnPsmIsNamedPsm() throws IOException {
        String[] args = {"-o", "json", "-p", "self"};
        JsonNode rows = json(installation.psm(installation.member, args).run()).get("rows");
        assertEquals(1, rows.size(), rows.toString());
        assertEquals("psm", rows.get(0).get("program").asText());
        assertTrue(rows.get(0).get("pss_bytes").asLong() > 0, rows.toString());
    }

    @Test
    void filtersAndNamesApplyToTheSnapshot() throws IOException {
        String[] args = {"-o", "json", "-f", "^psm.collect.Collector$|^tests$", "--scripts"};
        JsonNode report = json(installation.psm(installation.member, args).run());
        for (JsonNode row : report.get("rows")) {
            assertTrue(
                    row.get("program").asText().matches("psm.collect.Collector|tests"),
                    row.toString());
        }
    }

    @Test
    void otherUsersAreShownARemedy() throws IOException {
        Command.Result result = installation.psm(installation.other, "-o", "json").run();
        assertEstimatesOthers(json(result));
        String expected =
                " (permission denied; use sudo, or join group " + installation.group + ")";
        assertTrue(result.err().contains(expected), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void timingShowsWhoseRightsWereUsed() {
        String[] ends = {
            ", through sudo " + installation.collect(),
            ", with your own rights",
            ", with your own rights"
        };
        Command[] commands = {
            installation.psm(installation.member, "--timing"),
            installation.psm(installation.other, "--timing"),
            Command.of(installation.launcher(), "--timing")
        };
        for (int i = 0; i < ends.length; i++) {
            String err = commands[i].run().err();
            assertTrue(err.contains(ends[i] + "\n"), err);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"--heap", "--source smaps", "-j 1", "--timeout 3", "--estimate-above 100"})
    void someOptionsUseTheMembersOwnRights(String option) {
        Command psm = installation.psm(installation.member, "--timing");
        String err = psm.append(List.of(option.split(" ", -1))).run().err();
        assertTrue(err.contains(", with your own rights\n"), err);
        assertTrue(err.contains("; use sudo: with these options "), err);
    }

    /** A shell may make a file, not a pipe, of a here-document; then Java starts the collector. */
    @Test
    void withoutAPipeJavaStartsTheCollector() throws IOException {
        String script = Files.readString(Path.of(installation.launcher()));
        Path copy = installation.stage.resolve("psm");
        Files.writeString(copy, script.replace("[ -p /proc/self/fd/3 ]", "false"));
        String err =
                installation.as(installation.member, "sh", copy.toString(), "--timing").run().err();
        Files.delete(copy);
        assertTrue(err.contains(", through sudo " + installation.collect()), err);
    }

    @Test
    void withoutCollectorAMemberSeesOwnProcesses() throws IOException {
        Path access = installation.prefix.resolve("lib/psm/collect");
        Files.setPosixFilePermissions(access, PosixFilePermissions.fromString("rw-------"));
        Command.Result result = installation.psm(installation.member, "-o", "json").run();
        Files.setPosixFilePermissions(access, PosixFilePermissions.fromString("rwx------"));
        assertEstimatesOthers(json(result));
        assertTrue(
                result.err().contains("no snapshot from the collector (through sudo "),
                result.err());
    }

    /** With the only capability that shows executables. */
    @Test
    void theCollectorFollowsNoDeletedExecutable() throws IOException {
        Path secret = Files.createTempDirectory("psm-secret");
        Files.writeString(secret.resolve("gone"), "");
        String script =
                "mkdir d && cp /bin/sleep d/gone && { $PWD/d/gone 30 >/dev/null 2>&1 & }"
                        + " && sleep 0.2 && rm -r d && ln -s "
                        + secret
                        + " d && echo $!";
        String pid = installation.script(script).run().out().strip();
        Program program = null;
        Path collect = installation.collectWithPtrace();
        try {
            Command shell = Command.of("sh", collect.toString());
            for (ProcessMemory each : installation.call(shell).snapshot().processes()) {
                program = pid.equals("" + each.pid()) ? each.program() : program;
            }
        } finally {
            String link = installation.stage.resolve("d").toString();
            Command.of("rm", "-r", secret.toString(), collect.toString(), link).run();
            Command.of("kill", pid).run();
        }
        assertEquals("gone", program.names().executable());
        String why = "UPDATED would reveal that the file exists";
        assertEquals(Program.File.DELETED, program.file(), why);
    }

    /** Without permission to read exe, the kernel's name is the name of an executable. */
    @Test
    void theKernelsNameReplacesTheExecutables() throws Exception {
        String access = Files.readString(installation.prefix.resolve("lib/psm/access"));
        assumeTrue(access.contains("CAP_PERFMON"), "an older kernel");
        Process titled =
                new ProcessBuilder("bash", "-c", "exec -a 'nginx: worker' sleep 60").start();
        try {
            String[] args = {"-o", "json", "--by", "exe,pid", "-f", "^sleep$"};
            JsonNode report = json(installation.psm(installation.member, args).run());
            assertTrue(pids(report).contains((int) titled.pid()), report.toString());
            JsonNode deleted = report.get("rows").get(0).get("deleted");
            assertTrue(deleted.isNull(), "unknown, not 0: " + deleted);
        } finally {
            titled.destroyForcibly();
        }
    }

    // Attacks by a member

    private GroupInstallation.Called call(String script) throws IOException {
        return installation.call(installation.script(script));
    }

    private void assertSeesAll(GroupInstallation.Called called) {
        assertEquals(0, called.exitCode(), called.err());
        assertEquals("", called.err());
        assertNotNull(called.snapshot());
        assertTrue(called.snapshot().processes().stream().anyMatch(seen -> seen.pid() == ownPid()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"x", "--help", "''", "--proc /tmp", "-XX:+PrintFlagsFinal", "@/etc/shadow"})
    void sudoAndTheCollectorRefuseArguments(String arguments) throws IOException {
        GroupInstallation.Called called = call("$collect " + arguments);
        assertEquals(1, called.exitCode());
        assertNull(called.snapshot());
        assertEquals("sudo: a password is required\n", called.err());
        Command.Result asRoot =
                Command.of("sh", "-c", installation.collect() + " " + arguments).run();
        assertEquals(2, asRoot.exitCode());
        assertEquals("", asRoot.out());
        assertEquals("", asRoot.err());
    }

    /** A message would block it for ever, as a process of root's. */
    @Test
    void aFullErrorPipeBlocksNothing() {
        String script =
                "mkfifo pipe; exec 3<>pipe; dd if=/dev/zero bs=65536 count=1 >&3 2>/dev/null;"
                        + " exec timeout -s KILL 10 "
                        + installation.collect()
                        + " x 2>&3";
        Command shell = Command.of("sh", "-c", script).in(installation.stage);
        int exitCode = shell.run().exitCode();
        Command.of("rm", installation.stage + "/pipe").run();
        assertEquals(2, exitCode);
    }

    /** Root may lack CAP_SYS_RESOURCE in a container. */
    @ParameterizedTest
    @ValueSource(strings = {"--nproc=8", "--as=100000000", "--data=100000000"})
    void limitsThatRootCannotRaiseHaveAnExitCode(String limit) throws IOException {
        String[] words = {
            "setpriv", "--bounding-set=-sys_resource", "prlimit", limit, installation.collect()
        };
        GroupInstallation.Called called = installation.call(Command.of(words));
        assertEquals(76, called.exitCode());
        assertNull(called.snapshot());
    }

    @Test
    void aMemberSeesThatLimitsCannotBeRaised() throws IOException {
        Command psm = installation.psm(installation.member, "-o", "json");
        List<String> words =
                new ArrayList<>(List.of("setpriv", "--bounding-set=-sys_resource", "prlimit"));
        words.add("--as=1400000000"); // enough for psm
        words.addAll(psm.words());
        Command.Result result =
                Command.of(words.toArray(new String[0])).in(installation.stage).run();
        assertEstimatesOthers(json(result));
        String expected = "psm: your limits are too low for the collector (through sudo ";
        assertTrue(result.err().startsWith(expected), result.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sudo -n -u nobody COLLECT",
                "sudo -n -g root COLLECT",
                "sudo -n -E COLLECT",
                "sudo -n -C 10 COLLECT",
                "sudo -n -D /tmp COLLECT",
                "sudo -n -R /tmp COLLECT",
                "sudo -n -i COLLECT",
                "sudo -n -s COLLECT",
                "sudo -n -e COLLECT",
                "sudo -n sh COLLECT",
                "sudo -n PATH=/tmp COLLECT",
                "sudo -n JAVA_TOOL_OPTIONS=-version COLLECT",
                "COLLECT",
                "sh COLLECT"
            })
    void noOtherCommandStartsTheCollector(String command) throws IOException {
        GroupInstallation.Called called = call(command.replace("COLLECT", installation.collect()));
        assertNotEquals(0, called.exitCode());
        assertNull(called.snapshot());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "JAVA_TOOL_OPTIONS=-Xlog:all:file=STAGE/log",
                "JDK_JAVA_OPTIONS=-Xlog:all:file=STAGE/log",
                "_JAVA_OPTIONS=-Xlog:all:file=STAGE/log",
                "JAVA_OPTIONS=-XshowSettings",
                "JAVA_HOME=STAGE/traps",
                "CLASSPATH=STAGE/traps",
                "LD_PRELOAD=STAGE/traps/trap.so",
                "LD_LIBRARY_PATH=STAGE/traps",
                "LD_AUDIT=STAGE/traps/trap.so",
                "LD_DEBUG=all",
                "LD_DEBUG_OUTPUT=STAGE/debug",
                "GLIBC_TUNABLES=glibc.malloc.check=3",
                "MALLOC_TRACE=STAGE/malloc",
                "GCONV_PATH=STAGE/traps",
                "LOCPATH=STAGE/traps",
                "PATH=STAGE/traps",
                "HOME=STAGE/traps",
                "TMPDIR=STAGE",
                "BASH_ENV=STAGE/traps/profile",
                "ENV=STAGE/traps/profile",
                "SHELLOPTS=xtrace",
                "PS4=$(STAGE/traps/profile)",
                "IFS=/",
                "LC_ALL=tr_TR.UTF-8",
                "LC_MESSAGES=../../STAGE",
                "LANG=xx",
                "NLSPATH=STAGE/traps",
                "TZ=STAGE/traps/profile",
                "PSM_OPTIONS=--debug",
                "PSM_COLLECT=STAGE/traps/psm",
                "NO_COLOR=1",
                "SUDO_UID=0",
                "SUDO_EDITOR=STAGE/traps/psm",
                "SUDO_ASKPASS=STAGE/traps/psm",
                "PYTHONPATH=STAGE/traps",
                "POSIXLY_CORRECT=1",
                "TERM=../../STAGE",
                "COLUMNS=1"
            })
    void noVariableReachesTheCollector(String variable) throws IOException {
        layLibrary();
        String set = variable.replace("STAGE", installation.stage.toString());
        // The member's process sets it, so that no process of the test's root gets it.
        String[] words = {"env", set, "/usr/bin/sudo", "-n", installation.collect()};
        GroupInstallation.Called called =
                installation.call(installation.as(installation.member, words));
        assertEquals(0, called.exitCode(), called.err());
        assertNotNull(called.snapshot());
        for (String left : List.of("log", "debug", "malloc")) {
            assertFalse(Files.exists(installation.stage.resolve(left)), left);
        }
    }

    /** Lays a library that leaves a file when root loads it; compiles it when it is not there. */
    private void layLibrary() throws IOException {
        Path library = folder.resolve("trap.so");
        if (!Files.exists(library)) {
            Path source = folder.resolve("trap.c");
            Files.writeString(
                    source,
                    "#include <stdio.h>\n#include <unistd.h>\n"
                            + "__attribute__((constructor)) static void trap(void) {\n"
                            + "    if (geteuid() == 0) fclose(fopen(\""
                            + caught()
                            + "\", \"w\"));\n}\n"
                            + "unsigned la_version(unsigned v) { return v; }\n");
            Command.of("cc", "-shared", "-fPIC", "-o", library.toString(), source.toString()).run();
        }
        if (Files.exists(library)) { // it does not where there is no compiler
            Files.copy(library, traps().resolve("trap.so"), StandardCopyOption.COPY_ATTRIBUTES);
        }
    }

    @Test
    void noVariableReachesTheMembersPsm() throws IOException {
        Command psm = installation.psm(installation.member, "-o", "json");
        for (String name : List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")) {
            psm.with(name, "-Dpsm.collect=/bin/false");
        }
        assertTrue(pids(json(psm.run())).contains(ownPid()));
    }

    @ParameterizedTest
    @ValueSource(strings = {">/dev/full", ">&-", "</dev/full >/dev/full 2>/dev/full"})
    void anUnusableOutputIsAFailure(String redirection) throws IOException {
        GroupInstallation.Called called = call("exec $collect " + redirection);
        assertNotEquals(0, called.exitCode());
        assertNull(called.snapshot());
        assertEquals("", called.err());
    }

    /** Names in a snapshot are any bytes, which could control a terminal. */
    @Test
    void aTerminalGetsNoSnapshot() {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        String typescript = "script -qec \"$collect\" /dev/null";
        Command.Result result = installation.script(typescript).run();
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&-", "2>&-", "<&- 2>&-", "9>&1 8<&0", "2>/dev/full"})
    void otherDescriptorsDoNotMatter(String redirection) throws IOException {
        assertSeesAll(call("exec $collect " + redirection));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"})
    void onlyStandardOutputGetsTheSnapshot(String redirection) throws IOException {
        GroupInstallation.Called called = call("exec $collect " + redirection);
        assertNotEquals(0, called.exitCode());
        assertNull(called.snapshot());
    }

    /** A collector that cannot work ends without a message. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "-n 3", "-n 4", "-n 5", "-n 8", "-n 12", "-n 20", "-v 20000", "-v 100000",
                "-v 2000000", "-f 0", "-f 1", "-t 1", "-s 16", "-s 64", "-s 128", "-d 1000",
                "-m 1000", "-l 0", "-c unlimited", "-p 1"
            })
    void tinyLimitsGiveAllOrNothing(String limit) throws IOException {
        GroupInstallation.Called called = call("ulimit " + limit + "; exec $collect");
        assertTrue(called.exitCode() != 0 || called.snapshot() != null, called.err());
        assertFalse(called.err().contains("Exception"), called.err());
        assertFalse(called.err().contains("#"), called.err());
    }

    @Test
    void theCurrentFolderDoesNotMatter() throws IOException {
        Path hostile = installation.stage.resolve("hostile");
        String make =
                "mkdir -p hostile/psm hostile/lib && cd hostile && echo harm >psm/Collector.class"
                    + " && echo -XX:+PrintFlagsFinal >.hotspotrc && cp .hotspotrc .java_options &&"
                    + " for i in java env flock sh; do cp ../traps/java ./$i; done; ";
        assertSeesAll(call(make + "exec $collect"));
        assertSeesAll(call("cd hostile && chmod 000 . && exec $collect"));
        Files.setPosixFilePermissions(hostile, PosixFilePermissions.fromString("rwxrwxrwx"));
        GroupInstallation.delete(hostile);
        // A shell that starts in a deleted folder prints a message.
        GroupInstallation.Called called =
                call("mkdir gone && cd gone && rmdir ../gone && exec $collect");
        assertEquals(0, called.exitCode());
        assertNotNull(called.snapshot());
    }

    /** A collector that waits, since its output is not read, so that tests can examine it. */
    private final class Waiting implements AutoCloseable {
        final Process member;
        final int pid;

        Waiting(String before) throws IOException, InterruptedException {
            // The pipe is full, so that the collector can write nothing.
            String script =
                    before
                            + "mkfifo pipe; exec 3<>pipe;"
                            + " dd if=/dev/zero bs=65536 count=1 >&3 2>/dev/null;"
                            + " $collect >&3; echo $? >status";
            ProcessBuilder builder = new ProcessBuilder(installation.script(script).words());
            builder.directory(installation.stage.toFile());
            List<Integer> earlier = installation.collectors();
            member = builder.start();
            List<Integer> found = installation.collectors();
            for (int i = 0; i < 600 && found.size() <= earlier.size(); i++) {
                Thread.sleep(20);
                found = installation.collectors();
            }
            found.removeAll(earlier);
            assertEquals(1, found.size(), "it runs");
            pid = found.get(0);
            for (int i = 0; i < 100 && !isWriting(); i++) {
                Thread.sleep(20);
            }
            assertTrue(isThere(), "it waits");
        }

        /** Returns whether the kernel shows a thread that writes; some kernels show none. */
        private boolean isWriting() {
            try (Stream<Path> threads = Files.list(file("task"))) {
                for (Path thread : threads.toList()) {
                    if (Files.readString(thread.resolve("wchan")).endsWith("pipe_write")) {
                        return true;
                    }
                }
            } catch (IOException e) {
                // A thread has ended.
            }
            return false;
        }

        String status(String field) throws IOException {
            return new KeyedLines(Files.readString(file("status"))).value(field);
        }

        Path file(String name) {
            return Path.of("/proc/" + pid).resolve(name);
        }

        boolean isThere() throws IOException {
            return installation.collectors().contains(pid);
        }

        void awaitEnd() throws IOException, InterruptedException {
            for (int i = 0; i < MAX_SECONDS * 10 && isThere(); i++) {
                Thread.sleep(100);
            }
            assertFalse(isThere(), "it has ended");
        }

        @Override
        public void close() throws IOException {
            if (isThere()) {
                kill("KILL");
            }
            member.onExit().join();
        }

        void kill(String signal) {
            Command.of("kill", "-" + signal, Integer.toString(pid)).run();
        }
    }

    /** Takes 20 seconds. */
    @Test
    void anUnreadOutputEndsTheCollector() throws Exception {
        long start = System.nanoTime();
        try (Waiting collector = new Waiting("")) {
            collector.awaitEnd();
            collector.member.waitFor();
            assertTrue(System.nanoTime() - start < MAX_SECONDS * 1_000_000_000);
            assertEquals("3\n", Files.readString(installation.stage.resolve("status")));
        }
    }

    @Test
    void theCollectorInheritsNothingFromTheMember() throws Exception {
        String before =
                "export LC_ALL=C PSM_X=1 HOME=$PWD TMPDIR=$PWD; umask 0; ulimit -c unlimited;"
                        + " cd traps; exec 5<profile 6<profile; cd ..; trap '' CHLD USR1; ";
        try (Waiting collector = new Waiting(before)) {
            assertEquals("", Files.readString(collector.file("environ")), "its environment");
            assertEquals("/", Files.readSymbolicLink(collector.file("cwd")).toString());
            assertEquals("0077", collector.status("Umask"));
            assertEquals("/dev/null", Files.readSymbolicLink(collector.file("fd/0")).toString());
            assertEquals("/dev/null", Files.readSymbolicLink(collector.file("fd/2")).toString());
            try (Stream<Path> open = Files.list(collector.file("fd"))) {
                for (Path descriptor : open.toList()) {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    boolean isOutput = descriptor.endsWith("1");
                    assertEquals(
                            isOutput, target.startsWith(installation.stage.toString()), target);
                }
            }
            String limits = Files.readString(collector.file("limits"));
            assertTrue(
                    limits.contains("Max core file size        0                    0 "), limits);
            assertTrue(
                    limits.contains("Max file size             0                    0 "), limits);
            String words = Files.readString(collector.file("cmdline"));
            assertTrue(words.contains("/psm.jar\0psm.collect.Collector\0"), words);
        }
    }

    @Test
    void theCollectorIgnoresTerminalKeys() throws Exception {
        try (Waiting collector = new Waiting("")) {
            long ignored = Long.parseUnsignedLong(collector.status("SigIgn"), 16);
            for (int signal : KEYS) {
                assertNotEquals(0, ignored & (1L << (signal - 1)), "signal " + signal);
            }
            for (String signal : List.of("HUP", "INT", "QUIT", "TERM", "TSTP", "TTIN", "TTOU")) {
                collector.kill(signal);
            }
            Thread.sleep(500);
            assertTrue(collector.isThere());
            assertTrue(collector.status("State").startsWith("S"), "it is not stopped");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"KILL", "STOP", "QUIT", "SEGV", "USR1"})
    void aMemberCannotSendSignals(String signal) throws Exception {
        try (Waiting collector = new Waiting("")) {
            String kill = "kill -" + signal + " " + collector.pid;
            assertNotEquals(0, installation.script(kill).run().exitCode());
        }
    }

    /** Sends the signal of a crash. */
    @Test
    void aCrashLeavesNoFile() throws Exception {
        List<Path> places = List.of(Path.of("/"), Path.of("/tmp"), installation.stage);
        try (Waiting collector = new Waiting("ulimit -c unlimited; ")) {
            String pid = Integer.toString(collector.pid);
            collector.kill("SEGV");
            collector.awaitEnd();
            for (Path place : places) {
                try (Stream<Path> files = Files.list(place)) {
                    for (Path file : files.toList()) {
                        String name = file.getFileName().toString();
                        boolean isCrash = name.matches("(.*\\D)?" + pid + "(\\D.*)?");
                        assertFalse(isCrash || name.equals("core"), file.toString());
                    }
                }
            }
        }
    }

    @Test
    void noUserCanAttachToTheCollector() throws Exception {
        try (Waiting collector = new Waiting("")) {
            Path own = Path.of("/tmp/.attach_pid" + collector.pid);
            Path socket = Path.of("/tmp/.java_pid" + collector.pid);
            String[] lay = {"sh", "-c", ": >" + own + "; ln -s " + caught() + " " + socket};
            assertEquals(0, installation.as(installation.member, lay).run().exitCode());
            collector.kill("QUIT"); // no member could send it
            Thread.sleep(1000);
            assertTrue(Files.isSymbolicLink(socket));
            Files.delete(own);
            Files.delete(socket);
            for (String user : List.of("root", installation.member)) {
                Path data = Path.of("/tmp/hsperfdata_" + user + "/" + collector.pid);
                assertFalse(Files.exists(data), data.toString());
            }
        }
    }

    /** Java would write counters into this folder, if it did so at all. */
    @Test
    void aPreparedCounterFolderStaysEmpty() throws IOException {
        Path data = Path.of("/tmp/hsperfdata_root");
        assumeTrue(!Files.exists(data), "there is a " + data + " already");
        Path target = Files.createDirectory(installation.stage.resolve("counters"));
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertSeesAll(call("ln -s " + target + " " + data + "; exec $collect"));
        Files.delete(data);
        assertEquals(0, target.toFile().list().length);
    }

    /** A member starts it at the lowest priority, and with timers that are hours late. */
    @Test
    void aMembersSchedulingIsSetBack() throws Exception {
        assumeTrue(Command.exists("perl"), "there is no perl to change the timers with");
        int prctl = System.getProperty("os.arch").equals("amd64") ? 157 : 167;
        Files.writeString(
                traps().resolve("slowly"),
                "exec perl -e 'syscall("
                        + prctl
                        + ", 29, 1 << 60, 0, 0, 0); exec @ARGV' chrt -i 0 taskset -c 0"
                        + " nice -n 19 ionice -c 3 \"$@\"");
        try (Waiting collector = new Waiting("collect=\"sh $PWD/traps/slowly $collect\"; ")) {
            String stat = Files.readString(collector.file("stat"));
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            assertEquals("0", fields[38], "its policy is SCHED_OTHER");
            assertEquals("0", fields[16], "its nice value");
            String ownStatus = Files.readString(Path.of("/proc/self/status"));
            String cpus = new KeyedLines(ownStatus).value("Cpus_allowed_list");
            assertEquals(cpus, collector.status("Cpus_allowed_list"));
            Command.Result io = Command.of("ionice", "-p", "" + collector.pid).run();
            assertFalse(io.out().contains("idle"), io.out());
            String timers = Files.readString(collector.file("timerslack_ns"));
            assertEquals("50000", timers.strip(), "how late its timers may be");
        }
    }

    /** A user has two slots, so a call that waited for one would be a process of root's. */
    @Test
    void aThousandCallsRunTwoCollectors() throws Exception {
        String script =
                "i=0; while [ $i -lt 1000 ]; do $collect >/dev/null 2>&1 & i=$((i + 1)); done;"
                        + " wait";
        ProcessBuilder builder = new ProcessBuilder(installation.script(script).words());
        Process calls = builder.start();
        int max = 0;
        while (calls.isAlive()) {
            max = Math.max(max, installation.collectors().size());
            Thread.sleep(100);
        }
        assertTrue(max > 0 && max <= 2, max + " collectors at the same time");
        assertSeesAll(call("exec $collect"));
    }

    /** Waits nowhere: a process that waited would be one of root's that its caller does not pay. */
    @Test
    void noCallWaitsForALock() throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace to see the locks");
        Path trace = Files.createTempFile("psm", ".trace");
        String[] words = {
            "strace",
            "-f",
            "-o",
            trace.toString(),
            "-e",
            "trace=flock,fcntl",
            installation.collect()
        };
        Command.of(words).to(Path.of("/dev/null")).run();
        int locks = 0;
        for (String line : Files.readAllLines(trace)) {
            if (line.contains(" flock(")) {
                assertTrue(line.contains("LOCK_EX|LOCK_NB"), line);
                locks++;
            }
            assertFalse(line.contains("SETLKW"), line);
        }
        Files.delete(trace);
        assertEquals(2, locks, "a slot of the user's and one of the host's");
    }

    /** The first user keeps both of its own slots, and the second gets a snapshot. */
    @Test
    void oneUserCannotKeepOthersOut() throws Exception {
        Command.of("usermod", "-a", "-G", installation.group, installation.other).run();
        try (Waiting first = new Waiting("");
                Waiting second = new Waiting("mkdir 2; cd 2; ")) {
            assertNotEquals(first.pid, second.pid);
            GroupInstallation.Called third = call("exec $collect");
            assertEquals(75, third.exitCode());
            assertNull(third.snapshot());
            assertEquals("", third.err());
            Command.Result own = installation.psm(installation.member, "-o", "json").run();
            assertEstimatesOthers(json(own));
            String busy =
                    "psm: the collector is busy (through sudo " + installation.collect() + ")";
            assertTrue(own.err().startsWith(busy), own.err());
            assertTrue(first.isThere() && second.isThere(), "the slots were taken all the time");
            JsonNode others = json(installation.psm(installation.other, "-o", "json").run());
            assertTrue(pids(others).contains(ownPid()), "another member sees all");
        } finally {
            Command.of("gpasswd", "-d", installation.other, installation.group).run();
        }
    }

    /** The value 0 of hidepid is the default. */
    @ParameterizedTest
    @CsvSource({"0, true", "1, false", "2, false"})
    void hiddenCommandLinesStayHidden(int hidepid, boolean isShown) throws IOException {
        assumeTrue(Command.exists("unshare"), "there is no unshare to mount another /proc");
        Path collect = installation.collectWithPtrace();
        String script = "mount -t proc -o hidepid=" + hidepid + " proc /proc && exec sh " + collect;
        GroupInstallation.Called called =
                installation.call(Command.of("unshare", "-m", "sh", "-c", script));
        Files.delete(collect);
        ProcessMemory own =
                called.snapshot().processes().stream()
                        .filter(seen -> seen.pid() == ownPid())
                        .findFirst()
                        .orElseThrow();
        assertEquals(isShown, own.details().command() != null);
        assertEquals("java", own.program().names().executable());
    }

    @Test
    void aMemberCannotHoldASlot() throws Exception {
        try (Waiting collector = new Waiting("")) {
            assertTrue(collector.pid > 0);
            String script = Files.readString(Path.of(installation.collect()));
            Matcher slots = Pattern.compile("/\\S+slots\\b").matcher(script);
            assertTrue(slots.find(), script);
            assertTrue(Files.exists(Path.of(slots.group(), "1")), slots.group());
            String lock = "flock -n F/1 true || flock -n F true".replace("F", slots.group());
            assertNotEquals(0, installation.script(lock).run().exitCode());
        }
    }

    @Test
    void theCollectorHasOneRightOfRoots() throws Exception {
        String access = Files.readString(installation.prefix.resolve("lib/psm/access"));
        long only = access.contains("\ncapability CAP_PERFMON\n") ? 1L << 38 : 1L << 19;
        String nobody = "" + GroupInstallation.NOBODY;
        try (Waiting collector = new Waiting("")) {
            for (String field : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
                assertEquals(only, Long.parseUnsignedLong(collector.status(field), 16), field);
            }
            assertEquals("1", collector.status("NoNewPrivs"));
            assertEquals(
                    String.join("\t", nobody, nobody, nobody, nobody), collector.status("Uid"));
            assertEquals("", collector.status("Groups"));
        }
    }

    /** Also checks that it writes to no file, starts no process and connects to nothing. */
    @Test
    void theCollectorOpensOnlyKnownFiles() throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace to see what it opens");
        Path trace = Files.createTempFile("psm", ".trace");
        String calls = "trace=open,openat,openat2,creat,connect,execve,fork,vfork,clone,clone3";
        String[] words = {
            "strace", "-f", "-o", trace.toString(), "-e", calls, installation.collect()
        };
        Command.of(words).to(Path.of("/dev/null")).run();
        List<String> lines = Files.readAllLines(trace);
        Files.delete(trace);
        String java = System.getProperty("java.home") + "/";
        int start = 0;
        while (!lines.get(start).contains("execve(\"" + java + "bin/java\"")) {
            assertFalse(lines.get(start).contains(installation.stage.toString()));
            start++;
        }
        List<String> known =
                List.of(
                        "/proc",
                        java,
                        installation.prefix + "/lib/psm/",
                        // Java and the C library read these when they start.
                        "/sys/devices/system/cpu/",
                        "/sys/kernel/mm/",
                        "/lib",
                        "/usr/lib/x86_64-linux-gnu/",
                        "/usr/lib/aarch64-linux-gnu/",
                        "/usr/lib64/",
                        "/etc/ld.so.cache",
                        "/dev/null",
                        "/etc/nsswitch.conf",
                        "/etc/passwd",
                        "/var/run/nscd/socket",
                        "/etc/localtime",
                        "/etc/timezone",
                        "/usr/share/zoneinfo/",
                        "/etc/java-");
        int opened = 0;
        for (String line : lines.subList(start + 1, lines.size())) {
            boolean isClone = line.matches("\\d+ +(clone3?|v?fork|execve)\\(.*");
            assertTrue(!isClone || line.contains("CLONE_THREAD"), line);
            int from = line.indexOf('"') + 1;
            if (from == 0 || isClone || line.contains("exited with") || line.contains("ENOENT")) {
                continue;
            }
            String path = line.substring(from, line.indexOf('"', from));
            assertTrue(known.stream().anyMatch(path::startsWith), line);
            assertFalse(line.matches(".*O_(WRONLY|RDWR|CREAT).*"), line);
            opened++;
        }
        assertTrue(opened > 50, "it has read processes");
    }

    /** With a '?' in a name, Java may look the path up to get its bytes. */
    @Test
    void pathsOfProcessesAreNotLookedUp() throws Exception {
        assumeTrue(Command.exists("strace"), "there is no strace to see what it asks for");
        String script = "cp /bin/sleep what? && exec ./what? 60";
        Process process =
                new ProcessBuilder(installation.script(script).words())
                        .directory(installation.stage.toFile())
                        .start();
        Path trace = Files.createTempFile("psm", ".trace");
        Path collect = installation.collectWithPtrace();
        try {
            Path exe = Path.of("/proc/" + process.pid() + "/exe");
            for (int i = 0; i < 100 && !Files.readSymbolicLink(exe).endsWith("what?"); i++) {
                Thread.sleep(50);
            }
            String[] words = {
                "strace",
                "-f",
                "-s",
                "4096",
                "-o",
                trace.toString(),
                "-e",
                "trace=%file",
                "sh",
                collect.toString()
            };
            Command.of(words).to(Path.of("/dev/null")).run();
        } finally {
            process.destroyForcibly().waitFor();
            Files.delete(collect);
        }
        String lines = Files.readString(trace);
        Files.delete(trace);
        assertTrue(lines.contains("\"" + installation.stage + "/what?"), "it has read the process");
        for (String line : lines.split("\n", -1)) {
            String path = line.substring(line.indexOf('"') + 1);
            boolean isAnswer = line.contains(" resumed>"); // another line contains the question
            assertFalse(!isAnswer && path.startsWith(installation.stage + "/what?"), line);
        }
    }

    @Test
    void theScriptsAreValidShell() {
        for (String script : List.of(installation.launcher(), installation.collect())) {
            assertEquals(0, Command.of("sh", "-n", script).run().exitCode());
            if (Command.exists("shellcheck")) {
                Command.Result result = Command.of("shellcheck", script).run();
                assertEquals(0, result.exitCode(), result.out());
            }
        }
    }
}
