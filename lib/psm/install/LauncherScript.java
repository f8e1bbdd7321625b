package psm.install;

import psm.Psm;
import psm.cli.Option;
import psm.collect.CollectorClient;
import psm.text.Version;
import psm.trust.Subprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * The shell script {@code bin/psm}, of an installation or of a package. It checks that Java can
 * start, chooses the archive for the run, passes the size of the terminal to Java, starts the
 * collector for a member of a group, and then executes Java in its place. It starts programs by
 * absolute paths, since root may run it for a user who chose the PATH.
 */
final class LauncherScript {
    /**
     * The environment variables that change how Java or the C library runs, or what Java loads or
     * opens.
     */
    private static final String HARMFUL =
            "CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS"
                    + " JDK_ALTERNATE_VM _JAVA_LAUNCHER_DEBUG _JAVA_SPLASH_FILE _JAVA_SPLASH_JAR"
                    + " _JAVA_VERSION_SET _JAVA_SR_SIGNUM GCONV_PATH LOCPATH GLIBC_TUNABLES"
                    + " MALLOC_ARENA_MAX MALLOC_ARENA_TEST MALLOC_CHECK_ MALLOC_MMAP_MAX_"
                    + " MALLOC_MMAP_THRESHOLD_ MALLOC_PERTURB_ MALLOC_TOP_PAD_"
                    + " MALLOC_TRIM_THRESHOLD_";

    /**
     * The only variables that reach Java if root runs psm: those that psm or its launcher reads,
     * and those by which ssh and other programs that reach machines find keys and daemons, which
     * psm does not start for the caller of sudo.
     */
    private static final List<String> HARMLESS =
            List.of(
                    "HOME",
                    "PATH",
                    "JAVA_HOME",
                    "LANG",
                    "LC_ALL",
                    "LC_CTYPE",
                    "TERM",
                    "NO_COLOR",
                    "SSH_AUTH_SOCK",
                    "KRB5CCNAME",
                    "KUBECONFIG",
                    "DOCKER_HOST",
                    "CONTAINER_HOST",
                    "XDG_RUNTIME_DIR",
                    "SUDO_UID",
                    "PKEXEC_UID",
                    "DOAS_USER",
                    "MALLOC_ARENA_MAX");

    /** The program that replaces a Java that is missing. Only root can change it. */
    private static final String OTHER_JAVA = "/usr/bin/java";

    /**
     * The options for a trial that needs more memory than any run of psm, so that psm does not run
     * out of memory when it was successful.
     */
    private static final String TRIAL_OPTIONS = "-Xms80m -Xmx96m -XX:ReservedCodeCacheSize=32m";

    /**
     * The whole script, without the lines for a group.
     *
     * <p>It starts no process unless standard output is a terminal, or a limit is so low that Java
     * may not start. Then it tries that first, because Java would print messages of its own, in
     * part to standard output.
     */
    private static final String SCRIPT =
            """
            #!/bin/sh
            # psm %1$s%17$s
            # shellcheck disable=SC2164,SC3013,SC3045,SC3067
            unset %3$s

            fail() {
                printf 'psm: %%s\\n' "$1" >&2
                exit 1
            }

            run() {
                set -- "$java" %4$s %5$s "$@"
                [ -O / ] || [ -n "${SUDO_UID+x}${PKEXEC_UID+x}${DOAS_USER+x}" ] || exec "$@"
                # The caller of sudo may have chosen the variables.
                exec %14$s -i%15$s "$@"
            }

            # Java would open a file of its own as 0, 1 or 2.
            true 3>&2 || exec 2>/dev/null
            true 2>/dev/null 3<&0 || exec </dev/null
            true 2>/dev/null 3>&1 || fail 'standard output is closed, so there is nowhere to write to'
            [ -L /proc/self/exe ] || fail "there is no /proc here, which Java needs to start; run 'mount -t proc proc /proc'"
            %2$s
            # Java does not start in a folder that has been deleted.
            [ . -ef "$PWD" ] || {
                cd -P . 2>/dev/null
                case $PWD in
                /*) ;;
                *) cd / ;;
                esac
            }
            ulimit -S -c 0
            problem=
            while read -r _ name word value _; do
                case $name:$word:$value in
                data:size:unlimited | address:space:unlimited) ;;
                processes:?:* | processes:??:* | processes:???:* | data:size:* | address:space:*)
                    problem="Java does not start within the limits here; it needs 'ulimit -v 1000000', 'ulimit -d 200000' and 64 processes, or more"
                    ;;
                esac
            done </proc/self/limits
            [ -x "$java" ] || {
                problem="$java is missing, and %6$s is not Java 17 or later; %18$s"
                java=%6$s
            }
            case " $* " in
            '  ') archive=%7$s ;;
            ' record '*) archive=%7$s ;;
            *' -o'* | *' --o'*) archive=%8$s ;;
            *) archive=%9$s ;;
            esac
            if [ -n "$problem" ]; then
                # Each thread could reserve 64 MB of addresses.
                export MALLOC_ARENA_MAX=1
                exec 9>&2 2>/dev/null
                trap 'exec 2>&9; fail "$problem"' EXIT # the shell exits if it cannot start a process
                (run %10$s %11$s --version >/dev/null) || exit
                trap - EXIT
                exec 2>&9 9>&-
            fi
            set -- %11$s "$@"
            [ "${2-}" != record ] || set -- %16$s "$@"
            [ ! -t 1 ] || set -- "-Dpsm.window=$(%12$s size 2>/dev/null <&1)" "$@"
            %13$srun "$@"
            """;

