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
import psm.text.Text;
import psm.text.Version;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.CRC32;

/** Writes a snapshot in the {@link SnapshotFormat}. Not for sharing between threads. */
public final class SnapshotWriter {
    private static final SnapshotColumn[] OF_CGROUPS = {
        SnapshotColumn.PATH,
        SnapshotColumn.MAX,
        SnapshotColumn.HIGH,
        SnapshotColumn.CURRENT,
        SnapshotColumn.SWAP_MAX,
        SnapshotColumn.SWAP_CURRENT,
        SnapshotColumn.OOM_KILLS,
        SnapshotColumn.OOM_GROUP,
        SnapshotColumn.HIERARCHICAL_MAX,
        SnapshotColumn.INACTIVE_FILE,
        SnapshotColumn.UNRECLAIMABLE,
        SnapshotColumn.SWAPPINESS,
        SnapshotColumn.NOT_BINDING,
        SnapshotColumn.NOT_KILLING
    };

    private static final SnapshotColumn[] OF_PROCESSES = {
        SnapshotColumn.PID,
        SnapshotColumn.START_TIME,
        SnapshotColumn.PROGRAM,
        SnapshotColumn.TITLE,
        SnapshotColumn.EXECUTABLE,
        SnapshotColumn.SCRIPT,
        SnapshotColumn.FILE,
        SnapshotColumn.ROLLUP,
        SnapshotColumn.HEAP,
        SnapshotColumn.MAPPINGS,
        SnapshotColumn.CUT_PSS,
        SnapshotColumn.CUT_SWAP_PSS,
        SnapshotColumn.ADDRESS_SPACE,
        SnapshotColumn.DOUBTFUL,
        SnapshotColumn.ESTIMATE,
        SnapshotColumn.ESTIMATE_DETAIL,
        SnapshotColumn.PARENT,
        SnapshotColumn.THREADS,
        SnapshotColumn.USER,
        SnapshotColumn.GROUP,
        SnapshotColumn.PEAK,
        SnapshotColumn.PAGE_TABLES,
        SnapshotColumn.SWAP_ENTRIES,
        SnapshotColumn.RECLAIMABLE,
        SnapshotColumn.OOM_SCORE,
        SnapshotColumn.OOM_SCORE_ADJ,
        SnapshotColumn.MAPS,
        SnapshotColumn.CGROUP,
        SnapshotColumn.COMMAND,
        SnapshotColumn.GPU_CLIENTS,
        SnapshotColumn.DEVICES_MAPPED
    };

    private static final SnapshotColumn[] OF_UNMEASURED = {
        SnapshotColumn.PID,
        SnapshotColumn.PROGRAM,
        SnapshotColumn.TITLE,
        SnapshotColumn.EXECUTABLE,
        SnapshotColumn.SCRIPT,
        SnapshotColumn.REASON,
        SnapshotColumn.DETAIL
    };

    /** If it is too small, the output is written in small pieces; if too large, it takes memory. */
    private static final int BUFFER_BYTES = SnapshotFormat.MAX_TEXT_BYTES;

    /** The largest size of a number, in bytes. */
    private static final int MAX_NUMBER_BYTES = 10;

    private final OutputStream out;

    /** The bytes that have not been written yet. */
    private final byte[] buffer = new byte[BUFFER_BYTES];

    private int size;

    /** Whether the bytes are only counted, for the length at the head of a section. */
    private boolean isCounting;

    /** The number of bytes that were counted. */
    private int counted;

    /** The checksum of the bytes that have been written. */
    private final CRC32 checksum = new CRC32();

    /** The texts in the order of their numbers. */
    private final List<String> texts = new ArrayList<>();

