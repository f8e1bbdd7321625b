package psm;

import jdk.jfr.Recording;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Records what the JVM does while psm runs, for {@code --cpuprofile} and {@code --memprofile}. */
final class FlightRecording {
    /** A run takes some tens of milliseconds; the JVM's usual period is 20. */
    private static final Duration SAMPLE_PERIOD = Duration.ofMillis(1);

    private final Recording recording;

    private FlightRecording(String file) throws IOException {
        recording = new Recording();
        recording.setDestination(Path.of(file));
    }

    /** Starts to record where time is spent; {@link #write} writes the file. */
    static FlightRecording ofTime(String file) throws IOException {
        FlightRecording profile = new FlightRecording(file);
        profile.recording.enable("jdk.ExecutionSample").withPeriod(SAMPLE_PERIOD);
        profile.recording.enable("jdk.NativeMethodSample").withPeriod(SAMPLE_PERIOD);
        profile.recording.start();
        return profile;
    }

    /** Starts to record what is allocated; {@link #write} writes the file. */
    static FlightRecording ofAllocations(String file) throws IOException {
        FlightRecording profile = new FlightRecording(file);
        profile.recording.enable("jdk.ObjectAllocationInNewTLAB").withStackTrace();
        profile.recording.enable("jdk.ObjectAllocationOutsideTLAB").withStackTrace();
        profile.recording.start();
        return profile;
    }

    /** Ends a recording and writes its file; does nothing with {@code null}. */
    static void write(FlightRecording profile) {
        if (profile != null) {
            profile.recording.stop();
            profile.recording.close();
        }
    }
}
