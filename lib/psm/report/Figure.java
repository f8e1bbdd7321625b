package psm.report;

import psm.Psm;
import psm.name.Program;
import psm.proc.GpuMemory;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The columns that a report can show after the names of its rows. Each constant is one column in
 * every format, with its name for {@code -c} and {@code --sort}. A number in its description is the
 * first Linux that reports it. A figure that psm computes also has a case in {@link
 * #of(ProcessMemory)}. The end of its key says what the values are: sizes for {@code _bytes}, parts
 * of a whole for {@code _percent}, process ids for {@code pid}, durations for {@code _seconds}, and
 * rates for {@code _bytes_per_hour}.
 */
public enum Figure {
    /** RAM, see {@link Usage#ram}. */
    PSS(
            "pss",
            "pss_bytes",
            "RAM",
            Fold.SUM,
            "RAM: own pages, and a share of the shared ones",
            Trait.IN_TOTALS),
    /** Private memory, see {@link Usage#unique}. */
    USS(
            "uss",
            "uss_bytes",
            "PRIVATE",
            Fold.SUM,
            "pages that only this process maps (USS)",
            Trait.IN_TOTALS),
    /** The share of shared pages in PSS, see {@link Usage#shared}. */
    SHARED("shared", "shared_bytes", "SHARED", Fold.SUM, "the share of shared pages in pss"),
    RSS(
            "rss",
            "rss_bytes",
            "RSS",
            Fold.SUM,
            Usage.Field.RSS,
            "resident set: shared pages count in full for each process"),
    /** Swap, see {@link Usage#swapped}. */
    SWAP(
            "swap",
            "swap_bytes",
            "SWAPPED",
            Fold.SUM,
            "swap, divided among processes as pss is (SwapPss)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    SWAP_PSS(
            "swappss",
            "swappss_bytes",
            "SWAPPSS",
            Fold.SUM,
            Usage.Field.SWAP_PSS,
            "SwapPss alone (Linux 4.3)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** The kernel's Swap, which includes shared memory in full for each process that maps it. */
    SWAP_WITH_SHARED(
            "swap_with_shared",
            "swap_with_shared_bytes",
            "SWAP",
            Fold.SUM,
            Usage.Field.SWAP,
            "Swap: with shared memory, in full for each process",
            Trait.SPARSE),
    /** The RAM that a process would need if none of it were swapped out. */
    RAM_AND_SWAP(
            "ram+swap",
            "ram_and_swap_bytes",
            "RAM+SWAP",
            Fold.SUM,
            "pss and swap",
            Trait.IN_TOTALS),
    PSS_PERCENT("pss%", "pss_percent", "RAM%", PSS, "MemTotal", "pss, of all RAM", Trait.IN_TOTALS),
    USS_PERCENT(
            "uss%", "uss_percent", "PRIV%", USS, "MemTotal", "uss, of all RAM", Trait.IN_TOTALS),
    RSS_PERCENT("rss%", "rss_percent", "RSS%", RSS, "MemTotal", "rss, of all RAM"),
    SWAP_PERCENT(
            "swap%",
            "swap_percent", "SWAP%", SWAP, "SwapTotal", "swap, of all swap", Trait.IN_TOTALS),
    /** The anonymous part of PSS, which only smaps_rollup contains. */
    ANON(
            "anon",
            "pss_anon_bytes",
            "ANON",
            Fold.SUM,
            Usage.Field.PSS_ANON,
            "the anonymous part of pss (5.3)",
            Trait.IN_TOTALS),
    /** The part of PSS in files, which only smaps_rollup contains. */
    FILE(
            "file",
            "pss_file_bytes",
            "FILE",
            Fold.SUM,
            Usage.Field.PSS_FILE,
            "the part of pss in files (5.3)",
            Trait.IN_TOTALS),
    /** The part of PSS in shared memory, which only smaps_rollup contains. */
    SHMEM(
            "shmem",
            "pss_shmem_bytes",
            "SHMEM",
            Fold.SUM,
            Usage.Field.PSS_SHMEM,
            "the part of pss in shmem and tmpfs (5.3)",
            Trait.IN_TOTALS),
    /** Of one process, it changes with that process alone, unlike all figures of shares. */
    ANONYMOUS(
            "anonymous",
            "anonymous_bytes",
            "ANONYMOUS",
            Fold.SUM,
            Usage.Field.ANONYMOUS,
            "pages that are of no file, in full for each process (2.6.36)"),
    /** Private huge pages, a part of PSS and USS. */
    PRIVATE_HUGETLB(
            "private_hugetlb",
            "private_hugetlb_bytes",
            "HUGEPRIV",
            Fold.SUM,
            Usage.Field.PRIVATE_HUGETLB,
            "private huge pages of hugetlbfs, a part of pss (4.4)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /**
     * Shared huge pages, in full for each process: the kernel does not report how many map them.
     */
    SHARED_HUGETLB(
            "hugetlb",
            "shared_hugetlb_bytes",
            "HUGETLB",
            Fold.SUM,
            Usage.Field.SHARED_HUGETLB,
            "shared huge pages of hugetlbfs, in full for each process (4.4)",
            Trait.SPARSE),
    /** PSS of the mappings named [heap]. */
    HEAP(
            "heap",
            "heap_bytes",
            "HEAP",
            Fold.SUM,
            "pss of [heap]; reads smaps, which takes longer",
            Trait.IN_TOTALS),
    KSM(
            "ksm",
            "ksm_bytes",
            "KSM",
            Fold.SUM,
            Usage.Field.KSM,
            "merged by same-page merging, a part of rss (6.7)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** Locked memory; equal to PSS on Linux 4.14 to 4.18, by a kernel bug. */
    LOCKED(
            "locked",
            "locked_bytes",
            "LOCKED",
            Fold.SUM,
            Usage.Field.LOCKED,
            "locked into RAM, a part of pss",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** VmPTE of {@code status}. */
    PAGE_TABLES(
            "pagetables",
            "pagetables_bytes",
            "TABLES",
            Fold.SUM,
            Detail.STATUS,
            "page tables, which are not in pss",
            Trait.IN_TOTALS),
    /** The memory of GPUs, which may be outside of RAM, see {@link GpuMemory}. */
    GPU(
            "gpu",
            "gpu_bytes",
            "GPU",
            Fold.SUM,
            Detail.GPU,
            "memory of GPUs, not in pss; once if it is shared (5.19)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** VmHWM of {@code status}. */
    PEAK(
            "peak",
            "peak_bytes",
            "PEAK",
            Fold.MAX,
            Detail.STATUS,
            "the largest rss that one of the processes has had"),
    /** The limit of the control group, or of the nearest one above it that has a limit. */
    LIMIT(
            "limit",
            "limit_bytes",
            "LIMIT",
            Fold.SAME,
            Detail.CGROUP_MEMORY,
            "the memory limit of its control group"),
    /** The percentage of that limit that the control group uses. */
    USED(
            "used%",
            "used_percent",
            "USED%",
            Fold.SAME,
            Detail.CGROUP_MEMORY,
            "how much of that limit the group uses"),
    /** Field 20 of {@code stat}. */
    THREADS("threads", "threads", "THREADS", Fold.SUM, Detail.STAT, "threads", Trait.IN_TOTALS),
    /** The number of lines of {@code maps}. */
    MAPPINGS(
            "mappings",
            "mappings",
            "MAPPINGS",
            Fold.SUM,
            Detail.MAPPINGS,
            "mappings; reads maps, which takes longer",
            Trait.IN_TOTALS),
    /** The time since the start of the oldest process, in seconds. */
    AGE(
            "age",
            "age_seconds",
            "AGE",
            Fold.MAX,
            Detail.BOOT,
            "how long the oldest of the processes has run"),
    OLDEST(
            "oldest",
            "oldest_start_time",
            "OLDEST",
            Fold.OLDEST,
            Detail.BOOT,
            "when the oldest of the processes was started"),
    NEWEST(
            "newest",
            "newest_start_time",
            "NEWEST",
            Fold.NEWEST,
            Detail.BOOT,
            "when the newest of the processes was started"),
    /** RAM per hour of age, of each process that is old enough. */
    RATE(
            "rate",
            "rate_bytes_per_hour",
            "RATE",
            Fold.SUM,
            Detail.BOOT,
            "pss per hour of age, of all processes older than a minute"),
    OOM_SCORE(
            "oom_score",
            "oom_score",
            "OOM",
            Fold.MAX,
            Detail.OOM,
            "the largest score for the OOM killer"),
    OOM_ADJ(
            "oom_adj",
            "oom_score_adj",
            "OOM_ADJ",
            Fold.MAX,
            Detail.OOM,
            "the largest oom_score_adj"),
    COUNT("count", "count", "COUNT", Fold.COUNT, "how many processes"),
    PID("pid", "pid", "PID", Fold.SAME, "the process id, if the row is one process"),
    USER("user", "user", "USER", Grouping.USER, "the user, if the whole row has the same"),
    GROUP("group", "group", "GROUP", Grouping.GROUP, "the group, if the whole row has the same"),
    COMMAND(
            "command",
            "command",
            "COMMAND",
            Grouping.COMMAND,
            "the command line, if the whole row has the same"),
    CGROUP(
            "cgroup",
            "cgroup",
            "CGROUP",
            Grouping.CGROUP,
            "the control group, if the whole row has the same"),
    UNIT(
            "unit",
            "unit",
            "UNIT",
            Grouping.UNIT,
            "the systemd unit or session, if the whole row has the same"),
    CONTAINER(
            "container",
            "container",
            "CONTAINER",
            Grouping.CONTAINER,
            "the container, if the whole row has the same"),
    HOST("host", "host", "HOST", Grouping.HOST, "the machine, if the whole row is on one"),
    HOSTS("hosts", "hosts", "HOSTS", Fold.HOSTS, "on how many machines the processes are"),
    SMALLEST(
            "smallest",
            "smallest_process_bytes",
            "SMALLEST",
            Fold.SMALLEST,
            "pss of the smallest process"),
    MEDIAN("median", "median_process_bytes", "MEDIAN", Fold.MEDIAN, "pss of the median process"),
    LARGEST(
            "largest",
            "largest_process_bytes",
            "LARGEST",
            Fold.LARGEST,
            "pss of the largest process"),
    LARGEST_PID("largest_pid", "largest_pid", "TOP PID", Fold.LARGEST_PID, "the largest process"),
    CHANGE(
            "change",
            "change_bytes",
            "CHANGE",
            Fold.CHANGE,
            "change of pss since the last report (-w)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    SINCE_START(
            "since_start",
            "since_start_bytes",
            "SINCE START",
            Fold.CHANGE,
            Detail.BOOT,
            "change of pss since the first report (-w with --since-start)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    SINCE_START_RATE(
            "since_start_rate",
            "since_start_bytes_per_hour",
            "AVERAGE",
            Fold.CHANGE,
            Detail.BOOT,
            "that change per hour",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    DELETED(
            "deleted",
            "deleted",
            "deleted",
            Fold.MARK,
            "processes whose program was deleted",
            Trait.SPARSE),
    UPDATED(
            "updated",
            "updated",
            "updated",
            Fold.MARK,
            "processes whose program was replaced",
            Trait.SPARSE),
    ESTIMATED(
            "estimated",
            "estimated",
            "estimated",
            Fold.MARK,
            "processes whose figures are not exact",
            Trait.SPARSE);

    /** A property of a column that most do not have. */
    private enum Trait {
        /** The sum over all rows has a meaning: it counts no page twice. */
        IN_TOTALS,
        /** The figure is zero in most rows, and a table leaves zeros blank. */
        SPARSE
    }

    /** The ways to compute the figure of a row from those of its processes. */
    public enum Fold {
        /** Their sum. Memory that processes share as one address space counts once. */
        SUM,
        /** The largest of them. */
        MAX,
        /** The figure that all of them have in common; none if they differ. */
        SAME,
        /** The sum of another figure, as a percentage of what the host has. */
        SHARE,
        /** The number of processes. */
        COUNT,
        /** The number of machines. */
        HOSTS,
        /** The number of processes with the mark. */
        MARK,
        /** The RAM of the smallest process. */
        SMALLEST,
        /** The RAM of the median process. */
        MEDIAN,
        /** The RAM of the largest process. */
        LARGEST,
        /** The pid of the largest process. */
        LARGEST_PID,
        /** The start of the process that was started first. */
        OLDEST,
        /** The start of the process that was started last. */
        NEWEST,
        /** The change of the row's RAM since an earlier report. */
        CHANGE
    }

    /** The name of the column for {@code -c} and {@code --sort}. */
    public final String option;

    public final Fold fold;

    /**
     * The column, with its key in JSON and CSV, and its title in tables, but not placed in a table.
     */
    public final Psm.Column column;

    /** The text of {@code -c help}. */
    public final String description;

    /** The kernel's figure that the column shows unchanged; {@code null} if there is none. */
    private final Usage.Field field;

    /** The detail that a scan must read besides the memory; {@code null} for none. */
    private final Detail detail;

    /**
     * The figure whose percentage the column shows; {@code null} for columns without percentages.
     */
    final Figure part;

    /** The field of {@code /proc/meminfo} that is 100 %; {@code null} without percentages. */
    public final String whole;

    /** The grouping whose names the column shows; {@code null} for numbers. */
    final Grouping names;

    /** Makes a figure that psm computes, in {@link #of(ProcessMemory)} or by its fold. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            String description,
            Trait... traits) {
        this(option, key, title, fold, null, null, null, null, null, description, traits);
    }

    /** Makes a figure that the kernel prints for each process. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Usage.Field field,
            String description,
            Trait... traits) {
        this(option, key, title, fold, field, null, null, null, null, description, traits);
    }

    /** Makes a figure that needs a detail besides the memory. */
    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Detail detail,
            String description,
            Trait... traits) {
        this(option, key, title, fold, null, detail, null, null, null, description, traits);
    }

    /** Makes the percentage of a figure. */
    Figure(
            String option,
            String key,
            String title,
            Figure part,
            String whole,
            String description,
            Trait... traits) {
        this(option, key, title, Fold.SHARE, null, null, part, whole, null, description, traits);
    }

    /** Makes a column of names. */
    Figure(String option, String key, String title, Grouping names, String description) {
        this(option, key, title, Fold.SAME, null, names.detail, null, null, names, description);
    }

    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Usage.Field field,
            Detail detail,
            Figure part,
            String whole,
            Grouping names,
            String description,
            Trait... traits) {
        this.option = option;
        this.fold = fold;
        this.field = field;
        this.detail = detail;
        this.part = part;
        this.whole = whole;
        this.names = names;
        this.description = description;
        boolean isSparse = false;
        boolean isSummed = false;
        for (Trait trait : traits) {
            isSparse |= trait == Trait.SPARSE;
            isSummed |= trait == Trait.IN_TOTALS;
        }
        this.column =
                new Psm.Column(
                        key,
                        title,
                        kind(key, fold, names),
                        0,
                        isSparse,
                        isSummed,
                        0,
                        fold == Fold.CHANGE);
    }

    private static Psm.Kind kind(String key, Fold fold, Grouping names) {
        if (names != null) {
            return Psm.Kind.TEXT;
        }
        if (fold == Fold.COUNT || fold == Fold.MARK) {
            return Psm.Kind.COUNT;
        }
        if (fold == Fold.OLDEST || fold == Fold.NEWEST) {
            return Psm.Kind.TIME;
        }
        if (key.endsWith("_bytes")) {
            return Psm.Kind.BYTES;
        }
        if (key.endsWith("pid")) {
            return Psm.Kind.PID;
        }
        if (key.endsWith("_seconds")) {
            return Psm.Kind.SECONDS;
        }
        if (key.endsWith("_bytes_per_hour")) {
            return Psm.Kind.RATE;
        }
        return key.endsWith("_percent") ? Psm.Kind.PERCENT : Psm.Kind.NUMBER;
    }

    /**
     * Returns the figure of one process: bytes, a number, or 1 or 0 for a mark; {@link
     * Missing#VALUE} if it is not known, or if only rows have it.
     */
    public long of(ProcessMemory process) {
        Usage usage = process.usage();
        ProcessDetails details = process.details();
        return switch (this) {
            case PSS -> usage.ram();
            case USS -> usage.unique();
            case SHARED -> usage.shared();
            case SWAP -> usage.swapped();
            case RAM_AND_SWAP -> Missing.plus(usage.ram(), usage.swapped());
            case HEAP -> usage.heap;
            case PAGE_TABLES -> details.status().pageTables();
            case PEAK -> details.status().peak();
            case THREADS -> details.threads();
            case MAPPINGS -> details.mappings();
            case GPU -> GpuMemory.sum(Collections.singletonList(details.devices().gpuClients()));
            case OOM_SCORE -> details.oomScore();
            case OOM_ADJ -> details.oomScoreAdj();
            case PID -> process.pid();
            case DELETED -> mark(process.program().file(), Program.File.DELETED);
            case UPDATED -> mark(process.program().file(), Program.File.UPDATED);
            default -> field == null ? Missing.VALUE : usage.bytes(field);
        };
    }

    /**
     * Returns whether the figure of a process is not exact: its true value may be less, or it is
     * missing. Rss, and everything that {@code stat} shows, is exact without smaps too.
     */
    boolean isAffected(ProcessMemory process) {
        Figure figure = basis();
        boolean isOfMemory = figure.field != null || isComputed(figure);
        if (!isOfMemory || figure == RSS || !process.isEstimated()) {
            return false;
        }
        boolean isOfPss = figure == PSS || figure == SHARED || figure == RAM_AND_SWAP;
        if (isOfPss || process.doubtful()) {
            return true;
        }
        boolean isSwap = figure == SWAP || figure == SWAP_PSS;
        boolean isOfStatus = isSwap || figure == SHARED_HUGETLB;
        return process.estimate() != null
                && (isOfStatus ? isSwap && figure.of(process) != 0 : isMissing(process));
    }

    private static boolean isComputed(Figure figure) {
        return switch (figure) {
            case PSS, USS, SHARED, SWAP, RAM_AND_SWAP, HEAP -> true;
            default -> false;
        };
    }

    /** Returns whether the figure of a process is not known. */
    boolean isMissing(ProcessMemory process) {
        return Missing.is(basis().of(process));
    }

    /** Returns the figure of single processes that this one is computed from. */
    private Figure basis() {
        return switch (fold) {
            case SHARE -> part;
            case SMALLEST, MEDIAN, LARGEST, LARGEST_PID, CHANGE -> PSS;
            default -> this == RATE ? PSS : this;
        };
    }

    private static long mark(Program.File file, Program.File marked) {
        return file == Program.File.UNKNOWN ? Missing.VALUE : file == marked ? 1 : 0;
    }

    /**
     * Returns the figure of a row, if it depends only on the row's processes; {@link Missing#VALUE}
     * if it is not known.
     */
    long of(ProcessGroup group) {
        return switch (fold) {
            case SUM -> this == GPU ? gpu(group.members) : group.sum(this);
            case MARK -> group.marked(this);
            case COUNT -> group.members.size();
            case HOSTS -> 1;
            case MAX -> group.max(this);
            case SAME -> group.same(this);
            case SMALLEST -> group.smallest();
            case MEDIAN -> group.median();
            case LARGEST -> group.largest();
            case LARGEST_PID -> group.largestPid();
            case SHARE, CHANGE, OLDEST, NEWEST -> Missing.VALUE;
        };
    }

    /** Adds up the memory of GPUs, each client once. */
    static long gpu(List<ProcessMemory> processes) {
        List<String> clients = new ArrayList<>(processes.size());
        for (ProcessMemory process : processes) {
            clients.add(process.details().devices().gpuClients());
        }
        return GpuMemory.sum(clients);
    }

    /** Returns whether processes that share an address space have this figure in common. */
    boolean isOfMemory() {
        return column.kind() == Psm.Kind.BYTES || this == MAPPINGS;
    }

    /** Returns the detail that a scan must read besides the memory; {@code null} for none. */
    public Detail needs() {
        return detail;
    }

    /** Returns the column with a name, or {@code null}. */
    public static Figure named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        Figure titled = null;
        for (Figure figure : values()) {
            if (figure.option.equals(wanted) || figure.column.key().equals(wanted)) {
                return figure;
            }
            boolean isTitle = figure.column.title().equalsIgnoreCase(wanted);
            titled = isTitle && titled == null ? figure : titled;
        }
        return titled;
    }
}
