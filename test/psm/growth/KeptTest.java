package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/** Keeps numbers, of which each takes a byte. */
class KeptTest {
    private static Kept<Integer> kept(int machines, int max) {
        return new Kept<>(Comparator.<Integer>reverseOrder(), each -> 1, machines, max);
    }

    @Test
    void oneMachineHasAllItNeeds() {
        Kept<Integer> kept = kept(1, 2);
        kept.addAll(List.of(1, 3, 2));
        assertEquals(List.of(3, 2, 1), kept.sorted());
    }

    @Test
    void ofTooManyTheFirstAreKept() {
        Kept<Integer> kept = kept(1000, 64);
        for (int i = 0; i < 1000; i++) {
            kept.addAll(List.of(i, -i));
        }
        List<Integer> first = kept.sorted();
        assertTrue(first.size() >= 32 && first.size() <= 64, "" + first);
        for (int i = 0; i < 32; i++) {
            assertEquals(999 - i, first.get(i));
        }
    }

    @Test
    void noMachineDisplacesAllOthers() {
        Kept<Integer> kept = kept(1000, 64);
        kept.addAll(List.of(1, 2));
        kept.addAll(new ArrayList<>(Collections.nCopies(100_000, 9)));
        assertEquals(List.of(9, 9, 9, 9, 2, 1), kept.sorted());
    }
}
