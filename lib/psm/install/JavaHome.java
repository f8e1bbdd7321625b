package psm.install;

import psm.text.Failure;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A Java that psm may run on.
 *
 * @param folder its home, without links
 * @param version its feature release, such as 25
 */
record JavaHome(Path folder, int version) {
    /** The oldest that psm runs on. */
    private static final int OLDEST = 17;

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    Path launcher() {
        return folder.resolve("bin/java");
    }

    /**
     * The newest Java of this host; of equally new ones, the one that runs now.
     *
     * @param isForAll whether every user must be able to run it, where there is such a one
     */
    static JavaHome newest(boolean isForAll) {
        JavaHome newest = null;
        for (JavaHome java : all()) {
            boolean isBetter =
                    newest == null
                            || (isForAll && java.isOpenToAll() && !newest.isOpenToAll())
                            || (java.version > newest.version
                                    && (!isForAll || java.isOpenToAll() == newest.isOpenToAll()));
            if (isBetter) {
                newest = java;
            }
        }
        return newest;
    }

    /**
     * The Java in a folder.
     *
     * @throws Failure where there is none that psm runs on
     */
    static JavaHome in(String folder) throws Failure {
        Set<Path> folders = new LinkedHashSet<>();
        add(folder, folders);
        for (Path found : folders) {
            int version = versionOf(found);
            if (version >= OLDEST) {
                return new JavaHome(found, version);
            }
        }
        throw Failure.usage(
                "--java "
                        + folder
                        + ": has no bin/java and a file 'release' of Java "
                        + OLDEST
                        + " or later",
                null);
    }

    /** The home of the user, by HOME where it is set, as shells have it. */
    static Path ofUser() {
        String home = System.getenv("HOME");
        return Path.of(home == null ? System.getProperty("user.home") : home);
    }

    /** Whether each folder on the way to it may be entered by everybody. */
    boolean isOpenToAll() {
        for (Path path = launcher(); path != null; path = path.getParent()) {
            try {
                if (!Files.getPosixFilePermissions(path)
                        .contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return false;
                }
            } catch (IOException e) {
                return false;
            }
        }
        return true;
    }

    /** The one that runs first. */
    private static List<JavaHome> all() {
        Set<Path> folders = new LinkedHashSet<>();
        add(System.getProperty("java.home"), folders);
        add(System.getenv("JAVA_HOME"), folders);
        Path home = ofUser();
        for (String parent :
                new String[] {
                    "/usr/lib/jvm",
                    "/usr/java",
                    "/opt/java",
                    "/opt",
                    home + "/.sdkman/candidates/java",
                    home + "/.jbang/cache/jdks"
                }) {
            addChildren(Path.of(parent), folders);
        }
        List<JavaHome> all = new ArrayList<>();
        for (Path folder : folders) {
            int version = versionOf(folder);
            if (version >= OLDEST) {
                all.add(new JavaHome(folder, version));
            }
        }
        return all;
    }

    private static void add(String folder, Set<Path> folders) {
        try {
            if (folder != null && Files.isExecutable(Path.of(folder, "bin/java"))) {
                folders.add(Path.of(folder).toRealPath());
            }
        } catch (IOException | InvalidPathException e) {
            return; // it is not there any more, or is no path
        }
    }

    private static void addChildren(Path parent, Set<Path> folders) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (Path child : children) {
                add(child.toString(), folders);
            }
        } catch (IOException e) {
            return; // most hosts have two of these folders at most
        }
    }

    /** As the file {@code release} in its home says; 0 where it does not. */
    private static int versionOf(Path folder) {
        try {
            Matcher version = VERSION.matcher(Files.readString(folder.resolve("release")));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
