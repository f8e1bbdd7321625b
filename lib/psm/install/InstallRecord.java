package psm.install;

import psm.proc.OwnProcess;
import psm.text.Problem;
import psm.trust.AtomicFile;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The list of an installation's files and folders, with a path in each line: {@code psm install}
 * and {@code psm uninstall} delete nothing else. The paths are relative to the prefix, and those of
 * folders end with a slash. The files of a group's access are not listed, see {@link GroupAccess}.
 */
final class InstallRecord {
    private final Prefix prefix;

    /** What the installation before this one has written. */
    private final Set<String> before = new TreeSet<>();

    private final Set<String> paths = new TreeSet<>();

    /** Reads the record of the installation in a prefix, if there is one. */
    InstallRecord(Prefix prefix) throws IOException {
        this.prefix = prefix;
        if (Files.exists(prefix.record())) {
            before.addAll(Files.readAllLines(prefix.record()));
            before.removeIf(path -> !isOwn(path));
        }
    }

    /**
     * Returns whether psm may have written a path: it is below the prefix, or the prefix itself or
     * a folder above it, or {@link Prefix#FISH_OF_HOST}.
     */
    private boolean isOwn(String line) {
        if (line.matches("\\./|(\\.\\./)+") || path(line).equals(Prefix.FISH_OF_HOST)) {
            return true;
        }
        Path path = prefix.folder().resolve(line);
        return path.startsWith(prefix.folder()) && path.normalize().equals(path);
    }

    /** Returns whether the installation that the record was read from has written a file. */
    boolean contains(Path file) {
        return before.contains(prefix.folder().relativize(file).toString());
    }

    /** Lists the paths of the installation that the record was read from. */
    List<Path> paths() {
        List<Path> all = new ArrayList<>();
        for (String path : before) {
            all.add(path(path));
        }
        return all;
    }

    private Path path(String line) {
        return prefix.folder().resolve(line).normalize();
    }

    /**
     * Makes a folder and those above it if they are missing, readable for all users whatever the
     * umask is. Where every user can write, such as in {@code /tmp}, another user may have made one
     * first. So for root, each must be root's before anything is made in it.
     *
     * @param made receives the folders that were missing
     */
    static void makeFolders(Path folder, List<Path> made) throws IOException {
        if (folder.getParent() != null) {
            makeFolders(folder.getParent(), made);
        }
        if (!Files.isDirectory(folder)) {
            try {
                Files.createDirectory(folder, AtomicFile.atMost("rwxr-xr-x"));
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                made.add(folder);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(folder)) {
                    throw e;
                }
            }
        }
        Problem problem = new OwnProcess().isRoot() ? RootOwned.problemOnTheWay(folder) : null;
        if (problem != null) {
            throw new FileSystemException(folder.toString(), null, problem.what());
        }
    }

    /** Makes a folder and those above it if they are missing, and adds them. */
    void makeFolders(Path folder) throws IOException {
        List<Path> made = new ArrayList<>();
        try {
            makeFolders(folder, made);
        } finally {
            addFolders(made);
        }
    }

    /** Adds folders that were made. */
    void addFolders(Collection<Path> folders) {
        for (Path folder : folders) {
            String path = prefix.folder().relativize(folder).toString();
            paths.add((path.isEmpty() ? "." : path) + "/");
        }
    }

    /** Adds files that exist or will be written. */
    void addFiles(Collection<Path> files) {
        for (Path file : files) {
            paths.add(prefix.folder().relativize(file).toString());
        }
    }

    /**
     * Writes the record of both installations, so that the next one can delete what is left if this
     * one is killed.
     */
    void writeBoth() throws IOException {
        Set<String> both = new TreeSet<>(before);
        both.addAll(paths);
        write(both);
    }

    /** Writes the record of this installation alone, and deletes what only the one before had. */
    void complete() throws IOException {
        for (String path : before) {
            if (path.endsWith("/") && Files.isDirectory(path(path))) {
                paths.add(path); // psm made the folder, so it deletes it in the end
            }
        }
        paths.removeIf(path -> !Files.exists(path(path), LinkOption.NOFOLLOW_LINKS));
        Set<String> old = new TreeSet<>(before);
        old.removeAll(paths);
        delete(old);
        Set<String> empty = new TreeSet<>(before);
        empty.removeIf(path -> !path.endsWith("/"));
        delete(empty);
        paths.removeIf(path -> !Files.exists(path(path), LinkOption.NOFOLLOW_LINKS));
        write(paths);
    }

    /** Deletes what only this installation has, and writes the record of the one before. */
    void undo() throws IOException {
        Set<String> own = new TreeSet<>(paths);
        own.removeAll(before);
        if (before.isEmpty()) {
            Files.deleteIfExists(prefix.record());
        } else {
            write(before);
            own.remove(prefix.folder().relativize(prefix.lock()).toString());
        }
        delete(own);
    }

    /** Deletes the installation that the record was read from. */
    void deleteAll() throws IOException {
        Set<String> all = new TreeSet<>(before);
        all.remove(prefix.folder().relativize(prefix.record()).toString());
        delete(files(all));
        Files.deleteIfExists(prefix.record()); // last, so that a second try finds what is left
        delete(all);
    }

    private void write(Set<String> lines) throws IOException {
        AtomicFile.replace(prefix.record(), String.join("\n", lines) + "\n", "rw-r--r--");
    }

    private static Set<String> files(Set<String> lines) {
        Set<String> files = new TreeSet<>(lines);
        files.removeIf(path -> path.endsWith("/"));
        return files;
    }

    /** Returns whether root can delete a path: no other user can make it lead elsewhere. */
    private static boolean isSafe(Path path) throws IOException {
        return !new OwnProcess().isRoot() || RootOwned.problemOnTheWay(path.getParent()) == null;
    }

    /** Deletes files, and then folders, unless they contain what others have written. */
    private void delete(Set<String> lines) throws IOException {
        for (String file : files(lines)) {
            Path path = path(file);
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && isSafe(path)) {
                Files.deleteIfExists(path);
            }
        }
        List<Path> folders = new ArrayList<>();
        for (String line : lines) {
            Path path = path(line);
            boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            if (line.endsWith("/") && isFolder && isSafe(path)) {
                folders.add(path);
            }
        }
        folders.sort((a, b) -> b.getNameCount() - a.getNameCount());
        for (Path folder : folders) {
            if (prefix.isOfOneInstallation(folder)) {
                Uninstaller.deleteTree(folder); // one that was killed has written more into it
            }
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException e) {
                // Others have written into it.
            }
        }
    }
}
