package psm.scan;

import psm.cgroup.CgroupMemory;
import psm.name.Program;
import psm.proc.GpuMemory;
import psm.proc.Host;
import psm.proc.Pressure;
import psm.proc.UnlistedMemory;

import java.util.EnumSet;
import java.util.Set;
import java.util.TreeSet;

/** The details that a scan can read for each process besides its memory. */
public enum Detail {
    /** {@code stat}: the parent and the number of threads. */
    STAT,
    /** {@code status}: user, group, peak and page tables. */
    STATUS,
    /** {@code cgroup}: the control group. */
    CGROUP,
    /** {@code cgroup}, and the figures of the memory controller, {@link CgroupMemory}. */
    CGROUP_MEMORY,
    /** {@code oom_score} and {@code oom_score_adj}, and the host's {@link Pressure}. */
    OOM,
    /** {@code cmdline}: all arguments. */
    COMMAND,
    /** {@code maps}: the number of mappings. */
    MAPPINGS,
    /** The names of the program by each rule, see {@link Program.Names}. */
    NAMES,
    /** {@code fdinfo}: the memory of GPUs, {@link GpuMemory}. */
    GPU,
    /** The host's {@link UnlistedMemory}. */
    SYSTEM,
    /** {@code maps}, and {@code smaps} of a few processes: {@link DeviceMappings}. */
    DEVICE_MAPPINGS,
    /** The host's {@link Host#bootId} and {@link Host#uptimeMillis}. */
    BOOT;

    /**
     * Returns an empty set of details, to be filled. An EnumSet would find its values by
     * reflection, for which Java loads two hundred classes.
     */
    public static Set<Detail> none() {
        return new TreeSet<>();
    }

    /**
     * Returns the details that a snapshot in a file contains: all that reports of it may need, but
     * the number of mappings, which is one column.
     */
    public static Set<Detail> ofSnapshots() {
        return EnumSet.complementOf(EnumSet.of(MAPPINGS));
    }
}
