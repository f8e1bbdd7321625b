package psm.trend;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

import java.util.Random;
import java.util.function.LongUnaryOperator;

class TrendTest {
    private static final long MB = 1 << 20;
    private static final long MINUTE = 60_000;

    /** Returns a series of all samples. */
    static Series series(MadeUpSeries made) {
        Series series = new Series();
        for (int i = 0; i < made.samples(); i++) {
            series.add(made.millis(i), made.bytes(i));
        }
        return series;
    }

    private static Trend trend(int minutes, LongUnaryOperator size) {
        Series series = new Series();
        for (int minute = 0; minute < minutes; minute++) {
            series.add(MINUTE * minute, size.applyAsLong(minute));
        }
        return Trend.of(series);
    }

    private static Verdict verdict(MadeUpSeries made) {
        return Trend.of(series(made)).verdict();
    }

    private static MadeUpSeries six() {
        return MadeUpSeries.sixHours(1).level(100).noise(0.5);
    }

    @Test
    void anEvenRiseIsSteadyGrowthOfItsRate() {
        Trend trend = trend(360, minute -> 100 * MB + minute * MB);
        assertEquals(Verdict.STEADY, trend.verdict());
        assertNear(60 * MB, trend.rate(), 100);
        assertNear(60 * MB, trend.lower(), 100);
        assertNear(60 * MB, trend.upper(), 100);
        assertNear(459 * MB, trend.level(), 1000);
        assertNear(359 * MB, trend.change(), 1000);
        assertNear(0, trend.tooth(), 1000);
    }

    @Test
    void secondsAreEnoughForAFastRise() {
        MadeUpSeries leak = new MadeUpSeries(1, 0.5, 1 / 60.0).level(20).growth(7200).noise(0.2);
        Trend trend = Trend.of(series(leak));
        assertEquals(Verdict.STEADY, trend.verdict());
        assertEquals(1, trend.rate() / (7200.0 * MB), 0.05);
    }

    @Test
    void whatDoesNotChangeIsFlatAndExact() {
        Trend trend = trend(360, minute -> 100 * MB);
        long size = 100 * MB;
        assertEquals(new Trend(Verdict.FLAT, 0, 0, 0, size, 0, 0), trend);
        assertEquals(new Trend(Verdict.FLAT, 0, 0, 0, 0, 0, 0), trend(360, minute -> 0));
    }

    @Test
    void aChangeBelowFiveMegabytesOrPercentIsFlat() {
        assertEquals(Verdict.FLAT, trend(360, minute -> minute * 13 * MB / 1000).verdict());
        assertEquals(Verdict.FLAT, trend(360, minute -> (1000 + minute / 10) * MB).verdict());
        assertEquals(Verdict.STEADY, trend(360, minute -> minute * 17 * MB / 1000).verdict());
    }

    @Test
    void fewBucketsAreTooShortAndHaveNoFigure() {
        long none = Missing.VALUE;
        Trend tooShort = new Trend(Verdict.TOO_SHORT, none, none, none, none, none, none);
        assertEquals(tooShort, Trend.of(new Series()));
        assertEquals(tooShort, trend(1, minute -> MB));
        assertEquals(tooShort, trend(2, minute -> minute * MB));
        assertEquals(tooShort, trend(7, minute -> minute * MB));
        assertEquals(Verdict.STEADY, trend(8, minute -> minute * MB).verdict());
        Series gap = new Series();
        for (int minute = 0; minute < 360; minute++) {
            if (minute < 150 || minute > 350) {
                gap.add(MINUTE * minute, minute * MB);
            }
        }
        assertEquals(tooShort, Trend.of(gap));
    }

    @Test
    void aGapDoesNotChangeTheRate() {
        Series series = new Series();
        for (int minute = 0; minute < 360; minute++) {
            if (minute < 100 || minute > 150) {
                series.add(MINUTE * minute, minute * MB);
            }
        }
        Trend trend = Trend.of(series);
        assertEquals(Verdict.STEADY, trend.verdict());
        assertNear(60 * MB, trend.rate(), 100);
    }

    @Test
    void halfOfTheSamplesAreEnough() {
        MadeUpSeries leak = six().growth(5).sawTeeth(40, 20);
        Random random = new Random(1);
        Series series = new Series();
        for (int i = 0; i < leak.samples(); i++) {
            if (random.nextBoolean()) {
                series.add(leak.millis(i), leak.bytes(i));
            }
        }
        Trend trend = Trend.of(series);
        assertEquals(Verdict.STEADY, trend.verdict());
        assertEquals(5, trend.rate() / (double) MB, 0.5);
    }

