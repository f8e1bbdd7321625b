package psm.metrics;

import psm.snapshot.NumberInput;
import psm.snapshot.NumberOutput;

import java.io.IOException;
import java.util.Arrays;

/**
 * The values of one metric at some of the samples of a recording, in a few bytes each: most are
 * whole numbers close to the one before.
 */
final class Points extends NumberOutput {
    private static final int START_BYTES = 16;

    /** The most digits of a number that surely fits into a {@code long}. */
    private static final int MAX_DIGITS = 18;

    private int sample;

    /** The last whole number, 0 before the first one. */
    private long whole;

    /** Takes the values in the order of samples. */
    interface Reader {
        /** Takes the value at a sample. */
        void accept(int sample, String value) throws IOException;
    }

    Points() {
        super(START_BYTES);
    }

    @Override
    protected void ensure(int more) {
        if (more > buffer.length - size) {
            buffer = Arrays.copyOf(buffer, size + more + size / 2);
        }
    }

    /** Returns the number of bytes in memory. */
    int capacity() {
        return buffer.length;
    }

    /** Adds the value at a sample, which is later than those before. */
    void add(int at, String value) throws IOException {
        boolean isWhole = isWhole(value);
        append((long) (at - sample) << 1 | (isWhole ? 0 : 1));
        sample = at;
        if (isWhole) {
            long number = Long.parseLong(value);
            append(signed(number - whole));
            whole = number;
        } else {
            append(value.length());
            for (int i = 0; i < value.length(); i++) {
                append(value.charAt(i));
            }
        }
    }

    /** Returns whether a number is written as Java writes a {@code long}, so that none changes. */
    private static boolean isWhole(String value) {
        int start = value.startsWith("-") ? 1 : 0;
        int digits = value.length() - start;
        if (digits == 0 || digits > MAX_DIGITS) {
            return false;
        }
        for (int i = start; i < value.length(); i++) {
            if (value.charAt(i) < '0' || value.charAt(i) > '9') {
                return false;
            }
        }
        return value.charAt(start) != '0' || value.equals("0");
    }

    void forEach(Reader reader) throws IOException {
        NumberInput in = new NumberInput(buffer, size);
        int at = 0;
        long number = 0;
        while (!in.isAtEnd()) {
            long step = in.readNumber();
            at += (int) (step >> 1);
            if ((step & 1) == 0) {
                number += in.readSigned();
                reader.accept(at, Long.toString(number));
            } else {
                reader.accept(at, text(in));
            }
        }
    }

    private static String text(NumberInput in) throws IOException {
        char[] text = new char[(int) in.readNumber()];
        for (int i = 0; i < text.length; i++) {
            text[i] = (char) in.readNumber();
        }
        return new String(text);
    }
}
