package psm.cli;

import psm.text.Failure;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Makes one report after the other, until somebody ends it: on a terminal each in the place of the
 * last, in a pipe one after the other.
 */
public final class Watch {
    // ECMA-48, and DEC's private modes for the cursor.
    public static final String HOME_AND_CLEAR = "\u001b[H\u001b[J";
    private static final String CLEAR = "\u001b[2J";
    private static final String HIDE_CURSOR = "\u001b[?25l";
    private static final String SHOW_CURSOR = "\u001b[?25h";

    /** A report that nobody reads must not keep psm from its end. */
    private static final long LAST_REPORT_SECONDS = 1;

    /** Makes a report. */
    public interface Round {
        /** Makes it; returns whether to go on. */
        boolean report(boolean isFirst) throws Failure;
    }

    private final long nanos;
    private final boolean isTerminal;

    /** Held while a report is made, so that the last one is whole. */
    private final ReentrantLock lock = new ReentrantLock();

    public Watch(long nanos, boolean isTerminal) {
        this.nanos = nanos;
        this.isTerminal = isTerminal;
    }

    /**
     * Makes reports until the round wants no more, or the process is told to end.
     *
     * @throws Failure the first that a round throws
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
            // At the rate that was asked for; a round that took longer puts off the others.
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
