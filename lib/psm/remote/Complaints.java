package psm.remote;

import psm.text.Text;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/** The last lines that a program writes to standard error. Safe for use by several threads. */
final class Complaints {
    /** The number of lines that are kept: what ssh says of a changed key has 15. */
    private static final int MAX_LINES = 64;

    /** The limit of a line, which is to fit into a remark. */
    private static final int MAX_LINE_BYTES = 300;

    /** The limit for all lines; a program that writes more waits until it is ended. */
    private static final int MAX_BYTES = 16 << 20;

    private final Deque<String> lines = new ArrayDeque<>();

    /** Reads a stream to its end. */
    void read(InputStream in) {
        byte[] line = new byte[MAX_LINE_BYTES];
        byte[] part = new byte[1024];
        int length = 0;
        long bytes = 0;
        try {
            for (int read; bytes < MAX_BYTES && (read = in.read(part)) >= 0; bytes += read) {
                for (int i = 0; i < read; i++) {
                    if (part[i] == '\n' || part[i] == '\r') {
                        add(line, length);
                        length = 0;
                    } else if (length < MAX_LINE_BYTES) {
                        // Many NULs would take the place of the words behind them.
                        boolean isRepeated = part[i] == 0 && (length == 0 || line[length - 1] == 0);
                        line[length] = part[i];
                        length += isRepeated ? 0 : 1;
                    }
                }
            }
        } catch (IOException e) {
            // The program was ended, and its pipes are closed.
        }
        add(line, length);
    }

    /** Returns a line for a message: blanks and control characters become one blank, but ESC. */
    static String line(byte[] bytes, int length) {
        String text = Text.decode(bytes, 0, length).replaceAll("[\\s\\x00-\\x1a]+", " ");
        return Text.cut(Text.printable(text.strip()), MAX_LINE_BYTES);
    }

    private synchronized void add(byte[] line, int length) {
        String text = line(line, length);
        if (text.isEmpty()) {
            return;
        }
        if (lines.size() == MAX_LINES) {
            lines.removeFirst();
        }
        lines.addLast(text);
    }

    /** Returns whether no line has been read so far. */
    synchronized boolean isEmpty() {
        return lines.isEmpty();
    }

    /** Returns the last line that contains one of some words, or {@code null}. */
    synchronized String lastWith(String... words) {
        String found = null;
        for (String line : lines) {
            for (String word : words) {
                found = line.contains(word) ? line : found;
            }
        }
        return found;
    }

    /** Returns the last line that contains none of some words, or {@code null}. */
    synchronized String lastWithout(String... words) {
        String found = null;
        for (String line : lines) {
            boolean hasWord = false;
            for (String word : words) {
                hasWord |= line.contains(word);
            }
            found = hasWord ? found : line;
        }
        return found;
    }
}
