package psm.service;

import psm.cli.Option;
import psm.cli.Options;
import psm.proc.OwnProcess;
import psm.record.Recording;
import psm.record.Sample;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.AtomicFile;
import psm.trust.Capability;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
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

    /** The folders that the service cannot see. */
    private static final List<Path> HIDDEN =
            List.of(Path.of("/root"), Path.of("/home"), Path.of("/run/user"), Path.of("/tmp"));

    /** How long a recorder that works may take to write its first sample. */
    private static final int MAX_SECONDS_TO_START = 30;

    /** The start of each line that psm writes to standard error. */
    private static final String OUTPUT = "psm: ";

    private static final int POLL_MS = 100;

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
        this.wasActive = before != null && Systemd.isIn("active", RecorderUnit.NAME);
        this.wasEnabled = before != null && Systemd.isIn("enabled", RecorderUnit.NAME);
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
        requireSystemd(launcher);
        if (group != null) {
            UserGroup.require(group);
        }
        for (Path place : places) {
            requireVisible(place);
        }
        String before = textOf(mark);
        Capability capability = Capability.first();
        if (capability == null) {
            throw refused(
                    "neither CAP_PERFMON nor CAP_SYS_PTRACE shows another user the memory of all"
                            + " processes here; it takes setpriv of util-linux 2.33 or later, and a"
                            + " container needs --cap-add SYS_PTRACE");
        }
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
        String before = text();
        if (before == null || !before.startsWith(mark) || !new OwnProcess().isRoot()) {
            return null;
        }
        RecorderUnit unit = RecorderUnit.parse(before);
        if (unit == null) {
            throw Failure.of(
                    "install: "
                            + RecorderUnit.FILE
                            + " was changed, so that the recorder cannot go on with the new psm;"
                            + " write it again with 'psm install "
                            + Option.RECORD
                            + "'; nothing was changed",
                    null);
        }
        return new RecordService(unit, before, false);
    }

    private static void requireSystemd(Path launcher) throws Failure {
        if (!new OwnProcess().isRoot()) {
            throw refused(
                    "only root can install a service; use sudo, or record into a folder of your own"
                            + " with 'psm record --dir DIR'");
        }
        if (!Systemd.isRunning()) {
            throw refused(
                    "systemd does not run here; install psm without it, and let cron record, by"
                            + " this line in /etc/cron.d/psm: * * * * * root "
                            + launcher
                            + " record --once");
        }
    }

    /** Returns the text of the unit of this installation, or {@code null}; refuses another's. */
    private static String textOf(String mark) throws IOException, Failure {
        String before = text();
        if (before != null && !before.startsWith(mark)) {
            throw refused(
                    RecorderUnit.FILE
                            + " does not belong to this installation; "
                            + removal(before.lines().findFirst().orElse("")));
        }
        Problem problem = RootOwned.problem(RecorderUnit.FILE);
        if (problem != null) {
            throw refused(problem.line());
        }
        return before;
    }

    private static Failure refused(String why) {
        return Failure.usage(Option.RECORD + ": " + why, null);
    }

    private static void requireVisible(Path place) throws Failure {
        if (!RecorderUnit.isPlain(place.toString())) {
            throw refused(place + " contains characters that are special in a unit");
        }
        for (Path hidden : HIDDEN) {
            if (place.startsWith(hidden)) {
                throw refused(
                        "the service cannot see "
                                + place
                                + ", since "
                                + hidden
                                + " is hidden from it; choose another "
                                + Option.PREFIX
                                + " or "
                                + Option.JAVA);
            }
        }
    }

    /** Returns the text of the unit that is installed, or {@code null}. */
    static String text() throws IOException {
        return Files.isRegularFile(RecorderUnit.FILE, LinkOption.NOFOLLOW_LINKS)
                ? Files.readString(RecorderUnit.FILE)
                : null;
    }

    /** Returns how to remove the unit of another installation, by its first line. */
    private static String removal(String mark) {
        int start = mark.indexOf(" in ");
        int end = mark.lastIndexOf(';');
        return start < 0 || end < start
                ? "move it away"
                : "run 'psm uninstall "
                        + Option.PREFIX
                        + mark.substring(start + 3, end)
                        + "', or install there";
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
        AtomicFile.replace(RecorderUnit.FILE, unit.running(command).text(), "rw-r--r--");
        Systemd.run("daemon-reload");
        if (isAsked) {
            Systemd.run("enable", RecorderUnit.NAME);
        }
        if (isAsked || wasActive) {
            startedAt = Instant.now();
            Systemd.run("restart", RecorderUnit.NAME);
            requireSample();
        }
    }

    /** Waits until a file of the recording is newer than the recorder. */
    private void requireSample() throws IOException, Failure {
        long end = System.nanoTime() + MAX_SECONDS_TO_START * 1_000_000_000L;
        while (!hasSample()) {
            if (!Systemd.isIn("active", RecorderUnit.NAME) || System.nanoTime() > end) {
                throw Failure.of(
                        "install: "
                                + RecorderUnit.NAME
                                + " writes no sample: "
                                + reason()
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

    /** Returns why the recorder ended: what it wrote last, or what systemd says. */
    private static String reason() throws IOException {
        Subprocess journal =
                Subprocess.run(
                        List.of(
                                Subprocess.find("journalctl"),
                                "--no-pager",
                                "--quiet",
                                "--output=cat",
                                "--lines=5",
                                "--unit=" + RecorderUnit.NAME));
        String said = null;
        for (String line : journal.output().split("\n", -1)) {
            said = line.startsWith(OUTPUT) ? line.substring(OUTPUT.length()) : said;
        }
        return said == null ? Systemd.property("Result", RecorderUnit.NAME) : said;
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
        AtomicFile.replace(RecorderUnit.FILE, before, "rw-r--r--");
        Systemd.call("daemon-reload");
        Systemd.call(wasActive ? "restart" : "stop", RecorderUnit.NAME);
        if (!wasEnabled) {
            Systemd.call("disable", RecorderUnit.NAME);
        }
    }

    /**
     * Stops and removes the service of an installation, with its user. The recording stays.
     *
     * @param mark the first line of files of the installation
     * @return whether there was one
     */
    public static boolean remove(String mark) throws IOException {
        String text = text();
        if (text == null || !text.startsWith(mark)) {
            return false;
        }
        remove();
        return true;
    }

    private static void remove() throws IOException {
        boolean isRunning = Systemd.isRunning();
        if (isRunning) {
            Systemd.call("disable", "--now", RecorderUnit.NAME);
        }
        Files.deleteIfExists(RecorderUnit.FILE);
        Files.deleteIfExists(RecorderUnit.WANTED);
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

    /** Returns the lines that install prints. */
    public String summary() {
        if (!isAsked) {
            return RecorderUnit.NAME
                    + (wasActive
                            ? " goes on recording, with this psm\n"
                            : " is stopped, and was left so; 'systemctl start psm-record' starts"
                                    + " it\n");
        }
        boolean isForGroup = !unit.group().equals(RecorderUser.NAME);
        return RecorderUnit.NAME
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
