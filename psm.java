///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux box
//JAVA 17+
//MAIN psm.Main
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-core:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//COMPILE_OPTIONS --release 17 -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//RUNTIME_OPTIONS -XX:+DisplayVMOutputToStderr -XX:+IgnoreUnrecognizedVMOptions

// Assembled by bundle.java from lib/psm and exporters/psm: change those, not this.

package psm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
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
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.LongBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import jdk.jfr.Recording;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.QuoteMode;
import org.kohsuke.MetaInfServices;
import picocli.AutoComplete;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

// lib/psm/Main.java

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

// lib/psm/AddressSpaces.java

/**
 * Finds processes that have one address space: made by clone(2) with CLONE_VM, or by vfork(2) and
 * not yet at their exec(2). Each of them shows all of its memory as its own.
 *
 * <p>Such processes have the same {@link ProcStat#addresses}, and all but one of them were forked
 * without exec. Forks with memory of their own look the same, down to the last byte of smaps; so
 * the proof is a page that one address space alone maps ({@link PageMap}). Who may not see page
 * frames (without CAP_SYS_ADMIN) gets no proof; the memory is counted for each then, and called too
 * much where the figures are the same too.
 *
 * <p>{@link #note} may be called by many threads, {@link #countOnce} when they are done.
 */
final class AddressSpaces {
    /**
     * A process as it was when it was measured, equal to itself alone. (Of a record, hashCode and
     * equals are made when they are first called, which takes longer than to read a hundred
     * processes.)
     */
    private static final class Member {
        final int pid;
        final String folder;
        final long startStack;
        final long addresses;

        /** The first with its address space, maybe itself; {@code null} until that is proved. */
        volatile Member first;

        Member(int pid, String folder, ProcStat stat) {
            this.pid = pid;
            this.folder = folder;
            this.startStack = stat.startStack();
            this.addresses = stat.addresses();
        }

        boolean isSeenAgain(Member other) {
            return pid == other.pid && addresses == other.addresses && folder.equals(other.folder);
        }
    }

    private final PageMap pages;

    /** Those that called exec, by addresses, whose frame nobody has asked for yet. */
    private final Map<Long, List<Member>> executed = new HashMap<>();

    /** The addresses of those that were forked without exec. */
    private final Set<Long> forked = new HashSet<>();

    /**
     * By the frame of a page that one address space alone maps: the first of those that were proved
     * to have it.
     */
    private final Map<Long, Member> firsts = new ConcurrentHashMap<>();

    /** By pid, as it was measured last. */
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    AddressSpaces(PageMap pages) {
        this.pages = pages;
    }

    /**
     * Takes note of a process that has just been measured; a second time where it was measured
     * again.
     *
     * @param folder the process's, or one of its threads'
     * @param stat what that folder's stat said when the process was measured
     * @return whether none is known that may have the same memory: it has called exec, and no fork
     *     without exec has its addresses
     */
    boolean note(int pid, String folder, ProcStat stat) {
        if (stat.addresses() == 0) {
            members.remove(pid);
            return !stat.isForkWithoutExec();
        }
        Member self = new Member(pid, folder, stat);
        members.put(pid, self);
        List<Member> waiting = null;
        synchronized (this) {
            if (stat.isForkWithoutExec() && forked.add(self.addresses)) {
                waiting = executed.remove(self.addresses);
            } else if (!forked.contains(self.addresses)) {
                await(self);
                return true;
            }
        }
        if (waiting != null) {
            for (Member other : waiting) {
                prove(other);
            }
        }
        prove(self);
        return false;
    }

    /** Until there is a fork with its addresses, if there is one. */
    private void await(Member self) {
        List<Member> others = executed.get(self.addresses);
        if (others == null) {
            others = new ArrayList<>(1);
            executed.put(self.addresses, others);
        }
        others.add(self);
    }

    /** Outside of any lock, since the kernel may keep a reader waiting. */
    private void prove(Member member) {
        long frame = frame(member);
        if (frame == 0) {
            return;
        }
        Member first = firsts.putIfAbsent(frame, member);
        if (first == null) {
            member.first = member;
        } else if (first.isSeenAgain(member) || isShared(first, member, frame)) {
            member.first = first;
        } else if (frame(member) == frame) {
            firsts.put(frame, member); // the first has given it back
            member.first = member;
        }
    }

    /**
     * Whether both have the frame at one moment: it may have been given back by the first, and then
     * to the other, between two looks.
     */
    private boolean isShared(Member first, Member other, long frame) {
        return first.addresses == other.addresses && frame(first) == frame && frame(other) == frame;
    }

    private long frame(Member member) {
        return pages.exclusiveFrame(member.folder, member.startStack);
    }

    /**
     * Has the memory of those with one address space counted under the first of them.
     *
     * @param measured by ascending pid
     */
    void countOnce(List<ProcessMemory> measured) {
        if (forked.isEmpty()) {
            return;
        }
        Map<Member, Integer> lowest = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            Member space = member == null ? null : member.first;
            Integer other = space == null ? null : lowest.putIfAbsent(space, process.pid());
            if (other != null) {
                measured.set(i, process.countedUnder(other));
            }
        }
        doubt(measured);
    }

    /**
     * Without a proof, a fork that has all the figures of another process with its addresses is
     * called doubtful: most often it is the same memory, seen twice.
     */
    private void doubt(List<ProcessMemory> measured) {
        Map<Long, Set<LongBuffer>> figures = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            if (member != null && member.first == null && forked.contains(member.addresses)) {
                Set<LongBuffer> others = figures.get(member.addresses);
                if (others == null) {
                    others = new HashSet<>();
                    figures.put(member.addresses, others);
                }
                if (!others.add(LongBuffer.wrap(process.usage().sums))) {
                    measured.set(i, process.doubted());
                }
            }
        }
    }
}

// lib/psm/Arguments.java

/** Reads the command line. */
final class Arguments {
    static final String INSTALL = "install";
    static final String UNINSTALL = "uninstall";

    private static final String FORMAT = "FORMAT";
    private static final String ON = "on";
    private static final String OFF = "off";
    private static final int HELP_COLUMNS = 80;
    private static final int MAX_WORKERS = 256;
    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    /** Of numbers with decimals: with more of them, sums of nanoseconds could overflow. */
    private static final int MAX_DIGITS = 8;

    private static final int MAX_DECIMALS = 9;

    /** picocli's own looks for Groovy in all jars first. */
    private static final CommandLine.IFactory FACTORY =
            new CommandLine.IFactory() {
                @Override
                public <K> K create(Class<K> type) throws Exception {
                    return type.getDeclaredConstructor().newInstance();
                }
            };

    private Arguments() {}

    /**
     * What the command line asks for.
     *
     * @throws Failure for what psm does not know, cannot be read, or does not go together
     */
    static Options parse(String... args) throws Failure {
        ParseResult parsed = parse(spec(true), args);
        boolean heap = parsed.hasMatchedOption("--heap");
        Source source = source(parsed.matchedOptionValue("--source", "auto"));
        if (heap && source == Source.ROLLUP) {
            throw Failure.usage(
                    "--heap: smaps_rollup has no [heap]; leave out --source rollup", null);
        }
        boolean host = parsed.hasMatchedOption("--host");
        if (host && parsed.hasMatchedOption("--filter")) {
            throw Failure.usage(
                    "--host: accounts for the memory of all processes; leave out --filter", null);
        }
        String format = parsed.matchedOptionValue("--output", Options.DEFAULT_FORMAT);
        if (host && format.equals("csv")) {
            throw Failure.usage("--host: csv has rows alone; use -o table or -o json", null);
        }
        String cpuProfile = parsed.matchedOptionValue("--cpuprofile", null);
        String memProfile = parsed.matchedOptionValue("--memprofile", null);
        if (cpuProfile != null && cpuProfile.equals(memProfile)) {
            throw Failure.usage(
                    "--memprofile " + memProfile + ": is the file of --cpuprofile; name another",
                    null);
        }
        refuseForOthers(parsed);
        boolean help = parsed.hasMatchedOption("--help");
        boolean version = parsed.hasMatchedOption("--version");
        return new Options(
                filter(parsed.matchedOptionValue("--filter", null)),
                heap,
                byTitle(parsed.matchedOptionValue("--by-title", ON)),
                parsed.hasMatchedOption("--scripts"),
                host,
                parsed.hasMatchedOption("--strict"),
                parsed.hasMatchedOption("--csv-raw"),
                format,
                source,
                help || version ? null : Options.proc(parsed.matchedOptionValue("--proc", null)),
                workers(parsed.matchedOptionValue("--workers", null)),
                nanos(
                        "--timeout",
                        TimeUnit.SECONDS,
                        parsed.matchedOptionValue("--timeout", "2"),
                        Scan.TICK_NANOS),
                nanos(
                        "--max-cost",
                        TimeUnit.MILLISECONDS,
                        parsed.matchedOptionValue("--max-cost", "0"),
                        0),
                parsed.hasMatchedOption("--stats"),
                cpuProfile,
                memProfile,
                parsed.hasMatchedOption("--debug"),
                help,
                version);
    }

    /** Nothing that a user names is touched with rights that are not his. */
    private static void refuseForOthers(ParseResult parsed) throws Failure {
        for (String option : new String[] {"--proc", "--cpuprofile", "--memprofile"}) {
            if (parsed.hasMatchedOption(option) && Asker.hasLessRights()) {
                throw Failure.usage(
                        option
                                + ": run by sudo, psm reads /proc alone and writes no files;"
                                + " whoever may do more can have it by 'sudo env -u SUDO_UID psm'",
                        null);
            }
        }
    }

    /**
     * What {@code psm install} and {@code psm uninstall} ask for.
     *
     * @param prefix below which, or {@code null} for the default
     * @param java the home of the Java to use, or {@code null} for the newest
     * @param dryRun whether only to tell
     * @param help whether help is all that is wanted
     */
    record Installation(String command, String prefix, String java, boolean dryRun, boolean help) {}

    /**
     * What the command line asks for, or {@code null} where that is a report.
     *
     * @throws Failure as {@link #parse} does
     */
    static Installation parseInstallation(String... args) throws Failure {
        if (!args[0].equals(INSTALL) && !args[0].equals(UNINSTALL)) {
            return null;
        }
        ParseResult parsed = parse(command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        boolean isInstall = args[0].equals(INSTALL);
        String prefix = parsed.matchedOptionValue("--prefix", null);
        if (prefix != null && (prefix.contains(":") || prefix.contains("\n"))) {
            throw Failure.usage(
                    "--prefix " + prefix + ": has a ':' or a newline, which no class path takes",
                    null);
        }
        return new Installation(
                args[0],
                prefix,
                isInstall ? parsed.matchedOptionValue("--java", null) : null,
                isInstall && parsed.hasMatchedOption("--dry-run"),
                parsed.hasMatchedOption("--help"));
    }

    /** The text of {@code --help} after a command. */
    static String helpText(String command) {
        CommandLine psm = new CommandLine(spec(false), FACTORY);
        return psm.getSubcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    /** The text of {@code --help}. */
    static String helpText() {
        return new CommandLine(spec(false), FACTORY).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }

    private static ParseResult parse(CommandSpec spec, String... args) throws Failure {
        try {
            return new CommandLine(spec, FACTORY)
                    .setExpandAtFiles(false)
                    .setOverwrittenOptionsAllowed(true)
                    .parseArgs(args);
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            throw Failure.usage(option.longestName() + " needs a value: " + option.paramLabel(), e);
        } catch (CommandLine.ParameterException e) {
            if (e.getArgSpec() instanceof OptionSpec option && option.arity().max() == 0) {
                throw Failure.usage(option.longestName() + ": takes no value", e);
            }
            throw Failure.usage(e.getMessage(), e);
        }
    }

    private static String unmatched(CommandLine.UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        boolean isPsm = e.getCommandLine().getCommandName().equals("psm");
        if (isPsm && (argument.equals(INSTALL) || argument.equals(UNINSTALL))) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
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

    private static Filter filter(String regex) throws Failure {
        if (regex == null) {
            return null;
        }
        try {
            if (Filter.repeatsTooOften(regex)) {
                throw Failure.usage(
                        "--filter '" + regex + "': repeats too often; names are shorter", null);
            }
            return new Filter(Pattern.compile(regex));
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

    private static boolean byTitle(String value) throws Failure {
        if (!value.equals(ON) && !value.equals(OFF)) {
            throw Failure.usage("--by-title " + value + ": takes on or off", null);
        }
        return value.equals(ON);
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

    /**
     * A number of seconds or milliseconds, that may have decimals. (Not by BigDecimal, which takes
     * half as long to load as all the rest of psm to run.)
     */
    private static long nanos(String option, TimeUnit unit, String number, long least)
            throws Failure {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String decimals = point < 0 ? "0" : number.substring(point + 1);
        if (areDigits(whole, MAX_DIGITS) && areDigits(decimals, MAX_DECIMALS)) {
            long nanos = unit.toNanos(Long.parseLong(whole));
            long place = unit.toNanos(1);
            for (int i = 0; i < decimals.length(); i++) {
                place /= 10;
                nanos += (decimals.charAt(i) - '0') * place;
            }
            if (nanos >= least && nanos <= MAX_NANOS) {
                return nanos;
            }
        }
        throw Failure.usage(notATime(option, unit, number), null);
    }

    private static boolean areDigits(String text, int most) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= most;
    }

    private static String notATime(String option, TimeUnit unit, String number) {
        return option
                + " "
                + number
                + ": takes a number of "
                + unit.name().toLowerCase(Locale.ROOT)
                + ", such as 0.5; 0.1 seconds at least, a day at most";
    }

    private static String notWorkers(String number) {
        return "-j " + number + ": takes a number of threads from 1 to " + MAX_WORKERS;
    }

    /**
     * @param forParsing with Go psm's names too, which have one dash, and without the headings and
     *     commands of help
     */
    static CommandSpec spec(boolean forParsing) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name("psm");
        add(
                spec,
                forParsing,
                "What to report:",
                value(
                        "REGEX",
                        "only programs with a name in which REGEX finds something",
                        names(forParsing, "-filter", "-f", "--filter")),
                value(
                        "on|off",
                        "whether a title that a program gives itself is its name"
                                + " (default: on), or its executable alone",
                        "--by-title"),
                flag(
                        "tell java, python, node, ruby, perl and shells apart by"
                                + " what they run",
                        "--scripts"),
                flag("tell under the total where all of the memory is (table and json)", "--host"),
                flag("show the memory of the heap too", names(forParsing, "-heap", "--heap")),
                value(FORMAT, "table (default), json, csv, or a plugin's", "-o", "--output"),
                flag(
                        "csv: names as they are, even where a spreadsheet would"
                                + " take them for formulas",
                        "--csv-raw"),
                flag("exit with 3 where the report leaves something out", "--strict"));
        add(
                spec,
                forParsing,
                "Where from:",
                value(
                        "auto|rollup|smaps",
                        "the file; auto (default) is smaps_rollup where it tells"
                                + " what is asked for",
                        "--source"),
                value("DIR", "read DIR, a folder that looks like /proc", "--proc"),
                value(
                        "N",
                        "read with N threads (default: as many as are worth it)",
                        "-j",
                        "--workers"),
                value(
                        "SECONDS",
                        "give up a process that the kernel gives no answer for (default: 2)",
                        "--timeout"),
                value(
                        "MS",
                        "estimate the memory of processes that would take the"
                                + " kernel longer than MS milliseconds to walk"
                                + " (default: none)",
                        "--max-cost"));
        add(
                spec,
                forParsing,
                "About psm itself:",
                flag("tell on standard error what the run took", "--stats"),
                value(
                        "FILE",
                        "write where time is spent to FILE (a JDK Flight Recording)",
                        names(forParsing, "-cpuprofile", "--cpuprofile")),
                value(
                        "FILE",
                        "write what is allocated to FILE (likewise)",
                        names(forParsing, "-memprofile", "--memprofile")),
                flag(
                        "name the processes that could not be read; with an error,"
                                + " show where it was met",
                        "--debug"),
                flag("show this help", "-h", "--help"),
                flag("show the version", "-V", "--version"));
        if (!forParsing) {
            for (String name : new String[] {INSTALL, UNINSTALL}) {
                spec.addSubcommand(name, new CommandLine(command(name), FACTORY));
            }
        }
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis("psm [OPTION...]")
                .commandListHeading("%nCommands:%n")
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

    private static CommandSpec command(String name) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        spec.addOption(
                value(
                        "DIR",
                        "below DIR (default: /usr/local for root, ~/.local for others)",
                        "--prefix"));
        if (name.equals(INSTALL)) {
            spec.addOption(value("HOME", "run on this Java (default: the newest)", "--java"));
            spec.addOption(flag("only tell what would be done", "--dry-run"));
        }
        spec.addOption(flag("show this help", "-h", "--help"));
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .description(
                        name.equals(INSTALL)
                                ? "install psm: a launcher that starts fast, a man page and"
                                        + " completions"
                                : "take away what 'psm install' has installed");
        return spec;
    }

    private static String[] names(boolean forParsing, String goName, String... names) {
        if (!forParsing) {
            return names;
        }
        String[] all = Arrays.copyOf(names, names.length + 1);
        all[names.length] = goName;
        return all;
    }

    /**
     * Adds options, for help under a heading. (To parse groups takes longer, and gives the same.)
     */
    private static void add(
            CommandSpec spec, boolean forParsing, String heading, OptionSpec... options) {
        ArgGroupSpec.Builder group =
                ArgGroupSpec.builder().validate(false).heading("%n" + heading + "%n");
        for (OptionSpec option : options) {
            if (forParsing) {
                spec.addOption(option);
            } else {
                group.addArg(option);
            }
        }
        if (!forParsing) {
            spec.addArgGroup(group.build());
        }
    }

    private static OptionSpec value(String label, String description, String... names) {
        OptionSpec.Builder option =
                OptionSpec.builder(names)
                        .paramLabel(label)
                        .arity("1")
                        .type(String.class)
                        .description(description);
        if (label.equals(FORMAT)) {
            option.completionCandidates(List.of("table", "json", "csv"));
        } else if (label.contains("|")) {
            option.completionCandidates(List.of(label.split("[|]", -1)));
        }
        return option.build();
    }

    private static OptionSpec flag(String description, String... names) {
        return OptionSpec.builder(names).arity("0").description(description).build();
    }
}

// lib/psm/Asker.java

/**
 * Whether psm runs on behalf of somebody with fewer rights than it has: by sudo(8), doas(1) or
 * pkexec(1), or by a program that is setuid. What that user names is not read, loaded or written
 * then: any of it could be used to reach what is not his.
 */
final class Asker {
    private Asker() {}

    /** As far as the environment and {@code /proc/self/status} tell. */
    static boolean hasLessRights() {
        String doas = System.getenv("DOAS_USER");
        return isOther("SUDO_UID")
                || isOther("PKEXEC_UID")
                || (doas != null && !doas.equals("root"))
                || isSetuid();
    }

    /** What is no user id at all is nobody to be trusted. */
    private static boolean isOther(String variable) {
        String uid = System.getenv(variable);
        return uid != null && !uid.equals("0");
    }

    private static boolean isSetuid() {
        ProcStatus.Ids own = new OwnProcess().userIds();
        return own.real() != own.effective();
    }
}

// lib/psm/Detail.java

/** What a scan can be asked to find out about each process beside its memory. */
enum Detail {
    /** {@code stat}: the parent and the number of threads. */
    STAT,
    /** {@code status}: user, group, peak and page tables. */
    STATUS,
    /** {@code cgroup}. */
    CGROUP,
    /** {@code oom_score} and {@code oom_score_adj}. */
    OOM,
    /** {@code cmdline}, all of it. */
    COMMAND,
    /** What the program is called by each of the rules for names, see {@link Program.Names}. */
    NAMES
}

// lib/psm/EntryLayout.java

/**
 * The fields of an entry of {@code /proc/PID/smaps} or {@code smaps_rollup} as the last entry had
 * them: their bytes, where in them the numbers are, and what these were.
 *
 * <p>The kernel prints the same fields for each mapping, in the same order, with numbers that are
 * padded to the same width. So of the next entry only those bytes are looked at that differ from
 * the last; where one of them is not part of a number, the layout does not fit, and has to be
 * learned anew. What fits has the meaning that {@link SmapsParser} finds line by line, whatever the
 * bytes are.
 *
 * <p>Lines of another form, {@code VmFlags} for one, end the layout; they are the parser's. Not for
 * sharing between threads.
 */
final class EntryLayout {
    /** Twice what the kernel prints now, some 25 lines. What is longer is left to the parser. */
    private static final int MAX_BYTES = 2048;

    private static final int MAX_LINES = 64;

    /**
     * What Arrays.mismatch compares in one step. Where words do not start at multiples of it, code
     * that is not compiled takes up to eight.
     */
    private static final int WORD_BYTES = 8;

    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);

    /** What {@link #lineAt} says of the bytes that are part of no number. */
    private static final byte NONE = -1;

    /** The fields of the last entry, from {@link #start} on. */
    private final byte[] bytes = new byte[WORD_BYTES + MAX_BYTES];

    /** As far from a multiple of {@link #WORD_BYTES} as where the entry was read from. */
    private int start;

    private int length;

    /**
     * By offset: the line whose number, padding included, the byte is part of, or {@link #NONE}.
     */
    private final byte[] lineAt = new byte[MAX_BYTES];

    private int lines;

    // By line: where its number is, and the ordinal of its field, or -1 where psm has no use for it
    private final int[] numberFrom = new int[MAX_LINES];
    private final int[] numberTo = new int[MAX_LINES];
    private final int[] ordinals = new int[MAX_LINES];

    /** The figures of the last entry by {@link Usage.Field#ordinal}: kB, or ABSENT. */
    final long[] kilobytes = new long[SmapsParser.FIELDS.length];

    /**
     * Reads the fields of an entry, if they are laid out as the last ones were; {@link #kilobytes}
     * has them then.
     *
     * @param from after the entry's header
     * @return where they end, or {@code from} where they do not fit
     */
    int read(byte[] input, int from, int to) {
        if (length == 0 || !isWhole(from, to)) {
            return from;
        }
        align(input, from);
        int before = from - start;
        int end = start + length;
        int at = 0;
        while (true) {
            int same = Arrays.mismatch(bytes, at, end, input, before + at, before + end);
            if (same < 0) {
                return from + length;
            }
            int line = lineAt[at + same - start];
            if (line == NONE || !readNumber(line, input, from)) {
                return from;
            }
            // Back to the start of a word, over what is known to be the same.
            at = (start + numberTo[line]) & -WORD_BYTES;
        }
    }

    /** Has the words of both arrays start at the same bytes, in that of the fields' start too. */
    private void align(byte[] input, int from) {
        int aligned = from & (WORD_BYTES - 1);
        if (start != aligned) {
            System.arraycopy(bytes, start, bytes, aligned, length);
            start = aligned;
        }
        System.arraycopy(input, from - start, bytes, 0, start);
    }

    /** Whether there is room for an entry like the last. */
    boolean isWhole(int from, int to) {
        return to - from >= length;
    }

    /** Takes over the number of a line; returns whether it is one. */
    private boolean readNumber(int line, byte[] input, int from) {
        int end = from + numberTo[line];
        int i = afterBlanks(input, from + numberFrom[line], end);
        if (i == end) {
            return false;
        }
        long value = number(input, i, end);
        if (value < 0) {
            return false;
        }
        int number = numberFrom[line];
        System.arraycopy(input, from + number, bytes, start + number, numberTo[line] - number);
        if (ordinals[line] >= 0) {
            kilobytes[ordinals[line]] = value;
        }
        return true;
    }

    /**
     * Learns from an entry's fields how they are laid out; {@link #kilobytes} has them then.
     *
     * @param from after the entry's header
     * @return where they end: at the first line of another form, or that is cut
     */
    int learn(byte[] input, int from, int to) {
        length = 0;
        lines = 0;
        Arrays.fill(kilobytes, Usage.ABSENT);
        int end = Math.min(to, from + MAX_BYTES);
        int at = from;
        while (at < end && lines < MAX_LINES) {
            int next = learnLine(input, from, at, end);
            if (next == at) {
                break;
            }
            at = next;
        }
        boolean isCut = at < to && SmapsParser.indexOf((byte) '\n', input, at, to) < 0;
        length = isCut ? 0 : at - from;
        start = 0;
        System.arraycopy(input, from, bytes, start, length);
        return at;
    }

    /** Returns where the next line starts; the same where this one is none that can be learned. */
    private int learnLine(byte[] input, int from, int at, int end) {
        int colon = at;
        while (colon < end && isLetter(input[colon])) {
            colon++;
        }
        if (colon == at || colon == end || input[colon] != ':') {
            return at;
        }
        int digits = afterBlanks(input, colon + 1, end);
        int stop = digits;
        while (stop < end && SmapsParser.isDigit(input[stop])) {
            stop++;
        }
        boolean isSize =
                stop + KB.length < end
                        && Arrays.equals(KB, 0, KB.length, input, stop, stop + KB.length);
        int newline = isSize ? stop + KB.length : stop;
        long value = number(input, digits, stop);
        if (stop == digits || newline >= end || input[newline] != '\n' || value < 0) {
            return at;
        }
        if (newline - at > SmapsParser.CARRY_BYTES) {
            return at; // the parser looks at no more of a line than that
        }
        Usage.Field field = SmapsParser.fieldNamed(input, at, colon);
        if (field != null && (!isSize || kilobytes[field.ordinal()] != Usage.ABSENT)) {
            return at;
        }
        if (field != null) {
            kilobytes[field.ordinal()] = value;
        }
        ordinals[lines] = field == null ? -1 : field.ordinal();
        numberFrom[lines] = colon + 1 - from;
        numberTo[lines] = stop - from;
        Arrays.fill(lineAt, at - from, newline + 1 - from, NONE);
        Arrays.fill(lineAt, colon + 1 - from, stop - from, (byte) lines);
        lines++;
        return newline + 1;
    }

    private static int afterBlanks(byte[] input, int from, int to) {
        int i = from;
        while (i < to && (input[i] == ' ' || input[i] == '\t')) {
            i++;
        }
        return i;
    }

    /** The number that is all of {@code input[from..to)}; -1 where it is none, or is too large. */
    private static long number(byte[] input, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = input[i] - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
            if (value > SmapsParser.MAX_KB) {
                return -1;
            }
        }
        return value;
    }

    /** A field's name starts with a capital, so that it is no header, and has no blanks. */
    private static boolean isLetter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_';
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

    /**
     * Loads all that ServiceLoader finds; those that fail are in {@link #problems}.
     *
     * @param trusted whether whoever chose the class path may have anything run; else only psm's
     *     own are loaded
     */
    static Exporters find(boolean trusted) {
        Exporters exporters = new Exporters();
        if (isOneJar()) {
            for (Psm.Exporter exporter : Formats.all()) {
                exporters.add(exporter);
            }
            return exporters;
        }
        ServiceLoader<Psm.Exporter> loader = ServiceLoader.load(Psm.Exporter.class);
        Iterator<Psm.Exporter> found = trusted ? loader.iterator() : exporters.ours(loader);
        for (int broken = 0; broken < MAX_BROKEN; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                Psm.Exporter exporter = found.next();
                if (exporter != null) {
                    exporters.add(exporter);
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                exporters.problems.add(exporters.notLoaded(e));
                broken++;
            }
        }
        return exporters;
    }

    /**
     * Whether there is no jar but psm's own, with what its manifest names: then ServiceLoader would
     * search them all, for a tenth of the time of a run, to find psm's own formats.
     */
    static boolean isOneJar() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /**
     * The same, with {@code null} for those that are not psm's: none of their code has run then.
     */
    private Iterator<Psm.Exporter> ours(ServiceLoader<Psm.Exporter> loader) {
        Iterator<ServiceLoader.Provider<Psm.Exporter>> providers = loader.stream().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return providers.hasNext();
            }

            @Override
            public Psm.Exporter next() {
                ServiceLoader.Provider<Psm.Exporter> provider = providers.next();
                if (isOurs(provider.type())) {
                    return provider.get();
                }
                problems.add(
                        "plugin "
                                + describe(provider.type())
                                + " is left out: run by sudo, psm loads no plugins");
                return null;
            }
        };
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
        return describe(exporter.getClass());
    }

