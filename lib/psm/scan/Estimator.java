package psm.scan;

import psm.name.Program;
import psm.name.UserNames;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.proc.ProcStatus;
import psm.smaps.Usage;
import psm.text.Missing;

import java.io.IOException;
import java.util.Set;

/**
 * Estimates processes that are not measured in time. It reads only files that never block, whatever
 * the process does: {@code stat}, {@code status} and other details. Belongs to one thread at a
 * time.
 */
final class Estimator {
    /** The size of a buffer for stat, which has 2 kB at most. */
    static final int STAT_BYTES = 4096;

    private final ProcFs proc;
    private final ScanRequest request;
    private final UserNames users;
    private final byte[] buffer = new byte[STAT_BYTES];
    private final DetailReader details;
    private final StatReader stats;
    private final Set<Detail> wanted = Detail.none();

    /**
     * Makes an estimator for a scan.
     *
     * @param users the names to select processes by; {@code null} if that is not needed
     */
    Estimator(ProcFs proc, ScanRequest request, UserNames users) {
        this.proc = proc;
        this.request = request;
        this.users = users;
        this.details = new DetailReader(proc, request.selection(), null, buffer);
        this.stats = new StatReader(proc, buffer);
        this.wanted.addAll(request.details());
    }

    /**
     * Estimates a process.
     *
     * @param known the process as far as its reader has come; {@code null} if reading has not begun
     * @param reason why it was not measured
     * @param detail more about the reason, or {@code null}
     * @return {@link ReadResult#NOTHING} if it is not wanted or has no memory; {@link Unmeasured}
     *     if no figures are known
     */
    ReadResult estimate(int pid, CurrentProcess known, Unmeasured.Reason reason, String detail) {
        String folder = Integer.toString(pid);
        ProcStat stat = ProcStat.readIfInstant(proc, folder, buffer);
        boolean isDeadLeader = stat != null && stat.isDeadLeader();
        if (stat != null && (stat.isKernelThread() || (stat.isZombie() && !isDeadLeader))) {
            return ReadResult.NOTHING;
        }
        CurrentProcess process = new CurrentProcess();
        process.start(pid);
        process.main = stat;
        process.startLook(folder);
        if (isDeadLeader) {
            findLivingThread(process);
        }
        ProcStatus status = details.status(process.folder);
        Program program = known == null ? null : known.program();
        if (program == null) {
            program = namedByKernel(stat, status);
        }
        boolean isSelected = known != null && known.isWanted();
        // The kernel's name may be another than the one that the filter is for.
        boolean isUseful = (isSelected || request.filter() == null) && !request.mappings();
        Usage figures = isUseful ? status.estimate(process.stat, proc) : null;
        if (figures == null || program == null) {
            Program.Names names = program == null ? null : program.names();
            String name = program == null ? null : program.name();
            return new Unmeasured(pid, name, reason, detail, names);
        }
        String command = known == null ? null : known.command();
        ProcessDetails read = details.read(process, wanted, command);
        return isSelected || request.selection().takes(read, users)
                ? ProcessMemory.estimated(
                        pid,
                        stat == null ? Missing.VALUE : stat.startTime(),
                        program,
                        figures,
                        read,
                        new ProcessMemory.Estimate(reason, detail))
                : ReadResult.NOTHING;
    }

    private void findLivingThread(CurrentProcess process) {
        try {
            if (proc.isProcFileSystem()) {
                stats.findLivingThread(process);
            }
        } catch (IOException e) {
            // The thread has exited, and so has the process, or its status shows no memory.
            process.stat = process.main;
        }
    }

    private static Program namedByKernel(ProcStat stat, ProcStatus status) {
        String name = stat == null ? status.name() : stat.comm();
        return name == null ? null : new Program(name, Program.File.UNKNOWN);
    }
}
