package psm.record;

import psm.delta.SampleReader;
import psm.proc.FileName;
import psm.scan.Snapshot;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;

/**
 * Reads what a recorder wrote, in any number of segments, also while it is written. The files may
 * be another user's. Belongs to one thread.
 */
public final class Recording {
    private final String asked;
    private final List<Path> segments;
    private final List<String> others;
    private final SampleReader samples = new SampleReader();

    /** The first sample of each segment, as far as it {@link #isOpened}. */
    private final Frame[] firsts;

    private final boolean[] isOpened;

    /** The number of samples in each segment in which none can be read. */
    private final long[] lost;

    private long unreadable;

    /** How much one call may read in vain; where that is spent, no more is read. */
    private FrameReader.Budget budget = new FrameReader.Budget();

    /** Says what is wrong with the first sample that makes no sense; {@code null} if all do. */
    private String problem;

    /** Says which psm can read a segment that this one cannot; {@code null} if it can read all. */
    private String newer;

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
        this.firsts = new Frame[segments.size()];
        this.isOpened = new boolean[segments.size()];
        this.lost = new long[segments.size()];
    }

    /** Returns whether a path is a folder with a segment, or a segment itself. */
    public static boolean isRecording(Path path) {
        try {
            return Files.isDirectory(path)
                    ? !Segments.in(path).files().isEmpty()
                    : Files.isRegularFile(path)
                            && (SegmentFile.number(path) >= 0 || SegmentFile.isStart(path));
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
                            : new Segments(List.of(path.toRealPath()), List.of(), 0);
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

    /**
     * Returns how many samples could not be read by the last call, as bytes of them are damaged or
     * missing.
     */
    public long unreadable() {
        return unreadable;
    }

    /** Returns in words what it contains. */
    String contents(Instant now, ZoneId zone) throws Failure {
        return budget.isSpent() ? FrameReader.Budget.SPENT : coverage().text(now, zone);
    }

    /** Returns a line about what was not read; {@code null} if there is nothing. */
    public String remark() {
        return newer != null
                ? asked + ": a part of it " + newer
                : budget.isSpent() ? asked + ": contains " + FrameReader.Budget.SPENT : null;
    }

    /**
     * Returns what is wrong with the first sample whose bytes are as they were written and make no
     * sense; {@code null} if there is none.
     */
    String problem() {
        return problem;
    }

    /** Returns the last sample. */
    public Sample last() throws Failure {
        return at(Instant.MAX);
    }

    /**
     * Returns the last sample that was written at a time or before it. If the clock was set back, a
     * time may occur twice: the sample that was written later counts.
     *
     * @return {@code null} if there is none
     */
    public Sample at(Instant time) throws Failure {
        start();
        for (int i = segments.size() - 1; i >= 0; i--) {
            Frame first = first(i);
            if (first != null && !first.time().isAfter(time)) {
                Sample found = at(segments.get(i), time);
                if (found != null) {
                    return found;
                }
            }
        }
        return nothing();
    }

    private void start() {
        unreadable = 0;
        budget = budget.isSpent() ? budget : new FrameReader.Budget();
    }

    /** Returns {@code null}, unless that is so since another psm is needed. */
    private Sample nothing() throws Failure {
        if (newer != null) {
            throw Failure.usage(asked + ": " + newer, null);
        }
        return null;
    }

    /** Returns the first sample of a segment that can be read; {@code null} if there is none. */
    private Frame first(int i) throws Failure {
        if (!isOpened[i]) {
            try (SegmentReader reader = open(segments.get(i))) {
                firsts[i] = reader.next();
                isOpened[i] = true;
                lost[i] = firsts[i] == null ? reader.unreadable() : 0;
                if (firsts[i] == null && reader.newer() != null) {
                    newer = reader.newer();
                }
            } catch (NoSuchFileException e) {
                isOpened[i] = true; // the recorder has deleted it, as it is the oldest one
            } catch (IOException e) {
                throw failed(segments.get(i), e);
            }
        }
        return firsts[i];
    }

    private SegmentReader open(Path segment) throws IOException {
        return new SegmentReader(FrameReader.open(segment, budget), samples);
    }

    private Sample at(Path segment, Instant time) throws Failure {
        try (SegmentReader reader = open(segment)) {
            Place place = Place.of(reader, time);
            unreadable += reader.unreadable();
            if (place == null) {
                return null;
            }
            reader.seek(place.keyStart(), place.key());
            Frame frame;
            while ((frame = reader.next()) != null && frame.number() < place.frame().number()) {
                if (!reader.apply(frame)) {
                    break;
                }
            }
            Snapshot snapshot =
                    frame != null && frame.number() == place.frame().number()
                            ? reader.sample(frame)
                            : null;
            note(reader);
            return snapshot == null ? lastOf(segment, time) : new Sample(snapshot, place.mark());
        } catch (NoSuchFileException e) {
            return null; // the recorder has deleted it meanwhile
        } catch (IOException e) {
            throw failed(segment, e);
        }
    }

    /** Keeps the first problem of a sample. */
    private void note(SegmentReader reader) {
        problem = problem == null ? reader.problem() : problem;
    }

    /** Finds the last sample by reading all: that at its place makes no sense. */
    private Sample lastOf(Path segment, Instant time) throws IOException {
        try (SegmentReader reader = open(segment)) {
            Sample found = null;
            Frame frame;
            while ((frame = reader.next()) != null) {
                Snapshot snapshot = reader.sample(frame);
                if (snapshot != null) {
                    Mark mark = reader.takeMark();
                    if (frame.time().isAfter(time)) {
                        reader.waste();
                    } else {
                        found = new Sample(snapshot, mark);
                    }
                }
            }
            note(reader);
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
        start();
        Frame before = null;
        boolean isFirst = true;
        for (int i = 0; i < segments.size() && !to.isDone(); i++) {
            Frame first = first(i);
            if (first == null) {
                unreadable += lost[i];
                continue;
            }
            boolean isBefore = since != null && !first.endOfDay().isAfter(since);
            boolean isAfter = until != null && first.time().isAfter(until);
            if (!isBefore && !isAfter) {
                Mark mark = isFirst ? Mark.STARTED : null;
                if (before != null && !before.boot().equals(first.boot())) {
                    mark = Mark.REBOOTED;
                }
                forEach(segments.get(i), mark, new Wanted(since, until, to));
            }
            isFirst = false;
            before = first;
        }
        if (isFirst) {
            nothing();
        }
    }

    /** The samples that are wanted. */
    private record Wanted(Instant since, Instant until, Reader to) {
        boolean has(Frame frame) {
            return (since == null || !frame.time().isBefore(since)) && !isBehind(frame);
        }

        boolean isBehind(Frame frame) {
            return until != null && frame.time().isAfter(until);
        }
    }

    private void forEach(Path segment, Mark before, Wanted wanted) throws Failure {
        try (SegmentReader reader = open(segment)) {
            Place place = wanted.since == null ? null : Place.of(reader, wanted.since);
            if (place != null) {
                reader.seek(place.keyStart(), place.key());
            } else if (wanted.since != null) {
                reader.rewind();
            }
            Mark mark = place == null ? before : place.markOfKey();
            Frame frame;
            while (!wanted.to.isDone() && (frame = reader.next()) != null) {
                if (wanted.isBehind(frame)) {
                    break;
                }
                Snapshot snapshot = reader.sample(frame);
                if (snapshot != null) {
                    Mark own = Mark.stronger(mark, reader.takeMark());
                    mark = null;
                    if (wanted.has(frame)) {
                        wanted.to.accept(new Sample(snapshot, own));
                    }
                }
            }
            note(reader);
            unreadable += reader.unreadable();
        } catch (NoSuchFileException e) {
            return; // the recorder has deleted it meanwhile
        } catch (IOException e) {
            throw failed(segment, e);
        }
    }

    /** Returns what time the recording covers. */
    public Coverage coverage() throws Failure {
        start();
        Instant first = null;
        Instant last = null;
        Frame before = null;
        long count = 0;
        long gaps = 0;
        for (Path segment : segments) {
            try (SegmentReader reader = open(segment)) {
                Frame frame;
                while ((frame = reader.next()) != null) {
                    Mark mark = reader.takeMark();
                    boolean isGap =
                            (mark != null && mark.isGap())
                                    || (before != null && !before.boot().equals(frame.boot()));
                    gaps += isGap && before != null ? 1 : 0;
                    last = frame.time();
                    first = first == null ? last : first;
                    before = frame;
                    count++;
                }
                unreadable += reader.unreadable();
            } catch (NoSuchFileException e) {
                // The recorder has deleted it meanwhile.
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
