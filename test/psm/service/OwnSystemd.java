package psm.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import psm.proc.OwnProcess;
import psm.support.Command;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A systemd for the tests, in namespaces of its own, see {@code test/programs/systemd}. It ends
 * with this process, and everything that was installed in it, such as users, disappears.
 */
final class OwnSystemd implements AutoCloseable {
    /** The prefix of the installation that is tested. */
    static final String PREFIX = "/opt/psm-test";

    private final Path folder;
    private final Process process;
    private final String pid;

    /** Starts systemd; skips the tests where it cannot run. */
    OwnSystemd() throws IOException {
        assumeTrue(new OwnProcess().isRoot(), "only root can run a systemd");
        for (String command :
                List.of("systemctl", "unshare", "setpriv", "nsenter", "pgrep", "bash")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        folder = Files.createTempDirectory("psm-systemd");
        process =
                new ProcessBuilder("test/programs/systemd", folder.toString())
                        .directory(Command.root().toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        String first = reader.readLine();
        boolean isUp = first != null && first.matches("[0-9]+");
        if (!isUp) {
            close();
        }
        assumeTrue(isUp, "no systemd can run here");
        pid = first;
    }

    /**
     * Starts systemd for an installation of psm; skips the tests where services of psm could not
     * run, or could not be checked.
     */
    static OwnSystemd forInstallation() throws IOException {
        Path java = Path.of(System.getProperty("java.home"));
        for (Path path : List.of(java, Path.of(PREFIX).getParent())) {
            Problem problem = RootOwned.problem(path);
            assumeTrue(problem == null, "" + problem);
        }
        for (String home : List.of("/root", "/home", "/tmp")) {
            assumeFalse(java.startsWith(home), "the unit has no access to " + java);
        }
        for (String command : List.of("groupadd", "useradd", "userdel", "setpriv", "python3")) {
            assumeTrue(Command.exists(command), "there is no " + command + " here");
        }
        OwnSystemd systemd = new OwnSystemd();
        List<Path> needed = new ArrayList<>(List.of(java));
        for (String path : System.getProperty("java.class.path").split(":", -1)) {
            needed.add(Path.of(path));
        }
        for (Path path : needed) {
            boolean isThere = systemd.has(path);
            if (!isThere) {
                systemd.close();
            }
            assumeTrue(isThere, path + " is on a file system of its own");
        }
        return systemd;
    }

    /** Returns the words of a command that installs psm below {@link #PREFIX}. */
    static String[] installer(String... options) {
        List<String> words = Command.psmAlone("install", "--prefix", PREFIX).words();
        words.addAll(List.of("--java", System.getProperty("java.home")));
        words.addAll(List.of(options));
        return words.toArray(new String[0]);
    }

    /** Runs a command inside, which must succeed. */
    Command.Result run(String... words) {
        Command.Result result = command(words).run();
        assertEquals(0, result.exitCode(), result.out() + result.err());
        return result;
    }

    /** Returns whether a command succeeds inside. */
    boolean can(String... words) {
        return command(words).run().exitCode() == 0;
    }

    void write(String path, String content) {
        run("sh", "-c", "printf %s \"$1\" >\"$2\"", "sh", content, path);
    }

    /** Returns whether a unit is in a state, such as active. */
    boolean is(String state, String unit) {
        return can("systemctl", "-q", "is-" + state, unit);
    }

    /** Returns whether a file is readable inside: a file of another mount is not. */
    boolean has(Path file) {
        return command("test", "-r", file.toString()).run().exitCode() == 0;
    }

    /** Returns its root folder, as this process sees it. */
    Path root() {
        return Path.of("/proc", pid, "root");
    }

    /** Returns a command that runs as root in its namespaces. */
    Command command(String... words) {
        List<String> all = new ArrayList<>();
        all.addAll(List.of("nsenter", "--target", pid, "--mount", "--pid", "--ipc", "--uts"));
        all.addAll(List.of("--cgroup", "--"));
        all.addAll(List.of(words));
        return Command.of(all.toArray(new String[0]));
    }

    /** Returns a command that runs in its namespaces, as a user of these. */
    Command as(String user, String... words) {
        List<String> all = new ArrayList<>();
        all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=65534", "--init-groups", "--"));
        all.addAll(List.of("env", "-C", "/", "HOME=/"));
        all.addAll(List.of(words));
        return command(all.toArray(new String[0]));
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close(); // ends systemd
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Files.delete(folder);
    }
}
