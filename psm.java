///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux box
//JAVA 17+
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-databind:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//COMPILE_OPTIONS -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr

// Assembled by bundle.java from lib/psm and exporters/psm: change those, not this.

package psm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.CodeSource;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import jdk.jfr.Recording;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.kohsuke.MetaInfServices;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine;

// lib/psm/Main.java

/**
 * The command: wires the parts together, and is alone in printing errors and picking the exit code.
 */
final class Main {
    static final String VERSION = "0.1.0";

    private final Options options;
    private final StandardOutput output = new StandardOutput();

    private Main(Options options) {
        this.options = options;
    }

    public static void main(String[] args) {
        System.exit(run(args).code);
    }

    private static Failure.Exit run(String[] args) {
        try {
            new Main(Options.parse(args)).run();
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
            cause.printStackTrace();
        }
        return exit;
    }

    private void run() throws Failure {
        if (options.help()) {
            print(Options.helpText());
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

    private void report() throws Failure {
        Psm.Exporter exporter = exporter();
        Snapshot snapshot = scan();
        export(ProgramReport.of(snapshot, VERSION, figures()), exporter);
        account(snapshot);
        if (options.stats()) {
            complain(stats(snapshot));
        }
        int unread =
                snapshot.count(Unmeasured.Reason.DENIED) + snapshot.count(Unmeasured.Reason.FAILED);
        if (snapshot.processes().isEmpty() && unread > 0) {
            throw Failure.of("no process could be measured; --debug tells of each", null);
        }
    }

    private Figure[] figures() {
        return options.heap()
                ? new Figure[] {Figure.PSS, Figure.SHARED, Figure.SWAP, Figure.HEAP}
                : new Figure[] {Figure.PSS, Figure.SHARED, Figure.SWAP};
    }

    private Psm.Exporter exporter() throws Failure {
        Exporters exporters = Exporters.find();
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
        Source source = options.heap() ? Source.SMAPS : options.source();
        Snapshot snapshot;
        try {
            snapshot =
                    new Scanner(new ProcFs(options.proc()), source, options.filter())
                            .scan(options.workers());
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
        return snapshot;
    }

    private void export(Psm.Report report, Psm.Exporter exporter) throws Failure {
        try {
            exporter.export(report, new Psm.Output(output, output.isTerminal()));
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
        String missing = missing(snapshot);
        if (!missing.isEmpty()) {
            complain("not in the figures: " + missing);
        }
        if (options.debug()) {
            for (Unmeasured process : snapshot.unmeasured()) {
                complain(describe(process));
            }
        }
    }

    private String missing(Snapshot snapshot) {
        StringBuilder missing = new StringBuilder();
        int denied = snapshot.count(Unmeasured.Reason.DENIED);
        if (denied > 0) {
            missing.append(processes(denied));
            missing.append(
                    new OwnProcess().isRoot()
                            ? " that even root may not read here"
                            : " that you may not read (use sudo)");
        }
        int vanished = snapshot.count(Unmeasured.Reason.VANISHED);
        if (vanished > 0) {
            missing.append(missing.length() == 0 ? "" : ", ");
            missing.append(processes(vanished)).append(" that ended meanwhile");
        }
        int failed = snapshot.count(Unmeasured.Reason.FAILED);
        if (failed > 0) {
            missing.append(missing.length() == 0 ? "" : ", ");
            missing.append(processes(failed)).append(" that could not be read, the first: ");
            missing.append(firstFailed(snapshot));
        }
        return missing.toString();
    }

    private static String firstFailed(Snapshot snapshot) {
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() == Unmeasured.Reason.FAILED) {
                return describe(process);
            }
        }
        throw new IllegalArgumentException("none has failed");
    }

    private static String describe(Unmeasured process) {
        String who =
                "pid "
                        + process.pid()
                        + (process.program() == null ? "" : " (" + process.program() + ")");
        return who
                + " "
                + process.reason().inWords
                + (process.detail() == null ? "" : ": " + process.detail());
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
                + snapshot.nanos() / 1_000_000
                + "."
                + snapshot.nanos() / 100_000 % 10
                + " ms to scan, "
                + self.millisecondsSinceStart()
                + " ms in all, "
                + self.peakMemory()
                + " peak memory (VmHWM)";
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
        System.err.println("psm: " + Text.printable(line));
    }
}

// lib/psm/Exporters.java

/** The exporters on the class path, psm's own and anybody's, by name. */
final class Exporters {
    private static final String SERVICE_FILE = "META-INF/services/" + Psm.Exporter.class.getName();

    /**
     * No class path has so many broken plugins; it only ends a loader that fails without going on.
     */
    private static final int MAX_BROKEN = 100;

    private final Map<String, Psm.Exporter> byName = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /** Classes that could not be loaded, each of which has been told. */
    private final Set<String> blamed = new HashSet<>();

    private Exporters() {}

    /** Loads all that ServiceLoader finds; those that fail are in {@link #problems}. */
    static Exporters find() {
        Exporters exporters = new Exporters();
        Iterator<Psm.Exporter> found = ServiceLoader.load(Psm.Exporter.class).iterator();
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                exporters.add(found.next());
            } catch (ServiceConfigurationError | LinkageError e) {
                exporters.problems.add(exporters.notLoaded(e));
                broken++;
            }
        }
        return exporters;
    }

    /** The exporter of that name, or {@code null}. */
    Psm.Exporter named(String name) {
        return byName.get(name);
    }

    /** The names of all exporters, sorted, for people. */
    String names() {
        return String.join(", ", byName.keySet());
    }

    /** One line for each exporter that was left out: which one, and why. */
    List<String> problems() {
        return problems;
    }

    /**
     * Whose exporter it is, for people: its class, and the jar or folder where that is not psm's
     * own.
     */
    static String describe(Psm.Exporter exporter) {
        String name = exporter.getClass().getName();
        URL location = location(exporter.getClass());
        return isOurs(exporter) || location == null
                ? name
                : name + " in " + fileName(location.toString());
    }

    /** What a failure says of itself, with what it was caused by. */
    static String reason(Throwable failure) {
        String reason = failure.toString();
        Throwable cause = failure.getCause();
        return cause == null || reason.contains(cause.toString())
                ? reason
                : reason + ": " + reason(cause);
    }

    /** A plugin's code may throw anything, and psm's own formats must still work. */
    private void add(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (Throwable e) {
            leaveOut(exporter, "it does not tell its name: " + reason(e));
            return;
        }
        if (name == null || !name.matches("[a-z0-9-]+")) {
            leaveOut(
                    exporter,
                    "its name is not of lower-case letters, digits and dashes: '" + name + "'");
            return;
        }
        Psm.Exporter other = byName.get(name);
        if (other == null || isOurs(exporter)) {
            byName.put(name, exporter);
        }
        if (other != null) {
            Psm.Exporter owner = byName.get(name);
            leaveOut(
                    owner == exporter ? other : exporter,
                    "its name '" + name + "' is taken by " + describe(owner));
        }
    }

    private void leaveOut(Psm.Exporter exporter, String why) {
        problems.add("plugin " + describe(exporter) + " is left out: " + why);
    }

    private static boolean isOurs(Psm.Exporter exporter) {
        URL ours = location(Exporters.class);
        return ours != null && ours.equals(location(exporter.getClass()));
    }

    private static URL location(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? null : source.getLocation();
    }

    /** The last part of a URL of a jar or a folder. */
    private static String fileName(String url) {
        String path = URI.create(url).getPath();
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private String notLoaded(Throwable error) {
        Map<String, String> jars = registered();
        // ServiceLoader's message has the class as a word; a class that does not link may say
        // anything.
        String message = String.valueOf(error.getMessage());
        List<String> words = Arrays.asList(message.split("[\\s:]+", -1));
        for (Map.Entry<String, String> plugin : jars.entrySet()) {
            boolean isIt =
                    words.contains(plugin.getKey())
                            || (error instanceof LinkageError && !links(plugin.getKey()));
            if (isIt && blamed.add(plugin.getKey())) {
                return "plugin "
                        + plugin.getKey()
                        + " in "
                        + plugin.getValue()
                        + " is left out: "
                        + why(error);
            }
        }
        return "a plugin is left out: " + why(error);
    }

    private static String why(Throwable error) {
        if (error instanceof ServiceConfigurationError) {
            String message = String.valueOf(error.getMessage());
            String prefix = Psm.Exporter.class.getName() + ": ";
            String what = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
            return error.getCause() == null ? what : what + ": " + reason(error.getCause());
        }
        return reason(error);
    }

    private static boolean links(String className) {
        try {
            return Class.forName(className, false, loader()) != null;
        } catch (ClassNotFoundException e) {
            return true; // that is another failure, which ServiceLoader tells by itself
        } catch (LinkageError e) {
            return false;
        }
    }

    /** The registered classes, each with the name of the jar or folder that registers it. */
    private static Map<String, String> registered() {
        Map<String, String> jars = new LinkedHashMap<>();
        try {
            for (URL file : Collections.list(loader().getResources(SERVICE_FILE))) {
                String owner =
                        file.toString()
                                .replaceFirst("!?/" + SERVICE_FILE.replace("$", "\\$") + "$", "");
                for (String line : lines(file)) {
                    jars.putIfAbsent(
                            line.replaceFirst("#.*", "").strip(),
                            fileName(owner.replaceFirst("^jar:", "")));
                }
            }
        } catch (IOException e) {
            return jars; // as far as they could be read: it is only to name who is to blame
        }
        return jars;
    }

    private static List<String> lines(URL file) throws IOException {
        try (BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(file.openStream(), StandardCharsets.UTF_8))) {
            return in.lines().toList();
        }
    }

    /** The loader that {@link ServiceLoader} uses. */
    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }
}

// lib/psm/Failure.java

