package psm.trend;

import java.util.Random;

/**
 * Makes series of sizes at even intervals: the sum of shapes, in MB, of which each method adds one.
 * The same seed and calls make the same series on each machine.
 */
public final class MadeUpSeries {
    private static final double MB = 1 << 20;

    private final Random random;
    private final double[] sizes;
    private final double stepMinutes;

    /**
     * Begins a series of zeros.
     *
     * @param minutes the length of the series
     */
    public MadeUpSeries(long seed, double minutes, double stepMinutes) {
        random = new Random(seed * 7919 + 13);
        random.nextDouble(); // the first ones of neighbouring seeds are alike
        sizes = new double[(int) Math.round(minutes / stepMinutes)];
        this.stepMinutes = stepMinutes;
    }

    /** Returns a series of 6 hours by the minute. */
    public static MadeUpSeries sixHours(long seed) {
        return new MadeUpSeries(seed, 360, 1);
    }

    /** Returns a number between two. */
    public double between(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    private double minutes() {
        return sizes.length * stepMinutes;
    }

    /** Adds one size to all samples. */
    public MadeUpSeries level(double mb) {
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += mb;
        }
        return this;
    }

    /** Adds an even rise from the begin on. */
    public MadeUpSeries growth(double mbPerHour) {
        return growth(mbPerHour, 0, minutes());
    }

    /** Adds an even rise between two times; what was reached then stays. */
    public MadeUpSeries growth(double mbPerHour, double fromMinute, double untilMinute) {
        for (int i = 0; i < sizes.length; i++) {
            double time = Math.min(i * stepMinutes, untilMinute) - fromMinute;
            sizes[i] += Math.max(0, time) / 60 * mbPerHour;
        }
        return this;
    }

    /** Adds a size from a time on. */
    public MadeUpSeries step(double mb, double atMinute) {
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += i * stepMinutes >= atMinute ? mb : 0;
        }
        return this;
    }

    /** Adds a size again and again, each time after a number of minutes. */
    public MadeUpSeries stairs(double mb, double everyMinutes) {
        double phase = between(0, everyMinutes);
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += mb * Math.floor((i * stepMinutes + phase) / everyMinutes);
        }
        return this;
    }

    /** Adds a rise that comes ever nearer to its end; 63 % of it are reached after a time. */
    public MadeUpSeries warmUp(double mb, double minutes) {
        return warmUp(mb, minutes, 0);
    }

    /** Adds such a rise, which begins at a time. */
    public MadeUpSeries warmUp(double mb, double minutes, double fromMinute) {
        for (int i = 0; i < sizes.length; i++) {
            double time = Math.max(0, i * stepMinutes - fromMinute);
            sizes[i] += mb * (1 - StrictMath.exp(-time / minutes));
        }
        return this;
    }

    /**
     * Adds saw-teeth that begin anywhere, each a tenth longer or shorter than the usual length.
     *
     * @param minutes the usual length
     */
    public MadeUpSeries sawTeeth(double mb, double minutes) {
        double length = minutes * between(0.9, 1.1);
        double time = length * random.nextDouble();
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += mb * time / length;
            time += stepMinutes;
            if (time >= length) {
                time -= length;
                length = minutes * between(0.9, 1.1);
                time = Math.min(time, length - stepMinutes / 2);
            }
        }
        return this;
    }

    /** Adds a size for some minutes of each period. */
    public MadeUpSeries pulses(double mb, double forMinutes, double everyMinutes) {
        double phase = between(0, everyMinutes);
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += (i * stepMinutes + phase) % everyMinutes < forMinutes ? mb : 0;
        }
        return this;
    }

    /** Adds a wave between zero and a size, such as the load of day and night. */
    public MadeUpSeries wave(double mb, double everyMinutes, double phaseMinutes) {
        for (int i = 0; i < sizes.length; i++) {
            double turn = (i * stepMinutes + phaseMinutes) / everyMinutes * 2 * Math.PI;
            sizes[i] += mb * (1 - StrictMath.cos(turn)) / 2;
        }
        return this;
    }

    /** Adds noise of a standard deviation. */
    public MadeUpSeries noise(double mb) {
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += mb * random.nextGaussian();
        }
        return this;
    }

    /**
     * Adds noise of a standard deviation, each sample of which depends on the one before.
     *
     * @param memory how much of a sample remains in the next one, below 1
     */
    public MadeUpSeries autoregressive(double memory, double mb) {
        double value = mb * random.nextGaussian();
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += value;
            value = memory * value + mb * Math.sqrt(1 - memory * memory) * random.nextGaussian();
        }
        return this;
    }

    /** Adds a walk whose steps have a standard deviation. */
    public MadeUpSeries randomWalk(double mb) {
        double value = 0;
        for (int i = 0; i < sizes.length; i++) {
            sizes[i] += value;
            value += mb * random.nextGaussian();
        }
        return this;
    }

    /** Returns the number of samples. */
    public int samples() {
        return sizes.length;
    }

    /** Returns the time of a sample after the first. */
    public long millis(int sample) {
        return Math.round(sample * stepMinutes * 60_000);
    }

    /** Returns the size in a sample, in whole kilobytes as the kernel has them, at least 0. */
    public long bytes(int sample) {
        return Math.max(0, (long) (sizes[sample] * MB) >> 10 << 10);
    }
}
