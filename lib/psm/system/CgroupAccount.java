package psm.system;

import psm.Psm;
import psm.cgroup.CgroupMemory;
import psm.cgroup.StableName;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The list of the control groups with a limit of their own that are closest to it. */
public final class CgroupAccount {
    /** The key of the list. */
    public static final String KEY = "cgroup";

    /** The number of groups: with more, a host with many containers would have many metrics. */
    private static final int MAX_ROWS = 20;

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    column("cgroup", "CGROUP", Psm.Kind.TEXT, 4),
                    column("unreclaimable_bytes", "HELD", Psm.Kind.BYTES, 1),
                    column("limit_bytes", "LIMIT", Psm.Kind.BYTES, 2),
                    column("oom_kills_total", "KILLS", Psm.Kind.NUMBER, 3));

    private CgroupAccount() {}

    private static Psm.Column column(String key, String title, Psm.Kind kind, int display) {
        return new Psm.Column(key, title, kind, display, false, false);
    }

    /**
     * Returns the list, the fullest first. Of groups with the same {@link StableName} it contains
     * the fullest, since their limits have no sum. Which one that is changes, and another one's
     * count of kills would look like a kill, so it contains none.
     *
     * @param cgroups the figures of the memory controller, by path
     */
    public static Psm.Account of(Map<String, CgroupMemory> cgroups) {
        List<Map.Entry<String, CgroupMemory>> limited = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : cgroups.entrySet()) {
            if (cgroup.getValue().isLimited()) {
                limited.add(cgroup);
            }
        }
        limited.sort(FULLEST_FIRST);
        // Whether several groups have a name, with the names in the order of the fullest.
        Map<String, Boolean> names = new LinkedHashMap<>();
        for (Map.Entry<String, CgroupMemory> cgroup : limited) {
            String name = StableName.of(cgroup.getKey());
            names.put(name, names.containsKey(name));
        }
        List<Psm.Row> rows = new ArrayList<>();
        for (Map.Entry<String, CgroupMemory> cgroup : limited) {
            String name = StableName.of(cgroup.getKey());
            Boolean isShared = rows.size() < MAX_ROWS ? names.remove(name) : null;
            if (isShared != null) {
                rows.add(row(name, cgroup.getValue(), isShared));
            }
        }
        return new Psm.Account(
                KEY, null, List.of(), false, COLUMNS, Collections.unmodifiableList(rows));
    }

    private static Psm.Row row(String name, CgroupMemory memory, boolean isShared) {
        return new Psm.Row(
                Collections.unmodifiableList(
                        Arrays.asList(
                                name,
                                Missing.orNull(memory.inUse().unreclaimable()),
                                Missing.orNull(memory.limits().max()),
                                isShared ? null : Missing.orNull(memory.oomKills()))));
    }

    /** Returns what of its limit a group has filled, as far as that is known. */
    private static double filled(CgroupMemory memory) {
        long held = memory.inUse().unreclaimable();
        long used = Missing.is(held) ? memory.inUse().needed() : held;
        return (double) Missing.orZero(used) / memory.limits().max();
    }

    private static final Comparator<Map.Entry<String, CgroupMemory>> FULLEST_FIRST =
            new Comparator<>() {
                @Override
                public int compare(
                        Map.Entry<String, CgroupMemory> a, Map.Entry<String, CgroupMemory> b) {
                    int byFilled = Double.compare(filled(b.getValue()), filled(a.getValue()));
                    return byFilled != 0 ? byFilled : a.getKey().compareTo(b.getKey());
                }
            };
}
