package psm.service;

import psm.cli.Option;
import psm.record.Recorder;
import psm.trust.Capability;

import java.util.ArrayList;
import java.util.List;

/**
 * The unit with which systemd(1) runs {@code psm record}, hardened as {@link Hardening} says.
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
    /** The unit. There is one on a machine, since there is one default recording. */
    public static final UnitFile FILE = new UnitFile("psm-record.service", Option.RECORD);

    /** The first version of systemd that knows Type=exec. */
    static final int OLDEST_SYSTEMD = 240;

    /** What separates the command line of psm from the options for the recorder. */
    private static final String RECORD = " record --dir " + RecordService.FOLDER;

    /**
     * The text, without the first line. The kernel ends the recorder last when memory is short,
     * since it should show why. That is safe, because it cannot use more than MemoryMax.
     */
    private static final String TEXT =
            """
            %1$s# 'systemctl edit %2$s' changes it; 'psm install' would replace changes of this file.
            [Unit]
            Description=Records who uses how much memory

            [Service]
            Type=exec
            ExecStart=%3$s
            %4$sRestart=on-failure
            RestartSec=30
            TimeoutStopSec=20

            %5$sUMask=0027
            LogsDirectory=psm
            LogsDirectoryMode=0750

            OOMScoreAdjust=-500
            %6$s
            [Install]
            WantedBy=multi-user.target
            """;

    /** Returns the unit with the command line of another installation. */
    public RecorderUnit running(List<String> other) {
        return new RecorderUnit(mark, other, group, capability, options);
    }

    /** Returns the number of seconds between samples. */
    int intervalSeconds() {
        int at = options.indexOf("-i");
        return at < 0
                ? Recorder.USUAL_SECONDS
                : (int) Math.ceil(Double.parseDouble(options.get(at + 1)));
    }

    /** Returns the text of the file. */
    public String text() {
        List<String> words = new ArrayList<>(command);
        words.set(words.size() - 1, words.get(words.size() - 1) + RECORD);
        words.addAll(options);
        return TEXT.formatted(
                mark,
                FILE.name(),
                String.join(" ", words),
                Hardening.START,
                Hardening.identity(group, capability),
                Hardening.END);
    }

    /**
     * Reads the text of a file, which a psm with another template may have written, or an
     * administrator changed.
     *
     * @return {@code null} if it does not say what to record, or for whom
     */
    static RecorderUnit parse(String text) {
        String start = UnitFile.value(text, "ExecStart=");
        String group = UnitFile.value(text, "Group=");
        String rights = UnitFile.value(text, "AmbientCapabilities=");
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
}
