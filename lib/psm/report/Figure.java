package psm.report;

import psm.Psm;
import psm.name.Program;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;
import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Locale;

/**
 * The columns that a report can have beside what its rows are of: one constant is one column, in
 * every format, and with its name for {@code -c} and {@code --sort}.
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
    /** See {@link Usage#unique}. */
    USS(
            "uss",
            "uss_bytes",
            "PRIVATE",
            Fold.SUM,
            "pages that the process alone has (USS)",
            Trait.IN_TOTALS),
    /** The part of PSS that is shares of what others map too. */
    SHARED("shared", "shared_bytes", "SHARED", Fold.SUM, "the part of pss that is shares"),
    /** The kernel's. */
    RSS("rss", "rss_bytes", "RSS", Fold.SUM, "resident set: shared pages in full for each"),
    /** See {@link Usage#swapped}. */
    SWAP(
            "swap",
            "swap_bytes",
            "SWAPPED",
            Fold.SUM,
            "swap, shared out as pss is (SwapPss)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** The kernel's SwapPss. */
    SWAP_PSS(
            "swappss",
            "swappss_bytes",
            "SWAPPSS",
            Fold.SUM,
            "SwapPss alone (Linux 4.3)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** The kernel's Swap: shared memory too, in full for each that maps it. */
    SWAP_WITH_SHARED(
            "swap_with_shared",
            "swap_with_shared_bytes",
            "SWAP",
            Fold.SUM,
            "Swap: with shared memory, in full for each",
            Trait.SPARSE),
    /** What a process would need if nothing were swapped out. */
    RAM_AND_SWAP(
            "ram+swap",
            "ram_and_swap_bytes",
            "RAM+SWAP",
            Fold.SUM,
            "pss and swap",
            Trait.IN_TOTALS),
    /** Of MemTotal. */
    PSS_PERCENT("pss%", "pss_percent", "RAM%", Fold.SHARE, "pss, of all RAM", Trait.IN_TOTALS),
    /** Of MemTotal. */
    USS_PERCENT("uss%", "uss_percent", "PRIV%", Fold.SHARE, "uss, of all RAM", Trait.IN_TOTALS),
    /** Of MemTotal. */
    RSS_PERCENT("rss%", "rss_percent", "RSS%", Fold.SHARE, "rss, of all RAM"),
    /** Of SwapTotal. */
    SWAP_PERCENT(
            "swap%", "swap_percent", "SWAP%", Fold.SHARE, "swap, of all swap", Trait.IN_TOTALS),
    /** Of smaps_rollup alone. */
    ANON(
            "anon",
            "pss_anon_bytes",
            "ANON",
            Fold.SUM,
            "the part of pss that is anonymous (5.3)",
            Trait.IN_TOTALS),
    /** Of smaps_rollup alone. */
    FILE(
            "file",
            "pss_file_bytes",
            "FILE",
            Fold.SUM,
            "the part of pss that is of files (5.3)",
            Trait.IN_TOTALS),
    /** Of smaps_rollup alone. */
    SHMEM(
            "shmem",
            "pss_shmem_bytes",
            "SHMEM",
            Fold.SUM,
            "the part of pss in shmem and tmpfs (5.3)",
            Trait.IN_TOTALS),
    /** Huge pages that are private: part of pss and uss. */
    PRIVATE_HUGETLB(
            "private_hugetlb",
            "private_hugetlb_bytes",
            "HUGEPRIV",
            Fold.SUM,
            "private huge pages of hugetlbfs, a part of pss (4.4)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** Huge pages that are shared: in full for each that maps them, nobody tells how many do. */
    SHARED_HUGETLB(
            "hugetlb",
            "shared_hugetlb_bytes",
            "HUGETLB",
            Fold.SUM,
            "shared huge pages of hugetlbfs, in full for each (4.4)",
            Trait.SPARSE),
    /** Pss of the mappings named [heap]. */
    HEAP(
            "heap",
            "heap_bytes",
            "HEAP",
            Fold.SUM,
            "pss of [heap]; reads smaps, which takes longer",
            Trait.IN_TOTALS),
    /** Merged pages. */
    KSM(
            "ksm",
            "ksm_bytes",
            "KSM",
            Fold.SUM,
            "merged by same-page merging, a part of rss (6.7)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** Equal to Pss on 4.14 to 4.18, by a kernel bug. */
    LOCKED(
            "locked",
            "locked_bytes",
            "LOCKED",
            Fold.SUM,
            "locked into RAM, a part of pss",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** VmPTE. */
    PAGE_TABLES(
            "pagetables",
            "pagetables_bytes",
            "TABLES",
            Fold.SUM,
            "page tables, which pss leaves out",
            Trait.IN_TOTALS),
    /** VmHWM. */
    PEAK("peak", "peak_bytes", "PEAK", Fold.MAX, "the largest that rss has been, of one process"),
    /** Of the control group, or the nearest above it that has one. */
    LIMIT("limit", "limit_bytes", "LIMIT", Fold.SAME, "the memory limit of its control group"),
    /** What that control group uses of it. */
    USED("used%", "used_percent", "USED%", Fold.SAME, "how much of that limit the group uses"),
    /** Field 20 of stat. */
    THREADS("threads", "threads", "THREADS", Fold.SUM, "threads", Trait.IN_TOTALS),
    /** Lines of maps. */
    MAPPINGS(
            "mappings",
            "mappings",
            "MAPPINGS",
            Fold.SUM,
            "mappings; reads maps, which takes longer",
            Trait.IN_TOTALS),
    /** The kernel's. */
    OOM_SCORE("oom_score", "oom_score", "OOM", Fold.MAX, "the largest score for the OOM killer"),
    /** The kernel's. */
    OOM_ADJ("oom_adj", "oom_score_adj", "OOM_ADJ", Fold.MAX, "the largest oom_score_adj"),
    /** How many processes a row has. */
    COUNT("count", "count", "COUNT", Fold.COUNT, "how many processes"),
    /** Where a row has one process. */
    PID("pid", "pid", "PID", Fold.SAME, "the process, of rows that have one"),
    /** Of rows with one user. */
    USER("user", "user", "USER", Grouping.USER, "the user, of rows that have one"),
    /** Of rows with one group. */
    GROUP("group", "group", "GROUP", Grouping.GROUP, "the group, of rows that have one"),
    /** Of rows with one command line. */
    COMMAND("command", "command", "COMMAND", Grouping.COMMAND, "the command line, likewise"),
    /** Of rows with one control group. */
    CGROUP("cgroup", "cgroup", "CGROUP", Grouping.CGROUP, "the control group, likewise"),
    /** Of rows with one unit. */
    UNIT("unit", "unit", "UNIT", Grouping.UNIT, "the systemd unit or session, likewise"),
    /** Of rows with one container. */
    CONTAINER("container", "container", "CONTAINER", Grouping.CONTAINER, "the container, likewise"),
    /** The least RAM of a process of the row. */
    SMALLEST(
            "smallest", "smallest_bytes", "SMALLEST", Fold.SMALLEST, "pss of the smallest process"),
    /** The median of the RAM of the row's processes. */
    MEDIAN("median", "median_bytes", "MEDIAN", Fold.MEDIAN, "pss of the median process"),
    /** The most RAM of a process of the row. */
    LARGEST("largest", "largest_bytes", "LARGEST", Fold.LARGEST, "pss of the largest process"),
    /** Which process has that. */
    LARGEST_PID("largest_pid", "largest_pid", "TOP PID", Fold.LARGEST_PID, "the largest process"),
    /** What changed since the last report, of --watch. */
    CHANGE(
            "change",
            "change_bytes",
            "CHANGE",
            Fold.CHANGE,
            "of pss, since the last report (-w)",
            Trait.IN_TOTALS,
            Trait.SPARSE),
    /** A mark. */
    DELETED(
            "deleted",
            "deleted",
            "deleted",
            Fold.MARK,
            "processes whose program was deleted",
            Trait.SPARSE),
    /** A mark. */
    UPDATED(
            "updated",
            "updated",
            "updated",
            Fold.MARK,
            "processes whose program was replaced",
            Trait.SPARSE),
    /** A mark. */
    ESTIMATED(
            "estimated",
            "estimated",
            "estimated",
            Fold.MARK,
            "processes whose pss may be less",
            Trait.SPARSE);

    /** What else is to be known of a column. */
    private enum Trait {
        /** Its sum over all rows means something: no page is in it twice. */
        IN_TOTALS,
        /** Most rows have none of it. */
        SPARSE
    }

    /** How the figures of a row's processes become the row's. */
    public enum Fold {
        /** Memory that two processes share as one address space counts once. */
        SUM,
        /** The largest. */
        MAX,
        /** That of all of them; none where they differ. */
        SAME,
        /** How many percent of the host's their sum is. */
        SHARE,
        /** How many there are. */
        COUNT,
        /** For how many it is so, shown as a mark. */
        MARK,
        SMALLEST,
        MEDIAN,
        LARGEST,
        LARGEST_PID,
        /** What the whole row's RAM is more than in the last report. */
        CHANGE
    }

    /** No value: what a column has for a process of which nobody told. */
    public static final long NONE = Long.MIN_VALUE;

    /** For {@code -c} and {@code --sort}. */
    public final String option;

    public final Fold fold;

    /** What it is called in documents and tables; its place in a table is the report's to say. */
    public final Psm.Column column;

    /** What it is for {@code -c help}. */
    public final String description;

    /** Whose names it has, {@code null} for numbers. */
    final Grouping names;

    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            String description,
            Trait... traits) {
        this(option, key, title, fold, null, description, traits);
    }

    Figure(String option, String key, String title, Grouping names, String description) {
        this(option, key, title, Fold.SAME, names, description);
    }

    Figure(
            String option,
            String key,
            String title,
            Fold fold,
            Grouping names,
            String description,
            Trait... traits) {
        this.option = option;
        this.fold = fold;
        this.names = names;
        this.description = description;
        Psm.Kind kind = kind(key, fold, names);
        boolean isSparse = false;
        boolean isSummed = false;
        for (Trait trait : traits) {
            isSparse |= trait == Trait.SPARSE;
            isSummed |= trait == Trait.IN_TOTALS;
        }
        this.column = new Psm.Column(key, title, kind, 0, isSparse, isSummed);
    }

    private static Psm.Kind kind(String key, Fold fold, Grouping names) {
        if (names != null) {
            return Psm.Kind.TEXT;
        }
        if (fold == Fold.COUNT || fold == Fold.MARK) {
            return Psm.Kind.COUNT;
        }
        if (key.endsWith("_bytes")) {
            return Psm.Kind.BYTES;
        }
        if (key.endsWith("pid")) {
            return Psm.Kind.PID;
        }
        return key.endsWith("_percent") ? Psm.Kind.PERCENT : Psm.Kind.NUMBER;
    }

    /**
     * The figure for one process: bytes, a number, 1 or 0 for a mark, or {@link #NONE}. Not for
     * names, nor for what only a row has.
     */
    public long of(ProcessMemory process) {
        Usage usage = process.usage();
        ProcessDetails details = process.details();
        return switch (this) {
            case PSS, SMALLEST, MEDIAN, LARGEST, LARGEST_PID, CHANGE -> known(usage.ram());
            case USS -> known(usage.unique());
            case SHARED -> known(usage.shared());
            case RSS -> known(usage.bytes(Usage.Field.RSS));
            case SWAP -> known(usage.swapped());
            case SWAP_PSS -> known(usage.bytes(Usage.Field.SWAP_PSS));
            case SWAP_WITH_SHARED -> known(usage.bytes(Usage.Field.SWAP));
            case RAM_AND_SWAP -> known(ramAndSwap(usage));
            case HEAP -> known(usage.heap);
            case ANON -> known(usage.bytes(Usage.Field.PSS_ANON));
            case FILE -> known(usage.bytes(Usage.Field.PSS_FILE));
            case SHMEM -> known(usage.bytes(Usage.Field.PSS_SHMEM));
            case PRIVATE_HUGETLB -> known(usage.bytes(Usage.Field.PRIVATE_HUGETLB));
            case SHARED_HUGETLB -> known(usage.bytes(Usage.Field.SHARED_HUGETLB));
            case KSM -> known(usage.bytes(Usage.Field.KSM));
            case LOCKED -> known(usage.bytes(Usage.Field.LOCKED));
            case PAGE_TABLES -> known(details.pageTables());
            case PEAK -> known(details.peak());
            case THREADS -> details.threads() == 0 ? NONE : details.threads();
            case MAPPINGS -> known(details.mappings());
            case OOM_SCORE -> oom(details.oomScore());
            case OOM_ADJ -> oom(details.oomScoreAdj());
            case PID -> process.pid();
            case DELETED -> process.program().file() == Program.File.DELETED ? 1 : 0;
            case UPDATED -> process.program().file() == Program.File.UPDATED ? 1 : 0;
            case ESTIMATED -> process.isEstimated() ? 1 : 0;
            case PSS_PERCENT, USS_PERCENT, RSS_PERCENT, SWAP_PERCENT -> NONE;
            case LIMIT, USED, COUNT, USER, GROUP, COMMAND, CGROUP, UNIT, CONTAINER -> NONE;
        };
    }

    /** What it is a share of the host's of; {@code null} for what is none. */
    Figure part() {
        return switch (this) {
            case PSS_PERCENT -> PSS;
            case USS_PERCENT -> USS;
            case RSS_PERCENT -> RSS;
            case SWAP_PERCENT -> SWAP;
            default -> null;
        };
    }

    private static long known(long value) {
        return value == Missing.VALUE ? NONE : value;
    }

    private static long oom(int score) {
        return score == ProcessDetails.UNKNOWN ? NONE : score;
    }

    private static long ramAndSwap(Usage usage) {
        long ram = usage.ram();
        return ram == Missing.VALUE ? usage.swapped() : Usage.plus(ram, usage.swapped());
    }

    /** What a scan has to find out for it beside the memory; {@code null} for nothing. */
    public Detail needs() {
        return switch (this) {
            case THREADS -> Detail.STAT;
            case PAGE_TABLES, PEAK -> Detail.STATUS;
            case MAPPINGS -> Detail.MAPPINGS;
            case OOM_SCORE, OOM_ADJ -> Detail.OOM;
            case LIMIT, USED -> Detail.CGROUP_MEMORY;
            default -> names == null ? null : names.needs;
        };
    }

    /** The column of that name, or {@code null}. */
    public static Figure named(String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        for (Figure figure : values()) {
            if (figure.option.equals(wanted) || figure.column.key().equals(wanted)) {
                return figure;
            }
        }
        return null;
    }
}