/**
 * Ends psm with one line on standard error: what was asked, what is wrong with it, what would work.
 */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    /** psm's exit codes. */
    enum Exit {
        OK(0),
        /** psm could not do what it was asked to. */
        FAILED(1),
        /** psm was asked for something that it does not have. */
        USAGE(2);

        final int code;

        Exit(int code) {
            this.code = code;
        }
    }

    final Exit exit;

    private Failure(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    static Failure usage(String message, Throwable cause) {
        return new Failure(Exit.USAGE, message, cause);
    }

    static Failure of(String message, Throwable cause) {
        return new Failure(Exit.FAILED, message, cause);
    }
}

// lib/psm/Figure.java

/** The memory figures that a report can have: one constant is one column, in every format. */
enum Figure {
    PSS("pss_bytes", "MB RAM", 1, false, true),
    SHARED("shared_bytes", "SHARED", 2, false, false),
    SWAP("swap_bytes", "SWAPPED", 4, true, true),
    HEAP("heap_bytes", "HEAP", 3, false, true);

    final Psm.Column column;

    Figure(String key, String title, int display, boolean sparse, boolean summed) {
        this.column = new Psm.Column(key, title, Psm.Kind.BYTES, display, sparse, summed);
    }

    /** The figure for one process, in bytes or {@link Usage#ABSENT}. */
    long of(Usage usage) {
        return switch (this) {
            case PSS -> usage.ram();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case HEAP -> usage.heap;
        };
    }
}

// lib/psm/FlightRecording.java

/**
 * Records what the JVM does while psm runs, for {@code --cpuprofile} and {@code --memprofile}. Two
 * recordings at one time both have the events of both: the JVM keeps one buffer of them.
 */
final class FlightRecording {
    /** A run takes some tens of milliseconds; the JVM's usual period is 20. */
    private static final Duration SAMPLE_PERIOD = Duration.ofMillis(1);

    private final Recording recording = new Recording();
    private final Path file;

    /** Makes sure at once that the file can be written: afterwards, the run would be lost. */
    private FlightRecording(String file) throws IOException {
        this.file = Path.of(file);
        Files.newOutputStream(this.file).close();
    }

    /** Starts to record where time is spent; {@link #write} ends it. */
    static FlightRecording ofTime(String file) throws IOException {
        FlightRecording profile = new FlightRecording(file);
        profile.recording.enable("jdk.ExecutionSample").withPeriod(SAMPLE_PERIOD);
        profile.recording.enable("jdk.NativeMethodSample").withPeriod(SAMPLE_PERIOD);
        return profile.started();
    }

    /** Starts to record what is allocated; {@link #write} ends it. */
    static FlightRecording ofAllocations(String file) throws IOException {
        FlightRecording profile = new FlightRecording(file);
        profile.recording.enable("jdk.ObjectAllocationInNewTLAB").withStackTrace();
        profile.recording.enable("jdk.ObjectAllocationOutsideTLAB").withStackTrace();
        return profile.started();
    }

    private FlightRecording started() {
        recording.start();
        return this;
    }

    /** Ends the recording and writes its file. */
    void write() throws IOException {
        recording.stop();
        recording.dump(file);
        recording.close();
    }
}

// lib/psm/Options.java

/**
 * What the command line asks for, checked.
 *
 * @param filter finds something in the names of the programs that are wanted, {@code null} for all
 * @param heap whether to show the heap
 * @param format an exporter's name; whether there is such a one is not checked here
 * @param source where the figures are to come from
 * @param proc the folder to read, a real one
 * @param workers how many threads, 0 for as many as pay
 * @param stats whether to tell what the run took
 * @param cpuProfile the file for a recording of where time is spent, or {@code null}
 * @param memProfile the file for a recording of what is allocated, or {@code null}
 * @param debug whether to show stack traces
 * @param help whether help is all that is wanted
 * @param version whether the version is all that is wanted
 */
record Options(
        Pattern filter,
        boolean heap,
        String format,
        Source source,
        String proc,
        int workers,
        boolean stats,
        String cpuProfile,
        String memProfile,
        boolean debug,
        boolean help,
        boolean version) {

    private static final String TABLE = "table";
    private static final int HELP_COLUMNS = 80;
    private static final int MAX_WORKERS = 256;

    /**
     * Reads the command line.
     *
     * @throws Failure for what psm does not know, cannot be read, or does not go together
     */
    static Options parse(String... args) throws Failure {
        if (args.length == 0) {
            return defaults();
        }
        ParseResult parsed = parseArgs(args);
        boolean heap = parsed.hasMatchedOption("--heap");
        Source source = source(parsed.matchedOptionValue("--source", "auto"));
        if (heap && source == Source.ROLLUP) {
            throw Failure.usage(
                    "--heap: smaps_rollup has no [heap]; leave out --source rollup", null);
        }
        boolean help = parsed.hasMatchedOption("--help");
        boolean version = parsed.hasMatchedOption("--version");
        return new Options(
                filter(parsed.matchedOptionValue("--filter", null)),
                heap,
                parsed.matchedOptionValue("--output", TABLE),
                source,
                help || version ? null : proc(parsed.matchedOptionValue("--proc", null)),
                workers(parsed.matchedOptionValue("--workers", null)),
                parsed.hasMatchedOption("--stats"),
                parsed.matchedOptionValue("--cpuprofile", null),
                parsed.matchedOptionValue("--memprofile", null),
                parsed.hasMatchedOption("--debug"),
                help,
                version);
    }

    /** What nothing asks for: picocli's 150 classes are not worth loading for it. */
    private static Options defaults() throws Failure {
        return new Options(
                null,
                false,
                TABLE,
                Source.AUTO,
                proc(null),
                0,
                false,
                null,
                null,
                false,
                false,
                false);
    }

    /** The text of {@code --help}. */
    static String helpText() {
        return new CommandLine(spec(false)).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static ParseResult parseArgs(String... args) throws Failure {
        try {
            return new CommandLine(spec(true)).setExpandAtFiles(false).parseArgs(args);
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            throw Failure.usage(option.longestName() + " needs a value: " + option.paramLabel(), e);
        } catch (CommandLine.ParameterException e) {
            throw Failure.usage(e.getMessage(), e);
        }
    }

    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        if (!e.isUnknownOption()) {
            return "'"
                    + argument
                    + "': psm takes options alone; to choose programs, use -f "
                    + argument;
        }
        List<String> similar = e.getSuggestions();
        String advice =
                similar.isEmpty()
                        ? "psm --help lists the options"
                        : "did you mean " + similar.get(0) + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    private static Pattern filter(String regex) throws Failure {
        if (regex == null) {
            return null;
        }
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw Failure.usage(
                    "--filter '"
                            + regex
                            + "': not a regular expression: "
                            + e.getDescription()
                            + " at character "
                            + (e.getIndex() + 1)
                            + "; a backslash before a special character takes it literally",
                    e);
        }
    }

    private static Source source(String name) throws Failure {
        StringBuilder names = new StringBuilder();
        for (Source source : Source.values()) {
            if (source.optionName().equals(name)) {
                return source;
            }
            names.append(names.length() == 0 ? "" : ", ").append(source.optionName());
        }
        throw Failure.usage("--source " + name + ": no such source; there are " + names, null);
    }

    private static String proc(String folder) throws Failure {
        if (folder != null) {
            if (!new File(folder).isDirectory()) {
                throw Failure.usage(
                        "--proc " + folder + ": no such folder; it takes one that looks like /proc",
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

    private static int workers(String number) throws Failure {
        if (number == null) {
            return 0;
        }
        try {
            int workers = Integer.parseInt(number);
            if (workers >= 1 && workers <= MAX_WORKERS) {
                return workers;
            }
        } catch (NumberFormatException e) {
            throw Failure.usage(notWorkers(number), e);
        }
        throw Failure.usage(notWorkers(number), null);
    }

    private static String notWorkers(String number) {
        return "-j " + number + ": takes a number of threads from 1 to " + MAX_WORKERS;
    }

    /**
     * @param goSpellings whether to know Go psm's names too, which have one dash; help does not
     *     show them
     */
    private static CommandSpec spec(boolean goSpellings) {
        CommandSpec spec = CommandSpec.create().name("psm");
        spec.addArgGroup(
                group("What to report:")
                        .addArg(
                                value(
                                        "REGEX",
                                        "only programs with a name in which REGEX finds something",
                                        names(goSpellings, "-filter", "-f", "--filter")))
                        .addArg(
                                flag(
                                        "show the memory of the heap too",
                                        names(goSpellings, "-heap", "--heap")))
                        .addArg(
                                value(
                                        "FORMAT",
                                        "table (default), json, csv, or a plugin's",
                                        "-o",
                                        "--output"))
                        .build());
        spec.addArgGroup(
                group("Where from:")
                        .addArg(
                                value(
                                        "auto|rollup|smaps",
                                        "the file; auto (default) is smaps_rollup where it tells"
                                                + " what is asked for",
                                        "--source"))
                        .addArg(value("DIR", "read DIR, a folder that looks like /proc", "--proc"))
                        .addArg(
                                value(
                                        "N",
                                        "read with N threads (default: as many as pay)",
                                        "-j",
                                        "--workers"))
                        .build());
        spec.addArgGroup(
                group("About psm itself:")
                        .addArg(flag("tell on standard error what the run took", "--stats"))
                        .addArg(
                                value(
                                        "FILE",
                                        "write where time is spent to FILE (a JDK Flight"
                                                + " Recording)",
                                        names(goSpellings, "-cpuprofile", "--cpuprofile")))
                        .addArg(
                                value(
                                        "FILE",
                                        "write what is allocated to FILE (likewise)",
                                        names(goSpellings, "-memprofile", "--memprofile")))
                        .addArg(
                                flag(
                                        "name the processes that could not be read; with an error,"
                                                + " show where it was met",
                                        "--debug"))
                        .addArg(flag("show this help", "-h", "--help"))
                        .addArg(flag("show the version", "-V", "--version"))
                        .build());
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis("psm [OPTION...]")
                .description(
                        "Who uses how much RAM and swap on this Linux box? The biggest comes last.")
                .footer(
                        "",
                        "Examples:",
                        "  sudo psm                      everybody's memory, not just your own",
                        "  psm -f 'celery|nginx'         programs with one of these in their name",
                        "  psm -o csv > memory.csv       for a spreadsheet");
        return spec;
    }

    private static String[] names(boolean goSpellings, String goName, String... names) {
        if (!goSpellings) {
            return names;
        }
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = goName;
        return all;
    }

    private static ArgGroupSpec.Builder group(String heading) {
        return ArgGroupSpec.builder().validate(false).heading("%n" + heading + "%n");
    }

    private static OptionSpec value(String label, String description, String... names) {
        return OptionSpec.builder(names)
                .paramLabel(label)
                .arity("1")
                .type(String.class)
                .description(description)
                .build();
    }

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).arity("0").description(description).build();
    }
}

// lib/psm/OwnProcess.java

/** What this process knows of itself, from its own folder in {@code /proc}. */
final class OwnProcess {
    /** Times in /proc are in hundredths of a second on all of today's machines (USER_HZ). */
    private static final int MS_PER_TICK = 10;

    private static final int BUFFER_BYTES = 8192;

    private final ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);

    /** Whether it runs with root's user id; that it has root's capabilities too is not said. */
    boolean isRoot() {
        return ProcStatus.effectiveUid(status()) == 0;
    }

    /** The largest its resident set has been (VmHWM), with its unit, or "?". */
    String peakMemory() {
        String peak = ProcStatus.value(status(), "VmHWM");
        return peak == null ? "?" : peak;
    }

    /**
     * How many milliseconds ago it was started, by whoever became it with exec(2), to 10 ms, the
     * kernel's own grain; "?" where /proc does not tell (subset=pid), or tells of another time (a
     * container's uptime).
     */
    String millisecondsSinceStart() {
        byte[] buffer = new byte[BUFFER_BYTES];
        String uptime = proc.firstLine("uptime");
        try {
            ProcStat stat = ProcStat.parse(buffer, proc.read("self/stat", buffer));
            if (uptime == null || stat == null) {
                return "?";
            }
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            long milliseconds = Math.round(seconds * 1000) - stat.startTime() * MS_PER_TICK;
            return milliseconds < 0 ? "?" : Long.toString(milliseconds);
        } catch (IOException e) {
            return "?";
        }
    }

    private String status() {
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            return Text.decode(buffer, 0, proc.read("self/status", buffer));
        } catch (IOException e) {
            return "";
        }
    }
}

