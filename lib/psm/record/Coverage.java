package psm.record;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/**
 * The time that a recording covers.
 *
 * @param first the time of the first sample; {@code null} if there is none
 * @param last the time of the last sample
 * @param samples the number of samples that can be read
 * @param gaps how often samples are missing between two
 * @param unreadable the number of samples that cannot be read
 */
public record Coverage(Instant first, Instant last, long samples, long gaps, long unreadable) {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm");
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm");

    /**
     * Returns it in words, such as {@code samples from 08:00 to 12:31, 2 gaps}, with the date
     * unless all is of today.
     */
    public String text(Instant now, ZoneId zone) {
        if (first == null) {
            return "no sample" + unreadableText();
        }
        boolean isOneDay = first.atZone(zone).toLocalDate().equals(last.atZone(zone).toLocalDate());
        boolean isToday =
                isOneDay && last.atZone(zone).toLocalDate().equals(now.atZone(zone).toLocalDate());
        String from = (isToday ? TIME : DAY).format(first.atZone(zone));
        String to = (isOneDay ? TIME : DAY).format(last.atZone(zone));
        String gapText = gaps == 0 ? "" : ", " + count(gaps, "gap");
        return samples == 1
                ? "one sample, of " + from + unreadableText()
                : "samples from " + from + " to " + to + gapText + unreadableText();
    }

    private String unreadableText() {
        return unreadable == 0
                ? ""
                : ", and " + count(unreadable, "sample") + " that cannot be read";
    }

    private static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }
}
