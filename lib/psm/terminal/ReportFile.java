package psm.terminal;

import psm.proc.FileName;
import psm.text.Failure;
import psm.trust.AtomicFile;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file for a report. Each report is written beside it and replaces it when it is whole, so that
 * at any time the file contains all of one report.
 */
public final class ReportFile extends ReportOutput {
    private static final int BUFFER_BYTES = 64 * 1024;

    private static final String ELSEWHERE = "; name a file in another folder";

    /** The folder of open files and other things that are in no folder on a disk. */
    private static final Path PROC = Path.of("/proc");

    private final String asked;
    private final String folder;
    private final AtomicFile file;
    private String permissions;

    /** The new file, below the buffer; {@code null} between two reports. */
    private OutputStream part;

    private ReportFile(String asked, String folder, Path file, String permissions) {
        super(OutputStream.nullOutputStream());
        this.asked = asked;
        this.folder = folder;
        this.file = AtomicFile.inFolder(file);
        this.permissions = permissions;
    }

    /**
     * Opens the new file at once: if that failed at the end, the report would be lost.
     *
     * @param option the option that names the file, for messages
     * @param permissions those of the file, such as {@code rw-r--r--}; {@code null} for those of
     *     the file that it replaces, or that the umask leaves
     * @throws Failure if the file cannot be written
     */
    public static ReportOutput of(String option, String name, String permissions) throws Failure {
        String asked = option + ' ' + name;
        int slash = name.lastIndexOf('/');
        String folder = slash < 0 ? "." : slash == 0 ? "/" : name.substring(0, slash);
        try {
            refuseFolder(asked, name);
            requireFolder(asked, folder);
            requireFile(asked, name);
            String last = name.substring(slash + 1);
            Path path = FileName.path(FileName.ofFolder(folder) + '/' + last);
            ReportFile made = new ReportFile(asked, folder, path, permissions);
            made.open();
            return made;
        } catch (InvalidPathException e) {
            throw Failure.of(asked + ": is not a valid path in this locale; name another", e);
        } catch (IOException e) {
            throw Failure.of(asked + ": " + Failure.reason(e) + "; name another file", e);
        }
    }

    /** Returns whether a name is that of a folder: it ends with a slash, or the folder exists. */
    public static boolean isFolder(String name) {
        try {
            return name.endsWith("/") || Files.isDirectory(FileName.path(name));
        } catch (InvalidPathException e) {
            return false; // opening the file fails, and says why
        }
    }

    private static void requireFolder(String asked, String folder) throws IOException, Failure {
        String problem = null;
        try {
            Path path = FileName.path(folder);
            if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
                problem = folder + " is no folder" + ELSEWHERE;
            }
        } catch (NoSuchFileException e) {
            problem = "there is no folder " + folder + "; make it, or name a file in another one";
        }
        if (problem != null) {
            throw Failure.of(asked + ": " + problem, null);
        }
    }

    private static void refuseFolder(String asked, String name) throws Failure {
        if (isFolder(name)) {
            String inFolder = name.endsWith("/") ? name : name + '/';
            throw Failure.of(
                    asked + ": is a folder; name a file in it, such as " + inFolder + "psm.txt",
                    null);
        }
    }

    /** Fails if a name is that of something else than a file, or of a link to it. */
    private static void requireFile(String asked, String name) throws IOException, Failure {
        Path path = FileName.path(name);
        boolean isOpenFile = // such as /dev/stdout
                Files.isSymbolicLink(path) && Files.readSymbolicLink(path).startsWith(PROC);
        if (isOpenFile || (Files.exists(path) && !Files.isRegularFile(path))) {
            throw Failure.of(
                    asked + ": is no regular file; leave out " + asked + ", and write > " + name,
                    null);
        }
        try {
            Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return; // all other failures, such as a name that is too long, remain
        }
    }

    private void open() throws Failure {
        try {
            openPart();
        } catch (IOException e) {
            String problem = "no file can be made in " + folder + ": " + Failure.reason(e);
            throw Failure.of(asked + ": " + problem + ELSEWHERE, e);
        }
    }

    private void openPart() throws IOException {
        if (part == null) {
            part = file.open(permissions);
            out = new BufferedOutputStream(part, BUFFER_BYTES);
        }
    }

    @Override
    public boolean isTerminal() {
        return false;
    }

    @Override
    public boolean isReplaced() {
        return true;
    }

    @Override
    public void write(int b) throws IOException {
        requireOpen();
        super.write(b);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        requireOpen();
        super.write(bytes, from, length);
    }

    private void requireOpen() throws IOException {
        try {
            openPart();
        } catch (IOException e) {
            throw remembered(e);
        }
    }

    @Override
    void finish() throws IOException {
        requireOpen(); // for an empty report
        super.finish();
        file.replace();
        part = null;
    }

    @Override
    public boolean discard() {
        forgetFailure();
        part = null;
        try {
            file.close();
        } catch (IOException e) {
            return true; // Java deletes the new file when it ends
        }
        return true;
    }

    @Override
    public void failed(IOException e) throws Failure {
        throw Failure.of(
                asked
                        + ": "
                        + Failure.reason(e)
                        + "; what was there before is unchanged; make room, or name a file in"
                        + " another folder",
                e);
    }
}