// lib/psm/ProcFs.java

/**
 * The kernel's process files: {@code /proc}, or a folder that looks like it. Nothing else in psm
 * touches it.
 *
 * <p>What fails, fails with an exception whose type tells why: {@link NoSuchFileException}, {@link
 * AccessDeniedException}, or any other {@link IOException} (of a process without memory,
 * smaps_rollup gives ESRCH). May be shared between threads.
 */
final class ProcFs {
    /** Where Linux has it. */
    static final String DEFAULT_ROOT = "/proc";

    /**
     * Bytes asked for at once. The kernel hands out about 4 kB of smaps a read, whatever the room.
     * From 8,193 on, the JDK allocates native memory for each read; with less than 4,096, there are
     * more reads.
     */
    private static final int READ_BYTES = 8192;

    private final String root;

    ProcFs(String root) {
        this.root = root;
    }

    /** Whether this is the kernel's own, where this process is too. */
    boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

    /** The processes of this moment, ascending. */
    int[] pids() throws IOException {
        String[] names = new File(root).list();
        if (names == null) {
            throw reason(root);
        }
        int[] pids = new int[names.length];
        int count = 0;
        for (String name : names) {
            int pid = pid(name);
            if (pid > 0) {
                pids[count++] = pid;
            }
        }
        pids = Arrays.copyOf(pids, count);
        Arrays.sort(pids);
        return pids;
    }

    /** The pid that a folder is named after, 0 for another name. */
    private static int pid(String name) {
        int pid = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            // A pid has at most 22 bits now; ten digits would not be one.
            if (digit < 0 || digit > 9 || i == 9 || (i == 0 && digit == 0)) {
                return 0;
            }
            pid = pid * 10 + digit;
        }
        return pid;
    }

    /** Whether the process is there: it has not been reaped, and is not hidden. */
    boolean exists(int pid) {
        return new File(path(pid, "")).isDirectory();
    }

    /** Opens a process's file; the caller closes it. */
    InputStream open(int pid, String file) throws IOException {
        return open(path(pid, file));
    }

    /**
     * Reads the start of a process's file, as much as there is room for; returns how many bytes.
     */
    int read(int pid, String file, byte[] into) throws IOException {
        return read(pid + "/" + file, into);
    }

    /** The same for one of the host's own files, or for one in {@code self}. */
    int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(root + '/' + file)) {
            return fill(into, in);
        }
    }

    /** Reads the next bytes of an open file into the array's start; -1 at the end of the file. */
    static int readPiece(InputStream in, byte[] into) throws IOException {
        return in.read(into, 0, Math.min(READ_BYTES, into.length));
    }

    /**
     * Where a process's link points to, {@code exe} for one: any bytes, as {@link Text} has them.
     */
    String link(int pid, String name) throws IOException {
        Path target = Files.readSymbolicLink(Path.of(path(pid, name)));
        String text = target.toString();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
                return undecoded(target);
            }
        }
        return text;
    }

    /**
     * The first line of one of the host's own files, such as {@code sys/kernel/hostname}, or null.
     */
    String firstLine(String file) {
        byte[] bytes = new byte[READ_BYTES];
        try {
            int length = read(file, bytes);
            int end = 0;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            return Text.decode(bytes, 0, end);
        } catch (IOException e) {
            return null;
        }
    }

    private String path(int pid, String file) {
        return root + '/' + pid + '/' + file;
    }

    private static int fill(byte[] into, InputStream in) throws IOException {
        int length = 0;
        while (length < into.length) {
            int count = in.read(into, length, Math.min(READ_BYTES, into.length - length));
            if (count < 0) {
                break;
            }
            length += count;
        }
        return length;
    }

    private static InputStream open(String path) throws IOException {
        try {
            return new FileInputStream(path);
        } catch (FileNotFoundException e) {
            throw reason(path);
        }
    }

    /**
     * Why a path can not be opened. FileInputStream tells it in a message alone, in the language of
     * the locale; the newer API by the exception's type, but it costs a third more where all goes
     * well.
     */
    private static IOException reason(String path) {
        try {
            Files.newInputStream(Path.of(path)).close();
            return new FileSystemException(path, null, "could not be opened at first");
        } catch (IOException e) {
            return e;
        }
    }

    /**
     * The bytes of a path that the locale's encoding may have mangled when it became a string. Only
     * the URI shows them as they are.
     */
    private static String undecoded(Path path) {
        String encoded = path.toUri().getRawPath();
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(encoded, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) encoded.charAt(i);
            }
        }
        return Text.decode(bytes, 0, length);
    }
}

// lib/psm/ProcStat.java

/**
 * What psm needs of {@code /proc/PID/stat}; anybody may read that file.
 *
 * @param comm the name of the main thread, as the kernel has it: 15 bytes at most for processes
 * @param state one letter, field 3
 * @param flags the kernel's PF_ flags, field 9
 * @param startTime field 22, clock ticks since boot; with the pid it tells a process from any other
 */
record ProcStat(String comm, char state, long flags, long startTime) {
    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits; set before its memory is given back (linux/sched.h). */
    private static final long PF_EXITING = 0x0000_0004;

    private static final int STATE = 3;
    private static final int FLAGS = 9;
    private static final int START_TIME = 22;

    boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Whether the process is on its way out: its memory may be gone already. */
    boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Whether the process has ended, and its memory with it. */
    boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Reads the file's content, {@code bytes[0..length)}.
     *
     * @return {@code null} where that is no content of stat
     */
    static ProcStat parse(byte[] bytes, int length) {
        int open = indexOf((byte) '(', bytes, length);
        // The name is raw: it can have parentheses, blanks and newlines of its own.
        int close = lastIndexOf((byte) ')', bytes, length);
        if (open < 0 || close < open || close + 2 >= length) {
            return null;
        }
        char state = (char) bytes[close + 2];
        long flags = 0;
        int i = close + 2;
        for (int field = STATE; i < length; field++) {
            if (field == FLAGS) {
                flags = number(bytes, i, length);
            } else if (field == START_TIME) {
                String comm = Text.decode(bytes, open + 1, close);
                return new ProcStat(comm, state, flags, number(bytes, i, length));
            }
            while (i < length && bytes[i] != ' ') {
                i++;
            }
            i++;
        }
        return null;
    }

    private static long number(byte[] bytes, int from, int to) {
        long value = 0;
        for (int i = from; i < to && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
            value = value * 10 + (bytes[i] - '0');
        }
        return value;
    }

    private static int indexOf(byte wanted, byte[] bytes, int length) {
        int i = 0;
        while (i < length && bytes[i] != wanted) {
            i++;
        }
        return i < length ? i : -1;
    }

    private static int lastIndexOf(byte wanted, byte[] bytes, int length) {
        int i = length - 1;
        while (i >= 0 && bytes[i] != wanted) {
            i--;
        }
        return i;
    }
}

// lib/psm/ProcStatus.java

/** Reads {@code /proc/PID/status}, lines of {@code Name:<TAB>value}; anybody may read that file. */
final class ProcStatus {
    private ProcStatus() {}

    /**
     * The value of one line as it is there, such as {@code 45320 kB} for VmHWM, the peak resident
     * set.
     *
     * @param status the file's content
     * @return {@code null} where the kernel has no such line
     */
    static String value(String status, String name) {
        String start = name + ":\t";
        for (String line : status.split("\n", -1)) {
            if (line.startsWith(start)) {
                return line.substring(start.length()).strip();
            }
        }
        return null;
    }

    /** The effective user id, the second of {@code Uid:}; -1 where it cannot be told. */
    static long effectiveUid(String status) {
        String uids = value(status, "Uid");
        return uids == null ? -1 : Long.parseLong(uids.split("\t", -1)[1]);
    }
}

