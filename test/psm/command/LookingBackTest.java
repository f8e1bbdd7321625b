package psm.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.record.MadeUpRecording;
import psm.record.RecordingFolder;
import psm.record.RecordingWriter;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.support.Command;
import psm.support.Window;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Looks back at recordings: of real snapshots of this machine, and of made-up ones. */
@Tag("endtoend")
class LookingBackTest {
    private static final int SNAPSHOTS = 3;
    private static final long MB = 1 << 20;

    @TempDir static Path folder;

    /** Snapshots of this machine, and the recording that contains them. */
    private static final List<Path> FILES = new ArrayList<>();

    private static final List<Instant> TIMES = new ArrayList<>();
    private static Path real;

    /** A machine until some minutes ago: a sample a minute, half an hour's gap, and a reboot. */
    private static Path madeUp;

    private static Instant start;

    @BeforeAll
    static void record() throws Exception {
        start = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(7200);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        real = folder.resolve("real");
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir real", real), 0)) {
            for (int i = 0; i < SNAPSHOTS; i++) {
                Path file = folder.resolve(i + ".psm");
                assertEquals(0, Command.psm("-o", "snapshot").to(file).run().exitCode());
                Snapshot snapshot;
                try (InputStream in = Files.newInputStream(file)) {
                    snapshot = SnapshotFile.read(in);
                }
                writer.append(snapshot);
                FILES.add(file);
                TIMES.add(snapshot.run().takenAt());
            }
        }
        madeUp = madeUp("fleet/web1");
    }

    private static Path madeUp(String name) throws Exception {
        Path recording = folder.resolve(name);
        Files.createDirectories(recording.getParent());
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir web1", recording), 0)) {
            writer.interval(60_000);
            for (int minute = 0; minute < 100; minute++) {
                if (minute < 20 || minute >= 50) {
                    boolean isBefore = minute < 80;
                    String boot = isBefore ? MadeUpRecording.BOOT : new UUID(1, 2).toString();
                    writer.append(
                            MadeUpRecording.sample(
                                    boot,
                                    at(minute),
                                    60_000L * (isBefore ? 60 + minute : minute - 79),
                                    (1 + minute) * MB,
                                    MB));
                }
            }
        }
        return recording;
    }

    private static Instant at(int minute) {
        return start.plusSeconds(60L * minute);
    }

    private static Command.Result psm(String... args) {
        return Command.psm(args).run();
    }

    private static String report(Path from, String... args) {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("--from", from.toString()));
        Command.Result result = psm(words.toArray(new String[0]));
        assertEquals(0, result.exitCode(), result.err());
        return result.out();
    }

    // As of then

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o json",
                "-o json --by user,unit -c +peak,+threads",
                "-o json --by pid --scripts",
                "-o json --system",
                "-o table --spread --by tree",
                "-o csv -e -n 5",
                "-o json --user root -f .",
                "oom -o json"
            })
    void reportsAreThoseOfSnapshotsAtThatTime(String command) {
        for (int i = 0; i < SNAPSHOTS; i++) {
            List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
            String expected = report(FILES.get(i), words.toArray(new String[0]));
            words.addAll(List.of("--at", TIMES.get(i).toString()));
            assertEquals(expected, report(real, words.toArray(new String[0])), TIMES.toString());
        }
    }

    @Test
    void aSampleCanBeWrittenAsASnapshot() throws IOException {
        Path extracted = folder.resolve("extracted");
        Command.Result psm =
                Command.psm("--from", real.toString(), "--at", TIMES.get(1).toString())
                        .append(List.of("-o", "snapshot"))
                        .to(extracted)
                        .run();
        assertEquals(0, psm.exitCode(), psm.err());
        assertEquals(
                report(FILES.get(1), "-o", "json", "-d"), report(extracted, "-o", "json", "-d"));
    }

    @Test
    void withoutATimeTheLastSampleIsShown() {
        Command.Result psm = psm("--from", real.toString(), "-o", "json");
        assertEquals(report(FILES.get(SNAPSHOTS - 1), "-o", "json"), psm.out());
        String remark = psm.err().lines().findFirst().orElse("");
        assertTrue(remark.matches("psm: the last sample is \\d+ seconds? old"), psm.err());
        Path segment = real.resolve("000001.psmrec");
        assertEquals(psm.out(), report(segment, "-o", "json"));
    }

    @Test
    void gapsAreRemarkedUnlessQuiet() {
        String from = madeUp.toString();
        Command.Result psm = psm("--from", from, "--at", at(30).toString(), "-t", "--units", "b");
        assertEquals(21 * MB + "\n", psm.out());
        assertTrue(
                psm.err()
                        .matches(
                                "psm: --at \\S+: there is no sample between .* and .*; this one is"
                                        + " 11 minutes older\n"),
                psm.err());
        assertEquals("", psm("--from", from, "--at", "1h", "-q").err());
    }

    @Test
    void otherFilesInARecordingAreOneRemark() throws Exception {
        Path recording = madeUp("web3");
        for (String name : List.of("000002.psmrec.bak", "notes.txt")) {
            Files.writeString(recording.resolve(name), "x");
        }
        Command.Result psm = psm("--from", recording.toString(), "--at", at(5).toString(), "-t");
        assertEquals(
                "psm: 2 files are no part of the recording: 000002.psmrec.bak, notes.txt\n",
                psm.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--at 3h | --at 3h: is before the first sample; DIR contains samples from",
                "--at 2199-01-01 | --at 2199-01-01: is in the future; DIR contains samples from",
                "-w 0 --since 1m | --since 1m: is after the last sample; DIR contains samples",
                "-w 0 --until 3h | --until 3h: is before the first sample; DIR contains samples",
                "-w 1 | -w: files do not change; leave out --from, or replay a recording with"
                        + " --since TIME",
                "--at 1h --heap | --heap: recordings do not contain it; leave it out"
            })
    void timesWithoutSamplesAreRefused(String command, String problem) {
        List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
        words.addAll(List.of("--from", madeUp.toString()));
        Command.Result psm = psm(words.toArray(new String[0]));
        assertEquals(2, psm.exitCode());
        assertEquals("", psm.out());
        String line = psm.err().replace(madeUp.toString(), "DIR");
        assertTrue(line.startsWith("psm: " + problem), line);
        assertEquals(line.length() - 1, line.indexOf('\n'));
    }

    @Test
    void timesAreOfRecordingsAlone() {
        String file = FILES.get(0).toString();
        assertEquals(
                "psm: --at 1h: "
                        + file
                        + " is no recording but of one moment; leave out the time\n",
                psm("--at", "1h", "--from", file).err());
        assertEquals(
                "psm: --from /nowhere: cannot be read: no such file or folder\n",
                psm("--at", "1h", "--from", "/nowhere").err());
        assumeTrue(!Files.exists(Path.of("/var/log/psm")), "there is a recording");
        assertEquals(
                "psm: --at 1h: there is no recording in /var/log/psm; 'psm record' writes one, and"
                        + " --from DIR names another\n",
                psm("--at", "1h").err());
    }

    @Test
    @Tag("user")
    void readersOfARecordingAreNamed() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can be another user");
        Path closed = Files.createDirectory(folder.resolve("closed"));
        Files.setAttribute(closed, "unix:gid", 1);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwxr-x---"));
        Command.Result psm =
                Command.psmAsNobody(
                                Files.createDirectory(folder.resolve("one")),
                                "--from",
                                closed.toString())
                        .run();
        assertEquals(
                "psm: --from "
                        + closed
                        + ": cannot be read: permission denied; members of group daemon may read"
                        + " it\n",
                psm.err());
    }

    @Test
    @Tag("user")
    void recordingsThatCannotBeReadAreNamed() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can be another user");
        Path fleet = Files.createDirectory(folder.resolve("some"));
        Path readable = Files.copy(FILES.get(0), fleet.resolve("web1.psm"));
        Files.setPosixFilePermissions(readable, PosixFilePermissions.fromString("rw-r--r--"));
        Files.createDirectory(fleet.resolve("web2"));
        Files.setPosixFilePermissions(
                fleet.resolve("web2"), PosixFilePermissions.fromString("rwxr-x---"));
        Command.Result psm =
                Command.psmAsNobody(
                                Files.createDirectory(folder.resolve("other")),
                                "--from",
                                fleet.toString(),
                                "-t")
                        .run();
        assertEquals(0, psm.exitCode(), psm.err());
        assertTrue(psm.err().startsWith("psm: --from: 1 folder cannot be read: web2\n"), psm.err());
    }

    /** In Berlin, there were two times 2:30 in the night of the 27th of October 2024. */
    @Test
    void theLastOfTwoEqualTimesIsShown() throws Exception {
        Path night = folder.resolve("night");
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir night", night), 0)) {
            for (int i = 0; i < 3; i++) {
                Instant time = Instant.parse("2024-10-27T00:30:00Z").plusSeconds(3600L * i);
                writer.append(
                        MadeUpRecording.sample(
                                MadeUpRecording.BOOT, time, 3_600_000L * i, (1 + i) * MB));
            }
        }
        Command psm = Command.psm("--from", night.toString(), "--at", "2024-10-27 02:30", "-t");
        Command.Result result = psm.with("TZ", "Europe/Berlin").run();
        assertTrue(result.out().contains(" 2.0 "), result.out());
        assertEquals(
                "psm: --at 2024-10-27 02:30: there were two such times, as the clock was set back;"
                        + " this is 2024-10-27T02:30+01:00, the other one 2024-10-27T02:30+02:00\n",
                result.err());
    }

    // Several machines

    @Test
    void recordingsOfAFolderAreMachines() throws Exception {
        madeUp("fleet/web2");
        String time = at(10).toString();
        JsonNode report =
                new ObjectMapper().readTree(report(madeUp.getParent(), "-o", "json", "--at", time));
        JsonNode machines = report.get("hosts");
        assertEquals(2, machines.size(), report.toString());
        assertEquals(time, machines.get(0).get("taken_at").asText());
        assertEquals(2 * 12 * MB, report.get("totals").get("pss_bytes").asLong());
        Command.Result replay =
                psm("-w", "0", "--since", "1h", "--from", madeUp.getParent().toString());
        assertEquals(
                "psm: --since 1h: is about one recording, and there are 2; name one of them\n",
                replay.err());
    }

    @Test
    void aMachineWithoutASampleOfThatTimeIsMissing() throws Exception {
        Command.Result psm =
                psm("--from", madeUp.toString(), "--from", real.toString(), "--at", "90m", "-t");
        assertEquals(0, psm.exitCode(), psm.err());
        assertTrue(
                psm.err().contains("psm: " + real + ": --at 90m: is before the first sample; "),
                psm.err());
    }

    // Replay

    @Test
    void samplesAreReplayedWithTheirChanges() throws Exception {
        String since = at(18).toString();
        Command.Result psm =
                psm("--from", madeUp.toString(), "-w", "0", "-o", "json", "--since", since);
        List<String> changes = new ArrayList<>();
        for (String line : psm.out().split("\n", -1)) {
            if (!line.isEmpty()) {
                JsonNode report = new ObjectMapper().readTree(line);
                changes.add(report.get("totals").get("change_bytes").asText());
            }
        }
        String mb = Long.toString(MB);
        List<String> expected = new ArrayList<>(List.of("null", mb, Long.toString(31 * MB)));
        for (int minute = 51; minute < 100; minute++) {
            expected.add(minute == 80 ? "null" : mb);
        }
        assertEquals(expected, changes);
        String[] remarks = psm.err().split("\n", -1);
        assertEquals(3, remarks.length, psm.err());
        assertTrue(remarks[0].startsWith("psm: gap between "), psm.err());
        assertTrue(remarks[1].startsWith("psm: the machine was rebooted between "), psm.err());
    }

    @Test
    void aReplayEndsWithTheCountOrTheTime() {
        String since = at(0).toString();
        assertEquals(List.of("1", "2", "3"), rams("-w", "0.1", "--count", "3", "--since", since));
        assertEquals(
                List.of("6", "7"),
                rams("-w", "0", "--since", at(5).toString(), "--until", at(6).toString()));
        assertEquals(70, rams("-w", "0", "--until", "now").size());
    }

    /** Returns the RAM of the largest process of each report of a replay, in MB. */
    private static List<String> rams(String... args) {
        List<String> words = new ArrayList<>(List.of(args));
        words.addAll(List.of("-o", "csv", "-n", "1", "-c", "pss", "-f", "p100", "--no-header"));
        List<String> rams = new ArrayList<>();
        for (String line : report(madeUp, words.toArray(new String[0])).split("\n", -1)) {
            String[] fields = line.split(",", -1);
            if (fields.length > 3) {
                rams.add(Long.toString(Long.parseLong(fields[3]) / MB));
            }
        }
        return rams;
    }

    @Test
    void qEndsAReplayOnATerminal() throws Exception {
        String psm =
                Window.quoted(
                        Command.psm("--from", madeUp.toString(), "-w", "600", "--since", "3h")
                                .words());
        try (Window window = new Window(80, 24, Map.of(), psm)) {
            window.await("p100", 1);
            window.type("q");
            assertEquals(0, window.exitCode());
        }
    }
}
