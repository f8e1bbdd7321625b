package psm.record;

import psm.text.Text;
import psm.text.Version;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Reads the frames of a segment in their order. Behind damaged bytes, it goes on with the next
 * frame whose checksum is right. The file may be one that another user made, or one that grows.
 */
final class FrameReader implements Closeable {
    private static final int START_BYTES = 1 << 16;

    /**
     * How many bytes may be read in vain, in all segments of a recording. Each damaged frame takes
     * its own length, and one that makes no sense what it is inflated to; a recording that is made
     * of such frames, or of links to one file with them, would take hours.
     */
    static final class Budget {
        private static final int MAX_MB = 256;
        static final String SPENT =
                "more than "
                        + MAX_MB
                        + " MB without a sample that can be read; psm has not read the rest";

        /** How many bytes psm reads in the time that it takes to look at one more frame. */
        private static final int BYTES_PER_FRAME = 512;

        private long left = (long) MAX_MB << 20;

        void take(long bytes) {
            left -= bytes;
        }

        boolean isSpent() {
            return left < 0;
        }
    }

    /** How long the writer may take from the start of a frame's bytes in a file to their end. */
    private static final int WRITE_MILLIS = 20;

    /** The age of a file that is no longer written, if it ends within a frame. */
    private static final int MAX_WRITING_MILLIS = 1_000;

    private final FileChannel file;

    /** Some bytes of the file. */
    private byte[] bytes = new byte[START_BYTES];

    /** The offset of {@link #bytes} in the file. */
    private long offset;

    /** The number of {@link #bytes}. */
    private int limit;

    /** The next byte that is read. */
    private int at;

    /** The offset of the last frame. */
    private long start;

    /** The offset of the first frame. */
    private long first;

    private int contentAt;
    private int contentLength;

    /** The version of psm in the first line; {@code null} if that line is not one of a segment. */
    private String writer;

    /** Says which psm can read the segment; {@code null} if this one can. */
    private String newer;

    /** Whether bytes before the frame, or at the end, make no sense. */
    private boolean isDamaged;

    /** Whether there is no need to wait for what a recorder writes. */
    private boolean isWaited;

    /** Whether the file ends inside of a frame that is not a mark. */
    private boolean isTorn;

    private final CRC32 sum = new CRC32();
    private final Budget budget;

    private FrameReader(FileChannel file, boolean isWaited, Budget budget) {
        this.file = file;
        this.budget = budget;
        this.isWaited = isWaited;
    }

    /** Opens a segment. */
    static FrameReader open(Path path) throws IOException {
        return open(path, new Budget());
    }

    /** Opens a segment of a recording that has a budget. */
    static FrameReader open(Path path, Budget budget) throws IOException {
        FileChannel file = SegmentFile.read(path);
        long age = System.currentTimeMillis() - Files.getLastModifiedTime(path).toMillis();
        return of(file, age > MAX_WRITING_MILLIS, budget);
    }

    /** Reads an open segment, which no other process writes, from its start. */
    static FrameReader of(FileChannel file) throws IOException {
        return of(file, true, new Budget());
    }

    private static FrameReader of(FileChannel file, boolean isWaited, Budget budget)
            throws IOException {
        FrameReader reader = new FrameReader(file, isWaited, budget);
        try {
            reader.firstLine();
        } catch (IOException e) {
            reader.close();
            throw e;
        }
        return reader;
    }

    private void firstLine() throws IOException {
        has(RecordingFormat.MAX_FIRST_LINE_BYTES);
        int end = 0;
        while (end < Math.min(limit, RecordingFormat.MAX_FIRST_LINE_BYTES) && bytes[end] != '\n') {
            end++;
        }
        String line = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        int by = line.indexOf(RecordingFormat.BY);
        boolean isLine = line.startsWith(RecordingFormat.FIRST_LINE);
        if (end == limit && (isLine || RecordingFormat.FIRST_LINE.startsWith(line))) {
            at = limit; // the line was not finished, so nothing follows
        }
        if (end == limit || !isLine || by < 0) {
            return;
        }
        String version = line.substring(RecordingFormat.FIRST_LINE.length(), by);
        writer = line.substring(by + RecordingFormat.BY.length());
        if (!version.equals(Integer.toString(RecordingFormat.VERSION))) {
            newer =
                    "was written by psm "
                            + Text.printable(writer)
                            + " in version "
                            + Text.printable(version)
                            + " of its format, and this psm "
                            + Version.CURRENT
                            + " knows version "
                            + RecordingFormat.VERSION
                            + "; read it with that psm";
        }
        first = isStart(end + 1) ? end + 1 : 0;
        at = (int) first;
    }

