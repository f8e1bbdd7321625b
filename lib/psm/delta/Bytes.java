package psm.delta;

import psm.snapshot.NumberOutput;

import java.util.Arrays;

/** Numbers and bytes in an array that grows. */
final class Bytes extends NumberOutput {
    private static final int START_BYTES = 1 << 12;

    Bytes() {
        super(START_BYTES);
    }

    @Override
    protected void ensure(int more) {
        if (more > buffer.length - size) {
            buffer = Arrays.copyOf(buffer, Math.max(size + more, 2 * buffer.length));
        }
    }

    byte[] array() {
        return buffer;
    }

    int size() {
        return size;
    }

    void clear() {
        size = 0;
    }
}
