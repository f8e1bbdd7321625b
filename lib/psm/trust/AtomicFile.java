package psm.trust;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A file that is written beside the one that it replaces, so that at any time either the whole old
 * file or the whole new one exists.
 */
public final class AtomicFile implements AutoCloseable {
    private static final Set<OpenOption> NEW = Set.of(CREATE_NEW, WRITE);

    /** The folder with a link for each open file of this process. */
    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private final Path file;

    /** The new file; {@code null} if there was none so far. */
    private Path part;

    /** What writes it, as far as it was opened here; else {@code null}. */
    private FileChannel out;

    private AtomicFile(Path file, Path part) {
        this.file = file;
        this.part = part;
    }

    /**
     * Prepares new files in the folder of an old one, under names of their own. Other runs may
     * write the same file at the same time: the last one counts.
     */
    public static AtomicFile inFolder(Path file) {
        return new AtomicFile(file, null);
    }

    private static void requireNoFolder(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
    }

    /**
     * Makes an empty new file, and opens it: where others can write in the folder, they could put a
     * link in its place before it is opened by its name.
     *
     * @param permissions those of the new file, such as {@code rw-------}; {@code null} for those
     *     of an old file of this user, or that the umask leaves
     */
    public OutputStream open(String permissions) throws IOException {
        requireNoFolder(file);
        boolean isLikeOld =
                permissions == null && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
        Set<PosixFilePermission> wanted =
                isLikeOld
                        ? permissions(file)
                        : PosixFilePermissions.fromString(
                                permissions == null ? "rw-rw-rw-" : permissions);
        create(PosixFilePermissions.asFileAttribute(wanted));
        try {
            boolean isExact = isLikeOld ? owner(file).equals(owner(part)) : permissions != null;
            if (isExact && !wanted.equals(permissions(part))) {
                permit(wanted); // what the umask has removed
            }
        } catch (NoSuchFileException e) {
            throw removed(e);
        }
        return Channels.newOutputStream(out);
    }

    /** Returns what to say instead of that the new file does not exist. */
    private static IOException removed(NoSuchFileException e) {
        return new IOException("another program has removed the new file meanwhile", e);
    }

    private void create(FileAttribute<?> permissions) throws IOException {
        for (boolean isOpen = false; !isOpen; ) {
            if (part == null) {
                String name = Long.toUnsignedString(ThreadLocalRandom.current().nextLong());
                part = file.resolveSibling(".psm" + name + ".part");
            }
            try {
                part.toFile().deleteOnExit(); // if a signal ends psm
                out = FileChannel.open(part, NEW, permissions);
                isOpen = true;
            } catch (FileAlreadyExistsException e) {
                part = null; // another user has seen the name of the last new file
            } catch (IllegalStateException e) {
                throw new IOException("psm was stopped", e);
            }
        }
    }

    private static Set<PosixFilePermission> permissions(Path path) throws IOException {
        return Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static Object owner(Path path) throws IOException {
        return Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Sets the permissions of the new file, which is open. By its name, they could be those of
     * another file, which another user has put in its place.
     */
    private void permit(Set<PosixFilePermission> wanted) throws IOException {
        Path real = file.getParent().toRealPath().resolve(part.getFileName());
        try (DirectoryStream<Path> open = Files.newDirectoryStream(DESCRIPTORS)) {
            for (Path each : open) {
                if (Files.isSymbolicLink(each) && real.equals(Files.readSymbolicLink(each))) {
                    Files.setPosixFilePermissions(each, wanted);
                    return;
                }
            }
        } catch (FileSystemException e) {
            return; // not every file system has permissions
        }
    }

    /** Writes the new file beside the old one. */
    public static AtomicFile beside(Path file, String content, String permissions)
            throws IOException {
        requireNoFolder(file);
        AtomicFile atomic =
                new AtomicFile(file, file.resolveSibling("." + file.getFileName() + ".part"));
        Files.deleteIfExists(atomic.part); // an installation was killed
        Files.createFile(atomic.part, atMost("rw-------"));
        try {
            Files.writeString(atomic.part, content);
            Files.setPosixFilePermissions(
                    atomic.part, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            atomic.close();
            throw e;
        }
        return atomic;
    }

    /** Returns the new file, which has another name until it replaces the old one. */
    public Path part() {
        return part;
    }

    /** Puts the new file in the place of the old one, once it is on the disk. */
    public void replace() throws IOException {
        if (out != null && out.isOpen()) {
            out.force(true); // else it could be empty after a power failure
            out.close();
        }
        try {
            Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
        } catch (NoSuchFileException e) {
            throw removed(e);
        }
    }

    /** Writes a file, and replaces an older one if it exists. */
    public static void replace(Path file, String content, String permissions) throws IOException {
        try (AtomicFile atomic = beside(file, content, permissions)) {
            atomic.replace();
        }
    }

    /** Returns permissions for a new file or folder; the umask may remove some of them. */
    public static FileAttribute<Set<PosixFilePermission>> atMost(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** Deletes the new file, unless it is in its place. */
    @Override
    public void close() throws IOException {
        try {
            if (out != null) {
                out.close();
            }
        } finally {
            if (part != null) {
                Files.deleteIfExists(part);
            }
        }
    }
}
