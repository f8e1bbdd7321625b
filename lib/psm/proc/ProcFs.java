package psm.proc;

import psm.text.Text;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The kernel's process files: {@code /proc}, or a folder that looks like it. All other classes of
 * psm read these files through this one. May be shared between threads.
 *
 * <p>Paths start at that folder: {@code 1/stat}, {@code meminfo}.
 *
 * <p>The type of an exception is the reason why a file could not be read: {@link
 * NoSuchFileException}, {@link AccessDeniedException}, or another {@link IOException} (the read of
 * smaps_rollup of a process without memory fails with ESRCH).
 */
public final class ProcFs {
    /** The folder where Linux mounts it. */
    public static final String DEFAULT_ROOT = "/proc";

    /**
     * The largest number of bytes that one read asks for. The kernel returns about 4 kB of smaps
     * for each read, however many were asked for. From 8,193 on, the JDK allocates native memory
     * for each read; below 4,096, more reads are needed.
     */
    private static final int READ_BYTES = 8192;

    /** A file, below which no path exists: to look one up there touches no other file system. */
    private static final Path NOWHERE = Path.of("/proc/version");

    private final String root;

    /** Whether this is a mounted proc file system, not a copy of one. */
    private final boolean isProcFileSystem;

    /** Whether no path that a process has chosen may be followed, see {@link #confined}. */
    private final boolean isConfined;

    /**
     * Takes the folder to read from.
     *
     * @param root {@link #DEFAULT_ROOT}, or a folder that looks like it
     */
    public ProcFs(String root) {
        this(root, false);
    }

    private ProcFs(String root, boolean isConfined) {
        this.root = root;
        this.isProcFileSystem = isLive() || isOfTypeProc(root);
        this.isConfined = isConfined;
    }

    /**
     * Returns Linux's own, for a process that reads it on behalf of users with fewer rights than it
     * has: no path that a process has chosen is followed ({@code /proc/PID/root} leads to every
     * file system, through links that any user can make).
     */
    public static ProcFs confined() {
        return new ProcFs(DEFAULT_ROOT, true);
    }

    /** Returns whether no path that a process has chosen may be followed. */
    public boolean isConfined() {
        return isConfined;
    }

    /** Returns whether this is the one that Linux mounts, which contains this process too. */
    public boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

    /** Returns whether this is a mounted proc file system, not a copy of one. */
    public boolean isProcFileSystem() {
        return isProcFileSystem;
    }

