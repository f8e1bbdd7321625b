package psm.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * The control groups of a process, by {@code /proc/PID/cgroup} (2.6.24), which every user may read.
 * It contains lines of {@code hierarchy:controllers:path}; only the path may contain colons. The
 * line {@code 0::path} is that of cgroup v2 (4.5), the others are those of v1; a hybrid host has
 * both. May be shared between threads.
 *
 * <p>If psm itself runs in a cgroup namespace (4.6), {@code /} is psm's own group, and paths of
 * groups above it start with {@code /..}, without their names. So psm's own group has neither unit
 * nor container, and the container of a sibling, {@code /../<id>}, may have no known runtime.
 *
 * @param path the group, as the kernel prints it; {@code null} if the content contains no path. If
 *     the hierarchies have different paths, it is that of systemd ({@code name=systemd}), else of
 *     v2, else of the memory controller, else the first one. It is the root only if all paths are
 *     the root
 * @param unit see {@link SystemdUnit#of}; {@code null} if the process is in none
 * @param container see {@link Container#of}, by this path or else that of another hierarchy; {@code
 *     null} if the process is in none
 * @param memoryPath the path of the group that the process's memory is charged to, below the mount
 *     of the memory controller: {@code /sys/fs/cgroup} with v2, {@code /sys/fs/cgroup/memory} with
 *     v1. {@code null} if the content contains no such path, if the group was removed, or if it is
 *     outside of psm's namespace, so that psm's mounts do not contain it
 * @param isMemoryV2 whether memoryPath is a path of v2. If v1 has no memory controller on a hybrid
 *     host, v2 may have it, below {@code /sys/fs/cgroup/unified}
 */
public record Cgroup(
        String path, String unit, String container, String memoryPath, boolean isMemoryV2) {
    /** The limit for the file: a dozen hierarchies, with a path of at most 4 kB each. */
    public static final int MAX_FILE_BYTES = 1 << 16;

    private static final String ROOT = "/";

    /** The suffix that the kernel appends to the path of a removed group, such as a zombie's. */
    private static final String DELETED = " (deleted)";

    /**
     * Parses the content of the file, and ignores malformed lines. All processes of a group have
     * the same content, so a caller can cache the result.
     *
     * @param content the whole file; {@code null} if it could not be read
     */
    public static Cgroup parse(String content) {
        Paths paths = new Paths();
        int length = content == null ? 0 : content.length();
        for (int from = 0; from < length; ) {
            int newline = content.indexOf('\n', from);
            int to = newline < 0 ? length : newline;
            paths.add(content.substring(from, to));
            from = to + 1;
        }
        String best = paths.best();
        String path = best == null ? null : withoutDeleted(best);
        return new Cgroup(
                path,
                path == null ? null : SystemdUnit.of(path),
                path == null ? null : container(path, paths.others),
                folder(paths.memory == null ? paths.v2 : paths.memory),
                paths.memory == null && folder(paths.v2) != null);
    }

    /**
     * Returns whether the path contains this id of a container: a run of 12 or more hexadecimal
     * digits, even if its runtime is not known.
     */
    public boolean containsId(String id) {
        return path != null && Container.contains(path, id);
    }

    /** The paths of one process; each is {@code null} if it has none. */
    private static final class Paths {
        private String systemd;
        private String v2;
        private String memory;
        private boolean hasRoot;

        /** The paths of all hierarchies, except the root, each once. */
        private final List<String> others = new ArrayList<>();

        void add(String line) {
            int controllersAt = line.indexOf(':') + 1;
            int pathAt = line.indexOf(':', controllersAt) + 1;
            if (controllersAt == 0 || pathAt == 0 || !line.startsWith(ROOT, pathAt)) {
                return;
            }
            String path = line.substring(pathAt);
            if (path.equals(ROOT)) {
                hasRoot = true;
            } else if (others.isEmpty() || !path.equals(others.get(others.size() - 1))) {
                others.add(path);
            }
            if (line.startsWith("0::")) {
                v2 = path;
            }
            // A hierarchy may have several controllers: cpu,cpuacct
            for (int at = controllersAt; at < pathAt && at > 0; at = line.indexOf(',', at) + 1) {
                if (isController("name=systemd", line, at)) {
                    systemd = path;
                } else if (isController("memory", line, at)) {
                    memory = path;
                }
            }
        }

        private static boolean isController(String name, String line, int at) {
            int end = at + name.length();
            return line.startsWith(name, at)
                    && (line.charAt(end) == ',' || line.charAt(end) == ':');
        }

        /** Returns the most specific path, see {@link Cgroup}. */
        String best() {
            for (String path : new String[] {systemd, v2, memory}) {
                if (path != null && !path.equals(ROOT)) {
                    return path;
                }
            }
            if (!others.isEmpty()) {
                return others.get(0);
            }
            return hasRoot ? ROOT : null;
        }
    }

    /**
     * Returns the container in the first path that contains one: LXC, for example, leaves some
     * hierarchies in the group of the user who started it.
     */
    private static String container(String path, List<String> others) {
        String container = Container.of(path);
        for (int i = 0; i < others.size() && container == null; i++) {
            String other = withoutDeleted(others.get(i));
            container = other.equals(path) ? null : Container.of(other);
        }
        return container;
    }

    private static String withoutDeleted(String path) {
        return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    }

    /** Returns a path if its folder exists below the mount, else {@code null}. */
    private static String folder(String path) {
        if (path == null || path.endsWith(DELETED) || (path + '/').contains("/../")) {
            return null;
        }
        return path;
    }
}
