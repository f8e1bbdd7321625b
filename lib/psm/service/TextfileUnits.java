package psm.service;

import psm.cli.Option;
import psm.trust.Capability;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The units with which systemd(1) writes a file for the textfile collector of node_exporter each
 * minute: a service that runs psm once, hardened as {@link Hardening} says, a timer, and a service
 * that removes the file when the timer stops, since node_exporter would serve it for ever.
 *
 * @param mark the first line, which says which installation wrote the units
 * @param command the command line of psm: Java, its options and the main class
 * @param folder the folder that node_exporter reads, without links
 * @param capability what psm has of root's rights; {@code null} for nothing, if it reads the
 *     recording of this installation
 * @param options the options for {@code psm -o prometheus}, such as {@code --by unit}
 */
record TextfileUnits(
        String mark,
        List<String> command,
        Path folder,
        Capability capability,
        List<String> options) {
    static final UnitFile SERVICE = new UnitFile("psm-textfile.service", Option.TEXTFILE);
    static final UnitFile TIMER = new UnitFile("psm-textfile.timer", Option.TEXTFILE);
    static final UnitFile REMOVER = new UnitFile("psm-textfile-remove.service", Option.TEXTFILE);
    static final List<UnitFile> ALL = List.of(SERVICE, TIMER, REMOVER);

    /** The target that starts the timer when the machine starts. */
    static final String TARGET = "timers.target";

    /** The name of the file. */
    static final String FILE = "psm.prom";

    /** The first version of systemd that can write the output of a program into a file. */
    static final int OLDEST_SYSTEMD = 236;

    private static final String REPORT = " -q -o prometheus";
    private static final String REPORT_OF_RECORDING =
            " -q --from " + RecordService.FOLDER + " -o prometheus";

    /** What may follow it in a unit. */
    private static final String OPTIONS = "( (--by|-n|-c) [A-Za-z0-9_,+-]+)*";

    private static final String DESCRIPTION = "Description=";
    private static final String WRITES = "Writes ";
    private static final String FOR = "/" + FILE + " for node_exporter";

    /**
     * Goes into the folder, and ends unless it is still there, and root's alone. Other users may
     * own a folder above it (Debian's /var/lib/prometheus belongs to the exporter), and could put a
     * link in its place. But they cannot change which folder a shell is in, once it is.
     */
    private static final String GO =
            "PATH=/usr/bin:/bin; cd -P %1$s && [ \"$(pwd -P)\" = %1$s ] && [ -n \"$(find . -prune"
                + " -user 0 ! -perm /022)\" ] || { echo psm: %1$s is not a folder that only root"
                + " can write >&2; exit 1; }; ";

    /** Removes the file, also one that a killed shell has not renamed. */
    private static final String REMOVE = GO + "rm -f %2$s .%2$s.part";

    /** Puts the file into the folder in one step, or leaves the older one there. */
    private static final String PUT =
            GO
                    + "install -m 0644 %3$s .%2$s.part && mv -fT .%2$s.part %2$s"
                    + " || { rm -f .%2$s.part; exit 1; }";

    /** The folder where systemd opens psm's output. It is root's, and is gone with the timer. */
    private static final String OUTPUT = "/run/psm-textfile/" + FILE;

    /**
     * The text of the service, without the first line.
     *
     * <p>Its process can write nothing but the output that systemd has opened for it. What puts
     * this into the folder, only if psm succeeds, has root's rights (+), and takes nothing from
     * anyone but the text. systemd opens the output once more for each line, which must not empty
     * it: so it is not truncated but removed first.
     */
    private static final String SERVICE_TEXT =
            """
            %1$s# 'systemctl edit %2$s' changes it; 'psm install' would replace changes of this file.
            [Unit]
            Description=%3$s
            Requisite=psm-textfile-remove.service
            After=psm-textfile-remove.service psm-record.service
            StartLimitIntervalSec=0

            [Service]
            Type=oneshot
            ExecStartPre=+/bin/rm -f %4$s
            ExecStart=%5$s
            ExecStartPost=+/bin/sh -c '%6$s'
            StandardOutput=file:%4$s
            StandardError=journal
            TimeoutStartSec=50
            %7$s
            %8$sUMask=0022

            %9$s\
            """;

    /**
     * The text of the timer. Units stop in the reverse order of their start, so when the timer has
     * stopped, the file is gone. After a start of the machine, a recorder may sample first.
     */
    private static final String TIMER_TEXT =
            """
            %1$s[Unit]
            Description=%2$s each minute
            Requires=psm-textfile-remove.service
            Before=psm-textfile-remove.service

            [Timer]
            OnActiveSec=15s
            OnUnitActiveSec=60s
            AccuracySec=1s

            [Install]
            WantedBy=%3$s
            """;

    private static final String REMOVER_TEXT =
            """
            %1$s[Unit]
            Description=Removes %2$s/%3$s when psm-textfile.timer stops
            PartOf=psm-textfile.timer

            [Service]
            Type=oneshot
            RemainAfterExit=yes
            ExecStart=/bin/true
            ExecStop=/bin/sh -c '%4$s'
            RuntimeDirectory=psm-textfile
            RuntimeDirectoryMode=0755
            CapabilityBoundingSet=CAP_DAC_READ_SEARCH
            NoNewPrivileges=yes
            ProtectSystem=strict
            ReadWritePaths=-%2$s
            PrivateDevices=yes
            PrivateNetwork=yes
            RestrictNamespaces=yes
            SystemCallArchitectures=native
            SystemCallFilter=@system-service
            """;

    /** Returns the command line of a shell that removes the file from a folder. */
    static List<String> remover(Path folder) {
        return List.of("/bin/sh", "-c", REMOVE.formatted(folder, FILE));
    }

    /** Returns the options of the psm that writes a file. */
    static String report(List<String> options) {
        return REPORT + words(options);
    }

    private static String words(List<String> options) {
        return options.isEmpty() ? "" : " " + String.join(" ", options);
    }

    /** Returns the folder and the options, as {@code psm install --textfile} takes them. */
    String asked() {
        return folder + words(options);
    }

    /** Returns the units with the command line of another installation. */
    TextfileUnits running(List<String> other) {
        return new TextfileUnits(mark, other, folder, capability, options);
    }

    /** Returns the file that node_exporter reads. */
    Path file() {
        return folder.resolve(FILE);
    }

    /** Returns whether psm reads the recording, and not the processes. */
    boolean isOfRecording() {
        return capability == null;
    }

    /** Returns the text of each unit. */
    Map<UnitFile, String> texts() {
        List<String> words = new ArrayList<>(command);
        String last = words.get(words.size() - 1);
        words.set(words.size() - 1, last + (isOfRecording() ? REPORT_OF_RECORDING : REPORT));
        words.addAll(options);
        String description = WRITES + folder + FOR;
        Map<UnitFile, String> texts = new LinkedHashMap<>();
        texts.put(
                SERVICE,
                SERVICE_TEXT.formatted(
                        mark,
                        SERVICE.name(),
                        description,
                        OUTPUT,
                        String.join(" ", words),
                        inUnit(PUT),
                        Hardening.START,
                        Hardening.identity(RecorderUser.NAME, capability),
                        Hardening.END));
        texts.put(TIMER, TIMER_TEXT.formatted(mark, description, TARGET));
        texts.put(REMOVER, REMOVER_TEXT.formatted(mark, folder, FILE, inUnit(REMOVE)));
        return texts;
    }

    /** Returns a script as a unit spells it. */
    private String inUnit(String script) {
        return script.formatted(folder, FILE, OUTPUT).replace("%", "%%").replace("$", "$$");
    }

    /**
     * Reads the text of the service, which a psm with another template may have written, or an
     * administrator changed.
     *
     * @return {@code null} if it does not say what to write where
     */
    static TextfileUnits parse(String text) {
        String start = UnitFile.value(text, "ExecStart=");
        String description = UnitFile.value(text, DESCRIPTION);
        String rights = UnitFile.value(text, "AmbientCapabilities=");
        boolean isWhole = start != null && description != null && rights != null;
        if (!isWhole || !description.startsWith(WRITES) || !description.endsWith(FOR)) {
            return null;
        }
        Capability capability = Capability.named(rights);
        String report = capability == null ? REPORT_OF_RECORDING : REPORT;
        int end = description.length() - FOR.length();
        String folder = description.substring(WRITES.length(), Math.max(WRITES.length(), end));
        boolean isKnown = capability != null || rights.isEmpty();
        int reportAt = start.indexOf(report);
        String options = reportAt < 0 ? null : start.substring(reportAt + report.length());
        if (!isKnown || options == null || !options.matches(OPTIONS) || !UnitFile.isPlain(folder)) {
            return null;
        }
        return new TextfileUnits(
                text.substring(0, text.indexOf('\n') + 1),
                List.of(start.substring(0, reportAt).split(" ", -1)),
                Path.of(folder),
                capability,
                options.isEmpty() ? List.of() : List.of(options.strip().split(" ", -1)));
    }
}
