package psm.cli;

import psm.scan.Scan;
import psm.text.Failure;
import psm.text.Times;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Reads the options that only {@code psm growth} has. */
final class GrowthArguments {
    private static final Duration LONGEST = Duration.ofDays(30);

    private static final Duration USUALLY_WITHIN = Duration.ofDays(1);

    /** The number of samples if their interval is not named: five for each bucket of a trend. */
    private static final int USUAL_SAMPLES = 60;

    private static final long USUAL_LEAST_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ParsedOptions parsed;

    GrowthArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /** Refuses what does not go together with growth. */
    void refuse() throws Failure {
        if (parsed.has(Option.INTERVAL) && !parsed.has(Option.FOR)) {
            throw refusedAlone(Option.INTERVAL, Option.FOR + " TIME, such as --for 5m");
        }
        if (parsed.has(Option.WITHIN) && !parsed.has(Option.STRICT)) {
            throw refusedAlone(Option.WITHIN, Option.STRICT.toString());
        }
    }

    private Failure refusedAlone(Option option, String needed) {
        return parsed.refused(option, parsed.value(option), "has no effect alone; add " + needed);
    }

    /** Returns the times of the report. */
    Options.Window window() throws Failure {
        Duration within = parsed.has(Option.STRICT) ? span(Option.WITHIN, USUALLY_WITHIN) : null;
        if (!parsed.has(Option.FOR)) {
            return new Options.Window(0, 0, within);
        }
        Duration whole = span(Option.FOR, null);
        long nanos = whole.toNanos();
        long interval = parsed.nanos(Option.INTERVAL, TimeUnit.SECONDS, "1", Scan.TICK_NANOS);
        if (!parsed.has(Option.INTERVAL)) {
            interval = Math.max(USUAL_LEAST_NANOS, nanos / USUAL_SAMPLES);
        }
        if (interval > nanos) {
            throw parsed.refused(
                    Option.FOR,
                    parsed.value(Option.FOR),
                    "is shorter than the time from one sample to the next, "
                            + interval / TimeUnit.SECONDS.toNanos(1)
                            + " s; use a longer time, or a shorter "
                            + Option.INTERVAL.brief());
        }
        return new Options.Window(nanos, interval, within);
    }

    private Duration span(Option option, Duration byDefault) throws Failure {
        String text = parsed.value(option);
        if (text == null) {
            return byDefault;
        }
        Duration span = Times.span(text);
        if (span == null || span.isZero() || span.compareTo(LONGEST) > 0) {
            throw parsed.refused(
                    option, text, "takes a time of at most 30 days, such as " + Times.SPANS);
        }
        return span;
    }
}
