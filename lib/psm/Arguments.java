package psm;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the command line. */
final class Arguments {
    static final String INSTALL = "install";
    static final String UNINSTALL = "uninstall";
    static final String DOCTOR = "doctor";
    private static final List<String> COMMANDS = List.of(INSTALL, UNINSTALL, DOCTOR);

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

    private static final String PSM = "psm";
    private static final String HELP = " --help lists the options";
    private static final String FORMAT = "FORMAT";
    private static final String ON = "on";
    private static final String OFF = "off";
    private static final int HELP_COLUMNS = 80;
    private static final int MAX_WORKERS = 256;
    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    /** Of numbers with decimals: with more of them, sums of nanoseconds could overflow. */
    private static final int MAX_DIGITS = 8;

    private static final int MAX_DECIMALS = 9;

    /** picocli's own looks for Groovy in all jars first. */
    private static final CommandLine.IFactory FACTORY =
            new CommandLine.IFactory() {
                @Override
                public <K> K create(Class<K> type) throws Exception {
                    return type.getDeclaredConstructor().newInstance();
                }
            };

    private Arguments() {}

    /**
     * What the command line asks for.
     *
     * @throws Failure for what psm does not know, cannot be read, or does not go together
     */
    static Options parse(String... args) throws Failure {
        Topic command = args.length == 0 ? null : Topic.of(args[0]);
        Topic topic = command == null ? Topic.PROCESSES : command;
        String[] rest = command == null ? args : Arrays.copyOfRange(args, 1, args.length);
        ParseResult parsed = parse(spec(true, topic), ViewArguments.withColumnsMarked(rest));
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
            return new CommandLine(spec(false, topic), FACTORY)
                    .getUsageMessage(CommandLine.Help.Ansi.OFF);
        }
        return parsed.hasMatchedOption("--version")
                ? "psm " + Main.VERSION + " (Java " + Runtime.version() + ")\n"
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
            if (parsed.hasMatchedOption(option) && Asker.hasLessRights()) {
                throw Failure.usage(
                        option
                                + ": run by sudo, psm reads /proc alone and writes no files;"
                                + " whoever may do more can have it by 'sudo env -u SUDO_UID psm'",
                        null);
            }
        }
        String from = parsed.matchedOptionValue("--from", SnapshotFile.STANDARD_INPUT);
        if (!from.equals(SnapshotFile.STANDARD_INPUT) && Asker.hasLessRights()) {
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
        if (format.equals(Options.SNAPSHOT) && topic != Topic.PROCESSES) {
            throw Failure.usage(
                    topic.command + ": -o snapshot goes without a command; leave out one of them",
                    null);
        }
        if (format.equals(Options.SNAPSHOT)) {
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
    record Installation(
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
    static Installation parseInstallation(String... args) throws Failure {
        if (!COMMANDS.contains(args[0])) {
            return null;
        }
        ParseResult parsed = parse(command(args[0]), Arrays.copyOfRange(args, 1, args.length));
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
    static String helpText(String command) {
        CommandLine psm = new CommandLine(spec(false), FACTORY);
        return psm.getSubcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The text of {@code --help}. */
    static String helpText() {
        return new CommandLine(spec(false), FACTORY).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static ParseResult parse(CommandSpec spec, String... args) throws Failure {
        try {
            return new CommandLine(spec, FACTORY)
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
        boolean isPsm = command.startsWith(PSM);
        if (argument.equals("--map") || argument.startsWith("--map=")) {
            return "--map: chooses rows of maps: psm maps --map REGEX";
        }
        if (isPsm && COMMANDS.contains(argument)) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
        if (isPsm && Topic.of(argument) != null) {
            return argument + ": comes first, before the options: psm " + argument;
        }
        if (isPsm && !command.equals(PSM) && isOfPsm(argument)) {
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
                        ? (isPsm ? command : PSM) + HELP
                        : "did you mean " + similar.get(0) + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    /** Whether it is an option that psm has without a command. */
    private static boolean isOfPsm(String argument) {
        String name = argument.split("=", 2)[0];
        return spec(true).optionsMap().containsKey(name);
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

    /**
     * @param forParsing with Go psm's names too, which have one dash, and without the headings and
     *     commands of help
     */
    static CommandSpec spec(boolean forParsing) {
        return spec(forParsing, Topic.PROCESSES);
    }

    private static CommandSpec spec(boolean forParsing, Topic topic) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(PSM);
        add(
                spec,
                forParsing,
                topic,
                "What to report:",
                topic.isOfMappings()
                        ? list(
                                "name|kind",
                                List.of("name", "kind"),
                                "rows of one name (default), or of one kind: heap, stack, file"
                                        + " text, shared memory and so on",
                                "--by")
                        : list(
                                "WHAT[,WHAT...]",
                                groupings(),
                                "what rows are of: program (default), pid, command, user, group,"
                                    + " cgroup, unit, container, parent, tree, or several; or help",
                                "--by"),
                flag("the same as --by pid", "-d", "--by-pid"),
                flag("the same as --by command", "-s", "--by-command"),
                flag("the same as --by user", "-u", "--by-user"),
                list(
                        "COLUMN[,...]",
                        figures(),
                        "these columns; +COLUMN and -COLUMN add to and take from the usual ones;"
                                + " -c help lists them",
                        "-c",
                        "--columns"),
                flag("show the memory of the heap too", names(forParsing, "-heap", "--heap")),
                flag(
                        "show the smallest, the median and the largest process of each row,"
                                + " and its pid",
                        "--spread"),
                flag(
                        "tell under the total where all of the memory is (csv and tsv cannot)",
                        "--host"),
                value(
                        "on|off",
                        "whether a title that a program gives itself is its name"
                                + " (default: on), or its executable alone",
                        "--by-title"),
                flag(
                        "tell java, python, node, ruby, perl and shells apart by"
                                + " what they run",
                        "--scripts"));
        add(
                spec,
                forParsing,
                topic,
                "Which processes (!LIST: all but those of the list):",
                value(
                        "REGEX",
                        (topic == Topic.PROCESSES ? "only rows" : "only processes")
                                + " with a name in which REGEX finds something",
                        names(forParsing, "-filter", "-f", "--filter")),
                value("REGEX", "only mappings with such a name, or kinds of them", "--map"),
                value("PID[,PID...]", "these processes; self is psm's own", "-p", "--pid"),
                value("PID[,PID...]", "these, and all that they have started", "--children-of"),
                value("USER[,USER...]", "of these users, by name or id", "--user"),
                value("PATH[,...]", "in these control groups and those below them", "--cgroup"),
                value("UNIT[,UNIT...]", "of these systemd units, slices or sessions", "--unit"),
                value("NAME[,NAME...]", "in these containers, by name or id", "--container"),
                value(
                        "N",
                        topic == Topic.OOM
                                ? "the N that die first"
                                : "the largest N rows, by the column that sorts them, or by pss"
                                        + " where that has names",
                        "-n",
                        "--rows"),
                value(
                        "SIZE",
                        "rows with SIZE and more, such as 10M, in the column that sorts them, or"
                                + " of pss where that has no sizes",
                        "--min"),
                flag("the total alone; with --units b, a bare number", "-t", "--total"));
        add(
                spec,
                forParsing,
                topic,
                "How it looks:",
                value(
                        FORMAT,
                        "table (default), json, csv, markdown, tsv, ndjson, snapshot (for --from),"
                                + " or a plugin's",
                        "-o",
                        "--output"),
                list(
                        "COLUMN",
                        figures(),
                        "sort by COLUMN (default: pss), shown or not; name for names",
                        "--sort"),
                flag("the largest first", "-r", "--reverse"),
                value("auto|b|k|m|g", "of sizes in a table (default: m)", "--units"),
                flag("units of 1,000, not of 1,024", "--si"),
                flag("leave out the titles, in csv and tsv too", "--no-header"),
                flag("a bar beside each row for its share of the total", "--bars"),
                value(
                        "SECONDS",
                        topic == Topic.PROCESSES
                                ? "again and again, with what changed"
                                : "again and again",
                        "-w",
                        "--watch"),
                flag(
                        "csv and tsv: names as they are, even where a spreadsheet would"
                                + " take them for formulas",
                        "--csv-raw"),
                flag("exit with 3 where the report leaves something out", "--strict"));
        add(
                spec,
                forParsing,
                topic,
                "Where from:",
                value(
                        "auto|rollup|smaps",
                        "the file; auto (default) is smaps_rollup where it tells"
                                + " what is asked for",
                        "--source"),
                value("DIR", "read DIR, a folder that looks like /proc", "--proc"),
                value(
                        "FILE",
                        "read FILE, a snapshot that 'psm -o snapshot' wrote (- is standard input)",
                        "--from"),
                value(
                        "N",
                        "read with N threads (default: as many as are worth it)",
                        "-j",
                        "--workers"),
                value(
                        "SECONDS",
                        "give up a process that the kernel gives no answer for (default: 2)",
                        "--timeout"),
                value(
                        "MS",
                        "estimate the memory of processes that would take the"
                                + " kernel longer than MS milliseconds to walk"
                                + " (default: none)",
                        "--max-cost"));
        add(
                spec,
                forParsing,
                topic,
                "About psm itself:",
                flag("tell on standard error what the run took", "--stats"),
                value(
                        "FILE",
                        "write where time is spent to FILE (a JDK Flight Recording)",
                        names(forParsing, "-cpuprofile", "--cpuprofile")),
                value(
                        "FILE",
                        "write what is allocated to FILE (likewise)",
                        names(forParsing, "-memprofile", "--memprofile")),
                flag(
                        "name the processes that could not be read; with an error,"
                                + " show where it was met",
                        "--debug"),
                flag("show this help", "-h", "--help"),
                flag("show the version", "-V", "--version"));
        if (topic != Topic.PROCESSES) {
            spec.name(PSM + ' ' + topic.command)
                    .usageMessage()
                    .width(HELP_COLUMNS)
                    .sortOptions(false)
                    .customSynopsis(PSM + ' ' + topic.command + " [OPTION...]")
                    .description(topic.description);
            return spec;
        }
        if (!forParsing) {
            for (Topic other : new Topic[] {Topic.MAPS, Topic.OOM}) {
                CommandSpec sub = spec(false, other).name(other.command);
                spec.addSubcommand(other.command, new CommandLine(sub, FACTORY));
            }
            for (String name : COMMANDS) {
                spec.addSubcommand(name, new CommandLine(command(name), FACTORY));
            }
        }
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis("psm [OPTION...]")
                .commandListHeading("%nCommands:%n")
                .description(
                        "Who uses how much RAM and swap on this Linux box? The biggest comes last.")
                .footer(
                        "",
                        "Examples:",
                        "  sudo psm                      everybody's memory, not just your own",
                        "  psm -f 'celery|nginx'         programs with one of these in their name",
                        "  psm --by user,program -n 10   whose programs are the largest?",
                        "  psm -u -c pss,uss,swap,peak   each user's memory, in other columns",
                        "  psm -o csv > memory.csv       for a spreadsheet");
        return spec;
    }

    private static CommandSpec command(String name) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        spec.addOption(
                value(
                        "DIR",
                        "below DIR (default: /usr/local for root, ~/.local for others)",
                        "--prefix"));
        if (name.equals(INSTALL)) {
            spec.addOption(value("HOME", "run on this Java (default: the newest)", "--java"));
            spec.addOption(
                    value("NAME", "let the members of a group see all processes", "--group"));
            spec.addOption(
                    flag("let them by a socket of systemd's (default: by sudo)", "--socket"));
            spec.addOption(flag("only tell what would be done", "--dry-run"));
        }
        spec.addOption(flag("show this help", "-h", "--help"));
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .description(
                        switch (name) {
                            case INSTALL ->
                                    "install psm: a launcher that starts fast, a man page and"
                                            + " completions";
                            case UNINSTALL -> "take away what 'psm install' has installed";
                            default -> "check what 'psm install' has installed";
                        });
        return spec;
    }

    private static String[] names(boolean forParsing, String goName, String... names) {
        if (!forParsing) {
            return names;
        }
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = goName;
        return all;
    }

    /**
     * Adds options, for help under a heading. (To parse groups takes longer, and gives the same.)
     */
    private static void add(
            CommandSpec spec,
            boolean forParsing,
            Topic topic,
            String heading,
            OptionSpec... options) {
        ArgGroupSpec.Builder group =
                ArgGroupSpec.builder().validate(false).heading("%n" + heading + "%n");
        for (OptionSpec option : options) {
            if (topic.without.contains(option.longestName())) {
                continue;
            }
            if (forParsing) {
                spec.addOption(option);
            } else {
                group.addArg(option);
            }
        }
        if (!forParsing) {
            spec.addArgGroup(group.build());
        }
    }

    private static OptionSpec value(String label, String description, String... names) {
        OptionSpec.Builder option =
                OptionSpec.builder(names)
                        .paramLabel(label)
                        .arity("1")
                        .type(String.class)
                        .description(description);
        if (label.equals(FORMAT)) {
            option.completionCandidates(
                    List.of("table", "json", "csv", "markdown", "tsv", "ndjson", "snapshot"));
        } else if (label.contains("|")) {
            option.completionCandidates(List.of(label.split("[|]", -1)));
        }
        return option.build();
    }

    private static OptionSpec list(
            String label, List<String> candidates, String description, String... names) {
        return OptionSpec.builder(names)
                .paramLabel(label)
                .arity("1")
                .type(String.class)
                .description(description)
                .completionCandidates(candidates)
                .build();
    }

    private static List<String> groupings() {
        List<String> names = new ArrayList<>();
        for (Grouping grouping : Grouping.values()) {
            names.add(grouping.option);
        }
        return names;
    }

    private static List<String> figures() {
        List<String> names = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            names.add(figure.option);
        }
        return names;
    }

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).arity("0").description(description).build();
    }
}
