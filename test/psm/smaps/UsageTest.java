package psm.smaps;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

import java.util.Arrays;

class UsageTest {
    private final long[] sums = new long[Usage.Field.values().length];

    UsageTest() {
        Arrays.fill(sums, Missing.VALUE);
    }

    private UsageTest with(Usage.Field field, long bytes) {
        sums[field.ordinal()] = bytes;
        return this;
    }

    private Usage usage() {
        return new Usage(sums, Missing.VALUE, 1, 0, 0);
    }

    @Test
    void privateHugePagesAreRam() {
        with(Usage.Field.PSS, 1000).with(Usage.Field.PRIVATE_HUGETLB, 2_000_000);
        with(Usage.Field.PRIVATE_CLEAN, 100).with(Usage.Field.PRIVATE_DIRTY, 200);
        assertEquals(2_001_000, usage().ram());
        assertEquals(2_000_300, usage().unique());
        assertEquals(700, usage().shared());
    }

    @Test
    void sharedHugePagesAreNotRam() {
        with(Usage.Field.PSS, 1000).with(Usage.Field.SHARED_HUGETLB, 2_000_000);
        assertEquals(1000, usage().ram());
    }

    @Test
    void withoutPssRamIsRssAndEstimated() {
        with(Usage.Field.RSS, 1000).with(Usage.Field.PRIVATE_CLEAN, 300);
        assertEquals(1000, usage().ram());
        assertEquals(700, usage().shared());
        assertTrue(usage().isEstimated());
        with(Usage.Field.PSS, 500);
        assertEquals(500, usage().ram());
        assertFalse(usage().isEstimated());
    }

    @Test
    void withoutPssAndRssRamIsMissing() {
        with(Usage.Field.PRIVATE_HUGETLB, 0);
        assertEquals(Missing.VALUE, usage().ram());
        assertEquals(Missing.VALUE, usage().shared());
        assertFalse(usage().isEstimated());
    }

    @Test
    void sharedIsNeverNegative() {
        with(Usage.Field.PSS, 100).with(Usage.Field.PRIVATE_DIRTY, 200);
        assertEquals(0, usage().shared());
    }

    @Test
    void swapPssReplacesSwap() {
        with(Usage.Field.SWAP, 500);
        assertEquals(500, usage().swapped());
        with(Usage.Field.SWAP_PSS, 0);
        assertEquals(0, usage().swapped());
    }

    @Test
    void withoutSwapFieldsThereIsNoSwap() {
        assertEquals(Missing.VALUE, usage().swapped());
    }
}
