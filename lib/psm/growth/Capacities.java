package psm.growth;

import psm.cgroup.CgroupMemory;
import psm.proc.HostMemory;
import psm.scan.Snapshot;
import psm.text.Missing;
import psm.trend.Series;
import psm.trend.Trend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Follows how full the machine is, and each control group with a limit. Page cache is left out: it
 * fills a group up to its limit without harm (kubernetes issue 43916). Not for sharing between
 * threads.
 */
final class Capacities {
    /** The name of the machine among the limits; the others are paths, which begin with a slash. */
    static final String HOST = "host";

    /** How many control groups to follow at most: 12 MB. */
    private static final int MAX_CGROUPS = 2_000;

    /** One limit and the memory that counts against it. */
    static final class Capacity {
        final String name;
        private final Series used = new Series();
        private long limit;

        private Capacity(String name) {
            this.name = name;
        }

        long limit() {
            return limit;
        }

        long used() {
            return used.lastBytes();
        }

        Series series() {
            return used;
        }

        Trend.Decision decision() {
            return Trend.decide(used, Long.MIN_VALUE);
        }
    }

    private final Capacity host = new Capacity(HOST);
    private final Map<String, Capacity> cgroups = new HashMap<>();

    /** The names in the last sample. */
    private List<Capacity> current = new ArrayList<>();

    /** How many groups with a limit the last sample has beside {@link #current}. */
    private int leftOut;

    /** The paths of limited groups in the last sample. */
    private Map<String, CgroupMemory> last = Map.of();

    void add(Snapshot snapshot, long millis) {
        current = new ArrayList<>();
        leftOut = 0;
        HostMemory memory = snapshot.host().memory();
        long ram = memory.bytes("MemTotal");
        long available = memory.bytes("MemAvailable");
        long swap = Missing.orZero(memory.bytes("SwapTotal"));
        if (ram > 0 && available >= 0) {
            long swapped = swap - Missing.orZero(memory.bytes("SwapFree"));
            add(host, millis, ram - available + Math.max(0, swapped), ram + swap);
        }
        last = snapshot.cgroups();
        for (Map.Entry<String, CgroupMemory> cgroup : last.entrySet()) {
            add(cgroup.getKey(), cgroup.getValue(), millis, swap);
        }
    }

    private void add(String path, CgroupMemory cgroup, long millis, long hostSwap) {
        long limit = cgroup.limits().least();
        if (limit <= 0
                || limit == Long.MAX_VALUE
                || cgroup.inUse().unreclaimable() == Missing.VALUE
                || !path.equals(CgroupMemory.limiting(path, last))) {
            return;
        }
        Capacity capacity = cgroups.get(path);
        if (capacity == null) {
            if (cgroups.size() >= MAX_CGROUPS) {
                cgroups.keySet().retainAll(last.keySet()); // others are gone
            }
            if (cgroups.size() >= MAX_CGROUPS) {
                leftOut++;
                return;
            }
            capacity = new Capacity(path);
            cgroups.put(path, capacity);
        }
        long used = cgroup.inUse().unreclaimable() + Missing.orZero(cgroup.inUse().swap());
        add(capacity, millis, used, limit + swap(cgroup.limits(), hostSwap));
    }

    /** Returns how much swap a group can have. */
    private static long swap(CgroupMemory.Limits limits, long hostSwap) {
        if (limits.swappiness() == 0) {
            return 0;
        }
        return limits.swap() == Missing.VALUE ? hostSwap : Math.min(limits.swap(), hostSwap);
    }

    private void add(Capacity capacity, long millis, long used, long limit) {
        capacity.limit = limit;
        capacity.used.add(millis, Math.max(0, used));
        current.add(capacity);
    }

    /** Returns how many groups of the last sample are not followed, since there are too many. */
    int leftOut() {
        return leftOut;
    }

    /** Returns the limits of the last sample, in any order. */
    List<Capacity> all() {
        return current;
    }
}
