package psm.terminal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.support.Fixtures;
import psm.support.Window;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes reports to files: whole ones, or none. */
@Tag("endtoend")
@Tag("user")
class ReportFileTest {
    private static final String OLD = "the old file\n";

    @TempDir static Path snapshots;
    @TempDir Path folder;

    @BeforeAll
    static void takeSnapshots() {
        for (String name : List.of("host", "containers")) {
            Command.Result made =
                    Command.psm("--proc", "test/fixtures/" + name, "-o", "snapshot")
                            .to(snapshots.resolve(name))
                            .run();
            assertEquals(0, made.exitCode(), made.err());
        }
    }

    /** Returns psm in the folder of the test. */
    private Command psm(String words) {
        String named = words.replace("SNAPSHOTS", snapshots.toString());
        return Command.psm(named.replace("HOST", Fixtures.HOST.toString()).split(" ")).in(folder);
    }

    /** Returns psm behind words of a shell. */
    private Command psm(String shell, String words) {
        return psm(words).behind("sh", "-c", shell + "; exec \"$@\"", "sh");
    }

    private static void assertWritten(Command.Result result) {
        assertEquals("", result.out(), result.err());
        assertEquals(0, result.exitCode(), result.err());
    }

    private static void assertRefused(Command.Result result, int exitCode, String line) {
        assertEquals("psm: " + line + "\n", result.err());
        assertEquals("", result.out());
        assertEquals(exitCode, result.exitCode());
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private String names() throws IOException {
        return names(folder);
    }

    private static String names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(each -> each.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new))
                    .toString();
        }
    }

    /** Waits until something is so, for which no machine takes as long as a minute. */
    private static void await(Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.call()) {
            assertTrue(System.nanoTime() < end, "it takes more than a minute");
            Thread.sleep(20);
        }
    }

    private Path old(String name) throws IOException {
        return Files.writeString(folder.resolve(name), OLD);
    }

    // What is written

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--from SNAPSHOTS/host",
                "--from SNAPSHOTS/host --system -o json",
                "--from SNAPSHOTS/host -o ndjson",
                "--from SNAPSHOTS/host -o csv",
                "--from SNAPSHOTS/host -o tsv",
                "--from SNAPSHOTS/host -o markdown",
                "--from SNAPSHOTS/host -o prometheus",
                "--from SNAPSHOTS/host -o openmetrics",
                "--from SNAPSHOTS/host -o snapshot",
                "--from SNAPSHOTS/host -f nothing-has-this-name",
                "--from SNAPSHOTS -o json",
                "oom --from SNAPSHOTS/host",
                "diff SNAPSHOTS/host SNAPSHOTS/containers",
                "diff SNAPSHOTS/host SNAPSHOTS/containers --min 100G"
            })
    void theFileIsWhatGoesToStandardOutput(String words) throws IOException {
        Path printed = folder.resolve("printed");
        String remarks = psm(words).to(printed).run().err();
        Path report = old("report");
        Command.Result result = psm(words + " --to report").run();
        assertWritten(result);
        assertEquals(remarks, result.err());
        assertEquals(-1, Files.mismatch(printed, report), () -> words);
        assertEquals("[printed, report]", names());
    }

    @Test
    void reportsOfThisMomentAreWritten() throws IOException {
        assertWritten(psm("maps --proc HOST -q -o json --to maps.json").run());
        assertTrue(new ObjectMapper().readTree(folder.resolve("maps.json").toFile()).has("rows"));
        assertWritten(psm("growth --for 1s -i 1 -q -o json --to growth.json").run());
        assertTrue(new ObjectMapper().readTree(folder.resolve("growth.json").toFile()).has("rows"));
    }

    @Test
    void aTerminalDoesNotChangeTheFile() throws IOException {
        assumeTrue(Command.exists("script"), "there is no script(1) to make a terminal with");
        String psm = Window.quoted(psm("--from SNAPSHOTS/host -q --to report").words());
        Command.Result result =
                Command.of("script", "-qec", "stty cols 40; " + psm, "/dev/null")
                        .in(folder)
                        .with("TERM", "xterm")
                        .run();
        assertEquals("", result.out());
        assertEquals(
                psm("--from SNAPSHOTS/host -q").run().out(),
                Files.readString(folder.resolve("report")));
    }

    @Test
    void anIncompleteReportIsWrittenAndStays() throws IOException {
        old("report");
        Path all = Files.createDirectory(folder.resolve("all"));
        Files.copy(snapshots.resolve("host"), all.resolve("host"));
        byte[] cut = Files.readAllBytes(snapshots.resolve("containers"));
        Files.write(all.resolve("cut"), Arrays.copyOf(cut, cut.length / 2));
        Command.Result result = psm("--from all --strict -o json --to report").run();
        assertEquals(3, result.exitCode(), result.err());
        assertTrue(Files.readString(folder.resolve("report")).startsWith("{"));
    }

    @Test
    void severalRunsLeaveOneWholeFile() throws Exception {
        List<Process> all = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Path none = Path.of("/dev/null");
            all.add(psm("--from SNAPSHOTS/host -o json --to report").start(none, none));
        }
        for (Process each : all) {
            assertEquals(0, each.waitFor());
        }
        assertEquals("[report]", names());
        new ObjectMapper().readTree(folder.resolve("report").toFile());
    }

    // Repeated reports

    @Test
    void eachReportReplacesTheOneBefore() throws IOException {
        String words = "--proc HOST -w 0.1 --count 3 -q";
        assertWritten(psm(words + " -o csv --to csv").run());
        String csv = Files.readString(folder.resolve("csv"));
        assertEquals(1, csv.split("\"program\"", -1).length - 1, csv);
        assertTrue(csv.startsWith("\"program\""), csv);
        assertWritten(psm(words + " --to table").run());
        String table = Files.readString(folder.resolve("table"));
        assertEquals(1, table.split("MB RAM", -1).length - 1, table);
        assertFalse(table.startsWith("\n"), table);
        assertEquals("[csv, table]", names());
    }

    @Test
    void readersNeverFindAPart() throws Exception {
        Process psm =
                psm("--proc HOST -w 0.1 --count 20 -q -o json --to report")
                        .start(Path.of("/dev/null"), Path.of("/dev/null"));
        Path report = folder.resolve("report");
        await(() -> Files.exists(report) || !psm.isAlive());
        ObjectMapper json = new ObjectMapper();
        while (psm.isAlive()) {
            assertTrue(json.readTree(Files.readAllBytes(report)).has("totals"));
        }
        assertEquals(0, psm.waitFor());
        assertEquals("[report]", names());
    }

    /** The file is open from the start, so that psm does not measure in vain. */
    @ParameterizedTest
    @CsvSource({
        "growth --for 1h -q, TERM, 143",
        "-w 3600 -q, INT, 130",
        "-w 3600 -q, HUP, 129",
        "-w 0.1 -q, TERM, 143"
    })
    void aSignalLeavesNoPart(String words, String signal, int exitCode) throws Exception {
        Path report = old("report");
        Path err = Files.createTempFile("psm-test", ".err");
        Process psm = psm(words + " --to report").start(err, err);
        boolean isOfGrowth = words.startsWith("growth");
        await(() -> isOfGrowth ? names().contains(".part") : !Files.readString(report).equals(OLD));
        Command.of("kill", "-" + signal, Long.toString(psm.pid())).run();
        assertTrue(psm.waitFor(1, TimeUnit.MINUTES), "it has ended");
        assertEquals(exitCode, psm.exitValue());
        assertEquals("[report]", names());
        assertEquals(isOfGrowth, Files.readString(report).equals(OLD));
        assertEquals("", Files.readString(err));
        Files.delete(err);
    }

    // Permissions

    @ParameterizedTest
    @CsvSource({
        "json, 022, , rw-r--r--",
        "json, 077, , rw-------",
        "json, 077, rw-r-----, rw-r-----",
        "json, 022, rw-rw-rw-, rw-rw-rw-",
        "json, 022, r--------, r--------",
        "prometheus, 077, , rw-r--r--",
        "prometheus, 022, rw-------, rw-r--r--",
        "openmetrics, 077, , rw-r--r--",
        "snapshot, 022, , rw-------",
        "snapshot, 022, rw-r--r--, rw-------"
    })
    void permissionsFitTheFormat(String format, String umask, String before, String after)
            throws IOException {
        if (before != null) {
            Files.setPosixFilePermissions(old("report"), PosixFilePermissions.fromString(before));
        }
        String words = "--from SNAPSHOTS/host -q -o " + format + " --to report";
        assertWritten(psm("umask " + umask, words).run());
        assertEquals(after, permissions(folder.resolve("report")));
        assertTrue(Files.size(folder.resolve("report")) > OLD.length());
    }

    /** Else another user could have made a file that all can change before root does. */
    @Test
    void permissionsOfAnotherUsersFileDoNotCount() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can make files of others");
        Path report = old("report");
        Files.setPosixFilePermissions(report, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.setAttribute(report, "unix:uid", 65534);
        assertWritten(psm("umask 022", "--from SNAPSHOTS/host -q --to report").run());
        assertEquals("rw-r--r--", permissions(report));
        assertEquals(0, Files.getAttribute(report, "unix:uid"));
    }

    // Names

    @Test
    void linksAreReplacedAndNotFollowed() throws IOException {
        Path outside = old("outside");
        Path link = Files.createSymbolicLink(folder.resolve("link"), outside);
        Path hard = Files.createLink(folder.resolve("hard"), outside);
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("nowhere"));
        for (Path file : List.of(link, hard, dangling)) {
            assertWritten(psm("--from SNAPSHOTS/host -q --to " + file.getFileName()).run());
            assertTrue(Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS), file.toString());
            assertTrue(Files.size(file) > OLD.length());
        }
        assertEquals(OLD, Files.readString(outside));
        assertFalse(Files.exists(folder.resolve("nowhere")));
    }

    @Test
    void namesNeedNotFitTheLocale() throws IOException {
        String words = "--from SNAPSHOTS/host -q --to ";
        for (String name : List.of("\u00fc.txt", "f\u00fc/\u00e4.txt", "a b;$(x).txt", "-x")) {
            Files.createDirectories(folder.resolve("f\u00fc"));
            Command psm = psm(words + "X");
            psm.words().set(psm.words().size() - 1, "--to=" + name);
            psm.words().remove(psm.words().size() - 2);
            assertWritten(psm.with("LC_ALL", "C").run());
            assertTrue(Files.size(folder.resolve(name)) > 0, name);
        }
        assertEquals("[-x, a b;$(x).txt, f\u00fc, \u00fc.txt]", names());
        assertEquals("[\u00e4.txt]", names(folder.resolve("f\u00fc")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gone/x | there is no folder gone; make it, or name a file in another one",
                "file/x | file is no folder; name a file in another folder",
                "sub | is a folder; name a file in it, such as sub/psm.txt",
                "gone/ | is a folder; name a file in it, such as gone/psm.txt",
                "fifo | is no regular file; leave out --to fifo, and write > fifo",
                "/dev/null | is no regular file; leave out --to /dev/null, and write > /dev/null",
                "/dev/stdout | is no regular file; leave out --to /dev/stdout, and write >"
                        + " /dev/stdout",
                "/proc/x | no file can be made in /proc: no such file or folder; name a file in"
                        + " another folder",
                "LONG | File name too long; name another file"
            })
    void otherThingsThanFilesAreOneLine(String name, String problem) throws IOException {
        old("file");
        Files.createDirectory(folder.resolve("sub"));
        Command.of("mkfifo", folder.resolve("fifo").toString()).run();
        String named = name.replace("LONG", "x".repeat(256));
        // The file of standard output must stay, too, if there is one.
        Command.Result result = psm("exec 2>&1", "-q --to " + named).to(old("out")).run();
        String line = "psm: --to " + named + ": " + problem + "\n";
        assertEquals(line, Files.readString(folder.resolve("out")));
        assertEquals(1, result.exitCode());
        assertEquals(OLD, Files.readString(folder.resolve("file")));
        assertEquals("[fifo, file, out, sub]", names());
    }

    // What does not work

    @Test
    void aFolderOfOthersIsOneLine() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Files.writeString(other.resolve("report"), OLD);
        Files.setPosixFilePermissions(other, PosixFilePermissions.fromString("r-xr-xr-x"));
        String file = other.resolve("report").toString();
        assertRefused(
                Command.psmAsNobody(folder, "--mine", "-q", "--to", file).run(),
                1,
                "--to "
                        + file
                        + ": no file can be made in "
                        + other
                        + ": permission denied; name a file in another folder");
        assertEquals(OLD, Files.readString(other.resolve("report")));
    }

    /** Runs what mounts a small file system, with an old file, and returns its folder. */
    private Path mounted(String options) throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can mount a file system");
        Path small = Files.createDirectory(folder.resolve("small"));
        String mount = "mount -t tmpfs -o size=12k" + options + " none " + small;
        assumeTrue(Command.of("sh", "-c", mount).run().exitCode() == 0, "cannot mount tmpfs");
        Files.writeString(small.resolve("report"), OLD);
        return small;
    }

    @Test
    void aFullDiskKeepsTheOldFile() throws IOException {
        Path small = mounted("");
        try {
            Files.write(small.resolve("filler"), new byte[8 * 1024]);
            String line =
                    ": No space left on device; what was there before is unchanged; make room, or"
                            + " name a file in another folder";
            for (String format : List.of("json", "snapshot", "csv")) {
                String words = "--from SNAPSHOTS/containers -q --to small/report -o " + format;
                assertRefused(psm(words).run(), 1, "--to small/report" + line);
                assertEquals(OLD, Files.readString(small.resolve("report")));
                assertEquals("[filler, report]", names(small));
            }
            String mount = "mount -o remount,ro " + small;
            assumeTrue(Command.of("sh", "-c", mount).run().exitCode() == 0, "cannot remount");
            assertRefused(
                    psm("--from SNAPSHOTS/host -q --to small/report").run(),
                    1,
                    "--to small/report: no file can be made in small: Read-only file system; name a"
                            + " file in another folder");
        } finally {
            Command.of("umount", small.toString()).run();
        }
    }

    /** A file may be a mount, as docker makes them, and no other file can take its place. */
    @Test
    void aMountedFileIsOneLine() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can mount a file");
        Path report = old("report");
        String mount = "mount --bind " + old("other") + " " + report;
        assumeTrue(Command.of("sh", "-c", mount).run().exitCode() == 0, "cannot mount a file");
        try {
            Command.Result result = psm("--from SNAPSHOTS/host -q --to report").run();
            assertTrue(
                    result.err().startsWith("psm: --to report: Device or resource busy; "),
                    result.err());
            assertEquals(1, result.exitCode());
            assertEquals(OLD, Files.readString(report));
            assertEquals("[other, report]", names());
        } finally {
            Command.of("umount", report.toString()).run();
        }
    }

    @Test
    void aDiskThatIsFullForATimeIsOneLine() throws Exception {
        Path small = mounted("");
        Path err = folder.resolve("err");
        try {
            Process psm =
                    psm("--proc HOST -w 0.1 -q -o csv --to small/report")
                            .start(Path.of("/dev/null"), err);
            Path report = small.resolve("report");
            await(() -> !Files.readString(report).equals(OLD));
            Path filler = small.resolve("filler");
            Command.of("sh", "-c", "cat /dev/zero > " + filler).run();
            await(() -> Files.size(err) > 0);
            byte[] last = Files.readAllBytes(report);
            assertTrue(last.length > OLD.length(), "the last one is whole");
            Files.delete(filler);
            await(() -> !Arrays.equals(last, Files.readAllBytes(report)));
            psm.destroy();
            assertEquals(143, psm.waitFor());
            String lines = Files.readString(err);
            assertTrue(lines.startsWith("psm: --to small/report: No space left"), lines);
            assertEquals("[report]", names(small));
        } finally {
            Command.of("umount", small.toString()).run();
        }
    }

    @Test
    void aReportThatIsNeverWrittenAgainFails() throws Exception {
        Path report = old("report");
        Path err = folder.resolve("err");
        Process psm =
                psm("--proc HOST -w 0.2 --count 20 -q -o csv --to report")
                        .start(Path.of("/dev/null"), err);
        await(() -> !Files.readString(report).equals(OLD));
        Files.delete(report);
        Files.createDirectories(report.resolve("in the way"));
        assertEquals(1, psm.waitFor());
        assertTrue(
                Files.readString(err).startsWith("psm: --to report: exists already, and is in"),
                Files.readString(err));
        assertEquals("[err, report]", names());
    }

    // Snapshots

    @Test
    void aSnapshotIsAFileUnlessAFolderIsNamed() throws IOException {
        String words = "--from SNAPSHOTS/host -q -o snapshot --to ";
        assertWritten(psm(words + "one.psm").run());
        assertTrue(Files.isRegularFile(folder.resolve("one.psm")));
        Files.createDirectory(folder.resolve("there"));
        assertWritten(psm(words + "there").run());
        assertWritten(psm(words + "made/").run());
        assertEquals(names(folder.resolve("there")), names(folder.resolve("made")));
        assertEquals(1, names(folder.resolve("made")).split(",").length);
    }

    /** How many files are in a folder does not decide whether there will be one. */
    @Test
    void whatIsReadFromAFolderGoesIntoAFolder() throws IOException {
        Path one = Files.createDirectory(folder.resolve("one"));
        Files.copy(snapshots.resolve("host"), one.resolve("host"));
        assertWritten(psm("--from one -q -o snapshot --to copy").run());
        assertTrue(Files.isDirectory(folder.resolve("copy")));
    }
}
