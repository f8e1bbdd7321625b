package psm.cgroup;

import java.util.regex.Pattern;

/**
 * Cuts from the names of units and control groups what changes each time a program is started: an
 * asterisk replaces it. So metrics of different times have the same names, and do not become more
 * with each login. May be shared between threads.
 *
 * <ul>
 *   <li>{@code session-12.scope}, {@code session-c2.scope}: a login
 *   <li>{@code run-u123.service}, {@code run-r0123456789abcdef0123456789abcdef.scope}, {@code
 *       run-p1234-i5678.service}: systemd-run
 *   <li>{@code app-gnome-firefox-1234.scope}, {@code kitty-1234-0.scope}, {@code
 *       podman-1234.scope}: scopes have no file that names them, so a number at the end is a pid or
 *       a counter. It is a part of the name only of machines, {@code machine-web-1.scope}, which
 *       have the counter of libvirt elsewhere: {@code machine-qemu-12-web-1.scope}
 *   <li>{@code vte-spawn-UUID.scope}, {@code
 *       app-org.kde.konsole@0123456789abcdef0123456789abcdef.service}: anything random
 *   <li>{@code sshd@12-10.0.0.1:22-10.0.0.2:5000.service}, {@code
 *       systemd-coredump@3-1234-0.service}: a connection to a socket
 *   <li>{@code dbus-:1.2-org.freedesktop.problems@0.service}: a start by D-Bus
 *   <li>{@code job_1234}: a job of Slurm
 * </ul>
 *
 * <p>The ids of containers, which have 64 digits, stay as they are: they have no other name.
 */
public final class StableName {
    private static final String ANY = "*";

    /** Most names have no digit, and so nothing to replace. */
    private static final Pattern DIGIT = Pattern.compile("[0-9]");

    private static final Pattern RUN =
            Pattern.compile("^run-(?:u[0-9]+|p[0-9]+-i[0-9]+|r?[0-9a-f]{32}|[0-9]+)(?=[.])");

    private static final Pattern RANDOM =
            Pattern.compile(
                    "(?<![0-9a-f])(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
                            + "|[0-9a-f]{32})(?![0-9a-f])");

    private static final Pattern CONNECTION =
            Pattern.compile(
                    "@[0-9]+-(?:[0-9]+(?:_[0-9]+)?-[0-9]+|.*:[0-9]+-.*:[0-9]+|unknown)"
                            + "(?=[.]service$)");

    private static final Pattern BUS = Pattern.compile("^dbus-:[0-9.]+-(.*)@[0-9]+(?=[.]service$)");

    private static final Pattern MACHINE =
            Pattern.compile("^(machine-(?:qemu|lxc|xen|ch|bhyve)(-|\\\\x2d))[0-9]+\\2");

    private static final Pattern NUMBERED_SCOPE = Pattern.compile("(?:-c?[0-9]+)+(?=[.]scope$)");

    private static final Pattern JOB = Pattern.compile("^job_[0-9]+$");

    private static final String RUNNING = "run-";
    private static final String SCOPE = ".scope";
    private static final String SERVICE = ".service";
    private static final String MACHINES = "machine-";

    private StableName() {}

    /** Returns the stable name of a unit, or the stable path of a control group. */
    public static String of(String path) {
        if (!DIGIT.matcher(path).find()) {
            return path;
        }
        StringBuilder stable = new StringBuilder(path.length());
        for (int from = 0; from <= path.length(); ) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            stable.append(from == 0 ? "" : "/").append(ofGroup(path.substring(from, to)));
            from = to + 1;
        }
        return stable.toString();
    }

    private static String ofGroup(String group) {
        if (group.startsWith(RUNNING)) {
            return RUN.matcher(group).replaceFirst(RUNNING + ANY);
        }
        if (group.endsWith(SERVICE)) {
            String plain = BUS.matcher(group).replaceFirst("dbus-*-$1@*");
            return random(CONNECTION.matcher(plain).replaceFirst('@' + ANY));
        }
        if (group.endsWith(SCOPE)) {
            return group.startsWith(MACHINES)
                    ? MACHINE.matcher(group).replaceFirst("$1*$2")
                    : random(NUMBERED_SCOPE.matcher(group).replaceFirst('-' + ANY));
        }
        return JOB.matcher(group).replaceFirst("job_*");
    }

    private static String random(String group) {
        return RANDOM.matcher(group).replaceAll(ANY);
    }
}
