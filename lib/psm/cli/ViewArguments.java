package psm.cli;

import psm.Psm;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.MappingReport;
import psm.report.View;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Sizes;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Reads the options that choose what a report shows. */
final class ViewArguments {
    private static final String HELP = "help";
    private static final String KIND = "kind";
    private static final int MAX_ROWS = 1_000_000;

    private final ParsedOptions parsed;

    /**
     * The topic of the command. It is never {@link Topic#KINDS}, which has no command of its own.
     */
    private final Topic command;

    /** What differs in metrics; {@code null} in other formats. */
    private final MetricsArguments metrics;

    ViewArguments(ParsedOptions parsed, Topic command, MetricsArguments metrics) {
        this.parsed = parsed;
        this.command = command;
        this.metrics = metrics;
    }

    /** Returns what the report is about. */
    Topic topic() throws Failure {
        String by = parsed.value(Option.BY_OF_MAPPINGS, "");
        if (by.isEmpty() || by.equals("name")) {
            return command;
        }
        if (by.equals(KIND)) {
            return Topic.KINDS;
        }
        throw parsed.refused(Option.BY_OF_MAPPINGS, by, "mappings are grouped by name or by kind");
    }

    /** Returns the list that is requested instead of a report; {@code null} for a report. */
    String help() {
        StringBuilder help = new StringBuilder();
        if (parsed.value(Option.COLUMNS, "").equals(HELP)) {
            for (Figure figure : Figure.values()) {
                if (figure.fold != Figure.Fold.MARK) {
                    line(help, figure.option, figure.description);
                }
            }
        } else if (parsed.value(Option.BY, "").equals(HELP)) {
            for (Grouping grouping : Grouping.values()) {
                if (command.isGroupedBy(grouping)) {
                    line(help, grouping.option, grouping.description);
                }
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
     * Returns what the report shows.
     *
     * @param filter the filter for the names of rows; ignored for names of programs, which the scan
     *     filters
     */
    View view(Filter filter) throws Failure {
        if (help() != null) {
            return View.DEFAULT;
        }
        List<Grouping> by = by();
        List<View.Shown> columns = columns(by);
        int asked = parsed.number(Option.ROWS, MAX_ROWS, "rows");
        int rows = metrics != null ? metrics.rows(asked) : asked;
        long least = least();
        if (by.contains(Grouping.TREE)) {
            if (!command.isGroupedBy(Grouping.TREE)) {
                String problem = " has no tree; use " + Option.BY + " parent or pid";
                throw parsed.refused(Option.BY, "tree", "psm " + command.command + problem);
            }
            requireWholeTree(by, asked > 0, least != Missing.VALUE);
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
                        metrics != null
                                ? metrics.extent()
                                : isSystem ? View.Extent.SYSTEM : View.Extent.ROWS,
                        command != Topic.MAPS && namesArePrograms(by) ? null : filter);
        if (isSystem && !view.shows(Figure.PSS)) {
            throw Failure.usage(
                    Option.SYSTEM + ": accounts for pss; add it to " + Option.COLUMNS.brief(),
                    null);
        }
        return view;
    }

    private List<View.Shown> columns(List<Grouping> by) throws Failure {
        boolean areOfMetrics = metrics != null && metrics.haveOwnColumns();
        return new ColumnArguments(parsed).columns(by.contains(Grouping.PID), areOfMetrics);
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

    /** Returns whether the rows are named after programs, so that a scan can filter them. */
    static boolean namesArePrograms(List<Grouping> by) {
        return by.size() == 1 && by.get(0).isNamedByProgram();
    }

    /** Returns whether programs are named after their executables even if they set titles. */
    boolean byExecutable() throws Failure {
        return parsed.has(Option.BY_EXE) || (help() == null && allGroups().contains(Grouping.EXE));
    }

    /** Returns the groups of the view. */
    private List<Grouping> by() throws Failure {
        Set<Grouping> by = allGroups();
        if (by.contains(Grouping.EXE)) {
            if (by.contains(Grouping.PROGRAM)) {
                throw Failure.usage(
                        Option.BY + " exe: takes the place of program; leave out program", null);
            }
        }
        if (by.contains(Grouping.PID) || by.contains(Grouping.TREE)) {
            // These rows show the names of programs, or of executables if that was asked for.
            by.remove(Grouping.PROGRAM);
            by.remove(Grouping.EXE);
        }
        return by.isEmpty() ? List.of(Grouping.PROGRAM) : List.copyOf(by);
    }

    /** Returns all groups in the order of the command line. */
    private Set<Grouping> allGroups() throws Failure {
        Set<Grouping> by = new LinkedHashSet<>();
        if (command.isGrouped()) {
            for (ParsedOptions.Occurrence given : parsed.all()) {
                if (given.option() == Option.BY) {
                    for (String what : parsed.split(Option.BY, given.value(), given.value())) {
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
        throw parsed.unknown(Option.BY, name, "way to group", known);
    }

    /** Returns the figure to sort by; {@code null} to sort by name. */
    private Figure sort(List<Grouping> by) throws Failure {
        if (command == Topic.DIFF) {
            return new DiffArguments(parsed).sort(by) == null ? null : Figure.CHANGE;
        }
        String name = parsed.value(Option.SORT, "");
        if (name.isEmpty()) {
            return Figure.PSS;
        }
        if (isOfNames(name, by)) {
            return null;
        }
        Figure figure = new ColumnArguments(parsed).figure(Option.SORT, name, name);
        if (command == Topic.MAPS && !MappingReport.contains(figure)) {
            throw parsed.refused(
                    Option.SORT,
                    figure.option,
                    "mappings are sorted by pss, uss, shared, rss, swap, mappings or name");
        }
        return figure;
    }

    /** Returns whether a column contains the names of rows. */
    static boolean isOfNames(String name, List<Grouping> by) {
        for (Grouping grouping : by) {
            boolean isOption = grouping != Grouping.PID; // rows by pid are named after programs
            if ((isOption && grouping.option.equalsIgnoreCase(name))
                    || grouping.column.key().equalsIgnoreCase(name)) {
                return true;
            }
        }
        return name.equalsIgnoreCase("name");
    }

    private long least() throws Failure {
        String size = parsed.value(Option.MIN, "");
        if (size.isEmpty()) {
            return Missing.VALUE;
        }
        long bytes = Sizes.parse(size);
        if (bytes == Missing.VALUE) {
            throw parsed.refused(Option.MIN, size, "takes a size, such as 10M or 1.5G");
        }
        return bytes;
    }

    /** Returns the layout of a table. */
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
        String name = parsed.value(Option.UNITS, "");
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
        throw parsed.unknown(Option.UNITS, name, "unit", known);
    }
}