    /**
     * What differs between the kinds of the script.
     *
     * @param mark the end of the second line
     * @param java the lines that set {@code java}
     * @param archive the option for the archive, in which {@code $archive} is its name
     * @param words the options for Java and the class path
     * @param main the class that Java starts
     * @param last the lines before the last
     * @param remedy what to do where there is no Java
     */
    private record Parts(
            String mark,
            String java,
            String archive,
            String words,
            String main,
            String last,
            String remedy) {
        /**
         * Returns the script.
         *
         * @param find returns the absolute path of a program
         */
        String text(UnaryOperator<String> find) {
            return SCRIPT.formatted(
                    Version.CURRENT,
                    java,
                    HARMFUL,
                    archive,
                    words,
                    OTHER_JAVA,
                    Archive.PLAIN.stem(),
                    Archive.FORMATS.stem(),
                    Archive.OPTIONS.stem(),
                    TRIAL_OPTIONS,
                    main,
                    find.apply("stty"),
                    last,
                    find.apply("env"),
                    harmless(),
                    String.join(" ", JavaHome.FOR_RECORDER),
                    mark,
                    remedy);
        }
    }

    /** A part of the second line of an installed script, which no other program has. */
    static final String MARK = ", written by 'psm install'.";

    /** The same part of a script that came in a package for deb or rpm. */
    static final String MARK_OF_PACKAGE = ", written for a package.";

    /** The same part of a script that came in an archive, which works wherever it is unpacked. */
    static final String MARK_OF_ARCHIVE = ", written for a folder that may be moved.";

    /** The folder of a package for deb or rpm. */
    private static final String PACKAGE_HOME = PackagedPsm.OF_HOST.home().toString();

    /**
     * Finds the folder of an archive, also if a link leads to the script: from the folder that the
     * script is in, whatever links lead to that. A name without a folder says nothing: some shells
     * find such a script on the PATH, and then files of the caller's folder would be run.
     */
    private static final String FIND_HOME =
            """
            home=$0
            case $home in
            */*) ;;
            *) fail "cannot find the folder of psm; call it by a path, as in './psm' or 'sh ./psm'" ;;
            esac
            if [ -L "$home" ]; then
                problem="cannot find the folder of psm: 'readlink -f $0' failed"
                exec 9>&2 2>/dev/null
                trap 'exec 2>&9; fail "$problem"' EXIT # the shell exits if it cannot start a process
                home=$(/bin/readlink -f -- "$home") || exit
                case $home in
                /*) ;;
                *) exit ;; # else files of the caller's folder would be run
                esac
                trap - EXIT
                exec 2>&9 9>&-
            fi
            home=${home%/*}/../lib/psm
            case $home in
            /*) ;;
            *) home=./$home ;;
            esac
            java=$home/runtime/bin/java\
            """;

    /**
     * Refuses a folder of an archive that cannot be on a class path. In the C locale, the shell
     * compares bytes, and so knows what is not ASCII.
     */
    private static final String CHECK_HOME =
            """
            locale=${LC_ALL-unset}
            LC_ALL=C
            case $home in
            *:*) fail "Java cannot use files in $home, since the path contains a ':'; move psm to another folder" ;;
            *[!\\ -~]*)
                asked=${locale#unset}
                case ${asked:-${LC_CTYPE:-${LANG-}}} in
                *[Uu][Tt][Ff]8 | *[Uu][Tt][Ff]-8) ;;
                *) fail "Java cannot use files in $home in this locale; run psm with LC_ALL=C.UTF-8, or move it to a folder of ASCII characters" ;;
                esac
                ;;
            esac
            if [ "$locale" = unset ]; then unset LC_ALL; else LC_ALL=$locale; fi
            """;

    private LauncherScript() {}

    /**
     * Returns the script of an installation.
     *
     * @param folder the folder of the installation
     * @param command psm's command line up to the main class, without an archive
     * @param access the group's access, or {@code null}
     */
    static String text(
            JavaHome java, Path folder, List<String> command, Class<?> main, GroupAccess access) {
        List<String> words = new ArrayList<>();
        for (String word : command.subList(1, command.size())) {
            words.add(quoted(word));
        }
        String archive = java.useArchive(folder, "$archive");
        int name = archive.lastIndexOf("$archive");
        Parts parts =
                new Parts(
                        MARK + " Run that again to repair it, 'psm uninstall' to remove it.",
                        "java=" + quoted(command.get(0)),
                        quoted(archive.substring(0, name)) + archive.substring(name),
                        String.join(" ", words),
                        main.getName(),
                        access == null ? "" : groupPart(access),
                        "install one of them, or install psm again");
        return parts.text(Subprocess::find);
    }

