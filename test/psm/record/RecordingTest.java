package psm.record;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.support.Command;
import psm.text.Failure;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Writes recordings and reads them back. */
class RecordingTest {
    private static final String DIR = "--dir DIR";
    private static final String FROM = "--from DIR";

    @TempDir Path folder;

    private RecordingWriter writer() throws Failure {
        return RecordingWriter.open(RecordingFolder.of(DIR, folder), 0);
    }

    private void write(Snapshot... samples) throws Exception {
        try (RecordingWriter writer = writer()) {
            for (Snapshot sample : samples) {
                writer.append(sample);
            }
        }
    }

    private Recording recording() throws Failure {
        return Recording.open(FROM, folder);
    }

    private List<Sample> samples() throws Failure {
        List<Sample> samples = new ArrayList<>();
        recording().forEach(null, null, samples::add);
        return samples;
    }

    private static long ram(Sample sample) {
        return sample.snapshot().processes().get(0).usage().ram();
    }

    private static Instant at(long second) {
        return MadeUpRecording.START.plusSeconds(second);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void samplesAreReadBack() throws Exception {
        write(MadeUpRecording.sample(0, 4096, 1), MadeUpRecording.sample(60, 8192));
        List<Sample> samples = samples();
        assertEquals(2, samples.size());
        assertEquals(4096, ram(samples.get(0)));
        assertEquals(Mark.STARTED, samples.get(0).mark());
        assertEquals(8192, ram(samples.get(1)));
        assertNull(samples.get(1).mark());
        assertEquals(at(60), samples.get(1).snapshot().run().takenAt());
        assertEquals(3_660_000, samples.get(1).snapshot().host().uptimeMillis());
    }

    @Test
    void lastSampleBeforeATimeIsFound() throws Exception {
        write(MadeUpRecording.sample(0, 1), MadeUpRecording.sample(60, 2));
        assertNull(recording().at(at(-1)));
        assertEquals(1, ram(recording().at(at(0))));
        assertEquals(1, ram(recording().at(at(59))));
        assertEquals(2, ram(recording().at(at(60))));
        assertEquals(2, ram(recording().last()));
    }

    @Test
    void writerGoesOnInLastSegment() throws Exception {
        write(MadeUpRecording.sample(0, 1));
        write(MadeUpRecording.sample(60, 2));
        assertEquals(List.of(".lock", "000001.psmrec"), names());
        assertEquals(2, samples().size());
    }

    @Test
    void rebootStartsASegment() throws Exception {
        String boot = "11111111-8d0e-4f60-9c0f-0d6a6f0e2b11";
        write(MadeUpRecording.sample(0, 1), MadeUpRecording.sample(boot, at(60), 1000, 2));
        assertEquals(List.of(".lock", "000001.psmrec", "000002.psmrec"), names());
        assertEquals(Mark.REBOOTED, samples().get(1).mark());
    }

    @Test
    void segmentsThatWereDeletedMeanwhileAreMissing() throws Exception {
        write(MadeUpRecording.sample(0, 1), MadeUpRecording.sample(86_400, 2));
        Recording recording = recording();
        Files.delete(folder.resolve("000001.psmrec"));
        assertNull(recording.at(at(0)));
        assertEquals(2, ram(recording.at(at(86_400))));
        List<Sample> left = new ArrayList<>();
        recording.forEach(null, null, left::add);
        assertEquals(1, left.size());
        assertEquals(at(86_400), recording.coverage().first());
    }

    @Test
    void secondWriterIsRefused() throws Exception {
        RecordingWriter first = writer();
        Failure failure = assertThrows(Failure.class, this::writer);
        long pid = ProcessHandle.current().pid();
        assertEquals(
                "--dir DIR: psm record with pid " + pid + " records there", failure.getMessage());
        first.close();
        writer().close();
    }

    @Test
    void onlyOwnerAndGroupMayRead() throws Exception {
        Path made = folder.resolve("made");
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of(DIR, made), 0)) {
            writer.append(MadeUpRecording.sample(0, 1));
        }
        assertEquals("rwxr-x---", permissions(made));
        assertEquals("rw-r-----", permissions(made.resolve("000001.psmrec")));
        assertEquals("rw-------", permissions(made.resolve(".lock")));
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void folderOfSomethingElseIsNone() throws Exception {
        Files.writeString(folder.resolve("x"), "x");
        assertFalse(Recording.isRecording(folder));
        assertEquals(
                "--from DIR: contains no recording; 'psm record' writes one",
                assertThrows(Failure.class, this::recording).getMessage());
        Files.delete(folder.resolve("x")); // a recorder refuses the folder with it
        write(MadeUpRecording.sample(0, 1));
        Files.writeString(folder.resolve("x"), "x");
        assertTrue(Recording.isRecording(folder));
        assertTrue(Recording.isRecording(folder.resolve("000001.psmrec")));
        assertEquals(List.of("x"), recording().others());
    }

