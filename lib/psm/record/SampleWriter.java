package psm.record;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotWriter;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Makes the contents of frames. */
final class SampleWriter {
    private final Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);

    /** Returns the content of a key frame. */
    byte[] key(Snapshot snapshot) throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        deflater.reset();
        try (OutputStream out = new DeflaterOutputStream(content, deflater)) {
            SnapshotWriter.write(snapshot, out);
        }
        return content.toByteArray();
    }
}
