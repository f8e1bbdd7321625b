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
public class Answer {
    private static final int CHUNK_BYTES = 8 * 1024;

    private final String host;
    private final AnswerMemory memory;
    private final AnswerScanner scanner;

    /** What deflates the answer; {@code null} before it begins. */
    private Deflater deflater;

    private final List<byte[]> chunks = new ArrayList<>();

    /** The last chunk, which is not full; {@code null} if there is none yet. */
    private byte[] chunk;

    private int filled;
    private long noiseBytes;
    private long bytes;

    /** How much of the memory the answer has. */
    private long taken;

    private boolean isTooLarge;
    private Instant at;

    Answer(String host, AnswerMemory memory, AnswerScanner scanner) {
        this.host = host;
        this.memory = memory;
        this.scanner = scanner;
    }

    /** Returns the machine as the user named it. */
    public final String host() {
        return host;
    }

    /** Returns whether the probe was read, not the snapshot of a psm there. */
    public final boolean isProbe() {
        return scanner.isProbe();
    }

    /** Returns when the answer was complete. */
    public final Instant at() {
        return at;
    }

    /** Returns a stream of the answer. */
    public InputStream open() {
        List<InputStream> parts = new ArrayList<>();
        chunks.forEach(part -> parts.add(new ByteArrayInputStream(part)));
        return new InflaterInputStream(new SequenceInputStream(Collections.enumeration(parts)));
    }

    final AnswerScanner scanner() {
        return scanner;
    }

    /** Returns the size of the answer so far. */
    final long bytes() {
        return bytes;
    }

    /** Returns whether nothing more is kept, since the answer is too large. */
    final boolean isTooLarge() {
        return isTooLarge;
    }

    /** Says that the answer is too large. */
    String tooLarge() {
        return "its answer is too large: more than " + (ProbeFormat.MAX_BYTES >> 20) + " MB";
    }

    /** Adds a part of what the machine sends. */
    final void add(byte[] part, int to) throws InterruptedException {
        int from = 0;
        if (!scanner.isStarted()) {
            from = scanner.skipNoise(part, 0, to);
            if (!scanner.isStarted()) {
                noiseBytes += to;
                isTooLarge = noiseBytes > ProbeFormat.MAX_NOISE_BYTES;
                return;
            }
            begin();
        }
        keep(part, from, to);
    }

    /** Keeps the start of the first line, with which the answer has begun. */
    void begin() throws InterruptedException {
        deflater = new Deflater(Deflater.BEST_SPEED);
        deflate(scanner.start(), 0, scanner.start().length);
    }

    /** Keeps a part of the answer, up to its end. */
    void keep(byte[] part, int from, int to) throws InterruptedException {
        int end = scanner.scan(part, from, to);
        deflate(part, from, end);
    }

    /** Counts a part of the answer, which may be too large with it. */
    final void count(int more, long most) {
        bytes += more;
        isTooLarge |= bytes > most;
    }

    /** Takes memory for a part of the answer; waits until it may have it. */
    final void take(int more) throws InterruptedException {
        memory.take(this, more);
        taken += more;
    }

    /** Notes that the answer is complete. */
    final void note() {
        at = Instant.now();
    }

    /** Ends the answer. */
    void finish() throws InterruptedException {
        note();
        if (deflater == null) {
            return;
        }
        deflater.finish();
        drain();
        chunks.add(Arrays.copyOf(chunk, filled));
        chunk = null;
    }

    /** Ends the use of native memory, in any case. */
    final void endDeflater() {
        if (deflater != null) {
            deflater.end();
        }
    }

    /** Notes that nothing more comes: what was taken is given back when the answer was read. */
    final void end() {
        memory.end(this);
    }

    /** Drops the answer, which can no longer be read. */
    void forget() {
        chunks.clear();
        chunk = null;
    }

    /** Gives back the memory of the answer. */
    final void release() {
        forget();
        memory.release(taken);
        taken = 0;
    }

    private void deflate(byte[] part, int from, int to) throws InterruptedException {
        count(to - from, ProbeFormat.MAX_BYTES);
        isTooLarge |= taken > AnswerMemory.MAX_ANSWER_BYTES;
        if (!isTooLarge) {
            deflater.setInput(part, from, to - from);
            drain();
        }
    }

    private void drain() throws InterruptedException {
        while (true) {
            if (chunk == null) {
                take(CHUNK_BYTES);
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
