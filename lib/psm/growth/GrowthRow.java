package psm.growth;

import psm.text.Missing;
import psm.trend.Dips;
import psm.trend.Series;
import psm.trend.Trend;

import java.util.List;

/** A group of processes over time, or a single one. Not for sharing between threads. */
final class GrowthRow {
    /** The number of absences to keep: a picture shows them, and there are many rows. */
    private static final int MAX_ABSENCES = 8;

    /** Its names, see {@link GroupLabels}. */
    final List<String> names;

    /** The pid, if it is a single process, else 0. */
    final int pid;

    final Series series = new Series();

    private final Dips dips = new Dips(series);

    /** {@code null} if it is a single process. */
    final Births births;

    /** {@code null} if it is a single process. */
    final Copied copied;

    /** The uptime when its first process started; {@link Long#MIN_VALUE} if it is not known. */
    private long bornMillis = Long.MAX_VALUE;

    /** The number of the sample that is being added. */
    private long sample = -1;

    /** Whether a process of it was born or ended since the sample before. */
    private boolean isChanged;

    /** The first and the last sample since it has no process; else {@link Missing#VALUE}. */
    private long absentFrom = Missing.VALUE;

    private long absentUntil;

    /** {@code null} if it always had processes. */
    private Stretches absences;

    private long sum;
    private long anonymous;
    private int count;
    private int estimated;

    GrowthRow(List<String> names, int pid) {
        this.names = names;
        this.pid = pid;
        this.births = pid == 0 ? new Births() : null;
        this.copied = pid == 0 ? new Copied() : null;
    }

    private boolean isSingle() {
        return pid != 0;
    }

    /**
     * Takes note of a sample in which it has no process.
     *
     * @param millis its uptime
     */
    void miss(long millis) {
        absentFrom = absentFrom == Missing.VALUE ? millis : absentFrom;
        absentUntil = millis;
    }

    /** Returns when it had no processes, as far as that was noted: the longest times. */
    Stretches absences() {
        noteAbsence();
        return absences == null ? new Stretches(0) : absences;
    }

    private void noteAbsence() {
        if (absentFrom != Missing.VALUE) {
            absences = absences == null ? new Stretches(MAX_ABSENCES) : absences;
            absences.add(absentFrom, absentUntil);
            absentFrom = Missing.VALUE;
        }
    }

    /** Adds a process that is in the current sample and was not in the one before. */
    void join(long bornAt) {
        isChanged = true;
        bornMillis = Math.min(bornMillis, bornAt);
    }

    /** Removes a process that is not in the current sample. */
    void leave() {
        isChanged = true;
        if (!isSingle()) {
            births.ended();
        }
    }

    /** Adds the figures of one of its processes in a sample. */
    void add(Life life, long sampleNumber) {
        if (sample != sampleNumber) {
            sample = sampleNumber;
            sum = 0;
            anonymous = 0;
            count = 0;
            estimated = 0;
            if (!isSingle()) {
                copied.begin(!isChanged);
            }
            isChanged = false;
        }
        count++;
        sum += isSingle() ? life.own() : life.share();
        estimated += life.isEstimated() ? 1 : 0;
        if (isSingle()) {
            return;
        }
        copied.add(life.change());
        long share = life.anonymousShare();
        if (share == Missing.VALUE) {
            isChanged = true; // neither this sample nor the next one can be compared
            copied.add(Long.MIN_VALUE);
        } else {
            anonymous += share;
        }
    }

    /** Ends a sample in which it had processes. */
    void end(long millis) {
        noteAbsence();
        if (isSingle()) {
            series.add(millis, sum);
        } else {
            dips.add(millis, sum);
            copied.end(anonymous);
        }
    }

    /** Returns whether a sample contains any process of it. */
    boolean isIn(long sampleNumber) {
        return sample == sampleNumber;
    }

    /** Returns for how many slots its series have memory. */
    int capacity() {
        return series.capacity() + (isSingle() ? 0 : births.sizes().capacity());
    }

    /** Makes do with fewer slots in each series, see {@link Series#narrow}. */
    void narrow(int most) {
        series.narrow(most);
        if (!isSingle()) {
            births.sizes().narrow(most);
        }
    }

    /** Returns its size in the last sample that contains it. */
    long now() {
        return sum;
    }

    int count() {
        return count;
    }

    int estimated() {
        return estimated;
    }

    /** Returns the trend of its size. */
    Trend trend() {
        return decision().trend();
    }

    /** Returns the trend of its size, and why it is one. */
    Trend.Decision decision() {
        return Trend.decide(series, bornMillis == Long.MAX_VALUE ? Long.MIN_VALUE : bornMillis);
    }
}
