package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.text.Failure;
import psm.text.Moment;
import psm.text.Times;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Looks for times in a recording of 8:00 to 9:00, a sample a minute, without those between 8:20 and
 * 8:40.
 */
class LookupTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin"); // where it is 9:00 to 10:00
    private static final Instant NOW = at(5 * 3600);
    private static final long INTERVAL_MILLIS = 60_000;

    @TempDir Path folder;

    private static Instant at(long second) {
        return MadeUpRecording.START.plusSeconds(second);
    }

    private static Moment moment(String text) {
        return text == null
                ? null
                : new Moment(
                        "--at " + text,
                        Times.moment(text, NOW, BERLIN),
                        Times.twin(text, NOW, BERLIN));
    }

    private Lookup lookup() throws Exception {
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir DIR", folder), 0)) {
            writer.interval(INTERVAL_MILLIS);
            for (int minute = 0; minute <= 60; minute++) {
                if (minute <= 20 || minute >= 40) {
                    writer.append(MadeUpRecording.sample(60L * minute, 1 + minute));
                }
            }
        }
        return open();
    }

    private Lookup open() throws Failure {
        return new Lookup(Recording.open("--from DIR", folder), "--from", "DIR", NOW, BERLIN);
    }

    private static long minute(Sample sample) {
        return sample.snapshot().processes().get(0).usage().ram() - 1;
    }

    @ParameterizedTest
    @CsvSource({
        "9:00, 0",
        "9:00:59, 0",
        "9:01, 1",
        "09:20, 20",
        "09:22:29, 20",
        "09:40, 40",
        "10:00, 60",
        "10:02:30, 60",
        "2026-11-23 09:07, 7",
        "2026-11-23T08:07Z, 7",
        "4h54m, 6"
    })
    void lastSampleUpToAMomentIsFound(String text, int minute) throws Exception {
        Lookup lookup = lookup();
        assertEquals(minute, minute(lookup.at(moment(text))));
        assertEquals(List.of(), lookup.remarks());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "09:22:31 | 20 | there is no sample between 09:20:00 and 09:40:00; this one is 2"
                        + " minutes older",
                "09:39 | 20 | there is no sample between 09:20:00 and 09:40:00; this one is 19"
                        + " minutes older",
                "12:30 | 60 | the recording ends at 10:00:00, 2 hours earlier"
            })
    void gapsAreRemarked(String text, int minute, String remark) throws Exception {
        Lookup lookup = lookup();
        assertEquals(minute, minute(lookup.at(moment(text))));
        assertEquals(List.of("--at " + text + ": " + remark), lookup.remarks());
    }

    @ParameterizedTest
    @CsvSource({
        "08:59:59, is before the first sample",
        "2026-11-22, is before the first sample",
        "2026-11-24, is in the future",
        "today 16:00, is in the future"
    })
    void momentsOutsideNameWhatIsThere(String text, String problem) throws Exception {
        Lookup lookup = lookup();
        Failure failure = assertThrows(Failure.class, () -> lookup.at(moment(text)));
        assertEquals(Failure.Exit.USAGE, failure.exit);
        assertEquals(
                "--at " + text + ": " + problem + "; DIR contains " + there(),
                failure.getMessage());
    }

    private String there() throws Failure {
        return Recording.open("--from DIR", folder).coverage().text(NOW, BERLIN);
    }

    @Test
    void recordingsWithoutSamplesAreRefused() throws Exception {
        Files.createFile(folder.resolve("000001.psmrec"));
        Lookup lookup = open();
        List<Executable> ways =
                List.of(
                        lookup::last,
                        () -> lookup.at(moment("9:00")),
                        () -> lookup.at(moment("2026-11-24")),
                        () -> replay(lookup, "9:00", null, 9));
        for (Executable way : ways) {
            Failure failure = assertThrows(Failure.class, way);
            assertEquals("--from DIR: contains no sample", failure.getMessage());
        }
    }

    /** The clock of another machine may be ahead. */
    @Test
    void samplesOfTheFutureAreFound() throws Exception {
        lookup();
        Lookup early =
                new Lookup(Recording.open("--from DIR", folder), "--from", "DIR", at(600), BERLIN);
        assertEquals(30 - 10, minute(early.at(new Moment("--at x", at(1800), null))));
        assertEquals(60, minute(early.last()));
    }

    @Test
    void damagedSamplesAreCounted() throws Exception {
        lookup();
        Path segment = folder.resolve("000001.psmrec");
        byte[] bytes = Files.readAllBytes(segment);
        bytes[bytes.length - 10] ^= 1; // in the last sample
        Files.write(segment, bytes);
        String damage = "1 sample cannot be read: bytes in the recording are damaged or missing";
        Lookup lookup = open();
        assertEquals(59, minute(lookup.last()));
        assertEquals(List.of(damage, "the last sample is 4 hours old"), lookup.remarks());
        lookup = open();
        assertEquals(List.of("59 []"), replay(lookup, "09:59", null, 9));
        assertEquals(List.of(damage), lookup.remarks());
    }

    @Test
    void theIntervalIsThatOfTheRecorder() throws Exception {
        try (RecordingWriter writer =
                RecordingWriter.open(RecordingFolder.of("--dir DIR", folder), 0)) {
            for (int second = 0; second <= 600; second += 5) {
                writer.append(MadeUpRecording.sample(second, 1 + second));
            }
        }
        Lookup lookup = open();
        assertEquals(600, minute(lookup.at(moment("2026-11-23 09:10:12"))));
        assertEquals(List.of(), lookup.remarks());
        lookup.at(moment("2026-11-23 09:10:13"));
        assertEquals(
                List.of(
                        "--at 2026-11-23 09:10:13: the recording ends at 09:10:00, 13 seconds"
                                + " earlier"),
                lookup.remarks());
    }

    @Test
    void theAgeOfTheLastSampleIsRemarked() throws Exception {
        Lookup lookup = lookup();
        assertEquals(60, minute(lookup.last()));
        assertEquals(List.of("the last sample is 4 hours old"), lookup.remarks());
    }

    @Test
    void ofTwoEqualTimesTheLastIsShown() throws Exception {
        lookup();
        Moment twice = new Moment("--at 09:10", at(600), at(300));
        Lookup lookup = open();
        assertEquals(10, minute(lookup.at(twice)));
        assertEquals(
                List.of(
                        "--at 09:10: there were two such times, as the clock was set back; this is"
                                + " 2026-11-23T09:10+01:00, the other one 2026-11-23T09:05+01:00"),
                lookup.remarks());
    }

    // Replay

    private static List<String> replay(Lookup lookup, String since, String until, int count)
            throws Failure {
        List<String> lines = new ArrayList<>();
        lookup.replay(
                moment(since),
                moment(until),
                sample -> {
                    lines.add(minute(sample) + " " + lookup.remarks());
                    return lines.size() < count;
                });
        return lines;
    }

    @Test
    void samplesAreReplayedInOrder() throws Exception {
        Lookup lookup = lookup();
        assertEquals(
                List.of(
                        "18 []",
                        "19 []",
                        "20 []",
                        "40 [gap between 09:20:00 and 09:40:00]",
                        "41 []"),
                replay(lookup, "09:18", "09:41:30", 9));
        assertEquals(List.of("40 []", "41 []"), replay(lookup, "09:21", null, 2));
        assertEquals(42, replay(lookup, null, null, 99).size());
        assertEquals(List.of("0 []", "1 []"), replay(lookup, null, "09:01", 9));
    }

    @ParameterizedTest
    @CsvSource({
        "10:01, , 10:01, is after the last sample",
        "2026-11-24, , 2026-11-24, is in the future",
        "9:30, 9:31, 9:31, is before the first sample since 09:30:00",
        " , 8:30, 8:30, is before the first sample",
        "8:00, 8:30, 8:30, is before the first sample since 08:00:00"
    })
    void replaysWithoutSamplesAreRefused(String since, String until, String named, String problem)
            throws Exception {
        Lookup lookup = lookup();
        Failure failure = assertThrows(Failure.class, () -> replay(lookup, since, until, 9));
        assertEquals(
                "--at " + named + ": " + problem + "; DIR contains " + there(),
                failure.getMessage());
    }
}
