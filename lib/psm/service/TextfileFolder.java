package psm.service;

import psm.cli.Options;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/** The folder whose files node_exporter reads, into which root writes. */
final class TextfileFolder {
    /** The folder that Debian's node_exporter reads. */
    static final String USUAL = Options.TEXTFILES;

    private static final String OTHER =
            "install prometheus-node-exporter, or name the folder that node_exporter has as"
                    + " --collector.textfile.directory";

    /** The file systems of the kernel, in which files are other things, or no disk has them. */
    private static final List<Path> OF_KERNEL =
            List.of(Path.of("/dev"), Path.of("/proc"), Path.of("/sys"));

    private TextfileFolder() {}

    /**
     * Returns the folder with a name, without links.
     *
     * @throws Failure if there is none, or others than root can write into it
     */
    static Path find(String name) throws IOException, Failure {
        Path folder = absolute(name);
        if (!Files.exists(folder)) {
            throw refused(folder, "does not exist; " + OTHER);
        }
        if (!Files.isDirectory(folder)) {
            throw refused(folder, "is not a folder; " + OTHER);
        }
        Path real = folder.toRealPath();
        for (Path each : OF_KERNEL) {
            if (real.startsWith(each)) {
                throw refused(real, "is for devices or the kernel, not for files; " + OTHER);
            }
        }
        if (!UnitFile.isPlain(real.toString())) {
            throw refused(real, "contains characters that are special in a unit; use another");
        }
        Problem problem = problem(real);
        if (problem != null) {
            throw TextfileUnits.SERVICE.refused(
                    "root writes nothing where others can: " + problem.line());
        }
        return real;
    }

    private static Path absolute(String name) throws Failure {
        try {
            Path folder = Path.of(name);
            if (folder.isAbsolute() && !name.contains("\uFFFD")) {
                return folder.normalize();
            }
        } catch (InvalidPathException e) {
            throw refused(name, "is not a valid path in this locale");
        }
        throw refused(name, "needs an absolute path, such as " + USUAL);
    }

    private static Failure refused(Object folder, String why) {
        return TextfileUnits.SERVICE.refused(folder + " " + why);
    }

    /**
     * Returns what is wrong with a folder without links, or {@code null}. Those above it may belong
     * to others, see {@link TextfileUnits}.
     */
    static Problem problem(Path folder) throws IOException {
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
                || !folder.toRealPath().equals(folder)) {
            return new Problem("there is no folder " + folder, OTHER);
        }
        return RootOwned.problemOfItself(folder);
    }
}
