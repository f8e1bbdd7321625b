package psm.metrics;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.support.Command;
import psm.support.Undo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An HTTP server of another project on a free port of the loopback device. It ends when it is
 * closed, or with this process.
 */
public final class OwnServer implements AutoCloseable {
    /** The time in which a server starts, answers or ends, on a busy machine too. */
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    /** How often a server starts anew where another program has taken its port meanwhile. */
    private static final int ATTEMPTS = 3;

    /** How long to wait before a server is asked again. */
    private static final int PAUSE_MILLIS = 50;

    private final HttpClient client =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(TIMEOUT)
                    .build();
    private final Undo undo = new Undo();
    private final String address;
    private final Process process;

    private OwnServer(String address, Process process) {
        this.address = address;
        this.process = process;
        undo.push(this::end);
    }

    /**
     * Starts a server, and waits until it answers; skips the tests where it is not installed.
     *
     * @param log a file for what it writes
     * @param ready the path of a page that is there as soon as it serves
     * @param words the command, to which {@code --web.listen-address} is added
     */
    static OwnServer start(Path log, String ready, List<String> words) throws IOException {
        assumeTrue(Command.exists(words.get(0)), "there is no " + words.get(0) + " here");
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            String address = "127.0.0.1:" + freePort();
            List<String> all = new ArrayList<>(words);
            all.add("--web.listen-address=" + address);
            Command command = Command.of(all.toArray(new String[0]));
            OwnServer server = new OwnServer(address, command.start(log, log));
            if (server.becomesReady(ready)) {
                return server;
            }
            server.close();
        }
        throw new IOException(words + " does not start: " + Files.readString(log));
    }

    /** Returns a port on which no program listens at this moment. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean becomesReady(String path) {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (process.isAlive() && System.nanoTime() < end) {
            try {
                if (response(path).statusCode() == 200) {
                    return true;
                }
            } catch (IOException e) {
                // It does not listen yet.
            }
            pause();
        }
        return false;
    }

    /** Returns {@code HOST:PORT}. */
    String address() {
        return address;
    }

    Process process() {
        return process;
    }

    /** Returns a page, which must be there. */
    String page(String path) throws IOException {
        HttpResponse<String> response = response(path);
        if (response.statusCode() != 200) {
            throw new IOException(path + ": " + response.statusCode() + ' ' + response.body());
        }
        return response.body();
    }

    private HttpResponse<String> response(String path) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://" + address + path))
                        .timeout(TIMEOUT)
                        .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Returns a text as it stands in the query of an address. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Waits a little before a server is asked again. */
    static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException(e);
    }

    private void end() {
        process.destroy();
        try {
            if (!process.waitFor(TIMEOUT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        undo.close();
    }
}
