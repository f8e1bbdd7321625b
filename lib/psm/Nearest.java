package psm;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Guesses what somebody meant who gave a name that is not known. */
final class Nearest {
    private Nearest() {}

    /** The known names for people, the nearest first, the others as they are. */
    static String first(String name, List<String> known) {
        String asked = name.toLowerCase(Locale.ROOT);
        List<String> names = new ArrayList<>(known);
        String nearest =
                names.stream()
                        .min(Comparator.comparingInt(other -> distance(asked, other)))
                        .orElseThrow();
        names.remove(nearest);
        names.add(0, nearest);
        return String.join(", ", names);
    }

    /** How many characters have to be put in, left out or replaced (Levenshtein's distance). */
    static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
