package psm.scan;

import psm.name.UserNames;
import psm.proc.Host;
import psm.proc.ProcFs;
import psm.proc.WalkCost;
import psm.smaps.Mappings;
import psm.smaps.ProcessMappings;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One scan, and the threads that do it. Each thread takes the next process from a shared counter,
 * and has its own {@link ProcessReader}.
 *
 * <p>The thread that starts the scan only waits, since a read may never return: the kernel blocks
 * readers while the memory map of a process is locked, and the thread that holds the lock may be
 * stuck. Such a process is skipped after the timeout, and other threads take over the rest of the
 * work. In a scan with a time limit, they take over earlier, and first read the processes of others
 * than its owner. If no thread can be started for that (ulimit -u, pids.max), the rest is not read.
 */
public class Scan {
    /**
     * The time between two checks for jobs that are overdue. If a check comes later than that, psm
     * itself was stopped or got no processor, so the jobs get more time.
     */
    public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * The number of threads up to which each stuck thread is replaced by two. If it is too low,
     * many stuck processes delay the report one after the other; if it is too high, psm adds to the
     * load.
     */
    private static final int MAX_SPARE_WORKERS = 32;

    /**
     * The share of a scan's time limit after which a process is set aside: its thread still waits
     * for it, and another one reads the rest. If it is too high, some dozens of stuck processes use
     * up the time of all others; if it is too low, psm adds to the load.
     */
    private static final int PATIENCE_DIVISOR = 50;

    /** The number of threads up to which each that is set aside is replaced by two. */
    private static final int MAX_WORKERS_BESIDE = 8;

    /** The number of threads after which none is set aside; each takes some dozens of kB. */
    private static final int MAX_THREADS = 256;

    private static final String NO_TIME = "the time limit of the scan was reached";
    private static final String NO_THREAD = "no thread could be started to read it";

    private final ProcFs proc;
    private final ScanRequest request;
    private final int[] pids;
    private final AddressSpaces addressSpaces;

    /** The cost of reading a process; {@code null} if it does not matter. */
    private final WalkCost cost;

    private final UserNames users;
    private final int ownPid;

    /** How long one process may take before it is set aside. */
    private final long patienceNanos;

    /** All workers that were started; only the waiting thread uses the list. */
    private final List<Worker> workers = new ArrayList<>();

    // The scan's lock guards the fields below.

    /**
     * The number of jobs that were begun. The first job reads the host, the others one process
     * each.
     */
    private int next;

    /** The owners of processes that were set aside, so that no user can take the others' time. */
    private final Set<Integer> slowOwners = new HashSet<>();

    /** Further jobs of {@link #slowOwners}, which begin after all others. */
    private final Deque<Integer> postponed = new ArrayDeque<>();

    /** The results by job. Each is set once: by its worker, or when the job is skipped. */
    private final ReadResult[] results;

    /** The time that each finished job took, in nanoseconds. */
    private final long[] took;

    private int unfinished;

    /** The error of a thread for which there was no memory; {@code null} if there was none. */
    private volatile OutOfMemoryError exhausted;

    /** Estimates the processes that are not measured in time; {@code null} until one is not. */
    private Estimator estimator;

    private Host host = Host.UNKNOWN;

    /** The mappings of the processes whose jobs are finished; {@code null} if not wanted. */
    private final Mappings mappings;

    /** The number of bytes that further processes with mappings may have before a sum overflows. */
    private long remainingBytes = Long.MAX_VALUE;

    Scan(ProcFs proc, ScanRequest request, int[] pids, int ownPid) {
        int jobs = pids.length + 1;
        this.proc = proc;
        this.request = request;
        this.pids = pids;
        this.addressSpaces = new AddressSpaces(proc);
        this.users = request.selection().needs(Detail.STATUS) ? UserNames.of(proc) : null;
        this.ownPid = ownPid;
        this.cost = request.estimateAboveNanos() > 0 ? request.cost() : null;
        this.patienceNanos = request.durationNanos() / PATIENCE_DIVISOR;
        this.results = new ReadResult[jobs];
        this.took = new long[jobs];
        this.unfinished = jobs;
        this.mappings = request.mappings() ? new Mappings(request.mappingParts()) : null;
    }

