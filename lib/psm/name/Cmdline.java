package psm.name;

import psm.proc.ProcFs;
import psm.text.Text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads the arguments of one process after the other, from {@code /proc/PID/cmdline}. All processes
 * use the same array, so it belongs to one thread.
 */
final class Cmdline {
    /**
     * The limit for the first argument, which may be a path. Without a limit, a user could start a
     * thousand processes with first arguments of 2 MB.
     */
    private static final int FIRST_ARGUMENT_BYTES = 4096;

    /** The limit for all arguments; class paths of Java programs have some 10 kB. */
    private static final int ARGUMENTS_BYTES = 128 * 1024;

    /**
     * The length to which joined arguments are cut. If it is too low, command lines that differ
     * near their end become the same; if it is too high, those of all processes do not fit into the
     * heap.
     */
    private static final int MAX_JOINED_CHARS = 1024;

    /** What stands for the middle of joined arguments that are too long. */
    private static final String DOTS = "...";

    /** How many of their last characters are kept: a main class, and its arguments. */
    private static final int END_CHARS = 384;

    private static final int START_CHARS = MAX_JOINED_CHARS - DOTS.length() - END_CHARS;

    /** The bytes of joined arguments, at four bytes a character at most. */
    private static final int MAX_JOINED_BYTES = 4 * MAX_JOINED_CHARS;

    /**
     * The limit for all joined arguments together; later ones are left out. If it is too low, some
     * are missing on a large host; if it is too high, a user who starts ten thousand processes
     * fills the heap, which four readers share.
     */
    private static final int MAX_ALL_JOINED_CHARS = 1 << 20;

    private byte[] buffer = new byte[FIRST_ARGUMENT_BYTES];

    /** The number of bytes of the buffer that belong to the process. */
    private int length;

    /** The length of all joined arguments so far. */
    private int joinedChars;

    /**
     * Reads the arguments of a process, none if they cannot be read.
     *
     * @param folder the folder of the process
     * @param all whether more than the first argument is needed
     */
    void read(ProcFs proc, String folder, boolean all) {
        try {
            length = proc.read(folder + "/cmdline", buffer);
            if (all && isCut() && length < ARGUMENTS_BYTES) {
                buffer = new byte[ARGUMENTS_BYTES];
                length = proc.read(folder + "/cmdline", buffer);
            }
        } catch (IOException e) {
            length = 0;
        }
    }

    void clear() {
        length = 0;
    }

    boolean isEmpty() {
        return length == 0;
    }

    /** Returns whether the command line may continue after what was read. */
    boolean isCut() {
        return length == buffer.length;
    }

    /** Returns the bytes that were read. */
    byte[] bytes() {
        return Arrays.copyOf(buffer, length);
    }

    boolean isSame(byte[] bytes) {
        return Arrays.equals(buffer, 0, length, bytes, 0, bytes.length);
    }

    /** Returns the first argument; empty if there is none. */
    String first() {
        return argument(0);
    }

    /** Returns the arguments, each cut to {@link #FIRST_ARGUMENT_BYTES}. */
    List<String> arguments() {
        List<String> arguments = new ArrayList<>();
        for (int from = 0; from < length; from = end(from, length) + 1) {
            arguments.add(argument(from));
        }
        return arguments;
    }

    private String argument(int from) {
        int to = end(from, Math.min(length, from + FIRST_ARGUMENT_BYTES));
        return Text.decode(buffer, from, to);
    }

    private int end(int from, int limit) {
        int end = from;
        while (end < limit && buffer[end] != 0) {
            end++;
        }
        return end;
    }

    /**
     * Returns the arguments with blanks between them. If they have more than 1,024 characters, dots
     * stand for those in the middle: the end often says more than a long class path before it. Zero
     * bytes and blanks at the end, which some programs leave there, are removed.
     *
     * @return {@code null} if there are none, or the limit for all processes is reached
     */
    String joined() {
        int to = length;
        while (to > 0 && (buffer[to - 1] == 0 || buffer[to - 1] == ' ')) {
            to--;
        }
        if (to == 0 || joinedChars > MAX_ALL_JOINED_CHARS) {
            return null;
        }
        String start = joined(0, Math.min(to, MAX_JOINED_BYTES));
        boolean isShort = to <= MAX_JOINED_BYTES && Text.cut(start, MAX_JOINED_CHARS).equals(start);
        String joined = isShort ? start : Text.cut(start, START_CHARS) + DOTS + end(to);
        joinedChars += joined.length();
        return joined;
    }

    private String joined(int from, int to) {
        byte[] line = Arrays.copyOfRange(buffer, from, to);
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] == 0 ? (byte) ' ' : line[i];
        }
        return Text.decode(line, 0, line.length);
    }

    /** Returns the last characters of the arguments; empty if the end of them was not read. */
    private String end(int to) {
        if (isCut()) {
            return "";
        }
        int from = Math.max(0, to - 4 * END_CHARS);
        while (from < to && (buffer[from] & 0xC0) == 0x80) { // inside of a character
            from++;
        }
        String end = joined(from, to);
        int more = end.codePointCount(0, end.length()) - END_CHARS;
        return more <= 0 ? end : end.substring(end.offsetByCodePoints(0, more));
    }
}
