package psm;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Measures all processes of a {@link ProcFs} at once, with a few threads that each take the next
 * process from a shared counter and have a {@link ProcessReader} of their own.
 *
 * <p>The calling thread only waits, since a read may never return: the kernel keeps readers of a
 * process waiting whose memory map is held by an operation that is stuck. Such a process is given
 * up, and another thread takes over what is left to do.
 */
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

    /**
     * How long one process may take. Too low, and a large one is left out; too high, and one that
     * is stuck keeps the report waiting. 100 GB of 4 kB pages take about half a second.
     */
    static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final ProcFs proc;
    private final ScanRequest request;

    Scanner(ProcFs proc, ScanRequest request) {
        this.proc = proc;
        this.request = request;
    }

    /**
     * Scans once.
     *
     * @param workers how many threads; 0 for as many as pay
     * @throws IOException where the processes cannot be listed
     */
    Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        Run run = new Run(pids);
        int running = run.readAll(workersFor(pids.length, workers));
        List<ProcessMemory> measured = new ArrayList<>(pids.length);
        List<Unmeasured> unmeasured = new ArrayList<>();
        run.collect(measured, unmeasured);
        countOnce(measured);
        HostMemory memory = HostMemory.read(proc);
        return new Snapshot(
                takenAt,
                System.nanoTime() - start,
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                pids.length,
                measured,
                unmeasured,
                othersAreHidden(pids),
                request.filter() != null,
                memory,
                run.bytesRead(),
                running);
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }

    /**
     * Under the mount option hidepid=2 or 4, processes that one may not trace are not listed at
     * all. Pid 1 is always there: whoever does not see it does not see all.
     */
    private boolean othersAreHidden(int[] pids) {
        return pids.length > 0 && pids[0] != 1 && proc.isProcFileSystem();
    }

    /**
     * Of processes that have one address space, all are counted under the first; whichever was the
     * first to be read.
     */
    private static void countOnce(List<ProcessMemory> measured) {
        Map<Integer, Integer> lowest = new HashMap<>();
        for (ProcessMemory process : measured) {
            if (!process.isCounted()) {
                lowest.merge(process.addressSpace(), process.pid(), Math::min);
            }
        }
        for (int i = 0; i < measured.size() && !lowest.isEmpty(); i++) {
            ProcessMemory process = measured.get(i);
            Integer other = lowest.get(process.addressSpace());
            if (other != null) {
                measured.set(i, process.countedUnder(Math.min(other, process.addressSpace())));
            }
        }
    }

    /** The work of one scan, and the threads that do it. */
    private final class Run {
        private final int[] pids;
        private final AtomicInteger next = new AtomicInteger();

        /** By the index of the pid; each is set once, by its worker or by whoever gives it up. */
        private final AtomicReferenceArray<Seen> seen;

        /** When the look at a process began, by the index of the pid: {@link System#nanoTime}. */
        private final AtomicLongArray started;

        private final AtomicInteger unread;
        private final AddressSpaces addressSpaces = new AddressSpaces(new PageMap(proc));
        private final int ownPid = proc.isLive() ? (int) ProcessHandle.current().pid() : 0;

        /** Of the thread that waits. */
        private final List<Worker> workers = new ArrayList<>();

        Run(int[] pids) {
            this.pids = pids;
            this.seen = new AtomicReferenceArray<>(pids.length);
            this.started = new AtomicLongArray(pids.length);
            this.unread = new AtomicInteger(pids.length);
        }

        /** Reads all processes; returns how many threads did. */
        int readAll(int wanted) {
            int running = 0;
            while (running < wanted && startWorker()) {
                running++;
            }
            if (running == 0) {
                // Not one thread is to be had (ulimit -u, pids.max): then without a time limit.
                new Worker().run();
                return 1;
            }
            awaitAll();
            return running;
        }

        private boolean startWorker() {
            Worker worker = new Worker();
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

        private synchronized void awaitAll() {
            while (unread.get() > 0) {
                long nanos = giveUpOverdue();
                try {
                    if (unread.get() > 0) {
                        TimeUnit.NANOSECONDS.timedWait(this, nanos);
                    }
                } catch (InterruptedException e) {
                    Thread.interrupted(); // to leave now would only cost figures
                }
            }
        }

        /** Gives up what takes too long; returns in how many nanoseconds to look again. */
        private long giveUpOverdue() {
            long now = System.nanoTime();
            long soonest = TIMEOUT_NANOS;
            for (Worker worker : List.copyOf(workers)) {
                int index = worker.index;
                if (index >= 0 && index < pids.length && seen.get(index) == null) {
                    long left = started.get(index) + TIMEOUT_NANOS - now;
                    if (left <= 0) {
                        giveUp(worker, index);
                    } else {
                        soonest = Math.min(soonest, left);
                    }
                }
            }
            return soonest;
        }

        private void giveUp(Worker worker, int index) {
            Unmeasured stuck =
                    new Unmeasured(
                            pids[index], worker.reader.name(), Unmeasured.Reason.STUCK, null);
            if (settle(index, stuck)) {
                workers.remove(worker);
                if (next.get() < pids.length && !startWorker() && workers.isEmpty()) {
                    new Worker().run();
                }
            }
        }

        /** Whether this is the first that is heard of the process. */
        private boolean settle(int index, Seen what) {
            if (!seen.compareAndSet(index, null, what)) {
                return false;
            }
            if (unread.decrementAndGet() == 0) {
                synchronized (this) {
                    notifyAll();
                }
            }
            return true;
        }

        void collect(List<ProcessMemory> measured, List<Unmeasured> unmeasured) {
            for (int i = 0; i < pids.length; i++) {
                if (seen.get(i) instanceof ProcessMemory process) {
                    measured.add(process);
                } else if (seen.get(i) instanceof Unmeasured process) {
                    unmeasured.add(process);
                }
            }
        }

        long bytesRead() {
            long bytes = 0;
            for (Worker worker : workers) {
                bytes += worker.reader.bytesRead;
            }
            return bytes;
        }

        /** Takes one process after the other, until there is none or it has been given up. */
        private final class Worker implements Runnable {
            final ProcessReader reader = new ProcessReader(proc, request, addressSpaces, ownPid);

            /** Of the process that it looks at. */
            volatile int index = -1;

            @Override
            public void run() {
                int i;
                do {
                    i = next.getAndIncrement();
                } while (i < pids.length && read(i));
            }

            private boolean read(int i) {
                started.set(i, System.nanoTime());
                index = i;
                return settle(i, reader.read(pids[i]));
            }
        }
    }
}
