package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import static psm.BenchResults.figure;
import static psm.BenchResults.fixed;

import org.junit.jupiter.api.Test;

import psm.support.Command;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Holds the figures of README.md and docs/performance.md to what bench/run and bench/scale have
 * measured. {@code PSM_TEST_REWRITE=1} in the environment rewrites them.
 */
class BenchResultsTest {
    private static final boolean REWRITE = System.getenv("PSM_TEST_REWRITE") != null;
    private static final String README = "README.md";
    private static final String PERFORMANCE = "docs/performance.md";
    private static final String KERNEL = "cat of all smaps_rollup";

    private static final List<String> README_ROWS =
            List.of("psm", "Java alone", "ps_mem", "Go's psm", "smemstat", "smem");

    /** The parts of bench/run that the tables of times show, and the machine ran. */
    private static final List<String> TIMED = List.of("10", "83", "1000", "8g", "cold");

    private static String read(String file) throws IOException {
        return Files.readString(Command.root().resolve(file));
    }

    // Tables

    private static String row(String... cells) {
        return ("| " + String.join(" | ", cells) + " |").replace("|  |", "| |");
    }

    /** Replaces the rows of the table with that head; the head and the line below it stay. */
    private static String withRows(String text, String head, List<String> rows) {
        int start = text.indexOf(head + '\n');
        assertTrue(start >= 0, "there is no table with the head " + head);
        int first = text.indexOf('\n', start + head.length() + 1) + 1;
        int end = text.indexOf("\n\n", first);
        return text.substring(0, first) + String.join("\n", rows) + text.substring(end);
    }

    private static List<String> timesOfReadme() throws IOException {
        List<String> rows = new ArrayList<>();
        for (String command : README_ROWS) {
            List<String> cells = new ArrayList<>(List.of(command));
            for (String part : List.of("10", "83", "1000")) {
                cells.add(figure(BenchResults.of(part).wall(command)));
            }
            rows.add(row(cells.toArray(new String[0])));
        }
        return rows;
    }

    private static List<String> timesOfAll() throws IOException {
        List<String> rows = new ArrayList<>();
        for (String command :
                List.of(
                        "psm",
                        "psm, Java 17",
                        "psm by JBang",
                        "psm --heap",
                        "Java alone",
                        "ps_mem",
                        "Go's psm",
                        "Go's psm -heap",
                        "smemstat",
                        "smem",
                        KERNEL,
                        "cat of all smaps")) {
            BenchResults some = BenchResults.of("83");
            BenchResults many = BenchResults.of("1000");
            rows.add(
                    row(
                            command.matches("psm( --heap)?") ? '`' + command + '`' : command,
                            figure(BenchResults.of("10").wall(command)),
                            figure(some.wall(command)),
                            ratio(some, command),
                            figure(many.wall(command)),
                            ratio(many, command),
                            figure(BenchResults.of("8g").wall(command)),
                            figure(BenchResults.of("cold").wall(command))));
        }
        return rows;
    }

    /** Returns the time of psm divided by that of a command. */
    private static String ratio(BenchResults part, String command) {
        return command.equals("psm") ? "" : figure(part.wall("psm") / part.wall(command));
    }

    private static List<String> firstRuns() throws IOException {
        BenchResults first = BenchResults.of("first");
        String libraries = "psm's libraries (" + figure(first.downloads()) + " MB)";
        String[][] starts = {
            {"nothing is there", "Java and Maven"},
            {"JBang is there, and nothing of psm's", "Java, Maven and JBang"},
            {"JBang and psm's libraries are there", "Java, Maven, JBang and " + libraries},
            {"everything is there", "all of these, and psm as a previous run compiled it"},
        };
        List<String> rows = new ArrayList<>();
        for (String[] start : starts) {
            rows.add(
                    row(
                            start[1],
                            figure(first.first(start[0], "milliseconds") / 1000) + " s",
                            figure(first.first(start[0], "cpu_milliseconds") / 1000) + " s",
                            fixed(first.first(start[0], "kilobytes") / 1024, 0) + " MB"));
        }
        return rows;
    }

    private static List<String> costs() throws IOException {
        List<String> rows = new ArrayList<>();
        for (BenchResults part : BenchResults.ofScale()) {
            rows.add(
                    row(
                            nameOfLoad(part),
                            figure(part.wall("psm")),
                            figure(part.wall(KERNEL)),
                            ratio(part, KERNEL),
                            figure(part.wall("ps_mem")),
                            ratio(part, "ps_mem"),
                            figure(part.wall("Go's psm")),
                            ratio(part, "Go's psm"),
                            figure(part.cpu("psm")),
                            figure(part.cpu(KERNEL)),
                            figure(part.peak("psm")),
                            figure(part.peak("ps_mem"))));
        }
        return rows;
    }

