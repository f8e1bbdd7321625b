package psm.growth;

import psm.cgroup.CgroupMemory;
import psm.record.Mark;
import psm.record.RecordingWriter;
import psm.scan.Snapshot;
import psm.text.Missing;
import psm.text.Times;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * Keeps what happened between the samples of one machine since it was started, in bounded memory:
 * when samples are missing, when the recorder ended and started, when the clock was set, and where
 * the OOM killer killed. Not for sharing between threads.
 */
final class Timeline {
    /** The number of gaps that are kept, the longest ones. A picture shows no more of them. */
    private static final int MAX_GAPS = 100;

    /** The number of events that are kept, the last ones. */
    private static final int MAX_EVENTS = 50;

    /** The number of intervals without a sample that make a gap. A scan may be a bit late. */
    private static final int MAX_INTERVALS = 3;

    /** What happened at an uptime. */
    record Event(long millis, String what) {}

    /** The time between two samples; 0 if marks say where samples are missing. */
    private final long intervalMillis;

    private Stretches gaps = new Stretches(MAX_GAPS);
    private final Deque<Event> events = new ArrayDeque<>();

    /** The last sample: its uptime, how long it took, and its time less its uptime. */
    private long lastMillis = Missing.VALUE;

    private long lastTook;
    private long lastClock;

    /** The control groups in the last sample. */
    private Map<String, CgroupMemory> cgroups = Map.of();

    /** Whether the machine was started anew before the next sample. */
    private boolean isRebooted;

    Timeline(long intervalMillis) {
        this.intervalMillis = intervalMillis;
    }

    /** Forgets all: the machine was started anew. */
    void restart() {
        gaps = new Stretches(MAX_GAPS);
        events.clear();
        lastMillis = Missing.VALUE;
        isRebooted = true;
    }

    /**
     * Adds a sample.
     *
     * @param millis its uptime
     * @param mark why no line is drawn from the sample before to this one; {@code null} if it can
     *     be
     */
    void add(Snapshot snapshot, long millis, Mark mark) {
        long clock = snapshot.run().takenAt().toEpochMilli() - millis;
        if (isRebooted) {
            add(millis, Mark.REBOOTED.description);
        } else if (lastMillis != Missing.VALUE) {
            addGap(millis, mark);
            addClock(millis, clock - lastClock);
            addKills(millis, snapshot.cgroups());
        }
        isRebooted = false;
        lastMillis = millis;
        lastTook = Duration.ofNanos(snapshot.run().nanos()).toMillis();
        lastClock = clock;
        cgroups = snapshot.cgroups();
    }

    private void add(long millis, String what) {
        events.add(new Event(millis, what));
        if (events.size() > MAX_EVENTS) {
            events.remove();
        }
    }

    private void addGap(long millis, Mark mark) {
        boolean isLate =
                intervalMillis > 0
                        && millis - lastMillis - lastTook > MAX_INTERVALS * intervalMillis;
        if (isLate || (mark != null && mark.isGap())) {
            gaps.add(lastMillis, millis);
        }
        if (mark == Mark.STARTED) {
            add(millis, mark.description);
        } else if (mark != null && mark.isGap() && mark != Mark.GAP) {
            add(lastMillis, mark.description);
        }
    }

    private void addClock(long millis, long step) {
        if (Math.abs(step) > RecordingWriter.MAX_DRIFT_MILLIS) {
            String by = Times.inWords(Duration.ofMillis(Math.abs(step)));
            add(millis, "the clock was set " + (step > 0 ? "ahead by " : "back by ") + by);
        }
    }

    /** Adds what the OOM killer did; a group counts what happened in the groups below it. */
    @SuppressWarnings("ReferenceEquality") // the same object did not change
    private void addKills(long millis, Map<String, CgroupMemory> now) {
        if (now == cgroups) {
            return;
        }
        List<String> paths = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> group : now.entrySet()) {
            if (kills(group.getKey(), group.getValue()) > 0) {
                paths.add(group.getKey());
            }
        }
        paths.sort(Comparator.naturalOrder());
        for (String path : paths) {
            if (isDeepest(path, paths)) {
                long kills = kills(path, now.get(path));
                add(millis, (kills == 1 ? "OOM kill in " : kills + " OOM kills in ") + path);
            }
        }
    }

    private long kills(String path, CgroupMemory now) {
        CgroupMemory before = cgroups.get(path);
        return before == null || Missing.is(before.oomKills()) || Missing.is(now.oomKills())
                ? 0
                : now.oomKills() - before.oomKills();
    }

    private static boolean isDeepest(String path, List<String> paths) {
        for (String other : paths) {
            if (!other.equals(path) && CgroupMemory.isWithin(other, path)) {
                return false;
            }
        }
        return true;
    }

    /** Returns the times without samples, in order. */
    Stretches gaps() {
        return gaps;
    }

    /** Returns what happened, in order of time. */
    List<Event> events() {
        List<Event> sorted = new ArrayList<>(events);
        sorted.sort(Comparator.comparingLong(Event::millis));
        return sorted;
    }
}
