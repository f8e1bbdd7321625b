///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Measures with JMH how fast the parser of smaps is, and how much it allocates
//JAVA 17+
//DEPS org.openjdk.jmh:jmh-core:1.37
//DEPS org.openjdk.jmh:jmh-generator-annprocess:1.37
//SOURCES ../../lib/psm/Psm.java
//SOURCES ../../lib/psm/smaps/*.java
//SOURCES ../../lib/psm/text/*.java
//COMPILE_OPTIONS --release 17 -processor org.openjdk.jmh.generators.BenchmarkProcessor
//RUNTIME_OPTIONS -XX:+IgnoreUnrecognizedVMOptions --sun-misc-unsafe-memory-access=allow

package psm;

import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import psm.smaps.SmapsFormatException;
import psm.smaps.SmapsParser;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures {@link SmapsParser} alone, in bytes per second and bytes allocated, on the {@code smaps}
 * and {@code smaps_rollup} files of this machine's processes. The times do not include the kernel:
 * the benchmark reads some MB of files once, and then parses them again and again, in the same
 * pieces in which the kernel returned them.
 *
 * <pre>
 * ./jbangw bench/psm/ParserBench.java [--json FILE] [--quick] [--c2] [--verbose]
 *   --json FILE   also writes JMH's results, without paths of this machine
 *   --quick       takes a fifth of the time, with large errors
 *   --c2          uses all compilers of the JVM; psm itself uses only the first
 *   --verbose     also prints JMH's messages
 * </pre>
 *
 * <p>Before it measures, each JVM compares the parser's sums with those of a regular expression.
 * Errors are those of JMH, half of the 99.9 % confidence interval.
 *
 * <p>Exits with 1 if it could not measure, and with 2 for bad usage.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
public class ParserBench {
    /** Size of a piece, the same as in {@code ProcessReader}. */
    private static final int PIECE_BYTES = 4096;

    /**
     * How much to read. If it is too little, the processor learns to predict the input; if too
     * much, the input does not stay in its cache, but psm parses what the kernel has just written.
     */
    private static final int MAX_BYTES = 4 << 20;

    /** Makes a number wider than the eight digits that the kernel reserves. */
    private static final long TB_IN_KB = 1_000_000_000;

    private static final int FORKS = 2;
    private static final int WARM_UPS = 3;
    private static final int ITERATIONS = 5;
    private static final long ITERATION_MILLIS = 1_000;

    /** JMH needs at least three to compute an error. */
    private static final int QUICK_ITERATIONS = 3;

    private static final long QUICK_ITERATION_MILLIS = 500;

    private static final double BYTES_PER_MB = 1e6;

    /** Options with which psm runs, without those for the compilers. */
    private static final List<String> JVM_OPTIONS =
            List.of(
                    "-Xmx64m",
                    "-XX:+UseSerialGC",
                    "-XX:-UsePerfData",
                    "-XX:+IgnoreUnrecognizedVMOptions",
                    "--sun-misc-unsafe-memory-access=allow");

    /** The benchmarks in the order of the report, with their titles. */
    private enum Case {
        smaps("smaps"),
        feedAlone("smaps, feed() alone"),
        rollup("smaps_rollup"),
        widened("smaps, layout changing"),
        sum("bytes added up");

        final String title;

        Case(String title) {
            this.title = title;
        }
    }

    private final SmapsParser parser = new SmapsParser();
    private List<ProcFile> smaps;
    private List<ProcFile> rollups;
    private List<ProcFile> widened;

    /** Counts what was parsed; JMH computes rates from it. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Parsed {
        public long bytes;
        public long files;
        public long mappings;

        void count(ProcFile file) {
            bytes += file.bytes.length;
            files++;
            mappings += file.mappings;
        }
    }

    /** A file of one process. */
    private static final class ProcFile {
        final boolean isRollup;
        final byte[] bytes;

        /** Offsets at which the pieces end. */
        final int[] ends;

        final int mappings;

        ProcFile(boolean isRollup, String text) {
            String[] entries = entries(text);
            this.isRollup = isRollup;
            bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            ends = ends(entries);
            mappings = entries.length;
        }

        /**
         * Divides entries into pieces like the kernel: as many entries as fit, and at least one.
         */
        private static int[] ends(String[] entries) {
            IntStream.Builder ends = IntStream.builder();
            int start = 0;
            int end = 0;
            for (String entry : entries) {
                if (end > start && end + entry.length() - start >= PIECE_BYTES) {
                    ends.add(end);
                    start = end;
                }
                end += entry.length();
            }
            return ends.add(end).build().toArray();
        }
    }

    @Setup
    public void setUp() throws IOException {
        List<String> files = read("smaps");
        smaps = checked(false, files);
        rollups = checked(true, read("smaps_rollup"));
        widened = checked(false, files.stream().map(ParserBench::widen).toList());
    }

