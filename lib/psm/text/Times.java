package psm.text;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** Reads durations and moments as people write them. */
public final class Times {
    /** What a duration looks like, for messages. */
    public static final String SPANS = "30s, 5m, 2h or 3d";

    /** What a moment looks like, for messages. */
    public static final String MOMENTS = "10:05, '2h ago', 'yesterday 10:05' or '2026-11-29 10:05'";

    private static final long MINUTE = 60;
    private static final long HOUR = 60 * MINUTE;
    private static final long DAY = 24 * HOUR;

    /** The limit for a duration in seconds: a century is longer than any recording. */
    private static final long MAX_SECONDS = 36_525 * DAY;

    /** The limit for the digits of a number in a duration; more of them would overflow. */
    private static final int MAX_DIGITS = 10;

    private static final DateTimeFormatter TIME_OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss");

    private static final String AGO = " ago";
    private static final String TODAY = "today";
    private static final String YESTERDAY = "yesterday";

    /** The first and the last year that a recording can contain. */
    private static final int FIRST_YEAR = 1970;

    private static final int LAST_YEAR = 9999;

    private Times() {}

    /**
     * Reads a duration, such as {@code 90s}, {@code 1h30m} or {@code 2 days}.
     *
     * @return {@code null} if the text is none
     */
    public static Duration span(String text) {
        long seconds = 0;
        int at = 0;
        int end = text.length();
        while (at < end) {
            int unitAt = skip(text, at, true);
            int digits = unitAt - at;
            unitAt = blanks(text, unitAt);
            int next = skip(text, unitAt, false);
            long unit = unit(text.substring(unitAt, next));
            if (digits == 0 || digits > MAX_DIGITS || unit == 0) {
                return null;
            }
            seconds += Long.parseLong(text, at, at + digits, 10) * unit;
            if (seconds > MAX_SECONDS) {
                return null;
            }
            at = blanks(text, next);
        }
        return end == 0 ? null : Duration.ofSeconds(seconds);
    }

    /** Returns the end of the digits, or else of the letters, that begin at an index. */
    private static int skip(String text, int from, boolean isOfDigits) {
        int at = from;
        for (; at < text.length(); at++) {
            char c = text.charAt(at);
            if (isOfDigits ? c < '0' || c > '9' : c < 'a' || c > 'z') {
                break;
            }
        }
        return at;
    }

    private static int blanks(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        return at;
    }

    /** Returns the seconds of a unit; 0 if there is none of that name. */
    private static long unit(String name) {
        return switch (name) {
            case "s", "sec", "second", "seconds" -> 1;
            case "m", "min", "minute", "minutes" -> MINUTE;
            case "h", "hour", "hours" -> HOUR;
            case "d", "day", "days" -> DAY;
            case "w", "week", "weeks" -> 7 * DAY;
            default -> 0;
        };
    }

    /**
     * Reads a moment: a duration before now, with or without {@code ago} or a minus; a time of day,
     * which is the last one that was; a date, a date and a time, or an ISO time with an offset.
     *
     * @return {@code null} if the text is none
     */
    public static Instant moment(String text, Instant now, ZoneId zone) {
        String plain = text.strip();
        if (plain.equals("now")) {
            return now;
        }
        Duration ago =
                span(
                        plain.endsWith(AGO)
                                ? plain.substring(0, plain.length() - AGO.length())
                                : plain.startsWith("-") ? plain.substring(1) : plain);
        if (ago != null) {
            return now.minus(ago);
        }
        try {
            LocalDateTime local = local(plain, now, zone);
            return inRange(local == null ? absolute(plain) : instant(local, now, zone));
        } catch (DateTimeException e) {
            return null; // such as the 30th of February
        }
    }

    /**
     * Returns the other moment with the same local time, where the clock was set back from summer
     * time; {@code null} if there is none, or if it is not yet over.
     */
    public static Instant twin(String text, Instant now, ZoneId zone) {
        try {
            LocalDateTime local = local(text.strip(), now, zone);
            Instant taken = local == null ? null : instant(local, now, zone);
            for (ZoneOffset offset :
                    taken == null
                            ? List.<ZoneOffset>of()
                            : zone.getRules().getValidOffsets(local)) {
                Instant other = local.toInstant(offset);
                if (!other.equals(taken) && !other.isAfter(now)) {
                    return other;
                }
            }
        } catch (DateTimeException e) {
            // Then it is no moment at all.
        }
        return null;
    }

    /** Returns how long something takes or took, as {@code 14 seconds} or {@code 3 hours}. */
    public static String inWords(Duration time) {
        long seconds = time.toSeconds();
        if (seconds < 2 * MINUTE) {
            return seconds + (seconds == 1 ? " second" : " seconds");
        }
        return seconds < 2 * HOUR
                ? seconds / MINUTE + " minutes"
                : seconds < 2 * DAY ? seconds / HOUR + " hours" : seconds / DAY + " days";
    }

    /** Returns a time as it can be typed: without the date if it is today's. */
    public static String text(Instant time, Instant now, ZoneId zone) {
        LocalDateTime local = LocalDateTime.ofInstant(time, zone).truncatedTo(ChronoUnit.SECONDS);
        String ofDay = TIME_OF_DAY.format(local);
        boolean isToday = local.toLocalDate().equals(LocalDate.ofInstant(now, zone));
        return isToday ? ofDay : local.toLocalDate() + " " + ofDay;
    }

    private static Instant inRange(Instant moment) {
        int year = moment.atOffset(ZoneOffset.UTC).getYear();
        return year < FIRST_YEAR || year > LAST_YEAR ? null : moment;
    }

    private static Instant absolute(String text) {
        return OffsetDateTime.parse(text.replaceFirst(" ", "T")).toInstant();
    }

    /** Returns a local time; {@code null} if the text has an offset, or is none. */
    private static LocalDateTime local(String text, Instant now, ZoneId zone) {
        LocalDate today = LocalDate.ofInstant(now, zone);
        if (text.startsWith(TODAY)) {
            return onDay(today, text.substring(TODAY.length()));
        }
        if (text.startsWith(YESTERDAY)) {
            return onDay(today.minusDays(1), text.substring(YESTERDAY.length()));
        }
        if (text.indexOf('-') < 0) {
            LocalDateTime at = today.atTime(time(text));
            return instant(at, now, zone).isAfter(now) ? at.minusDays(1) : at;
        }
        int dateEnd = Math.min(text.length(), "2026-11-29".length());
        String time = text.substring(dateEnd);
        boolean isOfOffset = time.endsWith("Z") || time.indexOf('+') > 0 || time.indexOf('-') > 0;
        return isOfOffset ? null : onDay(LocalDate.parse(text.substring(0, dateEnd)), time);
    }

    /**
     * Returns a time of a day.
     *
     * @param time the time behind a blank or a T; empty for the begin of the day
     */
    private static LocalDateTime onDay(LocalDate day, String time) {
        if (time.isEmpty()) {
            return day.atStartOfDay();
        }
        char between = time.charAt(0);
        if (between != ' ' && between != 'T') {
            throw new DateTimeException(time);
        }
        return day.atTime(time(time.substring(1).strip()));
    }

    private static LocalTime time(String text) {
        return LocalTime.parse(text.indexOf(':') == 1 ? '0' + text : text);
    }

    /** Returns the moment of a local time; of one that occurs twice, the last one that was. */
    private static Instant instant(LocalDateTime local, Instant now, ZoneId zone) {
        Instant first = local.atZone(zone).toInstant();
        Instant last = local.atZone(zone).withLaterOffsetAtOverlap().toInstant();
        return last.isAfter(now) ? first : last;
    }
}
