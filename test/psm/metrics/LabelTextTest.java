package psm.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class LabelTextTest {
    private static String label(String name) {
        StringBuilder label = new StringBuilder();
        LabelText.append(label, "program", name);
        return label.toString();
    }

    @Test
    void quotesAndBackslashesAreEscaped() {
        assertEquals("program=\"a\\\"b\"", label("a\"b"));
        assertEquals("program=\"dev-disk-by\\\\x2duuid.swap\"", label("dev-disk-by\\x2duuid.swap"));
    }

    @Test
    void harmfulCharactersAreEscapedAsInTables() {
        assertEquals("a\\x1b[31mb", LabelText.of("a\u001b[31mb"));
        assertEquals("a\\x0apsm_complete 1", LabelText.of("a\npsm_complete 1"));
        assertEquals("\\u{202e}abc", LabelText.of("\u202eabc"));
        assertEquals("\\xff\\x80", LabelText.of("\udcff\udc80"));
        assertEquals("\\x7f", LabelText.of("\u007f"));
        assertEquals("\u00e9\ud83d\ude00", LabelText.of("\u00e9\ud83d\ude00"));
    }

    @Test
    void aBackslashThatLooksLikeAnEscapeIsEscaped() {
        assertEquals("\\x5cx1b", LabelText.of("\\x1b"));
        assertEquals("\\x5cx5c", LabelText.of("\\x5c"));
        assertEquals("\\x5cu{202e}", LabelText.of("\\u{202e}"));
        assertEquals("\\x2d\\x1B\\x1\\n\\", LabelText.of("\\x2d\\x1B\\x1\\n\\"));
        assertNotEquals(LabelText.of("\\x1b"), LabelText.of("\u001b"));
    }

    @Test
    void theEmptyNameIsALabel() {
        assertEquals("\\u{}", LabelText.of(""));
        assertNotEquals(LabelText.of(""), LabelText.of("\\u{}"));
    }
}
