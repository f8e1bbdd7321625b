package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

class TimesTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    /** 12:31:07 in Berlin. */
    private static final Instant NOW = Instant.parse("2026-11-29T11:31:07.5Z");

    /** In the second of the two hours from 02:00 to 03:00. */
    private static final Instant AFTER_SUMMER = Instant.parse("2026-10-25T01:45:00Z");

    @ParameterizedTest
    @CsvSource({
        "30s, 30",
        "5m, 300",
        "2h, 7200",
        "3d, 259200",
        "1h30m, 5400",
        "1h 30m, 5400",
        "1d2h3m4s, 93784",
        "10 minutes, 600",
        "1 week, 604800",
        "0s, 0",
        "36525d, 3155760000"
    })
    void spansAreNumbersWithUnits(String text, long seconds) {
        assertEquals(Duration.ofSeconds(seconds), Times.span(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "5",
                "h",
                "5x",
                "-5m",
                "5m-",
                "1.5h",
                "5M",
                "36526d",
                "99999999999s",
                "9999999999w",
                "\u0665m",
                "1h30"
            })
    void otherTextsAreNoSpan(String text) {
        assertNull(Times.span(text));
    }

    @ParameterizedTest
    @CsvSource({
        "now, 2026-11-29T11:31:07.5Z",
        "2h ago, 2026-11-29T09:31:07.5Z",
        "2 hours ago, 2026-11-29T09:31:07.5Z",
        "90s, 2026-11-29T11:29:37.5Z",
        "-90s, 2026-11-29T11:29:37.5Z",
        "10:05, 2026-11-29T09:05:00Z",
        "9:05, 2026-11-29T08:05:00Z",
        "10:05:30, 2026-11-29T09:05:30Z",
        "12:31:07, 2026-11-29T11:31:07Z",
        "12:31:08, 2026-11-28T11:31:08Z",
        "23:59, 2026-11-28T22:59:00Z",
        "today, 2026-11-28T23:00:00Z",
        "today 13:00, 2026-11-29T12:00:00Z",
        "yesterday, 2026-11-27T23:00:00Z",
        "yesterday 10:05, 2026-11-28T09:05:00Z",
        "2026-11-27, 2026-11-26T23:00:00Z",
        "2026-11-27 10:05, 2026-11-27T09:05:00Z",
        "2026-11-27T10:05:30, 2026-11-27T09:05:30Z",
        "2026-07-27 10:05, 2026-07-27T08:05:00Z",
        "2026-11-27T10:05:30Z, 2026-11-27T10:05:30Z",
        "2026-11-27 10:05:30+05:30, 2026-11-27T04:35:30Z",
        "2026-11-27T10:05-08:00, 2026-11-27T18:05:00Z",
        "2027-01-01, 2026-12-31T23:00:00Z",
        "' 10:05 ', 2026-11-29T09:05:00Z"
    })
    void momentsAreOfTheLocalZone(String text, Instant moment) {
        assertEquals(moment, Times.moment(text, NOW, BERLIN));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ago",
                " ago",
                "later",
                "24:00",
                "10:5",
                "10",
                "10:05 yesterday",
                "yesterdayish",
                "todays 10:05",
                "2026-02-30",
                "2026-13-01 10:05",
                "29.11.2026",
                "2026-11-29x10:05",
                "2026-1-1",
                "1969-12-30",
                "+12026-11-29",
                "--2h",
                "-2h ago",
                "2026-11-29T10:05+99:00",
                "2026-11-29T10:05Zz"
            })
    void otherTextsAreNoMoment(String text) {
        assertNull(Times.moment(text, NOW, BERLIN));
    }

    @ParameterizedTest
    @CsvSource({
        "02:30, 2026-10-25T01:30:00Z, 2026-10-25T00:30:00Z",
        "02:50, 2026-10-25T00:50:00Z, ", // the second one is not over
        "2026-10-25 02:30, 2026-10-25T01:30:00Z, 2026-10-25T00:30:00Z",
        "01:30, 2026-10-24T23:30:00Z, ",
        "2026-10-25T02:30+02:00, 2026-10-25T00:30:00Z, ",
        "2h ago, 2026-10-24T23:45:00Z, ",
        "2026-03-29 02:30, 2026-03-29T01:30:00Z, " // no such time: an hour later in summer time
    })
    void ofTwoEqualTimesTheLastIsTaken(String text, Instant moment, Instant other) {
        assertEquals(moment, Times.moment(text, AFTER_SUMMER, BERLIN));
        assertEquals(other, Times.twin(text, AFTER_SUMMER, BERLIN));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0 seconds",
        "1, 1 second",
        "119, 119 seconds",
        "120, 2 minutes",
        "7199, 119 minutes",
        "7200, 2 hours",
        "172799, 47 hours",
        "172800, 2 days"
    })
    void spansAreInWords(long seconds, String words) {
        assertEquals(words, Times.inWords(Duration.ofSeconds(seconds)));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-29T09:05:00.7Z, 10:05:00",
        "2026-11-28T23:00:00Z, 00:00:00",
        "2026-11-28T22:59:59Z, 2026-11-28 23:59:59",
        "2026-11-30T00:00:00Z, 2026-11-30 01:00:00"
    })
    void timesCanBeTyped(Instant time, String text) {
        assertEquals(text, Times.text(time, NOW, BERLIN));
        boolean isPast = time.isBefore(NOW);
        assertEquals(
                time.getEpochSecond(),
                Times.moment(text, NOW, BERLIN).getEpochSecond(),
                isPast ? "past" : "future");
    }

    @Test
    void noTextThrows() {
        for (String text :
                new String[] {"yesterday ", "today T", "T", ":", "1:", "-", "--------:"}) {
            Times.moment(text, NOW, BERLIN);
            Times.twin(text, NOW, BERLIN);
        }
    }
}
