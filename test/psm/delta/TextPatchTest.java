package psm.delta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

/** Makes texts of others by other numbers. */
class TextPatchTest {
    private static void assertLike(String base, String text) {
        assertEquals(text, TextPatch.apply(base, TextPatch.of(base, text)));
    }

    @Test
    void numbersInColumnsKeepTheirEnd() {
        assertLike(
                "MemFree:        12 kB\nMemX:   999 kB\n",
                "MemFree:     12345 kB\nMemX:     7 kB\n");
        assertLike("a: 9\n", "a: 10\n");
        assertLike("a: 10\n", "a: 9\n");
        assertLike("a:  9\n", "a: 10\n");
        assertLike("a:  9\n", "a: 100\n");
    }

    @Test
    void decimalsKeepTheirDigits() {
        assertLike("some avg10=0.00 avg60=12.34 total=9", "some avg10=1.05 avg60=0.00 total=123");
    }

    @Test
    void otherTextsAreNotAlike() {
        assertNull(TextPatch.of("a 1", "b 1"));
        assertNull(TextPatch.of("a 1", "a 01"));
        assertNull(TextPatch.of("a", "b"));
        assertNull(TextPatch.of("", "1"));
        assertNull(TextPatch.of("1234567890123456789", "1"));
    }

    @Test
    void numbersAreFound() {
        assertArrayEquals(new long[] {12, 0, 345}, TextPatch.numbers("12x0.345"));
        assertArrayEquals(new long[0], TextPatch.numbers("-"));
    }
}
