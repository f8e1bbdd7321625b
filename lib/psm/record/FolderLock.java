package psm.record;

import psm.text.Failure;
import psm.trust.AtomicFile;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * The lock on a folder, which one recorder has. Readers need none. Only its owner may open the
 * file: another user could lock it too, and keep the recorder out.
 */
final class FolderLock implements Closeable {
    static final String NAME = ".lock";
    private static final int RETRY_MILLIS = 100;
    private static final int MAX_PID_BYTES = 20;

    private final FileChannel file;

    private FolderLock(FileChannel file) {
        this.file = file;
    }

    /**
     * Locks a folder.
     *
     * @param asked the option and the folder, for messages
     * @param waitMillis how long to wait while another recorder has it
     * @throws Failure if another recorder has it
     */
    static FolderLock take(String asked, Path folder, long waitMillis) throws Failure, IOException {
        FileChannel file = open(folder.resolve(NAME));
        try {
            long waited = 0;
            while (!isLocked(file)) {
                if (waited >= waitMillis) {
                    throw Failure.of(
                            asked + ": psm record" + holder(file) + " records there", null);
                }
                Thread.sleep(RETRY_MILLIS);
                waited += RETRY_MILLIS;
            }
            byte[] pid = (ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII);
            file.truncate(0).write(ByteBuffer.wrap(pid), 0);
            return new FolderLock(file);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            file.close();
            throw Failure.of(asked + ": interrupted", e);
        } catch (Failure | IOException e) {
            file.close();
            throw e;
        }
    }

    private static FileChannel open(Path path) throws IOException {
        try {
            return SegmentFile.openOwn(
                    path, Set.of(StandardOpenOption.CREATE), AtomicFile.atMost("rw-------"));
        } catch (FileSystemException e) {
            if (e.getReason() == null || !Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                throw e;
            }
            throw new IOException(NAME + " in it " + e.getReason() + "; delete it", e);
        }
    }

    private static boolean isLocked(FileChannel file) throws IOException {
        try {
            FileLock lock = file.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            return false; // this process has it
        }
    }

    /** Returns which process has the lock, as its owner wrote it. */
    private static String holder(FileChannel file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MAX_PID_BYTES);
        file.read(bytes, 0);
        String pid = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII);
        return pid.matches("[0-9]{1,10}\n") ? " with pid " + pid.strip() : "";
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
