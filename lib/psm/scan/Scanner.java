package psm.scan;

import psm.cgroup.CgroupMemory;
import psm.proc.HidePid;
import psm.proc.ProcFs;
import psm.proc.ProcStat;
import psm.text.Version;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Measures all processes of a {@link ProcFs} at once. */
public final class Scanner {
    /**
     * How many processes a thread must have to do to be worth its start. Too low, and a box of few
     * processes pays for threads that find nothing left to do; too high, and a processor idles on a
     * box of many.
     */
    private static final int PROCESSES_PER_WORKER = 16;

    /**
     * psm is run where others need the processors, and holds each process's memory map while it
     * reads it. Too low, and the scan of a large box takes longer; too high, and it takes the box.
     */
    private static final int MAX_WORKERS = 4;

    /** How many to tell of those that took longest to read. */
    private static final int SLOWEST = 5;

    /** Room for stat, which has 2 kB at most. */
    private static final int STAT_BYTES = 4096;

    private final ProcFs proc;
    private final ScanRequest request;

    public Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Scans once.
     *
     * @param workers how many threads; 0 for as many as are worth it
     * @throws IOException where the processes cannot be listed
     */
    public Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        Selection selection = request.selection();
        int[] wanted = selection.isAll() ? pids : wanted(selection, pids);
        Scan scan = new Scan(proc, request, wanted);
        int running = scan.readAll(workersFor(wanted.length, workers));
        List<ProcessMemory> measured = new ArrayList<>(wanted.length);
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        Snapshot.Run run =
                new Snapshot.Run(
                        takenAt,
                        System.nanoTime() - start,
                        pids.length,
                        HidePid.hidesOthers(proc, pids),
                        scan.bytesRead(),
                        running,
                        scan.slowest(SLOWEST),
                        Version.CURRENT);
        return new Snapshot(
                request.scope(),
                run,
                scan.host(),
                measured,
                unmeasured,
                Collections.emptyMap(),
                Collections.emptyMap(),
                request.details().contains(Detail.CGROUP_MEMORY)
                        ? CgroupMemory.readAll(proc, ProcessMemory.cgroups(measured))
                        : Collections.emptyMap(),
                scan.mappings());
    }

    /** Those that are wanted as far as pids and parents tell. */
    private int[] wanted(Selection selection, int[] pids) {
        Set<Integer> descendants =
                selection.needs(Detail.STAT)
                        ? selection.takenDescendants(pids, parents(pids))
                        : null;
        int[] wanted = new int[pids.length];
        int count = 0;
        for (int pid : pids) {
            if (selection.takesPid(pid) && (descendants == null || descendants.contains(pid))) {
                wanted[count++] = pid;
            }
        }
        return Arrays.copyOf(wanted, count);
    }

    private Map<Integer, Integer> parents(int[] pids) {
        Map<Integer, Integer> parents = new HashMap<>();
        byte[] buffer = new byte[STAT_BYTES];
        for (int pid : pids) {
            ProcStat stat = stat(pid, buffer);
            if (stat != null) {
                parents.put(pid, stat.parent());
            }
        }
        return parents;
    }

    /** {@code null} where it has ended, or the tree has none. */
    private ProcStat stat(int pid, byte[] buffer) {
        try {
            return ProcStat.parse(buffer, proc.read(pid + "/stat", buffer));
        } catch (IOException e) {
            return null;
        }
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }
}
