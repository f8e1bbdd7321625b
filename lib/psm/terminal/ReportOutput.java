package psm.terminal;

import psm.text.Failure;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Where reports go. It stays open when an exporter closes it, and it remembers a failure to write
 * even if an exporter ignores it, as PrintStream does.
 */
public abstract class ReportOutput extends FilterOutputStream {
    private IOException failure;

    ReportOutput(OutputStream out) {
        super(out);
    }

    /** Returns whether it is a terminal. */
    public abstract boolean isTerminal();

    /** Returns whether each report replaces the one before it. */
    public abstract boolean isReplaced();

    /** Removes the permissions of other users for a file that the shell has made. */
    public void makePrivate() {
        // a file that psm makes has its permissions from the start
    }

    /**
     * Drops what was written since the last report ended, if that is still possible.
     *
     * @return whether nothing of it is left
     */
    public abstract boolean discard();

    /**
     * Handles a failure to write.
     *
     * @throws Failure unless the failure only means that the reader has read enough
     */
    public abstract void failed(IOException e) throws Failure;

    @Override
    public void write(int b) throws IOException {
        try {
            out.write(b);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void close() throws IOException {
        flush();
    }

    /**
     * Writes all that is still in the buffer.
     *
     * @throws IOException the first failure to write, now or before
     */
    void finish() throws IOException {
        if (failure == null) {
            flush();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Writes text, and all that is still in the buffer.
     *
     * @throws Failure as {@link #failed} does
     */
    public void print(String text) throws Failure {
        write(text);
        end();
    }

    /** Ends a report: writes all that is still in the buffer, and fails as {@link #print} does. */
    public void end() throws Failure {
        try {
            finish();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes text, some of which may stay in the buffer. */
    public void write(String text) throws Failure {
        try {
            write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Returns the first failure to write; {@code null} if there was none. */
    public IOException failure() {
        return failure;
    }

    /** Forgets a failure of a report that is dropped. */
    void forgetFailure() {
        failure = null;
    }

    IOException remembered(IOException e) {
        if (failure == null) {
            failure = e;
        }
        return e;
    }
}
