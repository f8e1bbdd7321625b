package psm.trust;

import psm.text.Problem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks whether only root can change the file that a path leads to: each folder on the way, and
 * each link and its target, must belong to root and be writable by no other user. A folder on the
 * way may be a sticky one, such as {@code /tmp}: other users cannot replace what is root's in it.
 * Access control lists need no extra check, since an entry cannot grant more than the group's
 * permissions.
 */
public final class RootOwned {
    /** The largest number of links that the kernel follows in one path. */
    private static final int MAX_LINKS = 40;

    /**
     * The largest number of files that are checked below a folder. A JDK has about 500; a link to
     * the root of the file system would lead to millions.
     */
    private static final int MAX_FILES = 100_000;

    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int WRITABLE_BY_GROUP = 0020;

    private RootOwned() {}

    /** Returns the permissions, the owner and the group of a file: {@code rw-r----- root:adm}. */
    public static String access(PosixFileAttributes file) {
        return PosixFilePermissions.toString(file.permissions())
                + ' '
                + file.owner().getName()
                + ':'
                + file.group().getName();
    }

    /**
     * Returns the first problem of a path, or {@code null}. A file that does not exist yet is not a
     * problem; but where another user can create it first, it must be checked once more.
     */
    public static Problem problem(Path path) throws IOException {
        return problem(path, false, true, true);
    }

    /**
     * Returns the first problem of a path that something refers to for good, or {@code null}: no
     * folder on the way may be a sticky one, in which other users can make the path once it has
     * been deleted. It need not exist yet.
     */
    public static Problem problemOfLasting(Path path) throws IOException {
        return problem(path, false, true, false);
    }

    /**
     * Returns the first problem of a path that must exist, or {@code null}. Without a problem, no
     * other user can put another file in its place afterwards.
     */
    public static Problem problemOfExisting(Path path) throws IOException {
        return problem(path, false, false, true);
    }

    /**
     * Returns the first problem of a folder in which a path goes on, or {@code null}: it may be a
     * sticky one.
     */
    public static Problem problemOnTheWay(Path folder) throws IOException {
        return problem(folder, true, false, true);
    }

    /** Returns the problem of a folder itself, whatever is above it, or {@code null}. */
    public static Problem problemOfItself(Path folder) throws IOException {
        return problemOf(folder, false);
    }

    private static Problem problem(
            Path path, boolean goesOn, boolean mayBeMissing, boolean mayBeSticky)
            throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        push(path.toAbsolutePath(), names);
        Path at = Path.of("/");
        Problem problem = problemOf(at, true);
        int links = 0;
        while (problem == null && !names.isEmpty()) {
            String name = names.pop().toString();
            if (name.equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                continue;
            }
            Path next = name.equals(".") ? at : at.resolve(name);
            if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                return mayBeMissing ? null : problem(next + " does not exist");
            }
            problem = problemOf(next, mayBeSticky && (goesOn || !names.isEmpty()));
            if (!Files.isSymbolicLink(next)) {
                at = next;
            } else if (++links > MAX_LINKS) {
                problem = problem(next + " contains too many links");
            } else {
                Path target = Files.readSymbolicLink(next);
                push(target, names);
                at = target.isAbsolute() ? Path.of("/") : at;
            }
        }
        return problem;
    }

    private static void push(Path path, Deque<Path> names) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            names.push(path.getName(i));
        }
    }

    /**
     * Returns the first problem of a folder or anything that it contains, also behind links, or
     * {@code null}.
     */
    public static Problem problemBelow(Path folder) throws IOException {
        Set<Path> seen = new HashSet<>();
        Deque<Path> links = new ArrayDeque<>(Set.of(folder));
        int files = 0;
        while (!links.isEmpty()) {
            Path link = links.pop();
            // A link in the folder may lead nowhere.
            Problem problem = problem(link, false, !link.equals(folder), true);
            if (problem != null) {
                return problem;
            }
            if (!Files.isDirectory(link) || !seen.add(link.toRealPath())) {
                continue;
            }
            try (Stream<Path> all = Files.walk(link.toRealPath())) {
                for (Iterator<Path> each = all.iterator(); each.hasNext(); ) {
                    Path path = each.next();
                    problem = problemOf(path, false);
                    if (problem == null && ++files > MAX_FILES) {
                        problem = problem(folder + " leads to more than " + MAX_FILES + " files");
                    }
                    if (problem != null) {
                        return problem;
                    }
                    if (Files.isSymbolicLink(path)) {
                        links.push(path);
                    }
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        return null;
    }

    /**
     * Returns the problem of a file, folder or link itself, whatever its path is.
     *
     * @param isOnTheWay whether the path leads further: then it may be a sticky folder
     */
    private static Problem problemOf(Path path, boolean isOnTheWay) throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null; // it was deleted after it was listed
        }
        int uid = (Integer) found.get("uid");
        int mode = (Integer) found.get("mode");
        if (uid != 0) {
            return problem(path + " belongs to user " + uid + ", not to root");
        }
        boolean isSticky = (mode & STICKY) != 0 && isOnTheWay;
        if (isSticky || Files.isSymbolicLink(path)) {
            return null; // the permissions of a link mean nothing
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            return problem(path + " is writable by every user");
        }
        if ((mode & WRITABLE_BY_GROUP) != 0) {
            return problem(path + " is writable by its group");
        }
        return null;
    }

    /**
     * Returns a problem with the only remedy that is always right. A change of the owner or the
     * permissions would make root trust what another user may have written.
     */
    private static Problem problem(String what) {
        return new Problem(what, "use another that only root can write");
    }
}
