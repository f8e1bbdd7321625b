package psm.snapshot;

import psm.scan.Snapshot;
import psm.text.Failure;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads snapshots that were written to a file. */
public final class SnapshotFile {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private static final int START_BYTES = 1 << 16;

    private SnapshotFile() {}

    /**
     * Reads the snapshot in a file, or from standard input.
     *
     * @param option the option that names the file, for messages
     * @throws Failure if it contains no snapshot that psm can read
     */
    public static Snapshot read(String option, String from) throws Failure {
        boolean isStandardInput = from.equals(STANDARD_INPUT);
        if (!isStandardInput && new File(from).isDirectory()) {
            throw failure(
                    option + " " + from,
                    "is a folder; it takes a file that 'psm -o snapshot' wrote",
                    null);
        }
        try (InputStream in =
                isStandardInput
                        ? new FileInputStream(FileDescriptor.in)
                        : Files.newInputStream(Path.of(from))) {
            return read(in);
        } catch (SnapshotFormatException e) {
            throw failure(option + " " + from, e.getMessage(), e);
        } catch (InvalidPathException e) {
            throw failure(option + " " + from, "is not a valid path in this locale", e);
        } catch (IOException e) {
            throw failure(option + " " + from, "cannot be read: " + Failure.reason(e), e);
        }
    }

    private static Failure failure(String asked, String problem, Throwable cause) {
        return Failure.usage(asked + ": " + problem, cause);
    }

    /**
     * Reads a snapshot from a stream. If the stream starts like no snapshot, the rest is not read.
     */
    public static Snapshot read(InputStream in) throws IOException {
        byte[] bytes = new byte[START_BYTES];
        int length = 0;
        int n;
        while ((n = in.read(bytes, length, bytes.length - length)) >= 0) {
            length += n;
            if (!SnapshotReader.isStart(bytes, length)) {
                break;
            }
            if (length > SnapshotFormat.MAX_BYTES) {
                throw new SnapshotFormatException(
                        "has more than "
                                + (SnapshotFormat.MAX_BYTES >> 20)
                                + " MB, so it is not a snapshot");
            }
            if (length == bytes.length) {
                int more = Math.min(2 * length, SnapshotFormat.MAX_BYTES + 1);
                bytes = Arrays.copyOf(bytes, more);
            }
        }
        if (length == 0) {
            throw new SnapshotFormatException("is empty: 'psm -o snapshot' has written nothing");
        }
        return SnapshotReader.read(bytes, length);
    }
}
