package psm.install;

import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes the archives of an installation: for each, it runs psm's training class and lets Java
 * archive the classes that it loads.
 *
 * @param java the Java that will use the archives
 * @param folder the folder of the installation
 * @param training the class that does the runs
 * @param debug receives what a Java that failed wrote
 */
record ArchiveWriter(JavaHome java, Path folder, Class<?> training, Consumer<String> debug) {
    /** How often an archive is tried: a Java of its own writes it, which may find no memory. */
    private static final int MAX_TRIES = 2;

    /** The options of a Java that writes an archive, which override those of psm's runs. */
    private static final List<String> OPTIONS =
            List.of(
                    // Java puts the archive together in as much space as it has for classes. One
                    // for psm with its libraries takes 17 MB; what is not used takes no memory.
                    "-XX:CompressedClassSpaceSize=64m", "-Xlog:all=error:stderr");

    /** The mark of Java's messages for errors, of which the first are the reason of the others. */
    private static final String ERROR = "[error]";

    /**
     * Writes all archives.
     *
     * @param command the start of psm's command line, up to the main class
     * @param access the group's access, or {@code null}
     * @return why Java could not write the first that is missing; {@code null} if it wrote all
     */
    String writeAll(List<String> command, GroupAccess access) throws IOException {
        String problem = null;
        List<String> arguments = new ArrayList<>();
        Path snapshot = folder.resolve("training");
        if (access != null) {
            problem = writeOrRetry(Archive.COLLECTOR, access.javaCommand(), arguments);
            arguments.add(snapshot.toString());
        }
        try {
            for (Archive archive : Archive.ALWAYS) {
                String next = writeOrRetry(archive, command, arguments);
                problem = problem == null ? next : problem;
            }
        } finally {
            Files.deleteIfExists(snapshot);
        }
        return problem;
    }

    /** Writes an archive; returns {@code null}, or why that failed. */
    private String writeOrRetry(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        List<String> words = new ArrayList<>(command);
        words.addAll(words.indexOf("-cp"), OPTIONS);
        String problem = null;
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            Subprocess last = write(archive, words, arguments);
            if (last == null) {
                return null;
            }
            last.errors().lines().forEach(debug);
            problem = reason(last);
        }
        return archive.stem() + ": " + problem;
    }

    /** Returns why a Java wrote no archive: its messages, or its last line and exit code. */
    private static String reason(Subprocess java) {
        String last = "no message";
        List<String> messages = new ArrayList<>();
        for (String line : java.errors().split("\n", -1)) {
            last = line.isBlank() ? last : line;
            int mark = line.indexOf(ERROR);
            if (mark >= 0) {
                messages.add(line.substring(line.indexOf(']', mark + ERROR.length()) + 1).strip());
            }
        }
        return messages.isEmpty()
                ? last + " (exit code " + java.exitCode() + ")"
                : String.join("; ", messages);
    }

    /** Writes an archive; returns {@code null}, or the last Java that should have. */
    private Subprocess write(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        Path file = folder.resolve(java.archiveName(archive.stem()));
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(training.getName(), archive.name()));
        words.addAll(arguments);
        Subprocess last;
        if (java.version() > JavaHome.FIRST_WITH_AOT_CACHE) {
            last = Subprocess.run(JavaHome.with("-XX:AOTCacheOutput=" + file, words));
        } else if (java.version() == JavaHome.FIRST_WITH_AOT_CACHE) {
            Path loaded = Path.of(file + ".loaded");
            words = JavaHome.with("-XX:AOTConfiguration=" + loaded, words);
            Subprocess.run(JavaHome.with("-XX:AOTMode=record", words));
            words = JavaHome.with("-XX:AOTCache=" + file, words);
            last = Subprocess.run(JavaHome.with("-XX:AOTMode=create", words));
            Files.deleteIfExists(loaded);
        } else {
            last = Subprocess.run(JavaHome.with("-XX:ArchiveClassesAtExit=" + file, words));
        }
        Files.deleteIfExists(Path.of(file + ".config")); // of an archive that failed
        if (!Files.exists(file)) {
            return last;
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        return null;
    }
}
