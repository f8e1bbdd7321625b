package psm.install;

import psm.cli.Option;
import psm.text.Failure;
import psm.text.Problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The units with which systemd(1) starts a collector for each connection to a socket that only root
 * and a group can write to. The collector runs as a user that exists only while it runs, with
 * CAP_SYS_PTRACE, the one capability that reading {@code /proc} needs, and without access to a
 * network. (CAP_DAC_READ_SEARCH would let it read all files of the host, and psm would see no more.
 * Only CAP_SYS_ADMIN would show page frames.)
 */
final class SocketUnits {
    static final Path FOLDER = Path.of("/etc/systemd/system");

    /** The folder that exists where systemd runs, see sd_booted(3). */
    private static final Path IS_RUNNING = Path.of("/run/systemd/system");

    /** The service unit, without its first line and the command. */
    private static final String SERVICE =
            """
            %s[Unit]
            Description=psm's collector, for one connection
            CollectMode=inactive-or-failed

            [Service]
            ExecStart=%s
            StandardInput=socket
            StandardOutput=socket
            StandardError=null
            WorkingDirectory=/
            UnsetEnvironment=%s LD_PRELOAD LD_LIBRARY_PATH
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
            """;

    private final GroupAccess access;

    SocketUnits(GroupAccess access) {
        this.access = access;
    }

    static String socketUnit(Prefix prefix) {
        return prefix.systemName() + ".socket";
    }

    static String serviceUnit(Prefix prefix) {
        return prefix.systemName() + "@.service";
    }

    Path socketFile() {
        return FOLDER.resolve(socketUnit(access.prefix()));
    }

    Path serviceFile() {
        return FOLDER.resolve(serviceUnit(access.prefix()));
    }

    /** Returns the socket that psm connects to. */
    Path socket() {
        return Path.of("/run/" + access.prefix().systemName() + ".sock");
    }

    /**
     * Returns the text of the socket unit. systemd refuses a flood of connections before it starts
     * a process: more than four at a time, and, by its own default since version 254, more than 150
     * in two seconds. (An older systemd closes the socket after 200, until it is restarted.)
     */
    String socketText() {
        return """
        %s[Unit]
        Description=psm's collector, for members of group %s

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
                .formatted(access.prefix().mark(), access.group(), socket(), access.group());
    }

    /**
     * Returns the text of the service unit.
     *
     * <p>Some restrictions are missing because the collector would not work with them: Java writes
     * memory and then runs it (no MemoryDenyWriteExecute); its capability must apply to the host's
     * users (no PrivateUsers) and to all of /proc (no ProtectProc, no ProcSubset). The capability
     * would allow it to read and change the memory of other processes, so /proc is read-only, and
     * the system calls for that are forbidden.
     */
    String serviceText() {
        return SERVICE.formatted(
                access.prefix().mark(),
                String.join(" \\\n    ", access.command()),
                String.join(" ", Subprocess.JAVA_VARIABLES));
    }

    /** Checks that this host can take the units, before anything is written. */
    void check() throws Failure {
        if (!Files.isDirectory(IS_RUNNING)) {
            throw Failure.usage(
                    Option.SOCKET
                            + ": systemd does not run here; without "
                            + Option.SOCKET
                            + ", psm uses sudo",
                    null);
        }
        for (Path path : List.of(access.prefix().folder(), access.java().folder())) {
            if (path.startsWith("/home") || path.startsWith("/root") || path.startsWith("/tmp")) {
                throw Failure.usage(
                        Option.SOCKET
                                + ": the unit has no access to "
                                + path
                                + "; choose others with --prefix and --java",
                        null);
            }
        }
        try {
            for (Path file : List.of(socketFile(), serviceFile())) {
                Problem problem = access.prefix().problemOfOther(file);
                if (problem != null) {
                    throw Failure.usage(Option.SOCKET + ": " + problem.line(), null);
                }
            }
        } catch (IOException e) {
            throw Failure.of(Option.SOCKET + ": " + InstallCommand.reason(e), e);
        }
    }

    /** Writes the units and starts the socket. */
    void install() throws IOException, Failure {
        AtomicFile.replace(serviceFile(), serviceText(), "rw-r--r--");
        AtomicFile.replace(socketFile(), socketText(), "rw-r--r--");
        systemctl("daemon-reload");
        systemctl("enable", socketUnit(access.prefix()));
        systemctl("restart", socketUnit(access.prefix()));
    }

    /** Removes the units of an installation; returns whether there were any. */
    static boolean remove(Prefix prefix) throws IOException, Failure {
        Path socket = FOLDER.resolve(socketUnit(prefix));
        Path service = FOLDER.resolve(serviceUnit(prefix));
        if (!prefix.hasWritten(socket) && !prefix.hasWritten(service)) {
            return false;
        }
        if (Files.isDirectory(IS_RUNNING)) {
            systemctl("disable", "--now", socketUnit(prefix));
        }
        for (Path file : List.of(socket, service)) {
            if (prefix.hasWritten(file)) {
                Files.delete(file);
            }
        }
        if (Files.isDirectory(IS_RUNNING)) {
            systemctl("daemon-reload");
        }
        return true;
    }

    private static void systemctl(String... arguments) throws IOException, Failure {
        List<String> words = new ArrayList<>(List.of(Subprocess.find("systemctl")));
        words.addAll(List.of(arguments));
        if (Subprocess.run(words).exitCode() != 0) {
            throw Failure.of("install: '" + String.join(" ", words) + "' failed", null);
        }
    }
}