// lib/psm/ProcessMemory.java

/**
 * One process and its memory at the time of the scan.
 *
 * @param pid as {@code /proc} names it; with the start time it tells a process from any other
 * @param startTime clock ticks since boot, 0 where {@code stat} is missing
 * @param program the name it goes by, see {@link ProgramName}
 * @param rollup whether the figures come from smaps_rollup, else from smaps
 * @param usage its memory
 */
record ProcessMemory(int pid, long startTime, String program, boolean rollup, Usage usage) {}

// lib/psm/ProcessReader.java

/**
 * Measures one process after the other. Owns an array and a parser that serve all of them, so it
 * belongs to one thread; its results may be read by another once that thread is done.
 */
final class ProcessReader {
    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";

    /**
     * Room for stat, which has 2 kB at most, and for a first argument. That is cut there: titles
     * are shorter than a line, but anybody may start a thousand processes with one of 2 MB.
     */
    private static final int BUFFER_BYTES = 4096;

    /** Those that were measured, in the order in which they were read. */
    final List<ProcessMemory> measured = new ArrayList<>();

    /** Those that could not be measured, in the order in which that was found. */
    final List<Unmeasured> unmeasured = new ArrayList<>();

    /** Bytes of smaps and smaps_rollup so far. */
    long bytesRead;

    private final ProcFs proc;
    private final Source source;
    private final Pattern filter;
    private final long ownPid;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final SmapsParser parser = new SmapsParser();

    /**
     * @param source where the figures are to come from
     * @param filter finds something in the names of the programs that are wanted; {@code null} for
     *     all
     * @param ownPid psm's own, which else were one more java; 0 where that is not among the
     *     processes
     */
    ProcessReader(ProcFs proc, Source source, Pattern filter, long ownPid) {
        this.proc = proc;
        this.source = source;
        this.filter = filter;
        this.ownPid = ownPid;
    }

