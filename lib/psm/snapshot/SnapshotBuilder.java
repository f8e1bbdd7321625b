package psm.snapshot;

import psm.cgroup.CgroupMemory;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.HugePages;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;
import psm.scan.Detail;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.text.Missing;

import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes snapshots of {@link SnapshotTables}. If the tables are changed and another snapshot is
 * made, it has the same objects for all that did not change. Belongs to one thread.
 */
public final class SnapshotBuilder {
    private final SnapshotTables tables;
    private final ProcessRows rows;

    // What was made last, for a table that does not change.
    private Map<Long, String> users;
    private Map<Long, String> groups;
    private Map<String, CgroupMemory> cgroups;
    private List<Unmeasured> unmeasured;
    private Set<Detail> details;
    private String detailNames;

    public SnapshotBuilder(SnapshotTables tables) {
        this(tables, null);
    }

    /**
     * Makes a builder for tables of the same machine at a later time.
     *
     * @param before made earlier snapshots, whose objects are used again; may be {@code null}
     */
    public SnapshotBuilder(SnapshotTables tables, SnapshotBuilder before) {
        this.tables = tables;
        this.rows = new ProcessRows(tables);
        if (before != null) {
            rows.reuse(before.rows);
        }
    }

    /** Returns the tables. */
    public SnapshotTables tables() {
        return tables;
    }

    /**
     * Returns the snapshot that the tables contain.
     *
     * @throws SnapshotFormatException if no scan could see that
     */
    public Snapshot snapshot() throws SnapshotFormatException {
        SnapshotTable scan = tables.table(SnapshotFormat.SCAN);
        if (scan.rows() != 1) {
            throw damaged("it does not contain one scan");
        }
        Snapshot.Run run = run(scan);
        users = names(SnapshotFormat.USERS, users);
        groups = names(SnapshotFormat.GROUPS, groups);
        cgroups = cgroups(tables.table(SnapshotFormat.CGROUPS));
        unmeasured = unmeasured(tables.table(SnapshotFormat.UNMEASURED));
        rows.checkNone(unmeasured);
        Snapshot.Scope scope = scope(scan);
        return new Snapshot(
                        scope,
                        run,
                        host(scan),
                        rows.processes(),
                        unmeasured,
                        users,
                        groups,
                        cgroups,
                        null)
                .without(scan.get(SnapshotColumn.OWN_PID, 0));
    }

    private Snapshot.Scope scope(SnapshotTable scan) {
        return new Snapshot.Scope(
                scan.get(SnapshotColumn.FILTERED, 0) != 0,
                scan.get(SnapshotColumn.WITH_HEAP, 0) != 0,
                details(rows.text(scan, SnapshotColumn.DETAILS, 0)),
                scan.get(SnapshotColumn.TIMEOUT_NANOS, 0));
    }

    private Snapshot.Run run(SnapshotTable scan) throws SnapshotFormatException {
        long second = scan.get(SnapshotColumn.TAKEN_AT, 0);
        String version = rows.text(scan, SnapshotColumn.PSM_VERSION, 0);
        return new Snapshot.Run(
                Instant.ofEpochSecond(second, scan.get(SnapshotColumn.TAKEN_AT_NANOS, 0)),
                scan.get(SnapshotColumn.NANOS, 0),
                (int) scan.get(SnapshotColumn.LISTED, 0),
                scan.get(SnapshotColumn.HIDDEN, 0) != 0,
                scan.get(SnapshotColumn.BYTES_READ, 0),
                (int) scan.get(SnapshotColumn.WORKERS, 0),
                slowest(),
                version == null ? "" : version,
                null);
    }

    private Host host(SnapshotTable scan) {
        String meminfo = rows.text(scan, SnapshotColumn.MEMINFO, 0);
        String pressure = rows.text(scan, SnapshotColumn.PRESSURE, 0);
        return new Host(
                rows.text(scan, SnapshotColumn.HOST, 0),
                rows.text(scan, SnapshotColumn.KERNEL, 0),
                rows.text(scan, SnapshotColumn.BOOT_ID, 0),
                scan.get(SnapshotColumn.UPTIME_MS, 0),
                scan.get(SnapshotColumn.BOOT_SECONDS, 0),
                new HostMemory(meminfo == null ? "" : meminfo, unlisted(scan)),
                pressure == null ? null : new Pressure(pressure.isEmpty() ? null : pressure));
    }

    private static UnlistedMemory unlisted(SnapshotTable scan) {
        return new UnlistedMemory(
                scan.get(SnapshotColumn.ZRAM, 0),
                scan.get(SnapshotColumn.ZSWAP, 0),
                scan.get(SnapshotColumn.ARC, 0),
                scan.get(SnapshotColumn.ARC_IN_SLAB, 0),
                scan.get(SnapshotColumn.PER_CPU_FREE, 0),
                scan.get(SnapshotColumn.SOCKETS, 0),
                new HugePages(
                        scan.get(SnapshotColumn.HUGETLB_POOL, 0),
                        scan.get(SnapshotColumn.HUGETLB_IN_USE, 0)));
    }

