package psm.growth;

import psm.Psm;
import psm.trend.LowWater;
import psm.trend.Series;
import psm.trend.Trend;
import psm.trend.Verdict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Draws the sizes of one machine over time. The axis is the time that the clock shows after the
 * last sample: where the clock was set before, an event says so. Not for sharing between threads.
 */
final class GrowthCurves {
    /** The number of buckets of a curve; more would not be seen in a picture. */
    private static final int MAX_BUCKETS = 240;

    private final Growth growth;
    private final Stretches gaps;

    /** The uptime of the last sample, and its time. */
    private final long lastMillis;

    private final Instant last;

    /** Starts with the growth of a machine, of which there is at least one sample. */
    GrowthCurves(Growth growth) {
        this.growth = growth;
        this.gaps = growth.timeline().gaps();
        this.lastMillis = growth.lastMillis();
        this.last = growth.last().run().takenAt();
    }

    private Instant at(long millis) {
        return last.minusMillis(lastMillis - millis);
    }

    /** Returns an axis without curves, with what happened on the machine. */
    Psm.Curves axis(String title, String machine) {
        List<Psm.Gap> missing = new ArrayList<>();
        for (Stretches.Stretch gap : gaps.all()) {
            missing.add(new Psm.Gap(at(gap.from()), at(gap.until())));
        }
        List<Psm.Mark> marks = new ArrayList<>();
        for (Timeline.Event event : growth.timeline().events()) {
            marks.add(new Psm.Mark(at(event.millis()), event.what()));
        }
        Instant first = last.minusMillis(growth.millis());
        return new Psm.Curves(
                title, machine, first, last, List.copyOf(missing), List.copyOf(marks), List.of());
    }

    /** Returns the curve of a limit, of which a forecast is made. */
    Psm.Curve of(Capacities.Capacity capacity, Forecast forecast) {
        Trend.Decision decision = capacity.decision();
        List<Psm.Bucket> buckets = buckets(capacity.series(), new Stretches(0));
        end(buckets, capacity.used());
        boolean isForeseeable = forecast.fullAt() != null;
        return new Psm.Curve(
                name(forecast),
                forecast.trend().verdict().toString(),
                List.copyOf(buckets),
                levels(decision),
                forecast.limit(),
                prediction(
                        forecast.trend(),
                        forecast.fullAt(),
                        isForeseeable ? forecast.earliest() : null,
                        isForeseeable ? forecast.latest() : null));
    }

    private String name(Forecast forecast) {
        String host = forecast.host() == null ? growth.last().host().name() : forecast.host();
        return forecast.isOfHost()
                ? "RAM and swap of " + (host == null ? "this machine" : host)
                : forecast.name();
    }

    /** Returns the curve of a row. */
    Psm.Curve of(GrowthRow row, String name) {
        Trend.Decision decision = row.decision();
        boolean isThere = growth.isThere(row);
        List<Psm.Bucket> buckets = buckets(row.series, row.absences());
        end(buckets, isThere ? row.now() : 0);
        return new Psm.Curve(
                row.pid == 0 ? name : name + " (" + row.pid + ')',
                decision.trend().verdict() + (isThere ? "" : ", then ended"),
                List.copyOf(buckets),
                levels(decision),
                null,
                isThere ? prediction(decision.trend(), null, null, null) : null);
    }

    /** Returns how what grows steadily goes on; {@code null} for all else. */
    private static Psm.Prediction prediction(
            Trend trend, Instant at, Instant earliest, Instant latest) {
        return trend.verdict() != Verdict.STEADY
                ? null
                : new Psm.Prediction(
                        trend.level() + trend.tooth(), // peaks reach a limit first
                        trend.rate(),
                        trend.lower(),
                        trend.upper(),
                        at,
                        earliest,
                        latest);
    }

    private List<Psm.Level> levels(Trend.Decision decision) {
        LowWater low = decision.low();
        List<Psm.Level> levels = new ArrayList<>();
        for (int i = 0; i < low.size(); i++) {
            levels.add(new Psm.Level(at(decision.from() + low.millis(i)), low.bytes(i)));
        }
        return List.copyOf(levels);
    }

    /** Returns the sizes of a series, and nothing where it is absent. */
    private List<Psm.Bucket> buckets(Series series, Stretches absences) {
        List<Psm.Bucket> buckets = new ArrayList<>();
        int merged = (series.slots() + MAX_BUCKETS - 1) / MAX_BUCKETS;
        for (int slot = 0; slot < series.slots(); ) {
            int end = Math.min(slot + merged, series.slots());
            int least = slot;
            float greatest = series.greatest(slot);
            for (slot++; slot < end && !isApart(series, slot - 1, absences); slot++) {
                least = series.least(slot) < series.least(least) ? slot : least;
                greatest = Math.max(greatest, series.greatest(slot));
            }
            buckets.add(
                    new Psm.Bucket(
                            at(series.millis(least)), (long) series.least(least), (long) greatest));
        }
        for (Stretches.Stretch absence : absences.all()) {
            buckets.add(new Psm.Bucket(at(absence.from()), 0, 0));
            if (absence.millis() > 0) {
                buckets.add(new Psm.Bucket(at(absence.until()), 0, 0));
            }
        }
        buckets.sort(Comparator.comparing(Psm.Bucket::at));
        return buckets;
    }

    /** Returns whether samples are missing between a slot and the next one, or it is absent. */
    private boolean isApart(Series series, int slot, Stretches absences) {
        long from = series.millis(slot);
        long until = series.millis(slot + 1);
        return gaps.isBetween(from, until) || absences.isBetween(from, until);
    }

    /** Adds the last sample, unless the last bucket is that sample alone. */
    private void end(List<Psm.Bucket> buckets, long bytes) {
        Psm.Bucket end = new Psm.Bucket(last, bytes, bytes);
        if (buckets.isEmpty() || !buckets.get(buckets.size() - 1).equals(end)) {
            buckets.add(end);
        }
    }
}
