package psm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.text.Failure;

import java.util.ArrayList;
import java.util.List;

class MetricsArgumentsTest {
    private static Options parse(String options) throws Failure {
        return Arguments.parse(options.split(" ", -1));
    }

    private static View view(String options) throws Failure {
        return parse("-o prometheus " + options).what().view();
    }

    private static List<Figure> figures(View view) {
        return view.columns().stream().map(View.Shown::figure).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"prometheus", "openmetrics"})
    void thirtyProgramsAreShownByWhatTheyRun(String format) throws Failure {
        Options options = parse("-o " + format);
        View view = options.what().view();
        assertEquals(List.of(Grouping.PROGRAM), view.by());
        assertEquals(30, view.maxRows());
        assertTrue(options.what().byExecutable());
        assertTrue(options.what().scripts());
        assertEquals(View.Extent.METRICS, view.extent());
        assertEquals(
                List.of(
                        Figure.PSS,
                        Figure.SWAP,
                        Figure.ANONYMOUS,
                        Figure.COUNT,
                        Figure.LARGEST,
                        Figure.OLDEST,
                        Figure.NEWEST),
                figures(view));
    }

    @Test
    void otherFormatsHaveNothingOfIt() throws Failure {
        View view = parse("-o json").what().view();
        assertEquals(View.DEFAULT, view);
        assertFalse(parse("-o json").what().scripts());
    }

    @Test
    void whatIsNamedIsShown() throws Failure {
        assertEquals(500, view("-n 500").maxRows());
        assertEquals(1, view("-n 1").maxRows());
        assertEquals(List.of(Grouping.UNIT, Grouping.USER), view("--by unit,user").by());
        assertEquals(List.of(Figure.USS, Figure.COUNT), figures(view("-c uss,count")));
        assertTrue(figures(view("-c +peak")).containsAll(List.of(Figure.PSS, Figure.PEAK)));
        assertTrue(figures(view("--heap")).contains(Figure.HEAP));
        assertTrue(figures(view("--spread")).contains(Figure.MEDIAN));
        assertFalse(figures(view("--spread")).contains(Figure.LARGEST_PID));
        assertFalse(parse("-o prometheus --by exe").what().scripts());
        assertTrue(view("--system").system());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-f nginx", "--pid 1", "--user root", "--unit x"})
    void chosenProcessesAreNotTheWholeHost(String options) throws Failure {
        assertEquals(View.Extent.ROWS_OF_METRICS, view(options).extent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--by pid | --by pid",
                "-d | -d",
                "--by command | --by command",
                "--by-command | --by-command",
                "-s | -s",
                "--by user,pid | --by pid",
                "--by tree | --by tree",
                "--by parent | --by parent",
                "-n 501 | -n 501",
                "--rows 1000000 | --rows 1000000",
                "-c pss,pid | -c pid",
                "-c +command | -c command",
                "-c +largest_pid | -c largest_pid"
            })
    void aSeriesForEachProcessIsRefused(String options, String asked) {
        for (String format : List.of("prometheus", "openmetrics")) {
            Failure failure =
                    assertThrows(Failure.class, () -> parse("-o " + format + ' ' + options));
            assertEquals(Failure.Exit.USAGE, failure.exit);
            String start = asked + ": -o " + format + " would have a series for each process; ";
            assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "oom -o prometheus",
                "growth -o prometheus --by pid",
                "diff -o openmetrics -d a b",
                "maps -o prometheus -n 501"
            })
    void commandsHaveNoneForEachProcess(String options) {
        Failure failure = assertThrows(Failure.class, () -> parse(options));
        assertEquals(Failure.Exit.USAGE, failure.exit);
        String message = failure.getMessage();
        assertTrue(message.contains("a series for each process"), message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-t | -t: -o prometheus contains rows",
                "-c +user | -c user: -o prometheus has names as labels",
                "-w 5 | -w: -o prometheus is one report",
                "--system --hosts a,b | --system: -o prometheus has it of one machine",
                "-n 0 | -n 0: takes a number of rows"
            })
    void whatHasNoPlaceIsRefused(String options, String start) {
        Failure failure = assertThrows(Failure.class, () -> view(options));
        assertEquals(Failure.Exit.USAGE, failure.exit);
        assertTrue(failure.getMessage().startsWith(start), failure.getMessage());
    }

    @Test
    void otherReportsHaveThirtyRowsToo() throws Failure {
        for (String command : List.of("maps", "growth", "diff a b")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ")));
            words.addAll(List.of("-o", "prometheus"));
            Options options = Arguments.parse(words.toArray(new String[0]));
            assertEquals(30, options.what().view().maxRows());
            boolean areOfPrograms = !command.equals("maps");
            assertEquals(areOfPrograms, options.what().view().isOfMetrics());
            assertEquals(areOfPrograms, options.what().byExecutable());
            assertEquals(areOfPrograms, options.what().scripts());
            assertFalse(options.what().view().system());
        }
    }

    @Test
    void machinesThatAreProbedMayLackTheUsualColumns() throws Failure {
        assertTrue(figures(view("--hosts a,b")).contains(Figure.ANONYMOUS));
        assertThrows(Failure.class, () -> view("--hosts a,b -c +anonymous"));
    }
}