    private static String nameOfLoad(BenchResults part) {
        return switch (part.name()) {
            case "mappings" ->
                    "1 of " + fixed(Integer.parseInt(part.about("mappings")), 0) + " mappings";
            case "16g" -> "1 of 16 GB";
            default -> fixed(Integer.parseInt(part.about("processes")), 0);
        };
    }

    /** Returns what one more process costs, in microseconds. */
    private static List<String> slopes() throws IOException {
        String[][] ranges = {{"1000", "5000"}, {"5000", "20000"}};
        List<String> rows = new ArrayList<>();
        for (String[] range : ranges) {
            BenchResults from = scale(range[0]);
            BenchResults to = scale(range[1]);
            double more =
                    Integer.parseInt(to.about("processes"))
                            - Integer.parseInt(from.about("processes"));
            List<String> cells = new ArrayList<>();
            cells.add(nameOfLoad(from) + " to " + nameOfLoad(to));
            List<String> commands = List.of("psm", KERNEL, "ps_mem", "Go's psm");
            for (String command : commands) {
                cells.add(figure((to.wall(command) - from.wall(command)) * 1000 / more));
            }
            for (String command : commands) {
                cells.add(figure((to.cpu(command) - from.cpu(command)) * 1000 / more));
            }
            rows.add(row(cells.toArray(new String[0])));
        }
        return rows;
    }

    private static BenchResults scale(String name) throws IOException {
        return BenchResults.ofScale().stream()
                .filter(part -> part.name().equals(name))
                .findAny()
                .orElseThrow();
    }

    // Words

    /**
     * Writes figures into a sentence.
     *
     * @param sentence has {@code {}} for each figure of at most five words, and may be broken into
     *     lines anywhere
     */
    private static String withFigures(String text, String sentence, String... figures) {
        String words =
                "\\Q"
                        + sentence.replace("{}", "\\E(\\S+(?:\\s\\S+){0,4}?)\\Q")
                                .replace(" ", "\\E\\s+\\Q")
                        + "\\E";
        Matcher found = Pattern.compile(words).matcher(text);
        assertTrue(found.find(), "there is no sentence '" + sentence + '\'');
        StringBuilder written = new StringBuilder(text);
        for (int i = figures.length; i > 0; i--) {
            if (!found.group(i).replaceAll("\\s+", " ").equals(figures[i - 1])) {
                written.replace(found.start(i), found.end(i), figures[i - 1]);
            }
        }
        return written.toString();
    }

    private static String machine(String pattern) throws IOException {
        String machine = BenchResults.machine();
        Matcher found = Pattern.compile(pattern, Pattern.MULTILINE).matcher(machine);
        assertTrue(found.find(), machine);
        return found.group(1);
    }

    private static String processors() throws IOException {
        return machine("^([0-9]+) CPUs: ") + ' ' + machine("^[0-9]+ CPUs: (.+)$");
    }

    private static String linux() throws IOException {
        return machine("^Linux ([0-9]+[.][0-9]+)");
    }

    private static String java() throws IOException {
        return machine("^psm \\S+ \\(Java ([0-9]+)");
    }

    // Files

    private static String readme(String text) throws IOException {
        String written =
                withFigures(
                        text,
                        "in milliseconds, on {} processors with Linux {} and Java {}. ",
                        processors(),
                        linux(),
                        java());
        return withRows(
                written, "| | 10 processes | 83 processes | 1,000 processes |", timesOfReadme());
    }

    private static String performance(String text) throws IOException {
        String written = performanceInWords(text);
        written =
                withRows(
                        written,
                        "| | 10 processes | 83 processes | psm / it | 1,000 processes | psm / it"
                                + " | 8 GB | cold, 83 |",
                        timesOfAll());
        written =
                withRows(
                        written,
                        "| what is there already | time | CPU time | memory |",
                        firstRuns());
        written =
                withRows(
                        written,
                        "| processes | psm | cat | psm / cat | ps_mem | psm / ps_mem | Go's psm |"
                                + " psm / Go's psm | psm, CPU | cat, CPU | psm, MB | ps_mem, MB |",
                        costs());
        return withRows(
                written,
                "| µs a process | psm | cat | ps_mem | Go's psm | psm, CPU | cat, CPU"
                        + " | ps_mem, CPU | Go's psm, CPU |",
                slopes());
    }

    private static String highestLoad() throws IOException {
        String highest = "0";
        for (BenchResults part : BenchResults.ofScale()) {
            String load = part.about("load_average");
            highest = Double.parseDouble(load) > Double.parseDouble(highest) ? load : highest;
        }
        return highest;
    }

