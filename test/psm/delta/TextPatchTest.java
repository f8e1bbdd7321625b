package psm.delta;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Random;

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
        assertLike("  1", " 123");
        assertNull(TextPatch.of("  1", "123"));
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

    private static final String[] PARTS = {
        " ",
        "  ",
        "\n",
        "-",
        "+",
        ".",
        "a",
        "0",
        "9",
        "10",
        "00",
        "12345",
        "999999999999999999",
        "1234567890123456789",
        "\u00e4",
        "\u20ac",
    };

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(PARTS[random.nextInt(PARTS.length)]);
        }
        return text.toString();
    }

    /** Titles of processes are such texts, and any user can choose them. */
    @Test
    void anyTextsHaveAPatchOrNone() {
        Random random = new Random(19);
        int alike = 0;
        for (int i = 0; i < 200_000; i++) {
            String base = text(random);
            long[] numbers = TextPatch.of(base, text(random));
            alike += numbers == null ? 0 : 1;
            long[] any = TextPatch.numbers(base);
            for (int j = 0; j < any.length; j++) {
                any[j] = random.nextLong() >>> (1 + random.nextInt(63));
            }
            String other = any.length == 0 ? null : TextPatch.apply(base, any);
            if (other != null && TextPatch.of(base, other) != null) {
                assertLike(base, other);
            }
        }
        assertTrue(alike > 100, alike + " texts were alike");
    }
}
