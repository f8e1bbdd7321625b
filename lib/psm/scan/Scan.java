package psm.scan;

import psm.name.UserNames;
import psm.proc.Host;
import psm.proc.OwnProcess;
import psm.proc.PageMap;
import psm.proc.ProcFs;
import psm.smaps.Mappings;
import psm.smaps.ProcessMappings;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The work of one scan, and the threads that do it: each takes the next process from a shared
 * counter, and has a {@link ProcessReader} of its own.
 *
 * <p>The thread that asks for the work only waits, since a read may never return: the kernel keeps
 * readers of a process waiting whose memory map is locked by an operation that is stuck. Such a
 * process is given up, and other threads take over what is left to do.
 */
public final class Scan {
    /**
     * How often to see what is overdue. Where that comes later than it should, psm itself was
     * stopped, or got no processor, which is no fault of the processes.
     */
    public static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /**
     * Each thread that is lost makes place for two, up to so many. Too low, and many processes that
     * are stuck keep the report waiting one after the other; too high, and psm adds to the trouble.
     */
    private static final int MAX_SPARE_WORKERS = 32;

    private final ProcFs proc;
    private final ScanRequest request;
    private final int[] pids;
    private final PageMap pageMap;
    private final AddressSpaces addressSpaces;
    private final UserNames users;
    private final int ownPid;

    /** All that were started; of the thread that waits. */
    private final List<Worker> workers = new ArrayList<>();

    // What follows is for holders of this scan's lock alone.

    /** How many jobs have been begun: the host's own first, and then those of the pids. */
    private int next;

    /** By job; each is set once, by its worker or by whoever gives it up. */
    private final ReadResult[] seen;

    /** How long each job took that was done, in nanoseconds. */
    private final long[] took;

    private int unfinished;
    private Host host = Host.UNKNOWN;

    /** Of those processes whose jobs were done; {@code null} where they are not wanted. */
    private final Mappings mappings;

    /** What the figures of further processes with mappings may come to, with no sum overflowing. */
    private long room = Long.MAX_VALUE;

    Scan(ProcFs proc, ScanRequest request, int[] pids) {
        int jobs = pids.length + 1;
        this.proc = proc;
        this.request = request;
        this.pids = pids;
        this.pageMap = new PageMap(proc);
        this.addressSpaces = new AddressSpaces(pageMap);
        this.users = request.selection().needs(Detail.STATUS) ? UserNames.ofThisHost() : null;
        this.ownPid = proc.isLive() ? new OwnProcess().pid() : 0;
        this.seen = new ReadResult[jobs];
        this.took = new long[jobs];
        this.unfinished = jobs;
        this.mappings = request.mappings() ? new Mappings() : null;
    }

    /** Reads all processes and the host; returns how many threads did. */
    int readAll(int wanted) {
        int running = 0;
        while (running < wanted && start(new Worker())) {
            running++;
        }
        if (running == 0) {
            // Not one thread is to be had (ulimit -u, pids.max): then without a time limit.
            runHere();
            return 1;
        }
        awaitAll();
        return running;
    }

