package psm.svg;

import psm.cell.TimeText;
import psm.text.Text;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** An axis of time, with lines at round times of UTC, as in the rest of the page. */
final class TimeAxis {
    private static final int MINUTE = 60;
    private static final int HOUR = 60 * MINUTE;
    private static final int DAY = 24 * HOUR;

    /** The distances of lines. */
    private static final int[] STEPS = {
        1,
        5,
        15,
        MINUTE,
        2 * MINUTE,
        5 * MINUTE,
        15 * MINUTE,
        30 * MINUTE,
        HOUR,
        2 * HOUR,
        3 * HOUR,
        6 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        30 * DAY,
        90 * DAY,
        365 * DAY
    };

    private static final int MOST_LINES = 5;

    private final Instant from;
    private final double seconds;
    private final double left;
    private final double width;

    /** Places an axis, from one edge to the other. */
    TimeAxis(Instant from, Instant until, double left, double width) {
        this.from = from;
        this.seconds = Math.max(1, until.getEpochSecond() - from.getEpochSecond());
        this.left = left;
        this.width = width;
    }

    /** Returns where a time is, at the nearest edge if it is outside. */
    double x(Instant at) {
        double since = at.getEpochSecond() - from.getEpochSecond();
        return left + width * Math.max(0, Math.min(1, since / seconds));
    }

    /** Returns the times of the lines. */
    List<Instant> lines() {
        int step = step();
        List<Instant> lines = new ArrayList<>();
        long first = from.getEpochSecond();
        long next = (Math.floorDiv(first, step) + 1) * step;
        for (long at = next; at <= first + seconds; at += step) {
            lines.add(Instant.ofEpochSecond(at));
        }
        return lines;
    }

    private int step() {
        for (int step : STEPS) {
            if (seconds / step <= MOST_LINES) {
                return step;
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(seconds / MOST_LINES));
    }

    /** Returns what stands at a line: the time, or the day where one begins. */
    String label(Instant at) {
        String text = Text.utc(at);
        String time = text.substring(text.indexOf('T') + 1);
        boolean isDay = time.startsWith("00:00:00");
        if (isDay || step() >= DAY) {
            // At a distance of two days, a time has its date before it.
            String day = TimeText.moment(at, at.plusSeconds(2L * DAY), false);
            return day.substring(0, day.lastIndexOf(' '));
        }
        return time.substring(0, step() < MINUTE ? 8 : 5);
    }
}
