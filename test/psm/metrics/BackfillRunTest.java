package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.name.Program;
import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.support.Command;
import psm.text.Failure;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills a Prometheus with recordings, and asks it for what psm says about the same times. */
@Tag("endtoend")
class BackfillRunTest {
    private static final long MB = 1 << 20;
    private static final int MINUTES_PER_DAY = 1440;

    /** The minutes in which nothing is recorded. */
    private static final int GAP_START = 500;

    private static final int GAP = 30;

    private static final String DATE = "2026-11-23";
    private static final String HOSTILE = "\"} 1\npsm_complete \\u{}\u001b\udcff";

    @TempDir Path folder;

    /** Takes samples, which it may change. */
    private interface Samples {
        void write(RecordingWriter writer) throws IOException, Failure;
    }

    private Path recording(String name, Samples samples) throws IOException, Failure {
        Path recording = Files.createDirectory(folder.resolve(name));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("", recording), 0)) {
            writer.interval(60_000);
            samples.write(writer);
        }
        return recording;
    }

    /** A day, with a reboot, a gap, programs that begin and end, and a hostile name. */
    private Path day() throws IOException, Failure {
        String rebooted = new UUID(1, 2).toString();
        return recording(
                "day",
                writer -> {
                    for (int i = 0; i < MINUTES_PER_DAY; i++) {
                        long uptime = 60_000L * (i < 1_000 ? i + 60 : i - 999);
                        if (i < GAP_START || i >= GAP_START + GAP) {
                            String boot = i < 1_000 ? MadeUpRecording.BOOT : rebooted;
                            writer.append(minute(boot, i, uptime));
                        }
                    }
                });
    }

    private static Snapshot minute(String boot, int minute, long uptime) {
        long[] rams = new long[2 + minute / 100 % 3];
        for (int i = 0; i < rams.length; i++) {
            rams[i] = (i + 1) * MB * (minute % 50) + 4096L * minute;
        }
        Snapshot sample = MadeUpRecording.sample(boot, time(minute), uptime, rams);
        List<ProcessMemory> processes = new ArrayList<>(sample.processes());
        ProcessMemory like = processes.get(0);
        Program hostile = new Program(HOSTILE, Program.File.CURRENT);
        processes.add(new ProcessMemory(9_999, 9_999, hostile, true, like.usage(), like.details()));
        return sample.with(processes, sample.host().memory());
    }

    /** Returns the time of a sample, which is a bit late. */
    private static Instant time(int minute) {
        return MadeUpRecording.START.plusSeconds(60L * minute).plusMillis(minute % 7);
    }

    private static Command.Result psm(String... args) {
        return Command.psm(args).run();
    }

    private static byte[] openMetrics(Path recording, String... more) throws IOException {
        Path file = Files.createTempFile(recording.getParent(), "text", ".om");
        List<String> words =
                new ArrayList<>(List.of("-q", "-o", "openmetrics", "--from", recording.toString()));
        words.addAll(Arrays.asList(more));
        Command.Result result = Command.psm(words.toArray(new String[0])).to(file).run();
        assertEquals("", result.err());
        assertEquals(0, result.exitCode());
        return Files.readAllBytes(file);
    }

    private Path blocks(byte[] text) throws IOException {
        assumeTrue(Command.exists("promtool"), "there is no promtool here");
        Path file = Files.write(folder.resolve("day.om"), text);
        Path data = folder.resolve("data");
        Command.Result result =
                Command.of(
                                "promtool",
                                "tsdb",
                                "create-blocks-from",
                                "openmetrics",
                                file.toString(),
                                data.toString())
                        .run();
        assertEquals(0, result.exitCode(), result.err());
        return data;
    }

    @Test
    void aDayIsFilledInAndAskedForAgain() throws IOException, Failure {
        Path day = day();
        byte[] text = openMetrics(day);
        OpenMetricsText read = OpenMetricsText.of(text);
        assertEquals(MINUTES_PER_DAY - GAP, read.of("psm_complete").size());
        try (OwnPrometheus prometheus = OwnPrometheus.over(blocks(text))) {
            assertEquals(all(read), all(prometheus));
            for (int minute : new int[] {0, 99, 100, 499, 530, 777, 999, 1_000, 1_439}) {
                Instant at = time(minute).plusMillis(500);
                JsonNode report = report(day, at);
                assertEquals(
                        of(report, "pss_bytes"), of(prometheus, "psm_pss_bytes", time(minute)));
                assertEquals(of(report, "count"), of(prometheus, "psm_processes", time(minute)));
            }
            // A gap is a gap, after five minutes.
            assertEquals(Map.of(), prometheus.query("psm_complete", time(GAP_START + 10)));
        }
    }

    private static JsonNode report(Path recording, Instant at) throws IOException {
        Command.Result result =
                psm("-q", "-o", "json", "--from", recording.toString(), "--at", at.toString());
        assertEquals("", result.err());
        return new ObjectMapper().readTree(result.out());
    }

    /** Returns a column of the rows, by their labels. */
    private static Map<String, String> of(JsonNode report, String key) {
        Map<String, String> values = new HashMap<>();
        for (JsonNode row : report.get("rows")) {
            String name = row.get("program").textValue();
            // JSON cannot contain its last byte.
            String program = name.startsWith("\"") ? HOSTILE : name;
            values.put(LabelText.of(program), row.get(key).asText());
        }
        return values;
    }

    /** Returns the values of a sample, without those of samples before that are still shown. */
    private static Map<String, String> of(OwnPrometheus prometheus, String metric, Instant at)
            throws IOException {
        String last = metric + " and timestamp(" + metric + ") == " + at.toEpochMilli() / 1e3;
        Map<String, String> values = new HashMap<>();
        prometheus
                .query(last, at)
                .forEach((labels, value) -> values.put(labels.get("program"), whole(value)));
        return values;
    }

    /** Returns a number without an exponent. */
    private static String whole(String number) {
        return new BigDecimal(number).toPlainString();
    }

    /** Returns all samples in a text as the server shows them. */
    private static Map<String, Map<Instant, String>> all(OpenMetricsText text) {
        Map<String, Map<Instant, String>> all = new TreeMap<>();
        text.series()
                .forEach(
                        (metric, values) -> {
                            Map<Instant, String> byTime = new TreeMap<>();
                            values.forEach(
                                    (time, value) ->
                                            byTime.put(Instant.ofEpochMilli(time), whole(value)));
                            all.put(metric, byTime);
                        });
        return all;
    }

    private static Map<String, Map<Instant, String>> all(OwnPrometheus prometheus)
            throws IOException {
        Map<String, Map<Instant, String>> all = new TreeMap<>();
        prometheus
                .samples("{__name__=~'psm_.*'}[2d]", time(MINUTES_PER_DAY))
                .forEach(
                        (labels, values) -> {
                            Map<Instant, String> byTime = new TreeMap<>();
                            values.forEach((time, value) -> byTime.put(time, whole(value)));
                            all.put(metric(labels), byTime);
                        });
        return all;
    }

    /** Returns a metric, which has one label at most, as it is in a text. */
    private static String metric(Map<String, String> labels) {
        StringBuilder metric = new StringBuilder(labels.get("__name__"));
        labels.forEach(
                (label, value) -> {
                    if (!label.equals("__name__")) {
                        String escaped = value.replace("\\", "\\\\").replace("\"", "\\\"");
                        metric.append('{')
                                .append(label)
                                .append("=\"")
                                .append(escaped)
                                .append("\"}");
                    }
                });
        return metric.toString();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--by user | 0 | 1439",
                "--by host,program | 0 | 1439",
                "-n 1 | 0 | 1439",
                "-c swap,pss | 0 | 1439",
                "-f p10 --min 1M | 0 | 1439",
                "--since 2026-11-23T08:20:00Z --until 2026-11-23T09:20:00Z | 20 | 79",
                "--until 2026-11-23T09:20:00Z --by unit | 0 | 79",
                "--at 2026-11-23T09:20:00Z | 79 | 79"
            })
    void everyChoiceIsValid(String options, int first, int last) throws IOException, Failure {
        OpenMetricsText text = OpenMetricsText.of(openMetrics(day(), options.split(" ")));
        NavigableMap<Long, String> complete = text.of("psm_complete");
        assertEquals(time(first).toEpochMilli(), complete.firstKey());
        assertEquals(time(last).toEpochMilli(), complete.lastKey());
    }

    @Test
    void itSaysWhatIsLeftOut() throws IOException, Failure {
        Path recording =
                recording(
                        "back",
                        writer -> {
                            for (int minute : new int[] {0, 1, 2, 3, 2, 3, 4}) {
                                writer.append(minute(MadeUpRecording.BOOT, minute, 60_000));
                            }
                        });
        Command.Result result = psm("-o", "openmetrics", "--from", recording.toString());
        assertEquals(
                "psm: one day of %s: 7 samples; for more, add --since TIME%n".formatted(recording)
                        + "psm: 2 samples are left out, since the clock was set back: later samples"
                        + " have the same times\n",
                result.err());
        assertEquals(0, result.exitCode());
    }

    @Test
    void estimatesAreAFailureIfThatIsWanted() throws IOException, Failure {
        Path recording =
                recording(
                        "denied",
                        writer -> {
                            Snapshot sample = minute(MadeUpRecording.BOOT, 0, 60_000);
                            writer.append(sample);
                            Unmeasured denied =
                                    new Unmeasured(7, null, Unmeasured.Reason.DENIED, null);
                            writer.append(
                                    minute(MadeUpRecording.BOOT, 1, 120_000)
                                            .withProcesses(
                                                    sample.processes(), List.of(denied), false));
                        });
        String[] words = {"-o", "openmetrics", "--from", recording.toString(), "--since", DATE};
        Command.Result result = psm(words);
        String incomplete = "1 of 2 samples leave processes out, or contain estimates\n";
        assertEquals("psm: " + incomplete, result.err());
        assertEquals(0, result.exitCode());
        Command.Result strict = Command.psm(words).append(List.of("--strict")).run();
        assertEquals("psm: --strict: " + incomplete, strict.err());
        assertEquals(3, strict.exitCode());
        assertEquals(result.out(), strict.out());
    }

    @Test
    void damagedSamplesAreMissing() throws IOException, Failure {
        Path day = day();
        Path segment = day.resolve("000001.psmrec");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length / 2] ^= 1;
        Files.write(segment, bytes);
        Command.Result result = psm("-o", "openmetrics", "--from", "" + day, "--since", DATE);
        Matcher unreadable =
                Pattern.compile("psm: (\\d+) samples? cannot be read: .*\n").matcher(result.err());
        assertTrue(unreadable.matches(), result.err());
        OpenMetricsText text = OpenMetricsText.of(result.out().getBytes(StandardCharsets.UTF_8));
        int missing = Integer.parseInt(unreadable.group(1));
        assertEquals(MINUTES_PER_DAY - GAP - missing, text.of("psm_complete").size());
    }

    @Test
    void oneMomentMayBeInAGap() throws IOException, Failure {
        String at = time(GAP_START + 10).toString();
        Command.Result result = psm("-o", "openmetrics", "--from", "" + day(), "--at", at);
        assertTrue(result.err().startsWith("psm: --at " + at + ": there is no sample between "));
        assertEquals(1, result.err().lines().count(), result.err());
        OpenMetricsText text = OpenMetricsText.of(result.out().getBytes(StandardCharsets.UTF_8));
        assertEquals(Set.of(time(GAP_START - 1).toEpochMilli()), text.of("psm_complete").keySet());
    }

    @Test
    void aSnapshotIsOfOneMoment() throws IOException, Failure {
        Path file = folder.resolve("web1.psm");
        assertEquals(0, Command.psm("-o", "snapshot").to(file).run().exitCode());
        OpenMetricsText text = OpenMetricsText.of(openMetrics(file));
        text.series().forEach((metric, values) -> assertEquals(1, values.size(), metric));
    }

    @Test
    void aFileIsReplacedWhenItIsWhole() throws IOException, Failure {
        Path day = day();
        Path file = Files.writeString(folder.resolve("day.om"), "before");
        List<String> words = List.of("--to", file.toString(), "--from", day.toString());
        Command.Result refused =
                Command.psm("-o", "openmetrics", "--since", "2026-11-25").append(words).run();
        assertEquals(2, refused.exitCode());
        assertEquals("before", Files.readString(file));
        assertEquals("", Command.psm("-o", "openmetrics", "-q").append(words).run().err());
        assertArrayEquals(openMetrics(day), Files.readAllBytes(file));
    }

    @Test
    void aReaderMayStopEarly() throws IOException, Failure {
        List<String> words = Command.psm("-o", "openmetrics", "-q", "--from", "" + day()).words();
        Command.Result result =
                Command.of("sh", "-c", "\"$@\" | head -n 1; echo \"$?\"", "sh").append(words).run();
        assertEquals("", result.err());
        assertTrue(result.out().endsWith("\n0\n"), result.out());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--from day --from day2 | -o openmetrics: is about one recording, and there are 2"
                        + " machines; name one of them, or a moment with --at",
                "--from day --from day2 --since 1h | --since 1h: is about one recording, and there"
                        + " are 2; name one of them",
                "--from nothing | --from nothing: cannot be read: no such file or folder",
                "--from day --user nginx | --user nginx: no process in this snapshot is of that"
                        + " user",
                "--from day --pid 7 | --pid 7: no such process",
                "--from day --since 2026-11-25 | --since 2026-11-25: is after the last sample"
            })
    void badInputGetsOneLine(String options, String line) throws IOException, Failure {
        day();
        recording("day2", writer -> writer.append(minute(MadeUpRecording.BOOT, 0, 60_000)));
        List<String> words = new ArrayList<>(List.of("-o", "openmetrics"));
        words.addAll(List.of(options.split(" ")));
        Command.Result result = Command.psm(words.toArray(new String[0])).in(folder).run();
        assertTrue(result.err().startsWith("psm: " + line), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
        assertEquals("", result.out());
        assertEquals(2, result.exitCode());
    }
}
