package psm.terminal;

import psm.text.Text;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * Writes text to a terminal, whatever format it is in: tabs and the ends of lines stay, and other
 * characters that are invisible or harmful are escaped, see {@link Text#printable}.
 */
public final class TerminalText extends FilterOutputStream {
    /** The length at which a line is written in parts. */
    private static final int MAX_LINE_BYTES = 1 << 16;

    private byte[] line = new byte[256];
    private int length;

    public TerminalText(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        if (length == line.length) {
            line = Arrays.copyOf(line, 2 * length);
        }
        line[length++] = (byte) b;
        boolean isCharacter = b >= 0 && b < 0x80; // so that no character is cut
        boolean isLong = length >= (isCharacter ? MAX_LINE_BYTES : 2 * MAX_LINE_BYTES);
        if (b == '\n' || isLong) {
            finish();
        }
    }

    @Override
    public void write(byte[] bytes, int from, int count) throws IOException {
        for (int i = from; i < from + count; i++) {
            write(bytes[i]);
        }
    }

    /** Writes what is left of the last line. */
    public void finish() throws IOException {
        int end = length;
        while (end > 0 && (line[end - 1] == '\n' || line[end - 1] == '\r')) {
            end--;
        }
        boolean isWhole = end < length && line[length - 1] == '\n';
        String text = Text.decode(line, 0, isWhole ? end : length);
        String[] parts = text.split("\t", -1);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Text.printable(parts[i]);
        }
        out.write(Text.encode(String.join("\t", parts)));
        out.write(line, end, isWhole ? length - end : 0);
        length = 0;
    }

    /** Does nothing: the rest of a line may be cut in the middle of a character. */
    @Override
    public void flush() {
        // see finish
    }

    @Override
    public void close() throws IOException {
        finish();
    }
}
