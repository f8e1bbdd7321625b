package psm.scan;

import psm.proc.KeyedLines;
import psm.proc.ProcFs;
import psm.text.Missing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * Adds up the memory of drivers that a process maps, such as the ring of a packet socket: it is in
 * Pss and in meminfo's Mapped, but in no cache of files. Looks for such mappings in {@code maps},
 * and reads {@code smaps} only of the few processes that have some. Belongs to one thread.
 */
final class DeviceMappings {
    /**
     * The limit of a file. If it is too low, mappings of a process with a hundred thousand of them
     * are missed; if it is too high, four threads use up the heap.
     */
    private static final int MAX_BYTES = 1 << 22;

    private static final String PSS = "Pss:";

    /** The number of fields before the name of a mapping. */
    private static final int FIELDS = 5;

    private final ProcFs proc;

    DeviceMappings(ProcFs proc) {
        this.proc = proc;
    }

    /**
     * Returns the Pss of the mappings of drivers, in bytes.
     *
     * @param folder the folder of the process
     * @return {@link Missing#VALUE} if the files cannot be read
     */
    long pss(String folder) {
        try {
            return hasAny(text(folder + "/maps")) ? pssOf(text(folder + "/smaps")) : 0;
        } catch (IOException e) {
            return Missing.VALUE; // permission denied, or exited, which is noticed elsewhere
        }
    }

    private String text(String file) throws IOException {
        try (InputStream in = proc.open(file)) {
            return new String(in.readNBytes(MAX_BYTES), StandardCharsets.ISO_8859_1);
        }
    }

    private static boolean hasAny(String maps) {
        for (int line = 0; line < maps.length(); line = next(maps, line)) {
            if (isDevice(maps, line)) {
                return true;
            }
        }
        return false;
    }

    private static long pssOf(String smaps) {
        long bytes = 0;
        boolean isDevice = false;
        for (int line = 0; line < smaps.length(); line = next(smaps, line)) {
            boolean isField = Character.isUpperCase(smaps.charAt(line));
            if (!isField) {
                isDevice = isDevice(smaps, line);
            } else if (isDevice && smaps.startsWith(PSS, line)) {
                String pss = smaps.substring(line, next(smaps, line));
                bytes = Missing.plus(bytes, new KeyedLines(pss).bytes("Pss"));
            }
        }
        return bytes;
    }

    /** Returns the start of the next line. */
    private static int next(String text, int line) {
        int newline = text.indexOf('\n', line);
        return newline < 0 ? text.length() : newline + 1;
    }

    /** Returns whether a line names a mapping of a driver: {@code socket:[4711]}, a device. */
    private static boolean isDevice(String text, int line) {
        int at = line;
        for (int i = 0; (i < FIELDS && at > 0) || i == 0; i++) {
            at = text.indexOf(' ', at) + 1;
        }
        while (at > 0 && at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        boolean isNamed = at > line && at < next(text, line) && text.charAt(at) > ' ';
        return isNamed
                && (text.startsWith("/dev/", at)
                        ? !isOfMemory(text, at)
                        : text.charAt(at) != '/' && text.charAt(at) != '[');
    }

    /** Returns whether a path below /dev is a file in memory, which is in a cache. */
    private static boolean isOfMemory(String text, int at) {
        return text.startsWith("/dev/shm/", at)
                || text.startsWith("/dev/zero", at)
                || text.startsWith("/dev/hugepages/", at);
    }
}
