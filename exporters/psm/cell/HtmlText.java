package psm.cell;

import psm.text.Text;

/** Writes texts into a page so that no part of them is markup. */
public final class HtmlText {
    private static final String FIRST_STRONG_ISOLATE = "\u2068";
    private static final String POP_ISOLATE = "\u2069";

    /** The first character of those that are written from right to left, in Hebrew. */
    private static final char FIRST_TO_THE_LEFT = '\u0590';

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
     * contain a name, it is safe.
     */
    public static String words(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        escape(out, Text.printable(text));
        return out.toString();
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