    private static Snapshot at(String boot, long second, long uptimeSecond, long ram) {
        return MadeUpRecording.sample(boot, at(second), 1000 * uptimeSecond, ram);
    }

    private List<Mark> marks() throws Failure {
        List<Mark> marks = new ArrayList<>();
        recording().forEach(null, null, sample -> marks.add(sample.mark()));
        return marks;
    }

    @Test
    void clockStepsAreMarked() throws Exception {
        String boot = MadeUpRecording.BOOT;
        write(
                at(boot, 0, 100, 1),
                at(boot, 3660, 160, 2), // an hour forward
                at(boot, 3721, 220, 3), // it drifts
                at(boot, 30, 280, 4), // back
                at(boot, 90, 340, 5));
        assertEquals(
                Arrays.asList(Mark.STARTED, Mark.CLOCK_STEPPED, null, Mark.CLOCK_STEPPED, null),
                marks());
        assertEquals(List.of(".lock", "000001.psmrec", "000002.psmrec"), names());
        assertEquals(4, ram(recording().at(at(31))), "the later one of two");
        assertEquals(5, ram(recording().at(at(3700))));
        assertEquals(5, ram(recording().last()));
    }

    @Test
    void gapsAreMarked() throws Exception {
        try (RecordingWriter writer = writer()) {
            writer.interval(60_000);
            writer.append(MadeUpRecording.sample(0, 1));
            writer.append(MadeUpRecording.sample(149, 2));
            writer.append(MadeUpRecording.sample(300, 3));
            writer.interval(5_000);
            writer.append(MadeUpRecording.sample(360, 3));
            writer.append(MadeUpRecording.sample(365, 3));
            writer.append(MadeUpRecording.sample(370, 3));
            writer.append(MadeUpRecording.sample(390, 3));
        }
        assertEquals(
                Arrays.asList(Mark.STARTED, null, Mark.GAP, null, null, null, Mark.GAP), marks());
    }

    /** A job may take a sample every five minutes, each in a run of its own. */
    @Test
    void gapsOfSingleSamplesAreMarked() throws Exception {
        for (long second : new long[] {0, 300, 600, 900, 9000, 9300, 9600}) {
            try (RecordingWriter writer = writer()) {
                writer.interval(60_000);
                writer.append(MadeUpRecording.sample(second, 1));
            }
        }
        assertEquals(
                Arrays.asList(Mark.STARTED, Mark.GAP, Mark.GAP, null, Mark.GAP, null, null),
                marks());
    }

    @Test
    void uptimeThatFallsStartsASegment() throws Exception {
        write(at(MadeUpRecording.BOOT, 0, 900, 1), at(MadeUpRecording.BOOT, 60, 10, 2));
        assertEquals(2, names().size() - 1);
        assertEquals(Mark.CLOCK_STEPPED, samples().get(1).mark());
    }

    @Test
    void dayStartsASegment() throws Exception {
        write(MadeUpRecording.sample(57_599, 1), MadeUpRecording.sample(57_600, 2));
        assertEquals(2, names().size() - 1);
        assertNull(samples().get(1).mark());
        assertEquals(1, ram(recording().at(at(57_599))));
        assertEquals(1, window(57_600L, null).size());
    }

