package psm.service;

import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.trust.AtomicFile;
import psm.trust.Capability;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@link TextfileUnits} of an installation, and the {@link RecorderUser} as whom they run. */
public final class TextfileService {
    private static final String SERVICE = TextfileUnits.SERVICE.name();
    private static final String TIMER = TextfileUnits.TIMER.name();
    private static final String REMOVER = TextfileUnits.REMOVER.name();

    /** What systemctl does also while the timer's run goes on, which is of the units before. */
    private static final String AFRESH = "restart";

    private final TextfileUnits units;

    /** The texts of the units of the installation before this one; empty if it has none. */
    private final Map<UnitFile, String> before;

    private final boolean isAsked;
    private final boolean wasActive;
    private final boolean wasEnabled;
    private boolean isChanged;

    private TextfileService(TextfileUnits units, Map<UnitFile, String> before, boolean isAsked)
            throws IOException {
        this.units = units;
        this.before = before;
        this.isAsked = isAsked;
        this.wasActive = !before.isEmpty() && Systemd.isIn("active", TIMER);
        this.wasEnabled = !before.isEmpty() && Systemd.isIn("enabled", TIMER);
    }

    /**
     * Returns the service that the command line requests, after checking that it is possible.
     *
     * @param mark the first line of files of the installation
     * @param file the file that node_exporter reads
     * @param isRecorded whether this installation records all processes, often enough
     * @param places the folders of psm and its Java, which the service must be able to read
     * @param launcher the psm that cron can run where there is no systemd
     * @throws Failure if it is not possible
     */
    public static TextfileService requested(
            String mark,
            InstallArguments.Textfile file,
            boolean isRecorded,
            List<Path> places,
            Path launcher)
            throws IOException, Failure {
        UnitFile service = TextfileUnits.SERVICE;
        service.requireRoot("write a file of your own with 'psm -o prometheus --to FILE'");
        Path folder = TextfileFolder.find(file.folder());
        service.requireSystemd(
                TextfileUnits.OLDEST_SYSTEMD,
                "write the file",
                launcher
                        + TextfileUnits.report(file.options())
                        + " --to "
                        + folder.resolve(TextfileUnits.FILE));
        service.requireVisible(places);
        Map<UnitFile, String> before = new HashMap<>();
        for (UnitFile unit : TextfileUnits.ALL) {
            put(unit, unit.ownText(mark), before);
        }
        return new TextfileService(units(mark, folder, isRecorded, file.options()), before, true);
    }

    private static TextfileUnits units(
            String mark, Path folder, boolean isRecorded, List<String> options)
            throws IOException, Failure {
        Capability capability = isRecorded ? null : TextfileUnits.SERVICE.requireCapability();
        return new TextfileUnits(mark, List.of(), folder, capability, options);
    }

    private static void put(UnitFile unit, String text, Map<UnitFile, String> texts) {
        if (text != null) {
            texts.put(unit, text);
        }
    }

    /**
     * Returns the service that the installation before this one has, or {@code null} for none: it
     * goes on with the new psm, and reads the recording if there is one now.
     *
     * @throws Failure if its unit does not say how
     */
    public static TextfileService kept(String mark, boolean isRecorded)
            throws IOException, Failure {
        Map<UnitFile, String> before = new HashMap<>();
        for (UnitFile unit : TextfileUnits.ALL) {
            put(unit, unit.textOf(mark), before);
        }
        String service = before.get(TextfileUnits.SERVICE);
        if (service == null || !new OwnProcess().isRoot()) {
            return null;
        }
        TextfileUnits units = TextfileUnits.parse(service);
        if (units == null) {
            throw Failure.of(
                    "install: "
                            + TextfileUnits.SERVICE.path()
                            + " was changed, so that it cannot go on with the new psm; write it"
                            + " again with 'psm install "
                            + Option.TEXTFILE
                            + " DIR'; nothing was changed",
                    null);
        }
        return new TextfileService(
                units(mark, units.folder(), isRecorded, units.options()), before, false);
    }

    /** Lists the files that {@link #start} writes. */
    public static List<Path> files() {
        return TextfileUnits.ALL.stream().map(UnitFile::path).toList();
    }

