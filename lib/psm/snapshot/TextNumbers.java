package psm.snapshot;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers the different texts of a snapshot, or of several, in the order of their first use. */
public final class TextNumbers {
    /** The texts in the order of their numbers. */
    private final List<String> texts = new ArrayList<>();

    /** 1 + the number of each text. */
    private final Map<String, Integer> numbers = new HashMap<>();

    private long chars;

    /** Returns 0 for {@code null}, else 1 + the number of the text. */
    public long number(String text) {
        if (text == null) {
            return 0;
        }
        Integer known = numbers.get(text);
        if (known != null) {
            return known;
        }
        add(text);
        return texts.size();
    }

    /** Adds a text with the next number, even if it has one already. */
    public void add(String text) {
        texts.add(text);
        chars += text.length();
        numbers.putIfAbsent(text, texts.size());
    }

    /** Returns the texts in the order of their numbers. */
    public List<String> texts() {
        return Collections.unmodifiableList(texts);
    }

    /** Returns whether there is room in the limits of a snapshot for the texts of one more. */
    public boolean hasRoom() {
        return chars <= SnapshotFormat.MAX_CHARS_WITH_COMMANDS
                && texts.size() <= SnapshotFormat.MAX_TEXTS / 2;
    }

    /** Forgets the numbers, so that only {@link #texts} is of use. */
    void forgetNumbers() {
        numbers.clear();
    }
}
