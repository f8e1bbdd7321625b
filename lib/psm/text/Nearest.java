package psm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Guesses what somebody meant who gave a name that is not known: the start of a name, a word of it
 * or a part comes before what only looks alike.
 */
public final class Nearest {
    /** Of names that are listed where there may be any number. */
    private static final int MOST = 10;

    /** Of these together, as far as the first leaves room: they must fit into a line. */
    private static final int MOST_CHARS = 600;

    /** What is told of longer names is by their start: paths may have 4,096. */
    private static final int MAX_CHARS = 256;

    /** Fewer are the start of too many names. */
    private static final int MIN_START_CHARS = 3;

    // What a name has of the one that was asked for, the best first.
    private static final int SAME = 0;
    private static final int START = 1;
    private static final int START_OF_WORD = 2;
    private static final int PART = 3;
    private static final int MISTYPED = 4;
    private static final int START_OF_ASKED = 5;
    private static final int SHORTENED = 6;
    private static final int OTHER = 7;

    private Nearest() {}

    /** How near a name is: by what it has in common, then by how much else there is. */
    private record Nearness(String name, int kind, int distance, int rest)
            implements Comparable<Nearness> {
        @Override
        public int compareTo(Nearness other) {
            int byKind = Integer.compare(kind, other.kind);
            int byDistance = Integer.compare(distance, other.distance);
            return byKind != 0
                    ? byKind
                    : byDistance != 0 ? byDistance : Integer.compare(rest, other.rest);
        }
    }

    /** The known names for people, the nearest first, the others as they are. */
    public static String first(String name, List<String> known) {
        List<String> names = new ArrayList<>(known);
        String nearest = sorted(name, known)[0].name;
        names.remove(nearest);
        names.add(0, nearest);
        return String.join(", ", names);
    }

    /** The nearest of the known names for people, and how many others there are. */
    public static String some(String name, List<String> known) {
        Nearness[] sorted = sorted(name, known);
        int most = sorted.length <= MOST + 1 ? sorted.length : MOST;
        StringBuilder names = new StringBuilder(sorted[0].name);
        int shown = 1;
        while (shown < most && names.length() + sorted[shown].name.length() < MOST_CHARS) {
            names.append(", ").append(sorted[shown++].name);
        }
        if (shown < sorted.length) {
            names.append(", and ").append(sorted.length - shown).append(" more");
        }
        return names.toString();
    }

    /** The order of equals stays. */
    private static Nearness[] sorted(String name, List<String> known) {
        String asked = comparable(name);
        Nearness[] sorted = new Nearness[known.size()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = nearness(asked, known.get(i));
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private static String comparable(String name) {
        return name.substring(0, Math.min(name.length(), MAX_CHARS)).toLowerCase(Locale.ROOT);
    }

    private static Nearness nearness(String asked, String name) {
        String known = comparable(name);
        int rest = known.length() - asked.length();
        int kind = kind(asked, known);
        return kind == OTHER ? alike(asked, name, known) : new Nearness(name, kind, 0, rest);
    }

    /** Of names that have not all of it. */
    private static Nearness alike(String asked, String name, String known) {
        boolean isStart = !known.isEmpty() && asked.startsWith(known);
        boolean isShortened = isShortened(asked, known);
        int distance = distance(asked, known) - (isStart ? 1 : 0);
        for (String word : words(known)) {
            distance = Math.min(distance, distance(asked, word));
            isShortened |= isShortened(asked, word);
        }
        int kind = isShortened ? SHORTENED : OTHER;
        kind = isStart && known.length() >= MIN_START_CHARS ? START_OF_ASKED : kind;
        kind = distance <= 1 ? MISTYPED : kind;
        return new Nearness(name, kind, distance, Math.abs(known.length() - asked.length()));
    }

    private static int kind(String asked, String known) {
        if (known.startsWith(asked)) {
            return known.length() == asked.length() ? SAME : START;
        }
        int at = known.indexOf(asked);
        for (int next = at; next > 0; next = known.indexOf(asked, next + 1)) {
            if (!Character.isLetterOrDigit(known.charAt(next - 1))) {
                return START_OF_WORD;
            }
        }
        return at > 0 ? PART : OTHER;
    }

    /** Of {@code user@1000.service/syncthing.service}: user, 1000, service and so on. */
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        int start = 0;
        for (int i = 0; i <= name.length(); i++) {
            if (i == name.length() || !Character.isLetterOrDigit(name.charAt(i))) {
                if (i > start) {
                    words.add(name.substring(start, i));
                }
                start = i + 1;
            }
        }
        return words;
    }

    /** Whether it is the same with letters left out, as {@code cmd} is of {@code command}. */
    private static boolean isShortened(String asked, String known) {
        int found = 0;
        for (int i = 0; i < known.length() && found < asked.length(); i++) {
            found += known.charAt(i) == asked.charAt(found) ? 1 : 0;
        }
        return found == asked.length() && asked.charAt(0) == known.charAt(0);
    }

    /**
     * How many characters have to be put in, left out or replaced, or to change places with their
     * neighbours (the optimal string alignment distance).
     */
    static int distance(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                boolean isSame = from.charAt(i - 1) == to.charAt(j - 1);
                int replaced = last[j - 1] + (isSame ? 0 : 1);
                row[j] = Math.min(replaced, 1 + Math.min(last[j], row[j - 1]));
                if (isSwapped(from, i, to, j)) {
                    row[j] = Math.min(row[j], 1 + beforeLast[j - 2]);
                }
            }
        }
        return row[to.length()];
    }

    private static boolean isSwapped(String from, int i, String to, int j) {
        return i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
    }
}
