package psm.picture;

import psm.Psm;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Makes the areas of a treemap. Those that would be too small to see become one. */
final class Areas {
    /** The kind of figures of the host. */
    static final String MEMORY = "memory";

    /** How many areas fit into a picture, at most: a smaller one cannot be seen. */
    static final int MOST = 20_000;

    private static final Comparator<Psm.Area> LARGEST_FIRST =
            Comparator.comparingLong(Psm.Area::bytes).reversed();

    /** The size of the smallest area. */
    private final long least;

    Areas(long least) {
        this.least = least;
    }

    /** Returns an area without parts. */
    Psm.Area of(String kind, String name, long bytes) {
        return new Psm.Area(kind, null, name, bytes, false, List.of());
    }

    /**
     * Sorts areas, and makes one of those that are too small.
     *
     * @param kind what they are
     */
    List<Psm.Area> merged(String kind, List<Psm.Area> areas) {
        List<Psm.Area> kept = new ArrayList<>();
        List<Psm.Area> small = new ArrayList<>();
        long sum = 0;
        for (Psm.Area area : areas) {
            if (area.bytes() >= least && area.bytes() > 0) {
                kept.add(area);
            } else if (area.bytes() > 0) {
                small.add(area);
                sum += area.bytes();
            }
        }
        if (small.size() == 1) {
            kept.add(small.get(0));
        } else if (!small.isEmpty()) {
            kept.add(of(kind, small.size() + " others", sum));
        }
        return sorted(kept);
    }

    /** Sorts areas, the largest first. */
    static List<Psm.Area> sorted(List<Psm.Area> areas) {
        areas.sort(LARGEST_FIRST);
        return Collections.unmodifiableList(areas);
    }
}
