package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.GroupInstallation;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Installs psm as root where an ordinary user has laid files. Each of these files would write
 * {@link #witness} if root ran it.
 */
@Tag("endtoend")
@Tag("jdk")
@ResourceLock("sudoers")
class RootInstallTest {
    private static final String JAVA = System.getProperty("java.home");

    /** A folder of root's, with the prefix. */
    private Path own;

    /** A folder of the ordinary user. */
    private Path theirs;

    private String user;
    private Path witness;

    @BeforeEach
    void makeUser() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "needs root, and another user");
        assumeTrue(Command.exists("useradd"), "there is no useradd here");
        user = "psmroot" + ProcessHandle.current().pid();
        sh("useradd -M -N -d / -s /bin/sh " + user);
        own = Files.createTempDirectory(Path.of("/opt"), "psm-test-own");
        theirs = Files.createTempDirectory(Path.of("/opt"), "psm-test-theirs");
        sh("chmod 755 " + own + " " + theirs + "; chown " + user + " " + theirs);
        witness = theirs.resolve("witness");
    }

    @AfterEach
    void removeUser() {
        if (user != null) {
            sh("rm -rf /opt/psm-test-own* /opt/psm-test-theirs*; userdel -f " + user);
        }
    }

    private static void sh(String script) {
        Command.Result result = Command.of("sh", "-c", script).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    /** Runs a script as the ordinary user, in that user's folder. */
    private void theyRun(String script) {
        String[] words = {"setpriv", "--reuid=" + user, "--regid=65534", "--clear-groups"};
        Command.Result result =
                Command.of(words).append(List.of("sh", "-c", script)).in(theirs).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    private Command psm(String command, Path prefix, String... more) {
        return Command.psmAlone(command, "--prefix", prefix.toString()).append(List.of(more));
    }

    private void assertRefused(String expected, Command command) {
        Command.Result result = command.run();
        assertEquals(2, result.exitCode(), result.out() + result.err());
        assertEquals("psm: " + expected + "\n", result.err());
        assertFalse(Files.exists(witness), "root ran what another user had laid");
    }

    private void layJava(String folder) {
        theyRun(
                "mkdir -p F/bin && echo 'JAVA_VERSION=\"99.0.1\"' >F/release && printf '#!/bin/sh\\nid -u >W\\n' >F/bin/java && chmod +x F/bin/java"
                        .replace("F", folder)
                        .replace("W", witness.toString()));
    }

    @Test
    void noJavaOfAnotherUserIsRun() throws IOException {
        layJava(".");
        Command.Result result = psm("install", own.resolve("prefix")).run();
        assertFalse(Files.exists(witness), "root ran " + theirs + "/bin/java");
        assertEquals(0, result.exitCode(), result.err());
        assertFalse(result.out().contains(theirs.toString()), result.out());
        String what = theirs + " belongs to user " + uid() + ", not to root";
        assertRefused(
                "--java "
                        + theirs
                        + ": root runs no Java that others can write: "
                        + what
                        + "; name another",
                psm("install", own.resolve("other"), "--java", theirs.toString()));
        assertFalse(Files.exists(own.resolve("other")));
    }

    private int uid() throws IOException {
        return (Integer) Files.getAttribute(theirs, "unix:uid");
    }

    @Test
    void doctorReportsAJavaOfAnotherUser() throws IOException {
        assertEquals(0, psm("install", own.resolve("prefix"), "--java", JAVA).run().exitCode());
        layJava("java");
        Path launcher = own.resolve("prefix/bin/psm");
        String script = Files.readString(launcher);
        Files.writeString(
                launcher, script.replaceFirst("(?m)^java=.*", "java=" + theirs + "/java/bin/java"));
        Command.Result result = psm("doctor", own.resolve("prefix")).run();
        assertFalse(Files.exists(witness), "root ran " + theirs + "/java/bin/java");
        assertEquals(1, result.exitCode(), result.out());
        String wrong = "\nwrong  its Java is not safe: " + theirs + " belongs to user " + uid();
        assertTrue(result.out().contains(wrong), result.out());
        assertFalse(result.out().contains("chown"), result.out());
    }

    /** Java loads its libraries from its home, which a link to bin/java does not show. */
    @Test
    void theLibrariesOfJavaAreChecked() throws IOException {
        Path jdk = own.resolve("jdk");
        sh(
                "mkdir -p D/bin D/lib/server && cp T D/bin/java && : >D/lib/server/libjvm.so && echo 'JAVA_VERSION=\"99\"' >D/release"
                        .replace("D", jdk.toString())
                        .replace("T", "/usr/bin/true"));
        sh(
                "mkdir -p X/bin && ln -s D/bin/java X/bin/java && chmod o+w D/lib/server/libjvm.so"
                        .replace("X", own.resolve("x").toString())
                        .replace("D", jdk.toString()));
        String what = jdk + "/lib/server/libjvm.so is writable by every user";
        for (String java : List.of("jdk", "x")) {
            assertRefused(
                    "--java "
                            + own.resolve(java)
                            + ": root runs no Java that others can write: "
                            + what
                            + "; name another",
                    psm("install", own.resolve("other"), "--java", own.resolve(java).toString()));
        }
        assertEquals(0, psm("install", own.resolve("prefix"), "--java", JAVA).run().exitCode());
        Path launcher = own.resolve("prefix/bin/psm");
        String script = Files.readString(launcher);
        Files.writeString(
                launcher, script.replaceFirst("(?m)^java=.*", "java=" + jdk + "/bin/java"));
        Command.Result result = psm("doctor", own.resolve("prefix")).run();
        assertTrue(result.out().contains("\nwrong  its Java is not safe: " + what), result.out());
    }

    /** The other user makes a folder after the prefix was checked, and before it is made. */
    @Test
    void nothingIsMadeInAFolderThatAnotherUserMadeFirst() throws IOException {
        sh("chmod 1777 " + own);
        theyRun("mkdir " + own + "/psm");
        List<Path> made = new ArrayList<>();
        Path home = own.resolve("psm/lib/psm");
        IOException refused =
                assertThrows(IOException.class, () -> InstallRecord.makeFolders(home, made));
        assertTrue(refused.getMessage().contains("psm belongs to user"), refused.getMessage());
        assertEquals(List.of(), made);
        assertFalse(Files.exists(own.resolve("psm/lib")));
    }

    /** To read the record would take for ever. */
    @Test
    void doctorReadsNothingOfAnotherUser() throws IOException {
        theyRun("mkdir -p lib/psm && mkfifo lib/psm/installed");
        Command.Result result = psm("doctor", theirs).run();
        assertEquals(1, result.exitCode(), result.out());
        String what = "wrong  " + theirs + " belongs to user " + uid() + ", not to root; ";
        assertEquals(what + "install psm where only root can write, with --prefix\n", result.out());
        String refused = "uninstall: root deletes nothing where others can write: " + theirs;
        assertTrue(psm("uninstall", theirs).run().err().startsWith("psm: " + refused));
    }

    @Test
    void noClassOfTheCurrentFolderIsRun() throws IOException {
        assumeTrue(Runtime.version().feature() >= 24, "an older Java converts no classes");
        Path source = own.resolve("Laid.java");
        Files.writeString(
                source,
                """
                import java.time.zone.*;
                import java.util.*;

                public class Laid extends ZoneRulesProvider {
                    static {
                        try {
                            java.nio.file.Files.createFile(java.nio.file.Path.of("WITNESS"));
                        } catch (java.io.IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }

                    protected Set<String> provideZoneIds() {
                        return Set.of();
                    }

                    protected ZoneRules provideRules(String zoneId, boolean forCaching) {
                        return null;
                    }

                    protected NavigableMap<String, ZoneRules> provideVersions(String zoneId) {
                        return null;
                    }
                }
                """
                        .replace("WITNESS", witness.toString()));
        sh(JAVA + "/bin/javac -d " + theirs + " " + source);
        Path services = Files.createDirectories(theirs.resolve("META-INF/services"));
        Files.writeString(services.resolve("java.time.zone.ZoneRulesProvider"), "Laid\n");
        Command install = psm("install", own.resolve("prefix"), "--java", JAVA).in(theirs);
        assertEquals(0, install.run().exitCode());
        assertFalse(Files.exists(witness), "root ran a class of the current folder");
    }

    @Test
    void nothingIsInstalledInAnotherUsersFolder() throws IOException {
        Path victim = Files.createDirectory(own.resolve("cron.daily"));
        theyRun("mkdir .local && ln -s " + victim + " .local/bin");
        Path prefix = theirs.resolve(".local");
        assertRefused(
                "--prefix "
                        + prefix
                        + ": root installs nothing where others can write: "
                        + theirs
                        + " belongs to user "
                        + uid()
                        + ", not to root; choose another folder, such as /usr/local",
                psm("install", prefix, "--java", JAVA));
        try (var files = Files.list(victim)) {
            assertEquals(List.of(), files.toList());
        }
        assertFalse(Files.exists(prefix.resolve("lib")));
    }

    @Test
    void nothingIsDeletedInAnotherUsersFolder() throws IOException {
        Path prefix = own.resolve("prefix");
        assertEquals(0, psm("install", prefix, "--java", JAVA).run().exitCode());
        Path victim = Files.createDirectory(own.resolve("victim"));
        Files.writeString(victim.resolve("psm"), "");
        sh(
                "rm -r P/bin; ln -s V T/link; chown -h U T/link; ln -s T/link P/bin"
                        .replace("P", prefix.toString())
                        .replace("V", victim.toString())
                        .replace("T", theirs.toString())
                        .replace("U", user));
        Command.Result result = psm("uninstall", prefix).run();
        assertEquals(2, result.exitCode());
        assertTrue(Files.exists(victim.resolve("psm")));
        assertTrue(
                result.err().startsWith("psm: uninstall: root deletes nothing where others "),
                result.err());
    }

    @Test
    void aChangedLibraryIsNotInstalled() throws IOException {
        Path changed = own.resolve("picocli-4.7.7.jar");
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            if (entry.endsWith("picocli-4.7.7.jar")) {
                Files.copy(Path.of(entry), changed);
            }
        }
        Files.write(changed, new byte[1], java.nio.file.StandardOpenOption.APPEND);
        Command install = psm("install", own.resolve("prefix"), "--java", JAVA);
        List<String> words = install.words();
        int classPath = words.indexOf("-cp") + 1;
        words.set(
                classPath,
                words.get(classPath).replaceAll("[^:]*/picocli-4.7.7.jar", changed.toString()));
        Command.Result result = install.run();
        assertEquals(1, result.exitCode(), result.out());
        assertEquals(
                "psm: install: "
                        + changed
                        + " is not the picocli-4.7.7.jar that psm is built of (its SHA-256 is"
                        + " another); remove it, so that it is downloaded anew\n",
                result.err());
        assertFalse(Files.exists(own.resolve("prefix")), "an empty prefix stays behind");
    }

    @Test
    void noJarOfAnotherUserIsInstalled() throws IOException {
        Path plugin = Files.write(theirs.resolve("plugin.jar"), new byte[0]);
        Command install = psm("install", own.resolve("prefix"), "--java", JAVA);
        Command.Result result = install.after(List.of(plugin)).run();
        assertEquals(2, result.exitCode(), result.out());
        String start = "psm: install: root installs no jar that others can write: " + theirs;
        assertTrue(result.err().startsWith(start), result.err());
        assertFalse(Files.exists(own.resolve("prefix")));
    }

    @Test
    void aFolderInWhichNoProgramRunsIsReported() throws IOException {
        Path mount = Files.createDirectory(own.resolve("noexec"));
        Command mounted = Command.of("mount", "-t", "tmpfs", "-o", "noexec", "tmpfs", "" + mount);
        assumeTrue(mounted.run().exitCode() == 0, "nothing can be mounted here");
        try {
            Command.Result result = psm("install", mount.resolve("prefix"), "--java", JAVA).run();
            assertEquals(1, result.exitCode(), result.out());
            assertEquals(
                    "psm: install: no program can run in "
                            + mount
                            + "/prefix/bin (is it mounted noexec?); choose another folder with"
                            + " --prefix\n",
                    result.err());
            assertFalse(Files.exists(mount.resolve("prefix")), "the prefix stays behind");
        } finally {
            sh("umount " + mount);
        }
    }

    @Test
    void aPrefixInASharedFolderNeedsNoChange() throws IOException {
        Path prefix = Files.createTempDirectory("psm-test-own").resolve("prefix");
        try {
            assertEquals(0, psm("install", prefix, "--java", JAVA).run().exitCode());
            Command.Result result = psm("doctor", prefix).run();
            assertEquals(0, result.exitCode(), result.out());
            assertFalse(result.out().contains("/tmp is"), result.out());
        } finally {
            GroupInstallation.delete(prefix.getParent());
        }
    }

    @Test
    void aPrefixOfOtherBytesIsRefused() throws IOException {
        List<String> words = psm("install", Path.of("/P"), "--java", JAVA).words();
        String prefix = own + "/\\351";
        String script =
                "words=$(printf '%b' '" + prefix + "'); shift; exec \"$@\" --prefix \"$words\"";
        words.remove("/P");
        words.remove("--prefix");
        Command.Result result =
                Command.of("sh", "-c", script, "sh", "")
                        .append(words)
                        .with("LC_ALL", "C.UTF-8")
                        .run();
        assertEquals(2, result.exitCode(), result.out() + result.err());
        assertTrue(result.err().endsWith(": is not a valid path in this locale\n"), result.err());
        try (var files = Files.list(own)) {
            assertEquals(List.of(), files.toList());
        }
    }
}
