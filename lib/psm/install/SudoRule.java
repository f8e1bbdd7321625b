package psm.install;

import psm.text.Failure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The rule in {@code /etc/sudoers.d} that lets a group run the collector as root, see sudoers(5):
 * without a password, exactly it, and without an argument.
 */
public final class SudoRule {
    /** sudo reads all files in there but those with a dot in their name. */
    public static final Path FOLDER = Path.of("/etc/sudoers.d");

    static final String PERMISSIONS = "r--r-----";

    private static final Path SUDOERS = Path.of("/etc/sudoers");

    private final GroupAccess access;

    SudoRule(GroupAccess access) {
        this.access = access;
    }

    Path file() {
        return file(access.prefix());
    }

    static Path file(Path prefix) {
        return FOLDER.resolve(GroupAccess.nameFor(prefix));
    }

    /** What a member runs. */
    List<String> call() {
        return List.of(program("sudo"), "-n", access.collectFile().toString());
    }

    /**
     * Where a program of the system is, as an absolute path; in {@code /usr/bin}, where it should
     * be, if it is nowhere.
     */
    static String program(String name) {
        for (String folder : List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/")) {
            if (Files.isExecutable(Path.of(folder + name))) {
                return folder + name;
            }
        }
        return "/usr/bin/" + name;
    }

    /** Whether it is there, for one of the system's folders alone. */
    private static boolean exists(String name) {
        return Files.isExecutable(Path.of(program(name)));
    }

    /**
     * The rule. What it sets is for this command alone. Nothing of the caller's environment is
     * kept; a terminal is not needed, nor one made; and what it writes goes into no log of input
     * and output, though the call itself is logged as any other. Without a session of PAM's, which
     * would stay as another process of root's, sudo becomes the collector.
     */
    String text() {
        return """
        %sDefaults!%2$s env_reset, !setenv, !env_keep, !env_check
        Defaults!%2$s secure_path = "/usr/sbin:/usr/bin:/sbin:/bin", umask = 0077, umask_override
        Defaults!%2$s !requiretty, !use_pty, !log_input, !log_output, !pam_session, !pam_setcred
        %%%3$s ALL = (root) NOPASSWD: NOSETENV: %2$s ""
        """
                .formatted(GroupAccess.mark(access.prefix()), access.collectFile(), access.group());
    }

    /** Refuses what cannot be. */
    void check() throws Failure {
        String asked = "--group " + access.group() + ": ";
        for (String name : List.of("sudo", "visudo", "flock", "env")) {
            if (!exists(name)) {
                throw Failure.usage(
                        asked
                                + "there is no "
                                + name
                                + " here; where systemd runs, --socket needs none",
                        null);
            }
        }
        try {
            String problem = includeProblem();
            problem = problem == null ? othersProblem(file(), access.prefix()) : problem;
            problem = problem == null ? RootOwned.problem(FOLDER) : problem;
            if (problem != null) {
                throw Failure.usage(asked + problem, null);
            }
            // Faults of its own old rule are mended by the new one.
            if (!Files.exists(file()) && !isGood(List.of())) {
                throw Failure.usage(
                        asked + "'visudo -c' finds faults in what is there; mend that first", null);
            }
        } catch (IOException e) {
            throw Failure.of(asked + e, e);
        }
    }

    /** What makes a rule in the folder be of no effect, or {@code null}. */
    public static String includeProblem() throws IOException {
        for (String line : Files.readAllLines(SUDOERS)) {
            if (line.strip().matches("[@#]includedir\\s+\"?" + FOLDER + "/?\"?")) {
                return null;
            }
        }
        return SUDOERS + " has no line '@includedir " + FOLDER + "', so no rule there counts";
    }

    /** A file of that name that is not of the installation in that prefix. */
    static String othersProblem(Path file, Path prefix) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isOurs(file, prefix)
                ? file + " is not of this installation; move it away"
                : null;
    }

    static boolean isOurs(Path file, Path prefix) throws IOException {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.readString(file).startsWith(GroupAccess.mark(prefix));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /** Whether visudo(8) finds nothing wrong with a file, or with all that is in force. */
    static boolean isGood(List<String> options) throws IOException {
        List<String> words = new ArrayList<>(List.of(program("visudo"), "-c", "-q"));
        words.addAll(options);
        return Installer.run(words).exitCode() == 0;
    }

    /** Puts the rule in place: checked alone, and then with all others, or not at all. */
    void install() throws IOException, Failure {
        String before = Files.exists(file()) ? Files.readString(file()) : null;
        Path part = Files.createTempFile(FOLDER, "psm.", ".part"); // with a dot: sudo ignores it
        try {
            Files.writeString(part, text());
            if (!isGood(List.of("-f", part.toString()))) {
                throw Failure.of("install: visudo refuses the rule for " + access.group(), null);
            }
        } finally {
            Files.deleteIfExists(part);
        }
        Installer.replace(file(), text(), PERMISSIONS);
        if (!isGood(List.of())) {
            if (before == null) {
                Files.delete(file());
            } else {
                Installer.replace(file(), before, PERMISSIONS);
            }
            throw Failure.of("install: with the new rule, 'visudo -c' finds faults", null);
        }
    }

    boolean remove() throws IOException {
        return remove(access.prefix());
    }

    /** Takes away the rule of an installation; returns whether there was one. */
    static boolean remove(Path prefix) throws IOException {
        return isOurs(file(prefix), prefix) && Files.deleteIfExists(file(prefix));
    }
}
