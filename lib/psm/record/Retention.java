package psm.record;

import psm.delta.SampleReader;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Deletes what is too old or too much, a segment at a time. A segment is as old as the first sample
 * of the next one, so that none of its samples is younger. Within one boot, the uptime counts, so
 * that a clock that is set to another year for a moment deletes nothing.
 */
final class Retention {
    /** How many segments there are in the time and the size that is kept, at least. */
    private static final int MIN_SEGMENTS = 8;

    /** The least time and size of a segment: each begins with a whole sample. */
    private static final long MIN_MILLIS = 600_000;

    private static final long MIN_BYTES = 1 << 16;

    private final Path folder;

    /** The first sample of each segment. */
    private final Map<Path, Frame> firsts = new HashMap<>();

    private Path current;
    private long maxMillis = RecordingFormat.DAY_MILLIS;
    private long maxSegmentBytes = RecordingFormat.MAX_SEGMENT_BYTES;

    Retention(Path folder) {
        this.folder = folder;
    }

    /** Names the segment that is written, and not deleted. */
    void currentIs(Path segment) {
        current = segment;
    }

    /** Returns whether a segment is so long that the next sample starts another one. */
    boolean isFull(Frame first, Frame next, long bytes) {
        return bytes >= maxSegmentBytes || next.wallMillis() - first.wallMillis() >= maxMillis;
    }

    /**
     * Deletes segments.
     *
     * @param now the last sample; {@code null} if there is none
     */
    void prune(Duration keep, long maxBytes, Frame now) throws IOException {
        long keepMillis = Math.min(keep.toSeconds(), Long.MAX_VALUE / 2_000) * 1000;
        maxMillis =
                Math.min(
                        RecordingFormat.DAY_MILLIS,
                        Math.max(MIN_MILLIS, keepMillis / MIN_SEGMENTS));
        maxSegmentBytes =
                Math.min(
                        RecordingFormat.MAX_SEGMENT_BYTES,
                        Math.max(MIN_BYTES, maxBytes / MIN_SEGMENTS));
        List<Path> segments = Segments.in(folder).files();
        firsts.keySet().retainAll(segments);
        long total = 0;
        for (Path segment : segments) {
            total += size(segment);
        }
        for (int i = 0; i < segments.size() && !segments.get(i).equals(current); i++) {
            long size = size(segments.get(i));
            boolean isLast = i + 1 == segments.size();
            boolean isOld = !isLast && now != null && age(segments.get(i + 1), now) > keepMillis;
            if (!isOld && total <= maxBytes) {
                break;
            }
            Files.deleteIfExists(segments.get(i));
            total -= size;
        }
    }

    private static long size(Path segment) throws IOException {
        try {
            return Files.size(segment);
        } catch (NoSuchFileException e) {
            return 0; // it was deleted by hand
        }
    }

    /** Returns how long ago a segment began; a negative number if that is not known. */
    private long age(Path segment, Frame now) throws IOException {
        Frame first = firsts.get(segment);
        if (first == null) {
            first = first(segment);
            if (first == null) {
                return -1;
            }
            firsts.put(segment, first);
        }
        boolean isThisBoot =
                first.boot().equals(now.boot())
                        && !Missing.is(first.uptimeMillis())
                        && !Missing.is(now.uptimeMillis());
        return isThisBoot
                ? now.uptimeMillis() - first.uptimeMillis()
                : now.wallMillis() - first.wallMillis();
    }

    private static Frame first(Path segment) throws IOException {
        try (SegmentReader reader = new SegmentReader(segment, new SampleReader())) {
            return reader.next();
        } catch (NoSuchFileException e) {
            return null;
        }
    }
}
