package psm.service;

import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The systemd(1) of this host, which systemctl(1) controls. */
final class Systemd {
    /** The folder that exists where systemd runs, see sd_booted(3). */
    private static final Path IS_RUNNING = Path.of("/run/systemd/system");

    private static final int MAX_DIGITS = 5;

    private Systemd() {}

    /** Returns whether systemd is what starts the services of this host. */
    static boolean isRunning() {
        return Files.isDirectory(IS_RUNNING, LinkOption.NOFOLLOW_LINKS)
                && Files.isExecutable(Path.of(systemctl()));
    }

    private static String systemctl() {
        return Subprocess.find("systemctl");
    }

    /** Returns the version, such as 252; 0 if it is not known. */
    static int version() throws IOException {
        String[] words = call("--version").output().split("\\D+", 3);
        return words.length < 2 || words[1].length() > MAX_DIGITS ? 0 : Integer.parseInt(words[1]);
    }

    /**
     * Runs systemctl.
     *
     * @throws IOException if it fails, with what it says
     */
    static void run(String... words) throws IOException {
        Subprocess done = call(words);
        if (done.exitCode() != 0) {
            String said = done.errors().strip().lines().findFirst().orElse("no message");
            throw new IOException("systemctl " + String.join(" ", words) + ": " + said);
        }
    }

    /** Runs systemctl, whatever its exit code is. */
    static Subprocess call(String... words) throws IOException {
        List<String> all = new ArrayList<>(List.of(systemctl(), "--quiet", "--no-pager"));
        all.addAll(List.of(words));
        return Subprocess.run(all);
    }

    /** Returns whether a unit is in a state: {@code active}, {@code enabled} or {@code failed}. */
    static boolean isIn(String state, String unit) throws IOException {
        return call("is-" + state, unit).exitCode() == 0;
    }

    /** Returns a property of a unit as {@code systemctl show} prints it. */
    static String property(String name, String unit) throws IOException {
        return call("show", "--value", "--property=" + name, unit).output().strip();
    }
}