    /** Reads all processes and the host; returns the number of threads that it used. */
    int readAll(int wanted) {
        int running = 0;
        while (running < wanted && startWorker()) {
            running++;
        }
        try {
            awaitAll();
        } catch (OutOfMemoryError e) {
            abandon(e);
            throw e;
        }
        return Math.max(running, Math.min(1, workers.size()));
    }

    private boolean startWorker() {
        Worker worker = new Worker();
        Thread thread = new Thread(worker, "psm-worker");
        thread.setDaemon(true); // a stuck thread must not keep psm from exiting
        if (start(thread)) {
            workers.add(worker);
            return true;
        }
        return false;
    }

    /** Starts a thread; returns whether that was possible. */
    boolean start(Thread thread) {
        try {
            thread.start();
            return true;
        } catch (OutOfMemoryError e) {
            return false;
        }
    }

    private synchronized void awaitAll() {
        long begun = System.nanoTime();
        long worked = begun;
        while (unfinished > 0) {
            if (exhausted != null) {
                throw exhausted;
            }
            long due = System.nanoTime() + TICK_NANOS;
            try {
                TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
            } catch (InterruptedException e) {
                due = Long.MAX_VALUE; // if psm stopped waiting now, figures would be lost
            }
            long late = System.nanoTime() - due;
            boolean wasStopped = due != Long.MAX_VALUE && late > TICK_NANOS;
            for (Worker worker : List.copyOf(workers)) {
                if (wasStopped) {
                    worker.forgive(late);
                }
                checkTime(worker);
            }
            long now = System.nanoTime();
            if (isAllBegun() || running() > 0 || startWorker()) {
                worked = now;
            } else if (now - worked > request.timeoutNanos()) {
                leaveTheRest(NO_THREAD);
            }
            if (now - begun > request.durationNanos()) {
                leaveTheRest(NO_TIME);
            }
        }
    }

