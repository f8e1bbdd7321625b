package psm.command;

import psm.cli.Option;
import psm.growth.Forecast;
import psm.growth.Growth;
import psm.text.Text;
import psm.trend.Trend;

import java.util.ArrayList;
import java.util.List;

/** The lines about a report of growth: what is missing, and what it leaves out. */
final class GrowthRemarks {
    private final Growth growth;
    private final boolean isTooShort;
    private final boolean isRecorded;

    /**
     * Takes the growth of a machine whose report was made.
     *
     * @param isTooShort whether its samples are too few for any verdict
     * @param isRecorded whether the samples are from a recording
     */
    GrowthRemarks(Growth growth, boolean isTooShort, boolean isRecorded) {
        this.growth = growth;
        this.isTooShort = isTooShort;
        this.isRecorded = isRecorded;
    }

    /**
     * Returns the lines.
     *
     * @param gaps how often samples are missing in a recording
     */
    List<String> all(int gaps) {
        List<String> remarks = new ArrayList<>();
        if (gaps > 0) {
            remarks.add("the recording has " + (gaps == 1 ? "a gap" : gaps + " gaps"));
        }
        if (isTooShort) {
            remarks.add(
                    "too short: a verdict takes at least "
                            + Trend.LEAST_BUCKETS
                            + " samples, spread evenly over the time; "
                            + remedy(!isRecorded));
        }
        if (growth.isRebooted()) {
            remarks.add(
                    "the machine was restarted; the figures are of the time since, of which the"
                            + " first sample is of "
                            + Text.local(
                                    growth.last().run().takenAt().minusMillis(growth.millis())));
        }
        if (growth.dropped() > 0) {
            remarks.add(
                    "there are too many rows to follow; "
                            + (growth.dropped() == 1
                                    ? "1 row was"
                                    : growth.dropped() + " rows were")
                            + " left out, the smallest ones; "
                            + Option.BY
                            + " program has fewer");
        }
        if (growth.droppedLimits() > 0) {
            remarks.add(
                    "there are too many control groups with a limit to follow; "
                            + growth.droppedLimits()
                            + " of them "
                            + (growth.droppedLimits() == 1 ? "was" : "were")
                            + " left out");
        }
        return remarks;
    }

    /** Returns what to do where the samples are too few. */
    static String remedy(boolean isMeasured) {
        return isMeasured
                ? "measure for a longer time, with " + Option.FOR
                : "name an earlier " + Option.SINCE;
    }

    /** Returns what a limit is of. */
    static String memory(Forecast forecast) {
        String host = forecast.host();
        if (forecast.isOfHost()) {
            return "the memory of " + (host == null ? "this machine" : host);
        }
        return "the memory of " + forecast.name() + (host == null ? "" : " on " + host);
    }

    /** Says when a limit is reached, which is foreseeable. */
    static String full(Forecast forecast) {
        return memory(forecast)
                + " will be full at "
                + Text.local(forecast.fullAt())
                + " (at the earliest "
                + Text.local(forecast.earliest())
                + ", "
                + (forecast.latest() == null
                        ? "perhaps later than in 30 days"
                        : "at the latest " + Text.local(forecast.latest()))
                + ")";
    }
}
