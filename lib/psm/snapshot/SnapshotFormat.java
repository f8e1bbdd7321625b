package psm.snapshot;

import psm.cgroup.Cgroup;
import psm.name.Program;
import psm.scan.Unmeasured;
import psm.text.Text;

import java.util.List;

/**
 * The file format of snapshots, which {@link SnapshotWriter} writes and {@link SnapshotReader}
 * reads.
 *
 * <p>The first line is {@code psm snapshot 1 by psm VERSION}: the version of the format, and that
 * of the writer. Sections follow. Each has a tag of four letters, the length of its content in four
 * bytes (the highest first), and the content:
 *
 * <ul>
 *   <li>{@code text}: a number of texts, and for each its length and its bytes, as {@link
 *       Text#encode} gives them. Each text is written once.
 *   <li>{@code scan} (one row), {@code proc}, {@code miss}, {@code slow}, {@code user}, {@code
 *       grps} and {@code cgrp} are tables; the last three are optional. A table consists of the
 *       number of rows, and one column after the other. A column consists of the length of its
 *       name, its name, the length of its values in four bytes, and a value for each row. The value
 *       of a text is 0 for {@code null}, or 1 + its number.
 *   <li>{@code end!} is the last: the CRC-32 of all bytes before it.
 * </ul>
 *
 * <p>Numbers are written with seven bits a byte, the lowest first; all bytes but the last have the
 * highest bit set. Values may be negative, and are written as 2n, or -2n - 1 (zigzag).
 *
 * <p>New sections and columns need no new version: a reader skips unknown ones. All values of an
 * absent column are missing, and a column with nothing but missing values is not written. The
 * version changes when existing bytes change their meaning.
 */
public final class SnapshotFormat {
    public static final String MAGIC = "psm snapshot ";
    static final String BY = " by psm ";
    static final int VERSION = 1;
    static final int MAX_HEADER_BYTES = 128;

    /** The size of a tag and a length. */
    static final int SECTION_HEAD_BYTES = 8;

    /** The size of the last section. */
    public static final int END_BYTES = SECTION_HEAD_BYTES + 4;

    /** The code of a size, a count or an id that is missing; it does not change. */
    static final long MISSING = -1;

    /** The states of an executable, by code: add new constants at the end. */
    static final List<Program.File> FILES =
            List.of(
                    Program.File.CURRENT,
                    Program.File.DELETED,
                    Program.File.UPDATED,
                    Program.File.UNKNOWN);

    /**
     * The reasons why a process was estimated or not measured, by code: add new constants at the
     * end.
     */
    static final List<Unmeasured.Reason> REASONS =
            List.of(
                    Unmeasured.Reason.DENIED,
                    Unmeasured.Reason.VANISHED,
                    Unmeasured.Reason.STUCK,
                    Unmeasured.Reason.FAILED,
                    Unmeasured.Reason.ABSENT,
                    Unmeasured.Reason.LARGE);

    static final int TEXTS = tag("text");
    static final int SCAN = tag("scan");
    static final int PROCESSES = tag("proc");
    static final int UNMEASURED = tag("miss");
    static final int SLOWEST = tag("slow");
    static final int CGROUPS = tag("cgrp");
    static final int USERS = tag("user");
    static final int GROUPS = tag("grps");
    public static final int END = tag("end!");

    // The limits of a snapshot. If they are too high, a malicious file and its report do not fit
    // into the heap; if they are too low, a large host does not fit into a file. Each process takes
    // 200 bytes of a file, most of them for its command line.

    /** The limit of a file's size. */
    static final int MAX_BYTES = 16 << 20;

    /** The limit of measured processes: the default of {@code kernel.pid_max}. */
    public static final int MAX_PROCESSES = 1 << 15;

    static final int MAX_UNMEASURED = 1 << 16;
    static final int MAX_SLOWEST = 1 << 8;

    /** The limit of control groups, with those above them. */
    static final int MAX_CGROUPS = 1 << 14;

    /** The limit of users, and of groups. */
    static final int MAX_USERS = 1 << 14;

    /** The limit of different texts. */
    static final int MAX_TEXTS = 1 << 17;

    /** The limit of all texts. */
    static final int MAX_CHARS = 3 << 20;

    /** The limit of all texts including command lines; beyond it, command lines are left out. */
    static final int MAX_CHARS_WITH_COMMANDS = 2 << 20;

    /** The limit of one text: the longest that psm reads, see {@link Cgroup#MAX_FILE_BYTES}. */
    public static final int MAX_TEXT_BYTES = 1 << 16;

    /**
     * The tags of the sections with tables, in the order of their codes: add new ones at the end.
     */
    public static final List<Integer> TABLES =
            List.of(SCAN, PROCESSES, UNMEASURED, SLOWEST, CGROUPS, USERS, GROUPS);

    private SnapshotFormat() {}

    /** Returns the limit for the rows of a table. */
    static int maxRows(int tag) {
        if (tag == SCAN) {
            return 1;
        }
        if (tag == PROCESSES) {
            return MAX_PROCESSES;
        }
        if (tag == UNMEASURED) {
            return MAX_UNMEASURED;
        }
        if (tag == SLOWEST) {
            return MAX_SLOWEST;
        }
        return tag == CGROUPS ? MAX_CGROUPS : MAX_USERS;
    }

    private static int tag(String letters) {
        return letters.charAt(0) << 24
                | letters.charAt(1) << 16
                | letters.charAt(2) << 8
                | letters.charAt(3);
    }
}
