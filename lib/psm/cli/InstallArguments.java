package psm.cli;

import psm.text.Failure;

import java.util.Arrays;
import java.util.List;

/**
 * What the command line of {@code psm install}, {@code psm uninstall} or {@code psm doctor}
 * requests.
 *
 * @param text the help that is requested instead; {@code null} for none
 * @param prefix the folder of the installation, or {@code null} for the default
 * @param java the home of the Java to use, or {@code null} for the newest
 * @param group the group whose members are to see all processes, or {@code null}
 * @param noCommands whether they see no command lines and titles
 * @param dryRun whether to only show what would be done
 * @param debug whether to show details of what fails
 */
public record InstallArguments(
        String command,
        String text,
        String prefix,
        String java,
        String group,
        boolean noCommands,
        boolean dryRun,
        boolean debug) {
    static final String INSTALL = "install";
    public static final String UNINSTALL = "uninstall";
    public static final String DOCTOR = "doctor";

    private static final List<String> COMMANDS = List.of(INSTALL, UNINSTALL, DOCTOR);

    /**
     * Reads the command line.
     *
     * @return {@code null} if the command line requests a report
     * @throws Failure as {@link Arguments#parse} does
     */
    public static InstallArguments parse(String... args) throws Failure {
        if (!COMMANDS.contains(args[0])) {
            return null;
        }
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        String prefix = parsed.value(Option.PREFIX);
        if (prefix != null && (prefix.contains(":") || prefix.contains("\n"))) {
            throw Failure.usage(
                    Option.PREFIX
                            + " "
                            + prefix
                            + ": contains a ':' or a newline, which a class path cannot",
                    null);
        }
        if (parsed.has(Option.NO_COMMANDS) && parsed.value(Option.GROUP) == null) {
            throw Failure.usage(
                    Option.NO_COMMANDS + ": needs a group; add " + Option.GROUP + " NAME", null);
        }
        return new InstallArguments(
                args[0],
                parsed.has(Option.HELP) ? OptionSpecs.help(args[0]) : null,
                prefix,
                parsed.value(Option.JAVA),
                parsed.value(Option.GROUP),
                parsed.has(Option.NO_COMMANDS),
                parsed.has(Option.DRY_RUN),
                parsed.has(Option.DEBUG));
    }
}