    /**
     * Adds the process to one of the lists, or to none: kernel threads, zombies, those not wanted.
     */
    void read(int pid) {
        String program = null;
        try {
            ProcStat stat = stat(pid);
            if (stat != null && (stat.isKernelThread() || stat.isZombie())) {
                return;
            }
            program = pid == ownPid ? "psm" : program(pid, stat);
            if (filter == null || filter.matcher(program).find()) {
                measure(pid, stat, program);
            }
        } catch (NoSuchFileException e) {
            fail(pid, program, Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            fail(pid, program, Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            fail(pid, program, Unmeasured.Reason.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            // One process that psm cannot deal with must not cost the others.
            fail(pid, program, Unmeasured.Reason.FAILED, e.toString());
        }
    }

    private void fail(int pid, String program, Unmeasured.Reason reason, String detail) {
        unmeasured.add(new Unmeasured(pid, program, reason, detail));
    }

    /** The process's stat, or {@code null} in a tree that has none. */
    private ProcStat stat(int pid) throws IOException {
        try {
            return ProcStat.parse(buffer, proc.read(pid, "stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it is gone, or the tree has no stat. EPERM: hidepid=1 shows the
            // folder alone.
            if (!proc.exists(pid)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    /**
     * The program's name, as well as it can be told. Whether the process is still there shows
     * later.
     */
    private String program(int pid, ProcStat stat) {
        String exe = null;
        String firstArgument = "";
        try {
            exe = proc.link(pid, "exe");
        } catch (IOException e) {
            exe = null; // may be read by root and the process's owner alone
        }
        try {
            int length = proc.read(pid, "cmdline", buffer);
            int end = 0;
            while (end < length && buffer[end] != 0) {
                end++;
            }
            firstArgument = Text.decode(buffer, 0, end);
        } catch (IOException e) {
            firstArgument = "";
        }
        return ProgramName.of(exe, firstArgument, stat == null ? null : stat.comm());
    }

    private void measure(int pid, ProcStat before, String program) throws IOException {
        boolean rollup = source != Source.SMAPS;
        Usage usage = rollup ? rollup(pid, before) : smaps(pid, before);
        if (usage == null) {
            rollup = false;
            usage = smaps(pid, before);
        }
        if (usage.mappings > 0) {
            measured.add(
                    new ProcessMemory(
                            pid, before == null ? 0 : before.startTime(), program, rollup, usage));
        } else if (before != null) {
            // It was no kernel thread: its memory went while it was looked at.
            fail(pid, program, Unmeasured.Reason.VANISHED, null);
        }
    }

    /** The figures of smaps_rollup; {@code null} where there are none and smaps is to be tried. */
    private Usage rollup(int pid, ProcStat before) throws IOException {
        try {
            Usage usage = parse(pid, SMAPS_ROLLUP);
            return usage.mappings == 0 && source == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            if (source == Source.AUTO) {
                return null;
            }
            throw explained(pid, before, SMAPS_ROLLUP, e);
        }
    }

    private Usage smaps(int pid, ProcStat before) throws IOException {
        Usage usage;
        try {
            usage = parse(pid, SMAPS);
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(pid, before, SMAPS, e);
        }
        // A process that ends meanwhile, or whose pid another one gets, leaves a file that is whole
        // to see.
        if (before != null && hasEnded(pid, before)) {
            throw new NoSuchFileException(SMAPS);
        }
        return usage;
    }

    private Usage parse(int pid, String file) throws IOException {
        parser.start(file.equals(SMAPS_ROLLUP));
        try (InputStream in = proc.open(pid, file)) {
            for (int n = ProcFs.readPiece(in, buffer); n >= 0; n = ProcFs.readPiece(in, buffer)) {
                bytesRead += n;
                parser.feed(buffer, 0, n);
            }
        }
        return parser.finish();
    }

    /** The same failure, by a type that tells what became of the process. */
    private IOException explained(int pid, ProcStat before, String file, IOException e)
            throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (!proc.exists(pid) || (before != null && hasEnded(pid, before))) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new IOException("it has no " + file, e) : e;
    }

    private boolean hasEnded(int pid, ProcStat before) throws IOException {
        try {
            ProcStat now = stat(pid);
            return now == null
                    || now.startTime() != before.startTime()
                    || now.isZombie()
                    || now.isExiting();
        } catch (NoSuchFileException e) {
            return true;
        }
    }
}

// lib/psm/ProgramName.java

/**
 * The name that a process goes by, and that processes are grouped under: the rule of Go's psm.
 *
 * <p>A program that sets its title (setproctitle(3)) writes it over its first argument, in {@code
 * /proc/PID/cmdline}: {@code nginx: worker process}. One that does not has the path there by which
 * it was started. So the first argument is the name, unless the executable's path starts as it
 * does; then the executable's base name is.
 */
final class ProgramName {
    /** Enough to tell a path from a title, and few enough for a path that a title has cut short. */
    private static final int COMPARED_CHARS = 16;

    private ProgramName() {}

    /**
     * @param exe where {@code /proc/PID/exe} points to, {@code null} where that may not be read
     * @param firstArgument of {@code /proc/PID/cmdline}, empty where there is none
     * @param comm the kernel's name, the last resort; may be {@code null}
     */
    static String of(String exe, String firstArgument, String comm) {
        if (exe == null) {
            return guess(firstArgument, comm);
        }
        int compared = Math.min(COMPARED_CHARS, firstArgument.length());
        return exe.startsWith(firstArgument.substring(0, compared)) ? baseName(exe) : firstArgument;
    }

    private static String guess(String firstArgument, String comm) {
        if (!firstArgument.isEmpty()) {
            boolean isPath = firstArgument.charAt(0) == '/' && firstArgument.indexOf(' ') < 0;
            return isPath ? baseName(firstArgument) : firstArgument;
        }
        return comm == null ? "?" : comm;
    }

    private static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}

// lib/psm/ProgramReport.java

/**
 * Makes a report of a snapshot: one row a program, the smallest first, so that the biggest is last.
 */
final class ProgramReport {
    private static final Psm.Column PROGRAM =
            new Psm.Column("program", "PROCESS", Psm.Kind.TEXT, 10, false, false);
    private static final Psm.Column COUNT =
            new Psm.Column("count", "COUNT", Psm.Kind.COUNT, 11, false, false);
    private static final Psm.Column PIDS =
            new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false);

    private ProgramReport() {}

    /**
     * @param figures the columns of figures, in a document's order; the first of them sorts the
     *     rows
     */
    static Psm.Report of(Snapshot snapshot, String psmVersion, Figure... figures) {
        List<Group> groups = groups(snapshot.processes(), figures);
        List<Psm.Row> rows = new ArrayList<>(groups.size());
        for (Group group : groups) {
            rows.add(group.row());
        }
        return new Psm.Report(
                psmVersion,
                snapshot.host(),
                snapshot.kernel(),
                snapshot.takenAt().truncatedTo(ChronoUnit.SECONDS),
                source(snapshot.processes()),
                processes(snapshot),
                columns(figures),
                Collections.unmodifiableList(rows),
                row(null, null, null, totals(groups, figures)));
    }

    private static List<Psm.Column> columns(Figure[] figures) {
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(PROGRAM);
        columns.add(COUNT);
        columns.add(PIDS);
        for (Figure figure : figures) {
            columns.add(figure.column);
        }
        return Collections.unmodifiableList(columns);
    }

    private static Psm.Processes processes(Snapshot snapshot) {
        return new Psm.Processes(
                snapshot.processes().size(),
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.FAILED));
    }

    private static String source(List<ProcessMemory> processes) {
        int rollups = 0;
        for (ProcessMemory process : processes) {
            if (process.rollup()) {
                rollups++;
            }
        }
        if (processes.isEmpty()) {
            return null;
        }
        if (rollups == 0) {
            return "smaps";
        }
        return rollups == processes.size() ? "smaps_rollup" : "mixed";
    }

    private static List<Group> groups(List<ProcessMemory> processes, Figure[] figures) {
        Map<String, Group> byProgram = new HashMap<>();
        for (ProcessMemory process : processes) {
            Group group = byProgram.get(process.program());
            if (group == null) {
                group = new Group(process.program(), figures.length);
                byProgram.put(process.program(), group);
            }
            group.add(process, figures);
        }
        List<Group> groups = new ArrayList<>(byProgram.values());
        groups.sort(SMALLEST_FIRST);
        return groups;
    }

    /**
     * No processes use no memory; processes of whom the kernel told nothing use nobody knows how
     * much.
     */
    private static long[] totals(List<Group> groups, Figure[] figures) {
        long[] totals = new long[figures.length];
        for (int i = 0; i < figures.length; i++) {
            boolean known = groups.isEmpty() && figures[i].column.summed();
            totals[i] = known ? 0 : Usage.ABSENT;
            if (figures[i].column.summed()) {
                for (Group group : groups) {
                    totals[i] = sum(totals[i], group.sums[i]);
                }
            }
        }
        return totals;
    }

    /** A sum leaves out what is absent; it is absent itself where there is nothing to sum. */
    private static long sum(long bytes, long more) {
        if (more == Usage.ABSENT) {
            return bytes;
        }
        return Math.max(0, bytes) + more;
    }

    private static Psm.Row row(String program, Long count, List<Integer> pids, long[] figures) {
        Object[] values = new Object[3 + figures.length];
        values[0] = program;
        values[1] = count;
        values[2] = pids;
        for (int i = 0; i < figures.length; i++) {
            values[3 + i] = figures[i] == Usage.ABSENT ? null : (Long) figures[i];
        }
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    /** Names decide between equals, so that two runs show the same order. */
    private static final Comparator<Group> SMALLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Group a, Group b) {
                    int bySize = Long.compare(a.sums[0], b.sums[0]);
                    return bySize != 0 ? bySize : a.program.compareTo(b.program);
                }
            };

    /** The processes of one name. */
    private static final class Group {
        final String program;
        final List<Integer> pids = new ArrayList<>();
        final long[] sums;

        Group(String program, int figures) {
            this.program = program;
            this.sums = new long[figures];
            Arrays.fill(sums, Usage.ABSENT);
        }

        /** Processes come by ascending pid. */
        void add(ProcessMemory process, Figure[] figures) {
            pids.add(process.pid());
            for (int i = 0; i < figures.length; i++) {
                sums[i] = sum(sums[i], figures[i].of(process.usage()));
            }
        }

        Psm.Row row() {
            return ProgramReport.row(
                    program, (long) pids.size(), Collections.unmodifiableList(pids), sums);
        }
    }
}

// lib/psm/Psm.java

/**
 * What psm shows to its exporters, its own and anybody's. A plugin is compiled against this file
 * alone.
 *
 * <p>Everything here is immutable and may be shared between threads, but for {@link Output}'s
 * stream.
 */
final class Psm {
    private Psm() {}

    /**
     * Writes a report in one format. psm finds exporters with {@link java.util.ServiceLoader}: the
     * class and its constructor without parameters are public, and its jar names it in {@code
     * META-INF/services/psm.Psm$Exporter}.
     */
    public interface Exporter {
        /**
         * The format's name, as it is given to {@code -o}: lower-case letters, digits and dashes.
         */
        String name();

        /**
         * Writes the whole report once. Called on one thread, at most once for each exporter.
         *
         * @param output where to write. The stream is psm's: it is buffered, and it is flushed and
         *     closed by psm, not by the exporter.
         * @throws IOException what the stream threw; psm tells full disks from readers that went
         *     away
         */
        void export(Report report, Output output) throws IOException;
    }

    /**
     * Where a report goes.
     *
     * @param stream takes the bytes; not to be closed
     * @param terminal whether a person looks at it: standard output is a terminal
     */
    public record Output(OutputStream stream, boolean terminal) {}

    /**
     * A table of memory figures, with what a reader must know of its making.
     *
     * @param psmVersion the version of psm that measured
     * @param host {@code /proc/sys/kernel/hostname}, {@code null} where that file is missing
     * @param kernel {@code /proc/sys/kernel/osrelease}, {@code null} where that file is missing
     * @param takenAt when the scan began, to the second
     * @param source the file that the figures come from: {@code smaps_rollup}, {@code smaps},
     *     {@code mixed} where some processes had only the second, {@code null} where nothing was
     *     measured
     * @param processes how many processes are in the figures, and how many are not
     * @param columns the columns, in the order of a document
     * @param rows one for each group of processes, the smallest first
     * @param totals the sums of those columns that are {@link Column#summed}, {@code null} for the
     *     others
     */
    public record Report(
            String psmVersion,
            String host,
            String kernel,
            Instant takenAt,
            String source,
            Processes processes,
            List<Column> columns,
            List<Row> rows,
            Row totals) {}

    /**
     * How complete a report is, in numbers of processes. Kernel threads and zombies have no memory
     * and are in none of the numbers; with a filter, neither are processes of other names.
     *
     * @param measured in the report's figures
     * @param denied psm may not read them
     * @param vanished ended while psm read them
     * @param failed could not be read for another reason
     */
    public record Processes(int measured, int denied, int vanished, int failed) {}

    /**
     * One column of a report.
     *
     * @param key its name in documents: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name at the head of a table, for people
     * @param kind what its values are
     * @param display its place in a table, counted from the left; 0 where a table leaves it out
     * @param sparse whether most rows have a zero here, which a table leaves blank
     * @param summed whether its sum over all rows means something; else the totals have {@code
     *     null} here
     */
    public record Column(
            String key, String title, Kind kind, int display, boolean sparse, boolean summed) {}

    /**
     * What the values of a column are. Each of them can be {@code null}: the kernel did not tell.
     */
    public enum Kind {
        /**
         * A {@link String}, chosen by whoever started the process: anything can be in it, control
         * characters too. A byte that is not UTF-8 is the lone surrogate U+DC00 + byte, so that no
         * two names look alike.
         */
        TEXT,
        /** A {@link Long}: how many processes. */
        COUNT,
        /** A {@link Long}: bytes. */
        BYTES,
        /** A {@link List} of {@link Integer}: process ids, ascending. */
        PIDS
    }

    /**
     * One row of a report.
     *
     * @param values as many as the report has columns, in their order, of the columns' kinds
     */
    public record Row(List<Object> values) {}
}

// lib/psm/Scanner.java

/**
 * Measures all processes of a {@link ProcFs} at once, with a few threads that each take the next
 * process from a shared counter and have a {@link ProcessReader} of their own.
 */
final class Scanner {
    /**
     * How many processes a thread must have to do to be worth its start. Too low, and a box of few
     * processes pays for threads that find nothing left to do; too high, and a processor idles on a
     * box of many.
     */
    private static final int PROCESSES_PER_WORKER = 16;

    /**
     * psm is run where others need the processors, and holds each process's memory map while it
     * reads it. Too low, and the scan of a large box takes longer; too high, and it takes the box.
     */
    private static final int MAX_WORKERS = 4;

    private final ProcFs proc;
    private final Source source;
    private final Pattern filter;

    /**
     * @param source where the figures are to come from
     * @param filter finds something in the names of the programs that are wanted; {@code null} for
     *     all
     */
    Scanner(ProcFs proc, Source source, Pattern filter) {
        this.proc = proc;
        this.source = source;
        this.filter = filter;
    }

    /**
     * Scans once, on the calling thread and on others where there is work for them.
     *
     * @param workers how many threads in all; 0 for as many as pay
     * @throws IOException where the processes cannot be listed
     */
    Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        long ownPid = proc.isLive() ? ProcessHandle.current().pid() : 0;
        ProcessReader[] readers = new ProcessReader[workersFor(pids.length, workers)];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = new ProcessReader(proc, source, filter, ownPid);
        }
        int running = readAll(pids, readers);
        return merged(pids.length, readers, running, takenAt, start);
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }

    /** Reads all processes; returns how many threads did. */
    private static int readAll(int[] pids, ProcessReader[] readers) {
        AtomicInteger next = new AtomicInteger();
        Thread[] threads = new Thread[readers.length];
        for (int i = 1; i < readers.length; i++) {
            ProcessReader reader = readers[i];
            threads[i] =
                    new Thread("psm-worker-" + i) {
                        @Override
                        public void run() {
                            readNext(pids, next, reader);
                        }
                    };
            threads[i].setDaemon(true);
            try {
                threads[i].start();
            } catch (OutOfMemoryError e) {
                // No more threads are to be had (ulimit -u, pids.max): those that run do all of it.
                threads[i] = null;
                break;
            }
        }
        readNext(pids, next, readers[0]);
        int workers = 1;
        for (int i = 1; i < readers.length && threads[i] != null; i++) {
            join(threads[i]);
            workers++;
        }
        return workers;
    }

    private static void readNext(int[] pids, AtomicInteger next, ProcessReader reader) {
        for (int i = next.getAndIncrement(); i < pids.length; i = next.getAndIncrement()) {
            reader.read(pids[i]);
        }
    }

    private static void join(Thread thread) {
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                // Nobody interrupts psm's main thread; to leave now would only cost figures.
                ended = false;
            }
        }
    }

    private Snapshot merged(
            int listed, ProcessReader[] readers, int workers, Instant takenAt, long start) {
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> unmeasured = new ArrayList<>();
        long bytesRead = 0;
        for (ProcessReader reader : readers) {
            measured.addAll(reader.measured);
            unmeasured.addAll(reader.unmeasured);
            bytesRead += reader.bytesRead;
        }
        measured.sort(Comparator.comparingInt(ProcessMemory::pid));
        unmeasured.sort(Comparator.comparingInt(Unmeasured::pid));
        return new Snapshot(
                takenAt,
                System.nanoTime() - start,
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                listed,
                measured,
                unmeasured,
                bytesRead,
                workers);
    }
}

// lib/psm/SmapsFormatException.java

/**
 * Tells of a known field in smaps or smaps_rollup whose figure is none, or does not fit a {@code
 * long}.
 */
