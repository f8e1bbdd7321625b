package psm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

class NearestTest {
    @ParameterizedTest
    @CsvSource({
        "'', '', 0",
        "'', abc, 3",
        "abc, '', 3",
        "abc, abc, 0",
        "abc, abd, 1",
        "abc, bc, 1",
        "abc, xabc, 1",
        "kitten, sitting, 3",
        "ab, ba, 2"
    })
    void theDistanceIsTheNumberOfChanges(String from, String to, int distance) {
        assertEquals(distance, Nearest.distance(from, to));
        assertEquals(distance, Nearest.distance(to, from));
    }

    @Test
    void theNearestComesFirstAndTheOthersKeepTheirOrder() {
        List<String> known = List.of("pss", "uss", "rss", "swap");
        assertEquals("rss, pss, uss, swap", Nearest.first("rsss", known));
        assertEquals("swap, pss, uss, rss", Nearest.first("swapp", known));
        assertEquals("pss, uss, rss, swap", Nearest.first("zzzzzzzzzzz", known));
    }
}
