package psm.trend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.Random;

class SeriesTest {
    private static final long MINUTE = 60_000;

    @Test
    void fewSamplesAreKeptAsTheyAre() {
        Series series = new Series();
        long[] sizes = {5 << 20, 3 << 20, 4 << 20, 4 << 20, 9 << 20};
        for (int i = 0; i < sizes.length; i++) {
            series.add(1000 + MINUTE * i, sizes[i]);
        }
        assertEquals(5, series.slots());
        for (int i = 0; i < sizes.length; i++) {
            assertEquals(1000 + MINUTE * i, series.millis(i));
            assertEquals(sizes[i], (long) series.least(i));
            assertEquals(sizes[i], (long) series.greatest(i));
        }
        assertEquals(5 << 20, series.firstBytes());
        assertEquals(9 << 20, series.lastBytes());
        assertEquals(1000, series.firstMillis());
        assertEquals(1000 + 4 * MINUTE, series.lastMillis());
    }

    @Test
    void aMonthKeepsTheLeastAndTheGreatestOfEachPart() {
        Series series = new Series();
        Random random = new Random(1);
        long least = Long.MAX_VALUE;
        long greatest = 0;
        long leastAt = 0;
        int samples = 30 * 24 * 60;
        for (int i = 0; i < samples; i++) {
            long size = (long) random.nextInt(1 << 20) << 10;
            if (size < least) {
                least = size;
                leastAt = 7 + MINUTE * i;
            }
            greatest = Math.max(greatest, size);
            series.add(7 + MINUTE * i, size);
        }
        assertEquals(samples, series.samples());
        assertTrue(series.slots() > Series.MAX_SLOTS / 2 - 1, series.slots() + " slots");
        assertTrue(series.slots() <= Series.MAX_SLOTS, series.slots() + " slots");
        float low = Float.MAX_VALUE;
        float high = 0;
        long lowAt = 0;
        for (int i = 0; i < series.slots(); i++) {
            assertTrue(i == 0 || series.millis(i) > series.millis(i - 1));
            if (series.least(i) < low) {
                low = series.least(i);
                lowAt = series.millis(i);
            }
            high = Math.max(high, series.greatest(i));
        }
        assertEquals(least, (long) low);
        assertEquals(greatest, (long) high);
        long error = Math.abs(leastAt - lowAt);
        assertTrue(error <= 2, "times of more than 24 days are kept to 2 ms, not " + error);
    }

    @Test
    void aSampleFromThePastIsIgnored() {
        Series series = new Series();
        series.add(1000, 1);
        series.add(999, 2);
        series.add(1000, 3);
        assertEquals(2, series.samples());
        assertEquals(1, series.slots());
        assertEquals(1, series.least(0));
        assertEquals(3, series.greatest(0));
    }

    @Test
    void aLongGapCostsNothing() {
        Series series = new Series();
        for (int i = 0; i < Series.MAX_SLOTS; i++) {
            series.add(i, i);
        }
        series.add(Long.MAX_VALUE / 4, 7);
        series.add(Long.MAX_VALUE / 4 + 1, 8);
        assertEquals(Series.MAX_SLOTS / 2 + 2, series.slots(), 2);
        assertEquals(8, series.lastBytes());
    }

    /** Counts what this thread allocates, which is four times what stays, as arrays grow. */
    @Test
    void aThousandLivesOfAMonthFitIntoSomeMegabytes() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        Series[] lives = new Series[1000];
        for (int i = 0; i < lives.length; i++) {
            lives[i] = new Series();
            for (int minute = 0; minute < 30 * 24 * 60; minute += 10) {
                lives[i].add(MINUTE * minute, minute);
            }
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertEquals(4320, lives[999].samples());
        assertTrue(allocated < 25 << 20, allocated + " bytes");
    }
}
