package psm.metrics;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A node_exporter for the tests, which serves the files of a folder and nothing else. */
public final class OwnNodeExporter implements AutoCloseable {
    private final Path log;
    private final OwnServer server;

    /** Starts it; skips the tests where it is not installed. */
    public OwnNodeExporter(Path textfiles) throws IOException {
        log = Files.createTempFile("psm-node-exporter", ".log");
        server =
                OwnServer.start(
                        log,
                        "/",
                        List.of(
                                "prometheus-node-exporter",
                                "--collector.disable-defaults",
                                "--collector.textfile",
                                "--collector.textfile.directory=" + textfiles));
    }

    /** Returns {@code HOST:PORT}, which a Prometheus can scrape. */
    public String address() {
        return server.address();
    }

    public long pid() {
        return server.process().pid();
    }

    /** Returns what it serves at this moment. */
    public String metrics() throws IOException {
        return server.page("/metrics");
    }

    /** Returns what it has written, among this why it does not serve a file. */
    public String log() throws IOException {
        return Files.readString(log);
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(log);
    }
}