    private static String describe(Class<?> type) {
        String name = type.getName();
        URL location = location(type);
        return isOurs(type) || location == null
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
        if (other == null || isOurs(exporter.getClass())) {
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

    private static boolean isOurs(Class<?> type) {
        URL ours = location(Exporters.class);
        return ours != null && ours.equals(location(type));
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
        USAGE(2),
        /** The report was written, and leaves something out; only by request. */
        INCOMPLETE(3);

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

    static Failure incomplete(String message) {
        return new Failure(Exit.INCOMPLETE, message, null);
    }

    static Failure of(String message, Throwable cause) {
        return new Failure(Exit.FAILED, message, cause);
    }
}

// lib/psm/Figure.java

/** The memory figures that a report can have: one constant is one column, in every format. */
enum Figure {
    /** RAM, see {@link Usage#ram}. */
    PSS("pss_bytes", "MB RAM", 1, false, true),
    /** The part of it that is shares of what others map too. */
    SHARED("shared_bytes", "SHARED", 2, false, false),
    /** See {@link Usage#swapped}. */
    SWAP("swap_bytes", "SWAPPED", 5, true, true),
    /** The kernel's Swap: shared memory too, in full for each that maps it. */
    SWAP_WITH_SHARED("swap_with_shared_bytes", "SWAP", 0, true, false),
    /** Huge pages that are shared: in full for each that maps them, nobody tells how many do. */
    SHARED_HUGETLB("shared_hugetlb_bytes", "HUGETLB", 4, true, false),
    /** Pss of the mappings named [heap]. */
    HEAP("heap_bytes", "HEAP", 3, false, true);

    final Psm.Column column;

    Figure(String key, String title, int display, boolean sparse, boolean summed) {
        this.column = new Psm.Column(key, title, Psm.Kind.BYTES, display, sparse, summed);
    }

    /** Whether a table has it only where somebody has some of it. */
    boolean isRare() {
        return this == SHARED_HUGETLB;
    }

    /** The same column, for documents alone. */
    Psm.Column notInTables() {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    /** The figure for one process, in bytes or {@link Usage#ABSENT}. */
    long of(Usage usage) {
        return switch (this) {
            case PSS -> usage.ram();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case SWAP_WITH_SHARED -> usage.bytes(Usage.Field.SWAP);
            case SHARED_HUGETLB -> usage.bytes(Usage.Field.SHARED_HUGETLB);
            case HEAP -> usage.heap;
        };
    }
}

// lib/psm/Filter.java

/** Chooses programs by their names. May be shared between threads. */
final class Filter {
    /**
     * How many characters a match may look at. Expressions that backtrack take as long as they
     * like; others look at each character of a name, of which there are {@link
     * ProgramReader#MAX_NAME_CHARS} at most, a few times.
     */
    private static final int MAX_LOOKS = 1 << 23;

    /** The same for a match after the first ones have used up {@link #SHARED_LOOKS}. */
    private static final int FEW_LOOKS = 64 * ProgramReader.MAX_NAME_CHARS;

    /**
     * How many characters all matches may look at, before they are held to few: about a second.
     * Whoever knows the expression may start any number of programs with names that it is slow for.
     */
    private static final long SHARED_LOOKS = 16 * MAX_LOOKS;

    /**
     * Counted repetitions in all of an expression, one within the other: names have some hundreds
     * of characters.
     */
    private static final long MAX_REPETITIONS = 1_000_000;

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d+)(?:,(\\d+))?");

    private final Pattern pattern;
    private final AtomicLong sharedLooks = new AtomicLong(SHARED_LOOKS);

    Filter(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Whether an expression may repeat what looks at no character, such as {@code (?:)}, for so
     * long that it never ends.
     */
    static boolean repeatsTooOften(String regex) {
        double product = 1;
        for (Matcher repetition = REPETITION.matcher(regex); repetition.find(); ) {
            String most = repetition.group(2) == null ? repetition.group(1) : repetition.group(2);
            product *= Math.max(1, Double.parseDouble(most));
        }
        return product > MAX_REPETITIONS;
    }

    /**
     * Whether the expression finds something in the name.
     *
     * @throws IOException where it takes too long to say
     */
    boolean finds(String name) throws IOException {
        long most = Math.max(FEW_LOOKS, Math.min(MAX_LOOKS, sharedLooks.get()));
        Counted counted = new Counted(name, most);
        try {
            return pattern.matcher(counted).find();
        } catch (TooLongException | StackOverflowError e) {
            throw new IOException("--filter is too slow an expression for its name", e);
        } finally {
            sharedLooks.addAndGet(-counted.looks);
        }
    }

    @Override
    public String toString() {
        return pattern.toString();
    }

    private static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Counts the looks. */
    private static final class Counted implements CharSequence {
        private final String text;
        private final long most;
        private int looks;

        Counted(String text, long most) {
            this.text = text;
            this.most = most;
        }

        @Override
        public char charAt(int index) {
            if (++looks > most) {
                throw new TooLongException();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
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

    /** Beside the file, so that it can take its place at once; or the file, where it is a pipe. */
    private final Path part;

    /** Stays open from its creation on: whoever may change the folder could put a link there. */
    private final OutputStream out;

    /** Makes sure at once that the file can be written: afterwards, the run would be lost. */
    private FlightRecording(String file) throws IOException {
        this.file = Path.of(file);
        boolean isSpecial =
                Files.exists(this.file) && !Files.isRegularFile(this.file, NOFOLLOW_LINKS);
        if (isSpecial) {
            part = this.file;
            out = Files.newOutputStream(part);
        } else {
            String name = this.file.getFileName() + "." + ProcessHandle.current().pid() + ".part";
            part = this.file.resolveSibling(name);
            out = Files.newOutputStream(part, CREATE_NEW, WRITE);
            part.toFile().deleteOnExit();
        }
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

    /** Ends the recording and writes its file, all of it or nothing. */
    void write() throws IOException {
        recording.stop();
        // The recording wants a path, so it gets one that nobody else may enter.
        Path folder = Files.createTempDirectory("psm");
        Path recorded = folder.resolve("recording.jfr");
        try {
            recording.dump(recorded);
            Files.copy(recorded, out);
        } finally {
            recording.close();
            out.close();
            Files.deleteIfExists(recorded);
            Files.delete(folder);
        }
        if (!part.equals(file)) {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}

// lib/psm/HidePid.java

/**
 * Whether the mount option {@code hidepid} of {@code /proc} hides processes from psm. With 2
 * (invisible) and 4 (ptraceable, 5.8), those that one may not trace are not listed at all.
 */
final class HidePid {
    /**
     * The bit of CAP_SYS_PTRACE in {@code CapEff} of status: nothing is hidden from its holders.
     */
    private static final long CAP_SYS_PTRACE = 1L << 19;

    private static final int BUFFER_BYTES = 1 << 16;

    private HidePid() {}

    /**
     * Pid 1 is always there: whoever does not see it does not see all. Whoever sees it sees the
     * others too, unless it is his own, as it often is in a container; then the option tells.
     *
     * @param pids those that are listed, ascending
     */
    static boolean hidesOthers(ProcFs proc, int[] pids) {
        if (pids.length == 0) {
            return false;
        }
        if (pids[0] != 1) {
            return proc.isProcFileSystem();
        }
        return proc.isLive() && !mayTraceAll() && isOwn(proc) && hasOption(proc);
    }

    private static boolean mayTraceAll() {
        try {
            String effective =
                    ProcStatus.value(
                            text(new ProcFs(ProcFs.DEFAULT_ROOT), "self/status"), "CapEff");
            return effective != null
                    && (Long.parseUnsignedLong(effective, 16) & CAP_SYS_PTRACE) != 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    private static boolean isOwn(ProcFs proc) {
        try {
            proc.link("1/exe");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Lines of mountinfo end in {@code - proc proc rw,hidepid=invisible}, see proc(5). */
    private static boolean hasOption(ProcFs proc) {
        try {
            for (String line : text(proc, "self/mountinfo").split("\n", -1)) {
                int type = line.indexOf(" - proc ");
                if (type > 0 && line.contains(" " + ProcFs.DEFAULT_ROOT + " ")) {
                    String options = line.substring(type);
                    if (options.contains("hidepid=2")
                            || options.contains("hidepid=invisible")
                            || options.contains("hidepid=4")
                            || options.contains("hidepid=ptraceable")) {
                        return true;
                    }
                }
            }
        } catch (IOException e) {
            return false;
        }
        return false;
    }

    private static String text(ProcFs proc, String file) throws IOException {
        byte[] bytes = new byte[BUFFER_BYTES];
        return Text.decode(bytes, 0, proc.readList(file, bytes));
    }
}

// lib/psm/Host.java

/**
 * What {@code /proc} says of the host.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param memory its own account
 */
record Host(String name, String kernel, HostMemory memory) {
    /** Of which nothing is known. */
    static final Host UNKNOWN = new Host(null, null, HostMemory.NONE);

    static Host read(ProcFs proc) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                HostMemory.read(proc));
    }
}

// lib/psm/HostAccount.java

/**
 * Sets the kernel's own figures ({@code /proc/meminfo}) beside those of the processes: how much of
 * the swap and of the RAM is in processes, and what the rest is.
 */
final class HostAccount {
    private final List<Psm.Entry> entries = new ArrayList<>();
    private long sum;

    private HostAccount() {}

    /**
     * Swap in use, SwapTotal - SwapFree - SwapCached, and what of it no process has: shared memory
     * and tmpfs, for one.
     *
     * @param owned the processes' sum, ABSENT where that is not known, or is not of all of them
     */
    static Psm.Account swap(HostMemory memory, long owned) {
        long used = used(memory);
        long cached = memory.bytes("SwapCached");
        long unowned =
                used == Usage.ABSENT || owned == Usage.ABSENT
                        ? Usage.ABSENT
                        : Math.max(0, used - owned);
        return new HostAccount()
                .add("used_bytes", "of swap in use, by the kernel's count", used)
                .add("cached_bytes", "more in swap, but still or again in RAM", cached)
                .add("unowned_bytes", "of swap in use by none of the processes above", unowned)
                .as("swap", Figure.SWAP);
    }

    private static long used(HostMemory memory) {
        long total = memory.bytes("SwapTotal");
        long free = memory.bytes("SwapFree");
        return total == Usage.ABSENT || free == Usage.ABSENT
                ? Usage.ABSENT
                : minus(minus(total, free), memory.bytes("SwapCached"));
    }

    /**
     * Where MemTotal goes. No part is in another one, with these reasons:
     *
     * <ul>
     *   <li>AnonPages and Mapped are the pages that processes map, so they are the sum of Pss; what
     *       that sum lacks is in processes that were not measured, or that are not in this {@code
     *       /proc} (outside of a container).
     *   <li>Mapped is part of Cached and Buffers, Shmem of Cached. Pss_Shmem (5.3) tells how much
     *       of Shmem is mapped; without it, or where much is in other processes, what is not mapped
     *       cannot be told from page cache.
     *   <li>Kernel stacks come from vmalloc (CONFIG_VMAP_STACK, since 4.9 on x86-64, on all large
     *       architectures now), so they are taken off VmallocUsed, which is of pages since 5.3 (and
     *       of addresses until 4.4).
     *   <li>Private huge pages are in the processes' RAM, and in the pool.
     *   <li>SwapCached is in AnonPages where it is mapped again. What is not is on the lists of
     *       anonymous pages, Active(anon) and Inactive(anon), beside AnonPages and Shmem.
     * </ul>
     *
     * @param ram the processes' sum
     */
    static Psm.Account memory(Snapshot snapshot, long ram) {
        HostMemory memory = snapshot.memory();
        long hugetlb = sum(snapshot, Usage.Field.PRIVATE_HUGETLB);
        long mapped = memory.bytes("Mapped");
        long cache = plus(memory.bytes("Cached"), memory.bytes("Buffers"));
        long unmapped = minus(cache, mapped);
        long others = minus(plus(memory.bytes("AnonPages"), mapped), Usage.orZero(ram) - hugetlb);
        boolean nearlyAll = others < memory.bytes("MemTotal") / 100;
        long shmem = nearlyAll ? unmappedShmem(snapshot, unmapped) : Usage.ABSENT;
        return new HostAccount()
                .add("processes_bytes", "in the processes above", ram)
                .add("other_processes_bytes", "in processes that are not in these figures", others)
                .add(
                        "page_cache_bytes",
                        shmem == Usage.ABSENT
                                ? "page cache, shared memory and tmpfs that no process maps"
                                : "page cache that no process maps",
                        minus(unmapped, Usage.orZero(shmem)))
                .add("shmem_bytes", "shared memory and tmpfs that no process maps", shmem)
                .add(
                        "swap_cache_bytes",
                        "swap cache that no process maps",
                        unmappedSwapCache(memory))
                .add("slab_reclaimable_bytes", "slab, reclaimable", memory.bytes("SReclaimable"))
                .add("slab_unreclaimable_bytes", "slab, unreclaimable", memory.bytes("SUnreclaim"))
                .add(
                        "page_tables_bytes",
                        "page tables",
                        plus(memory.bytes("PageTables"), memory.bytes("SecPageTables")))
                .add("kernel_stacks_bytes", "kernel stacks", memory.bytes("KernelStack"))
                .add(
                        "vmalloc_bytes",
                        "vmalloc, without kernel stacks",
                        minus(vmalloc(memory), memory.bytes("KernelStack")))
                .add("percpu_bytes", "per-CPU", memory.bytes("Percpu"))
                .add(
                        "hugetlb_bytes",
                        "pool of huge pages, without those in the processes above",
                        minus(hugetlbPool(memory), hugetlb))
                .add(
                        "compressed_swap_bytes",
                        "zram and zswap",
                        plus(memory.zram, memory.bytes("Zswap")))
                .add("free_bytes", "free", memory.bytes("MemFree"))
                .rest("unexplained_bytes", "unexplained", memory.bytes("MemTotal"))
                .as("host_memory", Figure.PSS);
    }

    /** Shmem, without what processes map of it; ABSENT where that cannot be told. */
    private static long unmappedShmem(Snapshot snapshot, long unmappedCache) {
        long mapped = sum(snapshot, Usage.Field.PSS_SHMEM);
        return mapped == Usage.ABSENT
                ? Usage.ABSENT
                : Math.min(unmappedCache, minus(snapshot.memory().bytes("Shmem"), mapped));
    }

    private static long unmappedSwapCache(HostMemory memory) {
        long cached = memory.bytes("SwapCached");
        long active = memory.bytes("Active(anon)");
        long inactive = memory.bytes("Inactive(anon)");
        if (cached == Usage.ABSENT || active == Usage.ABSENT || inactive == Usage.ABSENT) {
            return Usage.ABSENT;
        }
        long others = plus(memory.bytes("AnonPages"), memory.bytes("Shmem"));
        return Math.min(cached, minus(plus(active, inactive), others));
    }

    /** Percpu is as new as the kernels (4.20) that do not tell of addresses here. */
    private static long vmalloc(HostMemory memory) {
        boolean isOfPages = memory.bytes("Percpu") != Usage.ABSENT;
        return isOfPages ? memory.bytes("VmallocUsed") : Usage.ABSENT;
    }

    /** Of all processes; ABSENT where one of them does not have it, but for huge pages. */
    private static long sum(Snapshot snapshot, Usage.Field field) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(field);
            if (bytes == Usage.ABSENT && field != Usage.Field.PRIVATE_HUGETLB) {
                return Usage.ABSENT;
            }
            sum = process.isCounted() ? plus(sum, bytes) : sum;
        }
        return sum;
    }

    /** All sizes of huge pages (4.16), else those of the default size. */
    private static long hugetlbPool(HostMemory memory) {
        long all = memory.bytes("Hugetlb");
        long pages = memory.bytes("HugePages_Total");
        long pageBytes = memory.bytes("Hugepagesize");
        if (all != Usage.ABSENT || pages == Usage.ABSENT || pageBytes == Usage.ABSENT) {
            return all;
        }
        return pages > 0 && pageBytes > Long.MAX_VALUE / pages ? Long.MAX_VALUE : pages * pageBytes;
    }

    /** A sum of what is not absent. */
    private static long plus(long bytes, long more) {
        return bytes == Usage.ABSENT ? more : Usage.plus(bytes, more);
    }

    /** A difference, 0 where figures of two moments would make it negative. */
    private static long minus(long bytes, long less) {
        return bytes == Usage.ABSENT ? Usage.ABSENT : Math.max(0, bytes - Usage.orZero(less));
    }

    private HostAccount add(String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, bytes == Usage.ABSENT ? null : bytes, false));
        sum = Usage.plus(sum, bytes);
        return this;
    }

    /** What the parts leave of the whole, below 0 where they are more; and the whole. */
    private HostAccount rest(String key, String title, long whole) {
        entries.add(new Psm.Entry(key, title, whole - sum, false));
        entries.add(new Psm.Entry("mem_total_bytes", "MemTotal", whole, true));
        return this;
    }

    private Psm.Account as(String key, Figure figure) {
        return new Psm.Account(key, figure.column.key(), Collections.unmodifiableList(entries));
    }
}

// lib/psm/HostMemory.java

/**
 * The host's own account of its memory, in bytes: {@code /proc/meminfo}, and what zram devices take
 * up.
 *
 * <p>May be shared between threads.
 */
final class HostMemory {
    /** Some 60 lines of 28 bytes, and a few more with each kernel. */
    private static final int BUFFER_BYTES = 8192;

    private static final String KB = " kB";
    private static final int BYTES_PER_KB = 1024;

    /** As {@link ProcFs} names it: {@code sys} is where {@code proc} is. */
    private static final String BLOCK_DEVICES = "../sys/block";

    /** The file, after a newline: most of its lines are never asked for. */
    private final String meminfo;

    /**
     * Bytes that zram takes up for the pages that are swapped out to it, its own overhead included;
     * 0 without zram, ABSENT where {@code /sys} is not there.
     */
    final long zram;

    private HostMemory(String meminfo, long zram) {
        this.meminfo = '\n' + meminfo;
        this.zram = zram;
    }

    /** Nothing is known. */
    static final HostMemory NONE = new HostMemory("", Usage.ABSENT);

    /** What is there at this moment; nothing in a tree without meminfo. */
    static HostMemory read(ProcFs proc) {
        byte[] bytes = new byte[BUFFER_BYTES];
        try {
            int length = proc.read("meminfo", bytes);
            return new HostMemory(
                    new String(bytes, 0, length, StandardCharsets.ISO_8859_1), zram(proc));
        } catch (IOException e) {
            return new HostMemory("", zram(proc));
        }
    }

    /**
     * A line of meminfo, by its name, in bytes; for the few without a unit, their number.
     *
     * @return {@link Usage#ABSENT} where the kernel has no such line
     */
    long bytes(String name) {
        int line = meminfo.indexOf('\n' + name + ':');
        if (line < 0) {
            return Usage.ABSENT;
        }
        int from = line + name.length() + 2;
        int newline = meminfo.indexOf('\n', from);
        String text = meminfo.substring(from, newline < 0 ? meminfo.length() : newline);
        boolean isSize = text.endsWith(KB);
        String digits = isSize ? text.substring(0, text.length() - KB.length()) : text;
        long value = number(digits.strip());
        return isSize && value > 0 ? value * BYTES_PER_KB : value;
    }

    private static long number(String digits) {
        try {
            long value = Long.parseLong(digits);
            return value < 0 || value > Long.MAX_VALUE / BYTES_PER_KB ? Usage.ABSENT : value;
        } catch (NumberFormatException e) {
            return Usage.ABSENT;
        }
    }

    /**
     * The third figure of mm_stat, mem_used_total (Documentation/admin-guide/blockdev/zram.rst).
     */
    private static long zram(ProcFs proc) {
        if (!proc.exists(BLOCK_DEVICES)) {
            return Usage.ABSENT;
        }
        long bytes = 0;
        for (String device : proc.names(BLOCK_DEVICES)) {
            if (device.startsWith("zram")) {
                String stat = proc.firstLine(BLOCK_DEVICES + '/' + device + "/mm_stat");
                String[] figures = stat == null ? new String[0] : stat.strip().split(" +", -1);
                bytes = Usage.plus(bytes, figures.length > 2 ? number(figures[2]) : 0);
            }
        }
        return bytes;
    }
}

// lib/psm/Options.java

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

// lib/psm/Installer.java

/**
 * Installs psm below a prefix such as {@code /usr/local}: a launcher, the jars, an archive of
 * loaded classes that makes Java start fast, a man page and completions; and takes all of it away
 * again.
 *
 * <p>Each installation has a folder of its own in {@code lib/psm}. The launcher is replaced last,
 * at once, and only after the new psm has run; so there is a working one at any time.
 */
final class Installer {
    /** What {@code bin/psm} starts Java with; the directives of Main say why of most. */
    static final List<String> JAVA_OPTIONS =
            List.of(
                    "-Xmx64m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-XX:+UnlockDiagnosticVMOptions",
                    // At its own address an archive needs no relocation, and its pages no copies.
                    "-XX:ArchiveRelocationMode=0",
                    // Most runs are over before compiled code has paid for its compilation. Too
                    // low, and a small box pays for the compiler; too high, and a large one for
                    // code that is not compiled.
                    "-XX:CompileThresholdScaling=2",
                    // Nor is what another run has compiled worth it.
                    "-XX:-AOTReplayTraining",
                    // An archive that does not fit is no news for whoever runs psm.
                    "-Xlog:disable",
                    "-XX:+DisplayVMOutputToStderr",
                    "-XX:+IgnoreUnrecognizedVMOptions");

    /** Libraries that only the compiler needs. */
    private static final String NOT_FOR_RUNS = "metainf-services-";

    /** What psm's own directives bring, by the start of its file's name; else it is a plugin's. */
    private static final List<String> LIBRARIES =
            List.of("picocli-", "jackson-", "commons-csv-", "commons-io-", "commons-codec-");

    /** What was installed, a path a line, so that no more than that is taken away. */
    private static final String RECORD = "installed";

    private static final long MAX_MINUTES = 5;

    /** The first Java with AOT caches; older ones have archives for class data sharing. */
    private static final int AOT_CACHE = 24;

    private final Path prefix;
    private final Path home;
    private final Path launcher;

    /** The home of the Java to use, or {@code null} for the newest. */
    private final String javaHome;

    /** The folders that were made, relative to the prefix. */
    private final Set<String> made = new TreeSet<>();

    /**
     * @param prefix below which to install
     * @param javaHome the home of the Java to use, or {@code null} for the newest
     */
    Installer(Path prefix, String javaHome) {
        this.prefix = prefix;
        this.javaHome = javaHome;
        this.home = prefix.resolve("lib/psm");
        this.launcher = prefix.resolve("bin/psm");
    }

    /** {@code /usr/local} for root, {@code ~/.local} for others. */
    static Path defaultPrefix() {
        return new OwnProcess().isRoot()
                ? Path.of("/usr/local")
                : JavaHome.ofUser().resolve(".local");
    }

    /** What would be done, for people. */
    String plan() throws Failure {
        StringBuilder plan = new StringBuilder();
        JavaHome java = java();
        plan.append("Java ").append(java.version()).append(" in ").append(java.folder());
        plan.append("\nwould write\n    ").append(launcher).append('\n');
        for (Path jar : jars()) {
            plan.append("    ").append(home).append("/.../").append(nameOf(jar)).append('\n');
        }
        for (String archive : Training.ARCHIVES) {
            plan.append("    ").append(home).append("/.../");
            plan.append(archiveName(archive, java)).append('\n');
        }
        for (Path page : pages().keySet()) {
            plan.append("    ").append(page).append('\n');
        }
        return plan.toString();
    }

    /**
     * Installs psm, in place of what is there.
     *
     * @return what was done, for people
     * @throws Failure where it cannot; what is there is left as it is
     */
    String install() throws Failure {
        JavaHome java = java();
        Path folder = home.resolve(Main.VERSION + "-" + Long.toHexString(System.nanoTime()));
        try {
            makeFolders(folder);
            List<String> classPath = writeJars(folder);
            modernize(java, folder);
            List<String> command = command(java, classPath);
            boolean isArchived = true;
            for (String archive : Training.ARCHIVES) {
                isArchived &= writeArchive(java, folder, archive, command);
            }
            prove(with(use(java, folder, Training.FORMATS), command));
            List<Path> written = new ArrayList<>();
            for (Map.Entry<Path, String> page : pages().entrySet()) {
                makeFolders(page.getKey().getParent());
                replace(page.getKey(), page.getValue(), "rw-r--r--");
                written.add(page.getKey());
            }
            makeFolders(launcher.getParent());
            written.add(launcher);
            record(written);
            replace(launcher, script(use(java, folder, "$archive"), command), "rwxr-xr-x");
            deleteOthers(folder);
            return "psm "
                    + Main.VERSION
                    + " is installed as "
                    + launcher
                    + ", on Java "
                    + java.version()
                    + " in "
                    + java.folder()
                    + '\n'
                    + (isArchived ? "" : "Java could make no archive of it: it starts slower\n")
                    + (isOnPath() ? "" : launcher.getParent() + " is not on your PATH\n");
        } catch (IOException | UncheckedIOException e) {
            deleteTree(folder);
            throw Failure.of("install: " + told(e) + "; nothing was changed", e);
        } catch (Failure e) {
            deleteTree(folder);
            throw e;
        }
    }

    /**
     * Takes away what {@link #install} wrote.
     *
     * @return what was done, for people
     * @throws Failure where there is no installation, or some of it cannot be deleted
     */
    String uninstall() throws Failure {
        List<String> files;
        try {
            files = new ArrayList<>(Files.readAllLines(home.resolve(RECORD)));
        } catch (IOException e) {
            throw Failure.usage(
                    "uninstall: no psm was installed in " + prefix + "; --prefix DIR names another",
                    e);
        }
        try {
            for (String file : files) {
                if (!file.endsWith("/")) {
                    Files.deleteIfExists(prefix.resolve(file));
                }
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + told(e), e);
        }
        deleteTree(home);
        if (Files.exists(home)) {
            throw Failure.of("uninstall: " + home + " could not be deleted", null);
        }
        Collections.reverse(files); // it is sorted, so that a folder comes before what is in it
        for (String folder : files) {
            if (folder.endsWith("/")) {
                prefix.resolve(folder).toFile().delete(); // unless something else is in it now
            }
        }
        return "psm is no longer installed in " + prefix + '\n';
    }

    private JavaHome java() throws Failure {
        if (javaHome != null) {
            return JavaHome.in(javaHome);
        }
        JavaHome java = JavaHome.newest(new OwnProcess().isRoot());
        if (java == null) {
            throw Failure.of("install: found no Java 17 or later with a file 'release'", null);
        }
        return java;
    }

    /** Of this run: its own jar or folder first. */
    private static List<Path> jars() throws Failure {
        List<Path> jars = new ArrayList<>();
        jars.add(own());
        if (Files.isRegularFile(own())) {
            addNamedIn(own(), jars);
        }
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (!entry.isEmpty() && !jars.contains(jar) && Files.isRegularFile(jar)) {
                jars.add(jar);
            }
        }
        jars.removeIf(jar -> nameOf(jar).startsWith(NOT_FOR_RUNS));
        return jars;
    }

    private static Path own() throws Failure {
        try {
            return Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw Failure.of("install: cannot tell where psm's own classes are", e);
        }
    }

    /** Those that a jar's manifest names: an installed psm's libraries. */
    private static void addNamedIn(Path jar, List<Path> jars) throws Failure {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry("META-INF/MANIFEST.MF");
            if (entry == null) {
                return;
            }
            try (InputStream in = zip.getInputStream(entry)) {
                String names =
                        new Manifest(in).getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                for (String name : names == null ? new String[0] : names.split(" ", -1)) {
                    Path named = jar.resolveSibling(name);
                    if (Files.isRegularFile(named) && !jars.contains(named)) {
                        jars.add(named);
                    }
                }
            }
        } catch (IOException e) {
            throw Failure.of("install: " + jar + ": " + told(e), e);
        }
    }

    /** Writes all jars; returns those for the class path: psm's, and plugins. */
    private static List<String> writeJars(Path folder) throws IOException, Failure {
        List<Path> jars = jars();
        List<String> libraries = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        classPath.add(folder.resolve("psm.jar").toString());
        for (Path jar : jars.subList(1, jars.size())) {
            String name = nameOf(jar);
            Path copy = folder.resolve(name);
            if (Files.exists(copy)) {
                continue; // the first of a name is the one that Java would take
            }
            Files.copy(jar, copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-r--r--"));
            boolean isLibrary = LIBRARIES.stream().anyMatch(name::startsWith);
            (isLibrary ? libraries : classPath).add(isLibrary ? name : copy.toString());
        }
        writeOwnJar(jars.get(0), folder.resolve("psm.jar"), String.join(" ", libraries));
        return classPath;
    }

    /** Where it cannot be done, runs with options take longer to start. */
    private static void modernize(JavaHome java, Path folder) throws IOException {
        if (java.version() < AOT_CACHE) {
            return;
        }
        Path work = Files.createTempDirectory("psm");
        try (DirectoryStream<Path> old = Files.newDirectoryStream(folder, "picocli-*.jar")) {
            for (Path jar : old) {
                Path modern = work.resolve("modern.jar");
                int exitCode = run(Modernizer.command(java.launcher(), work, jar, modern)).exitCode;
                if (exitCode == 0 && Files.exists(modern)) {
                    Files.copy(modern, jar, REPLACE_EXISTING);
                    Files.setPosixFilePermissions(
                            jar, PosixFilePermissions.fromString("rw-r--r--"));
                }
            }
        } finally {
            deleteTree(work);
        }
    }

    /** The same classes, with a manifest that names the libraries: one jar on the class path. */
    private static void writeOwnJar(Path own, Path jar, String libraries) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "psm.Main");
        manifest.getMainAttributes().put(Attributes.Name.IMPLEMENTATION_VERSION, Main.VERSION);
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, libraries);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            if (Files.isDirectory(own)) {
                addFolder(own, out);
            } else {
                addJar(own, out);
            }
        }
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void addFolder(Path folder, JarOutputStream out) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(folder)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        for (Path file : files) {
            out.putNextEntry(new JarEntry(folder.relativize(file).toString()));
            Files.copy(file, out);
        }
    }

    private static void addJar(Path jar, JarOutputStream out) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                if (!entry.isDirectory() && !entry.getName().equals("META-INF/MANIFEST.MF")) {
                    out.putNextEntry(new JarEntry(entry.getName()));
                    try (InputStream in = zip.getInputStream(entry)) {
                        in.transferTo(out);
                    }
                }
            }
        }
    }

