package psm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;
import psm.format.Formats;
import psm.name.Program;
import psm.proc.OwnProcess;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Selection;
import psm.smaps.Usage;
import psm.support.MadeUpDetails;
import psm.support.MadeUpSnapshot;
import psm.support.Views;
import psm.text.Failure;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class ViewArgumentsTest {
    private static Options parsed(String... args) {
        try {
            return Arguments.parse(args);
        } catch (Failure e) {
            throw new AssertionError(String.join(" ", args), e);
        }
    }

    private static String refused(String... args) {
        Failure failure = assertThrows(Failure.class, () -> Arguments.parse(args));
        assertEquals(Failure.Exit.USAGE, failure.exit);
        assertFalse(failure.getMessage().contains("\n"), failure.getMessage());
        return failure.getMessage();
    }

    /** Returns the columns that a table always shows. */
    private static List<String> columns(String... args) {
        List<String> names = new ArrayList<>();
        for (View.Shown shown : parsed(args).what().view().columns()) {
            if (shown.inTables() == View.When.ALWAYS) {
                names.add(shown.figure().option);
            }
        }
        return names;
    }

    private static List<String> by(String... args) {
        List<String> names = new ArrayList<>();
        for (Grouping grouping : parsed(args).what().view().by()) {
            names.add(grouping.option);
        }
        return names;
    }

    @Test
    void parsedDefaultsEqualBuiltInDefaults() {
        assertEquals(View.DEFAULT, parsed("-j", "1").what().view());
        assertEquals(Psm.Layout.DEFAULT, parsed("-j", "1").looks().layout());
        assertTrue(parsed("-j", "1").which().selection().isAll());
    }

    @Test
    void groupsKeepTheirOrder() {
        assertEquals(List.of("program"), by("-j", "1"));
        assertEquals(List.of("user", "program"), by("--by", "user,program"));
        assertEquals(List.of("program", "user"), by("--by=program,user,program"));
        assertEquals(List.of("pid"), by("-d"));
        assertEquals(List.of("command"), by("-s"));
        assertEquals(List.of("user"), by("-u"));
        assertEquals(List.of("pid", "command", "user"), by("-dsu"));
        assertEquals(List.of("user", "pid", "command"), by("-u", "-r", "-ds"));
        assertEquals(List.of("user", "program"), by("--by", "user", "--by", "program"));
        assertEquals(
                List.of("unit", "user", "pid"),
                by("--by=unit", "-u", "--by", "program,unit", "-d", "-u"));
        for (Grouping grouping : Grouping.values()) {
            assertEquals(List.of(grouping.option), by("--by", grouping.option));
        }
    }

    @Test
    void exeIsAWayToGroup() {
        assertEquals(List.of("exe"), by("-e"));
        assertEquals(List.of("exe"), by("--by-exe"));
        assertEquals(List.of("user", "exe"), by("--by", "user,exe"));
        assertEquals(List.of("unit", "exe", "user"), by("--by=unit", "-e", "-u"));
        assertTrue(parsed("--by", "user,exe").what().byExecutable());
        assertFalse(parsed("--by", "user,program").what().byExecutable());
        assertTrue(refused("--by", "program,exe").startsWith("--by exe: takes the place of"));
    }

    @Test
    void exeOnlyNamesSingleProcesses() {
        assertEquals(List.of("pid"), by("-d", "-e"));
        assertEquals(List.of("tree"), by("--by", "exe,tree"));
        for (String[] args : new String[][] {{"-de"}, {"--by", "tree,exe"}, {"oom", "-e"}}) {
            assertTrue(parsed(args).what().byExecutable(), String.join(" ", args));
        }
        assertNotNull(parsed("-f", "x", "-e").which().filter());
        assertNotNull(parsed("-f", "x", "-de").which().filter());
    }

    /** Each pair of words has columns of its own in each format, or is refused in one line. */
    @Test
    void noTwoGroupsShareAColumn() throws Exception {
        List<String> refused = new ArrayList<>();
        for (Grouping first : Grouping.values()) {
            for (Grouping second : Grouping.values()) {
                String words = first.option + "," + second.option;
                for (String[] args :
                        new String[][] {{"--by", words}, {"--by", words, "-c", everyColumn()}}) {
                    try {
                        assertColumnsDiffer(words, Arguments.parse(args).what().view());
                    } catch (Failure e) {
                        assertFalse(e.getMessage().contains("\n"), e.getMessage());
                        refused.add(words);
                    }
                }
            }
        }
        assertEquals(2 * (2 + 2 * 9), refused.size(), refused.toString());
        assertTrue(refused.containsAll(List.of("program,exe", "tree,user")), refused.toString());
    }

    private static String everyColumn() {
        List<String> columns = new ArrayList<>();
        for (Figure figure : Figure.values()) {
            if (figure.fold != Figure.Fold.MARK && figure.fold != Figure.Fold.CHANGE) {
                columns.add(figure.option);
            }
        }
        return String.join(",", columns);
    }

    private static void assertColumnsDiffer(String words, View view) throws IOException {
        Usage usage = new Usage(new long[Usage.Field.values().length], 0, 1, 0, 0);
        List<ProcessMemory> processes = new ArrayList<>();
        for (int pid = 7; pid <= 9; pid++) {
            ProcessDetails details = MadeUpDetails.of(pid - 1, 0, "0::/\n", "x");
            Program program = new Program("p" + pid, Program.File.CURRENT);
            processes.add(new ProcessMemory(pid, 1, program, true, usage, details));
        }
        Psm.Report report = Views.report(MadeUpSnapshot.of(processes, List.of()), view);
        Set<String> keys = new HashSet<>();
        Set<String> titles = new HashSet<>();
        for (Psm.Column column : report.columns()) {
            assertTrue(keys.add(column.key()), words + ": " + column);
            assertTrue(column.display() == 0 || titles.add(column.title()), words + ": " + column);
        }
        for (Psm.Exporter format : Formats.all()) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            format.export(report, new Psm.Output(out, false, false, false));
            if (format.name().equals("json")) {
                JsonParser json = new JsonFactory().createParser(out.toByteArray());
                json.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
                assertRowsHaveTheirPids(words, new ObjectMapper().readTree(json));
            }
        }
    }

    /** A pid of a row is one that a user may kill to end the row's process. */
    private static void assertRowsHaveTheirPids(String words, JsonNode report) {
        for (JsonNode row : report.get("rows")) {
            if (row.hasNonNull("pid")) {
                assertEquals(row.get("pids").get(0), row.get("pid"), words + ": " + row);
            }
            assertTrue(!row.has("ancestor_pid") || row.get("ancestor_pid").asInt() == 7, words);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "usr, user",
        "pids, pid",
        "containers, container",
        "cmd, command",
        "Users, user",
        "ppid, pid"
    })
    void unknownGroupListsNearestFirst(String name, String nearest) {
        String problem = refused("--by", name);
        assertTrue(problem.startsWith("--by " + name + ": no such way to group; there are "));
        for (Grouping grouping : Grouping.values()) {
            assertTrue(problem.contains(grouping.option), problem);
        }
        assertEquals(nearest, first(problem, "there are "));
    }

    private static String first(String problem, String before) {
        return problem.substring(problem.indexOf(before) + before.length()).split(",", 2)[0];
    }

    @Test
    void columnsKeepTheirOrder() {
        assertEquals(List.of("pss", "shared", "swap", "count"), columns("-j", "1"));
        assertEquals(List.of("rss", "pss"), columns("-c", "rss,pss"));
        assertEquals(List.of("swap", "rss"), columns("-c", "rss,swap,rss"));
        assertEquals(List.of("pss", "rss"), columns("--columns=pss, rss"));
    }

    @Test
    void columnsAreAddedAndRemoved() {
        assertEquals(List.of("pss", "swap", "count", "peak"), columns("-c", "+peak,-shared"));
        for (String[] args :
                new String[][] {
                    {"-c", "-shared"},
                    {"-c-shared"},
                    {"-c=-shared"},
                    {"--columns", "-shared"},
                    {"--columns=-shared"}
                }) {
            assertEquals(List.of("pss", "swap", "count"), columns(args), String.join(" ", args));
        }
        assertEquals(List.of(), columns("-c", "-pss,-shared,-swap,-count"));
        assertEquals(List.of("change"), columns("-w1", "-c", "-pss,-shared,-swap,-count"));
    }

    @Test
    void optionAfterColumnsIsNoColumn() {
        assertEquals("-c needs a value: COLUMN[,...]", refused("-c", "-r"));
        assertEquals("-c needs a value: COLUMN[,...]", refused("-c"));
        assertEquals("-c needs a value: COLUMN[,...]", refused("-c", "-filter", "x"));
        assertEquals("-c needs a value: COLUMN[,...]", refused("-c", "--filter=x"));
    }

    @Test
    void signsAreForAllColumnsOrNone() {
        for (String columns : new String[] {"+rss,swap", "rss,+swap", "-shared,swap"}) {
            String problem = refused("-c", columns);
            assertTrue(problem.startsWith("-c " + columns + ": has columns with a sign"), problem);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rsss, rsss",
        "+rsss, +rsss",
        "-rsss, -rsss",
        "'pss,rsss', rsss",
        "'-pss,-rsss', -rsss",
        "'-rsss,-pss', -rsss"
    })
    void unknownColumnListsNearestFirst(String columns, String unknown) {
        String problem = refused("-c", columns);
        String start = "-c " + unknown + ": no such column; there are rss, pss, ";
        assertTrue(problem.startsWith(start), problem);
        for (Figure figure : Figure.values()) {
            assertEquals(
                    figure.fold != Figure.Fold.MARK,
                    List.of(problem.split("[, ]+", -1)).contains(figure.option),
                    figure.option);
        }
        assertTrue(refused("--sort", "rsss").startsWith("--sort rsss: no such column; there are "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"+", "-", "+x", "-name", "-x-y"})
    void unknownColumnIsShownAsTyped(String column) {
        for (String[] args : new String[][] {{"-c", column}, {"-c=" + column}, {"-c" + column}}) {
            String problem = refused(args);
            String start = "-c " + column + ": no such column; there are ";
            assertTrue(problem.startsWith(start), problem);
        }
    }

    @Test
    void columnListExplainsEachColumn() {
        for (String[] args : new String[][] {{"-c", "help"}, {"-c", "help", "--by", "tree"}}) {
            String help = parsed(args).text();
            for (Figure figure : Figure.values()) {
                if (figure.fold != Figure.Fold.MARK) {
                    assertTrue(help.contains(figure.option + ' '), figure.option);
                    assertTrue(help.contains(figure.description), figure.option);
                }
            }
            for (String line : help.split("\n", -1)) {
                assertTrue(line.length() <= 80, line);
            }
        }
        assertTrue(parsed("--by", "help").text().contains("container"));
    }

    @Test
    void everyColumnCanBeShownAndSorted() {
        for (Figure figure : Figure.values()) {
            if (figure.fold != Figure.Fold.MARK && figure.fold != Figure.Fold.CHANGE) {
                assertEquals(List.of(figure.option), columns("-c", figure.option));
                assertEquals(figure, parsed("--sort", figure.option).what().view().sort());
                assertEquals(figure, parsed("--sort", figure.column.key()).what().view().sort());
            }
        }
        assertNull(parsed("--sort", "name").what().view().sort());
        assertNull(parsed("--by", "user", "--sort", "user").what().view().sort());
        assertNull(parsed("-d", "--sort", "program").what().view().sort());
        assertEquals(Figure.PID, parsed("-d", "--sort", "pid").what().view().sort());
    }

    @Test
    void detailsAreReadOnlyWhenNeeded() {
        assertEquals(Set.of(), parsed("-j", "1").what().view().needs());
        assertEquals(
                Set.of(), parsed("--spread", "-c", "+rss,+uss,+anon,+ksm").what().view().needs());
        assertEquals(Set.of(Detail.STATUS), parsed("-u").what().view().needs());
        assertEquals(Set.of(Detail.STATUS), parsed("--sort", "peak").what().view().needs());
        assertEquals(Set.of(Detail.CGROUP), parsed("--by", "unit").what().view().needs());
        assertEquals(
                EnumSet.of(Detail.OOM, Detail.MAPPINGS),
                parsed("-c", "oom_adj,mappings").what().view().needs());
        assertEquals(Set.of(Detail.COMMAND), parsed("-c", "+command").what().view().needs());
        assertTrue(parsed("-p", "1").which().selection().needs(null));
        assertFalse(parsed("-p", "1").which().selection().needs(Detail.STAT));
        assertTrue(parsed("--children-of", "1").which().selection().needs(Detail.STAT));
    }

    @Test
    void filterAppliesToNamesOfRows() {
        assertNotNull(parsed("-f", "x").which().filter());
        assertNotNull(parsed("-f", "x", "-d").which().filter());
        assertNotNull(parsed("-f", "x", "--by", "tree").which().filter());
        for (String by : new String[] {"user", "command", "unit", "parent", "user,program"}) {
            assertNull(parsed("-f", "x", "--by", by).which().filter());
            assertNotNull(parsed("-f", "x", "--by", by).what().view().filter());
        }
    }

    @Test
    void processesAreSelectedByOptions() {
        Selection selection = parsed("-p", "42,4711", "--user", "!root,65533").which().selection();
        assertEquals(
                List.of(
                        new Selection.Rule(Selection.By.PID, Set.of("42", "4711"), false),
                        new Selection.Rule(Selection.By.USER, Set.of("root", "65533"), true)),
                selection.rules());
        String self = Integer.toString(new OwnProcess().pid());
        assertEquals(
                Set.of(self),
                parsed("--children-of", "self").which().selection().rules().get(0).wanted());
    }

    @Test
    void unknownUserListsNearestFirst() {
        for (String user : new String[] {"rooot", "!rooot"}) {
            String problem = refused("--user", user);
            String start = "--user " + user + ": no such user; there are root, ";
            assertTrue(problem.startsWith(start), problem);
        }
        String problem = refused("--user", "root,!rooot");
        String hint = "--user !rooot: no such user; ! goes before the whole list; there are root, ";
        assertTrue(problem.startsWith(hint), problem);
        assertEquals(
                1, parsed("--user", "rooot", "--from", "-").which().selection().rules().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "0", "-1", "01", "1234567890", "1-3", "1,x", "\u0661", "self2"})
    void invalidPidsAreRefused(String pids) {
        assertTrue(refused("--pid=" + pids).contains("takes pids, such as 42,4711, or self"));
        assertTrue(refused("--children-of=!" + pids).contains("takes pids"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",", "a,", ",a", "a,,b", "!"})
    void emptyNamesAreRefused(String names) {
        String shown = names.isEmpty() ? "''" : names;
        for (String option : List.of("--user", "--unit", "--container", "--cgroup", "--pid")) {
            String problem = refused(option, names);
            boolean isNoPid = option.equals("--pid") && names.matches("!?");
            String what = isNoPid ? "no pid; takes pids, such as 42" : "has an empty name";
            assertTrue(problem.startsWith(option + " " + shown + ": " + what), problem);
        }
        assertTrue(refused("--by", names).startsWith("--by " + shown + ": "));
    }

    @ParameterizedTest
    @CsvSource({
        "-n, 0",
        "-n, -1",
        "-n, x",
        "-n, 1000001",
        "-n, 99999999999",
        "--min, x",
        "--min, 10X",
        "--units, x",
        "--units, MB",
        "-w, 0",
        "-w, 0.01",
        "-w, x",
        "-w, 100000"
    })
    void numbersOutOfRangeAreRefused(String option, String value) {
        assertTrue(refused(option + '=' + value).contains(value));
    }

    @Test
    void conflictingOptionsAreRefused() {
        assertTrue(refused("--by", "tree,user").startsWith("--by tree: shows all processes"));
        assertTrue(refused("--by", "tree", "-n", "3").endsWith("leave out -n"));
        assertTrue(refused("--by", "tree", "--min", "3").endsWith("leave out --min"));
        assertTrue(refused("-t", "-o", "csv").startsWith("-t: csv contains only rows"));
        assertTrue(refused("-t", "-c", "rss").startsWith("-t: none of these columns has a total"));
        assertTrue(refused("-c", "change").startsWith("-c change: "));
        assertEquals(
                "--since-start: shows what changed since the first of several reports; add -w"
                        + " SECONDS",
                refused("--since-start"));
        assertEquals(
                "-c since_start: shows what changed between two reports; add --since-start",
                refused("-w", "1", "-c", "+since_start"));
        assertTrue(refused("--system", "-c", "rss").startsWith("--system: accounts for pss"));
        assertTrue(refused("--system", "-p", "1").startsWith("--system: "));
        assertTrue(refused("-c", "heap", "--source", "rollup").startsWith("--heap: "));
        assertTrue(refused("-w", "1", "--from", "x").startsWith("-w: files do not"));
        for (String option : new String[] {"--by=user", "-c=rss", "-t", "-w=1", "--spread"}) {
            assertTrue(
                    refused(option, "-o", "snapshot").contains("a snapshot contains all"), option);
        }
    }

    @Test
    void unitsAreParsedInAnyCase() {
        assertEquals(Psm.Unit.AUTO, parsed("--units", "auto").looks().layout().unit());
        assertEquals(Psm.Unit.G, parsed("--units", "G").looks().layout().unit());
        assertTrue(refused("--units", "q").contains("there are b, auto, k, m, g"));
    }

    /** Values of any kind are accepted, or refused with a usage error. */
    @Test
    void hostileValuesAreAcceptedOrRefused() {
        String[] hostile = {
            "\u001b[31m",
            "a\nb",
            "\uDCFF",
            "*",
            "(",
            "%s%n",
            "${x}",
            "@file",
            "--",
            "-",
            "+",
            "!",
            "!!",
            "a".repeat(100_000),
            "a,".repeat(9_999) + "a",
            "a,".repeat(20_000) + "a",
            "\0"
        };
        for (String option :
                new String[] {
                    "--by",
                    "--columns",
                    "--sort",
                    "--pid",
                    "--user",
                    "--cgroup",
                    "--unit",
                    "--container",
                    "--children-of",
                    "--min",
                    "--rows",
                    "--units",
                    "--watch"
                }) {
            for (String value : hostile) {
                try {
                    assertNotNull(Arguments.parse(option + '=' + value));
                } catch (Failure e) {
                    assertEquals(Failure.Exit.USAGE, e.exit);
                }
            }
        }
    }
}
