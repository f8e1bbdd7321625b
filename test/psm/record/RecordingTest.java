package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.scan.Snapshot;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Writes recordings and reads them back. */
class RecordingTest {
    private static final String DIR = "--dir DIR";
    private static final String FROM = "--from DIR";

    @TempDir Path folder;

    private RecordingWriter writer() throws Failure {
        return RecordingWriter.open(DIR, folder, 0);
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
        try (RecordingWriter writer = RecordingWriter.open(DIR, made, 0)) {
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
        write(MadeUpRecording.sample(0, 1));
        assertTrue(Recording.isRecording(folder));
        assertTrue(Recording.isRecording(folder.resolve("000001.psmrec")));
        assertEquals(List.of("x"), recording().others());
    }
}
