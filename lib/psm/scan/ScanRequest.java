package psm.scan;

import psm.name.ProgramName;
import psm.name.ScriptName;
import psm.proc.WalkCost;
import psm.text.Filter;

import java.util.Collections;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Describes what a scan reads. Immutable: each method that changes something returns another
 * request.
 */
public final class ScanRequest implements Cloneable {
    /**
     * The time after which a process is skipped. If it is too low, a large process is left out; if
     * it is too high, a stuck process delays the report. 100 GB of 4 kB pages take about half a
     * second.
     */
    public static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private Source source;
    private boolean heap;
    private boolean byTitle = true;
    private boolean scripts;
    private boolean arguments = true;
    private Set<Detail> details = Collections.emptySet();
    private long timeoutNanos = DEFAULT_TIMEOUT_NANOS;
    private long estimateAboveNanos;

    /** What earlier scans have learnt; {@code null} for nothing. */
    private WalkCost cost;

    private long durationNanos = Long.MAX_VALUE;
    private Selection selection = Selection.ALL;

    /** What the report selects from the scan; another scan reads no more than that. */
    private Selection shown = Selection.ALL;

    private Filter filter;
    private boolean mappings;
    private boolean mappingParts;
    private Set<Integer> sharingHugePages = Collections.emptySet();

    private ScanRequest(Source source) {
        this.source = source;
    }

    /** Returns a request for all processes, named by their titles. */
    public static ScanRequest of(Source source) {
        return new ScanRequest(source);
    }

    /** Returns the file to read the figures from. */
    Source source() {
        return source;
    }

    /** Returns whether the memory of the heap is wanted, which only smaps contains. */
    boolean heap() {
        return heap;
    }

    /** Returns whether a title that a program has set is its name, see {@link ProgramName}. */
    boolean byTitle() {
        return byTitle && arguments;
    }

    /** Returns whether to name interpreters by what they run, see {@link ScriptName}. */
    boolean scripts() {
        return scripts && arguments;
    }

    /**
     * Returns whether the arguments of processes may be read: without them there are no titles,
     * scripts and command lines.
     */
    boolean arguments() {
        return arguments;
    }

    /** Returns the details to read for each process besides its memory. */
    Set<Detail> details() {
        return details;
    }

    /** Returns how long one process may take before it is skipped as stuck. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /**
     * Returns how long the kernel may take to walk the page tables of a process. A process that
     * would take longer is estimated. 0 for any time.
     */
    long estimateAboveNanos() {
        return estimateAboveNanos;
    }

    /** Returns what predicts how long a process takes. */
    WalkCost cost() {
        return cost == null ? new WalkCost() : cost;
    }

    /**
     * Returns how long the scan may take; processes that are not read by then are reported as
     * failed.
     */
    long durationNanos() {
        return durationNanos;
    }

    /** Returns which processes are wanted. */
    Selection selection() {
        return selection;
    }

    /** Returns whether psm's own process is asked for by its pid. */
    boolean shows(int ownPid) {
        return selection.names(ownPid) || shown.names(ownPid);
    }

    /** Returns a filter that finds the names of the wanted programs; {@code null} for all. */
    Filter filter() {
        return filter;
    }

    /**
     * Returns whether the mappings are wanted, by name and by kind, which only smaps contains. Then
     * nothing is estimated, and a process is not skipped while reading its smaps makes progress.
     */
    boolean mappings() {
        return mappings;
    }

    /** Returns whether the names of mappings in each kind are wanted, too. */
    boolean mappingParts() {
        return mappingParts;
    }

    /** Returns the processes whose private huge pages are shared, see {@link SharedHugePages}. */
    Set<Integer> sharingHugePages() {
        return sharingHugePages;
    }

    /** Returns what a snapshot keeps of this request. */
    Snapshot.Scope scope() {
        boolean isFiltered = filter != null || !selection.isAll();
        return new Snapshot.Scope(isFiltered, heap, details, timeoutNanos);
    }

    /** Returns the same request with or without the memory of the heap. */
    public ScanRequest withHeap(boolean isWanted) {
        ScanRequest other = copy();
        other.heap = isWanted;
        return other;
    }

    /** Returns the same request with other rules for the names of programs. */
    public ScanRequest named(boolean byTitles, boolean byScripts) {
        ScanRequest other = copy();
        other.byTitle = byTitles;
        other.scripts = byScripts;
        return other;
    }

    /**
     * Returns the same request without all that only the arguments of processes show, which may
     * contain passwords: command lines, and titles that programs set. Programs are named after
     * their executables, or where permission for those is denied, by the kernel's name for them.
     */
    public ScanRequest withoutCommands() {
        ScanRequest other = copy();
        other.arguments = false;
        return other.with(details);
    }

    /** Returns the same request with other limits for one process, in nanoseconds. */
    public ScanRequest within(long timeout, long estimateAbove) {
        ScanRequest other = copy();
        other.timeoutNanos = timeout;
        other.estimateAboveNanos = estimateAbove;
        return other;
    }

    /** Returns the same request with a prediction that earlier scans have made better. */
    public ScanRequest learning(WalkCost prediction) {
        ScanRequest other = copy();
        other.cost = prediction;
        return other;
    }

    /** Returns the same request with a limit for the whole scan, in nanoseconds. */
    public ScanRequest within(long duration) {
        ScanRequest other = copy();
        other.durationNanos = duration;
        return other;
    }

    /** Returns the same request with details. */
    public ScanRequest with(Set<Detail> wanted) {
        ScanRequest other = copy();
        other.details = Detail.none();
        other.details.addAll(wanted);
        if (!arguments) {
            other.details.remove(Detail.COMMAND);
        }
        return other;
    }

    /** Returns the same request for the selected processes. */
    public ScanRequest of(Selection chosen) {
        ScanRequest other = copy();
        other.selection = chosen;
        return other;
    }

    /**
     * Returns the same request for a report that will show some of its processes: all are wanted.
     */
    public ScanRequest showing(Selection chosen) {
        ScanRequest other = copy();
        other.shown = chosen;
        return other;
    }

    /** Returns the same request for programs whose names the filter finds; {@code null} for all. */
    public ScanRequest filtered(Filter names) {
        ScanRequest other = copy();
        other.filter = names;
        return other;
    }

    /**
     * Returns the same request with mappings. It reads smaps, and does not request heaps, which are
     * among the mappings.
     */
    public ScanRequest withMappings() {
        ScanRequest other = copy();
        other.source = Source.SMAPS;
        other.heap = false;
        other.mappings = true;
        other.details = Detail.none();
        other.details.addAll(details);
        other.details.remove(Detail.MAPPINGS); // the parser of smaps counts them anyway
        return other;
    }

    /** Returns the same request with mappings, and the names of them in each kind. */
    public ScanRequest withMappingParts() {
        ScanRequest other = withMappings();
        other.mappingParts = true;
        return other;
    }

    /** Returns the same request, if some processes share what smaps reports as private. */
    ScanRequest sharingHugePages(Set<Integer> pids) {
        ScanRequest other = copy();
        other.sharingHugePages = pids;
        return other;
    }

    /** Returns a request for the memory of all processes alone, read from the same file. */
    ScanRequest ofAllMemory() {
        return of(source).within(timeoutNanos, estimateAboveNanos).within(durationNanos);
    }

    private ScanRequest copy() {
        try {
            return (ScanRequest) clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}