    /** Parses like psm. */
    @Benchmark
    public void smaps(Parsed parsed, Blackhole blackhole) throws SmapsFormatException {
        parse(smaps, parsed, blackhole);
    }

    /** Parses without {@code finish}, so that only JMH allocates. */
    @Benchmark
    public SmapsParser feedAlone(Parsed parsed) throws SmapsFormatException {
        for (ProcFile file : smaps) {
            feed(file);
            parsed.count(file);
        }
        return parser;
    }

    /** Parses {@code smaps_rollup} like psm. */
    @Benchmark
    public void rollup(Parsed parsed, Blackhole blackhole) throws SmapsFormatException {
        parse(rollups, parsed, blackhole);
    }

    /** Parses files in which each entry's layout differs from the last, so line by line. */
    @Benchmark
    public void widened(Parsed parsed, Blackhole blackhole) throws SmapsFormatException {
        parse(widened, parsed, blackhole);
    }

    /** Adds up all bytes, one by one, for comparison. */
    @Benchmark
    public long sum(Parsed parsed) {
        long sum = 0;
        for (ProcFile file : smaps) {
            for (byte b : file.bytes) {
                sum += b;
            }
            parsed.bytes += file.bytes.length;
        }
        return sum;
    }

    private void parse(List<ProcFile> files, Parsed parsed, Blackhole blackhole)
            throws SmapsFormatException {
        for (ProcFile file : files) {
            feed(file);
            blackhole.consume(parser.finish());
            parsed.count(file);
        }
    }

    private void feed(ProcFile file) throws SmapsFormatException {
        parser.start(file.isRollup);
        int from = 0;
        for (int end : file.ends) {
            parser.feed(file.bytes, from, end);
            from = end;
        }
    }

    /** Reads the readable files of that name, up to {@code MAX_BYTES}; each byte becomes a char. */
    private static List<String> read(String name) throws IOException {
        List<String> files = new ArrayList<>();
        int room = MAX_BYTES;
        for (long pid : ProcessHandle.allProcesses().mapToLong(ProcessHandle::pid).toArray()) {
            try {
                byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/" + name));
                if (bytes.length > 0 && bytes.length <= room) {
                    files.add(new String(bytes, StandardCharsets.ISO_8859_1));
                    room -= bytes.length;
                }
            } catch (IOException e) {
                // It has ended, belongs to another user, or is a kernel thread.
            }
        }
        if (files.isEmpty()) {
            throw new IOException("there is no readable " + name + " in /proc");
        }
        return files;
    }

    private static String[] entries(String file) {
        return file.split("(?md)^(?=[0-9a-f])");
    }

    /** Adds a TB to each size of every other mapping, which adds two digits. */
    private static String widen(String file) {
        String[] entries = entries(file);
        for (int i = 1; i < entries.length; i += 2) {
            entries[i] =
                    Pattern.compile("(?md)^([A-Z]\\w+:) +([0-9]+) kB$")
                            .matcher(entries[i])
                            .replaceAll(line -> wider(line.group(1), line.group(2)));
        }
        return String.join("", entries);
    }

    private static String wider(String name, String kb) {
        return String.format(Locale.ROOT, "%-16s%d kB", name + " ", Long.parseLong(kb) + TB_IN_KB);
    }

    private List<ProcFile> checked(boolean isRollup, List<String> texts) throws IOException {
        List<ProcFile> files = new ArrayList<>();
        for (String text : texts) {
            ProcFile file = new ProcFile(isRollup, text);
            feed(file);
            check(text, parser.finish());
            files.add(file);
        }
        return files;
    }

    private static void check(String file, Usage usage) {
        checkEqual("mappings", usage.mappings, entries(file).length);
        for (Usage.Field field : Usage.Field.values()) {
            long kb =
                    Pattern.compile("(?md)^" + field.kernelName + ": +([0-9]+) kB$")
                            .matcher(file)
                            .results()
                            .mapToLong(line -> Long.parseLong(line.group(1)))
                            .sum();
            checkEqual(field.kernelName, Missing.orZero(usage.bytes(field)), kb * 1024);
        }
    }

    private static void checkEqual(String what, long found, long expected) {
        if (found != expected) {
            throw new IllegalStateException(
                    what + ": " + found + ", but should be " + expected + ": not timed");
        }
    }

