package psm.install;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Replaces files so that at any time either the whole old file or the whole new one exists. */
final class AtomicFile {
    private AtomicFile() {}

    /** Writes a file, and replaces an older one if it exists. */
    static void replace(Path file, String content, String permissions) throws IOException {
        Path part = Files.createTempFile(file.getParent(), ".psm", ".part");
        try {
            Files.writeString(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions));
            Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }
}