    /**
     * Ends the workers and drops their results: they would take the memory that a scan of fewer
     * details needs. A worker that is stuck is not waited for.
     */
    private synchronized void abandon(OutOfMemoryError error) {
        exhausted = error;
        long begun = System.nanoTime();
        while (isAnyWorking() && System.nanoTime() - begun < request.timeoutNanos()) {
            try {
                TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        Arrays.fill(results, null);
    }

    private boolean isAnyWorking() {
        for (int i = 0; i < workers.size(); i++) { // an iterator would need memory
            if (!workers.get(i).isLost && workers.get(i).job >= 0) {
                return true;
            }
        }
        return false;
    }

    private synchronized void checkTime(Worker worker) {
        if (worker.isSlow() && workers.size() < MAX_THREADS) {
            worker.isSetAside = true;
            if (worker.job < pids.length) {
                slowOwners.add(proc.owner(pids[worker.job]));
            }
            replaceOne(MAX_WORKERS_BESIDE);
        }
        int job = worker.overdueJob(request.timeoutNanos());
        if (job >= 0) {
            skip(worker, job, unread(job, worker.reader.current(), Unmeasured.Reason.STUCK, null));
        } else if (request.estimateAboveNanos() > 0 && !request.mappings()) {
            estimateIfSlow(worker);
        }
    }

    /** Estimates a process that turns out to take longer than it should, if that is possible. */
    private void estimateIfSlow(Worker worker) {
        int job = worker.overdueJob(Math.max(request.estimateAboveNanos(), TICK_NANOS));
        if (job >= 0) {
            ReadResult estimate =
                    unread(job, worker.reader.current(), Unmeasured.Reason.LARGE, null);
            if (estimate instanceof ProcessMemory) {
                skip(worker, job, estimate);
            }
        }
    }

    private Estimator estimator() {
        if (estimator == null) {
            estimator = new Estimator(proc, request, users);
        }
        return estimator;
    }

    /** Reports all jobs that are not finished yet as failed. */
    private synchronized void leaveTheRest(String why) {
        slowOwners.clear(); // the order does not matter any more
        for (Worker worker : workers) {
            if (!worker.isLost && worker.job >= 0) {
                CurrentProcess process = worker.reader.current();
                settle(worker.job, unread(worker.job, process, Unmeasured.Reason.FAILED, why));
                worker.isLost = true;
            }
        }
        while (!isAllBegun()) {
            int job = begin();
            settle(job, unread(job, null, Unmeasured.Reason.FAILED, why));
        }
        try {
            // Wait, since workers may still be registering address spaces.
            TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Begins the next job; the caller holds the lock and has checked that there is one. */
    private int begin() {
        while (next <= pids.length) {
            int job = next == 0 ? pids.length : next - 1;
            next++;
            boolean isLast = job < pids.length && !slowOwners.isEmpty();
            if (!isLast || !slowOwners.contains(proc.owner(pids[job]))) {
                return job;
            }
            postponed.add(job);
        }
        return postponed.remove();
    }

    private boolean isAllBegun() {
        return next > pids.length && postponed.isEmpty();
    }

    /**
     * Returns the result for a job that was not finished.
     *
     * @param process the process as far as it was read; {@code null} if that was not begun
     * @param detail more about the reason, or {@code null}
     */
    private ReadResult unread(
            int job, CurrentProcess process, Unmeasured.Reason reason, String detail) {
        return job == pids.length
                ? ReadResult.NOTHING
                : estimator().estimate(pids[job], process, reason, detail);
    }

    /** Ends a job whose worker may never end it, and starts workers in place of the lost one. */
    private synchronized void skip(Worker worker, int job, ReadResult instead) {
        took[job] = System.nanoTime() - worker.started;
        settle(job, instead);
        worker.isLost = true;
        if (!worker.isSetAside) {
            replaceOne(MAX_SPARE_WORKERS);
        }
    }

    /**
     * Starts two workers in place of one that is lost or set aside.
     *
     * @param max the number of workers from which on it is only one
     */
    private void replaceOne(int max) {
        int working = 0;
        for (Worker worker : workers) {
            working += worker.isLost || worker.isSetAside ? 0 : 1;
        }
        int wanted = Math.min(working + 2, Math.max(working + 1, max));
        while (!isAllBegun() && working < wanted && startWorker()) {
            working++;
        }
    }

    private int running() {
        int running = 0;
        for (Worker worker : workers) {
            running += worker.isLost ? 0 : 1;
        }
        return running;
    }

    private synchronized void settle(int job, ReadResult what) {
        results[job] = what;
        if (--unfinished == 0) {
            notifyAll();
        }
    }

    /**
     * Adds the results, by ascending pid. No sum over the measured processes overflows: a process
     * that would make a sum overflow is reported as failed.
     */
    synchronized void collect(List<ProcessMemory> measured, List<Unmeasured> unmeasured) {
        long remaining = Long.MAX_VALUE;
        for (int i = 0; i < pids.length; i++) {
            if (results[i] instanceof ProcessMemory process) {
                long bytes = process.usage().upperBound();
                if (bytes <= remaining) {
                    measured.add(process);
                    remaining -= bytes;
                } else {
                    unmeasured.add(overflowing(process));
                }
            } else if (results[i] instanceof Unmeasured process) {
                unmeasured.add(process);
            }
        }
        if (mappings == null) {
            addressSpaces.countOnce(measured);
        } else {
            addressSpaces.doubt(measured); // withMappings has counted each address space once
        }
    }

    /**
     * Adds a process's mappings to those of all, unless another process with its address space was
     * added before. It is called only after the process was read in time and did not change, so the
     * mappings add up to the counted memory, to the byte.
     */
    private ReadResult withMappings(ProcessMemory process, ProcessReader reader) {
        long bytes = process.usage().upperBound();
        if (bytes > remainingBytes) {
            return overflowing(process);
        }
        remainingBytes -= bytes;
        int other = addressSpaces.countNow(process.pid());
        if (other != process.pid()) {
            return process.countedUnder(other);
        }
        boolean isHugeShared = request.sharingHugePages().contains(process.pid());
        mappings.add(reader.mappings(), process.usage(), isHugeShared);
        return process;
    }

    /** Returns the mappings of all measured processes, or {@code null}. */
    Mappings mappings() {
        return mappings;
    }

    /**
     * Returns the measured processes that took longest to read, the longest first.
     *
     * @param other the pid of a process that is not one of them
     */
    synchronized List<Snapshot.Slow> slowest(int count, int other) {
        List<Snapshot.Slow> slowest = new ArrayList<>();
        for (int i = 0; i < pids.length; i++) {
            if (pids[i] != other && results[i] instanceof ProcessMemory process) {
                int place = slowest.size();
                while (place > 0 && slowest.get(place - 1).nanos() < took[i]) {
                    place--;
                }
                if (place < count) {
                    slowest.add(
                            place,
                            new Snapshot.Slow(process.pid(), process.program().name(), took[i]));
                }
                if (slowest.size() > count) {
                    slowest.remove(count);
                }
            }
        }
        return slowest;
    }

    private static Unmeasured overflowing(ProcessMemory process) {
        return new Unmeasured(
                process.pid(),
                process.program().name(),
                Unmeasured.Reason.FAILED,
                "its figures make the sums overflow",
                process.program().names());
    }

    synchronized Host host() {
        return host;
    }

    /** Returns how many bytes of smaps, smaps_rollup and maps the threads have read. */
    long bytesRead() {
        long bytes = 0;
        for (Worker worker : workers) {
            bytes += worker.reader.bytesRead();
        }
        return bytes;
    }

    /** Does one job after the other, until no job is left or its job was skipped. */
    private final class Worker implements Runnable {
        final ProcessReader reader =
                new ProcessReader(
                        proc,
                        request,
                        addressSpaces,
                        cost,
                        users,
                        ownPid,
                        mappings == null ? null : new ProcessMappings(mappings));

        // The scan's lock guards the fields below.

        /** The job that it works at; -1 before the first and after the last. */
        int job = -1;

        /** The time when the job began, by {@link System#nanoTime}. */
        long started;

        /** The bytes that its reader had read at the last check. */
        long bytesRead;

        /** The time of the last check that found more bytes read, by {@link System#nanoTime}. */
        long progressed;

        /** Whether its job takes long, so that another worker was started. */
        boolean isSetAside;

        /** Whether its job was skipped. */
        boolean isLost;

        @Override
        public void run() {
            try {
                work();
            } catch (OutOfMemoryError e) {
                fail(e);
            } finally {
                reader.close();
            }
        }

        private void fail(OutOfMemoryError error) {
            synchronized (Scan.this) {
                exhausted = error;
                job = -1;
            }
        }

        private void work() {
            for (int i = begin(); i >= 0; i = begin()) {
                if (i < pids.length) {
                    end(i, reader.read(pids[i]), null);
                } else {
                    Set<Detail> asked = request.details();
                    boolean isSystem = asked.contains(Detail.SYSTEM);
                    boolean isOom = asked.contains(Detail.OOM);
                    Host read = Host.read(proc, asked.contains(Detail.BOOT), isOom, isSystem);
                    end(i, ReadResult.NOTHING, read);
                }
            }
        }

        /** Begins the next job; returns -1 if no job is left, or its last job was skipped. */
        private int begin() {
            synchronized (Scan.this) {
                boolean isOver = isLost || exhausted != null || isAllBegun();
                job = isOver ? -1 : Scan.this.begin();
                isSetAside = false;
                started = System.nanoTime();
                return job;
            }
        }

        private void end(int i, ReadResult what, Host read) {
            synchronized (Scan.this) {
                if (!isLost) {
                    took[i] = System.nanoTime() - started;
                    job = -1; // the job is finished, so it must not be skipped
                    host = read == null ? host : read;
                    boolean isMapped = mappings != null && what instanceof ProcessMemory;
                    settle(i, isMapped ? withMappings((ProcessMemory) what, reader) : what);
                }
            }
        }

        /** Returns whether the current job takes so long that it must be set aside. */
        boolean isSlow() {
            return job >= 0
                    && !isLost
                    && !isSetAside
                    && patienceNanos < request.timeoutNanos()
                    && System.nanoTime() - started > patienceNanos;
        }

        /** Returns the current job if it takes too long, else -1. */
        int overdueJob(long limitNanos) {
            if (mappings != null && bytesRead != reader.bytesRead()) {
                // It is not stuck: a million mappings take seconds, and thousands of reads.
                bytesRead = reader.bytesRead();
                progressed = System.nanoTime();
            }
            long since = mappings == null || progressed - started < 0 ? started : progressed;
            return !isLost && System.nanoTime() - since > limitNanos ? job : -1;
        }

        /** Gives the job more time. */
        void forgive(long nanos) {
            started += nanos;
            progressed += nanos;
        }
    }
}
