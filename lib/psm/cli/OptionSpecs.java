package psm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

import psm.report.Figure;
import psm.report.Grouping;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The options of psm and its commands, with what help says of them: a method for each of its
 * headings.
 */
public final class OptionSpecs {
    static final String PSM = "psm";

    /** Commands that make no report. */
    static final List<String> COMMANDS =
            List.of(Arguments.INSTALL, Arguments.UNINSTALL, Arguments.DOCTOR);

    private static final String FORMAT = "FORMAT";
    private static final int HELP_COLUMNS = 80;

    /** picocli's own looks for Groovy in all jars first. */
    private static final CommandLine.IFactory FACTORY =
            new CommandLine.IFactory() {
                @Override
                public <K> K create(Class<K> type) throws Exception {
                    return type.getDeclaredConstructor().newInstance();
                }
            };

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(PSM);
    private final boolean forParsing;
    private final Topic topic;

    private OptionSpecs(boolean forParsing, Topic topic) {
        this.forParsing = forParsing;
        this.topic = topic;
    }

    /** Of psm without a command. */
    public static CommandSpec of(boolean forParsing) {
        return of(forParsing, Topic.PROCESSES);
    }

    /**
     * Of psm's reports.
     *
     * @param forParsing with Go psm's names too, which have one dash, and without the headings and
     *     commands of help
     */
    static CommandSpec of(boolean forParsing, Topic topic) {
        OptionSpecs options = new OptionSpecs(forParsing, topic);
        options.addWhatToReport();
        options.addWhichProcesses();
        options.addHowItLooks();
        options.addWhereFrom();
        options.addAboutPsm();
        if (topic != Topic.PROCESSES) {
            options.describe(PSM + ' ' + topic.command);
            options.spec.usageMessage().description(topic.description);
            return options.spec;
        }
        if (!forParsing) {
            options.addCommands();
        }
        options.describe(PSM);
        options.describePsm();
        return options.spec;
    }

    static CommandLine commandLine(CommandSpec spec) {
        return new CommandLine(spec, FACTORY);
    }

    private void addWhatToReport() {
        add(
                "What to report:",
                topic.isOfMappings() ? byOfMappings() : byOfProcesses(),
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
                flag("show the memory of the heap too", withGoName("-heap", "--heap")),
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
    }

    private static OptionSpec byOfMappings() {
        return list(
                "name|kind",
                List.of("name", "kind"),
                "rows of one name (default), or of one kind: heap, stack, file text, shared memory"
                        + " and so on",
                "--by");
    }

    private static OptionSpec byOfProcesses() {
        return list(
                "WHAT[,WHAT...]",
                groupings(),
                "what rows are of: program (default), pid, command, user, group, cgroup, unit,"
                        + " container, parent, tree, or several; or help",
                "--by");
    }

    private void addWhichProcesses() {
        add(
                "Which processes (!LIST: all but those of the list):",
                value(
                        "REGEX",
                        (topic == Topic.PROCESSES ? "only rows" : "only processes")
                                + " with a name in which REGEX finds something",
                        withGoName("-filter", "-f", "--filter")),
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
    }

    private void addHowItLooks() {
        add(
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
    }

    private void addWhereFrom() {
        add(
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
    }

    private void addAboutPsm() {
        add(
                "About psm itself:",
                flag("tell on standard error what the run took", "--stats"),
                value(
                        "FILE",
                        "write where time is spent to FILE (a JDK Flight Recording)",
                        withGoName("-cpuprofile", "--cpuprofile")),
                value(
                        "FILE",
                        "write what is allocated to FILE (likewise)",
                        withGoName("-memprofile", "--memprofile")),
                flag(
                        "name the processes that could not be read; with an error,"
                                + " show where it was met",
                        "--debug"),
                flag("show this help", "-h", "--help"),
                flag("show the version", "-V", "--version"));
    }

    private void addCommands() {
        for (Topic other : new Topic[] {Topic.MAPS, Topic.OOM}) {
            spec.addSubcommand(other.command, commandLine(of(false, other).name(other.command)));
        }
        for (String name : COMMANDS) {
            spec.addSubcommand(name, commandLine(command(name)));
        }
    }

    private void describe(String name) {
        spec.name(name)
                .usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis(name + " [OPTION...]");
    }

    private void describePsm() {
        spec.usageMessage()
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
    }

    /** Of a command that makes no report. */
    static CommandSpec command(String name) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        spec.addOption(
                value(
                        "DIR",
                        "below DIR (default: /usr/local for root, ~/.local for others)",
                        "--prefix"));
        if (name.equals(Arguments.INSTALL)) {
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
                            case Arguments.INSTALL ->
                                    "install psm: a launcher that starts fast, a man page and"
                                            + " completions";
                            case Arguments.UNINSTALL ->
                                    "take away what 'psm install' has installed";
                            default -> "check what 'psm install' has installed";
                        });
        return spec;
    }

    // Options

    /**
     * Adds options, for help under a heading. (To parse groups takes longer, and gives the same.)
     */
    private void add(String heading, OptionSpec... options) {
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

    private String[] withGoName(String goName, String... names) {
        if (!forParsing) {
            return names;
        }
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = goName;
        return all;
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

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).arity("0").description(description).build();
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
}
