package psm.install;

import psm.proc.OwnProcess;
import psm.text.Failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Removes what {@link Installer} has written. */
final class Uninstaller {
    private final Prefix prefix;

    Uninstaller(Prefix prefix) {
        this.prefix = prefix;
    }

    /**
     * Removes the installation.
     *
     * @return a line for the user
     * @throws Failure if there is no installation, or some of it cannot be deleted
     */
    String uninstall() throws Failure {
        List<String> paths;
        try {
            checkOwner();
            paths = new ArrayList<>(InstallRecord.read(prefix));
            paths.removeIf(path -> !isBelowPrefix(path));
        } catch (IOException e) {
            throw Failure.usage("uninstall: " + InstallCommand.notInstalled(prefix), e);
        }
        try {
            GroupAccess.close(prefix);
            for (String path : paths) {
                if (!path.endsWith("/")) {
                    Files.deleteIfExists(prefix.folder().resolve(path));
                }
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + InstallCommand.reason(e), e);
        }
        deleteTree(prefix.home());
        if (Files.exists(prefix.home())) {
            throw Failure.of("uninstall: " + prefix.home() + " could not be deleted", null);
        }
        Collections.reverse(paths); // sorted, so that a folder comes before what it contains
        for (String path : paths) {
            if (path.endsWith("/")) {
                prefix.folder().resolve(path).toFile().delete(); // fails unless it is empty
            }
        }
        return "psm is no longer installed in " + prefix.folder() + '\n';
    }

    /**
     * Refuses to uninstall as root what another user has installed, since that user can write any
     * path into the record.
     */
    private void checkOwner() throws IOException, Failure {
        for (Path path : List.of(prefix.home(), prefix.record())) {
            Object owner = Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            if (new OwnProcess().isRoot() && !owner.equals(0)) {
                throw Failure.usage(
                        "uninstall: "
                                + path
                                + " belongs to user "
                                + owner
                                + ", who can uninstall it",
                        null);
            }
        }
    }

    private boolean isBelowPrefix(String file) {
        Path path = prefix.folder().resolve(file);
        return path.startsWith(prefix.folder()) && path.normalize().equals(path);
    }

    /** Deletes as much of a folder as it can. */
    static void deleteTree(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            return; // the caller checks what is left
        }
    }
}