    /** Returns whether a frame starts at an index, or nothing is there. */
    private boolean isStart(int index) {
        for (int i = 0; i < RecordingFormat.MAGIC.length && index + i < limit; i++) {
            if (bytes[index + i] != RecordingFormat.MAGIC[i]) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether this psm wrote the segment. */
    boolean isOwn() {
        return Version.CURRENT.equals(writer) && newer == null && first > 0;
    }

    /** Says which psm can read the segment if it has another format; else {@code null}. */
    String newer() {
        return newer;
    }

    /** Returns whether bytes before the last frame, or at the end, make no sense. */
    boolean isDamaged() {
        return isDamaged;
    }

    /** Returns whether the file ends within a sample. */
    boolean isTorn() {
        return isTorn;
    }

    /** Returns the offset of the next frame, which is the end of the last one. */
    long position() {
        return offset + at;
    }

    /** Returns the offset of the last frame. */
    long start() {
        return start;
    }

    /** Goes on from an offset where a frame starts; 0 for the first frame. */
    void seek(long position) {
        offset = Math.max(first, position);
        limit = 0;
        at = 0;
        isDamaged = false;
    }

    /** Returns the array that contains the content of the last frame. */
    byte[] content() {
        return bytes;
    }

    int contentAt() {
        return contentAt;
    }

    int contentLength() {
        return contentLength;
    }

    /** Returns the next frame that can be read, or {@code null} at the end. */
    Frame next() throws IOException {
        isDamaged = false;
        while (!budget.isSpent()) {
            int length = frameLength();
            if (length > 0) {
                contentAt = at + RecordingFormat.HEAD_BYTES;
                contentLength = length - RecordingFormat.HEAD_BYTES - RecordingFormat.SUM_BYTES;
                Frame frame = Frame.read(ByteBuffer.wrap(bytes), at);
                start = position();
                at += length;
                return frame;
            }
            if (!has(1)) {
                return null;
            }
            if (!isDamaged) {
                isDamaged = true;
                isTorn = bytes[at + Math.min(4, limit - at - 1)] != RecordingFormat.MARK;
            }
            skip();
        }
        return null;
    }

    /** Counts the last frame as one that was read in vain. */
    void waste(long inflated) {
        budget.take(Budget.BYTES_PER_FRAME + contentLength + inflated);
    }

    /** Goes on to the next byte that may be the start of a frame. */
    private void skip() {
        int from = at;
        at++;
        while (at < limit && bytes[at] != RecordingFormat.MAGIC[0]) {
            at++;
        }
        budget.take((long) at - from);
    }

    /** Returns the length of the frame that starts here; 0 if there is none. */
    private int frameLength() throws IOException {
        if (!hasWritten(RecordingFormat.HEAD_BYTES + RecordingFormat.SUM_BYTES)) {
            return 0;
        }
        if (!isStart(at)) {
            return 0;
        }
        int content = ByteBuffer.wrap(bytes).getInt(at + RecordingFormat.MAGIC.length + 1);
        if (content < 0 || content > RecordingFormat.MAX_CONTENT_BYTES) {
            return 0;
        }
        int length = RecordingFormat.HEAD_BYTES + content;
        if (!hasWritten(length + RecordingFormat.SUM_BYTES)) {
            return 0;
        }
        sum.reset();
        sum.update(bytes, at, length);
        if (ByteBuffer.wrap(bytes).getInt(at + length) != (int) sum.getValue()) {
            budget.take(length);
            return 0;
        }
        return length + RecordingFormat.SUM_BYTES;
    }

    /**
     * Returns whether the file has that many bytes more. A recorder may be just writing them: waits
     * for it, once for a file.
     */
    private boolean hasWritten(int count) throws IOException {
        if (has(count) || at == limit) {
            return at != limit;
        }
        if (!isWaited && !isDamaged) {
            isWaited = true;
            try {
                Thread.sleep(WRITE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        return has(count);
    }

    /** Returns whether there are that many bytes more, after reading them. */
    private boolean has(int count) throws IOException {
        if (limit - at >= count) {
            return true;
        }
        long max = Math.min(file.size(), RecordingFormat.MAX_FILE_BYTES);
        System.arraycopy(bytes, at, bytes, 0, limit - at);
        offset += at;
        limit -= at;
        at = 0;
        if (count > bytes.length && offset + count <= max) {
            bytes = Arrays.copyOf(bytes, Math.max(count, 2 * bytes.length));
        }
        while (limit < bytes.length && offset + limit < max) {
            int room = (int) Math.min(bytes.length - limit, max - offset - limit);
            int n = file.read(ByteBuffer.wrap(bytes, limit, room), offset + limit);
            if (n <= 0) {
                break;
            }
            limit += n;
        }
        return limit >= count;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
