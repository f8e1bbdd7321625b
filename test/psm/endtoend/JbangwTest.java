package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
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

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** Tests jbangw with the real JBang and Maven, and with stand-ins that fail. */
@Order(1)
@Tag("endtoend")
@Tag("user")
class JbangwTest {
    private static final Path JBANGW = Command.root().resolve("jbangw");

    private static final Path CHECKSUMS = Command.root().resolve("checksums.sha256");

    /** The version of JBang that jbangw downloads. */
    private static final String VERSION = "0.132.1";

    /** The place of JBang in a cache folder. */
    private static final String JAR = "psm/jbang-cli-" + VERSION + "-all.jar";

    /** A script that prints its input, and exits with the code in its first argument. */
    private static final String ECHO =
            """
            ///usr/bin/env jbang "$0" "$@" ; exit $?
            //JAVA 17+

            class Echo {
                public static void main(String[] args) throws Exception {
                    if (args[0].equals("pid")) {
                        System.out.println(ProcessHandle.current().pid());
                        return;
                    }
                    if (args[0].equals("property")) {
                        System.out.println(System.getProperty(args[1]));
                        return;
                    }
                    for (int i = 1; i < args.length; i++) {
                        System.out.println("<" + args[i] + ">");
                    }
                    System.in.transferTo(System.out);
                    System.out.flush();
                    System.exit(Integer.parseInt(args[0]));
                }
            }
            """;

    private static final List<String> ODD_ARGUMENTS =
            List.of("a  b", "it's", "\"$HOME\"", "`id`", "back\\slash", "*", "~", "#", "&", "a\nb");

    /** A folder with links to all commands of the PATH except jbang, mvn and java. */
    private static Path others;

    /** A folder with a link to mvn. */
    private static Path maven;

    /** A folder with a link to java. */
    private static Path java;

    /** A home in which JBang has already built the script, except in the first test. */
    @TempDir static Path usedHome;

    @TempDir static Path scripts;

    private static Path echo;

    @TempDir Path temp;

    /** A home that is empty at first. */
    private Path home;

    /** A cache folder that is empty at first. */
    private Path cache;

    @BeforeAll
    static void linkCommands() throws IOException {
        echo = Files.writeString(scripts.resolve("Echo.java"), ECHO);
        others = Files.createTempDirectory("psm-test-others");
        maven = Files.createTempDirectory("psm-test-maven");
        java = Files.createTempDirectory("psm-test-java");
        link(java, Path.of(System.getProperty("java.home"), "bin", "java"));
        for (String folder : System.getenv("PATH").split(File.pathSeparator, -1)) {
            File[] commands = new File(folder).listFiles(f -> f.isFile() && f.canExecute());
            for (File command : commands == null ? new File[0] : commands) {
                if (command.getName().equals("mvn")) {
                    link(maven, command.toPath());
                } else if (!Set.of("jbang", "java").contains(command.getName())) {
                    link(others, command.toPath());
                }
            }
        }
    }

