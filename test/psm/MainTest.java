package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.probe.Recorded;
import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Fixtures;
import psm.text.Version;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** psm as a process: its streams and its exit codes. */
@Tag("endtoend")
@Tag("jdk")
@Tag("user")
class MainTest {
    @TempDir Path folder;

    private static String host() {
        return "--proc '" + Fixtures.HOST + "'";
    }

    private static void assertOneLine(String text) {
        assertTrue(text.startsWith("psm: ") && text.indexOf('\n') == text.length() - 1, text);
    }

    /** Runs a shell's line in which $PSM is the command line of psm. */
    private static Command.Result shell(String line) {
        String psm = String.join("' '", Command.psm().words());
        return Command.of("sh", "-c", line).with("PSM", "'" + psm + "'").run();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-f (",
                "--nothing",
                "-o nothing",
                "--source nothing",
                "-j 0",
                "--by-title off",
                "--system -f nginx",
                "--system -o csv",
                "--timeout 0",
                "--timeout -1",
                "--timeout soon",
                "--timeout 1e99",
                "--timeout 0.01",
                "-f (?:){2147483647}",
                "--estimate-above -1",
                "--estimate-above x",
                "--system=1",
                "--proc README.md",
                "--proc /nowhere",
                "nginx"
            })
    void usageErrorsAreOneLine(String args) {
        Command.Result result = Command.psm(args.split(" ", -1)).run();
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
        assertOneLine(result.err());
    }

    @Test
    void unknownFormatListsKnownFormats() {
        assertEquals(
                "psm: -o md: no such format; there are markdown, csv, html, json, ndjson,"
                        + " openmetrics, prometheus, snapshot, table, tsv\n",
                Command.psm("-o", "md").run().err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"yaml", "yml"})
    void formatOfAnotherLibraryNamesTheLineToType(String format) {
        assertEquals(
                "psm: -o "
                        + format
                        + ": needs a library; run './jbangw --deps com.fasterxml.jackson"
                        + ".dataformat:jackson-dataformat-yaml:2.22.4 psm.java -o yaml'\n",
                Command.psm("-o", format).run().err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-p 999999 | 2 | psm: --pid 999999: no such process",
                "oom -p 999999 | 2 | psm: --pid 999999: no such process",
                "-p 999999 -o json | 2 | psm: --pid 999999: no such process",
                "--children-of 999999 | 2 | psm: --children-of 999999: no such process",
                "--user 4242 | 0 | psm: no process matches the selection",
                "-f zzz | 0 | psm: no program matches -f zzz",
                "maps -f zzz | 0 | psm: no program matches -f zzz",
                "--min 900g | 0 |"
            })
    void whatMatchesNothingIsOneLine(String args, int exitCode, String line) {
        List<String> words = new ArrayList<>(List.of(args.split(" ", -1)));
        words.addAll(List.of("--proc", Fixtures.HOST.toString()));
        Command.Result run = Command.psm(words.toArray(new String[0])).run();
        assertEquals(exitCode, run.exitCode());
        assertEquals(line == null ? "" : line + '\n', run.err());
        assertEquals(line == null, !run.out().isEmpty(), run.out());
    }

