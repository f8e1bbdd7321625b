package psm.snapshot;

import java.io.IOException;

/** Collects bytes, and numbers with seven bits a byte, see {@link SnapshotFormat}. */
public abstract class NumberOutput {
    /** The largest size of a number, in bytes. */
    private static final int MAX_NUMBER_BYTES = 10;

    /** The bytes. */
    protected byte[] buffer;

    /** The number of bytes in {@link #buffer}. */
    protected int size;

    protected NumberOutput(int bytes) {
        this.buffer = new byte[bytes];
    }

    /** Makes room for more bytes in {@link #buffer}, in which {@link #size} are used. */
    protected abstract void ensure(int more) throws IOException;

    /** Returns the code of a number that may be negative: small ones have small codes. */
    public static long signed(long value) {
        return (value << 1) ^ (value >> 63);
    }

    /** Returns the number of bytes that a number takes: one for each 7 of its bits. */
    protected static int length(long number) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(number | 1);
        return (bits + 6) / 7;
    }

    /** Adds a number. */
    public final void append(long number) throws IOException {
        ensure(MAX_NUMBER_BYTES);
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    /** Adds four bytes, the highest first. */
    public final void appendInt(int number) throws IOException {
        ensure(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (number >> shift);
        }
    }

    /** Adds bytes. */
    public final void append(byte[] more) throws IOException {
        append(more, more.length);
    }

    /** Adds the first bytes of an array. */
    public final void append(byte[] more, int length) throws IOException {
        ensure(length);
        System.arraycopy(more, 0, buffer, size, length);
        size += length;
    }
}
