///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux box
//JAVA 17+
//MAIN psm.Main
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-core:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//SOURCES AddressSpaces.java
//SOURCES Arguments.java
//SOURCES Asker.java
//SOURCES Detail.java
//SOURCES EntryLayout.java
//SOURCES Exporters.java
//SOURCES Failure.java
//SOURCES Figure.java
//SOURCES Filter.java
//SOURCES FlightRecording.java
//SOURCES HidePid.java
//SOURCES Host.java
//SOURCES HostAccount.java
//SOURCES HostMemory.java
//SOURCES Options.java
//SOURCES Installer.java
//SOURCES JavaHome.java
//SOURCES Manual.java
//SOURCES Modernizer.java
//SOURCES OwnProcess.java
//SOURCES PageMap.java
//SOURCES ProcFs.java
//SOURCES ProcStat.java
//SOURCES ProcStatus.java
//SOURCES ProcessDetails.java
//SOURCES ProcessMemory.java
//SOURCES ProcessReader.java
//SOURCES Program.java
//SOURCES ProgramName.java
//SOURCES ProgramReader.java
//SOURCES ProgramReport.java
//SOURCES Psm.java
//SOURCES Scan.java
//SOURCES ScanRequest.java
//SOURCES Scanner.java
//SOURCES ScriptName.java
//SOURCES Seen.java
//SOURCES SmapsFormatException.java
//SOURCES SmapsParser.java
//SOURCES Snapshot.java
//SOURCES Source.java
//SOURCES StandardOutput.java
//SOURCES Text.java
//SOURCES Training.java
//SOURCES Unmeasured.java
//SOURCES Usage.java
//SOURCES ../../exporters/psm/CsvFormat.java
//SOURCES ../../exporters/psm/Formats.java
//SOURCES ../../exporters/psm/JsonFormat.java
//SOURCES ../../exporters/psm/TableFormat.java
//COMPILE_OPTIONS --release 17 -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//RUNTIME_OPTIONS -XX:+DisplayVMOutputToStderr -XX:+IgnoreUnrecognizedVMOptions

package psm;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * The command: wires the parts together, and is alone in printing errors and picking the exit code.
 */
final class Main {
    static final String VERSION = "0.1.0";

    /** Of names in messages, which must fit into a line. */
    private static final int MAX_NAME_CHARS = 48;

    /** Of messages: what the user gave may have megabytes. */
    private static final int MAX_LINE_CHARS = 1000;

    private final Options options;
    private final StandardOutput output = new StandardOutput();

    private Main(Options options) {
        this.options = options;
    }

    public static void main(String[] args) {
        Failure.Exit exit = run(args);
        // System.exit looks for loggers in all jars first, which takes a sixth of a run.
        if (exit != Failure.Exit.OK || !isAlone()) {
            System.exit(exit.code);
        }
    }

    /** Whether Java ends when this thread does; a plugin may have started others. */
    private static boolean isAlone() {
        Thread[] threads = new Thread[Thread.activeCount() + 1];
        int count = Thread.enumerate(threads);
        for (int i = 0; i < count; i++) {
            if (threads[i] != Thread.currentThread() && !threads[i].isDaemon()) {
                return false;
            }
        }
        return count < threads.length;
    }

    /** Does all but end Java. */
    static Failure.Exit run(String[] args) {
        try {
            Arguments.Installation installation =
                    args.length == 0 ? null : Arguments.parseInstallation(args);
            if (installation != null) {
                new Main(null).install(installation);
            } else {
                new Main(args.length == 0 ? Options.defaults() : Arguments.parse(args)).run();
            }
            return Failure.Exit.OK;
        } catch (Failure e) {
            return failed(args, e.getMessage(), e, e.exit);
        } catch (RuntimeException | Error e) {
            return failed(args, "a defect of psm; please report it: " + e, e, Failure.Exit.FAILED);
        }
    }

