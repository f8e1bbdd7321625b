package psm.delta;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text as another one with other numbers, such as {@code meminfo}: all digits in a row are a
 * number. A number has as many digits as before behind a point, and its end stays where it was
 * behind several blanks, as in a column. Texts have one byte for each character.
 */
final class TextPatch {
    /** The limit for texts that are compared: that of a page of {@code /proc} several times. */
    static final int MAX_CHARS = 1 << 14;

    /** The longest number that fits into a {@code long}, whatever its digits are. */
    private static final int MAX_DIGITS = 18;

    private static final long[] NONE = {};

    private final byte[] base;
    private byte[] text;
    private int size;

    private TextPatch(byte[] base) {
        this.base = base;
        this.text = new byte[base.length + MAX_DIGITS];
    }

    /** Returns the numbers in a text; none if one of them is too long. */
    static long[] numbers(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        long[] numbers = new long[bytes.length / 2 + 1];
        int count = 0;
        for (int i = 0; i < bytes.length; i++) {
            int from = i;
            long number = 0;
            while (i < bytes.length && isDigit(bytes[i])) {
                number = 10 * number + bytes[i++] - '0';
            }
            if (i - from > MAX_DIGITS) {
                return NONE;
            }
            if (i > from) {
                numbers[count++] = number;
            }
        }
        return Arrays.copyOf(numbers, count);
    }

    /** Returns the numbers that make one text of another; {@code null} if there are none. */
    static long[] of(String base, String text) {
        if (base.length() > MAX_CHARS || text.length() > MAX_CHARS) {
            return null;
        }
        long[] numbers = numbers(text);
        return numbers.length > 0
                        && numbers.length == numbers(base).length
                        && text.equals(apply(base, numbers))
                ? numbers
                : null;
    }

    /**
     * Returns a text with other numbers.
     *
     * @param numbers as many as the text has, none of them negative
     */
    static String apply(String base, long[] numbers) {
        TextPatch patch = new TextPatch(base.getBytes(StandardCharsets.ISO_8859_1));
        patch.apply(numbers);
        return new String(patch.text, 0, patch.size, StandardCharsets.ISO_8859_1);
    }

    private void apply(long[] numbers) {
        int next = 0;
        int i = 0;
        while (i < base.length) {
            if (isDigit(base[i])) {
                int from = i;
                while (i < base.length && isDigit(base[i])) {
                    i++;
                }
                append(from, i, numbers[next++]);
            } else {
                ensure(1);
                text[size++] = base[i++];
            }
        }
    }

    private void append(int from, int to, long number) {
        int digits = digits(number);
        ensure(to - from + digits);
        int more = to - from - digits;
        boolean isColumn = from > 1 && base[from - 1] == ' ' && base[from - 2] == ' ';
        boolean isDecimal = from > 0 && base[from - 1] == '.';
        for (; more > 0 && (isColumn || isDecimal); more--) {
            text[size++] = (byte) (isColumn ? ' ' : '0');
        }
        for (; more < 0 && isColumn && size > 1 && text[size - 2] == ' '; more++) {
            size--;
        }
        long rest = number;
        for (int i = size + digits - 1; i >= size; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        size += digits;
    }

    private void ensure(int more) {
        if (more > text.length - size) {
            text = Arrays.copyOf(text, 2 * text.length + more);
        }
    }

    private static int digits(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }
}
