package psm.scan;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.Pressure;

/** What a scan can be asked to find out about each process beside its memory. */
public enum Detail {
    /** {@code stat}: the parent and the number of threads. */
    STAT,
    /** {@code status}: user, group, peak and page tables. */
    STATUS,
    /** {@code cgroup}. */
    CGROUP,
    /** {@code cgroup}, and what the memory controller says of those, {@link CgroupMemory}. */
    CGROUP_MEMORY,
    /** {@code oom_score} and {@code oom_score_adj}; of the host, {@link Pressure}. */
    OOM,
    /** {@code cmdline}, all of it. */
    COMMAND,
    /** {@code maps}: how many mappings there are. */
    MAPPINGS,
    /** What the program is called by each of the rules for names, see {@link Program.Names}. */
    NAMES
}
