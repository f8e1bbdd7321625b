package psm.install;

import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The folder below which psm is installed, such as {@code /usr/local}, with the paths of the files
 * in an installation.
 *
 * @param state the folder of what {@code psm install} writes beside the program: for a package, it
 *     is none of the folders that the package manager owns
 */
record Prefix(Path folder, Path state) {
    /** The only file outside of the prefix that an installation without a group writes. */
    static final Path FISH_OF_HOST = Path.of("/etc/fish/completions/psm.fish");

    private static final Path HOME = Path.of("lib/psm");

    /** Makes the prefix of an installation, which keeps all in one folder. */
    Prefix(Path folder) {
        this(folder, folder.resolve(HOME));
    }

    /**
     * Returns the prefix for a command without {@code --prefix}: that of the package which the
     * running psm came in, else {@code /usr/local} for root, {@code ~/.local} for other users.
     *
     * @param isForRunning whether to prefer the prefix of the running psm, if it is installed
     */
    static Prefix byDefault(boolean isForRunning) throws Failure {
        PackagedPsm packaged = PackagedPsm.running();
        if (packaged != null) {
            return packaged.prefix();
        }
        Path folder = Jars.own().getParent();
        Path home = folder == null ? null : folder.getParent();
        if (isForRunning && home != null && home.endsWith(HOME)) {
            Prefix running = new Prefix(home.getParent().getParent());
            if (Files.exists(running.record())) {
                return running;
            }
        }
        return new Prefix(
                new OwnProcess().isRoot()
                        ? Path.of("/usr/local")
                        : JavaHome.ofUser().resolve(".local"));
    }

    /** Returns the folder that contains a folder for the jars and archives of each version. */
    Path home() {
        return folder.resolve(HOME);
    }

    /** Returns whether a folder contains the jars and archives of one installation. */
    boolean isOfOneInstallation(Path path) {
        return home().equals(path.getParent())
                && path.getFileName().toString().matches("[0-9.]+-[0-9a-f]+");
    }

    Path launcher() {
        return folder.resolve("bin/psm");
    }

    /**
     * Returns the file with completions for fish, in a folder that fish looks into: those of
     * /usr/local are not among them, unless XDG_DATA_DIRS is set, which it is not over ssh.
     */
    Path fish() {
        boolean isElsewhere =
                folder.equals(Path.of("/usr/local")) && Files.isDirectory(Path.of("/etc/fish"));
        return isElsewhere
                ? FISH_OF_HOST
                : folder.resolve("share/fish/vendor_completions.d/psm.fish");
    }

    /** Returns the file with the list of what was installed, see {@link InstallRecord}. */
    Path record() {
        return state.resolve("installed");
    }

    /** Returns the file that is locked while an installation changes, see {@link InstallLock}. */
    Path lock() {
        return state.resolve("lock");
    }

    /**
     * Returns the file that says how a group gets its snapshots. Only root can read it, so if the
     * launcher can read it, it runs as root and needs no collector.
     */
    Path access() {
        return state.resolve("access");
    }

    /**
     * Returns the file that only the group can read. If the launcher can read it, the user is a
     * member of the group; the launcher need not start a program to find out.
     */
    Path members() {
        return state.resolve("members");
    }

    /**
     * Returns the file that names the group to the launcher of a package, since that launcher is
     * the same on all machines.
     */
    Path group() {
        return state.resolve("group");
    }

    /** Returns the script that sudo starts. */
    Path collectScript() {
        return state.resolve("collect");
    }

    /**
     * Returns the name of the sudo rule: {@code psm}, or another name for each prefix but {@code
     * /usr/local}, so that two installations do not share files.
     */
    String systemName() {
        String path = folder.toString();
        return path.equals("/usr/local") ? "psm" : "psm" + path.replaceAll("[^A-Za-z0-9]", "_");
    }

    /**
     * Returns the first line of each file outside the prefix, which says that this installation
     * wrote it.
     *
     * @param option the option for which it wrote the file
     */
    String mark(Option option) {
        return owner(option) + " 'psm uninstall' removes it.\n";
    }

    private String owner(Option option) {
        return "# Made by 'psm install " + option + "' in " + folder + ";";
    }

    /** Returns whether the installation in this prefix wrote a file for a group. */
    boolean hasWritten(Path file) throws IOException {
        try {
            return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    && Files.readString(file).startsWith(owner(Option.GROUP));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Returns a problem if the file exists and this installation did not write it, or {@code null}.
     */
    Problem problemOfOther(Path file) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !hasWritten(file)
                ? new Problem(
                        file + " does not belong to this installation", "move it somewhere else")
                : null;
    }
}
