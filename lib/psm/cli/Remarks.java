package psm.cli;

import psm.Psm;
import psm.collect.CollectorClient;
import psm.proc.OwnProcess;
import psm.proc.Pressure;
import psm.report.Figure;
import psm.report.View;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Missing;
import psm.text.Text;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What is to be said of a report beside it, a line each, on standard error: what it leaves out,
 * what would help, and what it took.
 */
public final class Remarks {
    /** Of names in messages, which must fit into a line. */
    private static final int MAX_NAME_CHARS = 48;

    private final Options options;
    private final Snapshot snapshot;
    private final SnapshotSource source;
    private final List<String> remarks = new ArrayList<>();

    public Remarks(Options options, Snapshot snapshot, SnapshotSource source) {
        this.options = options;
        this.snapshot = snapshot;
        this.source = source;
    }

    /** What the report leaves out, and what would help. */
    public List<String> all(Psm.Report report) {
        if (!options.selection().isAll() && options.filter() == null) {
            missing(options.selection().missing(snapshot.pids()));
        }
        boolean isAnyLeftOut = options.layout().totalsAlone() || report.more() != null;
        if (report.rows().isEmpty() && (!isAnyLeftOut || report.processes().measured() == 0)) {
            nothing();
        }
        untold();
        if (options.topic() == Topic.OOM) {
            untoldByOomKiller();
        }
        String doubts = isWorthALine() ? doubts() : "";
        if (!doubts.isEmpty()) {
            remarks.add(doubts);
        }
        if (options.debug()) {
            for (Unmeasured process : snapshot.unmeasured()) {
                remarks.add(describe(process));
            }
        }
        if (options.stats()) {
            remarks.add(stats());
            if (!snapshot.slowest().isEmpty()) {
                remarks.add(slowest(snapshot.slowest()));
            }
        }
        return remarks;
    }

    private void missing(Set<String> pids) {
        if (!pids.isEmpty()) {
            remarks.add(
                    "pid "
                            + String.join(", ", pids)
                            + ": no such process, or one without memory (a kernel thread, a"
                            + " zombie)");
        }
    }

    /** Why there are no rows. */
    private void nothing() {
        boolean isMap = options.topic().isOfMappings() && options.view().filter() != null;
        if (isMap && !snapshot.processes().isEmpty()) {
            remarks.add("no mapping's name matches --map " + options.view().filter());
            return;
        }
        boolean isNamed = options.filter() != null || options.view().filter() != null;
        if (!snapshot.unmeasured().isEmpty() && isWorthALine()) {
            return; // what is not in the figures is told anyway
        }
        if (isNamed) {
            boolean isOfPrograms = options.filter() != null;
            remarks.add(
                    isOfPrograms
                            ? "no program's name matches --filter " + options.filter()
                            : "no row's name matches --filter " + options.view().filter());
        } else if (!options.selection().isAll()) {
            remarks.add("no process is among those that were chosen");
        } else {
            remarks.add(
                    "there are kernel threads alone in "
                            + (options.from() == null ? options.proc() : options.from()));
        }
    }

    /** Tells of the figures that somebody asked for, and that no process tells. */
    private void untold() {
        for (Figure figure : Figure.values()) {
            if (figure.needs() == Detail.MAPPINGS && options.topic().isOfMappings()) {
                continue; // each row tells it
            }
            boolean isOfProcesses =
                    figure.fold == Figure.Fold.SUM
                            || figure.fold == Figure.Fold.MAX
                            || figure.fold == Figure.Fold.SHARE
                            || figure.needs() == Detail.CGROUP_MEMORY;
            if (isOfProcesses && options.view().uses(figure) && !View.DEFAULT.uses(figure)) {
                untold(figure);
            }
        }
    }

    /** Tells of a column that has nothing for any process. */
    private void untold(Figure figure) {
        if (snapshot.processes().isEmpty() || isTold(figure)) {
            return;
        }
        String kernel = snapshot.kernel() == null ? "" : ", Linux " + snapshot.kernel();
        remarks.add(
                "-c "
                        + figure.option
                        + (options.from() != null && !wasAsked(figure.needs())
                                ? ": this snapshot was written without it"
                                : ": not told here" + kernel + ": " + figure.description));
    }

    /** Whether somebody has it; of a limit, whether it is known who has none. */
    private boolean isTold(Figure figure) {
        if (figure.fold == Figure.Fold.SHARE) {
            String whole = figure == Figure.SWAP_PERCENT ? "SwapTotal" : "MemTotal";
            return snapshot.memory().bytes(whole) != Missing.VALUE;
        }
        if (figure.needs() == Detail.CGROUP_MEMORY) {
            return !snapshot.cgroups().isEmpty();
        }
        for (ProcessMemory process : snapshot.processes()) {
            if (figure.of(process) != Missing.VALUE) {
                return true;
            }
        }
        return false;
    }

    /** What the order of the OOM killer was to be told by, and nobody tells. */
    private void untoldByOomKiller() {
        Pressure pressure = snapshot.pressure();
        if (pressure == null || pressure.percent(Pressure.Who.SOME, 10) == null) {
            remarks.add(
                    "oom: who waited for memory is not told: it takes Linux 4.20, CONFIG_PSI and,"
                            + " on some boxes, psi=1 at boot");
        }
        if (!snapshot.processes().isEmpty() && !isTold(Figure.OOM_SCORE)) {
            remarks.add(
                    "oom: no process tells its oom_score: the order is that of RSS, swap and page"
                            + " tables");
        }
    }

