package psm.install;

import psm.trust.AtomicFile;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Makes the commands that change an installation wait for one another: each would else delete what
 * another is writing. Only the owner of the installation can open the file that is locked, so
 * nobody else can hold the lock. The kernel releases it when the process ends, however it ends.
 */
final class InstallLock implements AutoCloseable {
    private static final Set<OpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final FileChannel channel;
    private final Path file;
    private final List<Path> folders;

    private InstallLock(FileChannel channel, Path file, List<Path> folders) {
        this.channel = channel;
        this.file = file;
        this.folders = folders;
    }

    /**
     * Waits for the lock of a prefix, and makes the folders that lead to it. The installation that
     * held the lock before may have deleted the file; then there is another to be locked.
     *
     * @param remarks receives a line if there is something to wait for
     */
    static InstallLock take(Prefix prefix, Consumer<String> remarks) throws IOException {
        List<Path> made = new ArrayList<>();
        while (true) {
            InstallRecord.makeFolders(prefix.state(), made);
            FileChannel channel;
            try {
                channel = FileChannel.open(prefix.lock(), OPTIONS, AtomicFile.atMost("rw-------"));
            } catch (NoSuchFileException e) {
                continue; // the folder was deleted after it was found
            }
            try {
                waitFor(channel, prefix, remarks);
                if (isStillThere(channel, prefix.lock())) {
                    return new InstallLock(channel, prefix.lock(), made);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
        }
    }

    private static void waitFor(FileChannel channel, Prefix prefix, Consumer<String> remarks)
            throws IOException {
        FileLock lock = channel.tryLock();
        if (lock == null) {
            remarks.accept(
                    "another psm is changing the installation in "
                            + prefix.folder()
                            + "; waiting for it");
            channel.lock();
        }
    }

    /**
     * Returns whether the file that was locked is the one that has the name, by a size that only
     * this process can have given it. (To open the file once more, and close it, would release the
     * lock; see fcntl(2).)
     */
    private static boolean isStillThere(FileChannel channel, Path file) throws IOException {
        int size = new SecureRandom().nextInt(1 << 15) + 1;
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(1), size - 1); // a hole, so it takes one block
        boolean isStillThere;
        try {
            isStillThere = Files.size(file) == size;
        } catch (NoSuchFileException e) {
            isStillThere = false;
        }
        channel.truncate(0);
        return isStillThere;
    }

    /** Deletes the file, and the folders that were made for it, if nothing else is in them. */
    void undo() throws IOException {
        Files.deleteIfExists(file);
        for (int i = folders.size() - 1; i >= 0; i--) {
            folders.get(i).toFile().delete(); // fails unless it is empty
        }
    }

    /** Lists the folders that were made for the file. */
    List<Path> folders() {
        return folders;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
