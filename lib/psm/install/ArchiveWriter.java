package psm.install;

import psm.trust.Subprocess;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes the archives of an installation: for each, it runs psm's training class and lets Java
 * archive the classes that it loads.
 *
 * @param java the Java that will use the archives
 * @param folder the folder of the installation
 * @param training the class that does the runs
 */
record ArchiveWriter(JavaHome java, Path folder, Class<?> training) {
    /**
     * Writes all archives.
     *
     * @param command the start of psm's command line, up to the main class
     * @param access the group's access, or {@code null}
     * @return whether Java could write all of them
     */
    boolean writeAll(List<String> command, GroupAccess access) throws IOException {
        boolean isComplete = true;
        List<String> arguments = new ArrayList<>();
        Path snapshot = folder.resolve("training");
        if (access != null) {
            isComplete = writeOrRetry(Archive.COLLECTOR, access.javaCommand(), arguments);
            arguments.add(snapshot.toString());
        }
        try {
            for (Archive archive : Archive.ALWAYS) {
                isComplete &= writeOrRetry(archive, command, arguments);
            }
        } finally {
            Files.deleteIfExists(snapshot);
        }
        return isComplete;
    }

    /**
     * Writes an archive. Java starts a second Java for it, which was seen to fail on a busy
     * machine, once in some hundred times.
     */
    private boolean writeOrRetry(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        boolean isWritten = write(archive, command, arguments);
        return isWritten || write(archive, command, arguments);
    }

    private boolean write(Archive archive, List<String> command, List<String> arguments)
            throws IOException {
        Path file = folder.resolve(java.archiveName(archive.stem()));
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(training.getName(), archive.name()));
        words.addAll(arguments);
        if (java.version() > JavaHome.FIRST_WITH_AOT_CACHE) {
            Subprocess.run(JavaHome.with("-XX:AOTCacheOutput=" + file, words));
        } else if (java.version() == JavaHome.FIRST_WITH_AOT_CACHE) {
            Path loaded = Path.of(file + ".loaded");
            words = JavaHome.with("-XX:AOTConfiguration=" + loaded, words);
            Subprocess.run(JavaHome.with("-XX:AOTMode=record", words));
            words = JavaHome.with("-XX:AOTCache=" + file, words);
            Subprocess.run(JavaHome.with("-XX:AOTMode=create", words));
            Files.deleteIfExists(loaded);
        } else {
            Subprocess.run(JavaHome.with("-XX:ArchiveClassesAtExit=" + file, words));
        }
        Files.deleteIfExists(Path.of(file + ".config")); // of an archive that failed
        if (!Files.exists(file)) {
            return false;
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        return true;
    }
}
