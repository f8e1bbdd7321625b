package psm.install;

import psm.cli.Option;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.Comparator;
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
 * @param isOfPackage whether it came in a package, with archives that were made elsewhere
 */
record JavaHome(Path folder, int version, boolean isOfPackage) {
    /** The options that psm starts Java with. */
    static final List<String> OPTIONS =
            List.of(
                    "-Xmx64m",
                    // Few objects of a scan outlive their process. A smaller value collects garbage
                    // after every second process; a larger one takes memory for unused objects.
                    "-Xmn3m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-XX:-UsePerfData",
                    "-XX:+UnlockDiagnosticVMOptions",
                    // An archive at its own address would have the same address in each process.
                    "-XX:ArchiveRelocationMode=1",
                    // Java would reserve a gigabyte for these two, which a limit may refuse.
                    "-XX:CompressedClassSpaceSize=16m",
                    "-XX:ReservedCodeCacheSize=24m",
                    // A crash writes no file into the current folder, and nothing to standard
                    // output.
                    "-XX:+SuppressFatalErrorMessage",
                    "-XX:-CreateCoredumpOnCrash",
                    // Most runs end before compiled code has saved the time of its compilation. A
                    // smaller value compiles too much for a small host; a larger one compiles too
                    // little for a large host.
                    "-XX:CompileThresholdScaling=3",
                    // psm sets its own limit for memory; Java would look for that of its container.
                    "-XX:-UseContainerSupport",
                    // Compiled code of an earlier run saves no time either.
                    "-XX:-AOTReplayTraining",
                    // Java would print a line about files of this kind in the current folder.
                    "-XX:Flags=/dev/null",
                    "-XX:CompileCommandFile=/dev/null",
                    // psm works without an archive that does not fit, so Java should not warn.
                    "-Xlog:disable",
                    "-XX:+DisplayVMOutputToStderr",
                    "-XX:+IgnoreUnrecognizedVMOptions");

    /**
     * The options in addition for a recorder, which runs for months: it takes less memory for
     * garbage and for compiled code, and a little more time. The last option of its kind counts.
     */
    static final List<String> FOR_RECORDER = List.of("-Xmn1m", "-XX:CompileThresholdScaling=30");

    /** The first Java with AOT caches; older ones have archives for class data sharing. */
    static final int FIRST_WITH_AOT_CACHE = 24;

    /** The oldest Java that psm runs on. */
    private static final int OLDEST = 17;

    /** The limit for the file {@code release}, which has about 1,500 bytes. */
    private static final long MAX_RELEASE_BYTES = 65536;

    private static final Pattern VERSION = Pattern.compile("(?m)^JAVA_VERSION=\"(\\d+)");

    /** Makes a Java of the host. */
    JavaHome(Path folder, int version) {
        this(folder, version, false);
    }

    /** Returns the Java of a package. */
    static JavaHome ofPackage(Path folder) {
        return new JavaHome(folder, versionOf(folder), true);
    }

    Path launcher() {
        return launcherIn(folder);
    }

    private static Path launcherIn(Path folder) {
        return folder.resolve("bin/java");
    }

    /**
     * Returns the start of a command line: this Java, its options and the class path.
     *
     * @param more further options after {@link #OPTIONS}
     */
    List<String> command(List<String> more, List<String> classPath) {
        List<String> words = new ArrayList<>();
        words.add(launcher().toString());
        words.addAll(OPTIONS);
        words.addAll(more);
        words.addAll(List.of("-cp", String.join(":", classPath)));
        return words;
    }

    /** Returns a command line with one more option for Java. */
    static List<String> with(String option, List<String> command) {
        List<String> words = new ArrayList<>(command);
        words.add(1, option);
        return words;
    }

    /** Returns the option to start with an archive. */
    String useArchive(Path folder, String stem) {
        String option = hasAotCaches() ? "-XX:AOTCache=" : "-XX:SharedArchiveFile=";
        return option + folder.resolve(archiveName(stem));
    }

    /** Returns the file name of an archive. */
    String archiveName(String stem) {
        return stem + (hasAotCaches() ? ".aot" : ".jsa");
    }

    private boolean hasAotCaches() {
        return version >= FIRST_WITH_AOT_CACHE && !isOfPackage;
    }

