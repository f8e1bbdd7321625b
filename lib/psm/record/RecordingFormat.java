package psm.record;

import psm.delta.SampleWriter;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The file format of recordings. A recording is a folder of segments, {@code 000001.psmrec} and so
 * on; the numbers rise in the order of writing, which depends on no clock.
 *
 * <p>The first line of a segment is {@code psm recording 1 by psm VERSION}: the version of the
 * format and that of the writer. Frames follow, each with
 *
 * <ul>
 *   <li>{@link #MAGIC}, whose last byte is the version of the format again, so that frames are
 *       found and understood without the first line
 *   <li>the type, one byte: {@code K}, {@code D} or {@code M}
 *   <li>the length of the content, four bytes (the highest first, as in all numbers here)
 *   <li>the number of samples before it in the segment, four bytes, so that lost ones are counted
 *   <li>the wall time in milliseconds, eight bytes
 *   <li>the uptime in milliseconds, eight bytes, -1 if it is not known
 *   <li>the id of the boot, 16 bytes, zeros if it is not known
 *   <li>the content
 *   <li>the CRC-32 of all bytes of the frame before it, four bytes
 * </ul>
 *
 * <p>The content of K, a key frame, is a whole snapshot, deflated (RFC 1951). D is the difference
 * to the sample before, see {@link SampleWriter}. M is a mark, one byte: 1 + its place in {@link
 * #MARKS}.
 *
 * <p>In one segment, all samples are of one boot and one day (UTC), and neither the wall time nor
 * the uptime falls: otherwise the writer starts a new segment. Readers use this to find a time, but
 * do not depend on it.
 */
final class RecordingFormat {
    static final String FIRST_LINE = "psm recording ";
    static final String BY = " by psm ";
    static final int VERSION = 1;
    static final int MAX_FIRST_LINE_BYTES = 128;

    static final byte[] MAGIC = {(byte) 0xB5, 'p', 'm', VERSION};

    static final byte KEY = 'K';
    static final byte DELTA = 'D';
    static final byte MARK = 'M';

    /** The bytes before the content of a frame. */
    static final int HEAD_BYTES = 4 + 1 + 4 + 4 + 8 + 8 + 16;

    static final int SUM_BYTES = 4;

    /** The size at which a segment ends. */
    static final long MAX_SEGMENT_BYTES = 16 << 20;

    /**
     * The limit of a frame's content: that of a snapshot, and a bit for what cannot be deflated.
     */
    static final int MAX_CONTENT_BYTES = (16 << 20) + (1 << 16);

    /** How much of a file is read: a segment is below its limit before the last frame. */
    static final long MAX_FILE_BYTES = MAX_SEGMENT_BYTES + MAX_CONTENT_BYTES + (1 << 16);

    /** The limit of the samples in a segment: each has a byte of content. */
    static final long MAX_SAMPLES = MAX_FILE_BYTES / (HEAD_BYTES + 1 + SUM_BYTES);

    /** The marks, by code: add new ones at the end. */
    static final List<Mark> MARKS =
            List.of(
                    Mark.STARTED,
                    Mark.STOPPED,
                    Mark.CLOCK_STEPPED,
                    Mark.DROPPED,
                    Mark.INTERVAL_CHANGED,
                    Mark.GAP,
                    Mark.REBOOTED);

    static final long DAY_MILLIS = 86_400_000;

    /** The last day of the year 9999, the last year that a snapshot can have. */
    static final long MAX_DAY = 2_932_896;

    private RecordingFormat() {}

    static byte[] firstLine(String psmVersion) {
        return (FIRST_LINE + VERSION + BY + psmVersion + '\n').getBytes(StandardCharsets.US_ASCII);
    }
}
