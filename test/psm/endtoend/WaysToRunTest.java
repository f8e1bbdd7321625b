package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.format.FormatsTest;
import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Fixtures;
import psm.text.Version;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Tests each way to run psm with the real JBang. The home is empty at first, so that JBang resolves
 * the dependencies and builds the script.
 */
@Order(1)
@Tag("endtoend")
@ResourceLock("sudoers")
class WaysToRunTest {
    static final String NAME = "it's \"$HOME\" *  `worker`";

    /** The table of {@link #madeUpProc}. */
    static final String TABLE =
            "    MB RAM    SHARED   SWAPPED\tPROCESS (COUNT)\n"
                    + "       1.5       0.5       0.3\t"
                    + NAME.replace("  ", " \\x20")
                    + " (2)\n"
                    + "#      1.5                 0.3\tTOTAL USED BY PROCESSES\n"
                    + "                              \tTIME, scanned in DURATION ms\n";

    /** The most memory that a first run may use, over all of its processes. */
    private static final int MAX_KILOBYTES = 240 * 1024;

    /** Less than what a Java that compiles needs: a figure below it is not of all processes. */
    private static final int MIN_KILOBYTES = 60 * 1024;

    private static final String SMAPS_ROLLUP =
            """
            00400000-7ffe00000000 ---p 00000000 00:00 0                      [rollup]
            Rss:                1024 kB
            Pss:                 768 kB
            Shared_Clean:        512 kB
            Shared_Dirty:          0 kB
            Private_Clean:         0 kB
            Private_Dirty:       512 kB
            Swap:                200 kB
            SwapPss:             150 kB
            """;

    /** A way to run psm: makes a command with arguments. */
    private interface Way {
        Command psm(String... args);
    }

