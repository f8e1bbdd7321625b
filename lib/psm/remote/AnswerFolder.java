package psm.remote;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A private folder for what machines send. It is removed with all that is in it at the end, also if
 * a signal ends psm. Safe for use by several threads.
 */
final class AnswerFolder implements AutoCloseable {
    /** Usually on a disk, while {@code /tmp} is RAM on many machines. */
    private static final String ON_DISK = "/var/tmp";

    private final Thread hook = new Thread(this::end, "psm-hosts-folder");

    /** The folder; {@code null} before it is needed. */
    private Path path;

    private int count;
    private boolean isClosed;

    /** Makes a folder for one machine; none of its names is of the machine. */
    synchronized Path make() throws IOException {
        requireOpen();
        if (path == null) {
            path = Files.createTempDirectory(Path.of(parent()), "psm-hosts"); // only this user's
            Runtime.getRuntime().addShutdownHook(hook);
        }
        return Files.createDirectory(path.resolve(Integer.toString(++count)));
    }

    /** Makes a file in the folder of a machine. */
    synchronized OutputStream create(Path folder, String name) throws IOException {
        requireOpen();
        return Files.newOutputStream(folder.resolve(name), StandardOpenOption.CREATE_NEW);
    }

    /** Returns the path of the folder for temporary files that may be large. */
    static String parent() {
        String chosen = System.getenv("TMPDIR");
        if (chosen != null && !chosen.isEmpty()) {
            return chosen;
        }
        return Files.isWritable(Path.of(ON_DISK)) ? ON_DISK : System.getProperty("java.io.tmpdir");
    }

    private void requireOpen() throws IOException {
        if (isClosed) {
            throw new IOException("psm ends");
        }
    }

    /** Removes a folder and what is in it, as far as possible. */
    static void remove(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                    remove(file);
                } else {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            // The user has removed it.
        }
        folder.toFile().delete();
    }

    private synchronized void end() {
        isClosed = true;
        if (path != null) {
            remove(path);
            path = null;
        }
    }

    @Override
    public synchronized void close() {
        if (path != null) {
            end();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // Java exits, and the hook runs.
            }
        }
        isClosed = true;
    }
}
