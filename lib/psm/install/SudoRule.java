package psm.install;

import psm.cli.Option;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.AtomicFile;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rule in {@code /etc/sudoers.d} that lets a group run the collector as root, without a
 * password, and nothing else; see sudoers(5).
 */
public final class SudoRule {
    /** The folder of the rules. sudo ignores files in it that have a dot in their name. */
    public static final Path FOLDER = Path.of("/etc/sudoers.d");

    static final String PERMISSIONS = "r--r-----";

    /** The option of sudo to ask for no password. */
    static final String WITHOUT_PASSWORD = "-n";

    private static final Path SUDOERS = Path.of("/etc/sudoers");

    private final GroupAccess access;

    SudoRule(GroupAccess access) {
        this.access = access;
    }

    Path file() {
        return file(access.prefix());
    }

    static Path file(Prefix prefix) {
        return FOLDER.resolve(prefix.systemName());
    }

    /** Returns the command with which a member starts the collector. */
    List<String> call() {
        String script = access.prefix().collectScript().toString();
        return List.of(Subprocess.find("sudo"), WITHOUT_PASSWORD, script);
    }

    /**
     * Returns the rule. Its settings apply to this command only: sudo keeps no variable of the
     * caller's environment, needs and makes no terminal, and logs the call but not the output.
     * There is no PAM session, for which a second process of root would keep running, so sudo
     * executes the collector in its place.
     */
    String text() {
        return """
        %sDefaults!%2$s env_reset, !setenv, !env_keep, !env_check
        Defaults!%2$s secure_path = "/usr/sbin:/usr/bin:/sbin:/bin", umask = 0077, umask_override
        Defaults!%2$s !requiretty, !use_pty, !log_input, !log_output, !pam_session, !pam_setcred
        %%%3$s ALL = (root) NOPASSWD: NOSETENV: %2$s ""
        """
                .formatted(
                        access.prefix().mark(Option.GROUP),
                        access.prefix().collectScript(),
                        access.group());
    }

    /** Checks that this host can take the rule, before anything is written. */
    void check() throws Failure {
        String asked = Option.GROUP + " " + access.group() + ": ";
        List<String> programs = new ArrayList<>(List.of("sudo", "visudo"));
        programs.addAll(CollectorScript.programs());
        for (String name : programs) {
            if (!Files.isExecutable(Path.of(Subprocess.find(name)))) {
                throw Failure.usage(asked + "there is no " + name + " here; install it", null);
            }
        }
        try {
            Problem problem = includeProblem();
            problem = problem == null ? access.prefix().problemOfOther(file()) : problem;
            problem = problem == null ? RootOwned.problem(FOLDER) : problem;
            if (problem != null) {
                throw Failure.usage(asked + problem.line(), null);
            }
            // The new rule replaces an old one of this prefix, with any errors that it contains.
            if (!Files.exists(file()) && !isGood(List.of())) {
                throw Failure.usage(
                        asked + "'visudo -c' finds errors in sudo's files; fix them first", null);
            }
        } catch (IOException e) {
            throw Failure.of(asked + InstallCommand.reason(e), e);
        }
    }

    /** Returns a problem if sudo does not read the rules in the folder, or {@code null}. */
    public static Problem includeProblem() throws IOException {
        for (String line : Files.readAllLines(SUDOERS)) {
            if (line.strip().matches("[@#]includedir\\s+\"?" + FOLDER + "/?\"?")) {
                return null;
            }
        }
        return new Problem(
                SUDOERS + " has no line '@includedir " + FOLDER + "', so sudo reads no rule there",
                "add that line with 'visudo'");
    }

    /**
     * Returns whether visudo(8) finds no errors, in all of sudo's files or in the file that the
     * options name.
     */
    static boolean isGood(List<String> options) throws IOException {
        List<String> words = new ArrayList<>(List.of(Subprocess.find("visudo"), "-c", "-q"));
        words.addAll(options);
        return Subprocess.run(words).exitCode() == 0;
    }

    /** Writes the rule, unless visudo(8) finds errors in it, or in all rules together. */
    void install() throws IOException, Failure {
        String before = Files.exists(file()) ? Files.readString(file()) : null;
        Path part = Files.createTempFile(FOLDER, "psm.", ".part"); // sudo ignores names with a dot
        try {
            Files.writeString(part, text());
            if (!isGood(List.of("-f", part.toString()))) {
                throw Failure.of("install: visudo refuses the rule for " + access.group(), null);
            }
        } finally {
            Files.deleteIfExists(part);
        }
        AtomicFile.replace(file(), text(), PERMISSIONS);
        if (!isGood(List.of())) {
            if (before == null) {
                Files.delete(file());
            } else {
                AtomicFile.replace(file(), before, PERMISSIONS);
            }
            throw Failure.of("install: 'visudo -c' finds errors with the new rule", null);
        }
    }

    /** Removes the rule of an installation; returns whether there was one. */
    static boolean remove(Prefix prefix) throws IOException {
        return prefix.hasWritten(file(prefix)) && Files.deleteIfExists(file(prefix));
    }
}
