package psm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import psm.format.Exporters;
import psm.proc.InvokingUser;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Scan;
import psm.scan.Selection;
import psm.scan.Source;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Version;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the command line. */
public final class Arguments {
    static final String INSTALL = "install";
    public static final String UNINSTALL = "uninstall";
    public static final String DOCTOR = "doctor";

    /** Options that change nothing in a snapshot. */
    private static final Set<String> OF_REPORTS =
            Set.of(
                    "--filter",
                    "--by",
                    "--by-pid",
                    "--by-command",
                    "--by-user",
                    "--columns",
                    "--spread",
                    "--host",
                    "--by-title",
                    "--scripts",
                    "--rows",
                    "--min",
                    "--total",
                    "--sort",
                    "--reverse",
                    "--units",
                    "--si",
                    "--no-header",
                    "--bars",
                    "--watch",
                    "--csv-raw");

    private static final String HELP = " --help lists the options";
    private static final String ON = "on";
    private static final String OFF = "off";
    private static final int MAX_WORKERS = 256;
    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    /** Of numbers with decimals: with more of them, sums of nanoseconds could overflow. */
    private static final int MAX_DIGITS = 8;

    private static final int MAX_DECIMALS = 9;

    private Arguments() {}

    /**
     * What the command line asks for.
     *
     * @throws Failure for what psm does not know, cannot be read, or does not go together
     */
    public static Options parse(String... args) throws Failure {
        Topic command = args.length == 0 ? null : Topic.of(args[0]);
        Topic topic = command == null ? Topic.PROCESSES : command;
        String[] rest = command == null ? args : Arrays.copyOfRange(args, 1, args.length);
        ParseResult parsed =
                parse(OptionSpecs.of(true, topic), ViewArguments.withColumnsMarked(rest));
        ViewArguments views = new ViewArguments(parsed, topic);
        Filter filter = filter("--filter", parsed);
        View view = views.view(topic == Topic.MAPS ? filter("--map", parsed) : filter);
        Selection selection = views.selection();
        Source source = source(parsed.matchedOptionValue("--source", "auto"));
        if (view.uses(Figure.HEAP) && source == Source.ROLLUP) {
            throw Failure.usage(
                    "--heap: smaps_rollup has no [heap]; leave out --source rollup", null);
        }
        String format = parsed.matchedOptionValue("--output", Options.DEFAULT_FORMAT);
        refuseNonsense(parsed, view, selection, format);
        String cpuProfile = parsed.matchedOptionValue("--cpuprofile", null);
        String memProfile = parsed.matchedOptionValue("--memprofile", null);
        if (cpuProfile != null && cpuProfile.equals(memProfile)) {
            throw Failure.usage(
                    "--memprofile " + memProfile + ": is the file of --cpuprofile; name another",
                    null);
        }
        refuseForOthers(parsed);
        refuseBesideSnapshots(parsed, topic, format);
        String text = text(parsed, topic, views);
        String from = parsed.matchedOptionValue("--from", null);
        return new Options(
                views.topic(),
                view,
                selection,
                topic == Topic.MAPS || view.filter() == null ? filter : null,
                text,
                views.layout(),
                nanos(
                        "--watch",
                        TimeUnit.SECONDS,
                        parsed.matchedOptionValue("--watch", "0"),
                        parsed.hasMatchedOption("--watch") ? Scan.TICK_NANOS : 0),
                byTitle(parsed.matchedOptionValue("--by-title", ON)),
                parsed.hasMatchedOption("--scripts"),
                parsed.hasMatchedOption("--strict"),
                parsed.hasMatchedOption("--csv-raw"),
                format,
                source,
                text == null && from == null
                        ? Options.proc(parsed.matchedOptionValue("--proc", null))
                        : null,
                from,
                workers(parsed.matchedOptionValue("--workers", null)),
                nanos(
                        "--timeout",
                        TimeUnit.SECONDS,
                        parsed.matchedOptionValue("--timeout", "2"),
                        Scan.TICK_NANOS),
                nanos(
                        "--max-cost",
                        TimeUnit.MILLISECONDS,
                        parsed.matchedOptionValue("--max-cost", "0"),
                        0),
                parsed.hasMatchedOption("--stats"),
                cpuProfile,
                memProfile,
                parsed.hasMatchedOption("--debug"));
    }

    /** What is wanted instead of a report, {@code null} for one. */
    private static String text(ParseResult parsed, Topic topic, ViewArguments views) {
        if (parsed.hasMatchedOption("--help")) {
            return OptionSpecs.commandLine(OptionSpecs.of(false, topic))
                    .getUsageMessage(CommandLine.Help.Ansi.OFF);
        }
        return parsed.hasMatchedOption("--version")
                ? "psm " + Version.CURRENT + " (Java " + Runtime.version() + ")\n"
                : views.help();
    }

