package psm.delta;

import psm.scan.Snapshot;
import psm.snapshot.SnapshotTables;
import psm.snapshot.SnapshotWriter;
import psm.snapshot.TextNumbers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Writes samples, each of them whole or as the difference to the sample before. Belongs to one
 * thread.
 */
public final class SampleWriter {
    /** The time after which a damaged sample does not matter any more. */
    private static final long MAX_CHAIN_MILLIS = 3_600_000;

    /** The number of samples that are read for the last one: it takes a moment each. */
    private static final int MAX_CHAIN = 240;

    private static final int PIECE_BYTES = 1 << 13;

    private final Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    private final byte[] piece = new byte[PIECE_BYTES];
    private final Bytes difference = new Bytes();

    /** The content that was made last. */
    private final Bytes content = new Bytes();

    /** The columns of the sample before; {@code null} if the next must be whole. */
    private SampleTables before;

    private TextNumbers texts = new TextNumbers();
    private long keyMillis;
    private int chain;

    /** Makes the next sample a whole one. */
    public void forget() {
        before = null;
    }

    /**
     * Goes on behind a sample that was read.
     *
     * @param key the time of the last whole sample, in milliseconds
     * @param length the number of samples from there on
     */
    public void continueAfter(SnapshotTables sample, long key, int length) {
        texts = new TextNumbers();
        for (int code = 1; code <= sample.textCount(); code++) {
            texts.add(sample.text(code));
        }
        before = SampleTables.of(sample);
        keyMillis = key;
        chain = length;
    }

    /** Makes the content of a sample; returns whether it is a whole one. */
    public boolean write(Snapshot snapshot) throws IOException {
        long millis = snapshot.run().takenAt().toEpochMilli();
        long passed = millis - keyMillis;
        content.clear();
        if (before == null
                || chain >= MAX_CHAIN
                || passed < 0
                || passed >= MAX_CHAIN_MILLIS
                || !texts.hasRoom()) {
            key(snapshot);
            keyMillis = millis;
            return true;
        }
        int known = texts.texts().size();
        SampleTables now = SampleTables.of(snapshot, texts);
        difference.clear();
        new DeltaWriter(before, now, texts, known).to(difference);
        before = now;
        chain++;
        deflate();
        return false;
    }

    private void key(Snapshot snapshot) throws IOException {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        deflater.reset();
        try (OutputStream out = new DeflaterOutputStream(deflated, deflater, PIECE_BYTES)) {
            SnapshotWriter.write(snapshot, out);
        }
        content.append(deflated.toByteArray());
        texts = new TextNumbers();
        before = SampleTables.of(snapshot, texts);
        chain = 1;
    }

    private void deflate() throws IOException {
        deflater.reset();
        deflater.setInput(difference.array(), 0, difference.size());
        deflater.finish();
        while (!deflater.finished()) {
            content.append(piece, deflater.deflate(piece));
        }
    }

    /** Returns the array with the content that was made last. */
    public byte[] content() {
        return content.array();
    }

    public int contentLength() {
        return content.size();
    }
}
