package psm.install;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The list of an installation's files, with a path in each line, so that {@code psm uninstall}
 * deletes only these. The paths are relative to the prefix; those of folders end with a slash.
 * Files below {@code lib/psm} are not listed, since that whole folder belongs to psm.
 */
final class InstallRecord {
    private final Prefix prefix;
    private final Set<String> paths = new TreeSet<>();

    InstallRecord(Prefix prefix) {
        this.prefix = prefix;
    }

    /** Reads the paths in the record of a prefix, sorted. */
    static List<String> read(Prefix prefix) throws IOException {
        return Files.readAllLines(prefix.record());
    }

    /**
     * Makes a folder and those above it if they are missing, readable for all users whatever the
     * umask is.
     */
    void makeFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            makeFolders(folder.getParent());
            Files.createDirectory(folder, atMost("rwxr-xr-x"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (folder.startsWith(prefix.folder()) && !folder.startsWith(prefix.home())) {
                paths.add(prefix.folder().relativize(folder) + "/");
            }
        }
    }

    /** Returns permissions for a new file or folder; the umask may remove some of them. */
    static FileAttribute<Set<PosixFilePermission>> atMost(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /**
     * Writes the record: the folders that were made, these files, and what the old record lists.
     */
    void write(Collection<Path> files) throws IOException {
        for (Path file : files) {
            paths.add(prefix.folder().relativize(file).toString());
        }
        if (Files.exists(prefix.record())) {
            paths.addAll(read(prefix));
        }
        AtomicFile.replace(prefix.record(), String.join("\n", paths) + "\n", "rw-r--r--");
    }
}
