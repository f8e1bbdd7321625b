package psm.picture;

import psm.Psm;
import psm.report.Figure;
import psm.report.Grouping;
import psm.report.Labels;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.smaps.Usage;
import psm.system.MemoryAccount;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Draws what all of a machine's memory is used for: the parts of {@link MemoryAccount}, and within
 * its processes units, programs and processes. The parts add up to MemTotal, to the byte:
 *
 * <ul>
 *   <li>What processes share with each other is in their Pss, so it is drawn once.
 *   <li>Estimates count shared pages many times. If they are more than the account has for
 *       processes, the estimated ones are drawn without pages of files, and the rest is an area of
 *       its own. If that is still too much, all of them are one area of what the exact ones leave.
 *   <li>If figures contradict each other, so that the parts are more than MemTotal, the largest
 *       part is drawn smaller.
 * </ul>
 *
 * Not for sharing between threads.
 */
public final class MemoryTreemap {
    /** The details that it needs besides those of the account. */
    public static final Set<Detail> DETAILS = Set.of(Detail.CGROUP);

    /** The words after which a title says what is not in the part; an area has no room for them. */
    private static final String[] ASIDES = {" that ", ", without ", ", returned "};

    /** How many areas fit into the picture of each of so many machines that it is small. */
    private static final int LEAST_MOST = 500;

    private static final String TITLE = "Where the RAM is";

    private static final String FREE = "free_bytes";
    private static final String PER_CPU_FREE = "per_cpu_free_bytes";

    /** The begin of the title of a part of slab. */
    private static final String SLAB = "slab, ";

    /** The kind of single processes. */
    private static final String PROCESS = "process";

    /** The levels within the processes. */
    private static final List<Grouping> LEVELS =
            List.of(Grouping.UNIT, Grouping.PROGRAM, Grouping.PID);

    /** Orders parts by size, but the processes, which are divided, come first. */
    private static final Comparator<Psm.Entry> LARGEST_LAST =
            Comparator.comparingLong(
                    entry ->
                            entry.key().equals(MemoryAccount.PROCESSES) ? 0 : (long) entry.bytes());

    private final Labels labels;
    private final Areas areas;

    /** Whether estimated processes are drawn with their own pages alone, those of no file. */
    private boolean isLow;

    private MemoryTreemap(Labels labels, Areas areas) {
        this.labels = labels;
        this.areas = areas;
    }

    /**
     * Returns the picture.
     *
     * @param memory the account of the report, which includes these processes
     * @param host what the machine is called; {@code null} in a report of one
     * @param machines how many machines are drawn, to the same scale
     * @return {@code null} if MemTotal is not known
     */
    public static Psm.Treemap of(
            Psm.Account memory, Snapshot snapshot, Labels labels, String host, int machines) {
        Long total = total(memory);
        if (total == null || total <= 0) {
            return null;
        }
        long least = total / Math.max(LEAST_MOST, Areas.MOST / machines);
        MemoryTreemap made = new MemoryTreemap(labels, new Areas(least));
        List<Psm.Area> parts = made.parts(memory, total, snapshot.processes());
        return new Psm.Treemap(
                made.isLow ? TITLE + ": estimated processes without pages of files" : TITLE,
                host,
                new Psm.Area(Areas.MEMORY, MemoryAccount.TOTAL, "MemTotal", total, false, parts));
    }

    private static Long total(Psm.Account memory) {
        for (Psm.Entry entry : memory.entries()) {
            if (entry.key().equals(MemoryAccount.TOTAL)) {
                return entry.bytes();
            }
        }
        return null;
    }

    private List<Psm.Area> parts(Psm.Account memory, long total, List<ProcessMemory> processes) {
        List<Psm.Entry> entries = new ArrayList<>();
        for (Psm.Entry entry : memory.entries()) {
            if (entry.key().equals(MemoryAccount.TOTAL)) {
                break; // what follows is in other parts too
            }
            if (entry.bytes() != null && entry.bytes() > 0) {
                entries.add(entry);
            }
        }
        entries.sort(LARGEST_LAST); // which has no more than what the others leave
        List<Psm.Area> parts = new ArrayList<>();
        long left = total;
        for (Psm.Entry entry : entries) {
            long bytes = Math.min(entry.bytes(), left);
            left -= bytes;
            if (bytes > 0) {
                parts.add(part(entry, bytes, processes));
            }
        }
        if (left > 0) {
            // Only if the account does not say itself what is not explained.
            parts.add(areas.of(Areas.MEMORY, "not known", left));
        }
        return Areas.sorted(parts);
    }

