package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.text.Text;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;

/** Jackson's own YAML and CBOR, got by their Maven coordinates, as a user gets them. */
@Tag("endtoend")
@Tag("jdk")
class JacksonFormatTest {
    private static final String GROUP = "com.fasterxml.jackson.dataformat:jackson-dataformat-";
    private static final String VERSION = ":2.22.4";
    private static final List<String> FORMATS = List.of("yaml", "cbor");

    /** Names of bytes, each a character, that a careless format would turn into structure. */
    private static final List<String> NAMES =
            List.of(
                    "line\nbreak",
                    "\nprogram: other\n- x",
                    "tab\there\r",
                    "\u001b[31mred\u007f\u0001",
                    "invalid \u00ff\u00c3( \\xff",
                    "key: value # no comment",
                    "- item",
                    "--- ",
                    "!!java/object:X",
                    "&anchor",
                    "*alias",
                    "%TAG",
                    "'single' \"double\" \\",
                    "no",
                    "null",
                    "~",
                    "0x10",
                    "2026-11-23",
                    "{a: [b",
                    " blanks ",
                    utf8("next\u0085line \u2028 \u2029 \ufeff \u200b \u202e \ue000 \ufffe"),
                    utf8("C1 \u009b31m"),
                    utf8("\ud83d\ude00 \u65e5\u672c"));

    /** A home that contains only what JBang downloads. */
    @TempDir static Path home;

    @TempDir static Path folder;

    /** The jars that these formats need besides those of psm. */
    private static final List<Path> JARS = new ArrayList<>();

    private static String utf8(String text) {
        return new String(text.getBytes(UTF_8), ISO_8859_1);
    }

    private static Path proc() {
        return folder.resolve("proc");
    }

    /** Runs JBang as README shows it, which leaves the libraries in its Maven repository. */
    @BeforeAll
    static void runByJbang() throws IOException {
        WaysToRunTest.madeUpProc(proc());
        for (int i = 0; i < NAMES.size(); i++) {
            String pid = Integer.toString(100 + i);
            Path process = Files.createDirectories(proc().resolve(pid));
            Path of41 = proc().resolve("41");
            String stat = Files.readString(of41.resolve("stat")).replaceFirst("41", pid);
            Files.writeString(process.resolve("stat"), stat);
            Files.write(process.resolve("cmdline"), (NAMES.get(i) + "\0-x\0").getBytes(ISO_8859_1));
            Files.copy(of41.resolve("smaps_rollup"), process.resolve("smaps_rollup"));
        }
        for (String format : FORMATS) {
            String[] words = {"--deps", GROUP + format + VERSION, "psm.java", "-o", format};
            Command.Result result =
                    Command.jbangw(home, words)
                            .append(List.of("--proc", proc().toString()))
                            .to(file(format))
                            .run();
            assertEquals(0, result.exitCode(), result.err());
            assertFalse(result.err().contains("psm: "), result.err());
        }
        try (Stream<Path> files = Files.walk(home.resolve(".m2/repository"))) {
            files.filter(file -> file.toString().matches(".*/(jackson-dataform|snakeyaml).*[.]jar"))
                    .forEach(JARS::add);
        }
        assertEquals(3, JARS.size(), JARS.toString());
    }

    private static Path file(String format) {
        return folder.resolve("report." + format);
    }

    /** Returns psm on the tests' class path with the jars of these formats. */
    private static Command psm(String... args) {
        return Command.psm(args).append(List.of("--proc", proc().toString())).after(JARS);
    }

    private static Path jar(String name) {
        return JARS.stream().filter(jar -> jar.toString().contains(name)).findFirst().get();
    }

    private static JsonNode json() throws IOException {
        return new ObjectMapper().readTree(psm("-o", "json").run().out());
    }

