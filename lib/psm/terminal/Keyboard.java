package psm.terminal;

import java.io.IOException;

/**
 * The keys that the user types on the terminal that standard input is connected to. stty(1) makes
 * it deliver each key at once, and not show it; Ctrl-C and Ctrl-Z still send their signals. May be
 * shared between threads.
 */
final class Keyboard {
    private final boolean isTerminal = StandardOutput.isTerminal(StandardOutput.target(0));

    /** What stty(1) restores the terminal from; empty while it is unchanged. */
    private String before = "";

    /** Makes the terminal deliver each key at once. */
    synchronized void open() {
        if (isTerminal && before.isEmpty()) {
            before = Terminal.stty(ProcessBuilder.Redirect.INHERIT, "-g");
        }
        if (!before.isEmpty()) {
            Terminal.stty(ProcessBuilder.Redirect.INHERIT, "-icanon", "-echo");
        }
    }

    /** Makes the terminal as it was. */
    synchronized void close() {
        if (!before.isEmpty()) {
            Terminal.stty(ProcessBuilder.Redirect.INHERIT, before);
            before = "";
        }
    }

    /** Returns whether the user has typed q, or the terminal is gone; ignores other keys. */
    synchronized boolean isQuitTyped() {
        try {
            boolean isQuit = false;
            while (!before.isEmpty() && System.in.available() > 0) {
                int key = System.in.read();
                isQuit |= key == 'q' || key == 'Q';
            }
            return isQuit;
        } catch (IOException e) {
            return true;
        }
    }
}
