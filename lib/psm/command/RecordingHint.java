package psm.command;

import psm.cell.TimeText;
import psm.cli.Option;
import psm.record.Recording;
import psm.record.Sample;
import psm.text.Failure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/** The remark for a user without root that there is a recording of what psm could not read. */
final class RecordingHint {
    /** The age of a sample that no longer says what processes use now. */
    private static final Duration MAX_AGE = Duration.ofDays(1);

    private RecordingHint() {}

    /**
     * Returns the remark; {@code null} if there is no recording of this day that the user may read.
     *
     * @param folder the folder of the recording
     */
    static String of(Path folder, Instant now) {
        if (!Files.isReadable(folder) || !Recording.isRecording(folder)) {
            return null;
        }
        Sample last;
        try {
            last = Recording.open(folder.toString(), folder).last();
        } catch (Failure e) {
            return null; // psm --from says what is wrong with it
        }
        Duration age =
                last == null ? MAX_AGE : Duration.between(last.snapshot().run().takenAt(), now);
        return age.compareTo(MAX_AGE) >= 0
                ? null
                : "a recording shows all processes as of "
                        + TimeText.span(Math.max(0, age.toSeconds()))
                        + " ago: psm "
                        + Option.FROM
                        + ' '
                        + folder;
    }
}
