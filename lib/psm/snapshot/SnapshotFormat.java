package psm.snapshot;

import psm.name.Program;
import psm.scan.ProcessReader;
import psm.scan.Unmeasured;
import psm.text.Text;

import java.util.List;

/**
 * The file format of snapshots, which {@link SnapshotWriter} writes and {@link SnapshotReader}
 * reads.
 *
 * <p>A line comes first, {@code psm snapshot 1 by psm 0.1.0}: the format's version and the
 * writer's. Sections follow, each a tag of four letters, the length of its content in four bytes
 * (the highest first), and the content:
 *
 * <ul>
 *   <li>{@code text}: a number of texts, and for each its length and its bytes, as {@link
 *       Text#encode} gives them. Each text is there once.
 *   <li>{@code scan} (one row), {@code proc}, {@code miss}, {@code slow}, {@code user}, {@code
 *       grps} and {@code cgrp} are tables, of which the last three may be missing: the number of
 *       rows, and a column after the other. A column has the length of its name, its name, the
 *       length of its values in four bytes, and a value for each row, which for a text is 0 for
 *       {@code null} or 1 + its number.
 *   <li>{@code end!} is the last: the CRC-32 of all before it.
 * </ul>
 *
 * <p>Numbers are of seven bits a byte, the lowest first, and all but the last byte have the highest
 * bit; values, which may be negative, as 2n, or -2n - 1 (zigzag).
 *
 * <p>So psm can be given new sections and columns without a new version: a reader skips those that
 * it does not know, and of a column that is not there all values are missing, as of one that has
 * nothing but missing values, which is not written. The version changes where what is there would
 * change its meaning.
 */
public final class SnapshotFormat {
    public static final String MAGIC = "psm snapshot ";
    static final String BY = " by psm ";
    static final int VERSION = 1;
    static final int MAX_HEADER_BYTES = 128;

    /** Of a tag and a length. */
    static final int SECTION_HEAD_BYTES = 8;

    /** Of the last section. */
    public static final int END_BYTES = SECTION_HEAD_BYTES + 4;

    /** The code of a size, a count or an id that is missing; it does not change. */
    static final long MISSING = -1;

    /** What happened to an executable, by code: a new constant goes to the end. */
    static final List<Program.File> FILES =
            List.of(Program.File.CURRENT, Program.File.DELETED, Program.File.UPDATED);

    /** Why a process was not measured, by code: a new constant goes to the end. */
    static final List<Unmeasured.Reason> REASONS =
            List.of(
                    Unmeasured.Reason.DENIED,
                    Unmeasured.Reason.VANISHED,
                    Unmeasured.Reason.STUCK,
                    Unmeasured.Reason.FAILED);

    static final int TEXTS = tag("text");
    static final int SCAN = tag("scan");
    static final int PROCESSES = tag("proc");
    static final int UNMEASURED = tag("miss");
    static final int SLOWEST = tag("slow");
    static final int CGROUPS = tag("cgrp");
    static final int USERS = tag("user");
    static final int GROUPS = tag("grps");
    public static final int END = tag("end!");

    // What a snapshot may have at most. Too high, and a file that was made for it does not fit into
    // the heap, with the report that is made of it; too low, and a large box does not fit into a
    // file. Each process has 200 bytes in a file, most of them of its command line.

    /** Of a file. */
    static final int MAX_BYTES = 16 << 20;

    /** The default of {@code kernel.pid_max}. */
    public static final int MAX_PROCESSES = 1 << 15;

    static final int MAX_UNMEASURED = 1 << 16;
    static final int MAX_SLOWEST = 1 << 8;

    /** Control groups, with those above them. */
    static final int MAX_CGROUPS = 1 << 14;

    /** Users, and groups. */
    static final int MAX_USERS = 1 << 14;

    /** Of different ones. */
    static final int MAX_TEXTS = 1 << 17;

    /** Of all texts: what is kept of a process beside its command line. */
    static final int MAX_CHARS = 3 << 20;

    /** Of all texts, as long as command lines are kept. */
    static final int MAX_CHARS_WITH_COMMANDS = 2 << 20;

    /** Of one text: the longest that psm reads for one, see {@link ProcessReader}. */
    static final int MAX_TEXT_BYTES = 1 << 16;

    private SnapshotFormat() {}

    private static int tag(String letters) {
        return letters.charAt(0) << 24
                | letters.charAt(1) << 16
                | letters.charAt(2) << 8
                | letters.charAt(3);
    }
}
