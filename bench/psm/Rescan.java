///usr/bin/env jbang "$0" "$@" ; exit $?
//DESCRIPTION Scans many times in one JVM, and fails where that leaves files open or threads behind
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
 * Scans {@code /proc} as often as it is told ({@code Rescan 200}), and holds the open files and the
 * threads of its own process, by {@code /proc/self/fd} and {@code /proc/self/task}, to what they
 * were before. psm scans once and is gone, so that nobody would see it leave something.
 *
 * <p>Exits with 1 where there are more of either, or where a scan did not get through.
 */
final class Rescan {
    /** What is loaded or started once for all scans comes with the first. */
    private static final int WARM_UPS = 5;

    /** A thread has done its work a moment before the kernel has it off its list. */
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
                "%d scans in one JVM, %d ms each, the last of %d processes: %d failed, %d stuck,"
                        + " %d vanished; %d open files, before %d; %d threads, before %d%n",
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

    /** The one that lists them too. */
    private static int ownFiles() {
        return new File("/proc/self/fd").list().length;
    }

    private static int ownThreads() throws InterruptedException {
        Thread.sleep(MILLIS_TO_SETTLE);
        return new File("/proc/self/task").list().length;
    }
}