    /** The start of each command line, up to the main class, without an archive. */
    private static List<String> command(JavaHome java, List<String> classPath) {
        List<String> command = new ArrayList<>();
        command.add(java.launcher().toString());
        command.addAll(JAVA_OPTIONS);
        command.add("-cp");
        command.add(String.join(":", classPath));
        return command;
    }

    private static List<String> with(String option, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.add(1, option);
        return words;
    }

    /** The option to start with an archive. */
    private static String use(JavaHome java, Path folder, String archive) {
        return (java.version() >= AOT_CACHE ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=")
                + folder.resolve(archiveName(archive, java));
    }

    private static String archiveName(String archive, JavaHome java) {
        return archive + (java.version() >= AOT_CACHE ? ".aot" : ".jsa");
    }

    /** Has Java archive what it loads for some runs; returns whether it did. */
    private static boolean writeArchive(
            JavaHome java, Path folder, String name, List<String> command) throws IOException {
        Path archive = folder.resolve(archiveName(name, java));
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("psm.Training", name));
        if (java.version() > AOT_CACHE) {
            run(with("-XX:AOTCacheOutput=" + archive, words));
        } else if (java.version() == AOT_CACHE) {
            Path loaded = Path.of(archive + ".loaded");
            words = with("-XX:AOTConfiguration=" + loaded, words);
            run(with("-XX:AOTMode=record", words));
            run(with("-XX:AOTMode=create", with("-XX:AOTCache=" + archive, words)));
            Files.deleteIfExists(loaded);
        } else {
            run(with("-XX:ArchiveClassesAtExit=" + archive, words));
        }
        if (Files.exists(archive)) {
            Files.setPosixFilePermissions(archive, PosixFilePermissions.fromString("r--r--r--"));
            return true;
        }
        return false;
    }

    private static void prove(List<String> command) throws IOException, Failure {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of("psm.Main", "-o", "json"));
        Ran psm = run(words);
        if (psm.exitCode != 0 || !psm.out.startsWith("{\"schema\":")) {
            throw Failure.of(
                    "install: the new psm does not run: it says '" + Text.cut(psm.out, 80) + "'",
                    null);
        }
    }

    /** How a command ended, and what it wrote. */
    private record Ran(int exitCode, String out) {}

    /** Runs a command; its complaints are thrown away. */
    private static Ran run(List<String> words) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment()
                .keySet()
                .removeAll(
                        List.of(
                                "CLASSPATH",
                                "JAVA_TOOL_OPTIONS",
                                "JDK_JAVA_OPTIONS",
                                "_JAVA_OPTIONS"));
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(MAX_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException("the new psm does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return new Ran(process.exitValue(), out);
    }

    /** {@code bin/psm}: a shell that becomes Java, and starts no other process. */
    private static String script(String archive, List<String> command) {
        List<String> words = new ArrayList<>();
        for (String word : command.subList(1, command.size())) {
            words.add(quoted(word));
        }
        int name = archive.lastIndexOf("$archive");
        String use = quoted(archive.substring(0, name)) + archive.substring(name);
        return """
        #!/bin/sh
        # psm %s, made by 'psm install', which also mends it; 'psm uninstall' takes it away.
        java=%s
        [ -x "$java" ] || java=$(command -v java) || {
            echo "psm: the Java that it was installed with is gone, and there is no other; 'psm install' finds one" >&2
            exit 1
        }
        unset CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
        case " $* " in
        '  ') archive=%s ;;
        *' -o'* | *' --o'*) archive=%s ;;
        *) archive=%s ;;
        esac
        exec "$java" %s %s psm.Main "$@"
        """
                .formatted(
                        Main.VERSION,
                        quoted(command.get(0)),
                        Training.PLAIN,
                        Training.FORMATS,
                        Training.OPTIONS,
                        use,
                        String.join(" ", words));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_/.:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** The files for the man command and for shells, by path. */
    private Map<Path, String> pages() {
        Map<Path, String> pages = new LinkedHashMap<>();
        Path share = prefix.resolve("share");
        pages.put(share.resolve("man/man1/psm.1"), Manual.page());
        pages.put(share.resolve("bash-completion/completions/psm"), Manual.bashCompletion());
        pages.put(share.resolve("zsh/site-functions/_psm"), Manual.zshCompletion());
        pages.put(share.resolve("fish/vendor_completions.d/psm.fish"), Manual.fishCompletion());
        return pages;
    }

    /** Files, and the folders that were made for them, now or before. */
    private void record(List<Path> written) throws IOException {
        Set<String> files = new TreeSet<>(made);
        for (Path file : written) {
            files.add(prefix.relativize(file).toString());
        }
        if (Files.exists(home.resolve(RECORD))) {
            files.addAll(Files.readAllLines(home.resolve(RECORD)));
        }
        replace(home.resolve(RECORD), String.join("\n", files) + "\n", "rw-r--r--");
    }

    /** The old file or the new one is there, whole, at any time. */
    private static void replace(Path file, String content, String permissions) throws IOException {
        Path part = Files.createTempFile(file.getParent(), ".psm", ".part");
        try {
            Files.writeString(part, content);
            Files.setPosixFilePermissions(part, PosixFilePermissions.fromString(permissions));
            Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    /** Makes those that are missing, open to all to read, whatever the umask is. */
    private void makeFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            makeFolders(folder.getParent());
            Files.createDirectory(folder);
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (folder.startsWith(prefix) && !folder.startsWith(home)) {
                made.add(prefix.relativize(folder) + "/");
            }
        }
    }

    private void deleteOthers(Path folder) throws IOException {
        List<Path> others;
        try (Stream<Path> all = Files.list(home)) {
            others =
                    all.filter(other -> Files.isDirectory(other) && !other.equals(folder)).toList();
        }
        others.forEach(Installer::deleteTree);
    }

    /** As much of it as can be deleted. */
    private static void deleteTree(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            return; // what could not be deleted shows
        }
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        return path != null
                && List.of(path.split(":", -1)).contains(launcher.getParent().toString());
    }

    private static String nameOf(Path jar) {
        return Files.isDirectory(jar) ? "psm.jar" : jar.getFileName().toString();
    }

    private static String told(Exception e) {
        String what = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return e instanceof NoSuchFileException ? what + " is not there" : what;
    }
}

// lib/psm/JavaHome.java

/**
 * A Java that psm may run on.
 *
 * @param folder its home, without links
 * @param version its feature release, such as 25
 */
record JavaHome(Path folder, int version) {
    /** The oldest that psm runs on. */
    private static final int OLDEST = 17;

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    Path launcher() {
        return folder.resolve("bin/java");
    }

    /**
     * The newest Java of this host; of equally new ones, the one that runs now.
     *
     * @param isForAll whether every user must be able to run it, where there is such a one
     */
    static JavaHome newest(boolean isForAll) {
        JavaHome newest = null;
        for (JavaHome java : all()) {
            boolean isBetter =
                    newest == null
                            || (isForAll && java.isOpenToAll() && !newest.isOpenToAll())
                            || (java.version > newest.version
                                    && (!isForAll || java.isOpenToAll() == newest.isOpenToAll()));
            if (isBetter) {
                newest = java;
            }
        }
        return newest;
    }

    /**
     * The Java in a folder.
     *
     * @throws Failure where there is none that psm runs on
     */
    static JavaHome in(String folder) throws Failure {
        Set<Path> folders = new LinkedHashSet<>();
        add(folder, folders);
        for (Path found : folders) {
            int version = versionOf(found);
            if (version >= OLDEST) {
                return new JavaHome(found, version);
            }
        }
        throw Failure.usage(
                "--java "
                        + folder
                        + ": has no bin/java and a file 'release' of Java "
                        + OLDEST
                        + " or later",
                null);
    }

