package psm.cgroup;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a process is in the tree of control groups, by {@code /proc/PID/cgroup} (2.6.24), which
 * anybody may read: lines of {@code hierarchy:controllers:path}, of which the path alone may have
 * colons. The line {@code 0::path} is of cgroup v2 (4.5), the others are of v1; a hybrid box has
 * both. May be shared between threads.
 *
 * <p>Where psm itself runs in a cgroup namespace (4.6), {@code /} is psm's own group, and {@code
 * /../..} goes up from there: what the groups above are called is hidden. So psm's own group has
 * neither unit nor container, and of a neighbour's container, {@code /../<id>}, the runtime is not
 * always told.
 *
 * @param path of the group, as the kernel gives it. Hierarchies may differ: it is the one of
 *     systemd ({@code name=systemd}), else of v2, else of the memory controller, else of the first
 *     other, and the root, which says nothing, only where all are at the root; {@code null} where
 *     the content has no path
 * @param unit see {@link SystemdUnit#of}; {@code null} where the process is in none
 * @param container see {@link Container#of}, of the path, else of another hierarchy's; {@code null}
 *     where the process is in none
 * @param memoryPath the group that the process's memory is charged to, below where the hierarchy of
 *     the memory controller is mounted: {@code /sys/fs/cgroup} with v2, {@code
 *     /sys/fs/cgroup/memory} with v1. {@code null} where it is not told, where the group was
 *     removed, and where it is outside of psm's namespace, and so of what psm has mounted
 * @param isMemoryV2 whether that is a path of v2. On a hybrid box that has no memory controller in
 *     v1, v2 is mounted on {@code /sys/fs/cgroup/unified}, and need not have that controller either
 */
public record Cgroup(
        String path, String unit, String container, String memoryPath, boolean isMemoryV2) {
    /** Room for the file: a dozen hierarchies, with a path of 4 kB each at most. */
    public static final int MAX_FILE_BYTES = 1 << 16;

    private static final String ROOT = "/";

    /** What the kernel appends to the path of a group that was removed, as a zombie's may be. */
    private static final String DELETED = " (deleted)";

    /**
     * Lines that are not of that form are left out; nothing is thrown. The processes of a group
     * have the same content: who reads many may keep what came of it.
     *
     * @param content of the whole file; {@code null} where it could not be read
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
        String first = paths.first();
        String path = first == null ? null : withoutDeleted(first);
        return new Cgroup(
                path,
                path == null ? null : SystemdUnit.of(path),
                path == null ? null : container(path, paths.others),
                folder(paths.memory == null ? paths.v2 : paths.memory),
                paths.memory == null && folder(paths.v2) != null);
    }

    /** Those of one process, each {@code null} where there is none. */
    private static final class Paths {
        private String systemd;
        private String v2;
        private String memory;
        private boolean hasRoot;

        /** Neither the root nor the same as the one before, as most are. */
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
            // A hierarchy may have many: cpu,cpuacct
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

        String first() {
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

    /** LXC, for one, leaves what it may not change in the groups of whoever started it. */
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

    private static String folder(String path) {
        if (path == null || path.endsWith(DELETED) || (path + '/').contains("/../")) {
            return null;
        }
        return path;
    }
}
