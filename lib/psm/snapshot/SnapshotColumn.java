package psm.snapshot;

import psm.proc.Host;
import psm.smaps.Usage;
import psm.text.Missing;

/**
 * The columns of a snapshot's tables, see {@link SnapshotFormat}, except those that are named after
 * a {@link Usage.Field}. Each has a code for a missing value and a range of values.
 */
enum SnapshotColumn {
    // The scan.
    TAKEN_AT("taken_at", 0, 253_402_300_799L), // the seconds until the year 9999
    TAKEN_AT_NANOS("taken_at_nanos", 0, 999_999_999),
    LISTED("listed", 0, Integer.MAX_VALUE),
    HIDDEN("hidden", 0, 1),
    FILTERED("filtered", 0, 1),
    BYTES_READ("bytes_read", 0, Long.MAX_VALUE),
    WORKERS("workers", 0, Integer.MAX_VALUE),
    TIMEOUT_NANOS("timeout_nanos", 0, Long.MAX_VALUE),
    WITH_HEAP("with_heap", 0, 1),
    /** The pid of the psm that scanned, if its memory is among that of the processes. */
    OWN_PID("own_pid", SnapshotFormat.MISSING, 0, Integer.MAX_VALUE),
    ZRAM("zram", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ZSWAP("zswap", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ARC("arc", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    ARC_IN_SLAB("arc_in_slab", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PER_CPU_FREE("per_cpu_free", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SOCKETS("sockets", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    HUGETLB_POOL("hugetlb_pool", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    HUGETLB_IN_USE(
            "hugetlb_in_use", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PSM_VERSION("psm_version"),
    HOST("host"),
    KERNEL("kernel"),
    BOOT_ID("boot_id"),
    UPTIME_MS("uptime_ms", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Host.MAX_UPTIME_MILLIS),
    BOOT_SECONDS(
            "boot_seconds", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Host.MAX_BOOT_SECONDS),
    MEMINFO("meminfo"),
    /** The content of pressure/memory, if it was requested; empty if there is none. */
    PRESSURE("pressure"),
    /** The names of the details that were read, with blanks between them. */
    DETAILS("details"),

    /** The duration of the scan, or of reading one of the slowest processes. */
    NANOS("nanos", 0, Long.MAX_VALUE),

    /** The pids, ascending except in the table of the slowest processes. */
    PID("pid", SnapshotFormat.MISSING, 0, Integer.MAX_VALUE),
    /** The name by the rule of the scan. */
    PROGRAM("program"),

    // The names by each rule, of measured and unmeasured processes.
    TITLE("title"),
    EXECUTABLE("executable"),
    SCRIPT("script"),

    // Processes that were measured.
    START_TIME("start_time", 0, 0, Long.MAX_VALUE),
    FILE("file", 0, SnapshotFormat.FILES.size() - 1),
    ROLLUP("rollup", 0, 1),
    HEAP("heap", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    MAPPINGS("mappings", 0, Integer.MAX_VALUE),
    CUT_PSS("cut_pss", 0, Integer.MAX_VALUE),
    CUT_SWAP_PSS("cut_swap_pss", 0, Integer.MAX_VALUE),
    /** The pid that the memory is counted under; missing if it is the process's own. */
    ADDRESS_SPACE(
            "address_space", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Integer.MAX_VALUE),
    DOUBTFUL("doubtful", 0, 1),
    /** The reason why the figures are estimates; missing if they are exact. */
    ESTIMATE(
            "estimate",
            SnapshotFormat.MISSING,
            SnapshotFormat.MISSING,
            SnapshotFormat.REASONS.size() - 1),
    ESTIMATE_DETAIL("estimate_detail"),
    PARENT("parent", Integer.MIN_VALUE, Integer.MAX_VALUE),
    THREADS("threads", 0, Integer.MIN_VALUE, Integer.MAX_VALUE),
    USER("user", SnapshotFormat.MISSING, Long.MIN_VALUE, Long.MAX_VALUE),
    GROUP("group", SnapshotFormat.MISSING, Long.MIN_VALUE, Long.MAX_VALUE),
    PEAK("peak", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    PAGE_TABLES("page_tables", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    /** VmSwap; the other columns of swap are from smaps. */
    SWAP_ENTRIES("swap_entries", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    RECLAIMABLE("reclaimable", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_SCORE("oom_score", Integer.MIN_VALUE, Integer.MIN_VALUE, Long.MAX_VALUE),
    OOM_SCORE_ADJ("oom_score_adj", Integer.MIN_VALUE, Integer.MIN_VALUE, Integer.MAX_VALUE),
    /** The number of lines in maps; {@link #MAPPINGS} is the number in smaps. */
    MAPS("maps", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Integer.MAX_VALUE),
    CGROUP("cgroup"),
    COMMAND("command"),
    GPU_CLIENTS("gpu_clients"),
    DEVICES_MAPPED(
            "devices_mapped", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),

    // Control groups.
    PATH("path"),
    MAX("max", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    HIGH("high", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    CURRENT("current", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SWAP_MAX("swap_max", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SWAP_CURRENT("swap_current", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_KILLS("oom_kills", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    OOM_GROUP("oom_group", 0, 1),
    HIERARCHICAL_MAX(
            "hierarchical_max", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    INACTIVE_FILE("inactive_file", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    UNRECLAIMABLE("unreclaimable", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    SWAPPINESS("swappiness", SnapshotFormat.MISSING, SnapshotFormat.MISSING, Long.MAX_VALUE),
    /** Whether the limit does not bind the groups below. */
    NOT_BINDING("not_binding", 0, 1),
    /** Whether the kernel does not kill at the limit. */
    NOT_KILLING("not_killing", 0, 1),

    // Users and groups.
    ID("id", SnapshotFormat.MISSING, 0, Long.MAX_VALUE),
    NAME("name"),

    // Processes that could not be measured.
    REASON("reason", SnapshotFormat.MISSING, 0, SnapshotFormat.REASONS.size() - 1),
    DETAIL("detail");

    final String key;
    final boolean isText;

    /** The code of a missing value. */
    final long missing;

    /** Whether a number may be missing; otherwise an absent number is 0. */
    private final boolean isOptional;

    final long min;
    final long max;

    /** Makes a column of numbers that may be missing. */
    SnapshotColumn(String key, long missing, long min, long max) {
        this.key = key;
        this.isText = false;
        this.missing = missing;
        this.isOptional = true;
        this.min = min;
        this.max = max;
    }

    /** Makes a column of numbers that are 0 if they are not there. */
    SnapshotColumn(String key, long min, long max) {
        this.key = key;
        this.isText = false;
        this.missing = 0;
        this.isOptional = false;
        this.min = min;
        this.max = max;
    }

    /** Makes a column of texts: a code is 0 for {@code null}, or 1 + the number of the text. */
    SnapshotColumn(String key) {
        this.key = key;
        this.isText = true;
        this.missing = 0;
        this.isOptional = false;
        this.min = 0;
        this.max = SnapshotFormat.MAX_TEXTS;
    }

    /** Returns the code of a value. */
    long encode(long value) {
        return Missing.is(value) ? missing : value;
    }

    /** Returns the value of a code. */
    long decode(long code) {
        return isOptional && code == missing ? Missing.VALUE : code;
    }
}
