package psm;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chooses programs by their names. May be shared between threads. */
final class Filter {
    /**
     * How many characters a match may look at. Expressions that backtrack take as long as they
     * like; others look at each character of a name, of which there are 4,096 at most, a few times.
     */
    private static final int MAX_LOOKS = 1 << 23;

    /**
     * Counted repetitions in all of an expression, one within the other: names have 4,096 bytes.
     */
    private static final long MAX_REPETITIONS = 1_000_000;

    private static final Pattern REPETITION = Pattern.compile("\\{(\\d+)(?:,(\\d+))?");

    private final Pattern pattern;

    Filter(Pattern pattern) {
        this.pattern = pattern;
    }

    /**
     * Whether an expression may repeat what looks at no character, such as {@code (?:)}, for so
     * long that it never ends.
     */
    static boolean repeatsTooOften(String regex) {
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
    boolean finds(String name) throws IOException {
        try {
            return pattern.matcher(new Counted(name)).find();
        } catch (TooLongException | StackOverflowError e) {
            throw new IOException("--filter is too slow an expression for its name", e);
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
        private int looks;

        Counted(String text) {
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (++looks > MAX_LOOKS) {
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
