package psm.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

class TimeToFullTest {
    private static final long MB = 1 << 20;
    private static final long HOUR = 3_600_000;
    private static final long NEVER = TimeToFull.NEVER;

    private static Trend steady(long rate, long lower, long upper, long level, long tooth) {
        return new Trend(Verdict.STEADY, rate, lower, upper, level, tooth, 0);
    }

    @Test
    void peaksReachTheLimitFirst() {
        Trend trend = steady(10 * MB, 5 * MB, 20 * MB, 60 * MB, 40 * MB);
        assertEquals(
                new TimeToFull(10 * HOUR, 5 * HOUR, 20 * HOUR), TimeToFull.of(trend, 200 * MB));
        assertEquals(new TimeToFull(0, 0, 0), TimeToFull.of(trend, 100 * MB));
        assertEquals(new TimeToFull(0, 0, 0), TimeToFull.of(trend, 50 * MB));
    }

    @Test
    void whatMayNotGrowAtAllHasNoLatestTime() {
        Trend trend = steady(10 * MB, 0, 20 * MB, 0, 0);
        assertEquals(new TimeToFull(10 * HOUR, 5 * HOUR, NEVER), TimeToFull.of(trend, 100 * MB));
    }

    @Test
    void moreThanThirtyDaysAreNotForeseeable() {
        Trend trend = steady(MB, MB / 2, 2 * MB, 0, 0);
        TimeToFull full = TimeToFull.of(trend, 719 * MB);
        assertEquals(new TimeToFull(719 * HOUR, 359 * HOUR + HOUR / 2, NEVER), full);
        assertTrue(full.isForeseeable());
        TimeToFull later = TimeToFull.of(trend, 721 * MB);
        assertFalse(later.isForeseeable());
        assertEquals(360 * HOUR + HOUR / 2, later.earliest());
    }

    @Test
    void onlySteadyGrowthIsForeseeable() {
        long none = Missing.VALUE;
        for (Verdict verdict : Verdict.values()) {
            Trend trend = new Trend(verdict, none, none, none, none, none, none);
            if (verdict != Verdict.STEADY) {
                assertFalse(TimeToFull.of(trend, MB).isForeseeable(), verdict.toString());
            }
        }
    }
}
