package psm.record;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import psm.proc.HostMemory;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;

class ShortMemoryTest {
    private static final Pressure UNKNOWN = new Pressure(null);

    private static HostMemory available(long kilobytes) {
        return new HostMemory(
                "MemTotal: 1000 kB\nMemFree: 1 kB\nMemAvailable: " + kilobytes + " kB\n",
                UnlistedMemory.UNKNOWN);
    }

    private static Pressure pressure(String percent) {
        return new Pressure(
                "some avg10="
                        + percent
                        + " avg60=0.00 avg300=0.00 total=1\n"
                        + "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n");
    }

    @ParameterizedTest
    @CsvSource({"99, true", "100, false", "900, false"})
    void aTenthOfAllMemoryMustBeAvailable(long kilobytes, boolean isShort) {
        assertEquals(isShort, ShortMemory.isShort(available(kilobytes), UNKNOWN));
    }

    @ParameterizedTest
    @CsvSource({"10.00, true", "9.99, false", "100.00, true"})
    void waitingForMemoryCounts(String percent, boolean isShort) {
        assertEquals(isShort, ShortMemory.isShort(available(900), pressure(percent)));
    }

    @Test
    void whatTheKernelDoesNotReportDoesNotCount() {
        HostMemory old =
                new HostMemory("MemTotal: 1000 kB\nMemFree: 1 kB\n", UnlistedMemory.UNKNOWN);
        assertEquals(false, ShortMemory.isShort(old, UNKNOWN));
        assertEquals(false, ShortMemory.isShort(HostMemory.NONE, UNKNOWN));
    }
}
