package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.metrics.OwnServer;
import psm.support.Command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Installs the timer that writes a file for node_exporter, under a real systemd. */
@Order(1)
@Tag("endtoend")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TextfileServiceTest {
    private static final String PREFIX = OwnSystemd.PREFIX;
    private static final String SERVICE = "psm-textfile.service";
    private static final String TIMER = "psm-textfile.timer";
    private static final String RECORDER = "psm-record.service";
    private static final String UNITS = "/etc/systemd/system/";

    /** The owner of the folder above that of the files, as with Debian's node_exporter. */
    private static final String OWNER = "psmexporter";

    private static final String SERVED =
            "(?s).*ok     node_exporter [(]pid \\d+, user "
                    + OWNER
                    + "[)] at 127[.]0[.]0[.]1:\\d+ serves these figures\n.*";

    private static final String ABOVE = "/srv/psm-exporter";
    private static final String FOLDER = ABOVE + "/textfiles";
    private static final String FILE = FOLDER + "/psm.prom";
    private static final String OTHER_FOLDER = "/srv/psm-other";

    private static final String OLD = "1700000000.5";

    private OwnSystemd systemd;

    @BeforeAll
    void install() throws IOException {
        systemd = OwnSystemd.forInstallation();
        run("useradd", "--system", "-M", "-N", "-d", "/", OWNER);
        run("mkdir", "-p", FOLDER, OTHER_FOLDER);
        run("chown", OWNER, ABOVE);
        String said = installed("--textfile=" + FOLDER);
        assertTrue(said.contains(TIMER + " writes " + FILE + " each minute, as user psm-"), said);
    }

    @AfterAll
    void end() throws IOException {
        if (systemd != null) {
            systemd.close();
        }
    }

    private Command.Result run(String... words) {
        return systemd.run(words);
    }

    private String installed(String... options) {
        return run(OwnSystemd.installer(options)).out();
    }

    private String contents() {
        return run("cat", FILE).out();
    }

    private static String value(String contents, String name) {
        List<String> found = contents.lines().filter(line -> line.startsWith(name + " ")).toList();
        assertEquals(1, found.size(), contents);
        return found.get(0).substring(name.length() + 1);
    }

    private String takenAt() {
        return value(contents(), "psm_taken_at_seconds");
    }

    private Command.Result doctor() {
        return systemd.command(PREFIX + "/bin/psm", "doctor").run();
    }

    private void drop(String unit, String content) {
        String folder = UNITS + unit + ".d";
        run("mkdir", "-p", folder);
        systemd.write(folder + "/x.conf", content);
        run("systemctl", "daemon-reload");
    }

    private void revert(String unit) {
        run("rm", "-r", UNITS + unit + ".d");
        run("systemctl", "daemon-reload");
    }

    private boolean isWritten() {
        return systemd.can("systemctl", "start", SERVICE);
    }

    @Test
    void theFileIsThereAfterTheInstallation() {
        assertEquals("644 root:root\n", run("stat", "-c", "%a %U:%G", FILE).out());
        assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
        String contents = contents();
        assertEquals("1", value(contents, "psm_complete"));
        assertTrue(contents.contains("psm_processes{program=\"systemd\"} "), contents);
        assertTrue(systemd.is("active", TIMER) && systemd.is("enabled", TIMER));
    }

    @Test
    void theFileIsWrittenAgainAndAgain() throws Exception {
        drop(TIMER, "[Timer]\nOnUnitActiveSec=\nOnUnitActiveSec=2s\n");
        try {
            run("systemctl", "restart", TIMER);
            run("systemctl", "start", SERVICE);
            List<String> seen = new ArrayList<>(List.of(takenAt()));
            for (int i = 0; i < 600 && seen.size() < 4; i++) {
                Thread.sleep(100);
                String at = takenAt(); // the file is whole at any time
                if (!seen.contains(at)) {
                    seen.add(at);
                }
            }
            assertEquals(4, seen.size(), seen.toString());
        } finally {
            revert(TIMER);
            run("systemctl", "restart", TIMER);
            run("systemctl", "start", SERVICE);
        }
    }

    @Test
    void aStoppedTimerTakesTheFileWithIt() {
        run("systemctl", "stop", TIMER);
        assertEquals("", run("ls", "-A", FOLDER).out());
        assertFalse(systemd.can("test", "-e", "/run/psm-textfile"));
        assertFalse(isWritten(), "nothing writes it behind the back of the timer");
        assertEquals("", run("ls", "-A", FOLDER).out());
        run("systemctl", "start", TIMER, SERVICE);
        assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
    }

    /** The run is of before the stop, and must not write the file after it. */
    @Test
    void aTimerThatStopsDuringARunLeavesNoFile() throws Exception {
        drop(SERVICE, "[Service]\nExecStartPre=/bin/sleep 5\n");
        try {
            run("systemctl", "start", "--no-block", SERVICE);
            awaitState("activating");
            run("systemctl", "stop", TIMER);
            awaitState("inactive", "failed");
            assertEquals("", run("ls", "-A", FOLDER).out());
        } finally {
            revert(SERVICE);
            run("systemctl", "start", TIMER, SERVICE);
        }
    }

    private void awaitState(String... wanted) throws InterruptedException {
        List<String> states = List.of(wanted);
        for (int i = 0; i < 1200 && !states.contains(state()); i++) {
            Thread.sleep(50);
        }
        assertTrue(states.contains(state()), state());
    }

    private String state() {
        return run("systemctl", "show", "--value", "-p", "ActiveState", SERVICE).out().strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo half; kill -9 $$$$'\n",
                "[Service]\nExecStart=\nExecStart=/bin/sh -c 'echo half; exit 1'\n",
                "[Service]\nExecStart=\nExecStart=/bin/no-such-program\n",
            })
    void aRunThatFailsLeavesTheOldFile(String change) {
        String before = contents();
        drop(SERVICE, change);
        try {
            assertFalse(isWritten());
            assertEquals(before, contents());
            assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
            Command.Result result = doctor();
            assertEquals(1, result.exitCode(), result.out());
            assertTrue(result.out().contains("wrong  the last run of " + SERVICE), result.out());
        } finally {
            revert(SERVICE);
        }
        assertTrue(isWritten());
    }

    @Test
    void aFullFolderKeepsTheOldFile() {
        run("mount", "-t", "tmpfs", "-o", "size=4k,mode=755", "tmpfs", FOLDER);
        try {
            systemd.write(FILE, "old 1\n");
            assertFalse(isWritten());
            assertEquals("old 1\n", contents());
            assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
        } finally {
            run("umount", FOLDER);
        }
        assertTrue(isWritten());
    }

    @Test
    void aPartOfAKilledShellIsReplaced() {
        systemd.write(FOLDER + "/.psm.prom.part", "half");
        assertTrue(isWritten());
        assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
    }

    /** The owner of the folder above can put another in its place at any time. */
    @ParameterizedTest
    @ValueSource(strings = {"ln -s /etc textfiles", "mkdir -m 755 textfiles"})
    void rootWritesNowhereElse(String instead) {
        String swap = "cd " + ABOVE + " && mv textfiles away && " + instead;
        run(asOwner(swap));
        try {
            assertFalse(isWritten());
            run("systemctl", "stop", TIMER);
            assertFalse(systemd.can("test", "-e", "/etc/psm.prom"));
            assertEquals("", run("find", "-H", FOLDER, "-name", "*psm.prom*").out());
            Command.Result result = doctor();
            assertEquals(1, result.exitCode(), result.out());
            assertTrue(result.out().contains("wrong  "), result.out());
        } finally {
            run(asOwner("cd " + ABOVE + " && rm -rf textfiles && mv away textfiles"));
            run("systemctl", "start", TIMER, SERVICE);
        }
        assertTrue(isWritten());
    }

    private static String[] asOwner(String script) {
        return new String[] {
            "setpriv", "--reuid=" + OWNER, "--regid=65534", "--clear-groups", "sh", "-c", script
        };
    }

    @Test
    void noNameOfAProcessAddsALine() throws Exception {
        String name = "x\"} 1\npsm_complete 0\n\\\u001b[31m";
        Process hostile =
                systemd.command("bash", "-c", "exec -a \"$1\" sleep 1000", "bash", name)
                        .start(
                                java.nio.file.Path.of("/dev/null"),
                                java.nio.file.Path.of("/dev/null"));
        try {
            assertTrue(isWritten());
            String contents = contents();
            assertEquals("1", value(contents, "psm_complete"));
            assertFalse(contents.contains("\u001b"), contents);
        } finally {
            hostile.destroyForcibly().waitFor();
        }
    }

    /** Starts a script as the unit starts psm; returns whether it succeeds. */
    private boolean insteadOfPsm(String script) {
        String path = PREFIX + "/lib/psm/test.sh";
        systemd.write(path, script + "\n");
        drop(SERVICE, "[Service]\nExecStart=\nExecStart=/bin/bash " + path + "\nExecStartPost=\n");
        try {
            return isWritten();
        } finally {
            revert(SERVICE);
            run("rm", path);
            assertTrue(isWritten());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cat /etc/shadow",
                "cat /proc/1/root/etc/shadow",
                "ls /root",
                "touch " + FOLDER + "/was-here",
                "touch /proc/1/root" + FOLDER + "/was-here",
                "touch /run/psm-textfile/was-here",
                "ln -sfn /etc/shadow /run/psm-textfile/psm.prom",
                "touch /var/log/psm-was-here",
                "kill -0 1",
                "exec 3<>/proc/1/mem",
                "python3 -c 'import socket; socket.socket(socket.AF_INET)'",
            })
    void theServiceCannotDoWhatRootCan(String script) {
        assertFalse(insteadOfPsm(script));
    }

    @Test
    void theServiceReadsAllProcesses() {
        assertTrue(insteadOfPsm("cat /proc/1/smaps_rollup"));
        String sets =
                "[ \"$(grep -c '^Cap.*:.0*\\(4000000000\\|80000\\)$' /proc/self/status)\" = 5 ]";
        assertTrue(insteadOfPsm(sets), "it has exactly one capability");
    }

    @Test
    void systemdFindsTheUnitsSecure() {
        run("systemd-analyze", "security", "--threshold=10", SERVICE);
        for (String unit : List.of(SERVICE, TIMER, "psm-textfile-remove.service")) {
            assertEquals("", run("systemd-analyze", "verify", unit).err());
        }
    }

    @Test
    void anotherInstallationDoesNotTakeTheUnits() {
        List<String> words = new ArrayList<>(List.of(OwnSystemd.installer("--textfile=" + FOLDER)));
        words.set(words.indexOf(PREFIX), "/opt/psm-other");
        Command.Result result = systemd.command(words.toArray(new String[0])).run();
        assertEquals(2, result.exitCode(), result.err());
        String advice = "run 'psm uninstall --prefix " + PREFIX + "', or";
        assertTrue(result.err().contains(advice), result.err());
    }

    @Test
    void anUpgradeGoesOnWriting() {
        String before = run("cat", UNITS + SERVICE).out();
        String at = takenAt();
        String said = installed();
        assertTrue(said.contains(TIMER + " goes on writing " + FILE + ", with this psm"), said);
        assertNotEquals(at, takenAt());
        String now = run("cat", UNITS + SERVICE).out();
        assertNotEquals(before, now, "it runs the new psm");
        assertEquals(before.replaceAll("ExecStart=.*", ""), now.replaceAll("ExecStart=.*", ""));
        run("systemctl", "disable", "--now", TIMER);
        said = installed();
        assertTrue(said.contains(TIMER + " is stopped, and was left so"), said);
        assertFalse(systemd.is("active", TIMER) || systemd.is("enabled", TIMER));
        assertEquals("", run("ls", "-A", FOLDER).out());
        installed("--textfile=" + FOLDER);
        assertTrue(systemd.is("active", TIMER) && systemd.is("enabled", TIMER));
    }

    @Test
    void anUpgradeOfAUnitThatCannotBeReadChangesNothing() {
        String unit = run("cat", UNITS + SERVICE).out();
        systemd.write(UNITS + SERVICE, unit.replaceAll("Description=.*", "#"));
        try {
            Command.Result result = systemd.command(OwnSystemd.installer()).run();
            assertEquals(1, result.exitCode(), result.out() + result.err());
            assertTrue(
                    result.err().endsWith("'psm install --textfile DIR'; nothing was changed\n"),
                    result.err());
        } finally {
            systemd.write(UNITS + SERVICE, unit);
        }
    }

    @Test
    void anotherFolderLosesItsFile() {
        installed("--textfile", OTHER_FOLDER);
        assertEquals("", run("ls", "-A", FOLDER).out());
        assertEquals("psm.prom\n", run("ls", "-A", OTHER_FOLDER).out());
        installed("--textfile", FOLDER);
        assertEquals("", run("ls", "-A", OTHER_FOLDER).out());
        assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
    }

    @Test
    void aFileThatIsNotWrittenChangesNothing() {
        String unit = run("cat", UNITS + SERVICE).out();
        String launcher = run("cat", PREFIX + "/bin/psm").out();
        drop(SERVICE, "[Service]\nExecStartPre=/bin/false\n");
        Command.Result result =
                systemd.command(OwnSystemd.installer("--textfile=" + OTHER_FOLDER)).run();
        revert(SERVICE);
        assertEquals(1, result.exitCode(), result.out() + result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains(OTHER_FOLDER + "/psm.prom: "), result.err());
        assertTrue(result.err().contains("; nothing was changed"), result.err());
        assertEquals(unit, run("cat", UNITS + SERVICE).out());
        assertEquals(launcher, run("cat", PREFIX + "/bin/psm").out());
        assertEquals("", run("ls", "-A", OTHER_FOLDER).out());
        assertTrue(systemd.is("active", TIMER));
        assertTrue(isWritten());
        assertEquals("psm.prom\n", run("ls", "-A", FOLDER).out());
    }

    @Test
    void aRecordingIsTheSourceWhereThereIsOne() {
        String said = installed("--record", "-i", "100");
        try {
            assertTrue(said.contains(TIMER + " goes on writing"), said);
            String unit = run("cat", UNITS + SERVICE).out();
            assertTrue(unit.contains(" -q --from /var/log/psm -o prometheus\n"), unit);
            assertTrue(unit.contains("\nAmbientCapabilities=\n"), unit);
            String at = takenAt();
            assertTrue(isWritten());
            assertEquals(at, takenAt(), "no scan of its own");
            assertTrue(contents().contains("psm_processes{program=\"systemd\"} "), contents());
            run("systemd-analyze", "security", "--threshold=10", SERVICE);
            String sets = "[ \"$(grep -c '^Cap.*:.0*$' /proc/self/status)\" = 5 ]";
            assertTrue(insteadOfPsm(sets), "it has no capability");
            assertFalse(insteadOfPsm("touch /var/log/psm/.was-here"), "it changes no recording");
            Command.Result result = doctor();
            assertEquals(0, result.exitCode(), result.out() + result.err());
            assertTrue(result.out().contains("with nothing of root's rights"), result.out());
            String advice = " old; run 'systemctl restart " + RECORDER + "'";
            assertTrue(doctorAt(OLD).out().contains(advice), "the recorder is the culprit");
        } finally {
            uninstall();
            installed("--textfile=" + FOLDER);
        }
        assertTrue(run("cat", UNITS + SERVICE).out().contains(" -q -o prometheus\n"));
    }

    @Test
    void aRecordingThatIsRarelyWrittenIsNoSource() {
        installed("--record", "-i", "900");
        try {
            assertTrue(run("cat", UNITS + SERVICE).out().contains(" -q -o prometheus\n"));
            String before = contents(); // with the time of that scan in nanoseconds
            assertTrue(isWritten());
            assertNotEquals(before, contents(), "it reads the processes");
        } finally {
            uninstall();
            installed("--textfile=" + FOLDER);
        }
    }

    @Test
    void theRowsOfTheFileCanBeChosen() {
        installed("--textfile", FOLDER, "--by", "unit", "-n", "2", "-c", "pss,swap");
        try {
            assertTrue(contents().contains("psm_pss_bytes{unit=\""), contents());
            assertFalse(contents().contains("{program="), contents());
            assertFalse(contents().contains("psm_anonymous_bytes"), contents());
            Command.Result result = doctor();
            assertEquals(0, result.exitCode(), result.out() + result.err());
            installed();
            assertTrue(contents().contains("psm_pss_bytes{unit=\""), "an upgrade keeps them");
        } finally {
            installed("--textfile=" + FOLDER);
        }
        assertTrue(contents().contains("{program="), contents());
    }

    /** A run of the timer that goes on meanwhile is one of the units before. */
    @Test
    void anInstallationDuringARunWritesItsOwnRows() throws Exception {
        drop(SERVICE, "[Service]\nExecStartPost=/bin/sleep 15\n");
        try {
            String before = contents();
            run("systemctl", "start", "--no-block", SERVICE);
            for (int i = 0; i < 600 && contents().equals(before); i++) {
                Thread.sleep(100);
            }
            installed("--textfile", FOLDER, "--by", "unit");
            assertTrue(contents().contains("psm_pss_bytes{unit=\""), contents());
        } finally {
            revert(SERVICE);
            installed("--textfile=" + FOLDER);
        }
    }

    @Test
    void aFileOfTheFutureIsWrong() {
        Command.Result result = doctorAt("9000000000.5");
        assertTrue(isWritten());
        assertEquals(1, result.exitCode(), result.out() + result.err());
        assertTrue(result.out().contains(" ahead of the clock, which was wrong"), result.out());
    }

    @Test
    void anOldFileIsWrong() {
        Command.Result result = doctorAt(OLD);
        assertTrue(isWritten());
        assertEquals(1, result.exitCode(), result.out() + result.err());
        assertTrue(result.out().contains("run 'systemctl restart " + TIMER), result.out());
    }

    /**
     * Returns what doctor finds if the figures are of another time; the timer goes on meanwhile.
     */
    private Command.Result doctorAt(String time) {
        String change = "s/^psm_taken_at_seconds .*/psm_taken_at_seconds " + time + "/";
        for (int i = 0; i < 5; i++) {
            run("sed", "-i", change, FILE);
            Command.Result result = doctor();
            if (takenAt().equals(time)) {
                return result;
            }
        }
        throw new AssertionError("the file is written all the time");
    }

    private void startExporter(String... options) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("systemd-run", "--quiet", "--unit=psm-exporter", "--uid=" + OWNER));
        words.addAll(List.of("prometheus-node-exporter", "--collector.disable-defaults"));
        words.addAll(List.of(options));
        run(words.toArray(new String[0]));
    }

    private String doctorWith(int port, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(options));
        words.add("--web.listen-address=127.0.0.1:" + port);
        startExporter(words.toArray(new String[0]));
        try {
            for (int i = 0;
                    i < 600 && !systemd.can("bash", "-c", ": </dev/tcp/127.0.0.1/" + port);
                    i++) {
                Thread.sleep(100);
            }
            return doctor().out();
        } finally {
            run("systemctl", "stop", "psm-exporter");
        }
    }

    @Test
    void doctorAsksTheExporter() throws Exception {
        assumeTrue(Command.exists("prometheus-node-exporter"), "there is no node_exporter here");
        String said =
                doctorWith(
                        OwnServer.freePort(),
                        "--collector.textfile",
                        "--collector.textfile.directory=" + FOLDER);
        assertTrue(said.matches(SERVED), said);
        assertFalse(said.contains("wrong"), said);
        said =
                doctorWith(
                        OwnServer.freePort(),
                        "--collector.textfile",
                        "--collector.textfile.directory",
                        OTHER_FOLDER);
        assertTrue(said.contains(" does not serve " + FILE + "; it reads " + OTHER_FOLDER), said);
        said = doctorWith(OwnServer.freePort(), "--collector.uname");
        assertTrue(said.contains("note   node_exporter was not asked"), said);
        systemd.write(FOLDER + "/bad.prom", "x{ 1");
        said =
                doctorWith(
                        OwnServer.freePort(),
                        "--collector.textfile",
                        "--collector.textfile.directory=" + FOLDER);
        run("rm", FOLDER + "/bad.prom");
        assertTrue(said.matches(SERVED), said);
    }

    @Test
    void doctorFindsNoExporter() {
        Command.Result result = doctor();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        assertTrue(
                result.out().contains("note   node_exporter was not asked for the file: none"),
                result.out());
    }

    private Command.Result uninstall() {
        return run(PREFIX + "/bin/psm", "uninstall", "--prefix", PREFIX);
    }

    @Test
    void uninstallLeavesNothing() {
        run("systemctl", "restart", TIMER);
        assertTrue(isWritten());
        uninstall();
        try {
            assertEquals("", run("ls", "-A", FOLDER).out());
            assertEquals("", run("find", UNITS, "-name", "psm-textfile*").out());
            assertFalse(systemd.can("test", "-e", "/run/psm-textfile"));
            assertFalse(systemd.can("id", "psm-record"));
            assertFalse(systemd.is("active", TIMER));
        } finally {
            installed("--textfile=" + FOLDER);
        }
        theFileIsThereAfterTheInstallation();
    }
}
