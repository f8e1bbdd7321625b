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
 * The one part of psm that runs with rights which its user does not have: started by sudo(8) or by
 * systemd for the members of a group, see {@code GroupAccess}. It takes no argument and looks at no
 * variable of the environment; reads {@code /proc} and follows nothing out of it ({@link
 * ProcFs#confined}); opens no file for writing; and writes a snapshot of all processes to standard
 * output, and nothing anywhere else. Whatever fails, its exit code alone tells.
 */
public final class Collector {
    /**
     * How long its scan may take; what was not read by then is told. Too low, and a large box is
     * told in part; too high, and its end comes before it is told.
     */
    private static final long MAX_SCAN_SECONDS = 12;

    /**
     * How long it may take, with a reader that does not read. Too low, and a slow box gets nothing;
     * too high, and who does not read keeps more of them waiting.
     */
    private static final long MAX_SECONDS = 20;

    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int TOO_LONG = 3;

    /** All that is in a process's own folder, but for its mappings, which take long to read. */
    public static final Set<Detail> DETAILS =
            Collections.unmodifiableSet(
                    EnumSet.complementOf(EnumSet.of(Detail.MAPPINGS, Detail.CGROUP_MEMORY)));

    private Collector() {}

    public static void main(String[] args) {
        int code = FAILED;
        try {
            endInTime();
            code = args.length == 0 ? collect(new FileOutputStream(FileDescriptor.out)) : USAGE;
        } catch (Throwable e) {
            code = FAILED; // whatever it is, there is nobody to tell that may know of it
        } finally {
            Runtime.getRuntime().halt(code); // no hooks, no search for loggers
        }
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
                                    Thread.currentThread().interrupt(); // by nobody
                                }
                                Runtime.getRuntime().halt(TOO_LONG);
                            }
                        },
                        "psm-watchdog");
        watchdog.setDaemon(true);
        watchdog.start();
    }

    /**
     * Looks at all processes, and writes what it saw; without command lines where the host keeps
     * them from its users: there is more in them than whose memory it is.
     */
    public static int collect(OutputStream out) throws IOException {
        ProcFs proc = ProcFs.confined();
        Set<Detail> details = EnumSet.copyOf(DETAILS);
        if (HidePid.isOn(proc)) {
            details.remove(Detail.COMMAND);
        }
        ScanRequest request =
                ScanRequest.of(Source.AUTO)
                        .with(details)
                        .within(TimeUnit.SECONDS.toNanos(MAX_SCAN_SECONDS));
        Snapshot snapshot = new Scanner(proc, request).scan(0);
        out.write(SnapshotWriter.write(SnapshotBudget.fit(snapshot)));
        out.flush();
        return DONE;
    }
}
