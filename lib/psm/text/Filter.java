package psm.text;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chooses programs, or mappings, by their names. May be shared between threads. */
public final class Filter {
    /**
     * How many characters a match may look at. Expressions that backtrack take as long as they
     * like; others look at each character of a name, of which there are {@link Text#MAX_NAME_CHARS}
     * at most, a few times.
     */
    private static final int MAX_LOOKS = 1 << 23;

    /** The same for a match after the first ones have used up {@link #SHARED_LOOKS}. */
    private static final int FEW_LOOKS = 64 * Text.MAX_NAME_CHARS;

    /**
     * How many characters all matches may look at, before they are held to few: about a second.
     * Whoever knows the expression may start any number of programs with names that it is slow for.
     */
    private static final long SHARED_LOOKS = 16 * MAX_LOOKS;

    /**
     * Counted repetitions in all of an expression, one within the other: names have some hundreds
     * of characters.
     */
    private static final long MAX_REPETITIONS = 1_000_000;

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d+)(?:,(\\d+))?");

    private final String option;
    private final Pattern pattern;
    private final AtomicLong sharedLooks = new AtomicLong(SHARED_LOOKS);

    public Filter(Pattern pattern) {
        this("--filter", pattern);
    }

    /**
     * Makes a filter of an expression.
     *
     * @param option where the expression is from, for whom it may concern
     */
    public Filter(String option, Pattern pattern) {
        this.option = option;
        this.pattern = pattern;
    }

    /**
     * Whether an expression may repeat what looks at no character, such as {@code (?:)}, for so
     * long that it never ends.
     */
    public static boolean repeatsTooOften(String regex) {
        double product = 1;
        for (Matcher repetition = REPETITION.matcher(regex); repetition.find(); ) {
            String most = repetition.group(2) == null ? repetition.group(1) : repetition.group(2);
            product *= Math.max(1, Double.parseDouble(most));
        }
        return product > MAX_REPETITIONS;
    }

    /**
     * Whether the expression finds something in the name.
     *
     * @throws IOException where it takes too long to say
     */
    public boolean finds(String name) throws IOException {
        long most = Math.max(FEW_LOOKS, Math.min(MAX_LOOKS, sharedLooks.get()));
        Counted counted = new Counted(name, most);
        try {
            return pattern.matcher(counted).find();
        } catch (TooLongException | StackOverflowError e) {
            throw new IOException(option + " is too slow an expression for its name", e);
        } finally {
            sharedLooks.addAndGet(-counted.looks);
        }
    }

    @Override
    public String toString() {
        return pattern.toString();
    }

    private static final class TooLongException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** Counts the looks. */
    private static final class Counted implements CharSequence {
        private final String text;
        private final long most;
        private int looks;

        Counted(String text, long most) {
            this.text = text;
            this.most = most;
        }

        @Override
        public char charAt(int index) {
            if (++looks > most) {
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
