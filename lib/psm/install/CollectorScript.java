package psm.install;

import psm.cli.Option;
import psm.collect.CollectorClient;
import psm.trust.Capability;
import psm.trust.Subprocess;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The script {@code lib/psm/collect}, which sudo starts. A member of the group calls it, and so
 * controls its current folder, descriptors, limits, ignored signals, scheduling and timer slack,
 * and the time of the call.
 *
 * <p>So it first sets all of these back; without CAP_SYS_RESOURCE root cannot raise limits, and it
 * ends if they are too low for Java. Then it takes two slots, one of the user's and one of the
 * host's: so that a thousand calls cannot overload the machine, and that no user can keep others
 * from the collector. No call waits for a slot: it would be a process of root's that no limit of
 * its caller counts. Only root can open the files that are locked. The script ignores the signals
 * of a terminal's keys, so that a caller cannot stop it while it holds slots. Then it drops all
 * rights but the {@link Capability}. It writes no message, since that could wait for ever: its exit
 * code says what is wrong.
 */
final class CollectorScript {
    private static final Path RUN = Path.of("/run");

    private static final String TEXT =
            """
            #!/bin/sh
            %1$s# It runs as root for members of group %2$s. It ignores their arguments, environment and files.
            # shellcheck disable=SC3045
            trap '' HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2
            exec </dev/null 2>/dev/null
            cd / || exit 1
            umask 077
            LC_ALL=C
            export LC_ALL
            # It takes no arguments, and writes no snapshot to a terminal.
            if [ $# -ne 0 ] || [ -t 1 ]; then
                exit 2
            fi

            # What the caller has set for itself: limits, timer slack, scheduling
            raise() {
                ulimit "$1" unlimited && return
                most=$(ulimit "$1") && [ "$most" -ge "$2" ]
            }
            ulimit -c 0
            ulimit -f 0
            ulimit -t 640
            ulimit -n 256
            ulimit -s 8192
            { raise -v 1500000 && raise -d 1500000; } || exit %16$d
            raise -u 256 || raise -p 256 || exit %16$d
            echo 50000 >/proc/$$/timerslack_ns
            read -r stat </proc/$$/stat || exit 1
            # shellcheck disable=SC2086
            set -- ${stat##*) }
            [ "${39} ${17}" = '0 0' ] || { %3$s -o -p 0 $$ && %4$s -n 0 -p $$; } >/dev/null || exit 1
            read -r possible </sys/devices/system/cpu/possible || exit 1
            read -r online </sys/devices/system/cpu/online
            while read -r key cpus && [ "$key" != Cpus_allowed_list: ]; do :; done </proc/$$/status
            case $cpus in
            "$possible" | "$online") ;;
            *) %5$s -c -p "$possible" $$ >/dev/null || exit 1 ;;
            esac

            # A slot of the user's, and one of the host's
            user=${SUDO_UID:-0}
            case $user in *[!0-9]*) exit 1 ;; esac
            [ -d %6$s ] || %7$s %6$s || [ -d %6$s ] || exit 1
            i=1
            until : >>"%6$s/$user.$i" && exec 8<"%6$s/$user.$i" && %8$s -n 8; do
                i=$((i + 1))
                [ $i -le %9$d ] || exit %10$d
            done
            i=1
            until : >>%6$s/$i && exec 9<%6$s/$i && %8$s -n 9; do
                i=$((i + 1))
                [ $i -le %11$d ] || exit %10$d
            done

            exec %12$s -c 0 %13$s -i \\
                %14$s \\
                %15$s
            """;

    private final GroupAccess access;

    CollectorScript(GroupAccess access) {
        this.access = access;
    }

    /** Returns the names of the programs that it starts, all but Java. */
    static List<String> programs() {
        return List.of(
                "chrt", "renice", "taskset", "mkdir", "flock", "ionice", "env", "setpriv", "cat");
    }

    /**
     * Returns the folder of the files that are locked; the script makes it. It is not in the prefix
     * if possible, which may be mounted read-only.
     */
    static Path slots(Prefix prefix) {
        return Files.isWritable(RUN)
                ? RUN.resolve(prefix.systemName() + "-slots")
                : prefix.state().resolve("slots");
    }

    String text() {
        return TEXT.formatted(
                access.prefix().mark(Option.GROUP),
                access.group(),
                Subprocess.find("chrt"),
                Subprocess.find("renice"),
                Subprocess.find("taskset"),
                slots(access.prefix()),
                Subprocess.find("mkdir"),
                Subprocess.find("flock"),
                CollectorClient.SLOTS_OF_A_USER,
                CollectorClient.BUSY,
                CollectorClient.SLOTS,
                Subprocess.find("ionice"),
                Subprocess.find("env"),
                lines(access.capability().words()),
                lines(access.command()),
                CollectorClient.LIMITED);
    }

    private static String lines(List<String> words) {
        return String.join(" \\\n    ", words);
    }
}
