package psm.proc;

/** Compares the versions of kernels by their releases, such as {@code 6.1.0-18-amd64}. */
public final class KernelVersion {
    /** Numbers in a release above this one are all the same, so that none overflows. */
    private static final int MAX_NUMBER = 1 << 20;

    private KernelVersion() {}

    /** Returns whether a release is of this version or of a later one. */
    public static boolean isSince(String release, int... version) {
        int at = 0;
        for (int wanted : version) {
            int number = 0;
            int start = at;
            for (; at < release.length() && Character.digit(release.charAt(at), 10) >= 0; at++) {
                int digit = Character.digit(release.charAt(at), 10);
                number = Math.min(10 * number + digit, MAX_NUMBER);
            }
            if (number != wanted || at == start) {
                return number > wanted;
            }
            at++;
        }
        return true;
    }
}
