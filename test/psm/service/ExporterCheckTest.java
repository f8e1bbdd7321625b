package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** Asks programs that are named node_exporter, which any user can run. */
@Tag("user")
class ExporterCheckTest {
    private static final double TAKEN_AT = 1_700_000_000;

    /** Users of a service and of persons, none of which has a name. */
    private static final int SERVICE = 977;

    private static final int PERSON = 4711;

    @TempDir private Path folder;

    private final List<Process> running = new ArrayList<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private Path program;
    private HttpServer server;

    @BeforeEach
    void makeProgram() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can start programs of other users");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        program = folder.resolve("node_exporter");
        Files.copy(Path.of("/bin/sh").toRealPath(), program, StandardCopyOption.COPY_ATTRIBUTES);
    }

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    asked.add(exchange.getRequestURI().getPath());
                    byte[] body =
                            exchange.getRequestURI().getPath().endsWith("none")
                                    ? new byte[0]
                                    : "psm_taken_at_seconds 1.7e+09\n"
                                            .getBytes(StandardCharsets.US_ASCII);
                    exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        server.start();
    }

    @AfterEach
    void end() throws InterruptedException {
        if (server != null) {
            server.stop(0);
        }
        for (Process process : running) {
            process.destroyForcibly();
            process.waitFor();
        }
    }

    /** Starts what waits under the name, with options. */
    private Process start(int user, Path file, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of(file.toString(), "-c", "read x", "x"));
        words.addAll(List.of(options));
        words.addAll(0, List.of("setpriv", "--reuid=" + user, "--clear-groups"));
        Process process = new ProcessBuilder(words).start();
        running.add(process);
        Path name = Path.of("/proc", process.pid() + "", "comm");
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!Files.readString(name).equals("node_exporter\n")) {
            assertTrue(process.isAlive() && System.nanoTime() < end, "it does not start");
            Thread.sleep(5);
        }
        return process;
    }

    /** Starts what says that a page of the server is its own, and that it reads a folder. */
    private Process serving(int user, String page, String reads) throws Exception {
        return start(
                user,
                program,
                "--web.listen-address=127.0.0.1:" + server.getAddress().getPort(),
                "--web.telemetry-path=" + page,
                "--collector.textfile.directory=" + reads);
    }

    private ExporterCheck.Result result() throws IOException {
        return new ExporterCheck(folder, folder.resolve("psm.prom"), TAKEN_AT).result();
    }

    @Test
    void theExporterOfAServiceIsNamed() throws Exception {
        Process process = serving(SERVICE, "/metrics", folder.toString());
        ExporterCheck.Result result = result();
        assertNull(result.problem());
        assertEquals(
                "node_exporter (pid %d, user %d) at 127.0.0.1:%d serves these figures"
                        .formatted(process.pid(), SERVICE, server.getAddress().getPort()),
                result.served());
    }

    @Test
    void thoseOfPersonsAreNotAsked() throws Exception {
        Process process = serving(PERSON, "/-/quit", folder.toString());
        ExporterCheck.Result result = result();
        assertEquals(
                "node_exporter was not asked for the file: node_exporter (pid %d, user %d) is not"
                                .formatted(process.pid(), PERSON)
                        + " that of a service, and may serve whatever its user wants",
                result.problem().what());
        assertNull(result.problem().remedy());
        assertEquals(List.of(), asked);
    }

    @Test
    void thoseOfPersonsDoNotHideThatOfAService() throws Exception {
        for (int i = 0; i < 6; i++) {
            serving(PERSON + i, "/fake", folder.toString());
        }
        serving(SERVICE, "/none", folder.toString());
        ExporterCheck.Result result = result();
        assertTrue(result.problem().what().contains("user " + SERVICE + ")"), result + "");
        assertEquals("its user must be able to read it", result.problem().remedy());
        assertEquals(List.of("/none"), asked);
    }

    /** A shell that root runs for a user may have any name in its command line. */
    @Test
    void anotherProgramUnderTheNameIsNotAsked() throws Exception {
        Path link = Files.createDirectory(folder.resolve("x")).resolve("node_exporter");
        Files.createSymbolicLink(link, Path.of("/bin/sh"));
        start(0, link, "--web.listen-address=127.0.0.1:" + server.getAddress().getPort());
        assertTrue(result().problem().what().contains("not that of a service"));
        assertEquals(List.of(), asked);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tmp/x; touch evil #", "/tmp", "/tmp/$(id)", "/tmp/'x", "x", "/\n"})
    void noFolderOfOthersIsInACommand(String reads) throws Exception {
        serving(SERVICE, "/none", reads);
        String remedy = result().problem().remedy();
        assertEquals(
                "it reads another folder; start it with --collector.textfile.directory=" + folder,
                remedy);
    }

    @Test
    void aFolderOfRootIsInACommand() throws Exception {
        serving(SERVICE, "/none", "/usr/lib");
        String remedy = result().problem().remedy();
        assertTrue(
                remedy.startsWith("it reads /usr/lib; run 'psm install --textfile /usr/lib', or "),
                remedy);
    }

    @ParameterizedTest
    @ValueSource(longs = {1000, 4711, 60_000, 60_500, 65_535, 100_000, -1})
    void personsAreNoServices(long user) {
        assertFalse(NodeExporter.of("self", user, "node_exporter").isOfService());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 999, 61_184, 65_519, 65_534})
    void rootAndServicesAreServices(long user) {
        assertTrue(NodeExporter.of("self", user, "node_exporter").isOfService());
    }
}
