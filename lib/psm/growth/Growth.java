package psm.growth;

import psm.name.Program;
import psm.name.UserNames;
import psm.proc.ClockTicks;
import psm.proc.Host;
import psm.record.Mark;
import psm.report.Grouping;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Filter;
import psm.text.Missing;
import psm.trend.Verdict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Follows the memory of processes, of groups of them and of the machine from one sample to the
 * next. It keeps no samples, so any number of them fits into the memory. Not for sharing between
 * threads.
 */
public final class Growth {
    /**
     * How many slots all series together may have: 14 MB. If it is too low, series are blurred on a
     * machine with thousands of processes; if it is too high, Java runs out of memory.
     */
    private static final long MAX_SLOTS = 1_200_000;

    /** Of a group, besides its sizes there are the sizes at birth. */
    private static final int SERIES_OF_GROUP = 2;

    /** How many rows there may be: more than a snapshot has processes. */
    private static final int MAX_ROWS = 40_000;

    /** How many rows may be added before those that are gone are removed. */
    private static final int MAX_ADDED = 2_000;

    private final boolean isByPid;
    private final GroupLabels labels;
    private final Filter filter;

    /** The processes of the last sample, by ascending pid. */
    private List<Life> lives = new ArrayList<>();

    /** The rows by their names; of single processes, by their lives. */
    private final Map<Object, GrowthRow> rows = new HashMap<>();

    private Capacities capacities = new Capacities();

    /** What happened meanwhile; {@code null} if nothing is drawn. */
    private Timeline timeline;

    /** The last sample; {@code null} before the first, and if it is not kept. */
    private Snapshot last;

    /** The machine of the last sample. */
    private Host host;

    private long firstMillis;
    private long lastMillis;
    private long samples;

    /** The number of rows after which those that are gone are removed. */
    private int crowded = MAX_ADDED;

    private boolean isRebooted;
    private int dropped;

    /**
     * Begins without a sample.
     *
     * @param by the ways to group processes
     * @param filter the filter for names of programs; {@code null} for all
     * @param areStable whether units and control groups have names that stay the same over time, as
     *     those of metrics do
     */
    public Growth(List<Grouping> by, Filter filter, boolean areStable) {
        this(by, filter, null, areStable);
    }

    /**
     * Begins without a sample.
     *
     * @param machine what the machine is called; {@code null} for the name that it has itself
     */
    Growth(List<Grouping> by, Filter filter, String machine, boolean areStable) {
        this.isByPid = by.contains(Grouping.PID);
        this.labels = new GroupLabels(by, machine, areStable);
        this.filter = filter;
    }

    /**
     * Takes note of what happens between samples too, so that curves can be drawn. This must be
     * called before the first sample.
     *
     * @param intervalMillis the time between two samples; 0 if they have marks
     */
    public void keepTimeline(long intervalMillis) {
        timeline = new Timeline(intervalMillis);
    }

    /** Adds a sample without a mark. */
    public void add(Snapshot snapshot, UserNames names) throws IOException {
        add(snapshot, names, null);
    }

    /**
     * Adds a sample, which is later than the one before.
     *
     * @param names the names of users and groups on its machine
     * @param mark what happened since the sample before; {@code null} for nothing
     */
    public void add(Snapshot snapshot, UserNames names, Mark mark) throws IOException {
        long millis = uptime(snapshot);
        if (host != null && !isSameBoot(snapshot.host(), millis)) {
            restart();
        }
        firstMillis = samples == 0 ? millis : firstMillis;
        samples++;
        labels.begin(snapshot, names);
        match(snapshot, millis);
        for (Life life : lives) {
            if (life.row != null) {
                life.row.add(life, samples);
            }
        }
        for (GrowthRow row : rows.values()) {
            if (row.isIn(samples)) {
                row.end(millis);
            } else if (timeline != null) {
                row.miss(millis);
            }
        }
        if (timeline != null) {
            timeline.add(snapshot, millis, mark);
        }
        capacities.add(snapshot, millis);
        last = snapshot;
        host = snapshot.host();
        lastMillis = millis;
        if (slots() > MAX_SLOTS || rows.size() > crowded) {
            makeRoom();
        }
    }

    /**
     * Forgets the last sample, for which another one has to follow before a report. Two samples of
     * very many processes at once would not fit into the memory.
     */
    public void forget() {
        last = null;
        for (Life life : lives) {
            life.forget();
        }
    }

    private static long uptime(Snapshot snapshot) {
        long uptime = snapshot.host().uptimeMillis();
        return uptime == Missing.VALUE ? snapshot.run().takenAt().toEpochMilli() : uptime;
    }

    /** Returns whether a sample is of the same time since the machine was started. */
    private boolean isSameBoot(Host now, long millis) {
        String before = host.bootId();
        boolean isOther = before != null && now.bootId() != null && !before.equals(now.bootId());
        return !isOther && millis >= lastMillis;
    }

    /** Begins anew: with the machine, all its processes ended. */
    private void restart() {
        lives.clear();
        rows.clear();
        capacities = new Capacities();
        if (timeline != null) {
            timeline.restart();
        }
        samples = 0;
        isRebooted = true;
    }

    // Processes

    /** Finds the processes of the sample before in this one; both are by ascending pid. */
    private void match(Snapshot snapshot, long millis) throws IOException {
        List<Life> next = new ArrayList<>(snapshot.processes().size());
        Set<Integer> unread = unread(snapshot);
        int before = 0;
        for (ProcessMemory process : snapshot.processes()) {
            while (before < lives.size() && lives.get(before).pid < process.pid()) {
                leave(lives.get(before++), unread, next);
            }
            Life life = null;
            if (before < lives.size() && lives.get(before).pid == process.pid()) {
                Life known = lives.get(before++);
                if (known.is(process)) {
                    life = known;
                } else {
                    end(known);
                }
            }
            if (life == null) {
                life = new Life(process);
            }
            update(life, process, millis);
            next.add(life);
        }
        while (before < lives.size()) {
            leave(lives.get(before++), unread, next);
        }
        lives = next;
    }

