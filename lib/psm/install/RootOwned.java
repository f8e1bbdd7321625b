package psm.install;

import psm.text.Problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Checks whether only root can change the file that a path leads to: each folder on the way, and
 * each link and its target, must belong to root and be writable by no other user. Access control
 * lists need no extra check, since an entry cannot grant more than the group's permissions.
 */
public final class RootOwned {
    /** The largest number of links that the kernel follows in one path. */
    private static final int MAX_LINKS = 40;

    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int WRITABLE_BY_GROUP = 0020;

    private RootOwned() {}

    /**
     * Returns the first problem of a path, or {@code null}. A file that does not exist yet is not a
     * problem: only a user who can write its folder can create it.
     */
    public static Problem problem(Path path) throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        push(path.toAbsolutePath(), names);
        Path at = Path.of("/");
        Problem problem = problemOf(at);
        int links = 0;
        while (problem == null && !names.isEmpty()) {
            String name = names.pop().toString();
            if (name.equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                continue;
            }
            Path next = name.equals(".") ? at : at.resolve(name);
            if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                return null;
            }
            problem = problemOf(next);
            if (!Files.isSymbolicLink(next)) {
                at = next;
            } else if (++links > MAX_LINKS) {
                String what = next + " contains too many links";
                problem = new Problem(what, "run 'rm " + next + "'");
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

    /** Returns the first problem of a folder or anything that it contains, or {@code null}. */
    static Problem problemBelow(Path folder) throws IOException {
        Problem problem = problem(folder);
        if (problem != null || !Files.exists(folder)) {
            return problem;
        }
        List<Path> paths;
        try (Stream<Path> all = Files.walk(folder.toRealPath())) {
            paths = all.toList();
        }
        for (Path path : paths) {
            problem = Files.isSymbolicLink(path) ? problem(path) : problemOf(path);
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    /** Returns the problem of a file, folder or link itself, whatever its path is. */
    private static Problem problemOf(Path path) throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null; // it was deleted after it was listed
        }
        int uid = (Integer) found.get("uid");
        int mode = (Integer) found.get("mode");
        if (uid != 0) {
            String what = path + " belongs to user " + uid + ", not to root";
            return new Problem(what, "run 'chown -h root " + path + "'");
        }
        if (Files.isSymbolicLink(path)) {
            return null; // its permissions mean nothing
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            // A folder such as /tmp has to stay writable.
            boolean isShared = (mode & STICKY) != 0 && Files.isDirectory(path);
            return new Problem(
                    path + " is writable by every user",
                    isShared ? "use a folder outside of it" : "run 'chmod o-w " + path + "'");
        }
        if ((mode & WRITABLE_BY_GROUP) != 0) {
            return new Problem(path + " is writable by its group", "run 'chmod g-w " + path + "'");
        }
        return null;
    }
}
