package psm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ProblemTest {
    @Test
    void remedyFollowsTheProblem() {
        assertEquals("x is gone; make it", new Problem("x is gone", "make it").line());
    }

    @Test
    void problemMayHaveNoRemedy() {
        assertEquals("x leads nowhere", new Problem("x leads nowhere", null).line());
        assertEquals("x leads nowhere", new Problem("x leads nowhere", "").line());
    }
}
