package psm.record;

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

    /** Opens a segment, and cuts off what the last writer did not finish. */
    static SegmentWriter open(Path path) throws IOException {
        FileChannel file = SegmentFile.write(path);
        SegmentWriter writer = new SegmentWriter(path, file);
        FrameReader frames = FrameReader.of(file);
        Frame frame;
        while ((frame = frames.next()) != null) {
            writer.samples = frame.number() + (frame.isSample() ? 1 : 0);
            writer.last = frame.isSample() ? frame : writer.last;
            writer.end = frames.position();
        }
        if (!frames.isOwn() || writer.last == null) {
            file.close();
            return null;
        }
        return writer;
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
    void append(Frame frame, Mark mark, byte[] content) throws IOException {
        byte[] first = end == 0 ? RecordingFormat.firstLine(Version.CURRENT) : new byte[0];
        byte[] before = mark == null ? new byte[0] : bytes(frame, mark);
        byte[] sample = frame.as(frame.type(), samples).bytes(content, content.length);
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