    private static void refuseNonsense(
            ParseResult parsed, View view, Selection selection, String format) throws Failure {
        if (view.host() && (parsed.hasMatchedOption("--filter") || !selection.isAll())) {
            String option = parsed.hasMatchedOption("--filter") ? "--filter" : "the choice";
            throw Failure.usage(
                    "--host: accounts for the memory of all processes; leave out " + option, null);
        }
        boolean isRowsAlone = format.equals("csv") || format.equals("tsv");
        if (isRowsAlone && (view.host() || view.totalsAlone())) {
            throw Failure.usage(
                    (view.host() ? "--host" : "-t")
                            + ": "
                            + format
                            + " has rows alone; use -o table or -o json",
                    null);
        }
    }

    /** Nothing that a user names is touched with rights that are not his. */
    private static void refuseForOthers(ParseResult parsed) throws Failure {
        for (String option : new String[] {"--proc", "--cpuprofile", "--memprofile"}) {
            if (parsed.hasMatchedOption(option) && InvokingUser.hasFewerRights()) {
                throw Failure.usage(
                        option
                                + ": run by sudo, psm reads /proc alone and writes no files;"
                                + " whoever may do more can have it by 'sudo env -u SUDO_UID psm'",
                        null);
            }
        }
        String from = parsed.matchedOptionValue("--from", SnapshotFile.STANDARD_INPUT);
        if (!from.equals(SnapshotFile.STANDARD_INPUT) && InvokingUser.hasFewerRights()) {
            throw Failure.usage(
                    "--from "
                            + from
                            + ": run by sudo, psm reads no file that a user names; use --from - and"
                            + " standard input, or leave out sudo",
                    null);
        }
    }

    /** What would have no effect is refused: somebody expects one. */
    private static void refuseBesideSnapshots(ParseResult parsed, Topic topic, String format)
            throws Failure {
        if (parsed.hasMatchedOption("--from")) {
            for (String option :
                    new String[] {"--proc", "--workers", "--source", "--timeout", "--max-cost"}) {
                if (parsed.hasMatchedOption(option)) {
                    throw Failure.usage(
                            option
                                    + ": is about the reading of /proc; leave it out, or leave out"
                                    + " --from",
                            null);
                }
            }
            if (parsed.hasMatchedOption("--watch")) {
                throw Failure.usage("--watch: a snapshot does not change; leave out --from", null);
            }
        }
        if (format.equals(Exporters.SNAPSHOT) && topic != Topic.PROCESSES) {
            throw Failure.usage(
                    topic.command + ": -o snapshot goes without a command; leave out one of them",
                    null);
        }
        if (format.equals(Exporters.SNAPSHOT)) {
            refuseForSnapshots(parsed);
        }
    }

    private static void refuseForSnapshots(ParseResult parsed) throws Failure {
        for (OptionSpec option : parsed.matchedOptions()) {
            String name = option.longestName();
            if (OF_REPORTS.contains(name)) {
                throw Failure.usage(
                        name
                                + ": chooses what a report shows, and a snapshot has all of it;"
                                + " leave it out, and give it to 'psm --from FILE'",
                        null);
            }
        }
    }

    /**
     * What {@code psm install}, {@code psm uninstall} and {@code psm doctor} ask for.
     *
     * @param prefix below which, or {@code null} for the default
     * @param java the home of the Java to use, or {@code null} for the newest
     * @param group who shall see all processes, or {@code null}
     * @param socket whether by a socket
     * @param dryRun whether only to tell
     * @param help whether help is all that is wanted
     */
    public record Installation(
            String command,
            String prefix,
            String java,
            String group,
            boolean socket,
            boolean dryRun,
            boolean help) {}

