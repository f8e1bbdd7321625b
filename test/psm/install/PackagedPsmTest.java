package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Uses a psm that came in a package: an archive that was unpacked, in a path with a blank. */
@Tag("endtoend")
@Tag("jdk")
class PackagedPsmTest {
    private static final String[] NOBODY = {
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"
    };

    @TempDir static Path shared;

    @TempDir Path folder;

    private Path unpacked;

    @BeforeEach
    void stage() throws Exception {
        unpacked = shared.resolve("a b/psm-" + Version.CURRENT);
        if (!Files.exists(launcher())) {
            StagedPackage.stage(unpacked, "tar");
        }
        for (Path path : List.of(shared, folder)) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private Path launcher() {
        return unpacked.resolve("bin/psm");
    }

    private Path home() {
        return unpacked.resolve("lib/psm");
    }

    private Command psm(String... args) {
        return Command.of(launcher().toString()).append(List.of(args));
    }

    private static void assertIsReport(Command.Result result) {
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().startsWith("\"program\","), result.out());
    }

    /** Returns the lines of doctor that are not ok. */
    private static List<String> wrong(Command.Result result) {
        return result.out().lines().filter(line -> !line.startsWith("ok ")).toList();
    }

    private static Set<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            Set<String> files = new TreeSet<>();
            for (Path file : all.toList()) {
                files.add(file + " " + Files.getLastModifiedTime(file));
            }
            return files;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void itFindsItsFolderThroughLinks(String shell) throws IOException {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        Path link = Files.createSymbolicLink(folder.resolve("far"), launcher());
        Path second = Files.createSymbolicLink(folder.resolve("psm"), link.getFileName());
        Path bin = Files.createSymbolicLink(folder.resolve("bin"), launcher().getParent());
        for (String path : List.of(second.toString(), bin + "/psm", launcher().toString())) {
            assertIsReport(Command.of(shell, path, "-o", "csv").run());
        }
        assertIsReport(Command.of(shell, "./psm", "-o", "csv").in(folder).run());
        assertIsReport(Command.of(shell, "./psm", "-o", "csv").in(launcher().getParent()).run());
        assertIsReport(Command.of(shell, "bin/psm", "-o", "csv").in(unpacked).run());
        Command byPath = Command.of(shell, "-c", "psm -o csv").with("PATH", folder + ":/bin");
        assertIsReport(byPath.run());
    }