    @Test
    void theFirstMinutesOfALifeAreLeftOut() {
        Series series = new Series();
        for (int minute = 0; minute < 360; minute++) {
            series.add(MINUTE * (1000 + minute), (minute < 9 ? 10 + 10 * minute : 100) * MB);
        }
        assertEquals(Verdict.LEVELS_OFF, Trend.of(series).verdict());
        assertEquals(Verdict.FLAT, Trend.of(series, MINUTE * 1000).verdict());
        assertEquals(Verdict.LEVELS_OFF, Trend.of(series, MINUTE * 500).verdict());
        Series younger = new Series();
        for (int second = 0; second < 100; second++) {
            younger.add(1000L * second, (second < 10 ? 10L * second : 100) * MB);
        }
        assertEquals(Verdict.FLAT, Trend.of(younger, 0).verdict());
    }

    @Test
    void shapesHaveTheirWords() {
        assertAll(
                () -> assertEquals(Verdict.STEP, verdict(six().step(50, 100))),
                () -> assertEquals(Verdict.STEP, verdict(six().step(50, 100).step(40, 200))),
                () -> assertEquals(Verdict.STEP, verdict(six().step(-50, 200))),
                () -> assertEquals(Verdict.LEVELS_OFF, verdict(six().warmUp(100, 20))),
                () -> assertEquals(Verdict.LEVELS_OFF, verdict(six().growth(30, 0, 180))),
                () -> assertEquals(Verdict.SAW_TOOTH, verdict(six().sawTeeth(40, 20))),
                () -> assertEquals(Verdict.SAW_TOOTH, verdict(six().sawTeeth(40, 90))),
                () -> assertEquals(Verdict.SAW_TOOTH, verdict(six().pulses(100, 10, 60))),
                () -> assertEquals(Verdict.SAW_TOOTH, verdict(six().pulses(100, 40, 60))),
                () -> assertEquals(Verdict.SHRINKS, verdict(six().growth(-5))),
                () -> assertEquals(Verdict.VARIES, verdict(six().noise(20))),
                () -> assertEquals(Verdict.VARIES, verdict(six().growth(20, 180, 360))),
                () -> assertEquals(Verdict.STEADY, verdict(six().stairs(10, 30))),
                () -> assertEquals(Verdict.STEADY, verdict(six().growth(20, 60, 360))),
                () -> assertEquals(Verdict.FLAT, verdict(six())));
    }

    @Test
    void aWeekOfNightlyRestartsIsASawTooth() {
        MadeUpSeries week = new MadeUpSeries(1, 7 * 1440, 1).level(100).sawTeeth(240, 1440);
        assertEquals(Verdict.SAW_TOOTH, verdict(week));
        MadeUpSeries days = new MadeUpSeries(1, 7 * 1440, 1).level(100).wave(100, 1440, 0);
        assertEquals(Verdict.SAW_TOOTH, verdict(days));
        Trend rising = Trend.of(series(days.growth(1)));
        assertEquals(Verdict.STEADY, rising.verdict());
        assertEquals(1, rising.rate() / (double) MB, 0.02);
        assertEquals(100, rising.tooth() / (double) MB, 5);
    }

    @Test
    void theMorningOfEachDayLooksLikeGrowth() {
        MadeUpSeries morning = six().wave(200, 1440, 180);
        assertEquals(Verdict.STEADY, verdict(morning));
        MadeUpSeries day = new MadeUpSeries(1, 1440, 1).level(100).wave(200, 1440, 180);
        assertEquals(Verdict.VARIES, verdict(day));
    }

    @Test
    void teethHaveTheirHeightAboveGrowth() {
        for (double minutes : new double[] {4, 20, 60}) {
            MadeUpSeries leak = MadeUpSeries.sixHours(1).level(100).growth(5);
            Trend trend = Trend.of(series(leak.sawTeeth(40, minutes)));
            double height = trend.tooth() / (double) MB;
            double seen = minutes == 4 ? 30 : 40; // a sample each minute misses the peak
            assertEquals(seen, height, seen / 8, minutes + " minutes");
        }
    }

    @Test
    void sizesOfATerabyteAndTimesOfAYearAreExactEnough() {
        long base = 1L << 40;
        long start = 400L * 24 * 60 * MINUTE;
        Series series = new Series();
        for (int hour = 0; hour < 360 * 24; hour++) {
            series.add(start + 60L * MINUTE * hour, base + 1024L * MB * hour);
        }
        Trend trend = Trend.of(series);
        assertEquals(Verdict.STEADY, trend.verdict());
        assertEquals(1, trend.rate() / (1024.0 * MB), 0.001);
    }

    private static void assertNear(long expected, long actual, long most) {
        assertTrue(Math.abs(expected - actual) <= most, actual + " instead of " + expected);
    }
}
