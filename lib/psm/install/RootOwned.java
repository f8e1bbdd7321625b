package psm.install;

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
 * Whether root alone can change what a path leads to: each folder on the way, each link and what it
 * leads to in turn belongs to root, and nobody else may write it. Of a file with an access control
 * list, the group's permissions are what anybody in that list may have at most, so they tell.
 */
public final class RootOwned {
    /** As many as the kernel follows. */
    private static final int MAX_LINKS = 40;

    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int WRITABLE_BY_GROUP = 0020;

    private RootOwned() {}

    /**
     * What is wrong with a path, in words that name the culprit and what mends it; {@code null} for
     * nothing. What is not there yet is not wrong: only who may write the folder can make it.
     */
    public static String problem(Path path) throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        push(path.toAbsolutePath(), names);
        Path at = Path.of("/");
        String problem = problemOf(at);
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
                problem = next + " leads nowhere: too many links";
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

    /** The same of a folder with all that is in it. */
    static String problemBelow(Path folder) throws IOException {
        String problem = problem(folder);
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

    /** Of this file, folder or link alone. */
    private static String problemOf(Path path) throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null; // it has gone since it was listed
        }
        int uid = (Integer) found.get("uid");
        int mode = (Integer) found.get("mode");
        if (uid != 0) {
            return path + " belongs to user " + uid + ", not to root; 'chown -h root " + path + "'";
        }
        if (Files.isSymbolicLink(path)) {
            return null; // its permissions mean nothing
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            return path + " may be written by everybody; 'chmod o-w " + path + "'";
        }
        if ((mode & WRITABLE_BY_GROUP) != 0) {
            return path + " may be written by its group; 'chmod g-w " + path + "'";
        }
        return null;
    }
}
