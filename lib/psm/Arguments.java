package psm;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the command line. */
final class Arguments {
    static final String INSTALL = "install";
    static final String UNINSTALL = "uninstall";

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
        ParseResult parsed = parse(spec(true), args);
        boolean heap = parsed.hasMatchedOption("--heap");
        Source source = source(parsed.matchedOptionValue("--source", "auto"));
        if (heap && source == Source.ROLLUP) {
            throw Failure.usage(
                    "--heap: smaps_rollup has no [heap]; leave out --source rollup", null);
        }
        boolean host = parsed.hasMatchedOption("--host");
        if (host && parsed.hasMatchedOption("--filter")) {
            throw Failure.usage(
                    "--host: accounts for the memory of all processes; leave out --filter", null);
        }
        String format = parsed.matchedOptionValue("--output", Options.DEFAULT_FORMAT);
        if (host && format.equals("csv")) {
            throw Failure.usage("--host: csv has rows alone; use -o table or -o json", null);
        }
        String cpuProfile = parsed.matchedOptionValue("--cpuprofile", null);
        String memProfile = parsed.matchedOptionValue("--memprofile", null);
        if (cpuProfile != null && cpuProfile.equals(memProfile)) {
            throw Failure.usage(
                    "--memprofile " + memProfile + ": is the file of --cpuprofile; name another",
                    null);
        }
        refuseForOthers(parsed);
        boolean help = parsed.hasMatchedOption("--help");
        boolean version = parsed.hasMatchedOption("--version");
        return new Options(
                filter(parsed.matchedOptionValue("--filter", null)),
                heap,
                byTitle(parsed.matchedOptionValue("--by-title", ON)),
                parsed.hasMatchedOption("--scripts"),
                host,
                parsed.hasMatchedOption("--strict"),
                parsed.hasMatchedOption("--csv-raw"),
                format,
                source,
                help || version ? null : Options.proc(parsed.matchedOptionValue("--proc", null)),
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
                parsed.hasMatchedOption("--debug"),
                help,
                version);
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
    }

    /**
     * What {@code psm install} and {@code psm uninstall} ask for.
     *
     * @param prefix below which, or {@code null} for the default
     * @param java the home of the Java to use, or {@code null} for the newest
     * @param dryRun whether only to tell
     * @param help whether help is all that is wanted
     */
    record Installation(String command, String prefix, String java, boolean dryRun, boolean help) {}

    /**
     * What the command line asks for, or {@code null} where that is a report.
     *
     * @throws Failure as {@link #parse} does
     */
    static Installation parseInstallation(String... args) throws Failure {
        if (!args[0].equals(INSTALL) && !args[0].equals(UNINSTALL)) {
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
        return new Installation(
                args[0],
                prefix,
                isInstall ? parsed.matchedOptionValue("--java", null) : null,
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
        boolean isPsm = e.getCommandLine().getCommandName().equals("psm");
        if (isPsm && (argument.equals(INSTALL) || argument.equals(UNINSTALL))) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
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
                        ? "psm --help lists the options"
                        : "did you mean " + similar.get(0) + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    private static Filter filter(String regex) throws Failure {
        if (regex == null) {
            return null;
        }
        try {
            if (Filter.repeatsTooOften(regex)) {
                throw Failure.usage(
                        "--filter '" + regex + "': repeats too often; names are shorter", null);
            }
            return new Filter(Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw Failure.usage(
                    "--filter '"
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
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name("psm");
        add(
                spec,
                forParsing,
                "What to report:",
                value(
                        "REGEX",
                        "only programs with a name in which REGEX finds something",
                        names(forParsing, "-filter", "-f", "--filter")),
                value(
                        "on|off",
                        "whether a title that a program gives itself is its name"
                                + " (default: on), or its executable alone",
                        "--by-title"),
                flag(
                        "tell java, python, node, ruby, perl and shells apart by"
                                + " what they run",
                        "--scripts"),
                flag("tell under the total where all of the memory is (table and json)", "--host"),
                flag("show the memory of the heap too", names(forParsing, "-heap", "--heap")),
                value(FORMAT, "table (default), json, csv, or a plugin's", "-o", "--output"),
                flag(
                        "csv: names as they are, even where a spreadsheet would"
                                + " take them for formulas",
                        "--csv-raw"),
                flag("exit with 3 where the report leaves something out", "--strict"));
        add(
                spec,
                forParsing,
                "Where from:",
                value(
                        "auto|rollup|smaps",
                        "the file; auto (default) is smaps_rollup where it tells"
                                + " what is asked for",
                        "--source"),
                value("DIR", "read DIR, a folder that looks like /proc", "--proc"),
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
        if (!forParsing) {
            for (String name : new String[] {INSTALL, UNINSTALL}) {
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
            spec.addOption(flag("only tell what would be done", "--dry-run"));
        }
        spec.addOption(flag("show this help", "-h", "--help"));
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .description(
                        name.equals(INSTALL)
                                ? "install psm: a launcher that starts fast, a man page and"
                                        + " completions"
                                : "take away what 'psm install' has installed");
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
            CommandSpec spec, boolean forParsing, String heading, OptionSpec... options) {
        ArgGroupSpec.Builder group =
                ArgGroupSpec.builder().validate(false).heading("%n" + heading + "%n");
        for (OptionSpec option : options) {
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
            option.completionCandidates(List.of("table", "json", "csv"));
        } else if (label.contains("|")) {
            option.completionCandidates(List.of(label.split("[|]", -1)));
        }
        return option.build();
    }

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).arity("0").description(description).build();
    }
}
