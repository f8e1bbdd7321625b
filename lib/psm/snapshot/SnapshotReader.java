package psm.snapshot;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Host;
import psm.proc.HostMemory;
import psm.proc.HugePages;
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

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Reads a snapshot in the {@link SnapshotFormat}. The file need not be trusted: the result could
 * always be that of a scan, and it is within the limits of the format. Not for sharing between
 * threads.
 */
public final class SnapshotReader {
    private static final SnapshotColumn[] COLUMNS = SnapshotColumn.values();
    private static final Usage.Field[] FIELDS = Usage.Field.values();

    private static final int START_BYTES = 1 << 16;

    /** The file; {@code null} once its tables and texts are read, to make room for the snapshot. */
    private byte[] bytes;

    /** The end of the file, section or column that is being read. */
    private int limit;

    private int at;

    /** The start and end of each known section's content, by tag. */
    private final Map<Integer, int[]> sections = new HashMap<>();

    private String[] texts;

    private SnapshotReader(byte[] bytes, int length) {
        this.bytes = bytes;
        this.limit = length;
    }

    /** Returns whether a file with that start may be a snapshot, of any version. */
    static boolean isStart(byte[] bytes, int length) {
        int compared = Math.min(length, SnapshotFormat.MAGIC.length());
        for (int i = 0; i < compared; i++) {
            if (bytes[i] != SnapshotFormat.MAGIC.charAt(i)) {
                return false;
            }
        }
        return length > 0;
    }

    /**
     * Reads the snapshot in {@code bytes[0..length)}.
     *
     * @throws SnapshotFormatException if there is no snapshot, or it has another version
     */
    public static Snapshot read(byte[] bytes, int length) throws SnapshotFormatException {
        return new SnapshotReader(bytes, length).read();
    }

    /** Reads the snapshot in a stream. No other object keeps the bytes of the file. */
    static Snapshot read(InputStream in) throws IOException {
        SnapshotReader reader = new SnapshotReader(new byte[START_BYTES], 0);
        reader.load(in);
        return reader.read();
    }

    private void load(InputStream in) throws IOException {
        byte[] piece = new byte[START_BYTES]; // a stream of a file keeps the array that it reads to
        int n;
        while ((n = in.read(piece, 0, Math.min(piece.length, bytes.length - limit))) >= 0) {
            System.arraycopy(piece, 0, bytes, limit, n);
            limit += n;
            if (!isStart(bytes, limit)) {
                break;
            }
            if (limit > SnapshotFormat.MAX_BYTES) {
                throw new SnapshotFormatException(
                        "has more than "
                                + (SnapshotFormat.MAX_BYTES >> 20)
                                + " MB, so it is not a snapshot");
            }
            if (limit == bytes.length) {
                int more = Math.min(2 * limit, SnapshotFormat.MAX_BYTES + 1);
                bytes = Arrays.copyOf(bytes, more);
            }
        }
        if (limit == 0) {
            throw new SnapshotFormatException("is empty: 'psm -o snapshot' has written nothing");
        }
    }

    private Snapshot read() throws SnapshotFormatException {
        header();
        checkEnd();
        findSections();
        texts();
        dropTexts();
        return snapshot();
    }

    private void header() throws SnapshotFormatException {
        if (!isStart(bytes, limit)) {
            throw new SnapshotFormatException("is not a snapshot; 'psm -o snapshot' writes one");
        }
        int end = 0;
        while (end < limit && end < SnapshotFormat.MAX_HEADER_BYTES && bytes[end] != '\n') {
            end++;
        }
        if (end == limit) {
            throw cut();
        }
        String line = new String(bytes, 0, end, StandardCharsets.ISO_8859_1);
        int by = line.indexOf(SnapshotFormat.BY, SnapshotFormat.MAGIC.length());
        if (by < 0 || bytes[end] != '\n') {
            throw new SnapshotFormatException(
                    "starts like a snapshot but is not one; 'psm -o snapshot' writes one");
        }
        String version = line.substring(SnapshotFormat.MAGIC.length(), by);
        if (!version.equals(Integer.toString(SnapshotFormat.VERSION))) {
            throw new SnapshotFormatException(
                    "was written by psm "
                            + line.substring(by + SnapshotFormat.BY.length())
                            + " in version "
                            + version
                            + " of its format, and this psm "
                            + Version.CURRENT
                            + " knows version "
                            + SnapshotFormat.VERSION
                            + "; read it with that psm");
        }
        at = end + 1;
    }

