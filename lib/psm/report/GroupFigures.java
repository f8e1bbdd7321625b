package psm.report;

import psm.Psm;
import psm.proc.HostMemory;
import psm.proc.HugePages;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.system.MemoryAccount;
import psm.text.Missing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The figures of the rows of a {@link ProcessReport}, and their sums. Each is computed once, when
 * it is first needed. Not for sharing between threads.
 */
final class GroupFigures {
    /**
     * The least age of a process that has a rate. If it is too low, the newest processes have the
     * largest rates; if it is too high, those that are new have none for long.
     */
    private static final long LEAST_AGE_MILLIS = TimeUnit.MINUTES.toMillis(1);

    private final Snapshot snapshot;
    private final View view;
    private final Labels labels;

    /** Whether any figure is not exact, so that sums may be more than the host has. */
    private final boolean hasEstimates;

    /** The RAM that all processes together can have. */
    private final long ramLimit;

    /** The earlier reports; {@code null} if no changes are shown. */
    private final Earlier earlier;

    /** The uptime for ages, see {@link Snapshot#uptimeOfProcesses}. */
    private long uptime;

    /** Whether the uptime has been looked at, which only columns of ages need. */
    private boolean isUptimeKnown;

    /** The start of the host, see {@link Snapshot#bootSeconds}. */
    private long boot;

    /** Whether the start of the host has been looked at, which few columns need. */
    private boolean isBootKnown;

    /** The limits of cgroups; {@code null} until a column shows them. */
    private GroupLimits limits;

    GroupFigures(Snapshot snapshot, View view, Labels labels, Earlier earlier) {
        this.snapshot = snapshot;
        this.view = view;
        this.hasEstimates = snapshot.estimated() > 0;
        this.ramLimit = hasEstimates ? ramLimit(snapshot, view) : Long.MAX_VALUE;
        this.labels = labels;
        this.earlier = earlier;
    }

    /** Returns whether rows are compared with those of earlier reports. */
    boolean areCompared() {
        return earlier != null;
    }

    /** Returns the name of a process's group. */
    String label(Grouping grouping, ProcessMemory process) {
        return grouping.label(process, labels);
    }

    /** Returns a row's value in a column; {@code null} if it is not known. */
    Object value(Figure figure, ProcessGroup group) {
        int i = figure.ordinal();
        if (!group.isKnown[i]) {
            group.values[i] = find(figure, group);
            group.isKnown[i] = true;
        }
        return group.values[i];
    }

