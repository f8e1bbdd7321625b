package psm;

import java.io.File;

/**
 * What the command line asks for, checked: {@link Arguments} reads it.
 *
 * @param filter finds something in the names of the programs that are wanted, {@code null} for all
 * @param heap whether to show the heap
 * @param byTitle whether titles that programs have set are their names
 * @param scripts whether to tell interpreters apart by what they run
 * @param host whether to tell where all of the host's memory is
 * @param strict whether an incomplete report is a failure
 * @param csvRaw whether CSV has names as they are, formulas too
 * @param format an exporter's name; whether there is such a one is not checked here
 * @param source where the figures are to come from
 * @param proc the folder to read, a real one
 * @param workers how many threads, 0 for as many as pay
 * @param timeoutNanos how long one process may take
 * @param maxCostNanos how long the kernel may take for one, 0 for any time
 * @param stats whether to tell what the run took
 * @param cpuProfile the file for a recording of where time is spent, or {@code null}
 * @param memProfile the file for a recording of what is allocated, or {@code null}
 * @param debug whether to show stack traces
 * @param help whether help is all that is wanted
 * @param version whether the version is all that is wanted
 */
record Options(
        Filter filter,
        boolean heap,
        boolean byTitle,
        boolean scripts,
        boolean host,
        boolean strict,
        boolean csvRaw,
        String format,
        Source source,
        String proc,
        int workers,
        long timeoutNanos,
        long maxCostNanos,
        boolean stats,
        String cpuProfile,
        String memProfile,
        boolean debug,
        boolean help,
        boolean version) {

    static final String DEFAULT_FORMAT = "table";

    /**
     * What a command line without arguments asks for. It is here, since picocli's 150 classes are
     * not worth loading for it.
     *
     * @throws Failure where there is no /proc
     */
    static Options defaults() throws Failure {
        return new Options(
                null,
                false,
                true,
                false,
                false,
                false,
                false,
                DEFAULT_FORMAT,
                Source.AUTO,
                proc(null),
                0,
                ScanRequest.DEFAULT_TIMEOUT_NANOS,
                0,
                false,
                null,
                null,
                false,
                false,
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
