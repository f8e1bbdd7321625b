package psm.metrics;

import psm.text.Text;

/**
 * Writes names as values of labels. They are valid UTF-8, contain no character that could harm a
 * page or a terminal behind them, and no two names become the same label, since a second sample
 * with the same labels makes a reader drop the whole file.
 *
 * <p>Control characters of ASCII, the line feed too, and bytes that are not UTF-8 become two hex
 * digits, as {@code \\x1b}, {@code \\x0a} and {@code \\xff}. Other harmful characters become their
 * code point, U+202E a braced 202e. A backslash stays as it is, so that units have the names that
 * systemd shows; only where it would look like one of these escapes, it is {@code \\x5c}. The empty
 * name, which would be no label at all, is a braced escape without digits.
 */
final class LabelText {
    private static final String EMPTY = "\\u{}";

    private static final String BACKSLASH = "\\x5c";

    /** Control characters end before this one. */
    private static final int FIRST_PRINTABLE = ' ';

    private static final int DELETE = 0x7F;

    private LabelText() {}

    /** Adds a label with its quotes: {@code program="x"}. */
    static void append(StringBuilder out, String label, String name) {
        out.append(label).append("=\"");
        appendQuoted(out, of(name));
        out.append('"');
    }

    /** Escapes what both text formats escape between quotes. */
    private static void appendQuoted(StringBuilder out, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '\\' || c == '"') {
                out.append('\\');
            }
            out.append(c);
        }
    }

    /** Returns the value of the label for a name. */
    static String of(String name) {
        if (name.isEmpty()) {
            return EMPTY;
        }
        StringBuilder value = new StringBuilder(name.length() + 16);
        for (int i = 0; i < name.length(); ) {
            int c = name.codePointAt(i);
            if (c == '\\') {
                value.append(looksEscaped(name, i) ? BACKSLASH : "\\");
            } else if (c < FIRST_PRINTABLE) {
                Text.appendHex(value, c);
            } else if (c < DELETE) {
                value.append((char) c);
            } else {
                value.append(Text.printable(Character.toString(c)));
            }
            i += Character.charCount(c);
        }
        return value.toString();
    }

    /** Returns whether a backslash and what follows it look like an escape of this class. */
    private static boolean looksEscaped(String name, int at) {
        if (name.startsWith("u{", at + 1)) {
            return true;
        }
        if (!name.startsWith("x", at + 1) || at + 3 >= name.length()) {
            return false;
        }
        int high = lowerHex(name.charAt(at + 2));
        int low = lowerHex(name.charAt(at + 3));
        int c = (high << 4) + low;
        boolean isHex = high >= 0 && low >= 0;
        return isHex && (c < FIRST_PRINTABLE || c >= DELETE || c == '\\');
    }

    private static int lowerHex(char c) {
        return c >= 'A' && c <= 'F' ? -1 : c < DELETE ? Character.digit(c, 16) : -1;
    }
}