    /** 1 + the number of each text. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private SnapshotWriter(OutputStream out) {
        this.out = out;
    }

    /**
     * Returns the file of a snapshot.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static byte[] write(Snapshot snapshot) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            write(snapshot, file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    /**
     * Writes the file of a snapshot. It is never in memory as a whole.
     *
     * @param snapshot a snapshot within the limits, see {@link SnapshotBudget}
     */
    public static void write(Snapshot snapshot, OutputStream out) throws IOException {
        SnapshotWriter writer = new SnapshotWriter(out);
        List<ProcessMemory> processes = snapshot.processesAndOwn();
        String head = SnapshotFormat.MAGIC + SnapshotFormat.VERSION + SnapshotFormat.BY;
        writer.append((head + Version.CURRENT + '\n').getBytes(StandardCharsets.US_ASCII));
        writer.section(SnapshotFormat.SCAN, () -> writer.scan(snapshot));
        writer.section(SnapshotFormat.PROCESSES, () -> writer.processes(processes));
        writer.section(SnapshotFormat.UNMEASURED, () -> writer.unmeasured(snapshot.unmeasured()));
        writer.section(SnapshotFormat.SLOWEST, () -> writer.slowest(snapshot.run().slowest()));
        if (!snapshot.cgroups().isEmpty()) {
            writer.section(SnapshotFormat.CGROUPS, () -> writer.cgroups(snapshot.cgroups()));
        }
        writer.names(SnapshotFormat.USERS, snapshot.users());
        writer.names(SnapshotFormat.GROUPS, snapshot.groups());
        writer.numbers.clear();
        writer.section(SnapshotFormat.TEXTS, writer::texts);
        writer.flush();
        writer.section(SnapshotFormat.END, writer::end);
        writer.flush();
    }

    /** Appends the content of a section, the same each time. */
    private interface Content {
        void append() throws IOException;
    }

    /**
     * Writes a section. Its content is made twice, since its length comes first: the largest would
     * take as much memory as all of the snapshot.
     */
    private void section(int tag, Content content) throws IOException {
        flush();
        isCounting = true;
        counted = 0;
        content.append();
        flush();
        isCounting = false;
        appendInt(tag);
        appendInt(counted);
        content.append();
    }

    /** Writes, or counts, what is in the buffer. */
    private void flush() throws IOException {
        if (isCounting) {
            counted += size;
        } else {
            checksum.update(buffer, 0, size);
            out.write(buffer, 0, size);
        }
        size = 0;
    }

    private void scan(Snapshot snapshot) throws IOException {
        append(1);
        Snapshot.Scope scope = snapshot.scope();
        Snapshot.Run run = snapshot.run();
        Host host = snapshot.host();
        Instant takenAt = run.takenAt();
        one(SnapshotColumn.TAKEN_AT, takenAt.getEpochSecond());
        one(SnapshotColumn.TAKEN_AT_NANOS, takenAt.getNano());
        one(SnapshotColumn.NANOS, run.nanos());
        one(SnapshotColumn.LISTED, run.listed());
        one(SnapshotColumn.HIDDEN, run.hidden() ? 1 : 0);
        one(SnapshotColumn.FILTERED, scope.filtered() ? 1 : 0);
        one(SnapshotColumn.BYTES_READ, run.bytesRead());
        one(SnapshotColumn.WORKERS, run.workers());
        one(SnapshotColumn.TIMEOUT_NANOS, scope.timeoutNanos());
        one(SnapshotColumn.WITH_HEAP, scope.heap() ? 1 : 0);
        one(SnapshotColumn.OWN_PID, run.own() == null ? Missing.VALUE : run.own().pid());
        unlisted(host.memory().unlisted());
        one(SnapshotColumn.PSM_VERSION, number(run.psmVersion()));
        one(SnapshotColumn.HOST, number(host.name()));
        one(SnapshotColumn.KERNEL, number(host.kernel()));
        one(SnapshotColumn.BOOT_ID, number(host.bootId()));
        one(SnapshotColumn.UPTIME_MS, host.uptimeMillis());
        one(SnapshotColumn.MEMINFO, number(host.memory().meminfo()));
        one(SnapshotColumn.PRESSURE, pressure(host.pressure()));
        one(SnapshotColumn.DETAILS, number(names(scope.details())));
    }

