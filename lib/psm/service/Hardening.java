package psm.service;

import psm.trust.Capability;

/**
 * The settings of the units that read the memory of all processes. A process of theirs has a user
 * of its own and at most one capability, writes nothing but what its unit names, and has no access
 * to a network.
 */
final class Hardening {
    /**
     * The settings that come first in the section of the service.
     *
     * <p>Variables could make Java or the C library load other files.
     */
    static final String START =
            """
            WorkingDirectory=/
            UnsetEnvironment=JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS CLASSPATH
            UnsetEnvironment=LD_PRELOAD LD_LIBRARY_PATH GCONV_PATH LOCPATH GLIBC_TUNABLES
            """;

    /**
     * The settings that come last.
     *
     * <p>Some restrictions are missing because psm would not work with them: Java writes memory and
     * then runs it (no MemoryDenyWriteExecute); the capability must apply to the host's users (no
     * PrivateUsers) and to all of /proc (no ProtectProc, no ProcSubset). Where the capability would
     * allow it to change the memory of other processes, /proc is read-only, and the system calls
     * for that are forbidden. CAP_SYS_PTRACE also opens /proc/PID/root, behind which nothing of the
     * host is hidden or read-only: there the process has the rights of a user of its own, and no
     * setting takes these from it. Local sockets remain: getent(1) asks other programs for the
     * names of users through them.
     */
    static final String END =
            """
            MemoryMax=160M
            CPUWeight=20
            IOWeight=20
            TasksMax=64
            LimitCORE=0
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

    private Hardening() {}

    /**
     * Returns the settings that say who the process is.
     *
     * @param capability what it has of root's rights, or {@code null} for nothing
     */
    static String identity(String group, Capability capability) {
        String only = capability == null ? "" : capability.toString();
        return "User="
                + RecorderUser.NAME
                + "\nGroup="
                + group
                + "\nCapabilityBoundingSet="
                + only
                + "\nAmbientCapabilities="
                + only
                + "\nNoNewPrivileges=yes\n";
    }
}
