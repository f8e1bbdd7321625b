package psm.record;

import psm.delta.SampleReader;
import psm.proc.FileName;
import psm.scan.Snapshot;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Reads what a recorder wrote, in any number of segments, also while it is written. The files may be
 * another user's. Belongs to one thread.
 */
public final class Recording {
    private final String asked;
    private final List<Path> segments;
    private final List<String> others;
    private final SampleReader samples = new SampleReader();

    /** Takes one sample after the other. */
    public interface Reader {
        void accept(Sample sample) throws Failure;

        /** Returns whether no more samples are wanted. */
        default boolean isDone() {
            return false;
        }
    }

    private Recording(String asked, List<Path> segments, List<String> others) {
        this.asked = asked;
        this.segments = segments;
        this.others = others;
    }

    /** Returns whether a path is a folder with a segment, or a segment itself. */
    public static boolean isRecording(Path path) {
        try {
            return Files.isDirectory(path)
                    ? !Segments.in(path).files().isEmpty()
                    : SegmentFile.number(path) >= 0 && Files.isRegularFile(path);
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Opens a recording.
     *
     * @param asked the option and the path, for messages
     * @param path a folder of segments, or a segment
     */
    public static Recording open(String asked, Path path) throws Failure {
        try {
            Segments segments =
                    Files.isDirectory(path)
                            ? Segments.in(path)
                            : new Segments(List.of(path), List.of(), 0);
            if (segments.files().isEmpty()) {
                throw Failure.usage(
                        asked + ": contains no recording; 'psm record' writes one", null);
            }
            return new Recording(asked, segments.files(), segments.others());
        } catch (IOException e) {
            throw Failure.usage(asked + ": cannot be read: " + Failure.reason(e), e);
        }
    }

    /** Returns the names of files in the folder that are no segments. */
    public List<String> others() {
        return others;
    }

    /** Returns the last sample. */
    public Sample last() throws Failure {
        return at(Instant.MAX);
    }

    /**
     * Returns the last sample that was written at a time or before it. If the clock was set back,
     * a time may occur twice: the sample that was written later counts.
     *
     * @return {@code null} if there is none
     */
    public Sample at(Instant time) throws Failure {
        for (int i = segments.size() - 1; i >= 0; i--) {
            Sample found = at(segments.get(i), time);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    private Sample at(Path segment, Instant time) throws Failure {
        try (SegmentReader reader = new SegmentReader(segment, samples)) {
            Place place = place(reader, time);
            if (place == null) {
                return null;
            }
            reader.seek(place.keyStart, place.key);
            Frame frame;
            Snapshot snapshot = null;
            while (snapshot == null && (frame = reader.next()) != null) {
                if (frame.number() == place.frame.number()) {
                    snapshot = reader.sample(frame);
                } else if (!reader.apply(frame)) {
                    break;
                }
            }
            return snapshot == null
                    ? lastOf(segment, time)
                    : new Sample(snapshot, place.mark);
        } catch (IOException e) {
            throw failed(segment, e);
        }
    }

    /** A sample in a segment, and the key frame before it. */
    private record Place(Frame frame, Mark mark, Frame key, long keyStart) {}

    /** Returns the place of the last sample at a time or before it; {@code null} if there is none. */
    private static Place place(SegmentReader reader, Instant time) throws IOException {
        Place place = null;
        Frame key = null;
        long keyStart = 0;
        Frame frame;
        while ((frame = reader.next()) != null) {
            if (frame.type() == RecordingFormat.KEY) {
                key = frame;
                keyStart = reader.start();
            }
            Mark mark = reader.takeMark();
            if (!Instant.ofEpochMilli(frame.wallMillis()).isAfter(time)) {
                place = new Place(frame, mark, key, keyStart);
            }
        }
        return place;
    }

    /** Finds the last sample by reading all: that at its place makes no sense. */
    private Sample lastOf(Path segment, Instant time) throws IOException {
        try (SegmentReader reader = new SegmentReader(segment, samples)) {
            Sample found = null;
            Frame frame;
            while ((frame = reader.next()) != null) {
                Snapshot snapshot = reader.sample(frame);
                Mark mark = reader.takeMark();
                if (snapshot != null && !Instant.ofEpochMilli(frame.wallMillis()).isAfter(time)) {
                    found = new Sample(snapshot, mark);
                }
            }
            return found;
        }
    }

    /**
     * Reads all samples of a time in the order in which they were written.
     *
     * @param since the start; {@code null} for the first sample
     * @param until the end, which counts; {@code null} for the last sample
     */
    public void forEach(Instant since, Instant until, Reader to) throws Failure {
        boolean isFirst = true;
        UUID boot = null;
        Mark mark = Mark.STARTED;
        for (Path segment : segments) {
            try (SegmentReader reader = new SegmentReader(segment, samples)) {
                Frame frame;
                while ((frame = reader.next()) != null) {
                    Snapshot snapshot = reader.sample(frame);
                    mark = Mark.stronger(mark, reader.takeMark());
                    if (boot != null && !boot.equals(frame.boot())) {
                        mark = Mark.stronger(mark, Mark.REBOOTED);
                    }
                    boot = frame.boot();
                    Instant time = Instant.ofEpochMilli(frame.wallMillis());
                    boolean isWanted =
                            (since == null || !time.isBefore(since))
                                    && (until == null || !time.isAfter(until));
                    if (snapshot != null && isWanted) {
                        to.accept(new Sample(snapshot, mark));
                        mark = null;
                        if (to.isDone()) {
                            return;
                        }
                    }
                }
            } catch (IOException e) {
                throw failed(segment, e);
            }
        }
    }

    /** Returns what time the recording covers. */
    public Coverage coverage() throws Failure {
        Instant first = null;
        Instant last = null;
        long count = 0;
        long gaps = 0;
        long unreadable = 0;
        for (Path segment : segments) {
            try (SegmentReader reader = new SegmentReader(segment, samples)) {
                Frame frame;
                while ((frame = reader.next()) != null) {
                    last = Instant.ofEpochMilli(frame.wallMillis());
                    first = first == null ? last : first;
                    gaps += reader.takeMark() != null && count > 0 ? 1 : 0;
                    count++;
                }
                unreadable += reader.unreadable();
            } catch (IOException e) {
                throw failed(segment, e);
            }
        }
        return new Coverage(first, last, count, gaps, unreadable);
    }

    private Failure failed(Path segment, IOException e) {
        return Failure.of(
                asked + ": " + FileName.last(segment) + " cannot be read: " + Failure.reason(e), e);
    }
}
