package psm.proc;

import psm.smaps.Usage;
import psm.text.Text;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * The kernel's process files: {@code /proc}, or a folder that looks like it. All other classes of
 * psm read these files through this one. May be shared between threads.
 *
 * <p>A subclass may have them from elsewhere. Then it overrides all methods that are not final.
 *
 * <p>Paths start at that folder: {@code 1/stat}, {@code meminfo}.
 *
 * <p>The type of an exception is the reason why a file could not be read: {@link
 * NoSuchFileException}, {@link AccessDeniedException}, or another {@link IOException} (the read of
 * smaps_rollup of a process without memory fails with ESRCH).
 */
public class ProcFs {
    /** The folder where Linux mounts it. */
    public static final String DEFAULT_ROOT = "/proc";

    /** The folder of {@code /sys} as {@link #open} takes it: it is beside that of processes. */
    public static final String SYS = "../sys";

    /**
     * The largest number of bytes to request in one read. The kernel returns at most about 4 kB of
     * smaps in one read. Above 8,192, the JDK allocates native memory for each read; below 4,096,
     * more reads are needed.
     */
    private static final int READ_BYTES = 8192;

    /** A file: below it no path exists, so looking one up there touches no other file system. */
    private static final Path NOWHERE = Path.of("/proc/version");

    /** The limit for the target of a link (PATH_MAX, and the kernel's mark of a deleted file). */
    private static final int MAX_LINK_CHARS = 4096 + 10;

    private final String root;

    /** Whether this is a mounted proc file system, not a copy of one. */
    private final boolean isProcFileSystem;

    /** Whether it must not follow paths that a process has chosen, see {@link #confined}. */
    private final boolean isConfined;

    /**
     * Takes the folder to read from.
     *
     * @param root {@link #DEFAULT_ROOT}, or a folder that looks like it
     */
    public ProcFs(String root) {
        this(root, false);
    }

    /** Creates a tree whose files a subclass has. No file of this machine is below its folder. */
    protected ProcFs() {
        this.root = NOWHERE.toString();
        this.isProcFileSystem = true;
        this.isConfined = false;
    }

    private ProcFs(String root, boolean isConfined) {
        this.root = root;
        this.isProcFileSystem = isLive() || isOfTypeProc(root);
        this.isConfined = isConfined;
    }

    /**
     * Returns the {@code /proc} of Linux for a caller that reads it on behalf of users with fewer
     * rights. It follows no path that a process has chosen: {@code /proc/PID/root} leads to every
     * file system, through links that any user can make.
     */
    public static ProcFs confined() {
        return new ProcFs(DEFAULT_ROOT, true);
    }

    /** Returns whether it must not follow paths that a process has chosen. */
    public final boolean isConfined() {
        return isConfined;
    }

    /** Returns whether this is the {@code /proc} of Linux, which contains this process too. */
    public final boolean isLive() {
        return root.equals(DEFAULT_ROOT);
    }

    /** Returns whether this is a mounted proc file system, or what was read from one just now. */
    public final boolean isProcFileSystem() {
        return isProcFileSystem;
    }

    /** Returns the time of what the files show. */
    public Instant time() {
        return Instant.now();
    }

    /** Returns the size of a page of memory. */
    public long pageBytes() {
        return PageMap.pageBytes();
    }

    /**
     * Returns the sums of smaps or smaps_rollup, where they were made before.
     *
     * @param folder the folder of the process, or of one of its threads
     * @param isRollup whether they are those of smaps_rollup
     * @return {@code null} if the file itself is there to be read
     * @throws IOException the reason why there are no sums
     */
    public Usage sums(String folder, boolean isRollup) throws IOException {
        return null;
    }

    private static boolean isOfTypeProc(String folder) {
        try {
            return Files.getFileStore(Path.of(folder)).type().equals("proc");
        } catch (IOException | InvalidPathException e) {
            return false;
        }
    }

    /** Returns the ids of all processes that exist now, ascending. */
    public int[] pids() throws IOException {
        return numbers(root, 1);
    }

    /**
     * Returns the ids of the threads of a process, ascending; the first one may belong to another
     * than the main thread.
     */
    public int[] tids(int pid) throws IOException {
        return numbers(root + '/' + pid + "/task", 1);
    }

    /** Returns the file descriptors of a process, ascending. */
    protected int[] descriptors(String folder) throws IOException {
        return numbers(root + '/' + folder + "/fdinfo", 0);
    }