    @Test
    void totalOfNothingIsZero() {
        String[] args = {"-f", "zzz", "-t", "--units", "b", "--proc", Fixtures.HOST.toString()};
        assertTrue(Command.psm(args).run().out().contains("0"), "scripts read it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "help maps", "help oom", "help install", "help doctor"})
    void helpIsACommand(String args) {
        List<String> words = new ArrayList<>(List.of(args.split(" ", -1)));
        Command.Result help = Command.psm(words.toArray(new String[0])).run();
        words.remove(0);
        words.add("--help");
        assertEquals(Command.psm(words.toArray(new String[0])).run(), help);
        assertEquals(0, help.exitCode());
    }

    @Test
    void debugShowsStackTrace() {
        Command.Result result = Command.psm("-f", "(", "--debug").run();
        assertEquals(2, result.exitCode());
        assertTrue(result.err().contains("    at psm.cli.Arguments"), result.err());
    }

    @Test
    void helpAndVersionGoToStandardOutput() {
        Command.Result help = Command.psm("--help").run();
        assertEquals("", help.err());
        assertTrue(help.out().startsWith("Usage: psm [OPTION...]\n"), help.out());
        assertTrue(Command.psm("-V").run().out().startsWith("psm " + Version.CURRENT + " (Java "));
    }

    @Test
    void closedPipeIsNoError() throws IOException {
        Path status = folder.resolve("status");
        Command.Result result =
                shell("{ eval \"$PSM " + host() + "\"; echo $? > " + status + "; } | true");
        assertEquals("", result.err());
        assertEquals("0\n", Files.readString(status));
    }

    @Test
    void readerOfOneLineGetsIt() {
        Command.Result result = shell("eval \"$PSM " + host() + "\" | head -1");
        assertEquals("    MB RAM    SHARED   SWAPPED\tPROCESS (COUNT)\n", result.out());
        assertEquals("", result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-o table", "-o json", "-o csv", "--help"})
    void fullDiskIsAnError(String options) {
        Command.Result result = shell("eval \"$PSM " + host() + " " + options + "\" > /dev/full");
        assertEquals(1, result.exitCode());
        assertOneLine(result.err());
        assertTrue(result.err().startsWith("psm: cannot write to standard output: "), result.err());
    }

    @Test
    void closedStandardOutputIsAnError() {
        Command.Result result = shell("eval \"$PSM " + host() + "\" >&-");
        assertEquals(1, result.exitCode());
        assertOneLine(result.err());
    }

    @Test
    void timingShowsDurationAndSlowestProcesses() {
        Command.Result result = Command.psm("--proc", Fixtures.HOST.toString(), "--timing").run();
        assertTrue(
                result.err()
                        .matches(
                                "psm: 11 processes, \\d+ bytes read, 1 worker, \\d+\\.\\d ms to"
                                    + " scan, \\d+ ms in total, \\d+ kB peak memory \\(VmHWM\\),"
                                    + " with your own rights\n"
                                    + "psm: slowest to read: (\\d+\\.\\d ms pid \\d+ \\(.*?\\)(,"
                                    + " |\n"
                                    + ")){5}"),
                result.err());
    }

    @Test
    void endlessRegexStopsAfterItsBudget() throws IOException {
        Files.createDirectory(folder.resolve("8"));
        Files.writeString(folder.resolve("8/cmdline"), "a".repeat(60) + "!\0");
        Files.writeString(folder.resolve("8/smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1 kB\n");
        Files.createDirectory(folder.resolve("9"));
        Files.writeString(folder.resolve("9/cmdline"), "a".repeat(12) + "b\0");
        Files.writeString(folder.resolve("9/smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1024 kB\n");
        Command.Result result =
                Command.psm("--proc", folder.toString(), "-f", "(.*a){12}b$", "--timeout", "60")
                        .run();
        assertEquals(0, result.exitCode());
        assertTrue(result.out().contains("     1.0 "), result.out());
        assertTrue(
                result.err().contains("-f is too slow an expression for its name"), result.err());
    }

    /** They read no character, or none before they overflow the stack. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '%',
            quoteCharacter = '"',
            value = {
                "-t % EMPTY(?!) % -f EMPTY(?!): takes too long to match; use a simpler expression",
                "--by=user % EMPTY(?!) % -f EMPTY(?!): takes too long to match; use a simpler",
                "-t % LONG % ': is longer than 10000 characters; use a shorter one",
                "-t % DEEP % ': is nested too deeply; use fewer parentheses",
            })
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void noExpressionKeepsPsmBusy(String option, String regex, String problem) {
        String[] args = {"--proc", Fixtures.HOST.toString(), option, "-f", regex};
        for (int i = 0; i < args.length; i++) {
            args[i] =
                    args[i].replace("EMPTY", "^?".repeat(60))
                            .replace("LONG", "x|".repeat(500_000).substring(0, 100_000))
                            .replace("DEEP", "(".repeat(5000) + ")".repeat(5000));
        }
        Command.Result result = Command.psm(args).run();
        assertEquals(2, result.exitCode(), result.err());
        String start = problem.replace("EMPTY", "^?".repeat(60));
        assertTrue(
                result.err().startsWith("psm: -f ") && result.err().contains(start), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-o csv --csv-raw",
                "-o tsv --csv-raw -s",
                "-o csv",
                "-o json",
                "-o ndjson",
                "-o markdown",
                "-o csv --csv-raw --from SNAPSHOT"
            })
    void noControlCharacterReachesATerminal(String options) throws IOException {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        Files.createDirectory(folder.resolve("8"));
        byte[] title = "a\33]0;b\7\33[31mred\177 \302\233m\233m\r\u0085\0".getBytes(ISO_8859_1);
        Files.write(folder.resolve("8/cmdline"), title);
        Files.writeString(folder.resolve("8/smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1024 kB\n");
        Path snapshot = folder.resolve("snapshot");
        String proc = folder.toString();
        Command.psm("--proc", proc, "-o", "snapshot").to(snapshot).run();
        List<String> args = new ArrayList<>(List.of(options.split(" ", -1)));
        if (args.contains("SNAPSHOT")) {
            args.set(args.indexOf("SNAPSHOT"), snapshot.toString());
        } else {
            args.addAll(List.of("--proc", proc));
        }
        List<String> words = Command.psm(args.toArray(new String[0])).words();
        String psm = "stty -onlcr; '" + String.join("' '", words) + "'";
        Path out = folder.resolve("out");
        Command.of("script", "-qec", psm, "/dev/null").to(out).run();
        String shown = Files.readString(out, ISO_8859_1);
        assertTrue(shown.contains("red"), shown);
        String control = "[\\x00-\\x08\\x0b-\\x1f\\x7f]|\u00c2[\u0080-\u009f]|[^\u00c2]\u009b";
        String lines = shown.replace("\r\n", "\n");
        assertFalse(Pattern.compile(control).matcher(lines).find(), shown);
    }

    /** While it records, Java keeps the events in files of its own. */
    @Test
    void othersCannotReadProfiles() throws Exception {
        Path made = Files.createDirectory(folder.resolve("tmp"));
        Path process = Files.createDirectories(folder.resolve("proc/7"));
        Command.of("mkfifo", process.resolve("smaps").toString()).run();
        Path file = folder.resolve("x.jfr");
        String proc = folder.resolve("proc").toString();
        List<String> words =
                Command.psm("--proc", proc, "--timeout", "60", "--cpuprofile", file.toString())
                        .words();
        words.add(1, "-Djava.io.tmpdir=" + made);
        words.addAll(0, List.of("sh", "-c", "umask 0; exec \"$@\"", "sh"));
        CompletableFuture<Command.Result> psm =
                CompletableFuture.supplyAsync(() -> Command.of(words.toArray(new String[0])).run());
        try (OutputStream smaps = Files.newOutputStream(process.resolve("smaps"))) {
            assertEquals("[]", readableByOthers(made).toString(), "while it records");
            smaps.write("1000-2000 r-xp 0 0 0 \nPss: 1 kB\n".getBytes(ISO_8859_1));
        }
        assertEquals(0, psm.get().exitCode(), psm.get().err());
        assertEquals("rw-------", permissions(file));
        assertEquals(0, made.toFile().list().length, "files that are left");
    }

    private static List<Path> readableByOthers(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(path -> !permissions(path).endsWith("------")).toList();
        }
    }

    private static String permissions(Path path) {
        try {
            return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void othersCannotReadSnapshots() throws IOException {
        String[] args = {"--proc", Fixtures.HOST.toString(), "-o", "snapshot"};
        String words = "'" + String.join("' '", Command.psm(args).words()) + "'";
        Path file = folder.resolve("x.psm");
        String script = "umask 022; " + words + " > " + file + "; umask 0; ";
        Path older = Files.writeString(folder.resolve("older"), "older");
        Files.setPosixFilePermissions(older, PosixFilePermissions.fromString("rw-r--r--"));
        Command.Result result = Command.of("sh", "-c", script + words + " >> " + older).run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("rw-------", permissions(file));
        assertEquals("rw-r--r--", permissions(older), "a file that was not empty stays as it is");
        String report = words.replace("'snapshot'", "'json'");
        Path shared = folder.resolve("x.json");
        Command.of("sh", "-c", "umask 022; " + report + " > " + shared).run();
        assertEquals("rw-r--r--", permissions(shared), "the umask decides for reports");
    }

    @Test
    void timingCountsBytesOfReadFiles() throws IOException {
        long bytes = 0;
        for (Path file : Fixtures.smapsFiles()) {
            bytes += file.endsWith("smaps_rollup") ? Files.size(file) : 0;
        }
        String stats = Command.psm("--proc", Fixtures.HOST.toString(), "--timing").run().err();
        assertTrue(stats.contains(" " + bytes + " bytes read,"), stats);
    }

    /** The process is removed while psm waits to read its name from a pipe. */
    @Test
    void exitedProcessIsReported() throws Exception {
        Path process = Files.createDirectory(folder.resolve("7"));
        Files.copy(Fixtures.HOST.resolve("41/stat"), process.resolve("stat"));
        Command.of("mkfifo", process.resolve("cmdline").toString()).run();
        CompletableFuture<Command.Result> psm =
                CompletableFuture.supplyAsync(
                        () -> Command.psm("--proc", folder.toString(), "--debug").run());
        try (OutputStream name = Files.newOutputStream(process.resolve("cmdline"))) {
            Files.delete(process.resolve("stat"));
            Files.delete(process.resolve("cmdline"));
            Files.delete(process);
            name.write("short-lived".getBytes(StandardCharsets.US_ASCII));
        }
        assertEquals(
                """
                psm: %s: only kernel threads
                psm: pid 7 (short-lived): exited during the scan
                """
                        .formatted(folder),
                psm.get().err());
    }

    @Test
    void jsonIsIndentedOnTerminal() {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        String psm =
                String.join(
                        "' '",
                        Command.psm("--proc", Fixtures.HOST.toString(), "-o", "json").words());
        Command.Result result = Command.of("script", "-qec", "'" + psm + "'", "/dev/null").run();
        assertTrue(result.out().startsWith("{\r\n  \"schema\" : \"psm/1\",\r\n"), result.out());
    }

    @Test
    void unreadableProcessIsReported() throws IOException {
        Files.createDirectory(folder.resolve("7"));
        Files.writeString(folder.resolve("7/cmdline"), "bad\u001b[31m\0");
        Files.writeString(folder.resolve("7/smaps"), "1000-2000 r-xp 0 0 0 \nPss: x\n");
        Files.createDirectory(folder.resolve("8"));
        Files.writeString(folder.resolve("8/smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1 kB\n");
        Command.Result result = Command.psm("--proc", folder.toString(), "-o", "json").run();
        assertEquals(0, result.exitCode());
        assertTrue(
                result.out()
                        .contains(
                                "\"processes\":{\"measured\":1,\"estimated\":0,\"denied\":0,\"vanished\":0,\"stuck\":0,\"failed\":1,\"hidden\":0,"));
        assertOneLine(result.err());
        assertTrue(
                result.err()
                        .startsWith("psm: not included: pid 7 (bad\\x1b[31m): could not be read: "),
                result.err());
    }

    @Test
    void psmFailsIfNothingCouldBeMeasured() throws IOException {
        Files.createDirectory(folder.resolve("8"));
        Files.writeString(folder.resolve("8/smaps"), "1000-2000 r-xp 0 0 0 \nPss: 1 kB\n");
        Command.Result result =
                Command.psm("--proc", folder.toString(), "--source", "rollup").run();
        assertEquals(1, result.exitCode());
        assertEquals(
                """
                psm: not included: pid 8: could not be read: it has no smaps_rollup
                psm: no process could be measured; --debug lists the reasons
                """,
                result.err());
    }

    @Test
    void psmListsItselfOnRequestOnly() throws Exception {
        ObjectMapper json = new ObjectMapper();
        for (String options : new String[] {"-d", "--system", "oom"}) {
            String out = Command.psm((options + " -o json").split(" ", -1)).run().out();
            assertFalse(out.contains("\"program\":\"psm\""), out);
        }
        for (String pid : new String[] {"-p self", "--children-of self"}) {
            String out = Command.psm((pid + " -o json").split(" ", -1)).run().out();
            JsonNode rows = json.readTree(out).get("rows");
            assertEquals("psm", rows.get(0).get("program").asText(), out);
            assertEquals(1, rows.size(), out);
            assertFalse(rows.toString().contains("" + ProcessHandle.current().pid()));
        }
        assertTrue(Command.psm("maps", "-p", "self").run().out().contains("[heap]"));
    }

    @Test
    void snapshotContainsPsmForItsPidAlone() throws Exception {
        Path file = folder.resolve("own.psm");
        Command.psm("-o", "snapshot").to(file).run();
        ObjectMapper json = new ObjectMapper();
        int own = Recorded.read("", file).snapshot().run().own().pid();
        String from = "--from " + file + " -o json ";
        String all = Command.psm((from + "-d").split(" ", -1)).run().out();
        for (JsonNode row : json.readTree(all).get("rows")) {
            assertFalse(row.get("pid").asInt() == own, all);
        }
        String asked = Command.psm((from + "-p " + own).split(" ", -1)).run().out();
        assertEquals("psm", json.readTree(asked).get("rows").get(0).get("program").asText());
    }

    @Test
    void closedNamedPipeIsNoError() throws IOException {
        Path pipe = folder.resolve("pipe");
        Path status = folder.resolve("status");
        Command.of("mkfifo", pipe.toString()).run();
        Command.Result result =
                shell(
                        "{ eval \"$PSM "
                                + host()
                                + "\" > "
                                + pipe
                                + "; echo $? > "
                                + status
                                + "; } & : < "
                                + pipe
                                + "; wait");
        assertEquals("", result.err());
        assertEquals("0\n", Files.readString(status));
    }

    @Test
    void folderWithoutProcessesIsRefused() {
        Command.Result result = Command.psm("--proc", folder.toString()).run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --proc "
                        + folder
                        + ": contains no processes, so it does not look like /proc\n",
                result.err());
    }

    /** Without /proc a JVM does not find its own libraries, so LD_LIBRARY_PATH names them. */
    @Test
    void missingProcIsReported() {
        Command.Result result =
                Command.of(
                                "unshare",
                                "-rm",
                                "sh",
                                "-c",
                                "mount -t tmpfs none /proc && exec \"$@\"",
                                "sh")
                        .append(Command.psm().words())
                        .with("LD_LIBRARY_PATH", System.getProperty("java.home") + "/lib")
                        .run();
        assumeTrue(result.exitCode() == 1 && result.err().startsWith("psm: "), result.err());
        assertOneLine(result.err());
        assertTrue(result.err().startsWith("psm: no /proc here"), result.err());
    }

    @Test
    void timeProfileRecordsSamples() throws IOException {
        Path file = folder.resolve("time.jfr");
        assertEquals(0, Command.psm("--heap", "-cpuprofile=" + file).run().exitCode());
        assertHasOnly(file, "jdk.ExecutionSample", "jdk.NativeMethodSample");
    }

    @Test
    void memoryProfileRecordsAllocations() throws IOException {
        Path file = folder.resolve("memory.jfr");
        assertEquals(0, Command.psm("--memprofile", file.toString()).run().exitCode());
        assertHasOnly(file, "jdk.ObjectAllocationInNewTLAB", "jdk.ObjectAllocationOutsideTLAB");
    }

    /** Makes a /proc with one process whose smaps is a pipe, and returns that pipe. */
    private Path stuckProcess() throws IOException {
        Path pipe = Files.createDirectories(folder.resolve("proc/8")).resolve("smaps");
        Command.of("mkfifo", pipe.toString()).run();
        return pipe;
    }

    /** Whether psm finishes or is killed, it leaves no other file, and no partial one. */
    @ParameterizedTest
    @CsvSource({"INT, 130", "TERM, 143", "HUP, 129"})
    void profileReplacesOlderFileAtomically(String signal, int exitCode) throws Exception {
        Path file = Files.writeString(folder.resolve("time.jfr"), "older");
        Path pipe = stuckProcess();
        String proc = folder.resolve("proc").toString();
        String[] args = {"--proc", proc, "--timeout", "60", "--cpuprofile", file.toString()};
        Process psm = new ProcessBuilder(Command.psm(args).words()).start();
        // Once psm has opened the pipe, it waits forever.
        try (OutputStream smaps = Files.newOutputStream(pipe)) {
            assertTrue(psm.isAlive());
            assumeFalse(isIgnored(signal, psm), "the tests' parent ignores SIG" + signal);
            Command.of("sh", "-c", "kill -" + signal + " " + psm.pid()).run();
            assertEquals(exitCode, psm.waitFor());
            smaps.flush();
        }
        assertEquals("older", Files.readString(file));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(2, left.count());
        }
        assertEquals(0, Command.psm("--cpuprofile", file.toString()).run().exitCode());
        assertTrue(Files.size(file) > 100);
    }

    private static boolean isIgnored(String signal, Process process) throws IOException {
        int bit = Map.of("HUP", 1, "INT", 2, "TERM", 15).get(signal) - 1;
        Matcher mask =
                Pattern.compile("SigIgn:\\s*(\\p{XDigit}+)")
                        .matcher(Files.readString(Path.of("/proc/" + process.pid() + "/status")));
        assertTrue(mask.find(), "no SigIgn");
        return (Long.parseUnsignedLong(mask.group(1), 16) >> bit & 1) == 1;
    }

    /** The terminal is closed while psm waits for a process: psm neither hangs nor crashes. */
    @Test
    void closedTerminalEndsPsm() throws Exception {
        assumeTrue(Command.exists("python3"), "there is no Python to make a terminal with");
        Path pipe = stuckProcess();
        String proc = folder.resolve("proc").toString();
        String script =
                """
                import os, pty, signal, sys
                pid, terminal = pty.fork()
                if pid == 0:
                    signal.signal(signal.SIGHUP, signal.SIG_DFL)
                    os.execv(sys.argv[2], sys.argv[2:])
                with open(sys.argv[1], "w"):
                    os.close(terminal)
                    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                """;
        Command.Result result =
                Command.of("python3", "-c", script, pipe.toString())
                        .append(Command.psm("--proc", proc, "--timeout", "60").words())
                        .run();
        assertEquals("129\n", result.out(), result.err());
    }

    @Test
    void twoProfilesNeedTwoFiles() {
        Command.Result result = Command.psm("--cpuprofile", "x.jfr", "--memprofile", "x.jfr").run();
        assertEquals(2, result.exitCode());
        assertEquals(
                "psm: --memprofile x.jfr: is the file of --cpuprofile; name another\n",
                result.err());
    }

    /** A message shows the start and the end of an argument of 100 kB. */
    @Test
    void messagesFitOnOneScreen() {
        Command.Result result = Command.psm("-f", "a".repeat(9_000) + "(").run();
        assertEquals(2, result.exitCode());
        assertOneLine(result.err());
        assertTrue(result.err().length() < 1100, result.err().length() + " characters");
        assertTrue(result.err().startsWith("psm: -f 'aaa"), result.err());
        assertTrue(result.err().contains("aaa...aaa"), result.err());
        assertTrue(result.err().endsWith("to match it literally\n"), result.err());
    }

    private static void assertHasOnly(Path recording, String... types) throws IOException {
        List<RecordedEvent> events = RecordingFile.readAllEvents(recording);
        assertFalse(events.isEmpty(), recording.toString());
        for (RecordedEvent event : events) {
            assertTrue(List.of(types).contains(event.getEventType().getName()), event.toString());
        }
    }

    @Test
    void unwritableProfileFailsAtOnce() {
        Command.Result result = Command.psm("--cpuprofile", "/nowhere/x.jfr").run();
        assertEquals(2, result.exitCode());
        assertEquals("", result.out());
        assertEquals(
                "psm: --cpuprofile /nowhere/x.jfr: cannot be written: no such file or folder\n",
                result.err());
    }

    @Test
    void withoutRootPsmSuggestsSudo() throws Exception {
        Command.Result result;
        if (new OwnProcess().isRoot()) {
            result = Command.psmAsNobody(folder, "-o", "json").run();
        } else {
            result = Command.psm("-o", "json").run();
        }
        assertEquals(0, result.exitCode(), result.err());
        JsonNode json = new ObjectMapper().readTree(result.out());
        assertTrue(json.get("processes").get("measured").asInt() >= 1);
        JsonNode estimates = json.get("processes").get("estimates");
        assertTrue(estimates.get("denied").asInt() >= 1, estimates.toString());
        assertTrue(json.get("complete").asBoolean());
        assertTrue(result.err().contains(" (permission denied; use sudo)"), result.err());
    }
}
