package psm.service;

import psm.Psm;
import psm.cli.Option;
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
import java.util.stream.Stream;

/**
 * Checks the recorder for {@code psm doctor}. It changes nothing.
 *
 * @param findings receives what it finds
 */
public record ServiceCheck(Findings findings) {
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
        String text = RecorderUnit.FILE.textOf(mark);
        if (text == null) {
            return false;
        }
        UnitCheck check = new UnitCheck(RecorderUnit.FILE, findings, remedy);
        RecorderUnit unit = RecorderUnit.parse(text);
        if (!check.isAsWritten(text, unit == null ? null : unit.text())) {
            return true;
        }
        if (!RecorderUser.exists()) {
            findings.wrong("there is no user " + RecorderUser.NAME, remedy);
            return true;
        }
        if (check.isAnswered()) {
            check.checkState();
            check.checkRights(
                    unit.capability(),
                    "the recorder is user "
                            + RecorderUser.NAME
                            + " with "
                            + unit.capability()
                            + ", and writes nowhere else");
        }
        checkFolder(unit, remedy);
        return true;
    }

    private void checkFolder(RecorderUnit unit, String remedy) throws IOException, Failure {
        Path folder = RecordService.FOLDER;
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            findings.wrong().accept(new Problem("there is no folder " + folder, remedy));
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
            findings.note().accept("the recording was not checked, since you may not read it");
            return;
        }
        long free = Files.getFileStore(folder).getUsableSpace();
        String size = new Sizes(Psm.Unit.AUTO, false).of(free);
        findings.add(
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
        boolean isKnown = found.isRegularFile() || found.isDirectory();
        if (!isKnown || !UnitFile.isPlain(path.toString())) {
            // The recorder's user could choose what a command with this name does.
            findings.wrong().accept(new Problem(path + " is no file of a recording", "delete it"));
        } else if (!is.equals(expected)) {
            findings.wrong()
                    .accept(
                            new Problem(
                                    path + " is " + is + ", not " + expected,
                                    "run 'chown "
                                            + RecorderUser.NAME
                                            + ':'
                                            + group
                                            + ' '
                                            + path
                                            + "' and 'chmod "
                                            + (found.isDirectory() ? "0750 " : "0640 ")
                                            + path
                                            + "'"));
        } else if (Files.isDirectory(path)) {
            findings.ok().accept("only root and group " + group + " can read " + path);
        }
    }

    private void checkAge(RecorderUnit unit) throws IOException, Failure {
        Instant last = RecordService.lastSample();
        if (last == null) {
            findings.wrong().accept(new Problem(RecordService.FOLDER + " contains no samples", ""));
            return;
        }
        int interval = unit.intervalSeconds();
        findings.addAge(
                "the last sample is ",
                Duration.between(last, Instant.now()).toSeconds(),
                Math.max(MIN_LATE_SECONDS, (long) MAX_LATE * interval),
                RecorderUnit.FILE.name());
    }
}
