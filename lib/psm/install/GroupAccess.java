package psm.install;

import psm.collect.Collector;
import psm.collect.CollectorClient;
import psm.proc.OwnProcess;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Lets the members of a group see all processes, by way of {@link Collector}: as root by sudo(8),
 * with a {@link SudoRule}, or by a socket of systemd's, with {@link SocketUnits}. What is needed
 * for that is here; which of it is where, the file {@code lib/psm/access} keeps, for root alone.
 *
 * @param prefix of the installation
 * @param group who gets to see all processes
 * @param bySocket whether by systemd's socket, else by sudo
 * @param folder what the installation has its jars in
 * @param java what the collector runs on
 */
record GroupAccess(Path prefix, String group, boolean bySocket, Path folder, JavaHome java) {
    private static final String GROUP_NAME = "[a-z_][a-z0-9_-]{0,31}";

    /** What neither a shell, nor sudoers, nor a unit takes for anything else. */
    private static final String PLAIN_PATH = "[A-Za-z0-9_/.+-]+";

    /** What the collector runs with, beside what psm does. */
    private static final List<String> JAVA_OPTIONS =
            List.of(
                    // Signals end it, as the kernel has it; none has it print what its threads do.
                    "-Xrs",
                    // Nothing in a temporary or current folder makes it listen to anybody.
                    "-XX:+DisableAttachMechanism",
                    // A crash leaves no core, no hs_err file, and no word.
                    "-XX:-CreateCoredumpOnCrash",
                    "-XX:-DumpPrivateMappingsInCore",
                    "-XX:-DumpSharedMappingsInCore",
                    "-XX:+SuppressFatalErrorMessage",
                    // Nothing of cgroups, which its caller may have a hand in.
                    "-XX:-UseContainerSupport");

    /** What root alone may read: so whoever may is root, for whom the launcher needs no way. */
    static Path accessFile(Path prefix) {
        return prefix.resolve("lib/psm/access");
    }

    /** What the group may read: so whoever may is a member, which a shell finds out at no cost. */
    static Path membersFile(Path prefix) {
        return prefix.resolve("lib/psm/members");
    }

    Path collectFile() {
        return prefix.resolve("lib/psm/collect");
    }

    /**
     * Refuses what cannot be, before anything is done.
     *
     * @throws Failure in one line that tells what would work
     */
    void check() throws Failure {
        String asked = "--group " + group + ": ";
        if (!new OwnProcess().isRoot()) {
            throw Failure.usage(asked + "only root can give a group these rights; use sudo", null);
        }
        if (!group.matches(GROUP_NAME)) {
            throw Failure.usage(
                    asked + "takes a group's name of a-z, 0-9, _ and -, such as developers", null);
        }
        if (groupPrincipal() == null) {
            throw Failure.usage(
                    asked + "there is no such group; 'groupadd " + group + "' makes it", null);
        }
        for (Path path : List.of(prefix, java.folder())) {
            if (!path.toString().matches(PLAIN_PATH)) {
                throw Failure.usage(
                        asked + path + " has signs that a sudoers file or a unit takes for others",
                        null);
            }
        }
        String problem = ownershipProblem();
        if (problem != null) {
            throw Failure.usage(
                    asked + problem + " mends it, or --prefix and --java name others", null);
        }
        if (bySocket) {
            units().check();
        } else {
            rule().check();
        }
    }

    /** Of all that the collector is made of; {@code null} where root alone can change it. */
    String ownershipProblem() throws Failure {
        try {
            String problem = RootOwned.problemBelow(prefix.resolve("lib/psm"));
            problem = problem == null ? RootOwned.problem(prefix.resolve("bin/psm")) : problem;
            return problem == null ? RootOwned.problemBelow(java.folder()) : problem;
        } catch (IOException e) {
            throw Failure.of("--group " + group + ": cannot tell who may change " + e, e);
        }
    }

