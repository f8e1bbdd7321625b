package psm;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Measures all processes of a {@link ProcFs} at once. */
final class Scanner {
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

    private final ProcFs proc;
    private final ScanRequest request;

    Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Scans once.
     *
     * @param workers how many threads; 0 for as many as are worth it
     * @throws IOException where the processes cannot be listed
     */
    Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        Scan scan = new Scan(proc, request, pids);
        int running = scan.readAll(workersFor(pids.length, workers));
        List<ProcessMemory> measured = new ArrayList<>(pids.length);
        List<Unmeasured> unmeasured = new ArrayList<>();
        scan.collect(measured, unmeasured);
        Host host = scan.host();
        return new Snapshot(
                takenAt,
                System.nanoTime() - start,
                host.name(),
                host.kernel(),
                pids.length,
                measured,
                unmeasured,
                HidePid.hidesOthers(proc, pids),
                request.filter() != null,
                host.memory(),
                scan.bytesRead(),
                running,
                scan.slowest(SLOWEST));
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
