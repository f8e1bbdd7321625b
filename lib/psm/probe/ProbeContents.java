package psm.probe;

import psm.snapshot.SnapshotFormatException;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * The contents of all files that a probe printed, one after the other. Once everything is added, it
 * may be shared between threads.
 */
final class ProbeContents {
    /**
     * The limit for all contents. If it is too low, a machine with many processes cannot be read;
     * if it is too high, a malicious answer and its report do not fit into the heap. 32,768
     * processes take 20 MB.
     */
    private static final int MAX_BYTES = 24 << 20;

    private static final int CHUNK_BITS = 16;
    private static final int CHUNK_BYTES = 1 << CHUNK_BITS;

    /** The contents in pieces of the same size, so that adding never copies all of them. */
    private final List<byte[]> chunks = new ArrayList<>();

    private int size;

    /** What is kept besides the contents, such as the names of files. */
    private int others;

    /** Returns the number of bytes so far: the start of what is added next. */
    int size() {
        return size;
    }

    /** Adds {@code bytes[from..to)}. */
    void add(byte[] bytes, int from, int to) throws SnapshotFormatException {
        require(to - from);
        int at = from;
        while (at < to) {
            if (size >> CHUNK_BITS == chunks.size()) {
                chunks.add(new byte[CHUNK_BYTES]);
            }
            int start = size & (CHUNK_BYTES - 1);
            int count = Math.min(to - at, CHUNK_BYTES - start);
            System.arraycopy(bytes, at, chunks.get(size >> CHUNK_BITS), start, count);
            at += count;
            size += count;
        }
    }

    /** Counts bytes that are kept elsewhere. */
    void charge(int bytes) throws SnapshotFormatException {
        require(bytes);
        others += bytes;
    }

    private void require(int more) throws SnapshotFormatException {
        if (more > MAX_BYTES - size - others) {
            throw new SnapshotFormatException(
                    "contains more than "
                            + (MAX_BYTES >> 20)
                            + " MB about processes; run psm on that machine");
        }
    }

    /** Removes what was added last. */
    void cutTo(int length) {
        size = length;
    }

    /** Copies bytes; returns how many, less than asked for at the end of the range. */
    private int copy(int from, int to, byte[] into, int start, int length) {
        int count = Math.min(length, to - from);
        for (int done = 0; done < count; ) {
            int at = from + done;
            int offset = at & (CHUNK_BYTES - 1);
            int piece = Math.min(count - done, CHUNK_BYTES - offset);
            System.arraycopy(chunks.get(at >> CHUNK_BITS), offset, into, start + done, piece);
            done += piece;
        }
        return count;
    }

    /** Returns the bytes from one place to another. */
    byte[] bytes(int from, int to) {
        byte[] bytes = new byte[to - from];
        copy(from, to, bytes, 0, bytes.length);
        return bytes;
    }

    /** Returns whether two ranges contain the same bytes. */
    boolean areEqual(int from, int to, int otherFrom, int otherTo) {
        if (to - from != otherTo - otherFrom) {
            return false;
        }
        for (int i = 0; i < to - from; i++) {
            if (byteAt(from + i) != byteAt(otherFrom + i)) {
                return false;
            }
        }
        return true;
    }

    private byte byteAt(int at) {
        return chunks.get(at >> CHUNK_BITS)[at & (CHUNK_BYTES - 1)];
    }

    /** Returns the bytes from one place to another as a file. */
    InputStream open(int from, int to) {
        return new InputStream() {
            private int at = from;

            @Override
            public int read() {
                return at == to ? -1 : byteAt(at++) & 0xFF;
            }

            @Override
            public int read(byte[] into, int start, int length) {
                if (at == to && length > 0) {
                    return -1;
                }
                int count = copy(at, to, into, start, length);
                at += count;
                return count;
            }
        };
    }
}
