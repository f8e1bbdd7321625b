package psm.growth;

import psm.Psm;
import psm.trend.Trend;
import psm.trend.Verdict;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Draws the limits and the rows that come first in a report of growth, a picture for each machine.
 * Of all other rows, nothing is kept. Not for sharing between threads.
 */
final class GrowthPictures {
    /** The number of limits, and of rows, that are drawn. */
    private static final int MOST = 10;

    private static final String TITLE = "What grows";

    /** A curve, and the axis of its machine. */
    private record Drawn<T>(T what, Psm.Curves axis, Psm.Curve curve) {}

    /** The first of many things in an order, with their curves. */
    private static final class Foremost<T> {
        private final Comparator<T> order;
        private final int most;
        private final List<Drawn<T>> drawn = new ArrayList<>();

        Foremost(Comparator<T> order, int most) {
            this.order = order;
            this.most = most;
        }

        boolean hasRoomFor(T what) {
            return drawn.size() < most || order.compare(what, drawn.get(most - 1).what()) < 0;
        }

        void add(Drawn<T> more) {
            drawn.add(more);
            drawn.sort((a, b) -> order.compare(a.what(), b.what()));
            if (drawn.size() > most) {
                drawn.remove(most);
            }
        }
    }

    private final Foremost<Forecast> limits = new Foremost<>(Forecast::compareUrgency, MOST);
    private final Foremost<GrowthLine> rows;

    /** The machine that is being added. */
    private GrowthCurves curves;

    private Psm.Curves axis;

    /**
     * Starts without a machine.
     *
     * @param maxRows the number of rows of the report; 0 for any number
     */
    GrowthPictures(int maxRows) {
        rows = new Foremost<>(GrowthLine.ORDER, maxRows == 0 ? MOST : Math.min(MOST, maxRows));
    }

    /**
     * Goes on with a machine.
     *
     * @param machine what it is called; {@code null} in a report of one
     */
    void begin(String machine, Growth growth) {
        curves = new GrowthCurves(growth);
        axis = curves.axis(TITLE, machine);
    }

    /** Adds a limit of the machine. */
    void add(Forecast forecast, Capacities.Capacity capacity) {
        if (limits.hasRoomFor(forecast)) {
            limits.add(new Drawn<>(forecast, axis, curves.of(capacity, forecast)));
        }
    }

    /**
     * Adds a row of the machine.
     *
     * @param unnamed the number of its names that say which machine it is of
     */
    void add(GrowthLine line, GrowthRow row, Trend trend, int unnamed) {
        Verdict verdict = trend.verdict();
        boolean isGrowth =
                verdict != Verdict.FLAT && verdict != Verdict.TOO_SHORT && trend.change() > 0;
        if (isGrowth && rows.hasRoomFor(line)) {
            Psm.Curve curve = curves.of(row, GrowthLine.name(row.names, unnamed));
            rows.add(new Drawn<>(line, axis, curve));
        }
    }

    /** Ends a machine; only what was drawn of it is kept. */
    void end() {
        curves = null;
        axis = null;
    }

    /** Returns a picture for each machine with a curve: its limits before its rows. */
    List<Psm.Picture> pictures() {
        Map<Psm.Curves, List<Psm.Curve>> byMachine = new LinkedHashMap<>();
        List<Drawn<?>> all = new ArrayList<>(limits.drawn);
        all.addAll(rows.drawn);
        for (Drawn<?> drawn : all) {
            byMachine.computeIfAbsent(drawn.axis(), unused -> new ArrayList<>()).add(drawn.curve());
        }
        List<Psm.Picture> pictures = new ArrayList<>();
        byMachine.forEach(
                (of, its) ->
                        pictures.add(
                                new Psm.Curves(
                                        of.title(),
                                        of.host(),
                                        of.from(),
                                        of.until(),
                                        of.gaps(),
                                        of.marks(),
                                        List.copyOf(its))));
        return Collections.unmodifiableList(pictures);
    }
}
