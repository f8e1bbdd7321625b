package psm.service;

import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.Capability;
import psm.trust.RootOwned;
import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A unit of systemd(1) that {@code psm install} writes.
 *
 * @param name the name of the unit
 * @param option the option with which it is requested
 */
public record UnitFile(String name, Option option) {
    private static final Path FOLDER = Path.of("/etc/systemd/system");

    /** The pattern of words without characters that are special in a unit. */
    private static final String PLAIN_WORD = "[A-Za-z0-9_/.:=,+-]+";

    /** The folders that the services of psm cannot see. */
    private static final List<Path> HIDDEN =
            Stream.of("/root", "/home", "/run/user", "/tmp", "/var/tmp").map(Path::of).toList();

    /** The start of each line that psm writes to standard error. */
    private static final String OUTPUT = "psm: ";

    /** Returns whether a word, such as a path, means itself in a unit. */
    static boolean isPlain(String word) {
        return word.matches(PLAIN_WORD);
    }

    /** Returns the value of a setting in the text of a unit; {@code null} if there is none. */
    static String value(String text, String key) {
        for (String line : text.split("\n", -1)) {
            if (line.startsWith(key)) {
                return line.substring(key.length());
            }
        }
        return null;
    }

    /** Returns the file of the unit. */
    public Path path() {
        return FOLDER.resolve(name);
    }

    /** Returns the link with which systemctl(1) lets the unit start together with a target. */
    Path wantedBy(String target) {
        return FOLDER.resolve(target + ".wants").resolve(name);
    }

    /** Returns the text of the unit that is installed, or {@code null}. */
    String text() throws IOException {
        return Files.isRegularFile(path(), LinkOption.NOFOLLOW_LINKS)
                ? Files.readString(path())
                : null;
    }

    /** Returns the text if an installation has written the unit, or {@code null}. */
    String textOf(String mark) throws IOException {
        String text = text();
        return text != null && text.startsWith(mark) ? text : null;
    }

    /** Returns the text of the unit of an installation, or {@code null}; refuses another's. */
    String ownText(String mark) throws IOException, Failure {
        String text = text();
        if (text != null && !text.startsWith(mark)) {
            throw refused(
                    path()
                            + " does not belong to this installation; "
                            + removal(text.lines().findFirst().orElse("")));
        }
        Problem problem = RootOwned.problem(path());
        if (problem != null) {
            throw refused(problem.line());
        }
        return text;
    }

    /** Returns how to remove the unit of another installation, by its first line. */
    private static String removal(String mark) {
        int start = mark.indexOf(" in ");
        int end = mark.lastIndexOf(';');
        return start < 0 || end < start
                ? "move it away"
                : "run 'psm uninstall "
                        + Option.PREFIX
                        + mark.substring(start + 3, end)
                        + "', or install there";
    }

    Failure refused(String why) {
        return Failure.usage(option + ": " + why, null);
    }

    /**
     * Refuses a user who can install no service.
     *
     * @param otherwise what a user can do without root's rights
     */
    void requireRoot(String otherwise) throws Failure {
        if (!new OwnProcess().isRoot()) {
            throw refused("only root can install a service; use sudo, or " + otherwise);
        }
    }

    /**
     * Refuses a host without systemd, or with one that is too old.
     *
     * @param oldest the oldest version that can run the service
     * @param task what cron can do instead
     * @param command the command with which it does so each minute
     */
    void requireSystemd(int oldest, String task, String command) throws IOException, Failure {
        int version = Systemd.isRunning() ? Systemd.version() : 0;
        if (version < oldest) {
            throw refused(
                    (version == 0
                                    ? "systemd does not run here"
                                    : "systemd "
                                            + version
                                            + " is too old: this needs "
                                            + oldest
                                            + " or later")
                            + "; install psm without it, and let cron "
                            + task
                            + ", by this line in /etc/cron.d/psm: * * * * * root "
                            + command);
        }
    }

    /**
     * Refuses folders of psm or its Java that the service cannot read, and those in whose place
     * other users can put their own once they are gone.
     */
    void requireVisible(List<Path> places) throws IOException, Failure {
        for (Path place : places) {
            Problem problem = RootOwned.problemOfLasting(place);
            if (problem != null) {
                throw refused(problem.line());
            }
            if (!isPlain(place.toString())) {
                throw refused(place + " contains characters that are special in a unit");
            }
            for (Path hidden : HIDDEN) {
                if (place.startsWith(hidden)) {
                    throw refused(
                            "the service cannot see "
                                    + place
                                    + ", since "
                                    + hidden
                                    + " is hidden from it; choose another "
                                    + Option.PREFIX
                                    + " or "
                                    + Option.JAVA
                                    + ", or unpack psm elsewhere, such as in /opt");
                }
            }
        }
    }

    /** Returns the capability for the service; refuses a host where none works. */
    Capability requireCapability() throws IOException, Failure {
        Capability capability = Capability.first();
        if (capability == null) {
            throw refused(
                    "neither CAP_PERFMON nor CAP_SYS_PTRACE shows another user the memory of all"
                            + " processes here; it takes setpriv of util-linux 2.33 or later, and a"
                            + " container needs --cap-add SYS_PTRACE");
        }
        return capability;
    }

    /** Returns why the service has ended: what it wrote last, or what systemd says. */
    String reason() throws IOException {
        Subprocess journal =
                Subprocess.run(
                        List.of(
                                Subprocess.find("journalctl"),
                                "--no-pager",
                                "--quiet",
                                "--output=cat",
                                "--lines=5",
                                "--unit=" + name));
        String said = null;
        for (String line : journal.output().split("\n", -1)) {
            said = line.startsWith(OUTPUT) ? line.substring(OUTPUT.length()) : said;
        }
        return said == null ? Systemd.property("Result", name) : said;
    }
}
