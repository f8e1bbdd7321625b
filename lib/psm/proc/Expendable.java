package psm.proc;

import java.io.IOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads files that may block for ever: in a copy of {@code /proc}, the owner of the folder can
 * replace a file by a pipe at any time, also after psm has looked at it.
 */
final class Expendable {
    /**
     * The time to wait for a file. If it is too low, files on a slow disk are missed; if it is too
     * high, psm takes long for a few pipes.
     */
    private static final long MAX_MILLIS = 2000;

    private Expendable() {}

    /** Reads in a thread of its own, which is left behind if it does not end in time. */
    static <T> T read(Callable<T> file) throws IOException {
        FutureTask<T> task = new FutureTask<>(file);
        Thread thread = new Thread(task, "psm-file");
        thread.setDaemon(true); // a blocked thread must not keep psm from exiting
        thread.start();
        try {
            return task.get(MAX_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