    @TempDir Path temp;
    private Path home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Files.createDirectory(temp.resolve("home"));
    }

    @Tag("jdk")
    @Test
    void theAssembledFileRuns() throws IOException {
        assertRuns(args -> Command.jbangw(home, prepended(args, "psm.java")));
    }

    @Test
    void theUnassembledSourcesRun() throws IOException {
        assertRuns(args -> Command.jbangw(home, prepended(args, "lib/psm/Main.java")));
    }

    @Tag("jdk")
    @Test
    void standardInputRunsInAnEmptyFolder() throws IOException {
        Path nothing = Files.createDirectory(temp.resolve("nothing"));
        assertRuns(args -> piped(home, args).in(nothing));
        assertEquals(List.of(), list(nothing));
    }

    /** The machine may be short of memory, and JBang, javac and psm run there one in the other. */
    @Tag("jdk")
    @Test
    void firstRunStaysWithinItsMemory() throws IOException {
        assumeTrue(Command.exists("cc"), "there is no C compiler");
        String peak = temp.resolve("peak").toString();
        String source = Command.root().resolve("bench/peak.c").toString();
        assertEquals(0, Command.of("cc", "-O2", "-o", peak, source).run().exitCode());
        Path result = temp.resolve("peak.json");
        String jbangw = Command.root().resolve("jbangw").toString();
        Command.Result run =
                pipedInto(
                                Command.root().resolve("psm.java"),
                                prepended(
                                        new String[] {"--proc", Fixtures.HOST.toString()},
                                        peak,
                                        result.toString(),
                                        jbangw,
                                        "-"))
                        .forJbang(home)
                        .run();
        assertTrue(run.out().contains("TOTAL"), run.err());
        JsonNode measured = new ObjectMapper().readTree(Files.readString(result));
        int kilobytes = measured.get("peak_pss_kb").asInt();
        assertTrue(kilobytes > MIN_KILOBYTES && kilobytes < MAX_KILOBYTES, measured.toString());
    }

    /** Runs in its own folder, since JBang adds a catalog to the nearest jbang-catalog.json. */
    @Test
    void anAliasOfAnOnlineCatalogRuns() throws IOException {
        Path nothing = Files.createDirectory(temp.resolve("nothing"));
        try (Web web = new Web("127.0.0.1")) {
            String url = web.url("/jbang-catalog.json");
            Command.Result added =
                    Command.jbangw(home, "catalog", "add", "--name", "org", url).in(nothing).run();
            assertEquals(0, added.exitCode(), added.err());
            assertRuns(args -> Command.jbangw(home, prepended(args, "psm@org")).in(nothing));
            assertEquals(Set.of("/jbang-catalog.json", "/psm.java"), web.served);
        }
        assertEquals(List.of(), list(nothing));
    }

    @Test
    void anAliasWithItsCatalogUrlRuns() throws IOException {
        try (Web web = new Web("127.0.0.1")) {
            String alias = "psm@" + web.url("/jbang-catalog.json");
            assertRuns(args -> Command.jbangw(home, prepended(args, alias)));
            assertEquals(Set.of("/jbang-catalog.json", "/psm.java"), web.served);
        }
    }

    /** JBang always trusts 127.0.0.1, so the test uses another address. */
    @Test
    void anUntrustedCatalogRunsOnceTrusted() throws IOException {
        try (Web web = new Web("127.0.0.2")) {
            String alias = "psm@" + web.url("/jbang-catalog.json");
            Command.Result refused = Command.jbangw(home, alias, "--version").run();
            assertNotEquals(0, refused.exitCode());
            assertEquals("", refused.out());
            assertTrue(refused.err().contains("jbang trust add " + web.url("/psm.java")));

            Command.Result trusted =
                    Command.jbangw(home, "trust", "add", web.url("/psm.java")).run();
            assertEquals(0, trusted.exitCode(), trusted.err());
            Command.Result result = Command.jbangw(home, alias, "--version").run();
            assertEquals(0, result.exitCode(), result.err());
            assertTrue(result.out().startsWith("psm " + Version.CURRENT), result.out());
        }
    }

    @Test
    void standardInputRunsAsRootOverSsh() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can make the other host");
        for (String command : List.of("sshd", "ssh", "ssh-keygen", "sudo", "visudo", "useradd")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        try (SshHost host = new SshHost(temp)) {
            Way way = args -> host.piped(home, args);
            assertRunsLive(way);
            // Run with sudo, psm does not open files that the user names.
            Path file = temp.resolve("named by the user");
            for (String option : List.of("--proc", "--cpuprofile", "--memprofile")) {
                String value = option.equals("--proc") ? Fixtures.HOST.toString() : file.toString();
                Command.Result refused = way.psm(option, value).run();
                assertEquals(2, refused.exitCode());
                assertEquals("", refused.out());
                String message = "psm: " + option + ": run with sudo, ";
                assertTrue(refused.err().contains(message), refused.err());
                assertFalse(Files.exists(file), option);
            }
        }
    }

    /** Checks the table of a made-up host, and does {@link #assertRunsLive}. */
    private void assertRuns(Way way) throws IOException {
        String proc = madeUpProc(temp.resolve("a  made-up proc")).toString();
        String name = "^" + Pattern.quote(NAME) + "$";
        Command.Result table = way.psm("--proc", proc, "-f", name).run();
        assertEquals(TABLE, FormatsTest.stable(table.out()), table.err());
        assertEquals(0, table.exitCode());
        assertRunsLive(way);
    }

    /**
     * Checks a JSON document of this host, and an error. After the first run, nothing else is
     * printed.
     */
    private void assertRunsLive(Way way) throws IOException {
        way.psm("--version").run();
        Path dependencies = home.resolve(".m2/repository/info/picocli");
        assertTrue(Files.exists(dependencies), "they come into the home, which had none");

        Command.Result live = way.psm("-o", "json").run();
        assertEquals(0, live.exitCode(), live.err());
        assertMeasuresThisProcess(live.out());

        Command.Result error = way.psm("-o", "no such").run();
        assertEquals(2, error.exitCode());
        assertEquals("", error.out());
        assertEquals(
                "psm: -o no such: no such format; there are csv, html, json, markdown, ndjson,"
                        + " openmetrics, prometheus, snapshot, table, tsv\n",
                error.err());
        assertFalse(Files.exists(home.resolve(".cache")), "JBang's jar is not in this home");
    }

    private static void assertMeasuresThisProcess(String json) throws IOException {
        JsonNode report = new ObjectMapper().readTree(json);
        assertEquals("psm/1", report.path("schema").asText());
        long ours = 0;
        for (JsonNode row : report.path("rows")) {
            for (JsonNode pid : row.path("pids")) {
                if (pid.asLong() == ProcessHandle.current().pid()) {
                    ours = row.path("pss_bytes").asLong();
                }
            }
        }
        assertTrue(ours > 1 << 20, json);
    }

    /** Makes two processes with a name that is special in a shell. */
    static Path madeUpProc(Path proc) throws IOException {
        for (String pid : List.of("41", "42")) {
            Path process = Files.createDirectories(proc.resolve(pid));
            String stat = pid + " (worker) S 1 41 41 0 -1 4194560" + " 0".repeat(12) + " 7 0 0\n";
            Files.writeString(process.resolve("stat"), stat);
            Files.writeString(process.resolve("cmdline"), NAME + "\0--fast\0");
            Files.writeString(process.resolve("smaps_rollup"), SMAPS_ROLLUP);
        }
        return proc;
    }

    /** Returns {@code cat psm.java | jbangw - ARGS}. */
    static Command piped(Path home, String... args) {
        return pipedInto(
                        Command.root().resolve("psm.java"),
                        prepended(args, Command.root().resolve("jbangw").toString(), "-"))
                .forJbang(home);
    }

    /** Returns a command whose standard input is a pipe with the content of a file. */
    private static Command pipedInto(Path file, String... command) {
        String script = "file=$1; shift; cat \"$file\" | \"$@\"";
        return Command.of(prepended(command, "sh", "-c", script, "sh", file.toString()));
    }

    static String[] prepended(String[] args, String... before) {
        return Stream.concat(Stream.of(before), Stream.of(args)).toArray(String[]::new);
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** A web server on the loopback interface with the two files of the catalog. */
    static final class Web implements AutoCloseable {
        /** The paths that were requested and found. */
        final Set<String> served = new TreeSet<>();

        private final HttpServer server;

        Web(String address) throws IOException {
            server = HttpServer.create(new InetSocketAddress(address, 0), 0);
            server.createContext("/", this::serve);
            server.start();
        }

        String url(String path) {
            InetSocketAddress address = server.getAddress();
            return "http://" + address.getHostString() + ":" + address.getPort() + path;
        }

        private void serve(HttpExchange exchange) throws IOException {
            String path = exchange.getRequestURI().getPath();
            if (path.equals("/jbang-catalog.json") || path.equals("/psm.java")) {
                byte[] body = Files.readAllBytes(Command.root().resolve(path.substring(1)));
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                served.add(path);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
            exchange.close();
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    /**
     * This machine as another host: an SSH server on a loopback port, and a user who may run jbang
     * as root without a password. All of it is removed after the test.
     */
    private static final class SshHost implements AutoCloseable {
        private static final Path SUDOERS = Path.of("/etc/sudoers.d");

        /** The folder that sshd uses as its root. sshd does not create it. */
        private static final Path SSHD_FOLDER = Path.of("/run/sshd");

        private final String user = "psm-test-" + ProcessHandle.current().pid();
        private final Path folder;
        private final Path clientKey;
        private final Path hostKey;
        private final Deque<Runnable> undo = new ArrayDeque<>();
        private final Thread undoAtExit = new Thread(this::undo);
        private int port;

        SshHost(Path temp) throws IOException {
            folder = Files.createDirectory(temp.resolve("ssh"));
            clientKey = folder.resolve("client_key");
            hostKey = folder.resolve("host_key");
            // The user and its rights must be removed even if the tests are interrupted.
            Runtime.getRuntime().addShutdownHook(undoAtExit);
            try {
                setUp(temp);
            } catch (IOException | RuntimeException | Error e) {
                close();
                throw e;
            }
        }

        /** Returns {@code cat psm.java | ssh host -- sudo jbang - ARGS}. */
        Command piped(Path home, String... args) {
            List<String> words = new ArrayList<>();
            words.addAll(List.of("ssh", "-F", "none", "-i", clientKey.toString(), "-p", "" + port));
            for (String option :
                    List.of(
                            "BatchMode=yes",
                            "IdentitiesOnly=yes",
                            "StrictHostKeyChecking=yes",
                            "GlobalKnownHostsFile=none",
                            "UserKnownHostsFile=" + folder.resolve("known_hosts"))) {
                words.addAll(List.of("-o", option));
            }
            words.addAll(List.of(user + "@127.0.0.1", "--", "sudo"));
            // Root's own home is not empty.
            words.add("HOME=" + quoted(home.toString()));
            words.add("XDG_CACHE_HOME=" + quoted(Command.userCache().toString()));
            words.add("JAVA_HOME=" + quoted(System.getProperty("java.home")));
            words.addAll(List.of("jbang", "-"));
            for (String arg : args) {
                words.add(quoted(arg));
            }
            return pipedInto(Command.root().resolve("psm.java"), words.toArray(new String[0]));
        }

        /** Quotes a word for the shell of the other host. */
        private static String quoted(String word) {
            return "'" + word.replace("'", "'\\''") + "'";
        }

        private void setUp(Path temp) throws IOException {
            // The server reads the list of keys as the user.
            for (Path open : List.of(temp, folder)) {
                Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            makeUser();
            makeSudoer();
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", clientKey.toString());
            run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", hostKey.toString());
            startServer();
            Files.writeString(
                    folder.resolve("known_hosts"),
                    "[127.0.0.1]:" + port + " " + Files.readString(publicPart(hostKey)));
        }

        private void makeUser() {
            // A password that nothing matches; sshd would refuse a user with a locked one.
            run("useradd", "-M", "-N", "-d", "/", "-s", "/bin/sh", "-p", "*", user);
            undo.push(() -> run("userdel", "-f", user));
        }

        private void makeSudoer() throws IOException {
            Path bin = Files.createDirectory(folder.resolve("bin"));
            Path jbang = bin.resolve("jbang");
            Files.createSymbolicLink(jbang, Command.root().resolve("jbangw"));
            undo.push(() -> delete(jbang));
            String rules =
                    "Defaults:%1$s secure_path=\"%2$s:%3$s\"%n"
                            + "%1$s ALL = (root) NOPASSWD: SETENV: %2$s/jbang%n";
            Path checked = folder.resolve("sudoers");
            Files.writeString(checked, rules.formatted(user, bin, System.getenv("PATH")));
            run("visudo", "-c", "-q", "-f", checked.toString());
            Path rulesOfUser = SUDOERS.resolve(user);
            undo.push(() -> delete(rulesOfUser));
            run("install", "-m", "0440", checked.toString(), rulesOfUser.toString());
        }

        private void startServer() throws IOException {
            if (!Files.exists(SSHD_FOLDER)) {
                Files.createDirectory(SSHD_FOLDER);
                undo.push(() -> delete(SSHD_FOLDER));
            }
            Files.copy(publicPart(clientKey), folder.resolve("authorized_keys"));
            Path config = folder.resolve("sshd_config");
            Files.writeString(
                    config,
                    String.join(
                            "\n",
                            "ListenAddress 127.0.0.1",
                            "HostKey " + hostKey,
                            "AuthorizedKeysFile " + folder.resolve("authorized_keys"),
                            "AuthenticationMethods publickey",
                            "AllowUsers " + user,
                            "StrictModes no",
                            "UsePAM no",
                            "PidFile none",
                            ""));
            for (int tries = 0; !startServer(config); tries++) {
                assertTrue(tries < 10, "sshd does not start: " + config);
            }
        }

        /**
         * Returns whether the server listens. It does not if another program took the port first.
         */
        private boolean startServer(Path config) throws IOException {
            try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                port = free.getLocalPort();
            }
            Process server =
                    new ProcessBuilder(
                                    absolute("sshd"),
                                    "-D",
                                    "-e",
                                    "-f",
                                    "" + config,
                                    "-p",
                                    "" + port)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            undo.push(() -> stop(server));
            BufferedReader log =
                    new BufferedReader(
                            new InputStreamReader(server.getErrorStream(), StandardCharsets.UTF_8));
            for (String line = log.readLine(); line != null; line = log.readLine()) {
                if (line.startsWith("Server listening")) {
                    return true;
                }
            }
            return false;
        }

        /** Returns the full path of a command: sshd must be started by it. */
        private static String absolute(String command) {
            return run("sh", "-c", "command -v " + command).strip();
        }

        private static Path publicPart(Path key) {
            return key.resolveSibling(key.getFileName() + ".pub");
        }

        /** Stops the server and its children, each of which serves one connection. */
        private static void stop(Process server) {
            List<ProcessHandle> all = server.toHandle().descendants().toList();
            all.forEach(ProcessHandle::destroy);
            server.destroy();
            all.forEach(process -> process.onExit().join());
            server.onExit().join();
        }

        private static String run(String... words) {
            Command.Result result = Command.of(words).run();
            if (result.exitCode() != 0) {
                throw new IllegalStateException(String.join(" ", words) + ": " + result.err());
            }
            return result.out();
        }

        private static void delete(Path file) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            undo();
            Runtime.getRuntime().removeShutdownHook(undoAtExit);
        }

        /** Removes everything in reverse order, even if one step fails. */
        private synchronized void undo() {
            RuntimeException failure = null;
            while (!undo.isEmpty()) {
                try {
                    undo.pop().run();
                } catch (RuntimeException e) {
                    failure = e;
                }
            }
            if (failure != null) {
                throw failure;
            }
        }
    }
}
