package psm.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The size of the terminal's window, in characters.
 *
 * @param rows the number of lines; 0 if it is not known
 * @param columns the number of characters in a line; 0 if it is not known
 */
public record Terminal(int rows, int columns) {
    /** The property that the launcher sets to the output of stty(1): rows, a blank, columns. */
    private static final String PROPERTY = "psm.window";

    private static final Terminal UNKNOWN = new Terminal(0, 0);

    /** The width below which a size is ignored: no table fits into it. */
    private static final int MIN_COLUMNS = 20;

    /** Returns the size that the launcher passed on, else the current size. */
    public static Terminal atStart() {
        Terminal passed = parse(System.getProperty(PROPERTY, ""));
        return passed.columns > 0 ? passed : now();
    }

    /** Returns the current size, from stty(1), since Java has no function for it. */
    public static Terminal now() {
        for (String stty : new String[] {"/usr/bin/stty", "/bin/stty"}) {
            if (new File(stty).canExecute()) {
                return ask(stty);
            }
        }
        return UNKNOWN;
    }

    /** Returns how many lines of the window are left if messages and the cursor come below. */
    public int linesAbove(List<String> messages) {
        int lines = rows - 1;
        for (String message : messages) {
            lines -= 1 + ("psm: " + message).length() / columns;
        }
        return Math.max(1, lines);
    }

    private static Terminal ask(String stty) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(stty, "size")
                            .directory(new File("/"))
                            .redirectInput(new File("/dev/tty"))
                            .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().clear();
            Process process = builder.start();
            if (!process.waitFor(1, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return UNKNOWN;
            }
            byte[] size = process.getInputStream().readNBytes(64);
            return parse(new String(size, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return UNKNOWN; // this process has no controlling terminal
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
            return columns < MIN_COLUMNS || rows <= 0 ? UNKNOWN : new Terminal(rows, columns);
        } catch (NumberFormatException e) {
            return UNKNOWN;
        }
    }

    /** Returns whether the terminal can show colours and the user allows them (no-color.org). */
    public static boolean isColoured() {
        String none = System.getenv("NO_COLOR");
        String term = System.getenv("TERM");
        return (none == null || none.isEmpty()) && term != null && !term.equals("dumb");
    }
}
