package psm.cli;

import psm.text.Failure;

import java.util.ArrayList;
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
 * @param services the services of systemd to set up
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
        Services services,
        boolean noCommands,
        boolean dryRun,
        boolean debug) {
    /**
     * Which services of systemd to set up.
     *
     * @param recording the options for {@code psm record}; {@code null} for no recorder
     * @param textfile the folder of a file for node_exporter; {@code null} for no file
     */
    public record Services(List<String> recording, String textfile) {}

    static final String INSTALL = "install";
    public static final String UNINSTALL = "uninstall";
    public static final String DOCTOR = "doctor";

    /** The options of {@code psm record} that the service may have too. */
    static final List<Option> OF_RECORDER =
            List.of(Option.RECORD_INTERVAL, Option.KEEP, Option.MAX_SIZE);

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
        if (parsed.has(Option.NO_COMMANDS)
                && parsed.value(Option.GROUP) == null
                && !parsed.has(Option.RECORD)) {
            throw Failure.usage(
                    Option.NO_COMMANDS
                            + ": needs a group or a recorder; add "
                            + Option.GROUP
                            + " NAME or "
                            + Option.RECORD,
                    null);
        }
        return new InstallArguments(
                args[0],
                parsed.has(Option.HELP) ? OptionSpecs.help(args[0]) : null,
                prefix,
                parsed.value(Option.JAVA),
                parsed.value(Option.GROUP),
                new Services(recording(parsed), parsed.value(Option.TEXTFILE)),
                parsed.has(Option.NO_COMMANDS),
                parsed.has(Option.DRY_RUN),
                parsed.has(Option.DEBUG));
    }

    /** Returns the options for the recorder as the unit starts it, or {@code null}. */
    private static List<String> recording(ParsedOptions parsed) throws Failure {
        if (parsed.has(Option.RECORD)) {
            RecordArguments.of(parsed);
        }
        List<String> words = new ArrayList<>();
        for (Option option : OF_RECORDER) {
            if (parsed.has(option)) {
                if (!parsed.has(Option.RECORD)) {
                    throw Failure.usage(
                            option + ": belongs to a recorder; add " + Option.RECORD, null);
                }
                words.add(option.brief());
                words.add(parsed.value(option).replace(" ", ""));
            }
        }
        if (parsed.has(Option.NO_COMMANDS)) {
            words.add(Option.NO_COMMANDS.brief());
        }
        return parsed.has(Option.RECORD) ? words : null;
    }
}
