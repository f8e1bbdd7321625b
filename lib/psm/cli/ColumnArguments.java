package psm.cli;

import psm.report.Figure;
import psm.report.View;
import psm.text.Failure;
import psm.text.Nearest;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the options that choose the columns of a report. */
final class ColumnArguments {
    private static final Figure[] SPREAD = {
        Figure.SMALLEST, Figure.MEDIAN, Figure.LARGEST, Figure.LARGEST_PID
    };

    /** The start of an argument that is more than an option of one letter. */
    private static final Pattern NAME = Pattern.compile("-[A-Za-z]{2}");

    private final ParsedOptions parsed;

    ColumnArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /**
     * Puts a blank before columns that begin with a dash; otherwise picocli would take them for
     * options.
     */
    static String[] withMarks(String... args) {
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
                if (rest.startsWith("-") && (!isAfter || mayBeColumn(rest))) {
                    marked[i] = start + ' ' + rest;
                }
            }
        }
        return marked;
    }

    /** Returns whether an argument that begins with a dash removes a column, or means to. */
    private static boolean mayBeColumn(String argument) {
        if (Figure.named(argument.substring(1).split(",", 2)[0]) != null) {
            return true;
        }
        String name = argument.split("=", 2)[0];
        return NAME.matcher(argument).lookingAt() && Option.named(name, Topic.PROCESSES) == null;
    }

    /**
     * Returns the columns in the order of a table.
     *
     * @param areProcesses whether each row is one process; then its user and its command line are
     *     shown too
     * @param areOfMetrics whether the report becomes metrics
     */
    List<View.Shown> columns(boolean areProcesses, boolean areOfMetrics) throws Failure {
        List<View.Shown> columns =
                areOfMetrics
                        ? View.columnsOfMetrics(parsed.has(Option.HEAP))
                        : View.columns(parsed.has(Option.HEAP));
        if (areProcesses && !parsed.has(Option.SPREAD) && !parsed.has(Option.TOTAL)) {
            columns.add(new View.Shown(Figure.USER, View.When.ALWAYS));
            if (!parsed.has(Option.NO_COMMANDS)) {
                columns.add(new View.Shown(Figure.COMMAND, View.When.ALWAYS));
            }
        }
        change(columns);
        if (parsed.has(Option.SPREAD)) {
            addSpread(columns, areOfMetrics);
        }
        requireReports(columns);
        if (!areOfMetrics) {
            addChanges(columns);
        }
        if (parsed.has(Option.TOTAL)) {
            requireTotals(columns);
        }
        return columns;
    }

    /** Replaces the usual columns, or adds some and removes some. */
    private void change(List<View.Shown> columns) throws Failure {
        boolean wasSigned = true;
        boolean isFirst = true;
        for (String given : parsed.names(Option.COLUMNS)) {
            String name = given.strip();
            boolean isRemoved = name.startsWith("-");
            boolean isSigned = isRemoved || name.startsWith("+");
            if (!isFirst && isSigned != wasSigned) {
                throw parsed.refused(
                        Option.COLUMNS,
                        parsed.value(Option.COLUMNS, "").strip(),
                        "has columns with a sign and without; give a sign to all, or to none");
            }
            if (isFirst && !isSigned) {
                columns.clear();
            }
            wasSigned = isSigned;
            isFirst = false;
            Figure figure = figure(Option.COLUMNS, name, isSigned ? name.substring(1) : name);
            columns.removeIf(shown -> shown.figure() == figure);
            if (!isRemoved) {
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
        }
    }

    /** Refuses options and columns that compare reports where there is one. */
    private void requireReports(List<View.Shown> columns) throws Failure {
        if (parsed.has(Option.SINCE_START) && !parsed.has(Option.WATCH)) {
            throw Failure.usage(
                    Option.SINCE_START
                            + ": shows what changed since the first of several reports; add "
                            + Option.WATCH.brief()
                            + " SECONDS",
                    null);
        }
        requireEarlier(columns, Option.WATCH, Figure.CHANGE);
        requireEarlier(columns, Option.SINCE_START, Figure.SINCE_START, Figure.SINCE_START_RATE);
    }

    /**
     * Adds the columns of changes that the options ask for, after the first one. A table shows the
     * change since the first report instead of that since the last one: both would be too wide.
     */
    private void addChanges(List<View.Shown> columns) {
        boolean isSinceStart = parsed.has(Option.SINCE_START);
        int place = Math.min(1, columns.size());
        if (isSinceStart) {
            add(Figure.SINCE_START_RATE, View.When.ALWAYS, place, columns);
            add(Figure.SINCE_START, View.When.ALWAYS, place, columns);
        }
        if (parsed.has(Option.WATCH)) {
            View.When inTables = isSinceStart ? View.When.NEVER : View.When.ALWAYS;
            add(Figure.CHANGE, inTables, place, columns);
        }
    }

    private static void add(
            Figure figure, View.When inTables, int place, List<View.Shown> columns) {
        if (View.indexOf(figure, columns) < 0) {
            columns.add(place, new View.Shown(figure, inTables));
        }
    }

    /** Refuses columns that compare with earlier reports, without the option that makes these. */
    private void requireEarlier(List<View.Shown> columns, Option option, Figure... figures)
            throws Failure {
        for (Figure figure : figures) {
            if (View.indexOf(figure, columns) >= 0 && !parsed.has(option)) {
                throw parsed.refused(
                        Option.COLUMNS,
                        figure.option,
                        "shows what changed between two reports; add " + option.brief());
            }
        }
    }

    private void addSpread(List<View.Shown> columns, boolean areOfMetrics) {
        if (!parsed.has(Option.COLUMNS) && View.indexOf(Figure.SHARED, columns) >= 0) {
            // Otherwise the table would be wider than 80 characters.
            columns.set(
                    View.indexOf(Figure.SHARED, columns),
                    new View.Shown(Figure.SHARED, View.When.NEVER));
        }
        for (Figure figure : SPREAD) {
            if (!areOfMetrics || figure != Figure.LARGEST_PID) { // a pid is no metric
                columns.removeIf(shown -> shown.figure() == figure);
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
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

    /**
     * Returns the figure with a name.
     *
     * @param typed the name with its sign, for messages
     */
    Figure figure(Option option, String typed, String name) throws Failure {
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
        throw parsed.refused(
                option, typed, "no such column; there are " + Nearest.first(name, known));
    }
}
