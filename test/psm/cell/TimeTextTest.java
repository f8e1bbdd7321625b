package psm.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.TimeZone;

final class TimeTextTest {
    private static final Instant NOW = Instant.parse("2026-11-29T13:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "0, 0s",
        "59, 59s",
        "60, 1m",
        "725, 12m 5s",
        "3600, 1h",
        "3659, 1h",
        "15120, 4h 12m",
        "86399, 23h 59m",
        "86400, 1d",
        "273600, 3d 4h",
        "34560000, 400d",
        "-725, -12m 5s",
        "9223372036854775807, 106751991167300d 15h",
        "-9223372036854775808, -106751991167300d 15h",
    })
    void spansHaveTwoUnits(long seconds, String shown) {
        assertEquals(shown, TimeText.span(seconds));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-29T13:05:30Z, 13:05:30Z",
        "2026-11-29T12:00:01Z, 12:00:01Z",
        "2026-11-29T15:05:30Z, 15:05Z",
        "2026-11-30T00:00:00Z, Nov 30 00:00Z",
        "2027-01-05T07:09:00Z, Jan 05 07:09Z",
        "2028-01-05T07:09:00Z, 2028-01-05",
        "2025-12-01T00:00:00Z, 2025-12-01",
    })
    void momentsAreAsExactAsTheirDistanceAllows(String at, String shown) {
        assertEquals(shown, TimeText.moment(Instant.parse(at), NOW, false));
    }

    /** A clock may be wrong by any number of years. */
    @ParameterizedTest
    @CsvSource({
        "+10000-01-02T07:09:00Z, Jan 02 07:09Z",
        "+10000-11-30T07:09:00Z, 10000-11-30",
        "+1234567-11-30T07:09:00Z, 1234567-11-30",
    })
    void yearsMayHaveMoreThanFourDigits(String at, String shown) {
        Instant now = Instant.parse("9999-12-31T13:00:00Z");
        assertEquals(shown, TimeText.moment(Instant.parse(at), now, false));
    }

    @Test
    void daysAreThoseOfTheUsersZone() {
        TimeZone zone = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("GMT+10:00"));
            assertEquals("23:30", shown("2026-11-29T13:30:00Z").substring(0, 5));
            assertEquals("Nov 30 00:30", shown("2026-11-29T14:30:00Z"));
            TimeZone.setDefault(TimeZone.getTimeZone("GMT-10:00"));
            assertEquals("14:30", shown("2026-11-30T00:30:00Z"));
        } finally {
            TimeZone.setDefault(zone);
        }
    }

    private static String shown(String at) {
        return TimeText.moment(Instant.parse(at), NOW, true);
    }
}