    private boolean wasAsked(Detail detail) {
        return detail == null || snapshot.details().contains(detail);
    }

    /** What ended meanwhile is no loss to the figures: alone it is told on demand. */
    private boolean isWorthALine() {
        boolean isEnded =
                snapshot.unmeasured().size() == snapshot.count(Unmeasured.Reason.VANISHED);
        return options.debug() || !isEnded || snapshot.hidden() || snapshot.estimated() > 0;
    }

    /** What is not in the figures, and what is in them with more than it has. */
    private String doubts() {
        List<String> missing = missing();
        StringBuilder doubts = new StringBuilder();
        if (!missing.isEmpty()) {
            doubts.append("not in the figures: ").append(String.join(", ", missing));
        }
        int doubtful = snapshot.doubtful();
        int withoutPss = snapshot.estimated() - doubtful;
        if (withoutPss > 0) {
            doubts.append(doubts.length() == 0 ? "" : "; ");
            doubts.append("too much: ").append(processes(withoutPss));
            doubts.append(" with all that they share (Rss, for want of Pss)");
        }
        if (doubtful > 0) {
            doubts.append(doubts.length() == 0 ? "" : "; ");
            doubts.append("maybe too much: ").append(processes(doubtful));
            doubts.append(" that may be counted twice (to root, the kernel tells)");
        }
        return doubts.toString();
    }

    private List<String> missing() {
        List<String> missing = new ArrayList<>();
        int denied = snapshot.count(Unmeasured.Reason.DENIED);
        if (denied > 0) {
            missing.add(processes(denied) + " that " + denied());
        }
        if (snapshot.hidden()) {
            missing.add(
                    options.from() == null
                            ? "processes that are hidden from you (/proc has hidepid; "
                                    + remedy()
                                    + ")"
                            : "processes that were hidden from psm there (/proc had hidepid)");
        }
        int vanished = snapshot.count(Unmeasured.Reason.VANISHED);
        if (vanished > 0) {
            missing.add(processes(vanished) + " that ended meanwhile");
        }
        int stuck = snapshot.count(Unmeasured.Reason.STUCK);
        if (stuck > 0) {
            missing.add(
                    processes(stuck)
                            + " that the kernel gave no answer for within "
                            + seconds(snapshot.timeoutNanos())
                            + ", the first: "
                            + stuck(first(Unmeasured.Reason.STUCK)));
        }
        int failed = snapshot.count(Unmeasured.Reason.FAILED);
        if (failed > 0) {
            missing.add(
                    processes(failed)
                            + " that could not be read, the first: "
                            + describe(first(Unmeasured.Reason.FAILED)));
        }
        return missing;
    }

    private String denied() {
        if (options.from() != null) {
            return "psm was not allowed to read there";
        }
        if (source.isCollected() || new OwnProcess().isRoot()) {
            return "even root may not read here";
        }
        return "you may not read (" + remedy() + ")";
    }

    /** How to see all processes. */
    private String remedy() {
        if (CollectorClient.way() != null && !options.isForCollector()) {
            return "use sudo: for heaps and mappings, and with options that tell where from, psm"
                    + " has your own rights alone";
        }
        String group = System.getProperty(CollectorClient.GROUP);
        return group == null ? "use sudo" : "use sudo, or be in group " + group;
    }

    private static String stuck(Unmeasured process) {
        return who(process) + (process.detail() == null ? "" : ", " + process.detail());
    }

    private Unmeasured first(Unmeasured.Reason reason) {
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() == reason) {
                return process;
            }
        }
        throw new IllegalArgumentException("there is none " + reason);
    }

    private static String describe(Unmeasured process) {
        return who(process)
                + " "
                + process.reason().inWords
                + (process.detail() == null ? "" : ": " + process.detail());
    }

    private static String who(Unmeasured process) {
        boolean isNamed = process.program() != null && !process.program().equals("?");
        return "pid "
                + process.pid()
                + (isNamed ? " (" + Text.cut(process.program(), MAX_NAME_CHARS) + ")" : "");
    }

    private static String processes(int count) {
        return count + (count == 1 ? " process" : " processes");
    }

    private String stats() {
        OwnProcess self = new OwnProcess();
        return processes(snapshot.processes().size())
                + ", "
                + snapshot.bytesRead()
                + " bytes read, "
                + snapshot.workers()
                + (snapshot.workers() == 1 ? " worker, " : " workers, ")
                + milliseconds(snapshot.nanos())
                + " ms to scan, "
                + self.millisecondsSinceStart()
                + " ms in all, "
                + self.peakMemory()
                + " peak memory (VmHWM)"
                + way();
    }

    /** With whose rights the processes were read. */
    private String way() {
        if (source.isCollected()) {
            return ", " + CollectorClient.way();
        }
        return options.from() == null ? ", with your own rights" : "";
    }

    private static String slowest(List<Snapshot.Slow> processes) {
        StringBuilder line = new StringBuilder("slowest to read:");
        for (Snapshot.Slow process : processes) {
            line.append(line.charAt(line.length() - 1) == ':' ? " " : ", ");
            line.append(milliseconds(process.nanos())).append(" ms pid ").append(process.pid());
            line.append(" (").append(Text.cut(process.program(), MAX_NAME_CHARS)).append(')');
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
