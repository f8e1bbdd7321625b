package psm.trust;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A capability with which an ordinary user can read the memory sums of all processes, see
 * capabilities(7). The collector keeps one of them, and nothing else of root's.
 *
 * <p>The first that works is the best: whether it does depends on the kernel, on {@code hidepid},
 * on setpriv(1) and on what a container allows, so it is tried, not looked up.
 */
public enum Capability {
    /** Opens smaps and smaps_rollup (since Linux 6.15), and neither exe nor anything to write. */
    PERFMON,
    /** Opens exe too, and lets its owner change what other processes do. */
    SYS_PTRACE;

    /**
     * The user and the group that the kernel itself uses for "nobody". Others may use them too, but
     * without the capability they can read nothing of the collector's, and change nothing in it.
     */
    private static final String NOBODY = "65534";

    /** Returns the start of a command line that drops all rights but this one. */
    public List<String> words() {
        String only = "-all,+" + name().toLowerCase(Locale.ROOT);
        return List.of(
                Subprocess.find("setpriv"),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "--no-new-privs",
                "--inh-caps=" + only,
                "--ambient-caps=" + only,
                "--bounding-set=" + only);
    }

    /** Returns whether a program with it can read the memory of this process, which is root's. */
    public boolean works() throws IOException {
        if (!Files.isExecutable(Path.of(words().get(0)))) {
            return false;
        }
        String rollup = "/proc/" + ProcessHandle.current().pid() + "/smaps_rollup";
        List<String> words = new ArrayList<>(words());
        words.addAll(List.of(Subprocess.find("cat"), rollup));
        Subprocess reader = Subprocess.run(words);
        return reader.exitCode() == 0 && reader.output().contains("Rss:");
    }

    /** Returns the name as in capabilities(7). */
    @Override
    public String toString() {
        return "CAP_" + name();
    }

    /** Returns the capability with a name as in capabilities(7), or {@code null}. */
    public static Capability named(String name) {
        for (Capability each : values()) {
            if (each.toString().equals(name)) {
                return each;
            }
        }
        return null;
    }

    /** Returns the first that works here, or {@code null}; only root can try. */
    public static Capability first() throws IOException {
        for (Capability each : values()) {
            if (each.works()) {
                return each;
            }
        }
        return null;
    }
}
