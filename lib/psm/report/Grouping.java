package psm.report;

import psm.Psm;
import psm.cgroup.Cgroup;
import psm.scan.Detail;

/**
 * What the rows of a report can be of, {@code --by}: one constant is one way to group processes.
 */
public enum Grouping {
    /** The name that a process goes by. */
    PROGRAM("program", "PROCESS", null, "one row for each program name (default)"),
    /** Each process alone. */
    PID("pid", "PROCESS", null, "one for each process"),
    /** {@code cmdline}. */
    COMMAND("command", "COMMAND", Detail.COMMAND, "for each command line"),
    /** The effective user. */
    USER("user", "USER", Detail.STATUS, "for each user"),
    /** The effective group. */
    GROUP("group", "GROUP", Detail.STATUS, "for each group of users"),
    /** Its path. */
    CGROUP("cgroup", "CGROUP", Detail.CGROUP, "for each control group"),
    /** See {@link Cgroup#unit}. */
    UNIT("unit", "UNIT", Detail.CGROUP, "for each systemd unit or session"),
    /** See {@link Cgroup#container}. */
    CONTAINER("container", "CONTAINER", Detail.CGROUP, "for each container"),
    /** See {@link Ancestors}. */
    PARENT("parent", "STARTED BY", Detail.CGROUP, "for each topmost ancestor below init"),
    /** Each process alone, below its parent. */
    TREE("tree", "PROCESS", Detail.STAT, "one for each process, below its parent");

    /** Of a program's name in a table, as Go's psm has it. */
    private static final int MAX_PROGRAM_CHARS = 32;

    /** For {@code --by}; in documents too, but for rows that are of one process. */
    public final String option;

    /** What a scan has to find out for it beside the memory; {@code null} for nothing. */
    final Detail needs;

    /** For {@code --by help}. */
    public final String description;

    /** Its names. */
    public final Psm.Column column;

    Grouping(String option, String title, Detail needs, String description) {
        this.option = option;
        this.needs = needs;
        this.description = description;
        boolean isProgram = title.equals("PROCESS");
        String key = isProgram ? "program" : option;
        int chars = isProgram ? MAX_PROGRAM_CHARS : 0;
        this.column = new Psm.Column(key, title, Psm.Kind.TEXT, 0, false, false, chars);
    }

    /** Whether each of its rows is one process. */
    public boolean isOfProcesses() {
        return this == PID || this == TREE;
    }

    /** The way of that name, or {@code null}. */
    public static Grouping named(String name) {
        for (Grouping grouping : values()) {
            if (grouping.option.equalsIgnoreCase(name)) {
                return grouping;
            }
        }
        return null;
    }
}
