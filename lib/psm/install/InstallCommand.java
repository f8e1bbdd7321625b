package psm.install;

import psm.cli.Arguments;
import psm.cli.StandardOutput;
import psm.format.Exporters;
import psm.proc.InvokingUser;
import psm.text.Failure;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Runs {@code psm install}, {@code psm uninstall} and {@code psm doctor}. */
public final class InstallCommand {
    private final Arguments.Installation asked;
    private final Installer.Doors doors;
    private final StandardOutput output;

    public InstallCommand(
            Arguments.Installation asked, Installer.Doors doors, StandardOutput output) {
        this.asked = asked;
        this.doors = doors;
        this.output = output;
    }

    /** Does what was asked for, and prints what it did. */
    public void run() throws Failure {
        if (asked.help()) {
            output.print(Arguments.helpText(asked.command()));
            return;
        }
        boolean changesNothing = asked.command().equals(Arguments.DOCTOR) && asked.prefix() == null;
        if (!changesNothing && Exporters.isOneJar() && InvokingUser.hasFewerRights()) {
            throw Failure.usage(
                    asked.command()
                            + ": run by sudo, an installed psm does not change itself; whoever may"
                            + " have it done by 'sudo env -u SUDO_UID psm "
                            + asked.command()
                            + "'",
                    null);
        }
        Installer installer = installer();
        if (asked.command().equals(Arguments.DOCTOR)) {
            examine(new Doctor(installer.prefix()));
        } else if (asked.command().equals(Arguments.UNINSTALL)) {
            output.print(installer.uninstall());
        } else {
            output.print(asked.dryRun() ? installer.plan() : installer.install());
        }
    }

    private Installer installer() throws Failure {
        try {
            return new Installer(
                    doors,
                    asked.prefix() == null
                            ? Installer.defaultPrefix(asked.command())
                            : Path.of(asked.prefix()).toAbsolutePath().normalize(),
                    asked.java(),
                    asked.group(),
                    asked.socket());
        } catch (InvalidPathException e) {
            throw Failure.usage("--prefix " + asked.prefix() + ": is no path in this locale", e);
        }
    }

    private void examine(Doctor doctor) throws Failure {
        doctor.look();
        output.print(doctor.lines());
        if (doctor.wrong() > 0) {
            throw Failure.of(
                    "doctor: "
                            + doctor.wrong()
                            + (doctor.wrong() == 1 ? " thing is wrong" : " things are wrong"),
                    null);
        }
    }
}
