package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.delta.SampleWriter;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotWriter;
import psm.support.Command;
import psm.text.Failure;
import psm.text.Moment;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Damages a segment at each place: what is readable is read exactly, nothing else is lost, and the
 * writer goes on.
 */
class DamageTest {
    /** Three of them are in an hour, so each fourth is a key frame. */
    private static final int SAMPLES = 10;

    private static final int SECONDS = 1200;

    @TempDir Path folder;

    private Path segment;
    private byte[] whole;

    /** The start of each sample's frame, and the end of the last. */
    private final List<Integer> starts = new ArrayList<>();

    private final List<Boolean> isKey = new ArrayList<>();

    private static Snapshot sample(int i) {
        return MadeUpRecording.sample((long) SECONDS * i, 4096L * (i + 1), 8192, 4096L * (i % 3));
    }

    @BeforeEach
    void write() throws Exception {
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
            for (int i = 0; i < SAMPLES; i++) {
                writer.append(sample(i));
            }
        }
        segment = folder.resolve("000001.psmrec");
        whole = Files.readAllBytes(segment);
        try (FrameReader frames = FrameReader.open(segment)) {
            Frame frame;
            while ((frame = frames.next()) != null) {
                starts.add((int) frames.start());
                isKey.add(frame.type() == RecordingFormat.KEY);
            }
            starts.add((int) frames.position());
        }
        assertEquals(List.of(true, false, false, true), isKey.subList(0, 4));
    }

    /** Reads all samples, and checks that each is as it was written; returns their numbers. */
    private List<Integer> read(int unreadable) throws Failure {
        List<Integer> read = new ArrayList<>();
        Recording recording = Recording.open("DIR", folder);
        recording.forEach(
                null,
                null,
                sample -> {
                    int i =
                            (int)
                                    ((sample.snapshot().run().takenAt().getEpochSecond()
                                                    - MadeUpRecording.START.getEpochSecond())
                                            / SECONDS);
                    assertEquals(text(sample(i)), text(sample.snapshot()));
                    read.add(i);
                });
        assertEquals(unreadable, recording.unreadable());
        assertEquals(unreadable, Recording.open("DIR", folder).coverage().unreadable());
        return read;
    }

    private static String text(Snapshot snapshot) {
        return Arrays.toString(SnapshotWriter.write(snapshot));
    }

    private static List<Integer> numbers(int from, int to) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = from; i < to; i++) {
            numbers.add(i);
        }
        return numbers;
    }

    /** Makes the segment one that is no longer written. */
    private void makeOld() throws IOException {
        Files.setLastModifiedTime(segment, FileTime.fromMillis(0));
    }

    @Test
    void cutAtEachByte() throws Exception {
        for (int length = 0; length < whole.length; length++) {
            Files.write(segment, Arrays.copyOf(whole, length));
            makeOld();
            int samples = 0;
            while (starts.get(samples + 1) <= length) {
                samples++;
            }
            boolean isTorn = length > starts.get(samples);
            assertEquals(numbers(0, samples), read(isTorn ? 1 : 0), "cut at " + length);
            try (RecordingWriter writer =
                    RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
                writer.append(sample(SAMPLES));
            }
            List<Integer> expected = numbers(0, samples);
            expected.add(SAMPLES);
            boolean isCutOff = samples > 0 || length <= starts.get(0);
            assertEquals(expected, read(isCutOff ? 0 : 1), "after a cut at " + length);
            Files.deleteIfExists(folder.resolve("000002.psmrec"));
        }
    }

    @Test
    void flippedAtEachByte() throws Exception {
        for (int at = 0; at < whole.length; at++) {
            byte[] flipped = whole.clone();
            flipped[at] ^= (byte) (1 << at % 8);
            Files.write(segment, flipped);
            makeOld();
            List<Integer> expected = numbers(0, SAMPLES);
            int lost = 0;
            for (int i = 0; i < SAMPLES; i++) {
                if (starts.get(i) <= at && at < starts.get(i + 1)) {
                    do {
                        expected.remove((Integer) (i + lost++));
                    } while (i + lost < SAMPLES && !isKey.get(i + lost));
                }
            }
            assertEquals(expected, read(lost), "flipped at " + at);
        }
    }

    /** A recorder that is started then goes on, and a key frame ends the loss. */
    @Test
    void writerGoesOnAfterAnyFlip() throws Exception {
        for (int at = 0; at < whole.length; at += 7) {
            byte[] flipped = whole.clone();
            flipped[at] ^= 0x10;
            Files.write(segment, flipped);
            int before = Recording.open("DIR", folder).coverage().unreadable() > 0 ? 1 : 0;
            try (RecordingWriter writer =
                    RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
                writer.append(sample(SAMPLES));
            }
            Recording recording = Recording.open("DIR", folder);
            assertEquals(text(sample(SAMPLES)), text(recording.last().snapshot()), at + "");
            assertTrue(recording.coverage().samples() >= SAMPLES - 3 + 1 - before, at + "");
            Files.deleteIfExists(folder.resolve("000002.psmrec"));
        }
    }

    @Test
    void sampleBeforeDamageIsFoundByTime() throws Exception {
        byte[] flipped = whole.clone();
        flipped[starts.get(4) + 60] ^= 1;
        Files.write(segment, flipped);
        Recording recording = Recording.open("DIR", folder);
        Sample sample = recording.at(MadeUpRecording.START.plusSeconds(5 * SECONDS));
        assertEquals(text(sample(3)), text(sample.snapshot()));
        assertEquals(2, recording.unreadable());
        List<Mark> marks = new ArrayList<>();
        recording.forEach(null, null, next -> marks.add(next.mark()));
        assertEquals(Mark.UNREADABLE, marks.get(4));
    }

    @Test
    void zerosAfterAPowerFailureAreCutOff() throws Exception {
        Files.write(segment, Arrays.copyOf(whole, whole.length + 5000));
        assertEquals(numbers(0, SAMPLES), read(1));
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
            writer.append(sample(SAMPLES));
        }
        assertEquals(numbers(0, SAMPLES + 1), read(0));
    }

    private static byte[] deflated(byte[] content) throws IOException {
        return deflated(content, 1);
    }

    private static byte[] deflated(byte[] content, int times) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (DeflaterOutputStream deflater = new DeflaterOutputStream(out, new Deflater(9, true))) {
            for (int i = 0; i < times; i++) {
                deflater.write(content);
            }
        }
        return out.toByteArray();
    }

    /** Returns a frame with the right checksum, at the time of a sample. */
    private static byte[] frame(char type, int number, byte[] content, int length) {
        Frame like = Frame.of(sample(number)).as((byte) type, number);
        byte[] bytes = like.bytes(content, content.length);
        ByteBuffer.wrap(bytes).putInt(RecordingFormat.MAGIC.length + 1, length);
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).putInt(bytes.length - 4, (int) sum.getValue());
        return bytes;
    }

    private void append(byte[]... frames) throws IOException {
        try (OutputStream out = Files.newOutputStream(segment)) {
            out.write(whole);
            for (byte[] frame : frames) {
                out.write(frame);
            }
        }
    }

    private void assertOneUnreadable(byte[] content) throws Exception {
        append(frame('D', SAMPLES, content, content.length));
        List<Integer> read = new ArrayList<>();
        Recording recording = Recording.open("DIR", folder);
        recording.forEach(null, null, sample -> read.add(read.size()));
        assertEquals(numbers(0, SAMPLES), read);
        assertEquals(1, recording.unreadable());
        assertEquals(text(sample(SAMPLES - 1)), text(recording.last().snapshot()));
    }

    @Test
    void forgedDifferencesAreUnreadable() throws Exception {
        assertOneUnreadable(new byte[] {1, 2, 3});
        assertOneUnreadable(deflated(new byte[] {}));
        assertOneUnreadable(deflated(new byte[] {1, 99})); // like a text that is missing
        assertOneUnreadable(deflated(new byte[] {0, 1, 4, 1, 0, 0, 99})); // a million rows
        assertOneUnreadable(deflated(new byte[] {0, 0, 1, 1})); // moves of no rows
        assertOneUnreadable(deflated(new byte[] {0, 1, 3, 0, 99, 0})); // a name that is missing
        assertOneUnreadable(deflated(new byte[] {0, 0, 4, 1, 0, 1, 0})); // a scan less
        assertOneUnreadable(deflated(new byte[] {0, 0, 4, 1, 1, 0, 1})); // two scans
        assertOneUnreadable(deflated(new byte[] {(byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 1}));
    }

    @Test
    void bombsAndLengthsAreUnreadable() throws Exception {
        byte[] bomb = deflated(new byte[1 << 20], 40);
        append(
                frame('K', SAMPLES, bomb, bomb.length),
                frame('D', SAMPLES + 1, bomb, bomb.length),
                frame('K', SAMPLES + 2, new byte[9], Integer.MAX_VALUE),
                frame('K', SAMPLES + 3, new byte[9], -1),
                frame('Z', SAMPLES + 4, new byte[9], 9));
        List<Integer> read = new ArrayList<>();
        Recording recording = Recording.open("DIR", folder);
        recording.forEach(null, null, sample -> read.add(read.size()));
        assertEquals(numbers(0, SAMPLES), read);
        assertTrue(recording.unreadable() >= 2, recording.unreadable() + "");
        assertEquals(text(sample(SAMPLES - 1)), text(recording.last().snapshot()));
    }

    @Test
    void manyMarksAreRead() throws Exception {
        byte[] mark = frame('M', SAMPLES, new byte[] {7}, 1);
        byte[] marks = new byte[300_000 * mark.length];
        for (int i = 0; i < marks.length; i += mark.length) {
            System.arraycopy(mark, 0, marks, i, mark.length);
        }
        append(marks);
        assertEquals(numbers(0, SAMPLES), read(0));
    }

    /** Each start of a frame would have all of the file checked. */
    @Test
    void manyStartsOfFramesEnd() throws Exception {
        byte[] starts = new byte[15 << 20];
        for (int i = 0; i + 9 < starts.length; i += 9) {
            System.arraycopy(RecordingFormat.MAGIC, 0, starts, i, 4);
            starts[i + 4] = 'K';
            ByteBuffer.wrap(starts).putInt(i + 5, 7 << 20);
        }
        append(starts);
        assertEquals(numbers(0, SAMPLES), read(1));
    }

    /** The times of frames find samples, and those of the samples themselves may differ. */
    @Test
    void framesWithOtherTimesThanTheirSamplesAreOneLine() throws Exception {
        SampleWriter content = new SampleWriter();
        content.write(sample(0));
        Frame frame = Frame.of(sample(0));
        Frame early = new Frame(frame.type(), 0, 0, frame.uptimeMillis(), frame.boot());
        Files.write(segment, early.bytes(content.content(), content.contentLength()));
        Lookup lookup = new Lookup("--from", "DIR", folder);
        Moment since = new Moment("--since 2000", Instant.EPOCH.plusSeconds(1), null);
        Failure failure =
                assertThrows(Failure.class, () -> lookup.replay(since, null, sample -> true));
        assertTrue(
                failure.getMessage()
                        .startsWith("--since 2000: no sample since then can be read; DIR contains"),
                failure.getMessage());
    }

    /** Each of many links to one file would take the time of that file. */
    @Test
    void bytesWithoutSamplesAreLimited() throws Exception {
        byte[] bomb = deflated(new byte[15 << 20]);
        append(frame('K', 0, bomb, bomb.length), frame('K', 1, bomb, bomb.length));
        Files.write(
                segment,
                Arrays.copyOfRange(
                        Files.readAllBytes(segment), whole.length, (int) Files.size(segment)));
        for (int i = 2; i <= 100; i++) {
            Files.createLink(folder.resolve("%06d.psmrec".formatted(i)), segment);
        }
        Recording recording = Recording.open("DIR", folder);
        assertNull(recording.last());
        assertTrue(recording.unreadable() < 100, recording.unreadable() + "");
        String remark =
                "DIR: contains more than 256 MB without a sample that can be read; psm has not read"
                        + " the rest";
        assertEquals(remark, recording.remark());
        recording = Recording.open("DIR", folder);
        recording.forEach(null, null, sample -> assertNull(sample));
        assertEquals(remark, recording.remark());
    }

    @Test
    void forgedNumbersOfSamplesAreLimited() throws Exception {
        byte[] high = frame('M', Integer.MAX_VALUE, new byte[] {7}, 1);
        byte[] low = frame('M', 0, new byte[] {7}, 1);
        append(high, low, high, low, high, low);
        Recording recording = Recording.open("DIR", folder);
        assertNotNull(recording.last());
        assertTrue(recording.coverage().unreadable() < 1_000_000, recording.coverage() + "");
    }

    @Test
    void theReasonIsNamedIfNoSampleMakesSense() throws Exception {
        byte[] text = deflated("psm snapshot 1 by psm 1.0.0\n".getBytes(StandardCharsets.US_ASCII));
        Files.write(segment, frame('K', 0, text, text.length));
        Lookup lookup = new Lookup("--from", "DIR", folder);
        Failure failure = assertThrows(Failure.class, lookup::last);
        assertTrue(
                failure.getMessage()
                        .startsWith("--from DIR: contains no sample that can be read: "),
                failure.getMessage());
    }

    @Test
    void otherFilesWithTheNameOfASegmentAreIgnored() throws Exception {
        Files.createDirectory(folder.resolve("000002.psmrec"));
        Files.createSymbolicLink(folder.resolve("000003.psmrec"), Path.of("/etc/passwd"));
        Command.of("mkfifo", folder.resolve("000004.psmrec").toString()).run();
        Files.createFile(folder.resolve("000005.psmrec"));
        Files.writeString(folder.resolve("000006.psmrec"), "psm snapshot 1 by psm 1.0.0\n");
        Files.writeString(folder.resolve("0000007.psmrec"), "x");
        Recording recording = Recording.open("DIR", folder);
        assertNotNull(recording.last());
        assertEquals(
                List.of("0000007.psmrec", "000002.psmrec", "000003.psmrec", "000004.psmrec"),
                recording.others());
        try (RecordingWriter writer = RecordingWriter.open(RecordingFolder.of("DIR", folder), 0)) {
            writer.append(sample(SAMPLES));
        }
        assertTrue(Files.exists(folder.resolve("000007.psmrec")));
    }

    @Test
    void emptySegmentHasNoSample() throws Exception {
        Files.write(segment, new byte[0]);
        assertNull(Recording.open("DIR", folder).last());
        Coverage coverage = Recording.open("DIR", folder).coverage();
        assertEquals("no sample", coverage.text(Instant.now(), ZoneOffset.UTC));
    }

    @Test
    void folderThatCannotBeReadIsOneLine() {
        Failure failure =
                assertThrows(
                        Failure.class,
                        () -> Recording.open("--from /none", Path.of("/none")).last());
        assertEquals("--from /none: cannot be read: no such file or folder", failure.getMessage());
    }
}
