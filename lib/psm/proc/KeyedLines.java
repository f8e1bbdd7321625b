package psm.proc;

import psm.text.Missing;

/**
 * Looks up lines by their key in a small file of the kernel, such as {@code meminfo}, {@code
 * status} and {@code memory.events}: the key starts the line and ends at a colon or a blank, and
 * the value follows. May be shared between threads.
 */
public final class KeyedLines {
    private static final String KB = " kB";
    static final int BYTES_PER_KB = 1024;

    private final String text;

    /**
     * Takes the content of a file.
     *
     * @param text the whole content; empty if the file could not be read
     */
    public KeyedLines(String text) {
        this.text = text;
    }

    /**
     * Returns the value of the first line with a key, without the blanks around it.
     *
     * @return {@code null} if no line has that key
     */
    public String value(String key) {
        int line = text.indexOf(key);
        while (line >= 0 && !isKey(line, line + key.length())) {
            line = text.indexOf(key, line + 1);
        }
        if (line < 0) {
            return null;
        }
        int newline = text.indexOf('\n', line);
        int end = newline < 0 ? text.length() : newline;
        return text.substring(line + key.length() + 1, end).strip();
    }

    private boolean isKey(int from, int to) {
        boolean startsLine = from == 0 || text.charAt(from - 1) == '\n';
        return startsLine
                && to < text.length()
                && (text.charAt(to) == ':' || text.charAt(to) == ' ');
    }

    /**
     * Returns the value of a line that contains a plain number, such as {@code HugePages_Total}.
     *
     * @return {@link Missing#VALUE} if there is no such line, or its value is not a number
     */
    public long number(String key) {
        return parse(value(key));
    }

    /**
     * Returns the value of a line that contains a size in kB, in bytes.
     *
     * @return {@link Missing#VALUE} if there is no such line, or its value is not a size
     */
    public long bytes(String key) {
        String value = value(key);
        if (value == null || !value.endsWith(KB)) {
            return Missing.VALUE;
        }
        long kilobytes = parse(value.substring(0, value.length() - KB.length()).strip());
        return kilobytes == Missing.VALUE || kilobytes > Long.MAX_VALUE / BYTES_PER_KB
                ? Missing.VALUE
                : kilobytes * BYTES_PER_KB;
    }

    /**
     * Parses a number that is not negative.
     *
     * @param digits may be {@code null}
     * @return {@link Missing#VALUE} if the text is not such a number, or too large for a long
     */
    public static long parse(String digits) {
        if (digits == null) {
            return Missing.VALUE;
        }
        try {
            long value = Long.parseLong(digits);
            return value < 0 ? Missing.VALUE : value;
        } catch (NumberFormatException e) {
            return Missing.VALUE;
        }
    }
}
