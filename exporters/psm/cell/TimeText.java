package psm.cell;

import psm.text.Text;

import java.time.Instant;
import java.util.TimeZone;

/** Formats durations and moments for people. */
public final class TimeText {
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private static final int MONTH_CHARS = 3;
    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;

    /** The distance from which on the year is shown: without it, the date is clear. */
    private static final int DAYS_WITHOUT_YEAR = 180;

    private TimeText() {}

    /** Returns a duration in its two largest units: {@code 3d 4h}, {@code 12m}, {@code 45s}. */
    public static String span(long seconds) {
        if (seconds < 0) {
            return '-' + span(seconds == Long.MIN_VALUE ? Long.MAX_VALUE : -seconds);
        }
        if (seconds < MINUTE) {
            return seconds + "s";
        }
        if (seconds < HOUR) {
            return two(seconds / MINUTE, "m", seconds % MINUTE, "s");
        }
        return seconds < DAY
                ? two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "m")
                : two(seconds / DAY, "d", seconds % DAY / HOUR, "h");
    }

    private static String two(long more, String unit, long less, String smaller) {
        return less == 0 ? more + unit : more + unit + ' ' + less + smaller;
    }

    /**
     * Returns a moment, as exact as its distance allows: {@code 14:05:30} within an hour, {@code
     * 14:05} on the same day, {@code Nov 30 14:05}, or {@code 2028-01-05}.
     *
     * @param now the time to compare it with
     * @param isLocal whether it is in the user's time zone; else it is in UTC and ends with Z
     */
    public static String moment(Instant at, Instant now, boolean isLocal) {
        String text = inZone(at, isLocal);
        int clock = text.indexOf('T') + 1;
        String date = text.substring(0, clock);
        long distance = Math.abs(at.getEpochSecond() - now.getEpochSecond());
        if (distance > (long) DAYS_WITHOUT_YEAR * DAY) {
            return date.substring(0, clock - 1);
        }
        boolean isSameDay = inZone(now, isLocal).startsWith(date);
        int end = clock + (isSameDay && distance < HOUR ? "14:05:30" : "14:05").length();
        String time = text.substring(clock, end) + (isLocal ? "" : "Z");
        return isSameDay ? time : monthAndDay(date) + ' ' + time;
    }

    private static String inZone(Instant at, boolean isLocal) {
        int offset = isLocal ? TimeZone.getDefault().getOffset(at.toEpochMilli()) / 1_000 : 0;
        return Text.utc(at.plusSeconds(offset));
    }

    /** Turns {@code 2026-11-30T} into {@code Nov 30}; the year may have more digits. */
    private static String monthAndDay(String date) {
        int at = date.length() - "11-30T".length();
        int from = (Integer.parseInt(date.substring(at, at + 2)) - 1) * MONTH_CHARS;
        return MONTHS.substring(from, from + MONTH_CHARS) + ' ' + date.substring(at + 3, at + 5);
    }
}
