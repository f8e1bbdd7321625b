package psm.service;

import psm.Psm;
import psm.cli.Option;
import psm.format.TimeText;
import psm.proc.OwnProcess;
import psm.record.Recorder;
import psm.text.Failure;
import psm.text.Problem;
import psm.text.Sizes;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Checks the recorder for {@code psm doctor}. It changes nothing.
 *
 * @param ok receives what is as it should be
 * @param wrong receives what is not
 * @param note receives what was not checked
 */
public record ServiceCheck(Consumer<String> ok, Consumer<Problem> wrong, Consumer<String> note) {
    /** The settings that a file of the administrator beside the unit may have changed. */
    private static final Map<String, String> SETTINGS =
            Map.of(
                    "User", RecorderUser.NAME,
                    "NoNewPrivileges", "yes",
                    "ProtectSystem", "strict",
                    "PrivateNetwork", "yes");

    /**
     * How many intervals a recorder may be late: it takes longer ones where samples cost too much.
     */
    private static final int MAX_LATE = 5;

    /** The age that is no problem, however short the interval is. */
    private static final long MIN_LATE_SECONDS = 60;

    /** The free space below which a recording may not fit: two of its files. */
    private static final long MIN_FREE_BYTES = 32L << 20;

    /**
     * Runs all checks.
     *
     * @param mark the first line of files of the installation
     * @param remedy what puts the service right
     * @return whether the installation has a recorder
     */
    public boolean run(String mark, String remedy) throws IOException, Failure {
        String text = RecordService.text();
        if (text == null || !text.startsWith(mark)) {
            return false;
        }
        RecorderUnit unit = RecorderUnit.parse(text);
        if (unit == null || !unit.text().equals(text)) {
            wrong.accept(
                    new Problem(RecorderUnit.FILE + " was changed after the installation", remedy));
            return true;
        }
        Problem problem = RootOwned.problem(RecorderUnit.FILE);
        report(
                problem == null ? null : new Problem(problem.what(), remedy),
                "only root can change " + RecorderUnit.FILE);
        if (!RecorderUser.exists()) {
            wrong.accept(new Problem("there is no user " + RecorderUser.NAME, remedy));
            return true;
        }
        if (!Systemd.isRunning()) {
            wrong.accept(new Problem("systemd does not run here, so nothing records", ""));
        } else if (!Systemd.property("LoadState", RecorderUnit.NAME).equals("loaded")) {
            // Without D-Bus, it answers root alone.
            note.accept(
                    RecorderUnit.NAME
                            + " was not checked, since systemd does not answer; run 'sudo psm"
                            + " doctor'");
        } else {
            checkState();
            checkRights(unit, remedy);
        }
        checkFolder(unit, remedy);
        return true;
    }

    private void report(Problem problem, String what) {
        if (problem == null) {
            ok.accept(what);
        } else {
            wrong.accept(problem);
        }
    }

    private void checkState() throws IOException {
        String unit = RecorderUnit.NAME;
        report(
                Systemd.isIn("enabled", unit)
                        ? null
                        : new Problem(
                                unit + " does not start when the machine does",
                                "run 'systemctl enable " + unit + "'"),
                unit + " starts when the machine does");
        boolean isActive = Systemd.isIn("active", unit);
        report(
                isActive
                        ? null
                        : new Problem(
                                unit + " is not active",
                                "run 'systemctl restart "
                                        + unit
                                        + "'; 'journalctl -u "
                                        + unit
                                        + "' may say why"),
                unit + " is active");
    }

    /** Compares the settings that are in effect, and tries the capability. */
    private void checkRights(RecorderUnit unit, String remedy) throws IOException {
        String changed = null;
        for (Map.Entry<String, String> setting : SETTINGS.entrySet()) {
            if (!Systemd.property(setting.getKey(), RecorderUnit.NAME).equals(setting.getValue())) {
                changed = setting.getKey();
            }
        }
        String only = unit.capability().toString().toLowerCase(Locale.ROOT);
        for (String set : List.of("CapabilityBoundingSet", "AmbientCapabilities")) {
            if (!Systemd.property(set, RecorderUnit.NAME).equals(only)) {
                changed = set;
            }
        }
        report(
                changed == null
                        ? null
                        : new Problem(
                                "another file changes " + changed + " of " + RecorderUnit.NAME,
                                "see 'systemctl cat "
                                        + RecorderUnit.NAME
                                        + "', and run 'systemctl revert "
                                        + RecorderUnit.NAME
                                        + "'"),
                "the recorder is user "
                        + RecorderUser.NAME
                        + " with "
                        + unit.capability()
                        + ", and writes nowhere else");
        if (new OwnProcess().isRoot()) {
            report(
                    unit.capability().works()
                            ? null
                            : new Problem(
                                    unit.capability() + " no longer shows all processes", remedy),
                    unit.capability() + " shows all processes");
        }
    }

    private void checkFolder(RecorderUnit unit, String remedy) throws IOException, Failure {
        Path folder = RecordService.FOLDER;
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            wrong.accept(new Problem("there is no folder " + folder, remedy));
            return;
        }
        checkAccess(folder, "rwxr-x---", unit.group());
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                if (!file.getFileName().toString().startsWith(".")) {
                    checkAccess(file, "rw-r-----", unit.group());
                }
            }
        } catch (AccessDeniedException e) {
            note.accept("the recording was not checked, since you may not read it");
            return;
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        String size = new Sizes(Psm.Unit.AUTO, false).of(free);
        report(
                free >= MIN_FREE_BYTES
                        ? null
                        : new Problem(
                                "only " + size + " are free for " + folder,
                                "free some, or record less with " + Option.MAX_SIZE),
                size + " are free for " + folder);
        checkAge(unit);
    }

    private void checkAccess(Path path, String permissions, String group) throws IOException {
        PosixFileAttributes found =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String is = RootOwned.access(found);
        String expected = permissions + ' ' + RecorderUser.NAME + ':' + group;
        if (!is.equals(expected)) {
            wrong.accept(
                    new Problem(
                            path + " is " + is + ", not " + expected,
                            "run 'chown "
                                    + RecorderUser.NAME
                                    + ':'
                                    + group
                                    + ' '
                                    + path
                                    + "' and 'chmod "
                                    + (Files.isDirectory(path) ? "0750 " : "0640 ")
                                    + path
                                    + "'"));
        } else if (Files.isDirectory(path)) {
            ok.accept("only root and group " + group + " can read " + path);
        }
    }

    private void checkAge(RecorderUnit unit) throws IOException, Failure {
        Instant last = RecordService.lastSample();
        if (last == null) {
            wrong.accept(new Problem(RecordService.FOLDER + " contains no samples", ""));
            return;
        }
        int at = unit.options().indexOf("-i");
        int interval =
                at < 0
                        ? Recorder.USUAL_SECONDS
                        : (int) Math.ceil(Double.parseDouble(unit.options().get(at + 1)));
        Duration age = Duration.between(last, Instant.now());
        String what = "the last sample is " + TimeText.span(age.toSeconds()) + " old";
        report(
                age.toSeconds() <= Math.max(MIN_LATE_SECONDS, (long) MAX_LATE * interval)
                        ? null
                        : new Problem(what, "run 'systemctl restart " + RecorderUnit.NAME + "'"),
                what);
    }
}
