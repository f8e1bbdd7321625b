package psm.terminal;

import psm.text.Text;

import java.util.concurrent.TimeUnit;

/**
 * A line on the terminal that is rewritten while psm waits. It is for standard error, so a report
 * in a pipe does not contain it; where standard error is no terminal, nothing is shown.
 */
public final class ProgressLine {
    /** What happens in less than this needs no line. */
    private static final long DELAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    // ECMA-48: to the start of the line; erase to its end.
    private static final String START = "\r";
    private static final String ERASE = "\u001b[K";

    /** The width where the size of the window is not known. */
    private static final int USUAL_COLUMNS = 80;

    private final long begin = System.nanoTime();
    private final boolean isPossible;
    private String shown = "";
    private int columns;

    /**
     * Creates the line; nothing is shown yet.
     *
     * @param isWanted whether it may be shown at all
     */
    public ProgressLine(boolean isWanted) {
        isPossible =
                isWanted
                        && StandardOutput.isTerminal(StandardOutput.target(2))
                        && Terminal.hasEscapes();
    }

    /** Shows a text, if there was something to wait for. */
    public void show(String text) {
        if (!isPossible || text.equals(shown) || System.nanoTime() - begin < DELAY_NANOS) {
            return;
        }
        if (columns == 0) {
            int found = Terminal.now().columns();
            columns = found == 0 ? USUAL_COLUMNS : found;
        }
        boolean fits = text.length() < columns;
        print(START + (fits ? text : Text.cut(text, columns - 4) + "...") + ERASE);
        shown = text;
    }

    /** Removes the line. */
    public void clear() {
        if (!shown.isEmpty()) {
            print(START + ERASE);
            shown = "";
        }
    }

    private static void print(String text) {
        byte[] bytes = Text.encode(text);
        System.err.write(bytes, 0, bytes.length);
        System.err.flush();
    }
}
