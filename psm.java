///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Who uses how much RAM and swap on this Linux machine
//JAVA 17+
//MAIN psm.Main
//DEPS info.picocli:picocli:4.7.7
//DEPS com.fasterxml.jackson.core:jackson-core:2.22.4
//DEPS org.apache.commons:commons-csv:1.14.1
//DEPS org.kohsuke.metainf-services:metainf-services:1.11
//COMPILE_OPTIONS -J-XX:TieredStopAtLevel=1 -J-XX:+UseSerialGC -J-Xms16m -J-Xmx128m -J-XX:-UsePerfData
//COMPILE_OPTIONS --release 17 -XDstringConcat=inline -processor org.kohsuke.metainf_services.AnnotationProcessorImpl
//RUNTIME_OPTIONS -Xmx64m -Xmn3m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData
//RUNTIME_OPTIONS -XX:CompressedClassSpaceSize=16m -XX:ReservedCodeCacheSize=24m
//RUNTIME_OPTIONS -XX:+SuppressFatalErrorMessage -XX:-CreateCoredumpOnCrash
//RUNTIME_OPTIONS -Xlog:disable -Xlog:all=error:stderr
//RUNTIME_OPTIONS -XX:+DisplayVMOutputToStderr -XX:+IgnoreUnrecognizedVMOptions
//RUNTIME_OPTIONS -XX:Flags=/dev/null -XX:CompileCommandFile=/dev/null

// Assembled by bundle.java from lib/psm and exporters/psm: change those, not this.

package psm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.CharacterEscapes;
import com.fasterxml.jackson.core.io.SerializedString;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
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
import java.io.PushbackInputStream;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.LongBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.CodeSource;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.IdentityHashMap;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
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
import static java.nio.file.attribute.PosixFilePermission.OWNER_READ;
import static java.nio.file.attribute.PosixFilePermission.OWNER_WRITE;

// lib/psm/Main.java

/**
 * Runs the command that the arguments request. No other class prints to standard error or chooses
 * the exit code.
 */
final class Main implements Consumer<String> {
    /** The limit for a line: messages repeat arguments, which may have megabytes. */
    private static final int MAX_LINE_CHARS = 1000;

    private Main() {}

    public static void main(String[] args) {
        Failure.Exit exit = run(args);
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
            InstallArguments installation = args.length == 0 ? null : InstallArguments.parse(args);
            if (installation == null) {
                report(args.length == 0 ? Options.defaults() : Arguments.parse(args), output);
            } else {
                new InstallCommand(installation, Main.class, Training.class, output, new Main())
                        .run();
            }
            return Failure.Exit.OK;
        } catch (Failure e) {
            return failed(args, e.getMessage(), e, e.exit);
        } catch (OutOfMemoryError e) {
            String problem = "Java has run out of memory or threads: " + e.getMessage();
            String remedy = "; choose fewer processes, such as with --user";
            return failed(args, problem + remedy, e, Failure.Exit.FAILED);
        } catch (RuntimeException | Error e) {
            return failed(args, "a defect of psm; please report it: " + e, e, Failure.Exit.FAILED);
        }
    }

    private static void report(Options options, StandardOutput output) throws Failure {
        if (options.text() == null) {
            new ReportCommand(options, output, new Main()).run();
        } else {
            output.print(options.text());
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
        System.err.println("psm: " + Text.printable(elided(line)));
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

// lib/psm/Psm.java

/**
 * The interface between psm and its exporters, both its own and plugins. A plugin is compiled
 * against this file and no other, and works with each later psm: members may be added here, none is
 * ever removed or renamed.
 *
 * <p>Everything here is immutable and may be shared between threads, except {@link Output}'s
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
        /** Returns the format's name for {@code -o}: lower-case letters, digits and dashes. */
        String name();

        /**
         * Writes the whole report once. Called on one thread, at most once for each exporter.
         *
         * @param output where to write. The stream is psm's: it is buffered, and it is flushed and
         *     closed by psm, not by the exporter.
         * @throws IOException any error of the stream; psm distinguishes full disks from readers
         *     that closed the pipe
         */
        void export(Report report, Output output) throws IOException;
    }

    /**
     * The destination of a report.
     *
     * @param stream takes the bytes; the exporter must not close it
     * @param terminal whether standard output is a terminal
     * @param unicode whether the user's locale is UTF-8, so that characters beyond ASCII are shown
     * @param raw whether to write names without protection against what they may contain
     * @param layout how a table looks
     */
    public record Output(
            OutputStream stream, boolean terminal, boolean unicode, boolean raw, Layout layout) {
        /** Creates an output with the default layout. */
        public Output(OutputStream stream, boolean terminal, boolean unicode, boolean raw) {
            this(stream, terminal, unicode, raw, Layout.DEFAULT);
        }
    }

    /**
     * How a table for people looks.
     *
     * @param unit the unit of its sizes
     * @param si whether units are powers of 1,000, else of 1,024
     * @param header whether it starts with a line of titles; CSV and TSV follow this too
     * @param totalsAlone whether to show the totals and no rows: in bytes they are one bare number
     * @param bars whether each row shows its share of the total as a bar
     * @param colour whether to use colours; on a terminal, psm escapes all control characters of
     *     formats other than table
     * @param width the maximum number of characters in a line, 0 for any number
     * @param height the maximum number of lines, 0 for any number
     */
    public record Layout(
            Unit unit,
            boolean si,
            boolean header,
            boolean totalsAlone,
            boolean bars,
            boolean colour,
            int width,
            int height) {
        /** Sizes in MB, with a header, of any width and height. */
        public static final Layout DEFAULT =
                new Layout(Unit.M, false, true, false, false, false, 0);

        /** Creates a layout of any height. */
        public Layout(
                Unit unit,
                boolean si,
                boolean header,
                boolean totalsAlone,
                boolean bars,
                boolean colour,
                int width) {
            this(unit, si, header, totalsAlone, bars, colour, width, 0);
        }

        /** Returns the same layout for a terminal with this number of columns. */
        public Layout on(int columns, boolean isColoured) {
            return new Layout(unit, si, header, totalsAlone, bars, isColoured, columns, height);
        }

        /** Returns the same layout without the titles of columns. */
        public Layout withoutHeader() {
            return new Layout(unit, si, false, totalsAlone, bars, colour, width, height);
        }

        /** Returns the same layout with at most this number of lines. */
        public Layout within(int lines) {
            return new Layout(unit, si, header, totalsAlone, bars, colour, width, lines);
        }
    }

    /** The unit of the sizes in a table. */
    public enum Unit {
        /** The unit that shows a size with one to four digits; each size has its own. */
        AUTO,
        /** Bytes. */
        B,
        /** Kilobytes. */
        K,
        /** Megabytes. */
        M,
        /** Gigabytes. */
        G
    }

    /**
     * A table of memory figures, and how it was measured.
     *
     * @param origin when, where and from which file the figures were read
     * @param processes how many processes the figures include, and how many they leave out
     * @param columns the columns, in the order of JSON and CSV
     * @param rows one for each group of processes or mappings, in the order of documents: the
     *     largest first, unless the user asked for another order
     * @param totals the sums of those columns that are {@link Column#summed}, {@code null} for the
     *     others
     * @param accounts the kernel's own figures, which a table shows below the totals or above the
     *     rows
     * @param more the rows that the user did not ask for, {@code null} if there are none
     * @param ranking the order of the rows in a table, and which of them to keep where not all of
     *     them fit
     */
    public record Report(
            Origin origin,
            Processes processes,
            List<Column> columns,
            List<Row> rows,
            Row totals,
            List<Account> accounts,
            More more,
            Ranking ranking) {
        /** Creates a report whose largest rows are the first ones. */
        public Report(
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
                List<Account> accounts,
                More more) {
            this(
                    new Origin(psmVersion, host, kernel, takenAt, scanNanos, source),
                    processes,
                    columns,
                    rows,
                    totals,
                    accounts,
                    more,
                    Ranking.ofLargestFirst(rows));
        }

        /** Creates a report of all rows. */
        public Report(
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
            this(
                    new Origin(psmVersion, host, kernel, takenAt, scanNanos, source),
                    processes,
                    columns,
                    rows,
                    totals,
                    accounts,
                    null,
                    Ranking.ofLargestFirst(rows));
        }

        /** Returns the version of psm that measured. */
        public String psmVersion() {
            return origin.psmVersion();
        }

        /** Returns the host's name, {@code null} if it is not known. */
        public String host() {
            return origin.host();
        }

        /** Returns the kernel's release, {@code null} if it is not known. */
        public String kernel() {
            return origin.kernel();
        }

        /** Returns when the scan began, to the second. */
        public Instant takenAt() {
            return origin.takenAt();
        }

        /** Returns how long the scan took, in nanoseconds. */
        public long scanNanos() {
            return origin.scanNanos();
        }

        /** Returns which file the figures come from, see {@link Origin}. */
        public String source() {
            return origin.source();
        }

        /** Returns how long the scan took, for plugins; psm itself uses {@link #scanNanos}. */
        public Duration scanTime() {
            return Duration.ofNanos(scanNanos());
        }
    }

    /**
     * When, where and from which file the figures of a report were read.
     *
     * @param psmVersion the version of psm that measured
     * @param host {@code /proc/sys/kernel/hostname}, {@code null} if that file is missing
     * @param kernel {@code /proc/sys/kernel/osrelease}, {@code null} if that file is missing
     * @param takenAt when the scan began, to the second
     * @param scanNanos how long the scan took, in nanoseconds
     * @param source the file that the figures come from: {@code smaps_rollup}, {@code smaps},
     *     {@code mixed} where some processes had only the second, {@code status} if all of them are
     *     estimates, {@code null} if nothing was measured
     */
    public record Origin(
            String psmVersion,
            String host,
            String kernel,
            Instant takenAt,
            long scanNanos,
            String source) {}

    /**
     * The order of a report's rows in a table, which has the largest row last, next to the prompt,
     * and which of the rows to keep where not all of them fit.
     *
     * @param smallestFirst all rows of the report: the first one is the first to leave out
     * @param moreFirst whether those that are left out are mentioned before the other rows, as in
     *     {@link More#first}
     * @param inTable all rows of the report, from the top of a table to its end
     */
    public record Ranking(List<Row> smallestFirst, boolean moreFirst, List<Row> inTable) {
        /** Creates a ranking of rows that a table shows with the largest one last. */
        public Ranking(List<Row> smallestFirst, boolean moreFirst) {
            this(smallestFirst, moreFirst, smallestFirst);
        }

        private static Ranking ofLargestFirst(List<Row> rows) {
            List<Row> smallestFirst = new ArrayList<>(rows);
            Collections.reverse(smallestFirst);
            return new Ranking(smallestFirst, false);
        }
    }

    /**
     * The rows that the totals include and the report does not list: small ones, or too many.
     *
     * @param rows the number of these rows
     * @param first whether they come before the others in a document; in a table they come at the
     *     other end
     * @param sums the sums of their columns, as in {@link Report#totals}
     */
    public record More(int rows, boolean first, Row sums) {}

    /**
     * How complete a report is: the number of processes that its figures include or leave out.
     * Kernel threads and zombies have no memory and are not counted, nor are processes that the
     * user did not select.
     *
     * @param measured processes in the figures, the estimated ones too
     * @param estimated of those, processes with a figure in the report that may be too high, or
     *     that is missing: memory that they share with others is counted in full, or all their
     *     memory may be counted twice
     * @param denied processes that psm has no permission to read, and of which nothing else is
     *     known
     * @param vanished processes that exited during the scan
     * @param stuck processes that were skipped after the timeout, and of which nothing else is
     *     known
     * @param failed processes that could not be read for another reason, and of which nothing else
     *     is known
     * @param hidden whether the hidepid option of {@code /proc} hides other processes; their number
     *     is not known
     * @param estimates why processes are estimated
     */
    public record Processes(
            int measured,
            int estimated,
            int denied,
            int vanished,
            int stuck,
            int failed,
            boolean hidden,
            Estimates estimates) {
        /** Creates the numbers of a report whose estimates, if any, have no known reason. */
        public Processes(
                int measured,
                int estimated,
                int denied,
                int vanished,
                int stuck,
                int failed,
                boolean hidden) {
            this(
                    measured,
                    estimated,
                    denied,
                    vanished,
                    stuck,
                    failed,
                    hidden,
                    estimated == 0
                            ? Estimates.NONE
                            : new Estimates(0, 0, 0, 0, 0, estimated, true, false));
        }

        /**
         * Returns whether the totals leave nothing out. Processes that exited do not count, since
         * their memory is free again. Where some are estimated, the totals may be too high.
         */
        public boolean complete() {
            return denied == 0 && stuck == 0 && failed == 0 && !hidden;
        }
    }

    /**
     * Why processes are estimated: the number of processes for each reason. Their sum is {@link
     * Processes#estimated}.
     *
     * @param denied no permission to read their exact figures
     * @param stuck reading them took longer than the timeout
     * @param failed they could not be read for another reason
     * @param large reading them would take longer than the user wanted
     * @param unsupported the kernel does not report the exact figures
     * @param doubtful their memory may be another process's, counted twice
     * @param tooHigh whether a total may be too high because of them
     * @param tooLow whether a total lacks a figure of them
     */
    public record Estimates(
            int denied,
            int stuck,
            int failed,
            int large,
            int unsupported,
            int doubtful,
            boolean tooHigh,
            boolean tooLow) {
        /** No process is estimated. */
        public static final Estimates NONE = new Estimates(0, 0, 0, 0, 0, 0, false, false);

        /** Returns how many have exact figures that psm failed to read. */
        public int unread() {
            return denied + stuck + failed;
        }
    }

    /**
     * Figures of the host that explain a total, or a list of things that the report's rows depend
     * on.
     *
     * @param key its name in JSON. Never changes once released
     * @param column the key of the column whose total it explains, {@code null} if it explains none
     * @param entries its figures, in order; empty for a list
     * @param above whether a table shows it above the rows, with a dash for each missing figure
     * @param columns the columns of a list; empty for figures
     * @param rows the rows of a list, the most urgent first; a table shows it last
     */
    public record Account(
            String key,
            String column,
            List<Entry> entries,
            boolean above,
            List<Column> columns,
            List<Row> rows) {
        /** Creates an account of figures that a table shows below the totals. */
        public Account(String key, String column, List<Entry> entries) {
            this(key, column, entries, false, List.of(), List.of());
        }

        /** Returns whether it is a list, even an empty one. */
        public boolean isList() {
            return !columns.isEmpty();
        }
    }

    /**
     * One figure of an account.
     *
     * @param key its name in JSON: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its name for people
     * @param kind its unit: bytes, a number or a percentage
     * @param value the figure, {@code null} if the kernel does not report it
     * @param sum whether it is the sum of the entries before it
     */
    public record Entry(String key, String title, Kind kind, Object value, boolean sum) {
        /** Creates an entry that is a size. */
        public Entry(String key, String title, Long bytes, boolean sum) {
            this(key, title, Kind.BYTES, bytes, sum);
        }

        /** Returns the figure where it is a size, {@code null} if it is missing or no size. */
        public Long bytes() {
            return kind == Kind.BYTES ? (Long) value : null;
        }
    }

    /**
     * One column of a report.
     *
     * @param key its name in JSON and CSV: lower case, with the unit at the end. Never changes once
     *     released
     * @param title its title in a table, for people
     * @param kind the type of its values
     * @param display its position in a table, counted from the left; 0 if a table leaves it out
     * @param sparse whether most rows contain a zero here, which a table leaves blank
     * @param summed whether its sum over all rows has a meaning; if not, the totals contain {@code
     *     null} here
     * @param chars the maximum number of characters of a text in a table, 0 for the table's own
     *     limit
     */
    public record Column(
            String key,
            String title,
            Kind kind,
            int display,
            boolean sparse,
            boolean summed,
            int chars) {
        /** Creates a column whose texts have the table's own limit. */
        public Column(
                String key, String title, Kind kind, int display, boolean sparse, boolean summed) {
            this(key, title, kind, display, sparse, summed, 0);
        }

        /** Returns the same column at another position of a table. */
        public Column at(int place) {
            return new Column(key, title, kind, place, sparse, summed, chars);
        }
    }

    /** The type of a column's values. A value is {@code null} if the kernel did not report it. */
    public enum Kind {
        /**
         * A {@link String} that the user of the process chose: it can contain anything, control
         * characters too. A byte that is not UTF-8 is the lone surrogate U+DC00 + byte, so that no
         * two names become the same text.
         */
        TEXT,
        /**
         * A {@link Long}: a number of processes. Where the column is {@link Column#sparse}, it is
         * the number of the row's processes for which the title is true, and a table shows it as a
         * mark: {@code [deleted]}.
         */
        COUNT,
        /** A {@link Long}: bytes. */
        BYTES,
        /** A {@link List} of {@link Integer}: process ids, ascending. */
        PIDS,
        /** A {@link Long} without a unit; it may be negative. */
        NUMBER,
        /** A {@link Double}: 100 is all. */
        PERCENT,
        /** A {@link Long}: the id of one process. */
        PID,
        /** A {@link Long}: the indentation of the row's texts in a table, 0 for none. */
        DEPTH
    }

    /**
     * One row of a report.
     *
     * @param values one value for each of the report's columns, in their order
     */
    public record Row(List<Object> values) {}
}

// lib/psm/Training.java

/**
 * Runs the most common command lines for one {@link Archive}, so that Java archives the classes
 * that they load. {@code psm install} starts it.
 */
final class Training {
    /** The command lines that are run for each archive. */
    private static final Map<Archive, String[][]> RUNS =
            Map.of(
                    Archive.PLAIN,
                    new String[][] {{}},
                    Archive.OPTIONS,
                    new String[][] {
                        {"-f", "psm: [a-z]+|^java.*|\\."},
                        {"--heap", "--system", "--timing"},
                        {"--scripts", "-j", "1"},
                        {"--by", "user,program", "-c", "+peak,+threads", "-n", "9", "--bars"},
                        {"--by", "unit,container", "--user", "0", "--min", "1M"},
                        {"--by", "tree", "--units", "auto"},
                        {"--spread", "-t"},
                        {"-d", "-s", "--sort", "rss", "-r", "--spread"},
                        {"maps"},
                        {"maps", "--by", "kind", "-n", "9"},
                        {"oom"},
                        {"--version"},
                        {"--help"}
                    },
                    Archive.FORMATS,
                    new String[][] {
                        {"-o", "json", "--heap", "--system"},
                        {"-o", "csv"},
                        {"-o", "csv", "-f", "psm: [a-z]+|^java.*|\\."},
                        {"-o", "table", "--timing"},
                        {"-o", "markdown", "--by", "pid"},
                        {"-o", "ndjson"},
                        {"-o", "tsv"},
                        {"-o", "snapshot"}
                    });

    private Training() {}

    /**
     * Runs the command lines for an archive.
     *
     * @param args the archive's name. An installation with a collector adds a path for a temporary
     *     file; then each command line is run with and without a snapshot of the collector
     */
    public static void main(String[] args) throws IOException {
        Archive archive = Archive.valueOf(args[0]);
        if (archive == Archive.COLLECTOR) {
            Collector.collect(false, OutputStream.nullOutputStream());
            return;
        }
        run(archive);
        if (args.length > 1) {
            Path file = Path.of(args[1]);
            try (OutputStream out = Files.newOutputStream(file)) {
                Collector.collect(false, out);
            }
            System.setProperty(CollectorClient.FILE, file.toString());
            System.setProperty(CollectorClient.COMMAND, file.toString());
            run(archive);
        }
    }

    private static void run(Archive archive) {
        for (String[] run : RUNS.get(archive)) {
            Main.run(run);
        }
    }
}

// lib/psm/text/Failure.java

/**
 * A failure that ends psm with one line on standard error: what the user requested, what is wrong
 * with it, and what would work instead.
 */
final class Failure extends Exception {
    private static final long serialVersionUID = 1;

    /** The exit codes of psm. */
    public enum Exit {
        OK(0, "The report was written; messages say what it leaves out."),
        FAILED(1, "psm could not do what it was asked to do."),
        USAGE(
                2,
                "psm was asked for something that does not exist, such as an option, a column, a"
                        + " user or a unit without processes."),
        INCOMPLETE(
                3,
                "The report was written but leaves processes out, or contains estimates of"
                        + " processes that could not be read (only with --strict).");

        public final int code;

        /** The sentence in the man page. */
        public final String description;

        Exit(int code, String description) {
            this.code = code;
            this.description = description;
        }
    }

    public final Exit exit;

    private Failure(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /** Makes the failure of a command line that psm does not support. */
    public static Failure usage(String message, Throwable cause) {
        return new Failure(Exit.USAGE, message, cause);
    }

    /** Makes the failure of a report that is incomplete. */
    public static Failure incomplete(String message) {
        return new Failure(Exit.INCOMPLETE, message, null);
    }

    /** Makes the failure of a command that psm supports but could not run. */
    public static Failure of(String message, Throwable cause) {
        return new Failure(Exit.FAILED, message, cause);
    }

    /**
     * Returns the reason for an exception in words: the message of some exceptions is only a path.
     */
    public static String reason(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "no such file or folder";
        }
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof FileSystemException failed && failed.getReason() != null) {
            return failed.getReason();
        }
        if (e instanceof FileAlreadyExistsException) {
            return "exists already, and is in the way";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }
}

// lib/psm/text/Filter.java

/** Selects programs, or mappings, by their names. May be shared between threads. */
final class Filter {
    /**
     * The number of characters that one match may read. An expression that backtracks may never
     * end. Any other reads each character of a name a few times, and a name has at most {@link
     * Text#MAX_NAME_CHARS}.
     */
    private static final int MAX_READS = 1 << 23;

    /** The number of characters that a match may read once {@link #SHARED_READS} are used up. */
    private static final int FEW_READS = 64 * Text.MAX_NAME_CHARS;

    /**
     * The number of characters that all matches together may read before each is limited to {@link
     * #FEW_READS}: about a second. A user who knows the expression can start any number of programs
     * with names for which it is slow.
     */
    private static final long SHARED_READS = 16 * MAX_READS;

    /** The limit for an expression; a list of a thousand names fits. */
    private static final int MAX_CHARS = 10_000;

    /**
     * The characters without which a match reads each character a few times at most, and is never
     * slow.
     */
    private static final Pattern REPEATS = Pattern.compile("[?*+{(]");

    private final String option;
    private final Pattern pattern;

    /** The thread that matches; {@code null} if no match can be slow. */
    private final MatchThread thread;

    private final AtomicLong sharedReads = new AtomicLong(SHARED_READS);

    /**
     * Makes a filter of an expression.
     *
     * @param option the option whose value is the expression, for messages
     */
    public Filter(String option, Pattern pattern) {
        this.option = option;
        this.pattern = pattern;
        boolean mayBeSlow = REPEATS.matcher(pattern.pattern()).find();
        this.thread = mayBeSlow ? new MatchThread(pattern) : null;
    }

    /**
     * Returns what is wrong with an expression that would keep psm busy, and what would work;
     * {@code null} if nothing is.
     */
    public static String problem(String regex) {
        if (regex.length() > MAX_CHARS) {
            return "is longer than " + MAX_CHARS + " characters; use a shorter one";
        }
        return null;
    }

    /**
     * Returns whether the expression matches a part of a name.
     *
     * @throws IOException if the match takes too long
     */
    public boolean finds(String name) throws IOException {
        long maxReads = Math.max(FEW_READS, Math.min(MAX_READS, sharedReads.get()));
        CountedText counted = new CountedText(name, maxReads);
        try {
            return thread == null ? pattern.matcher(counted).find() : thread.finds(counted);
        } catch (TooLongException | StackOverflowError e) {
            throw new IOException(option + " is too slow an expression for its name", e);
        } finally {
            sharedReads.addAndGet(-counted.reads);
        }
    }

    /** Starts with another report: the limits for all matches together are for one report. */
    public void begin() {
        sharedReads.set(SHARED_READS);
        if (thread != null) {
            thread.begin();
        }
    }

    /** Returns whether the expression took so long that psm no longer matches it. */
    boolean isTooSlow() {
        return thread != null && thread.isLost();
    }

    /**
     * Throws a failure if the expression took so long that psm no longer matches it.
     *
     * @throws Failure if so
     */
    public void requireFast() throws Failure {
        if (isTooSlow()) {
            throw Failure.usage(
                    asTyped()
                            + ": takes too long to match; use a simpler expression, without"
                            + " repetitions of what may be empty",
                    null);
        }
    }

    /** Returns the option and the expression as they are on the command line. */
    public String asTyped() {
        return option + " " + pattern;
    }

    @Override
    public String toString() {
        return pattern.toString();
    }

    /** Reports that a match takes too long. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A text that counts how often its characters are read. */
    private static final class CountedText implements CharSequence {
        private final String text;
        private final long maxReads;
        private int reads;

        CountedText(String text, long maxReads) {
            this.text = text;
            this.maxReads = maxReads;
        }

        @Override
        public char charAt(int index) {
            if (++reads > maxReads) {
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

// lib/psm/text/MatchThread.java

/**
 * Matches texts with one expression in a thread of its own. Nothing ends a match that reads no
 * character, such as one of {@code ^?^?^?...(?!)}, so after a time limit the thread is left behind,
 * and all later matches fail. May be shared between threads.
 */
final class MatchThread implements Runnable {
    /**
     * The time between two checks of a match. A check that comes much later does not count: psm got
     * no processor then, so the match may not have got one either.
     */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The number of checks after which a match is too slow: two seconds. */
    private static final int MAX_TICKS = 20;

    /**
     * The longest time of all matches for one report. If it is too low, an expression is refused on
     * a host of many processes; if it is too high, psm is busy for that long.
     */
    private static final long MAX_ALL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Pattern pattern;

    /** Is held by the caller whose text is matched; the others wait for it. */
    private final Object turn = new Object();

    // The lock of this object guards the fields below.

    private CharSequence text;

    /** The result of the match, or the exception that ended it; {@code null} until then. */
    private Object result;

    private long usedNanos;
    private boolean isStarted;
    private boolean isLost;

    MatchThread(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Starts with another report, which has the whole time for its matches. */
    synchronized void begin() {
        usedNanos = 0;
    }

    /** Returns whether the expression was too slow. */
    synchronized boolean isLost() {
        return isLost;
    }

    /**
     * Returns whether the expression matches a part of a text.
     *
     * @throws Filter.TooLongException if it takes too long, or a match before took too long
     */
    boolean finds(CharSequence name) {
        synchronized (turn) {
            return matched(name);
        }
    }

    private synchronized boolean matched(CharSequence name) {
        isLost |= usedNanos > MAX_ALL_NANOS;
        if (isLost) {
            throw new Filter.TooLongException();
        }
        start();
        text = name;
        result = null;
        notifyAll();
        for (int ticks = 0; result == null; ) {
            ticks += isTickInTime() ? 1 : 0;
            if (ticks > MAX_TICKS && result == null) {
                isLost = true;
                throw new Filter.TooLongException();
            }
        }
        if (result instanceof RuntimeException e) {
            throw e;
        }
        if (result instanceof Error e) {
            throw e;
        }
        return (Boolean) result;
    }

    private void start() {
        if (!isStarted) {
            Thread thread = new Thread(this, "psm-match");
            thread.setDaemon(true);
            thread.start();
            isStarted = true;
        }
    }

    /** Waits for the result; returns whether the time of one tick has passed, and not much more. */
    private boolean isTickInTime() {
        long begun = System.nanoTime();
        try {
            TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true; // each further wait ends at once, so the match ends soon
        }
        long waited = System.nanoTime() - begun;
        return waited >= TICK_NANOS / 2 && waited < 2 * TICK_NANOS;
    }

    @Override
    public void run() {
        for (CharSequence next = next(); next != null; next = next()) {
            long begun = System.nanoTime();
            Object found;
            try {
                found = pattern.matcher(next).find();
            } catch (RuntimeException | StackOverflowError e) {
                found = e;
            }
            end(found, System.nanoTime() - begun);
        }
    }

    /** Waits for the next text; returns {@code null} if psm should end. */
    private synchronized CharSequence next() {
        while (text == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                return null;
            }
        }
        return text;
    }

    private synchronized void end(Object found, long nanos) {
        usedNanos += nanos;
        text = null;
        result = found;
        notifyAll();
    }
}

// lib/psm/text/Missing.java

/** Represents a number that is not known, and calculates with numbers that may be missing. */
final class Missing {
    /** Stands for a number that is not known: no size, count, score or difference is this low. */
    public static final long VALUE = Long.MIN_VALUE;

    private Missing() {}

    /** Returns whether a number is not known. */
    public static boolean is(long number) {
        return number == VALUE;
    }

    /** Returns a number, or 0 if it is not known. */
    public static long orZero(long number) {
        return number == VALUE ? 0 : number;
    }

    /** Returns a number, or {@code null} if it is not known. */
    public static Long orNull(long number) {
        return number == VALUE ? null : (Long) number;
    }

    /** Returns a number, or {@link #VALUE} for {@code null}. */
    public static long ofNullable(Long number) {
        return number == null ? VALUE : number;
    }

    /**
     * Adds two sizes. A missing size counts as 0, and the sum is missing if both are. A sum that is
     * too large becomes {@link Long#MAX_VALUE}.
     */
    public static long plus(long size, long more) {
        if (more == VALUE) {
            return size;
        }
        if (size == VALUE) {
            return more;
        }
        long sum = size + more;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}

// lib/psm/text/Nearest.java

/**
 * Guesses the name that a user meant who typed an unknown one. Names that contain what was typed
 * come before names that are only similar.
 */
final class Nearest {
    /** The largest number of names in a list that could be of any length. */
    private static final int MAX_NAMES = 10;

    /** The length at which such a list ends, so that it fits into a message. */
    private static final int MAX_LIST_CHARS = 600;

    /** The number of characters of a name that are compared; paths may have 4,096. */
    private static final int MAX_COMPARED_CHARS = 256;

    /** The shortest known name that is recognized at the start of a longer typed name. */
    private static final int MIN_START_CHARS = 3;

    // The relations of a known name to the one that was typed, the closest first.
    private static final int SAME = 0;
    private static final int STARTS_WITH_TYPED = 1;
    private static final int HAS_WORD_THAT_STARTS_WITH_TYPED = 2;
    private static final int CONTAINS_TYPED = 3;
    private static final int MISTYPED = 4;
    private static final int IS_START_OF_TYPED = 5;
    private static final int SHORTENED = 6;
    private static final int OTHER = 7;

    private Nearest() {}

    /**
     * The nearness of a known name.
     *
     * @param relation one of the constants above
     * @param distance the number of typing errors
     * @param rest the difference in length
     */
    private record Nearness(String name, int relation, int distance, int rest)
            implements Comparable<Nearness> {
        @Override
        public int compareTo(Nearness other) {
            int byRelation = Integer.compare(relation, other.relation);
            int byDistance = Integer.compare(distance, other.distance);
            return byRelation != 0
                    ? byRelation
                    : byDistance != 0 ? byDistance : Integer.compare(rest, other.rest);
        }
    }

    /** Lists all known names: the most similar first, then the others in their order. */
    public static String first(String typed, List<String> known) {
        List<String> names = new ArrayList<>(known);
        String nearest = sorted(typed, known)[0].name;
        names.remove(nearest);
        names.add(0, nearest);
        return String.join(", ", names);
    }

    /** Lists the most similar known names, and the number of the others. */
    public static String some(String typed, List<String> known) {
        Nearness[] sorted = sorted(typed, known);
        int max = sorted.length <= MAX_NAMES + 1 ? sorted.length : MAX_NAMES;
        StringBuilder names = new StringBuilder(sorted[0].name);
        int shown = 1;
        while (shown < max && names.length() + sorted[shown].name.length() < MAX_LIST_CHARS) {
            names.append(", ").append(sorted[shown++].name);
        }
        if (shown < sorted.length) {
            names.append(", and ").append(sorted.length - shown).append(" more");
        }
        return names.toString();
    }

    /** Sorts the known names, the most similar first; equally similar ones keep their order. */
    private static Nearness[] sorted(String name, List<String> known) {
        String typed = comparable(name);
        Nearness[] sorted = new Nearness[known.size()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = nearness(typed, known.get(i));
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private static String comparable(String name) {
        return name.substring(0, Math.min(name.length(), MAX_COMPARED_CHARS))
                .toLowerCase(Locale.ROOT);
    }

    private static Nearness nearness(String typed, String name) {
        String known = comparable(name);
        int rest = known.length() - typed.length();
        int relation = relation(typed, known);
        return relation == OTHER
                ? similar(typed, name, known)
                : new Nearness(name, relation, 0, rest);
    }

    /** Returns the nearness of a name that does not contain what was typed. */
    private static Nearness similar(String typed, String name, String known) {
        boolean isStart = !known.isEmpty() && typed.startsWith(known);
        boolean isShortened = isShortened(typed, known);
        int distance = distance(typed, known) - (isStart ? 1 : 0);
        for (String word : words(known)) {
            distance = Math.min(distance, distance(typed, word));
            isShortened |= isShortened(typed, word);
        }
        int relation = isShortened ? SHORTENED : OTHER;
        relation = isStart && known.length() >= MIN_START_CHARS ? IS_START_OF_TYPED : relation;
        relation = distance <= 1 ? MISTYPED : relation;
        return new Nearness(name, relation, distance, Math.abs(known.length() - typed.length()));
    }

    private static int relation(String typed, String known) {
        if (known.startsWith(typed)) {
            return known.length() == typed.length() ? SAME : STARTS_WITH_TYPED;
        }
        int at = known.indexOf(typed);
        for (int next = at; next > 0; next = known.indexOf(typed, next + 1)) {
            if (!Character.isLetterOrDigit(known.charAt(next - 1))) {
                return HAS_WORD_THAT_STARTS_WITH_TYPED;
            }
        }
        return at > 0 ? CONTAINS_TYPED : OTHER;
    }

    /** Splits {@code user@1000.service/syncthing.service} into user, 1000, service and so on. */
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i == name.length() || !Character.isLetterOrDigit(name.charAt(i))) {
                if (i > start) {
                    words.add(name.substring(start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    /** Returns whether the known name was typed without some letters: {@code cmd}, command. */
    private static boolean isShortened(String typed, String known) {
        int found = 0;
        for (int i = 0; i < known.length() && found < typed.length(); i++) {
            found += known.charAt(i) == typed.charAt(found) ? 1 : 0;
        }
        return found == typed.length() && typed.charAt(0) == known.charAt(0);
    }

    /**
     * Returns how many edits turn one name into the other, if an edit inserts, removes or replaces
     * a character, or swaps two neighbours (the optimal string alignment distance).
     */
    static int distance(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                boolean isSame = from.charAt(i - 1) == to.charAt(j - 1);
                int replaced = last[j - 1] + (isSame ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (isSwapped(from, i, to, j)) {
                    row[j] = Math.min(row[j], 1 + beforeLast[j - 2]);
                }
            }
        }
        return row[to.length()];
    }

    private static boolean isSwapped(String from, int i, String to, int j) {
        return i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
    }
}

// lib/psm/text/Problem.java

/**
 * Something that is wrong with the host or an installation.
 *
 * @param what the file or setting that is wrong, and how
 * @param remedy what the user has to do, such as {@code run 'chmod o-w /opt'}
 */
record Problem(String what, String remedy) {
    /** Returns both in one line; what is wrong alone if nothing is known to help. */
    public String line() {
        return remedy == null || remedy.isEmpty() ? what : what + "; " + remedy;
    }
}

// lib/psm/text/Sizes.java

/** Formats sizes for people, in a unit. May be shared between threads. */
final class Sizes {
    /** The letters of the units, in their order. */
    private static final String LETTERS = "BKMGTP";

    /** The first number for which {@code Psm.Unit.AUTO} uses the next larger unit. */
    private static final long AUTO_LIMIT = 1_000;

    private static final int MAX_DIGITS = 18;

    private final boolean isAuto;
    private final boolean si;

    /** The number of bytes in one unit. */
    private final long bytes;

    private final String unit;

    /**
     * Takes the unit.
     *
     * @param si whether units are powers of 1,000 instead of 1,024
     */
    public Sizes(Psm.Unit unit, boolean si) {
        this.isAuto = unit == Psm.Unit.AUTO;
        this.si = si;
        int power = isAuto ? 0 : unit.ordinal() - Psm.Unit.B.ordinal();
        this.bytes = power(power);
        this.unit =
                isAuto
                        ? ""
                        : power == 0 ? "B" : (power == 1 && si ? "k" : LETTERS.charAt(power)) + "B";
    }

    private long power(int exponent) {
        long power = 1;
        for (int i = 0; i < exponent; i++) {
            power *= si ? 1_000 : 1_024;
        }
        return power;
    }

    /** Returns the title of a column of sizes together with their unit. */
    public String titled(String title) {
        return isAuto ? title : unit + ' ' + title;
    }

    /** Explains the unit in words. */
    public String inWords() {
        String factor = si ? "1,000" : "1,024";
        if (isAuto || bytes == 1) {
            return isAuto ? "K, M, G and T are powers of " + factor + " bytes" : "B are bytes";
        }
        return si
                ? unit + " are " + bytes + " bytes"
                : unit + " are 2^" + Long.numberOfTrailingZeros(bytes) + " bytes";
    }

    /** Formats a size in the unit: without decimals in bytes, else with one. */
    public String of(long size) {
        if (isAuto) {
            return auto(size);
        }
        return bytes == 1 ? Long.toString(size) : tenths(inTenths(size, bytes));
    }

    private String auto(long size) {
        int power = 0;
        long one = 1;
        while (power < LETTERS.length() - 1 && Math.abs(size / one) >= AUTO_LIMIT) {
            power++;
            one = power(power);
        }
        String number = one == 1 ? Long.toString(size) : tenths(inTenths(size, one));
        return number + LETTERS.charAt(power);
    }

    /**
     * Converts a size to tenths of a unit, rounded as C and Go round {@code %.1f}: to the nearest
     * tenth, or to the even one if two are equally near. ({@link String#format} rounds ties up, and
     * uses the locale's digits.)
     */
    private static long inTenths(long size, long one) {
        if (size < 0) {
            return -inTenths(size == Long.MIN_VALUE ? Long.MAX_VALUE : -size, one);
        }
        long whole = size / one;
        // No overflow: this is at most 10 * 2^50, since P is the largest unit.
        long scaled = (size % one) * 10;
        long tenths = scaled / one;
        long rest = scaled % one;
        long other = one - rest;
        if (rest > other || (rest == other && (tenths & 1) == 1)) {
            tenths++;
        }
        return whole * 10 + tenths;
    }

    /** Formats a number of tenths, with one decimal. */
    public static String tenths(long tenths) {
        long positive = Math.abs(tenths);
        return (tenths < 0 ? "-" : "") + positive / 10 + "." + positive % 10;
    }

    /**
     * Parses a size such as {@code 10M} or {@code 1.5G}, in powers of 1,024; without a letter it is
     * in bytes.
     *
     * @return {@link Missing#VALUE} if the text is not a size
     */
    public static long parse(String text) {
        String number = text.toUpperCase(Locale.ROOT);
        String suffix = number.endsWith("IB") ? "IB" : "B";
        if (number.endsWith(suffix) && number.length() > suffix.length()) {
            number = number.substring(0, number.length() - suffix.length());
        }
        int letter = number.isEmpty() ? -1 : LETTERS.indexOf(number.charAt(number.length() - 1));
        if (letter > 0) {
            number = number.substring(0, number.length() - 1);
        }
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String decimals = point < 0 ? "0" : number.substring(point + 1);
        if (!areDigits(whole) || !areDigits(decimals)) {
            return Missing.VALUE;
        }
        double bytes =
                Double.parseDouble(whole + '.' + decimals) * (1L << (10 * Math.max(0, letter)));
        return bytes >= Long.MAX_VALUE ? Missing.VALUE : (long) bytes;
    }

    private static boolean areDigits(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= MAX_DIGITS;
    }
}

// lib/psm/text/Text.java

/**
 * Decodes, encodes, cuts and escapes text. Any user can choose names of processes and files, which
 * may contain every byte except 0.
 *
 * <p>A byte that is not part of UTF-8 is decoded to the lone surrogate U+DC00 + byte, so that no
 * byte is lost and no two names become the same.
 */
final class Text {
    /** The length to which names of programs are cut, in code points. */
    public static final int MAX_NAME_CHARS = 256;

    private static final char SURROGATE_BASE = '\uDC00';

    private static final long SECONDS_PER_DAY = 86_400;

    /** The days of 400 years, after which the calendar repeats itself. */
    private static final long DAYS_PER_ERA = 146_097;

    private Text() {}

    /** Decodes {@code bytes[from..to)}. */
    public static String decode(byte[] bytes, int from, int to) {
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

    /** Returns the bytes that {@link #decode} turns into a text. */
    public static byte[] encode(String text) {
        int length = text.length();
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c >= 0x80) {
                return encodeUtf8(text);
            }
            bytes[i] = (byte) c;
        }
        return bytes;
    }

    private static byte[] encodeUtf8(String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(2 * text.length());
        int from = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (isUndecodedByte(c)) {
                out.writeBytes(text.substring(from, i).getBytes(StandardCharsets.UTF_8));
                out.write(c - SURROGATE_BASE);
                from = i + 1;
            }
            i += Character.charCount(c);
        }
        out.writeBytes(text.substring(from).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    /**
     * Formats a time to the second, as {@code 2026-11-23T15:51:01Z}. The result is that of {@link
     * Instant#toString} for the years 0 to 9999, but no other class of java.time is loaded, which
     * saves time in a run without options. The date is computed by civil_from_days of Howard
     * Hinnant's chrono-compatible low-level date algorithms, whose years start in March.
     */
    public static String utc(Instant at) {
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

    /** Cuts a text to a number of characters (code points). */
    public static String cut(String text, int characters) {
        return text.length() <= characters || text.codePointCount(0, text.length()) <= characters
                ? text
                : text.substring(0, text.offsetByCodePoints(0, characters));
    }

    /** Returns whether the bytes of a text are valid UTF-8. */
    public static boolean isUtf8(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                int c = text.codePointAt(i);
                if (isUndecodedByte(c)) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }

    /**
     * Returns a text that is safe to print on a terminal: bytes that are not UTF-8, and characters
     * that are invisible or harmful, are escaped, as {@code \\x1b}.
     */
    public static String printable(String text) {
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
            if (isUndecodedByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (isHarmful(c)) {
                appendEscape(out, c);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /**
     * Returns what {@link #printable} returns, with each backslash doubled, so that no two texts
     * look the same.
     */
    public static String escaped(String text) {
        return printable(text.replace("\\", "\\\\"));
    }

    /** Returns a text that UTF-8 can encode: other bytes are escaped, as {@code \xff}. */
    public static String encodable(String text) {
        return isUtf8(text) ? text : withBytesEscaped(text, "\\");
    }

    /**
     * Returns a text whose bytes that are not UTF-8 are escaped, as {@code \xff}, with each
     * backslash doubled, so that no two texts look the same.
     */
    public static String escapedBytes(String text) {
        return withBytesEscaped(text, "\\\\");
    }

    private static String withBytesEscaped(String text, String backslash) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (isUndecodedByte(c)) {
                appendHex(out, c - SURROGATE_BASE);
            } else if (c == '\\') {
                out.append(backslash);
            } else {
                out.appendCodePoint(c);
            }
        }
        return out.toString();
    }

    /** Returns whether a character stands for a byte that is not UTF-8. */
    private static boolean isUndecodedByte(int c) {
        return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
    }

    /**
     * Returns whether a character is a control character, is invisible, reorders the text around
     * it, or is a blank other than ASCII's.
     */
    public static boolean isHarmful(int c) {
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
     * Returns whether a character is a letter or mark without width: a Default_Ignorable_Code_Point
     * of Unicode that is not a format character, or the blank of Braille.
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

// lib/psm/text/Version.java

/** Holds the version of psm. */
final class Version {
    /** The version, as {@code --version}, snapshots and installations show it. */
    public static final String CURRENT = "0.1.0";

    private Version() {}
}

// lib/psm/trust/AtomicFile.java

/**
 * A file that is written beside the one that it replaces, so that at any time either the whole old
 * file or the whole new one exists.
 */
final class AtomicFile implements AutoCloseable {
    private final Path file;
    private final Path part;

    private AtomicFile(Path file) {
        this.file = file;
        this.part = file.resolveSibling("." + file.getFileName() + ".part");
    }

    /** Writes the new file beside the old one. */
    public static AtomicFile beside(Path file, String content, String permissions)
            throws IOException {
        if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        AtomicFile atomic = new AtomicFile(file);
        Files.deleteIfExists(atomic.part); // an installation was killed
        Files.createFile(atomic.part, atMost("rw-------"));
        try {
            Files.writeString(atomic.part, content);
            Files.setPosixFilePermissions(
                    atomic.part, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            atomic.close();
            throw e;
        }
        return atomic;
    }

    /** Returns the new file, which has another name until it replaces the old one. */
    public Path part() {
        return part;
    }

    /** Puts the new file in the place of the old one. */
    public void replace() throws IOException {
        Files.move(part, file, ATOMIC_MOVE, REPLACE_EXISTING);
    }

    /** Writes a file, and replaces an older one if it exists. */
    public static void replace(Path file, String content, String permissions) throws IOException {
        try (AtomicFile atomic = beside(file, content, permissions)) {
            atomic.replace();
        }
    }

    /** Returns permissions for a new file or folder; the umask may remove some of them. */
    public static FileAttribute<Set<PosixFilePermission>> atMost(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** Deletes the new file, unless it is in its place. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(part);
    }
}

// lib/psm/trust/Capability.java

/**
 * A capability with which an ordinary user can read the memory sums of all processes, see
 * capabilities(7). The collector keeps one of them, and nothing else of root's.
 *
 * <p>The first that works is the best: whether it does depends on the kernel, on {@code hidepid},
 * on setpriv(1) and on what a container allows, so it is tried, not looked up.
 */
enum Capability {
    /** Opens smaps and smaps_rollup (since Linux 6.15), and neither exe nor anything to write. */
    PERFMON,
    /** Opens exe too, and lets its owner change what other processes do. */
    SYS_PTRACE;

    /**
     * The user and the group that the kernel itself uses for "nobody". Others may use them too, but
     * without the capability they can read nothing of the collector's, and change nothing in it.
     */
    private static final String NOBODY = "65534";

    /** Returns the start of a command line that drops all rights but this one. */
    public List<String> words() {
        String only = "-all,+" + name().toLowerCase(Locale.ROOT);
        return List.of(
                Subprocess.find("setpriv"),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=" + only,
                "--ambient-caps=" + only,
                "--bounding-set=" + only);
    }

    /** Returns whether a program with it can read the memory of this process, which is root's. */
    public boolean works() throws IOException {
        if (!Files.isExecutable(Path.of(words().get(0)))) {
            return false;
        }
        String rollup = "/proc/" + ProcessHandle.current().pid() + "/smaps_rollup";
        List<String> words = new ArrayList<>(words());
        words.addAll(List.of(Subprocess.find("cat"), rollup));
        Subprocess reader = Subprocess.run(words);
        return reader.exitCode() == 0 && reader.output().contains("Rss:");
    }

    /** Returns the name as in capabilities(7). */
    @Override
    public String toString() {
        return "CAP_" + name();
    }

    /** Returns the capability with a name as in capabilities(7), or {@code null}. */
    public static Capability named(String name) {
        for (Capability each : values()) {
            if (each.toString().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** Returns the first that works here, or {@code null}; only root can try. */
    public static Capability first() throws IOException {
        for (Capability each : values()) {
            if (each.works()) {
                return each;
            }
        }
        return null;
    }
}

// lib/psm/trust/Libraries.java

/**
 * The libraries that psm is built of, by the SHA-256 of their jars. They are the same as in the
 * file {@code checksums.sha256}, by which {@code jbangw} verifies what Maven downloads.
 */
final class Libraries {
    /** The SHA-256 of each jar, by its file name. */
    static final Map<String, String> SHA256 =
            Map.of(
                    "picocli-4.7.7.jar",
                    "f86e30fffd10d2b13b8caa8d4b237a7ee61f2ffccf5b1941de718b765d235bf8",
                    "jackson-core-2.22.4.jar",
                    "2d30c375cddea9657a1e1ef97547a2694b663b355facb4de53a097782b312d1a",
                    "commons-csv-1.14.1.jar",
                    "32be0e1e76673092f5d12cb790bd2acb6c2ab04c4ea6efc69ea5ee17911c24fe",
                    "commons-io-2.20.0.jar",
                    "df90bba0fe3cb586b7f164e78fe8f8f4da3f2dd5c27fa645f888100ccc25dd72",
                    "commons-codec-1.19.0.jar",
                    "5c3881e4f556855e9c532927ee0c9dfde94cc66760d5805c031a59887070af5f");

    private static final String VERSION = "-[0-9].*";

    private Libraries() {}

    /** Returns whether a jar is a library of psm, and not a plugin. */
    public static boolean contain(String name) {
        return SHA256.containsKey(name);
    }

    /**
     * Returns the library of which a jar is another version, or {@code null}. Such a jar is no
     * plugin: psm would run on it.
     */
    public static String otherVersion(String name) {
        for (String library : SHA256.keySet()) {
            boolean isSame =
                    library.replaceFirst(VERSION, "").equals(name.replaceFirst(VERSION, ""));
            if (isSame && !library.equals(name)) {
                return library;
            }
        }
        return null;
    }

    /**
     * Checks a copied jar, if it is one of psm's libraries. The copy is checked, not the original,
     * which another process may change meanwhile.
     *
     * @param original the file that it was copied from, for the message
     * @throws Failure if it is not the jar that psm is built of
     */
    public static void verify(Path copy, Path original) throws IOException, Failure {
        String name = original.getFileName().toString();
        String expected = SHA256.get(name);
        String other = otherVersion(name);
        if (other != null) {
            throw Failure.of(
                    "install: " + original + " is not the " + other + " that psm is built of",
                    null);
        }
        if (expected != null && !sha256(copy).equals(expected)) {
            throw Failure.of(
                    "install: "
                            + original
                            + " is not the "
                            + name
                            + " that psm is built of (its SHA-256 is another); remove it, so that"
                            + " it is downloaded anew",
                    null);
        }
    }

    private static String sha256(Path file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // each Java has it
        }
        try (InputStream in = Files.newInputStream(file)) {
            digest.update(in.readAllBytes());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}

// lib/psm/trust/RootOwned.java

/**
 * Checks whether only root can change the file that a path leads to: each folder on the way, and
 * each link and its target, must belong to root and be writable by no other user. A folder on the
 * way may be a sticky one, such as {@code /tmp}: other users cannot replace what is root's in it.
 * Access control lists need no extra check, since an entry cannot grant more than the group's
 * permissions.
 */
final class RootOwned {
    /** The largest number of links that the kernel follows in one path. */
    private static final int MAX_LINKS = 40;

    /**
     * The largest number of files that are checked below a folder. A JDK has about 500; a link to
     * the root of the file system would lead to millions.
     */
    private static final int MAX_FILES = 100_000;

    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int WRITABLE_BY_GROUP = 0020;

    private RootOwned() {}

    /**
     * Returns the first problem of a path, or {@code null}. A file that does not exist yet is not a
     * problem; but where another user can create it first, it must be checked once more.
     */
    public static Problem problem(Path path) throws IOException {
        return problem(path, false, true);
    }

    /**
     * Returns the first problem of a path that must exist, or {@code null}. Without a problem, no
     * other user can put another file in its place afterwards.
     */
    public static Problem problemOfExisting(Path path) throws IOException {
        return problem(path, false, false);
    }

    /**
     * Returns the first problem of a folder in which a path goes on, or {@code null}: it may be a
     * sticky one.
     */
    public static Problem problemOnTheWay(Path folder) throws IOException {
        return problem(folder, true, false);
    }

    private static Problem problem(Path path, boolean goesOn, boolean mayBeMissing)
            throws IOException {
        Deque<Path> names = new ArrayDeque<>();
        push(path.toAbsolutePath(), names);
        Path at = Path.of("/");
        Problem problem = problemOf(at, true);
        int links = 0;
        while (problem == null && !names.isEmpty()) {
            String name = names.pop().toString();
            if (name.equals("..")) {
                at = at.getParent() == null ? at : at.getParent();
                continue;
            }
            Path next = name.equals(".") ? at : at.resolve(name);
            if (!Files.exists(next, LinkOption.NOFOLLOW_LINKS)) {
                return mayBeMissing ? null : problem(next + " does not exist");
            }
            problem = problemOf(next, goesOn || !names.isEmpty());
            if (!Files.isSymbolicLink(next)) {
                at = next;
            } else if (++links > MAX_LINKS) {
                problem = problem(next + " contains too many links");
            } else {
                Path target = Files.readSymbolicLink(next);
                push(target, names);
                at = target.isAbsolute() ? Path.of("/") : at;
            }
        }
        return problem;
    }

    private static void push(Path path, Deque<Path> names) {
        for (int i = path.getNameCount() - 1; i >= 0; i--) {
            names.push(path.getName(i));
        }
    }

    /**
     * Returns the first problem of a folder or anything that it contains, also behind links, or
     * {@code null}.
     */
    public static Problem problemBelow(Path folder) throws IOException {
        Set<Path> seen = new HashSet<>();
        Deque<Path> links = new ArrayDeque<>(Set.of(folder));
        int files = 0;
        while (!links.isEmpty()) {
            Path link = links.pop();
            // A link in the folder may lead nowhere.
            Problem problem = problem(link, false, !link.equals(folder));
            if (problem != null) {
                return problem;
            }
            if (!Files.isDirectory(link) || !seen.add(link.toRealPath())) {
                continue;
            }
            try (Stream<Path> all = Files.walk(link.toRealPath())) {
                for (Iterator<Path> each = all.iterator(); each.hasNext(); ) {
                    Path path = each.next();
                    problem = problemOf(path, false);
                    if (problem == null && ++files > MAX_FILES) {
                        problem = problem(folder + " leads to more than " + MAX_FILES + " files");
                    }
                    if (problem != null) {
                        return problem;
                    }
                    if (Files.isSymbolicLink(path)) {
                        links.push(path);
                    }
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
        return null;
    }

    /**
     * Returns the problem of a file, folder or link itself, whatever its path is.
     *
     * @param isOnTheWay whether the path leads further: then it may be a sticky folder
     */
    private static Problem problemOf(Path path, boolean isOnTheWay) throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null; // it was deleted after it was listed
        }
        int uid = (Integer) found.get("uid");
        int mode = (Integer) found.get("mode");
        if (uid != 0) {
            return problem(path + " belongs to user " + uid + ", not to root");
        }
        boolean isSticky = (mode & STICKY) != 0 && isOnTheWay;
        if (isSticky || Files.isSymbolicLink(path)) {
            return null; // the permissions of a link mean nothing
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0) {
            return problem(path + " is writable by every user");
        }
        if ((mode & WRITABLE_BY_GROUP) != 0) {
            return problem(path + " is writable by its group");
        }
        return null;
    }

    /**
     * Returns a problem with the only remedy that is always right. A change of the owner or the
     * permissions would make root trust what another user may have written.
     */
    private static Problem problem(String what) {
        return new Problem(what, "use another that only root can write");
    }
}

// lib/psm/trust/Subprocess.java

/**
 * The result of a program that was run and has ended. The program gets nothing of psm's environment
 * but the locale, and {@code /} as its current folder, so that no variable and no file that another
 * user has laid changes what it does.
 *
 * @param exitCode its exit code
 * @param output what it wrote to standard output
 */
record Subprocess(int exitCode, String output) {
    private static final long MAX_MINUTES = 5;

    /** The environment variables by which Java decodes the names of files. */
    private static final Set<String> LOCALE = Set.of("LANG", "LC_ALL", "LC_CTYPE");

    /**
     * Runs a command and waits for its end; discards what it writes to standard error.
     *
     * @param words the absolute path of a program, and its arguments
     * @throws IOException if it cannot be started, or does not end
     */
    public static Subprocess run(List<String> words) throws IOException {
        if (!words.get(0).startsWith("/")) {
            throw new IOException(words.get(0) + " is not an absolute path");
        }
        ProcessBuilder builder = new ProcessBuilder(words).directory(new File("/"));
        builder.environment().keySet().retainAll(LOCALE);
        builder.redirectError(ProcessBuilder.Redirect.DISCARD);
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<Process> end = process.onExit().orTimeout(MAX_MINUTES, TimeUnit.MINUTES);
        end.exceptionally(late -> process.destroyForcibly() /* which ends its output */);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Subprocess(end.join().exitValue(), output);
        } catch (CompletionException e) {
            throw new IOException(words.get(0) + " did not end in " + MAX_MINUTES + " minutes", e);
        }
    }

    /**
     * Finds a program in the system's folders, whatever the PATH is.
     *
     * @return its absolute path; where it is missing, the path in {@code /usr/bin}
     */
    public static String find(String program) {
        for (String folder : List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")) {
            if (Files.isExecutable(Path.of(folder + program))) {
                return folder + program;
            }
        }
        return "/usr/bin/" + program;
    }
}

// lib/psm/smaps/EntryLayout.java

/**
 * The layout of the fields in an entry of {@code /proc/PID/smaps} or {@code smaps_rollup}, learned
 * from the last entry: its bytes, where the numbers are in them, and their values.
 *
 * <p>The kernel prints the same fields for each mapping, in the same order, with numbers that are
 * padded to the same width. So in the next entry, only the bytes that differ from the last entry
 * are read. If one of them is not part of a number, the layout does not fit and has to be learned
 * again. For an entry that fits, the values are always those that {@link SmapsParser} would read
 * line by line.
 *
 * <p>A line that contains no size, such as {@code VmFlags}, ends the layout; the parser reads it.
 * Not for sharing between threads.
 */
final class EntryLayout {
    /**
     * Twice the size of today's entries, which have about 25 lines. The parser reads the rest of
     * longer ones.
     */
    private static final int MAX_BYTES = 2048;

    private static final int MAX_LINES = 64;

    /**
     * The number of bytes that Arrays.mismatch compares in one step. If the compared ranges do not
     * start at multiples of it, code that is not compiled takes up to eight steps.
     */
    private static final int WORD_BYTES = 8;

    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);

    /** The value in {@link #lineAt} of bytes that are part of no number. */
    private static final byte NONE = -1;

    /** The bytes of the last entry's fields, from {@link #start} on. */
    private final byte[] bytes = new byte[WORD_BYTES + MAX_BYTES];

    /** The start of the fields; modulo {@link #WORD_BYTES} it equals their start in the input. */
    private int start;

    private int length;

    /** For each byte, the line whose padded number contains it, or {@link #NONE}. */
    private final byte[] lineAt = new byte[MAX_BYTES];

    private int lines;

    // By line: the place of its number, and the ordinal of its field; -1 for a field psm ignores.
    private final int[] numberFrom = new int[MAX_LINES];
    private final int[] numberTo = new int[MAX_LINES];
    private final int[] ordinals = new int[MAX_LINES];

    /** The figures of the last entry in kB, or {@link Missing#VALUE}, by {@link Usage.Field}. */
    final long[] kilobytes = new long[SmapsParser.FIELDS.length];

    /**
     * Reads the fields of an entry into {@link #kilobytes}, if the layout fits.
     *
     * @param from the end of the entry's header
     * @return the end of the fields, or {@code from} if the layout does not fit
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
            // Back to the start of a word: the bytes before are known to be the same.
            at = (start + numberTo[line]) & -WORD_BYTES;
        }
    }

    /** Moves the fields so that they start at the same offset within a word as the input. */
    private void align(byte[] input, int from) {
        int aligned = from & (WORD_BYTES - 1);
        if (start != aligned) {
            System.arraycopy(bytes, start, bytes, aligned, length);
            start = aligned;
        }
        System.arraycopy(input, from - start, bytes, 0, start);
    }

    /** Returns whether the input is long enough for an entry like the last. */
    boolean isWhole(int from, int to) {
        return to - from >= length;
    }

    /** Stores the number of a line; returns whether it is a number. */
    private boolean readNumber(int line, byte[] input, int from) {
        int end = from + numberTo[line];
        int i = afterBlanks(input, from + numberFrom[line], end);
        if (i == end) {
            return false;
        }
        long value = number(input, i, end);
        if (Missing.is(value)) {
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
     * Learns the layout from the fields of an entry, and reads them into {@link #kilobytes}.
     *
     * @param from the end of the entry's header
     * @return the start of the first line that is cut, or has another form
     */
    int learn(byte[] input, int from, int to) {
        length = 0;
        lines = 0;
        Arrays.fill(kilobytes, Missing.VALUE);
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

    /**
     * Learns a line; returns the start of the next one, or {@code at} for a line of another form.
     */
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
        if (stop == digits || newline >= end || input[newline] != '\n' || Missing.is(value)) {
            return at;
        }
        if (newline - at > SmapsParser.CARRY_BYTES) {
            return at; // the parser reads no more of a line than that
        }
        Usage.Field field = SmapsParser.fieldNamed(input, at, colon);
        if (field != null && (!isSize || kilobytes[field.ordinal()] != Missing.VALUE)) {
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

    /**
     * Parses {@code input[from..to)} as a number; returns {@link Missing#VALUE} if it is not a
     * number, or too large.
     */
    private static long number(byte[] input, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = input[i] - '0';
            if (digit < 0 || digit > 9) {
                return Missing.VALUE;
            }
            value = value * 10 + digit;
            if (value > SmapsParser.MAX_KB) {
                return Missing.VALUE;
            }
        }
        return value;
    }

    /** Returns whether a byte may be part of a field's name, which has no blanks. */
    private static boolean isLetter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_';
    }
}

// lib/psm/smaps/MappingKind.java

/**
 * What a mapping is used for. It follows from the mapping's line in {@code /proc/PID/smaps}
 * (permissions and name), and from whether it has pages of hugetlbfs.
 *
 * <p>For a program that can execute all that it can read (personality READ_IMPLIES_EXEC, old 32-bit
 * programs), all anonymous memory is {@link #JIT}.
 */
enum MappingKind {
    /** {@code [heap]}, whose end brk(2) moves; malloc also uses anonymous memory. */
    HEAP("heap"),
    /** The main thread's stack, and named stacks of others: {@code [stack:TID]}, 3.4 to 4.4. */
    STACK("stacks"),
    /** Private memory that belongs to no file, with or without a name. */
    ANONYMOUS("anonymous"),
    /** Executable memory that belongs to no file, and memory that is named after JIT code. */
    JIT("JIT code"),
    /** Executable parts of files. */
    FILE_TEXT("file text"),
    /** All other parts of files. */
    FILE_DATA("file data"),
    /** memfd, System V, shared anonymous memory and {@code /dev/shm}. */
    SHARED_MEMORY("shared memory"),
    /** Pages of hugetlbfs, mapped in any way. */
    HUGETLB("huge pages"),
    /** Memory of devices, and of kernel interfaces such as io_uring, perf and packet sockets. */
    DEVICE("devices"),
    /** Mappings that the kernel makes in each process: vdso, vvar, vsyscall. */
    VDSO("vdso"),
    /** Mappings named in brackets that psm does not know. */
    OTHER("other");

    private static final byte[] HEAP_NAME = ascii("[heap]");
    static final byte[] STACK_NAME = ascii("[stack]");
    private static final byte[] THREAD_STACK = ascii("[stack:");

    private static final byte[] NAMED = ascii("[anon:");
    private static final byte[] NAMED_SHARED = ascii("[anon_shmem:");

    /** The names that bionic and glibc give to stacks. */
    private static final byte[][] NAMED_STACKS = {
        ascii("[anon:stack_and_tls:"), ascii("[anon: glibc: pthread")
    };

    private static final byte[][] NAMED_JITS = {ascii("JIT"), ascii("jit-"), ascii("jit_")};

    private static final byte[] MEMFD = ascii("/memfd:");

    /** The name that .NET gives to JIT code; other names of it contain "jit" in any case. */
    private static final byte[] DOUBLE_MAPPER = ascii("/memfd:doublemapper");

    /** The kernel's name of shared anonymous memory. */
    private static final byte[] ZERO_DELETED = ascii("/dev/zero (deleted)");

    private static final byte[] ZERO = ascii("/dev/zero");
    private static final byte[] DEVICES = ascii("/dev/");

    private static final byte[][] SHARED_FILES = {
        ascii("/SYSV"), ascii("/dev/shm/"), ascii("/run/shm/"), ascii("/dev/ashmem")
    };

    private static final byte[][] HUGE_PAGES = {ascii("/anon_hugepage"), ascii("/dev/hugepages/")};

    /** The names of buffers for asynchronous I/O and graphics, which are not files. */
    private static final byte[][] DEVICE_FILES = {
        ascii("/[aio]"), ascii("/drm mm object"), ascii("/i915"), ascii("/dmabuf:")
    };

    private static final byte[][] KERNELS = {
        ascii("[vdso"), ascii("[vvar"), ascii("[vsyscall"), ascii("[vectors"), ascii("[sigpage")
    };

    /** Its name in reports; it never changes once released. */
    public final String inWords;

    MappingKind(String inWords) {
        this.inWords = inWords;
    }

    /**
     * Returns the kind of a mapping without pages of hugetlbfs.
     *
     * @param isExecutable whether its permissions contain an {@code x}
     * @param name bytes that contain the name of the mapping
     * @param from the index of the name's first byte
     * @param to the index after its last byte; {@code from} if the mapping has no name
     */
    static MappingKind of(boolean isExecutable, byte[] name, int from, int to) {
        if (from == to) {
            return isExecutable ? JIT : ANONYMOUS;
        }
        return switch (name[from]) {
            case '/' -> ofFile(isExecutable, name, from, to);
            case '[' -> ofBracket(isExecutable, name, from, to);
            default -> DEVICE; // anon_inode:[perf], socket:[4711]
        };
    }

    private static MappingKind ofFile(boolean isExecutable, byte[] name, int from, int to) {
        if (startsWith(MEMFD, name, from, to)) {
            boolean isJit =
                    isExecutable
                            || startsWith(DOUBLE_MAPPER, name, from, to)
                            || hasJit(name, from, to);
            return isJit ? JIT : SHARED_MEMORY;
        }
        if (Arrays.equals(ZERO_DELETED, 0, ZERO_DELETED.length, name, from, to)) {
            return isExecutable ? JIT : SHARED_MEMORY;
        }
        if (startsWithAny(SHARED_FILES, name, from, to)) {
            return SHARED_MEMORY;
        }
        if (startsWithAny(HUGE_PAGES, name, from, to)) {
            return HUGETLB;
        }
        if (Arrays.equals(ZERO, 0, ZERO.length, name, from, to)) {
            return isExecutable ? JIT : ANONYMOUS; // private, of the device
        }
        if (startsWith(DEVICES, name, from, to) || startsWithAny(DEVICE_FILES, name, from, to)) {
            return DEVICE;
        }
        return isExecutable ? FILE_TEXT : FILE_DATA;
    }

    private static MappingKind ofBracket(boolean isExecutable, byte[] name, int from, int to) {
        if (startsWith(NAMED, name, from, to)) {
            if (startsWithAny(NAMED_STACKS, name, from, to)) {
                return STACK;
            }
            return isExecutable || hasAny(NAMED_JITS, name, from, to) ? JIT : ANONYMOUS;
        }
        if (startsWith(NAMED_SHARED, name, from, to)) {
            return isExecutable || hasAny(NAMED_JITS, name, from, to) ? JIT : SHARED_MEMORY;
        }
        if (Arrays.equals(HEAP_NAME, 0, HEAP_NAME.length, name, from, to)) {
            return HEAP;
        }
        if (Arrays.equals(STACK_NAME, 0, STACK_NAME.length, name, from, to)
                || isThreadStack(name, from, to)) {
            return STACK;
        }
        return startsWithAny(KERNELS, name, from, to) ? VDSO : OTHER;
    }

    /** Returns whether a name is that of a thread's stack, such as {@code [stack:4711]}. */
    static boolean isThreadStack(byte[] name, int from, int to) {
        int i = from + THREAD_STACK.length;
        if (to - 1 <= i || name[to - 1] != ']' || !startsWith(THREAD_STACK, name, from, to)) {
            return false;
        }
        while (SmapsParser.isDigit(name[i])) {
            i++;
        }
        return i == to - 1;
    }

    private static boolean startsWith(byte[] start, byte[] name, int from, int to) {
        int end = from + start.length;
        return end <= to && Arrays.equals(start, 0, start.length, name, from, end);
    }

    private static boolean startsWithAny(byte[][] starts, byte[] name, int from, int to) {
        for (byte[] start : starts) {
            if (startsWith(start, name, from, to)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasAny(byte[][] parts, byte[] name, int from, int to) {
        for (int i = from; i < to; i++) {
            if (startsWithAny(parts, name, i, to)) {
                return true;
            }
        }
        return false;
    }

    /** The bit by which small letters of ASCII differ from capitals. */
    private static final int SMALL = 0x20;

    private static boolean hasJit(byte[] name, int from, int to) {
        for (int i = from; i + 2 < to; i++) {
            if ((name[i] | SMALL) == 'j'
                    && (name[i + 1] | SMALL) == 'i'
                    && (name[i + 2] | SMALL) == 't') {
                return true;
            }
        }
        return false;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}

// lib/psm/smaps/MappingTable.java

/**
 * A hash table from the names of mappings, which are bytes, to rows of numbers. It makes no object
 * for a name or a row.
 *
 * <p>The number of rows is limited, and all tables of a scan share a budget of bytes. The row
 * {@link #OTHERS} takes the numbers of names that do not fit. If such a name fits later, its row
 * lacks the numbers before that. Not for sharing between threads.
 */
final class MappingTable {
    /** The row of all names that do not fit. */
    public static final int OTHERS = 0;

    /**
     * The largest number of rows. If it is too low, {@link #OTHERS} contains much of the memory of
     * a host with many programs; if it is too high, one process that maps very many files fills the
     * heap with useless names.
     */
    static final int MAX_ROWS = 1 << 14;

    /** PATH_MAX. Longer names are rare, and are the same if they start with the same bytes. */
    static final int MAX_NAME_BYTES = 4096;

    private static final int FIRST_ROWS = 256;
    private static final int FIRST_NAME_BYTES = 16 << 10;

    /** The largest total size of the names in a table. */
    private static final int MAX_NAMES_BYTES = 2 << 20;

    /** The size of a row without its numbers: the end of its name, its hash, and two places. */
    private static final int ROW_BYTES = 16;

    /**
     * The multiplier of hashes. It differs in each run, so that no user can choose names whose
     * hashes collide, and it is odd, so that no bit is lost.
     */
    private static final int MULTIPLIER = (int) System.nanoTime() << 4 | 0x2b;

    private final int columns;

    /** The number of bytes by which all tables of the scan may still grow. */
    private final AtomicLong budget;

    /** The numbers, row by row, {@link #columns} in each. */
    private long[] cells;

    private int rows;
    private byte[] names = new byte[FIRST_NAME_BYTES];

    /** The end of each row's name in {@link #names}, by row; the next name starts there. */
    private int[] nameEnds = new int[FIRST_ROWS];

    private int[] hashes = new int[FIRST_ROWS];

    /**
     * The rows, each at the place of its name's hash or after it; {@link #OTHERS} in free places.
     */
    private int[] places = new int[2 * FIRST_ROWS];

    /** The row that was found last: consecutive mappings often have the same name. */
    private int last;

    MappingTable(int columns, AtomicLong budget) {
        this.columns = columns;
        this.budget = budget;
        this.cells = new long[FIRST_ROWS * columns];
        clear();
    }

    /** Forgets all rows, and keeps its arrays. */
    void clear() {
        rows = 1;
        last = OTHERS;
        Arrays.fill(cells, 0, columns, 0);
        Arrays.fill(places, OTHERS);
    }

    /** Returns the number of rows, including {@link #OTHERS}. */
    public int rows() {
        return rows;
    }

    /** Returns the numbers, row by row. Adding a row may replace the array. */
    public long[] cells() {
        return cells;
    }

    /** Returns the index of a row's first number. */
    int cell(int row) {
        return row * columns;
    }

    /**
     * Returns the row of the name in {@code bytes[from..to)}; adds a row of zeros for a new one.
     */
    int row(byte[] bytes, int from, int to) {
        if (last == OTHERS || !isNamed(last, bytes, from, to)) {
            last = row(hash(bytes, from, to), bytes, from, to);
        }
        return last;
    }

    /** Returns the row for the name of a row of another table. */
    int row(MappingTable other, int row) {
        if (row == OTHERS) {
            return OTHERS;
        }
        return row(other.hashes[row], other.names, other.nameStart(row), other.nameEnds[row]);
    }

    private int row(int hash, byte[] bytes, int from, int to) {
        int place = hash & (places.length - 1);
        while (places[place] != OTHERS) {
            int row = places[place];
            if (hashes[row] == hash && isNamed(row, bytes, from, to)) {
                return row;
            }
            place = (place + 1) & (places.length - 1);
        }
        return fits(to - from) ? added(hash, bytes, from, to) : OTHERS;
    }

    private boolean isNamed(int row, byte[] bytes, int from, int to) {
        return Arrays.equals(names, nameStart(row), nameEnds[row], bytes, from, to);
    }

    private int nameStart(int row) {
        return nameEnds[row - 1];
    }

    private int added(int hash, byte[] bytes, int from, int to) {
        int row = rows++;
        int start = nameStart(row);
        System.arraycopy(bytes, from, names, start, to - from);
        nameEnds[row] = start + to - from;
        hashes[row] = hash;
        place(row);
        Arrays.fill(cells, cell(row), cell(row + 1), 0);
        return row;
    }

    private void place(int row) {
        int place = hashes[row] & (places.length - 1);
        while (places[place] != OTHERS) {
            place = (place + 1) & (places.length - 1);
        }
        places[place] = row;
    }

    private static int hash(byte[] bytes, int from, int to) {
        int hash = to - from;
        for (int i = from; i < to; i++) {
            hash = (hash ^ bytes[i]) * MULTIPLIER;
            hash ^= hash >>> 15;
        }
        return hash;
    }

    /** Returns whether one more row fits, after growing the arrays if needed. */
    private boolean fits(int nameBytes) {
        int used = nameEnds[rows - 1];
        while (used + nameBytes > names.length) {
            if (names.length >= MAX_NAMES_BYTES || !takeBytes(names.length)) {
                return false;
            }
            names = Arrays.copyOf(names, 2 * names.length);
        }
        return rows < nameEnds.length || growRows();
    }

    private boolean growRows() {
        int capacity = nameEnds.length;
        if (capacity >= MAX_ROWS
                || !takeBytes((long) capacity * (columns * Long.BYTES + ROW_BYTES))) {
            return false;
        }
        cells = Arrays.copyOf(cells, 2 * cells.length);
        nameEnds = Arrays.copyOf(nameEnds, 2 * capacity);
        hashes = Arrays.copyOf(hashes, 2 * capacity);
        places = new int[2 * places.length];
        for (int row = 1; row < rows; row++) {
            place(row);
        }
        return true;
    }

    private boolean takeBytes(long bytes) {
        if (budget.addAndGet(-bytes) >= 0) {
            return true;
        }
        budget.addAndGet(bytes);
        return false;
    }

    /** Returns the name of a row; one that was cut ends in {@code (cut)}. */
    String name(int row) {
        int from = nameStart(row);
        int to = nameEnds[row];
        return to - from > MAX_NAME_BYTES
                ? Text.decode(names, from, from + MAX_NAME_BYTES) + "\u2026 (cut)"
                : Text.decode(names, from, to);
    }
}

// lib/psm/smaps/Mappings.java

/**
 * The mappings of all processes of a scan, by name and by kind. Their figures are those of {@link
 * Usage}, half kilobytes included, so that they add up to the figures of the processes.
 *
 * <p>During a scan, the scan's lock guards it; afterwards it is only read, and may be shared
 * between threads.
 */
final class Mappings {
    /** The numbers of a row: two counts, and then sums of bytes, or {@link Missing#VALUE}. */
    public enum Figure {
        MAPPINGS,
        /**
         * The number of processes with such mappings; processes that share an address space count
         * once.
         */
        PROCESSES,
        /** {@link Usage#ram}. */
        PSS,
        /** {@link Usage#unique}. */
        PRIVATE,
        /** {@link Usage#shared}, computed for each process. */
        SHARED,
        /** The kernel's Swap. */
        SWAP_WITH_SHARED,
        SHARED_HUGETLB,
        /** {@link Usage#swapped}. */
        SWAP,
        RSS;

        private long of(Usage usage) {
            return switch (this) {
                case MAPPINGS -> usage.mappings;
                case PROCESSES -> 1;
                case PSS -> usage.ram();
                case PRIVATE -> usage.unique();
                case SHARED -> usage.shared();
                case SWAP_WITH_SHARED -> usage.bytes(Usage.Field.SWAP);
                case SHARED_HUGETLB -> usage.bytes(Usage.Field.SHARED_HUGETLB);
                case SWAP -> usage.swapped();
                case RSS -> usage.bytes(Usage.Field.RSS);
            };
        }
    }

    private static final Figure[] FIGURES = Figure.values();
    private static final MappingKind[] KINDS = MappingKind.values();

    /**
     * The number of bytes by which all tables of a scan may grow: one for all processes, and one
     * for each thread. (There can be dozens of threads if processes are stuck.) If it is too low,
     * names are missing; if it is too high, nothing of the 64 MB heap is left for the report.
     */
    private static final long MAX_GROWTH_BYTES = 24L << 20;

    private static final int BYTES_PER_KB = 1024;

    /** The number of bytes by which the tables may still grow. */
    final AtomicLong budget = new AtomicLong(MAX_GROWTH_BYTES);

    private final MappingTable names = new MappingTable(FIGURES.length, budget);

    /** The numbers of the kinds: a row for each, by ordinal. */
    private final long[] kinds = new long[KINDS.length * FIGURES.length];

    /**
     * Adds the mappings of a process.
     *
     * @param usage the sums over them
     */
    public void add(ProcessMappings process, Usage usage) {
        MappingTable theirs = process.names();
        for (int row = 0; row < theirs.rows(); row++) {
            if (theirs.cells()[theirs.cell(row) + ProcessMappings.MAPPINGS] > 0) {
                int own = names.row(theirs, row);
                add(names.cells(), names.cell(own), theirs.cells(), theirs.cell(row), usage);
            }
        }
        for (int i = 0; i < KINDS.length; i++) {
            int from = i * ProcessMappings.COLUMNS;
            add(kinds, i * FIGURES.length, process.kinds(), from, usage);
        }
    }

    /** Adds a row of a process. A field is missing only if it is missing for the whole process. */
    private static void add(long[] cells, int to, long[] theirs, int from, Usage process) {
        int mappings = (int) theirs[from + ProcessMappings.MAPPINGS];
        if (mappings == 0) {
            return;
        }
        long[] sums = new long[SmapsParser.FIELDS.length];
        for (int i = 0; i < sums.length; i++) {
            boolean isAbsent = process.sums[i] == Missing.VALUE;
            sums[i] = isAbsent ? Missing.VALUE : theirs[from + i] * BYTES_PER_KB;
        }
        int cutPss = (int) theirs[from + ProcessMappings.CUT_PSS];
        int cutSwapPss = (int) theirs[from + ProcessMappings.CUT_SWAP_PSS];
        Usage usage = new Usage(sums, Missing.VALUE, mappings, cutPss, cutSwapPss);
        if (cells[to + Figure.PROCESSES.ordinal()] == 0) {
            Arrays.fill(cells, to, to + FIGURES.length, Missing.VALUE);
        }
        for (Figure figure : FIGURES) {
            int cell = to + figure.ordinal();
            cells[cell] = Missing.plus(cells[cell], figure.of(usage));
        }
    }

    /** Returns the number of rows by name; some of them may be empty. */
    public int names() {
        return names.rows();
    }

    /** Returns the name of a row; {@code null} for the row of the names that do not fit. */
    public String name(int row) {
        return row == MappingTable.OTHERS ? null : names.name(row);
    }

    /** Returns the figures of a row of {@link #names}, by {@link Figure#ordinal}. */
    public long[] ofName(int row) {
        return figures(names.cells(), names.cell(row));
    }

    /** Returns the figures of all mappings of one kind, by {@link Figure#ordinal}. */
    public long[] ofKind(MappingKind kind) {
        return figures(kinds, kind.ordinal() * FIGURES.length);
    }

    private static long[] figures(long[] cells, int first) {
        return Arrays.copyOfRange(cells, first, first + FIGURES.length);
    }
}

// lib/psm/smaps/ProcessMappings.java

/**
 * The mappings of one process, by name and by kind. {@link SmapsParser} calls {@link #start} for
 * each mapping, and {@link #end} when its fields are read. Figures are in kB, as the kernel prints
 * them.
 *
 * <p>One object serves many processes, one after the other. Not for sharing between threads.
 */
final class ProcessMappings {
    /** The limit for the bytes before a mapping's name; the kernel prints fewer than 100. */
    private static final int HEADER_BYTES = 256;

    /**
     * The limit for a header: one byte more than the longest name, so that a longer name is
     * noticed.
     */
    static final int MAX_HEADER_BYTES = HEADER_BYTES + MappingTable.MAX_NAME_BYTES + 1;

    // The indexes in a row after those of the fields, which are their ordinals.
    public static final int MAPPINGS = SmapsParser.FIELDS.length;
    static final int CUT_PSS = MAPPINGS + 1;
    static final int CUT_SWAP_PSS = MAPPINGS + 2;
    public static final int COLUMNS = MAPPINGS + 3;

    /** The number of words before a name: addresses, permissions, offset, device and inode. */
    private static final int WORDS_BEFORE_NAME = 5;

    private static final byte[] ANONYMOUS = "[anonymous]".getBytes(StandardCharsets.US_ASCII);

    private static final MappingKind[] KINDS = MappingKind.values();

    private final MappingTable names;

    /** The numbers of the kinds: a row for each, by ordinal. */
    private final long[] kinds = new long[KINDS.length * COLUMNS];

    // The row and the kind of the mapping that was started last.
    private int row;
    private MappingKind kind;

    /**
     * Makes an empty table of one process's mappings.
     *
     * @param scan the owner of the budget of bytes
     */
    public ProcessMappings(Mappings scan) {
        names = new MappingTable(COLUMNS, scan.budget);
    }

    /** Starts another process. */
    void clear() {
        names.clear();
        Arrays.fill(kinds, 0);
    }

    public MappingTable names() {
        return names;
    }

    public long[] kinds() {
        return kinds;
    }

    /**
     * Starts a mapping.
     *
     * @param bytes the array with its line in {@code [from..to)}, up to {@link #MAX_HEADER_BYTES}
     *     and without the newline; it is not kept
     */
    void start(byte[] bytes, int from, int to) {
        int permissions = from;
        int name = from;
        for (int word = 0; word < WORDS_BEFORE_NAME; word++) {
            while (name < to && bytes[name] != ' ') {
                name++;
            }
            while (name < to && bytes[name] == ' ') {
                name++;
            }
            permissions = word == 0 ? name : permissions;
        }
        boolean isExecutable = permissions + 2 < to && bytes[permissions + 2] == 'x';
        int end = Math.min(to, name + MappingTable.MAX_NAME_BYTES + 1);
        kind = MappingKind.of(isExecutable, bytes, name, end);
        row = row(bytes, name, end);
    }

    private int row(byte[] bytes, int name, int end) {
        if (name == end) {
            return names.row(ANONYMOUS, 0, ANONYMOUS.length);
        }
        if (MappingKind.isThreadStack(bytes, name, end)) {
            return names.row(MappingKind.STACK_NAME, 0, MappingKind.STACK_NAME.length);
        }
        return names.row(bytes, name, end);
    }

    /**
     * Adds the figures of the mapping that was started last.
     *
     * @param kilobytes by {@link Usage.Field#ordinal}, or {@link Missing#VALUE}
     * @param cutPss 1 if a fraction of its Pss was cut off, else 0
     * @param cutSwapPss 1 if a fraction of its SwapPss was cut off, else 0
     */
    void end(long[] kilobytes, int cutPss, int cutSwapPss) {
        boolean isHuge =
                kilobytes[Usage.Field.PRIVATE_HUGETLB.ordinal()] > 0
                        || kilobytes[Usage.Field.SHARED_HUGETLB.ordinal()] > 0;
        int kindRow = (isHuge ? MappingKind.HUGETLB : kind).ordinal();
        add(names.cells(), names.cell(row), kilobytes, cutPss, cutSwapPss);
        add(kinds, kindRow * COLUMNS, kilobytes, cutPss, cutSwapPss);
    }

    private static void add(long[] cells, int cell, long[] kilobytes, int cutPss, int cutSwapPss) {
        for (int i = 0; i < kilobytes.length; i++) {
            // No overflow: the parser checks the sums over all mappings.
            cells[cell + i] += Math.max(0, kilobytes[i]);
        }
        cells[cell + MAPPINGS]++;
        cells[cell + CUT_PSS] += cutPss;
        cells[cell + CUT_SWAP_PSS] += cutSwapPss;
    }
}

// lib/psm/smaps/SmapsFormatException.java

/**
 * Reports a malformed smaps or smaps_rollup: a known field without a number, a number that does not
 * fit into a {@code long}, or a line that is too long.
 */
final class SmapsFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception for a place in a file.
     *
     * @param problem what is wrong, printable
     * @param offset the start of the line, in bytes from the start of the file
     */
    SmapsFormatException(String problem, long offset) {
        super(problem + " (at byte " + offset + ")");
    }

    /**
     * Adds the name of the file to a problem.
     *
     * @param file smaps or smaps_rollup
     */
    public SmapsFormatException(String file, SmapsFormatException problem) {
        super(file + ": " + problem.getMessage(), problem);
    }
}

// lib/psm/smaps/SmapsParser.java

/**
 * Adds up the figures of {@code /proc/PID/smaps} or {@code smaps_rollup}, as any kernel since
 * 2.6.14 prints them. It takes the file in pieces.
 *
 * <p>One parser serves many files, one after the other: call {@link #start}, {@link #feed} for each
 * piece, and {@link #finish}. Pieces can be cut anywhere. Nothing is allocated before {@link
 * #finish}. Not for sharing between threads.
 *
 * <p>A mapping starts with a header, a line such as {@code 55d0c0ffe000-55d0c1000000 r-xp}; the
 * lines up to the next header are its fields. A field is identified by its whole name. Unknown
 * lines are skipped, since newer kernels add some.
 */
final class SmapsParser {
    /**
     * The number of bytes to keep of a line that continues in the next piece. Fields, and headers
     * without a name, have fewer than a hundred bytes. Longer lines end with the name of a file,
     * which only receivers of mappings need.
     */
    static final int CARRY_BYTES = 256;

    /**
     * The longest line that is accepted. If it is too low, a process that maps a file with a long
     * name is not measured (12,148 bytes were seen); if it is too high, a file that is not smaps is
     * read for a long time.
     */
    static final int MAX_LINE_BYTES = 64 * 1024;

    /**
     * How often to learn the layout in one file: a number that is wider than its padding moves the
     * bytes after it. If it is too low, such a file takes longer; if it is too high, a file in
     * which no entry fits takes longer.
     */
    private static final int MAX_LEARNED = 64;

    private static final byte[] HEAP = "[heap]".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);
    private static final int BYTES_PER_KB = 1024;

    /** The largest size that fits a {@code long} in bytes. */
    static final long MAX_KB = Long.MAX_VALUE / BYTES_PER_KB;

    public static final Usage.Field[] FIELDS = Usage.Field.values();

    /** The fields by the length of their names; {@code null} if no name has that length. */
    private static final Usage.Field[][] BY_LENGTH = fieldsByLength();

    /** The fields' names, by ordinal. */
    private static final byte[][] NAMES = fieldNames();

    /** The receiver of each mapping; {@code null} if only sums are wanted. */
    private final ProcessMappings receiver;

    /** The start of a cut line. Its length is the part of a line that is read. */
    private final byte[] carry;

    /** The length of the cut line so far, including bytes that did not fit into {@link #carry}. */
    private long carried;

    /** The offset in the file of the line that is being read. */
    private long lineOffset;

    // The layouts are kept from file to file: a kernel prints all files in the same way.
    private final EntryLayout smapsLayout = new EntryLayout();
    private final EntryLayout rollupLayout = new EntryLayout();

    private boolean rollup;

    /** The layout of this file's entries; {@code null} if they have no fields. */
    private EntryLayout layout;

    /** The number of times that the layout was learned in this file. */
    private int learned;

    /** The sums over all mappings by field, in kB or {@link Missing#VALUE}. */
    private final long[] sums = new long[FIELDS.length];

    /** The figures of the mapping that is being read by field, in kB or {@link Missing#VALUE}. */
    private final long[] mapping = new long[FIELDS.length];

    private boolean isHeap;
    private int heaps;
    private long heap;
    private int mappings;
    private int cutPss;
    private int cutSwapPss;

    /** Makes a parser for sums alone. */
    public SmapsParser() {
        this(null);
    }

    /**
     * Makes a parser for any number of files, one after the other.
     *
     * @param receiver the receiver of each mapping; {@code null} for sums alone
     */
    public SmapsParser(ProcessMappings receiver) {
        this.receiver = receiver;
        this.carry = new byte[receiver == null ? CARRY_BYTES : ProcessMappings.MAX_HEADER_BYTES];
        start(false);
    }

    /**
     * Forgets the last file's figures and starts another.
     *
     * @param rollup whether the kernel added up the figures before it cut them to whole kB
     */
    public void start(boolean rollup) {
        this.rollup = rollup;
        layout = rollup ? rollupLayout : smapsLayout;
        learned = 0;
        carried = 0;
        lineOffset = 0;
        Arrays.fill(sums, Missing.VALUE);
        isHeap = false;
        heaps = 0;
        heap = 0;
        mappings = 0;
        cutPss = 0;
        cutSwapPss = 0;
        if (receiver != null) {
            receiver.clear();
        }
    }

    /** Starts {@code /proc/PID/maps}, which contains headers alone. */
    public void startMaps() {
        start(false);
        layout = null;
    }

    /**
     * Reads the next piece of the file; the array is not kept.
     *
     * @throws SmapsFormatException if the value of a known field is not a size in kB, if a sum
     *     overflows, or if a line is longer than {@link #MAX_LINE_BYTES}
     */
    public void feed(byte[] bytes, int from, int to) throws SmapsFormatException {
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
            // Read no more of a line than fits into the carry, so that the size of pieces does not
            // matter.
            boolean isHeader = line(bytes, start, Math.min(end, start + carry.length));
            lineOffset += end + 1 - start;
            start = end + 1;
            if (isHeader && layout != null) {
                start = fields(bytes, start, to);
            }
        }
    }

    /** Reads the fields after a header whose layout is known; returns the end of these fields. */
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

    /** Returns the sums of the whole file. The last line need not end in a newline. */
    public Usage finish() throws SmapsFormatException {
        if (carried > 0) {
            carriedLine();
        }
        endMapping();
        return soFar();
    }

    /** Returns the sums of the mappings that were read completely, see {@link #heaps}. */
    public Usage soFar() {
        long[] bytes = new long[sums.length];
        for (int i = 0; i < sums.length; i++) {
            bytes[i] = toBytes(sums[i]);
        }
        long heapBytes =
                sums[Usage.Field.PSS.ordinal()] == Missing.VALUE ? Missing.VALUE : toBytes(heap);
        return new Usage(bytes, heapBytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * Returns the number of mappings named {@code [heap]} that were read completely: up to the next
     * mapping, or the end of the file.
     */
    public int heaps() {
        return heaps;
    }

    private static long toBytes(long kb) {
        return kb == Missing.VALUE ? Missing.VALUE : kb * BYTES_PER_KB;
    }

    private void carry(byte[] bytes, int from, int to) throws SmapsFormatException {
        int free = (int) Math.max(0, carry.length - carried);
        if (free > 0) {
            System.arraycopy(bytes, from, carry, (int) carried, Math.min(free, to - from));
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
        line(carry, 0, (int) Math.min(carried, carry.length));
        lineOffset += carried;
        carried = 0;
    }

    /** Reads a line; returns whether it is a header. */
    private boolean line(byte[] bytes, int from, int lineTo) throws SmapsFormatException {
        if (from == lineTo) {
            return false;
        }
        int to = Math.min(lineTo, from + CARRY_BYTES); // the sums are the same with a receiver
        if (isHexDigit(bytes[from])) {
            if (isHeader(bytes, from, to)) {
                endMapping();
                startMapping(bytes, from, to);
                if (receiver != null) {
                    receiver.start(bytes, from, lineTo);
                }
                return true;
            }
        } else if (mappings > 0) {
            field(bytes, from, to);
        }
        return false;
    }

    private void startMapping(byte[] bytes, int from, int to) {
        mappings++;
        Arrays.fill(mapping, Missing.VALUE);
        isHeap = isNamedHeap(bytes, from, to);
    }

    private void endMapping() throws SmapsFormatException {
        if (mappings == 0) {
            return;
        }
        for (int i = 0; i < sums.length; i++) {
            if (mapping[i] != Missing.VALUE) {
                sums[i] = sum(Math.max(0, sums[i]), mapping[i], FIELDS[i]);
            }
        }
        long pss = mapping[Usage.Field.PSS.ordinal()];
        if (isHeap) {
            heaps++;
            heap += Missing.orZero(pss); // part of the sum of Pss, so it does not overflow either
        }
        int cutPssBefore = cutPss;
        int cutSwapPssBefore = cutSwapPss;
        if (!rollup) {
            countCuts(pss);
        }
        if (receiver != null) {
            receiver.end(mapping, cutPss - cutPssBefore, cutSwapPss - cutSwapPssBefore);
        }
        Arrays.fill(mapping, Missing.VALUE);
    }

    private long sum(long kb, long more, Usage.Field field) throws SmapsFormatException {
        if (more > MAX_KB - kb) {
            throw new SmapsFormatException(
                    "the sum of " + field.kernelName + " overflows", lineOffset);
        }
        return kb + more;
    }

    private void countCuts(long pss) {
        if (pss != Missing.VALUE
                && (mapping[Usage.Field.SHARED_CLEAN.ordinal()] > 0
                        || mapping[Usage.Field.SHARED_DIRTY.ordinal()] > 0)) {
            cutPss++;
        }
        // Only Swap includes shared memory. Without SwapPss, no figure was divided and cut.
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

    /** Returns the field whose name is {@code bytes[from..to)}, or {@code null}. */
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

    /** Reads the rest of a line, which must be a size such as {@code " 1234 kB"}. */
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

    /** Returns whether a line starts with addresses such as {@code 55d0c0ffe000-55d0c1000000 }. */
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

    /** Returns whether a mapping is the heap; names of files start with a slash. */
    private static boolean isNamedHeap(byte[] bytes, int from, int to) {
        int name = to - HEAP.length;
        return name > from
                && bytes[name - 1] == ' '
                && Arrays.equals(HEAP, 0, HEAP.length, bytes, name, to)
                && isSixthWord(bytes, from, name);
    }

    /** Distinguishes the heap from a file whose name ends in {@code " [heap]"}. */
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

    /** Returns whether a byte may be part of an address; fields start with a capital instead. */
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

// lib/psm/smaps/Usage.java

/**
 * The memory of one process, from smaps or smaps_rollup: the sum of each field over all mappings,
 * in bytes. May be shared between threads.
 */
final class Usage {
    /** The fields of smaps that psm adds up. Each comment starts with the first kernel. */
    public enum Field {
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
        /** 2.6.26; includes shared memory that is swapped out. */
        SWAP("Swap"),
        /** 4.3; leaves out shared memory that is swapped out. */
        SWAP_PSS("SwapPss"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is anonymous. */
        PSS_ANON("Pss_Anon"),
        /** 5.3, in smaps_rollup alone: the part of Pss that belongs to files. */
        PSS_FILE("Pss_File"),
        /** 5.3, in smaps_rollup alone: the part of Pss that is shared memory and tmpfs. */
        PSS_SHMEM("Pss_Shmem"),
        /** 6.7: merged by the kernel's same-page merging, a part of Rss. */
        KSM("KSM"),
        /** About 2.6.37; equal to Pss on 4.14 to 4.18, by a kernel bug. */
        LOCKED("Locked");

        public final String kernelName;

        Field(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    /** The average that the kernel cuts off a figure with a fraction: it prints whole kB. */
    private static final long HALF_KB_BYTES = 512;

    /** The sums by {@link Field#ordinal}, in bytes or {@link Missing#VALUE}. */
    public final long[] sums;

    /**
     * Pss of the mappings named {@code [heap]}, in bytes; 0 without such a mapping, {@link
     * Missing#VALUE} without Pss.
     */
    public final long heap;

    public final int mappings;

    /**
     * The number of mappings whose Pss was cut to whole kB. 0 for a rollup, since the kernel adds
     * up the exact figures first.
     */
    public final int cutPss;

    /** The number of mappings whose SwapPss was cut to whole kB; 0 for a rollup. */
    public final int cutSwapPss;

    /** Makes figures from sums by {@link Field}; the array is kept. */
    public Usage(long[] sums, long heap, int mappings, int cutPss, int cutSwapPss) {
        this.sums = sums;
        this.heap = heap;
        this.mappings = mappings;
        this.cutPss = cutPss;
        this.cutSwapPss = cutSwapPss;
    }

    /**
     * Makes the figures of a process of which only these are known, in bytes or {@link
     * Missing#VALUE}.
     */
    public static Usage estimated(long resident, long swapped, long hugetlb) {
        long[] sums = new long[Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Field.RSS.ordinal()] = resident;
        sums[Field.SWAP_PSS.ordinal()] = swapped;
        sums[Field.SHARED_HUGETLB.ordinal()] = hugetlb;
        return new Usage(sums, Missing.VALUE, 0, 0, 0);
    }

    /** Returns the sum of a field as the kernel printed it, in bytes or {@link Missing#VALUE}. */
    public long bytes(Field field) {
        return sums[field.ordinal()];
    }

    /** Returns the same figures with the heap, which a rollup does not contain. */
    public Usage withHeap(long bytes) {
        return new Usage(sums, bytes, mappings, cutPss, cutSwapPss);
    }

    /**
     * Returns whether {@link #ram} is Rss, since Pss is missing. Rss is more than the process's
     * share: it includes all of each page that other processes map too.
     */
    public boolean isEstimated() {
        return bytes(Field.PSS) == Missing.VALUE && bytes(Field.RSS) != Missing.VALUE;
    }

    /**
     * Returns the proportional set size in bytes, or {@link Missing#VALUE}: private pages, the
     * process's share of shared pages, and private huge pages of hugetlbfs, which the kernel leaves
     * out of Pss. In a sum over processes, no page counts twice. It is Rss if the kernel has no
     * Pss, see {@link #isEstimated}.
     *
     * <p>smaps cuts each Pss to whole kB, which loses half a kB on average if it has a fraction.
     * Only a mapping with shared pages can have one, so half a kB is added for each of these.
     */
    public long ram() {
        long pss = isEstimated() ? bytes(Field.RSS) : bytes(Field.PSS);
        return pss == Missing.VALUE
                ? Missing.VALUE
                : Missing.plus(
                        Missing.plus(pss, cutPss * HALF_KB_BYTES), bytes(Field.PRIVATE_HUGETLB));
    }

    /** Returns the pages that only this process maps, with huge pages, or {@link Missing#VALUE}. */
    public long unique() {
        long clean = bytes(Field.PRIVATE_CLEAN);
        long dirty = bytes(Field.PRIVATE_DIRTY);
        long small = Missing.plus(clean, dirty);
        return Missing.is(small) ? small : Missing.plus(small, bytes(Field.PRIVATE_HUGETLB));
    }

    /**
     * Returns the process's share of pages that other processes map too, in bytes, or {@link
     * Missing#VALUE}. It is a part of {@link #ram}.
     */
    public long shared() {
        long ram = ram();
        long unique = unique();
        return ram == Missing.VALUE || unique == Missing.VALUE
                ? Missing.VALUE
                : Math.max(0, ram - unique);
    }

    /**
     * Returns swap in bytes, or {@link Missing#VALUE}: SwapPss, which divides swap entries among
     * forks, or if the kernel has no SwapPss, Swap, which counts them for each process.
     */
    public long swapped() {
        long swapPss = bytes(Field.SWAP_PSS);
        return Missing.is(swapPss)
                ? bytes(Field.SWAP)
                : Missing.plus(swapPss, cutSwapPss * HALF_KB_BYTES);
    }

    /**
     * Returns a number of bytes that is not less than any figure or any sum of figures; at most
     * {@link Long#MAX_VALUE}.
     */
    public long upperBound() {
        long sum = Missing.orZero(heap) + ((long) cutPss + cutSwapPss) * HALF_KB_BYTES;
        for (int i = 0; i < sums.length && sum >= 0; i++) {
            sum += Missing.orZero(sums[i]);
        }
        return sum < 0 ? Long.MAX_VALUE : sum;
    }
}

// lib/psm/proc/HidePid.java

/**
 * The mount option {@code hidepid} of {@code /proc}. With 2 (invisible) and 4 (ptraceable, 5.8), a
 * user sees only the processes that the user may trace; the others are not listed.
 */
final class HidePid {
    /** The bit of CAP_SYS_PTRACE in {@code CapEff} of status: its holders see all processes. */
    private static final long CAP_SYS_PTRACE = 1L << 19;

    private HidePid() {}

    /**
     * Returns whether the option hides processes from psm. Process 1 always exists: if it is not
     * listed, processes are hidden. If it is listed, all others are listed too, unless the user
     * owns process 1, as in many containers; then the mount option decides.
     *
     * @param pids the ids that are listed, ascending
     */
    public static boolean hidesOthers(ProcFs proc, int[] pids) {
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
            String status = new ProcFs(ProcFs.DEFAULT_ROOT).text("self/status");
            String effective = new KeyedLines(status).value("CapEff");
            return effective != null
                    && (Long.parseUnsignedLong(effective, 16) & CAP_SYS_PTRACE) != 0;
        } catch (IOException | NumberFormatException e) {
            return false;
        }
    }

    /** Returns whether psm may trace process 1, which it may if the user owns it. */
    private static boolean isOwn(ProcFs proc) {
        try {
            proc.link("1/exe");
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean hasOption(ProcFs proc) {
        String options = options(proc);
        return options.contains("hidepid=2")
                || options.contains("hidepid=invisible")
                || options.contains("hidepid=4")
                || options.contains("hidepid=ptraceable");
    }

    /**
     * Returns whether the option is set to any value, or cannot be read: each value hides at least
     * command lines.
     */
    public static boolean isOn(ProcFs proc) {
        String options = options(proc);
        return options.isEmpty() || options.contains("hidepid="); // never printed: hidepid=0
    }

    /**
     * Returns the mount options of /proc, from mountinfo, see proc(5). They look like {@code - proc
     * proc rw,hidepid=invisible}. Users can mount file systems too, so the line may be far down.
     *
     * @return an empty string if they cannot be read
     */
    private static String options(ProcFs proc) {
        StringBuilder options = new StringBuilder();
        try (InputStream in = proc.open("self/mountinfo");
                BufferedReader lines =
                        new BufferedReader(
                                new InputStreamReader(in, StandardCharsets.ISO_8859_1))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int type = line.indexOf(" - proc ");
                if (type > 0 && line.contains(" " + ProcFs.DEFAULT_ROOT + " ")) {
                    options.append(line, type, line.length());
                }
            }
        } catch (IOException e) {
            return "";
        }
        return options.toString();
    }
}

// lib/psm/proc/Host.java

/**
 * The host, by its files in {@code /proc}.
 *
 * @param name {@code sys/kernel/hostname}, or {@code null}
 * @param kernel {@code sys/kernel/osrelease}, or {@code null}
 * @param pressure {@code null} if it was not requested
 */
record Host(String name, String kernel, HostMemory memory, Pressure pressure) {
    /** A host about which nothing is known. */
    public static final Host UNKNOWN = new Host(null, null, HostMemory.NONE, null);

    /** Reads the host's files. */
    public static Host read(ProcFs proc, boolean withPressure, boolean withUnlisted) {
        return new Host(
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                HostMemory.read(proc, withUnlisted),
                withPressure ? Pressure.read(proc) : null);
    }
}

// lib/psm/proc/HostMemory.java

/**
 * The kernel's own account of the host's memory. May be shared between threads.
 *
 * @param meminfo the content of {@code /proc/meminfo}; empty if there is none
 * @param unlisted the memory that is not in it
 */
record HostMemory(String meminfo, UnlistedMemory unlisted) {
    /** The account of a host about which nothing is known. */
    public static final HostMemory NONE = new HostMemory("", UnlistedMemory.UNKNOWN);

    /**
     * Reads the current account.
     *
     * @param withUnlisted whether to read more than meminfo
     */
    public static HostMemory read(ProcFs proc, boolean withUnlisted) {
        HostMemory listed = new HostMemory(readMeminfo(proc), UnlistedMemory.UNKNOWN);
        return withUnlisted
                ? new HostMemory(listed.meminfo, UnlistedMemory.read(proc, listed))
                : listed;
    }

    private static String readMeminfo(ProcFs proc) {
        try {
            return proc.text("meminfo");
        } catch (IOException e) {
            return "";
        }
    }

    /** Returns the same account, with what the files in {@code /sys} contain now. */
    public HostMemory withSys(ProcFs proc) {
        return new HostMemory(meminfo, unlisted.withSys(proc, this));
    }

    /**
     * Returns the size in a line of meminfo, in bytes.
     *
     * @param name the key of the line, such as {@code MemTotal}
     * @return {@link Missing#VALUE} if the kernel prints no such line
     */
    public long bytes(String name) {
        return new KeyedLines(meminfo).bytes(name);
    }

    /**
     * Returns the number in one of the few lines of meminfo that contain no size.
     *
     * @param name the key of the line, such as {@code HugePages_Total}
     * @return {@link Missing#VALUE} if the kernel prints no such line
     */
    public long count(String name) {
        return new KeyedLines(meminfo).number(name);
    }
}

// lib/psm/proc/HugePages.java

/**
 * The pools of huge pages of hugetlbfs: {@code /sys/kernel/mm/hugepages} (2.6.27) for each size,
 * else {@code /proc/meminfo}. May be shared between threads.
 *
 * @param bytes the size of all pools, used and free; {@link Missing#VALUE} if it is not known
 * @param inUse the part that is not free
 */
record HugePages(long bytes, long inUse) {
    private static final String POOLS = UnlistedMemory.SYS + "/kernel/mm/hugepages";
    private static final String PREFIX = "hugepages-";
    private static final String KB = "kB";

    /** Reads the pools in {@code /sys}. */
    static HugePages read(ProcFs proc) {
        long bytes = Missing.VALUE;
        long free = Missing.VALUE;
        if (!proc.isConfined()) {
            for (String pool : proc.names(POOLS)) {
                long pageBytes = pageBytes(pool);
                String folder = POOLS + '/' + pool;
                bytes = Missing.plus(bytes, pages(proc, folder + "/nr_hugepages", pageBytes));
                free = Missing.plus(free, pages(proc, folder + "/free_hugepages", pageBytes));
            }
        }
        return of(bytes, free);
    }

    /** Reads the pools, from meminfo if {@code /sys} does not contain them. */
    public static HugePages readAny(ProcFs proc) {
        HugePages pools = read(proc);
        return Missing.is(pools.inUse) ? listed(HostMemory.read(proc, false)) : pools;
    }

    /**
     * Returns the pools that meminfo lists: all (4.16), or those of the default size. Free pages
     * are always of the default size, so what is in use is at most what this returns.
     */
    public static HugePages listed(HostMemory memory) {
        long pageBytes = memory.bytes("Hugepagesize");
        long all = memory.bytes("Hugetlb");
        long pool = UnlistedMemory.times(memory.count("HugePages_Total"), pageBytes);
        long free = UnlistedMemory.times(memory.count("HugePages_Free"), pageBytes);
        return of(Missing.is(all) ? pool : all, free);
    }

    private static HugePages of(long bytes, long free) {
        boolean isKnown = !Missing.is(bytes) && !Missing.is(free);
        return new HugePages(bytes, isKnown ? Math.max(0, bytes - free) : Missing.VALUE);
    }

    private static long pages(ProcFs proc, String file, long pageBytes) {
        return UnlistedMemory.times(UnlistedMemory.number(proc, file), pageBytes);
    }

    /** Returns the size in a name such as {@code hugepages-2048kB}. */
    private static long pageBytes(String pool) {
        if (!pool.startsWith(PREFIX) || !pool.endsWith(KB)) {
            return Missing.VALUE;
        }
        long kb = KeyedLines.parse(pool.substring(PREFIX.length(), pool.length() - KB.length()));
        return UnlistedMemory.times(kb, KeyedLines.BYTES_PER_KB);
    }
}

// lib/psm/proc/InvokingUser.java

/**
 * The user on whose behalf psm runs: by sudo(8), doas(1), pkexec(1), or a setuid program. If that
 * user has fewer rights than psm, psm neither reads, loads nor writes files that the user names:
 * the user could reach files of others that way.
 */
final class InvokingUser {
    private InvokingUser() {}

    /**
     * Returns whether the invoking user has fewer rights than psm, by the environment and {@code
     * /proc/self/status}.
     */
    public static boolean hasFewerRights() {
        String doas = System.getenv("DOAS_USER");
        return isOtherThanRoot("SUDO_UID")
                || isOtherThanRoot("PKEXEC_UID")
                || (doas != null && !doas.equals("root"))
                || isSetuid();
    }

    /**
     * Returns the name or the id of the user whose command this is: the invoking user if psm runs
     * as root on behalf of one, else the real user of this process.
     */
    public static String user() {
        OwnProcess self = new OwnProcess();
        if (self.isRoot()) {
            for (String variable : new String[] {"SUDO_UID", "PKEXEC_UID", "DOAS_USER"}) {
                String user = System.getenv(variable);
                if (user != null && !user.isEmpty()) {
                    return user;
                }
            }
        }
        return Long.toString(self.status().realUserId());
    }

    /**
     * Returns whether a variable is set to an id other than root's; any malformed value counts as
     * one.
     */
    private static boolean isOtherThanRoot(String variable) {
        String uid = System.getenv(variable);
        return uid != null && !uid.equals("0");
    }

    private static boolean isSetuid() {
        ProcStatus own = new OwnProcess().status();
        return own.realUserId() != own.effectiveUserId();
    }
}

// lib/psm/proc/KeyedLines.java

/**
 * Looks up lines by their key in a small file of the kernel, such as {@code meminfo}, {@code
 * status} and {@code memory.events}: the key starts the line and ends at a colon or a blank, and
 * the value follows. May be shared between threads.
 */
final class KeyedLines {
    private static final String KB = " kB";
    static final int BYTES_PER_KB = 1024;

    private final String text;

    /**
     * Takes the content of a file.
     *
     * @param text the whole content; empty if the file could not be read
     */
    public KeyedLines(String text) {
        this.text = text;
    }

    /**
     * Returns the value of the first line with a key, without the blanks around it.
     *
     * @return {@code null} if no line has that key
     */
    public String value(String key) {
        int line = text.indexOf(key);
        while (line >= 0 && !isKey(line, line + key.length())) {
            line = text.indexOf(key, line + 1);
        }
        if (line < 0) {
            return null;
        }
        int newline = text.indexOf('\n', line);
        int end = newline < 0 ? text.length() : newline;
        return text.substring(line + key.length() + 1, end).strip();
    }

    private boolean isKey(int from, int to) {
        boolean startsLine = from == 0 || text.charAt(from - 1) == '\n';
        return startsLine
                && to < text.length()
                && (text.charAt(to) == ':' || text.charAt(to) == ' ');
    }

    /**
     * Returns the value of a line that contains a plain number, such as {@code HugePages_Total}.
     *
     * @return {@link Missing#VALUE} if there is no such line, or its value is not a number
     */
    public long number(String key) {
        return parse(value(key));
    }

    /**
     * Returns the value of a line that contains a size in kB, in bytes.
     *
     * @return {@link Missing#VALUE} if there is no such line, or its value is not a size
     */
    public long bytes(String key) {
        String value = value(key);
        if (value == null || !value.endsWith(KB)) {
            return Missing.VALUE;
        }
        long kilobytes = parse(value.substring(0, value.length() - KB.length()).strip());
        return kilobytes == Missing.VALUE || kilobytes > Long.MAX_VALUE / BYTES_PER_KB
                ? Missing.VALUE
                : kilobytes * BYTES_PER_KB;
    }

    /**
     * Parses a number that is not negative.
     *
     * @param digits may be {@code null}
     * @return {@link Missing#VALUE} if the text is not such a number, or too large for a long
     */
    public static long parse(String digits) {
        if (digits == null) {
            return Missing.VALUE;
        }
        try {
            long value = Long.parseLong(digits);
            return value < 0 ? Missing.VALUE : value;
        } catch (NumberFormatException e) {
            return Missing.VALUE;
        }
    }
}

// lib/psm/proc/OwnProcess.java

/** The process that psm runs in, by its own folder in {@code /proc}. */
final class OwnProcess {
    /** The length of a clock tick of /proc (USER_HZ), the same on all of today's machines. */
    private static final int MS_PER_TICK = 10;

    private static final int BUFFER_BYTES = 8192;

    private static final String UNKNOWN = "?";

    private final ProcFs proc;

    public OwnProcess() {
        this(new ProcFs(ProcFs.DEFAULT_ROOT));
    }

    /** Makes the same process as another tree shows it, such as the host's in a container. */
    public OwnProcess(ProcFs proc) {
        this.proc = proc;
    }

    /** Returns whether it runs with root's user id; it may still lack root's capabilities. */
    public boolean isRoot() {
        return status().effectiveUserId() == 0;
    }

    /**
     * Returns its process id in this {@code /proc}; 0 if that is mounted for another namespace, or
     * is a copy.
     */
    public int pid() {
        if (!proc.isProcFileSystem()) {
            return 0;
        }
        try {
            return Integer.parseInt(proc.link("self"));
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    /** Returns the peak of its resident set (VmHWM), with the unit, or "?". */
    public String peakMemory() {
        String peak = new KeyedLines(statusText()).value("VmHWM");
        return peak == null ? UNKNOWN : peak;
    }

    /**
     * Returns how many milliseconds ago it was started, including the time before exec(2), to the
     * kernel's precision of 10 ms; "?" if /proc does not show it (subset=pid), or shows the uptime
     * of a container.
     */
    public String millisecondsSinceStart() {
        byte[] buffer = new byte[BUFFER_BYTES];
        String uptime = proc.firstLine("uptime");
        try {
            ProcStat stat = ProcStat.parse(buffer, proc.read("self/stat", buffer));
            if (uptime == null || stat == null) {
                return UNKNOWN;
            }
            double seconds = Double.parseDouble(uptime.substring(0, uptime.indexOf(' ')));
            long milliseconds = Math.round(seconds * 1000) - stat.startTime() * MS_PER_TICK;
            return milliseconds < 0 ? UNKNOWN : Long.toString(milliseconds);
        } catch (IOException e) {
            return UNKNOWN;
        }
    }

    /** Returns whether its terminal belongs to another job of the shell now. */
    public boolean isInBackground() {
        try {
            String stat = proc.text("self/stat");
            // After the name: state, ppid, pgrp, session, tty_nr, tpgid.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ", 7);
            return Long.parseLong(fields[5]) > 0 && !fields[5].equals(fields[2]);
        } catch (IOException | NumberFormatException | IndexOutOfBoundsException e) {
            return false; // without /proc, psm cannot know
        }
    }

    ProcStatus status() {
        return new ProcStatus(statusText());
    }

    private String statusText() {
        try {
            return proc.text("self/status");
        } catch (IOException e) {
            return "";
        }
    }
}

// lib/psm/proc/PageMap.java

/**
 * Reads {@code /proc/PID/pagemap}, which contains the page frame of each page of a process. Only
 * holders of CAP_SYS_ADMIN see frames; others read 0 (4.2). May be shared between threads.
 */
final class PageMap {
    private static final int ENTRY_BYTES = 8;

    private static final String SWAP = "Swap:";
    private static final String SWAP_PSS = "SwapPss:";

    /**
     * The number of pages to search. If it is too low, no frame is found for a stack whose first
     * pages are swapped out; if it is too high, each search costs more than the system call.
     */
    private static final int PAGES = 64;

    /**
     * The bits of an entry that contain the frame, or for a page that is swapped out the place in
     * swap (Documentation/admin-guide/mm/pagemap.rst).
     */
    private static final long FRAME = (1L << 55) - 1;

    private static final long PRESENT = 1L << 63;
    private static final long SWAPPED = 1L << 62;

    /** The bit of pages of files and of shared memory. */
    private static final long SHAREABLE = 1L << 61;

    /** The bit of pages that only one address space maps (4.2). */
    private static final long EXCLUSIVE = 1L << 56;

    /** The number of comparisons after which pages change too fast to compare them. */
    private static final int MAX_COMPARISONS = 4;

    /** Whether two processes share an address space. */
    public enum Sharing {
        /** They do. */
        ONE,
        /** Each has its own. */
        TWO,
        /** That cannot be proved. */
        UNKNOWN
    }

    /** The key in the auxiliary vector for the size of a page, AT_PAGESZ, see getauxval(3). */
    private static final int PAGE_SIZE_KEY = 6;

    private final ProcFs proc;

    /** The size of a page; 0 until it is first needed. */
    private static volatile long pageBytes;

    public PageMap(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Reads the entries of the pages from an address downwards.
     *
     * @param folder the folder of the process
     * @return the entries by ascending address; {@code null} if there are none: permission denied,
     *     the process exited, or a copy of {@code /proc} has no pagemap
     */
    public long[] entries(String folder, long address) {
        long first = Math.max(0, Long.divideUnsigned(address, pageBytes()) - PAGES + 1);
        byte[] bytes = new byte[PAGES * ENTRY_BYTES];
        try {
            int length = proc.readAt(folder + "/pagemap", first * ENTRY_BYTES, bytes);
            long[] entries = new long[length / ENTRY_BYTES];
            ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).asLongBuffer().get(entries);
            return entries.length == 0 ? null : entries;
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Returns the frame of the last of some pages that only one address space maps. Two processes
     * share an address space if they have the same such frame at the same time.
     *
     * @param entries may be {@code null}
     * @return 0 if there is no such page, or frames are hidden
     */
    public static long exclusiveFrame(long[] entries) {
        return last(entries, PRESENT | EXCLUSIVE, 0);
    }

    /**
     * Returns the place in swap of the last of some private pages that are swapped out. Forks may
     * share it, see {@link #sharing}.
     *
     * @param entries may be {@code null}
     * @return 0 if there is no such page, or places are hidden
     */
    public static long swapped(long[] entries) {
        return last(entries, SWAPPED, PRESENT | SHAREABLE);
    }

    private static long last(long[] entries, long set, long unset) {
        for (int i = entries == null ? -1 : entries.length - 1; i >= 0; i--) {
            if ((entries[i] & (set | unset)) == set && (entries[i] & FRAME) != 0) {
                return entries[i] & FRAME;
            }
        }
        return 0;
    }

    /**
     * Compares the pages of two processes from an address downwards. One address space has the same
     * entries for both at any time. Forks have the same entries too until one of them writes, but
     * no frame that only one address space maps, and no place in swap that only one mapping uses.
     *
     * @param folder the folder of the first process
     * @param entries its entries, read just before; it is unknown what they share if its frame is
     *     gone, since it has called exec(2) or exited then
     */
    public Sharing sharing(String folder, long[] entries, String other, long address) {
        long[] before = entries;
        for (int i = 0; i < MAX_COMPARISONS && before != null; i++) {
            long[] others = entries(other, address);
            boolean areEqual = Arrays.equals(before, others);
            boolean isSwapped =
                    areEqual
                            && exclusiveFrame(before) == 0
                            && swapped(before) != 0
                            && hasOwnSwap(folder, address)
                            && Arrays.equals(before, entries(other, address));
            long[] after = entries(folder, address);
            boolean isGone = exclusiveFrame(before) != 0 && exclusiveFrame(after) == 0;
            if (others == null || isGone) {
                return Sharing.UNKNOWN;
            }
            if (Arrays.equals(before, after)) {
                boolean isProved = exclusiveFrame(before) != 0 || isSwapped;
                return !areEqual ? Sharing.TWO : isProved ? Sharing.ONE : Sharing.UNKNOWN;
            }
            before = after;
        }
        return Sharing.UNKNOWN;
    }

    /**
     * Returns whether no other process uses the places in swap of the mapping with an address: then
     * SwapPss is all of Swap. It reads smaps up to that mapping.
     */
    private boolean hasOwnSwap(String folder, long address) {
        try (InputStream smaps = new BufferedInputStream(proc.open(folder + "/smaps"))) {
            boolean isHere = false;
            String swap = null;
            for (String line = line(smaps); !line.isEmpty(); line = line(smaps)) {
                if (line.startsWith(SWAP_PSS)) {
                    if (isHere) {
                        return line.substring(SWAP_PSS.length()).strip().equals(swap);
                    }
                } else if (line.startsWith(SWAP)) {
                    swap = line.substring(SWAP.length()).strip();
                } else if (!Character.isUpperCase(line.charAt(0))) {
                    isHere = isIn(line, address);
                }
            }
            return false;
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads a line, which may contain any character but the newline; empty at the end. */
    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    /** Returns whether an address is in the mapping that a line of smaps begins. */
    private static boolean isIn(String header, long address) {
        int dash = header.indexOf('-');
        int blank = header.indexOf(' ', dash);
        try {
            return dash > 0
                    && blank > 0
                    && Long.compareUnsigned(address(header, 0, dash), address) <= 0
                    && Long.compareUnsigned(address(header, dash + 1, blank), address) > 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static long address(String header, int from, int to) {
        return Long.parseUnsignedLong(header.substring(from, to), 16);
    }

    /** Returns the size of a page. */
    static long pageBytes() {
        if (pageBytes == 0) {
            pageBytes = readPageBytes();
        }
        return pageBytes;
    }

    /** Reads the size from the auxiliary vector, which the kernel passes to each program. */
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
                if (key == PAGE_SIZE_KEY && value > 0) {
                    return value;
                }
            }
        } catch (IOException e) {
            return 4096;
        }
        return 4096;
    }
}

// lib/psm/proc/Pressure.java

/**
 * The share of time in which tasks waited for memory: {@code /proc/pressure/memory} (4.20, if the
 * kernel has CONFIG_PSI; Documentation/accounting/psi.rst). The file contains the line {@code some
 * avg10=0.12 avg60=0.05 avg300=0.00 total=4711}, and one that starts with {@code full}.
 *
 * <p>If pressure is switched off ({@code psi=0}, the default of some distributions), the file
 * cannot be opened, or it can be opened but not read (EOPNOTSUPP). May be shared between threads.
 *
 * @param text the content of the file; {@code null} if there is none, or it cannot be read
 */
record Pressure(String text) {
    /** The tasks that waited. */
    public enum Who {
        /** At least one task waited. */
        SOME("some"),
        /** All tasks that had work to do waited at once, so that nothing got done. */
        FULL("full");

        public final String kernelName;

        Who(String kernelName) {
            this.kernelName = kernelName;
        }
    }

    static Pressure read(ProcFs proc) {
        try {
            return new Pressure(proc.text("pressure/memory"));
        } catch (IOException e) {
            return new Pressure(null);
        }
    }

    /**
     * Returns the share of the last seconds in which tasks waited, in percent.
     *
     * @param seconds 10, 60 or 300
     * @return {@code null} if the kernel does not report it
     */
    public Double percent(Who who, int seconds) {
        String averages = text == null ? null : new KeyedLines(text).value(who.kernelName);
        if (averages == null) {
            return null;
        }
        String fields = ' ' + averages + ' ';
        String name = " avg" + seconds + '=';
        int field = fields.indexOf(name);
        return field < 0 ? null : parse(fields, field + name.length());
    }

    private static Double parse(String fields, int from) {
        try {
            double value = Double.parseDouble(fields.substring(from, fields.indexOf(' ', from)));
            return value >= 0 && value <= 100 ? value : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}

// lib/psm/proc/ProcFs.java

/**
 * The kernel's process files: {@code /proc}, or a folder that looks like it. All other classes of
 * psm read these files through this one. May be shared between threads.
 *
 * <p>Paths start at that folder: {@code 1/stat}, {@code meminfo}.
 *
 * <p>The type of an exception is the reason why a file could not be read: {@link
 * NoSuchFileException}, {@link AccessDeniedException}, or another {@link IOException} (the read of
 * smaps_rollup of a process without memory fails with ESRCH).
 */
final class ProcFs {
    /** The folder where Linux mounts it. */
    public static final String DEFAULT_ROOT = "/proc";

    /**
     * The largest number of bytes to request in one read. The kernel returns at most about 4 kB of
     * smaps in one read. Above 8,192, the JDK allocates native memory for each read; below 4,096,
     * more reads are needed.
     */
    private static final int READ_BYTES = 8192;

    /** A file: below it no path exists, so looking one up there touches no other file system. */
    private static final Path NOWHERE = Path.of("/proc/version");

    /** The limit for the target of a link (PATH_MAX, and the kernel's mark of a deleted file). */
    private static final int MAX_LINK_CHARS = 4096 + 10;

    private final String root;

    /** Whether this is a mounted proc file system, not a copy of one. */
    private final boolean isProcFileSystem;

    /** Whether it must not follow paths that a process has chosen, see {@link #confined}. */
    private final boolean isConfined;

    /**
     * Takes the folder to read from.
     *
     * @param root {@link #DEFAULT_ROOT}, or a folder that looks like it
     */
    public ProcFs(String root) {
        this(root, false);
    }

    private ProcFs(String root, boolean isConfined) {
        this.root = root;
        this.isProcFileSystem = isLive() || isOfTypeProc(root);
        this.isConfined = isConfined;
    }

    /**
     * Returns the {@code /proc} of Linux for a caller that reads it on behalf of users with fewer
     * rights. It follows no path that a process has chosen: {@code /proc/PID/root} leads to every
     * file system, through links that any user can make.
     */
    public static ProcFs confined() {
        return new ProcFs(DEFAULT_ROOT, true);
    }

    /** Returns whether it must not follow paths that a process has chosen. */
    public boolean isConfined() {
        return isConfined;
    }

    /** Returns whether this is the {@code /proc} of Linux, which contains this process too. */
    public boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

    /** Returns whether this is a mounted proc file system, not a copy of one. */
    public boolean isProcFileSystem() {
        return isProcFileSystem;
    }

    private static boolean isOfTypeProc(String folder) {
        try {
            return Files.getFileStore(Path.of(folder)).type().equals("proc");
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** Returns the ids of all processes that exist now, ascending. */
    public int[] pids() throws IOException {
        return numbers(root);
    }

    /**
     * Returns the ids of the threads of a process, ascending; the first one may belong to another
     * than the main thread.
     */
    public int[] tids(int pid) throws IOException {
        return numbers(root + '/' + pid + "/task");
    }

    /** Returns the names in a folder; none if it cannot be listed. */
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

    /** Returns the number that a folder is named after; 0 for another name. */
    private static int pid(String name) {
        int pid = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            // A pid has at most 22 bits; ten digits may not fit into an int.
            if (digit < 0 || digit > 9 || i == 9 || (i == 0 && digit == 0)) {
                return 0;
            }
            pid = pid * 10 + digit;
        }
        return pid;
    }

    /** Returns whether a file or folder exists and is visible. */
    public boolean exists(String file) {
        return new File(path(file)).exists();
    }

    /**
     * Returns whether reading a file may block although its content needs no lock of a process: in
     * a folder that is a copy of {@code /proc}, it may be a pipe.
     */
    public boolean mayBlock(String file) {
        return !isProcFileSystem && !new File(path(file)).isFile();
    }

    /** Opens a file; the caller closes it. */
    public InputStream open(String file) throws IOException {
        return openPath(path(file));
    }

    /**
     * Reads the start of a file, as much as fits into the array. It ends at the first read that
     * returns fewer bytes than requested, so it is only for files that the kernel writes as a
     * whole; use {@link #readList} for others.
     *
     * @return the number of bytes
     */
    public int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, isProcFileSystem);
        }
    }

    /**
     * Reads the start of a list of mappings or mounts: the kernel returns a few whole lines with
     * each read.
     *
     * @return the number of bytes
     */
    int readList(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, false);
        }
    }

    /** Reads a small file of the host as text, up to 8 kB. */
    String text(String file) throws IOException {
        return text(file, new byte[READ_BYTES]);
    }

    /**
     * Reads a small file as text.
     *
     * @param buffer limits the length; its content changes
     */
    public String text(String file, byte[] buffer) throws IOException {
        return text(file, buffer, buffer.length);
    }

    /**
     * Reads a file of a process as text; the file is small for most processes.
     *
     * @param buffer large enough for most files; its content changes
     * @param maxBytes the limit for all other files
     */
    public String text(String file, byte[] buffer, int maxBytes) throws IOException {
        int length = read(file, buffer);
        if (length < buffer.length || maxBytes <= buffer.length) {
            return Text.decode(buffer, 0, length);
        }
        byte[] large = new byte[maxBytes];
        return Text.decode(large, 0, read(file, large));
    }

    /**
     * Reads bytes from the middle of a file, as many as fit into the array.
     *
     * @return the number of bytes; less than the array's length at the end of the file
     */
    int readAt(String file, long offset, byte[] into) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(path(file), "r")) {
            in.seek(offset);
            return Math.max(0, in.read(into));
        } catch (FileNotFoundException e) {
            throw reason(path(file));
        }
    }

    /**
     * Reads the next bytes of an open file to the array's start.
     *
     * @return the number of bytes; -1 at the end of the file
     */
    public static int readPiece(InputStream in, byte[] into) throws IOException {
        return in.read(into, 0, Math.min(READ_BYTES, into.length));
    }

    /**
     * Returns the target of a link such as {@code 1/exe}, as {@link Text} decodes its bytes. In a
     * folder that is a copy of {@code /proc}, it may be a file that contains the target, as in
     * archives without links.
     */
    public String link(String file) throws IOException {
        Path target;
        try {
            target = Files.readSymbolicLink(Path.of(path(file)));
        } catch (NotLinkException e) {
            String text = isProcFileSystem || mayBlock(file) ? "" : text(file).stripTrailing();
            if (text.isEmpty() || text.length() > MAX_LINK_CHARS || text.indexOf('\0') >= 0) {
                throw e;
            }
            return text;
        }
        String text = target.toString();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
                return undecoded(target);
            }
        }
        return text;
    }

    /**
     * Reads the start of a file of the host that these processes run on, which is beside the folder
     * of the processes. Another user may own that place, so psm follows no link from there, which
     * could lead to this host's files, and opens neither pipes nor devices.
     *
     * @param folder a folder beside that of the processes
     * @param name a file in it
     * @param maxBytes the limit; more is left out
     */
    public byte[] hostFile(String folder, String name, int maxBytes) throws IOException {
        Path parent = Path.of(path(".."), folder);
        Path file = parent.resolve(name);
        if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(file.toString());
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(maxBytes);
        }
    }

    /**
     * Returns the first line of a small file of the host, such as {@code sys/kernel/hostname}.
     *
     * @return {@code null} if the file cannot be read
     */
    String firstLine(String file) {
        try {
            String text = text(file);
            int newline = text.indexOf('\n');
            return newline < 0 ? text : text.substring(0, newline);
        } catch (IOException e) {
            return null;
        }
    }

    /** Returns the user to whom a process belongs; -1 if that is not known. */
    public int owner(int pid) {
        try {
            return (Integer) Files.getAttribute(Path.of(path(Integer.toString(pid))), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            return -1;
        }
    }

    /** Returns whether two paths lead to the same file. */
    public boolean isSameFile(String file, String other) {
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
            int asked = Math.min(READ_BYTES, into.length - length);
            int count = in.read(into, length, asked);
            if (count < 0) {
                break;
            }
            length += count;
            if (isWhole && count < asked) {
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
     * Returns the reason why a path cannot be opened. FileInputStream only has a message in the
     * language of the locale. The newer API throws another type of exception for each reason, but
     * takes a third longer to open a file.
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
     * Returns the original bytes of a path, which the locale's encoding may have changed in its
     * string. Only the URI contains them. To make a URI, Java looks up whether the path is a
     * folder. A process chose this path, so Java gets a path below {@link #NOWHERE} instead.
     */
    private static String undecoded(Path path) {
        boolean isAbsolute = path.isAbsolute();
        Path below = NOWHERE.resolve(isAbsolute ? path.getRoot().relativize(path) : path);
        String encoded =
                below.toUri()
                        .getRawPath()
                        .substring(NOWHERE.toString().length() + (isAbsolute ? 0 : 1));
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

// lib/psm/proc/ProcStat.java

/**
 * The fields that psm needs of {@code /proc/PID/stat}, which every user may read.
 *
 * @param comm field 2, the name of the main thread: 15 bytes at most for processes
 * @param state field 3, one letter
 * @param parent field 4, the pid of the parent; 0 if the parent is not visible
 * @param flags field 9, the kernel's PF_ flags
 * @param threads field 20, the number of threads; the main thread counts even after its exit
 * @param startTime field 22, clock ticks since boot; no two processes have the same pid and start
 *     time
 * @param residentPages field 24, from counters that lag a little
 * @param startStack field 28, the address at which the stack started; 0 without permission to trace
 *     the process
 * @param addresses a hash of fields 26 to 28 and 45 to 51 (3.5), the addresses of code, stack,
 *     data, heap, arguments and environment. exec(2) sets them, and little else changes them; if
 *     addresses are randomized, each exec sets others. Processes with different hashes have
 *     different memory. A fork has the same hash as its parent, but its own memory. 0 without
 *     permission to trace the process
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
    /**
     * A limit for the arguments and the environment on top of the stack, which take at most 6 MB,
     * see execve(2). If it is too low, a stack at a fixed address is taken for a random one; if it
     * is too high, more forks are read twice.
     */
    private static final long MAX_ARGUMENT_BYTES = 16 << 20;

    /** The flag of kernel threads, which have no memory of their own (linux/sched.h). */
    private static final long PF_KTHREAD = 0x0020_0000;

    /** The flag of a thread that exits, set before its memory is freed (linux/sched.h). */
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

    /** Returns the size of the pages in RAM, if pages have the size that they have here. */
    public long residentBytes() {
        long pageBytes = PageMap.pageBytes();
        return residentPages > Long.MAX_VALUE / pageBytes
                ? Long.MAX_VALUE
                : residentPages * pageBytes;
    }

    /** Returns whether this is a kernel thread. */
    public boolean isKernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** Returns whether the thread is exiting: its memory may already be free. */
    public boolean isExiting() {
        return (flags & PF_EXITING) != 0;
    }

    /**
     * Returns whether the thread has exited. The process has exited too, unless {@link
     * #isDeadLeader}.
     */
    public boolean isZombie() {
        return state == 'Z' || state == 'X' || state == 'x';
    }

    /**
     * Returns whether the main thread has exited or is exiting while other threads run. Then only
     * the folders of those threads, in {@code task}, show the memory.
     */
    public boolean isDeadLeader() {
        return (isZombie() || isExiting()) && threads > 1;
    }

    /** Returns whether it still runs the program of the process that it was forked from. */
    public boolean isForkWithoutExec() {
        return (flags & PF_FORKNOEXEC) != 0;
    }

    /**
     * Reads the file of a process, unless that may block, see {@link ProcFs#mayBlock}.
     *
     * @param buffer an array of 2 kB or more; its content changes
     * @return {@code null} if it cannot be read
     */
    public static ProcStat readIfInstant(ProcFs proc, int pid, byte[] buffer) {
        String file = pid + "/stat";
        try {
            return proc.mayBlock(file) ? null : parse(buffer, proc.read(file, buffer));
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Parses the content of the file, {@code bytes[0..length)}.
     *
     * @return {@code null} if the content is malformed
     */
    public static ProcStat parse(byte[] bytes, int length) {
        int open = indexOf((byte) '(', bytes, length);
        // The kernel does not escape the name: it may contain parentheses, blanks and newlines.
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
     * Finds the start of each field.
     *
     * @param from receives the start of each field, by its number; 0 for a missing field
     * @return the number of the last field
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
     * Returns two checksums: that of fields 26 to 28 in the upper half, and that of all in the
     * lower half. The JVM contains CRC32 as compiled code, so it is fast for the first process too.
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

    /** Returns the number at the start of a field; 0 if the field is missing. */
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

    /**
     * Returns whether the stack of this process is at a random address, see {@link #isAtRandom}.
     */
    public boolean isStackAtRandom() {
        return isAtRandom(startStack());
    }

    /**
     * Returns whether a stack is at a random address, where the kernel puts it unless that is
     * switched off (randomize_va_space, personality(2)). Otherwise it is right below the end of all
     * addresses, which is a power of two with 64 bits. One in a thousand random stacks is there
     * too.
     *
     * @param startStack field 28 of {@code stat}
     */
    public static boolean isAtRandom(long startStack) {
        long end = Long.highestOneBit(startStack) << 1;
        return end > 1L << 32 && end - startStack > MAX_ARGUMENT_BYTES;
    }
}

// lib/psm/proc/ProcStatus.java

/**
 * The fields that psm needs of {@code /proc/PID/status}, which every user may read: lines of {@code
 * Name:<TAB>value}. May be shared between threads.
 */
final class ProcStatus {
    /** The index of the real id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int REAL = 0;

    /** The index of the effective id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int EFFECTIVE = 1;

    private final KeyedLines lines;

    /**
     * Takes the content of the file.
     *
     * @param text the whole content; empty if the file could not be read
     */
    public ProcStatus(String text) {
        this.lines = new KeyedLines(text);
    }

    /** Returns the real user id, or {@link Missing#VALUE}. */
    long realUserId() {
        return id("Uid", REAL);
    }

    /** Returns the effective user id, or {@link Missing#VALUE}. */
    public long effectiveUserId() {
        return id("Uid", EFFECTIVE);
    }

    /** Returns the effective group id, or {@link Missing#VALUE}. */
    public long effectiveGroupId() {
        return id("Gid", EFFECTIVE);
    }

    private long id(String key, int index) {
        String value = lines.value(key);
        String[] ids = value == null ? new String[0] : value.split("\t", -1);
        return index < ids.length ? KeyedLines.parse(ids[index]) : Missing.VALUE;
    }

    /** Returns VmHWM, the peak of the resident set, in bytes, or {@link Missing#VALUE}. */
    public long peakResident() {
        return lines.bytes("VmHWM");
    }

    /** Returns VmPTE (2.6.10), the size of the page tables, in bytes, or {@link Missing#VALUE}. */
    public long pageTables() {
        return lines.bytes("VmPTE");
    }

    /** Returns the parent's pid (PPid); 0 if it is not known. */
    public int parent() {
        return (int) Missing.orZero(lines.number("PPid"));
    }

    /** Returns the number of threads, or {@link Missing#VALUE}. */
    public long threads() {
        return lines.number("Threads");
    }

    /** Returns whether this is a kernel thread or a zombie: the others have a line VmSize. */
    public boolean isWithoutMemory() {
        return name() != null && lines.value("VmSize") == null && lines.value("VmRSS") == null;
    }

    /** Returns the kernel's name of the process (Name), or {@code null}. */
    public String name() {
        return lines.value("Name");
    }

    /**
     * Returns an estimate of the memory of the process, from VmRSS (which contains all of each shared page, and
     * comes from counters that lag a little), VmSwap, and HugetlbPages, of which the kernel does
     * not say how many are shared. All other figures are missing.
     *
     * @param stat the stat of the same folder or {@code null}; its figure serves if there is no
     *     status, as in some copies of {@code /proc}
     * @return {@code null} if neither shows Rss, as for processes without memory
     */
    public Usage estimate(ProcStat stat) {
        long resident = lines.bytes("VmRSS");
        if (Missing.is(resident)) {
            boolean isOfStat = name() == null && stat != null && stat.residentPages() > 0;
            return isOfStat
                    ? Usage.estimated(stat.residentBytes(), Missing.VALUE, Missing.VALUE)
                    : null;
        }
        return Usage.estimated(resident, lines.bytes("VmSwap"), lines.bytes("HugetlbPages"));
    }
}

// lib/psm/proc/UnlistedMemory.java

/**
 * Memory of the host that {@code /proc/meminfo} does not list, or lists only on newer kernels. Each
 * size is in bytes, or {@link Missing#VALUE} if it is not known. May be shared between threads.
 *
 * @param zram what zram devices take up for the pages that are swapped out to them: {@code mm_stat}
 *     (4.1), before that {@code mem_used_total}; 0 without a device
 * @param zswap what zswap takes up where meminfo has no Zswap (before 5.19): {@code
 *     pool_total_size} in debugfs, which only root can read; 0 if zswap is off
 * @param arc the cache of ZFS, {@code size} in {@code spl/kstat/zfs/arcstats}
 * @param arcInSlab the part of it that is in slab caches too
 * @param perCpuFree free pages on the lists of processors, which MemFree leaves out: {@code
 *     zoneinfo}
 * @param sockets the buffers of TCP and UDP sockets, and fragments: {@code net/sockstat}; parts of
 *     it are in slab caches
 * @param hugetlbPool the pools of huge pages of all sizes, used and free (2.6.27)
 */
record UnlistedMemory(
        long zram,
        long zswap,
        long arc,
        long arcInSlab,
        long perCpuFree,
        long sockets,
        long hugetlbPool) {
    /** Stands for what was not read. */
    public static final UnlistedMemory UNKNOWN =
            new UnlistedMemory(
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE);

    /** The path as {@link ProcFs} takes it: {@code sys} is beside {@code proc}. */
    static final String SYS = "../sys";

    private static final String BLOCK_DEVICES = SYS + "/block";
    private static final String ZSWAP_POOL = SYS + "/kernel/debug/zswap/pool_total_size";
    private static final String MODULES = SYS + "/module";
    private static final String ZSWAP_SWITCH = MODULES + "/zswap/parameters/enabled";

    /** The index of mem_used_total in mm_stat (Documentation/admin-guide/blockdev/zram.rst). */
    private static final int MEM_USED_TOTAL = 2;

    /**
     * The largest length of a list. zoneinfo has five lines for each processor in each zone: 3 MB
     * for 512 processors on 8 nodes.
     */
    private static final int MAX_LIST_BYTES = 1 << 23;

    /** The parts of the cache of ZFS that are in slab caches: headers of buffers and of files. */
    private static final String[] ARC_IN_SLAB = {
        "hdr_size", "dbuf_size", "dnode_size", "bonus_size"
    };

    /** Reads what is there now. */
    static UnlistedMemory read(ProcFs proc, HostMemory listed) {
        long pageBytes = PageMap.pageBytes();
        KeyedLines arc = new KeyedLines(list(proc, "spl/kstat/zfs/arcstats"));
        long arcInSlab = Missing.VALUE;
        for (String part : ARC_IN_SLAB) {
            arcInSlab = Missing.plus(arcInSlab, lastNumber(arc.value(part)));
        }
        UnlistedMemory inProc =
                new UnlistedMemory(
                        Missing.VALUE,
                        Missing.VALUE,
                        lastNumber(arc.value("size")),
                        arcInSlab,
                        times(pagesOnLists(list(proc, "zoneinfo")), pageBytes),
                        sockets(new KeyedLines(list(proc, "net/sockstat")), pageBytes),
                        Missing.VALUE);
        return inProc.withSys(proc, listed);
    }

    /** Returns the same figures, with what the files in {@code /sys} contain now. */
    UnlistedMemory withSys(ProcFs proc, HostMemory listed) {
        return proc.isConfined()
                ? this
                : new UnlistedMemory(
                        readZram(proc),
                        readZswap(proc, listed),
                        arc,
                        arcInSlab,
                        perCpuFree,
                        sockets,
                        HugePages.read(proc).bytes());
    }

    /**
     * Reads the size of all zram devices. A device without figures is left out, unless there is no
     * other.
     */
    private static long readZram(ProcFs proc) {
        if (!proc.exists(BLOCK_DEVICES)) {
            return Missing.VALUE;
        }
        long bytes = Missing.VALUE;
        boolean isAny = false;
        for (String device : proc.names(BLOCK_DEVICES)) {
            if (device.startsWith("zram")) {
                isAny = true;
                bytes = Missing.plus(bytes, readZram(proc, BLOCK_DEVICES + '/' + device));
            }
        }
        return isAny ? bytes : 0;
    }

    private static long readZram(ProcFs proc, String device) {
        String stat = proc.firstLine(device + "/mm_stat");
        if (stat == null) {
            return number(proc, device + "/mem_used_total");
        }
        String[] figures = stat.strip().split(" +", -1);
        return figures.length > MEM_USED_TOTAL
                ? KeyedLines.parse(figures[MEM_USED_TOTAL])
                : Missing.VALUE;
    }

    private static long readZswap(ProcFs proc, HostMemory listed) {
        if (!Missing.is(listed.bytes("Zswap"))) {
            return Missing.VALUE; // the kernel lists it
        }
        long bytes = number(proc, ZSWAP_POOL);
        String enabled = proc.firstLine(ZSWAP_SWITCH);
        boolean isOff = enabled == null ? proc.exists(MODULES) : enabled.startsWith("N");
        return Missing.is(bytes) && isOff ? 0 : bytes;
    }

    /** Reads a file that contains one number. */
    static long number(ProcFs proc, String file) {
        String line = proc.firstLine(file);
        return line == null ? Missing.VALUE : KeyedLines.parse(line.strip());
    }

    /**
     * Returns the number of pages in zoneinfo's lines {@code count: 63}: one for each processor in
     * each zone.
     */
    private static long pagesOnLists(String zoneinfo) {
        long pages = Missing.VALUE;
        for (int at = zoneinfo.indexOf(" count:"); at >= 0; ) {
            int start = at + " count:".length();
            int end = zoneinfo.indexOf('\n', start);
            String count = zoneinfo.substring(start, end < 0 ? zoneinfo.length() : end);
            pages = Missing.plus(pages, KeyedLines.parse(count.strip()));
            at = end < 0 ? end : zoneinfo.indexOf(" count:", end);
        }
        return pages;
    }

    /** Returns the pages of TCP and UDP, and the bytes of fragments, in bytes. */
    private static long sockets(KeyedLines sockstat, long pageBytes) {
        long pages =
                Missing.plus(
                        named(sockstat.value("TCP"), "mem"), named(sockstat.value("UDP"), "mem"));
        return Missing.plus(times(pages, pageBytes), named(sockstat.value("FRAG"), "memory"));
    }

    /** Returns the number after a word in a line such as {@code inuse 1 mem 216}. */
    private static long named(String line, String word) {
        String[] words = line == null ? new String[0] : line.split(" +", -1);
        for (int i = 0; i + 1 < words.length; i++) {
            if (words[i].equals(word)) {
                return KeyedLines.parse(words[i + 1]);
            }
        }
        return Missing.VALUE;
    }

    /** Returns the number after the last blank. */
    private static long lastNumber(String value) {
        return value == null
                ? Missing.VALUE
                : KeyedLines.parse(value.substring(value.lastIndexOf(' ') + 1));
    }

    /** Multiplies sizes; one that is too large becomes {@link Long#MAX_VALUE}. */
    static long times(long count, long bytes) {
        if (Missing.is(count) || Missing.is(bytes)) {
            return Missing.VALUE;
        }
        return count > 0 && bytes > Long.MAX_VALUE / count ? Long.MAX_VALUE : count * bytes;
    }

    /** Reads a file that the kernel may write in several pieces; empty if that is not possible. */
    private static String list(ProcFs proc, String file) {
        try (InputStream in = proc.open(file)) {
            return new String(in.readNBytes(MAX_LIST_BYTES), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }
}

// lib/psm/proc/WalkCost.java

/**
 * Predicts how long the kernel takes to add up the memory of a process: it walks the page tables,
 * so the time grows with their size. How fast it is differs between machines tenfold, so this
 * learns from the processes that are read. May be shared between threads.
 */
final class WalkCost {
    /**
     * The time for 1 kB of page tables until a process of some size was read, as measured on one
     * x86-64: 15 ms for 8 MB, which map 4 GB in pages of 4 kB. Huge pages need almost no page
     * tables, so they take almost no time.
     */
    private static final double ASSUMED_NANOS_PER_KB = 1_800;

    /**
     * The size of the page tables whose time is assumed. Processes with less hardly change the
     * prediction: most of their time is spent on opening files. Processes with more decide it.
     */
    private static final double ASSUMED_KB = 4096;

    // The line through the origin with the least squares of errors: its slope is the sum of
    // products divided by the sum of squares, so large processes count most.
    private double products = ASSUMED_KB * ASSUMED_KB * ASSUMED_NANOS_PER_KB;
    private double squares = ASSUMED_KB * ASSUMED_KB;

    /**
     * Takes into account how long a process took.
     *
     * @param pageTables the size of its page tables in bytes, or {@link Missing#VALUE}
     */
    public synchronized void learn(long pageTables, long nanos) {
        if (!Missing.is(pageTables)) {
            double kilobytes = (double) pageTables / KeyedLines.BYTES_PER_KB;
            products += kilobytes * nanos;
            squares += kilobytes * kilobytes;
        }
    }

    /** Returns whether page tables of this size take longer; never if the size is missing. */
    public synchronized boolean isAbove(long maxNanos, long pageTables) {
        double kilobytes = (double) pageTables / KeyedLines.BYTES_PER_KB;
        return !Missing.is(pageTables) && kilobytes * products / squares > maxNanos;
    }
}

// lib/psm/cgroup/Cgroup.java

/**
 * The control groups of a process, by {@code /proc/PID/cgroup} (2.6.24), which every user may read.
 * It contains lines of {@code hierarchy:controllers:path}; only the path may contain colons. The
 * line {@code 0::path} is that of cgroup v2 (4.5), the others are those of v1; a hybrid host has
 * both. May be shared between threads.
 *
 * <p>If psm itself runs in a cgroup namespace (4.6), {@code /} is psm's own group, and paths of
 * groups above it start with {@code /..}, without their names. So psm's own group has neither unit
 * nor container, and the container of a sibling, {@code /../<id>}, may have no known runtime.
 *
 * @param path the group, as the kernel prints it; {@code null} if the content contains no path. If
 *     the hierarchies have different paths, it is that of systemd ({@code name=systemd}), else of
 *     v2, else of the memory controller, else the first one. It is the root only if all paths are
 *     the root
 * @param unit see {@link SystemdUnit#of}; {@code null} if the process is in none
 * @param container see {@link Container#of}, by this path or else that of another hierarchy; {@code
 *     null} if the process is in none
 * @param memoryPath the path of the group that the process's memory is charged to, below the mount
 *     of the memory controller: {@code /sys/fs/cgroup} with v2, {@code /sys/fs/cgroup/memory} with
 *     v1. {@code null} if the content contains no such path, if the group was removed, or if it is
 *     outside of psm's namespace, so that psm's mounts do not contain it
 * @param isMemoryV2 whether memoryPath is a path of v2. If v1 has no memory controller on a hybrid
 *     host, v2 may have it, below {@code /sys/fs/cgroup/unified}
 */
record Cgroup(
        String path, String unit, String container, String memoryPath, boolean isMemoryV2) {
    /** The limit for the file: a dozen hierarchies, with a path of at most 4 kB each. */
    public static final int MAX_FILE_BYTES = 1 << 16;

    private static final String ROOT = "/";

    /** The suffix that the kernel appends to the path of a removed group, such as a zombie's. */
    private static final String DELETED = " (deleted)";

    /**
     * Parses the content of the file, and ignores malformed lines. All processes of a group have
     * the same content, so a caller can cache the result.
     *
     * @param content the whole file; {@code null} if it could not be read
     */
    public static Cgroup parse(String content) {
        Paths paths = new Paths();
        int length = content == null ? 0 : content.length();
        for (int from = 0; from < length; ) {
            int newline = content.indexOf('\n', from);
            int to = newline < 0 ? length : newline;
            paths.add(content.substring(from, to));
            from = to + 1;
        }
        String best = paths.best();
        String path = best == null ? null : withoutDeleted(best);
        return new Cgroup(
                path,
                path == null ? null : SystemdUnit.of(path),
                path == null ? null : container(path, paths.others),
                folder(paths.memory == null ? paths.v2 : paths.memory),
                paths.memory == null && folder(paths.v2) != null);
    }

    /**
     * Returns whether the path contains this id of a container: a run of 12 or more hexadecimal
     * digits, even if its runtime is not known.
     */
    public boolean containsId(String id) {
        return path != null && Container.contains(path, id);
    }

    /** The paths of one process; each is {@code null} if it has none. */
    private static final class Paths {
        private String systemd;
        private String v2;
        private String memory;
        private boolean hasRoot;

        /** The paths of all hierarchies, except the root, each once. */
        private final List<String> others = new ArrayList<>();

        void add(String line) {
            int controllersAt = line.indexOf(':') + 1;
            int pathAt = line.indexOf(':', controllersAt) + 1;
            if (controllersAt == 0 || pathAt == 0 || !line.startsWith(ROOT, pathAt)) {
                return;
            }
            String path = line.substring(pathAt);
            if (path.equals(ROOT)) {
                hasRoot = true;
            } else if (others.isEmpty() || !path.equals(others.get(others.size() - 1))) {
                others.add(path);
            }
            if (line.startsWith("0::")) {
                v2 = path;
            }
            // A hierarchy may have several controllers: cpu,cpuacct
            for (int at = controllersAt; at < pathAt && at > 0; at = line.indexOf(',', at) + 1) {
                if (isController("name=systemd", line, at)) {
                    systemd = path;
                } else if (isController("memory", line, at)) {
                    memory = path;
                }
            }
        }

        private static boolean isController(String name, String line, int at) {
            int end = at + name.length();
            return line.startsWith(name, at)
                    && (line.charAt(end) == ',' || line.charAt(end) == ':');
        }

        /** Returns the most specific path, see {@link Cgroup}. */
        String best() {
            for (String path : new String[] {systemd, v2, memory}) {
                if (path != null && !path.equals(ROOT)) {
                    return path;
                }
            }
            if (!others.isEmpty()) {
                return others.get(0);
            }
            return hasRoot ? ROOT : null;
        }
    }

    /**
     * Returns the container in the first path that contains one: LXC, for example, leaves some
     * hierarchies in the group of the user who started it.
     */
    private static String container(String path, List<String> others) {
        String container = Container.of(path);
        for (int i = 0; i < others.size() && container == null; i++) {
            String other = withoutDeleted(others.get(i));
            container = other.equals(path) ? null : Container.of(other);
        }
        return container;
    }

    private static String withoutDeleted(String path) {
        return path.endsWith(DELETED) ? path.substring(0, path.length() - DELETED.length()) : path;
    }

    /** Returns a path if its folder exists below the mount, else {@code null}. */
    private static String folder(String path) {
        if (path == null || path.endsWith(DELETED) || (path + '/').contains("/../")) {
            return null;
        }
        return path;
    }
}

// lib/psm/cgroup/CgroupMemory.java

/**
 * The limits and the usage of one control group, from the files of the memory controller: with
 * cgroup v2 (4.5) in the group's folder below {@code /sys/fs/cgroup}, with v1 below {@code
 * /sys/fs/cgroup/memory}. Every user may read them. They do not exist in kernels without the
 * controller, nor in the root group of v2. Sizes are in bytes; each number is {@link Missing#VALUE}
 * if it is not known. May be shared between threads.
 *
 * @param max the limit of memory, {@code memory.max} or {@code memory.limit_in_bytes}, or {@link
 *     #NO_LIMIT}
 * @param high the size above which the group is slowed down, {@code memory.high}, or {@link
 *     #NO_LIMIT}; v1 has no such file
 * @param current the memory in use, including page cache and the kernel's memory: {@code
 *     memory.current} or {@code memory.usage_in_bytes}
 * @param swapMax the limit of swap, {@code memory.swap.max}; with v1 the difference between {@code
 *     memory.memsw.limit_in_bytes} and max
 * @param swapCurrent the swap in use, {@code memory.swap.current}; with v1 from {@code
 *     memory.memsw.usage_in_bytes}
 * @param oomKills the number of processes that the OOM killer has killed in this group and those
 *     below: {@code oom_kill} of {@code memory.events}, in which a victim may count twice if
 *     oomGroup is set; with v1 of {@code memory.oom_control} (4.13), without the groups below
 * @param oomGroup {@code memory.oom.group} (4.19): whether the OOM killer kills the whole group at
 *     once; false with v1 and older kernels
 */
record CgroupMemory(
        long max,
        long high,
        long current,
        long swapMax,
        long swapCurrent,
        long oomKills,
        boolean oomGroup) {
    /** Stands for no limit. */
    static final long NO_LIMIT = Long.MAX_VALUE;

    /** The word that v2 prints for no limit. */
    private static final String NO_LIMIT_TEXT = "max";

    /** The smallest size that means no limit in v1, which prints 2^63 minus the size of a page. */
    private static final long LEAST_NO_LIMIT = 1L << 62;

    /** The path as {@link ProcFs} takes it: {@code sys} is beside {@code proc}. */
    private static final String MOUNT = "../sys/fs/cgroup";

    private static final String V1_MOUNT = MOUNT + "/memory";

    /** The folder where a host that uses both versions mounts v2. */
    private static final String HYBRID_MOUNT = MOUNT + "/unified";

    private static final String ROOT = "/";

    /** The limit for a file; the longest, memory.events, has some dozen lines. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * The largest number of groups to read; each takes 0.1 ms for seven files. If it is too low,
     * groups are missing on a host with many containers; if it is too high, a user who creates very
     * many groups delays the report.
     */
    private static final int MAX_CGROUPS = 10_000;

    /** The limit for the length of all paths together; the longest path has 4,096 characters. */
    private static final int MAX_PATH_CHARS = 2 << 20;

    /**
     * The deepest level to read. The kernel has no limit unless cgroup.max.depth is set, and a path
     * of 4,096 characters can have 2,048 levels.
     */
    private static final int MAX_DEPTH = 100;

    /**
     * Reads the control groups of processes and all groups above them, each once.
     *
     * @param contents the texts of {@code /proc/PID/cgroup} of the processes
     * @return the groups that have a memory controller, by {@link Cgroup#memoryPath}; only some of
     *     them if there are more than 10,000, or if their paths are very long or deep
     */
    public static Map<String, CgroupMemory> readAll(ProcFs proc, Set<String> contents) {
        Reader reader = new Reader(proc);
        for (String content : contents) {
            reader.readDownTo(Cgroup.parse(content));
        }
        return reader.cgroups;
    }

    private static final class Reader {
        final Map<String, CgroupMemory> cgroups = new HashMap<>();
        private final ProcFs proc;
        private final byte[] buffer = new byte[BUFFER_BYTES];
        private final Set<String> readPaths = new HashSet<>();

        /** The number of characters that is left for further paths. */
        private int charsLeft = MAX_PATH_CHARS;

        Reader(ProcFs proc) {
            this.proc = proc;
        }

        /**
         * Reads a group and those above it, from the root down, so that the upper groups are known
         * if a limit is reached.
         */
        void readDownTo(Cgroup cgroup) {
            String path = cgroup.memoryPath();
            if (path == null) {
                return;
            }
            read(ROOT, cgroup.isMemoryV2());
            int slash = path.length() > 1 ? 0 : -1;
            for (int depth = 0; slash >= 0 && depth < MAX_DEPTH; depth++) {
                slash = path.indexOf('/', slash + 1);
                read(slash < 0 ? path : path.substring(0, slash), cgroup.isMemoryV2());
            }
        }

        private void read(String path, boolean isV2) {
            boolean fits = readPaths.size() < MAX_CGROUPS && path.length() <= charsLeft;
            if (fits && readPaths.add(path)) {
                charsLeft -= path.length();
                CgroupMemory memory = CgroupMemory.read(proc, path, isV2, buffer);
                if (memory != null) {
                    cgroups.put(path, memory);
                }
            }
        }
    }

    /** Returns the path of the group above; {@code null} for the root. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        if (path.equals(ROOT) || slash < 0) {
            return null;
        }
        return slash == 0 ? ROOT : path.substring(0, slash);
    }

    /** Returns whether a group is another group or below it. */
    public static boolean isWithin(String path, String above) {
        return path != null
                && path.startsWith(above)
                && (path.length() == above.length()
                        || above.equals(ROOT)
                        || path.charAt(above.length()) == '/');
    }

    /**
     * Returns the path of the group whose limit applies to a group: of that group and those above
     * it, the one with the smallest limit; of several such, the uppermost.
     *
     * @return {@code null} if none of them has a limit
     */
    public static String limiting(String path, Map<String, CgroupMemory> cgroups) {
        String limiting = null;
        long least = NO_LIMIT;
        for (String above = path; above != null; above = parent(above)) {
            CgroupMemory memory = cgroups.get(above);
            if (memory != null && memory.isLimited() && memory.max <= least) {
                limiting = above;
                least = memory.max;
            }
        }
        return limiting;
    }

    /** Returns whether there is a size above which the group is slowed down. */
    public boolean hasHigh() {
        return high != Missing.VALUE && high != NO_LIMIT;
    }

    /** Returns whether the group has a limit of memory. */
    public boolean isLimited() {
        return max != Missing.VALUE && max != NO_LIMIT;
    }

    /** Reads one group; returns {@code null} if it has no memory controller. */
    private static CgroupMemory read(ProcFs proc, String path, boolean isV2, byte[] buffer) {
        if (!isNameable(path)) {
            return null;
        }
        String mount = isV2 ? v2Mount(proc) : V1_MOUNT;
        Folder folder = new Folder(proc, path.equals(ROOT) ? mount : mount + path, buffer);
        CgroupMemory memory = isV2 ? v2(folder) : v1(folder);
        return memory.max == Missing.VALUE && memory.current == Missing.VALUE ? null : memory;
    }

    /**
     * Returns whether the locale's encoding can represent a path, which may contain any bytes. If
     * not, Java would open the file of another group.
     */
    private static boolean isNameable(String path) {
        try {
            return Path.of(path).toString().equals(path);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    /**
     * Returns the folder where v2 is mounted. A group may be named {@code unified} too, but only a
     * mount of v2 contains cgroup.controllers.
     */
    private static String v2Mount(ProcFs proc) {
        return proc.exists(MOUNT + "/cgroup.controllers") || !proc.exists(HYBRID_MOUNT)
                ? MOUNT
                : HYBRID_MOUNT;
    }

    private static CgroupMemory v2(Folder folder) {
        return new CgroupMemory(
                folder.bytes("memory.max"),
                folder.bytes("memory.high"),
                folder.bytes("memory.current"),
                folder.bytes("memory.swap.max"),
                folder.bytes("memory.swap.current"),
                folder.value("memory.events", "oom_kill"),
                folder.bytes("memory.oom.group") == 1);
    }

    private static CgroupMemory v1(Folder folder) {
        long max = folder.bytes("memory.limit_in_bytes");
        long current = folder.bytes("memory.usage_in_bytes");
        return new CgroupMemory(
                max,
                Missing.VALUE,
                current,
                swapOf(folder.bytes("memory.memsw.limit_in_bytes"), max),
                swapOf(folder.bytes("memory.memsw.usage_in_bytes"), current),
                folder.value("memory.oom_control", "oom_kill"),
                false);
    }

    /** Returns the swap in a figure of v1 that includes memory and swap. */
    private static long swapOf(long both, long memory) {
        if (both == Missing.VALUE || memory == Missing.VALUE || both == NO_LIMIT) {
            return both;
        }
        return Math.max(0, both - memory);
    }

    /** The files of one group. */
    private static final class Folder {
        private final ProcFs proc;
        private final String name;
        private final byte[] buffer;

        Folder(ProcFs proc, String name, byte[] buffer) {
            this.proc = proc;
            this.name = name;
            this.buffer = buffer;
        }

        /** Returns the content of a file that is one number, or {@code max}. */
        long bytes(String file) {
            return number(text(file).strip());
        }

        /** Returns the number in the line that starts with a key. */
        long value(String file, String key) {
            return number(new KeyedLines(text(file)).value(key));
        }

        private String text(String file) {
            try {
                String path = name + '/' + file;
                return proc.mayBlock(path) ? "" : proc.text(path, buffer);
            } catch (IOException e) {
                return ""; // no such file, or the group has just been removed
            }
        }

        private static long number(String text) {
            if (NO_LIMIT_TEXT.equals(text)) {
                return NO_LIMIT;
            }
            long value = KeyedLines.parse(text);
            return value >= LEAST_NO_LIMIT ? NO_LIMIT : value;
        }
    }
}

// lib/psm/cgroup/Container.java

/**
 * The container, pod or virtual machine that a control group belongs to. The class knows the names
 * that runtimes give to groups, which are the same with v1 and v2:
 *
 * <ul>
 *   <li>{@code docker-ID.scope}, {@code libpod-ID.scope}, {@code cri-containerd-ID.scope}, {@code
 *       crio-ID.scope}, {@code nerdctl-ID.scope} if systemd creates the groups; {@code docker/ID},
 *       {@code libpod_parent/libpod-ID}, {@code default/ID} (containerd) if the runtime does. Any
 *       other {@code RUNTIME-ID} is a container too, and so is an ID without a runtime
 *   <li>{@code kata_ID}, {@code kata_overhead/ID}: Kata; {@code ecs/TASK/TASK-NUMBER}: Fargate;
 *       {@code garden/HANDLE}: Cloud Foundry; {@code nomad/UUID.TASK}, {@code mesos/UUID}, {@code
 *       firecracker/ID}, {@code buildkit/ID}
 *   <li>{@code kubepods-burstable-podUID.slice}, {@code podUID}: a pod of Kubernetes
 *   <li>{@code lxc.payload.NAME}, {@code lxc.payload/NAME}, {@code lxc/NAME}: LXC, LXD, Incus,
 *       Proxmox
 *   <li>{@code machine-NAME.scope}, {@code systemd-nspawn@NAME.service}: systemd-nspawn
 *   <li>{@code machine-qemu\x2d1\x2dNAME.scope}, {@code qemu-1-NAME.libvirt-qemu}, {@code
 *       libvirt/qemu/NAME}: a virtual machine of libvirt; {@code qemu.slice/100.scope}: one of
 *       Proxmox
 * </ul>
 *
 * <p>Processes that serve a container from outside belong to no container: {@code
 * libpod-conmon-ID.scope}, {@code lxc.monitor.NAME}, nspawn's {@code supervisor}. A user who
 * creates groups chooses their names, and may make them look like a container.
 */
final class Container {
    /** The length of a container's id, a SHA-256 or a random number in hexadecimal digits. */
    private static final int ID_DIGITS = 64;

    /** The number of digits that {@code docker ps} shows. */
    private static final int SHOWN_DIGITS = 12;

    private static final int UUID_CHARS = 36;

    /** The length of a handle of Cloud Foundry at least: a UUID without its last group. */
    private static final int HANDLE_CHARS = 23;

    /** The length of the id of a task of ECS. */
    private static final int TASK_DIGITS = 32;

    private static final int BUILDKIT_DIGITS = 25;

    private static final String SCOPE = ".scope";
    private static final String SERVICE = ".service";
    private static final String SLICE = ".slice";
    private static final String MACHINE = "machine-";
    private static final String LIBVIRT_QEMU = ".libvirt-qemu";
    private static final String LIBVIRT_LXC = ".libvirt-lxc";
    private static final String NSPAWN = "systemd-nspawn@";
    private static final String PROXMOX_VMS = "qemu.slice";
    private static final String LXC_PAYLOAD = "lxc.payload.";

    private final String[] groups;
    private final StringBuilder name = new StringBuilder();

    /**
     * The UID of the last pod in the path, whose container may follow; {@code null} if there is
     * none.
     */
    private String pod;

    private Container(String path) {
        groups = path.split("/", -1);
    }

    /**
     * Returns a short name: {@code docker 3f2a9c1b7d44}, {@code pod UID cri-containerd
     * 3f2a9c1b7d44}, {@code lxc web1}, {@code nspawn web1}, {@code qemu vm1}. For a container in a
     * container it returns both, the outer one first, {@code lxc web1 / docker 3f2a9c1b7d44}: only
     * the outer one can be listed and stopped on this host, and the inner one says which processes
     * these are.
     *
     * @param path the group
     * @return {@code null} if the group is in no container
     */
    static String of(String path) {
        return new Container(path).name();
    }

    private String name() {
        for (int i = 1; i < groups.length; i++) {
            String group = groups[i];
            if (isPlainUnit(group)) {
                continue;
            }
            if (isOutside(i)) {
                break;
            }
            String runtime = runtimeOfNext(i);
            if (runtime != null) {
                i++;
                addNamed(runtime, groups[i]);
            } else if (isNomad(i)) {
                addNomad(group);
            } else if (group.startsWith(LXC_PAYLOAD)) {
                add("lxc", group.substring(LXC_PAYLOAD.length()));
            } else if (isMachine(group)) {
                addMachine(group);
            } else {
                addPodOrId(group, next(i));
            }
        }
        if (pod != null) {
            addPod();
        }
        return name.isEmpty() ? null : name.toString();
    }

    /** Returns whether a group is a unit or slice that cannot be a container, as most are. */
    private static boolean isPlainUnit(String group) {
        return group.endsWith(SERVICE)
                ? !group.startsWith(NSPAWN)
                : group.endsWith(SLICE) && !group.contains("pod") && !group.equals(PROXMOX_VMS);
    }

    private String next(int i) {
        return i + 1 < groups.length ? groups[i + 1] : "";
    }

    /** Returns whether a group contains the processes that serve a container from outside. */
    private boolean isOutside(int i) {
        String group = groups[i];
        return group.equals("lxc.monitor")
                || group.startsWith("lxc.monitor.")
                || (isMachine(group) && next(i).equals("supervisor"))
                || (hasId(group) && runtime(group).endsWith("conmon"));
    }

    /** Returns whether a path is of processes that serve a container from outside. */
    private static boolean isServed(String path) {
        Container container = new Container(path);
        for (int i = 1; i < container.groups.length; i++) {
            if (container.isOutside(i)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns the runtime if the next group is named after one of its containers, else {@code
     * null}.
     */
    private String runtimeOfNext(int i) {
        String next = next(i);
        if (next.isEmpty() || next.equals("..")) {
            return null;
        }
        return switch (groups[i]) {
            case "docker" -> isHex(next, 0) ? "docker" : null;
            case "lxc", "lxc.payload" -> "lxc";
            case "qemu" -> groups[i - 1].equals("libvirt") ? "qemu" : null;
            case PROXMOX_VMS -> next.endsWith(SCOPE) ? "qemu" : null;
            case "kata_overhead" -> isId(next) ? "kata" : null;
            case "firecracker" -> "firecracker";
            case "mesos" -> isUuid(next) ? "mesos" : null;
            case "garden", "good", "bad" -> isGarden(i) && isHandle(next) ? "garden" : null;
            case "buildkit" -> isBuildkitId(next) ? "buildkit" : null;
            // containerd's own namespaces are at the top.
            case "default", "k8s.io" -> i == 1 && (isId(next) || !hasId(next)) ? "containerd" : null;
            default -> isTask(groups[i], next) ? "ecs" : null;
        };
    }

    /** Adds a container whose group is named after it. */
    private void addNamed(String runtime, String group) {
        add(runtime, withoutSuffix(group, SCOPE));
    }

    /** Returns whether a group is a task of ECS and the next one a container of Fargate in it. */
    private static boolean isTask(String group, String next) {
        int length = group.length();
        return length == TASK_DIGITS
                && isHex(group, 0)
                && next.startsWith(group)
                && next.startsWith("-", length)
                && isHex(next, length + 1);
    }

    /** Returns whether a group is garden's, which has two groups below it since 2019. */
    private boolean isGarden(int i) {
        return groups[i].equals("garden") || groups[i - 1].equals("garden");
    }

    /** Returns whether a name is a UUID, or the start of one, as handles of Cloud Foundry are. */
    private static boolean isHandle(String name) {
        boolean isHandle = name.length() >= HANDLE_CHARS && name.length() <= UUID_CHARS;
        for (int i = 0; i < name.length() && isHandle; i++) {
            isHandle = isUuid(name, i);
        }
        return isHandle;
    }

    /** Returns whether a name is an id of buildkit, a number in 25 digits of base 36. */
    private static boolean isBuildkitId(String name) {
        boolean isId = name.length() == BUILDKIT_DIGITS;
        for (int i = 0; i < name.length() && isId; i++) {
            char c = name.charAt(i);
            isId = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
        }
        return isId;
    }

    /** Returns whether a group is a task of Nomad: {@code UUID.TASK} below one of Nomad's. */
    private boolean isNomad(int i) {
        String group = groups[i];
        return group.length() > UUID_CHARS + 1
                && group.charAt(UUID_CHARS) == '.'
                && isUuid(group.substring(0, UUID_CHARS))
                && (groups[i - 1].equals("nomad") || groups[1].equals("nomad.slice"));
    }

    private void addNomad(String group) {
        String task = withoutSuffix(group.substring(UUID_CHARS + 1), SCOPE);
        if (!task.isEmpty()) {
            add("nomad", group.substring(0, UUID_CHARS) + ' ' + task);
        }
    }

    private static boolean isMachine(String group) {
        return (group.startsWith(MACHINE) && group.endsWith(SCOPE))
                || group.startsWith(NSPAWN)
                || group.endsWith(LIBVIRT_QEMU)
                || group.endsWith(LIBVIRT_LXC);
    }

    private void addMachine(String group) {
        if (group.startsWith(NSPAWN)) {
            String instance = withoutSuffix(group.substring(NSPAWN.length()), SERVICE);
            add("nspawn", SystemdUnit.unescaped(instance));
        } else if (group.endsWith(LIBVIRT_QEMU)) {
            add("qemu", withoutNumber(withoutSuffix(group, LIBVIRT_QEMU), "qemu-"));
        } else if (group.endsWith(LIBVIRT_LXC)) {
            add("lxc", withoutNumber(withoutSuffix(group, LIBVIRT_LXC), "lxc-"));
        } else {
            addRegistered(
                    SystemdUnit.unescaped(withoutSuffix(group.substring(MACHINE.length()), SCOPE)));
        }
    }

    /**
     * Adds a machine that is registered with systemd-machined; libvirt registers {@code
     * qemu-1-vm1}.
     */
    private void addRegistered(String machine) {
        String vm = withoutNumber(machine, "qemu-");
        String libvirtLxc = withoutNumber(machine, "lxc-");
        if (!vm.equals(machine)) {
            add("qemu", vm);
        } else if (!libvirtLxc.equals(machine)) {
            add("lxc", libvirtLxc);
        } else if (machine.startsWith("rkt-")) {
            add("rkt", machine.substring("rkt-".length()));
        } else {
            add("nspawn", machine);
        }
    }

    /** Returns the rest of a name after a prefix such as {@code qemu-1-}. */
    private static String withoutNumber(String name, String prefix) {
        if (!name.startsWith(prefix)) {
            return name;
        }
        int at = prefix.length();
        while (at < name.length() && name.charAt(at) >= '0' && name.charAt(at) <= '9') {
            at++;
        }
        boolean hasNumber = at > prefix.length() && name.startsWith("-", at);
        return hasNumber ? name.substring(at + 1) : name;
    }

    /**
     * Adds the pod and the container that a group's name contains. It contains both, {@code
     * podUID.slice:cri-containerd:ID}, if containerd is not configured to let systemd create the
     * groups.
     */
    private void addPodOrId(String group, String next) {
        String uid = podUid(group);
        if (uid != null) {
            pod = uid;
        }
        // An ID above a container of podman is that of a pod.
        if (hasId(group) && !next.startsWith("libpod-")) {
            String runtime = runtime(group);
            String id = withoutSuffix(group, SCOPE);
            add(
                    runtime.startsWith("libpod") ? "podman" : runtime,
                    id.substring(id.length() - ID_DIGITS));
        }
    }

    /**
     * Returns the UID of a pod: a UUID, whose dashes are underscores in the name of a slice, or the
     * hash of a static pod.
     */
    private static String podUid(String group) {
        int colon = group.indexOf(':');
        String name = colon < 0 ? group : group.substring(0, colon);
        String uid;
        if (name.endsWith(SLICE)) {
            int dash = name.lastIndexOf("-pod");
            uid = withoutSuffix(name.substring(dash < 0 ? name.length() : dash + 1), SLICE);
        } else {
            uid = name;
        }
        if (!uid.startsWith("pod")) {
            return null;
        }
        uid = uid.substring("pod".length()).replace('_', '-');
        return isUuid(uid) || (uid.length() == 32 && isHex(uid, 0)) ? uid : null;
    }

    private static boolean isUuid(String text) {
        return text.length() == UUID_CHARS && isHandle(text);
    }

    /** Returns whether a character may be at this place of a UUID. */
    private static boolean isUuid(String text, int at) {
        boolean isDash = at == 8 || at == 13 || at == 18 || at == 23;
        return isDash ? text.charAt(at) == '-' : isHex(text.charAt(at));
    }

    /**
     * Returns whether a group or scope is named {@code RUNTIME-ID}, {@code RUNTIME_ID}, {@code
     * SLICE:RUNTIME:ID} or {@code ID}.
     */
    private static boolean hasId(String group) {
        String name = withoutSuffix(group, SCOPE);
        int at = name.length() - ID_DIGITS;
        return at >= 0
                && isHex(name, at)
                && (at == 0 || "-_:.".indexOf(name.charAt(at - 1)) >= 0);
    }

    private static boolean isId(String group) {
        return group.length() == ID_DIGITS && isHex(group, 0);
    }

    /** Returns the runtime in the name of a group that contains an id. */
    private static String runtime(String group) {
        int end = withoutSuffix(group, SCOPE).length() - ID_DIGITS - 1;
        return end <= 0 ? "container" : group.substring(group.lastIndexOf(':', end - 1) + 1, end);
    }

    /**
     * Returns whether a path contains an id, or one that starts with it or that it starts with: a
     * run of hexadecimal digits, whatever runtime has made it.
     *
     * @param id at least as many digits as {@code docker ps} shows, else the result is false
     */
    static boolean contains(String path, String id) {
        if (id.length() < SHOWN_DIGITS || !isHex(id, 0)) {
            return false;
        }
        for (int from = 0; from < path.length(); from++) {
            int to = from;
            while (to < path.length() && isHex(path.charAt(to))) {
                to++;
            }
            int shared = Math.min(to - from, id.length());
            if (shared >= SHOWN_DIGITS && path.regionMatches(from, id, 0, shared)) {
                return !isServed(path);
            }
            from = to;
        }
        return false;
    }

    private static boolean isHex(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            if (!isHex(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** Returns whether a character is a hexadecimal digit; runtimes write lower case. */
    private static boolean isHex(char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    }

    private static String withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private void add(String runtime, String id) {
        if (id.isEmpty()) {
            return;
        }
        if (pod == null) {
            separate();
        } else {
            addPod();
            name.append(' ');
        }
        name.append(runtime).append(' ').append(isId(id) ? id.substring(0, SHOWN_DIGITS) : id);
    }

    private void addPod() {
        separate();
        name.append("pod ").append(pod);
        pod = null;
    }

    private void separate() {
        if (!name.isEmpty()) {
            name.append(" / ");
        }
    }
}

// lib/psm/cgroup/SystemdUnit.java

/**
 * The systemd unit that a control group belongs to, as {@code ps -o unit,uunit} and systemd-cgls(1)
 * show it. May be shared between threads.
 */
final class SystemdUnit {
    private static final String SERVICE = ".service";
    private static final String SLICE = ".slice";

    /** The suffixes of units that contain processes. */
    private static final String[] SUFFIXES = {SERVICE, ".scope", ".socket", ".mount", ".swap"};

    /** The start of the unit of a user's service manager, which has units of its own. */
    private static final String USER_MANAGER = "user@";

    private static final String ESCAPE = "\\x";
    private static final int ESCAPE_CHARS = 4;

    private SystemdUnit() {}

    /**
     * Returns the first group of the path that is not a slice, such as {@code nginx.service} or
     * {@code session-1.scope}: slices only arrange units. For a unit of a user's service manager it
     * returns both, {@code user@1000.service/syncthing.service}, since other users and the system
     * may have units of the same name.
     *
     * <p>Units of a systemd that runs in a container are left out: systemctl(1) would not find them
     * on this host, or would find others of the same name.
     *
     * @param path the group, in the hierarchy of systemd or of cgroup v2
     * @return as in {@link #unescaped}; {@code null} if the group is in no unit
     */
    static String of(String path) {
        String manager = null;
        for (String group : path.split("/", -1)) {
            if (group.isEmpty() || group.equals("..") || group.endsWith(SLICE)) {
                continue;
            }
            String unit = isUnit(group) ? unescaped(group) : null;
            if (manager != null) {
                return unit == null ? manager : manager + '/' + unit;
            }
            if (unit == null || !unit.startsWith(USER_MANAGER)) {
                return unit;
            }
            manager = unit;
        }
        return manager;
    }

    /**
     * Returns whether a group is in one of the wanted units or slices, as systemctl(1) sees it:
     * {@code user@1000.service} contains all that the service manager of that user runs.
     *
     * @param wanted names as {@link #of} returns them or, with {@code \x2d}, as systemctl(1) prints
     *     them; {@code .service} may be left out
     */
    public static boolean isIn(String path, Set<String> wanted) {
        String manager = "";
        for (String group : path.split("/", -1)) {
            if (group.isEmpty() || group.equals("..")) {
                continue;
            }
            boolean isSlice = group.endsWith(SLICE);
            if (!isSlice && !isUnit(group)) {
                return false;
            }
            String unit = unescaped(group);
            if (isNamed(wanted, manager + unit) || isNamed(wanted, manager + plain(group))) {
                return true;
            }
            boolean isManager = manager.isEmpty() && unit.startsWith(USER_MANAGER);
            if (!isSlice && !isManager) {
                return false; // the groups below are not units of this host
            }
            manager = isManager ? unit + '/' : manager;
        }
        return false;
    }

    private static boolean isNamed(Set<String> wanted, String unit) {
        int suffix = unit.endsWith(SERVICE) ? unit.length() - SERVICE.length() : 0;
        return wanted.contains(unit) || wanted.contains(unit.substring(0, suffix));
    }

    private static boolean isUnit(String group) {
        for (String suffix : SUFFIXES) {
            if (group.endsWith(suffix) && group.length() > suffix.length()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Returns a name as people write it: {@code \x2d} becomes the byte that it stands for, and an
     * underscore at the start is removed. (systemd adds it to names that the kernel's files have.)
     * Two units may get the same name.
     */
    static String unescaped(String name) {
        String escaped = plain(name);
        if (!escaped.contains(ESCAPE)) {
            return escaped;
        }
        StringBuilder out = new StringBuilder(escaped.length());
        for (int i = 0; i < escaped.length(); ) {
            int to = i;
            while (escapedByte(escaped, to) > 0) {
                to += ESCAPE_CHARS;
            }
            if (to == i) {
                out.append(escaped.charAt(i++));
            } else {
                out.append(decoded(escaped, i, to));
                i = to;
            }
        }
        return out.toString();
    }

    /** Returns a name without the underscore at its start, as systemctl(1) prints it. */
    private static String plain(String name) {
        return name.startsWith("_") ? name.substring(1) : name;
    }

    /** Decodes consecutive escaped bytes together, since one letter in UTF-8 may take several. */
    private static String decoded(String escaped, int from, int to) {
        byte[] bytes = new byte[(to - from) / ESCAPE_CHARS];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) escapedByte(escaped, from + i * ESCAPE_CHARS);
        }
        return Text.decode(bytes, 0, bytes.length);
    }

    /** Returns the escaped byte at an index; less than 1 if there is none. */
    private static int escapedByte(String name, int at) {
        if (!name.startsWith(ESCAPE, at) || at + ESCAPE_CHARS > name.length()) {
            return -1;
        }
        int high = Character.digit(name.charAt(at + 2), 16);
        int low = Character.digit(name.charAt(at + 3), 16);
        return high < 0 || low < 0 ? -1 : high * 16 + low;
    }
}

// lib/psm/name/Cmdline.java

/**
 * Reads the arguments of one process after the other, from {@code /proc/PID/cmdline}. All processes
 * use the same array, so it belongs to one thread.
 */
final class Cmdline {
    /**
     * The limit for the first argument, which may be a path. Without a limit, a user could start a
     * thousand processes with first arguments of 2 MB.
     */
    private static final int FIRST_ARGUMENT_BYTES = 4096;

    /** The limit for all arguments; class paths of Java programs have some 10 kB. */
    private static final int ARGUMENTS_BYTES = 128 * 1024;

    /**
     * The length to which joined arguments are cut. If it is too low, command lines that differ
     * near their end become the same; if it is too high, those of all processes do not fit into the
     * heap.
     */
    private static final int MAX_JOINED_CHARS = 1024;

    /** The bytes of joined arguments, at four bytes a character at most. */
    private static final int MAX_JOINED_BYTES = 4 * MAX_JOINED_CHARS;

    /**
     * The limit for all joined arguments together; later ones are left out. If it is too low, some
     * are missing on a large host; if it is too high, a user who starts ten thousand processes
     * fills the heap, which four readers share.
     */
    private static final int MAX_ALL_JOINED_CHARS = 1 << 20;

    private byte[] buffer = new byte[FIRST_ARGUMENT_BYTES];

    /** The number of bytes of the buffer that belong to the process. */
    private int length;

    /** The length of all joined arguments so far. */
    private int joinedChars;

    /**
     * Reads the arguments of a process, none if they cannot be read.
     *
     * @param folder the folder of the process
     * @param all whether more than the first argument is needed
     */
    void read(ProcFs proc, String folder, boolean all) {
        try {
            length = proc.read(folder + "/cmdline", buffer);
            if (all && isCut() && length < ARGUMENTS_BYTES) {
                buffer = new byte[ARGUMENTS_BYTES];
                length = proc.read(folder + "/cmdline", buffer);
            }
        } catch (IOException e) {
            length = 0;
        }
    }

    void clear() {
        length = 0;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Returns whether the command line may continue after what was read. */
    boolean isCut() {
        return length == buffer.length;
    }

    /** Returns the bytes that were read. */
    byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    boolean isSame(byte[] bytes) {
        return Arrays.equals(buffer, 0, length, bytes, 0, bytes.length);
    }

    /** Returns the first argument; empty if there is none. */
    String first() {
        return argument(0);
    }

    /** Returns the arguments, each cut to {@link #FIRST_ARGUMENT_BYTES}. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        for (int from = 0; from < length; from = end(from, length) + 1) {
            arguments.add(argument(from));
        }
        return arguments;
    }

    private String argument(int from) {
        int to = end(from, Math.min(length, from + FIRST_ARGUMENT_BYTES));
        return Text.decode(buffer, from, to);
    }

    private int end(int from, int limit) {
        int end = from;
        while (end < limit && buffer[end] != 0) {
            end++;
        }
        return end;
    }

    /**
     * Returns the arguments with blanks between them, cut to 1,024 characters. Zero bytes and
     * blanks at the end, which some programs leave there, are removed.
     *
     * @return {@code null} if there are none, or the limit for all processes is reached
     */
    String joined() {
        int to = Math.min(length, MAX_JOINED_BYTES);
        while (to > 0 && (buffer[to - 1] == 0 || buffer[to - 1] == ' ')) {
            to--;
        }
        if (to == 0 || joinedChars > MAX_ALL_JOINED_CHARS) {
            return null;
        }
        byte[] line = Arrays.copyOf(buffer, to);
        for (int i = 0; i < to; i++) {
            line[i] = line[i] == 0 ? (byte) ' ' : line[i];
        }
        String cut = Text.cut(Text.decode(line, 0, to), MAX_JOINED_CHARS);
        joinedChars += cut.length();
        return cut;
    }
}

// lib/psm/name/NameRule.java

/**
 * The rule by which processes are named.
 *
 * @param byTitle whether a title that a program has set is its name, see {@link ProgramName}
 * @param scripts whether interpreters are distinguished by what they run, see {@link ScriptName}
 * @param allNames whether the names by all other rules are needed too, see {@link Program.Names}
 * @param commands whether the whole command line is needed too
 * @param arguments whether arguments may be read at all: they contain titles, scripts and command
 *     lines
 */
record NameRule(
        boolean byTitle, boolean scripts, boolean allNames, boolean commands, boolean arguments) {
    boolean needsExecutableOnly() {
        return !byTitle && !scripts && !allNames && !commands;
    }

    boolean needsAllArguments() {
        return scripts || allNames;
    }
}

// lib/psm/name/Program.java

/**
 * The program that a process runs.
 *
 * @param name its name by the requested rule, see {@link NameRule}
 * @param file what happened to its executable
 * @param names the names by each rule; {@code null} if they were not requested
 */
record Program(String name, File file, Names names) {
    /** What happened to an executable since it was started. */
    public enum File {
        /** The file is there. */
        CURRENT,
        /** The file was deleted. */
        DELETED,
        /** The file was deleted and another one is in its place, as after an update. */
        UPDATED,
        /** psm lacks the permission to see which file it is. */
        UNKNOWN
    }

    /**
     * The names of a program, one for each rule.
     *
     * @param title the title that it has set, else the name of the executable
     * @param executable the name of the executable
     * @param script the interpreter and what it runs, see {@link ScriptName}; {@code null} for
     *     other programs
     */
    public record Names(String title, String executable, String script) {
        /**
         * Returns one of the names.
         *
         * @param byTitle whether to prefer the title to the name of the executable
         * @param scripts whether to prefer the script, if there is one, to both
         */
        public String by(boolean byTitle, boolean scripts) {
            if (scripts && script != null) {
                return script;
            }
            return byTitle ? title : executable;
        }
    }

    public Program(String name, File file) {
        this(name, file, null);
    }

    /** Returns the same program with the name by another rule, if its names are known. */
    public Program named(boolean byTitle, boolean scripts) {
        return names == null ? this : new Program(names.by(byTitle, scripts), file, names);
    }
}

// lib/psm/name/ProgramName.java

/**
 * Finds the name by which processes are grouped.
 *
 * <p>A program that sets its title (setproctitle(3)) writes it over its first argument in {@code
 * /proc/PID/cmdline}: {@code nginx: worker process}. The first argument of other programs is the
 * name or the path by which they were started, so that {@code bash}, {@code -bash} and {@code
 * /bin/bash} are one program, and a link such as {@code redis-server} has its own name. Where the
 * first argument names no program ({@code /proc/self/exe}), the name is that of the executable.
 */
final class ProgramName {
    /** The start of the path of an executable that exists only in memory, memfd_create(2). */
    static final String MEMFD = "/memfd:";

    /** The length to which the kernel cuts its name of a program. */
    private static final int COMM_CHARS = 15;

    /** The start of the path of a running executable, or of an open file. */
    private static final String PROC = "/proc/";

    private static final String DESCRIPTORS = "/dev/fd/";

    /** The start of the names that dovecot passes to its services; it is no folder. */
    private static final String DOVECOT = "dovecot/";

    // What package managers append to the name of a file while they replace it.
    private static final String PRELINK = ".#prelink#.";
    private static final int PRELINK_CHARS = PRELINK.length() + 6;
    private static final int RPM_CHARS = 9;
    private static final String[] DPKG = {".dpkg-new", ".dpkg-tmp"};

    /** The end of the name that Nix gives to a program for which it makes a script to start it. */
    private static final String WRAPPED = "-wrapped";

    private ProgramName() {}

    /**
     * Returns the name of a program.
     *
     * @param exe the target of {@code /proc/PID/exe}; {@code null} if permission was denied
     * @param firstArgument the first argument in {@code /proc/PID/cmdline}; empty if there is none
     * @param comm the kernel's name, the last resort; may be {@code null}
     */
    public static String of(String exe, String firstArgument, String comm) {
        return of(exe, exe == null ? null : ofExecutable(exe), firstArgument, comm);
    }

    /**
     * Returns the name of a program.
     *
     * @param own the result of {@link #ofExecutable}; {@code null} if permission was denied
     */
    static String of(String exe, String own, String firstArgument, String comm) {
        String argument = withoutBlanksAtEnd(firstArgument);
        String name = argument.isEmpty() ? null : ofArgument(exe, own, argument, comm);
        if (name != null && !name.isEmpty()) {
            return name;
        }
        if (own != null && !own.isEmpty()) {
            return own;
        }
        return comm == null || comm.isEmpty() ? "?" : comm;
    }

    /** Returns the name of a program by the path of its executable alone. */
    public static String ofExecutable(String exe) {
        // The text after the colon is the program's choice and may contain slashes.
        return exe.startsWith(MEMFD) ? exe.substring(1) : unwrapped(baseName(withoutLeftover(exe)));
    }

    /**
     * Returns the path that a file had before a package manager replaced it: prelink, rpm and dpkg
     * rename a file before they delete it.
     *
     * @return the same object if nothing was appended
     */
    static String withoutLeftover(String path) {
        int end = path.length() - leftoverChars(path);
        return end == path.length() || end <= 0 || path.charAt(end - 1) == '/'
                ? path
                : path.substring(0, end);
    }

    private static int leftoverChars(String path) {
        int length = path.length();
        if (length > RPM_CHARS && path.charAt(length - RPM_CHARS) == ';') {
            int at = length - RPM_CHARS + 1;
            while (at < length && Character.digit(path.charAt(at), 16) >= 0) {
                at++;
            }
            return at == length ? RPM_CHARS : 0;
        }
        if (path.startsWith(PRELINK, length - PRELINK_CHARS)) {
            return PRELINK_CHARS;
        }
        for (String suffix : DPKG) {
            if (path.endsWith(suffix)) {
                return suffix.length();
            }
        }
        return 0;
    }

    /** Returns {@code x} for Nix' {@code .x-wrapped}, which may end with underscores. */
    private static String unwrapped(String name) {
        if (!name.startsWith(".")) {
            return name;
        }
        int end = name.length();
        while (end > 1 && name.charAt(end - 1) == '_') {
            end--;
        }
        int from = end - WRAPPED.length();
        return from > 1 && name.startsWith(WRAPPED, from) ? name.substring(1, from) : name;
    }

    /**
     * Returns the name that the first argument contains; {@code null} for that of the executable.
     */
    private static String ofArgument(String exe, String own, String argument, String comm) {
        if (argument.charAt(0) == '-') {
            return ofLoginShell(own, argument);
        }
        int slash = argument.indexOf('/');
        if (slash == 0) {
            return ofPath(exe, own, argument, comm);
        }
        if (slash > 0 && isRelativePath(own, argument)) {
            return ofPath(exe, own, argument, comm);
        }
        if (slash < 0 && argument.startsWith(":\\", 1)) {
            return argument.substring(argument.lastIndexOf('\\') + 1); // Wine: C:\x.exe
        }
        return argument;
    }

    /**
     * Returns the name of a shell that login(1) has started, with a hyphen before its name. su(1)
     * starts the user's shell as {@code -su}.
     */
    private static String ofLoginShell(String own, String argument) {
        String name = baseName(argument.substring(1));
        if (isShell(name) || name.equals(own)) {
            return name;
        }
        return own != null && isShell(own) ? own : argument;
    }

    private static boolean isShell(String name) {
        return switch (name) {
            case "sh", "ash", "dash", "bash", "rbash", "ksh", "mksh", "zsh", "rzsh", "csh", "tcsh",
                    "fish" ->
                    true;
            default -> false;
        };
    }

    /** Returns whether an argument with a slash is a path, not a title that contains one. */
    private static boolean isRelativePath(String own, String argument) {
        if (argument.startsWith("./") || argument.startsWith("../")) {
            return true;
        }
        if (argument.indexOf(' ') >= 0 || argument.startsWith(DOVECOT)) {
            return false;
        }
        String name = baseName(argument);
        String folder = baseName(argument.substring(0, argument.length() - name.length() - 1));
        return folder.equals("bin")
                || folder.equals("sbin")
                || (own != null && own.startsWith(name));
    }

    /** Returns the base name of the path that an argument is, or starts with. */
    private static String ofPath(String exe, String own, String argument, String comm) {
        if (isOfNoProgram(argument) || isSame(exe, argument)) {
            return null;
        }
        String name = baseName(argument);
        int blank = argument.indexOf(' ');
        if (blank < 0) {
            return name;
        }
        // It is a path and options in one argument, a path and a title, or a path with blanks.
        String head = argument.substring(0, blank);
        if (isOfNoProgram(head) || (exe != null && exe.startsWith(argument.substring(0, blank + 1)))) {
            return null;
        }
        String first = baseName(head);
        boolean isWhole = name.equals(own) || (!isOfKernel(first, comm) && isOfKernel(name, comm));
        return isWhole ? name : first;
    }

    /**
     * Returns whether a path leads to the running executable or to an open file, as Electron, runc
     * and others start themselves: {@code /proc/self/exe}, {@code /proc/self/fd/3}.
     */
    private static boolean isOfNoProgram(String path) {
        if (path.startsWith(DESCRIPTORS)) {
            return true;
        }
        int slash = path.startsWith(PROC) ? path.indexOf('/', PROC.length()) : -1;
        return slash > 0
                && (path.startsWith("/exe", slash) && slash + "/exe".length() == path.length()
                        || path.startsWith("/fd/", slash));
    }

    /** Returns whether one path is the other, or a folder above it, or is followed by a blank. */
    private static boolean isSame(String exe, String argument) {
        if (exe == null) {
            return false;
        }
        int shared = Math.min(exe.length(), argument.length());
        if (!exe.regionMatches(0, argument, 0, shared)) {
            return false;
        }
        return exe.length() == argument.length()
                || (exe.length() > shared ? exe.charAt(shared) == '/' : argument.charAt(shared) == ' ');
    }

    /** Returns whether the kernel has cut its name of the program from this one. */
    private static boolean isOfKernel(String name, String comm) {
        return comm == null
                || name.equals(comm)
                || (comm.length() == COMM_CHARS && name.startsWith(comm));
    }

    private static String withoutBlanksAtEnd(String text) {
        int end = text.length();
        while (end > 0 && text.charAt(end - 1) == ' ') {
            end--;
        }
        return text.substring(0, end); // the same object if there are none
    }

    static String baseName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}

// lib/psm/name/ProgramReader.java

/**
 * Finds the names of one process after the other, from {@code exe} and {@code cmdline} in its
 * folder. All processes use the same array, so it belongs to one thread.
 */
final class ProgramReader {
    /** The suffix that the kernel appends to the path of a deleted file. */
    private static final String DELETED = " (deleted)";

    /**
     * The limit for all names together: later names are cut to {@link #SHORT_NAME_CHARS}. All names
     * must fit into a snapshot, see {@code SnapshotFormat.MAX_CHARS}.
     */
    private static final int MAX_ALL_NAMES_CHARS = 1 << 18;

    /** The length of names beyond that limit; the kernel's own names have the same limit. */
    private static final int SHORT_NAME_CHARS = 15;

    /** The size of a buffer that the start of status fits into, with the name. */
    private static final int STATUS_BYTES = 256;

    private static final byte[] NO_ARGUMENTS = {};

    private final ProcFs proc;
    private final NameRule rule;
    private final Cmdline cmdline = new Cmdline();

    /** The length of all names so far; each process has several. */
    private int nameChars;

    // The process that was read last.
    private ProcStat stat;
    private String exe;

    /** The name of its executable; {@code null} if permission was denied. */
    private String executable;

    private Program.File file;
    private Program program;

    /** The bytes of its arguments if it is a fork without exec(2), else empty. */
    private byte[] forkArguments = NO_ARGUMENTS;

    private boolean isWhole;
    private String command;

    public ProgramReader(ProcFs proc, NameRule rule) {
        this.proc = proc;
        this.rule = rule;
    }

    /**
     * Reads the program of a process; a file that cannot be read is ignored. The caller has to
     * check afterwards that the process is still the same.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param now the stat in that folder, whose name is used if there is no other; may be {@code
     *     null}
     */
    public Program read(String folder, ProcStat now) {
        boolean isSameExecutable = isOfTheSameExecutable(now);
        if (!isSameExecutable) {
            readExecutable(folder);
        }
        boolean isEnough = !rule.arguments() || (exe != null && rule.needsExecutableOnly());
        if (isEnough) {
            cmdline.clear();
        } else {
            boolean isWrapper = executable != null && Wrapper.is(executable);
            cmdline.read(proc, folder, isWrapper || rule.needsAllArguments());
        }
        isWhole = exe != null && (isEnough || !cmdline.isEmpty());
        if (!isSameExecutable || cmdline.isEmpty() || !cmdline.isSame(forkArguments)) {
            program = program(now == null ? comm(folder) : now.comm());
            boolean isFork = now != null && now.isForkWithoutExec();
            forkArguments = isFork ? cmdline.bytes() : NO_ARGUMENTS;
        }
        stat = now;
        return program;
    }

    /** Returns the kernel's name in a tree without stat; {@code null} if there is none either. */
    private String comm(String folder) {
        byte[] buffer = new byte[STATUS_BYTES];
        try {
            String comm = proc.text(folder + "/comm", buffer);
            int end = comm.endsWith("\n") ? comm.length() - 1 : comm.length();
            return end == 0 ? nameInStatus(folder, buffer) : comm.substring(0, end);
        } catch (IOException e) {
            return nameInStatus(folder, buffer);
        }
    }

    private String nameInStatus(String folder, byte[] buffer) {
        try {
            return new ProcStatus(proc.text(folder + "/status", buffer)).name();
        } catch (IOException e) {
            return null;
        }
    }

    /**
     * Forgets the last process, so that no fork is named after it: it may have become another
     * program while it was read.
     */
    public void forget() {
        stat = null;
    }

    /**
     * Returns the command line of the last process, cut to 1,024 characters; {@code null} if it has
     * none, or the rule does not request it.
     */
    public String command() {
        return command;
    }

    /** Returns whether all files with names of the last process could be read. */
    public boolean isWhole() {
        return isWhole;
    }

    private Program program(String comm) {
        command = rule.commands() ? cmdline.joined() : null;
        if (rule.allNames()) {
            Program.Names names = names(comm);
            return new Program(names.by(rule.byTitle(), rule.scripts()), file, names);
        }
        return new Program(Text.cut(name(comm), Text.MAX_NAME_CHARS), file);
    }

    private String name(String comm) {
        Wrapper.Wrapped wrapped = wrapped();
        String script = rule.scripts() ? script(wrapped) : null;
        if (script != null) {
            return script;
        }
        return rule.byTitle() ? title(wrapped, comm) : executable(wrapped, comm);
    }

    private String title(Wrapper.Wrapped wrapped, String comm) {
        return wrapped == null
                ? ProgramName.of(exe, executable, cmdline.first(), comm)
                : ProgramName.of(wrapped.exe(), wrapped.arguments().get(0), comm);
    }

    /**
     * Returns the name of the executable. Without permission to read exe, it is the name that the
     * kernel took from the executable; unlike the title, a program rarely sets another.
     */
    private String executable(Wrapper.Wrapped wrapped, String comm) {
        if (executable != null && !executable.isEmpty()) {
            return executable;
        }
        return comm == null || comm.isEmpty() ? title(wrapped, comm) : comm;
    }

    private Program.Names names(String comm) {
        Wrapper.Wrapped wrapped = wrapped();
        String title = cut(title(wrapped, comm));
        String script = script(wrapped);
        return new Program.Names(
                title, cut(executable(wrapped, comm)), script == null ? null : cut(script));
    }

    /** Returns the program that the process runs inside its executable, or {@code null}. */
    private Wrapper.Wrapped wrapped() {
        if (cmdline.isEmpty()) {
            return null;
        }
        String name = executable == null ? ProgramName.baseName(cmdline.first()) : executable;
        return Wrapper.is(name)
                ? Wrapper.of(exe == null ? name : exe, name, cmdline.arguments())
                : null;
    }

    private String cut(String name) {
        boolean fits = nameChars < MAX_ALL_NAMES_CHARS;
        String cut = Text.cut(name, fits ? Text.MAX_NAME_CHARS : SHORT_NAME_CHARS);
        nameChars += fits ? cut.length() : 0;
        return cut;
    }

    private String script(Wrapper.Wrapped wrapped) {
        return wrapped == null
                ? ScriptName.of(executable, cmdline.arguments(), cmdline.isCut())
                : ScriptName.of(
                        ProgramName.ofExecutable(wrapped.exe()),
                        wrapped.arguments(),
                        cmdline.isCut());
    }

    /**
     * Returns whether a process runs the executable that was read last. A fork that has not called
     * exec(2) runs the executable of its parent; if the last process has the same addresses and
     * name, it is the parent, or another fork of it.
     */
    private boolean isOfTheSameExecutable(ProcStat now) {
        return exe != null
                && stat != null
                && now != null
                && now.isForkWithoutExec()
                && now.addresses() != 0
                && now.addresses() == stat.addresses()
                && now.isStackAtRandom()
                && now.comm().equals(stat.comm());
    }

    private void readExecutable(String folder) {
        exe = exe(folder);
        file = exe == null ? Program.File.UNKNOWN : Program.File.CURRENT;
        if (exe != null && exe.endsWith(DELETED) && isDeleted(folder, exe)) {
            exe = exe.substring(0, exe.length() - DELETED.length());
            file = successor(folder, exe);
        }
        executable = exe == null ? null : ProgramName.ofExecutable(exe);
    }

    private String exe(String folder) {
        try {
            return proc.link(folder + "/exe");
        } catch (IOException e) {
            return null; // permission denied, for other users than root and the process's owner
        }
    }

    /**
     * Returns whether an executable was deleted. The name of an existing file may end with the same
     * suffix. This is not checked if no path may be followed: a user who chooses such a name could
     * as well choose any other.
     */
    private boolean isDeleted(String folder, String exe) {
        return proc.isConfined() || !proc.isSameFile(folder + "/exe", folder + "/root" + exe);
    }

    /**
     * Finds out whether another file replaces a deleted executable. If no path can be followed, as
     * in a copy of /proc, the name that a package manager has given to it shows that one did.
     */
    private Program.File successor(String folder, String exe) {
        if (exe.startsWith(ProgramName.MEMFD)) {
            return Program.File.CURRENT; // a file in memory has no path, so it cannot be deleted
        }
        if (proc.isConfined()) {
            return Program.File.DELETED;
        }
        String path = ProgramName.withoutLeftover(exe);
        String root = folder + "/root";
        boolean isReplaced =
                proc.exists(root + path)
                        || (!path.equals(exe) && !proc.isProcFileSystem() && !proc.exists(root));
        return isReplaced ? Program.File.UPDATED : Program.File.DELETED;
    }
}

// lib/psm/name/ScriptName.java

/**
 * Finds the name of an interpreter together with what it runs, such as {@code java kafka.Kafka},
 * {@code python manage.py} and {@code sh -c}. It reads {@code /proc/PID/cmdline} as the interpreter
 * itself does.
 *
 * <p>The argument after an option may be its value, or the script. So this class lists the options
 * that take a value, for Java 24, Python 3, Node 20, Ruby 3.4, Perl 5 and the shells. All other
 * options are assumed to take none.
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
            new Interpreter("-", Letters.ATTACHED, "-c")
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
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e")
                    .with(Takes.VALUE, "-C -E -I -X -r --encoding --external-encoding")
                    .with(Takes.VALUE, "--internal-encoding --enable --disable --parser")
                    .with(Takes.ATTACHED_VALUE, "-F -K -T -W -i -x");

    private static final Interpreter PERL =
            new Interpreter("-", Letters.ATTACHED, "-e")
                    .with(Takes.CODE, "-e -E")
                    .with(Takes.VALUE, "-I")
                    .with(Takes.ATTACHED_VALUE, "-C -D -F -M -V -d -i -m -x");

    private static final Interpreter SH =
            new Interpreter("-+", Letters.SEPARATE, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o -O --rcfile --init-file -rcfile -init-file")
                    // bash accepts these words after a single hyphen too.
                    .with(Takes.NOTHING, "-login -noediting -noprofile -norc -posix")
                    .with(Takes.NOTHING, "-restricted -verbose");

    private static final Interpreter KSH =
            new Interpreter("-+", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c")
                    .with(Takes.STANDARD_INPUT, "-s")
                    .with(Takes.VALUE, "-o --emulate");

    private static final Interpreter FISH =
            new Interpreter("-", Letters.ATTACHED, "-c")
                    .with(Takes.CODE, "-c --command")
                    .with(Takes.VALUE, "-C -D -d -f -o -p --init-command --features --profile")
                    .with(Takes.VALUE, "--debug --debug-output --debug-stack-frames")
                    .with(Takes.VALUE, "--profile-startup");

    private final Interpreter interpreter;
    private final List<String> arguments;

    /** The index of the next argument to read. */
    private int next;

    private ScriptName(Interpreter interpreter, List<String> arguments, int first) {
        this.interpreter = interpreter;
        this.arguments = arguments;
        this.next = first;
    }

    /**
     * Returns the name of an interpreter and of what it runs.
     *
     * @param exe the base name of the executable; {@code null} if permission was denied
     * @param arguments the arguments in {@code /proc/PID/cmdline}; the first is the program's own
     *     name
     * @param cut whether more arguments follow, so that the last one may be incomplete
     * @return {@code null} if the process is not an interpreter, has set a title, or runs nothing
     *     that has a name
     */
    public static String of(String exe, List<String> arguments, boolean cut) {
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
        // A program that was started under another name than its executable's has that name.
        if (interpreter == null || interpreter != interpreter(started)) {
            return null;
        }
        String script = new ScriptName(interpreter, arguments, first).script();
        String shown = isBusybox || !interpreter.isShell() ? running : started;
        return script == null || script.isEmpty() ? null : shown + ' ' + script;
    }

    /** Returns the name in the first argument; that of a login shell starts with a hyphen. */
    private static String startedAs(String argument) {
        return baseName(argument.startsWith("-") ? argument.substring(1) : argument);
    }

    /**
     * Returns the name without the version, {@code python} for {@code python3.11}: a script is one
     * program, whichever version runs it.
     */
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

    static String withoutVersion(String name) {
        int end = name.length();
        // The t of python3.13t stands for a build with free threading.
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

    /**
     * Returns the script after the end of the options. A single hyphen ends the options of a shell;
     * for other interpreters it means that the script comes from standard input.
     */
    private String afterOptions(String end) {
        return end.equals("--") || interpreter.isShell() ? nextName() : null;
    }

    /** Reads an option of a whole word; returns the script if the option contains it. */
    private String ofWord(String argument) {
        int equals = argument.indexOf('=');
        String option = equals < 0 ? argument : argument.substring(0, equals);
        String attached = equals < 0 ? null : argument.substring(equals + 1);
        return take(interpreter.takes(option), attached);
    }

    /** Reads options of one letter each; returns the script if one of them contains it. */
    private String ofLetters(String argument) {
        for (int i = 1; i < argument.length(); i++) {
            Takes takes = interpreter.takes("-" + argument.charAt(i));
            if (takes != Takes.NOTHING) {
                String script = take(takes, interpreter.attached(argument, i + 1));
                if (script != null || interpreter.letters != Letters.SEPARATE) {
                    return script;
                }
            }
        }
        return null;
    }

    /**
     * Reads the value of an option.
     *
     * @param attached the value in the same argument; {@code null} if there is none
     * @return the script; {@code null} if the value is something else
     */
    private String take(Takes takes, String attached) {
        return switch (takes) {
            case CODE -> interpreter.code;
            case SCRIPT -> attached == null ? nextName() : scriptName(attached);
            case VALUE -> {
                next += attached == null ? 1 : 0;
                yield null;
            }
            case STANDARD_INPUT -> {
                next = arguments.size();
                yield null;
            }
            case NOTHING, ATTACHED_VALUE -> null;
        };
    }

    private String nextName() {
        return next < arguments.size() ? scriptName(arguments.get(next++)) : null;
    }

    /**
     * Returns the base name of a script; empty if the path is a file descriptor, as in {@code bash
     * <(curl ...)}, which is no name.
     */
    private static String scriptName(String path) {
        boolean isDescriptor =
                path.startsWith("/dev/fd/")
                        || path.startsWith("/proc/self/fd/")
                        || path.equals("/dev/stdin");
        return isDescriptor ? "" : baseName(path);
    }

    /** Returns the last part of a path, which is the class for {@code module/class}. */
    private static String baseName(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') {
            end--;
        }
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    /** The kind of value that an option takes. */
    private enum Takes {
        NOTHING,
        /** A value that is not a script, in the same argument or else in the next one. */
        VALUE,
        /** An optional value that is not a script, always in the same argument. */
        ATTACHED_VALUE,
        /** The name of the script, in the same argument or else in the next one. */
        SCRIPT,
        /** The source code to run. */
        CODE,
        /** No value; the source code comes from the standard input. */
        STANDARD_INPUT
    }

    /** The ways to read the letters after a single hyphen. */
    private enum Letters {
        /** The letters are one word. */
        WORDS,
        /**
         * Each letter is an option. The value of the first one that takes a value is the rest of
         * the argument, or if nothing is left, the next argument.
         */
        ATTACHED,
        /** Each letter is an option, and the values follow one by one: {@code -euxo pipefail}. */
        SEPARATE
    }

    /** The options of one kind of interpreter. */
    private static final class Interpreter {
        /** The characters that an option may start with. */
        private final String marks;

        private final Letters letters;

        /** The name to show for source code on the command line: the option that takes it. */
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

        /** Returns the kind of value that an option takes. */
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

        /** Returns the value that follows a letter in the same argument, or {@code null}. */
        String attached(String argument, int start) {
            boolean none = letters == Letters.SEPARATE || start == argument.length();
            return none ? null : argument.substring(start);
        }
    }
}

// lib/psm/name/UserNames.java

/**
 * The names of users and groups by their ids: from {@code /etc/passwd} and {@code /etc/group}, and
 * for ids that these files lack, from getent(1), which also knows other sources (LDAP, systemd's
 * dynamic users). The names of another host are in those files beside its {@code /proc}. May be
 * shared between threads.
 */
final class UserNames {
    /** The databases; each name is that of the file and of getent's argument. */
    enum Database {
        PASSWD("passwd"),
        GROUP("group");

        final String name;

        Database(String name) {
            this.name = name;
        }
    }

    private static final Path GETENT = Path.of("/usr/bin/getent");

    /**
     * The largest number of calls of getent; each starts a process. If it is too low, some users
     * have no names; if it is too high, psm takes long on a host with many unknown users.
     */
    private static final int MAX_GETENT = 64;

    private static final long GETENT_SECONDS = 2;

    /**
     * The limit for a file of another host. If it is too low, some users of a large host have no
     * names; if it is too high, the owner of that folder fills the heap.
     */
    private static final int MAX_FILE_BYTES = 1 << 21;

    /** The limit for a name, the same as in Linux (LOGIN_NAME_MAX). */
    private static final int MAX_NAME_CHARS = 256;

    private final boolean isOfThisHost;

    /** The processes of the host to whose files the names belong; {@code null} for none. */
    private final ProcFs proc;

    /** The names of users; {@code null} until one is needed. */
    private Map<Long, String> users;

    /** The names of groups; {@code null} until one is needed. */
    private Map<Long, String> groups;

    /** The number of calls of getent so far. */
    private int getentCalls;

    private UserNames(
            Map<Long, String> users, Map<Long, String> groups, boolean isOfThisHost, ProcFs proc) {
        this.users = users;
        this.groups = groups;
        this.isOfThisHost = isOfThisHost;
        this.proc = proc;
    }

    /** Returns the names on this host. */
    public static UserNames ofThisHost() {
        return new UserNames(null, null, true, null);
    }

    /**
     * Returns the names on the host of these processes: for another folder than {@code /proc}, from
     * {@code etc/passwd} and {@code etc/group} beside that folder. Where there are none, users have
     * only ids, since the names on this host are others'.
     */
    public static UserNames of(ProcFs proc) {
        return proc.isLive() ? ofThisHost() : new UserNames(null, null, false, proc);
    }

    /** Returns names of another host, or of another time. */
    public static UserNames of(Map<Long, String> users, Map<Long, String> groups) {
        return new UserNames(new HashMap<>(users), new HashMap<>(groups), false, null);
    }

    /** Returns the name of a user, else the id in digits; {@code null} if the id is missing. */
    public synchronized String user(long id) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return name(Database.PASSWD, users, id);
    }

    /** Returns whether there is a user of that name. */
    public synchronized boolean hasUser(String name) {
        if (users == null) {
            users = file(Database.PASSWD);
        }
        return users.containsValue(name) || (isOfThisHost && getent(Database.PASSWD, name) != null);
    }

    /** Returns the names of the users in {@code /etc/passwd}, and of those looked up so far. */
    public synchronized List<String> users() {
        return new ArrayList<>(new TreeSet<>(users.values()));
    }

    /** Returns the name of a group, else the id in digits; {@code null} if the id is missing. */
    public synchronized String group(long id) {
        if (groups == null) {
            groups = file(Database.GROUP);
        }
        return name(Database.GROUP, groups, id);
    }

    private String name(Database database, Map<Long, String> names, long id) {
        if (id == Missing.VALUE) {
            return null;
        }
        String name = names.get(id);
        if (name == null) {
            name =
                    isOfThisHost && getentCalls++ < MAX_GETENT
                            ? getent(database, Long.toString(id))
                            : null;
            name = name == null ? Long.toString(id) : name;
            names.put(id, name);
        }
        return name;
    }

    /**
     * Reads the lines {@code name:password:id:...} of a file. The first line of each id counts, as
     * for getpwuid(3).
     */
    private Map<Long, String> file(Database database) {
        Map<Long, String> names = new HashMap<>();
        try {
            byte[] bytes =
                    isOfThisHost
                            ? Files.readAllBytes(Path.of("/etc", database.name))
                            : proc.hostFile("etc", database.name, MAX_FILE_BYTES);
            for (int from = 0; from < bytes.length; ) {
                int to = from;
                while (to < bytes.length && bytes[to] != '\n') {
                    to++;
                }
                add(Text.decode(bytes, from, to), names);
                from = to + 1;
            }
        } catch (IOException e) {
            return names; // getent may find them elsewhere
        }
        return names;
    }

    private static void add(String line, Map<Long, String> names) {
        String[] fields = line.split(":", 4);
        if (fields.length == 4 && !fields[0].isEmpty() && fields[0].length() <= MAX_NAME_CHARS) {
            try {
                names.putIfAbsent(Long.parseLong(fields[2]), fields[0]);
            } catch (NumberFormatException e) {
                return; // it is a comment, or a line of NIS
            }
        }
    }

    /** Looks up the name of the user or group with an id or a name, or {@code null}. */
    private String getent(Database database, String key) {
        if (!Files.isExecutable(GETENT)) {
            return null;
        }
        Map<Long, String> names = new HashMap<>();
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(GETENT.toString(), database.name, key)
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .directory(new File("/"));
            builder.environment().clear(); // psm may have more rights than the user who set it
            Process process = builder.start();
            process.getOutputStream().close();
            if (!process.waitFor(GETENT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                getentCalls = MAX_GETENT; // the server does not answer, so make no further calls
                return null;
            }
            byte[] line = process.getInputStream().readNBytes(4096);
            add(new String(line, StandardCharsets.UTF_8).strip(), names);
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
        return names.isEmpty() ? null : names.values().iterator().next();
    }
}

// lib/psm/name/Wrapper.java

/**
 * Finds the program that another one runs inside its own process: an emulator of other processors
 * (qemu-user, Rosetta, FEX, box64), the dynamic linker that was started as a program, or one
 * executable that contains many programs (busybox, coreutils).
 */
final class Wrapper {
    /** The options of qemu-user that are followed by a value, besides {@code -0}. */
    private static final String QEMU_VALUES =
            " g L s cpu E U r B R d dfilter D p seed trace plugin tb-size ";

    private static final String QEMU_FLAGS =
            " strace singlestep one-insn-per-tb perfmap jitdump guest-base-hugepages ";

    /** The options of glibc's and musl's linker that are followed by a value. */
    private static final String LINKER_VALUES =
            " --library-path --inhibit-rpath --preload --audit --glibc-hwcaps-prepend"
                    + " --glibc-hwcaps-mask ";

    private static final String LINKER_FLAGS = " --inhibit-cache --list --verify -- ";

    private static final String COREUTILS_PROGRAM = "--coreutils-prog";

    /**
     * The program inside.
     *
     * @param exe the path of its executable
     * @param arguments its own arguments; the first is the name by which it was started
     */
    record Wrapped(String exe, List<String> arguments) {}

    /** The ways in which arguments name the program inside. */
    private enum Kind {
        NONE,
        QEMU,
        ROSETTA,
        /** Another emulator, which takes few options. */
        EMULATOR,
        LINKER,
        /** The first argument may be the wrapper, followed by the program's name. */
        BUSYBOX,
        COREUTILS
    }

    private final List<String> arguments;

    /** The index of the next argument to read. */
    private int next = 1;

    /** The first argument that an option gives to the program, or {@code null}. */
    private String first;

    private Wrapper(List<String> arguments) {
        this.arguments = arguments;
    }

    /** Returns whether an executable, by its base name, may run another program. */
    static boolean is(String executable) {
        return kind(executable) != Kind.NONE;
    }

    private static Kind kind(String executable) {
        return switch (executable) {
            case "rosetta" -> Kind.ROSETTA;
            case "box64", "box86", "FEX", "FEXInterpreter", "FEXLoader" -> Kind.EMULATOR;
            case ".buildkit_qemu_emulator" -> Kind.QEMU;
            case "busybox", "busybox.static", "toybox" -> Kind.BUSYBOX;
            case "coreutils" -> Kind.COREUTILS;
            case "ld.so", "ld64.so.1", "ld64.so.2" -> Kind.LINKER;
            default -> {
                if (executable.startsWith("ld-")) {
                    yield executable.indexOf(".so") > 0 ? Kind.LINKER : Kind.NONE;
                }
                yield isQemu(executable) ? Kind.QEMU : Kind.NONE;
            }
        };
    }

    /** Returns whether it is qemu-user, not qemu-img or an emulator of whole machines. */
    private static boolean isQemu(String executable) {
        if (!executable.startsWith("qemu-")) {
            return false;
        }
        int from = "qemu-".length();
        int dash = executable.indexOf('-', from);
        String suffix = dash < 0 ? "" : executable.substring(dash);
        if (!suffix.isEmpty() && !suffix.equals("-static")) {
            return false;
        }
        return switch (executable.substring(from, dash < 0 ? executable.length() : dash)) {
            case "ga", "img", "io", "nbd", "kvm", "edid", "keymap", "system" -> false;
            default -> true;
        };
    }

    /**
     * Returns the program inside.
     *
     * @param exe the path of the wrapper
     * @param executable the base name of the wrapper
     * @param arguments the arguments of the process
     * @return {@code null} if it runs no other program, or the arguments are not understood
     */
    static Wrapped of(String exe, String executable, List<String> arguments) {
        return arguments.isEmpty()
                ? null
                : new Wrapper(arguments).wrapped(exe, kind(executable), executable);
    }

    private Wrapped wrapped(String exe, Kind kind, String executable) {
        return switch (kind) {
            case NONE -> null;
            case QEMU -> skipQemuOptions() ? emulated(false) : null;
            case ROSETTA -> emulated(true);
            case EMULATOR -> hasNext() && !isOption() ? emulated(false) : null;
            case LINKER -> skipLinkerOptions() ? linked() : null;
            case BUSYBOX -> {
                boolean isNamed = ProgramName.baseName(arguments.get(0)).equals(executable);
                yield isNamed && hasNext() && !isOption()
                        ? new Wrapped(exe, arguments.subList(next, arguments.size()))
                        : null;
            }
            case COREUTILS -> contained(exe);
        };
    }

    private boolean hasNext() {
        return next < arguments.size();
    }

    private boolean isOption() {
        return arguments.get(next).startsWith("-");
    }

    /** Returns whether the arguments are understood. */
    private boolean skipQemuOptions() {
        while (hasNext() && isOption()) {
            String argument = arguments.get(next++);
            String option = ' ' + argument.substring(argument.startsWith("--") ? 2 : 1) + ' ';
            if (option.equals(" 0 ")) {
                first = hasNext() ? arguments.get(next++) : null;
            } else if (QEMU_VALUES.contains(option)) {
                next++;
            } else if (!QEMU_FLAGS.contains(option)) {
                return false;
            }
        }
        return hasNext();
    }

    /** Returns whether the arguments are understood. */
    private boolean skipLinkerOptions() {
        while (hasNext() && isOption()) {
            String argument = arguments.get(next++);
            String option = ' ' + argument + ' ';
            if (argument.equals("--argv0")) {
                first = hasNext() ? arguments.get(next++) : null;
            } else if (LINKER_VALUES.contains(option)) {
                next++;
            } else if (argument.indexOf('=') < 0 && !LINKER_FLAGS.contains(option)) {
                return false;
            }
        }
        return hasNext();
    }

    /**
     * Returns the program that is emulated. If the kernel started the emulator, the program's first
     * argument may follow its path (flag P of binfmt_misc).
     */
    private Wrapped emulated(boolean hasFirst) {
        if (!hasNext()) {
            return null;
        }
        String exe = arguments.get(next++);
        if (first != null) {
            return wrapped(exe, first);
        }
        boolean isFirst = hasNext() && (hasFirst || isFirst(exe, arguments.get(next)));
        return isFirst
                ? new Wrapped(exe, arguments.subList(next, arguments.size()))
                : wrapped(exe, exe);
    }

    /** Returns whether an argument is the name of a program, as its own first argument is. */
    private static boolean isFirst(String exe, String argument) {
        String name = ProgramName.baseName(argument);
        String plain = name.startsWith("-") ? name.substring(1) : name;
        return ScriptName.withoutVersion(plain)
                .equals(ScriptName.withoutVersion(ProgramName.baseName(exe)));
    }

    private Wrapped linked() {
        String exe = arguments.get(next++);
        return wrapped(exe, first == null ? exe : first);
    }

    private Wrapped wrapped(String exe, String firstArgument) {
        List<String> own = new ArrayList<>();
        own.add(firstArgument);
        own.addAll(arguments.subList(next, arguments.size()));
        return new Wrapped(exe, own);
    }

    /** Returns the program in {@code coreutils --coreutils-prog-shebang=sleep /usr/bin/sleep}. */
    private Wrapped contained(String exe) {
        boolean isNamed = hasNext() && arguments.get(next).startsWith(COREUTILS_PROGRAM);
        int equals = isNamed ? arguments.get(next).indexOf('=') : -1;
        return equals < 0 ? null : wrapped(exe, arguments.get(next++).substring(equals + 1));
    }
}

// lib/psm/scan/AddressSpaces.java

/**
 * Finds processes that share an address space: those made by clone(2) with CLONE_VM, or by vfork(2)
 * before they call exec(2). Each of them shows all of that memory as its own.
 *
 * <p>Such processes have the same {@link ProcStat#addresses}, and all but one of them were forked
 * without exec. Forks with memory of their own look the same, down to the last byte of smaps. So
 * the proof is a page that only one address space maps ({@link PageMap}).
 *
 * <p>A fork is compared with its parent as soon as it is measured: later it may call exec or exit,
 * and its pid says nothing about which of the two is measured first. Processes whose parents have
 * exited find each other by the page.
 *
 * <p>Without CAP_SYS_ADMIN, page frames are hidden and there is no proof: then the memory is
 * counted for each process, and marked as doubtful if the figures look like one memory. With
 * CAP_PERFMON alone, the addresses are hidden too, and the figures must show that no page is shared
 * with a fork.
 *
 * <p>Many threads may call {@link #register} at the same time. {@link #countOnce} and {@link
 * #doubt} must be called after the last of these calls.
 */
final class AddressSpaces {
    /**
     * The largest number of ancestors to compare a fork with; it shares memory with one of them as
     * a rule. There is a limit, since a copy of {@code /proc} may contain circles of parents.
     */
    private static final int MAX_ANCESTORS = 8;

    /**
     * How long a parent may take to show its pages. Its memory map may be locked; then its other
     * children must not wait for it too.
     */
    private static final long MAX_WAIT_NANOS = Scan.TICK_NANOS;

    /**
     * A process between two calls of exec(2); it is equal only to itself. (It is not a record: Java
     * generates hashCode and equals of a record at their first call, which takes longer than
     * reading a hundred processes.)
     */
    private static final class Member {
        final int pid;
        final int parent;
        final long startTime;
        final long startStack;
        final long addresses;
        final boolean isFork;

        /** The folder of the process, or of one of its threads. */
        volatile String folder;

        /** Whether it is proved that it shares its memory, or that it does not. */
        volatile boolean isProved;

        /** Whether it was compared with its parent and does not share the parent's memory. */
        volatile boolean isApart;

        /** Whether it is unknown if its memory is that of a process that was measured too. */
        volatile boolean isDoubtful;

        /** A process with the same address space; {@code null} if this one stands for all. */
        private volatile Member same;

        /** The pid that the address space is counted under; 0 if it is not counted yet. */
        int counted;

        Member(int pid, String folder, ProcStat stat) {
            this.pid = pid;
            this.folder = folder;
            this.parent = stat.parent();
            this.startTime = stat.startTime();
            this.startStack = stat.startStack();
            this.addresses = stat.addresses();
            this.isFork = stat.isForkWithoutExec();
        }

        /**
         * Returns whether this is the process with that stat. Without random addresses, exec(2) may
         * have given it another memory at the same ones.
         */
        boolean is(ProcStat stat) {
            return startTime == stat.startTime()
                    && startStack == stat.startStack()
                    && addresses == stat.addresses()
                    && isFork == stat.isForkWithoutExec()
                    && stat.isStackAtRandom();
        }

        /** Returns the process that stands for all with this address space. */
        Member space() {
            Member space = this;
            for (Member other = same; other != null; other = other.same) {
                space = other;
            }
            return space;
        }
    }

    private final ProcFs proc;
    private final PageMap pages;

    /** The processes that called exec and whose pages have not been read yet, by addresses. */
    private final Map<Long, List<Member>> executed = new HashMap<>();

    /** The addresses of the processes that were forked without exec. */
    private final Set<Long> forked = ConcurrentHashMap.newKeySet();

    /** The processes that were forked without exec and whose addresses are hidden, by pid. */
    private final Set<Integer> hiddenForks = ConcurrentHashMap.newKeySet();

    /** The last process that was found with a page, by its frame or its place in swap. */
    private final Map<Long, Member> byPage = new ConcurrentHashMap<>();

    /** The processes as they were measured last, by pid. */
    private final Map<Integer, Member> members = new ConcurrentHashMap<>();

    /** The processes that were found as parents and may be measured later, by pid. */
    private final Map<Integer, Member> parents = new HashMap<>();

    /** The times when reading the pages of a parent began that has not ended, by its pid. */
    private final Map<Integer, Long> asked = new ConcurrentHashMap<>();

    AddressSpaces(ProcFs proc, PageMap pages) {
        this.proc = proc;
        this.pages = pages;
    }

    /**
     * Registers a process that has just been measured. It may be registered again when it is
     * measured again.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param stat the stat of that folder when the process was measured
     * @return whether no second look is needed: it has called exec, and no fork without exec has
     *     its addresses; or a page of its stack was found at the address in its stat, which changes
     *     with each exec
     */
    boolean register(int pid, String folder, ProcStat stat) {
        if (stat.addresses() == 0) {
            members.remove(pid);
            if (stat.isForkWithoutExec()) {
                hiddenForks.add(pid);
                return false;
            }
            hiddenForks.remove(pid);
            return true;
        }
        Member self;
        List<Member> waiting = null;
        synchronized (this) {
            self = measured(pid, folder, stat);
            if (self.isFork && forked.add(self.addresses)) {
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
        boolean isCertain = prove(self);
        return isCertain && ProcStat.isAtRandom(self.startStack);
    }

    /** Keeps a process in case a fork with its addresses is registered later. */
    private void await(Member self) {
        List<Member> others = executed.get(self.addresses);
        if (others == null) {
            others = new ArrayList<>(1);
            executed.put(self.addresses, others);
        }
        others.add(self);
    }

    /** Returns the process with that stat, as it may have been found before. */
    private Member measured(int pid, String folder, ProcStat stat) {
        Member self = known(pid, stat);
        if (self == null) {
            self = new Member(pid, folder, stat);
        }
        self.folder = folder;
        members.put(pid, self);
        return self;
    }

    private synchronized Member parent(int pid, String folder, ProcStat stat) {
        Member parent = known(pid, stat);
        if (parent == null) {
            parent = new Member(pid, folder, stat);
            parents.put(pid, parent);
        }
        return parent;
    }

    private Member known(int pid, ProcStat stat) {
        Member known = members.get(pid);
        if (known == null || !known.is(stat)) {
            known = parents.get(pid);
        }
        return known != null && known.is(stat) ? known : null;
    }

    /**
     * Finds processes with the same memory. It holds no lock, since reading may block.
     *
     * @return whether the process had the memory at its address when its pages were read, and has
     *     been compared with its parent
     */
    private boolean prove(Member member) {
        long[] entries = pages.entries(member.folder, member.startStack);
        long frame = PageMap.exclusiveFrame(entries);
        PageMap.Sharing sharing = member.isFork ? compareWithAncestors(member, entries) : PageMap.Sharing.TWO;
        long page = frame != 0 ? frame : ~PageMap.swapped(entries);
        if (page != ~0L) {
            findByPage(member, entries, page);
        }
        return frame != 0 && sharing != PageMap.Sharing.UNKNOWN;
    }

    /**
     * Compares a fork with its parent, and if they share their memory, with the parent's ancestors.
     *
     * @return whether it shares its memory with its parent
     */
    private PageMap.Sharing compareWithAncestors(Member member, long[] entries) {
        PageMap.Sharing first = PageMap.Sharing.UNKNOWN;
        int pid = member.parent;
        for (int i = 0; i < MAX_ANCESTORS && pid > 0; i++) {
            Member known = members.get(pid);
            String folder = known == null ? Integer.toString(pid) : known.folder;
            PageMap.Sharing sharing = compare(member, entries, pid, folder);
            ProcStat stat = sharing == PageMap.Sharing.ONE ? stat(folder) : null;
            if (sharing == PageMap.Sharing.ONE && (stat == null || stat.addresses() != member.addresses)) {
                sharing = PageMap.Sharing.UNKNOWN; // the parent has called exec or exited since
            }
            first = i == 0 ? sharing : first;
            if (sharing != PageMap.Sharing.ONE) {
                break;
            }
            join(member, parent(pid, folder, stat));
            pid = stat.parent();
        }
        member.isApart = first == PageMap.Sharing.TWO;
        member.isProved |= member.isApart;
        return first;
    }

    private PageMap.Sharing compare(Member member, long[] entries, int pid, String folder) {
        long now = System.nanoTime();
        Long since = asked.putIfAbsent(pid, now);
        if (since != null && now - since > MAX_WAIT_NANOS) {
            return PageMap.Sharing.UNKNOWN;
        }
        PageMap.Sharing sharing = pages.sharing(member.folder, entries, folder, member.startStack);
        asked.remove(pid);
        return sharing;
    }

    private ProcStat stat(String folder) {
        byte[] buffer = new byte[Estimator.STAT_BYTES];
        try {
            return ProcStat.parse(buffer, proc.read(folder + "/stat", buffer));
        } catch (IOException e) {
            return null;
        }
    }

    /** Finds a process that was registered before and has the same page. */
    private void findByPage(Member member, long[] entries, long page) {
        Member other = byPage.putIfAbsent(page, member);
        boolean isFrame = page > 0;
        boolean isAlike =
                other != null && other != member && other.addresses == member.addresses;
        if (isAlike && other.space() != member.space()) {
            if (areOne(member, entries, other)) {
                join(member, other);
            } else if (isFrame && !areCompared(member, other)) {
                (member.isFork ? member : other).isDoubtful = true;
            }
        }
        if (isFrame) {
            byPage.put(page, member); // another one has freed it
            member.isProved = true;
        }
    }

    private boolean areOne(Member member, long[] entries, Member other) {
        return pages.sharing(member.folder, entries, other.folder, member.startStack)
                == PageMap.Sharing.ONE;
    }

    /**
     * Returns whether two processes with the same frame at different times have been compared: one
     * with the other as its parent, or both with their parent. Otherwise they may have shared their
     * memory until one of them called exec, or one has got the frame that the other has freed.
     */
    private static boolean areCompared(Member a, Member b) {
        return (a.isApart && a.parent == b.pid)
                || (b.isApart && b.parent == a.pid)
                || (a.isApart && b.isApart && a.parent == b.parent);
    }

    private synchronized void join(Member member, Member other) {
        Member space = member.space();
        Member others = other.space();
        if (space != others) {
            space.same = others;
            others.counted = others.counted == 0 ? space.counted : others.counted;
        }
        member.isProved = true;
        other.isProved = true;
    }

    /**
     * Counts memory that processes share as one address space once, under the lowest of their pids.
     *
     * @param measured the processes by ascending pid; elements are replaced
     */
    void countOnce(List<ProcessMemory> measured) {
        if (forked.isEmpty() && hiddenForks.isEmpty()) {
            return;
        }
        Map<Member, Integer> lowest = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            Integer other =
                    member == null ? null : lowest.putIfAbsent(member.space(), process.pid());
            if (other != null) {
                measured.set(i, process.countedUnder(other));
            }
        }
        doubt(measured);
    }

    /**
     * Counts memory that processes share as one address space once, under the process for which
     * this is called first. It replaces {@link #countOnce} for sums that cannot wait until all
     * processes are measured. It is called once for each process, after its last measurement.
     *
     * <p>If two processes are registered within microseconds of which neither is the other's
     * parent, this may be called for one while the other still searches for the proof. Then the
     * memory is counted for both.
     *
     * @return the pid that its memory is counted under; its own if it is the first
     */
    synchronized int countNow(int pid) {
        Member self = members.get(pid);
        if (self == null) {
            return pid;
        }
        Member space = self.space();
        if (space.counted == 0) {
            space.counted = pid;
        }
        return space.counted;
    }

    /**
     * Marks each fork as doubtful that has no proof and looks like another process with its
     * addresses, see {@link Alike}: most often this is the same memory, seen twice.
     */
    void doubt(List<ProcessMemory> measured) {
        Map<Long, Alike> seen = new HashMap<>();
        for (ProcessMemory process : measured) {
            Member member = members.get(process.pid());
            if (member != null && (!member.isFork || member.isProved)) {
                add(seen, member, process);
            }
        }
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            Member member = members.get(process.pid());
            if (member != null && member.isFork && process.isCounted()) {
                boolean isAlike = !member.isProved && !add(seen, member, process);
                if (isAlike || member.isDoubtful) {
                    measured.set(i, process.doubted());
                }
            }
        }
        if (!hiddenForks.isEmpty()) {
            doubtHidden(measured);
        }
    }

    /** Adds a process; returns whether it looks like no other with its addresses. */
    private boolean add(Map<Long, Alike> seen, Member member, ProcessMemory process) {
        if (!forked.contains(member.addresses)) {
            return true;
        }
        Alike others = seen.get(member.addresses);
        if (others == null) {
            others = new Alike();
            seen.put(member.addresses, others);
        }
        return others.add(process.usage());
    }

    /** The figures of processes that may share their memory. */
    private static final class Alike {
        private final Set<LongBuffer> figures = new HashSet<>();

        /** Whether one of them shares no written page with any process. */
        private boolean hasUnshared;

        /**
         * Adds figures; returns whether no others look like the same memory: either all figures are
         * equal, or neither process shares written pages with another, as forks do.
         */
        boolean add(Usage usage) {
            boolean isUnshared = usage.bytes(Usage.Field.SHARED_DIRTY) == 0;
            boolean isNew = figures.add(LongBuffer.wrap(usage.sums));
            boolean isOnly = !isUnshared || !hasUnshared;
            hasUnshared |= isUnshared;
            return isNew && isOnly;
        }
    }

    /**
     * Marks processes whose addresses are hidden, as they are without CAP_SYS_PTRACE: forks that
     * have the same figures as another process, and no page of their own in common with it. Forks
     * with memory of their own still share pages that both were forked with.
     */
    private void doubtHidden(List<ProcessMemory> measured) {
        Map<LongBuffer, Boolean> areForks = new HashMap<>();
        for (int i = 0; i < measured.size(); i++) {
            ProcessMemory process = measured.get(i);
            if (members.containsKey(process.pid())) {
                continue;
            }
            boolean isFork = hiddenForks.contains(process.pid());
            LongBuffer figures = LongBuffer.wrap(process.usage().sums);
            Boolean isOtherFork = areForks.put(figures, isFork);
            if (isOtherFork != null
                    && (isFork || isOtherFork)
                    && process.usage().bytes(Usage.Field.SHARED_DIRTY) == 0) {
                measured.set(i, process.doubted());
                areForks.put(figures, true);
            }
        }
    }

    /**
     * Counts the memory of each address space once among some of the processes of a scan, under the
     * first of them. A process stays doubtful only if one that looks like it is among them.
     *
     * @param some the processes by ascending pid; elements are replaced
     */
    static void countOnceAmong(List<ProcessMemory> some) {
        Map<Integer, Integer> lowest = new HashMap<>();
        boolean isAnyDoubtful = false;
        for (ProcessMemory process : some) {
            lowest.putIfAbsent(process.addressSpace(), process.pid());
            isAnyDoubtful |= process.doubtful();
        }
        Map<String, Alike> seen = new HashMap<>();
        for (int i = 0; isAnyDoubtful && i < some.size(); i++) {
            if (!some.get(i).doubtful()) {
                add(seen, some.get(i));
            }
        }
        for (int i = 0; i < some.size(); i++) {
            ProcessMemory process = some.get(i);
            int space = lowest.get(process.addressSpace());
            boolean isDoubtful = process.doubtful() && !add(seen, process);
            if (space != process.addressSpace() || isDoubtful != process.doubtful()) {
                some.set(i, process.counted(space, isDoubtful));
            }
        }
    }

    /** Adds a process; returns whether it looks like no other one of its program. */
    private static boolean add(Map<String, Alike> seen, ProcessMemory process) {
        String name = process.program().name();
        Alike others = seen.get(name);
        if (others == null) {
            others = new Alike();
            seen.put(name, others);
        }
        return others.add(process.usage());
    }
}

// lib/psm/scan/CurrentProcess.java

/**
 * The process that a {@link ProcessReader} is reading. One object serves one process after the
 * other. It belongs to the reader's thread; other threads may call {@link #name}, {@link #names},
 * {@link #program}, {@link #command} and {@link #isWanted}.
 */
final class CurrentProcess {
    int pid;

    /** The {@code stat} of the process; {@code null} in a tree without stat. */
    ProcStat main;

    /**
     * The folder that shows its memory: its own, or if the main thread has exited, that of a
     * thread.
     */
    String folder;

    /** The {@code stat} in {@link #folder} before the memory was read, or {@code null}. */
    ProcStat stat;

    /** Whether the figures belong to the program that was read, without a second look. */
    boolean isCertain;

    /** Whether the program that was read belongs to {@link #stat}. */
    boolean isSettled;

    private volatile Program program;
    private volatile String command;
    private volatile boolean isWanted;

    /** Starts with another process. */
    void start(int other) {
        pid = other;
        program = null;
        command = null;
        isWanted = false;
        isSettled = false;
    }

    /** Starts a look at the process in its own folder. */
    void startLook(String ownFolder) {
        folder = ownFolder;
        stat = main;
        isCertain = false;
    }

    /** Stores the program and its command line, which may be {@code null}. */
    void setProgram(Program read, String commandLine) {
        command = commandLine;
        program = read;
    }

    /** Records that the process is selected, so that only its memory is still to be read. */
    void setWanted() {
        isWanted = true;
    }

    /** Returns its program; {@code null} if that is not known yet. */
    Program program() {
        return program;
    }

    /** Returns its command line; {@code null} if that is not known yet, or not requested. */
    String command() {
        return command;
    }

    /** Returns whether it is known that the process is selected. */
    boolean isWanted() {
        return isWanted;
    }

    /** Returns the name of its program; {@code null} if that is not known yet. */
    String name() {
        Program known = program;
        return known == null ? null : known.name();
    }

    /** Returns the names of its program by each rule; {@code null} if they are not known. */
    Program.Names names() {
        Program known = program;
        return known == null ? null : known.names();
    }
}

// lib/psm/scan/Detail.java

/** The details that a scan can read for each process besides its memory. */
enum Detail {
    /** {@code stat}: the parent and the number of threads. */
    STAT,
    /** {@code status}: user, group, peak and page tables. */
    STATUS,
    /** {@code cgroup}: the control group. */
    CGROUP,
    /** {@code cgroup}, and the figures of the memory controller, {@link CgroupMemory}. */
    CGROUP_MEMORY,
    /** {@code oom_score} and {@code oom_score_adj}, and the host's {@link Pressure}. */
    OOM,
    /** {@code cmdline}: all arguments. */
    COMMAND,
    /** {@code maps}: the number of mappings. */
    MAPPINGS,
    /** The names of the program by each rule, see {@link Program.Names}. */
    NAMES,
    /** The host's {@link UnlistedMemory}. It is read once, not for each process. */
    SYSTEM
}

// lib/psm/scan/DetailReader.java

/** Reads the {@link ProcessDetails} of one process after the other. Belongs to one thread. */
final class DetailReader {
    private static final int MAX_STATUS_BYTES = 1 << 20;

    /**
     * The limit for all contents of {@code cgroup} that one reader keeps. If it is too low, some
     * are missing on a large host; if it is too high, users who can create groups, as with systemd,
     * fill the heap.
     */
    private static final int MAX_CGROUP_CHARS = 1 << 21;

    private final ProcFs proc;
    private final Selection selection;
    private final MemoryReader memory;
    private final byte[] buffer;

    /** Whether to read only what cannot block, see {@link ProcFs#mayBlock}. */
    private final boolean isInstant;

    /** The contents of {@code cgroup}, each once: the processes of a unit or pod have the same. */
    private final Map<String, String> cgroups = new HashMap<>();

    /** The total length of the strings in {@link #cgroups}. */
    private int cgroupChars;

    /**
     * Makes a reader for a tree.
     *
     * @param selection the selection; the details that it needs are read too
     * @param memory the reader that counts mappings; {@code null} to read only what cannot block
     * @param buffer an array that others may use between two calls
     */
    DetailReader(ProcFs proc, Selection selection, MemoryReader memory, byte[] buffer) {
        this.proc = proc;
        this.selection = selection;
        this.memory = memory;
        this.buffer = buffer;
        this.isInstant = memory == null;
    }

    /** Reads the requested details, and those that the selection needs. */
    ProcessDetails read(CurrentProcess process, Set<Detail> wanted, String command) {
        boolean isStatus = wanted.contains(Detail.STATUS) || selection.needs(Detail.STATUS);
        boolean isCgroup =
                wanted.contains(Detail.CGROUP)
                        || wanted.contains(Detail.CGROUP_MEMORY)
                        || selection.needs(Detail.CGROUP);
        boolean isOom = wanted.contains(Detail.OOM);
        boolean isMappings = wanted.contains(Detail.MAPPINGS) && !isInstant;
        String folder = process.folder;
        ProcStat main = process.main;
        boolean isForStat = main == null && wanted.contains(Detail.STAT);
        ProcStatus status = isStatus || isForStat ? status(folder) : null;
        return new ProcessDetails(
                main != null ? main.parent() : isForStat ? status.parent() : 0,
                main != null ? main.threads() : isForStat ? status.threads() : Missing.VALUE,
                isStatus ? figures(status) : ProcessDetails.Status.UNKNOWN,
                isOom ? number(folder + "/oom_score") : Missing.VALUE,
                isOom ? number(folder + "/oom_score_adj") : Missing.VALUE,
                isMappings ? memory.countMappings(process) : Missing.VALUE,
                isCgroup ? cgroup(folder) : null,
                command);
    }

    private static ProcessDetails.Status figures(ProcStatus status) {
        return new ProcessDetails.Status(
                status.effectiveUserId(),
                status.effectiveGroupId(),
                status.peakResident(),
                status.pageTables());
    }

    /**
     * Reads status, which never blocks, since the kernel takes no lock of the process. The line of
     * groups comes before some lines that psm needs, and may contain 65,536 groups.
     */
    ProcStatus status(String folder) {
        try {
            return new ProcStatus(text(folder + "/status", MAX_STATUS_BYTES));
        } catch (IOException e) {
            return new ProcStatus("");
        }
    }

    private String text(String file, int maxBytes) throws IOException {
        if (isInstant && proc.mayBlock(file)) {
            throw new IOException("may block");
        }
        return proc.text(file, buffer, maxBytes);
    }

    /** Reads a file that contains one number. */
    private long number(String file) {
        try {
            return Integer.parseInt(text(file, buffer.length).strip());
        } catch (IOException | NumberFormatException e) {
            return Missing.VALUE; // the file is missing, or is not a number
        }
    }

    private String cgroup(String folder) {
        try {
            String cgroup = text(folder + "/cgroup", Cgroup.MAX_FILE_BYTES);
            String known = cgroups.get(cgroup);
            if (known == null && cgroupChars < MAX_CGROUP_CHARS) {
                cgroupChars += cgroup.length();
                cgroups.put(cgroup, cgroup);
                known = cgroup;
            }
            return known;
        } catch (IOException e) {
            return null; // the kernel has no cgroups, or the process exited, which is noticed later
        }
    }
}

// lib/psm/scan/Estimator.java

/**
 * Estimates processes that are not measured in time. It reads only files that never block, whatever
 * the process does: {@code stat}, {@code status} and other details. Belongs to one thread at a
 * time.
 */
final class Estimator {
    /** The size of a buffer for stat, which has 2 kB at most. */
    static final int STAT_BYTES = 4096;

    private final ProcFs proc;
    private final ScanRequest request;
    private final UserNames users;
    private final byte[] buffer = new byte[STAT_BYTES];
    private final DetailReader details;
    private final StatReader stats;
    private final Set<Detail> wanted = EnumSet.noneOf(Detail.class);

    /**
     * Makes an estimator for a scan.
     *
     * @param users the names to select processes by; {@code null} if that is not needed
     */
    Estimator(ProcFs proc, ScanRequest request, UserNames users) {
        this.proc = proc;
        this.request = request;
        this.users = users;
        this.details = new DetailReader(proc, request.selection(), null, buffer);
        this.stats = new StatReader(proc, buffer);
        this.wanted.addAll(request.details());
    }

    /**
     * Estimates a process.
     *
     * @param known the process as far as its reader has come; {@code null} if reading has not begun
     * @param reason why it was not measured
     * @param detail more about the reason, or {@code null}
     * @return {@link ReadResult#NOTHING} if it is not wanted or has no memory; {@link Unmeasured}
     *     if no figures are known
     */
    ReadResult estimate(int pid, CurrentProcess known, Unmeasured.Reason reason, String detail) {
        ProcStat stat = ProcStat.readIfInstant(proc, pid, buffer);
        boolean isDeadLeader = stat != null && stat.isDeadLeader();
        if (stat != null && (stat.isKernelThread() || (stat.isZombie() && !isDeadLeader))) {
            return ReadResult.NOTHING;
        }
        CurrentProcess process = new CurrentProcess();
        process.start(pid);
        process.main = stat;
        process.startLook(Integer.toString(pid));
        if (isDeadLeader) {
            findLivingThread(process);
        }
        ProcStatus status = details.status(process.folder);
        Program program = known == null ? null : known.program();
        if (program == null) {
            program = namedByKernel(stat, status);
        }
        boolean isSelected = known != null && known.isWanted();
        // The kernel's name may be another than the one that the filter is for.
        boolean isUseful = (isSelected || request.filter() == null) && !request.mappings();
        Usage figures = isUseful ? status.estimate(process.stat) : null;
        if (figures == null || program == null) {
            Program.Names names = program == null ? null : program.names();
            String name = program == null ? null : program.name();
            return new Unmeasured(pid, name, reason, detail, names);
        }
        String command = known == null ? null : known.command();
        ProcessDetails read = details.read(process, wanted, command);
        return isSelected || request.selection().takes(read, users)
                ? ProcessMemory.estimated(
                        pid,
                        stat == null ? Missing.VALUE : stat.startTime(),
                        program,
                        figures,
                        read,
                        new ProcessMemory.Estimate(reason, detail))
                : ReadResult.NOTHING;
    }

    private void findLivingThread(CurrentProcess process) {
        try {
            if (proc.isProcFileSystem()) {
                stats.findLivingThread(process);
            }
        } catch (IOException e) {
            // The thread has exited, and so has the process, or its status shows no memory.
            process.stat = process.main;
        }
    }

    private static Program namedByKernel(ProcStat stat, ProcStatus status) {
        String name = stat == null ? status.name() : stat.comm();
        return name == null ? null : new Program(name, Program.File.UNKNOWN);
    }
}

// lib/psm/scan/MemoryReader.java

/**
 * Reads {@code smaps_rollup}, {@code smaps} and {@code maps} of one process after the other.
 * Belongs to one thread; other threads may call {@link #bytesRead}.
 */
final class MemoryReader {
    /** Reports that there is no file with the figures, while the process still exists. */
    static final class AbsentException extends IOException {
        private static final long serialVersionUID = 1;

        AbsentException(String file, IOException cause) {
            super("it has no " + file, cause);
        }
    }

    private static final String SMAPS = "smaps";
    private static final String SMAPS_ROLLUP = "smaps_rollup";
    private static final String MAPS = "maps";

    /** The number of heaps that stands for no limit, so that all of a file is read. */
    private static final int NO_LIMIT = Integer.MAX_VALUE;

    private final ProcFs proc;
    private final Source source;
    private final StatReader stats;
    private final byte[] buffer;
    private final SmapsParser parser;
    private final AtomicLong bytesRead = new AtomicLong();

    /** The reason why smaps_rollup of the process could not be opened, or {@code null}. */
    private IOException notOpened;

    /** The denial of smaps_rollup of the process, or {@code null}. */
    private AccessDeniedException denied;

    /**
     * Makes a reader for a tree.
     *
     * @param buffer an array that others may use between two calls
     * @param mappings the receiver of each process's mappings; {@code null} to read sums alone
     */
    MemoryReader(
            ProcFs proc, Source source, StatReader stats, byte[] buffer, ProcessMappings mappings) {
        this.proc = proc;
        this.source = source;
        this.stats = stats;
        this.buffer = buffer;
        this.parser = new SmapsParser(mappings);
    }

    /** Returns how many bytes have been read so far. */
    long bytesRead() {
        return bytesRead.get();
    }

    /** Starts with another process, or with another look at it. */
    void start() {
        notOpened = null;
        denied = null;
    }

    /**
     * Opens smaps_rollup.
     *
     * @return {@code null} if it is not requested, or cannot be opened; then {@link #rollup}
     *     reports the reason
     */
    InputStream openRollup(String folder) {
        if (source == Source.SMAPS || !proc.isProcFileSystem()) {
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
     * Reads smaps_rollup.
     *
     * @param opened the file, if it is already open, or {@code null}
     * @return {@code null} if smaps must be read instead
     */
    Usage rollup(CurrentProcess process, InputStream opened) throws IOException {
        if (source == Source.SMAPS) {
            return null;
        }
        try {
            if (notOpened != null) {
                throw notOpened;
            }
            Usage usage =
                    opened == null
                            ? parse(process, SMAPS_ROLLUP, NO_LIMIT)
                            : parse(SMAPS_ROLLUP, opened, NO_LIMIT);
            return usage.mappings == 0 && source == Source.AUTO ? null : usage;
        } catch (SmapsFormatException e) {
            throw e;
        } catch (AccessDeniedException e) {
            if (source != Source.AUTO || proc.isProcFileSystem()) {
                throw e; // the kernel asks for the same permission for smaps
            }
            denied = e;
            return null;
        } catch (IOException e) {
            if (source == Source.AUTO) {
                return null;
            }
            throw explained(process, SMAPS_ROLLUP, e);
        }
    }

    /** Reads smaps. */
    Usage smaps(CurrentProcess process) throws IOException {
        return smaps(process, NO_LIMIT);
    }

    /**
     * Returns Pss of the heap in bytes, or {@link Missing#VALUE}. It counts the heaps in maps,
     * which takes a tenth of the time of smaps, and then reads smaps up to the last heap, which is
     * usually among the first mappings.
     */
    long heap(CurrentProcess process) throws IOException {
        int heaps;
        try {
            boolean isEmpty = parse(process, MAPS, NO_LIMIT).mappings == 0;
            heaps = isEmpty ? NO_LIMIT : parser.heaps();
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            heaps = NO_LIMIT; // maps is missing, as in some copies of /proc, or the process exited
        }
        return heaps == 0 ? 0 : smaps(process, heaps).heap;
    }

    /** Returns the number of lines in maps, or {@link Missing#VALUE}. */
    long countMappings(CurrentProcess process) {
        try {
            return parse(process, MAPS, NO_LIMIT).mappings;
        } catch (IOException e) {
            return Missing
                    .VALUE; // permission denied or exited, which is noticed when the memory is read
        }
    }

    private Usage smaps(CurrentProcess process, int maxHeaps) throws IOException {
        try {
            return parse(process, SMAPS, maxHeaps);
        } catch (SmapsFormatException e) {
            throw e;
        } catch (IOException e) {
            throw explained(process, SMAPS, e);
        }
    }

    /**
     * Opens and parses a file.
     *
     * @param maxHeaps the number of mappings named {@code [heap]} after which the rest is not read
     */
    private Usage parse(CurrentProcess process, String file, int maxHeaps) throws IOException {
        try (InputStream in = proc.open(process.folder + '/' + file)) {
            return parse(file, in, maxHeaps);
        }
    }

    private Usage parse(String file, InputStream in, int maxHeaps) throws IOException {
        boolean isRollup = file.equals(SMAPS_ROLLUP);
        boolean isWhole = isRollup && proc.isProcFileSystem(); // one read returns all of it
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
                    bytesRead.addAndGet(n);
                    parser.feed(buffer, 0, n);
                }
            } while (n >= 0 && !(isWhole && n < buffer.length) && parser.heaps() < maxHeaps);
            // A piece may end in the middle of the mapping after the last heap.
            return parser.heaps() < maxHeaps ? parser.finish() : parser.soFar();
        } catch (SmapsFormatException e) {
            throw new SmapsFormatException(file, e);
        }
    }

    /** Returns the exception whose type says what happened to the process. */
    private IOException explained(CurrentProcess process, String file, IOException e)
            throws IOException {
        if (e instanceof AccessDeniedException) {
            return e;
        }
        if (denied != null) {
            return denied;
        }
        if (!proc.exists(process.folder) || stats.hasLostMemory(process)) {
            return new NoSuchFileException(file);
        }
        return e instanceof NoSuchFileException ? new AbsentException(file, e) : e;
    }
}

// lib/psm/scan/ProcessDetails.java

/**
 * The details of a process besides its memory. A number that was not requested, or that {@code
 * /proc} lacks, is {@link Missing#VALUE}.
 *
 * @param parent field 4 of {@code stat}; 0 if there is none or it was not requested
 * @param threads field 20 of {@code stat}
 * @param status the figures of {@code status}
 * @param oomScore {@code oom_score}
 * @param oomScoreAdj {@code oom_score_adj} (2.6.36)
 * @param mappings the number of lines of {@code maps}
 * @param cgroup the content of {@code cgroup} (2.6.24), see {@link Cgroup}; {@code null} if it is
 *     not known
 * @param command the arguments in {@code cmdline} with blanks between them, cut to 1,024
 *     characters; {@code null} if there are none or they are not known
 */
record ProcessDetails(
        int parent,
        long threads,
        Status status,
        long oomScore,
        long oomScoreAdj,
        long mappings,
        String cgroup,
        String command) {
    /**
     * Figures of {@code /proc/PID/status}.
     *
     * @param user the effective user id
     * @param group the effective group id
     * @param peak VmHWM, the largest Rss so far, in bytes; from counters that lag a little
     * @param pageTables VmPTE (2.6.10), in bytes
     */
    public record Status(long user, long group, long peak, long pageTables) {
        /** The figures of a process whose {@code status} was not read. */
        public static final Status UNKNOWN =
                new Status(Missing.VALUE, Missing.VALUE, Missing.VALUE, Missing.VALUE);
    }

    /** The details of a process if none were requested. */
    public static final ProcessDetails NONE =
            new ProcessDetails(
                    0,
                    Missing.VALUE,
                    Status.UNKNOWN,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    null,
                    null);

    /** Returns the same details with another command line, which may be {@code null}. */
    ProcessDetails withCommand(String other) {
        return new ProcessDetails(
                parent, threads, status, oomScore, oomScoreAdj, mappings, cgroup, other);
    }
}

// lib/psm/scan/ProcessMemory.java

/**
 * A process and its memory at the time of the scan.
 *
 * @param pid its pid in {@code /proc}; together with the start time it identifies the process
 * @param startTime its start in clock ticks since boot, {@link Missing#VALUE} without {@code stat}
 * @param program the program that it runs
 * @param rollup whether the figures are from smaps_rollup, else from smaps
 * @param usage its memory
 * @param details its other details; those that were not requested are missing
 * @param addressSpace the pid that this memory is counted under: its own, or that of another
 *     process with the same address space
 * @param doubtful whether its memory may be another process's, counted twice
 * @param estimate why its figures are from {@code status}; {@code null} if they are from smaps or
 *     smaps_rollup
 */
record ProcessMemory(
        int pid,
        long startTime,
        Program program,
        boolean rollup,
        Usage usage,
        ProcessDetails details,
        int addressSpace,
        boolean doubtful,
        Estimate estimate)
        implements ReadResult {

    /**
     * Why the exact figures of a process could not be read, or were not.
     *
     * @param detail the message of the system or the parser; {@code null} if the reason says
     *     everything
     */
    public record Estimate(Unmeasured.Reason reason, String detail) {
        /** Most estimates have this one: without root, that is all processes of other users. */
        static final Estimate DENIED = new Estimate(Unmeasured.Reason.DENIED, null);

        static final Estimate LARGE = new Estimate(Unmeasured.Reason.LARGE, null);

        /** Returns the reason for the failure of a read. */
        static Estimate after(IOException failure) {
            if (failure instanceof AccessDeniedException) {
                return DENIED;
            }
            boolean isAbsent = failure instanceof MemoryReader.AbsentException;
            return new Estimate(
                    isAbsent ? Unmeasured.Reason.ABSENT : Unmeasured.Reason.FAILED,
                    isAbsent ? null : failure.getMessage());
        }

        /** Returns whether the exact figures exist, and psm failed to read them. */
        public boolean isFailure() {
            return reason != Unmeasured.Reason.ABSENT && reason != Unmeasured.Reason.LARGE;
        }
    }

    /** Makes a process that is not known to share its address space. */
    public ProcessMemory(
            int pid,
            long startTime,
            Program program,
            boolean rollup,
            Usage usage,
            ProcessDetails details) {
        this(pid, startTime, program, rollup, usage, details, pid, false, null);
    }

    /** Returns whether its memory is counted under its own pid. */
    public boolean isCounted() {
        return addressSpace == pid;
    }

    /** Returns whether its true RAM may be less than its figures show. */
    public boolean isEstimated() {
        return doubtful || usage.isEstimated();
    }

    /** Makes a process whose figures are from {@code status}. */
    public static ProcessMemory estimated(
            int pid,
            long startTime,
            Program program,
            Usage usage,
            ProcessDetails details,
            Estimate estimate) {
        return new ProcessMemory(
                pid, startTime, program, false, usage, details, pid, false, estimate);
    }

    public ProcessMemory countedUnder(int otherPid) {
        return counted(otherPid, false);
    }

    public ProcessMemory doubted() {
        return counted(addressSpace, true);
    }

    /**
     * Returns a copy with another {@link #addressSpace} and {@link #doubtful}.
     *
     * @param underPid the pid that the memory is counted under
     */
    ProcessMemory counted(int underPid, boolean isDoubtful) {
        return new ProcessMemory(
                pid, startTime, program, rollup, usage, details, underPid, isDoubtful, estimate);
    }

    /** Returns the same process without its command line. */
    public ProcessMemory withoutCommand() {
        return new ProcessMemory(
                pid,
                startTime,
                program,
                rollup,
                usage,
                details.withCommand(null),
                addressSpace,
                doubtful,
                estimate);
    }

    /** Returns the same process under another name. */
    public ProcessMemory named(Program other) {
        return new ProcessMemory(
                pid, startTime, other, rollup, usage, details, addressSpace, doubtful, estimate);
    }

    /** Returns the contents of {@code /proc/PID/cgroup} of the processes, in their order. */
    public static Set<String> cgroups(List<ProcessMemory> processes) {
        Set<String> cgroups = new LinkedHashSet<>();
        for (ProcessMemory process : processes) {
            if (process.details().cgroup() != null) {
                cgroups.add(process.details().cgroup());
            }
        }
        return cgroups;
    }
}

// lib/psm/scan/ProcessReader.java

/**
 * Measures one process after the other: its program, its memory and its details. All processes use
 * the same arrays and parser, so it belongs to one thread; other threads may call {@link #current}
 * and {@link #bytesRead}.
 */
final class ProcessReader {
    /** The size of a piece of smaps; it is large enough for stat, which has 2 kB at most. */
    private static final int BUFFER_BYTES = 4096;

    /**
     * How often to look at a process that becomes another program while psm looks at it. There is a
     * limit, since a process may do that forever.
     */
    private static final int MAX_LOOKS = 8;

    /**
     * The requested details while a process is being selected: only those that the selection needs.
     */
    private static final Set<Detail> NOTHING_ELSE = Collections.emptySet();

    private static final String OWN_NAME = "psm";

    /** The program of psm's own process. */
    public static final Program OWN =
            new Program(
                    OWN_NAME, Program.File.CURRENT, new Program.Names(OWN_NAME, OWN_NAME, null));

    private final ProcFs proc;
    private final ScanRequest request;
    private final byte[] buffer;
    private final AddressSpaces addressSpaces;
    private final WalkCost cost;
    private final UserNames users;
    private final int ownPid;

    /** Whether the selection needs details of a process, besides its pid and its parents. */
    private final boolean isSelectedByDetails;

    private final ProgramReader programs;
    private final StatReader stats;
    private final MemoryReader memory;
    private final ProcessMappings mappings;

    /** The reader of details; {@code null} until they are needed. */
    private DetailReader details;


    private final CurrentProcess process = new CurrentProcess();

    /**
     * Makes a reader for one thread of a scan.
     *
     * @param addressSpaces shared by all readers of one scan
     * @param cost shared by all readers of one scan
     * @param users the names to select processes by; {@code null} if that is not needed
     * @param ownPid psm's own pid, so that it is named psm and not java; 0 if psm is not among the
     *     processes
     * @param mappings the receiver of each process's mappings; {@code null} if they are not needed
     */
    ProcessReader(
            ProcFs proc,
            ScanRequest request,
            AddressSpaces addressSpaces,
            WalkCost cost,
            UserNames users,
            int ownPid,
            ProcessMappings mappings) {
        Selection selection = request.selection();
        byte[] buffer = new byte[BUFFER_BYTES];
        this.request = request;
        this.addressSpaces = addressSpaces;
        this.cost = cost;
        this.users = users;
        this.ownPid = ownPid;
        this.isSelectedByDetails = selection.needs(Detail.STATUS) || selection.needs(Detail.CGROUP);
        this.programs =
                new ProgramReader(
                        proc,
                        new NameRule(
                                request.byTitle(),
                                request.scripts(),
                                request.details().contains(Detail.NAMES),
                                request.details().contains(Detail.COMMAND),
                                request.arguments()));
        this.stats = new StatReader(proc, buffer);
        this.memory = new MemoryReader(proc, request.source(), stats, buffer, mappings);
        this.mappings = mappings;
        this.proc = proc;
        this.buffer = buffer;
    }

    /**
     * Returns the mappings of the process that was measured last. The next process replaces them.
     */
    ProcessMappings mappings() {
        return mappings;
    }

    /** Returns the process that is being read. */
    CurrentProcess current() {
        return process;
    }

    /** Returns how many bytes of smaps, smaps_rollup and maps have been read so far. */
    long bytesRead() {
        return memory.bytesRead();
    }

    /**
     * Reads a process.
     *
     * @return {@link ReadResult#NOTHING} for kernel threads, zombies, and processes that are not
     *     wanted
     */
    ReadResult read(int pid) {
        process.start(pid);
        try {
            return look();
        } catch (NoSuchFileException e) {
            return unmeasured(Unmeasured.Reason.VANISHED, null);
        } catch (AccessDeniedException e) {
            return unmeasured(Unmeasured.Reason.DENIED, null);
        } catch (IOException e) {
            return unmeasured(Unmeasured.Reason.FAILED, e.getMessage());
        } catch (RuntimeException | Error e) {
            // If psm cannot handle one process, it must still report the others.
            return unmeasured(Unmeasured.Reason.FAILED, e.toString());
        } finally {
            if (!process.isSettled) {
                programs.forget();
            }
        }
    }

    private Unmeasured unmeasured(Unmeasured.Reason reason, String detail) {
        return new Unmeasured(process.pid, process.name(), reason, detail, process.names());
    }

    /**
     * Reads the process again until it is the same process, with the same program, before and after
     * a reading.
     *
     * <p>If smaps_rollup is opened before the program is read, and read after it, no second look at
     * stat is needed: the kernel adds up the memory that the process had when the file was opened,
     * and after exec(2) or exit has freed that memory, nothing can be read. But the memory of a
     * fork may be kept alive by another process ({@link AddressSpaces}), so psm looks at forks
     * twice unless their stack identifies them. Two changes within microseconds are not noticed:
     * one between reading stat and opening the file, and one while another program reads the same
     * process and so keeps its memory.
     */
    private ReadResult look() throws IOException {
        String folder = Integer.toString(process.pid);
        ProcStat first = stats.read(folder);
        process.main = first;
        for (int looks = 1; looks <= MAX_LOOKS; looks++) {
            try {
                process.startLook(folder);
                ReadResult result = lookOnce();
                if (result == ReadResult.NOTHING
                        || process.isCertain
                        || stats.isUnchanged(process)) {
                    process.isSettled = result instanceof ProcessMemory;
                    return result;
                }
            } catch (StatReader.ExitingException e) {
                return unmeasured(Unmeasured.Reason.VANISHED, null);
            } catch (NoSuchFileException e) {
                process.isCertain = false; // this thread may have exited, while others still run
            }
            process.main = stats.read(folder);
            if (first == null || StatReader.hasExited(first, process.main)) {
                throw new NoSuchFileException(folder);
            }
        }
        IOException changing = new IOException("it was another program each time psm read it");
        if (!process.isWanted()) {
            throw changing;
        }
        return estimated(process.program(), changing);
    }

    private ReadResult lookOnce() throws IOException {
        memory.start();
        if (process.main != null && process.main.isDeadLeader()) {
            stats.findLivingThread(process);
        }
        ProcStat stat = process.stat;
        if (stat != null && (stat.isKernelThread() || stat.isZombie())) {
            return ReadResult.NOTHING;
        }
        if (request.filter() != null || isSelectedByDetails) {
            // Most processes are not wanted: reading the program first saves opening the file.
            Program program = readProgram();
            return isWanted() ? measure(program, null) : ReadResult.NOTHING;
        }
        try (InputStream rollup = memory.openRollup(process.folder)) {
            return measure(readProgram(), rollup);
        }
    }

    private Program readProgram() {
        Program program = process.pid == ownPid ? OWN : programs.read(process.folder, process.stat);
        process.setProgram(program, command());
        return program;
    }

    private boolean isWanted() throws IOException {
        if (request.filter() != null && !request.filter().finds(process.name())) {
            return false;
        }
        return !isSelectedByDetails || request.selection().takes(readDetails(NOTHING_ELSE), users);
    }

    /**
     * Measures the process.
     *
     * @param opened its smaps_rollup, opened before the program was read, or {@code null}
     */
    private ReadResult measure(Program program, InputStream opened) throws IOException {
        process.setWanted();
        if (request.estimateAboveNanos() == 0 || request.mappings()) {
            return measureExactly(program, opened);
        }
        ProcStatus status = details().status(process.folder);
        Usage estimate = status.estimate(process.stat);
        if (estimate != null && cost.isAbove(request.estimateAboveNanos(), status.pageTables())) {
            registerAddressSpace();
            return estimated(program, estimate, ProcessMemory.Estimate.LARGE);
        }
        long start = System.nanoTime();
        ReadResult result = measureExactly(program, opened);
        if (result instanceof ProcessMemory measured && measured.estimate() == null) {
            cost.learn(status.pageTables(), System.nanoTime() - start);
        }
        return result;
    }

    private ReadResult measureExactly(Program program, InputStream opened) throws IOException {
        try {
            return readMemory(program, opened);
        } catch (NoSuchFileException e) {
            throw e;
        } catch (IOException e) {
            return estimated(program, e);
        }
    }

    private ReadResult readMemory(Program program, InputStream opened) throws IOException {
        Usage rollup = memory.rollup(process, opened);
        Usage usage = rollup == null ? memory.smaps(process) : rollup;
        if (usage.mappings == 0) {
            // It is not a kernel thread. So its memory has just been freed, which is noticed later,
            // or the file is incomplete: copies of /proc may consist of empty files.
            return ofEmptyFile(program);
        }
        boolean isOfOneOpening = rollup != null && opened != null && !request.heap();
        if (rollup != null && request.heap()) {
            usage = rollup.withHeap(memory.heap(process));
        }
        // The program is complete unless the main thread is exiting: then the executable and
        // arguments are freed, and other threads keep the memory. Details may belong to a later
        // program.
        process.isCertain =
                registerAddressSpace()
                        && isOfOneOpening
                        && programs.isWhole()
                        && request.details().isEmpty();
        return measured(program, rollup != null, usage);
    }

    private ProcessMemory measured(Program program, boolean isRollup, Usage usage) {
        ProcessDetails read = readDetails(request.details());
        return new ProcessMemory(process.pid, startTime(), program, isRollup, usage, read);
    }

    private ReadResult ofEmptyFile(Program program) throws IOException {
        IOException empty = new IOException("its smaps is empty");
        if (process.stat != null) {
            return estimated(program, empty);
        }
        Usage estimate = details().status(process.folder).estimate(null);
        return estimate == null ? ReadResult.NOTHING : estimated(program, empty);
    }

    /**
     * Returns the process with the figures of its status.
     *
     * @param failure the reason why there are no exact figures
     * @throws IOException that failure, if status contains no figures either
     */
    private ReadResult estimated(Program program, IOException failure) throws IOException {
        ProcStatus status = details().status(process.folder);
        Usage estimate = request.mappings() ? null : status.estimate(process.stat);
        if (estimate != null) {
            return estimated(program, estimate, ProcessMemory.Estimate.after(failure));
        }
        boolean isMalformed = failure instanceof SmapsFormatException;
        if (process.stat == null && status.isWithoutMemory() && !isMalformed) {
            return ReadResult.NOTHING; // a kernel thread or a zombie, in a tree without stat
        }
        throw failure;
    }

    private ProcessMemory estimated(
            Program program, Usage figures, ProcessMemory.Estimate estimate) {
        return ProcessMemory.estimated(
                process.pid,
                startTime(),
                program,
                figures,
                readDetails(request.details()),
                estimate);
    }

    private long startTime() {
        return process.main == null ? Missing.VALUE : process.main.startTime();
    }

    private ProcessDetails readDetails(Set<Detail> wanted) {
        if (wanted.isEmpty() && !isSelectedByDetails) {
            return ProcessDetails.NONE;
        }
        return details().read(process, wanted, command());
    }

    private DetailReader details() {
        if (details == null) {
            details = new DetailReader(proc, request.selection(), memory, buffer);
        }
        return details;
    }

    private String command() {
        return process.pid == ownPid ? OWN_NAME : programs.command();
    }

    /**
     * Registers the address space of the process.
     *
     * @return whether the figures are certainly those of its own memory, without a second look
     */
    private boolean registerAddressSpace() {
        return process.stat == null
                || addressSpaces.register(process.pid, process.folder, process.stat);
    }
}

// lib/psm/scan/ReadResult.java

/** The result of reading one process. */
sealed interface ReadResult permits ProcessMemory, Unmeasured, ReadResult.Nothing {
    /** The result for a process that has no memory of its own, or is not wanted. */
    ReadResult NOTHING = Nothing.NOTHING;

    /** The type of {@link ReadResult#NOTHING}. */
    enum Nothing implements ReadResult {
        NOTHING
    }
}

// lib/psm/scan/Scan.java

/**
 * One scan, and the threads that do it. Each thread takes the next process from a shared counter,
 * and has its own {@link ProcessReader}.
 *
 * <p>The thread that starts the scan only waits, since a read may never return: the kernel blocks
 * readers while the memory map of a process is locked, and the thread that holds the lock may be
 * stuck. Such a process is skipped after the timeout, and other threads take over the rest of the
 * work. In a scan with a time limit, they take over earlier, and first read the processes of others
 * than its owner. If no thread can be started for that (ulimit -u, pids.max), the rest is not read.
 */
class Scan {
    /**
     * The time between two checks for jobs that are overdue. If a check comes later than that, psm
     * itself was stopped or got no processor, so the jobs get more time.
     */
    public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * The number of threads up to which each stuck thread is replaced by two. If it is too low,
     * many stuck processes delay the report one after the other; if it is too high, psm adds to the
     * load.
     */
    private static final int MAX_SPARE_WORKERS = 32;

    /**
     * The share of a scan's time limit after which a process is set aside: its thread still waits
     * for it, and another one reads the rest. If it is too high, some dozens of stuck processes use
     * up the time of all others; if it is too low, psm adds to the load.
     */
    private static final int PATIENCE_DIVISOR = 50;

    /** The number of threads up to which each that is set aside is replaced by two. */
    private static final int MAX_WORKERS_BESIDE = 8;

    /** The number of threads after which none is set aside; each takes some dozens of kB. */
    private static final int MAX_THREADS = 256;

    private static final String NO_TIME = "the time limit of the scan was reached";
    private static final String NO_THREAD = "no thread could be started to read it";

    private final ProcFs proc;
    private final ScanRequest request;
    private final int[] pids;
    private final PageMap pageMap;
    private final AddressSpaces addressSpaces;

    /** The cost of reading a process; {@code null} if it does not matter. */
    private final WalkCost cost;

    private final UserNames users;
    private final int ownPid;

    /** How long one process may take before it is set aside. */
    private final long patienceNanos;

    /** All workers that were started; only the waiting thread uses the list. */
    private final List<Worker> workers = new ArrayList<>();

    // The scan's lock guards the fields below.

    /**
     * The number of jobs that were begun. The first job reads the host, the others one process
     * each.
     */
    private int next;

    /** The owners of processes that were set aside, so that no user can take the others' time. */
    private final Set<Integer> slowOwners = new HashSet<>();

    /** Further jobs of {@link #slowOwners}, which begin after all others. */
    private final Deque<Integer> postponed = new ArrayDeque<>();

    /** The results by job. Each is set once: by its worker, or when the job is skipped. */
    private final ReadResult[] results;

    /** The time that each finished job took, in nanoseconds. */
    private final long[] took;

    private int unfinished;

    /** Estimates the processes that are not measured in time; {@code null} until one is not. */
    private Estimator estimator;

    private Host host = Host.UNKNOWN;

    /** The mappings of the processes whose jobs are finished; {@code null} if not wanted. */
    private final Mappings mappings;

    /** The number of bytes that further processes with mappings may have before a sum overflows. */
    private long remainingBytes = Long.MAX_VALUE;

    Scan(ProcFs proc, ScanRequest request, int[] pids, int ownPid) {
        int jobs = pids.length + 1;
        this.proc = proc;
        this.request = request;
        this.pids = pids;
        this.pageMap = new PageMap(proc);
        this.addressSpaces = new AddressSpaces(proc, pageMap);
        this.users = request.selection().needs(Detail.STATUS) ? UserNames.of(proc) : null;
        this.ownPid = ownPid;
        this.cost = request.estimateAboveNanos() > 0 ? new WalkCost() : null;
        this.patienceNanos = request.durationNanos() / PATIENCE_DIVISOR;
        this.results = new ReadResult[jobs];
        this.took = new long[jobs];
        this.unfinished = jobs;
        this.mappings = request.mappings() ? new Mappings() : null;
    }

    /** Reads all processes and the host; returns the number of threads that it used. */
    int readAll(int wanted) {
        int running = 0;
        while (running < wanted && startWorker()) {
            running++;
        }
        awaitAll();
        return Math.max(running, Math.min(1, workers.size()));
    }

    private boolean startWorker() {
        Worker worker = new Worker();
        Thread thread = new Thread(worker, "psm-worker");
        thread.setDaemon(true); // a stuck thread must not keep psm from exiting
        if (start(thread)) {
            workers.add(worker);
            return true;
        }
        return false;
    }

    /** Starts a thread; returns whether that was possible. */
    boolean start(Thread thread) {
        try {
            thread.start();
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private synchronized void awaitAll() {
        long begun = System.nanoTime();
        long worked = begun;
        while (unfinished > 0) {
            long due = System.nanoTime() + TICK_NANOS;
            try {
                TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
            } catch (InterruptedException e) {
                due = Long.MAX_VALUE; // if psm stopped waiting now, figures would be lost
            }
            long late = System.nanoTime() - due;
            boolean wasStopped = due != Long.MAX_VALUE && late > TICK_NANOS;
            for (Worker worker : List.copyOf(workers)) {
                if (wasStopped) {
                    worker.forgive(late);
                }
                checkTime(worker);
            }
            long now = System.nanoTime();
            if (isAllBegun() || running() > 0 || startWorker()) {
                worked = now;
            } else if (now - worked > request.timeoutNanos()) {
                leaveTheRest(NO_THREAD);
            }
            if (now - begun > request.durationNanos()) {
                leaveTheRest(NO_TIME);
            }
        }
    }

    private synchronized void checkTime(Worker worker) {
        if (worker.isSlow() && workers.size() < MAX_THREADS) {
            worker.isSetAside = true;
            if (worker.job < pids.length) {
                slowOwners.add(proc.owner(pids[worker.job]));
            }
            replaceOne(MAX_WORKERS_BESIDE);
        }
        int job = worker.overdueJob(request.timeoutNanos());
        if (job >= 0) {
            skip(worker, job, job == pids.length ? ReadResult.NOTHING : stuck(job, worker));
        } else if (request.estimateAboveNanos() > 0 && !request.mappings()) {
            estimateIfSlow(worker);
        }
    }

    /** Estimates a process that turns out to take longer than it should, if that is possible. */
    private void estimateIfSlow(Worker worker) {
        int job = worker.overdueJob(Math.max(request.estimateAboveNanos(), TICK_NANOS));
        if (job >= 0 && job < pids.length) {
            ReadResult estimate =
                    estimator()
                            .estimate(
                                    pids[job],
                                    worker.reader.current(),
                                    Unmeasured.Reason.LARGE,
                                    null);
            if (estimate instanceof ProcessMemory) {
                skip(worker, job, estimate);
            }
        }
    }

    private Estimator estimator() {
        if (estimator == null) {
            estimator = new Estimator(proc, request, users);
        }
        return estimator;
    }

    /** Reports all jobs that are not finished yet as failed. */
    private synchronized void leaveTheRest(String why) {
        slowOwners.clear(); // the order does not matter any more
        for (Worker worker : workers) {
            if (!worker.isLost && worker.job >= 0) {
                settle(worker.job, unread(worker.job, worker.reader.current(), why));
                worker.isLost = true;
            }
        }
        while (!isAllBegun()) {
            int job = begin();
            settle(job, unread(job, null, why));
        }
        try {
            // Wait, since workers may still be registering address spaces.
            TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins the next job; the caller holds the lock and has checked that there is one. */
    private int begin() {
        while (next <= pids.length) {
            int job = next == 0 ? pids.length : next - 1;
            next++;
            boolean isLast = job < pids.length && !slowOwners.isEmpty();
            if (!isLast || !slowOwners.contains(proc.owner(pids[job]))) {
                return job;
            }
            postponed.add(job);
        }
        return postponed.remove();
    }

    private boolean isAllBegun() {
        return next > pids.length && postponed.isEmpty();
    }

    /**
     * Returns the result for a job that was not finished.
     *
     * @param process the process as far as it was read; {@code null} if that was not begun
     */
    private ReadResult unread(int job, CurrentProcess process, String why) {
        return job == pids.length
                ? ReadResult.NOTHING
                : estimator().estimate(pids[job], process, Unmeasured.Reason.FAILED, why);
    }

    /** Ends a job whose worker may never end it, and starts workers in place of the lost one. */
    private synchronized void skip(Worker worker, int job, ReadResult instead) {
        took[job] = System.nanoTime() - worker.started;
        settle(job, instead);
        worker.isLost = true;
        if (!worker.isSetAside) {
            replaceOne(MAX_SPARE_WORKERS);
        }
    }

    /**
     * Starts two workers in place of one that is lost or set aside.
     *
     * @param max the number of workers from which on it is only one
     */
    private void replaceOne(int max) {
        int working = 0;
        for (Worker worker : workers) {
            working += worker.isLost || worker.isSetAside ? 0 : 1;
        }
        int wanted = Math.min(working + 2, Math.max(working + 1, max));
        while (!isAllBegun() && working < wanted && startWorker()) {
            working++;
        }
    }

    private ReadResult stuck(int job, Worker worker) {
        return estimator()
                .estimate(
                        pids[job], worker.reader.current(), Unmeasured.Reason.STUCK, null);
    }

    private int running() {
        int running = 0;
        for (Worker worker : workers) {
            running += worker.isLost ? 0 : 1;
        }
        return running;
    }

    private synchronized void settle(int job, ReadResult what) {
        results[job] = what;
        if (--unfinished == 0) {
            notifyAll();
        }
    }

    /**
     * Adds the results, by ascending pid. No sum over the measured processes overflows: a process
     * that would make a sum overflow is reported as failed.
     */
    synchronized void collect(List<ProcessMemory> measured, List<Unmeasured> unmeasured) {
        long remaining = Long.MAX_VALUE;
        for (int i = 0; i < pids.length; i++) {
            if (results[i] instanceof ProcessMemory process) {
                long bytes = process.usage().upperBound();
                if (bytes <= remaining) {
                    measured.add(process);
                    remaining -= bytes;
                } else {
                    unmeasured.add(overflowing(process));
                }
            } else if (results[i] instanceof Unmeasured process) {
                unmeasured.add(process);
            }
        }
        if (mappings == null) {
            addressSpaces.countOnce(measured);
        } else {
            addressSpaces.doubt(measured); // withMappings has counted each address space once
        }
    }

    /**
     * Adds a process's mappings to those of all, unless another process with its address space was
     * added before. It is called only after the process was read in time and did not change, so the
     * mappings add up to the counted memory, to the byte.
     */
    private ReadResult withMappings(ProcessMemory process, ProcessReader reader) {
        long bytes = process.usage().upperBound();
        if (bytes > remainingBytes) {
            return overflowing(process);
        }
        remainingBytes -= bytes;
        int other = addressSpaces.countNow(process.pid());
        if (other != process.pid()) {
            return process.countedUnder(other);
        }
        mappings.add(reader.mappings(), process.usage());
        return process;
    }

    /** Returns the mappings of all measured processes, or {@code null}. */
    Mappings mappings() {
        return mappings;
    }

    /**
     * Returns the measured processes that took longest to read, the longest first.
     *
     * @param other the pid of a process that is not one of them
     */
    synchronized List<Snapshot.Slow> slowest(int count, int other) {
        List<Snapshot.Slow> slowest = new ArrayList<>();
        for (int i = 0; i < pids.length; i++) {
            if (pids[i] != other && results[i] instanceof ProcessMemory process) {
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
                "its figures make the sums overflow",
                process.program().names());
    }

    synchronized Host host() {
        return host;
    }

    /** Returns how many bytes of smaps, smaps_rollup and maps the threads have read. */
    long bytesRead() {
        long bytes = 0;
        for (Worker worker : workers) {
            bytes += worker.reader.bytesRead();
        }
        return bytes;
    }

    /** Does one job after the other, until no job is left or its job was skipped. */
    private final class Worker implements Runnable {
        final ProcessReader reader =
                new ProcessReader(
                        proc,
                        request,
                        addressSpaces,
                        cost,
                        users,
                        ownPid,
                        mappings == null ? null : new ProcessMappings(mappings));

        // The scan's lock guards the fields below.

        /** The job that it works at; -1 before the first and after the last. */
        int job = -1;

        /** The time when the job began, by {@link System#nanoTime}. */
        long started;

        /** The bytes that its reader had read at the last check. */
        long bytesRead;

        /** The time of the last check that found more bytes read, by {@link System#nanoTime}. */
        long progressed;

        /** Whether its job takes long, so that another worker was started. */
        boolean isSetAside;

        /** Whether its job was skipped. */
        boolean isLost;

        @Override
        public void run() {
            for (int i = begin(); i >= 0; i = begin()) {
                if (i < pids.length) {
                    end(i, reader.read(pids[i]), null);
                } else {
                    Set<Detail> asked = request.details();
                    boolean isSystem = asked.contains(Detail.SYSTEM);
                    Host read = Host.read(proc, asked.contains(Detail.OOM), isSystem);
                    end(i, ReadResult.NOTHING, read);
                }
            }
        }

        /** Begins the next job; returns -1 if no job is left, or its last job was skipped. */
        private int begin() {
            synchronized (Scan.this) {
                job = isLost || isAllBegun() ? -1 : Scan.this.begin();
                isSetAside = false;
                started = System.nanoTime();
                return job;
            }
        }

        private void end(int i, ReadResult what, Host read) {
            synchronized (Scan.this) {
                if (!isLost) {
                    took[i] = System.nanoTime() - started;
                    job = -1; // the job is finished, so it must not be skipped
                    host = read == null ? host : read;
                    boolean isMapped = mappings != null && what instanceof ProcessMemory;
                    settle(i, isMapped ? withMappings((ProcessMemory) what, reader) : what);
                }
            }
        }

        /** Returns whether the current job takes so long that it must be set aside. */
        boolean isSlow() {
            return job >= 0
                    && !isLost
                    && !isSetAside
                    && patienceNanos < request.timeoutNanos()
                    && System.nanoTime() - started > patienceNanos;
        }

        /** Returns the current job if it takes too long, else -1. */
        int overdueJob(long limitNanos) {
            if (mappings != null && bytesRead != reader.bytesRead()) {
                // It is not stuck: a million mappings take seconds, and thousands of reads.
                bytesRead = reader.bytesRead();
                progressed = System.nanoTime();
            }
            long since = mappings == null || progressed - started < 0 ? started : progressed;
            return !isLost && System.nanoTime() - since > limitNanos ? job : -1;
        }

        /** Gives the job more time. */
        void forgive(long nanos) {
            started += nanos;
            progressed += nanos;
        }
    }
}

// lib/psm/scan/ScanRequest.java

/**
 * Describes what a scan reads. Immutable: each method that changes something returns another
 * request.
 */
final class ScanRequest implements Cloneable {
    /**
     * The time after which a process is skipped. If it is too low, a large process is left out; if
     * it is too high, a stuck process delays the report. 100 GB of 4 kB pages take about half a
     * second.
     */
    public static final long DEFAULT_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private Source source;
    private boolean heap;
    private boolean byTitle = true;
    private boolean scripts;
    private boolean arguments = true;
    private Set<Detail> details = Collections.emptySet();
    private long timeoutNanos = DEFAULT_TIMEOUT_NANOS;
    private long estimateAboveNanos;
    private long durationNanos = Long.MAX_VALUE;
    private Selection selection = Selection.ALL;
    private Filter filter;
    private boolean mappings;

    private ScanRequest(Source source) {
        this.source = source;
    }

    /** Returns a request for all processes, named by their titles. */
    public static ScanRequest of(Source source) {
        return new ScanRequest(source);
    }

    /** Returns the file to read the figures from. */
    Source source() {
        return source;
    }

    /** Returns whether the memory of the heap is wanted, which only smaps contains. */
    boolean heap() {
        return heap;
    }

    /** Returns whether a title that a program has set is its name, see {@link ProgramName}. */
    boolean byTitle() {
        return byTitle && arguments;
    }

    /** Returns whether to name interpreters by what they run, see {@link ScriptName}. */
    boolean scripts() {
        return scripts && arguments;
    }

    /**
     * Returns whether the arguments of processes may be read: without them there are no titles,
     * scripts and command lines.
     */
    boolean arguments() {
        return arguments;
    }

    /** Returns the details to read for each process besides its memory. */
    Set<Detail> details() {
        return details;
    }

    /** Returns how long one process may take before it is skipped as stuck. */
    long timeoutNanos() {
        return timeoutNanos;
    }

    /**
     * Returns how long the kernel may take to walk the page tables of a process. A process that
     * would take longer is estimated. 0 for any time.
     */
    long estimateAboveNanos() {
        return estimateAboveNanos;
    }

    /**
     * Returns how long the scan may take; processes that are not read by then are reported as
     * failed.
     */
    long durationNanos() {
        return durationNanos;
    }

    /** Returns which processes are wanted. */
    Selection selection() {
        return selection;
    }

    /** Returns a filter that finds the names of the wanted programs; {@code null} for all. */
    Filter filter() {
        return filter;
    }

    /**
     * Returns whether the mappings are wanted, by name and by kind, which only smaps contains. Then
     * nothing is estimated, and a process is not skipped while reading its smaps makes progress.
     */
    boolean mappings() {
        return mappings;
    }

    /** Returns what a snapshot keeps of this request. */
    Snapshot.Scope scope() {
        boolean isFiltered = filter != null || !selection.isAll();
        return new Snapshot.Scope(isFiltered, heap, details, timeoutNanos);
    }

    /** Returns the same request with or without the memory of the heap. */
    public ScanRequest withHeap(boolean isWanted) {
        ScanRequest other = copy();
        other.heap = isWanted;
        return other;
    }

    /** Returns the same request with other rules for the names of programs. */
    public ScanRequest named(boolean byTitles, boolean byScripts) {
        ScanRequest other = copy();
        other.byTitle = byTitles;
        other.scripts = byScripts;
        return other;
    }

    /**
     * Returns the same request without all that only the arguments of processes show, which may
     * contain passwords: command lines, and titles that programs set. Programs are named after
     * their executables, or where permission for those is denied, by the kernel's name for them.
     */
    public ScanRequest withoutCommands() {
        ScanRequest other = copy();
        other.arguments = false;
        return other.with(details);
    }

    /** Returns the same request with other limits for one process, in nanoseconds. */
    public ScanRequest within(long timeout, long estimateAbove) {
        ScanRequest other = copy();
        other.timeoutNanos = timeout;
        other.estimateAboveNanos = estimateAbove;
        return other;
    }

    /** Returns the same request with a limit for the whole scan, in nanoseconds. */
    public ScanRequest within(long duration) {
        ScanRequest other = copy();
        other.durationNanos = duration;
        return other;
    }

    /** Returns the same request with details. */
    public ScanRequest with(Set<Detail> wanted) {
        ScanRequest other = copy();
        other.details = EnumSet.noneOf(Detail.class);
        other.details.addAll(wanted);
        if (!arguments) {
            other.details.remove(Detail.COMMAND);
        }
        return other;
    }

    /** Returns the same request for the selected processes. */
    public ScanRequest of(Selection chosen) {
        ScanRequest other = copy();
        other.selection = chosen;
        return other;
    }

    /** Returns the same request for programs whose names the filter finds; {@code null} for all. */
    public ScanRequest filtered(Filter names) {
        ScanRequest other = copy();
        other.filter = names;
        return other;
    }

    /**
     * Returns the same request with mappings. It reads smaps, and does not request heaps, which are
     * among the mappings.
     */
    public ScanRequest withMappings() {
        ScanRequest other = copy();
        other.source = Source.SMAPS;
        other.heap = false;
        other.mappings = true;
        other.details = EnumSet.noneOf(Detail.class);
        other.details.addAll(details);
        other.details.remove(Detail.MAPPINGS); // the parser of smaps counts them anyway
        return other;
    }

    private ScanRequest copy() {
        try {
            return (ScanRequest) clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }
}

// lib/psm/scan/Scanner.java

/** Measures all processes of a {@link ProcFs} at once. */
final class Scanner {
    /**
     * The number of processes that justify one more thread. If it is too low, psm starts threads on
     * a small host that find nothing to do; if it is too high, a processor idles on a large host.
     */
    private static final int PROCESSES_PER_WORKER = 16;

    /**
     * The largest number of threads. Other programs need the processors too, and psm locks the
     * memory map of each process that it reads. If it is too low, the scan of a large host takes
     * longer; if it is too high, psm slows down the host.
     */
    private static final int MAX_WORKERS = 4;

    /** The number of slowest processes to report. */
    private static final int SLOWEST = 5;

    private final ProcFs proc;
    private final ScanRequest request;

    /** Makes a scanner of a tree. */
    public Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Scans once.
     *
     * @param workers the number of threads; 0 for as many as are useful
     * @throws IOException if the processes cannot be listed
     */
    public Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        int ownPid = new OwnProcess(proc).pid();
        boolean isOwnShown = request.selection().names(ownPid);
        boolean isOwnRead = isOwnShown || request.details().contains(Detail.SYSTEM);
        int[] wanted = wanted(isOwnRead ? pids : without(ownPid, pids), pids);
        Scan scan = new Scan(proc, request, wanted, ownPid);
        int running = scan.readAll(workersFor(wanted.length, workers));
        List<ProcessMemory> measured = new ArrayList<>(wanted.length);
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        Snapshot.Run run =
                new Snapshot.Run(
                        takenAt,
                        System.nanoTime() - start,
                        pids.length,
                        HidePid.hidesOthers(proc, pids),
                        scan.bytesRead(),
                        running,
                        scan.slowest(SLOWEST, isOwnShown ? 0 : ownPid),
                        Version.CURRENT,
                        null);
        Snapshot all =
                new Snapshot(
                        request.scope(),
                        run,
                        scan.host(),
                        measured,
                        unmeasured,
                        Collections.emptyMap(),
                        Collections.emptyMap(),
                        request.details().contains(Detail.CGROUP_MEMORY)
                                ? CgroupMemory.readAll(proc, ProcessMemory.cgroups(measured))
                                : Collections.emptyMap(),
                        scan.mappings());
        return isOwnShown ? all : all.without(ownPid);
    }

    /**
     * Returns the pids of processes that their pids and parents do not rule out.
     *
     * @param some the pids to choose from
     * @param all these and others, which may be their ancestors
     */
    private int[] wanted(int[] some, int... all) {
        Selection selection = request.selection();
        if (selection.isAll()) {
            return some;
        }
        Set<Integer> descendants =
                selection.needs(Detail.STAT) ? selection.takenDescendants(all, parents(all)) : null;
        int[] wanted = new int[some.length];
        int count = 0;
        for (int pid : some) {
            if (selection.takesPid(pid) && (descendants == null || descendants.contains(pid))) {
                wanted[count++] = pid;
            }
        }
        return Arrays.copyOf(wanted, count);
    }

    private static int[] without(int pid, int... pids) {
        int at = Arrays.binarySearch(pids, pid);
        if (at < 0) {
            return pids;
        }
        int[] others = Arrays.copyOf(pids, pids.length - 1);
        System.arraycopy(pids, at + 1, others, at, others.length - at);
        return others;
    }

    private Map<Integer, Integer> parents(int[] pids) {
        Map<Integer, Integer> parents = new HashMap<>();
        byte[] buffer = new byte[Estimator.STAT_BYTES];
        for (int pid : pids) {
            ProcStat stat = ProcStat.readIfInstant(proc, pid, buffer);
            if (stat != null) {
                parents.put(pid, stat.parent());
            }
        }
        return parents;
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

// lib/psm/scan/Selection.java

/**
 * Selects processes: those that match all of its rules. May be shared between threads.
 *
 * @param rules the rules; none to select all processes
 */
record Selection(List<Rule> rules) {
    /** The length of a container's id as docker(1) shows it, which is the start of the whole id. */
    private static final int MIN_ID_CHARS = 12;

    /** The shortest start of an id: a shorter one could be a name. */
    private static final int MIN_START_CHARS = 4;

    /** All processes. */
    public static final Selection ALL = new Selection(List.of());

    /** The property that a rule checks. */
    public enum By {
        /** The pid. */
        PID(null),
        /** The pids of the process and of its ancestors. */
        ANCESTOR(Detail.STAT),
        /** The effective user's name or id. */
        USER(Detail.STATUS),
        /** The path of the control group, or of one above it. */
        CGROUP(Detail.CGROUP),
        /** The systemd unit, slice or session, see {@link SystemdUnit#isIn}. */
        UNIT(Detail.CGROUP),
        /** The container's name, a word of it, or the start of its id. */
        CONTAINER(Detail.CGROUP);

        /** The detail of a process that the rule needs; {@code null} for none. */
        public final Detail needs;

        By(Detail needs) {
            this.needs = needs;
        }
    }

    /**
     * One option of the command line.
     *
     * @param wanted the values; a process matches if it has one of them
     * @param isNot whether a process matches if it has none of them instead
     */
    public record Rule(By by, Set<String> wanted, boolean isNot) {}

    /** Returns whether all processes are wanted. */
    public boolean isAll() {
        return rules.isEmpty();
    }

    /** Returns whether a rule needs a detail. */
    public boolean needs(Detail detail) {
        for (Rule rule : rules) {
            if (rule.by.needs == detail) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a process is asked for by its pid. */
    public boolean names(int pid) {
        for (Rule rule : rules) {
            boolean isOfPids = rule.by == By.PID || rule.by == By.ANCESTOR;
            if (isOfPids && !rule.isNot && rule.wanted.contains(Integer.toString(pid))) {
                return true;
            }
        }
        return false;
    }

    /** Returns whether a process may be wanted, by its pid alone. */
    boolean takesPid(int pid) {
        for (Rule rule : rules) {
            if (rule.by == By.PID && rule.wanted.contains(Integer.toString(pid)) == rule.isNot) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns the processes that the rules about ancestors select.
     *
     * @param parents the parents that are known, by pid
     */
    Set<Integer> takenDescendants(int[] pids, Map<Integer, Integer> parents) {
        Set<Integer> taken = new HashSet<>();
        for (int pid : pids) {
            taken.add(pid);
        }
        for (Rule rule : rules) {
            if (rule.by == By.ANCESTOR) {
                Set<Integer> descendants = descendants(rule, pids, parents);
                taken.removeIf(pid -> descendants.contains(pid) == rule.isNot);
            }
        }
        return taken;
    }

    /**
     * Returns the descendants of the wanted processes. It follows each line of ancestors only to
     * the first one whose result is known, since a line may contain all processes, or be a circle.
     */
    private static Set<Integer> descendants(Rule rule, int[] pids, Map<Integer, Integer> parents) {
        Map<Integer, Boolean> known = new HashMap<>();
        List<Integer> line = new ArrayList<>();
        Set<Integer> descendants = new HashSet<>();
        for (int pid : pids) {
            line.clear();
            Integer ancestor = pid;
            while (ancestor != null && !known.containsKey(ancestor)) {
                known.put(ancestor, rule.wanted.contains(ancestor.toString()));
                line.add(ancestor);
                ancestor = known.get(ancestor) ? null : parents.get(ancestor);
            }
            Integer top = ancestor == null ? line.get(line.size() - 1) : ancestor;
            boolean isDescendant = known.get(top);
            for (Integer descendant : line) {
                known.put(descendant, isDescendant);
            }
            if (isDescendant) {
                descendants.addAll(line);
            }
        }
        return descendants;
    }

    /** Returns whether a process is wanted, by its details. */
    boolean takes(ProcessDetails details, UserNames users) {
        Cgroup cgroup = null;
        for (Rule rule : rules) {
            if (rule.by.needs == Detail.CGROUP && cgroup == null) {
                cgroup = Cgroup.parse(details.cgroup());
            }
            boolean isIt =
                    switch (rule.by) {
                        case PID, ANCESTOR -> !rule.isNot;
                        case USER -> isUser(rule.wanted, details.status().user(), users);
                        case CGROUP, UNIT, CONTAINER -> isIn(rule.by, rule.wanted, cgroup);
                    };
            if (isIt == rule.isNot) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns whether a control group, its unit or its container is one of those that are wanted.
     */
    public static boolean isIn(By by, Set<String> wanted, Cgroup cgroup) {
        return switch (by) {
            case CGROUP -> isBelow(wanted, cgroup.path());
            case UNIT -> cgroup.path() != null && SystemdUnit.isIn(cgroup.path(), wanted);
            case CONTAINER -> isContainer(wanted, cgroup);
            case PID, ANCESTOR, USER -> false;
        };
    }

    private static boolean isUser(Set<String> wanted, long user, UserNames users) {
        return user != Missing.VALUE
                && (wanted.contains(Long.toString(user)) || wanted.contains(users.user(user)));
    }

    private static boolean isBelow(Set<String> wanted, String path) {
        if (path == null) {
            return false;
        }
        for (String group : wanted) {
            String top = (group.startsWith("/") ? "" : "/") + group;
            String below = top.endsWith("/") ? top : top + '/'; // as shells complete it
            if ((path + '/').startsWith(below)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isContainer(Set<String> wanted, Cgroup cgroup) {
        for (String name : wanted) {
            if (cgroup.containsId(name)) {
                return true;
            }
        }
        String container = cgroup.container();
        if (container == null || wanted.contains(container)) {
            return container != null;
        }
        for (String word : container.split(" ", -1)) {
            for (String name : wanted) {
                if (word.equals(name) || isSameId(word, name)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Returns whether one id starts with the other: users copy whole ids, or type the first digits.
     */
    private static boolean isSameId(String id, String start) {
        boolean isId = isHex(id, MIN_ID_CHARS);
        return isId
                && isHex(start, MIN_START_CHARS)
                && (id.startsWith(start) || start.startsWith(id));
    }

    private static boolean isHex(String id, int minChars) {
        for (int i = 0; i < id.length(); i++) {
            boolean isHex = Character.digit(id.charAt(i), 16) >= 0 || id.charAt(i) == '-';
            if (!isHex) {
                return false;
            }
        }
        return id.length() >= minChars;
    }

    /**
     * Returns the wanted pids that do not exist, in the order of the command line. It returns none
     * if another rule may also be the reason.
     */
    public Set<String> missing(int[] pids) {
        Set<String> missing = new LinkedHashSet<>();
        for (Rule rule : rules) {
            boolean isOfPids = rule.by == By.PID || rule.by == By.ANCESTOR;
            if (isOfPids && rules.size() == 1 && !rule.isNot) {
                missing.addAll(rule.wanted);
            }
        }
        for (int i = 0; i < pids.length && !missing.isEmpty(); i++) {
            missing.remove(Integer.toString(pids[i]));
        }
        return missing;
    }

    /** Returns the parents of processes, by pid. */
    static Map<Integer, Integer> parents(List<ProcessMemory> processes) {
        Map<Integer, Integer> parents = new HashMap<>();
        for (ProcessMemory process : processes) {
            parents.put(process.pid(), process.details().parent());
        }
        return parents;
    }
}

// lib/psm/scan/Snapshot.java

/**
 * The result of one scan. Plain data; may be shared between threads. {@code SnapshotWriter} writes
 * it to a file, which {@code SnapshotReader} reads.
 *
 * @param scope what was requested
 * @param run how the scan went
 * @param host the host's own figures
 * @param processes the processes that were measured, by ascending pid
 * @param unmeasured the processes that could not be measured, by ascending pid
 * @param users the names of the processes' users by id, if they were requested
 * @param groups the names of the processes' groups by id, if they were requested
 * @param cgroups the control groups of the processes and all groups above, by {@link
 *     Cgroup#memoryPath}; none if {@link Detail#CGROUP_MEMORY} was not requested
 * @param mappings the mappings of {@link #processes}; {@code null} if they were not requested
 */
record Snapshot(
        Scope scope,
        Run run,
        Host host,
        List<ProcessMemory> processes,
        List<Unmeasured> unmeasured,
        Map<Long, String> users,
        Map<Long, String> groups,
        Map<String, CgroupMemory> cgroups,
        Mappings mappings) {

    /**
     * What was requested from a scan.
     *
     * @param filtered whether processes were left out by name, pid or another option
     * @param heap whether heaps were requested; otherwise {@link Usage#heap} has no meaning
     * @param details the details that were requested for each process
     * @param timeoutNanos how long one process may block before it is skipped
     */
    public record Scope(boolean filtered, boolean heap, Set<Detail> details, long timeoutNanos) {}

    /**
     * How a scan went.
     *
     * @param takenAt when it began
     * @param nanos how long it took
     * @param listed the number of processes, with kernel threads and zombies
     * @param hidden whether there are processes that psm cannot see (hidepid)
     * @param bytesRead bytes of smaps, smaps_rollup and maps
     * @param workers the number of threads
     * @param slowest the processes that took longest to read, the longest first
     * @param psmVersion the version of the psm that scanned
     * @param own psm's own process, which no report shows unless it is asked for by its pid; {@code
     *     null} if it was not read, or is one of the others
     */
    public record Run(
            Instant takenAt,
            long nanos,
            int listed,
            boolean hidden,
            long bytesRead,
            int workers,
            List<Slow> slowest,
            String psmVersion,
            ProcessMemory own) {

        private Run withSlowest(List<Slow> others) {
            return with(others, own);
        }

        private Run with(List<Slow> others, ProcessMemory psm) {
            return new Run(
                    takenAt, nanos, listed, hidden, bytesRead, workers, others, psmVersion, psm);
        }
    }

    /** A process and how long it took to read it; its memory map was locked for as long. */
    public record Slow(int pid, String program, long nanos) {}

    /** Returns all processes that were measured, psm's own too, by ascending pid. */
    public List<ProcessMemory> processesAndOwn() {
        if (run.own == null) {
            return processes;
        }
        List<ProcessMemory> all = new ArrayList<>(processes);
        int at = 0;
        while (at < all.size() && all.get(at).pid() < run.own.pid()) {
            at++;
        }
        all.add(at, run.own);
        return all;
    }

    /**
     * Returns the same snapshot with one process as psm's own.
     *
     * @param pid the pid; any other number to change nothing
     */
    public Snapshot without(long pid) {
        List<ProcessMemory> others = new ArrayList<>(processes.size());
        ProcessMemory own = null;
        for (ProcessMemory process : processes) {
            if (process.pid() == pid) {
                own = process;
            } else {
                others.add(process);
            }
        }
        return own == null ? this : withOwn(others, own);
    }

    private Snapshot withOwn(List<ProcessMemory> measured, ProcessMemory own) {
        return new Snapshot(
                scope,
                run.with(run.slowest, own),
                host,
                measured,
                unmeasured,
                users,
                groups,
                cgroups,
                mappings);
    }

    /** Returns the same snapshot with psm's own process as one of the others. */
    public Snapshot withOwn() {
        List<ProcessMemory> all = new ArrayList<>(processesAndOwn());
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i) == run.own) {
                all.set(i, run.own.named(ProcessReader.OWN)); // a collector takes it for a java
            }
        }
        return withOwn(all, null);
    }

    /** Counts the processes that were not measured for a reason. */
    public int count(Unmeasured.Reason reason) {
        int count = 0;
        for (Unmeasured process : unmeasured) {
            if (process.reason() == reason) {
                count++;
            }
        }
        return count;
    }

    /** Counts the processes whose RAM may be too high. */
    public int estimated() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.isEstimated()) {
                count++;
            }
        }
        return count;
    }

    /** Counts the processes whose memory may be counted twice. */
    public int doubtful() {
        int count = 0;
        for (ProcessMemory process : processes) {
            if (process.doubtful()) {
                count++;
            }
        }
        return count;
    }

    /** Returns the pids of all processes, measured or not. */
    public int[] pids() {
        int[] pids = new int[processes.size() + unmeasured.size()];
        int count = 0;
        for (ProcessMemory process : processes) {
            pids[count++] = process.pid();
        }
        for (Unmeasured process : unmeasured) {
            pids[count++] = process.pid();
        }
        return pids;
    }

    /**
     * Returns the same snapshot with names by another rule. Processes whose other names are not
     * known keep theirs.
     */
    public Snapshot named(boolean byTitle, boolean scripts) {
        List<ProcessMemory> named = new ArrayList<>(processes.size());
        for (ProcessMemory process : processes) {
            named.add(process.named(process.program().named(byTitle, scripts)));
        }
        List<Unmeasured> others = new ArrayList<>(unmeasured.size());
        for (Unmeasured process : unmeasured) {
            others.add(process.named(byTitle, scripts));
        }
        return withProcesses(named, others, scope.filtered);
    }

    /**
     * Returns what a scan of the selected processes would have seen. A process that was not
     * measured is left out only if its pid rules it out, since nothing else is known about it.
     */
    public Snapshot chosen(Selection selection, UserNames users) {
        Set<Integer> descendants =
                selection.needs(Detail.STAT)
                        ? selection.takenDescendants(pids(), Selection.parents(processes))
                        : null;
        List<ProcessMemory> measured = new ArrayList<>();
        for (ProcessMemory process : processes) {
            if (isChosen(process.pid(), selection, descendants)
                    && selection.takes(process.details(), users)) {
                measured.add(process);
            }
        }
        List<Unmeasured> others = new ArrayList<>();
        for (Unmeasured process : unmeasured) {
            if (isChosen(process.pid(), selection, descendants)) {
                others.add(process);
            }
        }
        AddressSpaces.countOnceAmong(measured);
        return withProcesses(measured, others, true);
    }

    private static boolean isChosen(int pid, Selection selection, Set<Integer> descendants) {
        return selection.takesPid(pid) && (descendants == null || descendants.contains(pid));
    }

    /** Returns the names of users and groups on the scanned host that this snapshot contains. */
    public UserNames userNames() {
        return UserNames.of(users, groups);
    }

    /** Returns the same snapshot with the names of its processes' users and groups. */
    public Snapshot withNames(UserNames names) {
        Map<Long, String> userNames = new TreeMap<>();
        Map<Long, String> groupNames = new TreeMap<>();
        for (ProcessMemory process : processes) {
            ProcessDetails.Status status = process.details().status();
            if (!Missing.is(status.user())) {
                userNames.put(status.user(), names.user(status.user()));
            }
            if (!Missing.is(status.group())) {
                groupNames.put(status.group(), names.group(status.group()));
            }
        }
        return new Snapshot(
                scope, run, host, processes, unmeasured, userNames, groupNames, cgroups, mappings);
    }

    /**
     * Returns what a scan with that filter would have seen: processes that are known to have other
     * names are in no figure and in no count.
     */
    public Snapshot filtered(Filter filter) {
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> others = new ArrayList<>();
        int next = 0;
        for (ProcessMemory process : processes) {
            for (; next < unmeasured.size() && unmeasured.get(next).pid() < process.pid(); next++) {
                addIfFound(unmeasured.get(next), filter, others);
            }
            try {
                if (!isNameKnown(process)) {
                    others.add(unread(process));
                } else if (filter.finds(process.program().name())) {
                    measured.add(process);
                }
            } catch (IOException e) {
                Program program = process.program();
                others.add(failed(process.pid(), program.name(), program.names(), e));
            }
        }
        for (; next < unmeasured.size(); next++) {
            addIfFound(unmeasured.get(next), filter, others);
        }
        AddressSpaces.countOnceAmong(measured);
        return withProcesses(measured, others, true);
    }

    /**
     * Returns whether the name of a process is known by each rule. Otherwise it has the kernel's
     * name, which may be another one.
     */
    private boolean isNameKnown(ProcessMemory process) {
        return process.estimate() == null
                || process.program().names() != null
                || !scope.details.contains(Detail.NAMES);
    }

    private static Unmeasured unread(ProcessMemory process) {
        ProcessMemory.Estimate estimate = process.estimate();
        return new Unmeasured(
                process.pid(), process.program().name(), estimate.reason(), estimate.detail());
    }

    private void addIfFound(Unmeasured process, Filter filter, List<Unmeasured> found) {
        try {
            // Without its names, it has the kernel's name, which may be another one.
            boolean isNameKnown = process.names() != null || !scope.details.contains(Detail.NAMES);
            if (process.program() == null || !isNameKnown || filter.finds(process.program())) {
                found.add(process);
            }
        } catch (IOException e) {
            found.add(failed(process.pid(), process.program(), process.names(), e));
        }
    }

    private static Unmeasured failed(int pid, String name, Program.Names names, IOException e) {
        return new Unmeasured(pid, name, Unmeasured.Reason.FAILED, e.getMessage(), names);
    }

    /** Returns the same snapshot with other figures of its processes and of the host's memory. */
    public Snapshot with(List<ProcessMemory> measured, HostMemory memory) {
        Host other = new Host(host.name(), host.kernel(), memory, host.pressure());
        return new Snapshot(
                scope, run, other, measured, unmeasured, users, groups, cgroups, mappings);
    }

    /** Returns the same snapshot with the figures of the memory controller. */
    public Snapshot withCgroups(Map<String, CgroupMemory> memoryOfCgroups) {
        Set<Detail> details = EnumSet.of(Detail.CGROUP_MEMORY);
        details.addAll(scope.details);
        Scope other = new Scope(scope.filtered, scope.heap, details, scope.timeoutNanos);
        return new Snapshot(
                other, run, host, processes, unmeasured, users, groups, memoryOfCgroups, mappings);
    }

    /**
     * Returns the same snapshot with other processes. Its list of the slowest processes contains
     * only these processes, with their new names.
     */
    public Snapshot withProcesses(
            List<ProcessMemory> measured, List<Unmeasured> others, boolean isFiltered) {
        Map<Integer, String> names = new HashMap<>();
        for (ProcessMemory process : measured) {
            names.put(process.pid(), process.program().name());
        }
        List<Slow> slow = new ArrayList<>();
        for (Slow process : run.slowest) {
            String name = names.get(process.pid());
            if (name != null) {
                slow.add(new Slow(process.pid(), name, process.nanos()));
            }
        }
        Scope other = new Scope(isFiltered, scope.heap, scope.details, scope.timeoutNanos);
        Run renamed = run.withSlowest(slow);
        return new Snapshot(
                other, renamed, host, measured, others, users, groups, cgroups, mappings);
    }
}

// lib/psm/scan/Source.java

/** The file of {@code /proc/PID} to read the figures from. */
enum Source {
    /** smaps_rollup if it exists and has the requested figures, else smaps. */
    AUTO,
    /** smaps_rollup alone: one entry, which the kernel (4.14) adds up before it rounds. */
    ROLLUP,
    /** smaps alone: an entry for each mapping. */
    SMAPS;

    /** Returns its name on the command line. */
    public String optionName() {
        return name().toLowerCase(Locale.ROOT);
    }
}

// lib/psm/scan/StatReader.java

/** Reads {@code stat} of processes and of their threads. Belongs to one thread. */
final class StatReader {
    /** Reports that all threads of a process are exiting. */
    static final class ExitingException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final ProcFs proc;
    private final byte[] buffer;

    /** The bytes of the file that was parsed last. */
    private final byte[] lastBytes;

    private int lastLength;

    /** The result of parsing {@link #lastBytes}. */
    private ProcStat last;

    /**
     * Makes a reader for a tree.
     *
     * @param buffer an array that others may use between two calls; longer than the file, which has
     *     2 kB at most
     */
    StatReader(ProcFs proc, byte[] buffer) {
        this.proc = proc;
        this.buffer = buffer;
        this.lastBytes = new byte[buffer.length];
    }

    /**
     * Reads the stat in a folder.
     *
     * @return {@code null} in a tree without stat
     * @throws NoSuchFileException if the process or thread has exited
     */
    ProcStat read(String folder) throws IOException {
        try {
            return parse(proc.read(folder + "/stat", buffer));
        } catch (AccessDeniedException e) {
            throw e;
        } catch (IOException e) {
            // ENOENT or ESRCH: it exited, or the tree has no stat. EPERM: hidepid=1 shows only the
            // folder.
            if (!proc.exists(folder)) {
                throw new NoSuchFileException(e.getMessage());
            }
            if (e instanceof NoSuchFileException) {
                return null;
            }
            throw new AccessDeniedException(e.getMessage());
        }
    }

    /**
     * Parses the file, unless its bytes are those that were parsed last. A scan reads the stat of
     * some processes twice, and the stat of an idle process does not change.
     */
    private ProcStat parse(int length) {
        if (!Arrays.equals(buffer, 0, length, lastBytes, 0, lastLength)) {
            lastLength = 0; // in case parsing fails
            last = ProcStat.parse(buffer, length);
            System.arraycopy(buffer, 0, lastBytes, 0, length);
            lastLength = length;
        }
        return last;
    }

    /**
     * Finds a thread that shows the memory of a process whose main thread has exited: the process's
     * own folder no longer shows memory, executable or arguments.
     *
     * @throws NoSuchFileException if a thread exited during the search; there may be new ones
     * @throws ExitingException if no thread will be left
     */
    void findLivingThread(CurrentProcess process) throws IOException {
        boolean hasChanged = false;
        boolean areExiting = false;
        for (int tid : proc.tids(process.pid)) {
            if (tid == process.pid) {
                continue;
            }
            String thread = process.pid + "/task/" + tid;
            ProcStat stat = readIfThere(thread);
            if (stat != null && !stat.isZombie() && !stat.isExiting()) {
                process.folder = thread;
                process.stat = stat;
                return;
            }
            hasChanged |= stat == null;
            areExiting |= stat != null && stat.isExiting() && !stat.isZombie();
        }
        if (hasChanged) {
            throw new NoSuchFileException(process.folder);
        }
        if (areExiting) {
            throw new ExitingException(); // an exiting thread starts no new ones
        }
    }

    private ProcStat readIfThere(String thread) throws IOException {
        try {
            return read(thread);
        } catch (NoSuchFileException e) {
            return null;
        }
    }

    /**
     * Returns whether the process still runs the program that was measured. If the thread that was
     * read has exited since then, its figures are complete as long as other threads run.
     */
    boolean isUnchanged(CurrentProcess process) throws IOException {
        ProcStat main = process.main;
        if (main == null) {
            return true;
        }
        ProcStat now = read(Integer.toString(process.pid));
        return !hasExited(main, now)
                && now.isDeadLeader() == main.isDeadLeader()
                && now.addresses() == main.addresses();
    }

    /**
     * Returns whether exit or exec(2) has freed the memory since stat was read, so that an
     * smaps_rollup that was opened before can no longer be read.
     */
    boolean hasLostMemory(CurrentProcess process) throws IOException {
        ProcStat before = process.stat;
        if (before == null) {
            return false;
        }
        ProcStat now = read(process.folder);
        return hasExited(before, now) || now.addresses() != before.addresses();
    }

    /** Returns whether a process has exited between two reads of its stat. */
    static boolean hasExited(ProcStat before, ProcStat now) {
        return now == null
                || now.startTime() != before.startTime()
                || (!now.isDeadLeader() && (now.isZombie() || now.isExiting()));
    }
}

// lib/psm/scan/Unmeasured.java

/**
 * A process that psm saw and could not measure.
 *
 * @param pid its pid in {@code /proc}
 * @param program its name; {@code null} if that is not known
 * @param reason the reason why it has no figures
 * @param detail the message of the system or the parser; {@code null} if the reason says everything
 * @param names the name of its program by each rule; {@code null} if that was not requested
 */
record Unmeasured(int pid, String program, Reason reason, String detail, Program.Names names)
        implements ReadResult {
    /** The reason why a process could not be measured. */
    public enum Reason {
        /** psm has no permission to read its memory. */
        DENIED("permission denied"),
        /** It exited or called exec while psm read it. */
        VANISHED("exited during the scan"),
        /**
         * Reading it took longer than the timeout, usually since another thread locks its memory
         * map.
         */
        STUCK("skipped after the timeout"),
        /** Another reason: its file was malformed, or a read failed. */
        FAILED("could not be read"),
        /** The kernel has no smaps. Only estimates have this reason. */
        ABSENT("not measured by this kernel"),
        /** Reading it takes longer than was wanted. Only estimates have this reason. */
        LARGE("takes too long to measure");

        /** The reason in words, to follow the process or a number of processes. */
        public final String inWords;

        Reason(String inWords) {
            this.inWords = inWords;
        }
    }

    /** Makes a process with at most one known name. */
    public Unmeasured(int pid, String program, Reason reason, String detail) {
        this(pid, program, reason, detail, null);
    }

    /** Returns the same process named by another rule, if its names are known. */
    Unmeasured named(boolean byTitle, boolean scripts) {
        return names == null
                ? this
                : new Unmeasured(pid, names.by(byTitle, scripts), reason, detail, names);
    }
}

// lib/psm/snapshot/SnapshotBudget.java

/** Makes a snapshot fit the limits of {@link SnapshotFormat}. */
final class SnapshotBudget {
    private final Set<String> texts = new HashSet<>();
    private long chars;

    /** Whether nothing was left out so far. */
    private boolean isWhole = true;

    private SnapshotBudget() {}

    /**
     * Returns the same snapshot if all of it fits. Otherwise it first leaves out command lines,
     * then the names of processes that could not be measured. Measured processes beyond the limit
     * become failed ones.
     *
     * @throws SnapshotFormatException if there are too many processes even for that
     */
    public static Snapshot fit(Snapshot snapshot) throws SnapshotFormatException {
        return new SnapshotBudget().of(snapshot);
    }

    private Snapshot of(Snapshot snapshot) throws SnapshotFormatException {
        List<ProcessMemory> measured = new ArrayList<>(snapshot.processes().size());
        List<Unmeasured> unmeasured = new ArrayList<>();
        int next = 0;
        for (ProcessMemory process : snapshot.processes()) {
            next = addBefore(process.pid(), snapshot.unmeasured(), next, unmeasured);
            if (isWithinLimits(measured.size() + (snapshot.run().own() == null ? 0 : 1))) {
                measured.add(fit(process));
            } else {
                unmeasured.add(unfitting(process));
                isWhole = false;
            }
        }
        addBefore(Integer.MAX_VALUE, snapshot.unmeasured(), next, unmeasured);
        if (unmeasured.size() > SnapshotFormat.MAX_UNMEASURED) {
            throw new SnapshotFormatException(
                    "is limited to "
                            + SnapshotFormat.MAX_PROCESSES
                            + " processes, and there are "
                            + (measured.size() + unmeasured.size()));
        }
        return isWhole
                ? snapshot
                : snapshot.withProcesses(measured, unmeasured, snapshot.scope().filtered());
    }

    private int addBefore(int pid, List<Unmeasured> from, int start, List<Unmeasured> to) {
        int next = start;
        while (next < from.size() && from.get(next).pid() <= pid) {
            to.add(fit(from.get(next++)));
        }
        return next;
    }

    private Unmeasured fit(Unmeasured process) {
        if (chars > SnapshotFormat.MAX_CHARS_WITH_COMMANDS) {
            isWhole = false;
            return new Unmeasured(process.pid(), null, process.reason(), null);
        }
        add(process.program());
        add(process.names());
        add(process.detail());
        return process;
    }

    /** Returns whether one more process fits, with the rest of the snapshot. */
    private boolean isWithinLimits(int processes) {
        return processes < SnapshotFormat.MAX_PROCESSES
                && chars <= SnapshotFormat.MAX_CHARS - 2 * SnapshotFormat.MAX_TEXT_BYTES
                && texts.size() <= SnapshotFormat.MAX_TEXTS - 2 * SnapshotFormat.MAX_SLOWEST;
    }

    private ProcessMemory fit(ProcessMemory process) {
        add(process.program().name());
        add(process.program().names());
        add(process.details().cgroup());
        if (process.estimate() != null) {
            add(process.estimate().detail());
        }
        if (process.details().command() == null) {
            return process;
        }
        if (chars > SnapshotFormat.MAX_CHARS_WITH_COMMANDS) {
            isWhole = false;
            return process.withoutCommand();
        }
        add(process.details().command());
        return process;
    }

    private static Unmeasured unfitting(ProcessMemory process) {
        return new Unmeasured(
                process.pid(), null, Unmeasured.Reason.FAILED, "too many processes for a snapshot");
    }

    private void add(Program.Names names) {
        if (names != null) {
            add(names.title());
            add(names.executable());
            add(names.script());
        }
    }

    private void add(String text) {
        if (text != null && texts.add(text)) {
            chars += text.length();
        }
    }
}

// lib/psm/snapshot/SnapshotColumn.java

/**
 * The columns of a snapshot's tables, see {@link SnapshotFormat}, except those that are named after
 * a {@link Usage.Field}. Each has a code for a missing value and a range of values.
 */
enum SnapshotColumn {
    // The scan.
    TAKEN_AT("taken_at", 0, 253_402_300_799L), // the seconds until the year 9999
    TAKEN_AT_NANOS("taken_at_nanos", 0, 999_999_999),
    LISTED("listed", 0, Integer.MAX_VALUE),
    HIDDEN("hidden", 0, 1),
    FILTERED("filtered", 0, 1),
    BYTES_READ("bytes_read", 0, Long.MAX_VALUE),
    WORKERS("workers", 0, Integer.MAX_VALUE),
    TIMEOUT_NANOS("timeout_nanos", 0, Long.MAX_VALUE),
    WITH_HEAP("with_heap", 0, 1),
    /** The pid of the psm that scanned, if its memory is among that of the processes. */
    OWN_PID("own_pid", SnapshotFormat.MISSING, 0, Integer.MAX_VALUE),
    ZRAM("zram", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ZSWAP("zswap", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ARC("arc", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ARC_IN_SLAB("arc_in_slab", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PER_CPU_FREE("per_cpu_free", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SOCKETS("sockets", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    HUGETLB_POOL("hugetlb_pool", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PSM_VERSION("psm_version"),
    HOST("host"),
    KERNEL("kernel"),
    MEMINFO("meminfo"),
    /** The content of pressure/memory, if it was requested; empty if there is none. */
    PRESSURE("pressure"),
    /** The names of the details that were read, with blanks between them. */
    DETAILS("details"),

    /** The duration of the scan, or of reading one of the slowest processes. */
    NANOS("nanos", 0, Long.MAX_VALUE),

    /** The pids, ascending except in the table of the slowest processes. */
    PID("pid", SnapshotFormat.MISSING, 0, Integer.MAX_VALUE),
    /** The name by the rule of the scan. */
    PROGRAM("program"),

    // The names by each rule, of measured and unmeasured processes.
    TITLE("title"),
    EXECUTABLE("executable"),
    SCRIPT("script"),

    // Processes that were measured.
    START_TIME("start_time", 0, 0, Long.MAX_VALUE),
    FILE("file", 0, SnapshotFormat.FILES.size() - 1),
    ROLLUP("rollup", 0, 1),
    HEAP("heap", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    MAPPINGS("mappings", 0, Integer.MAX_VALUE),
    CUT_PSS("cut_pss", 0, Integer.MAX_VALUE),
    CUT_SWAP_PSS("cut_swap_pss", 0, Integer.MAX_VALUE),
    /** The pid that the memory is counted under; missing if it is the process's own. */
    ADDRESS_SPACE(
            "address_space", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Integer.MAX_VALUE),
    DOUBTFUL("doubtful", 0, 1),
    /** The reason why the figures are estimates; missing if they are exact. */
    ESTIMATE(
            "estimate",
            SnapshotFormat.MISSING,
            SnapshotFormat.MISSING,
            SnapshotFormat.REASONS.size() - 1),
    ESTIMATE_DETAIL("estimate_detail"),
    PARENT("parent", Integer.MIN_VALUE, Integer.MAX_VALUE),
    THREADS("threads", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
    USER("user", SnapshotFormat.MISSING, Long.MIN_VALUE, Long.MAX_VALUE),
    GROUP("group", SnapshotFormat.MISSING, Long.MIN_VALUE, Long.MAX_VALUE),
    PEAK("peak", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PAGE_TABLES("page_tables", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_SCORE("oom_score", Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE),
    OOM_SCORE_ADJ("oom_score_adj", Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /** The number of lines in maps; {@link #MAPPINGS} is the number in smaps. */
    MAPS("maps", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Integer.MAX_VALUE),
    CGROUP("cgroup"),
    COMMAND("command"),

    // Control groups.
    PATH("path"),
    MAX("max", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    HIGH("high", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    CURRENT("current", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SWAP_MAX("swap_max", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SWAP_CURRENT("swap_current", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_KILLS("oom_kills", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_GROUP("oom_group", 0, 1),

    // Users and groups.
    ID("id", SnapshotFormat.MISSING, 0, Long.MAX_VALUE),
    NAME("name"),

    // Processes that could not be measured.
    REASON("reason", SnapshotFormat.MISSING, 0, SnapshotFormat.REASONS.size() - 1),
    DETAIL("detail");

    final String key;
    final boolean isText;

    /** The code of a missing value. */
    final long missing;

    /** Whether a number may be missing; otherwise an absent number is 0. */
    private final boolean isOptional;

    final long min;
    final long max;

    /** Makes a column of numbers that may be missing. */
    SnapshotColumn(String key, long missing, long min, long max) {
        this.key = key;
        this.isText = false;
        this.missing = missing;
        this.isOptional = true;
        this.min = min;
        this.max = max;
    }

    /** Makes a column of numbers that are 0 if they are not there. */
    SnapshotColumn(String key, long min, long max) {
        this.key = key;
        this.isText = false;
        this.missing = 0;
        this.isOptional = false;
        this.min = min;
        this.max = max;
    }

    /** Makes a column of texts: a code is 0 for {@code null}, or 1 + the number of the text. */
    SnapshotColumn(String key) {
        this.key = key;
        this.isText = true;
        this.missing = 0;
        this.isOptional = false;
        this.min = 0;
        this.max = SnapshotFormat.MAX_TEXTS;
    }

    /** Returns the code of a value. */
    long encode(long value) {
        return Missing.is(value) ? missing : value;
    }

    /** Returns the value of a code. */
    long decode(long code) {
        return isOptional && code == missing ? Missing.VALUE : code;
    }
}

// lib/psm/snapshot/SnapshotFile.java

/** Reads snapshots that were written to a file. */
final class SnapshotFile {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private SnapshotFile() {}

    /**
     * Reads the snapshot in a file, or from standard input.
     *
     * @param option the option that names the file, for messages
     * @throws Failure if it contains no snapshot that psm can read
     */
    public static Snapshot read(String option, String from) throws Failure {
        boolean isStandardInput = from.equals(STANDARD_INPUT);
        if (!isStandardInput && new File(from).isDirectory()) {
            throw failure(
                    option + " " + from,
                    "is a folder; it takes a file that 'psm -o snapshot' wrote",
                    null);
        }
        try (InputStream in =
                isStandardInput
                        ? new FileInputStream(FileDescriptor.in)
                        : Files.newInputStream(Path.of(from))) {
            return read(in);
        } catch (SnapshotFormatException e) {
            throw failure(option + " " + from, e.getMessage(), e);
        } catch (InvalidPathException e) {
            throw failure(option + " " + from, "is not a valid path in this locale", e);
        } catch (IOException e) {
            throw failure(option + " " + from, "cannot be read: " + Failure.reason(e), e);
        }
    }

    private static Failure failure(String asked, String problem, Throwable cause) {
        return Failure.usage(asked + ": " + problem, cause);
    }

    /**
     * Reads a snapshot from a stream. If the stream starts like no snapshot, the rest is not read.
     */
    public static Snapshot read(InputStream in) throws IOException {
        return SnapshotReader.read(in);
    }
}

// lib/psm/snapshot/SnapshotFormat.java

/**
 * The file format of snapshots, which {@link SnapshotWriter} writes and {@link SnapshotReader}
 * reads.
 *
 * <p>The first line is {@code psm snapshot 1 by psm 0.1.0}: the version of the format, and that of
 * the writer. Sections follow. Each has a tag of four letters, the length of its content in four
 * bytes (the highest first), and the content:
 *
 * <ul>
 *   <li>{@code text}: a number of texts, and for each its length and its bytes, as {@link
 *       Text#encode} gives them. Each text is written once.
 *   <li>{@code scan} (one row), {@code proc}, {@code miss}, {@code slow}, {@code user}, {@code
 *       grps} and {@code cgrp} are tables; the last three are optional. A table consists of the
 *       number of rows, and one column after the other. A column consists of the length of its
 *       name, its name, the length of its values in four bytes, and a value for each row. The value
 *       of a text is 0 for {@code null}, or 1 + its number.
 *   <li>{@code end!} is the last: the CRC-32 of all bytes before it.
 * </ul>
 *
 * <p>Numbers are written with seven bits a byte, the lowest first; all bytes but the last have the
 * highest bit set. Values may be negative, and are written as 2n, or -2n - 1 (zigzag).
 *
 * <p>New sections and columns need no new version: a reader skips unknown ones. All values of an
 * absent column are missing, and a column with nothing but missing values is not written. The
 * version changes when existing bytes change their meaning.
 */
final class SnapshotFormat {
    public static final String MAGIC = "psm snapshot ";
    static final String BY = " by psm ";
    static final int VERSION = 1;
    static final int MAX_HEADER_BYTES = 128;

    /** The size of a tag and a length. */
    static final int SECTION_HEAD_BYTES = 8;

    /** The size of the last section. */
    public static final int END_BYTES = SECTION_HEAD_BYTES + 4;

    /** The code of a size, a count or an id that is missing; it does not change. */
    static final long MISSING = -1;

    /** The states of an executable, by code: add new constants at the end. */
    static final List<Program.File> FILES =
            List.of(
                    Program.File.CURRENT,
                    Program.File.DELETED,
                    Program.File.UPDATED,
                    Program.File.UNKNOWN);

    /** The reasons why a process was estimated or not measured, by code: add new constants at the end. */
    static final List<Unmeasured.Reason> REASONS =
            List.of(
                    Unmeasured.Reason.DENIED,
                    Unmeasured.Reason.VANISHED,
                    Unmeasured.Reason.STUCK,
                    Unmeasured.Reason.FAILED,
                    Unmeasured.Reason.ABSENT,
                    Unmeasured.Reason.LARGE);

    static final int TEXTS = tag("text");
    static final int SCAN = tag("scan");
    static final int PROCESSES = tag("proc");
    static final int UNMEASURED = tag("miss");
    static final int SLOWEST = tag("slow");
    static final int CGROUPS = tag("cgrp");
    static final int USERS = tag("user");
    static final int GROUPS = tag("grps");
    public static final int END = tag("end!");

    // The limits of a snapshot. If they are too high, a malicious file and its report do not fit
    // into the heap; if they are too low, a large host does not fit into a file. Each process takes
    // 200 bytes of a file, most of them for its command line.

    /** The limit of a file's size. */
    static final int MAX_BYTES = 16 << 20;

    /** The limit of measured processes: the default of {@code kernel.pid_max}. */
    public static final int MAX_PROCESSES = 1 << 15;

    static final int MAX_UNMEASURED = 1 << 16;
    static final int MAX_SLOWEST = 1 << 8;

    /** The limit of control groups, with those above them. */
    static final int MAX_CGROUPS = 1 << 14;

    /** The limit of users, and of groups. */
    static final int MAX_USERS = 1 << 14;

    /** The limit of different texts. */
    static final int MAX_TEXTS = 1 << 17;

    /** The limit of all texts. */
    static final int MAX_CHARS = 3 << 20;

    /** The limit of all texts including command lines; beyond it, command lines are left out. */
    static final int MAX_CHARS_WITH_COMMANDS = 2 << 20;

    /** The limit of one text: the longest that psm reads, see {@link Cgroup#MAX_FILE_BYTES}. */
    static final int MAX_TEXT_BYTES = 1 << 16;

    private SnapshotFormat() {}

    private static int tag(String letters) {
        return letters.charAt(0) << 24
                | letters.charAt(1) << 16
                | letters.charAt(2) << 8
                | letters.charAt(3);
    }
}

// lib/psm/snapshot/SnapshotFormatException.java

/** Reports a file that is not a snapshot, or one that this psm cannot read. */
final class SnapshotFormatException extends IOException {
    private static final long serialVersionUID = 1;

    /**
     * Makes an exception.
     *
     * @param problem what is wrong with the file; messages show it after the file's name
     */
    SnapshotFormatException(String problem) {
        super(problem);
    }

    /** Returns an exception for a file with the right start and end, and an error between them. */
    static SnapshotFormatException damaged(String problem, int offset) {
        return new SnapshotFormatException(
                "makes no sense: " + problem + " (at byte " + offset + ")");
    }
}

// lib/psm/snapshot/SnapshotReader.java

/**
 * Reads a snapshot in the {@link SnapshotFormat}. The file need not be trusted: the result could
 * always be that of a scan, and it is within the limits of the format. Not for sharing between
 * threads.
 */
final class SnapshotReader {
    private static final SnapshotColumn[] COLUMNS = SnapshotColumn.values();
    private static final Usage.Field[] FIELDS = Usage.Field.values();

    private static final int START_BYTES = 1 << 16;

    /** The file; {@code null} once its tables and texts are read, to make room for the snapshot. */
    private byte[] bytes;

    /** The end of the file, section or column that is being read. */
    private int limit;

    private int at;

    /** The start and end of each known section's content, by tag. */
    private final Map<Integer, int[]> sections = new HashMap<>();

    private String[] texts;

    private SnapshotReader(byte[] bytes, int length) {
        this.bytes = bytes;
        this.limit = length;
    }

    /** Returns whether a file with that start may be a snapshot, of any version. */
    static boolean isStart(byte[] bytes, int length) {
        int compared = Math.min(length, SnapshotFormat.MAGIC.length());
        for (int i = 0; i < compared; i++) {
            if (bytes[i] != SnapshotFormat.MAGIC.charAt(i)) {
                return false;
            }
        }
        return length > 0;
    }

    /**
     * Reads the snapshot in {@code bytes[0..length)}.
     *
     * @throws SnapshotFormatException if there is no snapshot, or it has another version
     */
    public static Snapshot read(byte[] bytes, int length) throws SnapshotFormatException {
        return new SnapshotReader(bytes, length).read();
    }

    /** Reads the snapshot in a stream. No other object keeps the bytes of the file. */
    static Snapshot read(InputStream in) throws IOException {
        SnapshotReader reader = new SnapshotReader(new byte[START_BYTES], 0);
        reader.load(in);
        return reader.read();
    }

    private void load(InputStream in) throws IOException {
        int n;
        while ((n = in.read(bytes, limit, bytes.length - limit)) >= 0) {
            limit += n;
            if (!isStart(bytes, limit)) {
                break;
            }
            if (limit > SnapshotFormat.MAX_BYTES) {
                throw new SnapshotFormatException(
                        "has more than "
                                + (SnapshotFormat.MAX_BYTES >> 20)
                                + " MB, so it is not a snapshot");
            }
            if (limit == bytes.length) {
                int more = Math.min(2 * limit, SnapshotFormat.MAX_BYTES + 1);
                bytes = Arrays.copyOf(bytes, more);
            }
        }
        if (limit == 0) {
            throw new SnapshotFormatException("is empty: 'psm -o snapshot' has written nothing");
        }
    }

    private Snapshot read() throws SnapshotFormatException {
        header();
        checkEnd();
        findSections();
        texts();
        return snapshot();
    }

    private void header() throws SnapshotFormatException {
        if (!isStart(bytes, limit)) {
            throw new SnapshotFormatException("is not a snapshot; 'psm -o snapshot' writes one");
        }
        int end = 0;
        while (end < limit && end < SnapshotFormat.MAX_HEADER_BYTES && bytes[end] != '\n') {
            end++;
        }
        if (end == limit) {
            throw cut();
        }
        String line = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        int by = line.indexOf(SnapshotFormat.BY, SnapshotFormat.MAGIC.length());
        if (by < 0 || bytes[end] != '\n') {
            throw new SnapshotFormatException(
                    "starts like a snapshot but is not one; 'psm -o snapshot' writes one");
        }
        String version = line.substring(SnapshotFormat.MAGIC.length(), by);
        if (!version.equals(Integer.toString(SnapshotFormat.VERSION))) {
            throw new SnapshotFormatException(
                    "was written by psm "
                            + line.substring(by + SnapshotFormat.BY.length())
                            + " in version "
                            + version
                            + " of its format, and this psm "
                            + Version.CURRENT
                            + " knows version "
                            + SnapshotFormat.VERSION
                            + "; read it with that psm");
        }
        at = end + 1;
    }

    private static SnapshotFormatException cut() {
        return new SnapshotFormatException(
                "is cut: its end is missing; have 'psm -o snapshot' write it again");
    }

    private void checkEnd() throws SnapshotFormatException {
        int end = limit - SnapshotFormat.END_BYTES;
        if (end < at
                || intAt(end) != SnapshotFormat.END
                || intAt(end + Integer.BYTES) != Integer.BYTES) {
            throw cut();
        }
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, end);
        if ((int) sum.getValue() != intAt(end + SnapshotFormat.SECTION_HEAD_BYTES)) {
            throw new SnapshotFormatException(
                    "is damaged: its checksum is wrong; have 'psm -o snapshot' write it again");
        }
        limit = end;
    }

    private void findSections() throws SnapshotFormatException {
        int end = limit;
        while (at < end) {
            int tag = readInt();
            int length = readLength(end);
            boolean isKnown =
                    tag == SnapshotFormat.TEXTS
                            || tag == SnapshotFormat.SCAN
                            || tag == SnapshotFormat.PROCESSES
                            || tag == SnapshotFormat.UNMEASURED
                            || tag == SnapshotFormat.SLOWEST
                            || tag == SnapshotFormat.CGROUPS
                            || tag == SnapshotFormat.USERS
                            || tag == SnapshotFormat.GROUPS;
            if (isKnown && sections.put(tag, new int[] {at, at + length}) != null) {
                throw damaged("a section occurs twice");
            }
            at += length;
        }
    }

    /** Starts to read a section. */
    private void enter(int tag) throws SnapshotFormatException {
        int[] section = sections.get(tag);
        if (section == null) {
            throw damaged("a section is missing");
        }
        at = section[0];
        limit = section[1];
    }

    private void texts() throws SnapshotFormatException {
        enter(SnapshotFormat.TEXTS);
        texts = new String[readCount(SnapshotFormat.MAX_TEXTS, "texts")];
        long chars = 0;
        for (int i = 0; i < texts.length; i++) {
            int length = readCount(SnapshotFormat.MAX_TEXT_BYTES, "bytes in a text");
            texts[i] = Text.decode(bytes, at, at + length);
            at += length;
            chars += texts[i].length();
            if (chars > SnapshotFormat.MAX_CHARS) {
                throw damaged("it has more text than a snapshot may have");
            }
        }
        if (at != limit) {
            throw damaged("there are bytes after the texts");
        }
    }

    private Snapshot snapshot() throws SnapshotFormatException {
        Table scan = table(SnapshotFormat.SCAN, 1);
        if (scan.rows != 1) {
            throw damaged("it does not contain one scan");
        }
        Snapshot.Run run = run(scan);
        Map<Long, String> users = names(SnapshotFormat.USERS);
        Map<Long, String> groups = names(SnapshotFormat.GROUPS);
        Map<String, CgroupMemory> cgroups = cgroups();
        Table measured = table(SnapshotFormat.PROCESSES, SnapshotFormat.MAX_PROCESSES);
        Table others = table(SnapshotFormat.UNMEASURED, SnapshotFormat.MAX_UNMEASURED);
        bytes = null;
        List<ProcessMemory> processes = processes(measured);
        List<Unmeasured> unmeasured = unmeasured(others, processes);
        Snapshot.Scope scope = scope(scan);
        return new Snapshot(
                        scope, run, host(scan), processes, unmeasured, users, groups, cgroups, null)
                .without(scan.get(SnapshotColumn.OWN_PID, 0));
    }

    private Snapshot.Scope scope(Table scan) {
        return new Snapshot.Scope(
                scan.get(SnapshotColumn.FILTERED, 0) != 0,
                scan.get(SnapshotColumn.WITH_HEAP, 0) != 0,
                details(text(scan, SnapshotColumn.DETAILS, 0)),
                scan.get(SnapshotColumn.TIMEOUT_NANOS, 0));
    }

    private Snapshot.Run run(Table scan) throws SnapshotFormatException {
        long second = scan.get(SnapshotColumn.TAKEN_AT, 0);
        String version = text(scan, SnapshotColumn.PSM_VERSION, 0);
        return new Snapshot.Run(
                Instant.ofEpochSecond(second, scan.get(SnapshotColumn.TAKEN_AT_NANOS, 0)),
                scan.get(SnapshotColumn.NANOS, 0),
                (int) scan.get(SnapshotColumn.LISTED, 0),
                scan.get(SnapshotColumn.HIDDEN, 0) != 0,
                scan.get(SnapshotColumn.BYTES_READ, 0),
                (int) scan.get(SnapshotColumn.WORKERS, 0),
                slowest(),
                version == null ? "" : version,
                null);
    }

    private Host host(Table scan) {
        String meminfo = text(scan, SnapshotColumn.MEMINFO, 0);
        String pressure = text(scan, SnapshotColumn.PRESSURE, 0);
        return new Host(
                text(scan, SnapshotColumn.HOST, 0),
                text(scan, SnapshotColumn.KERNEL, 0),
                new HostMemory(meminfo == null ? "" : meminfo, unlisted(scan)),
                pressure == null ? null : new Pressure(pressure.isEmpty() ? null : pressure));
    }

    private static UnlistedMemory unlisted(Table scan) {
        return new UnlistedMemory(
                scan.get(SnapshotColumn.ZRAM, 0),
                scan.get(SnapshotColumn.ZSWAP, 0),
                scan.get(SnapshotColumn.ARC, 0),
                scan.get(SnapshotColumn.ARC_IN_SLAB, 0),
                scan.get(SnapshotColumn.PER_CPU_FREE, 0),
                scan.get(SnapshotColumn.SOCKETS, 0),
                scan.get(SnapshotColumn.HUGETLB_POOL, 0));
    }

    /** Returns the details that this psm knows. */
    private static Set<Detail> details(String names) {
        Set<Detail> details = EnumSet.noneOf(Detail.class);
        String all = ' ' + (names == null ? "" : names) + ' ';
        for (Detail detail : Detail.values()) {
            if (all.contains(' ' + detail.name() + ' ')) {
                details.add(detail);
            }
        }
        return details;
    }

    private List<ProcessMemory> processes(Table table) throws SnapshotFormatException {
        checkAscending(table);
        List<ProcessMemory> processes = new ArrayList<>(table.rows);
        long remaining = Long.MAX_VALUE;
        for (int i = 0; i < table.rows; i++) {
            Usage usage = usage(table, i);
            remaining -= usage.upperBound();
            if (remaining < 0) {
                throw damaged("the figures of pid " + pid(table, i) + " make the sums overflow");
            }
            processes.add(
                    new ProcessMemory(
                            pid(table, i),
                            table.get(SnapshotColumn.START_TIME, i),
                            program(table, i),
                            table.get(SnapshotColumn.ROLLUP, i) != 0,
                            usage,
                            details(table, i),
                            addressSpace(table, i),
                            table.get(SnapshotColumn.DOUBTFUL, i) != 0,
                            estimate(table, i)));
        }
        return processes;
    }

    private ProcessMemory.Estimate estimate(Table table, int row) {
        long reason = table.get(SnapshotColumn.ESTIMATE, row);
        return Missing.is(reason)
                ? null
                : new ProcessMemory.Estimate(
                        SnapshotFormat.REASONS.get((int) reason),
                        text(table, SnapshotColumn.ESTIMATE_DETAIL, row));
    }

    private void checkAscending(Table table) throws SnapshotFormatException {
        int last = -1;
        for (int i = 0; i < table.rows; i++) {
            int pid = pid(table, i);
            if (pid <= last) {
                throw damaged("pid " + pid + " comes after pid " + last);
            }
            last = pid;
        }
    }

    private int pid(Table table, int row) throws SnapshotFormatException {
        long pid = table.get(SnapshotColumn.PID, row);
        if (pid < 0) {
            throw damaged("a process has no pid");
        }
        return (int) pid;
    }

    /**
     * Returns the pid that the memory of a row is counted under: its own, or a lower one that is
     * counted under itself.
     */
    private int addressSpace(Table table, int row) throws SnapshotFormatException {
        int pid = pid(table, row);
        long space = table.get(SnapshotColumn.ADDRESS_SPACE, row);
        if (Missing.is(space)) {
            return pid;
        }
        int other = table.indexOfPid(space);
        if (other < 0
                || other >= row
                || !Missing.is(table.get(SnapshotColumn.ADDRESS_SPACE, other))) {
            throw damaged("pid " + pid + " shares its memory with pid " + space);
        }
        return (int) space;
    }

    private Program program(Table table, int row) throws SnapshotFormatException {
        String name = name(table, SnapshotColumn.PROGRAM, row);
        if (name == null) {
            throw damaged("pid " + pid(table, row) + " has no name");
        }
        Program.File file = SnapshotFormat.FILES.get((int) table.get(SnapshotColumn.FILE, row));
        return new Program(name, file, names(table, row));
    }

    private Program.Names names(Table table, int row) throws SnapshotFormatException {
        String title = name(table, SnapshotColumn.TITLE, row);
        String executable = name(table, SnapshotColumn.EXECUTABLE, row);
        String script = name(table, SnapshotColumn.SCRIPT, row);
        return title == null || executable == null
                ? null
                : new Program.Names(title, executable, script);
    }

    private String name(Table table, SnapshotColumn column, int row)
            throws SnapshotFormatException {
        String name = text(table, column, row);
        if (name != null && Text.cut(name, Text.MAX_NAME_CHARS).length() < name.length()) {
            throw damaged("a name is too long");
        }
        return name;
    }

    private static Usage usage(Table table, int row) {
        return new Usage(
                table.sums(row),
                table.get(SnapshotColumn.HEAP, row),
                (int) table.get(SnapshotColumn.MAPPINGS, row),
                (int) table.get(SnapshotColumn.CUT_PSS, row),
                (int) table.get(SnapshotColumn.CUT_SWAP_PSS, row));
    }

    private ProcessDetails details(Table table, int row) {
        return new ProcessDetails(
                (int) table.get(SnapshotColumn.PARENT, row),
                table.get(SnapshotColumn.THREADS, row),
                new ProcessDetails.Status(
                        table.get(SnapshotColumn.USER, row),
                        table.get(SnapshotColumn.GROUP, row),
                        table.get(SnapshotColumn.PEAK, row),
                        table.get(SnapshotColumn.PAGE_TABLES, row)),
                table.get(SnapshotColumn.OOM_SCORE, row),
                table.get(SnapshotColumn.OOM_SCORE_ADJ, row),
                table.get(SnapshotColumn.MAPS, row),
                text(table, SnapshotColumn.CGROUP, row),
                text(table, SnapshotColumn.COMMAND, row));
    }

    private List<Unmeasured> unmeasured(Table table, List<ProcessMemory> measured)
            throws SnapshotFormatException {
        checkAscending(table);
        for (ProcessMemory process : measured) {
            if (table.indexOfPid(process.pid()) >= 0) {
                throw damaged("pid " + process.pid() + " is both measured and unmeasured");
            }
        }
        List<Unmeasured> unmeasured = new ArrayList<>(table.rows);
        for (int i = 0; i < table.rows; i++) {
            long reason = table.get(SnapshotColumn.REASON, i);
            if (Missing.is(reason)) {
                throw damaged("pid " + pid(table, i) + " is unmeasured without a reason");
            }
            unmeasured.add(
                    new Unmeasured(
                            pid(table, i),
                            name(table, SnapshotColumn.PROGRAM, i),
                            SnapshotFormat.REASONS.get((int) reason),
                            text(table, SnapshotColumn.DETAIL, i),
                            names(table, i)));
        }
        return unmeasured;
    }

    private List<Snapshot.Slow> slowest() throws SnapshotFormatException {
        Table table = table(SnapshotFormat.SLOWEST, SnapshotFormat.MAX_SLOWEST);
        List<Snapshot.Slow> slowest = new ArrayList<>(table.rows);
        for (int i = 0; i < table.rows; i++) {
            String program = name(table, SnapshotColumn.PROGRAM, i);
            if (program == null) {
                throw damaged("one of the slowest has no name");
            }
            slowest.add(
                    new Snapshot.Slow(pid(table, i), program, table.get(SnapshotColumn.NANOS, i)));
        }
        return slowest;
    }

    /** Returns control groups by path; none if an older psm wrote the file. */
    private Map<String, CgroupMemory> cgroups() throws SnapshotFormatException {
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        if (sections.containsKey(SnapshotFormat.CGROUPS)) {
            Table table = table(SnapshotFormat.CGROUPS, SnapshotFormat.MAX_CGROUPS);
            for (int i = 0; i < table.rows; i++) {
                String path = text(table, SnapshotColumn.PATH, i);
                if (path != null) {
                    cgroups.put(path, cgroup(table, i));
                }
            }
        }
        return cgroups;
    }

    private static CgroupMemory cgroup(Table table, int row) {
        return new CgroupMemory(
                table.get(SnapshotColumn.MAX, row),
                table.get(SnapshotColumn.HIGH, row),
                table.get(SnapshotColumn.CURRENT, row),
                table.get(SnapshotColumn.SWAP_MAX, row),
                table.get(SnapshotColumn.SWAP_CURRENT, row),
                table.get(SnapshotColumn.OOM_KILLS, row),
                table.get(SnapshotColumn.OOM_GROUP, row) != 0);
    }

    /** Returns names by id; none if an older psm wrote the file. */
    private Map<Long, String> names(int tag) throws SnapshotFormatException {
        Map<Long, String> names = new TreeMap<>();
        if (sections.containsKey(tag)) {
            Table table = table(tag, SnapshotFormat.MAX_USERS);
            for (int i = 0; i < table.rows; i++) {
                String name = name(table, SnapshotColumn.NAME, i);
                if (name != null) {
                    names.put(table.get(SnapshotColumn.ID, i), name);
                }
            }
        }
        return names;
    }

    private String text(Table table, SnapshotColumn column, int row) {
        int number = (int) table.get(column, row);
        return number == 0 ? null : texts[number - 1];
    }

    /** The known columns of a table. */
    private static final class Table {
        final int rows;

        /** The values by {@link SnapshotColumn}; {@code null} for an absent column. */
        final long[][] columns = new long[SnapshotColumn.values().length][];

        /** The sums of each row by {@link Usage.Field}; {@code null} if no column contains sums. */
        private long[][] sums;

        /** The {@link Usage.Field} whose columns have been read, by ordinal. */
        private final boolean[] fields = new boolean[FIELDS.length];

        Table(int rows) {
            this.rows = rows;
        }

        long get(SnapshotColumn column, int row) {
            long[] values = columns[column.ordinal()];
            return column.decode(values == null ? column.missing : values[row]);
        }

        /** Stores a column of sums; returns whether it is the first for that field. */
        boolean put(int field, long[] values) {
            sums = sums == null ? new long[rows][] : sums;
            for (int i = 0; i < rows; i++) {
                boolean isMissing = values[i] == SnapshotFormat.MISSING;
                sums[i] = sums(i);
                sums[i][field] = isMissing ? Missing.VALUE : values[i];
            }
            boolean isFirst = !fields[field];
            fields[field] = true;
            return isFirst;
        }

        /** Returns the array with the sums of a row. */
        long[] sums(int row) {
            if (sums != null && sums[row] != null) {
                return sums[row];
            }
            long[] missing = new long[FIELDS.length];
            Arrays.fill(missing, Missing.VALUE);
            return missing;
        }

        /** Returns the row of a pid; a negative number if there is none. */
        int indexOfPid(long pid) {
            long[] pids = columns[SnapshotColumn.PID.ordinal()];
            return pids == null ? -1 : Arrays.binarySearch(pids, pid);
        }
    }

    private Table table(int tag, int maxRows) throws SnapshotFormatException {
        enter(tag);
        int end = limit;
        Table table = new Table(readCount(maxRows, "rows"));
        while (at < end) {
            int keyLength = readCount(end - at, "letters");
            int key = at;
            at += keyLength;
            int length = readLength(end);
            int next = at + length;
            SnapshotColumn column = column(key, keyLength);
            int field = column == null ? field(key, keyLength) : -1;
            limit = next;
            if (column != null) {
                long max = column.isText ? texts.length : column.max;
                set(table.columns, column.ordinal(), values(table.rows, column.min, max));
            } else if (field >= 0) {
                if (!table.put(field, values(table.rows, SnapshotFormat.MISSING, Long.MAX_VALUE))) {
                    throw damaged("a column occurs twice");
                }
            }
            at = next;
            limit = end;
        }
        return table;
    }

    private void set(long[][] columns, int index, long[] values) throws SnapshotFormatException {
        if (columns[index] != null) {
            throw damaged("a column occurs twice");
        }
        columns[index] = values;
    }

    /** Reads the values of a column, which must end at {@link #limit}. */
    private long[] values(int count, long min, long max) throws SnapshotFormatException {
        if (count > limit - at) {
            throw damaged("a column is too short");
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            long number = readNumber();
            long value = (number >>> 1) ^ -(number & 1);
            if (value < min || value > max) {
                throw damaged("a column has " + value);
            }
            values[i] = value;
        }
        if (at != limit) {
            throw damaged("a column is too long");
        }
        return values;
    }

    private SnapshotColumn column(int key, int length) {
        for (SnapshotColumn column : COLUMNS) {
            if (isKey(column.key, key, length)) {
                return column;
            }
        }
        return null;
    }

    private int field(int key, int length) {
        for (int i = 0; i < FIELDS.length; i++) {
            if (isKey(FIELDS[i].kernelName, key, length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isKey(String key, int from, int length) {
        if (length != key.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != key.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Reads the number of things that take at least a byte each. */
    private int readCount(int max, String what) throws SnapshotFormatException {
        long count = readNumber();
        if (count < 0 || count > max || count > limit - at) {
            throw damaged(Long.toUnsignedString(count) + " " + what);
        }
        return (int) count;
    }

    private long readNumber() throws SnapshotFormatException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == limit) {
                throw damaged("a number is cut");
            }
            byte next = bytes[at++];
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw damaged("a number does not end");
    }

    /** Reads a length of content that must end before {@code end}. */
    private int readLength(int end) throws SnapshotFormatException {
        int length = readInt();
        if (length < 0 || length > end - at) {
            throw damaged("a length of " + Integer.toUnsignedString(length));
        }
        return length;
    }

    private int readInt() throws SnapshotFormatException {
        if (limit - at < Integer.BYTES) {
            throw damaged("a length is cut");
        }
        at += Integer.BYTES;
        return intAt(at - Integer.BYTES);
    }

    private int intAt(int index) {
        return (bytes[index] & 0xFF) << 24
                | (bytes[index + 1] & 0xFF) << 16
                | (bytes[index + 2] & 0xFF) << 8
                | (bytes[index + 3] & 0xFF);
    }

    private SnapshotFormatException damaged(String problem) {
        return SnapshotFormatException.damaged(problem, at);
    }
}

// lib/psm/snapshot/SnapshotWriter.java

/** Writes a snapshot in the {@link SnapshotFormat}. Not for sharing between threads. */
final class SnapshotWriter {
    private static final SnapshotColumn[] OF_CGROUPS = {
        SnapshotColumn.PATH,
        SnapshotColumn.MAX,
        SnapshotColumn.HIGH,
        SnapshotColumn.CURRENT,
        SnapshotColumn.SWAP_MAX,
        SnapshotColumn.SWAP_CURRENT,
        SnapshotColumn.OOM_KILLS,
        SnapshotColumn.OOM_GROUP
    };

    private static final SnapshotColumn[] OF_PROCESSES = {
        SnapshotColumn.PID,
        SnapshotColumn.START_TIME,
        SnapshotColumn.PROGRAM,
        SnapshotColumn.TITLE,
        SnapshotColumn.EXECUTABLE,
        SnapshotColumn.SCRIPT,
        SnapshotColumn.FILE,
        SnapshotColumn.ROLLUP,
        SnapshotColumn.HEAP,
        SnapshotColumn.MAPPINGS,
        SnapshotColumn.CUT_PSS,
        SnapshotColumn.CUT_SWAP_PSS,
        SnapshotColumn.ADDRESS_SPACE,
        SnapshotColumn.DOUBTFUL,
        SnapshotColumn.ESTIMATE,
        SnapshotColumn.ESTIMATE_DETAIL,
        SnapshotColumn.PARENT,
        SnapshotColumn.THREADS,
        SnapshotColumn.USER,
        SnapshotColumn.GROUP,
        SnapshotColumn.PEAK,
        SnapshotColumn.PAGE_TABLES,
        SnapshotColumn.OOM_SCORE,
        SnapshotColumn.OOM_SCORE_ADJ,
        SnapshotColumn.MAPS,
        SnapshotColumn.CGROUP,
        SnapshotColumn.COMMAND
    };

    private static final SnapshotColumn[] OF_UNMEASURED = {
        SnapshotColumn.PID,
        SnapshotColumn.PROGRAM,
        SnapshotColumn.TITLE,
        SnapshotColumn.EXECUTABLE,
        SnapshotColumn.SCRIPT,
        SnapshotColumn.REASON,
        SnapshotColumn.DETAIL
    };

    private static final int START_BYTES = 1 << 16;

    /** The largest size of a number, in bytes. */
    private static final int MAX_NUMBER_BYTES = 10;

    private byte[] bytes = new byte[START_BYTES];

    /** The number of bytes that have not been written yet. */
    private int size;

    /** The checksum of the bytes that have been written. */
    private final CRC32 checksum = new CRC32();

    /** The texts in the order of their numbers. */
    private final List<String> texts = new ArrayList<>();

    /** 1 + the number of each text. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private SnapshotWriter() {}

    /**
     * Returns the file of a snapshot.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static byte[] write(Snapshot snapshot) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            write(snapshot, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    /**
     * Writes the file of a snapshot, one section after the other.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static void write(Snapshot snapshot, OutputStream out) throws IOException {
        SnapshotWriter writer = new SnapshotWriter();
        String head = SnapshotFormat.MAGIC + SnapshotFormat.VERSION + SnapshotFormat.BY;
        writer.append((head + Version.CURRENT + '\n').getBytes(StandardCharsets.US_ASCII));
        writer.scan(snapshot);
        writer.processes(snapshot.processesAndOwn());
        writer.flush(out);
        writer.unmeasured(snapshot.unmeasured());
        writer.slowest(snapshot.run().slowest());
        writer.cgroups(snapshot.cgroups());
        writer.names(SnapshotFormat.USERS, snapshot.users());
        writer.names(SnapshotFormat.GROUPS, snapshot.groups());
        writer.flush(out);
        writer.numbers.clear();
        writer.texts();
        writer.flush(out);
        writer.end();
        writer.flush(out);
    }

    /** Writes what was appended since the last call. */
    private void flush(OutputStream out) throws IOException {
        checksum.update(bytes, 0, size);
        out.write(bytes, 0, size);
        size = 0;
    }

    private void scan(Snapshot snapshot) {
        int start = beginTable(SnapshotFormat.SCAN, 1);
        Snapshot.Scope scope = snapshot.scope();
        Snapshot.Run run = snapshot.run();
        Host host = snapshot.host();
        Instant takenAt = run.takenAt();
        one(SnapshotColumn.TAKEN_AT, takenAt.getEpochSecond());
        one(SnapshotColumn.TAKEN_AT_NANOS, takenAt.getNano());
        one(SnapshotColumn.NANOS, run.nanos());
        one(SnapshotColumn.LISTED, run.listed());
        one(SnapshotColumn.HIDDEN, run.hidden() ? 1 : 0);
        one(SnapshotColumn.FILTERED, scope.filtered() ? 1 : 0);
        one(SnapshotColumn.BYTES_READ, run.bytesRead());
        one(SnapshotColumn.WORKERS, run.workers());
        one(SnapshotColumn.TIMEOUT_NANOS, scope.timeoutNanos());
        one(SnapshotColumn.WITH_HEAP, scope.heap() ? 1 : 0);
        one(SnapshotColumn.OWN_PID, run.own() == null ? Missing.VALUE : run.own().pid());
        unlisted(host.memory().unlisted());
        one(SnapshotColumn.PSM_VERSION, number(run.psmVersion()));
        one(SnapshotColumn.HOST, number(host.name()));
        one(SnapshotColumn.KERNEL, number(host.kernel()));
        one(SnapshotColumn.MEMINFO, number(host.memory().meminfo()));
        one(SnapshotColumn.PRESSURE, pressure(host.pressure()));
        one(SnapshotColumn.DETAILS, number(names(scope.details())));
        endSection(start);
    }

    private void unlisted(UnlistedMemory memory) {
        one(SnapshotColumn.ZRAM, memory.zram());
        one(SnapshotColumn.ZSWAP, memory.zswap());
        one(SnapshotColumn.ARC, memory.arc());
        one(SnapshotColumn.ARC_IN_SLAB, memory.arcInSlab());
        one(SnapshotColumn.PER_CPU_FREE, memory.perCpuFree());
        one(SnapshotColumn.SOCKETS, memory.sockets());
        one(SnapshotColumn.HUGETLB_POOL, memory.hugetlbPool());
    }

    private static String names(Set<Detail> details) {
        StringBuilder names = new StringBuilder();
        for (Detail detail : Detail.values()) {
            if (details.contains(detail)) {
                names.append(names.length() == 0 ? "" : " ").append(detail.name());
            }
        }
        return names.toString();
    }

    private void processes(List<ProcessMemory> processes) {
        int start = beginTable(SnapshotFormat.PROCESSES, processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : OF_PROCESSES) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            column(column.key, column.missing, values);
        }
        for (Usage.Field field : Usage.Field.values()) {
            for (int i = 0; i < values.length; i++) {
                long bytes = processes.get(i).usage().bytes(field);
                values[i] = Missing.is(bytes) ? SnapshotFormat.MISSING : bytes;
            }
            column(field.kernelName, SnapshotFormat.MISSING, values);
        }
        endSection(start);
    }

    private long value(SnapshotColumn column, ProcessMemory process) {
        Program.Names names = process.program().names();
        ProcessDetails details = process.details();
        ProcessMemory.Estimate estimate = process.estimate();
        return switch (column) {
            case PID -> process.pid();
            case START_TIME -> process.startTime();
            case PROGRAM -> number(process.program().name());
            case TITLE -> names == null ? 0 : number(names.title());
            case EXECUTABLE -> names == null ? 0 : number(names.executable());
            case SCRIPT -> names == null ? 0 : number(names.script());
            case FILE -> SnapshotFormat.FILES.indexOf(process.program().file());
            case ROLLUP -> process.rollup() ? 1 : 0;
            case HEAP -> process.usage().heap;
            case MAPPINGS -> process.usage().mappings;
            case CUT_PSS -> process.usage().cutPss;
            case CUT_SWAP_PSS -> process.usage().cutSwapPss;
            case ADDRESS_SPACE -> process.isCounted() ? Missing.VALUE : process.addressSpace();
            case DOUBTFUL -> process.doubtful() ? 1 : 0;
            case ESTIMATE ->
                    estimate == null
                            ? Missing.VALUE
                            : SnapshotFormat.REASONS.indexOf(estimate.reason());
            case ESTIMATE_DETAIL -> estimate == null ? 0 : number(estimate.detail());
            case PARENT -> details.parent();
            case THREADS -> details.threads();
            case USER -> details.status().user();
            case GROUP -> details.status().group();
            case PEAK -> details.status().peak();
            case PAGE_TABLES -> details.status().pageTables();
            case OOM_SCORE -> details.oomScore();
            case OOM_SCORE_ADJ -> details.oomScoreAdj();
            case MAPS -> details.mappings();
            case CGROUP -> number(details.cgroup());
            case COMMAND -> number(details.command());
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void unmeasured(List<Unmeasured> processes) {
        int start = beginTable(SnapshotFormat.UNMEASURED, processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : OF_UNMEASURED) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            column(column.key, column.missing, values);
        }
        endSection(start);
    }

    private long value(SnapshotColumn column, Unmeasured process) {
        Program.Names names = process.names();
        return switch (column) {
            case PID -> process.pid();
            case PROGRAM -> number(process.program());
            case TITLE -> names == null ? 0 : number(names.title());
            case EXECUTABLE -> names == null ? 0 : number(names.executable());
            case SCRIPT -> names == null ? 0 : number(names.script());
            case REASON -> SnapshotFormat.REASONS.indexOf(process.reason());
            case DETAIL -> number(process.detail());
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void slowest(List<Snapshot.Slow> processes) {
        int start = beginTable(SnapshotFormat.SLOWEST, processes.size());
        long[] pids = new long[processes.size()];
        long[] programs = new long[processes.size()];
        long[] nanos = new long[processes.size()];
        for (int i = 0; i < pids.length; i++) {
            Snapshot.Slow process = processes.get(i);
            pids[i] = process.pid();
            programs[i] = number(process.program());
            nanos[i] = process.nanos();
        }
        column(SnapshotColumn.PID.key, SnapshotColumn.PID.missing, pids);
        column(SnapshotColumn.PROGRAM.key, SnapshotColumn.PROGRAM.missing, programs);
        column(SnapshotColumn.NANOS.key, SnapshotColumn.NANOS.missing, nanos);
        endSection(start);
    }

    private long pressure(Pressure pressure) {
        return pressure == null ? 0 : number(pressure.text() == null ? "" : pressure.text());
    }

    private void cgroups(Map<String, CgroupMemory> cgroups) {
        if (cgroups.isEmpty()) {
            return;
        }
        int count = Math.min(cgroups.size(), SnapshotFormat.MAX_CGROUPS);
        int start = beginTable(SnapshotFormat.CGROUPS, count);
        List<String> paths = new ArrayList<>(new TreeSet<>(cgroups.keySet())).subList(0, count);
        long[] values = new long[count];
        for (SnapshotColumn column : OF_CGROUPS) {
            for (int i = 0; i < count; i++) {
                values[i] = column.encode(value(column, paths.get(i), cgroups.get(paths.get(i))));
            }
            column(column.key, column.missing, values);
        }
        endSection(start);
    }

    private long value(SnapshotColumn column, String path, CgroupMemory cgroup) {
        return switch (column) {
            case PATH -> number(path);
            case MAX -> cgroup.max();
            case HIGH -> cgroup.high();
            case CURRENT -> cgroup.current();
            case SWAP_MAX -> cgroup.swapMax();
            case SWAP_CURRENT -> cgroup.swapCurrent();
            case OOM_KILLS -> cgroup.oomKills();
            case OOM_GROUP -> cgroup.oomGroup() ? 1 : 0;
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void names(int tag, Map<Long, String> names) {
        if (names.isEmpty()) {
            return;
        }
        int count = Math.min(names.size(), SnapshotFormat.MAX_USERS);
        int start = beginTable(tag, count);
        long[] ids = new long[count];
        long[] texts = new long[count];
        int i = 0;
        for (Map.Entry<Long, String> name : names.entrySet()) {
            if (i < count) {
                ids[i] = name.getKey();
                texts[i++] = number(name.getValue());
            }
        }
        column(SnapshotColumn.ID.key, SnapshotColumn.ID.missing, ids);
        column(SnapshotColumn.NAME.key, SnapshotColumn.NAME.missing, texts);
        endSection(start);
    }

    /** Returns 0 for {@code null}, else 1 + the number of the text. */
    private long number(String text) {
        if (text == null) {
            return 0;
        }
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        texts.add(text);
        numbers.put(text, texts.size());
        return texts.size();
    }

    private void texts() {
        int start = beginSection(SnapshotFormat.TEXTS);
        append(texts.size());
        for (String text : texts) {
            byte[] encoded = encoded(text);
            append(encoded.length);
            append(encoded);
        }
        endSection(start);
    }

    private static byte[] encoded(String text) {
        byte[] encoded = Text.encode(text);
        return encoded.length <= SnapshotFormat.MAX_TEXT_BYTES
                ? encoded
                : Text.encode(Text.cut(text, SnapshotFormat.MAX_TEXT_BYTES / 4));
    }

    private void end() {
        int start = beginSection(SnapshotFormat.END);
        appendInt((int) checksum.getValue());
        endSection(start);
    }

    private void one(SnapshotColumn column, long value) {
        column(column.key, column.missing, column.encode(value));
    }

    /** Writes a column, unless all of its values are missing. */
    private void column(String key, long missing, long... values) {
        int i = 0;
        while (i < values.length && values[i] == missing) {
            i++;
        }
        if (i == values.length) {
            return;
        }
        append(key.length());
        append(key.getBytes(StandardCharsets.US_ASCII));
        appendInt(0);
        int start = size;
        for (long value : values) {
            append((value << 1) ^ (value >> 63));
        }
        setLength(start);
    }

    private int beginTable(int tag, int rows) {
        int start = beginSection(tag);
        append(rows);
        return start;
    }

    /** Starts a section; returns the start of its content, for {@link #endSection}. */
    private int beginSection(int tag) {
        appendInt(tag);
        appendInt(0);
        return size;
    }

    private void endSection(int start) {
        setLength(start);
    }

    /** Stores the length of content in the four bytes before it. */
    private void setLength(int start) {
        int end = size;
        size = start - Integer.BYTES;
        appendInt(end - start);
        size = end;
    }

    private void append(long number) {
        ensure(MAX_NUMBER_BYTES);
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    private void appendInt(int number) {
        ensure(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            bytes[size++] = (byte) (number >> shift);
        }
    }

    private void append(byte[] more) {
        ensure(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
    }

    private void ensure(int more) {
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, size + more));
        }
    }
}

// lib/psm/system/Counters.java

/**
 * The kernel's counters of memory, as far as they can be believed. A counter that is there does not
 * vouch for another: kernels lack some, vendors add some to old kernels, and containers (lxcfs,
 * OpenVZ) show some of their own beside some of the host. A counter is missing, never 0, if one of
 * these rules says so:
 *
 * <ul>
 *   <li>The kernel prints no such line.
 *   <li>It is more than all that is not free, MemTotal - MemFree.
 *   <li>It is 0 and no running kernel has none: Slab, PageTables, KernelStack, Percpu.
 *   <li>SReclaimable and SUnreclaim do not add up to Slab; the kernel adds them up for it.
 *   <li>KReclaimable is less than SReclaimable, which is a part of it.
 *   <li>VmallocUsed counts addresses (before 4.4, when VmallocChunk is not 0), or always reads 0
 *       (4.4 to 5.2). Without the kernel's version and VmallocChunk it could be either.
 *   <li>The parts of MemTotal are more than MemTotal, and {@link MemoryAccount} has found that this
 *       counter is the reason.
 * </ul>
 *
 * Not for sharing between threads.
 */
final class Counters {
    /**
     * The share of MemTotal by which counters that are right may disagree: the kernel updates them
     * for each processor, and changes them while psm reads. If it is too low, a right counter is
     * dropped on a busy host; if it is too high, a wrong one is kept.
     */
    private static final int NOISE_DIVISOR = 100;

    /** The kernel's version from which on VmallocUsed does not count addresses. */
    private static final int[] WITHOUT_ADDRESSES = {4, 4};

    /** The kernel's version from which on VmallocUsed counts pages. */
    private static final int[] WITH_PAGES = {5, 3};

    private final HostMemory memory;
    private final String kernel;
    private final long total;

    /** The largest size that a part of the host's memory can have. */
    private final long limit;

    /** The counters that contradict others, with their sizes. */
    private final Map<String, Long> dropped = new LinkedHashMap<>();

    Counters(Host host) {
        this.memory = host.memory();
        this.kernel = host.kernel();
        this.total = memory.bytes("MemTotal");
        long free = Math.min(total, Missing.orZero(memory.bytes("MemFree")));
        this.limit = Missing.plus(total - free, noise());
    }

    /** Returns the difference up to which counters do not contradict each other. */
    long noise() {
        return total / NOISE_DIVISOR;
    }

    /** Returns what the kernel prints, or {@link Missing#VALUE}. */
    long raw(String name) {
        return memory.bytes(name);
    }

    /** Returns a counter if it can be believed, else {@link Missing#VALUE}. */
    long of(String name) {
        return believed(name, raw(name));
    }

    /** Returns a counter that is never 0 if it can be believed. */
    private long positive(String name) {
        long bytes = of(name);
        return bytes == 0 ? Missing.VALUE : bytes;
    }

    /** Returns a figure from another file if it can be believed. */
    long believed(String name, long bytes) {
        if (isDropped(name)) {
            return Missing.VALUE;
        }
        if (bytes > limit) {
            drop(name, bytes);
            return Missing.VALUE;
        }
        return bytes;
    }

    /** Believes a counter no more. */
    void drop(String name, long bytes) {
        dropped.put(name, bytes);
    }

    boolean isDropped(String name) {
        return dropped.containsKey(name);
    }

    /** Returns the counters that contradict others, with their sizes. */
    Map<String, Long> dropped() {
        return dropped;
    }

    /** Returns SReclaimable or SUnreclaim. */
    long slab(String name) {
        long slab = raw("Slab");
        long sum = Missing.plus(raw("SReclaimable"), raw("SUnreclaim"));
        boolean isSum = Missing.is(slab) || (slab > 0 && Math.abs(slab - sum) <= noise());
        if (!isSum && raw(name) > 0) {
            drop(name, raw(name));
        }
        return isSum ? of(name) : Missing.VALUE;
    }

    /** Returns what drivers keep and give back if memory is short: KReclaimable (4.20) less slab. */
    long otherReclaimable() {
        long all = of("KReclaimable");
        long slab = slab("SReclaimable");
        return Missing.is(all) || Missing.is(slab) || all < slab ? Missing.VALUE : all - slab;
    }

    /** Returns page tables, with those of devices and virtual machines. */
    long pageTables() {
        return Missing.plus(positive("PageTables"), of("SecPageTables"));
    }

    long kernelStacks() {
        return positive("KernelStack");
    }

    long perCpu() {
        return positive("Percpu");
    }

    /**
     * Returns the pages of vmalloc without kernel stacks. Stacks come from it where it has as much
     * (CONFIG_VMAP_STACK, since 4.9 on x86-64, and now on all major architectures).
     */
    long vmalloc() {
        long used = ofPages() ? of("VmallocUsed") : Missing.VALUE;
        long stacks = Missing.orZero(kernelStacks());
        return used >= stacks ? used - stacks : used;
    }

    private boolean ofPages() {
        long chunk = raw("VmallocChunk");
        boolean isOfAddresses =
                chunk > 0 || (kernel == null ? Missing.is(chunk) : !isSince(WITHOUT_ADDRESSES));
        boolean isCounted = raw("VmallocUsed") > 0 || (kernel != null && isSince(WITH_PAGES));
        return !isOfAddresses && isCounted;
    }

    /** Returns whether the kernel has this version or a later one. */
    private boolean isSince(int[] version) {
        int at = 0;
        for (int wanted : version) {
            int number = 0;
            int start = at;
            for (; at < kernel.length() && Character.digit(kernel.charAt(at), 10) >= 0; at++) {
                number = Math.min(10 * number + Character.digit(kernel.charAt(at), 10), 1 << 20);
            }
            if (number != wanted || at == start) {
                return number > wanted;
            }
            at++;
        }
        return true;
    }
}

// lib/psm/system/MappedMemory.java

/**
 * The pages that processes map, and those of files and shared memory that none maps.
 *
 * <ul>
 *   <li>AnonPages and Mapped are the pages that processes map, so they are the sum of Pss. If that
 *       sum is lower, the rest belongs to processes that were not measured, or that are not in this
 *       {@code /proc} (outside of a container).
 *   <li>Mapped is part of Cached and Buffers, Shmem is part of Cached. Pss_Shmem (5.3) says how
 *       much of Shmem is mapped. Without it, or if other processes map much of it, unmapped shared
 *       memory cannot be distinguished from page cache.
 *   <li>Without Mapped (OpenVZ), Pss_Anon (5.3) says how much of the cache the processes map.
 *       Without that too, page cache and the pages of processes that are not in the figures are
 *       what AnonPages and Cached have more than these processes.
 *   <li>Without any of these, nothing shows how much of the cache the processes map, so the cache
 *       is not a part.
 *   <li>The part of SwapCached that is mapped again is included in AnonPages. The rest is what the
 *       lists of anonymous pages, Active(anon) and Inactive(anon), contain besides AnonPages and
 *       Shmem.
 * </ul>
 */
final class MappedMemory {
    private static final String ANON = "AnonPages";
    private static final String MAPPED = "Mapped";
    private static final String PROCESSES = "processes_bytes";
    private static final String OTHERS = "other_processes_bytes";
    private static final String CACHE = "page_cache_bytes";
    private static final String SHMEM = "shmem_bytes";
    private static final String SWAP_CACHE = "swap_cache_bytes";

    private static final String OTHERS_TITLE = "in processes that are not in these figures";
    private static final String SHMEM_TITLE = "shared memory and tmpfs that no process maps";

    private final Snapshot snapshot;
    private final Counters counters;

    /** The RAM of the processes of the report. */
    private final long ram;

    private final long anon;
    private final long mapped;

    /** Page cache, with shared memory. */
    private final long cache;

    MappedMemory(Snapshot snapshot, Counters counters, long ram) {
        this.snapshot = snapshot;
        this.counters = counters;
        boolean areOfOthers = isOfOthers(ANON) || isOfOthers(MAPPED);
        this.anon = areOfOthers ? Missing.VALUE : counters.of(ANON);
        this.mapped = areOfOthers ? Missing.VALUE : counters.of(MAPPED);
        this.cache = Missing.plus(counters.of("Cached"), counters.of("Buffers"));
        this.ram = Missing.is(ram) ? ram : atMost(ram);
    }

    /** Returns whether a counter includes processes of others, so that the other one does too. */
    private boolean isOfOthers(String counter) {
        counters.of(counter);
        return counters.isDropped(counter);
    }

    /** Limits estimates, in which shared memory counts several times, to what is mapped at all. */
    private long atMost(long all) {
        boolean isLimited =
                snapshot.estimated() > 0 && !Missing.is(anon) && !Missing.is(mapped);
        return isLimited
                ? Math.min(all, Missing.plus(Missing.plus(anon, mapped), hugePages(snapshot)))
                : all;
    }

    /** Returns how much more the processes have than the kernel had mapped when it was read. */
    long grown() {
        return Missing.is(anon) || Missing.is(mapped)
                ? 0
                : Math.max(0, small() - Missing.plus(anon, mapped));
    }

    /** Returns the RAM of the processes without huge pages. */
    private long small() {
        return Missing.orZero(ram) - hugePages(snapshot);
    }

    /** Returns the private huge pages of the processes, which are in their RAM. */
    static long hugePages(Snapshot snapshot) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(Usage.Field.PRIVATE_HUGETLB);
            sum = process.isCounted() ? Missing.plus(sum, bytes) : sum;
        }
        return sum;
    }

    /** Adds the parts. */
    void addTo(List<MemoryPart> parts) {
        parts.add(new MemoryPart(PROCESSES, "in the processes above", ram));
        if (!Missing.is(mapped)) {
            addMapped(parts);
        } else if (!Missing.is(sum(Usage.Field.PSS_ANON))) {
            addByTheirFiles(parts);
        } else {
            addTogether(parts);
        }
        parts.add(
                new MemoryPart(
                        SWAP_CACHE, "swap cache that no process maps", unmappedSwapCache()));
    }

    /** Adds the parts without Mapped, by what the processes say of their own pages of files. */
    private void addByTheirFiles(List<MemoryPart> parts) {
        long theirAnon = sum(Usage.Field.PSS_ANON);
        parts.add(new MemoryPart(OTHERS, OTHERS_TITLE, less(anon, theirAnon), ANON));
        parts.add(
                new MemoryPart(
                        CACHE,
                        "page cache, shared memory and tmpfs that these processes do not map",
                        less(cache, less(small(), theirAnon))));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, Missing.VALUE));
    }

    private void addTogether(List<MemoryPart> parts) {
        long rest =
                Missing.is(anon)
                        ? Missing.VALUE
                        : less(Missing.plus(anon, cache), small());
        parts.add(new MemoryPart(OTHERS, OTHERS_TITLE, Missing.VALUE));
        parts.add(
                new MemoryPart(
                        CACHE,
                        "page cache, shared memory, and processes that are not in these figures",
                        rest,
                        ANON));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, Missing.VALUE));
    }

    private void addMapped(List<MemoryPart> parts) {
        long others = Missing.is(anon) ? anon : less(Missing.plus(anon, mapped), small());
        long shmem = counters.of("Shmem");
        long mappedShmem = sum(Usage.Field.PSS_SHMEM);
        ProcessMemory own = snapshot.run().own(); // it is known, although no row shows it
        long known = own == null ? 0 : Missing.orZero(own.usage().ram());
        boolean isKnown = !Missing.is(shmem) && !Missing.is(mappedShmem);
        if (isKnown && !Missing.is(others) && others - known < counters.noise()) {
            // What is mapped and in no cache (rings of packet sockets) must not hide shared memory.
            long unmappedShmem = less(Math.min(shmem, Missing.orZero(cache)), mappedShmem);
            long mappedFiles = less(mapped, mappedShmem);
            add(parts, others, less(less(cache, shmem), mappedFiles), unmappedShmem);
        } else {
            add(parts, others, less(cache, mapped), Missing.VALUE);
        }
    }

    private static void add(List<MemoryPart> parts, long others, long cache, long shmem) {
        String cacheTitle =
                Missing.is(shmem)
                        ? "page cache, shared memory and tmpfs that no process maps"
                        : "page cache that no process maps";
        parts.add(new MemoryPart(OTHERS, OTHERS_TITLE, others, ANON, MAPPED));
        parts.add(new MemoryPart(CACHE, cacheTitle, cache));
        parts.add(new MemoryPart(SHMEM, SHMEM_TITLE, shmem));
    }

    private long unmappedSwapCache() {
        long cached = counters.of("SwapCached");
        long active = counters.of("Active(anon)");
        long inactive = counters.of("Inactive(anon)");
        if (Missing.is(cached) || Missing.is(active) || Missing.is(inactive)) {
            return Missing.VALUE;
        }
        long others = Missing.plus(anon, counters.of("Shmem"));
        return Math.min(cached, less(Missing.plus(active, inactive), others));
    }

    /** Adds up a field over all processes; {@link Missing#VALUE} if a process lacks it. */
    private long sum(Usage.Field field) {
        long sum = 0;
        for (ProcessMemory process : snapshot.processes()) {
            long bytes = process.usage().bytes(field);
            if (Missing.is(bytes)) {
                return bytes;
            }
            sum = process.isCounted() ? Missing.plus(sum, bytes) : sum;
        }
        return sum;
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    static long less(long bytes, long part) {
        return Missing.is(bytes) ? bytes : Math.max(0, bytes - Missing.orZero(part));
    }
}

// lib/psm/system/MemoryAccount.java

/**
 * Shows what MemTotal is used for. {@link Counters} says which of the kernel's counters are
 * believed, {@link MappedMemory} how the pages of processes and files are divided. No part is
 * included in another one, for these further reasons:
 *
 * <ul>
 *   <li>Private huge pages are included in the RAM of processes, so they are subtracted from the
 *       pool.
 *   <li>The kernel takes pages for ZFS, balloons, GPUs, drivers, FUSE and bounce buffers, and pages
 *       with hardware errors, directly from its allocator, which counts them nowhere else. Of ZFS'
 *       cache, a part is in slab caches; it is left out if the parts would be more than the whole.
 *   <li>MemFree leaves out free pages on the lists of processors.
 * </ul>
 *
 * <p>If the parts are more than MemTotal, figures contradict each other. Then the first counter of
 * {@link #SUSPECTS} is dropped that resolves it, or if no single one does, the largest, and so on.
 *
 * <p>Buffers of sockets are partly in slab caches, and MemAvailable consists of other parts; so
 * both come after the sum.
 */
final class MemoryAccount {
    private static final String ARC = "arcstats";
    private static final String ZRAM = "zram";
    private static final String ZSWAP = "Zswap";
    private static final String HUGETLB = "Hugetlb";

    private static final String ARC_KEY = "arc_bytes";
    private static final String CACHE_KEY = "page_cache_bytes";

    /**
     * The counters that may be wrong, the most likely first: a balloon may have left MemTotal too;
     * a container sees the host's ZFS, zram and kernel.
     */
    private static final List<String> SUSPECTS =
            List.of(
                    "Balloon",
                    ARC,
                    ZRAM,
                    ZSWAP,
                    "VmallocUsed",
                    "GPUActive",
                    "GPUReclaim",
                    "NvMapMemUsed",
                    "KReclaimable",
                    "HardwareCorrupted",
                    "WritebackTmp",
                    "Bounce",
                    HUGETLB,
                    "Percpu",
                    "KernelStack",
                    "PageTables",
                    "SUnreclaim",
                    "SReclaimable",
                    "AnonPages");

    private final Snapshot snapshot;
    private final HostMemory memory;
    private final UnlistedMemory unlisted;
    private final Counters counters;
    private final long total;
    private final long ram;
    private final List<MemoryPart> parts = new ArrayList<>();

    /** How much the processes have grown since the counters were read. */
    private long grown;

    private MemoryAccount(Snapshot snapshot, long ram) {
        this.snapshot = snapshot;
        this.memory = snapshot.host().memory();
        this.unlisted = memory.unlisted();
        this.counters = new Counters(snapshot.host());
        this.total = memory.bytes("MemTotal");
        this.ram = ram;
    }

    /**
     * Returns what MemTotal is used for.
     *
     * @param ram the sum over the processes of the report
     * @param column the key of the column with that sum
     */
    public static Psm.Account of(Snapshot snapshot, long ram, String column) {
        return new MemoryAccount(snapshot, ram).account(column);
    }

    private Psm.Account account(String column) {
        addParts();
        while (dropSuspect()) {
            parts.clear();
            addParts();
        }
        deductSlabOfArc();
        deductNoise();
        List<Psm.Entry> entries = new ArrayList<>();
        for (MemoryPart part : parts) {
            add(entries, part.key(), part.title(), part.bytes());
        }
        entries.add(new Psm.Entry("unexplained_bytes", "unexplained", rest(), false));
        entries.add(new Psm.Entry("mem_total_bytes", "MemTotal", total, true));
        addBesides(entries);
        return new Psm.Account("host_memory", column, Collections.unmodifiableList(entries));
    }

    private void addParts() {
        MappedMemory mapped = new MappedMemory(snapshot, counters, ram);
        grown = mapped.grown();
        mapped.addTo(parts);
        addKernel();
        addDrivers();
        addPools();
        add("free_bytes", "free", memory.bytes("MemFree"));
        add("per_cpu_free_bytes", "free, on lists of processors", unlisted.perCpuFree());
    }

    /** Adds the memory of the kernel itself. */
    private void addKernel() {
        add(
                "slab_reclaimable_bytes",
                "slab, reclaimable",
                counters.slab("SReclaimable"),
                "SReclaimable");
        add(
                "slab_unreclaimable_bytes",
                "slab, unreclaimable",
                counters.slab("SUnreclaim"),
                "SUnreclaim");
        add("page_tables_bytes", "page tables", counters.pageTables(), "PageTables");
        add("kernel_stacks_bytes", "kernel stacks", counters.kernelStacks(), "KernelStack");
        add("vmalloc_bytes", "vmalloc, without kernel stacks", counters.vmalloc(), "VmallocUsed");
        add("percpu_bytes", "per-CPU", counters.perCpu(), "Percpu");
    }

    /** Adds the memory of drivers and file systems. */
    private void addDrivers() {
        add(
                "other_reclaimable_bytes",
                "reclaimable pools of drivers",
                counters.otherReclaimable(),
                "KReclaimable");
        add(ARC_KEY, "cache of ZFS (ARC)", counters.believed(ARC, unlisted.arc()), ARC);
        addCounter("gpu_active_bytes", "in use by GPUs", "GPUActive");
        addCounter("gpu_reclaim_bytes", "kept for GPUs, reclaimable", "GPUReclaim");
        addCounter("nvmap_bytes", "in use by the GPU (NvMap)", "NvMapMemUsed");
        addCounter("balloon_bytes", "balloon, returned to the hypervisor", "Balloon");
        addCounter("writeback_tmp_bytes", "being written to FUSE", "WritebackTmp");
        addCounter("bounce_bytes", "bounce buffers", "Bounce");
        addCounter(
                "hardware_corrupted_bytes", "unused because of hardware errors", "HardwareCorrupted");
    }

    private void addPools() {
        long pool = unlisted.hugetlbPool();
        pool = Missing.is(pool) ? HugePages.listed(memory).bytes() : pool;
        add(
                "hugetlb_bytes",
                "pool of huge pages, without those in the processes above",
                MappedMemory.less(
                        counters.believed(HUGETLB, pool), MappedMemory.hugePages(snapshot)),
                HUGETLB);
        long zram = counters.believed(ZRAM, unlisted.zram());
        long listed = counters.of(ZSWAP);
        long zswap = Missing.is(listed) ? counters.believed(ZSWAP, unlisted.zswap()) : listed;
        boolean isKnown = !Missing.is(zram) && !Missing.is(zswap);
        long sum = Missing.plus(zram, zswap);
        add(
                "compressed_swap_bytes",
                isKnown ? "zram and zswap" : Missing.is(zram) ? "zswap" : "zram",
                isKnown || sum > 0 ? sum : Missing.VALUE, // 0 of one does not make both 0
                ZRAM,
                ZSWAP);
    }

    private void addCounter(String key, String title, String counter) {
        add(key, title, counters.of(counter), counter);
    }

    private void add(String key, String title, long bytes, String... ofCounters) {
        parts.add(new MemoryPart(key, title, bytes, ofCounters));
    }

    /** Returns what the parts leave of the whole. */
    private long rest() {
        long sum = 0;
        for (MemoryPart part : parts) {
            sum = Missing.plus(sum, part.bytes());
        }
        return total - sum;
    }

    /**
     * Drops a counter if the parts are more than the whole.
     *
     * @return whether it has found one
     */
    private boolean dropSuspect() {
        long excess = -rest() - grown - (has(ARC_KEY) ? Missing.orZero(unlisted.arcInSlab()) : 0);
        if (excess <= counters.noise()) {
            return false;
        }
        MemoryPart largest = null;
        long all = 0;
        for (MemoryPart part : suspects()) {
            if (part.bytes() >= excess - counters.noise()) {
                drop(part);
                return true;
            }
            largest = largest == null || part.bytes() > largest.bytes() ? part : largest;
            all = Missing.plus(all, part.bytes());
        }
        // If all of them are not enough, the reason is none of them.
        boolean isFound = largest != null && all >= excess - counters.noise();
        if (isFound) {
            drop(largest);
        }
        return isFound;
    }

    private boolean has(String key) {
        for (MemoryPart part : parts) {
            if (part.key().equals(key)) {
                return part.bytes() > 0;
            }
        }
        return false;
    }

    /** Returns the parts whose counters may be wrong, the most likely first. */
    private List<MemoryPart> suspects() {
        List<MemoryPart> suspects = new ArrayList<>();
        for (String suspect : SUSPECTS) {
            for (MemoryPart part : parts) {
                boolean isOf = part.counters().length > 0 && part.counters()[0].equals(suspect);
                if (isOf && part.bytes() > 0) {
                    suspects.add(part);
                }
            }
        }
        return suspects;
    }

    private void drop(MemoryPart part) {
        long bytes = part.bytes();
        for (String counter : part.counters()) {
            counters.drop(counter, bytes);
            bytes = 0; // it is their sum
        }
    }

    /** Leaves the part of ZFS' cache out that is in slab caches too, as far as it is too much. */
    private void deductSlabOfArc() {
        deduct(ARC_KEY, Math.min(-rest(), Missing.orZero(unlisted.arcInSlab())));
    }

    /**
     * Takes what is too much from the page cache, which is a difference of other figures: they were
     * not read at the same moment.
     */
    private void deductNoise() {
        deduct(CACHE_KEY, Math.min(-rest(), Missing.plus(counters.noise(), grown)));
    }

    private void deduct(String key, long bytes) {
        for (int i = 0; i < parts.size(); i++) {
            MemoryPart part = parts.get(i);
            if (bytes > 0 && part.key().equals(key) && part.bytes() > 0) {
                parts.set(i, part.with(MappedMemory.less(part.bytes(), bytes)));
            }
        }
    }

    /** Adds figures that are not parts of the sum. */
    private void addBesides(List<Psm.Entry> entries) {
        add(
                entries,
                "mem_available_bytes",
                "available to programs: free, or easily reclaimed",
                memory.bytes("MemAvailable"));
        add(
                entries,
                "sockets_bytes",
                "buffers of sockets: in slab, or unexplained",
                unlisted.sockets());
        long contradictory = Missing.VALUE;
        for (long bytes : counters.dropped().values()) {
            contradictory = Missing.plus(contradictory, bytes);
        }
        String names = String.join(", ", counters.dropped().keySet());
        add(
                entries,
                "contradictory_bytes",
                "not counted, as other figures contradict it: " + names,
                contradictory);
    }

    private static void add(List<Psm.Entry> entries, String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, Missing.orNull(bytes), false));
    }
}

// lib/psm/system/MemoryPart.java

/**
 * A part of the host's memory.
 *
 * @param key its name in JSON
 * @param title its name for people
 * @param bytes its size, or {@link Missing#VALUE}
 * @param counters the counters that it is made of, and that may be wrong; none if it is certain
 */
record MemoryPart(String key, String title, long bytes, String... counters) {
    MemoryPart with(long other) {
        return new MemoryPart(key, title, other, counters);
    }
}

// lib/psm/report/Ancestors.java

/**
 * The parents of the processes of one snapshot. A line of ancestors ends where a parent is not in
 * the snapshot, such as a kernel thread or a process that psm has no permission to read. Not for
 * sharing between threads.
 */
final class Ancestors {
    private final Map<Integer, ProcessMemory> byPid = new HashMap<>();
    private final Labels labels;

    /** The topmost ancestors found so far, by the pids of their descendants. */
    private final Map<Integer, ProcessMemory> topmost = new HashMap<>();

    Ancestors(List<ProcessMemory> processes, Labels labels) {
        this.labels = labels;
        for (ProcessMemory process : processes) {
            byPid.put(process.pid(), process);
        }
    }

    /** Returns the parent; {@code null} if it is not in the snapshot. */
    ProcessMemory parent(ProcessMemory process) {
        int pid = process.details().parent();
        return pid == process.pid() ? null : byPid.get(pid);
    }

    /**
     * Returns the topmost ancestor below init, or below the process that started its container. It
     * may be the process itself.
     */
    ProcessMemory topmost(ProcessMemory process) {
        List<ProcessMemory> line = new ArrayList<>();
        ProcessMemory top = process;
        String container = container(process);
        // A snapshot file that psm did not write may contain circles of parents.
        while (line.size() < byPid.size()) {
            ProcessMemory known = topmost.get(top.pid());
            if (known != null) {
                top = known;
                break;
            }
            line.add(top);
            ProcessMemory parent = parent(top);
            if (parent == null || parent.pid() == 1 || !same(container, container(parent))) {
                break;
            }
            top = parent;
        }
        for (ProcessMemory descendant : line) {
            topmost.put(descendant.pid(), top);
        }
        return top;
    }

    private String container(ProcessMemory process) {
        return Grouping.CONTAINER.label(process, labels);
    }

    private static boolean same(String a, String b) {
        return a == null ? b == null : a.equals(b);
    }
}

// lib/psm/report/EstimateCount.java

/**
 * Counts the processes that are estimated in a report, and why. A process is estimated if that
 * changes a figure that the report shows: Rss is the same for everybody who may read it. Not for
 * sharing between threads.
 */
final class EstimateCount {
    private static final int REASONS = Unmeasured.Reason.values().length;

    private final View view;
    private final int[] byReason = new int[REASONS];
    private int withoutPss;
    private int doubtful;
    private int count;
    private boolean isTooHigh;
    private boolean isTooLow;

    EstimateCount(View view) {
        this.view = view;
    }

    /** Counts a process of the report. */
    void add(ProcessMemory process) {
        if (!view.isAffected(process)) {
            return;
        }
        count++;
        if (process.estimate() != null) {
            byReason[process.estimate().reason().ordinal()]++;
        } else if (process.usage().isEstimated()) {
            withoutPss++;
        } else {
            doubtful++;
        }
        for (View.Shown column : view.columns()) {
            Figure figure = column.figure();
            boolean isAffected = figure.column.summed() && figure.isAffected(process);
            isTooHigh |= isAffected && !figure.isMissing(process);
            isTooLow |= isAffected && figure.isMissing(process);
        }
    }

    int count() {
        return count;
    }

    Psm.Estimates byReason() {
        if (count == 0) {
            return Psm.Estimates.NONE;
        }
        return new Psm.Estimates(
                byReason[Unmeasured.Reason.DENIED.ordinal()],
                byReason[Unmeasured.Reason.STUCK.ordinal()],
                byReason[Unmeasured.Reason.FAILED.ordinal()],
                byReason[Unmeasured.Reason.LARGE.ordinal()],
                byReason[Unmeasured.Reason.ABSENT.ordinal()] + withoutPss,
                doubtful,
                isTooHigh,
                isTooLow);
    }
}

// lib/psm/report/Figure.java

/**
 * The columns that a report can show after the names of its rows. Each constant is one column in
 * every format, with its name for {@code -c} and {@code --sort}. A number in its description is the
 * first Linux that reports it. A figure that psm computes also has a case in {@link
 * #of(ProcessMemory)}. The end of its key says what the values are: sizes for {@code _bytes}, parts
 * of a whole for {@code _percent}, process ids for {@code pid}.
 */
enum Figure {
    /** RAM, see {@link Usage#ram}. */
    PSS(
            "pss",
            "pss_bytes",
            "RAM",
            Fold.SUM,
            "RAM: own pages, and a share of the shared ones",
            Trait.IN_TOTALS),
    /** Private memory, see {@link Usage#unique}. */
    USS(
            "uss",
            "uss_bytes",
            "PRIVATE",
            Fold.SUM,
            "pages that only this process maps (USS)",
            Trait.IN_TOTALS),
    /** The share of shared pages in PSS, see {@link Usage#shared}. */
    SHARED("shared", "shared_bytes", "SHARED", Fold.SUM, "the share of shared pages in pss"),
    RSS(
            "rss",
            "rss_bytes",
            "RSS",
            Fold.SUM,
            Usage.Field.RSS,
            "resident set: shared pages count in full for each process"),
    /** Swap, see {@link Usage#swapped}. */
    SWAP(
            "swap",
            "swap_bytes",
            "SWAPPED",
            Fold.SUM,
            "swap, divided among processes as pss is (SwapPss)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    SWAP_PSS(
            "swappss",
            "swappss_bytes",
            "SWAPPSS",
            Fold.SUM,
            Usage.Field.SWAP_PSS,
            "SwapPss alone (Linux 4.3)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** The kernel's Swap, which includes shared memory in full for each process that maps it. */
    SWAP_WITH_SHARED(
            "swap_with_shared",
            "swap_with_shared_bytes",
            "SWAP",
            Fold.SUM,
            Usage.Field.SWAP,
            "Swap: with shared memory, in full for each process",
            Trait.SPARSE),
    /** The RAM that a process would need if none of it were swapped out. */
    RAM_AND_SWAP(
            "ram+swap",
            "ram_and_swap_bytes",
            "RAM+SWAP",
            Fold.SUM,
            "pss and swap",
            Trait.IN_TOTALS),
    PSS_PERCENT("pss%", "pss_percent", "RAM%", PSS, "MemTotal", "pss, of all RAM", Trait.IN_TOTALS),
    USS_PERCENT(
            "uss%", "uss_percent", "PRIV%", USS, "MemTotal", "uss, of all RAM", Trait.IN_TOTALS),
    RSS_PERCENT("rss%", "rss_percent", "RSS%", RSS, "MemTotal", "rss, of all RAM"),
    SWAP_PERCENT(
            "swap%",
            "swap_percent", "SWAP%", SWAP, "SwapTotal", "swap, of all swap", Trait.IN_TOTALS),
    /** The anonymous part of PSS, which only smaps_rollup contains. */
    ANON(
            "anon",
            "pss_anon_bytes",
            "ANON",
            Fold.SUM,
            Usage.Field.PSS_ANON,
            "the anonymous part of pss (5.3)",
            Trait.IN_TOTALS),
    /** The part of PSS in files, which only smaps_rollup contains. */
    FILE(
            "file",
            "pss_file_bytes",
            "FILE",
            Fold.SUM,
            Usage.Field.PSS_FILE,
            "the part of pss in files (5.3)",
            Trait.IN_TOTALS),
    /** The part of PSS in shared memory, which only smaps_rollup contains. */
    SHMEM(
            "shmem",
            "pss_shmem_bytes",
            "SHMEM",
            Fold.SUM,
            Usage.Field.PSS_SHMEM,
            "the part of pss in shmem and tmpfs (5.3)",
            Trait.IN_TOTALS),
    /** Private huge pages, a part of PSS and USS. */
    PRIVATE_HUGETLB(
            "private_hugetlb",
            "private_hugetlb_bytes",
            "HUGEPRIV",
            Fold.SUM,
            Usage.Field.PRIVATE_HUGETLB,
            "private huge pages of hugetlbfs, a part of pss (4.4)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /**
     * Shared huge pages, in full for each process: the kernel does not report how many map them.
     */
    SHARED_HUGETLB(
            "hugetlb",
            "shared_hugetlb_bytes",
            "HUGETLB",
            Fold.SUM,
            Usage.Field.SHARED_HUGETLB,
            "shared huge pages of hugetlbfs, in full for each process (4.4)",
            Trait.SPARSE),
    /** PSS of the mappings named [heap]. */
    HEAP(
            "heap",
            "heap_bytes",
            "HEAP",
            Fold.SUM,
            "pss of [heap]; reads smaps, which takes longer",
            Trait.IN_TOTALS),
    KSM(
            "ksm",
            "ksm_bytes",
            "KSM",
            Fold.SUM,
            Usage.Field.KSM,
            "merged by same-page merging, a part of rss (6.7)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** Locked memory; equal to PSS on Linux 4.14 to 4.18, by a kernel bug. */
    LOCKED(
            "locked",
            "locked_bytes",
            "LOCKED",
            Fold.SUM,
            Usage.Field.LOCKED,
            "locked into RAM, a part of pss",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** VmPTE of {@code status}. */
    PAGE_TABLES(
            "pagetables",
            "pagetables_bytes",
            "TABLES",
            Fold.SUM,
            Detail.STATUS,
            "page tables, which are not in pss",
            Trait.IN_TOTALS),
    /** VmHWM of {@code status}. */
    PEAK(
            "peak",
            "peak_bytes",
            "PEAK",
            Fold.MAX,
            Detail.STATUS,
            "the largest rss that one of the processes has had"),
    /** The limit of the control group, or of the nearest one above it that has a limit. */
    LIMIT(
            "limit",
            "limit_bytes",
            "LIMIT",
            Fold.SAME,
            Detail.CGROUP_MEMORY,
            "the memory limit of its control group"),
    /** The percentage of that limit that the control group uses. */
    USED(
            "used%",
            "used_percent",
            "USED%",
            Fold.SAME,
            Detail.CGROUP_MEMORY,
            "how much of that limit the group uses"),
    /** Field 20 of {@code stat}. */
    THREADS("threads", "threads", "THREADS", Fold.SUM, Detail.STAT, "threads", Trait.IN_TOTALS),
    /** The number of lines of {@code maps}. */
    MAPPINGS(
            "mappings",
            "mappings",
            "MAPPINGS",
            Fold.SUM,
            Detail.MAPPINGS,
            "mappings; reads maps, which takes longer",
            Trait.IN_TOTALS),
    OOM_SCORE(
            "oom_score",
            "oom_score",
            "OOM",
            Fold.MAX,
            Detail.OOM,
            "the largest score for the OOM killer"),
    OOM_ADJ(
            "oom_adj",
            "oom_score_adj",
            "OOM_ADJ",
            Fold.MAX,
            Detail.OOM,
            "the largest oom_score_adj"),
    COUNT("count", "count", "COUNT", Fold.COUNT, "how many processes"),
    PID("pid", "pid", "PID", Fold.SAME, "the process id, if the row is one process"),
    USER("user", "user", "USER", Grouping.USER, "the user, if the whole row has the same"),
    GROUP("group", "group", "GROUP", Grouping.GROUP, "the group, if the whole row has the same"),
    COMMAND(
            "command",
            "command",
            "COMMAND",
            Grouping.COMMAND,
            "the command line, if the whole row has the same"),
    CGROUP(
            "cgroup",
            "cgroup",
            "CGROUP",
            Grouping.CGROUP,
            "the control group, if the whole row has the same"),
    UNIT(
            "unit",
            "unit",
            "UNIT",
            Grouping.UNIT,
            "the systemd unit or session, if the whole row has the same"),
    CONTAINER(
            "container",
            "container",
            "CONTAINER",
            Grouping.CONTAINER,
            "the container, if the whole row has the same"),
    SMALLEST(
            "smallest", "smallest_bytes", "SMALLEST", Fold.SMALLEST, "pss of the smallest process"),
    MEDIAN("median", "median_bytes", "MEDIAN", Fold.MEDIAN, "pss of the median process"),
    LARGEST("largest", "largest_bytes", "LARGEST", Fold.LARGEST, "pss of the largest process"),
    LARGEST_PID("largest_pid", "largest_pid", "TOP PID", Fold.LARGEST_PID, "the largest process"),
    CHANGE(
            "change",
            "change_bytes",
            "CHANGE",
            Fold.CHANGE,
            "change of pss since the last report (-w)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    DELETED(
            "deleted",
            "deleted",
            "deleted",
            Fold.MARK,
            "processes whose program was deleted",
            Trait.SPARSE),
    UPDATED(
            "updated",
            "updated",
            "updated",
            Fold.MARK,
            "processes whose program was replaced",
            Trait.SPARSE),
    ESTIMATED(
            "estimated",
            "estimated",
            "estimated",
            Fold.MARK,
            "processes whose figures are not exact",
            Trait.SPARSE);

    /** A property of a column that most do not have. */
    private enum Trait {
        /** The sum over all rows has a meaning: it counts no page twice. */
        IN_TOTALS,
        /** The figure is zero in most rows, and a table leaves zeros blank. */
        SPARSE
    }

    /** The ways to compute the figure of a row from those of its processes. */
    public enum Fold {
        /** Their sum. Memory that processes share as one address space counts once. */
        SUM,
        /** The largest of them. */
        MAX,
        /** The figure that all of them have in common; none if they differ. */
        SAME,
        /** The sum of another figure, as a percentage of what the host has. */
        SHARE,
        /** The number of processes. */
        COUNT,
        /** The number of processes with the mark. */
        MARK,
        /** The RAM of the smallest process. */
        SMALLEST,
        /** The RAM of the median process. */
        MEDIAN,
        /** The RAM of the largest process. */
        LARGEST,
        /** The pid of the largest process. */
        LARGEST_PID,
        /** The change of the row's RAM since the last report. */
        CHANGE
    }

    /** The name of the column for {@code -c} and {@code --sort}. */
    public final String option;

    public final Fold fold;

    /**
     * The column, with its key in JSON and CSV, and its title in tables, but not placed in a table.
     */
    public final Psm.Column column;

    /** The text of {@code -c help}. */
    public final String description;

    /** The kernel's figure that the column shows unchanged; {@code null} if there is none. */
    private final Usage.Field field;

    /** The detail that a scan must read besides the memory; {@code null} for none. */
    private final Detail detail;

    /**
     * The figure whose percentage the column shows; {@code null} for columns without percentages.
     */
    final Figure part;

    /** The field of {@code /proc/meminfo} that is 100 %; {@code null} without percentages. */
    public final String whole;

    /** The grouping whose names the column shows; {@code null} for numbers. */
    final Grouping names;

    /** Makes a figure that psm computes, in {@link #of(ProcessMemory)} or by its fold. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            String description,
            Trait... traits) {
        this(option, key, title, fold, null, null, null, null, null, description, traits);
    }

    /** Makes a figure that the kernel prints for each process. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Usage.Field field,
            String description,
            Trait... traits) {
        this(option, key, title, fold, field, null, null, null, null, description, traits);
    }

    /** Makes a figure that needs a detail besides the memory. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Detail detail,
            String description,
            Trait... traits) {
        this(option, key, title, fold, null, detail, null, null, null, description, traits);
    }

    /** Makes the percentage of a figure. */
    Figure(
            String option,
            String key,
            String title,
            Figure part,
            String whole,
            String description,
            Trait... traits) {
        this(option, key, title, Fold.SHARE, null, null, part, whole, null, description, traits);
    }

    /** Makes a column of names. */
    Figure(String option, String key, String title, Grouping names, String description) {
        this(option, key, title, Fold.SAME, null, names.detail, null, null, names, description);
    }

    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Usage.Field field,
            Detail detail,
            Figure part,
            String whole,
            Grouping names,
            String description,
            Trait... traits) {
        this.option = option;
        this.fold = fold;
        this.field = field;
        this.detail = detail;
        this.part = part;
        this.whole = whole;
        this.names = names;
        this.description = description;
        boolean isSparse = false;
        boolean isSummed = false;
        for (Trait trait : traits) {
            isSparse |= trait == Trait.SPARSE;
            isSummed |= trait == Trait.IN_TOTALS;
        }
        this.column = new Psm.Column(key, title, kind(key, fold, names), 0, isSparse, isSummed);
    }

    private static Psm.Kind kind(String key, Fold fold, Grouping names) {
        if (names != null) {
            return Psm.Kind.TEXT;
        }
        if (fold == Fold.COUNT || fold == Fold.MARK) {
            return Psm.Kind.COUNT;
        }
        if (key.endsWith("_bytes")) {
            return Psm.Kind.BYTES;
        }
        if (key.endsWith("pid")) {
            return Psm.Kind.PID;
        }
        return key.endsWith("_percent") ? Psm.Kind.PERCENT : Psm.Kind.NUMBER;
    }

    /**
     * Returns the figure of one process: bytes, a number, or 1 or 0 for a mark; {@link
     * Missing#VALUE} if it is not known, or if only rows have it.
     */
    public long of(ProcessMemory process) {
        Usage usage = process.usage();
        ProcessDetails details = process.details();
        return switch (this) {
            case PSS -> usage.ram();
            case USS -> usage.unique();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case RAM_AND_SWAP -> Missing.plus(usage.ram(), usage.swapped());
            case HEAP -> usage.heap;
            case PAGE_TABLES -> details.status().pageTables();
            case PEAK -> details.status().peak();
            case THREADS -> details.threads();
            case MAPPINGS -> details.mappings();
            case OOM_SCORE -> details.oomScore();
            case OOM_ADJ -> details.oomScoreAdj();
            case PID -> process.pid();
            case DELETED -> mark(process.program().file(), Program.File.DELETED);
            case UPDATED -> mark(process.program().file(), Program.File.UPDATED);
            default -> field == null ? Missing.VALUE : usage.bytes(field);
        };
    }

    /**
     * Returns whether the figure of a process is not exact: its true value may be less, or it is
     * missing. Rss, and everything that {@code stat} shows, is exact without smaps too.
     */
    boolean isAffected(ProcessMemory process) {
        Figure figure = basis();
        boolean isOfMemory = figure.field != null || isComputed(figure);
        if (!isOfMemory || figure == RSS || !process.isEstimated()) {
            return false;
        }
        boolean isOfPss = figure == PSS || figure == SHARED || figure == RAM_AND_SWAP;
        if (isOfPss || process.doubtful()) {
            return true;
        }
        boolean isSwap = figure == SWAP || figure == SWAP_PSS;
        boolean isOfStatus = isSwap || figure == SHARED_HUGETLB;
        return process.estimate() != null
                && (isOfStatus ? isSwap && figure.of(process) != 0 : isMissing(process));
    }

    private static boolean isComputed(Figure figure) {
        return switch (figure) {
            case PSS, USS, SHARED, SWAP, RAM_AND_SWAP, HEAP -> true;
            default -> false;
        };
    }

    /** Returns whether the figure of a process is not known. */
    boolean isMissing(ProcessMemory process) {
        return Missing.is(basis().of(process));
    }

    /** Returns the figure of single processes that this one is computed from. */
    private Figure basis() {
        return switch (fold) {
            case SHARE -> part;
            case SMALLEST, MEDIAN, LARGEST, LARGEST_PID, CHANGE -> PSS;
            default -> this;
        };
    }

    private static long mark(Program.File file, Program.File marked) {
        return file == Program.File.UNKNOWN ? Missing.VALUE : file == marked ? 1 : 0;
    }

    /**
     * Returns the figure of a row, if it depends only on the row's processes; {@link Missing#VALUE}
     * if it is not known.
     */
    long of(ProcessGroup group) {
        return switch (fold) {
            case SUM -> group.sum(this);
            case MARK -> group.marked(this);
            case COUNT -> group.members.size();
            case MAX -> group.max(this);
            case SAME -> group.same(this);
            case SMALLEST -> group.smallest();
            case MEDIAN -> group.median();
            case LARGEST -> group.largest();
            case LARGEST_PID -> group.largestPid();
            case SHARE, CHANGE -> Missing.VALUE;
        };
    }

    /** Returns the detail that a scan must read besides the memory; {@code null} for none. */
    public Detail needs() {
        return detail;
    }

    /** Returns the column with a name, or {@code null}. */
    public static Figure named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        for (Figure figure : values()) {
            if (figure.option.equals(wanted) || figure.column.key().equals(wanted)) {
                return figure;
            }
        }
        return null;
    }
}

// lib/psm/report/GroupFigures.java

/**
 * The figures of the rows of a {@link ProcessReport}, and their sums. Each is computed once, when
 * it is first needed. Not for sharing between threads.
 */
final class GroupFigures {
    private final Snapshot snapshot;
    private final View view;
    private final Labels labels;

    /** Whether any figure is not exact, so that sums may be more than the host has. */
    private final boolean hasEstimates;

    /** The RAM of each group in the last report; {@code null} if no changes are shown. */
    private final Map<Object, Long> before;

    /** The limits of cgroups; {@code null} until a column shows them. */
    private GroupLimits limits;

    GroupFigures(Snapshot snapshot, View view, Labels labels, Map<Object, Long> before) {
        this.snapshot = snapshot;
        this.view = view;
        this.hasEstimates = snapshot.estimated() > 0;
        this.labels = labels;
        this.before = before;
    }

    /** Returns a row's value in a column; {@code null} if it is not known. */
    Object value(Figure figure, ProcessGroup group) {
        int i = figure.ordinal();
        if (!group.isKnown[i]) {
            group.values[i] = find(figure, group);
            group.isKnown[i] = true;
        }
        return group.values[i];
    }

    private Object find(Figure figure, ProcessGroup group) {
        if (figure.names != null) {
            return commonName(figure.names, group);
        }
        if (figure == Figure.LIMIT) {
            return limits().limit(group);
        }
        if (figure == Figure.USED) {
            return limits().used(group);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, value(figure.part, group));
        }
        if (figure == Figure.ESTIMATED) {
            return estimated(group);
        }
        if (figure == Figure.RAM_AND_SWAP) {
            return plus((Long) value(Figure.PSS, group), value(Figure.SWAP, group));
        }
        long value = figure.fold == Figure.Fold.CHANGE ? change(group) : figure.of(group);
        return Missing.orNull(
                isLimited(figure) ? limited(figure, value, List.of(group), true) : value);
    }

    private boolean isLimited(Figure figure) {
        return hasEstimates && (figure == Figure.PSS || figure == Figure.SWAP);
    }

    /** Counts the processes of a row with a figure in the report that is not exact. */
    private Long estimated(ProcessGroup group) {
        long estimated = 0;
        for (int i = 0; i < group.members.size(); i++) {
            estimated += view.isAffected(group.members.get(i)) ? 1 : 0;
        }
        return estimated;
    }

    /**
     * Limits a sum with estimates, in which shared memory may count many times, to what the host
     * has. A sum of exact figures remains as it is.
     *
     * @param isRow whether it is the sum of a row, which is limited to all memory; a total is
     *     limited to the memory in use
     */
    private long limited(Figure figure, long sum, List<ProcessGroup> groups, boolean isRow) {
        if (Missing.is(sum)) {
            return sum;
        }
        long exact = 0;
        boolean isAnyEstimated = false;
        for (int i = 0; i < groups.size(); i++) {
            List<ProcessMemory> members = groups.get(i).members;
            for (int j = 0; j < members.size(); j++) {
                ProcessMemory process = members.get(j);
                if (process.isEstimated()) {
                    isAnyEstimated = true;
                } else if (process.isCounted()) {
                    exact = Missing.plus(exact, figure.of(process));
                }
            }
        }
        return isAnyEstimated ? Math.min(sum, Math.max(exact, limit(figure, isRow))) : sum;
    }

    /** Returns all memory or swap of the host, or what is in use of it. */
    private long limit(Figure figure, boolean isAll) {
        HostMemory memory = snapshot.host().memory();
        boolean isSwap = figure == Figure.SWAP;
        long all = memory.bytes(isSwap ? "SwapTotal" : "MemTotal");
        long free = memory.bytes(isSwap ? "SwapFree" : "MemFree");
        if (Missing.is(all) || free > all) {
            return Long.MAX_VALUE;
        }
        return isAll ? all : all - Missing.orZero(free);
    }

    private GroupLimits limits() {
        if (limits == null) {
            limits = new GroupLimits(snapshot.cgroups(), labels);
        }
        return limits;
    }

    /** Returns the percentage of what the host has; {@code null} if that is 0 or not known. */
    private Double percent(Figure figure, Object part) {
        long whole = snapshot.host().memory().bytes(figure.whole);
        return part instanceof Long bytes && whole > 0 ? (Double) (100.0 * bytes / whole) : null;
    }

    /** Returns the name that all processes of a row have; {@code null} if they differ. */
    private String commonName(Grouping names, ProcessGroup group) {
        String common = names.label(group.members.get(0), labels);
        for (ProcessMemory process : group.members) {
            if (common == null || !common.equals(names.label(process, labels))) {
                return null;
            }
        }
        return common;
    }

    private long change(ProcessGroup group) {
        long now = group.sum(Figure.PSS);
        if (before == null || before.isEmpty() || now == Missing.VALUE) {
            return Missing.VALUE;
        }
        return now - before.getOrDefault(group.key, 0L);
    }

    /** Keeps the RAM of all rows for the next report. */
    void remember(List<ProcessGroup> groups) {
        if (before == null) {
            return;
        }
        before.clear();
        for (ProcessGroup group : groups) {
            if (value(Figure.PSS, group) instanceof Long ram) {
                before.put(group.key, ram);
            }
        }
    }

    /**
     * Adds up the values of rows in a column. The total of a report without rows is 0. If no value
     * is known, the sum is {@code null}.
     *
     * @param isAll whether these are all rows of the report
     */
    Object sum(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        if (isAll && figure.fold == Figure.Fold.CHANGE) {
            return totalChange(groups);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, sum(figure.part, groups, isAll));
        }
        if (figure == Figure.RAM_AND_SWAP) {
            Long ram = (Long) sum(Figure.PSS, groups, isAll);
            return plus(ram, sum(Figure.SWAP, groups, isAll));
        }
        Long total = total(figure, groups, isAll);
        return isLimited(figure)
                ? Missing.orNull(limited(figure, Missing.ofNullable(total), groups, false))
                : total;
    }

    /**
     * Returns the change of all RAM, including groups that have exited and have no row any more.
     */
    private Long totalChange(List<ProcessGroup> groups) {
        Long now = total(Figure.PSS, groups, true);
        if (before == null || before.isEmpty() || now == null) {
            return null;
        }
        long change = now;
        for (long ram : before.values()) {
            change -= ram;
        }
        return change;
    }

    private Long total(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        Long total = groups.isEmpty() && isAll ? (Long) 0L : null;
        for (ProcessGroup group : groups) {
            if (value(figure, group) instanceof Long value) {
                total = plus(total, value);
            }
        }
        return total;
    }

    /** Adds a value that may be below 0: a change. */
    private static Long plus(Long total, Object more) {
        if (total == null || more == null) {
            return total == null ? (Long) more : total;
        }
        long value = (Long) more;
        return total < 0 || value < 0 ? total + value : Missing.plus(total, value);
    }
}

// lib/psm/report/GroupLimits.java

/** The memory limits that control groups set. Not for sharing between threads. */
final class GroupLimits {
    private final Map<String, CgroupMemory> cgroups;
    private final Labels labels;

    /**
     * For the path of each control group with processes, the path of the group whose limit applies
     * to it. This is a cache, since a path may be 2,000 groups deep.
     */
    private final Map<String, String> limiting = new HashMap<>();

    /**
     * Makes an object that looks up limits in a snapshot's control groups.
     *
     * @param cgroups the figures of the memory controller, by path
     */
    GroupLimits(Map<String, CgroupMemory> cgroups, Labels labels) {
        this.cgroups = cgroups;
        this.labels = labels;
    }

    /** Returns the limit in bytes; {@code null} if the processes do not have the same one. */
    Long limit(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        return cgroup == null ? null : (Long) cgroup.max();
    }

    /**
     * Returns the percentage of its limit that the control group uses; {@code null} if it is not
     * known, or if the processes do not have the same limit.
     */
    Double used(ProcessGroup group) {
        CgroupMemory cgroup = of(group);
        boolean isKnown = cgroup != null && cgroup.current() != Missing.VALUE && cgroup.max() > 0;
        return isKnown ? (Double) (100.0 * cgroup.current() / cgroup.max()) : null;
    }

    private CgroupMemory of(ProcessGroup group) {
        String first = limiting(group.members.get(0));
        for (ProcessMemory process : group.members) {
            if (first == null || !first.equals(limiting(process))) {
                return null;
            }
        }
        return cgroups.get(first);
    }

    private String limiting(ProcessMemory process) {
        String path = labels.cgroup(process.details()).memoryPath();
        if (path == null) {
            return null;
        }
        if (!limiting.containsKey(path)) {
            limiting.put(path, CgroupMemory.limiting(path, cgroups));
        }
        return limiting.get(path);
    }
}

// lib/psm/report/Grouping.java

/**
 * The ways to group processes, {@code --by}. Each constant is one way, with a case in {@link
 * #label} for the names of its groups.
 */
enum Grouping {
    PROGRAM("program", "PROCESS", null, "one row for each program name (default)"),
    /** Like {@link #PROGRAM}, in a scan that names programs by their executables. */
    EXE("exe", "PROCESS", null, "for each executable, whatever titles programs set"),
    PID("pid", "PROCESS", null, "one for each process"),
    COMMAND("command", "COMMAND", Detail.COMMAND, "for each command line"),
    USER("user", "USER", Detail.STATUS, "for each user"),
    GROUP("group", "GROUP", Detail.STATUS, "for each group of users"),
    CGROUP("cgroup", "CGROUP", Detail.CGROUP, "for each control group"),
    /** See {@link Cgroup#unit}. */
    UNIT("unit", "UNIT", Detail.CGROUP, "for each systemd unit or session"),
    /** See {@link Cgroup#container}. */
    CONTAINER("container", "CONTAINER", Detail.CGROUP, "for each container"),
    /** See {@link Ancestors}. */
    PARENT("parent", "STARTED BY", Detail.CGROUP, "for each topmost ancestor below init"),
    TREE("tree", "PROCESS", Detail.STAT, "one for each process, below its parent");

    /** The limit for a program's name in a table, the same as in Go's psm. */
    private static final int MAX_PROGRAM_CHARS = 32;

    /** The name for {@code --by}, and the key in JSON and CSV unless the rows are programs. */
    public final String option;

    /** The detail that a scan must read besides the memory; {@code null} for none. */
    final Detail detail;

    /** The text of {@code --by help}. */
    public final String description;

    /** The column with the names of the rows. */
    public final Psm.Column column;

    Grouping(String option, String title, Detail detail, String description) {
        this.option = option;
        this.detail = detail;
        this.description = description;
        boolean isProgram = title.equals("PROCESS");
        String key = isProgram ? "program" : option;
        int chars = isProgram ? MAX_PROGRAM_CHARS : 0;
        this.column = new Psm.Column(key, title, Psm.Kind.TEXT, 0, false, false, chars);
    }

    /**
     * Returns the name of the group that a process belongs to; {@code null} if it belongs to none,
     * or if that is not known. Users choose the names, which may contain any bytes.
     */
    String label(ProcessMemory process, Labels labels) {
        ProcessDetails details = process.details();
        return switch (this) {
            case PROGRAM, EXE, PID, PARENT, TREE -> process.program().name();
            case COMMAND ->
                    details.command() == null
                            ? '[' + process.program().name() + ']'
                            : details.command();
            case USER -> labels.users.user(details.status().user());
            case GROUP -> labels.users.group(details.status().group());
            case CGROUP -> labels.cgroup(details).path();
            case UNIT -> labels.cgroup(details).unit();
            case CONTAINER -> labels.cgroup(details).container();
        };
    }

    /** Returns whether each row is a single process. */
    public boolean isSingleProcess() {
        return this == PID || this == TREE;
    }

    /** Returns whether the rows are named after programs. */
    public boolean isNamedByProgram() {
        return this == PROGRAM || this == EXE || isSingleProcess();
    }

    /** Returns whether rows show a pid, since different rows may have the same name. */
    boolean hasPid() {
        return isSingleProcess() || this == PARENT;
    }

    /**
     * Returns the names of all ways to group, separated by commas, with "or" before the last one.
     */
    public static String names() {
        StringBuilder names = new StringBuilder();
        for (Grouping grouping : values()) {
            String separator = grouping.ordinal() == values().length - 1 ? " or " : ", ";
            names.append(names.length() == 0 ? "" : separator).append(grouping.option);
        }
        return names.toString();
    }

    /** Returns the grouping with this name, or {@code null}. */
    public static Grouping named(String name) {
        for (Grouping grouping : values()) {
            if (grouping.option.equalsIgnoreCase(name)) {
                return grouping;
            }
        }
        return null;
    }
}

// lib/psm/report/HostAccount.java

/**
 * Compares the kernel's own figures of swap ({@code /proc/meminfo}) with those of the processes.
 * Each line is one call of {@link #add}.
 */
final class HostAccount {
    private final List<Psm.Entry> entries = new ArrayList<>();

    private HostAccount() {}

    /**
     * Returns the swap in use, SwapTotal - SwapFree - SwapCached, and the part that belongs to no
     * process, such as shared memory and tmpfs.
     *
     * @param owned the sum over all processes, {@link Missing#VALUE} if it is not known
     */
    public static Psm.Account swap(HostMemory memory, long owned) {
        long used = used(memory);
        long cached = memory.bytes("SwapCached");
        long unowned =
                used == Missing.VALUE || owned == Missing.VALUE
                        ? Missing.VALUE
                        : Math.max(0, used - owned);
        return new HostAccount()
                .add("used_bytes", "of swap in use, by the kernel's count", used)
                .add("cached_bytes", "more in swap, but also in RAM", cached)
                .add("unowned_bytes", "of swap in use by none of the processes above", unowned)
                .as("swap", Figure.SWAP);
    }

    private static long used(HostMemory memory) {
        long total = memory.bytes("SwapTotal");
        long free = memory.bytes("SwapFree");
        return total == Missing.VALUE || free == Missing.VALUE
                ? Missing.VALUE
                : minus(minus(total, free), memory.bytes("SwapCached"));
    }

    /**
     * Subtracts figures. Returns 0 for a negative result, since the figures were not read at the
     * same moment.
     */
    private static long minus(long bytes, long less) {
        return bytes == Missing.VALUE ? Missing.VALUE : Math.max(0, bytes - Missing.orZero(less));
    }

    /** Adds a line. */
    private HostAccount add(String key, String title, long bytes) {
        entries.add(new Psm.Entry(key, title, Missing.orNull(bytes), false));
        return this;
    }

    private Psm.Account as(String key, Figure figure) {
        return new Psm.Account(key, figure.column.key(), Collections.unmodifiableList(entries));
    }
}

// lib/psm/report/Labels.java

/**
 * The data in which {@link Grouping#label} looks up names: the names of users, and the parsed
 * control groups of processes. Not for sharing between threads.
 */
final class Labels {
    final UserNames users;

    /**
     * The parsed control groups by the content of the file, which is the same for many processes.
     */
    private final Map<String, Cgroup> cgroups = new HashMap<>();

    Labels(UserNames users) {
        this.users = users;
    }

    /** Returns the control group of a process. Each content is parsed once. */
    Cgroup cgroup(ProcessDetails details) {
        Cgroup cgroup = cgroups.get(details.cgroup());
        if (cgroup == null) {
            cgroup = Cgroup.parse(details.cgroup());
            cgroups.put(details.cgroup(), cgroup);
        }
        return cgroup;
    }
}

// lib/psm/report/LeftOut.java

/**
 * Describes the processes that the figures of a report do not include, and those that they include
 * as estimates: how many, and why.
 */
final class LeftOut {
    private LeftOut() {}

    /**
     * The texts that follow each reason in the same parentheses, such as a remedy or the first
     * process. Empty if there is nothing to add.
     */
    public record Details(String denied, String hidden, String stuck, String failed) {
        public static final Details NONE = new Details("", "", "", "");
    }

    /**
     * Returns what a report leaves out, separated by commas: {@code 61 processes (permission
     * denied; use sudo), 1 process (exited during the scan)}. It is empty if nothing is left out.
     */
    public static String inWords(Psm.Processes processes, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, processes.denied(), Unmeasured.Reason.DENIED, details.denied());
        if (processes.hidden()) {
            parts.add("hidden processes (/proc is mounted with hidepid" + details.hidden() + ")");
        }
        add(parts, processes.vanished(), Unmeasured.Reason.VANISHED, "");
        add(parts, processes.stuck(), Unmeasured.Reason.STUCK, details.stuck());
        add(parts, processes.failed(), Unmeasured.Reason.FAILED, details.failed());
        return String.join(", ", parts);
    }

    /**
     * Returns which processes a report estimates, separated by commas: {@code 61 processes
     * (permission denied; use sudo), 1 process (may be counted twice)}. It is empty if all figures
     * are exact.
     */
    public static String estimated(Psm.Estimates estimates, Details details) {
        List<String> parts = new ArrayList<>();
        add(parts, estimates.denied(), Unmeasured.Reason.DENIED, details.denied());
        add(parts, estimates.stuck(), Unmeasured.Reason.STUCK, details.stuck());
        add(parts, estimates.failed(), Unmeasured.Reason.FAILED, details.failed());
        add(parts, estimates.large(), Unmeasured.Reason.LARGE, "");
        add(parts, estimates.unsupported(), Unmeasured.Reason.ABSENT, "");
        if (estimates.doubtful() > 0) {
            parts.add(processes(estimates.doubtful()) + " (may be counted twice)");
        }
        return String.join(", ", parts);
    }

    private static void add(
            List<String> parts, int count, Unmeasured.Reason reason, String detail) {
        if (count > 0) {
            parts.add(processes(count) + " (" + reason.inWords + detail + ")");
        }
    }

    /** Returns a number of processes in words, such as {@code 1 process} or {@code 2 processes}. */
    public static String processes(int count) {
        return count + (count == 1 ? " process" : " processes");
    }
}

// lib/psm/report/MappingReport.java

/**
 * Makes a report of a snapshot's mappings: one row for all mappings of a name, or of a kind, the
 * largest first.
 *
 * <p>The totals of RAM, private memory and swap are those of the snapshot's processes, to the byte,
 * unless the view has a filter.
 */
final class MappingReport extends RowChoice<Psm.Row> {
    /**
     * The name of the row for all names that did not fit into the table. The kernel gives no
     * mapping this name.
     */
    static final String OTHERS = "(others)";

    private static final Psm.Column MAPPING =
            new Psm.Column("mapping", "MAPPING", Psm.Kind.TEXT, 10, false, false);
    private static final Psm.Column KIND =
            new Psm.Column("kind", "KIND", Psm.Kind.TEXT, 10, false, false);

    private static final Psm.Column PROCESSES =
            new Psm.Column("processes", "PROCESSES", Psm.Kind.COUNT, 11, false, false);

    private static final Mappings.Figure[] FIGURES = Mappings.Figure.values();

    /** The columns of the figures, by {@link Mappings.Figure#ordinal}. */
    private static final Psm.Column[] COLUMNS = columns();

    private MappingReport(View view) {
        super(view);
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param snapshot the result of a scan with mappings
     * @param byKind whether each row is a kind of mappings, instead of a name
     * @param view which rows to show, in what order, and how many; it sorts by names or by a figure
     *     that {@link #contains}
     * @throws Failure if the view's filter is too slow for a name
     */
    public static Psm.Report of(Snapshot snapshot, String psmVersion, boolean byKind, View view)
            throws Failure {
        MappingReport report = new MappingReport(view);
        Mappings mappings = snapshot.mappings();
        List<Psm.Row> rows = report.matching(byKind ? kinds(mappings) : names(mappings));
        List<Psm.Row> shown = report.shown(rows);
        List<Psm.Column> columns = new ArrayList<>();
        columns.add(byKind ? KIND : MAPPING);
        for (Mappings.Figure figure : FIGURES) {
            columns.add(column(figure, rows));
        }
        ReportHead head = new ReportHead(psmVersion, snapshot);
        return head.report(
                head.processes(View.DEFAULT),
                Collections.unmodifiableList(columns),
                Collections.unmodifiableList(shown),
                totals(rows),
                Collections.emptyList(),
                report.more(rows, shown),
                report.ranking(shown, shown, report.inTable(shown)));
    }

    /** Returns whether a figure is one of the columns. */
    public static boolean contains(Figure figure) {
        return place(figure) > 0;
    }

    @Override
    Object value(Figure figure, Psm.Row row) {
        return row.values().get(place(figure));
    }

    @Override
    String name(Psm.Row row) {
        return (String) row.values().get(0);
    }

    @Override
    int compareNames(Psm.Row a, Psm.Row b) {
        return name(a).compareTo(name(b));
    }

    @Override
    Psm.Row sums(List<Psm.Row> hidden) {
        return totals(hidden);
    }

    private static List<Psm.Row> kinds(Mappings mappings) {
        List<Psm.Row> rows = new ArrayList<>();
        for (MappingKind kind : MappingKind.values()) {
            add(kind.inWords, mappings.ofKind(kind), rows);
        }
        return rows;
    }

    private static List<Psm.Row> names(Mappings mappings) {
        List<Psm.Row> rows = new ArrayList<>(mappings.names());
        for (int name = 0; name < mappings.names(); name++) {
            String title = mappings.name(name) == null ? OTHERS : mappings.name(name);
            add(title, mappings.ofName(name), rows);
        }
        return rows;
    }

    /** Adds a row, unless no mapping is counted in it. */
    private static void add(String title, long[] figures, List<Psm.Row> rows) {
        if (figures[Mappings.Figure.MAPPINGS.ordinal()] > 0) {
            Object[] values = new Object[1 + FIGURES.length];
            values[0] = title;
            for (int i = 0; i < FIGURES.length; i++) {
                values[1 + i] = Missing.orNull(figures[i]);
            }
            rows.add(row(values));
        }
    }

    /** Adds up the rows in each column. The sum of no rows is 0. */
    private static Psm.Row totals(List<Psm.Row> rows) {
        Object[] totals = new Object[1 + FIGURES.length];
        for (int i = 1; i < totals.length; i++) {
            if (COLUMNS[i - 1].summed()) {
                long sum = rows.isEmpty() ? 0 : Missing.VALUE;
                for (Psm.Row row : rows) {
                    Long more = (Long) row.values().get(i);
                    sum = more == null ? sum : Missing.plus(sum, more);
                }
                totals[i] = Missing.orNull(sum);
            }
        }
        return row(totals);
    }

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }

    private static Psm.Column[] columns() {
        Psm.Column[] columns = new Psm.Column[FIGURES.length];
        for (Mappings.Figure figure : FIGURES) {
            columns[figure.ordinal()] = column(figure);
        }
        return columns;
    }

    private static Psm.Column column(Mappings.Figure figure) {
        return switch (figure) {
            case PSS -> Figure.PSS.column.at(1);
            case PRIVATE -> Figure.USS.column.at(2);
            case SHARED -> Figure.SHARED.column.at(3);
            case SHARED_HUGETLB -> Figure.SHARED_HUGETLB.column.at(4);
            case SWAP -> Figure.SWAP.column.at(5);
            case SWAP_WITH_SHARED -> Figure.SWAP_WITH_SHARED.column.at(0);
            case RSS -> Figure.RSS.column.at(6);
            case MAPPINGS -> Figure.MAPPINGS.column.at(7);
            case PROCESSES -> PROCESSES;
        };
    }

    /** Returns a column. Tables show that of shared huge pages only if a row has some. */
    private static Psm.Column column(Mappings.Figure figure, List<Psm.Row> rows) {
        if (figure == Mappings.Figure.SHARED_HUGETLB) {
            for (Psm.Row row : rows) {
                Long bytes = (Long) row.values().get(1 + figure.ordinal());
                if (bytes != null && bytes > 0) {
                    return COLUMNS[figure.ordinal()];
                }
            }
            return Figure.SHARED_HUGETLB.column.at(0);
        }
        return COLUMNS[figure.ordinal()];
    }

    /** Returns the place of a figure in a row; -1 if it is not a column. */
    private static int place(Figure figure) {
        for (int i = 0; i < COLUMNS.length; i++) {
            if (COLUMNS[i].key().equals(figure.column.key())) {
                return 1 + i;
            }
        }
        return -1;
    }
}

// lib/psm/report/OomReport.java

/**
 * Makes a report of the processes in the order in which the OOM killer would take them, see {@link
 * OomVictims}. The first to die is the first row of documents, and the last one of tables, next to
 * the prompt, like the largest row of psm's other reports. Above the rows a table shows how close
 * that is: how much memory is left, how long tasks waited for memory, and which control groups are
 * slowed down or nearly full.
 *
 * <p>It shows what the kernel does by default, and ignores {@code vm.panic_on_oom}, {@code
 * vm.oom_kill_allocating_task}, and programs that kill before the kernel does (systemd-oomd,
 * earlyoom).
 */
final class OomReport {
    /** The details that the scan must have read. */
    public static final Set<Detail> DETAILS =
            Collections.unmodifiableSet(
                    EnumSet.of(Detail.STATUS, Detail.CGROUP, Detail.CGROUP_MEMORY, Detail.OOM));

    /** A cgroup is shown if less than this part of its limit is left: a tenth. */
    private static final int SPARE_PART = 10;

    private static final Psm.Column PROGRAM = column("program", "PROCESS", Psm.Kind.TEXT, 10);
    private static final Psm.Column PIDS = column("pids", "PID", Psm.Kind.PIDS, 1);
    private static final Psm.Column SCORE = column("oom_score", "OOM", Psm.Kind.NUMBER, 2);
    private static final Psm.Column ADJ = column("oom_score_adj", "ADJ", Psm.Kind.NUMBER, 3);
    private static final Psm.Column PSS = column("pss_bytes", "RAM", Psm.Kind.BYTES, 4);
    private static final Psm.Column SWAP =
            new Psm.Column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 5, true, false);
    private static final Psm.Column FREES = column("frees_bytes", "FREES", Psm.Kind.BYTES, 6);
    private static final Psm.Column COUNT = column("count", "DIE", Psm.Kind.NUMBER, 7);
    private static final Psm.Column CGROUP = column("cgroup", "CGROUP", Psm.Kind.TEXT, 12);
    private static final int COLUMNS = 9;

    private static final Psm.Column NEXT_COUNT = column("next_count", "DIE", Psm.Kind.NUMBER, 4);
    private static final List<Psm.Column> PRESSED =
            List.of(
                    column("cgroup", "IN CGROUP OVER 90% OF LIMIT", Psm.Kind.TEXT, 7),
                    column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 1),
                    column("usage_bytes", "USED", Psm.Kind.BYTES, 2),
                    column("oom_kills", "KILLED", Psm.Kind.NUMBER, 3),
                    column("next_pids", "PID", Psm.Kind.PIDS, 5),
                    column("next_program", "DIES NEXT", Psm.Kind.TEXT, 6));

    private static final List<Psm.Column> SLOWED =
            List.of(
                    column("cgroup", "CGROUP OVER 90% OF HIGH", Psm.Kind.TEXT, 4),
                    column("high_bytes", "HIGH", Psm.Kind.BYTES, 1),
                    column("usage_bytes", "USED", Psm.Kind.BYTES, 2),
                    column("swap_bytes", "SWAPPED", Psm.Kind.BYTES, 3));

    private final Snapshot snapshot;
    private final OomVictims victims;

    private OomReport(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.victims = new OomVictims(snapshot);
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param snapshot the result of a scan with {@link #DETAILS}
     * @param maxRows how many rows to show, those that die first; 0 for all
     */
    public static Psm.Report of(Snapshot snapshot, String psmVersion, int maxRows) {
        return new OomReport(snapshot).report(psmVersion, maxRows);
    }

    private List<Psm.Account> accounts() {
        return List.of(pressure(), slowedCgroups(), pressedCgroups());
    }

    private static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    private Psm.Report report(String psmVersion, int maxRows) {
        List<OomVictim> all = victims.inOrder();
        int from = maxRows == 0 ? 0 : Math.max(0, all.size() - maxRows);
        List<OomVictim> shown = all.subList(from, all.size());
        List<Psm.Row> lastToDieFirst = rows(shown);
        List<Psm.Row> rows = new ArrayList<>(lastToDieFirst);
        Collections.reverse(rows);
        ReportHead head = new ReportHead(psmVersion, snapshot);
        return head.report(
                head.processes(View.DEFAULT),
                columns(shown),
                Collections.unmodifiableList(rows),
                row(new Object[COLUMNS]),
                accounts(),
                from == 0 ? null : new Psm.More(from, false, row(new Object[COLUMNS])),
                new Psm.Ranking(lastToDieFirst, false));
    }

    /**
     * Returns the columns. Tables show those of swap, deaths and cgroups only if a row has some.
     */
    private static List<Psm.Column> columns(List<OomVictim> shown) {
        boolean isAnySwapped = false;
        boolean isAnyGroup = false;
        for (OomVictim victim : shown) {
            isAnySwapped |= victim.main().usage().swapped() > 0;
            isAnyGroup |= victim.oomGroup() != null;
        }
        return List.of(
                PROGRAM,
                PIDS,
                SCORE,
                ADJ,
                PSS,
                isAnySwapped ? SWAP : notInTables(SWAP),
                FREES,
                isAnyGroup ? COUNT : notInTables(COUNT),
                isAnyGroup ? CGROUP : notInTables(CGROUP));
    }

    private static Psm.Column notInTables(Psm.Column column) {
        return new Psm.Column(
                column.key(), column.title(), column.kind(), 0, column.sparse(), column.summed());
    }

    private List<Psm.Row> rows(List<OomVictim> shown) {
        Map<String, OomVictims.GroupKills> groupKills = victims.groupKills();
        List<Psm.Row> rows = new ArrayList<>(shown.size());
        for (OomVictim victim : shown) {
            ProcessMemory main = victim.main();
            OomVictims.GroupKills group = groupKills.get(victim.oomGroup());
            long frees = group == null ? OomVictim.frees(main.usage()) : group.bytes;
            rows.add(
                    row(
                            main.program().name(),
                            victim.pids(),
                            Missing.orNull(main.details().oomScore()),
                            Missing.orNull(main.details().oomScoreAdj()),
                            Missing.orNull(main.usage().ram()),
                            Missing.orNull(main.usage().swapped()),
                            Missing.orNull(frees),
                            group == null ? (long) victim.pids().size() : group.count,
                            victim.oomGroup()));
        }
        return Collections.unmodifiableList(rows);
    }

    private Psm.Account pressure() {
        return above(
                "pressure",
                List.of(
                        left("mem_available_bytes", "of RAM left, MemAvailable", "MemAvailable"),
                        left("swap_free_bytes", "of swap left", "SwapFree"),
                        waited(Pressure.Who.SOME, 10, "some tasks waited for memory"),
                        waited(Pressure.Who.SOME, 60, "some tasks waited for memory"),
                        waited(Pressure.Who.FULL, 10, "all tasks waited for memory"),
                        waited(Pressure.Who.FULL, 60, "all tasks waited for memory")),
                List.of(),
                List.of());
    }

    private static Psm.Account above(
            String key, List<Psm.Entry> entries, List<Psm.Column> columns, List<Psm.Row> rows) {
        return new Psm.Account(key, null, entries, true, columns, rows);
    }

    private Psm.Entry left(String key, String title, String field) {
        return new Psm.Entry(
                key, title, Missing.orNull(snapshot.host().memory().bytes(field)), false);
    }

    private Psm.Entry waited(Pressure.Who who, int seconds, String what) {
        Pressure pressure = snapshot.host().pressure();
        return new Psm.Entry(
                who.kernelName + "_avg" + seconds + "_percent",
                "of the last " + seconds + " s " + what,
                Psm.Kind.PERCENT,
                pressure == null ? null : pressure.percent(who, seconds),
                false);
    }

    /**
     * Lists the cgroups near or above their {@code memory.high}, the fullest first. The kernel slows
     * these down and kills no process. If a process waits for memory on a host with free memory, it
     * may be in one of them.
     */
    private Psm.Account slowedCgroups() {
        List<Pressed> slowed = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : snapshot.cgroups().entrySet()) {
            CgroupMemory memory = cgroup.getValue();
            if (memory.hasHigh() && isOver(memory.current(), memory.high())) {
                slowed.add(new Pressed(cgroup.getKey(), null, memory.high(), memory));
            }
        }
        slowed.sort(FULLEST_FIRST);
        List<Psm.Row> rows = new ArrayList<>(slowed.size());
        for (Pressed cgroup : slowed) {
            rows.add(cgroup.slowedRow());
        }
        return above("slowed_cgroups", List.of(), SLOWED, Collections.unmodifiableList(rows));
    }

    private static boolean isOver(long current, long limit) {
        return current > limit - limit / SPARE_PART;
    }

    /**
     * Lists the cgroups that use nearly all of their limit, the fullest first. These are cgroups
     * with a limit of their own, and cgroups with processes to which the limit of a cgroup above
     * applies.
     */
    private Psm.Account pressedCgroups() {
        Set<String> withProcesses = victims.cgroups();
        List<Pressed> pressed = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : snapshot.cgroups().entrySet()) {
            String path = cgroup.getKey();
            String limiting = CgroupMemory.limiting(path, snapshot.cgroups());
            if (limiting != null
                    && (cgroup.getValue().isLimited() || withProcesses.contains(path))) {
                long limit = snapshot.cgroups().get(limiting).max();
                if (isOver(cgroup.getValue().current(), limit)) {
                    pressed.add(new Pressed(path, limiting, limit, cgroup.getValue()));
                }
            }
        }
        pressed.sort(FULLEST_FIRST);
        Map<String, Next> nexts = new HashMap<>();
        boolean isAnyGroup = false;
        List<Psm.Row> rows = new ArrayList<>(pressed.size());
        for (Pressed cgroup : pressed) {
            Next next = nexts.get(cgroup.limiting);
            if (next == null) {
                next = next(cgroup.limiting);
                nexts.put(cgroup.limiting, next);
            }
            isAnyGroup |= next.isGroup;
            rows.add(cgroup.row(next));
        }
        return above(
                "full_cgroups", List.of(), pressed(isAnyGroup), Collections.unmodifiableList(rows));
    }

    private static List<Psm.Column> pressed(boolean isAnyGroup) {
        List<Psm.Column> columns = new ArrayList<>(PRESSED);
        columns.add(isAnyGroup ? NEXT_COUNT : notInTables(NEXT_COUNT));
        return Collections.unmodifiableList(columns);
    }

    /**
     * The next processes to die when a cgroup reaches its limit.
     *
     * @param first the one that the kernel chooses; {@code null} if it cannot kill any
     * @param isGroup whether its whole cgroup dies with it
     * @param count how many processes die
     */
    private record Next(OomVictim first, boolean isGroup, long count) {}

    private Next next(String limiting) {
        OomVictim first = victims.firstIn(limiting);
        String group = first == null ? null : victims.oomGroup(first, limiting);
        if (group != null) {
            return new Next(first, true, victims.killableIn(group));
        }
        return new Next(first, false, first == null ? 0 : first.pids().size());
    }

    /**
     * A cgroup that is nearly full.
     *
     * @param limiting the path of the cgroup that sets the limit
     */
    private record Pressed(String path, String limiting, long limit, CgroupMemory memory) {
        double used() {
            return (double) memory.current() / limit;
        }

        Psm.Row slowedRow() {
            return OomReport.row(
                    path, limit, memory.current(), Missing.orNull(memory.swapCurrent()));
        }

        Psm.Row row(Next next) {
            OomVictim first = next.first;
            return OomReport.row(
                    path,
                    limit,
                    memory.current(),
                    Missing.orNull(memory.oomKills()),
                    first == null ? null : first.pids(),
                    first == null ? null : first.main().program().name(),
                    first == null ? null : (Long) next.count);
        }
    }

    private static final Comparator<Pressed> FULLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(Pressed a, Pressed b) {
                    int order = Double.compare(b.used(), a.used());
                    return order == 0 ? a.path.compareTo(b.path) : order;
                }
            };

    private static Psm.Row row(Object... values) {
        return new Psm.Row(Collections.unmodifiableList(Arrays.asList(values)));
    }
}

// lib/psm/report/OomVictim.java

/**
 * Processes that the OOM killer would kill together, since they share an address space; usually a
 * single process.
 *
 * @param main the process with the highest score
 * @param pids the pids of all of them, ascending
 * @param cgroup the cgroup that their memory is charged to, see {@link Cgroup#memoryPath}; {@code
 *     null} if it is not known
 * @param oomGroup the uppermost cgroup that dies with them because of {@code memory.oom.group};
 *     {@code null} for none
 */
record OomVictim(ProcessMemory main, List<Integer> pids, String cgroup, String oomGroup) {
    private static final int PARTS = 1000;

    /**
     * Computes oom_badness (mm/oom_kill.c) in bytes: Rss, swap and page tables, plus oom_score_adj
     * thousandths of all memory. It may be below zero. The kernel's counters lag a little, and
     * these figures were read at another moment, so this is used only for equal scores, or if there
     * are no scores.
     *
     * @param all the RAM and swap of the host, or the limit of a cgroup
     */
    double badness(long all) {
        Usage usage = main.usage();
        long rss = usage.bytes(Usage.Field.RSS);
        long swap = usage.bytes(Usage.Field.SWAP);
        double bytes = Missing.orZero(rss == Missing.VALUE ? usage.ram() : rss);
        bytes += Missing.orZero(swap == Missing.VALUE ? usage.swapped() : swap);
        bytes += Missing.orZero(main.details().status().pageTables());
        long adj = main.details().oomScoreAdj();
        return Missing.is(adj) ? bytes : bytes + (double) all / PARTS * adj;
    }

    /**
     * Returns the bytes that the death of one process certainly frees: its private memory and its
     * share of swap. It may free more: memory that only dying processes share, page cache, and
     * memory of the kernel itself, which the kernel does not report for each process.
     */
    static long frees(Usage usage) {
        long unique = usage.unique();
        return unique == Missing.VALUE ? Missing.VALUE : Missing.plus(unique, usage.swapped());
    }
}

// lib/psm/report/OomVictims.java

/**
 * The processes that the kernel's OOM killer would kill, in its order (mm/oom_kill.c).
 *
 * <p>It kills the process with the highest badness: its pages in RAM, in swap and in page tables,
 * plus oom_score_adj thousandths of all RAM and swap. If several have the same badness, it kills
 * the one that started last. {@code oom_score} is the badness in thousandths of all memory (since
 * 5.9 two thirds of that plus 1000), so many processes have the same score; psm sorts those by
 * {@link OomVictim#badness}.
 *
 * <p>It never kills kernel threads, the host's init, and processes with an adjustment of -1000. All
 * processes with the same address space die together. If a cgroup (v2) sets {@code
 * memory.oom.group} (4.19), all processes in the uppermost such cgroup die together, except those
 * that are never killed.
 *
 * <p>When a cgroup reaches its limit, the kernel kills a process in that cgroup or below it.
 * Adjustments are then thousandths of that limit, so the order may differ.
 */
final class OomVictims {
    private static final int INIT = 1;

    /** The adjustment of processes that are never killed, OOM_SCORE_ADJ_MIN. */
    private static final int NEVER = -1000;

    private final Snapshot snapshot;

    /** Values of {@link Cgroup#memoryPath} by the contents of {@code /proc/PID/cgroup}. */
    private final Map<String, String> memoryPaths = new HashMap<>();

    /** Values of {@link OomVictim#oomGroup} by cgroup; a path may be 2,000 groups deep. */
    private final Map<String, String> oomGroups = new HashMap<>();

    /** The victims; the first to die is last. */
    private final List<OomVictim> inOrder;

    OomVictims(Snapshot snapshot) {
        this.snapshot = snapshot;
        this.inOrder = victims();
        inOrder.sort(new Order(true, hostBytes()));
    }

    /** Returns all victims when the host runs out of memory; the first to die is last. */
    List<OomVictim> inOrder() {
        return inOrder;
    }

    /** Returns the paths of the cgroups with processes. */
    Set<String> cgroups() {
        return new HashSet<>(memoryPaths.values());
    }

    /** Returns the first to die when a cgroup reaches its limit; {@code null} for none. */
    OomVictim firstIn(String cgroup) {
        Order order = new Order(false, bytes(snapshot.cgroups().get(cgroup)));
        OomVictim first = null;
        for (OomVictim victim : inOrder) {
            boolean isIn = CgroupMemory.isWithin(victim.cgroup(), cgroup);
            if (isIn && (first == null || order.compare(victim, first) > 0)) {
                first = victim;
            }
        }
        return first;
    }

    /**
     * Returns the cgroup that is killed as a whole if the victim is killed, or {@code null}.
     *
     * @param limiting the cgroup that reaches its limit; cgroups above it are not killed
     */
    String oomGroup(OomVictim victim, String limiting) {
        return uppermostOomGroup(victim.cgroup(), limiting);
    }

    /** Counts the processes that die when a cgroup dies as a whole. */
    long killableIn(String cgroup) {
        long count = 0;
        for (ProcessMemory process : snapshot.processes()) {
            if (CgroupMemory.isWithin(memoryPath(process), cgroup) && isKillable(process)) {
                count++;
            }
        }
        return count;
    }

    /** The sums over the processes of a cgroup that die together. */
    static final class GroupKills {
        /** The number of processes. */
        long count;

        /** The bytes that their death frees, see {@link OomVictim#frees}. */
        long bytes = Missing.VALUE;

        void add(ProcessMemory process) {
            long frees = process.isCounted() ? OomVictim.frees(process.usage()) : 0;
            count++;
            bytes = Missing.plus(bytes, frees);
        }
    }

    /** Adds up what dies with each {@link OomVictim#oomGroup}. */
    Map<String, GroupKills> groupKills() {
        Map<String, GroupKills> groupKills = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            String group = oomGroup(memoryPath(process));
            if (group != null && isKillable(process)) {
                GroupKills kills = groupKills.get(group);
                if (kills == null) {
                    kills = new GroupKills();
                    groupKills.put(group, kills);
                }
                kills.add(process);
            }
        }
        return groupKills;
    }

    private List<OomVictim> victims() {
        Map<Integer, List<ProcessMemory>> byAddressSpace = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            List<ProcessMemory> sharers = byAddressSpace.get(process.addressSpace());
            if (sharers == null) {
                sharers = new ArrayList<>(1);
                byAddressSpace.put(process.addressSpace(), sharers);
            }
            sharers.add(process);
        }
        List<OomVictim> victims = new ArrayList<>(byAddressSpace.size());
        for (Collection<ProcessMemory> sharers : byAddressSpace.values()) {
            addTo(victims, sharers);
        }
        return victims;
    }

    /**
     * Adds the processes of one address space. A process that is never killed by itself dies if the
     * kernel kills another one with the same address space, unless it is init.
     */
    private void addTo(List<OomVictim> victims, Collection<ProcessMemory> sharers) {
        List<Integer> pids = new ArrayList<>(sharers.size());
        ProcessMemory main = null;
        for (ProcessMemory process : sharers) {
            if (!isInit(process)) {
                pids.add(process.pid());
            }
            if (isKillable(process)
                    && (main == null || process.details().oomScore() > main.details().oomScore())) {
                main = process;
            }
        }
        if (main != null) {
            String cgroup = memoryPath(main);
            victims.add(new OomVictim(main, List.copyOf(pids), cgroup, oomGroup(cgroup)));
        }
    }

    private static boolean isKillable(ProcessMemory process) {
        return process.details().oomScoreAdj() != NEVER && !isInit(process);
    }

    /** Returns whether a process is the host's init. The init of a container has a score. */
    private static boolean isInit(ProcessMemory process) {
        return process.pid() == INIT && process.details().oomScore() <= 0;
    }

    private String memoryPath(ProcessMemory process) {
        String content = process.details().cgroup();
        if (content == null) {
            return null;
        }
        if (!memoryPaths.containsKey(content)) {
            memoryPaths.put(content, Cgroup.parse(content).memoryPath());
        }
        return memoryPaths.get(content);
    }

    private String oomGroup(String cgroup) {
        if (!oomGroups.containsKey(cgroup)) {
            oomGroups.put(cgroup, uppermostOomGroup(cgroup, null));
        }
        return oomGroups.get(cgroup);
    }

    /**
     * Returns the uppermost cgroup, from a cgroup up, that has {@code memory.oom.group} set.
     *
     * @param top the cgroup at which to stop; {@code null} for the root
     */
    private String uppermostOomGroup(String cgroup, String top) {
        String group = null;
        for (String above = cgroup; above != null; above = CgroupMemory.parent(above)) {
            CgroupMemory memory = snapshot.cgroups().get(above);
            if (memory != null && memory.oomGroup()) {
                group = above;
            }
            if (above.equals(top)) {
                return group;
            }
        }
        return group;
    }

    private long hostBytes() {
        long ram = snapshot.host().memory().bytes("MemTotal");
        return Missing.plus(Missing.orZero(ram), snapshot.host().memory().bytes("SwapTotal"));
    }

    /**
     * Returns the RAM and swap that a cgroup may use, like mem_cgroup_get_max (mm/memcontrol.c).
     */
    private long bytes(CgroupMemory memory) {
        long swap = Missing.orZero(snapshot.host().memory().bytes("SwapTotal"));
        long swapMax = memory.swapMax() == Missing.VALUE ? swap : memory.swapMax();
        return Missing.plus(memory.max(), Math.min(swap, swapMax));
    }

    /** The order of death: the first to die is the greatest. */
    private record Order(boolean byScore, long all) implements Comparator<OomVictim> {
        @Override
        public int compare(OomVictim a, OomVictim b) {
            int order = byScore ? Long.compare(score(a), score(b)) : 0;
            if (order == 0) {
                order = Double.compare(a.badness(all), b.badness(all));
            }
            if (order == 0) {
                order = Long.compare(a.main().startTime(), b.main().startTime());
            }
            return order == 0 ? Integer.compare(a.main().pid(), b.main().pid()) : order;
        }

        private static long score(OomVictim victim) {
            return victim.main().details().oomScore();
        }
    }
}

// lib/psm/report/ProcessColumns.java

/**
 * The columns of a {@link ProcessReport}, in the order of JSON and CSV: the names of a row, the
 * number of its processes, their pids, the figures, and marks. Not for sharing between threads.
 */
final class ProcessColumns {
    private static final Psm.Column PIDS =
            new Psm.Column("pids", "PIDS", Psm.Kind.PIDS, 0, false, false);
    private static final Psm.Column PID =
            new Psm.Column("pid", "PID", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column PARENT_PID =
            new Psm.Column("parent_pid", "PARENT", Psm.Kind.PID, 0, false, false);
    private static final Psm.Column DEPTH =
            new Psm.Column("depth", "DEPTH", Psm.Kind.DEPTH, 0, false, false);

    private static final Figure[] MARKS = {Figure.DELETED, Figure.UPDATED, Figure.ESTIMATED};

    private final View view;
    private final Labels labels;
    private final GroupFigures values;

    /** The columns before the figures, which identify a row. */
    private final List<Psm.Column> identity;

    /** The figures of the view in the order of their constants, then the marks. */
    private final Figure[] figures;

    ProcessColumns(View view, Labels labels, GroupFigures values) {
        this.view = view;
        this.labels = labels;
        this.values = values;
        this.identity = identity(view);
        this.figures = figures(view);
    }

    private static List<Psm.Column> identity(View view) {
        List<Psm.Column> columns = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            if (grouping.hasPid()) {
                columns.add(PID);
            }
            if (grouping == Grouping.TREE) {
                columns.add(PARENT_PID);
                columns.add(DEPTH);
            }
            columns.add(grouping.column);
        }
        columns.add(Figure.COUNT.column);
        columns.add(PIDS);
        return columns;
    }

    private static Figure[] figures(View view) {
        List<Figure> shown = new ArrayList<>();
        for (View.Shown column : view.columns()) {
            boolean isMark = column.figure().fold == Figure.Fold.MARK;
            if (column.figure() != Figure.COUNT && !isMark && !isIdentity(column.figure(), view)) {
                shown.add(column.figure());
            }
        }
        Figure[] figures = shown.toArray(new Figure[shown.size() + MARKS.length]);
        Arrays.sort(figures, 0, shown.size());
        System.arraycopy(MARKS, 0, figures, shown.size(), MARKS.length);
        return figures;
    }

    /** Returns whether a figure is already one of the columns before the figures. */
    private static boolean isIdentity(Figure figure, View view) {
        for (Grouping grouping : view.by()) {
            if (figure.names == grouping || (figure == Figure.PID && grouping.isSingleProcess())) {
                return true;
            }
        }
        return false;
    }

    /** Returns the values of a row. */
    Psm.Row row(ProcessGroup group) {
        List<Object> row = new ArrayList<>(identity.size() + figures.length);
        for (Grouping grouping : view.by()) {
            if (grouping.hasPid()) {
                row.add((long) group.representative.pid());
            }
            if (grouping == Grouping.TREE) {
                row.add((long) group.representative.details().parent());
                row.add((long) group.depth);
            }
            row.add(group.label(grouping, labels));
        }
        row.add((long) group.members.size());
        row.add(group.pids());
        for (Figure figure : figures) {
            row.add(values.value(figure, group));
        }
        return new Psm.Row(Collections.unmodifiableList(row));
    }

    /**
     * Returns the sums of rows; {@code null} in columns whose sum has no meaning.
     *
     * @param isAll whether these are all rows of the report, so that the sums are its totals
     */
    Psm.Row sums(List<ProcessGroup> groups, boolean isAll) {
        List<Object> sums = new ArrayList<>(identity.size() + figures.length);
        for (int i = identity.size(); i > 0; i--) {
            sums.add(null);
        }
        for (Figure figure : figures) {
            sums.add(figure.column.summed() ? values.sum(figure, groups, isAll) : null);
        }
        return new Psm.Row(Collections.unmodifiableList(sums));
    }

    /** Returns the total of a figure; {@link Missing#VALUE} if there is no such column. */
    long total(Figure figure, Psm.Row totals) {
        int at = Arrays.asList(figures).indexOf(figure);
        Object total = at < 0 ? null : totals.values().get(identity.size() + at);
        return Missing.ofNullable((Long) total);
    }

    boolean contains(Figure figure) {
        return Arrays.asList(figures).contains(figure);
    }

    /** Returns the columns, each with its place in a table, which shows names after sizes. */
    List<Psm.Column> of(List<ProcessGroup> groups) {
        List<Psm.Column> columns = new ArrayList<>();
        int place = view.columns().size();
        for (Psm.Column column : identity) {
            columns.add(column.at(isShown(column, groups) ? ++place : 0));
        }
        for (Figure figure : figures) {
            boolean isMark = figure.fold == Figure.Fold.MARK;
            columns.add(figure.column.at(isMark ? ++place : place(figure, groups)));
        }
        return Collections.unmodifiableList(columns);
    }

    /** Returns whether a table shows one of the columns before the figures. */
    private boolean isShown(Psm.Column column, List<ProcessGroup> groups) {
        if (column.kind() == Psm.Kind.COUNT) {
            return place(Figure.COUNT, groups) > 0 && !isOfSingleProcesses();
        }
        // Compared by keys: the first comparison of two records takes longer than the whole report.
        String key = column.key();
        return !key.equals(PIDS.key()) && !key.equals(PARENT_PID.key());
    }

    private boolean isOfSingleProcesses() {
        for (Grouping grouping : view.by()) {
            if (grouping.isSingleProcess()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the place of a figure in a table; 0 if it is not shown. */
    private int place(Figure figure, List<ProcessGroup> groups) {
        int index = View.indexOf(figure, view.columns());
        View.When when = index < 0 ? View.When.NEVER : view.columns().get(index).inTables();
        boolean isShown =
                when == View.When.ALWAYS || (when == View.When.ANY && isAnywhere(figure, groups));
        return isShown ? 1 + index : 0;
    }

    private boolean isAnywhere(Figure figure, List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            if (values.value(figure, group) instanceof Long size && size > 0) {
                return true;
            }
        }
        return false;
    }
}

// lib/psm/report/ProcessGroup.java

/**
 * The processes of one row of a {@link ProcessReport}, by ascending pid, and their figures: {@link
 * Missing#VALUE} if a figure is known for none of them. Not for sharing between threads.
 */
final class ProcessGroup {
    private static final int FIGURES = Figure.values().length;

    /** The key that all of these processes have, and no other process. */
    final Object key;

    /** The process that the row is named after. */
    final ProcessMemory representative;

    final List<ProcessMemory> members = new ArrayList<>(2);

    /** The figures that {@link GroupFigures} has computed, by {@link Figure#ordinal}. */
    final Object[] values = new Object[FIGURES];

    /** Whether a figure has been computed, by {@link Figure#ordinal}. */
    final boolean[] isKnown = new boolean[FIGURES];

    /** The number of ancestors in a tree. */
    int depth;

    /** The RAM of each process, ascending; {@code null} until a column shows it. */
    private long[] spread;

    ProcessGroup(Object key, ProcessMemory representative) {
        this.key = key;
        this.representative = representative;
    }

    /** Returns the name of the row for one of the report's ways to group. */
    String label(Grouping grouping, Labels labels) {
        boolean isByParent = grouping == Grouping.PARENT;
        return grouping.label(isByParent ? representative : members.get(0), labels);
    }

    /**
     * Returns a list of the pids that makes their objects only when it is read: tables do not show
     * them.
     */
    List<Integer> pids() {
        return new Pids(members);
    }

    private static final class Pids extends AbstractList<Integer> {
        private final List<ProcessMemory> members;

        Pids(List<ProcessMemory> members) {
            this.members = members;
        }

        @Override
        public Integer get(int index) {
            return members.get(index).pid();
        }

        @Override
        public int size() {
            return members.size();
        }
    }

    /**
     * Adds up a figure over the processes for which it is known. Memory that is counted under
     * another process with the same address space is not added.
     */
    long sum(Figure figure) {
        long sum = Missing.VALUE;
        for (int i = 0; i < members.size(); i++) {
            ProcessMemory process = members.get(i);
            long value = figure.of(process);
            if (value != Missing.VALUE) {
                boolean isHere = process.isCounted() || figure.column.kind() != Psm.Kind.BYTES;
                sum = Missing.plus(sum, isHere ? value : 0);
            }
        }
        return sum;
    }

    /** Counts the processes with a mark; {@link Missing#VALUE} if it is not known of any. */
    long marked(Figure mark) {
        long marked = Missing.VALUE;
        for (int i = 0; i < members.size(); i++) {
            marked = Missing.plus(marked, mark.of(members.get(i)));
        }
        return marked;
    }

    /** Returns the largest figure of a process. */
    long max(Figure figure) {
        long max = Missing.VALUE;
        for (ProcessMemory process : members) {
            max = Math.max(max, figure.of(process));
        }
        return max;
    }

    /** Returns the figure that all processes have in common; none if they differ. */
    long same(Figure figure) {
        long same = figure.of(members.get(0));
        for (ProcessMemory process : members) {
            if (figure.of(process) != same) {
                return Missing.VALUE;
            }
        }
        return same;
    }

    /** Returns the RAM of the smallest process. */
    long smallest() {
        return spread()[0];
    }

    /** Returns the RAM of the median process, or the mean of the two in the middle. */
    long median() {
        long[] sorted = spread();
        long low = sorted[(sorted.length - 1) / 2];
        long high = sorted[sorted.length / 2];
        return low == Missing.VALUE ? Missing.VALUE : low + (high - low) / 2;
    }

    /** Returns the RAM of the largest process. */
    long largest() {
        return spread()[members.size() - 1];
    }

    long largestPid() {
        ProcessMemory largest = members.get(0);
        for (ProcessMemory process : members) {
            if (Figure.PSS.of(process) > Figure.PSS.of(largest)) {
                largest = process;
            }
        }
        return largest.pid();
    }

    private long[] spread() {
        if (spread == null) {
            spread = new long[members.size()];
            for (int i = 0; i < spread.length; i++) {
                spread[i] = Figure.PSS.of(members.get(i));
            }
            Arrays.sort(spread);
        }
        return spread;
    }
}

// lib/psm/report/ProcessReport.java

/**
 * Makes a report of a snapshot's processes: one row for each group of them. The largest row is
 * first, unless the view reverses the order.
 */
final class ProcessReport extends RowChoice<ProcessGroup> {
    private final Snapshot snapshot;
    private final Labels labels;
    private final GroupFigures values;
    private final ProcessColumns columns;

    /** The parents of processes; {@code null} if the view does not group by them. */
    private final Ancestors ancestors;

    private ProcessReport(Snapshot snapshot, View view, Labels labels, GroupFigures values) {
        super(view);
        this.snapshot = snapshot;
        this.labels = labels;
        this.values = values;
        this.columns = new ProcessColumns(view, labels, values);
        this.ancestors =
                isBy(Grouping.PARENT) || isBy(Grouping.TREE)
                        ? new Ancestors(snapshot.processes(), labels)
                        : null;
    }

    /**
     * Makes the report of a snapshot.
     *
     * @param users the names of the users and groups in the snapshot
     * @param memory the RAM of each row in the last report, which the call replaces by those of
     *     this report; {@code null} if no changes are shown
     * @throws Failure if the view's filter is too slow for a name
     */
    public static Psm.Report of(
            Snapshot snapshot,
            String psmVersion,
            View view,
            UserNames users,
            Map<Object, Long> memory)
            throws Failure {
        Labels labels = new Labels(users);
        GroupFigures values = new GroupFigures(snapshot, view, labels, memory);
        return new ProcessReport(snapshot, view, labels, values)
                .report(new ReportHead(psmVersion, snapshot));
    }

    private Psm.Report report(ReportHead head) throws Failure {
        List<ProcessGroup> groups = arranged(matching(groups()));
        Psm.Row totals = columns.sums(groups, true);
        List<ProcessGroup> shown = shown(groups);
        List<Psm.Row> rows = new ArrayList<>(shown.size());
        for (ProcessGroup group : shown) {
            rows.add(columns.row(group));
        }
        Psm.More more = more(groups, shown);
        values.remember(groups); // all changes have been computed by now
        return head.report(
                processes(head, groups),
                columns.of(groups),
                Collections.unmodifiableList(rows),
                totals,
                accounts(totals),
                more,
                ranking(shown, rows, arranged(inTable(shown))));
    }

    /** Returns rows in this order, or if they are a tree, siblings in this order. */
    private List<ProcessGroup> arranged(List<ProcessGroup> groups) {
        return isBy(Grouping.TREE) ? new ProcessTree(ancestors).of(groups) : groups;
    }

    private List<ProcessGroup> groups() {
        Map<Object, ProcessGroup> byKey = new HashMap<>();
        for (ProcessMemory process : snapshot.processes()) {
            Object key = key(process);
            ProcessGroup group = byKey.get(key);
            if (group == null) {
                boolean isByParent = isBy(Grouping.PARENT);
                group = new ProcessGroup(key, isByParent ? ancestors.topmost(process) : process);
                byKey.put(key, group);
            }
            group.members.add(process);
        }
        return new ArrayList<>(byKey.values());
    }

    private boolean isBy(Grouping grouping) {
        return view.by().contains(grouping);
    }

    /** Returns the key that all processes of a row have, and no other process. */
    private Object key(ProcessMemory process) {
        if (view.by().size() == 1) {
            return key(view.by().get(0), process);
        }
        List<Object> keys = new ArrayList<>();
        for (Grouping grouping : view.by()) {
            keys.add(key(grouping, process));
        }
        return keys;
    }

    private Object key(Grouping grouping, ProcessMemory process) {
        if (grouping.isSingleProcess()) {
            return process.pid();
        }
        if (grouping == Grouping.PARENT) {
            return ancestors.topmost(process).pid();
        }
        String label = grouping.label(process, labels);
        return label == null ? Missing.VALUE : label;
    }

    @Override
    Object value(Figure figure, ProcessGroup group) {
        return values.value(figure, group);
    }

    @Override
    String name(ProcessGroup group) {
        StringBuilder name = new StringBuilder();
        for (Grouping grouping : view.by()) {
            String label = group.label(grouping, labels);
            name.append(name.length() == 0 ? "" : " ").append(label == null ? "-" : label);
        }
        return name.toString();
    }

    @Override
    int compareNames(ProcessGroup a, ProcessGroup b) {
        for (Grouping grouping : view.by()) {
            int byName = compareValues(a.label(grouping, labels), b.label(grouping, labels));
            if (byName != 0) {
                return byName;
            }
        }
        return Integer.compare(a.representative.pid(), b.representative.pid());
    }

    @Override
    Psm.Row sums(List<ProcessGroup> hidden) {
        return columns.sums(hidden, false);
    }

    private Psm.Processes processes(ReportHead head, List<ProcessGroup> groups) {
        int measured = 0;
        EstimateCount estimates = new EstimateCount(view);
        for (ProcessGroup group : groups) {
            measured += group.members.size();
            for (int i = 0; i < group.members.size(); i++) {
                estimates.add(group.members.get(i));
            }
        }
        return head.processes(measured, estimates);
    }

    private List<Psm.Account> accounts(Psm.Row totals) {
        List<Psm.Account> accounts = new ArrayList<>();
        boolean isAll = !snapshot.scope().filtered() && view.filter() == null;
        long swapped = isAll ? columns.total(Figure.SWAP, totals) : Missing.VALUE;
        accounts.add(HostAccount.swap(snapshot.host().memory(), swapped));
        if (view.system() && columns.contains(Figure.PSS)) {
            accounts.add(MemoryAccount.of(
                            snapshot,
                            columns.total(Figure.PSS, totals),
                            Figure.PSS.column.key()));
        }
        return Collections.unmodifiableList(accounts);
    }
}

// lib/psm/report/ProcessTree.java

/**
 * Puts the rows of {@code --by tree}, each of which is one process, into the order of a tree. Not
 * for sharing between threads.
 */
final class ProcessTree {
    private final Ancestors ancestors;

    /** The groups that have no place in the tree yet, by pid. */
    private final Map<Object, ProcessGroup> byPid = new HashMap<>();

    /** The groups below others, by the pids of their parents. */
    private final Map<Object, List<ProcessGroup>> children = new HashMap<>();

    ProcessTree(Ancestors ancestors) {
        this.ancestors = ancestors;
    }

    /**
     * Returns the tree: children follow their parents, and siblings keep the order of the groups.
     */
    List<ProcessGroup> of(List<ProcessGroup> groups) {
        for (ProcessGroup group : groups) {
            byPid.put(group.key, group);
        }
        List<ProcessGroup> open = tops(groups);
        List<ProcessGroup> tree = new ArrayList<>(groups.size());
        Collections.reverse(open);
        while (!open.isEmpty()) {
            ProcessGroup group = open.remove(open.size() - 1);
            tree.add(group);
            byPid.remove(group.key);
            List<ProcessGroup> below = children.getOrDefault(group.key, List.of());
            for (int i = below.size() - 1; i >= 0; i--) {
                below.get(i).depth = group.depth + 1;
                open.add(below.get(i));
            }
        }
        addCircles(groups, tree);
        return tree;
    }

    /** Returns the groups whose parent is not among them, and stores the others as children. */
    private List<ProcessGroup> tops(List<ProcessGroup> groups) {
        List<ProcessGroup> tops = new ArrayList<>();
        for (ProcessGroup group : groups) {
            ProcessMemory parent = ancestors.parent(group.representative);
            if (parent == null || !byPid.containsKey(parent.pid())) {
                tops.add(group);
            } else {
                children.computeIfAbsent(parent.pid(), unused -> new ArrayList<>()).add(group);
            }
        }
        return tops;
    }

    /**
     * Adds processes that are their own ancestors, which only a snapshot file that psm did not
     * write can contain.
     */
    private void addCircles(List<ProcessGroup> groups, List<ProcessGroup> tree) {
        for (ProcessGroup group : groups) {
            if (byPid.containsKey(group.key)) {
                group.depth = 0;
                tree.add(group);
            }
        }
    }
}

// lib/psm/report/ReportHead.java

/**
 * The head of a report: what all reports contain about their snapshot. May be shared between
 * threads.
 */
final class ReportHead {
    private final String psmVersion;
    private final Snapshot snapshot;

    ReportHead(String psmVersion, Snapshot snapshot) {
        this.psmVersion = psmVersion;
        this.snapshot = snapshot;
    }

    /** Makes a report with this head. */
    Psm.Report report(
            Psm.Processes processes,
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Row totals,
            List<Psm.Account> accounts,
            Psm.More more,
            Psm.Ranking ranking) {
        return new Psm.Report(
                new Psm.Origin(
                        psmVersion,
                        snapshot.host().name(),
                        snapshot.host().kernel(),
                        Instant.ofEpochSecond(snapshot.run().takenAt().getEpochSecond()),
                        snapshot.run().nanos(),
                        source(snapshot.processes())),
                processes,
                columns,
                rows,
                totals,
                accounts,
                more,
                ranking);
    }

    /** Returns the numbers of processes for a report that includes all of them. */
    Psm.Processes processes(View view) {
        EstimateCount estimates = new EstimateCount(view);
        for (ProcessMemory process : snapshot.processes()) {
            estimates.add(process);
        }
        return processes(snapshot.processes().size(), estimates);
    }

    /** Returns the numbers of processes: those in the figures, and those that are left out. */
    Psm.Processes processes(int measured, EstimateCount estimates) {
        return new Psm.Processes(
                measured,
                estimates.count(),
                snapshot.count(Unmeasured.Reason.DENIED),
                snapshot.count(Unmeasured.Reason.VANISHED),
                snapshot.count(Unmeasured.Reason.STUCK),
                snapshot.count(Unmeasured.Reason.FAILED),
                snapshot.run().hidden(),
                estimates.byReason());
    }

    /**
     * Returns the name of the {@code /proc} file of the exact figures, or if there are none, of the
     * estimates; {@code null} without processes.
     */
    private static String source(List<ProcessMemory> processes) {
        int rollups = 0;
        int others = 0;
        for (ProcessMemory process : processes) {
            if (process.rollup()) {
                rollups++;
            } else if (process.estimate() == null) {
                others++;
            }
        }
        if (rollups > 0) {
            return others == 0 ? "smaps_rollup" : "mixed";
        }
        return others > 0 ? "smaps" : processes.isEmpty() ? null : "status";
    }
}

// lib/psm/report/RowChoice.java

/**
 * Sorts the rows of a report and chooses those to show, as a {@link View} requests.
 *
 * @param <T> a row before it becomes a {@link Psm.Row}
 */
abstract class RowChoice<T> {
    final View view;

    RowChoice(View view) {
        this.view = view;
    }

    /** Returns the row's value in a column, {@code null} if it is not known. */
    abstract Object value(Figure figure, T row);

    /** Returns the name that the view's filter searches. */
    abstract String name(T row);

    /** Compares rows by their names, so that rows of the same size always have the same order. */
    abstract int compareNames(T a, T b);

    /** Returns the sums of rows that are not shown. */
    abstract Psm.Row sums(List<T> hidden);

    /**
     * Keeps the rows that the view's filter finds, in the order of documents. The totals do not
     * include the others.
     *
     * @throws Failure if the filter is too slow for a name
     */
    final List<T> matching(List<T> rows) throws Failure {
        List<T> matching = view.filter() == null ? rows : filtered(rows);
        matching.sort(order(true));
        return matching;
    }

    /**
     * Returns the rows in the order of a table. It has the largest last, next to the prompt, and
     * names from A to Z.
     */
    final List<T> inTable(List<T> rows) {
        List<T> sorted = new ArrayList<>(rows);
        sorted.sort(order(false));
        return sorted;
    }

    /** Returns the view's order: in documents the largest is first. */
    private Comparator<T> order(boolean isDocument) {
        boolean isByName = view.sort() == null;
        return new Order(view.sort(), (isDocument && !isByName) != view.reversed());
    }

    private List<T> filtered(List<T> rows) throws Failure {
        List<T> filtered = new ArrayList<>();
        for (T row : rows) {
            String name = name(row);
            try {
                if (view.filter().finds(name)) {
                    filtered.add(row);
                }
            } catch (IOException e) {
                view.filter().requireFast();
                throw Failure.of(e.getMessage() + ": " + name, e);
            }
        }
        return filtered;
    }

    /** Keeps the rows to show: the largest of those that are large enough. */
    final List<T> shown(List<T> rows) {
        if (view.totalsAlone()) {
            return List.of();
        }
        List<T> large = rows;
        if (view.minBytes() != Missing.VALUE) {
            large = new ArrayList<>();
            for (T row : rows) {
                if (value(view.sized(), row) instanceof Long size && size >= view.minBytes()) {
                    large.add(row);
                }
            }
        }
        return largest(large);
    }

    private List<T> largest(List<T> rows) {
        int end = rows.size();
        if (view.maxRows() == 0 || view.maxRows() >= end) {
            return rows;
        }
        return in(identities(ranked(rows).subList(end - view.maxRows(), end)), true, rows);
    }

    /**
     * Returns the number and sums of the rows that are not shown; {@code null} if all rows are
     * shown, or if only totals are wanted.
     */
    final Psm.More more(List<T> rows, List<T> shown) {
        if (shown.size() == rows.size() || view.totalsAlone()) {
            return null;
        }
        List<T> hidden = in(identities(shown), false, rows);
        return new Psm.More(hidden.size(), view.reversed(), sums(hidden));
    }

    /**
     * Ranks the rows that are shown, for tables.
     *
     * @param shown the rows that are shown, in the order of documents
     * @param rows the {@link Psm.Row} of each of them
     * @param inTable the rows that are shown, in the order of a table
     */
    final Psm.Ranking ranking(List<T> shown, List<Psm.Row> rows, List<T> inTable) {
        IdentityHashMap<T, Psm.Row> rowOf = new IdentityHashMap<>();
        for (int i = 0; i < shown.size(); i++) {
            rowOf.put(shown.get(i), rows.get(i));
        }
        return new Psm.Ranking(
                rows(ranked(shown), rowOf), view.reversed(), rows(inTable, rowOf));
    }

    private static <T> List<Psm.Row> rows(List<T> order, Map<T, Psm.Row> rowOf) {
        List<Psm.Row> rows = new ArrayList<>(order.size());
        for (T row : order) {
            rows.add(rowOf.get(row));
        }
        return Collections.unmodifiableList(rows);
    }

    /** Returns the rows by size, the smallest first. */
    private List<T> ranked(List<T> rows) {
        List<T> ranked = new ArrayList<>(rows);
        ranked.sort(new Order(view.rankedBy(), false));
        return ranked;
    }

    private static <T> Set<T> identities(List<T> rows) {
        Set<T> identities = Collections.newSetFromMap(new IdentityHashMap<>());
        identities.addAll(rows);
        return identities;
    }

    /** Keeps the rows that are in a set, or those that are not. */
    private static <T> List<T> in(Set<T> set, boolean isIn, List<T> rows) {
        List<T> kept = new ArrayList<>();
        for (T row : rows) {
            if (set.contains(row) == isIn) {
                kept.add(row);
            }
        }
        return kept;
    }

    /**
     * The order of rows. It is a class, since the comparators that {@link Comparator} makes of
     * functions are serializable, and Java archives no such classes; that would cost a tenth of a
     * run.
     */
    private final class Order implements Comparator<T> {
        private final Figure figure;
        private final boolean isLargestFirst;

        /**
         * Makes an order by a figure, with rows of the same size from A to Z, or by names.
         *
         * @param figure {@code null} for names
         * @param isLargestFirst whether the largest row is first; for names, whether Z is
         */
        Order(Figure figure, boolean isLargestFirst) {
            this.figure = figure;
            this.isLargestFirst = isLargestFirst;
        }

        @Override
        public int compare(T a, T b) {
            if (figure == null) {
                return isLargestFirst ? compareNames(b, a) : compareNames(a, b);
            }
            Object sizeA = value(figure, a);
            Object sizeB = value(figure, b);
            int order = isLargestFirst ? compareValues(sizeB, sizeA) : compareValues(sizeA, sizeB);
            return order != 0 ? order : compareNames(a, b);
        }
    }

    /** Compares two values of a column. A value that is not known is less than any other. */
    static int compareValues(Object a, Object b) {
        if (a instanceof Long x && b instanceof Long y) {
            return Long.compare(x, y);
        }
        if (a instanceof Double x && b instanceof Double y) {
            return Double.compare(x, y);
        }
        if (a instanceof String x && b instanceof String y) {
            return x.compareTo(y);
        }
        return Boolean.compare(a != null, b != null);
    }
}

// lib/psm/report/View.java

/**
 * What a report shows, and in what order.
 *
 * @param by the ways to group processes
 * @param columns the figures, in the order of a table
 * @param sort the figure to sort rows by, whether it is shown or not; {@code null} for their names
 * @param reversed whether the order of rows is turned around, in documents and in tables
 * @param maxRows how many rows to show, the largest by {@link #rankedBy}; 0 for all
 * @param minBytes the minimum of {@link #sized} for a row to be shown; {@link Missing#VALUE} for
 *     all rows
 * @param totalsAlone whether to show no rows
 * @param system whether to show what all of the host's memory is used for
 * @param filter the filter for the names of rows; {@code null} keeps all. It is {@code null} for
 *     rows named after programs, which the scan has already filtered
 */
record View(
        List<Grouping> by,
        List<Shown> columns,
        Figure sort,
        boolean reversed,
        int maxRows,
        long minBytes,
        boolean totalsAlone,
        boolean system,
        Filter filter) {
    /** The condition for a table to show a column. JSON and CSV always contain it. */
    public enum When {
        ALWAYS,
        /** A table shows the column if a row contains more than 0. */
        ANY,
        NEVER
    }

    /** A column of figures. */
    public record Shown(Figure figure, When inTables) {}

    /** The view without options: one row for each program, with the default figures. */
    public static final View DEFAULT = new View(List.of(Grouping.PROGRAM), columns(false));

    private View(List<Grouping> by, List<Shown> columns) {
        this(by, columns, Figure.PSS, false, 0, Missing.VALUE, false, false, null);
    }

    /** Returns the columns that psm shows without {@code -c}. */
    public static List<Shown> columns(boolean heap) {
        List<Shown> columns = new ArrayList<>();
        columns.add(new Shown(Figure.PSS, When.ALWAYS));
        columns.add(new Shown(Figure.SHARED, When.ALWAYS));
        if (heap) {
            columns.add(new Shown(Figure.HEAP, When.ALWAYS));
        }
        columns.add(new Shown(Figure.SHARED_HUGETLB, When.ANY));
        columns.add(new Shown(Figure.SWAP, When.ALWAYS));
        columns.add(new Shown(Figure.SWAP_WITH_SHARED, When.NEVER));
        columns.add(new Shown(Figure.COUNT, When.ALWAYS));
        return columns;
    }

    /** Returns whether the report needs a figure: as a column, or to sort the rows. */
    public boolean uses(Figure figure) {
        return sort == figure || shows(figure);
    }

    public boolean shows(Figure figure) {
        return indexOf(figure, columns) >= 0;
    }

    /** Returns the index of a figure among columns; -1 if it is not one of them. */
    public static int indexOf(Figure figure, List<Shown> columns) {
        // The first call of a record's equals takes longer than a scan: Java generates it then.
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).figure() == figure) {
                return i;
            }
        }
        return -1;
    }

    /** Returns whether the report shows a figure of a process that is not exact. */
    boolean isAffected(ProcessMemory process) {
        for (int i = 0; i < columns.size() && process.isEstimated(); i++) {
            if (columns.get(i).figure().isAffected(process)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the figure that {@link #minBytes} limits: the sort figure if it is a size. */
    Figure sized() {
        return sort != null && sort.column.kind() == Psm.Kind.BYTES ? sort : Figure.PSS;
    }

    /** Returns the details that a scan must read besides the memory. */
    public Set<Detail> needs() {
        Set<Detail> needs = EnumSet.noneOf(Detail.class);
        for (Grouping grouping : by) {
            add(grouping.detail, needs);
        }
        for (Shown shown : columns) {
            add(shown.figure().needs(), needs);
        }
        if (sort != null) {
            add(sort.needs(), needs);
        }
        if (system) {
            needs.add(Detail.SYSTEM);
        }
        return needs;
    }

    private static void add(Detail detail, Set<Detail> needs) {
        if (detail != null) {
            needs.add(detail);
        }
    }

    /** Returns the figure that makes a row large: the sort figure, unless it is a name. */
    Figure rankedBy() {
        Psm.Kind kind = sort == null ? Psm.Kind.TEXT : sort.column.kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID ? Figure.PSS : sort;
    }
}

// lib/psm/collect/Collector.java

/**
 * The only part of psm that runs with more rights than its user: sudo(8) starts it for the members
 * of a group, see {@code GroupAccess}. It takes nothing from its caller, reads no environment
 * variables, reads {@code /proc} and follows no link out of it ({@link ProcFs#confined}), and opens
 * no file for writing. It writes nothing but a snapshot of all processes to standard output; its
 * exit code is the only sign of a failure.
 */
final class Collector {
    /**
     * The longest time for the scan; the snapshot lists the processes that were not read by then.
     * If it is too low, processes of a large host are left out; if it is too high, {@link
     * #MAX_SECONDS} ends the collector before it has written the snapshot.
     */
    private static final long MAX_SCAN_SECONDS = 12;

    /**
     * The longest time for the whole run, even if the caller does not read the output. If it is too
     * low, a slow host gives no snapshot; if it is too high, such a caller blocks others for
     * longer.
     */
    private static final long MAX_SECONDS = 20;

    /** The only argument, of the script alone: leave out command lines and titles. */
    public static final String WITHOUT_COMMANDS = "--no-commands";

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int TOO_LONG = 3;

    /** The details that a snapshot contains: all but those that take long to read. */
    public static final Set<Detail> DETAILS =
            Collections.unmodifiableSet(
                    EnumSet.complementOf(EnumSet.of(Detail.MAPPINGS, Detail.CGROUP_MEMORY)));

    private Collector() {}

    public static void main(String[] args) {
        int code = FAILED;
        try {
            endInTime();
            code = run(args);
        } catch (Throwable e) {
            code = FAILED; // no message: it could show the caller what only root can read
        } finally {
            Runtime.getRuntime().halt(code); // no hooks, no search for loggers
        }
    }

    private static int run(String[] args) throws IOException {
        boolean withoutCommands = args.length == 1 && args[0].equals(WITHOUT_COMMANDS);
        return withoutCommands || args.length == 0
                ? collect(withoutCommands, new FileOutputStream(FileDescriptor.out))
                : USAGE;
    }

    private static void endInTime() {
        Thread watchdog =
                new Thread(
                        new Runnable() {
                            @Override
                            public void run() {
                                try {
                                    TimeUnit.SECONDS.sleep(MAX_SECONDS);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt(); // no other code does it
                                }
                                Runtime.getRuntime().halt(TOO_LONG);
                            }
                        },
                        "psm-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /**
     * Scans all processes and writes the snapshot. It contains no command lines and no titles if
     * the host hides them from its users, since they may contain secrets.
     */
    public static int collect(boolean withoutCommands, OutputStream out) throws IOException {
        ProcFs proc = ProcFs.confined();
        ScanRequest all =
                ScanRequest.of(Source.AUTO)
                        .with(DETAILS)
                        .within(TimeUnit.SECONDS.toNanos(MAX_SCAN_SECONDS));
        ScanRequest request = withoutCommands || HidePid.isOn(proc) ? all.withoutCommands() : all;
        Snapshot snapshot = new Scanner(proc, request).scan(0);
        out.write(SnapshotWriter.write(SnapshotBudget.fit(snapshot)));
        out.flush();
        return DONE;
    }
}

// lib/psm/collect/CollectorClient.java

/**
 * Gets a snapshot from an installation's {@link Collector}, for a user who is in its group. The
 * launcher checks the group, and passes the way to the collector in system properties.
 */
final class CollectorClient {
    /** The property with the file that is written by a collector that the launcher has started. */
    public static final String FILE = "psm.collected";

    /**
     * The property with the command that starts a collector with sudo, its words split by blanks.
     */
    public static final String COMMAND = "psm.collect";

    /** The property with the group whose members see all processes, for messages to other users. */
    public static final String GROUP = "psm.group";

    /** The number of collectors that work for a user at a time. */
    public static final int SLOTS_OF_A_USER = 2;

    /** The number of collectors that work at a time. */
    public static final int SLOTS = 8;

    /** The exit code of a call that finds no slot. */
    public static final int BUSY = 75;

    /** The exit code of a call whose caller has low limits that root cannot raise. */
    public static final int LIMITED = 76;

    private static final long MAX_SECONDS_TO_EXIT = 5;

    /** All slots are taken. */
    public static final class BusyException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** The caller's limits are too low, and root cannot raise them. */
    public static final class LimitedException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private CollectorClient() {}

    /** Describes the way to the collector; returns {@code null} if this user has none. */
    public static String way() {
        String command = System.getProperty(COMMAND);
        return command == null
                ? null
                : "through sudo " + command.substring(command.lastIndexOf(' ') + 1);
    }

    /**
     * Reads a collector's snapshot, and adds the figures that a collector does not read, if this
     * user can read them: those in {@code /sys} and the memory of control groups.
     *
     * @param needs the details that the report needs
     * @throws BusyException if it has no slot for this call
     * @throws LimitedException if it cannot run under this user's limits
     * @throws IOException if the collector writes nothing, or no snapshot
     */
    public static Snapshot read(Set<Detail> needs) throws IOException {
        String file = System.getProperty(FILE);
        if (file != null) {
            System.clearProperty(FILE); // it contains one snapshot; --watch needs more
            try (PushbackInputStream in = new PushbackInputStream(new FileInputStream(file))) {
                int first = in.read();
                if (first >= 0) {
                    in.unread(first);
                    return read(in, needs);
                }
            } // the launcher's collector wrote nothing; only the exit code of another says why
        }
        return readFrom(System.getProperty(COMMAND), needs);
    }

    private static Snapshot readFrom(String command, Set<Detail> needs) throws IOException {
        Process collector =
                new ProcessBuilder(command.split(" ", -1))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        collector.getOutputStream().close();
        try (InputStream in = collector.getInputStream()) {
            return read(in, needs);
        } catch (IOException e) {
            int code = exitCode(collector);
            if (code == BUSY) {
                throw new BusyException();
            }
            throw code == LIMITED ? new LimitedException() : e;
        }
    }

    /** Waits for the end of a collector; returns -1 if it does not end in time. */
    private static int exitCode(Process collector) {
        try {
            boolean hasEnded = collector.waitFor(MAX_SECONDS_TO_EXIT, TimeUnit.SECONDS);
            return hasEnded ? collector.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private static Snapshot read(InputStream in, Set<Detail> needs) throws IOException {
        Snapshot snapshot = SnapshotFile.read(in).without(new OwnProcess().pid());
        ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);
        HostMemory memory = snapshot.host().memory();
        List<ProcessMemory> processes = snapshot.processes();
        Snapshot whole =
                needs.contains(Detail.SYSTEM)
                        ? snapshot.with(processes, memory.withSys(proc))
                        : snapshot;
        return needs.contains(Detail.CGROUP_MEMORY)
                ? whole.withCgroups(CgroupMemory.readAll(proc, ProcessMemory.cgroups(processes)))
                : whole;
    }
}

// exporters/psm/format/CellText.java

/** Formats the single values of a table for people: figures, pids, names and marks. */
final class CellText {
    private static final String ELLIPSIS = "...";

    /** A bracket that closes later than this does not belong to a process title. */
    private static final int MAX_BRACKET_CHARS = 64;

    private CellText() {}

    /** Returns a size, a number or a percentage; an empty text where the figure is missing. */
    static String figure(Psm.Kind kind, Object value, Sizes sizes) {
        if (value == null) {
            return "";
        }
        // With a switch, Java would load one more class in each run.
        if (kind == Psm.Kind.BYTES) {
            return sizes.of((Long) value);
        }
        return kind == Psm.Kind.PERCENT ? Percent.text((Double) value) : value.toString();
    }

    static boolean isZero(Object value) {
        return value instanceof Number number && number.doubleValue() == 0;
    }

    /** Returns the first pid and how many others there are: {@code 812+3}. */
    static String pids(List<?> pids) {
        if (pids.isEmpty()) {
            return "-";
        }
        return pids.size() == 1 ? pids.get(0).toString() : pids.get(0) + "+" + (pids.size() - 1);
    }

    /**
     * Appends a mark such as {@code [2 deleted]}. It has no number if it applies to all processes
     * of the row.
     */
    static void mark(StringBuilder out, String title, Long marked, long count) {
        if (marked != null && marked > 0) {
            out.append(" [");
            if (marked < count) {
                out.append(marked).append(' ');
            }
            out.append(title).append(']');
        }
    }

    /** Returns the sign before the total: exact, at least, at most or approximately. */
    public static String totalsMark(Psm.Processes processes, boolean unicode) {
        boolean mayBeTooHigh = processes.estimates().tooHigh();
        if (processes.complete() && !processes.estimates().tooLow()) {
            return mayBeTooHigh ? unicode ? "#\u2264" : "#<=" : "#";
        }
        return mayBeTooHigh ? "#~" : unicode ? "#\u2265" : "#>=";
    }

    /**
     * Returns a name that is safe to print on a terminal.
     *
     * @param maxChars the maximum length before characters are escaped, 0 for any length
     */
    static String name(String name, int maxChars) {
        return withBlanksShown(Text.printable(maxChars == 0 ? name : cut(name, maxChars)));
    }

    /**
     * Returns the name, or if it is too long, its start and its end: paths, containers of a pod and
     * commands may differ at either end. A single word is returned whole; the caller cuts its end.
     */
    static String elided(String name, int maxChars) {
        int chars = name.codePointCount(0, name.length());
        int kept = maxChars - ELLIPSIS.length();
        boolean isWord = !name.startsWith("/") && name.indexOf(' ') < 0;
        if (isWord || chars <= maxChars || kept <= 0) {
            return name;
        }
        int end = name.offsetByCodePoints(0, chars - (kept - kept / 2));
        return Text.cut(name, kept / 2) + ELLIPSIS + name.substring(end);
    }

    /**
     * Escapes all spaces except single ones between words. A run of spaces could push the words
     * after it to the start of the terminal's next line, where they would look like another row.
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

    /**
     * Cuts a name that is too long. If it begins with a title in brackets, only that is kept: the
     * text after it is what the process is doing.
     */
    private static String cut(String name, int maxChars) {
        int bracket = name.startsWith("[") ? name.indexOf(']') : -1;
        boolean isTitle = bracket > 0 && bracket < MAX_BRACKET_CHARS;
        String start = Text.cut(name, maxChars);
        return isTitle && !start.equals(name) ? name.substring(0, bracket + 1) : start;
    }

    static String milliseconds(long nanos) {
        return Sizes.tenths(nanos / 100_000);
    }
}

// exporters/psm/format/CsvFormat.java

/**
 * Writes comma-separated values for spreadsheets, RFC 4180 in UTF-8: a header, a record for each
 * row, no totals. Sizes are whole bytes, a missing figure is an empty field, pids are separated by
 * spaces, and the last two fields are the host and the time of the scan. In names, control
 * characters and bytes that are not UTF-8 are escaped, and an apostrophe precedes names that a
 * spreadsheet would take for formulas or numbers. The format cannot contain the processes that
 * could not be measured, accounts of the host, or the rows that {@code -n} and {@code --min} leave
 * out.
 */
final class CsvFormat {
    /**
     * The format with quotes around all names, since some spreadsheets take semicolons for
     * separators.
     */
    private static final CSVFormat QUOTED =
            CSVFormat.RFC4180.builder().setQuoteMode(QuoteMode.NON_NUMERIC).get();

    private CsvFormat() {}

    /** Writes the rows of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Writer writer = new OutputStreamWriter(output.stream(), StandardCharsets.UTF_8);
        CSVPrinter csv = new CSVPrinter(writer, QUOTED);
        if (output.layout().header()) {
            csv.printRecord(SpreadsheetFields.titles(report));
        }
        UnaryOperator<String> names =
                output.raw()
                        ? Text::encodable
                        : name -> SpreadsheetFields.neutralised(Text.printable(name));
        for (Psm.Row row : report.rows()) {
            csv.printRecord(SpreadsheetFields.of(report, row, names));
        }
        csv.flush();
    }
}

// exporters/psm/format/Exporters.java

/** The exporters on the class path by name: psm's own, plugins, and data formats of Jackson. */
final class Exporters {
    /** The format without an exporter, since it contains the snapshot instead of a report. */
    public static final String SNAPSHOT = "snapshot";

    /**
     * The limit for failures, since a loader may fail forever. No usual class path causes as many.
     */
    private static final int MAX_FAILURES = 100;

    private final Map<String, Psm.Exporter> byName = new TreeMap<>();
    private final Set<String> binary = new HashSet<>();
    private final List<String> problems = new ArrayList<>();

    /** The names of classes that could not be loaded and have already been reported. */
    private final Set<String> reported = new HashSet<>();

    private Exporters() {}

    /**
     * Loads the exporters that ServiceLoader finds; {@link #problems} names those that fail. It
     * searches for data formats of Jackson only if no exporter has the wanted name.
     *
     * @param trusted whether to run plugins; if not, only psm's own exporters are loaded
     */
    public static Exporters find(String wanted, boolean trusted) {
        Exporters exporters = new Exporters();
        if (isOneJar()) {
            for (Psm.Exporter exporter : Formats.all()) {
                exporters.add(exporter);
            }
            return exporters;
        }
        exporters.load(Psm.Exporter.class, trusted);
        if (exporters.named(wanted) == null) {
            exporters.load(JsonFactory.class, trusted);
        }
        return exporters;
    }

    private <S> void load(Class<S> service, boolean trusted) {
        ServiceLoader<S> loader = ServiceLoader.load(service);
        Iterator<S> found = trusted ? loader.iterator() : ours(loader);
        for (int failures = 0; failures < MAX_FAILURES; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                S provider = found.next();
                if (provider instanceof Psm.Exporter exporter) {
                    add(exporter);
                } else if (provider != null) {
                    addDataFormat((JsonFactory) provider);
                }
            } catch (ServiceConfigurationError | LinkageError e) {
                problems.add(notLoaded(service, e));
                failures++;
            }
        }
    }

    /**
     * Returns whether the class path is only psm's own jar, with the libraries in its manifest.
     * Then there are no plugins, and the search of ServiceLoader, which takes a tenth of a run, is
     * not needed.
     */
    public static boolean isOneJar() {
        String classPath = System.getProperty("java.class.path");
        return classPath.endsWith(".jar") && classPath.indexOf(File.pathSeparatorChar) < 0;
    }

    /**
     * Returns psm's own providers, and {@code null} in place of each other one, whose code never
     * runs.
     */
    private <S> Iterator<S> ours(ServiceLoader<S> loader) {
        Iterator<ServiceLoader.Provider<S>> providers = loader.stream().iterator();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return providers.hasNext();
            }

            @Override
            public S next() {
                ServiceLoader.Provider<S> provider = providers.next();
                Class<? extends S> type = provider.type();
                if (isOurs(type)) {
                    return provider.get();
                }
                if (type != JsonFactory.class) { // psm writes JSON itself
                    problems.add(
                            "plugin "
                                    + describe(type)
                                    + " is left out: run with sudo, psm loads no plugins");
                }
                return null;
            }
        };
    }

    /** Returns the exporter with a name; {@code null} if there is none. */
    public Psm.Exporter named(String name) {
        return byName.get(name);
    }

    /** Returns whether an exporter is known to write bytes that a terminal cannot show. */
    public boolean isBinary(String name) {
        return binary.contains(name);
    }

    /** Returns the names of all formats, sorted, for people. */
    public String names() {
        Set<String> names = new TreeSet<>(byName.keySet());
        names.add(SNAPSHOT);
        return String.join(", ", names);
    }

    /** Returns a line for each exporter that was left out: which one, and why. */
    public List<String> problems() {
        return problems;
    }

    /** Returns whether an exporter is psm's own, and not a plugin. */
    public static boolean isOurs(Psm.Exporter exporter) {
        return isOurs(type(exporter));
    }

    /** Returns an exporter's class, and its jar or folder unless it is psm's own. */
    public static String describe(Psm.Exporter exporter) {
        return describe(type(exporter));
    }

    /**
     * Returns the class that implements a format; for a data format of Jackson it is the factory.
     */
    private static Class<?> type(Psm.Exporter exporter) {
        return exporter instanceof JacksonFormat format
                ? format.factory().getClass()
                : exporter.getClass();
    }

    private static String describe(Class<?> type) {
        String name = type.getName();
        URL location = location(type);
        return isOurs(type) || location == null
                ? name
                : name + " in " + fileName(location.toString());
    }

    /** Returns the message of a failure and of its causes. */
    public static String reason(Throwable failure) {
        String reason = failure.toString();
        Throwable cause = failure.getCause();
        return cause == null || reason.contains(cause.toString())
                ? reason
                : reason + ": " + reason(cause);
    }

    private void add(Psm.Exporter exporter) {
        String name = nameOf(exporter);
        if (name == null) {
            return;
        }
        if (name.equals(SNAPSHOT)) {
            leaveOut(exporter, "its name '" + name + "' is reserved for files that --from reads");
            return;
        }
        Psm.Exporter other = byName.get(name);
        if (other == null || isOurs(exporter.getClass())) {
            byName.put(name, exporter);
        }
        if (other != null) {
            Psm.Exporter owner = byName.get(name);
            leaveOut(owner == exporter ? other : exporter, taken(name, owner));
        }
    }

    /**
     * Adds a data format, unless an exporter has its name. Such a conflict is not reported:
     * Jackson's JSON or CSV may be on the class path for other reasons.
     */
    private void addDataFormat(JsonFactory factory) {
        JacksonFormat format = new JacksonFormat(factory);
        String name = nameOf(format);
        Psm.Exporter other = name == null ? null : byName.putIfAbsent(name, format);
        if (other instanceof JacksonFormat) {
            leaveOut(format, taken(name, other));
        } else if (name != null && other == null && format.isBinary()) {
            binary.add(name);
        }
    }

    /**
     * Returns an exporter's name; {@code null} if it is not valid. A plugin's code may throw
     * anything, and psm's own formats must still work.
     */
    private String nameOf(Psm.Exporter exporter) {
        String name;
        try {
            name = exporter.name();
        } catch (Throwable e) {
            leaveOut(exporter, "its name() failed: " + reason(e));
            return null;
        }
        if (name == null || !name.matches("[a-z0-9-]+")) {
            leaveOut(
                    exporter,
                    "its name must be lower-case letters, digits and dashes: '" + name + "'");
            return null;
        }
        return name;
    }

    private static String taken(String name, Psm.Exporter owner) {
        return "its name '" + name + "' is taken by " + describe(owner);
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

    /** Returns the last part of the URL of a jar or a folder. */
    private static String fileName(String url) {
        String path = URI.create(url).getPath();
        int end = path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(path.lastIndexOf('/', end - 1) + 1, end);
    }

    private String notLoaded(Class<?> service, Throwable error) {
        Map<String, String> jars = registered(service);
        // ServiceLoader's message contains the class as a word. If a class cannot be linked, the
        // message may be anything.
        String message = String.valueOf(error.getMessage());
        List<String> words = Arrays.asList(message.split("[\\s:]+", -1));
        for (Map.Entry<String, String> plugin : jars.entrySet()) {
            boolean isIt =
                    words.contains(plugin.getKey())
                            || (error instanceof LinkageError && !links(plugin.getKey()));
            if (isIt && reported.add(plugin.getKey())) {
                return "plugin "
                        + plugin.getKey()
                        + " in "
                        + plugin.getValue()
                        + " is left out: "
                        + why(service, error);
            }
        }
        return "a plugin is left out: " + why(service, error);
    }

    private static String why(Class<?> service, Throwable error) {
        if (error instanceof ServiceConfigurationError) {
            String message = String.valueOf(error.getMessage());
            String prefix = service.getName() + ": ";
            String what = message.startsWith(prefix) ? message.substring(prefix.length()) : message;
            return error.getCause() == null ? what : what + ": " + reason(error.getCause());
        }
        return reason(error);
    }

    private static boolean links(String className) {
        try {
            return Class.forName(className, false, loader()) != null;
        } catch (ClassNotFoundException e) {
            return true; // ServiceLoader reports this failure itself
        } catch (LinkageError e) {
            return false;
        }
    }

    /** Returns the registered classes, each with the name of its jar or folder. */
    private static Map<String, String> registered(Class<?> service) {
        Map<String, String> jars = new LinkedHashMap<>();
        String serviceFile = "META-INF/services/" + service.getName();
        try {
            for (URL file : Collections.list(loader().getResources(serviceFile))) {
                String owner =
                        file.toString()
                                .replaceFirst("!?/" + serviceFile.replace("$", "\\$") + "$", "");
                for (String line : lines(file)) {
                    jars.putIfAbsent(
                            line.replaceFirst("#.*", "").strip(),
                            fileName(owner.replaceFirst("^jar:", "")));
                }
            }
        } catch (IOException e) {
            return jars; // return those that could be read: they are only used to name the plugin
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

    /** Returns the loader that {@link ServiceLoader} uses. */
    private static ClassLoader loader() {
        return Thread.currentThread().getContextClassLoader();
    }
}

// exporters/psm/format/Formats.java

/**
 * psm's own formats. To add one, write a file like {@link CsvFormat}, add a class here, and add it
 * to {@link #all}. The classes are public, since ServiceLoader accepts no others. Each refers to
 * its format only when it writes, so that a run does not load the libraries of other formats.
 */
final class Formats {
    private Formats() {}

    /** Returns all formats in the order of help, the default first. */
    public static List<Format> all() {
        return List.of(new Table(), new Json(), new Csv(), new Markdown(), new Tsv(), new Ndjson());
    }

    /** Returns the description of each format for the man page, by its name for {@code -o}. */
    public static Map<String, String> descriptions() {
        Map<String, String> formats = new LinkedHashMap<>();
        for (Format format : all()) {
            formats.put(format.name(), format.description);
        }
        formats.put(
                Exporters.SNAPSHOT, "all that psm has read, for --from on this or another machine");
        return formats;
    }

    /** Returns the names of all formats, separated by commas. */
    public static String names() {
        StringBuilder names = new StringBuilder();
        for (Format format : all()) {
            names.append(names.length() == 0 ? "" : ", ").append(format.name());
        }
        return names.toString();
    }

    /** The name and the description of one of psm's own formats. */
    public abstract static class Format implements Psm.Exporter {
        private final String name;
        private final String description;

        Format(String name, String description) {
            this.name = name;
            this.description = description;
        }

        @Override
        public final String name() {
            return name;
        }
    }

    /** {@code -o table}, see {@link TableFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Table extends Format {
        public Table() {
            super("table", "a table for people (default)");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TableFormat.write(report, output);
        }
    }

    /** {@code -o json}, see {@link JsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Json extends Format {
        public Json() {
            super("json", "one JSON document with all that a report contains (schema psm/1)");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            JsonFormat.write(report, output);
        }
    }

    /** {@code -o csv}, see {@link CsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Csv extends Format {
        public Csv() {
            super(
                    "csv",
                    "comma-separated values with a header, for spreadsheets (RFC 4180); without"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            CsvFormat.write(report, output);
        }
    }

    /** {@code -o tsv}, see {@link TsvFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Tsv extends Format {
        public Tsv() {
            super(
                    "tsv",
                    "tab-separated values with a header, for cut, awk and databases; without"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            TsvFormat.write(report, output);
        }
    }

    /** {@code -o ndjson}, see {@link NdjsonFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Ndjson extends Format {
        public Ndjson() {
            super(
                    "ndjson",
                    "JSON lines: an object for each row, then the figures of the host, then the"
                            + " totals");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            NdjsonFormat.write(report, output);
        }
    }

    /** {@code -o markdown}, see {@link MarkdownFormat}. */
    @MetaInfServices(Psm.Exporter.class)
    public static final class Markdown extends Format {
        public Markdown() {
            super("markdown", "tables in Markdown, for a ticket");
        }

        @Override
        public void export(Psm.Report report, Psm.Output output) throws IOException {
            MarkdownFormat.write(report, output);
        }
    }
}

// exporters/psm/format/JacksonFormat.java

/**
 * A data format of Jackson on the class path, for example YAML or CBOR. It contains the document of
 * {@link JsonDocument}. If the format cannot represent it (XML needs the name of a root, Avro a
 * schema), its generator throws.
 */
final class JacksonFormat implements Psm.Exporter {
    private final JsonFactory factory;

    JacksonFormat(JsonFactory factory) {
        this.factory = factory;
    }

    JsonFactory factory() {
        return factory;
    }

    /** Returns Jackson's name for the format, in lower case and with dashes for underscores. */
    @Override
    public String name() {
        return factory.getFormatName().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns whether the format is not text, so that a terminal cannot show it. */
    boolean isBinary() {
        return factory.canHandleBinaryNatively();
    }

    @Override
    public void export(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = factory.createGenerator(output.stream());
        json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
        new JsonDocument(json, report, output.terminal()).write();
        json.close();
    }
}

// exporters/psm/format/JsonDocument.java

/**
 * Writes the document for programs, schema {@code psm/1}, with any generator of Jackson: as JSON or
 * in another format. Sizes are whole bytes, a missing figure is {@code null}, percentages have up
 * to three decimals.
 *
 * <p>In a name that is not UTF-8, {@code \xff} stands for such a byte and two backslashes for one
 * backslash. The next member says so: {@code program_escaped} for {@code program}.
 */
final class JsonDocument {
    private static final String SCHEMA = "psm/1";

    private final JsonGenerator json;
    private final Psm.Report report;
    private final boolean shown;

    /**
     * Prepares a document.
     *
     * @param json where to write it; the caller closes it
     * @param shown whether the text goes to a terminal unchanged; then characters that could harm
     *     it, and bytes that are not UTF-8, are escaped
     */
    JsonDocument(JsonGenerator json, Psm.Report report, boolean shown) {
        this.json = json;
        this.report = report;
        this.shown = shown;
    }

    /** Writes the whole document. */
    void write() throws IOException {
        json.writeStartObject();
        origin();
        rows("rows", report.columns(), report.rows());
        json.writeObjectFieldStart("totals");
        totals();
        json.writeEndObject();
        if (report.more() != null) {
            more();
        }
        for (Psm.Account account : report.accounts()) {
            if (account.isList()) {
                rows(account.key(), account.columns(), account.rows());
            } else {
                json.writeObjectFieldStart(account.key());
                account(account);
                json.writeEndObject();
            }
        }
        json.writeEndObject();
    }

    private void rows(String key, List<Psm.Column> columns, List<Psm.Row> rows) throws IOException {
        json.writeArrayFieldStart(key);
        for (Psm.Row row : rows) {
            json.writeStartObject();
            row(columns, row);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    /** Writes when, where and how the report was measured, and what it leaves out. */
    void origin() throws IOException {
        json.writeStringField("schema", SCHEMA);
        json.writeStringField("psm_version", report.psmVersion());
        host();
        text("kernel", report.kernel());
        takenAt();
        json.writeNumberField("scan_ms", Math.round(report.scanNanos() / 1e3) / 1e3);
        text("source", report.source());
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
            json.writeNullField("hidden"); // their number is not known
        } else {
            json.writeNumberField("hidden", 0);
        }
        estimates(processes.estimates());
        json.writeEndObject();
    }

    private void estimates(Psm.Estimates estimates) throws IOException {
        json.writeObjectFieldStart("estimates");
        json.writeNumberField("denied", estimates.denied());
        json.writeNumberField("stuck", estimates.stuck());
        json.writeNumberField("failed", estimates.failed());
        json.writeNumberField("large", estimates.large());
        json.writeNumberField("unsupported", estimates.unsupported());
        json.writeNumberField("doubtful", estimates.doubtful());
        json.writeEndObject();
    }

    void takenAt() throws IOException {
        json.writeStringField("taken_at", Text.utc(report.takenAt()));
    }

    void host() throws IOException {
        text("host", report.host());
    }

    /** Writes the columns of a row as members. */
    void row(Psm.Row row) throws IOException {
        row(report.columns(), row);
    }

    /** Writes the columns of a list's row as members. */
    void row(List<Psm.Column> columns, Psm.Row row) throws IOException {
        for (int i = 0; i < columns.size(); i++) {
            member(columns.get(i).key(), columns.get(i).kind(), row.values().get(i));
        }
    }

    /** Writes the number and the sums of the rows that {@code -n} and {@code --min} leave out. */
    void more() throws IOException {
        json.writeObjectFieldStart("more");
        json.writeNumberField("rows", report.more().rows());
        sums(report.more().sums());
        json.writeEndObject();
    }

    /** Writes the columns that have a total as members. */
    void totals() throws IOException {
        sums(report.totals());
    }

    private void sums(Psm.Row sums) throws IOException {
        List<Psm.Column> columns = report.columns();
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).summed()) {
                Object total = sums.values().get(i);
                member(columns.get(i).key(), columns.get(i).kind(), total);
            }
        }
    }

    /** Writes the entries of an account as members. */
    void account(Psm.Account account) throws IOException {
        for (Psm.Entry entry : account.entries()) {
            member(entry.key(), entry.kind(), entry.value());
        }
    }

    private void member(String key, Psm.Kind kind, Object value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
            return;
        }
        switch (kind) {
            case TEXT -> text(key, (String) value);
            case COUNT, BYTES, NUMBER, PID, DEPTH -> json.writeNumberField(key, (Long) value);
            case PERCENT -> percent(key, Percent.rounded((Double) value));
            case PIDS -> {
                json.writeArrayFieldStart(key);
                for (Object pid : (List<?>) value) {
                    json.writeNumber((Integer) pid);
                }
                json.writeEndArray();
            }
        }
    }

    private void percent(String key, Double percent) throws IOException {
        if (percent == null) {
            json.writeNullField(key);
        } else {
            json.writeNumberField(key, percent);
        }
    }

    private void text(String key, String value) throws IOException {
        if (value == null) {
            json.writeNullField(key);
        } else if (shown ? Text.printable(value).equals(value) : Text.isUtf8(value)) {
            json.writeStringField(key, value);
        } else {
            json.writeStringField(key, shown ? Text.escaped(value) : Text.escapedBytes(value));
            json.writeBooleanField(key + "_escaped", true);
        }
    }
}

// exporters/psm/format/JsonFormat.java

/**
 * A JSON document for programs, see {@link JsonDocument}. It is one line, or indented on a
 * terminal, and ends with a newline. Characters that could harm a terminal are escaped as {@code
 * \\u001b}, which is the same to a program.
 */
final class JsonFormat {
    private JsonFormat() {}

    /** Writes a report as one document. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonGenerator json = generator(new JsonFactory(), output);
        if (output.terminal()) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
        }
        new JsonDocument(json, report, false).write();
        json.writeRaw('\n');
        json.close();
    }

    /** Returns a generator of JSON that is harmless to a terminal; it does not close the stream. */
    static JsonGenerator generator(JsonFactory factory, Psm.Output output) throws IOException {
        JsonGenerator json = factory.createGenerator(output.stream());
        json.setCharacterEscapes(new HarmfulEscapes());
        return json.configure(JsonGenerator.Feature.AUTO_CLOSE_TARGET, false);
    }

    /** Escapes harmful characters; Jackson itself escapes those below 0x20 and beyond 0xFFFF. */
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

// exporters/psm/format/MarkdownFormat.java

/**
 * Writes tables in the Markdown of GitHub and GitLab, to paste into a ticket: the columns and names
 * of {@link TableFormat}, numbers first; the totals; a table for each account; the time and the
 * host of the scan, and what it leaves out. Names are code, in which nothing is markup, HTML, a
 * link or a mention; {@code `} and {@code |}, which would end it, are written as {@code \x60} and
 * {@code \x7c}. The columns are aligned, so that the source is readable too.
 */
final class MarkdownFormat {
    /** The maximum length of a name. */
    private static final int MAX_NAME_CHARS = 64;

    private final Psm.Report report;
    private final StringBuilder out = new StringBuilder();

    /** The columns that have cells of their own, from left to right: numbers, then texts. */
    private final List<Psm.Column> cells = new ArrayList<>();

    /** The index of each of the {@link #cells} in the values of a row. */
    private final List<Integer> indexes = new ArrayList<>();

    /** The position of the row's name among the {@link #cells}: the first text. */
    private final int name;

    /** The indexes of the columns that are shown as marks after the name. */
    private final List<Integer> marks = new ArrayList<>();

    private final Sizes sizes;

    private final List<Psm.Column> columns;
    private final List<Psm.Row> listed;

    /** Prepares the table of a report, or of a list in an account. */
    private MarkdownFormat(
            Psm.Report report, List<Psm.Column> columns, List<Psm.Row> rows, Psm.Layout layout) {
        this.report = report;
        this.columns = columns;
        this.listed = rows;
        this.sizes = new Sizes(layout.unit(), layout.si());
        int[] shown = TableColumns.shown(columns.toArray(new Psm.Column[0]));
        addCells(shown, false);
        name = cells.size();
        addCells(shown, true);
    }

    private void addCells(int[] shown, boolean texts) {
        for (int index : shown) {
            Psm.Column column = columns.get(index);
            if ((column.kind() == Psm.Kind.TEXT) == texts) {
                if (column.kind() == Psm.Kind.COUNT && column.sparse()) {
                    marks.add(index);
                } else {
                    cells.add(column);
                    indexes.add(index);
                }
            }
        }
    }

    static void write(Psm.Report report, Psm.Output output) throws IOException {
        Psm.Layout layout = output.layout();
        MarkdownFormat markdown =
                new MarkdownFormat(report, report.columns(), report.rows(), layout);
        for (Psm.Account account : report.accounts()) {
            if (account.above()) {
                markdown.account(account, layout, "", "\n");
            }
        }
        markdown.rows(true);
        for (Psm.Account account : report.accounts()) {
            if (!account.above()) {
                markdown.account(account, layout, "\n", "");
            }
        }
        markdown.origin();
        output.stream().write(markdown.out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private void rows(boolean isReport) {
        List<String[]> lines = new ArrayList<>();
        boolean[] right = new boolean[cells.size()];
        String[] head = new String[cells.size()];
        boolean isUnitShown = false;
        for (int i = 0; i < head.length; i++) {
            Psm.Column column = cells.get(i);
            boolean isFirstSize = column.kind() == Psm.Kind.BYTES && !isUnitShown;
            isUnitShown |= isFirstSize;
            head[i] = plain(isFirstSize ? sizes.titled(column.title()) : column.title());
            right[i] = column.kind() != Psm.Kind.TEXT;
        }
        lines.add(head);
        for (Psm.Row row : listed) {
            lines.add(row(row));
        }
        if (isReport && report.more() != null) {
            lines.add(report.more().first() ? 1 : lines.size(), more());
        }
        if (isReport && TableFormat.isSummed(report)) {
            lines.add(totals());
        }
        table(lines, right);
    }

    private String[] row(Psm.Row row) {
        String[] line = new String[cells.size()];
        long count = 0;
        for (int i = 0; i < line.length; i++) {
            Psm.Column column = cells.get(i);
            Object value = row.values().get(indexes.get(i));
            boolean blank = column.sparse() && CellText.isZero(value);
            line[i] = value == null || blank ? "" : cell(column, value);
            count = column.kind() == Psm.Kind.COUNT && value != null ? (Long) value : count;
        }
        if (name < line.length) {
            line[name] += marks(row, count);
        }
        return line;
    }

    private String[] more() {
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object sum = report.more().sums().values().get(indexes.get(i));
            line[i] = sum == null ? "" : cell(cells.get(i), sum);
        }
        if (name < line.length) {
            line[name] = "(" + report.more().rows() + " more)";
        }
        return line;
    }

    private String marks(Psm.Row row, long count) {
        StringBuilder out = new StringBuilder();
        for (int index : marks) {
            String title = plain(columns.get(index).title());
            CellText.mark(out, title, (Long) row.values().get(index), count);
        }
        return out.toString();
    }

    private String cell(Psm.Column column, Object value) {
        return switch (column.kind()) {
            case TEXT -> code((String) value, column.chars());
            case COUNT, PID, DEPTH -> value.toString();
            case PIDS -> CellText.pids((List<?>) value);
            case BYTES, NUMBER, PERCENT -> CellText.figure(column.kind(), value, sizes);
        };
    }

    /** Returns the totals, each after a mark that says how exact it is. */
    private String[] totals() {
        String mark = CellText.totalsMark(report.processes(), true).substring(1);
        String[] line = new String[cells.size()];
        for (int i = 0; i < line.length; i++) {
            Object total = report.totals().values().get(indexes.get(i));
            String text = total == null ? "" : cell(cells.get(i), total);
            line[i] = text.isEmpty() ? "" : bold(mark.isEmpty() ? text : mark + ' ' + text);
        }
        if (name < line.length) {
            line[name] = bold(TableFormat.TOTALS);
        }
        return line;
    }

    /** Appends the table of an account, unless all of it is zero. */
    private void account(Psm.Account account, Psm.Layout layout, String before, String after) {
        if (account.isList() && !account.rows().isEmpty()) {
            MarkdownFormat list =
                    new MarkdownFormat(report, account.columns(), account.rows(), layout);
            list.rows(false);
            out.append(before).append(list.out).append(after);
        }
        List<String[]> lines = new ArrayList<>();
        boolean isAny = false;
        boolean areBytes = true;
        for (Psm.Entry entry : account.entries()) {
            areBytes &= entry.kind() == Psm.Kind.BYTES;
        }
        String unit = sizes.titled("").strip();
        lines.add(new String[] {areBytes ? unit : "", plain(account.key().replace('_', ' '))});
        for (Psm.Entry entry : account.entries()) {
            String figure = CellText.figure(entry.kind(), entry.value(), sizes);
            boolean isNone = CellText.isZero(entry.value()) && !entry.sum() && !account.above();
            if (!isNone && !figure.isEmpty()) {
                figure +=
                        entry.kind() == Psm.Kind.BYTES && !areBytes && !unit.isEmpty()
                                ? " " + unit
                                : "";
                String title = plain(entry.title());
                lines.add(
                        entry.sum()
                                ? new String[] {bold(figure), bold(title)}
                                : new String[] {figure, title});
                isAny |= !CellText.isZero(entry.value());
            }
        }
        if (isAny) {
            out.append(before);
            table(lines, new boolean[] {true, false});
            out.append(after);
        }
    }

    /** Appends a table: the first line is its header, the last column is not padded. */
    private void table(List<String[]> lines, boolean[] right) {
        int[] widths = new int[right.length];
        for (String[] line : lines) {
            for (int i = 0; i < widths.length - 1; i++) {
                widths[i] = Math.max(widths[i], line[i].length());
            }
        }
        line(lines.get(0), widths, right);
        for (int i = 0; i < widths.length; i++) {
            out.append("| ").append("-".repeat(Math.max(3, widths[i]) - 1));
            out.append(right[i] ? ": " : "- ");
        }
        out.append("|\n");
        for (String[] line : lines.subList(1, lines.size())) {
            line(line, widths, right);
        }
    }

    private void line(String[] cells, int[] widths, boolean[] right) {
        for (int i = 0; i < cells.length; i++) {
            String blanks = " ".repeat(Math.max(0, Math.max(3, widths[i]) - cells[i].length()));
            boolean isLast = i == cells.length - 1;
            out.append("| ").append(right[i] ? blanks : "").append(cells[i]);
            out.append(right[i] || isLast ? "" : blanks).append(' ');
        }
        out.append("|\n");
    }

    private void origin() {
        Psm.Processes processes = report.processes();
        out.append('\n').append(LeftOut.processes(processes.measured()));
        if (report.host() != null) {
            out.append(" on ").append(code(report.host(), 0));
        }
        if (report.kernel() != null) {
            out.append(" (Linux ").append(code(report.kernel(), 0)).append(')');
        }
        out.append(", ").append(Text.utc(report.takenAt())).append(", scanned in ");
        out.append(CellText.milliseconds(report.scanNanos())).append(" ms by psm ");
        out.append(plain(report.psmVersion())).append(". ").append(sizes.inWords()).append(".\n");
        if (!processes.complete()) {
            String leftOut = LeftOut.inWords(processes, LeftOut.Details.NONE);
            out.append("Not included: ").append(leftOut).append(".\n");
        }
        if (processes.estimated() > 0) {
            String estimated = LeftOut.estimated(processes.estimates(), LeftOut.Details.NONE);
            out.append("Estimated, so possibly too high: ").append(estimated).append(".\n");
        }
    }

    /** Returns a name as code, so that no part of it is markup. */
    private static String code(String name, int chars) {
        String shown =
                CellText.name(name, chars > 0 ? chars : MAX_NAME_CHARS)
                        .replace("`", "\\x60")
                        .replace("|", "\\x7c");
        return shown.isEmpty() ? "" : '`' + shown + '`';
    }

    /** Escapes the characters of a title that would be markup. */
    private static String plain(String title) {
        return Text.printable(title).replaceAll("[\\\\`*_~|<>&\\[\\]@#$]", "\\\\$0");
    }

    private static String bold(String text) {
        return "**" + text + "**";
    }
}

// exporters/psm/format/NdjsonFormat.java

/**
 * Writes JSON lines for jq and log collectors: each line is an object with its {@code kind}, and
 * the time and the host of the scan. The rows come first ({@code "kind":"row"}), then the accounts,
 * whose keys are their kinds, and last the totals ({@code "kind":"totals"}) with the other members
 * of a {@link JsonDocument}. The members have the same names and meanings as there.
 */
final class NdjsonFormat {
    private NdjsonFormat() {}

    /** Writes the lines of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        JsonFactory lines = new JsonFactory().setRootValueSeparator("\n");
        JsonGenerator json = JsonFormat.generator(lines, output);
        JsonDocument document = new JsonDocument(json, report, false);
        for (Psm.Row row : report.rows()) {
            start(json, document, "row");
            document.row(row);
            json.writeEndObject();
        }
        for (Psm.Account account : report.accounts()) {
            account(json, document, account);
        }
        json.writeStartObject();
        json.writeStringField("kind", "totals");
        document.origin();
        document.totals();
        if (report.more() != null) {
            document.more();
        }
        json.writeEndObject();
        json.writeRaw('\n');
        json.close();
    }

    /** Writes an account as one line, or if it is a list, each of its rows as one line. */
    private static void account(JsonGenerator json, JsonDocument document, Psm.Account account)
            throws IOException {
        if (!account.isList()) {
            start(json, document, account.key());
            document.account(account);
            json.writeEndObject();
        }
        for (Psm.Row row : account.rows()) {
            start(json, document, account.key());
            document.row(account.columns(), row);
            json.writeEndObject();
        }
    }

    private static void start(JsonGenerator json, JsonDocument document, String kind)
            throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", kind);
        document.takenAt();
        document.host();
    }
}

// exporters/psm/format/Percent.java

/**
 * Formats percentages ({@link psm.Psm.Kind#PERCENT}) for all formats. A percentage that is infinite
 * or not a number counts as missing.
 */
final class Percent {
    /** The limit above which a percentage is not rounded; no meaningful percentage is as high. */
    private static final double MAX_WITH_DECIMALS = 1e12;

    private Percent() {}

    /** Rounds to three decimals, for JSON and CSV; returns {@code null} if it is missing. */
    static Double rounded(Double percent) {
        return isMissing(percent) ? null : (Double) rounded(percent, 1_000);
    }

    /** Returns a text with one decimal, for people; an empty text if the percentage is missing. */
    static String text(Double percent) {
        if (isMissing(percent)) {
            return "";
        }
        double rounded = rounded(percent, 10);
        if (Math.abs(rounded) >= MAX_WITH_DECIMALS) {
            return rounded + "%";
        }
        long tenths = Math.round(Math.abs(rounded) * 10);
        return (rounded < 0 ? "-" : "") + tenths / 10 + '.' + tenths % 10 + '%';
    }

    private static boolean isMissing(Double percent) {
        return percent == null || percent.isNaN() || percent.isInfinite();
    }

    /** Rounds half to even, as sizes are rounded; zero has no sign. */
    private static double rounded(double percent, int parts) {
        return Math.abs(percent) >= MAX_WITH_DECIMALS
                ? percent
                : Math.rint(percent * parts) / parts + 0.0;
    }
}

// exporters/psm/format/SpreadsheetFields.java

/**
 * Makes the fields of a row for spreadsheets, whatever separates them: sizes are whole bytes, a
 * missing figure is {@code null}, pids are separated by spaces, and no name is a formula.
 */
final class SpreadsheetFields {
    /** The first characters of formulas, also in full width as on Japanese keyboards. */
    private static final String FORMULA = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /** The first characters of numbers and dates, which a spreadsheet would reformat. */
    private static final String NUMBER = "0123456789(.$%";

    /** A date that begins with an English month. */
    private static final Pattern MONTH =
            Pattern.compile(
                    "(?i)(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
                            + "|sep(t(ember)?)?|oct(ober)?|nov(ember)?|dec(ember)?)"
                            + "[ ,./-]*[0-9].*");

    /** The characters that some spreadsheets take for the end of a field, even in quotes. */
    private static final String SEPARATORS = ",;|";

    private static final String QUOTES = "\"'`\u2018\u2019\u201C\u201D";

    private SpreadsheetFields() {}

    /** Returns the titles of the fields: the keys of the columns, the host, and the time. */
    static List<Object> titles(Psm.Report report) {
        List<Object> titles = new ArrayList<>();
        for (Psm.Column column : report.columns()) {
            titles.add(column.key());
        }
        titles.addAll(List.of("host", "taken_at"));
        return titles;
    }

    /**
     * Returns the fields of a row: texts, numbers and {@code null}. The last two are the host and
     * the time of the scan, so that the rows of several files can be put together.
     *
     * @param names the function that makes a text harmless
     */
    static List<Object> of(Psm.Report report, Psm.Row row, UnaryOperator<String> names) {
        List<Psm.Column> columns = report.columns();
        List<Object> fields = new ArrayList<>(columns.size() + 2);
        for (int i = 0; i < columns.size(); i++) {
            Object value = row.values().get(i);
            fields.add(value == null ? null : field(columns.get(i), value, names));
        }
        fields.add(report.host() == null ? null : names.apply(report.host()));
        fields.add(Text.utc(report.takenAt()));
        return fields;
    }

    private static Object field(Psm.Column column, Object value, UnaryOperator<String> names) {
        return switch (column.kind()) {
            case TEXT -> names.apply((String) value);
            case COUNT, BYTES, NUMBER, PID, DEPTH -> value;
            case PERCENT -> Percent.rounded((Double) value);
            case PIDS -> joined((List<?>) value);
        };
    }

    /**
     * Puts an apostrophe before everything that begins like a formula, even after blanks or quotes,
     * as OWASP advises (CSV Injection). A formula after a separator gets an apostrophe too: some
     * spreadsheets begin a new field there, even in quotes.
     *
     * @param printable a name whose tabs and line breaks are escaped
     */
    static String neutralised(String printable) {
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

// exporters/psm/format/TableBar.java

/**
 * Makes the bars of a table. A bar shows the first size of a row as a share of its total, or if it
 * has no total, as a share of the largest one.
 */
final class TableBar {
    static final int CHARS = 10;

    private final boolean isUnicode;

    /** The place of the first size, -1 if the table shows none. */
    private final int place;

    /** The size that a full bar stands for, {@code null} if it is not known. */
    private final Object whole;

    TableBar(TableColumns columns, List<Psm.Row> rows, Psm.Row totals, boolean isUnicode) {
        this.isUnicode = isUnicode;
        int first = 0;
        while (first < columns.figures() && columns.at(first).kind() != Psm.Kind.BYTES) {
            first++;
        }
        place = first < columns.figures() ? first : -1;
        if (place >= 0 && columns.at(place).summed()) {
            whole = columns.value(totals, place);
        } else {
            whole = place < 0 ? null : (Object) largest(columns, rows);
        }
    }

    private long largest(TableColumns columns, List<Psm.Row> rows) {
        long largest = 0;
        for (Psm.Row row : rows) {
            largest = columns.value(row, place) instanceof Long n ? Math.max(largest, n) : largest;
        }
        return largest;
    }

    /** Appends a row's bar, and blanks so that all bars have the same width. */
    void append(StringBuilder out, TableColumns columns, Psm.Row row) {
        int filled = place < 0 ? 0 : eighths(columns.value(row, place));
        int start = out.length();
        for (int i = 0; i < filled / 8; i++) {
            out.append(isUnicode ? '\u2588' : '#');
        }
        if (isUnicode && filled % 8 > 0) {
            out.append((char) ('\u2590' - filled % 8));
        } else if (!isUnicode && filled % 8 >= 4) {
            out.append('-');
        }
        while (out.length() - start <= CHARS) {
            out.append(' ');
        }
    }

    private int eighths(Object part) {
        if (part instanceof Long some && whole instanceof Long total && total > 0) {
            double share = Math.max(0, Math.min(1, (double) some / total));
            return (int) Math.round(share * CHARS * 8);
        }
        return 0;
    }
}

// exporters/psm/format/TableColumns.java

/**
 * The columns that a table shows, from left to right, and the width of each, so that lines fit into
 * the layout's width. Figures come first, then a tab, then names. If too little of a line is left
 * for names, figures become narrower, and then the last ones are left out.
 *
 * <p>A place is the position of a column in the table, an index its position in the report.
 */
final class TableColumns {
    /** The width of a figure, unless it has more digits or the window is narrow. */
    static final int FIGURE_CHARS = 10;

    /**
     * The number of characters to keep for names: figures for which fewer are left are left out.
     */
    static final int MIN_NAME_CHARS = 16;

    /** The number of characters for names below which figures become as narrow as possible. */
    private static final int AMPLE_NAME_CHARS = 40;

    /** The maximum length of a name that another name follows. */
    static final int MAX_NAME_CHARS = 32;

    /** The distance of a terminal's tab stops. */
    private static final int TAB_CHARS = 8;

    private final Psm.Column[] columns;
    private final List<Psm.Row> rows;

    /** The report whose totals and accounts use these columns, or {@code null}. */
    private final Psm.Report summed;

    private final Psm.Layout layout;
    private final Sizes sizes;
    private final boolean isUnicode;

    /** The index of the column at each place. */
    private int[] places;

    /** The number of figures, which stand before the names. */
    private int figures;

    /** The place of the last name; only counts and marks come after it. */
    private int last;

    /** The width of the column at each place; 0 for the last name, which is not padded. */
    private int[] widths;

    private boolean isTight;

    /** The titles of figures that do not fit into the width. */
    private final List<String> leftOut = new ArrayList<>();

    /**
     * Lays out the columns.
     *
     * @param summed the report whose totals and accounts use these columns too; {@code null} for a
     *     list, which has none
     */
    TableColumns(
            List<Psm.Column> columns,
            List<Psm.Row> rows,
            Psm.Report summed,
            Psm.Layout layout,
            boolean isUnicode) {
        this.columns = columns.toArray(new Psm.Column[0]);
        this.rows = rows;
        this.summed = summed;
        this.layout = layout;
        this.sizes = new Sizes(layout.unit(), layout.si());
        this.isUnicode = isUnicode;
        place(shown(this.columns));
        if (layout.width() > 0 && nameChars() < AMPLE_NAME_CHARS) {
            isTight = true;
            place(places);
        }
        while (layout.width() > 0 && figures > 1 && nameChars() < MIN_NAME_CHARS) {
            leftOut.add(0, at(figures - 1).title());
            place(without(places, figures - 1));
        }
    }

    private void place(int... shown) {
        places = shown;
        figures = 0;
        while (figures < places.length && isFigure(at(figures))) {
            figures++;
        }
        last = -1;
        for (int i = figures; i < places.length; i++) {
            last = isName(i) ? i : last;
        }
        widths = widths();
    }

    private static int[] without(int[] all, int place) {
        int[] others = Arrays.copyOf(all, all.length - 1);
        System.arraycopy(all, place + 1, others, place, others.length - place);
        return others;
    }

    // Contents

    int figures() {
        return figures;
    }

    /** Returns the number of figures and names together. */
    int count() {
        return places.length;
    }

    Psm.Column at(int place) {
        return columns[places[place]];
    }

    Object value(Psm.Row row, int place) {
        return row.values().get(places[place]);
    }

    int width(int place) {
        return widths[place];
    }

    boolean isLast(int place) {
        return place == last;
    }

    List<String> leftOut() {
        return leftOut;
    }

    /** Returns the place of the figure with a key; -1 if the table does not show it. */
    int placeOf(String key) {
        for (int i = 0; i < figures; i++) {
            if (at(i).key().equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** Returns the title of a figure: the first size names the unit of all sizes. */
    String title(int place) {
        boolean isFirstSize = at(place).kind() == Psm.Kind.BYTES;
        for (int i = 0; i < place; i++) {
            isFirstSize &= at(i).kind() != Psm.Kind.BYTES;
        }
        return isFirstSize ? sizes.titled(at(place).title()) : at(place).title();
    }

    int figuresWidth() {
        int width = 0;
        for (int i = 0; i < figures; i++) {
            width += widths[i];
        }
        return width;
    }

    /** Returns how many characters of a line are to the right of the figures and the bar. */
    int charsBesideFigures() {
        int figuresWidth = figuresWidth();
        int tab = TAB_CHARS - figuresWidth % TAB_CHARS;
        return layout.width() - figuresWidth - tab - (layout.bars() ? TableBar.CHARS + 1 : 0);
    }

    /** Returns how many characters of a line are left for the last name and what follows it. */
    int nameChars() {
        int chars = charsBesideFigures();
        for (int i = figures; i < last; i++) {
            chars -= isName(i) ? widths[i] + 1 : 0;
        }
        return chars;
    }

    /** Returns the text of a name, a pid or pids. */
    String name(int place, Psm.Row row) {
        Object value = value(row, place);
        if (value == null) {
            return "-";
        }
        if (value instanceof List<?> pids) {
            return CellText.pids(pids);
        }
        if (value instanceof Long pid) {
            return pid.toString();
        }
        int chars = at(place).chars();
        if (chars > 0 || isLast(place)) {
            return CellText.name((String) value, chars);
        }
        return CellText.name(CellText.elided((String) value, MAX_NAME_CHARS), MAX_NAME_CHARS);
    }

    // Order and widths

    /** Returns the indexes of the columns that a table shows, from left to right. */
    static int[] shown(Psm.Column... columns) {
        int[] places = new int[columns.length];
        int shown = 0;
        for (int i = 0; i < columns.length; i++) {
            if (columns[i].display() > 0) {
                int place = shown++;
                while (place > 0 && isAfter(columns[places[place - 1]], columns[i])) {
                    places[place] = places[place - 1];
                    place--;
                }
                places[place] = i;
            }
        }
        return Arrays.copyOf(places, shown);
    }

    private static boolean isAfter(Psm.Column a, Psm.Column b) {
        boolean isFigure = isFigure(a);
        return isFigure == isFigure(b) ? a.display() > b.display() : isFigure(b);
    }

    private static boolean isFigure(Psm.Column column) {
        Psm.Kind kind = column.kind();
        return kind == Psm.Kind.BYTES || kind == Psm.Kind.NUMBER || kind == Psm.Kind.PERCENT;
    }

    private boolean isName(int place) {
        Psm.Kind kind = at(place).kind();
        return kind == Psm.Kind.TEXT || kind == Psm.Kind.PID || kind == Psm.Kind.PIDS;
    }

    private int[] widths() {
        int[] widest = new int[places.length];
        for (int i = 0; i < figures; i++) {
            widest[i] = figureWidth(i);
        }
        for (int i = figures; i < last; i++) {
            if (isName(i)) {
                widest[i] = at(i).title().length();
                for (Psm.Row row : rows) {
                    String text = name(i, row);
                    widest[i] = Math.max(widest[i], text.codePointCount(0, text.length()));
                }
            }
        }
        return widest;
    }

    /** Returns the width of a figure with a blank before it; the sign precedes the first total. */
    private int figureWidth(int place) {
        int blanks = place == 0 ? 1 : 2;
        int width = Math.max(isTight ? 0 : FIGURE_CHARS, title(place).length() + blanks);
        for (Psm.Row row : rows) {
            width = Math.max(width, chars(place, value(row, place)) + blanks);
        }
        if (summed != null) {
            int mark = CellText.totalsMark(summed.processes(), isUnicode).length();
            int total = chars(place, value(summed.totals(), place));
            width = Math.max(width, total + (place == 0 ? mark : 1));
            width = Math.max(width, widestEntry(at(place).key()) + 1);
        }
        return width;
    }

    private int chars(int place, Object value) {
        return CellText.figure(at(place).kind(), value, sizes).length();
    }

    /** Returns the length of the longest figure that explains a column's total; -1 for none. */
    private int widestEntry(String key) {
        int widest = -1;
        for (Psm.Account account : summed.accounts()) {
            for (Psm.Entry entry : account.entries()) {
                if (key.equals(account.column())) {
                    String text = CellText.figure(entry.kind(), entry.value(), sizes);
                    widest = Math.max(widest, text.length());
                }
            }
        }
        return widest;
    }
}

// exporters/psm/format/TableFormat.java

/**
 * Writes the table for people, with the layout of Go's psm: figures in columns of ten characters,
 * sizes in MB (2^20 bytes) unless another unit is requested, a tab, and the names with the number
 * of their processes. Below the totals come the host's own figures and the time of the scan. A
 * table contains no lists of pids, and no names longer than 32 characters unless they are the last
 * in a line.
 */
final class TableFormat {
    static final String TOTALS = "TOTAL USED BY PROCESSES";
    private static final String TOTALS_IN_SHORT = "TOTAL";

    // ECMA-48, Select Graphic Rendition.
    private static final String BOLD = "\u001b[1m";
    private static final String FAINT = "\u001b[2m";
    private static final String RED = "\u001b[31m";
    private static final String PLAIN = "\u001b[0m";

    /** The percentage of a limit from which on it is red, since the limit is nearly reached. */
    private static final double ALARMING = 90;

    private final Psm.Report report;
    private final Psm.Output output;
    private final Psm.Layout layout;
    private final Sizes sizes;
    private final TableColumns columns;

    /** The bars of the rows; {@code null} if none are requested. */
    private final TableBar bar;

    private final StringBuilder out = new StringBuilder();
    private int linesAboveRows;

    /** Makes the table of a report, of any height. */
    TableFormat(Psm.Report report, Psm.Output output) {
        this(
                report,
                output,
                new TableColumns(
                        report.columns(), report.rows(), report, output.layout(), output.unicode()),
                report.ranking().inTable());
        if (layout.totalsAlone() && layout.unit() == Psm.Unit.B) {
            bareTotal();
        } else {
            table();
        }
    }

    private TableFormat(
            Psm.Report report, Psm.Output output, TableColumns columns, List<Psm.Row> rows) {
        this.report = report;
        this.output = output;
        this.layout = output.layout();
        this.sizes = new Sizes(layout.unit(), layout.si());
        this.columns = columns;
        this.bar =
                layout.bars()
                        ? new TableBar(columns, rows, report.totals(), output.unicode())
                        : null;
    }

    /** Writes a report as a table that fits into the width and the height of its layout. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        String table =
                output.layout().height() > 0
                        ? TableHeight.fit(report, output)
                        : new TableFormat(report, output).text();
        output.stream().write(table.getBytes(StandardCharsets.UTF_8));
    }

    String text() {
        return out.toString();
    }

    /** Returns how many lines come before the rows: the accounts and the titles. */
    int linesAboveRows() {
        return linesAboveRows;
    }

    int lines() {
        return newlines(out);
    }

    private static int newlines(CharSequence text) {
        int lines = 0;
        for (int i = 0; i < text.length(); i++) {
            lines += text.charAt(i) == '\n' ? 1 : 0;
        }
        return lines;
    }

    // The parts of a table, from its top to its end

    private void table() {
        if (!layout.totalsAlone()) {
            for (Psm.Account account : report.accounts()) {
                if (account.above()) {
                    accountAbove(account);
                }
            }
        }
        if (layout.header()) {
            coloured(FAINT, header());
        }
        linesAboveRows = lines();
        Psm.More more = report.more();
        if (more != null && !more.first()) {
            more(more);
        }
        rows(report.ranking().inTable());
        if (more != null && more.first()) {
            more(more);
        }
        if (isSummed(report)) {
            coloured(BOLD, totals());
        }
        if (!layout.totalsAlone()) {
            for (Psm.Account account : report.accounts()) {
                if (!account.above()) {
                    account(account);
                }
            }
            time();
        }
    }

    /** Appends the first figure that has a total, and nothing else, for scripts. */
    private void bareTotal() {
        for (int i = 0; i < columns.figures(); i++) {
            Object total = columns.value(report.totals(), i);
            if (columns.at(i).summed()) {
                out.append(total == null ? "" : total).append('\n');
                return;
            }
        }
    }

    /** Appends an account above the rows, and an empty line. An empty list is left out. */
    private void accountAbove(Psm.Account account) {
        if (account.isList()) {
            if (account.rows().isEmpty()) {
                return;
            }
            TableColumns columnsOfList =
                    new TableColumns(
                            account.columns(), account.rows(), null, layout, output.unicode());
            TableFormat list = new TableFormat(report, output, columnsOfList, account.rows());
            coloured(FAINT, list.header());
            List<Psm.Row> rows = new ArrayList<>(account.rows());
            Collections.reverse(rows);
            list.rows(rows);
            out.append(list.out);
        }
        for (Psm.Entry entry : account.entries()) {
            boolean isSize = entry.kind() == Psm.Kind.BYTES;
            String figure = CellText.figure(entry.kind(), entry.value(), sizes);
            padded(out, figure.isEmpty() ? "-" : figure, TableColumns.FIGURE_CHARS);
            out.append('\t').append(isSize ? sizes.titled(entry.title()) : entry.title());
            out.append('\n');
        }
        out.append('\n');
    }

    private StringBuilder header() {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < columns.figures(); i++) {
            padded(line, columns.title(i), columns.width(i));
        }
        line.append('\t');
        int start = line.length();
        noBar(line);
        for (int i = columns.figures(); i < columns.count(); i++) {
            Psm.Column column = columns.at(i);
            switch (column.kind()) {
                case TEXT, PID, PIDS -> cell(line, column.title(), i);
                case COUNT -> {
                    if (!column.sparse()) {
                        line.append(" (").append(column.title()).append(')');
                    }
                }
                default -> {}
            }
        }
        cutNames(line, start, 0);
        return line;
    }

    private void rows(List<Psm.Row> rows) {
        for (Psm.Row row : rows) {
            row(row);
        }
    }

    private void row(Psm.Row row) {
        figures(out, row, true);
        out.append('\t');
        if (bar != null) {
            bar.append(out, columns, row);
        }
        int start = out.length();
        StringBuilder after = countAndMarks(row);
        long depth = 0;
        for (int i = columns.figures(); i < columns.count(); i++) {
            switch (columns.at(i).kind()) {
                case DEPTH -> depth = (Long) columns.value(row, i);
                case TEXT -> {
                    padded(out, "", (int) Math.min(2 * depth, TableColumns.MAX_NAME_CHARS));
                    cell(out, elided(columns.name(i, row), i, after.length()), i);
                }
                case PID, PIDS -> cell(out, columns.name(i, row), i);
                default -> {}
            }
        }
        cutNames(out, start, after.length());
        out.append(after).append('\n');
    }

    /** Returns what comes after a row's names: the number of processes, and marks. */
    private StringBuilder countAndMarks(Psm.Row row) {
        StringBuilder after = new StringBuilder();
        long count = 0;
        for (int i = columns.figures(); i < columns.count(); i++) {
            Psm.Column column = columns.at(i);
            if (column.kind() == Psm.Kind.COUNT) {
                Long value = (Long) columns.value(row, i);
                if (column.sparse()) {
                    CellText.mark(after, column.title(), value, count);
                } else if (value != null) {
                    count = value;
                    after.append(" (").append(value).append(')');
                }
            }
        }
        return after;
    }

    private void more(Psm.More more) {
        StringBuilder line = new StringBuilder();
        figures(line, more.sums(), false);
        line.append('\t');
        noBar(line);
        int start = line.length();
        line.append('(').append(more.rows()).append(" more)");
        cutNames(line, start, 0);
        coloured(FAINT, line);
    }

    /** Returns whether a report has totals. */
    static boolean isSummed(Psm.Report report) {
        for (Psm.Column column : report.columns()) {
            if (column.summed()) {
                return true;
            }
        }
        return false;
    }

    private StringBuilder totals() {
        StringBuilder sums = new StringBuilder();
        figures(sums, report.totals(), false);
        StringBuilder line = new StringBuilder();
        marked(line, CellText.totalsMark(report.processes(), output.unicode()), sums);
        line.append('\t');
        noBar(line);
        boolean isNarrow = layout.width() > 0 && columns.charsBesideFigures() < TOTALS.length();
        return line.append(isNarrow ? TOTALS_IN_SHORT : TOTALS);
    }

    /** Appends an account, unless all of it is zero or the table does not show its column. */
    private void account(Psm.Account account) {
        int place = columns.placeOf(account.column());
        if (place < 0) {
            return;
        }
        boolean isAny = false;
        for (Psm.Entry entry : account.entries()) {
            isAny |= entry.value() != null && !CellText.isZero(entry.value());
        }
        for (Psm.Entry entry : account.entries()) {
            String figure = CellText.figure(entry.kind(), entry.value(), sizes);
            boolean isZero = CellText.isZero(entry.value()) && !entry.sum();
            if (isAny && !isZero && !figure.isEmpty()) {
                StringBuilder line = new StringBuilder();
                for (int i = 0; i < columns.figures(); i++) {
                    padded(line, i == place ? figure : "", columns.width(i));
                }
                StringBuilder marked = new StringBuilder();
                marked(marked, entry.sum() ? "#" : "", line);
                beside(marked.toString(), entry.title());
            }
        }
    }

    private void time() {
        StringBuilder time = new StringBuilder(Text.utc(report.takenAt()));
        time.append(", scanned in ").append(CellText.milliseconds(report.scanNanos()));
        time.append(" ms");
        alone(time.toString());
        if (!columns.leftOut().isEmpty()) {
            alone("too narrow for " + String.join(", ", columns.leftOut()));
        }
    }

    // Lines

    private void coloured(String colour, CharSequence line) {
        if (layout.colour()) {
            out.append(colour).append(line).append(PLAIN).append('\n');
        } else {
            out.append(line).append('\n');
        }
    }

    /** Appends a line without figures: below the names, or further left if it is too long. */
    private void alone(String words) {
        if (layout.width() == 0 || words.length() <= columns.charsBesideFigures()) {
            beside("", words);
        } else {
            String shown = Text.cut(words, layout.width());
            padded(out, "", layout.width() - shown.length());
            out.append(shown).append('\n');
        }
    }

    /**
     * Appends figures and the words that explain them; words that do not fit continue on the next
     * line.
     */
    private void beside(String figures, String words) {
        int maxChars = Math.max(columns.charsBesideFigures(), TableColumns.MIN_NAME_CHARS);
        StringBuilder left = new StringBuilder(figures);
        String rest = words;
        while (true) {
            padded(left, "", columns.figuresWidth() - left.length());
            left.append('\t');
            noBar(left);
            boolean isLong = layout.width() > 0 && rest.length() > maxChars;
            int end = isLong ? rest.lastIndexOf(' ', maxChars) : -1;
            if (end <= 0) {
                break;
            }
            out.append(left).append(rest, 0, end).append('\n');
            rest = rest.substring(end + 1);
            left.setLength(0);
        }
        out.append(left).append(rest).append('\n');
    }

    private void figures(StringBuilder line, Psm.Row row, boolean isGroup) {
        for (int i = 0; i < columns.figures(); i++) {
            Psm.Column column = columns.at(i);
            Object value = columns.value(row, i);
            boolean isBlank = isGroup && column.sparse() && CellText.isZero(value);
            String text = isBlank ? "" : CellText.figure(column.kind(), value, sizes);
            boolean isAlarming =
                    layout.colour() && value instanceof Double percent && percent >= ALARMING;
            line.append(isAlarming ? RED : "");
            padded(line, text, columns.width(i));
            line.append(isAlarming ? PLAIN : "");
        }
    }

    /** Appends a line with a sign at its start, which replaces blanks but never a digit. */
    private static void marked(StringBuilder out, String mark, CharSequence line) {
        int blanks = 0;
        while (blanks < mark.length() && blanks < line.length() && line.charAt(blanks) == ' ') {
            blanks++;
        }
        out.append(mark).append(line, blanks, line.length());
    }

    /** Appends blanks as wide as the bar of a row. */
    private void noBar(StringBuilder line) {
        padded(line, "", layout.bars() ? TableBar.CHARS + 1 : 0);
    }

    /** Appends a name or a pid; pids are aligned to the right, and the last name is not padded. */
    private void cell(StringBuilder line, String text, int place) {
        int width = columns.width(place);
        int blanks = width - text.codePointCount(0, text.length());
        boolean isPid = columns.at(place).kind() != Psm.Kind.TEXT;
        if (isPid) {
            padded(line, "", blanks);
        }
        line.append(text);
        if (!isPid) {
            padded(line, "", blanks);
        }
        if (width > 0) {
            line.append(' ');
        }
    }

    /** Shortens the last name if it is too long for the window. */
    private String elided(String name, int place, int charsAfter) {
        boolean isLong = layout.width() > 0 && columns.isLast(place);
        return isLong && columns.at(place).chars() == 0
                ? CellText.elided(name, columns.nameChars() - charsAfter)
                : name;
    }

    /**
     * Cuts names that are too long for the window.
     *
     * @param start the index in the line at which they start
     * @param charsAfter the number of characters after them, which must fit too
     */
    private void cutNames(StringBuilder line, int start, int charsAfter) {
        if (layout.width() > 0) {
            String names = line.substring(start);
            line.setLength(start);
            int maxChars = columns.charsBesideFigures() - charsAfter;
            line.append(Text.cut(names, Math.max(0, maxChars)));
        }
    }

    private static void padded(StringBuilder out, String text, int width) {
        for (int i = text.length(); i < width; i++) {
            out.append(' ');
        }
        out.append(text);
    }
}

// exporters/psm/format/TableHeight.java

/**
 * Makes a table fit into the lines of a window: it leaves out the smallest rows, and shows their
 * sum in one line.
 */
final class TableHeight {
    private TableHeight() {}

    /** Returns the table of a report with no more lines than its layout allows. */
    static String fit(Psm.Report report, Psm.Output output) {
        int height = output.layout().height();
        Psm.Report shown = withLargest(report, height);
        TableFormat table = new TableFormat(shown, output);
        // With fewer rows, columns may become narrower and lines may fit, so count again.
        while (table.lines() > height && shown.rows().size() > 1) {
            int tooMany = table.lines() - height;
            shown = withLargest(shown, Math.max(1, shown.rows().size() - tooMany));
            table = new TableFormat(shown, output);
        }
        return cut(table.text(), table.linesAboveRows(), height);
    }

    /** Returns the same report with at most a number of rows, the largest. */
    private static Psm.Report withLargest(Psm.Report report, int maxRows) {
        List<Psm.Row> ranked = report.ranking().smallestFirst();
        int small = ranked.size() - maxRows;
        if (small <= 0) {
            return report;
        }
        Set<Psm.Row> leftOut = Collections.newSetFromMap(new IdentityHashMap<>());
        leftOut.addAll(ranked.subList(0, small));
        boolean isFirst = report.ranking().moreFirst();
        Psm.More more = report.more();
        return new Psm.Report(
                report.origin(),
                report.processes(),
                report.columns(),
                without(leftOut, report.rows()),
                report.totals(),
                report.accounts(),
                new Psm.More(
                        small + (more == null ? 0 : more.rows()),
                        isFirst,
                        sums(report, ranked.subList(0, small))),
                new Psm.Ranking(
                        ranked.subList(small, ranked.size()),
                        isFirst,
                        without(leftOut, report.ranking().inTable())));
    }

    private static List<Psm.Row> without(Set<Psm.Row> leftOut, List<Psm.Row> rows) {
        List<Psm.Row> kept = new ArrayList<>(rows.size());
        for (Psm.Row row : rows) {
            if (!leftOut.contains(row)) {
                kept.add(row);
            }
        }
        return kept;
    }

    /** Adds up other rows and those that a report already leaves out. */
    private static Psm.Row sums(Psm.Report report, List<Psm.Row> others) {
        Object[] sums =
                report.more() == null
                        ? new Object[report.columns().size()]
                        : report.more().sums().values().toArray();
        for (int i = 0; i < sums.length; i++) {
            if (report.columns().get(i).summed()) {
                for (Psm.Row row : others) {
                    sums[i] = sum(sums[i], row.values().get(i));
                }
            }
        }
        return new Psm.Row(Arrays.asList(sums));
    }

    private static Object sum(Object a, Object b) {
        if (a == null || b == null) {
            return a == null ? b : a;
        }
        return a instanceof Double percent
                ? (Object) (percent + (Double) b)
                : (Object) ((Long) a + (Long) b);
    }

    /**
     * Cuts a table in which not even one row fits: it keeps the start, and the end with the totals.
     *
     * @param start the number of lines before the rows; if they do not fit either, only the first
     *     one is kept
     */
    static String cut(String table, int start, int height) {
        List<String> lines = table.lines().toList();
        if (lines.size() <= height) {
            return table;
        }
        int kept = start < height ? start : 1;
        int rest = Math.max(1, height - kept);
        List<String> shown = new ArrayList<>(lines.subList(0, kept));
        shown.addAll(lines.subList(lines.size() - rest, lines.size()));
        return String.join("\n", shown) + '\n';
    }
}

// exporters/psm/format/TsvFormat.java

/**
 * Writes tab-separated values in UTF-8, for cut, awk and databases, and for copying into a
 * spreadsheet: the columns, fields and rows of {@link CsvFormat}. No field contains a tab or a line
 * break: names are escaped as by psql's COPY and mysql, {@code \t}, {@code \n}, {@code \r}, and
 * {@code \\} for a backslash. It leaves out the same things as CSV.
 */
final class TsvFormat {
    private TsvFormat() {}

    /** Writes the rows of a report. */
    static void write(Psm.Report report, Psm.Output output) throws IOException {
        StringBuilder out = new StringBuilder();
        if (output.layout().header()) {
            line(out, SpreadsheetFields.titles(report));
        }
        UnaryOperator<String> names = output.raw() ? TsvFormat::raw : TsvFormat::neutralised;
        for (Psm.Row row : report.rows()) {
            line(out, SpreadsheetFields.of(report, row, names));
            output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
            out.setLength(0);
        }
        output.stream().write(out.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static void line(StringBuilder out, List<?> fields) {
        String separator = "";
        for (Object field : fields) {
            out.append(separator).append(field == null ? "" : field);
            separator = "\t";
        }
        out.append('\n');
    }

    private static String raw(String name) {
        return Text.escapedBytes(name)
                .replace("\t", "\\t")
                .replace("\n", "\\n")
                .replace("\r", "\\r");
    }

    /** Makes a name harmless: one that starts with a quote would merge fields into one cell. */
    private static String neutralised(String name) {
        String field = SpreadsheetFields.neutralised(Text.escaped(name));
        return field.startsWith("\"") ? '\'' + field : field;
    }
}

// lib/psm/terminal/Keyboard.java

/**
 * The keys that the user types on the terminal that standard input is connected to. stty(1) makes
 * it deliver each key at once, and not show it; Ctrl-C and Ctrl-Z still send their signals. May be
 * shared between threads.
 */
final class Keyboard {
    private final boolean isTerminal = StandardOutput.isTerminal(StandardOutput.target(0));

    /** What stty(1) restores the terminal from; empty while it is unchanged. */
    private String before = "";

    /** Makes the terminal deliver each key at once. */
    synchronized void open() {
        if (isTerminal && before.isEmpty()) {
            before = Terminal.stty(ProcessBuilder.Redirect.INHERIT, "-g");
        }
        if (!before.isEmpty()) {
            Terminal.stty(ProcessBuilder.Redirect.INHERIT, "-icanon", "-echo");
        }
    }

    /** Makes the terminal as it was. */
    synchronized void close() {
        if (!before.isEmpty()) {
            Terminal.stty(ProcessBuilder.Redirect.INHERIT, before);
            before = "";
        }
    }

    /** Returns whether the user has typed q, or the terminal is gone; ignores other keys. */
    synchronized boolean isQuitTyped() {
        try {
            boolean isQuit = false;
            while (!before.isEmpty() && System.in.available() > 0) {
                int key = System.in.read();
                isQuit |= key == 'q' || key == 'Q';
            }
            return isQuit;
        } catch (IOException e) {
            return true;
        }
    }
}

// lib/psm/terminal/Signals.java

/**
 * Handles signals. Java has only {@code sun.misc.Signal} for that, of which javac warns in a way
 * that no annotation suppresses, so it is used by reflection. Without it, signals do what they do
 * by default.
 */
final class Signals {
    private Signals() {}

    /**
     * Runs an action in another thread when a signal arrives, unless the signal was ignored when
     * psm was started.
     *
     * @param name the name without SIG
     */
    static void handle(String name, Runnable action) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object own =
                    Proxy.newProxyInstance(
                            Signals.class.getClassLoader(),
                            new Class<?>[] {handler},
                            (proxy, method, args) -> {
                                action.run();
                                return null;
                            });
            Object before = set(name, own);
            Object ignored = handler.getField("SIG_IGN").get(null);
            if (before == ignored) {
                set(name, ignored);
            }
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return; // this Java has no such class or signal
        }
    }

    /** Makes a signal do again what it does by default. */
    static void reset(String name) {
        try {
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            set(name, handler.getField("SIG_DFL").get(null));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            return; // then it was never handled
        }
    }

    private static Object set(String name, Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
    }
}

// lib/psm/terminal/StandardOutput.java

/**
 * The standard output of the process, to which exporters write. It stays open when they close it,
 * and it remembers a failure to write even if they ignore it, as PrintStream does.
 */
final class StandardOutput extends FilterOutputStream {
    /**
     * The size of the buffer. Most reports fit into it, so they are written completely or not at
     * all.
     */
    private static final int BUFFER_BYTES = 64 * 1024;

    // The types of files in st_mode, see inode(7).
    private static final int S_IFMT = 0xF000;
    private static final int S_IFIFO = 0x1000;
    private static final int S_IFREG = 0x8000;
    private static final int S_IFSOCK = 0xC000;

    private final String target = target(1);
    private IOException failure;

    public StandardOutput() {
        super(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), BUFFER_BYTES));
    }

    /** Returns whether standard output is a terminal. */
    public boolean isTerminal() {
        return isTerminal(target);
    }

    /**
     * Returns whether a standard stream is a terminal.
     *
     * @param target the file that the stream is connected to
     */
    public static boolean isTerminal(String target) {
        return target.startsWith("/dev/pts/")
                || target.startsWith("/dev/tty")
                || target.equals("/dev/console");
    }

    /** Returns whether the locale is UTF-8, so that text may contain more than ASCII. */
    public static boolean isUnicode() {
        return "UTF-8".equals(System.getProperty("native.encoding"));
    }

    /**
     * Returns whether standard output is a pipe or a socket. Writing to it fails only if the reader
     * has closed it. (The message of the exception depends on the language.)
     */
    private boolean isPipe() {
        try {
            int type =
                    (Integer) Files.getAttribute(Path.of("/proc/self/fd/1"), "unix:mode") & S_IFMT;
            return type == S_IFIFO || type == S_IFSOCK;
        } catch (IOException | UnsupportedOperationException e) {
            return false; // without /proc it may be a file, and a full disk must be reported
        }
    }

    /**
     * Removes the permissions of other users for the file that the shell has made for standard
     * output. A file that already contains something keeps them, and so does a file of another user
     * than this one, or the one that sudo(8) runs psm for.
     */
    public void makePrivate() {
        Path file = Path.of("/proc/self/fd/1");
        try {
            Map<String, Object> status = Files.readAttributes(file, "unix:mode,uid,size");
            String owner = status.get("uid").toString();
            boolean isOwn =
                    owner.equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString())
                            || owner.equals(System.getenv("SUDO_UID"));
            boolean isFile = ((Integer) status.get("mode") & S_IFMT) == S_IFREG;
            if (isOwn && isFile && status.get("size").equals(0L)) {
                Files.setPosixFilePermissions(file, EnumSet.of(OWNER_READ, OWNER_WRITE));
            }
        } catch (IOException | UnsupportedOperationException e) {
            return; // not every file system has permissions
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
     * Writes all that is still in the buffer.
     *
     * @throws IOException the first failure to write, now or before
     */
    private void finish() throws IOException {
        if (failure == null) {
            flush();
        }
        if (failure != null) {
            throw failure;
        }
    }

    /**
     * Writes text, and all that is still in the buffer.
     *
     * @throws Failure if writing fails, unless the reader has closed a pipe
     */
    public void print(String text) throws Failure {
        write(text);
        end();
    }

    /** Writes all that is still in the buffer, and fails as {@link #print} does. */
    public void end() throws Failure {
        try {
            finish();
        } catch (IOException e) {
            failed(e);
        }
    }

    /** Writes text, some of which may stay in the buffer. */
    public void write(String text) throws Failure {
        try {
            write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            failed(e);
        }
    }

    /**
     * Handles a failure to write. On a pipe it is ignored, since the reader has read enough.
     *
     * @throws Failure for other failures, such as a full disk
     */
    public void failed(IOException e) throws Failure {
        if (!isPipe()) {
            throw Failure.of("cannot write to standard output: " + Failure.reason(e), e);
        }
    }

    /** Returns the first failure to write; {@code null} if there was none. */
    public IOException failure() {
        return failure;
    }

    private IOException remembered(IOException e) {
        if (failure == null) {
            failure = e;
        }
        return e;
    }

    /**
     * Returns the file that a stream is connected to; an empty name if that is not known.
     *
     * @param descriptor 0 for standard input, 1 for standard output
     */
    public static String target(int descriptor) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return ""; // without /proc, psm cannot know whether it is a terminal
        }
    }
}

// lib/psm/terminal/Terminal.java

/**
 * The size of the terminal's window, in characters.
 *
 * @param rows the number of lines; 0 if it is not known
 * @param columns the number of characters in a line; 0 if it is not known
 */
record Terminal(int rows, int columns) {
    /** The property that the launcher sets to the output of stty(1): rows, a blank, columns. */
    private static final String PROPERTY = "psm.window";

    private static final Terminal UNKNOWN = new Terminal(0, 0);

    /** More than what stty(1) writes: the settings of a terminal take some 150 characters. */
    private static final int MAX_STTY_BYTES = 4096;

    /** The width below which a size is ignored: no table fits into it. */
    private static final int MIN_COLUMNS = 20;

    /** Returns the size that the launcher passed on, else the current size. */
    public static Terminal atStart() {
        Terminal passed = parse(System.getProperty(PROPERTY, ""));
        return passed.columns > 0 ? passed : now();
    }

    /** Returns the current size, from stty(1), since Java has no function for it. */
    public static Terminal now() {
        return parse(stty(ProcessBuilder.Redirect.from(new File("/dev/tty")), "size"));
    }

    /** Returns how many lines of the window are left if messages and the cursor come below. */
    public int linesAbove(List<String> messages) {
        int lines = rows - 1;
        for (String message : messages) {
            lines -= 1 + ("psm: " + message).length() / columns;
        }
        return Math.max(1, lines);
    }

    /**
     * Runs stty(1).
     *
     * @param terminal the terminal, as its standard input
     * @return its output in a line; empty if it fails, or there is no terminal
     */
    static String stty(ProcessBuilder.Redirect terminal, String... arguments) {
        List<String> words = new ArrayList<>(List.of(Subprocess.find("stty")));
        words.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(new File("/"))
                        .redirectInput(terminal)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        try {
            Process process = builder.start();
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            byte[] output = process.getInputStream().readNBytes(MAX_STTY_BYTES);
            return new String(output, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return ""; // this process has no controlling terminal, or there is no stty
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static Terminal parse(String size) {
        String[] numbers = size.split(" ", -1);
        try {
            int rows = Integer.parseInt(numbers[0]);
            int columns = numbers.length == 2 ? Integer.parseInt(numbers[1]) : 0;
            return columns < MIN_COLUMNS || rows <= 0 ? UNKNOWN : new Terminal(rows, columns);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }

    /** Returns whether the terminal can show colours and the user allows them (no-color.org). */
    public static boolean isColoured() {
        String none = System.getenv("NO_COLOR");
        return (none == null || none.isEmpty()) && hasEscapes();
    }

    /** Returns whether the terminal understands escape sequences, as far as its TERM says. */
    public static boolean hasEscapes() {
        String term = System.getenv("TERM");
        return term != null && !term.equals("dumb");
    }
}

// lib/psm/terminal/TerminalText.java

/**
 * Writes text to a terminal, whatever format it is in: tabs and the ends of lines stay, and other
 * characters that are invisible or harmful are escaped, see {@link Text#printable}.
 */
final class TerminalText extends FilterOutputStream {
    /** The length at which a line is written in parts. */
    private static final int MAX_LINE_BYTES = 1 << 16;

    private byte[] line = new byte[256];
    private int length;

    public TerminalText(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = (byte) b;
        boolean isCharacter = b >= 0 && b < 0x80; // so that no character is cut
        boolean isLong = length >= (isCharacter ? MAX_LINE_BYTES : 2 * MAX_LINE_BYTES);
        if (b == '\n' || isLong) {
            finish();
        }
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            write(bytes[i]);
        }
    }

    /** Writes what is left of the last line. */
    public void finish() throws IOException {
        int end = length;
        while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == '\r')) {
            end--;
        }
        boolean isWhole = end < length && line[length - 1] == '\n';
        String text = Text.decode(line, 0, isWhole ? end : length);
        String[] parts = text.split("\t", -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Text.printable(parts[i]);
        }
        out.write(Text.encode(String.join("\t", parts)));
        out.write(line, end, isWhole ? length - end : 0);
        length = 0;
    }

    /** Does nothing: the rest of a line may be cut in the middle of a character. */
    @Override
    public void flush() {
        // see finish
    }

    @Override
    public void close() throws IOException {
        finish();
    }
}

// lib/psm/terminal/Watch.java

/**
 * Repeats a report until psm is stopped. In a window, each report replaces the previous one; in a
 * pipe, it follows the previous one. On a terminal, the key q ends it.
 */
final class Watch {
    // ECMA-48, and DEC's private modes for the cursor.
    /** Moves the cursor to the top left corner and clears the screen below it. */
    public static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

    private static final String CLEAR = "\u001b[2J";
    private static final String HIDE_CURSOR = "\u001b[?25l";
    private static final String SHOW_CURSOR = "\u001b[?25h";

    /** The maximum time to wait for the last report, since its reader may block. */
    private static final long LAST_REPORT_SECONDS = 1;

    /**
     * The time from one look at the keys to the next. If it is long, q seems to do nothing; if it
     * is short, waiting takes CPU time.
     */
    private static final long KEY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String STOP = "TSTP";

    /** One repetition. */
    public interface Round {
        /** Makes a report and returns whether to make another one. */
        boolean report(boolean isFirst) throws Failure;

        /** Shows the last report once more, since the window has changed. */
        void redraw() throws Failure;
    }

    private final long nanos;
    private final long count;

    /** Whether each report replaces the previous one. */
    private final boolean isInPlace;

    /** The keys, if the reports are shown on a terminal; else {@code null}. */
    private final Keyboard keyboard;

    /** The lock that is held while a report is written, so that the last one is complete. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Thread reporter = Thread.currentThread();
    private volatile boolean isChanged;

    /** Whether the window is prepared; it is not while psm is stopped or in the background. */
    private boolean isOpen;

    /** Whether the window stays as it was before, since psm stops or ends. */
    private boolean isLeft;

    /**
     * Makes a watch.
     *
     * @param nanos the time from one report to the next
     * @param count the number of reports; 0 for any number
     * @param isTerminal whether the reports are shown on a terminal
     * @param isInPlace whether each report replaces the previous one
     */
    public Watch(long nanos, long count, boolean isTerminal, boolean isInPlace) {
        this.nanos = nanos;
        this.count = count;
        this.isInPlace = isInPlace;
        this.keyboard = isTerminal ? new Keyboard() : null;
    }

    /**
     * Makes reports until there are enough, a round wants no more, the user types q, or a signal
     * ends psm.
     *
     * @throws Failure if a round throws it
     */
    public void run(Round round) throws Failure {
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "psm-watch"));
        if (keyboard != null) {
            Signals.handle("WINCH", this::change);
            Signals.handle("CONT", this::resume);
            Signals.handle(STOP, this::stop);
        }
        long due = System.nanoTime();
        for (long made = 0; awaitForeground() && report(round, made == 0); ) {
            // Keep the requested rate; a round that takes longer delays the next ones.
            due = Math.max(due + nanos, System.nanoTime());
            if (++made == count || !await(due, round)) {
                break;
            }
        }
    }

    private boolean report(Round round, boolean isFirst) throws Failure {
        lock.lock();
        try {
            return round.report(isFirst);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the time of the next report; returns whether the user still wants it. */
    private boolean await(long due, Round round) throws Failure {
        long left;
        do {
            left = due - System.nanoTime(); // parkNanos returns at once where none are left
            LockSupport.parkNanos(keyboard == null ? left : Math.min(left, KEY_NANOS));
            if (keyboard != null && keyboard.isQuitTyped()) {
                return false;
            }
            redraw(round);
        } while (left > 0);
        return true;
    }

    private void redraw(Round round) throws Failure {
        if (isChanged && isInPlace) {
            isChanged = false;
            awaitForeground();
            lock.lock();
            try {
                round.redraw();
            } finally {
                lock.unlock();
            }
        }
    }

    // The window

    /** Waits until psm may write to the terminal, and prepares it; returns {@code true}. */
    private boolean awaitForeground() {
        while (keyboard != null && !isOpen()) {
            LockSupport.parkNanos(KEY_NANOS);
        }
        return true;
    }

    /** Prepares the window, unless it belongs to another program now. */
    private synchronized boolean isOpen() {
        if (!isOpen && !isLeft && !new OwnProcess().isInBackground()) {
            isOpen = true;
            keyboard.open();
            print(HIDE_CURSOR + CLEAR);
        }
        return isOpen;
    }

    /** Makes the window as it was before. */
    private synchronized void leave() {
        isLeft = true;
        if (isOpen) {
            isOpen = false;
            keyboard.close();
            print(SHOW_CURSOR);
        }
    }

    /** Prepares the window anew: the shell may have changed it since psm was stopped. */
    private synchronized void resume() {
        isOpen = false;
        isLeft = false;
        change();
    }

    private void print(String escapes) {
        if (isInPlace) {
            System.out.print(escapes);
            System.out.flush();
        }
    }

    private void change() {
        isChanged = true;
        LockSupport.unpark(reporter);
    }

    /** Stops psm as Ctrl-Z does by default, but makes the window as it was before. */
    private void stop() {
        awaitReport();
        leave();
        Signals.reset(STOP);
        try {
            String kill = "kill -" + STOP + " \"$1\"";
            String pid = Long.toString(ProcessHandle.current().pid());
            Subprocess.run(List.of(Subprocess.find("sh"), "-c", kill, "sh", pid));
        } catch (IOException e) {
            // Then it goes on.
        }
        Signals.handle(STOP, this::stop);
        resume();
    }

    private void end() {
        awaitReport();
        leave();
    }

    private void awaitReport() {
        try {
            if (lock.tryLock(LAST_REPORT_SECONDS, TimeUnit.SECONDS)) {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

// lib/psm/cli/Arguments.java

/** Reads the command line of a report. */
final class Arguments {
    private static final int MAX_WORKERS = 256;
    private static final int MAX_COUNT = 1_000_000;
    private static final long MAX_NANOS = TimeUnit.DAYS.toNanos(1);

    /** The limit for the digits of a number of seconds: more could overflow as nanoseconds. */
    private static final int MAX_DIGITS = 8;

    private static final int MAX_DECIMALS = 9;

    private static final String NESTED = "is nested too deeply; use fewer parentheses";

    private final ParsedOptions parsed;
    private final Topic command;

    private Arguments(ParsedOptions parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
    }

    /**
     * Returns what the command line requests.
     *
     * @throws Failure if an option does not exist, has a malformed value, or conflicts with another
     */
    public static Options parse(String... args) throws Failure {
        Topic named = args.length == 0 ? null : Topic.of(args[0]);
        Topic command = named == null ? Topic.PROCESSES : named;
        String[] rest = named == null ? args : Arrays.copyOfRange(args, 1, args.length);
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.forParsing(command), ColumnArguments.withMarks(rest));
        return new Arguments(parsed, command).options();
    }

    private Options options() throws Failure {
        ViewArguments views = new ViewArguments(parsed, command);
        Filter filter = filter(Option.FILTER);
        View view = views.view(command == Topic.MAPS ? filter(Option.MAP) : filter);
        Conflicts conflicts = new Conflicts(parsed);
        conflicts.refuseBySudo();
        Selection selection = new SelectionArguments(parsed).selection();
        Source source = source(parsed.value(Option.SOURCE, Source.AUTO.optionName()));
        String format = parsed.value(Option.OUTPUT, Options.Looks.TABLE);
        conflicts.refuse(command, view, selection, source, format);
        String text = text(views);
        boolean isFilterOfView = command != Topic.MAPS && view.filter() != null;
        return new Options(
                text,
                new Options.What(
                        views.topic(),
                        view,
                        views.byExecutable(),
                        parsed.has(Option.SCRIPTS),
                        parsed.has(Option.NO_COMMANDS)),
                new Options.Which(selection, isFilterOfView ? null : filter),
                looks(views, format),
                where(source, text != null),
                new Options.About(
                        parsed.has(Option.TIMING),
                        parsed.value(Option.CPU_PROFILE),
                        parsed.value(Option.MEM_PROFILE),
                        parsed.has(Option.DEBUG)));
    }

    private Options.Looks looks(ViewArguments views, String format) throws Failure {
        long least = parsed.has(Option.WATCH) ? Scan.TICK_NANOS : 0;
        return new Options.Looks(
                views.layout(),
                format,
                nanos(Option.WATCH, TimeUnit.SECONDS, "0", least),
                count(),
                parsed.has(Option.CSV_RAW),
                parsed.has(Option.STRICT));
    }

    private Options.Where where(Source source, boolean readsNothing) throws Failure {
        String from = parsed.value(Option.FROM);
        return new Options.Where(
                source,
                readsNothing || from != null ? null : Options.proc(parsed.value(Option.PROC)),
                from,
                workers(),
                nanos(Option.TIMEOUT, TimeUnit.SECONDS, "2", Scan.TICK_NANOS),
                nanos(Option.ESTIMATE_ABOVE, TimeUnit.MILLISECONDS, "0", 0));
    }

    /** Returns the text that is requested instead of a report; {@code null} for a report. */
    private String text(ViewArguments views) {
        if (parsed.has(Option.HELP)) {
            return OptionSpecs.commandLine(OptionSpecs.forHelp(command))
                    .getUsageMessage(CommandLine.Help.Ansi.OFF);
        }
        return parsed.has(Option.VERSION)
                ? "psm " + Version.CURRENT + " (Java " + Runtime.version() + ")\n"
                : views.help();
    }

    // Values of options

    private Filter filter(Option option) throws Failure {
        String regex = parsed.value(option);
        if (regex == null) {
            return null;
        }
        String asked = parsed.typed(option) + " '" + regex + "'";
        String problem = Filter.problem(regex);
        if (problem != null) {
            throw Failure.usage(asked + ": " + problem, null);
        }
        try {
            return new Filter(parsed.typed(option), Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw Failure.usage(asked + ": " + described(e), e);
        } catch (StackOverflowError e) {
            throw Failure.usage(asked + ": " + NESTED, e);
        }
    }

    private static String described(PatternSyntaxException e) {
        return e.getDescription().startsWith("Stack overflow")
                ? NESTED
                : "not a regular expression: "
                        + words(e)
                        + " at character "
                        + (e.getIndex() + 1)
                        + "; put a backslash before a special character to match it literally";
    }

    /** Returns what is wrong; older Java has no words for a backslash at the end. */
    private static String words(PatternSyntaxException e) {
        boolean isBackslash = e.getDescription().equals("Unexpected internal error");
        return isBackslash ? "Unescaped trailing backslash" : e.getDescription();
    }

    private Source source(String name) throws Failure {
        StringBuilder names = new StringBuilder();
        for (Source source : Source.values()) {
            if (source.optionName().equals(name)) {
                return source;
            }
            names.append(names.length() == 0 ? "" : ", ").append(source.optionName());
        }
        throw parsed.refused(Option.SOURCE, name, "no such source; there are " + names);
    }

    private int workers() throws Failure {
        return parsed.number(Option.WORKERS, MAX_WORKERS, "threads");
    }

    private int count() throws Failure {
        int count = parsed.number(Option.COUNT, MAX_COUNT, "reports");
        if (count > 0 && !parsed.has(Option.WATCH)) {
            throw parsed.refused(
                    Option.COUNT,
                    Integer.toString(count),
                    "counts the reports of " + Option.WATCH.brief() + "; add -w SECONDS");
        }
        return count;
    }

    /**
     * Returns a time with decimals in nanoseconds. (Loading BigDecimal would take half as long as a
     * whole run.)
     */
    private long nanos(Option option, TimeUnit unit, String byDefault, long least) throws Failure {
        String number = parsed.value(option, byDefault);
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
        throw parsed.refused(
                option,
                number,
                "takes a number of "
                        + unit.name().toLowerCase(Locale.ROOT)
                        + ", such as 0.5"
                        + (least > 0 ? "; from 0.1 seconds to a day" : "; at most a day"));
    }

    private static boolean areDigits(String text, int maxDigits) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty() && text.length() <= maxDigits;
    }
}

// lib/psm/cli/ChosenNames.java

/**
 * Checks that the control groups, units and containers in a {@link Selection} exist, that is,
 * contain processes. If one does not, the message lists those that do.
 */
final class ChosenNames {
    /**
     * The limit for the texts of cgroup files that are kept. If it is too low, the list in the
     * message is incomplete on a large machine; if it is too high, a user who creates many groups
     * can fill the heap.
     */
    private static final int MAX_CHARS = 1 << 21;

    private final Selection selection;

    /** For each rule, the names for which no process has been found so far. */
    private final List<Set<String>> unmet = new ArrayList<>();

    /** The different texts of cgroup files, up to {@link #MAX_CHARS}. */
    private final Set<String> met = new HashSet<>();

    /** The total length of the strings in {@link #met}. */
    private int chars;

    private ChosenNames(Selection selection) {
        this.selection = selection;
        for (Selection.Rule rule : selection.rules()) {
            boolean isOfCgroups = rule.by().needs == Detail.CGROUP;
            unmet.add(new LinkedHashSet<>(isOfCgroups ? rule.wanted() : Set.of()));
        }
    }

    /**
     * Looks for the names among all processes.
     *
     * @param measured the snapshot with the measured processes, which are searched first; it does
     *     not contain the control groups of other processes
     * @throws Failure for the first name that does not exist
     */
    static void require(Selection selection, Snapshot measured, ProcFs proc) throws Failure {
        ChosenNames names = new ChosenNames(selection);
        names.meet(measured.processes());
        // If reading a process blocked, it may block here too, and here there is no timeout.
        if (!names.areMet() && !hasBlocked(measured)) {
            names.meetAll(proc);
            names.requireMet(measured.run().hidden() ? "that you can see" : "here");
        }
    }

    private static boolean hasBlocked(Snapshot measured) {
        for (ProcessMemory process : measured.processes()) {
            ProcessMemory.Estimate estimate = process.estimate();
            if (estimate != null && estimate.reason() == Unmeasured.Reason.STUCK) {
                return true;
            }
        }
        return measured.count(Unmeasured.Reason.STUCK) > 0;
    }

    /** Looks for the names, and for those of users, in a snapshot from a file. */
    static void requireWritten(Selection selection, Snapshot written) throws Failure {
        for (Selection.Rule rule : selection.rules()) {
            if (rule.by() == Selection.By.USER) {
                requireUsers(rule.wanted(), new ArrayList<>(written.users().values()));
            }
        }
        ChosenNames names = new ChosenNames(selection);
        names.meet(written.processes());
        names.requireMet("in this snapshot");
    }

    private static void requireUsers(Set<String> wanted, List<String> known) throws Failure {
        for (String user : wanted) {
            if (!SelectionArguments.isId(user) && !known.contains(user)) {
                throw missing(
                        Option.USER + " " + user, "in this snapshot is of that user", user, known);
            }
        }
    }

    private void meetAll(ProcFs proc) throws Failure {
        byte[] buffer = new byte[Cgroup.MAX_FILE_BYTES];
        int[] pids;
        try {
            pids = proc.pids();
        } catch (IOException e) {
            throw Failure.of("cannot list the processes: " + Failure.reason(e), e);
        }
        for (int i = 0; i < pids.length && !areMet(); i++) {
            meet(cgroup(proc, pids[i], buffer));
        }
    }

    private static String cgroup(ProcFs proc, int pid, byte[] buffer) {
        try {
            return proc.text(pid + "/cgroup", buffer);
        } catch (IOException e) {
            return null; // it exited or is hidden, or the kernel has no cgroups
        }
    }

    private void meet(List<ProcessMemory> processes) {
        for (int i = 0; i < processes.size() && !areMet(); i++) {
            meet(processes.get(i).details().cgroup());
        }
    }

    private void meet(String content) {
        if (content == null || met.contains(content)) {
            return;
        }
        if (chars < MAX_CHARS) {
            chars += content.length();
            met.add(content);
        }
        Cgroup cgroup = Cgroup.parse(content);
        for (int i = 0; i < unmet.size(); i++) {
            Selection.By by = selection.rules().get(i).by();
            unmet.get(i).removeIf(name -> Selection.isIn(by, Set.of(name), cgroup));
        }
    }

    private boolean areMet() {
        for (Set<String> names : unmet) {
            if (!names.isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Throws a failure for the first name for which no process was found.
     *
     * @param where the words that say which processes were searched
     */
    private void requireMet(String where) throws Failure {
        for (int i = 0; i < unmet.size(); i++) {
            if (!unmet.get(i).isEmpty()) {
                throw missing(selection.rules().get(i).by(), unmet.get(i).iterator().next(), where);
            }
        }
    }

    private Failure missing(Selection.By by, String name, String where) {
        String asked = Option.choosing(by) + " " + name;
        List<String> known = known(by);
        if (known.isEmpty() && known(Selection.By.CGROUP).isEmpty()) {
            return Failure.usage(
                    asked
                            + ": no process "
                            + where
                            + " shows its control group (a kernel without cgroups shows none);"
                            + " leave it out",
                    null);
        }
        String what =
                switch (by) {
                    case UNIT -> "unit";
                    case CONTAINER -> "container";
                    default -> "control group";
                };
        return missing(asked, where + " is in that " + what, name, known);
    }

    private static Failure missing(String asked, String what, String name, List<String> known) {
        return Failure.usage(
                asked
                        + ": no process "
                        + what
                        + (known.isEmpty()
                                ? ", or in any other"
                                : "; there are " + Nearest.some(name, known)),
                null);
    }

    /** Returns the names that exist. */
    private List<String> known(Selection.By by) {
        Set<String> known = new TreeSet<>();
        for (String content : met) {
            Cgroup cgroup = Cgroup.parse(content);
            String name =
                    switch (by) {
                        case UNIT -> cgroup.unit();
                        case CONTAINER -> cgroup.container();
                        default -> cgroup.path();
                    };
            if (name != null) {
                known.add(name);
            }
        }
        if (by == Selection.By.CGROUP) {
            addAbove(known);
        }
        return new ArrayList<>(known);
    }

    /** Adds the groups above these paths, except the root, which contains all processes. */
    private static void addAbove(Set<String> paths) {
        int charsLeft = MAX_CHARS;
        for (String path : new ArrayList<>(paths)) {
            int end = path.lastIndexOf('/');
            while (end > 0 && charsLeft > 0 && paths.add(path.substring(0, end))) {
                charsLeft -= end;
                end = path.lastIndexOf('/', end - 1);
            }
        }
        if (paths.size() > 1) {
            paths.remove("/");
        }
    }
}

// lib/psm/cli/ColumnArguments.java

/** Reads the options that choose the columns of a report. */
final class ColumnArguments {
    private static final Figure[] SPREAD = {
        Figure.SMALLEST, Figure.MEDIAN, Figure.LARGEST, Figure.LARGEST_PID
    };

    /** The start of an argument that is more than an option of one letter. */
    private static final Pattern NAME = Pattern.compile("-[A-Za-z]{2}");

    private final ParsedOptions parsed;

    ColumnArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /**
     * Puts a blank before columns that begin with a dash; otherwise picocli would take them for
     * options.
     */
    static String[] withMarks(String... args) {
        String brief = Option.COLUMNS.brief();
        String[] marked = args.clone();
        for (int i = 0; i < args.length; i++) {
            boolean isAfter =
                    i > 0
                            && (args[i - 1].equals(brief)
                                    || args[i - 1].equals(Option.COLUMNS.toString()));
            for (String start :
                    new String[] {isAfter ? "" : brief, brief + '=', Option.COLUMNS + "="}) {
                String rest = args[i].startsWith(start) ? args[i].substring(start.length()) : "";
                if (rest.startsWith("-") && (!isAfter || mayBeColumn(rest))) {
                    marked[i] = start + ' ' + rest;
                }
            }
        }
        return marked;
    }

    /** Returns whether an argument that begins with a dash removes a column, or means to. */
    private static boolean mayBeColumn(String argument) {
        if (Figure.named(argument.substring(1).split(",", 2)[0]) != null) {
            return true;
        }
        String name = argument.split("=", 2)[0];
        return NAME.matcher(argument).lookingAt() && Option.named(name, Topic.PROCESSES) == null;
    }

    /** Returns the columns in the order of a table. */
    List<View.Shown> columns() throws Failure {
        List<View.Shown> columns = View.columns(parsed.has(Option.HEAP));
        change(columns);
        if (parsed.has(Option.SPREAD)) {
            addSpread(columns);
        }
        boolean isChangeShown = View.indexOf(Figure.CHANGE, columns) >= 0;
        if (isChangeShown && !parsed.has(Option.WATCH)) {
            throw parsed.refused(
                    Option.COLUMNS,
                    "change",
                    "shows what changed between two reports; add " + Option.WATCH.brief());
        }
        if (parsed.has(Option.WATCH) && !isChangeShown) {
            int first = Math.min(1, columns.size());
            columns.add(first, new View.Shown(Figure.CHANGE, View.When.ALWAYS));
        }
        if (parsed.has(Option.TOTAL)) {
            requireTotals(columns);
        }
        return columns;
    }

    /** Replaces the usual columns, or adds some and removes some. */
    private void change(List<View.Shown> columns) throws Failure {
        boolean wasSigned = true;
        boolean isFirst = true;
        for (String given : parsed.names(Option.COLUMNS)) {
            String name = given.strip();
            boolean isRemoved = name.startsWith("-");
            boolean isSigned = isRemoved || name.startsWith("+");
            if (!isFirst && isSigned != wasSigned) {
                throw parsed.refused(
                        Option.COLUMNS,
                        parsed.value(Option.COLUMNS, "").strip(),
                        "has columns with a sign and without; give a sign to all, or to none");
            }
            if (isFirst && !isSigned) {
                columns.clear();
            }
            wasSigned = isSigned;
            isFirst = false;
            Figure figure = figure(Option.COLUMNS, name, isSigned ? name.substring(1) : name);
            columns.removeIf(shown -> shown.figure() == figure);
            if (!isRemoved) {
                columns.add(new View.Shown(figure, View.When.ALWAYS));
            }
        }
    }

    private void addSpread(List<View.Shown> columns) {
        if (!parsed.has(Option.COLUMNS)) {
            // Otherwise the table would be wider than 80 characters.
            columns.set(
                    View.indexOf(Figure.SHARED, columns),
                    new View.Shown(Figure.SHARED, View.When.NEVER));
        }
        for (Figure figure : SPREAD) {
            columns.removeIf(shown -> shown.figure() == figure);
            columns.add(new View.Shown(figure, View.When.ALWAYS));
        }
    }

    private void requireTotals(List<View.Shown> columns) throws Failure {
        for (View.Shown shown : columns) {
            if (shown.figure().column.summed()) {
                return;
            }
        }
        throw Failure.usage(
                parsed.typed(Option.TOTAL)
                        + ": none of these columns has a total: it would count pages twice, or"
                        + " nothing; pss, uss, swap and others of -c help have one",
                null);
    }

    /**
     * Returns the figure with a name.
     *
     * @param typed the name with its sign, for messages
     */
    Figure figure(Option option, String typed, String name) throws Failure {
        Figure figure = Figure.named(name);
        if (figure != null && figure.fold != Figure.Fold.MARK) {
            return figure;
        }
        List<String> known = new ArrayList<>();
        for (Figure other : Figure.values()) {
            if (other.fold != Figure.Fold.MARK) {
                known.add(other.option);
            }
        }
        throw parsed.refused(
                option, typed, "no such column; there are " + Nearest.first(name, known));
    }
}

// lib/psm/cli/Conflicts.java

/** Refuses options that conflict, and options that would have no effect: the user expects one. */
final class Conflicts {
    private final ParsedOptions parsed;

    Conflicts(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /**
     * Checks the options of a report.
     *
     * @param format the name of the output format
     * @throws Failure for the first option that conflicts with the others
     */
    void refuse(Topic topic, View view, Selection selection, Source source, String format)
            throws Failure {
        if (view.uses(Figure.HEAP) && source == Source.ROLLUP) {
            throw Failure.usage(
                    Option.HEAP
                            + ": smaps_rollup does not contain [heap]; leave out "
                            + Option.SOURCE
                            + " rollup",
                    null);
        }
        if (view.system()) {
            refuseWithSystem(selection);
        }
        if (view.system() || view.totalsAlone()) {
            refuseForRowsOnly(view.system() ? Option.SYSTEM : Option.TOTAL, format);
        }
        String cpuProfile = parsed.value(Option.CPU_PROFILE);
        if (cpuProfile != null && cpuProfile.equals(parsed.value(Option.MEM_PROFILE))) {
            throw Failure.usage(
                    parsed.typed(Option.MEM_PROFILE)
                            + " "
                            + cpuProfile
                            + ": is the file of "
                            + parsed.typed(Option.CPU_PROFILE)
                            + "; name another",
                    null);
        }
        if (parsed.has(Option.NO_COMMANDS)) {
            refuseWithoutCommands(view);
        }
        if (parsed.has(Option.FROM)) {
            refuseWithFrom();
        }
        if (format.equals(Exporters.SNAPSHOT)) {
            refuseForSnapshot(topic);
        }
    }

    private void refuseWithSystem(Selection selection) throws Failure {
        if (parsed.has(Option.FILTER) || !selection.isAll()) {
            throw Failure.usage(
                    Option.SYSTEM
                            + ": accounts for the memory of all processes; leave out "
                            + (parsed.has(Option.FILTER)
                                    ? parsed.typed(Option.FILTER)
                                    : chosenBy(selection)),
                    null);
        }
    }

    private String chosenBy(Selection selection) {
        Option option = Option.choosing(selection.rules().get(0).by());
        return parsed.typed(parsed.has(option) ? option : Option.MINE);
    }

    private void refuseForRowsOnly(Option option, String format) throws Failure {
        if (Options.Looks.isOfRowsOnly(format)) {
            throw Failure.usage(
                    parsed.typed(option)
                            + ": "
                            + format
                            + " contains only rows; use "
                            + Option.OUTPUT.brief()
                            + " table or "
                            + Option.OUTPUT.brief()
                            + " json",
                    null);
        }
    }

    private void refuseWithoutCommands(View view) throws Failure {
        String problem = null;
        if (view.by().contains(Grouping.COMMAND)) {
            boolean isShort = parsed.has(Option.BY_COMMAND);
            String by = isShort ? parsed.typed(Option.BY_COMMAND) : Option.BY + " command";
            problem = by + ": shows command lines";
        } else if (parsed.has(Option.SCRIPTS)) {
            problem = Option.SCRIPTS + ": takes names from command lines";
        }
        if (problem != null) {
            throw Failure.usage(
                    problem
                            + ", which "
                            + Option.NO_COMMANDS
                            + " leaves out; leave out one of them",
                    null);
        }
    }

    /**
     * Refuses to open a file for a user who may not have the right to open it. Call this before
     * anything looks at a file that an option names.
     */
    void refuseBySudo() throws Failure {
        if (!InvokingUser.hasFewerRights()) {
            return;
        }
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.NOT_BY_SUDO) && parsed.has(option)) {
                throw Failure.usage(
                        parsed.typed(option)
                                + ": run with sudo, psm only reads /proc and writes no files;"
                                + " users with more rights can run 'sudo env -u SUDO_UID psm'",
                        null);
            }
        }
        String from = parsed.value(Option.FROM, SnapshotFile.STANDARD_INPUT);
        if (!from.equals(SnapshotFile.STANDARD_INPUT)) {
            throw Failure.usage(
                    Option.FROM
                            + " "
                            + from
                            + ": run with sudo, psm does not read files that a user names; use "
                            + Option.FROM
                            + " - and standard input, or leave out sudo",
                    null);
        }
    }

    private void refuseWithFrom() throws Failure {
        for (Option option : Option.values()) {
            if (option.has(Option.Limit.NOT_FROM) && parsed.has(option)) {
                throw Failure.usage(
                        parsed.typed(option)
                                + ": is about reading /proc; leave it out, or leave out "
                                + Option.FROM,
                        null);
            }
        }
        if (parsed.has(Option.WATCH)) {
            throw Failure.usage(
                    parsed.typed(Option.WATCH)
                            + ": a snapshot does not change; leave out "
                            + Option.FROM,
                    null);
        }
    }

    private void refuseForSnapshot(Topic topic) throws Failure {
        if (topic != Topic.PROCESSES) {
            throw Failure.usage(
                    topic.command
                            + ": -o snapshot works without a command only; leave out one of them",
                    null);
        }
        for (ParsedOptions.Occurrence given : parsed.all()) {
            if (given.option().has(Option.Limit.NOT_SNAPSHOT)) {
                throw Failure.usage(
                        parsed.typed(given.option())
                                + ": chooses what a report shows, and a snapshot contains all of"
                                + " it; leave it out, and use it with 'psm --from FILE'",
                        null);
            }
        }
    }
}

// lib/psm/cli/FlightRecording.java

/**
 * Records what the JVM does while psm runs, and writes it to a file. If two recordings run at the
 * same time, each contains the events of both, since the JVM has one buffer.
 */
final class FlightRecording {
    /**
     * The time between two samples. The JVM's default is 20 ms, and a run takes a few tens of
     * milliseconds.
     */
    private static final Duration SAMPLE_PERIOD = Duration.ofMillis(1);

    /** The subject of a recording. */
    enum Of {
        /** The code in which time is spent. */
        TIME(Option.CPU_PROFILE, "jdk.ExecutionSample", "jdk.NativeMethodSample"),
        /** The objects that are allocated. */
        ALLOCATIONS(
                Option.MEM_PROFILE,
                "jdk.ObjectAllocationInNewTLAB",
                "jdk.ObjectAllocationOutsideTLAB");

        private final Option option;
        private final String[] events;

        Of(Option option, String... events) {
            this.option = option;
            this.events = events;
        }
    }

    private static final FileAttribute<?> OWNER_ALONE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    /** The property with the folder in which Java makes one for the events it records. */
    private static final String FOLDER = "java.io.tmpdir";

    private final Recording recording;
    private final Of of;
    private final Path file;

    /**
     * The file to write: a file beside {@link #file} that replaces it at the end, or that file
     * itself if it is a pipe or a device.
     */
    private final Path part;

    /**
     * The open file. It stays open after its creation, since others could put a link in its place.
     */
    private final OutputStream out;

    /** Opens the file at once: if that failed at the end, the recording would be lost. */
    private FlightRecording(Of of, Path file) throws IOException {
        this.of = of;
        this.file = file;
        this.recording = newRecording();
        boolean isSpecial = Files.exists(file) && !Files.isRegularFile(file, NOFOLLOW_LINKS);
        if (isSpecial) {
            part = file;
            out = Files.newOutputStream(part);
        } else {
            String name = file.getFileName() + "." + ProcessHandle.current().pid() + ".part";
            part = file.resolveSibling(name);
            out =
                    Channels.newOutputStream(
                            Files.newByteChannel(part, Set.of(CREATE_NEW, WRITE), OWNER_ALONE));
            part.toFile().deleteOnExit();
        }
    }

    /**
     * Makes a recording. Java writes the events to a folder that all users can open, which it makes
     * in another folder when the first recording is made: that one is for this user alone.
     */
    private static Recording newRecording() throws IOException {
        String before = System.getProperty(FOLDER);
        Path folder = Files.createTempDirectory("psm");
        folder.toFile().deleteOnExit(); // Java has deleted its own folder by then
        System.setProperty(FOLDER, folder.toString());
        try {
            return new Recording();
        } finally {
            System.setProperty(FOLDER, before);
        }
    }

    /**
     * Starts to record; {@link #write} ends it.
     *
     * @throws Failure if the file cannot be written, or this Java records nothing
     */
    static FlightRecording start(Of of, String file) throws Failure {
        try {
            FlightRecording started = new FlightRecording(of, Path.of(file));
            for (String event : of.events) {
                started.enable(event);
            }
            started.recording.start();
            return started;
        } catch (IOException e) {
            throw Failure.usage(notWritten(of, file, e), e);
        } catch (InvalidPathException e) {
            throw Failure.usage(of.option + " " + file + ": is not a valid path in this locale", e);
        } catch (NoClassDefFoundError e) {
            throw Failure.of(of.option + ": this Java has no flight recorder (module jdk.jfr)", e);
        }
    }

    private void enable(String event) {
        if (of == Of.TIME) {
            recording.enable(event).withPeriod(SAMPLE_PERIOD);
        } else {
            recording.enable(event).withStackTrace();
        }
    }

    /**
     * Ends the recording and writes its file, all of it or nothing.
     *
     * @throws Failure if that fails
     */
    void write() throws Failure {
        recording.stop();
        try {
            dump();
            if (!part.equals(file)) {
                Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw Failure.of(notWritten(of, file.toString(), e), e);
        }
    }

    private void dump() throws IOException {
        // Java writes a recording only to a path, so this is one that other users cannot open.
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
    }

    private static String notWritten(Of of, String file, IOException e) {
        return of.option + " " + file + ": cannot be written: " + Failure.reason(e);
    }
}

// lib/psm/cli/InstallArguments.java

/**
 * What the command line of {@code psm install}, {@code psm uninstall} or {@code psm doctor}
 * requests.
 *
 * @param text the help that is requested instead; {@code null} for none
 * @param prefix the folder of the installation, or {@code null} for the default
 * @param java the home of the Java to use, or {@code null} for the newest
 * @param group the group whose members are to see all processes, or {@code null}
 * @param noCommands whether they see no command lines and titles
 * @param dryRun whether to only show what would be done
 */
record InstallArguments(
        String command,
        String text,
        String prefix,
        String java,
        String group,
        boolean noCommands,
        boolean dryRun) {
    static final String INSTALL = "install";
    public static final String UNINSTALL = "uninstall";
    public static final String DOCTOR = "doctor";

    static final List<String> COMMANDS = List.of(INSTALL, UNINSTALL, DOCTOR);

    /**
     * Reads the command line.
     *
     * @return {@code null} if the command line requests a report
     * @throws Failure as {@link Arguments#parse} does
     */
    public static InstallArguments parse(String... args) throws Failure {
        if (!COMMANDS.contains(args[0])) {
            return null;
        }
        ParsedOptions parsed =
                ParsedOptions.parse(
                        OptionSpecs.command(args[0]), Arrays.copyOfRange(args, 1, args.length));
        String prefix = parsed.value(Option.PREFIX);
        if (prefix != null && (prefix.contains(":") || prefix.contains("\n"))) {
            throw Failure.usage(
                    Option.PREFIX
                            + " "
                            + prefix
                            + ": contains a ':' or a newline, which a class path cannot",
                    null);
        }
        if (parsed.has(Option.NO_COMMANDS) && parsed.value(Option.GROUP) == null) {
            throw Failure.usage(
                    Option.NO_COMMANDS + ": needs a group; add " + Option.GROUP + " NAME", null);
        }
        return new InstallArguments(
                args[0],
                parsed.has(Option.HELP) ? help(args[0]) : null,
                prefix,
                parsed.value(Option.JAVA),
                parsed.value(Option.GROUP),
                parsed.has(Option.NO_COMMANDS),
                parsed.has(Option.DRY_RUN));
    }

    private static String help(String command) {
        CommandLine psm = OptionSpecs.commandLine(OptionSpecs.forHelp(Topic.PROCESSES));
        return psm.getSubcommands().get(command).getUsageMessage(CommandLine.Help.Ansi.OFF);
    }
}

// lib/psm/cli/Option.java

/**
 * The options of the command line, in the order of help. Each constant is one option, with
 * everything that psm knows about it. Its {@link #toString} is its long name.
 */
enum Option {
    BY(
            Heading.WHAT,
            "--by",
            "WHAT[,WHAT...]",
            "group processes by "
                    + Grouping.names().replaceFirst(",", " (default),")
                    + ", or by several of them; --by help explains them",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    BY_OF_MAPPINGS(
            Heading.WHAT,
            "--by",
            "name|kind",
            "group mappings by name (default), or by kind: heap, stack, file text, shared memory"
                    + " and so on",
            Limit.ONLY_MAPS),
    BY_EXE(
            Heading.WHAT,
            "-e, --by-exe",
            null,
            "the same as --by exe: ignore titles that programs set",
            "name programs after their executables, and ignore titles that they set",
            Limit.NOT_SNAPSHOT),
    BY_PID(
            Heading.WHAT,
            "-d, --by-pid",
            null,
            "the same as --by pid",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    BY_COMMAND(
            Heading.WHAT,
            "-s, --by-command",
            null,
            "the same as --by command",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    BY_USER(
            Heading.WHAT,
            "-u, --by-user",
            null,
            "the same as --by user",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    COLUMNS(
            Heading.WHAT,
            "-c, --columns",
            "COLUMN[,...]",
            "show these columns; +COLUMN adds one to the usual columns, -COLUMN removes one;"
                    + " -c help lists them",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    HEAP(
            Heading.WHAT,
            "--heap, -heap",
            null,
            "also show the memory of the heap",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_COLLECTED),
    SPREAD(
            Heading.WHAT,
            "--spread",
            null,
            "show the smallest, the median and the largest process of each row, and the pid of"
                    + " the largest",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    SYSTEM(
            Heading.WHAT,
            "--system",
            null,
            "show below the total what uses all memory of the system (not in csv and tsv)",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    SCRIPTS(
            Heading.WHAT,
            "--scripts",
            null,
            "name java, python, node, ruby, perl and shells after the script or class that they"
                    + " run",
            Limit.NOT_SNAPSHOT),
    NO_COMMANDS(
            Heading.WHAT,
            "--no-commands",
            null,
            "leave out command lines, and titles that programs set: they may contain passwords",
            "name programs after their executables, and do not read titles, which may contain"
                    + " passwords",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED),

    FILTER(
            Heading.WHICH,
            "-f, --filter, -filter",
            "REGEX",
            "only rows whose name contains a match of REGEX",
            "only processes whose name contains a match of REGEX",
            Limit.NOT_SNAPSHOT),
    MAP(
            Heading.WHICH,
            "--map",
            "REGEX",
            "only mappings whose name, or kind, contains a match of REGEX",
            Limit.ONLY_MAPS),
    PID(Heading.WHICH, "-p, --pid", "PID[,PID...]", "only these processes; self is psm itself, which other reports leave out"),
    CHILDREN_OF(
            Heading.WHICH,
            "--children-of",
            "PID[,PID...]",
            "only these processes and all their descendants"),
    USER(Heading.WHICH, "--user", "USER[,USER...]", "only processes of these users, by name or id"),
    MINE(
            Heading.WHICH,
            "--mine",
            null,
            "only your own processes; without root, all others are estimated",
            Limit.NOT_FROM),
    CGROUP(
            Heading.WHICH,
            "--cgroup",
            "PATH[,...]",
            "only processes in these control groups, or below them"),
    UNIT(
            Heading.WHICH,
            "--unit",
            "UNIT[,UNIT...]",
            "only processes in these systemd units, slices or sessions"),
    CONTAINER(
            Heading.WHICH,
            "--container",
            "NAME[,NAME...]",
            "only processes in these containers, by name or id"),
    ROWS(
            Heading.WHICH,
            "-n, --rows",
            "N",
            "only the N largest rows, by the column that sorts them, or by pss if that column"
                    + " contains names",
            Limit.NOT_SNAPSHOT) {
        @Override
        String help(Topic topic) {
            return topic == Topic.OOM
                    ? "only the N processes that are killed first"
                    : super.help(topic);
        }
    },
    MIN(
            Heading.WHICH,
            "--min",
            "SIZE",
            "only rows of at least SIZE, such as 10M, in the column that sorts them, or in pss if"
                    + " that column contains no sizes",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    TOTAL(
            Heading.WHICH,
            "-t, --total",
            null,
            "only the total; with --units b, a bare number",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),

    OUTPUT(
            Heading.LOOKS,
            "-o, --output",
            "FORMAT",
            Formats.names().replaceFirst(",", " (default),")
                    + ", "
                    + Exporters.SNAPSHOT
                    + " (for --from), or the format of a plugin"),
    SORT(
            Heading.LOOKS,
            "--sort",
            "COLUMN",
            "sort by COLUMN (default: pss), shown or not; name sorts by name",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    REVERSE(
            Heading.LOOKS,
            "-r, --reverse",
            null,
            "turn the order of rows around: the largest first in a table, last elsewhere",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    UNITS(
            Heading.LOOKS,
            "--units",
            "auto|b|k|m|g",
            "the unit of sizes in a table (default: m)",
            Limit.NOT_SNAPSHOT),
    SI(Heading.LOOKS, "--si", null, "units of 1,000 instead of 1,024", Limit.NOT_SNAPSHOT),
    NO_HEADER(
            Heading.LOOKS,
            "--no-header",
            null,
            "leave out the titles of columns, in csv and tsv too",
            Limit.NOT_SNAPSHOT),
    BARS(
            Heading.LOOKS,
            "--bars",
            null,
            "show a bar beside each row for its share of the total",
            Limit.NOT_OOM,
            Limit.NOT_SNAPSHOT),
    WATCH(
            Heading.LOOKS,
            "-w, --watch",
            "SECONDS",
            "repeat the report every SECONDS, and show what changed; q ends it",
            "repeat the report every SECONDS; q ends it",
            Limit.NOT_SNAPSHOT),
    COUNT(Heading.LOOKS, "--count", "N", "with -w: end after N reports", Limit.NOT_SNAPSHOT),
    CSV_RAW(
            Heading.LOOKS,
            "--csv-raw",
            null,
            "csv and tsv: do not change names that a spreadsheet would take for formulas",
            Limit.NOT_SNAPSHOT),
    STRICT(Heading.LOOKS, "--strict", null, "exit with code 3 if the report is incomplete"),

    SOURCE(
            Heading.WHERE,
            "--source",
            "auto|rollup|smaps",
            "which /proc file to read; auto (default) uses smaps_rollup when it has the requested"
                    + " columns",
            Limit.NOT_MAPS,
            Limit.NOT_OOM,
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED),
    PROC(
            Heading.WHERE,
            "--proc",
            "DIR",
            "read DIR instead of /proc, such as a copy of it",
            Limit.NOT_FROM,
            Limit.NOT_BY_SUDO,
            Limit.NOT_COLLECTED),
    FROM(
            Heading.WHERE,
            "--from",
            "FILE",
            "read FILE, a snapshot that 'psm -o snapshot' wrote (- is standard input)",
            Limit.NOT_MAPS,
            Limit.NOT_COLLECTED),
    WORKERS(
            Heading.WHERE,
            "-j, --workers",
            "N",
            "read with N threads (default: as many as are useful)",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED),
    TIMEOUT(
            Heading.WHERE,
            "--timeout",
            "SECONDS",
            "skip a process if reading it blocks for SECONDS (default: 2)",
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED),
    ESTIMATE_ABOVE(
            Heading.WHERE,
            "--estimate-above",
            "MS",
            "estimate the memory of a process if the kernel would take more than MS milliseconds"
                    + " to add it up (default: never)",
            Limit.NOT_MAPS,
            Limit.NOT_FROM,
            Limit.NOT_COLLECTED),

    TIMING(
            Heading.ABOUT,
            "--timing",
            null,
            "print to standard error how long the run took, and what it read"),
    CPU_PROFILE(
            Heading.ABOUT,
            "--cpuprofile, -cpuprofile",
            "FILE",
            "record in FILE where time is spent (a JDK Flight Recording)",
            Limit.NOT_BY_SUDO),
    MEM_PROFILE(
            Heading.ABOUT,
            "--memprofile, -memprofile",
            "FILE",
            "record in FILE what is allocated (a JDK Flight Recording)",
            Limit.NOT_BY_SUDO),
    DEBUG(
            Heading.ABOUT,
            "--debug",
            null,
            "list the processes that could not be read; after an error, show where it occurred"),
    HELP(Heading.ABOUT, "-h, --help", null, "show this help"),
    VERSION(Heading.ABOUT, "-V, --version", null, "show the version"),

    PREFIX(
            Heading.INSTALLATION,
            "--prefix",
            "DIR",
            "the installation is below DIR (default: /usr/local for root, ~/.local for others)"),
    JAVA(Heading.INSTALL, "--java", "HOME", "run on this Java (default: the newest)"),
    GROUP(Heading.INSTALL, "--group", "NAME", "let the members of group NAME see all processes"),
    DRY_RUN(Heading.INSTALL, "--dry-run", null, "only show what would be done");

    /** The headings of help. */
    enum Heading {
        WHAT("What to report:"),
        WHICH("Which processes (!LIST means all but those in LIST):"),
        LOOKS("How it looks:"),
        WHERE("Where from:"),
        ABOUT("About psm itself:"),
        /** The heading for options of {@code psm install}, {@code uninstall} and {@code doctor}. */
        INSTALLATION(null),
        /** The heading for options of {@code psm install} alone. */
        INSTALL(null);

        /** The text above the options in help; {@code null} for options that no report has. */
        final String text;

        Heading(String text) {
            this.text = text;
        }
    }

    /** The cases in which an option is refused, or psm does not use the collector. */
    enum Limit {
        /** The option belongs to {@code psm maps} alone. */
        ONLY_MAPS,
        NOT_MAPS,
        NOT_OOM,
        /** The option chooses what a report shows: a snapshot always contains all of it. */
        NOT_SNAPSHOT,
        /** The option is about reading /proc. */
        NOT_FROM,
        /** The option names a file, which psm does not open with more rights than its user has. */
        NOT_BY_SUDO,
        /** The collector reads all processes in one way, which the option would change. */
        NOT_COLLECTED
    }

    /** The length of the start of a name, with its dashes, that is taken for the name. */
    static final int MIN_START_CHARS = 5;

    final Heading heading;

    /** The label of the value in help; {@code null} if the option takes none. */
    final String label;

    private final String[] names;
    private final String help;
    private final String helpInCommands;
    private final Set<Limit> limits = EnumSet.noneOf(Limit.class);

    Option(Heading heading, String names, String label, String help, Limit... limits) {
        this(heading, names, label, help, help, limits);
    }

    /**
     * Makes an option.
     *
     * @param names the names, separated by commas; those of Go's psm, which have one dash and
     *     several letters, come last
     * @param helpInCommands the help in {@code psm maps} and {@code psm oom}
     */
    Option(
            Heading heading,
            String names,
            String label,
            String help,
            String helpInCommands,
            Limit... limits) {
        this.heading = heading;
        this.names = names.split(", ", -1);
        this.label = label;
        this.help = help;
        this.helpInCommands = helpInCommands;
        this.limits.addAll(List.of(limits));
    }

    /** Returns whether a limit applies to the option. */
    boolean has(Limit limit) {
        return limits.contains(limit);
    }

    /** Returns whether psm can use the collector with this option. */
    public boolean isForCollector() {
        return !has(Limit.NOT_COLLECTED);
    }

    /** Returns whether the option takes a value. */
    public boolean takesValue() {
        return label != null;
    }

    /** Returns whether the value is the name of a file or a folder. */
    boolean isOfFile() {
        return "FILE".equals(label) || "DIR".equals(label) || "HOME".equals(label);
    }

    /** Returns whether a report of this topic has the option. */
    boolean isIn(Topic topic) {
        return heading.text != null
                && switch (topic) {
                    case PROCESSES -> !has(Limit.ONLY_MAPS);
                    case MAPS, KINDS -> !has(Limit.NOT_MAPS);
                    case OOM -> !has(Limit.ONLY_MAPS) && !has(Limit.NOT_OOM);
                };
    }

    /** Returns the description in the help of a topic. */
    String help(Topic topic) {
        return topic == Topic.PROCESSES ? help : helpInCommands;
    }

    /**
     * Returns the names of the option.
     *
     * @param withGoNames whether to return the names of Go's psm too, which help does not show
     */
    public String[] names(boolean withGoNames) {
        List<String> shown = new ArrayList<>();
        for (String name : names) {
            if (withGoNames || name.length() == 2 || name.startsWith("--")) {
                shown.add(name);
            }
        }
        return shown.toArray(new String[0]);
    }

    /** Returns the name that people type: the short one, if there is one. */
    String brief() {
        return names[0];
    }

    /** Returns the long name. */
    @Override
    public String toString() {
        for (String name : names) {
            if (name.startsWith("--")) {
                return name;
            }
        }
        throw new IllegalStateException(name());
    }

    /** Returns the option with a name in reports of a topic, or {@code null}. */
    static Option named(String name, Topic topic) {
        for (Option option : values()) {
            if (option.isIn(topic) && List.of(option.names).contains(name)) {
                return option;
            }
        }
        return null;
    }

    /** Returns the option that chooses processes by a property. */
    static Option choosing(Selection.By by) {
        return switch (by) {
            case PID -> PID;
            case ANCESTOR -> CHILDREN_OF;
            case USER -> USER;
            case CGROUP -> CGROUP;
            case UNIT -> UNIT;
            case CONTAINER -> CONTAINER;
        };
    }

    /** Returns the grouping for which the option is short, or {@code null}. */
    Grouping grouping() {
        return switch (this) {
            case BY_EXE -> Grouping.EXE;
            case BY_PID -> Grouping.PID;
            case BY_COMMAND -> Grouping.COMMAND;
            case BY_USER -> Grouping.USER;
            default -> null;
        };
    }

    /** Returns the values that a shell completes; none if the option takes any value. */
    List<String> candidates() {
        List<String> candidates = new ArrayList<>();
        switch (this) {
            case BY -> {
                for (Grouping grouping : Grouping.values()) {
                    candidates.add(grouping.option);
                }
            }
            case COLUMNS, SORT -> {
                for (Figure figure : Figure.values()) {
                    candidates.add(figure.option);
                }
            }
            case OUTPUT -> {
                candidates.addAll(List.of(Formats.names().split(", ", -1)));
                candidates.add(Exporters.SNAPSHOT);
            }
            default -> {
                if (label != null && label.contains("|")) {
                    candidates.addAll(List.of(label.split("[|]", -1)));
                }
            }
        }
        return candidates;
    }

    /**
     * Returns what replaces an option that reports of a topic once had, or {@code null}.
     *
     * @param typed its name, or the start of it, in upper or lower case
     */
    static String replacing(String typed, Topic topic) {
        String start = typed.toLowerCase(Locale.ROOT);
        if (start.length() < MIN_START_CHARS) {
            return null;
        }
        if ("--host".startsWith(start)) {
            return SYSTEM.isIn(topic) ? SYSTEM.toString() : null;
        }
        if ("--by-title".startsWith(start)) {
            return (topic == Topic.PROCESSES ? BY + " exe, or " : "") + BY_EXE.brief();
        }
        if ("--stats".startsWith(start)) {
            return TIMING.toString();
        }
        boolean isCost = "--max-cost".startsWith(start) && ESTIMATE_ABOVE.isIn(topic);
        return isCost ? ESTIMATE_ABOVE + " " + ESTIMATE_ABOVE.label : null;
    }
}

// lib/psm/cli/OptionSpecs.java

/**
 * Describes the commands and each {@link Option} to picocli, which parses command lines and prints
 * help.
 */
final class OptionSpecs {
    static final String PSM = "psm";

    private static final int HELP_COLUMNS = 80;

    /** A factory without the search of picocli's own factory for Groovy in all jars. */
    private static final CommandLine.IFactory FACTORY =
            new CommandLine.IFactory() {
                @Override
                public <K> K create(Class<K> type) throws Exception {
                    return type.getDeclaredConstructor().newInstance();
                }
            };

    private OptionSpecs() {}

    /** Returns psm itself, with its options under their headings, and its commands. */
    public static CommandSpec forHelp() {
        return forHelp(Topic.PROCESSES);
    }

    /** Returns the command of a topic as its help shows it. */
    static CommandSpec forHelp(Topic topic) {
        CommandSpec spec = command(topic);
        for (Option.Heading heading : Option.Heading.values()) {
            List<OptionSpec> options = options(heading, topic, false);
            if (heading.text != null && !options.isEmpty()) {
                ArgGroupSpec.Builder group = ArgGroupSpec.builder().validate(false);
                group.heading("%n" + heading.text + "%n");
                options.forEach(group::addArg);
                spec.addArgGroup(group.build());
            }
        }
        if (topic == Topic.PROCESSES) {
            addCommands(spec);
        }
        return spec;
    }

    /**
     * Returns the command of a topic for parsing: with the names of Go's psm, and without headings,
     * with which parsing would take longer.
     */
    static CommandSpec forParsing(Topic topic) {
        CommandSpec spec = command(topic);
        for (Option.Heading heading : Option.Heading.values()) {
            options(heading, topic, true).forEach(spec::addOption);
        }
        return spec;
    }

    static CommandLine commandLine(CommandSpec spec) {
        return new CommandLine(spec, FACTORY);
    }

    private static CommandSpec command(Topic topic) {
        String name = topic == Topic.PROCESSES ? PSM : PSM + ' ' + topic.command;
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .customSynopsis(name + " [OPTION...]");
        if (topic == Topic.PROCESSES) {
            describePsm(spec);
        } else {
            spec.usageMessage().description(topic.description);
        }
        return spec;
    }

    private static void describePsm(CommandSpec spec) {
        spec.usageMessage()
                .commandListHeading("%nCommands:%n")
                .description(
                        "Who uses how much RAM and swap on this Linux machine? The largest come"
                                + " last.")
                .footer(
                        "",
                        "Examples:",
                        "  sudo psm                      all processes, not only your own",
                        "  psm -f 'celery|nginx'         programs with one of these in their name",
                        "  psm --by user,program -n 10   whose programs are the largest?",
                        "  psm -u -c pss,uss,swap,peak   each user's memory, in other columns",
                        "  psm -o csv > memory.csv       for a spreadsheet");
    }

    private static void addCommands(CommandSpec spec) {
        for (Topic topic : new Topic[] {Topic.MAPS, Topic.OOM}) {
            spec.addSubcommand(topic.command, commandLine(forHelp(topic).name(topic.command)));
        }
        for (String name : InstallArguments.COMMANDS) {
            spec.addSubcommand(name, commandLine(command(name)));
        }
    }

    /** Returns a command that makes no report. */
    static CommandSpec command(String name) {
        CommandSpec spec = CommandSpec.wrapWithoutInspection(null, FACTORY).name(name);
        for (Option option : Option.values()) {
            boolean isInstall =
                    option.heading == Option.Heading.INSTALL || option == Option.NO_COMMANDS;
            if (option.heading == Option.Heading.INSTALLATION
                    || (isInstall && name.equals(InstallArguments.INSTALL))) {
                spec.addOption(spec(option, Topic.PROCESSES, false));
            }
        }
        spec.addOption(spec(Option.HELP, Topic.PROCESSES, false));
        spec.usageMessage()
                .width(HELP_COLUMNS)
                .sortOptions(false)
                .description(
                        switch (name) {
                            case InstallArguments.INSTALL ->
                                    "install psm: a launcher that starts fast, a man page and"
                                            + " completions";
                            case InstallArguments.UNINSTALL ->
                                    "remove what 'psm install' has installed";
                            default -> "check what 'psm install' has installed";
                        });
        return spec;
    }

    // Options

    private static List<OptionSpec> options(
            Option.Heading heading, Topic topic, boolean withGoNames) {
        List<OptionSpec> options = new ArrayList<>();
        for (Option option : Option.values()) {
            if (option.heading == heading && option.isIn(topic)) {
                options.add(spec(option, topic, withGoNames));
            }
        }
        return options;
    }

    private static OptionSpec spec(Option option, Topic topic, boolean withGoNames) {
        OptionSpec.Builder spec =
                OptionSpec.builder(option.names(withGoNames))
                        .userObject(option)
                        .description(option.help(topic));
        if (option.label == null) {
            return spec.arity("0").build();
        }
        List<String> candidates = option.candidates();
        if (!candidates.isEmpty()) {
            spec.completionCandidates(candidates);
        }
        return spec.paramLabel(option.label).arity("1").type(String.class).build();
    }
}

// lib/psm/cli/Options.java

/**
 * What the command line requests, as {@link Arguments} has read and checked it. It has a record for
 * each heading of help.
 *
 * @param text the text that is requested instead of a report, such as help; {@code null} for a
 *     report
 */
record Options(String text, What what, Which which, Looks looks, Where where, About about) {

    /**
     * The options about what to report.
     *
     * @param byExecutable whether programs are named after their executables even if they set
     *     titles
     * @param scripts whether interpreters are named after the scripts that they run
     * @param noCommands whether to read neither command lines nor titles
     */
    public record What(
            Topic topic, View view, boolean byExecutable, boolean scripts, boolean noCommands) {}

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
     */
    public record Looks(
            Psm.Layout layout,
            String format,
            long watchNanos,
            int count,
            boolean csvRaw,
            boolean strict) {
        static final String TABLE = "table";

        boolean isTable() {
            return format.equals(TABLE);
        }

        /** Returns whether the format contains only rows, below one header. */
        boolean isOfRowsOnly() {
            return isOfRowsOnly(format);
        }

        static boolean isOfRowsOnly(String format) {
            return format.equals("csv") || format.equals("tsv");
        }

        /** Returns whether to write the snapshot instead of a report. */
        boolean isSnapshot() {
            return format.equals(Exporters.SNAPSHOT);
        }
    }

    /**
     * The options about the source of the figures.
     *
     * @param proc the folder to read, which exists; {@code null} with {@code from}
     * @param from the file of the snapshot to read instead, or {@link SnapshotFile#STANDARD_INPUT};
     *     {@code null} for none
     * @param workers the number of threads; 0 for as many as are useful
     * @param timeoutNanos the time after which a process is skipped
     * @param estimateAboveNanos the time that the kernel may take to add up the memory of a
     *     process; 0 for any time
     */
    public record Where(
            Source source,
            String proc,
            String from,
            int workers,
            long timeoutNanos,
            long estimateAboveNanos) {}

    /**
     * The options about psm itself.
     *
     * @param timing whether to show how long the run took
     * @param cpuProfile the file for a recording of where time is spent, or {@code null}
     * @param memProfile the file for a recording of what is allocated, or {@code null}
     * @param debug whether to list the processes that could not be read
     */
    public record About(boolean timing, String cpuProfile, String memProfile, boolean debug) {}

    /**
     * Returns whether psm can use a {@link Collector}, which always reads all processes in the same
     * way.
     */
    boolean isForCollector() {
        View view = what.view;
        return !view.uses(Figure.HEAP)
                && !view.uses(Figure.MAPPINGS)
                && !what.topic.isOfMappings()
                && !what.noCommands
                && where.from == null
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
                new What(Topic.PROCESSES, View.DEFAULT, false, false, false),
                new Which(Selection.ALL, null),
                new Looks(Psm.Layout.DEFAULT, Looks.TABLE, 0, 0, false, false),
                new Where(Source.AUTO, proc(null), null, 0, ScanRequest.DEFAULT_TIMEOUT_NANOS, 0),
                new About(false, null, null, false));
    }

    /**
     * Returns the folder to read.
     *
     * @param folder the folder, or {@code null} for {@code /proc}
     * @throws Failure if it does not exist
     */
    static String proc(String folder) throws Failure {
        if (folder != null) {
            File file = new File(folder);
            if (!file.isDirectory()) {
                throw Failure.usage(
                        Option.PROC
                                + " "
                                + folder
                                + (file.exists() ? ": is not a folder" : ": no such folder")
                                + "; it takes a folder that looks like /proc",
                        null);
            }
            return folder;
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

// lib/psm/cli/ParsedOptions.java

/** The options of a command line, and the problems with them that picocli finds. */
final class ParsedOptions {
    /**
     * An option on the command line.
     *
     * @param value its value; {@code null} if it takes none
     */
    record Occurrence(Option option, String value) {}

    /** The largest number of names in the list of one option. */
    private static final int MAX_NAMES = 10_000;

    private final ParseResult parsed;

    private ParsedOptions(ParseResult parsed) {
        this.parsed = parsed;
    }

    /**
     * Parses a command line.
     *
     * @throws Failure if the command has no such option, or a value is missing
     */
    static ParsedOptions parse(CommandSpec spec, String... args) throws Failure {
        try {
            ParsedOptions parsed =
                    new ParsedOptions(
                            OptionSpecs.commandLine(spec)
                                    .setExpandAtFiles(false)
                                    .setOverwrittenOptionsAllowed(true)
                                    .parseArgs(args));
            parsed.requireFileNames();
            return parsed;
        } catch (CommandLine.UnmatchedArgumentException e) {
            throw Failure.usage(unmatched(e, args), e);
        } catch (CommandLine.MissingParameterException e) {
            OptionSpec option = (OptionSpec) e.getMissing().get(0);
            String name = typed(option, args);
            throw needsValue(name, option.paramLabel(), e);
        } catch (CommandLine.ParameterException e) {
            String flag = flagWithValue(spec, args);
            throw Failure.usage(flag == null ? e.getMessage() : flag + ": takes no value", e);
        }
    }

    /** Returns whether the option is on the command line. */
    boolean has(Option option) {
        return find(option) != null;
    }

    /** Returns the last value of an option; {@code null} if it is not on the command line. */
    String value(Option option) {
        return value(option, null);
    }

    /** Returns the last value of an option. */
    String value(Option option, String byDefault) {
        OptionSpec found = find(option);
        if (found == null) {
            return byDefault;
        }
        List<String> values = found.stringValues();
        return values.get(values.size() - 1);
    }

    /** Returns the value of an option that takes a number of things; 0 if it has none. */
    int number(Option option, int max, String things) throws Failure {
        String digits = value(option, "");
        if (!has(option)) {
            return 0;
        }
        int number = digits.matches("[0-9]{1,8}") ? Integer.parseInt(digits) : 0;
        if (number >= 1 && number <= max) {
            return number;
        }
        throw refused(option, digits, "takes a number of " + things + " from 1 to " + max);
    }

    /** Returns all options in the order of the command line. */
    List<Occurrence> all() {
        List<Occurrence> all = new ArrayList<>();
        int[] next = new int[Option.values().length];
        for (OptionSpec spec : parsed.matchedOptions()) {
            Option option = (Option) spec.userObject();
            boolean isFlag = option.label == null;
            String value = isFlag ? null : spec.stringValues().get(next[option.ordinal()]++);
            all.add(new Occurrence(option, value));
        }
        return all;
    }

    /** Returns the name of an option as it was typed. */
    String typed(Option option) {
        OptionSpec found = find(option);
        return found == null
                ? option.toString()
                : typed(found, parsed.originalArgs().toArray(new String[0]));
    }

    /** Returns the names in a list; none if the option is not on the command line. */
    List<String> names(Option option) throws Failure {
        String value = value(option, "");
        return value.isEmpty() ? List.of() : split(option, value, value);
    }

    /**
     * Splits a list at its commas.
     *
     * @param typed the value with the list, for messages
     * @throws Failure if a name is empty, or there are too many
     */
    List<String> split(Option option, String typed, String list) throws Failure {
        List<String> names = new ArrayList<>();
        for (String name : list.split(",", -1)) {
            if (name.isEmpty()) {
                throw refused(
                        option,
                        typed,
                        "has an empty name; it takes names with commas between them");
            }
            names.add(name);
        }
        if (names.size() > MAX_NAMES) {
            throw Failure.usage(typed(option) + ": takes at most " + MAX_NAMES + " names", null);
        }
        return names;
    }

    // Problems

    /** Refuses empty names of files: Java takes them for the current folder. */
    private void requireFileNames() throws Failure {
        for (Occurrence given : all()) {
            if (given.option().isOfFile() && given.value().isEmpty()) {
                throw needsValue(typed(given.option()), given.option().label, null);
            }
        }
    }

    private static Failure needsValue(String name, String label, Exception cause) {
        return Failure.usage(name + " needs a value: " + label, cause);
    }

    /**
     * Returns the failure for a name that does not exist; it lists those that do, the most similar
     * first.
     */
    Failure unknown(Option option, String name, String what, List<String> known) {
        return refused(
                option, name, "no such " + what + "; there are " + Nearest.first(name, known));
    }

    /** Returns the failure for the value of an option. */
    Failure refused(Option option, String value, String problem) {
        String shown = value.isBlank() ? "'" + value + "'" : value;
        return Failure.usage(typed(option) + ' ' + shown + ": " + problem, null);
    }

    private OptionSpec find(Option option) {
        for (OptionSpec spec : parsed.matchedOptions()) {
            if (spec.userObject() == option) {
                return spec;
            }
        }
        return null;
    }

    /** Returns the first option that takes no value and has one, or {@code null}. */
    private static String flagWithValue(CommandSpec spec, String... args) {
        for (String argument : args) {
            String name = argument.split("=", 2)[0];
            OptionSpec option = spec.findOption(name);
            if (option != null && option.arity().max() == 0 && name.length() < argument.length()) {
                return name;
            }
        }
        return null;
    }

    private static String typed(OptionSpec option, String... args) {
        for (int i = args.length - 1; i >= 0; i--) {
            for (String name : option.names()) {
                boolean isGlued = name.length() == 2 && args[i].startsWith(name);
                if (isGlued || args[i].equals(name) || args[i].startsWith(name + '=')) {
                    return name;
                }
            }
        }
        return option.longestName(); // it is one of several letters after a dash
    }

    // Arguments that do not exist in the command

    private static String unmatched(CommandLine.UnmatchedArgumentException e, String... args) {
        String argument = whole(e.getUnmatched().get(0), args);
        String command = e.getCommandLine().getCommandName();
        String problem =
                InstallArguments.COMMANDS.contains(command) ? null : misplaced(argument, command);
        if (problem != null) {
            return problem;
        }
        boolean isReport = command.startsWith(OptionSpecs.PSM);
        String psm = isReport ? command : OptionSpecs.PSM + ' ' + command;
        if (!e.isUnknownOption()) {
            String advice =
                    isReport
                            ? "; to choose programs, use " + Option.FILTER.brief() + ' ' + argument
                            : "";
            return "'" + argument + "': " + psm + " takes only options" + advice;
        }
        String similar = similar(argument, e);
        String advice = similar == null ? seeHelp(psm) : "did you mean " + similar + "?";
        return "'" + argument + "': no such option; " + advice;
    }

    /** Returns an argument as it was typed: picocli leaves out letters that are options. */
    private static String whole(String argument, String... args) {
        if (argument.length() > 2 && argument.charAt(0) == '-' && argument.charAt(1) != '-') {
            for (String typed : args) {
                if (typed.startsWith("-") && typed.endsWith(argument.substring(1))) {
                    return typed;
                }
            }
        }
        return argument;
    }

    /** Returns the option that an unknown one may stand for, or {@code null}. */
    private static String similar(String argument, CommandLine.UnmatchedArgumentException e) {
        String word = argument.split("=", 2)[0].toLowerCase(Locale.ROOT);
        String start = word.startsWith("--") ? word : '-' + word;
        if (start.length() >= Option.MIN_START_CHARS) {
            for (OptionSpec option : e.getCommandLine().getCommandSpec().options()) {
                if (option.longestName().startsWith(start)) {
                    return option.longestName();
                }
            }
        }
        List<String> similar = e.getSuggestions();
        return similar.isEmpty() ? null : similar.get(0);
    }

    /**
     * Returns the message for an argument that belongs elsewhere, or that psm no longer has; else
     * {@code null}.
     */
    private static String misplaced(String argument, String command) {
        String name = argument.split("=", 2)[0];
        String replacement = Option.replacing(name, topic(command));
        if (replacement != null) {
            return name + ": this option is now " + replacement;
        }
        if (name.equals(Option.MAP.toString())) {
            return name + ": chooses mappings: psm maps " + name + ' ' + Option.MAP.label;
        }
        if (InstallArguments.COMMANDS.contains(argument)) {
            return argument + ": comes first, and without psm's other options: psm " + argument;
        }
        if (Topic.of(argument) != null) {
            return argument + ": comes first, before the options: psm " + argument;
        }
        boolean isOfPsm =
                Option.named(name, Topic.PROCESSES) != null
                        || Option.replacing(name, Topic.PROCESSES) != null;
        return isOfPsm && !command.equals(OptionSpecs.PSM)
                ? argument + ": " + command + " has no such option; " + seeHelp(command)
                : null;
    }

    private static Topic topic(String command) {
        return command.equals(OptionSpecs.PSM)
                ? Topic.PROCESSES
                : Topic.of(command.substring(OptionSpecs.PSM.length() + 1));
    }

    private static String seeHelp(String command) {
        return command + ' ' + Option.HELP + " lists the options";
    }
}

// lib/psm/cli/Remarks.java

/**
 * The lines that psm prints about a report on standard error: what it leaves out, what would help,
 * and what the scan cost.
 */
final class Remarks {
    /** The maximum length of a name in a message, so that the message fits into a line. */
    private static final int MAX_NAME_CHARS = 48;

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
        if (!options.which().selection().isAll() && options.which().filter() == null) {
            notFound(options.which().selection().missing(snapshot.pids()));
        }
        boolean isAnyLeftOut = options.looks().layout().totalsAlone() || report.more() != null;
        if (report.rows().isEmpty() && (!isAnyLeftOut || report.processes().measured() == 0)) {
            nothing(report.processes());
        }
        unavailable();
        if (options.what().topic() == Topic.OOM) {
            unavailableToOom();
        }
        String doubts = isWorthALine(report.processes()) ? doubts(report.processes()) : "";
        if (!doubts.isEmpty()) {
            remarks.add(doubts);
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

    /** Adds a remark about each process without exact figures. */
    private void list() {
        for (Unmeasured process : snapshot.unmeasured()) {
            remarks.add(name(process) + ": " + process.reason().inWords + detail(process));
        }
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null) {
                Unmeasured unread = unread(process);
                String why = unread.reason().inWords + detail(unread);
                remarks.add(name(unread) + ": estimated: " + why);
            }
        }
    }

    private static Unmeasured unread(ProcessMemory process) {
        return new Unmeasured(
                process.pid(),
                process.program().name(),
                process.estimate().reason(),
                process.estimate().detail());
    }

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
        Filter ofPrograms = options.which().filter();
        Filter ofRows = options.what().view().filter();
        boolean isFiltered = ofPrograms != null || ofRows != null;
        if (options.what().topic().isOfMappings()
                && ofRows != null
                && !snapshot.processes().isEmpty()) {
            remarks.add("no mapping matches " + ofRows.asTyped());
        } else if (!snapshot.unmeasured().isEmpty() && isWorthALine(processes)) {
            return; // the remark about processes that are left out explains it
        } else if (isFiltered) {
            remarks.add(
                    ofPrograms != null
                            ? "no program matches " + ofPrograms.asTyped()
                            : "no row matches " + ofRows.asTyped());
        } else if (!options.which().selection().isAll()) {
            remarks.add("no process matches the selection");
        } else {
            remarks.add(
                    (isFile() ? options.where().from() : options.where().proc())
                            + ": only kernel threads");
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
            boolean isRequested = options.what().view().uses(figure) && !View.DEFAULT.uses(figure);
            if (isOfProcesses && isRequested && !isKnown(figure)) {
                remarks.add(
                        Option.COLUMNS.brief() + " " + figure.option + ": " + unavailable(figure));
            }
        }
    }

    private String unavailable(Figure figure) {
        Detail needed = figure.needs();
        if (isFile() && needed != null && !snapshot.scope().details().contains(needed)) {
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
        for (ProcessMemory process : snapshot.processes()) {
            if (figure.of(process) != Missing.VALUE) {
                return true;
            }
        }
        return false;
    }

    /** Adds remarks about figures that {@code psm oom} needs and the kernel does not report. */
    private void unavailableToOom() {
        Pressure pressure = snapshot.host().pressure();
        if (pressure == null || pressure.percent(Pressure.Who.SOME, 10) == null) {
            remarks.add(
                    "oom: memory pressure is not available: needs Linux 4.20 with CONFIG_PSI, and"
                            + " on some hosts psi=1 at boot");
        }
        if (!isKnown(Figure.OOM_SCORE)) {
            remarks.add(
                    "oom: oom_score is not available: processes are in the order of RSS, swap and"
                            + " page tables");
        }
    }

    /**
     * Returns whether to mention what the figures leave out. Processes that exited use no memory
     * any more; if nothing else is left out, only {@code --debug} mentions them.
     */
    private boolean isWorthALine(Psm.Processes processes) {
        boolean isExited =
                snapshot.unmeasured().size() == snapshot.count(Unmeasured.Reason.VANISHED);
        return options.about().debug()
                || !isExited
                || snapshot.run().hidden()
                || processes.estimated() > 0;
    }

    /** Returns which processes the figures do not include, and which figures may be too high. */
    private String doubts(Psm.Processes processes) {
        StringBuilder doubts = new StringBuilder();
        Unmeasured stuck = first(Unmeasured.Reason.STUCK);
        Unmeasured failed = first(Unmeasured.Reason.FAILED);
        String leftOut =
                LeftOut.inWords(processes, details(stuck, failed, processes.failed()));
        if (!leftOut.isEmpty()) {
            doubts.append("not included: ").append(leftOut);
        }
        Psm.Estimates estimates = processes.estimates();
        if (processes.estimated() > estimates.doubtful()) {
            doubts.append(doubts.length() == 0 ? "" : "; ");
            boolean isMissing = estimates.tooLow() && !estimates.tooHigh();
            doubts.append(isMissing ? "not known: " : "estimated by Rss, with all shared memory: ");
            doubts.append(estimated(estimates));
        }
        if (estimates.doubtful() > 0) {
            doubts.append(doubts.length() == 0 ? "" : "; ");
            doubts.append("possibly too high: ").append(LeftOut.processes(estimates.doubtful()));
            doubts.append(" may be counted twice; ");
            doubts.append(isFile() ? "write the snapshot as root" : "run as root");
            doubts.append(" to resolve");
        }
        return doubts.toString();
    }

    private String estimated(Psm.Estimates estimates) {
        Unmeasured stuck = firstEstimated(Unmeasured.Reason.STUCK);
        Unmeasured failed = firstEstimated(Unmeasured.Reason.FAILED);
        Psm.Estimates byRss =
                new Psm.Estimates(
                        estimates.denied(),
                        estimates.stuck(),
                        estimates.failed(),
                        estimates.large(),
                        estimates.unsupported(),
                        0,
                        estimates.tooHigh(),
                        estimates.tooLow());
        return LeftOut.estimated(byRss, details(stuck, failed, estimates.failed()));
    }

    private LeftOut.Details details(Unmeasured stuck, Unmeasured failed, int countOfFailed) {
        boolean isOneOfMany = !options.about().debug() && countOfFailed > 1;
        return new LeftOut.Details(
                denied(),
                isFile() ? "" : "; " + remedy(),
                stuck == null
                        ? ""
                        : " of " + seconds(snapshot.scope().timeoutNanos()) + first(stuck),
                failed == null
                        ? ""
                        : first(failed) + (isOneOfMany ? "; " + Option.DEBUG + " lists them" : ""));
    }

    private String denied() {
        if (isFile()) {
            return "; write the snapshot as root";
        }
        if (source.isCollected() || new OwnProcess().isRoot()) {
            return " even to root";
        }
        return "; " + remedy();
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
        return options.where().from() != null;
    }

    /**
     * Returns the first process that was not measured for a reason; {@code null} if there is none.
     */
    private Unmeasured first(Unmeasured.Reason reason) {
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() == reason) {
                return process;
            }
        }
        return null;
    }

    /** Returns the first process that is estimated for a reason; {@code null} for none. */
    private Unmeasured firstEstimated(Unmeasured.Reason reason) {
        for (ProcessMemory process : snapshot.processes()) {
            if (process.estimate() != null && process.estimate().reason() == reason) {
                return unread(process);
            }
        }
        return null;
    }

    private static String first(Unmeasured process) {
        return "; first: " + name(process) + detail(process);
    }

    private static String name(Unmeasured process) {
        boolean isNamed = process.program() != null && !process.program().equals("?");
        return "pid "
                + process.pid()
                + (isNamed ? " (" + Text.cut(process.program(), MAX_NAME_CHARS) + ")" : "");
    }

    private static String detail(Unmeasured process) {
        return process.detail() == null ? "" : ": " + process.detail();
    }

    private String timing() {
        OwnProcess self = new OwnProcess();
        return LeftOut.processes(snapshot.processes().size())
                + ", "
                + snapshot.run().bytesRead()
                + " bytes read, "
                + snapshot.run().workers()
                + (snapshot.run().workers() == 1 ? " worker, " : " workers, ")
                + milliseconds(snapshot.run().nanos())
                + " ms to scan, "
                + self.millisecondsSinceStart()
                + " ms in total, "
                + self.peakMemory()
                + " peak memory (VmHWM)"
                + way();
    }

    /** Returns the words that say with whose rights the processes were read. */
    private String way() {
        if (source.isCollected()) {
            return ", " + CollectorClient.way();
        }
        return options.where().from() == null ? ", with your own rights" : "";
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

// lib/psm/cli/ReportCommand.java

/** Makes the requested report, once or repeatedly, and writes it. */
final class ReportCommand {
    private final Options options;
    private final StandardOutput output;
    private final Consumer<String> remarks;
    private final SnapshotSource source;

    /** The last report, for a window that changes its size; {@code null} at first. */
    private Shown last;

    /** A report, what writes it, and the lines below it. */
    private record Shown(Psm.Report report, Psm.Exporter exporter, List<String> remarks) {}

    /**
     * Creates the command.
     *
     * @param remarks receives a line for each thing that the user should know about the report
     */
    public ReportCommand(Options options, StandardOutput output, Consumer<String> remarks) {
        this.options = options;
        this.output = output;
        this.remarks = remarks;
        this.source = new SnapshotSource(options);
    }

    /** Makes the reports, and records the run in files if that is requested. */
    public void run() throws Failure {
        String timeFile = options.about().cpuProfile();
        String allocationsFile = options.about().memProfile();
        FlightRecording time =
                timeFile == null ? null : FlightRecording.start(FlightRecording.Of.TIME, timeFile);
        FlightRecording allocations =
                allocationsFile == null
                        ? null
                        : FlightRecording.start(FlightRecording.Of.ALLOCATIONS, allocationsFile);
        try {
            if (options.looks().watchNanos() == 0) {
                report(true, null);
            } else {
                watch();
            }
        } finally {
            if (time != null) {
                time.write();
            }
            if (allocations != null) {
                allocations.write();
            }
        }
    }

    private void watch() throws Failure {
        Options.Looks looks = options.looks();
        Map<Object, Long> memory = new HashMap<>();
        new Watch(looks.watchNanos(), looks.count(), output.isTerminal(), isInPlace())
                .run(
                        new Watch.Round() {
                            @Override
                            public boolean report(boolean isFirst) throws Failure {
                                return ReportCommand.this.report(isFirst, memory);
                            }

                            @Override
                            public void redraw() throws Failure {
                                if (last != null) {
                                    show(last, false);
                                }
                            }
                        });
    }

    /** Returns whether each report replaces the previous one. */
    private boolean isInPlace() {
        return options.looks().watchNanos() > 0
                && isTable()
                && output.isTerminal()
                && Terminal.hasEscapes();
    }

    private boolean isTable() {
        return options.looks().isTable();
    }

    /**
     * Makes one report.
     *
     * @param isFirst whether this is the first report: some messages are printed only once
     * @param memory see {@link ProcessReport#of}
     * @return whether it could be written; if not, its reader has closed the pipe
     */
    private boolean report(boolean isFirst, Map<Object, Long> memory) throws Failure {
        Psm.Exporter exporter = isSnapshotWanted() ? null : exporter(isFirst);
        for (Filter filter : filters()) {
            filter.begin();
        }
        Snapshot snapshot = source.get();
        for (Filter filter : filters()) {
            filter.requireFast();
        }
        Psm.Report report = report(snapshot, memory);
        List<String> lines = new Remarks(options, snapshot, source).all(report);
        if (source.problem() != null) {
            lines.add(0, source.problem());
        }
        if (exporter == null) {
            write(snapshot);
            lines.forEach(remarks);
        } else {
            last = new Shown(report, exporter, lines);
            show(last, isFirst);
        }
        requireComplete(snapshot, report);
        return output.failure() == null;
    }

    /** Writes a report, and then the remarks about it. */
    private void show(Shown shown, boolean isFirst) throws Failure {
        if (isInPlace()) {
            output.write(Watch.HOME_AND_CLEAR);
        } else if (!isFirst && isTable()) {
            output.write("\n");
        }
        Terminal window = window(!isFirst);
        boolean isHeightLimited = isInPlace() && window.rows() > 0;
        int height = isHeightLimited ? window.linesAbove(shown.remarks) : 0;
        boolean isTitled = isFirst || !options.looks().isOfRowsOnly();
        Psm.Layout layout = layout(window, height);
        export(shown.report, shown.exporter, isTitled ? layout : layout.withoutHeader());
        output.end();
        for (String line : shown.remarks) {
            remarks.accept(line);
        }
    }

    private List<Filter> filters() {
        List<Filter> filters = new ArrayList<>();
        for (Filter filter :
                new Filter[] {options.which().filter(), options.what().view().filter()}) {
            if (filter != null) {
                filters.add(filter);
            }
        }
        return filters;
    }

    private void requireComplete(Snapshot snapshot, Psm.Report report) throws Failure {
        Psm.Processes processes = report.processes();
        if (processes.complete() && processes.estimates().unread() == 0) {
            return;
        }
        if (snapshot.processes().isEmpty()) {
            throw Failure.of(
                    "no process could be measured; " + Option.DEBUG + " lists the reasons", null);
        }
        if (options.looks().strict()) {
            String problem = processes.complete() ? "contains estimates" : "is incomplete";
            throw Failure.incomplete(Option.STRICT + ": the report " + problem);
        }
    }

    private Psm.Report report(Snapshot snapshot, Map<Object, Long> memory) throws Failure {
        View view = options.what().view();
        String version = snapshot.run().psmVersion();
        return switch (options.what().topic()) {
            case PROCESSES ->
                    ProcessReport.of(snapshot, version, view, source.users(snapshot), memory);
            case MAPS -> MappingReport.of(snapshot, version, false, view);
            case KINDS -> MappingReport.of(snapshot, version, true, view);
            case OOM -> OomReport.of(snapshot, version, view.maxRows());
        };
    }

    /** Returns the size that a table must fit into; 0 rows where it is not shown on a terminal. */
    private Terminal window(boolean mayHaveChanged) {
        if (!output.isTerminal() || !isTable()) {
            return new Terminal(0, 0);
        }
        return mayHaveChanged ? Terminal.now() : Terminal.atStart();
    }

    // Output

    private boolean isSnapshotWanted() throws Failure {
        boolean isWanted = options.looks().isSnapshot();
        if (isWanted && output.isTerminal()) {
            throw Failure.usage(
                    Option.OUTPUT.brief()
                            + " snapshot: cannot be shown on a terminal; write it to a file: psm -o"
                            + " snapshot > host1.psm",
                    null);
        }
        return isWanted;
    }

    private void write(Snapshot snapshot) throws Failure {
        try {
            boolean isRead =
                    options.where().from()
                            != null; // a snapshot from a file contains the names of its host
            output.makePrivate(); // it contains command lines
            SnapshotWriter.write(
                    isRead ? snapshot : snapshot.withNames(source.users(snapshot)), output);
            output.end();
        } catch (IOException e) {
            output.failed(e);
        }
    }

    private Psm.Exporter exporter(boolean isFirst) throws Failure {
        Exporters exporters =
                Exporters.find(options.looks().format(), !InvokingUser.hasFewerRights());
        if (isFirst) {
            for (String problem : exporters.problems()) {
                remarks.accept(problem);
            }
        }
        Psm.Exporter exporter = exporters.named(options.looks().format());
        if (exporter == null) {
            throw Failure.usage(asked() + ": no such format; there are " + exporters.names(), null);
        }
        if (exporters.isBinary(options.looks().format()) && output.isTerminal()) {
            throw Failure.usage(
                    asked()
                            + ": is binary, which no terminal shows; write it to a file: psm "
                            + asked()
                            + " > FILE",
                    null);
        }
        return exporter;
    }

    /** Returns the option for the format as on a command line. */
    private String asked() {
        return Option.OUTPUT.brief() + ' ' + options.looks().format();
    }

    private void export(Psm.Report report, Psm.Exporter exporter, Psm.Layout layout)
            throws Failure {
        try {
            boolean isPlain = output.isTerminal() && !isTable(); // a table escapes names itself
            TerminalText text = new TerminalText(output);
            exporter.export(
                    report,
                    new Psm.Output(
                            isPlain ? text : output,
                            output.isTerminal(),
                            StandardOutput.isUnicode(),
                            options.looks().csvRaw(),
                            layout));
            text.finish();
        } catch (Throwable e) {
            if (e instanceof OutOfMemoryError full && Exporters.isOurs(exporter)) {
                throw full; // the report is too large, which is no defect of the format
            }
            if (output.failure() != null) {
                output.failed(output.failure());
            } else {
                throw Failure.of(
                        asked()
                                + ": failed in "
                                + Exporters.describe(exporter)
                                + ": "
                                + Exporters.reason(e),
                        e);
            }
        }
    }

    private Psm.Layout layout(Terminal window, int height) {
        Psm.Layout layout = options.looks().layout();
        return output.isTerminal()
                ? layout.on(window.columns(), isTable() && Terminal.isColoured()).within(height)
                : layout;
    }
}

// lib/psm/cli/SelectionArguments.java

/** Reads the options that choose processes by their properties. */
final class SelectionArguments {
    private static final Pattern ID = Pattern.compile("[0-9]{1,10}");
    private static final Pattern PID = Pattern.compile("[1-9][0-9]{0,8}");

    private final ParsedOptions parsed;

    SelectionArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /** Returns which processes are wanted. */
    Selection selection() throws Failure {
        List<Selection.Rule> rules = new ArrayList<>();
        for (Selection.By by : Selection.By.values()) {
            Option option = Option.choosing(by);
            if (!parsed.has(option)) {
                continue;
            }
            String value = parsed.value(option, "");
            boolean isNot = value.startsWith("!");
            Set<String> wanted = new LinkedHashSet<>();
            String list = isNot ? value.substring(1) : value;
            for (String name : parsed.split(option, value, list)) {
                boolean isPid = by == Selection.By.PID || by == Selection.By.ANCESTOR;
                wanted.add(isPid ? pid(option, name) : name);
            }
            if (by == Selection.By.USER && !parsed.has(Option.FROM)) {
                requireUsers(wanted);
            }
            rules.add(new Selection.Rule(by, wanted, isNot));
        }
        if (parsed.has(Option.MINE)) {
            rules.add(new Selection.Rule(Selection.By.USER, Set.of(InvokingUser.user()), false));
        }
        return rules.isEmpty() ? Selection.ALL : new Selection(rules);
    }

    private void requireUsers(Set<String> wanted) throws Failure {
        UserNames names = UserNames.of(proc());
        for (String user : wanted) {
            if (!isId(user) && !names.hasUser(user)) {
                String hint = user.startsWith("!") ? "! goes before the whole list; " : "";
                throw parsed.refused(
                        Option.USER, user, "no such user; " + hint + known(user, names.users()));
            }
        }
    }

    private String known(String user, List<String> names) throws Failure {
        return names.isEmpty()
                ? Options.proc(parsed.value(Option.PROC))
                        + "/../etc/passwd names no users, so give ids, such as 0"
                : "there are " + Nearest.some(user, names);
    }

    private ProcFs proc() throws Failure {
        return new ProcFs(Options.proc(parsed.value(Option.PROC)));
    }

    /** Returns whether a text is a user id; the user need not have a name. */
    static boolean isId(String user) {
        return ID.matcher(user).matches();
    }

    private String pid(Option option, String name) throws Failure {
        if (name.equals("self")) {
            if (parsed.has(Option.FROM)) {
                throw parsed.refused(
                        option, name, "is this psm, which is not in a snapshot; leave it out");
            }
            return parsed.has(Option.PROC) ? self(option) : Integer.toString(new OwnProcess().pid());
        }
        if (!PID.matcher(name).matches()) {
            throw parsed.refused(option, name, "takes pids, such as 42,4711, or self");
        }
        return name;
    }

    /** Returns the process that another tree's link {@code self} leads to. */
    private String self(Option option) throws Failure {
        String pid;
        try {
            pid = proc().link("self");
        } catch (IOException e) {
            pid = "";
        }
        if (!PID.matcher(pid).matches()) {
            throw parsed.refused(
                    option,
                    "self",
                    parsed.value(Option.PROC) + "/self names no process; give a pid");
        }
        return pid;
    }
}

// lib/psm/cli/SnapshotSource.java

/**
 * Gets the snapshot for a report: from a file; from a {@link Collector}, if this user may use one
 * and it can answer; else by a scan with the user's own rights.
 */
final class SnapshotSource {
    private final Options options;

    /** Whether this user may use a collector, and the options allow it. */
    private final boolean isForCollector;

    private boolean isCollected;

    /**
     * Whether chosen names have been checked: after the first report they may disappear and come
     * back.
     */
    private boolean areNamesChecked;

    private String problem;

    SnapshotSource(Options options) {
        this.options = options;
        this.isForCollector = CollectorClient.way() != null && options.isForCollector();
    }

    /**
     * Returns a snapshot of the processes to report.
     *
     * @throws Failure if no process or none of the requested data can be read
     */
    Snapshot get() throws Failure {
        Snapshot snapshot = options.where().from() == null ? collectOrScan() : read();
        areNamesChecked = true;
        boolean isSystem = options.what().view().system();
        if (isSystem && snapshot.host().memory().bytes("MemTotal") == Missing.VALUE) {
            throw Failure.of(
                    Option.SYSTEM
                            + ": "
                            + (options.where().from() == null
                                    ? options.where().proc() + "/meminfo shows no MemTotal"
                                    : "this snapshot contains no meminfo")
                            + "; leave it out to see the processes",
                    null);
        }
        return snapshot;
    }

    /** Returns whether the last snapshot is from a collector. */
    boolean isCollected() {
        return isCollected;
    }

    /**
     * Returns why the collector failed, with a remedy, in one line; {@code null} if it did not
     * fail.
     */
    String problem() {
        return problem;
    }

    /** Returns the names of users on the host of the snapshot. */
    UserNames users(Snapshot snapshot) {
        return options.where().from() == null
                ? UserNames.of(new ProcFs(options.where().proc()))
                : snapshot.userNames();
    }

    private Snapshot read() throws Failure {
        if (options.where().from().equals(SnapshotFile.STANDARD_INPUT)
                && StandardOutput.isTerminal(StandardOutput.target(0))) {
            throw Failure.usage(
                    Option.FROM
                            + " -: reads a snapshot from standard input, which is a terminal; pipe"
                            + " one into it: ssh host1 sudo psm -o snapshot | psm --from -",
                    null);
        }
        Snapshot snapshot = SnapshotFile.read(Option.FROM.toString(), options.where().from());
        if (options.what().view().uses(Figure.HEAP) && !snapshot.scope().heap()) {
            throw Failure.usage(
                    Option.HEAP
                            + ": this snapshot was written without it; write it with 'psm --heap -o"
                            + " snapshot'",
                    null);
        }
        if (options.what().topic() == Topic.OOM
                && !snapshot.scope().details().containsAll(OomReport.DETAILS)) {
            throw Failure.usage(
                    "oom: this snapshot contains no OOM scores, since an older psm wrote it; write"
                            + " it with 'psm -o snapshot' of this version",
                    null);
        }
        if (!options.which().selection().isAll()) {
            ChosenNames.requireWritten(options.which().selection(), snapshot);
        }
        return asAsked(snapshot);
    }

    private Snapshot collectOrScan() throws Failure {
        isCollected = false;
        problem = null;
        if (isForCollector) {
            try {
                Snapshot all = CollectorClient.read(options.looks().isSnapshot() ? all() : needs());
                isCollected = true;
                requireNames(all, new ProcFs(ProcFs.DEFAULT_ROOT));
                return asAsked(all);
            } catch (CollectorClient.BusyException e) {
                problem =
                        "the collector is busy ("
                                + CollectorClient.way()
                                + "), so psm reads with your own rights; it takes "
                                + CollectorClient.SLOTS_OF_A_USER
                                + " calls of a user at a time, and "
                                + CollectorClient.SLOTS
                                + " in all; run psm again";
            } catch (CollectorClient.LimitedException e) {
                problem =
                        "your limits are too low for the collector ("
                                + CollectorClient.way()
                                + "), and root cannot raise them here, so psm reads with your own"
                                + " rights; see 'ulimit -Ha', or use sudo";
            } catch (IOException e) {
                problem =
                        "no snapshot from the collector ("
                                + CollectorClient.way()
                                + "); run 'sudo psm doctor'";
            }
        }
        return scan();
    }

    /** Returns a snapshot as a scan with these options would have made it. */
    private Snapshot asAsked(Snapshot snapshot) {
        ProcessMemory own = snapshot.run().own();
        boolean isOwnShown = own != null && options.which().selection().names(own.pid());
        Snapshot shown = isOwnShown ? snapshot.withOwn() : snapshot;
        Snapshot named = shown.named(!options.what().byExecutable(), options.what().scripts());
        Snapshot chosen =
                options.which().selection().isAll()
                        ? named
                        : named.chosen(options.which().selection(), users(snapshot));
        return options.which().filter() == null
                ? chosen
                : chosen.filtered(options.which().filter());
    }

    private Snapshot scan() throws Failure {
        ScanRequest asked =
                ScanRequest.of(options.where().source())
                        .withHeap(options.what().view().uses(Figure.HEAP))
                        .named(!options.what().byExecutable(), options.what().scripts())
                        .with(options.looks().isSnapshot() ? all() : needs())
                        .within(
                                options.where().timeoutNanos(),
                                options.where().estimateAboveNanos())
                        .of(options.which().selection())
                        .filtered(options.which().filter());
        ScanRequest named = options.what().noCommands() ? asked.withoutCommands() : asked;
        ScanRequest request = options.what().topic().isOfMappings() ? named.withMappings() : named;
        ProcFs proc = new ProcFs(options.where().proc());
        Snapshot snapshot = scan(request, proc);
        if (snapshot.run().listed() == 0) {
            throw Failure.usage(
                    Option.PROC
                            + " "
                            + options.where().proc()
                            + ": contains no processes, so it does not look like /proc",
                    null);
        }
        requireNames(snapshot, proc);
        return options.looks().isSnapshot() ? fitting(snapshot) : snapshot;
    }

    private Snapshot scan(ScanRequest request, ProcFs proc) throws Failure {
        int workers = options.where().workers();
        try {
            if (InvokingUser.hasFewerRights()) {
                // Marks of replaced programs would show that user which files exist.
                Snapshot confined = new Scanner(ProcFs.confined(), request).scan(workers);
                return confined.with(confined.processes(), confined.host().memory().withSys(proc));
            }
            return new Scanner(proc, request).scan(workers);
        } catch (IOException e) {
            throw Failure.of(
                    "cannot list the processes in "
                            + options.where().proc()
                            + ": "
                            + Failure.reason(e),
                    e);
        }
    }

    private void requireNames(Snapshot snapshot, ProcFs proc) throws Failure {
        if (!areNamesChecked && options.which().selection().needs(Detail.CGROUP)) {
            ChosenNames.require(options.which().selection(), snapshot, proc);
        }
    }

    private Set<Detail> needs() {
        return options.what().topic() == Topic.OOM
                ? OomReport.DETAILS
                : options.what().view().needs();
    }

    /** Returns the details that a snapshot contains: all that cost almost nothing. */
    private static Set<Detail> all() {
        return EnumSet.complementOf(EnumSet.of(Detail.MAPPINGS));
    }

    private static Snapshot fitting(Snapshot snapshot) throws Failure {
        try {
            return SnapshotBudget.fit(snapshot);
        } catch (SnapshotFormatException e) {
            throw Failure.of(Option.OUTPUT.brief() + " snapshot: " + e.getMessage(), e);
        }
    }
}

// lib/psm/cli/Topic.java

/** The subjects of reports, and their commands. */
enum Topic {
    /** Memory by process, or by groups of them. */
    PROCESSES(null, null),
    /** Memory by the names of mappings. */
    MAPS("maps", "memory by mapping: libraries, files, heaps, stacks, anonymous and shared memory"),
    /** Memory by the kinds of mappings. */
    KINDS(MAPS.command, MAPS.description),
    /** The order in which the kernel's OOM killer would end processes. */
    OOM("oom", "which process the OOM killer would end first, and how close that is");

    /** The first argument of the command line; {@code null} for none. */
    final String command;

    /** The text of help. */
    final String description;

    Topic(String command, String description) {
        this.command = command;
        this.description = description;
    }

    /** Returns whether a scan has to read mappings. */
    boolean isOfMappings() {
        return this == MAPS || this == KINDS;
    }

    /** Returns the topic of a command, or {@code null}. */
    static Topic of(String command) {
        for (Topic topic : values()) {
            if (command.equals(topic.command)) {
                return topic;
            }
        }
        return null;
    }
}

// lib/psm/cli/ViewArguments.java

/** Reads the options that choose what a report shows. */
final class ViewArguments {
    private static final String HELP = "help";
    private static final String KIND = "kind";
    private static final int MAX_ROWS = 1_000_000;

    private final ParsedOptions parsed;

    /**
     * The topic of the command. It is never {@link Topic#KINDS}, which has no command of its own.
     */
    private final Topic command;

    ViewArguments(ParsedOptions parsed, Topic command) {
        this.parsed = parsed;
        this.command = command;
    }

    /** Returns what the report is about. */
    Topic topic() throws Failure {
        String by = parsed.value(Option.BY_OF_MAPPINGS, "");
        if (by.isEmpty() || by.equals("name")) {
            return command;
        }
        if (by.equals(KIND)) {
            return Topic.KINDS;
        }
        throw parsed.refused(Option.BY_OF_MAPPINGS, by, "mappings are grouped by name or by kind");
    }

    /** Returns the list that is requested instead of a report; {@code null} for a report. */
    String help() {
        StringBuilder help = new StringBuilder();
        if (parsed.value(Option.COLUMNS, "").equals(HELP)) {
            for (Figure figure : Figure.values()) {
                if (figure.fold != Figure.Fold.MARK) {
                    line(help, figure.option, figure.description);
                }
            }
        } else if (parsed.value(Option.BY, "").equals(HELP)) {
            for (Grouping grouping : Grouping.values()) {
                line(help, grouping.option, grouping.description);
            }
        }
        return help.length() == 0 ? null : help.toString();
    }

    private static void line(StringBuilder out, String name, String description) {
        out.append(name);
        for (int i = name.length(); i < 18; i++) {
            out.append(' ');
        }
        out.append(description).append('\n');
    }

    /**
     * Returns what the report shows.
     *
     * @param filter the filter for the names of rows; ignored for names of programs, which the scan
     *     filters
     */
    View view(Filter filter) throws Failure {
        if (help() != null) {
            return View.DEFAULT;
        }
        List<Grouping> by = by();
        List<View.Shown> columns = new ColumnArguments(parsed).columns();
        int rows = parsed.number(Option.ROWS, MAX_ROWS, "rows");
        long least = least();
        if (by.contains(Grouping.TREE)) {
            requireWholeTree(by, rows > 0, least != Missing.VALUE);
        }
        boolean isSystem = parsed.has(Option.SYSTEM);
        View view =
                new View(
                        by,
                        columns,
                        sort(by),
                        parsed.has(Option.REVERSE),
                        rows,
                        least,
                        parsed.has(Option.TOTAL),
                        isSystem,
                        command != Topic.MAPS && namesArePrograms(by) ? null : filter);
        if (isSystem && !view.shows(Figure.PSS)) {
            throw Failure.usage(
                    Option.SYSTEM + ": accounts for pss; add it to " + Option.COLUMNS.brief(),
                    null);
        }
        return view;
    }

    private void requireWholeTree(List<Grouping> by, boolean isCut, boolean hasLeast)
            throws Failure {
        if (by.size() > 1 || isCut || hasLeast) {
            String extra =
                    by.size() > 1
                            ? "the other groups"
                            : parsed.typed(isCut ? Option.ROWS : Option.MIN);
            throw Failure.usage(
                    Option.BY + " tree: shows all processes, and nothing else; leave out " + extra,
                    null);
        }
    }

    /** Returns whether the rows are named after programs, so that a scan can filter them. */
    static boolean namesArePrograms(List<Grouping> by) {
        return by.size() == 1 && by.get(0).isNamedByProgram();
    }

    /** Returns whether programs are named after their executables even if they set titles. */
    boolean byExecutable() throws Failure {
        return parsed.has(Option.BY_EXE) || (help() == null && allGroups().contains(Grouping.EXE));
    }

    /** Returns the groups of the view. */
    private List<Grouping> by() throws Failure {
        Set<Grouping> by = allGroups();
        if (by.contains(Grouping.EXE)) {
            if (by.contains(Grouping.PROGRAM)) {
                throw Failure.usage(
                        Option.BY + " exe: takes the place of program; leave out program", null);
            }
            if (by.contains(Grouping.PID) || by.contains(Grouping.TREE)) {
                by.remove(Grouping.EXE); // rows by program show the names of executables then
            }
        }
        return by.isEmpty() ? List.of(Grouping.PROGRAM) : List.copyOf(by);
    }

    /** Returns all groups in the order of the command line. */
    private Set<Grouping> allGroups() throws Failure {
        Set<Grouping> by = new LinkedHashSet<>();
        if (command == Topic.PROCESSES) {
            for (ParsedOptions.Occurrence given : parsed.all()) {
                if (given.option() == Option.BY) {
                    for (String what : parsed.split(Option.BY, given.value(), given.value())) {
                        by.add(grouping(what));
                    }
                } else if (given.option().grouping() != null) {
                    by.add(given.option().grouping());
                }
            }
        }
        return by;
    }

    private Grouping grouping(String name) throws Failure {
        Grouping grouping = Grouping.named(name);
        if (grouping != null) {
            return grouping;
        }
        List<String> known = new ArrayList<>();
        for (Grouping other : Grouping.values()) {
            known.add(other.option);
        }
        throw parsed.unknown(Option.BY, name, "way to group", known);
    }

    /** Returns the figure to sort by; {@code null} to sort by name. */
    private Figure sort(List<Grouping> by) throws Failure {
        String name = parsed.value(Option.SORT, "");
        if (name.isEmpty()) {
            return Figure.PSS;
        }
        for (Grouping grouping : by) {
            boolean isOfNames = grouping != Grouping.PID; // rows by pid are named after programs
            if ((isOfNames && grouping.option.equalsIgnoreCase(name))
                    || grouping.column.key().equalsIgnoreCase(name)) {
                return null;
            }
        }
        if (name.equalsIgnoreCase("name")) {
            return null;
        }
        Figure figure = new ColumnArguments(parsed).figure(Option.SORT, name, name);
        if (command == Topic.MAPS && !MappingReport.contains(figure)) {
            throw parsed.refused(
                    Option.SORT,
                    figure.option,
                    "mappings are sorted by pss, uss, shared, rss, swap, mappings or name");
        }
        return figure;
    }

    private long least() throws Failure {
        String size = parsed.value(Option.MIN, "");
        if (size.isEmpty()) {
            return Missing.VALUE;
        }
        long bytes = Sizes.parse(size);
        if (bytes == Missing.VALUE) {
            throw parsed.refused(Option.MIN, size, "takes a size, such as 10M or 1.5G");
        }
        return bytes;
    }

    /** Returns the layout of a table. */
    Psm.Layout layout() throws Failure {
        return new Psm.Layout(
                unit(),
                parsed.has(Option.SI),
                !parsed.has(Option.NO_HEADER),
                parsed.has(Option.TOTAL),
                parsed.has(Option.BARS),
                false,
                0);
    }

    private Psm.Unit unit() throws Failure {
        String name = parsed.value(Option.UNITS, "");
        if (name.isEmpty()) {
            return Psm.Unit.M;
        }
        List<String> known = new ArrayList<>();
        for (Psm.Unit unit : Psm.Unit.values()) {
            if (unit.name().equalsIgnoreCase(name)) {
                return unit;
            }
            known.add(unit.name().toLowerCase(Locale.ROOT));
        }
        throw parsed.unknown(Option.UNITS, name, "unit", known);
    }
}

// lib/psm/install/Archive.java

/**
 * The archives of loaded classes in an installation, one for each kind of run. Java reads a whole
 * archive at each start, so none contains a library that its runs do not use.
 */
enum Archive {
    /** The archive for runs without options. */
    PLAIN,
    /** The archive for runs with options that write a table. */
    OPTIONS,
    /** The archive for runs that write a format other than the table. */
    FORMATS,
    /** The archive for the collector, which only an installation for a group contains. */
    COLLECTOR;

    /** The archives of every installation. */
    static final List<Archive> ALWAYS = List.of(PLAIN, OPTIONS, FORMATS);

    /** Returns the name of its file, without the extension that {@link JavaHome} adds. */
    String stem() {
        return name().toLowerCase(Locale.ROOT);
    }
}

// lib/psm/install/ArchiveWriter.java

/**
 * Writes the archives of an installation: for each, it runs psm's training class and lets Java
 * archive the classes that it loads.
 *
 * @param java the Java that will use the archives
 * @param folder the folder of the installation
 * @param training the class that does the runs
 */
record ArchiveWriter(JavaHome java, Path folder, Class<?> training) {
    /**
     * Writes all archives.
     *
     * @param command the start of psm's command line, up to the main class
     * @param access the group's access, or {@code null}
     * @return whether Java could write all of them
     */
    boolean writeAll(List<String> command, GroupAccess access) throws IOException {
        boolean isComplete = true;
        List<String> arguments = new ArrayList<>();
        Path snapshot = folder.resolve("training");
        if (access != null) {
            isComplete = writeOrRetry(Archive.COLLECTOR, access.javaCommand(), arguments);
            arguments.add(snapshot.toString());
        }
        try {
            for (Archive archive : Archive.ALWAYS) {
                isComplete &= writeOrRetry(archive, command, arguments);
            }
        } finally {
            Files.deleteIfExists(snapshot);
        }
        return isComplete;
    }

    /**
     * Writes an archive. Java starts a second Java for it, which was seen to fail on a busy
     * machine, once in some hundred times.
     */
    private boolean writeOrRetry(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        boolean isWritten = write(archive, command, arguments);
        return isWritten || write(archive, command, arguments);
    }

    private boolean write(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        Path file = folder.resolve(java.archiveName(archive.stem()));
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(training.getName(), archive.name()));
        words.addAll(arguments);
        if (java.version() > JavaHome.FIRST_WITH_AOT_CACHE) {
            Subprocess.run(JavaHome.with("-XX:AOTCacheOutput=" + file, words));
        } else if (java.version() == JavaHome.FIRST_WITH_AOT_CACHE) {
            Path loaded = Path.of(file + ".loaded");
            words = JavaHome.with("-XX:AOTConfiguration=" + loaded, words);
            Subprocess.run(JavaHome.with("-XX:AOTMode=record", words));
            words = JavaHome.with("-XX:AOTCache=" + file, words);
            Subprocess.run(JavaHome.with("-XX:AOTMode=create", words));
            Files.deleteIfExists(loaded);
        } else {
            Subprocess.run(JavaHome.with("-XX:ArchiveClassesAtExit=" + file, words));
        }
        Files.deleteIfExists(Path.of(file + ".config")); // of an archive that failed
        if (!Files.exists(file)) {
            return false;
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        return true;
    }
}

// lib/psm/install/CollectorScript.java

/**
 * The script {@code lib/psm/collect}, which sudo starts. A member of the group calls it, and so
 * controls its current folder, descriptors, limits, ignored signals, scheduling and timer slack,
 * and the time of the call.
 *
 * <p>So it first sets all of these back; without CAP_SYS_RESOURCE root cannot raise limits, and it
 * ends if they are too low for Java. Then it takes two slots, one of the user's and one of the
 * host's: so that a thousand calls cannot overload the machine, and that no user can keep others
 * from the collector. No call waits for a slot: it would be a process of root's that no limit of
 * its caller counts. Only root can open the files that are locked. The script ignores the signals
 * of a terminal's keys, so that a caller cannot stop it while it holds slots. Then it drops all
 * rights but the {@link Capability}. It writes no message, since that could wait for ever: its exit
 * code says what is wrong.
 */
final class CollectorScript {
    private static final Path RUN = Path.of("/run");

    private static final String TEXT =
            """
            #!/bin/sh
            %1$s# It runs as root for members of group %2$s. It ignores their arguments, environment and files.
            # shellcheck disable=SC3045
            trap '' HUP INT QUIT TERM TSTP TTIN TTOU USR1 USR2
            exec </dev/null 2>/dev/null
            cd / || exit 1
            umask 077
            LC_ALL=C
            export LC_ALL
            # It takes no arguments, and writes no snapshot to a terminal.
            if [ $# -ne 0 ] || [ -t 1 ]; then
                exit 2
            fi

            # What the caller has set for itself: limits, timer slack, scheduling
            raise() {
                ulimit "$1" unlimited && return
                most=$(ulimit "$1") && [ "$most" -ge "$2" ]
            }
            ulimit -c 0
            ulimit -f 0
            ulimit -t 640
            ulimit -n 256
            ulimit -s 8192
            { raise -v 1500000 && raise -d 1500000; } || exit %16$d
            raise -u 256 || raise -p 256 || exit %16$d
            echo 50000 >/proc/$$/timerslack_ns
            read -r stat </proc/$$/stat || exit 1
            # shellcheck disable=SC2086
            set -- ${stat##*) }
            [ "${39} ${17}" = '0 0' ] || { %3$s -o -p 0 $$ && %4$s -n 0 -p $$; } >/dev/null || exit 1
            read -r possible </sys/devices/system/cpu/possible || exit 1
            read -r online </sys/devices/system/cpu/online
            while read -r key cpus && [ "$key" != Cpus_allowed_list: ]; do :; done </proc/$$/status
            case $cpus in
            "$possible" | "$online") ;;
            *) %5$s -c -p "$possible" $$ >/dev/null || exit 1 ;;
            esac

            # A slot of the user's, and one of the host's
            user=${SUDO_UID:-0}
            case $user in *[!0-9]*) exit 1 ;; esac
            [ -d %6$s ] || %7$s %6$s || [ -d %6$s ] || exit 1
            i=1
            until : >>"%6$s/$user.$i" && exec 8<"%6$s/$user.$i" && %8$s -n 8; do
                i=$((i + 1))
                [ $i -le %9$d ] || exit %10$d
            done
            i=1
            until : >>%6$s/$i && exec 9<%6$s/$i && %8$s -n 9; do
                i=$((i + 1))
                [ $i -le %11$d ] || exit %10$d
            done

            exec %12$s -c 0 %13$s -i \\
                %14$s \\
                %15$s
            """;

    private final GroupAccess access;

    CollectorScript(GroupAccess access) {
        this.access = access;
    }

    /** Returns the names of the programs that it starts, all but Java. */
    static List<String> programs() {
        return List.of(
                "chrt", "renice", "taskset", "mkdir", "flock", "ionice", "env", "setpriv", "cat");
    }

    /**
     * Returns the folder of the files that are locked; the script makes it. It is not in the prefix
     * if possible, which may be mounted read-only.
     */
    static Path slots(Prefix prefix) {
        return Files.isWritable(RUN)
                ? RUN.resolve(prefix.systemName() + "-slots")
                : prefix.home().resolve("slots");
    }

    String text() {
        return TEXT.formatted(
                access.prefix().mark(),
                access.group(),
                Subprocess.find("chrt"),
                Subprocess.find("renice"),
                Subprocess.find("taskset"),
                slots(access.prefix()),
                Subprocess.find("mkdir"),
                Subprocess.find("flock"),
                CollectorClient.SLOTS_OF_A_USER,
                CollectorClient.BUSY,
                CollectorClient.SLOTS,
                Subprocess.find("ionice"),
                Subprocess.find("env"),
                lines(access.capability().words()),
                lines(access.command()),
                CollectorClient.LIMITED);
    }

    private static String lines(List<String> words) {
        return String.join(" \\\n    ", words);
    }
}

// lib/psm/install/Completions.java

/**
 * The files with which shells complete psm's options, made from the descriptions of the options.
 */
final class Completions {
    private Completions() {}

    /** Returns the file for {@code bash-completion/completions}. */
    static String bash() {
        return AutoComplete.bash("psm", new CommandLine(OptionSpecs.forHelp()));
    }

    /**
     * Returns the file for a folder of zsh's fpath. zsh runs picocli's completion for bash by
     * emulating bash.
     */
    static String zsh() {
        return "#compdef psm\n" + bash() + "_bash_complete -o default -F _complete_psm\n";
    }

    /** Returns the file for {@code fish/vendor_completions.d}. */
    static String fish() {
        StringBuilder fish = new StringBuilder("complete -c psm -f\n");
        CommandSpec spec = OptionSpecs.forHelp();
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

// lib/psm/install/Doctor.java

/**
 * Checks an installation, and writes a line for each check: that all is well, or what is wrong and
 * how to fix it. It changes nothing.
 */
final class Doctor {
    private static final int WRITABLE_BY_OTHERS = 0022;

    private final Prefix prefix;
    private final boolean isRoot = new OwnProcess().isRoot();
    private final StringBuilder lines = new StringBuilder();
    private int problems;

    Doctor(Prefix prefix) {
        this.prefix = prefix;
    }

    /** Returns all lines of {@link #examine}. */
    String lines() {
        return lines.toString();
    }

    /** Returns how many problems {@link #examine} has found. */
    int problems() {
        return problems;
    }

    /**
     * Runs all checks.
     *
     * @throws Failure if there is no installation
     */
    void examine() throws Failure {
        if (!Files.exists(prefix.record())) {
            throw Failure.usage("doctor: " + InstallCommand.notInstalled(prefix), null);
        }
        try {
            Problem problem = isRoot ? RootOwned.problemOfExisting(prefix.record()) : null;
            if (problem != null) { // else another user could make root read and run anything
                add(new Problem(problem.what(), elsewhere()));
                return;
            }
            List<Path> recorded = new InstallRecord(prefix).paths();
            checkFiles(recorded);
            checkLauncher(ownersProblem(recorded) == null);
            if (Files.exists(prefix.access())) {
                checkGroup();
            } else {
                checkNoAccessIsLeft();
            }
        } catch (IOException e) {
            add(new Problem(InstallCommand.reason(e), reinstall("")));
        }
    }

    private String reinstall(String options) {
        return "run 'psm install --prefix " + prefix.folder() + options + "'";
    }

    private String reinstallFor(String group, boolean withoutCommands) {
        return reinstall(" --group " + group + (withoutCommands ? " --no-commands" : ""));
    }

    private void ok(String what) {
        lines.append("ok     ").append(Text.printable(what)).append('\n');
    }

    private void add(Problem problem) {
        problems++;
        lines.append("wrong  ").append(Text.printable(problem.line())).append('\n');
    }

    private void addOrOk(Problem problem, String what) {
        if (problem == null) {
            ok(what);
        } else {
            add(problem);
        }
    }

    // Files

    private void checkFiles(List<Path> recorded) throws IOException {
        for (Path file : recorded) {
            if (!Files.exists(file)) {
                add(new Problem(file + " is missing", reinstall("")));
            }
        }
        addOrOk(
                ownersProblem(recorded),
                "only the owner can write what is installed in " + prefix.folder());
    }

    /**
     * Returns the problem of the first file that other users can write. For an installation of
     * root, the folders above the files are checked too.
     */
    private Problem ownersProblem(List<Path> recorded) throws IOException {
        for (Path file : recorded) {
            Problem problem = isOfRoot() ? RootOwned.problem(file) : ownProblem(file);
            if (problem != null) {
                return new Problem(problem.what(), remedy(file));
            }
        }
        return null;
    }

    /**
     * Returns what to do about a file that others can write. To make it root's would be wrong: they
     * may have written it already.
     */
    private String remedy(Path file) throws IOException {
        return !Files.isDirectory(file) && RootOwned.problem(file.getParent()) == null
                ? reinstall("")
                : elsewhere();
    }

    private static String elsewhere() {
        return "install psm where only root can write, with " + Option.PREFIX;
    }

    private boolean isOfRoot() throws IOException {
        return Files.getAttribute(prefix.home(), "unix:uid").equals(0);
    }

    private static Problem ownProblem(Path file) throws IOException {
        if (!Files.exists(file)) {
            return null; // which is another problem
        }
        int mode = (Integer) Files.getAttribute(file, "unix:mode");
        return (mode & WRITABLE_BY_OTHERS) != 0 && !Files.isSymbolicLink(file)
                ? new Problem(file + " is writable by other users", "")
                : null;
    }

    // Java and its archives

    private void checkLauncher(boolean isSafe) throws IOException {
        if (!Files.isExecutable(prefix.launcher())) {
            return; // checkFiles has reported that it is missing
        }
        String script = Files.readString(prefix.launcher());
        Path java = Path.of(between(script, "\njava=", "\n").replace("'", ""));
        if (!Files.isExecutable(java)) {
            add(new Problem("its Java, " + java + ", is missing", reinstall("")));
            return;
        }
        Problem problem = isOfRoot() ? problemOf(java) : null;
        if (problem != null) {
            String what = "its Java is not safe: " + problem.what();
            add(new Problem(what, reinstall(" --java HOME") + " with another Java"));
            return;
        }
        ok("its Java is " + java);
        // Java does not check an archive: a user who can write it could run code as root.
        if (isSafe && (!isRoot || (isOfRoot() && RootOwned.problem(java) == null))) {
            checkArchives(java);
        } else {
            ok("the archives were not tested, since other users can write them");
        }
    }

    /** Returns the problem of a Java: of the program, or of its home. */
    private static Problem problemOf(Path java) throws IOException {
        Problem problem = RootOwned.problem(java);
        return problem == null ? RootOwned.problemBelow(java.getParent().getParent()) : problem;
    }

    private void checkArchives(Path java) throws IOException {
        List<Path> archives = new ArrayList<>();
        try (Stream<Path> all = Files.walk(prefix.home())) {
            all.filter(file -> file.toString().matches(".*[.](aot|jsa)")).forEach(archives::add);
        }
        for (Path archive : archives) {
            checkArchive(java, archive);
        }
        int expected = Archive.ALWAYS.size() + (Files.exists(prefix.access()) ? 1 : 0);
        if (archives.size() < expected) {
            add(
                    new Problem(
                            "archives are missing in " + prefix.home() + ", so psm starts slower",
                            reinstall("")));
        }
    }

    private static String between(String text, String start, String end) {
        int from = text.indexOf(start);
        int to = text.indexOf(end, from + start.length());
        return from < 0 || to < 0 ? "" : text.substring(from + start.length(), to);
    }

    /** Starts Java with options that make it fail if it cannot use the archive. */
    private void checkArchive(Path java, Path archive) throws IOException {
        boolean isAot = archive.toString().endsWith(".aot");
        List<String> words = new ArrayList<>(List.of(java.toString()));
        words.add(isAot ? "-XX:AOTMode=on" : "-Xshare:on");
        words.add((isAot ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=") + archive);
        words.addAll(JavaHome.OPTIONS);
        words.addAll(List.of("-cp", archive.resolveSibling(Jars.OWN).toString(), "-version"));
        if (Subprocess.run(words).exitCode() == 0) {
            ok("Java can use " + archive);
        } else {
            add(
                    new Problem(
                            "Java cannot use " + archive + ", so psm starts slower",
                            reinstall("")));
        }
    }

    // The group's access

    private void checkGroup() throws Failure {
        GroupAccess access;
        try {
            access = GroupAccess.read(prefix);
        } catch (IOException e) {
            lines.append("note   the group's access was not checked, since only root can read it;")
                    .append(" run 'sudo psm doctor'\n");
            return;
        } catch (Failure e) {
            String what = "the collector's Java is missing (" + e.getMessage() + ")";
            add(new Problem(what, reinstallFor("GROUP", false)));
            return;
        }
        String group = access.group();
        String remedy = reinstallFor(group, access.withoutCommands());
        try {
            if (access.groupPrincipal() == null) {
                add(new Problem("there is no group " + group, "run 'groupadd " + group + "'"));
                return;
            }
            ok("there is a group " + group);
            Problem problem = access.ownershipProblem();
            problem = problem == null ? null : new Problem(problem.what(), remedy);
            addOrOk(problem, "only root can change the collector");
            checkFile(prefix.members(), "rw-r-----", group, null, remedy);
            checkFile(prefix.access(), "rw-------", "root", null, remedy);
            checkRule(access, remedy);
            if (problem == null && isRoot) {
                checkCapability(access.capability(), remedy);
                checkCollector(remedy);
            }
        } catch (IOException e) {
            add(new Problem("the group's access: " + InstallCommand.reason(e), remedy));
        }
    }

    /** Compares a file's permissions, owner, group and, unless it is {@code null}, its text. */
    private void checkFile(Path file, String permissions, String group, String text, String remedy)
            throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            add(new Problem(file + " is missing", remedy));
            return;
        }
        PosixFileAttributes found = Files.readAttributes(file, PosixFileAttributes.class);
        String is =
                PosixFilePermissions.toString(found.permissions())
                        + ' '
                        + found.owner().getName()
                        + ':'
                        + found.group().getName();
        String expected = permissions + " root:" + group;
        if (!is.equals(expected)) {
            add(new Problem(file + " is " + is + ", not " + expected, remedy));
        } else if (text != null && !Files.readString(file).equals(text)) {
            add(new Problem(file + " was changed after the installation", remedy));
        } else {
            ok(file.toString());
        }
    }

    private void checkRule(GroupAccess access, String remedy) throws IOException {
        SudoRule rule = access.rule();
        checkFile(prefix.collectScript(), "rwx------", "root", access.collectScript(), remedy);
        checkFile(rule.file(), SudoRule.PERMISSIONS, "root", rule.text(), remedy);
        Problem problem = SudoRule.includeProblem();
        if (problem != null) {
            add(problem);
        }
        if (SudoRule.isGood(List.of())) {
            ok("'visudo -c' finds no errors");
        } else {
            add(
                    new Problem(
                            "'visudo -c' finds errors, so sudo may refuse every user",
                            "run 'visudo' and fix them"));
        }
    }

    /** Tries what the collector keeps of root's rights: hidepid may be new, or the kernel. */
    private void checkCapability(Capability capability, String remedy) throws IOException {
        Problem problem =
                new Problem(
                        "the collector's " + capability + " no longer shows all processes", remedy);
        addOrOk(
                capability.works() ? null : problem,
                "the collector runs as user nobody with " + capability);
    }

    /** Runs the collector as root, without sudo. */
    private void checkCollector(String remedy) throws IOException {
        Subprocess collector = Subprocess.run(List.of(prefix.collectScript().toString()));
        int exitCode = collector.exitCode();
        if (exitCode == 0 && collector.output().startsWith(SnapshotFormat.MAGIC)) {
            ok("the collector writes a snapshot");
        } else if (exitCode == CollectorClient.BUSY) {
            lines.append("note   the collector was not tried, since it is busy; run this again\n");
        } else if (exitCode == CollectorClient.LIMITED) {
            String what = "limits are too low for the collector, and root cannot raise them here";
            add(new Problem(what, "see 'ulimit -Ha'"));
        } else {
            add(new Problem("the collector writes no snapshot and exits with " + exitCode, remedy));
        }
    }

    /** Reports a rule of this prefix, which an installation without a group must not have. */
    private void checkNoAccessIsLeft() throws IOException {
        Path file = SudoRule.file(prefix);
        if (Files.isReadable(file) && prefix.hasWritten(file)) {
            add(
                    new Problem(
                            file + " is left over from an installation for a group",
                            "run 'rm " + file + "'"));
        }
    }
}

// lib/psm/install/GroupAccess.java

/**
 * Lets the members of a group see all processes through the {@link Collector}, which sudo(8) starts
 * by a {@link SudoRule}, and which keeps one {@link Capability} of root's. The file {@code
 * lib/psm/access} stores these values for {@code psm doctor} and {@code psm uninstall}.
 *
 * @param prefix the prefix of the installation
 * @param group the group whose members see all processes
 * @param folder the folder of the installation that contains the jars
 * @param java the Java that runs the collector
 * @param capability what the collector keeps of root's rights
 * @param withoutCommands whether its snapshots contain no command lines and titles
 */
record GroupAccess(
        Prefix prefix,
        String group,
        Path folder,
        JavaHome java,
        Capability capability,
        boolean withoutCommands) {
    private static final String GROUP_NAME = "[a-z_][a-z0-9_-]{0,31}";

    /** The pattern of paths without characters that are special in a shell or in sudoers. */
    private static final String PLAIN_PATH = "[A-Za-z0-9_/.+-]+";

    /** The options for the collector's Java, in addition to {@link JavaHome#OPTIONS}. */
    private static final List<String> JAVA_OPTIONS =
            List.of(
                    // Signals have their default effect; without this, one makes Java print its
                    // threads.
                    "-Xrs",
                    // Java opens no socket, whatever files are in the temporary or current folder.
                    "-XX:+DisableAttachMechanism",
                    // Java would open a file in /proc for writing, to choose what a core contains.
                    "-XX:-DumpPrivateMappingsInCore",
                    "-XX:-DumpSharedMappingsInCore",
                    // The caller may control its cgroup, so Java must not read the limits there.
                    "-XX:-UseContainerSupport");

    /**
     * Checks that the group can get this access, before anything is written.
     *
     * @throws Failure if it cannot
     */
    void check() throws Failure {
        String asked = Option.GROUP + " " + group + ": ";
        if (!new OwnProcess().isRoot()) {
            throw Failure.usage(asked + "only root can give a group this access; use sudo", null);
        }
        if (!group.matches(GROUP_NAME)) {
            throw Failure.usage(
                    asked + "needs a name of a-z, 0-9, _ and -, such as developers", null);
        }
        if (groupPrincipal() == null) {
            throw Failure.usage(
                    asked + "there is no such group; run 'groupadd " + group + "'", null);
        }
        for (Path path : List.of(prefix.folder(), java.folder())) {
            if (!path.toString().matches(PLAIN_PATH)) {
                throw Failure.usage(
                        asked + path + " contains characters that are special in sudoers", null);
            }
        }
        rule().check();
        if (capability == null) {
            throw Failure.usage(
                    asked
                            + "neither CAP_PERFMON nor CAP_SYS_PTRACE shows user nobody the memory"
                            + " of other processes here; it takes setpriv of util-linux 2.33 or"
                            + " later, and a container needs --cap-add SYS_PTRACE",
                    null);
        }
    }

    /**
     * Returns the problem of the first file of the collector that other users than root can change,
     * or {@code null}.
     */
    Problem ownershipProblem() throws Failure {
        try {
            for (Path file : files()) {
                Problem problem = RootOwned.problem(file);
                if (problem != null) {
                    return problem;
                }
            }
            Problem problem = RootOwned.problemBelow(folder);
            return problem == null ? RootOwned.problemBelow(java.folder()) : problem;
        } catch (IOException e) {
            String reason = InstallCommand.reason(e);
            throw Failure.of(
                    Option.GROUP + " " + group + ": cannot check the owners: " + reason, e);
        }
    }

    /** Lists the files that {@link #open} writes. */
    List<Path> files() {
        return List.of(prefix.access(), prefix.members(), prefix.collectScript(), rule().file());
    }

    /** Returns the line that install prints. */
    String summary() {
        return "members of group "
                + group
                + " can see all processes, through the sudo rule "
                + rule().file()
                + '\n';
    }

    /** Returns the group on this host, or {@code null} if there is none with that name. */
    GroupPrincipal groupPrincipal() {
        try {
            return FileSystems.getDefault()
                    .getUserPrincipalLookupService()
                    .lookupPrincipalByGroupName(group);
        } catch (IOException e) {
            return null;
        }
    }

    SudoRule rule() {
        return new SudoRule(this);
    }

    /** Returns the start of the collector's command line, up to the main class. */
    List<String> javaCommand() {
        return java.command(JAVA_OPTIONS, List.of(folder.resolve(Jars.OWN).toString()));
    }

    /** Returns the collector's whole command line, with its archive. */
    List<String> command() {
        String archive = java.useArchive(folder, Archive.COLLECTOR.stem());
        List<String> words = JavaHome.with(archive, javaCommand());
        words.add(Collector.class.getName());
        if (withoutCommands) {
            words.add(Collector.WITHOUT_COMMANDS);
        }
        return words;
    }

    /** Returns the script that sudo starts. */
    String collectScript() {
        return new CollectorScript(this).text();
    }

    /** Returns the text of the file {@code lib/psm/access}. */
    private String text() {
        return "group "
                + group
                + "\nfolder "
                + folder
                + "\njava "
                + java.folder()
                + "\ncapability "
                + capability
                + "\ncommands "
                + (withoutCommands ? "no" : "yes")
                + '\n';
    }

    /**
     * Reads the access that a prefix gives; returns {@code null} if it gives none.
     *
     * @throws IOException if the file cannot be read, for example by a user who is not root
     * @throws Failure if its Java is missing
     */
    static GroupAccess read(Prefix prefix) throws IOException, Failure {
        Path file = prefix.access();
        if (!Files.exists(file)) {
            return null;
        }
        String[] values = new String[5];
        List<String> lines = Files.readAllLines(file);
        List<String> keys = List.of("group ", "folder ", "java ", "capability ", "commands ");
        for (int i = 0; i < values.length; i++) {
            if (i >= lines.size() || !lines.get(i).startsWith(keys.get(i))) {
                throw new IOException(file + " was changed after the installation");
            }
            values[i] = lines.get(i).substring(keys.get(i).length());
        }
        Capability capability = Capability.named(values[3]);
        if (capability == null) {
            throw new IOException(file + " was changed after the installation");
        }
        return new GroupAccess(
                prefix,
                values[0],
                Path.of(values[1]),
                JavaHome.in(values[2], false),
                capability,
                values[4].equals("no"));
    }

    /** Writes all files but the launcher. */
    void open() throws IOException, Failure {
        prove();
        rule().install(); // the rule comes before the script, since visudo may refuse it
        AtomicFile.replace(prefix.collectScript(), collectScript(), "rwx------");
        AtomicFile.replace(prefix.access(), text(), "rw-------");
        Path members = prefix.members();
        AtomicFile.replace(
                members, "Users who can read this file see all processes.\n", "rw-------");
        Files.getFileAttributeView(members, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .setGroup(groupPrincipal());
        Files.setPosixFilePermissions(members, PosixFilePermissions.fromString("rw-r-----"));
    }

    /**
     * Runs the collector once, as sudo will run it but for the script.
     *
     * @throws Failure if it writes no snapshot
     */
    private void prove() throws IOException, Failure {
        List<String> words = new ArrayList<>(capability.words());
        words.addAll(command());
        Subprocess collector = Subprocess.run(words);
        if (collector.exitCode() != 0 || !collector.output().startsWith(SnapshotFormat.MAGIC)) {
            throw Failure.usage(
                    Option.GROUP
                            + " "
                            + group
                            + ": the collector does not work as user nobody; choose a "
                            + Option.PREFIX
                            + " and a "
                            + Option.JAVA
                            + " that every user can read",
                    null);
        }
    }

    /**
     * Removes the files that {@link #open} writes, inside and outside the prefix.
     *
     * @return whether there were any
     */
    static boolean close(Prefix prefix) throws IOException {
        boolean wasOpen = SudoRule.remove(prefix);
        for (Path file : List.of(prefix.members(), prefix.access())) {
            wasOpen |= Files.deleteIfExists(file);
        }
        if (!Files.isDirectory(prefix.collectScript(), LinkOption.NOFOLLOW_LINKS)) {
            Files.deleteIfExists(prefix.collectScript());
        }
        Uninstaller.deleteTree(CollectorScript.slots(prefix));
        return wasOpen;
    }
}

// lib/psm/install/InstallCommand.java

/**
 * Runs {@code psm install}, {@code psm uninstall} and {@code psm doctor}.
 *
 * @param asked the command with its options
 * @param main the class that the installed psm starts
 * @param training the class that does the runs from which Java makes its archives
 * @param remarks receives a line for each thing that the user should know meanwhile
 */
record InstallCommand(
        InstallArguments asked,
        Class<?> main,
        Class<?> training,
        StandardOutput output,
        Consumer<String> remarks) {
    /** Runs the command, and prints what it did. */
    public void run() throws Failure {
        if (asked.text() != null) {
            output.print(asked.text());
            return;
        }
        boolean isDoctor = asked.command().equals(InstallArguments.DOCTOR);
        boolean changesNothing = isDoctor && asked.prefix() == null;
        if (!changesNothing && Exporters.isOneJar() && InvokingUser.hasFewerRights()) {
            throw Failure.usage(
                    asked.command()
                            + ": run with sudo, an installed psm does not change itself;"
                            + " run 'sudo env -u SUDO_UID psm "
                            + asked.command()
                            + "'",
                    null);
        }
        Prefix prefix = prefix(isDoctor);
        if (isDoctor) {
            examine(new Doctor(prefix));
        } else if (asked.command().equals(InstallArguments.UNINSTALL)) {
            output.print(new Uninstaller(prefix, remarks).uninstall());
        } else {
            Installer installer = new Installer(prefix, this);
            output.print(asked.dryRun() ? installer.plan() : installer.install());
        }
    }

    private Prefix prefix(boolean isDoctor) throws Failure {
        if (asked.prefix() == null) {
            return Prefix.byDefault(isDoctor);
        }
        String path = asked.prefix();
        try {
            if (!path.contains("\uFFFD")) { // which Java puts in the place of what it cannot decode
                return new Prefix(Path.of(path).toAbsolutePath().normalize());
            }
        } catch (InvalidPathException e) {
            throw notValid(path, e); // the locale has no such characters
        }
        throw notValid(path, null);
    }

    private static Failure notValid(String path, Exception cause) {
        return Failure.usage(
                Option.PREFIX + " " + path + ": is not a valid path in this locale", cause);
    }

    private void examine(Doctor doctor) throws Failure {
        doctor.examine();
        output.print(doctor.lines());
        int problems = doctor.problems();
        if (problems > 0) {
            String found = problems == 1 ? " problem found" : " problems found";
            throw Failure.of("doctor: " + problems + found, null);
        }
    }

    static String notInstalled(Prefix prefix) {
        return "psm is not installed in "
                + prefix.folder()
                + "; name another folder with "
                + Option.PREFIX
                + " DIR";
    }

    /** Returns the reason for an exception of the system, with the file. */
    static String reason(Exception e) {
        IOException cause = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
        String reason = Failure.reason(cause);
        String file = cause instanceof FileSystemException failed ? failed.getFile() : null;
        return file == null || reason.contains(file) ? reason : file + ": " + reason;
    }
}

// lib/psm/install/InstallLock.java

/**
 * Makes the commands that change an installation wait for one another: each would else delete what
 * another is writing. Only the owner of the installation can open the file that is locked, so
 * nobody else can hold the lock. The kernel releases it when the process ends, however it ends.
 */
final class InstallLock implements AutoCloseable {
    private static final Set<OpenOption> OPTIONS =
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);

    private final FileChannel channel;
    private final Path file;
    private final List<Path> folders;

    private InstallLock(FileChannel channel, Path file, List<Path> folders) {
        this.channel = channel;
        this.file = file;
        this.folders = folders;
    }

    /**
     * Waits for the lock of a prefix, and makes the folders that lead to it. The installation that
     * held the lock before may have deleted the file; then there is another to be locked.
     *
     * @param remarks receives a line if there is something to wait for
     */
    static InstallLock take(Prefix prefix, Consumer<String> remarks) throws IOException {
        List<Path> made = new ArrayList<>();
        while (true) {
            InstallRecord.makeFolders(prefix.home(), made);
            FileChannel channel;
            try {
                channel = FileChannel.open(prefix.lock(), OPTIONS, AtomicFile.atMost("rw-------"));
            } catch (NoSuchFileException e) {
                continue; // the folder was deleted after it was found
            }
            try {
                waitFor(channel, prefix, remarks);
                if (isStillThere(channel, prefix.lock())) {
                    return new InstallLock(channel, prefix.lock(), made);
                }
            } catch (IOException e) {
                channel.close();
                throw e;
            }
            channel.close();
        }
    }

    private static void waitFor(FileChannel channel, Prefix prefix, Consumer<String> remarks)
            throws IOException {
        FileLock lock = channel.tryLock();
        if (lock == null) {
            remarks.accept(
                    "another psm is changing the installation in "
                            + prefix.folder()
                            + "; waiting for it");
            channel.lock();
        }
    }

    /**
     * Returns whether the file that was locked is the one that has the name, by a size that only
     * this process can have given it. (To open the file once more, and close it, would release the
     * lock; see fcntl(2).)
     */
    private static boolean isStillThere(FileChannel channel, Path file) throws IOException {
        int size = new SecureRandom().nextInt(1 << 15) + 1;
        channel.truncate(0);
        channel.write(ByteBuffer.allocate(1), size - 1); // a hole, so it takes one block
        boolean isStillThere;
        try {
            isStillThere = Files.size(file) == size;
        } catch (NoSuchFileException e) {
            isStillThere = false;
        }
        channel.truncate(0);
        return isStillThere;
    }

    /** Deletes the file, and the folders that were made for it, if nothing else is in them. */
    void undo() throws IOException {
        Files.deleteIfExists(file);
        for (int i = folders.size() - 1; i >= 0; i--) {
            folders.get(i).toFile().delete(); // fails unless it is empty
        }
    }

    /** Lists the folders that were made for the file. */
    List<Path> folders() {
        return folders;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}

// lib/psm/install/InstallRecord.java

/**
 * The list of an installation's files and folders, with a path in each line: {@code psm install}
 * and {@code psm uninstall} delete nothing else. The paths are relative to the prefix, and those of
 * folders end with a slash. The files of a group's access are not listed, see {@link GroupAccess}.
 */
final class InstallRecord {
    private final Prefix prefix;

    /** What the installation before this one has written. */
    private final Set<String> before = new TreeSet<>();

    private final Set<String> paths = new TreeSet<>();

    /** Reads the record of the installation in a prefix, if there is one. */
    InstallRecord(Prefix prefix) throws IOException {
        this.prefix = prefix;
        if (Files.exists(prefix.record())) {
            before.addAll(Files.readAllLines(prefix.record()));
            before.removeIf(path -> !isOwn(path));
        }
    }

    /**
     * Returns whether psm may have written a path: it is below the prefix, or the prefix itself or
     * a folder above it.
     */
    private boolean isOwn(String line) {
        if (line.matches("\\./|(\\.\\./)+")) {
            return true;
        }
        Path path = prefix.folder().resolve(line);
        return path.startsWith(prefix.folder()) && path.normalize().equals(path);
    }

    /** Returns whether the installation that the record was read from has written a file. */
    boolean contains(Path file) {
        return before.contains(prefix.folder().relativize(file).toString());
    }

    /** Lists the paths of the installation that the record was read from. */
    List<Path> paths() {
        List<Path> all = new ArrayList<>();
        for (String path : before) {
            all.add(path(path));
        }
        return all;
    }

    private Path path(String line) {
        return prefix.folder().resolve(line).normalize();
    }

    /**
     * Makes a folder and those above it if they are missing, readable for all users whatever the
     * umask is. Where every user can write, such as in {@code /tmp}, another user may have made one
     * first. So for root, each must be root's before anything is made in it.
     *
     * @param made receives the folders that were missing
     */
    static void makeFolders(Path folder, List<Path> made) throws IOException {
        if (folder.getParent() != null) {
            makeFolders(folder.getParent(), made);
        }
        if (!Files.isDirectory(folder)) {
            try {
                Files.createDirectory(folder, AtomicFile.atMost("rwxr-xr-x"));
                Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
                made.add(folder);
            } catch (FileAlreadyExistsException e) {
                if (!Files.isDirectory(folder)) {
                    throw e;
                }
            }
        }
        Problem problem = new OwnProcess().isRoot() ? RootOwned.problemOnTheWay(folder) : null;
        if (problem != null) {
            throw new FileSystemException(folder.toString(), null, problem.what());
        }
    }

    /** Makes a folder and those above it if they are missing, and adds them. */
    void makeFolders(Path folder) throws IOException {
        List<Path> made = new ArrayList<>();
        try {
            makeFolders(folder, made);
        } finally {
            addFolders(made);
        }
    }

    /** Adds folders that were made. */
    void addFolders(Collection<Path> folders) {
        for (Path folder : folders) {
            String path = prefix.folder().relativize(folder).toString();
            paths.add((path.isEmpty() ? "." : path) + "/");
        }
    }

    /** Adds files that exist or will be written. */
    void addFiles(Collection<Path> files) {
        for (Path file : files) {
            paths.add(prefix.folder().relativize(file).toString());
        }
    }

    /**
     * Writes the record of both installations, so that the next one can delete what is left if this
     * one is killed.
     */
    void writeBoth() throws IOException {
        Set<String> both = new TreeSet<>(before);
        both.addAll(paths);
        write(both);
    }

    /** Writes the record of this installation alone, and deletes what only the one before had. */
    void complete() throws IOException {
        for (String path : before) {
            if (path.endsWith("/") && Files.isDirectory(path(path))) {
                paths.add(path); // psm made the folder, so it deletes it in the end
            }
        }
        paths.removeIf(path -> !Files.exists(path(path), LinkOption.NOFOLLOW_LINKS));
        Set<String> old = new TreeSet<>(before);
        old.removeAll(paths);
        delete(old);
        Set<String> empty = new TreeSet<>(before);
        empty.removeIf(path -> !path.endsWith("/"));
        delete(empty);
        paths.removeIf(path -> !Files.exists(path(path), LinkOption.NOFOLLOW_LINKS));
        write(paths);
    }

    /** Deletes what only this installation has, and writes the record of the one before. */
    void undo() throws IOException {
        Set<String> own = new TreeSet<>(paths);
        own.removeAll(before);
        if (before.isEmpty()) {
            Files.deleteIfExists(prefix.record());
        } else {
            write(before);
            own.remove(prefix.folder().relativize(prefix.lock()).toString());
        }
        delete(own);
    }

    /** Deletes the installation that the record was read from. */
    void deleteAll() throws IOException {
        Set<String> all = new TreeSet<>(before);
        all.remove(prefix.folder().relativize(prefix.record()).toString());
        delete(files(all));
        Files.deleteIfExists(prefix.record()); // last, so that a second try finds what is left
        delete(all);
    }

    private void write(Set<String> lines) throws IOException {
        AtomicFile.replace(prefix.record(), String.join("\n", lines) + "\n", "rw-r--r--");
    }

    private static Set<String> files(Set<String> lines) {
        Set<String> files = new TreeSet<>(lines);
        files.removeIf(path -> path.endsWith("/"));
        return files;
    }

    /** Returns whether root can delete a path: no other user can make it lead elsewhere. */
    private static boolean isSafe(Path path) throws IOException {
        return !new OwnProcess().isRoot() || RootOwned.problemOnTheWay(path.getParent()) == null;
    }

    /** Deletes files, and then folders, unless they contain what others have written. */
    private void delete(Set<String> lines) throws IOException {
        for (String file : files(lines)) {
            Path path = path(file);
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) && isSafe(path)) {
                Files.deleteIfExists(path);
            }
        }
        List<Path> folders = new ArrayList<>();
        for (String line : lines) {
            Path path = path(line);
            boolean isFolder = Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
            if (line.endsWith("/") && isFolder && isSafe(path)) {
                folders.add(path);
            }
        }
        folders.sort((a, b) -> b.getNameCount() - a.getNameCount());
        for (Path folder : folders) {
            if (prefix.isOfOneInstallation(folder)) {
                Uninstaller.deleteTree(folder); // one that was killed has written more into it
            }
            try {
                Files.deleteIfExists(folder);
            } catch (DirectoryNotEmptyException e) {
                // Others have written into it.
            }
        }
    }
}

// lib/psm/install/Installer.java

/**
 * Installs psm below a prefix such as {@code /usr/local}: a launcher, the jars, archives of loaded
 * classes that make Java start fast, a man page and completions.
 *
 * <p>Each installation has its own folder in {@code lib/psm}. The launcher is replaced last, in one
 * step, and only after the new psm has run. So there is a working psm at any time.
 */
final class Installer {
    private final Prefix prefix;
    private final InstallCommand command;
    private final InstallArguments asked;

    /** The man page and the completions by path. */
    private final Map<Path, String> pages;

    /** Makes an installer for a command. */
    Installer(Prefix prefix, InstallCommand command) {
        this.prefix = prefix;
        this.command = command;
        this.asked = command.asked();
        this.pages = pages();
    }

    /** Returns the text of a dry run: the Java that psm would use, and the files. */
    String plan() throws Failure {
        try {
            requireOfRoot();
            JavaHome java = java();
            Path folder = prefix.home().resolve("...");
            List<Path> files = new ArrayList<>(List.of(prefix.launcher()));
            files.addAll(filesIn(folder, java));
            files.addAll(pages.keySet());
            GroupAccess access = access(java, folder);
            if (access != null) {
                files.addAll(access.files());
            }
            StringBuilder plan = new StringBuilder();
            plan.append("Java ").append(java.version()).append(" in ").append(java.folder());
            plan.append("\nwould write\n");
            for (Path file : files) {
                plan.append("    ").append(file).append('\n');
            }
            return plan.toString();
        } catch (IOException e) {
            throw Failure.of("install: " + InstallCommand.reason(e), e);
        }
    }

    /** Lists the jars and the archives in the folder of an installation. */
    private static List<Path> filesIn(Path folder, JavaHome java) throws IOException, Failure {
        List<Path> files = new ArrayList<>();
        for (Path jar : Jars.all()) {
            files.add(folder.resolve(Jars.installedName(jar)));
        }
        for (Archive archive : Archive.ALWAYS) {
            files.add(folder.resolve(java.archiveName(archive.stem())));
        }
        return files;
    }

    /**
     * Installs psm, and replaces an older installation.
     *
     * @return the lines to print
     * @throws Failure if that fails; then an older installation is unchanged
     */
    String install() throws Failure {
        try {
            requireOfRoot();
            JavaHome java = java();
            String name = Version.CURRENT + "-" + Long.toHexString(System.nanoTime());
            Path folder = prefix.home().resolve(name);
            GroupAccess access = access(java, folder);
            try (InstallLock lock = InstallLock.take(prefix, command.remarks())) {
                return install(java, folder, access, lock);
            }
        } catch (IOException | UncheckedIOException e) {
            String reason = InstallCommand.reason(e);
            throw Failure.of("install: " + reason + "; nothing was changed", e);
        }
    }

    private String install(JavaHome java, Path folder, GroupAccess access, InstallLock lock)
            throws IOException, Failure {
        InstallRecord record = new InstallRecord(prefix);
        boolean wasOpen = Files.exists(prefix.access());
        try {
            record.addFolders(lock.folders());
            record.addFiles(List.of(prefix.lock()));
            for (Path file : written()) {
                record.makeFolders(file.getParent());
            }
            requireOfRoot();
            requireOwnFiles(record);
            record.addFolders(List.of(folder));
            record.addFiles(filesIn(folder, java));
            record.writeBoth();
            boolean isArchived = install(java, folder, access, record);
            wasOpen &= access == null && GroupAccess.close(prefix);
            record.complete();
            return report(java, access, wasOpen, isArchived);
        } catch (IOException | UncheckedIOException | Failure e) {
            try {
                if (access != null && !wasOpen) {
                    GroupAccess.close(prefix);
                }
            } finally {
                Uninstaller.deleteTree(folder);
                record.undo();
            }
            throw e;
        }
    }

    /** Writes all files; returns whether Java could write all archives. */
    private boolean install(JavaHome java, Path folder, GroupAccess access, InstallRecord record)
            throws IOException, Failure {
        // Other users cannot open anything in it before it is complete.
        Files.createDirectory(folder, AtomicFile.atMost("rwx------"));
        List<String> classPath = Jars.writeAll(java, folder, command.main());
        List<String> words = java.command(List.of(), classPath);
        ArchiveWriter archives = new ArchiveWriter(java, folder, command.training());
        boolean isArchived = archives.writeAll(words, access);
        try (Stream<Path> all = Files.list(folder)) {
            record.addFiles(all.toList());
        }
        List<AtomicFile> parts = new ArrayList<>();
        try {
            String script = LauncherScript.text(java, folder, words, command.main(), access);
            parts.add(AtomicFile.beside(prefix.launcher(), script, "rwxr-xr-x"));
            prove(parts.get(0).part());
            for (Map.Entry<Path, String> page : pages.entrySet()) {
                parts.add(AtomicFile.beside(page.getKey(), page.getValue(), "rw-r--r--"));
            }
            record.addFiles(written());
            record.writeBoth();
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            if (access != null) {
                access.open();
            }
            for (AtomicFile part : parts) {
                part.replace();
            }
        } finally {
            for (AtomicFile part : parts) {
                part.close();
            }
        }
        return isArchived;
    }

    private String report(JavaHome java, GroupAccess access, boolean wasOpen, boolean isArchived) {
        return "psm "
                + Version.CURRENT
                + " is installed as "
                + prefix.launcher()
                + ", on Java "
                + java.version()
                + " in "
                + java.folder()
                + '\n'
                + (access == null ? "" : access.summary())
                + (wasOpen ? "no group can see all processes any more (no --group)\n" : "")
                + (isArchived ? "" : "Java could not write all archives, so psm starts slower\n")
                + (isOnPath() ? "" : prefix.launcher().getParent() + " is not on your PATH\n");
    }

    /**
     * Refuses to write as root where another user can: that user could make root write, and run,
     * anything.
     */
    private void requireOfRoot() throws IOException, Failure {
        if (!new OwnProcess().isRoot()) {
            return;
        }
        for (Path file : written()) {
            Problem problem = RootOwned.problem(file.getParent());
            if (problem != null) {
                throw Failure.usage(
                        Option.PREFIX
                                + " "
                                + prefix.folder()
                                + ": root installs nothing where others can write: "
                                + problem.what()
                                + "; choose another folder, such as "
                                + (prefix.folder().startsWith("/usr") ? "/opt/psm" : "/usr/local"),
                        null);
            }
        }
    }

    /** Returns the access for the requested group, after checking that it is possible. */
    private GroupAccess access(JavaHome java, Path folder) throws Failure {
        if (asked.group() == null) {
            return null;
        }
        Capability capability;
        try {
            capability = new OwnProcess().isRoot() ? Capability.first() : null;
        } catch (IOException e) {
            throw Failure.of("install: " + InstallCommand.reason(e), e);
        }
        GroupAccess access =
                new GroupAccess(
                        prefix, asked.group(), folder, java, capability, asked.noCommands());
        access.check();
        return access;
    }

    private JavaHome java() throws IOException, Failure {
        boolean isRoot = new OwnProcess().isRoot();
        return asked.java() == null ? JavaHome.newest(isRoot) : JavaHome.in(asked.java(), isRoot);
    }

    /**
     * Runs the new psm once, by its launcher.
     *
     * @throws Failure if it writes no report
     */
    private static void prove(Path launcher) throws Failure {
        Subprocess psm;
        try {
            psm = Subprocess.run(List.of(launcher.toString(), "-o", "json"));
        } catch (IOException e) {
            throw Failure.of(
                    "install: no program can run in "
                            + launcher.getParent()
                            + " (is it mounted noexec?); choose another folder with "
                            + Option.PREFIX,
                    e);
        }
        if (psm.exitCode() != 0 || !psm.output().startsWith("{\"schema\":")) {
            throw Failure.of(
                    "install: the new psm does not work: it exits with "
                            + psm.exitCode()
                            + " and prints '"
                            + Text.cut(psm.output(), 80)
                            + "'",
                    null);
        }
    }

    /**
     * Refuses to replace what another program has installed under a name of psm's, such as another
     * psm.
     */
    private void requireOwnFiles(InstallRecord record) throws IOException, Failure {
        boolean isOurs =
                Files.isRegularFile(prefix.launcher())
                        && Files.readString(prefix.launcher(), StandardCharsets.ISO_8859_1)
                                .contains(LauncherScript.MARK);
        for (Path file : written()) {
            boolean isLock = file.equals(prefix.lock());
            if (!isLock && !isOurs && Files.exists(file) && !record.contains(file)) {
                throw Failure.usage(
                        "install: "
                                + file
                                + " is not from 'psm install'; move it away, or choose another"
                                + " folder with "
                                + Option.PREFIX,
                        null);
            }
        }
    }

    /** Lists the files outside the folder of the installation. */
    private List<Path> written() {
        List<Path> written = new ArrayList<>(List.of(prefix.launcher(), prefix.lock()));
        written.addAll(pages.keySet());
        return written;
    }

    /** Returns the man page and the completions by path. */
    private Map<Path, String> pages() {
        Map<Path, String> pages = new LinkedHashMap<>();
        Path share = prefix.folder().resolve("share");
        pages.put(share.resolve("man/man1/psm.1"), Manual.page(prefix));
        pages.put(share.resolve("bash-completion/completions/psm"), Completions.bash());
        pages.put(share.resolve("zsh/site-functions/_psm"), Completions.zsh());
        pages.put(share.resolve("fish/vendor_completions.d/psm.fish"), Completions.fish());
        return pages;
    }

    private boolean isOnPath() {
        String path = System.getenv("PATH");
        String folder = prefix.launcher().getParent().toString();
        return path != null && List.of(path.split(":", -1)).contains(folder);
    }
}

// lib/psm/install/Jars.java

/** The jars on the class path of the running psm, which an installation copies. */
final class Jars {
    /** The name of the jar with psm's own classes. */
    static final String OWN = "psm.jar";

    /** The start of the file name of a library that only the compiler needs. */
    private static final String FOR_COMPILER = "metainf-services-";

    private Jars() {}

    /**
     * Lists the jars of the running psm, its own jar or folder of classes first.
     *
     * @throws Failure if psm runs as root, and another user can change one of them
     */
    static List<Path> all() throws IOException, Failure {
        List<Path> jars = new ArrayList<>();
        jars.add(own());
        if (Files.isRegularFile(own())) {
            addLibraries(own(), jars);
        }
        for (String entry : System.getProperty("java.class.path").split(":", -1)) {
            Path jar = Path.of(entry).toAbsolutePath();
            if (!entry.isEmpty() && !jars.contains(jar) && Files.isRegularFile(jar)) {
                jars.add(jar);
            }
        }
        jars.removeIf(jar -> installedName(jar).startsWith(FOR_COMPILER));
        if (new OwnProcess().isRoot()) {
            for (Path jar : jars) {
                requireOfRoot(jar);
            }
        }
        return jars;
    }

    private static void requireOfRoot(Path jar) throws IOException, Failure {
        Problem problem = RootOwned.problemBelow(jar);
        if (problem != null) {
            throw Failure.usage(
                    "install: root installs no jar that others can write: "
                            + problem.what()
                            + "; run it with root's own home, such as by 'sudo -H'",
                    null);
        }
    }

    /** Returns the jar or the folder that psm's own classes were loaded from. */
    static Path own() throws Failure {
        try {
            return Path.of(Jars.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw Failure.of("install: cannot find out where psm's own classes are", e);
        }
    }

    static String installedName(Path jar) {
        return Files.isDirectory(jar) ? OWN : jar.getFileName().toString();
    }

    /** Adds the jars in the manifest of a jar, which are the libraries of an installed psm. */
    private static void addLibraries(Path jar, List<Path> jars) throws Failure {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry entry = zip.getEntry("META-INF/MANIFEST.MF");
            if (entry == null) {
                return;
            }
            try (InputStream in = zip.getInputStream(entry)) {
                String names =
                        new Manifest(in).getMainAttributes().getValue(Attributes.Name.CLASS_PATH);
                for (String name : names == null ? new String[0] : names.split(" ", -1)) {
                    Path library = Modernizer.original(jar.resolveSibling(name));
                    if (Files.isRegularFile(library) && !jars.contains(library)) {
                        jars.add(library);
                    }
                }
            }
        } catch (IOException e) {
            throw Failure.of("install: " + jar + ": " + InstallCommand.reason(e), e);
        }
    }

    /**
     * Writes all jars into the folder of an installation.
     *
     * @param java the Java that will read them
     * @param main the class that the jar starts
     * @return the class path: psm's own jar, whose manifest names the libraries, and the plugins
     */
    static List<String> writeAll(JavaHome java, Path folder, Class<?> main)
            throws IOException, Failure {
        List<Path> jars = all();
        List<String> libraries = new ArrayList<>();
        List<String> classPath = new ArrayList<>();
        classPath.add(folder.resolve(OWN).toString());
        for (Path jar : jars.subList(1, jars.size())) {
            String name = installedName(jar);
            Path copy = folder.resolve(name);
            if (Files.exists(copy)) {
                continue; // Java would also use the first jar with a name
            }
            Files.copy(jar, copy);
            makeReadable(copy);
            Libraries.verify(copy, jar);
            if (Libraries.contain(name)) {
                libraries.add(Modernizer.modernize(java, copy).getFileName().toString());
            } else {
                classPath.add(copy.toString());
            }
        }
        writeOwn(jars.get(0), folder.resolve(OWN), main, String.join(" ", libraries));
        return classPath;
    }

    /** Makes a jar readable for every user, whatever the umask is. */
    static void makeReadable(Path jar) throws IOException {
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static void writeOwn(Path own, Path jar, Class<?> main, String libraries)
            throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.put(Attributes.Name.MAIN_CLASS, main.getName());
        attributes.put(Attributes.Name.IMPLEMENTATION_VERSION, Version.CURRENT);
        attributes.put(Attributes.Name.CLASS_PATH, libraries);
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file, manifest)) {
            if (Files.isDirectory(own)) {
                addFolder(own, out);
            } else {
                addJar(own, out);
            }
        }
        makeReadable(jar);
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
}

// lib/psm/install/JavaHome.java

/**
 * A Java that psm may run on.
 *
 * @param folder its home, without links
 * @param version its feature release, such as 25
 */
record JavaHome(Path folder, int version) {
    /** The options that psm starts Java with. */
    static final List<String> OPTIONS =
            List.of(
                    "-Xmx64m",
                    // Few objects of a scan outlive their process. A smaller value collects garbage
                    // after every second process; a larger one takes memory for unused objects.
                    "-Xmn3m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-XX:+UnlockDiagnosticVMOptions",
                    // An archive at its own address would have the same address in each process.
                    "-XX:ArchiveRelocationMode=1",
                    // Java would reserve a gigabyte for these two, which a limit may refuse.
                    "-XX:CompressedClassSpaceSize=16m",
                    "-XX:ReservedCodeCacheSize=24m",
                    // A crash writes no file into the current folder, and nothing to standard
                    // output.
                    "-XX:+SuppressFatalErrorMessage",
                    "-XX:-CreateCoredumpOnCrash",
                    // Most runs end before compiled code has saved the time of its compilation. A
                    // smaller value compiles too much for a small host; a larger one compiles too
                    // little for a large host.
                    "-XX:CompileThresholdScaling=2",
                    // Compiled code of an earlier run saves no time either.
                    "-XX:-AOTReplayTraining",
                    // Java would print a line about files of this kind in the current folder.
                    "-XX:Flags=/dev/null",
                    "-XX:CompileCommandFile=/dev/null",
                    // psm works without an archive that does not fit, so Java should not warn.
                    "-Xlog:disable",
                    "-XX:+DisplayVMOutputToStderr",
                    "-XX:+IgnoreUnrecognizedVMOptions");

    /** The first Java with AOT caches; older ones have archives for class data sharing. */
    static final int FIRST_WITH_AOT_CACHE = 24;

    /** The oldest Java that psm runs on. */
    private static final int OLDEST = 17;

    /** The limit for the file {@code release}, which has about 1,500 bytes. */
    private static final long MAX_RELEASE_BYTES = 65536;

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    Path launcher() {
        return launcherIn(folder);
    }

    private static Path launcherIn(Path folder) {
        return folder.resolve("bin/java");
    }

    /**
     * Returns the start of a command line: this Java, its options and the class path.
     *
     * @param more further options after {@link #OPTIONS}
     */
    List<String> command(List<String> more, List<String> classPath) {
        List<String> words = new ArrayList<>();
        words.add(launcher().toString());
        words.addAll(OPTIONS);
        words.addAll(more);
        words.addAll(List.of("-cp", String.join(":", classPath)));
        return words;
    }

    /** Returns a command line with one more option for Java. */
    static List<String> with(String option, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.add(1, option);
        return words;
    }

    /** Returns the option to start with an archive. */
    String useArchive(Path folder, String stem) {
        String option =
                version >= FIRST_WITH_AOT_CACHE ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=";
        return option + folder.resolve(archiveName(stem));
    }

    /** Returns the file name of an archive. */
    String archiveName(String stem) {
        return stem + (version >= FIRST_WITH_AOT_CACHE ? ".aot" : ".jsa");
    }

    /**
     * Finds the newest Java on this host; among equally new ones it prefers the one that runs now.
     *
     * @param isForRoot whether to find only one that nobody but root can change, and to prefer one
     *     that every user can run
     * @throws Failure if there is none
     */
    static JavaHome newest(boolean isForRoot) throws IOException, Failure {
        Problem refused = null;
        List<JavaHome> all = new ArrayList<>();
        for (Path folder : candidates()) {
            Problem problem = isForRoot ? RootOwned.problemOfExisting(launcherIn(folder)) : null;
            int version = problem == null ? versionOf(folder) : 0;
            if (problem != null) {
                refused = refused == null ? problem : refused;
            } else if (version >= OLDEST) {
                all.add(new JavaHome(folder, version));
            }
        }
        Comparator<JavaHome> best = Comparator.comparingInt(java -> -java.version);
        if (isForRoot) {
            best = Comparator.comparing((JavaHome java) -> !java.isOpenToAll()).thenComparing(best);
        }
        all.sort(best);
        for (JavaHome java : all) {
            Problem problem = isForRoot ? RootOwned.problemBelow(java.folder) : null;
            if (problem == null) {
                return java;
            }
            refused = refused == null ? problem : refused;
        }
        throw Failure.of(
                "install: found no Java "
                        + OLDEST
                        + " or later with a file 'release'"
                        + (refused == null
                                ? ""
                                : " that only root can write (" + refused.what() + ")")
                        + "; install one as a package, or name one with "
                        + Option.JAVA
                        + " HOME",
                null);
    }

    /**
     * Finds the Java in a folder.
     *
     * @param isForRoot whether nobody but root may be able to change it
     * @throws Failure if it contains no Java on which psm runs
     */
    static JavaHome in(String folder, boolean isForRoot) throws IOException, Failure {
        Set<Path> folders = new LinkedHashSet<>();
        add(folder, folders);
        for (Path found : folders) {
            Problem problem = isForRoot ? RootOwned.problemBelow(found) : null;
            problem =
                    problem == null && isForRoot
                            ? RootOwned.problemOfExisting(launcherIn(found))
                            : problem;
            if (problem != null) {
                throw Failure.usage(
                        Option.JAVA
                                + " "
                                + folder
                                + ": root runs no Java that others can write: "
                                + problem.what()
                                + "; name another",
                        null);
            }
            int version = versionOf(found);
            if (version >= OLDEST) {
                return new JavaHome(found, version);
            }
        }
        throw Failure.usage(
                Option.JAVA
                        + " "
                        + folder
                        + ": contains no bin/java with a file 'release' of Java "
                        + OLDEST
                        + " or later",
                null);
    }

    /** Returns the home folder of the user: HOME if it is set, as in shells. */
    static Path ofUser() {
        String home = System.getenv("HOME");
        return Path.of(home == null ? System.getProperty("user.home") : home);
    }

    /** Returns whether every user can enter each folder of its path. */
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

    /** Lists the folders that may be the home of a Java, the one that runs psm now first. */
    private static Set<Path> candidates() {
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
        return folders;
    }

    private static void add(String folder, Set<Path> folders) {
        try {
            if (folder != null && Files.isExecutable(Path.of(folder, "bin/java"))) {
                // Java loads its libraries from beside the real file, not from beside a link to it.
                folders.add(launcherIn(Path.of(folder)).toRealPath().getParent().getParent());
            }
        } catch (IOException | InvalidPathException e) {
            return; // it has just been removed, or is not a path
        }
    }

    private static void addChildren(Path parent, Set<Path> folders) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (Path child : children) {
                add(child.toString(), folders);
            }
        } catch (IOException e) {
            return; // most of these folders are missing on most hosts
        }
    }

    /** Reads the version from the file {@code release}; returns 0 if it is missing. */
    private static int versionOf(Path folder) {
        Path file = folder.resolve("release");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_RELEASE_BYTES) {
                return 0; // to read a pipe would take for ever
            }
            Matcher version = VERSION.matcher(Files.readString(file));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}

// lib/psm/install/LauncherScript.java

/**
 * The shell script {@code bin/psm}. It checks that Java can start, chooses the archive for the run,
 * passes the size of the terminal to Java, starts the collector for a member of a group, and then
 * executes Java in its place. It starts programs by absolute paths, since root may run it for a
 * user who chose the PATH.
 */
final class LauncherScript {
    /**
     * The environment variables that change how Java or the C library runs, or what Java loads or
     * opens.
     */
    private static final String HARMFUL =
            "CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS"
                    + " JDK_ALTERNATE_VM _JAVA_LAUNCHER_DEBUG _JAVA_SPLASH_FILE _JAVA_SPLASH_JAR"
                    + " _JAVA_VERSION_SET _JAVA_SR_SIGNUM GCONV_PATH LOCPATH GLIBC_TUNABLES"
                    + " MALLOC_ARENA_MAX MALLOC_ARENA_TEST MALLOC_CHECK_ MALLOC_MMAP_MAX_"
                    + " MALLOC_MMAP_THRESHOLD_ MALLOC_PERTURB_ MALLOC_TOP_PAD_"
                    + " MALLOC_TRIM_THRESHOLD_";

    /** The only variables that reach Java if root runs psm. psm or its launcher reads them. */
    private static final List<String> HARMLESS =
            List.of(
                    "HOME",
                    "PATH",
                    "JAVA_HOME",
                    "LANG",
                    "LC_ALL",
                    "LC_CTYPE",
                    "TERM",
                    "NO_COLOR",
                    "SUDO_UID",
                    "PKEXEC_UID",
                    "DOAS_USER",
                    "MALLOC_ARENA_MAX");

    /** The program that replaces a Java that is missing. Only root can change it. */
    private static final String OTHER_JAVA = "/usr/bin/java";

    /**
     * The options for a trial that needs more memory than any run of psm, so that psm does not run
     * out of memory when it was successful.
     */
    private static final String TRIAL_OPTIONS = "-Xms80m -Xmx96m -XX:ReservedCodeCacheSize=32m";

    /**
     * The whole script, without the lines for a group.
     *
     * <p>It starts no process unless standard output is a terminal, or a limit is so low that Java
     * may not start. Then it tries that first, because Java would print messages of its own, in
     * part to standard output.
     */
    private static final String SCRIPT =
            """
            #!/bin/sh
            # psm %1$s, written by 'psm install'. Run that again to repair it, 'psm uninstall' to remove it.
            # shellcheck disable=SC2164,SC3013,SC3045,SC3067
            java=%2$s
            unset %3$s

            fail() {
                printf 'psm: %%s\\n' "$1" >&2
                exit 1
            }

            run() {
                set -- "$java" %4$s %5$s "$@"
                [ -O / ] || [ -n "${SUDO_UID+x}${PKEXEC_UID+x}${DOAS_USER+x}" ] || exec "$@"
                # The caller of sudo may have chosen the variables.
                exec %14$s -i%15$s "$@"
            }

            # Java would open a file of its own as 0, 1 or 2.
            true 3>&2 || exec 2>/dev/null
            true 2>/dev/null 3<&0 || exec </dev/null
            true 2>/dev/null 3>&1 || fail 'standard output is closed, so there is nowhere to write to'
            [ -L /proc/self/exe ] || fail "there is no /proc here, which Java needs to start; run 'mount -t proc proc /proc'"
            # Java does not start in a folder that has been deleted.
            [ . -ef "$PWD" ] || {
                cd -P . 2>/dev/null
                case $PWD in
                /*) ;;
                *) cd / ;;
                esac
            }
            ulimit -S -c 0
            problem=
            while read -r _ name word value _; do
                case $name:$word:$value in
                data:size:unlimited | address:space:unlimited) ;;
                processes:?:* | processes:??:* | processes:???:* | data:size:* | address:space:*)
                    problem="Java does not start within the limits here; it needs 'ulimit -v 1000000', 'ulimit -d 200000' and 64 processes, or more"
                    ;;
                esac
            done </proc/self/limits
            [ -x "$java" ] || {
                problem="$java is missing, and %6$s is not Java 17 or later; install one of them, or install psm again"
                java=%6$s
            }
            case " $* " in
            '  ') archive=%7$s ;;
            *' -o'* | *' --o'*) archive=%8$s ;;
            *) archive=%9$s ;;
            esac
            if [ -n "$problem" ]; then
                # Each thread could reserve 64 MB of addresses.
                export MALLOC_ARENA_MAX=1
                exec 9>&2 2>/dev/null
                trap 'exec 2>&9; fail "$problem"' EXIT # the shell exits if it cannot start a process
                (run %10$s %11$s --version >/dev/null) || exit
                trap - EXIT
                exec 2>&9 9>&-
            fi
            set -- %11$s "$@"
            [ ! -t 1 ] || set -- "-Dpsm.window=$(%12$s size 2>/dev/null <&1)" "$@"
            %13$srun "$@"
            """;

    /** A part of the script's second line, which no other program has. */
    static final String MARK = ", written by 'psm install'.";

    private LauncherScript() {}

    /**
     * Returns the script.
     *
     * @param folder the folder of the installation
     * @param command psm's command line up to the main class, without an archive
     * @param access the group's access, or {@code null}
     */
    static String text(
            JavaHome java, Path folder, List<String> command, Class<?> main, GroupAccess access) {
        List<String> words = new ArrayList<>();
        for (String word : command.subList(1, command.size())) {
            words.add(quoted(word));
        }
        String archive = java.useArchive(folder, "$archive");
        int name = archive.lastIndexOf("$archive");
        return SCRIPT.formatted(
                Version.CURRENT,
                quoted(command.get(0)),
                HARMFUL,
                quoted(archive.substring(0, name)) + archive.substring(name),
                String.join(" ", words),
                OTHER_JAVA,
                Archive.PLAIN.stem(),
                Archive.FORMATS.stem(),
                Archive.OPTIONS.stem(),
                TRIAL_OPTIONS,
                main.getName(),
                Subprocess.find("stty"),
                access == null ? "" : groupPart(access),
                Subprocess.find("env"),
                harmless());
    }

    /** Returns the words that set the variables which are set now. */
    private static String harmless() {
        StringBuilder words = new StringBuilder();
        for (String name : HARMLESS) {
            words.append(" ${%1$s+\"%1$s=$%1$s\"}".formatted(name));
        }
        return words.toString();
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_/.:=+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }

    /** Returns the lines that set the system properties of {@link CollectorClient}. */
    private static String groupPart(GroupAccess access) {
        Prefix prefix = access.prefix();
        return """
        if [ -r %s ]; then
            : root needs no collector
        %selse
            set -- -D%s=%s "$@"
        fi
        """
                .formatted(
                        prefix.access(), sudoPart(access), CollectorClient.GROUP, access.group());
    }

    /**
     * Returns the lines that start the collector with sudo, so that it works while Java starts. It
     * writes into the pipe that most shells make for a short here-document. If a shell makes a file
     * instead, Java starts the collector.
     */
    private static String sudoPart(GroupAccess access) {
        return """
        elif [ -r %1$s ]; then
            set -- '-D%4$s=%2$s' "$@"
            case " $* " in
            *' install '* | *' uninstall '* | *' doctor '* | *' -h '* | *' --help '* | *' -V '* | *' --version '*) ;;
            %3$s) ;;
            *)
                exec 3<<-END
        \t\tpsm
        \t\tEND
                read -r _ <&3
                if [ -p /proc/self/fd/3 ] &&
                    { %2$s </dev/null >&4 2>/dev/null 3<&- 4>&- & } 4>/proc/self/fd/3; then
                    set -- -D%5$s=/proc/self/fd/3 "$@"
                fi
                ;;
            esac
        """
                .formatted(
                        access.prefix().members(),
                        String.join(" ", access.rule().call()),
                        notForCollector(),
                        CollectorClient.COMMAND,
                        CollectorClient.FILE);
    }

    /** Returns the patterns of the options with which psm does not use the collector. */
    private static String notForCollector() {
        StringBuilder patterns = new StringBuilder("*' maps '*");
        for (Option option : Option.values()) {
            if (!option.isForCollector()) {
                for (String name : option.names(true)) {
                    patterns.append(" | *' ")
                            .append(name)
                            .append(option.takesValue() ? "'*" : " '*");
                }
            }
        }
        return patterns.toString();
    }
}

// lib/psm/install/Manual.java

/**
 * The man page psm(1), in the man macros of troff. The descriptions of options, columns, groups,
 * formats and exit codes are those in the code.
 */
final class Manual {
    private static final String DESCRIPTION =
            "Shows for each program the RAM that its processes use (proportional set size), how"
                    + " much of it is shared, the swap, and the number of processes. The largest"
                    + " program comes last. Without root, the processes of others are estimated.";

    private static final List<String> COLUMNS =
            List.of(
                    "The default table shows pss, shared and swap, hugetlb where there is any, then"
                        + " the name of the program with the number of its processes. MB are 2^20"
                        + " bytes. --columns and --sort take the following names; -c help prints"
                        + " them. The title of the column follows in parentheses. A number in"
                        + " parentheses is the first Linux that reports the figure.");

    private static final List<String> SIGNS =
            List.of(
                    "The sign before the total says how exact it is. Where the locale is UTF-8, psm"
                            + " prints the usual characters for >= and <=.");

    private static final List<String> FORMATS =
            List.of(
                    "--output takes the following names, and those of plugins. All formats but"
                            + " table and markdown contain sizes in bytes. What the kernel did not"
                            + " report is an empty field or null, not 0.");

    private static final List<String> GROUP_ACCESS =
            List.of(
                    "After 'psm install --group NAME', members of the group see all processes: psm"
                            + " gets a snapshot from a collector, which a sudo rule for this one"
                            + " program starts. It runs as user nobody, with one capability:"
                            + " CAP_PERFMON, or CAP_SYS_PTRACE where that is not enough. Everything"
                            + " else psm does with the member's own rights.",
                    "The snapshot contains, for each process: its name, user, command line, cgroup,"
                        + " OOM score and the sums of its memory; with CAP_SYS_PTRACE also whether"
                        + " its executable was deleted. /proc shows most of that to every user, but"
                        + " not the sums, and nothing where it is mounted with hidepid. The group"
                        + " sees all processes there too, but no command lines and titles. 'psm"
                        + " install --group NAME --no-commands' leaves both out everywhere.",
                    "A member has no access to the memory, environment, open files or mappings of a"
                        + " process, to any file, to options of the collector or its Java, or to"
                        + " anything else that runs as root. With --heap, and with the options"
                        + " under 'Where from', psm reads with the member's own rights.",
                    "Eight collectors work at a time, and two of them for one user; a call that"
                            + " finds no place ends at once. So four members together can block"
                            + " others, but they cannot overload the machine.",
                    "All installed files, the folders above them and the Java must belong to root"
                        + " and be writable only by root; otherwise psm install refuses. psm doctor"
                        + " checks that, and says how to fix it. 'psm install' without --group"
                        + " removes the group's access, and so does 'psm uninstall'.");

    private final StringBuilder page = new StringBuilder();

    private Manual() {}

    /** Returns the page for an installation. */
    static String page(Prefix prefix) {
        Manual manual = new Manual();
        manual.addStart();
        manual.addOptions();
        manual.addCommands();
        manual.addColumns();
        manual.addSigns();
        manual.addFormats();
        manual.section("GROUP ACCESS", GROUP_ACCESS);
        manual.section("EXIT STATUS", List.of());
        for (Failure.Exit exit : Failure.Exit.values()) {
            manual.item(Integer.toString(exit.code), exit.description);
        }
        manual.addFiles(prefix);
        manual.page.append(".SH SEE ALSO\n.BR proc (5),\n.BR proc_pid_smaps (5),\n.BR sudo (8)\n");
        return manual.page.toString();
    }

    private void addStart() {
        page.append(".TH PSM 1 \"\" \"psm ").append(Version.CURRENT).append("\" \"\"\n");
        page.append(".ad l\n.nh\n"); // words are paths and options: none is cut or pulled apart
        page.append(".SH NAME\npsm \\- show how much RAM and swap each program uses\n");
        page.append(".SH SYNOPSIS\n");
        synopsis("", "[\\fIOPTION\\fR...]");
        synopsis(" maps", "[\\fB\\-\\-map\\fR \\fIREGEX\\fR] [\\fIOPTION\\fR...]");
        synopsis(" oom", "[\\fIOPTION\\fR...]");
        for (CommandLine command : OptionSpecs.forHelp().subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            if (spec.argGroups().isEmpty()) {
                StringBuilder options = new StringBuilder();
                for (OptionSpec option : spec.options()) {
                    options.append(options.length() == 0 ? "[" : " [");
                    options.append(withValue(option, option.longestName())).append(']');
                }
                synopsis(" " + spec.name(), options.toString());
            }
        }
        section("DESCRIPTION", List.of(DESCRIPTION));
    }

    private void synopsis(String command, String options) {
        page.append(page.charAt(page.length() - 2) == 'S' ? "" : ".br\n");
        page.append(".B psm").append(command).append('\n').append(options).append('\n');
    }

    private void addOptions() {
        section("OPTIONS", List.of());
        for (ArgGroupSpec group : OptionSpecs.forHelp().argGroups()) {
            String heading = group.heading().replace("%n", "").replaceFirst(":$", "");
            page.append(".SS ").append(text(heading)).append('\n');
            addOptions(group.options());
        }
    }

    private void addOptions(Iterable<OptionSpec> options) {
        for (OptionSpec option : options) {
            page.append(".TP\n").append(withValue(option, option.names())).append('\n');
            page.append(text(description(option))).append('\n');
        }
    }

    private static String withValue(OptionSpec option, String... names) {
        StringBuilder out = new StringBuilder();
        for (String name : names) {
            out.append(out.length() == 0 ? "" : ", ");
            out.append("\\fB").append(text(name)).append("\\fR");
        }
        if (option.arity().max() > 0) {
            out.append(" \\fI").append(text(option.paramLabel())).append("\\fR");
        }
        return out.toString();
    }

    private static String description(OptionSpec option) {
        return String.join(" ", option.description());
    }

    /** Adds the commands, with the options that the section OPTIONS does not list. */
    private void addCommands() {
        section("COMMANDS", List.of());
        for (CommandLine command : OptionSpecs.forHelp().subcommands().values()) {
            CommandSpec spec = command.getCommandSpec();
            item(spec.name(), String.join(" ", spec.usageMessage().description()));
            page.append(".RS\n");
            addOptions(optionsOf(spec));
            page.append(".RE\n");
        }
    }

    private static List<OptionSpec> optionsOf(CommandSpec command) {
        CommandSpec psm = OptionSpecs.forHelp();
        List<OptionSpec> options = new ArrayList<>();
        for (OptionSpec option : command.options()) {
            OptionSpec other = psm.findOption(option.longestName());
            if (other == null || !description(other).equals(description(option))) {
                options.add(option);
            }
        }
        return options;
    }

    private void addColumns() {
        section("COLUMNS", COLUMNS);
        for (Figure figure : Figure.values()) {
            if (figure.fold != Figure.Fold.MARK) {
                item(figure.option, " (" + figure.column.title() + ")", figure.description);
            }
        }
        section("GROUPS", List.of("--by takes the following names; --by help prints them."));
        for (Grouping grouping : Grouping.values()) {
            item(grouping.option, grouping.description);
        }
    }

    private void addSigns() {
        section("SIGNS", SIGNS);
        sign(0, 0, "The total includes all processes.");
        sign(0, 1, "The true total is higher, or equal: processes are left out.");
        sign(1, 0, "The true total is lower, or equal: processes are estimated.");
        sign(1, 1, "Processes are left out, and processes are estimated.");
        page.append(".PP\nMarks after the name of a row:\n");
        for (Figure figure : Figure.values()) {
            if (figure.fold == Figure.Fold.MARK) {
                item("[" + figure.column.title() + "]", figure.description);
            }
        }
    }

    private void sign(int estimated, int denied, String meaning) {
        Psm.Processes processes = new Psm.Processes(1, estimated, denied, 0, 0, 0, false);
        item(CellText.totalsMark(processes, false), meaning);
    }

    private void addFormats() {
        section("FORMATS", FORMATS);
        for (Map.Entry<String, String> format : Formats.descriptions().entrySet()) {
            item(format.getKey(), format.getValue());
        }
    }

    private void addFiles(Prefix prefix) {
        section("FILES", List.of("psm reads:"));
        item(
                "/proc/PID/",
                "smaps_rollup, smaps, maps, stat, status, exe, cmdline, cgroup,"
                        + " oom_score and oom_score_adj");
        item("/proc/meminfo, /proc/pressure/memory", "the memory of the host");
        item("/sys/fs/cgroup", "the memory limits of control groups");
        item("/etc/passwd, /etc/group", "the names of users and groups");
        page.append(".PP\npsm install writes:\n");
        item(prefix.launcher().toString(), "the launcher");
        item(prefix.home() + "/VERSION-ID/", "the jars, and archives of loaded classes for Java");
        item(prefix.record().toString(), "the list of installed files");
        item(prefix.folder() + "/share/", "this page, and completions for bash, zsh and fish");
        page.append(".PP\npsm install \\-\\-group also writes:\n");
        item(prefix.access() + ", " + prefix.members(), "the group, and how it gets its snapshots");
        item(
                prefix.collectScript() + ", " + SudoRule.file(prefix),
                "the script that runs as root, and its sudo rule");
        page.append(
                ".PP\nThe options \\-\\-cpuprofile and \\-\\-memprofile write the files that they");
        page.append(" name. Without these and psm install, psm writes no files.\n");
    }

    private void section(String heading, List<String> paragraphs) {
        page.append(".SH ").append(heading).append('\n');
        for (int i = 0; i < paragraphs.size(); i++) {
            page.append(i == 0 ? "" : ".PP\n").append(text(paragraphs.get(i))).append('\n');
        }
    }

    private void item(String name, String description) {
        item(name, "", description);
    }

    private void item(String name, String more, String description) {
        // A path can be longer than a line.
        String breaks = name.startsWith("/") ? "$0\\\\:" : "$0";
        page.append(".TP\n\\fB").append(text(name).replaceAll("[/_]", breaks));
        page.append("\\fR").append(text(more));
        page.append('\n').append(text(description)).append('\n');
    }

    /** Escapes text so that troff shows it as it is. */
    private static String text(String text) {
        String escaped = text.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}

// lib/psm/install/Modernizer.java

/**
 * Converts picocli's classes to the class-file version of Java 17. Their version is older than Java
 * 6 (remkop/picocli#1623), so Java does not archive them, but loads and verifies them at each
 * start.
 *
 * <p>Newer versions need stack maps, which java.lang.classfile computes on Java 24 and later. psm
 * is compiled for Java 17, so this class contains a source file that the newer Java runs.
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

    /** The end of the name of a converted jar. */
    private static final String MODERN = "-modern.jar";

    private Modernizer() {}

    /**
     * Converts picocli's jar, if Java is a JDK of version 24 or later, and the jar is picocli's. If
     * not, runs with options take longer to start.
     *
     * @return the converted jar, or the original
     */
    static Path modernize(JavaHome java, Path jar) throws IOException {
        String name = jar.getFileName().toString();
        if (java.version() < JavaHome.FIRST_WITH_AOT_CACHE || !name.startsWith("picocli-")) {
            return jar;
        }
        Path work = Files.createDirectory(jar.resolveSibling("work"));
        Path modern = jar.resolveSibling(name.replace(".jar", MODERN));
        try {
            Path source = Files.writeString(work.resolve("Modernize.java"), SOURCE);
            List<String> words = new ArrayList<>(List.of(java.launcher().toString()));
            // Without a class path, Java would also look for classes in the current folder.
            words.addAll(List.of("-XX:-UsePerfData", "-cp", work.toString(), source.toString()));
            words.addAll(List.of(jar.toString(), modern.toString()));
            if (Subprocess.run(words).exitCode() == 0 && Files.exists(modern)) {
                Jars.makeReadable(modern);
                return modern;
            }
            Files.deleteIfExists(modern);
            return jar;
        } finally {
            Uninstaller.deleteTree(work);
        }
    }

    /** Returns the jar that a jar was converted from; other jars are their own originals. */
    static Path original(Path jar) {
        return jar.resolveSibling(jar.getFileName().toString().replace(MODERN, ".jar"));
    }
}

// lib/psm/install/Prefix.java

/**
 * The folder below which psm is installed, such as {@code /usr/local}, with the paths of the files
 * in an installation.
 */
record Prefix(Path folder) {
    private static final Path HOME = Path.of("lib/psm");

    /**
     * Returns the prefix for a command without {@code --prefix}: {@code /usr/local} for root,
     * {@code ~/.local} for other users.
     *
     * @param isForRunning whether to prefer the prefix of the running psm, if it is installed
     */
    static Prefix byDefault(boolean isForRunning) throws Failure {
        Path folder = Jars.own().getParent();
        Path home = folder == null ? null : folder.getParent();
        if (isForRunning && home != null && home.endsWith(HOME)) {
            Prefix running = new Prefix(home.getParent().getParent());
            if (Files.exists(running.record())) {
                return running;
            }
        }
        return new Prefix(
                new OwnProcess().isRoot()
                        ? Path.of("/usr/local")
                        : JavaHome.ofUser().resolve(".local"));
    }

    /** Returns the folder that contains a folder for the jars and archives of each version. */
    Path home() {
        return folder.resolve(HOME);
    }

    /** Returns whether a folder contains the jars and archives of one installation. */
    boolean isOfOneInstallation(Path path) {
        return home().equals(path.getParent())
                && path.getFileName().toString().matches("[0-9.]+-[0-9a-f]+");
    }

    Path launcher() {
        return folder.resolve("bin/psm");
    }

    /** Returns the file with the list of what was installed, see {@link InstallRecord}. */
    Path record() {
        return home().resolve("installed");
    }

    /** Returns the file that is locked while an installation changes, see {@link InstallLock}. */
    Path lock() {
        return home().resolve("lock");
    }

    /**
     * Returns the file that says how a group gets its snapshots. Only root can read it, so if the
     * launcher can read it, it runs as root and needs no collector.
     */
    Path access() {
        return home().resolve("access");
    }

    /**
     * Returns the file that only the group can read. If the launcher can read it, the user is a
     * member of the group; the launcher need not start a program to find out.
     */
    Path members() {
        return home().resolve("members");
    }

    /** Returns the script that sudo starts. */
    Path collectScript() {
        return home().resolve("collect");
    }

    /**
     * Returns the name of the sudo rule and of the units: {@code psm}, or another name for each
     * prefix but {@code /usr/local}, so that two installations do not share files.
     */
    String systemName() {
        String path = folder.toString();
        return path.equals("/usr/local") ? "psm" : "psm" + path.replaceAll("[^A-Za-z0-9]", "_");
    }

    /**
     * Returns the first line of each file outside the prefix, which says that this installation
     * wrote it.
     */
    String mark() {
        return owner() + " 'psm uninstall' removes it.\n";
    }

    private String owner() {
        return "# Made by 'psm install --group' in " + folder + ";";
    }

    /** Returns whether the installation in this prefix wrote a file. */
    boolean hasWritten(Path file) throws IOException {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.readString(file).startsWith(owner());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Returns a problem if the file exists and this installation did not write it, or {@code null}.
     */
    Problem problemOfOther(Path file) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !hasWritten(file)
                ? new Problem(
                        file + " does not belong to this installation", "move it somewhere else")
                : null;
    }
}

// lib/psm/install/SudoRule.java

/**
 * The rule in {@code /etc/sudoers.d} that lets a group run the collector as root, without a
 * password, and nothing else; see sudoers(5).
 */
final class SudoRule {
    /** The folder of the rules. sudo ignores files in it that have a dot in their name. */
    public static final Path FOLDER = Path.of("/etc/sudoers.d");

    static final String PERMISSIONS = "r--r-----";

    private static final Path SUDOERS = Path.of("/etc/sudoers");

    private final GroupAccess access;

    SudoRule(GroupAccess access) {
        this.access = access;
    }

    Path file() {
        return file(access.prefix());
    }

    static Path file(Prefix prefix) {
        return FOLDER.resolve(prefix.systemName());
    }

    /** Returns the command with which a member starts the collector. */
    List<String> call() {
        String script = access.prefix().collectScript().toString();
        return List.of(Subprocess.find("sudo"), "-n", script);
    }

    /**
     * Returns the rule. Its settings apply to this command only: sudo keeps no variable of the
     * caller's environment, needs and makes no terminal, and logs the call but not the output.
     * There is no PAM session, for which a second process of root would keep running, so sudo
     * executes the collector in its place.
     */
    String text() {
        return """
        %sDefaults!%2$s env_reset, !setenv, !env_keep, !env_check
        Defaults!%2$s secure_path = "/usr/sbin:/usr/bin:/sbin:/bin", umask = 0077, umask_override
        Defaults!%2$s !requiretty, !use_pty, !log_input, !log_output, !pam_session, !pam_setcred
        %%%3$s ALL = (root) NOPASSWD: NOSETENV: %2$s ""
        """
                .formatted(access.prefix().mark(), access.prefix().collectScript(), access.group());
    }

    /** Checks that this host can take the rule, before anything is written. */
    void check() throws Failure {
        String asked = Option.GROUP + " " + access.group() + ": ";
        List<String> programs = new ArrayList<>(List.of("sudo", "visudo"));
        programs.addAll(CollectorScript.programs());
        for (String name : programs) {
            if (!Files.isExecutable(Path.of(Subprocess.find(name)))) {
                throw Failure.usage(asked + "there is no " + name + " here; install it", null);
            }
        }
        try {
            Problem problem = includeProblem();
            problem = problem == null ? access.prefix().problemOfOther(file()) : problem;
            problem = problem == null ? RootOwned.problem(FOLDER) : problem;
            if (problem != null) {
                throw Failure.usage(asked + problem.line(), null);
            }
            // The new rule replaces an old one of this prefix, with any errors that it contains.
            if (!Files.exists(file()) && !isGood(List.of())) {
                throw Failure.usage(
                        asked + "'visudo -c' finds errors in sudo's files; fix them first", null);
            }
        } catch (IOException e) {
            throw Failure.of(asked + InstallCommand.reason(e), e);
        }
    }

    /** Returns a problem if sudo does not read the rules in the folder, or {@code null}. */
    public static Problem includeProblem() throws IOException {
        for (String line : Files.readAllLines(SUDOERS)) {
            if (line.strip().matches("[@#]includedir\\s+\"?" + FOLDER + "/?\"?")) {
                return null;
            }
        }
        return new Problem(
                SUDOERS + " has no line '@includedir " + FOLDER + "', so sudo reads no rule there",
                "add that line with 'visudo'");
    }

    /**
     * Returns whether visudo(8) finds no errors, in all of sudo's files or in the file that the
     * options name.
     */
    static boolean isGood(List<String> options) throws IOException {
        List<String> words = new ArrayList<>(List.of(Subprocess.find("visudo"), "-c", "-q"));
        words.addAll(options);
        return Subprocess.run(words).exitCode() == 0;
    }

    /** Writes the rule, unless visudo(8) finds errors in it, or in all rules together. */
    void install() throws IOException, Failure {
        String before = Files.exists(file()) ? Files.readString(file()) : null;
        Path part = Files.createTempFile(FOLDER, "psm.", ".part"); // sudo ignores names with a dot
        try {
            Files.writeString(part, text());
            if (!isGood(List.of("-f", part.toString()))) {
                throw Failure.of("install: visudo refuses the rule for " + access.group(), null);
            }
        } finally {
            Files.deleteIfExists(part);
        }
        AtomicFile.replace(file(), text(), PERMISSIONS);
        if (!isGood(List.of())) {
            if (before == null) {
                Files.delete(file());
            } else {
                AtomicFile.replace(file(), before, PERMISSIONS);
            }
            throw Failure.of("install: 'visudo -c' finds errors with the new rule", null);
        }
    }

    /** Removes the rule of an installation; returns whether there was one. */
    static boolean remove(Prefix prefix) throws IOException {
        return prefix.hasWritten(file(prefix)) && Files.deleteIfExists(file(prefix));
    }
}

// lib/psm/install/Uninstaller.java

/** Removes what {@link Installer} has written. */
final class Uninstaller {
    private final Prefix prefix;
    private final Consumer<String> remarks;

    Uninstaller(Prefix prefix, Consumer<String> remarks) {
        this.prefix = prefix;
        this.remarks = remarks;
    }

    /**
     * Removes the installation.
     *
     * @return the lines to print
     * @throws Failure if there is no installation, or some of it cannot be deleted
     */
    String uninstall() throws Failure {
        if (!Files.exists(prefix.record())) {
            throw Failure.usage("uninstall: " + InstallCommand.notInstalled(prefix), null);
        }
        try {
            boolean isRoot = new OwnProcess().isRoot();
            refuse(isRoot ? RootOwned.problemOfExisting(prefix.record()) : null);
            InstallLock lock = InstallLock.take(prefix, remarks);
            try {
                if (!Files.exists(prefix.record())) {
                    lock.undo(); // another psm has uninstalled it meanwhile
                    throw Failure.usage("uninstall: " + InstallCommand.notInstalled(prefix), null);
                }
                InstallRecord record = new InstallRecord(prefix);
                for (Path path : record.paths()) {
                    refuse(isRoot ? RootOwned.problem(path.getParent()) : null);
                }
                GroupAccess.close(prefix);
                record.deleteAll();
            } finally {
                lock.close();
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + InstallCommand.reason(e), e);
        }
        return "psm is no longer installed in "
                + prefix.folder()
                + '\n'
                + (Files.exists(prefix.home())
                        ? prefix.home() + " was left, since others have written into it\n"
                        : "");
    }

    /**
     * Refuses to delete as root where another user can write: that user could lay links, or write
     * any path into the record.
     *
     * @param problem what is wrong there, or {@code null}
     */
    private void refuse(Problem problem) throws Failure {
        if (problem != null) {
            throw Failure.usage(
                    "uninstall: root deletes nothing where others can write: "
                            + problem.what()
                            + "; run 'psm uninstall --prefix "
                            + prefix.folder()
                            + "' as that user",
                    null);
        }
    }

    /** Deletes as much of a folder as it can. */
    static void deleteTree(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            return; // the caller checks what is left
        }
    }
}
