import java.util.Random;

/**
 * Allocates memory as a healthy program with a cache does: 20 MB a second, of which 100 MB stay
 * reachable, each part for a time that is not known beforehand.
 */
class Allocate {
    private static final int CACHED_PARTS = 1600;
    private static final int PART_BYTES = 64 << 10;
    private static final int PARTS_IN_TENTH = 32;

    public static void main(String[] args) throws InterruptedException {
        byte[][] cache = new byte[CACHED_PARTS][];
        Random random = new Random(1);
        while (true) {
            for (int i = 0; i < PARTS_IN_TENTH; i++) {
                cache[random.nextInt(cache.length)] = new byte[PART_BYTES];
            }
            Thread.sleep(100);
        }
    }
}
