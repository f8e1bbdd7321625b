package psm.snapshot;

import psm.smaps.Usage;
import psm.text.Missing;

import java.nio.charset.StandardCharsets;

/**
 * The columns of a snapshot's tables by number: first each {@link SnapshotColumn}, then each {@link
 * Usage.Field}. The numbers differ from one version of psm to the next; files contain keys.
 */
public final class SnapshotSlots {
    private static final SnapshotColumn[] COLUMNS = SnapshotColumn.values();
    private static final Usage.Field[] FIELDS = Usage.Field.values();

    static final SnapshotColumn[] OF_SCAN = {
        SnapshotColumn.TAKEN_AT,
        SnapshotColumn.TAKEN_AT_NANOS,
        SnapshotColumn.NANOS,
        SnapshotColumn.LISTED,
        SnapshotColumn.HIDDEN,
        SnapshotColumn.FILTERED,
        SnapshotColumn.BYTES_READ,
        SnapshotColumn.WORKERS,
        SnapshotColumn.TIMEOUT_NANOS,
        SnapshotColumn.WITH_HEAP,
        SnapshotColumn.OWN_PID,
        SnapshotColumn.ZRAM,
        SnapshotColumn.ZSWAP,
        SnapshotColumn.ARC,
        SnapshotColumn.ARC_IN_SLAB,
        SnapshotColumn.PER_CPU_FREE,
        SnapshotColumn.SOCKETS,
        SnapshotColumn.HUGETLB_POOL,
        SnapshotColumn.HUGETLB_IN_USE,
        SnapshotColumn.PSM_VERSION,
        SnapshotColumn.HOST,
        SnapshotColumn.KERNEL,
        SnapshotColumn.BOOT_ID,
        SnapshotColumn.UPTIME_MS,
        SnapshotColumn.BOOT_SECONDS,
        SnapshotColumn.MEMINFO,
        SnapshotColumn.PRESSURE,
        SnapshotColumn.DETAILS
    };

    static final SnapshotColumn[] OF_SLOWEST = {
        SnapshotColumn.PID, SnapshotColumn.PROGRAM, SnapshotColumn.NANOS
    };

    static final SnapshotColumn[] OF_NAMES = {SnapshotColumn.ID, SnapshotColumn.NAME};

    static final SnapshotColumn[] OF_CGROUPS = {
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

    static final SnapshotColumn[] OF_PROCESSES = {
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

    static final SnapshotColumn[] OF_UNMEASURED = {
        SnapshotColumn.PID,
        SnapshotColumn.PROGRAM,
        SnapshotColumn.TITLE,
        SnapshotColumn.EXECUTABLE,
        SnapshotColumn.SCRIPT,
        SnapshotColumn.REASON,
        SnapshotColumn.DETAIL
    };

    /** The first slot of a field. */
    static final int FIRST_FIELD = COLUMNS.length;

    private static final byte[] PARTS = new byte[COLUMNS.length];

    static {
        for (SnapshotColumn column : COLUMNS) {
            PARTS[column.ordinal()] = part(column);
        }
    }

    /** The number of slots. */
    public static final int COUNT = COLUMNS.length + FIELDS.length;

    private SnapshotSlots() {}

    /**
     * Returns the columns of a table by which a row is the same at two times; none if the order of
     * rows is all there is.
     */
    public static int[] keys(int tag) {
        SnapshotColumn[] columns = columns(tag);
        if (tag == SnapshotFormat.PROCESSES) {
            return new int[] {columns[0].ordinal(), SnapshotColumn.START_TIME.ordinal()};
        }
        return tag == SnapshotFormat.SCAN || tag == SnapshotFormat.SLOWEST
                ? new int[0]
                : new int[] {columns[0].ordinal()};
    }

    /** Returns the name of a column in a file. */
    public static String key(int slot) {
        return slot < FIRST_FIELD ? COLUMNS[slot].key : FIELDS[slot - FIRST_FIELD].kernelName;
    }

    /** Returns the columns of a table, besides those of a {@link Usage.Field}. */
    private static SnapshotColumn[] columns(int tag) {
        if (tag == SnapshotFormat.SCAN) {
            return OF_SCAN;
        }
        if (tag == SnapshotFormat.PROCESSES) {
            return OF_PROCESSES;
        }
        if (tag == SnapshotFormat.UNMEASURED) {
            return OF_UNMEASURED;
        }
        if (tag == SnapshotFormat.SLOWEST) {
            return OF_SLOWEST;
        }
        return tag == SnapshotFormat.CGROUPS ? OF_CGROUPS : OF_NAMES;
    }

    /** Returns the slot of a column of a table; -1 if this psm does not know it. */
    public static int slot(int tag, String key) {
        byte[] bytes = key.getBytes(StandardCharsets.ISO_8859_1);
        return slot(tag, bytes, 0, bytes.length);
    }

    /** Returns the slot of the name at {@code bytes[from..from + length)}. */
    static int slot(int tag, byte[] bytes, int from, int length) {
        for (SnapshotColumn column : columns(tag)) {
            if (isKey(column.key, bytes, from, length)) {
                return column.ordinal();
            }
        }
        for (int i = 0; i < FIELDS.length && tag == SnapshotFormat.PROCESSES; i++) {
            if (isKey(FIELDS[i].kernelName, bytes, from, length)) {
                return FIRST_FIELD + i;
            }
        }
        return -1;
    }

    private static boolean isKey(String key, byte[] bytes, int from, int length) {
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

    /** Returns whether values are 0 for {@code null}, or 1 + the number of a text. */
    public static boolean isText(int slot) {
        return slot < FIRST_FIELD && COLUMNS[slot].isText;
    }

    /** Returns the code of a missing value, which is that of all values of an absent column. */
    public static long missing(int slot) {
        return slot < FIRST_FIELD ? COLUMNS[slot].missing : SnapshotFormat.MISSING;
    }

    static long min(int slot) {
        return slot < FIRST_FIELD ? COLUMNS[slot].min : SnapshotFormat.MISSING;
    }

    static long max(int slot) {
        return slot < FIRST_FIELD ? COLUMNS[slot].max : Long.MAX_VALUE;
    }

    /** Returns which part of a process a column is of, if it is of one. */
    static byte part(int slot) {
        return slot < FIRST_FIELD ? PARTS[slot] : SnapshotTable.OTHER_USAGE;
    }

    private static byte part(SnapshotColumn column) {
        return switch (column) {
            case PROGRAM, TITLE, EXECUTABLE, SCRIPT, FILE -> SnapshotTable.OTHER_PROGRAM;
            case HEAP, MAPPINGS, CUT_PSS, CUT_SWAP_PSS -> SnapshotTable.OTHER_USAGE;
            default -> SnapshotTable.OTHER_DETAILS;
        };
    }

    /** Returns whether all values of a slot fit into an {@code int}. */
    static boolean isNarrow(int slot) {
        return min(slot) >= Integer.MIN_VALUE && max(slot) <= Integer.MAX_VALUE;
    }

    static long encodeField(long bytes) {
        return Missing.is(bytes) ? SnapshotFormat.MISSING : bytes;
    }

    static long decodeField(long code) {
        return code == SnapshotFormat.MISSING ? Missing.VALUE : code;
    }
}
