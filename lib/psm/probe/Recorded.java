package psm.probe;

import psm.proc.ProcFs;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * What was recorded of a machine: either a snapshot or the output of a probe.
 *
 * @param snapshot the snapshot, or {@code null}
 * @param probe the files that the probe printed, or {@code null}
 */
public record Recorded(Snapshot snapshot, ProbeFiles probe) {
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int GZIP_MAGIC = 0x1F8B;

    /**
     * Returns the files that the probe printed. Who uses this does not make Java load {@link
     * ProbeFiles} where there is no probe.
     */
    public ProcFs files() {
        return probe;
    }

    /**
     * Reads what is in a file, or comes from standard input.
     *
     * @param asked the option and the file, for messages
     * @param file the file; {@code null} for standard input
     * @throws Failure if psm cannot read it
     */
    public static Recorded read(String asked, Path file) throws Failure {
        try (InputStream in =
                file == null
                        ? new FileInputStream(FileDescriptor.in)
                        : new Opened(Files.newInputStream(file))) {
            return read(in);
        } catch (SnapshotFormatException e) {
            throw Failure.usage(asked + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw Failure.usage(asked + ": cannot be read: " + Failure.reason(e), e);
        }
    }

    /** A file or a pipe: a pipe has no position, which Java would ask for how much is left. */
    private static final class Opened extends FilterInputStream {
        Opened(InputStream in) {
            super(in);
        }

        @Override
        public int available() {
            return 0; // nothing is known to be left without waiting for it
        }
    }

    /**
     * Reads it from a stream, which may be compressed by gzip.
     *
     * @throws SnapshotFormatException if it is neither, or cannot be read
     */
    public static Recorded read(InputStream in) throws IOException {
        InputStream plain = new BufferedInputStream(in, BUFFER_BYTES);
        plain.mark(2);
        int magic = plain.read() << 8 | plain.read();
        plain.reset();
        if (magic != GZIP_MAGIC) {
            return readPlain(plain);
        }
        try (InputStream unpacked =
                new BufferedInputStream(new GZIPInputStream(plain, BUFFER_BYTES), BUFFER_BYTES)) {
            return readPlain(unpacked);
        } catch (EOFException e) {
            throw new SnapshotFormatException("was cut off: the end of its compression is missing");
        } catch (ZipException e) {
            throw new SnapshotFormatException("is damaged: gzip cannot unpack it");
        }
    }

    private static Recorded readPlain(InputStream in) throws IOException {
        return SnapshotFile.isStart(in)
                ? new Recorded(SnapshotFile.read(in), null)
                : new Recorded(null, ProbeReader.read(in));
    }
}
