package psm.text;

import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * Matches texts with one expression in a thread of its own. Nothing ends a match that reads no
 * character, such as one of {@code ^?^?^?...(?!)}, so after a time limit the thread is left behind,
 * and all later matches fail. May be shared between threads.
 */
final class MatchThread implements Runnable {
    /**
     * The time between two checks of a match. A check that comes much later does not count: psm got
     * no processor then, so the match may not have got one either.
     */
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** The number of checks after which a match is too slow: two seconds. */
    private static final int MAX_TICKS = 20;

    /**
     * The longest time of all matches for one report. If it is too low, an expression is refused on
     * a host of many processes; if it is too high, psm is busy for that long.
     */
    private static final long MAX_ALL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final Pattern pattern;

    /** Is held by the caller whose text is matched; the others wait for it. */
    private final Object turn = new Object();

    // The lock of this object guards the fields below.

    private CharSequence text;

    /** The result of the match, or the exception that ended it; {@code null} until then. */
    private Object result;

    private long usedNanos;
    private boolean isStarted;
    private boolean isLost;

    MatchThread(Pattern pattern) {
        this.pattern = pattern;
    }

    /** Starts with another report, which has the whole time for its matches. */
    synchronized void begin() {
        usedNanos = 0;
    }

    /** Returns whether the expression was too slow. */
    synchronized boolean isLost() {
        return isLost;
    }

    /**
     * Returns whether the expression matches a part of a text.
     *
     * @throws Filter.TooLongException if it takes too long, or a match before took too long
     */
    boolean finds(CharSequence name) {
        synchronized (turn) {
            return matched(name);
        }
    }

    private synchronized boolean matched(CharSequence name) {
        isLost |= usedNanos > MAX_ALL_NANOS;
        if (isLost) {
            throw new Filter.TooLongException();
        }
        start();
        text = name;
        result = null;
        notifyAll();
        for (int ticks = 0; result == null; ) {
            ticks += isTickInTime() ? 1 : 0;
            if (ticks > MAX_TICKS && result == null) {
                isLost = true;
                throw new Filter.TooLongException();
            }
        }
        if (result instanceof RuntimeException e) {
            throw e;
        }
        if (result instanceof Error e) {
            throw e;
        }
        return (Boolean) result;
    }

    private void start() {
        if (!isStarted) {
            Thread thread = new Thread(this, "psm-match");
            thread.setDaemon(true);
            thread.start();
            isStarted = true;
        }
    }

    /** Waits for the result; returns whether the time of one tick has passed, and not much more. */
    private boolean isTickInTime() {
        long begun = System.nanoTime();
        try {
            TimeUnit.NANOSECONDS.timedWait(this, TICK_NANOS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true; // each further wait ends at once, so the match ends soon
        }
        long waited = System.nanoTime() - begun;
        return waited >= TICK_NANOS / 2 && waited < 2 * TICK_NANOS;
    }

    @Override
    public void run() {
        for (CharSequence next = next(); next != null; next = next()) {
            long begun = System.nanoTime();
            Object found;
            try {
                found = pattern.matcher(next).find();
            } catch (RuntimeException | StackOverflowError e) {
                found = e;
            }
            end(found, System.nanoTime() - begun);
        }
    }

    /** Waits for the next text; returns {@code null} if psm should end. */
    private synchronized CharSequence next() {
        while (text == null) {
            try {
                wait();
            } catch (InterruptedException e) {
                return null;
            }
        }
        return text;
    }

    private synchronized void end(Object found, long nanos) {
        usedNanos += nanos;
        text = null;
        result = found;
        notifyAll();
    }
}
