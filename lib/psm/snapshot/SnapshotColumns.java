package psm.snapshot;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.scan.Unmeasured;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A snapshot as tables of numbers, see {@link SnapshotFormat}. They are made one column at a time,
 * since all of them would take as much memory as the snapshot.
 */
public final class SnapshotColumns {
    private final Snapshot snapshot;
    private final TextNumbers texts;

    /** Takes the columns of a table. */
    public interface Sink {
        /** Takes the number of rows, which comes first. */
        void rows(int rows) throws IOException;

        /**
         * Takes a column.
         *
         * @param slot the number of the column, see {@link SnapshotSlots}
         * @param values the codes of its values; the array belongs to the caller
         */
        void column(int slot, long... values) throws IOException;
    }

    /** Makes the columns of a table, the same each time. */
    public interface Content {
        void to(Sink sink) throws IOException;
    }

    /** Takes the tables, each by the tag of its section. */
    public interface Sections {
        void section(int tag, Content content) throws IOException;
    }

    /**
     * Makes the columns of a snapshot.
     *
     * @param texts numbers its texts
     */
    public SnapshotColumns(Snapshot snapshot, TextNumbers texts) {
        this.snapshot = snapshot;
        this.texts = texts;
    }

    /** Makes all tables, but those that may be left out if they are empty. */
    public void to(Sections sections) throws IOException {
        List<ProcessMemory> processes = snapshot.processesAndOwn();
        sections.section(SnapshotFormat.SCAN, this::scan);
        sections.section(SnapshotFormat.PROCESSES, sink -> processes(sink, processes));
        sections.section(
                SnapshotFormat.UNMEASURED, sink -> unmeasured(sink, snapshot.unmeasured()));
        sections.section(SnapshotFormat.SLOWEST, sink -> slowest(sink, snapshot.run().slowest()));
        if (!snapshot.cgroups().isEmpty()) {
            sections.section(SnapshotFormat.CGROUPS, sink -> cgroups(sink, snapshot.cgroups()));
        }
        if (!snapshot.users().isEmpty()) {
            sections.section(SnapshotFormat.USERS, sink -> names(sink, snapshot.users()));
        }
        if (!snapshot.groups().isEmpty()) {
            sections.section(SnapshotFormat.GROUPS, sink -> names(sink, snapshot.groups()));
        }
    }

    private void scan(Sink sink) throws IOException {
        sink.rows(1);
        Snapshot.Scope scope = snapshot.scope();
        Snapshot.Run run = snapshot.run();
        Host host = snapshot.host();
        Instant takenAt = run.takenAt();
        one(sink, SnapshotColumn.TAKEN_AT, takenAt.getEpochSecond());
        one(sink, SnapshotColumn.TAKEN_AT_NANOS, takenAt.getNano());
        one(sink, SnapshotColumn.NANOS, run.nanos());
        one(sink, SnapshotColumn.LISTED, run.listed());
        one(sink, SnapshotColumn.HIDDEN, run.hidden() ? 1 : 0);
        one(sink, SnapshotColumn.FILTERED, scope.filtered() ? 1 : 0);
        one(sink, SnapshotColumn.BYTES_READ, run.bytesRead());
        one(sink, SnapshotColumn.WORKERS, run.workers());
        one(sink, SnapshotColumn.TIMEOUT_NANOS, scope.timeoutNanos());
        one(sink, SnapshotColumn.WITH_HEAP, scope.heap() ? 1 : 0);
        one(sink, SnapshotColumn.OWN_PID, run.own() == null ? Missing.VALUE : run.own().pid());
        unlisted(sink, host.memory().unlisted());
        one(sink, SnapshotColumn.PSM_VERSION, texts.number(run.psmVersion()));
        host(sink, host);
        one(sink, SnapshotColumn.DETAILS, texts.number(names(scope.details())));
    }

