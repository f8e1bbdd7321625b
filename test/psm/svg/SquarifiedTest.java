package psm.svg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

import java.util.Arrays;
import java.util.Random;

class SquarifiedTest {
    private static final double WIDTH = 1_000;
    private static final double HEIGHT = 640;

    private static double[] layout(long... sizes) {
        return Squarified.layout(sizes, 0, 0, WIDTH, HEIGHT);
    }

    /** Checks that areas are proportional, inside, and beside each other. */
    private static void assertFills(long... sizes) {
        double[] layout = layout(sizes);
        double sum = Arrays.stream(sizes).asDoubleStream().sum();
        double area = 0;
        for (int i = 0; i < sizes.length; i++) {
            double[] part = Arrays.copyOfRange(layout, 4 * i, 4 * i + 4);
            for (double number : part) {
                assertTrue(Double.isFinite(number) && number >= 0, Arrays.toString(part));
            }
            assertTrue(part[0] + part[2] <= WIDTH + 1e-6, Arrays.toString(part));
            assertTrue(part[1] + part[3] <= HEIGHT + 1e-6, Arrays.toString(part));
            double expected = sum > 0 ? WIDTH * HEIGHT * sizes[i] / sum : 0;
            assertEquals(expected, part[2] * part[3], 1e-6 * WIDTH * HEIGHT);
            area += part[2] * part[3];
        }
        assertEquals(sum > 0 ? WIDTH * HEIGHT : 0, area, 1e-3);
        for (int i = 0; i < Math.min(sizes.length, 300); i++) {
            for (int k = 0; k < i; k++) {
                assertTrue(isBeside(layout, i, k), i + " covers " + k);
            }
        }
    }

    private static boolean isBeside(double[] layout, int one, int other) {
        for (int axis = 0; axis < 2; axis++) {
            double oneFrom = layout[4 * one + axis];
            double oneTo = oneFrom + layout[4 * one + axis + 2];
            double from = layout[4 * other + axis];
            double to = from + layout[4 * other + axis + 2];
            if (oneTo <= from + 1e-6 || to <= oneFrom + 1e-6) {
                return true;
            }
        }
        return false;
    }

    @Test
    void theExampleOfThePaperIsTheSame() {
        double[] layout = Squarified.layout(new long[] {6, 6, 4, 3, 2, 2, 1}, 0, 0, 6, 4);
        double[] expected = {0, 0, 3, 2, 0, 2, 3, 2, 3, 0, 12 / 7.0, 7 / 3.0};
        assertArrayEquals(expected, Arrays.copyOf(layout, 12), 1e-9);
    }

    @Test
    void areasAreProportional() {
        assertFills(1);
        assertFills(5, 5);
        assertFills(9, 7, 7, 3, 2, 1, 1, 1);
        long[] equal = new long[100];
        Arrays.fill(equal, 4_096);
        assertFills(equal);
    }

    @Test
    void hugeRatiosStayInside() {
        assertFills(Long.MAX_VALUE, 1);
        assertFills(1L << 50, 1 << 20, 4_096, 1, 1, 1);
        assertFills(Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
    }

    @Test
    void partsWithoutSizeHaveNoArea() {
        assertFills();
        assertFills(0);
        assertFills(0, 0, 0);
        assertFills(7, 0, 0);
        double[] layout = layout(7, 0);
        assertEquals(0, layout[6] * layout[7]);
    }

    @Test
    void thousandsOfRandomSizesFillIt() {
        Random random = new Random(1);
        for (int round = 0; round < 20; round++) {
            long[] sizes =
                    random.doubles(1 + random.nextInt(5_000))
                            .mapToLong(share -> (long) (1e9 * Math.pow(share, 8)))
                            .map(size -> -size)
                            .sorted()
                            .map(size -> -size)
                            .toArray();
            assertFills(sizes);
        }
    }

    @Test
    void equalPartsAreNearlySquare() {
        long[] equal = new long[250];
        Arrays.fill(equal, 1 << 20);
        double[] layout = layout(equal);
        for (int i = 0; i < equal.length; i++) {
            double ratio = layout[4 * i + 2] / layout[4 * i + 3];
            assertTrue(Math.max(ratio, 1 / ratio) < 1.5, i + " is " + ratio);
        }
    }
}
