package psm;

import jdk.jfr.Recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * Records what the JVM does while psm runs, for {@code --cpuprofile} and {@code --memprofile}. Two
 * recordings at one time both have the events of both: the JVM keeps one buffer of them.
 */
final class FlightRecording {
    /** A run takes some tens of milliseconds; the JVM's usual period is 20. */
    private static final Duration SAMPLE_PERIOD = Duration.ofMillis(1);

    private final Recording recording = new Recording();
    private final Path file;

    /**
     * Beside the file, so that it can take its place at once; or the file, where that is a pipe.
     */
    private final Path part;

    /** Makes sure at once that the file can be written: afterwards, the run would be lost. */
    private FlightRecording(String file) throws IOException {
        this.file = Path.of(file);
        boolean isSpecial = Files.exists(this.file) && !Files.isRegularFile(this.file);
        String name = this.file.getFileName() + "." + ProcessHandle.current().pid() + ".part";
        part = isSpecial ? this.file : this.file.resolveSibling(name);
        if (!isSpecial) {
            Files.newOutputStream(part, StandardOpenOption.CREATE_NEW).close();
            part.toFile().deleteOnExit();
        } else {
            Files.newOutputStream(part).close();
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
        recording.dump(part);
        recording.close();
        if (!part.equals(file)) {
            Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
        }
    }
}
