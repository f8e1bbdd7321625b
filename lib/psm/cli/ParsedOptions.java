package psm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import psm.text.Failure;

import java.util.ArrayList;
import java.util.List;

/** The options of a command line, and the problems with them that picocli finds. */
final class ParsedOptions {
    /**
     * An option on the command line.
     *
     * @param value {@code null} where it takes none
     */
    record Occurrence(Option option, String value) {}

    private final ParseResult parsed;

    private ParsedOptions(ParseResult parsed) {
        this.parsed = parsed;
    }

    /**
     * Parses a command line.
     *
     * @throws Failure for options that the command does not have, and for missing values
     */
    static ParsedOptions parse(CommandSpec spec, String... args) throws Failure {
        try {
            return new ParsedOptions(
                    OptionSpecs.commandLine(spec)
                            .setExpandAtFiles(false)
                            .setOverwrittenOptionsAllowed(true)
                            .parseArgs(args));
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            String name = typed(option, args);
            throw Failure.usage(name + " needs a value: " + option.paramLabel(), e);
        } catch (CommandLine.ParameterException e) {
            if (e.getArgSpec() instanceof OptionSpec option && option.arity().max() == 0) {
                throw Failure.usage(typed(option, args) + ": takes no value", e);
            }
            throw Failure.usage(e.getMessage(), e);
        }
    }

    /** Returns whether the option is on the command line. */
    boolean has(Option option) {
        return find(option) != null;
    }

    /** Returns the last value of an option; {@code null} where it is not on the command line. */
    String value(Option option) {
        return value(option, null);
    }

    /** Returns the last value of an option. */
    String value(Option option, String byDefault) {
        OptionSpec found = find(option);
        if (found == null) {
            return byDefault;
        }
        List<String> values = found.stringValues();
        return values.get(values.size() - 1);
    }

    /** Returns all options in the order of the command line. */
    List<Occurrence> all() {
        List<Occurrence> all = new ArrayList<>();
        int[] next = new int[Option.values().length];
        for (OptionSpec spec : parsed.matchedOptions()) {
            Option option = (Option) spec.userObject();
            boolean isFlag = option.label == null;
            String value = isFlag ? null : spec.stringValues().get(next[option.ordinal()]++);
            all.add(new Occurrence(option, value));
        }
        return all;
    }

    /** Returns the name of an option as it was typed. */
    String typed(Option option) {
        OptionSpec found = find(option);
        return found == null
                ? option.toString()
                : typed(found, parsed.originalArgs().toArray(new String[0]));
    }

    private OptionSpec find(Option option) {
        for (OptionSpec spec : parsed.matchedOptions()) {
            if (spec.userObject() == option) {
                return spec;
            }
        }
        return null;
    }

    private static String typed(OptionSpec option, String... args) {
        for (int i = args.length - 1; i >= 0; i--) {
            for (String name : option.names()) {
                boolean isGlued = name.length() == 2 && args[i].startsWith(name);
                if (isGlued || args[i].equals(name) || args[i].startsWith(name + '=')) {
                    return name;
                }
            }
        }
        return option.longestName(); // one of several letters after a dash
    }

    // Arguments that the command does not have

    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        String name = argument.split("=", 2)[0];
        String command = e.getCommandLine().getCommandName();
        boolean isPsm = command.startsWith(OptionSpecs.PSM);
        String replacement = isPsm ? Option.replacing(name) : null;
        if (replacement != null) {
            return name + ": this option is now " + replacement;
        }
        if (name.equals(Option.MAP.toString())) {
            return name + ": chooses mappings: psm maps " + name + ' ' + Option.MAP.label;
        }
        if (isPsm && InstallArguments.COMMANDS.contains(argument)) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
        if (isPsm && Topic.of(argument) != null) {
            return argument + ": comes first, before the options: psm " + argument;
        }
        boolean isReport = isPsm && !command.equals(OptionSpecs.PSM);
        if (isReport && Option.named(name, Topic.PROCESSES) != null) {
            return argument + ": " + command + " has no such option; " + seeHelp(command);
        }
        if (!e.isUnknownOption()) {
            return "'"
                    + argument
                    + "': psm takes only options; to choose programs, use "
                    + Option.FILTER.brief()
                    + ' '
                    + argument;
        }
        List<String> similar = e.getSuggestions();
        String advice =
                similar.isEmpty()
                        ? seeHelp(isPsm ? command : OptionSpecs.PSM)
                        : "did you mean " + similar.get(0) + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    private static String seeHelp(String command) {
        return command + ' ' + Option.HELP + " lists the options";
    }
}
