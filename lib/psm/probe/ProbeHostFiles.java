package psm.probe;

import psm.snapshot.SnapshotFormatException;
import psm.text.Text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * The files of a host that a probe printed: all but those of its processes. Once all are added, it
 * may be shared between threads.
 */
final class ProbeHostFiles {
    private static final String ABOVE = "../";
    private static final String CGROUPS = ABOVE + "sys/fs/cgroup/";

    /** What a file takes besides its content and its name, in bytes. */
    private static final int FILE_BYTES = 150;

    /**
     * The limit for all files of control groups; more is left out. If it is too low, groups of a
     * large machine are missing; if it is too high, a user who can create groups keeps psm from
     * reading the machine.
     */
    private static final int MAX_CGROUP_BYTES = 4 << 20;

    private final ProbeContents contents;

    /** The places of the contents, as a start and an end, by path. */
    private final TreeMap<String, int[]> files = new TreeMap<>();

    /** The path of the file that is being added. */
    private byte[] path = {};

    /** Its place; {@code null} if it is left out. */
    private int[] place;

    private int cgroupBytes;

    ProbeHostFiles(ProbeContents contents) {
        this.contents = contents;
    }

    /**
     * Adds a line to a file.
     *
     * @param bytes the path in {@code bytes[from..colon)}, and the line with its end in {@code
     *     bytes[colon + 1..end)}
     * @return whether such a path is expected here
     */
    boolean add(byte[] bytes, int from, int colon, int end) throws SnapshotFormatException {
        if (!Arrays.equals(path, 0, path.length, bytes, from, colon)) {
            path = Arrays.copyOfRange(bytes, from, colon);
            String name = Text.decode(bytes, from, colon);
            if (!isExpected(name) || files.containsKey(name)) {
                return false;
            }
            place = start(name);
        }
        if (place != null) {
            contents.add(bytes, colon + 1, end);
            place[1] = contents.size();
        }
        return true;
    }

    /** Drops the file that was added last: the rest of it is missing. */
    void cut() {
        if (place != null) {
            files.remove(Text.decode(path, 0, path.length));
        }
    }

    /** Returns whether a path leads to a file of the kernel or of users. */
    private static boolean isExpected(String name) {
        boolean isAbove = name.startsWith(ABOVE);
        String below = isAbove ? name.substring(ABOVE.length()) : name;
        boolean isKnown =
                !isAbove
                        || below.startsWith("sys/")
                        || below.equals("etc/passwd")
                        || below.equals("etc/group");
        for (String part : below.split("/", -1)) {
            isKnown &= !part.isEmpty() && !part.equals(".") && !part.equals("..");
        }
        return isKnown && !Character.isDigit(name.charAt(0));
    }

    private int[] start(String name) throws SnapshotFormatException {
        if (name.startsWith(CGROUPS)) {
            cgroupBytes += name.length() + FILE_BYTES;
            if (cgroupBytes > MAX_CGROUP_BYTES) {
                return null;
            }
        }
        contents.charge(name.length() + FILE_BYTES);
        int[] added = {contents.size(), contents.size()};
        files.put(name, added);
        return added;
    }

    /** Returns the place of a file, or {@code null}. */
    int[] place(String file) {
        return files.get(file);
    }

    /** Returns whether there is that file, or a file in that folder. */
    boolean has(String file) {
        if (files.containsKey(file)) {
            return true;
        }
        String below = files.ceilingKey(file + '/');
        return below != null && below.startsWith(file + '/');
    }

    /** Returns the names in a folder. */
    String[] names(String folder) {
        List<String> names = new ArrayList<>();
        String start = folder + '/';
        for (String file : files.tailMap(start).keySet()) {
            if (!file.startsWith(start)) {
                break;
            }
            int end = file.indexOf('/', start.length());
            String name = file.substring(start.length(), end < 0 ? file.length() : end);
            if (names.isEmpty() || !names.get(names.size() - 1).equals(name)) {
                names.add(name);
            }
        }
        return names.toArray(new String[0]);
    }
}
