package psm.service;

import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.function.UnaryOperator;

/** Checks the file for node_exporter for {@code psm doctor}. It changes nothing. */
public final class TextfileCheck {
    /** The age that is no problem; the alert of a file that is not fresh waits longer. */
    static final long MAX_AGE_SECONDS = 300;

    private static final String EXPECTED = "rw-r--r-- root:root";

    private final Findings findings;
    private final String mark;
    private final UnaryOperator<String> remedy;

    /**
     * Makes a check.
     *
     * @param mark the first line of files of the installation
     * @param remedy returns what puts the service for a folder right
     */
    public TextfileCheck(Findings findings, String mark, UnaryOperator<String> remedy) {
        this.findings = findings;
        this.mark = mark;
        this.remedy = remedy;
    }

    /** Runs all checks, if the installation has such a file. */
    public void run() throws IOException, Failure {
        String text = TextfileUnits.SERVICE.textOf(mark);
        if (text == null) {
            return;
        }
        TextfileUnits units = TextfileUnits.parse(text);
        String fix = remedy.apply(units == null ? "DIR" : units.asked());
        boolean areUnchanged = true;
        for (UnitFile unit : TextfileUnits.ALL) {
            String expected = units == null ? null : units.texts().get(unit);
            areUnchanged &= new UnitCheck(unit, findings, fix).isAsWritten(unit.text(), expected);
        }
        if (!areUnchanged) {
            return;
        }
        if (!RecorderUser.exists()) {
            findings.wrong("there is no user " + RecorderUser.NAME, fix);
            return;
        }
        checkUnits(units, fix);
        if (!new OwnProcess().isRoot() && !Files.isReadable(units.folder())) {
            findings.note().accept(units.folder() + " was not checked, since you may not read it");
            return;
        }
        Problem problem = TextfileFolder.problem(units.folder());
        findings.add(problem, "only root can write into " + units.folder());
        if (problem == null) {
            checkFile(units);
        }
    }

    private void checkUnits(TextfileUnits units, String fix) throws IOException {
        UnitCheck timer = new UnitCheck(TextfileUnits.TIMER, findings, fix);
        if (!timer.isAnswered()) {
            return;
        }
        timer.checkState();
        String name = TextfileUnits.SERVICE.name();
        new UnitCheck(TextfileUnits.SERVICE, findings, fix)
                .checkRights(
                        units.capability(),
                        name
                                + " is user "
                                + RecorderUser.NAME
                                + " with "
                                + (units.isOfRecording()
                                        ? "nothing of root's rights"
                                        : units.capability()));
        findings.add(
                Systemd.isIn("failed", name)
                        ? new Problem(
                                "the last run of " + name + " failed",
                                "'journalctl -u " + name + "' says why")
                        : null,
                "the last run of " + name + " did not fail");
    }

    private void checkFile(TextfileUnits units) throws IOException, Failure {
        Path file = units.file();
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            findings.wrong(
                    "there is no " + file,
                    "run 'systemctl start "
                            + TextfileUnits.TIMER.name()
                            + " "
                            + TextfileUnits.SERVICE.name()
                            + "'");
            return;
        }
        String is =
                RootOwned.access(
                        Files.readAttributes(
                                file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        findings.add(
                is.equals(EXPECTED)
                        ? null
                        : new Problem(
                                file + " is " + is + ", not " + EXPECTED,
                                "run 'rm " + file + "'; the next minute writes it again"),
                file + " is " + EXPECTED);
        double takenAt;
        try (InputStream stream = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            takenAt = ExporterAnswer.takenAt(stream);
        }
        checkAge(units, takenAt);
        new ExporterCheck(units.folder(), units.file(), takenAt).run(findings);
    }

    private void checkAge(TextfileUnits units, double takenAt) {
        if (Double.isNaN(takenAt)) {
            findings.wrong(units.file() + " has no time of psm", "another program has written it");
            return;
        }
        long age = System.currentTimeMillis() / 1000 - (long) takenAt;
        String culprit =
                units.isOfRecording() ? RecorderUnit.FILE.name() : TextfileUnits.TIMER.name();
        findings.addAge("the figures in " + units.file() + " are ", age, MAX_AGE_SECONDS, culprit);
    }
}