    private static Failure.Exit failed(
            String[] args, String problem, Throwable cause, Failure.Exit exit) {
        complain(problem);
        if (Arrays.asList(args).contains("--debug")) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            for (String line : trace.toString().split("\n", -1)) {
                System.err.println(Text.printable(line.replace("\t", "    ")));
            }
        }
        return exit;
    }

    private void run() throws Failure {
        if (options.help()) {
            print(Arguments.helpText());
        } else if (options.version()) {
            print("psm " + VERSION + " (Java " + Runtime.version() + ")\n");
        } else {
            FlightRecording time = recording("--cpuprofile", options.cpuProfile());
            FlightRecording allocations = recording("--memprofile", options.memProfile());
            try {
                report();
            } finally {
                write(time, "--cpuprofile", options.cpuProfile());
                write(allocations, "--memprofile", options.memProfile());
            }
        }
    }

    private void install(Arguments.Installation asked) throws Failure {
        if (asked.help()) {
            print(Arguments.helpText(asked.command()));
            return;
        }
        if (Exporters.isOneJar() && Asker.hasLessRights()) {
            throw Failure.usage(
                    asked.command()
                            + ": run by sudo, an installed psm does not change itself; whoever may"
                            + " have it done by 'sudo env -u SUDO_UID psm "
                            + asked.command()
                            + "'",
                    null);
        }
        Installer installer;
        try {
            installer =
                    new Installer(
                            asked.prefix() == null
                                    ? Installer.defaultPrefix()
                                    : Path.of(asked.prefix()).toAbsolutePath().normalize(),
                            asked.java());
        } catch (InvalidPathException e) {
            throw Failure.usage("--prefix " + asked.prefix() + ": is no path in this locale", e);
        }
        if (asked.command().equals(Arguments.UNINSTALL)) {
            print(installer.uninstall());
        } else {
            print(asked.dryRun() ? installer.plan() : installer.install());
        }
    }

    private void report() throws Failure {
        Psm.Exporter exporter = exporter();
        Snapshot snapshot = scan();
        Psm.Report report = ProgramReport.of(snapshot, VERSION, options.host(), figures());
        export(report, exporter);
        account(snapshot);
        if (options.stats()) {
            complain(stats(snapshot));
            if (!snapshot.slowest().isEmpty()) {
                complain(slowest(snapshot.slowest()));
            }
        }
        if (snapshot.processes().isEmpty() && !report.processes().complete()) {
            throw Failure.of("no process could be measured; --debug tells of each", null);
        }
        if (options.strict() && !report.processes().complete()) {
            throw Failure.incomplete("--strict: the report is incomplete");
        }
    }

    private Figure[] figures() {
        return options.heap()
                ? Figure.values()
                : new Figure[] {
                    Figure.PSS,
                    Figure.SHARED,
                    Figure.SWAP,
                    Figure.SWAP_WITH_SHARED,
                    Figure.SHARED_HUGETLB
                };
    }

    private Psm.Exporter exporter() throws Failure {
        Exporters exporters = Exporters.find(!Asker.hasLessRights());
        for (String problem : exporters.problems()) {
            complain(problem);
        }
        Psm.Exporter exporter = exporters.named(options.format());
        if (exporter == null) {
            throw Failure.usage(
                    "-o " + options.format() + ": no such format; there are " + exporters.names(),
                    null);
        }
        return exporter;
    }

    private Snapshot scan() throws Failure {
        ScanRequest request =
                new ScanRequest(
                        options.source(),
                        options.heap(),
                        options.byTitle(),
                        options.scripts(),
                        Collections.emptySet(),
                        options.timeoutNanos(),
                        options.maxCostNanos(),
                        options.filter());
        Snapshot snapshot;
        try {
            snapshot = new Scanner(new ProcFs(options.proc()), request).scan(options.workers());
        } catch (IOException e) {
            throw Failure.of(
                    "cannot list the processes in " + options.proc() + ": " + reason(e), e);
        }
        if (snapshot.listed() == 0) {
            throw Failure.usage(
                    "--proc "
                            + options.proc()
                            + ": has no processes in it, so it looks like no /proc",
                    null);
        }
        if (options.host() && snapshot.memory().bytes("MemTotal") == Usage.ABSENT) {
            throw Failure.of(
                    "--host: "
                            + options.proc()
                            + "/meminfo told nothing; without --host, psm tells of the processes",
                    null);
        }
        return snapshot;
    }

    private void export(Psm.Report report, Psm.Exporter exporter) throws Failure {
        try {
            exporter.export(
                    report,
                    new Psm.Output(
                            output,
                            output.isTerminal(),
                            StandardOutput.isUnicode(),
                            options.csvRaw()));
            output.finish();
        } catch (Throwable e) {
            if (output.failure() != null) {
                notWritten(output.failure());
            } else {
                throw Failure.of(
                        "-o "
                                + options.format()
                                + ": failed in "
                                + Exporters.describe(exporter)
                                + ": "
                                + Exporters.reason(e),
                        e);
            }
        }
    }

    private void print(String text) throws Failure {
        try {
            output.write(text.getBytes(StandardCharsets.UTF_8));
            output.finish();
        } catch (IOException e) {
            notWritten(e);
        }
    }

    /** A reader that has seen enough is no error, a full disk is. */
    private void notWritten(IOException e) throws Failure {
        if (!output.isPipe()) {
            throw Failure.of("cannot write to standard output: " + reason(e), e);
        }
    }

    /** Tells on standard error what the report leaves out, and what would help. */
    private void account(Snapshot snapshot) {
        if (snapshot.processes().isEmpty() && snapshot.unmeasured().isEmpty()) {
            complain(
                    options.filter() == null
                            ? "there are kernel threads alone in " + options.proc()
                            : "no program's name matches --filter " + options.filter());
        }
        String doubts = isWorthALine(snapshot) ? doubts(snapshot) : "";
        if (!doubts.isEmpty()) {
            complain(doubts);
        }
        if (options.debug()) {
            for (Unmeasured process : snapshot.unmeasured()) {
                complain(describe(process));
            }
        }
    }

    /** What ended meanwhile is no loss to the figures: alone it is told on demand. */
    private boolean isWorthALine(Snapshot snapshot) {
        boolean isEnded =
                snapshot.unmeasured().size() == snapshot.count(Unmeasured.Reason.VANISHED);
        return options.debug() || !isEnded || snapshot.hidden() || snapshot.estimated() > 0;
    }

    /** What is not in the figures, and what is in them with more than it has. */
    private String doubts(Snapshot snapshot) {
        List<String> missing = missing(snapshot);
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

    private List<String> missing(Snapshot snapshot) {
        List<String> missing = new ArrayList<>();
        int denied = snapshot.count(Unmeasured.Reason.DENIED);
        if (denied > 0) {
            missing.add(
                    processes(denied)
                            + (new OwnProcess().isRoot()
                                    ? " that even root may not read here"
                                    : " that you may not read (use sudo)"));
        }
        if (snapshot.hidden()) {
            missing.add("processes that are hidden from you (/proc has hidepid; use sudo)");
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
                            + seconds(options.timeoutNanos())
                            + ", the first: "
                            + stuck(first(Unmeasured.Reason.STUCK, snapshot)));
        }
        int failed = snapshot.count(Unmeasured.Reason.FAILED);
        if (failed > 0) {
            missing.add(
                    processes(failed)
                            + " that could not be read, the first: "
                            + describe(first(Unmeasured.Reason.FAILED, snapshot)));
        }
        return missing;
    }

    private static String stuck(Unmeasured process) {
        return who(process) + (process.detail() == null ? "" : ", " + process.detail());
    }

    private static Unmeasured first(Unmeasured.Reason reason, Snapshot snapshot) {
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

    private static String stats(Snapshot snapshot) {
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
                + " peak memory (VmHWM)";
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

    /** A recording that has been started; {@code null} where none is asked for. */
    private static FlightRecording recording(String option, String file) throws Failure {
        if (file == null) {
            return null;
        }
        try {
            return option.equals("--cpuprofile")
                    ? FlightRecording.ofTime(file)
                    : FlightRecording.ofAllocations(file);
        } catch (IOException e) {
            throw Failure.usage(option + " " + file + ": cannot be written: " + reason(e), e);
        } catch (InvalidPathException e) {
            throw Failure.usage(option + " " + file + ": is no path in this locale", e);
        } catch (NoClassDefFoundError e) {
            throw Failure.of(option + ": this Java has no flight recorder (module jdk.jfr)", e);
        }
    }

    private static void write(FlightRecording profile, String option, String file) throws Failure {
        if (profile != null) {
            try {
                profile.write();
            } catch (IOException e) {
                throw Failure.of(option + " " + file + ": cannot be written: " + reason(e), e);
            }
        }
    }

    /** What the system said, in words. The messages of two exceptions are the path alone. */
    private static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getReason();
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static void complain(String line) {
        System.err.println("psm: " + Text.printable(elided(line)));
    }

    /** What was asked comes first, what would work last; what is too long for a line, between. */
    private static String elided(String line) {
        int length = line.codePointCount(0, line.length());
        int half = MAX_LINE_CHARS / 2;
        return length <= MAX_LINE_CHARS
                ? line
                : Text.cut(line, half)
                        + "..."
                        + line.substring(line.offsetByCodePoints(0, length - half));
    }
}
