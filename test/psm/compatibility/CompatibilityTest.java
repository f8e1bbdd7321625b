package psm.compatibility;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.support.Command;
import psm.text.Failure;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Holds what scripts and files rely on, see {@code docs/compatibility.md}, with files that each
 * earlier version wrote. {@code PSM_TEST_REWRITE=1} in the environment writes those of this
 * version, once: nothing else may write them again.
 */
@Tag("endtoend")
class CompatibilityTest {
    private static final String REPORTS = "commands.txt";
    private static final String WORDS = "words.txt";

    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** Keys of JSON for which no report is made. */
    private static final Set<String> IN_NO_REPORT =
            Set.of("mapping_escaped", "reason_escaped", "limit_of_escaped");

    @TempDir static Path temp;

    private static final List<OldFiles> VERSIONS = new ArrayList<>();

    @BeforeAll
    static void unpack() throws IOException, Failure {
        for (Path version : OldFiles.versions()) {
            boolean isNew = !Files.exists(version.resolve("machine.base64"));
            boolean isOfThis = version.endsWith(Version.CURRENT);
            boolean mayWrite = isNew && isOfThis && System.getenv("PSM_TEST_REWRITE") != null;
            if (mayWrite) {
                OldFiles.write(version);
            }
            OldFiles files = new OldFiles(version, temp.resolve(version.getFileName()));
            VERSIONS.add(files);
            if (mayWrite) {
                writeReports(files);
            }
        }
    }

    private static void writeReports(OldFiles files) throws IOException {
        Path reports = Files.createDirectories(files.file("reports"));
        for (String[] report : files.list(REPORTS)) {
            Command.Result result = files.psm(report[1]).run();
            assertEquals(0, result.exitCode(), report[1] + '\n' + result.err());
            Files.writeString(reports.resolve(report[0].replace("~", "")), result.out());
        }
        Files.writeString(files.file(WORDS), String.join("\n", CommandLineWords.all()) + '\n');
    }

    /** Each release with something new has its files; one that only corrects needs none. */
    @Test
    void thisReleaseHasItsFiles() {
        String release = Version.CURRENT.replaceFirst("\\.[0-9]+$", ".0");
        assertTrue(
                Files.isDirectory(OldFiles.FIXTURES.resolve(release)),
                "there is no folder " + release + "; see docs/releasing.md");
    }

    @TestFactory
    List<DynamicTest> oldFilesMakeTheSameReports() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (OldFiles files : VERSIONS) {
            for (String[] report : files.list(REPORTS)) {
                String name = files.name() + ' ' + report[0] + ' ' + report[1];
                tests.add(dynamicTest(name, () -> assertKept(files, report[0], report[1])));
            }
        }
        assertTrue(tests.size() > 25, tests.size() + " reports");
        return tests;
    }

    private static void assertKept(OldFiles files, String name, String arguments)
            throws IOException {
        Command.Result now = files.psm(arguments).run();
        assertEquals(0, now.exitCode(), now.err());
        String file = name.replace("~", "");
        String before = Files.readString(files.file("reports").resolve(file));
        String format = file.substring(file.lastIndexOf('.') + 1);
        List<String> losses = Losses.between(format, before, now.out(), !name.startsWith("~"));
        assertEquals("", String.join("\n", losses));
    }

    @Test
    void wordsOfTheCommandLineStay() throws IOException {
        Set<String> words = CommandLineWords.all();
        assertTrue(words.size() > 300, words.size() + " words");
        for (OldFiles files : VERSIONS) {
            Set<String> gone = new TreeSet<>(Files.readAllLines(files.file(WORDS)));
            gone.removeAll(words);
            assertEquals(Set.of(), gone, "gone since " + files.name());
        }
    }

    @TestFactory
    List<DynamicTest> exitCodesStay() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (OldFiles files : VERSIONS) {
            for (String[] line : files.list("exit-codes.txt")) {
                String name = files.name() + ' ' + line[1];
                tests.add(dynamicTest(name, () -> assertExits(files, line[0], line[1])));
            }
        }
        return tests;
    }

    private static void assertExits(OldFiles files, String code, String arguments) {
        Command.Result result = files.psm(arguments).run();
        assertEquals(Integer.parseInt(code), result.exitCode(), result.err());
        List<String> lines = result.err().lines().toList();
        for (String line : lines) {
            assertTrue(line.startsWith("psm: "), line);
        }
        if (Set.of("1", "2").contains(code)) {
            assertEquals(1, lines.size(), result.err());
        }
    }

    /** A key that no report contains could be lost, and no test would fail. */
    @Test
    void reportsOfTheNewestVersionContainTheKeysOfTheSchema() throws IOException {
        Path schema = Command.root().resolve("docs/psm.schema.json");
        Set<String> keys = new TreeSet<>();
        addKeys(MAPPER.readTree(schema.toFile()), keys);
        assertTrue(keys.size() > 150, keys.toString());
        OldFiles newest = VERSIONS.get(VERSIONS.size() - 1);
        for (String[] report : newest.list(REPORTS)) {
            String name = report[0].replace("~", "");
            if (name.endsWith("json")) {
                Path file = newest.file("reports").resolve(name);
                try (MappingIterator<JsonNode> documents =
                        MAPPER.readerFor(JsonNode.class).readValues(file.toFile())) {
                    documents.forEachRemaining(document -> removeKeys(document, keys));
                }
            }
        }
        assertEquals(IN_NO_REPORT, keys);
    }

    private static void addKeys(JsonNode schema, Set<String> keys) {
        schema.path("properties").fieldNames().forEachRemaining(keys::add);
        schema.forEach(part -> addKeys(part, keys));
    }

    private static void removeKeys(JsonNode node, Set<String> keys) {
        node.fieldNames().forEachRemaining(keys::remove);
        node.forEach(child -> removeKeys(child, keys));
    }

    /** What cannot be read is not guessed. */
    @ParameterizedTest
    @CsvSource({
        "later.psm, psm snapshot 2 by psm 9.1.0, was written by psm 9.1.0 in version 2",
        "later/000001.psmrec, psm recording 2 by psm 9.1.0, was written by psm 9.1.0 in version 2",
        "probed.psm, psm-probe 2, was printed by a probe of version 2",
    })
    void filesOfTheFutureAreRefusedInOneLine(String file, String start, String problem)
            throws IOException {
        Path path = temp.resolve("future").resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, start + "\nwhatever\n");
        Path named = file.contains("/") ? path.getParent() : path;
        Command.Result result = Command.psm("--from", named.toString()).run();
        assertEquals(2, result.exitCode(), result.err());
        assertEquals("", result.out());
        assertEquals(1, result.err().lines().count(), result.err());
        String line = result.err().replace(temp.toString(), "");
        assertTrue(line.startsWith("psm: --from ") && line.contains(problem), line);
        assertTrue(line.contains("version 1"), line);
    }
}