    private static boolean isOfTypeProc(String folder) {
        try {
            return Files.getFileStore(Path.of(folder)).type().equals("proc");
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** Returns the ids of the processes of this moment, ascending. */
    public int[] pids() throws IOException {
        return numbers(root);
    }

    /**
     * Returns the ids of the threads of a process, ascending; the first need not be that of the
     * main thread.
     */
    public int[] tids(int pid) throws IOException {
        return numbers(root + '/' + pid + "/task");
    }

    /** Returns the names in a folder; none where it cannot be listed. */
    String[] names(String folder) {
        String[] names = new File(path(folder)).list();
        return names == null ? new String[0] : names;
    }

    private static int[] numbers(String folder) throws IOException {
        String[] names = new File(folder).list();
        if (names == null) {
            throw reason(folder);
        }
        int[] numbers = new int[names.length];
        int count = 0;
        for (String name : names) {
            int number = pid(name);
            if (number > 0) {
                numbers[count++] = number;
            }
        }
        numbers = Arrays.copyOf(numbers, count);
        Arrays.sort(numbers);
        return numbers;
    }

    /** Returns the number that a folder is named after; 0 for another name. */
    private static int pid(String name) {
        int pid = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            // A pid has at most 22 bits; ten digits may not fit into an int.
            if (digit < 0 || digit > 9 || i == 9 || (i == 0 && digit == 0)) {
                return 0;
            }
            pid = pid * 10 + digit;
        }
        return pid;
    }

    /** Returns whether a file or folder is there and visible. */
    public boolean exists(String file) {
        return new File(path(file)).exists();
    }

    /** Opens a file; the caller closes it. */
    public InputStream open(String file) throws IOException {
        return openPath(path(file));
    }

    /**
     * Reads the start of a file, as much as fits into the array. The kernel must make the file as a
     * whole, so that a read that returns less than was asked for is the last one; use {@link
     * #readList} for the others.
     *
     * @return the number of bytes
     */
    public int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, isProcFileSystem);
        }
    }

    /**
     * Reads the start of a list of mappings or mounts, of which the kernel returns some whole lines
     * with each read.
     *
     * @return the number of bytes
     */
    int readList(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, false);
        }
    }

    /** Reads a small file of the host as text, up to 8 kB. */
    String text(String file) throws IOException {
        return text(file, new byte[READ_BYTES]);
    }

    /**
     * Reads a small file as text.
     *
     * @param buffer limits the length; its content changes
     */
    public String text(String file, byte[] buffer) throws IOException {
        return text(file, buffer, buffer.length);
    }

    /**
     * Reads a file of a process as text, which is small for most processes.
     *
     * @param buffer large enough for most files; its content changes
     * @param maxBytes the limit for the others
     */
    public String text(String file, byte[] buffer, int maxBytes) throws IOException {
        int length = read(file, buffer);
        if (length < buffer.length || maxBytes <= buffer.length) {
            return Text.decode(buffer, 0, length);
        }
        byte[] large = new byte[maxBytes];
        return Text.decode(large, 0, read(file, large));
    }

    /**
     * Reads bytes from the middle of a file, as many as fit into the array.
     *
     * @return the number of bytes, less than the array's at the end of the file
     */
    int readAt(String file, long offset, byte[] into) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(path(file), "r")) {
            in.seek(offset);
            return Math.max(0, in.read(into));
        } catch (FileNotFoundException e) {
            throw reason(path(file));
        }
    }

    /**
     * Reads the next bytes of an open file to the array's start.
     *
     * @return the number of bytes; -1 at the end of the file
     */
    public static int readPiece(InputStream in, byte[] into) throws IOException {
        return in.read(into, 0, Math.min(READ_BYTES, into.length));
    }

    /**
     * Returns the target of a link such as {@code 1/exe}, which may be any bytes, as {@link Text}
     * decodes them.
     */
    public String link(String file) throws IOException {
        Path target = Files.readSymbolicLink(Path.of(path(file)));
        String text = target.toString();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
                return undecoded(target);
            }
        }
        return text;
    }

    /**
     * Returns the first line of a small file of the host, such as {@code sys/kernel/hostname}.
     *
     * @return {@code null} where the file cannot be read
     */
    String firstLine(String file) {
        try {
            String text = text(file);
            int newline = text.indexOf('\n');
            return newline < 0 ? text : text.substring(0, newline);
        } catch (IOException e) {
            return null;
        }
    }

    /** Returns whether two paths lead to the same file. */
    public boolean isSameFile(String file, String other) {
        try {
            return Files.isSameFile(Path.of(path(file)), Path.of(path(other)));
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    private String path(String file) {
        return root + '/' + file;
    }

    private static int fill(byte[] into, InputStream in, boolean isWhole) throws IOException {
        int length = 0;
        while (length < into.length) {
            int asked = Math.min(READ_BYTES, into.length - length);
            int count = in.read(into, length, asked);
            if (count < 0) {
                break;
            }
            length += count;
            if (isWhole && count < asked) {
                break;
            }
        }
        return length;
    }

    private static InputStream openPath(String path) throws IOException {
        try {
            return new FileInputStream(path);
        } catch (FileNotFoundException e) {
            throw reason(path);
        }
    }

    /**
     * Returns the reason why a path cannot be opened. FileInputStream puts it into a message, in
     * the language of the locale. The newer API has a type of exception for each reason, but takes
     * a third longer to open a file.
     */
    private static IOException reason(String path) {
        try {
            Files.newInputStream(Path.of(path)).close();
            return new FileSystemException(path, null, "could not be opened at first");
        } catch (IOException e) {
            return e;
        }
    }

    /**
     * Returns a path whose bytes the locale's encoding may have changed when it became a string.
     * Only the URI contains them as they are. To make it, Java looks up whether the path is a
     * folder; since a process chose the path, Java is given one below {@link #NOWHERE}.
     */
    private static String undecoded(Path path) {
        boolean isAbsolute = path.isAbsolute();
        Path below = NOWHERE.resolve(isAbsolute ? path.getRoot().relativize(path) : path);
        String encoded =
                below.toUri()
                        .getRawPath()
                        .substring(NOWHERE.toString().length() + (isAbsolute ? 0 : 1));
        byte[] bytes = new byte[encoded.length()];
        int length = 0;
        for (int i = 0; i < encoded.length(); i++) {
            if (encoded.charAt(i) == '%') {
                bytes[length++] = (byte) Integer.parseInt(encoded, i + 1, i + 3, 16);
                i += 2;
            } else {
                bytes[length++] = (byte) encoded.charAt(i);
            }
        }
        return Text.decode(bytes, 0, length);
    }
}
