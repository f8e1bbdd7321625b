package psm.svg;

import psm.cell.SizeText;
import psm.text.Sizes;

/**
 * An axis with lines at round numbers: 1, 2 or 5 times a power of ten, in the unit that suits the
 * largest.
 */
final class Axis {
    private static final int[] STEPS = {1, 2, 5};

    /** How far a product may be from a round number that it is. */
    private static final double ROUNDING = 1e-9;

    /** The largest number. */
    final double most;

    /** The number of lines, without that at its begin. */
    final int lines;

    private final double least;
    private final double step;

    /** The number of the first line, in steps. */
    private final long first;

    private final double unit;
    private final String unitName;

    private Axis(double least, double most, double step, double unit, String unitName) {
        this.least = least;
        this.most = most;
        this.step = step;
        this.first = step > 0 ? (long) Math.floor(least / step * (1 + ROUNDING)) + 1 : 0;
        long last = step > 0 ? (long) Math.floor(most / step * (1 + ROUNDING)) : -1;
        this.lines = (int) (last - first + 1);
        this.unit = unit;
        this.unitName = unitName;
    }

    /**
     * Returns an axis of bytes, from zero.
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
        return new Axis(0, most, step(most, atMost, unit), unit, name);
    }

    /** Returns an axis of numbers. */
    static Axis ofNumbers(double least, double most, int atMost) {
        return new Axis(least, most, step(most - least, atMost, 1), 1, "");
    }

    /** Returns where a number is, from 0 at the begin to 1 at the end; at an end if outside. */
    double share(double number) {
        return Math.max(0, Math.min(1, (number - least) / (most - least)));
    }

    private static double step(double most, int atMost, double unit) {
        // A tenth of a unit, since a label has one decimal at most.
        for (double power = unit > 1 ? unit / 10 : 1; most > 0 && power <= most; power *= 10) {
            for (int step : STEPS) {
                if (most / (power * step) <= atMost) {
                    return power * step;
                }
            }
        }
        return most;
    }

    /** Returns whether it begins at zero, where there is no line of its own. */
    boolean isFromZero() {
        return least == 0;
    }

    /** Returns the number at a line. */
    double at(int line) {
        return (first + line) * step;
    }

    /** Returns the number at a line, with its unit. */
    String label(int line) {
        long tenths = Math.round(at(line) / unit * 10);
        return (tenths % 10 == 0 ? Long.toString(tenths / 10) : Sizes.tenths(tenths)) + unitName;
    }
}
