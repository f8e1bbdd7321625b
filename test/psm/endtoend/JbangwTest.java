package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.support.Command;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
                    for (int i = 1; i < args.length; i++) {
                        System.out.println("<" + args[i] + ">");
                    }
                    System.in.transferTo(System.out);
                    System.out.flush();
                    System.exit(Integer.parseInt(args[0]));
                }
            }
            """;

    /** A stand-in for JBang that prints its name, and then does the same as the script above. */
    private static final String STAND_IN_FOR_JBANG =
            """
            #!/bin/sh
            echo "$0"
            for argument; do echo "<$argument>"; done
            cat
            exit 7
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

    // Which JBang

    /** Checks that the stand-in runs, without Java and Maven, and gets all arguments unchanged. */
    private void assertRunsStandIn(Command command, Path standIn) throws IOException {
        Path input = Files.writeString(temp.resolve("input"), "from standard input");
        List<String> arguments = new ArrayList<>(ODD_ARGUMENTS);
        arguments.add("");
        Command.Result result = command.append(arguments).from(input).run();
        String output = standIn + "\n" + inBrackets(arguments) + "from standard input";
        assertEquals(new Command.Result(7, output, ""), result);
    }

    @Test
    void jbangOnThePathComesFirst() throws IOException {
        Path onPath = executable(temp.resolve("a  bin/jbang"), STAND_IN_FOR_JBANG);
        executable(home.resolve(".jbang/bin/jbang"), STAND_IN_FOR_JBANG);
        Command command = jbangw(home).with("PATH", path(onPath.getParent(), others));
        assertRunsStandIn(command.with("JAVA_HOME", null), onPath);
    }

    @Test
    void jbangInTheHomeComesNext() throws IOException {
        Path inHome = executable(home.resolve(".jbang/bin/jbang"), STAND_IN_FOR_JBANG);
        assertRunsStandIn(jbangw(home).with("PATH", path(others)).with("JAVA_HOME", null), inHome);
    }

    @Test
    void aVariableNamesTheFolderOfJbang() throws IOException {
        Path elsewhere = executable(temp.resolve("else where/bin/jbang"), STAND_IN_FOR_JBANG);
        executable(home.resolve(".jbang/bin/jbang"), STAND_IN_FOR_JBANG);
        Command command = jbangw(home).with("JBANG_DIR", temp.resolve("else where").toString());
        assertRunsStandIn(command.with("PATH", path(others)), elsewhere);
    }

    @Test
    void aLinkNamedJbangIsSkipped() throws IOException {
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Path link = Files.createSymbolicLink(bin.resolve("jbang"), JBANGW);
        try {
            Command.Result result = echo("3", "one").with("PATH", path(bin, others)).run();
            assertEquals("<one>\n", result.out(), result.err());
            assertEquals(3, result.exitCode());
        } finally {
            Files.delete(link); // JUnit warns of a link that leads out of its folder
        }
    }

    @Test
    void aCopyNamedJbangIsSkipped() throws IOException {
        Path bin = Files.createDirectory(temp.resolve("bin"));
        Files.copy(JBANGW, bin.resolve("jbang"), StandardCopyOption.COPY_ATTRIBUTES);
        Command.Result result = echo("3", "one").with("PATH", path(bin, others)).run();
        assertEquals("<one>\n", result.out(), result.err());
        assertEquals(3, result.exitCode());
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
        assertTrue(result.err().contains("Maven's local repository has a bad copy"), result.err());
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
                "found no jbang, and no mvn to get it with; see https://www.jbang.dev/download");
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
