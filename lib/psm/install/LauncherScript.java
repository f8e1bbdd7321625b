package psm.install;

import psm.cli.Option;
import psm.collect.CollectorClient;
import psm.text.Version;
import psm.trust.Subprocess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The shell script {@code bin/psm}. It chooses the archive for the run, passes the size of the
 * terminal to Java, starts the collector for a member of a group, and then executes Java in its
 * place.
 */
final class LauncherScript {
    /** The whole script, without the lines for a group. */
    private static final String SCRIPT =
            """
            #!/bin/sh
            # psm %s, written by 'psm install'. Run that again to repair it, 'psm uninstall' to remove it.
            java=%s
            [ -x "$java" ] || java=$(command -v java) || {
                echo "psm: the Java that it was installed with is missing, and there is no other on the PATH; install Java 17 or later" >&2
                exit 1
            }
            unset %s
            case " $* " in
            '  ') archive=%s ;;
            *' -o'* | *' --o'*) archive=%s ;;
            *) archive=%s ;;
            esac
            set -- %s "$@"
            [ ! -t 1 ] || set -- "-Dpsm.window=$(stty size 2>/dev/null <&1)" "$@"
            %sexec "$java" %s %s "$@"
            """;

    private LauncherScript() {}

    /**
     * Returns the script.
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
        return SCRIPT.formatted(
                Version.CURRENT,
                quoted(command.get(0)),
                String.join(" ", Subprocess.JAVA_VARIABLES),
                Archive.PLAIN.stem(),
                Archive.FORMATS.stem(),
                Archive.OPTIONS.stem(),
                main.getName(),
                access == null ? "" : groupPart(access),
                quoted(archive.substring(0, name)) + archive.substring(name),
                String.join(" ", words));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_/.:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Returns the lines that set the system properties of {@link CollectorClient}. */
    private static String groupPart(GroupAccess access) {
        Prefix prefix = access.prefix();
        return """
        if [ -r %s ]; then
            : root needs no collector
        %selse
            set -- -D%s=%s "$@"
        fi
        """
                .formatted(
                        prefix.access(),
                        sudoPart(access),
                        CollectorClient.GROUP,
                        access.group());
    }

    /**
     * Returns the lines that start the collector with sudo, so that it works while Java starts. It
     * writes into the pipe that most shells make for a short here-document. If a shell makes a file
     * instead, Java starts the collector.
     */
    private static String sudoPart(GroupAccess access) {
        return """
        elif [ -r %1$s ]; then
            set -- '-D%4$s=%2$s' "$@"
            case " $* " in
            *' install '* | *' uninstall '* | *' doctor '* | *' -h '* | *' --help '* | *' -V '* | *' --version '*) ;;
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
                        access.prefix().members(),
                        String.join(" ", access.rule().call()),
                        notForCollector(),
                        CollectorClient.COMMAND,
                        CollectorClient.FILE);
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
