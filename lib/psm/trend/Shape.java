package psm.trend;

import java.util.Arrays;

/** Decides which shape a series has, by its low water: see {@link Verdict}. */
final class Shape {
    /** Part of the whole rise that the medians of the thirds must at least rise by each time. */
    private static final double LEAST_RISE_OF_THIRDS = 0.15;

    /** Part of the whole slope that the end must still have. */
    private static final double LEAST_LAST_SLOPE = 0.35;

    /** How many standard deviations of the noise the end may lack. More hides what levels off. */
    private static final double ALLOWANCE = 1.5;

    /**
     * How near a line must be, as a part of the distance from steps. With 1, a level that wanders
     * is called growth twice as often, and a slow start three times; with 0.7, growth of 1 MB/h
     * under saw-teeth is found half as often.
     */
    private static final double NEARER = 0.85;

    /** With fewer points, two steps explain everything. */
    private static final int LEAST_POINTS_FOR_STEPS = 8;

    /** Part of the whole rise that one of so few points may rise by. More is a step. */
    private static final double LARGEST_STEP = 0.4;

    /** Part of the whole change that the two largest changes are, of steps. */
    private static final double STEPS = 0.8;

    /** Part of the distances from the median that steps may leave unexplained. */
    private static final double BESIDE_STEPS = 0.35;

    /** How many times larger than the range of the low water saw-teeth are. */
    private static final double LEAST_TEETH = 4;

    /** Fewer lows between saw-teeth do not show that it comes back to them. */
    private static final int LEAST_TROUGHS = 3;

    private final LowWater low;
    private final TheilSen slopes;
    private final double leastChange;

    Shape(LowWater low) {
        this.low = low;
        slopes = low.slopes(low.size());
        leastChange = Math.max(Trend.LEAST_CHANGE_BYTES, Trend.LEAST_CHANGE * low.first());
    }

    LowWater low() {
        return low;
    }

    TheilSen slopes() {
        return slopes;
    }

    /** Returns whether it is steady growth or shrinks, {@code null} if it is neither. */
    Verdict steady() {
        return isSteady(1) ? Verdict.STEADY : isSteady(-1) ? Verdict.SHRINKS : null;
    }

    /** Returns whether the low water rises all the time, or falls if the sign is negative. */
    private boolean isSteady(double sign) {
        double bound =
                sign > 0
                        ? slopes.lower(TheilSen.IN_99_OF_100)
                        : -slopes.upper(TheilSen.IN_99_OF_100);
        return bound > 0
                && sign * slopes.slope() * low.hours(low.size() - 1) >= leastChange
                && isInAllThirds(sign)
                && !isSteps(sign)
                && goesOn(sign);
    }

    private boolean isInAllThirds(double sign) {
        double first = sign * (low.third(1) - low.third(0));
        double second = sign * (low.third(2) - low.third(1));
        double least = LEAST_RISE_OF_THIRDS * (first + second);
        return first > least && second > least;
    }

    /** Returns whether one or two steps describe the low water as well as a line does. */
    private boolean isSteps(double sign) {
        if (low.size() >= LEAST_POINTS_FOR_STEPS) {
            return low.distanceFrom(slopes) >= NEARER * low.distanceFromSteps();
        }
        double[] changes = low.changes(sign);
        Arrays.sort(changes);
        return changes[changes.length - 1] > LARGEST_STEP * sign * low.rise(changes.length);
    }

    /** Returns whether the last third, and the last sixth, have enough of the slope. */
    private boolean goesOn(double sign) {
        double least = LEAST_LAST_SLOPE * sign * slopes.slope();
        double allowance = ALLOWANCE * low.noise();
        int points = Math.max(3, low.size() / 3);
        // The error of the slope of evenly spaced points: their times deviate by 0.37 of the whole
        double error = allowance / Math.sqrt(points) / (0.37 * low.hours(points - 1));
        boolean hasSlope = sign * low.slopes(points).slope() + error >= least;
        return hasSlope && sign * low.rise(2) + Math.sqrt(2) * allowance >= least * low.hours(2);
    }

    /**
     * Returns the shape of what is not steady.
     *
     * @param teeth the height of the saw-teeth
     * @param troughs the lows between them
     */
    Verdict unsteady(double teeth, LowWater troughs) {
        boolean comesBack =
                teeth > LEAST_TEETH * low.range()
                        || (troughs.size() >= LEAST_TROUGHS
                                && teeth > LEAST_TEETH * troughs.range());
        if (comesBack && teeth >= leastChange) {
            return Verdict.SAW_TOOTH;
        }
        if (low.range() < leastChange) {
            return Verdict.FLAT;
        }
        double change = low.rise(low.size() - 1);
        boolean isChange = Math.abs(change) >= Math.max(leastChange, low.range() / 2);
        return isChange ? changed(change) : Verdict.VARIES;
    }

    private Verdict changed(double change) {
        double sign = Math.signum(change);
        double[] changes = low.changes(sign);
        double atBegin = changes[0];
        Arrays.sort(changes);
        double largest = changes[changes.length - 1];
        double two = largest + Math.max(0, changes[changes.length - 2]);
        if (two > STEPS * sign * change && low.partBesideSteps() < BESIDE_STEPS) {
            return atBegin == largest ? Verdict.LEVELS_OFF : Verdict.STEP;
        }
        boolean isRise = sign > 0 && low.third(1) > low.third(0);
        return isRise && !goesOn(1) ? Verdict.LEVELS_OFF : Verdict.VARIES;
    }
}
