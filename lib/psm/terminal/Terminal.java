package psm.terminal;

import psm.trust.Subprocess;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

    /** More than what stty(1) writes: the settings of a terminal take some 150 characters. */
    private static final int MAX_STTY_BYTES = 4096;

    /** The time for stty(1), which takes long to start where memory is short. */
    private static final int MAX_STTY_SECONDS = 5;

    /** The width below which a size is ignored: no table fits into it. */
    private static final int MIN_COLUMNS = 20;

    /** Returns the size that the launcher passed on, else the current size. */
    public static Terminal atStart() {
        Terminal passed = parse(System.getProperty(PROPERTY, ""));
        return passed.columns > 0 ? passed : now();
    }

    /** Returns the current size, from stty(1), since Java has no function for it. */
    public static Terminal now() {
        return parse(stty(ProcessBuilder.Redirect.from(new File("/dev/tty")), "size"));
    }

    /** Returns how many lines of the window are left if messages and the cursor come below. */
    public int linesAbove(List<String> messages) {
        int lines = rows - 1;
        for (String message : messages) {
            lines -= 1 + ("psm: " + message).length() / columns;
        }
        return Math.max(1, lines);
    }

    /**
     * Runs stty(1).
     *
     * @param terminal the terminal, as its standard input
     * @return its output in a line; empty if it fails, or there is no terminal
     */
    static String stty(ProcessBuilder.Redirect terminal, String... arguments) {
        List<String> words = new ArrayList<>(List.of(Subprocess.find("stty")));
        words.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .directory(new File("/"))
                        .redirectInput(terminal)
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        try {
            Process process = builder.start();
            if (!process.waitFor(MAX_STTY_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            byte[] output = process.getInputStream().readNBytes(MAX_STTY_BYTES);
            return new String(output, StandardCharsets.US_ASCII).strip();
        } catch (IOException e) {
            return ""; // this process has no controlling terminal, or there is no stty
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    static Terminal parse(String size) {
        String[] numbers = size.split(" ", -1);
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
        return (none == null || none.isEmpty()) && hasEscapes();
    }

    /** Returns whether the terminal understands escape sequences, as far as its TERM says. */
    public static boolean hasEscapes() {
        String term = System.getenv("TERM");
        return term != null && !term.equals("dumb");
    }
}
