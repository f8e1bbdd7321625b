package psm.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

import psm.text.Failure;
import psm.text.Nearest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** The options of a command line, and the problems with them that picocli finds. */
final class ParsedOptions {
    /**
     * An option on the command line.
     *
     * @param value its value; {@code null} if it takes none
     */
    record Occurrence(Option option, String value) {}

    /** The largest number of names in the list of one option. */
    private static final int MAX_NAMES = 10_000;

    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    /** The limit for the digits of a number of seconds: more could overflow as nanoseconds. */
    private static final int MAX_DIGITS = 8;

    private static final int MAX_DECIMALS = 9;

    private final ParseResult parsed;

    private ParsedOptions(ParseResult parsed) {
        this.parsed = parsed;
    }

    /**
     * Parses a command line.
     *
     * @throws Failure if the command has no such option, or a value is missing
     */
    static ParsedOptions parse(CommandSpec spec, String... args) throws Failure {
        try {
            ParsedOptions parsed =
                    new ParsedOptions(
                            OptionSpecs.commandLine(spec)
                                    .setExpandAtFiles(false)
                                    .setOverwrittenOptionsAllowed(true)
                                    .parseArgs(args));
            parsed.requireFileNames();
            return parsed;
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e, args), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            String name = typed(option, args);
            String dashed = valueWithDash(spec, name, args);
            throw dashed == null
                    ? needsValue(name, option.paramLabel(), e)
                    : Failure.usage(
                            name
                                    + ' '
                                    + dashed
                                    + ": takes no value that begins with a dash"
                                    + (option.userObject() == Option.SORT
                                            ? "; to reverse the order, use "
                                                    + Option.REVERSE.brief()
                                            : ""),
                            e);
        } catch (CommandLine.ParameterException e) {
            String flag = flagWithValue(spec, args);
            throw Failure.usage(flag == null ? e.getMessage() : flag + ": takes no value", e);
        }
    }

    /** Returns whether the option is on the command line. */
    boolean has(Option option) {
        return find(option) != null;
    }

    /** Returns all values of an option, in the order of the command line. */
    List<String> values(Option option) {
        OptionSpec found = find(option);
        return found == null ? List.of() : List.copyOf(found.stringValues());
    }

    /** Returns the files that are no value of an option. */
    List<String> files() {
        List<PositionalParamSpec> found = parsed.matchedPositionals();
        return found.isEmpty() ? List.of() : List.copyOf(found.get(0).stringValues());
    }

    /** Returns whether the report is of what was recorded before, in files. */
    boolean isOfFiles() {
        boolean isOfTimes = has(Option.AT) || has(Option.SINCE) || has(Option.UNTIL);
        return has(Option.FROM) || isOfTimes || !files().isEmpty();
    }

    /** Returns the last value of an option; {@code null} if it is not on the command line. */
    String value(Option option) {
        return value(option, null);
    }

    /** Returns the last value of an option. */
    String value(Option option, String byDefault) {
        List<String> values = values(option);
        return values.isEmpty() ? byDefault : values.get(values.size() - 1);
    }

    /** Returns the value of an option that takes a number of things; 0 if it has none. */
    int number(Option option, int max, String things) throws Failure {
        String digits = value(option, "");
        if (!has(option)) {
            return 0;
        }
        int number = digits.matches("[0-9]{1,8}") ? Integer.parseInt(digits) : 0;
        if (number >= 1 && number <= max) {
            return number;
        }
        throw refused(option, digits, "takes a number of " + things + " from 1 to " + max);
    }

    /**
     * Returns a time with decimals in nanoseconds. (Loading BigDecimal would take half as long as a
     * whole run.)
     */
    long nanos(Option option, TimeUnit unit, String byDefault, long least) throws Failure {
        String number = value(option, byDefault);
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
        throw refused(
                option,
                number,
                "takes a number of "
                        + unit.name().toLowerCase(Locale.ROOT)
                        + ", such as 0.5"
                        + (least > 0 ? "; from 0.1 seconds to a day" : "; at most a day"));
    }

    private static boolean areDigits(String text, int maxDigits) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= maxDigits;
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

    /** Returns the names in a list; none if the option is not on the command line. */
    List<String> names(Option option) throws Failure {
        String value = value(option, "");
        return value.isEmpty() ? List.of() : split(option, value, value);
    }

    /**
     * Splits a list at its commas.
     *
     * @param typed the value with the list, for messages
     * @throws Failure if a name is empty, or there are too many
     */
    List<String> split(Option option, String typed, String list) throws Failure {
        List<String> names = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            if (name.isEmpty()) {
                throw refused(
                        option,
                        typed,
                        "has an empty name; it takes names with commas between them");
            }
            names.add(name);
        }
        if (names.size() > MAX_NAMES) {
            throw Failure.usage(typed(option) + ": takes at most " + MAX_NAMES + " names", null);
        }
        return names;
    }

    // Problems

    /** Refuses empty names of files: Java takes them for the current folder. */
    private void requireFileNames() throws Failure {
        for (Occurrence given : all()) {
            if (given.option().isOfFile() && given.value().isEmpty()) {
                throw needsValue(typed(given.option()), given.option().label, null);
            }
        }
    }

    private static Failure needsValue(String name, String label, Exception cause) {
        return Failure.usage(name + " needs a value: " + label, cause);
    }

    /**
     * Returns the failure for a name that does not exist; it lists those that do, the most similar
     * first.
     */
    Failure unknown(Option option, String name, String what, List<String> known) {
        return refused(
                option, name, "no such " + what + "; there are " + Nearest.first(name, known));
    }

    /** Returns the failure for the value of an option. */
    Failure refused(Option option, String value, String problem) {
        String shown = value.isBlank() ? "'" + value + "'" : value;
        return Failure.usage(typed(option) + ' ' + shown + ": " + problem, null);
    }

    private OptionSpec find(Option option) {
        for (OptionSpec spec : parsed.matchedOptions()) {
            if (spec.userObject() == option) {
                return spec;
            }
        }
        return null;
    }

    /** Returns the value that picocli takes for another option, or {@code null}. */
    private static String valueWithDash(CommandSpec spec, String name, String... args) {
        for (int i = args.length - 1; i >= 0; i--) {
            if (args[i].startsWith(name + "=-")) {
                return args[i].substring(name.length() + 1);
            }
            boolean isNext = args[i].equals(name) && i + 1 < args.length;
            if (isNext && args[i + 1].matches("-[^-].+") && spec.findOption(args[i + 1]) == null) {
                return args[i + 1];
            }
        }
        return null;
    }

    /** Returns the first option that takes no value and has one, or {@code null}. */
    private static String flagWithValue(CommandSpec spec, String... args) {
        for (String argument : args) {
            String name = argument.split("=", 2)[0];
            OptionSpec option = spec.findOption(name);
            if (option != null && option.arity().max() == 0 && name.length() < argument.length()) {
                return name;
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
        return option.longestName(); // it is one of several letters after a dash
    }

    // Arguments that do not exist in the command

    private static String unmatched(CommandLine.UnmatchedArgumentException e, String... args) {
        String argument = whole(e.getUnmatched().get(0), args);
        String command = e.getCommandLine().getCommandName();
        String problem =
                OptionSpecs.OTHER_COMMANDS.contains(command) ? null : misplaced(argument, command);
        if (problem != null) {
            return problem;
        }
        boolean isReport = command.startsWith(OptionSpecs.PSM);
        String psm = isReport ? command : OptionSpecs.PSM + ' ' + command;
        if (!e.isUnknownOption()) {
            return "'"
                    + argument
                    + "': "
                    + (isReport
                            ? hints(command, args).forWord(argument)
                            : psm + " takes only options");
        }
        String hint = isReport ? hints(command, args).forOption(argument) : null;
        String similar = hint == null ? similar(argument, e) : hint;
        String advice = similar == null ? seeHelp(psm) : "did you mean " + similar + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    private static Hints hints(String command, String... args) {
        return new Hints(topic(command), args);
    }

    /** Returns an argument as it was typed: picocli leaves out letters that are options. */
    private static String whole(String argument, String... args) {
        if (argument.length() > 2 && argument.charAt(0) == '-' && argument.charAt(1) != '-') {
            for (String typed : args) {
                if (typed.startsWith("-") && typed.endsWith(argument.substring(1))) {
                    return typed;
                }
            }
        }
        return argument;
    }

    /** Returns the option that an unknown one may stand for, or {@code null}. */
    private static String similar(String argument, CommandLine.UnmatchedArgumentException e) {
        String word = argument.split("=", 2)[0].toLowerCase(Locale.ROOT);
        String start = word.startsWith("--") ? word : '-' + word;
        if (start.length() >= Option.MIN_START_CHARS) {
            for (OptionSpec option : e.getCommandLine().getCommandSpec().options()) {
                if (option.longestName().startsWith(start)) {
                    return option.longestName();
                }
            }
        }
        List<String> similar = e.getSuggestions();
        return similar.isEmpty() ? null : similar.get(0);
    }

    /**
     * Returns the message for an argument that belongs elsewhere, or that psm no longer has; else
     * {@code null}.
     */
    private static String misplaced(String argument, String command) {
        String name = argument.split("=", 2)[0];
        String replacement = Option.replacing(name, topic(command));
        if (replacement != null) {
            return name + ": this option is now " + replacement;
        }
        if (name.equals(Option.MAP.toString())) {
            return name + ": chooses mappings: psm maps " + name + ' ' + Option.MAP.label;
        }
        if (name.equals(Option.HOSTS.toString()) && topic(command) == Topic.MAPS) {
            return name
                    + ": psm maps reads mappings of this machine only; run it there: ssh HOST psm"
                    + " maps";
        }
        Option ofGrowth = name.startsWith("--") ? Option.named(name, Topic.GROWTH) : null;
        if (ofGrowth == Option.FOR || ofGrowth == Option.WITHIN) {
            return name + ": belongs to psm growth: psm growth " + name + ' ' + ofGrowth.label;
        }
        if (OptionSpecs.OTHER_COMMANDS.contains(argument)) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
        if (Topic.of(argument) != null) {
            return argument + ": comes first, before the options: psm " + argument;
        }
        boolean isOfPsm =
                Option.named(name, Topic.PROCESSES) != null
                        || Option.replacing(name, Topic.PROCESSES) != null;
        return isOfPsm && !command.equals(OptionSpecs.PSM)
                ? argument + ": " + command + " has no such option; " + seeHelp(command)
                : null;
    }

    private static Topic topic(String command) {
        return command.equals(OptionSpecs.PSM)
                ? Topic.PROCESSES
                : Topic.of(command.substring(OptionSpecs.PSM.length() + 1));
    }

    private static String seeHelp(String command) {
        return command + ' ' + Option.HELP + " lists the options";
    }
}