    /** All that {@link #open} writes. */
    List<Path> files() {
        List<Path> files = new ArrayList<>(List.of(accessFile(prefix), membersFile(prefix)));
        files.addAll(
                bySocket
                        ? List.of(units().socketFile(), units().serviceFile())
                        : List.of(collectFile(), rule().file()));
        return files;
    }

    /** What it comes to, for people. */
    String told() {
        return "members of the group "
                + group
                + " may see all processes, by "
                + (bySocket ? "the socket " + units().socket() : "the rule " + rule().file())
                + '\n';
    }

    GroupPrincipal groupPrincipal() {
        try {
            return FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(group);
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * The name of the rule and the units: psm, and another one for each other prefix, so that the
     * installations of one host leave each other alone.
     */
    static String nameFor(Path prefix) {
        String path = prefix.toString();
        return path.equals("/usr/local") ? "psm" : "psm" + path.replaceAll("[^A-Za-z0-9]", "_");
    }

    String name() {
        return nameFor(prefix);
    }

    /** The first line of the rule and the units, which tells whose they are. */
    static String mark(Path prefix) {
        return "# Made by 'psm install --group' in "
                + prefix
                + "; 'psm uninstall' takes it away.\n";
    }

    SudoRule rule() {
        return new SudoRule(this);
    }

    SocketUnits units() {
        return new SocketUnits(this);
    }

    /** The start of the collector's command line, up to the main class, without an archive. */
    List<String> javaCommand() {
        List<String> words = new ArrayList<>();
        words.add(java.launcher().toString());
        words.addAll(Installer.JAVA_OPTIONS);
        words.addAll(JAVA_OPTIONS);
        words.add("-cp");
        words.add(folder.resolve("psm.jar").toString());
        return words;
    }

    /** The collector's whole command line. */
    List<String> command() {
        List<String> words = javaCommand();
        words.add(1, Installer.use(java, folder, Archives.COLLECTOR));
        words.add(Collector.class.getName());
        return words;
    }

    /**
     * {@code lib/psm/collect}: what sudo starts. A member of the group is its caller: the current
     * folder, descriptors, limits, ignored signals and the time are his.
     *
     * <p>One collector works at a time, so that a thousand calls keep one processor busy, not the
     * box; the others wait for five seconds and give up. (The lock is of a file that root alone may
     * open: nobody else can hold it.) What a terminal's keys send does not reach it, so that it
     * cannot be stopped while it holds that.
     */
    String collectScript() {
        return """
        #!/bin/sh
        %s# It runs as root for the members of the group %s, and looks at nothing of theirs.
        # shellcheck disable=SC3045
        trap '' HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2
        cd / || exit 1
        umask 077
        LC_ALL=C
        export LC_ALL
        if [ $# -ne 0 ]; then
            echo 'psm: the collector takes no arguments' >&2
            exit 2
        fi
        if [ -t 1 ]; then
            echo 'psm: what the collector writes is for psm, not for a terminal' >&2
            exit 2
        fi
        exec </dev/null 2>/dev/null
        ulimit -c 0
        ulimit -f 0
        ulimit -t 640
        ulimit -n 256
        ulimit -s 8192
        ulimit -v unlimited
        ulimit -d unlimited
        exec 9<%s
        %s -w 5 9 || exit 75
        exec %s -i \\
            %s
        """
                .formatted(
                        mark(prefix),
                        group,
                        collectFile(),
                        SudoRule.program("flock"),
                        SudoRule.program("env"),
                        String.join(" \\\n    ", command()));
    }

    /** What keeps this for doctor and uninstall. */
    private String text() {
        return "group "
                + group
                + "\nway "
                + (bySocket ? "socket" : "sudo")
                + "\nfolder "
                + folder
                + "\njava "
                + java.folder()
                + '\n';
    }

    /**
     * What is installed in a prefix; {@code null} where there is none.
     *
     * @throws IOException where there is one, but it cannot be read, by others than root for one
     * @throws Failure where its Java is gone
     */
    static GroupAccess read(Path prefix) throws IOException, Failure {
        Path file = accessFile(prefix);
        if (!Files.exists(file)) {
            return null;
        }
        String[] values = new String[4];
        List<String> lines = Files.readAllLines(file);
        List<String> keys = List.of("group ", "way ", "folder ", "java ");
        for (int i = 0; i < values.length; i++) {
            if (i >= lines.size() || !lines.get(i).startsWith(keys.get(i))) {
                throw new IOException(file + " is not as 'psm install --group' wrote it");
            }
            values[i] = lines.get(i).substring(keys.get(i).length());
        }
        return new GroupAccess(
                prefix,
                values[0],
                values[1].equals("socket"),
                Path.of(values[2]),
                JavaHome.in(values[3]));
    }

    /** Puts all in place but the launcher; the other way, where there was one, is closed. */
    void open() throws IOException, Failure {
        String problem = ownershipProblem();
        if (problem != null) {
            throw Failure.of("--group " + group + ": " + problem + " mends it", null);
        }
        if (bySocket) {
            rule().remove();
            Files.deleteIfExists(collectFile());
            units().install();
        } else {
            units().remove();
            rule().install(); // first, since it is what may fail
            Installer.replace(collectFile(), collectScript(), "rwx------");
        }
        Installer.replace(accessFile(prefix), text(), "rw-------");
        Path members = membersFile(prefix);
        Installer.replace(members, "Whoever may read this may see all processes.\n", "rw-------");
        Files.getFileAttributeView(members, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setGroup(groupPrincipal());
        Files.setPosixFilePermissions(members, PosixFilePermissions.fromString("rw-r-----"));
    }

    /**
     * Takes away whatever {@link #open} has put outside of the folder {@code lib/psm}, and there.
     *
     * @return whether there was anything
     */
    static boolean close(Path prefix) throws IOException, Failure {
        boolean wasOpen = SudoRule.remove(prefix);
        wasOpen |= SocketUnits.remove(prefix);
        for (Path file : List.of(membersFile(prefix), accessFile(prefix))) {
            wasOpen |= Files.deleteIfExists(file);
        }
        Files.deleteIfExists(prefix.resolve("lib/psm/collect"));
        return wasOpen;
    }

    /** What the launcher does before it becomes Java, see {@link CollectorClient}. */
    String launcherPart() {
        String open =
                bySocket
                        ? "elif [ -r %s ]; then\n    set -- -Dpsm.socket=%s \"$@\"\n"
                                .formatted(membersFile(prefix), units().socket())
                        : sudoPart();
        return """
        if [ -r %s ]; then
            : root needs no way
        %selse
            set -- -Dpsm.group=%s "$@"
        fi
        """
                .formatted(accessFile(prefix), open, group);
    }

    /**
     * The collector works while Java starts. What it writes goes through the pipe that a shell
     * makes of a short here-document; where a shell makes a file of it, Java starts the collector.
     */
    private String sudoPart() {
        return """
        elif [ -r %1$s ]; then
            set -- '-Dpsm.collect=%2$s' "$@"
            case " $* " in
            *' install '* | *' uninstall '* | *' doctor '* | *' -h '* | *' --help '* | *' -V '* | *' --version '*) ;;
            *' maps '* | *' --heap '* | *' -heap '* | *' --proc'* | *' --from'* | *' --source'* | *' --max-cost'* | *' --timeout'* | *' -j'* | *' --workers'*) ;;
            *)
                exec 3<<-END
        \t\tpsm
        \t\tEND
                read -r _ <&3
                if [ -p /proc/self/fd/3 ] &&
                    { %2$s </dev/null >&4 2>/dev/null 3<&- 4>&- & } 4>/proc/self/fd/3; then
                    set -- -Dpsm.collected=/proc/self/fd/3 "$@"
                fi
                ;;
            esac
        """
                .formatted(membersFile(prefix), String.join(" ", rule().call()));
    }
}
