package psm.record;

import psm.delta.SampleReader;
import psm.delta.SampleWriter;
import psm.text.Version;
import psm.trust.AtomicFile;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Appends frames to a segment. */
final class SegmentWriter implements Closeable {
    private static final String PERMISSIONS = "rw-r-----";

    /** How many names are tried: another file may have the next one. */
    private static final int MAX_TRIES = 100;

    private final Path path;
    private final FileChannel file;

    /** The end of the last frame. */
    private long end;

    /** The number of samples. */
    private int samples;

    /** The last sample; {@code null} if there is none. */
    private Frame last;

    private SegmentWriter(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /** Makes the first segment that does not exist, with that number or a higher one. */
    static SegmentWriter create(Path folder, long number) throws IOException {
        FileAlreadyExistsException failure = null;
        for (int i = 0; i < MAX_TRIES; i++) {
            Path path = SegmentFile.path(folder, number + i);
            try {
                FileChannel file =
                        FileChannel.open(
                                path,
                                Set.of(
                                        StandardOpenOption.WRITE,
                                        StandardOpenOption.CREATE_NEW,
                                        LinkOption.NOFOLLOW_LINKS),
                                AtomicFile.atMost(PERMISSIONS));
                SegmentWriter writer = new SegmentWriter(path, file);
                permit(path, PERMISSIONS);
                return writer;
            } catch (FileAlreadyExistsException e) {
                failure = e;
            }
        }
        throw failure;
    }

    /** Sets permissions, whatever the umask of the recorder is. */
    static void permit(Path path, String permissions) throws IOException {
        Files.getFileAttributeView(
                        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(PosixFilePermissions.fromString(permissions));
    }

    /**
     * Opens a segment, whose last sample the next one may differ from. What the last writer did not
     * finish will be overwritten.
     *
     * @return {@code null} if the next sample takes a new segment
     */
    static SegmentWriter open(Path path, SampleWriter content) throws IOException {
        FileChannel file = SegmentFile.write(path);
        SegmentWriter writer = new SegmentWriter(path, file);
        SampleReader samples = new SampleReader();
        SegmentReader reader = new SegmentReader(FrameReader.of(file), samples);
        Frame key = null;
        long keyStart = 0;
        Frame frame;
        while ((frame = reader.next()) != null) {
            if (frame.type() == RecordingFormat.KEY) {
                key = frame;
                keyStart = reader.start();
            }
            writer.last = frame;
        }
        writer.end = reader.lastEnd();
        writer.samples = reader.samples();
        if (!reader.isOwn() || key == null || file.size() == 0) {
            file.close();
            return null;
        }
        writer.continueAfter(reader, samples, key, keyStart, content);
        return writer;
    }

    /** Reads the last sample. */
    private void continueAfter(
            SegmentReader reader, SampleReader sample, Frame key, long start, SampleWriter content)
            throws IOException {
        reader.seek(start, key);
        int count = 0;
        Frame frame;
        while ((frame = reader.next()) != null && reader.apply(frame)) {
            count++;
        }
        if (count > 0 && count == samples - key.number()) {
            content.continueAfter(sample.tables(), key.wallMillis(), count);
        }
    }

    Frame last() {
        return last;
    }

    /** Returns whether a frame can be added; otherwise it takes a new segment. */
    boolean continues(Frame frame) {
        return end < RecordingFormat.MAX_SEGMENT_BYTES
                && (last == null
                        || (last.boot().equals(frame.boot())
                                && last.day() == frame.day()
                                && last.wallMillis() <= frame.wallMillis()
                                && last.uptimeMillis() <= frame.uptimeMillis()));
    }

    /** Adds a sample. */
    void append(Frame frame, Mark mark, SampleWriter content) throws IOException {
        byte[] first = end == 0 ? RecordingFormat.firstLine(Version.CURRENT) : new byte[0];
        byte[] before = mark == null ? new byte[0] : bytes(frame, mark);
        byte[] sample = frame.as(frame.type(), samples).bytes(content.content(), content.contentLength());
        write(
                ByteBuffer.allocate(first.length + before.length + sample.length)
                        .put(first)
                        .put(before)
                        .put(sample)
                        .flip());
        samples++;
        last = frame;
    }

    /** Adds a mark at the time of a sample. */
    void append(Frame frame, Mark mark) throws IOException {
        write(ByteBuffer.wrap(bytes(frame, mark)));
    }

    private byte[] bytes(Frame frame, Mark mark) {
        byte[] code = {(byte) (1 + RecordingFormat.MARKS.indexOf(mark))};
        return frame.as(RecordingFormat.MARK, samples).bytes(code, code.length);
    }

    private void write(ByteBuffer bytes) throws IOException {
        long at = end;
        try {
            while (bytes.hasRemaining()) {
                at += file.write(bytes, at);
            }
            file.truncate(at); // what another writer did not finish
            end = at;
        } catch (IOException e) {
            file.truncate(end);
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
