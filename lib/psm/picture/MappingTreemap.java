package psm.picture;

import psm.Psm;
import psm.report.MappingReport;
import psm.smaps.MappingKind;
import psm.smaps.Mappings;
import psm.text.Failure;
import psm.text.Filter;
import psm.text.Missing;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Draws the RAM of mappings: their kinds, and within each the names. */
public final class MappingTreemap {
    private static final String KIND = "kind";
    private static final String MAPPING = "mapping";

    private MappingTreemap() {}

    /**
     * Returns the picture.
     *
     * @param mappings those of a scan that read the names in each kind
     * @param byKind whether the filter is for kinds, else for names
     * @param filter the filter of the report; {@code null} for none
     * @throws Failure if the filter is too slow for a name
     */
    public static Psm.Treemap of(Mappings mappings, boolean byKind, Filter filter) throws Failure {
        Map<MappingKind, Map<String, Long>> kinds = new EnumMap<>(MappingKind.class);
        long whole = 0;
        for (MappingKind kind : MappingKind.values()) {
            if (byKind && !isFound(kind.inWords, filter)) {
                continue;
            }
            Map<String, Long> names = names(mappings, kind);
            if (!byKind && filter != null) {
                for (String name : List.copyOf(names.keySet())) {
                    if (!isFound(name, filter)) {
                        names.remove(name);
                    }
                }
            }
            kinds.put(kind, names);
            whole = Missing.plus(whole, sum(names));
        }
        Areas areas = new Areas(whole / Areas.MOST);
        List<Psm.Area> parts = new ArrayList<>();
        for (Map.Entry<MappingKind, Map<String, Long>> kind : kinds.entrySet()) {
            parts.add(area(areas, kind.getKey(), kind.getValue()));
        }
        return new Psm.Treemap(
                "What the RAM of these processes is",
                null,
                new Psm.Area(
                        MAPPING, null, "all mappings", whole, false, areas.merged(KIND, parts)));
    }

    /** Returns the RAM of the names in a kind, which add up to that of the kind. */
    private static Map<String, Long> names(Mappings mappings, MappingKind kind) {
        Map<String, Long> names = mappings.ramByName(kind);
        long all = Missing.orZero(mappings.ofKind(kind)[Mappings.Figure.PSS.ordinal()]);
        if (all > sum(names)) {
            names.merge(MappingReport.OTHERS, all - sum(names), Missing::plus);
        }
        return names;
    }

    /** Returns the area of a kind; the kernel's only name of all of them says no more. */
    private static Psm.Area area(Areas areas, MappingKind kind, Map<String, Long> names) {
        List<Psm.Area> parts = new ArrayList<>();
        for (Map.Entry<String, Long> name : names.entrySet()) {
            parts.add(areas.of(MAPPING, name.getKey(), name.getValue()));
        }
        List<Psm.Area> merged = areas.merged(MAPPING, parts);
        return new Psm.Area(
                KIND,
                null,
                kind.inWords,
                sum(names),
                false,
                isNamedByKernel(merged) ? List.of() : merged);
    }

    private static boolean isNamedByKernel(List<Psm.Area> parts) {
        return parts.size() == 1 && parts.get(0).name().startsWith("[");
    }

    private static long sum(Map<String, Long> names) {
        long sum = 0;
        for (long bytes : names.values()) {
            sum = Missing.plus(sum, bytes);
        }
        return sum;
    }

    private static boolean isFound(String name, Filter filter) throws Failure {
        try {
            return filter == null || filter.finds(name);
        } catch (IOException e) {
            filter.requireFast();
            throw Failure.of(e.getMessage() + ": " + name, e);
        }
    }
}
