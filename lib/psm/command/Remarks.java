package psm.command;

import psm.Psm;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.Topic;
import psm.collect.CollectorClient;
import psm.oom.OomRemarks;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.LeftOut;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Filter;
import psm.text.Missing;
import psm.text.Text;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The lines that psm prints about a report on standard error: what it leaves out, what would help,
 * and what the scan cost.
 */
final class Remarks {
    private final Options options;
    private final Snapshot snapshot;
    private final SnapshotSource source;
    private final List<String> remarks = new ArrayList<>();

    Remarks(Options options, Snapshot snapshot, SnapshotSource source) {
        this.options = options;
        this.snapshot = snapshot;
        this.source = source;
    }

    /** Returns one remark for each thing that the user should know about the report. */
    List<String> all(Psm.Report report) {
        if (!options.about().quiet()) {
            about(report);
        }
        if (options.about().debug()) {
            list();
        }
        if (options.about().timing()) {
            remarks.add(timing());
            if (!snapshot.run().slowest().isEmpty()) {
                remarks.add(slowest(snapshot.run().slowest()));
            }
        }
        return remarks;
    }

    /**
     * Returns the remarks about one machine of a report.
     *
     * @param isOnly whether the report has no other machine
     */
    List<String> ofMachine(Snapshot all, Collection<String> lines, boolean isOnly) {
        if (!options.about().quiet()) {
            remarks.addAll(lines);
            if (!options.which().selection().isAll() && options.which().filter() == null) {
                notFound(options.which().selection().missing(snapshot.pids()));
            }
            unavailable();
            if (options.what().topic() == Topic.OOM) {
                remarks.addAll(OomRemarks.of(all, isOnly));
            }
        }
        if (options.about().debug()) {
            list();
        }
        if (options.about().timing()) {
            remarks.add(scan());
        }
        return remarks;
    }

    /**
     * Returns the remarks about one of two snapshots that are compared.
     *
     * @param processes the numbers of its processes
     */
    List<String> ofSide(Psm.Processes processes) {
        if (source.probe() != null) {
            remarks.addAll(source.probe().remarks());
        }
        String doubts = doubts(processes);
        if (!doubts.isEmpty()) {
            remarks.add(doubts);
        }
        if (options.about().debug()) {
            list();
        }
        return remarks;
    }

    /** Explains a report of several machines that has no rows. */
    static List<String> nothing(Options options, Psm.Report report) {
        boolean isAnyLeftOut = options.looks().layout().totalsAlone() || report.more() != null;
        if (!report.rows().isEmpty() || (isAnyLeftOut && report.processes().measured() > 0)) {
            return List.of();
        }
        String unmatched = unmatched(options);
        return unmatched == null ? List.of() : List.of(unmatched);
    }

    /** Returns what no process matches; {@code null} if all are asked for. */
    private static String unmatched(Options options) {
        Filter ofPrograms = options.which().filter();
        Filter ofRows = options.what().view().filter();
        if (ofPrograms != null || ofRows != null) {
            return ofPrograms != null
                    ? "no program matches " + ofPrograms.asTyped()
                    : "no row matches " + ofRows.asTyped();
        }
        if (options.what().topic() == Topic.GROWTH
                && options.what().view().minBytes() != Missing.VALUE) {
            return "no row has grown by the size of " + Option.MIN;
        }
        return options.which().selection().isAll() ? null : "no process matches the selection";
    }

    private void about(Psm.Report report) {
        remarks.addAll(source.notes());
        if (source.problem() != null) {
            remarks.add(source.problem());
        }
        if (!options.which().selection().isAll() && options.which().filter() == null) {
            notFound(options.which().selection().missing(snapshot.pids()));
        }
        boolean isAnyLeftOut = options.looks().layout().totalsAlone() || report.more() != null;
        boolean isExplained = remarks.size() > source.notes().size();
        if (!isExplained
                && report.rows().isEmpty()
                && (!isAnyLeftOut || report.processes().measured() == 0)) {
            nothing(report.processes());
        }
        unavailable();
        if (source.probe() != null) {
            remarks.addAll(source.probe().remarks());
        }
        if (options.what().topic() == Topic.OOM) {
            remarks.addAll(OomRemarks.of(source.all(), report));
        }
        String doubts = doubts(report.processes());
        if (!doubts.isEmpty()) {
            remarks.add(doubts);
            recorded();
        }
    }

    /** Adds a remark about a recording of what psm may not read now. */
    private void recorded() {
        boolean isOfThisHost =
                options.isOfProc() && options.where().proc().equals(ProcFs.DEFAULT_ROOT);
        if (isOfThisHost && !options.what().topic().isOfMappings() && !isOfRoot() && isDenied()) {
            String hint = RecordingHint.of(Path.of(Options.RECORDINGS), Instant.now());
            if (hint != null) {
                remarks.add(hint);
            }
        }
    }

