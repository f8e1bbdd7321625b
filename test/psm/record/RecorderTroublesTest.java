package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.OwnProcess;
import psm.scan.ProcessMemory;
import psm.scan.Unmeasured;
import psm.support.Command;
import psm.support.Shapes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Tests what recorders do on machines in trouble: full disks, clocks that step, huge processes. */
@Tag("endtoend")
class RecorderTroublesTest {
    private static final String FAKETIME = "/usr/lib/*/faketime/libfaketime.so.1";

    @TempDir Path temporary;

    private Path folder;

    @BeforeEach
    void chooseFolder() {
        folder = temporary.resolve("recording");
    }

    private Command record(String... more) {
        return Command.psm("record", "--dir", folder.toString()).append(List.of(more));
    }

    private static List<Mark> marks(Path folder) {
        return RunningRecorder.samples(folder).stream()
                .map(Sample::mark)
                .filter(Objects::nonNull)
                .toList();
    }

    /** Requires that a command works; some machines refuse namespaces even to root. */
    private static void assume(String... command) {
        assumeTrue(new OwnProcess().isRoot(), "only root can do that");
        assumeTrue(Command.of(command).run().exitCode() == 0, String.join(" ", command));
    }

    // Disks

    @Test
    void itGoesOnAfterTheDiskWasFull() throws IOException {
        assume("unshare", "-m", "true");
        String disk = "mount -t tmpfs -o size=600k tmpfs " + temporary + " && exec \"$@\"";
        Command command = record("-i", "0.2").behind("unshare", "-m", "sh", "-c", disk, "sh");
        try (RunningRecorder recorder = RunningRecorder.start(command)) {
            Path root = Path.of("/proc/" + recorder.pid() + "/root");
            Path seen = Path.of(root + folder.toString());
            recorder.await(seen, 2);
            Path filler = Path.of(root + temporary.resolve("filler").toString());
            Command.of("dd", "if=/dev/zero", "bs=1k", "of=" + filler).run();
            recorder.await(() -> recorder.err().contains("missing from now on"));
            int before = RunningRecorder.samples(seen).size();
            assertTrue(before >= 2, "what was written before can be read");
            Files.delete(filler);
            recorder.await(() -> recorder.err().contains("written again"));
            recorder.await(seen, before + 2);
            assertEquals(Mark.DROPPED, RunningRecorder.samples(seen).get(before).mark());
            assertEquals(0, RunningRecorder.coverage(seen).unreadable());
            Command.Result result = recorder.end("TERM");
            assertEquals(0, result.exitCode(), result.err());
            assertEquals(1, count(result.err(), "No space left on device"), result.err());
        }
    }

    private static long count(String text, String part) {
        return text.lines().filter(line -> line.contains(part)).count();
    }

