package psm.terminal;

import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;

import psm.text.Failure;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;

/** The standard output of the process. */
public final class StandardOutput extends ReportOutput {
    /**
     * The size of the buffer. Most reports fit into it, so they are written completely or not at
     * all.
     */
    private static final int BUFFER_BYTES = 64 * 1024;

    // The types of files in st_mode, see inode(7).
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFSOCK = 0xC000;

    private final String target = target(1);

    /** Whether anything was written since the last report ended. */
    private boolean hasWritten;

    public StandardOutput() {
        super(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES));
    }

    @Override
    public boolean isTerminal() {
        return isTerminal(target);
    }

    /**
     * Returns whether a standard stream is a terminal.
     *
     * @param target the file that the stream is connected to
     */
    public static boolean isTerminal(String target) {
        return target.startsWith("/dev/pts/")
                || target.startsWith("/dev/tty")
                || target.equals("/dev/console");
    }

    /** Returns whether the locale is UTF-8, so that text may contain more than ASCII. */
    public static boolean isUnicode() {
        return "UTF-8".equals(System.getProperty("native.encoding"));
    }

    /**
     * Returns whether standard output is a pipe or a socket. Writing to it fails only if the reader
     * has closed it. (The message of the exception depends on the language.)
     */
    private boolean isPipe() {
        try {
            int type =
                    (Integer) Files.getAttribute(Path.of("/proc/self/fd/1"), "unix:mode") & S_IFMT;
            return type == S_IFIFO || type == S_IFSOCK;
        } catch (IOException | UnsupportedOperationException e) {
            return false; // without /proc it may be a file, and a full disk must be reported
        }
    }

    /**
     * Removes the permissions of other users for the file that the shell has made for standard
     * output. A file that already contains something keeps them, and so does a file of another user
     * than this one, or the one that sudo(8) runs psm for.
     */
    @Override
    public void makePrivate() {
        Path file = Path.of("/proc/self/fd/1");
        try {
            Map<String, Object> status = Files.readAttributes(file, "unix:mode,uid,size");
            String owner = status.get("uid").toString();
            boolean isOwn =
                    owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString())
                            || owner.equals(System.getenv("SUDO_UID"));
            boolean isFile = ((Integer) status.get("mode") & S_IFMT) == S_IFREG;
            if (isOwn && isFile && status.get("size").equals(0L)) {
                Files.setPosixFilePermissions(file, EnumSet.of(OWNER_READ, OWNER_WRITE));
            }
        } catch (IOException | UnsupportedOperationException e) {
            return; // not every file system has permissions
        }
    }

    @Override
    public boolean isReplaced() {
        return false;
    }

    @Override
    public boolean discard() {
        return !hasWritten;
    }

    @Override
    public void write(int b) throws IOException {
        hasWritten = true;
        super.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        hasWritten = true;
        super.write(bytes, from, length);
    }

    @Override
    void finish() throws IOException {
        hasWritten = false;
        super.finish();
    }

    /**
     * Handles a failure to write. On a pipe it is ignored, since the reader has read enough.
     *
     * @throws Failure for other failures, such as a full disk
     */
    @Override
    public void failed(IOException e) throws Failure {
        if (!isPipe()) {
            throw Failure.of("cannot write to standard output: " + Failure.reason(e), e);
        }
    }

    /**
     * Returns the file that a stream is connected to; an empty name if that is not known.
     *
     * @param descriptor 0 for standard input, 1 for standard output
     */
    public static String target(int descriptor) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // without /proc, psm cannot know whether it is a terminal
        }
    }
}
