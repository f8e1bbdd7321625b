package psm.terminal;

import psm.text.Failure;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Repeats a report until psm is stopped. On a terminal, each report replaces the previous one; in a
 * pipe, it follows the previous one.
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

    /** One repetition. */
    public interface Round {
        /** Makes a report and returns whether to make another one. */
        boolean report(boolean isFirst) throws Failure;
    }

    private final long nanos;
    private final boolean isTerminal;

    /** The lock that is held during a report, so that the last one is complete. */
    private final ReentrantLock lock = new ReentrantLock();

    /** Makes a watch with a period in nanoseconds. */
    public Watch(long nanos, boolean isTerminal) {
        this.nanos = nanos;
        this.isTerminal = isTerminal;
    }

    /**
     * Makes reports until a round wants no more, or a signal ends psm.
     *
     * @throws Failure if a round throws it
     */
    public void run(Round round) throws Failure {
        Thread atEnd = new Thread(this::end, "psm-watch");
        Runtime.getRuntime().addShutdownHook(atEnd);
        if (isTerminal) {
            System.out.print(HIDE_CURSOR + CLEAR);
            System.out.flush();
        }
        long due = System.nanoTime();
        for (boolean isFirst = true; report(round, isFirst); isFirst = false) {
            // Keep the requested rate; a round that takes longer delays the next ones.
            due = Math.max(due + nanos, System.nanoTime());
            sleep(due - System.nanoTime());
        }
    }

    private boolean report(Round round, boolean isFirst) throws Failure {
        lock.lock();
        try {
            return round.report(isFirst);
        } finally {
            lock.unlock();
        }
    }

    private static void sleep(long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end() {
        try {
            if (lock.tryLock(LAST_REPORT_SECONDS, TimeUnit.SECONDS)) {
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isTerminal) {
            System.out.print(SHOW_CURSOR);
            System.out.flush();
        }
    }
}
