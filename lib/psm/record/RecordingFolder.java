package psm.record;

import psm.proc.FileName;
import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.text.Problem;
import psm.trust.AtomicFile;
import psm.trust.RootOwned;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;

/**
 * The folder of a recorder. Another user who could write into it, or replace it, could make the
 * recorder write and delete elsewhere with the rights that it has.
 */
public final class RecordingFolder {
    private static final String PERMISSIONS = "rwxr-x---";
    private static final int WRITABLE_BY_OTHERS = 0002;
    private static final int WRITABLE_BY_GROUP = 0020;

    /** What may be in a folder before it is a recording: the second one is on each disk. */
    private static final Set<String> NO_FILES = Set.of(FolderLock.NAME, "lost+found");

    private final String asked;
    private final Path path;

    /** Whether the folders on the way to it must be root's alone. */
    private final boolean isWayChecked;

    /** What identifies the folder; {@code null} before {@link #make}. */
    private Object key;

    private RecordingFolder(String asked, Path path, boolean isWayChecked) {
        this.asked = asked;
        this.path = path;
        this.isWayChecked = isWayChecked;
    }

    /**
     * Checks a folder that the user names, which is made later if it does not exist. If root
     * records, no other user may be able to replace it.
     *
     * @param asked the option and the folder, for messages
     * @throws Failure if psm should not write there
     */
    public static RecordingFolder of(String asked, Path path) throws Failure {
        return checked(asked, path, new OwnProcess().isRoot());
    }

    /**
     * Checks psm's own folder. Some systems let a group of theirs write to the folder above it,
     * such as Ubuntu to /var/log.
     */
    public static RecordingFolder ofSystem(Path path) throws Failure {
        return checked(path.toString(), path, false);
    }

    private static RecordingFolder checked(String asked, Path path, boolean isWayChecked)
            throws Failure {
        RecordingFolder folder = new RecordingFolder(asked, path.toAbsolutePath(), isWayChecked);
        try {
            String problem = folder.problem();
            if (problem != null) {
                throw Failure.usage(asked + ": " + problem, null);
            }
            return folder;
        } catch (IOException e) {
            throw Failure.of(asked + ": " + Failure.reason(e), e);
        }
    }

    private String problem() throws IOException {
        Map<String, Object> found;
        try {
            found = Files.readAttributes(path, "unix:uid,mode", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            Path parent = path.getParent();
            if (parent == null || !Files.isDirectory(parent)) {
                return "there is no folder " + parent + " to make it in; make that first";
            }
            return isWayChecked ? inOneLine(RootOwned.problemOnTheWay(parent)) : null;
        }
        if (Files.isSymbolicLink(path)) {
            return "is a link; name the folder that it leads to";
        }
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            return "is not a folder; name a folder, or one that does not exist yet";
        }
        String problem =
                isWayChecked
                        ? inOneLine(RootOwned.problemOfExisting(path))
                        : problem((Integer) found.get("uid"), (Integer) found.get("mode"));
        return problem != null || !containsOthers()
                ? problem
                : "contains other files and no recording; name a folder for it alone";
    }

    /** A user who can write to it could replace the lock, and plant segments. */
    private static String problem(long owner, int mode) {
        if (owner != new OwnProcess().user()) {
            return "belongs to user " + owner + "; name a folder of your own";
        }
        String by =
                (mode & WRITABLE_BY_OTHERS) != 0
                        ? "every user"
                        : (mode & WRITABLE_BY_GROUP) != 0 ? "its group" : null;
        return by == null ? null : "is writable by " + by + "; name one that only you can write";
    }

    private boolean containsOthers() throws IOException {
        boolean isUsed = false;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                if (SegmentFile.number(entry) >= 0) {
                    return false;
                }
                isUsed |= !NO_FILES.contains(FileName.last(entry));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return isUsed;
    }

    private static String inOneLine(Problem problem) {
        return problem == null ? null : problem.what() + "; " + problem.remedy();
    }

    /** Returns whether a file has a name of those that a recorder makes in its folder. */
    public static boolean isOfRecording(String file) {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name.endsWith(SegmentFile.SUFFIX) || name.equals(FolderLock.NAME);
    }

    Path path() {
        return path;
    }

    /** Returns the option and the folder, for messages. */
    public String asked() {
        return asked;
    }

    /** Makes the folder if it does not exist, and remembers which one it is. */
    void make() throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            Files.createDirectory(path, AtomicFile.atMost(PERMISSIONS));
            SegmentWriter.permit(path, PERMISSIONS);
        }
        key = SegmentFile.key(path);
    }

    /**
     * Returns whether it is still the same folder, which was not removed: another one, or a link,
     * in its place could lead anywhere.
     */
    boolean isInPlace() {
        try {
            return SegmentFile.key(path).equals(key);
        } catch (IOException e) {
            return false; // it is not there, or psm may no longer reach it
        }
    }
}
