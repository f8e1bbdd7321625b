package psm.diff;

import psm.scan.Snapshot;

/**
 * One of the two snapshots of a {@link DiffReport}.
 *
 * @param name what the user calls it, for messages
 * @param snapshot its processes to compare, with the names of their users
 */
public record Side(String name, Snapshot snapshot) {
    /** Returns the name of its host; {@code null} if it is not known. */
    String host() {
        return snapshot.host().name();
    }
}
