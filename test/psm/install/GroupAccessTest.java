package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.OwnProcess;
import psm.scan.ProcessMemory;
import psm.support.Command;
import psm.support.GroupInstallation;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Installs for a group, and checks what is refused and that nothing stays behind. */
@Tag("endtoend")
@ResourceLock("sudoers")
class GroupAccessTest {
    @TempDir Path folder;

    private static void assertIsRefused(String expected, String... args) {
        Command.Result result = Command.psmAlone(args).run();
        assertEquals(2, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().startsWith("psm: " + expected), result.err());
    }

    private static void assumeSudo() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can give access to a group");
        assumeTrue(RootOwned.problem(Path.of("/opt")) == null, "/opt is not root's alone");
    }

    @ParameterizedTest
    @CsvSource({
        "psm-nosuch, there is no such group; run 'groupadd psm-nosuch'",
        "ALL, needs a name of",
        "%root, needs a name of",
        "0, needs a name of",
        "#0, needs a name of",
        "'root,ALL', needs a name of",
        "'a b', needs a name of",
        "'', needs a name of"
    })
    void unknownGroupsAreRefused(String name, String why) throws IOException {
        assumeSudo();
        String[] args = {"install", "--prefix", "/opt/psm-test-no", "--group", name};
        assertIsRefused("--group " + name + ": " + why, args);
        assertFalse(Files.exists(Path.of("/opt/psm-test-no")));
    }

    @Test
    void prefixesWritableByOthersAreRefused() throws IOException {
        assumeSudo();
        Path prefix = Files.createTempDirectory(Path.of("/opt"), "psm-test-group");
        try {
            for (String change : List.of("chmod 775", "chown 65534")) {
                String[] words = (change + " " + prefix).split(" ", -1);
                assertEquals(0, Command.of(words).run().exitCode());
                String[] args = {"install", "--prefix", prefix + "/x", "--group", "root"};
                String start = "--prefix " + prefix + "/x: root installs nothing where others can ";
                assertIsRefused(start + "write: " + prefix + " ", args);
            }
        } finally {
            Files.delete(prefix);
        }
    }

    @Test
    void javasWritableByOthersAreRefused() throws IOException {
        assumeSudo();
        Path java = Files.createDirectories(folder.resolve("java/bin"));
        Files.copy(Path.of("/usr/bin/true"), java.resolve("java"));
        Files.writeString(folder.resolve("java/release"), "JAVA_VERSION=\"21.0.1\"\n");
        Files.setAttribute(java.getParent(), "unix:uid", 65534);
        String[] args = {
            "install",
            "--prefix",
            "/opt/psm-test-no",
            "--group",
            "root",
            "--java",
            folder.resolve("java").toString()
        };
        String start = "--java " + folder.resolve("java") + ": root runs no Java that others can ";
        assertIsRefused(start + "write: " + folder.resolve("java") + " belongs to ", args);
    }

    /** The rule is written before the script, in whose place there is a folder. */
    @Test
    void aFailedInstallationLeavesNoRule() throws IOException {
        assumeSudo();
        Path prefix = Files.createTempDirectory(Path.of("/opt"), "psm-test-group");
        try {
            Files.setPosixFilePermissions(prefix, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path inTheWay = Files.createDirectories(prefix.resolve("lib/psm/collect/x"));
            String[] args = {"install", "--prefix", prefix.toString(), "--group", "root"};
            Command.Result result = Command.psmAlone(args).run();
            assertEquals(1, result.exitCode(), result.out() + result.err());
            assertFalse(Files.exists(SudoRule.file(new Prefix(prefix))), "the rule is left");
            assertFalse(Files.exists(prefix.resolve("bin")));
            assertTrue(Files.exists(inTheWay));
        } finally {
            GroupInstallation.delete(prefix);
        }
    }

    @Test
    void charactersSpecialInSudoersAreRefused() throws IOException {
        assumeSudo();
        String prefix = "/opt/psm-test *,ALL";
        String[] args = {"install", "--prefix", prefix, "--group", "root"};
        assertIsRefused(
                "--group root: " + prefix + " contains characters that are special in ", args);
    }

    /** Once psm is deleted there, any user could make a collector for the rule. */
    @Test
    void foldersInWhichAllCanMakeFilesAreRefused() throws IOException {
        assumeSudo();
        String[] args = {"install", "--prefix", "/var/tmp/psm-test-no", "--group", "root"};
        assertIsRefused(
                "--group root: /var/tmp is writable by every user; use another that only", args);
        assertFalse(Files.exists(Path.of("/var/tmp/psm-test-no")));
    }

    @Test
    void anOrdinaryUserIsRefused() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "needs root, to become another user");
        Path open = Files.createDirectory(folder.resolve("class path"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        String[] args = {"install", "--prefix", open + "/x", "--group", "root"};
        Command.Result result = Command.psmAsNobody(open, args).run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --group root: only root can give a group this access; use sudo\n",
                result.err());
    }

    @Test
    void anotherInstallationsRuleIsLeftAlone() throws IOException {
        assumeSudo();
        assumeTrue(Command.exists("visudo"), "there is no sudo here");
        Path rule = SudoRule.file(new Prefix(Path.of("/opt/psm-test-no")));
        Files.writeString(rule, "# another program's\n");
        try {
            Files.setPosixFilePermissions(
                    rule, java.nio.file.attribute.PosixFilePermissions.fromString("r--r-----"));
            String[] args = {"install", "--prefix", "/opt/psm-test-no", "--group", "root"};
            assertIsRefused(
                    "--group root: "
                            + rule
                            + " does not belong to this installation; move it somewhere else",
                    args);
            assertEquals("# another program's\n", Files.readString(rule));
        } finally {
            Files.delete(rule);
        }
    }

    @Test
    void installingWithoutTheGroupRemovesItsAccess() throws IOException {
        try (GroupInstallation installation = new GroupInstallation("g")) {
            Path rule = SudoRule.file(new Prefix(installation.prefix));
            assertTrue(Files.exists(rule));
            installation.install("--group", installation.group);
            assertTrue(Files.exists(rule), "it may be installed again");
            installation.install();
            assertFalse(Files.exists(rule));
            for (String name : List.of("access", "members", "collect")) {
                assertFalse(Files.exists(installation.prefix.resolve("lib/psm/" + name)), name);
            }
            Command.Result result = installation.psm(installation.member, "--timing").run();
            assertTrue(result.err().contains(" (permission denied; use sudo)"), result.err());
        }
    }

    @Test
    void commandLinesCanBeLeftOut() throws IOException {
        String secret = "psm-secret-of-a-title";
        try (GroupInstallation installation = new GroupInstallation("n")) {
            installation.install("--group", installation.group, "--no-commands");
            Path title = installation.stage.resolve("titled");
            Files.writeString(title, "exec -a 'celeryd redis://u:" + secret + "@h' sleep 60\n");
            Process titled = new ProcessBuilder("bash", title.toString()).start();
            try {
                Command.Result result =
                        installation.psm(installation.member, "-o", "json", "--by", "pid").run();
                assertEquals(0, result.exitCode(), result.err());
                assertTrue(result.out().contains("[" + titled.pid() + "]"), result.out());
                assertFalse(result.out().contains(secret), result.out());
                GroupInstallation.Called called =
                        installation.call(installation.script("$collect"));
                assertFalse(called.snapshot().toString().contains(secret));
                for (ProcessMemory each : called.snapshot().processes()) {
                    String command = each.details().command();
                    assertTrue(command == null || command.equals("psm"), command);
                }
            } finally {
                titled.destroyForcibly();
            }
            String[] doctor = {"doctor", "--prefix", installation.prefix.toString()};
            Command.Result examined = Command.psmAlone(doctor).run();
            assertEquals(0, examined.exitCode(), examined.out());
        }
    }

    @Test
    void leavingCommandLinesOutNeedsAGroup() {
        assertIsRefused(
                "--no-commands: needs a group or a recorder; add --group NAME or --record",
                "install",
                "--no-commands");
    }

    /** CAP_PERFMON lists no hidden processes. */
    @Test
    void hiddenProcessesTakeAnotherCapability() throws IOException {
        assumeTrue(Command.exists("unshare"), "there is no unshare to mount another /proc");
        try (GroupInstallation installation = new GroupInstallation("h")) {
            Path access = new Prefix(installation.prefix).access();
            assumeTrue(Files.readString(access).contains("CAP_PERFMON"), "an older kernel");
            String hide = "mount -t proc -o hidepid=2 proc /proc && exec \"$@\"";
            String prefix = installation.prefix.toString();
            Command doctor = Command.of("unshare", "-m", "sh", "-c", hide, "sh");
            doctor.append(Command.psmAlone("doctor", "--prefix", prefix).words());
            Command.Result result = doctor.run();
            assertEquals(1, result.exitCode(), result.err());
            String expected =
                    "wrong  the collector's CAP_PERFMON no longer shows all processes; run 'psm"
                            + " install --prefix "
                            + prefix
                            + " --group "
                            + installation.group
                            + "'";
            assertTrue(result.out().contains(expected), result.out());
            Command install = Command.of("unshare", "-m", "sh", "-c", hide, "sh");
            String java = System.getProperty("java.home");
            String[] args = {
                "install", "--prefix", prefix, "--java", java, "--group", installation.group
            };
            result = install.append(Command.psmAlone(args).words()).run();
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(Files.readString(access).contains("CAP_SYS_PTRACE"));
            result = doctor.run();
            assertEquals(0, result.exitCode(), result.out());
        }
    }

    @Test
    void aPrefixThatIsClosedToOthersIsRefused() throws IOException {
        assumeSudo();
        Path closed = Files.createTempDirectory(Path.of("/opt"), "psm-test-closed");
        try {
            String prefix = closed.resolve("x").toString();
            String[] args = {
                "install",
                "--prefix",
                prefix,
                "--java",
                System.getProperty("java.home"),
                "--group",
                "root"
            };
            assertIsRefused(
                    "--group root: the collector does not work as user nobody; choose a --prefix"
                            + " and a --java that every user can read",
                    args);
            assertFalse(Files.exists(SudoRule.file(new Prefix(Path.of(prefix)))));
        } finally {
            GroupInstallation.delete(closed);
        }
    }

    @Test
    void uninstallRemovesAllFiles() throws IOException {
        try (GroupInstallation installation = new GroupInstallation("u")) {
            Path rule = SudoRule.file(new Prefix(installation.prefix));
            assertEquals(installation.collect() + " \"\"", lastWords(Files.readString(rule)));
            String[] args = {"uninstall", "--prefix", installation.prefix.toString()};
            assertEquals(
                    0, Command.of(installation.launcher()).append(List.of(args)).run().exitCode());
            assertFalse(Files.exists(rule));
            assertFalse(Files.exists(installation.prefix));
        }
    }

    private static String lastWords(String rule) {
        String[] words = rule.strip().split(" ", -1);
        return words[words.length - 2] + " " + words[words.length - 1];
    }

    /** Uses the umask that removes no permission. */
    @Test
    void onlyRootCanWriteWhatIsInstalled() throws IOException {
        try (GroupInstallation installation = new GroupInstallation("w")) {
            List<String> words =
                    Command.psmAlone(
                                    "install",
                                    "--prefix",
                                    installation.prefix.toString(),
                                    "--java",
                                    System.getProperty("java.home"),
                                    "--group",
                                    installation.group)
                            .words();
            Command.Result result =
                    Command.of("sh", "-c", "umask 0; exec \"$@\"", "sh").append(words).run();
            assertEquals(0, result.exitCode(), result.err());
            assertEquals(null, RootOwned.problemBelow(installation.prefix));
            assertEquals("440", octal(SudoRule.file(new Prefix(installation.prefix))));
            assertEquals("700", octal(Path.of(installation.collect())));
            assertEquals("600", octal(new Prefix(installation.prefix).access()));
            assertEquals("640", octal(new Prefix(installation.prefix).members()));
        }
    }

    private static String octal(Path file) throws IOException {
        return Integer.toOctalString((Integer) Files.getAttribute(file, "unix:mode") & 07777);
    }
}
