package psm.service;

import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.util.List;
import java.util.stream.Stream;

/**
 * The user and the group that the services of psm run as: they have no login and no files of their
 * own.
 */
final class RecorderUser {
    /** The name of both. */
    static final String NAME = "psm-record";

    /** What /etc/passwd says about a user that psm has made. */
    private static final String COMMENT = "records memory for psm";

    private static final int COMMENT_FIELD = 4;
    private static final Path PASSWD = Path.of("/etc/passwd");

    private RecorderUser() {}

    private static UserPrincipalLookupService lookup() {
        return FileSystems.getDefault().getUserPrincipalLookupService();
    }

    static boolean exists() {
        try {
            lookup().lookupPrincipalByName(NAME);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns whether psm has made the user; an administrator may have made another before. */
    private static boolean isOfPsm() throws IOException {
        for (String line : Files.readAllLines(PASSWD)) {
            if (line.startsWith(NAME + ":")) {
                String[] fields = line.split(":", -1);
                return fields.length > COMMENT_FIELD && fields[COMMENT_FIELD].equals(COMMENT);
            }
        }
        return false;
    }

    /** Makes the user, and a group with the same name. */
    static void make() throws IOException {
        Subprocess useradd =
                Subprocess.run(
                        List.of(
                                Subprocess.find("useradd"),
                                "--system",
                                UserGroup.find(NAME) == null ? "--user-group" : "--gid=" + NAME,
                                "--no-create-home",
                                "--home-dir=/",
                                "--shell=" + Subprocess.find("nologin"),
                                "--comment=" + COMMENT,
                                NAME));
        if (useradd.exitCode() != 0) {
            throw new IOException("useradd " + NAME + ": " + useradd.errors().strip());
        }
    }

    /**
     * Deletes the user and the group, unless an administrator has made them or a unit is left that
     * needs them. Files that they own become root's first: another user might get the same number
     * later.
     *
     * @param files the folder of their files
     */
    static void remove(Path files) throws IOException {
        boolean isNeeded = RecorderUnit.FILE.text() != null || TextfileUnits.SERVICE.text() != null;
        if (isNeeded || !exists() || !isOfPsm()) {
            return;
        }
        giveToRoot(files);
        Subprocess.run(List.of(Subprocess.find("userdel"), NAME));
        if (UserGroup.find(NAME) != null) { // where it is not deleted together with the user
            Subprocess.run(List.of(Subprocess.find("groupdel"), NAME));
        }
    }

    /** Makes root the owner of a folder and of what it contains. */
    private static void giveToRoot(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.toList()) {
                PosixFileAttributeView view =
                        Files.getFileAttributeView(
                                file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
                PosixFileAttributes found = view.readAttributes();
                if (found.group().getName().equals(NAME)) {
                    view.setGroup(lookup().lookupPrincipalByGroupName("root"));
                }
                if (found.owner().getName().equals(NAME)) {
                    view.setOwner(lookup().lookupPrincipalByName("root"));
                }
            }
        }
    }
}