final class SmapsFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * @param problem what is wrong, printable
     * @param offset where the offending line starts, in bytes from the start of the file
     */
    SmapsFormatException(String problem, long offset) {
        super(problem + " (at byte " + offset + ")");
    }
}

// lib/psm/SmapsParser.java

/**
 * Sums up {@code /proc/PID/smaps} and {@code smaps_rollup}, of any kernel since 2.6.14, from the
 * bytes as they are read.
 *
 * <p>One parser serves many files, one after the other: {@link #start}, {@link #feed} for each
 * piece, {@link #finish}. Pieces can be cut anywhere. Nothing is allocated before {@link #finish}.
 * Not for sharing between threads.
 *
 * <p>A mapping starts with a line that starts as {@code 55d0c0ffe000-55d0c1000000 } does; the lines
 * after it, until the next such line, are its fields. A field is known by its whole name. Lines
 * that are not known are skipped, since every other kernel adds one.
 */
final class SmapsParser {
    /**
     * Room for the start of a line that a piece cut off. Usage.Field lines and the headers of
     * nameless mappings are shorter than a hundred bytes; of longer lines, which end in a file's
     * name, the end is not needed.
     */
    private static final int CARRY_BYTES = 256;

    private static final byte[] HEAP = "[heap]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES_PER_KB = 1024;

    /** The largest size that is still a {@code long} in bytes. */
    private static final long MAX_KB = Long.MAX_VALUE / BYTES_PER_KB;

    private static final Usage.Field[] FIELDS = Usage.Field.values();

    /** The fields by the length of their names, {@code null} where there is none of that length. */
    private static final Usage.Field[][] BY_LENGTH = fieldsByLength();

    /** The fields' names, by ordinal. */
    private static final byte[][] NAMES = fieldNames();

    private final byte[] carry = new byte[CARRY_BYTES];

    /** Bytes of the cut line so far, those that {@link #carry} had no room for too. */
    private long carried;

    /** Where the line that is looked at starts in the file. */
    private long lineOffset;

    private boolean rollup;

    /** kB or ABSENT by field, over all mappings. */
    private final long[] sums = new long[FIELDS.length];

    /** kB or ABSENT by field, of the mapping that is being read. */
    private final long[] mapping = new long[FIELDS.length];

    private boolean isHeap;
    private long heap;
    private int mappings;
    private int cutPss;
    private int cutSwapPss;

    SmapsParser() {
        start(false);
    }

    /**
     * Forgets the last file and starts another.
     *
     * @param rollup whether the kernel has summed up before it cut its figures to whole kB
     */
    void start(boolean rollup) {
        this.rollup = rollup;
        carried = 0;
        lineOffset = 0;
        Arrays.fill(sums, Usage.ABSENT);
        heap = 0;
        mappings = 0;
        cutPss = 0;
        cutSwapPss = 0;
    }

    /**
     * Takes the next piece of the file; the array is the caller's again when this returns.
     *
     * @throws SmapsFormatException for a known field whose figure is no number of kB, or overflows
     */
    void feed(byte[] bytes, int from, int to) throws SmapsFormatException {
        int start = from;
        if (carried > 0) {
            int end = indexOf((byte) '\n', bytes, from, to);
            carry(bytes, from, end < 0 ? to : end);
            if (end < 0) {
                return;
            }
            carriedLine();
            lineOffset++; // the newline
            start = end + 1;
        }
        while (start < to) {
            int end = indexOf((byte) '\n', bytes, start, to);
            if (end < 0) {
                carry(bytes, start, to);
                return;
            }
            line(bytes, start, end);
            lineOffset += end + 1 - start;
            start = end + 1;
        }
    }

    /**
     * The sums of the file that {@link #feed} has seen. The last line need not end in a newline.
     */
    Usage finish() throws SmapsFormatException {
        if (carried > 0) {
            carriedLine();
        }
        endMapping();
        long[] bytes = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            bytes[i] = toBytes(sums[i]);
        }
        long heapBytes =
                sums[Usage.Field.PSS.ordinal()] == Usage.ABSENT ? Usage.ABSENT : toBytes(heap);
        return new Usage(bytes, heapBytes, mappings, cutPss, cutSwapPss);
    }

    private static long toBytes(long kb) {
        return kb == Usage.ABSENT ? Usage.ABSENT : kb * BYTES_PER_KB;
    }

    private void carry(byte[] bytes, int from, int to) {
        int room = (int) Math.max(0, CARRY_BYTES - carried);
        if (room > 0) {
            System.arraycopy(bytes, from, carry, (int) carried, Math.min(room, to - from));
        }
        carried += to - from;
    }

    private void carriedLine() throws SmapsFormatException {
        line(carry, 0, (int) Math.min(carried, CARRY_BYTES));
        lineOffset += carried;
        carried = 0;
    }

    private void line(byte[] bytes, int from, int to) throws SmapsFormatException {
        if (from == to) {
            return;
        }
        if (isHexDigit(bytes[from])) {
            if (isHeader(bytes, from, to)) {
                endMapping();
                startMapping(bytes, from, to);
            }
        } else if (mappings > 0) {
            field(bytes, from, to);
        }
    }

    private void startMapping(byte[] bytes, int from, int to) {
        mappings++;
        Arrays.fill(mapping, Usage.ABSENT);
        isHeap = isNamedHeap(bytes, from, to);
    }

    private void endMapping() throws SmapsFormatException {
        if (mappings == 0) {
            return;
        }
        for (int i = 0; i < sums.length; i++) {
            if (mapping[i] != Usage.ABSENT) {
                sums[i] = sum(Math.max(0, sums[i]), mapping[i], FIELDS[i]);
            }
        }
        long pss = mapping[Usage.Field.PSS.ordinal()];
        if (isHeap && pss != Usage.ABSENT) {
            heap += pss; // part of the sum of Pss, so it does not overflow either
        }
        if (!rollup) {
            countCuts(pss);
        }
        Arrays.fill(mapping, Usage.ABSENT);
    }

    private long sum(long kb, long more, Usage.Field field) throws SmapsFormatException {
        if (more > MAX_KB - kb) {
            throw new SmapsFormatException(
                    "the sum of " + field.kernelName + " overflows", lineOffset);
        }
        return kb + more;
    }

    private void countCuts(long pss) {
        if (pss != Usage.ABSENT
                && (mapping[Usage.Field.SHARED_CLEAN.ordinal()] > 0
                        || mapping[Usage.Field.SHARED_DIRTY.ordinal()] > 0)) {
            cutPss++;
        }
        // Shared memory in swap is in Swap alone: without SwapPss, nothing was shared out and cut.
        long swapPss = mapping[Usage.Field.SWAP_PSS.ordinal()];
        if (swapPss > 0 && mapping[Usage.Field.SWAP.ordinal()] > swapPss) {
            cutSwapPss++;
        }
    }

    private void field(byte[] bytes, int from, int to) throws SmapsFormatException {
        int colon = indexOf((byte) ':', bytes, from, to);
        if (colon < 0) {
            return;
        }
        Usage.Field field = fieldNamed(bytes, from, colon);
        if (field != null) {
            mapping[field.ordinal()] = kilobytes(bytes, from, colon + 1, to);
        }
    }

    private static Usage.Field fieldNamed(byte[] bytes, int from, int to) {
        int length = to - from;
        if (length >= BY_LENGTH.length || BY_LENGTH[length] == null) {
            return null;
        }
        for (Usage.Field field : BY_LENGTH[length]) {
            if (Arrays.equals(NAMES[field.ordinal()], 0, length, bytes, from, to)) {
                return field;
            }
        }
        return null;
    }

    /** Reads {@code " 1234 kB"}, which must be all that is left of the line. */
    private long kilobytes(byte[] bytes, int lineFrom, int from, int to)
            throws SmapsFormatException {
        int i = from;
        while (i < to && (bytes[i] == ' ' || bytes[i] == '\t')) {
            i++;
        }
        int digits = i;
        long value = 0;
        while (i < to && isDigit(bytes[i])) {
            value = value * 10 + (bytes[i] - '0');
            if (value > MAX_KB) {
                throw malformed(bytes, lineFrom, to);
            }
            i++;
        }
        if (i == digits || !Arrays.equals(KB, 0, KB.length, bytes, i, to)) {
            throw malformed(bytes, lineFrom, to);
        }
        return value;
    }

    private SmapsFormatException malformed(byte[] bytes, int from, int to) {
        String line = new String(bytes, from, Math.min(to - from, 80), StandardCharsets.ISO_8859_1);
        return new SmapsFormatException(
                "not a size in kB: '" + Text.printable(line) + "'", lineOffset);
    }

    /** Whether the line starts as {@code 55d0c0ffe000-55d0c1000000 } does. */
    private static boolean isHeader(byte[] bytes, int from, int to) {
        int dash = afterHex(bytes, from, to);
        if (dash == to || bytes[dash] != '-') {
            return false;
        }
        int blank = afterHex(bytes, dash + 1, to);
        return blank > dash + 1 && blank < to && bytes[blank] == ' ';
    }

    private static int afterHex(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && isHexDigit(bytes[i])) {
            i++;
        }
        return i;
    }

    /** No file can bear this name: files' names start with a slash. */
    private static boolean isNamedHeap(byte[] bytes, int from, int to) {
        int name = to - HEAP.length;
        return name > from
                && bytes[name - 1] == ' '
                && Arrays.equals(HEAP, 0, HEAP.length, bytes, name, to)
                && isSixthWord(bytes, from, name);
    }

    /** A file's name may end in {@code " [heap]"}: then that is not the line's sixth word. */
    private static boolean isSixthWord(byte[] bytes, int from, int word) {
        int words = 0;
        for (int i = from; i < word; i++) {
            if (bytes[i] != ' ' && (i == from || bytes[i - 1] == ' ')) {
                words++;
            }
        }
        return words == 5;
    }

    private static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    /** The kernel writes addresses in lower case; a field's name starts with a capital. */
    private static boolean isHexDigit(byte b) {
        return isDigit(b) || (b >= 'a' && b <= 'f');
    }

    private static byte[][] fieldNames() {
        byte[][] names = new byte[FIELDS.length][];
        for (Usage.Field field : FIELDS) {
            names[field.ordinal()] = field.kernelName.getBytes(StandardCharsets.US_ASCII);
        }
        return names;
    }

    private static Usage.Field[][] fieldsByLength() {
        Usage.Field[][] byLength = new Usage.Field[16][];
        for (Usage.Field field : FIELDS) {
            int length = field.kernelName.length();
            Usage.Field[] others = byLength[length] == null ? new Usage.Field[0] : byLength[length];
            byLength[length] = Arrays.copyOf(others, others.length + 1);
            byLength[length][others.length] = field;
        }
        return byLength;
    }
}