    /**
     * What the command line asks for, or {@code null} where that is a report.
     *
     * @throws Failure as {@link #parse} does
     */
    public static Installation parseInstallation(String... args) throws Failure {
        if (!OptionSpecs.COMMANDS.contains(args[0])) {
            return null;
        }
        ParseResult parsed =
                parse(OptionSpecs.command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        boolean isInstall = args[0].equals(INSTALL);
        String prefix = parsed.matchedOptionValue("--prefix", null);
        if (prefix != null && (prefix.contains(":") || prefix.contains("\n"))) {
            throw Failure.usage(
                    "--prefix " + prefix + ": has a ':' or a newline, which no class path takes",
                    null);
        }
        String group = isInstall ? parsed.matchedOptionValue("--group", null) : null;
        boolean socket = isInstall && parsed.hasMatchedOption("--socket");
        if (socket && group == null) {
            throw Failure.usage("--socket: is for a group; add --group NAME", null);
        }
        return new Installation(
                args[0],
                prefix,
                isInstall ? parsed.matchedOptionValue("--java", null) : null,
                group,
                socket,
                isInstall && parsed.hasMatchedOption("--dry-run"),
                parsed.hasMatchedOption("--help"));
    }

    /** The text of {@code --help} after a command. */
    public static String helpText(String command) {
        CommandLine psm = OptionSpecs.commandLine(OptionSpecs.of(false));
        return psm.getSubcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The text of {@code --help}. */
    public static String helpText() {
        return OptionSpecs.commandLine(OptionSpecs.of(false))
                .getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static ParseResult parse(CommandSpec spec, String... args) throws Failure {
        try {
            return OptionSpecs.commandLine(spec)
                    .setExpandAtFiles(false)
                    .setOverwrittenOptionsAllowed(true)
                    .parseArgs(args);
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            throw Failure.usage(option.longestName() + " needs a value: " + option.paramLabel(), e);
        } catch (CommandLine.ParameterException e) {
            if (e.getArgSpec() instanceof OptionSpec option && option.arity().max() == 0) {
                throw Failure.usage(option.longestName() + ": takes no value", e);
            }
            throw Failure.usage(e.getMessage(), e);
        }
    }

    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        String command = e.getCommandLine().getCommandName();
        boolean isPsm = command.startsWith(OptionSpecs.PSM);
        if (argument.equals("--map") || argument.startsWith("--map=")) {
            return "--map: chooses rows of maps: psm maps --map REGEX";
        }
        if (isPsm && OptionSpecs.COMMANDS.contains(argument)) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
        if (isPsm && Topic.of(argument) != null) {
            return argument + ": comes first, before the options: psm " + argument;
        }
        if (isPsm && !command.equals(OptionSpecs.PSM) && isOfPsm(argument)) {
            return argument + ": " + command + " has no such option; " + command + HELP;
        }
        if (!e.isUnknownOption()) {
            return "'"
                    + argument
                    + "': psm takes options alone; to choose programs, use -f "
                    + argument;
        }
        List<String> similar = e.getSuggestions();
        String advice =
                similar.isEmpty()
                        ? (isPsm ? command : OptionSpecs.PSM) + HELP
                        : "did you mean " + similar.get(0) + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    /** Whether it is an option that psm has without a command. */
    private static boolean isOfPsm(String argument) {
        String name = argument.split("=", 2)[0];
        return OptionSpecs.of(true).optionsMap().containsKey(name);
    }

    private static Filter filter(String option, ParseResult parsed) throws Failure {
        String regex = parsed.matchedOptionValue(option, null);
        if (regex == null) {
            return null;
        }
        try {
            if (Filter.repeatsTooOften(regex)) {
                throw Failure.usage(
                        option + " '" + regex + "': repeats too often; names are shorter", null);
            }
            return new Filter(option, Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw Failure.usage(
                    option
                            + " '"
                            + regex
                            + "': not a regular expression: "
                            + e.getDescription()
                            + " at character "
                            + (e.getIndex() + 1)
                            + "; a backslash before a special character takes it literally",
                    e);
        }
    }

    private static boolean byTitle(String value) throws Failure {
        if (!value.equals(ON) && !value.equals(OFF)) {
            throw Failure.usage("--by-title " + value + ": takes on or off", null);
        }
        return value.equals(ON);
    }

    private static Source source(String name) throws Failure {
        StringBuilder names = new StringBuilder();
        for (Source source : Source.values()) {
            if (source.optionName().equals(name)) {
                return source;
            }
            names.append(names.length() == 0 ? "" : ", ").append(source.optionName());
        }
        throw Failure.usage("--source " + name + ": no such source; there are " + names, null);
    }

    private static int workers(String number) throws Failure {
        if (number == null) {
            return 0;
        }
        try {
            int workers = Integer.parseInt(number);
            if (workers >= 1 && workers <= MAX_WORKERS) {
                return workers;
            }
        } catch (NumberFormatException e) {
            throw Failure.usage(notWorkers(number), e);
        }
        throw Failure.usage(notWorkers(number), null);
    }

    /**
     * A number of seconds or milliseconds, that may have decimals. (Not by BigDecimal, which takes
     * half as long to load as all the rest of psm to run.)
     */
    private static long nanos(String option, TimeUnit unit, String number, long least)
            throws Failure {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String decimals = point < 0 ? "0" : number.substring(point + 1);
        if (areDigits(whole, MAX_DIGITS) && areDigits(decimals, MAX_DECIMALS)) {
            long nanos = unit.toNanos(Long.parseLong(whole));
            long place = unit.toNanos(1);
            for (int i = 0; i < decimals.length(); i++) {
                place /= 10;
                nanos += (decimals.charAt(i) - '0') * place;
            }
            if (nanos >= least && nanos <= MAX_NANOS) {
                return nanos;
            }
        }
        throw Failure.usage(notATime(option, unit, number), null);
    }

    private static boolean areDigits(String text, int most) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= most;
    }

    private static String notATime(String option, TimeUnit unit, String number) {
        return option
                + " "
                + number
                + ": takes a number of "
                + unit.name().toLowerCase(Locale.ROOT)
                + ", such as 0.5; 0.1 seconds at least, a day at most";
    }

    private static String notWorkers(String number) {
        return "-j " + number + ": takes a number of threads from 1 to " + MAX_WORKERS;
    }
}
