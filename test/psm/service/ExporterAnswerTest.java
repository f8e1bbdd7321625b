package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Asks programs that listen where a node_exporter should. */
@Timeout(120)
class ExporterAnswerTest {
    private static final String OK = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n";

    /** Sends an answer to one client. */
    private interface Sender {
        void send(OutputStream out) throws Exception;
    }

    private static ExporterAnswer ask(Sender sender) throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread =
                    new Thread(
                            () -> {
                                try (Socket socket = server.accept()) {
                                    socket.getInputStream().read(new byte[4096]);
                                    sender.send(socket.getOutputStream());
                                } catch (Exception e) {
                                    return; // the client has closed it
                                }
                            });
            thread.setDaemon(true);
            thread.start();
            return ExporterAnswer.ask(
                    new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                    "/metrics");
        }
    }

    private static ExporterAnswer ask(String answer) throws IOException {
        return ask(out -> out.write(answer.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Test
    void theTimeOfTheFileIsFound() throws IOException {
        ExporterAnswer answer =
                ask(
                        OK
                                + "# TYPE psm_taken_at_seconds gauge\n"
                                + "psm_taken_at_seconds_x 5\npsm_taken_at_seconds 1.7e+09\n"
                                + "node_textfile_scrape_error 0\n");
        assertEquals(new ExporterAnswer(200, 1.7e9, false), answer);
        answer = ask(OK + "node_textfile_scrape_error 1\n");
        assertTrue(Double.isNaN(answer.takenAt()));
        assertTrue(answer.hasError());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\u0000\u0001\u0002",
                "HTTP/1.0",
                "HTTP/1.0 abc\r\n",
                "\u0015\u0003\u0001"
            })
    void whatIsNoHttpHasNoStatus(String bytes) throws IOException {
        assertEquals(0, ask(bytes + "\n").status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"400 Bad Request", "401 Unauthorized", "500 Oops", "301 Moved"})
    void aRefusalHasAStatus(String status) throws IOException {
        ExporterAnswer answer = ask("HTTP/1.1 " + status + "\r\n\r\n");
        assertEquals(Integer.parseInt(status.substring(0, 3)), answer.status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "-1", "1e", "1.2.3", "Infinity", "", "0x1p3", "1d"})
    void aTimeThatIsNoneIsNotTaken(String time) throws IOException {
        assertTrue(Double.isNaN(ask(OK + "psm_taken_at_seconds " + time + "\n").takenAt()));
    }

    @Test
    void anAnswerThatDoesNotComeIsNotAwaited() {
        assertThrows(IOException.class, () -> ask(out -> Thread.sleep(60_000)));
    }

    @Test
    void anAnswerThatDripsIsNotAwaited() {
        assertThrows(
                IOException.class,
                () ->
                        ask(
                                out -> {
                                    for (byte each :
                                            (OK + "x 1\n".repeat(1000))
                                                    .getBytes(StandardCharsets.US_ASCII)) {
                                        out.write(each);
                                        Thread.sleep(100);
                                    }
                                }));
    }

    /** 500 MB, in lines and in one line: neither is kept. */
    @ParameterizedTest
    @ValueSource(strings = {"x 1\n", "x"})
    void anAnswerWithoutEndIsNotRead(String part) {
        byte[] block = part.repeat(1 << 18).getBytes(StandardCharsets.US_ASCII);
        assertThrows(
                IOException.class,
                () ->
                        ask(
                                out -> {
                                    out.write(OK.getBytes(StandardCharsets.US_ASCII));
                                    for (long sent = 0; sent < 500 << 20; sent += block.length) {
                                        out.write(block);
                                    }
                                }));
    }

    @Test
    void theTimeInAFileIsFound() throws IOException {
        byte[] file = "a 1\npsm_taken_at_seconds 12.5\n".getBytes(StandardCharsets.US_ASCII);
        assertEquals(12.5, ExporterAnswer.takenAt(new ByteArrayInputStream(file)));
    }

    private static NodeExporter exporter(String... options) {
        String[] words = new String[options.length + 1];
        words[0] = "/usr/bin/node_exporter";
        System.arraycopy(options, 0, words, 1, options.length);
        return NodeExporter.of("self", 0, words);
    }

    @Test
    void onlyThatOfDebianReadsAFolderWithoutAnOption() {
        assertEquals("", exporter().folder());
        assertFalse(exporter().reads(Path.of("").toAbsolutePath()));
        String usual = "/var/lib/prometheus/node-exporter";
        NodeExporter debian = NodeExporter.of("self", 0, "/usr/bin/prometheus-node-exporter");
        assertEquals(usual, debian.folder());
    }

    @Test
    void aFolderHasSeveralNames(@TempDir Path folder) throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);
        Path here = Path.of("").toAbsolutePath();
        for (String name :
                List.of(real + "/", real + "/../real", link + "", here.relativize(real) + "")) {
            assertTrue(exporter("--collector.textfile.directory=" + name).reads(real), name);
        }
        for (String name : List.of(folder + "", folder + "/missing", "", "x")) {
            assertFalse(exporter("--collector.textfile.directory=" + name).reads(real), name);
        }
    }

    @Test
    void optionsAreReadAsNodeExporterDoes() throws IOException {
        NodeExporter usual = exporter();
        assertEquals(9100, usual.local().getPort());
        assertEquals("/metrics", usual.page());
        NodeExporter other =
                exporter(
                        "--collector.textfile.directory",
                        "/proc/self/",
                        "--web.listen-address=[::1]:7000",
                        "--web.telemetry-path=/m");
        assertEquals("/proc/self/", other.folder());
        assertEquals(7000, other.local().getPort());
        assertTrue(other.local().getAddress().isLoopbackAddress());
        assertEquals("/m", other.page());
    }

    /** A user may run a program of that name, with any options. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "192.0.2.1:80",
                "example.org:80",
                "8.8.8.8:53",
                "[2001:db8::1]:80",
                ":99999",
                ":x",
                "",
                "9100",
                "1.2.3.4.5:80",
                "999.1.1.1:80",
                "[::1:80",
                "[1.2.3.4]:80",
                "[:]:80"
            })
    void noOtherHostIsAsked(String address) throws IOException {
        assertNull(exporter("--web.listen-address=" + address).local());
    }
}