// lib/psm/Snapshot.java

/**
 * Everything that one scan saw. Plain data; may be shared between threads.
 *
 * @param takenAt when the scan began
 * @param nanos how long it took
 * @param host {@code /proc/sys/kernel/hostname}, or {@code null}
 * @param kernel {@code /proc/sys/kernel/osrelease}, or {@code null}
 * @param listed how many processes there were, kernel threads and zombies too
 * @param processes those that were measured, by ascending pid
 * @param unmeasured those that were seen and could not be measured, by ascending pid
 * @param bytesRead of smaps and smaps_rollup
 * @param workers how many threads scanned
 */
record Snapshot(
        Instant takenAt,
        long nanos,
        String host,
        String kernel,
        int listed,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        long bytesRead,
        int workers) {

    int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }
}

// lib/psm/Source.java

/** The file of {@code /proc/PID} that the figures are to come from. */
enum Source {
    /** smaps_rollup where there is one and it tells what is asked for, else smaps. */
    AUTO,
    /** smaps_rollup alone: one entry, summed by the kernel (4.14) before it rounds. */
    ROLLUP,
    /** smaps alone: an entry for each mapping. */
    SMAPS;

    /** As it is given to {@code --source}. */
    String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

// lib/psm/StandardOutput.java

/**
 * The standard output of the process, as exporters get it: it stays open when they close it, and it
 * keeps a failure that they swallow (a PrintStream does).
 */
final class StandardOutput extends FilterOutputStream {
    /** Most reports fit: they are written at once, or not at all. */
    private static final int BUFFER_BYTES = 64 * 1024;

    // The types of files in st_mode, see inode(7).
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFSOCK = 0xC000;

    private final String target = target();
    private IOException failure;

    StandardOutput() {
        super(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES));
    }

    boolean isTerminal() {
        return target.startsWith("/dev/pts/")
                || target.startsWith("/dev/tty")
                || target.equals("/dev/console");
    }

    /**
     * Whether a failure to write means that the reader went away: nothing else can fail on a pipe.
     * (The message of the failure is in the locale's language.)
     */
    boolean isPipe() {
        try {
            int type =
                    (Integer) Files.getAttribute(Path.of("/proc/self/fd/1"), "unix:mode") & S_IFMT;
            return type == S_IFIFO || type == S_IFSOCK;
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no /proc: it may be one, but a full disk must not go untold
        }
    }

    @Override
    public void write(int b) throws IOException {
        try {
            out.write(b);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        try {
            out.write(bytes, from, length);
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            out.flush();
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    public void close() throws IOException {
        flush();
    }

    /**
     * Flushes what is left.
     *
     * @throws IOException the first failure, whoever met it
     */
    void finish() throws IOException {
        if (failure == null) {
            flush();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /** The first failure to write, whoever met it; {@code null} where there was none. */
    IOException failure() {
        return failure;
    }

    private IOException remembered(IOException e) {
        if (failure == null) {
            failure = e;
        }
        return e;
    }

    private static String target() {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/1")).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // no /proc: neither a terminal nor a pipe, as far as psm can tell
        }
    }
}

// lib/psm/Text.java

/**
 * Text from strangers: names of processes and files are bytes, of any value but 0.
 *
 * <p>Inside psm a byte that is not UTF-8 is the lone surrogate U+DC00 + byte, so that no byte is
 * lost and no two names become one.
 */
final class Text {
    private static final char SURROGATE_BASE = '\uDC00';

    private Text() {}

    /** The text of {@code bytes[from..to)}, as UTF-8 where it is. */
    static String decode(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] < 0) {
                return decodeUtf8(bytes, from, to);
            }
        }
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    private static String decodeUtf8(byte[] bytes, int from, int to) {
        CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(bytes, from, to - from);
        CharBuffer out = CharBuffer.allocate(to - from);
        while (true) {
            CoderResult result = utf8.decode(in, out, true);
            if (!result.isMalformed()) {
                return out.flip().toString();
            }
            for (int i = 0; i < result.length(); i++) {
                out.put((char) (SURROGATE_BASE + (in.get() & 0xFF)));
            }
        }
    }

    /**
     * The same text, fit for a terminal: what would not show as itself is escaped, as {@code \x1b}.
     */
    static String printable(String text) {
        return escaped(text, true);
    }

    /** The same text, fit to be encoded: a byte that is not UTF-8 is escaped, as {@code \xff}. */
    static String encodable(String text) {
        return escaped(text, false);
    }

    private static String escaped(String text, boolean controlsToo) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7F) {
                return escapedFrom(i, text, controlsToo);
            }
        }
        return text;
    }

    private static String escapedFrom(int start, String text, boolean controlsToo) {
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, start);
        for (int i = start; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (controlsToo && isHarmful(c)) {
                appendEscape(out, c);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /** Controls, and what reorders or hides the text around it. */
    private static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    true;
            default -> false;
        };
    }

    private static void appendEscape(StringBuilder out, int c) {
        switch (c) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (c < 0x80) {
                    appendHex(out, c);
                } else {
                    out.append("\\u{").append(Integer.toHexString(c)).append('}');
                }
            }
        }
    }

    private static void appendHex(StringBuilder out, int b) {
        out.append("\\x")
                .append(Character.forDigit((b >> 4) & 0xF, 16))
                .append(Character.forDigit(b & 0xF, 16));
    }
}

// lib/psm/Unmeasured.java

/**
 * A process that psm saw and could not measure.
 *
 * @param pid as {@code /proc} names it
 * @param program the name it goes by as far as it could be told, {@code null} where it could not
 * @param reason why there are no figures
 * @param detail what the system or the parser said of it, {@code null} where the reason says all
 */
record Unmeasured(int pid, String program, Reason reason, String detail) {
    enum Reason {
        /** psm may not read its memory. */
        DENIED("may not be read"),
        /** It ended while it was read. */
        VANISHED("ended meanwhile"),
        /** Anything else: its file was malformed, a read failed. */
        FAILED("could not be read");

        final String inWords;

        Reason(String inWords) {
            this.inWords = inWords;
        }
    }
}

// lib/psm/Usage.java

/**
 * The memory of one process, as smaps or smaps_rollup told it: sums over all of its mappings, in
 * bytes, by the kernel's own field names.
 *
 * <p>Filled once by {@link SmapsParser#finish}, only read afterwards; then it may be shared between
 * threads.
 */
final class Usage {
    /** Stands for a figure that the kernel did not give. No sum of sizes is negative. */
    static final long ABSENT = -1;

    /**
     * The fields of smaps that psm sums up, each under the kernel's name and with its first kernel.
     */
    enum Field {
        /** 2.6.14. */
        RSS("Rss"),
        /** 2.6.25. */
        PSS("Pss"),
        /** 2.6.14. */
        SHARED_CLEAN("Shared_Clean"),
        /** 2.6.14. */
        SHARED_DIRTY("Shared_Dirty"),
        /** 2.6.14. */
        PRIVATE_CLEAN("Private_Clean"),
        /** 2.6.14. */
        PRIVATE_DIRTY("Private_Dirty"),
        /** 4.4; these pages are in neither Rss nor Pss. */
        SHARED_HUGETLB("Shared_Hugetlb"),
        /** 4.4; these pages are in neither Rss nor Pss. */
        PRIVATE_HUGETLB("Private_Hugetlb"),
        /** 2.6.26; with shared memory that is swapped out. */
        SWAP("Swap"),
        /** 4.3; without shared memory that is swapped out. */
        SWAP_PSS("SwapPss"),
        /** About 2.6.37; equal to Pss on 4.14 to 4.18, by a kernel bug. */
        LOCKED("Locked");

        final String kernelName;

