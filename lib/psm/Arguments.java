package psm;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
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
    private static final BigDecimal MIN_TIMEOUT = BigDecimal.valueOf(Scan.TICK_NANOS);
    private static final BigDecimal MAX_NANOS = BigDecimal.valueOf(TimeUnit.DAYS.toNanos(1));

    private Arguments() {}

    /**
     * What the command line asks for.
     *
     * @throws Failure for what psm does not know, cannot be read, or does not go together
     */
    static Options parse(String... args) throws Failure {
        ParseResult parsed = parseArgs(args);
        if (parsed.hasSubcommand()) {
            String command = parsed.subcommand().commandSpec().name();
            throw Failure.usage(
                    command + ": comes first, and without psm's other options: psm " + command,
                    null);
        }
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
                        "seconds",
                        9,
                        parsed.matchedOptionValue("--timeout", "2"),
                        MIN_TIMEOUT),
                nanos(
                        "--max-cost",
                        "milliseconds",
                        6,
                        parsed.matchedOptionValue("--max-cost", "0"),
                        BigDecimal.ZERO),
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
        ParseResult parsed = parseArgs(args).subcommand();
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
        return spec(false).subcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The text of {@code --help}. */
    static String helpText() {
        return new CommandLine(spec(false)).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static ParseResult parseArgs(String... args) throws Failure {
        try {
            return new CommandLine(spec(true)).setExpandAtFiles(false).parseArgs(args);
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

    /** A number of seconds or milliseconds, that may have decimals. */
    private static long nanos(
            String option, String unit, int digits, String number, BigDecimal least)
            throws Failure {
        if (number.matches("[0-9]{1,8}([.][0-9]{1,9})?")) {
            BigDecimal nanos = new BigDecimal(number).movePointRight(digits);
            if (nanos.compareTo(least) >= 0 && nanos.compareTo(MAX_NANOS) <= 0) {
                return nanos.longValue();
            }
        }
        throw Failure.usage(notATime(option, unit, number), null);
    }

    private static String notATime(String option, String unit, String number) {
        return option
                + " "
                + number
                + ": takes a number of "
                + unit
                + ", such as 0.5; 0.1 seconds at least, a day at most";
    }

    private static String notWorkers(String number) {
        return "-j " + number + ": takes a number of threads from 1 to " + MAX_WORKERS;
    }

    /**
     * @param goSpellings whether to know Go psm's names too, which have one dash; help does not
     *     show them
     */
    static CommandSpec spec(boolean goSpellings) {
        CommandSpec spec = CommandSpec.create().name("psm");
        spec.addArgGroup(
                group("What to report:")
                        .addArg(
                                value(
                                        "REGEX",
                                        "only programs with a name in which REGEX finds something",
                                        names(goSpellings, "-filter", "-f", "--filter")))
                        .addArg(
                                value(
                                        "on|off",
                                        "whether a title that a program gives itself is its name"
                                                + " (default: on), or its executable alone",
                                        "--by-title"))
                        .addArg(
                                flag(
                                        "tell java, python, node, ruby, perl and shells apart by"
                                                + " what they run",
                                        "--scripts"))
                        .addArg(
                                flag(
                                        "tell under the total where all of the memory is (table and"
                                                + " json)",
                                        "--host"))
                        .addArg(
                                flag(
                                        "show the memory of the heap too",
                                        names(goSpellings, "-heap", "--heap")))
                        .addArg(
                                value(
                                        FORMAT,
                                        "table (default), json, csv, or a plugin's",
                                        "-o",
                                        "--output"))
                        .addArg(
                                flag(
                                        "csv: names as they are, even where a spreadsheet would"
                                                + " take them for formulas",
                                        "--csv-raw"))
                        .addArg(
                                flag(
                                        "exit with 3 where the report leaves something out",
                                        "--strict"))
                        .build());
        spec.addArgGroup(
                group("Where from:")
                        .addArg(
                                value(
                                        "auto|rollup|smaps",
                                        "the file; auto (default) is smaps_rollup where it tells"
                                                + " what is asked for",
                                        "--source"))
                        .addArg(value("DIR", "read DIR, a folder that looks like /proc", "--proc"))
                        .addArg(
                                value(
                                        "N",
                                        "read with N threads (default: as many as are worth it)",
                                        "-j",
                                        "--workers"))
                        .addArg(
                                value(
                                        "SECONDS",
                                        "give up a process that the kernel gives no answer for"
                                                + " (default: 2)",
                                        "--timeout"))
                        .addArg(
                                value(
                                        "MS",
                                        "estimate the memory of processes that would take the"
                                                + " kernel longer than MS milliseconds to walk"
                                                + " (default: none)",
                                        "--max-cost"))
                        .build());
        spec.addArgGroup(
                group("About psm itself:")
                        .addArg(flag("tell on standard error what the run took", "--stats"))
                        .addArg(
                                value(
                                        "FILE",
                                        "write where time is spent to FILE (a JDK Flight"
                                                + " Recording)",
                                        names(goSpellings, "-cpuprofile", "--cpuprofile")))
                        .addArg(
                                value(
                                        "FILE",
                                        "write what is allocated to FILE (likewise)",
                                        names(goSpellings, "-memprofile", "--memprofile")))
                        .addArg(
                                flag(
                                        "name the processes that could not be read; with an error,"
                                                + " show where it was met",
                                        "--debug"))
                        .addArg(flag("show this help", "-h", "--help"))
                        .addArg(flag("show the version", "-V", "--version"))
                        .build());
        spec.addSubcommand(
                INSTALL,
                command(
                        INSTALL,
                        "install psm: a launcher that starts fast, a man page and completions",
                        value("HOME", "run on this Java (default: the newest)", "--java"),
                        flag("only tell what would be done", "--dry-run")));
        spec.addSubcommand(
                UNINSTALL, command(UNINSTALL, "take away what 'psm install' has installed"));
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

    private static CommandSpec command(String name, String description, OptionSpec... more) {
        CommandSpec spec = CommandSpec.create().name(name);
        spec.addOption(
                value(
                        "DIR",
                        "below DIR (default: /usr/local for root, ~/.local for others)",
                        "--prefix"));
        for (OptionSpec option : more) {
            spec.addOption(option);
        }
        spec.addOption(flag("show this help", "-h", "--help"));
        spec.usageMessage().width(HELP_COLUMNS).sortOptions(false).description(description);
        return spec;
    }

    private static String[] names(boolean goSpellings, String goName, String... names) {
        if (!goSpellings) {
            return names;
        }
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = goName;
        return all;
    }

    private static ArgGroupSpec.Builder group(String heading) {
        return ArgGroupSpec.builder().validate(false).heading("%n" + heading + "%n");
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
