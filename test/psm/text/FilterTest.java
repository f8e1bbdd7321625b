package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.regex.Pattern;

class FilterTest {
    private static Filter filter(String regex) {
        return new Filter("--filter", Pattern.compile(regex));
    }

    private static boolean finds(String regex, String name) throws IOException {
        return filter(regex).finds(name);
    }

    @ParameterizedTest
    @CsvSource({"ng, nginx, true", "^g, nginx, false", "(?i)NGINX, nginx, true", "'', x, true"})
    void expressionMatchesAnyPartOfName(String regex, String name, boolean found)
            throws IOException {
        assertEquals(found, finds(regex, name));
    }

    @Test
    void ordinaryExpressionsAreFastEnough() throws IOException {
        assertEquals(false, finds(".*a.*b.*c$", "ab".repeat(20)));
        assertEquals(true, finds("worker (\\d+|\\w+)$", "x".repeat(4000) + "worker 7"));
    }

    @ParameterizedTest
    @CsvSource({"(.*a){12}b$", "(.*a){25}$", "([a-z]+)*\\1b$", "(a+)+\\1b"})
    void endlessBacktrackingFails(String regex) {
        assertThrows(IOException.class, () -> finds(regex, "a".repeat(60) + "!"));
    }

    /** A thousand programs, each with a name that takes a tenth of a second, cause no delay. */
    @Test
    void slowNamesCostNoOtherProgram() throws IOException {
        Filter filter = new Filter("--filter", Pattern.compile("(a+)+\\1b|^(?:.*a){2}.*nginx"));
        for (int i = 0; i < 1000; i++) {
            assertThrows(IOException.class, () -> filter.finds("a".repeat(60) + "!"));
        }
        assertEquals(true, filter.finds("banana-nginx"));
        assertEquals(false, filter.finds("x".repeat(Text.MAX_NAME_CHARS)));
    }

    /**
     * It tries each way to match nothing, and no limit of reads ends it. (It ends by itself after
     * many seconds: a longer one would keep a processor busy during all other tests.)
     */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void matchOfNothingEndsInTime() {
        Filter filter = filter("^?".repeat(28) + "(?!)");
        assertFalse(filter.isTooSlow());
        for (int i = 0; i < 300; i++) {
            assertThrows(IOException.class, () -> filter.finds("nginx"));
        }
        assertTrue(filter.isTooSlow());
    }

    /** Each of these matches takes a fraction of a second. */
    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void manySlowMatchesFailTogether() throws IOException {
        Filter filter = filter("^?".repeat(22) + "(?!)");
        assertThrows(
                IOException.class,
                () -> {
                    for (int i = 0; i < 10_000; i++) {
                        filter.finds("a name");
                    }
                });
        assertTrue(filter.isTooSlow());
    }

    @Test
    void slowNamesOfAnotherReportDoNotCount() throws IOException {
        Filter filter = filter("(a+)+\\1b|^(?:.*a){2}.*nginx");
        for (int report = 0; report < 3; report++) {
            filter.begin();
            for (int i = 0; i < 100; i++) {
                try {
                    filter.finds("a".repeat(60) + "!");
                } catch (IOException e) {
                    // It is too slow for this name.
                }
            }
            assertFalse(filter.isTooSlow());
            assertEquals(true, filter.finds("banana-nginx"));
        }
    }

    /** java.util.regex recurses for each repetition of a group. */
    @Test
    void stackOverflowFailsTheMatch() {
        assertThrows(IOException.class, () -> finds("(a|b)*c", "ab".repeat(1 << 20)));
    }
}