    private boolean start(Worker worker) {
        Thread thread = new Thread(worker, "psm-worker");
        thread.setDaemon(true); // one that is stuck must not keep psm from its end
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            return false;
        }
        workers.add(worker);
        return true;
    }

    private void runHere() {
        Worker worker = new Worker();
        workers.add(worker);
        worker.run();
    }

    private synchronized void awaitAll() {
        long begun = System.nanoTime();
        while (unfinished > 0) {
            long due = System.nanoTime() + TICK_NANOS;
            try {
                TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
            } catch (InterruptedException e) {
                due = Long.MAX_VALUE; // to leave now would only cost figures
            }
            long late = System.nanoTime() - due;
            boolean wasStopped = due != Long.MAX_VALUE && late > TICK_NANOS;
            for (Worker worker : List.copyOf(workers)) {
                if (wasStopped) {
                    worker.forgive(late);
                }
                int job = worker.overdueJob();
                if (job >= 0) {
                    giveUp(worker, job);
                }
            }
            if (System.nanoTime() - begun > request.durationNanos()) {
                leaveTheRest();
            }
        }
    }

    /** Leaves whatever is not read by now. */
    private synchronized void leaveTheRest() {
        for (Worker worker : workers) {
            if (!worker.isLost && worker.job >= 0) {
                settle(worker.job, unread(worker.job, worker.reader.current()));
                worker.isLost = true;
            }
        }
        while (next <= pids.length) {
            int job = begin();
            settle(job, unread(job, null));
        }
        try {
            // What they have noted of address spaces is to be whole.
            TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The next job; holders of the lock make sure that there is one. */
    private int begin() {
        int job = next == 0 ? pids.length : next - 1;
        next++;
        return job;
    }

    /**
     * @param process what is known of it; {@code null} for nothing
     */
    private ReadResult unread(int job, CurrentProcess process) {
        return job == pids.length
                ? ReadResult.NOTHING
                : new Unmeasured(
                        pids[job],
                        process == null ? null : process.name(),
                        Unmeasured.Reason.FAILED,
                        "the time for the scan was up",
                        process == null ? null : process.names());
    }

    private synchronized void giveUp(Worker worker, int job) {
        settle(job, job == pids.length ? ReadResult.NOTHING : stuck(pids[job], worker.reader.current()));
        worker.isLost = true;
        int running = running();
        int wanted = Math.min(running + 2, Math.max(running + 1, MAX_SPARE_WORKERS));
        while (next <= pids.length && running < wanted && start(new Worker())) {
            running++;
        }
        if (next <= pids.length && running == 0) {
            runHere();
        }
    }

    private Unmeasured stuck(int pid, CurrentProcess process) {
        long megabytes = (process.residentPages() * pageMap.pageBytes()) >> 20;
        return new Unmeasured(
                pid,
                process.name(),
                Unmeasured.Reason.STUCK,
                megabytes <= 0 ? null : "about " + megabytes + " MB",
                process.names());
    }

    private int running() {
        int running = 0;
        for (Worker worker : workers) {
            running += worker.isLost ? 0 : 1;
        }
        return running;
    }

    private synchronized void settle(int job, ReadResult what) {
        seen[job] = what;
        if (--unfinished == 0) {
            notifyAll();
        }
    }

    /**
     * Adds what was seen, by ascending pid. No sum of figures of those that were measured
     * overflows: who would be the first to have one do so has failed.
     */
    synchronized void collect(List<ProcessMemory> measured, List<Unmeasured> unmeasured) {
        long left = Long.MAX_VALUE;
        for (int i = 0; i < pids.length; i++) {
            if (seen[i] instanceof ProcessMemory process) {
                long most = process.usage().most();
                if (most <= left) {
                    measured.add(process);
                    left -= most;
                } else {
                    unmeasured.add(overflowing(process));
                }
            } else if (seen[i] instanceof Unmeasured process) {
                unmeasured.add(process);
            }
        }
        if (mappings == null) {
            addressSpaces.countOnce(measured);
        } else {
            addressSpaces.doubt(measured); // counted they are by now
        }
    }

    /**
     * Adds a process's mappings to those of all, unless another with its address space came first.
     * What was measured of it is final: it was the same process before and after, and it was in
     * time. So what is in the mappings is what is counted, to the byte.
     */
    private ReadResult withMappings(ProcessMemory process, ProcessReader reader) {
        long most = process.usage().most();
        if (most > room) {
            return overflowing(process);
        }
        room -= most;
        int other = addressSpaces.countNow(process.pid());
        if (other != process.pid()) {
            return process.countedUnder(other);
        }
        mappings.add(reader.mappings(), process.usage());
        return process;
    }

    /** Those of all measured processes, or {@code null}. */
    Mappings mappings() {
        return mappings;
    }

    /** Those measured processes that took longest to read, the longest first. */
    synchronized List<Snapshot.Slow> slowest(int count) {
        List<Snapshot.Slow> slowest = new ArrayList<>();
        for (int i = 0; i < pids.length; i++) {
            if (seen[i] instanceof ProcessMemory process) {
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
                "with its figures the sums overflow",
                process.program().names());
    }

    synchronized Host host() {
        return host;
    }

    /** Of smaps, smaps_rollup and maps, as far as the threads came. */
    long bytesRead() {
        long bytes = 0;
        for (Worker worker : workers) {
            bytes += worker.reader.bytesRead();
        }
        return bytes;
    }

    /** Takes one job after the other, until there is none or it has been given up. */
    private final class Worker implements Runnable {
        final ProcessReader reader =
                new ProcessReader(
                        proc,
                        request,
                        addressSpaces,
                        users,
                        ownPid,
                        mappings == null ? null : new ProcessMappings(mappings));

        // What follows is for holders of the scan's lock alone.

        /** What it works at, -1 before its first and after its last job. */
        int job = -1;

        /** When it began with that: {@link System#nanoTime}. */
        long started;

        /**
         * What its reader had read when that was looked at last, and when it was found to be more.
         */
        long bytesRead;

        long progressed;

        /** Whether it was given up. */
        boolean isLost;

        @Override
        public void run() {
            for (int i = begin(); i >= 0; i = begin()) {
                if (i < pids.length) {
                    end(i, reader.read(pids[i]), null);
                } else {
                    boolean isOomAsked = request.details().contains(Detail.OOM);
                    end(i, ReadResult.NOTHING, Host.read(proc, isOomAsked));
                }
            }
        }

        /** The next job; -1 where there is none, or the last one was given up. */
        private int begin() {
            synchronized (Scan.this) {
                job = isLost || next > pids.length ? -1 : Scan.this.begin();
                started = System.nanoTime();
                return job;
            }
        }

        private void end(int i, ReadResult what, Host read) {
            synchronized (Scan.this) {
                if (!isLost) {
                    took[i] = System.nanoTime() - started;
                    job = -1; // it is settled, so it cannot be given up any more
                    host = read == null ? host : read;
                    boolean isMapped = mappings != null && what instanceof ProcessMemory;
                    settle(i, isMapped ? withMappings((ProcessMemory) what, reader) : what);
                }
            }
        }

        /** The job that takes too long, or -1. */
        int overdueJob() {
            if (mappings != null && bytesRead != reader.bytesRead()) {
                // A million mappings take seconds, in thousands of reads: it is not stuck.
                bytesRead = reader.bytesRead();
                progressed = System.nanoTime();
            }
            long since = mappings == null || progressed - started < 0 ? started : progressed;
            return !isLost && System.nanoTime() - since > request.timeoutNanos() ? job : -1;
        }

        /** What it works at may take so much longer. */
        void forgive(long nanos) {
            started += nanos;
            progressed += nanos;
        }
    }
}
