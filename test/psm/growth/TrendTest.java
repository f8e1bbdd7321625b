package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class TrendTest {
    @Test
    void anEvenRiseIsSteadyGrowthOfItsRate() {
        Series series = new Series();
        for (int minute = 0; minute < 360; minute++) {
            series.add(60_000L * minute, (100L << 20) + minute * 1_000_000L);
        }
        Trend trend = Trend.of(series);
        assertEquals(Verdict.STEADY, trend.verdict());
        assertEquals(60_000_000, trend.rate(), 100);
        assertEquals(60_000_000, trend.lower(), 100);
    }
}