    private static String performanceInWords(String text) throws IOException {
        BenchResults some = BenchResults.of("83");
        BenchResults many = BenchResults.of("1000");
        BenchResults first = BenchResults.of("first");
        String hello = "hello world: JBang is there";
        String written =
                withFigures(
                        text,
                        "in milliseconds, on {} processors with Linux {}. psm runs on Java {}"
                                + " unless",
                        processors(),
                        linux(),
                        java());
        written =
                withFigures(
                        written,
                        "have {} lines together; with 1,000 processes they have {}. ",
                        fixed(Integer.parseInt(some.about("lines")), 0),
                        fixed(Integer.parseInt(many.about("lines")), 0));
        written =
                withFigures(
                        written,
                        "The scan alone takes {} ms for 1,000 processes",
                        figure(many.scan("psm --source rollup -j 2")));
        written =
                withFigures(
                        written,
                        "needs {} MB with 83 processes, {} MB with 1,000, and {} MB with `--heap`.",
                        figure(some.peak("psm")),
                        figure(many.peak("psm")),
                        figure(many.peak("psm --heap")));
        written =
                withFigures(
                        written,
                        "of a run with Java {}, on {} processors.",
                        first.about("java"),
                        first.about("cpus"));
        written =
                withFigures(
                        written,
                        "Before the runs, the load average of the machine was up to {}. ",
                        highestLoad());
        return withFigures(
                written,
                "that prints one line takes {} s, {} s of CPU time and {} MB.",
                figure(first.first(hello, "milliseconds") / 1000),
                figure(first.first(hello, "cpu_milliseconds") / 1000),
                fixed(first.first(hello, "kilobytes") / 1024, 0));
    }

    private static String withResults(String file, String text) throws IOException {
        return file.equals(README) ? readme(text) : performance(text);
    }

    @Test
    void docsShowWhatWasMeasured() throws IOException {
        for (String file : List.of(README, PERFORMANCE)) {
            String text = read(file);
            String measured = withResults(file, text);
            if (REWRITE) {
                Files.writeString(Command.root().resolve(file), measured);
            } else {
                String remedy = file + "; PSM_TEST_REWRITE=1 writes what was measured";
                assertEquals(linesOnlyIn(measured, text), linesOnlyIn(text, measured), remedy);
                assertTrue(measured.equals(text), remedy);
            }
        }
    }

    private static List<String> linesOnlyIn(String text, String other) {
        List<String> lines = new ArrayList<>(text.lines().toList());
        lines.removeAll(other.lines().toList());
        return lines;
    }

    /** Changes each figure of the tables, one after the other. */
    @Test
    void aFigureChangedByHandIsFound() throws IOException {
        for (String file : List.of(README, PERFORMANCE)) {
            String text = withResults(file, read(file));
            Matcher figure = Pattern.compile("(?<=\\| )[0-9.,]+(?=( s| MB)? \\|)").matcher(text);
            int figures = 0;
            int end = text.indexOf("## What does sudo cost?");
            figure.region(0, end < 0 ? text.length() : end);
            while (figure.find()) {
                String changed =
                        text.substring(0, figure.start()) + "7.77" + text.substring(figure.end());
                assertEquals(text, withResults(file, changed), figure.group());
                figures++;
            }
            assertTrue(figures >= 15, file + " has " + figures + " figures");
        }
    }

    /** The docs name one machine for all of these. */
    @Test
    void timesAreOfTheMachineThatIsNamed() throws IOException {
        for (String part : TIMED) {
            BenchResults results = BenchResults.of(part);
            assertTrue(results.about("kernel").startsWith("Linux " + linux() + '.'), part);
            assertEquals(processors(), results.about("cpus"), part);
        }
        for (BenchResults part : BenchResults.ofScale()) {
            assertEquals(processors(), part.about("cpus"), part.name());
        }
    }

    @Test
    void theMachineRecordsWhatWasMeasured() throws IOException {
        String version = machine("^psm (\\S+) \\(Java ");
        assertEquals(Version.CURRENT, version, "run bench/run again");
        String hash = machine(", psm.java of SHA-256 ([0-9a-f]{16})$");
        for (String part : TIMED) {
            assertEquals(hash, BenchResults.of(part).about("psm_java_sha256"), part);
        }
    }

    /** The figures of bench/results are those of the tables beside them. */
    @Test
    void tablesShowTheSameMedians() throws IOException {
        String table = read("bench/results/table.md");
        for (String part : List.of("10", "83", "1000")) {
            Pattern psm = Pattern.compile("\\| psm +\\| +([0-9.,]+) \\|");
            Matcher found = psm.matcher(table.substring(table.indexOf(heading(part))));
            assertTrue(found.find(), part);
            assertEquals(found.group(1), figure(BenchResults.of(part).wall("psm")), part);
        }
    }

    private static String heading(String part) {
        return "## " + fixed(Integer.parseInt(part), 0) + " processes\n";
    }

    @Test
    void figuresAreRoundedAsByTheBench() {
        double[] values = {0.0449, 9.994, 9.996, 99.94, 99.96, 1017.5, 1234567, Double.NaN};
        List<String> rounded =
                List.of("0.04", "9.99", "10.0", "99.9", "100", "1,018", "1,234,567", "");
        assertEquals(rounded, Arrays.stream(values).mapToObj(BenchResults::figure).toList());
    }
}
