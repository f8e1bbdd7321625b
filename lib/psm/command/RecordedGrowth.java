package psm.command;

import psm.cli.Option;
import psm.cli.Options;
import psm.growth.Growth;
import psm.record.Lookup;
import psm.record.Mark;
import psm.record.Sample;
import psm.scan.Snapshot;
import psm.text.Failure;
import psm.text.Moment;

import java.io.IOException;
import java.util.List;

/** Reads the samples of one machine for a report of growth. Belongs to one thread. */
final class RecordedGrowth {
    private final Options.Period period;
    private final SnapshotSource source;
    private final Growth growth;

    private List<String> notes = List.of();

    /** How often no line is drawn from one sample to the next. */
    private int gaps;

    /** Why the user's filter cannot be used; {@code null} if it can. */
    private Failure tooSlow;

    RecordedGrowth(Options options, SnapshotSource source, Growth growth) {
        this.period = options.where().period();
        this.source = source;
        this.growth = growth;
    }

    Growth growth() {
        return growth;
    }

    /** Returns how often samples are missing. */
    int gaps() {
        return gaps;
    }

    /** Returns a line for each thing to know about the files. */
    List<String> notes() {
        return notes;
    }

    /** Returns why the user's filter cannot be used for any machine; {@code null} if it can. */
    Failure tooSlow() {
        return tooSlow;
    }

    /**
     * Reads the samples of the time that the user named, or of the last day.
     *
     * @param asked the option and the path, for messages
     */
    void read(Lookup recording, String asked) throws Failure {
        Moment since = RecordedFiles.since(recording, period, asked);
        Moment until = period == null ? null : period.until();
        recording.replay(since, until, this::add);
        notes = RecordedFiles.notes(recording);
    }

    private boolean add(Sample sample) throws Failure {
        Mark mark = sample.mark();
        gaps += mark != null && mark.isGap() && growth.last() != null ? 1 : 0;
        add(source.chosenOf(sample.snapshot()), mark);
        return true;
    }

    /**
     * Adds a sample.
     *
     * @param mark what happened since the sample before; {@code null} for nothing
     */
    void add(Snapshot snapshot, Mark mark) throws Failure {
        try {
            growth.add(snapshot, source.users(snapshot), mark);
        } catch (IOException e) {
            tooSlow = tooSlow(e);
            throw tooSlow;
        }
    }

    /** Returns the failure for a filter that takes too long. */
    static Failure tooSlow(IOException e) {
        return Failure.of(Option.FILTER + ": " + e.getMessage(), e);
    }
}