    /** Returns whether psm had no permission to read a process. */
    private boolean isDenied() {
        for (Unmeasured process : unread()) {
            if (process.reason() == Unmeasured.Reason.DENIED) {
                return true;
            }
        }
        return snapshot.run().hidden();
    }

    /** Adds a remark about each process without exact figures. */
    private void list() {
        for (Unmeasured process : snapshot.unmeasured()) {
            String why = process.reason().inWords + LeftOut.detail(process);
            remarks.add(LeftOut.name(process) + ": " + why);
        }
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null) {
                Unmeasured unread = process.unmeasured();
                String why = unread.reason().inWords + LeftOut.detail(unread);
                remarks.add(LeftOut.name(unread) + ": estimated: " + why);
            }
        }
    }

    /** Adds a remark about programs that a probe did not find. */
    private void notFound(Set<String> pids) {
        if (!pids.isEmpty()) {
            remarks.add(
                    "pid "
                            + String.join(", ", pids)
                            + ": no such process, or it has no memory (a kernel thread, a zombie)");
        }
    }

    /** Adds a remark that explains a report without rows. */
    private void nothing(Psm.Processes processes) {
        Filter ofRows = options.what().view().filter();
        String unmatched = unmatched(options);
        if (options.what().topic().isOfMappings()
                && ofRows != null
                && !snapshot.processes().isEmpty()) {
            remarks.add("no mapping matches " + ofRows.asTyped());
        } else if (snapshot.run().hidden()
                || (!snapshot.unmeasured().isEmpty() && !processes.complete())) {
            return; // the remark about processes that are left out explains it
        } else if (unmatched != null) {
            remarks.add(unmatched);
        } else if (processes.complete()) {
            boolean isLive = !isFile() && options.where().proc().equals(ProcFs.DEFAULT_ROOT);
            remarks.add(
                    (isFile() ? options.where().from().get(0) : options.where().proc())
                            + ": only kernel threads"
                            + (isLive ? ", and psm itself" : ""));
        }
    }

    /** Adds a remark about requested figures that no process has. */
    private void unavailable() {
        for (Figure figure : Figure.values()) {
            if (figure.needs() == Detail.MAPPINGS && options.what().topic().isOfMappings()) {
                continue; // each row has it
            }
            boolean isOfProcesses =
                    figure.fold == Figure.Fold.SUM
                            || figure.fold == Figure.Fold.MAX
                            || figure.fold == Figure.Fold.SHARE
                            || figure.needs() == Detail.CGROUP_MEMORY;
            View view = options.what().view();
            boolean isOfMetrics = view.isOfMetrics() && !view.isInTables(figure);
            boolean isRequested = view.uses(figure) && !View.DEFAULT.uses(figure) && !isOfMetrics;
            if (isOfProcesses && isRequested && !isKnown(figure)) {
                remarks.add(
                        Option.COLUMNS.brief() + " " + figure.option + ": " + unavailable(figure));
            }
        }
    }

    private String unavailable(Figure figure) {
        Detail needed = figure.needs();
        boolean isOfOlder =
                needed == Detail.BOOT
                        || (needed != null && !snapshot.scope().details().contains(needed));
        if (isFile() && isOfOlder) {
            return "not in this snapshot; write a new one with 'psm -o snapshot'";
        }
        String where =
                snapshot.host().kernel() == null ? "here" : "on Linux " + snapshot.host().kernel();
        return "not available " + where + ": " + figure.description;
    }

    /** Returns whether the kernel reports a figure for any process, or no process was measured. */
    private boolean isKnown(Figure figure) {
        if (snapshot.processes().isEmpty()) {
            return true;
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return snapshot.host().memory().bytes(figure.whole) != Missing.VALUE;
        }
        if (figure.needs() == Detail.CGROUP_MEMORY) {
            return !snapshot.cgroups().isEmpty();
        }
        if (figure.needs() == Detail.BOOT) {
            return !Missing.is(snapshot.host().uptimeMillis());
        }
        boolean isAnyRead = false;
        for (ProcessMemory process : snapshot.processes()) {
            if (figure.of(process) != Missing.VALUE) {
                return true;
            }
            isAnyRead |= process.estimate() == null || figure.needs() != null;
        }
        return !isAnyRead; // the remark about estimates explains it
    }

    /** Returns which processes the figures do not include, and which figures may be too high. */
    private String doubts(Psm.Processes processes) {
        boolean isUnread = processes.estimated() > processes.estimates().doubtful();
        return LeftOut.doubts(
                processes,
                processes.complete() ? LeftOut.Details.NONE : details(snapshot.unmeasured()),
                isUnread ? details(unread()) : LeftOut.Details.NONE,
                processes.estimates().doubtful() > 0 ? resolve() : "");
    }

    private List<Unmeasured> unread() {
        List<Unmeasured> unread = new ArrayList<>();
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null) {
                unread.add(process.unmeasured());
            } else if (process.usage().isEstimated()) {
                String name = process.program().name();
                unread.add(new Unmeasured(process.pid(), name, Unmeasured.Reason.ABSENT, null));
            }
        }
        return unread;
    }

    /** Returns how to find out whether processes are counted twice. */
    private String resolve() {
        if (source.probe() != null) {
            return "; psm on that machine, run as root, may resolve it";
        }
        if (isFile()) {
            return "; a snapshot that root writes may resolve it";
        }
        return isOfRoot() ? "" : "; run as root to resolve";
    }

    /**
     * Returns the first process for each reason, and what would help. (An EnumMap would take longer
     * to load, see {@link Detail#none}.)
     */
    private LeftOut.Details details(List<Unmeasured> unread) {
        Map<Unmeasured.Reason, String> only = new TreeMap<>();
        Map<Unmeasured.Reason, String> more = new TreeMap<>();
        for (Unmeasured process : unread) {
            Unmeasured.Reason reason = process.reason();
            if (more.containsKey(reason)) {
                only.remove(reason);
            } else {
                String after = after(reason);
                String why = reason.inWords + after + LeftOut.detail(process);
                only.put(reason, LeftOut.name(process) + ": " + why);
                boolean isNamed =
                        reason == Unmeasured.Reason.STUCK || reason == Unmeasured.Reason.FAILED;
                more.put(reason, after + (isNamed ? first(process) : ""));
            }
        }
        return new LeftOut.Details(only, more, isFile() ? "" : "; " + remedy());
    }

    /** Returns what follows a reason. */
    private String after(Unmeasured.Reason reason) {
        return switch (reason) {
            case DENIED -> denied();
            case STUCK -> " of " + seconds(snapshot.scope().timeoutNanos());
            default -> "";
        };
    }

    private String denied() {
        if (source.probe() != null) {
            return source.probe().isOfRoot() ? " even to root" : " to the user who ran the probe";
        }
        if (isFile()) {
            return " to the user who wrote the snapshot";
        }
        return isOfRoot() ? " even to root" : "; " + remedy();
    }

    private boolean isOfRoot() {
        return source.isCollected() || new OwnProcess().isRoot();
    }

    /** Returns how to see all processes. */
    private String remedy() {
        if (CollectorClient.way() != null && !options.isForCollector()) {
            return "use sudo: with these options psm reads with your own rights";
        }
        String group = System.getProperty(CollectorClient.GROUP);
        return group == null ? "use sudo" : "use sudo, or join group " + group;
    }

    private boolean isFile() {
        return options.where().isFile();
    }

    private String first(Unmeasured process) {
        String all = options.about().debug() ? "" : "; " + Option.DEBUG + " lists them";
        return "; first: " + LeftOut.name(process) + LeftOut.detail(process) + all;
    }

    private String timing() {
        return scan() + ", " + run() + way();
    }

    private String scan() {
        return LeftOut.processes(snapshot.processes().size())
                + ", "
                + snapshot.run().bytesRead()
                + " bytes read, "
                + snapshot.run().workers()
                + (snapshot.run().workers() == 1 ? " worker, " : " workers, ")
                + milliseconds(snapshot.run().nanos())
                + " ms to scan";
    }

    /** Returns what this run of psm has taken so far. */
    static String run() {
        OwnProcess self = new OwnProcess();
        return self.millisecondsSinceStart()
                + " ms in total, "
                + self.peakMemory()
                + " peak memory (VmHWM)";
    }

    /** Returns the words that say with whose rights the processes were read. */
    private String way() {
        if (source.isCollected()) {
            return ", " + CollectorClient.way();
        }
        return options.isOfProc() ? ", with your own rights" : "";
    }

    private static String slowest(List<Snapshot.Slow> processes) {
        StringBuilder line = new StringBuilder("slowest to read:");
        for (Snapshot.Slow process : processes) {
            line.append(line.charAt(line.length() - 1) == ':' ? " " : ", ");
            line.append(milliseconds(process.nanos())).append(" ms pid ").append(process.pid());
            String name = Text.cut(process.program(), LeftOut.MAX_NAME_CHARS);
            line.append(" (").append(name).append(')');
        }
        return line.toString();
    }

    private static String milliseconds(long nanos) {
        return nanos / 1_000_000 + "." + nanos / 100_000 % 10;
    }

    private static String seconds(long nanos) {
        String seconds = BigDecimal.valueOf(nanos, 9).stripTrailingZeros().toPlainString();
        return seconds + (seconds.equals("1") ? " second" : " seconds");
    }
}