    @Test
    void itsLauncherStartsNoProcess() throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace to see what it starts");
        Path trace = folder.resolve("trace");
        String[] words = {"strace", "-s", "999", "-o", trace.toString(), "-e", "trace=process"};
        Command.Result result = psm("-o", "csv").behind(words).run();
        assertIsReport(result);
        List<String> calls = Files.readAllLines(trace);
        calls.removeIf(call -> !call.matches("(execve|clone|fork|vfork|clone3)\\(.*"));
        calls.removeIf(call -> call.matches("execve\\(\"[^\"]*/env\".*"));
        assertTrue(calls.get(1).matches("execve.*/runtime/bin/java.*"), calls.get(1));
    }

    @Test
    void aFolderWithAColonIsRefused() throws IOException {
        Path moved = folder.resolve("a:b");
        Files.createDirectories(moved.resolve("lib/psm/runtime/bin"));
        Files.createDirectories(moved.resolve("bin"));
        Path java = moved.resolve("lib/psm/runtime/bin/java");
        Files.createSymbolicLink(java, home().resolve("runtime/bin/java"));
        Path copy = Files.copy(launcher(), moved.resolve("bin/psm"));
        Command.Result result = Command.of("sh", copy.toString()).run();
        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("since the path contains a ':'; move psm"), result.err());
    }

    @Test
    void aMissingJavaIsReported() throws IOException {
        Path copy = Files.createDirectories(folder.resolve("bin")).resolve("psm");
        String script = Files.readString(launcher()).replace("/usr/bin/java", "/no/java");
        Files.writeString(copy, script);
        Command.Result result = Command.of("sh", copy.toString()).run();
        assertEquals(1, result.exitCode());
        String expected = "/lib/psm/runtime/bin/java is missing, and /no/java is not Java 17 or";
        assertTrue(result.err().contains(expected), result.err());
        assertTrue(result.err().endsWith("; unpack psm's archive again\n"), result.err());
    }

    @Test
    void installSaysWhatItCanDoAndChangesNothing() throws IOException {
        Set<String> before = files(unpacked);
        Command.Result result = psm("install").run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.err());
        assertEquals(1, result.out().lines().count(), result.out());
        String expected =
                "psm " + Version.CURRENT + " was unpacked to " + real() + ", and is ready";
        assertTrue(result.out().startsWith(expected), result.out());
        assertTrue(result.out().contains("--record, --textfile DIR or --group NAME"), result.out());
        assertEquals(before, files(unpacked));
    }

    private Path real() throws IOException {
        return unpacked.toRealPath();
    }

    @ParameterizedTest
    @CsvSource({
        "--prefix, /opt/x, does not copy itself; unpack the archive",
        "--java, /usr/lib/jvm/x, runs on the Java in"
    })
    void itDoesNotCopyItself(String option, String value, String expected) throws IOException {
        Set<String> before = files(unpacked);
        Command.Result result = psm("install", option, value).run();
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
        String start = "psm: " + option + " " + value + ": this psm came in a package";
        assertTrue(result.err().startsWith(start), result.err());
        assertTrue(result.err().contains(expected), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals(before, files(unpacked));
    }

    /** The line can be pasted: it repeats the options. */
    @Test
    void sudoIsRefusedWithTheWholeCommand() throws IOException {
        String[] words = {"install", "--record", "--group", "a b", "-i", "10"};
        Command.Result result = psm(words).with("SUDO_UID", "65534").run();
        assertEquals(2, result.exitCode());
        String command =
                "'sudo env -u SUDO_UID '"
                        + real()
                        + "/bin/psm' install --record --group 'a b' -i 10'\n";
        assertTrue(result.err().endsWith(command), result.err());
    }

    @Test
    void doctorFindsNothingWrong() throws IOException {
        Command.Result result = psm("doctor").run();
        assertEquals(List.of(), wrong(result), result.out());
        assertEquals(0, result.exitCode(), result.err());
        for (Archive archive : Archive.values()) {
            String line = "ok     Java can use " + real() + "/lib/psm/" + archive.stem() + ".jsa\n";
            assertTrue(result.out().contains(line), result.out());
        }
        assertEquals(result.out(), psm("doctor", "--prefix", unpacked.toString()).run().out());
        if (new OwnProcess().isRoot()) {
            Command.Result other = psm("doctor").behind(NOBODY).run();
            assertEquals(result.out(), other.out(), other.err());
            assertEquals(0, other.exitCode());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "chmod o+w psm.jar, chmod o-w psm.jar, psm.jar is writable by",
        "mv options.jsa x, mv x options.jsa, options.jsa is missing; run 'tar -xf FILE'",
        "cp plain.jsa x; echo >plain.jsa, mv x plain.jsa, Java cannot use",
        "mv runtime/bin/java x, mv x runtime/bin/java, 'runtime/bin/java, is missing'"
    })
    void doctorFindsDamage(String change, String back, String expected) {
        // Java is in the place of what is damaged, so another psm examines it.
        Command doctor = Command.psmAlone("doctor", "--prefix", unpacked.toString());
        Command.of("sh", "-c", change).in(home()).run();
        Command.Result result = doctor.run();
        Command.of("sh", "-c", back).in(home()).run();
        assertEquals(1, result.exitCode(), result.out() + result.err());
        String line = wrong(result).toString();
        assertTrue(line.startsWith("[wrong  ") && line.contains(expected), result.out());
    }

    @Test
    void uninstallRemovesNothingOfTheProgram() throws IOException {
        Set<String> before = files(unpacked);
        Command.Result result = psm("uninstall").run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(
                "no services of this psm are set up; 'rm -r '" + real() + "'' removes psm itself\n",
                result.out());
        assertEquals(before, files(unpacked));
    }

    /** Another folder than the archive's own may contain files of the user. */
    @Test
    void noFolderOfTheUserIsNamedForRemoval() throws IOException {
        Path home = Files.createDirectories(folder.resolve("lib/psm"));
        Files.writeString(home.resolve("package"), "tar\n");
        String removal = PackagedPsm.in(folder).removal();
        assertFalse(removal.contains("rm "), removal);
        assertTrue(removal.startsWith("psm itself is " + folder.toRealPath() + "/bin/psm, "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "snap", "tar\ndeb", "tar is the word of a package"})
    void anotherFileIsNoPackage(String text) throws IOException {
        Path home = Files.createDirectories(folder.resolve("lib/psm"));
        Files.writeString(home.resolve("package"), text);
        assertNull(PackagedPsm.in(folder));
        assertNull(PackagedPsm.in(folder.resolve("lib")));
    }

    @Test
    void anArchiveKeepsWhatIsSetUpBesideItself() throws IOException {
        Path home = Files.createDirectories(folder.resolve("lib/psm"));
        Files.writeString(home.resolve("package"), "tar\n");
        Path real = folder.toRealPath();
        Prefix expected = new Prefix(real, real.resolve("lib/psm"));
        assertEquals(expected, PackagedPsm.in(folder).prefix());
    }

    /** Else a file of any user would name the state of the host's package to root. */
    @ParameterizedTest
    @ValueSource(strings = {"deb", "rpm"})
    void aPackageOfTheHostIsNowhereElse(String kind) throws IOException {
        Path home = Files.createDirectories(folder.resolve("lib/psm"));
        Files.writeString(home.resolve("package"), kind + "\n");
        assertNull(PackagedPsm.in(folder));
    }

    /** The launcher is the same on all machines, so it reads the group from a file. */
    @Test
    void aMemberOfTheGroupCallsTheCollector() throws IOException {
        Path called = folder.resolve("called");
        Path sudo = folder.resolve("sudo");
        Files.writeString(sudo, "#!/bin/sh\nprintf '%s\\n' \"$@\" >>" + called + "\nexit 1\n");
        Files.setPosixFilePermissions(sudo, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path script = launcher().resolveSibling("psm-with-a-sudo-of-the-test");
        Files.writeString(
                script, Files.readString(launcher()).replace("/usr/bin/sudo", sudo.toString()));
        boolean isRoot = new OwnProcess().isRoot();
        Command member = Command.of("sh", script.toString(), "-o", "csv");
        if (isRoot) {
            member.behind(NOBODY);
        }
        Path group = home().resolve("group");
        Path members = home().resolve("members");
        Files.writeString(called, "");
        Files.setPosixFilePermissions(called, PosixFilePermissions.fromString("rw-rw-rw-"));
        try {
            Files.writeString(group, "staff\n/x/other\n/x/collect\n");
            assertIsReport(member.run());
            assertEquals("", Files.readString(called), "no member calls it");
            Files.writeString(members, "");
            assertIsReport(member.run());
            // What is called is nothing that a file names.
            String words = "-n\n" + script.getParent() + "/../lib/psm/collect\n";
            assertTrue(Files.readString(called).startsWith(words), Files.readString(called));
            Files.writeString(called, "");
            if (isRoot) {
                assertIsReport(Command.of("sh", script.toString(), "-o", "csv").run());
                assertEquals("", Files.readString(called), "root calls nothing");
            }
        } finally {
            Files.deleteIfExists(group);
            Files.deleteIfExists(members);
            Files.deleteIfExists(script);
        }
    }

    /** In the caller's folder there may be a psm of the caller. */
    @Test
    void aLinkThatCannotBeFollowedIsRefused() throws IOException {
        Path bin = Files.createDirectories(folder.resolve("d/bin"));
        Path other = Files.createDirectories(folder.resolve("lib/psm/runtime/bin"));
        Files.createSymbolicLink(other.resolve("java"), Path.of("/bin/echo"));
        String script = Files.readString(launcher()).replace("/bin/readlink -f", "/bin/false");
        Files.writeString(bin.resolve("real"), script);
        Path link = Files.createSymbolicLink(bin.resolve("psm"), Path.of("real"));
        Command.Result result = Command.of("sh", link.toString()).in(folder.resolve("d")).run();
        assertEquals(1, result.exitCode(), result.out());
        assertEquals("", result.out());
        assertEquals(
                "psm: cannot find the folder of psm: 'readlink -f " + link + "' failed\n",
                result.err());
    }

    /** Some shells find it on the PATH then, and the caller's folder may have a Java of another. */
    @ParameterizedTest
    @ValueSource(strings = {"bash psm -o csv", "sh psm -o csv", "sh <%s", ". %s"})
    void aNameWithoutAFolderIsRefused(String command) throws IOException {
        Path here = Files.createDirectories(folder.resolve("here"));
        Path other = Files.createDirectories(folder.resolve("lib/psm/runtime/bin"));
        Files.createSymbolicLink(other.resolve("java"), Path.of("/bin/echo"));
        if (command.startsWith("sh psm")) {
            Files.createSymbolicLink(here.resolve("psm"), launcher());
        }
        String words = command.formatted(LauncherScript.quoted(launcher().toString()));
        Command.Result result =
                Command.of("sh", "-c", words, "sh")
                        .in(here)
                        .with("PATH", launcher().getParent() + ":/usr/bin:/bin")
                        .run();
        assertEquals(1, result.exitCode(), result.out());
        assertEquals("", result.out());
        assertEquals(
                "psm: cannot find the folder of psm; call it by a path, as in './psm' or 'sh"
                        + " ./psm'\n",
                result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"dash", "bash"})
    void aLinkFailsInOneLineWhereNoProcessCanStart(String shell) throws IOException {
        assumeTrue(Command.exists(shell), "there is no " + shell);
        Path link = Files.createSymbolicLink(folder.resolve("psm"), launcher());
        String limit = "ulimit -u 1; exec \"$0\" \"$1\""; // dash has no such limit
        Command limited = Command.of("bash", "-c", limit, shell, link.toString());
        if (new OwnProcess().isRoot()) { // whom the limit does not concern
            limited.behind(NOBODY);
        }
        Command.Result result = limited.run();
        assertEquals(1, result.exitCode(), result.out());
        assertEquals(
                "psm: cannot find the folder of psm: 'readlink -f " + link + "' failed\n",
                result.err());
    }

    @Test
    void aRelativePathIsNoListOfOptions() throws IOException {
        Files.createSymbolicLink(folder.resolve("@at"), unpacked);
        assertIsReport(Command.of("sh", "@at/bin/psm", "-o", "csv").in(folder).run());
    }

    /** Java converts paths with the locale. */
    @Test
    void aFolderOutsideOfTheLocaleIsRefused() throws IOException {
        Path moved = Files.createDirectories(folder.resolve("donn\u00e9es"));
        Files.createDirectories(moved.resolve("bin"));
        Files.createSymbolicLink(moved.resolve("lib"), unpacked.resolve("lib"));
        String psm = Files.copy(launcher(), moved.resolve("bin/psm")).toString();
        Command command = Command.of("sh", psm, "-o", "csv").with("LC_CTYPE", null);
        assertIsReport(command.with("LC_ALL", "C.UTF-8").run());
        Command german = command.with("LC_ALL", null).with("LANG", "de_DE.utf8");
        assertFalse(german.run().err().contains("locale"), "its locale may not be installed");
        for (String locale : List.of("C", "POSIX", "en_US.ISO-8859-1")) {
            Command.Result result = command.with("LC_ALL", locale).run();
            assertEquals(1, result.exitCode(), locale);
            assertTrue(result.err().contains("; run psm with LC_ALL=C.UTF-8, or"), result.err());
            assertEquals(1, result.err().lines().count(), result.err());
        }
    }

    @Test
    void onlyRootSetsUpServices() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can become another user");
        for (String option : List.of("--record", "--textfile=/x", "--group=root")) {
            Command.Result result = psm("install", option).behind(NOBODY).run();
            assertEquals(2, result.exitCode(), result.out());
            assertTrue(result.err().contains(": only root can "), result.err());
        }
    }

    @Test
    void rootSetsUpNoServicesOfAPsmOfAnotherUser() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can give files away");
        Path jar = home().resolve(Jars.OWN);
        Files.setAttribute(jar, "unix:uid", 65534);
        Command.Result result = psm("install", "--group", "root").run();
        Files.setAttribute(jar, "unix:uid", 0);
        assertEquals(2, result.exitCode(), result.out());
        String expected = "psm.jar belongs to user 65534, not to root; unpack its archive as root";
        assertTrue(result.err().contains(expected), result.err());
    }

    /** Else who can write where root calls psm would choose whose services root removes. */
    @ParameterizedTest
    @ValueSource(strings = {"uninstall", "doctor"})
    void rootFollowsNoLinkOfAnotherUser(String command) throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can give files away");
        Path theirs = Files.createDirectories(folder.resolve("theirs/lib"));
        Path link = Files.createSymbolicLink(theirs.resolve("psm"), home());
        String[] words = {command, "--prefix", theirs.getParent().toString()};
        Path members = Files.writeString(home().resolve("members"), "");
        Files.setAttribute(link, "unix:uid", 65534, LinkOption.NOFOLLOW_LINKS);
        Command.Result result = Command.psmAlone(words).run();
        assertTrue(Files.deleteIfExists(members));
        assertEquals(2, result.exitCode(), result.out());
        String expected =
                "psm: %s: root reads and removes nothing where others can write: %s belongs to user"
                        + " 65534, not to root; run it as the owner of the files, or name another"
                        + " folder with --prefix\n";
        assertEquals(expected.formatted(command, link), result.err());
    }

    /** Another user can make the folder, with links in it, once it is gone. */
    @Test
    void rootRemovesNothingThatIsLeftInASharedFolder() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root removes what is left");
        Path open = Files.createDirectories(folder.resolve("open"));
        Files.setAttribute(open, "unix:mode", 01777);
        Path prefix = open.resolve("psm-1.0.0");
        Path access = Files.createDirectories(prefix.resolve("lib/psm")).resolve("access");
        Files.writeString(access, "");
        Command.Result result = Command.psmAlone("uninstall", "--prefix", "" + prefix).run();
        assertEquals(2, result.exitCode(), result.out());
        assertTrue(result.err().contains("root deletes nothing where others can"), result.err());
        assertTrue(result.err().contains(" is writable by every user; remove its units"));
        assertTrue(Files.exists(access));
    }
}