    /**
     * Writes the units, and the file for the first time. A timer that was stopped by the
     * administrator stays so, unless the command line requests it.
     *
     * @param command the command line of the new psm
     * @throws Failure if the file is not written
     */
    public void start(List<String> command) throws IOException, Failure {
        isChanged = true;
        if (!RecorderUser.exists()) {
            RecorderUser.make();
        }
        if (isElsewhere()) {
            stop(); // which removes the file
        }
        write(units.running(command).texts());
        Systemd.run("daemon-reload");
        if (isAsked) {
            Systemd.run("enable", TIMER);
        }
        if (isAsked || wasActive) {
            Systemd.run("start", TIMER, REMOVER);
            if (Systemd.call(AFRESH, SERVICE).exitCode() != 0) {
                throw Failure.of(
                        "install: "
                                + SERVICE
                                + " does not write "
                                + units.file()
                                + ": "
                                + TextfileUnits.SERVICE.reason()
                                + "; nothing was changed",
                        null);
            }
        }
    }

    /** Returns whether the installation before this one writes into another folder. */
    private boolean isElsewhere() {
        String service = before.get(TextfileUnits.SERVICE);
        TextfileUnits old = service == null ? null : TextfileUnits.parse(service);
        return old != null && !old.folder().equals(units.folder());
    }

    private static void write(Map<UnitFile, String> texts) throws IOException {
        for (Map.Entry<UnitFile, String> unit : texts.entrySet()) {
            AtomicFile.replace(unit.getKey().path(), unit.getValue(), "rw-r--r--");
        }
    }

    private static void stop() throws IOException {
        Systemd.call("stop", TIMER, SERVICE, REMOVER);
    }

    /** Puts back what {@link #start} has changed. */
    public void undo() throws IOException {
        if (!isChanged) {
            return;
        }
        if (before.isEmpty()) {
            remove(units.folder());
            return;
        }
        if (isElsewhere() || !wasActive) {
            stop();
        }
        write(before);
        Systemd.call("daemon-reload");
        if (wasActive) {
            Systemd.call("start", TIMER, REMOVER);
            Systemd.call(AFRESH, SERVICE);
        }
        if (!wasEnabled) {
            Systemd.call("disable", TIMER);
        }
    }

    /** Returns whether an installation has the service. */
    public static boolean isThere(String mark) throws IOException {
        return TextfileUnits.SERVICE.textOf(mark) != null;
    }

    /**
     * Stops and removes the service of an installation, with its user and the file.
     *
     * @param mark the first line of files of the installation
     */
    public static void remove(String mark) throws IOException {
        String service = TextfileUnits.SERVICE.textOf(mark);
        if (service != null) {
            TextfileUnits units = TextfileUnits.parse(service);
            remove(units == null ? null : units.folder());
        }
    }

    private static void remove(Path folder) throws IOException {
        boolean isRunning = Systemd.isRunning();
        if (isRunning) {
            Systemd.call("disable", TIMER);
            stop();
        }
        for (UnitFile unit : TextfileUnits.ALL) {
            Files.deleteIfExists(unit.path());
        }
        Files.deleteIfExists(TextfileUnits.TIMER.wantedBy(TextfileUnits.TARGET));
        if (isRunning) {
            Systemd.call("daemon-reload");
        }
        if (folder != null
                && Files.exists(folder.resolve(TextfileUnits.FILE), LinkOption.NOFOLLOW_LINKS)) {
            Subprocess.run(TextfileUnits.remover(folder)); // systemd does not run, or had stopped
        }
        RecorderUser.remove(RecordService.FOLDER);
    }

    /** Returns the lines that install prints. */
    public String summary() {
        if (!isAsked) {
            return TIMER
                    + (wasActive
                            ? " goes on writing " + units.file() + ", with this psm\n"
                            : " is stopped, and was left so; 'systemctl start "
                                    + TIMER
                                    + "' starts it\n");
        }
        return TIMER
                + " writes "
                + units.file()
                + " each minute, "
                + (units.isOfRecording()
                        ? "from the recording in " + RecordService.FOLDER + ", as user "
                        : "as user ")
                + RecorderUser.NAME
                + (units.isOfRecording() ? "" : " with " + units.capability())
                + "\n'psm doctor' checks that node_exporter reads it\n";
    }
}