    /** Returns the pids of processes that exist, and of which a sample contains no figures. */
    private static Set<Integer> unread(Snapshot snapshot) {
        Set<Integer> pids = null;
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() != Unmeasured.Reason.VANISHED) {
                pids = pids == null ? new HashSet<>() : pids;
                pids.add(process.pid());
            }
        }
        return pids == null ? Set.of() : pids;
    }

    private void leave(Life life, Set<Integer> unread, List<Life> next) {
        if (unread.contains(life.pid)) {
            life.skip();
            next.add(life);
        } else {
            end(life);
        }
    }

    private void end(Life life) {
        if (life.row != null) {
            life.row.leave();
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same object did not change
    private void update(Life life, ProcessMemory process, long millis) throws IOException {
        ProcessMemory before = life.process();
        life.update(process);
        if (life.isLeftOut) {
            return;
        }
        if (before == null
                || labels.areOfOthers()
                || (before != process && !GroupLabels.areSame(before, process))) {
            place(life, process, millis);
        }
    }

    /** Puts a process into its row, which another program of it may have been in another one. */
    private void place(Life life, ProcessMemory process, long millis) throws IOException {
        GrowthRow row = row(life, process);
        if (row == life.row) {
            return;
        }
        end(life);
        life.row = row;
        if (row != null) {
            row.join(bornMillis(process));
            if (samples > 1 && !isByPid) {
                row.births.born(millis, life.own());
            }
        }
    }

    private static long bornMillis(ProcessMemory process) {
        long ticks = process.startTime();
        return ticks == Missing.VALUE ? Long.MIN_VALUE : ticks * ClockTicks.MILLIS;
    }

    private GrowthRow row(Life life, ProcessMemory process) throws IOException {
        Program program = process.program();
        String name = program.names() == null ? program.name() : program.names().by(false, true);
        if (!process.isCounted() || (filter != null && !filter.finds(name))) {
            return null;
        }
        if (isByPid && life.row != null) {
            return life.row;
        }
        List<String> names = labels.of(process, name);
        Object key = isByPid ? life : names;
        GrowthRow row = rows.get(key);
        if (row == null) {
            row = new GrowthRow(names, isByPid ? process.pid() : 0);
            rows.put(key, row);
        }
        return row;
    }

    // Memory

    /**
     * Removes rows that are gone and did not grow. If the others are too many, they have fewer
     * slots, and as a last resort, the small ones are removed.
     */
    private void makeRoom() {
        for (Iterator<GrowthRow> all = rows.values().iterator(); all.hasNext(); ) {
            GrowthRow row = all.next();
            if (!row.isIn(samples) && row.trend().verdict() != Verdict.STEADY) {
                all.remove();
            }
        }
        if (slots() > MAX_SLOTS) {
            int series = rows.size() * (isByPid ? 1 : SERIES_OF_GROUP);
            for (GrowthRow row : rows.values()) {
                row.narrow((int) MAX_SLOTS / series);
            }
        }
        if (slots() > MAX_SLOTS || rows.size() > MAX_ROWS) {
            List<GrowthRow> bySize = new ArrayList<>(rows.values());
            bySize.sort((a, b) -> Long.compare(a.now(), b.now()));
            Set<GrowthRow> small = new HashSet<>(bySize.subList(0, bySize.size() / 2));
            dropped += small.size();
            rows.values().removeAll(small);
            for (Life life : lives) {
                if (small.contains(life.row)) {
                    life.row = null;
                    life.isLeftOut = true;
                }
            }
        }
        crowded = rows.size() + MAX_ADDED;
    }

    // Results

    /** Returns the rows that have processes, and those that grew to their end. */
    List<GrowthRow> rows() {
        List<GrowthRow> found = new ArrayList<>();
        for (GrowthRow row : rows.values()) {
            if (row.isIn(samples) || row.trend().verdict() == Verdict.STEADY) {
                found.add(row);
            }
        }
        return found;
    }

    /** Returns for how many slots there is memory. */
    long slots() {
        long slots = 0;
        for (GrowthRow row : rows.values()) {
            slots += row.capacity();
        }
        return slots;
    }

    /** Returns the number of rows that are in memory. */
    int size() {
        return rows.size();
    }

    GroupLabels labels() {
        return labels;
    }

    boolean isByPid() {
        return isByPid;
    }

    Capacities capacities() {
        return capacities;
    }

    /** Returns what happened between the samples; {@code null} if that was not kept. */
    Timeline timeline() {
        return timeline;
    }

    /** Returns the uptime of the last sample. */
    long lastMillis() {
        return lastMillis;
    }

    /** Returns whether a row has processes in the last sample. */
    boolean isThere(GrowthRow row) {
        return row.isIn(samples);
    }

    /** Returns the last sample; {@code null} if there is none. */
    public Snapshot last() {
        return last;
    }

    /** Returns the number of samples since the machine was started. */
    public long samples() {
        return samples;
    }

    /** Returns the time from the first of {@link #samples} to the last. */
    public long millis() {
        return lastMillis - firstMillis;
    }

    /** Returns whether the machine was started anew, so that earlier samples are left out. */
    public boolean isRebooted() {
        return isRebooted;
    }

    /** Returns how many control groups with a limit are not followed, since there are too many. */
    public int droppedLimits() {
        return capacities.leftOut();
    }

    /** Returns how many rows are not followed, since there were too many. */
    public int dropped() {
        return dropped;
    }
}
