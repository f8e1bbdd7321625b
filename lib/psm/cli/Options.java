package psm.cli;

import psm.Psm;
import psm.collect.Collector;
import psm.format.Exporters;
import psm.proc.ProcFs;
import psm.report.Figure;
import psm.report.View;
import psm.scan.ScanRequest;
import psm.scan.Selection;
import psm.scan.Source;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;
import psm.text.Filter;

import java.io.File;

/**
 * What the command line asks for, checked: {@link Arguments} reads it.
 *
 * @param topic what the report is about
 * @param view what the report is to show
 * @param selection which processes are wanted
 * @param filter finds something in the names of the programs that are wanted, {@code null} for all
 * @param text what is wanted instead of a report, such as a list of columns; {@code null} for one
 * @param layout how a table is to look
 * @param watchNanos after how long to make another report, 0 for one report
 * @param byTitle whether titles that programs have set are their names
 * @param scripts whether to tell interpreters apart by what they run
 * @param strict whether an incomplete report is a failure
 * @param csvRaw whether CSV has names as they are, formulas too
 * @param format an exporter's name; whether there is such a one is not checked here
 * @param source where the figures are to come from
 * @param proc the folder to read, a real one; {@code null} with {@code from}
 * @param from the snapshot to read instead: a file, or {@link SnapshotFile#STANDARD_INPUT}; {@code
 *     null} for none
 * @param workers how many threads, 0 for as many as pay
 * @param timeoutNanos how long one process may take
 * @param maxCostNanos how long the kernel may take for one, 0 for any time
 * @param stats whether to tell what the run took
 * @param cpuProfile the file for a recording of where time is spent, or {@code null}
 * @param memProfile the file for a recording of what is allocated, or {@code null}
 * @param debug whether to show stack traces
 */
public record Options(
        Topic topic,
        View view,
        Selection selection,
        Filter filter,
        String text,
        Psm.Layout layout,
        long watchNanos,
        boolean byTitle,
        boolean scripts,
        boolean strict,
        boolean csvRaw,
        String format,
        Source source,
        String proc,
        String from,
        int workers,
        long timeoutNanos,
        long maxCostNanos,
        boolean stats,
        String cpuProfile,
        String memProfile,
        boolean debug) {

    public static final String DEFAULT_FORMAT = "table";

    /** Whether the snapshot is wanted itself. */
    public boolean isSnapshot() {
        return format.equals(Exporters.SNAPSHOT);
    }

    /**
     * Whether a {@link Collector} sees what is asked for: it looks at all processes, in one way.
     */
    boolean isForCollector() {
        return !view.uses(Figure.HEAP)
                && !view.uses(Figure.MAPPINGS)
                && !topic.isOfMappings()
                && from == null
                && source == Source.AUTO
                && proc.equals(ProcFs.DEFAULT_ROOT)
                && workers == 0
                && timeoutNanos == ScanRequest.DEFAULT_TIMEOUT_NANOS
                && maxCostNanos == 0;
    }

    /**
     * What a command line without arguments asks for. It is here, since picocli's 150 classes are
     * not worth loading for it.
     *
     * @throws Failure where there is no /proc
     */
    public static Options defaults() throws Failure {
        return new Options(
                Topic.PROCESSES,
                View.DEFAULT,
                Selection.ALL,
                null,
                null,
                Psm.Layout.DEFAULT,
                0,
                true,
                false,
                false,
                false,
                DEFAULT_FORMAT,
                Source.AUTO,
                proc(null),
                null,
                0,
                ScanRequest.DEFAULT_TIMEOUT_NANOS,
                0,
                false,
                null,
                null,
                false);
    }

    /**
     * The folder to read.
     *
     * @param folder {@code null} for Linux's own
     */
    static String proc(String folder) throws Failure {
        if (folder != null) {
            File file = new File(folder);
            if (!file.isDirectory()) {
                throw Failure.usage(
                        "--proc "
                                + folder
                                + (file.exists() ? ": is no folder" : ": no such folder")
                                + "; it takes one that looks like /proc",
                        null);
            }
            return folder;
        }
        if (!new File(ProcFs.DEFAULT_ROOT, "self").exists()) {
            throw Failure.of(
                    "no /proc here: psm reads what Linux tells there; elsewhere, give a copy of one"
                            + " with --proc DIR",
                    null);
        }
        return ProcFs.DEFAULT_ROOT;
    }
}