    private void unlisted(UnlistedMemory memory) throws IOException {
        one(SnapshotColumn.ZRAM, memory.zram());
        one(SnapshotColumn.ZSWAP, memory.zswap());
        one(SnapshotColumn.ARC, memory.arc());
        one(SnapshotColumn.ARC_IN_SLAB, memory.arcInSlab());
        one(SnapshotColumn.PER_CPU_FREE, memory.perCpuFree());
        one(SnapshotColumn.SOCKETS, memory.sockets());
        one(SnapshotColumn.HUGETLB_POOL, memory.hugePages().bytes());
        one(SnapshotColumn.HUGETLB_IN_USE, memory.hugePages().inUse());
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

    private void processes(List<ProcessMemory> processes) throws IOException {
        append(processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : OF_PROCESSES) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            column(column.key, column.missing, values);
        }
        for (Usage.Field field : Usage.Field.values()) {
            for (int i = 0; i < values.length; i++) {
                long bytes = processes.get(i).usage().bytes(field);
                values[i] = Missing.is(bytes) ? SnapshotFormat.MISSING : bytes;
            }
            column(field.kernelName, SnapshotFormat.MISSING, values);
        }
    }

    private long value(SnapshotColumn column, ProcessMemory process) {
        Program.Names names = process.program().names();
        ProcessDetails details = process.details();
        ProcessMemory.Estimate estimate = process.estimate();
        return switch (column) {
            case PID -> process.pid();
            case START_TIME -> process.startTime();
            case PROGRAM -> number(process.program().name());
            case TITLE -> names == null ? 0 : number(names.title());
            case EXECUTABLE -> names == null ? 0 : number(names.executable());
            case SCRIPT -> names == null ? 0 : number(names.script());
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
            case ESTIMATE_DETAIL -> estimate == null ? 0 : number(estimate.detail());
            case PARENT -> details.parent();
            case THREADS -> details.threads();
            case OOM_SCORE -> details.oomScore();
            case OOM_SCORE_ADJ -> details.oomScoreAdj();
            case MAPS -> details.mappings();
            case CGROUP -> number(details.cgroup());
            case COMMAND -> number(details.command());
            case GPU_CLIENTS -> number(details.devices().gpuClients());
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

    private void unmeasured(List<Unmeasured> processes) throws IOException {
        append(processes.size());
        long[] values = new long[processes.size()];
        for (SnapshotColumn column : OF_UNMEASURED) {
            for (int i = 0; i < values.length; i++) {
                values[i] = column.encode(value(column, processes.get(i)));
            }
            column(column.key, column.missing, values);
        }
    }

    private long value(SnapshotColumn column, Unmeasured process) {
        Program.Names names = process.names();
        return switch (column) {
            case PID -> process.pid();
            case PROGRAM -> number(process.program());
            case TITLE -> names == null ? 0 : number(names.title());
            case EXECUTABLE -> names == null ? 0 : number(names.executable());
            case SCRIPT -> names == null ? 0 : number(names.script());
            case REASON -> SnapshotFormat.REASONS.indexOf(process.reason());
            case DETAIL -> number(process.detail());
            default -> throw new IllegalArgumentException(column.key);
        };
    }

    private void slowest(List<Snapshot.Slow> processes) throws IOException {
        append(processes.size());
        long[] pids = new long[processes.size()];
        long[] programs = new long[processes.size()];
        long[] nanos = new long[processes.size()];
        for (int i = 0; i < pids.length; i++) {
            Snapshot.Slow process = processes.get(i);
            pids[i] = process.pid();
            programs[i] = number(process.program());
            nanos[i] = process.nanos();
        }
        column(SnapshotColumn.PID.key, SnapshotColumn.PID.missing, pids);
        column(SnapshotColumn.PROGRAM.key, SnapshotColumn.PROGRAM.missing, programs);
        column(SnapshotColumn.NANOS.key, SnapshotColumn.NANOS.missing, nanos);
    }

    private long pressure(Pressure pressure) {
        return pressure == null ? 0 : number(pressure.text() == null ? "" : pressure.text());
    }

    private void cgroups(Map<String, CgroupMemory> cgroups) throws IOException {
        int count = Math.min(cgroups.size(), SnapshotFormat.MAX_CGROUPS);
        append(count);
        List<String> paths = new ArrayList<>(new TreeSet<>(cgroups.keySet())).subList(0, count);
        long[] values = new long[count];
        for (SnapshotColumn column : OF_CGROUPS) {
            for (int i = 0; i < count; i++) {
                values[i] = column.encode(value(column, paths.get(i), cgroups.get(paths.get(i))));
            }
            column(column.key, column.missing, values);
        }
    }

    private long value(SnapshotColumn column, String path, CgroupMemory cgroup) {
        return switch (column) {
            case PATH -> number(path);
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

    private void names(int tag, Map<Long, String> names) throws IOException {
        if (!names.isEmpty()) {
            section(tag, () -> names(names));
        }
    }

    private void names(Map<Long, String> names) throws IOException {
        int count = Math.min(names.size(), SnapshotFormat.MAX_USERS);
        append(count);
        long[] ids = new long[count];
        long[] texts = new long[count];
        int i = 0;
        for (Map.Entry<Long, String> name : names.entrySet()) {
            if (i < count) {
                ids[i] = name.getKey();
                texts[i++] = number(name.getValue());
            }
        }
        column(SnapshotColumn.ID.key, SnapshotColumn.ID.missing, ids);
        column(SnapshotColumn.NAME.key, SnapshotColumn.NAME.missing, texts);
    }

    /** Returns 0 for {@code null}, else 1 + the number of the text. */
    private long number(String text) {
        if (text == null) {
            return 0;
        }
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        texts.add(text);
        numbers.put(text, texts.size());
        return texts.size();
    }

    private void texts() throws IOException {
        append(texts.size());
        for (String text : texts) {
            byte[] encoded = encoded(text);
            append(encoded.length);
            append(encoded);
        }
    }

    private static byte[] encoded(String text) {
        byte[] encoded = Text.encode(text);
        return encoded.length <= SnapshotFormat.MAX_TEXT_BYTES
                ? encoded
                : Text.encode(Text.cut(text, SnapshotFormat.MAX_TEXT_BYTES / 4));
    }

    private void end() throws IOException {
        appendInt((int) checksum.getValue());
    }

    private void one(SnapshotColumn column, long value) throws IOException {
        column(column.key, column.missing, column.encode(value));
    }

    /** Writes a column, unless all of its values are missing. */
    private void column(String key, long missing, long... values) throws IOException {
        int i = 0;
        while (i < values.length && values[i] == missing) {
            i++;
        }
        if (i == values.length) {
            return;
        }
        append(key.length());
        append(key.getBytes(StandardCharsets.US_ASCII));
        int length = 0;
        for (long value : values) {
            length += length(signed(value));
        }
        appendInt(length);
        for (long value : values) {
            append(signed(value));
        }
    }

    /** Returns the code of a number that may be negative: small ones have small codes. */
    private static long signed(long value) {
        return (value << 1) ^ (value >> 63);
    }

    /** Returns the number of bytes that a number takes: one for each 7 of its bits. */
    private static int length(long number) {
        int bits = Long.SIZE - Long.numberOfLeadingZeros(number | 1);
        return (bits + 6) / 7;
    }

    private void append(long number) throws IOException {
        ensure(MAX_NUMBER_BYTES);
        long rest = number;
        while ((rest & ~0x7FL) != 0) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    private void appendInt(int number) throws IOException {
        ensure(Integer.BYTES);
        for (int shift = 24; shift >= 0; shift -= 8) {
            buffer[size++] = (byte) (number >> shift);
        }
    }

    private void append(byte[] more) throws IOException {
        ensure(more.length);
        System.arraycopy(more, 0, buffer, size, more.length);
        size += more.length;
    }

    /** Makes room in the buffer, which is as large as the longest text at the least. */
    private void ensure(int more) throws IOException {
        if (size + more > buffer.length) {
            flush();
        }
    }
}
