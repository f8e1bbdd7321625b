///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux box
//JAVA 17+
//MAIN psm.Main
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-core:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//SOURCES Psm.java
//SOURCES Training.java
//SOURCES text/*.java
//SOURCES smaps/*.java
//SOURCES proc/*.java
//SOURCES cgroup/*.java
//SOURCES name/*.java
//SOURCES scan/*.java
//SOURCES snapshot/*.java
//SOURCES report/*.java
//SOURCES collect/*.java
//SOURCES ../../exporters/psm/format/*.java
//SOURCES cli/*.java
//SOURCES install/*.java
//COMPILE_OPTIONS --release 17 -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -Xmn3m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//RUNTIME_OPTIONS -XX:+DisplayVMOutputToStderr -XX:+IgnoreUnrecognizedVMOptions

package psm;

import psm.cli.Arguments;
import psm.cli.FlightRecording;
import psm.cli.Options;
import psm.cli.Remarks;
import psm.cli.SnapshotSource;
import psm.cli.StandardOutput;
import psm.cli.Terminal;
import psm.cli.Topic;
import psm.cli.Watch;
import psm.format.Exporters;
import psm.install.Doctor;
import psm.install.Installer;
import psm.name.UserNames;
import psm.proc.InvokingUser;
import psm.report.MappingReport;
import psm.report.OomReport;
import psm.report.ProcessReport;
import psm.report.View;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotWriter;
import psm.text.Failure;
import psm.text.Text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The command: wires the parts together, and is alone in printing errors and picking the exit code.
 */
