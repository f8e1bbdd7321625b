package psm.service;

import psm.cli.Option;
import psm.cli.Options;
import psm.proc.OwnProcess;
import psm.record.Recording;
import psm.record.Sample;
import psm.text.Failure;
import psm.trust.AtomicFile;
import psm.trust.Capability;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * The recorder as a service of systemd: a {@link RecorderUnit}, a {@link RecorderUser} and the
 * folder of the recording, which systemd makes.
 */
public final class RecordService {
    /** The folder of the recording. */
    public static final Path FOLDER = Path.of(Options.RECORDINGS);

    private static final String NAME = RecorderUnit.FILE.name();
    private static final Path WANTED = RecorderUnit.FILE.wantedBy("multi-user.target");

    /** How long a recorder that works may take to write its first sample. */
    private static final int MAX_SECONDS_TO_START = 30;

    private static final int POLL_MS = 100;

    /**
     * The interval with which the figures in a file for node_exporter, which is written each
     * minute, never become as old as {@link TextfileCheck#MAX_AGE_SECONDS}.
     */
    private static final int MAX_INTERVAL_SECONDS = 180;

    private final RecorderUnit unit;
    private final String before;
    private final boolean isAsked;
    private final boolean wasActive;
    private final boolean hadUser;
    private final boolean wasEnabled;
    private boolean isChanged;
    private Instant startedAt;

    private RecordService(RecorderUnit unit, String before, boolean isAsked) throws IOException {
        this.unit = unit;
        this.before = before;
        this.isAsked = isAsked;
        this.wasActive = before != null && Systemd.isIn("active", NAME);
        this.wasEnabled = before != null && Systemd.isIn("enabled", NAME);
        this.hadUser = RecorderUser.exists();
    }

    /**
     * Returns the service that the command line requests, after checking that it is possible.
     *
     * @param mark the first line of files of the installation
     * @param group the group whose members may read the recording, or {@code null} for none
     * @param options the options for {@code psm record}
     * @param places the folders of psm and its Java, which the recorder must be able to read
     * @param launcher the psm that cron can run where there is no systemd
     * @throws Failure if it is not possible
     */
    public static RecordService requested(
            String mark, String group, List<String> options, List<Path> places, Path launcher)
            throws IOException, Failure {
        RecorderUnit.FILE.requireRoot(
                "record into a folder of your own with 'psm record --dir DIR'");
        RecorderUnit.FILE.requireSystemd(
                RecorderUnit.OLDEST_SYSTEMD, "record", launcher + " record --once");
        if (group != null) {
            UserGroup.require(group);
        }
        RecorderUnit.FILE.requireVisible(places);
        String before = RecorderUnit.FILE.ownText(mark);
        Capability capability = RecorderUnit.FILE.requireCapability();
        RecorderUnit unit =
                new RecorderUnit(
                        mark,
                        List.of(),
                        group == null ? RecorderUser.NAME : group,
                        capability,
                        options);
        return new RecordService(unit, before, true);
    }

    /**
     * Returns the service that the installation before this one has, or {@code null} for none: it
     * goes on with the new psm.
     *
     * @throws Failure if its unit does not say how
     */
    public static RecordService kept(String mark) throws IOException, Failure {
        String before = RecorderUnit.FILE.textOf(mark);
        if (before == null || !new OwnProcess().isRoot()) {
            return null;
        }
        RecorderUnit unit = RecorderUnit.parse(before);
        if (unit == null) {
            throw Failure.of(
                    "install: "
                            + RecorderUnit.FILE.path()
                            + " was changed, so that the recorder cannot go on with the new psm;"
                            + " write it again with 'psm install "
                            + Option.RECORD
                            + "'; nothing was changed",
                    null);
        }
        return new RecordService(unit, before, false);
    }