    private void host(Sink sink, Host host) throws IOException {
        one(sink, SnapshotColumn.HOST, texts.number(host.name()));
        one(sink, SnapshotColumn.KERNEL, texts.number(host.kernel()));
        one(sink, SnapshotColumn.BOOT_ID, texts.number(host.bootId()));
        one(sink, SnapshotColumn.UPTIME_MS, host.uptimeMillis());
        one(sink, SnapshotColumn.BOOT_SECONDS, host.bootSeconds());
        one(sink, SnapshotColumn.MEMINFO, texts.number(host.memory().meminfo()));
        one(sink, SnapshotColumn.PRESSURE, pressure(host.pressure()));
    }

    private static void unlisted(Sink sink, UnlistedMemory memory) throws IOException {
        one(sink, SnapshotColumn.ZRAM, memory.zram());
        one(sink, SnapshotColumn.ZSWAP, memory.zswap());
        one(sink, SnapshotColumn.ARC, memory.arc());
        one(sink, SnapshotColumn.ARC_IN_SLAB, memory.arcInSlab());
        one(sink, SnapshotColumn.PER_CPU_FREE, memory.perCpuFree());
        one(sink, SnapshotColumn.SOCKETS, memory.sockets());
        one(sink, SnapshotColumn.HUGETLB_POOL, memory.hugePages().bytes());
        one(sink, SnapshotColumn.HUGETLB_IN_USE, memory.hugePages().inUse());
    }

    private static String names(Set<Detail> details) {
        StringBuilder names = new StringBuilder();
        for (Detail detail : Detail.values()) {
            if (details.contains(detail)) {
                names.append(names.length() == 0 ? "" : " ").append(detail.name());
            }
        }
        return names.toString();
    }

