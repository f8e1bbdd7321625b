package psm.record;

import psm.proc.FileName;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Arrays;
import java.util.Set;

/** A file of a recording. */
final class SegmentFile {
    private static final String SUFFIX = ".psmrec";
    private static final int MIN_DIGITS = 6;

    /** The longest number in a name; a recorder does not get that far. */
    private static final int MAX_DIGITS = 15;

    private SegmentFile() {}

    static Path path(Path folder, long number) {
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
        requireRegular(path);
        return FileChannel.open(
                path,
                Set.of(
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS));
    }

    /** Refuses a FIFO, which would block, and all else that is not a file. */
    private static void requireRegular(Path path) throws IOException {
        if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isRegularFile()) {
            throw new FileSystemException(path.toString(), null, "is not a regular file");
        }
    }
}
