package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Random;

class TextTest {
    private static String decoded(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            array[i] = (byte) bytes[i];
        }
        return Text.decode(array, 0, array.length);
    }

    @Test
    void utf8IsDecoded() {
        byte[] bytes = "naïve 日本 😀".getBytes(StandardCharsets.UTF_8);
        assertEquals("naïve 日本 😀", Text.decode(bytes, 0, bytes.length));
    }

    @Test
    void bytesThatAreNotUtf8AreKept() {
        assertEquals("a\uDCFFb", decoded('a', 0xFF, 'b'));
        assertEquals("\uDCE2\uDC82", decoded(0xE2, 0x82)); // a character that is cut
        assertEquals("\uDCED\uDCA0\uDC80", decoded(0xED, 0xA0, 0x80)); // a surrogate, encoded
    }

    @Test
    void onlyTheGivenRangeIsDecoded() {
        byte[] bytes = "abc\u00e9def".getBytes(StandardCharsets.UTF_8);
        assertEquals("c\u00e9d", Text.decode(bytes, 2, 6));
    }

    @Test
    void invisibleCharactersAreEscaped() {
        assertEquals("a\\x1b[31mb\\n\\t\\r\\x7f", Text.printable("a\u001b[31mb\n\t\r\u007f"));
        assertEquals(
                "\\u{9b}\\u{202e}\\u{200b}\\u{2028}", Text.printable("\u009b\u202e\u200b\u2028"));
        assertEquals("\\xff", Text.printable("\uDCFF"));
        assertEquals("naïve 日本 😀 \\", Text.printable("naïve 日本 😀 \\"));
    }

    @Test
    void charactersWithoutKnownGlyphAreEscaped() {
        assertEquals(
                "\\u{e000}\\u{10ffff}\\u{2065}\\u{2800}",
                Text.printable("\ue000\udbff\udfff\u2065\u2800"));
    }

    @Test
    void otherBlanksAreEscaped() {
        assertEquals("a b\\u{a0}\\u{2003}\\u{3000}", Text.printable("a b\u00a0\u2003\u3000"));
    }

    @Test
    void textIsCutBetweenCodePoints() {
        assertEquals("a\uD83D\uDE00", Text.cut("a\uD83D\uDE00b", 2));
        assertEquals("ab", Text.cut("ab", 2));
    }

    @Test
    void charactersWithoutWidthAreEscaped() {
        assertEquals(
                "a\\u{34f}\\u{115f}\\u{3164}\\u{fe0f}\\u{e0100}\\u{e0041}\\u{ad}",
                Text.printable("a\u034f\u115f\u3164\ufe0f\udb40\udd00\udb40\udc41\u00ad"));
        assertEquals("e\u0301", Text.printable("e\u0301")); // a letter and its accent
    }

    @Test
    void marksDoNotPileUp() {
        String three = "e" + "\u0301".repeat(3);
        assertEquals(three, Text.printable(three));
        assertEquals(
                three + "\\u{301}\\u{301}a\u0301", Text.printable(three + "\u0301\u0301a\u0301"));
    }

    /** No two names have the same escaped form. */
    @Test
    void escapedBytesDifferFromSimilarText() {
        assertEquals("a\\xff\\\\xff", Text.escapedBytes("a\uDCFF\\xff"));
        assertEquals("\uD83D\uDE00\\xf0", Text.escapedBytes("\uD83D\uDE00\uDCF0"));
    }

    @Test
    void otherBytesAreNotUtf8() {
        assertTrue(Text.isUtf8("na\u00efve \uD83D\uDE00"));
        assertFalse(Text.isUtf8("a\uDCFF"));
        assertFalse(Text.isUtf8("\uD83D\uDE00\uDCF0"));
    }

    @Test
    void encodableTextKeepsControlCharacters() {
        assertEquals("a\u001b\n\\xff", Text.encodable("a\u001b\n\uDCFF"));
    }

    @Test
    void timeIsFormattedAsByJava() {
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            // From year 0 to 9999.
            long second = -62_167_219_200L + (long) (random.nextDouble() * 315_569_520_000L);
            Instant at = Instant.ofEpochSecond(second);
            assertEquals(at.toString(), Text.utc(at));
        }
        for (String day : new String[] {"1970-01-01", "2000-02-29", "2100-03-01", "2024-12-31"}) {
            assertEquals(day + "T00:00:00Z", Text.utc(Instant.parse(day + "T00:00:00Z")));
        }
    }
}
