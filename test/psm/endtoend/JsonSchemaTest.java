package psm.endtoend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import dev.harrel.jsonschema.Error;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.JacksonNode;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.Psm;
import psm.fleet.Fleet;
import psm.fleet.FleetOom;
import psm.fleet.FleetReport;
import psm.fleet.FleetSystem;
import psm.fleet.Machine;
import psm.proc.ProcFs;
import psm.record.MadeUpRecording;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.MadeUpFleet;
import psm.support.MadeUpHost;
import psm.support.Views;
import psm.text.Failure;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** Holds each report of {@code -o json} and {@code -o ndjson} to {@code docs/psm.schema.json}. */
@Tag("endtoend")
class JsonSchemaTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final URI SCHEMA = URI.create("urn:psm:schema:1");
    private static final URI LINE = URI.create("urn:psm:schema:1#/$defs/ndjson_line");
    private static final Validator VALIDATOR =
            new ValidatorFactory().withJsonNodeFactory(new JacksonNode.Factory()).createValidator();

    private static final String CONTAINERS = Fixtures.CONTAINERS.toString();
    private static final String HOST = Fixtures.HOST.toString();

    @TempDir Path root;

    @BeforeAll
    static void readSchema() throws IOException {
        Path file = Command.root().resolve("docs/psm.schema.json");
        assertEquals(SCHEMA, VALIDATOR.registerSchema(Files.readString(file)));
    }

    private static String report(String proc, String format, String options) {
        Command psm =
                Command.psm((options + " --proc " + proc + " -o " + format).strip().split(" +"));
        Command.Result result = psm.run();
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    private static List<String> problems(URI schema, JsonNode document) {
        List<String> problems = new ArrayList<>();
        Validator.Result result = VALIDATOR.validate(schema, document);
        for (Error error : result.getErrors()) {
            problems.add(error.getInstanceLocation() + ": " + error.getError());
        }
        assertEquals(result.isValid(), problems.isEmpty());
        return problems;
    }

    private static JsonNode assertValid(String document) throws IOException {
        JsonNode json = MAPPER.readTree(document);
        assertEquals(List.of(), problems(SCHEMA, json), document);
        return json;
    }

    private static void assertLinesValid(String lines) throws IOException {
        for (String line : lines.lines().toList()) {
            assertEquals(List.of(), problems(LINE, MAPPER.readTree(line)), line);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--by pid",
                "--by exe",
                "--by command",
                "--by user",
                "--by group",
                "--by cgroup",
                "--by unit",
                "--by container",
                "--by parent",
                "--by tree",
                "--by user,program -n 3",
                "--spread --min 10M",
                "--heap --source smaps",
                "--system",
                "-t",
                "-f nothing-has-this-name",
                "maps",
                "maps -n 2",
                "maps --by kind",
                "oom",
                "oom -n 1"
            })
    void everyReportIsValid(String options) throws IOException {
        assertValid(report(CONTAINERS, "json", options));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--by tree",
                "--by parent",
                "--by user,container --spread --system -n 3",
                "maps -n 2",
                "maps --by kind",
                "oom -n 1"
            })
    void everyLineIsValid(String options) throws IOException {
        assertLinesValid(report(CONTAINERS, "ndjson", options));
    }

    @Test
    void everyColumnIsValid() throws IOException {
        List<String> columns = new ArrayList<>();
        for (String line : Command.psm("-c", "help").run().out().lines().toList()) {
            String column = line.split(" ", 2)[0];
            Figure.Fold fold = Figure.named(column).fold;
            if (fold != Figure.Fold.CHANGE) { // which takes two reports
                columns.add(column);
            }
        }
        assertTrue(columns.size() > 30, columns.toString());
        String all = "-c " + String.join(",", columns);
        JsonNode json = assertValid(report(CONTAINERS, "json", all));
        assertTrue(json.get("rows").get(0).size() > columns.size(), json.toString());
        assertLinesValid(report(CONTAINERS, "ndjson", all));
        assertValid(report("/proc", "json", all));
    }

    @Test
    void reportsWithChangesAreValid() throws IOException {
        String words = String.join("' '", Command.psm("--proc", HOST, "-o", "json").words());
        for (String option : new String[] {"", " --since-start -n 1"}) {
            String twice = "'" + words + "' -w 0.1" + option + " | head -n 2";
            for (String line : Command.of("sh", "-c", twice).run().out().lines().toList()) {
                assertValid(line);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--by user,unit -n 2 --system", "--by pid", "-f no-such-name"})
    void differencesAreValid(String options) throws IOException {
        Path before = root.resolve("before.psm");
        Path after = root.resolve("after.psm");
        Command.psm("-o", "snapshot").to(before).run();
        Command.psm("-o", "snapshot").to(after).run();
        assertDifferencesValid(before, after, options);
        if (!options.equals("--by pid")) {
            Command.psm("-o", "snapshot", "--proc", HOST).to(before).run();
            assertDifferencesValid(before, after, options);
        }
    }

    private static void assertDifferencesValid(Path before, Path after, String options)
            throws IOException {
        for (String format : List.of("json", "ndjson")) {
            String words = "diff " + before + ' ' + after + ' ' + options + " -o " + format;
            Command.Result result = Command.psm(words.split(" +")).run();
            assertEquals(0, result.exitCode(), result.err());
            if (format.equals("json")) {
                assertValid(result.out());
            } else {
                assertLinesValid(result.out());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--by pid -n 2", "--by user,unit,parent", "-f no-such-name"})
    void growthIsValid(String options) throws IOException {
        String words = "growth --for 1s -i 0.1 " + options + " -o ";
        assertValid(Command.psm((words + "json").split(" +")).run().out());
        assertLinesValid(Command.psm((words + "ndjson").split(" +")).run().out());
        String once = words.replace("-i 0.1", "-i 1");
        assertValid(Command.psm((once + "json").split(" +")).run().out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--by pid -n 2", "--by host", "--from no-such-file"})
    void growthOfSeveralMachinesIsValid(String options) throws Exception {
        Path recording = Files.createDirectory(root.resolve("recording"));
        MadeUpRecording.write(
                recording, MadeUpRecording.sample(0, 1 << 20, 2 << 20), 9, Duration.ofMinutes(1));
        String two = "--from " + recording + " --from " + recording;
        String words = "growth " + two + " " + options + " -o ";
        assertValid(Command.psm((words + "json").split(" +")).run().out());
        assertLinesValid(Command.psm((words + "ndjson").split(" +")).run().out());
    }

    /** Uses names that are not UTF-8, and shared huge pages. */
    @ParameterizedTest
    @ValueSource(strings = {"", "--by pid -c +command", "maps"})
    void namesThatAreNotUtf8AreValid(String options) throws IOException {
        String json = report(HOST, "json", options);
        assertValid(json);
        assertTrue(options.equals("maps") || json.contains("\"program_escaped\":true"), json);
        assertLinesValid(report(HOST, "ndjson", options));
    }

    @Test
    void cgroupsThatAreNearlyFullAreValid() throws IOException {
        new MadeUpHost(root)
                .process(5, 10, 0, 700, "0::/a.slice/b.service")
                .v2("/a.slice/b.service", "memory.max", "1048576")
                .v2("/a.slice/b.service", "memory.high", "1000000")
                .v2("/a.slice/b.service", "memory.current", "1048570")
                .v2("/a.slice/b.service", "memory.swap.current", "0")
                .v2("/a.slice/b.service", "memory.events", "oom 7\noom_kill 3")
                .v2("/a.slice/b.service", "memory.oom.group", "1")
                .write("proc/pressure/memory", "some avg10=1.50 avg60=0.12 avg300=0.5 total=1\n");
        String proc = root.resolve("proc").toString();
        JsonNode json = assertValid(report(proc, "json", "oom"));
        assertEquals(1, json.get("slowed_cgroups").size(), json.toString());
        assertEquals(1, json.get("full_cgroups").size(), json.toString());
        assertLinesValid(report(proc, "ndjson", "oom"));
    }

    /** Returns a machine with a process, and with cgroups that are nearly full. */
    private Machine machine(String name) throws IOException {
        Path folder = root.resolve(name);
        new MadeUpHost(folder)
                .process(5, 10, 0, 700, "0::/a")
                .v2("/a", "memory.max", "1000")
                .v2("/a", "memory.high", "1000")
                .v2("/a", "memory.current", "1000");
        ScanRequest request = ScanRequest.of(Source.AUTO).with(EnumSet.allOf(Detail.class));
        ProcFs proc = new ProcFs(folder.resolve("proc").toString());
        return new Machine(name, new Scanner(proc, request).scan(1), null, false);
    }

    private static void assertValid(Psm.Report report) throws IOException {
        assertValid(MadeUpHost.written(report, "json"));
        assertLinesValid(MadeUpHost.written(report, "ndjson"));
    }

    @Test
    void severalMachinesAreValid() throws IOException, Failure {
        View all = Views.withHost(View.DEFAULT);
        for (Fleet fleet :
                List.of(new FleetOom(0), new FleetOom(1), new FleetSystem(all.withMaxRows(1)))) {
            fleet.add(machine("web1"));
            fleet.add(machine("web2"));
            fleet.addMissing("web3", "no answer within 30 s");
            assertValid(fleet.report());
        }
    }

    @ParameterizedTest
    @EnumSource(Grouping.class)
    void rowsOfSeveralMachinesAreValid(Grouping by) throws IOException, Failure {
        List<Figure> figures = new ArrayList<>(List.of(Figure.values()));
        figures.removeIf(figure -> figure.fold == Figure.Fold.MARK);
        View all = Views.of(List.of(by), figures.toArray(new Figure[0]));
        for (View view : List.of(Views.of(List.of(by)), all, all.withMaxRows(1))) {
            FleetReport fleet = new FleetReport(view, null);
            for (int i = 0; i < 3; i++) {
                Snapshot snapshot = MadeUpFleet.machine("web" + i, i, 20);
                fleet.add(new Machine("web" + i, snapshot, null, false));
            }
            fleet.addMissing("web3", "no answer within 30 s");
            assertValid(fleet.report());
        }
    }

    @Test
    void thisHostIsValid() throws IOException {
        assertValid(report("/proc", "json", "--system"));
        assertValid(report("/proc", "json", "oom"));
    }

    @Test
    void unknownKeysAreRefused() throws IOException {
        String report = report(CONTAINERS, "json", "--system -n 2");
        for (String path :
                List.of("", "/processes", "/rows/1", "/totals", "/more", "/swap", "/host_memory")) {
            JsonNode json = MAPPER.readTree(report);
            ((ObjectNode) json.at(path)).put("surprise", 1);
            assertFalse(problems(SCHEMA, json).isEmpty(), path);
        }
        JsonNode oom = MAPPER.readTree(report(CONTAINERS, "json", "oom -n 1"));
        ((ObjectNode) oom.at("/pressure")).put("surprise", 1);
        assertFalse(problems(SCHEMA, oom).isEmpty());
        ObjectNode line =
                (ObjectNode) MAPPER.readTree(report(HOST, "ndjson", "").lines().findFirst().get());
        assertFalse(problems(LINE, line.put("surprise", 1)).isEmpty());
    }

    @Test
    void missingKeysAndOtherTypesAreRefused() throws IOException {
        String report = report(CONTAINERS, "json", "");
        for (String key : List.of("schema", "complete", "processes", "rows", "totals", "swap")) {
            ObjectNode json = (ObjectNode) MAPPER.readTree(report);
            json.remove(key);
            assertFalse(problems(SCHEMA, json).isEmpty(), key);
        }
        JsonNode json = MAPPER.readTree(report);
        ((ObjectNode) json.at("/rows/0")).put("pss_bytes", "1 MB");
        assertFalse(problems(SCHEMA, json).isEmpty());
    }
}
