package psm.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.cli.Options;
import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.support.Command;
import psm.support.MemoryGroup;
import psm.support.Shapes;
import psm.support.Window;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Runs psm growth beside real processes whose growth is known, see {@code leak.c}. */
@Tag("endtoend")
class GrowthCommandTest {
    private static final long MB = 1 << 20;
    private static final long SECONDS_PER_HOUR = 3600;

    /** So many processes of a control group are ordinary; one grows three times as fast. */
    private static final int WORKERS = 7;

    @TempDir Path folder;

    private final List<Process> started = new ArrayList<>();

    private void start(String name, String... how) throws IOException {
        Path program = folder.resolve(name);
        Files.copy(folder.resolve("leak"), program);
        List<String> words = new ArrayList<>(List.of(program.toString()));
        words.addAll(Arrays.asList(how));
        started.add(
                new ProcessBuilder(words)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .start());
    }

    private void end() throws InterruptedException {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
    }

    private static JsonNode json(String... args) throws IOException {
        List<String> words = new ArrayList<>(List.of("growth", "-q", "-o", "json"));
        words.addAll(Arrays.asList(args));
        Command.Result result = Command.psm(words.toArray(new String[0])).run();
        assertEquals("", result.err());
        return new ObjectMapper().readTree(result.out());
    }

    private static JsonNode row(JsonNode report, String program) {
        for (JsonNode row : report.get("rows")) {
            if (row.get("program").textValue().equals(program)) {
                return row;
            }
        }
        throw new AssertionError(program + ": not in " + report);
    }

    @Test
    void realProcessesGrowInKnownWays() throws IOException, InterruptedException {
        Shapes.compile("leak.c", folder, "leak");
        JsonNode report;
        try {
            start("leaks", "2M/s");
            start("saw", "saw", "40", "1.4");
            start("step", "step", "60", "9");
            start("warm-up", "warm-up", "60", "9");
            start("pool", "pool", "4", "--recycle", "1", "2M/s");
            start("cow", "cow", "60", "30");
            report = json("--for", "18s", "-i", "0.2", "-f", "leaks|saw|step|warm-up|pool|cow");
        } finally {
            end();
        }
        int samples = report.get("window").get("samples").intValue();
        assumeTrue(
                samples > 80, "too busy to see teeth of a second: " + samples + " samples of 91");
        JsonNode leaks = row(report, "leaks");
        assertEquals("steady growth", leaks.get("verdict").textValue());
        assertEquals(
                2.0, leaks.get("rate_bytes_per_hour").doubleValue() / SECONDS_PER_HOUR / MB, 0.1);
        assertTrue(
                leaks.get("rate_low_bytes_per_hour").longValue()
                        <= leaks.get("rate_bytes_per_hour").longValue());
        assertEquals("saw-tooth", row(report, "saw").get("verdict").textValue());
        assertEquals("step", row(report, "step").get("verdict").textValue());
        assertEquals("levels off", row(report, "warm-up").get("verdict").textValue());
        JsonNode pool = row(report, "pool");
        assertTrue(pool.get("ends_per_hour").longValue() > SECONDS_PER_HOUR, "" + pool);
        long rise =
                pool.get("starts_at_last_bytes").longValue()
                        - pool.get("starts_at_first_bytes").longValue();
        assertTrue(rise > 20 * MB && rise < 40 * MB, "" + pool);
        JsonNode cow = row(report, "cow");
        assertEquals(36.0, cow.get("copied_bytes").doubleValue() / MB, 4);
    }