    private static SnapshotFormatException cut() {
        return new SnapshotFormatException(
                "is cut: its end is missing; have 'psm -o snapshot' write it again");
    }

    private void checkEnd() throws SnapshotFormatException {
        int end = limit - SnapshotFormat.END_BYTES;
        if (end < at
                || intAt(end) != SnapshotFormat.END
                || intAt(end + Integer.BYTES) != Integer.BYTES) {
            throw cut();
        }
        CRC32 sum = new CRC32();
        sum.update(bytes, 0, end);
        if ((int) sum.getValue() != intAt(end + SnapshotFormat.SECTION_HEAD_BYTES)) {
            throw new SnapshotFormatException(
                    "is damaged: its checksum is wrong; have 'psm -o snapshot' write it again");
        }
        limit = end;
    }

    private void findSections() throws SnapshotFormatException {
        int end = limit;
        while (at < end) {
            int tag = readInt();
            int length = readLength(end);
            boolean isKnown =
                    tag == SnapshotFormat.TEXTS
                            || tag == SnapshotFormat.SCAN
                            || tag == SnapshotFormat.PROCESSES
                            || tag == SnapshotFormat.UNMEASURED
                            || tag == SnapshotFormat.SLOWEST
                            || tag == SnapshotFormat.CGROUPS
                            || tag == SnapshotFormat.USERS
                            || tag == SnapshotFormat.GROUPS;
            if (isKnown && sections.put(tag, new int[] {at, at + length}) != null) {
                throw damaged("a section occurs twice");
            }
            at += length;
        }
    }

    /** Starts to read a section. */
    private void enter(int tag) throws SnapshotFormatException {
        int[] section = sections.get(tag);
        if (section == null) {
            throw damaged("a section is missing");
        }
        at = section[0];
        limit = section[1];
    }

    private void texts() throws SnapshotFormatException {
        enter(SnapshotFormat.TEXTS);
        texts = new String[readCount(SnapshotFormat.MAX_TEXTS, "texts")];
        long chars = 0;
        for (int i = 0; i < texts.length; i++) {
            int length = readCount(SnapshotFormat.MAX_TEXT_BYTES, "bytes in a text");
            texts[i] = Text.decode(bytes, at, at + length);
            at += length;
            chars += texts[i].length();
            if (chars > SnapshotFormat.MAX_CHARS) {
                throw damaged("it has more text than a snapshot may have");
            }
        }
        if (at != limit) {
            throw damaged("there are bytes after the texts");
        }
    }

    /** Drops the bytes of the texts, which are at the end of the files that psm writes. */
    private void dropTexts() {
        int end = 0;
        for (Map.Entry<Integer, int[]> section : sections.entrySet()) {
            if (section.getKey() != SnapshotFormat.TEXTS) {
                end = Math.max(end, section.getValue()[1]);
            }
        }
        bytes = Arrays.copyOf(bytes, end);
    }

    private Snapshot snapshot() throws SnapshotFormatException {
        Table scan = table(SnapshotFormat.SCAN, 1);
        if (scan.rows != 1) {
            throw damaged("it does not contain one scan");
        }
        Snapshot.Run run = run(scan);
        Map<Long, String> users = names(SnapshotFormat.USERS);
        Map<Long, String> groups = names(SnapshotFormat.GROUPS);
        Map<String, CgroupMemory> cgroups = cgroups();
        List<Unmeasured> unmeasured =
                unmeasured(table(SnapshotFormat.UNMEASURED, SnapshotFormat.MAX_UNMEASURED));
        Table measured = table(SnapshotFormat.PROCESSES, SnapshotFormat.MAX_PROCESSES);
        bytes = null;
        List<ProcessMemory> processes = processes(measured);
        checkMeasuredOrNot(measured, unmeasured);
        Snapshot.Scope scope = scope(scan);
        return new Snapshot(
                        scope, run, host(scan), processes, unmeasured, users, groups, cgroups, null)
                .without(scan.get(SnapshotColumn.OWN_PID, 0));
    }

