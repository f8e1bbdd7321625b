package psm.cli;

import psm.text.Failure;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the command line of {@code psm install}, {@code psm uninstall} or {@code psm doctor}
 * requests.
 *
 * @param words the words of the command line
 * @param text the help that is requested instead; {@code null} for none
 * @param prefix the folder of the installation, or {@code null} for the default
 * @param java the home of the Java to use, or {@code null} for the newest
 * @param group the group whose members are to see all processes, or {@code null}
 * @param services the services of systemd to set up
 * @param noCommands whether they see no command lines and titles
 * @param dryRun whether to only show what would be done
 */
public record InstallArguments(
        List<String> words,
        String text,
        String prefix,
        String java,
        String group,
        Services services,
        boolean noCommands,
        boolean dryRun) {
    /**
     * Which services of systemd to set up.
     *
     * @param recording the options for {@code psm record}; {@code null} for no recorder
     * @param textfile the file for node_exporter; {@code null} for no file
     */
    public record Services(List<String> recording, Textfile textfile) {}

    /**
     * The file for node_exporter.
     *
     * @param folder the folder that node_exporter reads
     * @param options the options for {@code psm -o prometheus}, such as {@code --by unit}
     */
    public record Textfile(String folder, List<String> options) {}

    public static final String INSTALL = "install";
    public static final String UNINSTALL = "uninstall";
    public static final String DOCTOR = "doctor";

    /** The options of {@code psm record} that the service may have too. */
    static final List<Option> OF_RECORDER =
            List.of(Option.RECORD_INTERVAL, Option.KEEP, Option.MAX_SIZE);

    /** The options of {@code psm -o prometheus} that the file for node_exporter may have too. */
    static final List<Option> OF_TEXTFILE = List.of(Option.BY, Option.ROWS, Option.COLUMNS);

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
                        OptionSpecs.command(args[0]),
                        ColumnArguments.withMarks(Arrays.copyOfRange(args, 1, args.length)));
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
                List.of(args),
                parsed.has(Option.HELP) ? OptionSpecs.help(args[0]) : null,
                prefix,
                parsed.value(Option.JAVA),
                parsed.value(Option.GROUP),
                new Services(recording(parsed), textfile(parsed)),
                parsed.has(Option.NO_COMMANDS),
                parsed.has(Option.DRY_RUN));
    }

    /** Returns which of the commands it is. */
    public String command() {
        return words.get(0);
    }

    /** Returns whether to show details of what fails. */
    public boolean debug() {
        return words.contains(Option.DEBUG.toString());
    }

    /** Returns the command line without the name of psm, so that a shell reads the same words. */
    public String line() {
        StringBuilder line = new StringBuilder();
        for (String word : words) {
            boolean isPlain = word.matches("[A-Za-z0-9_/.:=,@%+-]+");
            line.append(line.isEmpty() ? "" : " ")
                    .append(isPlain ? word : "'" + word.replace("'", "'\\''") + "'");
        }
        return line.toString();
    }

    /** Returns the options for the recorder as the unit starts it, or {@code null}. */
    private static List<String> recording(ParsedOptions parsed) throws Failure {
        if (parsed.has(Option.RECORD)) {
            RecordArguments.of(parsed);
        }
        List<String> words = words(parsed, OF_RECORDER, Option.RECORD, "a recorder");
        if (parsed.has(Option.NO_COMMANDS)) {
            words.add(Option.NO_COMMANDS.brief());
        }
        return parsed.has(Option.RECORD) ? words : null;
    }

    /** Returns the file that the unit writes, or {@code null}. */
    private static Textfile textfile(ParsedOptions parsed) throws Failure {
        List<String> words =
                words(parsed, OF_TEXTFILE, Option.TEXTFILE, "the file for node_exporter");
        if (!parsed.has(Option.TEXTFILE)) {
            return null;
        }
        List<String> report = new ArrayList<>(List.of(Option.OUTPUT.brief(), "prometheus"));
        report.addAll(words);
        if (Arguments.parse(report.toArray(new String[0])).text() != null) {
            throw Failure.usage(
                    "help: is no name here; run 'psm " + String.join(" ", words) + "'", null);
        }
        return new Textfile(parsed.value(Option.TEXTFILE), words);
    }

    /** Returns those options that are on the command line, as a unit has them. */
    private static List<String> words(
            ParsedOptions parsed, List<Option> options, Option owner, String what) throws Failure {
        List<String> words = new ArrayList<>();
        for (Option option : options) {
            if (parsed.has(option)) {
                if (!parsed.has(owner)) {
                    throw Failure.usage(
                            parsed.typed(option) + ": belongs to " + what + "; add " + owner, null);
                }
                words.add(option.brief());
                words.add(parsed.value(option).replace(" ", ""));
            }
        }
        return words;
    }
}