    private Path recording(String name) throws IOException, Failure {
        Path recording = Files.createDirectory(folder.resolve(name));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", recording), 0)) {
            for (int i = 0; i < 120; i++) {
                writer.append(MadeUpRecording.sample(60L * i, (50 + i) * MB, 200 * MB));
            }
        }
        return recording;
    }

    /** As psm says of one sample: docs/recordings.md. */
    @Test
    void damageIsRemarked() throws IOException, Failure {
        Path damaged = recording("damaged");
        Path segment = damaged.resolve("000001.psmrec");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 1;
        Files.write(segment, bytes);
        Files.writeString(damaged.resolve("notes.txt"), "hello");
        String lost = " cannot be read: bytes in the recording are damaged or missing\n";
        String one = Command.psm("growth", "--from", damaged.toString()).run().err();
        assertTrue(one.matches("(?s).*psm: [0-9]+ samples?" + lost + ".*"), one);
        assertTrue(one.contains("psm: 1 file is no part of the recording: notes.txt\n"), one);
        String whole = recording("whole").toString();
        String[] both = {"growth", "--from", damaged.toString(), "--from", whole};
        String several = Command.psm(both).run().err();
        assertTrue(several.contains(lost), several);
        assertTrue(several.contains("notes.txt"), several);
        String[] quiet = {"growth", "-q", "--from", damaged.toString()};
        assertEquals("", Command.psm(quiet).run().err());
    }

    @Test
    void recordingsAreRead() throws IOException, Failure {
        String recording = recording("one").toString();
        JsonNode report = json("--from", recording);
        assertEquals(120, report.get("window").get("samples").intValue());
        assertEquals(119 * 60, report.get("window").get("duration_seconds").intValue());
        JsonNode first = report.get("rows").get(0);
        assertEquals("p100", first.get("program").textValue());
        assertEquals("steady growth", first.get("verdict").textValue());
        assertNear(60 * MB, first.get("rate_bytes_per_hour").longValue(), MB);
        assertEquals("flat", row(report, "p101").get("verdict").textValue());
        JsonNode later =
                json("--from", recording, "--since", "2026-11-23T09:00:00Z", "--by", "pid", "-n1");
        assertEquals(60, later.get("window").get("samples").intValue());
        assertEquals(100, later.get("rows").get(0).get("pid").intValue());
        assertEquals(1, later.get("more").get("rows").intValue());
    }

    private static String page(String... args) throws IOException {
        List<String> words = new ArrayList<>(List.of("growth", "-q", "-o", "html"));
        words.addAll(Arrays.asList(args));
        Command.Result result = Command.psm(words.toArray(new String[0])).run();
        assertEquals("", result.err());
        return result.out();
    }

    private static List<String> curvesOf(String page) {
        List<String> curves = new ArrayList<>();
        Matcher curve = Pattern.compile("<div class=\"cv\"><p>(.*?)</p>").matcher(page);
        while (curve.find()) {
            curves.add(curve.group(1).replaceAll("<[^>]*>", ""));
        }
        return curves;
    }

    @Test
    void aPageHasTheCurvesOfWhatGrows() throws IOException, Failure {
        String recording = recording("one").toString();
        String first = "RAM and swap of web1 flat, 7.6 GB of 15.3 GB";
        String second = "p100 steady growth, 169.0 MB, +60.0 MB/h";
        assertEquals(List.of(first, second), curvesOf(page("--from", recording)));
        String other = recording("two").toString();
        String both =
                page(
                        "--from",
                        recording,
                        "--from",
                        other,
                        "--since",
                        "2026-11-23T09:00:00Z",
                        "-n1");
        assertTrue(both.contains("<b><bdi>web1</bdi>: What grows</b>"), both);
        assertEquals(List.of(first, first, second), curvesOf(both));
    }

    @Test
    void aPageHasTheCurvesOfHereAndNow() throws IOException, InterruptedException {
        Shapes.compile("leak.c", folder, "leak");
        List<String> curves;
        try {
            start("leaks", "9M/s");
            curves = curvesOf(page("--for", "5s", "-i", "0.2", "-f", "leaks"));
        } finally {
            end();
        }
        String last = curves.get(curves.size() - 1);
        assertTrue(last.startsWith("leaks steady growth, "), curves + "");
        assertTrue(curves.get(0).startsWith("RAM and swap of "), curves + "");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "--from one --until 2026-11-22 | psm: --until 2026-11-22: is before the first"
                        + " sample; one contains samples from ",
                "--from one --since 2026-11-24 | psm: --since 2026-11-24: is after the last sample;"
                        + " one contains samples from ",
                "--from nothing | psm: --from nothing: no such file or folder",
                "--from one --from two -p 100 | psm: --pid: a process id is of one machine, and"
                        + " there are 2; name one machine",
                "--from snapshot.psm | psm: --from snapshot.psm: is of one moment; growth takes a"
                        + " recording, which 'psm record' writes"
            })
    void aRecordingIsNeeded(String options, String line) throws IOException, Failure {
        recording("one");
        recording("two");
        Command.psm("-o", "snapshot").to(folder.resolve("snapshot.psm")).run();
        List<String> words = new ArrayList<>(List.of("growth"));
        words.addAll(List.of(options.split(" ")));
        Command.Result result = Command.psm(words.toArray(new String[0])).in(folder).run();
        assertEquals(2, result.exitCode(), result.err());
        assertTrue(result.err().startsWith(line), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void severalRecordingsAreOneReport() throws IOException, Failure {
        String one = recording("one").toString();
        String two = recording("two").toString();
        Command.Result result =
                Command.psm(
                                "growth",
                                "--from",
                                one,
                                "--from",
                                two,
                                "--from",
                                "no",
                                "-o",
                                "csv",
                                "--strict",
                                "--since",
                                "2026-11-23T09:00:00Z")
                        .run();
        assertEquals(
                """
                psm: no: no such file or folder
                psm: web1: read 2 times, so its rows are shown 2 times
                psm: --strict: the report is incomplete
                """,
                result.err());
        assertEquals(3, result.exitCode());
        assertTrue(result.out().startsWith("\"program\",\"count\","), result.out());
        assertEquals(5, result.out().lines().count(), result.out());
        Command.Result none = Command.psm("growth", "--from", "no", "--from", "nothing").run();
        assertEquals(
                """
                psm: no: no such file or folder
                psm: nothing: no such file or folder
                psm: none of 2 recordings can be read
                """,
                none.err());
    }

    @Test
    void withoutARecordingItSaysWhatToAdd() {
        assumeFalse(Files.exists(Path.of(Options.RECORDINGS)), "there is a recording here");
        Command.Result result = Command.psm("growth").run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().contains("add --for 5m to measure here and now"), result.err());
    }

    /** The story of many out-of-memory kills: workers that leak, one more than the others. */
    @Test
    void theCulpritAndTheTimeOfTheKillAreNamedBefore() throws Exception {
        Path leak = Shapes.compile("leak.c", folder, "worker");
        int limitMb = 160;
        try (MemoryGroup group = new MemoryGroup(limitMb).swap(limitMb, 0)) {
            for (int i = 0; i < WORKERS; i++) {
                group.run(leak.toString(), "512K/s");
            }
            Process fast = group.run(leak.toString(), "1536K/s");
            JsonNode report =
                    json("--for", "14s", "-i", "0.5", "--by", "pid", "--cgroup", group.path());
            Instant now = Instant.now();
            assertEquals(fast.pid(), report.get("rows").get(0).get("pid").longValue());
            assertEquals(
                    1.5,
                    report.get("rows").get(0).get("rate_bytes_per_hour").doubleValue()
                            / SECONDS_PER_HOUR
                            / MB,
                    0.1);
            JsonNode full = report.get("full").get(0);
            assertEquals(group.path(), full.get("limit_of").textValue());
            assertTrue(fast.waitFor(1, TimeUnit.MINUTES), "it was not killed");
            double left = (Instant.now().toEpochMilli() - now.toEpochMilli()) / 1000.0;
            Instant predicted = Instant.parse(full.get("full_at").textValue());
            double foretold = (predicted.toEpochMilli() - now.toEpochMilli()) / 1000.0;
            assertEquals(left, foretold, 0.1 * left + 1, "" + full);
        }
    }

    private static Command.Result strict(String within, MemoryGroup group) {
        return Command.psm("growth", "--for", "5s", "-i", "0.2", "--strict", "-q")
                .append(List.of("--within", within, "--cgroup", group.path()))
                .run();
    }

    @Test
    void soonFullIsAFailureWhereThatIsAsked() throws Exception {
        Path leak = Shapes.compile("leak.c", folder, "soon");
        try (MemoryGroup group = new MemoryGroup(256).swap(256, 0)) {
            group.run(leak.toString(), "4M/s");
            Command.Result result = strict("1h", group);
            assertEquals(3, result.exitCode());
            assertTrue(
                    result.err()
                            .startsWith(
                                    "psm: --strict: the memory of "
                                            + group.path()
                                            + " will be full at "),
                    result.err());
            assertTrue(result.err().endsWith(", within 1h\n"), result.err());
            assertTrue(result.out().contains("steady growth"), result.out());
            Command.Result later = strict("5s", group);
            assertEquals(0, later.exitCode(), later.err());
        }
    }

    @Test
    void tooFewSamplesAreAFailureWhereThatIsAsked() throws IOException, Failure {
        Path few = Files.createDirectory(folder.resolve("few"));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", few), 0)) {
            for (int i = 0; i < 9; i++) { // the last one long after the others
                writer.append(MadeUpRecording.sample(i < 8 ? 60L * i : 3600, 50 * MB));
            }
        }
        Command.Result result = Command.psm("growth", "--from", few.toString(), "--strict").run();
        assertEquals(3, result.exitCode(), result.err());
        assertTrue(
                result.err()
                        .contains(
                                "psm: --strict: too few samples to say when the memory of this"
                                        + " machine will be full; name an earlier --since\n"),
                result.err());
        assertTrue(
                result.err()
                        .contains(
                                "psm: too short: a verdict takes at least 8 samples, spread evenly"
                                        + " over the time; name an earlier --since\n"),
                result.err());
        assertTrue(result.out().contains(", 9 samples in 1h\n"), result.out());
        Command.Result now = Command.psm("growth", "--for", "1s", "--strict").run();
        assertEquals(3, now.exitCode(), now.err());
        assertTrue(now.err().contains("; measure for a longer time, with --for\n"), now.err());
        String enough = recording("enough").toString();
        assertEquals(0, Command.psm("growth", "--from", enough, "--strict").run().exitCode());
    }

    @Test
    void noRowHasGrownByThatMuch() throws IOException, Failure {
        String recording = recording("one").toString();
        Command.Result result = Command.psm("growth", "--from", recording, "--min", "1T").run();
        assertEquals("psm: no row has grown by the size of --min\n", result.err());
    }

    /** A selection of processes is not one of limits. */
    @Test
    void limitsOfOtherProcessesAreThereToo() throws Exception {
        Path leak = Shapes.compile("leak.c", folder, "in-group");
        try (MemoryGroup group = new MemoryGroup(256).swap(256, 0)) {
            group.run(leak.toString(), "1M/s");
            String own = Long.toString(ProcessHandle.current().pid());
            for (String[] chosen : new String[][] {{"-f", "^java$"}, {"-p", own}}) {
                JsonNode report = json("--for", "1s", "-i", "0.1", chosen[0], chosen[1]);
                List<String> limits = new ArrayList<>();
                report.get("full").forEach(each -> limits.add(each.get("limit_of").textValue()));
                assertTrue(limits.contains(group.path()), chosen[0] + ": " + limits);
            }
        }
    }

    @Test
    void anInterruptReportsWhatThereIs() throws Exception {
        Window.assumeInterruptsArrive();
        List<String> psm = Command.psm("growth", "--for", "10m", "-i", "0.1").words();
        try (Window window = new Window(100, 24, Map.of(), Window.quoted(psm))) {
            window.await("Ctrl-C reports", 1);
            window.type(Window.CTRL_C);
            assertEquals(0, window.exitCode(), window.seen());
            assertTrue(window.seen().contains(" samples in "), window.seen());
        }
    }

    private static void assertNear(long expected, long actual, long most) {
        assertTrue(Math.abs(expected - actual) <= most, actual + " instead of " + expected);
    }
}
