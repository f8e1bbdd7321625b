package psm.install;

import psm.cli.InstallArguments;
import psm.cli.Option;
import psm.format.Exporters;
import psm.proc.InvokingUser;
import psm.proc.OwnProcess;
import psm.terminal.StandardOutput;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Runs {@code psm install}, {@code psm uninstall} and {@code psm doctor}.
 *
 * @param asked the command with its options
 * @param main the class that the installed psm starts
 * @param training the class that does the runs from which Java makes its archives
 * @param remarks receives a line for each thing that the user should know meanwhile
 */
public record InstallCommand(
        InstallArguments asked,
        Class<?> main,
        Class<?> training,
        StandardOutput output,
        Consumer<String> remarks) {
    /** Runs the command, and prints what it did. */
    public void run() throws Failure {
        if (asked.text() != null) {
            output.print(asked.text());
            return;
        }
        boolean isDoctor = asked.command().equals(InstallArguments.DOCTOR);
        if (!isDoctor || asked.prefix() != null) {
            refuseForOthers();
        }
        PackagedPsm running = PackagedPsm.running();
        boolean isInstall = asked.command().equals(InstallArguments.INSTALL);
        if (isInstall && running != null) {
            PackageSetup.refuseOptions(running, asked);
        }
        Prefix prefix = prefix(isDoctor);
        PackagedPsm packaged =
                asked.prefix() == null
                        ? PackagedPsm.in(prefix.folder())
                        : packagedIn(prefix.folder());
        if (isDoctor) {
            examine(new Doctor(prefix, packaged));
        } else if (isInstall && running != null) {
            output.print(new PackageSetup(running, this).install());
        } else if (asked.command().equals(InstallArguments.UNINSTALL)) {
            output.print(
                    packaged == null
                            ? new Uninstaller(prefix, remarks).uninstall()
                            : new PackageSetup(packaged, this).uninstall());
        } else {
            Installer installer = new Installer(prefix, this);
            output.print(asked.dryRun() ? installer.plan() : installer.install());
        }
    }

    /** Refuses to change an installed psm for a user who may be allowed to run psm alone. */
    private void refuseForOthers() throws Failure {
        if (Exporters.isOneJar() && InvokingUser.hasFewerRights()) {
            throw Failure.usage(
                    asked.command()
                            + ": run with sudo, an installed psm changes nothing, since the"
                            + " user may be allowed psm alone; who may run all runs '"
                            + InvokingUser.asRootAlone()
                            + " "
                            + ownCommand()
                            + " "
                            + asked.line()
                            + "'",
                    null);
        }
    }

    private Prefix prefix(boolean isDoctor) throws Failure {
        if (asked.prefix() == null) {
            return Prefix.byDefault(isDoctor);
        }
        String path = asked.prefix();
        try {
            if (!path.contains("\uFFFD")) { // which Java puts in the place of what it cannot decode
                Path folder = Path.of(path).toAbsolutePath().normalize();
                PackagedPsm packaged = packagedIn(folder);
                return packaged == null ? unpackaged(folder) : packaged.prefix();
            }
        } catch (InvalidPathException e) {
            throw notValid(path, e); // the locale has no such characters
        }
        throw notValid(path, null);
    }

    /**
     * Returns the package in a folder that the user names; {@code null} for none. As root, it reads
     * nothing, and follows no link, where others can write.
     */
    private PackagedPsm packagedIn(Path folder) throws Failure {
        try {
            Path kind = PackagedPsm.kindFile(folder);
            // In /usr, no file names another place, and what is removed is checked again.
            boolean isOfHost = folder.equals(PackagedPsm.OF_HOST.folder());
            boolean isChecked = !isOfHost && new OwnProcess().isRoot();
            Problem problem = isChecked ? RootOwned.problemOfExisting(kind) : null;
            if (problem == null) {
                return PackagedPsm.in(folder);
            }
            if (Files.exists(kind, LinkOption.NOFOLLOW_LINKS)) {
                throw Failure.usage(
                        asked.command()
                                + ": root reads and removes nothing where others can write: "
                                + problem.what()
                                + "; run it as the owner of the files, or name another folder"
                                + " with "
                                + Option.PREFIX,
                        null);
            }
            return null;
        } catch (IOException e) {
            throw Failure.of(asked.command() + ": " + reason(e), e);
        }
    }

    /** Returns the prefix of a psm that came in no package, or of a package that is gone. */
    private Prefix unpackaged(Path folder) {
        Prefix prefix = new Prefix(folder);
        boolean isLeftOver =
                asked.command().equals(InstallArguments.UNINSTALL)
                        && folder.equals(PackagedPsm.OF_HOST.folder())
                        && !Files.exists(prefix.record());
        return isLeftOver ? PackagedPsm.OF_HOST : prefix;
    }

    private static Failure notValid(String path, Exception cause) {
        return Failure.usage(
                Option.PREFIX + " " + path + ": is not a valid path in this locale", cause);
    }

    /** Returns the command that starts the running psm, as the caller of sudo can type it. */
    private static String ownCommand() throws Failure {
        Prefix prefix = Prefix.byDefault(true);
        boolean isOnPath = prefix.folder().toString().matches("/usr(/local)?");
        if (Jars.own().startsWith(prefix.home())) {
            return isOnPath ? "psm" : LauncherScript.quoted(prefix.launcher().toString());
        }
        return "java -jar " + LauncherScript.quoted(Jars.own().toString());
    }

    private void examine(Doctor doctor) throws Failure {
        doctor.examine();
        output.print(doctor.lines());
        int problems = doctor.problems();
        if (problems > 0) {
            String found = problems == 1 ? " problem found" : " problems found";
            throw Failure.of("doctor: " + problems + found, null);
        }
    }

    static String notInstalled(Prefix prefix) {
        return "psm is not installed in "
                + prefix.folder()
                + "; name another folder with "
                + Option.PREFIX
                + " DIR";
    }

    /** Returns what receives the details that {@code --debug} shows. */
    Consumer<String> debug() {
        return asked.debug() ? remarks : detail -> {};
    }

    /** Returns the reason for an exception of the system, with the file. */
    static String reason(Exception e) {
        IOException cause = e instanceof UncheckedIOException u ? u.getCause() : (IOException) e;
        String reason = Failure.reason(cause);
        String file = cause instanceof FileSystemException failed ? failed.getFile() : null;
        return file == null || reason.contains(file) ? reason : file + ": " + reason;
    }
}
