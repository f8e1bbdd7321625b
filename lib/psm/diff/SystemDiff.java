package psm.diff;

import psm.Psm;
import psm.proc.HostMemory;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.system.MemoryAccount;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Compares what the memory of a host was used for, by the parts of {@link MemoryAccount}. What is
 * one part in one of the snapshots and two in the other is one part here.
 */
final class SystemDiff {
    /** The key of the account. */
    static final String KEY = "host_memory_change";

    private static final String SWAP = "swap_used_bytes";
    private static final String CACHE = "page_cache_bytes";
    private static final String SHMEM = "shmem_bytes";
    private static final String UNEXPLAINED = "unexplained_bytes";

    /** What a key ends with; the name of the part does not have it. */
    private static final String UNIT = "_bytes";

    private static final List<Psm.Column> COLUMNS =
            List.of(
                    new Psm.Column("part", "PART", Psm.Kind.TEXT, 0, false, false),
                    new Psm.Column("title", "MEMORY OF THE SYSTEM", Psm.Kind.TEXT, 4, false, false),
                    DiffColumn.BEFORE.column.at(1),
                    DiffColumn.AFTER.column.at(2),
                    DiffColumn.CHANGE.column.at(3));

    /** The place of the change in a row. */
    private static final int CHANGE = COLUMNS.size() - 1;

    private final Map<String, Psm.Entry> before;
    private final Map<String, Psm.Entry> after;

    private SystemDiff(Snapshot before, Snapshot after) {
        this.before = parts(before);
        this.after = parts(after);
    }

    /**
     * Returns the parts with their changes, the one that grew most first.
     *
     * @param isInexact whether the sum of the processes is not exact in both, so that what of the
     *     memory is in other processes is not known
     */
    static Psm.Account of(Snapshot before, Snapshot after, boolean isInexact) {
        SystemDiff diff = new SystemDiff(before, after);
        if (isInexact) {
            diff.unite(MemoryAccount.PROCESSES, MemoryAccount.OTHER_PROCESSES, "in processes");
        }
        if (diff.isOnceOnly(SHMEM)) {
            diff.unite(CACHE, SHMEM, "page cache, shared memory and tmpfs that no process maps");
        }
        String explained = DiffColumn.CHANGE.column.key();
        return new Psm.Account(KEY, explained, List.of(), false, COLUMNS, diff.rows())
                .titled("changes in the memory of the host");
    }

    private static Map<String, Psm.Entry> parts(Snapshot snapshot) {
        long ram = Missing.VALUE;
        for (ProcessMemory process : snapshot.processes()) {
            ram = process.isCounted() ? Missing.plus(ram, process.usage().ram()) : ram;
        }
        if (snapshot.estimated() > 0) {
            ram = Math.min(ram, MemoryAccount.ofProcesses(snapshot));
        }
        Map<String, Psm.Entry> parts = new LinkedHashMap<>();
        for (Psm.Entry part : MemoryAccount.of(snapshot, ram, null).entries()) {
            parts.put(part.key(), part);
            if (part.key().equals(MemoryAccount.AVAILABLE)) {
                break; // what follows is in other parts too
            }
        }
        HostMemory memory = snapshot.host().memory();
        long used = DiffGroup.minus(memory.bytes("SwapTotal"), memory.bytes("SwapFree"));
        parts.put(SWAP, new Psm.Entry(SWAP, "swap used", Missing.orNull(used), false));
        return parts;
    }

    /** Adds a part to another one. */
    private void unite(String key, String other, String title) {
        for (Map<String, Psm.Entry> parts : List.of(before, after)) {
            Psm.Entry less = parts.remove(other);
            long sum = Missing.ofNullable(parts.get(key).bytes());
            sum = less == null ? sum : Missing.plus(sum, Missing.ofNullable(less.bytes()));
            parts.put(key, new Psm.Entry(key, title, Missing.orNull(sum), false));
        }
    }

    /** Returns whether a part is known in one of the snapshots, and not in the other. */
    private boolean isOnceOnly(String key) {
        return (bytes(before, key) == null) != (bytes(after, key) == null);
    }

    private static Long bytes(Map<String, Psm.Entry> parts, String key) {
        Psm.Entry part = parts.get(key);
        return part == null ? null : part.bytes();
    }

    private List<Psm.Row> rows() {
        Map<String, Psm.Entry> all = new LinkedHashMap<>(before);
        all.putAll(after);
        boolean isAnyOnceOnly = false;
        for (String key : all.keySet()) {
            isAnyOnceOnly |= isOnceOnly(key);
        }
        List<Psm.Row> rows = new ArrayList<>();
        for (Psm.Entry part : all.values()) {
            Long was = bytes(before, part.key());
            Long is = bytes(after, part.key());
            boolean isNone = orZero(was) == 0 && orZero(is) == 0;
            boolean isSameTotal = part.sum() && Objects.equals(was, is);
            if (isNone || isSameTotal) {
                continue;
            }
            // What is a part of its own in one of them only is unexplained in the other.
            boolean isKnown = !isAnyOnceOnly || !part.key().equals(UNEXPLAINED);
            Long change = was == null || is == null || !isKnown ? null : (Long) (is - was);
            String name = part.key().substring(0, part.key().length() - UNIT.length());
            rows.add(
                    new Psm.Row(
                            Collections.unmodifiableList(
                                    Arrays.asList(name, part.title(), was, is, change))));
        }
        rows.sort(
                Comparator.comparingLong(
                        row ->
                                -Missing.orZero(
                                        Missing.ofNullable((Long) row.values().get(CHANGE)))));
        return Collections.unmodifiableList(rows);
    }

    private static long orZero(Long bytes) {
        return bytes == null ? 0 : bytes;
    }
}
