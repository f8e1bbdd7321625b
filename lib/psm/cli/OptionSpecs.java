package psm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

import java.util.ArrayList;
import java.util.List;

/**
 * Describes the commands and each {@link Option} to picocli, which parses command lines and prints
 * help.
 */
public final class OptionSpecs {
    static final String PSM = "psm";

    /** The command that prints the script for other machines. */
    static final String PROBE = "probe";

    /** The command that takes names of files without an option. */
    public static final String WITH_FILES = Topic.DIFF.command;

    /** The commands that make no report. */
    static final List<String> OTHER_COMMANDS =
            List.of(
                    PROBE,
                    RecordArguments.RECORD,
                    InstallArguments.INSTALL,
                    InstallArguments.UNINSTALL,
                    InstallArguments.DOCTOR);

    private static final int HELP_COLUMNS = 80;

    /** A factory without the search of picocli's own factory for Groovy in all jars. */
    private static final CommandLine.IFactory FACTORY =
            new CommandLine.IFactory() {
                @Override
                public <K> K create(Class<K> type) throws Exception {
                    return type.getDeclaredConstructor().newInstance();
                }
            };

    private OptionSpecs() {}

    /** Returns psm itself, with its options under their headings, and its commands. */
    public static CommandSpec forHelp() {
        return forHelp(Topic.PROCESSES);
    }

    /** Returns the command of a topic as its help shows it. */
    static CommandSpec forHelp(Topic topic) {
        CommandSpec spec = command(topic);
        for (Option.Heading heading : Option.Heading.values()) {
            List<OptionSpec> options = options(heading, topic, false);
            if (heading.text != null && !options.isEmpty()) {
                ArgGroupSpec.Builder group = ArgGroupSpec.builder().validate(false);
                group.heading("%n" + heading.text + "%n");
                options.forEach(group::addArg);
                spec.addArgGroup(group.build());
            }
        }
        if (topic == Topic.PROCESSES) {
            addCommands(spec);
        }
        return spec;
    }

    /**
     * Returns the command of a topic for parsing: with the names of Go's psm, and without headings,
     * with which parsing would take longer.
     */
    static CommandSpec forParsing(Topic topic) {
        CommandSpec spec = command(topic);
        for (Option.Heading heading : Option.Heading.values()) {
            options(heading, topic, true).forEach(spec::addOption);
        }
        if (WITH_FILES.equals(topic.command)) {
            spec.addPositional(PositionalParamSpec.builder().arity("0..*").build());
        }
        return spec;
    }

    static CommandLine commandLine(CommandSpec spec) {
        return new CommandLine(spec, FACTORY);
    }

    private static CommandSpec command(Topic topic) {
        String name = topic == Topic.PROCESSES ? PSM : PSM + ' ' + topic.command;
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis(topic == Topic.DIFF ? DiffArguments.USAGE : usage(name));
        if (topic == Topic.PROCESSES) {
            describePsm(spec);
        } else {
            spec.usageMessage().description(topic.description);
        }
        return spec;
    }

    private static String[] usage(String name) {
        return new String[] {name + " [OPTION...]"};
    }

    private static void describePsm(CommandSpec spec) {
        spec.usageMessage()
                .commandListHeading("%nCommands:%n")
                .description(
                        "Who uses how much RAM and swap on this Linux machine? The largest come"
                                + " last.")
                .footer(
                        "",
                        "Examples:",
                        "  sudo psm                      all processes, not only your own",
                        "  psm -f 'celery|nginx'         programs with one of these in their name",
                        "  psm --by user,program -n 10   whose programs are the largest?",
                        "  psm -u -c pss,uss,swap,peak   each user's memory, in other columns",
                        "  psm -o csv > memory.csv       for a spreadsheet",
                        "  psm --hosts web1,db[01-08]    the programs of nine machines, by ssh");
    }

    private static void addCommands(CommandSpec spec) {
        for (Topic topic : Topic.COMMANDS) {
            spec.addSubcommand(topic.command, commandLine(forHelp(topic).name(topic.command)));
        }
        for (String name : OTHER_COMMANDS) {
            spec.addSubcommand(name, commandLine(command(name)));
        }
    }

    private static boolean isOfInstall(Option option) {
        return option.heading == Option.Heading.INSTALL
                || InstallArguments.OF_RECORDER.contains(option)
                || InstallArguments.OF_TEXTFILE.contains(option)
                || option == Option.NO_COMMANDS
                || option == Option.DEBUG;
    }

