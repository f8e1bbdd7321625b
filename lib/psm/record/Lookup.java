package psm.record;

import psm.text.Failure;
import psm.text.Moment;
import psm.text.Times;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the samples of a recording that the user asked for, and says where they are not quite of
 * the time that was asked for. Belongs to one thread.
 */
public final class Lookup {
    /** The usual interval of a recorder, for a sample that is the first after a gap. */
    private static final Duration USUAL_INTERVAL = Duration.ofSeconds(Recorder.USUAL_SECONDS);

    /**
     * How many tenths of the interval a sample may be older than the moment that was asked for. If
     * this is too low, each sample that was a bit late is remarked; if it is too high, a gap is
     * not.
     */
    private static final int MAX_AGE_TENTHS = 25;

    private static final String FUTURE = "is in the future";

    /** The option and the path, for messages. */
    private final String asked;

    private final String path;
    private final Recording recording;
    private final Instant now;
    private final ZoneId zone;
    private final List<String> remarks = new ArrayList<>();

    /** Takes the samples of a replay. */
    public interface Reader {
        /** Takes a sample; returns whether another one is wanted. */
        boolean accept(Sample sample) throws Failure;
    }

    /**
     * Opens a recording.
     *
     * @param option the option that names it, for messages
     * @param name its path as the user named it
     */
    public Lookup(String option, String name, Path path) throws Failure {
        this(
                Recording.open(option + ' ' + name, path),
                option,
                name,
                Instant.now(),
                ZoneId.systemDefault());
    }

    Lookup(Recording recording, String option, String path, Instant now, ZoneId zone) {
        this.asked = option + ' ' + path;
        this.recording = recording;
        this.path = path;
        this.now = now;
        this.zone = zone;
    }

    /** Returns the last sample. */
    public Sample last() throws Failure {
        Sample last = required(recording.last());
        remarkDamage();
        Duration age = Duration.between(time(last), now);
        if (!age.isNegative()) {
            remarks.add("the last sample is " + Times.inWords(age) + " old");
        }
        return last;
    }

    /** Returns the last sample that was taken at a moment or before it. */
    public Sample at(Moment moment) throws Failure {
        if (isFuture(moment) && time(required(recording.last())).isBefore(moment.time())) {
            throw outside(moment, FUTURE);
        }
        Sample sample = recording.at(moment.time());
        if (sample == null) {
            required(recording.last());
            throw outside(moment, "is before the first sample");
        }
        remarkDamage();
        remarkTwin(moment);
        Duration age = Duration.between(time(sample), moment.time());
        Duration most = interval(sample).multipliedBy(MAX_AGE_TENTHS).dividedBy(10);
        if (age.compareTo(most) > 0) {
            remarks.add(moment.asked() + ": " + gap(sample, Times.inWords(age)));
        }
        return sample;
    }

    /**
     * Reads the samples of a time in the order in which they were taken.
     *
     * @param since the begin; {@code null} for that of the recording
     * @param until the end; {@code null} for that of the recording
     */
    public void replay(Moment since, Moment until, Reader reader) throws Failure {
        remarkTwin(since);
        remarkTwin(until);
        Replay replay = new Replay(reader);
        recording.forEach(timeOf(since), timeOf(until), replay);
        remarkDamage();
        if (replay.last == null) {
            throw without(since, until, required(recording.last()));
        }
    }

    /** Returns the failure for a time without samples. */
    private Failure without(Moment since, Moment until, Sample last) throws Failure {
        if (since == null) {
            return until == null ? empty() : outside(until, "is before the first sample");
        }
        if (since.time().isAfter(time(last))) {
            return outside(since, isFuture(since) ? FUTURE : "is after the last sample");
        }
        // Without an end, only frames whose times are forged are left, or one that was just
        // written.
        return until == null
                ? outside(since, "no sample since then can be read")
                : outside(until, "is before the first sample since " + text(since.time()));
    }

    /** Passes samples on, and stops when no more are wanted. */
    private final class Replay implements Recording.Reader {
        private final Reader reader;
        private Sample last;
        private boolean isDone;

        Replay(Reader reader) {
            this.reader = reader;
        }

        @Override
        public void accept(Sample sample) throws Failure {
            if (last != null && sample.mark() != null) {
                remarks.add(sample.mark().description + between(last, sample));
            }
            last = sample;
            isDone = !reader.accept(sample);
            remarks.clear();
        }

        @Override
        public boolean isDone() {
            return isDone;
        }
    }

    /** Returns the names of files in the folder that belong to no recording. */
    public List<String> others() {
        return recording.others();
    }

    /** Returns a line for each thing to know about the sample that was read last. */
    public List<String> remarks() {
        return List.copyOf(remarks);
    }

    private Sample required(Sample sample) throws Failure {
        if (sample == null) {
            throw empty();
        }
        return sample;
    }

    private Failure empty() throws Failure {
        String why = recording.problem();
        return Failure.usage(
                asked
                        + ": contains "
                        + (why == null
                                ? recording.contents(now, zone)
                                : "no sample that can be read: " + why),
                null);
    }

    /** Returns the failure for a moment of which there is no sample. */
    private Failure outside(Moment moment, String problem) throws Failure {
        return Failure.usage(
                moment.asked()
                        + ": "
                        + problem
                        + "; "
                        + path
                        + " contains "
                        + recording.contents(now, zone),
                null);
    }

    /** Says what the last call could not read. */
    private void remarkDamage() {
        long count = recording.unreadable();
        if (count > 0) {
            remarks.add(
                    (count == 1 ? "1 sample" : count + " samples")
                            + " cannot be read: bytes in the recording are damaged or missing");
        }
        if (recording.remark() != null) {
            remarks.add(recording.remark());
        }
    }

    private void remarkTwin(Moment moment) {
        if (moment != null && moment.twin() != null) {
            remarks.add(
                    moment.asked()
                            + ": there were two such times, as the clock was set back; this is "
                            + zoned(moment.time())
                            + ", the other one "
                            + zoned(moment.twin()));
        }
    }

    private String zoned(Instant time) {
        return time.atZone(zone).toOffsetDateTime().toString();
    }

    /** Returns the time from the sample before to a sample. */
    private Duration interval(Sample sample) throws Failure {
        Sample before = sample.mark() == null ? recording.at(time(sample).minusMillis(1)) : null;
        return before == null ? USUAL_INTERVAL : Duration.between(time(before), time(sample));
    }

    /** Describes the gap behind a sample. */
    private String gap(Sample before, String age) throws Failure {
        Replay next = new Replay(sample -> false);
        recording.forEach(time(before).plusMillis(1), null, next);
        if (next.last == null) {
            return "the recording ends at " + text(time(before)) + ", " + age + " earlier";
        }
        Mark mark = next.last.mark();
        return "there is no sample"
                + between(before, next.last)
                + (mark == null || mark == Mark.GAP ? "" : " (" + mark.description + ")")
                + "; this one is "
                + age
                + " older";
    }

    private String between(Sample before, Sample after) {
        return " between " + text(time(before)) + " and " + text(time(after));
    }

    private String text(Instant time) {
        return Times.text(time, now, zone);
    }

    private boolean isFuture(Moment moment) {
        return moment.time().isAfter(now);
    }

    private static Instant timeOf(Moment moment) {
        return moment == null ? null : moment.time();
    }

    private static Instant time(Sample sample) {
        return sample.snapshot().run().takenAt();
    }
}