    /** Returns the details that this psm knows. */
    private Set<Detail> details(String names) {
        if (details == null || !Objects.equals(names, detailNames)) {
            detailNames = names;
            details = EnumSet.noneOf(Detail.class);
            String all = ' ' + (names == null ? "" : names) + ' ';
            for (Detail detail : Detail.values()) {
                if (all.contains(' ' + detail.name() + ' ')) {
                    details.add(detail);
                }
            }
        }
        return details;
    }

    private List<Unmeasured> unmeasured(SnapshotTable table) throws SnapshotFormatException {
        if (!table.isChanged()) {
            return unmeasured;
        }
        ProcessRows.checkAscending(table);
        List<Unmeasured> all = new ArrayList<>(table.rows());
        for (int i = 0; i < table.rows(); i++) {
            long reason = table.get(SnapshotColumn.REASON, i);
            if (Missing.is(reason)) {
                throw damaged(
                        "pid " + ProcessRows.pid(table, i) + " is unmeasured without a reason");
            }
            all.add(
                    new Unmeasured(
                            ProcessRows.pid(table, i),
                            rows.name(table, SnapshotColumn.PROGRAM, i),
                            SnapshotFormat.REASONS.get((int) reason),
                            rows.text(table, SnapshotColumn.DETAIL, i),
                            rows.names(table, i)));
        }
        table.accept();
        return all;
    }

    private List<Snapshot.Slow> slowest() throws SnapshotFormatException {
        SnapshotTable table = tables.table(SnapshotFormat.SLOWEST);
        List<Snapshot.Slow> slowest = new ArrayList<>(table.rows());
        for (int i = 0; i < table.rows(); i++) {
            String program = rows.name(table, SnapshotColumn.PROGRAM, i);
            if (program == null) {
                throw damaged("one of the slowest has no name");
            }
            slowest.add(
                    new Snapshot.Slow(
                            ProcessRows.pid(table, i),
                            program,
                            table.get(SnapshotColumn.NANOS, i)));
        }
        return slowest;
    }

    /** Returns control groups by path; none if an older psm wrote the file. */
    private Map<String, CgroupMemory> cgroups(SnapshotTable table) {
        if (table == null || !table.isChanged()) {
            return cgroups == null ? new HashMap<>() : cgroups;
        }
        Map<String, CgroupMemory> all = new HashMap<>();
        CgroupMemory cgroup = null;
        for (int i = 0; i < table.rows(); i++) {
            String path = rows.text(table, SnapshotColumn.PATH, i);
            if (path != null) {
                cgroup = table.isFresh(i) ? (CgroupMemory) table.made(i) : cgroup(table, i, cgroup);
                table.make(i, cgroup);
                all.put(path, cgroup);
            }
        }
        table.accept();
        return all;
    }

    private static CgroupMemory cgroup(SnapshotTable table, int row, CgroupMemory before) {
        CgroupMemory.Limits limits =
                new CgroupMemory.Limits(
                        table.get(SnapshotColumn.MAX, row),
                        table.get(SnapshotColumn.HIERARCHICAL_MAX, row),
                        table.get(SnapshotColumn.HIGH, row),
                        table.get(SnapshotColumn.SWAP_MAX, row),
                        table.get(SnapshotColumn.SWAPPINESS, row),
                        table.get(SnapshotColumn.NOT_BINDING, row) == 0,
                        table.get(SnapshotColumn.NOT_KILLING, row) == 0);
        boolean isSame = before != null && limits.equals(before.limits()); // often none has any
        return new CgroupMemory(
                isSame ? before.limits() : limits,
                new CgroupMemory.InUse(
                        table.get(SnapshotColumn.CURRENT, row),
                        table.get(SnapshotColumn.INACTIVE_FILE, row),
                        table.get(SnapshotColumn.SWAP_CURRENT, row),
                        table.get(SnapshotColumn.UNRECLAIMABLE, row)),
                table.get(SnapshotColumn.OOM_KILLS, row),
                table.get(SnapshotColumn.OOM_GROUP, row) != 0);
    }

    /** Returns names by id; none if an older psm wrote the file. */
    private Map<Long, String> names(int tag, Map<Long, String> before)
            throws SnapshotFormatException {
        SnapshotTable table = tables.table(tag);
        if (before != null && (table == null || !table.isChanged())) {
            return before;
        }
        Map<Long, String> names = new TreeMap<>();
        for (int i = 0; table != null && i < table.rows(); i++) {
            String name = rows.name(table, SnapshotColumn.NAME, i);
            if (name != null) {
                names.put(table.get(SnapshotColumn.ID, i), name);
            }
        }
        if (table != null) {
            table.accept();
        }
        return names;
    }

    private static SnapshotFormatException damaged(String problem) {
        return SnapshotFormatException.damaged(problem);
    }
}
