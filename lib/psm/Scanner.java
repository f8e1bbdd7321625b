package psm;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;

/**
 * Measures all processes of a {@link ProcFs} at once, with a few threads that each take the next
 * process from a shared counter and have a {@link ProcessReader} of their own.
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

    private final ProcFs proc;
    private final Source source;
    private final Pattern filter;

    /**
     * @param source where the figures are to come from
     * @param filter finds something in the names of the programs that are wanted; {@code null} for
     *     all
     */
    Scanner(ProcFs proc, Source source, Pattern filter) {
        this.proc = proc;
        this.source = source;
        this.filter = filter;
    }

    /**
     * Scans once, on the calling thread and on others where there is work for them.
     *
     * @param workers how many threads in all; 0 for as many as pay
     * @throws IOException where the processes cannot be listed
     */
    Snapshot scan(int workers) throws IOException {
        Instant takenAt = Instant.now();
        long start = System.nanoTime();
        int[] pids = proc.pids();
        long ownPid = proc.isLive() ? ProcessHandle.current().pid() : 0;
        ProcessReader[] readers = new ProcessReader[workersFor(pids.length, workers)];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = new ProcessReader(proc, source, filter, ownPid);
        }
        int running = readAll(pids, readers);
        return merged(pids.length, readers, running, takenAt, start);
    }

    private static int workersFor(int processes, int asked) {
        if (asked > 0) {
            return Math.max(1, Math.min(asked, processes));
        }
        int worthwhile = (processes + PROCESSES_PER_WORKER - 1) / PROCESSES_PER_WORKER;
        int processors = Math.min(MAX_WORKERS, Runtime.getRuntime().availableProcessors());
        return Math.max(1, Math.min(processors, worthwhile));
    }

    /** Reads all processes; returns how many threads did. */
    private static int readAll(int[] pids, ProcessReader[] readers) {
        AtomicInteger next = new AtomicInteger();
        Thread[] threads = new Thread[readers.length];
        for (int i = 1; i < readers.length; i++) {
            ProcessReader reader = readers[i];
            threads[i] =
                    new Thread("psm-worker-" + i) {
                        @Override
                        public void run() {
                            readNext(pids, next, reader);
                        }
                    };
            threads[i].setDaemon(true);
            try {
                threads[i].start();
            } catch (OutOfMemoryError e) {
                // No more threads are to be had (ulimit -u, pids.max): those that run do all of it.
                threads[i] = null;
                break;
            }
        }
        readNext(pids, next, readers[0]);
        int workers = 1;
        for (int i = 1; i < readers.length && threads[i] != null; i++) {
            join(threads[i]);
            workers++;
        }
        return workers;
    }

    private static void readNext(int[] pids, AtomicInteger next, ProcessReader reader) {
        for (int i = next.getAndIncrement(); i < pids.length; i = next.getAndIncrement()) {
            reader.read(pids[i]);
        }
    }

    private static void join(Thread thread) {
        boolean ended = false;
        while (!ended) {
            try {
                thread.join();
                ended = true;
            } catch (InterruptedException e) {
                // Nobody interrupts psm's main thread; to leave now would only cost figures.
                ended = false;
            }
        }
    }

    private Snapshot merged(
            int listed, ProcessReader[] readers, int workers, Instant takenAt, long start) {
        List<ProcessMemory> measured = new ArrayList<>();
        List<Unmeasured> unmeasured = new ArrayList<>();
        long bytesRead = 0;
        for (ProcessReader reader : readers) {
            measured.addAll(reader.measured);
            unmeasured.addAll(reader.unmeasured);
            bytesRead += reader.bytesRead;
        }
        measured.sort(Comparator.comparingInt(ProcessMemory::pid));
        unmeasured.sort(Comparator.comparingInt(Unmeasured::pid));
        return new Snapshot(
                takenAt,
                System.nanoTime() - start,
                proc.firstLine("sys/kernel/hostname"),
                proc.firstLine("sys/kernel/osrelease"),
                listed,
                measured,
                unmeasured,
                bytesRead,
                workers);
    }
}
