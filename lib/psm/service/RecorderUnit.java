package psm.service;

import psm.trust.Capability;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The unit with which systemd(1) runs {@code psm record}. The recorder has a user of its own and
 * one capability, writes nothing but its recording, and has no access to a network.
 *
 * @param mark the first line, which says which installation wrote the unit
 * @param command the command line of psm: Java, its options and the main class
 * @param group the group whose members may read the recording
 * @param capability what the recorder has of root's rights
 * @param options the options for {@code psm record}, such as {@code -i 10}
 */
public record RecorderUnit(
        String mark,
        List<String> command,
        String group,
        Capability capability,
        List<String> options) {
    /** The name of the unit. There is one on a machine, since there is one default recording. */
    public static final String NAME = "psm-record.service";

    /** The file of the unit. */
    public static final Path FILE = Path.of("/etc/systemd/system", NAME);

    /** The link with which systemctl(1) lets the unit start when the machine does. */
    static final Path WANTED = FILE.resolveSibling("multi-user.target.wants").resolve(NAME);

    /** What separates the command line of psm from the options for the recorder. */
    private static final String RECORD = " record --dir " + RecordService.FOLDER;

    /** The pattern of words without characters that are special in a unit. */
    private static final String PLAIN_WORD = "[A-Za-z0-9_/.:=,+-]+";

    /**
     * The text, without the first line.
     *
     * <p>Some restrictions are missing because the recorder would not work with them: Java writes
     * memory and then runs it (no MemoryDenyWriteExecute); its capability must apply to the host's
     * users (no PrivateUsers) and to all of /proc (no ProtectProc, no ProcSubset). Where the
     * capability would allow it to change the memory of other processes, /proc is read-only, and
     * the system calls for that are forbidden. CAP_SYS_PTRACE also opens /proc/PID/root, behind
     * which nothing of the host is hidden or read-only: there the recorder has the rights of a user
     * of its own, and no setting takes these from it. Local sockets remain: getent(1) asks other
     * programs for the names of users through them.
     *
     * <p>The kernel ends the recorder last when memory is short, since it should show why. That is
     * safe, because it cannot use more than MemoryMax.
     */
    private static final String TEXT =
            """
            %1$s# 'systemctl edit %2$s' changes it; 'psm install' would replace changes of this file.
            [Unit]
            Description=Records who uses how much memory

            [Service]
            Type=exec
            ExecStart=%3$s
            WorkingDirectory=/
            UnsetEnvironment=JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS JDK_AOT_VM_OPTIONS CLASSPATH
            UnsetEnvironment=LD_PRELOAD LD_LIBRARY_PATH GCONV_PATH LOCPATH GLIBC_TUNABLES
            Restart=on-failure
            RestartSec=30
            TimeoutStopSec=20

            User=%4$s
            Group=%5$s
            UMask=0027
            LogsDirectory=psm
            LogsDirectoryMode=0750
            CapabilityBoundingSet=%6$s
            AmbientCapabilities=%6$s
            NoNewPrivileges=yes

            MemoryMax=160M
            OOMScoreAdjust=-500
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

            [Install]
            WantedBy=multi-user.target
            """;

    /** Returns whether a word, such as a path, means itself in a unit. */
    static boolean isPlain(String word) {
        return word.matches(PLAIN_WORD);
    }

    /** Returns the unit with the command line of another installation. */
    public RecorderUnit running(List<String> other) {
        return new RecorderUnit(mark, other, group, capability, options);
    }

    /** Returns the text of the file. */
    public String text() {
        List<String> words = new ArrayList<>(command);
        words.set(words.size() - 1, words.get(words.size() - 1) + RECORD);
        words.addAll(options);
        return TEXT.formatted(
                mark, NAME, String.join(" ", words), RecorderUser.NAME, group, capability);
    }

    /**
     * Reads the text of a file, which a psm with another template may have written, or an
     * administrator changed.
     *
     * @return {@code null} if it does not say what to record, or for whom
     */
    static RecorderUnit parse(String text) {
        String start = value(text, "ExecStart=");
        String group = value(text, "Group=");
        String rights = value(text, "AmbientCapabilities=");
        Capability capability = rights == null ? null : Capability.named(rights);
        int end = start == null ? -1 : start.indexOf(RECORD);
        if (end < 0 || group == null || capability == null) {
            return null;
        }
        String options = start.substring(end + RECORD.length()).strip();
        return new RecorderUnit(
                text.substring(0, text.indexOf('\n') + 1),
                List.of(start.substring(0, end).split(" ", -1)),
                group,
                capability,
                options.isEmpty() ? List.of() : List.of(options.split(" ", -1)));
    }

    /** Returns the value of a setting; {@code null} if there is none. */
    private static String value(String text, String key) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(key)) {
                return line.substring(key.length());
            }
        }
        return null;
    }
}
