package psm.report;

import psm.Psm;
import psm.cgroup.Cgroup;
import psm.scan.Detail;
import psm.scan.ProcessDetails;
import psm.scan.ProcessMemory;

/**
 * The ways to group processes, {@code --by}. Each constant is one way, with a case in {@link
 * #label} for the names of its groups.
 */
public enum Grouping {
    PROGRAM("program", "PROCESS", null, "one row for each program name (default)"),
    /** Like {@link #PROGRAM}, in a scan that names programs by their executables. */
    EXE("exe", "PROCESS", null, "for each executable, whatever titles programs set"),
    PID("pid", "PROCESS", null, "one for each process"),
    COMMAND("command", "COMMAND", Detail.COMMAND, "for each command line"),
    USER("user", "USER", Detail.STATUS, "for each user"),
    GROUP("group", "GROUP", Detail.STATUS, "for each group of users"),
    CGROUP("cgroup", "CGROUP", Detail.CGROUP, "for each control group"),
    /** See {@link Cgroup#unit}. */
    UNIT("unit", "UNIT", Detail.CGROUP, "for each systemd unit or session"),
    /** See {@link Cgroup#container}. */
    CONTAINER("container", "CONTAINER", Detail.CGROUP, "for each container"),
    /** See {@link Ancestors}. */
    PARENT("parent", "STARTED BY", Detail.CGROUP, "for each topmost ancestor below init"),
    TREE("tree", "PROCESS", Detail.STAT, "one for each process, below its parent"),
    HOST("host", "HOST", null, "for each machine, of several");

    /** The limit for a program's name in a table, the same as in Go's psm. */
    private static final int MAX_PROGRAM_CHARS = 32;

    /** The name for {@code --by}, and the key in JSON and CSV unless the rows are programs. */
    public final String option;

    /** The detail that a scan must read besides the memory; {@code null} for none. */
    final Detail detail;

    /** The text of {@code --by help}. */
    public final String description;

    /** The column with the names of the rows. */
    public final Psm.Column column;

    Grouping(String option, String title, Detail detail, String description) {
        this.option = option;
        this.detail = detail;
        this.description = description;
        boolean isProgram = title.equals("PROCESS");
        String key = isProgram ? "program" : option;
        int chars = isProgram ? MAX_PROGRAM_CHARS : 0;
        this.column = new Psm.Column(key, title, Psm.Kind.TEXT, 0, false, false, chars);
    }

    /**
     * Returns the name of the group that a process belongs to; {@code null} if it belongs to none,
     * or if that is not known. Users choose the names, which may contain any bytes.
     */
    public String label(ProcessMemory process, Labels labels) {
        ProcessDetails details = process.details();
        return switch (this) {
            case PROGRAM, EXE, PID, PARENT, TREE -> process.program().name();
            case COMMAND ->
                    details.command() == null
                            ? '[' + process.program().name() + ']'
                            : details.command();
            case USER -> labels.users.user(details.status().user());
            case GROUP -> labels.users.group(details.status().group());
            case CGROUP -> labels.shown(labels.cgroup(details).path());
            case UNIT -> labels.shown(labels.cgroup(details).unit());
            case CONTAINER -> labels.cgroup(details).container();
            case HOST -> labels.host;
        };
    }

    /** Returns whether each row is a single process. */
    public boolean isSingleProcess() {
        return this == PID || this == TREE;
    }

    /** Returns whether the rows are named after programs. */
    public boolean isNamedByProgram() {
        return this == PROGRAM || this == EXE || isSingleProcess();
    }

    /**
     * Returns the names of all ways to group, separated by commas, with "or" before the last one.
     */
    public static String names() {
        StringBuilder names = new StringBuilder();
        for (Grouping grouping : values()) {
            String separator = grouping.ordinal() == values().length - 1 ? " or " : ", ";
            names.append(names.length() == 0 ? "" : separator).append(grouping.option);
        }
        return names.toString();
    }

    /** Returns the grouping with this name, or {@code null}. */
    public static Grouping named(String name) {
        for (Grouping grouping : values()) {
            if (grouping.option.equalsIgnoreCase(name)) {
                return grouping;
            }
        }
        return null;
    }
}
