package psm.probe;

import java.util.Arrays;

/** The sections of what a probe prints. Those of the same rank stand for each other. */
enum ProbeSection {
    /** Files of the host, and existing folders. */
    HOST("host", 0),
    /** Names of users and groups. */
    USERS("users", 1),
    STAT(
            "stat",
            2,
            ProbeFolder.File.STAT,
            ProbeFolder.File.CGROUP,
            ProbeFolder.File.OOM_SCORE,
            ProbeFolder.File.OOM_SCORE_ADJ,
            ProbeFolder.File.OOM_ADJ),
    STATUS("status", 3, ProbeFolder.File.STATUS),
    /** Also what grep(1) prints where permission is denied. */
    ROLLUP("rollup", 4, ProbeFolder.File.ROLLUP),
    /** Instead of {@link #ROLLUP}, where the kernel has none. */
    SMAPS("smaps", 4, ProbeFolder.File.SMAPS),
    /** Files of control groups. */
    CGROUPS("cgroups", 5),
    CMDLINE("cmdline", 6, ProbeFolder.File.CMDLINE),
    EXE("exe", 7, ProbeFolder.File.EXE),
    /** Instead of {@link #EXE}, as ls(1) prints links. */
    EXE_LINES("exe-lines", 7),
    /** The stat of each process once more, at the end. */
    STAT_AGAIN("stat-again", 8, ProbeFolder.File.STAT);

    /** The largest rank. */
    static final int LAST = 8;

    final String name;
    final int rank;

    /** The files of processes that it may contain; none if it has other lines. */
    private final ProbeFolder.File[] files;

    ProbeSection(String name, int rank, ProbeFolder.File... files) {
        this.name = name;
        this.rank = rank;
        this.files = files;
    }

    /** Returns the section with a name, or {@code null}. */
    static ProbeSection named(String name) {
        for (ProbeSection section : values()) {
            if (section.name.equals(name)) {
                return section;
            }
        }
        return null;
    }

    /** Returns whether a NUL ends each record, not a newline. */
    boolean isOfRecords() {
        return this == CMDLINE || this == EXE;
    }

    /** Returns the file of a process with the name in {@code bytes[from..to)}, or {@code null}. */
    ProbeFolder.File file(byte[] bytes, int from, int to) {
        for (ProbeFolder.File file : files) {
            if (Arrays.equals(file.name, 0, file.name.length, bytes, from, to)) {
                return file;
            }
        }
        return null;
    }
}
