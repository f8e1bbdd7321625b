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
 * The kernel's process files: {@code /proc}, or a folder that looks like it. Nothing else in psm
 * touches it.
 *
 * <p>What fails, fails with an exception whose type tells why: {@link NoSuchFileException}, {@link
 * AccessDeniedException}, or any other {@link IOException} (of a process without memory,
 * smaps_rollup gives ESRCH). May be shared between threads.
 *
 * <p>Files are named by their path from there, such as {@code 1/stat} and {@code meminfo}.
 */
public final class ProcFs {
    /** Where Linux has it. */
    public static final String DEFAULT_ROOT = "/proc";

    /**
     * Bytes asked for at once. The kernel hands out about 4 kB of smaps a read, whatever the room.
     * From 8,193 on, the JDK allocates native memory for each read; with less than 4,096, there are
     * more reads.
     */
    private static final int READ_BYTES = 8192;

    /** What nothing can be in, and what is asked without a way to anybody's file system. */
    private static final Path NOWHERE = Path.of("/proc/version");

    private final String root;

    /** Whether this is a kernel's own, where processes come and go, and not a copy of one. */
    private final boolean isProcFileSystem;

    /** See {@link #confined}. */
    private final boolean isConfined;

    public ProcFs(String root) {
        this(root, false);
    }

    private ProcFs(String root, boolean isConfined) {
        this.root = root;
        this.isProcFileSystem = isLive() || isOfTypeProc(root);
        this.isConfined = isConfined;
    }

    /**
     * Linux's own, for whoever looks at it for others with rights that are not theirs: no path that
     * a process has chosen is followed, in no file system ({@code /proc/PID/root} leads to all of
     * them, by way of links that anybody may make).
     */
    public static ProcFs confined() {
        return new ProcFs(DEFAULT_ROOT, true);
    }

    public boolean isConfined() {
        return isConfined;
    }

    /** Whether this is the kernel's own, where this process is too. */
    public boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

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

    /** The processes of this moment, ascending. */
    public int[] pids() throws IOException {
        return numbers(root);
    }

    /** The threads of a process, ascending; the first of them need not be the main one. */
    public int[] tids(int pid) throws IOException {
        return numbers(root + '/' + pid + "/task");
    }

    /** What is in a folder; nothing where it cannot be listed. */
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

    /** The pid that a folder is named after, 0 for another name. */
    private static int pid(String name) {
        int pid = 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            // A pid has at most 22 bits now; ten digits would not be one.
            if (digit < 0 || digit > 9 || i == 9 || (i == 0 && digit == 0)) {
                return 0;
            }
            pid = pid * 10 + digit;
        }
        return pid;
    }

    /** Whether a file or folder is there, and not hidden. */
    public boolean exists(String file) {
        return new File(path(file)).exists();
    }

    /** Opens a file; the caller closes it. */
    public InputStream open(String file) throws IOException {
        return openPath(path(file));
    }

    /**
     * Reads the start of a file, as much as there is room for; returns how many bytes. The file is
     * one that the kernel makes as a whole, so that a read that leaves room was the last: no list
     * of mappings or mounts.
     */
    public int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, isProcFileSystem);
        }
    }

    /** The same for lists, of which a read has some whole lines. */
    public int readList(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, false);
        }
    }

    /**
     * Reads bytes from the middle of a file, as many as there is room for and the file has; returns
     * how many.
     */
    int readAt(String file, long offset, byte[] into) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(path(file), "r")) {
            in.seek(offset);
            return Math.max(0, in.read(into));
        } catch (FileNotFoundException e) {
            throw reason(path(file));
        }
    }

    /** Reads the next bytes of an open file into the array's start; -1 at the end of the file. */
    public static int readPiece(InputStream in, byte[] into) throws IOException {
        return in.read(into, 0, Math.min(READ_BYTES, into.length));
    }

    /** Where a link points to, {@code 1/exe} for one: any bytes, as {@link Text} has them. */
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
     * The first line of one of the host's own files, such as {@code sys/kernel/hostname}, or null.
     */
    String firstLine(String file) {
        byte[] bytes = new byte[READ_BYTES];
        try {
            int length = read(file, bytes);
            int end = 0;
            while (end < length && bytes[end] != '\n') {
                end++;
            }
            return Text.decode(bytes, 0, end);
        } catch (IOException e) {
            return null;
        }
    }

    /** Whether two paths lead to one file. */
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
            int room = Math.min(READ_BYTES, into.length - length);
            int count = in.read(into, length, room);
            if (count < 0) {
                break;
            }
            length += count;
            if (isWhole && count < room) {
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
     * Why a path can not be opened. FileInputStream tells it in a message alone, in the language of
     * the locale; the newer API by the exception's type, but it costs a third more where all goes
     * well.
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
     * The bytes of a path that the locale's encoding may have mangled when it became a string. Only
     * the URI shows them as they are; and to make it, Java asks the file system whether there is
     * such a folder. That path is a stranger's, so it is asked for one below a file.
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
