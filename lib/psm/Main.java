///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux machine, or on others
//JAVA 17+
//MAIN psm.Main
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-core:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//SOURCES Psm.java
//SOURCES Training.java
//SOURCES text/*.java
//SOURCES trust/*.java
//SOURCES smaps/*.java
//SOURCES proc/*.java
//SOURCES cgroup/*.java
//SOURCES name/*.java
//SOURCES scan/*.java
//SOURCES snapshot/*.java
//SOURCES probe/*.java
//SOURCES delta/*.java
//SOURCES record/*.java
//SOURCES system/*.java
//SOURCES report/*.java
//SOURCES oom/*.java
//SOURCES trend/*.java
//SOURCES growth/*.java
//SOURCES diff/*.java
//SOURCES picture/*.java
//SOURCES fleet/*.java
//SOURCES collect/*.java
//SOURCES ../../exporters/psm/cell/*.java
//SOURCES ../../exporters/psm/metrics/*.java
//SOURCES ../../exporters/psm/svg/*.java
//SOURCES ../../exporters/psm/html/*.java
//SOURCES ../../exporters/psm/format/*.java
//SOURCES terminal/*.java
//SOURCES remote/*.java
//SOURCES cli/*.java
//SOURCES command/*.java
//SOURCES service/*.java
//SOURCES install/*.java
//COMPILE_OPTIONS -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -J-Xms16m -J-XX:-UsePerfData
//COMPILE_OPTIONS --release 17 -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -Xmn3m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -XX:CompressedClassSpaceSize=16m -XX:ReservedCodeCacheSize=24m
//RUNTIME_OPTIONS -XX:+SuppressFatalErrorMessage -XX:-CreateCoredumpOnCrash
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//RUNTIME_OPTIONS -XX:+DisplayVMOutputToStderr -XX:+IgnoreUnrecognizedVMOptions
//RUNTIME_OPTIONS -XX:Flags=/dev/null -XX:CompileCommandFile=/dev/null

package psm;

import psm.cli.Arguments;
import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.cli.Options;
import psm.cli.RecordArguments;
import psm.cli.Topic;
import psm.command.DiffCommand;
import psm.command.GrowthCommand;
import psm.command.RecordCommand;
import psm.command.ReportCommand;
import psm.command.ReportWriter;
import psm.install.InstallCommand;
import psm.proc.OwnProcess;
import psm.terminal.ReportOutput;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Text;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Runs the command that the arguments request. No other class prints to standard error, but the
 * line that shows progress, or chooses the exit code.
 */
final class Main implements Consumer<String> {
    /** The limit for a line: messages repeat arguments, which may have megabytes. */
    private static final int MAX_LINE_CHARS = 1000;

    private static final String FEWER_PROCESSES = "; choose fewer processes, such as with --user";

    /** The message where there is no memory to make one. */
    private static final String WITHOUT_MEMORY =
            "psm: Java has run out of memory" + FEWER_PROCESSES;

    private Main() {}

    public static void main(String[] args) {
        Failure.Exit exit = run(args.length == 0 ? args : new OwnProcess().arguments(args));
        // System.exit first searches all jars for loggers, which takes a sixth of a run.
        if (exit != Failure.Exit.OK || !isAlone()) {
            System.exit(exit.code);
        }
    }

    /** Returns whether Java exits when this thread ends; a plugin may have started others. */
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

    /** Runs psm, but does not end Java. */
    static Failure.Exit run(String[] args) {
        StandardOutput output = new StandardOutput();
        try {
            String[] words = args.length == 0 ? args : Arguments.withHelpAsOption(args);
            InstallArguments installation =
                    words.length == 0 ? null : InstallArguments.parse(words);
            String probe = words.length == 0 ? null : Arguments.probe(words);
            RecordArguments recording = words.length == 0 ? null : RecordArguments.parse(words);
            if (probe != null) {
                output.print(probe);
            } else if (recording != null) {
                new RecordCommand(recording, output, new Main()).run();
            } else if (installation == null) {
                report(words.length == 0 ? Options.defaults() : Arguments.parse(words), output);
            } else {
                new InstallCommand(installation, Main.class, Training.class, output, new Main())
                        .run();
            }
            return Failure.Exit.OK;
        } catch (Failure e) {
            return failed(args, e.getMessage(), e, e.exit);
        } catch (OutOfMemoryError e) {
            return withoutMemory(args, e);
        } catch (RuntimeException | Error e) {
            return failed(args, Failure.DEFECT + e, e, Failure.Exit.FAILED);
        }
    }

    private static void report(Options options, StandardOutput standard) throws Failure {
        if (options.text() != null) {
            standard.print(options.text());
            return;
        }
        ReportOutput output = ReportWriter.output(options.looks(), standard);
        try {
            Topic topic = options.what().topic(); // a switch would load a class of its own
            if (topic == Topic.GROWTH) {
                new GrowthCommand(options, output, new Main()).run();
            } else if (topic == Topic.DIFF) {
                new DiffCommand(options, output, new Main()).run();
            } else {
                new ReportCommand(options, output, new Main()).run();
            }
        } finally {
            output.discard();
        }
    }

    private static Failure.Exit withoutMemory(String[] args, OutOfMemoryError error) {
        try {
            String problem = "Java has run out of memory or threads: " + error.getMessage();
            return failed(args, problem + FEWER_PROCESSES, error, Failure.Exit.FAILED);
        } catch (OutOfMemoryError e) {
            System.err.println(WITHOUT_MEMORY);
            return Failure.Exit.FAILED;
        }
    }

    private static Failure.Exit failed(
            String[] args, String problem, Throwable cause, Failure.Exit exit) {
        complain(problem);
        if (Arrays.asList(args).contains(Option.DEBUG.toString())) {
            StringWriter trace = new StringWriter();
            cause.printStackTrace(new PrintWriter(trace));
            for (String line : trace.toString().split("\n", -1)) {
                System.err.println(Text.printable(line.replace("\t", "    ")));
            }
        }
        return exit;
    }

    /** Prints a remark about a report to standard error. (A lambda would take longer to load.) */
    @Override
    public void accept(String remark) {
        complain(remark);
    }

    private static void complain(String line) {
        // In UTF-8 as reports are, whatever the locale is; if it fails, nothing else can be done.
        byte[] bytes = Text.encode("psm: " + Text.printable(elided(line)) + '\n');
        System.err.write(bytes, 0, bytes.length);
        System.err.flush();
    }

    /**
     * Cuts a long line in the middle: its start repeats the arguments, and its end is the remedy.
     */
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
