package psm.proc;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import psm.text.Missing;

class WalkCostTest {
    private static final long MB = 1 << 20;
    private static final long MS = 1_000_000;

    private final WalkCost cost = new WalkCost();

    /** Some 15 ms for 8 MB, which map 4 GB. */
    @Test
    void firstProcessHasTheAssumedCost() {
        assertTrue(cost.isAbove(14 * MS, 8 * MB));
        assertFalse(cost.isAbove(16 * MS, 8 * MB));
    }

    /** 210 GB took 4.5 s on another machine. */
    @Test
    void slowMachineIsLearnedFromLargeProcesses() {
        assertFalse(cost.isAbove(1000 * MS, 410 * MB));
        cost.learn(40 * MB, 440 * MS);
        assertTrue(cost.isAbove(4000 * MS, 410 * MB));
        assertFalse(cost.isAbove(5000 * MS, 410 * MB));
    }

    @Test
    void fastMachineIsLearnedToo() {
        cost.learn(400 * MB, 100 * MS);
        assertFalse(cost.isAbove(15 * MS, 40 * MB));
    }

    /** They take most of their time for opening files. */
    @Test
    void smallProcessesTeachNothing() {
        for (int i = 0; i < 200; i++) {
            cost.learn(60 << 10, MS / 3);
        }
        assertTrue(cost.isAbove(14 * MS, 8 * MB));
        assertFalse(cost.isAbove(17 * MS, 8 * MB));
    }

    @Test
    void missingSizeCostsNothing() {
        cost.learn(Missing.VALUE, 1000 * MS);
        assertFalse(cost.isAbove(1, Missing.VALUE));
        assertTrue(cost.isAbove(14 * MS, 8 * MB));
    }
}
