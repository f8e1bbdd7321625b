package psm.fleet;

import psm.Psm;
import psm.snapshot.SnapshotFormatException;
import psm.text.Failure;

/**
 * A report of several machines, to which they are added one after the other. Not for sharing
 * between threads.
 */
public interface Fleet {
    /**
     * Adds a machine. It is not kept.
     *
     * @return the numbers of its processes
     * @throws Failure if the user's filter is too slow for a name
     * @throws SnapshotFormatException if it is too large beside the others; then it is not added
     */
    Psm.Processes add(Machine machine) throws Failure, SnapshotFormatException;

    /**
     * Adds a machine that could not be read.
     *
     * @param reason why, in one line, without the machine's name
     */
    void addMissing(String name, String reason);

    /**
     * Returns what happens to a machine as often as it is added, such as "processes are counted".
     */
    default String repeated() {
        return "processes are counted";
    }

    /** Returns the report of the machines so far. It may be called once. */
    Psm.Report report() throws Failure;
}
