package psm.growth;

/** Decides which shape a series has, by its low water: see {@link Verdict}. */
final class Shape {
    /** Part of the whole rise that the medians of the thirds must at least rise by each time. */
    private static final double LEAST_RISE_OF_THIRDS = 0.15;

    /** Part of the whole rise that one bucket may at most rise by. More is a step. */
    private static final double LARGEST_STEP = 0.4;

    /** Part of the whole slope that the last third must still have. */
    private static final double LEAST_LAST_SLOPE = 0.35;

    /** How many times larger than that of the low water the range of a saw-tooth is. */
    private static final double LEAST_TEETH = 4;

    private final LowWater low;
    private final TheilSen slopes;
    private final double leastChange;

    private Shape(LowWater low, TheilSen slopes) {
        this.low = low;
        this.slopes = slopes;
        leastChange = Math.max(Trend.LEAST_CHANGE_BYTES, Trend.LEAST_CHANGE * low.first());
    }

    /**
     * Returns the shape.
     *
     * @param slopes those of all buckets
     * @param range the range of all samples, in bytes
     */
    static Verdict of(LowWater low, TheilSen slopes, double range) {
        Shape shape = new Shape(low, slopes);
        if (shape.isSteady(1)) {
            return Verdict.STEADY;
        }
        if (shape.isSteady(-1)) {
            return Verdict.SHRINKS;
        }
        if (range > LEAST_TEETH * low.range() && range >= shape.leastChange) {
            return Verdict.SAW_TOOTH;
        }
        if (low.range() < shape.leastChange) {
            return Verdict.FLAT;
        }
        return shape.unsteady();
    }

    private Verdict unsteady() {
        double change = low.last() - low.first();
        double sign = Math.signum(change);
        if (Math.abs(change) >= leastChange) {
            if (low.largestStep(sign) > LARGEST_STEP * sign * change) {
                return Verdict.STEP;
            }
            if (low.third(1) > low.third(0) && !goesOn(1)) {
                return Verdict.LEVELS_OFF;
            }
        }
        return Verdict.VARIES;
    }

    /** Returns whether the low water rises all the time, or falls if the sign is negative. */
    private boolean isSteady(double sign) {
        double bound =
                sign > 0
                        ? slopes.lower(TheilSen.IN_99_OF_100)
                        : -slopes.upper(TheilSen.IN_99_OF_100);
        double rise = sign * (low.last() - low.first());
        return bound > 0
                && sign * slopes.slope() * low.hours() >= leastChange
                && isInAllThirds(sign)
                && low.largestStep(sign) <= LARGEST_STEP * rise
                && goesOn(sign);
    }

    private boolean isInAllThirds(double sign) {
        double first = sign * (low.third(1) - low.third(0));
        double second = sign * (low.third(2) - low.third(1));
        double least = LEAST_RISE_OF_THIRDS * (first + second);
        return first > least && second > least;
    }

    /** Returns whether the last third still has enough of the slope. */
    private boolean goesOn(double sign) {
        double last = low.slopes(low.size() - low.size() / 3).slope();
        return sign * last >= LEAST_LAST_SLOPE * sign * slopes.slope();
    }
}
