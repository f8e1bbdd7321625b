package psm.cli;

import psm.text.Failure;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The standard output of the process, as exporters get it: it stays open when they close it, and it
 * keeps a failure that they swallow (a PrintStream does).
 */
public final class StandardOutput extends FilterOutputStream {
    /** Most reports fit: they are written at once, or not at all. */
    private static final int BUFFER_BYTES = 64 * 1024;

    // The types of files in st_mode, see inode(7).
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFSOCK = 0xC000;

    private final String target = target(1);
    private IOException failure;

    public StandardOutput() {
        super(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES));
    }

    boolean isTerminal() {
        return isTerminal(target);
    }

    /**
     * @param target what a standard stream is connected to
     */
    static boolean isTerminal(String target) {
        return target.startsWith("/dev/pts/")
                || target.startsWith("/dev/tty")
                || target.equals("/dev/console");
    }

    /** Whether text that is shown there may have signs beyond ASCII: the locale is UTF-8. */
    static boolean isUnicode() {
        return "UTF-8".equals(System.getProperty("native.encoding"));
    }

    /**
     * Whether a failure to write means that the reader went away: nothing else can fail on a pipe.
     * (The message of the failure is in the locale's language.)
     */
    private boolean isPipe() {
        try {
            int type =
                    (Integer) Files.getAttribute(Path.of("/proc/self/fd/1"), "unix:mode") & S_IFMT;
            return type == S_IFIFO || type == S_IFSOCK;
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no /proc: it may be one, but a full disk must not go untold
        }
    }

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
     * Flushes what is left.
     *
     * @throws IOException the first failure, whoever met it
     */
    private void finish() throws IOException {
        if (failure == null) {
            flush();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Writes text, and all that was written before it.
     *
     * @throws Failure where it cannot be written, although there is a reader
     */
    public void print(String text) throws Failure {
        write(text);
        end();
    }

    /** Writes all that is still in the buffer, as {@link #print} does. */
    void end() throws Failure {
        try {
            finish();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes text, of which some may stay in the buffer. */
    void write(String text) throws Failure {
        try {
            write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            failed(e);
        }
    }

    /**
     * Ends psm with a failure to write, unless the reader went away: it has read enough.
     *
     * @throws Failure for others, such as a full disk
     */
    void failed(IOException e) throws Failure {
        if (!isPipe()) {
            throw Failure.of("cannot write to standard output: " + Failure.reason(e), e);
        }
    }

    /** The first failure to write, whoever met it; {@code null} where there was none. */
    IOException failure() {
        return failure;
    }

    private IOException remembered(IOException e) {
        if (failure == null) {
            failure = e;
        }
        return e;
    }

    /**
     * What a stream is connected to; empty where that cannot be told.
     *
     * @param descriptor 0 for standard input, 1 for standard output
     */
    static String target(int descriptor) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // no /proc: neither a terminal nor a pipe, as far as psm can tell
        }
    }
}
