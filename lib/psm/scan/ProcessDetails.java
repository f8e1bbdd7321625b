package psm.scan;

import psm.cgroup.Cgroup;
import psm.proc.GpuMemory;
import psm.proc.ProcStatus;
import psm.text.Missing;

/**
 * The details of a process besides its memory. A number that was not requested, or that {@code
 * /proc} lacks, is {@link Missing#VALUE}.
 *
 * @param parent field 4 of {@code stat}; 0 if there is none or it was not requested
 * @param threads field 20 of {@code stat}
 * @param status the figures of {@code status}
 * @param oomScore {@code oom_score}
 * @param oomScoreAdj {@code oom_score_adj} (2.6.36); with older kernels {@code oom_adj}, converted
 *     as newer ones do
 * @param mappings the number of lines of {@code maps}
 * @param cgroup the content of {@code cgroup} (2.6.24), see {@link Cgroup}; {@code null} if it is
 *     not known
 * @param command the arguments in {@code cmdline} with blanks between them, without its middle if
 *     it is too long; {@code null} if there are none or they are not known
 * @param devices the memory of drivers
 */
public record ProcessDetails(
        int parent,
        long threads,
        Status status,
        long oomScore,
        long oomScoreAdj,
        long mappings,
        String cgroup,
        String command,
        Devices devices) {
    /**
     * The memory of drivers.
     *
     * @param gpuClients what {@link GpuMemory#read} returns; {@code null} if it is not known
     * @param mapped the Pss of mappings that are of no file, in bytes, see {@link DeviceMappings}
     */
    public record Devices(String gpuClients, long mapped) {
        /** Stands for what was not read. */
        public static final Devices UNKNOWN = new Devices(null, Missing.VALUE);
    }

    /**
     * Figures of {@code /proc/PID/status}.
     *
     * @param user the effective user id
     * @param group the effective group id
     * @param peak VmHWM, the largest Rss so far, in bytes; from counters that lag a little
     * @param pageTables VmPTE (2.6.10), in bytes
     * @param swap VmSwap (2.6.34), without shared memory, in bytes
     * @param reclaimable the pages of files that the kernel can drop, see {@link
     *     ProcStatus#reclaimable}, in bytes
     */
    public record Status(
            long user, long group, long peak, long pageTables, long swap, long reclaimable) {
        /** The figures of a process whose {@code status} was not read. */
        public static final Status UNKNOWN =
                new Status(
                        Missing.VALUE,
                        Missing.VALUE,
                        Missing.VALUE,
                        Missing.VALUE,
                        Missing.VALUE,
                        Missing.VALUE);
    }

    /** The details of a process if none were requested. */
    public static final ProcessDetails NONE =
            new ProcessDetails(
                    0,
                    Missing.VALUE,
                    Status.UNKNOWN,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    null,
                    null,
                    Devices.UNKNOWN);

    /** Returns the same details with another command line, which may be {@code null}. */
    ProcessDetails withCommand(String other) {
        return new ProcessDetails(
                parent, threads, status, oomScore, oomScoreAdj, mappings, cgroup, other, devices);
    }
}
