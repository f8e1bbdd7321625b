package psm.cgroup;

import psm.text.Text;

import java.util.Set;

/**
 * The systemd unit that a control group belongs to, as {@code ps -o unit,uunit} and systemd-cgls(1)
 * show it. May be shared between threads.
 */
public final class SystemdUnit {
    private static final String SERVICE = ".service";
    private static final String SLICE = ".slice";

    /** The suffixes of units that contain processes. */
    private static final String[] SUFFIXES = {SERVICE, ".scope", ".socket", ".mount", ".swap"};

    /** The start of the unit of a user's service manager, which has units of its own. */
    private static final String USER_MANAGER = "user@";

    private static final String ESCAPE = "\\x";
    private static final int ESCAPE_CHARS = 4;

    private SystemdUnit() {}

    /**
     * Returns the first group of the path that is not a slice, such as {@code nginx.service} or
     * {@code session-1.scope}: slices only arrange units. For a unit of a user's service manager it
     * returns both, {@code user@1000.service/syncthing.service}, since other users and the system
     * may have units of the same name.
     *
     * <p>Units of a systemd that runs in a container are left out: systemctl(1) would not find them
     * on this host, or would find others of the same name.
     *
     * @param path the group, in the hierarchy of systemd or of cgroup v2
     * @return as in {@link #unescaped}; {@code null} if the group is in no unit
     */
    static String of(String path) {
        String manager = null;
        for (String group : path.split("/", -1)) {
            if (group.isEmpty() || group.equals("..") || group.endsWith(SLICE)) {
                continue;
            }
            String unit = isUnit(group) ? unescaped(group) : null;
            if (manager != null) {
                return unit == null ? manager : manager + '/' + unit;
            }
            if (unit == null || !unit.startsWith(USER_MANAGER)) {
                return unit;
            }
            manager = unit;
        }
        return manager;
    }

    /**
     * Returns whether a group is in one of the wanted units or slices, as systemctl(1) sees it:
     * {@code user@1000.service} contains all that the service manager of that user runs.
     *
     * @param wanted names as {@link #of} returns them or, with {@code \x2d}, as systemctl(1) prints
     *     them; {@code .service} may be left out
     */
    public static boolean isIn(String path, Set<String> wanted) {
        String manager = "";
        for (String group : path.split("/", -1)) {
            if (group.isEmpty() || group.equals("..")) {
                continue;
            }
            boolean isSlice = group.endsWith(SLICE);
            if (!isSlice && !isUnit(group)) {
                return false;
            }
            String unit = unescaped(group);
            if (isNamed(wanted, manager + unit) || isNamed(wanted, manager + plain(group))) {
                return true;
            }
            boolean isManager = manager.isEmpty() && unit.startsWith(USER_MANAGER);
            if (!isSlice && !isManager) {
                return false; // the groups below are not units of this host
            }
            manager = isManager ? unit + '/' : manager;
        }
        return false;
    }

    private static boolean isNamed(Set<String> wanted, String unit) {
        int suffix = unit.endsWith(SERVICE) ? unit.length() - SERVICE.length() : 0;
        return wanted.contains(unit) || wanted.contains(unit.substring(0, suffix));
    }

    private static boolean isUnit(String group) {
        for (String suffix : SUFFIXES) {
            if (group.endsWith(suffix) && group.length() > suffix.length()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a name as people write it: {@code \x2d} becomes the byte that it stands for, and an
     * underscore at the start is removed. (systemd adds it to names that the kernel's files have.)
     * Two units may get the same name.
     */
    static String unescaped(String name) {
        String escaped = plain(name);
        if (!escaped.contains(ESCAPE)) {
            return escaped;
        }
        StringBuilder out = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); ) {
            int to = i;
            while (escapedByte(escaped, to) > 0) {
                to += ESCAPE_CHARS;
            }
            if (to == i) {
                out.append(escaped.charAt(i++));
            } else {
                out.append(decoded(escaped, i, to));
                i = to;
            }
        }
        return out.toString();
    }

    /** Returns a name without the underscore at its start, as systemctl(1) prints it. */
    private static String plain(String name) {
        return name.startsWith("_") ? name.substring(1) : name;
    }

    /** Decodes consecutive escaped bytes together, since one letter in UTF-8 may take several. */
    private static String decoded(String escaped, int from, int to) {
        byte[] bytes = new byte[(to - from) / ESCAPE_CHARS];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) escapedByte(escaped, from + i * ESCAPE_CHARS);
        }
        return Text.decode(bytes, 0, bytes.length);
    }

    /** Returns the escaped byte at an index; less than 1 if there is none. */
    private static int escapedByte(String name, int at) {
        if (!name.startsWith(ESCAPE, at) || at + ESCAPE_CHARS > name.length()) {
            return -1;
        }
        int high = Character.digit(name.charAt(at + 2), 16);
        int low = Character.digit(name.charAt(at + 3), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}
