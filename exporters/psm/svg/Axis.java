package psm.svg;

import psm.cell.SizeText;
import psm.text.Sizes;

/**
 * An axis of sizes from zero up, with lines at round numbers: 1, 2 or 5 times a power of ten, in
 * the unit that suits the largest.
 */
final class Axis {
    private static final int[] STEPS = {1, 2, 5};

    /** The largest number. */
    final double most;

    /** The number of lines, without that of zero. */
    final int lines;

    private final double step;
    private final double unit;
    private final String unitName;

    private Axis(double most, double step, double unit, String unitName) {
        this.most = most;
        this.step = step;
        this.lines = step > 0 ? (int) Math.floor(most / step * (1 + 1e-9)) : 0;
        this.unit = unit;
        this.unitName = unitName;
    }

    /**
     * Returns an axis of bytes.
     *
     * @param atMost how many lines there may be
     */
    static Axis ofBytes(double most, int atMost, boolean si, SizeText sizes) {
        double unit = 1;
        int base = si ? 1_000 : 1_024;
        while (unit * base <= most) {
            unit *= base;
        }
        String one = sizes.of((long) unit);
        String name = ' ' + one.substring(one.indexOf(' ') + 1);
        return new Axis(most, step(most, atMost, unit), unit, name);
    }

    /** Returns an axis of numbers. */
    static Axis ofNumbers(double most, int atMost) {
        return new Axis(most, step(most, atMost, 1), 1, "");
    }

    private static double step(double most, int atMost, double unit) {
        // A tenth, since a label has one decimal at most.
        for (double power = unit / 10; most > 0 && power <= most; power *= 10) {
            for (int step : STEPS) {
                if (most / (power * step) <= atMost) {
                    return power * step;
                }
            }
        }
        return most;
    }

    /** Returns the number at a line; the first one is at a step above zero. */
    double at(int line) {
        return (line + 1) * step;
    }

    /** Returns the number at a line, with its unit. */
    String label(int line) {
        long tenths = Math.round(at(line) / unit * 10);
        return (tenths % 10 == 0 ? Long.toString(tenths / 10) : Sizes.tenths(tenths)) + unitName;
    }
}