    /** Returns the names in a folder; none if it cannot be listed. */
    protected String[] names(String folder) {
        String[] names = new File(path(folder)).list();
        return names == null ? new String[0] : names;
    }

    /** Returns the numbers from the least one on that are names in a folder, ascending. */
    private static int[] numbers(String folder, int least) throws IOException {
        String[] names = new File(folder).list();
        if (names == null) {
            throw reason(folder);
        }
        int[] numbers = new int[names.length];
        int count = 0;
        for (String name : names) {
            int number = number(name);
            if (number >= least) {
                numbers[count++] = number;
            }
        }
        numbers = Arrays.copyOf(numbers, count);
        Arrays.sort(numbers);
        return numbers;
    }

    /** Returns the number that a file or folder is named after; -1 for another name. */
    public static int number(String name) {
        int number = name.isEmpty() ? -1 : 0;
        for (int i = 0; i < name.length(); i++) {
            int digit = name.charAt(i) - '0';
            boolean isPadded = i == 1 && number == 0;
            // A pid has at most 22 bits; ten digits may not fit into an int.
            if (digit < 0 || digit > 9 || i == 9 || isPadded) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** Returns whether a file or folder exists and is visible. */
    public boolean exists(String file) {
        return new File(path(file)).exists();
    }

    /**
     * Returns whether reading a file may block although its content needs no lock of a process: in
     * a folder that is a copy of {@code /proc}, it may be a pipe.
     */
    public boolean mayBlock(String file) {
        return !isProcFileSystem && !Files.isRegularFile(file(file));
    }

    /**
     * Opens a file; the caller closes it.
     *
     * @throws NoSuchFileException also for a link of another user in a copy of {@code /proc}
     */
    public InputStream open(String file) throws IOException {
        if (isProcFileSystem && isAscii(file)) {
            return openPath(path(file));
        }
        requireNoForeignLink(file);
        return Files.newInputStream(file(file));
    }

    /** The user who runs psm; only links in copies of {@code /proc} need it. */
    private static final class Caller {
        static final long USER = new OwnProcess().user();
    }

    /**
     * Refuses links of other users in the folder of a process in a copy of {@code /proc}: they
     * could lead to files and devices that only the caller may open.
     */
    private void requireNoForeignLink(String file) throws NoSuchFileException {
        int slash = file.indexOf('/');
        if (slash < 0 || number(file.substring(0, slash)) <= 0) {
            return;
        }
        for (int end = slash; end > 0; end = file.indexOf('/', end + 1)) {
            requireNoForeignLinkAt(path(file.substring(0, end)));
        }
        requireNoForeignLinkAt(path(file));
    }

    private static void requireNoForeignLinkAt(String path) throws NoSuchFileException {
        Path link = Path.of(path);
        if (!Files.isSymbolicLink(link)) {
            return;
        }
        try {
            Object owner = Files.getAttribute(link, "unix:uid", LinkOption.NOFOLLOW_LINKS);
            if (owner.equals(0) || ((Integer) owner).longValue() == Caller.USER) {
                return;
            }
        } catch (IOException e) {
            // It was changed just now.
        }
        throw new NoSuchFileException(path, null, "is a link of another user");
    }

    /**
     * Reads the start of a file, as much as fits into the array. It ends at the first read that
     * returns fewer bytes than requested, so it is only for files that the kernel writes as a
     * whole; use {@link #readList} for others.
     *
     * @return the number of bytes
     */
    public final int read(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, isProcFileSystem);
        }
    }

    /**
     * Reads the start of a list of mappings or mounts: the kernel returns a few whole lines with
     * each read.
     *
     * @return the number of bytes
     */
    final int readList(String file, byte[] into) throws IOException {
        try (InputStream in = open(file)) {
            return fill(into, in, false);
        }
    }

    /** Reads a small file of the host as text, up to 8 kB. */
    final String text(String file) throws IOException {
        return unblockedText(file, new byte[READ_BYTES]);
    }

    /**
     * Reads a small file that never blocks in {@code /proc}, and must not block elsewhere.
     *
     * @param buffer limits the length; its content changes
     * @throws NoSuchFileException if it may block, see {@link #mayBlock}
     */
    public final String unblockedText(String file, byte[] buffer) throws IOException {
        requireUnblocked(file);
        return text(file, buffer);
    }

    /** Opens a file of the host; it must not block, as in {@link #unblockedText}. */
    final InputStream openUnblocked(String file) throws IOException {
        requireUnblocked(file);
        return open(file);
    }

