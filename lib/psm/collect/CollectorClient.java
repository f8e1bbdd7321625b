package psm.collect;

import psm.cgroup.CgroupMemory;
import psm.proc.OwnProcess;
import psm.proc.ProcFs;
import psm.scan.Detail;
import psm.scan.ProcessMemory;
import psm.scan.ProcessReader;
import psm.scan.Snapshot;
import psm.snapshot.SnapshotFile;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Gets a snapshot from an installation's {@link Collector}, for a user who is in its group. The
 * launcher tells by system properties whether there is a way: it is open to this user then, and
 * nobody's rights are needed to find that out.
 */
public final class CollectorClient {
    /** A file that a collector, which the launcher has started by sudo, writes to. */
    public static final String FILE = "psm.collected";

    /** The words that start a collector by sudo, with blanks between them; none has any. */
    public static final String COMMAND = "psm.collect";

    /** The socket, behind which systemd starts a collector. */
    public static final String SOCKET = "psm.socket";

    /** The group whose members get to see all processes, for whoever is none of them. */
    public static final String GROUP = "psm.group";

    /** Connected ahead, so that the collector works meanwhile; {@code null} where it is not. */
    private static SocketChannel channel;

    private CollectorClient() {}

    /** The way to the collector, for people; {@code null} where there is none. */
    public static String way() {
        String socket = System.getProperty(SOCKET);
        if (socket != null) {
            return "by the socket " + socket;
        }
        String command = System.getProperty(COMMAND);
        return command == null
                ? null
                : "by sudo " + command.substring(command.lastIndexOf(' ') + 1);
    }

    /** Has a collector behind a socket begin; whether it did is told by {@link #read}. */
    public static void begin() {
        String socket = System.getProperty(SOCKET);
        if (socket != null) {
            try {
                channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
            } catch (IOException e) {
                channel = null;
            }
        }
    }

    /**
     * What a collector sees now, and what it may not look at, as far as this user may: zram and the
     * memory of control groups.
     *
     * @param needs what is wanted of it
     * @throws IOException where it gives nothing, or what is no snapshot
     */
    public static Snapshot read(Set<Detail> needs) throws IOException {
        String socket = System.getProperty(SOCKET);
        if (socket != null) {
            if (channel == null) {
                throw new IOException(socket + " takes no connection");
            }
            try (InputStream in = Channels.newInputStream(channel)) {
                return read(in, needs);
            }
        }
        String file = System.getProperty(FILE);
        if (file != null) {
            System.clearProperty(FILE); // it has one snapshot
            try (InputStream in = new FileInputStream(file)) {
                return read(in, needs);
            }
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
        }
    }

    private static Snapshot read(InputStream in, Set<Detail> needs) throws IOException {
        Snapshot snapshot = SnapshotFile.read(in);
        int own = new OwnProcess().pid();
        List<ProcessMemory> processes = new ArrayList<>(snapshot.processes());
        for (int i = 0; i < processes.size(); i++) {
            if (processes.get(i).pid() == own) {
                // As in a scan of its own: to the collector, it is one more java.
                processes.set(i, processes.get(i).named(ProcessReader.OWN));
            }
        }
        ProcFs proc = new ProcFs(ProcFs.DEFAULT_ROOT);
        Snapshot whole = snapshot.with(processes, snapshot.memory().withZram(proc));
        return needs.contains(Detail.CGROUP_MEMORY)
                ? whole.with(CgroupMemory.readAll(proc, ProcessMemory.cgroups(processes)))
                : whole;
    }
}
