package psm.fleet;

import psm.name.UserNames;
import psm.scan.Snapshot;

import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * One machine of a report of several. Plain data; it is dropped as soon as it is added to the
 * report, since all machines together would not fit into Java's memory.
 *
 * @param name what the user calls it, without a login name; of a file, the host in it, or if there
 *     is none, the name of the file
 * @param all all of its processes, for the order in which the OOM killer would end them
 * @param shown the processes to show
 * @param answered when its answer was complete; {@code null} if it was read from a file
 * @param isProbed whether the probe has read it, and no psm on that machine
 * @param isOfRoot whether it was root's probe; false if that is not known
 * @param remarks a line for each thing that could not be read there
 */
public record Machine(
        String name,
        Snapshot all,
        Snapshot shown,
        Instant answered,
        boolean isProbed,
        boolean isOfRoot,
        Collection<String> remarks) {
    /** Creates a machine all of whose processes are shown. */
    public Machine(String name, Snapshot all, Instant answered, boolean isProbed) {
        this(name, all, all, answered, isProbed, false, List.of());
    }

    /** Returns the names of the machine's users and groups. */
    public UserNames users() {
        return shown.userNames();
    }

    /** Returns the same machine with some of its processes shown. */
    public Machine showing(Snapshot some) {
        return new Machine(name, all, some, answered, isProbed, isOfRoot, remarks);
    }
}
