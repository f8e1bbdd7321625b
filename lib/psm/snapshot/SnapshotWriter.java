package psm.snapshot;

import psm.scan.Snapshot;
import psm.text.Text;
import psm.text.Version;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** Writes a snapshot in the {@link SnapshotFormat}. Not for sharing between threads. */
public final class SnapshotWriter extends NumberOutput implements SnapshotColumns.Sink {
    /** If it is too small, the output is written in small pieces; if too large, it takes memory. */
    private static final int BUFFER_BYTES = SnapshotFormat.MAX_TEXT_BYTES;

    private final OutputStream out;
    private final TextNumbers texts;

    /** Whether the bytes are only counted, for the length at the head of a section. */
    private boolean isCounting;

    /** The number of bytes that were counted. */
    private int counted;

    /** The checksum of the bytes that have been written. */
    private final CRC32 checksum = new CRC32();

    private SnapshotWriter(OutputStream out, TextNumbers texts) {
        super(BUFFER_BYTES);
        this.out = out;
        this.texts = texts;
    }

    /**
     * Returns the file of a snapshot.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static byte[] write(Snapshot snapshot) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            write(snapshot, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    /**
     * Writes the file of a snapshot. It is never in memory as a whole.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static void write(Snapshot snapshot, OutputStream out) throws IOException {
        TextNumbers texts = new TextNumbers();
        SnapshotWriter writer = new SnapshotWriter(out, texts);
        String head = SnapshotFormat.MAGIC + SnapshotFormat.VERSION + SnapshotFormat.BY;
        writer.append((head + Version.CURRENT + '\n').getBytes(StandardCharsets.US_ASCII));
        new SnapshotColumns(snapshot, texts)
                .to((tag, content) -> writer.section(tag, () -> content.to(writer)));
        texts.forgetNumbers();
        writer.section(SnapshotFormat.TEXTS, writer::texts);
        writer.flush();
        writer.section(SnapshotFormat.END, writer::end);
        writer.flush();
    }

    /** Appends the content of a section, the same each time. */
    private interface Content {
        void append() throws IOException;
    }

    /**
     * Writes a section. Its content is made twice, since its length comes first: the largest would
     * take as much memory as all of the snapshot.
     */
    private void section(int tag, Content content) throws IOException {
        flush();
        isCounting = true;
        counted = 0;
        content.append();
        flush();
        isCounting = false;
        appendInt(tag);
        appendInt(counted);
        content.append();
    }

    /** Writes, or counts, what is in the buffer. */
    private void flush() throws IOException {
        if (isCounting) {
            counted += size;
        } else {
            checksum.update(buffer, 0, size);
            out.write(buffer, 0, size);
        }
        size = 0;
    }

    private void texts() throws IOException {
        append(texts.texts().size());
        for (String text : texts.texts()) {
            byte[] encoded = encoded(text);
            append(encoded.length);
            append(encoded);
        }
    }

    /** Returns the bytes of a text as far as they are within the limit. */
    public static byte[] encoded(String text) {
        byte[] encoded = Text.encode(text);
        return encoded.length <= SnapshotFormat.MAX_TEXT_BYTES
                ? encoded
                : Text.encode(Text.cut(text, SnapshotFormat.MAX_TEXT_BYTES / 4));
    }

    private void end() throws IOException {
        appendInt((int) checksum.getValue());
    }

    @Override
    public void rows(int rows) throws IOException {
        append(rows);
    }

    /** Writes a column, unless all of its values are missing. */
    @Override
    public void column(int slot, long... values) throws IOException {
        long missing = SnapshotSlots.missing(slot);
        int i = 0;
        while (i < values.length && values[i] == missing) {
            i++;
        }
        if (i == values.length) {
            return;
        }
        String key = SnapshotSlots.key(slot);
        append(key.length());
        append(key.getBytes(StandardCharsets.US_ASCII));
        int length = 0;
        for (long value : values) {
            length += length(signed(value));
        }
        appendInt(length);
        for (long value : values) {
            append(signed(value));
        }
    }

    /** Makes room in the buffer, which is as large as the longest text at the least. */
    @Override
    protected void ensure(int more) throws IOException {
        if (size + more > buffer.length) {
            flush();
        }
    }
}
