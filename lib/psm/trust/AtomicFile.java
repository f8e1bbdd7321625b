package psm.trust;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file that is written beside the one that it replaces, so that at any time either the whole old
 * file or the whole new one exists.
 */
public final class AtomicFile implements AutoCloseable {
    private final Path file;
    private final Path part;

    private AtomicFile(Path file, Path part) {
        this.file = file;
        this.part = part;
    }

    /**
     * Makes an empty new file in the same folder, to which only its owner has access. Other runs
     * may write the same file at the same time: the last one counts.
     */
    public static AtomicFile inFolder(Path file) throws IOException {
        requireNoFolder(file);
        FileAttribute<Set<PosixFilePermission>> own = atMost("rw-------");
        Path part = Files.createTempFile(file.getParent(), ".psm", ".part", own);
        part.toFile().deleteOnExit(); // if a signal ends psm
        return new AtomicFile(file, part);
    }

    private static void requireNoFolder(Path file) throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
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

    /** Puts the new file in the place of the old one. */
    public void replace() throws IOException {
        Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
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
        Files.deleteIfExists(part);
    }
}
