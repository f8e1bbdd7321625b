package psm.cli;

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

/** Reads the options that choose what a report shows, and of which processes. */
final class ViewArguments {
    private static final String HELP = "help";
    private static final int MAX_ROWS = 1_000_000;

    /** The limit of names that one option takes. */
    private static final int MAX_NAMES = 10_000;

    private static final String KIND = "kind";
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,8}");

    private static final Figure[] SPREAD = {
        Figure.SMALLEST, Figure.MEDIAN, Figure.LARGEST, Figure.LARGEST_PID
    };

    private final ParsedOptions parsed;
    private final Topic command;

    /**
     * @param command the topic of the command that was named
     */
    ViewArguments(ParsedOptions parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
    }

    /**
     * Puts a blank before columns that begin with a dash, which picocli would take for options.
     */
    static String[] withColumnsMarked(String... args) {
        String brief = Option.COLUMNS.brief();
        String[] marked = args.clone();
        for (int i = 0; i < args.length; i++) {
            boolean isAfter =
                    i > 0
                            && (args[i - 1].equals(brief)
                                    || args[i - 1].equals(Option.COLUMNS.toString()));
            for (String start :
                    new String[] {isAfter ? "" : brief, brief + '=', Option.COLUMNS + "="}) {
                String rest = args[i].startsWith(start) ? args[i].substring(start.length()) : "";
                if (rest.startsWith("-")
                        && Figure.named(rest.substring(1).split(",", 2)[0]) != null) {
                    marked[i] = start + ' ' + rest;
                }
            }
        }
        return marked;
    }

    /** Returns what the report is about. */
    Topic topic() throws Failure {
        String by = value(Option.BY_OF_MAPPINGS);
        if (by.isEmpty() || by.equals("name")) {
            return command;
        }
        if (by.equals(KIND)) {
            return Topic.KINDS;
        }
        throw refused(Option.BY_OF_MAPPINGS, by, "mappings are grouped by name or by kind");
    }

    /** Returns the list that is wanted instead of a report; {@code null} for a report. */
    String help() {
        StringBuilder help = new StringBuilder();
        if (value(Option.COLUMNS).equals(HELP)) {
            for (Figure figure : Figure.values()) {
                if (figure.fold != Figure.Fold.MARK) {
                    line(help, figure.option, figure.description);
                }
            }
        } else if (value(Option.BY).equals(HELP)) {
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
     * Returns what the report is to show.
     *
     * @param filter for the names of rows, unless they are names of programs: those are chosen by
     *     the scan
     */
    View view(Filter filter) throws Failure {
        if (help() != null) {
            return View.DEFAULT;
        }
        List<Grouping> by = by();
        List<View.Shown> columns = columns();
        int rows = rows();
        long least = least();
        if (by.contains(Grouping.TREE)) {
            requireWholeTree(by, rows > 0, least != Missing.VALUE);
        }
        boolean isSystem = parsed.has(Option.SYSTEM);
        View view =
                new View(
                        by,
                        columns,
                        sort(by),
                        parsed.has(Option.REVERSE),
                        rows,
                        least,
                        parsed.has(Option.TOTAL),
                        isSystem,
                        command != Topic.MAPS && namesArePrograms(by) ? null : filter);
        if (isSystem && !view.shows(Figure.PSS)) {
            throw Failure.usage(
                    Option.SYSTEM + ": accounts for pss; add it to " + Option.COLUMNS.brief(),
                    null);
        }
        return view;
    }

    private void requireWholeTree(List<Grouping> by, boolean isCut, boolean hasLeast)
            throws Failure {
        if (by.size() > 1 || isCut || hasLeast) {
            String extra =
                    by.size() > 1
                            ? "the other groups"
                            : parsed.typed(isCut ? Option.ROWS : Option.MIN);
            throw Failure.usage(
                    Option.BY + " tree: shows all processes, and nothing else; leave out " + extra,
                    null);
        }
    }

    /** Returns whether the rows have the names of programs, so that a scan can choose them. */
    static boolean namesArePrograms(List<Grouping> by) {
        return by.size() == 1 && by.get(0).isNamedByProgram();
    }

    /** Returns whether programs are named by their executables, although they set titles. */
    boolean byExecutable() throws Failure {
        return parsed.has(Option.BY_EXE) || help() == null && allGroups().contains(Grouping.EXE);
    }

    /** Returns the groups of the view. */
    private List<Grouping> by() throws Failure {
        Set<Grouping> by = allGroups();
        if (by.contains(Grouping.EXE)) {
            if (by.contains(Grouping.PROGRAM)) {
                throw Failure.usage(
                        Option.BY + " exe: takes the place of program; leave out program", null);
            }
            if (by.contains(Grouping.PID) || by.contains(Grouping.TREE)) {
                by.remove(Grouping.EXE); // they show the program's name, which is that of exe then
            }
        }
        return by.isEmpty() ? List.of(Grouping.PROGRAM) : List.copyOf(by);
    }

    /** Returns all groups in the order of the command line. */
    private Set<Grouping> allGroups() throws Failure {
        Set<Grouping> by = new LinkedHashSet<>();
        if (command == Topic.PROCESSES) {
            for (ParsedOptions.Occurrence given : parsed.all()) {
                if (given.option() == Option.BY) {
                    for (String what : split(Option.BY, given.value())) {
                        by.add(grouping(what));
                    }
                } else if (given.option().grouping() != null) {
                    by.add(given.option().grouping());
                }
            }
        }
        return by;
    }

    private Grouping grouping(String name) throws Failure {
        Grouping grouping = Grouping.named(name);
        if (grouping != null) {
            return grouping;
        }
        List<String> known = new ArrayList<>();
        for (Grouping other : Grouping.values()) {
            known.add(other.option);
        }
        throw unknown(Option.BY, name, "way to group", known);
    }

    private List<View.Shown> columns() throws Failure {
        List<View.Shown> columns = View.columns(parsed.has(Option.HEAP));
        change(columns);
        if (parsed.has(Option.SPREAD)) {
            addSpread(columns);
        }
        boolean isChangeShown = View.indexOf(Figure.CHANGE, columns) >= 0;
        if (isChangeShown && !parsed.has(Option.WATCH)) {
            throw refused(
                    Option.COLUMNS,
                    "change",
                    "shows what changed between two reports; add " + Option.WATCH.brief());
        }
        if (parsed.has(Option.WATCH) && !isChangeShown) {
            int first = Math.min(1, columns.size());
            columns.add(first, new View.Shown(Figure.CHANGE, View.When.ALWAYS));
        }
        if (parsed.has(Option.TOTAL)) {
            requireTotals(columns);
        }
        return columns;
    }

    /** Replaces the usual columns, or adds to them and removes some. */
    private void change(List<View.Shown> columns) throws Failure {
        boolean wasSigned = true;
        boolean isFirst = true;
        for (String given : names(Option.COLUMNS)) {
            String name = given.strip();
            boolean isRemoved = name.startsWith("-");
            boolean isSigned = isRemoved || name.startsWith("+");
            if (!isFirst && isSigned != wasSigned) {
                throw refused(
                        Option.COLUMNS,
                        value(Option.COLUMNS).strip(),
                        "has columns with a sign and without; give a sign to all, or to none");
            }
            if (isFirst && !isSigned) {
                columns.clear();
            }
            wasSigned = isSigned;
            isFirst = false;
            Figure figure = figure(Option.COLUMNS, isSigned ? name.substring(1) : name);
            columns.removeIf(shown -> shown.figure() == figure);
            if (!isRemoved) {
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
        }
    }

    private void addSpread(List<View.Shown> columns) {
        if (!parsed.has(Option.COLUMNS)) {
            // With it, the table would be wider than 80 columns.
            columns.set(
                    View.indexOf(Figure.SHARED, columns),
                    new View.Shown(Figure.SHARED, View.When.NEVER));
        }
        for (Figure figure : SPREAD) {
            columns.removeIf(shown -> shown.figure() == figure);
            columns.add(new View.Shown(figure, View.When.ALWAYS));
        }
    }

    private void requireTotals(List<View.Shown> columns) throws Failure {
        for (View.Shown shown : columns) {
            if (shown.figure().column.summed()) {
                return;
            }
        }
        throw Failure.usage(
                parsed.typed(Option.TOTAL)
                        + ": none of these columns has a total: it would count pages twice, or"
                        + " nothing; pss, uss, swap and others of -c help have one",
                null);
    }

    private Figure figure(Option option, String name) throws Failure {
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
        throw unknown(option, name, "column", known);
    }

    /** Returns the figure to sort by, {@code null} for the names of the rows. */
    private Figure sort(List<Grouping> by) throws Failure {
        String name = value(Option.SORT);
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
        if (name.equalsIgnoreCase("name")) {
            return null;
        }
        Figure figure = figure(Option.SORT, name);
        if (command == Topic.MAPS && !MappingReport.contains(figure)) {
            throw refused(
                    Option.SORT,
                    figure.option,
                    "mappings are sorted by pss, uss, shared, rss, swap, mappings or name");
        }
        return figure;
    }

    private int rows() throws Failure {
        String number = value(Option.ROWS);
        if (number.isEmpty()) {
            return 0;
        }
        if (number.length() <= 7 && number.matches("[0-9]+")) {
            int rows = Integer.parseInt(number);
            if (rows > 0 && rows <= MAX_ROWS) {
                return rows;
            }
        }
        throw refused(Option.ROWS, number, "takes a number of rows, from 1 to " + MAX_ROWS);
    }

    private long least() throws Failure {
        String size = value(Option.MIN);
        if (size.isEmpty()) {
            return Missing.VALUE;
        }
        long bytes = Sizes.parse(size);
        if (bytes == Missing.VALUE) {
            throw refused(Option.MIN, size, "takes a size, such as 10M or 1.5G");
        }
        return bytes;
    }

    /** Returns how a table is to look. */
    Psm.Layout layout() throws Failure {
        return new Psm.Layout(
                unit(),
                parsed.has(Option.SI),
                !parsed.has(Option.NO_HEADER),
                parsed.has(Option.TOTAL),
                parsed.has(Option.BARS),
                false,
                0);
    }

    private Psm.Unit unit() throws Failure {
        String name = value(Option.UNITS);
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
        throw unknown(Option.UNITS, name, "unit", known);
    }

    // Which processes

    /** Returns which processes are wanted. */
    Selection selection() throws Failure {
        List<Selection.Rule> rules = new ArrayList<>();
        for (Selection.By by : Selection.By.values()) {
            Option option = Option.choosing(by);
            if (!parsed.has(option)) {
                continue;
            }
            String value = value(option);
            boolean isNot = value.startsWith("!");
            Set<String> wanted = new LinkedHashSet<>();
            for (String name : split(option, isNot ? value.substring(1) : value)) {
                boolean isPid = by == Selection.By.PID || by == Selection.By.ANCESTOR;
                wanted.add(isPid ? pid(option, name) : name);
            }
            boolean isOfThisHost = !parsed.has(Option.FROM) && !parsed.has(Option.PROC);
            if (by == Selection.By.USER && isOfThisHost) {
                requireUsers(wanted);
            }
            rules.add(new Selection.Rule(by, wanted, isNot));
        }
        return rules.isEmpty() ? Selection.ALL : new Selection(rules);
    }

    private void requireUsers(Set<String> wanted) throws Failure {
        UserNames names = UserNames.ofThisHost();
        for (String user : wanted) {
            if (!isId(user) && !names.hasUser(user)) {
                throw refused(
                        Option.USER,
                        user,
                        "no such user; there are " + Nearest.some(user, names.users()));
            }
        }
    }

    /** Returns whether it is the id of a user, which need not have a name. */
    static boolean isId(String user) {
        return ID.matcher(user).matches();
    }

    private String pid(Option option, String name) throws Failure {
        if (name.equals("self")) {
            if (parsed.has(Option.FROM)) {
                throw refused(option, name, "is this psm, which is not in a snapshot; leave it out");
            }
            return Integer.toString(new OwnProcess().pid());
        }
        if (!PID.matcher(name).matches()) {
            throw refused(option, name, "takes pids, such as 42,4711, or self");
        }
        return name;
    }

    // Values of options

    private List<String> names(Option option) throws Failure {
        String value = value(option);
        return value.isEmpty() ? List.of() : split(option, value);
    }

    private List<String> split(Option option, String list) throws Failure {
        List<String> names = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            if (name.isEmpty()) {
                throw refused(
                        option,
                        list,
                        "has an empty name; it takes names with commas between them");
            }
            names.add(name);
        }
        if (names.size() > MAX_NAMES) {
            throw Failure.usage(
                    parsed.typed(option) + ": takes at most " + MAX_NAMES + " names", null);
        }
        return names;
    }

    /** Returns the value of an option; an empty one where it is not on the command line. */
    private String value(Option option) {
        return parsed.value(option, "");
    }

    private Failure unknown(Option option, String name, String what, List<String> known) {
        return refused(
                option,
                name,
                "no such " + what + "; there are " + Nearest.first(name, known));
    }

    private Failure refused(Option option, String value, String problem) {
        return Failure.usage(parsed.typed(option) + ' ' + value + ": " + problem, null);
    }
}
