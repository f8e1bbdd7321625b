package psm.scan;

import psm.name.Program;
import psm.proc.ClockTicks;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A process and its memory at the time of the scan.
 *
 * @param pid its pid in {@code /proc}; together with the start time it identifies the process
 * @param startTime its start in clock ticks since boot, {@link Missing#VALUE} without {@code stat}.
 *     If {@link Detail#BOOT} was requested, a second has {@link ClockTicks#PER_SECOND} of them
 * @param program the program that it runs
 * @param rollup whether the figures are from smaps_rollup, else from smaps
 * @param usage its memory
 * @param details its other details; those that were not requested are missing
 * @param addressSpace the pid that this memory is counted under: its own, or that of another
 *     process with the same address space
 * @param doubtful whether its memory may be another process's, counted twice
 * @param estimate why its figures are from {@code status}; {@code null} if they are from smaps or
 *     smaps_rollup
 */
public record ProcessMemory(
        int pid,
        long startTime,
        Program program,
        boolean rollup,
        Usage usage,
        ProcessDetails details,
        int addressSpace,
        boolean doubtful,
        Estimate estimate)
        implements ReadResult {

    /**
     * Why the exact figures of a process could not be read, or were not.
     *
     * @param detail the message of the system or the parser; {@code null} if the reason says
     *     everything
     */
    public record Estimate(Unmeasured.Reason reason, String detail) {
        /** Most estimates have this one: without root, that is all processes of other users. */
        static final Estimate DENIED = new Estimate(Unmeasured.Reason.DENIED, null);

        static final Estimate LARGE = new Estimate(Unmeasured.Reason.LARGE, null);

        /** Returns the reason for the failure of a read. */
        static Estimate after(IOException failure) {
            if (failure instanceof AccessDeniedException) {
                return DENIED;
            }
            boolean isAbsent = failure instanceof MemoryReader.AbsentException;
            return new Estimate(
                    isAbsent ? Unmeasured.Reason.ABSENT : Unmeasured.Reason.FAILED,
                    isAbsent ? null : failure.getMessage());
        }
    }

    /** Makes a process that is not known to share its address space. */
    public ProcessMemory(
            int pid,
            long startTime,
            Program program,
            boolean rollup,
            Usage usage,
            ProcessDetails details) {
        this(pid, startTime, program, rollup, usage, details, pid, false, null);
    }

    /** Returns whether its memory is counted under its own pid. */
    public boolean isCounted() {
        return addressSpace == pid;
    }

    /** Returns whether its true RAM may be less than its figures show. */
    public boolean isEstimated() {
        return doubtful || usage.isEstimated();
    }

    /** Returns an estimated process as one without figures, with the reason of the estimate. */
    public Unmeasured unmeasured() {
        return new Unmeasured(pid, program.name(), estimate.reason(), estimate.detail());
    }

    /** Makes a process whose figures are from {@code status}. */
    public static ProcessMemory estimated(
            int pid,
            long startTime,
            Program program,
            Usage usage,
            ProcessDetails details,
            Estimate estimate) {
        return new ProcessMemory(
                pid, startTime, program, false, usage, details, pid, false, estimate);
    }

    public ProcessMemory countedUnder(int otherPid) {
        return counted(otherPid, false);
    }

    public ProcessMemory doubted() {
        return counted(addressSpace, true);
    }

    /**
     * Returns a copy with another {@link #addressSpace} and {@link #doubtful}.
     *
     * @param underPid the pid that the memory is counted under
     */
    ProcessMemory counted(int underPid, boolean isDoubtful) {
        return new ProcessMemory(
                pid, startTime, program, rollup, usage, details, underPid, isDoubtful, estimate);
    }

    /** Returns the same process without its command line. */
    public ProcessMemory withoutCommand() {
        return new ProcessMemory(
                pid,
                startTime,
                program,
                rollup,
                usage,
                details.withCommand(null),
                addressSpace,
                doubtful,
                estimate);
    }

    /** Returns the same process under another name. */
    public ProcessMemory named(Program other) {
        return new ProcessMemory(
                pid, startTime, other, rollup, usage, details, addressSpace, doubtful, estimate);
    }

    /**
     * Returns how long it has run, in milliseconds, or {@link Missing#VALUE}; 0 if it was started
     * during the scan.
     *
     * @param uptime see {@link Snapshot#uptimeOfProcesses}
     */
    public long ageMillis(long uptime) {
        return Missing.is(uptime) || Missing.is(startTime)
                ? Missing.VALUE
                : Math.max(0, uptime - startTime * ClockTicks.MILLIS);
    }

    /** Returns the same process with another start time. */
    ProcessMemory startedAt(long ticks) {
        return new ProcessMemory(
                pid, ticks, program, rollup, usage, details, addressSpace, doubtful, estimate);
    }

    /** Returns the same process with other figures. */
    ProcessMemory with(Usage other) {
        return new ProcessMemory(
                pid, startTime, program, rollup, other, details, addressSpace, doubtful, estimate);
    }

    /** Returns the contents of {@code /proc/PID/cgroup} of the processes, in their order. */
    public static Set<String> cgroups(List<ProcessMemory> processes) {
        Set<String> cgroups = new LinkedHashSet<>();
        for (ProcessMemory process : processes) {
            if (process.details().cgroup() != null) {
                cgroups.add(process.details().cgroup());
            }
        }
        return cgroups;
    }
}