        Field(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    /** Half of what the kernel cuts off a printed figure at most: it prints whole kB. */
    private static final long HALF_KB_BYTES = 512;

    /** By {@link Field#ordinal}: bytes, or {@link #ABSENT}. */
    final long[] sums;

    /**
     * Pss of the mappings named {@code [heap]}, in bytes; 0 without such a mapping, ABSENT without
     * Pss.
     */
    final long heap;

    final int mappings;

    /**
     * How many of the summed Pss figures had a fraction of a kB cut off; 0 for a rollup, summed
     * before.
     */
    private final int cutPss;

    /** How many of the summed SwapPss figures had a fraction of a kB cut off; 0 for a rollup. */
    private final int cutSwapPss;

    /** Takes over {@code sums}. */
    Usage(long[] sums, long heap, int mappings, int cutPss, int cutSwapPss) {
        this.sums = sums;
        this.heap = heap;
        this.mappings = mappings;
        this.cutPss = cutPss;
        this.cutSwapPss = cutSwapPss;
    }

    /**
     * The kernel's figure, summed over the mappings as it was printed, in bytes or {@link #ABSENT}.
     */
    long bytes(Field field) {
        return sums[field.ordinal()];
    }

    /**
     * The proportional set size, in bytes or ABSENT: private pages, the process's share of the
     * shared ones, and private huge pages of hugetlbfs, which the kernel leaves out of Pss. Summed
     * over processes, no page counts twice.
     *
     * <p>Each Pss of smaps is cut to whole kB, which loses half a kB on average where it has a
     * fraction. Only a mapping with shared pages can have one.
     */
    long ram() {
        long pss = bytes(Field.PSS);
        return pss == ABSENT
                ? ABSENT
                : pss + cutPss * HALF_KB_BYTES + orZero(bytes(Field.PRIVATE_HUGETLB));
    }

    /** Pages that this process alone maps, huge ones too, in bytes or ABSENT. */
    long unique() {
        long clean = bytes(Field.PRIVATE_CLEAN);
        long dirty = bytes(Field.PRIVATE_DIRTY);
        if (clean == ABSENT && dirty == ABSENT) {
            return ABSENT;
        }
        return orZero(clean) + orZero(dirty) + orZero(bytes(Field.PRIVATE_HUGETLB));
    }

    /**
     * The part of {@link #ram} that is a share of pages which others map too, in bytes or ABSENT.
     */
    long shared() {
        long ram = ram();
        long unique = unique();
        return ram == ABSENT || unique == ABSENT ? ABSENT : Math.max(0, ram - unique);
    }

    /**
     * Swap in bytes or ABSENT: SwapPss, which shares swap entries out over forks, where the kernel
     * has it, else Swap, which counts them for each process.
     */
    long swapped() {
        long swapPss = bytes(Field.SWAP_PSS);
        return swapPss == ABSENT ? bytes(Field.SWAP) : swapPss + cutSwapPss * HALF_KB_BYTES;
    }

    private static long orZero(long bytes) {
        return bytes == ABSENT ? 0 : bytes;
    }
}

// exporters/psm/CsvFormat.java

/**
 * Comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record a row, no totals.
 * Sizes are whole bytes, what the kernel did not give is an empty field, pids are separated by
 * spaces. It cannot carry when and where it was taken, nor what could not be measured.
 */
final class CsvFormat {
    private CsvFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, CSVFormat.RFC4180);
        for (Psm.Column column : report.columns()) {
            csv.print(column.key());
        }
        csv.println();
        for (Psm.Row row : report.rows()) {
            csv.printRecord(fields(report.columns(), row));
        }
        csv.flush();
    }

    private static List<Object> fields(List<Psm.Column> columns, Psm.Row row) {
        List<Object> fields = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            fields.add(value == null ? null : field(columns.get(i), value));
        }
        return fields;
    }

    private static Object field(Psm.Column column, Object value) {
        return switch (column.kind()) {
            case TEXT -> Text.encodable((String) value);
            case COUNT, BYTES -> value;
            case PIDS -> joined((List<?>) value);
        };
    }

    private static String joined(List<?> pids) {
        StringBuilder joined = new StringBuilder();
        for (Object pid : pids) {
            joined.append(joined.length() == 0 ? "" : " ").append(pid);
        }
        return joined.toString();
    }
}

// exporters/psm/Formats.java

/**
 * Registers psm's own formats with ServiceLoader, which takes no class that is not public: hence
 * nested ones. Each refers to its format only when it writes, so that a run loads the library of
 * one format and no other.
 */
final class Formats {
    private Formats() {}

    /** {@code -o table}, see {@link TableFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Table implements Psm.Exporter {
        @Override
        public String name() {
            return "table";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TableFormat.write(report, output);
        }
    }

    /** {@code -o json}, see {@link JsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Json implements Psm.Exporter {
        @Override
        public String name() {
            return "json";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            JsonFormat.write(report, output);
        }
    }

    /** {@code -o csv}, see {@link CsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Csv implements Psm.Exporter {
        @Override
        public String name() {
            return "csv";
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            CsvFormat.write(report, output);
        }
    }
}

// exporters/psm/JsonFormat.java

/**
 * A JSON document for programs, schema {@code psm/1}: sizes are whole bytes, what the kernel did
 * not give is {@code null}. One line, but on a terminal; a newline at the end either way. In a
 * name, a byte that is not UTF-8 becomes {@code \xff}, four characters.
 */
final class JsonFormat {
    private static final String SCHEMA = "psm/1";

    private JsonFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = new JsonFactory().createGenerator(output.stream());
        json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
        if (output.terminal()) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
        }
        json.writeStartObject();
        origin(json, report);
        json.writeArrayFieldStart("rows");
        for (Psm.Row row : report.rows()) {
            json.writeStartObject();
            fields(json, report, row, false);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("totals");
        fields(json, report, report.totals(), true);
        json.writeEndObject();
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }

    private static void origin(JsonGenerator json, Psm.Report report) throws IOException {
        json.writeStringField("schema", SCHEMA);
        json.writeStringField("psm_version", report.psmVersion());
        text(json, "host", report.host());
        text(json, "kernel", report.kernel());
        json.writeStringField("taken_at", report.takenAt().toString());
        text(json, "source", report.source());
        Psm.Processes processes = report.processes();
        json.writeObjectFieldStart("processes");
        json.writeNumberField("measured", processes.measured());
        json.writeNumberField("denied", processes.denied());
        json.writeNumberField("vanished", processes.vanished());
        if (processes.failed() > 0) {
            json.writeNumberField("failed", processes.failed());
        }
        json.writeEndObject();
    }

    private static void fields(JsonGenerator json, Psm.Report report, Psm.Row row, boolean totals)
            throws IOException {
        List<Psm.Column> columns = report.columns();
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            if (!totals || columns.get(i).summed()) {
                field(json, columns.get(i), value);
            }
        }
    }

    private static void field(JsonGenerator json, Psm.Column column, Object value)
            throws IOException {
        if (value == null) {
            json.writeNullField(column.key());
            return;
        }
        switch (column.kind()) {
            case TEXT -> text(json, column.key(), (String) value);
            case COUNT, BYTES -> json.writeNumberField(column.key(), (Long) value);
            case PIDS -> {
                json.writeArrayFieldStart(column.key());
                for (Object pid : (List<?>) value) {
                    json.writeNumber((Integer) pid);
                }
                json.writeEndArray();
            }
        }
    }

    private static void text(JsonGenerator json, String key, String value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
        } else {
            json.writeStringField(key, Text.encodable(value));
        }
    }
}

// exporters/psm/TableFormat.java

/**
 * The table for people, laid out as Go's psm does it: sizes in MB (2^20 bytes) in columns ten wide,
 * a tab, and the name with the number of its processes. It cannot carry pids, nor names longer than
 * 32 characters.
 */
final class TableFormat {
    private static final int WIDTH = 10;
    private static final int MAX_NAME_CHARS = 32;
    private static final int MB_BITS = 20;

    private TableFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Psm.Column[] columns = report.columns().toArray(new Psm.Column[0]);
        int[] places = places(columns);
        StringBuilder out = new StringBuilder();
        header(out, columns, places);
        for (Psm.Row row : report.rows()) {
            sizes(out, columns, places, row, true);
            out.append('\t');
            labels(out, columns, places, row);
            out.append('\n');
        }
        StringBuilder totals = new StringBuilder();
        sizes(totals, columns, places, report.totals(), false);
        // The mark takes the place of a blank, never of a digit.
        out.append('#')
                .append(
                        totals,
                        totals.length() > 0 && totals.charAt(0) == ' ' ? 1 : 0,
                        totals.length());
        out.append("\tTOTAL USED BY PROCESSES\n");
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The indexes of the columns that a table shows, from left to right. */
    private static int[] places(Psm.Column[] columns) {
        int[] places = new int[columns.length];
        int shown = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].display() > 0) {
                int place = shown++;
                while (place > 0 && columns[places[place - 1]].display() > columns[i].display()) {
                    places[place] = places[place - 1];
                    place--;
                }
                places[place] = i;
            }
        }
        return Arrays.copyOf(places, shown);
    }

    private static void header(StringBuilder out, Psm.Column[] columns, int[] places) {
        for (int i : places) {
            if (columns[i].kind() == Psm.Kind.BYTES) {
                padded(out, columns[i].title());
            }
        }
        out.append('\t');
        for (int i : places) {
            switch (columns[i].kind()) {
                case TEXT -> out.append(columns[i].title());
                case COUNT -> out.append(" (").append(columns[i].title()).append(')');
                default -> {}
            }
        }
        out.append('\n');
    }

    private static void sizes(
            StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row, boolean isGroup) {
        for (int i : places) {
            if (columns[i].kind() == Psm.Kind.BYTES) {
                Long bytes = (Long) row.values().get(i);
                boolean blank = bytes == null || (isGroup && columns[i].sparse() && bytes == 0);
                padded(out, blank ? "" : megabytes(bytes));
            }
        }
    }

    private static void labels(StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row) {
        for (int i : places) {
            Object value = row.values().get(i);
            switch (columns[i].kind()) {
                case TEXT -> out.append(Text.printable(cut((String) value)));
                case COUNT -> out.append(" (").append(value).append(')');
                default -> {}
            }
        }
    }

    private static void padded(StringBuilder out, String text) {
        for (int i = text.length(); i < WIDTH; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    /** A title in brackets says who it is within them, and what it is doing after them. */
    private static String cut(String name) {
        if (name.codePointCount(0, name.length()) <= MAX_NAME_CHARS) {
            return name;
        }
        int bracket = name.charAt(0) == '[' ? name.indexOf(']') : -1;
        return name.substring(
                0, bracket > 0 ? bracket + 1 : name.offsetByCodePoints(0, MAX_NAME_CHARS));
    }

    /**
     * MB with one decimal, as C's and Go's {@code %.1f} have it: rounded to the nearest, and to the
     * even digit where two are equally near. {@link String#format} rounds ties up, and uses the
     * locale's digits.
     */
    static String megabytes(long bytes) {
        long mask = (1L << MB_BITS) - 1;
        long scaled = (bytes & mask) * 10;
        long tenths = scaled >> MB_BITS;
        long rest = scaled & mask;
        long half = 1L << (MB_BITS - 1);
        if (rest > half || (rest == half && (tenths & 1) == 1)) {
            tenths++;
        }
        long whole = (bytes >> MB_BITS) + tenths / 10;
        return whole + "." + tenths % 10;
    }
}