    private static boolean isOfRecord(Option option) {
        return option.heading == Option.Heading.RECORD
                || option == Option.NO_COMMANDS
                || option == Option.QUIET
                || option == Option.DEBUG;
    }

    private static boolean isIn(String command, Option option) {
        return switch (command) {
            case PROBE -> false;
            case RecordArguments.RECORD -> isOfRecord(option);
            case InstallArguments.INSTALL ->
                    option.heading == Option.Heading.INSTALLATION || isOfInstall(option);
            default -> option.heading == Option.Heading.INSTALLATION;
        };
    }

    /** Returns a command that makes no report. */
    static CommandSpec command(String name) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        for (Option option : Option.values()) {
            if (isIn(name, option)) {
                OptionSpec own = spec(option, Topic.PROCESSES, false);
                spec.addOption(
                        name.equals(InstallArguments.INSTALL) ? ofInstall(option, own) : own);
            }
        }
        spec.addOption(spec(Option.HELP, Topic.PROCESSES, false));
        if (name.equals(PROBE)) {
            spec.usageMessage()
                    .footer(
                            "",
                            "  psm probe | ssh HOST sudo sh > HOST.psm",
                            "  psm --from HOST.psm",
                            "",
                            "The script reads /proc, writes no file, changes nothing and needs no"
                                + " root: without it, the memory of others is estimated. --hosts"
                                + " does both for many machines.");
        }
        spec.usageMessage().width(HELP_COLUMNS).sortOptions(false).description(description(name));
        return spec;
    }

    /** Returns an option with what it does for {@code psm install}. */
    private static OptionSpec ofInstall(Option option, OptionSpec spec) {
        String help = spec.description()[0];
        if (InstallArguments.OF_RECORDER.contains(option)) {
            help = "with " + Option.RECORD + ": " + help;
        } else if (InstallArguments.OF_TEXTFILE.contains(option)) {
            help = "with " + Option.TEXTFILE + ": " + ofTextfile(option);
        } else if (option == Option.NO_COMMANDS) {
            help = "with " + Option.GROUP + " or " + Option.RECORD + ": " + help;
        } else if (option == Option.DEBUG) {
            help = "after an error, show where it occurred";
        }
        return OptionSpec.builder(spec).description(help).build();
    }

    private static String ofTextfile(Option option) {
        return switch (option) {
            case BY -> "group by WHAT, such as unit (default: program)";
            case ROWS -> "the N largest rows (default: " + MetricsArguments.DEFAULT_ROWS + ")";
            default -> "the figures of these columns";
        };
    }

    private static String description(String command) {
        return switch (command) {
            case PROBE -> "print the shell script that reads a machine without psm, for --from";
            case RecordArguments.RECORD ->
                    "record what all processes use, for --from, psm diff and psm growth";
            case InstallArguments.INSTALL ->
                    "install psm: a launcher that starts fast, a man page and completions";
            case InstallArguments.UNINSTALL -> "remove what 'psm install' has installed";
            default -> "check what 'psm install' has installed";
        };
    }

    /** Returns the help of a command that makes no report. */
    static String help(String command) {
        CommandLine psm = commandLine(forHelp(Topic.PROCESSES));
        return psm.getSubcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    // Options

    private static List<OptionSpec> options(
            Option.Heading heading, Topic topic, boolean withGoNames) {
        List<OptionSpec> options = new ArrayList<>();
        for (Option option : Option.values()) {
            if (option.heading == heading && option.isIn(topic)) {
                options.add(spec(option, topic, withGoNames));
            }
        }
        return options;
    }

    private static OptionSpec spec(Option option, Topic topic, boolean withGoNames) {
        OptionSpec.Builder spec =
                OptionSpec.builder(option.names(withGoNames))
                        .userObject(option)
                        .description(option.help(topic));
        if (option.label == null) {
            return spec.arity("0").build();
        }
        List<String> candidates = option.candidates(topic);
        if (!candidates.isEmpty()) {
            spec.completionCandidates(candidates);
        }
        spec.paramLabel(option.label).type(String.class);
        return option.isValueOptional
                ? spec.arity("0..1").fallbackValue(Options.TEXTFILES).build()
                : spec.arity("1").build();
    }
}