    /** The home of the user, by HOME where it is set, as shells have it. */
    static Path ofUser() {
        String home = System.getenv("HOME");
        return Path.of(home == null ? System.getProperty("user.home") : home);
    }

    /** Whether each folder on the way to it may be entered by everybody. */
    boolean isOpenToAll() {
        for (Path path = launcher(); path != null; path = path.getParent()) {
            try {
                if (!Files.getPosixFilePermissions(path)
                        .contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    /** The one that runs first. */
    private static List<JavaHome> all() {
        Set<Path> folders = new LinkedHashSet<>();
        add(System.getProperty("java.home"), folders);
        add(System.getenv("JAVA_HOME"), folders);
        Path home = ofUser();
        for (String parent :
                new String[] {
                    "/usr/lib/jvm",
                    "/usr/java",
                    "/opt/java",
                    "/opt",
                    home + "/.sdkman/candidates/java",
                    home + "/.jbang/cache/jdks"
                }) {
            addChildren(Path.of(parent), folders);
        }
        List<JavaHome> all = new ArrayList<>();
        for (Path folder : folders) {
            int version = versionOf(folder);
            if (version >= OLDEST) {
                all.add(new JavaHome(folder, version));
            }
        }
        return all;
    }

    private static void add(String folder, Set<Path> folders) {
        try {
            if (folder != null && Files.isExecutable(Path.of(folder, "bin/java"))) {
                folders.add(Path.of(folder).toRealPath());
            }
        } catch (IOException | InvalidPathException e) {
            return; // it is not there any more, or is no path
        }
    }

    private static void addChildren(Path parent, Set<Path> folders) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (Path child : children) {
                add(child.toString(), folders);
            }
        } catch (IOException e) {
            return; // most hosts have two of these folders at most
        }
    }

    /** As the file {@code release} in its home says; 0 where it does not. */
    private static int versionOf(Path folder) {
        try {
            Matcher version = VERSION.matcher(Files.readString(folder.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}

// lib/psm/Manual.java

/** What an installed psm has beside it, made of the options: a man page, and completions. */
final class Manual {
    private Manual() {}

    /** psm(1), for the man command. */
    static String page() {
        StringBuilder page = new StringBuilder();
        page.append(".TH PSM 1 \"\" \"psm ").append(Main.VERSION).append("\" \"\"\n");
        page.append(".SH NAME\npsm \\- tell who uses how much RAM and swap on this Linux box\n");
        page.append(".SH SYNOPSIS\n.B psm\n[\\fIOPTION\\fR...]\n.br\n.B psm install\n");
        page.append("[\\fB\\-\\-prefix\\fR \\fIDIR\\fR] [\\fB\\-\\-java\\fR \\fIHOME\\fR]\n");
        page.append("[\\fB\\-\\-dry\\-run\\fR]\n.br\n");
        page.append(".B psm uninstall\n[\\fB\\-\\-prefix\\fR \\fIDIR\\fR]\n");
        page.append(".SH DESCRIPTION\n");
        page.append(
                text(
                        "Tells for each program the RAM (proportional set size), how much of it is"
                            + " shared, the swap, and the number of processes. The biggest comes"
                            + " last. Run it as root to see more than your own processes."));
        page.append("\n.SH OPTIONS\n");
        for (ArgGroupSpec group : Arguments.spec(false).argGroups()) {
            page.append(".SS ").append(text(heading(group))).append('\n');
            for (OptionSpec option : group.options()) {
                page.append(".TP\n").append(names(option)).append('\n');
                page.append(text(String.join(" ", option.description()))).append('\n');
            }
        }
        page.append(".SH COMMANDS\n");
        for (CommandLine command : Arguments.spec(false).subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            page.append(".TP\n.B ").append(spec.name()).append('\n');
            page.append(text(String.join(" ", spec.usageMessage().description()))).append('\n');
        }
        page.append(".SH EXIT STATUS\n");
        page.append(".TP\n.B 0\nThe report was written; what it leaves out is told.\n");
        page.append(".TP\n.B 1\npsm could not do what it was asked to.\n");
        page.append(".TP\n.B 2\npsm was asked for what it does not have.\n");
        page.append(".TP\n.B 3\nThe report leaves something out (\\-\\-strict alone).\n");
        page.append(".SH FILES\n");
        page.append(
                text(
                        "/proc/PID/smaps_rollup, smaps, maps, stat, status, exe and cmdline;"
                                + " meminfo"));
        return page.append(".\n.SH SEE ALSO\n.BR proc (5)\n").toString();
    }

    private static String heading(ArgGroupSpec group) {
        return group.heading().replace("%n", "").replace(":", "");
    }

    private static String names(OptionSpec option) {
        StringBuilder names = new StringBuilder();
        for (String name : option.names()) {
            names.append(names.length() == 0 ? "" : ", ");
            names.append("\\fB").append(text(name)).append("\\fR");
        }
        if (option.arity().max() > 0) {
            names.append(" \\fI").append(text(option.paramLabel())).append("\\fR");
        }
        return names.toString();
    }

    /** Text for troff: no sign of it is a request. */
    private static String text(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }

    /** For {@code bash-completion/completions}. */
    static String bashCompletion() {
        return AutoComplete.bash("psm", new CommandLine(Arguments.spec(false)));
    }

    /**
     * For a folder of zsh's fpath: picocli's completion is for both shells, as zsh emulates bash.
     */
    static String zshCompletion() {
        return "#compdef psm\n" + bashCompletion() + "_bash_complete -o default -F _complete_psm\n";
    }

    /** For {@code fish/vendor_completions.d}. */
    static String fishCompletion() {
        StringBuilder fish = new StringBuilder("complete -c psm -f\n");
        CommandSpec spec = Arguments.spec(false);
        String isFirst = " -n __fish_use_subcommand";
        for (CommandLine command : spec.subcommands().values()) {
            CommandSpec sub = command.getCommandSpec();
            fish.append("complete -c psm").append(isFirst).append(" -a ").append(sub.name());
            fish.append(" -d ").append(fishQuoted(sub.usageMessage().description()[0]));
            fish.append('\n');
            appendOptions(sub, " -n '__fish_seen_subcommand_from " + sub.name() + "'", fish);
        }
        appendOptions(spec, isFirst, fish);
        return fish.toString();
    }

    private static void appendOptions(CommandSpec spec, String condition, StringBuilder fish) {
        for (OptionSpec option : spec.options()) {
            fish.append("complete -c psm").append(condition);
            for (String name : option.names()) {
                fish.append(name.startsWith("--") ? " -l " : " -s ");
                fish.append(name.replaceFirst("^-+", ""));
            }
            if (option.arity().max() > 0) {
                String label = option.paramLabel();
                boolean isFile = List.of("DIR", "FILE", "HOME").contains(label);
                fish.append(isFile ? " -r -F" : " -x");
                if (option.completionCandidates() != null) {
                    String values = String.join(" ", option.completionCandidates());
                    fish.append(" -a ").append(fishQuoted(values));
                }
            }
            fish.append(" -d ").append(fishQuoted(String.join(" ", option.description())));
            fish.append('\n');
        }
    }

    private static String fishQuoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}

// lib/psm/Modernizer.java

/**
 * Brings the classes of a jar to the class-file version of Java 17. Java archives no classes older
 * than Java 6, as picocli's are (remkop/picocli#1623): it loads and verifies them at each start.
 *
 * <p>The JDK's own java.lang.classfile computes the stack maps that newer classes must have. It is
 * there since Java 24, and psm is compiled for 17: hence the source, which that Java runs.
 */
final class Modernizer {
    private static final String SOURCE =
            """
            import java.io.IOException;
            import java.io.InputStream;
            import java.io.UncheckedIOException;
            import java.lang.classfile.ClassFile;
            import java.lang.classfile.ClassFile.ClassHierarchyResolverOption;
            import java.lang.classfile.ClassFile.StackMapsOption;
            import java.lang.classfile.ClassFileVersion;
            import java.lang.classfile.ClassHierarchyResolver;
            import java.lang.classfile.ClassModel;
            import java.lang.classfile.MethodModel;
            import java.lang.classfile.MethodTransform;
            import java.lang.constant.ClassDesc;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.util.Collections;
            import java.util.jar.JarEntry;
            import java.util.jar.JarFile;
            import java.util.jar.JarOutputStream;

            class Modernize {
                public static void main(String[] args) throws IOException {
                    try (JarFile in = new JarFile(args[0]);
                            var out = new JarOutputStream(Files.newOutputStream(Path.of(args[1])))) {
                        var known =
                                ClassHierarchyResolver.ofResourceParsing(name -> open(name, in))
                                        .orElse(ClassHierarchyResolver.defaultResolver());
                        ClassFile api =
                                ClassFile.of(
                                        StackMapsOption.GENERATE_STACK_MAPS,
                                        ClassHierarchyResolverOption.of(known));
                        for (JarEntry entry : Collections.list(in.entries())) {
                            byte[] bytes = in.getInputStream(entry).readAllBytes();
                            out.putNextEntry(new JarEntry(entry.getName()));
                            out.write(entry.getName().endsWith(".class") ? modern(bytes, api) : bytes);
                        }
                    }
                }

                static byte[] modern(byte[] bytes, ClassFile api) {
                    ClassModel old = api.parse(bytes);
                    if (old.majorVersion() >= ClassFile.JAVA_6_VERSION) {
                        return bytes;
                    }
                    return api.transformClass(
                            old,
                            (to, element) -> {
                                if (element instanceof ClassFileVersion) {
                                    to.withVersion(ClassFile.JAVA_17_VERSION, 0);
                                } else if (element instanceof MethodModel method) {
                                    to.transformMethod(
                                            method,
                                            MethodTransform.transformingCode((code, e) -> code.with(e)));
                                } else {
                                    to.with(element);
                                }
                            });
                }

                static InputStream open(ClassDesc name, JarFile in) {
                    String descriptor = name.descriptorString();
                    String path = descriptor.substring(1, descriptor.length() - 1) + ".class";
                    try {
                        JarEntry entry = in.getJarEntry(path);
                        return entry == null ? null : in.getInputStream(entry);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
            }
            """;

    private Modernizer() {}

    /** The command that writes a jar with modern classes; its Java must be a JDK, 24 or later. */
    static List<String> command(Path java, Path folder, Path jar, Path modern) throws IOException {
        Path source = folder.resolve("Modernize.java");
        Files.writeString(source, SOURCE);
        List<String> words = new ArrayList<>();
        words.add(java.toString());
        words.add(source.toString());
        words.add(jar.toString());
        words.add(modern.toString());
        return words;
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
        return userIds().effective() == 0;
    }

    /** Its process id, as it is in this {@code /proc}; 0 where that is not this process's. */
    int pid() {
        try {
            return Integer.parseInt(proc.link("self"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    ProcStatus.Ids userIds() {
        return ProcStatus.userIds(status());
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

// lib/psm/PageMap.java

/**
 * Reads {@code /proc/PID/pagemap}, which tells for each page of a process in which page frame it
 * is. Frames are told to holders of CAP_SYS_ADMIN alone; others read 0 (4.2). May be shared between
 * threads.
 */
final class PageMap {
    private static final int ENTRY_BYTES = 8;

    /**
     * How far to look. Too low, and a stack whose first pages are swapped out tells nothing; too
     * high, and each look costs more than the kernel's own work for it.
     */
    private static final int PAGES = 64;

    // Documentation/admin-guide/mm/pagemap.rst
    private static final long FRAME = (1L << 55) - 1;

    /** Bits 63 (present) and 56 (exclusively mapped), in the byte that has both. */
    private static final int PRESENT_AND_EXCLUSIVE = 0x81;

    /** Where in an entry that byte is. */
    private static final int HIGH_BYTE =
            ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? ENTRY_BYTES - 1 : 0;

    private final ProcFs proc;

    /** Read when it is first needed; 0 until then. */
    private volatile long pageBytes;

    PageMap(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * The frame of the first page, from an address downwards, that one address space alone maps
     * (since 4.2). So two processes with the same such frame at one moment have one address space,
     * and others do not.
     *
     * @param folder the process's
     * @return 0 where that cannot be told
     */
    long exclusiveFrame(String folder, long address) {
        long first = Math.max(0, Long.divideUnsigned(address, pageBytes()) - PAGES + 1);
        byte[] entries = new byte[PAGES * ENTRY_BYTES];
        try {
            int length = proc.readAt(folder + "/pagemap", first * ENTRY_BYTES, entries);
            return lastExclusiveFrame(entries, length);
        } catch (IOException e) {
            return 0; // not permitted, gone, or not in a copy of /proc
        }
    }

    private static long lastExclusiveFrame(byte[] entries, int length) {
        for (int i = length / ENTRY_BYTES - 1; i >= 0; i--) {
            int high = entries[i * ENTRY_BYTES + HIGH_BYTE];
            if ((high & PRESENT_AND_EXCLUSIVE) == PRESENT_AND_EXCLUSIVE) {
                long frame = entry(entries, i) & FRAME;
                if (frame != 0) {
                    return frame;
                }
            }
        }
        return 0;
    }

    private static long entry(byte[] entries, int i) {
        return ByteBuffer.wrap(entries).order(ByteOrder.nativeOrder()).getLong(i * ENTRY_BYTES);
    }

    long pageBytes() {
        if (pageBytes == 0) {
            pageBytes = readPageBytes();
        }
        return pageBytes;
    }

    /** The size of a page, from the auxiliary vector that the kernel hands to each program. */
    private static long readPageBytes() {
        byte[] vector = new byte[1024];
        try {
            int length = new ProcFs(ProcFs.DEFAULT_ROOT).read("self/auxv", vector);
            boolean wide = length >= 16 && System.getProperty("sun.arch.data.model").equals("64");
            ByteBuffer words = ByteBuffer.wrap(vector, 0, length).order(ByteOrder.nativeOrder());
            int wordBytes = wide ? 8 : 4;
            while (words.remaining() >= 2 * wordBytes) {
                long key = wide ? words.getLong() : words.getInt();
                long value = wide ? words.getLong() : words.getInt();
                if (key == 6 && value > 0) { // AT_PAGESZ, getauxval(3)
                    return value;
                }
            }
        } catch (IOException e) {
            return 4096;
        }
        return 4096;
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
 *
 * <p>Files are named by their path from there, such as {@code 1/stat} and {@code meminfo}.
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

    /** Whether this is a kernel's own, where processes come and go, and not a copy of one. */
    private final boolean isProcFileSystem;

    ProcFs(String root) {
        this.root = root;
        this.isProcFileSystem = isLive() || isOfTypeProc(root);
    }

    /** Whether this is the kernel's own, where this process is too. */
    boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

    boolean isProcFileSystem() {
        return isProcFileSystem;
    }

    private static boolean isOfTypeProc(String folder) {
        try {
            return Files.getFileStore(Path.of(folder)).type().equals("proc");
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** The processes of this moment, ascending. */
    int[] pids() throws IOException {
        return numbers(root);
    }

    /** The threads of a process, ascending; the first of them need not be the main one. */
    int[] tids(int pid) throws IOException {
        return numbers(root + '/' + pid + "/task");
    }

    /** What is in a folder; nothing where it cannot be listed. */
    String[] names(String folder) {
        String[] names = new File(path(folder)).list();
        return names == null ? new String[0] : names;
    }

    private static int[] numbers(String folder) throws IOException {
        String[] names = new File(folder).list();
        if (names == null) {
            throw reason(folder);
        }
        int[] numbers = new int[names.length];
        int count = 0;
        for (String name : names) {
            int number = pid(name);
            if (number > 0) {
                numbers[count++] = number;
            }
        }
        numbers = Arrays.copyOf(numbers, count);
        Arrays.sort(numbers);
        return numbers;
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

    /** Whether a file or folder is there, and not hidden. */
    boolean exists(String file) {
        return new File(path(file)).exists();
    }

    /** Opens a file; the caller closes it. */
    InputStream open(String file) throws IOException {
        return openPath(path(file));
    }

    /**
     * Reads the start of a file, as much as there is room for; returns how many bytes. The file is
     * one that the kernel makes as a whole, so that a read that leaves room was the last: no list
     * of mappings or mounts.
     */
    int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, isProcFileSystem);
        }
    }

    /** The same for lists, of which a read has some whole lines. */
    int readList(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, false);
        }
    }

    /**
     * Reads bytes from the middle of a file, as many as there is room for and the file has; returns
     * how many.
     */
    int readAt(String file, long offset, byte[] into) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(path(file), "r")) {
            in.seek(offset);
            return Math.max(0, in.read(into));
        } catch (FileNotFoundException e) {
            throw reason(path(file));
        }
    }

    /** Reads the next bytes of an open file into the array's start; -1 at the end of the file. */
    static int readPiece(InputStream in, byte[] into) throws IOException {
        return in.read(into, 0, Math.min(READ_BYTES, into.length));
    }

    /** Where a link points to, {@code 1/exe} for one: any bytes, as {@link Text} has them. */
    String link(String file) throws IOException {
        Path target = Files.readSymbolicLink(Path.of(path(file)));
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

    /** Whether two paths lead to one file. */
    boolean isSameFile(String file, String other) {
        try {
            return Files.isSameFile(Path.of(path(file)), Path.of(path(other)));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    private String path(String file) {
        return root + '/' + file;
    }

    private static int fill(byte[] into, InputStream in, boolean isWhole) throws IOException {
        int length = 0;
        while (length < into.length) {
            int room = Math.min(READ_BYTES, into.length - length);
            int count = in.read(into, length, room);
            if (count < 0) {
                break;
            }
            length += count;
            if (isWhole && count < room) {
                break;
            }
        }
        return length;
    }

    private static InputStream openPath(String path) throws IOException {
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
 * @param parent field 4: the pid of the parent, 0 for none that is seen here
 * @param flags the kernel's PF_ flags, field 9
 * @param threads field 20, the main one too, even where it has exited
 * @param startTime field 22, clock ticks since boot; with the pid it tells a process from any other
 * @param residentPages field 24, by counters that lag a little
 * @param startStack field 28, the address at which the stack started; 0 for those who may not trace
 *     the process
 * @param addresses a hash of the fields that are set by exec(2), and mostly by nothing else, and
 *     that differ with each exec where addresses are randomized: 26 to 28 and 45 to 51 (those since
 *     3.5), where code, stack, data, heap, arguments and environment are. Processes with different
 *     hashes have different memory; forks have the same hash, though their memory is not the same.
 *     0 for those who may not trace the process
 */
record ProcStat(
        String comm,
        char state,
        int parent,
        long flags,
        long threads,
        long startTime,
        long residentPages,
        long startStack,
        long addresses) {
    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits; set before its memory is given back (linux/sched.h). */
    private static final long PF_EXITING = 0x0000_0004;

    /** The flag of a process that was forked and has not called exec(2) (linux/sched.h). */
    private static final long PF_FORKNOEXEC = 0x0000_0040;

    private static final int STATE = 3;
    private static final int PARENT = 4;
    private static final int FLAGS = 9;
    private static final int THREADS = 20;
    private static final int START_TIME = 22;
    private static final int RESIDENT_PAGES = 24;
    private static final int START_CODE = 26;
    private static final int START_STACK = 28;
    private static final int START_DATA = 45;
    private static final int END_OF_ENVIRONMENT = 51;

    boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Whether the process is on its way out: its memory may be gone already. */
    boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /** Whether the thread has ended; the process with it, unless {@link #isDeadLeader}. */
    boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Whether the main thread has ended, or is about to, while others are there: their folders in
     * {@code task} have the memory.
     */
    boolean isDeadLeader() {
        return (isZombie() || isExiting()) && threads > 1;
    }

    /** Whether it runs the program of the process that it was forked from. */
    boolean isForkWithoutExec() {
        return (flags & PF_FORKNOEXEC) != 0;
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
        int[] from = new int[END_OF_ENVIRONMENT + 2];
        int fields = fields(bytes, close + 2, length, from);
        if (fields < START_TIME) {
            return null;
        }
        boolean isWhole = from[START_STACK + 1] > 0;
        long startStack = isWhole ? number(bytes, from[START_STACK], length) : 0;
        return new ProcStat(
                Text.decode(bytes, open + 1, close),
                (char) bytes[close + 2],
                (int) number(bytes, from[PARENT], length),
                number(bytes, from[FLAGS], length),
                number(bytes, from[THREADS], length),
                number(bytes, from[START_TIME], length),
                number(bytes, from[RESIDENT_PAGES], length),
                startStack,
                // Without permission the fields are 0 or 1.
                startStack == 0 ? 0 : hash(bytes, from));
    }

    /**
     * Finds where each field starts, by its number; {@code from} has 0 for those that are missing.
     *
     * @return the number of the last one
     */
    private static int fields(byte[] bytes, int start, int length, int[] from) {
        int field = STATE;
        from[field] = start;
        for (int i = start; i < length; i++) {
            if (bytes[i] == ' ') {
                from[++field] = i + 1;
                if (field > END_OF_ENVIRONMENT) {
                    break;
                }
            }
        }
        return Math.min(field, END_OF_ENVIRONMENT);
    }

    /**
     * Checksums of the first run of fields, and of both. (Its code is there before any is
     * compiled.)
     */
    private static long hash(byte[] bytes, int[] from) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes, from[START_CODE], from[START_STACK + 1] - from[START_CODE]);
        long program = checksum.getValue();
        if (from[END_OF_ENVIRONMENT + 1] > 0) {
            checksum.update(
                    bytes, from[START_DATA], from[END_OF_ENVIRONMENT + 1] - from[START_DATA]);
        }
        return program << 32 | checksum.getValue();
    }

    /** The number at a field's start; 0 where the field is missing. */
    private static long number(byte[] bytes, int from, int length) {
        if (from == 0) {
            return 0;
        }
        long value = 0;
        for (int i = from; i < length && bytes[i] >= '0' && bytes[i] <= '9'; i++) {
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
    /**
     * Of one page of page tables, for 2 MB of 4 kB pages. As seen on x86-64: 15 ms for 4 GB, which
     * have 8 MB of them. Huge pages have next to none, and cost next to nothing.
     */
    private static final long NANOS_PER_KB_OF_PAGE_TABLES = 1_800;

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
        int line = status.indexOf(start);
        while (line > 0 && status.charAt(line - 1) != '\n') {
            line = status.indexOf(start, line + 1);
        }
        if (line < 0) {
            return null;
        }
        int newline = status.indexOf('\n', line);
        return status.substring(line + start.length(), newline < 0 ? status.length() : newline)
                .strip();
    }

    /** The real and the effective id of a user or a group; each -1 where it cannot be told. */
    record Ids(long real, long effective) {
        private static final Ids UNKNOWN = new Ids(ProcessDetails.NOBODY, ProcessDetails.NOBODY);
    }

    /** The first two of {@code Uid:}. */
    static Ids userIds(String status) {
        return ids(value(status, "Uid"));
    }

    /** The first two of {@code Gid:}. */
    static Ids groupIds(String status) {
        return ids(value(status, "Gid"));
    }

    private static Ids ids(String line) {
        if (line == null) {
            return Ids.UNKNOWN;
        }
        String[] ids = line.split("\t", -1);
        try {
            return ids.length < 2
                    ? Ids.UNKNOWN
                    : new Ids(Long.parseLong(ids[0]), Long.parseLong(ids[1]));
        } catch (NumberFormatException e) {
            return Ids.UNKNOWN;
        }
    }

    /**
     * The memory of a process that would take longer than that to walk its page tables, told by
     * their size: VmRSS (with what is shared, and by counters that lag a little) and VmSwap.
     *
     * @return {@code null} where it would not take as long, or where VmPTE (2.6.10) or VmRSS is
     *     missing
     */
    static Usage estimate(String status, long maxNanos) {
        long pageTables = kilobytes(status, "VmPTE");
        long resident = kilobytes(status, "VmRSS");
        if (pageTables <= maxNanos / NANOS_PER_KB_OF_PAGE_TABLES || resident == Usage.ABSENT) {
            return null;
        }
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Usage.ABSENT);
        sums[Usage.Field.RSS.ordinal()] = bytes(resident);
        sums[Usage.Field.SWAP_PSS.ordinal()] = bytes(kilobytes(status, "VmSwap"));
        return new Usage(sums, Usage.ABSENT, 0, 0, 0);
    }

    /** The size in a line such as {@code VmHWM:}, in bytes, or ABSENT. */
    static long bytes(String status, String name) {
        return bytes(kilobytes(status, name));
    }

    private static long bytes(long kilobytes) {
        return kilobytes == Usage.ABSENT ? Usage.ABSENT : kilobytes * 1024;
    }

    private static long kilobytes(String status, String name) {
        String value = value(status, name);
        if (value == null || !value.endsWith(" kB")) {
            return Usage.ABSENT;
        }
        try {
            long kb = Long.parseLong(value.substring(0, value.length() - " kB".length()).strip());
            return kb < 0 || kb > Long.MAX_VALUE / 1024 ? Usage.ABSENT : kb;
        } catch (NumberFormatException e) {
            return Usage.ABSENT;
        }
    }
}

// lib/psm/ProcessDetails.java

/**
 * What {@code /proc/PID} tells of a process beside its memory, as far as a scan was asked for it.
 *
 * @param parent field 4 of {@code stat}; 0 for none, or where it was not asked for
 * @param threads field 20 of {@code stat}; 0 where it was not asked for
 * @param user the effective user id, of {@code status}; {@link #NOBODY} where it cannot be told
 * @param group the effective group id, likewise
 * @param peak VmHWM of {@code status}, the largest that Rss has been, in bytes or {@link
 *     Usage#ABSENT}; by counters that lag a little
 * @param pageTables VmPTE of {@code status} (2.6.10), in bytes or ABSENT
 * @param oomScore {@code oom_score}, or {@link #UNKNOWN}
 * @param oomScoreAdj {@code oom_score_adj} (2.6.36), or UNKNOWN
 * @param cgroup what {@code cgroup} (2.6.24) says, see {@link Cgroup}; {@code null} where that is
 *     not known
 * @param command {@code cmdline}, its arguments with blanks between them, cut to {@link
 *     ProgramReader#MAX_COMMAND_CHARS}; {@code null} where it has none or that is not known
 */
record ProcessDetails(
        int parent,
        int threads,
        long user,
        long group,
        long peak,
        long pageTables,
        int oomScore,
        int oomScoreAdj,
        String cgroup,
        String command) {
    /** No user's id, nor a group's. */
    static final long NOBODY = -1;

    /** No score, nor an adjustment. */
    static final int UNKNOWN = Integer.MIN_VALUE;

    /** Of which nothing was asked for. */
    static final ProcessDetails NONE =
            new ProcessDetails(
                    0, 0, NOBODY, NOBODY, Usage.ABSENT, Usage.ABSENT, UNKNOWN, UNKNOWN, null, null);
}

// lib/psm/ProcessMemory.java

/**
 * One process and its memory at the time of the scan.
 *
 * @param pid as {@code /proc} names it; with the start time it tells a process from any other
 * @param startTime clock ticks since boot, 0 where {@code stat} is missing
 * @param program what it runs
 * @param rollup whether the figures come from smaps_rollup, else from smaps
 * @param usage its memory
 * @param details what else was asked for
 * @param addressSpace the pid under which this memory is counted: its own, or another's that has
 *     the same address space
 * @param doubtful whether its memory may be that of another, counted twice
 */
record ProcessMemory(
        int pid,
        long startTime,
        Program program,
        boolean rollup,
        Usage usage,
        ProcessDetails details,
        int addressSpace,
        boolean doubtful)
        implements Seen {

    /** A process with an address space of its own, as far as is known. */
    ProcessMemory(
            int pid,
            long startTime,
            Program program,
            boolean rollup,
            Usage usage,
            ProcessDetails details) {
        this(pid, startTime, program, rollup, usage, details, pid, false);
    }

    /** Whether its memory is counted under its own pid. */
    boolean isCounted() {
        return addressSpace == pid;
    }

    /** Whether its RAM may be less than its figures say. */
    boolean isEstimated() {
        return doubtful || usage.isEstimated();
    }

    ProcessMemory countedUnder(int otherPid) {
        return new ProcessMemory(pid, startTime, program, rollup, usage, details, otherPid, false);
    }

    ProcessMemory doubted() {
        return new ProcessMemory(
                pid, startTime, program, rollup, usage, details, addressSpace, true);
    }

    /** The same process under another name. */
    ProcessMemory named(Program other) {
        return new ProcessMemory(
                pid, startTime, other, rollup, usage, details, addressSpace, doubtful);
    }
}

// lib/psm/ProcessReader.java

/**
 * Measures one process after the other. Owns an array and a parser that serve all of them, so it
 * belongs to one thread.
 */
final class ProcessReader {
    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";
    private static final String MAPS = "maps";

    /** Room for stat, which has 2 kB at most, and for a piece of smaps. */
    private static final int BUFFER_BYTES = 4096;

    private static final int MAX_STATUS_BYTES = 1 << 20;

    /** A dozen hierarchies, with a path of 4 kB each at most. */
    private static final int MAX_CGROUP_BYTES = 1 << 16;

    /**
     * How often to look at a process that becomes another program while it is looked at. One that
     * always does is not kept company for ever.
     */
    private static final int MAX_LOOKS = 8;

    private static final String OWN_NAME = "psm";

    /** What this process runs. */
    static final Program OWN =
            new Program(
                    OWN_NAME, Program.File.CURRENT, new Program.Names(OWN_NAME, OWN_NAME, null));

    /** Bytes of smaps, smaps_rollup and maps so far. */
    long bytesRead;

    private final ProcFs proc;
    private final ScanRequest request;
    private final AddressSpaces addressSpaces;
    private final ProgramReader programs;
    private final int ownPid;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private final SmapsParser parser = new SmapsParser();

    /** What the files of cgroups say, each once: whole units and pods have the same. */
    private final Map<String, String> cgroups = new HashMap<>();

    // The process that is being looked at.
    private int pid;

    /** Where its memory is to be seen: its own folder, or that of a thread. */
    private String folder;

    /**
     * What {@link #folder} said of it before it was measured; {@code null} in a tree without stat.
     */
    private ProcStat before;

    /** Why smaps_rollup could not be opened, or {@code null}. */
    private IOException notOpened;

    /** Whether what was measured is of the program that was seen, without another look. */
    private boolean isCertain;

    // Read by whoever gives the process up.
    private volatile String name;
    private volatile long residentPages;

    /**
     * @param addressSpaces what all readers of one scan have in common
     * @param ownPid psm's own, which else were one more java; 0 where that is not among the
     *     processes
     */
    ProcessReader(ProcFs proc, ScanRequest request, AddressSpaces addressSpaces, int ownPid) {
        this.proc = proc;
        this.request = request;
        this.addressSpaces = addressSpaces;
        this.programs = new ProgramReader(proc, request);
        this.ownPid = ownPid;
    }

    /** The name of the process that is being looked at; {@code null} where it is not known yet. */
    String name() {
        return name;
    }

    /** How many pages the process that is being looked at has in RAM, about; 0 where not known. */
    long residentPages() {
        return residentPages;
    }

    /**
     * Looks at a process.
     *
     * @return {@link Seen#NOTHING} for kernel threads, zombies, and those not wanted
     */
    Seen read(int process) {
        pid = process;
        name = null;
        residentPages = 0;
        try {
            return look();
        } catch (NoSuchFileException e) {
            return unmeasured(Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            return unmeasured(Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            return unmeasured(Unmeasured.Reason.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            // One process that psm cannot deal with must not cost the others.
            return unmeasured(Unmeasured.Reason.FAILED, e.toString());
        }
    }

    private Unmeasured unmeasured(Unmeasured.Reason reason, String detail) {
        return new Unmeasured(pid, name, reason, detail);
    }

    /**
     * Looks until the process is the same one, and runs the same program, before and after.
     *
     * <p>Where smaps_rollup was opened before the program was looked at, and read after that, no
     * second look at stat is needed: what the kernel then sums up is the memory that the process
     * had at the opening, and once an exec(2) or its end has taken that away, nothing can be read.
     * But forks may have memory that another process keeps alive ({@link AddressSpaces}), so they
     * are looked at twice. Not excluded either way are changes within microseconds: of the process
     * between its stat and the opening, and while somebody else reads, and keeps, the same memory.
     */
    private Seen look() throws IOException {
        ProcStat first = stat(Integer.toString(pid));
        ProcStat main = first;
        for (int looks = 1; looks <= MAX_LOOKS; looks++) {
            try {
                Seen seen = look(main);
                if (seen == Seen.NOTHING || isCertain || isStillWhatItWas(main)) {
                    return seen;
                }
            } catch (EndingException e) {
                return unmeasured(Unmeasured.Reason.VANISHED, null);
            } catch (NoSuchFileException e) {
                // A thread may have ended while the process lives on in others.
                folder = null;
            }
            main = stat(Integer.toString(pid));
            if (first == null || hasEnded(first, main)) {
                throw new NoSuchFileException(Integer.toString(pid));
            }
        }
        throw new IOException("it was another each time it was looked at");
    }

    private Seen look(ProcStat main) throws IOException {
        folder = Integer.toString(pid);
        before = main;
        notOpened = null;
        isCertain = false;
        if (main != null && main.isDeadLeader()) {
            findLivingThread();
        }
        if (before != null && (before.isKernelThread() || before.isZombie())) {
            return Seen.NOTHING;
        }
        residentPages = before == null ? 0 : before.residentPages();
        if (request.filter() != null) {
            // Most have other names, and are spared the opening.
            Program program = program();
            return request.filter().finds(name) ? measure(main, program, null) : Seen.NOTHING;
        }
        try (InputStream rollup = openRollup()) {
            return measure(main, program(), rollup);
        }
    }

    /**
     * {@code null} where it is not to be read, or can not be opened: then {@link #rollup} tells.
     */
    private InputStream openRollup() {
        if (request.source() == Source.SMAPS || !proc.isProcFileSystem()) {
            return null;
        }
        try {
            return proc.open(folder + '/' + SMAPS_ROLLUP);
        } catch (IOException e) {
            notOpened = e;
            return null;
        }
    }

    /**
     * The main thread's folder has no memory, no executable and no arguments any more.
     *
     * @throws NoSuchFileException where a thread ended meanwhile; there may be new ones
     */
    private void findLivingThread() throws IOException {
        boolean hasChanged = false;
        boolean areExiting = false;
        for (int tid : proc.tids(pid)) {
            String thread = pid + "/task/" + tid;
            ProcStat stat = tid == pid ? null : statIfThere(thread);
            if (stat != null && !stat.isZombie() && !stat.isExiting()) {
                folder = thread;
                before = stat;
                return;
            }
            hasChanged |= tid != pid && stat == null;
            areExiting |= stat != null && stat.isExiting() && !stat.isZombie() && tid != pid;
        }
        if (hasChanged) {
            throw new NoSuchFileException(folder);
        }
        if (areExiting) {
            throw new EndingException(); // no new threads can come of those
        }
    }

    /** All threads of the process are exiting. */
    private static final class EndingException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private ProcStat statIfThere(String thread) throws IOException {
        try {
            return stat(thread);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Whether the process still runs the program that was measured. What was read at a thread that
     * has ended since is whole all the same, as long as the process lives on in other threads.
     */
    private boolean isStillWhatItWas(ProcStat main) throws IOException {
        if (main == null) {
            return true;
        }
        ProcStat now = stat(Integer.toString(pid));
        return !hasEnded(main, now)
                && now.isDeadLeader() == main.isDeadLeader()
                && now.addresses() == main.addresses();
    }

    private static boolean hasEnded(ProcStat before, ProcStat now) {
        return now == null
                || now.startTime() != before.startTime()
                || (!now.isDeadLeader() && (now.isZombie() || now.isExiting()));
    }

    /** The stat in a folder, or {@code null} in a tree that has none. */
    private ProcStat stat(String of) throws IOException {
        try {
            return ProcStat.parse(buffer, proc.read(of + "/stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it is gone, or the tree has no stat. EPERM: hidepid=1 shows the
            // folder alone.
            if (!proc.exists(of)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    private Program program() {
        Program program =
                pid == ownPid ? OWN : programs.read(folder, before == null ? null : before.comm());
        name = program.name();
        return program;
    }

    /**
     * Measures the process.
     *
     * @param opened its smaps_rollup, opened before the program was looked at, or {@code null}
     */
    private Seen measure(ProcStat main, Program program, InputStream opened) throws IOException {
        long startTime = main == null ? 0 : main.startTime();
        if (request.maxCostNanos() > 0) {
            Usage estimate = ProcStatus.estimate(status(), request.maxCostNanos());
            if (estimate != null) {
                isAlone();
                return new ProcessMemory(pid, startTime, program, false, estimate, details(main));
            }
        }
        Usage rollup = request.source() == Source.SMAPS ? null : rollup(opened);
        Usage usage = rollup == null ? smaps() : rollup;
        if (usage.mappings == 0) {
            // It is no kernel thread, so either its memory has just gone, which shows later, or the
            // file lacks what it should have: copies of /proc are made of empty files, at times.
            return before == null
                    ? Seen.NOTHING
                    : unmeasured(Unmeasured.Reason.FAILED, "its smaps is empty");
        }
        boolean isBound = rollup != null && opened != null;
        if (rollup != null && request.heap()) {
            usage = rollup.withHeap(heap());
            isBound = false; // the heap may be of what it became meanwhile
        }
        // A leader that ends takes executable and arguments along, and leaves the memory to
        // threads.
        isCertain = isAlone() && isBound && programs.isWhole();
        ProcessDetails details = details(main);
        // These are of what it became meanwhile, if it did.
        isCertain &= request.details().isEmpty();
        return new ProcessMemory(pid, startTime, program, rollup != null, usage, details);
    }

    private ProcessDetails details(ProcStat main) throws IOException {
        Set<Detail> wanted = request.details();
        if (wanted.isEmpty()) {
            return ProcessDetails.NONE;
        }
        String status = wanted.contains(Detail.STATUS) ? status() : "";
        boolean oom = wanted.contains(Detail.OOM);
        return new ProcessDetails(
                main == null ? 0 : main.parent(),
                main == null ? 0 : (int) main.threads(),
                ProcStatus.userIds(status).effective(),
                ProcStatus.groupIds(status).effective(),
                ProcStatus.bytes(status, "VmHWM"),
                ProcStatus.bytes(status, "VmPTE"),
                oom ? number("oom_score") : ProcessDetails.UNKNOWN,
                oom ? number("oom_score_adj") : ProcessDetails.UNKNOWN,
                wanted.contains(Detail.CGROUP) ? cgroup() : null,
                pid == ownPid ? OWN_NAME : programs.command());
    }

    /** A file that has one number. */
    private int number(String file) {
        try {
            int length = proc.read(folder + '/' + file, buffer);
            return Integer.parseInt(Text.decode(buffer, 0, length).strip());
        } catch (IOException | NumberFormatException e) {
            return ProcessDetails.UNKNOWN; // not there, or not a number
        }
    }

    private String cgroup() {
        try {
            int length = proc.readList(folder + "/cgroup", buffer);
            String cgroup =
                    length < buffer.length
                            ? Text.decode(buffer, 0, length)
                            : longCgroup(new byte[MAX_CGROUP_BYTES]);
            String known = cgroups.putIfAbsent(cgroup, cgroup);
            return known == null ? cgroup : known;
        } catch (IOException e) {
            return null; // a kernel without them, or the process has ended, which shows later
        }
    }

    private String longCgroup(byte[] large) throws IOException {
        return Text.decode(large, 0, proc.readList(folder + "/cgroup", large));
    }

    /** Whether no other process is known that may have the same memory. */
    private boolean isAlone() {
        return before == null || addressSpaces.note(pid, folder, before);
    }

    /**
     * It takes no lock of the process, so it is there at once; empty where it is missing. A process
     * may be in 65,536 groups, and they come before what is wanted of it.
     */
    private String status() {
        try {
            int length = proc.read(folder + "/status", buffer);
            if (length < buffer.length) {
                return Text.decode(buffer, 0, length);
            }
            byte[] large = new byte[MAX_STATUS_BYTES];
            return Text.decode(large, 0, proc.read(folder + "/status", large));
        } catch (IOException e) {
            return "";
        }
    }

    /** The figures of smaps_rollup; {@code null} where there are none and smaps is to be tried. */
    private Usage rollup(InputStream opened) throws IOException {
        try {
            if (notOpened != null) {
                throw notOpened;
            }
            Usage usage =
                    opened == null
                            ? parse(SMAPS_ROLLUP, Integer.MAX_VALUE)
                            : parse(SMAPS_ROLLUP, opened, Integer.MAX_VALUE);
            return usage.mappings == 0 && request.source() == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            if (request.source() == Source.AUTO) {
                return null;
            }
            throw explained(SMAPS_ROLLUP, e);
        }
    }

    private Usage smaps() throws IOException {
        return mappings(SMAPS, Integer.MAX_VALUE);
    }

    /**
     * Pss of the heap, in bytes or ABSENT. maps tells how many mappings are named so, at a tenth of
     * what smaps costs; and these are among the first, mostly, so that the rest of smaps is spared.
     */
    private long heap() throws IOException {
        int heaps;
        try {
            boolean isEmpty = parse(MAPS, Integer.MAX_VALUE).mappings == 0;
            heaps = isEmpty ? Integer.MAX_VALUE : parser.heaps();
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            heaps = Integer.MAX_VALUE; // it is not there, as in copies of /proc, or smaps is not
        }
        return heaps == 0 ? 0 : mappings(SMAPS, heaps).heap;
    }

    private Usage mappings(String file, int heaps) throws IOException {
        try {
            return parse(file, heaps);
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(file, e);
        }
    }

    /**
     * Reads a file.
     *
     * @param heaps after how many mappings that are named {@code [heap]} it has been read far
     *     enough
     */
    private Usage parse(String file, int heaps) throws IOException {
        try (InputStream in = proc.open(folder + '/' + file)) {
            return parse(file, in, heaps);
        }
    }

    private Usage parse(String file, InputStream in, int heaps) throws IOException {
        boolean isRollup = file.equals(SMAPS_ROLLUP);
        boolean isWhole = isRollup && proc.isProcFileSystem(); // the kernel makes it at once
        if (file.equals(MAPS)) {
            parser.startMaps();
        } else {
            parser.start(isRollup);
        }
        try {
            int n;
            do {
                n = ProcFs.readPiece(in, buffer);
                if (n > 0) {
                    bytesRead += n;
                    parser.feed(buffer, 0, n);
                }
            } while (n >= 0 && !(isWhole && n < buffer.length) && parser.heaps() < heaps);
            // What follows on the heap may have been cut anywhere.
            return parser.heaps() < heaps ? parser.finish() : parser.soFar();
        } catch (SmapsFormatException e) {
            throw new SmapsFormatException(file, e);
        }
    }

    /** The same failure, by a type that tells what became of the process. */
    private IOException explained(String file, IOException e) throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (!proc.exists(folder) || (before != null && hasEnded(before, stat(folder)))) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new IOException("it has no " + file, e) : e;
    }
}

// lib/psm/Program.java

/**
 * What a process runs.
 *
 * @param name the name that it goes by, by the rule that the scan was asked to go by, see {@link
 *     ProgramName}
 * @param file what became of its executable
 * @param names what it is called by each rule; {@code null} where that was not asked for
 */
record Program(String name, File file, Names names) {
    /** What became of an executable since it was started. */
    enum File {
        /** It is there, or psm may not know. */
        CURRENT,
        /** It was deleted. */
        DELETED,
        /** It was deleted, and there is another one in its place: an update, mostly. */
        UPDATED
    }

    /**
     * A program's names, one for each rule.
     *
     * @param title a title that it has set, else that of the executable
     * @param executable that of the executable alone
     * @param script what an interpreter runs, see {@link ScriptName}; {@code null} for others
     */
    record Names(String title, String executable, String script) {
        String by(boolean byTitle, boolean scripts) {
            if (scripts && script != null) {
                return script;
            }
            return byTitle ? title : executable;
        }
    }

    Program(String name, File file) {
        this(name, file, null);
    }

    /** The same program, by another rule for names, where its names are known. */
    Program named(boolean byTitle, boolean scripts) {
        return names == null ? this : new Program(names.by(byTitle, scripts), file, names);
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

    /** The path of an executable that is in memory alone, memfd_create(2). */
    static final String MEMFD = "/memfd:";

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
        boolean isPath = exe.startsWith(firstArgument.substring(0, compared));
        return isPath ? ofExecutable(exe) : firstArgument;
    }

    /** The name of a process of which the executable's path alone counts. */
    static String ofExecutable(String exe) {
        // What comes after the colon was chosen by whoever made it, slashes and all.
        return exe.startsWith(MEMFD) ? exe.substring(1) : baseName(exe);
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

// lib/psm/ProgramReader.java

/**
 * Names one process after the other, by {@code exe} and {@code cmdline} in its folder. Owns an
 * array, so it belongs to one thread.
 */
final class ProgramReader {
    /** What the kernel puts behind the path of a file that has no name any more. */
    private static final String DELETED = " (deleted)";

    /**
     * Room for a first argument, which may be a path. It is cut there: anybody may start a thousand
     * processes with one of 2 MB.
     */
    private static final int FIRST_ARGUMENT_BYTES = 4096;

    /**
     * Where names are cut. A file's own name has 255 bytes at most. Too low, and titles that differ
     * at their ends become one; too high, and the names of all processes do not fit into the heap.
     */
    static final int MAX_NAME_CHARS = 256;

    /**
     * Where command lines are cut. Too low, and those that differ late become one; too high, and
     * those of all processes do not fit into the heap.
     */
    static final int MAX_COMMAND_CHARS = 1024;

    /** At four bytes a character. */
    private static final int MAX_COMMAND_BYTES = 4 * MAX_COMMAND_CHARS;

    /** Room for the options of an interpreter; class paths of Java programs have some 10 kB. */
    private static final int ARGUMENTS_BYTES = 128 * 1024;

    private final ProcFs proc;
    private final boolean byTitle;
    private final boolean scripts;

    /** Whether all names are wanted, whatever the rule. */
    private final boolean allNames;

    /** Whether the whole command line is wanted. */
    private final boolean commands;

    private byte[] buffer = new byte[FIRST_ARGUMENT_BYTES];
    private boolean isWhole;
    private String command;

    ProgramReader(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.byTitle = request.byTitle();
        this.scripts = request.scripts();
        this.allNames = request.details().contains(Detail.NAMES);
        this.commands = request.details().contains(Detail.COMMAND);
    }

    /**
     * The program, as well as it can be told. Whether the process is still there shows later.
     *
     * @param folder the process's, or one of its threads'
     * @param comm the kernel's name, the last resort; may be {@code null}
     */
    Program read(String folder, String comm) {
        String exe = exe(folder);
        isWhole = exe != null;
        Program.File file = Program.File.CURRENT;
        if (exe != null && exe.endsWith(DELETED) && !isReallyNamed(folder, exe)) {
            exe = exe.substring(0, exe.length() - DELETED.length());
            file = successor(folder, exe);
        }
        command = null;
        if (allNames || commands) {
            int length = arguments(folder);
            isWhole &= length > 0;
            command = commands ? command(length) : null;
            return allNames
                    ? named(names(exe, comm, length), file)
                    : new Program(cut(name(exe, comm, length)), file);
        }
        return new Program(cut(name(folder, exe, comm)), file);
    }

    /**
     * The command line of the last process, see {@link ProcessDetails#command}; {@code null} where
     * it was not asked for.
     */
    String command() {
        return command;
    }

    /** Whether all was there that the last process was to be named by. */
    boolean isWhole() {
        return isWhole;
    }

    private String name(String folder, String exe, String comm) {
        if (!byTitle && !scripts && exe != null) {
            return ProgramName.ofExecutable(exe);
        }
        int length = arguments(folder);
        isWhole &= length > 0;
        return name(exe, comm, length);
    }

    /** The name by the rule that was asked for. */
    private String name(String exe, String comm, int length) {
        if (scripts) {
            String script = script(exe, length);
            if (script != null) {
                return script;
            }
        }
        return byTitle || exe == null
                ? ProgramName.of(exe, argument(0, length), comm)
                : ProgramName.ofExecutable(exe);
    }

    private Program.Names names(String exe, String comm, int length) {
        String title = cut(ProgramName.of(exe, argument(0, length), comm));
        String script = script(exe, length);
        return new Program.Names(
                title,
                exe == null ? title : cut(ProgramName.ofExecutable(exe)),
                script == null ? null : cut(script));
    }

    private Program named(Program.Names names, Program.File file) {
        return new Program(names.by(byTitle, scripts), file, names);
    }

    private static String cut(String name) {
        return Text.cut(name, MAX_NAME_CHARS);
    }

    /** The arguments with blanks between them, and nothing of what programs leave after them. */
    private String command(int length) {
        int to = Math.min(length, MAX_COMMAND_BYTES);
        while (to > 0 && (buffer[to - 1] == 0 || buffer[to - 1] == ' ')) {
            to--;
        }
        if (to == 0) {
            return null;
        }
        byte[] line = Arrays.copyOf(buffer, to);
        for (int i = 0; i < to; i++) {
            line[i] = line[i] == 0 ? (byte) ' ' : line[i];
        }
        return Text.cut(Text.decode(line, 0, to), MAX_COMMAND_CHARS);
    }

    private String exe(String folder) {
        try {
            return proc.link(folder + "/exe");
        } catch (IOException e) {
            return null; // may be read by root and the process's owner alone
        }
    }

    /** A file's own name may end as a deleted one's does. */
    private boolean isReallyNamed(String folder, String exe) {
        return proc.isSameFile(folder + "/exe", folder + "/root" + exe);
    }

    private Program.File successor(String folder, String exe) {
        if (exe.startsWith(ProgramName.MEMFD)) {
            return Program.File.CURRENT; // it never had a path that it could have lost
        }
        return proc.exists(folder + "/root" + exe) ? Program.File.UPDATED : Program.File.DELETED;
    }

    /** Reads the command line into the buffer; returns its length there, 0 where it has none. */
    private int arguments(String folder) {
        try {
            int length = proc.read(folder + "/cmdline", buffer);
            if ((scripts || allNames) && length == buffer.length && length < ARGUMENTS_BYTES) {
                buffer = new byte[ARGUMENTS_BYTES];
                length = proc.read(folder + "/cmdline", buffer);
            }
            return length;
        } catch (IOException e) {
            return 0;
        }
    }

    private String script(String exe, int length) {
        List<String> arguments = new ArrayList<>();
        int from = 0;
        while (from < length) {
            String argument = argument(from, length);
            arguments.add(argument);
            from = end(from, length) + 1;
        }
        boolean cut = length == buffer.length;
        String executable = exe == null ? null : ProgramName.ofExecutable(exe);
        return arguments.isEmpty() ? null : ScriptName.of(executable, arguments, cut);
    }

    private String argument(int from, int length) {
        int to = end(from, Math.min(length, from + FIRST_ARGUMENT_BYTES));
        return Text.decode(buffer, from, to);
    }

    private int end(int from, int length) {
        int end = from;
        while (end < length && buffer[end] != 0) {
            end++;
        }
        return end;
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

    private static final Psm.Column DELETED = mark("deleted", 12);
    private static final Psm.Column UPDATED = mark("updated", 13);
    private static final Psm.Column ESTIMATED = mark("estimated", 14);
    private static final int MARKS = 3;

    private ProgramReport() {}

    private static Psm.Column mark(String key, int display) {
        return new Psm.Column(key, key, Psm.Kind.COUNT, display, true, false);
    }

    /**
     * @param host whether to tell where all of the host's memory is
     * @param figures the columns of figures, in a document's order; the first of them sorts the
     *     rows
     */
    static Psm.Report of(Snapshot snapshot, String psmVersion, boolean host, Figure... figures) {
        List<Group> groups = groups(snapshot.processes(), figures);
        List<Psm.Row> rows = new ArrayList<>(groups.size());
        for (Group group : groups) {
            rows.add(group.row());
        }
        long[] totals = totals(groups, figures);
        return new Psm.Report(
                psmVersion,
                snapshot.host(),
                snapshot.kernel(),
                Instant.ofEpochSecond(snapshot.takenAt().getEpochSecond()),
                snapshot.nanos(),
                source(snapshot.processes()),
                processes(snapshot),
                columns(groups, figures),
                Collections.unmodifiableList(rows),
                row(null, null, null, totals, null),
                accounts(snapshot, host, figures, totals));
    }

    private static List<Psm.Column> columns(List<Group> groups, Figure[] figures) {
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(PROGRAM);
        columns.add(COUNT);
        columns.add(PIDS);
        for (int i = 0; i < figures.length; i++) {
            columns.add(
                    figures[i].isRare() && !isAnywhere(i, groups)
                            ? figures[i].notInTables()
                            : figures[i].column);
        }
        columns.add(DELETED);
        columns.add(UPDATED);
        columns.add(ESTIMATED);
        return Collections.unmodifiableList(columns);
    }

    private static boolean isAnywhere(int figure, List<Group> groups) {
        for (Group group : groups) {
            if (group.sums[figure] > 0) {
                return true;
            }
        }
        return false;
    }

    private static Psm.Processes processes(Snapshot snapshot) {
        return new Psm.Processes(
                snapshot.processes().size(),
                snapshot.estimated(),
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.STUCK),
                snapshot.count(Unmeasured.Reason.FAILED),
                snapshot.hidden());
    }

    private static List<Psm.Account> accounts(
            Snapshot snapshot, boolean host, Figure[] figures, long[] totals) {
        List<Figure> columns = Arrays.asList(figures);
        List<Psm.Account> accounts = new ArrayList<>();
        int swap = columns.indexOf(Figure.SWAP);
        long swapped = snapshot.filtered() || swap < 0 ? Usage.ABSENT : totals[swap];
        accounts.add(HostAccount.swap(snapshot.memory(), swapped));
        int pss = columns.indexOf(Figure.PSS);
        if (host && pss >= 0) {
            accounts.add(HostAccount.memory(snapshot, totals[pss]));
        }
        return Collections.unmodifiableList(accounts);
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
            String program = process.program().name();
            Group group = byProgram.get(program);
            if (group == null) {
                group = new Group(program, figures.length);
                byProgram.put(program, group);
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
        return Usage.plus(Math.max(0, bytes), more);
    }

    private static Psm.Row row(
            String program, Long count, List<Integer> pids, long[] figures, long[] marks) {
        Object[] values = new Object[3 + figures.length + MARKS];
        values[0] = program;
        values[1] = count;
        values[2] = pids;
        for (int i = 0; i < figures.length; i++) {
            values[3 + i] = figures[i] == Usage.ABSENT ? null : (Long) figures[i];
        }
        for (int i = 0; i < MARKS; i++) {
            values[3 + figures.length + i] = marks == null ? null : (Long) marks[i];
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
        final long[] marks = new long[MARKS];

        Group(String program, int figures) {
            this.program = program;
            this.sums = new long[figures];
            Arrays.fill(sums, Usage.ABSENT);
        }

        /** Processes come by ascending pid. */
        void add(ProcessMemory process, Figure[] figures) {
            pids.add(process.pid());
            for (int i = 0; i < figures.length; i++) {
                long bytes = figures[i].of(process.usage());
                boolean elsewhere = bytes != Usage.ABSENT && !process.isCounted();
                sums[i] = sum(sums[i], elsewhere ? 0 : bytes);
            }
            marks[0] += process.program().file() == Program.File.DELETED ? 1 : 0;
            marks[1] += process.program().file() == Program.File.UPDATED ? 1 : 0;
            marks[2] += process.isEstimated() ? 1 : 0;
        }

        Psm.Row row() {
            return ProgramReport.row(
                    program, (long) pids.size(), Collections.unmodifiableList(pids), sums, marks);
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
     * @param unicode whether that person's locale is UTF-8, so that signs beyond ASCII show
     * @param raw whether names are wanted as they are, whatever they do to the reader
     */
    public record Output(OutputStream stream, boolean terminal, boolean unicode, boolean raw) {}

    /**
     * A table of memory figures, with what a reader must know of its making.
     *
     * @param psmVersion the version of psm that measured
     * @param host {@code /proc/sys/kernel/hostname}, {@code null} where that file is missing
     * @param kernel {@code /proc/sys/kernel/osrelease}, {@code null} where that file is missing
     * @param takenAt when the scan began, to the second
     * @param scanNanos how long the scan took, in nanoseconds
     * @param source the file that the figures come from: {@code smaps_rollup}, {@code smaps},
     *     {@code mixed} where some processes had only the second, {@code null} where nothing was
     *     measured
     * @param processes how many processes are in the figures, and how many are not
     * @param columns the columns, in the order of a document
     * @param rows one for each group of processes, the smallest first
     * @param totals the sums of those columns that are {@link Column#summed}, {@code null} for the
     *     others
     * @param accounts what stands under the totals: the kernel's own figures, beside them
     */
    public record Report(
            String psmVersion,
            String host,
            String kernel,
            Instant takenAt,
            long scanNanos,
            String source,
            Processes processes,
            List<Column> columns,
            List<Row> rows,
            Row totals,
            List<Account> accounts) {
        /** How long the scan took. */
        public Duration scanTime() {
            return Duration.ofNanos(scanNanos);
        }
    }

    /**
     * How complete a report is, in numbers of processes. Kernel threads and zombies have no memory
     * and are in none of the numbers; with a filter, neither are processes of other names.
     *
     * @param measured in the report's figures, those that are estimated too
     * @param estimated whose RAM may be too much: the kernel does not tell their share of what they
     *     have in common with others, or it may be the memory of another one of them, counted twice
     * @param denied psm may not read them
     * @param vanished ended while psm read them
     * @param stuck the kernel did not answer in time
     * @param failed could not be read for another reason
     * @param hidden whether there are others that psm does not get to see (hidepid); how many,
     *     nobody can tell
     */
    public record Processes(
            int measured,
            int estimated,
            int denied,
            int vanished,
            int stuck,
            int failed,
            boolean hidden) {
        /**
         * Whether the totals leave nothing out. What a process had that vanished, nobody has any
         * more; where some are estimated, the totals may be too much.
         */
        public boolean complete() {
            return denied == 0 && stuck == 0 && failed == 0 && !hidden;
        }
    }

    /**
     * Figures of the host that explain a total: what it is part of, or what is beside it.
     *
     * @param key its name in documents. Never changes once released
     * @param column the key of the column whose total it explains
     * @param entries its figures, in order
     */
    public record Account(String key, String column, List<Entry> entries) {}

    /**
     * One figure of an account.
     *
     * @param key its name in documents: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name for people
     * @param kind what it is: bytes, a number or a percentage
     * @param value the figure, {@code null} where the kernel does not tell
     * @param sum whether it is the sum of the entries before it
     */
    public record Entry(String key, String title, Kind kind, Object value, boolean sum) {
        /** A size. */
        public Entry(String key, String title, Long bytes, boolean sum) {
            this(key, title, Kind.BYTES, bytes, sum);
        }

        /** The figure where it is a size that the kernel tells, else {@code null}. */
        public Long bytes() {
            return kind == Kind.BYTES ? (Long) value : null;
        }
    }

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
        /**
         * A {@link Long}: how many processes. Where the column is {@link Column#sparse}, how many
         * of the row's are what its title says, which a table shows as a mark: {@code [deleted]}.
         */
        COUNT,
        /** A {@link Long}: bytes. */
        BYTES,
        /** A {@link List} of {@link Integer}: process ids, ascending. */
        PIDS,
        /** A {@link Long} without a unit; it may be negative. */
        NUMBER,
        /** A {@link Double}: 100 is all. */
        PERCENT
    }

    /**
     * One row of a report.
     *
     * @param values as many as the report has columns, in their order, of the columns' kinds
     */
    public record Row(List<Object> values) {}
}

// lib/psm/Scan.java

/**
 * The work of one scan, and the threads that do it: each takes the next process from a shared
 * counter, and has a {@link ProcessReader} of its own.
 *
 * <p>The thread that asks for the work only waits, since a read may never return: the kernel keeps
 * readers of a process waiting whose memory map is locked by an operation that is stuck. Such a
 * process is given up, and other threads take over what is left to do.
 */
final class Scan {
    /**
     * How often to see what is overdue. Where that comes later than it should, psm itself was
     * stopped, or got no processor, which is no fault of the processes.
     */
    static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Each thread that is lost makes place for two, up to so many. Too low, and many processes that
     * are stuck keep the report waiting one after the other; too high, and psm adds to the trouble.
     */
    private static final int MAX_SPARE_WORKERS = 32;

    private final ProcFs proc;
    private final ScanRequest request;
    private final int[] pids;
    private final PageMap pageMap;
    private final AddressSpaces addressSpaces;
    private final int ownPid;

    /** All that were started; of the thread that waits. */
    private final List<Worker> workers = new ArrayList<>();

    // What follows is for holders of this scan's lock alone.

    /** The index of the job that is next: those of the pids, and then the host's own. */
    private int next;

    /** By job; each is set once, by its worker or by whoever gives it up. */
    private final Seen[] seen;

    /** How long each job took that was done, in nanoseconds. */
    private final long[] took;

    private int unfinished;
    private Host host = Host.UNKNOWN;

    Scan(ProcFs proc, ScanRequest request, int[] pids) {
        int jobs = pids.length + 1;
        this.proc = proc;
        this.request = request;
        this.pids = pids;
        this.pageMap = new PageMap(proc);
        this.addressSpaces = new AddressSpaces(pageMap);
        this.ownPid = proc.isLive() ? new OwnProcess().pid() : 0;
        this.seen = new Seen[jobs];
        this.took = new long[jobs];
        this.unfinished = jobs;
    }

    /** Reads all processes and the host; returns how many threads did. */
    int readAll(int wanted) {
        int running = 0;
        while (running < wanted && start(new Worker())) {
            running++;
        }
        if (running == 0) {
            // Not one thread is to be had (ulimit -u, pids.max): then without a time limit.
            runHere();
            return 1;
        }
        awaitAll();
        return running;
    }

    private boolean start(Worker worker) {
        Thread thread = new Thread(worker, "psm-worker");
        thread.setDaemon(true); // one that is stuck must not keep psm from its end
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            return false;
        }
        workers.add(worker);
        return true;
    }

    private void runHere() {
        Worker worker = new Worker();
        workers.add(worker);
        worker.run();
    }

    private synchronized void awaitAll() {
        while (unfinished > 0) {
            long due = System.nanoTime() + TICK_NANOS;
            try {
                TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
            } catch (InterruptedException e) {
                due = Long.MAX_VALUE; // to leave now would only cost figures
            }
            long late = System.nanoTime() - due;
            boolean wasStopped = due != Long.MAX_VALUE && late > TICK_NANOS;
            for (Worker worker : List.copyOf(workers)) {
                if (wasStopped) {
                    worker.forgive(late);
                }
                int job = worker.overdueJob();
                if (job >= 0) {
                    giveUp(worker, job);
                }
            }
        }
    }

    private synchronized void giveUp(Worker worker, int job) {
        settle(job, job == pids.length ? Seen.NOTHING : stuck(pids[job], worker.reader));
        worker.isLost = true;
        int running = running();
        int wanted = Math.min(running + 2, Math.max(running + 1, MAX_SPARE_WORKERS));
        while (next <= pids.length && running < wanted && start(new Worker())) {
            running++;
        }
        if (next <= pids.length && running == 0) {
            runHere();
        }
    }

    private Unmeasured stuck(int pid, ProcessReader reader) {
        long megabytes = (reader.residentPages() * pageMap.pageBytes()) >> 20;
        return new Unmeasured(
                pid,
                reader.name(),
                Unmeasured.Reason.STUCK,
                megabytes <= 0 ? null : "about " + megabytes + " MB");
    }

    private int running() {
        int running = 0;
        for (Worker worker : workers) {
            running += worker.isLost ? 0 : 1;
        }
        return running;
    }

    private synchronized void settle(int job, Seen what) {
        seen[job] = what;
        if (--unfinished == 0) {
            notifyAll();
        }
    }

    /**
     * Adds what was seen, by ascending pid. No sum of figures of those that were measured
     * overflows: who would be the first to have one do so has failed.
     */
    synchronized void collect(List<ProcessMemory> measured, List<Unmeasured> unmeasured) {
        long room = Long.MAX_VALUE;
        for (int i = 0; i < pids.length; i++) {
            if (seen[i] instanceof ProcessMemory process) {
                long most = process.usage().most();
                if (most <= room) {
                    measured.add(process);
                    room -= most;
                } else {
                    unmeasured.add(overflowing(process));
                }
            } else if (seen[i] instanceof Unmeasured process) {
                unmeasured.add(process);
            }
        }
        addressSpaces.countOnce(measured);
    }

    /** Those measured processes that took longest to read, the longest first. */
    synchronized List<Snapshot.Slow> slowest(int count) {
        List<Snapshot.Slow> slowest = new ArrayList<>();
        for (int i = 0; i < pids.length; i++) {
            if (seen[i] instanceof ProcessMemory process) {
                int place = slowest.size();
                while (place > 0 && slowest.get(place - 1).nanos() < took[i]) {
                    place--;
                }
                if (place < count) {
                    slowest.add(
                            place,
                            new Snapshot.Slow(process.pid(), process.program().name(), took[i]));
                }
                if (slowest.size() > count) {
                    slowest.remove(count);
                }
            }
        }
        return slowest;
    }

    private static Unmeasured overflowing(ProcessMemory process) {
        return new Unmeasured(
                process.pid(),
                process.program().name(),
                Unmeasured.Reason.FAILED,
                "with its figures the sums overflow");
    }

    synchronized Host host() {
        return host;
    }

    /** Of smaps, smaps_rollup and maps, as far as the threads came. */
    long bytesRead() {
        long bytes = 0;
        for (Worker worker : workers) {
            bytes += worker.reader.bytesRead;
        }
        return bytes;
    }

    /** Takes one job after the other, until there is none or it has been given up. */
    private final class Worker implements Runnable {
        final ProcessReader reader = new ProcessReader(proc, request, addressSpaces, ownPid);

        // What follows is for holders of the scan's lock alone.

        /** What it works at, -1 before its first and after its last job. */
        int job = -1;

        /** When it began with that: {@link System#nanoTime}. */
        long started;

        /** Whether it was given up. */
        boolean isLost;

        @Override
        public void run() {
            for (int i = begin(); i >= 0; i = begin()) {
                if (i < pids.length) {
                    end(i, reader.read(pids[i]), null);
                } else {
                    end(i, Seen.NOTHING, Host.read(proc));
                }
            }
        }

        /** The next job; -1 where there is none, or the last one was given up. */
        private int begin() {
            synchronized (Scan.this) {
                job = isLost || next > pids.length ? -1 : next++;
                started = System.nanoTime();
                return job;
            }
        }

        private void end(int i, Seen what, Host read) {
            synchronized (Scan.this) {
                if (!isLost) {
                    took[i] = System.nanoTime() - started;
                    job = -1; // it is settled, so it cannot be given up any more
                    host = read == null ? host : read;
                    settle(i, what);
                }
            }
        }

        /** The job that takes too long, or -1. */
        int overdueJob() {
            return !isLost && System.nanoTime() - started > request.timeoutNanos() ? job : -1;
        }

        /** What it works at may take so much longer. */
        void forgive(long nanos) {
            started += nanos;
        }
    }
}

// lib/psm/ScanRequest.java

/**
 * What a scan is to look at.
 *
 * @param source where the figures are to come from
 * @param heap whether the memory of the heap is wanted, which smaps alone tells
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether to tell interpreters apart by what they run, see {@link ScriptName}
 * @param details what to find out about each process beside its memory
 * @param timeoutNanos how long one process may take, before it is given up as stuck
 * @param maxCostNanos how long the kernel may be expected to walk the page tables of a process;
 *     what costs more is estimated. 0 for any time
 * @param filter finds something in the names of the programs that are wanted; {@code null} for all
 */
record ScanRequest(
        Source source,
        boolean heap,
        boolean byTitle,
        boolean scripts,
        Set<Detail> details,
        long timeoutNanos,
        long maxCostNanos,
        Filter filter) {
    /**
     * Too low, and a large process is left out; too high, and one that is stuck keeps the report
     * waiting. 100 GB of 4 kB pages take about half a second.
     */
    static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** All processes, named as they want to be. */
    static ScanRequest of(Source source) {
        return of(source, null);
    }

    static ScanRequest of(Source source, Pattern filter) {
        Filter names = filter == null ? null : new Filter(filter);
        return new ScanRequest(
                source,
                false,
                true,
                false,
                Collections.emptySet(),
                DEFAULT_TIMEOUT_NANOS,
                0,
                names);
    }

    /** The same, with the memory of the heap. */
    ScanRequest withHeap() {
        return new ScanRequest(
                source, true, byTitle, scripts, details, timeoutNanos, maxCostNanos, filter);
    }

    /** The same, but for how processes are named. */
    ScanRequest named(boolean byTitles, boolean byScripts) {
        return new ScanRequest(
                source, heap, byTitles, byScripts, details, timeoutNanos, maxCostNanos, filter);
    }

    /** The same, with other limits of time. */
    ScanRequest within(long timeout, long maxCost) {
        return new ScanRequest(source, heap, byTitle, scripts, details, timeout, maxCost, filter);
    }

    /** The same, with details. */
    ScanRequest with(Set<Detail> wanted) {
        return new ScanRequest(
                source, heap, byTitle, scripts, wanted, timeoutNanos, maxCostNanos, filter);
    }
}

// lib/psm/Scanner.java

/** Measures all processes of a {@link ProcFs} at once. */
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

    /** How many to tell of those that took longest to read. */
    private static final int SLOWEST = 5;

    private final ProcFs proc;
    private final ScanRequest request;

    Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Scans once.
     *
     * @param workers how many threads; 0 for as many as are worth it
     * @throws IOException where the processes cannot be listed
     */
    Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        Scan scan = new Scan(proc, request, pids);
        int running = scan.readAll(workersFor(pids.length, workers));
        List<ProcessMemory> measured = new ArrayList<>(pids.length);
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        Host host = scan.host();
        return new Snapshot(
                takenAt,
                System.nanoTime() - start,
                host.name(),
                host.kernel(),
                pids.length,
                measured,
                unmeasured,
                HidePid.hidesOthers(proc, pids),
                request.filter() != null,
                host.memory(),
                scan.bytesRead(),
                running,
                scan.slowest(SLOWEST));
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }
}

// lib/psm/ScriptName.java

/**
 * What an interpreter runs, as {@code java kafka.Kafka}, {@code python manage.py} or {@code sh -c}:
 * told from {@code /proc/PID/cmdline}, as the interpreter itself reads it.
 *
 * <p>What follows an option may be its value or the script. So the options with a value are listed:
 * of Java 24, Python 3, Node 20, Ruby 3.4, Perl 5 and the shells. Any other option has none.
 */
final class ScriptName {
    private static final String BUSYBOX = "busybox";

    private static final Interpreter JAVA =
            new Interpreter("-@", Letters.WORDS, "")
                    .with(Takes.SCRIPT, "-m --module")
                    .with(
                            Takes.VALUE,
                            """
                            -cp -classpath --class-path -p --module-path --source \
                            --upgrade-module-path --add-modules --limit-modules --add-exports \
                            --add-opens --add-reads --patch-module --enable-native-access -d \
                            --describe-module\
                            """);

    private static final Interpreter PYTHON =
            new Interpreter("-", Letters.GLUED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.SCRIPT, "-m")
                    .with(Takes.VALUE, "-W -X -Q --check-hash-based-pycs");

    private static final Interpreter NODE =
            new Interpreter("-", Letters.WORDS, "-e")
                    .with(Takes.CODE, "-e --eval -p --print -pe")
                    .with(
                            Takes.VALUE,
                            """
                            -r --require --import --loader --experimental-loader -C --conditions \
                            --env-file --env-file-if-exists --title --inspect-port --debug-port \
                            --inspect-publish-uid --input-type --experimental-default-type \
                            --icu-data-dir --openssl-config --tls-cipher-list --tls-keylog \
                            --secure-heap --secure-heap-min --v8-pool-size --max-http-header-size \
                            --dns-result-order --network-family-autoselection-attempt-timeout \
                            --unhandled-rejections --use-largepages --disable-proto \
                            --disable-warning --redirect-warnings --diagnostic-dir --report-dir \
                            --report-directory --report-filename --report-signal \
                            --trace-require-module --trace-event-categories \
                            --trace-event-file-pattern --cpu-prof-dir --cpu-prof-interval \
                            --cpu-prof-name --heap-prof-dir --heap-prof-interval --heap-prof-name \
                            --heapsnapshot-near-heap-limit --heapsnapshot-signal --snapshot-blob \
                            --build-snapshot-config --watch-path --experimental-policy \
                            --policy-integrity --experimental-sea-config --allow-fs-read \
                            --allow-fs-write --test-concurrency --test-name-pattern \
                            --test-reporter --test-reporter-destination --test-shard \
                            --test-timeout\
                            """);

    private static final Interpreter RUBY =
            new Interpreter("-", Letters.GLUED, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.VALUE, "-C -E -I -X -r --encoding --external-encoding")
                    .with(Takes.VALUE, "--internal-encoding --enable --disable --parser")
                    .with(Takes.REST, "-F -K -T -W -i -x");

    private static final Interpreter PERL =
            new Interpreter("-", Letters.GLUED, "-e")
                    .with(Takes.CODE, "-e -E")
                    .with(Takes.VALUE, "-I")
                    .with(Takes.REST, "-C -D -F -M -V -d -i -m -x");

    private static final Interpreter SH =
            new Interpreter("-+", Letters.APART, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o -O --rcfile --init-file -rcfile -init-file")
                    // To bash, a single hyphen is as good before these.
                    .with(Takes.NOTHING, "-login -noediting -noprofile -norc -posix")
                    .with(Takes.NOTHING, "-restricted -verbose");

    private static final Interpreter KSH =
            new Interpreter("-+", Letters.GLUED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o --emulate");

    private static final Interpreter FISH =
            new Interpreter("-", Letters.GLUED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-C -D -d -f -o -p --init-command --features --profile")
                    .with(Takes.VALUE, "--debug --debug-output --debug-stack-frames")
                    .with(Takes.VALUE, "--profile-startup");

    private final Interpreter interpreter;
    private final List<String> arguments;

    /** The index of the argument that is read next. */
    private int next;

    private ScriptName(Interpreter interpreter, List<String> arguments, int first) {
        this.interpreter = interpreter;
        this.arguments = arguments;
        this.next = first;
    }

    /**
     * The interpreter and its script.
     *
     * @param exe the base name of the executable, {@code null} where that may not be read
     * @param arguments of {@code /proc/PID/cmdline}, the first being the program's own name
     * @param cut whether the command line goes on after these: then the last of them is not whole
     * @return {@code null} where the process is no interpreter, has set a title, or runs nothing
     *     that has a name
     */
    static String of(String exe, List<String> arguments, boolean cut) {
        int count = arguments.size();
        List<String> whole = cut && count > 0 ? arguments.subList(0, count - 1) : arguments;
        return whole.isEmpty() ? null : ofWhole(exe, whole);
    }

    private static String ofWhole(String exe, List<String> arguments) {
        int first = 1;
        String started = program(startedAs(arguments.get(0)));
        String running = exe == null ? started : program(exe);
        boolean isBusybox = running.equals(BUSYBOX);
        if (isBusybox) {
            if (started.equals(BUSYBOX) && arguments.size() > first) {
                started = arguments.get(first++);
            }
            running = "sh";
        }
        Interpreter interpreter = interpreter(running);
        // A program that goes by another name than its executable's was given that: it says more.
        if (interpreter == null || interpreter != interpreter(started)) {
            return null;
        }
        String script = new ScriptName(interpreter, arguments, first).script();
        String shown = isBusybox || !interpreter.isShell() ? running : started;
        return script == null || script.isEmpty() ? null : shown + ' ' + script;
    }

    /** Login shells have a hyphen before their name. */
    private static String startedAs(String argument) {
        return baseName(argument.startsWith("-") ? argument.substring(1) : argument);
    }

    /** {@code python} for {@code python3.11}: the same script of two versions is one program. */
    private static String program(String baseName) {
        String name = withoutVersion(baseName);
        return switch (name) {
            case "javaw" -> "java";
            case "nodejs" -> "node";
            case "platform-python" -> "python";
            case "ruby-mri" -> "ruby";
            default -> name;
        };
    }

    private static String withoutVersion(String name) {
        int end = name.length();
        // The t of python3.13t, which is built for free threads.
        if (end > 1 && name.charAt(end - 1) == 't' && isOfVersion(name.charAt(end - 2))) {
            end--;
        }
        while (end > 0 && isOfVersion(name.charAt(end - 1))) {
            end--;
        }
        return name.substring(0, end);
    }

    private static boolean isOfVersion(char c) {
        return (c >= '0' && c <= '9') || c == '.' || c == '-';
    }

    private static Interpreter interpreter(String program) {
        return switch (program) {
            case "java" -> JAVA;
            case "python", "pypy" -> PYTHON;
            case "node" -> NODE;
            case "ruby" -> RUBY;
            case "perl" -> PERL;
            case "sh", "bash", "dash", "ash" -> SH;
            case "ksh", "mksh", "zsh" -> KSH;
            case "fish" -> FISH;
            default -> null;
        };
    }

    private String script() {
        while (next < arguments.size()) {
            String argument = arguments.get(next++);
            if (!interpreter.isOption(argument)) {
                return scriptName(argument);
            }
            if (argument.equals("--") || argument.equals("-")) {
                return afterOptions(argument);
            }
            String script = interpreter.isWord(argument) ? ofWord(argument) : ofLetters(argument);
            if (script != null) {
                return script;
            }
        }
        return null;
    }

    /** A hyphen alone ends the options of a shell; elsewhere the script is the standard input. */
    private String afterOptions(String end) {
        return end.equals("--") || interpreter.isShell() ? nextName() : null;
    }

    private String ofWord(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        String glued = equals < 0 ? null : argument.substring(equals + 1);
        return take(interpreter.takes(option), glued);
    }

    private String ofLetters(String argument) {
        for (int i = 1; i < argument.length(); i++) {
            Takes takes = interpreter.takes("-" + argument.charAt(i));
            if (takes != Takes.NOTHING) {
                String glued = interpreter.glued(argument, i + 1);
                String script = take(takes, glued);
                if (script != null || interpreter.letters != Letters.APART) {
                    return script;
                }
            }
        }
        return null;
    }

    /**
     * Reads an option.
     *
     * @param glued the value that stands in the same argument, {@code null} where there is none
     * @return the script, {@code null} where the option does not tell it
     */
    private String take(Takes takes, String glued) {
        return switch (takes) {
            case CODE -> interpreter.code;
            case SCRIPT -> glued == null ? nextName() : scriptName(glued);
            case VALUE -> {
                next += glued == null ? 1 : 0;
                yield null;
            }
            case STANDARD_INPUT -> {
                next = arguments.size();
                yield null;
            }
            case NOTHING, REST -> null;
        };
    }

    private String nextName() {
        return next < arguments.size() ? scriptName(arguments.get(next++)) : null;
    }

    /** Empty where it is a file descriptor, as of {@code bash <(curl ...)}: that is no name. */
    private static String scriptName(String path) {
        boolean isDescriptor =
                path.startsWith("/dev/fd/")
                        || path.startsWith("/proc/self/fd/")
                        || path.equals("/dev/stdin");
        return isDescriptor ? "" : baseName(path);
    }

    /** Of {@code module/class} it is the class; a class or module alone has no slash. */
    private static String baseName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    /** What an option takes. */
    private enum Takes {
        NOTHING,
        /** A value, of no interest: in the same argument or else the next. */
        VALUE,
        /** The same, only that it may be missing, and is never the next argument. */
        REST,
        /** The name of what is run, where a {@link #VALUE} would be. */
        SCRIPT,
        /** The program itself. */
        CODE,
        /** The program comes from the standard input. */
        STANDARD_INPUT
    }

    /** How the letters after a single hyphen are read. */
    private enum Letters {
        /** As one word. */
        WORDS,
        /** As an option each, up to the first with a value: that is the rest, or else follows. */
        GLUED,
        /** As an option each, and their values follow one by one: {@code -euxo pipefail}. */
        APART
    }

    /** How one kind of interpreter reads its command line. */
    private static final class Interpreter {
        /** What an option may start with. */
        private final String marks;

        private final Letters letters;

        /** What stands for a script that is an argument itself. */
        private final String code;

        private final Map<String, Takes> options = new HashMap<>();

        Interpreter(String marks, Letters letters, String code) {
            this.marks = marks;
            this.letters = letters;
            this.code = code;
        }

        Interpreter with(Takes takes, String names) {
            for (String name : names.split(" ", -1)) {
                options.put(name, takes);
            }
            return this;
        }

        Takes takes(String option) {
            return options.getOrDefault(option, Takes.NOTHING);
        }

        boolean isOption(String argument) {
            return !argument.isEmpty() && marks.indexOf(argument.charAt(0)) >= 0;
        }

        boolean isWord(String option) {
            return letters == Letters.WORDS
                    || option.startsWith("--")
                    || options.containsKey(option);
        }

        boolean isShell() {
            return marks.equals("-+");
        }

        String glued(String argument, int start) {
            boolean none = letters == Letters.APART || start == argument.length();
            return none ? null : argument.substring(start);
        }
    }
}

// lib/psm/Seen.java

/** What a look at one process came to. */
sealed interface Seen permits ProcessMemory, Unmeasured, Seen.Nothing {
    /** There is nothing to tell: it has no memory of its own, or nobody asked for it. */
    Seen NOTHING = Nothing.NOTHING;

    /** The one value of its kind. */
    enum Nothing implements Seen {
        NOTHING
    }
}

// lib/psm/SmapsFormatException.java

/**
 * Tells of a known field in smaps or smaps_rollup whose figure is none, or does not fit a {@code
 * long}, and of a line that is too long to be one.
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

    /**
     * @param file the one that it is in: smaps or smaps_rollup
     */
    SmapsFormatException(String file, SmapsFormatException problem) {
        super(file + ": " + problem.getMessage(), problem);
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
    static final int CARRY_BYTES = 256;

    /**
     * The longest line that is taken for one. Too low, and a process with a file of a long name is
     * not measured (12,148 bytes were seen); too high, and what is no smaps is read for long.
     */
    static final int MAX_LINE_BYTES = 64 * 1024;

    /**
     * How often to learn the layout in one file: a number that is wider than its place moves what
     * comes after it. Too low, and such a file takes longer; too high, and so does one in which
     * nothing fits.
     */
    private static final int MAX_LEARNED = 64;

    private static final byte[] HEAP = "[heap]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES_PER_KB = 1024;

    /** The largest size that is still a {@code long} in bytes. */
    static final long MAX_KB = Long.MAX_VALUE / BYTES_PER_KB;

    static final Usage.Field[] FIELDS = Usage.Field.values();

    /** The fields by the length of their names, {@code null} where there is none of that length. */
    private static final Usage.Field[][] BY_LENGTH = fieldsByLength();

    /** The fields' names, by ordinal. */
    private static final byte[][] NAMES = fieldNames();

    private final byte[] carry = new byte[CARRY_BYTES];

    /** Bytes of the cut line so far, those that {@link #carry} had no room for too. */
    private long carried;

    /** Where the line that is looked at starts in the file. */
    private long lineOffset;

    // Kept from file to file: those of one kernel are alike.
    private final EntryLayout smapsLayout = new EntryLayout();
    private final EntryLayout rollupLayout = new EntryLayout();

    private boolean rollup;

    /** Of the file's entries; {@code null} where they have no fields. */
    private EntryLayout layout;

    /** How often in this file the layout had to be learned. */
    private int learned;

    /** kB or ABSENT by field, over all mappings. */
    private final long[] sums = new long[FIELDS.length];

    /** kB or ABSENT by field, of the mapping that is being read. */
    private final long[] mapping = new long[FIELDS.length];

    private boolean isHeap;
    private int heaps;
    private long heap;
    private int mappings;
    private int cutPss;
    private int cutSwapPss;

    SmapsParser() {
        start(false);
    }

    /**
     * Forgets the last file's figures and starts another.
     *
     * @param rollup whether the kernel has summed up before it cut its figures to whole kB
     */
    void start(boolean rollup) {
        this.rollup = rollup;
        layout = rollup ? rollupLayout : smapsLayout;
        learned = 0;
        carried = 0;
        lineOffset = 0;
        Arrays.fill(sums, Usage.ABSENT);
        isHeap = false;
        heaps = 0;
        heap = 0;
        mappings = 0;
        cutPss = 0;
        cutSwapPss = 0;
    }

    /** The same for {@code /proc/PID/maps}, which has the headers alone. */
    void startMaps() {
        start(false);
        layout = null;
    }

    /**
     * Takes the next piece of the file; the array is the caller's again when this returns.
     *
     * @throws SmapsFormatException for a known field whose figure is no number of kB, or overflows,
     *     and for a line of more than {@link #MAX_LINE_BYTES}
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
            limit(end - start);
            // No more of it than the carry has room for, so that no cut makes a difference.
            boolean isHeader = line(bytes, start, Math.min(end, start + CARRY_BYTES));
            lineOffset += end + 1 - start;
            start = end + 1;
            if (isHeader && layout != null) {
                start = fields(bytes, start, to);
            }
        }
    }

    /** Reads the fields after a header, as far as their layout is known; returns where to go on. */
    private int fields(byte[] bytes, int from, int to) {
        int end = layout.read(bytes, from, to);
        if (end == from && layout.isWhole(from, to) && learned < MAX_LEARNED) {
            learned++;
            end = layout.learn(bytes, from, to);
        }
        if (end > from) {
            System.arraycopy(layout.kilobytes, 0, mapping, 0, mapping.length);
            lineOffset += end - from;
        }
        return end;
    }

    /**
     * The sums of the file that {@link #feed} has seen. The last line need not end in a newline.
     */
    Usage finish() throws SmapsFormatException {
        if (carried > 0) {
            carriedLine();
        }
        endMapping();
        return soFar();
    }

    /** The sums of the mappings that have been read to their ends, see {@link #heaps}. */
    Usage soFar() {
        long[] bytes = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            bytes[i] = toBytes(sums[i]);
        }
        long heapBytes =
                sums[Usage.Field.PSS.ordinal()] == Usage.ABSENT ? Usage.ABSENT : toBytes(heap);
        return new Usage(bytes, heapBytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * How many mappings named {@code [heap]} have been read to their ends: to where the next one
     * starts, or the file is finished.
     */
    int heaps() {
        return heaps;
    }

    private static long toBytes(long kb) {
        return kb == Usage.ABSENT ? Usage.ABSENT : kb * BYTES_PER_KB;
    }

    private void carry(byte[] bytes, int from, int to) throws SmapsFormatException {
        int room = (int) Math.max(0, CARRY_BYTES - carried);
        if (room > 0) {
            System.arraycopy(bytes, from, carry, (int) carried, Math.min(room, to - from));
        }
        carried += to - from;
        limit(carried);
    }

    private void limit(long lineBytes) throws SmapsFormatException {
        if (lineBytes > MAX_LINE_BYTES) {
            throw new SmapsFormatException(
                    "a line of more than " + MAX_LINE_BYTES + " bytes", lineOffset);
        }
    }

    private void carriedLine() throws SmapsFormatException {
        line(carry, 0, (int) Math.min(carried, CARRY_BYTES));
        lineOffset += carried;
        carried = 0;
    }

    /** Returns whether it is a header. */
    private boolean line(byte[] bytes, int from, int to) throws SmapsFormatException {
        if (from == to) {
            return false;
        }
        if (isHexDigit(bytes[from])) {
            if (isHeader(bytes, from, to)) {
                endMapping();
                startMapping(bytes, from, to);
                return true;
            }
        } else if (mappings > 0) {
            field(bytes, from, to);
        }
        return false;
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
        if (isHeap) {
            heaps++;
            heap += Usage.orZero(pss); // part of the sum of Pss, so it does not overflow either
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

    /** The field whose name is {@code bytes[from..to)}, or {@code null}. */
    static Usage.Field fieldNamed(byte[] bytes, int from, int to) {
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

    static int indexOf(byte wanted, byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    static boolean isDigit(byte b) {
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
 * @param hidden whether there are processes that psm does not get to see (hidepid)
 * @param filtered whether processes were left out that have other names than those asked for
 * @param memory the host's own account
 * @param bytesRead of smaps, smaps_rollup and maps
 * @param workers how many threads scanned
 * @param slowest the processes that took longest to read, the longest first
 */
record Snapshot(
        Instant takenAt,
        long nanos,
        String host,
        String kernel,
        int listed,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        boolean hidden,
        boolean filtered,
        HostMemory memory,
        long bytesRead,
        int workers,
        List<Slow> slowest) {

    /** How long it took to read a process: for as long, its memory map was held. */
    record Slow(int pid, String program, long nanos) {}

    int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }

    /** How many processes have RAM that may be too much. */
    int estimated() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.isEstimated()) {
                count++;
            }
        }
        return count;
    }

    /** How many of those may have their memory in common with others. */
    int doubtful() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.doubtful()) {
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

    /** Whether text that is shown there may have signs beyond ASCII: the locale is UTF-8. */
    static boolean isUnicode() {
        return "UTF-8".equals(System.getProperty("native.encoding"));
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

    private static final long SECONDS_PER_DAY = 86_400;

    /** 400 years, after which the calendar repeats itself. */
    private static final long DAYS_PER_ERA = 146_097;

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
     * A time to the second, as {@code 2026-11-23T15:51:01Z}: what {@link Instant#toString} gives
     * for it from year 0 to 9999, without all the fields and units of java.time, which a run
     * without options would make for this alone. The date is by Howard Hinnant's chrono-compatible
     * low-level date algorithms, civil_from_days, whose years start in March.
     */
    static String utc(Instant at) {
        long days = Math.floorDiv(at.getEpochSecond(), SECONDS_PER_DAY);
        int seconds = (int) Math.floorMod(at.getEpochSecond(), SECONDS_PER_DAY);
        long sinceYear0 = days + 719_468;
        long era = Math.floorDiv(sinceYear0, DAYS_PER_ERA);
        long dayOfEra = Math.floorMod(sinceYear0, DAYS_PER_ERA);
        long yearOfEra =
                (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        long dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        long monthFromMarch = (5 * dayOfYear + 2) / 153;
        long month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        long year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
        StringBuilder out = new StringBuilder(20);
        twoDigits(out, year / 100);
        twoDigits(out, year % 100).append('-');
        twoDigits(out, month).append('-');
        twoDigits(out, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1).append('T');
        twoDigits(out, seconds / 3_600).append(':');
        twoDigits(out, seconds / 60 % 60).append(':');
        return twoDigits(out, seconds % 60).append('Z').toString();
    }

    private static StringBuilder twoDigits(StringBuilder out, long number) {
        return out.append(number / 10).append(number % 10);
    }

    /** The same text, or its first so many characters. */
    static String cut(String text, int characters) {
        return text.length() <= characters || text.codePointCount(0, text.length()) <= characters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, characters));
    }

    /** Whether all of it was UTF-8. */
    static boolean isUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int c = text.codePointAt(i);
                if (isByte(c)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /**
     * The same text, fit for a terminal: what would not show as itself is escaped, as {@code
     * \\x1b}, so are bytes that are not UTF-8.
     */
    static String printable(String text) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c >= 0x7F) {
                return escapedFrom(i, text);
            }
        }
        return text;
    }

    private static String escapedFrom(int start, String text) {
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, start);
        for (int i = start; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (isHarmful(c)) {
                appendEscape(out, c);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /** The same text, fit to be encoded: a byte that is not UTF-8 is shown as {@code \xff}. */
    static String encodable(String text) {
        return isUtf8(text) ? text : withBytesEscaped(text, "\\");
    }

    /**
     * The bytes that the text was decoded from: those that are not UTF-8 as {@code \xff}, and each
     * backslash as two, so that no other text looks the same.
     */
    static String escapedBytes(String text) {
        return withBytesEscaped(text, "\\\\");
    }

    private static String withBytesEscaped(String text, String backslash) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (c == '\\') {
                out.append(backslash);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    private static boolean isByte(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /**
     * Controls, what reorders the text around it, hides, or cannot be seen, and blanks that are
     * none of ASCII's.
     */
    static boolean isHarmful(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED ->
                    true;
            case Character.SPACE_SEPARATOR -> c != ' ';
            default -> isInvisible(c);
        };
    }

    /**
     * Letters and marks that show nothing and take no room: of Unicode's
     * Default_Ignorable_Code_Point those that are no format characters.
     */
    private static boolean isInvisible(int c) {
        return c == 0x034F
                || c == 0x115F
                || c == 0x1160
                || c == 0x17B4
                || c == 0x17B5
                || (c >= 0x180B && c <= 0x180F)
                || c == 0x2800
                || c == 0x3164
                || (c >= 0xFE00 && c <= 0xFE0F)
                || c == 0xFFA0
                || (c >= 0xE0100 && c <= 0xE01EF);
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

// lib/psm/Training.java

/**
 * Runs what users run, for Java to keep what it had to load for it; {@link Installer} starts it.
 *
 * <p>Java takes all of an archive in at each start. So there is one for each of what users do most,
 * and none has a library that is not used then.
 */
final class Training {
    /** The archive for runs without options. */
    static final String PLAIN = "plain";

    /** The one for runs with options that write a table. */
    static final String OPTIONS = "options";

    /** The one for runs that write another format. */
    static final String FORMATS = "formats";

    static final List<String> ARCHIVES = List.of(PLAIN, OPTIONS, FORMATS);

    /** By archive: the command lines. */
    private static final Map<String, String[][]> RUNS =
            Map.of(
                    PLAIN,
                    new String[][] {{}},
                    OPTIONS,
                    new String[][] {
                        {"-f", "psm: [a-z]+|^java.*|\\."},
                        {"--heap", "--host", "--stats"},
                        {"--scripts", "-j", "1"},
                        {"--version"},
                        {"--help"}
                    },
                    FORMATS,
                    new String[][] {
                        {"-o", "json", "--heap", "--host"},
                        {"-o", "csv", "-f", "psm: [a-z]+|^java.*|\\."},
                        {"-o", "table", "--stats"}
                    });

    private Training() {}

    /** Does the runs for the archive of that name. */
    public static void main(String[] args) {
        for (String[] run : RUNS.get(args[0])) {
            Main.run(run);
        }
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
record Unmeasured(int pid, String program, Reason reason, String detail) implements Seen {
    enum Reason {
        /** psm may not read its memory. */
        DENIED("may not be read"),
        /** It ended, or became another program, while it was read. */
        VANISHED("ended meanwhile"),
        /** The kernel did not answer in time: somebody holds the process's memory map. */
        STUCK("did not answer"),
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
        /** 5.3, in smaps_rollup alone: the part of Pss that is anonymous. */
        PSS_ANON("Pss_Anon"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is of files. */
        PSS_FILE("Pss_File"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is shared memory and tmpfs. */
        PSS_SHMEM("Pss_Shmem"),
        /** 6.7: merged by the kernel's same-page merging, a part of Rss. */
        KSM("KSM"),
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

    /** The same figures with a heap that a rollup does not tell, in bytes or ABSENT. */
    Usage withHeap(long bytes) {
        return new Usage(sums, bytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * Whether {@link #ram} is Rss, for want of Pss: more than the process's share, since it has the
     * pages that others map too in full.
     */
    boolean isEstimated() {
        return bytes(Field.PSS) == ABSENT && bytes(Field.RSS) != ABSENT;
    }

    /**
     * The proportional set size, in bytes or ABSENT: private pages, the process's share of the
     * shared ones, and private huge pages of hugetlbfs, which the kernel leaves out of Pss. Summed
     * over processes, no page counts twice. Rss where the kernel has no Pss, see {@link
     * #isEstimated}.
     *
     * <p>Each Pss of smaps is cut to whole kB, which loses half a kB on average where it has a
     * fraction. Only a mapping with shared pages can have one.
     */
    long ram() {
        long pss = isEstimated() ? bytes(Field.RSS) : bytes(Field.PSS);
        return pss == ABSENT
                ? ABSENT
                : plus(plus(pss, cutPss * HALF_KB_BYTES), bytes(Field.PRIVATE_HUGETLB));
    }

    /** Pages that this process alone maps, huge ones too, in bytes or ABSENT. */
    long unique() {
        long clean = bytes(Field.PRIVATE_CLEAN);
        long dirty = bytes(Field.PRIVATE_DIRTY);
        if (clean == ABSENT && dirty == ABSENT) {
            return ABSENT;
        }
        return plus(plus(orZero(clean), dirty), bytes(Field.PRIVATE_HUGETLB));
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

    /**
     * No figure is more than this, nor is a sum of figures: bytes, at most {@link Long#MAX_VALUE}.
     */
    long most() {
        long most = orZero(heap) + ((long) cutPss + cutSwapPss) * HALF_KB_BYTES;
        for (int i = 0; i < sums.length && most >= 0; i++) {
            most += orZero(sums[i]);
        }
        return most < 0 ? Long.MAX_VALUE : most;
    }

    /** The sum of what is not absent; the largest long where it would not fit into one. */
    static long plus(long bytes, long more) {
        long sum = bytes + orZero(more);
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    static long orZero(long bytes) {
        return bytes == ABSENT ? 0 : bytes;
    }
}

// exporters/psm/CsvFormat.java

/**
 * Comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record a row, no totals.
 * Sizes are whole bytes, what the kernel did not give is an empty field, pids are separated by
 * spaces. In names, control characters and bytes that are not UTF-8 are escaped, and an apostrophe
 * stands before those that a spreadsheet would take for formulas or numbers. It cannot carry when
 * and where it was taken, nor what could not be measured, nor accounts of the host.
 */
final class CsvFormat {
    /** What formulas begin with; in full width too, as Japanese keyboards have them. */
    private static final String FORMULA = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /** What numbers and dates begin with, which are no formulas, but no names either. */
    private static final String NUMBER = "0123456789(.$%";

    /** What a date may begin with, in English. */
    private static final Pattern MONTH =
            Pattern.compile(
                    "(?i)(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
                            + "|sep(t(ember)?)?|oct(ober)?|nov(ember)?|dec(ember)?)"
                            + "[ ,./-]*[0-9].*");

    /** What spreadsheets take for the end of a field, even where it is in quotes. */
    private static final String SEPARATORS = ",;|";

    /** Names in quotes, whatever is in them: some spreadsheets take semicolons for separators. */
    private static final CSVFormat QUOTED =
            CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.NON_NUMERIC).get();

    private static final String QUOTES = "\"'`\u2018\u2019\u201C\u201D";

    private CsvFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, QUOTED);
        for (Psm.Column column : report.columns()) {
            csv.print(column.key());
        }
        csv.println();
        for (Psm.Row row : report.rows()) {
            csv.printRecord(fields(report.columns(), row, output.raw()));
        }
        csv.flush();
    }

    private static List<Object> fields(List<Psm.Column> columns, Psm.Row row, boolean raw) {
        List<Object> fields = new ArrayList<>(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            fields.add(value == null ? null : field(columns.get(i), value, raw));
        }
        return fields;
    }

    private static Object field(Psm.Column column, Object value, boolean raw) {
        return switch (column.kind()) {
            case TEXT -> raw ? Text.encodable((String) value) : neutralised((String) value);
            case COUNT, BYTES, NUMBER, PERCENT -> value;
            case PIDS -> joined((List<?>) value);
        };
    }

    /**
     * What begins as a formula does, maybe after blanks or quotes, gets an apostrophe before it, as
     * OWASP advises (CSV Injection); so does what comes after a separator, since a spreadsheet that
     * takes another one for its own does not heed the quotes. Tabs and line breaks are escaped
     * already.
     */
    private static String neutralised(String name) {
        String printable = Text.printable(name);
        StringBuilder out = new StringBuilder(printable.length() + 1);
        if (isTakenForNumber(printable)) {
            out.append('\'');
        }
        boolean isStart = out.length() == 0;
        for (int i = 0; i < printable.length(); i++) {
            if (isStart && isFormula(printable, i)) {
                out.append('\'');
            }
            out.append(printable.charAt(i));
            isStart = SEPARATORS.indexOf(printable.charAt(i)) >= 0;
        }
        return out.toString();
    }

    private static boolean isFormula(String name, int from) {
        int start = skipped(name, from);
        return start < name.length() && FORMULA.indexOf(name.charAt(start)) >= 0;
    }

    private static boolean isTakenForNumber(String name) {
        String value = name.substring(skipped(name, 0));
        return (!value.isEmpty() && NUMBER.indexOf(value.charAt(0)) >= 0)
                || value.equalsIgnoreCase("true")
                || value.equalsIgnoreCase("false")
                || MONTH.matcher(value).matches();
    }

    private static int skipped(String name, int from) {
        int start = from;
        while (start < name.length() && isSkipped(name.charAt(start))) {
            start++;
        }
        return start;
    }

    private static boolean isSkipped(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || QUOTES.indexOf(c) >= 0;
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

    /** All of them, without the search for them. */
    static List<Psm.Exporter> all() {
        return List.of(new Csv(), new Json(), new Table());
    }

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
 * not give is {@code null}. One line, but on a terminal; a newline at the end either way. What
 * could do harm to a terminal is written by its number, which is the same to a program.
 *
 * <p>A name that is not UTF-8 has {@code \xff} for such a byte and two backslashes for one, and
 * beside it a member {@code program_escaped} that says so.
 */
final class JsonFormat {
    private static final String SCHEMA = "psm/1";

    private JsonFormat() {}

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = new JsonFactory().createGenerator(output.stream());
        json.setCharacterEscapes(new HarmfulEscapes());
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
        for (Psm.Account account : report.accounts()) {
            account(json, account);
        }
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }

    private static void origin(JsonGenerator json, Psm.Report report) throws IOException {
        json.writeStringField("schema", SCHEMA);
        json.writeStringField("psm_version", report.psmVersion());
        text(json, "host", report.host());
        text(json, "kernel", report.kernel());
        json.writeStringField("taken_at", Text.utc(report.takenAt()));
        json.writeNumberField("scan_ms", Math.round(report.scanNanos() / 1e3) / 1e3);
        text(json, "source", report.source());
        json.writeBooleanField("complete", report.processes().complete());
        Psm.Processes processes = report.processes();
        json.writeObjectFieldStart("processes");
        json.writeNumberField("measured", processes.measured());
        json.writeNumberField("estimated", processes.estimated());
        json.writeNumberField("denied", processes.denied());
        json.writeNumberField("vanished", processes.vanished());
        json.writeNumberField("stuck", processes.stuck());
        json.writeNumberField("failed", processes.failed());
        if (processes.hidden()) {
            json.writeNullField("hidden"); // nobody can tell how many
        } else {
            json.writeNumberField("hidden", 0);
        }
        json.writeEndObject();
    }

    private static void account(JsonGenerator json, Psm.Account account) throws IOException {
        json.writeObjectFieldStart(account.key());
        for (Psm.Entry entry : account.entries()) {
            if (entry.value() == null) {
                json.writeNullField(entry.key());
            } else if (entry.kind() == Psm.Kind.PERCENT) {
                json.writeNumberField(entry.key(), (Double) entry.value());
            } else {
                json.writeNumberField(entry.key(), (Long) entry.value());
            }
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
            case COUNT, BYTES, NUMBER -> json.writeNumberField(column.key(), (Long) value);
            case PERCENT -> json.writeNumberField(column.key(), (Double) value);
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
        } else if (Text.isUtf8(value)) {
            json.writeStringField(key, value);
        } else {
            json.writeStringField(key, Text.escapedBytes(value));
            json.writeBooleanField(key + "_escaped", true);
        }
    }

    /** Jackson escapes control characters below 0x20 by itself, and all beyond 0xFFFF. */
    private static final class HarmfulEscapes extends CharacterEscapes {
        private static final long serialVersionUID = 1;

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            codes[0x7F] = ESCAPE_STANDARD;
            return codes;
        }

        @Override
        public SerializableString getEscapeSequence(int c) {
            return Text.isHarmful(c) ? new SerializedString(String.format("\\u%04x", c)) : null;
        }
    }
}

// exporters/psm/TableFormat.java

/**
 * The table for people, laid out as Go's psm does it: sizes in MB (2^20 bytes) in columns ten wide,
 * a tab, and the name with the number of its processes. Under the total come the host's own
 * figures, and when it was. It cannot carry pids, nor names longer than 32 characters.
 */
final class TableFormat {
    private static final int WIDTH = 10;
    private static final int MAX_NAME_CHARS = 32;
    private static final int MAX_BRACKET_CHARS = 64;
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
        marked(out, mark(report.processes(), output.unicode()), totals);
        out.append("\tTOTAL USED BY PROCESSES\n");
        for (Psm.Account account : report.accounts()) {
            account(out, account, columns, places);
        }
        padded(out, "", sizeColumns(columns, places) * WIDTH);
        out.append('\t').append(Text.utc(report.takenAt())).append(", scanned in ");
        out.append(milliseconds(report.scanNanos())).append(" ms\n");
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** What the totals are to the truth: more than they say, less, or nobody knows. */
    private static String mark(Psm.Processes processes, boolean unicode) {
        boolean over = processes.estimated() > 0;
        if (processes.complete()) {
            return over ? unicode ? "#\u2264" : "#<=" : "#";
        }
        return over ? "#~" : unicode ? "#\u2265" : "#>=";
    }

    /** The mark takes the place of blanks, never of a digit. */
    private static void marked(StringBuilder out, String mark, CharSequence line) {
        int blanks = 0;
        while (blanks < mark.length() && blanks < line.length() && line.charAt(blanks) == ' ') {
            blanks++;
        }
        out.append(mark).append(line, blanks, line.length());
    }

    /** An account of nothing is left out. */
    private static void account(
            StringBuilder out, Psm.Account account, Psm.Column[] columns, int[] places) {
        boolean isAny = false;
        for (Psm.Entry entry : account.entries()) {
            isAny |= entry.bytes() != null && entry.bytes() != 0;
        }
        for (Psm.Entry entry : account.entries()) {
            if (isAny && entry.bytes() != null) {
                StringBuilder line = new StringBuilder();
                for (int i : places) {
                    if (columns[i].kind() == Psm.Kind.BYTES) {
                        boolean isHere = columns[i].key().equals(account.column());
                        padded(line, isHere ? megabytes(entry.bytes()) : "", WIDTH);
                    }
                }
                marked(out, entry.sum() ? "#" : "", line);
                out.append('\t').append(entry.title()).append('\n');
            }
        }
    }

    private static int sizeColumns(Psm.Column[] columns, int[] places) {
        int count = 0;
        for (int i : places) {
            count += columns[i].kind() == Psm.Kind.BYTES ? 1 : 0;
        }
        return count;
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
                padded(out, columns[i].title(), WIDTH);
            }
        }
        out.append('\t');
        for (int i : places) {
            switch (columns[i].kind()) {
                case TEXT -> out.append(columns[i].title());
                case COUNT -> {
                    if (!columns[i].sparse()) {
                        out.append(" (").append(columns[i].title()).append(')');
                    }
                }
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
                padded(out, blank ? "" : megabytes(bytes), WIDTH);
            }
        }
    }

    private static void labels(StringBuilder out, Psm.Column[] columns, int[] places, Psm.Row row) {
        long count = 0;
        for (int i : places) {
            Object value = row.values().get(i);
            switch (columns[i].kind()) {
                case TEXT -> out.append(value == null ? "" : name((String) value));
                case COUNT -> {
                    if (columns[i].sparse()) {
                        mark(out, columns[i].title(), (Long) value, count);
                    } else if (value != null) {
                        count = (Long) value;
                        out.append(" (").append(value).append(')');
                    }
                }
                default -> {}
            }
        }
    }

    /** In how many of the row's processes: without a number, in all of them. */
    private static void mark(StringBuilder out, String title, Long marked, long count) {
        if (marked != null && marked > 0) {
            out.append(" [");
            if (marked < count) {
                out.append(marked).append(' ');
            }
            out.append(title).append(']');
        }
    }

    private static void padded(StringBuilder out, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        out.append(text);
    }

    private static String name(String name) {
        return withBlanksShown(Text.printable(cut(name)));
    }

    /**
     * One blank between words stays. More of them could push words to the start of a terminal's
     * next line, where they would look like another row.
     */
    private static String withBlanksShown(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            boolean isBetween = i > 0 && i < name.length() - 1 && name.charAt(i - 1) != ' ';
            if (name.charAt(i) == ' ' && !isBetween) {
                out.append("\\x20");
            } else {
                out.append(name.charAt(i));
            }
        }
        return out.toString();
    }

    /** A title in brackets says who it is within them, and what it is doing after them. */
    private static String cut(String name) {
        int bracket = name.startsWith("[") ? name.indexOf(']') : -1;
        boolean isTitle = bracket > 0 && bracket < MAX_BRACKET_CHARS;
        String start = Text.cut(name, MAX_NAME_CHARS);
        return isTitle && !start.equals(name) ? name.substring(0, bracket + 1) : start;
    }

    /**
     * MB with one decimal, as C's and Go's {@code %.1f} have it: rounded to the nearest, and to the
     * even digit where two are equally near. {@link String#format} rounds ties up, and uses the
     * locale's digits.
     */
    static String megabytes(long bytes) {
        if (bytes < 0) {
            String size = megabytes(bytes == Long.MIN_VALUE ? Long.MAX_VALUE : -bytes);
            return size.equals("0.0") ? size : '-' + size;
        }
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

    private static String milliseconds(long nanos) {
        long tenths = nanos / 100_000;
        return tenths / 10 + "." + tenths % 10;
    }
}
