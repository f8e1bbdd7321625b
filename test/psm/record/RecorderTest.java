package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import psm.proc.OwnProcess;
import psm.support.Command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Tests recorders that run as programs. */
@Tag("endtoend")
@Tag("user")
class RecorderTest {
    private static final String FIRST = "000001.psmrec";

    /** Few, since {@link KilledWriterTest} kills often. */
    private static final int KILLS = 5;

    @TempDir Path temporary;

    /** The folder to record into, which does not exist. */
    private Path folder;

    @BeforeEach
    void chooseFolder() {
        folder = temporary.resolve("recording");
    }

    private Command record(String... more) {
        return Command.psm("record", "--dir", folder.toString(), "-i", "0.1").append(List.of(more));
    }

    private static List<Mark> marks(Path folder) {
        return RunningRecorder.samples(folder).stream()
                .map(Sample::mark)
                .filter(Objects::nonNull)
                .toList();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static long segments(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".psmrec")).count();
        }
    }

    // What it does

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT", "HUP"})
    void recordsUntilASignalEndsIt(String signal) throws IOException {
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            recorder.await(folder, 3);
            Command.Result result = recorder.end(signal);
            assertEquals(0, result.exitCode(), result.err());
            assertEquals(
                    "psm: --dir "
                            + folder
                            + ": records every 0.1 s, and keeps 30 days, at most 500 MB; Ctrl-C"
                            + " ends it\n",
                    result.err());
        }
        assertEquals(Mark.STARTED, marks(folder).get(0));
        int before = RunningRecorder.samples(folder).size();
        try (RunningRecorder recorder = RunningRecorder.start(record("-q"))) {
            recorder.await(folder, before + 1);
            assertEquals("", recorder.end(signal).err());
        }
        assertNotNull(
                RunningRecorder.samples(folder).get(before).mark(),
                "no line is drawn from one recorder to the next");
    }

    @Test
    void samplesContainWhatSnapshotsContain() throws IOException {
        Command.Result once = record("--once").run();
        assertEquals(0, once.exitCode(), once.err());
        Sample sample = RunningRecorder.samples(folder).get(0);
        assertFalse(sample.snapshot().processes().isEmpty());
        assertNotNull(sample.snapshot().host().bootId());
        assertTrue(sample.snapshot().host().uptimeMillis() > 0);
        assertFalse(sample.snapshot().userNames().user(0).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"000", "022", "077"})
    void onlyTheGroupMayRead(String umask) throws IOException {
        Command.Result result =
                record("--once").behind("sh", "-c", "umask " + umask + "; exec \"$@\"", "sh").run();
        assertEquals(0, result.exitCode(), result.err());
        assertEquals("rwxr-x---", permissions(folder));
        assertEquals("rw-r-----", permissions(folder.resolve(FIRST)));
    }

    @Test
    void cronAddsOneSampleEachTime() throws IOException {
        for (int i = 0; i < 3; i++) {
            Command.Result result = record("--once", "-i", "60").run();
            assertEquals(new Command.Result(0, "", ""), result);
        }
        assertEquals(3, RunningRecorder.samples(folder).size());
        assertEquals(List.of(Mark.STARTED), marks(folder), "lines are drawn between them");
        assertEquals(1, segments(folder));
    }

    @Test
    void commandLinesCanBeLeftOut() throws IOException {
        assertEquals(0, record("--once", "--no-commands").run().exitCode());
        Sample sample = RunningRecorder.samples(folder).get(0);
        assertTrue(
                sample.snapshot().processes().stream()
                        .allMatch(process -> process.details().command() == null));
    }

    @Test
    void samplesCanBeReadWhileTheyAreWritten() throws IOException {
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            int last = 0;
            while (last < 20) {
                int count = RunningRecorder.samples(folder).size();
                assertTrue(count >= last, count + " after " + last);
                last = count;
            }
            assertEquals(0, recorder.end("TERM").exitCode());
        }
        assertEquals(0, RunningRecorder.coverage(folder).unreadable());
    }

    @Test
    void itGoesOnAfterItWasKilled() throws IOException {
        int samples = 0;
        for (int i = 0; i < KILLS; i++) {
            try (RunningRecorder recorder = RunningRecorder.start(record())) {
                recorder.await(folder, samples + 1 + i % 3);
                recorder.end("KILL");
            }
            List<Sample> now = RunningRecorder.samples(folder);
            assertTrue(now.size() > samples, now.size() + " samples after " + samples);
            assertNotNull(now.get(samples).mark());
            samples = now.size();
        }
        assertEquals(0, RunningRecorder.coverage(folder).unreadable());
    }

    @Test
    void aRecorderThatWasStoppedLeavesAGap() throws Exception {
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            recorder.await(folder, 3);
            recorder.signal("STOP");
            int before = RunningRecorder.samples(folder).size();
            Thread.sleep(3_000);
            recorder.signal("CONT");
            recorder.await(folder, before + 2);
            assertEquals(0, recorder.end("TERM").exitCode());
        }
        assertTrue(marks(folder).contains(Mark.GAP), marks(folder).toString());
    }

    // Two recorders

    @Test
    void oneRecorderAtATimeWrites() throws IOException {
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            recorder.await(folder, 1);
            Command.Result second = record().run();
            assertEquals(1, second.exitCode());
            assertEquals(
                    "psm: --dir "
                            + folder
                            + ": psm record with pid "
                            + recorder.pid()
                            + " records there\n",
                    second.err());
            assertEquals(0, recorder.end("TERM").exitCode());
        }
    }

    @Test
    void oneSampleWaitsForAnotherRecorder() throws IOException {
        try (RunningRecorder first = RunningRecorder.start(record());
                RunningRecorder cron = started(first)) {
            first.end("TERM");
            assertEquals(new Command.Result(0, "", ""), cron.awaitEnd());
        }
    }

    private RunningRecorder started(RunningRecorder first) throws IOException {
        first.await(folder, 1);
        RunningRecorder cron = RunningRecorder.start(record("--once"));
        cron.await(() -> new OwnProcess().pid() > 0);
        return cron;
    }

    // Folders

    @Test
    void aFolderThatIsRemovedEndsIt() throws IOException {
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            recorder.await(folder, 1);
            Files.move(folder, temporary.resolve("elsewhere"));
            Command.Result result = recorder.awaitEnd();
            assertEquals(1, result.exitCode());
            assertTrue(result.err().endsWith(removed()), result.err());
        }
    }

    private String removed() {
        return "psm: --dir "
                + folder
                + ": was removed or replaced, so psm has ended; start it once more\n";
    }

    @Test
    void aLinkInThePlaceOfTheFolderIsNotFollowed() throws IOException {
        Path other = Files.createDirectory(temporary.resolve("other"));
        try (RunningRecorder recorder = RunningRecorder.start(record())) {
            recorder.await(folder, 1);
            recorder.signal("STOP");
            Files.move(folder, temporary.resolve("elsewhere"));
            Files.createSymbolicLink(folder, other);
            recorder.signal("CONT");
            Command.Result result = recorder.awaitEnd();
            assertEquals(1, result.exitCode());
            assertTrue(result.err().endsWith(removed()), result.err());
        }
        try (Stream<Path> files = Files.list(other)) {
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void aLinkInThePlaceOfASegmentIsNotFollowed() throws IOException {
        Path victim = Files.writeString(temporary.resolve("victim"), "precious");
        Files.createDirectory(folder);
        Files.createSymbolicLink(folder.resolve(FIRST), victim);
        assertEquals(0, record("--once").run().exitCode());
        assertEquals("precious", Files.readString(victim));
        assertEquals(1, RunningRecorder.samples(folder).size());
    }

    @Test
    void foldersThatItCannotUseAreRefused() throws IOException {
        Files.createDirectory(temporary.resolve("real"));
        Files.createSymbolicLink(temporary.resolve("link"), Path.of("real"));
        Files.writeString(temporary.resolve("file"), "");
        Path open = Files.createDirectory(temporary.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        refuses("link", "is a link; name the folder that it leads to");
        refuses("file", "is not a folder; name a folder, or one that does not exist yet");
        refuses("open", "is writable by every user");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwx---"));
        refuses("open", "is writable by its group");
        Path home = Files.createDirectory(temporary.resolve("home"));
        Files.createFile(home.resolve(".profile"));
        refuses("home", "contains other files and no recording; name a folder for it alone");
        boolean isRoot = new OwnProcess().isRoot();
        refuses("/", isRoot ? "contains other files and no recording" : "belongs to user 0");
        refuses("none/recording", "there is no folder " + temporary + "/none to make it in");
        refuses("/proc/sys", "");
    }

    private void refuses(String name, String problem) {
        Path path = temporary.resolve(name);
        Command.Result result = Command.psm("record", "--once", "--dir", path.toString()).run();
        assertFalse(result.exitCode() == 0, name);
        assertTrue(result.err().startsWith("psm: --dir " + path + ": "), result.err());
        assertTrue(result.err().contains(problem), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }

    @Test
    void aFolderOfAnotherUserIsRefused() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can give a folder away");
        Files.createDirectory(folder);
        Files.setAttribute(folder, "unix:uid", 65534);
        refuses("recording", "belongs to user 65534, not to root");
        refuses("recording/below", "belongs to user 65534, not to root");
    }

    @Test
    void theUserOfSudoDoesNotChooseTheFolder() {
        for (String option :
                List.of("--dir=" + folder, "--interval=0.1", "--keep=1m", "--max-size=32M")) {
            Command.Result result =
                    Command.psm("record", "--once", option).with("SUDO_UID", "1000").run();
            assertEquals(2, result.exitCode());
            assertTrue(
                    result.err()
                            .startsWith(
                                    "psm: " + option.split("=", 2)[0] + ": run with sudo, psm "),
                    result.err());
        }
        assertFalse(Files.exists(folder));
    }

    @Test
    void valuesThatMakeNoSenseAreRefused() {
        badOption("-i 0", "from 0.1 seconds to a day");
        badOption("-i 5m", "takes a number of seconds, such as 0.5");
        badOption("--keep forever", "takes a time, such as 30s, 5m, 2h or 3d");
        badOption("--keep 30s -i 60", "would delete each sample before the next one");
        badOption("--max-size 1M", "takes a size of at least 32M, such as 2G");
        badOption("--max-size much", "takes a size of at least 32M, such as 2G");
    }

    private static void badOption(String options, String problem) {
        Command.Result result = Command.psm("record").append(List.of(options.split(" "))).run();
        assertEquals(2, result.exitCode(), options);
        assertTrue(result.err().contains(problem), result.err());
        assertEquals(1, result.err().lines().count(), result.err());
    }
}
