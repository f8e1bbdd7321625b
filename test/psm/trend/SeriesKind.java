package psm.trend;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * A kind of series of which the tests make many, and what may be said of them.
 *
 * @param rate the true growth in MB per hour, 0 for none
 * @param least the least number of 100 that must be called steady growth
 * @param most the greatest number of 100 that may be
 * @param shape adds what makes the kind to a series of 6 hours by the minute
 */
record SeriesKind(
        String name, double rate, double least, double most, UnaryOperator<MadeUpSeries> shape) {
    private static final int SERIES = 300;

    /** The kinds whose alarm rates docs/growth.md shows. */
    static List<SeriesKind> shown() {
        return List.of(
                not("one step", m -> aStep(m.noise(1))),
                not("two steps", m -> aStep(aStep(m.noise(1)))),
                not("start, 63 % of it within 10 to 60 minutes", m -> warmUp(m, 10, 60)),
                not("slow start, 63 % of it within 60 to 120 minutes", m -> warmUp(m, 60, 120))
                        .atMost(8),
                not("three steps", m -> aStep(aStep(aStep(m.noise(1))))).atMost(4),
                not("noise of 20 MB", m -> m.noise(20)).atMost(1),
                not("a level that wanders and returns", m -> m.autoregressive(0.98, 10)).atMost(1),
                not("a random walk", m -> m.randomWalk(1)).atMost(15),
                not("saw-teeth of 4 to 30 minutes", m -> teeth(m, 4, 30)),
                not("saw-teeth of 30 to 120 minutes", m -> teeth(m, 30, 120)),
                not("a job of 10 minutes each hour", m -> m.noise(0.5).pulses(100, 10, 60)),
                leak(1, 44, 100, 10, 45),
                leak(2, 95, 100, 10, 45),
                leak(5, 100, 100, 10, 45),
                leak(2, 70, 100, 4, 4),
                leak(5, 99, 100, 4, 4),
                leak(2, 85, 100, 60, 60),
                leak(5, 100, 100, 60, 60),
                leak(5, 2, 20, 120, 120),
                new SeriesKind("10 MB each 30 minutes", 20, 100, 100, SeriesKind::stairs));
    }

    private static MadeUpSeries aStep(MadeUpSeries series) {
        return series.step(series.between(20, 100), series.between(20, 340));
    }

    private static MadeUpSeries warmUp(MadeUpSeries series, double from, double to) {
        return series.noise(1).warmUp(series.between(50, 200), series.between(from, to));
    }

    private static MadeUpSeries teeth(MadeUpSeries series, double from, double to) {
        return series.noise(0.5).sawTeeth(series.between(20, 60), series.between(from, to));
    }

    private static MadeUpSeries stairs(MadeUpSeries series) {
        return series.noise(0.5).stairs(10, 30);
    }

    private static SeriesKind not(String name, UnaryOperator<MadeUpSeries> shape) {
        return new SeriesKind(name, 0, 0, 0, shape);
    }

    private SeriesKind atMost(double alarms) {
        return new SeriesKind(name, rate, least, alarms, shape);
    }

    private static SeriesKind leak(int rate, int least, int most, int from, int to) {
        String minutes = from == to ? from + "" : from + " to " + to;
        String name = rate + " MB/h under saw-teeth of 40 MB and " + minutes + " minutes";
        return new SeriesKind(
                name,
                rate,
                least,
                most,
                m -> m.noise(0.5).growth(rate).sawTeeth(40, m.between(from, to)));
    }

    /** Makes the series of a seed. */
    MadeUpSeries make(int seed) {
        MadeUpSeries series = MadeUpSeries.sixHours(seed);
        return shape.apply(series.level(series.between(60, 100)));
    }

    /** Makes all series of this kind. */
    List<MadeUpSeries> all() {
        return IntStream.range(0, SERIES).mapToObj(this::make).toList();
    }
}
