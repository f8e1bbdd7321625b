package psm.install;

import psm.text.Failure;
import psm.text.Text;
import psm.text.Version;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A psm that came in a package, with a Java and archives of its own. Its files belong to the
 * package manager, or to the user who has unpacked them, and {@code psm install} changes none of
 * them.
 *
 * @param kind the kind of the package
 * @param home the folder with the jars, the archives and the Java; that of an archive without links
 */
record PackagedPsm(Kind kind, Path home) {
    /** The kinds of packages, as the file {@code package} names them. */
    enum Kind {
        DEB("install a newer .deb with 'apt install ./FILE'", "'apt reinstall psm'"),
        RPM("install a newer .rpm with 'rpm -U FILE'", "'rpm -U --force FILE'"),
        TAR("unpack a newer archive beside it", "'tar -xf FILE'");

        /** How to upgrade it. */
        final String upgrade;

        /** The command that puts all files right. */
        final String repair;

        Kind(String upgrade, String repair) {
            this.upgrade = upgrade;
            this.repair = repair;
        }
    }

    /** The folder of what {@code psm install} writes where psm came in a package for deb or rpm. */
    static final Path STATE = Path.of("/var/lib/psm");

    /** The only folder of a package for deb or rpm: a file elsewhere must not name its state. */
    private static final Path HOME_OF_HOST = Path.of("/usr/lib/psm");

    /** The prefix of a package for deb or rpm. */
    static final Prefix OF_HOST = new Prefix(Path.of("/usr"), STATE);

    /** The file in a package's folder that says of which kind it is. */
    private static final String KIND = "package";

    private static final int MAX_KIND_BYTES = 16;

    /** Returns the package that the running psm came in; {@code null} for none. */
    static PackagedPsm running() throws Failure {
        return at(Jars.own().getParent());
    }

    /** Returns the package in a prefix, such as {@code /usr}; {@code null} for none. */
    static PackagedPsm in(Path folder) {
        return at(new Prefix(folder).home());
    }

    /** Returns the file by which {@link #in} knows a package. */
    static Path kindFile(Path folder) {
        return new Prefix(folder).home().resolve(KIND);
    }

    private static PackagedPsm at(Path home) {
        try {
            Path file = home == null ? null : home.resolve(KIND);
            boolean isThere = file != null && Files.isRegularFile(file);
            if (!isThere || Files.size(file) > MAX_KIND_BYTES) {
                return null;
            }
            String word = Files.readString(file).strip();
            Path real = home.toRealPath();
            for (Kind kind : Kind.values()) {
                if (!kind.name().toLowerCase(Locale.ROOT).equals(word)) {
                    continue;
                }
                if (kind == Kind.TAR) {
                    return real.endsWith("lib/psm") ? new PackagedPsm(kind, real) : null;
                }
                // The folder may be a link, to a larger disk.
                boolean isOfHost = real.equals(HOME_OF_HOST.toRealPath());
                return isOfHost ? new PackagedPsm(kind, HOME_OF_HOST) : null;
            }
            return null;
        } catch (IOException e) {
            return null; // a file that cannot be read says nothing
        }
    }

    /** Returns the prefix, with a folder for what {@code psm install} writes. */
    Prefix prefix() {
        return kind == Kind.TAR ? new Prefix(home.getParent().getParent()) : OF_HOST;
    }

    JavaHome java() {
        return JavaHome.ofPackage(home.resolve("runtime"));
    }

    /** Says what the package is, as the start of a line. */
    String description() {
        return "psm "
                + Version.CURRENT
                + (kind == Kind.TAR
                        ? " was unpacked to " + prefix().folder()
                        : " came in a package (" + kind.name().toLowerCase(Locale.ROOT) + ")");
    }

    /**
     * Says how the program is removed. A folder is only named as a whole if it is the archive's
     * own: another may contain files of the user.
     */
    String removal() {
        if (kind == Kind.DEB) {
            return "'apt remove psm' removes psm itself";
        }
        if (kind == Kind.RPM) {
            return "'rpm -e psm' removes psm itself";
        }
        Prefix prefix = prefix();
        Path name = prefix.folder().getFileName();
        return name != null && name.toString().equals("psm-" + Version.CURRENT)
                ? "'rm -r " + quoted(prefix.folder()) + "' removes psm itself"
                : "psm itself is "
                        + quoted(prefix.launcher())
                        + ", the folder "
                        + quoted(home)
                        + ", and its pages in "
                        + quoted(prefix.folder().resolve("share"));
    }

    private static String quoted(Path path) {
        return Text.printable(LauncherScript.quoted(path.toString()));
    }
}
