package psm.record;

import psm.proc.FileName;
import psm.proc.OwnProcess;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A file of a recording. */
final class SegmentFile {
    static final String SUFFIX = ".psmrec";
    private static final int MIN_DIGITS = 6;

    /** The longest number in a name; a recorder does not get that far. */
    private static final int MAX_DIGITS = 15;

    private static final long MAX_NUMBER = 999_999_999_999_999L;

    private SegmentFile() {}

    /**
     * Returns the path of a segment.
     *
     * @throws IOException if readers would not see it
     */
    static Path path(Path folder, long number) throws IOException {
        if (number > MAX_NUMBER) {
            throw new IOException(
                    "no number is left for the next segment; move "
                            + MAX_NUMBER
                            + SUFFIX
                            + " elsewhere");
        }
        String digits = Long.toString(number);
        return folder.resolve(
                "0".repeat(Math.max(0, MIN_DIGITS - digits.length())) + digits + SUFFIX);
    }

    /** Returns the number in the name of a segment; -1 if it is another file's name. */
    static long number(Path file) {
        String name = FileName.last(file);
        int digits = name.length() - SUFFIX.length();
        if (digits < MIN_DIGITS || digits > MAX_DIGITS || !name.endsWith(SUFFIX)) {
            return -1;
        }
        long number = 0;
        for (int i = 0; i < digits; i++) {
            char c = name.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            number = 10 * number + c - '0';
        }
        return digits > MIN_DIGITS && name.charAt(0) == '0' ? -1 : number;
    }

    /** Returns whether a file begins as a segment does, under whatever name it was copied. */
    static boolean isStart(Path file) throws IOException {
        byte[] start = RecordingFormat.FIRST_LINE.getBytes(StandardCharsets.US_ASCII);
        try (InputStream in = Files.newInputStream(file)) {
            return Arrays.equals(in.readNBytes(start.length), start);
        }
    }

    /** Returns what identifies a file or folder, whatever its name is. */
    static Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    /** Opens a segment to read it. A recording may be another user's, so no link is followed. */
    static FileChannel read(Path path) throws IOException {
        requireRegular(path);
        return FileChannel.open(path, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens a segment to write to it. */
    static FileChannel write(Path path) throws IOException {
        return openOwn(path, Set.of());
    }

    /**
     * Opens a file to write to it that no other user has made, and that no other folder contains.
     *
     * @param more how to open it, beside reading and writing
     * @throws FileSystemException if it is another file
     */
    static FileChannel openOwn(Path path, Set<OpenOption> more, FileAttribute<?>... attributes)
            throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            requireOwn(path);
        }
        Set<OpenOption> options = new HashSet<>(more);
        options.addAll(
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS));
        return FileChannel.open(path, options, attributes);
    }

    /**
     * Returns whether a file is a segment's that psm may write to, not another name of a file that
     * is kept elsewhere.
     */
    static boolean isOwn(Path path) throws IOException {
        try {
            requireOwn(path);
            return true;
        } catch (FileSystemException e) {
            return false;
        }
    }

    private static void requireOwn(Path path) throws IOException {
        requireRegular(path);
        Map<String, Object> found =
                Files.readAttributes(path, "unix:uid,nlink", LinkOption.NOFOLLOW_LINKS);
        long owner = (Integer) found.get("uid");
        if (owner != new OwnProcess().user()) {
            throw new FileSystemException(path.toString(), null, "belongs to user " + owner);
        }
        if ((Integer) found.get("nlink") > 1) {
            throw new FileSystemException(path.toString(), null, "has several names");
        }
    }

    /** Refuses a FIFO, which would block, and all else that is not a file. */
    private static void requireRegular(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new FileSystemException(path.toString(), null, "is not a regular file");
        }
    }
}
