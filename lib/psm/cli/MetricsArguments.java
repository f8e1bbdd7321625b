package psm.cli;

import psm.Psm;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.text.Failure;

import java.util.List;

/**
 * Reads and checks what is different if a report becomes metrics, which are kept for months: few
 * rows, and none whose name or number is new with each process.
 */
final class MetricsArguments {
    static final int DEFAULT_ROWS = 30;

    /** More rows are as many as a small machine has processes. */
    private static final int MAX_ROWS = 500;

    /** The groups that have a name of their own for each process, or are no names at all. */
    private static final List<Grouping> OF_PROCESSES =
            List.of(Grouping.PID, Grouping.COMMAND, Grouping.PARENT, Grouping.TREE);

    private static final List<Figure> OF_PIDS = List.of(Figure.PID, Figure.LARGEST_PID);

    private static final String JSON = Option.OUTPUT.brief() + " json";
    private static final String USE_JSON = "use " + JSON;

    private final ParsedOptions parsed;
    private final Topic command;

    private MetricsArguments(ParsedOptions parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
    }

    /** Returns what reads the options; {@code null} if the format is not one of metrics. */
    static MetricsArguments of(ParsedOptions parsed, Topic command) {
        return Options.Looks.isOfMetrics(parsed.value(Option.OUTPUT, Options.Looks.TABLE))
                ? new MetricsArguments(parsed, command)
                : null;
    }

    /** Returns whether the report has columns of metrics unless the user names some. */
    boolean haveOwnColumns() {
        return command == Topic.PROCESSES;
    }

    /**
     * Returns how many rows the report has.
     *
     * @param asked the number that the user has named; 0 for none
     */
    int rows(int asked) throws Failure {
        if (asked > MAX_ROWS) {
            throw perProcess(
                    parsed.typed(Option.ROWS) + ' ' + asked, "it takes 1 to " + MAX_ROWS + " rows");
        }
        return asked == 0 ? DEFAULT_ROWS : asked;
    }

    /** Returns what the report shows besides its rows. */
    View.Extent extent() throws Failure {
        if (command.isOfMappings()) {
            return View.Extent.ROWS;
        }
        if (command != Topic.PROCESSES) {
            return parsed.has(Option.SYSTEM) ? View.Extent.METRICS : View.Extent.ROWS_OF_METRICS;
        }
        boolean isOfSome =
                parsed.has(Option.FILTER) || !new SelectionArguments(parsed).selection().isAll();
        return isOfSome ? View.Extent.ROWS_OF_METRICS : View.Extent.METRICS;
    }

    /** Returns whether programs are named after what they run, by their executables and scripts. */
    boolean areOfScripts(ViewArguments views) throws Failure {
        return !command.isOfMappings() && !views.byExecutable();
    }

    /** Refuses what would have a series for each process, or has no place in metrics. */
    void refuse(View view) throws Failure {
        refusePerProcess(view);
        refuseElsewhere();
    }

    private void refusePerProcess(View view) throws Failure {
        if (command == Topic.OOM) {
            throw perProcess("oom", USE_JSON);
        }
        for (Grouping grouping : view.by()) {
            if (OF_PROCESSES.contains(grouping)) {
                throw perProcess(typed(grouping), "use " + Option.BY + " program, or " + JSON);
            }
        }
        if (parsed.has(Option.COLUMNS)) {
            for (View.Shown shown : view.columns()) {
                refuse(shown.figure());
            }
        }
    }

    private void refuseElsewhere() throws Failure {
        if (parsed.has(Option.TOTAL)) {
            throw refused(
                    parsed.typed(Option.TOTAL),
                    "contains rows, which Prometheus adds up; leave it out, or " + USE_JSON);
        }
        boolean isOfSeveral = parsed.has(Option.HOSTS) || parsed.values(Option.FROM).size() > 1;
        if (parsed.has(Option.SYSTEM) && isOfSeveral) {
            throw refused(
                    Option.SYSTEM.toString(), "has it of one machine; name one, or " + USE_JSON);
        }
        if (parsed.has(Option.WATCH) && !parsed.has(Option.TO)) {
            throw refused(
                    parsed.typed(Option.WATCH),
                    "is one report, not several after another; add " + Option.TO + " FILE");
        }
    }

    private void refuse(Figure figure) throws Failure {
        String asked = parsed.typed(Option.COLUMNS) + ' ' + figure.option;
        if (OF_PIDS.contains(figure) || figure == Figure.COMMAND) {
            throw perProcess(asked, "leave it out, or " + USE_JSON);
        }
        if (figure.column.kind() == Psm.Kind.TEXT) {
            throw refused(asked, "has names as labels, which " + Option.BY + " adds; leave it out");
        }
    }

    /** Returns the option for a grouping as it was typed. */
    private String typed(Grouping grouping) {
        for (ParsedOptions.Occurrence given : parsed.all()) {
            if (given.option().grouping() == grouping) {
                return parsed.typed(given.option());
            }
        }
        return Option.BY + " " + grouping.option;
    }

    private Failure perProcess(String asked, String remedy) {
        return refused(asked, "would have a series for each process; " + remedy);
    }

    private Failure refused(String asked, String problem) {
        return Failure.usage(
                asked
                        + ": "
                        + Option.OUTPUT.brief()
                        + ' '
                        + parsed.value(Option.OUTPUT)
                        + ' '
                        + problem,
                null);
    }
}
