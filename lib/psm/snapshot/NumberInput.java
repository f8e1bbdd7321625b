package psm.snapshot;

/** Reads what {@link NumberOutput} writes. The bytes need not be trusted. */
public class NumberInput {
    /** The bytes; {@code null} once they are not needed. */
    protected byte[] bytes;

    /** The next byte. */
    protected int at;

    /** The end of what is being read. */
    protected int limit;

    public NumberInput(byte[] bytes, int length) {
        this.bytes = bytes;
        this.limit = length;
    }

    /** Returns whether all was read. */
    public final boolean isAtEnd() {
        return at == limit;
    }

    /** Reads a number of things that take at least a byte each. */
    public final int readCount(int max, String what) throws SnapshotFormatException {
        long count = readNumber();
        if (count < 0 || count > max || count > limit - at) {
            throw damaged(Long.toUnsignedString(count) + " " + what);
        }
        return (int) count;
    }

    /** Reads a number. */
    public final long readNumber() throws SnapshotFormatException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == limit) {
                throw damaged("a number is cut");
            }
            byte next = bytes[at++];
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw damaged("a number does not end");
    }

    /** Reads a number that may be negative. */
    public final long readSigned() throws SnapshotFormatException {
        long number = readNumber();
        return (number >>> 1) ^ -(number & 1);
    }

    /** Reads a length of content that must end before {@code end}. */
    final int readLength(int end) throws SnapshotFormatException {
        int length = readInt();
        if (length < 0 || length > end - at) {
            throw damaged("a length of " + Integer.toUnsignedString(length));
        }
        return length;
    }

    final int readInt() throws SnapshotFormatException {
        if (limit - at < Integer.BYTES) {
            throw damaged("a length is cut");
        }
        at += Integer.BYTES;
        return intAt(at - Integer.BYTES);
    }

    final int intAt(int index) {
        return (bytes[index] & 0xFF) << 24
                | (bytes[index + 1] & 0xFF) << 16
                | (bytes[index + 2] & 0xFF) << 8
                | (bytes[index + 3] & 0xFF);
    }

    /** Returns an exception for an error at this place. */
    public final SnapshotFormatException damaged(String problem) {
        return SnapshotFormatException.damaged(problem, at);
    }
}
