package psm.cli;

import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

import psm.Psm;
import psm.name.UserNames;
import psm.proc.OwnProcess;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.MappingReport;
import psm.report.View;
import psm.scan.Selection;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Nearest;
import psm.text.Sizes;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads the part of the command line that chooses what a report shows, and of which processes. */
final class ViewArguments {
    private static final String HELP = "help";
    private static final int MAX_ROWS = 1_000_000;

    /** Of names that the user gave, for each option. */
    private static final int MAX_NAMES = 10_000;

    private static final String KIND = "kind";
    private static final String BY = "--by";

    /** What the options start with that name one way to group. */
    private static final String SHORT_FOR_BY = "--by-";

    private static final List<OptionSpec> NONE = List.of();
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,8}");

    private final ParseResult parsed;
    private final Topic command;

    /**
     * @param command what was asked for by name
     */
    ViewArguments(ParseResult parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
    }

    /**
     * As picocli takes it: columns that start with a dash, as options do, get a blank before it.
     */
    static String[] withColumnsMarked(String... args) {
        String[] marked = args.clone();
        for (int i = 0; i < args.length; i++) {
            boolean isAfter =
                    i > 0 && (args[i - 1].equals("-c") || args[i - 1].equals("--columns"));
            for (String start : new String[] {isAfter ? "" : "-c", "-c=", "--columns="}) {
                String rest = args[i].startsWith(start) ? args[i].substring(start.length()) : "";
                if (rest.startsWith("-")
                        && Figure.named(rest.substring(1).split(",", 2)[0]) != null) {
                    marked[i] = start + ' ' + rest;
                }
            }
        }
        return marked;
    }

    /** What the report is about. */
    Topic topic() throws Failure {
        String by = command == Topic.MAPS ? value(BY) : "";
        if (by.isEmpty() || by.equals("name")) {
            return command;
        }
        if (by.equals(KIND)) {
            return Topic.KINDS;
        }
        throw Failure.usage(BY + ' ' + by + ": maps are told by name or by kind", null);
    }

    /** What is wanted instead of a report: lists of what there is. {@code null} for a report. */
    String help() {
        StringBuilder help = new StringBuilder();
        if (value("--columns").equals(HELP)) {
            for (Figure figure : Figure.values()) {
                if (figure.fold != Figure.Fold.MARK) {
                    line(help, figure.option, figure.description);
                }
            }
        } else if (value(BY).equals(HELP)) {
            for (Grouping grouping : Grouping.values()) {
                line(help, grouping.option, grouping.description);
            }
        }
        return help.length() == 0 ? null : help.toString();
    }

    private static void line(StringBuilder out, String name, String description) {
        out.append(name);
        for (int i = name.length(); i < 18; i++) {
            out.append(' ');
        }
        out.append(description).append('\n');
    }

    /**
     * What the report is to show.
     *
     * @param filter for names that are no programs'
     */
    View view(Filter filter) throws Failure {
        if (help() != null) {
            return View.DEFAULT;
        }
        List<Grouping> by = by();
        List<View.Shown> columns = columns();
        boolean isTree = by.contains(Grouping.TREE);
        int most = most();
        long least = least();
        if (isTree && (by.size() > 1 || most > 0 || least != Missing.VALUE)) {
            throw Failure.usage(
                    "--by tree: goes alone, and shows all rows; leave out "
                            + (by.size() > 1 ? "the others" : most > 0 ? "-n" : "--min"),
                    null);
        }
        boolean isHost = isGiven("--host");
        View view =
                new View(
                        by,
                        columns,
                        sort(by),
                        isGiven("--reverse"),
                        most,
                        least,
                        isGiven("--total"),
                        isHost,
                        command != Topic.MAPS && namesArePrograms(by) ? null : filter);
        if (isHost && !view.shows(Figure.PSS)) {
            throw Failure.usage("--host: accounts for pss; have it in -c", null);
        }
        return view;
    }

    /** Whether rows are called by the names that programs go by: then a scan can choose them. */
    static boolean namesArePrograms(List<Grouping> by) {
        return by.size() == 1 && (by.get(0) == Grouping.PROGRAM || by.get(0).isSingleProcess());
    }

    /** All that was given, in that order. */
    private List<Grouping> by() throws Failure {
        Set<Grouping> by = new LinkedHashSet<>();
        int next = 0; // of the values of --by
        for (OptionSpec option : command == Topic.PROCESSES ? parsed.matchedOptions() : NONE) {
            String name = option.longestName();
            if (name.equals(BY)) {
                for (String what : split(BY, option.stringValues().get(next++))) {
                    by.add(grouping(what));
                }
            } else if (name.startsWith(SHORT_FOR_BY)) {
                Grouping grouping = Grouping.named(name.substring(SHORT_FOR_BY.length()));
                if (grouping != null) { // --by-title is another
                    by.add(grouping);
                }
            }
        }
        return by.isEmpty() ? List.of(Grouping.PROGRAM) : List.copyOf(by);
    }

    private static Grouping grouping(String name) throws Failure {
        Grouping grouping = Grouping.named(name);
        if (grouping != null) {
            return grouping;
        }
        List<String> known = new ArrayList<>();
        for (Grouping other : Grouping.values()) {
            known.add(other.option);
        }
        throw Failure.usage(
                BY + ' ' + name + ": no such way to group; there are " + Nearest.first(name, known),
                null);
    }

    private List<View.Shown> columns() throws Failure {
        List<View.Shown> columns = View.columns(isGiven("--heap"));
        boolean isChange = true;
        boolean isFirst = true;
        for (String given : names("--columns")) {
            String name = given.strip();
            boolean isMore = name.startsWith("+");
            boolean isLess = name.startsWith("-");
            boolean isSigned = isMore || isLess;
            if (!isFirst && isSigned != isChange) {
                throw Failure.usage(
                        "-c "
                                + value("--columns").strip()
                                + ": has columns with a sign and without; give one to all, or to"
                                + " none",
                        null);
            }
            if (isFirst && !isSigned) {
                columns.clear();
            }
            isChange = isSigned;
            isFirst = false;
            Figure figure = figure("-c", isMore || isLess ? name.substring(1) : name);
            columns.removeIf(shown -> shown.figure() == figure);
            if (!isLess) {
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
        }
        if (isGiven("--spread")) {
            if (!isGiven("--columns")) {
                // On 80 columns, there is no room for it.
                columns.set(
                        View.indexOf(Figure.SHARED, columns),
                        new View.Shown(Figure.SHARED, View.When.NEVER));
            }
            for (Figure figure :
                    new Figure[] {
                        Figure.SMALLEST, Figure.MEDIAN, Figure.LARGEST, Figure.LARGEST_PID
                    }) {
                columns.removeIf(shown -> shown.figure() == figure);
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
        }
        boolean isChangeShown = View.indexOf(Figure.CHANGE, columns) >= 0;
        if (isChangeShown && !isGiven("--watch")) {
            throw Failure.usage("-c change: is what changed between two reports of -w", null);
        }
        if (isGiven("--watch") && !isChangeShown) {
            int first = Math.min(1, columns.size());
            columns.add(first, new View.Shown(Figure.CHANGE, View.When.ALWAYS));
        }
        if (isGiven("--total")) {
            requireTotals(columns);
        }
        return columns;
    }

    private void requireTotals(List<View.Shown> columns) throws Failure {
        for (View.Shown shown : columns) {
            if (shown.figure().column.summed()) {
                return;
            }
        }
        throw Failure.usage(
                "-t: none of these columns has a total, which would count pages twice, or nothing;"
                        + " pss, uss, swap and others of -c help have one",
                null);
    }

    private static Figure figure(String option, String name) throws Failure {
        Figure figure = Figure.named(name);
        if (figure != null && figure.fold != Figure.Fold.MARK) {
            return figure;
        }
        List<String> known = new ArrayList<>();
        for (Figure other : Figure.values()) {
            if (other.fold != Figure.Fold.MARK) {
                known.add(other.option);
            }
        }
        throw Failure.usage(
                option + ' ' + name + ": no such column; there are " + Nearest.first(name, known),
                null);
    }

    /** The figure to sort by, {@code null} for the names of the rows. */
    private Figure sort(List<Grouping> by) throws Failure {
        String name = value("--sort");
        if (name.isEmpty()) {
            return Figure.PSS;
        }
        for (Grouping grouping : by) {
            boolean isOfNames = grouping != Grouping.PID; // its names are those of programs
            if ((isOfNames && grouping.option.equalsIgnoreCase(name))
                    || grouping.column.key().equalsIgnoreCase(name)) {
                return null;
            }
        }
        Figure figure = name.equalsIgnoreCase("name") ? null : figure("--sort", name);
        if (figure != null && command.isOfMappings() && !MappingReport.contains(figure)) {
            throw Failure.usage(
                    "--sort "
                            + figure.option
                            + ": maps are sorted by pss, uss, shared, rss, swap, mappings or name",
                    null);
        }
        return figure;
    }

    private int most() throws Failure {
        String number = value("--rows");
        if (number.isEmpty()) {
            return 0;
        }
        if (number.length() <= 7 && number.matches("[0-9]+")) {
            int rows = Integer.parseInt(number);
            if (rows > 0 && rows <= MAX_ROWS) {
                return rows;
            }
        }
        throw Failure.usage("-n " + number + ": takes a number of rows, from 1 on", null);
    }

    private long least() throws Failure {
        String size = value("--min");
        if (size.isEmpty()) {
            return Missing.VALUE;
        }
        long bytes = Sizes.parse(size);
        if (bytes == Missing.VALUE) {
            throw Failure.usage("--min " + size + ": takes a size, such as 10M or 1.5G", null);
        }
        return bytes;
    }

    /** How a table is to look. */
    Psm.Layout layout() throws Failure {
        return new Psm.Layout(
                unit(),
                isGiven("--si"),
                !isGiven("--no-header"),
                isGiven("--total"),
                isGiven("--bars"),
                false,
                0);
    }

    private Psm.Unit unit() throws Failure {
        String name = value("--units");
        if (name.isEmpty()) {
            return Psm.Unit.M;
        }
        List<String> known = new ArrayList<>();
        for (Psm.Unit unit : Psm.Unit.values()) {
            if (unit.name().equalsIgnoreCase(name)) {
                return unit;
            }
            known.add(unit.name().toLowerCase(Locale.ROOT));
        }
        throw Failure.usage(
                "--units " + name + ": no such unit; there are " + Nearest.first(name, known),
                null);
    }

    /** Which processes are wanted. */
    Selection selection() throws Failure {
        List<Selection.Rule> rules = new ArrayList<>();
        for (Selection.By by : Selection.By.values()) {
            if (!isGiven(by.option)) {
                continue;
            }
            String value = value(by.option);
            boolean isNot = value.startsWith("!");
            Set<String> wanted = new LinkedHashSet<>();
            for (String name : split(by.option, isNot ? value.substring(1) : value)) {
                boolean isPid = by == Selection.By.PID || by == Selection.By.ANCESTOR;
                wanted.add(isPid ? pid(by.option, name) : name);
            }
            if (by == Selection.By.USER && !isGiven("--from") && !isGiven("--proc")) {
                requireUsers(wanted);
            }
            rules.add(new Selection.Rule(by, wanted, isNot));
        }
        return rules.isEmpty() ? Selection.ALL : new Selection(rules);
    }

    /** Of another host, nobody here knows the users. */
    private static void requireUsers(Set<String> wanted) throws Failure {
        UserNames names = UserNames.ofThisHost();
        for (String user : wanted) {
            if (!isId(user) && !names.hasUser(user)) {
                throw Failure.usage(
                        "--user "
                                + user
                                + ": no such user; there are "
                                + Nearest.some(user, names.users()),
                        null);
            }
        }
    }

    /** Whether it is a user's id, which need not have a name. */
    static boolean isId(String user) {
        return ID.matcher(user).matches();
    }

    private String pid(String option, String name) throws Failure {
        if (name.equals("self")) {
            if (isGiven("--from")) {
                throw Failure.usage(
                        option + " self: is this psm, which no snapshot has; leave it out", null);
            }
            return Integer.toString(new OwnProcess().pid());
        }
        if (!PID.matcher(name).matches()) {
            throw Failure.usage(
                    option + ' ' + name + ": takes pids, such as 42,4711, or self", null);
        }
        return name;
    }

    private List<String> names(String option) throws Failure {
        String value = value(option);
        return value.isEmpty() ? List.of() : split(option, value);
    }

    private static List<String> split(String option, String list) throws Failure {
        List<String> names = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            if (name.isEmpty()) {
                throw Failure.usage(
                        option
                                + ' '
                                + list
                                + ": has an empty name; it takes names with commas"
                                + " between them",
                        null);
            }
            names.add(name);
        }
        if (names.size() > MAX_NAMES) {
            throw Failure.usage(option + ": takes " + MAX_NAMES + " names at most", null);
        }
        return names;
    }

    private boolean isGiven(String option) {
        return !command.without.contains(option) && parsed.hasMatchedOption(option);
    }

    /** Empty where the option is not given. */
    private String value(String option) {
        return command.without.contains(option) ? "" : parsed.matchedOptionValue(option, "");
    }
}