    @Test
    void aDiskWithoutAnySpaceIsReported() {
        assume("unshare", "-m", "true");
        String full =
                "mount -t tmpfs -o size=64k tmpfs %1$s && mkdir %1$s/recording"
                        + " && echo 1 > %1$s/recording/.lock"
                        + " && { dd if=/dev/zero of=%1$s/filler bs=1k 2>/dev/null || :; }"
                        + " && \"$@\"; code=$?; ls %1$s/recording; exit $code";
        Command.Result result =
                record("--once")
                        .behind("unshare", "-m", "sh", "-c", full.formatted(temporary), "sh")
                        .run();
        assertEquals(1, result.exitCode());
        assertEquals("", result.out(), "it leaves no empty segment");
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("No space left on device"), result.err());
    }

    @Test
    void aDiskThatIsReadOnlyIsReported() {
        assume("unshare", "-m", "true");
        String readOnly = "mount -t tmpfs -o ro tmpfs " + temporary + " && exec \"$@\"";
        Command.Result result =
                record("--once").behind("unshare", "-m", "sh", "-c", readOnly, "sh").run();
        assertEquals(1, result.exitCode());
        assertEquals(1, result.err().lines().count(), result.err());
        assertTrue(result.err().contains("Read-only file system"), result.err());
    }

    /** A member could replace the lock and what is in the folder. */
    @Test
    void theUsualFolderIsNotThatOfAGroup() {
        assume("unshare", "-m", "true");
        String log =
                "mount -t tmpfs tmpfs /var/log && mkdir -m 770 /var/log/psm && \"$@\";"
                        + " code=$?; ls -A /var/log/psm; exit $code";
        Command.Result result =
                Command.psm("record", "--once")
                        .behind("unshare", "-m", "sh", "-c", log, "sh")
                        .run();
        String problem =
                "psm: /var/log/psm: is writable by its group; name one that only you can write\n";
        assertEquals(new Command.Result(2, "", problem), result);
    }

    /** Ubuntu's /var/log is writable by the group of its syslog. */
    @Test
    void theUsualFolderMayBeInAFolderOfAGroup() {
        assume("unshare", "-m", "true");
        String log =
                "mount -t tmpfs -o mode=775,gid=4 tmpfs /var/log && \"$@\""
                        + " && stat -c '%A %U' /var/log/psm /var/log/psm/*";
        Command.Result result =
                Command.psm("record", "--once")
                        .behind("unshare", "-m", "sh", "-c", log, "sh")
                        .with("SUDO_UID", "1000")
                        .run();
        assertEquals(new Command.Result(0, "drwxr-x--- root\n-rw-r----- root\n", ""), result);
    }

    // Clocks

    @Test
    void aClockThatIsSetLeavesAMarkEachTime() throws IOException {
        Command find = Command.of("sh", "-c", "ls " + FAKETIME);
        assumeTrue(find.run().exitCode() == 0, "there is no libfaketime");
        Path offset = Files.writeString(temporary.resolve("offset"), "+0");
        Command command =
                record("-i", "0.5")
                        .with("LD_PRELOAD", find.run().out().strip())
                        .with("FAKETIME_TIMESTAMP_FILE", offset.toString())
                        .with("FAKETIME_CACHE_DURATION", "1")
                        // Without these, a Java under libfaketime waits for seconds too long.
                        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                        .with("FAKETIME_FORCE_MONOTONIC_FIX", "0");
        try (RunningRecorder recorder = RunningRecorder.start(command)) {
            recorder.await(folder, 2);
            for (String step : new String[] {"-2h", "+1h"}) {
                Files.writeString(offset, step);
                long wanted = steps() + 1;
                recorder.await(() -> steps() == wanted);
            }
            assertEquals(0, recorder.end("TERM").exitCode());
        }
        assertEquals(0, RunningRecorder.coverage(folder).unreadable());
    }

    private long steps() {
        return marks(folder).stream().filter(mark -> mark == Mark.CLOCK_STEPPED).count();
    }

    @Test
    void anotherUptimeIsNoNeighbor() {
        assume("unshare", "-T", "--boottime", "1000000", "--fork", "true");
        Command.Result first =
                record("--once").behind("unshare", "-T", "--boottime", "1000000", "--fork").run();
        assertEquals(0, first.exitCode(), first.err());
        assertEquals(0, record("--once").run().exitCode());
        List<Sample> samples = RunningRecorder.samples(folder);
        assertEquals(2, samples.size());
        assertTrue(samples.get(1).mark() != null, "the uptime has gone back");
    }

    // Large processes

    @Test
    void aLargeProcessIsEstimatedBetweenExactSamples() throws Exception {
        Path program = Shapes.compile(temporary, "psm-sparse");
        try (Shapes large = Shapes.start(program, "sparse")) {
            // The first sample in ten minutes of uptime is exact.
            assertEquals(0, record("--once", "-i", "86400").run().exitCode());
            assertEquals(0, record("--once", "-i", "0.1").run().exitCode());
            List<Sample> samples = RunningRecorder.samples(folder);
            assertEquals(null, process(samples.get(0), large.fact("pid")).estimate());
            assertEquals(
                    Unmeasured.Reason.LARGE,
                    process(samples.get(1), large.fact("pid")).estimate().reason());
        }
    }

    private static ProcessMemory process(Sample sample, long pid) {
        for (ProcessMemory process : sample.snapshot().processes()) {
            if (process.pid() == pid) {
                return process;
            }
        }
        throw new AssertionError("process " + pid + " is not in the sample");
    }
}
