package psm.svg;

import psm.text.Width;

/**
 * Estimates how wide a label is, in heights of its font. The typeface is the reader's, so each
 * character counts as wide as in the widest usual one, DejaVu Sans in bold.
 */
final class LabelWidth {
    private static final String ELLIPSIS = "\u2026";

    /** Characters that psm itself writes into labels. */
    private static final String PUNCTUATION = ELLIPSIS + "\u203a\u2013";

    private static final String NARROW = "ijlI.,:;|'!`";
    private static final String SLIM = "frt()[]{}/\\- \"*";
    private static final String WIDE = "mwMWQOGDHNU@%&+=<>~#^_";

    /** The number of marks that a character of a label can have: more would cover other labels. */
    private static final int MAX_MARKS = 2;

    private LabelWidth() {}

    /** Returns the width of a text. */
    static double of(String text) {
        double width = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            width += of(c);
            i += Character.charCount(c);
        }
        return width;
    }

    private static double of(int c) {
        if (c >= 0x80) {
            int columns = Width.of(Character.toString(c));
            return columns == 2 ? 1.1 : isUsual(c) ? 0.85 : 1.1;
        }
        if (NARROW.indexOf(c) >= 0) {
            return 0.4;
        }
        if (SLIM.indexOf(c) >= 0) {
            return 0.5;
        }
        if (WIDE.indexOf(c) >= 0) {
            return c == 'W' || c == 'm' || c == '%' || c == '@' ? 1.1 : 0.95;
        }
        return c >= 'A' && c <= 'Z' ? 0.8 : 0.72;
    }

    /** Returns whether all usual typefaces have a character, at a usual width. */
    private static boolean isUsual(int c) {
        return (c < 0x530 && Width.of(Character.toString(c)) == 1) || PUNCTUATION.indexOf(c) >= 0;
    }

    /** Returns whether the estimate holds for a text in every typeface. */
    static boolean isSure(String text) {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            if (c >= 0x80 && !isUsual(c)) {
                return false;
            }
            i += Character.charCount(c);
        }
        return true;
    }

    /**
     * Cuts a text to a width, with an ellipsis.
     *
     * @return {@code null} if less than a few characters would be left
     */
    static String cut(String text, double width, int leastCharacters) {
        double left = width - of(ELLIPSIS.charAt(0));
        int characters = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            left -= of(c);
            if (left < 0) {
                return characters >= leastCharacters ? text.substring(0, i) + ELLIPSIS : null;
            }
            characters++;
            i += Character.charCount(c);
        }
        return text;
    }

    /** Returns a text whose characters have no more marks than they need. */
    static String withFewMarks(String text) {
        StringBuilder out = null;
        int marks = 0;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            int end = i + Character.charCount(c);
            int type = c < 0x300 ? 0 : Character.getType(c);
            boolean isMark =
                    type == Character.NON_SPACING_MARK
                            || type == Character.ENCLOSING_MARK
                            || type == Character.COMBINING_SPACING_MARK;
            marks = isMark ? marks + 1 : 0;
            if (marks > MAX_MARKS && out == null) {
                out = new StringBuilder(text.length()).append(text, 0, i);
            } else if (marks <= MAX_MARKS && out != null) {
                out.appendCodePoint(c);
            }
            i = end;
        }
        return out == null ? text : out.toString();
    }
}
