package psm.growth;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Keeps stretches of time: if there are too many, the longest ones. Not for sharing between
 * threads.
 */
final class Stretches {
    /**
     * A stretch of time between two uptimes in milliseconds.
     *
     * @param until not before the begin
     */
    record Stretch(long from, long until) {
        long millis() {
            return until - from;
        }
    }

    private final int most;
    private final List<Stretch> kept = new ArrayList<>();

    /** Starts without any. */
    Stretches(int most) {
        this.most = most;
    }

    /** Adds one that is later than all others. */
    void add(long from, long until) {
        kept.add(new Stretch(from, until));
        if (kept.size() > most) {
            int shortest = 0;
            for (int i = 1; i < kept.size(); i++) {
                shortest = kept.get(i).millis() < kept.get(shortest).millis() ? i : shortest;
            }
            kept.remove(shortest);
        }
    }

    /** Returns those that are kept, in order of time. */
    List<Stretch> all() {
        return Collections.unmodifiableList(kept);
    }

    /** Returns whether one of them lies between two moments. */
    boolean isBetween(long from, long until) {
        for (Stretch stretch : kept) {
            if (stretch.from() >= from && stretch.until() <= until) {
                return true;
            }
        }
        return false;
    }
}
