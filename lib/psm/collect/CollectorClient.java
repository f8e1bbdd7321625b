package psm.collect;

import psm.cgroup.CgroupMemoryReader;
import psm.proc.HostMemory;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Gets a snapshot from an installation's {@link Collector}, for a user who is in its group. The
 * launcher checks the group, and passes the way to the collector in system properties.
 */
public final class CollectorClient {
    /** The property with the file that is written by a collector that the launcher has started. */
    public static final String FILE = "psm.collected";

    /**
     * The property with the command that starts a collector with sudo, its words split by blanks.
     */
    public static final String COMMAND = "psm.collect";

    /** The property with the group whose members see all processes, for messages to other users. */
    public static final String GROUP = "psm.group";

    /** The number of collectors that work for a user at a time. */
    public static final int SLOTS_OF_A_USER = 2;

    /** The number of collectors that work at a time. */
    public static final int SLOTS = 8;

    /** The exit code of a call that finds no slot. */
    public static final int BUSY = 75;

    /** The exit code of a call whose caller has low limits that root cannot raise. */
    public static final int LIMITED = 76;

    private static final long MAX_SECONDS_TO_EXIT = 5;

    /** All slots are taken. */
    public static final class BusyException extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** The caller's limits are too low, and root cannot raise them. */
    public static final class LimitedException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private CollectorClient() {}

    /** Describes the way to the collector; returns {@code null} if this user has none. */
    public static String way() {
        String command = System.getProperty(COMMAND);
        return command == null
                ? null
                : "through sudo " + command.substring(command.lastIndexOf(' ') + 1);
    }

    /**
     * Reads a collector's snapshot, and adds the figures that a collector does not read, if this
     * user can read them: those in {@code /sys} and the memory of control groups.
     *
     * @param needs the details that the report needs
     * @throws BusyException if it has no slot for this call
     * @throws LimitedException if it cannot run under this user's limits
     * @throws IOException if the collector writes nothing, or no snapshot
     */
    public static Snapshot read(Set<Detail> needs) throws IOException {
        String file = System.getProperty(FILE);
        if (file != null) {
            System.clearProperty(FILE); // it contains one snapshot; --watch needs more
            try (PushbackInputStream in = new PushbackInputStream(new FileInputStream(file))) {
                int first = in.read();
                if (first >= 0) {
                    in.unread(first);
                    return read(in, needs);
                }
            } // the launcher's collector wrote nothing; only the exit code of another says why
        }
        return readFrom(System.getProperty(COMMAND), needs);
    }

    private static Snapshot readFrom(String command, Set<Detail> needs) throws IOException {
        Process collector =
                new ProcessBuilder(command.split(" ", -1))
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        collector.getOutputStream().close();
        try (InputStream in = collector.getInputStream()) {
            return read(in, needs);
        } catch (IOException e) {
            int code = exitCode(collector);
            if (code == BUSY) {
                throw new BusyException();
            }
            throw code == LIMITED ? new LimitedException() : e;
        }
    }

    /** Waits for the end of a collector; returns -1 if it does not end in time. */
    private static int exitCode(Process collector) {
        try {
            boolean hasEnded = collector.waitFor(MAX_SECONDS_TO_EXIT, TimeUnit.SECONDS);
            return hasEnded ? collector.exitValue() : -1;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        }
    }

    private static Snapshot read(InputStream in, Set<Detail> needs) throws IOException {
        Snapshot snapshot = SnapshotFile.read(in).without(new OwnProcess().pid());
        ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);
        HostMemory memory = snapshot.host().memory();
        List<ProcessMemory> processes = snapshot.processes();
        Snapshot whole =
                needs.contains(Detail.SYSTEM)
                        ? snapshot.with(processes, memory.withSys(proc))
                        : snapshot;
        return needs.contains(Detail.CGROUP_MEMORY)
                ? whole.withCgroups(
                        CgroupMemoryReader.readAll(proc, ProcessMemory.cgroups(processes)))
                : whole;
    }
}