    private void requireUnblocked(String file) throws NoSuchFileException {
        if (mayBlock(file)) {
            throw new NoSuchFileException(path(file), null, "is not there, or not a plain file");
        }
    }

    /**
     * Reads a small file as text.
     *
     * @param buffer limits the length; its content changes
     */
    public final String text(String file, byte[] buffer) throws IOException {
        return text(file, buffer, buffer.length);
    }

    /**
     * Reads a file of a process as text; the file is small for most processes.
     *
     * @param buffer large enough for most files; its content changes
     * @param maxBytes the limit for all other files
     */
    public final String text(String file, byte[] buffer, int maxBytes) throws IOException {
        int length = read(file, buffer);
        if (length < buffer.length || maxBytes <= buffer.length) {
            return Text.decode(buffer, 0, length);
        }
        byte[] large = new byte[maxBytes];
        return Text.decode(large, 0, read(file, large));
    }

    /** Opens a file of which parts are read; the caller closes it. */
    protected RandomAccessFile openAt(String file) throws IOException {
        if (!isProcFileSystem) {
            requireNoForeignLink(file);
        }
        try {
            return new RandomAccessFile(path(file), "r");
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
     * Returns the target of a link such as {@code 1/exe}, as {@link Text} decodes its bytes. In a
     * folder that is a copy of {@code /proc}, it may be a file that contains the target, as in
     * archives without links.
     */
    public String link(String file) throws IOException {
        Path target;
        try {
            target = Files.readSymbolicLink(Path.of(path(file)));
        } catch (NotLinkException e) {
            String text = isProcFileSystem || mayBlock(file) ? "" : text(file).stripTrailing();
            if (text.isEmpty() || text.length() > MAX_LINK_CHARS || text.indexOf('\0') >= 0) {
                throw e;
            }
            return text;
        }
        String text = target.toString();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80 || text.charAt(i) == '?') {
                return undecoded(target);
            }
        }
        return text;
    }

    /**
     * Reads the start of a file of the host that these processes run on, which is beside the folder
     * of the processes. Another user may own that place, so psm follows no link from there, which
     * could lead to this host's files, and opens neither pipes nor devices.
     *
     * @param folder a folder beside that of the processes
     * @param name a file in it
     * @param maxBytes the limit; more is left out
     */
    public byte[] hostFile(String folder, String name, int maxBytes) throws IOException {
        Path parent = Path.of(path(".."), folder);
        Path file = parent.resolve(name);
        if (!Files.isDirectory(parent, LinkOption.NOFOLLOW_LINKS)
                || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            throw new NoSuchFileException(file.toString());
        }
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(maxBytes);
        }
    }

    /**
     * Returns the first line of a small file of the host, such as {@code sys/kernel/hostname}.
     *
     * @return {@code null} if the file cannot be read
     */
    final String firstLine(String file) {
        try {
            String text = text(file);
            int newline = text.indexOf('\n');
            return newline < 0 ? text : text.substring(0, newline);
        } catch (IOException e) {
            return null;
        }
    }

    /** Returns the user to whom a process belongs; -1 if that is not known. */
    public int owner(int pid) {
        try {
            return (Integer) Files.getAttribute(Path.of(path(Integer.toString(pid))), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            return -1;
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

    /**
     * Returns a file by the bytes of its path: the name of a control group may have any, which the
     * locale's encoding may be unable to represent. Only a URI takes all of them.
     */
    private Path file(String file) {
        if (isAscii(file)) {
            return Path.of(path(file));
        }
        StringBuilder uri = new StringBuilder(Path.of(root).toUri().toString()).append('/');
        for (byte b : Text.encode(file)) {
            if (b == '/') {
                uri.append('/');
            } else {
                String hex = Integer.toHexString(b & 0xff);
                uri.append(hex.length() == 1 ? "%0" : "%").append(hex);
            }
        }
        return Path.of(URI.create(uri.toString()));
    }

    private static boolean isAscii(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) >= 0x80) {
                return false;
            }
        }
        return true;
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
     * Returns the reason why a path cannot be opened. FileInputStream only has a message in the
     * language of the locale. The newer API throws another type of exception for each reason, but
     * takes a third longer to open a file.
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
     * Returns the original bytes of a path, which the locale's encoding may have changed in its
     * string. Only the URI contains them. To make a URI, Java looks up whether the path is a
     * folder. A process chose this path, so Java gets a path below {@link #NOWHERE} instead.
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
