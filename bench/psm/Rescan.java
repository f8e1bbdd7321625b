///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Scans many times in one JVM, and fails if that leaves open files or threads
//JAVA 17+
//SOURCES ../../lib/psm/Main.java
//RUNTIME_OPTIONS -XX:-UseDynamicNumberOfCompilerThreads

package psm;

import psm.proc.ProcFs;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.scan.Unmeasured;

import java.io.File;
import java.io.IOException;

/**
 * Scans {@code /proc} as many times as its argument says ({@code Rescan 200}), and compares the
 * open files and the threads of its own process, in {@code /proc/self/fd} and {@code
 * /proc/self/task}, with those before. psm itself scans once and exits, which would hide such
 * leaks.
 *
 * <p>Exits with 1 if there are more of either, or if a scan failed or was stuck.
 */
final class Rescan {
    /** The first scans load and start what all scans share. */
    private static final int WARM_UPS = 5;

    /** The kernel lists a thread for a moment after it has done its work. */
    private static final int MILLIS_TO_SETTLE = 1_000;

    private Rescan() {}

    private static int failed;
    private static int stuck;
    private static int vanished;

    public static void main(String[] args) throws IOException, InterruptedException {
        int scans = Integer.parseInt(args[0]);
        for (int i = 0; i < WARM_UPS; i++) {
            scan();
        }
        int filesBefore = ownFiles();
        int threadsBefore = ownThreads();
        long start = System.nanoTime();
        int processes = 0;
        for (int i = 0; i < scans; i++) {
            processes = scan();
        }
        long millis = (System.nanoTime() - start) / 1_000_000;
        int threads = ownThreads();
        int files = ownFiles();
        System.out.printf(
                "%d scans in one JVM, %d ms each, the last with %d processes: %d failed, %d stuck,"
                        + " %d vanished; %d open files (%d before); %d threads (%d before)%n",
                scans,
                millis / scans,
                processes,
                failed,
                stuck,
                vanished,
                files,
                filesBefore,
                threads,
                threadsBefore);
        boolean isClean = files <= filesBefore && threads <= threadsBefore;
        System.exit(isClean && failed == 0 && stuck == 0 ? 0 : 1);
    }

    /** Scans once, and returns how many processes were measured. */
    private static int scan() throws IOException {
        ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);
        Snapshot snapshot = new Scanner(proc, ScanRequest.of(Source.AUTO)).scan(0);
        failed += snapshot.count(Unmeasured.Reason.FAILED);
        stuck += snapshot.count(Unmeasured.Reason.STUCK);
        vanished += snapshot.count(Unmeasured.Reason.VANISHED);
        for (Unmeasured process : snapshot.unmeasured()) {
            if (process.reason() == Unmeasured.Reason.FAILED) {
                System.err.println(process);
            }
        }
        return snapshot.processes().size();
    }

    /** Counts the open files, including the one that lists them. */
    private static int ownFiles() {
        return new File("/proc/self/fd").list().length;
    }

    /** Counts the threads after a pause, so that ended threads are no longer listed. */
    private static int ownThreads() throws InterruptedException {
        Thread.sleep(MILLIS_TO_SETTLE);
        return new File("/proc/self/task").list().length;
    }
}
