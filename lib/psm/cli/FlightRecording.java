package psm.cli;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import jdk.jfr.Recording;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;

/**
 * Records what the JVM does while psm runs, for {@code --cpuprofile} and {@code --memprofile}. Two
 * recordings at one time both have the events of both: the JVM keeps one buffer of them.
 */
public final class FlightRecording {
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
    public static FlightRecording ofTime(String file) throws IOException {
        FlightRecording profile = new FlightRecording(file);
        profile.recording.enable("jdk.ExecutionSample").withPeriod(SAMPLE_PERIOD);
        profile.recording.enable("jdk.NativeMethodSample").withPeriod(SAMPLE_PERIOD);
        return profile.started();
    }

    /** Starts to record what is allocated; {@link #write} ends it. */
    public static FlightRecording ofAllocations(String file) throws IOException {
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
    public void write() throws IOException {
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
