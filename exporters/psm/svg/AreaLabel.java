package psm.svg;

import psm.cell.HtmlText;

import java.util.List;

/**
 * The label of an area of a treemap, at its top left. It is there in those widths of a window in
 * which it fits: in narrower ones the picture is smaller, so its fonts are larger.
 */
final class AreaLabel {
    /** The distance of a label from the edges of its area. */
    private static final double PAD = 4;

    private static final double LINE = 1.2;

    /** The least number of characters of a name that is cut. */
    private static final int LEAST_CHARACTERS = 4;

    /** The sides of a square from which on a label has a larger font. */
    private static final double[] SIDES = {0, 110, 200, 330};

    /** The heights of fonts in a wide, a middle and a narrow window, as in the style sheet. */
    private static final double[][] FONTS = {
        {12, 17, 30}, {15, 19, 32}, {20, 23, 35}, {28, 29, 40}
    };

    /** The same in pictures of several machines, of which there are two side by side. */
    private static final double[][] SMALL_FONTS = {
        {12, 12, 18}, {14, 14, 19}, {17, 17, 21}, {22, 22, 24}
    };

    /** The number of widths of windows. */
    static final int WINDOWS = 3;

    /** The classes that hide a label in windows wider than the first one it is for. */
    private static final String[] FROM = {"", " x1", " x2"};

    /** The classes that hide a label from a window on. */
    private static final String[] TO = {"", " vw", " vm", ""};

    private final double[][] fonts;
    private final double left;
    private final double top;
    private final double width;
    private final double height;
    private final List<AreaLabel> above;

    private int font;
    private String name;
    private String size;
    private boolean isOneLine;

    /** The first of the windows, from the widest to the narrowest, in which it is shown. */
    private final int from;

    /** The first of the windows after that in which it is not shown. */
    private int to;

    /** The distance from the top, in heights of the font. */
    private double down;

    private AreaLabel(boolean isSmall, int from, double[] shape, List<AreaLabel> above) {
        this.from = from;
        this.fonts = isSmall ? SMALL_FONTS : FONTS;
        this.left = shape[0] + PAD;
        this.top = shape[1] + PAD;
        this.width = shape[2] - 2 * PAD;
        this.height = shape[3] - 2 * PAD;
        this.above = above;
    }

    /**
     * Returns the label that suits an area best, {@code null} if there is no room.
     *
     * @param from the widest window to write it for; it is left out of those in which it is too
     *     wide
     * @param shape its left and top edges, width and height
     * @param names what to write, the best first; they are safe to print
     * @param isCut whether the start of a name is of use
     * @param isPart whether the area has parts, which need room for their labels too
     * @param above the labels of the areas that it is a part of, which it must not cover
     */
    static AreaLabel fitting(
            boolean isSmall,
            int from,
            double[] shape,
            List<String> names,
            boolean isCut,
            String size,
            boolean isPart,
            List<AreaLabel> above) {
        AreaLabel label = new AreaLabel(isSmall, from, shape, above);
        if (label.height < LINE * label.fonts[0][from] || label.width < label.fonts[0][from]) {
            return null;
        }
        double side = Math.sqrt(shape[2] * shape[3]);
        int largest = SIDES.length - 1;
        while (largest > 0 && SIDES[largest] > side) {
            largest--;
        }
        for (int i = isPart ? Math.min(largest, 1) : largest; i >= 0; i--) {
            for (String name : names) {
                if (label.fits(i, name, size, isPart)
                        || label.fits(i, name, size, !isPart)
                        || (i == 0 && label.fits(i, name, "", true))) {
                    return label;
                }
            }
        }
        if (!isCut) {
            return null;
        }
        String last = names.get(names.size() - 1);
        String cut = LabelWidth.cut(last, label.width / label.fonts[0][from], LEAST_CHARACTERS);
        boolean isFound =
                cut != null && (label.fits(0, cut, size, false) || label.fits(0, cut, "", true));
        return isFound ? label : null;
    }

    private boolean fits(int theFont, String theName, String theSize, boolean theIsOneLine) {
        font = theFont;
        name = theName;
        size = theSize;
        isOneLine = theIsOneLine || theSize.isEmpty();
        to = from;
        down = 0;
        while (to < WINDOWS) {
            double further = Math.max(down, needed(to));
            for (int i = from; i <= to; i++) {
                if (!fits(i, further)) {
                    return to > from;
                }
            }
            down = further;
            to++;
        }
        return true;
    }

    /** Returns the first of the windows in which it is not shown. */
    int to() {
        return to;
    }

    private boolean fits(int window, double further) {
        double em = fonts[font][window];
        return ems() * em <= width && (further + lines() * LINE) * em <= height;
    }

    /** Returns how far down the label begins, so that it is below those that are above it. */
    private double needed(int window) {
        double em = fonts[font][window];
        double begin = top;
        for (AreaLabel other : above) {
            boolean isBeside =
                    window < other.from
                            || window >= other.to
                            || other.right(window) <= left
                            || other.bottom(window) <= begin
                            || other.left >= left + ems() * em
                            || other.begin(window) >= begin + lines() * LINE * em;
            begin = isBeside ? begin : other.bottom(window);
        }
        return (begin - top) / em;
    }

    private int lines() {
        return isOneLine ? 1 : 2;
    }

    private double ems() {
        double ofName = LabelWidth.of(name);
        double ofSize = LabelWidth.of(size);
        return isOneLine && !size.isEmpty() ? ofName + 1 + ofSize : Math.max(ofName, ofSize);
    }

    private double begin(int window) {
        return top + down * fonts[font][window];
    }

    private double bottom(int window) {
        return begin(window) + lines() * LINE * fonts[font][window];
    }

    private double right(int window) {
        return left + ems() * fonts[font][window];
    }

    /**
     * Appends the label.
     *
     * @param isOutermost whether it is that of a part of the whole which has parts with labels
     */
    void append(StringBuilder out, boolean isOutermost) {
        out.append("<text class=\"t").append(font).append(isOutermost ? " up" : "");
        out.append(FROM[from]).append(TO[to]).append('"');
        Decimals.attribute(out, "x", left);
        Decimals.attribute(out, "y", top);
        out.append(" dy=\"");
        Decimals.append(out, down + 1);
        out.append("em\">");
        appendName(out);
        if (!size.isEmpty()) {
            out.append("<tspan");
            if (isOneLine) {
                out.append(" dx=\".5em\"");
            } else {
                Decimals.attribute(out, "x", left);
                out.append(" dy=\"1.2em\"");
            }
            out.append(" class=\"sz\">").append(size).append("</tspan>");
        }
        out.append("</text>");
    }

    private void appendName(StringBuilder out) {
        if (LabelWidth.isSure(name)) {
            HtmlText.escape(out, name);
            return; // which has no letters that are written to the left
        }
        out.append("<tspan lengthAdjust=\"spacingAndGlyphs\" textLength=\"");
        Decimals.append(out, LabelWidth.of(name));
        out.append("em\">");
        HtmlText.escape(out, HtmlText.apart(name));
        out.append("</tspan>");
    }
}
