package psm.probe;

import psm.snapshot.SnapshotFormatException;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** What a probe printed, in lines or records. Belongs to one thread. */
final class ProbeInput {
    /** How much of a line is always in {@link #bytes}, so that all of a short one is. */
    private static final int WINDOW_BYTES = 1 << 15;

    private final InputStream in;

    /** The bytes that were read last: those of the current line from {@link #at} on. */
    final byte[] bytes = new byte[2 * WINDOW_BYTES];

    int at;
    int limit;
    private long total;

    /** The limit of all; it counts as the end. */
    private long max = ProbeFormat.MAX_NOISE_BYTES;

    private boolean isAtEnd;

    /** The number of lines and records that were begun. */
    private int lines;

    ProbeInput(InputStream in) {
        this.in = in;
    }

    int lines() {
        return lines;
    }

    /** Returns the number of bytes before the current line. */
    long position() {
        return total - (limit - at);
    }

    /** Allows for a whole probe. */
    void startProbe() {
        max = ProbeFormat.MAX_BYTES;
    }

    /** Returns an exception for an end that comes too early. */
    SnapshotFormatException cut() {
        return new SnapshotFormatException(
                total > max
                        ? "has more than " + (ProbeFormat.MAX_BYTES >> 20) + " MB; run psm there"
                        : "was cut off: the last line of the probe is missing");
    }

    /** Starts the next line; returns whether there is one. */
    boolean start() throws IOException {
        lines++;
        fill();
        return at < limit;
    }

    private void fill() throws IOException {
        if (isAtEnd || limit - at >= WINDOW_BYTES) {
            return;
        }
        System.arraycopy(bytes, at, bytes, 0, limit - at);
        limit -= at;
        at = 0;
        while (limit < WINDOW_BYTES && !isAtEnd && total <= max) {
            int count = in.read(bytes, limit, bytes.length - limit);
            isAtEnd = count < 0;
            limit += Math.max(0, count);
            total += Math.max(0, count);
        }
    }

    /** Continues a line whose first bytes were used; returns whether there is more of it. */
    boolean more() throws IOException {
        at = limit;
        fill();
        return at < limit;
    }

    /** Returns the place of a byte in {@code bytes[from..limit)}; the limit if it is not there. */
    int find(char wanted, int from) {
        return find(wanted, from, limit);
    }

    int find(char wanted, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != wanted) {
            i++;
        }
        return i;
    }

    /** Leaves out the rest of a line or record; returns whether its end came. */
    boolean skip(char end) throws IOException {
        do {
            int found = find(end, at);
            if (found < limit) {
                at = found + 1;
                return true;
            }
        } while (more());
        return false;
    }

    /**
     * Returns the current line, and goes to the next one.
     *
     * @param maxBytes the limit for its length
     * @return {@code null} if the line is longer, or has no end
     */
    String line(int maxBytes) {
        int end = find('\n', at, Math.min(limit, at + maxBytes + 1));
        if (end == limit || end > at + maxBytes || bytes[end] != '\n') {
            return null;
        }
        String line = text(at, end);
        at = end + 1;
        return line;
    }

    /** Returns {@code bytes[from..to)} with a char for each byte. */
    String text(int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }
}
