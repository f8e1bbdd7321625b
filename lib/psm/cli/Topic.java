package psm.cli;

import psm.report.Grouping;

import java.util.List;

/** The subjects of reports, and their commands. */
public enum Topic {
    /** Memory by process, or by groups of them. */
    PROCESSES(null, null),
    /** Memory by the names of mappings. */
    MAPS("maps", "memory by mapping: libraries, files, heaps, stacks, anonymous and shared memory"),
    /** Memory by the kinds of mappings. */
    KINDS(MAPS.command, MAPS.description),
    /** The order in which the kernel's OOM killer would end processes. */
    OOM("oom", "which process the OOM killer would end first, and how close that is"),
    /** Who grows, how fast, and when memory is full. */
    GROWTH("growth", "which programs grow, how fast, and when memory will be full"),
    /** What changed from one time to another. */
    DIFF("diff", "what changed between two snapshots, or two times of a recording");

    /** The topics with a command, in the order of help. */
    static final List<Topic> COMMANDS = List.of(MAPS, OOM, GROWTH, DIFF);

    /** The first argument of the command line; {@code null} for none. */
    public final String command;

    /** The text of help. */
    final String description;

    Topic(String command, String description) {
        this.command = command;
        this.description = description;
    }

    /** Returns whether a scan has to read mappings. */
    public boolean isOfMappings() {
        return this == MAPS || this == KINDS;
    }

    /** Returns whether it is about more than one moment. */
    boolean isOfTimes() {
        return this == GROWTH || this == DIFF;
    }

    /** Returns whether its rows are processes or groups of them, as those of psm itself. */
    boolean isGrouped() {
        return this == PROCESSES || this == GROWTH || this == DIFF;
    }

    /** Returns whether its rows can be of this: a tree is one of one moment. */
    boolean isGroupedBy(Grouping grouping) {
        return isGrouped() && !(isOfTimes() && grouping == Grouping.TREE);
    }

    /** Returns the topic of a command, or {@code null}. */
    static Topic of(String command) {
        for (Topic topic : values()) {
            if (command.equals(topic.command)) {
                return topic;
            }
        }
        return null;
    }
}
