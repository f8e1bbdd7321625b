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
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Set;

/** Appends frames to a segment. */
final class SegmentWriter implements Closeable {
    private static final String PERMISSIONS = "rw-r-----";

    /** How many names are tried: another file may have the next one. */
    private static final int MAX_TRIES = 100;

    /** The number of samples that show how often there is one. */
    private static final int MAX_REMEMBERED = 3;

    private final Path path;
    private final FileChannel file;

    /** The end of the last frame. */
    private long end;

    /** The number of samples. */
    private int samples;

    /** The first sample; {@code null} if there is none. */
    private Frame first;

    /** The last samples, the last one first. */
    private final Deque<Frame> last = new ArrayDeque<>();

    /** What identifies the file, whatever its name is now. */
    private final Object key;

    private SegmentWriter(Path path, FileChannel file) throws IOException {
        this.path = path;
        this.file = file;
        this.key = SegmentFile.key(path);
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
                return made(folder, path, file);
            } catch (FileAlreadyExistsException e) {
                failure = e;
            }
        }
        throw failure;
    }

    private static SegmentWriter made(Path folder, Path path, FileChannel file) throws IOException {
        try {
            SegmentWriter writer = new SegmentWriter(path, file);
            permit(path, PERMISSIONS);
            shareWithGroupOf(folder, path);
            return writer;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Makes a file one of its folder's group, which may read the recording. */
    private static void shareWithGroupOf(Path folder, Path path) throws IOException {
        PosixFileAttributeView view =
                Files.getFileAttributeView(
                        path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        GroupPrincipal group = Files.readAttributes(folder, PosixFileAttributes.class).group();
        if (!view.readAttributes().group().equals(group)) {
            try {
                view.setGroup(group);
            } catch (IOException e) {
                // Only root and the group's members may do that; its owner reads it all the same.
            }
        }
    }

    /** Sets permissions, whatever the umask of the recorder is. */
    static void permit(Path path, String permissions) throws IOException {
        Files.getFileAttributeView(path, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setPermissions(PosixFilePermissions.fromString(permissions));
    }

    /**
     * Opens a segment, whose last sample the next one may differ from. What the last writer did not
     * finish will be overwritten.
     *
     * @return {@code null} if the next sample takes a new segment
     */
    static SegmentWriter open(Path path, SampleWriter content) throws IOException {
        if (!SegmentFile.isOwn(path)) {
            return null;
        }
        if (Files.size(path) == 0) {
            return made(path.getParent(), path, SegmentFile.write(path));
        }
        FileChannel file = SegmentFile.write(path);
        SegmentWriter writer = new SegmentWriter(path, file);
        SampleReader samples = new SampleReader();
        SegmentReader reader = new SegmentReader(FrameReader.of(file), samples);
        Frame frame;
        while ((frame = reader.next()) != null) {
            writer.remember(frame);
        }
        writer.end = reader.lastEnd();
        writer.samples = reader.samples();
        if (!reader.isOwn() || reader.key() == null) {
            file.close();
            return null;
        }
        writer.continueAfter(reader, samples, content);
        return writer;
    }

    /** Reads the last sample. */
    private void continueAfter(SegmentReader reader, SampleReader sample, SampleWriter content)
            throws IOException {
        Frame key = reader.key();
        reader.seek(reader.keyStart(), key);
        int count = 0;
        Frame frame;
        while ((frame = reader.next()) != null && reader.apply(frame)) {
            count++;
        }
        if (count > 0 && count == samples - key.number()) {
            content.continueAfter(sample.tables(), key.wallMillis(), count);
        }
    }

    private void remember(Frame frame) {
        first = first == null ? frame : first;
        last.addFirst(frame);
        if (last.size() > MAX_REMEMBERED) {
            last.removeLast();
        }
    }

    Path path() {
        return path;
    }

    /** Returns the last samples, in the order of writing. */
    List<Frame> lastFrames() {
        List<Frame> frames = new ArrayList<>(last);
        Collections.reverse(frames);
        return frames;
    }

    /** Returns whether a frame can be added; otherwise it takes a new segment. */
    boolean continues(Frame frame, Retention retention) {
        Frame before = last.peek();
        return before == null
                ? isInPlace()
                : !retention.isFull(first, frame, end)
                        && before.boot().equals(frame.boot())
                        && before.day() == frame.day()
                        && before.wallMillis() <= frame.wallMillis()
                        && before.uptimeMillis() <= frame.uptimeMillis()
                        && isInPlace();
    }

    /** Returns whether the file still has its name; otherwise a reader does not find it. */
    private boolean isInPlace() {
        try {
            return key.equals(SegmentFile.key(path));
        } catch (IOException e) {
            return false;
        }
    }

    /** Adds a sample. */
    void append(Frame frame, Mark mark, SampleWriter content) throws IOException {
        byte[] first = end == 0 ? RecordingFormat.firstLine(Version.CURRENT) : new byte[0];
        byte[] before = mark == null ? new byte[0] : bytes(frame, mark);
        byte[] sample =
                frame.as(frame.type(), samples).bytes(content.content(), content.contentLength());
        write(
                ByteBuffer.allocate(first.length + before.length + sample.length)
                        .put(first)
                        .put(before)
                        .put(sample)
                        .flip());
        samples++;
        remember(frame);
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

    /** Closes it, and deletes it if nothing was written to it. */
    void abandon() throws IOException {
        close();
        if (end == 0 && isInPlace()) {
            Files.delete(path);
        }
    }

    /** Returns whether it contains a frame. */
    boolean isStarted() {
        return end > 0;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
