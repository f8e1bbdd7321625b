package psm.smaps;

import psm.text.Missing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The fields of an entry of {@code /proc/PID/smaps} or {@code smaps_rollup} as the last entry had
 * them: their bytes, where in them the numbers are, and what these were.
 *
 * <p>The kernel prints the same fields for each mapping, in the same order, with numbers that are
 * padded to the same width. So of the next entry only those bytes are looked at that differ from
 * the last; where one of them is not part of a number, the layout does not fit, and has to be
 * learned anew. What fits has the meaning that {@link SmapsParser} finds line by line, whatever the
 * bytes are.
 *
 * <p>Lines of another form, {@code VmFlags} for one, end the layout; they are the parser's. Not for
 * sharing between threads.
 */
final class EntryLayout {
    /** Twice what the kernel prints now, some 25 lines. What is longer is left to the parser. */
    private static final int MAX_BYTES = 2048;

    private static final int MAX_LINES = 64;

    /**
     * What Arrays.mismatch compares in one step. Where words do not start at multiples of it, code
     * that is not compiled takes up to eight.
     */
    private static final int WORD_BYTES = 8;

    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);

    /** What {@link #lineAt} says of the bytes that are part of no number. */
    private static final byte NONE = -1;

    /** The fields of the last entry, from {@link #start} on. */
    private final byte[] bytes = new byte[WORD_BYTES + MAX_BYTES];

    /** As far from a multiple of {@link #WORD_BYTES} as where the entry was read from. */
    private int start;

    private int length;

    /**
     * By offset: the line whose number, padding included, the byte is part of, or {@link #NONE}.
     */
    private final byte[] lineAt = new byte[MAX_BYTES];

    private int lines;

    // By line: where its number is, and the ordinal of its field, or -1 where psm has no use for it
    private final int[] numberFrom = new int[MAX_LINES];
    private final int[] numberTo = new int[MAX_LINES];
    private final int[] ordinals = new int[MAX_LINES];

    /**
     * The figures of the last entry by {@link Usage.Field#ordinal}: kB, or {@link Missing#VALUE}.
     */
    final long[] kilobytes = new long[SmapsParser.FIELDS.length];

    /**
     * Reads the fields of an entry, if they are laid out as the last ones were; {@link #kilobytes}
     * has them then.
     *
     * @param from after the entry's header
     * @return where they end, or {@code from} where they do not fit
     */
    int read(byte[] input, int from, int to) {
        if (length == 0 || !isWhole(from, to)) {
            return from;
        }
        align(input, from);
        int before = from - start;
        int end = start + length;
        int at = 0;
        while (true) {
            int same = Arrays.mismatch(bytes, at, end, input, before + at, before + end);
            if (same < 0) {
                return from + length;
            }
            int line = lineAt[at + same - start];
            if (line == NONE || !readNumber(line, input, from)) {
                return from;
            }
            // Back to the start of a word, over what is known to be the same.
            at = (start + numberTo[line]) & -WORD_BYTES;
        }
    }

    /** Has the words of both arrays start at the same bytes, in that of the fields' start too. */
    private void align(byte[] input, int from) {
        int aligned = from & (WORD_BYTES - 1);
        if (start != aligned) {
            System.arraycopy(bytes, start, bytes, aligned, length);
            start = aligned;
        }
        System.arraycopy(input, from - start, bytes, 0, start);
    }

    /** Whether there is room for an entry like the last. */
    boolean isWhole(int from, int to) {
        return to - from >= length;
    }

    /** Takes over the number of a line; returns whether it is one. */
    private boolean readNumber(int line, byte[] input, int from) {
        int end = from + numberTo[line];
        int i = afterBlanks(input, from + numberFrom[line], end);
        if (i == end) {
            return false;
        }
        long value = number(input, i, end);
        if (Missing.is(value)) {
            return false;
        }
        int number = numberFrom[line];
        System.arraycopy(input, from + number, bytes, start + number, numberTo[line] - number);
        if (ordinals[line] >= 0) {
            kilobytes[ordinals[line]] = value;
        }
        return true;
    }

    /**
     * Learns from an entry's fields how they are laid out; {@link #kilobytes} has them then.
     *
     * @param from after the entry's header
     * @return where they end: at the first line of another form, or that is cut
     */
    int learn(byte[] input, int from, int to) {
        length = 0;
        lines = 0;
        Arrays.fill(kilobytes, Missing.VALUE);
        int end = Math.min(to, from + MAX_BYTES);
        int at = from;
        while (at < end && lines < MAX_LINES) {
            int next = learnLine(input, from, at, end);
            if (next == at) {
                break;
            }
            at = next;
        }
        boolean isCut = at < to && SmapsParser.indexOf((byte) '\n', input, at, to) < 0;
        length = isCut ? 0 : at - from;
        start = 0;
        System.arraycopy(input, from, bytes, start, length);
        return at;
    }

    /** Returns where the next line starts; the same where this one is none that can be learned. */
    private int learnLine(byte[] input, int from, int at, int end) {
        int colon = at;
        while (colon < end && isLetter(input[colon])) {
            colon++;
        }
        if (colon == at || colon == end || input[colon] != ':') {
            return at;
        }
        int digits = afterBlanks(input, colon + 1, end);
        int stop = digits;
        while (stop < end && SmapsParser.isDigit(input[stop])) {
            stop++;
        }
        boolean isSize =
                stop + KB.length < end
                        && Arrays.equals(KB, 0, KB.length, input, stop, stop + KB.length);
        int newline = isSize ? stop + KB.length : stop;
        long value = number(input, digits, stop);
        if (stop == digits || newline >= end || input[newline] != '\n' || Missing.is(value)) {
            return at;
        }
        if (newline - at > SmapsParser.CARRY_BYTES) {
            return at; // the parser looks at no more of a line than that
        }
        Usage.Field field = SmapsParser.fieldNamed(input, at, colon);
        if (field != null && (!isSize || kilobytes[field.ordinal()] != Missing.VALUE)) {
            return at;
        }
        if (field != null) {
            kilobytes[field.ordinal()] = value;
        }
        ordinals[lines] = field == null ? -1 : field.ordinal();
        numberFrom[lines] = colon + 1 - from;
        numberTo[lines] = stop - from;
        Arrays.fill(lineAt, at - from, newline + 1 - from, NONE);
        Arrays.fill(lineAt, colon + 1 - from, stop - from, (byte) lines);
        lines++;
        return newline + 1;
    }

    private static int afterBlanks(byte[] input, int from, int to) {
        int i = from;
        while (i < to && (input[i] == ' ' || input[i] == '\t')) {
            i++;
        }
        return i;
    }

    /**
     * Returns the number that is all of {@code input[from..to)}; {@link Missing#VALUE} where it is
     * none, or is too large.
     */
    private static long number(byte[] input, int from, int to) {
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = input[i] - '0';
            if (digit < 0 || digit > 9) {
                return Missing.VALUE;
            }
            value = value * 10 + digit;
            if (value > SmapsParser.MAX_KB) {
                return Missing.VALUE;
            }
        }
        return value;
    }

    /** A field's name starts with a capital, so that it is no header, and has no blanks. */
    private static boolean isLetter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_';
    }
}
