package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import psm.proc.ProcFs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Tests the recorder with an uptime that passes as fast as samples are taken. */
class RecorderLoopTest {
    private static final long MINUTE_MILLIS = 60_000;
    private static final int SAMPLES = 25;

    @TempDir Path temporary;

    private final List<Boolean> exact = new ArrayList<>();
    private final List<String> messages = new ArrayList<>();
    private Recorder recorder;
    private RuntimeException defect;

    private void run(boolean isQuiet) throws Exception {
        Path proc = Files.createDirectory(temporary.resolve("proc"));
        Path uptime = Files.writeString(proc.resolve("uptime"), "1000.00 1.00\n");
        RecordingFolder folder = RecordingFolder.of("--dir X", temporary.resolve("recording"));
        try (RecordingWriter writer = RecordingWriter.open(folder, 0)) {
            recorder =
                    new Recorder(
                            writer,
                            isExact -> {
                                exact.add(isExact);
                                long seconds = 1000 + 60L * exact.size();
                                Files.writeString(uptime, seconds + ".00 1.00\n");
                                if (exact.size() == SAMPLES) {
                                    recorder.end();
                                }
                                if (defect != null) {
                                    throw defect;
                                }
                                throw new IOException("no processes");
                            },
                            new Recorder.Plan(
                                    MINUTE_MILLIS, 1, Duration.ofDays(1), 1 << 30, isQuiet),
                            new ProcFs(proc.toString()),
                            messages::add);
            recorder.run();
        }
    }

    @Test
    void largeProcessesAreReadEveryTenMinutes() throws Exception {
        run(true);
        for (int i = 0; i < SAMPLES; i++) {
            assertEquals(i % 10 == 0, exact.get(i), "sample " + i);
        }
    }

    @Test
    void severalMissingSamplesHaveOneLine() throws Exception {
        run(true);
        assertEquals(List.of("--dir X: no processes; samples are missing from now on"), messages);
    }

    /** Figures of other users' processes must not end it, whatever psm overlooks. */
    @Test
    void aDefectIsReportedAndItGoesOn() throws Exception {
        defect = new IllegalStateException("made up");
        run(true);
        assertEquals(
                List.of(
                        "a defect of psm; please report it: java.lang.IllegalStateException: made"
                                + " up; samples are missing from now on"),
                messages);
        assertEquals(SAMPLES, exact.size());
    }

    @Test
    void theFirstLineSaysWhatItDoes() throws Exception {
        run(false);
        assertEquals(
                "--dir X: records every 60 s, and keeps 1 day, at most 1024 MB; Ctrl-C ends it",
                messages.get(0));
    }
}
