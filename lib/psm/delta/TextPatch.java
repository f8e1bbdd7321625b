package psm.delta;

/**
 * A text as another one with other numbers, such as {@code meminfo}: all digits in a row are a
 * number. A number has as many digits as before behind a point, and its end stays where it was
 * behind several blanks, as in a column.
 */
final class TextPatch {
    /** The limit for texts that are compared: that of a page of {@code /proc} several times. */
    static final int MAX_CHARS = 1 << 14;

    /** The longest number that fits into a {@code long}, whatever its digits are. */
    private static final int MAX_DIGITS = 18;

    private static final long[] NONE = {};

    private TextPatch() {}

    /** Returns the numbers in a text; none if one of them is too long. */
    static long[] numbers(String text) {
        int count = 0;
        int length = text.length();
        for (int i = 0; i < length; i++) {
            if (isDigit(text.charAt(i)) && (i == 0 || !isDigit(text.charAt(i - 1)))) {
                count++;
            }
        }
        long[] numbers = new long[count];
        int next = 0;
        for (int i = 0; i < length; ) {
            int end = digitsEnd(text, i);
            if (end - i > MAX_DIGITS) {
                return NONE;
            }
            if (end > i) {
                numbers[next++] = number(text, i, end);
            }
            i = Math.max(end, i + 1);
        }
        return numbers;
    }

    private static long number(String text, int from, int to) {
        long number = 0;
        for (int i = from; i < to; i++) {
            number = 10 * number + text.charAt(i) - '0';
        }
        return number;
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
        StringBuilder text = new StringBuilder(base.length() + numbers.length);
        int next = 0;
        int from = 0;
        int length = base.length();
        for (int i = 0; i < length; ) {
            int end = digitsEnd(base, i);
            if (end == i) {
                i++;
                continue;
            }
            text.append(base, from, i);
            append(text, base, i, end, numbers[next++]);
            from = end;
            i = end;
        }
        return text.append(base, from, length).toString();
    }

    private static void append(StringBuilder text, String base, int from, int to, long number) {
        int digits = digits(number);
        int more = to - from - digits;
        if (more > 0 && from > 0 && base.charAt(from - 1) == '.') {
            text.append("0".repeat(more));
        } else if (more > 0 && isColumn(base, from)) {
            text.append(" ".repeat(more));
        } else if (more < 0 && isColumn(base, from)) {
            int blanks = 0;
            int at = text.length();
            while (blanks < -more && at - blanks > 1 && text.charAt(at - blanks - 2) == ' ') {
                blanks++;
            }
            text.setLength(at - blanks);
        }
        text.append(number);
    }

    /** Returns whether several blanks are before a number. */
    private static boolean isColumn(String base, int from) {
        return from > 1 && base.charAt(from - 1) == ' ' && base.charAt(from - 2) == ' ';
    }

    private static int digits(long number) {
        int digits = 1;
        for (long rest = number / 10; rest > 0; rest /= 10) {
            digits++;
        }
        return digits;
    }

    private static int digitsEnd(String text, int from) {
        int end = from;
        while (end < text.length() && isDigit(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