    /** Replaces what differs from run to run. */
    private static JsonNode stable(JsonNode document) {
        return ((ObjectNode) document).without(List.of("taken_at", "scan_ms"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"yaml", "cbor"})
    void documentEqualsThatOfJson(String format) throws IOException {
        List<URL> urls = new ArrayList<>();
        for (Path jar : JARS) {
            urls.add(jar.toUri().toURL());
        }
        try (URLClassLoader loader = new URLClassLoader(urls.toArray(new URL[0]))) {
            for (JsonFactory factory : ServiceLoader.load(JsonFactory.class, loader)) {
                if (factory.getFormatName().equalsIgnoreCase(format)) {
                    JsonNode read = new ObjectMapper(factory).readTree(file(format).toFile());
                    assertEquals(NAMES.size() + 1, read.get("rows").size());
                    assertEquals(stable(json()), stable(read));
                    return;
                }
            }
        }
        throw new AssertionError("nothing reads " + format);
    }

    @Test
    void pythonReadsTheYaml() throws IOException {
        Command has = Command.of("python3", "-c", "import yaml");
        assumeTrue(
                Command.exists("python3") && has.run().exitCode() == 0, "there is no PyYAML here");
        String script =
                "import json, sys, yaml;json.dump(yaml.safe_load(open(sys.argv[1],"
                        + " encoding='utf-8')), sys.stdout)";
        Command.Result read = Command.of("python3", "-c", script, file("yaml").toString()).run();
        assertEquals("", read.err());
        assertEquals(stable(json()), stable(new ObjectMapper().readTree(read.out())));
    }

    @Test
    void namesAreEscapedOnATerminal() {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal");
        Command.Result result = onTerminal("yaml");
        assertEquals(0, result.exitCode(), result.out());
        String shown = result.out().replaceAll("\r?\n", "");
        assertEquals(shown, Text.printable(shown));
        assertTrue(result.out().contains("\"\\\\x1b[31mred\\\\x7f\\\\x01\""), result.out());
        assertTrue(result.out().contains("program_escaped: true"), result.out());
    }

    @Test
    void binaryFormatIsRefusedOnATerminal() {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal");
        Command.Result result = onTerminal("cbor");
        assertEquals(2, result.exitCode(), result.out());
        assertEquals(
                "psm: -o cbor: is binary, which no terminal shows; write it to a file:"
                        + " psm -o cbor > FILE\r\n",
                result.out());
    }

    private static Command.Result onTerminal(String format) {
        StringBuilder line = new StringBuilder();
        for (String word : psm("-o", format).words()) {
            line.append('\'').append(word.replace("'", "'\\''")).append("' ");
        }
        return Command.of("script", "-qec", line.toString(), "/dev/null").run();
    }

    @Test
    void unknownFormatListsThem() {
        Command.Result result = psm("-o", "nosuch").run();
        String problem =
                "psm: -o nosuch: no such format; there are cbor, csv, html, json, markdown, ndjson,"
                        + " openmetrics, prometheus, snapshot, table, tsv, yaml\n";
        assertEquals(new Command.Result(2, "", problem), result);
    }

    @Test
    void missingLibraryIsReported() {
        Path jar = jar("dataformat-yaml");
        Command.Result result =
                Command.psm("-o", "yaml", "--proc", proc().toString()).after(List.of(jar)).run();
        String problem =
                "psm: -o yaml: failed in com.fasterxml.jackson.dataformat.yaml.YAMLFactory in "
                        + jar.getFileName()
                        + ": ";
        assertEquals(1, result.exitCode());
        assertTrue(result.err().startsWith(problem), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void formatWithoutObjectsIsReported() throws IOException {
        Path classes =
                factory(
                        "Rootless",
                        "@Override public String getFormatName() { return \"Root_Less\"; }"
                            + " @Override public JsonGenerator createGenerator(OutputStream out) {"
                            + " throw new IllegalStateException(\"no root\"); }");
        Command.Result result = psm("-o", "root-less").after(List.of(classes)).run();
        String problem =
                "psm: -o root-less: failed in Rootless in Rootless:"
                        + " java.lang.IllegalStateException: no root\n";
        assertEquals(new Command.Result(1, "", problem), result);
    }

    @Test
    void failedLoadingIsReportedWhereRelevant() throws IOException {
        List<Path> unmade =
                List.of(
                        factory(
                                "Unmade",
                                "public Unmade() { throw new IllegalStateException(\"no\"); }"));
        String problem = "psm: plugin Unmade in Unmade is left out: ";
        Command.Result yaml = psm("-o", "yaml").after(unmade).run();
        assertEquals(0, yaml.exitCode(), yaml.err());
        assertTrue(yaml.err().startsWith(problem), yaml.err());
        assertEquals(1, yaml.err().lines().count(), yaml.err());
        assertEquals("", psm("-o", "csv").after(unmade).run().err());
    }

    @Test
    void takenNameIsReported() throws IOException {
        Path csvs = factory("Csvs", "@Override public String getFormatName() { return \"CSV\"; }");
        Command.Result csv = psm("-o", "csv").after(List.of(csvs)).run();
        assertTrue(csv.out().startsWith("\"program\","), csv.out());
        Command.Result yaml = psm("-o", "yaml").after(List.of(csvs)).run();
        assertEquals("", csv.err() + yaml.err());
        Path twin = factory("Twin", "@Override public String getFormatName() { return \"yaml\"; }");
        Command.Result twins = psm("-o", "yaml").after(List.of(twin)).run();
        String problem = " is left out: its name 'yaml' is taken by Twin in Twin\n";
        assertTrue(twins.err().endsWith(problem), twins.err());
        assertEquals(1, twins.err().lines().count(), twins.err());
    }

    /** Makes a folder that contains and registers a data format with those members. */
    private static Path factory(String name, String members) throws IOException {
        Path classes = Files.createDirectories(folder.resolve(name));
        Path source = folder.resolve(name + ".java");
        String imports = "import com.fasterxml.jackson.core.*; import java.io.OutputStream; ";
        Files.writeString(
                source,
                imports + "public class " + name + " extends JsonFactory {" + members + "}");
        String classPath = System.getProperty("java.class.path");
        Command.Result compiled =
                Command.of("javac", "-cp", classPath, "-d", classes.toString(), source.toString())
                        .run();
        assertEquals(0, compiled.exitCode(), compiled.err());
        Path services = Files.createDirectories(classes.resolve("META-INF/services"));
        Files.writeString(services.resolve(JsonFactory.class.getName()), name + '\n');
        return classes;
    }

    @Test
    void noneIsLoadedUnderSudo() {
        assumeTrue(new OwnProcess().isRoot(), "an ordinary user has no rights to give away");
        Command.Result result =
                Command.psm("-o", "yaml").after(JARS).with("SUDO_UID", "65534").run();
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
        String leftOut = " is left out: run with sudo, psm loads no plugins";
        assertEquals(2, result.err().lines().filter(line -> line.endsWith(leftOut)).count());
        assertEquals(3, result.err().lines().count(), result.err());
    }

    /** Jackson is on each class path of psm; a table must not load it. */
    @Test
    void tableLoadsNoneOfThem() {
        Command psm = psm("-o", "table");
        psm.words().add(psm.words().indexOf("-cp"), "-Xlog:class+load=info:stderr");
        String loaded = psm.run().err();
        assertTrue(loaded.contains(" psm.format.TableFormat "), loaded);
        assertFalse(loaded.contains(" com.fasterxml."), "Jackson");
        assertFalse(loaded.contains(" psm.format.JacksonFormat "), "JacksonFormat");
        assertFalse(loaded.contains(" psm.cell.Percent "), "Percent");
        assertFalse(loaded.contains(" psm.Psm$Notes "), "Notes");
    }
}
