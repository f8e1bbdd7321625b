package psm.install;

import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.proc.OwnProcess;
import psm.service.RecordService;
import psm.service.TextfileService;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Sets up the services and the group of a {@link PackagedPsm}, and removes them. The package's own
 * files are not touched. A service runs them by paths that a newer package has too, so it goes on
 * with that.
 */
final class PackageSetup {
    private final PackagedPsm packaged;
    private final Prefix prefix;
    private final InstallCommand command;
    private final InstallArguments asked;

    PackageSetup(PackagedPsm packaged, InstallCommand command) {
        this.packaged = packaged;
        this.prefix = packaged.prefix();
        this.command = command;
        this.asked = command.asked();
    }

    /** Refuses options that only make sense for a psm that copies itself. */
    static void refuseOptions(PackagedPsm running, InstallArguments asked) throws Failure {
        if (asked.prefix() != null) {
            throw Failure.usage(
                    Option.PREFIX
                            + " "
                            + asked.prefix()
                            + ": this psm came in a package, and does not copy itself; unpack the"
                            + " archive psm-VERSION-linux-ARCH.tar.xz there, which works anywhere",
                    null);
        }
        if (asked.java() != null) {
            throw Failure.usage(
                    Option.JAVA
                            + " "
                            + asked.java()
                            + ": this psm came in a package, and runs on the Java in "
                            + running.java().folder()
                            + "; install psm from a checkout to choose another",
                    null);
        }
    }

    /**
     * Sets up what the command line requests.
     *
     * @return the lines to print
     */
    String install() throws Failure {
        InstallArguments.Services services = asked.services();
        boolean isNothing =
                asked.group() == null
                        && services.recording() == null
                        && services.textfile() == null;
        if (isNothing) {
            return packaged.description()
                    + ", and is ready; to upgrade it, "
                    + packaged.kind().upgrade
                    + "; 'psm install' adds services to it, with "
                    + Option.RECORD
                    + ", "
                    + Option.TEXTFILE
                    + " DIR or "
                    + Option.GROUP
                    + " NAME\n";
        }
        try {
            requireOfRoot();
            Installer installer = new Installer(prefix, command);
            JavaHome java = packaged.java();
            Installer.Services asServices = installer.services(java, packaged.home());
            if (asked.dryRun()) {
                return Installer.plan(java, asServices.files());
            }
            try (InstallLock lock = InstallLock.take(prefix, command.remarks())) {
                try {
                    install(installer, asServices, java);
                } finally {
                    tidy(lock);
                }
            }
            return asServices.summary();
        } catch (IOException | UncheckedIOException e) {
            String reason = InstallCommand.reason(e);
            throw Failure.of("install: " + reason + "; nothing was changed", e);
        }
    }

    /** Deletes the lock, and the folder that was made for it, where nothing else is in it. */
    private void tidy(InstallLock lock) throws IOException {
        if (!Files.exists(prefix.access())) {
            lock.undo();
        }
    }

    private void install(Installer installer, Installer.Services services, JavaHome java)
            throws IOException, Failure {
        boolean wasOpen = Files.exists(prefix.access());
        try {
            if (services.access() != null) {
                services.access().open();
            }
            Path jar = packaged.home().resolve(Jars.OWN);
            List<String> words = java.command(List.of(), List.of(jar.toString()));
            installer.start(services, java, packaged.home(), words);
        } catch (IOException | UncheckedIOException | Failure e) {
            services.undo(prefix, wasOpen);
            throw e;
        }
    }

    /**
     * Refuses to set up services of a psm that other users can change: for example of an archive
     * that an ordinary user has unpacked.
     */
    private void requireOfRoot() throws IOException, Failure {
        if (!new OwnProcess().isRoot()) {
            return;
        }
        Problem problem = RootOwned.problemBelow(packaged.home());
        problem = problem == null ? RootOwned.problem(prefix.launcher()) : problem;
        problem = problem == null ? RootOwned.problem(prefix.state()) : problem;
        if (problem != null) {
            throw Failure.usage(
                    "install: root sets up no services of a psm that others can change: "
                            + problem.what()
                            + "; "
                            + (packaged.kind() == PackagedPsm.Kind.TAR
                                    ? "unpack its archive as root, such as in /opt"
                                    : "run " + packaged.kind().repair),
                    null);
        }
    }

    /** Returns whether there is anything that {@link #uninstall} would remove. */
    private boolean isSetUp() throws IOException {
        return RecordService.isThere(prefix.mark(Option.RECORD))
                || TextfileService.isThere(prefix.mark(Option.TEXTFILE))
                || Files.exists(prefix.access())
                || (new OwnProcess().isRoot() && prefix.hasWritten(SudoRule.file(prefix)));
    }

    /**
     * Removes what {@link #install} has set up.
     *
     * @return the lines to print, also on how the program is removed
     */
    String uninstall() throws Failure {
        List<String> removed = new ArrayList<>();
        boolean isRecorded = false;
        try {
            if (isSetUp()) {
                requireRoot();
                requireHomeOfRoot();
                try (InstallLock lock = InstallLock.take(prefix, command.remarks())) {
                    isRecorded = removeAll(removed);
                    lock.undo();
                }
                removeState();
            }
        } catch (IOException e) {
            throw Failure.of("uninstall: " + InstallCommand.reason(e), e);
        }
        return (removed.isEmpty()
                        ? "no services of this psm are set up; "
                        : "removed " + String.join(", ", removed) + "; ")
                + packaged.removal()
                + '\n'
                + (isRecorded ? RecordService.left() : "");
    }

    /**
     * Removes all that is there.
     *
     * @param removed receives what was
     * @return whether that is the recorder too
     */
    private boolean removeAll(List<String> removed) throws IOException, Failure {
        boolean isRecorded = false;
        boolean isOpen = false;
        for (Prefix each : places()) {
            if (TextfileService.isThere(each.mark(Option.TEXTFILE))) {
                TextfileService.remove(each.mark(Option.TEXTFILE));
                removed.add("the file for node_exporter");
            }
            if (RecordService.remove(each.mark(Option.RECORD))) {
                removed.add("the recorder");
                isRecorded = true;
            }
            isOpen |= SudoRule.remove(each);
        }
        if (GroupAccess.close(prefix) || isOpen) {
            removed.add("the group's access");
        }
        return isRecorded;
    }

    /** Returns where psm is, and where an archive was when it was set up, if it was moved since. */
    private List<Prefix> places() throws IOException {
        Path home = GroupAccess.home(prefix);
        boolean isMoved =
                home != null
                        && packaged.kind() == PackagedPsm.Kind.TAR
                        && home.getNameCount() > 2
                        && !Files.exists(home);
        return isMoved
                ? List.of(prefix, new Prefix(home.getParent().getParent()))
                : List.of(prefix);
    }

    private static void requireRoot() throws Failure {
        if (!new OwnProcess().isRoot()) {
            throw Failure.usage(
                    "uninstall: only root can remove the services of psm; use sudo", null);
        }
    }

    /** Refuses to remove as root what a folder of another user names. */
    private void requireHomeOfRoot() throws IOException, Failure {
        Problem problem = RootOwned.problemOfExisting(packaged.home());
        if (problem != null) {
            throw Failure.usage(
                    "uninstall: root removes nothing for a psm that others can change: "
                            + problem.what(),
                    null);
        }
    }

    /** Deletes the folder of what was written beside the program, if it is empty now. */
    private void removeState() {
        if (!prefix.state().equals(packaged.home())) {
            prefix.state().toFile().delete(); // fails unless it is empty
        }
    }
}
