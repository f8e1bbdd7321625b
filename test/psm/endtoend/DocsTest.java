package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpMachine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Holds README and docs to what psm does: runs every command in them, and compares help, keys of
 * JSON and links. {@code PSM_TEST_REWRITE=1} in the environment rewrites the text of help.
 *
 * <p>Commands stand in blocks that are marked {@code sh}, one on each line, after a {@code $} in
 * blocks that are marked {@code console}, and in the tables of COMMAND_COLUMNS. They run on a
 * {@link MadeUpMachine}; {@link #INSTEAD} contains all other differences.
 */
@Order(1)
@Tag("endtoend")
@ResourceLock("swap") // and the pool of huge pages, which shapes needs as well
class DocsTest {
    private static final boolean REWRITE = System.getenv("PSM_TEST_REWRITE") != null;
    private static final Set<String> LANGUAGES = Set.of("sh", "console", "json", "java", "");

    /** The tables that contain commands: the file, and which column, counted from 1. */
    private static final Map<String, Integer> COMMAND_COLUMNS =
            Map.of("docs/coming-from.md", 2, "docs/comparison.md", 4);

    /** The file whose commands start real processes and show them. */
    private static final String OF_REAL_PROCESSES = "docs/comparison.md";

    @TempDir static Path folder;

    private static MadeUpMachine machine;

    /** What is run instead of parts of commands. */
    private static final Map<String, String> INSTEAD = new LinkedHashMap<>();

    static {
        // Repeated reports: the reader stops after two, and a file has no reader.
        INSTEAD.put("( --to \\S+) -w [0-9]+$", "$1 -w 0.2 --count 2");
        INSTEAD.put("^(.*) -w [0-9]+( --since-start)?$", "$1 -w 0.2$2 | head -n 40");
        // A time that is long enough for all parts of a report.
        INSTEAD.put("(growth .*)--for [0-9]+[smh]( -i [0-9.]+)?", "$1--for 1s -i 0.1");
        // The workers of an example do not run here, but other programs do.
        INSTEAD.put("(growth .*)-f worker", "$1-f .");
        // The host's /proc as a container sees it.
        INSTEAD.put("/host/proc\\b", "\"\\$DOCS_PROC\"");
        // The recording of the made-up machine.
        INSTEAD.put("/var/log/psm", "../recording");
        // A recorder ends after one sample, and leaves the machine's own recording alone.
        INSTEAD.put("psm record$", "psm record --dir /tmp/recorded");
        INSTEAD.put("(psm record --dir .*(?<!--once))$", "$1 --once");
        // The folders of the machine's own node_exporter and Prometheus.
        INSTEAD.put("/(var/lib|etc)/prometheus/(node-exporter/)?", "/tmp/");
        // A folder for the test alone.
        INSTEAD.put("/tmp/", "../tmp/");
    }

    /**
     * A command of the docs.
     *
     * @param where the file and the line
     * @param text the command without its comment
     */
    private record Documented(String where, String text) {
        boolean isOfRealProcesses() {
            return where.startsWith(OF_REAL_PROCESSES);
        }
    }

    @BeforeAll
    static void makeMachine() throws IOException {
        assumeTrue(Command.exists("bash"), "there is no bash to run the commands with");
        machine = new MadeUpMachine(folder);
        Files.createDirectory(folder.resolve("tmp"));
        Files.writeString(
                machine.checkout().resolve("Influx.java"),
                block("docs/plugins.md", "java", "package com.acme;"));
        Files.writeString(machine.checkout().resolve("Stacks.java"), plugin("public class Stacks"));
    }

    /** The command that is run last, since it removes what the others need. */
    @AfterAll
    static void uninstallRemovesAll() throws IOException {
        if (machine != null) {
            assertEquals(List.of(), machine.uninstall());
        }
    }

    private static String read(String file) throws IOException {
        return Files.readString(Command.root().resolve(file));
    }

    private static String block(String file, String language, String start) throws IOException {
        Pattern block =
                Pattern.compile(
                        "```" + language + "\n(" + Pattern.quote(start) + ".*?)```",
                        Pattern.DOTALL);
        Matcher found = block.matcher(read(file));
        assertTrue(found.find(), file + " has a block of '" + language + "'");
        return found.group(1);
    }

    /** Returns the plugin of the docs that contains these words. */
    private static String plugin(String words) throws IOException {
        String text = read("docs/plugins.md");
        int start = text.lastIndexOf("package com.acme;", text.indexOf(words));
        return text.substring(start, text.indexOf("```", start));
    }

    private static List<String> files() throws IOException {
        List<String> files = new ArrayList<>(List.of("README.md"));
        try (Stream<Path> docs = Files.list(Command.root().resolve("docs"))) {
            docs.map(file -> "docs/" + file.getFileName())
                    .filter(file -> file.endsWith(".md"))
                    .sorted()
                    .forEach(files::add);
        }
        return files;
    }

    // Commands

    private static List<Documented> commands(String file) throws IOException {
        List<Documented> commands = new ArrayList<>();
        String language = null;
        int number = 0;
        for (String line : read(file).lines().toList()) {
            String where = file + ':' + ++number;
            if (line.startsWith("```")) {
                language = language == null ? line.substring("```".length()) : null;
                assertTrue(language == null || LANGUAGES.contains(language), where);
            } else if (language == null) {
                assertFalse(line.startsWith("    "), where + " is a block without a language");
                for (String command : inTable(file, line)) {
                    commands.add(new Documented(where, command));
                }
            } else if (language.equals("console") && line.startsWith("$ ")) {
                commands.add(new Documented(where, line.substring(2)));
            } else if (language.equals("sh") && !line.isBlank() && !line.startsWith("#")) {
                commands.add(new Documented(where, line.replaceFirst(" {2,}# .*", "")));
            }
        }
        return commands;
    }

    private static List<String> inTable(String file, String line) {
        Integer column = COMMAND_COLUMNS.get(file);
        String[] cells = line.split("(?<!\\\\)\\|", -1);
        if (column == null || cells.length <= column) {
            return List.of();
        }
        List<String> commands = new ArrayList<>();
        Matcher code = Pattern.compile("`([^`]+)`").matcher(cells[column]);
        while (code.find()) {
            commands.add(code.group(1).replace("\\|", "|"));
        }
        return commands;
    }

    @TestFactory
    List<DynamicTest> everyCommandRuns() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        Set<String> once = new TreeSet<>();
        for (String file : files()) {
            for (Documented command : commands(file)) {
                if (once.add(command.text())) {
                    String name = command.where() + ' ' + command.text();
                    tests.add(dynamicTest(name, () -> assertRuns(command)));
                }
            }
        }
        assertTrue(tests.size() > 100, tests.size() + " commands");
        return tests;
    }

    private static void assertRuns(Documented command) throws IOException {
        assumeCanRun(command.text());
        String line = command.text();
        for (Map.Entry<String, String> instead : INSTEAD.entrySet()) {
            line = line.replaceAll(instead.getKey(), instead.getValue());
        }
        Command.Result result = machine.run(line, !command.isOfRealProcesses());
        assertEquals(0, result.exitCode(), line + "\n" + result.err());
        for (String remark : result.err().lines().toList()) {
            assertTrue(isExpected(remark, command), line + "\n" + remark);
        }
    }

    /** Removes messages about real processes that exit during the scan, or cannot be read. */
    private static boolean isExpected(String remark, Documented command) {
        boolean isOfProcesses =
                remark.matches("psm: .*([0-9] process|pid [0-9]+|hidden|slowest).*");
        boolean isOfRecording =
                remark.startsWith("psm: the last sample is ")
                        || remark.startsWith("psm: one day of ")
                        || remark.startsWith("psm: too short");
        boolean isOfStandIn =
                remark.contains(" calls itself ") || remark.contains(" are the same machine (");
        boolean isOfReal =
                command.isOfRealProcesses()
                        || command.text().contains("growth --for")
                        || command.text().contains("--timing");
        return isOfStandIn || isOfRecording || (isOfProcesses && isOfReal);
    }

    private static void assumeCanRun(String command) throws IOException {
        boolean isOfCompiler = command.startsWith("cc ");
        Matcher compiled = Pattern.compile("/tmp/(shapes|vforks|leak) ").matcher(command);
        assumeTrue(!command.contains("jq ") || Command.exists("jq"), "there is no jq here");
        boolean isOfPrometheus = command.startsWith("promtool ");
        assumeTrue(!isOfPrometheus || Command.exists("promtool"), "there is no promtool here");
        assumeTrue(!isOfCompiler || Command.exists("cc"), "there is no C compiler here");
        assumeTrue(
                isOfCompiler
                        || !compiled.find()
                        || Files.exists(folder.resolve("tmp/" + compiled.group(1))),
                "it was not compiled");
        boolean isRoot = new OwnProcess().isRoot();
        assumeTrue(!command.contains(" hugetlb ") || isRoot, "only root grows the pool of them");
        boolean hasV1 = Files.isWritable(Path.of("/sys/fs/cgroup/memory"));
        assumeTrue(!command.contains("fs/cgroup/") || hasV1, "no group of v1 can be made here");
        boolean hasSwap = Files.readAllLines(Path.of("/proc/swaps")).size() > 1;
        assumeTrue(!command.contains(" swapped ") || hasSwap, "there is no swap here");
    }

    /** A misspelt command, or one without a stand-in, is noticed. */
    @Test
    void aBrokenCommandIsFound() throws IOException {
        for (String line : List.of("psm --no-such-option", "no-such-program", "psm -f nothing")) {
            boolean isFound = false;
            try {
                assertRuns(new Documented("README.md:1", line));
            } catch (AssertionError e) {
                isFound = true;
            }
            assertTrue(isFound, line);
        }
    }

    /** For each command of another tool, the table has a command of psm or says why not. */
    @Test
    void everyRowOfPeersHasACommand() throws IOException {
        int commands = 0;
        for (String line : read("docs/coming-from.md").lines().toList()) {
            if (line.startsWith("| `")) {
                List<String> inRow = inTable("docs/coming-from.md", line);
                assertFalse(inRow.isEmpty(), line);
                commands += inRow.size();
            }
        }
        assertTrue(commands > 30, commands + " commands");
    }

    @Test
    void theExamplePluginsWork() throws IOException {
        for (Documented command : commands("docs/plugins.md")) {
            if (!command.text().startsWith("jbang")) {
                assertRuns(command);
            }
        }
        Command.Result result =
                Command.psm("--proc", Fixtures.HOST.toString(), "-o", "influx", "-f", "nginx: w")
                        .after(List.of(machine.checkout().resolve("influx.jar")))
                        .run();
        assertEquals("", result.err());
        assertEquals(
                "memory,program=nginx:_worker_process"
                        + " count=2i,pss_bytes=8578048i,shared_bytes=1089536i,swap_bytes=0i"
                        + ",swap_with_shared_bytes=0i,shared_hugetlb_bytes=0i\n",
                result.out());
        Command.Result stacks =
                Command.psm("--proc", Fixtures.HOST.toString(), "-o", "stacks", "--system")
                        .after(List.of(machine.checkout().resolve("stacks.jar")))
                        .run();
        assertEquals("", stacks.err());
        long sum = 0;
        for (String stack : stacks.out().lines().toList()) {
            assertTrue(stack.matches("MemTotal;[^ ]+ [0-9]+"), stack);
            sum += Long.parseLong(stack.substring(stack.indexOf(' ') + 1));
        }
        assertEquals(2029844L * 1024, sum, stacks.out());
    }

    /** JacksonFormatTest downloads the formats; the docs name the same ones. */
    @Test
    void namedFormatsHavePsmsVersionOfJackson() throws IOException {
        Pattern dependency = Pattern.compile("//DEPS com.fasterxml.*:jackson-core:(\\S+)");
        Matcher version = dependency.matcher(read("lib/psm/Main.java"));
        assertTrue(version.find());
        Matcher named =
                Pattern.compile("jackson-dataformat-\\w+:(\\S+)").matcher(read("docs/formats.md"));
        assertTrue(named.find());
        assertEquals(version.group(1), named.group(1));
    }

    // Texts

    @Test
    void theOptionsAreThoseOfHelp() throws IOException {
        String help = Command.psm("--help").run().out();
        String written = block("docs/options.md", "", "Usage: psm");
        if (REWRITE) {
            String text = read("docs/options.md").replace(written, help);
            Files.writeString(Command.root().resolve("docs/options.md"), text);
        } else {
            assertEquals(help, written);
        }
    }

    /** Run by sudo alone, psm refuses to write a file. */
    @Test
    void noFileIsWrittenBySudo() throws IOException {
        try (Stream<Path> docs = Files.list(Command.root().resolve("docs"))) {
            List<Path> all = new ArrayList<>(docs.toList());
            all.removeIf(doc -> doc.toString().endsWith(".png"));
            all.add(Command.root().resolve("README.md"));
            for (Path doc : all) {
                for (String line : Files.readAllLines(doc)) {
                    assertFalse(line.matches(".*sudo psm .*--to[ =].*"), doc + ": " + line);
                }
            }
        }
    }

    @Test
    void readmeIsShort() throws IOException {
        assertTrue(read("README.md").lines().count() <= 200);
    }

    @Test
    void theExampleHasTheKeysOfJson() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        JsonNode written = mapper.readTree(block("docs/json.md", "json", "{"));
        String report = Command.psm("--proc", Fixtures.HOST.toString(), "-o", "json").run().out();
        JsonNode psm = mapper.readTree(report);
        assertEquals(names(psm), names(written));
        for (String part : new String[] {"processes", "totals", "swap"}) {
            assertEquals(names(psm.get(part)), names(written.get(part)));
        }
        assertEquals(names(psm.get("rows").get(0)), names(written.get("rows").get(0)));
    }

    @Test
    void theAccountHasTheKeysOfJson() throws IOException {
        Command psm = Command.psm("--proc", Fixtures.HOST.toString(), "-o", "json", "--system");
        JsonNode written = new ObjectMapper().readTree(psm.run().out());
        String table = read("docs/json.md");
        table = table.substring(table.indexOf("| `processes_bytes` |"));
        Matcher name = Pattern.compile("`(\\w+_bytes)`").matcher(table.split("\n\n", -1)[0]);
        List<String> names = new ArrayList<>();
        while (name.find()) {
            names.add(name.group(1));
        }
        assertEquals(names(written.get("host_memory")), names);
    }

    /** The keys of the schema are explained in words, too. */
    @Test
    void everyKeyOfTheSchemaIsExplained() throws IOException {
        String words = read("docs/json.md");
        JsonNode schema = new ObjectMapper().readTree(read("docs/psm.schema.json"));
        Set<String> missing = new TreeSet<>();
        for (JsonNode object : schema.findValues("properties")) {
            for (String name : names(object)) {
                boolean isThere =
                        words.contains('`' + name + '`') || words.contains('.' + name + '`');
                if (!isThere && !name.endsWith("_escaped")) {
                    missing.add(name);
                }
            }
        }
        assertEquals(Set.of(), missing);
    }

    /** Checks the table of columns. */
    @Test
    void everyColumnAndGroupIsExplained() throws IOException {
        String words = read("docs/figures.md");
        for (String list : new String[] {"-c", "--by"}) {
            List<String> lines = Command.psm(list, "help").run().out().lines().toList();
            assertTrue(lines.size() > 5, list);
            for (String line : lines) {
                String name = line.split(" ", 2)[0];
                assertTrue(words.contains('`' + name + '`'), name);
            }
        }
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void everyLinkLeadsSomewhere() throws IOException {
        Pattern link = Pattern.compile("\\]\\(([^)#]+)?(#[^)]+)?\\)");
        for (String file : files()) {
            Path from = Command.root().resolve(file);
            Matcher found = link.matcher(read(file));
            while (found.find()) {
                String to = found.group(1) == null ? from.getFileName().toString() : found.group(1);
                if (!to.startsWith("http")) {
                    Path path = from.resolveSibling(to);
                    assertTrue(Files.exists(path), file + " links to " + to);
                    assertTrue(
                            found.group(2) == null || anchors(path).contains(found.group(2)),
                            file + " links to " + to + found.group(2));
                }
            }
        }
    }

    private static Set<String> anchors(Path file) throws IOException {
        Set<String> anchors = new TreeSet<>();
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith("#")) {
                String words = line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT);
                anchors.add('#' + words.replaceAll("[^a-z0-9_ -]", "").replace(' ', '-'));
            }
        }
        return anchors;
    }

    /** A promise names the classes that test it. */
    @Test
    void namedTestsExist() throws IOException {
        Set<String> classes = new TreeSet<>();
        try (Stream<Path> tests = Files.walk(Command.root().resolve("test/psm"))) {
            tests.forEach(test -> classes.add(test.getFileName().toString()));
        }
        for (String file : files()) {
            Matcher named = Pattern.compile("`(\\w+Test)`").matcher(read(file));
            while (named.find()) {
                assertTrue(
                        classes.contains(named.group(1) + ".java"), file + ": " + named.group(1));
            }
        }
    }
}
