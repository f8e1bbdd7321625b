package psm.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Guesses the name that a user meant who typed an unknown one. Names that contain what was typed
 * come before names that are only similar.
 */
public final class Nearest {
    /** The largest number of names in a list that could be of any length. */
    private static final int MAX_NAMES = 10;

    /** The length at which such a list ends, so that it fits into a message. */
    private static final int MAX_LIST_CHARS = 600;

    /** The number of characters of a name that are compared; paths may have 4,096. */
    private static final int MAX_COMPARED_CHARS = 256;

    /** The shortest known name that is recognized at the start of a longer typed name. */
    private static final int MIN_START_CHARS = 3;

    // The relations of a known name to the one that was typed, the closest first.
    private static final int SAME = 0;
    private static final int STARTS_WITH_TYPED = 1;
    private static final int HAS_WORD_THAT_STARTS_WITH_TYPED = 2;
    private static final int CONTAINS_TYPED = 3;
    private static final int MISTYPED = 4;
    private static final int IS_START_OF_TYPED = 5;
    private static final int SHORTENED = 6;
    private static final int OTHER = 7;

    private Nearest() {}

    /**
     * The nearness of a known name.
     *
     * @param relation one of the constants above
     * @param distance the number of typing errors
     * @param rest the difference in length
     */
    private record Nearness(String name, int relation, int distance, int rest)
            implements Comparable<Nearness> {
        @Override
        public int compareTo(Nearness other) {
            int byRelation = Integer.compare(relation, other.relation);
            int byDistance = Integer.compare(distance, other.distance);
            return byRelation != 0
                    ? byRelation
                    : byDistance != 0 ? byDistance : Integer.compare(rest, other.rest);
        }
    }

    /** Lists all known names: a similar one first, then the others in their order. */
    public static String first(String typed, List<String> known) {
        List<String> names = new ArrayList<>(known);
        Nearness nearest = sorted(typed, known)[0];
        if (nearest.relation != OTHER) {
            names.remove(nearest.name);
            names.add(0, nearest.name);
        }
        return String.join(", ", names);
    }

    /** Lists the most similar known names, and the number of the others. */
    public static String some(String typed, List<String> known) {
        Nearness[] sorted = sorted(typed, known);
        int max = sorted.length <= MAX_NAMES + 1 ? sorted.length : MAX_NAMES;
        StringBuilder names = new StringBuilder(sorted[0].name);
        int shown = 1;
        while (shown < max && names.length() + sorted[shown].name.length() < MAX_LIST_CHARS) {
            names.append(", ").append(sorted[shown++].name);
        }
        if (shown < sorted.length) {
            names.append(", and ").append(sorted.length - shown).append(" more");
        }
        return names.toString();
    }

    /**
     * Returns the name that was mistyped or not typed to its end, or {@code null} if none is
     * similar enough.
     */
    public static String meant(String typed, List<String> known) {
        Nearness nearest = sorted(typed, known)[0];
        boolean isStart =
                nearest.relation <= STARTS_WITH_TYPED && typed.length() >= MIN_START_CHARS;
        return isStart || nearest.relation == MISTYPED ? nearest.name : null;
    }

    /** Sorts the known names, the most similar first; equally similar ones keep their order. */
    private static Nearness[] sorted(String name, List<String> known) {
        String typed = comparable(name);
        Nearness[] sorted = new Nearness[known.size()];
        for (int i = 0; i < sorted.length; i++) {
            sorted[i] = nearness(typed, known.get(i));
        }
        Arrays.sort(sorted);
        return sorted;
    }

    private static String comparable(String name) {
        return name.substring(0, Math.min(name.length(), MAX_COMPARED_CHARS))
                .toLowerCase(Locale.ROOT);
    }

    private static Nearness nearness(String typed, String name) {
        String known = comparable(name);
        int rest = known.length() - typed.length();
        int relation = relation(typed, known);
        return relation == OTHER
                ? similar(typed, name, known)
                : new Nearness(name, relation, 0, rest);
    }

    /** Returns the nearness of a name that does not contain what was typed. */
    private static Nearness similar(String typed, String name, String known) {
        boolean isStart = !known.isEmpty() && typed.startsWith(known);
        boolean isShortened = isShortened(typed, known);
        int distance = distance(typed, known) - (isStart ? 1 : 0);
        for (String word : words(known)) {
            distance = Math.min(distance, distance(typed, word));
            isShortened |= isShortened(typed, word);
        }
        int relation = isShortened ? SHORTENED : OTHER;
        relation = isStart && known.length() >= MIN_START_CHARS ? IS_START_OF_TYPED : relation;
        relation = distance <= 1 ? MISTYPED : relation;
        return new Nearness(name, relation, distance, Math.abs(known.length() - typed.length()));
    }

    private static int relation(String typed, String known) {
        if (known.startsWith(typed)) {
            return known.length() == typed.length() ? SAME : STARTS_WITH_TYPED;
        }
        int at = known.indexOf(typed);
        for (int next = at; next > 0; next = known.indexOf(typed, next + 1)) {
            if (!Character.isLetterOrDigit(known.charAt(next - 1))) {
                return HAS_WORD_THAT_STARTS_WITH_TYPED;
            }
        }
        return at > 0 ? CONTAINS_TYPED : OTHER;
    }

    /** Splits {@code user@1000.service/syncthing.service} into user, 1000, service and so on. */
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

    /** Returns whether the known name was typed without some letters: {@code cmd}, command. */
    private static boolean isShortened(String typed, String known) {
        int found = 0;
        for (int i = 0; i < known.length() && found < typed.length(); i++) {
            found += known.charAt(i) == typed.charAt(found) ? 1 : 0;
        }
        return found == typed.length() && typed.charAt(0) == known.charAt(0);
    }

    /**
     * Returns how many edits turn one name into the other, if an edit inserts, removes or replaces
     * a character, or swaps two neighbours (the optimal string alignment distance).
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