    private Object find(Figure figure, ProcessGroup group) {
        if (figure.names != null) {
            return commonName(figure.names, group);
        }
        if (figure == Figure.LIMIT) {
            return limits().limit(group);
        }
        if (figure == Figure.USED) {
            return limits().used(group);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, value(figure.part, group));
        }
        if (figure == Figure.ESTIMATED) {
            return estimated(group);
        }
        if (figure == Figure.RAM_AND_SWAP) {
            return plus((Long) value(Figure.PSS, group), value(Figure.SWAP, group));
        }
        if (figure == Figure.SHARED_HUGETLB) {
            HugePages pools = snapshot.host().memory().unlisted().hugePages();
            return Missing.orNull(pools.atMostInUse(figure.of(group)));
        }
        if (figure.column.kind() == Psm.Kind.TIME) {
            return start(figure.fold == Figure.Fold.OLDEST, group);
        }
        if (figure.needs() == Detail.BOOT && figure.fold != Figure.Fold.CHANGE) {
            return Missing.orNull(figure == Figure.AGE ? age(group) : rate(group));
        }
        boolean isChange = figure.fold == Figure.Fold.CHANGE;
        long value = isChange ? change(figure, group) : figure.of(group);
        return Missing.orNull(isLimited(figure) ? limited(figure, value, List.of(group)) : value);
    }

    private boolean isLimited(Figure figure) {
        return hasEstimates && (figure == Figure.PSS || figure == Figure.SWAP);
    }

    /** Counts the processes of a row with a figure in the report that is not exact. */
    private Long estimated(ProcessGroup group) {
        long estimated = 0;
        for (int i = 0; i < group.members.size(); i++) {
            estimated += view.isAffected(group.members.get(i)) ? 1 : 0;
        }
        return estimated;
    }

    /**
     * Limits a sum with estimates, in which shared memory may count many times, to what is in use.
     * A sum of exact figures remains as it is.
     */
    private long limited(Figure figure, long sum, List<ProcessGroup> groups) {
        if (Missing.is(sum)) {
            return sum;
        }
        long exact = 0;
        boolean isAnyEstimated = false;
        for (int i = 0; i < groups.size(); i++) {
            List<ProcessMemory> members = groups.get(i).members;
            for (int j = 0; j < members.size(); j++) {
                ProcessMemory process = members.get(j);
                if (process.isEstimated()) {
                    isAnyEstimated = true;
                } else if (process.isCounted()) {
                    exact = Missing.plus(exact, figure.of(process));
                }
            }
        }
        long limit = figure == Figure.SWAP ? inUse(snapshot, "SwapTotal", "SwapFree") : ramLimit;
        return isAnyEstimated ? Math.min(sum, Math.max(exact, limit)) : sum;
    }

    private static long ramLimit(Snapshot snapshot, View view) {
        long inUse = inUse(snapshot, "MemTotal", "MemFree");
        return view.system() ? Math.min(inUse, MemoryAccount.ofProcesses(snapshot)) : inUse;
    }

    private static long inUse(Snapshot snapshot, String total, String free) {
        HostMemory memory = snapshot.host().memory();
        long all = memory.bytes(total);
        long unused = memory.bytes(free);
        boolean isKnown = !Missing.is(all) && unused <= all;
        return isKnown ? all - Missing.orZero(unused) : Long.MAX_VALUE;
    }

    private GroupLimits limits() {
        if (limits == null) {
            limits = new GroupLimits(snapshot.cgroups(), labels);
        }
        return limits;
    }

    /** Returns the percentage of what the host has; {@code null} if that is 0 or not known. */
    private Double percent(Figure figure, Object part) {
        long whole = snapshot.host().memory().bytes(figure.whole);
        return part instanceof Long bytes && whole > 0 ? (Double) (100.0 * bytes / whole) : null;
    }

    /** Returns the name that all processes of a row have; {@code null} if they differ. */
    private String commonName(Grouping names, ProcessGroup group) {
        String common = names.label(group.members.get(0), labels);
        for (ProcessMemory process : group.members) {
            if (common == null || !common.equals(names.label(process, labels))) {
                return null;
            }
        }
        return common;
    }

    /** Returns when the oldest or the newest process was started; {@code null} if unknown. */
    private Instant start(boolean isOldest, ProcessGroup group) {
        if (!isBootKnown) {
            boot = snapshot.bootSeconds();
            isBootKnown = true;
        }
        Instant start = null;
        for (ProcessMemory process : group.members) {
            Instant its = Snapshot.startedAt(process, boot);
            boolean isIt = start == null || (its != null && its.isBefore(start) == isOldest);
            start = isIt ? its : start;
        }
        return start;
    }

    private long age(ProcessMemory process) {
        if (!isUptimeKnown) {
            uptime = snapshot.uptimeOfProcesses();
            isUptimeKnown = true;
        }
        return process.ageMillis(uptime);
    }

    /** Returns the age of the oldest process in seconds, or {@link Missing#VALUE}. */
    private long age(ProcessGroup group) {
        long oldest = Missing.VALUE;
        for (ProcessMemory process : group.members) {
            oldest = Math.max(oldest, age(process));
        }
        return Missing.is(oldest) ? oldest : TimeUnit.MILLISECONDS.toSeconds(oldest);
    }

    /**
     * Adds up the RAM per hour of age, in bytes. Of a younger process, nearly all RAM is what it
     * has needed to start.
     */
    private long rate(ProcessGroup group) {
        long rate = Missing.VALUE;
        for (ProcessMemory process : group.members) {
            long age = age(process);
            long ram = Figure.PSS.of(process);
            if (age >= LEAST_AGE_MILLIS && !Missing.is(ram)) {
                rate = Missing.plus(rate, process.isCounted() ? perHour(ram, age) : 0);
            }
        }
        return rate;
    }

    private static long perHour(long bytes, long milliseconds) {
        return Math.round((double) bytes * TimeUnit.HOURS.toMillis(1) / milliseconds);
    }

    private long change(Figure figure, ProcessGroup group) {
        long then = earlier == null ? Missing.VALUE : earlier.ram(figure, group.key);
        return value(Figure.PSS, group) instanceof Long now && !Missing.is(then)
                ? changed(figure, now - then)
                : Missing.VALUE;
    }

    /** Returns what a figure shows of a change. */
    private long changed(Figure figure, long bytes) {
        if (figure != Figure.SINCE_START_RATE) {
            return bytes;
        }
        long elapsed = earlier.millisecondsUntil(snapshot);
        return Missing.is(elapsed) ? Missing.VALUE : perHour(bytes, elapsed);
    }

    /**
     * Returns the change of groups that have exited since an earlier report, by their keys.
     *
     * @param groups all groups of this report
     */
    Map<Object, Long> exited(Figure figure, List<ProcessGroup> groups) {
        Map<Object, Long> exited = new HashMap<>();
        if (earlier != null) {
            for (Map.Entry<Object, Long> row : earlier.entries(figure)) {
                long change = changed(figure, -row.getValue());
                if (!Earlier.isTotal(row.getKey()) && !Missing.is(change)) {
                    exited.put(row.getKey(), change);
                }
            }
        }
        for (ProcessGroup group : groups) {
            exited.remove(group.key);
        }
        return exited;
    }

    /** Keeps the RAM of all rows, and the total, for the next report. */
    void remember(List<ProcessGroup> groups) {
        if (earlier == null) {
            return;
        }
        Map<Object, Long> rows = new HashMap<>();
        for (ProcessGroup group : groups) {
            if (value(Figure.PSS, group) instanceof Long ram) {
                rows.put(group.key, ram);
            }
        }
        boolean isFirstKept = view.uses(Figure.SINCE_START) || view.uses(Figure.SINCE_START_RATE);
        earlier.remember(snapshot, rows, (Long) sum(Figure.PSS, groups, true), isFirstKept);
    }

    /**
     * Adds up the values of rows in a column. The total of a report without rows is 0. If no value
     * is known, the sum is {@code null}.
     *
     * @param isAll whether these are all rows of the report
     */
    Object sum(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        if (isAll && figure.fold == Figure.Fold.CHANGE) {
            return totalChange(figure, groups);
        }
        if (figure.fold == Figure.Fold.SHARE) {
            return percent(figure, sum(figure.part, groups, isAll));
        }
        if (figure == Figure.RAM_AND_SWAP) {
            Long ram = (Long) sum(Figure.PSS, groups, isAll);
            return plus(ram, sum(Figure.SWAP, groups, isAll));
        }
        Long total = total(figure, groups, isAll);
        return isLimited(figure)
                ? Missing.orNull(limited(figure, Missing.ofNullable(total), groups))
                : total;
    }

    /**
     * Returns the change of all RAM, including groups that have exited and have no row any more.
     */
    private Long totalChange(Figure figure, List<ProcessGroup> groups) {
        long then = earlier == null ? Missing.VALUE : earlier.total(figure);
        return !Missing.is(then) && sum(Figure.PSS, groups, true) instanceof Long now
                ? Missing.orNull(changed(figure, now - then))
                : null;
    }

    private Long total(Figure figure, List<ProcessGroup> groups, boolean isAll) {
        Long total = groups.isEmpty() && isAll ? (Long) 0L : null;
        if (figure == Figure.GPU && !groups.isEmpty()) {
            List<ProcessMemory> members = new ArrayList<>();
            for (ProcessGroup group : groups) {
                members.addAll(group.members);
            }
            return Missing.orNull(Figure.gpu(members)); // rows can have the same clients
        }
        for (ProcessGroup group : groups) {
            if (value(figure, group) instanceof Long value) {
                total = plus(total, value);
            }
        }
        return total;
    }

    /** Adds a value that may be below 0: a change. */
    static Long plus(Long total, Object more) {
        if (total == null || more == null) {
            return total == null ? (Long) more : total;
        }
        long value = (Long) more;
        return total < 0 || value < 0 ? total + value : Missing.plus(total, value);
    }
}
