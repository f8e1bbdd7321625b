package psm.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TheilSenTest {
    private static TheilSen of(double... values) {
        double[] times = new double[values.length];
        for (int i = 0; i < times.length; i++) {
            times[i] = i + 1;
        }
        return new TheilSen(times, values);
    }

    @Test
    void theSlopeIsTheMedianOfAllPairs() {
        TheilSen slopes = of(10, 15, 14, 20, 18);
        // -2, -1, 1, 2, 2, 2, 2.5, 3.333, 5, 6
        assertEquals(2, slopes.slope(), 1e-12);
        assertEquals(10, slopes.at(1), 2.0);
        assertEquals(slopes.at(1) + 2 * 4, slopes.at(5), 1e-12);
    }

    @Test
    void theIntervalTakesRanksAndThePartBetweenThem() {
        TheilSen slopes = of(10, 15, 14, 20, 18);
        // 5 points: V = 5 * 4 * 15 / 18 = 16.67; C = 1 * 4.082; ranks 2.959 and 8.041
        assertEquals(-1 + 0.959 * 2, slopes.lower(1), 0.001);
        assertEquals(10 / 3.0 + 0.041 * (5 - 10 / 3.0), slopes.upper(1), 0.001);
        assertEquals(-2, slopes.lower(TheilSen.IN_99_OF_100)); // below the first rank
        assertEquals(6, slopes.upper(TheilSen.IN_99_OF_100));
    }

    @Test
    void aQuarterOfWrongPointsChangesNothing() {
        assertEquals(1, of(1, 2, 300, 4, 5, 6, -700, 8, 9, 10, 1100, 12).slope(), 0.2);
    }

    @Test
    void fewPointsAndEqualTimesHaveNoSlope() {
        assertEquals(0, of().slope());
        assertEquals(0, of(7).slope());
        assertEquals(0, of(7).lower(1));
        assertEquals(7, of(7).at(100));
        TheilSen equal = new TheilSen(new double[] {1, 1, 1}, new double[] {1, 2, 3});
        assertEquals(0, equal.slope());
        assertEquals(0, equal.upper(1));
        assertEquals(2, equal.at(1));
    }
}
