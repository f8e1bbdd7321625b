package psm.growth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CopiedTest {
    private static final long MB = 1 << 20;

    private static void sample(Copied copied, boolean isSame, long sum, long... changes) {
        copied.begin(isSame);
        for (long change : changes) {
            copied.add(change);
        }
        copied.end(sum);
    }

    @Test
    void whatIsNoLongerSharedIsCopied() {
        Copied copied = new Copied();
        sample(copied, false, 100 * MB);
        assertFalse(copied.isKnown());
        sample(copied, true, 130 * MB, 0, 0); // a fork wrote to 30 MB of its parent's
        sample(copied, true, 140 * MB, 10 * MB, 0); // new memory is not copied
        assertTrue(copied.isKnown());
        assertEquals(30 * MB, copied.bytes());
    }

    @Test
    void samplesWithBirthsEndsOrMemoryGivenBackAreSkipped() {
        Copied copied = new Copied();
        sample(copied, false, 100 * MB);
        sample(copied, false, 200 * MB, 0, 0);
        sample(copied, true, 170 * MB, -2 * MB, 0);
        assertFalse(copied.isKnown());
        sample(copied, true, 175 * MB, -MB / 2, 0);
        assertEquals(5 * MB + MB / 2, copied.bytes());
    }

    @Test
    void whatBecomesSharedIsNotLessThanNothing() {
        Copied copied = new Copied();
        sample(copied, false, 100 * MB);
        sample(copied, true, 90 * MB, 0, 0);
        assertEquals(0, copied.bytes());
    }
}
