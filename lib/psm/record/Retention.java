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
 * Deletes what is too old or too much, a segment at a time. A segment is at least as old as the
 * first sample of any later one, so that none of its samples is younger. Within one boot, the
 * uptime counts, so that a clock that is set to another year for a moment deletes nothing.
 */
final class Retention {
    /** How many segments there are in the time and the size that is kept, at least. */
    private static final int MIN_SEGMENTS = 8;

    /** The least time and size of a segment: each begins with a whole sample. */
    private static final long MIN_MILLIS = 600_000;

    private static final long MIN_BYTES = 1 << 16;

    private final Path folder;

    /** The first sample of each segment; {@code null} for one of which none can be read. */
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
        boolean isKnown = now != null && !isAhead(segments, now, keepMillis);
        int old = isKnown ? old(segments, now, keepMillis) : 0;
        for (int i = 0; i < segments.size() && !segments.get(i).equals(current); i++) {
            long size = size(segments.get(i));
            if (i >= old && total <= maxBytes) {
                break;
            }
            Files.deleteIfExists(segments.get(i));
            total -= size;
        }
    }

    /** Returns how many segments are too old. */
    private int old(List<Path> segments, Frame now, long keepMillis) throws IOException {
        int old = 0;
        for (int i = 1; i < segments.size(); i++) {
            Frame first = first(segments.get(i));
            // One that cannot be read, or that the clock was ahead of, says nothing.
            long age = first == null ? -1 : age(first, now);
            if (age >= 0 && age <= keepMillis) {
                break;
            }
            old = age < 0 ? old : i;
        }
        return old;
    }

    /**
     * Returns whether the wall clock may be years ahead: all that earlier boots recorded seems too
     * old. That is believed when this boot has recorded for a day: until then, a machine may get
     * the right time from the network.
     */
    private boolean isAhead(List<Path> segments, Frame now, long keepMillis) throws IOException {
        long recorded = 0;
        for (int i = segments.size() - 1; i >= 0; i--) {
            Frame first = first(segments.get(i));
            if (first != null && !first.boot().equals(now.boot())) {
                return age(first, now) > keepMillis
                        && recorded < Math.min(keepMillis, RecordingFormat.DAY_MILLIS);
            }
            recorded = first == null ? recorded : age(first, now);
        }
        return false;
    }

    private static long size(Path segment) throws IOException {
        try {
            return Files.size(segment);
        } catch (NoSuchFileException e) {
            return 0; // it was deleted by hand
        }
    }

    /**
     * Returns how long ago a sample was taken; a negative number if the clock was set back since.
     */
    private static long age(Frame sample, Frame now) {
        boolean isThisBoot =
                sample.boot().equals(now.boot())
                        && !Missing.is(sample.uptimeMillis())
                        && !Missing.is(now.uptimeMillis());
        return isThisBoot
                ? now.uptimeMillis() - sample.uptimeMillis()
                : now.wallMillis() - sample.wallMillis();
    }

    /** Returns the first sample of a segment; {@code null} if none can be read. */
    private Frame first(Path segment) throws IOException {
        Frame first = firsts.get(segment);
        if (first == null && !firsts.containsKey(segment)) {
            try (SegmentReader reader = new SegmentReader(segment, new SampleReader())) {
                first = reader.next();
            } catch (NoSuchFileException e) {
                // It was deleted by hand.
            }
            if (first != null || !segment.equals(current)) {
                firsts.put(segment, first);
            }
        }
        return first;
    }
}
