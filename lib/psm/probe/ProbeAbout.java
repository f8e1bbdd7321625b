package psm.probe;

import java.util.Collection;
import java.util.TreeSet;

/** What the script of a probe says about itself and its machine. */
final class ProbeAbout {
    /** The limit for levels of subshells, since parents in a forged answer may form a circle. */
    static final int MAX_DEPTH = 16;

    private static final int MAX_LACKS = 32;

    /** The id of the user that ran it; -1 if it is not known. */
    long user = -1;

    /** The pid of its shell; 0 if it is not known. */
    int pid;

    /** The size of a page of memory; 0 if it is not known. */
    long pageBytes;

    /** When it was started, in seconds since 1970. */
    long time;

    /** What it could not use. */
    final Collection<String> lacks = new TreeSet<>();

    void addLack(String word) {
        if (lacks.size() < MAX_LACKS) {
            lacks.add(word);
        }
    }
}
