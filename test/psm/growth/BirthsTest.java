package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

class BirthsTest {
    private static final long MB = 1 << 20;
    private static final long MINUTE = 60_000;

    @Test
    void workersOfAGrowingParentStartLarger() {
        Births births = new Births();
        for (int minute = 0; minute <= 360; minute += 3) {
            births.born(MINUTE * minute, 60 * MB + minute * MB / 6);
            births.born(MINUTE * minute, 150 * MB); // had done some work before it was seen
            births.ended();
        }
        assertEquals(242, births.born());
        assertEquals(121, births.ends());
        assertEquals(60, births.firstBytes() / (double) MB, 1);
        assertEquals(120, births.lastBytes() / (double) MB, 1);
    }

    @Test
    void fewBirthsHaveNoTrend() {
        Births births = new Births();
        assertEquals(Missing.VALUE, births.firstBytes());
        births.born(MINUTE, MB);
        births.born(2 * MINUTE, MB);
        births.born(3 * MINUTE, MB);
        births.born(4 * MINUTE, Missing.VALUE);
        assertEquals(4, births.born());
        assertEquals(Missing.VALUE, births.firstBytes());
        assertEquals(Missing.VALUE, births.lastBytes());
        births.born(5 * MINUTE, MB);
        assertEquals(MB, births.firstBytes());
        assertEquals(MB, births.lastBytes());
    }

    @Test
    void allInOneSampleHaveTheLeastSize() {
        Births births = new Births();
        for (int i = 10; i > 0; i--) {
            births.born(MINUTE, i * MB);
        }
        assertEquals(MB, births.firstBytes());
        assertEquals(MB, births.lastBytes());
    }
}