    public static void main(String[] args) {
        List<String> options = new ArrayList<>(Arrays.asList(args));
        boolean isQuick = options.remove("--quick");
        boolean hasC2 = options.remove("--c2");
        boolean isVerbose = options.remove("--verbose");
        Path json = null;
        if (options.size() == 2 && options.get(0).equals("--json")) {
            json = Path.of(options.get(1));
        } else if (!options.isEmpty()) {
            fail(
                    2,
                    String.join(" ", options)
                            + ": the options are --json FILE, --quick, --c2, --verbose");
        }
        try {
            if (json != null) { // fails now, and not after the measurement
                Files.write(
                        json, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            String machine = machine();
            Collection<RunResult> results = run(isQuick, hasC2, isVerbose);
            report(machine, results, hasC2);
            if (json != null) {
                Files.writeString(json, json(results));
            }
        } catch (IOException e) {
            fail(1, "cannot write to the file of --json: " + e);
        } catch (RunnerException e) {
            fail(1, e.getMessage() + (isVerbose ? "" : "; --verbose shows the messages of JMH"));
        }
    }

    private static void fail(int status, String message) {
        System.err.println("ParserBench: " + message);
        System.exit(status);
    }

    private static Collection<RunResult> run(boolean isQuick, boolean hasC2, boolean isVerbose)
            throws RunnerException {
        List<String> jvm = new ArrayList<>(JVM_OPTIONS);
        jvm.add(hasC2 ? "-XX:+TieredCompilation" : "-XX:TieredStopAtLevel=1");
        TimeValue iteration =
                TimeValue.milliseconds(isQuick ? QUICK_ITERATION_MILLIS : ITERATION_MILLIS);
        ChainedOptionsBuilder options =
                new OptionsBuilder()
                        .include(Pattern.quote(ParserBench.class.getName() + "."))
                        .forks(isQuick ? 1 : FORKS)
                        .warmupIterations(isQuick ? 1 : WARM_UPS)
                        .warmupTime(iteration)
                        .measurementIterations(isQuick ? QUICK_ITERATIONS : ITERATIONS)
                        .measurementTime(iteration)
                        .jvmArgs(jvm.toArray(new String[0]))
                        .addProfiler(GCProfiler.class)
                        .verbosity(isVerbose ? VerboseMode.NORMAL : VerboseMode.SILENT)
                        .shouldFailOnError(true);
        return new Runner(options.build()).run();
    }

    private static void report(String machine, Collection<RunResult> results, boolean hasC2) {
        System.out.println(machine);
        System.out.printf(
                "Java %s with %s%n",
                Runtime.version(), hasC2 ? "all its compilers" : "its first compiler, as psm runs");
        row("", "MB/s", "+-", "MB", "allocated: B/MB", "B/file", "B/mapping");
        for (Case one : Case.values()) {
            for (RunResult result : results) {
                if (result.getParams().getBenchmark().endsWith('.' + one.name())) {
                    row(one, result);
                }
            }
        }
    }

    /** Describes the machine; called before the measurement, for the load average. */
    private static String machine() {
        String processor = first("/proc/cpuinfo", "model name.*: (.+)");
        return String.format(
                "%s %s, %s; load average %s beforehand",
                System.getProperty("os.name"),
                System.getProperty("os.version"),
                processor.isEmpty() ? System.getProperty("os.arch") : processor,
                first("/proc/loadavg", "(\\S+).*"));
    }

    /** Returns the group of the first line that matches, or an empty string. */
    private static String first(String file, String regex) {
        Pattern pattern = Pattern.compile(regex);
        try (Stream<String> lines = Files.lines(Path.of(file))) {
            return lines.map(pattern::matcher)
                    .filter(Matcher::matches)
                    .map(line -> line.group(1))
                    .findFirst()
                    .orElse("");
        } catch (IOException e) {
            return "";
        }
    }

    private static void row(Case one, RunResult result) {
        Result<?> bytes = result.getSecondaryResults().get("bytes");
        double runs = result.getPrimaryResult().getScore();
        double allocated = result.getSecondaryResults().get("gc.alloc.rate.norm").getScore() * runs;
        row(
                one.title,
                fixed(bytes.getScore() / BYTES_PER_MB),
                fixed(bytes.getScoreError() / BYTES_PER_MB),
                fixed(bytes.getScore() / runs / BYTES_PER_MB),
                fixed(allocated / bytes.getScore() * BYTES_PER_MB),
                each(allocated, result, "files"),
                each(allocated, result, "mappings"));
    }

    private static String each(double allocated, RunResult result, String counter) {
        double count = result.getSecondaryResults().get(counter).getScore();
        return count == 0 ? "-" : fixed(allocated / count);
    }

    private static String fixed(double figure) {
        return String.format(Locale.ROOT, "%.1f", figure);
    }

    private static void row(String... cells) {
        System.out.printf("%-23s%10s%10s%8s%17s%10s%12s%n", (Object[]) cells);
    }

    /** Returns JMH's results without the path of the JVM; the options above contain no paths. */
    private static String json(Collection<RunResult> results) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        ResultFormatFactory.getInstance(ResultFormatType.JSON, out).writeOut(results);
        return bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.strip().startsWith("\"jvm\" :"))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