    /**
     * Writes the unit, starts the recorder and waits for its first sample. One that was stopped by
     * the administrator stays so, unless the command line requests it.
     *
     * @param command the command line of the new psm
     * @throws Failure if it writes no sample
     */
    public void start(List<String> command) throws IOException, Failure {
        isChanged = true;
        if (!hadUser) {
            RecorderUser.make();
        }
        AtomicFile.replace(RecorderUnit.FILE.path(), unit.running(command).text(), "rw-r--r--");
        Systemd.run("daemon-reload");
        if (isAsked) {
            Systemd.run("enable", NAME);
        }
        if (isAsked || wasActive) {
            startedAt = Instant.now();
            Systemd.run("restart", NAME);
            requireSample();
        }
    }

    /** Waits until a file of the recording is newer than the recorder. */
    private void requireSample() throws IOException, Failure {
        long end = System.nanoTime() + MAX_SECONDS_TO_START * 1_000_000_000L;
        while (!hasSample()) {
            if (!Systemd.isIn("active", NAME) || System.nanoTime() > end) {
                throw Failure.of(
                        "install: "
                                + NAME
                                + " writes no sample: "
                                + RecorderUnit.FILE.reason()
                                + "; nothing was changed",
                        null);
            }
            try {
                Thread.sleep(POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private boolean hasSample() throws Failure {
        Instant last = lastSample();
        return last != null && !last.isBefore(startedAt);
    }

    /** Returns when the last sample was taken; {@code null} if there is none. */
    static Instant lastSample() throws Failure {
        Sample last =
                Recording.isRecording(FOLDER)
                        ? Recording.open(FOLDER.toString(), FOLDER).last()
                        : null;
        return last == null ? null : last.snapshot().run().takenAt();
    }

    /** Puts back what {@link #start} has changed. */
    public void undo() throws IOException {
        if (!isChanged) {
            return;
        }
        if (before == null) {
            remove();
            return;
        }
        AtomicFile.replace(RecorderUnit.FILE.path(), before, "rw-r--r--");
        Systemd.call("daemon-reload");
        Systemd.call(wasActive ? "restart" : "stop", NAME);
        if (!wasEnabled) {
            Systemd.call("disable", NAME);
        }
    }

    /** Returns whether an installation has the service. */
    public static boolean isThere(String mark) throws IOException {
        return RecorderUnit.FILE.textOf(mark) != null;
    }

    /**
     * Stops and removes the service of an installation, with its user. The recording stays.
     *
     * @param mark the first line of files of the installation
     * @return whether there was one
     */
    public static boolean remove(String mark) throws IOException {
        if (RecorderUnit.FILE.textOf(mark) == null) {
            return false;
        }
        remove();
        return true;
    }

    private static void remove() throws IOException {
        boolean isRunning = Systemd.isRunning();
        if (isRunning) {
            Systemd.call("disable", "--now", NAME);
        }
        Files.deleteIfExists(RecorderUnit.FILE.path());
        Files.deleteIfExists(WANTED);
        if (isRunning) {
            Systemd.call("daemon-reload");
        }
        RecorderUser.remove(FOLDER);
        FOLDER.toFile().delete(); // fails unless it is empty
    }

    /** Returns the line that uninstall prints: the recording is not psm's, but its user's. */
    public static String left() {
        return Files.exists(FOLDER)
                ? "the recording was left; 'rm -r " + FOLDER + "' deletes it\n"
                : "";
    }

    /** Returns whether the last sample is always recent enough for a file for node_exporter. */
    public boolean isFrequent() {
        return unit.intervalSeconds() <= MAX_INTERVAL_SECONDS;
    }

    /** Returns the lines that install prints. */
    public String summary() {
        if (!isAsked) {
            return NAME
                    + (wasActive
                            ? " goes on recording, with this psm\n"
                            : " is stopped, and was left so; 'systemctl start psm-record' starts"
                                    + " it\n");
        }
        boolean isForGroup = !unit.group().equals(RecorderUser.NAME);
        return NAME
                + " records all processes into "
                + FOLDER
                + ", as user "
                + RecorderUser.NAME
                + " with "
                + unit.capability()
                + '\n'
                + (isForGroup
                        ? "members of group " + unit.group() + " can read it"
                        : "only root can read it (" + Option.GROUP + " NAME lets a group)")
                + ": psm --from "
                + FOLDER
                + '\n';
    }
}
