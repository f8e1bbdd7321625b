package psm.cli;

import psm.format.Exporters;
import psm.text.Failure;
import psm.text.Moment;
import psm.text.Text;
import psm.text.Times;

import java.time.Instant;
import java.time.ZoneId;

/** Reads and checks the options about the time of a recording. */
final class TimeArguments {
    private static final Option[] ALL = {Option.AT, Option.SINCE, Option.UNTIL};

    private final ParsedOptions parsed;

    TimeArguments(ParsedOptions parsed) {
        this.parsed = parsed;
    }

    /** Returns the first option about the past; {@code null} if there is none. */
    Option first() {
        for (Option option : ALL) {
            if (parsed.has(option)) {
                return option;
            }
        }
        return null;
    }

    /** Returns whether each sample of a recording is to be a report of its own. */
    boolean isReplay() {
        return parsed.has(Option.WATCH) && (parsed.has(Option.SINCE) || parsed.has(Option.UNTIL));
    }

    /** Returns the times of a recording that the report is about; {@code null} for none. */
    Options.Period period() throws Failure {
        if (first() == null) {
            return null;
        }
        Instant now = Instant.now();
        Moment since = moment(Option.SINCE, now);
        Moment until = moment(Option.UNTIL, now);
        if (since != null && until != null && until.time().isBefore(since.time())) {
            throw Failure.usage(
                    until.asked()
                            + ": "
                            + Text.local(until.time())
                            + " is before "
                            + since.asked()
                            + ", "
                            + Text.local(since.time())
                            + "; write the date too",
                    null);
        }
        return new Options.Period(moment(Option.AT, now), since, until);
    }

    private Moment moment(Option option, Instant now) throws Failure {
        String text = parsed.value(option);
        if (text == null) {
            return null;
        }
        Instant time = Times.moment(text, now, ZoneId.systemDefault());
        if (time == null) {
            throw parsed.refused(option, text, "is no time; it takes " + Times.MOMENTS);
        }
        Instant twin = Times.twin(text, now, ZoneId.systemDefault());
        return new Moment(parsed.typed(option) + ' ' + text, time, twin);
    }

    /**
     * Refuses what does not go together with times.
     *
     * @param format the name of the output format
     */
    void refuse(Topic topic, String format) throws Failure {
        Option first = first();
        if (first == null) {
            return;
        }
        if (parsed.has(Option.HOSTS) && topic != Topic.GROWTH) {
            throw refused(
                    first,
                    "is about a recording, and "
                            + Option.HOSTS
                            + " asks machines; leave out one of them");
        }
        if (first == Option.AT) {
            refuseWithAt();
        } else if (format.equals(Exporters.SNAPSHOT)) {
            throw refused(first, "a snapshot is of one moment; use " + Option.AT);
        } else if (!topic.isOfTimes() && !parsed.has(Option.WATCH) && !isBackfill(topic, format)) {
            throw refused(
                    first,
                    "a report is of one moment; use "
                            + Option.AT
                            + ", add "
                            + Option.WATCH.brief()
                            + " SECONDS to replay a recording, or use psm growth, psm diff or psm "
                            + Option.OUTPUT.brief()
                            + " openmetrics");
        }
    }

    /** Returns whether many samples of a recording become one report. */
    private static boolean isBackfill(Topic topic, String format) {
        return topic == Topic.PROCESSES && Options.Looks.isOfTimes(format);
    }

    private void refuseWithAt() throws Failure {
        for (Option other : new Option[] {Option.SINCE, Option.UNTIL, Option.WATCH}) {
            if (parsed.has(other)) {
                throw refused(
                        Option.AT,
                        "is one moment; leave out "
                                + parsed.typed(other)
                                + (other == Option.WATCH
                                        ? ", or replay a recording with " + Option.SINCE
                                        : ""));
            }
        }
    }

    private Failure refused(Option option, String problem) {
        return parsed.refused(option, parsed.value(option), problem);
    }
}
