package psm.terminal;

import psm.proc.OwnProcess;
import psm.text.Failure;
import psm.trust.Subprocess;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Repeats a report until psm is stopped. In a window, each report replaces the previous one; in a
 * pipe, it follows the previous one. On a terminal, the key q ends it.
 */
public final class Watch {
    // ECMA-48, and DEC's private modes for the cursor.
    /** Moves the cursor to the top left corner and clears the screen below it. */
    public static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";

    private static final String CLEAR = "\u001b[2J";
    private static final String HIDE_CURSOR = "\u001b[?25l";
    private static final String SHOW_CURSOR = "\u001b[?25h";

    /** The maximum time to wait for the last report, since its reader may block. */
    private static final long LAST_REPORT_SECONDS = 1;

    /**
     * The time from one look at the keys to the next. If it is long, q seems to do nothing; if it
     * is short, waiting takes CPU time.
     */
    private static final long KEY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private static final String STOP = "TSTP";

    /** One repetition. */
    public interface Round {
        /** Makes a report and returns whether to make another one. */
        boolean report(boolean isFirst) throws Failure;

        /** Shows the last report once more, since the window has changed. */
        void redraw() throws Failure;
    }

    private final long nanos;
    private final long count;

    /** Whether each report replaces the previous one. */
    private final boolean isInPlace;

    /** The keys, if the reports are shown on a terminal; else {@code null}. */
    private final Keyboard keyboard;

    /** The lock that is held while a report is written, so that the last one is complete. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Thread reporter = Thread.currentThread();
    private volatile boolean isChanged;

    /** The number of reports so far. */
    private long made;

    /** When the next report is due, as {@link System#nanoTime} counts. */
    private long due;

    /** Whether the window is prepared; it is not while psm is stopped or in the background. */
    private boolean isOpen;

    /** Whether psm has changed the window and not yet made it as it was before. */
    private boolean isOurs;

    /** Whether the window stays as it was before, since psm stops or ends. */
    private boolean isLeft;

    /** Whether psm ends, so that nothing prepares the window again. */
    private boolean isEnding;

    /**
     * Makes a watch.
     *
     * @param nanos the time from one report to the next
     * @param count the number of reports; 0 for any number
     * @param isTerminal whether the reports are shown on a terminal
     * @param isInPlace whether each report replaces the previous one
     */
    public Watch(long nanos, long count, boolean isTerminal, boolean isInPlace) {
        this.nanos = nanos;
        this.count = count;
        this.isInPlace = isInPlace;
        this.keyboard = isTerminal ? new Keyboard() : null;
    }

    /**
     * Makes reports until there are enough, a round wants no more, the user types q, or a signal
     * ends psm.
     *
     * @throws Failure if a round throws it
     */
    public void run(Round round) throws Failure {
        begin();
        boolean isWanted = true;
        while (isWanted) {
            isWanted = next(round);
        }
    }

    /** Prepares for the keys and the signals, before the first report. */
    public void begin() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::end, "psm-watch"));
        if (keyboard != null) {
            Signals.handle("WINCH", this::change);
            Signals.handle("CONT", this::resume);
            Signals.handle(STOP, this::stop);
        }
        due = System.nanoTime();
    }

    /**
     * Makes the next report as soon as it is due.
     *
     * @return whether another one is wanted
     * @throws Failure if the round throws it
     */
    public boolean next(Round round) throws Failure {
        if (made > 0 && !await(round)) {
            return false;
        }
        awaitForeground();
        if (!report(round, made == 0)) {
            return false;
        }
        // Keep the requested rate; a round that takes longer delays the next ones.
        due = Math.max(due + nanos, System.nanoTime());
        return ++made != count;
    }

    private boolean report(Round round, boolean isFirst) throws Failure {
        lock.lock();
        try {
            return round.report(isFirst);
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the time of the next report; returns whether the user still wants it. */
    private boolean await(Round round) throws Failure {
        long left;
        do {
            left = due - System.nanoTime(); // parkNanos returns at once where none are left
            LockSupport.parkNanos(keyboard == null ? left : Math.min(left, KEY_NANOS));
            if (keyboard != null && keyboard.isQuitTyped()) {
                return false;
            }
            redraw(round);
        } while (left > 0);
        return true;
    }

    private void redraw(Round round) throws Failure {
        if (isChanged && isInPlace) {
            isChanged = false;
            awaitForeground();
            lock.lock();
            try {
                round.redraw();
            } finally {
                lock.unlock();
            }
        }
    }

    // The window

    /** Waits until psm may write to the terminal, and prepares it. */
    private void awaitForeground() {
        while (keyboard != null && !isOpen()) {
            LockSupport.parkNanos(KEY_NANOS);
        }
    }

    /** Prepares the window, unless it belongs to another program now. */
    private synchronized boolean isOpen() {
        if (!isOpen && !isLeft && !new OwnProcess().isInBackground()) {
            isOpen = true;
            isOurs = true;
            keyboard.open();
            print(HIDE_CURSOR + CLEAR);
        }
        return isOpen;
    }

    /** Makes the window as it was before. */
    private synchronized void leave() {
        isLeft = true;
        isOpen = false;
        if (isOurs && !new OwnProcess().isInBackground()) { // where stty would be stopped
            isOurs = false;
            keyboard.close();
            print(SHOW_CURSOR);
        }
    }

    /** Prepares the window anew: the shell may have changed it since psm was stopped. */
    private synchronized void resume() {
        isOpen = false;
        isLeft = isEnding;
        change();
    }

    private void print(String escapes) {
        if (isInPlace) {
            System.out.print(escapes);
            System.out.flush();
        }
    }

    private void change() {
        isChanged = true;
        LockSupport.unpark(reporter);
    }

    /** Stops psm as Ctrl-Z does by default, but makes the window as it was before. */
    private void stop() {
        if (awaitReport()) {
            lock.unlock();
        }
        leave();
        Signals.reset(STOP);
        try {
            String kill = "kill -" + STOP + " \"$1\"";
            String pid = Long.toString(ProcessHandle.current().pid());
            Subprocess.run(List.of(Subprocess.find("sh"), "-c", kill, "sh", pid));
        } catch (IOException e) {
            // Then it goes on.
        }
        Signals.handle(STOP, this::stop);
        resume();
    }

    private void end() {
        awaitReport(); // and keep the lock: no other report begins
        synchronized (this) {
            isEnding = true;
            leave();
        }
    }

    /** Waits for the end of a report; returns whether this thread has the lock then. */
    private boolean awaitReport() {
        try {
            return lock.tryLock(LAST_REPORT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
