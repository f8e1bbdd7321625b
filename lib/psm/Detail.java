package psm;

/** What a scan can be asked to find out about each process beside its memory. */
enum Detail {
    /** {@code stat}: the parent and the number of threads. */
    STAT,
    /** {@code status}: user, group, peak and page tables. */
    STATUS,
    /** {@code cgroup}. */
    CGROUP,
    /** {@code oom_score} and {@code oom_score_adj}. */
    OOM,
    /** {@code cmdline}, all of it. */
    COMMAND,
    /** What the program is called by each of the rules for names, see {@link Program.Names}. */
    NAMES
}
