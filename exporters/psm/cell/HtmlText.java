package psm.cell;

import psm.text.Text;

/** Writes texts into a page so that no part of them is markup. */
public final class HtmlText {
    private static final String FIRST_STRONG_ISOLATE = "\u2068";
    private static final String POP_ISOLATE = "\u2069";

    /** The first character of those that are written from right to left, in Hebrew. */
    private static final char FIRST_TO_THE_LEFT = '\u0590';

    /** What may stand between two parts of a name that is written from right to left. */
    private static final String INSIDE = " -_.";

    private HtmlText() {}

    /** Appends a text, for an element or for an attribute in double quotes. */
    public static void escape(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> out.append(c);
            }
        }
    }

    /**
     * Returns words of psm, for an element or for an attribute in double quotes. Should they
     * contain a name, it is safe, and changes the order of no figure beside it.
     */
    public static String words(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        escape(out, isolated(Text.printable(text)));
        return out.toString();
    }

    /** Puts isolates around what is written from right to left. */
    private static String isolated(String text) {
        StringBuilder out = new StringBuilder();
        int copied = 0;
        int start = -1;
        int end = -1;
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            byte direction = Character.getDirectionality(c);
            boolean isReversed =
                    direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                            || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC
                            || direction == Character.DIRECTIONALITY_ARABIC_NUMBER;
            boolean isMark = direction == Character.DIRECTIONALITY_NONSPACING_MARK;
            if (start >= 0 && !isReversed && !isMark && INSIDE.indexOf(c) < 0) {
                copied = isolate(out, text, copied, start, end);
                start = -1;
            }
            start = isReversed && start < 0 ? i : start;
            i += Character.charCount(c);
            end = isReversed || isMark ? i : end;
        }
        copied = start < 0 ? copied : isolate(out, text, copied, start, end);
        return copied == 0 ? text : out.append(text, copied, text.length()).toString();
    }

    private static int isolate(StringBuilder out, String text, int copied, int start, int end) {
        out.append(text, copied, start).append(FIRST_STRONG_ISOLATE);
        out.append(text, start, end).append(POP_ISOLATE);
        return end;
    }

    /**
     * Returns a name, for an element or for an attribute in double quotes: control characters,
     * bytes that are not UTF-8, and blanks that a page would not show are escaped as in a table.
     */
    public static String name(String name) {
        StringBuilder out = new StringBuilder(name.length() + 16);
        escape(out, CellText.name(name, 0));
        return out.toString();
    }

    /**
     * Returns a text that does not change the order of what is beside it, for where no {@code bdi}
     * can be: attributes, titles and pictures. Letters that are written to the left would.
     */
    public static String apart(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= FIRST_TO_THE_LEFT) {
                return FIRST_STRONG_ISOLATE + text + POP_ISOLATE;
            }
        }
        return text;
    }
}
