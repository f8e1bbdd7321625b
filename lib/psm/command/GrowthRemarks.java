package psm.command;

import psm.growth.Growth;
import psm.growth.GrowthReport;
import psm.growth.Trend;
import psm.text.Text;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The lines about a report of growth: what is missing, and what it leaves out. */
final class GrowthRemarks {
    private static final long DAY_SECONDS = TimeUnit.DAYS.toSeconds(1);
    private static final long HOUR_SECONDS = TimeUnit.HOURS.toSeconds(1);
    private static final long MINUTE_SECONDS = TimeUnit.MINUTES.toSeconds(1);

    /** From how many days on a time is in days. */
    private static final int LEAST_DAYS = 3;

    private GrowthRemarks() {}

    /**
     * Returns the lines.
     *
     * @param gaps how often samples are missing in a recording
     */
    static List<String> of(Growth growth, int gaps) {
        List<String> remarks = new ArrayList<>();
        long samples = growth.samples();
        if (gaps > 0) {
            remarks.add("the recording has " + (gaps == 1 ? "a gap" : gaps + " gaps"));
        }
        if (samples < Trend.LEAST_BUCKETS) {
            remarks.add(
                    "too short: a verdict takes at least "
                            + Trend.LEAST_BUCKETS
                            + " samples, spread over the time; measure for a longer time");
        }
        if (growth.isRebooted()) {
            remarks.add(
                    "the machine was started anew; the figures are of the time since, of which the"
                            + " first sample is of "
                            + Text.local(
                                    growth.last().run().takenAt().minusMillis(growth.millis())));
        }
        if (growth.dropped() > 0) {
            remarks.add(
                    "there are too many rows to follow; "
                            + rows(growth.dropped(), "was", "were")
                            + " left out, the smallest ones");
        }
        return remarks;
    }

    private static String rows(int count, String verb, String verbOfMany) {
        return count == 1 ? "1 row " + verb : count + " rows " + verbOfMany;
    }

    /** Says when a limit is reached, which is foreseeable. */
    static String full(GrowthReport.Forecast forecast) {
        String what =
                forecast.isOfHost()
                        ? "the memory of this machine"
                        : "the memory of " + forecast.name();
        return what
                + " will be full at "
                + Text.local(forecast.fullAt())
                + " (at the earliest "
                + Text.local(forecast.earliest())
                + ", at the latest "
                + (forecast.latest() == null ? "not within 30 days" : Text.local(forecast.latest()))
                + ")";
    }

    /** Returns a time in one unit if that is exact, else in two. */
    static String span(long seconds) {
        if (seconds >= LEAST_DAYS * DAY_SECONDS) {
            return two(seconds, DAY_SECONDS, "d", HOUR_SECONDS, "h");
        }
        if (seconds >= HOUR_SECONDS) {
            return two(seconds, HOUR_SECONDS, "h", MINUTE_SECONDS, "m");
        }
        return seconds >= MINUTE_SECONDS
                ? two(seconds, MINUTE_SECONDS, "m", 1, "s")
                : seconds + "s";
    }

    private static String two(long seconds, long large, String unit, long small, String smaller) {
        long rest = seconds % large / small;
        return seconds / large + unit + (rest == 0 ? "" : " " + rest + smaller);
    }
}