    private void processes(Sink sink, List<ProcessMemory> processes) throws IOException {
        sink.rows(processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : SnapshotSlots.OF_PROCESSES) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            sink.column(column.ordinal(), values);
        }
        for (Usage.Field field : Usage.Field.values()) {
            for (int i = 0; i < values.length; i++) {
                long bytes = processes.get(i).usage().bytes(field);
                values[i] = SnapshotSlots.encodeField(bytes);
            }
            sink.column(SnapshotSlots.FIRST_FIELD + field.ordinal(), values);
        }
    }

    private long value(SnapshotColumn column, ProcessMemory process) {
        Program.Names names = process.program().names();
        ProcessDetails details = process.details();
        ProcessMemory.Estimate estimate = process.estimate();
        return switch (column) {
            case PID -> process.pid();
            case START_TIME -> process.startTime();
            case PROGRAM -> texts.number(process.program().name());
            case TITLE -> names == null ? 0 : texts.number(names.title());
            case EXECUTABLE -> names == null ? 0 : texts.number(names.executable());
            case SCRIPT -> names == null ? 0 : texts.number(names.script());
            case FILE -> SnapshotFormat.FILES.indexOf(process.program().file());
            case ROLLUP -> process.rollup() ? 1 : 0;
            case HEAP -> process.usage().heap;
            case MAPPINGS -> process.usage().mappings;
            case CUT_PSS -> process.usage().cutPss;
            case CUT_SWAP_PSS -> process.usage().cutSwapPss;
            case ADDRESS_SPACE -> process.isCounted() ? Missing.VALUE : process.addressSpace();
            case DOUBTFUL -> process.doubtful() ? 1 : 0;
            case ESTIMATE ->
                    estimate == null
                            ? Missing.VALUE
                            : SnapshotFormat.REASONS.indexOf(estimate.reason());
            case ESTIMATE_DETAIL -> estimate == null ? 0 : texts.number(estimate.detail());
            case PARENT -> details.parent();
            case THREADS -> details.threads();
            case OOM_SCORE -> details.oomScore();
            case OOM_SCORE_ADJ -> details.oomScoreAdj();
            case MAPS -> details.mappings();
            case CGROUP -> texts.number(details.cgroup());
            case COMMAND -> texts.number(details.command());
            case GPU_CLIENTS -> texts.number(details.devices().gpuClients());
            case DEVICES_MAPPED -> details.devices().mapped();
            default -> value(column, details.status());
        };
    }

    private static long value(SnapshotColumn column, ProcessDetails.Status status) {
        return switch (column) {
            case USER -> status.user();
            case GROUP -> status.group();
            case PEAK -> status.peak();
            case PAGE_TABLES -> status.pageTables();
            case SWAP_ENTRIES -> status.swap();
            case RECLAIMABLE -> status.reclaimable();
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void unmeasured(Sink sink, List<Unmeasured> processes) throws IOException {
        sink.rows(processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : SnapshotSlots.OF_UNMEASURED) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            sink.column(column.ordinal(), values);
        }
    }

    private long value(SnapshotColumn column, Unmeasured process) {
        Program.Names names = process.names();
        return switch (column) {
            case PID -> process.pid();
            case PROGRAM -> texts.number(process.program());
            case TITLE -> names == null ? 0 : texts.number(names.title());
            case EXECUTABLE -> names == null ? 0 : texts.number(names.executable());
            case SCRIPT -> names == null ? 0 : texts.number(names.script());
            case REASON -> SnapshotFormat.REASONS.indexOf(process.reason());
            case DETAIL -> texts.number(process.detail());
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void slowest(Sink sink, List<Snapshot.Slow> processes) throws IOException {
        sink.rows(processes.size());
        long[] pids = new long[processes.size()];
        long[] programs = new long[processes.size()];
        long[] nanos = new long[processes.size()];
        for (int i = 0; i < pids.length; i++) {
            Snapshot.Slow process = processes.get(i);
            pids[i] = process.pid();
            programs[i] = texts.number(process.program());
            nanos[i] = process.nanos();
        }
        sink.column(SnapshotColumn.PID.ordinal(), pids);
        sink.column(SnapshotColumn.PROGRAM.ordinal(), programs);
        sink.column(SnapshotColumn.NANOS.ordinal(), nanos);
    }

    private long pressure(Pressure pressure) {
        return pressure == null ? 0 : texts.number(pressure.text() == null ? "" : pressure.text());
    }

    private void cgroups(Sink sink, Map<String, CgroupMemory> cgroups) throws IOException {
        int count = Math.min(cgroups.size(), SnapshotFormat.MAX_CGROUPS);
        sink.rows(count);
        List<String> paths = new ArrayList<>(new TreeSet<>(cgroups.keySet())).subList(0, count);
        long[] values = new long[count];
        for (SnapshotColumn column : SnapshotSlots.OF_CGROUPS) {
            for (int i = 0; i < count; i++) {
                values[i] = column.encode(value(column, paths.get(i), cgroups.get(paths.get(i))));
            }
            sink.column(column.ordinal(), values);
        }
    }

    private long value(SnapshotColumn column, String path, CgroupMemory cgroup) {
        return switch (column) {
            case PATH -> texts.number(path);
            case MAX -> cgroup.limits().max();
            case HIERARCHICAL_MAX -> cgroup.limits().hierarchical();
            case HIGH -> cgroup.limits().high();
            case SWAP_MAX -> cgroup.limits().swap();
            case SWAPPINESS -> cgroup.limits().swappiness();
            case NOT_BINDING -> cgroup.limits().binding() ? 0 : 1;
            case NOT_KILLING -> cgroup.limits().killing() ? 0 : 1;
            case CURRENT -> cgroup.inUse().memory();
            case INACTIVE_FILE -> cgroup.inUse().inactiveFile();
            case SWAP_CURRENT -> cgroup.inUse().swap();
            case UNRECLAIMABLE -> cgroup.inUse().unreclaimable();
            case OOM_KILLS -> cgroup.oomKills();
            case OOM_GROUP -> cgroup.oomGroup() ? 1 : 0;
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void names(Sink sink, Map<Long, String> names) throws IOException {
        int count = Math.min(names.size(), SnapshotFormat.MAX_USERS);
        sink.rows(count);
        long[] ids = new long[count];
        long[] numbers = new long[count];
        int i = 0;
        for (Map.Entry<Long, String> name : names.entrySet()) {
            if (i < count) {
                ids[i] = name.getKey();
                numbers[i++] = texts.number(name.getValue());
            }
        }
        sink.column(SnapshotColumn.ID.ordinal(), ids);
        sink.column(SnapshotColumn.NAME.ordinal(), numbers);
    }

    private static void one(Sink sink, SnapshotColumn column, long value) throws IOException {
        sink.column(column.ordinal(), column.encode(value));
    }
}
