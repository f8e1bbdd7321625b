package psm.text;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/** Selects programs, or mappings, by their names. May be shared between threads. */
public final class Filter {
    /**
     * The number of characters that one match may read. An expression that backtracks may never
     * end. Any other reads each character of a name a few times, and a name has at most {@link
     * Text#MAX_NAME_CHARS}.
     */
    private static final int MAX_READS = 1 << 23;

    /** The number of characters that a match may read once {@link #SHARED_READS} are used up. */
    private static final int FEW_READS = 64 * Text.MAX_NAME_CHARS;

    /**
     * The number of characters that all matches together may read before each is limited to {@link
     * #FEW_READS}: about a second. A user who knows the expression can start any number of programs
     * with names for which it is slow.
     */
    private static final long SHARED_READS = 16 * MAX_READS;

    /** The limit for an expression; a list of a thousand names fits. */
    private static final int MAX_CHARS = 10_000;

    /**
     * The characters without which a match reads each character a few times at most, and is never
     * slow.
     */
    private static final Pattern REPEATS = Pattern.compile("[?*+{(]");

    private final String option;
    private final Pattern pattern;

    /** The thread that matches; {@code null} if no match can be slow. */
    private final MatchThread thread;

    private final AtomicLong sharedReads = new AtomicLong(SHARED_READS);

    /**
     * Makes a filter of an expression.
     *
     * @param option the option whose value is the expression, for messages
     */
    public Filter(String option, Pattern pattern) {
        this.option = option;
        this.pattern = pattern;
        boolean mayBeSlow = REPEATS.matcher(pattern.pattern()).find();
        this.thread = mayBeSlow ? new MatchThread(pattern) : null;
    }

    /**
     * Returns what is wrong with an expression that would keep psm busy, and what would work;
     * {@code null} if nothing is.
     */
    public static String problem(String regex) {
        if (regex.length() > MAX_CHARS) {
            return "is longer than " + MAX_CHARS + " characters; use a shorter one";
        }
        return null;
    }

    /**
     * Returns whether the expression matches a part of a name.
     *
     * @throws IOException if the match takes too long
     */
    public boolean finds(String name) throws IOException {
        long maxReads = Math.max(FEW_READS, Math.min(MAX_READS, sharedReads.get()));
        CountedText counted = new CountedText(name, maxReads);
        try {
            return thread == null ? pattern.matcher(counted).find() : thread.finds(counted);
        } catch (TooLongException | StackOverflowError e) {
            throw new IOException(option + " is too slow an expression for its name", e);
        } finally {
            sharedReads.addAndGet(-counted.reads);
        }
    }

    /** Starts with another report: the limits for all matches together are for one report. */
    public void begin() {
        sharedReads.set(SHARED_READS);
        if (thread != null) {
            thread.begin();
        }
    }

    /** Returns whether the expression took so long that psm no longer matches it. */
    boolean isTooSlow() {
        return thread != null && thread.isLost();
    }

    /**
     * Throws a failure if the expression took so long that psm no longer matches it.
     *
     * @throws Failure if so
     */
    public void requireFast() throws Failure {
        if (isTooSlow()) {
            throw Failure.usage(
                    asTyped()
                            + ": takes too long to match; use a simpler expression, without"
                            + " repetitions of what may be empty",
                    null);
        }
    }

    /** Returns the option and the expression as they are on the command line. */
    public String asTyped() {
        return option + " " + pattern;
    }

    @Override
    public String toString() {
        return pattern.toString();
    }

    /** Reports that a match takes too long. */
    static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** A text that counts how often its characters are read. */
    private static final class CountedText implements CharSequence {
        private final String text;
        private final long maxReads;
        private int reads;

        CountedText(String text, long maxReads) {
            this.text = text;
            this.maxReads = maxReads;
        }

        @Override
        public char charAt(int index) {
            if (++reads > maxReads) {
                throw new TooLongException();
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
