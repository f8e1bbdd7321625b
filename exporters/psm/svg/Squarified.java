package psm.svg;

/**
 * Divides a rectangle into parts whose areas are proportional to sizes and whose shapes are near to
 * squares: squarified treemaps of Bruls, Huizing and van Wijk (2000). The parts fill the rectangle;
 * the first one is at its top left.
 */
final class Squarified {
    /** The numbers of a part: its left and top edges, its width and its height. */
    static final int NUMBERS = 4;

    private final long[] sizes;

    /** {@link #NUMBERS} for each part. */
    private final double[] parts;

    /** The part of the rectangle that is not yet divided. */
    private double left;

    private double top;
    private double width;
    private double height;

    /** The sum of the sizes that have no place yet. */
    private double rest;

    private Squarified(long[] sizes, double left, double top, double width, double height) {
        this.sizes = sizes;
        this.parts = new double[sizes.length * NUMBERS];
        this.left = left;
        this.top = top;
        this.width = width;
        this.height = height;
        for (long size : sizes) {
            rest += size;
        }
    }

    /**
     * Divides a rectangle.
     *
     * @param sizes not negative, the largest first; parts of size 0 have no area
     * @return {@link #NUMBERS} for each size, in their order
     */
    static double[] layout(long[] sizes, double left, double top, double width, double height) {
        Squarified layout = new Squarified(sizes, left, top, width, height);
        int from = 0;
        while (from < sizes.length) {
            int to = layout.endOfRow(from);
            layout.place(from, to);
            from = to;
        }
        return layout.parts;
    }

    /** Returns the end of the row that begins with a part: one more would be less square. */
    private int endOfRow(int from) {
        double side = Math.min(width, height);
        double bytesPerArea = width * height > 0 ? rest / (width * height) : 0;
        double largest = sizes[from];
        double sum = largest;
        double worst = worst(sum, largest, largest, side, bytesPerArea);
        int to = from + 1;
        while (to < sizes.length && sizes[to] > 0) {
            double next = worst(sum + sizes[to], largest, (double) sizes[to], side, bytesPerArea);
            if (next > worst) {
                break;
            }
            sum += sizes[to];
            worst = next;
            to++;
        }
        return to;
    }

    /** Returns the longer side of the least square part of a row, in its shorter sides. */
    private static double worst(
            double sum, double largest, double smallest, double side, double bytesPerArea) {
        double square = side * side * bytesPerArea;
        return Math.max(square * largest / (sum * sum), sum * sum / (square * smallest));
    }

    /** Gives a row its place: at the left edge of a wide rectangle, at the top of a high one. */
    private void place(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += sizes[i];
        }
        boolean isColumn = width >= height;
        double along = isColumn ? height : width;
        double across = isColumn ? width : height;
        double thickness = rest > 0 ? Math.min(across, across * sum / rest) : 0;
        double begin = isColumn ? top : left;
        double done = 0;
        for (int i = from; i < to; i++) {
            double start = sum > 0 ? along * done / sum : 0;
            done += sizes[i];
            double end = sum > 0 ? along * done / sum : 0;
            if (isColumn) {
                set(i, left, begin + start, thickness, end - start);
            } else {
                set(i, begin + start, top, end - start, thickness);
            }
        }
        rest = Math.max(0, rest - sum);
        if (isColumn) {
            left += thickness;
            width -= thickness;
        } else {
            top += thickness;
            height -= thickness;
        }
    }

    private void set(int part, double x, double y, double partWidth, double partHeight) {
        int at = part * NUMBERS;
        parts[at] = x;
        parts[at + 1] = y;
        parts[at + 2] = partWidth;
        parts[at + 3] = partHeight;
    }
}
