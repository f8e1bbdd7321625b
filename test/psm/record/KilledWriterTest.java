package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.support.Command;
import psm.text.Failure;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Kills processes that write a recording without a pause, at any time: each sample that was written
 * stays, and the next process goes on.
 */
@Tag("endtoend")
class KilledWriterTest {
    private static final int FOLDERS = 40;
    private static final int KILLS_PER_FOLDER = 5;

    /** How long a process writes at most, which is about as long as some dozens of samples take. */
    private static final int MAX_MILLIS = 100;

    /** So many that a frame has several pages, since the kernel may end a write between two. */
    private static final int PROCESSES = 1_000;

    @TempDir Path temporary;

    /** Returns RAM that depends on the time only, so that a reader knows what was written. */
    private static long ram(long millis, int process) {
        return ((millis * 31 + process) * 0x9E3779B97F4A7C15L) >>> 34;
    }

    /** Writes samples until it is killed. */
    static final class Writer {
        private Writer() {}

        public static void main(String... args) throws Failure, IOException, InterruptedException {
            Path folder = Path.of(args[0]);
            RecordingWriter writer =
                    RecordingWriter.open(RecordingFolder.of(args[0], folder), 10_000);
            writer.mark(Mark.STARTED);
            long[] rams = new long[PROCESSES];
            for (long last = 0; ; ) {
                Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
                long millis = now.toEpochMilli();
                if (millis == last) {
                    Thread.sleep(1);
                    continue;
                }
                for (int i = 0; i < rams.length; i++) {
                    rams[i] = ram(millis, i);
                }
                long uptime = millis - MadeUpRecording.START.toEpochMilli();
                writer.append(MadeUpRecording.sample(MadeUpRecording.BOOT, now, uptime, rams));
                last = millis;
            }
        }
    }

    @Test
    void whatKilledProcessesWroteStays() {
        // Several at once, since most of the time a Java starts.
        IntStream.range(0, FOLDERS).parallel().forEach(this::kill);
    }

    private void kill(int number) {
        Path folder = temporary.resolve("recording" + number);
        Random random = new Random(number);
        try {
            int samples = 0;
            for (int i = 0; i < KILLS_PER_FOLDER; i++) {
                Process writer = start(folder);
                long size = size(folder);
                while (writer.isAlive() && size(folder) == size) {
                    TimeUnit.MILLISECONDS.sleep(5);
                }
                TimeUnit.MILLISECONDS.sleep(random.nextInt(MAX_MILLIS));
                assertTrue(writer.isAlive(), "it has ended, see " + error(folder));
                writer.destroyForcibly().waitFor(); // SIGKILL
                samples = requireMore(folder, samples);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path error(Path folder) {
        return folder.resolveSibling(folder.getFileName() + ".err");
    }

    private static Process start(Path folder) throws IOException {
        return Command.java(Writer.class.getName(), folder.toString())
                .start(Path.of("/dev/null"), error(folder));
    }

    private static long size(Path folder) throws IOException {
        Path segment = SegmentFile.path(folder, 1);
        return Files.exists(segment) ? Files.size(segment) : 0;
    }

    /** Requires that all samples are as they were written; returns their number. */
    private static int requireMore(Path folder, int before) {
        int[] samples = {0};
        try {
            Recording.open("test", folder)
                    .forEach(
                            null,
                            null,
                            sample -> {
                                boolean isContinued = samples[0]++ == before;
                                assertTrue(
                                        !isContinued || sample.mark() != null, "a line is drawn");
                                requireWhole(sample.snapshot());
                            });
        } catch (Failure e) {
            throw new AssertionError(e);
        }
        assertTrue(samples[0] > before, samples[0] + " samples after " + before);
        long unreadable = RunningRecorder.coverage(folder).unreadable();
        assertTrue(unreadable <= 1, unreadable + " samples cannot be read");
        return samples[0];
    }

    private static void requireWhole(Snapshot sample) {
        long millis = sample.run().takenAt().toEpochMilli();
        List<ProcessMemory> processes = sample.processes();
        assertEquals(PROCESSES, processes.size());
        for (int i = 0; i < PROCESSES; i++) {
            assertEquals(ram(millis, i), processes.get(i).usage().ram());
        }
    }
}