    @Test
    void onlyMissingSamplesAreGaps() throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int i = 0; i < RecordingFormat.MARKS.size(); i++) {
                writer.append(MadeUpRecording.sample(120L * i, 1));
                writer.append(MadeUpRecording.sample(120 * i + 60, 1));
                writer.mark(RecordingFormat.MARKS.get(i));
            }
            writer.append(MadeUpRecording.sample(86_399, 1));
        }
        assertEquals(4, recording().coverage().gaps(), marks().toString());
    }

    /** What was numbered for a sample that was not written must not be needed by the next. */
    @Test
    void samplesAfterAnErrorAreRead() throws Exception {
        Snapshot two = MadeUpRecording.sample(60, 1, 2);
        List<Unmeasured> failing =
                new AbstractList<>() {
                    @Override
                    public Unmeasured get(int i) {
                        throw new IndexOutOfBoundsException(i);
                    }

                    @Override
                    public int size() {
                        throw new OutOfMemoryError("made up");
                    }
                };
        Snapshot bad =
                new Snapshot(
                        two.scope(),
                        two.run(),
                        two.host(),
                        two.processes(),
                        failing,
                        two.users(),
                        two.groups(),
                        two.cgroups(),
                        two.mappings());
        try (RecordingWriter writer = writer()) {
            writer.append(MadeUpRecording.sample(0, 1));
            assertThrows(OutOfMemoryError.class, () -> writer.append(bad));
            writer.append(MadeUpRecording.sample(120, 1, 2));
            writer.append(MadeUpRecording.sample(180, 1, 2));
        }
        assertEquals(Arrays.asList(Mark.STARTED, Mark.DROPPED, null), marks());
        assertEquals(0, recording().coverage().unreadable());
    }

    private List<Sample> window(Long since, Long until) throws Failure {
        List<Sample> samples = new ArrayList<>();
        recording()
                .forEach(
                        since == null ? null : at(since),
                        until == null ? null : at(until),
                        samples::add);
        return samples;
    }

    @Test
    void windowsAreRead() throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int i = 0; i < 3000; i++) {
                if (i == 2000) {
                    writer.mark(Mark.DROPPED);
                }
                writer.append(MadeUpRecording.sample(60L * i, i));
            }
        }
        assertEquals(3000, window(null, null).size());
        assertEquals(1000, window(120_000L, null).size());
        assertEquals(Mark.DROPPED, window(120_000L, null).get(0).mark());
        assertNull(window(120_060L, null).get(0).mark());
        assertEquals(2000, ram(window(120_000L, 120_119L).get(0)));
        assertEquals(2, window(120_000L, 120_119L).size());
        assertEquals(2, window(null, 60L).size());
        assertEquals(0, window(180_000L, null).size());
        for (int i : new int[] {0, 1, 59, 60, 61, 239, 240, 241, 959, 960, 2999}) {
            assertEquals(i, ram(recording().at(at(60 * i + 59))));
        }
        Coverage coverage = recording().coverage();
        assertEquals(3000, coverage.samples());
        assertEquals(1, coverage.gaps());
        assertEquals(
                "samples from 2026-11-23 08:00 to 2026-11-25 09:59, 1 gap",
                coverage.text(at(7 * 86_400), ZoneOffset.UTC));
    }

    @Test
    void oldSegmentsAreDeleted() throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int hour = 0; hour < 24 * 6; hour++) {
                writer.prune(Duration.ofDays(2), 1 << 20);
                writer.append(MadeUpRecording.sample(3600L * hour, hour));
            }
        }
        long first = ram(samples().get(0));
        assertTrue(first >= 24 * 6 - 2 * 24 - 24 && first <= 24 * 6 - 2 * 24, first + "");
    }

    /** A clock that is wrong for one sample must not delete what was recorded. */
    @Test
    void clockInAnotherYearDeletesNothing() throws Exception {
        long year = 365 * 86_400;
        try (RecordingWriter writer = writer()) {
            writer.append(at(MadeUpRecording.BOOT, 0, 100, 1));
            writer.append(at(MadeUpRecording.BOOT, year, 160, 2));
            writer.prune(Duration.ofDays(30), 1 << 20);
            writer.append(at(MadeUpRecording.BOOT, 120, 220, 3));
            writer.prune(Duration.ofDays(30), 1 << 20);
        }
        assertEquals(3, samples().size());
    }

    /** Writes a segment a day. */
    private void writeDays(String boot, int first, int count) throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int day = first; day < first + count; day++) {
                writer.prune(Duration.ofDays(2), 1 << 20);
                writer.append(at(boot, 86_400L * day, 86_400L * day, day));
            }
        }
    }

    @Test
    void segmentsBehindUnreadableOnesAreDeleted() throws Exception {
        writeDays(MadeUpRecording.BOOT, 0, 3);
        Files.write(folder.resolve("000002.psmrec"), new byte[1000]);
        writeDays(MadeUpRecording.BOOT, 3, 7);
        assertEquals(5, ram(samples().get(0)));
        assertFalse(Files.exists(folder.resolve("000002.psmrec")));
    }

    /** What was recorded while the clock was ahead is as old as what was recorded after it. */
    @Test
    void segmentsOfTheFutureAreDeleted() throws Exception {
        writeDays("11111111-8d0e-4f60-9c0f-0d6a6f0e2b11", 5000, 3);
        writeDays(MadeUpRecording.BOOT, 0, 10);
        assertEquals(5, ram(samples().get(0)));
    }

    /** A machine that starts with a wrong clock may get the right one from the network later. */
    @Test
    void clockThatIsAheadAfterABootDeletesNothing() throws Exception {
        String boot = "11111111-8d0e-4f60-9c0f-0d6a6f0e2b11";
        writeDays(MadeUpRecording.BOOT, 0, 2);
        try (RecordingWriter writer = writer()) {
            for (int second = 0; second < 86_400; second += 3600) {
                writer.append(at(boot, 86_400L * 5000 + second, second, 2));
                writer.prune(Duration.ofDays(2), 1 << 20);
            }
            assertEquals(0, ram(samples().get(0)));
            writer.append(at(boot, 86_400L * 5001, 86_400, 3));
            writer.prune(Duration.ofDays(2), 1 << 20);
        }
        assertEquals(1, ram(samples().get(0)), "after a day, it is the clock that counts");
    }

    @Test
    void shortTimesAreKeptInShortSegments() throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int i = 0; i < 360; i++) {
                writer.prune(Duration.ofHours(2), 1 << 30);
                writer.append(MadeUpRecording.sample(60L * i, i));
            }
        }
        int count = samples().size();
        assertTrue(count >= 120 && count <= 140, count + "");
    }

    @Test
    void sizeIsLimited() throws Exception {
        try (RecordingWriter writer = writer()) {
            for (int i = 0; i < 1500; i++) {
                writer.prune(Duration.ofDays(99), 300_000);
                writer.append(MadeUpRecording.sample(5000L * i, i, i % 7, i % 11));
            }
        }
        long bytes = 0;
        for (String name : names()) {
            bytes += Files.size(folder.resolve(name));
        }
        assertTrue(bytes > 200_000 && bytes < 310_000, bytes + "");
        assertEquals(1499, ram(recording().last()));
    }

    @Test
    void segmentThatWasDeletedIsReplaced() throws Exception {
        try (RecordingWriter writer = writer()) {
            writer.append(MadeUpRecording.sample(0, 1));
            Files.delete(folder.resolve("000001.psmrec"));
            writer.append(MadeUpRecording.sample(60, 2));
            writer.append(MadeUpRecording.sample(120, 3));
        }
        assertEquals(2, samples().size());
    }

    @Test
    void emptySegmentIsWritten() throws Exception {
        Files.createFile(folder.resolve("000007.psmrec"));
        write(MadeUpRecording.sample(0, 1));
        assertEquals(List.of(".lock", "000007.psmrec"), names());
        assertEquals(1, samples().size());
    }

    /** A link is another name of a file that may be kept elsewhere, such as in a copy. */
    @Test
    void segmentWithAnotherNameIsNotWritten() throws Exception {
        write(MadeUpRecording.sample(0, 1));
        Path copy = folder.resolve("copy");
        Files.createLink(copy, folder.resolve("000001.psmrec"));
        byte[] before = Files.readAllBytes(copy);
        write(MadeUpRecording.sample(60, 2));
        assertArrayEquals(before, Files.readAllBytes(copy));
        assertEquals(2, samples().size());
    }

    @Test
    void noSegmentIsWrittenThatIsNotRead() throws Exception {
        Files.createFile(folder.resolve("999999999999999.psmrec"));
        Files.createFile(folder.resolve("999999999999998.psmrec"));
        assertEquals(
                "--dir DIR: cannot be written: no number is left for the next segment; move"
                        + " 999999999999999.psmrec elsewhere",
                assertThrows(Failure.class, this::writer).getMessage());
        assertEquals(List.of(".lock", "999999999999998.psmrec", "999999999999999.psmrec"), names());
    }

    @Test
    void lockThatIsNoFileOfTheRecorderIsRefused(@TempDir Path elsewhere) throws Exception {
        Path lock = folder.resolve(".lock");
        Path other = Files.writeString(elsewhere.resolve("other"), "precious");
        Files.createLink(lock, other);
        refusesLock("has several names");
        Files.delete(lock);
        Files.createSymbolicLink(lock, other);
        refusesLock("is not a regular file");
        Files.delete(lock);
        Command.of("mkfifo", lock.toString()).run();
        refusesLock("is not a regular file");
        assertEquals("precious", Files.readString(other));
    }

    private void refusesLock(String problem) {
        assertEquals(
                "--dir DIR: cannot be written: .lock in it " + problem + "; delete it",
                assertThrows(Failure.class, this::writer).getMessage());
    }

    @Test
    @Tag("user")
    void lockOfAnotherUserIsRefused() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can give a file away");
        Path lock = Files.createFile(folder.resolve(".lock"));
        Files.setAttribute(lock, "unix:uid", 65534);
        refusesLock("belongs to user 65534");
    }

    @Test
    void recordingOfANewerPsmIsNamed() throws Exception {
        Files.writeString(folder.resolve("000001.psmrec"), "psm recording 2 by psm 7.0\nxyz");
        assertEquals(
                "--from DIR: was written by psm 7.0 in version 2 of its format, and this psm "
                        + Version.CURRENT
                        + " knows version 1; read it with that psm",
                assertThrows(Failure.class, () -> recording().last()).getMessage());
        write(MadeUpRecording.sample(0, 1));
        assertEquals(List.of(".lock", "000001.psmrec", "000002.psmrec"), names());
        Recording recording = recording();
        recording.forEach(null, null, sample -> assertEquals(1, ram(sample)));
        assertTrue(
                recording.remark().startsWith("--from DIR: a part of it was written by psm 7.0"));
        assertEquals(1, ram(recording.last()));
        assertTrue(recording.remark() != null);
    }

    @Test
    void segmentOfAnotherVersionIsNotContinued() throws Exception {
        write(MadeUpRecording.sample(0, 1));
        Path first = folder.resolve("000001.psmrec");
        byte[] bytes = Files.readAllBytes(first);
        bytes["psm recording 1 by psm ".length()] = '9';
        Files.write(first, bytes);
        write(MadeUpRecording.sample(60, 2));
        assertEquals(List.of(".lock", "000001.psmrec", "000002.psmrec"), names());
        assertEquals(2, samples().size());
    }

    @Test
    @Tag("user")
    void filesAreOfTheFoldersGroup() throws Exception {
        assumeTrue(new OwnProcess().isRoot(), "only root can give a file away");
        Files.setAttribute(folder, "unix:gid", 1);
        write(MadeUpRecording.sample(0, 1));
        assertEquals(1, Files.getAttribute(folder.resolve("000001.psmrec"), "unix:gid"));
    }

    private static final List<Snapshot> FIRST =
            List.of(
                    MadeUpRecording.sample(0, 4096, 8192, 4096),
                    MadeUpRecording.sample(60, 8192, 8192, 4096),
                    MadeUpRecording.sample(120, 12288, 8192),
                    at("11111111-8d0e-4f60-9c0f-0d6a6f0e2b11", 300, 60, 4096));

    /** The recording of the first version stays readable; nothing else may write it again. */
    @Test
    void recordingOfFirstVersionIsRead() throws Exception {
        Path first = Command.root().resolve("test/fixtures/recording-0.1.0");
        if (System.getenv("PSM_TEST_REWRITE") != null && !Files.exists(first)) {
            try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of(DIR, first), 0)) {
                for (Snapshot sample : FIRST) {
                    writer.append(sample);
                }
                writer.mark(Mark.STOPPED);
            }
            Files.delete(first.resolve(".lock"));
        }
        List<Sample> read = new ArrayList<>();
        Recording.open(FROM, first).forEach(null, null, read::add);
        assertEquals(FIRST.size(), read.size());
        for (int i = 0; i < read.size(); i++) {
            Snapshot sample = read.get(i).snapshot();
            assertEquals(FIRST.get(i).run().takenAt(), sample.run().takenAt());
            assertEquals(FIRST.get(i).host(), sample.host());
            assertEquals(FIRST.get(i).processes().size(), sample.processes().size());
            assertEquals(ram(new Sample(FIRST.get(i), null)), ram(read.get(i)));
        }
        assertEquals(Mark.REBOOTED, read.get(3).mark());
        assertEquals(8192, ram(Recording.open(FROM, first).at(at(119))));
    }
}
