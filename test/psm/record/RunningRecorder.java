package psm.record;

import static org.junit.jupiter.api.Assertions.assertTrue;

import psm.support.Command;
import psm.support.Undo;
import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A {@code psm record} that runs in a JVM of its own while a test looks at what it writes. */
public final class RunningRecorder implements AutoCloseable {
    private static final int MAX_SECONDS = 120;
    private static final int LOOK_MILLIS = 20;

    private final Process process;
    private final Path err;

    private RunningRecorder(Process process, Path err) {
        this.process = process;
        this.err = err;
    }

    /** Starts a command that records. */
    public static RunningRecorder start(Command command) throws IOException {
        Path err = Files.createTempFile("psm-record", ".err");
        err.toFile().deleteOnExit();
        return new RunningRecorder(command.start(Path.of("/dev/null"), err), err);
    }

    /** Returns all samples that a folder contains now; none if it is no recording yet. */
    public static List<Sample> samples(Path folder) {
        List<Sample> samples = new ArrayList<>();
        try {
            if (Recording.isRecording(folder)) {
                Recording.open("test", folder).forEach(null, null, samples::add);
            }
            return samples;
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    /** Returns what a recording contains. */
    public static Coverage coverage(Path folder) {
        try {
            return Recording.open("test", folder).coverage();
        } catch (Failure e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until a folder contains that many samples. */
    public void await(Path folder, int count) {
        await(() -> samples(folder).size() >= count);
    }

    /** Waits until something is so. */
    public void await(BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
        while (!condition.getAsBoolean()) {
            assertTrue(process.isAlive(), "it has ended: " + err());
            assertTrue(System.nanoTime() < end, "it does not get there: " + err());
            sleep();
        }
    }

    private static void sleep() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Sends a signal. */
    public void signal(String name) {
        Undo.run("kill", "-" + name, Long.toString(process.pid()));
    }

    /** Sends a signal that ends it; returns its exit code and what it said. */
    public Command.Result end(String signal) {
        signal(signal);
        return awaitEnd();
    }

    /** Waits until it ends; returns its exit code and what it said. */
    public Command.Result awaitEnd() {
        try {
            assertTrue(process.waitFor(MAX_SECONDS, TimeUnit.SECONDS), "it does not end");
            return new Command.Result(process.exitValue(), "", err());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Returns what it has said so far. */
    public String err() {
        try {
            return Files.readString(err);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
