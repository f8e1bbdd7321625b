package psm.proc;

import psm.smaps.Usage;
import psm.text.Missing;

import java.util.Arrays;

/**
 * The fields that psm needs of {@code /proc/PID/status}, which every user may read: lines of {@code
 * Name:<TAB>value}. May be shared between threads.
 */
public final class ProcStatus {
    /**
     * The time to walk 1 kB of page tables, as measured on x86-64: 15 ms for 8 MB, which map 4 GB
     * in pages of 4 kB. Huge pages need almost no page tables, so they take almost no time.
     */
    private static final long NANOS_PER_KB_OF_PAGE_TABLES = 1_800;

    /** The index of the real id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int REAL = 0;

    /** The index of the effective id in the lines {@code Uid:} and {@code Gid:}. */
    private static final int EFFECTIVE = 1;

    private final KeyedLines lines;

    /**
     * Takes the content of the file.
     *
     * @param text the whole content; empty if the file could not be read
     */
    public ProcStatus(String text) {
        this.lines = new KeyedLines(text);
    }

    /** Returns the real user id, or {@link Missing#VALUE}. */
    long realUserId() {
        return id("Uid", REAL);
    }

    /** Returns the effective user id, or {@link Missing#VALUE}. */
    public long effectiveUserId() {
        return id("Uid", EFFECTIVE);
    }

    /** Returns the effective group id, or {@link Missing#VALUE}. */
    public long effectiveGroupId() {
        return id("Gid", EFFECTIVE);
    }

    private long id(String key, int index) {
        String value = lines.value(key);
        String[] ids = value == null ? new String[0] : value.split("\t", -1);
        return index < ids.length ? KeyedLines.parse(ids[index]) : Missing.VALUE;
    }

    /** Returns VmHWM, the peak of the resident set, in bytes, or {@link Missing#VALUE}. */
    public long peakResident() {
        return lines.bytes("VmHWM");
    }

    /** Returns VmPTE (2.6.10), the size of the page tables, in bytes, or {@link Missing#VALUE}. */
    public long pageTables() {
        return lines.bytes("VmPTE");
    }

    /**
     * Estimates the memory of a process whose page tables would take too long to walk, from VmRSS
     * (which contains shared memory, and comes from counters that lag a little) and VmSwap.
     *
     * @param maxNanos how long the walk may take
     * @return {@code null} if the walk would not take longer, or if VmPTE or VmRSS is missing
     */
    public Usage estimate(long maxNanos) {
        long pageTables = pageTables();
        long resident = lines.bytes("VmRSS");
        boolean isSlow =
                pageTables / KeyedLines.BYTES_PER_KB > maxNanos / NANOS_PER_KB_OF_PAGE_TABLES;
        if (!isSlow || resident == Missing.VALUE) {
            return null;
        }
        long[] sums = new long[Usage.Field.values().length];
        Arrays.fill(sums, Missing.VALUE);
        sums[Usage.Field.RSS.ordinal()] = resident;
        sums[Usage.Field.SWAP_PSS.ordinal()] = lines.bytes("VmSwap");
        return new Usage(sums, Missing.VALUE, 0, 0, 0);
    }
}
