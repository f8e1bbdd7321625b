package psm.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** An empty file that knows whether it was opened: a pipe, whose other end waits for a reader. */
public final class WatchedFile implements AutoCloseable {
    /** The time for the waiting thread to end after the pipe was opened. */
    private static final long MAX_MILLIS = 300;

    private final Path path;
    private final Thread writer;

    public WatchedFile(Path path) throws IOException {
        this.path = path;
        Files.deleteIfExists(path);
        assertEquals(0, Command.of("mkfifo", path.toString()).run().exitCode());
        writer = new Thread(this::await, "writer of " + path);
        writer.setDaemon(true);
        writer.start();
    }

    private void await() {
        try {
            new FileOutputStream(path.toFile()).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public boolean wasOpened() throws InterruptedException {
        TimeUnit.MILLISECONDS.timedJoin(writer, MAX_MILLIS);
        return !writer.isAlive();
    }

    @Override
    public void close() throws IOException {
        new RandomAccessFile(path.toFile(), "rw").close();
    }
}
