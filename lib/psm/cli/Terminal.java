package psm.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The size of the window that a person looks at, in characters.
 *
 * @param rows 0 where it cannot be told
 * @param columns 0 where it cannot be told
 */
public record Terminal(int rows, int columns) {
    /** What the launcher has found out, as stty(1) writes it: rows, a blank, columns. */
    private static final String PROPERTY = "psm.window";

    private static final Terminal UNKNOWN = new Terminal(0, 0);

    /** Smaller ones are no windows that a table could be for. */
    private static final int LEAST = 20;

    /** The window as it was when psm was started, where its launcher told, else as it is now. */
    public static Terminal atStart() {
        Terminal told = parse(System.getProperty(PROPERTY, ""));
        return told.columns > 0 ? told : now();
    }

    /** The window as it is now. Java has no way to ask for it. */
    public static Terminal now() {
        for (String stty : new String[] {"/usr/bin/stty", "/bin/stty"}) {
            if (new File(stty).canExecute()) {
                return ask(stty);
            }
        }
        return UNKNOWN;
    }

    /** Returns how many lines are left above messages and the cursor below them. */
    public int linesAbove(List<String> messages) {
        int lines = rows - 1;
        for (String message : messages) {
            lines -= 1 + ("psm: " + message).length() / columns;
        }
        return Math.max(1, lines);
    }

    private static Terminal ask(String stty) {
        try {
            Process process =
                    new ProcessBuilder(stty, "size")
                            .redirectInput(new File("/dev/tty"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return UNKNOWN;
            }
            byte[] size = process.getInputStream().readNBytes(64);
            return parse(new String(size, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return UNKNOWN; // it has no terminal of its own
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }

    static Terminal parse(String size) {
        String[] numbers = size.strip().split(" ", -1);
        try {
            int rows = Integer.parseInt(numbers[0]);
            int columns = numbers.length == 2 ? Integer.parseInt(numbers[1]) : 0;
            return columns < LEAST || rows <= 0 ? UNKNOWN : new Terminal(rows, columns);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }

    /** Whether whoever looks at it wants colours (no-color.org), and it has them. */
    public static boolean isColoured() {
        String none = System.getenv("NO_COLOR");
        String term = System.getenv("TERM");
        return (none == null || none.isEmpty()) && term != null && !term.equals("dumb");
    }
}
