package psm.service;

import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;

/** Checks the file for node_exporter for {@code psm doctor}. It changes nothing. */
public final class TextfileCheck {
    /** The age that is no problem; the alert of a file that is not fresh waits longer. */
    static final long MAX_AGE_SECONDS = 300;

    /** How much later a file may be that has come after the one that was read. */
    private static final long MAX_LATER_SECONDS = 200;

    /** How long node_exporter is searched and asked. A process may block who reads its files. */
    private static final int MAX_SECONDS = 20;

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
            areUnchanged &=
                    new UnitCheck(unit, findings, fix).isAsWritten(unit.text(), expected);
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
            findings.note()
                    .accept(units.folder() + " was not checked, since you may not read it");
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
        checkExporters(units, takenAt);
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

    /** Reports the first that reads the file; else, what is wrong with the first that runs. */
    private void checkExporters(TextfileUnits units, double takenAt) throws IOException {
        CompletableFuture<Problem> asked =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return problem(units, takenAt);
                            } catch (IOException e) {
                                return unasked(Failure.reason(e));
                            }
                        });
        Problem problem;
        try {
            problem = asked.get(MAX_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            problem = unasked("it does not answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (problem != null && problem.remedy() == null) {
            findings.note().accept(problem.what());
        } else {
            findings.add(problem, "node_exporter serves these figures");
        }
    }

    /** Returns what is not known to be wrong: it has no remedy. */
    private static Problem unasked(String why) {
        return new Problem("node_exporter was not asked for the file: " + why, null);
    }

    private static Problem problem(TextfileUnits units, double takenAt) throws IOException {
        List<NodeExporter> found = NodeExporter.find(units.folder());
        Problem first = null;
        for (NodeExporter exporter : found) {
            if (exporter.isOfPerson() && first != null && first.remedy() != null) {
                return first; // that of a service is what Prometheus scrapes
            }
            Problem problem = problem(exporter, units, takenAt);
            if (problem == null) {
                return null;
            }
            first = first == null ? problem : first;
        }
        return first == null ? unasked("none runs here, as far as this user can see") : first;
    }

    private static Problem problem(NodeExporter exporter, TextfileUnits units, double takenAt)
            throws IOException {
        InetSocketAddress address = exporter.local();
        if (address == null || !exporter.isInThisNetwork()) {
            return unasked(exporter + " does not listen on this host's network");
        }
        ExporterAnswer answer;
        try {
            answer = ExporterAnswer.ask(address, exporter.page());
        } catch (IOException e) {
            return unasked(exporter + ": " + Failure.reason(e));
        }
        String asked = exporter + " at port " + address.getPort();
        if (answer.status() != 200) {
            return unasked(asked + refusal(answer.status()));
        }
        double later = answer.takenAt() - takenAt;
        if (later >= -0.001 && later <= MAX_LATER_SECONDS) {
            return null;
        }
        String what =
                (Double.isNaN(later) ? " does not serve " : " serves another time than ")
                        + units.file();
        return new Problem(asked + what, remedy(exporter, units, answer));
    }

    private static String refusal(int status) {
        if (status == 401 || status == 403) {
            return " wants a password";
        }
        return " answers "
                + (status == 0 ? "without HTTP" : "with status " + status)
                + ": it may use TLS, or be without its textfile collector";
    }

    private static String remedy(
            NodeExporter exporter, TextfileUnits units, ExporterAnswer answer) {
        if (exporter.reads(units.folder())) {
            return answer.hasError()
                    ? "its log says which file in " + units.folder() + " is bad"
                    : "its user must be able to read it";
        }
        String start = "start it with --collector.textfile.directory=" + units.folder();
        if (exporter.folder().isEmpty()) {
            return "it reads no folder; " + start;
        }
        return "it reads "
                + exporter.folder()
                + "; run 'psm install "
                + Option.TEXTFILE
                + ' '
                + exporter.folder()
                + "', or "
                + start;
    }
}
