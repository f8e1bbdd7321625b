package psm.metrics;

import psm.trend.MadeUpSeries;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A kind of series of which {@link RuleRates} makes many: 56 hours by the minute, of which the
 * alert is asked for in the last 24.
 *
 * @param fills whether it is what a control group of {@link #LIMIT} has; else it is a program
 * @param restart after how many minutes the program starts again, each time, so that one start is
 *     at {@link #START}; 0 if it runs all the time
 * @param least the least number of 100 for which the alert must fire
 * @param most the greatest number of 100 for which it may
 * @param shape adds what makes the kind
 */
record RuleKind(
        String name,
        boolean fills,
        int restart,
        double least,
        double most,
        UnaryOperator<MadeUpSeries> shape) {
    static final int MINUTES = 56 * 60;

    /** The minute from which on alerts are asked for, and when leaks begin. */
    static final int FROM = 32 * 60;

    /** The minute in which programs start: in the first of the last 24 hours. */
    static final int START = FROM + 28;

    private static final int DAY = 24 * 60;

    /** The limit of control groups, in MB. */
    static final double LIMIT = 10_000;

    /** Returns the kinds in which nothing grows, and then those in which something does. */
    static List<RuleKind> all() {
        return List.of(
                not("noise of 20 MB", m -> m.noise(20)),
                not("noise of 100 MB", m -> m.noise(100)),
                not("one step of 50 to 500 MB", RuleKind::step),
                not("two steps", m -> step(step(m))),
                not("three steps", m -> step(step(step(m)))),
                not("six steps", m -> step(step(step(step(step(step(m))))))).atMost(20),
                new RuleKind(
                        "a start, 63 % in 10 to 60 minutes",
                        false, MINUTES, 0, 0, m -> start(m, 10, 60)),
                new RuleKind(
                        "a start, 63 % in 1 to 2 hours",
                        false, MINUTES, 0, 0, m -> start(m, 60, 120)),
                not("a cache, 63 % full in 10 to 60 minutes", m -> cache(m, 10, 60)),
                not("a cache, 63 % full in 1 to 2 hours", m -> cache(m, 60, 120)),
                not("a cache, 63 % full in 2 to 4 hours", m -> cache(m, 120, 240))
                        .within(33, 100), // docs/fleet.md says so
                not(
                                "a level that wanders and returns, 50 minutes",
                                m -> m.autoregressive(0.98, 100))
                        .atMost(10),
                not("a level that wanders and returns, 5 hours", m -> m.autoregressive(0.9967, 100))
                        .atMost(34),
                not("a random walk", m -> m.randomWalk(5)).atMost(40),
                not("saw-teeth of 4 to 30 minutes", m -> teeth(m, 4, 30)),
                not("saw-teeth of 30 to 120 minutes", m -> teeth(m, 30, 120)),
                not("saw-teeth of 2 to 5 hours", m -> teeth(m, 120, 300)),
                not("saw-teeth of 12 hours", m -> teeth(m, 720, 720)).atMost(67),
                not("a job of 10 minutes each hour", m -> m.noise(10).pulses(500, 10, 60)),
                not("a job of 3 hours each night", m -> m.noise(10).pulses(500, 180, 1440)),
                not("the load of each day", m -> day(m)),
                new RuleKind(
                        "the load of each day, restarted each night",
                        false,
                        DAY,
                        0,
                        0,
                        m -> day(m)),
                leak(5, 0, 0),
                leak(10, 0, 67),
                leak(15, 90, 100),
                leak(20, 100, 100),
                leak(50, 100, 100),
                leak(200, 100, 100),
                leakUnderTeeth(20, 10, 45, 66, 100),
                leakUnderTeeth(20, 60, 60, 66, 100),
                leakUnderTeeth(50, 60, 120, 33, 100),
                leakUnderTeeth(50, 180, 180, 0, 34),
                new RuleKind(
                        "20 MB/h under the load of each day",
                        false,
                        0,
                        33,
                        100,
                        m -> day(m.growth(20, FROM, MINUTES))),
                new RuleKind(
                        "50 MB/h under the load of each day",
                        false,
                        0,
                        66,
                        100,
                        m -> day(m.growth(50, FROM, MINUTES))),
                new RuleKind(
                        "20 MB/h, restarted each night", false, DAY, 100, 100, m -> nights(m, 20)),
                new RuleKind(
                        "50 MB/h, restarted each night", false, DAY, 100, 100, m -> nights(m, 50)),
                new RuleKind(
                        "100 MB each 30 minutes",
                        false,
                        0,
                        66,
                        100,
                        m -> m.noise(10).stairs(100, 30)),
                full("99 % and flat, noise of 0.5 %", m -> m.level(9900).noise(50)),
                full("95 %, noise of 2 %", m -> m.level(9500).noise(200)),
                full(
                        "90 %, a level that wanders and returns, 50 minutes",
                        m -> m.level(9000).autoregressive(0.98, 200)),
                full(
                                "90 %, a level that wanders and returns, 5 hours",
                                m -> m.level(9000).autoregressive(0.9967, 200))
                        .atMost(40),
                full(
                        "a step to 95 %",
                        m -> m.level(5000).noise(50).step(4500, m.between(FROM, MINUTES))),
                full(
                        "saw-teeth between 85 and 97 %, 30 to 120 minutes",
                        m -> fullTeeth(m, 30, 120)),
                full("saw-teeth between 85 and 97 %, 2 to 5 hours", m -> fullTeeth(m, 120, 300)),
                full(
                        "a cache to 95 %, 63 % of it in 10 to 60 minutes",
                        m -> m.level(3000).noise(50).warmUp(6500, m.between(10, 60), FROM)),
                fills(
                        "1 % an hour from 75 % on",
                        m -> m.level(7500).noise(50).growth(100, FROM, MINUTES)),
                fills(
                        "1 % an hour from 75 % on, under saw-teeth of 10 % and 10 to 45 minutes",
                        m ->
                                m.level(7500)
                                        .noise(50)
                                        .growth(100, FROM, MINUTES)
                                        .sawTeeth(1000, m.between(10, 45))),
                fills(
                        "5 % an hour from 30 % on",
                        m -> m.level(3000).noise(50).growth(500, FROM, FROM + 14 * 60)));
    }

    private static RuleKind not(String name, UnaryOperator<MadeUpSeries> shape) {
        return new RuleKind(name, false, 0, 0, 0, m -> shape.apply(m.level(m.between(500, 1500))));
    }

    private static RuleKind full(String name, UnaryOperator<MadeUpSeries> shape) {
        return new RuleKind(name, true, 0, 0, 0, shape);
    }

    private static RuleKind fills(String name, UnaryOperator<MadeUpSeries> shape) {
        return new RuleKind(name, true, 0, 95, 100, shape);
    }

    private static RuleKind leak(int rate, double least, double most) {
        return new RuleKind(
                rate + " MB/h",
                false,
                0,
                least,
                most,
                m -> m.level(1000).noise(10).growth(rate, FROM, MINUTES));
    }

    private static RuleKind leakUnderTeeth(int rate, int from, int to, double least, double most) {
        String minutes = from == to ? from + "" : from + " to " + to;
        return new RuleKind(
                rate + " MB/h under saw-teeth of 300 MB and " + minutes + " minutes",
                false,
                0,
                least,
                most,
                m ->
                        m.level(1000)
                                .noise(10)
                                .growth(rate, FROM, MINUTES)
                                .sawTeeth(300, m.between(from, to)));
    }

    private RuleKind atMost(double alarms) {
        return within(0, alarms);
    }

    private RuleKind within(double fewest, double alarms) {
        return new RuleKind(name, fills, restart, fewest, alarms, shape);
    }

    private static MadeUpSeries step(MadeUpSeries m) {
        return m.step(m.between(50, 500), m.between(FROM, MINUTES)).noise(5);
    }

    private static MadeUpSeries start(MadeUpSeries m, double from, double to) {
        double mb = m.between(200, 2000);
        return m.level(200 + mb).noise(5).step(-mb, START).warmUp(mb, m.between(from, to), START);
    }

    private static MadeUpSeries cache(MadeUpSeries m, double from, double to) {
        return m.noise(5).warmUp(m.between(200, 2000), m.between(from, to), START);
    }

    private static MadeUpSeries teeth(MadeUpSeries m, double from, double to) {
        return m.noise(5).sawTeeth(m.between(200, 1000), m.between(from, to));
    }

    private static MadeUpSeries fullTeeth(MadeUpSeries m, double from, double to) {
        return m.level(8500).noise(50).sawTeeth(1200, m.between(from, to));
    }

    /** Adds what grows all the time, of which each restart frees what came in a day. */
    private static MadeUpSeries nights(MadeUpSeries m, double mbPerHour) {
        double mb = 24 * mbPerHour;
        return m.level(1000 + mb)
                .noise(10)
                .growth(mbPerHour)
                .step(-mb, START - DAY)
                .step(-mb, START);
    }

    private static MadeUpSeries day(MadeUpSeries m) {
        return m.level(500)
                .noise(10)
                .wave(500, 1440, m.between(0, 1440))
                .wave(60, 3100, m.between(0, 3100));
    }

    /** Makes the series of a seed. */
    MadeUpSeries make(int seed) {
        return shape.apply(new MadeUpSeries(seed, MINUTES, 1));
    }
}