    private Psm.Area part(Psm.Entry entry, long bytes, List<ProcessMemory> processes) {
        String key = entry.key();
        return new Psm.Area(
                Areas.MEMORY,
                key,
                name(entry),
                bytes,
                key.equals(FREE) || key.equals(PER_CPU_FREE),
                key.equals(MemoryAccount.PROCESSES) ? divided(processes, bytes) : List.of());
    }

    /** Returns a name for an area, which is shorter than the title of the part. */
    private static String name(Psm.Entry entry) {
        return switch (entry.key()) {
            case MemoryAccount.PROCESSES -> "processes";
            case MemoryAccount.OTHER_PROCESSES -> "other processes";
            case PER_CPU_FREE -> "free lists of processors";
            default -> withoutAside(entry.title());
        };
    }

    private static String withoutAside(String title) {
        String name = title;
        for (String aside : ASIDES) {
            int end = name.indexOf(aside);
            name = end < 0 ? name : name.substring(0, end);
        }
        return name.startsWith(SLAB) ? name.substring(SLAB.length()) + " slab" : name;
    }

    /**
     * Divides the memory of processes among them.
     *
     * @param bytes what the account has for them
     */
    private List<Psm.Area> divided(List<ProcessMemory> processes, long bytes) {
        List<ProcessMemory> drawn = new ArrayList<>();
        int estimated = 0;
        for (ProcessMemory process : processes) {
            if (process.isCounted()) {
                drawn.add(process);
                estimated += process.isEstimated() ? 1 : 0;
            }
        }
        String rest = "not known";
        if (sum(drawn) > bytes) {
            isLow = true;
            rest = "files of " + inWords(estimated);
        }
        if (sum(drawn) > bytes) {
            isLow = false;
            drawn.removeIf(ProcessMemory::isEstimated);
            rest = inWords(estimated);
        }
        long left = bytes - sum(drawn);
        if (left < 0) {
            return List.of(); // exact figures of another moment
        }
        List<Psm.Area> parts = new ArrayList<>(drawn.isEmpty() ? List.of() : level(drawn, 0));
        if (left > 0) {
            parts.add(areas.of(Areas.MEMORY, rest, left)); // of no single process
        }
        return Areas.sorted(parts);
    }

    private static String inWords(int estimated) {
        return estimated + (estimated == 1 ? " estimated process" : " estimated processes");
    }

    private long sum(List<ProcessMemory> processes) {
        long sum = 0;
        for (ProcessMemory process : processes) {
            sum = Missing.plus(sum, size(process));
        }
        return sum;
    }

    /** Returns the memory of a process, or what of it is certain. */
    private long size(ProcessMemory process) {
        Usage usage = process.usage();
        return Missing.orZero(
                isLow && usage.isEstimated()
                        ? usage.bytes(Usage.Field.ANONYMOUS)
                        : Figure.PSS.of(process));
    }

    private List<Psm.Area> level(List<ProcessMemory> processes, int depth) {
        Grouping level = LEVELS.get(depth);
        List<Psm.Area> parts = new ArrayList<>();
        if (level == Grouping.PID) {
            for (ProcessMemory process : processes) {
                parts.add(areas.of(PROCESS, "pid " + process.pid(), size(process)));
            }
            return areas.merged(PROCESS, parts);
        }
        Map<String, List<ProcessMemory>> groups = new LinkedHashMap<>();
        for (ProcessMemory process : processes) {
            groups.computeIfAbsent(level.label(process, labels), unused -> new ArrayList<>())
                    .add(process);
        }
        if (groups.size() == 1 && groups.containsKey(null)) {
            return level(processes, depth + 1); // here are no units
        }
        for (Map.Entry<String, List<ProcessMemory>> group : groups.entrySet()) {
            String name = group.getKey() == null ? "no " + level.option : group.getKey();
            parts.add(
                    new Psm.Area(
                            level.option,
                            null,
                            name,
                            sum(group.getValue()),
                            false,
                            level(group.getValue(), depth + 1)));
        }
        return areas.merged(level.option, parts);
    }
}
