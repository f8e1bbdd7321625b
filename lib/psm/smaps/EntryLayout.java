package psm.smaps;

import psm.text.Missing;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The layout of the fields in an entry of {@code /proc/PID/smaps} or {@code smaps_rollup}, learned
 * from the last entry: its bytes, where the numbers are in them, and their values.
 *
 * <p>The kernel prints the same fields for each mapping, in the same order, with numbers that are
 * padded to the same width. So in the next entry, only the bytes that differ from the last entry
 * are read. If one of them is not part of a number, the layout does not fit and has to be learned
 * again. For an entry that fits, the values are always those that {@link SmapsParser} would read
 * line by line.
 *
 * <p>A line that contains no size, such as {@code VmFlags}, ends the layout; the parser reads it.
 * Not for sharing between threads.
 */
final class EntryLayout {
    /**
     * Twice the size of today's entries, which have about 25 lines. The parser reads the rest of
     * longer ones.
     */
    private static final int MAX_BYTES = 2048;

    private static final int MAX_LINES = 64;

    /**
     * The number of bytes that Arrays.mismatch compares in one step. If the compared ranges do not
     * start at multiples of it, code that is not compiled takes up to eight steps.
     */
    private static final int WORD_BYTES = 8;

    private static final byte[] KB = " kB".getBytes(StandardCharsets.US_ASCII);

    /** The value in {@link #lineAt} of bytes that are part of no number. */
    private static final byte NONE = -1;

    /** The bytes of the last entry's fields, from {@link #start} on. */
    private final byte[] bytes = new byte[WORD_BYTES + MAX_BYTES];

    /** The start of the fields; modulo {@link #WORD_BYTES} it equals their start in the input. */
    private int start;

    private int length;

    /** For each byte, the line whose padded number contains it, or {@link #NONE}. */
    private final byte[] lineAt = new byte[MAX_BYTES];

    private int lines;

    // By line: the place of its number, and the ordinal of its field; -1 for a field psm ignores.
    private final int[] numberFrom = new int[MAX_LINES];
    private final int[] numberTo = new int[MAX_LINES];
    private final int[] ordinals = new int[MAX_LINES];

    /** The figures of the last entry in kB, or {@link Missing#VALUE}, by {@link Usage.Field}. */
    final long[] kilobytes = new long[SmapsParser.FIELDS.length];

    /**
     * Reads the fields of an entry into {@link #kilobytes}, if the layout fits.
     *
     * @param from the end of the entry's header
     * @return the end of the fields, or {@code from} if the layout does not fit
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
            // Back to the start of a word: the bytes before are known to be the same.
            at = (start + numberTo[line]) & -WORD_BYTES;
        }
    }

    /** Moves the fields so that they start at the same offset within a word as the input. */
    private void align(byte[] input, int from) {
        int aligned = from & (WORD_BYTES - 1);
        if (start != aligned) {
            System.arraycopy(bytes, start, bytes, aligned, length);
            start = aligned;
        }
        System.arraycopy(input, from - start, bytes, 0, start);
    }

    /** Returns whether the input is long enough for an entry like the last. */
    boolean isWhole(int from, int to) {
        return to - from >= length;
    }

    /** Stores the number of a line; returns whether it is a number. */
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
     * Learns the layout from the fields of an entry, and reads them into {@link #kilobytes}.
     *
     * @param from the end of the entry's header
     * @return the start of the first line that is cut, or has another form
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

    /**
     * Learns a line; returns the start of the next one, or {@code at} for a line of another form.
     */
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
            return at; // the parser reads no more of a line than that
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
     * Parses {@code input[from..to)} as a number; returns {@link Missing#VALUE} if it is not a
     * number, or too large.
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

    /** Returns whether a byte may be part of a field's name, which has no blanks. */
    private static boolean isLetter(byte b) {
        return (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || b == '_';
    }
}