    /**
     * Returns the script of a package, which brings its own Java and archives.
     *
     * @param isMovable whether its folder is {@code lib/psm} beside the script's own folder,
     *     wherever that is; if not, the folder is {@code /usr/lib/psm}
     */
    static String packaged(boolean isMovable) {
        String home = isMovable ? "$home" : PACKAGE_HOME;
        List<String> words = new ArrayList<>(JavaHome.OPTIONS);
        words.addAll(List.of("-cp", "\"" + home + '/' + Jars.OWN + '"'));
        Parts parts =
                new Parts(
                        isMovable ? MARK_OF_ARCHIVE : MARK_OF_PACKAGE,
                        isMovable ? FIND_HOME : "java=" + home + "/runtime/bin/java",
                        "\"-XX:SharedArchiveFile=" + home + "/$archive.jsa\"",
                        String.join(" ", words),
                        Psm.class.getPackageName() + ".Main",
                        isMovable
                                ? CHECK_HOME + groupPart("$home")
                                : groupPart(PackagedPsm.STATE.toString()),
                        isMovable ? "unpack psm's archive again" : "install the package psm again");
        return parts.text(LauncherScript::inAnyDistribution);
    }

    /** Returns where each distribution has a program, with or without a merged {@code /usr}. */
    private static String inAnyDistribution(String program) {
        return (program.equals("stty") ? "/bin/" : "/usr/bin/") + program;
    }

    /** Returns the words that set the variables which are set now. */
    private static String harmless() {
        StringBuilder words = new StringBuilder();
        for (String name : HARMLESS) {
            words.append(" ${%1$s+\"%1$s=$%1$s\"}".formatted(name));
        }
        return words.toString();
    }

    static String quoted(String word) {
        return word.matches("[A-Za-z0-9_/.:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Returns the lines that set the system properties of {@link CollectorClient}. */
    private static String groupPart(GroupAccess access) {
        Prefix prefix = access.prefix();
        return groupPart(
                prefix.access().toString(),
                prefix.members().toString(),
                String.join(" ", access.rule().call()),
                access.group());
    }

    private static String groupPart(String access, String members, String call, String group) {
        return """
        if [ -r %s ]; then
            : root needs no collector
        %selse
            set -- "-D%s=%s" "$@"
        fi
        """
                .formatted(access, sudoPart(members, call), CollectorClient.GROUP, group);
    }

    /**
     * Returns the same lines for a package, which read the group's name from a file that {@code psm
     * install --group} writes. Nothing in a file decides what is run, and root runs nothing there.
     */
    private static String groupPart(String state) {
        String noGroup =
                """
                if [ -O / ] || [ ! -r "%1$s/group" ] || ! read -r group <"%1$s/group"; then
                    : root needs no collector, and without the file no group has access
                el\
                """
                        .formatted(state);
        return noGroup
                + groupPart(
                        '"' + state + "/access\"",
                        '"' + state + "/members\"",
                        inAnyDistribution("sudo")
                                + ' '
                                + SudoRule.WITHOUT_PASSWORD
                                + " \""
                                + state
                                + "/collect\"",
                        "$group");
    }

    /**
     * Returns the lines that start the collector with sudo, so that it works while Java starts. It
     * writes into the pipe that most shells make for a short here-document. If a shell makes a file
     * instead, Java starts the collector.
     */
    private static String sudoPart(String members, String call) {
        return """
        elif [ -r %1$s ]; then
            set -- "-D%4$s=%6$s" "$@"
            case " $* " in
            ' record '* | *' install '* | *' uninstall '* | *' doctor '* | *' -h '* | *' --help '* | *' -V '* | *' --version '*) ;;
            %3$s) ;;
            *)
                exec 3<<-END
        \t\tpsm
        \t\tEND
                read -r _ <&3
                if [ -p /proc/self/fd/3 ] &&
                    { %2$s </dev/null >&4 2>/dev/null 3<&- 4>&- & } 4>/proc/self/fd/3; then
                    set -- -D%5$s=/proc/self/fd/3 "$@"
                fi
                ;;
            esac
        """
                .formatted(
                        members,
                        call,
                        notForCollector(),
                        CollectorClient.COMMAND,
                        CollectorClient.FILE,
                        call.replace("\"", ""));
    }

    /** Returns the patterns of the options with which psm does not use the collector. */
    private static String notForCollector() {
        StringBuilder patterns = new StringBuilder("*' maps '*");
        for (Option option : Option.values()) {
            if (!option.isForCollector()) {
                for (String name : option.names(true)) {
                    patterns.append(" | *' ")
                            .append(name)
                            .append(option.takesValue() ? "'*" : " '*");
                }
            }
        }
        return patterns.toString();
    }
}