final class Main {
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
        if (options.text() != null) {
            print(options.text());
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
        boolean changesNothing = asked.command().equals(Arguments.DOCTOR) && asked.prefix() == null;
        if (!changesNothing && Exporters.isOneJar() && InvokingUser.hasLessRights()) {
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
                            new Installer.Doors(Main.class.getName(), Training.class.getName()),
                            asked.prefix() == null
                                    ? Installer.defaultPrefix(asked.command())
                                    : Path.of(asked.prefix()).toAbsolutePath().normalize(),
                            asked.java(),
                            asked.group(),
                            asked.socket());
        } catch (InvalidPathException e) {
            throw Failure.usage("--prefix " + asked.prefix() + ": is no path in this locale", e);
        }
        if (asked.command().equals(Arguments.DOCTOR)) {
            examine(new Doctor(installer.prefix()));
        } else if (asked.command().equals(Arguments.UNINSTALL)) {
            print(installer.uninstall());
        } else {
            print(asked.dryRun() ? installer.plan() : installer.install());
        }
    }

    private void examine(Doctor doctor) throws Failure {
        doctor.look();
        print(doctor.lines());
        if (doctor.wrong() > 0) {
            throw Failure.of(
                    "doctor: "
                            + doctor.wrong()
                            + (doctor.wrong() == 1 ? " thing is wrong" : " things are wrong"),
                    null);
        }
    }

    private void report() throws Failure {
        SnapshotSource source = new SnapshotSource(options);
        if (options.watchNanos() == 0) {
            report(source, true, null);
            return;
        }
        boolean isInPlace = isTable() && output.isTerminal();
        Map<Object, Long> memory = new HashMap<>();
        new Watch(options.watchNanos(), isInPlace)
                .run(
                        isFirst -> {
                            if (isInPlace) {
                                write(Watch.HOME_AND_CLEAR);
                            } else if (!isFirst && isTable()) {
                                write("\n");
                            }
                            return report(source, isFirst, memory);
                        });
    }

    private boolean isTable() {
        return options.format().equals(Options.DEFAULT_FORMAT);
    }

    /**
     * Makes one report.
     *
     * @param isFirst whether to say what can be said once
     * @param memory see {@link ProcessReport#of}
     * @return whether somebody reads it
     */
    private boolean report(SnapshotSource source, boolean isFirst, Map<Object, Long> memory)
            throws Failure {
        source.begin();
        Psm.Exporter exporter = isSnapshotWanted() ? null : exporter(isFirst);
        Snapshot snapshot = source.get();
        Terminal window = window(memory != null && !isFirst);
        boolean isFull = memory != null && isTable() && window.rows() > 0;
        int above = isFull && options.topic() == Topic.OOM ? OomReport.linesAbove(snapshot) : 0;
        View view =
                isFull
                        ? options.view().fitting(window.rows(), window.columns(), above)
                        : options.view();
        Psm.Report report = report(snapshot, view, source.users(snapshot), memory);
        List<String> remarks = new Remarks(options, snapshot, source).all(report);
        if (source.problem() != null) {
            remarks.add(0, source.problem());
        }
        if (exporter == null) {
            write(snapshot);
        } else if (isFull) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            export(report, exporter, whole, window);
            String table = whole.toString(StandardCharsets.UTF_8);
            write(Watch.fitting(table, above + 1, remarks, window));
            finish();
        } else {
            export(report, exporter, output, window);
            finish();
        }
        for (String remark : remarks) {
            complain(remark);
        }
        if (snapshot.processes().isEmpty() && !report.processes().complete()) {
            throw Failure.of("no process could be measured; --debug tells of each", null);
        }
        if (options.strict() && !report.processes().complete()) {
            throw Failure.incomplete("--strict: the report is incomplete");
        }
        return output.failure() == null;
    }

    private Psm.Report report(
            Snapshot snapshot, View view, UserNames users, Map<Object, Long> memory)
            throws Failure {
        String version = snapshot.psmVersion();
        return switch (options.topic()) {
            case PROCESSES -> ProcessReport.of(snapshot, version, view, users, memory);
            case MAPS -> MappingReport.of(snapshot, version, false, view);
            case KINDS -> MappingReport.of(snapshot, version, true, view);
            case OOM -> OomReport.of(snapshot, version, view.most());
        };
    }

    /** What a table must fit into: nothing where nobody looks at it. */
    private Terminal window(boolean mayHaveChanged) {
        if (!output.isTerminal() || !isTable()) {
            return new Terminal(0, 0);
        }
        return mayHaveChanged ? Terminal.now() : Terminal.atStart();
    }

    private boolean isSnapshotWanted() throws Failure {
        boolean isWanted = options.isSnapshot();
        if (isWanted && output.isTerminal()) {
            throw Failure.usage(
                    "-o snapshot: is not for a terminal; into a file: psm -o snapshot > box1.psm",
                    null);
        }
        return isWanted;
    }

    private void write(Snapshot snapshot) throws Failure {
        try {
            boolean isRead = options.from() != null; // then it has the names of its host
            output.write(
                    SnapshotWriter.write(
                            isRead ? snapshot : snapshot.withNames(UserNames.ofThisHost())));
            output.finish();
        } catch (IOException e) {
            notWritten(e);
        }
    }

    private Psm.Exporter exporter(boolean isFirst) throws Failure {
        Exporters exporters = Exporters.find(options.format(), !InvokingUser.hasLessRights());
        if (isFirst) {
            for (String problem : exporters.problems()) {
                complain(problem);
            }
        }
        Psm.Exporter exporter = exporters.named(options.format());
        if (exporter == null) {
            throw Failure.usage(
                    "-o " + options.format() + ": no such format; there are " + exporters.names(),
                    null);
        }
        if (exporters.isBinary(options.format()) && output.isTerminal()) {
            throw Failure.usage(
                    "-o "
                            + options.format()
                            + ": is binary, which no terminal shows; write it to a file: psm -o "
                            + options.format()
                            + " > FILE",
                    null);
        }
        return exporter;
    }

    private void export(
            Psm.Report report, Psm.Exporter exporter, OutputStream stream, Terminal window)
            throws Failure {
        try {
            exporter.export(
                    report,
                    new Psm.Output(
                            stream,
                            output.isTerminal(),
                            StandardOutput.isUnicode(),
                            options.csvRaw(),
                            layout(window)));
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

    private Psm.Layout layout(Terminal window) {
        Psm.Layout asked = options.layout();
        return output.isTerminal() ? asked.on(window.columns(), Terminal.isColoured()) : asked;
    }

    private void print(String text) throws Failure {
        write(text);
        finish();
    }

    private void finish() throws Failure {
        try {
            output.finish();
        } catch (IOException e) {
            notWritten(e);
        }
    }

    private void write(String text) throws Failure {
        try {
            output.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            notWritten(e);
        }
    }

    /** A reader that has seen enough is no error, a full disk is. */
    private void notWritten(IOException e) throws Failure {
        if (!output.isPipe()) {
            throw Failure.of("cannot write to standard output: " + Failure.reason(e), e);
        }
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
            throw Failure.usage(
                    option + " " + file + ": cannot be written: " + Failure.reason(e), e);
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
                throw Failure.of(
                        option + " " + file + ": cannot be written: " + Failure.reason(e), e);
            }
        }
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
