package psm.remote;

import psm.probe.ProbeFormat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.InflaterInputStream;

/**
 * What a machine has answered, from the first line of a probe or a snapshot on. It is kept
 * deflated, to a twelfth, until it is read.
 */
public final class Answer {
    private static final int CHUNK_BYTES = 8 * 1024;

    private final String host;
    private final AnswerMemory memory;
    private final AnswerScanner scanner = new AnswerScanner();
    private final Deflater deflater = new Deflater(Deflater.BEST_SPEED);
    private final List<byte[]> chunks = new ArrayList<>();

    /** The last chunk, which is not full; {@code null} if there is none yet. */
    private byte[] chunk;

    private int filled;
    private long noiseBytes;
    private long bytes;
    private long deflated;
    private boolean isTooLarge;
    private Instant at;

    Answer(String host, AnswerMemory memory) {
        this.host = host;
        this.memory = memory;
    }

    /** Returns the machine as the user named it. */
    public String host() {
        return host;
    }

    /** Returns whether the probe was read, not the snapshot of a psm there. */
    public boolean isProbe() {
        return scanner.isProbe();
    }

    /** Returns when the answer was complete. */
    public Instant at() {
        return at;
    }

    /** Returns a stream of the answer. */
    public InputStream open() {
        List<InputStream> parts = new ArrayList<>();
        chunks.forEach(part -> parts.add(new ByteArrayInputStream(part)));
        return new InflaterInputStream(new SequenceInputStream(Collections.enumeration(parts)));
    }

    AnswerScanner scanner() {
        return scanner;
    }

    /** Returns the size of the answer so far. */
    long bytes() {
        return bytes;
    }

    /** Returns whether nothing more is kept, since the answer is too large. */
    boolean isTooLarge() {
        return isTooLarge;
    }

    /** Adds a part of what the machine sends. */
    void add(byte[] part, int to) throws InterruptedException {
        int from = 0;
        if (!scanner.isStarted()) {
            from = scanner.skipNoise(part, 0, to);
            if (!scanner.isStarted()) {
                noiseBytes += to;
                isTooLarge = noiseBytes > ProbeFormat.MAX_NOISE_BYTES;
                return;
            }
            deflate(scanner.start(), 0, scanner.start().length);
        }
        int end = scanner.scan(part, from, to);
        deflate(part, from, end);
    }

    /** Ends the answer. */
    void finish() throws InterruptedException {
        at = Instant.now();
        deflater.finish();
        drain();
        chunks.add(Arrays.copyOf(chunk, filled));
        chunk = null;
    }

    /** Ends the use of native memory, in any case. */
    void endDeflater() {
        deflater.end();
    }

    /** Drops the answer, which can no longer be read. */
    void forget() {
        chunks.clear();
        chunk = null;
    }

    /** Gives back the memory of the answer. */
    void release() {
        forget();
        memory.release(deflated);
        deflated = 0;
    }

    private void deflate(byte[] part, int from, int to) throws InterruptedException {
        bytes += to - from;
        isTooLarge |= bytes > ProbeFormat.MAX_BYTES || deflated > AnswerMemory.MAX_ANSWER_BYTES;
        if (!isTooLarge) {
            deflater.setInput(part, from, to - from);
            drain();
        }
    }

    private void drain() throws InterruptedException {
        while (true) {
            if (chunk == null) {
                memory.take(this, CHUNK_BYTES);
                deflated += CHUNK_BYTES;
                chunk = new byte[CHUNK_BYTES];
                filled = 0;
            }
            int got = deflater.deflate(chunk, filled, chunk.length - filled);
            filled += got;
            if (filled < chunk.length) {
                return; // the deflater wants more input
            }
            chunks.add(chunk);
            chunk = null;
        }
    }
}
