package psm.snapshot;

import psm.proc.FileName;
import psm.scan.Snapshot;
import psm.text.Failure;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;

/** Reads snapshots that were written to a file. */
public final class SnapshotFile {
    /** The name of standard input. */
    public static final String STANDARD_INPUT = "-";

    private SnapshotFile() {}

    /**
     * Reads the snapshot in a file, or from standard input.
     *
     * @param option the option that names the file, for messages
     * @throws Failure if it contains no snapshot that psm can read
     */
    public static Snapshot read(String option, String from) throws Failure {
        boolean isStandardInput = from.equals(STANDARD_INPUT);
        if (!isStandardInput && Files.isDirectory(FileName.path(from))) {
            throw failure(
                    option + " " + from,
                    "is a folder; it takes a file that 'psm -o snapshot' wrote",
                    null);
        }
        try (InputStream in =
                isStandardInput
                        ? new FileInputStream(FileDescriptor.in)
                        : Files.newInputStream(FileName.path(from))) {
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
        return SnapshotReader.read(in);
    }
}
