package psm.install;

import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The units by which systemd(1) starts a collector for each connection to a socket that a group may
 * write to: as a user of its own for as long as it runs, with the one capability that reading
 * {@code /proc} takes, CAP_SYS_PTRACE, and with no way to others. (CAP_DAC_READ_SEARCH would add
 * all files of the host, and to what psm sees nothing: page frames take CAP_SYS_ADMIN.)
 */
final class SocketUnits {
    static final Path FOLDER = Path.of("/etc/systemd/system");

    /** Made by systemd, where it runs: see sd_booted(3). */
    private static final Path IS_RUNNING = Path.of("/run/systemd/system");

    private final GroupAccess access;

    SocketUnits(GroupAccess access) {
        this.access = access;
    }

    static String socketUnit(Path prefix) {
        return GroupAccess.nameFor(prefix) + ".socket";
    }

    static String serviceUnit(Path prefix) {
        return GroupAccess.nameFor(prefix) + "@.service";
    }

    Path socketFile() {
        return FOLDER.resolve(socketUnit(access.prefix()));
    }

    Path serviceFile() {
        return FOLDER.resolve(serviceUnit(access.prefix()));
    }

    /** Where clients find it. */
    Path socket() {
        return Path.of("/run/" + access.name() + ".sock");
    }

    /**
     * A flood of connections is refused before it costs a process: beyond four at a time, and
     * beyond 150 in two seconds (by systemd's own default from 254 on; before, beyond 200 the
     * socket is closed until it is started again).
     */
    String socketText() {
        return """
        %s[Unit]
        Description=psm's collector, for the members of the group %s

        [Socket]
        ListenStream=%s
        SocketUser=root
        SocketGroup=%s
        SocketMode=0660
        DirectoryMode=0755
        RemoveOnStop=yes
        Accept=yes
        MaxConnections=4
        MaxConnectionsPerSource=2

        [Install]
        WantedBy=sockets.target
        """
                .formatted(
                        GroupAccess.mark(access.prefix()),
                        access.group(),
                        socket(),
                        access.group());
    }

    /**
     * Java needs memory that it writes and then runs (no MemoryDenyWriteExecute); the collector
     * needs the host's users (no PrivateUsers), for else its capabilities are good for nothing, and
     * all of /proc (no ProtectProc, no ProcSubset). Its capability would let it look into and
     * change the memory of others: so nothing in /proc can be written, and no call is there to do
     * it.
     */
    String serviceText() {
        return """
        %s[Unit]
        Description=psm's collector, for one connection
        CollectMode=inactive-or-failed

        [Service]
        ExecStart=%s
        StandardInput=socket
        StandardOutput=socket
        StandardError=null
        WorkingDirectory=/
        UnsetEnvironment=CLASSPATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS LD_PRELOAD LD_LIBRARY_PATH
        UMask=0077

        DynamicUser=yes
        CapabilityBoundingSet=CAP_SYS_PTRACE
        AmbientCapabilities=CAP_SYS_PTRACE
        NoNewPrivileges=yes

        RuntimeMaxSec=30
        TimeoutStopSec=2
        MemoryMax=160M
        MemorySwapMax=0
        TasksMax=64
        CPUWeight=20
        CPUQuota=100%%
        LimitCORE=0
        LimitFSIZE=0
        LimitNOFILE=256

        ProtectSystem=strict
        ReadOnlyPaths=/proc
        ProtectHome=yes
        PrivateTmp=yes
        PrivateMounts=yes
        PrivateDevices=yes
        DevicePolicy=closed
        PrivateNetwork=yes
        PrivateIPC=yes
        IPAddressDeny=any
        RestrictAddressFamilies=AF_UNIX
        ProtectClock=yes
        ProtectControlGroups=yes
        ProtectHostname=yes
        ProtectKernelLogs=yes
        ProtectKernelModules=yes
        ProtectKernelTunables=yes
        RestrictNamespaces=yes
        RestrictRealtime=yes
        RestrictSUIDSGID=yes
        LockPersonality=yes
        RemoveIPC=yes
        KeyringMode=private
        SystemCallArchitectures=native
        SystemCallFilter=@system-service
        SystemCallFilter=~@privileged @resources @debug process_vm_readv process_vm_writev
        SystemCallErrorNumber=EPERM
        """
                .formatted(
                        GroupAccess.mark(access.prefix()),
                        String.join(" \\\n    ", access.command()));
    }

    /** Refuses what cannot be. */
    void check() throws Failure {
        if (!Files.isDirectory(IS_RUNNING)) {
            throw Failure.usage(
                    "--socket: systemd does not run here; without --socket, sudo is the way", null);
        }
        for (Path path : List.of(access.prefix(), access.java().folder())) {
            if (path.startsWith("/home") || path.startsWith("/root") || path.startsWith("/tmp")) {
                throw Failure.usage(
                        "--socket: the unit sees nothing of "
                                + path
                                + "; name others by --prefix and --java",
                        null);
            }
        }
        try {
            for (Path file : List.of(socketFile(), serviceFile())) {
                String problem = SudoRule.othersProblem(file, access.prefix());
                if (problem != null) {
                    throw Failure.usage("--socket: " + problem, null);
                }
            }
        } catch (IOException e) {
            throw Failure.of("--socket: " + e, e);
        }
    }

    void install() throws IOException, Failure {
        Installer.replace(serviceFile(), serviceText(), "rw-r--r--");
        Installer.replace(socketFile(), socketText(), "rw-r--r--");
        systemctl("daemon-reload");
        systemctl("enable", socketUnit(access.prefix()));
        systemctl("restart", socketUnit(access.prefix()));
    }

    boolean remove() throws IOException, Failure {
        return remove(access.prefix());
    }

    /** Takes away the units of an installation; returns whether there were any. */
    static boolean remove(Path prefix) throws IOException, Failure {
        Path socket = FOLDER.resolve(socketUnit(prefix));
        Path service = FOLDER.resolve(serviceUnit(prefix));
        boolean isOurs = SudoRule.isOurs(socket, prefix) || SudoRule.isOurs(service, prefix);
        if (!isOurs) {
            return false;
        }
        if (Files.isDirectory(IS_RUNNING)) {
            systemctl("disable", "--now", socketUnit(prefix));
        }
        for (Path file : List.of(socket, service)) {
            if (SudoRule.isOurs(file, prefix)) {
                Files.delete(file);
            }
        }
        if (Files.isDirectory(IS_RUNNING)) {
            systemctl("daemon-reload");
        }
        return true;
    }

    private static void systemctl(String... arguments) throws IOException, Failure {
        List<String> words = new ArrayList<>(List.of(SudoRule.program("systemctl")));
        words.addAll(List.of(arguments));
        if (Installer.run(words).exitCode() != 0) {
            throw Failure.of("install: '" + String.join(" ", words) + "' failed", null);
        }
    }
}
