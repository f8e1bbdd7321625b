package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.record.Mark;
import psm.record.Recording;
import psm.support.Command;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Installs the recorder as a service of a real systemd. */
@Order(1)
@Tag("endtoend")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecordServiceTest {
    private static final String GROUP = "psmdevelopers";
    private static final String MEMBER = "psmmember";
    private static final String OTHER = "psmother";
    private static final String PREFIX = OwnSystemd.PREFIX;
    private static final String UNIT = "psm-record.service";
    private static final String FOLDER = "/var/log/psm";

    /** Capabilities as /proc/PID/status shows a set of one: CAP_PERFMON and CAP_SYS_PTRACE. */
    private static final Set<String> ONE = Set.of("0000004000000000", "0000000000080000");

    private OwnSystemd systemd;

    @BeforeAll
    void install() throws IOException {
        systemd = OwnSystemd.forInstallation();
        run("groupadd", GROUP);
        run("useradd", "-M", "-N", "-d", "/", "-G", GROUP, MEMBER);
        run("useradd", "-M", "-N", "-d", "/", OTHER);
        String said = run(installer("--record", "--group", GROUP, "-i", "10")).out();
        assertTrue(said.contains(UNIT + " records all processes into " + FOLDER), said);
        assertTrue(said.contains("members of group " + GROUP + " can read it"), said);
    }

    @AfterAll
    void end() throws IOException {
        if (systemd != null) {
            systemd.close();
        }
    }

    private static String[] installer(String... options) {
        return OwnSystemd.installer(options);
    }

    private Command.Result run(String... words) {
        return systemd.run(words);
    }

    private Command psm(String user, String... args) {
        return systemd.as(user, PREFIX + "/bin/psm").append(List.of(args));
    }

    /** Returns the number of processes of each program. */
    private static Map<String, Integer> counts(Command.Result result) throws IOException {
        assertEquals(0, result.exitCode(), result.err());
        JsonNode report = new ObjectMapper().readTree(result.out());
        Map<String, Integer> counts = new TreeMap<>();
        for (JsonNode row : report.get("rows")) {
            counts.put(row.get("program").asText(), row.get("count").asInt());
        }
        return counts;
    }

    private boolean is(String state) {
        return systemd.is(state, UNIT);
    }

    private String mainPid() {
        return run("systemctl", "show", "--value", "-p", "MainPID", UNIT).out().strip();
    }

    private Path recording() {
        return systemd.root().resolve(FOLDER.substring(1));
    }

    private Map<String, String> status() {
        Map<String, String> fields = new TreeMap<>();
        for (String line : run("cat", "/proc/" + mainPid() + "/status").out().lines().toList()) {
            String[] field = line.split(":\t", 2);
            fields.put(field[0], field[1].strip());
        }
        return fields;
    }

    @Test
    void aMemberOfTheGroupReadsAllProcesses() throws IOException {
        Command.Result result = psm(MEMBER, "--from", FOLDER, "-o", "json").run();
        Map<String, Integer> counts = counts(result);
        assertTrue(counts.containsKey("systemd"), counts.toString());
        // Nothing is estimated or left out, but for the program that starts the service, as it
        // ends.
        assertTrue(
                result.err()
                        .matches(
                                "(psm: the last sample is [0-9]+ seconds? old\n)?"
                                        + "(psm: not included: pid [0-9]+ \\(systemctl\\): .*\n)?"),
                result.err());
    }

    @Test
    void anotherUserCannotReadTheRecording() {
        Command.Result result = psm(OTHER, "--from", FOLDER).run();
        assertEquals(2, result.exitCode(), result.err());
        assertTrue(result.err().contains("permission denied"), result.err());
        assertEquals("750 psm-record " + GROUP + "\n", run("stat", "-c", "%a %U %G", FOLDER).out());
        for (String file : run("find", FOLDER, "-name", "*.psmrec").out().lines().toList()) {
            assertEquals(
                    "640 psm-record " + GROUP + "\n", run("stat", "-c", "%a %U %G", file).out());
        }
    }

    @Test
    void theRecorderHasOneCapability() {
        Map<String, String> fields = status();
        for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
            assertTrue(ONE.contains(fields.get(set)), set + " " + fields.get(set));
        }
        assertEquals("1", fields.get("NoNewPrivs"));
        assertEquals("2", fields.get("Seccomp"), "it has a filter");
        Set<String> users = new TreeSet<>(List.of(fields.get("Uid").split("\t", -1)));
        assertEquals(Set.of(run("id", "-u", "psm-record").out().strip()), users);
    }

    /** Starts a script as the unit starts the recorder; returns whether it succeeds. */
    private boolean insteadOfRecorder(String script) {
        return insteadOfRecorder(script, "");
    }

    private boolean insteadOfRecorder(String script, String moreEdits) {
        String unit = "/run/systemd/system/psm-try.service";
        String path = PREFIX + "/lib/psm/test.sh";
        write(path, script + "\n");
        String edits =
                "s,^ExecStart=.*,ExecStart=/bin/bash "
                        + path
                        + ",;s,^Type=.*,Type=oneshot,"
                        + ";/^Restart/d"
                        + moreEdits;
        write(unit, run("sed", edits, "/etc/systemd/system/" + UNIT).out());
        try {
            run("systemctl", "daemon-reload");
            return systemd.command("systemctl", "start", "psm-try").run().exitCode() == 0;
        } finally {
            run("rm", unit, path);
        }
    }

    private void write(String path, String content) {
        systemd.write(path, content);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat /etc/shadow",
                "cat /proc/1/root/etc/shadow",
                "ls /root",
                "touch /etc/psm-was-here && rm /etc/psm-was-here",
                "touch /run/psm-was-here && rm /run/psm-was-here",
                "touch /var/log/psm-was-here && rm /var/log/psm-was-here",
                "touch /var/tmp/../lib/psm-was-here && rm /var/lib/psm-was-here",
                "chmod u+s /bin/true && chmod u-s /bin/true",
                "exec 3<>/proc/1/mem",
                "exec 3<>/proc/self/mem",
                "echo 0 >/proc/self/oom_score_adj",
                "cd /sys/fs/cgroup/systemd || cd /sys/fs/cgroup && mkdir psm-was && rmdir psm-was",
                "kill -0 1",
                "renice -n -5 $$",
                "unshare --user true",
                "mount -t tmpfs tmpfs /mnt && umount /mnt",
                "python3 -c 'import socket; socket.socket(socket.AF_INET)'",
                "python3 -c 'import ctypes; exit(ctypes.CDLL(None).ptrace(0, 0, 0, 0))'",
                "python3 -c 'import ctypes, os;"
                        + " exit(ctypes.CDLL(None).process_vm_readv(os.getpid(), 0, 0, 0, 0, 0))'",
            })
    void theRecorderCannotDoWhatRootCan(String script) {
        assertTrue(systemd.command("bash", "-c", script).run().exitCode() == 0, "root can");
        assertFalse(insteadOfRecorder(script), "the recorder can");
    }

    @Test
    void theRecorderWritesOnlyItsFolder() {
        assertTrue(insteadOfRecorder("touch /var/log/psm/.try && rm /var/log/psm/.try"));
    }

    /** The folders of other processes lead around what systemd hides, which the docs say. */
    @Test
    void withTheOlderCapabilityItReachesWhatEachUserDoes() {
        String older = ";s/=CAP_PERFMON$/=CAP_SYS_PTRACE/";
        String tmp = "touch /proc/1/root/tmp/psm-was-here && rm /proc/1/root/tmp/psm-was-here";
        assertTrue(insteadOfRecorder(tmp, older), "there is a better protection: say so");
        for (String script :
                List.of(
                        "cat /proc/1/root/etc/shadow",
                        "ls /proc/1/root/root",
                        "touch /proc/1/root/etc/psm-was-here",
                        "exec 3<>/proc/1/mem",
                        "exec 3</proc/1/mem",
                        "exec 3<>/proc/1/root/proc/1/mem",
                        "kill -0 1")) {
            assertFalse(insteadOfRecorder(script, older), script);
        }
        boolean isNewer = run("cat", "/etc/systemd/system/" + UNIT).out().contains("CAP_PERFMON");
        assumeTrue(isNewer, "the recorder has the older capability here");
        assertFalse(insteadOfRecorder(tmp), "the newer one does not open these folders");
    }

    @Test
    void doctorFindsNothingWrong() {
        Command.Result result = systemd.command(PREFIX + "/bin/psm", "doctor").run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        for (String line :
                List.of(
                        UNIT + " is active",
                        UNIT + " starts when the machine does",
                        "only root and group " + GROUP + " can read " + FOLDER)) {
            assertTrue(result.out().contains("ok     " + line + "\n"), result.out());
        }
        Command.Result ofOther = psm(OTHER, "doctor").run();
        assertEquals(0, ofOther.exitCode(), ofOther.out() + ofOther.err());
        assertTrue(ofOther.out().contains("note   the recording was not checked"), ofOther.out());
    }

    @Test
    void doctorReportsWhatWasChanged() {
        run("systemctl", "stop", UNIT);
        run("chmod", "755", FOLDER);
        String link = FOLDER + "/000000.psmrec";
        run("ln", "-s", "/etc/shadow", link);
        run("mkdir", "-p", "/etc/systemd/system/" + UNIT + ".d");
        write("/etc/systemd/system/" + UNIT + ".d/x.conf", "[Service]\nProtectSystem=no\n");
        run("systemctl", "daemon-reload");
        try {
            Command.Result result = systemd.command(PREFIX + "/bin/psm", "doctor").run();
            assertEquals(1, result.exitCode(), result.out() + result.err());
            for (String part :
                    List.of(
                            UNIT + " is not active; run 'systemctl restart",
                            FOLDER + " is rwxr-xr-x psm-record:" + GROUP + ", not rwxr-x---",
                            link + " is no file of a recording; delete it",
                            "another file changes ProtectSystem of " + UNIT)) {
                assertTrue(result.out().contains("wrong  " + part), result.out());
            }
        } finally {
            run("rm", link);
            run("systemctl", "revert", UNIT);
            run("systemctl", "restart", UNIT);
        }
        assertEquals("750\n", run("stat", "-c", "%a", FOLDER).out(), "systemd puts that right");
    }

    @Test
    void systemdFindsTheUnitSecure() {
        Command.Result result =
                systemd.command("systemd-analyze", "security", "--threshold=10", UNIT).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        Command.Result verified = systemd.command("systemd-analyze", "verify", UNIT).run();
        assertEquals("", verified.err());
    }

    @Test
    void anotherInstallationDoesNotTakeTheUnit() {
        List<String> words = new ArrayList<>(List.of(installer("--record")));
        words.set(words.indexOf(PREFIX), "/opt/psm-other");
        Command.Result result = systemd.command(words.toArray(new String[0])).run();
        assertEquals(2, result.exitCode(), result.err());
        assertTrue(
                result.err().contains("run 'psm uninstall --prefix " + PREFIX + "', or"),
                result.err());
    }

    @Test
    void aStoppedRecorderSaysSo() throws Exception {
        run("systemctl", "stop", UNIT);
        assertEquals(
                "success", run("systemctl", "show", "--value", "-p", "Result", UNIT).out().strip());
        Instant stopped = Instant.now();
        run("systemctl", "start", UNIT);
        List<Mark> marks = new ArrayList<>();
        for (int i = 0; i < 300 && marks.isEmpty(); i++) {
            Thread.sleep(100);
            Recording.open("", recording())
                    .forEach(stopped, null, sample -> marks.add(sample.mark()));
        }
        assertEquals(List.of(Mark.STOPPED), marks);
    }

    @Test
    void aMemberIsRemindedOfTheRecording() {
        String hint =
                "psm: a recording shows all processes as of [0-9]+s ago: psm --from " + FOLDER;
        String ofMember = psm(MEMBER).run().err();
        assertTrue(ofMember.lines().anyMatch(line -> line.matches(hint)), ofMember);
        for (Command without : List.of(psm(MEMBER, "-q"), psm(OTHER), psm(MEMBER, "--mine"))) {
            String said = without.run().err();
            assertFalse(said.contains("a recording"), said);
        }
        assertFalse(run(PREFIX + "/bin/psm").err().contains("a recording"));
    }

    @Test
    void theGroupOfARecorderGetsNoRuleOfSudo() {
        for (String command : List.of("sudo", "visudo", "flock")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        String rule = "/etc/sudoers.d/psm_opt_psm_test";
        run(installer("--group", GROUP));
        run("test", "-e", rule);
        String said = run(installer("--record", "--group", GROUP, "-i", "10")).out();
        assertNotEquals(0, systemd.command("test", "-e", rule).run().exitCode());
        assertTrue(said.contains("no group can see all processes with sudo any more"), said);
    }

    @Test
    void anotherGroupReadsOlderSamplesToo() throws IOException {
        String said = run(installer("--record", "-i", "10")).out();
        try {
            assertTrue(said.contains("only root can read it"), said);
            assertEquals(2, psm(MEMBER, "--from", FOLDER).run().exitCode());
        } finally {
            run(installer("--record", "--group", GROUP, "-i", "10"));
        }
        aMemberOfTheGroupReadsAllProcesses();
        anotherUserCannotReadTheRecording();
    }

    @Test
    void anUpgradeGoesOnRecording() {
        String before = mainPid();
        String said = run(installer()).out();
        assertTrue(said.contains(UNIT + " goes on recording, with this psm"), said);
        assertNotEquals(before, mainPid());
        assertTrue(is("active") && is("enabled"));
        String command = run("cat", "/proc/" + mainPid() + "/cmdline").out().replace('\0', ' ');
        assertTrue(command.endsWith(" record --dir " + FOLDER + " -i 10 "), command);
        run("systemctl", "disable", "--now", UNIT);
        assertTrue(run(installer()).out().contains(UNIT + " is stopped, and was left so"));
        assertFalse(is("active") || is("enabled"));
        run(installer("--record", "--group", GROUP, "-i", "10"));
        assertTrue(is("active") && is("enabled"));
    }

    /** The next psm may have other settings for its unit. */
    @Test
    void anUpgradeReplacesAnOlderUnit() {
        String file = "/etc/systemd/system/" + UNIT;
        String unit = run("cat", file).out();
        write(file, unit.replaceAll("MemoryMax=.*", "MemoryMax=200M"));
        String said = run(installer()).out();
        assertTrue(said.contains(UNIT + " goes on recording, with this psm"), said);
        String now = run("cat", file).out();
        assertEquals(unit.replaceAll("ExecStart=.*", ""), now.replaceAll("ExecStart=.*", ""));
        run("systemctl", "restart", UNIT);
        assertTrue(is("active"), run("systemctl", "status", UNIT).out());
    }

    @Test
    void anUpgradeOfAUnitThatCannotBeReadChangesNothing() {
        String file = "/etc/systemd/system/" + UNIT;
        String unit = run("cat", file).out();
        write(file, unit.replaceAll("Group=.*", "#"));
        try {
            Command.Result result = systemd.command(installer()).run();
            assertEquals(1, result.exitCode(), result.out() + result.err());
            assertEquals(
                    "psm: install: "
                            + file
                            + " was changed, so that the recorder cannot go on with the new psm;"
                            + " write it again with 'psm install --record'; nothing was changed\n",
                    result.err());
        } finally {
            write(file, unit);
        }
        run("systemctl", "restart", UNIT); // its files are still there
    }

    @Test
    void aRecorderThatDoesNotStartChangesNothing() {
        String unit = run("cat", "/etc/systemd/system/" + UNIT).out();
        String launcher = run("cat", PREFIX + "/bin/psm").out();
        String drop = "/etc/systemd/system/" + UNIT + ".d/x.conf";
        run("mkdir", "-p", drop.substring(0, drop.lastIndexOf('/')));
        write(drop, "[Service]\nExecStartPre=/bin/false\n");
        Command.Result result = systemd.command(installer("--record")).run();
        run("rm", drop);
        run("systemctl", "daemon-reload");
        run("systemctl", "restart", UNIT);
        assertEquals(1, result.exitCode(), result.out() + result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("; nothing was changed"), result.err());
        assertEquals(unit, run("cat", "/etc/systemd/system/" + UNIT).out());
        assertEquals(launcher, run("cat", PREFIX + "/bin/psm").out());
        run(PREFIX + "/bin/psm", "-t");
    }

    @Test
    void uninstallLeavesTheRecordingOnly() {
        run("cp", "/etc/passwd", "/etc/passwd.before");
        Command.Result result = run(PREFIX + "/bin/psm", "uninstall", "--prefix", PREFIX);
        try {
            assertTrue(result.out().contains("'rm -r " + FOLDER + "' deletes it"), result.out());
            assertFalse(is("active"));
            for (String path :
                    List.of(
                            "/etc/systemd/system/" + UNIT,
                            "/etc/systemd/system/multi-user.target.wants/" + UNIT,
                            PREFIX)) {
                assertNotEquals(0, systemd.command("test", "-e", path).run().exitCode(), path);
                assertNotEquals(0, systemd.command("test", "-L", path).run().exitCode(), path);
            }
            assertNotEquals(0, systemd.command("id", "psm-record").run().exitCode());
            assertNotEquals(0, systemd.command("getent", "group", "psm-record").run().exitCode());
            assertEquals("750 root " + GROUP + "\n", run("stat", "-c", "%a %U %G", FOLDER).out());
            assertEquals("", run("find", FOLDER, "!", "-user", "root").out());
        } finally {
            run(installer("--record", "--group", GROUP, "-i", "10"));
        }
        assertEquals("750 psm-record " + GROUP + "\n", run("stat", "-c", "%a %U %G", FOLDER).out());
    }
}
