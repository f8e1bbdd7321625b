package psm.scan;

import psm.name.ProgramName;
import psm.name.ScriptName;
import psm.text.Filter;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** What a scan is to look at. Each method that changes something gives another request. */
public final class ScanRequest implements Cloneable {
    /**
     * Too low, and a large process is left out; too high, and one that is stuck keeps the report
     * waiting. 100 GB of 4 kB pages take about half a second.
     */
    public static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private Source source;
    private boolean heap;
    private boolean byTitle = true;
    private boolean scripts;
    private Set<Detail> details = Collections.emptySet();
    private long timeoutNanos = DEFAULT_TIMEOUT_NANOS;
    private long maxCostNanos;
    private long durationNanos = Long.MAX_VALUE;
    private Selection selection = Selection.ALL;
    private Filter filter;
    private boolean mappings;

    private ScanRequest(Source source) {
        this.source = source;
    }

    /** All processes, named as they want to be. */
    public static ScanRequest of(Source source) {
        return new ScanRequest(source);
    }

    /** Where the figures are to come from. */
    Source source() {
        return source;
    }

    /** Whether the memory of the heap is wanted, which smaps alone tells. */
    boolean heap() {
        return heap;
    }

    /** Whether a title that a program has set is its name, see {@link ProgramName}. */
    boolean byTitle() {
        return byTitle;
    }

    /** Whether to tell interpreters apart by what they run, see {@link ScriptName}. */
    boolean scripts() {
        return scripts;
    }

    /** What to find out about each process beside its memory. */
    Set<Detail> details() {
        return details;
    }

    /** How long one process may take, before it is given up as stuck. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /**
     * How long the kernel may be expected to walk the page tables of a process; what costs more is
     * estimated. 0 for any time.
     */
    long maxCostNanos() {
        return maxCostNanos;
    }

    /** How long the scan may take; what is not read by then has failed. */
    long durationNanos() {
        return durationNanos;
    }

    /** Which processes are wanted. */
    Selection selection() {
        return selection;
    }

    /** Finds something in the names of the programs that are wanted; {@code null} for all. */
    Filter filter() {
        return filter;
    }

    /**
     * Whether the mappings are wanted, by name and by kind, which smaps alone tells: then nothing
     * is estimated, and a process may take longer as long as its smaps goes on.
     */
    boolean mappings() {
        return mappings;
    }

    /** Returns what a snapshot keeps of this request. */
    Snapshot.Scope scope() {
        boolean isFiltered = filter != null || !selection.isAll();
        return new Snapshot.Scope(isFiltered, heap, details, timeoutNanos);
    }

    /** The same, with the memory of the heap, or without. */
    public ScanRequest withHeap(boolean isWanted) {
        ScanRequest other = copy();
        other.heap = isWanted;
        return other;
    }

    /** The same, but for how processes are named. */
    public ScanRequest named(boolean byTitles, boolean byScripts) {
        ScanRequest other = copy();
        other.byTitle = byTitles;
        other.scripts = byScripts;
        return other;
    }

    /** The same, with other limits of time. */
    public ScanRequest within(long timeout, long maxCost) {
        ScanRequest other = copy();
        other.timeoutNanos = timeout;
        other.maxCostNanos = maxCost;
        return other;
    }

    /** The same, with a limit for all of it. */
    public ScanRequest within(long duration) {
        ScanRequest other = copy();
        other.durationNanos = duration;
        return other;
    }

    /** The same, with details. */
    public ScanRequest with(Set<Detail> wanted) {
        ScanRequest other = copy();
        other.details = wanted;
        return other;
    }

    /** The same, of some processes. */
    public ScanRequest of(Selection chosen) {
        ScanRequest other = copy();
        other.selection = chosen;
        return other;
    }

    /** The same, of programs with some names; of all for {@code null}. */
    public ScanRequest filtered(Filter names) {
        ScanRequest other = copy();
        other.filter = names;
        return other;
    }

    /** The same, with the mappings; from smaps, and without the memory of the heap by itself. */
    public ScanRequest withMappings() {
        ScanRequest other = copy();
        other.source = Source.SMAPS;
        other.heap = false;
        other.mappings = true;
        other.details = EnumSet.noneOf(Detail.class);
        other.details.addAll(details);
        other.details.remove(Detail.MAPPINGS); // they are counted anyway, and with one parser
        return other;
    }

    private ScanRequest copy() {
        try {
            return (ScanRequest) clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
