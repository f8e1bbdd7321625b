package psm.cli;

import psm.Psm;
import psm.collect.Collector;
import psm.diff.DiffColumn;
import psm.format.Exporters;
import psm.format.Formats;
import psm.proc.FileName;
import psm.proc.ProcFs;
import psm.remote.Transport;
import psm.report.Figure;
import psm.report.View;
import psm.scan.ScanRequest;
import psm.scan.Selection;
import psm.scan.Source;
import psm.snapshot.SnapshotFile;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Moment;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What the command line requests, as {@link Arguments} has read and checked it. It has a record for
 * each heading of help.
 *
 * @param text the text that is requested instead of a report, such as help; {@code null} for a
 *     report
 * @param hosts the machines to ask; {@code null} for none
 * @param window the times of {@code psm growth}; {@code null} for other reports
 * @param diffSort the column that sorts the rows of {@code psm diff}; {@code null} for another
 *     report, or to sort by name
 */
public record Options(
        String text,
        What what,
        Which which,
        Looks looks,
        Where where,
        Hosts hosts,
        Window window,
        DiffColumn diffSort,
        About about) {

    /** The folder into which psm records, and from which it reads if no other is named. */
    public static final String RECORDINGS = "/var/log/psm";

    /** The folder that Debian's node_exporter reads. */
    public static final String TEXTFILES = "/var/lib/prometheus/node-exporter";

    /**
     * Returns options for fewer details, for reports that do not fit into memory: first without
     * command lines and titles, then by programs instead of processes or command lines.
     *
     * @return {@code null} if nothing can be left out: a filter may be for what would be missing
     */
    public Options withFewerDetails() {
        View view = what.view();
        if (which.filter() != null || view.filter() != null || what.topic().isOfMappings()) {
            return null;
        }
        if (!what.noCommands() && isOfProc()) {
            return with(what.withoutCommands());
        }
        View smaller = view.byPrograms();
        return smaller == null || what.topic() != Topic.PROCESSES ? null : with(what.with(smaller));
    }

    /** Returns the same options, with programs named after their executables and no scripts. */
    public Options byExecutable() {
        return with(what.named(true, false));
    }

    /** Returns the same options for a format that shows pictures. */
    public Options withPictures() {
        return with(what.asPictures());
    }

    private Options with(What other) {
        return new Options(text, other, which, looks, where, hosts, window, diffSort, about);
    }

    /** Returns whether all samples of a recording become one document. */
    public boolean isBackfill() {
        return what.topic() == Topic.PROCESSES
                && where.isFile()
                && looks.watchNanos() == 0
                && Looks.isOfTimes(looks.format());
    }

    /** Begins with another report: the filters for names may take their time for each. */
    public void beginFilters() {
        for (Filter filter : filters()) {
            filter.begin();
        }
    }

    /**
     * Fails if a filter for names took so long that psm no longer used it.
     *
     * @throws Failure if so
     */
    public void requireFastFilters() throws Failure {
        for (Filter filter : filters()) {
            filter.requireFast();
        }
    }

    private List<Filter> filters() {
        List<Filter> filters = new ArrayList<>();
        for (Filter filter : new Filter[] {which.filter(), what.view().filter()}) {
            if (filter != null) {
                filters.add(filter);
            }
        }
        return filters;
    }

    /** Returns whether psm reads the processes itself, not a file or other machines. */
    public boolean isOfProc() {
        return !where.isFile() && hosts == null;
    }

    /**
     * The options about what to report.
     *
     * @param byExecutable whether programs are named after their executables even if they set
     *     titles
     * @param scripts whether interpreters are named after the scripts that they run
     * @param noCommands whether to read neither command lines nor titles
     * @param pictured whether the format shows pictures, see {@link Psm.Exporter#showsNotes}
     */
    public record What(
            Topic topic,
            View view,
            boolean byExecutable,
            boolean scripts,
            boolean noCommands,
            boolean pictured) {
        private What with(View other) {
            return new What(topic, other, byExecutable, scripts, noCommands, pictured);
        }

        private What withoutCommands() {
            return new What(topic, view, byExecutable, scripts, true, pictured);
        }

        private What named(boolean executable, boolean script) {
            return new What(topic, view, executable, script, noCommands, pictured);
        }

        private What asPictures() {
            return new What(topic, view, byExecutable, scripts, noCommands, true);
        }

        /** Returns whether to draw where all memory of a machine is. */
        public boolean isSystemPictured() {
            return pictured && view.system() && !view.isOfMetrics();
        }
    }

    /**
     * The options that choose processes.
     *
     * @param filter the filter for names of programs; {@code null} for all
     */
    public record Which(Selection selection, Filter filter) {}

    /**
     * The options about the output.
     *
     * @param format the name of the format, which may not exist
     * @param watchNanos the time from one report to the next; 0 for one report
     * @param count the number of reports; 0 for any number
     * @param csvRaw whether CSV and TSV leave names unchanged that a spreadsheet would take for
     *     formulas
     * @param strict whether an incomplete report is a failure
     * @param to the file for the report, or the folder for snapshots; {@code null} for standard
     *     output
     */
    public record Looks(
            Psm.Layout layout,
            String format,
            long watchNanos,
            int count,
            boolean csvRaw,
            boolean strict,
            String to) {
        static final String TABLE = Formats.TABLE;

        public boolean isTable() {
            return format.equals(TABLE);
        }

        /** Returns whether the format contains only rows, below one header. */
        public boolean isOfRowsOnly() {
            return isOfRowsOnly(format);
        }

        static boolean isOfRowsOnly(String format) {
            return format.equals("csv") || format.equals("tsv");
        }

        /** Returns whether the format can contain many samples of a recording. */
        static boolean isOfTimes(String format) {
            return format.equals(Formats.OPENMETRICS);
        }

        /** Returns whether a format is of metrics, which are kept for long. */
        static boolean isOfMetrics(String format) {
            return format.equals(Formats.PROMETHEUS) || format.equals(Formats.OPENMETRICS);
        }

        /** Returns whether the format is of metrics, which programs of other users read. */
        public boolean isOfMetrics() {
            return isOfMetrics(format);
        }

        /** Returns whether the format is a page, of which a file contains one. */
        public boolean isPage() {
            return isPage(format);
        }

        static boolean isPage(String format) {
            return format.equals(Formats.HTML);
        }

        /** Returns whether to write reports to a file. */
        public boolean isToFile() {
            return to != null && !isSnapshot();
        }

        /** Returns whether to write the snapshot instead of a report. */
        public boolean isSnapshot() {
            return format.equals(Exporters.SNAPSHOT);
        }
    }

    /**
     * The options about the source of the figures.
     *
     * @param proc the folder to read, which exists; {@code null} if psm does not read processes
     * @param from the files and folders of snapshots to read instead; {@link
     *     SnapshotFile#STANDARD_INPUT} is one, too
     * @param period the times of recordings; {@code null} if none is named
     * @param workers the number of threads; 0 for as many as are useful
     * @param timeoutNanos the time after which a process is skipped
     * @param estimateAboveNanos the time that the kernel may take to add up the memory of a
     *     process; 0 for any time
     */
    public record Where(
            Source source,
            String proc,
            List<String> from,
            Period period,
            int workers,
            long timeoutNanos,
            long estimateAboveNanos) {
        /** Returns whether to read files instead of processes. */
        public boolean isFile() {
            return !from.isEmpty();
        }
    }

    /**
     * The times of a recording that a report is about, each of which may be {@code null}.
     *
     * @param at the moment of the report
     * @param since the begin of what is replayed or compared
     * @param until the end of it
     */
    public record Period(Moment at, Moment since, Moment until) {}

    /**
     * The options about other machines.
     *
     * @param names the machines, each once
     * @param transport the command that reaches them
     * @param fanout the number of machines that are asked at the same time
     * @param timeoutNanos the time for each of them
     */
    public record Hosts(List<String> names, Transport transport, int fanout, long timeoutNanos) {}

    /**
     * The times of a report of growth.
     *
     * @param nanos how long to measure here and now; 0 to read a recording
     * @param intervalNanos the time from one sample to the next
     * @param within how soon memory may be full without a failure; {@code null} if it may always
     */
    public record Window(long nanos, long intervalNanos, Duration within) {}

    /**
     * The options about psm itself.
     *
     * @param timing whether to show how long the run took
     * @param cpuProfile the file for a recording of where time is spent, or {@code null}
     * @param memProfile the file for a recording of what is allocated, or {@code null}
     * @param debug whether to list the processes that could not be read
     * @param quiet whether to print no remarks about a report
     */
    public record About(
            boolean timing, String cpuProfile, String memProfile, boolean debug, boolean quiet) {}

    /**
     * Returns whether psm can use a {@link Collector}, which always reads all processes in the same
     * way.
     */
    public boolean isForCollector() {
        View view = what.view;
        return !view.uses(Figure.HEAP)
                && !view.uses(Figure.MAPPINGS)
                && !view.uses(Figure.GPU)
                && !what.topic.isOfMappings()
                && !what.noCommands
                && isOfProc()
                && where.source == Source.AUTO
                && where.proc.equals(ProcFs.DEFAULT_ROOT)
                && where.workers == 0
                && where.timeoutNanos == ScanRequest.DEFAULT_TIMEOUT_NANOS
                && where.estimateAboveNanos == 0;
    }

    /**
     * Returns the options of a command line without arguments, without picocli: loading its 150
     * classes would take longer than the rest of a run.
     *
     * @throws Failure if there is no /proc
     */
    public static Options defaults() throws Failure {
        return new Options(
                null,
                new What(Topic.PROCESSES, View.DEFAULT, false, false, false, false),
                new Which(Selection.ALL, null),
                new Looks(Psm.Layout.DEFAULT, Looks.TABLE, 0, 0, false, false, null),
                new Where(
                        Source.AUTO,
                        proc(null),
                        List.of(),
                        null,
                        0,
                        ScanRequest.DEFAULT_TIMEOUT_NANOS,
                        0),
                null,
                null,
                null,
                new About(false, null, null, false, false));
    }

    /**
     * Returns the folder to read.
     *
     * @param folder the folder, or {@code null} for {@code /proc}
     * @throws Failure if it does not exist
     */
    public static String proc(String folder) throws Failure {
        if (folder != null) {
            Path file = FileName.path(folder);
            if (!Files.isDirectory(file)) {
                throw Failure.usage(
                        Option.PROC
                                + " "
                                + folder
                                + (Files.exists(file) ? ": is not a folder" : ": no such folder")
                                + "; it takes a folder that looks like /proc",
                        null);
            }
            try {
                return FileName.ofFolder(folder);
            } catch (IOException e) {
                throw Failure.of(Option.PROC + " " + folder + ": " + Failure.reason(e), e);
            }
        }
        if (!new File(ProcFs.DEFAULT_ROOT, "self").exists()) {
            throw Failure.of(
                    "no /proc here: psm needs Linux; elsewhere, give a copy of a /proc with "
                            + Option.PROC
                            + " DIR",
                    null);
        }
        return ProcFs.DEFAULT_ROOT;
    }
}