    private Snapshot.Scope scope(Table scan) {
        return new Snapshot.Scope(
                scan.get(SnapshotColumn.FILTERED, 0) != 0,
                scan.get(SnapshotColumn.WITH_HEAP, 0) != 0,
                details(text(scan, SnapshotColumn.DETAILS, 0)),
                scan.get(SnapshotColumn.TIMEOUT_NANOS, 0));
    }

    private Snapshot.Run run(Table scan) throws SnapshotFormatException {
        long second = scan.get(SnapshotColumn.TAKEN_AT, 0);
        String version = text(scan, SnapshotColumn.PSM_VERSION, 0);
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

    private Host host(Table scan) {
        String meminfo = text(scan, SnapshotColumn.MEMINFO, 0);
        String pressure = text(scan, SnapshotColumn.PRESSURE, 0);
        return new Host(
                text(scan, SnapshotColumn.HOST, 0),
                text(scan, SnapshotColumn.KERNEL, 0),
                text(scan, SnapshotColumn.BOOT_ID, 0),
                scan.get(SnapshotColumn.UPTIME_MS, 0),
                new HostMemory(meminfo == null ? "" : meminfo, unlisted(scan)),
                pressure == null ? null : new Pressure(pressure.isEmpty() ? null : pressure));
    }

    private static UnlistedMemory unlisted(Table scan) {
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
    private static Set<Detail> details(String names) {
        Set<Detail> details = EnumSet.noneOf(Detail.class);
        String all = ' ' + (names == null ? "" : names) + ' ';
        for (Detail detail : Detail.values()) {
            if (all.contains(' ' + detail.name() + ' ')) {
                details.add(detail);
            }
        }
        return details;
    }

    private List<ProcessMemory> processes(Table table) throws SnapshotFormatException {
        checkAscending(table);
        List<ProcessMemory> processes = new ArrayList<>(table.rows);
        long remaining = Long.MAX_VALUE;
        for (int i = 0; i < table.rows; i++) {
            Usage usage = usage(table, i);
            remaining -= usage.upperBound();
            if (remaining < 0) {
                throw damaged("the figures of pid " + pid(table, i) + " make the sums overflow");
            }
            processes.add(
                    new ProcessMemory(
                            pid(table, i),
                            table.get(SnapshotColumn.START_TIME, i),
                            program(table, i),
                            table.get(SnapshotColumn.ROLLUP, i) != 0,
                            usage,
                            details(table, i),
                            addressSpace(table, i),
                            table.get(SnapshotColumn.DOUBTFUL, i) != 0,
                            estimate(table, i)));
        }
        return processes;
    }

    private ProcessMemory.Estimate estimate(Table table, int row) {
        long reason = table.get(SnapshotColumn.ESTIMATE, row);
        return Missing.is(reason)
                ? null
                : new ProcessMemory.Estimate(
                        SnapshotFormat.REASONS.get((int) reason),
                        text(table, SnapshotColumn.ESTIMATE_DETAIL, row));
    }

    private void checkAscending(Table table) throws SnapshotFormatException {
        int last = -1;
        for (int i = 0; i < table.rows; i++) {
            int pid = pid(table, i);
            if (pid <= last) {
                throw damaged("pid " + pid + " comes after pid " + last);
            }
            last = pid;
        }
    }

    private int pid(Table table, int row) throws SnapshotFormatException {
        long pid = table.get(SnapshotColumn.PID, row);
        if (pid < 0) {
            throw damaged("a process has no pid");
        }
        return (int) pid;
    }

    /**
     * Returns the pid that the memory of a row is counted under: its own, or a lower one that is
     * counted under itself.
     */
    private int addressSpace(Table table, int row) throws SnapshotFormatException {
        int pid = pid(table, row);
        long space = table.get(SnapshotColumn.ADDRESS_SPACE, row);
        if (Missing.is(space)) {
            return pid;
        }
        int other = table.indexOfPid(space);
        if (other < 0
                || other >= row
                || !Missing.is(table.get(SnapshotColumn.ADDRESS_SPACE, other))) {
            throw damaged("pid " + pid + " shares its memory with pid " + space);
        }
        return (int) space;
    }

    private Program program(Table table, int row) throws SnapshotFormatException {
        String name = name(table, SnapshotColumn.PROGRAM, row);
        if (name == null) {
            throw damaged("pid " + pid(table, row) + " has no name");
        }
        Program.File file = SnapshotFormat.FILES.get((int) table.get(SnapshotColumn.FILE, row));
        return new Program(name, file, names(table, row));
    }

    private Program.Names names(Table table, int row) throws SnapshotFormatException {
        String title = name(table, SnapshotColumn.TITLE, row);
        String executable = name(table, SnapshotColumn.EXECUTABLE, row);
        String script = name(table, SnapshotColumn.SCRIPT, row);
        return title == null || executable == null
                ? null
                : new Program.Names(title, executable, script);
    }

    private String name(Table table, SnapshotColumn column, int row)
            throws SnapshotFormatException {
        String name = text(table, column, row);
        if (name != null && Text.cut(name, Text.MAX_NAME_CHARS).length() < name.length()) {
            throw damaged("a name is too long");
        }
        return name;
    }

    private static Usage usage(Table table, int row) {
        return new Usage(
                table.sums(row),
                table.get(SnapshotColumn.HEAP, row),
                (int) table.get(SnapshotColumn.MAPPINGS, row),
                (int) table.get(SnapshotColumn.CUT_PSS, row),
                (int) table.get(SnapshotColumn.CUT_SWAP_PSS, row));
    }

    private ProcessDetails details(Table table, int row) {
        return new ProcessDetails(
                (int) table.get(SnapshotColumn.PARENT, row),
                table.get(SnapshotColumn.THREADS, row),
                new ProcessDetails.Status(
                        table.get(SnapshotColumn.USER, row),
                        table.get(SnapshotColumn.GROUP, row),
                        table.get(SnapshotColumn.PEAK, row),
                        table.get(SnapshotColumn.PAGE_TABLES, row),
                        table.get(SnapshotColumn.SWAP_ENTRIES, row),
                        table.get(SnapshotColumn.RECLAIMABLE, row)),
                table.get(SnapshotColumn.OOM_SCORE, row),
                table.get(SnapshotColumn.OOM_SCORE_ADJ, row),
                table.get(SnapshotColumn.MAPS, row),
                text(table, SnapshotColumn.CGROUP, row),
                text(table, SnapshotColumn.COMMAND, row),
                devices(table, row));
    }

    /** Returns the memory of drivers; most processes have none, and they share one object. */
    private ProcessDetails.Devices devices(Table table, int row) {
        String gpuClients = text(table, SnapshotColumn.GPU_CLIENTS, row);
        long mapped = table.get(SnapshotColumn.DEVICES_MAPPED, row);
        return gpuClients == null && mapped == Missing.VALUE
                ? ProcessDetails.Devices.UNKNOWN
                : new ProcessDetails.Devices(gpuClients, mapped);
    }

    private void checkMeasuredOrNot(Table measured, List<Unmeasured> unmeasured)
            throws SnapshotFormatException {
        for (Unmeasured process : unmeasured) {
            if (measured.indexOfPid(process.pid()) >= 0) {
                throw damaged("pid " + process.pid() + " is both measured and unmeasured");
            }
        }
    }

    private List<Unmeasured> unmeasured(Table table) throws SnapshotFormatException {
        checkAscending(table);
        List<Unmeasured> unmeasured = new ArrayList<>(table.rows);
        for (int i = 0; i < table.rows; i++) {
            long reason = table.get(SnapshotColumn.REASON, i);
            if (Missing.is(reason)) {
                throw damaged("pid " + pid(table, i) + " is unmeasured without a reason");
            }
            unmeasured.add(
                    new Unmeasured(
                            pid(table, i),
                            name(table, SnapshotColumn.PROGRAM, i),
                            SnapshotFormat.REASONS.get((int) reason),
                            text(table, SnapshotColumn.DETAIL, i),
                            names(table, i)));
        }
        return unmeasured;
    }

    private List<Snapshot.Slow> slowest() throws SnapshotFormatException {
        Table table = table(SnapshotFormat.SLOWEST, SnapshotFormat.MAX_SLOWEST);
        List<Snapshot.Slow> slowest = new ArrayList<>(table.rows);
        for (int i = 0; i < table.rows; i++) {
            String program = name(table, SnapshotColumn.PROGRAM, i);
            if (program == null) {
                throw damaged("one of the slowest has no name");
            }
            slowest.add(
                    new Snapshot.Slow(pid(table, i), program, table.get(SnapshotColumn.NANOS, i)));
        }
        return slowest;
    }

    /** Returns control groups by path; none if an older psm wrote the file. */
    private Map<String, CgroupMemory> cgroups() throws SnapshotFormatException {
        Map<String, CgroupMemory> cgroups = new HashMap<>();
        if (sections.containsKey(SnapshotFormat.CGROUPS)) {
            Table table = table(SnapshotFormat.CGROUPS, SnapshotFormat.MAX_CGROUPS);
            CgroupMemory cgroup = null;
            for (int i = 0; i < table.rows; i++) {
                String path = text(table, SnapshotColumn.PATH, i);
                if (path != null) {
                    cgroup = cgroup(table, i, cgroup);
                    cgroups.put(path, cgroup);
                }
            }
        }
        return cgroups;
    }

    private static CgroupMemory cgroup(Table table, int row, CgroupMemory before) {
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
    private Map<Long, String> names(int tag) throws SnapshotFormatException {
        Map<Long, String> names = new TreeMap<>();
        if (sections.containsKey(tag)) {
            Table table = table(tag, SnapshotFormat.MAX_USERS);
            for (int i = 0; i < table.rows; i++) {
                String name = name(table, SnapshotColumn.NAME, i);
                if (name != null) {
                    names.put(table.get(SnapshotColumn.ID, i), name);
                }
            }
        }
        return names;
    }

    private String text(Table table, SnapshotColumn column, int row) {
        int number = (int) table.get(column, row);
        return number == 0 ? null : texts[number - 1];
    }

    /** The known columns of a table. */
    private static final class Table {
        final int rows;

        /**
         * The values of columns that fit into an {@code int}; {@code null} for an absent column.
         */
        private final int[][] narrow = new int[COLUMNS.length][];

        /** The values of all other columns; {@code null} for an absent column. */
        private final long[][] wide = new long[COLUMNS.length][];

        /** The sums of each row by {@link Usage.Field}; {@code null} if no column contains sums. */
        private long[][] sums;

        /** The {@link Usage.Field} whose columns have been read, by ordinal. */
        private final boolean[] fields = new boolean[FIELDS.length];

        Table(int rows) {
            this.rows = rows;
        }

        long get(SnapshotColumn column, int row) {
            int[] ints = narrow[column.ordinal()];
            long[] longs = wide[column.ordinal()];
            if (ints == null && longs == null) {
                return column.decode(column.missing);
            }
            return column.decode(ints == null ? longs[row] : ints[row]);
        }

        /** Stores a column; returns whether it is the first of that kind. */
        boolean put(SnapshotColumn column, long[] values) {
            int i = column.ordinal();
            boolean isFirst = narrow[i] == null && wide[i] == null;
            if (column.min >= Integer.MIN_VALUE && column.max <= Integer.MAX_VALUE) {
                narrow[i] = new int[values.length];
                for (int row = 0; row < values.length; row++) {
                    narrow[i][row] = (int) values[row];
                }
            } else {
                wide[i] = values;
            }
            return isFirst;
        }

        /** Stores a column of sums; returns whether it is the first for that field. */
        boolean put(int field, long[] values) {
            sums = sums == null ? new long[rows][] : sums;
            for (int i = 0; i < rows; i++) {
                boolean isMissing = values[i] == SnapshotFormat.MISSING;
                sums[i] = sums(i);
                sums[i][field] = isMissing ? Missing.VALUE : values[i];
            }
            boolean isFirst = !fields[field];
            fields[field] = true;
            return isFirst;
        }

        /** Returns the array with the sums of a row. */
        long[] sums(int row) {
            if (sums != null && sums[row] != null) {
                return sums[row];
            }
            long[] missing = new long[FIELDS.length];
            Arrays.fill(missing, Missing.VALUE);
            return missing;
        }

        /** Returns the row of a pid; a negative number if there is none. */
        int indexOfPid(long pid) {
            int[] pids = narrow[SnapshotColumn.PID.ordinal()];
            return pids == null || pid != (int) pid ? -1 : Arrays.binarySearch(pids, (int) pid);
        }
    }

    private Table table(int tag, int maxRows) throws SnapshotFormatException {
        enter(tag);
        int end = limit;
        Table table = new Table(readCount(maxRows, "rows"));
        while (at < end) {
            int keyLength = readCount(end - at, "letters");
            int key = at;
            at += keyLength;
            int length = readLength(end);
            int next = at + length;
            SnapshotColumn column = column(key, keyLength);
            int field = column == null ? field(key, keyLength) : -1;
            limit = next;
            boolean isFirst = true;
            if (column != null) {
                long max = column.isText ? texts.length : column.max;
                isFirst = table.put(column, values(table.rows, column.min, max));
            } else if (field >= 0) {
                long[] values = values(table.rows, SnapshotFormat.MISSING, Long.MAX_VALUE);
                isFirst = table.put(field, values);
            }
            if (!isFirst) {
                throw damaged("a column occurs twice");
            }
            at = next;
            limit = end;
        }
        return table;
    }

    /** Reads the values of a column, which must end at {@link #limit}. */
    private long[] values(int count, long min, long max) throws SnapshotFormatException {
        if (count > limit - at) {
            throw damaged("a column is too short");
        }
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            long number = readNumber();
            long value = (number >>> 1) ^ -(number & 1);
            if (value < min || value > max) {
                throw damaged("a column has " + value);
            }
            values[i] = value;
        }
        if (at != limit) {
            throw damaged("a column is too long");
        }
        return values;
    }

    private SnapshotColumn column(int key, int length) {
        for (SnapshotColumn column : COLUMNS) {
            if (isKey(column.key, key, length)) {
                return column;
            }
        }
        return null;
    }

    private int field(int key, int length) {
        for (int i = 0; i < FIELDS.length; i++) {
            if (isKey(FIELDS[i].kernelName, key, length)) {
                return i;
            }
        }
        return -1;
    }

    private boolean isKey(String key, int from, int length) {
        if (length != key.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[from + i] != key.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Reads the number of things that take at least a byte each. */
    private int readCount(int max, String what) throws SnapshotFormatException {
        long count = readNumber();
        if (count < 0 || count > max || count > limit - at) {
            throw damaged(Long.toUnsignedString(count) + " " + what);
        }
        return (int) count;
    }

    private long readNumber() throws SnapshotFormatException {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == limit) {
                throw damaged("a number is cut");
            }
            byte next = bytes[at++];
            number |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw damaged("a number does not end");
    }

    /** Reads a length of content that must end before {@code end}. */
    private int readLength(int end) throws SnapshotFormatException {
        int length = readInt();
        if (length < 0 || length > end - at) {
            throw damaged("a length of " + Integer.toUnsignedString(length));
        }
        return length;
    }

    private int readInt() throws SnapshotFormatException {
        if (limit - at < Integer.BYTES) {
            throw damaged("a length is cut");
        }
        at += Integer.BYTES;
        return intAt(at - Integer.BYTES);
    }

    private int intAt(int index) {
        return (bytes[index] & 0xFF) << 24
                | (bytes[index + 1] & 0xFF) << 16
                | (bytes[index + 2] & 0xFF) << 8
                | (bytes[index + 3] & 0xFF);
    }

    private SnapshotFormatException damaged(String problem) {
        return SnapshotFormatException.damaged(problem, at);
    }
}