    /**
     * Finds the newest Java on this host; among equally new ones it prefers the one that runs now.
     *
     * @param isForRoot whether to find only one that nobody but root can change, and to prefer one
     *     that every user can run
     * @throws Failure if there is none
     */
    static JavaHome newest(boolean isForRoot) throws IOException, Failure {
        Problem refused = null;
        List<JavaHome> all = new ArrayList<>();
        for (Path folder : candidates()) {
            Problem problem = isForRoot ? RootOwned.problemOfExisting(launcherIn(folder)) : null;
            int version = problem == null ? versionOf(folder) : 0;
            if (problem != null) {
                refused = refused == null ? problem : refused;
            } else if (version >= OLDEST) {
                all.add(new JavaHome(folder, version));
            }
        }
        Comparator<JavaHome> best = Comparator.comparingInt(java -> -java.version);
        if (isForRoot) {
            best = Comparator.comparing((JavaHome java) -> !java.isOpenToAll()).thenComparing(best);
        }
        all.sort(best);
        for (JavaHome java : all) {
            Problem problem = isForRoot ? RootOwned.problemBelow(java.folder) : null;
            if (problem == null) {
                return java;
            }
            refused = refused == null ? problem : refused;
        }
        throw Failure.of(
                "install: found no Java "
                        + OLDEST
                        + " or later with a file 'release'"
                        + (refused == null
                                ? ""
                                : " that only root can write (" + refused.what() + ")")
                        + "; install one as a package, or name one with "
                        + Option.JAVA
                        + " HOME",
                null);
    }

    /**
     * Finds the Java in a folder.
     *
     * @param isForRoot whether nobody but root may be able to change it
     * @throws Failure if it contains no Java on which psm runs
     */
    static JavaHome in(String folder, boolean isForRoot) throws IOException, Failure {
        Set<Path> folders = new LinkedHashSet<>();
        add(folder, folders);
        for (Path found : folders) {
            Problem problem = isForRoot ? RootOwned.problemBelow(found) : null;
            problem =
                    problem == null && isForRoot
                            ? RootOwned.problemOfExisting(launcherIn(found))
                            : problem;
            if (problem != null) {
                throw Failure.usage(
                        Option.JAVA
                                + " "
                                + folder
                                + ": root runs no Java that others can write: "
                                + problem.what()
                                + "; name another",
                        null);
            }
            int version = versionOf(found);
            if (version >= OLDEST) {
                return new JavaHome(found, version);
            }
        }
        throw Failure.usage(
                Option.JAVA
                        + " "
                        + folder
                        + ": contains no bin/java with a file 'release' of Java "
                        + OLDEST
                        + " or later",
                null);
    }

    /** Returns the home folder of the user: HOME if it is set, as in shells. */
    static Path ofUser() {
        String home = System.getenv("HOME");
        return Path.of(home == null ? System.getProperty("user.home") : home);
    }

    /** Returns whether every user can enter each folder of its path. */
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

    /** Lists the folders that may be the home of a Java, the one that runs psm now first. */
    private static Set<Path> candidates() {
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
        return folders;
    }

    private static void add(String folder, Set<Path> folders) {
        try {
            if (folder != null && Files.isExecutable(Path.of(folder, "bin/java"))) {
                // Java loads its libraries from beside the real file, not from beside a link to it.
                folders.add(launcherIn(Path.of(folder)).toRealPath().getParent().getParent());
            }
        } catch (IOException | InvalidPathException e) {
            return; // it has just been removed, or is not a path
        }
    }

    private static void addChildren(Path parent, Set<Path> folders) {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(parent)) {
            for (Path child : children) {
                add(child.toString(), folders);
            }
        } catch (IOException e) {
            return; // most of these folders are missing on most hosts
        }
    }

    /** Reads the version from the file {@code release}; returns 0 if it is missing. */
    private static int versionOf(Path folder) {
        Path file = folder.resolve("release");
        try {
            if (!Files.isRegularFile(file) || Files.size(file) > MAX_RELEASE_BYTES) {
                return 0; // to read a pipe would take for ever
            }
            Matcher version = VERSION.matcher(Files.readString(file));
            return version.find() ? Integer.parseInt(version.group(1)) : 0;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }
}