    /** Adds a link to a command, unless an earlier folder of the PATH has the command. */
    private static void link(Path folder, Path command) throws IOException {
        Path link = folder.resolve(command.getFileName());
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, command);
        }
    }

    @AfterAll
    static void removeLinks() throws IOException {
        for (Path folder : List.of(others, maven, java)) {
            for (Path link : list(folder)) {
                Files.delete(link);
            }
            Files.delete(folder);
        }
    }

    @BeforeEach
    void makeFolders() throws IOException {
        home = Files.createDirectory(temp.resolve("home"));
        cache = Files.createDirectory(temp.resolve("cache"));
    }

    /**
     * Returns jbangw in an environment without JBang, except the one that jbangw may have
     * downloaded.
     */
    private static Command jbangw(Path home, String... args) {
        return Command.jbangw(home, args).with("PATH", path(others, maven));
    }

    private static Command echo(String... args) {
        return jbangw(usedHome, WaysToRunTest.prepended(args, echo.toString()));
    }

    private static String path(Path... folders) {
        return String.join(File.pathSeparator, Stream.of(folders).map(Path::toString).toList());
    }

    private static Path executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, script);
        assertTrue(file.toFile().setExecutable(true));
        return file;
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    private static String inBrackets(List<String> arguments) {
        StringBuilder lines = new StringBuilder();
        for (String argument : arguments) {
            lines.append('<').append(argument).append(">\n");
        }
        return lines.toString();
    }

    private static void assertFailsInOneLine(Command command, String line) {
        assertEquals(new Command.Result(1, "", "jbangw: " + line + "\n"), command.run());
    }

    // Which JBang, and which Java

    @ParameterizedTest
    @ValueSource(strings = {"bin/jbang", "home/.jbang/bin/jbang"})
    void anInstalledJbangDoesNotRun(String installed) throws IOException {
        Path jbang = executable(temp.resolve(installed), "#!/bin/sh\necho installed\n");
        Command command = jbangw(home, "version").with("PATH", path(jbang.getParent(), others));
        assertEquals(new Command.Result(0, VERSION + "\n", ""), command.run());
    }

    @Test
    void rootRunsNoJavaOfOthers() throws IOException {
        Path jdk = temp.resolve("jdk");
        Path ran = temp.resolve("ran");
        Path stranger = executable(jdk.resolve("bin/java"), "#!/bin/sh\ntouch '" + ran + "'\n");
        giveAway(jdk);
        String refused =
                "does not run %s as root: %s belongs to nobody; set JAVA_HOME to a JDK of root's";
        assertFailsInOneLine(
                jbangw(home, "version").with("JAVA_HOME", jdk.toString()),
                refused.formatted(stranger, jdk));
        Path own = temp.resolve("own");
        Path start = executable(own.resolve("bin/java"), "#!/bin/sh\ntouch '" + ran + "'\n");
        Path library = Files.createFile(own.resolve("libjvm.so"));
        assertTrue(library.toFile().setWritable(true, false));
        assertFailsInOneLine(
                jbangw(home, "version").with("JAVA_HOME", own.toString()),
                "does not run "
                        + start
                        + " as root: others can write to "
                        + library
                        + "; set JAVA_HOME to a JDK of root's");
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Path link = Files.createSymbolicLink(bin.resolve("java"), stranger);
        assertFailsInOneLine(
                jbangw(home, "version").with("JAVA_HOME", null).with("PATH", path(bin, others)),
                refused.formatted(link, jdk));
        Files.delete(link);
        Path direct = stranger.getParent();
        Command.Result result =
                jbangw(usedHome, "version")
                        .with("JAVA_HOME", null)
                        .with("PATH", path(direct, java, others))
                        .run();
        String left = "jbangw: leaves %s out of the PATH of root: %s belongs to nobody%n";
        assertEquals(new Command.Result(0, VERSION + "\n", left.formatted(direct, jdk)), result);
        assertFalse(Files.exists(ran));
    }

    /** The words after the script are not JBang's, even if they look so. */
    @Test
    void closedStandardOutputIsQuiet() {
        for (String words : new String[] {"version", "run psm.java --version"}) {
            String script = "exec " + JBANGW + " " + words + " >&-";
            Command.Result result = Command.of("sh", "-c", script).forJbang(usedHome).run();
            boolean isPsm = words.contains("psm");
            String problem = "psm: cannot write to standard output: Bad file descriptor\n";
            assertTrue(result.err().endsWith(isPsm ? problem : ""), result.err());
            assertEquals(isPsm ? 1 : 0, result.exitCode(), result.err());
            assertFalse(result.err().contains("jbangw: "), result.err());
        }
    }

    @Test
    void utf8ArgumentsReachTheScriptInEachLocale() {
        String script = "exec " + JBANGW + " psm.java -f \"$(printf 'gr\\303\\266\\303\\237e(')\"";
        for (String locale : List.of("C", "C.UTF-8")) {
            Command.Result result =
                    Command.of("sh", "-c", script).forJbang(usedHome).with("LC_ALL", locale).run();
            String problem = "psm: -f 'gr\u00f6\u00dfe(': not a regular expression: ";
            assertTrue(result.err().contains(problem), result.err());
        }
    }

    @Test
    void rootRunsNoJarOfOthers() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Path jar = Files.writeString(folder.resolve("plugin.jar"), "");
        giveAway(jar);
        String[] script = {echo.toString(), "3", "-classpath", "/"};
        String[] words = WaysToRunTest.prepended(script, "--cp", "plugin.jar");
        assertEquals(3, jbangw(usedHome, script).run().exitCode());
        Command.Result result = jbangw(usedHome, words).in(folder).run();
        assertEquals("", result.out());
        assertTrue(
                result.err()
                        .endsWith(
                                "jbangw: does not run %s as root: %1$s belongs to nobody;"
                                                .formatted(jar)
                                        + " copy it to a folder of root's\n"),
                result.err());
    }

    /** Another user can make a link lead elsewhere, also after jbangw has started. */
    @Test
    void theScriptIsThatOfTheRealFolder() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Files.copy(echo, folder.resolve("Echo.java"));
        Path strange = Files.createDirectory(temp.resolve("strange"));
        Files.writeString(strange.resolve("Echo.java"), ECHO.replace("\"<\"", "\"strange <\""));
        Path link = Files.createSymbolicLink(temp.resolve("link"), folder);
        String script = "#!/bin/sh\nln -sfn '%s' '%s'\nexec '%s/bin/java' \"$@\"\n";
        Path jdk = temp.resolve("jdk");
        executable(
                jdk.resolve("bin/java"),
                script.formatted(strange, link, System.getProperty("java.home")));
        for (String name : List.of("Echo.java", "./Echo.java")) {
            Files.delete(link);
            Files.createSymbolicLink(link, folder);
            Command.Result result =
                    Command.of("sh", "-c", "cd \"$0\" && exec \"$@\"", link.toString())
                            .append(jbangw(usedHome, name, "3", "one").words())
                            .forJbang(usedHome)
                            .with("JAVA_HOME", jdk.toString())
                            .run();
            assertEquals("<one>\n", result.out(), result.err());
        }
        assertEquals(strange, Files.readSymbolicLink(link));
        Files.delete(link);
    }

    @Test
    void rootRunsNoScriptOfOthers() throws IOException {
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Path script = folder.resolve("Echo.java");
        Files.copy(echo, script);
        Path jbangw = folder.resolve("jbangw");
        Files.copy(JBANGW, jbangw, StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(CHECKSUMS, folder.resolve("checksums.sha256"));
        giveAway(folder);
        String refused =
                "does not use %s as root: %s belongs to nobody; copy it to a folder of root's";
        for (String name : List.of("Echo.java", "./Echo.java", script.toString())) {
            Command command = jbangw(usedHome, name, "3", "one").in(folder);
            String path = name.startsWith("/") ? name : folder + "/" + name;
            assertFailsInOneLine(command.with("SUDO_UID", null), refused.formatted(path, folder));
            assertEquals("<one>\n", command.with("SUDO_UID", idOfNobody()).run().out());
        }
        Command copy = Command.of("./jbangw", "version").in(folder).forJbang(usedHome);
        assertFailsInOneLine(copy.with("SUDO_UID", null), refused.formatted(jbangw, folder));
        assertEquals(0, copy.with("SUDO_UID", idOfNobody()).run().exitCode());
        assertTrue(script.toFile().setWritable(true, false));
        assertFailsInOneLine(
                jbangw(usedHome, "Echo.java", "3").in(folder).with("SUDO_UID", idOfNobody()),
                "does not use %s as root: others can write to %1$s; copy it to a folder of root's"
                        .formatted(script));
    }

    private static String idOfNobody() {
        return Command.of("id", "-u", "nobody").run().out().strip();
    }

    /**
     * By default, Java writes to a folder in /tmp that has the user's name, and waits if that is a
     * pipe. Root has another name here, since its folder is in use.
     */
    @Test
    void javaUsesNoFolderInTmp() throws IOException {
        boolean canMount = Command.of("unshare", "-m", "true").run().exitCode() == 0;
        assumeTrue(new OwnProcess().isRoot() && canMount, "cannot give root another name");
        assertEquals(0, classPath("psm.java").run().exitCode());
        Path script = temp.resolve("psm.java");
        Files.writeString(script, Files.readString(Command.root().resolve("psm.java")) + "}");
        String name = temp.getFileName().toString();
        Path folder = Files.createDirectory(Path.of("/tmp/hsperfdata_" + name));
        try {
            FileTime time = FileTime.fromMillis(0);
            Files.setLastModifiedTime(folder, time);
            Command.Result result = jbangwOf(name, script.toString()).run();
            assertTrue(result.err().contains("1 error"), result.err()); // JBang and javac have run
            assertEquals(time, Files.getLastModifiedTime(folder));
            Files.delete(folder);
            assertEquals(0, Command.of("mkfifo", folder.toString()).run().exitCode());
            assertFailsInOneLine(
                    jbangwOf(name, "version"),
                    "Java would wait for the pipe " + folder + "; remove it");
        } finally {
            Files.delete(folder);
        }
    }

    /** Makes a command for which root has another name. */
    private static Command jbangwOf(String name, String word) throws IOException {
        Path users = Files.createTempFile(scripts, "passwd", "");
        Files.writeString(users, name + Files.readString(Path.of("/etc/passwd")).substring(4));
        String rename = "mount --bind \"$0\" /etc/passwd && exec \"$@\"";
        return Command.of("unshare", "-m", "sh", "-c", rename, users.toString())
                .append(jbangw(usedHome, word).words())
                .forJbang(usedHome);
    }

    /** Gives a file, and all in it, to another user; skips the test if that is not possible. */
    private static void giveAway(Path file) {
        assumeTrue(new OwnProcess().isRoot(), "only root can make files of another user");
        assertEquals(0, Command.of("chown", "-hR", "nobody", file.toString()).run().exitCode());
    }

    // Downloading JBang

    @Test
    void twoRunsDownloadJbangAtOnce() throws IOException {
        List<Command> commands = new ArrayList<>();
        for (String name : List.of("first", "second")) {
            Path itsHome = Files.createDirectory(temp.resolve(name));
            commands.add(
                    jbangw(itsHome, echo.toString(), "3", name)
                            .with("XDG_CACHE_HOME", cache.toString()));
        }
        assertRunAtTheSameTime(commands.get(0), commands.get(1));
        assertEquals(List.of(cache.resolve(JAR)), list(cache.resolve("psm")), "and nothing else");
        assertTrue(Files.exists(temp.resolve("first/.m2")), "not in the real home");
        assertTrue(Files.exists(temp.resolve("first/.jbang/cache")), "not in the real home");
    }

    /** Without jbangw's lock, one JBang would read what the other has half built. */
    @Test
    void twoRunsBuildOneScriptAtOnce() throws IOException {
        String script = echo.toString();
        assertRunAtTheSameTime(
                jbangw(home, script, "3", "first"), jbangw(home, script, "3", "second"));
    }

    /** No other user can hold the lock, and who waits for it is not silent. */
    @Test
    void waitingForTheLockIsReported() throws IOException {
        Path jbang = Files.createDirectory(home.resolve(".jbang"));
        Path lock = Files.createFile(jbang.resolve("jbangw.lock"));
        Path message = Files.createFile(temp.resolve("message"));
        String hold = "for i in $(seq 100); do [ -s \"$1\" ] && break; sleep 0.1; done";
        String start =
                "flock \"$0\" sh -c 'touch \"$1.held\"; %s' sh \"$1\" & until [ -e \"$1.held\" ];"
                        + " do sleep 0.1; done; shift; exec \"$@\" 2>\"$MESSAGE\"";
        Command.Result result =
                Command.of("sh", "-c", start.formatted(hold), lock.toString(), message.toString())
                        .append(jbangw(home, "version").words())
                        .forJbang(home)
                        .with("MESSAGE", message.toString())
                        .run();
        assertEquals(new Command.Result(0, VERSION + "\n", ""), result);
        assertEquals(
                "jbangw: waits for a process that has locked " + lock + "\n",
                Files.readString(message));
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(lock)));
    }

    private static void assertRunAtTheSameTime(Command first, Command second) {
        CompletableFuture<Command.Result> other =
                CompletableFuture.supplyAsync(second::run, task -> new Thread(task).start());
        Command.Result result = first.run();
        Command.Result otherResult = other.join();
        assertEquals("<first>\n", result.out(), result.err());
        assertEquals("<second>\n", otherResult.out(), otherResult.err());
        assertEquals(3, result.exitCode());
        assertEquals(3, otherResult.exitCode());
    }

    @Test
    void aBrokenCachedJarIsRemoved() throws IOException {
        Path jar = cache.resolve(JAR);
        Files.createDirectories(jar.getParent());
        Files.writeString(jar, "garbage");
        assertFailsInOneLine(
                jbangw(home, "version").with("XDG_CACHE_HOME", cache.toString()),
                jar + " had the wrong SHA-256 and was removed; run again to download it anew");
        assertFalse(Files.exists(jar));
    }

    @Test
    void aBrokenDownloadIsNotKept() throws IOException {
        String script =
                """
                #!/bin/sh
                for argument; do
                    case $argument in -DoutputDirectory=*) folder=${argument#*=} ;; esac
                done
                echo garbage >"$folder/%s"
                """;
        String name = Path.of(JAR).getFileName().toString();
        Path mvn = executable(temp.resolve("bin/mvn"), script.formatted(name));
        Command.Result result =
                jbangw(home, "version")
                        .with("PATH", path(mvn.getParent(), others))
                        .with("XDG_CACHE_HOME", cache.toString())
                        .run();
        assertEquals(1, result.exitCode());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(
                result.err().contains("with the wrong SHA-256; check the mirrors"), result.err());
        assertEquals(List.of(), list(cache.resolve("psm")));
    }

    /** Without Maven, a copy in the local repository serves, but only if it is the right one. */
    @Test
    void theLocalRepositoryServesWithoutMaven() throws IOException {
        Path jar = Path.of(JAR).getFileName();
        Path copy =
                home.resolve(".m2/repository/dev/jbang/jbang-cli").resolve(VERSION).resolve(jar);
        Files.createDirectories(copy.getParent());
        Files.copy(Command.userCache().resolve(JAR), copy);
        Command command =
                jbangw(home, "version")
                        .with("PATH", path(others))
                        .with("XDG_CACHE_HOME", cache.toString());
        assertEquals(new Command.Result(0, VERSION + "\n", ""), command.run());
        Files.delete(cache.resolve(JAR));
        Files.writeString(copy, "garbage");
        assertEquals(1, command.run().exitCode());
        assertEquals(List.of(), list(cache.resolve("psm")));
    }

    @Test
    void aFailureOfMavenIsReported() throws IOException {
        String script =
                """
                #!/bin/sh
                echo '[WARNING] this and that'
                echo '[ERROR] no route to the repository'
                echo '[ERROR] and much more'
                exit 1
                """;
        Path mvn = executable(temp.resolve("bin/mvn"), script);
        assertFailsInOneLine(
                jbangw(home, "version")
                        .with("PATH", path(mvn.getParent(), others))
                        .with("XDG_CACHE_HOME", cache.toString()),
                "mvn could not download dev.jbang:jbang-cli:"
                        + VERSION
                        + ":jar:all (offline?): no route to the repository");
        assertEquals(List.of(), list(cache.resolve("psm")));
    }

    @Test
    void withoutMavenItLinksToJbang() {
        assertFailsInOneLine(
                jbangw(home, "version")
                        .with("PATH", path(others))
                        .with("XDG_CACHE_HOME", cache.toString()),
                "found no mvn to get JBang with; install Maven, or run a JBang of your own:"
                        + " jbang psm.java");
    }

    @Test
    void withoutJavaItAsksForOne() {
        assertFailsInOneLine(
                jbangw(home, "version").with("JAVA_HOME", null),
                "found no java; set JAVA_HOME, or the PATH, to a JDK 17 or later");
        assertFailsInOneLine(
                jbangw(home, "version").with("JAVA_HOME", "/no such folder"),
                "found no /no such folder/bin/java;"
                        + " set JAVA_HOME, or the PATH, to a JDK 17 or later");
    }

    @Test
    void anUnwritableCacheIsReported() {
        assertFailsInOneLine(
                jbangw(home, "version").with("XDG_CACHE_HOME", "/dev/null/cache"),
                "cannot write to the cache folder /dev/null/cache/psm;"
                        + " set XDG_CACHE_HOME to a writable folder");
    }

    /**
     * Maven takes options for its Java from the nearest .mvn, here or in a folder above, and runs
     * plugins of the local repository unverified.
     */
    @Test
    void mavenReadsOnlyItsOwnFolder() throws IOException {
        String script =
                """
                #!/bin/sh
                for argument; do
                    [ "$argument" != "-Dmaven.repo.local=$PWD/repository" ] || own=yes
                done
                [ -d .mvn ] && echo "[ERROR] $own|$(ls)|$HOME"
                exit 1
                """;
        Path mvn = executable(temp.resolve("bin/mvn"), script);
        Command.Result result =
                jbangw(home, "version")
                        .with("PATH", path(mvn.getParent(), others))
                        .with("XDG_CACHE_HOME", cache.toString())
                        .run();
        assertTrue(result.err().endsWith("(offline?): yes||" + home + "\n"), result.err());
    }

    // Whom it trusts

    /** Each is a place from which JBang would take an option for the script's Java. */
    @ParameterizedTest
    @ValueSource(strings = {"jbang.properties", ".jbang/jbang.properties", "../jbang.properties"})
    void configurationOfTheFolderIsNotRead(String name) throws IOException {
        Path folder = Files.createDirectories(temp.resolve("above/folder"));
        Path file = folder.resolve(name).normalize();
        Files.createDirectories(file.getParent());
        Files.writeString(file, "run.runtimeoption=-Dstranger=true\n");
        Files.copy(echo, folder.resolve("Echo.java"));
        if (new OwnProcess().isRoot()) {
            giveAway(folder.getParent());
        }
        for (String script : List.of("Echo.java", "./Echo.java", echo.toString())) {
            Command.Result result =
                    jbangw(usedHome, script, "property", "stranger")
                            .with("JBANG_RUNTIME_OPTIONS", "-Dstranger=of the environment")
                            .with("SUDO_UID", idOfNobody())
                            .in(folder)
                            .run();
            assertEquals("null\n", result.out(), result.err());
        }
    }

    /** Each file stands for psm@org, or for psm, in the folder where JBang is called. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "psm@org",
                "psm",
                "org/jbang-catalog.json",
                "jbang-catalog.json",
                ".jbang/jbang-catalog.json",
                "../jbang-catalog.json"
            })
    void catalogsOfTheFolderAreNotRead(String name) throws IOException {
        Path folder = Files.createDirectories(temp.resolve("above/folder"));
        Path file = folder.resolve(name).normalize();
        Files.createDirectories(file.getParent());
        String alias = "{\"psm\": {\"script-ref\": \"%s\"}}".formatted(echo);
        Files.writeString(temp.resolve("strange.json"), "{\"aliases\": %s}".formatted(alias));
        Files.writeString(
                file,
                name.endsWith(".json")
                        ? "{\"aliases\": %s, \"catalogs\": {\"org\": {\"catalog-ref\": \"%s\"}}}"
                                .formatted(alias, temp.resolve("strange.json"))
                        : ECHO);
        if (new OwnProcess().isRoot()) {
            giveAway(folder.getParent());
        }
        for (String called : List.of("psm@org", "psm")) {
            Command.Result result =
                    jbangw(usedHome, "--offline", called, "property", "user.dir").in(folder).run();
            assertEquals("", result.out(), called);
            assertNotEquals(0, result.exitCode());
        }
    }

    @Test
    void rootUsesNoHomeOfAnotherUser() throws IOException {
        giveAway(home);
        Command.Result result = jbangw(home, "version").run();
        assertEquals(VERSION + "\n", result.out());
        String warning = "jbangw: uses %s instead of %s: %2$s belongs to nobody%n";
        assertEquals(warning.formatted(System.getProperty("user.home"), home), result.err());
        assertEquals(List.of(), list(home));
    }

    @ParameterizedTest
    @CsvSource({
        "777, others can write to",
        "1777, others can write to",
        "770, a group can write to",
        "nobody, belongs to nobody"
    })
    void aFolderOfOthersIsRefused(String change, String reason) throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root has no group of its own");
        copyJar(cache);
        Path repository = Files.createDirectories(home.resolve(".m2/repository"));
        Path jbang = Files.createDirectories(home.resolve(".jbang/cache/jars"));
        for (Path folder : List.of(cache.resolve("psm"), repository, jbang)) {
            boolean isOwner = change.equals("nobody");
            String[] words = {isOwner ? "chown" : "chmod", change, folder.toString()};
            assertEquals(0, Command.of(words).run().exitCode());
            Command.Result result =
                    jbangw(home, "version").with("XDG_CACHE_HOME", cache.toString()).run();
            assertEquals("", result.out(), folder.toString());
            assertEquals(1, result.exitCode());
            String expected = isOwner ? folder + " " + reason : reason + " " + folder;
            assertTrue(result.err().contains(": " + expected + "; set HOME and"), result.err());
            assertEquals(1, result.err().lines().count());
            Command.of("chown", "root", folder.toString()).run();
            Command.of("chmod", "755", folder.toString()).run();
        }
    }

    /** Whoever owns a link in /tmp can point it elsewhere. */
    @Test
    void aLinkOfAnotherUserIsRefused() throws IOException {
        copyJar(cache);
        Path link = Files.createSymbolicLink(temp.resolve("link"), cache);
        Command command = jbangw(home, "version").with("XDG_CACHE_HOME", link.toString());
        try {
            assertEquals(new Command.Result(0, VERSION + "\n", ""), command.run());
            giveAway(link);
            Command.Result result = command.run();
            assertEquals("", result.out());
            assertTrue(result.err().contains(": " + link + " belongs to nobody;"), result.err());
        } finally {
            Files.delete(link);
        }
    }

    // Checksums

    /** Returns a command that prints the jars of a script, which JBang resolves. */
    private static Command classPath(String script, String... options) {
        List<String> words = new ArrayList<>(List.of("info", "classpath", "--deps-only"));
        words.addAll(List.of(options));
        words.add(script);
        return jbangw(usedHome, words.toArray(new String[0]));
    }

    /** JBang itself looks at the time of a jar only. */
    @ParameterizedTest
    @ValueSource(strings = {"picocli", "metainf-services"})
    void aChangedLibraryIsRefused(String library) throws IOException {
        Command.Result before = classPath("psm.java").run();
        assertEquals(0, before.exitCode(), before.err());
        Path jar = null;
        for (String entry : before.out().strip().split(":", -1)) {
            if (entry.contains("/" + library + "-")) {
                jar = Path.of(entry);
            }
        }
        byte[] bytes = Files.readAllBytes(jar);
        FileTime time = Files.getLastModifiedTime(jar);
        byte[] changed = bytes.clone();
        changed[changed.length - 1]++;
        try {
            for (boolean sameTime : List.of(true, false)) {
                Files.write(jar, changed);
                if (sameTime) {
                    Files.setLastModifiedTime(jar, time);
                }
                assertFailsInOneLine(
                        classPath("psm.java"),
                        jar
                                + " has the wrong SHA-256; remove it, and run again to download it"
                                + " anew");
            }
        } finally {
            Files.write(jar, bytes);
            Files.setLastModifiedTime(jar, time);
        }
        assertEquals(before.out(), classPath("psm.java").run().out());
    }

    /** Another user could change a file after its checksum was verified. */
    @Test
    void rootUsesNoLibraryThatOthersCanChange() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root has no group of its own");
        assertEquals(0, classPath("psm.java").run().exitCode());
        Path repository = Files.createDirectories(home.resolve(".m2/repository"));
        Path folder = repository.resolve("org/kohsuke/metainf-services");
        Path jar = folder.resolve("metainf-services/1.11/metainf-services-1.11.jar");
        Files.createDirectories(jar.getParent());
        Files.copy(usedHome.resolve(".m2/repository").resolve(repository.relativize(jar)), jar);
        for (Path path : List.of(jar, folder, jar.getParent())) {
            assertTrue(path.toFile().setWritable(true, false));
            assertRefusesLibrary(path, "others can write to " + path);
            assertTrue(path.toFile().setWritable(false, false));
            assertEquals(VERSION + "\n", jbangw(home, "version").run().out());
        }
        Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
        Path moved = Files.move(folder, elsewhere.resolve("moved"));
        Files.createSymbolicLink(folder, moved);
        assertEquals(VERSION + "\n", jbangw(home, "version").run().out());
        giveAway(elsewhere);
        assertRefusesLibrary(folder, elsewhere + " belongs to nobody");
    }

    private void assertRefusesLibrary(Path path, String reason) {
        assertFailsInOneLine(
                jbangw(home, "version"),
                "does not use %s as root: %s; remove it, and run again to download it anew"
                        .formatted(path, reason));
    }

    /** JBang remembers the paths of jars for a script, whatever the repository was. */
    @Test
    void aJarOfAnotherRepositoryIsNotRemembered() throws IOException {
        Command.Result before = classPath("psm.java").run();
        assertEquals(0, before.exitCode(), before.err());
        Path repository = usedHome.resolve(".m2/repository");
        Path copy = temp.resolve("copy");
        assertEquals(
                0, Command.of("cp", "-a", repository.toString(), copy.toString()).run().exitCode());
        Command.Result after = classPath("psm.java").with("JBANG_REPO", copy.toString()).run();
        String expected = before.out().replace(repository.toString(), copy.toString());
        assertEquals(expected, after.out(), after.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "psm.java",
                "lib/psm/Main.java",
                "test/tests.java",
                "test/fuzz.java",
                "bench/psm/ParserBench.java",
                "bench/psm/Rescan.java"
            })
    void everyLibraryHasAChecksum(String script) throws IOException {
        Command.Result result = withAllChecksums(classPath(script)).run();
        assertEquals(0, result.exitCode(), result.err());
    }

    /** Runs a checkout whose checksum of picocli is another one, or missing. */
    @ParameterizedTest
    @CsvSource({"true, mismatch", "false, Missing"})
    void aDownloadWithoutItsChecksumIsRefused(boolean isThere, String reason) throws IOException {
        Path jbangw = temp.resolve("jbangw");
        Files.copy(JBANGW, jbangw, StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(Command.root().resolve("psm.java"), temp.resolve("psm.java"));
        List<String> lines = new ArrayList<>();
        for (String line : Files.readAllLines(CHECKSUMS)) {
            if (!line.endsWith("picocli-4.7.7.jar")) {
                lines.add(line);
            } else if (isThere) {
                lines.add("0".repeat(64) + line.substring(64));
            }
        }
        Files.write(temp.resolve("checksums.sha256"), lines);
        Command command = Command.of(jbangw.toString(), "psm.java", "--version").in(temp);
        Command.Result result = withAllChecksums(command.forJbang(home)).run();
        assertEquals("", result.out());
        assertEquals(1, result.exitCode());
        assertTrue(result.err().contains("info.picocli:picocli:jar:4.7.7"), result.err());
        assertTrue(result.err().contains(reason), result.err());
    }

    private static Command withAllChecksums(Command command) throws IOException {
        Files.deleteIfExists(usedHome.resolve(".jbang/cache/dependency_cache.json"));
        String option =
                "-Daether.artifactResolver.postProcessor.trustedChecksums.failIfMissing=true";
        return command.with("JBANG_JAVA_OPTIONS", option);
    }

    @Test
    void withoutChecksumsItRunsNothing() throws IOException {
        Path jbangw = temp.resolve("jbangw");
        Files.copy(JBANGW, jbangw, StandardCopyOption.COPY_ATTRIBUTES);
        assertFailsInOneLine(
                Command.of(jbangw.toString(), "version").forJbang(usedHome),
                "found no checksum of jbang-cli-"
                        + VERSION
                        + "-all.jar in "
                        + temp.resolve("checksums.sha256")
                        + "; run the jbangw of a checkout of psm");
    }

    // Folders

    /** Copies the user's own jar of JBang into another cache. */
    private static void copyJar(Path cache) throws IOException {
        assertEquals(VERSION + "\n", jbangw(usedHome, "version").run().out()); // now it is there
        Files.createDirectories(cache.resolve(JAR).getParent());
        Files.copy(Command.userCache().resolve(JAR), cache.resolve(JAR));
    }

    @Test
    void theCacheReplacesAnUnwritableHome() throws IOException {
        copyJar(cache);
        Command.Result result =
                jbangw(Path.of("/dev/null/home"), echo.toString(), "3", "one")
                        .with("XDG_CACHE_HOME", cache.toString())
                        .run();
        assertEquals("<one>\n", result.out(), result.err());
        assertEquals(3, result.exitCode());
        assertTrue(Files.exists(cache.resolve("psm/home/.jbang/cache")));
    }

    @Test
    void onlyTheUserCanWriteToAHomeThatItMakes() {
        Path made = temp.resolve("made/home");
        Command.Result result =
                Command.of("sh", "-c", "umask 000; exec \"$@\"", "sh")
                        .append(jbangw(made, "version").words())
                        .forJbang(made)
                        .run();
        assertEquals(new Command.Result(0, VERSION + "\n", ""), result);
    }

    @Test
    void aRelativeCacheFolderIsIgnored() throws IOException {
        copyJar(home.resolve(".cache"));
        Path folder = Files.createDirectory(temp.resolve("folder"));
        Command.Result result =
                jbangw(home, "version").with("XDG_CACHE_HOME", "relative").in(folder).run();
        assertEquals(new Command.Result(0, VERSION + "\n", ""), result);
        assertEquals(List.of(), list(folder));
    }

    @Test
    void javaIsFoundOnThePath() {
        Command.Result result =
                jbangw(usedHome, "version")
                        .with("JAVA_HOME", null)
                        .with("PATH", path(java, others))
                        .run();
        assertEquals(new Command.Result(0, VERSION + "\n", ""), result);
    }

    // Input and output

    @Test
    void aCheckoutWithAnOddPathRuns() throws IOException {
        Path checkout = Files.createDirectory(temp.resolve("it's  \"my\" $HOME & `co`"));
        Path jbangw = checkout.resolve("jbangw");
        Files.copy(JBANGW, jbangw, StandardCopyOption.COPY_ATTRIBUTES);
        Files.copy(CHECKSUMS, checkout.resolve("checksums.sha256"));
        Files.copy(echo, checkout.resolve("Echo.java"));
        String script = checkout.resolve("Echo.java").toString();
        assertEchoes(Command.of("./jbangw", "Echo.java").in(checkout));
        assertEchoes(Command.of(jbangw.toString(), script).in(temp));
    }

    private static void assertEchoes(Command jbangw) {
        Command.Result result =
                jbangw.append(List.of("3", "one"))
                        .forJbang(usedHome)
                        .with("PATH", path(others, maven))
                        .run();
        assertEquals("<one>\n", result.out(), result.err());
        assertEquals(3, result.exitCode());
    }

    @Test
    void theScriptRunsInTheFolderOfTheCaller() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("folder/below")).getParent();
        Files.copy(echo, folder.resolve("below/Echo.java"));
        for (String option : List.of("--cp", "--cp=")) {
            List<String> words = new ArrayList<>(List.of("run", option, "below"));
            if (option.endsWith("=")) {
                words = new ArrayList<>(List.of(option + "x.jar:below"));
            }
            Command command = jbangw(usedHome, words.toArray(new String[0])).in(folder);
            List<String> script = List.of("below/Echo.java", "property");
            command.append(script).append(List.of("java.class.path"));
            Command.Result result = command.run();
            assertTrue(
                    result.out().endsWith(":" + folder.resolve("below") + "\n"),
                    result.out() + result.err());
        }
        Command.Result result =
                jbangw(usedHome, "below/Echo.java", "property", "user.dir").in(folder).run();
        assertEquals(folder + "\n", result.out(), result.err());
    }

    @Test
    void aRemovedFolderIsNoObstacle() throws IOException {
        Path gone = Files.createDirectory(temp.resolve("gone"));
        List<String> words = echo("3", "one").words();
        Command.Result result =
                Command.of("sh", "-c", "rmdir \"$PWD\" && exec \"$@\"", "sh")
                        .append(words)
                        .forJbang(usedHome)
                        .in(gone)
                        .run();
        assertEquals("<one>\n", result.out(), result.err());
        assertEquals(3, result.exitCode());
    }

    @Test
    void aLinkToJbangwRuns() throws IOException {
        Path link = Files.createSymbolicLink(temp.resolve("a link"), JBANGW);
        try {
            assertEchoes(Command.of("./a link", echo.toString()).in(temp));
        } finally {
            Files.delete(link);
        }
    }

    @Tag("jdk")
    @Test
    void argumentsReachTheScriptUnchanged() {
        Command.Result result = echo("0").append(ODD_ARGUMENTS).run();
        assertEquals(inBrackets(ODD_ARGUMENTS), result.out(), result.err());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 127, 143, 255})
    void theExitCodeIsPassedOn(int code) {
        assertEquals(code, echo(Integer.toString(code)).run().exitCode());
    }

    @Tag("jdk")
    @Test
    void standardInputReachesTheScript() throws IOException {
        String text = "a line\n\n  more \u00e9".repeat(20_000);
        Path input = Files.writeString(temp.resolve("input"), text);
        assertEquals(text, echo("0").from(input).run().out());
    }

    @Tag("jdk")
    @Test
    void theScriptTakesOverTheProcess() {
        List<String> command = echo("pid").words();
        Command.Result result =
                Command.of("sh", "-c", "echo $$; exec \"$@\"", "sh")
                        .append(command)
                        .forJbang(usedHome)
                        .with("PATH", path(others, maven))
                        .run();
        List<String> pids = result.out().lines().toList();
        assertEquals(2, pids.size(), result.err());
        assertEquals(pids.get(0), pids.get(1), "signals reach it");
    }

    @Tag("jdk")
    @Test
    void outputOfJbangIsPassedOn() {
        assertEquals(new Command.Result(0, VERSION + "\n", ""), jbangw(usedHome, "version").run());
        Command.Result failure = jbangw(usedHome, "nosuch.java").run();
        assertEquals("", failure.out());
        assertNotEquals(0, failure.exitCode());
        assertNotEquals(255, failure.exitCode());
        assertTrue(failure.err().contains("nosuch.java"), failure.err());
    }
}
