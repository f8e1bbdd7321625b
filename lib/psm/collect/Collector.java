package psm.collect;

import psm.proc.HidePid;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ScanRequest;
import psm.scan.Scanner;
import psm.scan.Snapshot;
import psm.scan.Source;
import psm.snapshot.SnapshotBudget;
import psm.snapshot.SnapshotWriter;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The only part of psm that runs with more rights than its user: sudo(8) starts it for the members
 * of a group, see {@code GroupAccess}. It takes nothing from its caller, reads no environment
 * variables, reads {@code /proc} and follows no link out of it ({@link ProcFs#confined}), and opens
 * no file for writing. It writes nothing but a snapshot of all processes to standard output; its
 * exit code is the only sign of a failure.
 */
public final class Collector {
    /**
     * The longest time for the scan; the snapshot lists the processes that were not read by then.
     * If it is too low, processes of a large host are left out; if it is too high, {@link
     * #MAX_SECONDS} ends the collector before it has written the snapshot.
     */
    private static final long MAX_SCAN_SECONDS = 12;

    /**
     * The longest time for the whole run, even if the caller does not read the output. If it is too
     * low, a slow host gives no snapshot; if it is too high, such a caller blocks others for
     * longer.
     */
    private static final long MAX_SECONDS = 20;

    /** The only argument, of the script alone: leave out command lines and titles. */
    public static final String WITHOUT_COMMANDS = "--no-commands";

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int TOO_LONG = 3;

    /**
     * The details that a snapshot contains. They are named one by one, since each is shown to the
     * members of the group: none may take long to read, and none may be of files outside of {@code
     * /proc}.
     */
    public static final Set<Detail> DETAILS =
            Collections.unmodifiableSet(
                    EnumSet.of(
                            Detail.STAT,
                            Detail.STATUS,
                            Detail.CGROUP,
                            Detail.OOM,
                            Detail.COMMAND,
                            Detail.NAMES,
                            Detail.SYSTEM,
                            Detail.BOOT));

    private Collector() {}

    public static void main(String[] args) {
        int code = FAILED;
        try {
            endInTime();
            code = run(args);
        } catch (Throwable e) {
            code = FAILED; // no message: it could show the caller what only root can read
        } finally {
            Runtime.getRuntime().halt(code); // no hooks, no search for loggers
        }
    }

    private static int run(String[] args) throws IOException {
        boolean withoutCommands = args.length == 1 && args[0].equals(WITHOUT_COMMANDS);
        return withoutCommands || args.length == 0
                ? collect(withoutCommands, new FileOutputStream(FileDescriptor.out))
                : USAGE;
    }

    private static void endInTime() {
        Thread watchdog =
                new Thread(
                        new Runnable() {
                            @Override
                            public void run() {
                                try {
                                    TimeUnit.SECONDS.sleep(MAX_SECONDS);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt(); // no other code does it
                                }
                                Runtime.getRuntime().halt(TOO_LONG);
                            }
                        },
                        "psm-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /**
     * Scans all processes and writes the snapshot. It contains no command lines and no titles if
     * the host hides them from its users, since they may contain secrets.
     */
    public static int collect(boolean withoutCommands, OutputStream out) throws IOException {
        ProcFs proc = ProcFs.confined();
        ScanRequest all =
                ScanRequest.of(Source.AUTO)
                        .with(DETAILS)
                        .within(TimeUnit.SECONDS.toNanos(MAX_SCAN_SECONDS));
        ScanRequest request = withoutCommands || HidePid.isOn(proc) ? all.withoutCommands() : all;
        Snapshot snapshot = new Scanner(proc, request).scan(0);
        out.write(SnapshotWriter.write(SnapshotBudget.fit(snapshot)));
        out.flush();
        return DONE;
    }
}
