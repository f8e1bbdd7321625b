package psm.scan;

import psm.cgroup.Cgroup;
import psm.text.Missing;

/**
 * What {@code /proc/PID} tells of a process beside its memory, as far as a scan was asked for it.
 *
 * @param parent field 4 of {@code stat}; 0 for none, or where it was not asked for
 * @param threads field 20 of {@code stat}; 0 where it was not asked for
 * @param user the effective user id, of {@code status}; {@link Missing#VALUE} where it cannot be
 *     told
 * @param group the effective group id, likewise
 * @param peak VmHWM of {@code status}, the largest that Rss has been, in bytes or {@link
 *     Missing#VALUE}; by counters that lag a little
 * @param pageTables VmPTE of {@code status} (2.6.10), in bytes or ABSENT
 * @param oomScore {@code oom_score}, or {@link #UNKNOWN}
 * @param oomScoreAdj {@code oom_score_adj} (2.6.36), or UNKNOWN
 * @param mappings how many lines {@code maps} has, or ABSENT
 * @param cgroup what {@code cgroup} (2.6.24) says, see {@link Cgroup}; {@code null} where that is
 *     not known
 * @param command {@code cmdline}, its arguments with blanks between them, cut to {@link
 *     ProgramReader#MAX_COMMAND_CHARS}; {@code null} where it has none or that is not known
 */
public record ProcessDetails(
        int parent,
        int threads,
        long user,
        long group,
        long peak,
        long pageTables,
        int oomScore,
        int oomScoreAdj,
        long mappings,
        String cgroup,
        String command) {
    /** No score, nor an adjustment. */
    public static final int UNKNOWN = Integer.MIN_VALUE;

    /** Of which nothing was asked for. */
    public static final ProcessDetails NONE =
            new ProcessDetails(
                    0,
                    0,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    Missing.VALUE,
                    UNKNOWN,
                    UNKNOWN,
                    Missing.VALUE,
                    null,
                    null);

    /** The same, with the command line not known. */
    ProcessDetails withoutCommand() {
        return new ProcessDetails(
                parent,
                threads,
                user,
                group,
                peak,
                pageTables,
                oomScore,
                oomScoreAdj,
                mappings,
                cgroup,
                null);
    }
}
