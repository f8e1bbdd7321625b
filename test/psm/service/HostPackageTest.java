package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

import psm.install.StagedPackage;
import psm.support.Command;
import psm.text.Version;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Sets up the services of a psm that came in a package, with a real systemd. */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostPackageTest {
    private static final String GROUP = "psmpackagers";
    private static final String MEMBER = "psmpackager";
    private static final String RECORDER = "psm-record.service";
    private static final String TEXTFILES = "/srv/psm-textfiles";
    private static final String RULE = "/etc/sudoers.d/psm_usr";
    private static final String NOTHING =
            "no services of this psm are set up; 'apt remove psm' removes psm itself\n";

    private OwnSystemd systemd;

    @BeforeAll
    void install(@TempDir Path folder) throws Exception {
        for (String path : List.of("/usr/lib/psm", "/usr/bin/psm", "/var/lib/psm")) {
            assumeFalse(Files.exists(Path.of(path)), "this machine has " + path);
        }
        for (String command : List.of("groupadd", "useradd", "userdel", "setpriv", "sudo")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        StagedPackage.stage(folder, "deb");
        systemd = new OwnSystemd();
        Path usr = systemd.root().resolve("usr");
        copy(folder.resolve("lib/psm"), usr.resolve("lib/psm"));
        copy(folder.resolve("bin/psm"), usr.resolve("bin/psm"));
        run("groupadd", GROUP);
        run("useradd", "-M", "-N", "-d", "/", "-G", GROUP, MEMBER);
        run("mkdir", "-p", TEXTFILES);
    }

    private static void copy(Path from, Path to) {
        Command.Result copied = Command.of("cp", "-a", from.toString(), to.toString()).run();
        assertEquals(0, copied.exitCode(), copied.err());
    }

    @AfterAll
    void end() throws Exception {
        if (systemd != null) {
            systemd.close();
        }
    }

    /** Nothing is left, and the program is still there. */
    @AfterEach
    void uninstall() {
        psm("uninstall");
        assertEquals(NOTHING, psm("uninstall").out());
        for (String path : List.of("/var/lib/psm", RULE, TEXTFILES + "/psm.prom")) {
            assertFalse(systemd.can("test", "-e", path), path + " is left");
        }
        String units = run("find", "/etc/systemd/system", "-name", "psm-[rt]e[cx]*").out();
        assertEquals("", units);
        assertFalse(systemd.can("id", "psm-record"));
        assertTrue(psm("-V").out().startsWith("psm " + Version.CURRENT + " "));
        run("rm", "-rf", "/var/log/psm");
    }

    private Command.Result run(String... words) {
        return systemd.run(words);
    }

    private Command.Result psm(String... args) {
        Command command = systemd.command("env", "-u", "SUDO_UID", "/usr/bin/psm");
        Command.Result result = command.append(List.of(args)).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        return result;
    }

    private void assertIsWell(String expected) {
        String out = psm("doctor").out();
        assertTrue(out.contains("ok     psm 1") && out.contains(expected), out);
        String notes = out.replaceAll("(?m)^note   node_exporter .*", ""); // none runs here
        assertFalse(notes.contains("wrong") || notes.contains("note   "), out);
    }

    @Test
    void aPackageWithoutServicesIsWell() {
        assertIsWell("came in a package (deb)\n");
        Command.Result other = systemd.as(MEMBER, "/usr/bin/psm", "doctor").run();
        assertEquals(psm("doctor").out(), other.out());
        assertEquals(0, other.exitCode(), other.err());
        assertTrue(psm("install").out().contains("with 'apt install ./FILE'; 'psm install' adds"));
    }

    /** A package that is installed over another has no file of another name. */
    @Test
    void aRecorderGoesOnWithTheFilesOfANewerPackage() {
        String said = psm("install", "--record", "-i", "10").out();
        assertTrue(said.startsWith(RECORDER + " records all processes into /var/log/psm"), said);
        String unit = run("cat", "/etc/systemd/system/" + RECORDER).out();
        String start = "ExecStart=/usr/lib/psm/runtime/bin/java ";
        assertTrue(unit.contains(start), unit);
        assertTrue(unit.contains(" -XX:SharedArchiveFile=/usr/lib/psm/plain.jsa "), unit);
        assertFalse(unit.contains(Version.CURRENT), unit);
        assertTrue(systemd.is("active", RECORDER) && systemd.is("enabled", RECORDER));
        assertIsWell("ok     the recorder is user psm-record with ");
        String scripts = Command.root() + "/packaging/deb/";
        run("sh", scripts + "postinst", "configure", "0.9");
        assertTrue(systemd.is("active", RECORDER), "an upgrade restarts it");
        run("env", "SUDO_UID=65534", "sh", scripts + "prerm", "remove");
        assertFalse(systemd.is("active", RECORDER), "the package was removed");
        psm("install", "--record", "-i", "10");
        String removed = psm("uninstall").out();
        assertTrue(removed.startsWith("removed the recorder; 'apt remove psm' removes"), removed);
        assertTrue(removed.contains("the recording was left; 'rm -r /var/log/psm'"), removed);
    }

    @Test
    void aMemberOfTheGroupSeesAllProcesses() {
        String said = psm("install", "--group", GROUP).out();
        String expected = "members of group " + GROUP + " can see all processes, through the sudo";
        assertTrue(said.startsWith(expected), said);
        assertIsWell("ok     the collector writes a snapshot\n");
        Command.Result member = systemd.as(MEMBER, "/usr/bin/psm", "--timing", "-o", "csv").run();
        assertEquals(0, member.exitCode(), member.err());
        assertTrue(member.err().contains("through sudo /var/lib/psm/collect"), member.err());
        assertFalse(member.err().contains("estimated"), member.err());
        // What is not asked for stays as it is.
        psm("install", "--textfile", TEXTFILES);
        assertIsWell("ok     the collector writes a snapshot\n");
        String removed = psm("uninstall").out();
        assertTrue(removed.startsWith("removed the file for node_exporter, the group's "), removed);
    }

    @Test
    void aTextfileIsWritten() {
        String said = psm("install", "--textfile", TEXTFILES, "--by", "user").out();
        assertTrue(said.contains("writes " + TEXTFILES + "/psm.prom each minute"), said);
        assertTrue(run("cat", TEXTFILES + "/psm.prom").out().contains("psm_"));
    }

    @Test
    void whatFailsLeavesNothing() {
        String[] words = {"/usr/bin/psm", "install", "--group", "psmnogroup"};
        Command.Result result = systemd.command(words).with("SUDO_UID", null).run();
        assertEquals(2, result.exitCode(), result.out());
        assertFalse(systemd.can("test", "-e", "/var/lib/psm"));
    }

    /** Unpacks an archive of an older psm, and runs its {@code psm install}. */
    private void installOlder(String... options) {
        run("mkdir", "-p", "/opt/psm-0.9/lib", "/opt/psm-0.9/bin");
        run("cp", "-a", "/usr/lib/psm", "/opt/psm-0.9/lib/psm");
        systemd.write("/opt/psm-0.9/lib/psm/package", "tar\n");
        systemd.write("/opt/psm-0.9/bin/psm", StagedPackage.launcher("tar"));
        run("chmod", "755", "/opt/psm-0.9/bin/psm");
        List<String> words = new ArrayList<>(List.of("env", "-u", "SUDO_UID"));
        words.addAll(List.of("/opt/psm-0.9/bin/psm", "install"));
        words.addAll(List.of(options));
        run(words.toArray(new String[0]));
    }

    @Test
    void aNewerArchiveRemovesTheServicesOfADeletedOne() {
        installOlder("--record");
        assertTrue(systemd.is("active", RECORDER));
        run("rm", "-r", "/opt/psm-0.9");
        String[] words = {"env", "-u", "SUDO_UID", "/usr/bin/psm", "install", "--record"};
        Command.Result refused = systemd.command(words).run();
        assertEquals(2, refused.exitCode(), refused.out());
        String remedy = "run 'psm uninstall --prefix /opt/psm-0.9'";
        assertTrue(refused.err().contains(remedy), refused.err());
        String said = psm("uninstall", "--prefix", "/opt/psm-0.9").out();
        assertTrue(said.startsWith("removed the services of the psm that was in /opt/psm-0.9"));
    }

    @Test
    void aNewerArchiveRemovesTheSudoRuleOfADeletedOne() {
        installOlder("--group", GROUP);
        String rule = "/etc/sudoers.d/psm_opt_psm_0_9";
        assertTrue(systemd.can("test", "-e", rule));
        run("rm", "-r", "/opt/psm-0.9");
        String said = psm("uninstall", "--prefix", "/opt/psm-0.9").out();
        assertTrue(said.startsWith("removed the services of the psm that was in /opt/psm-0.9"));
        assertFalse(systemd.can("test", "-e", rule), "sudo would still start it");
    }

    @Test
    void aMovedArchiveRemovesItsOldSudoRule() {
        installOlder("--group", GROUP);
        String rule = "/etc/sudoers.d/psm_opt_psm_0_9";
        run("mv", "/opt/psm-0.9", "/opt/psm-moved");
        String said = run("env", "-u", "SUDO_UID", "/opt/psm-moved/bin/psm", "uninstall").out();
        assertTrue(said.startsWith("removed the group's access; "), said);
        assertFalse(systemd.can("test", "-e", rule), "sudo would still start it");
        run("rm", "-r", "/opt/psm-moved");
    }

    /** Whoever deletes a package's files without the package manager can still remove the rest. */
    @Test
    void anotherPsmRemovesWhatABrokenPackageLeft() {
        installOlder();
        psm("install", "--group", GROUP);
        run("mv", "/usr/lib/psm/package", "/usr/lib/psm/no-package");
        String[] words = {"/opt/psm-0.9/bin/psm", "uninstall", "--prefix", "/usr"};
        String said = run("env", "-u", "SUDO_UID", words[0], words[1], words[2], words[3]).out();
        run("mv", "/usr/lib/psm/no-package", "/usr/lib/psm/package");
        assertEquals("removed the services of the psm that was in /usr\n", said);
        assertFalse(systemd.can("test", "-e", "/var/lib/psm"));
        assertFalse(systemd.can("test", "-e", "/etc/sudoers.d/psm_usr"));
        run("rm", "-r", "/opt/psm-0.9");
    }
}
