package psm.cli;

import java.util.Set;

/** What a report is about, and the command that asks for it. */
public enum Topic {
    /** Who uses the memory: without a command. */
    PROCESSES(null, Set.of("--map"), null),
    /** Memory by the names of mappings. */
    MAPS(
            "maps",
            Set.of(
                    "--by-pid",
                    "--by-command",
                    "--by-user",
                    "--columns",
                    "--heap",
                    "--spread",
                    "--host",
                    "--source",
                    "--max-cost",
                    "--from"),
            "memory by mapping: libraries, files, heaps, stacks, anonymous and shared memory"),
    /** Memory by the kinds of mappings. */
    KINDS("maps", MAPS.without, MAPS.description),
    /** Whom the kernel would kill. */
    OOM(
            "oom",
            Set.of(
                    "--by",
                    "--by-pid",
                    "--by-command",
                    "--by-user",
                    "--columns",
                    "--heap",
                    "--spread",
                    "--host",
                    "--sort",
                    "--reverse",
                    "--min",
                    "--total",
                    "--bars",
                    "--map",
                    "--source"),
            "who dies next: the OOM killer's order, and how near it is");

    /** {@code null} for none. */
    final String command;

    /** Psm's options that it does not have. */
    final Set<String> without;

    /** For help. */
    final String description;

    Topic(String command, Set<String> without, String description) {
        this.command = command;
        this.without = without;
        this.description = description;
    }

    /** Whether a scan has to read mappings for it. */
    boolean isOfMappings() {
        return this == MAPS || this == KINDS;
    }

    /** That of a command, or {@code null}. */
    static Topic of(String command) {
        for (Topic topic : values()) {
            if (command.equals(topic.command)) {
                return topic;
            }
        }
        return null;
    }
}
