package psm.install;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/** Really installs psm, below a temporary prefix with a blank and a quote in its name. */
@Order(1)
@Tag("endtoend")
@Tag("jdk")
@Tag("user")
public class InstallerTest {
    private static final String JAVA = System.getProperty("java.home");

    /** The name of each prefix. */
    private static final String NAME = "it's here";

    /** The folder of an installation that no test changes. */
    @TempDir static Path shared;

    @TempDir Path folder;

    private Path prefix;

    @BeforeEach
    void setPrefix() {
        prefix = folder.resolve(NAME);
    }

    private String launcher() {
        return prefix.resolve("bin/psm").toString();
    }

    private Command.Result install(String... more) {
        return Command.psmAlone("install", "--prefix", prefix.toString())
                .append(List.of(more))
                .run();
    }

    /** Installs psm on the Java that runs the tests. */
    private void installOnOwnJava() {
        Command.Result result = install("--java", JAVA);
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.err());
        String start = "psm " + Version.CURRENT + " is installed as " + launcher() + ", on Java ";
        assertTrue(result.out().startsWith(start), result.out());
        assertFalse(result.out().contains("archives"), result.out());
    }

    /** Installs psm once, for all tests that do not change the installation. */
    private void installOnceOnOwnJava() {
        prefix = shared.resolve(NAME);
        if (!Files.exists(Path.of(launcher()))) {
            installOnOwnJava();
        }
    }

    private Command psm(String... args) {
        return Command.of(launcher()).append(List.of(args)).in(folder);
    }

    private List<Path> files() throws IOException {
        if (!Files.exists(prefix)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(prefix)) {
            return all.filter(Files::isRegularFile).map(prefix::relativize).sorted().toList();
        }
    }

    private Path only(String name) throws IOException {
        List<Path> found = new ArrayList<>();
        for (Path file : files()) {
            if (file.getFileName().toString().startsWith(name)) {
                found.add(prefix.resolve(file));
            }
        }
        assertEquals(1, found.size(), files().toString());
        return found.get(0);
    }

    private void assertRuns() throws IOException {
        Command.Result result = psm("-o", "json").run();
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(new ObjectMapper().readTree(result.out()).get("rows").size() > 0);
        assertFalse(result.err().contains("["), result.err());
        assertTrue(psm().run().out().contains("TOTAL USED BY PROCESSES"));
    }

    @Test
    void anInstalledPsmNeedsOnlyItsJava() throws IOException {
        installOnceOnOwnJava();
        assertRuns();
        Command.Result version =
                psm("--version").with("PATH", "/nowhere").with("HOME", "/nowhere").run();
        assertEquals(
                "psm " + Version.CURRENT + " (Java " + Runtime.version() + ")\n", version.out());
        Command.Result csv = psm("-o", "csv").run();
        assertTrue(csv.out().startsWith("\"program\","), csv.out());
    }

    /** Runs psm with options and with verification, so that Java checks the converted classes. */
    @Test
    void javaCanArchiveAllClasses() throws IOException {
        assumeTrue(Runtime.version().feature() >= 24, "an older Java does not archive picocli");
        installOnceOnOwnJava();
        try (ZipFile jar = new ZipFile(only("picocli-4.7.7-modern").toFile());
                InputStream in = jar.getInputStream(jar.getEntry("picocli/CommandLine.class"))) {
            byte[] start = in.readNBytes(8);
            assertEquals(61, start[7], "the version of Java 17");
        }
        String script = Files.readString(Path.of(launcher()));
        Path copy = folder.resolve("verified");
        Files.writeString(
                copy,
                script.replace("-XX:AOTCache=", "-Dunused=").replace("-cp", "-Xverify:all -cp"));
        for (String arguments :
                List.of("--help", "-f x --heap", "--nosuch", "-o csv", "install -h")) {
            Command.Result result =
                    Command.of("sh", copy.toString())
                            .append(List.of(arguments.split(" ", -1)))
                            .run();
            assertFalse(result.err().contains("Error:"), result.err());
            assertFalse(result.err().contains("defect"), result.err());
        }
    }

    /** Java would open a file of another user in /tmp, and wait if it is a pipe. */
    @Test
    void noJavaWritesPerformanceData() throws IOException {
        assumeTrue(Command.exists("strace"), "there is no strace to see what it starts");
        Path trace = folder.resolve("trace");
        Command.Result result =
                Command.of("strace", "-f", "-s", "9999", "-o", trace.toString())
                        .append(List.of("-e", "trace=execve"))
                        .append(Command.psmAlone("install", "--prefix", prefix.toString()).words())
                        .append(List.of("--java", JAVA))
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        List<String> calls = Files.readAllLines(trace);
        // Java calls itself without words, and passes the options in a variable.
        calls.removeIf(call -> !call.matches(".*execve\\(\"[^\"]*/bin/java\", \\[.*,.*\\],.* = 0"));
        assertTrue(calls.size() > 3, calls.toString());
        calls.removeIf(call -> call.contains("\"-XX:-UsePerfData\""));
        assertEquals(List.of(), calls);
    }

    /** Starts Java with options that make it fail if it cannot use the archive. */
    @Test
    void javaUsesTheArchive() throws IOException {
        installOnceOnOwnJava();
        boolean isAot = Runtime.version().feature() >= 24;
        String script = Files.readString(Path.of(launcher()));
        String strict = isAot ? "-XX:AOTMode=on" : "-Xshare:on";
        Path copy = folder.resolve("strict");
        Files.writeString(copy, script.replace("-Xlog:disable", strict));
        Command.Result result = Command.of("sh", copy.toString(), "-o", "json").run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        assertTrue(result.out().startsWith("{"), result.out());
        for (String option : List.of("", " --heap")) {
            result = Command.of("sh", "-c", "sh " + copy + option).run();
            assertEquals(0, result.exitCode(), result.out() + result.err());
            assertTrue(result.out().startsWith("    MB RAM"), result.out());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "archive is missing",
                "archive is broken",
                "jar was replaced",
                "java is missing"
            })
    void psmRunsQuietlyWhenFilesChange(String change) throws IOException {
        installOnOwnJava();
        switch (change) {
            case "archive is missing", "archive is broken" -> {
                for (Archive archive : Archive.ALWAYS) {
                    Path file = only(archive.stem() + ".");
                    Files.delete(file);
                    if (change.endsWith("broken")) {
                        Files.writeString(file, "this is no archive".repeat(10_000));
                    }
                }
            }
            case "jar was replaced" -> {
                Path jar = only("psm.jar");
                Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
            }
            default -> {
                assumeTrue(Files.isExecutable(Path.of("/usr/bin/java")), "there is no other Java");
                String script = Files.readString(Path.of(launcher()));
                Files.writeString(
                        Path.of(launcher()), script.replaceFirst("(?m)^java=.*", "java=/nowhere"));
            }
        }
        assertRuns();
    }

    @ParameterizedTest
    @CsvSource({
        "JDK_JAVA_OPTIONS, -XX:+UseG1GC",
        "JAVA_TOOL_OPTIONS, -Xlog:gc",
        "_JAVA_OPTIONS, -Xmx1m",
        "JDK_ALTERNATE_VM, /nowhere",
        "_JAVA_LAUNCHER_DEBUG, 1",
        "CLASSPATH, /nowhere"
    })
    void variablesForJavaDoNotReachPsm(String variable, String value) {
        installOnceOnOwnJava();
        Command.Result result = psm("--version").with(variable, value).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.err());
        assertEquals(1, result.out().lines().count(), result.out());
    }

    @Test
    void aSecondInstallationReplacesTheFirst() throws IOException {
        installOnOwnJava();
        int count = files().size();
        // The installed psm installs itself.
        Command.Result result = psm("install", "--prefix", prefix.toString(), "--java", JAVA).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(count, files().size(), files().toString());
        assertRuns();
    }

    @Test
    void aBrokenJavaLeavesTheOldInstallation() throws IOException {
        installOnOwnJava();
        List<Path> before = files();
        Path broken = Files.createDirectories(folder.resolve("broken/bin"));
        Path java = Files.writeString(broken.resolve("java"), "#!/bin/sh\necho broken\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("broken/release"), "JAVA_VERSION=\"25.0.1\"\n");
        Command.Result result = install("--java", folder.resolve("broken").toString());
        assertEquals(1, result.exitCode());
        assertEquals(
                "psm: install: the new psm does not work: it exits with 0 and prints 'broken\\n'\n",
                result.err());
        assertEquals(before, files());
        assertRuns();
    }

    /** Makes a Java that runs a line of shell in the place of writing an archive. */
    private String javaThatArchives(String how) throws IOException {
        Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
        String script =
                "#!/bin/sh\ncase \"$1\" in *AOTMode=create | *AOTCacheOutput* | *AtExit*) "
                        + how
                        + " ;; esac\nexec "
                        + Path.of(JAVA, "bin/java")
                        + " \"$@\"\n";
        Files.writeString(java, script);
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.copy(Path.of(JAVA, "release"), folder.resolve("java/release"));
        return folder.resolve("java").toString();
    }

    @Test
    void anArchiveThatFailsSaysWhy() throws IOException {
        String java =
                javaThatArchives(
                        "echo '[0.1s][error][aot] There is no room' >&2;"
                                + " echo '[0.2s][error][aot] It failed' >&2; exit 1");
        Command.Result result = install("--java", java);
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("", result.err());
        String why = "so psm starts slower: plain: There is no room; It failed\n";
        assertTrue(result.out().contains(why), result.out());
        assertRuns();
        String err = install("--java", java, "--debug").err();
        assertTrue(err.contains("psm: [0.2s][error][aot] It failed\n"), err);
    }

    @Test
    void anArchiveThatFailsWithoutMessageSaysItsExitCode() throws IOException {
        Command.Result result = install("--java", javaThatArchives("kill -9 $$"));
        assertEquals(0, result.exitCode(), result.err());
        String why = "so psm starts slower: plain: no message (exit code 137)\n";
        assertTrue(result.out().contains(why), result.out());
    }

    @Test
    void anArchiveIsTriedAgain() throws IOException {
        String tries = folder.resolve("tries").toString();
        String java = javaThatArchives("[ -e T ] || { : >T; exit 1; }".replace("T", tries));
        Command.Result result = install("--java", java);
        assertEquals(0, result.exitCode(), result.err());
        assertFalse(result.out().contains("archives"), result.out());
    }

    @Test
    void aDryRunWritesNoFiles() throws IOException {
        Command.Result result = install("--dry-run");
        assertEquals(0, result.exitCode(), result.err());
        assertTrue(result.out().contains("\n    " + launcher() + "\n"), result.out());
        assertEquals(List.of(), files());
    }

    @Test
    void uninstallLeavesNothing() throws IOException {
        Files.createDirectories(prefix.resolve("share/man"));
        Path other = Files.writeString(prefix.resolve("other"), "");
        installOnOwnJava();
        installOnOwnJava();
        Command.Result result = psm("uninstall", "--prefix", prefix.toString()).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(List.of(Path.of("other")), files());
        try (Stream<Path> left = Files.walk(prefix)) {
            assertEquals(4, left.count(), "the prefix, share, share/man and the other file");
        }
        Files.delete(other);
        result = Command.psm("uninstall", "--prefix", prefix.toString()).run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().startsWith("psm: uninstall: psm is not installed in "));
    }

    /** Each installation would else delete the folder of the others. */
    @Test
    void installationsWaitForOneAnother() throws Exception {
        List<Process> installs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<String> words = Command.psmAlone("install", "--prefix", prefix.toString()).words();
            words.addAll(List.of("--java", JAVA));
            installs.add(
                    new ProcessBuilder(words)
                            .redirectError(folder.resolve("err" + i).toFile())
                            .redirectOutput(folder.resolve("out" + i).toFile())
                            .start());
        }
        int waited = 0;
        for (int i = 0; i < 3; i++) {
            int code = installs.get(i).waitFor();
            assertEquals(0, code, Files.readString(folder.resolve("err" + i)));
            waited +=
                    Files.readString(folder.resolve("err" + i))
                            .split("another psm is changing the installation", -1)
                            .length;
        }
        assertTrue(waited > 3, "none has waited for another");
        only("psm.jar");
        assertRuns();
    }

    @Test
    void whatOthersHaveWrittenIsLeft() throws IOException {
        installOnOwnJava();
        Path plugins = Files.createDirectory(prefix.resolve("lib/psm/plugins"));
        Path plugin = Files.writeString(plugins.resolve("influx.jar"), "");
        installOnOwnJava();
        assertTrue(Files.exists(plugin), "install has deleted it");
        only("psm.jar");
        Command.Result result = psm("uninstall", "--prefix", prefix.toString()).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals(List.of(prefix.relativize(plugin)), files());
        String left = prefix.resolve("lib/psm") + " was left, since others have written into it\n";
        assertTrue(result.out().endsWith(left), result.out());
    }

    @Test
    void aKilledInstallationIsCleanedUpByTheNext() throws Exception {
        installOnOwnJava();
        List<String> words = Command.psmAlone("install", "--prefix", prefix.toString()).words();
        Process install = new ProcessBuilder(words).start();
        while (files().stream().filter(file -> file.endsWith("psm.jar")).count() < 2) {
            assertTrue(install.isAlive(), "it ended too early");
            Thread.sleep(1);
        }
        install.destroyForcibly().waitFor();
        assertRuns();
        installOnOwnJava();
        only("psm.jar");
        assertRuns();
        psm("uninstall", "--prefix", prefix.toString()).run();
        assertFalse(Files.exists(prefix), files().toString());
    }

    @Test
    void anotherProgramIsNotReplaced() throws IOException {
        Files.createDirectories(prefix.resolve("bin"));
        Files.writeString(Path.of(launcher()), "another psm");
        Command.Result result = install("--java", JAVA);
        assertEquals(2, result.exitCode(), result.out());
        assertEquals(
                "psm: install: "
                        + launcher()
                        + " is not from 'psm install'; move it away, or choose another folder with"
                        + " --prefix\n",
                result.err());
        assertEquals(List.of(Path.of("bin/psm")), files());
    }

    /** To read from the pipe would take for ever. */
    @Test
    void aPipeIsNoJava() {
        Path java = folder.resolve("java");
        String script = "mkdir -p $0/bin && cp /bin/true $0/bin/java && mkfifo $0/release";
        assertEquals(0, Command.of("sh", "-c", script, java.toString()).run().exitCode());
        Command.Result result = install("--java", java.toString());
        assertEquals(2, result.exitCode(), result.out());
        assertTrue(result.err().contains("contains no bin/java with a file 'release'"));
    }

    @Test
    void rootUninstallsNoInstallationOfAnotherUser() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "needs root, to change the owner of a file");
        installOnOwnJava();
        Path record = prefix.resolve("lib/psm/installed");
        Files.setAttribute(record, "unix:uid", 65534);
        Command.Result result = Command.psmAlone("uninstall", "--prefix", prefix.toString()).run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: uninstall: root deletes nothing where others can write: "
                        + record
                        + " belongs to user 65534, not to root; run 'psm uninstall --prefix "
                        + prefix
                        + "' as that user\n",
                result.err());
        assertTrue(Files.exists(Path.of(launcher())));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../"})
    void uninstallDeletesNothingOutsideThePrefix(String up) throws IOException {
        installOnOwnJava();
        Path other = Files.writeString(folder.resolve("other"), "");
        Path record = prefix.resolve("lib/psm/installed");
        String line = up.isEmpty() ? other.toString() : up + "other";
        Files.writeString(record, Files.readString(record) + line + "\n");
        Command.psmAlone("uninstall", "--prefix", prefix.toString()).run();
        assertTrue(Files.exists(other));
        assertFalse(Files.exists(Path.of(launcher())));
    }

    @Test
    void anUnwritablePrefixIsReported() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "needs root, to become another user");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Path open = Files.createDirectory(folder.resolve("class path"));
        String[] args = {"install", "--prefix", closed + "/x", "--java", JAVA};
        Command.Result result = Command.psmAsNobody(open, args).run();
        assertEquals(1, result.exitCode());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(
                result.err().endsWith(": permission denied; nothing was changed\n"), result.err());
    }

    @Test
    void aFileAsPrefixIsReported() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        String[] args = {"install", "--prefix", file.toString(), "--java", JAVA};
        Command.Result result = Command.psmAlone(args).run();
        assertEquals(1, result.exitCode());
        assertEquals(
                "psm: install: "
                        + file
                        + ": exists already, and is in the way; nothing was changed\n",
                result.err());
    }

    @Test
    void anEmptyPrefixIsRefused() throws IOException {
        Command.Result result = Command.psmAlone("doctor", "--prefix", "").run();
        assertEquals(2, result.exitCode());
        assertEquals("psm: --prefix needs a value: DIR\n", result.err());
    }

    @Test
    void everyUserCanRunItDespiteUmask() throws IOException {
        List<String> words = Command.psmAlone("install", "--prefix", prefix.toString()).words();
        Command.of("sh", "-c", "umask 077; exec \"$@\"", "sh").append(words).run();
        for (Path file : files()) {
            String permissions =
                    PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(prefix.resolve(file)));
            boolean isLock = file.equals(Path.of("lib/psm/lock"));
            assertTrue(isLock || permissions.matches("r[w-].r-.r-."), file + " " + permissions);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"install", "uninstall"})
    void sudoDoesNotChangePsmItself(String command) {
        assumeTrue(new OwnProcess().isRoot(), "only root has more rights than the invoking user");
        installOnceOnOwnJava();
        Command.Result result =
                psm(command, "--prefix", prefix.toString()).with("SUDO_UID", "65534").run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().startsWith("psm: " + command + ": run with sudo"), result.err());
    }

    @Test
    void bashCompletesOptionsAndTheirValues() {
        installOnceOnOwnJava();
        String script =
                """
                . "$1/share/bash-completion/completions/psm"
                completed() {
                    COMP_WORDS=(psm "$@") COMP_CWORD=$# COMP_LINE="psm $*" COMP_POINT=99 COMPREPLY=()
                    _psm
                    echo ${COMPREPLY[*]}
                }
                completed --so
                completed --source ro
                completed unin
                """;
        assumeTrue(Command.exists("bash"), "there is no bash");
        Command.Result result = Command.of("bash", "-c", script, "bash", prefix.toString()).run();
        assertEquals("--sort --source\nrollup\nuninstall\n", result.out(), result.err());
    }

    @Test
    void groffRendersTheManualWithoutWarnings() {
        installOnceOnOwnJava();
        assumeTrue(Command.exists("groff"), "there is no groff to read the manual with");
        String page = prefix.resolve("share/man/man1/psm.1").toString();
        Command.Result result =
                Command.of("groff", "-man", "-Tascii", "-P-cbou", "-ww", page).run();
        assertEquals("", result.err());
        assertTrue(result.out().contains("--source"), result.out());
    }
}
